/*
 * glibc's own functions (built with -fno-builtin), their flags read by
 * fetestexcept().  Only functions whose results the C standard or IEEE 754 defines
 * to the bit: x86's glibc must then give the same.
 */
#include "rig.h"
#include <fenv.h>
#include <math.h>

static unsigned c_flags(void)
{
	int f = fetestexcept(FE_ALL_EXCEPT);
	return (f & FE_INEXACT ? FLAG_X : 0) | (f & FE_DIVBYZERO ? FLAG_Z : 0) |
	       (f & FE_UNDERFLOW ? FLAG_U : 0) | (f & FE_OVERFLOW ? FLAG_O : 0) |
	       (f & FE_INVALID ? FLAG_V : 0);
}

#define KERNEL(name, T, x, R, y, expr)                                                             \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = in->a.x[i], b = in->b.x[i], c = in->c.x[i];                          \
			(void)b, (void)c;                                                          \
			feclearexcept(FE_ALL_EXCEPT);                                              \
			R r = expr;                                                                \
			out->flags[i] = (uint8_t)c_flags();                                        \
			out->r.y[i] = r;                                                           \
		}                                                                                  \
	}
#define BOTH(fn, ...)                                                                              \
	KERNEL(fn##_d, double, d, double, d, fn(__VA_ARGS__))                                      \
	KERNEL(fn##_s, float, s, float, s, fn##f(__VA_ARGS__))
BOTH(sqrt, a)
BOTH(fma, a, b, c)
BOTH(rint, a)
BOTH(nearbyint, a)
BOTH(floor, a)
BOTH(ceil, a)
BOTH(trunc, a)
BOTH(round, a)
BOTH(logb, a)
BOTH(fmod, a, b)
BOTH(remainder, a, b)
BOTH(nextafter, a, b)
BOTH(copysign, a, b)
BOTH(fdim, a, b)
/* The scale from the second operand's upper bits: -2048 to 2047, more than there are exponents. */
KERNEL(scalbn_d, double, d, double, d, (c = b, scalbn(a, (int)(in->b.u[i] >> 52) - 2048)))
KERNEL(scalbn_s, float, s, float, s, (c = b, scalbnf(a, (int)(in->b.w[i] >> 23) - 256)))

/* Whether a long holds the result; what it does not hold is each machine's own. */
static int fits(double x)
{
	return x >= -0x1p63 && x < 0x1p63;
}

/* `ignored`: flags that Annex F leaves open (F.10.6.7: lround() may raise inexact). */
#define TO_LONG(fn, T, x, call, ignored)                                                           \
	static void fn##_##x(const Operands *in, Results *out)                                     \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = in->a.x[i];                                                          \
			uint64_t r = 0;                                                            \
			out->flags[i] = 0;                                                         \
			if (fits(a)) {                                                             \
				feclearexcept(FE_ALL_EXCEPT);                                      \
				r = (uint64_t)call(a);                                             \
				out->flags[i] = (uint8_t)(c_flags() & ~(ignored));                 \
			}                                                                          \
			out->r.u[i] = r;                                                           \
		}                                                                                  \
	}
#define TO_LONGS(fn, ignored)                                                                      \
	TO_LONG(fn, double, d, fn, ignored)                                                        \
	TO_LONG(fn, float, s, fn##f, ignored)
TO_LONGS(lrint, 0u)
TO_LONGS(llrint, 0u)
TO_LONGS(lround, FLAG_X)

/* clang-format off */
#define ROWS(G, T, t) \
	{G "1", "sqrt", T, 0, sqrt_##t}, {G "1", "rint", T, 0, rint_##t}, \
	{G "1", "nearbyint", T, 0, nearbyint_##t}, {G "1", "floor", T, 0, floor_##t}, \
	{G "1", "ceil", T, 0, ceil_##t}, {G "1", "trunc", T, 0, trunc_##t}, \
	{G "1", "round", T, 0, round_##t}, {G "1", "logb", T, 0, logb_##t}, \
	{G "1", "lrint", 'i', 0, lrint_##t}, {G "1", "llrint", 'i', 0, llrint_##t}, \
	{G "1", "lround", 'i', 0, lround_##t}, {G "2", "fmod", T, 0, fmod_##t}, \
	{G "2", "remainder", T, 0, remainder_##t}, {G "2", "nextafter", T, 0, nextafter_##t}, \
	{G "2", "copysign", T, 0, copysign_##t}, {G "2", "fdim", T, 0, fdim_##t}, \
	{G "2", "scalbn", T, 0, scalbn_##t}, {G "2", "fma", T, 'f', fma_##t}
const Op ops_libc[] = {ROWS("dlibc", 'd', d), ROWS("slibc", 's', s), {0}};
/* clang-format on */
