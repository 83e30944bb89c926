/*
 * Arithmetic of vectors that generated code cannot do with the host's instructions alone (fpu_jit.h): element by
 * element by softfloat.  Exceptions of VSX go to the FPSCR; AltiVec has none.
 */
#include "jit/vec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/tr_vfp.h"

/* Comparisons: VecOp's immediate 0 equal, 1 less, 2 less or equal; all but the first object to any NaN. */
static bool ordered(uint32_t imm)
{
	return imm >> 8 & 3;
}

static bool is(unsigned cc, uint32_t imm)
{
	static const uint8_t wanted[4] = { SF_EQ, SF_LT, SF_LT | SF_EQ, 0 };

	return cc & wanted[imm >> 8 & 3];
}

static uint32_t single(SfEnv *env, uint32_t imm, uint32_t a, uint32_t b, uint32_t c)
{
	unsigned how = imm & TR_VFP_NEGATED ? SF_FMA_NEG_RESULT : 0;

	switch (imm & 255) {
	case VEC_ADDPS: return sf_f32_add(env, a, b);
	case VEC_SUBPS: return sf_f32_sub(env, a, b);
	case VEC_MULPS: return sf_f32_mul(env, a, b);
	case VEC_DIVPS: return sf_f32_div(env, a, b);
	case VEC_SQRTPS: return sf_f32_sqrt(env, a);
	case VEC_CVTSW: return (uint32_t)sf_f32_to_s32(env, a, SF_RM_ZERO);
	case VEC_CMPPS: return is(sf_f32_cmp(env, a, b, ordered(imm)), imm) ? UINT32_MAX : 0;
	case VEC_MSUBPS: how |= SF_FMA_NEG_ADDEND; /* fall through */
	default: return sf_f32_fma(env, a, b, c, how);
	}
}

static uint64_t twice(uint64_t a, uint64_t b, uint64_t c, SfEnv *env, uint32_t imm)
{
	unsigned how = imm & TR_VFP_NEGATED ? SF_FMA_NEG_RESULT : 0;

	switch (imm & 255) {
	case VEC_ADDPD: return sf_f64_add(env, a, b);
	case VEC_SUBPD: return sf_f64_sub(env, a, b);
	case VEC_MULPD: return sf_f64_mul(env, a, b);
	case VEC_DIVPD: return sf_f64_div(env, a, b);
	case VEC_SQRTPD: return sf_f64_sqrt(env, a);
	case VEC_CMPPD: return is(sf_f64_cmp(env, a, b, ordered(imm)), imm) ? UINT64_MAX : 0;
	case VEC_MSUBPD: how |= SF_FMA_NEG_ADDEND; /* fall through */
	default: return sf_f64_fma(env, a, b, c, how);
	}
}

/* Two doubles to singles, or to words, in the lower half. */
static u128 narrowed(SfEnv *env, uint32_t imm, PpcVsr a)
{
	PpcVsr r = { .q = 0 };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t v = VSR_D(a, 1 - i);

		VSR_W(r, 3 - i) = (imm & 255) == VEC_CVTDS
					  ? sf_f64_to_f32(env, v)
					  : (uint32_t)sf_f64_to_s32(env, v, SF_RM_ZERO);
	}
	return r.q;
}

u128 ppc_fpv_host_cannot(void *env, uint32_t imm, u128 a, u128 b, u128 c)
{
	PpcCpu *cpu = env;
	bool altivec = imm & TR_VFP_ALTIVEC;
	SfEnv e = altivec ? (SfEnv){ .rm = SF_RM_NEAREST, .nj = imm & TR_VFP_NJ } : fpu_env(cpu);
	PpcVsr va = { .q = a }, vb = { .q = b }, vc = { .q = c }, r;
	u128 sign = 0;

	if ((imm & 255) == VEC_CVTDS || (imm & 255) == VEC_CVTDW) {
		r.q = narrowed(&e, imm, va);
	} else if (imm & VEC_PLAIN_DOUBLE) {
		for (unsigned i = 0; i < 2; i++)
			r.u64[i] = twice(va.u64[i], vb.u64[i], vc.u64[i], &e, imm);
		sign = (u128)BIT64(0) << 64 | BIT64(0);
	} else {
		for (unsigned i = 0; i < 4; i++)
			r.u32[i] = single(&e, imm, va.u32[i], vb.u32[i], vc.u32[i]);
		sign = ~(u128)0 / UINT32_MAX << 31;
	}
	if (!altivec)
		fpu_collect(cpu, &e);
	/* Code changes the signs afterwards. */
	return imm & TR_VFP_NEGATED ? r.q ^ sign : r.q;
}
