/* The FPSCR and generated code: see fpu_jit.h.  Rules of the FPSCR are fpu.c's. */
#include <fenv.h>
#include "jit/ir.h"
#include "target-ppc/fpu.h"
#include "target-ppc/fpu_jit.h"
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

/* Has the host seen an inexact result since it was told to forget? */
static bool host_inexact(void)
{
#ifdef __SSE2__
	return _mm_getcsr() & _MM_EXCEPT_INEXACT;
#else
	return fetestexcept(FE_INEXACT);
#endif
}

/* Reading is cheap, writing is not. */
static void host_forget(void)
{
	if (!host_inexact())
		return;
#ifdef __SSE2__
	_mm_setcsr(_mm_getcsr() & ~(unsigned)_MM_EXCEPT_INEXACT);
#else
	feclearexcept(FE_INEXACT);
#endif
}

/* The host rounds as FPSCR[RN] says from now on. */
static void host_round(PpcFpLast *last, unsigned rn)
{
#ifdef __SSE2__
	static const unsigned how[4] = { _MM_ROUND_NEAREST, _MM_ROUND_TOWARD_ZERO, _MM_ROUND_UP,
					 _MM_ROUND_DOWN };

	_mm_setcsr((_mm_getcsr() & ~(unsigned)_MM_ROUND_MASK) | how[rn]);
#else
	static const int how[4] = { FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD };

	fesetround(how[rn]);
#endif
	last->rn = (uint8_t)rn;
}

PpcFpKind ppc_fp_kind(const PpcCpu *cpu)
{
	if (cpu->fpscr & FPSCR_ENABLES)
		return PPC_FP_EXACT;
	return cpu->fpscr & 2 ? PPC_FP_DIRECTED : PPC_FP_FAST;
}

bool ppc_fp_nj(const PpcCpu *cpu)
{
	return cpu->vscr & BIT32(15);
}

bool ppc_fp_host_state(void)
{
	return host_inexact();
}

void ppc_fp_host_restore(bool inexact)
{
	if (!inexact)
		host_forget();
}

void ppc_fp_begin(PpcCpu *cpu)
{
	PpcFpLast *last = &cpu->fp_last;

	/* What is set already cannot become so. */
	if (!(cpu->fpscr & FPSCR_XX))
		host_forget();
	if (unlikely(last->rn != (cpu->fpscr & FPSCR_RN)))
		host_round(last, cpu->fpscr & FPSCR_RN);
	last->live = 1;
}

/* IR_FRINT's. */
static unsigned rint_mode(uint32_t imm)
{
	static const uint8_t modes[5] = { 0, SF_RM_DOWN, SF_RM_UP, SF_RM_ZERO, SF_RM_AWAY };

	return modes[imm];
}

/* Operands and result are doubles; those of single operations are singles. */
static uint64_t arithmetic(SfEnv *env, unsigned op, uint32_t imm, uint64_t a, uint64_t b,
			   uint64_t c)
{
	enum { SUB = SF_FMA_NEG_ADDEND, NEG = SF_FMA_NEG_RESULT };

	switch (op) {
	case IR_FADD: return sf_f64_add(env, a, b);
	case IR_FSUB: return sf_f64_sub(env, a, b);
	case IR_FMUL: return sf_f64_mul(env, a, b);
	case IR_FDIV: return sf_f64_div(env, a, b);
	case IR_FSQRT: return sf_f64_sqrt(env, a);
	case IR_FMADD: return sf_f64_fma(env, a, b, c, 0);
	case IR_FMSUB: return sf_f64_fma(env, a, b, c, SUB);
	case IR_FNMADD: return sf_f64_fma(env, a, b, c, NEG);
	case IR_FNMSUB: return sf_f64_fma(env, a, b, c, SUB | NEG);
	case IR_SADD: return sf_f64s_add(env, a, b);
	case IR_SSUB: return sf_f64s_sub(env, a, b);
	case IR_SMUL: return sf_f64s_mul(env, a, b);
	case IR_SDIV: return sf_f64s_div(env, a, b);
	case IR_SSQRT: return sf_f64s_sqrt(env, a);
	case IR_SMADD: return sf_f64s_fma(env, a, b, c, 0);
	case IR_SMSUB: return sf_f64s_fma(env, a, b, c, SUB);
	case IR_SNMADD: return sf_f64s_fma(env, a, b, c, NEG);
	case IR_SNMSUB: return sf_f64s_fma(env, a, b, c, SUB | NEG);
	case IR_FRSP: return sf_f64_to_f64s(env, a);
	case IR_ICVTF: return sf_s64_to_f64(env, (int64_t)a);
	case IR_UCVTF: return sf_u64_to_f64(env, a);
	case IR_UCVTS: return sf_u64_to_f64s(env, a);
	case IR_FRINT:
		if (imm == 5)
			return sf_f64_rint(env, a, env->rm, true);
		return sf_f64_rint(env, a, rint_mode(imm), false);
	default: return sf_s64_to_f64s(env, (int64_t)a);
	}
}

_Static_assert((int)IR_OPS <= (int)PPC_FP_FRE, "kinds are in one byte");

static uint64_t estimate(const PpcCpu *cpu, SfEnv *env, unsigned kind, uint64_t a)
{
	const FpuEstimates *e = fpu_estimates(cpu->model);

	switch (kind) {
	case PPC_FP_FRE: return e->fre(env, a);
	case PPC_FP_FRES: return e->fres(env, a);
	case PPC_FP_FRSQRTE: return e->frsqrte(env, a);
	default: return e->frsqrtes(env, a);
	}
}

uint64_t ppc_fp_estimate(PpcCpu *cpu, unsigned kind, uint64_t a)
{
	SfEnv env = fpu_env(cpu);
	uint64_t r = estimate(cpu, &env, kind, a);

	fpu_collect(cpu, &env);
	return r;
}

/* What ppc_fp_settle() does again. */
static uint64_t last_result(const PpcCpu *cpu, SfEnv *env)
{
	const PpcFpLast *last = &cpu->fp_last;
	unsigned op = last->kind & 255;

	if (op >= PPC_FP_FRE)
		return estimate(cpu, env, op, last->a);
	return arithmetic(env, op, last->kind >> 8, last->a, last->b, last->c);
}

static bool gives_single(unsigned op)
{
	return op == PPC_FP_FRES || op == PPC_FP_FRSQRTES || (op >= IR_SADD && op <= IR_FRSP) ||
	       op == IR_ICVTS || op == IR_UCVTS;
}

static uint64_t to_int(SfEnv *env, unsigned op, uint32_t imm, uint64_t a)
{
	unsigned rm = imm ? env->rm : SF_RM_ZERO;

	switch (op) {
	case IR_FCVTI: return (uint64_t)sf_f64_to_s64(env, a, rm);
	case IR_FCVTI32: return (uint64_t)(int64_t)sf_f64_to_s32(env, a, rm);
	case IR_FCVTU: return sf_f64_to_u64(env, a, rm);
	default: return sf_f64_to_u32(env, a, rm);
	}
}

void ppc_fp_settle(PpcCpu *cpu)
{
	PpcFpLast *last = &cpu->fp_last;
	SfEnv env = fpu_env(cpu);
	PpcVsr none;
	uint64_t r;

	if (!last->live)
		return;
	if (!(cpu->fpscr & FPSCR_XX) && host_inexact())
		cpu->fpscr |= FPSCR_XX | FPSCR_FX;
	if (last->kind) {
		r = last_result(cpu, &env);
		if (gives_single(last->kind & 255))
			fpu_put_f64s(cpu, &env, &none, r);
		else
			fpu_put_f64(cpu, &env, &none, r);
	}
	if (last->convert) {
		env = fpu_env(cpu);
		r = to_int(&env, last->convert & 255, last->convert >> 8, last->convert_a);
		fpu_put_int(cpu, &env, &none, r);
	}
	if (last->fpcc)
		cpu->fpscr = (cpu->fpscr & ~FPSCR_FPCC) | ((uint64_t)last->fpcc & 15) << 12;
	last->kind = last->convert = last->fpcc = last->live = 0;
}

void ppc_fp_end(PpcCpu *cpu)
{
	ppc_fp_settle(cpu);
	if (unlikely(cpu->fp_last.rn))
		host_round(&cpu->fp_last, 0);
}

/* FNMADD and its kin, by FMADD and its. */
static bool is_negated(unsigned op, uint32_t imm)
{
	return imm && (op == IR_FMADD || op == IR_FMSUB || op == IR_SMADD || op == IR_SMSUB);
}

uint64_t ppc_fp_host_cannot(void *env, unsigned op, uint32_t imm, uint64_t a, uint64_t b,
			    uint64_t c)
{
	PpcCpu *cpu = env;
	SfEnv e = fpu_env(cpu);
	uint64_t r;

	if (is_negated(op, imm)) {
		r = ppc_fp_host_cannot(env, op + IR_FNMADD - IR_FMADD, 0, a, b, c);
		return r ^ (op >= IR_SADD ? BIT64(32) : BIT64(0));
	}
	if (op >= IR_FCVTI && op <= IR_FCVTU32) {
		r = to_int(&e, op, imm, a);
	} else if (op >= IR_SADD && op <= IR_SNMSUB) {
		r = arithmetic(&e, op, imm, sf_lfs((uint32_t)a), sf_lfs((uint32_t)b),
			       sf_lfs((uint32_t)c));
		r = sf_stfs(r);
	} else {
		r = arithmetic(&e, op, imm, a, b, c);
		if (gives_single(op))
			r = sf_stfs(r);
	}
	fpu_collect(cpu, &e);
	return r;
}
