/*
 * Floating-point loads and stores as IR: ex_fpldst.c, and those of ex_vsx_ldst.c that are of singles.
 *
 * A single that is loaded stays one until somebody wants the double; signalling NaNs, which would not survive that, are
 * left to the interpreter.  A double that is stored as a single is cut, not rounded; what
 * would be denormal there, or too small, is interpreted.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr_fp.h"

/* Classic models want operands on word boundaries. */
static IrRef words(Tr *t, IrRef ea)
{
	if (t->cpu->features & PPC_F_CLS)
		tr_redo_if(t, IR_TEST, ea, tr_k(t, 3));
	return ea;
}

void tr_load_single(Tr *t, unsigned n, IrRef ea)
{
	IrRef v = ir_ld(t->ir, IR_LD, tr_mem(t, 4, false), ea);

	/* Infinity is 0xff000000 without its sign, NaNs are above. */
	tr_redo_if(t, IR_GTU | IR_CC32, ir_add(t->ir, v, v), tr_k(t, 0xff000000));
	tr_put_single(t, n, ir_emit(t->ir, IR_ITOS, 0, v, 0, 0, 0));
}

void tr_load_double(Tr *t, unsigned n, IrRef ea)
{
	tr_put_vsr_left(t, n, ir_ld(t->ir, IR_LD, tr_mem(t, 8, false), ea));
}

void tr_store_double(Tr *t, unsigned n, IrRef ea)
{
	ir_st(t->ir, IR_ST, tr_mem(t, 8, false), ea, tr_vsr_left(t, n));
}

/* The bits of a double as a single. */
static IrRef cut(Tr *t, unsigned n)
{
	IrRef v = tr_vsr_left(t, n), top, rest;

	/* But for zeros its exponent is to be at least 897. */
	tr_redo_if(t, IR_LTU, ir_add(t->ir, ir_add(t->ir, v, v), tr_k(t, UINT64_MAX)),
		   tr_k(t, (UINT64_C(897) << 53) - 1));
	top = ir_and(t->ir, ir_shr(t->ir, v, tr_k(t, 32)), tr_k(t, 0xc0000000));
	rest = ir_and(t->ir, ir_shr(t->ir, v, tr_k(t, 29)), tr_k(t, 0x3fffffff));
	return ir_or(t->ir, top, rest);
}

IrRef tr_single_bits(Tr *t, unsigned n)
{
	IrRef f = tr_fpr(t, n);

	if (t->ir->ins[f].op == IR_S2F)
		return ir_emit(t->ir, IR_STOI, 0, t->ir->ins[f].a, 0, 0, 0);
	return cut(t, n);
}

void tr_store_single(Tr *t, unsigned n, IrRef ea)
{
	ir_st(t->ir, IR_ST, tr_mem(t, 4, false), ea, tr_single_bits(t, n));
}

static IrRef ea_of(Tr *t, unsigned ra, IrRef offset)
{
	return words(t, tr_ea(t, tr_gpr(t, ra), offset));
}

#define TR_PLAIN(NAME, ACCESS, REG, BASE, OFFSET)                                                  \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		ACCESS(t, REG, ea_of(t, op->BASE, OFFSET));                                        \
		return true;                                                                       \
	}
#define TR_UPDATING(NAME, ACCESS, REG, OFFSET)                                                     \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef ea = ea_of(t, op->RA, OFFSET);                                               \
                                                                                                   \
		ACCESS(t, REG, ea);                                                                \
		tr_put_gpr(t, op->RA, ea);                                                         \
		return true;                                                                       \
	}
#define DISP tr_k(t, (uint64_t)op->D)
#define INDEX tr_gpr(t, op->RB)
TR_PLAIN(lfs, tr_load_single, op->FRT, RA0, DISP)
TR_UPDATING(lfsu, tr_load_single, op->FRT, DISP)
TR_PLAIN(lfsx, tr_load_single, op->FRT, RA0, INDEX)
TR_UPDATING(lfsux, tr_load_single, op->FRT, INDEX)
TR_PLAIN(lfd, tr_load_double, op->FRT, RA0, DISP)
TR_UPDATING(lfdu, tr_load_double, op->FRT, DISP)
TR_PLAIN(lfdx, tr_load_double, op->FRT, RA0, INDEX)
TR_UPDATING(lfdux, tr_load_double, op->FRT, INDEX)
TR_PLAIN(stfs, tr_store_single, op->FRS, RA0, DISP)
TR_UPDATING(stfsu, tr_store_single, op->FRS, DISP)
TR_PLAIN(stfsx, tr_store_single, op->FRS, RA0, INDEX)
TR_UPDATING(stfsux, tr_store_single, op->FRS, INDEX)
TR_PLAIN(stfd, tr_store_double, op->FRS, RA0, DISP)
TR_UPDATING(stfdu, tr_store_double, op->FRS, DISP)
TR_PLAIN(stfdx, tr_store_double, op->FRS, RA0, INDEX)
TR_UPDATING(stfdux, tr_store_double, op->FRS, INDEX)
TR_PLAIN(lxsspx, tr_load_single, op->XT, RA0, INDEX)
TR_PLAIN(stxsspx, tr_store_single, op->XS, RA0, INDEX)
TR_PLAIN(lxsdx, tr_load_double, op->XT, RA0, INDEX)
TR_PLAIN(stxsdx, tr_store_double, op->XS, RA0, INDEX)
TR_PLAIN(lxssp, tr_load_single, 32 + op->VRT, RA0, tr_k(t, (uint64_t)op->imm))
TR_PLAIN(stxssp, tr_store_single, 32 + op->VRS, RA0, tr_k(t, (uint64_t)op->imm))

static void load_word(Tr *t, unsigned n, IrRef ea)
{
	tr_put_vsr_left(t, n, ir_ld(t->ir, IR_LD, tr_mem(t, 4, false), ea));
}

static void load_word_sx(Tr *t, unsigned n, IrRef ea)
{
	tr_put_vsr_left(t, n, ir_ld(t->ir, IR_LD, tr_mem(t, 4, false) | IR_MEM_SX, ea));
}

static void store_word(Tr *t, unsigned n, IrRef ea)
{
	ir_st(t->ir, IR_ST, tr_mem(t, 4, false), ea, tr_vsr_left(t, n));
}

TR_PLAIN(lfiwax, load_word_sx, op->FRT, RA0, INDEX)
TR_PLAIN(lfiwzx, load_word, op->FRT, RA0, INDEX)
TR_PLAIN(stfiwx, store_word, op->FRS, RA0, INDEX)
