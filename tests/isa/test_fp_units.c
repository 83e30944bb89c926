/*
 * Floating point in generated code against softfloat: each operation as a unit of its own, run on operands that are
 * hard: near ties, near the ends of the range, cancelling, whole numbers near the limits of integers.
 *
 * The same units by the IR's runner.  FP_ROUNDS=n: n times as many operands.
 */
#include <check.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jit/jit.h"
#include "jit/vec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/unit.h"
#include "tests/isa/peer.h"

Suite *suite_fp_units(void);

enum { OPERANDS = 8000, BUDGET = 1000 };

typedef struct Bench {
	Rig *us, *truth;
	Ir *ir;
	Jit *jit; /* NULL: this host has none */
	uint64_t seed;
	bool directed; /* units for all ways to round, denormals being zeros for AltiVec */
	unsigned bad, whole, left;
} Bench;

/* T = f3, A = f4, B = f5, C = f6; results of compares in cr2. */
#define A_FORM(po, xo, b, c)                                                                       \
	((uint32_t)(po) << 26 | 3u << 21 | 4u << 16 | (uint32_t)(b) << 11 | (uint32_t)(c) << 6 |   \
	 (uint32_t)(xo) << 1)
/* The same VSRs; T is an operand too. */
#define XX3(xo) (60u << 26 | 3u << 21 | 4u << 16 | 5u << 11 | (uint32_t)(xo) << 3)
#define XX2(xo) (60u << 26 | 3u << 21 | 5u << 11 | (uint32_t)(xo) << 2)
/* v3, v4, v5, v6. */
#define VX(xo) (4u << 26 | 3u << 21 | 4u << 16 | 5u << 11 | (uint32_t)(xo))
#define VA(xo) (VX(xo) | 6u << 6)
#define X_FORM(po, xo) ((uint32_t)(po) << 26 | 3u << 21 | 5u << 11 | (uint32_t)(xo) << 1)

static const struct Row {
	const char *name;
	uint32_t word;
	bool single, integer; /* what operands are mostly like */
	enum { SCALAR, DOUBLES, SINGLES } vector;
} rows[] = {
	{ "fadd", A_FORM(63, 21, 5, 0), false, false, SCALAR },
	{ "fsub", A_FORM(63, 20, 5, 0), false, false, SCALAR },
	{ "fmul", A_FORM(63, 25, 0, 6), false, false, SCALAR },
	{ "fdiv", A_FORM(63, 18, 5, 0), false, false, SCALAR },
	{ "fsqrt", X_FORM(63, 22), false, false, SCALAR },
	{ "fmadd", A_FORM(63, 29, 5, 6), false, false, SCALAR },
	{ "fmsub", A_FORM(63, 28, 5, 6), false, false, SCALAR },
	{ "fnmadd", A_FORM(63, 31, 5, 6), false, false, SCALAR },
	{ "fnmsub", A_FORM(63, 30, 5, 6), false, false, SCALAR },
	{ "fadds", A_FORM(59, 21, 5, 0), true, false, SCALAR },
	{ "fsubs", A_FORM(59, 20, 5, 0), true, false, SCALAR },
	{ "fmuls", A_FORM(59, 25, 0, 6), true, false, SCALAR },
	{ "fdivs", A_FORM(59, 18, 5, 0), true, false, SCALAR },
	{ "fsqrts", X_FORM(59, 22), true, false, SCALAR },
	{ "fmadds", A_FORM(59, 29, 5, 6), true, false, SCALAR },
	{ "fmsubs", A_FORM(59, 28, 5, 6), true, false, SCALAR },
	{ "fnmadds", A_FORM(59, 31, 5, 6), true, false, SCALAR },
	{ "fnmsubs", A_FORM(59, 30, 5, 6), true, false, SCALAR },
	{ "frsp", X_FORM(63, 12), false, false, SCALAR },
	{ "fctiw", X_FORM(63, 14), false, true, SCALAR },
	{ "fctiwz", X_FORM(63, 15), false, true, SCALAR },
	{ "fctiwuz", X_FORM(63, 143), false, true, SCALAR },
	{ "fctid", X_FORM(63, 814), false, true, SCALAR },
	{ "fctidz", X_FORM(63, 815), false, true, SCALAR },
	{ "fctiduz", X_FORM(63, 943), false, true, SCALAR },
	{ "fcfid", X_FORM(63, 846), false, true, SCALAR },
	{ "fcfidu", X_FORM(63, 974), false, true, SCALAR },
	{ "fcfids", X_FORM(59, 846), false, true, SCALAR },
	{ "fcfidus", X_FORM(59, 974), false, true, SCALAR },
	{ "frim", X_FORM(63, 488), false, true, SCALAR },
	{ "frip", X_FORM(63, 456), false, true, SCALAR },
	{ "friz", X_FORM(63, 424), false, true, SCALAR },
	{ "frin", X_FORM(63, 392), false, true, SCALAR },
	{ "xsrdpic", XX2(107), false, true, DOUBLES },
	{ "xsmaxdp", XX3(160), false, false, DOUBLES },
	{ "xscvdpspn", XX2(267), true, false, SCALAR },
	{ "fcmpu", 63u << 26 | 2u << 23 | 4u << 16 | 5u << 11, false, false, SCALAR },
	{ "fsel", A_FORM(63, 23, 5, 6), false, false, SCALAR },
	{ "xvadddp", XX3(96), false, false, DOUBLES },
	{ "xvsubdp", XX3(104), false, false, DOUBLES },
	{ "xvmuldp", XX3(112), false, false, DOUBLES },
	{ "xvdivdp", XX3(120), false, false, DOUBLES },
	{ "xvsqrtdp", XX2(203), false, false, DOUBLES },
	{ "xvmaddadp", XX3(97), false, false, DOUBLES },
	{ "xvnmsubadp", XX3(241), false, false, DOUBLES },
	{ "xvaddsp", XX3(64), true, false, SINGLES },
	{ "xvsubsp", XX3(72), true, false, SINGLES },
	{ "xvmulsp", XX3(80), true, false, SINGLES },
	{ "xvdivsp", XX3(88), true, false, SINGLES },
	{ "xvsqrtsp", XX2(139), true, false, SINGLES },
	{ "xvmaddasp", XX3(65), true, false, SINGLES },
	{ "xvnmaddasp", XX3(193), true, false, SINGLES },
	{ "xvcvspsxws", XX2(152), true, true, SINGLES },
	{ "xvcvsxwsp", XX2(184), true, true, SINGLES },
	{ "xvcmpgtsp", XX3(75), true, false, SINGLES },
	{ "vaddfp", VX(10), true, false, SINGLES },
	{ "vsubfp", VX(74), true, false, SINGLES },
	{ "vmaddfp", VA(46), true, false, SINGLES },
	{ "vnmsubfp", VA(47), true, false, SINGLES },
	{ "vcmpgefp", VX(454), true, false, SINGLES },
	{ "vrfip", VX(650), true, false, SINGLES },
	{ "vmaxfp", VX(1034), true, false, SINGLES },
	{ "vcfsx", VX(842), true, true, SINGLES },
};

/* ---- Operands ---- */

/* A fraction of which few bits are set, or all but few. */
static uint64_t fraction(uint64_t *s)
{
	uint64_t x = peer_rnd(s) & mask64(12, 63), few = UINT64_C(1) << peer_below(s, 52);

	switch (peer_below(s, 6)) {
	case 0: return 0;
	case 1: return few;
	case 2: return few | UINT64_C(1) << peer_below(s, 52);
	case 3: return mask64(12, 63) & ~(few - 1);
	case 4: return mask64(12, 63) ^ (peer_below(s, 2) ? few : 0);
	default: return x;
	}
}

/* e: biased exponent, any number; the fraction of a single when asked for. */
static uint64_t pack(uint64_t *s, int e, bool single)
{
	uint64_t sign = peer_rnd(s) & BIT64(0), f = fraction(s);

	e = e < 0 ? 0 : e > 2047 ? 2047 : e;
	if (single)
		f &= UINT64_MAX << 29;
	return sign | (uint64_t)e << 52 | f;
}

/* Three that meet: exponents of products and quotients are near the third's, or near an end of the range. */
static void numbers(uint64_t *s, bool single, uint64_t v[3])
{
	int low = single ? 897 : 1, high = single ? 1150 : 2046;
	int span = high - low, a = low + (int)peer_below(s, (unsigned)span), c, b;
	int near = (int)peer_below(s, 120) - 60;

	switch (peer_below(s, 6)) {
	case 0: /* products near the smallest; quotients too */
		c = low + 1023 - a + (int)peer_below(s, 8) - 4;
		b = peer_below(s, 2) ? low + (int)peer_below(s, 30)
				     : a - low + (int)peer_below(s, 4);
		break;
	case 1: /* near the greatest */
		c = high + 1023 - a + (int)peer_below(s, 4) - 2;
		b = high - (int)peer_below(s, 56);
		break;
	case 2: /* sums with a few bits beyond the last */
		b = a + near;
		c = 1023 + (int)peer_below(s, 4);
		break;
	case 3: /* ordinary ones */
		a = 1023 + near / 8;
		b = 1023 + near / 4;
		c = 1023 - near / 8;
		break;
	case 4: /* the product about as large as what is added */
		c = 1023 + (int)peer_below(s, 60) - 30;
		b = a + c - 1023 + (int)peer_below(s, 5) - 2;
		break;
	default: b = (int)peer_below(s, 2048); c = (int)peer_below(s, 2048);
	}
	v[0] = pack(s, a, single);
	v[1] = pack(s, b, single);
	v[2] = pack(s, c, single);
	/* Almost or quite the same. */
	if (!peer_below(s, 6))
		v[1] = v[0] ^ (peer_below(s, 2) ? BIT64(0) : 0) ^ (single ? 0 : peer_below(s, 3));
}

static uint64_t near_quotient(uint64_t *s, uint64_t a, uint64_t b, bool single)
{
	uint64_t step = single ? UINT64_C(1) << 29 : 1, q;
	double x, y;

	memcpy(&x, &a, 8);
	memcpy(&y, &b, 8);
	x /= y;
	memcpy(&q, &x, 8);
	return (q & -step) + step * (peer_below(s, 6) - (uint64_t)2);
}

/* Products and quotients within some units of the last place of a number that matters. */
static void targets(uint64_t *s, bool single, uint64_t v[3])
{
	static const uint64_t t[2][3] = {
		{ UINT64_C(0x0010000000000000), UINT64_C(0x7fefffffffffffff),
		  UINT64_C(0x3ff0000000000000) },
		{ UINT64_C(0x3810000000000000), UINT64_C(0x47efffffe0000000),
		  UINT64_C(0x3ff0000000000000) },
	};
	uint64_t target = t[single][peer_below(s, 3)];
	int e = (int)(target >> 52);

	/* Half of it on each side. */
	v[0] = pack(s, (e + 1023) / 2 + (int)peer_below(s, 8) - 4, single);
	v[2] = near_quotient(s, target, v[0], single);
	v[1] = peer_below(s, 2) ? near_quotient(s, v[0], target, single) : peer_rnd(s) & BIT64(0);
}

static uint64_t whole(uint64_t *s)
{
	static const int limits[] = { 31, 32, 52, 53, 62, 63, 64, 23, 24 };
	int e = 1023 + (peer_below(s, 2) ? limits[peer_below(s, ARRAY_LEN(limits))] - 1 +
						   (int)peer_below(s, 2)
					 : (int)peer_below(s, 66) - 1);

	return peer_below(s, 3) ? pack(s, e, false) : peer_rnd(s) >> peer_below(s, 64);
}

static uint64_t special(uint64_t *s)
{
	static const uint64_t v[] = {
		0,
		1,
		UINT64_C(0x3ff0000000000000),
		UINT64_C(0x7ff0000000000000),
		UINT64_C(0x7ff8000000000000),
		UINT64_C(0x7ff0000020000000),
		UINT64_C(0x0010000000000000),
		UINT64_C(0x000fffffffffffff),
		UINT64_C(0x7fefffffffffffff),
		UINT64_C(0x3810000000000000),
		UINT64_C(0x380fffffffffffff),
		UINT64_C(0x36a0000000000000),
		UINT64_C(0x47efffffe0000000),
		UINT64_C(0x47effffff0000000), /* half a unit above the greatest single */
	};

	return v[peer_below(s, ARRAY_LEN(v))] | (peer_rnd(s) & BIT64(0));
}

static void some(Bench *b, const struct Row *r, uint64_t v[3])
{
	uint64_t *s = &b->seed;

	if (peer_below(s, 4))
		numbers(s, r->single && peer_below(s, 16), v);
	else
		targets(s, r->single, v);
	for (unsigned n = 0; n < 3; n++) {
		if (r->integer && peer_below(s, 8))
			v[n] = whole(s);
		if (!peer_below(s, 20))
			v[n] = special(s);
	}
}

/* Elements that are as hard; of them the first, as the scalars, are of all. */
static void vectors(Bench *b, const struct Row *r, PpcCpu *cpu)
{
	unsigned elements = r->vector == SINGLES ? 4 : 2;

	for (unsigned i = 0; i < elements; i++) {
		uint64_t v[3];

		/* Most of them such as are common, so that the unit does it. */
		if (peer_below(&b->seed, 4))
			numbers(&b->seed, r->single, v);
		else
			some(b, r, v);
		for (unsigned n = 0; n < 3; n++) {
			PpcVsr *to = &cpu->vsr[n == 2 ? 3 : 4 + n];

			if (elements == 2)
				VSR_D(*to, i) = v[n];
			else
				VSR_W(*to, i) = r->integer && peer_below(&b->seed, 2)
							? (uint32_t)peer_rnd(&b->seed)
							: sf_stfs(v[n]);
		}
	}
	cpu->vsr[6] = cpu->vsr[3];
	memcpy(&cpu->vsr[35], &cpu->vsr[3], 4 * sizeof(PpcVsr));
}

static void operands(Bench *b, const struct Row *r, PpcCpu *cpu)
{
	uint64_t *s = &b->seed, v[3];

	some(b, r, v);
	for (unsigned n = 0; n < 3; n++)
		cpu->vsr[4 + n].q = (u128)v[n] << 64 | peer_rnd(s);
	cpu->vsr[3].q = peer_rnd(s);
	if (r->vector)
		vectors(b, r, cpu);
	cpu->vsr[8].q = (u128)UINT64_C(0x3ff8000000000000) << 64;
	cpu->fpscr = peer_rnd(s) & peer_rnd(s) & UINT32_MAX & ~UINT64_C(0xfff);
	if (peer_below(s, 2))
		cpu->fpscr &= ~(FPSCR_XX | FPSCR_FX);
	/* All ways to round that the unit was made for; NI means nothing. */
	cpu->fpscr |= peer_below(s, b->directed ? 4 : 2) | (peer_below(s, 8) ? 0 : FPSCR_NI);
	cpu->fpscr = fpu_summarise(cpu->fpscr);
}

/* ---- Running ---- */

static IrExitKind run(Bench *b, JitUnit *code)
{
	PpcCpu *cpu = b->us->cpu;
	IrExitKind kind;
	uint64_t to;

	cpu->slice_left = BUDGET;
	cpu->vcpu.events = cpu->vcpu.own = 0;
	ppc_fp_begin(cpu);
	if (code)
		kind = (IrExitKind)jit_enter(b->jit, cpu, code).exit->kind;
	else
		kind = (IrExitKind)b->ir->exits[ir_run(b->ir, cpu, &to)].kind;
	ppc_fp_end(cpu);
	return kind;
}

static void complain(Bench *b, const struct Row *r, const PpcCpu *before, bool code)
{
	const PpcCpu *x = b->us->cpu, *y = b->truth->cpu;

	if (b->bad++ >= 8)
		return;
	printf("%s%s of %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " fpscr %08" PRIx64
	       ": %016" PRIx64 " fpscr %08" PRIx64 " cr2 %x, should be %016" PRIx64
	       " fpscr %08" PRIx64 " cr2 %x\n",
	       r->name, code ? "" : " (runner)", VSR_D(before->vsr[4], 0), VSR_D(before->vsr[5], 0),
	       VSR_D(before->vsr[6], 0), before->fpscr, VSR_D(x->vsr[3], 0), x->fpscr, x->cr[2],
	       VSR_D(y->vsr[3], 0), y->fpscr, y->cr[2]);
}

static void try(Bench *b, const struct Row *r, const PpcUnit *u, JitUnit *code)
{
	PpcCpu *us = b->us->cpu, *truth = b->truth->cpu;

	operands(b, r, truth);
	memcpy(us->vsr, truth->vsr, sizeof(us->vsr));
	memcpy(us->cr, truth->cr, sizeof(us->cr));
	us->fpscr = truth->fpscr;
	us->pc0 = RIG_CODE;
	if (run(b, code) == IR_EXIT_REDO) {
		b->left++;
		if (memcmp(us->vsr, truth->vsr, sizeof(us->vsr)) || us->fpscr != truth->fpscr)
			complain(b, r, truth, code);
		return;
	}
	b->whole++;
	for (unsigned n = 0; n < u->block->n; n++) {
		truth->cur = &u->block->ops[n];
		truth->cur->fn(truth, truth->cur);
	}
	if (memcmp(us->vsr, truth->vsr, sizeof(us->vsr)) || us->fpscr != truth->fpscr ||
	    memcmp(us->cr, truth->cr, sizeof(us->cr)))
		complain(b, r, truth, code);
}

/* Some vector operations need more than every host has, or rounding to the nearest. */
static bool lacks(const Bench *b, const struct Row *r)
{
	return r->vector && !(b->ir->host & VEC_HOST_AVX512);
}

/*
 * A unit of the row alone, or with fmul f7,f8,f8 behind it: of the last operation the FPSCR is told all anew,
 * so that what the code itself noted is seen only with another one.
 */
static void test_one(Bench *b, const struct Row *r, unsigned length, unsigned times)
{
	const uint32_t words[] = { r->word, 0xfce80232, 0x48000000 };
	JitUnit *code = NULL;
	PpcUnit *u;

	rig_code(b->us, RIG_CODE, words, ARRAY_LEN(words));
	ir_clear(b->ir);
	/* Units are made for what is the case. */
	b->us->cpu->vscr = b->truth->cpu->vscr = b->directed ? BIT32(15) : 0;
	b->us->cpu->fpscr = b->directed ? SF_RM_DOWN : SF_RM_NEAREST;
	b->us->cpu->so = true;
	u = ppc_unit_translate(b->us->cpu, b->ir, RIG_CODE, length);
	ir_finish(b->ir);
	ck_assert_msg(!u->ncalls || lacks(b, r), "%s has no translator", r->name);
	if (b->jit) {
		jit_reset(b->jit, b->us->cpu->jumps);
		code = jit_compile(b->jit, b->ir, u);
		ck_assert_ptr_nonnull(code);
	}
	b->whole = b->left = 0;
	for (unsigned n = 0; n < times && !u->ncalls; n++)
		try(b, r, u, n % 4 ? code : NULL);
	/* Most of them are the units' own. */
	ck_assert_msg(b->whole > b->left || lacks(b, r), "%s: %u of %u are left to the interpreter",
		      r->name, b->left, times);
	g_free(u->block);
	g_free(u);
}

START_TEST(hard_operands)
{
	const char *rounds = getenv("FP_ROUNDS");
	unsigned times = OPERANDS * (rounds ? (unsigned)atoi(rounds) : 1);
	Bench b = { .seed = UINT64_C(0xf10a7) + times };
	uint64_t msr = MSR_SF | MSR_FP | MSR_VEC | MSR_VSX;
	const uint32_t few = VEC_HOST_SSE | VEC_HOST_AVX | VEC_HOST_AVX2 | VEC_HOST_FMA;

	b.us = rig_new("power9", msr);
	b.truth = rig_new("power9", msr);
	b.ir = ir_new(&ppc_jit_target);
	b.jit = jit_new(&ppc_jit_target, 1 << 20, NULL);
	b.us->cpu->jumps = g_new0(JitJumps, 1);
	b.us->cpu->view = 1;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		for (unsigned how = 0; how < (rows[i].vector ? 8 : 4); how++) {
			b.directed = how & 2;
			/* As of a host without AVX-512. */
			b.ir->host = how & 4 ? few & vec_host() : vec_host();
			test_one(&b, &rows[i], 1 + how % 2, times / 4);
		}
	}
	printf("fp units: %zu rows, %u operands of each, %u differences\n", ARRAY_LEN(rows), times,
	       b.bad);
	ck_assert_uint_eq(b.bad, 0);
	g_free(b.us->cpu->jumps);
	b.us->cpu->jumps = NULL;
	if (b.jit)
		jit_free(b.jit);
	ir_free(b.ir);
	rig_free(b.us);
	rig_free(b.truth);
}
END_TEST

/* Times that host code was left to interpret one instruction. */
static uint64_t redone(PpcCpu *cpu)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *at;

	ppc_show_jit(cpu, text);
	at = strstr(text->str, "to interpret one instruction ");
	ck_assert_ptr_nonnull(at);
	return g_ascii_strtoull(at + strlen("to interpret one instruction "), NULL, 10);
}

/*
 * Programs that round otherwise, or enable exceptions, are not interpreted one instruction after the other; units
 * are made again when that changes, in both directions.
 */
START_TEST(controls_keep_units)
{
	static const unsigned controls[] = { 0,	       SF_RM_ZERO,   SF_RM_UP,	 SF_RM_DOWN,
					     FPSCR_VE, FPSCR_XE,     0,		 FPSCR_NI,
					     FPSCR_OE, FPSCR_UE | 2, SF_RM_DOWN, FPSCR_ZE };
	/* f3 += f4 * f5; f6 = -(f5 * f3 - f4); f3 = f6 / f5; vs8 += vs4; bdnz back */
	static const uint32_t words[] = { 0xfc64197a, 0xfcc520fc, 0xfc662824, 0xf1082300,
					  0x4200fff0 };
	const PpcJitOptions o = { .bytes = 1 << 20, .hot = 1 };
	uint64_t msr = MSR_SF | MSR_FP | MSR_VEC | MSR_VSX, before = 0, n;
	Rig *us = rig_new("power9", msr), *truth = rig_new("power9", msr);

	if (!ppc_use_jit(us->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		return;
	}
	rig_code(us, RIG_CODE, words, ARRAY_LEN(words));
	rig_code(truth, RIG_CODE, words, ARRAY_LEN(words));
	for (unsigned i = 0; i < ARRAY_LEN(controls); i++) {
		for (unsigned k = 3; k < 9; k++)
			truth->cpu->vsr[k].q =
				(u128)(UINT64_C(0x3ff5555555555555) + ((uint64_t)k << 40)) << 64;
		memcpy(us->cpu->vsr, truth->cpu->vsr, sizeof(us->cpu->vsr));
		us->cpu->ctr = truth->cpu->ctr = UINT64_MAX;
		us->cpu->fpscr = truth->cpu->fpscr = fpu_summarise(controls[i]);
		rig_run(us, RIG_CODE, 50000);
		rig_run(truth, RIG_CODE, 50000);
		ck_assert_mem_eq(us->cpu->vsr, truth->cpu->vsr, sizeof(us->cpu->vsr));
		ck_assert_uint_eq(us->cpu->fpscr, truth->cpu->fpscr);
		n = redone(us->cpu);
		ck_assert_msg(n - before < 100, "FPSCR 0x%x: %" PRIu64 " instructions interpreted",
			      controls[i], n - before);
		before = n;
	}
	rig_free(us);
	rig_free(truth);
}
END_TEST

Suite *suite_fp_units(void)
{
	Suite *s = suite_create("fp_units");
	TCase *t = tcase_create("fp_units");

	tcase_set_timeout(t, 0);
	tcase_add_test(t, hard_operands);
	tcase_add_test(t, controls_keep_units);
	suite_add_tcase(s, t);
	return s;
}
