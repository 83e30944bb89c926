/*
 * The monitor's trees: the address space, and devices by what they hang on.  Laid out as QEMU's
 * users know them; what is in them is ours, from the bus and from the devices' paths and
 * properties.
 */
#include <inttypes.h>
#include <string.h>
#include "app/monitor_int.h"

#define STEP 2 /* columns a level */

/* ----------------------------------------------------------------- mtree */

static uint64_t last_of(const BusRegion *r)
{
	return r->size - 1 > UINT64_MAX - r->base ? UINT64_MAX : r->base + (r->size - 1);
}

static bool overlap(const BusRegion *a, const BusRegion *b)
{
	return a->base <= last_of(b) && b->base <= last_of(a);
}

/* Does r lie in the region `in`, and answer in its place there? */
static bool lies_in(const BusRegion *r, const BusRegion *in)
{
	return in->enabled && in->order < r->order && r->base >= in->base &&
	       last_of(r) <= last_of(in);
}

/* The smallest one in which it lies; NULL: the address space itself. */
static const BusRegion *parent_of(const Bus *b, const BusRegion *r)
{
	const BusRegion *best = NULL;

	for (guint i = 0; i < b->regions->len; i++) {
		const BusRegion *in = g_ptr_array_index(b->regions, i);

		if (in != r && lies_in(r, in) && (!best || in->size < best->size))
			best = in;
	}
	return best;
}

/* Of those that lie in the same one and overlap, the greatest answers. */
static unsigned priority(const Bus *b, const BusRegion *r)
{
	const BusRegion *parent = parent_of(b, r);
	unsigned n = 0;

	for (guint i = 0; i < b->regions->len; i++) {
		const BusRegion *o = g_ptr_array_index(b->regions, i);

		n += o->enabled && o->order < r->order && overlap(o, r) && o != parent &&
		     parent_of(b, o) == parent;
	}
	return n;
}

static void show_range(GString *out, unsigned level, uint64_t first, uint64_t last, unsigned prio,
		       const char *kind, const char *name, bool enabled)
{
	g_string_append_printf(out, "%*s%016" PRIx64 "-%016" PRIx64 " (prio %u, %s): %s%s\n",
			       (int)(level * STEP), "", first, last, prio, kind, name,
			       enabled ? "" : " [disabled]");
}

static void show_regions(const Bus *b, const BusRegion *in, unsigned level, GString *out)
{
	for (guint i = 0; i < b->regions->len; i++) {
		const BusRegion *r = g_ptr_array_index(b->regions, i);

		if (parent_of(b, r) != in)
			continue;
		show_range(out, level, r->base, last_of(r), r->enabled ? priority(b, r) : 0, "i/o",
			   r->name, r->enabled);
		show_regions(b, r, level + 1, out);
	}
}

/* RAM is asked before all regions. */
static void show_ram(const Ram *ram, const Bus *b, GString *out)
{
	const BusRegion all = { .size = ram->size };
	unsigned n = 0;

	for (guint i = 0; b && i < b->regions->len; i++) {
		const BusRegion *r = g_ptr_array_index(b->regions, i);

		if (r->enabled && overlap(r, &all))
			n = MAX(n, priority(b, r) + 1);
	}
	show_range(out, 2, 0, ram->size - 1, n, "ram", "ram", true);
}

bool mon_mtree(MonCall *c, GError **err)
{
	const Machine *m = c->m->app->machine;

	(void)err;
	g_string_append(c->out, "address-space: memory\n");
	show_range(c->out, 1, 0, UINT64_MAX, 0, "i/o", "system", true);
	if (m->ram)
		show_ram(m->ram, m->bus, c->out);
	if (m->bus)
		show_regions(m->bus, NULL, 2, c->out);
	return true;
}

/* ----------------------------------------------------------------- qtree */

/* The path of what it hangs on; "/" for the machine. */
static char *above(const Device *d)
{
	return g_path_get_dirname(d->path);
}

static void line(GString *out, unsigned level, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

static void line(GString *out, unsigned level, const char *fmt, ...)
{
	va_list ap;

	g_string_append_printf(out, "%*s", (int)(level * STEP), "");
	va_start(ap, fmt);
	g_string_append_vprintf(out, fmt, ap);
	va_end(ap);
	g_string_append_c(out, '\n');
}

/* What a board has given it: by its name, if it is something that has one. */
static void show_pointer(const App *a, const char *name, const void *p, unsigned level,
			 GString *out)
{
	const Machine *m = a->machine;
	const char *known = p ? charset_name(&a->chars, p) : "";

	for (guint i = 0; !known && i < m->devices->len; i++)
		if (g_ptr_array_index(m->devices, i) == p)
			known = ((const Device *)p)->path;
	for (guint i = 0; !known && i < m->irqs->len; i++)
		if (g_ptr_array_index(m->irqs, i) == p)
			known = irq_name(p);
	if (known)
		line(out, level, "%s = \"%s\"", name, known);
}

static void show_props(const App *a, const Device *d, unsigned level, GString *out)
{
	for (const Prop *p = d->type->props; p && p->name; p++) {
		g_autofree char *text = device_prop_text(d, p);

		if (text)
			line(out, level, "%s = %s", p->name, text);
		else
			show_pointer(a, p->name, device_prop_ptr(d, p), level, out);
	}
}

static void show_registers(const Machine *m, const Device *d, unsigned level, GString *out)
{
	for (guint i = 0; m->bus && i < m->bus->regions->len; i++) {
		const BusRegion *r = g_ptr_array_index(m->bus->regions, i);

		if (r->opaque == d)
			line(out, level, "mmio %016" PRIx64 "/%016" PRIx64 "%s", r->base, r->size,
			     r->enabled ? "" : " [disabled]");
	}
}

static void show_bus(const App *a, const char *path, const char *type, unsigned level,
		     GString *out);

static bool has_bus(const Machine *m, const char *path)
{
	for (guint i = 0; i < m->devices->len; i++) {
		g_autofree char *on = above(g_ptr_array_index(m->devices, i));

		if (!strcmp(on, path))
			return true;
	}
	return false;
}

static void show_device(const App *a, const Device *d, unsigned level, GString *out)
{
	line(out, level, "dev: %s, id \"%s\"", d->type->name, d->path);
	show_props(a, d, level + 1, out);
	show_registers(a->machine, d, level + 1, out);
	if (has_bus(a->machine, d->path))
		show_bus(a, d->path, d->type->name, level + 1, out);
}

static void show_bus(const App *a, const char *path, const char *type, unsigned level, GString *out)
{
	const Machine *m = a->machine;

	line(out, level, "bus: %s", strcmp(path, "/") ? path + 1 : "main-system-bus");
	line(out, level + 1, "type %s", type);
	for (guint i = 0; i < m->devices->len; i++) {
		const Device *d = g_ptr_array_index(m->devices, i);
		g_autofree char *on = above(d);

		if (!strcmp(on, path))
			show_device(a, d, level + 1, out);
	}
}

/* Paths that devices have in common, and no device has. */
static void show_other_buses(const App *a, GString *out)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const Machine *m = a->machine;

	for (guint i = 0; i < m->devices->len; i++) {
		char *on = above(g_ptr_array_index(m->devices, i));

		if (strcmp(on, "/") && !machine_find(m, on) && !g_hash_table_contains(seen, on))
			show_bus(a, on, on + 1, 1, out);
		g_hash_table_add(seen, on);
	}
}

bool mon_qtree(MonCall *c, GError **err)
{
	(void)err;
	show_bus(c->m->app, "/", "System", 0, c->out);
	show_other_buses(c->m->app, c->out);
	return true;
}
