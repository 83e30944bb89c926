/*
 * Inside softfloat_round.c: the common case of conversions and of rounding to integral
 * values, in 64-bit integers.  Operands are zeros or normal numbers and results are in range;
 * whatever is not answers false, with nothing changed, and the general way takes over.
 */
#ifndef TARGET_PPC_SOFTFLOAT_QUICK_CONV_H
#define TARGET_PPC_SOFTFLOAT_QUICK_CONV_H

#include "target-ppc/softfloat_quick.h"

/* mag, negated when sign, as a double or (single) as a single in double format. */
static inline bool quick_from_int(SfEnv *env, uint64_t mag, bool sign, bool single, uint64_t *r)
{
	unsigned lz;

	if (!mag)
		return false;
	lz = clz64(mag);
	return quick_round(env, sign, QUICK_BIAS + 63 - (int)lz, mag << lz, single, r);
}

/* Splits a number below 2^63: its integer part, and the rest against a half (-1, 0, 1). */
static inline uint64_t quick_split(Quick x, int *half, bool *inexact)
{
	int exp = x.e - QUICK_BIAS;
	uint64_t rest, unit;

	*half = -1;
	*inexact = exp < 0;
	if (exp < -1)
		return 0;
	if (exp >= 52) {
		*inexact = false;
		return x.m << (exp - 52);
	}
	unit = UINT64_C(1) << (52 - exp);
	rest = x.m & (unit - 1);
	*half = rest > unit / 2 ? 1 : rest == unit / 2 ? 0 : -1;
	*inexact = rest != 0;
	return exp < 0 ? 0 : x.m >> (52 - exp);
}

/* The magnitude of v rounded to an integer by rm; sets FI, FR and XX unless it is refused. */
static inline bool quick_to_int(SfEnv *env, uint64_t v, unsigned rm, uint64_t min, uint64_t max,
				uint64_t *r)
{
	bool inexact, up;
	uint64_t mag;
	Quick x;
	int half;

	if (!(v << 1)) {
		env->fi = env->fr = false;
		*r = 0;
		return true;
	}
	if (!quick_take(v, &x) || x.e > QUICK_BIAS + 62)
		return false;
	mag = quick_split(x, &half, &inexact);
	up = inexact && sf_round_up(rm, x.sign, mag & 1, half);
	mag += up;
	if (mag > (x.sign ? min : max))
		return false;
	if (inexact)
		env->flags |= SF_XX;
	env->fi = inexact;
	env->fr = up;
	*r = x.sign ? -mag : mag;
	return true;
}

/* An integral value in the same format; FI, FR and XX only when `report`. */
static inline bool quick_rint(SfEnv *env, uint64_t v, unsigned rm, bool report, uint64_t *r)
{
	bool inexact, up;
	uint64_t mag;
	Quick x;
	int half;

	if (!quick_take(v, &x))
		return false;
	if (x.e >= QUICK_BIAS + 52) {
		env->fi = env->fr = false;
		*r = v;
		return true;
	}
	mag = quick_split(x, &half, &inexact);
	up = inexact && sf_round_up(rm, x.sign, mag & 1, half);
	mag += up;
	*r = (uint64_t)x.sign << 63;
	if (mag) {
		unsigned lz = clz64(mag);

		*r |= (uint64_t)(QUICK_BIAS + 63 - (int)lz) << 52 | mag << lz << 1 >> 12;
	}
	env->fi = report && inexact;
	env->fr = report && up;
	if (env->fi)
		env->flags |= SF_XX;
	return true;
}

/* A double rounded to single precision, in double format. */
static inline bool quick_to_single(SfEnv *env, uint64_t v, uint64_t *r)
{
	Quick x;

	return quick_take(v, &x) && quick_round(env, x.sign, x.e, x.m << 11, true, r);
}

#endif
