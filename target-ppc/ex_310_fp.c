/*
 * Floating point of Power ISA 3.1 (book I 7.6): quad precision against
 * quadword integers, maximum, minimum and compares of quads, bfloat16.
 */
#include "target-ppc/ex_vsx.h"

VSX_INLINE u128 quad(PpcCpu *cpu, unsigned n)
{
	return vsx_vr(cpu, n)->q;
}

/* ---- Quadword integers; FPRF after a conversion to one is undefined and stays ---- */

void ex_xscvqpuqz(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr v = { .q = sf_f128_to_u128(&env, quad(cpu, op->VRB), SF_RM_ZERO) };

	fpu_put_vsr(cpu, &env, vsx_vr(cpu, op->VRT), v, -1);
}

void ex_xscvqpsqz(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr v = { .sq = sf_f128_to_s128(&env, quad(cpu, op->VRB), SF_RM_ZERO) };

	fpu_put_vsr(cpu, &env, vsx_vr(cpu, op->VRT), v, -1);
}

void ex_xscvuqqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_u128_to_f128(&env, quad(cpu, op->VRB));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

void ex_xscvsqqp(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	u128 r = sf_s128_to_f128(&env, (i128)quad(cpu, op->VRB));

	fpu_put_f128(cpu, &env, vsx_vr(cpu, op->VRT), r);
}

/* ---- Type C maximum and minimum: C's a > b ? a : b, so VRB when either is a NaN ---- */

VSX_INLINE void choose(PpcCpu *cpu, const PpcOp *op, unsigned want)
{
	SfEnv env = fpu_env(cpu);
	u128 a = quad(cpu, op->VRA), b = quad(cpu, op->VRB);
	unsigned cc = sf_f128_cmp(&env, a, b, false);

	if (fpu_scalar_quiet(cpu, &env))
		vsx_vr(cpu, op->VRT)->q = cc == want ? a : b;
}

EX_VSX(xsmaxcqp, choose(cpu, op, SF_GT))
EX_VSX(xsmincqp, choose(cpu, op, SF_LT))

/* All ones where the relation is one of `wanted`. */
VSX_INLINE void compare_mask(PpcCpu *cpu, const PpcOp *op, unsigned wanted, bool ordered)
{
	SfEnv env = fpu_env(cpu);
	unsigned cc = sf_f128_cmp(&env, quad(cpu, op->VRA), quad(cpu, op->VRB), ordered);

	if (fpu_scalar_quiet(cpu, &env))
		vsx_vr(cpu, op->VRT)->q = cc & wanted ? ~(u128)0 : 0;
}

EX_VSX(xscmpeqqp, compare_mask(cpu, op, SF_EQ, false))
EX_VSX(xscmpgeqp, compare_mask(cpu, op, SF_GT | SF_EQ, true))
EX_VSX(xscmpgtqp, compare_mask(cpu, op, SF_GT, true))

/* ---- bfloat16: a single less its 16 rightmost bits, at the right of a word ---- */

void ex_xvcvbf16spn(PpcCpu *cpu, const PpcOp *op)
{
	for (unsigned i = 0; i < 4; i++)
		cpu->vsr[op->XT].u32[i] = cpu->vsr[op->XB].u32[i] << 16;
}

/* Is a magnitude with `rest` (of 16 bits) cut off to be increased? */
static bool away(unsigned rm, bool neg, bool odd, unsigned rest)
{
	switch (rm) {
	case SF_RM_NEAREST: return rest > 0x8000 || (rest == 0x8000 && odd);
	case SF_RM_UP: return rest && !neg;
	case SF_RM_DOWN: return rest && neg;
	default: return false;
	}
}

/* The exponents are the same, so are denormal numbers: rounding is one of integers. */
static uint16_t f32_to_bf16(SfEnv *env, uint32_t v)
{
	uint32_t mag = v & 0x7fffffff, rest = v & 0xffff, r = mag >> 16;
	bool neg = v >> 31, tiny = mag && mag < 0x00800000;

	if (sf_f32_is_nan(v)) {
		if (sf_f32_is_snan(v))
			env->flags |= SF_VXSNAN;
		return (uint16_t)(sf_f32_quiet(v) >> 16);
	}
	r += away(env->rm, neg, r & 1, rest);
	if (rest)
		env->flags |= SF_XX;
	if (rest && r == 0x7f80)
		env->flags |= SF_OX;
	if (tiny && (rest || env->ue))
		env->flags |= SF_UX;
	return (uint16_t)(r | (uint32_t)neg << 15);
}

void ex_xvcvspbf16(PpcCpu *cpu, const PpcOp *op)
{
	SfEnv env = fpu_env(cpu);
	PpcVsr b = cpu->vsr[op->XB], t;

	for (unsigned i = 0; i < 4; i++)
		t.u32[i] = f32_to_bf16(&env, b.u32[i]);
	if (fpu_vector(cpu, &env))
		cpu->vsr[op->XT] = t;
}
