/*
 * Inside softfloat*.c: a number taken apart, whatever its format.
 *
 * Finite non-zero: frac / 2^127 * 2^exp with bit 127 of frac set.  An unrounded result may
 * stand for more bits than it has: bit 0 is then "sticky" (something non-zero
 * follows).  The widest format has 113 bits, so sticky never meets the
 * rounding position.  NaNs: frac is the payload, left-aligned, bit 127 the quiet bit.
 */
#ifndef TARGET_PPC_SOFTFLOAT_NUM_H
#define TARGET_PPC_SOFTFLOAT_NUM_H

#include "target-ppc/softfloat.h"

typedef enum SfClass { SF_ZERO, SF_FINITE, SF_INF, SF_QNAN, SF_SNAN } SfClass;

typedef struct SfNum {
	u128 frac;
	int32_t exp;
	uint8_t cls; /* SfClass */
	bool sign;
} SfNum;

/* What rounding must know of a format. */
typedef struct SfFormat {
	int prec;	/* significant bits */
	int emin, emax; /* exponents of normal numbers */
	int adjust;	/* added or taken away when UX or OX is enabled: 3 * 2^(w-2) */
} SfFormat;

extern const SfFormat sf_fmt16, sf_fmt32, sf_fmt64, sf_fmt80, sf_fmt128;

#define SF_TOP ((u128)1 << 127)

static inline unsigned sf_clz128(u128 v)
{
	uint64_t hi = (uint64_t)(v >> 64);

	return hi ? clz64(hi) : 64 + clz64((uint64_t)v);
}

static inline bool sf_isnan(SfNum n)
{
	return n.cls >= SF_QNAN;
}

/* v >> n, with what falls out kept as a sticky bit 0. */
static inline u128 sf_shr_jam(u128 v, unsigned n)
{
	if (!n)
		return v;
	if (n > 127)
		return v != 0;
	return v >> n | (v << (128 - n) != 0);
}

static inline SfNum sf_zero(bool sign)
{
	return (SfNum){ .cls = SF_ZERO, .sign = sign };
}
static inline SfNum sf_inf(bool sign)
{
	return (SfNum){ .cls = SF_INF, .sign = sign };
}

/* The default NaN, with its cause. */
static inline SfNum sf_invalid(SfEnv *env, uint32_t cause)
{
	env->flags |= cause;
	return (SfNum){ .cls = SF_QNAN, .frac = SF_TOP };
}

/* From the bits of an IEEE interchange format with ebits of exponent, fbits of fraction. */
static inline __attribute__((always_inline)) SfNum sf_unpack(u128 v, unsigned ebits, unsigned fbits)
{
	int emask = (1 << ebits) - 1, bias = emask >> 1;
	int e = (int)(v >> fbits) & emask;
	u128 f = v << (128 - fbits);
	SfNum n = { .sign = v >> (ebits + fbits) & 1, .cls = SF_FINITE };

	if (e == emask) {
		n.cls = !f ? SF_INF : f & SF_TOP ? SF_QNAN : SF_SNAN;
		n.frac = f;
	} else if (e) {
		n.frac = f >> 1 | SF_TOP;
		n.exp = e - bias;
	} else if (f) {
		unsigned lz = sf_clz128(f);

		n.frac = f << lz;
		n.exp = -bias - (int)lz;
	} else {
		n.cls = SF_ZERO;
	}
	return n;
}

static inline SfNum sf_unpack16(uint16_t v)
{
	return sf_unpack(v, 5, 10);
}
static inline SfNum sf_unpack32(uint32_t v)
{
	return sf_unpack(v, 8, 23);
}
static inline SfNum sf_unpack64(uint64_t v)
{
	return sf_unpack(v, 11, 52);
}
static inline SfNum sf_unpack128(u128 v)
{
	return sf_unpack(v, 15, 112);
}

/* AltiVec's operand: with NJ a denormal number is a zero. */
static inline SfNum sf_unpack32_nj(const SfEnv *env, uint32_t v)
{
	if (unlikely(env->nj) && !(v & 0x7f800000))
		v &= 0x80000000;
	return sf_unpack32(v);
}

/*
 * Back to bits; the number fits the format exactly (it was rounded to it, or
 * comes from a narrower one).  An adjusted exponent may be out of even the
 * target's range (fmuls of huge doubles, undefined by the book): it wraps.
 */
static inline __attribute__((always_inline)) u128 sf_pack(SfNum n, unsigned ebits, unsigned fbits)
{
	int emask = (1 << ebits) - 1, bias = emask >> 1;
	int e = n.exp + bias;
	u128 sign = (u128)n.sign << (ebits + fbits);
	u128 top = (u128)emask << fbits;

	switch (n.cls) {
	case SF_ZERO: return sign;
	case SF_INF: return sign | top;
	case SF_QNAN:
	case SF_SNAN: return sign | top | n.frac >> (128 - fbits);
	}
	n.frac >>= 127 - fbits;
	if (e <= 0)
		return sign | (e < -(int)fbits ? 0 : n.frac >> (1 - e));
	return sign | (u128)(e & emask) << fbits | (n.frac & (((u128)1 << fbits) - 1));
}

static inline uint16_t sf_pack16(SfNum n)
{
	return (uint16_t)sf_pack(n, 5, 10);
}
static inline uint32_t sf_pack32(SfNum n)
{
	return (uint32_t)sf_pack(n, 8, 23);
}
static inline uint64_t sf_pack64(SfNum n)
{
	return (uint64_t)sf_pack(n, 11, 52);
}
/* A single in double format: a NaN too keeps only the payload bits a single has. */
static inline uint64_t sf_pack64s(SfNum n)
{
	if (sf_isnan(n))
		n.frac &= ~(u128)0 << (128 - 23);
	return sf_pack64(n);
}
static inline u128 sf_pack128(SfNum n)
{
	return sf_pack(n, 15, 112);
}

/* Rounds by env->rm to a format; the result is exact in it, or infinite, or zero. */
SfNum sf_round(SfEnv *env, SfNum n, const SfFormat *f);
/* Is the magnitude to be incremented?  half: the rest against half a unit (-1, 0, 1), not 0. */
bool sf_round_up(unsigned rm, bool sign, bool odd, int half);
/* To an integral value by rm; says whether that changed it, and whether upwards in magnitude. */
SfNum sf_num_rint(SfNum n, unsigned rm, bool *inexact, bool *up);
/* Of NaN operands the first, made quiet; VXSNAN if any is signaling. */
SfNum sf_nan2(SfEnv *env, SfNum a, SfNum b);
SfNum sf_nan3(SfEnv *env, SfNum a, SfNum b, SfNum c);

#endif
