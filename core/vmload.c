/*
 * The loading half of the state-table engine.
 *
 * Everything is read into a scratch copy of the struct; what does not lie in it (blocks
 * of buffers, deadlines of timers) is noted on lists.  Only when the whole table was
 * right may it be put into the object, by an exchange: the scratch copy then holds what
 * the object was, and another exchange puts that back.  Skipped bytes are never touched.
 *
 * A machine has tens of thousands of fields and a restore is to take milliseconds, so
 * nothing is allocated for a field, fields are looked for first where the table has the
 * next one, and the path of the field being read becomes text only when it is wrong.
 */
#include "base/err.h"
#include "base/log.h"
#include "core/vmfield.h"

typedef struct LateTimer {
	VTimer *timer;
	int64_t deadline; /* -1: none */
} LateTimer;

typedef struct LateBuf {
	const VmField *field;
	uint8_t *scratch, *real; /* the structs that the field is in */
} LateBuf;

struct VmReady {
	const VmDesc *desc;
	uint8_t *scratch, *real;
	GArray *timers, *bufs;
	bool exchanged;
};

/* Where in the table we are: the name in the stream or the table's, and an index. */
typedef struct Frame {
	const struct Frame *up;
	const char *name;
	size_t len;
	uint32_t index;
	bool indexed;
} Frame;

typedef struct VmLoad {
	InStream *in;
	VmReady *ready;
	const Frame *top;
	GString *path; /* of the field that is wrong */
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

static void add_frame(GString *path, const Frame *f)
{
	if (f->up)
		add_frame(path, f->up);
	if (f->indexed) {
		g_string_append_printf(path, "[%u]", f->index);
		return;
	}
	if (path->len)
		g_string_append_c(path, '.');
	for (size_t i = 0; i < f->len; i++)
		g_string_append_c(path, g_ascii_isprint(f->name[i]) ? f->name[i] : '?');
}

/* Leaves the innermost frame; the first one left after an error is where it was. */
static bool leave(VmLoad *l, bool ok)
{
	if (!ok && !l->path) {
		l->path = g_string_new(NULL);
		add_frame(l->path, l->top);
	}
	l->top = l->top->up;
	return ok;
}

static bool load_numbers(VmLoad *l, const VmField *f, uint8_t *scratch)
{
	uint32_t size = vm_kind_size(f->kind);
	const uint8_t *p = in_take(l->in, (size_t)size * f->count);

	if (!p)
		return false;
	for (uint32_t i = 0; i < f->count; i++, p += size) {
		if (f->kind == VM_BOOL && *p > 1)
			return load_fail(l, "%u is not a boolean", *p);
		vm_swap(vm_member(f, scratch, i), p, size);
	}
	return true;
}

static bool load_timers(VmLoad *l, const VmField *f, uint8_t *real)
{
	for (uint32_t i = 0; i < f->count; i++) {
		LateTimer late = { .timer = vm_timer(f, real, i) };

		late.deadline = (int64_t)in_u64(l->in);
		if (!in_ok(l->in))
			return false;
		if (late.deadline < -1)
			return load_fail(l, "%" G_GINT64_FORMAT " is not a deadline",
					 late.deadline);
		if (late.timer)
			g_array_append_val(l->ready->timers, late);
		else if (late.deadline != -1)
			return load_fail(l, "armed, but this device has no such timer");
	}
	return true;
}

static void note_buf(VmLoad *l, const VmField *f, uint8_t *scratch, uint8_t *real, uint8_t *p,
		     uint32_t len)
{
	LateBuf late = { f, scratch, real };

	vm_buf_put(f, scratch, p, len);
	g_array_append_val(l->ready->bufs, late);
}

static bool load_pieces(VmLoad *l, uint8_t *p, uint32_t len)
{
	uint32_t pieces = in_u32(l->in), end = 0;

	for (uint32_t i = 0; i < pieces; i++) {
		uint32_t at = in_u32(l->in), n = in_u32(l->in);
		const uint8_t *from = in_take(l->in, n);

		if (!from)
			return false;
		if (at < end || at > len || n > len - at)
			return load_fail(l, "piece %u is out of place", i);
		memcpy(p + at, from, n);
		end = at + n;
	}
	return in_ok(l->in);
}

static bool load_buf(VmLoad *l, const VmField *f, bool sparse, uint8_t *scratch, uint8_t *real)
{
	uint32_t n = in_u32(l->in);
	const uint8_t *from = NULL;
	uint8_t *p = NULL;

	if (in_ok(l->in) && n > f->max)
		return load_fail(l, "%u bytes where at most %u are allowed", n, f->max);
	if (!sparse)
		from = in_take(l->in, n);
	if (!in_ok(l->in))
		return false;
	if (n) {
		p = sparse ? g_try_malloc0(n) : g_try_malloc(n);
		if (!p)
			return load_fail(l, "no memory for %u bytes", n);
	}
	if (from && n)
		memcpy(p, from, n);
	if (sparse && !load_pieces(l, p, n)) {
		g_free(p);
		return false;
	}
	note_buf(l, f, scratch, real, p, n);
	return true;
}

static bool load_structs(VmLoad *l, const VmField *f, uint8_t *scratch, uint8_t *real)
{
	for (uint32_t i = 0; i < f->count; i++) {
		Frame here = { .up = l->top, .index = i, .indexed = f->count > 1 };

		if (here.indexed)
			l->top = &here;
		if (!load_fields(l, f->sub, vm_member(f, scratch, i), vm_member(f, real, i)))
			return here.indexed ? leave(l, false) : false;
		if (here.indexed)
			l->top = here.up;
	}
	return true;
}

/* Fields and their values */

typedef struct Seen {
	uint64_t bits[VM_FIELDS_MAX / 64];
} Seen;

/* Index of the field of that name, first looked for at i; or -1. */
static int find_field(const VmDesc *d, int i, const Frame *name)
{
	int first = i;

	do {
		const VmField *f = &d->fields[i];

		if (!f->name) {
			i = 0;
			continue;
		}
		if (f->kind != VM_SKIP && !strncmp(f->name, name->name, name->len) &&
		    !f->name[name->len])
			return i;
		i++;
	} while (i != first);
	return -1;
}

/* Reads a field's name and enters its frame; its index, or -1 on error. */
static int enter_field(VmLoad *l, const VmDesc *d, int next, Seen *seen, Frame *here)
{
	size_t n = in_u16(l->in);
	const uint8_t *p;
	int i;

	*here = (Frame){ .up = l->top, .name = "" };
	l->top = here;
	if (in_ok(l->in) && n > VM_NAME_MAX)
		load_fail(l, "string of %zu bytes where at most %u are allowed", n, VM_NAME_MAX);
	p = in_take(l->in, n);
	if (p && n && memchr(p, 0, n))
		load_fail(l, "string with a NUL in it");
	if (!in_ok(l->in)) {
		l->top = here->up;
		return -1;
	}
	here->name = (const char *)p;
	here->len = n;
	i = find_field(d, next, here);
	if (i < 0)
		load_fail(l, "unknown field");
	else if (seen->bits[i / 64] >> (i % 64) & 1)
		load_fail(l, "appears twice");
	else
		seen->bits[i / 64] |= UINT64_C(1) << (i % 64);
	if (in_ok(l->in))
		return i;
	leave(l, false);
	return -1;
}

/* Reads kind and count of f, of which there are `times`; false when they are others. */
static bool check_head(VmLoad *l, const VmField *f, uint64_t times, unsigned *kind)
{
	uint32_t count;

	*kind = in_u8(l->in);
	count = in_u32(l->in);
	if (!in_ok(l->in))
		return false;
	if (*kind != (unsigned)f->kind && !(*kind == VM_WIRE_SPARSE && f->kind == VM_BUF) &&
	    !(*kind == VM_WIRE_COLUMNS && f->kind == VM_STRUCT && vm_numbers_only(f->sub)))
		return load_fail(l, "is of kind %s (%u) and should be %s", vm_kind_name(*kind),
				 *kind, vm_kind_name((unsigned)f->kind));
	if (count != f->count * times)
		return load_fail(l, "has %u elements and should have %" G_GUINT64_FORMAT, count,
				 f->count * times);
	return true;
}

/* The value of a field that the stream has not. */
static void reset_scratch(VmReady *r, const VmField *f, uint8_t *scratch, uint8_t *real)
{
	LateTimer timer = { .deadline = -1 };
	LateBuf buf = { f, scratch, real };

	switch (f->kind) {
	case VM_SKIP: break;
	case VM_STRUCT:
		for (uint32_t i = 0; i < f->count; i++)
			for (const VmField *g = f->sub->fields; g->name; g++)
				if (!g->keep)
					reset_scratch(r, g, vm_member(f, scratch, i),
						      vm_member(f, real, i));
		break;
	case VM_TIMER:
		for (uint32_t i = 0; i < f->count; i++) {
			timer.timer = vm_timer(f, real, i);
			if (timer.timer)
				g_array_append_val(r->timers, timer);
		}
		break;
	case VM_BUF:
		vm_buf_put(f, scratch, NULL, 0);
		g_array_append_val(r->bufs, buf);
		break;
	default:
		for (uint32_t i = 0; i < f->count; i++)
			vm_number_put(f, scratch, i, f->reset);
		break;
	}
}

static bool says_missing(VmLoad *l, const VmField *f)
{
	Frame here = { .up = l->top, .name = f->name, .len = strlen(f->name) };

	l->top = &here;
	return leave(l, load_fail(l, "is missing"));
}

/* Fields the stream did not have, in times structs: allowed only when they came later. */
static bool load_missing(VmLoad *l, const VmDesc *d, const Seen *seen, uint32_t version,
			 uint32_t times, uint8_t *scratch, uint8_t *real)
{
	for (int i = 0; d->fields[i].name; i++) {
		const VmField *f = &d->fields[i];

		if ((seen->bits[i / 64] >> (i % 64) & 1) || f->kind == VM_SKIP)
			continue;
		if (f->since <= version)
			return says_missing(l, f);
		for (uint32_t n = 0; !f->keep && n < times; n++)
			reset_scratch(l->ready, f, scratch + (size_t)n * d->size,
				      real + (size_t)n * d->size);
	}
	return true;
}

/* A table's version and number of fields. */
static bool load_desc(VmLoad *l, const VmDesc *d, uint32_t *version, uint16_t *n)
{
	*version = in_u32(l->in);
	*n = in_u16(l->in);
	if (!in_ok(l->in))
		return false;
	return *version <= d->version ||
	       load_fail(l, "table version %u is newer than ours, %u", *version, d->version);
}

static bool load_column(VmLoad *l, const VmField *f, const VmField *g, uint8_t *scratch)
{
	unsigned kind;

	if (!check_head(l, g, f->count, &kind))
		return false;
	for (uint32_t i = 0; i < f->count; i++)
		if (!load_numbers(l, g, vm_member(f, scratch, i)))
			return false;
	return true;
}

static bool load_columns(VmLoad *l, const VmField *f, uint8_t *scratch, uint8_t *real)
{
	const VmDesc *d = f->sub;
	Seen seen = { 0 };
	uint32_t version;
	uint16_t n;
	int next = 0;

	if (!load_desc(l, d, &version, &n))
		return false;
	for (uint16_t k = 0; k < n; k++) {
		Frame here;
		int i = enter_field(l, d, next, &seen, &here);

		if (i < 0)
			return false;
		if (!leave(l, load_column(l, f, &d->fields[i], scratch)))
			return false;
		next = i + 1;
	}
	return load_missing(l, d, &seen, version, f->count, vm_member(f, scratch, 0),
			    vm_member(f, real, 0));
}

static bool load_value(VmLoad *l, const VmField *f, uint8_t *scratch, uint8_t *real)
{
	unsigned kind;

	if (!check_head(l, f, 1, &kind))
		return false;
	switch (kind) {
	case VM_STRUCT: return load_structs(l, f, scratch, real);
	case VM_TIMER: return load_timers(l, f, real);
	case VM_BUF:
	case VM_WIRE_SPARSE: return load_buf(l, f, kind == VM_WIRE_SPARSE, scratch, real);
	case VM_WIRE_COLUMNS: return load_columns(l, f, scratch, real);
	default: return load_numbers(l, f, scratch);
	}
}

static bool load_fields(VmLoad *l, const VmDesc *d, uint8_t *scratch, uint8_t *real)
{
	Seen seen = { 0 };
	uint32_t version;
	uint16_t n;
	int next = 0;

	if (!load_desc(l, d, &version, &n))
		return false;
	for (uint16_t k = 0; k < n; k++) {
		Frame here;
		int i = enter_field(l, d, next, &seen, &here);

		if (i < 0)
			return false;
		if (!leave(l, load_value(l, &d->fields[i], scratch, real)))
			return false;
		next = i + 1;
	}
	return load_missing(l, d, &seen, version, 1, scratch, real);
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
	return ok && load_fields(l, d, scratch, real);
}

VmReady *vm_ready(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err)
{
	VmReady *r = g_new0(VmReady, 1);
	VmLoad l = { .in = in, .ready = r };
	bool ok;

	r->desc = d;
	r->real = obj;
	r->timers = g_array_new(FALSE, FALSE, sizeof(LateTimer));
	r->bufs = g_array_new(FALSE, FALSE, sizeof(LateBuf));
	r->scratch = g_try_malloc(d->size);
	if (r->scratch) {
		memcpy(r->scratch, obj, d->size);
		ok = load_root(&l, d, r->scratch, obj);
	} else {
		ok = load_fail(&l, "no memory for %u bytes", d->size);
	}
	if (!ok) {
		fail(err, "%s: %s%s%s", path, l.path ? l.path->str : "",
		     l.path && l.path->len ? ": " : "", in->error);
		vm_ready_free(r);
		r = NULL;
	}
	if (l.path)
		g_string_free(l.path, TRUE);
	return r;
}

/* Putting it in */

/* Differences become values, now that what they are taken against is there. */
static void resolve(const VmDesc *d, uint8_t *scratch)
{
	for (const VmField *f = d->fields; f->name; f++) {
		if (f->against)
			vm_number_put(f, scratch, 0,
				      (uint64_t)vm_number(f, scratch, 0) + f->against(scratch));
	}
}

static void exchange_bytes(uint8_t *a, uint8_t *b, size_t n)
{
	uint8_t tmp[256];

	for (size_t at = 0, k; at < n; at += k) {
		k = MIN(n - at, sizeof(tmp));
		memcpy(tmp, a + at, k);
		memcpy(a + at, b + at, k);
		memcpy(b + at, tmp, k);
	}
}

static void exchange_fields(const VmDesc *d, uint8_t *scratch, uint8_t *real)
{
	for (const VmField *f = d->fields; f->name; f++) {
		switch (f->kind) {
		case VM_SKIP:
		case VM_TIMER:
		case VM_BUF: break;
		case VM_STRUCT:
			for (uint32_t i = 0; i < f->count; i++)
				exchange_fields(f->sub, vm_member(f, scratch, i),
						vm_member(f, real, i));
			break;
		default:
			exchange_bytes(vm_member(f, scratch, 0), vm_member(f, real, 0),
				       (size_t)f->elem * f->count);
			break;
		}
	}
}

static void exchange_buf(const LateBuf *b)
{
	uint32_t new_len, old_len;
	uint8_t *new = vm_buf(b->field, b->scratch, &new_len);
	uint8_t *old = vm_buf(b->field, b->real, &old_len);

	vm_buf_put(b->field, b->scratch, old, old_len);
	vm_buf_put(b->field, b->real, new, new_len);
}

static void exchange_timer(LateTimer *t)
{
	int64_t old = vtimer_deadline(t->timer);

	if (t->deadline >= 0)
		vtimer_set(t->timer, t->deadline);
	else
		vtimer_cancel(t->timer);
	t->deadline = old;
}

void vm_exchange(VmReady *r)
{
	if (!r->exchanged)
		resolve(r->desc, r->scratch);
	r->exchanged = true;
	exchange_fields(r->desc, r->scratch, r->real);
	for (guint i = 0; i < r->bufs->len; i++)
		exchange_buf(&g_array_index(r->bufs, LateBuf, i));
	for (guint i = 0; i < r->timers->len; i++)
		exchange_timer(&g_array_index(r->timers, LateTimer, i));
}

void vm_ready_free(VmReady *r)
{
	uint32_t len;

	for (guint i = 0; i < r->bufs->len; i++) {
		const LateBuf *b = &g_array_index(r->bufs, LateBuf, i);

		g_free(vm_buf(b->field, b->scratch, &len));
	}
	g_array_unref(r->timers);
	g_array_unref(r->bufs);
	g_free(r->scratch);
	g_free(r);
}

bool vm_load(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err)
{
	VmReady *r = vm_ready(d, obj, in, path, err);

	if (!r)
		return false;
	vm_exchange(r);
	vm_ready_free(r);
	return true;
}

bool vm_verify(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err)
{
	VmReady *r = vm_ready(d, obj, in, path, err);

	if (r)
		vm_ready_free(r);
	return r != NULL;
}
