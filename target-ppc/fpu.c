/*
 * The FPSCR's rules: see fpu.h.  Power ISA 3.0B book I, 4.2.2 (FPSCR), 4.4
 * (exceptions), 7.4 (VSX exceptions); book III 6.5.9 (the program interrupt).
 */
#include "target-ppc/fpu.h"
#include "target-ppc/exec.h"

/* VX OX UX ZX XX lie 22 bits above their enables VE OE UE ZE XE. */
enum { ENABLE_SHIFT = 22 };

uint64_t fpu_summarise(uint64_t fpscr)
{
	fpscr &= ~(FPSCR_VX | FPSCR_FEX);
	if (fpscr & FPSCR_VX_ANY)
		fpscr |= FPSCR_VX;
	if (fpscr >> ENABLE_SHIFT & fpscr & FPSCR_ENABLES)
		fpscr |= FPSCR_FEX;
	return fpscr;
}

/* Of the exceptions of this one instruction those that are enabled, as enable bits. */
static uint64_t enabled(const PpcCpu *cpu, const SfEnv *env)
{
	uint64_t flags = env->flags;

	if (flags & FPSCR_VX_ANY)
		flags |= FPSCR_VX;
	return flags >> ENABLE_SHIFT & cpu->fpscr & FPSCR_ENABLES;
}

/* The exception bits and FX; true when an enabled exception happened. */
static bool collect(PpcCpu *cpu, const SfEnv *env)
{
	uint64_t flags = env->flags & FPSCR_EXCEPTIONS;

	if (!flags)
		return false;
	if (flags & ~cpu->fpscr)
		cpu->fpscr |= FPSCR_FX;
	cpu->fpscr = fpu_summarise(cpu->fpscr | flags);
	return enabled(cpu, env);
}

void fpu_collect(PpcCpu *cpu, const SfEnv *env)
{
	collect(cpu, env);
}

/*
 * The program interrupt, when MSR[FE0 FE1] ask for it; every mode is precise.
 * CR1 of a dotted form is set as without the interrupt.  (In opcode 63, extended opcodes that
 * end in 0b0010x are quadruple precision: there bit 31 is no Rc.)
 */
static void trap(PpcCpu *cpu)
{
	uint32_t word;

	if (!(cpu->msr & (MSR_FE0 | MSR_FE1)))
		return;
	word = cpu->cur->word;
	if ((word >> 26 == 63 || word >> 26 == 59) && (word & 1) && (word >> 2 & 15) != 2)
		ppc_cr1(cpu);
	ppc_raise_fp_enabled(cpu);
}

/* n VSRs from v to t. */
static inline void put(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, const PpcVsr *v, unsigned n,
		       int fprf)
{
	bool stop = collect(cpu, env);
	uint64_t fpscr = cpu->fpscr & ~(FPSCR_FR | FPSCR_FI);

	if (!(env->flags & (FPSCR_VX_ANY | FPSCR_ZX)))
		fpscr |= (env->fr ? FPSCR_FR : 0) | (env->fi ? FPSCR_FI : 0);
	if (!(stop && enabled(cpu, env) & (FPSCR_VE | FPSCR_ZE))) {
		if (fprf >= 0)
			fpscr = (fpscr & ~FPSCR_FPRF) | (uint64_t)fprf << 12;
		for (unsigned i = 0; i < n; i++)
			t[i] = v[i];
	}
	cpu->fpscr = fpscr;
	if (unlikely(stop))
		trap(cpu);
}

void fpu_put_vsr(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, PpcVsr v, int fprf)
{
	put(cpu, env, t, &v, 1, fprf);
}

void fpu_put_vsrs(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, const PpcVsr *v, unsigned n, int fprf)
{
	put(cpu, env, t, v, n, fprf);
}

static PpcVsr high(uint64_t v)
{
	return (PpcVsr){ .q = (u128)v << 64 };
}

void fpu_put_f64(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v)
{
	fpu_put_vsr(cpu, env, t, high(v), (int)sf_f64_fprf(v));
}

void fpu_put_f64s(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v)
{
	fpu_put_vsr(cpu, env, t, high(v), (int)sf_f64s_fprf(v));
}

void fpu_put_f128(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, u128 v)
{
	fpu_put_vsr(cpu, env, t, (PpcVsr){ .q = v }, (int)sf_f128_fprf(v));
}

void fpu_put_int(PpcCpu *cpu, const SfEnv *env, PpcVsr *t, uint64_t v)
{
	fpu_put_vsr(cpu, env, t, high(v), -1);
}

void fpu_put_cc(PpcCpu *cpu, const SfEnv *env, unsigned bf, unsigned cc)
{
	bool stop = collect(cpu, env);

	cpu->fpscr = (cpu->fpscr & ~FPSCR_FPCC) | (uint64_t)cc << 12;
	cpu->cr[bf] = (uint8_t)cc;
	if (unlikely(stop))
		trap(cpu);
}

bool fpu_vector(PpcCpu *cpu, const SfEnv *env)
{
	if (likely(!collect(cpu, env)))
		return true;
	trap(cpu);
	return false;
}

bool fpu_scalar_quiet(PpcCpu *cpu, const SfEnv *env)
{
	if (likely(!collect(cpu, env)))
		return true;
	trap(cpu);
	return !(enabled(cpu, env) & FPSCR_VE);
}

void fpu_set_fpscr(PpcCpu *cpu, uint64_t v)
{
	uint64_t bits = UINT64_C(0xfffff7ff);

	if (cpu->features & PPC_F_DFP)
		bits |= FPSCR_DRN;
	cpu->fpscr = fpu_summarise(v & bits);
	if (cpu->fpscr & FPSCR_FEX)
		trap(cpu);
}

const FpuEstimates *fpu_estimates(const PpcModel *model)
{
	static const FpuEstimates computed = {
		.fre = sf_f64_recip_est,
		.fres = sf_f64s_recip_est,
		.frsqrte = sf_f64_rsqrt_est,
		.frsqrtes = sf_f64s_rsqrt_est,
	};

	const FpuEstimates *own = fpu_classic_estimates(model);

	return own ? own : &computed;
}
