/*
 * Integer, branch, load/store and storage-control behaviour that neither
 * the chip vectors nor the peer show: 32-bit mode on a 64-bit CPU, carry and
 * overflow of the extended forms, strings, reservations, interrupts.
 */
#include <check.h>
#include <string.h>
#include "tests/isa/harness.h"

static Rig *rig;

static void setup(void)
{
	rig = rig_new("power9", 0);
}
static void teardown(void)
{
	rig_free(rig);
}

static void mode32(void)
{
	rig->cpu->msr &= ~MSR_SF;
	ppc_state_changed(rig->cpu);
}

static uint32_t xo(unsigned op, unsigned rt, unsigned ra, unsigned rb)
{
	return 31u << 26 | rt << 21 | ra << 16 | rb << 11 | op << 1;
}

enum { OE = 512, RC = 1 };
enum {
	ADD = 266,
	ADDC = 10,
	ADDE = 138,
	SUBFE = 136,
	NEG = 104,
	DIVDE = 425,
	DIVWEU = 395,
	ADDEX = 170
};

START_TEST(carry_by_mode)
{
	PpcCpu *c = rig->cpu;

	c->gpr[4] = 0xffffffff;
	c->gpr[5] = 1;
	rig_exec(rig, xo(ADDC, 3, 4, 5));
	ck_assert_uint_eq(c->gpr[3], UINT64_C(0x100000000));
	ck_assert_uint_eq(c->xer.ca, 0);
	ck_assert_uint_eq(c->xer.ca32, 1);
	mode32();
	rig_exec(rig, xo(ADDC, 3, 4, 5) | RC);
	ck_assert_uint_eq(c->xer.ca, 1);
	ck_assert_uint_eq(c->cr[0], 2);
	rig_exec(rig, xo(ADDE, 3, 0, 0)); /* 0 + 0 + CA */
	ck_assert_uint_eq(c->gpr[3], 1);
	ck_assert_uint_eq(c->xer.ca, 0);
}
END_TEST

START_TEST(overflow_by_mode)
{
	PpcCpu *c = rig->cpu;

	c->gpr[4] = 0x7fffffff;
	c->gpr[5] = 1;
	rig_exec(rig, xo(ADD | OE, 3, 4, 5));
	ck_assert_uint_eq(c->xer.ov, 0);
	ck_assert_uint_eq(c->xer.ov32, 1);
	ck_assert_uint_eq(c->xer.so, 0);
	mode32();
	rig_exec(rig, xo(ADD | OE, 3, 4, 5) | RC);
	ck_assert_uint_eq(c->xer.ov, 1);
	ck_assert_uint_eq(c->xer.so, 1);
	ck_assert_uint_eq(c->cr[0], 8 | 1);
	c->gpr[4] = 5;
	rig_exec(rig, xo(ADD | OE, 3, 4, 5));
	ck_assert_uint_eq(c->xer.ov, 0);
	ck_assert_uint_eq(c->xer.so, 1); /* sticks */
	c->gpr[4] = 0x80000000;
	rig_exec(rig, xo(NEG | OE, 3, 4, 0));
	ck_assert_uint_eq(c->xer.ov, 1);
}
END_TEST

START_TEST(extended_divide)
{
	PpcCpu *c = rig->cpu;
	static const struct {
		int64_t a, b, q;
		bool ov;
	} t[] = {
		{ 1, 2, INT64_MIN, true },   /* 2^63 does not fit */
		{ 1, -2, INT64_MIN, false }, /* -2^63 does */
		{ -1, 2, INT64_MIN, false },	     { 1, 4, INT64_C(1) << 62, false },
		{ -1, -4, INT64_C(1) << 62, false }, { 1, 0, 0, true },
		{ INT64_MIN, -1, 0, true },	     { 7, 7, 0, true },
	};

	for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
		c->gpr[4] = (uint64_t)t[i].a;
		c->gpr[5] = (uint64_t)t[i].b;
		rig_exec(rig, xo(DIVDE | OE, 3, 4, 5));
		ck_assert_uint_eq(c->xer.ov, t[i].ov);
		if (!t[i].ov)
			ck_assert_int_eq((int64_t)c->gpr[3], t[i].q);
	}
	c->gpr[4] = 1;
	c->gpr[5] = 3;
	rig_exec(rig, xo(DIVWEU | OE, 3, 4, 5));
	ck_assert_uint_eq(c->gpr[3], 0x55555555);
	ck_assert_uint_eq(c->xer.ov, 0);
}
END_TEST

START_TEST(addex_leaves_so)
{
	PpcCpu *c = rig->cpu;

	c->gpr[4] = UINT64_MAX;
	c->gpr[5] = 0;
	c->xer.ov = 1;
	rig_exec(rig, xo(ADDEX, 3, 4, 5));
	ck_assert_uint_eq(c->gpr[3], 0);
	ck_assert_uint_eq(c->xer.ov, 1);
	ck_assert_uint_eq(c->xer.so, 0);
	ck_assert_uint_eq(c->xer.ca, 0);
}
END_TEST

START_TEST(branches)
{
	PpcCpu *c = rig->cpu;

	c->lr = 0x20003;
	rig_exec(rig, 0x4e800021); /* blrl: the target is the old LR */
	ck_assert_uint_eq(c->nip, 0x20000);
	ck_assert_uint_eq(c->lr, RIG_CODE + 4);
	ck_assert_uint_eq(c->cfar, RIG_CODE);
	c->ctr = 2;
	rig_exec(rig, 0x4200fff0); /* bdnz .-16 */
	ck_assert_uint_eq(c->nip, RIG_CODE - 16);
	ck_assert_uint_eq(c->ctr, 1);
	rig_exec(rig, 0x4200fff0);
	ck_assert_uint_eq(c->nip, RIG_CODE + 4);
	rig_exec(rig, 0x4200fff0);
	ck_assert_uint_eq(c->ctr, UINT64_MAX);
	ck_assert_uint_eq(c->nip, RIG_CODE - 16);
	/* bcl, not taken, still links. */
	c->lr = 0;
	c->cr[0] = 0;
	rig_exec(rig, 0x41820101); /* beql .+0x100 */
	ck_assert_uint_eq(c->nip, RIG_CODE + 4);
	ck_assert_uint_eq(c->lr, RIG_CODE + 4);
	rig_exec(rig, 0x48001002 | 0x30000); /* ba */
	ck_assert_uint_eq(c->nip, 0x31000);
	/* 32-bit mode: CTR counts in its low half. */
	mode32();
	c->ctr = UINT64_C(0x100000001);
	rig_exec(rig, 0x4200fff0);
	ck_assert_uint_eq(c->nip, RIG_CODE + 4);
}
END_TEST

START_TEST(effective_address_wraps_in_32_bit_mode)
{
	PpcCpu *c = rig->cpu;

	mode32();
	memcpy(rig_ram(rig, RIG_DATA), "\x12\x34\x56\x78", 4);
	c->gpr[4] = UINT64_C(0x5ffffffff);
	c->gpr[5] = RIG_DATA + 1;
	rig_exec(rig, xo(55, 3, 4, 5)); /* lwzux r3,r4,r5 */
	ck_assert_uint_eq(c->gpr[3], 0x12345678);
	ck_assert_uint_eq(c->gpr[4], RIG_DATA);
}
END_TEST

START_TEST(strings)
{
	PpcCpu *c = rig->cpu;

	memcpy(rig_ram(rig, RIG_DATA), "abcdefghij", 10);
	c->gpr[4] = RIG_DATA;
	rig_exec(rig, xo(597, 30, 4, 10)); /* lswi r30,r4,10: r30, r31, r0 */
	ck_assert_uint_eq(c->gpr[30], 0x61626364);
	ck_assert_uint_eq(c->gpr[31], 0x65666768);
	ck_assert_uint_eq(c->gpr[0], 0x696a0000);
	c->xer.count = 7;
	c->gpr[5] = 32;
	rig_exec(rig, xo(661, 30, 4, 5)); /* stswx r30,r4,r5 */
	ck_assert_int_eq(memcmp(rig_ram(rig, RIG_DATA + 32), "abcdefg\0", 8), 0);
	rig_exec(rig, 0xbfa40040); /* stmw r29,64(r4) */
	ck_assert_int_eq(memcmp(rig_ram(rig, RIG_DATA + 68), "abcdefgh", 8), 0);
	rig_exec(rig, 0xbba40020); /* lmw r29,32(r4) */
	ck_assert_uint_eq(c->gpr[29], 0x61626364);
}
END_TEST

START_TEST(strings_need_big_endian)
{
	PpcCpu *c = rig->cpu;

	c->msr |= MSR_LE;
	ppc_state_changed(c);
	c->gpr[4] = RIG_DATA;
	rig_exec(rig, 0xbba40020);
	ck_assert_uint_eq(c->nip, 0x600);
	ck_assert_uint_eq(c->spr.SRR0, RIG_CODE);
	ck_assert_uint_eq(c->spr.DAR, RIG_DATA + 32);
}
END_TEST

START_TEST(reservations)
{
	PpcCpu *c = rig->cpu;

	c->gpr[4] = RIG_DATA;
	c->gpr[6] = 0x5555;
	rig_exec(rig, xo(150, 6, 0, 4) | RC); /* stwcx. without a reservation */
	ck_assert_uint_eq(c->cr[0], 0);
	rig_exec(rig, xo(20, 3, 0, 4)); /* lwarx */
	rig_exec(rig, xo(150, 6, 0, 4) | RC);
	ck_assert_uint_eq(c->cr[0], 2);
	ck_assert_uint_eq(ld32_be(rig_ram(rig, RIG_DATA)), 0x5555);
	rig_exec(rig, xo(150, 6, 0, 4) | RC); /* it is gone */
	ck_assert_uint_eq(c->cr[0], 0);
	c->gpr[8] = 1, c->gpr[9] = 2;
	rig_exec(rig, xo(276, 10, 0, 4)); /* lqarx r10 */
	ck_assert_uint_eq(c->gpr[10], UINT64_C(0x555500000000));
	rig_exec(rig, xo(182, 8, 0, 4) | RC); /* stqcx. r8 */
	ck_assert_uint_eq(c->cr[0], 2);
	ck_assert_uint_eq(ld64_be(rig_ram(rig, RIG_DATA)), 1);
	ck_assert_uint_eq(ld64_be(rig_ram(rig, RIG_DATA + 8)), 2);
	c->gpr[4] = RIG_DATA + 2;
	rig_exec(rig, xo(20, 3, 0, 4));
	ck_assert_uint_eq(c->nip, 0x600);
}
END_TEST

START_TEST(traps)
{
	PpcCpu *c = rig->cpu;

	c->gpr[3] = UINT64_MAX;
	rig_exec(rig, 0x0e030000); /* twlti r3,0 */
	ck_assert_uint_eq(c->nip, 0x700);
	ck_assert_uint_eq(c->spr.SRR1 & BIT64(46), BIT64(46));
	ck_assert_uint_eq(c->spr.SRR0, RIG_CODE);
	rig_exec(rig, 0x08430000); /* tdllti r3,0 */
	ck_assert_uint_eq(c->nip, RIG_CODE + 4);
}
END_TEST

START_TEST(dcbz_clears_a_line)
{
	PpcCpu *c = rig->cpu;
	uint8_t *p = rig_ram(rig, RIG_DATA);
	unsigned line = c->model->cache_line;

	memset(p, 0xee, 4 * line);
	c->gpr[4] = RIG_DATA + line + 17;
	rig_exec(rig, xo(1014, 0, 0, 4));
	ck_assert_uint_eq(p[line - 1], 0xee);
	for (unsigned i = 0; i < line; i++)
		ck_assert_uint_eq(p[line + i], 0);
	ck_assert_uint_eq(p[2 * line], 0xee);
}
END_TEST

START_TEST(atomic_memory_operations)
{
	PpcCpu *c = rig->cpu;
	uint8_t *p = rig_ram(rig, RIG_DATA);

	st32_be(p, 5);
	st32_be(p + 4, 6);
	c->gpr[4] = RIG_DATA;
	rig_exec(rig, xo(582, 3, 4, 24)); /* lwat: increment bounded */
	ck_assert_uint_eq(c->gpr[3], 5);
	ck_assert_uint_eq(ld32_be(p), 6);
	rig_exec(rig, xo(582, 3, 4, 24));
	ck_assert_uint_eq(c->gpr[3], 0x80000000);
	ck_assert_uint_eq(ld32_be(p), 6);
	c->gpr[5] = 9;
	rig_exec(rig, xo(710, 5, 4, 24)); /* stwat: store twin */
	ck_assert_uint_eq(ld32_be(p), 9);
	ck_assert_uint_eq(ld32_be(p + 4), 9);
	c->gpr[3 + 1] = RIG_DATA;
	st32_be(p, 0xfffffffe);
	c->gpr[6] = 1;
	rig_exec(rig, xo(582, 5, 4, 5)); /* maximum, signed */
	ck_assert_uint_eq(ld32_be(p), 1);
	ck_assert_uint_eq(c->gpr[5], 0xfffffffe);
	rig_exec(rig, xo(582, 5, 4, 9)); /* no such function */
	ck_assert_uint_eq(c->nip, 0x300);
	ck_assert_uint_eq(c->spr.DSISR, 4);
}
END_TEST

START_TEST(decimal)
{
	PpcCpu *c = rig->cpu;

	for (unsigned d = 0; d < 1000; d++) {
		uint64_t bcd = d / 100 << 8 | d / 10 % 10 << 4 | d % 10;

		c->gpr[4] = bcd << 12 | bcd << 44;
		rig_exec(rig, xo(314, 4, 3, 0)); /* cbcdtd r3,r4 */
		rig_exec(rig, xo(282, 3, 5, 0)); /* cdtbcd r5,r3 */
		ck_assert_uint_eq(c->gpr[5], c->gpr[4]);
	}
	c->gpr[4] = 0x999;
	rig_exec(rig, xo(314, 4, 3, 0));
	ck_assert_uint_eq(c->gpr[3], 0xff); /* 999 */
	/* addg6s corrects a decimal addition: 58 + 67 + 66.. */
	c->gpr[4] = 0x58 + UINT64_C(0x6666666666666666);
	c->gpr[5] = 0x67;
	rig_exec(rig, xo(74, 3, 4, 5));
	ck_assert_uint_eq(c->gpr[4] + c->gpr[5] - c->gpr[3], 0x125);
}
END_TEST

START_TEST(darn_repeats_in_counted_time)
{
	uint64_t a, b;

	rig_exec(rig, 0x7c6105e6); /* darn r3,1 */
	a = rig->cpu->gpr[3];
	teardown();
	setup();
	rig_exec(rig, 0x7c6105e6);
	ck_assert_uint_eq(rig->cpu->gpr[3], a);
	rig_exec(rig, 0x7c6005e6);
	b = rig->cpu->gpr[3];
	ck_assert_uint_eq(b >> 32, 0);
	rig_exec(rig, 0x7c6305e6);
	ck_assert_uint_eq(rig->cpu->gpr[3], UINT64_MAX);
}
END_TEST

Suite *suite_ex_int(void);
Suite *suite_ex_int(void)
{
	Suite *s = suite_create("ex_int");
	TCase *t = tcase_create("ex_int");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, carry_by_mode);
	tcase_add_test(t, overflow_by_mode);
	tcase_add_test(t, extended_divide);
	tcase_add_test(t, addex_leaves_so);
	tcase_add_test(t, branches);
	tcase_add_test(t, effective_address_wraps_in_32_bit_mode);
	tcase_add_test(t, strings);
	tcase_add_test(t, strings_need_big_endian);
	tcase_add_test(t, reservations);
	tcase_add_test(t, traps);
	tcase_add_test(t, dcbz_clears_a_line);
	tcase_add_test(t, atomic_memory_operations);
	tcase_add_test(t, decimal);
	tcase_add_test(t, darn_repeats_in_counted_time);
	suite_add_tcase(s, t);
	return s;
}
