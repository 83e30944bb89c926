/*
 * What becomes of code over its life: a machine that was saved tells where its hot code was, one that was loaded
 * believes it, whatever it says; and memory for code has a bound.
 */
#include <check.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/unit.h"
#include "target-ppc/warm.h"
#include "tests/unit/ppc_rig.h"

enum { AT = 0x10000, ENTRY = 12, MAX = PPC_HINTS_BYTES / ENTRY };

/* `hot` 0: an interpreter.  NULL: this host has no host code. */
static PpcRig *rig(unsigned hot, size_t budget)
{
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = hot, .budget = budget };
	PpcRig *r = rig_new("power9");

	if (hot && !ppc_use_jit(r->cpu, &o, NULL)) {
		rig_free(r);
		return NULL;
	}
	return r;
}

/* n words at AT, each of which may be jumped to: additions, and behind them a branch back. */
static void put_code(PpcRig *r, unsigned n)
{
	g_autofree uint32_t *w = g_new(uint32_t, n + 1);

	for (unsigned i = 0; i < n; i++)
		w[i] = i % 4 == 3 ? I_B(4) : I_ADDI(3, 3, 1);
	w[n] = I_B(-(int)n * 4);
	rig_code(r, AT, w, n + 1);
}

static uint64_t units(PpcRig *r)
{
	return rig_info_jit(r, "units made ");
}

static void load(PpcRig *r)
{
	GError *err = NULL;

	ck_assert_msg(ppc_cpu_type.loaded(&r->cpu->dev, &err), "%s", err ? err->message : "");
}

static void give(PpcRig *r, const void *hints, uint32_t n)
{
	g_free(r->cpu->hints);
	r->cpu->hints = g_memdup2(hints, n);
	r->cpu->hints_len = n;
	load(r);
}

/* All is dropped by a load, and nothing was there to be dropped. */
START_TEST(machine_that_was_just_loaded_runs_host_code)
{
	PpcRig *r = rig(2, 0);

	if (!r)
		return;
	put_code(r, 8);
	load(r);
	rig_go(r, AT, 1000);
	ck_assert_uint_gt(units(r), 0);
	ck_assert_uint_eq(rig_info_jit(r, "instructions "), 1000);
	rig_free(r);
}
END_TEST

START_TEST(hinted_block_is_hot_at_its_first_run)
{
	PpcRig *a = rig(2, 0), *b = rig(1000, 0), *c = rig(1000, 0);
	uint64_t hinted;

	if (!a)
		return;
	put_code(a, 8);
	put_code(b, 8);
	put_code(c, 8);
	rig_go(a, AT, 1000);
	ppc_cpu_type.saving(&a->cpu->dev);
	ck_assert_uint_gt(a->cpu->hints_len, 0);
	give(b, a->cpu->hints, a->cpu->hints_len);
	load(c);
	rig_go(b, AT, 100);
	rig_go(c, AT, 100);
	ck_assert_uint_gt(units(b), 0);
	ck_assert_uint_gt(rig_info_jit(b, "hot from the first run on "), 0);
	ck_assert_uint_eq(units(c), 0);
	ck_assert_uint_eq(b->cpu->gpr[3], c->cpu->gpr[3]);
	/* In another mode the same place is another block. */
	hinted = rig_info_jit(b, "hot from the first run on ");
	ppc_set_msr(b->cpu, ppc_msr(b->cpu) ^ MSR_FP);
	rig_go(b, AT, 100);
	ck_assert_uint_eq(rig_info_jit(b, "hot from the first run on "), hinted);
	rig_free(a);
	rig_free(b);
	rig_free(c);
}
END_TEST

/* Any length, any bytes; all the machine does is what it would have done. */
START_TEST(garbage_in_hints_changes_nothing)
{
	static const uint32_t lengths[] = { 1, 11, 12, 13, 600, PPC_HINTS_BYTES };
	uint64_t seed = 12345;

	for (unsigned i = 0; i < 3 * ARRAY_LEN(lengths); i++) {
		PpcRig *r = rig(1000, 0);
		uint32_t n = lengths[i / 3];
		g_autofree uint8_t *bytes = g_malloc(n);

		if (!r)
			return;
		for (unsigned k = 0; k < n; k++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			bytes[k] = i % 3 == 0 ? 0xff : i % 3 == 1 ? 0 : (uint8_t)(seed >> 33);
		}
		put_code(r, 8);
		give(r, bytes, n);
		r->cpu->gpr[3] = 0;
		rig_go(r, AT, 900);
		ck_assert_uint_eq(r->cpu->gpr[3], 600);
		ck_assert_uint_eq(units(r), 0);
		/* What has been said is said again, while there is room. */
		ppc_cpu_type.saving(&r->cpu->dev);
		ck_assert_uint_eq(r->cpu->hints_len, n / ENTRY * ENTRY);
		if (n >= ENTRY)
			ck_assert_mem_eq(r->cpu->hints, bytes, n / ENTRY * ENTRY);
		rig_free(r);
	}
}
END_TEST

START_TEST(interpreter_passes_hints_on)
{
	static const uint8_t hints[2 * ENTRY] = { 1, 2, 3, 4, 5 };
	PpcRig *r = rig(0, 0);

	put_code(r, 8);
	give(r, hints, sizeof(hints));
	rig_go(r, AT, 900);
	ppc_cpu_type.saving(&r->cpu->dev);
	ck_assert_uint_eq(r->cpu->hints_len, sizeof(hints));
	ck_assert_mem_eq(r->cpu->hints, hints, sizeof(hints));
	rig_free(r);
}
END_TEST

/* A unit at each of n places. */
static void many(PpcRig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++)
			rig_go(r, AT + 4 * i, 1);
}

START_TEST(hints_are_the_hottest_and_bounded)
{
	enum { N = MAX + 300, HOTTEST = MAX + 7 };
	PpcRig *r = rig(1, 0);

	if (!r)
		return;
	put_code(r, N);
	many(r, N);
	ck_assert_uint_ge(units(r), N);
	for (unsigned i = 0; i < 50; i++)
		rig_go(r, AT + 4 * HOTTEST, 1);
	ppc_cpu_type.saving(&r->cpu->dev);
	ck_assert_uint_eq(r->cpu->hints_len, MAX * ENTRY);
	ck_assert_uint_eq(ld64_be(r->cpu->hints), AT + 4 * HOTTEST);
	rig_free(r);
}
END_TEST

/* What has become a unit comes first, and of what has not there is room for all but one. */
START_TEST(old_hints_fill_what_room_there_is)
{
	g_autofree uint8_t *old = g_malloc0(PPC_HINTS_BYTES);
	PpcRig *r = rig(1, 0);

	if (!r)
		return;
	put_code(r, 8);
	for (unsigned i = 0; i < MAX; i++)
		st64_be(old + i * ENTRY, 0x400000 + 4 * i);
	give(r, old, PPC_HINTS_BYTES);
	rig_go(r, AT + 4, 1);
	rig_go(r, AT + 4, 1);
	ck_assert_uint_eq(units(r), 1);
	ppc_cpu_type.saving(&r->cpu->dev);
	ck_assert_uint_eq(r->cpu->hints_len, PPC_HINTS_BYTES);
	ck_assert_uint_eq(ld64_be(r->cpu->hints), AT + 4);
	ck_assert_mem_eq(r->cpu->hints + ENTRY, old, PPC_HINTS_BYTES - ENTRY);
	rig_free(r);
}
END_TEST

START_TEST(memory_for_code_has_a_bound)
{
	enum { N = 6000, BUDGET = 2 << 20, ONE_MORE = 64 << 10 };
	PpcRig *r = rig(1, BUDGET);

	if (!r)
		return;
	put_code(r, N);
	for (unsigned i = 0; i < N; i++) {
		rig_go(r, AT + 4 * i, 1);
		rig_go(r, AT + 4 * i, 1);
		ck_assert_uint_le(ppc_code_map(r->cpu)->code_bytes, BUDGET + ONE_MORE);
	}
	ck_assert_uint_ge(units(r), N);
	ck_assert_uint_gt(rig_info_jit(r, "arena emptied "), 0);
	/* And again afterwards. */
	many(r, 10);
	ck_assert_uint_ge(units(r), N + 10);
	rig_free(r);
}
END_TEST

START_TEST(cold_blocks_go_and_units_stay)
{
	PpcRig *r = rig(20, 0);
	uint32_t mode;
	uint64_t made;

	if (!r)
		return;
	put_code(r, 8);
	rig_go(r, AT, 2000);
	mode = r->cpu->mode;
	rig_go(r, AT + 8, 1);
	made = units(r);
	ck_assert_ptr_nonnull(ppc_block_peek(r->cpu, AT + 8, mode));
	ppc_blocks_sweep(r->cpu);
	ck_assert_ptr_null(ppc_block_peek(r->cpu, AT + 8, mode));
	ck_assert_ptr_nonnull(ppc_block_peek(r->cpu, AT, mode));
	ck_assert_ptr_nonnull(ppc_block_peek(r->cpu, AT, mode)->unit);
	r->cpu->gpr[3] = 0;
	rig_go(r, AT, 9000);
	ck_assert_uint_eq(r->cpu->gpr[3], 6000);
	ck_assert_uint_eq(units(r), made);
	rig_free(r);
}
END_TEST

Suite *suite_warm(void);
Suite *suite_warm(void)
{
	Suite *s = suite_create("warm");
	TCase *t = tcase_create("warm");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, machine_that_was_just_loaded_runs_host_code);
	tcase_add_test(t, hinted_block_is_hot_at_its_first_run);
	tcase_add_test(t, garbage_in_hints_changes_nothing);
	tcase_add_test(t, interpreter_passes_hints_on);
	tcase_add_test(t, hints_are_the_hottest_and_bounded);
	tcase_add_test(t, old_hints_fill_what_room_there_is);
	tcase_add_test(t, memory_for_code_has_a_bound);
	tcase_add_test(t, cold_blocks_go_and_units_stay);
	suite_add_tcase(s, t);
	return s;
}
