/*
 * VSX's vector instructions for doubles and 64-bit integers, both elements alike and
 * each taken in turn, so that flags are those of one operation.  The reference's
 * rows of the same names are in ops_c.c.
 */
#include "rig.h"

#if defined(__VSX__)
typedef double D2 __attribute__((vector_size(16)));
typedef uint64_t U2 __attribute__((vector_size(16)));

#define UNARY(name, column, insn, result)                                                          \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			uint64_t a = in->a.u[i];                                                   \
			U2 v = { a, a };                                                           \
			flags_clear();                                                             \
			__asm__ volatile(insn " %x0,%x0" : "+wa"(v));                              \
			out->flags[i] = (uint8_t)flags_read();                                     \
			out->r.column[i] = result;                                                 \
		}                                                                                  \
	}
#define SAME(name, insn) UNARY(name, u, insn, v[i & 1])
/* Singles and 32-bit integers are in the upper halves. */
#define HALF(name, column, insn) UNARY(name, column, insn, (uint32_t)(v[i & 1] >> 32))
SAME(sqrt_v, "xvsqrtdp")
SAME(rint_v, "xvrdpic")
SAME(floor_v, "xvrdpim")
SAME(ceil_v, "xvrdpip")
SAME(trunc_v, "xvrdpiz")
SAME(round_v, "xvrdpi")
SAME(i64_v, "xvcvdpsxds")
SAME(u64_v, "xvcvdpuxds")
HALF(i32_v, u, "xvcvdpsxws")
HALF(u32_v, u, "xvcvdpuxws")
HALF(narrow_v, w, "xvcvdpsp")
SAME(i64_to_d_v, "xvcvsxddp")
SAME(u64_to_d_v, "xvcvuxddp")
HALF(i64_to_s_v, w, "xvcvsxdsp")
HALF(u64_to_s_v, w, "xvcvuxdsp")

/* What the target has before, and the two sources. */
#define THREE(name, insn, T, A, B)                                                                 \
	static void name(const Operands *in, Results *out)                                         \
	{                                                                                          \
		for (int i = 0; i < CHUNK; i++) {                                                  \
			double x = in->a.d[i], y = in->b.d[i], z = in->c.d[i];                     \
			D2 a = { x, x }, b = { y, y }, c = { z, z }, t = T;                        \
			(void)c;                                                                   \
			flags_clear();                                                             \
			__asm__ volatile(insn " %x0,%x1,%x2" : "+wa"(t) : "wa"(A), "wa"(B));       \
			out->flags[i] = (uint8_t)flags_read();                                     \
			out->r.d[i] = t[i & 1];                                                    \
		}                                                                                  \
	}
THREE(add_v, "xvadddp", c, a, b)
THREE(sub_v, "xvsubdp", c, a, b)
THREE(mul_v, "xvmuldp", c, a, b)
THREE(div_v, "xvdivdp", c, a, b)
THREE(fma_v, "xvmaddadp", c, a, b)
THREE(fms_v, "xvmsubadp", c, a, b)
THREE(nfma_v, "xvnmaddadp", c, a, b)
THREE(nfms_v, "xvnmsubadp", c, a, b)
THREE(fma_m, "xvmaddmdp", b, a, c)
THREE(fms_m, "xvmsubmdp", b, a, c)
THREE(nfma_m, "xvnmaddmdp", b, a, c)
THREE(nfms_m, "xvnmsubmdp", b, a, c)

/* clang-format off */
const Op ops_vec[] = {
	{"dvec1", "sqrt", 'd', 0, sqrt_v}, {"dvec1", "rint", 'd', 0, rint_v},
	{"dvec1", "floor", 'd', 0, floor_v}, {"dvec1", "ceil", 'd', 0, ceil_v},
	{"dvec1", "trunc", 'd', 0, trunc_v}, {"dvec1", "round", 'd', 0, round_v},
	{"dvec1", "i64", 'i', 0, i64_v}, {"dvec1", "u64", 'i', 0, u64_v},
	{"dvec1", "i32", 'i', 0, i32_v}, {"dvec1", "u32", 'i', 0, u32_v},
	{"dvec1", "narrow", 's', 0, narrow_v},
	{"ivec1", "i64_to_d", 'd', 0, i64_to_d_v}, {"ivec1", "u64_to_d", 'd', 0, u64_to_d_v},
	{"ivec1", "i64_to_s", 's', 0, i64_to_s_v}, {"ivec1", "u64_to_s", 's', 0, u64_to_s_v},
	{"dvec2", "add", 'd', 0, add_v}, {"dvec2", "sub", 'd', 0, sub_v},
	{"dvec2", "mul", 'd', 0, mul_v}, {"dvec2", "div", 'd', 0, div_v},
	{"dvec2", "fma", 'd', 0, fma_v}, {"dvec2", "fms", 'd', 0, fms_v},
	{"dvec2", "nfma", 'd', 0, nfma_v}, {"dvec2", "nfms", 'd', 0, nfms_v},
	{"dvec2", "fma-m", 'd', 0, fma_m}, {"dvec2", "fms-m", 'd', 0, fms_m},
	{"dvec2", "nfma-m", 'd', 0, nfma_m}, {"dvec2", "nfms-m", 'd', 0, nfms_m},
	{0}};
/* clang-format on */
#else
const Op ops_vec[] = { { 0 } };
#endif
