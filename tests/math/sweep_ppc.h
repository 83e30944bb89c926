/*
 * Sweeps' operations as VSX instructions.  Little-endian only: lane 0 of a V4 is
 * word element 3 of the book.
 */
#ifndef SWEEP_PPC_H
#define SWEEP_PPC_H

#define UNARY(name, insn)                                                                          \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		(void)k, (void)k2;                                                                 \
		__asm__ volatile(insn " %x0,%x1" : "=wa"(x) : "wa"(x));                            \
		return (Wide){ x, x };                                                             \
	}
UNARY(sqrt, "xvsqrtsp")
UNARY(rint, "xvrspic")
UNARY(floor, "xvrspim")
UNARY(ceil, "xvrspip")
UNARY(trunc, "xvrspiz")
UNARY(round, "xvrspi")
UNARY(toi32, "xvcvspsxws")
UNARY(tou32, "xvcvspuxws")
UNARY(fromi32, "xvcvsxwsp")
UNARY(fromu32, "xvcvuxwsp")

/* Word elements 0 and 2 are converted, that is lanes 3 and 1. */
#define WIDEN(name, insn)                                                                          \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		V4 even, odd;                                                                      \
		(void)k, (void)k2;                                                                 \
		__asm__ volatile("xxsldwi %x0,%x1,%x1,1" : "=wa"(even) : "wa"(x));                 \
		__asm__ volatile(insn " %x0,%x1" : "=wa"(even) : "wa"(even));                      \
		__asm__ volatile(insn " %x0,%x1" : "=wa"(odd) : "wa"(x));                          \
		return (Wide){ even, odd };                                                        \
	}
WIDEN(toi64, "xvcvspsxds")
WIDEN(tou64, "xvcvspuxds")
WIDEN(widen, "xvcvspdp")

/* Rounded in the present mode first: what lrintf() and its like give. */
#define ROUNDED(name)                                                                              \
	static inline Wide op_r##name(V4 x, V4 k, V4 k2)                                           \
	{                                                                                          \
		return op_##name(op_rint(x, k, k2).a, k, k2);                                      \
	}
ROUNDED(toi32)
ROUNDED(tou32)
ROUNDED(toi64)
ROUNDED(tou64)

/* Double to single: the result is in word elements 0 and 2, the others are undefined. */
static inline V4 narrow(V4 x)
{
	__asm__ volatile("xvcvdpsp %x0,%x1" : "=wa"(x) : "wa"(x));
	return x & (V4){ 0, ~0u, 0, ~0u };
}

static inline Wide op_there(V4 x, V4 k, V4 k2)
{
	Wide d = op_widen(x, k, k2);
	return (Wide){ narrow(d.a), narrow(d.b) };
}

/* The doubles whose upper words are x; the lower ones are k's. */
static inline Wide op_narrow(V4 x, V4 k, V4 k2)
{
	V4 low, high;
	(void)k2;
	__asm__("xxmrglw %x0,%x1,%x2" : "=wa"(low) : "wa"(x), "wa"(k));
	__asm__("xxmrghw %x0,%x1,%x2" : "=wa"(high) : "wa"(x), "wa"(k));
	return (Wide){ narrow(low), narrow(high) };
}

#define BINARY(name, insn, A, B)                                                                   \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		(void)k2;                                                                          \
		__asm__ volatile(insn " %x0,%x1,%x2" : "=wa"(x) : "wa"(A), "wa"(B));               \
		return (Wide){ x, x };                                                             \
	}
BINARY(add, "xvaddsp", x, k)
BINARY(sub, "xvsubsp", x, k)
BINARY(rsub, "xvsubsp", k, x)
BINARY(mul, "xvmulsp", x, k)
BINARY(div, "xvdivsp", x, k)
BINARY(rdiv, "xvdivsp", k, x)

/* x * k + k2 in the forms that overwrite the addend and a factor. */
#define TERNARY(name, insn, T, A, B)                                                               \
	static inline Wide op_##name(V4 x, V4 k, V4 k2)                                            \
	{                                                                                          \
		V4 t = T;                                                                          \
		__asm__ volatile(insn " %x0,%x1,%x2" : "+wa"(t) : "wa"(A), "wa"(B));               \
		return (Wide){ t, t };                                                             \
	}
TERNARY(madd, "xvmaddasp", k2, x, k)
TERNARY(msub, "xvmsubmsp", k, x, k2)
TERNARY(nmadd, "xvnmaddmsp", k, x, k2)
TERNARY(nmsub, "xvnmsubasp", k2, x, k)
#endif
