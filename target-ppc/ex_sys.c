/*
 * System instructions: calls and returns, MSR, special-purpose registers,
 * messages, power saving (Power ISA 3.0B book I 2.6, book III chapters 3 to
 * 5 and 11).
 */
#include "base/log.h"
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"

/* FSCR: which facility guards a register in problem state, by its cause. */
static unsigned spr_facility(unsigned num)
{
	switch (num) {
	case 3: return 2; /* DSCR */
	case 128:
	case 129:
	case 130:
	case 131: return 5; /* TM */
	case 800:
	case 801:
	case 802:
	case 803:
	case 804:
	case 805:
	case 806: return 7; /* EBB */
	case 815: return 8; /* TAR */
	default: return 0;
	}
}

/* What an access to a register that is not there (for us) does, 5.4.4. */
static void no_spr(PpcCpu *cpu, unsigned num, bool write)
{
	bool pr = cpu->msr & MSR_PR;

	/* Reserved for hints that older processors are to ignore, in every state. */
	if (num >= 808 && num <= 811 && !ppc_is_classic(cpu))
		return;
	log_guest("cpu %u: %s SPR %u, which %s, at 0x%" G_GINT64_MODIFIER "x", cpu->index,
		  write ? "mtspr to" : "mfspr from", num,
		  pr ? "problem state may not" : "is not there", ppc_cia(cpu));
	if (pr)
		ppc_raise_program(cpu, num & 0x10 ? PPC_PROG_PRIV : PPC_PROG_ILLEGAL);
	/* 32-bit models: illegal, and so on the 970 unless the number is privileged. */
	if (ppc_is_classic(cpu) && (!(cpu->features & PPC_F_64) || !(num & 0x10)))
		ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
	if (num == 0 || (!write && (num == 4 || num == 5 || num == 6)))
		ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
}

/* The register, or NULL when the access does nothing; raises what must be. */
static const PpcSprInfo *spr_for(PpcCpu *cpu, unsigned num, bool write)
{
	const PpcSprInfo *i = cpu->sprs[num & 1023];
	bool pr = cpu->msr & MSR_PR;
	unsigned rights = i ? (pr ? i->user : i->priv) : 0, f;

	if (unlikely(!(rights & (write ? PPC_SPR_W : PPC_SPR_R)))) {
		if (!pr && (rights & (write ? PPC_SPR_HW : PPC_SPR_HR)) && (cpu->msr & MSR_HV))
			return i;
		/* A hypervisor's register without hypervisor state: no operation. */
		if (pr || !i || !(rights & (PPC_SPR_HR | PPC_SPR_HW)))
			no_spr(cpu, num, write);
		return NULL;
	}
	if (pr) {
		f = ppc_is_classic(cpu) ? 0 : spr_facility(num);
		if (unlikely(f && !(cpu->spr.FSCR >> f & 1)))
			ppc_raise_facility(cpu, f);
		if (num - 736 < 47 && !ppc_is_classic(cpu)) /* 736 to 782 */
			ppc_pmu_check(cpu, num, write);
	}
	return i;
}

void ex_mfspr(PpcCpu *cpu, const PpcOp *op)
{
	const PpcSprInfo *i = spr_for(cpu, (unsigned)op->SPR, false);

	if (likely(i != NULL))
		cpu->gpr[op->RT] = ppc_spr_read(cpu, i);
}

void ex_mtspr(PpcCpu *cpu, const PpcOp *op)
{
	const PpcSprInfo *i = spr_for(cpu, (unsigned)op->SPR, true);

	uint64_t v = cpu->gpr[op->RS];

	if (!(cpu->model->features & PPC_F_64))
		v = (uint32_t)v;
	if (likely(i != NULL))
		ppc_spr_write(cpu, i, v);
}

/* mftb: 268 is all of the timebase, 269 its upper word (book II 6.2.1). */
void ex_mftb(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t tb = ppc_tb_get(cpu);

	if (op->SPR != 268 && op->SPR != 269)
		ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
	cpu->gpr[op->RT] = op->SPR == 269 ? tb >> 32 : tb;
}

void ex_mfmsr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->msr;
}

void ppc_ee_written(PpcCpu *cpu, uint64_t v)
{
	if ((v & MSR_EE) && atomic_load_explicit(&cpu->pending, memory_order_relaxed))
		atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

/* L = 1: EE and RI alone, the way interrupts are switched; nothing else moves. */
static void set_ee_ri(PpcCpu *cpu, uint64_t v)
{
	cpu->msr = (cpu->msr & ~(MSR_EE | MSR_RI)) | (v & (MSR_EE | MSR_RI));
	ppc_ee_written(cpu, v);
}

/*
 * An enabled exception that waited for MSR[FE0 FE1] (book III 7.5.9; PEM 6.4.7): the instruction
 * that sets them has completed.  After any other instruction one with FEX has been reported.
 */
static void new_msr(PpcCpu *cpu)
{
	if (unlikely((cpu->msr & (MSR_FE0 | MSR_FE1)) && (cpu->fpscr & FPSCR_FEX)))
		ppc_raise_program_after(cpu, PPC_PROG_FP);
}

void ex_mtmsrd(PpcCpu *cpu, const PpcOp *op)
{
	/* A 970 of ours has no hypervisor that ME could belong to. */
	uint64_t keep = ppc_is_classic(cpu) ? MSR_HV : MSR_HV | MSR_S | MSR_ME | MSR_LE;
	uint64_t v = cpu->gpr[op->RS];

	if (op->L15) {
		set_ee_ri(cpu, v);
		return;
	}
	ppc_msr_write(cpu, (v & ~keep) | (cpu->msr & keep));
	new_msr(cpu);
}

void ex_mtmsr(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t keep = ~(uint64_t)UINT32_MAX | (ppc_is_classic(cpu) ? 0 : MSR_ME | MSR_LE);
	uint64_t v = cpu->gpr[op->RS];

	/* L is a reserved bit before ISA 2.00. */
	if (op->L15 && !(cpu->features & PPC_F_CLS)) {
		set_ee_ri(cpu, v);
		return;
	}
	ppc_msr_write(cpu, (v & ~keep) | (cpu->msr & keep));
	new_msr(cpu);
}

/* ------------------------------------------------------ calls and returns */

void ex_sc(PpcCpu *cpu, const PpcOp *op)
{
	const PpcBoard *board = cpu->board;

	if (op->LEV != 1 || !board->hypercall)
		ppc_raise_sc(cpu, op->LEV);
	machine_lock(cpu->dev.machine);
	board->hypercall(board->opaque, cpu);
	machine_unlock(cpu->dev.machine);
}

void ex_scv(PpcCpu *cpu, const PpcOp *op)
{
	ppc_raise_scv(cpu, op->LEV);
}

/* MSR from a saved image, and on to the next instruction. */
static void return_to(PpcCpu *cpu, uint64_t msr, uint64_t nia)
{
	uint64_t keep = ppc_is_classic(cpu) ? MSR_HV : cpu->msr & MSR_HV ? 0 : MSR_HV | MSR_ME;

	/* Book III 3.3.1, rfid: hypervisor state may be left, and owns ME. */
	ppc_msr_write(cpu, (msr & ~keep) | (cpu->msr & keep));
	cpu->nip = nia & ~UINT64_C(3) & cpu->ea_mask;
	new_msr(cpu);
}

void ex_rfid(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	return_to(cpu, cpu->spr.SRR1, cpu->spr.SRR0);
}

void ex_hrfid(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_msr_write(cpu, cpu->spr.HSRR1);
	cpu->nip = cpu->spr.HSRR0 & ~UINT64_C(3) & cpu->ea_mask;
	new_msr(cpu);
}

void ex_rfscv(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	return_to(cpu, cpu->ctr, cpu->lr);
}

/* Classic: the lower half of MSR alone. */
void ex_rfi(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	return_to(cpu, ppc_classic_rfi_msr(cpu), (uint32_t)cpu->spr.SRR0);
}

/* Back from an event-based branch (book II 7.2.2). */
void ex_rfebb(PpcCpu *cpu, const PpcOp *op)
{
	if ((cpu->msr & MSR_PR) && !(cpu->spr.FSCR & BIT64(56)))
		ppc_raise_facility(cpu, 7);
	if (op->S20)
		cpu->spr.BESCR |= BIT64(0);
	else
		cpu->spr.BESCR &= ~BIT64(0);
	cpu->nip = cpu->spr.EBBRR & ~UINT64_C(3) & cpu->ea_mask;
	ppc_pmu_bescr_changed(cpu);
}

/* -------------------------------------------------- power saving, messages */

/* All power-saving levels wait for an interrupt; what is lost in deeper ones is not modelled. */
static void nap(PpcCpu *cpu)
{
	cpu->halted = true;
	atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

void ex_stop(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	nap(cpu);
}

void ex_nap(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	nap(cpu);
}

void ex_doze(PpcCpu *cpu, const PpcOp *op)
{
	ex_nap(cpu, op);
}
void ex_sleep(PpcCpu *cpu, const PpcOp *op)
{
	ex_nap(cpu, op);
}
void ex_rvwinkle(PpcCpu *cpu, const PpcOp *op)
{
	ex_nap(cpu, op);
}

/* Directed privileged doorbell: message type 5 to a thread of this core (we have one). */
void ex_msgsndp(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t v = cpu->gpr[op->RB];

	if ((v >> 27 & 31) != 5 || (v & 0x7f))
		return;
	atomic_fetch_or(&cpu->pending, PPC_PEND_DOORBELL);
	atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

void ex_msgclrp(PpcCpu *cpu, const PpcOp *op)
{
	if ((cpu->gpr[op->RB] >> 27 & 31) == 5)
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_DOORBELL);
}

/* Hypervisor doorbells: no model of ours has hypervisor state. */
void ex_msgsnd(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
}

void ex_msgclr(PpcCpu *cpu, const PpcOp *op)
{
	ex_msgsnd(cpu, op);
}
void ex_msgsync(PpcCpu *cpu, const PpcOp *op)
{
	ex_msgsnd(cpu, op);
}

/* The ultravisor's (3.0C): there is none either. */
void ex_msgsndu(PpcCpu *cpu, const PpcOp *op)
{
	ex_msgsnd(cpu, op);
}
void ex_msgclru(PpcCpu *cpu, const PpcOp *op)
{
	ex_msgsnd(cpu, op);
}
void ex_urfid(PpcCpu *cpu, const PpcOp *op)
{
	ex_msgsnd(cpu, op);
}
