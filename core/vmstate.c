/*
 * The state-table engine; core/vmload.c is its other half.  The wire format is
 * described byte by byte in docs/snapshot-format.md, section "State tables".
 */
#include "core/vmstate.h"

#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "core/vmfield.h"

/* Reset */

static void reset_field(const VmField *f, void *obj)
{
	uint32_t len;
	VTimer *t;

	switch (f->kind) {
	case VM_SKIP: break;
	case VM_STRUCT:
		for (uint32_t i = 0; i < f->count; i++)
			vm_reset(f->sub, vm_member(f, obj, i));
		break;
	case VM_TIMER:
		for (uint32_t i = 0; i < f->count; i++) {
			t = vm_timer(f, obj, i);
			if (t)
				vtimer_cancel(t);
		}
		break;
	case VM_BUF:
		g_free(vm_buf(f, obj, &len));
		vm_buf_put(f, obj, NULL, 0);
		break;
	default:
		for (uint32_t i = 0; i < f->count; i++)
			vm_number_put(f, obj, i, f->reset);
		break;
	}
}

void vm_reset(const VmDesc *d, void *obj)
{
	for (const VmField *f = d->fields; f->name; f++) {
		if (!f->keep)
			reset_field(f, obj);
	}
}

/* Save */

/* Numbers lie in memory as the host has them; on the wire the highest byte is first. */
static void save_numbers(const VmField *f, const void *obj, OutStream *out)
{
	uint32_t size = vm_kind_size(f->kind);
	uint8_t *to = out_room(out, (size_t)size * f->count);

	for (uint32_t i = 0; i < f->count; i++, to += size) {
		const uint8_t *from = vm_member(f, obj, i);

		if (f->kind == VM_BOOL)
			*to = *from != 0;
		else if (f->against)
			st64_be(to, (uint64_t)vm_number(f, obj, i) - f->against(obj));
		else
			vm_swap(to, from, size);
	}
}

static void save_head(const VmField *f, unsigned kind, uint32_t count, OutStream *out)
{
	size_t n = strlen(f->name);
	uint8_t *p = out_room(out, n + 7);

	st16_be(p, (uint16_t)n);
	memcpy(p + 2, f->name, n);
	p[n + 2] = (uint8_t)kind;
	st32_be(p + n + 3, count);
}

static void save_desc(const VmDesc *d, OutStream *out)
{
	uint16_t n = 0;

	for (const VmField *f = d->fields; f->name; f++)
		n += f->kind != VM_SKIP;
	out_u32(out, d->version);
	out_u16(out, n);
}

/* Many structs of numbers: the names once, not in each of them. */
static void save_columns(const VmField *f, const void *obj, OutStream *out)
{
	save_head(f, VM_WIRE_COLUMNS, f->count, out);
	save_desc(f->sub, out);
	for (const VmField *g = f->sub->fields; g->name; g++) {
		if (g->kind == VM_SKIP)
			continue;
		save_head(g, (unsigned)g->kind, f->count * g->count, out);
		for (uint32_t i = 0; i < f->count; i++)
			save_numbers(g, vm_member(f, obj, i), out);
	}
}

/* The next piece from *at on that is not zero; false when there is none. */
static bool next_piece(const uint8_t *p, uint32_t len, uint32_t *at, uint32_t *n)
{
	const uint32_t grain = VM_SPARSE_GRAIN;

	while (len - *at >= grain && bytes_are_zero(p + *at, grain))
		*at += grain;
	*n = 0;
	while (len - *at - *n >= grain && !bytes_are_zero(p + *at + *n, grain))
		*n += grain;
	/* The last bytes, less than a grain. */
	if (len - *at - *n < grain)
		*n = len - *at;
	return *n;
}

static void save_sparse(const VmField *f, const uint8_t *p, uint32_t len, OutStream *out)
{
	uint32_t pieces = 0, n;
	size_t count_at;

	save_head(f, VM_WIRE_SPARSE, f->count, out);
	out_u32(out, len);
	count_at = out->buf->len;
	out_u32(out, 0);
	for (uint32_t at = 0; next_piece(p, len, &at, &n); at += n, pieces++) {
		out_u32(out, at);
		out_u32(out, n);
		out_bytes(out, p + at, n);
	}
	st32_be(out->buf->data + count_at, pieces);
}

static void save_fields(const VmDesc *d, const void *obj, OutStream *out);

static void save_buf(const VmField *f, const void *obj, OutStream *out)
{
	uint32_t len;
	const uint8_t *p = vm_buf(f, obj, &len);

	if (p && len >= VM_SPARSE_MIN) {
		save_sparse(f, p, len, out);
		return;
	}
	save_head(f, VM_BUF, f->count, out);
	out_u32(out, p ? len : 0);
	out_bytes(out, p, p ? len : 0);
}

static void save_structs(const VmField *f, const void *obj, OutStream *out)
{
	if (f->count >= VM_COLUMNS_MIN && vm_numbers_only(f->sub)) {
		save_columns(f, obj, out);
		return;
	}
	save_head(f, VM_STRUCT, f->count, out);
	for (uint32_t i = 0; i < f->count; i++)
		save_fields(f->sub, vm_member(f, obj, i), out);
}

static void save_timers(const VmField *f, const void *obj, OutStream *out)
{
	save_head(f, VM_TIMER, f->count, out);
	for (uint32_t i = 0; i < f->count; i++) {
		VTimer *t = vm_timer(f, obj, i);

		out_u64(out, t ? (uint64_t)vtimer_deadline(t) : UINT64_MAX);
	}
}

static void save_fields(const VmDesc *d, const void *obj, OutStream *out)
{
	save_desc(d, out);
	for (const VmField *f = d->fields; f->name; f++) {
		switch (f->kind) {
		case VM_SKIP: break;
		case VM_STRUCT: save_structs(f, obj, out); break;
		case VM_TIMER: save_timers(f, obj, out); break;
		case VM_BUF: save_buf(f, obj, out); break;
		default:
			save_head(f, (unsigned)f->kind, f->count, out);
			save_numbers(f, obj, out);
			break;
		}
	}
}

void vm_save(const VmDesc *d, const void *obj, OutStream *out)
{
	out_str(out, d->name);
	save_fields(d, obj, out);
}

/* Show and compare */

static void show_number(const VmField *f, const void *obj, uint32_t i, GString *out)
{
	uint32_t bits = 8 * vm_kind_size(f->kind);
	u128 v = vm_number(f, obj, i);

	switch (f->kind) {
	case VM_BOOL: g_string_append(out, v ? "true" : "false"); break;
	case VM_I8:
	case VM_I16:
	case VM_I32:
	case VM_I64:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, sext64((uint64_t)v, bits));
		break;
	case VM_U128:
		g_string_append_printf(out,
				       "0x%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
				       (uint64_t)(v >> 64), (uint64_t)v);
		break;
	default: g_string_append_printf(out, "0x%" G_GINT64_MODIFIER "x", (uint64_t)v); break;
	}
}

static void show_value(const VmField *f, const void *obj, GString *out)
{
	uint32_t len;
	uint8_t *p;
	VTimer *t;

	switch (f->kind) {
	case VM_TIMER:
		for (uint32_t i = 0; i < f->count; i++) {
			t = vm_timer(f, obj, i);
			g_string_append_printf(out, "%s%" G_GINT64_FORMAT, i ? " " : "",
					       t ? vtimer_deadline(t) : -1);
		}
		break;
	case VM_BUF:
		p = vm_buf(f, obj, &len);
		g_string_append_printf(out, "%u bytes:", p ? len : 0);
		for (uint32_t i = 0; p && i < len; i++)
			g_string_append_printf(out, " %02x", p[i]);
		break;
	default:
		for (uint32_t i = 0; i < f->count; i++) {
			if (i)
				g_string_append_c(out, ' ');
			show_number(f, obj, i, out);
		}
		break;
	}
}

static void show_fields(const VmDesc *d, const void *obj, GString *path, GString *out)
{
	size_t mark = path->len, with_name;

	for (const VmField *f = d->fields; f->name; f++) {
		if (f->kind == VM_SKIP)
			continue;
		g_string_append_printf(path, "%s%s", mark ? "." : "", f->name);
		with_name = path->len;
		if (f->kind == VM_STRUCT) {
			for (uint32_t i = 0; i < f->count; i++) {
				if (f->count > 1)
					g_string_append_printf(path, "[%u]", i);
				show_fields(f->sub, vm_member(f, obj, i), path, out);
				g_string_truncate(path, with_name);
			}
		} else {
			g_string_append_printf(out, "%s = ", path->str);
			show_value(f, obj, out);
			g_string_append_c(out, '\n');
		}
		g_string_truncate(path, mark);
	}
}

void vm_show(const VmDesc *d, const void *obj, GString *out)
{
	GString *path = g_string_new(NULL);

	show_fields(d, obj, path, out);
	g_string_free(path, TRUE);
}

/* Does element i of a plain field differ? */
static bool differs(const VmField *f, const void *a, const void *b, uint32_t i)
{
	const uint8_t *pa, *pb;
	uint32_t la, lb;
	VTimer *ta, *tb;

	switch (f->kind) {
	case VM_TIMER:
		ta = vm_timer(f, a, i);
		tb = vm_timer(f, b, i);
		return (ta ? vtimer_deadline(ta) : -1) != (tb ? vtimer_deadline(tb) : -1);
	case VM_BUF:
		pa = vm_buf(f, a, &la);
		pb = vm_buf(f, b, &lb);
		la = pa ? la : 0;
		lb = pb ? lb : 0;
		return la != lb || (la && memcmp(pa, pb, la));
	default: return vm_number(f, a, i) != vm_number(f, b, i);
	}
}

/* Appends the path of the first difference; false when there is none. */
static bool compare_fields(const VmDesc *d, const void *a, const void *b, GString *path)
{
	size_t mark = path->len, with_name;

	for (const VmField *f = d->fields; f->name; f++) {
		if (f->kind == VM_SKIP)
			continue;
		g_string_append_printf(path, "%s%s", mark ? "." : "", f->name);
		with_name = path->len;
		for (uint32_t i = 0; i < f->count; i++) {
			if (f->count > 1)
				g_string_append_printf(path, "[%u]", i);
			if (f->kind == VM_STRUCT ? compare_fields(f->sub, vm_member(f, a, i),
								  vm_member(f, b, i), path)
						 : differs(f, a, b, i))
				return true;
			g_string_truncate(path, with_name);
		}
		g_string_truncate(path, mark);
	}
	return false;
}

char *vm_compare(const VmDesc *d, const void *a, const void *b)
{
	GString *path = g_string_new(NULL);
	bool found = compare_fields(d, a, b, path);

	return g_string_free(path, !found);
}

/* Coverage */

static bool claim(const VmDesc *d, const VmField *f, uint8_t *map, uint32_t from, uint64_t n,
		  GError **err)
{
	if (from > d->size || n > d->size - from)
		return fail(err, "%s: %s: reaches past the struct", d->name, f->name);
	for (uint64_t i = from; i < from + n; i++) {
		if (map[i])
			return fail(err, "%s: %s: byte %u is claimed twice", d->name, f->name,
				    (unsigned)i);
		map[i] = 1;
	}
	return true;
}

static bool check_sub(const VmDesc *d, const VmField *f, GError **err)
{
	if (!f->sub)
		return fail(err, "%s: %s: has no sub-table", d->name, f->name);
	if (f->sub->size != f->elem)
		return fail(err, "%s: %s: %u bytes, but its table %s says %u", d->name, f->name,
			    f->elem, f->sub->name, f->sub->size);
	for (const VmField *g = f->sub->fields; g->name; g++)
		if (g->against)
			return fail(err, "%s: %s: %s: a difference inside another table", d->name,
				    f->name, g->name);
	if (!vm_check_coverage(f->sub, err))
		return fail_in(err, "%s: %s", d->name, f->name);
	return true;
}

static bool check_field(const VmDesc *d, const VmField *f, GError **err)
{
	if (f->since > d->version)
		return fail(err, "%s: %s: .since is past the table's version", d->name, f->name);
	if (strlen(f->name) > VM_NAME_MAX)
		return fail(err, "%s: %s: the name is too long", d->name, f->name);
	if (!f->count)
		return fail(err, "%s: %s: has no elements", d->name, f->name);
	switch (f->kind) {
	case VM_SKIP:
		if (!f->why || !*f->why)
			return fail(err, "%s: %s: skipped without a reason", d->name, f->name);
		return true;
	case VM_STRUCT: return check_sub(d, f, err);
	case VM_TIMER:
		if (f->elem != sizeof(VTimer *))
			return fail(err, "%s: %s: is not a timer pointer", d->name, f->name);
		return true;
	case VM_BUF:
		if (f->elem != sizeof(uint8_t *) || f->count != 1 || !f->max)
			return fail(err, "%s: %s: is not a bounded buffer", d->name, f->name);
		return true;
	default:
		if (!vm_kind_size(f->kind) || vm_kind_size(f->kind) != f->elem)
			return fail(err, "%s: %s: %u bytes do not fit its kind", d->name, f->name,
				    f->elem);
		return true;
	}
}

static bool check_names(const VmDesc *d, GError **err)
{
	uint32_t n = 0;

	for (const VmField *f = d->fields; f->name; f++) {
		for (const VmField *g = d->fields; g != f; g++) {
			if (!strcmp(f->name, g->name))
				return fail(err, "%s: %s: named twice", d->name, f->name);
		}
		if (++n > VM_FIELDS_MAX)
			return fail(err, "%s: has more than %u fields", d->name, VM_FIELDS_MAX);
	}
	return true;
}

/* Names the gap by the field that ends before it. */
static bool check_gap(const VmDesc *d, const uint8_t *map, GError **err)
{
	const char *before = "the beginning";
	uint64_t best = 0, end;
	uint32_t i = 0;

	while (i < d->size && map[i])
		i++;
	if (i == d->size)
		return true;
	for (const VmField *f = d->fields; f->name; f++) {
		end = f->offset + (uint64_t)f->elem * f->count;
		if (end <= i && end >= best) {
			best = end;
			before = f->name;
		}
	}
	return fail(err, "%s: byte %u of %u, after %s, is claimed by no field", d->name, i, d->size,
		    before);
}

bool vm_check_coverage(const VmDesc *d, GError **err)
{
	uint8_t *map = g_malloc0(d->size + 1);
	bool ok = check_names(d, err);

	for (const VmField *f = d->fields; ok && f->name; f++) {
		ok = check_field(d, f, err) &&
		     claim(d, f, map, f->offset, (uint64_t)f->elem * f->count, err);
		if (ok && f->kind == VM_BUF)
			ok = claim(d, f, map, f->len_offset, sizeof(uint32_t), err);
	}
	ok = ok && check_gap(d, map, err);
	g_free(map);
	return ok;
}
