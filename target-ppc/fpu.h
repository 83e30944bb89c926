/*
 * The FPSCR's rules (Power ISA 3.0B book I, 4.2.2, 4.4 and 7.4): what becomes of
 * a result and of its exceptions.
 *
 * A scalar instruction:
 *
 *	SfEnv env = fpu_env(cpu);
 *	uint64_t r = sf_f64_add(&env, a, b);
 *
 *	fpu_put_f64(cpu, &env, &cpu->vsr[op->XT], r);
 *
 * fpu_put_*() sets the exception bits, FX, VX, FEX, FR, FI and FPRF, writes
 * the target unless an enabled invalid operation or zero divide forbids it, and then
 * takes the program interrupt of an enabled exception (so it may not return:
 * it must be the last thing an ex_*() does).  Targets are whole VSRs: the result
 * goes to doubleword 0 and doubleword 1 is zeroed, as POWER8 and POWER9 do.
 *
 * A vector instruction computes all lanes with one env into a temporary, then
 *
 *	if (fpu_vector(cpu, &env))
 *		cpu->vsr[op->XT] = t;
 *
 * which leaves FR, FI and FPRF alone; any enabled exception keeps the target.
 * (Compares that set CR6 from the result do so only after this.)
 *
 * Not modelled: FPSCR[NI] = 1 does nothing, as on POWER8 and POWER9.
 */
#ifndef TARGET_PPC_FPU_H
#define TARGET_PPC_FPU_H

#include "target-ppc/cpu.h"
#include "target-ppc/softfloat.h"

#define FPSCR_DRN UINT64_C(0x700000000)
#define FPSCR_FX UINT64_C(0x80000000)
#define FPSCR_FEX UINT64_C(0x40000000)
#define FPSCR_VX UINT64_C(0x20000000)
#define FPSCR_OX UINT64_C(0x10000000)
#define FPSCR_UX UINT64_C(0x08000000)
#define FPSCR_ZX UINT64_C(0x04000000)
#define FPSCR_XX UINT64_C(0x02000000)
#define FPSCR_VX_ANY ((uint64_t)SF_VX_ANY)
#define FPSCR_FR UINT64_C(0x00040000)
#define FPSCR_FI UINT64_C(0x00020000)
#define FPSCR_C UINT64_C(0x00010000)
#define FPSCR_FPCC UINT64_C(0x0000f000)
#define FPSCR_FPRF UINT64_C(0x0001f000)
#define FPSCR_VE UINT64_C(0x80)
#define FPSCR_OE UINT64_C(0x40)
#define FPSCR_UE UINT64_C(0x20)
#define FPSCR_ZE UINT64_C(0x10)
#define FPSCR_XE UINT64_C(0x08)
#define FPSCR_ENABLES UINT64_C(0xf8)
#define FPSCR_NI UINT64_C(0x04)
#define FPSCR_RN UINT64_C(0x03)
/* All exception bits that instructions set (VX and FEX are summaries). */
#define FPSCR_EXCEPTIONS (FPSCR_OX | FPSCR_UX | FPSCR_ZX | FPSCR_XX | FPSCR_VX_ANY)

/* Rounding mode and enables from the FPSCR; nothing raised yet. */
static inline SfEnv fpu_env(const PpcCpu *cpu)
{
	return (SfEnv){
		.rm = cpu->fpscr & FPSCR_RN,
		.ve = cpu->fpscr & FPSCR_VE,
		.oe = cpu->fpscr & FPSCR_OE,
		.ue = cpu->fpscr & FPSCR_UE,
	};
}

/* Results by format: FPRF from the value (f64s: classed as a single). */
void fpu_put_f64(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v);
void fpu_put_f64s(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v);
void fpu_put_f128(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, u128 v);
/*
 * Any 128 bits as result, and a FPRF of the caller's (fprf < 0: FPRF stays,
 * for conversions to integers, where the book leaves it undefined; xscvdphp: sf_f16_fprf();
 * xscvdpsp: sf_f32_fprf()).
 */
void fpu_put_vsr(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, PpcVsr v, int fprf);
/* The same for n VSRs from t on (pairs of FPRs). */
void fpu_put_vsrs(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, const PpcVsr *v, unsigned n, int fprf);
/* The integer in doubleword 0, doubleword 1 zero; FPRF stays. */
void fpu_put_int(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v);

/* Compares: cc (SF_LT ...) to FPCC and CR field bf; C, FR and FI stay. */
void fpu_put_cc(PpcCpu *cpu, const SfEnv *env, unsigned bf, unsigned cc);

/*
 * Scalar instructions that report only exceptions and leave FPRF, FR, FI alone (xsmaxdp,
 * xsmindp, xscmpeqdp ...), and all vector ones: true when the target is to be written.
 * fpu_vector: any enabled exception forbids it.
 * fpu_scalar_quiet: enabled invalid operations do.
 */
bool fpu_vector(PpcCpu *cpu, const SfEnv *env);
bool fpu_scalar_quiet(PpcCpu *cpu, const SfEnv *env);

/* The exception bits of env->flags and FX alone. */
void fpu_collect(PpcCpu *cpu, const SfEnv *env);
/* Sets the whole FPSCR as mtfsf does: VX and FEX follow, unused bits stay 0; may trap. */
void fpu_set_fpscr(PpcCpu *cpu, uint64_t v);
/* VX and FEX recomputed from the other bits. */
uint64_t fpu_summarise(uint64_t fpscr);

/*
 * Estimates by model.  POWER8, POWER9: sf_*_est(), the chips' own tables are not
 * published (docs/floating-point.md).  Models with known tables have
 * a FpuEstimates of their own in fpu_classic.c.
 */
typedef struct FpuEstimates {
	uint64_t (*fre)(SfEnv *env, uint64_t a);
	uint64_t (*fres)(SfEnv *env, uint64_t a);
	uint64_t (*frsqrte)(SfEnv *env, uint64_t a);
	uint64_t (*frsqrtes)(SfEnv *env, uint64_t a);
} FpuEstimates;
const FpuEstimates *fpu_estimates(const PpcModel *model);
/* fpu_classic.c: NULL where there is no table. */
const FpuEstimates *fpu_classic_estimates(const PpcModel *model);
/* Operands A and C of a single-precision multiplication: the 750 rounds C to 25 bits. */
void fpu_round_frc(uint64_t *a, uint64_t *c);

#endif
