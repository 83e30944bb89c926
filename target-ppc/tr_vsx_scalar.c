/*
 * Scalar instructions of VSX that are no arithmetic, as ex_vsx_scalar.c and ex_vsx_conv.c do them, as IR: extremes,
 * comparisons to masks, singles as their bits, exponents and significands, classes of data.
 *
 * Where NaNs are something special they are left to the interpreter.  The left doublewords alone are looked at; what
 * is to the right of them becomes 0.
 *
 * Not here, so called: tests for division, comparisons of exponents, halfs, quadruple precision.
 */
#include "target-ppc/exec.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/tr_fp.h"
#include "target-ppc/tr_vec.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)

enum { EQUAL, LESS, LESS_OR_EQUAL, UNORDERED };

/* The left doubleword, and 0. */
static IrRef left_of(Tr *t, unsigned n)
{
	return ir_emit(t->ir, IR_FTOV, 0, tr_fpr(t, n), 0, 0, 0);
}

static IrRef compared(Tr *t, IrRef a, IrRef b, unsigned how)
{
	return ir_v2i(t->ir, VEC_CMPPD, a, b, how);
}

/* Both operands; false: it is to be called. */
static bool numbers(Tr *t, const PpcOp *op, IrRef *a, IrRef *b)
{
	IrRef nans;

	*a = left_of(t, op->XA);
	*b = left_of(t, op->XB);
	if (!tr_fp_begin(t))
		return false;
	nans = ir_emit(t->ir, IR_VANY, 0, compared(t, *a, *b, UNORDERED), 0, 0, 0);
	tr_redo_if(t, IR_NE, nans, tr_k(t, 0));
	return true;
}

/* Zeros of both signs: the maximum is positive, the minimum negative. */
static bool extreme(Tr *t, const PpcOp *op, bool max)
{
	Ir *ir = t->ir;
	IrRef a, b, less, r, equal;

	if (!numbers(t, op, &a, &b))
		return false;
	less = compared(t, a, b, LESS);
	r = max ? ir_vsel(ir, a, b, less) : ir_vsel(ir, b, a, less);
	equal = max ? V2(AND, a, b) : V2(OR, a, b);
	tr_put_vsr(t, op->XT, ir_vsel(ir, r, equal, compared(t, a, b, EQUAL)));
	return true;
}

/* As C's a > b ? a : b. */
static bool extreme_c(Tr *t, const PpcOp *op, bool max)
{
	IrRef a, b;

	if (!numbers(t, op, &a, &b))
		return false;
	tr_put_vsr(t, op->XT,
		   ir_vsel(t->ir, b, a, max ? compared(t, b, a, LESS) : compared(t, a, b, LESS)));
	return true;
}

/* b HOW a. */
static bool mask(Tr *t, const PpcOp *op, unsigned how)
{
	Ir *ir = t->ir;
	IrRef a, b;

	if (!numbers(t, op, &a, &b))
		return false;
	tr_put_vsr(t, op->XT, V2(AND, compared(t, b, a, how), ir_kv(ir, (u128)UINT64_MAX << 64)));
	return true;
}

#define TR_VSX(NAME, CALL)                                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return CALL;                                                                       \
	}
TR_VSX(xsmaxdp, extreme(t, op, true))
TR_VSX(xsmindp, extreme(t, op, false))
TR_VSX(xsmaxjdp, extreme(t, op, true))
TR_VSX(xsminjdp, extreme(t, op, false))
TR_VSX(xsmaxcdp, extreme_c(t, op, true))
TR_VSX(xsmincdp, extreme_c(t, op, false))
TR_VSX(xscmpeqdp, mask(t, op, EQUAL))
TR_VSX(xscmpgtdp, mask(t, op, LESS))
TR_VSX(xscmpgedp, mask(t, op, LESS_OR_EQUAL))

/* ---- Bits ---- */

/* NaNs, of which some would become others, are interpreted. */
bool tr_xscvspdpn(Tr *t, const PpcOp *op)
{
	IrRef v = ir_shr(t->ir, tr_vsr_left(t, op->XB), tr_k(t, 32));

	tr_redo_if(t, IR_GTU | IR_CC32, ir_add(t->ir, v, v), tr_k(t, 0xff000000));
	tr_put_single(t, op->XT, ir_emit(t->ir, IR_ITOS, 0, v, 0, 0, 0));
	return true;
}

bool tr_xscvdpspn(Tr *t, const PpcOp *op)
{
	IrRef v = tr_single_bits(t, op->XB);

	tr_put_vsr_left(t, op->XT, ir_or(t->ir, v, ir_shl(t->ir, v, tr_k(t, 32))));
	return true;
}

static IrRef exponent(Tr *t, IrRef v)
{
	return ir_and(t->ir, ir_shr(t->ir, v, tr_k(t, 52)), tr_k(t, 0x7ff));
}

bool tr_xsxexpdp(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, exponent(t, tr_vsr_left(t, op->XB)));
	return true;
}

bool tr_xsxsigdp(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef v = tr_vsr_left(t, op->XB);
	IrRef normal = ir_set(ir, IR_LTU, ir_sub(ir, exponent(t, v), tr_k(t, 1)), tr_k(t, 0x7fe));

	v = ir_and(ir, v, tr_k(t, mask64(12, 63)));
	tr_put_gpr(t, op->RT, ir_or(ir, v, ir_shl(ir, normal, tr_k(t, 52))));
	return true;
}

bool tr_xsiexpdp(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef e = ir_and(ir, tr_gpr(t, op->RB), tr_k(t, 0x7ff));
	IrRef rest = ir_and(ir, tr_gpr(t, op->RA), tr_k(t, ~mask64(1, 11)));

	tr_put_vsr_left(t, op->XT, ir_or(ir, rest, ir_shl(ir, e, tr_k(t, 52))));
	return true;
}

/* 1 when a CC k and DCMX has the bit. */
static IrRef class_if(Tr *t, const PpcOp *op, IrRef so_far, unsigned bit, IrCc cc, IrRef a,
		      uint64_t k)
{
	if (!(op->DCMX & bit))
		return so_far;
	return ir_or(t->ir, so_far, ir_set(t->ir, cc, a, tr_k(t, k)));
}

/* Power ISA 3.0B book I, 7.6.3: DCMX is NaN, infinities, zeros, denormals, each positive first. */
bool tr_xststdcdp(Tr *t, const PpcOp *op)
{
	const uint64_t inf = UINT64_C(0x7ff) << 52, sign = BIT64(0);
	Ir *ir = t->ir;
	IrRef v = tr_vsr_left(t, op->XB), r = tr_k(t, 0), minus = ir_shr(ir, v, tr_k(t, 63));

	if (!tr_fp_begin(t))
		return false;
	r = class_if(t, op, r, 0x40, IR_GTU, ir_add(ir, v, v), inf << 1);
	r = class_if(t, op, r, 0x20, IR_EQ, v, inf);
	r = class_if(t, op, r, 0x10, IR_EQ, v, inf | sign);
	r = class_if(t, op, r, 0x08, IR_EQ, v, 0);
	r = class_if(t, op, r, 0x04, IR_EQ, v, sign);
	r = class_if(t, op, r, 0x02, IR_LTU, ir_sub(ir, v, tr_k(t, 1)), mask64(12, 63));
	r = class_if(t, op, r, 0x01, IR_LTU, ir_sub(ir, v, tr_k(t, sign + 1)), mask64(12, 63));
	r = ir_or(ir, ir_shl(ir, minus, tr_k(t, 3)), ir_shl(ir, r, tr_k(t, 1)));
	ir_put(ir, TR_CR + op->BF, r);
	ir_put(ir, TR_FP_FPCC, ir_or(ir, r, tr_k(t, PPC_FPCC_NOTED)));
	return true;
}

/* ---- Words of two FPRs ---- */

bool tr_fmrgew(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_vsr_left(t, op->FRA), b = tr_vsr_left(t, op->FRB);

	a = ir_and(ir, a, tr_k(t, mask64(0, 31)));
	tr_put_vsr_left(t, op->FRT, ir_or(ir, a, ir_shr(ir, b, tr_k(t, 32))));
	return true;
}

bool tr_fmrgow(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = ir_shl(ir, tr_vsr_left(t, op->FRA), tr_k(t, 32));

	tr_put_vsr_left(t, op->FRT, ir_or(ir, a, ir_zx32(ir, tr_vsr_left(t, op->FRB))));
	return true;
}
