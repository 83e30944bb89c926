/*
 * Moves from and to special-purpose registers that do nothing else, and MSR: what ex_branch.c and
 * ex_sys.c do, as IR.
 *
 * Who may read or write what spr.def says; privilege is part of a unit's key, and what FSCR
 * guards is looked at.  Whatever has an effect or no slot is left to ex_mfspr() and ex_mtspr().
 */
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

bool tr_mflr(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_get(t->ir, TR_LR));
	return true;
}

bool tr_mtlr(Tr *t, const PpcOp *op)
{
	ir_put(t->ir, TR_LR, tr_gpr(t, op->RS));
	return true;
}

bool tr_mfctr(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_get(t->ir, TR_CTR));
	return true;
}

bool tr_mtctr(Tr *t, const PpcOp *op)
{
	ir_put(t->ir, TR_CTR, tr_gpr(t, op->RS));
	return true;
}

/* Parts of XER as ppc_xer_get() joins them. */
typedef struct XerPart {
	uint8_t slot, shift, bits;
	uint64_t features; /* not 0: of models with one of these alone */
} XerPart;

static const XerPart xer_parts[] = {
	{ TR_XERCOUNT, 0, 7, 0 },      { TR_XERCMP, 8, 8, PPC_F_CLS },
	{ TR_CA32, 18, 1, PPC_F_300 }, { TR_OV32, 19, 1, PPC_F_300 },
	{ TR_CA, 29, 1, 0 },	       { TR_OV, 30, 1, 0 },
	{ TR_SO, 31, 1, 0 },
};

bool tr_mfxer(Tr *t, const PpcOp *op)
{
	IrRef v = tr_k(t, 0), part;

	for (unsigned i = 0; i < ARRAY_LEN(xer_parts); i++) {
		const XerPart *p = &xer_parts[i];

		if (p->features && !(t->cpu->features & p->features))
			continue;
		part = ir_get(t->ir, p->slot);
		v = ir_or(t->ir, v, ir_shl(t->ir, part, tr_k(t, p->shift)));
	}
	tr_put_gpr(t, op->RT, v);
	return true;
}

/* CA32 and OV32 are written on every model. */
bool tr_mtxer(Tr *t, const PpcOp *op)
{
	IrRef v = tr_gpr(t, op->RS), part;

	for (unsigned i = 0; i < ARRAY_LEN(xer_parts); i++) {
		const XerPart *p = &xer_parts[i];
		bool there = p->slot != TR_XERCMP || (t->cpu->features & PPC_F_CLS);

		part = ir_shr(t->ir, v, tr_k(t, p->shift));
		part = ir_and(t->ir, part, tr_k(t, (1u << p->bits) - 1));
		ir_put(t->ir, p->slot, there ? part : tr_k(t, 0));
	}
	t->so_put = true;
	return true;
}

/* ------------------------------------------------------------- by number */

typedef struct SprSlot {
	uint32_t offset; /* as PpcSprInfo.offset */
	unsigned slot;
} SprSlot;

static const SprSlot spr_slots[] = { { offsetof(PpcSprs, TAR), TR_TAR },
				     { offsetof(PpcSprs, VRSAVE), TR_VRSAVE },
#define SPR_SLOT(name) { offsetof(PpcSprs, name), TR_SPR_##name },
				     TR_SPRS(SPR_SLOT)
#undef SPR_SLOT
};

/* The line of an SPR that this unit may read (write), as spr_for() in ex_sys.c finds it. */
static const PpcSprInfo *spr_line(const Tr *t, unsigned num, bool write)
{
	const PpcSprInfo *i = t->cpu->sprs[num & 1023];
	unsigned want = write ? PPC_SPR_W : PPC_SPR_R, hv = write ? PPC_SPR_HW : PPC_SPR_HR;

	if (!i || i->pmu)
		return NULL;
	if (t->mode & PPC_MODE_PR)
		return i->user & want ? i : NULL;
	if (t->mode & PPC_MODE_HV)
		want |= hv;
	return i->priv & want ? i : NULL;
}

/* Its slot, or -1. */
static int spr_slot(const PpcSprInfo *i)
{
	for (unsigned n = 0; n < ARRAY_LEN(spr_slots); n++)
		if (spr_slots[n].offset == i->offset)
			return (int)spr_slots[n].slot;
	return -1;
}

/* What FSCR guards of the registers that have slots. */
static void need_facility(Tr *t, unsigned num)
{
	if (ppc_is_classic(t->cpu))
		return;
	if (num == 3) /* DSCR */
		tr_need_fscr(t, 2);
	else if (num == 815) /* TAR */
		tr_need_fscr(t, PPC_FSCR_IC_TAR);
}

bool tr_mfspr(Tr *t, const PpcOp *op)
{
	unsigned num = (unsigned)op->SPR;
	const PpcSprInfo *i = spr_line(t, num, false);
	int slot = i ? spr_slot(i) : -1;

	if (i && num == 28 && i->get) { /* CFAR */
		tr_put_gpr(t, op->RT, ir_get(t->ir, TR_CFAR));
		return true;
	}
	if (i && num == 287) { /* PVR */
		tr_put_gpr(t, op->RT, tr_k(t, t->cpu->model->pvr));
		return true;
	}
	if (slot < 0)
		return false;
	need_facility(t, num);
	tr_put_gpr(t, op->RT, ir_get(t->ir, (unsigned)slot));
	return true;
}

bool tr_mtspr(Tr *t, const PpcOp *op)
{
	unsigned num = (unsigned)op->SPR;
	const PpcSprInfo *i = spr_line(t, num, true);
	int slot = i && !i->wrote ? spr_slot(i) : -1;
	uint64_t mask;

	if (slot < 0)
		return i && i->wrote &&
		       tr_mtspr_key(t, num, ir_and(t->ir, tr_gpr(t, op->RS), tr_k(t, i->mask)));
	mask = i->mask & (t->cpu->model->features & PPC_F_64 ? UINT64_MAX : UINT32_MAX);
	need_facility(t, num);
	ir_put(t->ir, (unsigned)slot, ir_and(t->ir, tr_gpr(t, op->RS), tr_k(t, mask)));
	return true;
}

bool tr_mfmsr(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RT, ir_get(t->ir, TR_MSR));
	return true;
}

/*
 * L = 1: EE and RI alone, the way interrupts are switched.  Where EE may be set, the unit ends,
 * since the next one begins by looking at events.
 */
static bool set_ee_ri(Tr *t, const PpcOp *op)
{
	IrRef v = tr_gpr(t, op->RS), msr = ir_get(t->ir, TR_MSR), zero = tr_k(t, 0);
	uint64_t both = MSR_EE | MSR_RI, k;

	if (!ir_is_k(t->ir, v, &k) || k & MSR_EE) {
		ir_call(t->ir, TR_HELP_EE, v, zero, zero);
		t->nhelps++;
		t->loop_end = true;
	}
	msr = ir_and(t->ir, msr, tr_k(t, ~both));
	ir_put(t->ir, TR_MSR, ir_or(t->ir, msr, ir_and(t->ir, v, tr_k(t, both))));
	return true;
}

bool tr_mtmsrd(Tr *t, const PpcOp *op)
{
	uint64_t keep = ppc_is_classic(t->cpu) ? MSR_HV : MSR_HV | MSR_S | MSR_ME | MSR_LE;

	if (op->L15)
		return set_ee_ri(t, op);
	return tr_new_msr(t, tr_gpr(t, op->RS), keep);
}

/* L is a reserved bit before ISA 2.00. */
bool tr_mtmsr(Tr *t, const PpcOp *op)
{
	uint64_t keep = ~(uint64_t)UINT32_MAX | (ppc_is_classic(t->cpu) ? 0 : MSR_ME | MSR_LE);

	if (op->L15 && !(t->cpu->features & PPC_F_CLS))
		return set_ee_ri(t, op);
	return tr_new_msr(t, tr_gpr(t, op->RS), keep);
}
