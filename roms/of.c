/*
 * The firmware as a device: its life, its tree, its instances, the boot.
 *
 * After IEEE 1275-1994, its PowerPC processor binding (revision 2.1) and
 * LoPAPR appendix C.  What a snapshot holds is the tree (flattened after each
 * change), the claims and the open instances: a machine can be saved while its
 * kernel still talks to the firmware.
 *
 * Not modelled: Forth (interpret fails), packages with code, disks, networks and
 * screens, virtual memory.  A kernel given on the command line needs none of it.
 */
#include "roms/of.h"

#include <string.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"
#include "roms/of_int.h"
#include "roms/stub.h"

/* Names and values within their budget, and what stands around them per node. */
#define FLAT_MAX (OF_TREE_BYTES_MAX + OF_NODES_MAX * 8u + 64u)

static const VmField instance_fields[] = {
	VMF(OfInstance, phandle),
	VMA(OfInstance, args),
	VMEND,
};
static const VmDesc instance_desc = { "of-instance", 1, sizeof(OfInstance), instance_fields };

static const VmField of_fields[] = {
	DEVICE_SKIP(Of, dev),
	VMBUF(Of, flat, flat_len, FLAT_MAX),
	VMF(Of, nclaims),
	VMA(Of, claim_base),
	VMA(Of, claim_end),
	VMSA(Of, instance, instance_desc),
	VMSKIP(Of, board, "callbacks of the board"),
	VMSKIP(Of, tree, "rebuilt from flat"),
	VMF(Of, avail_stale, .since = 2, .reset = true),
	VMSKIP(Of, pad, "padding"),
	VMEND,
};
static const VmDesc of_desc = { "open-firmware", 2, sizeof(Of), of_fields };

void of_tree_changed(Of *of)
{
	GByteArray *a = of_tree_save(of->tree);

	g_free(of->flat);
	of->flat_len = a->len;
	of->flat = g_byte_array_free(a, FALSE);
}

static void set_tree(Of *of, OfTree *t)
{
	of_tree_free(of->tree);
	of->tree = t;
}

static bool of_realize(Device *d, GError **err)
{
	Of *of = (Of *)d;

	if (!d->machine->ram)
		return fail(err, "%s: a machine without RAM", d->path);
	of->tree = of_tree_new();
	return true;
}

static void of_reset(Device *d)
{
	set_tree((Of *)d, of_tree_new());
}

static bool of_loaded(Device *d, GError **err)
{
	Of *of = (Of *)d;
	OfTree *t;

	if (!of_mem_check(of))
		return fail(err, "%s: claims out of order", d->path);
	for (unsigned i = 0; i < OF_INSTANCES_MAX; i++) {
		if (of->instance[i].args[OF_ARGS_MAX])
			return fail(err, "%s: instance %u: arguments without end", d->path, i);
	}
	/* Before its board gave it a tree (another firmware runs) it saved none. */
	t = of->flat_len ? of_tree_load(of->flat, of->flat_len, err) : of_tree_new();
	if (!t)
		return fail_in(err, "%s", d->path);
	set_tree(of, t);
	return true;
}

static void of_destroy(Device *d)
{
	Of *of = (Of *)d;

	of_tree_free(of->tree);
	g_free(of->flat);
}

const DeviceType of_type = {
	.name = "open-firmware",
	.size = sizeof(Of),
	.state = &of_desc,
	.realize = of_realize,
	.reset = of_reset,
	.loaded = of_loaded,
	.destroy = of_destroy,
};

Of *of_new(Machine *m, const OfBoard *board, GError **err)
{
	Of *of = device_new(&of_type, m, "/firmware");

	of->board = *board;
	return device_realize(of, err) ? of : NULL;
}

/* Instances. */

OfInstance *of_instance(Of *of, uint32_t ihandle)
{
	uint32_t i = ihandle - OF_IHANDLE_FIRST;

	return i < OF_INSTANCES_MAX && of->instance[i].phandle ? &of->instance[i] : NULL;
}

OfNode *of_instance_node(Of *of, uint32_t ihandle)
{
	const OfInstance *inst = of_instance(of, ihandle);

	return inst ? of_tree_node(of->tree, inst->phandle) : NULL;
}

uint32_t of_open(Of *of, const char *spec)
{
	const char *args;
	const OfNode *n = of_tree_find(of->tree, spec, &args);

	if (!n || (args && strlen(args) > OF_ARGS_MAX))
		return 0;
	for (uint32_t i = 0; i < OF_INSTANCES_MAX; i++) {
		OfInstance *inst = &of->instance[i];

		if (inst->phandle)
			continue;
		memset(inst, 0, sizeof(*inst));
		inst->phandle = n->phandle;
		if (args)
			memcpy(inst->args, args, strlen(args));
		return OF_IHANDLE_FIRST + i;
	}
	return 0;
}

/* The node of the console: what /chosen says, else the first serial line, else nobody's. */
static OfNode *console_node(const Of *of)
{
	static const char *const names[] = { "stdout-path", "linux,stdout-path" };
	const OfNode *chosen = of_tree_find(of->tree, "/chosen", NULL);
	OfNode *n;

	for (size_t i = 0; chosen && i < ARRAY_LEN(names); i++) {
		const char *path = of_prop_str(chosen, names[i]);

		n = path ? of_tree_find(of->tree, path, NULL) : NULL;
		if (n)
			return n;
	}
	for (n = of->tree->root; n; n = of_node_next(n)) {
		const char *type = of_prop_str(n, "device_type");

		if (type && !strcmp(type, "serial"))
			return n;
	}
	return of->tree->root;
}

bool of_is_console(const Of *of, const OfNode *n)
{
	return n == console_node(of);
}

/* The tree. */

/* Nodes that every client may count on (IEEE 1275-1994, 3.5). */
static void add_standard_nodes(OfTree *t)
{
	static const char *const names[] = { "chosen", "aliases", "options", "openprom",
					     "packages" };
	OfNode *n;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		g_autofree char *path = g_strconcat("/", names[i], NULL);

		if (of_tree_find(t, path, NULL))
			continue;
		while (of_tree_node(t, t->next_phandle))
			t->next_phandle++;
		n = of_tree_add(t, t->root, names[i], t->next_phandle++);
		if (n)
			of_prop_set(t, n, "name", names[i], (uint32_t)strlen(names[i]) + 1);
	}
	n = of_tree_find(t, "/openprom", NULL);
	if (n && !of_prop(n, "model"))
		of_prop_set(t, n, "model", "Peppercorn", sizeof("Peppercorn"));
}

/* What the firmware and the client wrote into /chosen outlives a new tree. */
static void keep_chosen(OfTree *t, const OfTree *old)
{
	const OfNode *was = of_tree_find(old, "/chosen", NULL);
	OfNode *chosen = of_tree_find(t, "/chosen", NULL);

	if (!was || !chosen)
		return;
	for (const OfProp *p = was->props; p; p = p->next) {
		if (!of_prop(chosen, p->name))
			of_prop_set(t, chosen, p->name, p->val, p->len);
	}
}

/* Instances whose node is gone are closed. */
static void drop_stale_instances(Of *of)
{
	for (unsigned i = 0; i < OF_INSTANCES_MAX; i++) {
		OfInstance *inst = &of->instance[i];

		if (inst->phandle && !of_tree_node(of->tree, inst->phandle))
			memset(inst, 0, sizeof(*inst));
	}
}

/* Opens what /chosen holds a handle of (IEEE 1275-1994, 3.5; PowerPC binding, 5.1.3). */
static void open_chosen(Of *of, OfNode *chosen, const char *prop, const OfNode *n)
{
	g_autofree char *path = n ? of_node_path(n) : NULL;
	uint32_t ihandle;

	if (!path || of_instance(of, of_prop_cell(chosen, prop, 0)))
		return;
	ihandle = of_open(of, path);
	if (ihandle)
		of_prop_set_cell(of->tree, chosen, prop, ihandle);
}

static OfNode *first_of_type(const OfTree *t, const char *type)
{
	for (OfNode *n = t->root; n; n = of_node_next(n)) {
		const char *s = of_prop_str(n, "device_type");

		if (s && !strcmp(s, type))
			return n;
	}
	return NULL;
}

bool of_set_fdt(Of *of, const void *fdt, uint32_t len, GError **err)
{
	OfTree *t = of_tree_from_fdt(fdt, len, of->tree, err);
	OfNode *chosen;

	if (!t)
		return false;
	add_standard_nodes(t);
	keep_chosen(t, of->tree);
	set_tree(of, t);
	of->avail_stale = true;
	drop_stale_instances(of);
	chosen = of_tree_find(t, "/chosen", NULL);
	if (chosen) {
		open_chosen(of, chosen, "stdout", console_node(of));
		open_chosen(of, chosen, "stdin", console_node(of));
		open_chosen(of, chosen, "memory", first_of_type(t, "memory"));
		open_chosen(of, chosen, "cpu", first_of_type(t, "cpu"));
	}
	of_tree_changed(of);
	return true;
}

/* Boot. */

static bool claim_image(Of *of, const char *what, uint64_t base, uint64_t size, GError **err)
{
	if (!size)
		return true;
	if (!ram_has(of_ram(of), base, size))
		return fail(err,
			    "%s: 0x%" G_GINT64_MODIFIER "x bytes at 0x%" G_GINT64_MODIFIER
			    "x do not fit into %" G_GUINT64_FORMAT " MiB of RAM",
			    what, size, base, of_ram(of)->size >> 20);
	if (!of_mem_claim_at(of, base, size))
		return fail(err,
			    "%s: lies over the firmware or another image (0x%" G_GINT64_MODIFIER
			    "x bytes at 0x%" G_GINT64_MODIFIER "x)",
			    what, size, base);
	return true;
}

bool of_put_words(Ram *ram, uint64_t pa, const uint32_t *w, unsigned n)
{
	if (!ram_has(ram, pa, n * 4ull))
		return false;
	for (unsigned i = 0; i < n; i++)
		ram_st32(ram, pa + i * 4, w[i]);
	return true;
}

bool of_boot_prepare(Of *of, const OfImages *images, OfEntry *entry, GError **err)
{
	of->nclaims = 0;
	memset(of->claim_base, 0, sizeof(of->claim_base));
	memset(of->claim_end, 0, sizeof(of->claim_end));
	if (!of_mem_claim_at(of, 0, OF_LOW_END))
		return fail(err, "firmware: does not fit into %" G_GUINT64_FORMAT " KiB of RAM",
			    of_ram(of)->size >> 10);
	if (!claim_image(of, "kernel", images->kernel, images->kernel_size, err) ||
	    !claim_image(of, "initrd", images->initrd, images->initrd_size, err))
		return false;
	of_put_words(of_ram(of), OF_STUB_BASE, stub_client, STUB_CLIENT_WORDS);
	*entry = (OfEntry){
		.pc = images->entry,
		/* Room for the first frame's back chain and save area (64-bit ELF ABI). */
		.r1 = OF_STACK_BASE + OF_STACK_SIZE - 0x100,
		.r3 = images->initrd_size ? images->initrd : 0,
		.r4 = images->initrd_size,
		.r5 = OF_STUB_BASE,
	};
	return true;
}
