/*
 * Sweeps' operations for the reference: SSE where it rounds as IEEE 754 says and
 * C where PowerPC has rules of its own.  Lanes of wider results lie as in
 * sweep_ppc.h.
 */
#ifndef SWEEP_X86_H
#define SWEEP_X86_H
#include <immintrin.h>
#include <math.h>

#define MIN_S 0x00800000u

static inline float as_float(uint32_t w)
{
	float f;
	memcpy(&f, &w, 4);
	return f;
}

static inline bool nan_word(uint32_t w)
{
	return w << 1 > 0xff000000u;
}

static inline bool any_nan(V4 r)
{
	V4 hit = (V4)((r << 1) > (V4){ 0xff000000, 0xff000000, 0xff000000, 0xff000000 });
	return _mm_movemask_epi8((__m128i)hit) != 0;
}

/* The payload of the first operand that is a NaN, made quiet; else the default NaN. */
static uint32_t nan_of(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t w = nan_word(a) ? a : nan_word(b) ? b : nan_word(c) ? c : 0x7fc00000;
	return w | 0x00400000;
}

static V4 fix_nans(V4 r, V4 a, V4 b, V4 c)
{
	for (int i = 0; i < 4; i++)
		if (nan_word(r[i]))
			r[i] = nan_of(a[i], b[i], c[i]);
	return r;
}

/* Underflow of results that were rounded up to the smallest normal number. */
static V4 fix_tiny(V4 r, char formula, V4 a, V4 b, V4 c)
{
	V4 hit = (V4)((r << 1) == (V4){ MIN_S << 1, MIN_S << 1, MIN_S << 1, MIN_S << 1 });
	if (_mm_movemask_epi8((__m128i)hit) == 0)
		return r;
	for (int i = 0; i < 4; i++)
		if (hit[i] &&
		    is_tiny(formula, as_float(a[i]), as_float(b[i]), as_float(c[i]), 0x1p-126))
			soft_flags |= FLAG_U;
	return r;
}

static inline Wide both(V4 r)
{
	return (Wide){ r, r };
}

static inline Wide op_sqrt(V4 x, V4 k, V4 k2)
{
	V4 r;
	(void)k, (void)k2;
	__asm__ volatile("sqrtps %1,%0" : "=x"(r) : "x"(x));
	return both(any_nan(r) ? fix_nans(r, x, x, x) : r);
}

/* Immediates of ROUNDPS: 4 the present mode, 8 no inexact; NaNs come out as PowerPC's. */
#define ROUNDING(name, imm)                                                                        \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		(void)k, (void)k2;                                                                 \
		__asm__ volatile("roundps %2,%1,%0" : "=x"(x) : "x"(x), "i"(imm));                 \
		return both(x);                                                                    \
	}
ROUNDING(rint, 4)
ROUNDING(floor, 8 | 1)
ROUNDING(ceil, 8 | 2)
ROUNDING(trunc, 8 | 3)

/* To nearest, ties away from zero: on the bits, so that no flag is touched. */
static inline uint32_t round_word(uint32_t w)
{
	int shift = 23 - ((int)(w >> 23 & 255) - 127);
	if (nan_word(w)) {
		if (!(w & 0x00400000))
			soft_flags |= FLAG_V;
		return w | 0x00400000;
	}
	if (shift <= 0)
		return w;
	if (shift > 24)
		return w & 0x80000000;
	w += UINT32_C(1) << (shift - 1);
	return shift > 23 ? (w & 0x80000000) | ((w & 0x7f800000) > 0x3f000000 ? 0x3f800000 : 0)
			  : w & ~((UINT32_C(1) << shift) - 1);
}

static inline Wide op_round(V4 x, V4 k, V4 k2)
{
	(void)k, (void)k2;
	for (int i = 0; i < 4; i++)
		x[i] = round_word(x[i]);
	return both(x);
}

static inline uint64_t chopped(uint32_t w, unsigned bits, bool is_signed)
{
	double x = nan_word(w) ? NAN : as_float(w);
	return to_integer(x, __builtin_trunc(x), bits, is_signed);
}

#define TO32(name, is_signed)                                                                      \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		(void)k, (void)k2;                                                                 \
		for (int i = 0; i < 4; i++)                                                        \
			x[i] = (uint32_t)chopped(x[i], 32, is_signed);                             \
		return both(x);                                                                    \
	}
TO32(toi32, true)
TO32(tou32, false)

#define TO64(name, is_signed)                                                                      \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		Wide r;                                                                            \
		(void)k, (void)k2;                                                                 \
		for (int i = 0; i < 4; i++) {                                                      \
			uint64_t v = chopped(x[i], 64, is_signed);                                 \
			V4 *half = i & 1 ? &r.b : &r.a;                                            \
			(*half)[i & 2] = (uint32_t)v;                                              \
			(*half)[(i & 2) + 1] = (uint32_t)(v >> 32);                                \
		}                                                                                  \
		return r;                                                                          \
	}
TO64(toi64, true)
TO64(tou64, false)

#define ROUNDED(name)                                                                              \
	static inline Wide op_r##name(V4 x, V4 k, V4 k2)                                           \
	{                                                                                          \
		return op_##name(op_rint(x, k, k2).a, k, k2);                                      \
	}
ROUNDED(toi32)
ROUNDED(tou32)
ROUNDED(toi64)
ROUNDED(tou64)

static inline Wide op_fromi32(V4 x, V4 k, V4 k2)
{
	(void)k, (void)k2;
	__asm__ volatile("cvtdq2ps %1,%0" : "=x"(x) : "x"(x));
	return both(x);
}

static inline Wide op_fromu32(V4 x, V4 k, V4 k2)
{
	(void)k, (void)k2;
	for (int i = 0; i < 4; i++) {
		double d = x[i];
		float f;
		__asm__ volatile("cvtsd2ss %1,%0" : "=x"(f) : "x"(d));
		memcpy((char *)&x + 4 * i, &f, 4);
	}
	return both(x);
}

static inline V4 widen2(V4 x)
{
	V4 r;
	__asm__ volatile("cvtps2pd %1,%0" : "=x"(r) : "x"(x));
	return r;
}

static inline Wide op_widen(V4 x, V4 k, V4 k2)
{
	(void)k, (void)k2;
	V4 even = widen2((V4){ x[0], x[2], 0, 0 }), odd = widen2((V4){ x[1], x[3], 0, 0 });
	return (Wide){ even, odd };
}

/* Two doubles to single; results in lanes 1 and 3. */
static inline V4 narrow(V4 d)
{
	V4 r;
	__asm__ volatile("cvtpd2ps %1,%0" : "=x"(r) : "x"(d));
	for (int i = 0; i < 2; i++) {
		double x;
		memcpy(&x, (char *)&d + 8 * i, 8);
		if (r[i] << 1 == MIN_S << 1 && is_tiny('n', x, 0, 0, 0x1p-126))
			soft_flags |= FLAG_U;
	}
	return (V4){ 0, r[0], 0, r[1] };
}

static inline Wide op_there(V4 x, V4 k, V4 k2)
{
	Wide d = op_widen(x, k, k2);
	return (Wide){ narrow(d.a), narrow(d.b) };
}

static inline Wide op_narrow(V4 x, V4 k, V4 k2)
{
	(void)k2;
	return (Wide){ narrow((V4){ k[0], x[0], k[0], x[1] }),
		       narrow((V4){ k[0], x[2], k[0], x[3] }) };
}

/* A is also where the result goes. */
#define BINARY(name, insn, formula, A, B)                                                          \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		V4 r = A;                                                                          \
		(void)k2;                                                                          \
		__asm__ volatile(insn " %1,%0" : "+x"(r) : "x"(B));                                \
		if (any_nan(r))                                                                    \
			r = fix_nans(r, A, B, B);                                                  \
		return both(formula ? fix_tiny(r, formula, A, B, B) : r);                          \
	}
BINARY(add, "addps", 0, x, k)
BINARY(sub, "subps", 0, x, k)
BINARY(rsub, "subps", 0, k, x)
BINARY(mul, "mulps", '*', x, k)
BINARY(div, "divps", '/', x, k)
BINARY(rdiv, "divps", '/', k, x)

static bool infinity_times_zero(uint32_t a, uint32_t b)
{
	return (a << 1 == 0xff000000 && b << 1 == 0) || (b << 1 == 0xff000000 && a << 1 == 0);
}

static V4 fused(V4 x, V4 k, V4 k2, char formula, uint32_t negate)
{
	V4 r = k2;
	if (formula == 'f')
		__asm__ volatile("vfmadd231ps %2,%1,%0" : "+x"(r) : "x"(x), "x"(k));
	else
		__asm__ volatile("vfmsub231ps %2,%1,%0" : "+x"(r) : "x"(x), "x"(k));
	fix_tiny(r, formula, x, k, k2);
	V4 out = r ^ (V4) { negate, negate, negate, negate };
	if (!any_nan(r))
		return out;
	/* The addend's NaN goes before the second factor's; NaNs are not negated. */
	for (int i = 0; i < 4; i++) {
		if (!nan_word(r[i]))
			continue;
		out[i] = nan_of(x[i], k2[i], k[i]);
		if (infinity_times_zero(x[i], k[i]))
			soft_flags |= FLAG_V;
	}
	return out;
}

#define TERNARY(name, formula, negate)                                                             \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		return both(fused(x, k, k2, formula, negate));                                     \
	}
TERNARY(madd, 'f', 0)
TERNARY(msub, 'g', 0)
TERNARY(nmadd, 'f', 0x80000000)
TERNARY(nmsub, 'g', 0x80000000)
#endif
