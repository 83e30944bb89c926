/*
 * Inside softfloat.c: the common case of f32 and f64 arithmetic in 64-bit
 * integers.  Operands and result are normal numbers, well inside the range;
 * whatever is not answers false, and the general way takes over.  So there is no
 * overflow, underflow, zero or NaN here: only rounding, in every mode.
 */
#ifndef TARGET_PPC_SOFTFLOAT_QUICK_H
#define TARGET_PPC_SOFTFLOAT_QUICK_H

#include "target-ppc/softfloat_num.h"
#include "target-ppc/softfloat_root.h"

enum { QUICK_BIAS = 1023 };

/* A normal double: biased exponent, significand with its top bit at bit 52. */
typedef struct Quick {
	uint64_t m;
	int e;
	bool sign;
} Quick;

static inline bool quick_take(uint64_t v, Quick *q)
{
	q->e = (int)(v >> 52 & 0x7ff);
	q->m = (v & mask64(12, 63)) | BIT64(11);
	q->sign = v >> 63;
	return (unsigned)q->e - 1 < 2046;
}

/*
 * Rounds m (bit 63 set, bit 0 sticky) with biased exponent e to 53 bits, or to 24 when
 * single, and packs it.
 */
static inline bool quick_round(SfEnv *env, bool sign, int e, uint64_t m, bool single, uint64_t *r)
{
	uint64_t unit = single ? UINT64_C(1) << 40 : UINT64_C(1) << 11, rest = m & (unit - 1);
	bool up = false;

	/* One exponent to spare at the top, for the carry. */
	if (single ? e < 897 || e > 1149 : e < 1 || e > 2045)
		return false;
	if (rest) {
		int half = rest > unit / 2 ? 1 : rest == unit / 2 ? 0 : -1;

		up = sf_round_up(env->rm, sign, m & unit, half);
		env->flags |= SF_XX;
		m -= rest;
		if (up) {
			m += unit;
			if (!m) {
				m = BIT64(0);
				e++;
			}
		}
	}
	env->fi = rest != 0;
	env->fr = up;
	*r = (uint64_t)sign << 63 | (uint64_t)e << 52 | m << 1 >> 12;
	return true;
}

static inline uint64_t quick_jam(uint64_t v, unsigned n)
{
	return n > 63 ? 1 : n ? v >> n | (v << (64 - n) != 0) : v;
}

static inline bool quick_add(SfEnv *env, uint64_t a, uint64_t b, bool single, uint64_t *r)
{
	Quick x, y;
	uint64_t m, n;
	unsigned lz;

	if (b << 1 > a << 1) {
		m = a;
		a = b;
		b = m;
	}
	if (!quick_take(a, &x) || !quick_take(b, &y))
		return false;
	/* Top bit at 62: one of headroom, ten to guard. */
	m = x.m << 10;
	n = quick_jam(y.m << 10, (unsigned)(x.e - y.e));
	m = x.sign == y.sign ? m + n : m - n;
	if (!m)
		return false;
	lz = clz64(m);
	return quick_round(env, x.sign, x.e + 1 - (int)lz, m << lz, single, r);
}

static inline bool quick_mul(SfEnv *env, uint64_t a, uint64_t b, bool single, uint64_t *r)
{
	Quick x, y;
	u128 p;
	int e;

	if (!quick_take(a, &x) || !quick_take(b, &y))
		return false;
	p = (u128)(x.m << 11) * (y.m << 11);
	e = x.e + y.e - QUICK_BIAS;
	if (p >> 127)
		e++;
	else
		p <<= 1;
	return quick_round(env, x.sign ^ y.sign, e, (uint64_t)(p >> 64) | ((uint64_t)p != 0),
			   single, r);
}

static inline bool quick_div(SfEnv *env, uint64_t a, uint64_t b, bool single, uint64_t *r)
{
	Quick x, y;
	uint64_t q, d;
	unsigned lz;
	u128 n;

	if (!quick_take(a, &x) || !quick_take(b, &y))
		return false;
	/* The quotient has its top bit at 61 or 62. */
	n = (u128)x.m << 62;
	d = y.m;
	q = (uint64_t)(n / d);
	q |= n - (u128)q * d != 0;
	lz = clz64(q);
	return quick_round(env, x.sign ^ y.sign, x.e - y.e + QUICK_BIAS + 1 - (int)lz, q << lz,
			   single, r);
}

static inline bool quick_sqrt(SfEnv *env, uint64_t a, bool single, uint64_t *r)
{
	Quick x;
	uint64_t q;
	bool rest, odd;

	if (!quick_take(a, &x) || x.sign)
		return false;
	odd = (x.e - QUICK_BIAS) & 1;
	q = quick_root(x.m << (odd ? 11 : 10), &rest);
	return quick_round(env, false, (x.e - QUICK_BIAS - odd) / 2 + QUICK_BIAS, q << 9 | rest,
			   single, r);
}

/* a * c + b: the product is exact in 106 bits, top at 124 or 125. */
static inline bool quick_fma(SfEnv *env, uint64_t a, uint64_t c, uint64_t b, unsigned how,
			     bool single, uint64_t *r)
{
	Quick x, y, z;
	u128 p, s;
	bool sign;
	int e, d;
	unsigned lz;

	if (!quick_take(a, &x) || !quick_take(c, &y) || !quick_take(b, &z))
		return false;
	p = (u128)x.m * y.m << 20;
	s = (u128)z.m << 72;
	e = x.e + y.e - QUICK_BIAS;
	d = e - z.e;
	/* Of what is shifted, bits are lost only when nothing much can cancel. */
	if (d >= 0) {
		s = sf_shr_jam(s, (unsigned)d);
	} else {
		p = sf_shr_jam(p, (unsigned)-d);
		e = z.e;
	}
	sign = x.sign ^ y.sign;
	z.sign ^= how & SF_FMA_NEG_ADDEND;
	if (sign == z.sign) {
		p += s;
	} else if (p > s) {
		p -= s;
	} else {
		p = s - p;
		sign = z.sign;
	}
	if (!p)
		return false;
	lz = sf_clz128(p);
	p <<= lz;
	if (!quick_round(env, sign, e + 3 - (int)lz, (uint64_t)(p >> 64) | ((uint64_t)p != 0),
			 single, r))
		return false;
	if (how & SF_FMA_NEG_RESULT)
		*r ^= BIT64(0);
	return true;
}

/* The families' names for them: q64, q64s, q32 (singles travel as doubles), qno (none). */
#define QUICK_TWO(op)                                                                              \
	static inline bool q64_##op(SfEnv *env, uint64_t a, uint64_t b, uint64_t *r)               \
	{                                                                                          \
		return quick_##op(env, a, b, false, r);                                            \
	}                                                                                          \
	static inline bool q64s_##op(SfEnv *env, uint64_t a, uint64_t b, uint64_t *r)              \
	{                                                                                          \
		return quick_##op(env, a, b, true, r);                                             \
	}                                                                                          \
	static inline bool q32_##op(SfEnv *env, uint32_t a, uint32_t b, uint32_t *r)               \
	{                                                                                          \
		uint64_t w;                                                                        \
                                                                                                   \
		if (!quick_normal32(a) || !quick_normal32(b) ||                                    \
		    !quick_##op(env, quick_widen(a), quick_widen(b), true, &w))                    \
			return false;                                                              \
		*r = quick_narrow(w);                                                              \
		return true;                                                                       \
	}                                                                                          \
	static inline bool qno_##op(SfEnv *env, u128 a, u128 b, u128 *r)                           \
	{                                                                                          \
		(void)env, (void)a, (void)b, (void)r;                                              \
		return false;                                                                      \
	}

static inline bool quick_normal32(uint32_t v)
{
	return (v >> 23 & 0xff) - 1 < 254;
}

static inline uint64_t quick_widen(uint32_t v)
{
	return (uint64_t)(v & 0x80000000) << 32 |
	       (((uint64_t)(v & 0x7fffffff) << 29) + ((uint64_t)(QUICK_BIAS - 127) << 52));
}

static inline uint32_t quick_narrow(uint64_t v)
{
	return (uint32_t)(v >> 32 & 0xc0000000) | (uint32_t)(v >> 29 & 0x3fffffff);
}

static inline bool quick_sub(SfEnv *env, uint64_t a, uint64_t b, bool single, uint64_t *r)
{
	return quick_add(env, a, b ^ BIT64(0), single, r);
}

QUICK_TWO(add)
QUICK_TWO(sub)
QUICK_TWO(mul)
QUICK_TWO(div)
#undef QUICK_TWO

static inline bool q64_sqrt(SfEnv *env, uint64_t a, uint64_t *r)
{
	return quick_sqrt(env, a, false, r);
}

static inline bool q64s_sqrt(SfEnv *env, uint64_t a, uint64_t *r)
{
	return quick_sqrt(env, a, true, r);
}

static inline bool q32_sqrt(SfEnv *env, uint32_t a, uint32_t *r)
{
	uint64_t w;

	if (!quick_normal32(a) || !quick_sqrt(env, quick_widen(a), true, &w))
		return false;
	*r = quick_narrow(w);
	return true;
}

static inline bool qno_sqrt(SfEnv *env, u128 a, u128 *r)
{
	(void)env, (void)a, (void)r;
	return false;
}

static inline bool q64_fma(SfEnv *env, uint64_t a, uint64_t c, uint64_t b, unsigned how,
			   uint64_t *r)
{
	return quick_fma(env, a, c, b, how, false, r);
}

static inline bool q64s_fma(SfEnv *env, uint64_t a, uint64_t c, uint64_t b, unsigned how,
			    uint64_t *r)
{
	return quick_fma(env, a, c, b, how, true, r);
}

static inline bool q32_fma(SfEnv *env, uint32_t a, uint32_t c, uint32_t b, unsigned how,
			   uint32_t *r)
{
	uint64_t w;

	if (!quick_normal32(a) || !quick_normal32(c) || !quick_normal32(b) ||
	    !quick_fma(env, quick_widen(a), quick_widen(c), quick_widen(b), how, true, &w))
		return false;
	*r = quick_narrow(w);
	return true;
}

static inline bool qno_fma(SfEnv *env, u128 a, u128 c, u128 b, unsigned how, u128 *r)
{
	(void)env, (void)a, (void)c, (void)b, (void)how, (void)r;
	return false;
}

#endif
