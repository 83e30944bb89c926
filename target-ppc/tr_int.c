/*
 * Fixed-point arithmetic and compares: what ex_arith.c does, as IR.
 *
 * Each flag is one operation of kind K (ir.def), so that it is computed only in the exits that
 * need it: carries out of a sum of two are comparisons of the sum with an addend, those of
 * differences of the operands.
 * What divisions leave behind that have no result is left to the interpreter, and so are extended
 * doubleword divisions.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

/* ------------------------------------------------------------- add, subtract */

/* OV and OV32; SO sticks. */
static void put_ov(Tr *t, IrRef ov64, IrRef ov32)
{
	IrRef ov = t->sf ? ov64 : ov32;

	ir_put(t->ir, TR_OV, ov);
	ir_put(t->ir, TR_OV32, ov32);
	ir_put(t->ir, TR_SO, ir_or(t->ir, tr_so(t), ov));
	t->so_put = true;
}

/* OV of r = a + b (+ carry): both operands differ in sign from the sum. */
static void add_ov(Tr *t, IrRef a, IrRef b, IrRef r)
{
	IrRef v = ir_and(t->ir, ir_xor(t->ir, a, r), ir_xor(t->ir, b, r)), zero = tr_k(t, 0);

	put_ov(t, ir_set(t->ir, IR_LT, v, zero), ir_set(t->ir, IR_LT | IR_CC32, v, zero));
}

/* CA and CA32 from the same comparison of whole registers and of their lower halves. */
static void put_ca(Tr *t, IrCc cc, IrRef a, IrRef b)
{
	IrRef ca32 = ir_set(t->ir, cc | IR_CC32, a, b);

	ir_put(t->ir, TR_CA32, ca32);
	ir_put(t->ir, TR_CA, t->sf ? ir_set(t->ir, cc, a, b) : ca32);
}

/* RT = a + b with CA. */
static IrRef add_carrying(Tr *t, const PpcOp *op, IrRef a, IrRef b)
{
	IrRef r = ir_add(t->ir, a, b);

	put_ca(t, IR_LTU, r, a);
	tr_put_gpr(t, op->RT, r);
	return r;
}

/* RT = b - a with CA. */
static IrRef sub_carrying(Tr *t, const PpcOp *op, IrRef a, IrRef b)
{
	IrRef r = ir_sub(t->ir, b, a);

	put_ca(t, IR_GEU, b, a);
	tr_put_gpr(t, op->RT, r);
	return r;
}

/* RT = a + b + CA with CA, with OV if ov. */
static bool add_extended(Tr *t, const PpcOp *op, IrRef a, IrRef b, bool ov)
{
	IrRef c = ir_get(t->ir, TR_CA), r = ir_add(t->ir, ir_add(t->ir, a, b), c);
	IrRef ca32 = ir_emit(t->ir, IR_ADDCO32, 0, a, b, c, 0);

	if (ov)
		add_ov(t, a, b, r);
	ir_put(t->ir, TR_CA32, ca32);
	ir_put(t->ir, TR_CA, t->sf ? ir_emit(t->ir, IR_ADDCO, 0, a, b, c, 0) : ca32);
	tr_put_gpr(t, op->RT, r);
	return true;
}

bool tr_addi(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_add(t->ir, tr_gpr(t, op->RA0), tr_k(t, (uint64_t)op->SI)));
	return true;
}

bool tr_addis(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_add(t->ir, tr_gpr(t, op->RA0), tr_k(t, (uint64_t)op->SI << 16)));
	return true;
}

bool tr_addpcis(Tr *t, const PpcOp *op)
{
	IrRef nia = tr_cia(t, 4);

	tr_put_gpr(t, op->RT, ir_add(t->ir, nia, tr_k(t, (uint64_t)op->DPC << 16)));
	return true;
}

bool tr_paddi(Tr *t, const PpcOp *op)
{
	IrRef base = op->R ? tr_cia(t, 0) : tr_gpr(t, op->RA0);

	tr_put_gpr(t, op->RT, ir_add(t->ir, base, tr_k(t, (uint64_t)op->SI34)));
	return true;
}

bool tr_addic(Tr *t, const PpcOp *op)
{
	add_carrying(t, op, tr_gpr(t, op->RA), tr_k(t, (uint64_t)op->SI));
	return true;
}

bool tr_addic_(Tr *t, const PpcOp *op)
{
	tr_cr0(t, add_carrying(t, op, tr_gpr(t, op->RA), tr_k(t, (uint64_t)op->SI)));
	return true;
}

bool tr_subfic(Tr *t, const PpcOp *op)
{
	sub_carrying(t, op, tr_gpr(t, op->RA), tr_k(t, (uint64_t)op->SI));
	return true;
}

bool tr_add(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_add(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB)));
	return true;
}

bool tr_addo(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB), r = ir_add(t->ir, a, b);

	add_ov(t, a, b, r);
	tr_put_gpr(t, op->RT, r);
	return true;
}

bool tr_subf(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_sub(t->ir, tr_gpr(t, op->RB), tr_gpr(t, op->RA)));
	return true;
}

bool tr_subfo(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB), r = ir_sub(t->ir, b, a);

	add_ov(t, ir_not(t->ir, a), b, r);
	tr_put_gpr(t, op->RT, r);
	return true;
}

bool tr_neg(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_neg(t->ir, tr_gpr(t, op->RA)));
	return true;
}

bool tr_nego(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA);

	put_ov(t, ir_set(t->ir, IR_EQ, a, tr_k(t, BIT64(0))),
	       ir_set(t->ir, IR_EQ | IR_CC32, a, tr_k(t, BIT32(0))));
	tr_put_gpr(t, op->RT, ir_neg(t->ir, a));
	return true;
}

bool tr_addc(Tr *t, const PpcOp *op)
{
	add_carrying(t, op, tr_gpr(t, op->RA), tr_gpr(t, op->RB));
	return true;
}

bool tr_addco(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB);

	add_ov(t, a, b, add_carrying(t, op, a, b));
	return true;
}

bool tr_subfc(Tr *t, const PpcOp *op)
{
	sub_carrying(t, op, tr_gpr(t, op->RA), tr_gpr(t, op->RB));
	return true;
}

bool tr_subfco(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB);

	add_ov(t, ir_not(t->ir, a), b, sub_carrying(t, op, a, b));
	return true;
}

#define TR_EXTENDED(name, A, B, ov)                                                                \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef ra = tr_gpr(t, op->RA);                                                      \
                                                                                                   \
		return add_extended(t, op, (A), (B), ov);                                          \
	}
TR_EXTENDED(adde, ra, tr_gpr(t, op->RB), false)
TR_EXTENDED(addeo, ra, tr_gpr(t, op->RB), true)
TR_EXTENDED(subfe, ir_not(t->ir, ra), tr_gpr(t, op->RB), false)
TR_EXTENDED(subfeo, ir_not(t->ir, ra), tr_gpr(t, op->RB), true)
TR_EXTENDED(addme, ra, tr_k(t, UINT64_MAX), false)
TR_EXTENDED(addmeo, ra, tr_k(t, UINT64_MAX), true)
TR_EXTENDED(subfme, ir_not(t->ir, ra), tr_k(t, UINT64_MAX), false)
TR_EXTENDED(subfmeo, ir_not(t->ir, ra), tr_k(t, UINT64_MAX), true)
TR_EXTENDED(addze, ra, tr_k(t, 0), false)
TR_EXTENDED(addzeo, ra, tr_k(t, 0), true)
TR_EXTENDED(subfze, ir_not(t->ir, ra), tr_k(t, 0), false)
TR_EXTENDED(subfzeo, ir_not(t->ir, ra), tr_k(t, 0), true)

/* OV serves as the carry. */
bool tr_addex(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB), c = ir_get(t->ir, TR_OV);
	IrRef ov32 = ir_emit(t->ir, IR_ADDCO32, 0, a, b, c, 0);

	ir_put(t->ir, TR_OV32, ov32);
	ir_put(t->ir, TR_OV, t->sf ? ir_emit(t->ir, IR_ADDCO, 0, a, b, c, 0) : ov32);
	tr_put_gpr(t, op->RT, ir_add(t->ir, ir_add(t->ir, a, b), c));
	return true;
}

/* ------------------------------------------------------------- multiply */

/* One condition for both. */
static void put_ov_both(Tr *t, IrRef ov)
{
	put_ov(t, ov, ov);
}

bool tr_mulli(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_mul(t->ir, tr_gpr(t, op->RA), tr_k(t, (uint64_t)op->SI)));
	return true;
}

/* Of the lower words, 64 bits. */
static IrRef mul_words(Tr *t, const PpcOp *op, bool with_sign)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB);

	if (with_sign)
		return ir_mul(t->ir, ir_sx32(t->ir, a), ir_sx32(t->ir, b));
	return ir_mul(t->ir, ir_zx32(t->ir, a), ir_zx32(t->ir, b));
}

bool tr_mullw(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, mul_words(t, op, true));
	return true;
}

bool tr_mullwo(Tr *t, const PpcOp *op)
{
	IrRef r = mul_words(t, op, true);

	put_ov_both(t, ir_set(t->ir, IR_NE, r, ir_sx32(t->ir, r)));
	tr_put_gpr(t, op->RT, r);
	return true;
}

bool tr_mulhw(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_sar(t->ir, mul_words(t, op, true), tr_k(t, 32)));
	return true;
}

bool tr_mulhwu(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_shr(t->ir, mul_words(t, op, false), tr_k(t, 32)));
	return true;
}

bool tr_mulld(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_mul(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB)));
	return true;
}

bool tr_mulldo(Tr *t, const PpcOp *op)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB), r = ir_mul(t->ir, a, b);

	put_ov_both(t, ir_set(t->ir, IR_NE, ir_mulhs(t->ir, a, b), ir_sar(t->ir, r, tr_k(t, 63))));
	tr_put_gpr(t, op->RT, r);
	return true;
}

bool tr_mulhd(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_mulhs(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB)));
	return true;
}

bool tr_mulhdu(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_mulhu(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB)));
	return true;
}

bool tr_maddld(Tr *t, const PpcOp *op)
{
	IrRef r = ir_mul(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB));

	tr_put_gpr(t, op->RT, ir_add(t->ir, r, tr_gpr(t, op->RC)));
	return true;
}

/* The upper half of a * b + c, of which `high` are those of a * b and of c. */
static bool madd_high(Tr *t, const PpcOp *op, IrRef high)
{
	IrRef low = ir_mul(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB));
	IrRef carry = ir_emit(t->ir, IR_ADDCO, 0, low, tr_gpr(t, op->RC), tr_k(t, 0), 0);

	tr_put_gpr(t, op->RT, ir_add(t->ir, high, carry));
	return true;
}

bool tr_maddhd(Tr *t, const PpcOp *op)
{
	IrRef high = ir_mulhs(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB));

	return madd_high(t, op, ir_add(t->ir, high, ir_sar(t->ir, tr_gpr(t, op->RC), tr_k(t, 63))));
}

bool tr_maddhdu(Tr *t, const PpcOp *op)
{
	return madd_high(t, op, ir_mulhu(t->ir, tr_gpr(t, op->RA), tr_gpr(t, op->RB)));
}

/* ------------------------------------------------------------- divide */

/*
 * Emits a division of a by b.  What may have no result goes to the interpreter: divisors 0 and,
 * of the signed ones, -1, in one comparison.
 */
static IrRef divide(Tr *t, IrOp how, IrRef a, IrRef b)
{
	bool word = how == IR_DIVS32 || how == IR_DIVU32 || how == IR_MODS32 || how == IR_MODU32;
	bool with_sign = how == IR_DIVS32 || how == IR_DIVS || how == IR_MODS32 || how == IR_MODS;
	uint32_t w = word ? IR_CC32 : 0;

	if (with_sign)
		tr_redo_if(t, IR_LEU | w, ir_add(t->ir, b, tr_k(t, 1)), tr_k(t, 1));
	else
		tr_redo_if(t, IR_EQ | w, b, tr_k(t, 0));
	return ir_emit(t->ir, how, 0, a, b, 0, 0);
}

/* TR_DIVIDE(name, operation, does it set OV) */
#define TR_DIVIDE(name, how, ov)                                                                   \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef r = divide(t, how, tr_gpr(t, op->RA), tr_gpr(t, op->RB));                    \
                                                                                                   \
		if (ov)                                                                            \
			put_ov_both(t, tr_k(t, 0));                                                \
		tr_put_gpr(t, op->RT, how == IR_MODS32 ? ir_sx32(t->ir, r) : r);                   \
		return true;                                                                       \
	}
TR_DIVIDE(divw, IR_DIVS32, false)
TR_DIVIDE(divwo, IR_DIVS32, true)
TR_DIVIDE(divwu, IR_DIVU32, false)
TR_DIVIDE(divwuo, IR_DIVU32, true)
TR_DIVIDE(divd, IR_DIVS, false)
TR_DIVIDE(divdo, IR_DIVS, true)
TR_DIVIDE(divdu, IR_DIVU, false)
TR_DIVIDE(divduo, IR_DIVU, true)
TR_DIVIDE(modsw, IR_MODS32, false)
TR_DIVIDE(moduw, IR_MODU32, false)
TR_DIVIDE(modsd, IR_MODS, false)
TR_DIVIDE(modud, IR_MODU, false)

/* Extended: the dividend is RA followed by 32 zeros. */
static bool divide_extended(Tr *t, const PpcOp *op, bool ov)
{
	IrRef a = ir_shl(t->ir, tr_gpr(t, op->RA), tr_k(t, 32));
	IrRef r = divide(t, IR_DIVS, a, ir_sx32(t->ir, tr_gpr(t, op->RB)));

	tr_redo_if(t, IR_NE, r, ir_sx32(t->ir, r));
	if (ov)
		put_ov_both(t, tr_k(t, 0));
	tr_put_gpr(t, op->RT, ir_zx32(t->ir, r));
	return true;
}

static bool divide_extended_u(Tr *t, const PpcOp *op, bool ov)
{
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB);

	/* Also where the divisor is 0. */
	tr_redo_if(t, IR_GEU | IR_CC32, a, b);
	a = ir_shl(t->ir, a, tr_k(t, 32));
	if (ov)
		put_ov_both(t, tr_k(t, 0));
	tr_put_gpr(t, op->RT, ir_emit(t->ir, IR_DIVU, 0, a, ir_zx32(t->ir, b), 0, 0));
	return true;
}

bool tr_divwe(Tr *t, const PpcOp *op)
{
	return divide_extended(t, op, false);
}

bool tr_divweo(Tr *t, const PpcOp *op)
{
	return divide_extended(t, op, true);
}

bool tr_divweu(Tr *t, const PpcOp *op)
{
	return divide_extended_u(t, op, false);
}

bool tr_divweuo(Tr *t, const PpcOp *op)
{
	return divide_extended_u(t, op, true);
}

/* ------------------------------------------------------------- compare */

/* TR_COMPARE(name, condition, second operand) */
#define TR_COMPARE(name, lt, B)                                                                    \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		tr_cmp(t, op->BF, lt, tr_gpr(t, op->RA), (B));                                     \
		return true;                                                                       \
	}
TR_COMPARE(cmpw, IR_LT | IR_CC32, tr_gpr(t, op->RB))
TR_COMPARE(cmpd, IR_LT, tr_gpr(t, op->RB))
TR_COMPARE(cmpwi, IR_LT | IR_CC32, tr_k(t, (uint64_t)op->SI))
TR_COMPARE(cmpdi, IR_LT, tr_k(t, (uint64_t)op->SI))
TR_COMPARE(cmplw, IR_LTU | IR_CC32, tr_gpr(t, op->RB))
TR_COMPARE(cmpld, IR_LTU, tr_gpr(t, op->RB))
TR_COMPARE(cmplwi, IR_LTU | IR_CC32, tr_k(t, (uint64_t)op->UI))
TR_COMPARE(cmpldi, IR_LTU, tr_k(t, (uint64_t)op->UI))

/* 1 when v is within the range whose ends are two bytes of r. */
static IrRef in_range(Tr *t, IrRef v, IrRef r, unsigned shift)
{
	IrRef low = ir_zx8(t->ir, ir_shr(t->ir, r, tr_k(t, shift)));
	IrRef high = ir_zx8(t->ir, ir_shr(t->ir, r, tr_k(t, shift + 8)));

	return ir_and(t->ir, ir_set(t->ir, IR_GEU, v, low), ir_set(t->ir, IR_LEU, v, high));
}

bool tr_cmprb(Tr *t, const PpcOp *op)
{
	IrRef v = ir_zx8(t->ir, tr_gpr(t, op->RA)), r = tr_gpr(t, op->RB);
	IrRef in = in_range(t, v, r, 0);

	if (op->L10)
		in = ir_or(t->ir, in, in_range(t, v, r, 16));
	ir_put(t->ir, TR_CR + op->BF, ir_shl(t->ir, in, tr_k(t, 2)));
	return true;
}

/* Top bits of the zero bytes of x, and of some above the lowest of them. */
bool tr_cmpeqb(Tr *t, const PpcOp *op)
{
	IrRef lanes = tr_k(t, BYTES(1));
	IrRef v = ir_mul(t->ir, ir_zx8(t->ir, tr_gpr(t, op->RA)), lanes);
	IrRef x = ir_xor(t->ir, tr_gpr(t, op->RB), v);
	IrRef hit = ir_andn(t->ir, ir_sub(t->ir, x, lanes), x);

	hit = ir_set(t->ir, IR_TEST, hit, tr_k(t, BYTES(0x80)));
	ir_put(t->ir, TR_CR + op->BF, ir_shl(t->ir, hit, tr_k(t, 2)));
	return true;
}
