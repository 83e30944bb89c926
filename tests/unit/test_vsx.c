/*
 * VSX on a POWER9 in real mode: element order of loads and stores, facilities,
 * permutes, the FPSCR of scalar and vector forms, conversions, quad precision.
 * Each row against another implementation over random operands: tests/isa.
 */
#include <check.h>
#include <string.h>
#include "target-ppc/fpu.h"
#include "tests/unit/ppc_rig.h"

enum { CODE = 0x2000, DATA = 0x4000 };

#define ONE UINT64_C(0x3ff0000000000000)
#define TWO UINT64_C(0x4000000000000000)
#define THREE UINT64_C(0x4008000000000000)
#define MINUS(v) ((v) | BIT64(0))
#define INF UINT64_C(0x7ff0000000000000)
#define QNAN UINT64_C(0x7ff8000000000000)
#define SNAN UINT64_C(0x7ff4000000000000)

static PpcRig *rig;

static void setup(void)
{
	rig = rig_new("power9");
}

static void teardown(void)
{
	rig_free(rig);
}

static u128 q(uint64_t hi, uint64_t lo)
{
	return (u128)hi << 64 | lo;
}
static void set(unsigned n, uint64_t hi, uint64_t lo)
{
	rig->cpu->vsr[n].q = q(hi, lo);
}
static uint8_t *ram(uint64_t pa)
{
	return rig->m->ram->host + pa;
}

#define ck_vsr(n, hi, lo)                                                                          \
	do {                                                                                       \
		ck_assert_uint_eq((uint64_t)(rig->cpu->vsr[n].q >> 64), hi);                       \
		ck_assert_uint_eq((uint64_t)rig->cpu->vsr[n].q, lo);                               \
	} while (0)

/* Runs one word through the decoder and the run loop. */
static void step(uint32_t word)
{
	if (rig->cpu->le)
		word = bswap32(word);
	rig_code(rig, CODE, &word, 1);
	rig_go(rig, CODE, 1);
}

/* Runs a word that must complete. */
static void run(uint32_t word)
{
	step(word);
	ck_assert_msg(rig->cpu->nip == CODE + 4, "%08x went to %#llx", word,
		      (unsigned long long)rig->cpu->nip);
}

/* ... and one that must end in an interrupt. */
static void faults(uint32_t word, uint64_t msr, uint64_t vector)
{
	ppc_set_msr(rig->cpu, MSR_SF | MSR_ME | msr);
	step(word);
	ck_assert_msg(rig->cpu->nip == vector, "%08x went to %#llx", word,
		      (unsigned long long)rig->cpu->nip);
}

/* Instruction words; VSRs 32-63 are the Vector Registers. */
static uint32_t regs(unsigned po, unsigned t, unsigned a, unsigned b)
{
	return (uint32_t)po << 26 | (t & 31) << 21 | (a & 31) << 16 | (b & 31) << 11;
}

static uint32_t mem(unsigned xo, unsigned t, unsigned ra, unsigned rb)
{
	return regs(31, t, ra, rb) | xo << 1 | t >> 5;
}

static uint32_t xx3(unsigned xo, unsigned t, unsigned a, unsigned b)
{
	return regs(60, t, a, b) | xo << 3 | a >> 5 << 2 | b >> 5 << 1 | t >> 5;
}

static uint32_t xx2(unsigned xo, unsigned t, unsigned field, unsigned b)
{
	return regs(60, t, field, b) | xo << 2 | b >> 5 << 1 | t >> 5;
}

static uint32_t quad(unsigned xo, unsigned t, unsigned a, unsigned b)
{
	return regs(63, t, a, b) | xo << 1;
}

static uint32_t lxv(unsigned t, unsigned ra, unsigned d)
{
	return regs(61, t, ra, 0) | d | t >> 5 << 3 | 1;
}

enum { ODD = 1, RC = 1 << 10 };
enum {
	LXVD2X = 844,
	LXVW4X = 780,
	LXVH8X = 812,
	LXVB16X = 876,
	LXVX = 268,
	LXVL = 269,
	LXVLL = 301,
	LXVDSX = 332,
	LXVWSX = 364,
	LXSIWAX = 76,
	LXSIWZX = 12,
	LXSSPX = 524,
	LXSIBZX = 781,
	LXSIHZX = 813,
	STXVD2X = 972,
	STXVW4X = 908,
	STXVH8X = 940,
	STXVB16X = 1004,
	STXVX = 396,
	STXVL = 397,
	STXVLL = 429,
	STXSSPX = 652,
	STXSIBX = 909,
	STXSIHX = 941,
	STXSIWX = 140,
	MFVSRD = 51,
	MFVSRLD = 307,
	MTVSRD = 179,
	MTVSRWA = 211,
	MTVSRDD = 435,
	MTVSRWS = 403,
};

/* ---- Storage ---- */

static void little_endian(void)
{
	ppc_set_msr(rig->cpu, MSR_SF | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX | MSR_LE);
	ck_assert(rig->cpu->le);
}

static void count_up(void)
{
	for (unsigned i = 0; i < 64; i++)
		*ram(DATA + i) = (uint8_t)i;
	rig->cpu->gpr[4] = DATA;
}

typedef struct Order {
	unsigned load, store;
	uint64_t hi, lo; /* what a little-endian load of bytes 0, 1 ... 15 gives */
} Order;

static const Order orders[] = {
	{ LXVX, STXVX, 0x0f0e0d0c0b0a0908, 0x0706050403020100 },
	{ LXVD2X, STXVD2X, 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	{ LXVW4X, STXVW4X, 0x0302010007060504, 0x0b0a09080f0e0d0c },
	{ LXVH8X, STXVH8X, 0x0100030205040706, 0x09080b0a0d0c0f0e },
	{ LXVB16X, STXVB16X, 0x0001020304050607, 0x08090a0b0c0d0e0f },
};

START_TEST(elements_in_storage)
{
	const Order *o = &orders[_i / 2];

	if (_i & 1)
		little_endian();
	count_up();
	run(mem(o->load, 40, 0, 4));
	if (_i & 1)
		ck_vsr(40, o->hi, o->lo);
	else
		ck_vsr(40, 0x0001020304050607, 0x08090a0b0c0d0e0f);
	/* The store is the load's mirror, also where it crosses a page. */
	rig->cpu->gpr[5] = 0xffb;
	run(mem(o->store, 40, 4, 5));
	ck_assert_mem_eq(ram(DATA + 0xffb), ram(DATA), 16);
	run(mem(o->load, 3, 4, 5));
	ck_assert(rig->cpu->vsr[3].q == rig->cpu->vsr[40].q);
}
END_TEST

START_TEST(displacement_forms_reach_both_halves)
{
	count_up();
	run(lxv(9, 4, 16));
	ck_vsr(9, 0x1011121314151617, 0x18191a1b1c1d1e1f);
	run(lxv(41, 4, 32));
	ck_vsr(41, 0x2021222324252627, 0x28292a2b2c2d2e2f);
	run(lxv(41, 4, 0) | 4); /* stxv */
	ck_assert_uint_eq(*ram(DATA), 0x20);
	set(34, TWO, ~UINT64_C(0));
	run(regs(61, 2, 4, 0) | 8 | 2); /* stxsd v2,8(r4) */
	run(regs(57, 3, 4, 0) | 8 | 2); /* lxsd v3 */
	ck_vsr(35, TWO, 0);
	run(regs(61, 2, 4, 0) | 8 | 3); /* stxssp v2,8(r4) */
	run(regs(57, 4, 4, 0) | 8 | 3); /* lxssp v4 */
	ck_vsr(36, TWO, 0);
	ck_assert_uint_eq(*ram(DATA + 8), 0x40);
	ck_assert_uint_eq(*ram(DATA + 9), 0);
}
END_TEST

START_TEST(loads_with_length)
{
	count_up();
	rig->cpu->gpr[5] = UINT64_C(5) << 56 | 0x123456;
	run(mem(LXVL, 1, 4, 5));
	ck_vsr(1, 0x0001020304000000, 0);
	run(mem(LXVLL, 2, 4, 5));
	ck_vsr(2, 0x0001020304000000, 0);
	little_endian();
	run(mem(LXVL, 1, 4, 5));
	ck_vsr(1, 0, 0x0000000403020100);
	run(mem(LXVLL, 2, 4, 5));
	ck_vsr(2, 0x0001020304000000, 0);
	rig->cpu->gpr[4] = DATA + 32;
	run(mem(STXVL, 1, 4, 5));
	ck_assert_mem_eq(ram(DATA + 32), ram(DATA), 5);
	ck_assert_uint_eq(*ram(DATA + 37), 37);
	rig->cpu->gpr[5] = UINT64_C(255) << 56; /* above 16 is 16 */
	rig->cpu->gpr[4] = DATA;
	run(mem(LXVL, 1, 4, 5));
	ck_vsr(1, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
	/* Length 0 touches no storage, wherever it points. */
	rig->cpu->gpr[5] = 0;
	rig->cpu->gpr[4] = UINT64_C(0x0123456789abcdef);
	run(mem(LXVL, 1, 4, 5));
	ck_vsr(1, 0, 0);
	run(mem(STXVLL, 1, 4, 5));
}
END_TEST

START_TEST(scalars_in_storage)
{
	count_up();
	*ram(DATA) = 0x80;
	set(7, 1, 1);
	run(mem(LXSIWAX, 7, 0, 4));
	ck_vsr(7, 0xffffffff80010203, 0);
	run(mem(LXSIWZX, 7, 0, 4));
	ck_vsr(7, 0x80010203, 0);
	run(mem(LXSIHZX, 7, 0, 4));
	ck_vsr(7, 0x8001, 0);
	run(mem(LXSIBZX, 7, 0, 4));
	ck_vsr(7, 0x80, 0);
	run(mem(LXVDSX, 7, 0, 4));
	ck_vsr(7, 0x8001020304050607, 0x8001020304050607);
	run(mem(LXVWSX, 7, 0, 4));
	ck_vsr(7, 0x8001020380010203, 0x8001020380010203);
	/* A single's denormal becomes a normal double, and back. */
	memcpy(ram(DATA), "\x00\x00\x00\x01", 4);
	run(mem(LXSSPX, 7, 0, 4));
	ck_vsr(7, 0x36a0000000000000, 0);
	rig->cpu->gpr[4] = DATA + 8;
	run(mem(STXSSPX, 7, 0, 4));
	ck_assert_mem_eq(ram(DATA + 8), "\x00\x00\x00\x01", 4);
	set(8, 0x1122334455667788, 0);
	run(mem(STXSIWX, 8, 0, 4));
	ck_assert_mem_eq(ram(DATA + 8), "\x55\x66\x77\x88\x0c", 5);
	run(mem(STXSIHX, 8, 0, 4));
	ck_assert_mem_eq(ram(DATA + 8), "\x77\x88\x77\x88", 4);
	run(mem(STXSIBX, 8, 0, 4));
	ck_assert_mem_eq(ram(DATA + 8), "\x88\x88\x77\x88", 4);
}
END_TEST

START_TEST(moves)
{
	PpcCpu *cpu = rig->cpu;

	cpu->gpr[5] = 0x1122334485667788;
	cpu->gpr[0] = 7;
	run(mem(MTVSRD, 50, 5, 0));
	ck_vsr(50, 0x1122334485667788, 0);
	run(mem(MTVSRWA, 50, 5, 0));
	ck_vsr(50, 0xffffffff85667788, 0);
	run(mem(MTVSRWS, 50, 5, 0));
	ck_vsr(50, 0x8566778885667788, 0x8566778885667788);
	run(mem(MTVSRDD, 50, 0, 5)); /* RA = 0 is zero, not r0 */
	ck_vsr(50, 0, 0x1122334485667788);
	run(mem(MFVSRLD, 50, 6, 0));
	ck_assert_uint_eq(cpu->gpr[6], 0x1122334485667788);
	run(mem(MFVSRD, 50, 6, 0));
	ck_assert_uint_eq(cpu->gpr[6], 0);
}
END_TEST

START_TEST(facilities)
{
	const uint64_t fp = MSR_FP, vec = MSR_VEC, all = MSR_FP | MSR_VEC | MSR_VSX;

	rig->cpu->gpr[4] = DATA;
	faults(mem(LXVD2X, 1, 0, 4), fp | vec, PPC_V_VSX);
	faults(mem(LXVD2X, 33, 0, 4), fp | vec, PPC_V_VSX);
	faults(mem(LXVX, 1, 0, 4), fp | vec, PPC_V_VSX);
	faults(mem(LXVX, 33, 0, 4), vec, CODE + 4);
	faults(mem(LXVX, 33, 0, 4), all & ~vec, PPC_V_VEC);
	faults(lxv(33, 4, 0), all & ~vec, PPC_V_VEC);
	faults(mem(MTVSRD, 1, 4, 0), fp, CODE + 4);
	faults(mem(MTVSRD, 1, 4, 0), all & ~fp, PPC_V_FPU);
	faults(mem(MTVSRD, 33, 4, 0), vec, CODE + 4);
	faults(mem(MTVSRD, 33, 4, 0), all & ~vec, PPC_V_VEC);
	faults(regs(57, 3, 4, 0) | 2, all & ~vec, PPC_V_VEC); /* lxsd */
	faults(quad(4, 1, 2, 3), fp | vec, PPC_V_VSX);
}
END_TEST

START_TEST(versions)
{
	teardown();
	rig = rig_new("power8");
	rig->cpu->gpr[4] = DATA;
	run(xx3(0, 1, 2, 3)); /* xsaddsp */
	run(mem(LXVD2X, 1, 0, 4));
	faults(mem(LXVX, 1, 0, 4), MSR_FP | MSR_VEC | MSR_VSX, PPC_V_PROGRAM);
	faults(quad(4, 1, 2, 3), MSR_FP | MSR_VEC | MSR_VSX, PPC_V_PROGRAM);
	faults(xx3(3, 1, 2, 3), MSR_FP | MSR_VEC | MSR_VSX, PPC_V_PROGRAM); /* xscmpeqdp */
}
END_TEST

/* ---- Permutes ---- */

START_TEST(permutes)
{
	set(1, 0x0001020304050607, 0x08090a0b0c0d0e0f);
	set(34, 0x1011121314151617, 0x18191a1b1c1d1e1f);
	run(xx3(10 | 1 << 5, 3, 1, 34)); /* xxpermdi, DM = 1 */
	ck_vsr(3, 0x0001020304050607, 0x18191a1b1c1d1e1f);
	run(xx3(10 | 2 << 5, 1, 1, 1)); /* xxswapd in place */
	ck_vsr(1, 0x08090a0b0c0d0e0f, 0x0001020304050607);
	run(xx3(10 | 2 << 5, 1, 1, 1));
	run(xx3(2 | 3 << 5, 3, 1, 34)); /* xxsldwi by 3 */
	ck_vsr(3, 0x0c0d0e0f10111213, 0x1415161718191a1b);
	run(xx3(18, 3, 1, 34)); /* xxmrghw */
	ck_vsr(3, 0x0001020310111213, 0x0405060714151617);
	run(xx3(50, 3, 1, 34)); /* xxmrglw */
	ck_vsr(3, 0x08090a0b18191a1b, 0x0c0d0e0f1c1d1e1f);
	set(3, 0x1011121314151617, 0x18191a1b1c1d1e1f);
	set(4, 0x1f10000f1e01021d, 0xe3ffffffffffffff);
	run(xx3(26, 3, 1, 4)); /* xxperm: XA || XT */
	ck_vsr(3, 0x1f10000f1e01021d, 0x031f1f1f1f1f1f1f);
	set(3, 0x1011121314151617, 0x18191a1b1c1d1e1f);
	run(xx3(58, 3, 1, 4)); /* xxpermr counts from the right */
	ck_vsr(3, 0x000f1f10011e1d02, 0x1c00000000000000);
	run(xx2(164, 3, 2, 34)); /* xxspltw */
	ck_vsr(3, 0x18191a1b18191a1b, 0x18191a1b18191a1b);
	run(xx2(165, 3, 3, 1)); /* xxextractuw at byte 3 */
	ck_vsr(3, 0x03040506, 0);
	run(xx2(181, 3, 12, 34)); /* xxinsertw: word 1 to byte 12 */
	ck_vsr(3, 0x03040506, 0x14151617);
	run(xx2(475, 3, 23, 1)); /* xxbrd */
	ck_vsr(3, 0x0706050403020100, 0x0f0e0d0c0b0a0908);
	run(xx2(475, 3, 31, 1)); /* xxbrq */
	ck_vsr(3, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
	set(5, 0x00ff00ff00ff00ff, 0);
	run(regs(60, 3, 1, 34 & 31) | 5 << 6 | 3 << 4 | 2); /* xxsel 3,1,34,5 */
	ck_vsr(3, 0x0011021304150617, 0x08090a0b0c0d0e0f);
	run(regs(60, 3, 0xa5 >> 5, 0xa5 & 31) | 360 << 1); /* xxspltib */
	ck_vsr(3, 0xa5a5a5a5a5a5a5a5, 0xa5a5a5a5a5a5a5a5);
}
END_TEST

/* ---- Scalar floating point ---- */

START_TEST(scalar_results_and_fpscr)
{
	PpcCpu *cpu = rig->cpu;

	set(1, ONE, 99);
	set(2, 0x3c30000000000000, 99); /* 2^-60 */
	set(3, 99, 99);
	run(xx3(32, 3, 1, 2)); /* xsadddp */
	ck_vsr(3, ONE, 0);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_XX | FPSCR_FI | 0x4000);
	cpu->fpscr = SF_RM_UP;
	run(xx3(32, 3, 1, 2));
	ck_vsr(3, ONE + 1, 0);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_XX | FPSCR_FR | FPSCR_FI | 0x4002);
	run(xx3(0, 3, 1, 2)); /* xsaddsp rounds to single once */
	ck_vsr(3, 0x3ff0000020000000, 0);
	/* Negation comes after rounding: 1 + 2^-60 up, then negated. */
	set(4, ONE, 0);
	set(3, 0x3c30000000000000, 0);
	run(xx3(161, 3, 1, 4)); /* xsnmaddadp: -(1 * 1 + 2^-60) */
	ck_vsr(3, MINUS(ONE + 1), 0);
	/* M form: XA * XT + XB. */
	cpu->fpscr = 0;
	set(1, THREE, 0);
	set(2, ONE, 0);
	set(3, TWO, 0);
	run(xx3(41, 3, 1, 2));		  /* xsmaddmdp */
	ck_vsr(3, 0x401c000000000000, 0); /* 7 */
	set(3, TWO, 0);
	run(xx3(33, 3, 1, 2));		  /* xsmaddadp */
	ck_vsr(3, 0x4014000000000000, 0); /* 5 */
	/* An enabled zero divide keeps the target. */
	cpu->fpscr = FPSCR_ZE;
	set(2, 0, 0);
	run(xx3(56, 3, 1, 2)); /* xsdivdp */
	ck_vsr(3, 0x4014000000000000, 0);
	ck_assert(cpu->fpscr & FPSCR_FEX);
	ck_assert(cpu->fpscr & FPSCR_ZX);
}
END_TEST

START_TEST(maxima_of_three_kinds)
{
	set(1, QNAN, 0);
	set(2, ONE, 0);
	set(4, MINUS(0), 0);
	set(5, 0, 0);
	run(xx3(160, 3, 1, 2)); /* xsmaxdp: the number */
	ck_vsr(3, ONE, 0);
	run(xx3(128, 3, 2, 1)); /* xsmaxcdp: the second */
	ck_vsr(3, QNAN, 0);
	run(xx3(128, 3, 1, 2));
	ck_vsr(3, ONE, 0);
	run(xx3(144, 3, 1, 2)); /* xsmaxjdp: the NaN */
	ck_vsr(3, QNAN, 0);
	run(xx3(128, 3, 5, 4)); /* type C: 0 > -0 is false */
	ck_vsr(3, MINUS(0), 0);
	run(xx3(144, 3, 4, 5)); /* type J: +0 is above -0 */
	ck_vsr(3, 0, 0);
	run(xx3(152, 3, 5, 4)); /* xsminjdp */
	ck_vsr(3, MINUS(0), 0);
	ck_assert_uint_eq(rig->cpu->fpscr, 0);
	set(1, SNAN, 0);
	run(xx3(144, 3, 1, 2)); /* type J leaves it signaling */
	ck_vsr(3, SNAN, 0);
	ck_assert_uint_eq(rig->cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXSNAN);
}
END_TEST

START_TEST(scalar_compares)
{
	PpcCpu *cpu = rig->cpu;

	set(1, ONE, 0);
	set(2, TWO, 0);
	set(4, QNAN, 0);
	run(xx3(43, 5 << 2, 1, 2)); /* xscmpodp cr5 */
	ck_assert_uint_eq(cpu->cr[5], 8);
	ck_assert_uint_eq(cpu->fpscr, 0x8000);
	run(xx3(35, 5 << 2, 1, 4)); /* xscmpudp: quiet */
	ck_assert_uint_eq(cpu->cr[5], 1);
	ck_assert_uint_eq(cpu->fpscr, 0x1000);
	run(xx3(3, 3, 1, 1)); /* xscmpeqdp */
	ck_vsr(3, UINT64_MAX, 0);
	run(xx3(3, 3, 1, 4));
	ck_vsr(3, 0, 0);
	ck_assert_uint_eq(cpu->fpscr, 0x1000);
	run(xx3(19, 3, 1, 4)); /* xscmpgedp: VXVC */
	ck_vsr(3, 0, 0);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXVC | 0x1000);
	run(xx3(59, 5 << 2, 1, 2)); /* xscmpexpdp */
	ck_assert_uint_eq(cpu->cr[5], 8);
	cpu->fpscr = FPSCR_VE; /* enabled: the target stays */
	set(3, 5, 6);
	run(xx3(11, 3, 1, 4)); /* xscmpgtdp */
	ck_vsr(3, 5, 6);
}
END_TEST

typedef struct Class {
	uint64_t v;
	unsigned dcmx; /* the only bit that matches */
	bool single;   /* fits into one */
} Class;

static const Class classes[] = {
	{ QNAN, 0x40, true },
	{ QNAN | 1, 0x40, false },
	{ INF, 0x20, true },
	{ MINUS(INF), 0x10, true },
	{ 0, 0x08, true },
	{ MINUS(0), 0x04, true },
	{ 0x36a0000000000000, 0x02, true },	    /* 2^-149 */
	{ MINUS(0x3690000000000000), 0x01, false }, /* -2^-150 */
	{ 0x36b8000000000000, 0x02, true },	    /* 3 * 2^-149 */
	{ 0x36b4000000000000, 0x02, false },	    /* 2.5 * 2^-149 */
	{ 1, 0x02, false },
	{ 0x3810000000000000, 0, true },  /* 2^-126: normal */
	{ 0x47f0000000000000, 0, false }, /* 2^128 */
	{ ONE + 1, 0, false },
};

START_TEST(data_classes)
{
	const Class *c = &classes[_i];
	unsigned neg = c->v >> 63 << 3;
	bool denormal_as_double = c->v == 1;

	set(40, c->v, 0);
	for (unsigned bit = 1; bit < 128; bit <<= 1) {
		uint32_t operands = regs(60, 3 << 2, 0, 40) | bit << 16 | 2;
		unsigned match = bit == c->dcmx ? 2 : 0;

		run(operands | 298 << 2); /* xststdcsp cr3 */
		ck_assert_uint_eq(rig->cpu->cr[3], neg | match | !c->single);
		ck_assert_uint_eq(rig->cpu->fpscr, rig->cpu->cr[3] << 12);
		run(operands | 362 << 2); /* xststdcdp cr3 */
		if (bit < 4 && !denormal_as_double)
			match = 0;
		ck_assert_uint_eq(rig->cpu->cr[3], neg | match);
	}
}
END_TEST

START_TEST(exponents_and_significands)
{
	PpcCpu *cpu = rig->cpu;

	set(1, 0xc008000000000001, 0);
	run(xx2(347, 6, 0, 1)); /* xsxexpdp */
	ck_assert_uint_eq(cpu->gpr[6], 0x400);
	run(xx2(347, 7, 1, 1)); /* xsxsigdp */
	ck_assert_uint_eq(cpu->gpr[7], 0x18000000000001);
	cpu->gpr[7] |= BIT64(0);
	run(regs(60, 3, 7, 6) | 918 << 1); /* xsiexpdp puts it together */
	ck_vsr(3, 0xc008000000000001, 0);
	set(1, 1, 0); /* no implicit bit in denormals */
	run(xx2(347, 7, 1, 1));
	ck_assert_uint_eq(cpu->gpr[7], 1);
	set(33, 0x4001800000000000, 1);
	run(quad(804, 2, 2, 1)); /* xsxexpqp */
	ck_vsr(34, 0x4001, 0);
	run(quad(804, 3, 18, 1)); /* xsxsigqp */
	ck_vsr(35, 0x1800000000000, 1);
	run(quad(868, 4, 3, 2)); /* xsiexpqp */
	ck_vsr(36, 0x4001800000000000, 1);
}
END_TEST

/* ---- Vector floating point ---- */

START_TEST(vector_exceptions_keep_the_whole_target)
{
	PpcCpu *cpu = rig->cpu;

	set(1, ONE, ONE);
	set(2, TWO, 0);
	set(3, 5, 6);
	cpu->fpscr = FPSCR_ZE | 0x14000;
	run(xx3(120, 3, 1, 2)); /* xvdivdp */
	ck_vsr(3, 5, 6);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_ZX | FPSCR_ZE | 0x14000);
	cpu->fpscr = 0x14000 | FPSCR_FI;
	run(xx3(120, 3, 1, 2));
	ck_vsr(3, 0x3fe0000000000000, INF);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_ZX | FPSCR_FI | 0x14000);
	/* So does an enabled inexact one. */
	cpu->fpscr = FPSCR_XE;
	set(2, THREE, ONE);
	run(xx3(120, 3, 1, 2));
	ck_vsr(3, 0x3fe0000000000000, INF);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_XX | FPSCR_XE);
}
END_TEST

START_TEST(overflow_and_underflow_in_one_vector)
{
	set(1, 0x7f00000000800000, 0x3f80000000000000);
	set(2, 0x7f00000000800000, 0x3f80000000000000);
	run(xx3(80, 3, 1, 2)); /* xvmulsp */
	ck_vsr(3, 0x7f80000000000000, 0x3f80000000000000);
	ck_assert_uint_eq(rig->cpu->fpscr, FPSCR_FX | FPSCR_OX | FPSCR_UX | FPSCR_XX);
}
END_TEST

START_TEST(vector_compares_set_cr6)
{
	PpcCpu *cpu = rig->cpu;

	set(1, ONE, TWO);
	set(2, TWO, ONE);
	run(xx3(107, 3, 2, 1) | RC); /* xvcmpgtdp. */
	ck_vsr(3, UINT64_MAX, 0);
	ck_assert_uint_eq(cpu->cr[6], 0);
	run(xx3(99, 3, 1, 1) | RC); /* xvcmpeqdp. */
	ck_assert_uint_eq(cpu->cr[6], 8);
	run(xx3(107, 3, 1, 1) | RC);
	ck_assert_uint_eq(cpu->cr[6], 2);
	cpu->cr[6] = 5;
	run(xx3(115, 35, 1, 1)); /* xvcmpgedp without dot */
	ck_vsr(35, UINT64_MAX, UINT64_MAX);
	ck_assert_uint_eq(cpu->cr[6], 5);
	/* xvtdivdp: any element counts. */
	set(2, ONE, INF);
	run(xx3(125, 2 << 2, 1, 2));
	ck_assert_uint_eq(cpu->cr[2], 8 | 4 | 2);
}
END_TEST

START_TEST(a_nan_in_one_lane_leaves_the_others)
{
	set(1, TWO, QNAN);
	run(xx2(216, 3, 0, 1)); /* xvcvdpsxws: in both words */
	ck_vsr(3, 0x0000000200000002, 0x8000000080000000);
	ck_assert_uint_eq(rig->cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXCVI);
	set(1, MINUS(ONE), QNAN);
	run(xx2(200, 3, 0, 1)); /* xvcvdpuxws */
	ck_vsr(3, 0, 0);
	set(1, 0x7fc000003f800000, 0xbf80000047000000);
	run(xx2(152, 3, 0, 1)); /* xvcvspsxws */
	ck_vsr(3, 0x8000000000000001, 0xffffffff00008000);
	run(xx2(408, 3, 0, 1)); /* xvcvspsxds: words 0 and 2 */
	ck_vsr(3, 0x8000000000000000, UINT64_MAX);
}
END_TEST

START_TEST(conversions_of_scalars)
{
	PpcCpu *cpu = rig->cpu;

	set(1, 0x3ff8000000000000, 0); /* 1.5 */
	run(xx2(265, 3, 0, 1));	       /* xscvdpsp: in both words */
	ck_vsr(3, 0x3fc000003fc00000, 0);
	run(xx2(347, 3, 17, 1)); /* xscvdphp */
	ck_vsr(3, 0x3e00, 0);
	run(xx2(347, 4, 16, 3)); /* xscvhpdp */
	ck_vsr(4, 0x3ff8000000000000, 0);
	set(1, SNAN, 0);
	run(xx2(267, 3, 0, 1)); /* xscvdpspn keeps signaling NaNs */
	ck_vsr(3, 0x7fa000007fa00000, 0);
	run(xx2(331, 4, 0, 3)); /* xscvspdpn */
	ck_vsr(4, SNAN, 0);
	ck_assert_uint_eq(cpu->fpscr & FPSCR_VX_ANY, 0);
	set(1, 0x8000000000000001, 0);
	run(xx2(360, 3, 0, 1)); /* xscvuxddp */
	ck_vsr(3, 0x43e0000000000000, 0);
	cpu->fpscr = SF_RM_UP;
	run(xx2(296, 3, 0, 1)); /* xscvuxdsp rounds to single */
	ck_vsr(3, 0x43e0000020000000, 0);
	set(1, MINUS(0x4004000000000000), 0); /* -2.5 */
	cpu->fpscr = 0x14000;
	run(xx2(344, 3, 0, 1)); /* xscvdpsxds */
	ck_vsr(3, (uint64_t)-2, 0);
	ck_assert_uint_eq(cpu->fpscr & ~FPSCR_FPRF, FPSCR_FX | FPSCR_XX | FPSCR_FI);
}
END_TEST

/* ---- Quad precision ---- */

START_TEST(quad_rounds_to_odd)
{
	const uint64_t nines = UINT64_C(0x9999999999999999);

	set(33, 0x3fff000000000000, 0);
	set(34, 0x4001400000000000, 0); /* 5 */
	run(quad(548, 3, 1, 2));	/* xsdivqp */
	ck_vsr(35, 0x3ffc999999999999, nines + 1);
	run(quad(548, 3, 1, 2) | ODD);
	ck_vsr(35, 0x3ffc999999999999, nines);
	ck_assert(rig->cpu->fpscr & FPSCR_XX);
	/* 1 + 2^-53 to double: a tie goes to even, or to odd. */
	set(33, 0x3fff000000000000, UINT64_C(0x0800000000000000));
	run(quad(836, 3, 20, 1)); /* xscvqpdp */
	ck_vsr(35, ONE, 0);
	run(quad(836, 3, 20, 1) | ODD);
	ck_vsr(35, ONE + 1, 0);
	/* 3 * 3 + -8 */
	set(33, 0x4000800000000000, 0);
	set(34, 0xc002000000000000, 0);
	set(35, 0xc002000000000000, 0);
	run(quad(388, 3, 1, 1)); /* xsmaddqp */
	ck_vsr(35, 0x3fff000000000000, 0);
	run(quad(484, 2, 1, 1)); /* xsnmsubqp: -(9 - -8) */
	ck_vsr(34, 0xc003100000000000, 0);
}
END_TEST

START_TEST(quad_rounds_to_integral)
{
	PpcCpu *cpu = rig->cpu;
	const uint64_t x = UINT64_C(0xc000400000000000); /* -2.5 */
	enum { R = 1 << 16, RN = 3 << 9 };

	set(33, x, 0);
	run(quad(5, 2, 0, 1)); /* away */
	ck_vsr(34, 0xc000800000000000, 0);
	run(quad(5, 2, 0, 1) | R); /* to even */
	ck_vsr(34, 0xc000000000000000, 0);
	run(quad(5, 2, 0, 1) | R | RN); /* down */
	ck_vsr(34, 0xc000800000000000, 0);
	ck_assert_uint_eq(cpu->fpscr & FPSCR_XX, 0);
	cpu->fpscr = SF_RM_ZERO;
	run(quad(5, 2, 0, 1) | RN | 1); /* xsrqpix by the FPSCR */
	ck_vsr(34, 0xc000000000000000, 0);
	ck_assert(cpu->fpscr & FPSCR_XX);
	cpu->fpscr = SF_RM_DOWN;
	run(quad(5, 2, 0, 1) | RN);
	ck_vsr(34, 0xc000800000000000, 0);
	cpu->fpscr = 0;
	set(33, 0x3fff000000000000, 0x1ffffffffffff); /* 64 bits of significand remain */
	run(quad(37, 2, 0, 1));			      /* xsrqpxp */
	ck_vsr(34, 0x3fff000000000000, 0x2000000000000);
}
END_TEST

START_TEST(quad_and_integers)
{
	set(33, 0xc000400000000000, 0); /* -2.5 */
	run(quad(836, 2, 25, 1));	/* xscvqpsdz */
	ck_vsr(34, (uint64_t)-2, 0);
	run(quad(836, 2, 9, 1)); /* xscvqpswz: sign-extended */
	ck_vsr(34, (uint64_t)-2, 0);
	run(quad(836, 2, 17, 1)); /* xscvqpudz */
	ck_vsr(34, 0, 0);
	ck_assert(rig->cpu->fpscr & SF_VXCVI);
	set(33, 0x7fff000000000000, 0);
	run(quad(836, 2, 1, 1)); /* xscvqpuwz */
	ck_vsr(34, 0xffffffff, 0);
	set(33, UINT64_MAX, 0);
	run(quad(836, 2, 10, 1)); /* xscvsdqp */
	ck_vsr(34, 0xbfff000000000000, 0);
	run(quad(836, 2, 2, 1)); /* xscvudqp is exact */
	ck_vsr(34, 0x403effffffffffff, 0xfffe000000000000);
	run(quad(644, 4 << 2, 1, 2)); /* xscmpuqp: a NaN */
	ck_assert_uint_eq(rig->cpu->cr[4], 1);
}
END_TEST

Suite *suite_vsx(void);

Suite *suite_vsx(void)
{
	Suite *s = suite_create("vsx");
	TCase *t = tcase_create("vsx");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, elements_in_storage, 0, 2 * ARRAY_LEN(orders));
	tcase_add_test(t, displacement_forms_reach_both_halves);
	tcase_add_test(t, loads_with_length);
	tcase_add_test(t, scalars_in_storage);
	tcase_add_test(t, moves);
	tcase_add_test(t, facilities);
	tcase_add_test(t, versions);
	tcase_add_test(t, permutes);
	tcase_add_test(t, scalar_results_and_fpscr);
	tcase_add_test(t, maxima_of_three_kinds);
	tcase_add_test(t, scalar_compares);
	tcase_add_loop_test(t, data_classes, 0, ARRAY_LEN(classes));
	tcase_add_test(t, exponents_and_significands);
	tcase_add_test(t, vector_exceptions_keep_the_whole_target);
	tcase_add_test(t, overflow_and_underflow_in_one_vector);
	tcase_add_test(t, vector_compares_set_cr6);
	tcase_add_test(t, a_nan_in_one_lane_leaves_the_others);
	tcase_add_test(t, conversions_of_scalars);
	tcase_add_test(t, quad_rounds_to_odd);
	tcase_add_test(t, quad_rounds_to_integral);
	tcase_add_test(t, quad_and_integers);
	suite_add_tcase(s, t);
	return s;
}
