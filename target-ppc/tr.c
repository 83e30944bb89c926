/* What translators share: addresses, memory operands, condition fields, ways out.  See tr.h. */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

uint32_t tr_mem(const Tr *t, unsigned size, bool reversed)
{
	uint32_t m = ctz32(size) | (t->high ? IR_MEM_HIGH : 0);

	/* A host that runs units has its bytes in little-endian order. */
	return size > 1 && t->le == reversed ? m | IR_MEM_SWAP : m;
}

IrRef tr_cia(Tr *t, int64_t d)
{
	return tr_ea(t, ir_get(t->ir, TR_PAGE), ir_k(t->ir, (uint64_t)(tr_place(t) + d)));
}

void tr_cmp(Tr *t, unsigned bf, IrCc lt, IrRef a, IrRef b)
{
	ir_put(t->ir, TR_CR + bf, ir_crcmp(t->ir, lt, a, b, tr_so(t)));
}

void tr_cr0(Tr *t, IrRef result)
{
	tr_cmp(t, 0, t->sf ? IR_LT : IR_LT | IR_CC32, result, ir_k(t->ir, 0));
}

void tr_redo_if(Tr *t, IrCc cc, IrRef a, IrRef b)
{
	ir_exit_if(t->ir, cc, a, b, ir_exit_new(t->ir, IR_EXIT_REDO, 0, 0));
}

void tr_need_fscr(Tr *t, unsigned cause)
{
	if (t->mode & PPC_MODE_PR)
		tr_redo_if(t, IR_NTEST, ir_get(t->ir, TR_SPR_FSCR), tr_k(t, UINT64_C(1) << cause));
}

void tr_cr_cond(Tr *t, unsigned bit, IrCc *cc, IrRef *a, IrRef *b)
{
	ir_cond(t->ir, ir_get(t->ir, TR_CR + bit / 4), 8u >> (bit & 3), cc, a, b);
}

IrRef tr_cr_bit(Tr *t, unsigned bit)
{
	IrCc cc;
	IrRef a, b;

	tr_cr_cond(t, bit, &cc, &a, &b);
	return ir_set(t->ir, cc, a, b);
}
