/*
 * What host code does without leaving: new MSRs, processes and storage keys, and local flushes.  What is not
 * plain is left undone; the interpreter does it.
 *
 * Vcpu.own stops every unit at its entry until somebody has looked at what addresses of instructions mean now.  Here
 * that is done at once, unless it was to be done before.
 */
#include "base/log.h"
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/quick.h"
#include "target-ppc/unit.h"

/* Of the MSR, what is no part of the mode and chooses no translations. */
#define MSR_INERT                                                                                  \
	(MSR_POW | MSR_ILE | MSR_EE | MSR_ME | MSR_FE0 | MSR_FE1 | MSR_IP | MSR_PMM | MSR_RI)

void ppc_quick_look(PpcCpu *cpu, uint32_t own)
{
	/* Where all units go, the jump table still leads to them. */
	if (!own && cpu->vcpu.own && cpu->units && !ppc_units_all_go(cpu))
		ppc_units_view(cpu);
}

/* Has changed what was asked of `own` and the view before; true: the unit may go on where it is. */
static bool look(PpcCpu *cpu, uint32_t own, uint32_t view)
{
	if (own || !cpu->units)
		return false;
	ppc_units_view(cpu);
	return cpu->view == view;
}

bool ppc_quick_msr(PpcCpu *cpu, uint64_t msr, uint64_t to, bool interrupt)
{
	uint32_t own = cpu->vcpu.own;
	uint64_t old = cpu->msr;

	if (cpu->pmu_live || cpu->debug.stops || (msr & (MSR_TE_SE | MSR_TE_BE)) ||
	    (!(msr & MSR_SF) && to >> 32) || (interrupt && log_on(LOG_INT)))
		return false;
	/* An exception that waits for them. */
	if ((msr & (MSR_FE0 | MSR_FE1)) && (cpu->fpscr & FPSCR_ENABLES))
		return false;
	/* Nothing means anything else by it. */
	if (!((msr ^ old) & ~MSR_INERT)) {
		ppc_msr_asks(cpu, msr);
		return true;
	}
	cpu->msr = msr;
	ppc_state_changed(cpu);
	/* It is a slot, which the unit's exit writes: until then the unit may read the old one there. */
	cpu->msr = old;
	/* The exit goes by the view. */
	look(cpu, own, 0);
	return true;
}

static bool is_radix(const PpcCpu *cpu)
{
	return cpu->model->mmu == PPC_MMU_V3 && (cpu->spr.LPCR & LPCR_HR);
}

bool ppc_quick_key(PpcCpu *cpu, unsigned num, uint64_t v)
{
	uint32_t own = cpu->vcpu.own, view = cpu->view;

	/* The upper half's context stays: code may hold on to it. */
	if (!is_radix(cpu) || (cpu->msr & MSR_PR))
		return false;
	switch (num) {
	case PPC_QUICK_AMR: cpu->spr.AMR = v; break;
	case PPC_QUICK_IAMR: cpu->spr.IAMR = v; break;
	default: cpu->spr.PIDR = v; break;
	}
	cpu->epoch++;
	ppc_tlb_switch(cpu);
	if (!look(cpu, own, view))
		cpu->vcpu.own = 1;
	return true;
}

void ppc_quick_tlbiel(PpcCpu *cpu, uint64_t rb, uint64_t rs, unsigned ric)
{
	uint32_t own = cpu->vcpu.own, view = cpu->view;

	ppc_tlbiel_radix(cpu, rb, rs, ric);
	if (!look(cpu, own, view))
		cpu->vcpu.own = 1;
}

void ppc_quick_settle(PpcCpu *cpu)
{
	uint32_t own = cpu->vcpu.own;

	if (ppc_tlb_settle(cpu))
		ppc_quick_look(cpu, own);
}
