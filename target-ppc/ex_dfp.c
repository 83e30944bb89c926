/*
 * Decimal floating point: Power ISA 3.0B book I, chapter 5.
 *
 * Arithmetic is dfp.h's, the FPSCR's rules are fpu.h's; rounding is FPSCR[DRN], or what RMC
 * names.  Long operands are in one FPR; extended ones in a pair of FPRs, the even
 * one holding the upper half.  Doubleword 1 of the VSRs is written as zero.
 *
 * The FPSCR is left alone by what moves and tests parts of an encoding only: ddedpd, dxex,
 * diex, dscli, dscri.
 */
#include "target-ppc/dfp.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"

static SfEnv dfp_env(const PpcCpu *cpu)
{
	SfEnv env = fpu_env(cpu);

	env.rm = (cpu->fpscr & FPSCR_DRN) >> 32;
	return env;
}

static u128 get(const PpcCpu *cpu, const DfpFormat *f, unsigned n)
{
	uint64_t v = VSR_D(cpu->vsr[n], 0);

	return f == &dfp_ext ? (u128)v << 64 | VSR_D(cpu->vsr[n + 1], 0) : v;
}

/* v as it stands in VSRs; how many. */
static unsigned spread(const DfpFormat *f, u128 v, PpcVsr out[2])
{
	bool pair = f == &dfp_ext;

	out[0].q = pair ? v >> 64 << 64 : v << 64;
	out[1].q = v << 64;
	return pair ? 2 : 1;
}

/* No status. */
static void set(PpcCpu *cpu, const DfpFormat *f, unsigned n, u128 v)
{
	PpcVsr t[2];
	unsigned count = spread(f, v, t);

	memcpy(&cpu->vsr[n], t, count * sizeof(t[0]));
}

/* The result in its registers and its class in FPRF, with status; comes last. */
static void put(PpcCpu *cpu, const DfpFormat *f, const SfEnv *env, unsigned n, u128 v)
{
	PpcVsr t[2];
	unsigned count = spread(f, v, t);

	fpu_put_vsrs(cpu, env, &cpu->vsr[n], t, count, (int)dfp_fprf(f, v));
}

/*
 * RMC (5.5.2): without R, or with R = 0, the mode of the FPSCR is the fourth; with R = 1 (drintx,
 * drintn) there are four more.
 */
static unsigned rounding(const SfEnv *env, unsigned r, unsigned rmc)
{
	static const uint8_t modes[2][4] = {
		{ DFP_RM_NEAREST, DFP_RM_ZERO, DFP_RM_NEAREST_AWAY, 0 },
		{ DFP_RM_UP, DFP_RM_DOWN, DFP_RM_AWAY, DFP_RM_NEAREST_ZERO },
	};

	return !r && rmc == 3 ? env->rm : modes[r][rmc];
}

/* Two rows of one behaviour; the operands' slots are the same for single registers and pairs. */
#define EX_BOTH(name, how)                                                                         \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		how(cpu, op, &dfp_long);                                                           \
	}                                                                                          \
	void ex_##name##q(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		how(cpu, op, &dfp_ext);                                                            \
	}

/* ---- Arithmetic ---- */

typedef u128 Arith(const DfpFormat *f, SfEnv *env, u128 a, u128 b);

static void arith(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f, Arith *fn)
{
	SfEnv env = dfp_env(cpu);
	u128 r = fn(f, &env, get(cpu, f, op->FRA), get(cpu, f, op->FRB));

	put(cpu, f, &env, op->FRT, r);
}

#define EX_ARITH(name)                                                                             \
	void ex_d##name(PpcCpu *cpu, const PpcOp *op)                                              \
	{                                                                                          \
		arith(cpu, op, &dfp_long, dfp_##name);                                             \
	}                                                                                          \
	void ex_d##name##q(PpcCpu *cpu, const PpcOp *op)                                           \
	{                                                                                          \
		arith(cpu, op, &dfp_ext, dfp_##name);                                              \
	}
EX_ARITH(add)
EX_ARITH(sub)
EX_ARITH(mul)
EX_ARITH(div)
#undef EX_ARITH

/* ---- Compare and test ---- */

static void compare(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f, bool ordered)
{
	SfEnv env = dfp_env(cpu);
	unsigned cc = dfp_cmp(f, &env, get(cpu, f, op->FRA), get(cpu, f, op->FRB), ordered);

	fpu_put_cc(cpu, &env, op->BF, cc);
}

static void compare_unordered(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	compare(cpu, op, f, false);
}
static void compare_ordered(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	compare(cpu, op, f, true);
}
EX_BOTH(dcmpu, compare_unordered)
EX_BOTH(dcmpo, compare_ordered)

/* Tests raise nothing: FPCC and the CR field. */
static void put_test(PpcCpu *cpu, const PpcOp *op, unsigned cc)
{
	SfEnv env = dfp_env(cpu);

	fpu_put_cc(cpu, &env, op->BF, cc);
}

static void test_class(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	put_test(cpu, op, dfp_test_class(f, get(cpu, f, op->FRA), op->DCM));
}
EX_BOTH(dtstdc, test_class)

static void test_group(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	put_test(cpu, op, dfp_test_group(f, get(cpu, f, op->FRA), op->DGM));
}
EX_BOTH(dtstdg, test_group)

static void test_exp(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	put_test(cpu, op, dfp_test_exp(f, get(cpu, f, op->FRA), get(cpu, f, op->FRB)));
}
EX_BOTH(dtstex, test_exp)

/* Bits 58-63 of FRA, always a single register. */
static unsigned significance(const PpcCpu *cpu, const PpcOp *op)
{
	return VSR_D(cpu->vsr[op->FRA], 0) & 63;
}

static void test_sig(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	put_test(cpu, op, dfp_test_sig(f, significance(cpu, op), get(cpu, f, op->FRB)));
}
EX_BOTH(dtstsf, test_sig)

static void test_sig_imm(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	put_test(cpu, op, dfp_test_sig(f, op->DUIM, get(cpu, f, op->FRB)));
}
EX_BOTH(dtstsfi, test_sig_imm)

/* ---- Quantum adjustment ---- */

static void quantize_imm(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	SfEnv env = dfp_env(cpu);
	u128 r = dfp_quantize_to(f, &env, (int)op->DTE, get(cpu, f, op->FRB),
				 rounding(&env, 0, op->DRMC));

	put(cpu, f, &env, op->FRT, r);
}
EX_BOTH(dquai, quantize_imm)

static void quantize(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	SfEnv env = dfp_env(cpu);
	u128 r = dfp_quantize(f, &env, get(cpu, f, op->FRA), get(cpu, f, op->FRB),
			      rounding(&env, 0, op->DRMC));

	put(cpu, f, &env, op->FRT, r);
}
EX_BOTH(dqua, quantize)

static void reround(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	SfEnv env = dfp_env(cpu);
	u128 r = dfp_reround(f, &env, significance(cpu, op), get(cpu, f, op->FRB),
			     rounding(&env, 0, op->DRMC));

	put(cpu, f, &env, op->FRT, r);
}
EX_BOTH(drrnd, reround)

static void round_int(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f, bool quiet)
{
	SfEnv env = dfp_env(cpu);
	u128 r = dfp_rint(f, &env, get(cpu, f, op->FRB), rounding(&env, op->DR, op->DRMC), quiet);

	put(cpu, f, &env, op->FRT, r);
}

static void round_int_inexact(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	round_int(cpu, op, f, false);
}
static void round_int_quiet(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	round_int(cpu, op, f, true);
}
EX_BOTH(drintx, round_int_inexact)
EX_BOTH(drintn, round_int_quiet)

/* ---- Conversion ---- */

/* Short numbers stand in the right half of the register; nothing is invalid, not even a SNaN. */
void ex_dctdp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = dfp_env(cpu);
	u128 b = (uint32_t)get(cpu, &dfp_long, op->FRB);

	put(cpu, &dfp_long, &env, op->FRT, dfp_widen(&dfp_short, &dfp_long, &env, b, true));
}

void ex_dctqpq(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = dfp_env(cpu);
	u128 b = get(cpu, &dfp_long, op->FRB);

	put(cpu, &dfp_ext, &env, op->FRT, dfp_widen(&dfp_long, &dfp_ext, &env, b, false));
}

void ex_drsp(PpcCpu *cpu, const PpcOp *op)
{
	const DfpFormat *f;
	SfEnv env = dfp_env(cpu);
	u128 b = get(cpu, &dfp_long, op->FRB);
	u128 r = dfp_narrow(&dfp_long, &dfp_short, &env, b, true, &f);

	put(cpu, f, &env, op->FRT, r);
}

/* A long result is followed by a zero in the odd register. */
void ex_drdpq(PpcCpu *cpu, const PpcOp *op)
{
	const DfpFormat *f;
	SfEnv env = dfp_env(cpu);
	u128 b = get(cpu, &dfp_ext, op->FRB);
	u128 r = dfp_narrow(&dfp_ext, &dfp_long, &env, b, false, &f);
	PpcVsr t[2] = { 0 };

	spread(f, r, t);
	if (f == &dfp_long)
		t[1].q = 0;
	fpu_put_vsrs(cpu, &env, &cpu->vsr[op->FRTp], t, 2, (int)dfp_fprf(f, r));
}

static void from_fixed(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	SfEnv env = dfp_env(cpu);
	int64_t b = (int64_t)VSR_D(cpu->vsr[op->FRB], 0);

	put(cpu, f, &env, op->FRT, dfp_from_int(f, &env, b));
}
EX_BOTH(dcffix, from_fixed)

/* FPRF is undefined: it stays, as after fctid. */
static void to_fixed(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	SfEnv env = dfp_env(cpu);
	i128 r = dfp_to_int(f, &env, get(cpu, f, op->FRB), 64);

	fpu_put_int(cpu, &env, &cpu->vsr[op->FRT], (uint64_t)r);
}
EX_BOTH(dctfix, to_fixed)

/* ISA 3.1: quadword integers in vector registers. */
static void need_vec(PpcCpu *cpu)
{
	if (!(cpu->msr & MSR_VEC))
		ppc_raise_vector(cpu, PPC_V_VEC);
}

void ex_dcffixqq(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = dfp_env(cpu);

	need_vec(cpu);
	put(cpu, &dfp_ext, &env, op->FRTp, dfp_from_int(&dfp_ext, &env, cpu->vsr[32 + op->VRB].sq));
}

void ex_dctfixqq(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = dfp_env(cpu);
	PpcVsr r;

	need_vec(cpu);
	r.sq = dfp_to_int(&dfp_ext, &env, get(cpu, &dfp_ext, op->FRBp), 128);
	fpu_put_vsr(cpu, &env, &cpu->vsr[32 + op->VRT], r, -1);
}

/* ---- Format ---- */

/* SP: bit 0 a sign digit is wanted, bit 1 plus is 0xf and not 0xc. */
static void to_bcd(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	u128 b = get(cpu, f, op->FRB);

	set(cpu, f, op->FRT, dfp_to_bcd(f, b, op->DSP & 2, op->DSP & 1 ? 0xf : 0xc));
}
EX_BOTH(ddedpd, to_bcd)

static void from_bcd(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	SfEnv env = dfp_env(cpu);

	put(cpu, f, &env, op->FRT, dfp_from_bcd(f, &env, get(cpu, f, op->FRB), op->DS1));
}
EX_BOTH(denbcd, from_bcd)

static void get_exp(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	int64_t e = dfp_get_exp(f, get(cpu, f, op->FRB));

	set(cpu, &dfp_long, op->FRT, (uint64_t)e);
}
EX_BOTH(dxex, get_exp)

static void set_exp(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	int64_t e = (int64_t)VSR_D(cpu->vsr[op->FRA], 0);

	set(cpu, f, op->FRT, dfp_set_exp(f, e, get(cpu, f, op->FRB)));
}
EX_BOTH(diex, set_exp)

static void shift_left(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	set(cpu, f, op->FRT, dfp_shift_left(f, get(cpu, f, op->FRA), op->DSH));
}
EX_BOTH(dscli, shift_left)

static void shift_right(PpcCpu *cpu, const PpcOp *op, const DfpFormat *f)
{
	set(cpu, f, op->FRT, dfp_shift_right(f, get(cpu, f, op->FRA), op->DSH));
}
EX_BOTH(dscri, shift_right)
#undef EX_BOTH
