/*
 * Units that leave too often for what they were made for are made again, and only those: groups of accesses whose
 * range is not to be had, and arithmetic that is called because exceptions were enabled.
 */
#include <check.h>
#include "target-ppc/fpu.h"
#include "target-ppc/unit.h"
#include "tests/unit/ppc_rig.h"
#include "tests/unit/skip.h"

/* The loop; a page with code in it, elsewhere than where the loop writes; a page without. */
enum { LOOP = 0x10000, CODED = 0x20000, PLAIN = 0x30000, FAR_OFF = 0x40000 };
enum { TURN = 4 }; /* instructions of a loop */

#define I_FADD(t, a, b) I_X(63, t, a, b, 21)

static PpcRig *rig(void)
{
	const PpcJitOptions o = { .bytes = 1 << 20, .hot = 1 };
	PpcRig *r = rig_new("power9");

	if (ppc_use_jit(r->cpu, &o, NULL))
		return r;
	test_skipped("host code: this host has none");
	rig_free(r);
	return NULL;
}

static uint64_t made(PpcRig *r)
{
	return rig_info_jit(r, "units made ");
}

static uint64_t interpreted(PpcRig *r)
{
	return rig_info_jit(r, "to interpret one instruction ");
}

/* A loop that writes two words off r6, which one look at the TLB is for; and other code, to leave it. */
static PpcRig *writing(void)
{
	const uint32_t loop[] = { I_STW(3, 0, 6), I_STW(3, 8, 6), I_ADDI(3, 3, 1), I_B(-12) };
	const uint32_t other[] = { I_ADDI(4, 4, 1), I_ADDI(4, 4, 1), I_ADDI(4, 4, 1), I_B(-12) };
	PpcRig *r = rig();

	if (!r)
		return NULL;
	rig_code(r, LOOP, loop, ARRAY_LEN(loop));
	rig_code(r, CODED, other, ARRAY_LEN(other));
	rig_code(r, FAR_OFF, other, ARRAY_LEN(other));
	rig_go(r, CODED, 100);
	rig_go(r, FAR_OFF, 100);
	r->cpu->gpr[6] = PLAIN;
	rig_go(r, LOOP, 1000 * TURN);
	ck_assert_uint_eq(interpreted(r), 0);
	return r;
}

/* So many turns that write beside code. */
static void beside_code(PpcRig *r, unsigned turns)
{
	uint32_t w;

	r->cpu->gpr[6] = CODED + 0x800;
	r->cpu->gpr[3] = 0;
	rig_go(r, LOOP, turns * TURN);
	ck_assert_uint_eq(r->cpu->gpr[3], turns);
	for (unsigned off = 0; off < 16; off += 8) {
		ck_assert(ram_ld32(r->m->ram, CODED + 0x800 + off, &w));
		ck_assert_uint_eq(w, turns - 1);
	}
}

START_TEST(a_unit_whose_ranges_are_not_to_be_had_is_made_narrow)
{
	PpcRig *r = writing();
	uint64_t units, left;

	if (!r)
		return;
	units = made(r);
	beside_code(r, 1000);
	/* A few dozen times, then never again. */
	left = rig_info_jit(r, "to interpret one instruction ");
	ck_assert_uint_lt(left, 200);
	ck_assert_uint_gt(made(r), units);
	units = made(r);
	beside_code(r, 10000);
	ck_assert_uint_eq(made(r), units);
	ck_assert_uint_le(interpreted(r), left + 2);
	rig_free(r);
}
END_TEST

/* Each time far from the last. */
START_TEST(a_unit_whose_ranges_seldom_lie_badly_stays)
{
	PpcRig *r = writing();
	uint64_t units;

	if (!r)
		return;
	beside_code(r, 1);
	units = made(r);
	for (unsigned n = 0; n < 200; n++) {
		beside_code(r, 1);
		rig_go(r, FAR_OFF, 12000);
	}
	ck_assert_uint_eq(made(r), units);
	rig_free(r);
}
END_TEST

/* f1 += f2, three times in a turn; how many of them were called. */
static uint64_t adding(PpcRig *r, uint64_t fpscr, unsigned turns)
{
	uint64_t before = 0, after = 0;

	for (unsigned i = 0; i < ppc_isa_row_count; i++)
		before += r->cpu->called[i];
	r->cpu->fpscr = fpu_summarise(fpscr);
	rig_go(r, LOOP, turns * TURN);
	for (unsigned i = 0; i < ppc_isa_row_count; i++)
		after += r->cpu->called[i];
	return after - before;
}

static PpcRig *computing(void)
{
	const uint32_t loop[] = { I_FADD(1, 1, 2), I_FADD(1, 1, 2), I_FADD(1, 1, 2), I_B(-12) };
	PpcRig *r = rig();

	if (!r)
		return NULL;
	rig_code(r, LOOP, loop, ARRAY_LEN(loop));
	ppc_set_msr(r->cpu, MSR_SF | MSR_FP);
	r->cpu->vsr[1].q = r->cpu->vsr[2].q = (u128)UINT64_C(0x3ff0000000000000) << 64;
	/* Enabled before its first run: all is called. */
	ck_assert_uint_gt(adding(r, FPSCR_ZE, 1000), 2900);
	return r;
}

START_TEST(a_unit_made_for_exceptions_is_made_again_without_them)
{
	PpcRig *r = computing();
	uint64_t units;

	if (!r)
		return;
	units = made(r);
	ck_assert_uint_gt(adding(r, 0, 500), 3 * 490);
	ck_assert_uint_eq(made(r), units);
	/* Two thousand calls are enough. */
	ck_assert_uint_lt(adding(r, 0, 5000), 1000);
	ck_assert_uint_gt(made(r), units);
	ck_assert_uint_eq(adding(r, 0, 5000), 0);
	rig_free(r);
}
END_TEST

START_TEST(a_unit_that_meets_exceptions_now_and_then_stays_made_for_them)
{
	PpcRig *r = computing();
	uint64_t units;

	if (!r)
		return;
	units = made(r);
	for (unsigned n = 0; n < 20; n++) {
		ck_assert_uint_gt(adding(r, 0, 500), 3 * 490);
		ck_assert_uint_gt(adding(r, FPSCR_ZE, 10), 3 * 5);
	}
	ck_assert_uint_eq(made(r), units);
	rig_free(r);
}
END_TEST

Suite *suite_remade(void);
Suite *suite_remade(void)
{
	Suite *s = suite_create("remade");
	TCase *t = tcase_create("remade");

	tcase_add_test(t, a_unit_whose_ranges_are_not_to_be_had_is_made_narrow);
	tcase_add_test(t, a_unit_whose_ranges_seldom_lie_badly_stays);
	tcase_add_test(t, a_unit_made_for_exceptions_is_made_again_without_them);
	tcase_add_test(t, a_unit_that_meets_exceptions_now_and_then_stays_made_for_them);
	suite_add_tcase(s, t);
	return s;
}
