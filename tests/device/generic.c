#include "tests/device/generic.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "core/vmfield.h"

#define RAM_SIZE (16u << 20)
/* Bytes of state that a test loads altogether: large devices get fewer tries. */
#define BUDGET (30u << 20)

/* Of the suites made so far, one after the other: loop tests know only a number. */
static GenericCase cases[256];
static unsigned ncases;

Machine *generic_machine(void)
{
	Machine *m = machine_new("generic", loop_new(),
				 vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));

	m->ram = ram_new(RAM_SIZE, NULL);
	m->bus = bus_new(m->ram);
	return m;
}

static unsigned tries(guint len)
{
	return CLAMP(BUDGET / MAX(len, 1), 20, 600);
}

typedef struct Bench {
	const GenericCase *c;
	const DeviceType *type;
	Machine *m;
	Device *d;
} Bench;

/* The device, realized and reset, with the machine lock held. */
static Bench bench_new(int i, bool exercise)
{
	Bench b = { .c = &cases[i], .type = cases[i].type, .m = generic_machine() };
	GError *err = NULL;

	srandom((unsigned)i + 1);
	b.d = device_new(b.type, b.m, "/device");
	if (b.c->prepare)
		b.c->prepare(b.m, b.d);
	ck_assert_msg(device_realize(b.d, &err), "%s: %s", b.type->name,
		      err ? err->message : "no reason given");
	machine_lock(b.m);
	machine_reset(b.m);
	if (exercise && b.c->exercise)
		b.c->exercise(b.m, b.d);
	return b;
}

static void bench_free(Bench *b)
{
	machine_unlock(b->m);
	machine_free(b->m);
}

static GByteArray *saved(const Bench *b)
{
	OutStream o;

	out_init(&o);
	vm_save(b->type->state, b->d, &o);
	return o.buf;
}

static bool load(const Bench *b, const void *p, size_t n, GError **err)
{
	InStream in;
	bool ok;

	in_init(&in, p, n);
	ok = vm_load(b->type->state, b->d, &in, b->d->path, err);
	in_free(&in);
	return ok;
}

static bool loaded(const Bench *b, GError **err)
{
	return !b->type->loaded || b->type->loaded(b->d, err);
}

/* Puts known good state back; the device must take it. */
static void load_good(const Bench *b, const GByteArray *good)
{
	GError *err = NULL;

	ck_assert_msg(load(b, good->data, good->len, &err) && loaded(b, &err),
		      "%s: refuses its own state: %s", b->type->name, err ? err->message : "?");
}

static void same_state(const Bench *b, const GByteArray *want, const char *when)
{
	GByteArray *now = saved(b);

	ck_assert_msg(now->len == want->len && !memcmp(now->data, want->data, now->len),
		      "%s: state differs %s", b->type->name, when);
	g_byte_array_unref(now);
}

/* Where the numbers are in saved state. */
typedef struct Span {
	uint32_t at, size;
	VmKind kind;
	bool keep;
} Span;

static uint32_t wire_size(VmKind kind)
{
	switch (kind) {
	case VM_U8:
	case VM_I8:
	case VM_BOOL: return 1;
	case VM_U16:
	case VM_I16: return 2;
	case VM_U32:
	case VM_I32: return 4;
	case VM_U128: return 16;
	default: return 8;
	}
}

/* Past a buffer, whole or in pieces. */
static void skip_buffer(const uint8_t *p, uint32_t *at, bool sparse)
{
	uint32_t n = ld32_be(p + *at);

	*at += 4;
	if (!sparse) {
		*at += n;
		return;
	}
	n = ld32_be(p + *at);
	*at += 4;
	while (n--)
		*at += 8 + ld32_be(p + *at + 4);
}

/* `times` structs of d, by columns when there is more than one. */
static void find_spans(const VmDesc *d, const uint8_t *p, uint32_t *at, uint32_t times, bool keep,
		       GArray *spans)
{
	*at += 6; /* version, number of fields */
	for (const VmField *f = d->fields; f->name; f++) {
		uint32_t count = f->count * times;
		uint8_t form;

		if (f->kind == VM_SKIP)
			continue;
		*at += 2 + (uint32_t)strlen(f->name);
		form = p[*at];
		*at += 1 + 4;
		if (form == VM_WIRE_COLUMNS) {
			find_spans(f->sub, p, at, count, keep || f->keep, spans);
			continue;
		}
		for (uint32_t i = 0; i < count; i++) {
			Span s = { *at, wire_size(f->kind), f->kind, keep || f->keep };

			if (f->kind == VM_STRUCT) {
				find_spans(f->sub, p, at, 1, s.keep, spans);
			} else if (f->kind == VM_BUF) {
				skip_buffer(p, at, form == VM_WIRE_SPARSE);
			} else {
				g_array_append_val(spans, s);
				*at += s.size;
			}
		}
	}
}

static GArray *spans_of(const Bench *b, const GByteArray *bytes)
{
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(Span));
	uint32_t at = 2 + (uint32_t)strlen(b->type->state->name);

	find_spans(b->type->state, bytes->data, &at, 1, false, spans);
	ck_assert_uint_eq(at, bytes->len);
	return spans;
}

static uint64_t random64(void)
{
	return (uint64_t)random() << 62 ^ (uint64_t)random() << 31 ^ (uint64_t)random();
}

/* A value of the kind: often an extreme or small one. */
static void randomise(uint8_t *p, const Span *s)
{
	for (uint32_t i = 0; i < s->size; i++)
		p[i] = (uint8_t)random();
	switch (random() % 4) {
	case 0:
		memset(p, 0, s->size);
		p[s->size - 1] = (uint8_t)(random() % 20);
		break;
	case 1: memset(p, 0xff, s->size); break;
	default: break;
	}
	if (s->kind == VM_BOOL)
		*p = random() & 1;
	else if (s->kind == VM_TIMER)
		st64_be(p, random() & 1 ? UINT64_MAX : random64() >> 1);
}

START_TEST(table_covers_the_struct)
{
	const DeviceType *type = cases[_i].type;
	GError *err = NULL;

	ck_assert_ptr_nonnull(type->state);
	ck_assert_msg(type->state->size == type->size, "%s: table of %u bytes, struct of %u",
		      type->name, type->state->size, type->size);
	ck_assert_msg(vm_check_coverage(type->state, &err), "%s", err ? err->message : "");
}
END_TEST

/* Every number of the table that reset must set has its reset value. */
static void check_reset(const char *who, const VmDesc *d, const uint8_t *obj)
{
	for (const VmField *f = d->fields; f->name; f++) {
		if (f->keep || f->kind == VM_SKIP || f->kind == VM_TIMER || f->kind == VM_BUF)
			continue;
		for (uint32_t i = 0; i < f->count; i++) {
			const uint8_t *p = obj + f->offset + (size_t)i * f->elem;

			if (f->kind == VM_STRUCT)
				check_reset(who, f->sub, p);
			else
				ck_assert_msg(!memcmp(p, &f->reset, MIN(f->elem, 8)),
					      "%s: %s[%u] is not reset", who, f->name, i);
		}
	}
}

START_TEST(reset_forgets_everything)
{
	Bench b = bench_new(_i, false);
	GByteArray *fresh = saved(&b), *wild = saved(&b);
	GArray *spans = spans_of(&b, fresh);

	if (!HOST_BE && !b.type->reset)
		check_reset(b.type->name, b.type->state, (const uint8_t *)b.d);
	for (int try = 0; try < 20; try++) {
		for (guint i = 0; i < spans->len; i++) {
			const Span *s = &g_array_index(spans, Span, i);

			if (!s->keep)
				randomise(wild->data + s->at, s);
		}
		ck_assert(load(&b, wild->data, wild->len, NULL));
		machine_reset(b.m);
		same_state(&b, fresh, "after a reset");
	}
	g_array_unref(spans);
	g_byte_array_unref(fresh);
	g_byte_array_unref(wild);
	bench_free(&b);
}
END_TEST

/* Random accesses; the device may do what it likes, as long as it lives. */
static void poke(const Bench *b, int accesses)
{
	const BusOps *ops = b->type->mmio;
	unsigned min, max, size;
	uint64_t at;

	if (!ops || !b->type->mmio_size)
		return;
	min = ops->min ? ops->min : 1;
	max = ops->max ? ops->max : 8;
	for (int i = 0; i < accesses; i++) {
		do
			size = 1u << random() % 4;
		while (size < min || size > max || size > b->type->mmio_size);
		at = random64() % (b->type->mmio_size / size) * size;
		if (random() & 1)
			at = at % 4096 / size * size % b->type->mmio_size;
		if (random() & 1 && ops->write)
			ops->write(b->d, at, random() & 1 ? random64() : (uint64_t)random() % 256,
				   size);
		else if (ops->read)
			ops->read(b->d, at, size);
	}
}

START_TEST(what_is_saved_loads)
{
	Bench b = bench_new(_i, true);
	GByteArray *good = saved(&b), *wild = saved(&b);
	GArray *spans = spans_of(&b, good);
	GError *err = NULL;

	load_good(&b, good);
	for (unsigned try = 0; try < tries(good->len) && spans->len; try++) {
		memcpy(wild->data, good->data, good->len);
		for (long n = 1 + random() % 4; n > 0; n--) {
			const Span *s = &g_array_index(spans, Span, (guint)random() % spans->len);

			randomise(wild->data + s->at, s);
		}
		ck_assert_msg(load(&b, wild->data, wild->len, &err), "%s", err ? err->message : "");
		same_state(&b, wild, "after a load");
		if (loaded(&b, &err)) {
			poke(&b, 50);
		} else {
			ck_assert_msg(err != NULL, "%s: refused without a reason", b.type->name);
			g_clear_error(&err);
		}
		load_good(&b, good);
		same_state(&b, good, "after going back");
	}
	g_array_unref(spans);
	g_byte_array_unref(good);
	g_byte_array_unref(wild);
	bench_free(&b);
}
END_TEST

START_TEST(damaged_state_is_refused)
{
	Bench b = bench_new(_i, true);
	GByteArray *good = saved(&b);
	bool all = good->len <= tries(good->len);
	guint n = all ? good->len : tries(good->len);

	for (guint k = 0; k < n; k++) {
		guint at = all ? k : (guint)(random64() % good->len);
		uint8_t *cut = g_memdup2(good->data, at);
		GError *err = NULL;
		uint8_t bad;

		ck_assert_msg(!load(&b, cut, at, &err), "%s: loads %u of %u bytes", b.type->name,
			      at, good->len);
		g_clear_error(&err);
		same_state(&b, good, "after a load that was cut off");
		g_free(cut);
		bad = good->data[at] ^ (uint8_t)(1 << random() % 8);
		cut = g_memdup2(good->data, good->len);
		cut[at] = bad;
		if (load(&b, cut, good->len, &err)) {
			/* it was in a value, which only the device can judge */
			if (loaded(&b, &err))
				poke(&b, 5);
			load_good(&b, good);
		}
		g_clear_error(&err);
		g_free(cut);
		same_state(&b, good, "after a damaged load");
	}
	g_byte_array_unref(good);
	bench_free(&b);
}
END_TEST

START_TEST(random_registers)
{
	Bench b = bench_new(_i, true);
	GByteArray *after;

	for (int round = 0; round < 10; round++) {
		poke(&b, 5000);
		after = saved(&b);
		load_good(&b, after);
		same_state(&b, after, "after saving and loading in mid-work");
		g_byte_array_unref(after);
		vclock_warp(b.m->clock, vclock_now(b.m->clock) + random() % 100000000);
		vclock_run_timers(b.m->clock);
		if (round & 1)
			machine_reset(b.m);
	}
	bench_free(&b);
}
END_TEST

Suite *generic_suite(const char *name, const GenericCase *list, unsigned n)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create("generic");
	int from = (int)ncases, to = (int)(ncases + n);

	if (ncases + n > ARRAY_LEN(cases))
		bug("too many generic cases");
	memcpy(cases + ncases, list, n * sizeof(*list));
	ncases += n;
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, table_covers_the_struct, from, to);
	tcase_add_loop_test(tc, reset_forgets_everything, from, to);
	tcase_add_loop_test(tc, what_is_saved_loads, from, to);
	tcase_add_loop_test(tc, damaged_state_is_refused, from, to);
	tcase_add_loop_test(tc, random_registers, from, to);
	suite_add_tcase(s, tc);
	return s;
}
