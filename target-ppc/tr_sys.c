/*
 * System calls, returns, MSR, and what tells processes apart: what ex_sys.c, ex_mmu.c and excp.c do, as IR.  What a new MSR is,
 * IR says; what follows from it a helper does (quick.c), and then the unit ends with a jump to
 * an address in a register: the jump table knows for which MSR and which process its entries are.
 *
 * Classic models (excp_32.c) have their MSR and vectors; what sleeps, or changes the registers of a 603, is interpreted.
 */
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"
#include "target-ppc/quick.h"
#include "target-ppc/tr.h"

/* As in excp.c: SRR1 bits that an interrupt sets itself; where the alternate location is. */
#define SRR1_OWN 0x783f0000ull
#define AIL_BASE 0xc000000000004000ull
#define SCV_BASE 0x17000ull
#define SCV_AIL_BASE 0xc000000000003000ull
#define RELOCATED (MSR_IR | MSR_DR)
/* As in excp_32.c: what rfi takes from SRR1. */
#define RFI_BITS 0x87c0ffffull

static IrRef mask(Tr *t, IrRef v, uint64_t k)
{
	return ir_and(t->ir, v, tr_k(t, k));
}

/* The unit ends with a new MSR; SRR0 and the like are put behind this. */
static void switch_to(Tr *t, IrRef msr, IrRef to, bool interrupt)
{
	IrRef done = ir_call(t->ir, TR_HELP_MSR, msr, to, tr_k(t, interrupt));

	t->nhelps++;
	tr_redo_if(t, IR_EQ, done, tr_k(t, 0));
	ir_put(t->ir, TR_MSR, msr);
}

/* The bits of k that v has and the MSR has not (both: in which they differ) are the interpreter's. */
static void leave_if(Tr *t, IrRef v, uint64_t k, bool both)
{
	IrRef msr = ir_get(t->ir, TR_MSR);

	if (t->cpu->model->msr_mask & k)
		tr_redo_if(t, IR_TEST, both ? ir_xor(t->ir, v, msr) : ir_andn(t->ir, v, msr),
			   tr_k(t, k));
}

/* ppc_msr_write(): what of v becomes the MSR. */
static IrRef written(Tr *t, IrRef v, uint64_t keep)
{
	IrRef msr = ir_get(t->ir, TR_MSR), pr;
	bool classic = ppc_is_classic(t->cpu), hv = !classic && !t->cpu->board->vhyp;
	uint64_t may = t->cpu->model->msr_mask | (hv ? MSR_HV : 0);

	may &= ~keep;
	v = ir_or(t->ir, mask(t, v, may), mask(t, msr, ~may));
	if (classic) {
		leave_if(t, v, MSR_POW, false);
		leave_if(t, v, MSR_TGPR, true);
	}
	if (classic && !(t->cpu->features & PPC_F_64))
		return v;
	/* PR = 1 implies EE, IR and DR. */
	pr = ir_neg(t->ir, ir_shr(t->ir, mask(t, v, MSR_PR), tr_k(t, ctz64(MSR_PR))));
	return ir_or(t->ir, v, mask(t, pr, MSR_EE | RELOCATED));
}

/* ---- System calls ---- */

/* All ones or 0: is the handler at the alternate location? */
static IrRef alternate(Tr *t)
{
	IrRef lpcr = ir_get(t->ir, TR_SPR_LPCR), msr = ir_get(t->ir, TR_MSR), both;

	both = ir_and(t->ir, ir_set(t->ir, IR_EQ, mask(t, lpcr, LPCR_AIL), tr_k(t, LPCR_AIL)),
		      ir_set(t->ir, IR_EQ, mask(t, msr, RELOCATED), tr_k(t, RELOCATED)));
	return ir_neg(t->ir, both);
}

/* handler_msr() and what the location adds, keeping `keep` of the old one. */
static IrRef handler_msr(Tr *t, IrRef alt, uint64_t keep)
{
	IrRef lpcr = ir_get(t->ir, TR_SPR_LPCR), v = mask(t, ir_get(t->ir, TR_MSR), keep), le;

	le = ir_shr(t->ir, mask(t, lpcr, LPCR_ILE), tr_k(t, ctz64(LPCR_ILE)));
	v = ir_or(t->ir, ir_or(t->ir, v, tr_k(t, MSR_SF)), le);
	return ir_or(t->ir, v, mask(t, alt, RELOCATED));
}

/* All ones or 0: bit n of v. */
static IrRef spread(Tr *t, IrRef v, uint64_t bit)
{
	return ir_neg(t->ir, ir_shr(t->ir, mask(t, v, bit), tr_k(t, ctz64(bit))));
}

/* MSR and address of the handler at `vector` of a classic model, as in excp_32.c. */
static IrRef classic_handler(Tr *t, unsigned vector, IrRef *to)
{
	IrRef msr = ir_get(t->ir, TR_MSR), v;

	if (t->cpu->features & PPC_F_64) {
		*to = ir_or(t->ir, ir_get(t->ir, TR_SPR_HIOR), tr_k(t, vector));
		return ir_or(t->ir, mask(t, msr, MSR_ME), tr_k(t, MSR_SF));
	}
	*to = ir_or(t->ir, mask(t, spread(t, msr, MSR_IP), 0xfff00000), tr_k(t, vector));
	v = mask(t, msr, MSR_ILE | MSR_ME | MSR_IP);
	leave_if(t, v, MSR_TGPR, true);
	return ir_or(t->ir, v, mask(t, spread(t, msr, MSR_ILE), MSR_LE));
}

static bool classic_sc(Tr *t)
{
	IrRef msr = ir_get(t->ir, TR_MSR), to, v = classic_handler(t, PPC_V_SC, &to);

	switch_to(t, v, to, true);
	ir_put(t->ir, TR_SPR_SRR0, tr_cia(t, 4));
	ir_put(t->ir, TR_SPR_SRR1, mask(t, msr, ~SRR1_OWN));
	tr_switched(t, to);
	return true;
}

bool tr_sc(Tr *t, const PpcOp *op)
{
	IrRef msr = ir_get(t->ir, TR_MSR), alt, to;

	if (op->LEV == 1)
		return false;
	if (ppc_is_classic(t->cpu))
		return classic_sc(t);
	alt = alternate(t);
	to = ir_add(t->ir, mask(t, alt, AIL_BASE), tr_k(t, PPC_V_SC));
	switch_to(t, handler_msr(t, alt, MSR_HV | MSR_ME), to, true);
	ir_put(t->ir, TR_SPR_SRR0, tr_cia(t, 4));
	ir_put(t->ir, TR_SPR_SRR1, mask(t, msr, ~SRR1_OWN));
	tr_switched(t, to);
	return true;
}

/* LR and CTR instead of SRR0 and SRR1; EE and RI stay. */
bool tr_scv(Tr *t, const PpcOp *op)
{
	IrRef msr = ir_get(t->ir, TR_MSR), alt, to;

	tr_redo_if(t, IR_NTEST, ir_get(t->ir, TR_SPR_FSCR), tr_k(t, BIT64(51)));
	alt = alternate(t);
	to = ir_add(t->ir, mask(t, alt, SCV_AIL_BASE - SCV_BASE),
		    tr_k(t, SCV_BASE + op->LEV * 32u));
	switch_to(t, handler_msr(t, alt, MSR_HV | MSR_ME | MSR_EE | MSR_RI), to, true);
	ir_put(t->ir, TR_LR, tr_cia(t, 4));
	ir_put(t->ir, TR_CTR, mask(t, msr, ~SRR1_OWN));
	tr_switched(t, to);
	return true;
}

/* ---- Returns ---- */

/* The MSR from a saved image, and on at an address. */
static bool return_to(Tr *t, IrRef image, IrRef nia)
{
	IrRef to = mask(t, nia, ~UINT64_C(3));
	uint64_t keep = MSR_HV | MSR_ME;

	if (ppc_is_classic(t->cpu))
		keep = MSR_HV;
	else if (t->mode & PPC_MODE_HV)
		keep = 0;
	switch_to(t, written(t, image, keep), to, false);
	tr_switched(t, to);
	return true;
}

/* Of classic models: the lower half of MSR alone; POW and TGPR end, ILE stays. */
bool tr_rfi(Tr *t, const PpcOp *op)
{
	uint64_t stay = ~(RFI_BITS | MSR_POW | MSR_TGPR) & UINT32_MAX;
	IrRef image = mask(t, ir_get(t->ir, TR_SPR_SRR1), RFI_BITS);

	(void)op;
	image = ir_or(t->ir, image, mask(t, ir_get(t->ir, TR_MSR), stay));
	return return_to(t, image, ir_zx32(t->ir, ir_get(t->ir, TR_SPR_SRR0)));
}

bool tr_rfid(Tr *t, const PpcOp *op)
{
	(void)op;
	return return_to(t, ir_get(t->ir, TR_SPR_SRR1), ir_get(t->ir, TR_SPR_SRR0));
}

bool tr_rfscv(Tr *t, const PpcOp *op)
{
	(void)op;
	return return_to(t, ir_get(t->ir, TR_CTR), ir_get(t->ir, TR_LR));
}

/* ---- MSR ---- */

bool tr_new_msr(Tr *t, IrRef v, uint64_t keep)
{
	IrRef to = tr_cia(t, 4);

	switch_to(t, written(t, v, keep), to, false);
	tr_switched(t, to);
	return true;
}

/* ---- Processes and keys ---- */

bool tr_mtspr_key(Tr *t, unsigned num, IrRef v)
{
	IrRef done;

	if (t->cpu->model->mmu != PPC_MMU_V3)
		return false;
	if (num != PPC_QUICK_AMR && num != PPC_QUICK_IAMR && num != PPC_QUICK_PIDR)
		return false;
	done = ir_call(t->ir, TR_HELP_KEY, tr_k(t, num), v, tr_k(t, 0));
	t->nhelps++;
	t->loop_end = true;
	tr_redo_if(t, IR_EQ, done, tr_k(t, 0));
	return true;
}

bool tr_tlbiel3(Tr *t, const PpcOp *op)
{
	if (!op->R15)
		return false;
	ir_call(t->ir, TR_HELP_TLBIEL, tr_gpr(t, op->RB), tr_gpr(t, op->RS), tr_k(t, op->RIC));
	t->nhelps++;
	t->loop_end = true;
	return true;
}
