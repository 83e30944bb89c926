/*
 * Vector Facility: single-precision floating point (Power ISA 3.0B book I 6.10).
 *
 * Rounds to nearest, always; no FPSCR, no exceptions; VSCR[NJ] makes zeros of
 * denormal operands and results.  A NaN result is the first NaN among VRA, VRB,
 * VRC, made quiet, else 0x7fc00000 (6.6.2).
 *
 * The estimates are better than the book asks for (1/4096 for vrefp and
 * vrsqrtefp, 1/16 for vexptefp, 1/32 for vlogefp); what each chip gives
 * within these bounds is its own, and no program may rely on it.
 */
#include "target-ppc/ex_vmx.h"
#include "target-ppc/softfloat.h"

static inline SfEnv vmx_env(const PpcCpu *cpu)
{
	return (SfEnv){ .rm = SF_RM_NEAREST, .nj = cpu->vscr & VSCR_NJ };
}

/* A source as the instruction sees it: denormals are zeros with NJ. */
static inline uint32_t flushed(const SfEnv *env, uint32_t v)
{
	return env->nj && !(v & 0x7f800000) ? v & 0x80000000 : v;
}

/* ex_NAME(): each word of VRT is EXPR of words a, b (and c) and of the environment e. */
#define EX_VMX_FP2(NAME, EXPR)                                                                     \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr va = vmx_get(cpu, op->VRA), vb = vmx_get(cpu, op->VRB);               \
		SfEnv env = vmx_env(cpu), *e = &env;                                               \
		PpcVsr vt;                                                                         \
                                                                                                   \
		for (unsigned i = 0; i < 4; i++) {                                                 \
			const uint32_t a = va.u32[i], b = vb.u32[i];                               \
                                                                                                   \
			vt.u32[i] = (EXPR);                                                        \
		}                                                                                  \
		vmx_set(cpu, op->VRT, vt);                                                         \
	}

#define EX_VMX_FP1(NAME, EXPR)                                                                     \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr vb = vmx_get(cpu, op->VRB);                                           \
		SfEnv env = vmx_env(cpu), *e = &env;                                               \
		PpcVsr vt;                                                                         \
                                                                                                   \
		for (unsigned i = 0; i < 4; i++) {                                                 \
			const uint32_t b = vb.u32[i];                                              \
                                                                                                   \
			vt.u32[i] = (EXPR);                                                        \
		}                                                                                  \
		vmx_set(cpu, op->VRT, vt);                                                         \
	}

/* ---- Arithmetic ---- */

EX_VMX_FP2(vaddfp, sf_f32_add(e, a, b))
EX_VMX_FP2(vsubfp, sf_f32_sub(e, a, b))

static inline void multiply_add(PpcCpu *cpu, const PpcOp *op, unsigned how)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	const PpcVsr c = vmx_get(cpu, op->VRC);
	SfEnv env = vmx_env(cpu);
	PpcVsr t;

	for (unsigned i = 0; i < 4; i++)
		t.u32[i] = sf_f32_fma(&env, a.u32[i], c.u32[i], b.u32[i], how);
	vmx_set(cpu, op->VRT, t);
}

void ex_vmaddfp(PpcCpu *cpu, const PpcOp *op)
{
	multiply_add(cpu, op, 0);
}

void ex_vnmsubfp(PpcCpu *cpu, const PpcOp *op)
{
	multiply_add(cpu, op, SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT);
}

/* Floats in order as integers: negative ones run backwards, -0 is below +0. */
static inline int32_t ordered(uint32_t v)
{
	return v & 0x80000000 ? (int32_t)~v ^ INT32_MIN : (int32_t)v;
}

/* Unlike VSX's: any NaN is returned (6.10.1). */
static inline uint32_t extreme(const SfEnv *env, uint32_t a, uint32_t b, bool max)
{
	if (sf_f32_is_nan(a))
		return sf_f32_quiet(a);
	if (sf_f32_is_nan(b))
		return sf_f32_quiet(b);
	a = flushed(env, a);
	b = flushed(env, b);
	return (ordered(a) > ordered(b)) == max ? a : b;
}

EX_VMX_FP2(vmaxfp, extreme(e, a, b, true))
EX_VMX_FP2(vminfp, extreme(e, a, b, false))

/* ---- Rounding and conversions ---- */

EX_VMX_FP1(vrfin, sf_f32_rint(e, b, SF_RM_NEAREST, false))
EX_VMX_FP1(vrfiz, sf_f32_rint(e, b, SF_RM_ZERO, false))
EX_VMX_FP1(vrfip, sf_f32_rint(e, b, SF_RM_UP, false))
EX_VMX_FP1(vrfim, sf_f32_rint(e, b, SF_RM_DOWN, false))

/*
 * v * 2^scale, towards zero, to an integer; NaNs give 0.  *sat: out of range.
 * Denormals are below 1 whatever the scale (0-31), so NJ makes no difference.
 */
static inline uint32_t to_word(uint32_t v, unsigned scale, bool is_signed, bool *sat)
{
	const bool minus = v >> 31;
	const int exp = (int)(v >> 23 & 255) - 127 + (int)scale;
	const uint64_t sig = (v & 0x7fffff) | 0x800000;
	const uint64_t limit = is_signed ? (uint64_t)INT32_MAX + minus : minus ? 0 : UINT32_MAX;
	uint64_t r;

	if (sf_f32_is_nan(v) || exp < 0)
		return 0;
	r = sf_f32_is_inf(v) || exp > 32 ? UINT64_MAX
	    : exp < 23			 ? sig >> (23 - exp)
					 : sig << (exp - 23);
	if (r > limit) {
		*sat = true;
		r = limit;
	}
	return minus ? -(uint32_t)r : (uint32_t)r;
}

static inline void convert_to_word(PpcCpu *cpu, const PpcOp *op, bool is_signed)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	PpcVsr t;
	bool sat = false;

	for (unsigned i = 0; i < 4; i++)
		t.u32[i] = to_word(b.u32[i], op->UIM5, is_signed, &sat);
	vmx_set(cpu, op->VRT, t);
	vmx_saturated(cpu, sat);
}

void ex_vctsxs(PpcCpu *cpu, const PpcOp *op)
{
	convert_to_word(cpu, op, true);
}

void ex_vctuxs(PpcCpu *cpu, const PpcOp *op)
{
	convert_to_word(cpu, op, false);
}

/* v / 2^scale: never denormal for scales up to 63. */
static inline uint32_t from_integer(SfEnv *env, int64_t v, unsigned scale)
{
	return v ? sf_s64_to_f32(env, v) - (scale << 23) : 0;
}

EX_VMX_FP1(vcfsx, from_integer(e, (int32_t)b, op->UIM5))
EX_VMX_FP1(vcfux, from_integer(e, b, op->UIM5))

/* ---- Compares ---- */

static inline uint32_t compare(SfEnv *env, uint32_t a, uint32_t b, unsigned wanted)
{
	return sf_f32_cmp(env, a, b, false) & wanted ? UINT32_MAX : 0;
}

EX_VMX_FP2(vcmpeqfp, compare(e, a, b, SF_EQ))
EX_VMX_FP2(vcmpgefp, compare(e, a, b, SF_GT | SF_EQ))
EX_VMX_FP2(vcmpgtfp, compare(e, a, b, SF_GT))

/* Bit 0: a above b, bit 1: a below -b; a NaN is out of both bounds. */
static inline uint32_t bounds(SfEnv *env, uint32_t a, uint32_t b)
{
	const bool nan = sf_f32_is_nan(a) || sf_f32_is_nan(b);

	return (nan || sf_f32_cmp(env, a, b, false) == SF_GT ? 0x80000000 : 0) |
	       (nan || sf_f32_cmp(env, a, b ^ 0x80000000, false) == SF_LT ? 0x40000000 : 0);
}

EX_VMX_FP2(vcmpbfp, bounds(e, a, b))

/* CR6 has only its bit 2: all are within bounds. */
void ex_vcmpbfp_(PpcCpu *cpu, const PpcOp *op)
{
	ex_vcmpbfp(cpu, op);
	cpu->cr[6] = vmx_get(cpu, op->VRT).q == 0 ? 2 : 0;
}

/* ---- Estimates ---- */

EX_VMX_FP1(vrefp, sf_f32_recip_est(e, b))
EX_VMX_FP1(vrsqrtefp, sf_f32_rsqrt_est(e, b))

/* 2^(1/2), 2^(1/4), 2^(1/8) ... with 62 fraction bits. */
static const uint64_t root_of_2[32] = {
	0x5a827999fcef3242, 0x4c1bf828c6dc54b8, 0x45cae0f1f545eb73, 0x42d561b3e6243d8a,
	0x4166c34c5615d0ec, 0x40b268f9de0183ba, 0x4058f6a7ecccd5b6, 0x402c6be96af2fb58,
	0x4016321b687027a8, 0x400b18178ba33b14, 0x40058bce410147e8, 0x4002c5d7bff71daf,
	0x400162e807ee7e5b, 0x4000b1730df6a524, 0x400058b9497b8152, 0x40002c5c955dd701,
	0x4000162e46d6f26c, 0x40000b1722757b1b, 0x4000058b90fd3e0c, 0x400002c5c86f3f26,
	0x40000162e433c79b, 0x400000b17218edd0, 0x40000058b90c3968, 0x4000002c5c860d54,
	0x400000162e4302d2, 0x4000000b17218073, 0x400000058b90bffc, 0x40000002c5c85fef,
	0x4000000162e42ff3, 0x40000000b17217f9, 0x4000000058b90bfc, 0x400000002c5c85fe,
};

/* m * 2^n for m in [1, 2) with 62 fraction bits, rounded to nearest. */
static uint32_t pack_power(const SfEnv *env, uint64_t m, int n)
{
	unsigned drop = 62 - 23;

	if (n > 127)
		return 0x7f800000;
	if (n < -126) {
		if (env->nj || n < -150)
			return 0;
		drop += -126 - n;
		n = -126;
	}
	/* The hidden bit, where there is one, makes the exponent one more. */
	m = (m + (UINT64_C(1) << (drop - 1))) >> drop;
	return ((uint32_t)(n + 126) << 23) + (uint32_t)m;
}

static uint32_t exp2_estimate(const SfEnv *env, uint32_t b)
{
	const int exp = (int)(b >> 23 & 255) - 127;
	int64_t x = (b & 0x7fffff) | 0x800000;
	uint64_t m = UINT64_C(1) << 62;

	if (sf_f32_is_nan(b))
		return sf_f32_quiet(b);
	if (exp >= 8)
		return b >> 31 ? 0 : 0x7f800000;
	/* x with 32 fraction bits; what lies below does not move the result from 1. */
	x = exp < -33 ? 0 : exp < -9 ? x >> (-9 - exp) : x << (exp + 9);
	if (b >> 31)
		x = -x;
	for (unsigned i = 0; i < 32; i++)
		if (x >> (31 - i) & 1)
			m = (u128)m * root_of_2[i] >> 62;
	return pack_power(env, m, (int)(x >> 32));
}

/* log2 digit by digit: squaring m doubles its logarithm. */
static uint32_t log2_estimate(SfEnv *env, uint32_t b)
{
	int n = (int)(b >> 23 & 255) - 127;
	uint64_t m = (uint64_t)(b & 0x7fffff) << 39 | UINT64_C(1) << 62;
	int64_t r;

	if (sf_f32_is_nan(b))
		return sf_f32_quiet(b);
	if (sf_f32_is_zero(flushed(env, b)))
		return 0xff800000;
	if (b >> 31)
		return SF_F32_DEFAULT_NAN;
	if (sf_f32_is_inf(b))
		return b;
	if (n == -127) {
		n = 8 - (int)clz32(b);
		m = (uint64_t)b << (clz32(b) + 31);
		n -= 126;
	}
	r = n;
	for (unsigned i = 0; i < 48; i++) {
		u128 square = (u128)m * m >> 62;

		r = (int64_t)((uint64_t)r << 1) | (square >> 63 != 0);
		m = (uint64_t)(square >> 63 ? square >> 1 : square);
	}
	return from_integer(env, r, 48);
}

EX_VMX_FP1(vexptefp, exp2_estimate(e, b))
EX_VMX_FP1(vlogefp, log2_estimate(e, b))
