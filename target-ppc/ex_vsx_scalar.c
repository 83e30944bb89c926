/*
 * VSX scalar double- and single-precision arithmetic, rounding, compares, data
 * class tests, exponent and significand access (Power ISA 3.0B book I, 7.6.1.1
 * to 7.6.1.5 and 7.6.3).
 *
 * Scalars live in doubleword 0, in double format; the sp forms round the exact
 * result to single precision once.  What becomes of exceptions: fpu.h.
 */
#include "target-ppc/ex_vsx.h"

typedef uint64_t Op1(SfEnv *env, uint64_t b);
typedef uint64_t Op2(SfEnv *env, uint64_t a, uint64_t b);
typedef uint64_t OpFma(SfEnv *env, uint64_t a, uint64_t c, uint64_t b, unsigned how);
typedef void Put(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v);

VSX_INLINE void arith1(PpcCpu *cpu, const PpcOp *op, Op1 *f, Put *put)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XB));

	put(cpu, &env, &cpu->vsr[op->XT], r);
}

VSX_INLINE void arith2(PpcCpu *cpu, const PpcOp *op, Op2 *f, Put *put)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XB));

	put(cpu, &env, &cpu->vsr[op->XT], r);
}

EX_VSX(xsadddp, arith2(cpu, op, sf_f64_add, fpu_put_f64))
EX_VSX(xssubdp, arith2(cpu, op, sf_f64_sub, fpu_put_f64))
EX_VSX(xsmuldp, arith2(cpu, op, sf_f64_mul, fpu_put_f64))
EX_VSX(xsdivdp, arith2(cpu, op, sf_f64_div, fpu_put_f64))
EX_VSX(xssqrtdp, arith1(cpu, op, sf_f64_sqrt, fpu_put_f64))
EX_VSX(xsaddsp, arith2(cpu, op, sf_f64s_add, fpu_put_f64s))
EX_VSX(xssubsp, arith2(cpu, op, sf_f64s_sub, fpu_put_f64s))
EX_VSX(xsmulsp, arith2(cpu, op, sf_f64s_mul, fpu_put_f64s))
EX_VSX(xsdivsp, arith2(cpu, op, sf_f64s_div, fpu_put_f64s))
EX_VSX(xssqrtsp, arith1(cpu, op, sf_f64s_sqrt, fpu_put_f64s))

EX_VSX(xsredp, arith1(cpu, op, fpu_estimates(cpu->model)->fre, fpu_put_f64))
EX_VSX(xsrsqrtedp, arith1(cpu, op, fpu_estimates(cpu->model)->frsqrte, fpu_put_f64))
EX_VSX(xsresp, arith1(cpu, op, fpu_estimates(cpu->model)->fres, fpu_put_f64s))
EX_VSX(xsrsqrtesp, arith1(cpu, op, fpu_estimates(cpu->model)->frsqrtes, fpu_put_f64s))

/* ---- Multiply-add: A forms XA * XB + XT, M forms XA * XT + XB ---- */

VSX_INLINE void fma_a(PpcCpu *cpu, const PpcOp *op, OpFma *f, unsigned how, Put *put)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XB), vsx_d0(cpu, op->XT), how);

	put(cpu, &env, &cpu->vsr[op->XT], r);
}

VSX_INLINE void fma_m(PpcCpu *cpu, const PpcOp *op, OpFma *f, unsigned how, Put *put)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XT), vsx_d0(cpu, op->XB), how);

	put(cpu, &env, &cpu->vsr[op->XT], r);
}

enum {
	MADD = 0,
	MSUB = SF_FMA_NEG_ADDEND,
	NMADD = SF_FMA_NEG_RESULT,
	NMSUB = SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT,
};

EX_VSX(xsmaddadp, fma_a(cpu, op, sf_f64_fma, MADD, fpu_put_f64))
EX_VSX(xsmsubadp, fma_a(cpu, op, sf_f64_fma, MSUB, fpu_put_f64))
EX_VSX(xsnmaddadp, fma_a(cpu, op, sf_f64_fma, NMADD, fpu_put_f64))
EX_VSX(xsnmsubadp, fma_a(cpu, op, sf_f64_fma, NMSUB, fpu_put_f64))
EX_VSX(xsmaddmdp, fma_m(cpu, op, sf_f64_fma, MADD, fpu_put_f64))
EX_VSX(xsmsubmdp, fma_m(cpu, op, sf_f64_fma, MSUB, fpu_put_f64))
EX_VSX(xsnmaddmdp, fma_m(cpu, op, sf_f64_fma, NMADD, fpu_put_f64))
EX_VSX(xsnmsubmdp, fma_m(cpu, op, sf_f64_fma, NMSUB, fpu_put_f64))
EX_VSX(xsmaddasp, fma_a(cpu, op, sf_f64s_fma, MADD, fpu_put_f64s))
EX_VSX(xsmsubasp, fma_a(cpu, op, sf_f64s_fma, MSUB, fpu_put_f64s))
EX_VSX(xsnmaddasp, fma_a(cpu, op, sf_f64s_fma, NMADD, fpu_put_f64s))
EX_VSX(xsnmsubasp, fma_a(cpu, op, sf_f64s_fma, NMSUB, fpu_put_f64s))
EX_VSX(xsmaddmsp, fma_m(cpu, op, sf_f64s_fma, MADD, fpu_put_f64s))
EX_VSX(xsmsubmsp, fma_m(cpu, op, sf_f64s_fma, MSUB, fpu_put_f64s))
EX_VSX(xsnmaddmsp, fma_m(cpu, op, sf_f64s_fma, NMADD, fpu_put_f64s))
EX_VSX(xsnmsubmsp, fma_m(cpu, op, sf_f64s_fma, NMSUB, fpu_put_f64s))

/* ---- Rounding to an integral value ---- */

VSX_INLINE void round_to_integral(PpcCpu *cpu, const PpcOp *op, unsigned rm)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = sf_f64_rint(&env, vsx_d0(cpu, op->XB), rm, false);

	fpu_put_f64(cpu, &env, &cpu->vsr[op->XT], r);
}

EX_VSX(xsrdpi, round_to_integral(cpu, op, SF_RM_AWAY))
EX_VSX(xsrdpiz, round_to_integral(cpu, op, SF_RM_ZERO))
EX_VSX(xsrdpip, round_to_integral(cpu, op, SF_RM_UP))
EX_VSX(xsrdpim, round_to_integral(cpu, op, SF_RM_DOWN))

/* The only one that reports inexact. */
void ex_xsrdpic(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = sf_f64_rint(&env, vsx_d0(cpu, op->XB), env.rm, true);

	fpu_put_f64(cpu, &env, &cpu->vsr[op->XT], r);
}

/* ---- Signs: no exceptions, FPSCR untouched ---- */

#define SIGN BIT64(0)

EX_VSX(xsabsdp, vsx_put_d0(cpu, op->XT, vsx_d0(cpu, op->XB) & ~SIGN))
EX_VSX(xsnabsdp, vsx_put_d0(cpu, op->XT, vsx_d0(cpu, op->XB) | SIGN))
EX_VSX(xsnegdp, vsx_put_d0(cpu, op->XT, vsx_d0(cpu, op->XB) ^ SIGN))
EX_VSX(xscpsgndp,
       vsx_put_d0(cpu, op->XT, (vsx_d0(cpu, op->XA) & SIGN) | (vsx_d0(cpu, op->XB) & ~SIGN)))

/* ---- Maximum and minimum: only exception bits change in the FPSCR ---- */

VSX_INLINE void max_min(PpcCpu *cpu, const PpcOp *op, Op2 *f)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = f(&env, vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XB));

	if (fpu_scalar_quiet(cpu, &env))
		vsx_put_d0(cpu, op->XT, r);
}

/* Type C is the C expression a > b ? a : b, so the second operand wins ties and NaNs. */
static uint64_t max_c(SfEnv *env, uint64_t a, uint64_t b)
{
	return sf_f64_cmp(env, a, b, false) == SF_GT ? a : b;
}

static uint64_t min_c(SfEnv *env, uint64_t a, uint64_t b)
{
	return sf_f64_cmp(env, a, b, false) == SF_LT ? a : b;
}

/* Type J is Java's Math.max(): the first NaN, unchanged; +0 is above -0. */
VSX_INLINE uint64_t type_j(SfEnv *env, uint64_t a, uint64_t b, unsigned want)
{
	unsigned cc = sf_f64_cmp(env, a, b, false);

	if (sf_f64_is_nan(a))
		return a;
	if (sf_f64_is_nan(b))
		return b;
	if (cc == SF_EQ) /* of zeros, the one with the wanted sign */
		return want == SF_GT ? a & b : a | b;
	return cc == want ? a : b;
}

static uint64_t max_j(SfEnv *env, uint64_t a, uint64_t b)
{
	return type_j(env, a, b, SF_GT);
}
static uint64_t min_j(SfEnv *env, uint64_t a, uint64_t b)
{
	return type_j(env, a, b, SF_LT);
}

EX_VSX(xsmaxdp, max_min(cpu, op, sf_f64_max))
EX_VSX(xsmindp, max_min(cpu, op, sf_f64_min))
EX_VSX(xsmaxcdp, max_min(cpu, op, max_c))
EX_VSX(xsmincdp, max_min(cpu, op, min_c))
EX_VSX(xsmaxjdp, max_min(cpu, op, max_j))
EX_VSX(xsminjdp, max_min(cpu, op, min_j))

/* ---- Compares ---- */

/* All ones where the relation is one of `wanted`. */
VSX_INLINE void compare_mask(PpcCpu *cpu, const PpcOp *op, unsigned wanted, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	unsigned cc = sf_f64_cmp(&env, vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XB), ordered);

	if (fpu_scalar_quiet(cpu, &env))
		vsx_put_d0(cpu, op->XT, cc & wanted ? UINT64_MAX : 0);
}

EX_VSX(xscmpeqdp, compare_mask(cpu, op, SF_EQ, false))
EX_VSX(xscmpgtdp, compare_mask(cpu, op, SF_GT, true))
EX_VSX(xscmpgedp, compare_mask(cpu, op, SF_GT | SF_EQ, true))

VSX_INLINE void compare_cr(PpcCpu *cpu, const PpcOp *op, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	unsigned cc = sf_f64_cmp(&env, vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XB), ordered);

	fpu_put_cc(cpu, &env, op->BF, cc);
}

EX_VSX(xscmpudp, compare_cr(cpu, op, false))
EX_VSX(xscmpodp, compare_cr(cpu, op, true))

void ex_xscmpexpdp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint64_t a = vsx_d0(cpu, op->XA), b = vsx_d0(cpu, op->XB);
	unsigned ea = a >> 52 & 0x7ff, eb = b >> 52 & 0x7ff;
	unsigned cc = ea < eb ? SF_LT : ea > eb ? SF_GT : SF_EQ;

	if (sf_f64_is_nan(a) || sf_f64_is_nan(b))
		cc = SF_UN;
	fpu_put_cc(cpu, &env, op->BF, cc);
}

EX_VSX(xstdivdp, cpu->cr[op->BF] = sf_f64_tdiv(vsx_d0(cpu, op->XA), vsx_d0(cpu, op->XB)))
EX_VSX(xstsqrtdp, cpu->cr[op->BF] = sf_f64_tsqrt(vsx_d0(cpu, op->XB)))

/* ---- Data classes: CR field and FPCC are sign, 0, match, not single ---- */

void ex_xststdcdp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint64_t b = vsx_d0(cpu, op->XB);

	fpu_put_cc(cpu, &env, op->BF, (unsigned)(b >> 63) << 3 | vsx_dc_f64(op->DCMX, b) << 1);
}

/*
 * Is a double, as it stands, one that a single can hold?  Its exponent must be
 * that of a single, normal (897 to 1150) or denormal (874 to 896), and the bits
 * that the single has no room for zero.
 */
static bool is_single(uint64_t v)
{
	unsigned exp = v >> 52 & 0x7ff;

	if (!(v << 1))
		return true;
	if (exp < 874 || (exp > 1150 && exp != 0x7ff))
		return false;
	return sf_lfs(sf_stfs(v)) == v;
}

void ex_xststdcsp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint64_t b = vsx_d0(cpu, op->XB);
	unsigned exp = b >> 52 & 0x7ff;
	bool frac = b << 12, match;

	/* Exponents below 897 are those of single-precision denormals. */
	if (exp > 0 && exp < 897)
		match = op->DCMX & VSX_DC_DENORM >> (b >> 63);
	else
		match = vsx_dc_match(op->DCMX, b >> 63, exp == 0x7ff, exp == 0, frac);
	fpu_put_cc(cpu, &env, op->BF, (unsigned)(b >> 63) << 3 | match << 1 | !is_single(b));
}

/* ---- Exponent and significand ---- */

EX_VSX(xsxexpdp, cpu->gpr[op->RT] = vsx_d0(cpu, op->XB) >> 52 & 0x7ff)

void ex_xsxsigdp(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t b = vsx_d0(cpu, op->XB);
	unsigned exp = b >> 52 & 0x7ff;

	cpu->gpr[op->RT] = (b & mask64(12, 63)) | (exp != 0 && exp != 0x7ff ? BIT64(11) : 0);
}

EX_VSX(xsiexpdp, vsx_put_d0(cpu, op->XT,
			    (cpu->gpr[op->RA] & ~mask64(1, 11)) | (cpu->gpr[op->RB] & 0x7ff) << 52))
