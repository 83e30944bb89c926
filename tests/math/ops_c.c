/*
 * C's operators and what the compiler makes instructions of.  Built more than
 * once for the guest: with VSX registers, with floating-point registers only,
 * big-endian.
 */
#include "rig.h"

#define KERNEL(name, T, x, R, y, expr)                                                             \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = in->a.x[i], b = in->b.x[i], c = in->c.x[i];                          \
			(void)b, (void)c;                                                          \
			flags_clear();                                                             \
			PASS(a);                                                                   \
			PASS(b);                                                                   \
			PASS(c);                                                                   \
			R r = expr;                                                                \
			PASS(r);                                                                   \
			out->flags[i] = (uint8_t)flags_read();                                     \
			out->r.y[i] = r;                                                           \
		}                                                                                  \
	}
/* Negated after rounding: x86's compiler would take its own -(a * b) - c, rounded the other way. */
#if defined(__powerpc__)
#define NEGATE(x) (-(x))
#else
#define NEGATE(x)                                                                                  \
	({                                                                                         \
		__typeof__(x) rounded = x;                                                         \
		PASS(rounded);                                                                     \
		-rounded;                                                                          \
	})
#endif

#define DOUBLE(name, expr) KERNEL(name##_d, double, d, double, d, expr)
#define SINGLE(name, expr) KERNEL(name##_s, float, s, float, s, expr)

DOUBLE(add, a + b)
DOUBLE(sub, a - b)
DOUBLE(mul, a *b)
DOUBLE(div, a / b)
DOUBLE(sqrt, __builtin_sqrt(a))
DOUBLE(fma, __builtin_fma(a, b, c))
DOUBLE(fms, __builtin_fma(a, b, -c))
DOUBLE(nfma, NEGATE(__builtin_fma(a, b, c)))
DOUBLE(nfms, NEGATE(__builtin_fma(a, b, -c)))
DOUBLE(rint, __builtin_rint(a))
DOUBLE(nearbyint, __builtin_nearbyint(a))
DOUBLE(floor, __builtin_floor(a))
DOUBLE(ceil, __builtin_ceil(a))
DOUBLE(trunc, __builtin_trunc(a))
DOUBLE(round, __builtin_round(a))
KERNEL(narrow_d, double, d, float, s, (float)a)

SINGLE(add, a + b)
SINGLE(sub, a - b)
SINGLE(mul, a *b)
SINGLE(div, a / b)
SINGLE(sqrt, __builtin_sqrtf(a))
SINGLE(fma, __builtin_fmaf(a, b, c))
SINGLE(fms, __builtin_fmaf(a, b, -c))
SINGLE(nfma, NEGATE(__builtin_fmaf(a, b, c)))
SINGLE(nfms, NEGATE(__builtin_fmaf(a, b, -c)))
SINGLE(rint, __builtin_rintf(a))
SINGLE(nearbyint, __builtin_nearbyintf(a))
SINGLE(floor, __builtin_floorf(a))
SINGLE(ceil, __builtin_ceilf(a))
SINGLE(trunc, __builtin_truncf(a))
SINGLE(round, __builtin_roundf(a))

/* No operation on PowerPC, where it is the load that widens, and so has no flags. */
static void widen_s(const Operands *in, Results *out)
{
	for (int i = 0; i < CHUNK; i++) {
		float a = in->a.s[i];
		PASS(a);
		out->r.d[i] = (double)a;
		out->flags[i] = 0;
	}
}

/* Integers: results leave by way of general registers. */
#if defined(__powerpc__)
#define PASS_INT(r) __asm__ volatile("" : "+r"(r))
#define CHOP(x, type) ((uint64_t)(type)(x))
#define CHOP32(x, type) ((uint64_t)(uint32_t)(type)(x))
static inline uint64_t bits(double d)
{
	union {
		double d;
		uint64_t u;
	} v = { d };
	return v.u;
}
#define CONVERT(insn)                                                                              \
	static inline uint64_t insn(double x)                                                      \
	{                                                                                          \
		__asm__ volatile(#insn " %0,%1" : "=d"(x) : "d"(x));                               \
		return bits(x);                                                                    \
	}
CONVERT(fctiw)
CONVERT(fctid)
#define RINT_I32(a) (uint32_t) fctiw(a)
#define RINT_I64(a) fctid(a)
#if defined(_ARCH_PWR7)
CONVERT(fctiwu)
CONVERT(fctidu)
#define RINT_U32(a) (uint32_t) fctiwu(a)
#define RINT_U64(a) fctidu(a)
#endif
#else
#define PASS_INT(r) __asm__ volatile("" : "+r"(r))
#define CHOP(x, type) to_integer(x, __builtin_trunc(x), 64, (type)-1 < 1)
#define CHOP32(x, type) to_integer(x, __builtin_trunc(x), 32, (type)-1 < 1)
#define RINT_I32(a) to_integer(a, __builtin_nearbyint(a), 32, true)
#define RINT_I64(a) to_integer(a, __builtin_nearbyint(a), 64, true)
#define RINT_U32(a) to_integer(a, __builtin_nearbyint(a), 32, false)
#define RINT_U64(a) to_integer(a, __builtin_nearbyint(a), 64, false)
#endif

#define TO_INT(name, T, x, expr)                                                                   \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = in->a.x[i];                                                          \
			flags_clear();                                                             \
			PASS(a);                                                                   \
			uint64_t r = expr;                                                         \
			PASS_INT(r);                                                               \
			out->flags[i] = (uint8_t)flags_read();                                     \
			out->r.u[i] = r;                                                           \
		}                                                                                  \
	}
#define TO_INTS(name, expr) TO_INT(name##_d, double, d, expr) TO_INT(name##_s, float, s, expr)
TO_INTS(i32, CHOP32(a, int32_t))
TO_INTS(i64, CHOP(a, int64_t))
TO_INTS(lrint32, RINT_I32(a))
TO_INTS(lrint64, RINT_I64(a))
/* Below POWER7 unsigned conversions are made of others, with flags of their own. */
#if defined(_ARCH_PWR7) || !defined(__powerpc__)
TO_INTS(u32, CHOP32(a, uint32_t))
TO_INTS(u64, CHOP(a, uint64_t))
TO_INTS(urint32, RINT_U32(a))
TO_INTS(urint64, RINT_U64(a))
#define HAVE_UNSIGNED 1
#endif

#define FROM_INT(name, T, R, y)                                                                    \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = (T)in->a.u[i];                                                       \
			flags_clear();                                                             \
			PASS_INT(a);                                                               \
			R r = (R)a;                                                                \
			PASS(r);                                                                   \
			out->flags[i] = (uint8_t)flags_read();                                     \
			out->r.y[i] = r;                                                           \
		}                                                                                  \
	}
FROM_INT(i64_to_d, int64_t, double, d)
FROM_INT(i64_to_s, int64_t, float, s)
FROM_INT(i32_to_d, int32_t, double, d)
FROM_INT(i32_to_s, int32_t, float, s)
#if defined(_ARCH_PWR7) || !defined(__powerpc__)
FROM_INT(u64_to_d, uint64_t, double, d)
FROM_INT(u64_to_s, uint64_t, float, s)
FROM_INT(u32_to_s, uint32_t, float, s)
#endif

/* Quiet comparisons: less, greater, equal, unordered as four bits. */
#define COMPARE(name, T, x)                                                                        \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = in->a.x[i], b = in->b.x[i];                                          \
			flags_clear();                                                             \
			PASS(a);                                                                   \
			PASS(b);                                                                   \
			uint64_t r = (uint64_t)__builtin_isless(a, b) * 8 +                        \
				     (uint64_t)__builtin_isgreater(a, b) * 4 +                     \
				     (uint64_t)(a == b) * 2 +                                      \
				     (uint64_t)__builtin_isunordered(a, b);                        \
			PASS_INT(r);                                                               \
			out->flags[i] = (uint8_t)flags_read();                                     \
			out->r.u[i] = r;                                                           \
		}                                                                                  \
	}
COMPARE(compare_d, double, d)
COMPARE(compare_s, float, s)

/* clang-format off */
#define UNARIES(g, T, t) \
	{g, "sqrt", T, 0, sqrt_##t}, {g, "rint", T, 0, rint_##t}, \
	{g, "nearbyint", T, 0, nearbyint_##t}, {g, "floor", T, 0, floor_##t}, \
	{g, "ceil", T, 0, ceil_##t}, {g, "trunc", T, 0, trunc_##t}, \
	{g, "round", T, 0, round_##t}, {g, "i32", 'i', 0, i32_##t}, \
	{g, "i64", 'i', 0, i64_##t}, {g, "lrint32", 'i', 0, lrint32_##t}, \
	{g, "lrint64", 'i', 0, lrint64_##t}
#define BINARIES(g, T, t) \
	{g, "add", T, 0, add_##t}, {g, "sub", T, 0, sub_##t}, {g, "mul", T, '*', mul_##t}, \
	{g, "div", T, '/', div_##t}, {g, "compare", 'i', 0, compare_##t}
#define FUSED(g, T, t) \
	{g, "fma", T, 'f', fma_##t}, {g, "fms", T, 'g', fms_##t}, \
	{g, "nfma", T, 'f', nfma_##t}, {g, "nfms", T, 'g', nfms_##t}
#define UNSIGNED(g, t) \
	{g, "u32", 'i', 0, u32_##t}, {g, "u64", 'i', 0, u64_##t}, \
	{g, "urint32", 'i', 0, urint32_##t}, {g, "urint64", 'i', 0, urint64_##t}

const Op ops_c[] = {
	BINARIES("d2", 'd', d), FUSED("d2", 'd', d), UNARIES("d1", 'd', d),
	{"d1", "narrow", 's', 'n', narrow_d},
	BINARIES("s2", 's', s), FUSED("s2", 's', s), UNARIES("s1", 's', s),
	{"s1", "widen", 'd', 0, widen_s},
	UNARIES("sx", 's', s), {"sx", "widen", 'd', 0, widen_s},
	{"i1", "i64_to_d", 'd', 0, i64_to_d}, {"i1", "i64_to_s", 's', 0, i64_to_s},
	{"i1", "i32_to_d", 'd', 0, i32_to_d}, {"i1", "i32_to_s", 's', 0, i32_to_s},
#ifdef HAVE_UNSIGNED
	UNSIGNED("d1", d), UNSIGNED("s1", s), UNSIGNED("sx", s),
	{"i1", "u64_to_d", 'd', 0, u64_to_d}, {"i1", "u64_to_s", 's', 0, u64_to_s},
	{"i1", "u32_to_s", 's', 0, u32_to_s},
#endif
	{0}};

/* What ops_vec.c's instructions are to give. */
#if !defined(__powerpc__)
const Op ops_vec[] = {
	{"dvec1", "sqrt", 'd', 0, sqrt_d}, {"dvec1", "rint", 'd', 0, rint_d},
	{"dvec1", "floor", 'd', 0, floor_d}, {"dvec1", "ceil", 'd', 0, ceil_d},
	{"dvec1", "trunc", 'd', 0, trunc_d}, {"dvec1", "round", 'd', 0, round_d},
	{"dvec1", "i64", 'i', 0, i64_d}, {"dvec1", "u64", 'i', 0, u64_d},
	{"dvec1", "i32", 'i', 0, i32_d}, {"dvec1", "u32", 'i', 0, u32_d},
	{"dvec1", "narrow", 's', 'n', narrow_d},
	{"ivec1", "i64_to_d", 'd', 0, i64_to_d}, {"ivec1", "u64_to_d", 'd', 0, u64_to_d},
	{"ivec1", "i64_to_s", 's', 0, i64_to_s}, {"ivec1", "u64_to_s", 's', 0, u64_to_s},
	{"dvec2", "add", 'd', 0, add_d}, {"dvec2", "sub", 'd', 0, sub_d},
	{"dvec2", "mul", 'd', '*', mul_d}, {"dvec2", "div", 'd', '/', div_d}, FUSED("dvec2", 'd', d),
	{"dvec2", "fma-m", 'd', 'f', fma_d}, {"dvec2", "fms-m", 'd', 'g', fms_d},
	{"dvec2", "nfma-m", 'd', 'f', nfma_d}, {"dvec2", "nfms-m", 'd', 'g', nfms_d},
	{0}};
#endif
/* clang-format on */
