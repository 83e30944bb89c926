/*
 * The state-table engine.  The wire format is described byte by byte in
 * docs/snapshot-format.md, section "State tables".
 *
 * Loading works in three steps: every field is read into a scratch copy of the
 * struct, timers and missing fields are noted on a list, and only when the whole
 * table was right the scratch copy's fields, the timers and the reset values of
 * missing fields are put into the object.  Skipped bytes are never written.
 */
#include "core/vmstate.h"

#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "core/vclock.h"

#define VM_NAME_MAX 255

static const struct {
	const char *name;
	uint32_t size; /* bytes in memory and on the wire; 0: no number */
} kinds[] = {
	[VM_U8] = { "u8", 1 },	    [VM_U16] = { "u16", 2 },	   [VM_U32] = { "u32", 4 },
	[VM_U64] = { "u64", 8 },    [VM_I8] = { "i8", 1 },	   [VM_I16] = { "i16", 2 },
	[VM_I32] = { "i32", 4 },    [VM_I64] = { "i64", 8 },	   [VM_BOOL] = { "bool", 1 },
	[VM_U128] = { "u128", 16 }, [VM_STRUCT] = { "struct", 0 }, [VM_TIMER] = { "timer", 0 },
	[VM_BUF] = { "buffer", 0 }, [VM_SKIP] = { "skip", 0 },
};

static uint32_t kind_size(VmKind k)
{
	return k < ARRAY_LEN(kinds) ? kinds[k].size : 0;
}

static const char *kind_name(unsigned k)
{
	return k < ARRAY_LEN(kinds) && kinds[k].name ? kinds[k].name : "unknown kind";
}

static void *member(const VmField *f, const void *obj, uint32_t i)
{
	return (uint8_t *)obj + f->offset + (size_t)i * f->elem;
}

static VTimer *timer_of(const VmField *f, const void *obj, uint32_t i)
{
	VTimer *t;

	memcpy(&t, member(f, obj, i), sizeof(t));
	return t;
}

static uint8_t *buf_of(const VmField *f, const void *obj, uint32_t *len)
{
	uint8_t *p;

	memcpy(&p, member(f, obj, 0), sizeof(p));
	memcpy(len, (const uint8_t *)obj + f->len_offset, sizeof(*len));
	return p;
}

static void buf_put(const VmField *f, void *obj, uint8_t *p, uint32_t len)
{
	memcpy(member(f, obj, 0), &p, sizeof(p));
	memcpy((uint8_t *)obj + f->len_offset, &len, sizeof(len));
}

/* A number of any kind, zero-extended in its own width. */
static u128 number_of(const VmField *f, const void *obj, uint32_t i)
{
	const void *p = member(f, obj, i);
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;
	u128 v128;

	switch (kind_size(f->kind)) {
	case 1: return *(const uint8_t *)p;
	case 2: memcpy(&v16, p, 2); return v16;
	case 4: memcpy(&v32, p, 4); return v32;
	case 8: memcpy(&v64, p, 8); return v64;
	default: memcpy(&v128, p, 16); return v128;
	}
}

static void number_put(const VmField *f, void *obj, uint32_t i, u128 v)
{
	void *p = member(f, obj, i);
	uint8_t v8 = (uint8_t)v;
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;
	uint64_t v64 = (uint64_t)v;

	switch (kind_size(f->kind)) {
	case 1: memcpy(p, &v8, 1); break;
	case 2: memcpy(p, &v16, 2); break;
	case 4: memcpy(p, &v32, 4); break;
	case 8: memcpy(p, &v64, 8); break;
	default: memcpy(p, &v, 16); break;
	}
}

/* Reset */

static void reset_field(const VmField *f, void *obj)
{
	uint32_t len;
	VTimer *t;

	switch (f->kind) {
	case VM_SKIP: break;
	case VM_STRUCT:
		for (uint32_t i = 0; i < f->count; i++)
			vm_reset(f->sub, member(f, obj, i));
		break;
	case VM_TIMER:
		for (uint32_t i = 0; i < f->count; i++) {
			t = timer_of(f, obj, i);
			if (t)
				vtimer_cancel(t);
		}
		break;
	case VM_BUF:
		g_free(buf_of(f, obj, &len));
		buf_put(f, obj, NULL, 0);
		break;
	default:
		for (uint32_t i = 0; i < f->count; i++)
			number_put(f, obj, i, f->reset);
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

static void save_fields(const VmDesc *d, const void *obj, OutStream *out);

static void save_number(const VmField *f, const void *obj, uint32_t i, OutStream *out)
{
	u128 v = number_of(f, obj, i);

	if (f->against)
		v = (uint64_t)v - f->against(obj);
	switch (kind_size(f->kind)) {
	case 1: out_u8(out, f->kind == VM_BOOL ? v != 0 : (uint8_t)v); break;
	case 2: out_u16(out, (uint16_t)v); break;
	case 4: out_u32(out, (uint32_t)v); break;
	case 8: out_u64(out, (uint64_t)v); break;
	default:
		out_u64(out, (uint64_t)(v >> 64));
		out_u64(out, (uint64_t)v);
		break;
	}
}

static void save_field(const VmField *f, const void *obj, OutStream *out)
{
	uint32_t len;
	uint8_t *p;
	VTimer *t;

	out_str(out, f->name);
	out_u8(out, (uint8_t)f->kind);
	out_u32(out, f->count);
	for (uint32_t i = 0; i < f->count; i++) {
		switch (f->kind) {
		case VM_STRUCT: save_fields(f->sub, member(f, obj, i), out); break;
		case VM_TIMER:
			t = timer_of(f, obj, i);
			out_u64(out, t ? (uint64_t)vtimer_deadline(t) : UINT64_MAX);
			break;
		case VM_BUF:
			p = buf_of(f, obj, &len);
			out_u32(out, p ? len : 0);
			out_bytes(out, p, p ? len : 0);
			break;
		default: save_number(f, obj, i, out); break;
		}
	}
}

static void save_fields(const VmDesc *d, const void *obj, OutStream *out)
{
	uint16_t n = 0;

	for (const VmField *f = d->fields; f->name; f++)
		n += f->kind != VM_SKIP;
	out_u32(out, d->version);
	out_u16(out, n);
	for (const VmField *f = d->fields; f->name; f++) {
		if (f->kind != VM_SKIP)
			save_field(f, obj, out);
	}
}

void vm_save(const VmDesc *d, const void *obj, OutStream *out)
{
	out_str(out, d->name);
	save_fields(d, obj, out);
}

/* Load */

/* What is put into the object after all of the stream was right. */
typedef struct VmLate {
	const VmField *field;
	void *obj;     /* the real struct the field is in */
	VTimer *timer; /* VM_TIMER; else the field is missing and to be reset */
	int64_t deadline;
} VmLate;

typedef struct VmLoad {
	InStream *in;
	GString *path; /* "pic.chan[1]": the field being read */
	GArray *late;  /* VmLate */
	GArray *bufs;  /* uint8_t *: blocks made for VM_BUF fields */
} VmLoad;

static bool load_fields(VmLoad *l, const VmDesc *d, uint8_t *scratch, uint8_t *real);

static bool load_fail(VmLoad *l, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static bool load_fail(VmLoad *l, const char *fmt, ...)
{
	va_list ap;
	char *what;

	if (in_ok(l->in)) {
		va_start(ap, fmt);
		what = g_strdup_vprintf(fmt, ap);
		va_end(ap);
		in_fail(l->in, "%s", what);
		g_free(what);
	}
	return false;
}

static bool load_numbers(VmLoad *l, const VmField *f, uint8_t *scratch)
{
	uint32_t size = kind_size(f->kind);
	const uint8_t *p = in_take(l->in, (size_t)size * f->count);
	u128 v;

	if (!p)
		return false;
	for (uint32_t i = 0; i < f->count; i++) {
		v = 0;
		for (uint32_t b = 0; b < size; b++)
			v = v << 8 | *p++;
		if (f->kind == VM_BOOL && v > 1)
			return load_fail(l, "%u is not a boolean", (unsigned)v);
		number_put(f, scratch, i, v);
	}
	return true;
}

static bool load_timers(VmLoad *l, const VmField *f, uint8_t *real)
{
	for (uint32_t i = 0; i < f->count; i++) {
		VmLate late = { .field = f, .obj = real, .timer = timer_of(f, real, i) };

		late.deadline = (int64_t)in_u64(l->in);
		if (!in_ok(l->in))
			return false;
		if (late.deadline < -1)
			return load_fail(l, "%" G_GINT64_FORMAT " is not a deadline",
					 late.deadline);
		if (late.timer)
			g_array_append_val(l->late, late);
		else if (late.deadline != -1)
			return load_fail(l, "armed, but this device has no such timer");
	}
	return true;
}

static bool load_buf(VmLoad *l, const VmField *f, uint8_t *scratch)
{
	uint32_t n = in_u32(l->in);
	const uint8_t *from;
	uint8_t *p = NULL;

	if (in_ok(l->in) && n > f->max)
		return load_fail(l, "%u bytes where at most %u are allowed", n, f->max);
	from = in_take(l->in, n);
	if (!from)
		return false;
	if (n) {
		p = g_try_malloc(n);
		if (!p)
			return load_fail(l, "no memory for %u bytes", n);
		memcpy(p, from, n);
		g_array_append_val(l->bufs, p);
	}
	buf_put(f, scratch, p, n);
	return true;
}

static bool load_structs(VmLoad *l, const VmField *f, uint8_t *scratch, uint8_t *real)
{
	size_t mark = l->path->len;

	for (uint32_t i = 0; i < f->count; i++) {
		if (f->count > 1)
			g_string_append_printf(l->path, "[%u]", i);
		if (!load_fields(l, f->sub, member(f, scratch, i), member(f, real, i)))
			return false;
		g_string_truncate(l->path, mark);
	}
	return true;
}

static bool load_value(VmLoad *l, const VmField *f, uint8_t *scratch, uint8_t *real)
{
	unsigned kind = in_u8(l->in);
	uint32_t count = in_u32(l->in);

	if (!in_ok(l->in))
		return false;
	if (kind != (unsigned)f->kind)
		return load_fail(l, "is of kind %s (%u) and should be %s", kind_name(kind), kind,
				 kind_name(f->kind));
	if (count != f->count)
		return load_fail(l, "has %u elements and should have %u", count, f->count);
	switch (f->kind) {
	case VM_STRUCT: return load_structs(l, f, scratch, real);
	case VM_TIMER: return load_timers(l, f, real);
	case VM_BUF: return load_buf(l, f, scratch);
	default: return load_numbers(l, f, scratch);
	}
}

/* The index of the field of that name, or -1. */
static int find_field(const VmDesc *d, const char *name)
{
	for (int i = 0; d->fields[i].name; i++) {
		if (d->fields[i].kind != VM_SKIP && !strcmp(d->fields[i].name, name))
			return i;
	}
	return -1;
}

static void path_push(VmLoad *l, const char *name)
{
	if (l->path->len)
		g_string_append_c(l->path, '.');
	for (const char *c = name; *c; c++)
		g_string_append_c(l->path, g_ascii_isprint(*c) ? *c : '?');
}

static bool load_one(VmLoad *l, const VmDesc *d, uint8_t *seen, uint8_t *scratch, uint8_t *real)
{
	char *name = in_str(l->in, VM_NAME_MAX);
	int i;

	if (!name)
		return false;
	i = find_field(d, name);
	path_push(l, name);
	g_free(name);
	if (i < 0)
		return load_fail(l, "unknown field");
	if (seen[i])
		return load_fail(l, "appears twice");
	seen[i] = 1;
	return load_value(l, &d->fields[i], scratch, real);
}

/* Fields the stream did not have: allowed only when they came later. */
static bool load_missing(VmLoad *l, const VmDesc *d, const uint8_t *seen, uint32_t version,
			 uint8_t *real)
{
	for (int i = 0; d->fields[i].name; i++) {
		const VmField *f = &d->fields[i];
		VmLate late = { .field = f, .obj = real };

		if (seen[i] || f->kind == VM_SKIP)
			continue;
		if (f->since <= version) {
			path_push(l, f->name);
			return load_fail(l, "is missing");
		}
		if (!f->keep)
			g_array_append_val(l->late, late);
	}
	return true;
}

static bool load_fields(VmLoad *l, const VmDesc *d, uint8_t *scratch, uint8_t *real)
{
	uint32_t version = in_u32(l->in);
	uint16_t n = in_u16(l->in);
	size_t mark = l->path->len;
	uint32_t nfields = 0;
	uint8_t *seen;
	bool ok = in_ok(l->in);

	if (ok && version > d->version)
		return load_fail(l, "table version %u is newer than ours, %u", version, d->version);
	while (d->fields[nfields].name)
		nfields++;
	seen = g_new0(uint8_t, nfields + 1);
	for (uint16_t i = 0; ok && i < n; i++) {
		ok = load_one(l, d, seen, scratch, real);
		if (ok)
			g_string_truncate(l->path, mark);
	}
	ok = ok && load_missing(l, d, seen, version, real);
	g_free(seen);
	return ok;
}

/* Moves all that was read from the scratch copy into the object. */
static void apply_fields(const VmDesc *d, const uint8_t *scratch, uint8_t *real)
{
	uint8_t *from, *to;
	uint32_t from_len, to_len;

	for (const VmField *f = d->fields; f->name; f++) {
		switch (f->kind) {
		case VM_SKIP:
		case VM_TIMER: break;
		case VM_STRUCT:
			for (uint32_t i = 0; i < f->count; i++)
				apply_fields(f->sub, member(f, scratch, i), member(f, real, i));
			break;
		case VM_BUF:
			from = buf_of(f, scratch, &from_len);
			to = buf_of(f, real, &to_len);
			if (from != to)
				g_free(to);
			buf_put(f, real, from, from_len);
			break;
		default:
			memcpy(member(f, real, 0), member(f, scratch, 0),
			       (size_t)f->elem * f->count);
			break;
		}
	}
}

static void apply_late(const VmLate *late)
{
	if (!late->timer)
		reset_field(late->field, late->obj);
	else if (late->deadline >= 0)
		vtimer_set(late->timer, late->deadline);
	else
		vtimer_cancel(late->timer);
}

/* Differences become values, now that what they are taken against is there. */
static void resolve(const VmDesc *d, uint8_t *scratch)
{
	for (const VmField *f = d->fields; f->name; f++) {
		if (f->against)
			number_put(f, scratch, 0,
				   (uint64_t)number_of(f, scratch, 0) + f->against(scratch));
	}
}

static bool load_root(VmLoad *l, const VmDesc *d, uint8_t *scratch, uint8_t *real)
{
	char *name = in_str(l->in, VM_NAME_MAX);
	bool ok;

	if (!name)
		return false;
	ok = !strcmp(name, d->name);
	if (!ok)
		load_fail(l, "is the state of another kind of thing, not of %s", d->name);
	g_free(name);
	if (!ok || !load_fields(l, d, scratch, real))
		return false;
	resolve(d, scratch);
	return true;
}

static bool load(const VmDesc *d, void *obj, InStream *in, const char *path, bool apply,
		 GError **err)
{
	VmLoad l = { .in = in, .path = g_string_new(NULL) };
	uint8_t *scratch = g_try_malloc(d->size);
	bool ok;

	l.late = g_array_new(FALSE, FALSE, sizeof(VmLate));
	l.bufs = g_array_new(FALSE, FALSE, sizeof(uint8_t *));
	if (scratch) {
		memcpy(scratch, obj, d->size);
		ok = load_root(&l, d, scratch, obj);
	} else {
		ok = load_fail(&l, "no memory for %u bytes", d->size);
	}
	if (ok && apply) {
		apply_fields(d, scratch, obj);
		for (guint i = 0; i < l.late->len; i++)
			apply_late(&g_array_index(l.late, VmLate, i));
	} else {
		for (guint i = 0; i < l.bufs->len; i++)
			g_free(g_array_index(l.bufs, uint8_t *, i));
	}
	if (!ok)
		fail(err, "%s: %s%s%s", path, l.path->str, l.path->len ? ": " : "", in->error);
	g_array_unref(l.late);
	g_array_unref(l.bufs);
	g_string_free(l.path, TRUE);
	g_free(scratch);
	return ok;
}

bool vm_load(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err)
{
	return load(d, obj, in, path, true, err);
}

bool vm_verify(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err)
{
	return load(d, obj, in, path, false, err);
}

/* Show and compare */

static void show_number(const VmField *f, const void *obj, uint32_t i, GString *out)
{
	uint32_t bits = 8 * kind_size(f->kind);
	u128 v = number_of(f, obj, i);

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
			t = timer_of(f, obj, i);
			g_string_append_printf(out, "%s%" G_GINT64_FORMAT, i ? " " : "",
					       t ? vtimer_deadline(t) : -1);
		}
		break;
	case VM_BUF:
		p = buf_of(f, obj, &len);
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
				show_fields(f->sub, member(f, obj, i), path, out);
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
		ta = timer_of(f, a, i);
		tb = timer_of(f, b, i);
		return (ta ? vtimer_deadline(ta) : -1) != (tb ? vtimer_deadline(tb) : -1);
	case VM_BUF:
		pa = buf_of(f, a, &la);
		pb = buf_of(f, b, &lb);
		la = pa ? la : 0;
		lb = pb ? lb : 0;
		return la != lb || (la && memcmp(pa, pb, la));
	default: return number_of(f, a, i) != number_of(f, b, i);
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
			if (f->kind == VM_STRUCT
				    ? compare_fields(f->sub, member(f, a, i), member(f, b, i), path)
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
		if (!kind_size(f->kind) || kind_size(f->kind) != f->elem)
			return fail(err, "%s: %s: %u bytes do not fit its kind", d->name, f->name,
				    f->elem);
		return true;
	}
}

static bool check_names(const VmDesc *d, GError **err)
{
	for (const VmField *f = d->fields; f->name; f++) {
		for (const VmField *g = d->fields; g != f; g++) {
			if (!strcmp(f->name, g->name))
				return fail(err, "%s: %s: named twice", d->name, f->name);
		}
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
