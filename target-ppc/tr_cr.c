/*
 * Condition register, traps and selection: what ex_branch.c does with them, as IR.
 *
 * A bit of CR is read as the comparison it came from where that is known (ir_cond()).
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

/* CR[BT] = v, 0 or 1. */
static bool put_bit(Tr *t, const PpcOp *op, IrRef v)
{
	unsigned slot = TR_CR + op->BT / 4, shift = 3 - (op->BT & 3);
	IrRef rest = ir_and(t->ir, ir_get(t->ir, slot), tr_k(t, 15 & ~(1u << shift)));

	ir_put(t->ir, slot, ir_or(t->ir, rest, ir_shl(t->ir, v, tr_k(t, shift))));
	return true;
}

/* 1 when bit BA or bit BB of one field is 1, or the opposite. */
static IrRef either(Tr *t, const PpcOp *op, bool opposite)
{
	IrRef f = ir_get(t->ir, TR_CR + op->BA / 4), a, b;
	IrCc cc;

	ir_cond(t->ir, f, 8u >> (op->BA & 3) | 8u >> (op->BB & 3), &cc, &a, &b);
	return ir_set(t->ir, opposite ? ir_cc_not(cc) : cc, a, b);
}

static bool same_field(const PpcOp *op)
{
	return op->BA / 4 == op->BB / 4;
}

static IrRef flip(Tr *t, IrRef bit)
{
	return ir_xor(t->ir, bit, tr_k(t, 1));
}

/* TR_CR_LOGIC(name, expression of the bits a and b) */
#define TR_CR_LOGIC(name, expr)                                                                    \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef a = tr_cr_bit(t, op->BA), b = tr_cr_bit(t, op->BB);                          \
                                                                                                   \
		return put_bit(t, op, (expr));                                                     \
	}
TR_CR_LOGIC(crand, ir_and(t->ir, a, b))
TR_CR_LOGIC(crxor, ir_xor(t->ir, a, b))
TR_CR_LOGIC(crnand, flip(t, ir_and(t->ir, a, b)))
TR_CR_LOGIC(creqv, flip(t, ir_xor(t->ir, a, b)))
TR_CR_LOGIC(crandc, ir_andn(t->ir, a, b))
TR_CR_LOGIC(crorc, ir_or(t->ir, a, flip(t, b)))

bool tr_cror(Tr *t, const PpcOp *op)
{
	if (same_field(op))
		return put_bit(t, op, either(t, op, false));
	return put_bit(t, op, ir_or(t->ir, tr_cr_bit(t, op->BA), tr_cr_bit(t, op->BB)));
}

bool tr_crnor(Tr *t, const PpcOp *op)
{
	if (same_field(op))
		return put_bit(t, op, either(t, op, true));
	return put_bit(t, op, flip(t, ir_or(t->ir, tr_cr_bit(t, op->BA), tr_cr_bit(t, op->BB))));
}

bool tr_mcrf(Tr *t, const PpcOp *op)
{
	ir_put(t->ir, TR_CR + op->BF, ir_get(t->ir, TR_CR + op->BFA));
	return true;
}

/* Field i in its place in CR. */
static IrRef field(Tr *t, unsigned i)
{
	return ir_shl(t->ir, ir_get(t->ir, TR_CR + i), tr_k(t, 28 - 4 * i));
}

bool tr_mfcr(Tr *t, const PpcOp *op)
{
	IrRef v = field(t, 7);

	for (unsigned i = 0; i < 7; i++)
		v = ir_or(t->ir, v, field(t, i));
	tr_put_gpr(t, op->RT, v);
	return true;
}

bool tr_mfocrf(Tr *t, const PpcOp *op)
{
	unsigned m = op->FXM;

	if (m == 0 || (m & (m - 1)))
		return tr_mfcr(t, op);
	tr_put_gpr(t, op->RT, field(t, 7 - ctz32(m)));
	return true;
}

bool tr_mtcrf(Tr *t, const PpcOp *op)
{
	IrRef v = tr_gpr(t, op->RS), f;

	for (unsigned i = 0; i < 8; i++) {
		if (!(op->FXM & 0x80 >> i))
			continue;
		f = ir_and(t->ir, ir_shr(t->ir, v, tr_k(t, 28 - 4 * i)), tr_k(t, 15));
		ir_put(t->ir, TR_CR + i, f);
	}
	return true;
}

bool tr_mtocrf(Tr *t, const PpcOp *op)
{
	return tr_mtcrf(t, op);
}

/* Four flags, each in a slot (0: none), as a field. */
static void put_flags(Tr *t, const PpcOp *op, const uint8_t from[4])
{
	IrRef v = tr_k(t, 0);

	for (unsigned i = 0; i < 4; i++)
		if (from[i])
			v = ir_or(t->ir, ir_shl(t->ir, ir_get(t->ir, from[i]), tr_k(t, 3 - i)), v);
	ir_put(t->ir, TR_CR + op->BF, v);
}

bool tr_mcrxr(Tr *t, const PpcOp *op)
{
	put_flags(t, op, (const uint8_t[]){ TR_SO, TR_OV, TR_CA, 0 });
	ir_put(t->ir, TR_SO, tr_k(t, 0));
	ir_put(t->ir, TR_OV, tr_k(t, 0));
	ir_put(t->ir, TR_CA, tr_k(t, 0));
	return true;
}

bool tr_mcrxrx(Tr *t, const PpcOp *op)
{
	put_flags(t, op, (const uint8_t[]){ TR_OV, TR_OV32, TR_CA, TR_CA32 });
	return true;
}

/* -1, 1 or 0 for LT, GT, otherwise. */
bool tr_setb(Tr *t, const PpcOp *op)
{
	IrRef gt = tr_cr_bit(t, op->BFA * 4 + 1), a, b;
	IrCc cc;

	tr_cr_cond(t, op->BFA * 4, &cc, &a, &b);
	tr_put_gpr(t, op->RT, ir_sel(t->ir, cc, a, b, tr_k(t, UINT64_MAX), gt));
	return true;
}

bool tr_isel(Tr *t, const PpcOp *op)
{
	IrRef yes = tr_gpr(t, op->RA0), no = tr_gpr(t, op->RB), a, b;
	IrCc cc;

	tr_cr_cond(t, op->BC, &cc, &a, &b);
	tr_put_gpr(t, op->RT, ir_sel(t->ir, cc, a, b, yes, no));
	return true;
}

bool tr_setbc(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, tr_cr_bit(t, op->BI));
	return true;
}

bool tr_setbcr(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, flip(t, tr_cr_bit(t, op->BI)));
	return true;
}

bool tr_setnbc(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_neg(t->ir, tr_cr_bit(t, op->BI)));
	return true;
}

bool tr_setnbcr(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_neg(t->ir, flip(t, tr_cr_bit(t, op->BI))));
	return true;
}

/* ------------------------------------------------------------- traps */

/* The condition of one or two outcomes: less 4, greater 2, equal 1. */
static IrCc outcome(unsigned m, bool with_sign)
{
	switch (m) {
	case 1: return IR_EQ;
	case 2: return with_sign ? IR_GT : IR_GTU;
	case 3: return with_sign ? IR_GE : IR_GEU;
	case 4: return with_sign ? IR_LT : IR_LTU;
	case 5: return with_sign ? IR_LE : IR_LEU;
	default: return IR_NE;
	}
}

/*
 * TO: less, greater, equal, below, above.  A trap is the interpreter's, and so is one that always
 * happens.
 */
static bool trap(Tr *t, unsigned to, IrRef a, IrRef b, uint32_t w)
{
	unsigned with_sign = to >> 2, without = (to & 2) << 1 | (to & 1) << 1;

	if (without)
		without |= with_sign & 1;
	if (with_sign == 7 || without == 7)
		return false;
	/* "Equal" is asked for once. */
	if (without)
		with_sign &= ~1u;
	if (with_sign)
		tr_redo_if(t, outcome(with_sign, true) | w, a, b);
	if (without)
		tr_redo_if(t, outcome(without, false) | w, a, b);
	return true;
}

bool tr_tw(Tr *t, const PpcOp *op)
{
	return trap(t, op->TO, tr_gpr(t, op->RA), tr_gpr(t, op->RB), IR_CC32);
}

bool tr_twi(Tr *t, const PpcOp *op)
{
	return trap(t, op->TO, tr_gpr(t, op->RA), tr_k(t, (uint64_t)op->SI), IR_CC32);
}

bool tr_td(Tr *t, const PpcOp *op)
{
	return trap(t, op->TO, tr_gpr(t, op->RA), tr_gpr(t, op->RB), 0);
}

bool tr_tdi(Tr *t, const PpcOp *op)
{
	return trap(t, op->TO, tr_gpr(t, op->RA), tr_k(t, (uint64_t)op->SI), 0);
}
