/*
 * Decimal floating point as the Power ISA defines it (3.0B book I, chapter 5;
 * IEEE 754-2008 with the DPD encoding), in integers only.  No CPU in it.
 *
 * Values travel as their bits in the low end of a u128, whatever the format: short
 * (32 bits, for storage only), long (64), extended (128).  SfEnv is softfloat.h's:
 * env->rm is FPSCR[DRN] (DFP_RM_*), exceptions are collected in env->flags,
 * env->fi and env->fr are those of the last operation.
 *
 * Operands may have any declets and any reserved bits; results have preferred
 * declets and zeros, except where a function says that it copies.
 * A value has several forms (members of its cohort); an exact result has the
 * form whose exponent is closest to the "ideal exponent" of its operation, an
 * inexact one has all digits.
 */
#ifndef TARGET_PPC_DFP_H
#define TARGET_PPC_DFP_H

#include "target-ppc/softfloat.h"

/* Rounding: FPSCR[DRN]. */
enum {
	DFP_RM_NEAREST = 0, /* ties to even */
	DFP_RM_ZERO = 1,
	DFP_RM_UP = 2,
	DFP_RM_DOWN = 3,
	DFP_RM_NEAREST_AWAY = 4, /* ties away from zero */
	DFP_RM_NEAREST_ZERO = 5, /* ties toward zero */
	DFP_RM_AWAY = 6,
	DFP_RM_SHORTER = 7, /* prepare for shorter precision: last digit neither 0 nor 5 */
};

/* A number is coefficient * 10^exponent; exponents here are those of the units digit. */
typedef struct DfpFormat {
	uint8_t digits;	   /* p */
	uint8_t width;	   /* bits of the whole */
	uint8_t trailing;  /* bits of the trailing significand */
	uint8_t exp_bits;  /* exponent bits between combination field and it */
	int32_t bias;	   /* smallest exponent is -bias */
	int32_t max_exp;   /* largest exponent */
	int32_t wrap;	   /* exponent adjustment of enabled overflow and underflow */
	int32_t wrap_from; /* the same for rounding from this format to a smaller one */
} DfpFormat;

extern const DfpFormat dfp_short, dfp_long, dfp_ext;

enum { DFP_FINITE, DFP_INF, DFP_QNAN, DFP_SNAN };

typedef struct DfpNum {
	u128 coeff; /* NaNs, infinities: digits of the trailing significand */
	int32_t exp;
	uint8_t kind; /* DFP_FINITE ... */
	bool neg;
} DfpNum;

DfpNum dfp_unpack(const DfpFormat *f, u128 v);
/* Digits and exponent must fit; an infinity or NaN keeps its digits. */
u128 dfp_pack(const DfpFormat *f, const DfpNum *n);
/* Decimal digits without leading zeros: 0 for 0. */
unsigned dfp_digits(u128 v);

/* ---- Arithmetic (5.6.1) ---- */

u128 dfp_add(const DfpFormat *f, SfEnv *env, u128 a, u128 b);
u128 dfp_sub(const DfpFormat *f, SfEnv *env, u128 a, u128 b);
u128 dfp_mul(const DfpFormat *f, SfEnv *env, u128 a, u128 b);
u128 dfp_div(const DfpFormat *f, SfEnv *env, u128 a, u128 b);

/* ---- Compare and test (5.6.2, 5.6.3): CR field values ---- */

unsigned dfp_cmp(const DfpFormat *f, SfEnv *env, u128 a, u128 b, bool ordered);
/* Data class: zero, subnormal, normal, infinity, QNaN, SNaN from 0x20 down. */
unsigned dfp_test_class(const DfpFormat *f, u128 a, unsigned mask);
/*
 * Data group, from 0x20 down: zero with an exponent that is not extreme, zero with an extreme one,
 * subnormal or normal with an extreme exponent, other normal with leftmost digit
 * 0, with another, special.
 */
unsigned dfp_test_group(const DfpFormat *f, u128 a, unsigned mask);
unsigned dfp_test_exp(const DfpFormat *f, u128 a, u128 b);
/* Number of digits of b against k. */
unsigned dfp_test_sig(const DfpFormat *f, unsigned k, u128 b);
/* FPSCR[FPRF] of a result. */
unsigned dfp_fprf(const DfpFormat *f, u128 v);

/* ---- Quantum adjustment (5.6.4); rm is DFP_RM_*, not env's ---- */

/* b with the exponent exp (dquai), or with that of a (dqua). */
u128 dfp_quantize_to(const DfpFormat *f, SfEnv *env, int exp, u128 b, unsigned rm);
u128 dfp_quantize(const DfpFormat *f, SfEnv *env, u128 a, u128 b, unsigned rm);
/* b with k digits; k = 0 or no more than k digits: unchanged. */
u128 dfp_reround(const DfpFormat *f, SfEnv *env, unsigned k, u128 b, unsigned rm);
/* Integral value; quiet: never inexact. */
u128 dfp_rint(const DfpFormat *f, SfEnv *env, u128 b, unsigned rm, bool quiet);

/* ---- Conversion (5.6.5) ---- */

/* To the next larger format; quiet: a signalling NaN stays one (dctdp). */
u128 dfp_widen(const DfpFormat *from, const DfpFormat *to, SfEnv *env, u128 b, bool quiet);
/*
 * To the next smaller one.  *format is that of the result: after an enabled overflow or
 * underflow it is the source's.
 */
u128 dfp_narrow(const DfpFormat *from, const DfpFormat *to, SfEnv *env, u128 b, bool quiet,
		const DfpFormat **format);
/* Signed integers; the other way saturates (VXCVI), `bits` wide, by env->rm. */
u128 dfp_from_int(const DfpFormat *f, SfEnv *env, i128 v);
i128 dfp_to_int(const DfpFormat *f, SfEnv *env, u128 b, unsigned bits);

/* ---- Format (5.6.6) ---- */

/* BCD digits as wide as the format; sign: the lowest nibble is `plus' or 0xd. */
u128 dfp_to_bcd(const DfpFormat *f, u128 b, bool sign, unsigned plus);
u128 dfp_from_bcd(const DfpFormat *f, SfEnv *env, u128 b, bool sign);
/* Biased exponent; -1 infinity, -2 QNaN, -3 SNaN. */
int64_t dfp_get_exp(const DfpFormat *f, u128 b);
u128 dfp_set_exp(const DfpFormat *f, int64_t exp, u128 b);
/* The digits shifted, lost at the ends; specials keep what they are. */
u128 dfp_shift_left(const DfpFormat *f, u128 a, unsigned n);
u128 dfp_shift_right(const DfpFormat *f, u128 a, unsigned n);

#endif
