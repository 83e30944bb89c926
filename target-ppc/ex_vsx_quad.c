/*
 * VSX quad precision (Power ISA 3.0B book I, 7.6.1.10 and the xs...qp pages of
 * 7.6.3): arithmetic with and without round to odd, conversions, rounding,
 * compares, data classes.  Operands are Vector Registers.
 *
 * xsrqpi and its kin with R = 0 and the reserved RMC 1 and 2: as RMC 3.
 */
#include "target-ppc/ex_vsx.h"

typedef u128 Op2(SfEnv *env, u128 a, u128 b);

#define SIGN ((u128)1 << 127)
#define EXP ((u128)0x7fff << 112)

VSX_INLINE u128 quad(PpcCpu *cpu, unsigned n)
{
	return vsx_vr(cpu, n)->q;
}

VSX_INLINE SfEnv env_quad(const PpcCpu *cpu, bool odd)
{
	SfEnv env = fpu_env(cpu);

	if (odd)
		env.rm = SF_RM_ODD;
	return env;
}

VSX_INLINE void arith2(PpcCpu *cpu, const PpcOp *op, Op2 *f, bool odd)
{
	SfEnv env = env_quad(cpu, odd);
	u128 r = f(&env, quad(cpu, op->VRA), quad(cpu, op->VRB));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

EX_VSX(xsaddqp, arith2(cpu, op, sf_f128_add, false))
EX_VSX(xsaddqpo, arith2(cpu, op, sf_f128_add, true))
EX_VSX(xssubqp, arith2(cpu, op, sf_f128_sub, false))
EX_VSX(xssubqpo, arith2(cpu, op, sf_f128_sub, true))
EX_VSX(xsmulqp, arith2(cpu, op, sf_f128_mul, false))
EX_VSX(xsmulqpo, arith2(cpu, op, sf_f128_mul, true))
EX_VSX(xsdivqp, arith2(cpu, op, sf_f128_div, false))
EX_VSX(xsdivqpo, arith2(cpu, op, sf_f128_div, true))

VSX_INLINE void square_root(PpcCpu *cpu, const PpcOp *op, bool odd)
{
	SfEnv env = env_quad(cpu, odd);
	u128 r = sf_f128_sqrt(&env, quad(cpu, op->VRB));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

EX_VSX(xssqrtqp, square_root(cpu, op, false))
EX_VSX(xssqrtqpo, square_root(cpu, op, true))

/* VRA * VRB + VRT. */
VSX_INLINE void fma_quad(PpcCpu *cpu, const PpcOp *op, unsigned how, bool odd)
{
	SfEnv env = env_quad(cpu, odd);
	u128 r = sf_f128_fma(&env, quad(cpu, op->VRA), quad(cpu, op->VRB), quad(cpu, op->VRT), how);

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

enum {
	MADD = 0,
	MSUB = SF_FMA_NEG_ADDEND,
	NMADD = SF_FMA_NEG_RESULT,
	NMSUB = SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT,
};

EX_VSX(xsmaddqp, fma_quad(cpu, op, MADD, false))
EX_VSX(xsmaddqpo, fma_quad(cpu, op, MADD, true))
EX_VSX(xsmsubqp, fma_quad(cpu, op, MSUB, false))
EX_VSX(xsmsubqpo, fma_quad(cpu, op, MSUB, true))
EX_VSX(xsnmaddqp, fma_quad(cpu, op, NMADD, false))
EX_VSX(xsnmaddqpo, fma_quad(cpu, op, NMADD, true))
EX_VSX(xsnmsubqp, fma_quad(cpu, op, NMSUB, false))
EX_VSX(xsnmsubqpo, fma_quad(cpu, op, NMSUB, true))

/* ---- Rounding ---- */

/* R || RMC: with R the modes of RN in another order, without it away or RN. */
static unsigned rounding(const PpcOp *op, const SfEnv *env)
{
	static const uint8_t with_r[4] = { SF_RM_NEAREST, SF_RM_ZERO, SF_RM_UP, SF_RM_DOWN };

	if (op->QR)
		return with_r[op->QRMC];
	return op->QRMC == 0 ? SF_RM_AWAY : env->rm;
}

VSX_INLINE void round_quad(PpcCpu *cpu, const PpcOp *op, bool inexact)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_f128_rint(&env, quad(cpu, op->VRB), rounding(op, &env), inexact);

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

EX_VSX(xsrqpi, round_quad(cpu, op, false))
EX_VSX(xsrqpix, round_quad(cpu, op, true))

void ex_xsrqpxp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_f128_round_x(&env, quad(cpu, op->VRB), rounding(op, &env));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

/* ---- Conversions ---- */

VSX_INLINE void to_double(PpcCpu *cpu, const PpcOp *op, bool odd)
{
	SfEnv env = env_quad(cpu, odd);
	uint64_t r = sf_f128_to_f64(&env, quad(cpu, op->VRB));

	fpu_put_f64(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

EX_VSX(xscvqpdp, to_double(cpu, op, false))
EX_VSX(xscvqpdpo, to_double(cpu, op, true))

void ex_xscvdpqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_f64_to_f128(&env, VSR_D(*vsx_vr(cpu, op->VRB), 0));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

/* Integers made, as they stand in doubleword 0. */
typedef uint64_t ToInt(SfEnv *env, u128 b);

VSX_INLINE uint64_t to_sd(SfEnv *e, u128 b)
{
	return (uint64_t)sf_f128_to_s64(e, b, SF_RM_ZERO);
}
VSX_INLINE uint64_t to_ud(SfEnv *e, u128 b)
{
	return sf_f128_to_u64(e, b, SF_RM_ZERO);
}
VSX_INLINE uint64_t to_sw(SfEnv *e, u128 b)
{
	return (uint64_t)(int64_t)sf_f128_to_s32(e, b, SF_RM_ZERO);
}
VSX_INLINE uint64_t to_uw(SfEnv *e, u128 b)
{
	return sf_f128_to_u32(e, b, SF_RM_ZERO);
}

VSX_INLINE void to_int(PpcCpu *cpu, const PpcOp *op, ToInt *f)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, quad(cpu, op->VRB));

	fpu_put_int(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

EX_VSX(xscvqpsdz, to_int(cpu, op, to_sd))
EX_VSX(xscvqpudz, to_int(cpu, op, to_ud))
EX_VSX(xscvqpswz, to_int(cpu, op, to_sw))
EX_VSX(xscvqpuwz, to_int(cpu, op, to_uw))

void ex_xscvsdqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_s128_to_f128(&env, VSR_SD(*vsx_vr(cpu, op->VRB), 0));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

void ex_xscvudqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_u128_to_f128(&env, VSR_D(*vsx_vr(cpu, op->VRB), 0));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

/* ---- Bits: no exceptions, FPSCR untouched ---- */

EX_VSX(xsabsqp, vsx_vr(cpu, op->VRT)->q = quad(cpu, op->VRB) & ~SIGN)
EX_VSX(xsnabsqp, vsx_vr(cpu, op->VRT)->q = quad(cpu, op->VRB) | SIGN)
EX_VSX(xsnegqp, vsx_vr(cpu, op->VRT)->q = quad(cpu, op->VRB) ^ SIGN)
EX_VSX(xscpsgnqp,
       vsx_vr(cpu, op->VRT)->q = (quad(cpu, op->VRA) & SIGN) | (quad(cpu, op->VRB) & ~SIGN))

VSX_INLINE unsigned exponent(u128 v)
{
	return (unsigned)(v >> 112) & 0x7fff;
}

EX_VSX(xsxexpqp, vsx_put_d0(cpu, 32 + op->VRT, exponent(quad(cpu, op->VRB))))

void ex_xsxsigqp(PpcCpu *cpu, const PpcOp *op)
{
	u128 b = quad(cpu, op->VRB);
	u128 implicit = exponent(b) != 0 && exponent(b) != 0x7fff ? (u128)1 << 112 : 0;

	vsx_vr(cpu, op->VRT)->q = (b & ~(EXP | SIGN)) | implicit;
}

void ex_xsiexpqp(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t exp = VSR_D(*vsx_vr(cpu, op->VRB), 0) & 0x7fff;

	vsx_vr(cpu, op->VRT)->q = (quad(cpu, op->VRA) & ~EXP) | (u128)exp << 112;
}

/* ---- Compares and data classes ---- */

VSX_INLINE void compare(PpcCpu *cpu, const PpcOp *op, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	unsigned cc = sf_f128_cmp(&env, quad(cpu, op->VRA), quad(cpu, op->VRB), ordered);

	fpu_put_cc(cpu, &env, op->BF, cc);
}

EX_VSX(xscmpuqp, compare(cpu, op, false))
EX_VSX(xscmpoqp, compare(cpu, op, true))

void ex_xscmpexpqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 a = quad(cpu, op->VRA), b = quad(cpu, op->VRB);
	unsigned ea = exponent(a), eb = exponent(b);
	unsigned cc = ea < eb ? SF_LT : ea > eb ? SF_GT : SF_EQ;

	if (sf_f128_is_nan(a) || sf_f128_is_nan(b))
		cc = SF_UN;
	fpu_put_cc(cpu, &env, op->BF, cc);
}

void ex_xststdcqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 b = quad(cpu, op->VRB);
	bool neg = b >> 127;
	bool match = vsx_dc_match(op->DCMX, neg, exponent(b) == 0x7fff, exponent(b) == 0,
				  (b << 16) != 0);

	fpu_put_cc(cpu, &env, op->BF, (unsigned)neg << 3 | match << 1);
}
