/*
 * Interrupts of Book3S-64 CPUs, Power ISA 3.0B book III chapter 7 (2.07:
 * book III-S chapter 6).
 *
 * Not modelled: hypervisor interrupts but that of HDEC (HDSI, HISI, HEMUL: the
 * board plays hypervisor); SDAR stays as it is in trace interrupts.  Imprecise floating-point
 * modes are precise, as the book allows: SRR1 bit 47 of a program interrupt is 1
 * only where mtmsr or a return from an interrupt sets FE0 or FE1 too late.
 */
#include <inttypes.h>
#include "base/log.h"
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/debug.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/isa.h"
#include "target-ppc/pmu.h"

/* SRR1 bits that an interrupt sets itself: 33-36 and 42-47. */
#define SRR1_OWN 0x783f0000ull
#define LPCR_AIL_3 0x01800000ull
#define PPC_MMCR0_PMAE BIT64(37)
#define PPC_WORD_ISYNC 0x4c00012cu
#define AIL_BASE 0xc000000000004000ull

static const char *name_of(unsigned v)
{
	static const struct {
		unsigned v;
		const char *name;
	} names[] = {
		{ PPC_V_RESET, "system reset" },
		{ PPC_V_MCHECK, "machine check" },
		{ PPC_V_DSI, "data storage" },
		{ PPC_V_DSEG, "data segment" },
		{ PPC_V_ISI, "instruction storage" },
		{ PPC_V_ISEG, "instruction segment" },
		{ PPC_V_EXT, "external" },
		{ PPC_V_ALIGN, "alignment" },
		{ PPC_V_PROGRAM, "program" },
		{ PPC_V_FPU, "FP unavailable" },
		{ PPC_V_DEC, "decrementer" },
		{ PPC_V_HDEC, "hypervisor decrementer" },
		{ PPC_V_DOORBELL, "doorbell" },
		{ PPC_V_SC, "system call" },
		{ PPC_V_TRACE, "trace" },
		{ PPC_V_PMI, "performance monitor" },
		{ PPC_V_VEC, "vector unavailable" },
		{ PPC_V_VSX, "VSX unavailable" },
		{ PPC_V_FACILITY, "facility unavailable" },
		{ 0x1000, "instruction TLB miss" },
		{ 0x1100, "load TLB miss" },
		{ 0x1200, "store TLB miss" },
		{ PPC_V_IABR, "instruction address breakpoint" },
		{ 0x1400, "system management" },
		{ 0x1700, "thermal management" },
		{ PPC_V_SCV, "system call vectored" },
	};

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].v == v)
			return names[i].name;
	return "?";
}

/* MSR of the handler: figure 65 of 3.0B. */
static uint64_t handler_msr(const PpcCpu *cpu, unsigned vector)
{
	uint64_t msr = MSR_SF | (cpu->msr & (MSR_HV | MSR_ME));

	if (cpu->spr.LPCR & LPCR_ILE)
		msr |= MSR_LE;
	if (vector == PPC_V_MCHECK)
		msr &= ~MSR_ME;
	return msr;
}

/* Alternate interrupt location: translation stays on, 0xc000...4000 is added. */
static bool ail(const PpcCpu *cpu, unsigned vector)
{
	return (cpu->spr.LPCR & LPCR_AIL) == LPCR_AIL_3 && vector != PPC_V_RESET &&
	       vector != PPC_V_MCHECK && (cpu->msr & (MSR_IR | MSR_DR)) == (MSR_IR | MSR_DR);
}

static void deliver(PpcCpu *cpu, unsigned vector, uint64_t srr0, uint64_t srr1_bits)
{
	uint64_t msr;

	if (log_on(LOG_INT))
		log_line("int: cpu %u %s (0x%x) at 0x%" PRIx64 ", msr 0x%" PRIx64
			 ", srr1 bits 0x%" PRIx64 ", dar 0x%" PRIx64 ", dsisr 0x%" PRIx64,
			 cpu->index, name_of(vector), vector, srr0, cpu->msr, srr1_bits,
			 cpu->spr.DAR, cpu->spr.DSISR);
	if (ppc_is_classic(cpu)) {
		ppc_classic_deliver(cpu, vector, srr0, srr1_bits);
		return;
	}
	msr = handler_msr(cpu, vector);
	cpu->spr.SRR0 = srr0;
	cpu->spr.SRR1 = (cpu->msr & ~SRR1_OWN) | srr1_bits;
	cpu->nip = vector;
	if (ail(cpu, vector)) {
		msr |= MSR_IR | MSR_DR;
		cpu->nip += AIL_BASE;
	}
	cpu->msr = msr;
	ppc_state_changed(cpu);
}

/* The byte order of handlers in hypervisor state: HILE, in HID0 (POWER8 and POWER9 manuals). */
static bool hile(const PpcCpu *cpu)
{
	return cpu->spr.HID0 & (cpu->model->excp == PPC_EXCP_P8 ? BIT64(19) : BIT64(4));
}

/*
 * An interrupt that goes to hypervisor state: HSRR0 and HSRR1; ME and RI stay.  The
 * alternate location is for one that comes from there (figure 65, LPCR[AIL]).
 */
static void deliver_hv(PpcCpu *cpu, unsigned vector)
{
	uint64_t msr = MSR_SF | MSR_HV | (cpu->msr & (MSR_ME | MSR_RI));
	bool alt = (cpu->msr & MSR_HV) && ail(cpu, vector);

	if (log_on(LOG_INT))
		log_line("int: cpu %u %s (0x%x) at 0x%" PRIx64 ", msr 0x%" PRIx64, cpu->index,
			 name_of(vector), vector, cpu->nip, cpu->msr);
	cpu->spr.HSRR0 = cpu->nip;
	cpu->spr.HSRR1 = cpu->msr & ~SRR1_OWN;
	cpu->nip = alt ? AIL_BASE + vector : vector;
	cpu->msr = msr | (hile(cpu) ? MSR_LE : 0) | (alt ? MSR_IR | MSR_DR : 0);
	ppc_state_changed(cpu);
}

/* 3.1 book III 7.5: SRR1 bit 34 of what a prefixed instruction causes. */
static uint64_t prefixed(const PpcOp *op)
{
	return op->len == 8 ? PPC_SRR1_PREFIXED : 0;
}

/* At the instruction under way; it leaves no trace but the interrupt. */
G_NORETURN static void raise_at_cia(PpcCpu *cpu, unsigned vector, uint64_t srr1_bits)
{
	srr1_bits |= prefixed(cpu->cur);
	cpu->undone++;
	deliver(cpu, vector, ppc_cia(cpu), srr1_bits);
	ppc_leave_raised(cpu);
}

void ppc_raise_program(PpcCpu *cpu, uint64_t srr1_bits)
{
	raise_at_cia(cpu, PPC_V_PROGRAM, srr1_bits);
}

void ppc_raise_program_after(PpcCpu *cpu, uint64_t srr1_bits)
{
	deliver(cpu, PPC_V_PROGRAM, cpu->nip, srr1_bits | PPC_PROG_AFTER);
	ppc_leave_raised(cpu);
}

void ppc_raise_vector(PpcCpu *cpu, PpcVector v)
{
	raise_at_cia(cpu, v, 0);
}

void ppc_raise_alignment(PpcCpu *cpu, uint64_t ea)
{
	cpu->spr.DAR = ea;
	/* 3.0B 7.5.8: not set; 2.07 leaves it undefined. */
	cpu->spr.DSISR = ppc_is_classic(cpu) ? ppc_align_dsisr(cpu->cur->word) : 0;
	raise_at_cia(cpu, PPC_V_ALIGN, 0);
}

void ppc_raise_boundary(PpcCpu *cpu)
{
	cpu->spr.DAR = ppc_cia(cpu);
	cpu->spr.DSISR = 0;
	raise_at_cia(cpu, PPC_V_ALIGN, PPC_SRR1_BOUNDARY);
}

void ppc_raise_dsi(PpcCpu *cpu, uint64_t ea, uint32_t dsisr)
{
	cpu->spr.DAR = ea;
	cpu->spr.DSISR = dsisr;
	raise_at_cia(cpu, PPC_V_DSI, 0);
}

void ppc_raise_facility(PpcCpu *cpu, unsigned cause)
{
	/* FSCR bits 0-7: the interruption cause (book III 7.3.2). */
	cpu->spr.FSCR = (cpu->spr.FSCR & (UINT64_MAX >> 8)) | (uint64_t)cause << 56;
	raise_at_cia(cpu, PPC_V_FACILITY, 0);
}

void ppc_raise_sc(PpcCpu *cpu, unsigned lev)
{
	uint64_t next = (ppc_cia(cpu) + 4) & cpu->ea_mask;

	(void)lev;
	deliver(cpu, PPC_V_SC, next, 0);
	ppc_leave_raised(cpu);
}

/* scv: LR and CTR instead of SRR0 and SRR1; EE and RI stay (book III 7.5.29). */
void ppc_raise_scv(PpcCpu *cpu, unsigned lev)
{
	uint64_t msr = handler_msr(cpu, PPC_V_SCV) | (cpu->msr & (MSR_EE | MSR_RI));

	if (!(cpu->spr.FSCR & BIT64(51)))
		ppc_raise_facility(cpu, 12);
	cpu->lr = (ppc_cia(cpu) + 4) & cpu->ea_mask;
	cpu->ctr = cpu->msr & ~SRR1_OWN;
	if (ail(cpu, PPC_V_SCV)) {
		msr |= MSR_IR | MSR_DR;
		cpu->nip = 0xc000000000003000ull + lev * 32;
	} else {
		cpu->nip = 0x17000 + lev * 32;
	}
	if (log_on(LOG_INT))
		log_line("int: cpu %u scv %u at 0x%" PRIx64, cpu->index, lev, cpu->lr - 4);
	cpu->msr = msr;
	ppc_state_changed(cpu);
	ppc_leave_raised(cpu);
}

void ppc_raise_mcheck(PpcCpu *cpu, uint64_t ea)
{
	uint64_t at = cpu->cur_block || cpu->single ? ppc_cia(cpu) : cpu->nip;

	cpu->undone++;
	if (ppc_is_classic(cpu)) {
		if (!(cpu->msr & MSR_ME))
			ppc_checkstop(cpu, at);
		else
			deliver(cpu, PPC_V_MCHECK, at, PPC_SRR1_TEA);
		ppc_leave_raised(cpu);
	}
	cpu->spr.DAR = ea;
	cpu->spr.DSISR = 0x8000; /* POWER8 and 9: an uncorrectable load or store */
	deliver(cpu, PPC_V_MCHECK, at, BIT64(42));
	ppc_leave_raised(cpu);
}

void ppc_raise_fault(PpcCpu *cpu, uint64_t ea, PpcAccess acc, const PpcFault *f)
{
	if (f->vector >= PPC_V_7XX_TRANS) {
		uint64_t srr1 = ppc_soft_tlb_miss(cpu, ea, acc);

		cpu->undone++;
		deliver(cpu, f->vector, acc == PPC_FETCH ? ea : ppc_cia(cpu), srr1);
		ppc_leave_raised(cpu);
	}
	if (acc == PPC_FETCH) {
		cpu->undone++;
		deliver(cpu, f->vector, ea, f->bits);
		ppc_leave_raised(cpu);
	}
	cpu->spr.DAR = ea;
	if (f->vector == PPC_V_DSI)
		cpu->spr.DSISR = f->bits;
	raise_at_cia(cpu, f->vector, 0);
}

/*
 * SRR1 of a trace interrupt: 33 is 1, 35 and 36 say load and store, 43 a match of
 * CIABR (then 35 and 36 are 0).  The 604 has the first three at the same places (its
 * manual 4.5.11), and the 970 is taken to do as both; the others say nothing.
 */
static uint64_t trace_bits(const PpcCpu *cpu, const PpcOp *op, bool match)
{
	uint64_t bits = prefixed(op) | BIT64(33);

	if (ppc_is_classic(cpu) && !(cpu->model->spr_set & (PPC_SPRSET_S604 | PPC_SPRSET_S970)))
		return 0;
	if (match)
		return bits | BIT64(43);
	if (op->flags & PPC_INSN_LOAD)
		bits |= BIT64(35);
	if (op->flags & PPC_INSN_STORE)
		bits |= BIT64(36);
	return bits;
}

/* 603, 7xx and 74xx do not trace isync, which the architecture does not exclude. */
static bool traced(const PpcCpu *cpu, const PpcOp *op)
{
	if (op->flags & PPC_INSN_UNTRACED)
		return false;
	return !(cpu->model->spr_set & PPC_SPRSET_S6) || (cpu->model->spr_set & PPC_SPRSET_S604) ||
	       op->word != PPC_WORD_ISYNC;
}

/* Trace and breakpoints after a completed instruction (book III 7.5.15; PEM 6.4.11). */
void ppc_trace(PpcCpu *cpu, uint32_t mode, uint64_t ea, const PpcOp *op)
{
	bool match = (mode & PPC_MODE_BREAK_AFTER) && ea == cpu->debug.stop;

	/* The 604 breaks behind the instruction. */
	if (match && ppc_is_classic(cpu)) {
		deliver(cpu, PPC_V_IABR, cpu->nip, 0);
		return;
	}
	if (!traced(cpu, op) || (!match && !(mode & PPC_MODE_SE) &&
				 !((mode & PPC_MODE_BE) && (op->flags & PPC_INSN_BRANCH))))
		return;
	/* A breakpoint at what comes next goes first (603e manual 4.5.14). */
	if ((cpu->mode & PPC_MODE_BREAK_BEFORE) && cpu->nip == cpu->debug.stop) {
		deliver(cpu, PPC_V_IABR, cpu->nip, 0);
		return;
	}
	if (!ppc_is_classic(cpu) && !(cpu->spr.MMCR0 & PPC_MMCR0_PMAE))
		cpu->spr.SIAR = ea;
	deliver(cpu, PPC_V_TRACE, cpu->nip, trace_bits(cpu, op, match));
}

/* -------------------------------------------------- asynchronous ones */

/* Would an existing exception of HDEC interrupt?  Book III, "Hypervisor Decrementer Interrupt". */
static bool hdec_enabled(const PpcCpu *cpu)
{
	return (cpu->spr.LPCR & LPCR_HDICE) &&
	       ((cpu->msr & (MSR_EE | MSR_PR)) || !(cpu->msr & MSR_HV));
}

bool ppc_wants_wake(const PpcCpu *cpu)
{
	uint32_t p = atomic_load(&cpu->pending);

	if (unlikely(p & PPC_PEND_HDEC) && !hdec_enabled(cpu))
		p &= ~(uint32_t)PPC_PEND_HDEC;
	return p != 0;
}

void ppc_deliver_pending(PpcCpu *cpu)
{
	uint32_t p = atomic_load_explicit(&cpu->pending, memory_order_relaxed);
	unsigned vector;

	if (likely(!p))
		return;
	if (ppc_is_classic(cpu)) {
		uint64_t srr1 = 0;

		vector = ppc_classic_pending(cpu, p, &srr1);
		if (vector)
			deliver(cpu, vector, cpu->nip, srr1);
		return;
	}
	if (unlikely(p == PPC_PEND_HDEC) && !hdec_enabled(cpu))
		return;
	cpu->halted = false;
	if (p & PPC_PEND_RESET) {
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_RESET);
		deliver(cpu, PPC_V_RESET, cpu->nip, 0);
		return;
	}
	if ((p & PPC_PEND_MCHECK) && (cpu->msr & MSR_ME)) {
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_MCHECK);
		deliver(cpu, PPC_V_MCHECK, cpu->nip, 0);
		return;
	}
	if (unlikely(p & PPC_PEND_HDEC) && hdec_enabled(cpu)) {
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_HDEC);
		deliver_hv(cpu, PPC_V_HDEC);
		return;
	}
	if (!(cpu->msr & MSR_EE))
		return;
	if (p & PPC_PEND_EXT) {
		vector = PPC_V_EXT;
	} else if (p & PPC_PEND_DEC) {
		vector = PPC_V_DEC;
		if (!cpu->model->dec_level)
			atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_DEC);
	} else if (p & PPC_PEND_DOORBELL) {
		vector = PPC_V_DOORBELL;
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_DOORBELL);
	} else if (p & PPC_PEND_PMI) {
		vector = PPC_V_PMI; /* while MMCR0[PMAO] is 1 */
	} else {
		return;
	}
	deliver(cpu, vector, cpu->nip, 0);
}

/* ----------------------------------------------------------------- MSR */

void ppc_msr_write(PpcCpu *cpu, uint64_t v)
{
	uint64_t mask = cpu->model->msr_mask;

	if (ppc_is_classic(cpu)) {
		ppc_classic_msr_write(cpu, v);
		return;
	}
	/* HV is nobody's to write where the board plays hypervisor. */
	mask |= cpu->board->vhyp ? 0 : MSR_HV;
	v = (v & mask) | (cpu->msr & ~mask);
	/* Book III 4.2.1: PR = 1 implies EE, IR and DR. */
	if (v & MSR_PR)
		v |= MSR_EE | MSR_IR | MSR_DR;
	cpu->msr = v;
	ppc_state_changed(cpu);
}

void ppc_msr_asks(PpcCpu *cpu, uint64_t msr)
{
	uint32_t p = atomic_load_explicit(&cpu->pending, memory_order_relaxed);

	if (p && ((msr & MSR_EE) || (p & PPC_PEND_HDEC)))
		atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

void ppc_state_changed(PpcCpu *cpu)
{
	uint32_t mode = 0;
	uint64_t m = cpu->msr;

	mode |= m & MSR_PR ? PPC_MODE_PR : 0;
	mode |= m & MSR_LE ? PPC_MODE_LE : 0;
	mode |= m & MSR_FP ? PPC_MODE_FP : 0;
	mode |= m & MSR_VEC ? PPC_MODE_VEC : 0;
	mode |= m & MSR_VSX ? PPC_MODE_VSX : 0;
	mode |= m & MSR_TM ? PPC_MODE_TM : 0;
	mode |= m & MSR_HV ? PPC_MODE_HV : 0;
	mode |= m & MSR_TE_SE ? PPC_MODE_SE : 0;
	mode |= m & MSR_TE_BE ? PPC_MODE_BE : 0;
	mode |= m & MSR_SF ? PPC_MODE_SF : 0;
	mode |= m & MSR_DR ? PPC_MODE_DR : 0;
	mode |= !(m & MSR_PR) || cpu->spr.FSCR & PPC_FSCR_PREFIX ? PPC_MODE_PREFIX : 0;
	if (unlikely(cpu->debug.stops))
		mode |= ppc_debug_mode(cpu);
	cpu->mode = mode;
	cpu->le = (m & MSR_LE) && !ppc_is_swizzled(cpu);
	cpu->ea_mask = m & MSR_SF ? UINT64_MAX : UINT32_MAX;
	/* Whoever leaves 64-bit mode goes on in the lower 4 GiB. */
	cpu->nip &= cpu->ea_mask;
	ppc_new_epoch(cpu);
	ppc_tlb_switch(cpu);
	if (unlikely(cpu->pmu_live))
		ppc_pmu_msr_changed(cpu);
	ppc_msr_asks(cpu, m);
}
