/*
 * What 6xx, 7xx, 74xx and 970 do otherwise than POWER8 and later: interrupts
 * and MSR (excp_32.c), 32-bit translation (mmu_32.c).  The common code asks
 * ppc_is_classic() and comes here.
 */
#ifndef TARGET_PPC_CLASSIC_H
#define TARGET_PPC_CLASSIC_H

#include "target-ppc/cpu.h"
#include "target-ppc/tlb.h"

/* Any model before POWER7, 970 among them. */
static inline bool ppc_is_classic(const PpcCpu *cpu)
{
	return cpu->model->excp <= PPC_EXCP_970;
}

/* A 32-bit model's little-endian mode: addresses are swizzled, bytes stay (mmu_32.c). */
static inline bool ppc_is_swizzled(const PpcCpu *cpu)
{
	return (cpu->msr & MSR_LE) && ppc_is_classic(cpu);
}

/* HID0 of 603, 7xx, 74xx. */
#define HID0_TBEN 0x04000000u	  /* 7450: timebase and decrementer run */
#define HID0_STEN 0x01000000u	  /* 7450: software table search */
#define HID0_DOZE 0x00800000u	  /* not 7450 */
#define HID0_HIGH_BAT 0x00800000u /* 7447 */
#define HID0_NAP 0x00400000u
#define HID0_SLEEP 0x00200000u
#define HID0_XAEN 0x00020000u /* 7450: 36-bit real addresses */
#define HID0_DCE 0x00004000u  /* data cache: enabled, locked */
#define HID0_DLOCK 0x00001000u
#define HID0_CACHE 0x00000c00u /* ICFI, DCFI: flash invalidates, done at once */
#define HID0_XBSEN 0x00000100u /* 7447: large BAT blocks */

/* ---- excp_32.c ---- */

/* Vector, SRR0 and SRR1 bits (33-36, 42-47) of an interrupt. */
void ppc_classic_deliver(PpcCpu *cpu, unsigned vector, uint64_t srr0, uint64_t srr1_bits);
/* Which of the pending ones (not 0) is to be taken, 0 for none; it is pending no more if an edge. */
unsigned ppc_classic_pending(PpcCpu *cpu, uint32_t pending, uint64_t *srr1_bits);
/* MSR as rfi, mtmsr and boards write it: `v` within the model's bits. */
void ppc_classic_msr_write(PpcCpu *cpu, uint64_t v);
/* MSR that rfi leaves behind. */
uint64_t ppc_classic_rfi_msr(const PpcCpu *cpu);
/* State after a reset, where it is not all zero. */
void ppc_classic_reset(PpcCpu *cpu);
/* DSISR of an alignment interrupt. */
uint32_t ppc_align_dsisr(uint32_t word);
/* A machine check with MSR[ME] = 0: the CPU stops until it is reset. */
void ppc_checkstop(PpcCpu *cpu, uint64_t nip);
/* SRR1 of a machine check by an access that nothing answers. */
#define PPC_SRR1_TEA UINT64_C(0x00040000)
/* Starts the timebase, or stops it where HID0[TBEN] of a 7450 is 0. */
void ppc_classic_time(PpcCpu *cpu);
/* Side effects of writes. */
void ppc_classic_wrote_hid0(PpcCpu *cpu);
void ppc_classic_wrote_cache(PpcCpu *cpu);
void ppc_classic_wrote_thrm(PpcCpu *cpu);

/* ---- mmu_32.c ---- */

bool ppc_walk_32(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f);
void ppc_sets_init(PpcCpu *cpu);
void ppc_sets_free(PpcCpu *cpu);
/* Segment registers, BATs or what changes their meaning were written. */
void ppc_seg_changed(PpcCpu *cpu);
/* Of them segment register n alone, which holds another value now. */
void ppc_sr_changed(PpcCpu *cpu, unsigned n);
/* An instruction at ea was found through its segment. */
void ppc_code_in_segment(PpcCpu *cpu, uint64_t ea);
/* ppc_tlb_switch() of 32-bit models. */
void ppc_tlb_switch_32(PpcCpu *cpu);
/* Makes the contexts of the present registers current; true: they were not. */
bool ppc_tlb_settle(PpcCpu *cpu);
/* A fetch while they are not: true when it should be done without a context. */
bool ppc_tlb_passing_fetch(PpcCpu *cpu);
/* tlbie: one congruence class of every segment. */
void ppc_tlbie_32(PpcCpu *cpu, uint64_t ea);
/* tlbld, tlbli. */
void ppc_soft_tlb_load(PpcCpu *cpu, uint64_t ea, bool code);
/* Sets the registers that tell the handler of a miss; returns SRR1 bits. */
uint64_t ppc_soft_tlb_miss(PpcCpu *cpu, uint64_t ea, PpcAccess acc);

#endif
