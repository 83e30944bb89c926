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

/* CR0 = 0 0 stored SO. */
static bool stored(Tr *t, IrRef v)
{
	IrRef so = tr_so(t);

	tr_redo_if(t, IR_TEST, v, tr_k(t, TR_DONE));
	v = ir_crcmp(t->ir, IR_LTU, v, tr_k(t, 1), so);
	ir_put(t->ir, TR_CR, ir_and(t->ir, v, tr_k(t, 3)));
	return true;
}

/* TR_CONDITIONAL(name, size) */
#define TR_CONDITIONAL(name, size)                                                                 \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef ea = ea_x(t, op);                                                            \
                                                                                                   \
		return stored(t,                                                                   \
			      call(t, TR_HELP_CONDITIONAL, ea, tr_k(t, size), tr_gpr(t, op->RS))); \
	}
TR_CONDITIONAL(stbcx_, 1)
TR_CONDITIONAL(sthcx_, 2)
TR_CONDITIONAL(stwcx_, 4)
TR_CONDITIONAL(stdcx_, 8)

/* The doubleword at the lower address is the even register's in big-endian mode. */
bool tr_lqarx(Tr *t, const PpcOp *op)
{
	IrRef zero = tr_k(t, 0), v[2];

	v[0] = call(t, TR_HELP_RESERVE, ea_x(t, op), tr_k(t, 16), zero);
	tr_redo_if(t, IR_NTEST, v[0], tr_k(t, TR_DONE));
	for (unsigned i = 0; i < 2; i++)
		v[i] = call(t, TR_HELP_RESERVED, tr_k(t, i), zero, zero);
	tr_put_gpr(t, op->RTp, v[t->le]);
	tr_put_gpr(t, op->RTp + 1u, v[!t->le]);
	return true;
}

bool tr_stqcx_(Tr *t, const PpcOp *op)
{
	IrRef zero = tr_k(t, 0), v;

	call(t, TR_HELP_UPPER, tr_gpr(t, op->RSp), zero, zero);
	v = call(t, TR_HELP_CONDITIONAL, ea_x(t, op), tr_k(t, 16), tr_gpr(t, op->RSp + 1u));
	return stored(t, v);
}

/* Atomic memory operations: functions that are none are the interpreter's. */
static bool amo(Tr *t, const PpcOp *op, unsigned size, bool load)
{
	IrRef zero = tr_k(t, 0), ea = tr_ea(t, tr_gpr(t, op->RA0), zero), done,
	      v = tr_gpr(t, op->RS);
	unsigned how = size | op->FC << PPC_AMO_FC | (load ? PPC_AMO_LOAD : 0);

	if (load) {
		call(t, TR_HELP_UPPER, tr_gpr(t, (op->RT + 2) & 31), zero, zero);
		v = tr_gpr(t, (op->RT + 1) & 31);
	}
	done = call(t, TR_HELP_AMO, ea, tr_k(t, how), v);
	tr_redo_if(t, IR_EQ, done, zero);
	if (load)
		tr_put_gpr(t, op->RT, call(t, TR_HELP_AMO_RESULT, zero, zero, zero));
	return true;
}

/* TR_AMO(name, size, load) */
#define TR_AMO(name, size, load)                                                                   \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return amo(t, op, size, load);                                                     \
	}
TR_AMO(lwat, 4, true)
TR_AMO(ldat, 8, true)
TR_AMO(stwat, 4, false)
TR_AMO(stdat, 8, false)
