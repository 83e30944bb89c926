/*
 * Floating point as 7xx and 74xx do it where the architecture leaves it
 * open: estimates, and the rounding of frC in single-precision multiplication.
 *
 * 750: fres and frsqrte are linear interpolations between 32 points (the
 * 750CL manual tells the method; the points are what the chips
 * deliver).  A single-precision multiplier takes 25 bits of frC.  fres that overflows
 * gives the largest single, that underflows cuts bits off; FI says that bits
 * were lost, XX stays.
 * 7400: frsqrte is one of 32 values of 7 fraction bits, the root at the
 * middle of the operand's interval; fres has 11 fraction bits, cut off.  The
 * manuals bound the errors only; these rules give all published results.
 * Others: as the book's bounds allow (softfloat.h).
 */
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"

typedef struct Point {
	uint32_t base, slope; /* value at the interval's lower end; loss per step */
} Point;

/* Fractions of 23 bits, 1024 steps in an interval, half a unit of slope each. */
static const Point recip[32] = {
	{ 0x7ff800, 0x3e1 }, { 0x783800, 0x3a7 }, { 0x70ea00, 0x371 }, { 0x6a0800, 0x340 },
	{ 0x638800, 0x313 }, { 0x5d6200, 0x2ea }, { 0x579000, 0x2c4 }, { 0x520800, 0x2a0 },
	{ 0x4cc800, 0x27f }, { 0x47ca00, 0x261 }, { 0x430800, 0x245 }, { 0x3e8000, 0x22a },
	{ 0x3a2c00, 0x212 }, { 0x360800, 0x1fb }, { 0x321400, 0x1e5 }, { 0x2e4a00, 0x1d1 },
	{ 0x2aa800, 0x1be }, { 0x272c00, 0x1ac }, { 0x23d600, 0x19b }, { 0x209e00, 0x18b },
	{ 0x1d8800, 0x17c }, { 0x1a9000, 0x16e }, { 0x17ae00, 0x15b }, { 0x14f800, 0x15b },
	{ 0x124400, 0x143 }, { 0xfbe00, 0x143 },  { 0xd3800, 0x12d },  { 0xade00, 0x12d },
	{ 0x88400, 0x11a },  { 0x65000, 0x11a },  { 0x41c00, 0x108 },  { 0x20c00, 0x106 },
};

/* Fractions of 26 bits, 2048 steps; odd exponents (of 2), then even ones. */
static const Point rsqrt[32] = {
	{ 0x1a7e800, 0x568 }, { 0x17cb800, 0x4f3 }, { 0x1552800, 0x48d }, { 0x130c000, 0x435 },
	{ 0x10f2000, 0x3e7 }, { 0xeff000, 0x3a2 },  { 0xd2e000, 0x365 },  { 0xb7c000, 0x32e },
	{ 0x9e5000, 0x2fc },  { 0x867000, 0x2d0 },  { 0x6ff000, 0x2a8 },  { 0x5ab800, 0x283 },
	{ 0x46a000, 0x261 },  { 0x339800, 0x243 },  { 0x218800, 0x226 },  { 0x105800, 0x20b },
	{ 0x3ffa000, 0x7a4 }, { 0x3c29000, 0x700 }, { 0x38aa000, 0x670 }, { 0x3572000, 0x5f2 },
	{ 0x3279000, 0x584 }, { 0x2fb7000, 0x524 }, { 0x2d26000, 0x4cc }, { 0x2ac0000, 0x47e },
	{ 0x2881000, 0x43a }, { 0x2665000, 0x3fa }, { 0x2468000, 0x3c2 }, { 0x2287000, 0x38e },
	{ 0x20c1000, 0x35e }, { 0x1f12000, 0x332 }, { 0x1d79000, 0x30a }, { 0x1bf4000, 0x2e6 },
};

/* Exponent (of 2) of a finite number that is not zero; *frac: its 52 bits of fraction. */
static int take_apart(uint64_t v, uint64_t *frac)
{
	int e = (int)(v >> 52 & 0x7ff);
	uint64_t f = v & mask64(12, 63);

	if (!e) {
		unsigned n = clz64(f) - 11;

		f = (f << n) & mask64(12, 63);
		e = 1 - (int)n;
	}
	*frac = f;
	return e - 1023;
}

static uint64_t put_together(uint64_t sign, int exp, uint64_t frac)
{
	return sign | (uint64_t)(exp + 1023) << 52 | frac;
}

static bool is_finite(uint64_t v)
{
	return !sf_f64_is_zero(v) && !sf_f64_is_inf(v) && !sf_f64_is_nan(v);
}

/* 2^exp * (1 + frac / 2^23) too small for a normal single: bits are cut off. */
static uint64_t cut_denormal(SfEnv *env, uint64_t sign, int exp, uint64_t frac)
{
	unsigned n = (unsigned)(-126 - exp);
	uint64_t sig = frac | 0x800000, lost = n > 23 ? sig : sig & ((UINT64_C(1) << n) - 1);

	if (lost) {
		env->flags |= SF_UX;
		env->fi = true;
	}
	if (n > 23)
		return sign;
	return put_together(sign, exp, ((sig ^ lost) & 0x7fffff) << 29);
}

static uint64_t fres_750(SfEnv *env, uint64_t b)
{
	uint64_t sign = b & BIT64(0), frac;
	const Point *p;
	uint32_t drop, r;
	int exp;

	if (!is_finite(b))
		return sf_f64s_recip_est(env, b);
	exp = -take_apart(b, &frac) - 1;
	p = &recip[frac >> 47];
	drop = p->slope * (uint32_t)(frac >> 37 & 1023);
	r = p->base - ((drop + 1) >> 1);
	env->fi = drop & 1;
	env->fr = false;
	if (exp > 127) {
		env->flags |= SF_OX;
		env->fi = true;
		return sign | UINT64_C(0x47efffffe0000000);
	}
	if (exp < -126)
		return cut_denormal(env, sign, exp, r);
	return put_together(sign, exp, (uint64_t)r << 29);
}

/* -floor(e / 2) - 1: exponent of 1 / sqrt(x * 2^e), 1 <= x < 2, but for x = 1. */
static int rsqrt_exp(int e)
{
	return -(e >> 1) - 1;
}

static uint64_t frsqrte_750(SfEnv *env, uint64_t b)
{
	uint64_t frac;
	const Point *p;
	int e;

	if (!is_finite(b) || b & BIT64(0))
		return sf_f64_rsqrt_est(env, b);
	e = take_apart(b, &frac);
	p = &rsqrt[(e & 1 ? 0 : 16) + (frac >> 48)];
	env->fi = env->fr = false;
	return put_together(0, rsqrt_exp(e),
			    (uint64_t)(p->base - p->slope * (uint32_t)(frac >> 37 & 2047)) << 26);
}

/* The quotient 2 / (1.frac) in 11 bits of fraction; 1.0 gives 2.0. */
static uint64_t fres_7400(SfEnv *env, uint64_t b)
{
	uint64_t sign = b & BIT64(0), frac, q;
	int exp;

	if (!is_finite(b))
		return sf_f64s_recip_est(env, b);
	exp = -take_apart(b, &frac) - 1;
	q = (uint64_t)(((u128)1 << (52 + 12)) / (frac | BIT64(11)));
	env->fi = env->fr = false;
	if (q >> 12) {
		q >>= 1;
		exp++;
	}
	if (exp > 127) {
		env->flags |= SF_OX | SF_XX;
		env->fi = true;
		return sign | UINT64_C(0x7ff0000000000000);
	}
	if (exp < -126) {
		uint64_t v = cut_denormal(env, sign, exp, (q & 0x7ff) << 12);

		env->flags |= env->fi ? SF_XX : 0;
		return v;
	}
	return put_together(sign, exp, (q & 0x7ff) << 41);
}

/* Bits 0-7 of the fraction of 2 / sqrt(x) at the middle x of each interval (1 <= x < 4). */
static unsigned middle_root(unsigned index, bool odd)
{
	/* x = m / 32, m odd: the root is 2 * sqrt(32 / m); q is its 128th part, rounded. */
	unsigned m = (32 + 2 * index + 1) << odd, q = 128;

	/* (2 q + 1)^2 * m <= 512^2 * 32: the next q is nearer. */
	while ((2 * q + 1) * (2 * q + 1) * m <= 512u * 512u * 32u)
		q++;
	return q;
}

static uint64_t frsqrte_7400(SfEnv *env, uint64_t b)
{
	uint64_t frac;
	int e;

	if (!is_finite(b) || b & BIT64(0))
		return sf_f64_rsqrt_est(env, b);
	e = take_apart(b, &frac);
	env->fi = env->fr = false;
	return put_together(0, rsqrt_exp(e),
			    (uint64_t)(middle_root((unsigned)(frac >> 48), e & 1) & 127) << 45);
}

static const FpuEstimates est_750 = {
	.fre = sf_f64_recip_est,
	.fres = fres_750,
	.frsqrte = frsqrte_750,
	.frsqrtes = sf_f64s_rsqrt_est,
};

static const FpuEstimates est_7400 = {
	.fre = sf_f64_recip_est,
	.fres = fres_7400,
	.frsqrte = frsqrte_7400,
	.frsqrtes = sf_f64s_rsqrt_est,
};

const FpuEstimates *fpu_classic_estimates(const PpcModel *model)
{
	switch (model->fpu) {
	case PPC_FPU_750: return &est_750;
	case PPC_FPU_7400: return &est_7400;
	default: return NULL;
	}
}

/* Twice a, where a double can hold that. */
static uint64_t twice(uint64_t a)
{
	uint64_t e = a & mask64(1, 11);

	if (!e)
		return (a & BIT64(0)) | a << 1;
	return e < UINT64_C(0x7fe) << 52 ? a + BIT64(11) : a;
}

/*
 * Twenty-five significant bits, ties away from zero.  A carry out of the greatest exponent
 * makes 2^1024, which the multiplier can hold but no operand: then A is
 * doubled instead.  (One too large for that overflows whatever its exponent.)
 */
void fpu_round_frc(uint64_t *a, uint64_t *c)
{
	unsigned drop = 28;
	uint64_t half, v = *c;

	if (!is_finite(v))
		return;
	if (!(v & mask64(1, 11))) { /* the denormal's leading zeros are none of them */
		unsigned n = clz64(v & mask64(12, 63)) - 11;

		if (n >= drop)
			return;
		drop -= n;
	}
	half = UINT64_C(1) << (drop - 1);
	v = (v + (v & half)) & ~(2 * half - 1);
	if (sf_f64_is_inf(v)) {
		v -= BIT64(11);
		*a = twice(*a);
	}
	*c = v;
}
