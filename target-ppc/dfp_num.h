/*
 * Inside dfp*.c: exact intermediate results of up to 256 bits (77 digits; a product of
 * two extended coefficients has 68), and their rounding.
 */
#ifndef TARGET_PPC_DFP_NUM_H
#define TARGET_PPC_DFP_NUM_H

#include "target-ppc/dfp.h"

typedef struct DfpWide {
	uint64_t w[4]; /* least significant first */
} DfpWide;

static inline DfpWide dfp_wide(u128 v)
{
	return (DfpWide){ { (uint64_t)v, (uint64_t)(v >> 64), 0, 0 } };
}
static inline u128 dfp_wide_low(const DfpWide *v)
{
	return (u128)v->w[1] << 64 | v->w[0];
}

/* A result before rounding: (c, and a bit more when sticky) * 10^exp. */
typedef struct DfpExact {
	DfpWide c;
	int32_t exp;
	bool neg, sticky;
} DfpExact;

/* 10^n, n up to 38. */
u128 dfp_pow10(unsigned n);
/* Divides v by 10^n: the last digit that went, and whether any before it was not 0. */
unsigned dfp_drop(DfpWide *v, unsigned n, bool *sticky);
/*
 * Cuts n digits off x->c by the rounding mode rm: XX, FI and FR.  Rounding up may carry into one
 * more digit.  What is left must fit.
 */
u128 dfp_cut(SfEnv *env, unsigned rm, const DfpExact *x, unsigned n);
/*
 * Rounds to f (env->rm) in the form closest to the exponent `ideal`, with overflow, underflow
 * and inexact.  wrap: adjustment of an enabled overflow or underflow; returns whether
 * it was applied (the exponent may then lie outside of f).
 */
bool dfp_round(const DfpFormat *f, SfEnv *env, const DfpExact *x, int32_t ideal, int32_t wrap,
	       DfpNum *r);
/* The same, packed, with f's own adjustment. */
u128 dfp_finish(const DfpFormat *f, SfEnv *env, const DfpExact *x, int32_t ideal);
/* b made quiet; VXSNAN when it signalled. */
u128 dfp_quiet(const DfpFormat *f, SfEnv *env, DfpNum b);
/* Default NaN and the cause of an invalid operation. */
u128 dfp_invalid(const DfpFormat *f, SfEnv *env, uint32_t cause);
u128 dfp_inf(const DfpFormat *f, bool neg);
void dfp_scale(DfpWide *v, unsigned n); /* times 10^n */
/* A finite number whose digits and exponent fit. */
u128 dfp_finite(const DfpFormat *f, bool neg, u128 coeff, int32_t exp);

static inline void dfp_begin(SfEnv *env)
{
	env->fi = env->fr = false;
}
static inline bool dfp_is_nan(const DfpNum *n)
{
	return n->kind >= DFP_QNAN;
}
/* Exponent of the first digit of the smallest normal number. */
static inline int32_t dfp_min_normal(const DfpFormat *f)
{
	return f->digits - 1 - f->bias;
}

#endif
