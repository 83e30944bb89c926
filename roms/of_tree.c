/*
 * Device tree in memory: nodes, properties, path names.  See of_tree.h.
 *
 * The budget (bytes) counts names and values, so that no client can make the
 * firmware grow without end.
 */
#include "roms/of_tree.h"

#include <string.h>
#include <libfdt.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/stream.h"

/* Records of the form in snapshots. */
enum { REC_NODE = 1, REC_PROP = 2, REC_END = 3 };

static bool charge(OfTree *t, uint64_t bytes)
{
	if (bytes > OF_TREE_BYTES_MAX - t->bytes)
		return false;
	t->bytes += (uint32_t)bytes;
	return true;
}

static OfNode *node_new(OfTree *t, OfNode *parent, const char *name, uint32_t phandle)
{
	OfNode *n = g_new0(OfNode, 1);

	n->name = g_strdup(name);
	n->phandle = phandle;
	n->parent = parent;
	n->depth = parent ? parent->depth + 1 : 1;
	g_hash_table_insert(t->by_phandle, GUINT_TO_POINTER(phandle), n);
	t->nodes++;
	return n;
}

OfTree *of_tree_new(void)
{
	OfTree *t = g_new0(OfTree, 1);

	t->by_phandle = g_hash_table_new(g_direct_hash, g_direct_equal);
	t->next_phandle = OF_PHANDLE_FIRST;
	t->root = node_new(t, NULL, "", t->next_phandle++);
	return t;
}

static void node_free(OfNode *n)
{
	OfProp *p, *next;

	for (p = n->props; p; p = next) {
		next = p->next;
		g_free(p->name);
		g_free(p->val);
		g_free(p);
	}
	g_free(n->name);
	g_free(n);
}

void of_tree_free(OfTree *t)
{
	OfNode *n, *up;

	if (!t)
		return;
	/* Leaves first, each taken out of its parent. */
	for (n = t->root; n; n = up) {
		while (n->child)
			n = n->child;
		up = n->parent;
		if (up)
			up->child = n->peer;
		node_free(n);
	}
	g_hash_table_destroy(t->by_phandle);
	g_free(t);
}

OfNode *of_tree_node(const OfTree *t, uint32_t phandle)
{
	return g_hash_table_lookup(t->by_phandle, GUINT_TO_POINTER(phandle));
}

/* A name that paths and clients can carry: printing characters, no '/', not too long. */
static bool name_ok(const char *name, size_t max)
{
	size_t n = 0;

	for (; name[n]; n++) {
		if (n == max || name[n] == '/' || !g_ascii_isgraph(name[n]))
			return false;
	}
	return n > 0;
}

OfNode *of_tree_add(OfTree *t, OfNode *parent, const char *name, uint32_t phandle)
{
	OfNode *n;

	if (!name_ok(name, OF_NAME_MAX) || strchr(name, ':') || parent->depth >= OF_DEPTH_MAX ||
	    t->nodes >= OF_NODES_MAX || !phandle || phandle == UINT32_MAX ||
	    of_tree_node(t, phandle) || !charge(t, strlen(name) + 1))
		return NULL;
	n = node_new(t, parent, name, phandle);
	if (parent->last)
		parent->last->peer = n;
	else
		parent->child = n;
	parent->last = n;
	return n;
}

OfNode *of_node_next(const OfNode *n)
{
	if (n->child)
		return n->child;
	while (n && !n->peer)
		n = n->parent;
	return n ? n->peer : NULL;
}

OfProp *of_prop(const OfNode *n, const char *name)
{
	for (OfProp *p = n->props; p; p = p->next) {
		if (!strcmp(p->name, name))
			return p;
	}
	return NULL;
}

const char *of_prop_str(const OfNode *n, const char *name)
{
	const OfProp *p = of_prop(n, name);

	return p && p->len && !p->val[p->len - 1] ? (const char *)p->val : NULL;
}

uint32_t of_prop_cell(const OfNode *n, const char *name, uint32_t def)
{
	const OfProp *p = of_prop(n, name);

	return p && p->len >= 4 ? ld32_be(p->val) : def;
}

bool of_prop_set(OfTree *t, OfNode *n, const char *name, const void *val, uint32_t len)
{
	OfProp **at = &n->props;
	uint8_t *copy;

	if (len > OF_PROP_MAX || !name_ok(name, OF_PROP_NAME_MAX))
		return false;
	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	/* An empty property costs too: what stands around it. */
	if (!charge(t, (uint64_t)len + (*at ? 0 : strlen(name) + 1 + sizeof(OfProp))))
		return false;
	copy = len ? g_memdup2(val, len) : NULL;
	if (*at) {
		t->bytes -= (*at)->len;
		g_free((*at)->val);
	} else {
		*at = g_new0(OfProp, 1);
		(*at)->name = g_strdup(name);
	}
	(*at)->val = copy;
	(*at)->len = len;
	return true;
}

bool of_prop_set_cell(OfTree *t, OfNode *n, const char *name, uint32_t v)
{
	uint8_t be[4];

	st32_be(be, v);
	return of_prop_set(t, n, name, be, sizeof(be));
}

/* Path names. */

static size_t name_part(const char *s, size_t len)
{
	const char *at = memchr(s, '@', len);

	return at ? (size_t)(at - s) : len;
}

/* Unit addresses are numbers: case and leading zeros of their fields do not count. */
static bool same_unit(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i + 1 < alen && a[i] == '0' && g_ascii_isxdigit(a[i + 1]))
			i++;
		while (j + 1 < blen && b[j] == '0' && g_ascii_isxdigit(b[j + 1]))
			j++;
		while (i < alen && j < blen && g_ascii_tolower(a[i]) == g_ascii_tolower(b[j]) &&
		       a[i] != ',')
			i++, j++;
		if (i == alen || j == blen)
			return i == alen && j == blen;
		if (a[i] != ',' || b[j] != ',')
			return false;
		i++, j++;
	}
}

/* Does a component (name, name@unit or @unit) mean this node? */
static bool component_is(const OfNode *n, const char *s, size_t len)
{
	size_t full = strlen(n->name), own = name_part(n->name, full), want = name_part(s, len);

	if (want && (want != own || memcmp(s, n->name, own) != 0))
		return false;
	if (want == len)
		return want > 0;
	return own < full &&
	       same_unit(n->name + own + 1, full - own - 1, s + want + 1, len - want - 1);
}

/* s is "" or begins with '/': walks down from n. */
static OfNode *walk(OfNode *n, const char *s, const char **args)
{
	while (n) {
		size_t len;

		if (*s == ':') /* arguments may hold slashes: the last component's end all */
			*args = s + 1;
		if (*s != '/')
			return n;
		s++;
		len = strcspn(s, "/:");
		if (len) {
			for (n = n->child; n && !component_is(n, s, len); n = n->peer)
				;
		}
		s += len;
		/* Arguments of a node on the way are skipped, if a path goes on after them. */
		if (*s == ':' && n && n->child && strchr(s, '/')) {
			const char *next = strchr(s, '/');
			OfNode *below = walk(n, next, args);

			if (below)
				return below;
		}
	}
	return NULL;
}

OfNode *of_tree_find(const OfTree *t, const char *spec, const char **args)
{
	const char *unused, *target;
	OfNode *aliases;
	char name[OF_PROP_NAME_MAX + 1];
	size_t len;

	if (!args)
		args = &unused;
	*args = NULL;
	if (*spec == '/')
		return walk(t->root, spec, args);
	len = strcspn(spec, "/:");
	if (!len || len >= sizeof(name))
		return NULL;
	memcpy(name, spec, len);
	name[len] = 0;
	aliases = walk(t->root, "/aliases", args);
	target = aliases ? of_prop_str(aliases, name) : NULL;
	if (!target || *target != '/')
		return NULL;
	aliases = walk(t->root, target, args);
	if (!aliases || !spec[len])
		return aliases;
	*args = NULL;
	return walk(aliases, spec + len, args);
}

char *of_node_path(const OfNode *n)
{
	const OfNode *up[OF_DEPTH_MAX];
	unsigned k = 0;
	GString *s;

	if (!n->parent)
		return g_strdup("/");
	for (; n->parent && k < OF_DEPTH_MAX; n = n->parent)
		up[k++] = n;
	s = g_string_new(NULL);
	while (k)
		g_string_append_printf(s, "/%s", up[--k]->name);
	return g_string_free(s, FALSE);
}

/* Flattened trees of boards. */

/* The phandles that a flattened tree states: a set. */
static GHashTable *stated_phandles(const void *fdt)
{
	GHashTable *set = g_hash_table_new(g_direct_hash, g_direct_equal);
	int depth = 0, at = 0;

	while ((at = fdt_next_node(fdt, at, &depth)) >= 0 && depth > 0) {
		uint32_t phandle = fdt_get_phandle(fdt, at);

		g_hash_table_add(set, GUINT_TO_POINTER(phandle));
	}
	return set;
}

static bool phandle_free(const OfTree *t, GHashTable *stated, uint32_t phandle)
{
	return !of_tree_node(t, phandle) &&
	       !g_hash_table_contains(stated, GUINT_TO_POINTER(phandle));
}

/*
 * A phandle for a node that states none: that of the old tree's node of the same
 * path, unless another node of the new tree has it.
 */
static uint32_t keep_or_make_phandle(OfTree *t, GHashTable *stated, const OfNode *parent,
				     const char *name, const OfTree *old)
{
	const OfNode *was = NULL;

	if (old) {
		g_autofree char *above = of_node_path(parent);
		g_autofree char *path = g_strconcat(parent->parent ? above : "", "/", name, NULL);

		was = of_tree_find(old, path, NULL);
	}
	if (was && !strcmp(was->name, name) && phandle_free(t, stated, was->phandle))
		return was->phandle;
	while (!phandle_free(t, stated, t->next_phandle))
		t->next_phandle++;
	return t->next_phandle++;
}

static bool props_from_fdt(OfTree *t, OfNode *n, const void *fdt, int at, GError **err)
{
	const char *name;
	const void *val;
	int prop, len;

	fdt_for_each_property_offset(prop, fdt, at)
	{
		val = fdt_getprop_by_offset(fdt, prop, &name, &len);
		if (!val || len < 0 || !of_prop_set(t, n, name, val, (uint32_t)len))
			return fail(err, "device tree: %s: bad or too large property",
				    n->parent ? n->name : "/");
	}
	if (!of_prop(n, "name")) {
		g_autofree char *plain = g_strndup(n->name, name_part(n->name, strlen(n->name)));
		const char *s = n->parent ? plain : "device-tree";

		if (!of_prop_set(t, n, "name", s, (uint32_t)strlen(s) + 1))
			return fail(err, "device tree: too large");
	}
	return true;
}

static bool fill_from_fdt(OfTree *t, const void *fdt, GHashTable *stated, const OfTree *old,
			  GError **err)
{
	OfNode *n = t->root;
	int depth = 0, at = 0;
	uint32_t phandle;

	if (!props_from_fdt(t, n, fdt, 0, err))
		return false;
	for (;;) {
		const char *name;

		at = fdt_next_node(fdt, at, &depth);
		if (at < 0 || depth <= 0)
			return true;
		name = fdt_get_name(fdt, at, NULL);
		while (n && n->depth > (uint32_t)depth)
			n = n->parent;
		if (!name || !n || n->depth != (uint32_t)depth)
			return fail(err, "device tree: bad structure");
		phandle = fdt_get_phandle(fdt, at);
		if (!phandle || phandle == UINT32_MAX)
			phandle = keep_or_make_phandle(t, stated, n, name, old);
		n = of_tree_add(t, n, name, phandle);
		if (!n)
			return fail(err,
				    "device tree: node '%.127s': bad name, depth or phandle, "
				    "or too many",
				    name);
		if (!props_from_fdt(t, n, fdt, at, err))
			return false;
	}
}

OfTree *of_tree_from_fdt(const void *fdt, uint32_t len, const OfTree *old, GError **err)
{
	GHashTable *stated;
	OfTree *t;
	bool ok;

	if (len > OF_TREE_BYTES_MAX || fdt_check_full(fdt, len)) {
		fail(err, "device tree: not a good flattened tree");
		return NULL;
	}
	t = of_tree_new();
	/* New nodes get numbers that no old one had. */
	if (old)
		t->next_phandle = old->next_phandle;
	stated = stated_phandles(fdt);
	ok = fill_from_fdt(t, fdt, stated, old, err);
	g_hash_table_destroy(stated);
	if (!ok) {
		of_tree_free(t);
		return NULL;
	}
	return t;
}

/* Snapshots. */

static void save_node(OutStream *o, const OfNode *n)
{
	out_u8(o, REC_NODE);
	out_str(o, n->name);
	out_u32(o, n->phandle);
	for (const OfProp *p = n->props; p; p = p->next) {
		out_u8(o, REC_PROP);
		out_str(o, p->name);
		out_u32(o, p->len);
		out_bytes(o, p->val, p->len);
	}
}

GByteArray *of_tree_save(const OfTree *t)
{
	const OfNode *n = t->root;
	OutStream o;

	out_init(&o);
	out_u32(&o, t->next_phandle);
	while (n) {
		save_node(&o, n);
		if (n->child) {
			n = n->child;
			continue;
		}
		out_u8(&o, REC_END);
		while (n->parent && !n->peer) {
			n = n->parent;
			out_u8(&o, REC_END);
		}
		n = n->peer;
	}
	return o.buf;
}

static OfNode *load_node(OfTree *t, OfNode *parent, InStream *in)
{
	g_autofree char *name = in_str(in, OF_NAME_MAX);
	uint32_t phandle = in_u32(in);
	OfNode *n;

	if (!in_ok(in))
		return NULL;
	if (!parent) { /* the root is there, with the number all roots have */
		if (*name || phandle != t->root->phandle)
			in_fail(in, "bad root");
		return t->root;
	}
	n = of_tree_add(t, parent, name, phandle);
	if (!n)
		in_fail(in, "bad node");
	return n;
}

static void load_prop(OfTree *t, OfNode *n, InStream *in)
{
	g_autofree char *name = in_str(in, OF_PROP_NAME_MAX);
	uint32_t len = in_u32(in);
	const uint8_t *val = in_take(in, len);

	if (!in_ok(in))
		return;
	if (of_prop(n, name) || !of_prop_set(t, n, name, val, len))
		in_fail(in, "bad property");
}

static void load_tree(OfTree *t, InStream *in)
{
	OfNode *n = NULL;
	uint32_t next = in_u32(in);
	bool begun = false;

	while (in_ok(in)) {
		unsigned rec = in_u8(in);

		if (rec == REC_NODE && (n || !begun)) {
			n = load_node(t, n, in);
			begun = true;
		} else if (rec == REC_PROP && n) {
			load_prop(t, n, in);
		} else if (rec == REC_END && n) {
			n = n->parent;
			if (!n)
				break;
		} else {
			in_fail(in, "bad record");
		}
	}
	if (in_ok(in) && in_left(in))
		in_fail(in, "bytes after its end");
	/* Numbers under it are taken or were given to clients before. */
	if (next <= OF_PHANDLE_FIRST || next > UINT32_MAX / 2)
		in_fail(in, "bad next phandle");
	t->next_phandle = next;
}

OfTree *of_tree_load(const uint8_t *p, uint32_t len, GError **err)
{
	OfTree *t = of_tree_new();
	InStream in;

	in_init(&in, p, len);
	load_tree(t, &in);
	if (!in_ok(&in)) {
		fail(err, "device tree: %s", in.error);
		of_tree_free(t);
		t = NULL;
	}
	in_free(&in);
	return t;
}
