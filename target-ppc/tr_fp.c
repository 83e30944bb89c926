/*
 * Scalar floating point as IR: ex_fp.c and ex_vsx_scalar.c, with the host's arithmetic.  What becomes of the
 * FPSCR is fpu_jit.h's matter: here is noted, in its slots, which operation was the last.
 *
 * Single-precision arithmetic is done in singles, with operands that are some: a register that was loaded or
 * computed as one is known to be, of others it is asked.  All others, and NaNs that are
 * compared, are left to the interpreter.  While exceptions are enabled all of it is called.
 */
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/tr_fp.h"

bool tr_fp_begin(Tr *t)
{
	if (t->fp == PPC_FP_EXACT)
		return false;
	if (t->fp_since == t->ir->epoch + 1)
		return true;
	t->fp_since = (IrRef)(t->ir->epoch + 1);
	tr_redo_if(t, IR_TEST, ir_get(t->ir, TR_FPCTL), tr_k(t, FPSCR_ENABLES));
	return true;
}

/* The last arithmetic operation: FPRF, FR and FI are its own. */
static void note(Tr *t, uint32_t op, IrRef a, IrRef b, IrRef c)
{
	ir_put(t->ir, TR_FP_KIND, tr_k(t, op));
	ir_put(t->ir, TR_FP_A, a);
	if (b)
		ir_put(t->ir, TR_FP_B, b);
	if (c)
		ir_put(t->ir, TR_FP_C, c);
	ir_put(t->ir, TR_FP_CONVERT, tr_k(t, 0));
	ir_put(t->ir, TR_FP_FPCC, tr_k(t, 0));
}

static bool is_single(IrOp op)
{
	return op >= IR_SADD && op <= IR_SNMSUB;
}

/*
 * The host negates products, the guest results: where rounding is not the same on both sides of 0, this is another
 * thing.
 */
static IrRef negated(Tr *t, IrOp op, const IrRef o[3])
{
	IrOp plain = op - IR_FNMADD + IR_FMADD;
	IrRef r;

	if (t->fp == PPC_FP_DIRECTED) {
		r = ir_emit(t->ir, plain, 1, o[0], o[1], o[2], 0);
		return ir_emit(t->ir, is_single(op) ? IR_SNEG : IR_FNEG, 0, r, 0, 0, 0);
	}
	if (t->fp_near != t->ir->epoch + 1)
		tr_redo_if(t, IR_TEST, ir_get(t->ir, TR_FPCTL), tr_k(t, 2));
	t->fp_near = (IrRef)(t->ir->epoch + 1);
	return ir_emit(t->ir, op, 0, o[0], o[1], o[2], 0);
}

static bool is_negated(IrOp op)
{
	return op == IR_FNMADD || op == IR_FNMSUB || op == IR_SNMADD || op == IR_SNMSUB;
}

/* VSR vt = op of VSRs; b, c: -1: there is no such operand. */
static bool arith(Tr *t, IrOp op, unsigned vt, int a, int b, int c)
{
	IrRef f[3] = { 0 }, o[3] = { 0 }, r;
	int vsr[3] = { a, b, c };

	if (!tr_fp_begin(t))
		return false;
	for (unsigned n = 0; n < 3; n++) {
		if (vsr[n] < 0)
			continue;
		f[n] = tr_fpr(t, (unsigned)vsr[n]);
		o[n] = is_single(op) ? ir_ftos(t->ir, f[n]) : f[n];
	}
	if (is_negated(op))
		r = negated(t, op, o);
	else
		r = ir_emit(t->ir, op, 0, o[0], o[1], o[2], 0);
	note(t, op, f[0], f[1], f[2]);
	if (is_single(op))
		tr_put_single(t, vt, r);
	else
		tr_put_fpr(t, vt, r);
	return true;
}

/* The 750 rounds a factor in a way of its own. */
static bool factors(Tr *t, IrOp op, unsigned vt, int a, int b, int c)
{
	return t->cpu->model->fpu != PPC_FPU_750 && arith(t, op, vt, a, b, c);
}

#define TR_FP(NAME, EXPR)                                                                          \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return EXPR;                                                                       \
	}
TR_FP(fadd, arith(t, IR_FADD, op->FRT, op->FRA, op->FRB, -1))
TR_FP(fsub, arith(t, IR_FSUB, op->FRT, op->FRA, op->FRB, -1))
TR_FP(fmul, arith(t, IR_FMUL, op->FRT, op->FRA, op->FRC, -1))
TR_FP(fdiv, arith(t, IR_FDIV, op->FRT, op->FRA, op->FRB, -1))
TR_FP(fsqrt, arith(t, IR_FSQRT, op->FRT, op->FRB, -1, -1))
TR_FP(fmadd, arith(t, IR_FMADD, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fmsub, arith(t, IR_FMSUB, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fnmadd, arith(t, IR_FNMADD, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fnmsub, arith(t, IR_FNMSUB, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fadds, arith(t, IR_SADD, op->FRT, op->FRA, op->FRB, -1))
TR_FP(fsubs, arith(t, IR_SSUB, op->FRT, op->FRA, op->FRB, -1))
TR_FP(fmuls, factors(t, IR_SMUL, op->FRT, op->FRA, op->FRC, -1))
TR_FP(fdivs, arith(t, IR_SDIV, op->FRT, op->FRA, op->FRB, -1))
TR_FP(fsqrts, arith(t, IR_SSQRT, op->FRT, op->FRB, -1, -1))
TR_FP(fmadds, factors(t, IR_SMADD, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fmsubs, factors(t, IR_SMSUB, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fnmadds, factors(t, IR_SNMADD, op->FRT, op->FRA, op->FRC, op->FRB))
TR_FP(fnmsubs, factors(t, IR_SNMSUB, op->FRT, op->FRA, op->FRC, op->FRB))

TR_FP(xsadddp, arith(t, IR_FADD, op->XT, op->XA, op->XB, -1))
TR_FP(xssubdp, arith(t, IR_FSUB, op->XT, op->XA, op->XB, -1))
TR_FP(xsmuldp, arith(t, IR_FMUL, op->XT, op->XA, op->XB, -1))
TR_FP(xsdivdp, arith(t, IR_FDIV, op->XT, op->XA, op->XB, -1))
TR_FP(xssqrtdp, arith(t, IR_FSQRT, op->XT, op->XB, -1, -1))
TR_FP(xsaddsp, arith(t, IR_SADD, op->XT, op->XA, op->XB, -1))
TR_FP(xssubsp, arith(t, IR_SSUB, op->XT, op->XA, op->XB, -1))
TR_FP(xsmulsp, arith(t, IR_SMUL, op->XT, op->XA, op->XB, -1))
TR_FP(xsdivsp, arith(t, IR_SDIV, op->XT, op->XA, op->XB, -1))
TR_FP(xssqrtsp, arith(t, IR_SSQRT, op->XT, op->XB, -1, -1))
/* A forms: XA * XB + XT; M forms: XA * XT + XB. */
TR_FP(xsmaddadp, arith(t, IR_FMADD, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsmsubadp, arith(t, IR_FMSUB, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsnmaddadp, arith(t, IR_FNMADD, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsnmsubadp, arith(t, IR_FNMSUB, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsmaddmdp, arith(t, IR_FMADD, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsmsubmdp, arith(t, IR_FMSUB, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsnmaddmdp, arith(t, IR_FNMADD, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsnmsubmdp, arith(t, IR_FNMSUB, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsmaddasp, arith(t, IR_SMADD, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsmsubasp, arith(t, IR_SMSUB, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsnmaddasp, arith(t, IR_SNMADD, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsnmsubasp, arith(t, IR_SNMSUB, op->XT, op->XA, op->XB, op->XT))
TR_FP(xsmaddmsp, arith(t, IR_SMADD, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsmsubmsp, arith(t, IR_SMSUB, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsnmaddmsp, arith(t, IR_SNMADD, op->XT, op->XA, op->XT, op->XB))
TR_FP(xsnmsubmsp, arith(t, IR_SNMSUB, op->XT, op->XA, op->XT, op->XB))

/* ---- Rounding and conversion ---- */

static bool round_to_single(Tr *t, unsigned vt, unsigned vb)
{
	IrRef b = tr_fpr(t, vb), r;

	if (!tr_fp_begin(t))
		return false;
	/* One that is a single already stays what it is. */
	if (t->ir->ins[b].op == IR_S2F)
		r = t->ir->ins[b].a;
	else
		r = ir_emit(t->ir, IR_FRSP, 0, b, 0, 0, 0);
	note(t, IR_FRSP, b, 0, 0);
	tr_put_single(t, vt, r);
	return true;
}

static bool from_int(Tr *t, IrOp op, unsigned vt, unsigned vb)
{
	IrRef b = tr_fpr(t, vb), r;

	if (!tr_fp_begin(t))
		return false;
	r = ir_emit(t->ir, op, 0, tr_vsr_left(t, vb), 0, 0, 0);
	note(t, op, b, 0, 0);
	if (op == IR_ICVTS || op == IR_UCVTS)
		tr_put_single(t, vt, r);
	else
		tr_put_fpr(t, vt, r);
	return true;
}

/* In C, as the model's tables have it. */
static bool estimate(Tr *t, unsigned kind, unsigned vt, unsigned vb)
{
	IrRef r;

	if (!tr_fp_begin(t))
		return false;
	r = ir_call(t->ir, TR_HELP_ESTIMATE, tr_k(t, kind), tr_vsr_left(t, vb), tr_k(t, 0));
	note(t, kind, tr_fpr(t, vb), 0, 0);
	tr_put_vsr_left(t, vt, r);
	return true;
}

TR_FP(fre, estimate(t, PPC_FP_FRE, op->FRT, op->FRB))
TR_FP(fres, estimate(t, PPC_FP_FRES, op->FRT, op->FRB))
TR_FP(frsqrte, estimate(t, PPC_FP_FRSQRTE, op->FRT, op->FRB))
TR_FP(frsqrtes, estimate(t, PPC_FP_FRSQRTES, op->FRT, op->FRB))
TR_FP(xsredp, estimate(t, PPC_FP_FRE, op->XT, op->XB))
TR_FP(xsresp, estimate(t, PPC_FP_FRES, op->XT, op->XB))
TR_FP(xsrsqrtedp, estimate(t, PPC_FP_FRSQRTE, op->XT, op->XB))
TR_FP(xsrsqrtesp, estimate(t, PPC_FP_FRSQRTES, op->XT, op->XB))

/* How: as IR_FRINT; 5 alone tells FI and FR. */
static bool to_whole(Tr *t, unsigned how, unsigned vt, unsigned vb)
{
	IrRef b = tr_fpr(t, vb), r;

	if (!tr_fp_begin(t))
		return false;
	r = ir_emit(t->ir, IR_FRINT, how, b, 0, 0, 0);
	note(t, IR_FRINT | how << 8, b, 0, 0);
	tr_put_fpr(t, vt, r);
	return true;
}

/* How the integer is put into the register. */
typedef enum As { AS_IT_IS, AS_TWO_WORDS } As;

static bool to_int(Tr *t, IrOp op, bool nearest, unsigned vt, unsigned vb, As as)
{
	IrRef b = tr_fpr(t, vb), r;

	if (!tr_fp_begin(t))
		return false;
	r = ir_emit(t->ir, op, nearest, b, 0, 0, 0);
	ir_put(t->ir, TR_FP_CONVERT, tr_k(t, op | (uint64_t)nearest << 8));
	ir_put(t->ir, TR_FP_CONVERT_A, b);
	if (as == AS_TWO_WORDS)
		r = ir_or(t->ir, ir_shl(t->ir, r, tr_k(t, 32)), ir_zx32(t->ir, r));
	tr_put_vsr_left(t, vt, r);
	return true;
}

/* Classic models put something else into the upper half. */
static bool to_word(Tr *t, bool nearest, const PpcOp *op)
{
	return !(t->cpu->features & PPC_F_CLS) &&
	       to_int(t, IR_FCVTI32, nearest, op->FRT, op->FRB, AS_IT_IS);
}

TR_FP(frsp, round_to_single(t, op->FRT, op->FRB))
TR_FP(xsrsp, round_to_single(t, op->XT, op->XB))
TR_FP(fcfid, from_int(t, IR_ICVTF, op->FRT, op->FRB))
TR_FP(fcfids, from_int(t, IR_ICVTS, op->FRT, op->FRB))
TR_FP(xscvsxddp, from_int(t, IR_ICVTF, op->XT, op->XB))
TR_FP(xscvsxdsp, from_int(t, IR_ICVTS, op->XT, op->XB))
TR_FP(fcfidu, from_int(t, IR_UCVTF, op->FRT, op->FRB))
TR_FP(fcfidus, from_int(t, IR_UCVTS, op->FRT, op->FRB))
TR_FP(xscvuxddp, from_int(t, IR_UCVTF, op->XT, op->XB))
TR_FP(xscvuxdsp, from_int(t, IR_UCVTS, op->XT, op->XB))
TR_FP(frim, to_whole(t, 1, op->FRT, op->FRB))
TR_FP(frip, to_whole(t, 2, op->FRT, op->FRB))
TR_FP(friz, to_whole(t, 3, op->FRT, op->FRB))
TR_FP(frin, to_whole(t, 4, op->FRT, op->FRB))
TR_FP(xsrdpi, to_whole(t, 4, op->XT, op->XB))
TR_FP(xsrdpic, to_whole(t, 5, op->XT, op->XB))
TR_FP(xsrdpim, to_whole(t, 1, op->XT, op->XB))
TR_FP(xsrdpip, to_whole(t, 2, op->XT, op->XB))
TR_FP(xsrdpiz, to_whole(t, 3, op->XT, op->XB))
TR_FP(fctiduz, to_int(t, IR_FCVTU, false, op->FRT, op->FRB, AS_IT_IS))
TR_FP(fctiwuz, to_int(t, IR_FCVTU32, false, op->FRT, op->FRB, AS_IT_IS))
TR_FP(xscvdpuxds, to_int(t, IR_FCVTU, false, op->XT, op->XB, AS_IT_IS))
TR_FP(xscvdpuxws, to_int(t, IR_FCVTU32, false, op->XT, op->XB, AS_TWO_WORDS))
TR_FP(fctid, to_int(t, IR_FCVTI, true, op->FRT, op->FRB, AS_IT_IS))
TR_FP(fctidz, to_int(t, IR_FCVTI, false, op->FRT, op->FRB, AS_IT_IS))
TR_FP(fctiw, to_word(t, true, op))
TR_FP(fctiwz, to_word(t, false, op))
TR_FP(xscvdpsxds, to_int(t, IR_FCVTI, false, op->XT, op->XB, AS_IT_IS))
TR_FP(xscvdpsxws, to_int(t, IR_FCVTI32, false, op->XT, op->XB, AS_TWO_WORDS))

/* ---- Compare ---- */

/* NaNs, of which some raise exceptions, are interpreted. */
static bool compare(Tr *t, unsigned bf, unsigned va, unsigned vb)
{
	IrRef cc, a, b;
	IrCc when;

	if (!tr_fp_begin(t))
		return false;
	cc = ir_emit(t->ir, IR_FCMP, 0, tr_fpr(t, va), tr_fpr(t, vb), 0, 0);
	ir_cond(t->ir, cc, 1, &when, &a, &b);
	tr_redo_if(t, when, a, b);
	ir_put(t->ir, TR_CR + bf, cc);
	ir_put(t->ir, TR_FP_FPCC, cc);
	return true;
}

TR_FP(fcmpu, compare(t, op->BF, op->FRA, op->FRB))
TR_FP(fcmpo, compare(t, op->BF, op->FRA, op->FRB))
TR_FP(xscmpudp, compare(t, op->BF, op->XA, op->XB))
TR_FP(xscmpodp, compare(t, op->BF, op->XA, op->XB))

/* ---- Moves: the FPSCR has no part in them ---- */

enum { NEGATE = 1, POSITIVE = 2 };

static bool move(Tr *t, unsigned vt, unsigned vb, unsigned how)
{
	IrRef f = tr_fpr(t, vb);

	if (how & POSITIVE)
		f = ir_emit(t->ir, IR_FABS, 0, f, 0, 0, 0);
	if (how & NEGATE)
		f = ir_emit(t->ir, IR_FNEG, 0, f, 0, 0, 0);
	tr_put_fpr(t, vt, f);
	return true;
}

TR_FP(fmr, move(t, op->FRT, op->FRB, 0))
TR_FP(fneg, move(t, op->FRT, op->FRB, NEGATE))
TR_FP(fabs, move(t, op->FRT, op->FRB, POSITIVE))
TR_FP(fnabs, move(t, op->FRT, op->FRB, POSITIVE | NEGATE))
TR_FP(xsnegdp, move(t, op->XT, op->XB, NEGATE))
TR_FP(xsabsdp, move(t, op->XT, op->XB, POSITIVE))
TR_FP(xsnabsdp, move(t, op->XT, op->XB, POSITIVE | NEGATE))

/* ---- To and from GPRs ---- */

static bool to_gpr(Tr *t, unsigned ra, IrRef v)
{
	tr_put_gpr(t, ra, v);
	return true;
}

static bool from_gpr(Tr *t, unsigned vt, IrRef v)
{
	tr_put_vsr_left(t, vt, v);
	return true;
}

TR_FP(mfvsrd, to_gpr(t, op->RA, tr_vsr_left(t, op->XS)))
TR_FP(mtvsrd, from_gpr(t, op->XT, tr_gpr(t, op->RA)))
TR_FP(mtvsrwa, from_gpr(t, op->XT, ir_sx32(t->ir, tr_gpr(t, op->RA))))
TR_FP(mtvsrwz, from_gpr(t, op->XT, ir_zx32(t->ir, tr_gpr(t, op->RA))))

/* Bits of a where the mask is 0, else of b. */
static IrRef signs(Tr *t, unsigned va, unsigned vb)
{
	IrRef sign = tr_k(t, BIT64(0));

	return ir_or(t->ir, ir_and(t->ir, tr_vsr_left(t, va), sign),
		     ir_andn(t->ir, tr_vsr_left(t, vb), sign));
}

static bool copy_sign(Tr *t, unsigned vt, unsigned va, unsigned vb)
{
	tr_put_vsr_left(t, vt, signs(t, va, vb));
	return true;
}

TR_FP(fcpsgn, copy_sign(t, op->FRT, op->FRA, op->FRB))
TR_FP(xscpsgndp, copy_sign(t, op->XT, op->XA, op->XB))

/* FRC when FRA is no NaN and not below zero (-0 is not), else FRB. */
bool tr_fsel(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_vsr_left(t, op->FRA), sign = tr_k(t, BIT64(0));
	IrRef number = ir_set(ir, IR_LE, a, tr_k(t, UINT64_C(0x7ff0000000000000)));
	IrRef r = ir_sel(ir, IR_GE, a, tr_k(t, 0), number, ir_set(ir, IR_EQ, a, sign));

	r = ir_sel(ir, IR_NE, r, tr_k(t, 0), tr_vsr_left(t, op->FRC), tr_vsr_left(t, op->FRB));
	tr_put_vsr_left(t, op->FRT, r);
	return true;
}
