/*
 * Loads and stores of vectors and FPRs that POWER10 has in addition: prefixed ones, pairs, rightmost elements; and
 * those with a length in a register (lxvl and its like), which string functions are made of.  As
 * ex_310_ldst.c and ex_vsx_ldst.c do them, as IR.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr_fp.h"
#include "target-ppc/tr_vec.h"

/* From (RA|0), or from the instruction itself. */
static IrRef ea_p(Tr *t, const PpcOp *op)
{
	IrRef base = op->R ? tr_cia(t, 0) : tr_gpr(t, op->RA0);

	return tr_ea(t, base, tr_k(t, (uint64_t)op->D34));
}

static IrRef ea_x(Tr *t, const PpcOp *op)
{
	return tr_ea(t, tr_gpr(t, op->RA0), tr_gpr(t, op->RB));
}

static IrRef ea_dq(Tr *t, const PpcOp *op)
{
	return tr_ea(t, tr_gpr(t, op->RA0), tr_k(t, (uint64_t)op->DQ));
}

#define TR_ACCESS(NAME, ACCESS, VSR, EA)                                                           \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		ACCESS(t, VSR, EA(t, op));                                                         \
		return true;                                                                       \
	}
TR_ACCESS(plfs, tr_load_single, op->FRT, ea_p)
TR_ACCESS(plfd, tr_load_double, op->FRT, ea_p)
TR_ACCESS(pstfs, tr_store_single, op->FRS, ea_p)
TR_ACCESS(pstfd, tr_store_double, op->FRS, ea_p)
TR_ACCESS(plxsd, tr_load_double, 32 + op->VRT, ea_p)
TR_ACCESS(plxssp, tr_load_single, 32 + op->VRT, ea_p)
TR_ACCESS(pstxsd, tr_store_double, 32 + op->VRS, ea_p)
TR_ACCESS(pstxssp, tr_store_single, 32 + op->VRS, ea_p)

/* ---- Vectors and pairs ---- */

static IrRef load(Tr *t, IrRef ea)
{
	return tr_ordered(t, ir_ld(t->ir, IR_LDV, tr_mem_raw(t), ea), t->le ? 0 : 15);
}

static void store(Tr *t, IrRef v, IrRef ea)
{
	ir_st(t->ir, IR_STV, tr_mem_raw(t), ea, tr_ordered(t, v, t->le ? 0 : 15));
}

static void load_vector(Tr *t, unsigned n, IrRef ea)
{
	tr_put_vsr(t, n, load(t, ea));
}

static void store_vector(Tr *t, unsigned n, IrRef ea)
{
	store(t, tr_get_vsr(t, n), ea);
}

/* The register with the even number holds the higher address in little-endian mode. */
static void load_pair(Tr *t, unsigned n, IrRef ea)
{
	IrRef first = load(t, ea), second = load(t, tr_ea(t, ea, tr_k(t, 16)));

	tr_put_vsr(t, n + t->le, first);
	tr_put_vsr(t, n + !t->le, second);
}

/* Inside one page, where what the first may the second may. */
static void store_pair(Tr *t, unsigned n, IrRef ea)
{
	tr_redo_if(t, IR_GTU, ir_and(t->ir, ea, tr_k(t, 0xfff)), tr_k(t, 0xfe0));
	store(t, tr_get_vsr(t, n + t->le), ea);
	store(t, tr_get_vsr(t, n + !t->le), tr_ea(t, ea, tr_k(t, 16)));
}

TR_ACCESS(plxv, load_vector, op->XT5, ea_p)
TR_ACCESS(pstxv, store_vector, op->XS5, ea_p)
TR_ACCESS(plxvp, load_pair, op->XTp, ea_p)
TR_ACCESS(pstxvp, store_pair, op->XSp, ea_p)
TR_ACCESS(lxvp, load_pair, op->XTp, ea_dq)
TR_ACCESS(stxvp, store_pair, op->XSp, ea_dq)
TR_ACCESS(lxvpx, load_pair, op->XTp, ea_x)
TR_ACCESS(stxvpx, store_pair, op->XSp, ea_x)

/* ---- The rightmost element ---- */

static bool load_right(Tr *t, const PpcOp *op, unsigned size)
{
	IrRef v = ir_ld(t->ir, IR_LD, tr_mem(t, size, false), ea_x(t, op));

	tr_put_vsr(t, op->XT, tr_v_from_gprs(t, tr_k(t, 0), v));
	return true;
}

static bool store_right(Tr *t, const PpcOp *op, unsigned size)
{
	ir_st(t->ir, IR_ST, tr_mem(t, size, false), ea_x(t, op),
	      tr_v_right(t, tr_get_vsr(t, op->XS)));
	return true;
}

TR_SIZED(lxvrbx, load_right, 1)
TR_SIZED(lxvrhx, load_right, 2)
TR_SIZED(lxvrwx, load_right, 4)
TR_SIZED(lxvrdx, load_right, 8)
TR_SIZED(stxvrbx, store_right, 1)
TR_SIZED(stxvrhx, store_right, 2)
TR_SIZED(stxvrwx, store_right, 4)
TR_SIZED(stxvrdx, store_right, 8)

/* ---- With length: RB bits 0-7, 16 at most ---- */

static IrRef length(Tr *t, const PpcOp *op)
{
	IrRef n = ir_shr(t->ir, tr_gpr(t, op->RB), tr_k(t, 56)), most = tr_k(t, 16);

	return ir_sel(t->ir, IR_GTU, n, most, most, n);
}

/*
 * All sixteen are loaded, where they are in one page, and those that were not asked for are cleared.  When there are
 * none, which must not touch that page, it is done where the instruction itself is.
 */
static bool load_length(Tr *t, const PpcOp *op, unsigned lane)
{
	const u128 iota = (u128)UINT64_C(0x0f0e0d0c0b0a0908) << 64 | UINT64_C(0x0706050403020100);
	Ir *ir = t->ir;
	IrRef n = length(t, op), ea = tr_ea(t, tr_gpr(t, op->RA0), tr_k(t, 0)), v, mask;

	ea = ir_sel(ir, IR_EQ, n, tr_k(t, 0), ir_get(ir, TR_PAGE), ea);
	tr_redo_if(t, IR_GTU, ir_and(ir, ea, tr_k(t, 0xfff)), tr_k(t, 0xff0));
	v = ir_ld(ir, IR_LDV, tr_mem_raw(t), ea);
	mask = ir_v2(ir, VEC_GTSB, ir_vsplat(ir, BYTES, n), ir_kv(ir, iota));
	tr_put_vsr(t, op->XT, tr_ordered(t, ir_v2(ir, VEC_AND, v, mask), lane));
	return true;
}

static bool store_length(Tr *t, const PpcOp *op, unsigned lane)
{
	Ir *ir = t->ir;
	IrRef n = length(t, op), ea = tr_ea(t, tr_gpr(t, op->RA0), tr_k(t, 0));
	IrRef v = tr_ordered(t, tr_get_vsr(t, op->XS), lane), zero = tr_k(t, 0), done;

	ir_call(ir, TR_HELP_UPPER, tr_v_left(t, v), zero, zero);
	done = ir_call(ir, TR_HELP_STORE, ea, n, tr_v_right(t, v));
	tr_redo_if(t, IR_EQ, done, zero);
	t->nhelps++;
	return true;
}

#define TR_LENGTH(NAME, ACCESS, LANE)                                                              \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return ACCESS(t, op, LANE);                                                        \
	}
TR_LENGTH(lxvl, load_length, t->le ? 0 : 15)
TR_LENGTH(lxvll, load_length, 15)
TR_LENGTH(stxvl, store_length, t->le ? 0 : 15)
TR_LENGTH(stxvll, store_length, 15)
