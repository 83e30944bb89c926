/*
 * Branches: what ex_branch.c does, as IR.  How a branch leaves a unit or goes on in it is
 * tr_unit.c's.
 *
 * LR and CTR change whether the branch is taken or not, so they are put before; conditions are
 * looked at with the values from before.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

/* When a branch is taken. */
typedef struct When {
	bool always;
	IrCc cc;
	IrRef a, b;
} When;

static void set_lr(Tr *t)
{
	ir_put(t->ir, TR_LR, tr_cia(t, 4));
}

/* CTR (after or before it is decremented) is not 0, or is (zero); of it the mode counts. */
static When when_ctr(Tr *t, IrRef ctr, bool zero)
{
	return (When){ .cc = (zero ? IR_EQ : IR_NE) | (t->sf ? 0 : IR_CC32),
		       .a = ctr,
		       .b = tr_k(t, 0) };
}

static When when_cr(Tr *t, unsigned bit, bool is)
{
	When w = { 0 };

	tr_cr_cond(t, bit, &w.cc, &w.a, &w.b);
	if (!is)
		w.cc = ir_cc_not(w.cc);
	return w;
}

static When both(Tr *t, When x, When y)
{
	IrRef v;

	if (x.always)
		return y;
	if (y.always)
		return x;
	v = ir_and(t->ir, ir_set(t->ir, x.cc, x.a, x.b), ir_set(t->ir, y.cc, y.a, y.b));
	return (When){ .cc = IR_NE, .a = v, .b = tr_k(t, 0) };
}

/*
 * BO and BI in full; decrements CTR.  before: CTR is tested before it is decremented (bcctr, see
 * ex_branch.c).
 */
static When cond(Tr *t, const PpcOp *op, bool before)
{
	unsigned bo = op->BO;
	When ctr_ok = { .always = true }, cr_ok = { .always = true };

	if (!(bo & 16))
		cr_ok = when_cr(t, op->BI, bo >> 3 & 1);
	if (!(bo & 4)) {
		IrRef old = ir_get(t->ir, TR_CTR), now = ir_sub(t->ir, old, tr_k(t, 1));

		ctr_ok = when_ctr(t, before ? old : now, bo >> 1 & 1);
		ir_put(t->ir, TR_CTR, now);
	}
	return both(t, ctr_ok, cr_ok);
}

static bool take_rel(Tr *t, When w, int64_t disp)
{
	if (w.always)
		tr_branch(t, disp);
	else
		tr_branch_if(t, w.cc, w.a, w.b, disp);
	return true;
}

static bool take_abs(Tr *t, When w, int64_t target)
{
	if (w.always)
		tr_branch_abs(t, (uint64_t)target);
	else
		tr_branch_reg_if(t, w.cc, w.a, w.b, tr_k(t, (uint64_t)target));
	return true;
}

static bool take_reg(Tr *t, When w, IrRef target)
{
	if (w.always)
		tr_branch_reg(t, target);
	else
		tr_branch_reg_if(t, w.cc, w.a, w.b, target);
	return true;
}

static When always(void)
{
	return (When){ .always = true };
}

bool tr_b(Tr *t, const PpcOp *op)
{
	return take_rel(t, always(), op->LI);
}

bool tr_ba(Tr *t, const PpcOp *op)
{
	return take_abs(t, always(), op->LIA);
}

bool tr_bl(Tr *t, const PpcOp *op)
{
	set_lr(t);
	return take_rel(t, always(), op->LI);
}

bool tr_bla(Tr *t, const PpcOp *op)
{
	set_lr(t);
	return take_abs(t, always(), op->LIA);
}

bool tr_bc(Tr *t, const PpcOp *op)
{
	return take_rel(t, cond(t, op, false), op->BD);
}

bool tr_bc_true(Tr *t, const PpcOp *op)
{
	return tr_bc(t, op);
}

bool tr_bc_false(Tr *t, const PpcOp *op)
{
	return tr_bc(t, op);
}

bool tr_bdnz(Tr *t, const PpcOp *op)
{
	return tr_bc(t, op);
}

bool tr_bdz(Tr *t, const PpcOp *op)
{
	return tr_bc(t, op);
}

bool tr_bc_always(Tr *t, const PpcOp *op)
{
	return tr_bc(t, op);
}

bool tr_bca(Tr *t, const PpcOp *op)
{
	return take_abs(t, cond(t, op, false), op->BDA);
}

bool tr_bcl(Tr *t, const PpcOp *op)
{
	When w = cond(t, op, false);

	set_lr(t);
	return take_rel(t, w, op->BD);
}

bool tr_bcla(Tr *t, const PpcOp *op)
{
	When w = cond(t, op, false);

	set_lr(t);
	return take_abs(t, w, op->BDA);
}

bool tr_blr(Tr *t, const PpcOp *op)
{
	(void)op;
	return take_reg(t, always(), ir_get(t->ir, TR_LR));
}

bool tr_bclr(Tr *t, const PpcOp *op)
{
	return take_reg(t, cond(t, op, false), ir_get(t->ir, TR_LR));
}

bool tr_bclrl(Tr *t, const PpcOp *op)
{
	IrRef target = ir_get(t->ir, TR_LR);
	When w = cond(t, op, false);

	set_lr(t);
	return take_reg(t, w, target);
}

bool tr_bctr(Tr *t, const PpcOp *op)
{
	(void)op;
	return take_reg(t, always(), ir_get(t->ir, TR_CTR));
}

bool tr_bctrl(Tr *t, const PpcOp *op)
{
	(void)op;
	set_lr(t);
	return take_reg(t, always(), ir_get(t->ir, TR_CTR));
}

bool tr_bcctr(Tr *t, const PpcOp *op)
{
	IrRef target = ir_get(t->ir, TR_CTR);

	return take_reg(t, cond(t, op, true), target);
}

bool tr_bcctrl(Tr *t, const PpcOp *op)
{
	IrRef target = ir_get(t->ir, TR_CTR);
	When w = cond(t, op, true);

	set_lr(t);
	return take_reg(t, w, target);
}

bool tr_bctar(Tr *t, const PpcOp *op)
{
	tr_need_fscr(t, PPC_FSCR_IC_TAR);
	return take_reg(t, cond(t, op, false), ir_get(t->ir, TR_TAR));
}

bool tr_bctarl(Tr *t, const PpcOp *op)
{
	When w;

	tr_need_fscr(t, PPC_FSCR_IC_TAR);
	w = cond(t, op, false);
	set_lr(t);
	return take_reg(t, w, ir_get(t->ir, TR_TAR));
}
