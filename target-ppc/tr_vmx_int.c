/*
 * Integer instructions of the Vector Facility that take elements alike, and logical ones, as
 * ex_vmx_int.c does them, as IR.
 */
#include "target-ppc/tr_vec.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)
#define V1I(OP, a, n) ir_v1i(ir, VEC_##OP, a, n)

/* ---- Add and subtract ---- */

TR_AB(vaddubm, V2(ADDB, a, b))
TR_AB(vadduhm, V2(ADDH, a, b))
TR_AB(vadduwm, V2(ADDW, a, b))
TR_AB(vaddudm, V2(ADDD, a, b))
TR_AB(vsububm, V2(SUBB, a, b))
TR_AB(vsubuhm, V2(SUBH, a, b))
TR_AB(vsubuwm, V2(SUBW, a, b))
TR_AB(vsubudm, V2(SUBD, a, b))

/* tr_NAME(): saturated by OP; what MODULO gives differs when it was. */
#define TR_SAT(NAME, OP, MODULO)                                                                   \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		Ir *ir = t->ir;                                                                    \
		IrRef a = tr_get_vr(t, op->VRA), b = tr_get_vr(t, op->VRB), r = V2(OP, a, b);      \
                                                                                                   \
		tr_saturated(t, V2(XOR, r, V2(MODULO, a, b)));                                     \
		tr_put_vr(t, op->VRT, r);                                                          \
		return true;                                                                       \
	}
TR_SAT(vaddubs, ADDUB, ADDB)
TR_SAT(vadduhs, ADDUH, ADDH)
TR_SAT(vaddsbs, ADDSB, ADDB)
TR_SAT(vaddshs, ADDSH, ADDH)
TR_SAT(vsububs, SUBUB, SUBB)
TR_SAT(vsubuhs, SUBUH, SUBH)
TR_SAT(vsubsbs, SUBSB, SUBB)
TR_SAT(vsubshs, SUBSH, SUBH)

/* a and as much of b as there is room for. */
IrRef tr_add_uws(Tr *t, IrRef a, IrRef b)
{
	Ir *ir = t->ir;
	IrRef fits = V2(MINUW, b, ir_vnot(ir, a));

	tr_saturated(t, V2(XOR, fits, b));
	return V2(ADDW, a, fits);
}
TR_AB(vadduws, tr_add_uws(t, a, b))

static IrRef sub_uws(Tr *t, IrRef a, IrRef b)
{
	Ir *ir = t->ir;
	IrRef more = V2(MAXUW, a, b);

	tr_saturated(t, V2(XOR, more, a));
	return V2(SUBW, more, b);
}
TR_AB(vsubuws, sub_uws(t, a, b))

/* The limit on a's side where the sign bit of `over` is set. */
static IrRef saturate_words(Tr *t, IrRef a, IrRef r, IrRef over)
{
	Ir *ir = t->ir;
	IrRef limit = V2(XOR, V1I(SRAW, a, 31), ir_vsplat_k(ir, WORDS, INT32_MAX));

	tr_saturated(t, V1I(SRLW, over, 31));
	return ir_v3(ir, VEC_SELW, r, limit, over);
}

IrRef tr_add_sws(Tr *t, IrRef a, IrRef b)
{
	Ir *ir = t->ir;
	IrRef r = V2(ADDW, a, b);

	return saturate_words(t, a, r, V2(AND, V2(XOR, a, r), V2(XOR, b, r)));
}
TR_AB(vaddsws, tr_add_sws(t, a, b))

static IrRef sub_sws(Tr *t, IrRef a, IrRef b)
{
	Ir *ir = t->ir;
	IrRef r = V2(SUBW, a, b);

	return saturate_words(t, a, r, V2(AND, V2(XOR, a, b), V2(XOR, a, r)));
}
TR_AB(vsubsws, sub_sws(t, a, b))

/* Carries: a + b carries when b is more than ~a; a - b does when b is not more than a. */
TR_AB(vaddcuw, V1I(SRLW, ir_vgtu(ir, WORDS, b, ir_vnot(ir, a)), 31))
TR_AB(vsubcuw, V1I(SRLW, ir_vnot(ir, ir_vgtu(ir, WORDS, b, a)), 31))

/* Quadwords as two integers: a + b + carry; the sum or its carry. */
static bool quadword(Tr *t, const PpcOp *op, bool sub, IrRef carry, bool want_carry)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), b = tr_get_vr(t, op->VRB);
	IrRef al = tr_v_right(t, a), ah = tr_v_left(t, a);
	IrRef bl = tr_v_right(t, b), bh = tr_v_left(t, b), c, hi, lo;

	if (sub) {
		bl = ir_not(ir, bl);
		bh = ir_not(ir, bh);
	}
	c = ir_emit(ir, IR_ADDCO, 0, al, bl, carry, 0);
	if (want_carry) {
		hi = ir_k(ir, 0);
		lo = ir_emit(ir, IR_ADDCO, 0, ah, bh, c, 0);
	} else {
		hi = ir_add(ir, ir_add(ir, ah, bh), c);
		lo = ir_add(ir, ir_add(ir, al, bl), carry);
	}
	tr_put_vr(t, op->VRT, tr_v_from_gprs(t, hi, lo));
	return true;
}

static IrRef carry_in(Tr *t, const PpcOp *op)
{
	return ir_and(t->ir, tr_v_right(t, tr_get_vr(t, op->VRC)), ir_k(t->ir, 1));
}

#define TR_QUAD(NAME, SUB, CARRY, WANT_CARRY)                                                      \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return quadword(t, op, SUB, CARRY, WANT_CARRY);                                    \
	}
TR_QUAD(vadduqm, false, ir_k(t->ir, 0), false)
TR_QUAD(vaddcuq, false, ir_k(t->ir, 0), true)
TR_QUAD(vaddeuqm, false, carry_in(t, op), false)
TR_QUAD(vaddecuq, false, carry_in(t, op), true)
TR_QUAD(vsubuqm, true, ir_k(t->ir, 1), false)
TR_QUAD(vsubcuq, true, ir_k(t->ir, 1), true)
TR_QUAD(vsubeuqm, true, carry_in(t, op), false)
TR_QUAD(vsubecuq, true, carry_in(t, op), true)

/* ---- Negate, sign extension, average, difference, maximum, minimum ---- */

TR_B(vnegw, V2(SUBW, ir_kv(ir, 0), b))
TR_B(vnegd, V2(SUBD, ir_kv(ir, 0), b))
TR_B(vextsb2w, V1I(SRAW, V1I(SLLW, b, 24), 24))
TR_B(vextsh2w, V1I(SRAW, V1I(SLLW, b, 16), 16))
TR_B(vextsb2d, ir_vshift_k(ir, VEC_SAR, DOUBLES, V1I(SLLD, b, 56), 56))
TR_B(vextsh2d, ir_vshift_k(ir, VEC_SAR, DOUBLES, V1I(SLLD, b, 48), 48))
TR_B(vextsw2d, ir_vshift_k(ir, VEC_SAR, DOUBLES, V1I(SLLD, b, 32), 32))

TR_AB(vavgub, ir_vavg(ir, BYTES, false, a, b))
TR_AB(vavguh, ir_vavg(ir, HALFS, false, a, b))
TR_AB(vavguw, ir_vavg(ir, WORDS, false, a, b))
TR_AB(vavgsb, ir_vavg(ir, BYTES, true, a, b))
TR_AB(vavgsh, ir_vavg(ir, HALFS, true, a, b))
TR_AB(vavgsw, ir_vavg(ir, WORDS, true, a, b))

TR_AB(vabsdub, V2(SUBB, V2(MAXUB, a, b), V2(MINUB, a, b)))
TR_AB(vabsduh, V2(SUBH, V2(MAXUH, a, b), V2(MINUH, a, b)))
TR_AB(vabsduw, V2(SUBW, V2(MAXUW, a, b), V2(MINUW, a, b)))

TR_AB(vmaxub, ir_vmax(ir, BYTES, false, a, b))
TR_AB(vmaxuh, ir_vmax(ir, HALFS, false, a, b))
TR_AB(vmaxuw, ir_vmax(ir, WORDS, false, a, b))
TR_AB(vmaxud, ir_vmax(ir, DOUBLES, false, a, b))
TR_AB(vmaxsb, ir_vmax(ir, BYTES, true, a, b))
TR_AB(vmaxsh, ir_vmax(ir, HALFS, true, a, b))
TR_AB(vmaxsw, ir_vmax(ir, WORDS, true, a, b))
TR_AB(vmaxsd, ir_vmax(ir, DOUBLES, true, a, b))
TR_AB(vminub, ir_vmin(ir, BYTES, false, a, b))
TR_AB(vminuh, ir_vmin(ir, HALFS, false, a, b))
TR_AB(vminuw, ir_vmin(ir, WORDS, false, a, b))
TR_AB(vminud, ir_vmin(ir, DOUBLES, false, a, b))
TR_AB(vminsb, ir_vmin(ir, BYTES, true, a, b))
TR_AB(vminsh, ir_vmin(ir, HALFS, true, a, b))
TR_AB(vminsw, ir_vmin(ir, WORDS, true, a, b))
TR_AB(vminsd, ir_vmin(ir, DOUBLES, true, a, b))

/* ---- Compares ---- */

TR_AB(vcmpequb, V2(EQB, a, b))
TR_AB(vcmpequh, V2(EQH, a, b))
TR_AB(vcmpequw, V2(EQW, a, b))
TR_AB(vcmpequd, V2(EQD, a, b))
TR_AB(vcmpneb, ir_vnot(ir, V2(EQB, a, b)))
TR_AB(vcmpneh, ir_vnot(ir, V2(EQH, a, b)))
TR_AB(vcmpnew, ir_vnot(ir, V2(EQW, a, b)))
/* Equal and not zero is what they leave out. */
TR_AB(vcmpnezb, ir_vnot(ir, ir_vandc(ir, V2(EQB, a, b), V2(EQB, a, ir_kv(ir, 0)))))
TR_AB(vcmpnezh, ir_vnot(ir, ir_vandc(ir, V2(EQH, a, b), V2(EQH, a, ir_kv(ir, 0)))))
TR_AB(vcmpnezw, ir_vnot(ir, ir_vandc(ir, V2(EQW, a, b), V2(EQW, a, ir_kv(ir, 0)))))
TR_AB(vcmpgtub, ir_vgtu(ir, BYTES, a, b))
TR_AB(vcmpgtuh, ir_vgtu(ir, HALFS, a, b))
TR_AB(vcmpgtuw, ir_vgtu(ir, WORDS, a, b))
TR_AB(vcmpgtud, ir_vgtu(ir, DOUBLES, a, b))
TR_AB(vcmpgtsb, V2(GTSB, a, b))
TR_AB(vcmpgtsh, V2(GTSH, a, b))
TR_AB(vcmpgtsw, V2(GTSW, a, b))
TR_AB(vcmpgtsd, V2(GTSD, a, b))

/* ---- Logical ---- */

TR_AB(vand, V2(AND, a, b))
TR_AB(vandc, ir_vandc(ir, a, b))
TR_AB(veqv, ir_vnot(ir, V2(XOR, a, b)))
TR_AB(vnand, ir_vnot(ir, V2(AND, a, b)))
TR_AB(vnor, ir_vnot(ir, V2(OR, a, b)))
TR_AB(vor, V2(OR, a, b))
TR_AB(vorc, V2(OR, a, ir_vnot(ir, b)))
TR_AB(vxor, V2(XOR, a, b))

TR_XAB(xxland, V2(AND, a, b))
TR_XAB(xxlandc, ir_vandc(ir, a, b))
TR_XAB(xxleqv, ir_vnot(ir, V2(XOR, a, b)))
TR_XAB(xxlnand, ir_vnot(ir, V2(AND, a, b)))
TR_XAB(xxlnor, ir_vnot(ir, V2(OR, a, b)))
TR_XAB(xxlor, V2(OR, a, b))
TR_XAB(xxlorc, V2(OR, a, ir_vnot(ir, b)))
TR_XAB(xxlxor, V2(XOR, a, b))

TR_ABC(vsel, ir_vsel(ir, a, b, c))

bool tr_xxsel(Tr *t, const PpcOp *op)
{
	tr_put_vsr(t, op->XT,
		   ir_vsel(t->ir, tr_get_vsr(t, op->XA), tr_get_vsr(t, op->XB),
			   tr_get_vsr(t, op->XC)));
	return true;
}

/* ---- Rotate and shift ---- */

TR_AB(vrlb, ir_vshift(ir, VEC_ROL, BYTES, a, b))
TR_AB(vrlh, ir_vshift(ir, VEC_ROL, HALFS, a, b))
TR_AB(vrlw, ir_vshift(ir, VEC_ROL, WORDS, a, b))
TR_AB(vrld, ir_vshift(ir, VEC_ROL, DOUBLES, a, b))
TR_AB(vslb, ir_vshift(ir, VEC_SHL, BYTES, a, b))
TR_AB(vslh, ir_vshift(ir, VEC_SHL, HALFS, a, b))
TR_AB(vslw, ir_vshift(ir, VEC_SHL, WORDS, a, b))
TR_AB(vsld, ir_vshift(ir, VEC_SHL, DOUBLES, a, b))
TR_AB(vsrb, ir_vshift(ir, VEC_SHR, BYTES, a, b))
TR_AB(vsrh, ir_vshift(ir, VEC_SHR, HALFS, a, b))
TR_AB(vsrw, ir_vshift(ir, VEC_SHR, WORDS, a, b))
TR_AB(vsrd, ir_vshift(ir, VEC_SHR, DOUBLES, a, b))
TR_AB(vsrab, ir_vshift(ir, VEC_SAR, BYTES, a, b))
TR_AB(vsrah, ir_vshift(ir, VEC_SAR, HALFS, a, b))
TR_AB(vsraw, ir_vshift(ir, VEC_SAR, WORDS, a, b))
TR_AB(vsrad, ir_vshift(ir, VEC_SAR, DOUBLES, a, b))

/* ---- Counts ---- */

TR_B(vpopcntb, ir_vpopcnt(ir, BYTES, b))
TR_B(vpopcnth, ir_vpopcnt(ir, HALFS, b))
TR_B(vpopcntw, ir_vpopcnt(ir, WORDS, b))
TR_B(vpopcntd, ir_vpopcnt(ir, DOUBLES, b))

/* Ones below the lowest 1 bit. */
static IrRef below_lowest(Ir *ir, VecOp sub, unsigned size, IrRef b)
{
	return ir_vandc(ir, ir_v2(ir, sub, b, ir_vsplat_k(ir, size, 1)), b);
}
TR_B(vctzb, ir_vpopcnt(ir, BYTES, below_lowest(ir, VEC_SUBB, BYTES, b)))
TR_B(vctzh, ir_vpopcnt(ir, HALFS, below_lowest(ir, VEC_SUBH, HALFS, b)))
TR_B(vctzw, ir_vpopcnt(ir, WORDS, below_lowest(ir, VEC_SUBW, WORDS, b)))
TR_B(vctzd, ir_vpopcnt(ir, DOUBLES, below_lowest(ir, VEC_SUBD, DOUBLES, b)))

/* The highest 1 bit and all below it; their number is what the zeros leave. */
static IrRef leading_zeros(Ir *ir, unsigned size, IrRef b)
{
	static const VecOp sub[4] = { VEC_SUBB, VEC_SUBH, VEC_SUBW, VEC_SUBD };
	unsigned bits = 8u << size;

	if (size >= WORDS && ir_vec_have(ir, VEC_LZW))
		return ir_v1(ir, size == WORDS ? VEC_LZW : VEC_LZD, b);
	for (unsigned n = 1; n < bits; n *= 2)
		b = V2(OR, b, ir_vshift_k(ir, VEC_SHR, size, b, n));
	return ir_v2(ir, sub[size], ir_vsplat_k(ir, size, bits), ir_vpopcnt(ir, size, b));
}
TR_B(vclzb, leading_zeros(ir, BYTES, b))
TR_B(vclzh, leading_zeros(ir, HALFS, b))
TR_B(vclzw, leading_zeros(ir, WORDS, b))
TR_B(vclzd, leading_zeros(ir, DOUBLES, b))

/* The lowest bits of bytes, as a number; it is counted from one end. */
static IrRef low_bits(Tr *t, IrRef b)
{
	return ir_emit(t->ir, IR_VMASK, 0, ir_v1i(t->ir, VEC_SLLH, b, 7), 0, 0, 0);
}

bool tr_vctzlsbb(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef m = ir_or(ir, low_bits(t, tr_get_vr(t, op->VRB)), ir_k(ir, 0x10000));

	tr_put_gpr(t, op->RT, ir_emit(ir, IR_CTZ32, 0, m, 0, 0, 0));
	return true;
}

bool tr_vclzlsbb(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef m = ir_shl(ir, low_bits(t, tr_get_vr(t, op->VRB)), ir_k(ir, 16));

	tr_put_gpr(t, op->RT, ir_emit(ir, IR_CLZ32, 0, ir_or(ir, m, ir_k(ir, 0x8000)), 0, 0, 0));
	return true;
}
