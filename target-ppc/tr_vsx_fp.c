/*
 * Floating-point arithmetic of VSX on vectors, as ex_vsx_vector.c and ex_vsx_conv.c do it, as IR.
 *
 * The host does it while no exceptions are enabled (tr_fp_begin()); where its results do not say all,
 * fpu_jit_vec.c does.  FR, FI and FPRF stay, so nothing is noted of the last operation.  NaNs that are rounded, widened
 * or looked at for an extreme are left to the interpreter.
 *
 * Not here, so called: estimates, rounding to the nearest with ties away from 0, unsigned and 64-bit
 * integers, halfs, single-precision from doublewords.
 */
#include "target-ppc/tr_fp.h"
#include "target-ppc/tr_vec.h"
#include "target-ppc/tr_vfp.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)
#define V1I(OP, a, n) ir_v1i(ir, VEC_##OP, a, n)

enum { S = 0, D = VEC_PLAIN_DOUBLE };
enum { FINITE = VEC_PLAIN_FINITE, NORMAL = VEC_PLAIN_NORMAL };

static IrRef signs(Ir *ir, uint32_t prec)
{
	return prec == D ? ir_vsplat_k(ir, DOUBLES, BIT64(0))
			 : ir_vsplat_k(ir, WORDS, UINT32_C(0x80000000));
}

/* XT = op of VSRs a and b. */
static bool arith(Tr *t, const PpcOp *op, VecOp vop, uint32_t plain)
{
	IrRef a = tr_get_vsr(t, op->XA), b = tr_get_vsr(t, op->XB);

	if (!tr_fp_begin(t))
		return false;
	tr_put_vsr(t, op->XT, ir_vfp(t->ir, vop, plain, a, b, 0));
	return true;
}

static bool arith1(Tr *t, const PpcOp *op, VecOp vop, uint32_t plain)
{
	IrRef b = tr_get_vsr(t, op->XB);

	if (!tr_fp_begin(t))
		return false;
	tr_put_vsr(t, op->XT, ir_vfp(t->ir, vop, plain, b, 0, 0));
	return true;
}

#define TR_VSX(NAME, CALL)                                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return CALL;                                                                       \
	}
TR_VSX(xvaddsp, arith(t, op, VEC_ADDPS, FINITE | S))
TR_VSX(xvsubsp, arith(t, op, VEC_SUBPS, FINITE | S))
TR_VSX(xvmulsp, arith(t, op, VEC_MULPS, NORMAL | S))
TR_VSX(xvdivsp, arith(t, op, VEC_DIVPS, NORMAL | S))
TR_VSX(xvsqrtsp, arith1(t, op, VEC_SQRTPS, NORMAL | S))
TR_VSX(xvadddp, arith(t, op, VEC_ADDPD, FINITE | D))
TR_VSX(xvsubdp, arith(t, op, VEC_SUBPD, FINITE | D))
TR_VSX(xvmuldp, arith(t, op, VEC_MULPD, NORMAL | D))
TR_VSX(xvdivdp, arith(t, op, VEC_DIVPD, NORMAL | D))
TR_VSX(xvsqrtdp, arith1(t, op, VEC_SQRTPD, NORMAL | D))

/* ---- Multiply-add: A forms XA * XB + XT, M forms XA * XT + XB ---- */

enum { MADD, MSUB, NMADD, NMSUB };

static bool fma_of(Tr *t, const PpcOp *op, unsigned mul, unsigned add, unsigned how, uint32_t prec)
{
	static const VecOp ops[2][2] = { { VEC_MADDPS, VEC_MADDPD }, { VEC_MSUBPS, VEC_MSUBPD } };
	VecOp vop = ops[how & 1][prec == D];
	Ir *ir = t->ir;
	IrRef a = tr_get_vsr(t, op->XA), c = tr_get_vsr(t, mul), b = tr_get_vsr(t, add), r;

	if (!ir_vec_have(ir, vop))
		return false;
	if (!tr_fp_begin(t))
		return false;
	r = ir_vfp(ir, vop, NORMAL | prec | (how >= NMADD ? TR_VFP_NEGATED : 0), a, c, b);
	tr_put_vsr(t, op->XT, how >= NMADD ? V2(XOR, r, signs(ir, prec)) : r);
	return true;
}

TR_VSX(xvmaddasp, fma_of(t, op, op->XB, op->XT, MADD, S))
TR_VSX(xvmsubasp, fma_of(t, op, op->XB, op->XT, MSUB, S))
TR_VSX(xvnmaddasp, fma_of(t, op, op->XB, op->XT, NMADD, S))
TR_VSX(xvnmsubasp, fma_of(t, op, op->XB, op->XT, NMSUB, S))
TR_VSX(xvmaddmsp, fma_of(t, op, op->XT, op->XB, MADD, S))
TR_VSX(xvmsubmsp, fma_of(t, op, op->XT, op->XB, MSUB, S))
TR_VSX(xvnmaddmsp, fma_of(t, op, op->XT, op->XB, NMADD, S))
TR_VSX(xvnmsubmsp, fma_of(t, op, op->XT, op->XB, NMSUB, S))
TR_VSX(xvmaddadp, fma_of(t, op, op->XB, op->XT, MADD, D))
TR_VSX(xvmsubadp, fma_of(t, op, op->XB, op->XT, MSUB, D))
TR_VSX(xvnmaddadp, fma_of(t, op, op->XB, op->XT, NMADD, D))
TR_VSX(xvnmsubadp, fma_of(t, op, op->XB, op->XT, NMSUB, D))
TR_VSX(xvmaddmdp, fma_of(t, op, op->XT, op->XB, MADD, D))
TR_VSX(xvmsubmdp, fma_of(t, op, op->XT, op->XB, MSUB, D))
TR_VSX(xvnmaddmdp, fma_of(t, op, op->XT, op->XB, NMADD, D))
TR_VSX(xvnmsubmdp, fma_of(t, op, op->XT, op->XB, NMSUB, D))

/* ---- What NaNs are kept out of ---- */

static VecOp cmp_op(uint32_t prec)
{
	return prec == D ? VEC_CMPPD : VEC_CMPPS;
}

static bool no_nans(Tr *t, IrRef a, IrRef b, uint32_t prec)
{
	IrRef nans = ir_v2i(t->ir, cmp_op(prec), a, b, 3);

	if (!tr_fp_begin(t))
		return false;
	tr_redo_if(t, IR_NE, ir_emit(t->ir, IR_VANY, 0, nans, 0, 0, 0), tr_k(t, 0));
	return true;
}

/* Where both are equal, zeros may differ in sign: the maximum is positive, the minimum negative. */
static bool extreme(Tr *t, const PpcOp *op, uint32_t prec, bool max)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vsr(t, op->XA), b = tr_get_vsr(t, op->XB), less, r, equal;

	if (!no_nans(t, a, b, prec))
		return false;
	less = ir_v2i(ir, cmp_op(prec), a, b, 1);
	r = max ? ir_vsel(ir, a, b, less) : ir_vsel(ir, b, a, less);
	/* Neither is less: the bits are the same, or but for the sign. */
	equal = max ? V2(AND, a, b) : V2(OR, a, b);
	r = ir_vsel(ir, r, equal, ir_v2i(ir, cmp_op(prec), a, b, 0));
	tr_put_vsr(t, op->XT, r);
	return true;
}
TR_VSX(xvmaxsp, extreme(t, op, S, true))
TR_VSX(xvminsp, extreme(t, op, S, false))
TR_VSX(xvmaxdp, extreme(t, op, D, true))
TR_VSX(xvmindp, extreme(t, op, D, false))

/* how: 0 equal, 1 less, 2 less or equal; of b and a. */
static bool compare(Tr *t, const PpcOp *op, uint32_t prec, unsigned how)
{
	IrRef a = tr_get_vsr(t, op->XA), b = tr_get_vsr(t, op->XB);

	if (!tr_fp_begin(t))
		return false;
	tr_put_vsr(t, op->XT,
		   ir_vfp(t->ir, cmp_op(prec), VEC_PLAIN_ORDERED | prec | how << 8, b, a, 0));
	return true;
}
TR_VSX(xvcmpeqsp, compare(t, op, S, 0))
TR_VSX(xvcmpgtsp, compare(t, op, S, 1))
TR_VSX(xvcmpgesp, compare(t, op, S, 2))
TR_VSX(xvcmpeqdp, compare(t, op, D, 0))
TR_VSX(xvcmpgtdp, compare(t, op, D, 1))
TR_VSX(xvcmpgedp, compare(t, op, D, 2))

/* Silent ones: VecOp's immediate 9 down, 10 up, 11 towards 0. */
static bool round_to(Tr *t, const PpcOp *op, uint32_t prec, unsigned how)
{
	IrRef b = tr_get_vsr(t, op->XB);

	if (!no_nans(t, b, b, prec))
		return false;
	tr_put_vsr(t, op->XT, ir_v1i(t->ir, prec == D ? VEC_ROUNDPD : VEC_ROUNDPS, b, how));
	return true;
}
TR_VSX(xvrspim, round_to(t, op, S, 9))
TR_VSX(xvrspip, round_to(t, op, S, 10))
TR_VSX(xvrspiz, round_to(t, op, S, 11))
TR_VSX(xvrdpim, round_to(t, op, D, 9))
TR_VSX(xvrdpip, round_to(t, op, D, 10))
TR_VSX(xvrdpiz, round_to(t, op, D, 11))

/* ---- Signs: no exceptions ---- */

TR_XB(xvabssp, ir_vandc(ir, b, signs(ir, S)))
TR_XB(xvnabssp, V2(OR, b, signs(ir, S)))
TR_XB(xvnegsp, V2(XOR, b, signs(ir, S)))
TR_XB(xvabsdp, ir_vandc(ir, b, signs(ir, D)))
TR_XB(xvnabsdp, V2(OR, b, signs(ir, D)))
TR_XB(xvnegdp, V2(XOR, b, signs(ir, D)))
TR_XAB(xvcpsgnsp, ir_vsel(ir, b, a, signs(ir, S)))
TR_XAB(xvcpsgndp, ir_vsel(ir, b, a, signs(ir, D)))

/* ---- Conversions ---- */

/* The left words of both doublewords, in the lower half. */
static IrRef left_words(Ir *ir, IrRef v)
{
	return V1I(SHUFW, v, 0x0d);
}

/* Words in the lower half, twice each. */
static IrRef doubled(Ir *ir, IrRef v)
{
	return V1I(SHUFW, v, 0x50);
}

TR_VSX(xvcvsxwsp, arith1(t, op, VEC_CVTWS, VEC_PLAIN_ANY))
TR_VSX(xvcvspsxws, arith1(t, op, VEC_CVTSW, VEC_PLAIN_FITS))
TR_XB(xvcvsxwdp, ir_v1(ir, VEC_CVTWD, left_words(ir, b)))

bool tr_xvcvspdp(Tr *t, const PpcOp *op)
{
	IrRef b = left_words(t->ir, tr_get_vsr(t, op->XB));

	if (!no_nans(t, b, b, S))
		return false;
	tr_put_vsr(t, op->XT, ir_v1(t->ir, VEC_CVTSD, b));
	return true;
}

/* The upper half of what the host makes is 0, which is not normal: not looked at. */
static bool narrow(Tr *t, const PpcOp *op, VecOp vop, uint32_t plain)
{
	Ir *ir = t->ir;
	IrRef b = tr_get_vsr(t, op->XB), r;

	if (!tr_fp_begin(t))
		return false;
	r = ir_vfp(ir, vop, plain, b, 0, 0);
	tr_put_vsr(t, op->XT, doubled(ir, r));
	return true;
}
TR_VSX(xvcvdpsxws, narrow(t, op, VEC_CVTDW, VEC_PLAIN_FITS))

bool tr_xvcvsxddp(Tr *t, const PpcOp *op)
{
	return ir_vec_have(t->ir, VEC_CVTQD) && arith1(t, op, VEC_CVTQD, VEC_PLAIN_ANY);
}
