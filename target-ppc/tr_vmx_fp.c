/*
 * Floating point of the Vector Facility, as ex_vmx_fp.c does it, as IR.
 *
 * It has no exceptions, so the host is not to note that something was inexact, of which the FPSCR would be told:
 * AVX-512 can do without; on other hosts it is taken back until FPSCR[XX] is set anyway, and it is called while
 * rounding is not to the nearest.  While VSCR[NJ] is
 * 1, as Linux has it unless it is asked, denormal operands and results are zeros.
 *
 * Not here, so called: estimates, vcmpbfp, conversions of unsigned words.
 */
#include "target-ppc/fpu.h"
#include "target-ppc/tr_vec.h"
#include "target-ppc/tr_vfp.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)
#define V1I(OP, a, n) ir_v1i(ir, VEC_##OP, a, n)
#define VSCR_NJ BIT32(15)

/* VSCR[NJ] is still what the unit is made for. */
static void same_nj(Tr *t)
{
	IrRef vscr = ir_get(t->ir, TR_VSCR);

	if (t->nj_since == t->ir->epoch + 1)
		return;
	t->nj_since = (IrRef)(t->ir->epoch + 1);
	tr_redo_if(t, t->nj ? IR_NTEST : IR_TEST, vscr, tr_k(t, VSCR_NJ));
}

/* Zeros of denormals. */
static IrRef zeroed(Ir *ir, IrRef v)
{
	IrRef small = V2(AND, v, ir_vsplat_k(ir, WORDS, 0x7f800000));

	small = V2(AND, V2(EQW, small, ir_kv(ir, 0)), ir_vsplat_k(ir, WORDS, INT32_MAX));
	return ir_vandc(ir, v, small);
}

/* A source as the instruction sees it, behind same_nj(). */
static IrRef source(Tr *t, unsigned n)
{
	IrRef v = tr_get_vr(t, n);

	return t->nj ? zeroed(t->ir, v) : v;
}

/* May the host calculate?  plain: how. */
static bool begin(Tr *t, uint32_t *plain)
{
	*plain |= TR_VFP_ALTIVEC;
	if (t->ir->host & VEC_HOST_AVX512) {
		*plain |= VEC_PLAIN_QUIET;
		return true;
	}
	if (t->cpu->fpscr & FPSCR_RN)
		return false;
	if (t->cpu->fpscr & FPSCR_XX)
		tr_redo_if(t, IR_NTEST, ir_get(t->ir, TR_FPXX), tr_k(t, FPSCR_XX >> 24));
	else
		*plain |= VEC_PLAIN_QUIET;
	tr_redo_if(t, IR_TEST, ir_get(t->ir, TR_FPCTL), tr_k(t, FPSCR_RN));
	return true;
}

/*
 * The same for arithmetic, whose results may be denormals.  What is tiny is so before it is rounded: of a result that
 * is the smallest normal number it cannot be told.
 */
static bool begin_arith(Tr *t, uint32_t *plain)
{
	if (!begin(t, plain))
		return false;
	*plain |= t->nj ? VEC_PLAIN_FLUSHED | TR_VFP_NJ : VEC_PLAIN_NUMBER;
	same_nj(t);
	return true;
}

static void put_result(Tr *t, const PpcOp *op, IrRef r)
{
	tr_put_vr(t, op->VRT, t->nj ? zeroed(t->ir, r) : r);
}

static bool arith(Tr *t, const PpcOp *op, VecOp vop)
{
	uint32_t plain = 0;

	if (!begin_arith(t, &plain))
		return false;
	put_result(t, op, ir_vfp(t->ir, vop, plain, source(t, op->VRA), source(t, op->VRB), 0));
	return true;
}

static bool multiply_add(Tr *t, const PpcOp *op, VecOp vop, uint32_t negated)
{
	uint32_t plain = negated;
	Ir *ir = t->ir;
	IrRef r;

	if (!ir_vec_have(ir, vop) || !begin_arith(t, &plain))
		return false;
	r = ir_vfp(ir, vop, plain, source(t, op->VRA), source(t, op->VRC), source(t, op->VRB));
	if (negated)
		r = V2(XOR, r, ir_vsplat_k(ir, WORDS, UINT32_C(0x80000000)));
	put_result(t, op, r);
	return true;
}

#define TR_VMX(NAME, CALL)                                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return CALL;                                                                       \
	}
TR_VMX(vaddfp, arith(t, op, VEC_ADDPS))
TR_VMX(vsubfp, arith(t, op, VEC_SUBPS))
TR_VMX(vmaddfp, multiply_add(t, op, VEC_MADDPS, 0))
TR_VMX(vnmsubfp, multiply_add(t, op, VEC_MSUBPS, TR_VFP_NEGATED))

/* ---- Compares: NaNs are nothing special; b CMP a ---- */

static bool compare(Tr *t, const PpcOp *op, unsigned how)
{
	same_nj(t);
	tr_put_vr(t, op->VRT,
		  ir_v2i(t->ir, VEC_CMPPS, source(t, op->VRB), source(t, op->VRA), how));
	return true;
}
TR_VMX(vcmpeqfp, compare(t, op, 0))
TR_VMX(vcmpgtfp, compare(t, op, 1))
TR_VMX(vcmpgefp, compare(t, op, 2))

/* As in tr_vsx_fp.c. */
static bool extreme(Tr *t, const PpcOp *op, bool max)
{
	Ir *ir = t->ir;
	IrRef a = source(t, op->VRA), b = source(t, op->VRB), less, r, equal;

	same_nj(t);
	tr_redo_if(t, IR_NE, ir_emit(ir, IR_VANY, 0, ir_v2i(ir, VEC_CMPPS, a, b, 3), 0, 0, 0),
		   tr_k(t, 0));
	less = ir_v2i(ir, VEC_CMPPS, a, b, 1);
	r = max ? ir_vsel(ir, a, b, less) : ir_vsel(ir, b, a, less);
	equal = max ? V2(AND, a, b) : V2(OR, a, b);
	r = ir_vsel(ir, r, equal, ir_v2i(ir, VEC_CMPPS, a, b, 0));
	tr_put_vr(t, op->VRT, r);
	return true;
}
TR_VMX(vmaxfp, extreme(t, op, true))
TR_VMX(vminfp, extreme(t, op, false))

/* ---- Rounding and conversions ---- */

static bool round_to(Tr *t, const PpcOp *op, unsigned how)
{
	same_nj(t);
	tr_put_vr(t, op->VRT, ir_v1i(t->ir, VEC_ROUNDPS, source(t, op->VRB), how));
	return true;
}
TR_VMX(vrfin, round_to(t, op, 8))
TR_VMX(vrfim, round_to(t, op, 9))
TR_VMX(vrfip, round_to(t, op, 10))
TR_VMX(vrfiz, round_to(t, op, 11))

/* The exponent of what is not 0 becomes less by the scale: it is far from its limits. */
bool tr_vcfsx(Tr *t, const PpcOp *op)
{
	uint32_t plain = VEC_PLAIN_ANY;
	Ir *ir = t->ir;
	IrRef b = tr_get_vr(t, op->VRB), r, scale;

	if (!begin(t, &plain))
		return false;
	r = ir_vfp(ir, VEC_CVTWS, plain, b, 0, 0);
	scale = ir_vsplat_k(ir, WORDS, (uint64_t)op->UIM5 << 23);
	scale = ir_vandc(ir, scale, V2(EQW, b, ir_kv(ir, 0)));
	tr_put_vr(t, op->VRT, V2(SUBW, r, scale));
	return true;
}

/*
 * Scaled by the exponent, where there is one: what has none, or is that large, is not in range or 0 anyway.  What
 * is out of range, or a NaN, and the smallest number as well, is left to the interpreter.
 */
bool tr_vctsxs(Tr *t, const PpcOp *op)
{
	uint32_t plain = VEC_PLAIN_ANY;
	Ir *ir = t->ir;
	IrRef b = tr_get_vr(t, op->VRB), out, r, scale;

	if (!begin(t, &plain))
		return false;
	out = V2(AND, b, ir_vsplat_k(ir, WORDS, INT32_MAX));
	out = V2(GTSW, out, ir_vsplat_k(ir, WORDS, 0x5effffff));
	r = V2(EQW, V2(AND, b, ir_vsplat_k(ir, WORDS, 0x7f800000)), ir_kv(ir, 0));
	scale = ir_vandc(ir, ir_vsplat_k(ir, WORDS, (uint64_t)op->UIM5 << 23), r);
	r = ir_vfp(ir, VEC_CVTSW, plain, V2(ADDW, b, scale), 0, 0);
	out = V2(OR, out, V2(EQW, r, ir_vsplat_k(ir, WORDS, UINT32_C(0x80000000))));
	tr_redo_if(t, IR_NE, ir_emit(ir, IR_VANY, 0, out, 0, 0, 0), tr_k(t, 0));
	tr_put_vr(t, op->VRT, r);
	return true;
}
