/*
 * Scalar floating point on FPRs: Power ISA 3.0B book I, 4.6.5 to 4.6.10.
 *
 * A FPR is doubleword 0 of its VSR; doubleword 1, undefined by the book, is
 * written as zero.  Arithmetic is softfloat.h's, the FPSCR's rules are fpu.h's.
 *
 * Not here: estimate tables of classic models (fpu_classic.c).
 */
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"

static inline uint64_t fpr(const PpcCpu *cpu, unsigned n)
{
	return VSR_D(cpu->vsr[n], 0);
}

static inline void set_fpr(PpcCpu *cpu, unsigned n, uint64_t v)
{
	cpu->vsr[n].q = (u128)v << 64;
}

/* What the 750 does to FRA and FRC of a single-precision multiplication. */
static inline void factors_single(const PpcCpu *cpu, uint64_t *a, uint64_t *c)
{
	if (unlikely(cpu->model->fpu == PPC_FPU_750))
		fpu_round_frc(a, c);
}

/* Words that leave the upper half of a register undefined: classic models put this there. */
#define CLASSIC_UPPER UINT64_C(0xfff8000000000000)

/* fctiw: they also tell a zero that was negative by bit 31. */
static inline uint64_t word_result(const PpcCpu *cpu, uint64_t b, int32_t v)
{
	if (!(cpu->features & PPC_F_CLS))
		return (uint64_t)(int64_t)v;
	return CLASSIC_UPPER | (uint32_t)v | (!v && b & BIT64(0) ? BIT64(31) : 0);
}

/* ---- Moves ---- */

#define EX_MOVE(name, value)                                                                       \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t b = fpr(cpu, op->FRB);                                                    \
                                                                                                   \
		set_fpr(cpu, op->FRT, value);                                                      \
	}
EX_MOVE(fmr, b)
EX_MOVE(fneg, b ^ BIT64(0))
EX_MOVE(fabs, b & ~BIT64(0))
EX_MOVE(fnabs, b | BIT64(0))
#undef EX_MOVE

void ex_fcpsgn(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = fpr(cpu, op->FRA), b = fpr(cpu, op->FRB);

	set_fpr(cpu, op->FRT, (a & BIT64(0)) | (b & ~BIT64(0)));
}

void ex_fmrgew(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = fpr(cpu, op->FRA), b = fpr(cpu, op->FRB);

	set_fpr(cpu, op->FRT, (a & mask64(0, 31)) | b >> 32);
}

void ex_fmrgow(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = fpr(cpu, op->FRA), b = fpr(cpu, op->FRB);

	set_fpr(cpu, op->FRT, a << 32 | (b & mask64(32, 63)));
}

void ex_fsel(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = fpr(cpu, op->FRA);
	bool ge = !sf_f64_is_nan(a) && (sf_f64_is_zero(a) || !(a & BIT64(0)));

	set_fpr(cpu, op->FRT, fpr(cpu, ge ? op->FRC : op->FRB));
}

/* ---- Arithmetic ---- */

/* second: FRB, or FRC in multiplications. */
#define EX_TWO(name, func, second, put)                                                            \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		SfEnv env = fpu_env(cpu);                                                          \
		uint64_t r = func(&env, fpr(cpu, op->FRA), fpr(cpu, op->second));                  \
                                                                                                   \
		put(cpu, &env, &cpu->vsr[op->FRT], r);                                             \
	}
EX_TWO(fadd, sf_f64_add, FRB, fpu_put_f64)
EX_TWO(fadds, sf_f64s_add, FRB, fpu_put_f64s)
EX_TWO(fsub, sf_f64_sub, FRB, fpu_put_f64)
EX_TWO(fsubs, sf_f64s_sub, FRB, fpu_put_f64s)
EX_TWO(fmul, sf_f64_mul, FRC, fpu_put_f64)
EX_TWO(fdiv, sf_f64_div, FRB, fpu_put_f64)
EX_TWO(fdivs, sf_f64s_div, FRB, fpu_put_f64s)
#undef EX_TWO

void ex_fmuls(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	uint64_t a = fpr(cpu, op->FRA), c = fpr(cpu, op->FRC);

	factors_single(cpu, &a, &c);
	fpu_put_f64s(cpu, &env, &cpu->vsr[op->FRT], sf_f64s_mul(&env, a, c));
}

#define EX_FMA(name, func, how, put, factors)                                                      \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		SfEnv env = fpu_env(cpu);                                                          \
		uint64_t a = fpr(cpu, op->FRA), c = fpr(cpu, op->FRC), r;                          \
                                                                                                   \
		factors;                                                                           \
		r = func(&env, a, c, fpr(cpu, op->FRB), how);                                      \
		put(cpu, &env, &cpu->vsr[op->FRT], r);                                             \
	}
#define SINGLE factors_single(cpu, &a, &c)
EX_FMA(fmadd, sf_f64_fma, 0, fpu_put_f64, )
EX_FMA(fmadds, sf_f64s_fma, 0, fpu_put_f64s, SINGLE)
EX_FMA(fmsub, sf_f64_fma, SF_FMA_NEG_ADDEND, fpu_put_f64, )
EX_FMA(fmsubs, sf_f64s_fma, SF_FMA_NEG_ADDEND, fpu_put_f64s, SINGLE)
EX_FMA(fnmadd, sf_f64_fma, SF_FMA_NEG_RESULT, fpu_put_f64, )
EX_FMA(fnmadds, sf_f64s_fma, SF_FMA_NEG_RESULT, fpu_put_f64s, SINGLE)
EX_FMA(fnmsub, sf_f64_fma, SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT, fpu_put_f64, )
EX_FMA(fnmsubs, sf_f64s_fma, SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT, fpu_put_f64s, SINGLE)
#undef SINGLE
#undef EX_FMA

/* One operand; expression value of env and b. */
#define EX_ONE(name, value, put)                                                                   \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		SfEnv env = fpu_env(cpu);                                                          \
		uint64_t b = fpr(cpu, op->FRB);                                                    \
		uint64_t r = value;                                                                \
                                                                                                   \
		put(cpu, &env, &cpu->vsr[op->FRT], r);                                             \
	}
EX_ONE(fsqrt, sf_f64_sqrt(&env, b), fpu_put_f64)
EX_ONE(fsqrts, sf_f64s_sqrt(&env, b), fpu_put_f64s)
EX_ONE(fre, fpu_estimates(cpu->model)->fre(&env, b), fpu_put_f64)
EX_ONE(fres, fpu_estimates(cpu->model)->fres(&env, b), fpu_put_f64s)
EX_ONE(frsqrte, fpu_estimates(cpu->model)->frsqrte(&env, b), fpu_put_f64)
EX_ONE(frsqrtes, fpu_estimates(cpu->model)->frsqrtes(&env, b), fpu_put_f64s)

/* ---- Rounding and conversion ---- */

EX_ONE(frsp, sf_f64_to_f64s(&env, b), fpu_put_f64s)
EX_ONE(frin, sf_f64_rint(&env, b, SF_RM_AWAY, false), fpu_put_f64)
EX_ONE(friz, sf_f64_rint(&env, b, SF_RM_ZERO, false), fpu_put_f64)
EX_ONE(frip, sf_f64_rint(&env, b, SF_RM_UP, false), fpu_put_f64)
EX_ONE(frim, sf_f64_rint(&env, b, SF_RM_DOWN, false), fpu_put_f64)
EX_ONE(fctid, (uint64_t)sf_f64_to_s64(&env, b, env.rm), fpu_put_int)
EX_ONE(fctidz, (uint64_t)sf_f64_to_s64(&env, b, SF_RM_ZERO), fpu_put_int)
EX_ONE(fctidu, sf_f64_to_u64(&env, b, env.rm), fpu_put_int)
EX_ONE(fctiduz, sf_f64_to_u64(&env, b, SF_RM_ZERO), fpu_put_int)
/* The upper word of the 32-bit ones is undefined: the value, extended. */
EX_ONE(fctiw, word_result(cpu, b, sf_f64_to_s32(&env, b, env.rm)), fpu_put_int)
EX_ONE(fctiwz, word_result(cpu, b, sf_f64_to_s32(&env, b, SF_RM_ZERO)), fpu_put_int)
EX_ONE(fctiwu, sf_f64_to_u32(&env, b, env.rm), fpu_put_int)
EX_ONE(fctiwuz, sf_f64_to_u32(&env, b, SF_RM_ZERO), fpu_put_int)
EX_ONE(fcfid, sf_s64_to_f64(&env, (int64_t)b), fpu_put_f64)
EX_ONE(fcfidu, sf_u64_to_f64(&env, b), fpu_put_f64)
EX_ONE(fcfids, sf_s64_to_f64s(&env, (int64_t)b), fpu_put_f64s)
EX_ONE(fcfidus, sf_u64_to_f64s(&env, b), fpu_put_f64s)
#undef EX_ONE

/* ---- Compare and test ---- */

static void compare(PpcCpu *cpu, const PpcOp *op, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	unsigned cc = sf_f64_cmp(&env, fpr(cpu, op->FRA), fpr(cpu, op->FRB), ordered);

	fpu_put_cc(cpu, &env, op->BF, cc);
}

void ex_fcmpu(PpcCpu *cpu, const PpcOp *op)
{
	compare(cpu, op, false);
}
void ex_fcmpo(PpcCpu *cpu, const PpcOp *op)
{
	compare(cpu, op, true);
}

void ex_ftdiv(PpcCpu *cpu, const PpcOp *op)
{
	cpu->cr[op->BF] = (uint8_t)sf_f64_tdiv(fpr(cpu, op->FRA), fpr(cpu, op->FRB));
}

void ex_ftsqrt(PpcCpu *cpu, const PpcOp *op)
{
	cpu->cr[op->BF] = (uint8_t)sf_f64_tsqrt(fpr(cpu, op->FRB));
}

/* ---- FPSCR ---- */

/* What mffscrn and friends return: DRN, the enables, NI, RN; mffsl adds FR, FI, FPRF. */
enum { CONTROL = 0xff, STATUS = 0x0007f000 };

void ex_mffs(PpcCpu *cpu, const PpcOp *op)
{
	set_fpr(cpu, op->FRT, cpu->fpscr | (cpu->features & PPC_F_CLS ? CLASSIC_UPPER : 0));
}

void ex_mffsce(PpcCpu *cpu, const PpcOp *op)
{
	set_fpr(cpu, op->FRT, cpu->fpscr);
	cpu->fpscr = fpu_summarise(cpu->fpscr & ~(uint64_t)0xf8);
}

void ex_mffsl(PpcCpu *cpu, const PpcOp *op)
{
	set_fpr(cpu, op->FRT, cpu->fpscr & (FPSCR_DRN | CONTROL | STATUS));
}

/* Reads the control bits, then replaces those of mask. */
static void exchange(PpcCpu *cpu, unsigned frt, uint64_t mask, uint64_t v)
{
	uint64_t old = cpu->fpscr;

	set_fpr(cpu, frt, old & (FPSCR_DRN | CONTROL));
	cpu->fpscr = (old & ~mask) | (v & mask);
}

void ex_mffscdrn(PpcCpu *cpu, const PpcOp *op)
{
	exchange(cpu, op->FRT, FPSCR_DRN, fpr(cpu, op->FRB));
}

void ex_mffscdrni(PpcCpu *cpu, const PpcOp *op)
{
	exchange(cpu, op->FRT, FPSCR_DRN, (uint64_t)op->DRM << 32);
}

void ex_mffscrn(PpcCpu *cpu, const PpcOp *op)
{
	exchange(cpu, op->FRT, FPSCR_RN, fpr(cpu, op->FRB));
}

void ex_mffscrni(PpcCpu *cpu, const PpcOp *op)
{
	exchange(cpu, op->FRT, FPSCR_RN, op->FRM);
}

/* Copies a field to CR and clears the exception bits in it. */
void ex_mcrfs(PpcCpu *cpu, const PpcOp *op)
{
	unsigned shift = 28 - 4 * op->BFA;
	uint64_t field = UINT64_C(15) << shift;

	cpu->cr[op->BF] = cpu->fpscr >> shift & 15;
	cpu->fpscr = fpu_summarise(cpu->fpscr & ~(field & (FPSCR_FX | FPSCR_EXCEPTIONS)));
}

void ex_mtfsfi(PpcCpu *cpu, const PpcOp *op)
{
	/* Fields 0-7 are the upper word (W = 1), 8-15 the lower. */
	unsigned shift = 60 - 4 * (op->FBF + 8 * !op->FW);
	uint64_t field = UINT64_C(15) << shift;

	fpu_set_fpscr(cpu, (cpu->fpscr & ~field) | (uint64_t)op->FU << shift);
}

void ex_mtfsf(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t b = fpr(cpu, op->FRB), mask = 0;

	if (op->FL) {
		mask = UINT64_MAX;
	} else {
		for (unsigned i = 0; i < 8; i++)
			if (op->FLM & 0x80 >> i)
				mask |= UINT64_C(15) << (60 - 4 * (i + 8 * !op->FW));
	}
	fpu_set_fpscr(cpu, (cpu->fpscr & ~mask) | (b & mask));
}

void ex_mtfsb0(PpcCpu *cpu, const PpcOp *op)
{
	cpu->fpscr = fpu_summarise(cpu->fpscr & ~BIT64(32 + op->FBT));
}

/* An exception bit that becomes 1 sets FX; FEX and VX cannot be set so. */
void ex_mtfsb1(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t bit = BIT64(32 + op->FBT), v = cpu->fpscr | bit;

	if (bit & FPSCR_EXCEPTIONS & ~cpu->fpscr)
		v |= FPSCR_FX;
	fpu_set_fpscr(cpu, v);
}
