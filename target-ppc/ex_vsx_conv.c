/*
 * VSX conversions between formats, scalar and vector (Power ISA 3.0B book I,
 * 7.6.1.6 and 7.6.1.7).
 *
 * Words made from doublewords (xscvdpsp, xvcvdpsxws, xvcvsxdsp ...) stand in
 * the left word of their doubleword; the book leaves the right word undefined,
 * the chips put the same value there, and so do we.  FPRF after a scalar
 * conversion to an integer is undefined; it stays as it was.
 */
#include "target-ppc/ex_vsx.h"

typedef uint64_t ToD(SfEnv *env, uint64_t b);
typedef uint32_t ToW(SfEnv *env, uint32_t b);

VSX_INLINE uint64_t both(uint32_t v)
{
	return (uint64_t)v << 32 | v;
}
VSX_INLINE uint32_t left(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

/*
 * One element each, a doubleword wide on both sides where the widths differ.
 * Names: S a single, D a double, sw uw sd ud integers.
 */
VSX_INLINE uint64_t d_to_sd(SfEnv *e, uint64_t b)
{
	return sf_f64_to_s64(e, b, SF_RM_ZERO);
}
VSX_INLINE uint64_t d_to_ud(SfEnv *e, uint64_t b)
{
	return sf_f64_to_u64(e, b, SF_RM_ZERO);
}
VSX_INLINE uint64_t d_to_sw(SfEnv *e, uint64_t b)
{
	return both(sf_f64_to_s32(e, b, SF_RM_ZERO));
}
VSX_INLINE uint64_t d_to_uw(SfEnv *e, uint64_t b)
{
	return both(sf_f64_to_u32(e, b, SF_RM_ZERO));
}
VSX_INLINE uint64_t d_to_s(SfEnv *e, uint64_t b)
{
	return both(sf_f64_to_f32(e, b));
}
VSX_INLINE uint64_t sd_to_d(SfEnv *e, uint64_t b)
{
	return sf_s64_to_f64(e, (int64_t)b);
}
VSX_INLINE uint64_t ud_to_d(SfEnv *e, uint64_t b)
{
	return sf_u64_to_f64(e, b);
}
VSX_INLINE uint64_t sd_to_s(SfEnv *e, uint64_t b)
{
	return both(sf_s64_to_f32(e, (int64_t)b));
}
VSX_INLINE uint64_t ud_to_s(SfEnv *e, uint64_t b)
{
	return both(sf_u64_to_f32(e, b));
}
VSX_INLINE uint64_t sw_to_d(SfEnv *e, uint64_t b)
{
	return sf_s64_to_f64(e, (int32_t)left(b));
}
VSX_INLINE uint64_t uw_to_d(SfEnv *e, uint64_t b)
{
	return sf_u64_to_f64(e, left(b));
}
VSX_INLINE uint64_t s_to_d(SfEnv *e, uint64_t b)
{
	return sf_f32_to_f64(e, left(b));
}
VSX_INLINE uint64_t s_to_sd(SfEnv *e, uint64_t b)
{
	return sf_f32_to_s64(e, left(b), SF_RM_ZERO);
}
VSX_INLINE uint64_t s_to_ud(SfEnv *e, uint64_t b)
{
	return sf_f32_to_u64(e, left(b), SF_RM_ZERO);
}
VSX_INLINE uint32_t s_to_sw(SfEnv *e, uint32_t b)
{
	return sf_f32_to_s32(e, b, SF_RM_ZERO);
}
VSX_INLINE uint32_t s_to_uw(SfEnv *e, uint32_t b)
{
	return sf_f32_to_u32(e, b, SF_RM_ZERO);
}
VSX_INLINE uint32_t sw_to_s(SfEnv *e, uint32_t b)
{
	return sf_s64_to_f32(e, (int32_t)b);
}
VSX_INLINE uint32_t uw_to_s(SfEnv *e, uint32_t b)
{
	return sf_u64_to_f32(e, b);
}
/* Halfs stand in the right half of their word. */
VSX_INLINE uint32_t h_to_s(SfEnv *e, uint32_t b)
{
	return sf_f16_to_f32(e, (uint16_t)b);
}
VSX_INLINE uint32_t s_to_h(SfEnv *e, uint32_t b)
{
	return sf_f32_to_f16(e, b);
}

/* ---- Scalar ---- */

VSX_INLINE void to_int(PpcCpu *cpu, const PpcOp *op, ToD *f)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XB));

	fpu_put_int(cpu, &env, &cpu->vsr[op->XT], r);
}

EX_VSX(xscvdpsxds, to_int(cpu, op, d_to_sd))
EX_VSX(xscvdpuxds, to_int(cpu, op, d_to_ud))
EX_VSX(xscvdpsxws, to_int(cpu, op, d_to_sw))
EX_VSX(xscvdpuxws, to_int(cpu, op, d_to_uw))

VSX_INLINE void to_double(PpcCpu *cpu, const PpcOp *op, ToD *f)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XB));

	fpu_put_f64(cpu, &env, &cpu->vsr[op->XT], r);
}

/* A single's value in double format. */
VSX_INLINE void to_single(PpcCpu *cpu, const PpcOp *op, ToD *f)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XB));

	fpu_put_f64s(cpu, &env, &cpu->vsr[op->XT], r);
}

VSX_INLINE uint64_t sd_to_ds(SfEnv *e, uint64_t b)
{
	return sf_s64_to_f64s(e, (int64_t)b);
}
VSX_INLINE uint64_t h_to_d(SfEnv *e, uint64_t b)
{
	return sf_f16_to_f64(e, (uint16_t)b);
}

EX_VSX(xscvsxddp, to_double(cpu, op, sd_to_d))
EX_VSX(xscvuxddp, to_double(cpu, op, ud_to_d))
EX_VSX(xscvspdp, to_double(cpu, op, s_to_d))
EX_VSX(xscvhpdp, to_double(cpu, op, h_to_d))
EX_VSX(xscvsxdsp, to_single(cpu, op, sd_to_ds))
EX_VSX(xscvuxdsp, to_single(cpu, op, sf_u64_to_f64s))
EX_VSX(xsrsp, to_single(cpu, op, sf_f64_to_f64s))

void ex_xscvdpsp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint32_t r = sf_f64_to_f32(&env, vsx_d0(cpu, op->XB));
	PpcVsr v = { .q = (u128)both(r) << 64 };

	fpu_put_vsr(cpu, &env, &cpu->vsr[op->XT], v, (int)sf_f32_fprf(r));
}

void ex_xscvdphp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint16_t r = sf_f64_to_f16(&env, vsx_d0(cpu, op->XB));
	PpcVsr v = { .q = (u128)r << 64 };

	fpu_put_vsr(cpu, &env, &cpu->vsr[op->XT], v, (int)sf_f16_fprf(r));
}

/*
 * The n forms move bits and report nothing; values that are no singles give
 * what the book's ConvertDPtoSP_NS() gives.
 */
static uint32_t double_to_single_ns(uint64_t v)
{
	unsigned exp = v >> 52 & 0x7ff;
	uint64_t frac = (v & mask64(12, 63)) | BIT64(11);
	unsigned shift = exp < 897 ? 897 - exp : 0;

	if (shift) {
		frac = shift < 64 ? frac >> shift : 0;
		exp = 896;
	}
	return (uint32_t)(v >> 63) << 31 | (exp >> 10 & 1) << 30 | (exp & 0x7f) << 23 |
	       (uint32_t)(frac >> 29 & 0x7fffff);
}

EX_VSX(xscvdpspn, vsx_put_d0(cpu, op->XT, both(double_to_single_ns(vsx_d0(cpu, op->XB)))))
EX_VSX(xscvspdpn, vsx_put_d0(cpu, op->XT, sf_lfs(left(vsx_d0(cpu, op->XB)))))

/* ---- Vector ---- */

VSX_INLINE void each_d(PpcCpu *cpu, const PpcOp *op, ToD *f)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 2; i++)
		t.u64[i] = f(&env, b.u64[i]);
	if (fpu_vector(cpu, &env))
		cpu->vsr[op->XT] = t;
}

VSX_INLINE void each_w(PpcCpu *cpu, const PpcOp *op, ToW *f)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 4; i++)
		t.u32[i] = f(&env, b.u32[i]);
	if (fpu_vector(cpu, &env))
		cpu->vsr[op->XT] = t;
}

EX_VSX(xvcvdpsxds, each_d(cpu, op, d_to_sd))
EX_VSX(xvcvdpuxds, each_d(cpu, op, d_to_ud))
EX_VSX(xvcvdpsxws, each_d(cpu, op, d_to_sw))
EX_VSX(xvcvdpuxws, each_d(cpu, op, d_to_uw))
EX_VSX(xvcvdpsp, each_d(cpu, op, d_to_s))
EX_VSX(xvcvsxddp, each_d(cpu, op, sd_to_d))
EX_VSX(xvcvuxddp, each_d(cpu, op, ud_to_d))
EX_VSX(xvcvsxdsp, each_d(cpu, op, sd_to_s))
EX_VSX(xvcvuxdsp, each_d(cpu, op, ud_to_s))
EX_VSX(xvcvsxwdp, each_d(cpu, op, sw_to_d))
EX_VSX(xvcvuxwdp, each_d(cpu, op, uw_to_d))
EX_VSX(xvcvspdp, each_d(cpu, op, s_to_d))
EX_VSX(xvcvspsxds, each_d(cpu, op, s_to_sd))
EX_VSX(xvcvspuxds, each_d(cpu, op, s_to_ud))
EX_VSX(xvcvspsxws, each_w(cpu, op, s_to_sw))
EX_VSX(xvcvspuxws, each_w(cpu, op, s_to_uw))
EX_VSX(xvcvsxwsp, each_w(cpu, op, sw_to_s))
EX_VSX(xvcvuxwsp, each_w(cpu, op, uw_to_s))
EX_VSX(xvcvhpsp, each_w(cpu, op, h_to_s))
EX_VSX(xvcvsphp, each_w(cpu, op, s_to_h))
