/*
 * VSX vector double- and single-precision arithmetic, rounding, compares, data class
 * tests, exponent and significand access (Power ISA 3.0B book I, 7.6.1.1 to
 * 7.6.1.5 and 7.6.3).
 *
 * All elements are computed, their exceptions gathered; FR, FI and FPRF
 * stay, and any enabled exception keeps the whole target (7.3.2.7).  Elements
 * that do not look at their neighbours are taken in host order.
 */
#include "target-ppc/ex_vsx.h"

typedef uint32_t Op1S(SfEnv *env, uint32_t b);
typedef uint32_t Op2S(SfEnv *env, uint32_t a, uint32_t b);
typedef uint64_t Op1D(SfEnv *env, uint64_t b);
typedef uint64_t Op2D(SfEnv *env, uint64_t a, uint64_t b);

VSX_INLINE void finish(PpcCpu *cpu, const PpcOp *op, const SfEnv *env, PpcVsr t)
{
	if (fpu_vector(cpu, env))
		cpu->vsr[op->XT] = t;
}

VSX_INLINE void each1_s(PpcCpu *cpu, const PpcOp *op, Op1S *f)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 4; i++)
		t.u32[i] = f(&env, b.u32[i]);
	finish(cpu, op, &env, t);
}

VSX_INLINE void each2_s(PpcCpu *cpu, const PpcOp *op, Op2S *f)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 4; i++)
		t.u32[i] = f(&env, a.u32[i], b.u32[i]);
	finish(cpu, op, &env, t);
}

VSX_INLINE void each1_d(PpcCpu *cpu, const PpcOp *op, Op1D *f)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 2; i++)
		t.u64[i] = f(&env, b.u64[i]);
	finish(cpu, op, &env, t);
}

VSX_INLINE void each2_d(PpcCpu *cpu, const PpcOp *op, Op2D *f)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 2; i++)
		t.u64[i] = f(&env, a.u64[i], b.u64[i]);
	finish(cpu, op, &env, t);
}

EX_VSX(xvaddsp, each2_s(cpu, op, sf_f32_add))
EX_VSX(xvsubsp, each2_s(cpu, op, sf_f32_sub))
EX_VSX(xvmulsp, each2_s(cpu, op, sf_f32_mul))
EX_VSX(xvdivsp, each2_s(cpu, op, sf_f32_div))
EX_VSX(xvmaxsp, each2_s(cpu, op, sf_f32_max))
EX_VSX(xvminsp, each2_s(cpu, op, sf_f32_min))
EX_VSX(xvsqrtsp, each1_s(cpu, op, sf_f32_sqrt))
EX_VSX(xvresp, each1_s(cpu, op, sf_f32_recip_est))
EX_VSX(xvrsqrtesp, each1_s(cpu, op, sf_f32_rsqrt_est))
EX_VSX(xvadddp, each2_d(cpu, op, sf_f64_add))
EX_VSX(xvsubdp, each2_d(cpu, op, sf_f64_sub))
EX_VSX(xvmuldp, each2_d(cpu, op, sf_f64_mul))
EX_VSX(xvdivdp, each2_d(cpu, op, sf_f64_div))
EX_VSX(xvmaxdp, each2_d(cpu, op, sf_f64_max))
EX_VSX(xvmindp, each2_d(cpu, op, sf_f64_min))
EX_VSX(xvsqrtdp, each1_d(cpu, op, sf_f64_sqrt))
EX_VSX(xvredp, each1_d(cpu, op, sf_f64_recip_est))
EX_VSX(xvrsqrtedp, each1_d(cpu, op, sf_f64_rsqrt_est))

/* ---- Multiply-add: A forms XA * XB + XT, M forms XA * XT + XB ---- */

VSX_INLINE void fma_s(PpcCpu *cpu, const PpcOp *op, unsigned mul, unsigned add, unsigned how)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr a = cpu->vsr[op->XA], c = cpu->vsr[mul], b = cpu->vsr[add], t;

	for (int i = 0; i < 4; i++)
		t.u32[i] = sf_f32_fma(&env, a.u32[i], c.u32[i], b.u32[i], how);
	finish(cpu, op, &env, t);
}

VSX_INLINE void fma_d(PpcCpu *cpu, const PpcOp *op, unsigned mul, unsigned add, unsigned how)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr a = cpu->vsr[op->XA], c = cpu->vsr[mul], b = cpu->vsr[add], t;

	for (int i = 0; i < 2; i++)
		t.u64[i] = sf_f64_fma(&env, a.u64[i], c.u64[i], b.u64[i], how);
	finish(cpu, op, &env, t);
}

enum {
	MADD = 0,
	MSUB = SF_FMA_NEG_ADDEND,
	NMADD = SF_FMA_NEG_RESULT,
	NMSUB = SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT,
};

EX_VSX(xvmaddasp, fma_s(cpu, op, op->XB, op->XT, MADD))
EX_VSX(xvmsubasp, fma_s(cpu, op, op->XB, op->XT, MSUB))
EX_VSX(xvnmaddasp, fma_s(cpu, op, op->XB, op->XT, NMADD))
EX_VSX(xvnmsubasp, fma_s(cpu, op, op->XB, op->XT, NMSUB))
EX_VSX(xvmaddmsp, fma_s(cpu, op, op->XT, op->XB, MADD))
EX_VSX(xvmsubmsp, fma_s(cpu, op, op->XT, op->XB, MSUB))
EX_VSX(xvnmaddmsp, fma_s(cpu, op, op->XT, op->XB, NMADD))
EX_VSX(xvnmsubmsp, fma_s(cpu, op, op->XT, op->XB, NMSUB))
EX_VSX(xvmaddadp, fma_d(cpu, op, op->XB, op->XT, MADD))
EX_VSX(xvmsubadp, fma_d(cpu, op, op->XB, op->XT, MSUB))
EX_VSX(xvnmaddadp, fma_d(cpu, op, op->XB, op->XT, NMADD))
EX_VSX(xvnmsubadp, fma_d(cpu, op, op->XB, op->XT, NMSUB))
EX_VSX(xvmaddmdp, fma_d(cpu, op, op->XT, op->XB, MADD))
EX_VSX(xvmsubmdp, fma_d(cpu, op, op->XT, op->XB, MSUB))
EX_VSX(xvnmaddmdp, fma_d(cpu, op, op->XT, op->XB, NMADD))
EX_VSX(xvnmsubmdp, fma_d(cpu, op, op->XT, op->XB, NMSUB))

/* ---- Rounding to an integral value; only the c forms report inexact ---- */

VSX_INLINE void round_s(PpcCpu *cpu, const PpcOp *op, unsigned rm, bool inexact)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 4; i++)
		t.u32[i] = sf_f32_rint(&env, b.u32[i], rm, inexact);
	finish(cpu, op, &env, t);
}

VSX_INLINE void round_d(PpcCpu *cpu, const PpcOp *op, unsigned rm, bool inexact)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 2; i++)
		t.u64[i] = sf_f64_rint(&env, b.u64[i], rm, inexact);
	finish(cpu, op, &env, t);
}

VSX_INLINE unsigned rn(const PpcCpu *cpu)
{
	return cpu->fpscr & FPSCR_RN;
}

EX_VSX(xvrspi, round_s(cpu, op, SF_RM_AWAY, false))
EX_VSX(xvrspiz, round_s(cpu, op, SF_RM_ZERO, false))
EX_VSX(xvrspip, round_s(cpu, op, SF_RM_UP, false))
EX_VSX(xvrspim, round_s(cpu, op, SF_RM_DOWN, false))
EX_VSX(xvrspic, round_s(cpu, op, rn(cpu), true))
EX_VSX(xvrdpi, round_d(cpu, op, SF_RM_AWAY, false))
EX_VSX(xvrdpiz, round_d(cpu, op, SF_RM_ZERO, false))
EX_VSX(xvrdpip, round_d(cpu, op, SF_RM_UP, false))
EX_VSX(xvrdpim, round_d(cpu, op, SF_RM_DOWN, false))
EX_VSX(xvrdpic, round_d(cpu, op, rn(cpu), true))

/* ---- Bits of elements: no exceptions, FPSCR untouched ---- */

#define SIGN_S BIT32(0)
#define SIGN_D BIT64(0)
#define EXP_S mask32(1, 8)
#define EXP_D mask64(1, 11)

/* ex_NAME(): each element of XT is EXPR of the element b of XB. */
#define EX_BITS1(NAME, LANE, EXPR)                                                                 \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		PpcVsr vb = cpu->vsr[op->XB], t;                                                   \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(t.LANE); i++) {                                 \
			const __typeof__(t.LANE[0]) b = vb.LANE[i];                                \
                                                                                                   \
			t.LANE[i] = (EXPR);                                                        \
		}                                                                                  \
		cpu->vsr[op->XT] = t;                                                              \
	}

/* The same with a, the element of XA. */
#define EX_BITS2(NAME, LANE, EXPR)                                                                 \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		PpcVsr va = cpu->vsr[op->XA], vb = cpu->vsr[op->XB], t;                            \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(t.LANE); i++) {                                 \
			const __typeof__(t.LANE[0]) a = va.LANE[i], b = vb.LANE[i];                \
                                                                                                   \
			t.LANE[i] = (EXPR);                                                        \
		}                                                                                  \
		cpu->vsr[op->XT] = t;                                                              \
	}

EX_BITS1(xvabssp, u32, b & ~SIGN_S)
EX_BITS1(xvnabssp, u32, b | SIGN_S)
EX_BITS1(xvnegsp, u32, b ^ SIGN_S)
EX_BITS2(xvcpsgnsp, u32, (a & SIGN_S) | (b & ~SIGN_S))
EX_BITS1(xvabsdp, u64, b & ~SIGN_D)
EX_BITS1(xvnabsdp, u64, b | SIGN_D)
EX_BITS1(xvnegdp, u64, b ^ SIGN_D)
EX_BITS2(xvcpsgndp, u64, (a & SIGN_D) | (b & ~SIGN_D))

/* The significand with its implicit bit, which normal numbers have. */
VSX_INLINE uint32_t significand_s(uint32_t v)
{
	uint32_t exp = v & EXP_S;

	return (v & ~(EXP_S | SIGN_S)) | (exp != 0 && exp != EXP_S ? BIT32(8) : 0);
}

VSX_INLINE uint64_t significand_d(uint64_t v)
{
	uint64_t exp = v & EXP_D;

	return (v & ~(EXP_D | SIGN_D)) | (exp != 0 && exp != EXP_D ? BIT64(11) : 0);
}

EX_BITS1(xvxexpsp, u32, b >> 23 & 0xff)
EX_BITS1(xvxexpdp, u64, b >> 52 & 0x7ff)
EX_BITS1(xvxsigsp, u32, significand_s(b))
EX_BITS1(xvxsigdp, u64, significand_d(b))
EX_BITS2(xviexpsp, u32, (a & ~EXP_S) | (b & 0xff) << 23)
EX_BITS2(xviexpdp, u64, (a & ~EXP_D) | (b & 0x7ff) << 52)
EX_BITS1(xvtstdcsp, u32, vsx_dc_f32(op->DCMXV, b) ? UINT32_MAX : 0)
EX_BITS1(xvtstdcdp, u64, vsx_dc_f64(op->DCMXV, b) ? UINT64_MAX : 0)

/* ---- Compares: all ones where the relation is one of `wanted` ---- */

VSX_INLINE void compare_s(PpcCpu *cpu, const PpcOp *op, unsigned wanted, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 4; i++) {
		unsigned cc = sf_f32_cmp(&env, a.u32[i], b.u32[i], ordered);

		t.u32[i] = cc & wanted ? UINT32_MAX : 0;
	}
	finish(cpu, op, &env, t);
}

VSX_INLINE void compare_d(PpcCpu *cpu, const PpcOp *op, unsigned wanted, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], t;

	for (int i = 0; i < 2; i++) {
		unsigned cc = sf_f64_cmp(&env, a.u64[i], b.u64[i], ordered);

		t.u64[i] = cc & wanted ? UINT64_MAX : 0;
	}
	finish(cpu, op, &env, t);
}

EX_VSX(xvcmpeqsp, compare_s(cpu, op, SF_EQ, false))
EX_VSX(xvcmpgtsp, compare_s(cpu, op, SF_GT, true))
EX_VSX(xvcmpgesp, compare_s(cpu, op, SF_GT | SF_EQ, true))
EX_VSX(xvcmpeqdp, compare_d(cpu, op, SF_EQ, false))
EX_VSX(xvcmpgtdp, compare_d(cpu, op, SF_GT, true))
EX_VSX(xvcmpgedp, compare_d(cpu, op, SF_GT | SF_EQ, true))

/* ---- Tests for software divide and square root: any element counts ---- */

void ex_xvtdivsp(PpcCpu *cpu, const PpcOp *op)
{
	unsigned cc = 0;

	for (int i = 0; i < 4; i++)
		cc |= sf_f32_tdiv(cpu->vsr[op->XA].u32[i], cpu->vsr[op->XB].u32[i]);
	cpu->cr[op->BF] = cc;
}

void ex_xvtdivdp(PpcCpu *cpu, const PpcOp *op)
{
	unsigned cc = 0;

	for (int i = 0; i < 2; i++)
		cc |= sf_f64_tdiv(cpu->vsr[op->XA].u64[i], cpu->vsr[op->XB].u64[i]);
	cpu->cr[op->BF] = cc;
}

void ex_xvtsqrtsp(PpcCpu *cpu, const PpcOp *op)
{
	unsigned cc = 0;

	for (int i = 0; i < 4; i++)
		cc |= sf_f32_tsqrt(cpu->vsr[op->XB].u32[i]);
	cpu->cr[op->BF] = cc;
}

void ex_xvtsqrtdp(PpcCpu *cpu, const PpcOp *op)
{
	unsigned cc = 0;

	for (int i = 0; i < 2; i++)
		cc |= sf_f64_tsqrt(cpu->vsr[op->XB].u64[i]);
	cpu->cr[op->BF] = cc;
}
