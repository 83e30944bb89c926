/*
 * Storage control, ordering and reservations: what ex_sync.c does, as IR and calls of tr_help.c.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

/*
 * The heavy ones wait for what other CPUs have been asked to forget, as ex_sync() does, and do what those
 * ask: nothing that is known of addresses holds behind them, so the unit ends.
 */
bool tr_sync(Tr *t, const PpcOp *op)
{
	IrRef zero = tr_k(t, 0);

	ir_fence(t->ir, op->L9 != 1);
	if (op->L9 != 1) {
		ir_call(t->ir, TR_HELP_SYNC, zero, zero, zero);
		t->loop_end = true;
	}
	return true;
}

/*
 * What comes after is looked for anew: the unit ends, and the next one looks at events first.  On 32-bit models it stands
 * behind new segment registers.
 */
bool tr_isync(Tr *t, const PpcOp *op)
{
	IrRef zero = tr_k(t, 0);

	(void)op;
	ir_fence(t->ir, false);
	if (t->cpu->model->mmu != PPC_MMU_32) {
		t->loop_end = true;
		return true;
	}
	ir_call(t->ir, TR_HELP_SETTLE, zero, zero, zero);
	t->nhelps++;
	tr_switched(t, tr_cia(t, 4));
	return true;
}

/* TR_ORDER(name): accesses before it and after it are not mixed. */
#define TR_ORDER(name)                                                                             \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		(void)op;                                                                          \
		ir_fence(t->ir, false);                                                            \
		return true;                                                                       \
	}
TR_ORDER(eieio)

/* TR_HINT(name): nothing. */
#define TR_HINT(name)                                                                              \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		(void)t;                                                                           \
		(void)op;                                                                          \
		return true;                                                                       \
	}
TR_HINT(dcbt)
TR_HINT(dcbtst)
TR_HINT(icbt)
TR_HINT(dcba)
TR_HINT(pnop)
TR_HINT(rnop530)

static IrRef ea_x(Tr *t, const PpcOp *op)
{
	return tr_ea(t, tr_gpr(t, op->RA0), tr_gpr(t, op->RB));
}

/* TR_PROBE(name): a load must be allowed; what it loads does not matter. */
#define TR_PROBE(name)                                                                             \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		ir_ld(t->ir, IR_LD, tr_mem(t, 1, false), ea_x(t, op));                             \
		return true;                                                                       \
	}
TR_PROBE(dcbst)
TR_PROBE(dcbf)

static IrRef call(Tr *t, unsigned helper, IrRef a, IrRef b, IrRef c)
{
	t->nhelps++;
	return ir_call(t->ir, helper, a, b, c);
}

bool tr_dcbz(Tr *t, const PpcOp *op)
{
	IrRef done = call(t, TR_HELP_DCBZ, ea_x(t, op), tr_k(t, op->word), tr_k(t, 0));

	tr_redo_if(t, IR_EQ, done, tr_k(t, 0));
	return true;
}

/* Of code that nobody has decoded nothing is known. */
bool tr_icbi(Tr *t, const PpcOp *op)
{
	IrRef done = call(t, TR_HELP_ICBI, ea_x(t, op), tr_k(t, 0), tr_k(t, 0));

	tr_redo_if(t, IR_EQ, done, tr_k(t, 0));
	return true;
}

/* TR_RESERVE(name, size) */
#define TR_RESERVE(name, size)                                                                     \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef zero = tr_k(t, 0);                                                           \
		IrRef v = call(t, TR_HELP_RESERVE, ea_x(t, op), tr_k(t, size), zero);              \
                                                                                                   \
		tr_redo_if(t, IR_NTEST, v, tr_k(t, TR_DONE));                                      \
		if (size == 8)                                                                     \
			v = call(t, TR_HELP_RESERVED, zero, zero, zero);                           \
		tr_put_gpr(t, op->RT, size == 8 ? v : ir_zx32(t->ir, v));                          \
		return true;                                                                       \
	}
TR_RESERVE(lbarx, 1)
TR_RESERVE(lharx, 2)
TR_RESERVE(lwarx, 4)
TR_RESERVE(ldarx, 8)

/* TR_CONDITIONAL(name, size).  CR0 = 0 0 stored SO. */
#define TR_CONDITIONAL(name, size)                                                                 \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef ea = ea_x(t, op), so = tr_so(t), v;                                          \
                                                                                                   \
		v = call(t, TR_HELP_CONDITIONAL, ea, tr_k(t, size), tr_gpr(t, op->RS));            \
		tr_redo_if(t, IR_TEST, v, tr_k(t, TR_DONE));                                       \
		v = ir_crcmp(t->ir, IR_LTU, v, tr_k(t, 1), so);                                    \
		ir_put(t->ir, TR_CR, ir_and(t->ir, v, tr_k(t, 3)));                                \
		return true;                                                                       \
	}
TR_CONDITIONAL(stbcx_, 1)
TR_CONDITIONAL(sthcx_, 2)
TR_CONDITIONAL(stwcx_, 4)
TR_CONDITIONAL(stdcx_, 8)
