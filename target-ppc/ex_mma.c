/*
 * Matrix-Multiply Assist (Power ISA 3.1 book I 7.2.1.3, 7.6): rank-k updates
 * of a 4x4 (doubles: 4x2) matrix in an accumulator.
 *
 * Accumulator n is kept in VSRs 4n to 4n+3, row by row; so xxmtacc and xxmfacc
 * have nothing to do.  (While an accumulator is primed, the book leaves those
 * VSRs undefined; a source in the target's VSRs is an invalid form.)
 *
 * Element (i, j) gets row i of XA times row j of XB, k products; bits i of
 * XMSK, j of YMSK, k of PMSK (0 at the left) select what takes part; elements
 * masked off become 0, products masked off count as 0.  Unprefixed forms are
 * those with all masks ones.
 *
 * Floating point is done as if all exceptions were disabled; an enabled one
 * interrupts after the accumulator has been written.
 */
#include "target-ppc/ex_vmx.h"
#include "target-ppc/ex_vsx.h"

/* What to do with the accumulator, or with products and accumulator. */
typedef enum Update {
	SET,	 /* products alone */
	ADD,	 /* modulo */
	SET_SAT, /* products alone, saturated */
	ADD_SAT,
	PP = ADD, /* products + accumulator */
	PN = 16,  /* products - accumulator */
	NP,	  /* -products + accumulator */
	NN,	  /* -products - accumulator */
} Update;

typedef struct Masks {
	unsigned x, y, p;
} Masks;

static const Masks ones = { 15, 15, 255 };

VSX_INLINE Masks masks(const PpcOp *op, unsigned p)
{
	return (Masks){ op->XMSK, op->YMSK, p };
}

/* Element (i, j), with y of n columns; is it selected? */
VSX_INLINE bool selected(Masks m, unsigned i, unsigned j, unsigned columns)
{
	return m.x >> (3 - i) & 1 && m.y >> (columns - 1 - j) & 1;
}

void ex_xxmtacc(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_xxmfacc(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_xxsetaccz(PpcCpu *cpu, const PpcOp *op)
{
	memset(&cpu->vsr[4 * op->AT], 0, 4 * sizeof(PpcVsr));
}

/* ---- Integers: the sum of the products of two words ---- */

typedef int64_t Dot(uint32_t a, uint32_t b, unsigned p);

/* Eight products of signed nibbles. */
VSX_INLINE int64_t dot4(uint32_t a, uint32_t b, unsigned p)
{
	int64_t sum = 0;

	for (unsigned k = 0; k < 8; k++)
		if (p >> (7 - k) & 1)
			sum += sext64(a >> (28 - 4 * k), 4) * sext64(b >> (28 - 4 * k), 4);
	return sum;
}

/* Four products of signed and unsigned bytes. */
VSX_INLINE int64_t dot8(uint32_t a, uint32_t b, unsigned p)
{
	int64_t sum = 0;

	for (unsigned k = 0; k < 4; k++)
		if (p >> (3 - k) & 1)
			sum += (int8_t)(a >> (24 - 8 * k)) * (int64_t)(uint8_t)(b >> (24 - 8 * k));
	return sum;
}

/* Two products of signed halfwords. */
VSX_INLINE int64_t dot16(uint32_t a, uint32_t b, unsigned p)
{
	int64_t sum = 0;

	for (unsigned k = 0; k < 2; k++)
		if (p >> (1 - k) & 1)
			sum += (int16_t)(a >> (16 - 16 * k)) *
			       (int64_t)(int16_t)(b >> (16 - 16 * k));
	return sum;
}

VSX_INLINE void ger_int(PpcCpu *cpu, const PpcOp *op, Masks m, Dot *dot, Update how)
{
	const PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB];
	PpcVsr *acc = &cpu->vsr[4 * op->AT];
	bool sat = false;

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++) {
			int64_t v = 0;

			if (selected(m, i, j, 4)) {
				v = dot(VSR_W(a, i), VSR_W(b, j), m.p);
				if (how == ADD || how == ADD_SAT)
					v += VSR_SW(acc[i], j);
				if (how == SET_SAT || how == ADD_SAT)
					v = vmx_clamp_s32(v, &sat);
			}
			VSR_W(acc[i], j) = (uint32_t)v;
		}
	vmx_saturated(cpu, sat);
}

#define EX_GER_INT(NAME, DOT, HOW, PMSK)                                                           \
	EX_VSX(NAME, ger_int(cpu, op, ones, DOT, HOW))                                             \
	EX_VSX(pm##NAME, ger_int(cpu, op, masks(op, op->PMSK), DOT, HOW))

EX_GER_INT(xvi4ger8, dot4, SET, PMSK8)
EX_GER_INT(xvi4ger8pp, dot4, ADD, PMSK8)
EX_GER_INT(xvi8ger4, dot8, SET, PMSK4)
EX_GER_INT(xvi8ger4pp, dot8, ADD, PMSK4)
EX_GER_INT(xvi8ger4spp, dot8, ADD_SAT, PMSK4)
EX_GER_INT(xvi16ger2, dot16, SET, PMSK2)
EX_GER_INT(xvi16ger2pp, dot16, ADD, PMSK2)
EX_GER_INT(xvi16ger2s, dot16, SET_SAT, PMSK2)
EX_GER_INT(xvi16ger2spp, dot16, ADD_SAT, PMSK2)
#undef EX_GER_INT

/* ---- Floating point ---- */

VSX_INLINE SfEnv env_ger(const PpcCpu *cpu)
{
	return (SfEnv){ .rm = cpu->fpscr & FPSCR_RN };
}

/*
 * How many negations sf_*_fma() is to do.  The N forms negate the exact sum
 * before it is rounded (fnmadd does it after): where that makes a difference,
 * the rounding mode is turned round.
 */
VSX_INLINE unsigned fma_how(Update how)
{
	switch (how) {
	case PN: return SF_FMA_NEG_ADDEND;
	case NP: return SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT;
	case NN: return SF_FMA_NEG_RESULT;
	default: return 0;
	}
}

VSX_INLINE bool turned(Update how, const SfEnv *env)
{
	return (how == NP || how == NN) && env->fi && env->rm >= SF_RM_UP;
}

VSX_INLINE uint8_t opposite(uint8_t rm)
{
	return rm == SF_RM_UP ? SF_RM_DOWN : SF_RM_UP;
}

VSX_INLINE uint32_t update32(SfEnv *env, uint32_t a, uint32_t b, uint32_t acc, Update how)
{
	SfEnv again = *env;
	uint32_t r;

	if (how == SET)
		return sf_f32_mul(env, a, b);
	r = sf_f32_fma(env, a, b, acc, fma_how(how));
	if (turned(how, env)) {
		again.rm = opposite(env->rm);
		r = sf_f32_fma(&again, a, b, acc, fma_how(how));
		env->flags = again.flags;
	}
	return r;
}

VSX_INLINE uint64_t update64(SfEnv *env, uint64_t a, uint64_t b, uint64_t acc, Update how)
{
	SfEnv again = *env;
	uint64_t r;

	if (how == SET)
		return sf_f64_mul(env, a, b);
	r = sf_f64_fma(env, a, b, acc, fma_how(how));
	if (turned(how, env)) {
		again.rm = opposite(env->rm);
		r = sf_f64_fma(&again, a, b, acc, fma_how(how));
		env->flags = again.flags;
	}
	return r;
}

VSX_INLINE void ger32(PpcCpu *cpu, const PpcOp *op, Masks m, Update how)
{
	const PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB];
	PpcVsr *acc = &cpu->vsr[4 * op->AT];
	SfEnv env = env_ger(cpu);

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++)
			VSR_W(acc[i], j) = selected(m, i, j, 4)
						   ? update32(&env, VSR_W(a, i), VSR_W(b, j),
							      VSR_W(acc[i], j), how)
						   : 0;
	fpu_vector(cpu, &env);
}

/* Rows 0 and 1 are in XAp, 2 and 3 in the register after it. */
VSX_INLINE void ger64(PpcCpu *cpu, const PpcOp *op, Masks m, Update how)
{
	const PpcVsr a[2] = { cpu->vsr[op->XAp], cpu->vsr[op->XAp + 1] };
	const PpcVsr b = cpu->vsr[op->XB];
	PpcVsr *acc = &cpu->vsr[4 * op->AT];
	SfEnv env = env_ger(cpu);

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 2; j++)
			VSR_D(acc[i], j) = selected(m, i, j, 2)
						   ? update64(&env, VSR_D(a[i / 2], i & 1),
							      VSR_D(b, j), VSR_D(acc[i], j), how)
						   : 0;
	fpu_vector(cpu, &env);
}

/* Halfs and bfloat16s as doubles: their products are exact there. */
typedef uint64_t Widen(SfEnv *env, uint16_t v);

VSX_INLINE uint64_t widen_bf16(SfEnv *env, uint16_t v)
{
	return sf_f32_to_f64(env, (uint32_t)v << 16);
}

VSX_INLINE uint32_t negated(uint32_t v, bool neg)
{
	return neg && !sf_f32_is_nan(v) ? v ^ 0x80000000 : v;
}

/* Both products of a pair, rounded once to a single; then the accumulator. */
VSX_INLINE uint32_t update16(SfEnv *env, uint32_t a, uint32_t b, uint32_t acc, unsigned p,
			     Widen *widen, Update how)
{
	uint64_t a0 = p & 2 ? widen(env, (uint16_t)(a >> 16)) : 0;
	uint64_t b0 = p & 2 ? widen(env, (uint16_t)(b >> 16)) : 0;
	uint64_t a1 = p & 1 ? widen(env, (uint16_t)a) : 0, b1 = p & 1 ? widen(env, (uint16_t)b) : 0;
	uint64_t first = sf_f64_mul(env, a0, b0);
	uint32_t r = sf_stfs(sf_f64s_fma(env, a1, b1, first, 0));

	if (how == SET)
		return r;
	return sf_f32_add(env, negated(r, how == NP || how == NN),
			  negated(acc, how == PN || how == NN));
}

VSX_INLINE void ger16(PpcCpu *cpu, const PpcOp *op, Masks m, Widen *widen, Update how)
{
	const PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB];
	PpcVsr *acc = &cpu->vsr[4 * op->AT];
	SfEnv env = env_ger(cpu);

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++)
			VSR_W(acc[i], j) = selected(m, i, j, 4)
						   ? update16(&env, VSR_W(a, i), VSR_W(b, j),
							      VSR_W(acc[i], j), m.p, widen, how)
						   : 0;
	fpu_vector(cpu, &env);
}

#define EX_GER16(NAME, WIDEN, HOW)                                                                 \
	EX_VSX(NAME, ger16(cpu, op, ones, WIDEN, HOW))                                             \
	EX_VSX(pm##NAME, ger16(cpu, op, masks(op, op->PMSK2), WIDEN, HOW))

EX_GER16(xvf16ger2, sf_f16_to_f64, SET)
EX_GER16(xvf16ger2pp, sf_f16_to_f64, PP)
EX_GER16(xvf16ger2pn, sf_f16_to_f64, PN)
EX_GER16(xvf16ger2np, sf_f16_to_f64, NP)
EX_GER16(xvf16ger2nn, sf_f16_to_f64, NN)
EX_GER16(xvbf16ger2, widen_bf16, SET)
EX_GER16(xvbf16ger2pp, widen_bf16, PP)
EX_GER16(xvbf16ger2pn, widen_bf16, PN)
EX_GER16(xvbf16ger2np, widen_bf16, NP)
EX_GER16(xvbf16ger2nn, widen_bf16, NN)
#undef EX_GER16

#define EX_GER32(NAME, HOW)                                                                        \
	EX_VSX(NAME, ger32(cpu, op, ones, HOW))                                                    \
	EX_VSX(pm##NAME, ger32(cpu, op, masks(op, 0), HOW))

EX_GER32(xvf32ger, SET)
EX_GER32(xvf32gerpp, PP)
EX_GER32(xvf32gerpn, PN)
EX_GER32(xvf32gernp, NP)
EX_GER32(xvf32gernn, NN)
#undef EX_GER32

#define EX_GER64(NAME, HOW)                                                                        \
	EX_VSX(NAME, ger64(cpu, op, ones, HOW))                                                    \
	EX_VSX(pm##NAME, ger64(cpu, op, (Masks){ .x = op->XMSK, .y = op->YMSK2 }, HOW))

EX_GER64(xvf64ger, SET)
EX_GER64(xvf64gerpp, PP)
EX_GER64(xvf64gerpn, PN)
EX_GER64(xvf64gernp, NP)
EX_GER64(xvf64gernn, NN)
#undef EX_GER64
