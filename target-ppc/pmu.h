/*
 * The performance monitor: counters, freezing, alerts, event-based branches.
 * Nothing is counted as it happens: a counter is its value at the last change of
 * what it counts, and how many events there were since (pmu.c).
 */
#ifndef TARGET_PPC_PMU_H
#define TARGET_PPC_PMU_H

#include "target-ppc/cpu.h"
#include "target-ppc/isa.h"

/* MMCR0, in its lower 32 bits alike on all models that have one. */
#define MMCR0_FC 0x80000000u
#define MMCR0_FCS 0x40000000u
#define MMCR0_FCP 0x20000000u
#define MMCR0_FCM1 0x10000000u
#define MMCR0_FCM0 0x08000000u
#define MMCR0_PMAE 0x04000000u /* older: PMXE, ENINT */
#define MMCR0_FCECE 0x02000000u
#define MMCR0_TBSEL 0x01800000u
#define MMCR0_TBEE 0x00400000u
#define MMCR0_PMC1CE 0x00008000u
#define MMCR0_PMCJCE 0x00004000u
#define MMCR0_TRIGGER 0x00002000u
/* Server only. */
#define MMCR0_BHRBA 0x00200000u
#define MMCR0_EBE 0x00100000u
#define MMCR0_PMCC 0x000c0000u
#define MMCR0_PMCC_NONE 0x00040000u
#define MMCR0_FCPC 0x00001000u
#define MMCR0_PMCCEXT 0x00000200u
#define MMCR0_CC56RUN 0x00000100u
#define MMCR0_PMAO 0x00000080u /* 970 too */
#define MMCR0_FC14 0x00000020u
#define MMCR0_FC56 0x00000010u
#define MMCR0_FC14WAIT 0x00000002u

/* A register of the monitor as mfspr, mtspr and boards see it. */
uint64_t ppc_pmu_read(PpcCpu *cpu, const PpcSprInfo *i);
void ppc_pmu_write(PpcCpu *cpu, const PpcSprInfo *i, uint64_t v);
/* Problem state: raises what MMCR0[PMCC] says of an access that is not allowed. */
void ppc_pmu_check(PpcCpu *cpu, unsigned num, bool write);
/* BESCR was written, or a rfebb executed. */
void ppc_pmu_bescr_changed(PpcCpu *cpu);

/* MSR changed (only to be called while pmu_live). */
void ppc_pmu_msr_changed(PpcCpu *cpu);
/* The timebase jumps: before and after. */
void ppc_pmu_tb_before(PpcCpu *cpu);
void ppc_pmu_tb_after(PpcCpu *cpu);
/* Between instructions (only while pmu_live): alerts, and shortens the slice to the next one. */
void ppc_pmu_serve(PpcCpu *cpu);

void ppc_pmu_init(PpcCpu *cpu);
void ppc_pmu_free(PpcCpu *cpu);
/* Recomputes what follows from the registers, after a reset or a load. */
void ppc_pmu_derive(PpcCpu *cpu);
/* Instructions completed since the reset, as an instruction reads it. */
uint64_t ppc_pmu_completed(const PpcCpu *cpu);
/* What counter n (1 to 8) reads; for people. */
uint32_t ppc_pmu_counter(PpcCpu *cpu, unsigned n);

#endif
