/*
 * The client interface: IEEE 1275-1994, chapter 6, over the argument array of
 * the PowerPC processor binding (8.2): big-endian cells of 32 bits, service
 * name, number of arguments, number of results, arguments, results.
 *
 * Whatever a cell says is the guest's word: handles are looked up, strings have a
 * greatest length, buffers are checked to be RAM and are never allocated by
 * their stated length.
 *
 * Not served: chain, set-callback and set-symbol-lookup (no Forth side to call
 * back from), seek (consoles cannot).
 */
#include <string.h>
#include "base/bits.h"
#include "base/log.h"
#include "roms/of_int.h"

#define ARGS_MAX 16u
#define RETS_MAX 16u
#define NONE UINT32_MAX /* -1: no such thing */
#define IO_MAX 65536u	/* bytes one read or write moves; the answer says how many */
#define SETPROP_MAX 65536u
#define METHOD_NAME_MAX 63u

typedef struct Call {
	Of *of;
	const char *service;
	unsigned nargs, nret;
	uint32_t arg[ARGS_MAX];
	uint32_t ret[RETS_MAX];
} Call;

typedef struct Service {
	const char *name;
	uint8_t nargs; /* least; others of Call.arg are 0 */
	/* False: the call fails as a whole (-1 in r3). */
	bool (*fn)(Call *c);
} Service;

/* A string of at most max bytes at pa; NULL when it has no end there or is not in RAM. */
static char *get_string(const Of *of, uint32_t pa, uint32_t max)
{
	const Ram *ram = of_ram(of);
	uint64_t room;
	const void *end;

	if (pa >= ram->size)
		return NULL;
	room = MIN(ram->size - pa, (uint64_t)max + 1);
	if (!ram_need(ram, pa, room))
		return NULL;
	end = memchr(ram->host + pa, 0, room);
	return end ? g_strdup((const char *)ram->host + pa) : NULL;
}

static OfNode *node_arg(const Call *c, unsigned i)
{
	return of_tree_node(c->of->tree, c->arg[i]);
}

/* A path and its NUL into a buffer; the result is its length without NUL. */
static void give_path(Call *c, const OfNode *n, const uint8_t *args, uint32_t buf, uint32_t len)
{
	g_autofree char *path = NULL, *full = NULL;
	uint32_t size;

	c->ret[0] = NONE;
	if (!n)
		return;
	path = of_node_path(n);
	full = args && *args ? g_strconcat(path, ":", (const char *)args, NULL) : g_strdup(path);
	size = (uint32_t)strlen(full);
	if (len && !ram_write(of_ram(c->of), buf, full, MIN(len, size + 1)))
		return;
	c->ret[0] = size;
}

/* Device tree (6.3.2.2). */

static bool svc_peer(Call *c)
{
	const OfNode *n = node_arg(c, 0);

	if (!c->arg[0])
		c->ret[0] = c->of->tree->root->phandle;
	else
		c->ret[0] = n && n->peer ? n->peer->phandle : 0;
	return true;
}

static bool svc_child(Call *c)
{
	const OfNode *n = node_arg(c, 0);

	c->ret[0] = n && n->child ? n->child->phandle : 0;
	return true;
}

static bool svc_parent(Call *c)
{
	const OfNode *n = node_arg(c, 0);

	c->ret[0] = n && n->parent ? n->parent->phandle : 0;
	return true;
}

static bool svc_finddevice(Call *c)
{
	g_autofree char *spec = get_string(c->of, c->arg[0], OF_SPEC_MAX);
	const OfNode *n = spec ? of_tree_find(c->of->tree, spec, NULL) : NULL;

	c->ret[0] = n ? n->phandle : NONE;
	return true;
}

static bool svc_canon(Call *c)
{
	g_autofree char *spec = get_string(c->of, c->arg[0], OF_SPEC_MAX);
	const char *args = NULL;
	const OfNode *n = spec ? of_tree_find(c->of->tree, spec, &args) : NULL;

	give_path(c, n, (const uint8_t *)args, c->arg[1], c->arg[2]);
	return true;
}

/* The property that arguments 0 and 1 name. */
static const OfProp *prop_arg(Call *c)
{
	g_autofree char *name = get_string(c->of, c->arg[1], OF_PROP_NAME_MAX);
	const OfNode *n = node_arg(c, 0);

	of_mem_available(c->of);
	return n && name ? of_prop(n, name) : NULL;
}

static bool svc_getproplen(Call *c)
{
	const OfProp *p = prop_arg(c);

	c->ret[0] = p ? p->len : NONE;
	return true;
}

static bool svc_getprop(Call *c)
{
	const OfProp *p = prop_arg(c);
	uint32_t n;

	c->ret[0] = NONE;
	if (!p)
		return true;
	n = MIN(p->len, c->arg[3]);
	if (!n || ram_write(of_ram(c->of), c->arg[2], p->val, n))
		c->ret[0] = p->len;
	return true;
}

static bool svc_nextprop(Call *c)
{
	const OfNode *n = node_arg(c, 0);
	g_autofree char *prev = NULL;
	const OfProp *p;

	c->ret[0] = NONE;
	if (!n)
		return true;
	of_mem_available(c->of);
	if (c->arg[1])
		prev = get_string(c->of, c->arg[1], OF_PROP_NAME_MAX);
	if (c->arg[1] && !prev)
		return true;
	p = n->props;
	if (prev && *prev) {
		p = of_prop(n, prev);
		if (!p)
			return true;
		p = p->next;
	}
	if (!p) { /* none after it: an empty name */
		ram_write(of_ram(c->of), c->arg[2], "", 1);
		c->ret[0] = 0;
	} else if (ram_write(of_ram(c->of), c->arg[2], p->name, strlen(p->name) + 1)) {
		c->ret[0] = 1;
	}
	return true;
}

static bool svc_setprop(Call *c)
{
	g_autofree char *name = get_string(c->of, c->arg[1], OF_PROP_NAME_MAX);
	OfNode *n = node_arg(c, 0);
	uint32_t len = c->arg[3];
	Ram *ram = of_ram(c->of);

	c->ret[0] = NONE;
	/* Handles and names are how others find the node. */
	if (!n || !name || len > SETPROP_MAX || !ram_has(ram, c->arg[2], len) ||
	    !ram_need(ram, c->arg[2], len) || !strcmp(name, "name") || !strcmp(name, "phandle") ||
	    !strcmp(name, "linux,phandle"))
		return true;
	if (!of_prop_set(c->of->tree, n, name, ram->host + c->arg[2], len))
		return true;
	of_tree_changed(c->of);
	c->ret[0] = len;
	return true;
}

static bool svc_instance_to_package(Call *c)
{
	const OfNode *n = of_instance_node(c->of, c->arg[0]);

	c->ret[0] = n ? n->phandle : NONE;
	return true;
}

static bool svc_package_to_path(Call *c)
{
	give_path(c, node_arg(c, 0), NULL, c->arg[1], c->arg[2]);
	return true;
}

static bool svc_instance_to_path(Call *c)
{
	const OfInstance *inst = of_instance(c->of, c->arg[0]);

	give_path(c, of_instance_node(c->of, c->arg[0]), inst ? inst->args : NULL, c->arg[1],
		  c->arg[2]);
	return true;
}

static bool svc_call_method(Call *c)
{
	g_autofree char *method = get_string(c->of, c->arg[0], METHOD_NAME_MAX);
	unsigned nret = RETS_MAX - 1;

	c->ret[0] = NONE; /* what catch would give: 0 for no error */
	if (method &&
	    of_method(c->of, method, c->arg[1], c->arg + 2, c->nargs - 2, c->ret + 1, &nret))
		c->ret[0] = 0;
	return true;
}

/* "test-method": 0 when the package has it. */
static bool svc_test_method(Call *c)
{
	g_autofree char *method = get_string(c->of, c->arg[1], METHOD_NAME_MAX);
	const OfNode *n = node_arg(c, 0);

	c->ret[0] = n && method && of_has_method(n, method) ? 0 : NONE;
	return true;
}

/* Device I/O (6.3.2.3). */

static bool svc_open(Call *c)
{
	g_autofree char *spec = get_string(c->of, c->arg[0], OF_SPEC_MAX);

	c->ret[0] = spec ? of_open(c->of, spec) : 0;
	return true;
}

static bool svc_close(Call *c)
{
	OfInstance *inst = of_instance(c->of, c->arg[0]);

	if (inst)
		memset(inst, 0, sizeof(*inst));
	return true;
}

static bool is_console(Call *c)
{
	const OfNode *n = of_instance_node(c->of, c->arg[0]);

	return n && of_is_console(c->of, n);
}

static bool svc_read(Call *c)
{
	uint32_t len = MIN(c->arg[2], IO_MAX);
	const OfBoard *b = &c->of->board;
	g_autofree uint8_t *buf = NULL;
	size_t n;

	c->ret[0] = NONE;
	if (!is_console(c) || !b->read || !ram_has(of_ram(c->of), c->arg[1], len))
		return true;
	buf = g_malloc(len ? len : 1);
	n = b->read(b->opaque, buf, len);
	ram_write(of_ram(c->of), c->arg[1], buf, MIN(n, len));
	/* 0 would be the end of a file; -2 is "nothing there now" (serial, 3.8.2). */
	c->ret[0] = n || !len ? (uint32_t)MIN(n, len) : (uint32_t)-2;
	return true;
}

static bool svc_write(Call *c)
{
	uint32_t len = MIN(c->arg[2], IO_MAX);
	const OfBoard *b = &c->of->board;
	Ram *ram = of_ram(c->of);

	c->ret[0] = NONE;
	if (!is_console(c) || !ram_has(ram, c->arg[1], len) || !ram_need(ram, c->arg[1], len))
		return true;
	/* A console that nobody reads swallows, so that the client goes on. */
	if (b->write)
		b->write(b->opaque, ram->host + c->arg[1], len);
	c->ret[0] = len;
	return true;
}

static bool svc_seek(Call *c)
{
	c->ret[0] = NONE;
	return true;
}

/* Memory (6.3.2.4). */

static bool svc_claim(Call *c)
{
	uint64_t base = c->arg[0];
	bool ok;

	if (c->arg[2])
		ok = of_mem_claim_any(c->of, c->arg[1], c->arg[2], &base);
	else
		ok = of_mem_claim_at(c->of, base, c->arg[1]);
	c->ret[0] = ok ? (uint32_t)base : NONE;
	return true;
}

static bool svc_release(Call *c)
{
	if (!of_mem_release(c->of, c->arg[0], c->arg[1]))
		log_guest("firmware: release of 0x%x bytes at 0x%x", c->arg[1], c->arg[0]);
	return true;
}

/* Control transfer (6.3.2.5), user interface (6.3.2.6), time (6.3.2.7). */

static bool svc_boot(Call *c)
{
	g_autofree char *spec = get_string(c->of, c->arg[0], OF_SPEC_MAX);
	const OfBoard *b = &c->of->board;

	if (!b->boot)
		return false;
	b->boot(b->opaque, spec ? spec : "");
	return true;
}

/* There is no command line to enter: both end the client. */
static bool svc_exit(Call *c)
{
	const OfBoard *b = &c->of->board;

	if (!b->exit)
		return false;
	b->exit(b->opaque);
	return true;
}

static bool svc_quiesce(Call *c)
{
	const OfBoard *b = &c->of->board;

	if (b->quiesce)
		b->quiesce(b->opaque);
	return true;
}

static bool svc_interpret(Call *c)
{
	g_autofree char *cmd = get_string(c->of, c->arg[0], OF_SPEC_MAX);

	log_unimp("firmware: interpret \"%s\"", cmd ? of_printable(cmd) : "");
	c->ret[0] = NONE;
	return true;
}

static bool svc_milliseconds(Call *c)
{
	const OfBoard *b = &c->of->board;

	if (!b->milliseconds)
		return false;
	c->ret[0] = (uint32_t)b->milliseconds(b->opaque);
	return true;
}

/* CPU node, address, r3 (CHRP binding to IEEE 1275, 8.4). */
static bool svc_start_cpu(Call *c)
{
	const OfBoard *b = &c->of->board;
	const OfNode *n = node_arg(c, 0);
	const char *type = n ? of_prop_str(n, "device_type") : NULL;

	return b->start_cpu && type && !strcmp(type, "cpu") && of_prop(n, "reg") &&
	       b->start_cpu(b->opaque, of_prop_cell(n, "reg", 0), c->arg[1], c->arg[2]);
}

static bool svc_test(Call *c);

static const Service services[] = {
	{ "test", 1, svc_test },
	{ "peer", 1, svc_peer },
	{ "child", 1, svc_child },
	{ "parent", 1, svc_parent },
	{ "finddevice", 1, svc_finddevice },
	{ "canon", 3, svc_canon },
	{ "getprop", 4, svc_getprop },
	{ "getproplen", 2, svc_getproplen },
	{ "nextprop", 3, svc_nextprop },
	{ "setprop", 4, svc_setprop },
	{ "instance-to-package", 1, svc_instance_to_package },
	{ "package-to-path", 3, svc_package_to_path },
	{ "instance-to-path", 3, svc_instance_to_path },
	{ "call-method", 2, svc_call_method },
	{ "test-method", 2, svc_test_method },
	{ "open", 1, svc_open },
	{ "close", 1, svc_close },
	{ "read", 3, svc_read },
	{ "write", 3, svc_write },
	{ "seek", 3, svc_seek },
	{ "claim", 3, svc_claim },
	{ "release", 2, svc_release },
	{ "boot", 1, svc_boot },
	{ "enter", 0, svc_exit },
	{ "exit", 0, svc_exit },
	{ "quiesce", 0, svc_quiesce },
	{ "interpret", 1, svc_interpret },
	{ "milliseconds", 0, svc_milliseconds },
	{ "start-cpu", 3, svc_start_cpu },
};

static const Service *find_service(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		if (!strcmp(services[i].name, name))
			return &services[i];
	}
	return NULL;
}

static bool svc_test(Call *c)
{
	g_autofree char *name = get_string(c->of, c->arg[0], METHOD_NAME_MAX);

	c->ret[0] = name && find_service(name) ? 0 : NONE;
	return true;
}

/* Head of the array and its arguments; false when it is not in RAM or absurd. */
static bool get_call(Call *c, uint64_t args, uint32_t *service)
{
	const Ram *ram = of_ram(c->of);
	uint32_t head[3];

	for (unsigned i = 0; i < 3; i++) {
		if (!ram_ld32(ram, args + i * 4, &head[i]))
			return false;
	}
	if (head[1] > ARGS_MAX || head[2] > RETS_MAX ||
	    !ram_has(ram, args, 12 + 4ull * (head[1] + head[2])))
		return false;
	*service = head[0];
	c->nargs = head[1];
	c->nret = head[2];
	for (unsigned i = 0; i < c->nargs; i++)
		ram_ld32(ram, args + 12 + i * 4, &c->arg[i]);
	return true;
}

static void log_call(const Call *c, bool ok)
{
	g_autoptr(GString) s = g_string_new(NULL);

	for (unsigned i = 0; i < c->nargs; i++)
		g_string_append_printf(s, " %x", c->arg[i]);
	g_string_append(s, ok ? " ->" : " failed");
	for (unsigned i = 0; i < c->nret && ok; i++)
		g_string_append_printf(s, " %x", c->ret[i]);
	log_line("firmware: %s%s", c->service, s->str);
}

uint64_t of_client(Of *of, uint64_t args)
{
	Call c = { .of = of };
	g_autofree char *name = NULL;
	const Service *svc;
	uint32_t at;
	bool ok;

	/* Clients of 32-bit mode leave anything in the upper half. */
	args = (uint32_t)args;
	if (!get_call(&c, args, &at)) {
		log_guest("firmware: bad argument array at 0x%" G_GINT64_MODIFIER "x", args);
		return UINT64_MAX;
	}
	name = get_string(of, at, METHOD_NAME_MAX);
	svc = name ? find_service(name) : NULL;
	if (!svc || c.nargs < svc->nargs) {
		log_unimp("firmware: service '%s' with %u arguments",
			  name ? of_printable(name) : "(no string)", c.nargs);
		return UINT64_MAX;
	}
	c.service = svc->name;
	ok = svc->fn(&c);
	if (log_on(LOG_HCALL))
		log_call(&c, ok);
	for (unsigned i = 0; i < c.nret && ok; i++)
		ram_st32(of_ram(of), args + 12 + 4 * (c.nargs + i), c.ret[i]);
	return ok ? 0 : UINT64_MAX;
}
