/*
 * XER[SO] in host code: units take it for 0 until it has been 1.  Loops that compare, set SO and compare again are
 * run warm with SO 0; then it becomes 1 by each kind of instruction that sets it, and the interpreter beside tells
 * what CR and XER have to be after every slice.
 */
#include <check.h>
#include "target-ppc/unit.h"
#include "tests/unit/ppc_rig.h"
#include "tests/unit/skip.h"

enum { CODE = 0x1000, TURN = 6, SPR_XER = 1 };

#define I_CMPD(bf, a, b) I_X(31, (bf) << 2 | 1, a, b, 0)
#define OE 512
#define I_ADDO(t, a, b) I_X(31, t, a, b, 266 + OE)
#define I_ADDO_(t, a, b) (I_ADDO(t, a, b) | 1)
#define I_NEGO(t, a) I_X(31, t, a, 0, 104 + OE)
#define I_MULLDO(t, a, b) I_X(31, t, a, b, 233 + OE)
#define I_DIVDEO(t, a, b) I_X(31, t, a, b, 425 + OE)
#define I_MFCR(t) I_X(31, t, 0, 0, 19)

/* What sets SO when r6 and r7 are the lowest number, r8 is XER[SO], and none when they are 0, 2 and 0. */
static const uint32_t sets[] = { I_ADDO(5, 6, 7),   I_ADDO_(5, 6, 7),	 I_NEGO(5, 6),
				 I_MULLDO(5, 6, 7), I_MTSPR(SPR_XER, 8), I_DIVDEO(5, 6, 7) };

static PpcRig *looping(uint32_t word, bool jit)
{
	const PpcJitOptions o = { .bytes = 1 << 20, .hot = 2 };
	/* A short way, and by way of another unit. */
	const uint32_t code[] = { I_CMPD(1, 3, 4), word, I_CMPD(2, 4, 3), I_B(0x40) };
	const uint32_t after[] = { I_CMPD(3, 3, 3), I_B(-0x50) };
	PpcRig *r = rig_new("power9");

	if (jit && !ppc_use_jit(r->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		rig_free(r);
		return NULL;
	}
	rig_code(r, CODE, code, ARRAY_LEN(code));
	rig_code(r, CODE + 0x4c, after, ARRAY_LEN(after));
	r->cpu->gpr[4] = 1;
	r->cpu->nip = CODE;
	return r;
}

static void operands(PpcCpu *cpu, bool overflow)
{
	cpu->gpr[6] = overflow ? INT64_MIN : 0;
	cpu->gpr[7] = overflow ? INT64_MIN : 2;
	cpu->gpr[8] = overflow ? BIT64(32) : 0;
}

static void same(const PpcCpu *a, const PpcCpu *b, unsigned n)
{
	ck_assert_uint_eq(a->nip, b->nip);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_msg(a->cr[i] == b->cr[i], "%u: cr%u %x, not %x", n, i, a->cr[i],
			      b->cr[i]);
	ck_assert_uint_eq(a->xer.so, b->xer.so);
	ck_assert_uint_eq(a->xer.ov, b->xer.ov);
	ck_assert_uint_eq(a->gpr[5], b->gpr[5]);
}

static void both(PpcRig *r, PpcRig *truth, bool overflow, unsigned n)
{
	operands(r->cpu, overflow);
	operands(truth->cpu, overflow);
	rig_run(r, n);
	rig_run(truth, n);
	same(r->cpu, truth->cpu, n);
}

/* The first time, after which units are others; and later ones. */
static void overflow_after(uint32_t word, unsigned turns, unsigned n)
{
	PpcRig *r = looping(word, true), *truth = looping(word, false);

	for (unsigned i = 0; r && i < 20; i++)
		both(r, truth, false, 4 * TURN);
	if (r) {
		ck_assert(!r->cpu->so);
		both(r, truth, true, turns * TURN + n);
		both(r, truth, false, 4 * TURN);
		ck_assert(r->cpu->so);
		r->cpu->xer.so = truth->cpu->xer.so = 0;
		for (unsigned i = 0; i < 20; i++)
			both(r, truth, i > 10, 4 * TURN + n);
		ck_assert_uint_gt(ppc_units_stats(r->cpu)->done, 500);
		rig_free(r);
	}
	rig_free(truth);
}

START_TEST(overflow_is_seen_by_all_code_behind_it)
{
	for (unsigned turns = 1; turns < 3; turns++)
		for (unsigned n = 0; n < TURN; n++)
			overflow_after(sets[_i], turns, n);
}
END_TEST

Suite *suite_so(void);
Suite *suite_so(void)
{
	Suite *s = suite_create("so");
	TCase *tc = tcase_create("so");

	tcase_add_loop_test(tc, overflow_is_seen_by_all_code_behind_it, 0, ARRAY_LEN(sets));
	suite_add_tcase(s, tc);
	return s;
}
