/*
 * libm's functions that are not rounded exactly.  What they give depends on how
 * this very libm was built, so the reference is the same program in another
 * emulator, and equal it must be.  The flags are not compared.
 */
#include "rig.h"
#include <math.h>

#define KERNEL(name, T, x, expr)                                                                   \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			T a = in->a.x[i], b = in->b.x[i];                                          \
			(void)b;                                                                   \
			out->r.x[i] = expr;                                                        \
			out->flags[i] = 0;                                                         \
		}                                                                                  \
	}
#define BOTH(fn, ...)                                                                              \
	KERNEL(fn##_d, double, d, fn(__VA_ARGS__))                                                 \
	KERNEL(fn##_s, float, s, fn##f(__VA_ARGS__))
#define UNARIES(X, T, t)                                                                           \
	X(sin, T, t), X(cos, T, t), X(tan, T, t), X(asin, T, t), X(acos, T, t), X(atan, T, t),     \
		X(sinh, T, t), X(cosh, T, t), X(tanh, T, t), X(asinh, T, t), X(acosh, T, t),       \
		X(atanh, T, t), X(exp, T, t), X(exp2, T, t), X(expm1, T, t), X(log, T, t),         \
		X(log2, T, t), X(log10, T, t), X(log1p, T, t), X(cbrt, T, t), X(erf, T, t),        \
		X(erfc, T, t), X(tgamma, T, t), X(lgamma, T, t), X(j0, T, t), X(y1, T, t)
#define FUNCTION(fn) BOTH(fn, a)
FUNCTION(sin)
FUNCTION(cos)
FUNCTION(tan)
FUNCTION(asin)
FUNCTION(acos)
FUNCTION(atan)
FUNCTION(sinh)
FUNCTION(cosh)
FUNCTION(tanh)
FUNCTION(asinh)
FUNCTION(acosh)
FUNCTION(atanh)
FUNCTION(exp)
FUNCTION(exp2)
FUNCTION(expm1)
FUNCTION(log)
FUNCTION(log2)
FUNCTION(log10)
FUNCTION(log1p)
FUNCTION(cbrt)
FUNCTION(erf)
FUNCTION(erfc)
FUNCTION(tgamma)
FUNCTION(lgamma)
FUNCTION(j0)
FUNCTION(y1)
BOTH(pow, a, b)
BOTH(hypot, a, b)
BOTH(atan2, a, b)

#define ROW1(f, T, t)                                                                              \
	{                                                                                          \
#t "m1", #f, T, 0, f##_##t                                                         \
	}
#define ROW2(f, T, t)                                                                              \
	{                                                                                          \
#t "m2", #f, T, 0, f##_##t                                                         \
	}
const Op ops_trans[] = { UNARIES(ROW1, 'd', d), UNARIES(ROW1, 's', s), ROW2(pow, 'd', d),
			 ROW2(hypot, 'd', d),	ROW2(atan2, 'd', d),   ROW2(pow, 's', s),
			 ROW2(hypot, 's', s),	ROW2(atan2, 's', s),   { 0 } };
