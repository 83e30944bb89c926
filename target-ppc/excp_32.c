/*
 * Interrupts, MSR and reset of 6xx, 7xx, 74xx (32 bits) and the 970: "The
 * Programming Environments for 32-Bit Microprocessors" (PEM) chapter 6, and
 * chapter 4 of each chip's user manual.
 *
 * What differs from POWER8: vectors move with MSR[IP] (970: with HIOR); MSR[ILE]
 * gives the byte order of handlers; the decrementer is an edge; alignment
 * interrupts describe the instruction in DSISR; a machine check without
 * MSR[ME] stops the processor; MSR[POW] with a mode chosen in HID0 sleeps until
 * an interrupt; 603 handlers of TLB misses see other GPR0 to GPR3.
 *
 * Not modelled: the 74xx's vector assist interrupt (0x1600: in Java mode the
 * chip leaves most denormals to a handler, MPC7400 manual 4.6.16 and 7.1.3.2;
 * here they are computed), cache parity and the like.  Doze and nap are one;
 * sleep stops the timebase as well.  The thermal unit says 24 degrees.  HDEC of the
 * 970 counts without an interrupt, which would go to the hypervisor state it does not have.
 */
#include <inttypes.h>
#include "base/log.h"
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/timebase.h"

/* SRR1 bits that an interrupt sets itself: 1-4 and 10-15 of 32. */
#define SRR1_OWN 0x783f0000ull
/* PEM rfi: bits 0, 5-9, 16-31. */
#define RFI_BITS 0x87c0ffffull
#define SRR1_MCP 0x00080000ull /* machine check by its pin */

enum { V_SMI = 0x1400, V_THERM = 0x1700, TEMPERATURE = 24 };

static bool is_970(const PpcCpu *cpu)
{
	return cpu->model->excp == PPC_EXCP_970;
}

static bool is_603(const PpcCpu *cpu)
{
	return cpu->model->spr_set & PPC_SPRSET_S603;
}

static bool is_7450(const PpcCpu *cpu)
{
	return cpu->model->spr_set & PPC_SPRSET_S7450;
}

static bool is_tlb_miss(unsigned vector)
{
	return vector >= PPC_V_7XX_TRANS && vector <= 0x1200;
}

/* ------------------------------------------------------------ delivery */

static uint64_t handler_msr(const PpcCpu *cpu, unsigned vector)
{
	uint64_t msr;

	if (is_970(cpu))
		return MSR_SF | (vector == PPC_V_MCHECK ? 0 : cpu->msr & MSR_ME);
	msr = cpu->msr & (MSR_ILE | MSR_ME | MSR_IP);
	if (msr & MSR_ILE)
		msr |= MSR_LE;
	if (vector == PPC_V_MCHECK)
		msr &= ~MSR_ME;
	if (is_603(cpu) && is_tlb_miss(vector))
		msr |= MSR_TGPR;
	return msr;
}

/* 603: the four temporary registers change places with the others. */
static void set_msr(PpcCpu *cpu, uint64_t msr)
{
	if ((cpu->msr ^ msr) & MSR_TGPR)
		for (unsigned i = 0; i < 4; i++) {
			uint64_t t = cpu->gpr[i];

			cpu->gpr[i] = cpu->tgpr[i];
			cpu->tgpr[i] = t;
		}
	cpu->msr = msr;
	ppc_state_changed(cpu);
}

void ppc_classic_deliver(PpcCpu *cpu, unsigned vector, uint64_t srr0, uint64_t srr1_bits)
{
	uint64_t msr = handler_msr(cpu, vector), base;

	base = is_970(cpu) ? cpu->spr.HIOR : cpu->msr & MSR_IP ? 0xfff00000 : 0;
	/* A 603's miss puts CR0 into SRR1 bits 0-3 as well. */
	cpu->spr.SRR1 = (cpu->msr & ~SRR1_OWN) | srr1_bits;
	cpu->spr.SRR0 = srr0;
	if (!is_970(cpu)) {
		cpu->spr.SRR0 = (uint32_t)srr0;
		cpu->spr.SRR1 = (uint32_t)cpu->spr.SRR1;
	}
	cpu->nip = base | vector;
	set_msr(cpu, msr);
}

uint32_t ppc_align_dsisr(uint32_t word)
{
	unsigned po = word >> 26;
	uint32_t v = word >> 16 & 0x3ff; /* 22-31: instruction bits 6-15 */

	if (po == 31) { /* 15-16: 29-30, 17: 25, 18-21: 21-24 */
		v |= (word >> 1 & 3) << 15;
		v |= (word >> 6 & 1) << 14;
		v |= (word >> 7 & 15) << 10;
	} else { /* 17: 5, 18-21: 1-4; DS forms: 12-13: 30-31 */
		v |= (po & 1) << 14;
		v |= (po >> 1 & 15) << 10;
		if (po == 58 || po == 62)
			v |= (word & 3) << 18;
	}
	return v;
}

void ppc_checkstop(PpcCpu *cpu, uint64_t nip)
{
	log_guest("cpu %u: machine check at 0x%" PRIx64 " with MSR[ME] = 0: checkstop", cpu->index,
		  nip);
	cpu->nip = nip;
	cpu->quiesced = true;
	atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

/* ---------------------------------------------------- asynchronous ones */

static bool take(PpcCpu *cpu, uint32_t bit)
{
	return atomic_fetch_and(&cpu->pending, ~bit) & bit;
}

/* By priority (each manual's table 4-3): those that MSR[EE] does not mask come first. */
unsigned ppc_classic_pending(PpcCpu *cpu, uint32_t p, uint64_t *srr1)
{
	cpu->halted = false;
	if (unlikely(cpu->tb_stopped))
		ppc_classic_time(cpu);
	if ((p & PPC_PEND_MCHECK) && take(cpu, PPC_PEND_MCHECK)) {
		*srr1 = SRR1_MCP;
		if (cpu->msr & MSR_ME)
			return PPC_V_MCHECK;
		ppc_checkstop(cpu, cpu->nip);
		return 0;
	}
	if ((p & PPC_PEND_RESET) && take(cpu, PPC_PEND_RESET))
		return PPC_V_RESET;
	if (!(cpu->msr & MSR_EE))
		return 0;
	if ((p & PPC_PEND_SMI) && !is_970(cpu))
		return V_SMI;
	if (p & PPC_PEND_EXT)
		return PPC_V_EXT;
	if ((p & PPC_PEND_PMI) && (is_970(cpu) || take(cpu, PPC_PEND_PMI)))
		return PPC_V_PMI;
	/* An edge whose timer is still on its way is the same exception as the one pending. */
	if ((p & PPC_PEND_DEC) && !cpu->model->dec_level)
		ppc_time_update(cpu);
	if ((p & PPC_PEND_DEC) && (cpu->model->dec_level || take(cpu, PPC_PEND_DEC)))
		return PPC_V_DEC;
	if ((p & PPC_PEND_THERM) && take(cpu, PPC_PEND_THERM))
		return V_THERM;
	return 0;
}

/* ----------------------------------------------------------------- MSR */

/* Does MSR[POW] put the processor to sleep? */
static bool sleeps(const PpcCpu *cpu)
{
	uint64_t hid0 = cpu->spr.HID0;

	if (is_970(cpu))
		return hid0 & (BIT64(7) | BIT64(8) | BIT64(9)); /* deep nap, doze, nap */
	if (is_7450(cpu))
		return hid0 & (HID0_NAP | HID0_SLEEP);
	if (cpu->model->spr_set & PPC_SPRSET_S604)
		return true; /* 604: nap is its only mode and not chosen */
	return hid0 & (HID0_DOZE | HID0_NAP | HID0_SLEEP);
}

/* Sleep mode, and none that keeps more running: the timebase stops too. */
static bool sleeps_deep(const PpcCpu *cpu)
{
	uint64_t hid0 = cpu->spr.HID0;

	if (is_970(cpu) || (cpu->model->spr_set & PPC_SPRSET_S604))
		return false;
	return (hid0 & HID0_SLEEP) && !(hid0 & HID0_NAP) && (is_7450(cpu) || !(hid0 & HID0_DOZE));
}

void ppc_classic_time(PpcCpu *cpu)
{
	ppc_tb_run(cpu, !is_7450(cpu) || (cpu->spr.HID0 & HID0_TBEN));
}

void ppc_classic_msr_write(PpcCpu *cpu, uint64_t v)
{
	v = (v & cpu->model->msr_mask) | (cpu->msr & ~cpu->model->msr_mask);
	if (is_970(cpu) && (v & MSR_PR))
		v |= MSR_EE | MSR_IR | MSR_DR;
	if ((v & MSR_POW) && !(cpu->msr & MSR_POW) && sleeps(cpu)) {
		cpu->halted = true;
		if (sleeps_deep(cpu))
			ppc_tb_run(cpu, false);
		atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
	}
	set_msr(cpu, v);
}

/* POW and, on the 603, TGPR end with rfi; ILE stays. */
uint64_t ppc_classic_rfi_msr(const PpcCpu *cpu)
{
	return (cpu->spr.SRR1 & RFI_BITS) |
	       (cpu->msr & ~(RFI_BITS | MSR_POW | MSR_TGPR) & UINT32_MAX);
}

/* Hard reset: vectors at 0xfff00000 (each manual's table of reset settings). */
void ppc_classic_reset(PpcCpu *cpu)
{
	bool ip = cpu->model->msr_mask & MSR_IP;

	cpu->msr = is_970(cpu) ? MSR_SF : ip ? MSR_IP : 0;
	cpu->nip = PPC_V_RESET | (ip ? 0xfff00000 : 0);
	cpu->vscr = cpu->features & PPC_F_VMX ? 0x10000 : 0; /* NJ */
	cpu->spr.MMCR0 = 0;
	cpu->spr.PIR = cpu->index;
}

/* ------------------------------------------------------- special registers */

void ppc_classic_wrote_hid0(PpcCpu *cpu)
{
	const PpcFlush all = { .kind = PPC_FLUSH_ALL };

	/* The 750 leaves these to software; later ones clear them when done. */
	if (cpu->model->spr_set & (PPC_SPRSET_S7400 | PPC_SPRSET_S7450))
		cpu->spr.HID0 &= ~(uint64_t)HID0_CACHE;
	if (!is_7450(cpu))
		return;
	ppc_classic_time(cpu);
	ppc_tlb_do(cpu, &all);
	ppc_state_changed(cpu);
}

/* Cache controls: invalidating and flushing are done as soon as they are asked for. */
void ppc_classic_wrote_cache(PpcCpu *cpu)
{
	cpu->spr.MSSCR0 &= ~UINT64_C(0x00800000); /* DL1HWF */
	cpu->spr.L3CR &= ~UINT64_C(0x00000c00);	  /* L3HWF, L3I */
	if (is_7450(cpu))
		cpu->spr.L2CR &= ~UINT64_C(0x00200800); /* L2I, L2HWF */
}

/*
 * Thermal assist unit (750 manual 10.3): a valid threshold (V, bit 31) is
 * compared with the junction's temperature while THRM3[E] is 1; TIN (bit 0)
 * says that it is crossed, upwards or (TID, bit 29) downwards, TIV (bit 1)
 * that TIN is true.
 */
void ppc_classic_wrote_thrm(PpcCpu *cpu)
{
	uint64_t *const regs[] = { &cpu->spr.THRM1, &cpu->spr.THRM2 };

	for (unsigned i = 0; i < ARRAY_LEN(regs); i++) {
		uint64_t v = *regs[i] & ~UINT64_C(0xc0000000);
		unsigned limit = v >> 23 & 0x7f;
		bool crossed = v & 4 ? TEMPERATURE < limit : TEMPERATURE > limit;

		if ((v & 1) && (cpu->spr.THRM3 & 1))
			v |= UINT64_C(0x40000000) | (crossed ? UINT64_C(0x80000000) : 0);
		*regs[i] = v;
	}
}
