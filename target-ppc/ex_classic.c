/*
 * Instructions that only 6xx, 7xx and 74xx have.
 *
 * eciwx, ecowx (PEM chapter 8): EAR[E] (bit 0) permits them, EAR[RID] would choose
 * among resources on the bus; there are none, so they are an uncached load
 * and store.  tlbld, tlbli: mmu_32.c.
 */
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"

#define DSISR_EAR 0x00100000u /* bit 11: EAR[E] is 0 */

/* Checked address of an external control access. */
static uint64_t external(PpcCpu *cpu, const PpcOp *op, bool store)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);

	if (!(cpu->spr.EAR & 0x80000000))
		ppc_raise_dsi(cpu, ea, DSISR_EAR | (store ? DSISR_STORE : 0));
	if (ea & 3)
		ppc_raise_alignment(cpu, ea);
	return ea;
}

void ex_eciwx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = external(cpu, op, false);

	cpu->gpr[op->RT] = ppc_ld32(cpu, ea);
}

void ex_ecowx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = external(cpu, op, true);

	ppc_st32(cpu, ea, (uint32_t)cpu->gpr[op->RS]);
}

static void tlb_load(PpcCpu *cpu, const PpcOp *op, bool code)
{
	if (!(cpu->model->spr_set & (PPC_SPRSET_S603 | PPC_SPRSET_S7450)))
		ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
	ppc_soft_tlb_load(cpu, ppc_ea(cpu, cpu->gpr[op->RB]), code);
}

void ex_tlbld(PpcCpu *cpu, const PpcOp *op)
{
	tlb_load(cpu, op, false);
}

void ex_tlbli(PpcCpu *cpu, const PpcOp *op)
{
	tlb_load(cpu, op, true);
}
