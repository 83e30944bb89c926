/*
 * The FPSCR and generated code.
 *
 * Code does scalar arithmetic with the host's own instructions, while no exception is enabled; the host rounds as
 * FPSCR[RN] says.  Of the FPSCR it changes nothing: it leaves in cpu->fp_last what its last operation was, and
 * the host gathers whether any was inexact.  Where a result may mean more than that, ppc_fp_host_cannot() does the operation
 * and sets the exception bits.  From these the FPSCR is made exact when code is left, and before
 * an instruction that may look at it is called.
 */
#ifndef TARGET_PPC_FPU_JIT_H
#define TARGET_PPC_FPU_JIT_H

#include "target-ppc/cpu.h"

/* In PpcFpLast.fpcc: it is to be looked at, 0 as it may be. */
enum { PPC_FPCC_NOTED = 16 };

/* In PpcFpLast.kind: estimates, where other kinds are an IrOp. */
enum { PPC_FP_FRE = 0xf0, PPC_FP_FRES, PPC_FP_FRSQRTE, PPC_FP_FRSQRTES };
/* One of them, with its exceptions. */
uint64_t ppc_fp_estimate(PpcCpu *cpu, unsigned kind, uint64_t a);

/* What a unit was made for. */
typedef enum PpcFpKind {
	PPC_FP_FAST, /* no exceptions; of the negated operations also: rounding to the nearest or to 0 */
	PPC_FP_DIRECTED, /* no exceptions */
	PPC_FP_EXACT,	 /* anything: arithmetic is called */
} PpcFpKind;
/* The one that does now. */
PpcFpKind ppc_fp_kind(const PpcCpu *cpu);

/* VSCR[NJ]: for AltiVec denormals are zeros. */
bool ppc_fp_nj(const PpcCpu *cpu);

/*
 * Around C that host code may call and that might compute with floating point of its own (GLib's hash tables do,
 * when they grow or shrink): what it finds inexact is nothing to the guest.
 */
bool ppc_fp_host_state(void);
void ppc_fp_host_restore(bool inexact);
/* Before code runs: what the host has gathered so far does not count. */
void ppc_fp_begin(PpcCpu *cpu);
/* Makes the FPSCR exact. */
void ppc_fp_settle(PpcCpu *cpu);
/* The same when code has been left: the host rounds to the nearest again. */
void ppc_fp_end(PpcCpu *cpu);
/* JitTarget.fp; imm of FMADD, FMSUB, SMADD and SMSUB: 1: the code negates the result. */
uint64_t ppc_fp_host_cannot(void *env, unsigned op, uint32_t imm, uint64_t a, uint64_t b,
			    uint64_t c);
/* JitTarget.fpv */
u128 ppc_fpv_host_cannot(void *env, uint32_t imm, u128 a, u128 b, u128 c);

#endif
