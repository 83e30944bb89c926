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

/* The N forms negate the rounded result, as fnmadd does (3.1 book I 7.6, xvf32ger*). */
VSX_INLINE unsigned fma_how(Update how)
{
	switch (how) {
	case PN: return SF_FMA_NEG_ADDEND;
	case NP: return SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT;
	case NN: return SF_FMA_NEG_RESULT;
	default: return 0;
	}
}

VSX_INLINE uint32_t update32(SfEnv *env, uint32_t a, uint32_t b, uint32_t acc, Update how)
{
	return how == SET ? sf_f32_mul(env, a, b) : sf_f32_fma(env, a, b, acc, fma_how(how));
}

VSX_INLINE uint64_t update64(SfEnv *env, uint64_t a, uint64_t b, uint64_t acc, Update how)
{
	return how == SET ? sf_f64_mul(env, a, b) : sf_f64_fma(env, a, b, acc, fma_how(how));
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

typedef struct Pairs {
	uint64_t a[2], b[2];
} Pairs;

/* Products that PMSK leaves out are 0 * 0. */
VSX_INLINE Pairs pairs(SfEnv *env, uint32_t a, uint32_t b, unsigned p, Widen *widen)
{
	return (Pairs){ { p & 2 ? widen(env, (uint16_t)(a >> 16)) : 0,
			  p & 1 ? widen(env, (uint16_t)a) : 0 },
			{ p & 2 ? widen(env, (uint16_t)(b >> 16)) : 0,
			  p & 1 ? widen(env, (uint16_t)b) : 0 } };
}

VSX_INLINE uint32_t negated(uint32_t v, bool neg)
{
	return neg && !sf_f32_is_nan(v) ? v ^ 0x80000000 : v;
}

/* Both products of a pair, rounded once to a single; then the accumulator. */
VSX_INLINE uint32_t update_f16(SfEnv *env, uint32_t a, uint32_t b, uint32_t acc, unsigned p,
			       Update how)
{
	Pairs x = pairs(env, a, b, p, sf_f16_to_f64);
	uint64_t first = sf_f64_mul(env, x.a[0], x.b[0]);
	uint32_t r = sf_stfs(sf_f64s_fma(env, x.a[1], x.b[1], first, 0));

	if (how == SET)
		return r;
	return sf_f32_add(env, negated(r, how == NP || how == NN),
			  negated(acc, how == PN || how == NN));
}

/* A double rounded to the 24 bits of a single's significand; its exponent has no bounds. */
VSX_INLINE uint64_t round_significand(SfEnv *env, uint64_t v)
{
	const uint64_t unit = UINT64_C(1) << 29;
	uint64_t lost = v & (unit - 1), r = v & ~(unit - 1);
	bool up;

	if (!lost || sf_f64_is_nan(v))
		return v;
	env->flags |= SF_XX;
	switch (env->rm) {
	case SF_RM_NEAREST: up = lost > unit / 2 || (lost == unit / 2 && (r & unit)); break;
	case SF_RM_UP: up = !(v >> 63); break;
	case SF_RM_DOWN: up = v >> 63; break;
	default: up = false; break;
	}
	return up ? r + unit : r;
}

/*
 * bfloat16s have the exponents of singles, their products twice as large ones: the sum of both
 * products keeps them (xvbf16ger2*: only the significand is rounded) until the
 * accumulator has been added.  To odd in between, so that nothing is rounded twice.
 */
VSX_INLINE uint32_t update_bf16(SfEnv *env, uint32_t a, uint32_t b, uint32_t acc, unsigned p,
				Update how)
{
	Pairs x = pairs(env, a, b, p, widen_bf16);
	uint64_t first = sf_f64_mul(env, x.a[0], x.b[0]), r, c;
	SfEnv odd = { .rm = SF_RM_ODD };

	r = sf_f64_fma(&odd, x.a[1], x.b[1], first, 0);
	env->flags |= odd.flags & SF_VX_ANY;
	if (r << 1)
		r = round_significand(env, r);
	else /* exact; its sign depends on the mode */
		r = sf_f64_fma(env, x.a[1], x.b[1], first, 0);
	if (how == SET)
		return sf_f64_to_f32(env, r);
	if ((how == NP || how == NN) && !sf_f64_is_nan(r))
		r ^= BIT64(0);
	c = sf_f32_to_f64(env, negated(acc, how == PN || how == NN));
	return sf_stfs(sf_f64s_add(env, r, c));
}

typedef uint32_t Update16(SfEnv *env, uint32_t a, uint32_t b, uint32_t acc, unsigned p, Update how);

VSX_INLINE void ger16(PpcCpu *cpu, const PpcOp *op, Masks m, Update16 *update, Update how)
{
	const PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB];
	PpcVsr *acc = &cpu->vsr[4 * op->AT];
	SfEnv env = env_ger(cpu);

	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < 4; j++)
			VSR_W(acc[i], j) = selected(m, i, j, 4)
						   ? update(&env, VSR_W(a, i), VSR_W(b, j),
							    VSR_W(acc[i], j), m.p, how)
						   : 0;
	fpu_vector(cpu, &env);
}

#define EX_GER16(NAME, UPDATE, HOW)                                                                \
	EX_VSX(NAME, ger16(cpu, op, ones, UPDATE, HOW))                                            \
	EX_VSX(pm##NAME, ger16(cpu, op, masks(op, op->PMSK2), UPDATE, HOW))

EX_GER16(xvf16ger2, update_f16, SET)
EX_GER16(xvf16ger2pp, update_f16, PP)
EX_GER16(xvf16ger2pn, update_f16, PN)
EX_GER16(xvf16ger2np, update_f16, NP)
EX_GER16(xvf16ger2nn, update_f16, NN)
EX_GER16(xvbf16ger2, update_bf16, SET)
EX_GER16(xvbf16ger2pp, update_bf16, PP)
EX_GER16(xvbf16ger2pn, update_bf16, PN)
EX_GER16(xvbf16ger2np, update_bf16, NP)
EX_GER16(xvbf16ger2nn, update_bf16, NN)
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
