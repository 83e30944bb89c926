/*
 * Vector Facility: multiply, multiply-and-add, multiply-and-sum, sum across
 * (Power ISA 3.0B book I 6.9.1.3 to 6.9.1.5).
 *
 * "Even" and "odd" count the book's elements from the left.
 */
#include "target-ppc/ex_vmx.h"

/* ---- Multiply even or odd elements into ones twice as wide ---- */

/*
 * ex_NAME(): element i of VRT (TO) is the product of elements 2 * i + ODD of
 * VRA and VRB (FROM); TO and FROM name VSR_x accessors, WIDE is TO's type.
 */
#define EX_VMX_MUL(NAME, TO, FROM, COUNT, ODD, WIDE)                                               \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);                 \
		PpcVsr t;                                                                          \
                                                                                                   \
		for (unsigned i = 0; i < (COUNT); i++)                                             \
			TO(t, i) = (WIDE)FROM(a, 2 * i + (ODD)) * FROM(b, 2 * i + (ODD));          \
		vmx_set(cpu, op->VRT, t);                                                          \
	}

EX_VMX_MUL(vmuleub, VSR_H, VSR_B, 8, 0, uint16_t)
EX_VMX_MUL(vmuloub, VSR_H, VSR_B, 8, 1, uint16_t)
EX_VMX_MUL(vmulesb, VSR_SH, VSR_SB, 8, 0, int16_t)
EX_VMX_MUL(vmulosb, VSR_SH, VSR_SB, 8, 1, int16_t)
EX_VMX_MUL(vmuleuh, VSR_W, VSR_H, 4, 0, uint32_t)
EX_VMX_MUL(vmulouh, VSR_W, VSR_H, 4, 1, uint32_t)
EX_VMX_MUL(vmulesh, VSR_SW, VSR_SH, 4, 0, int32_t)
EX_VMX_MUL(vmulosh, VSR_SW, VSR_SH, 4, 1, int32_t)
EX_VMX_MUL(vmuleuw, VSR_D, VSR_W, 2, 0, uint64_t)
EX_VMX_MUL(vmulouw, VSR_D, VSR_W, 2, 1, uint64_t)
EX_VMX_MUL(vmulesw, VSR_SD, VSR_SW, 2, 0, int64_t)
EX_VMX_MUL(vmulosw, VSR_SD, VSR_SW, 2, 1, int64_t)

EX_VMX_AB(vmuluwm, u32, a *b)

/* ---- Multiply and add halfwords ---- */

/* ((a * b + round) >> 15) + c, saturated. */
static inline void mhadd(PpcCpu *cpu, const PpcOp *op, int32_t round)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	const PpcVsr c = vmx_get(cpu, op->VRC);
	PpcVsr t;
	bool sat = false;

	for (unsigned i = 0; i < 8; i++) {
		int32_t p = (a.s16[i] * b.s16[i] + round) >> 15;

		t.s16[i] = vmx_clamp_s16(p + c.s16[i], &sat);
	}
	vmx_set(cpu, op->VRT, t);
	vmx_saturated(cpu, sat);
}

void ex_vmhaddshs(PpcCpu *cpu, const PpcOp *op)
{
	mhadd(cpu, op, 0);
}

void ex_vmhraddshs(PpcCpu *cpu, const PpcOp *op)
{
	mhadd(cpu, op, 1 << 14);
}

void ex_vmladduhm(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	const PpcVsr c = vmx_get(cpu, op->VRC);
	PpcVsr t;

	for (unsigned i = 0; i < 8; i++)
		t.u16[i] = (uint32_t)a.u16[i] * b.u16[i] + c.u16[i];
	vmx_set(cpu, op->VRT, t);
}

/* ---- Multiply and sum: the products within each word, and VRC's word ---- */

/*
 * ex_NAME(): word i of VRT is the sum of the N products a.LA[] * b.LB[] in that
 * word and of word i of VRC (LC), brought into a word by FIT(sum, &sat).
 */
#define EX_VMX_MSUM(NAME, N, LA, LB, LC, FIT)                                                      \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);                 \
		const PpcVsr c = vmx_get(cpu, op->VRC);                                            \
		PpcVsr t;                                                                          \
		bool sat = false;                                                                  \
                                                                                                   \
		for (unsigned i = 0; i < 4; i++) {                                                 \
			int64_t sum = c.LC[i];                                                     \
                                                                                                   \
			for (unsigned j = (N)*i; j < (N) * (i + 1); j++)                           \
				sum += (int64_t)a.LA[j] * b.LB[j];                                 \
			t.u32[i] = FIT(sum, &sat);                                                 \
		}                                                                                  \
		vmx_set(cpu, op->VRT, t);                                                          \
		vmx_saturated(cpu, sat);                                                           \
	}

/* Modulo: never saturates. */
static inline int64_t modulo(int64_t v, const bool *sat)
{
	(void)sat;
	return v;
}

EX_VMX_MSUM(vmsumubm, 4, u8, u8, u32, modulo)
EX_VMX_MSUM(vmsummbm, 4, s8, u8, s32, modulo)
EX_VMX_MSUM(vmsumuhm, 2, u16, u16, u32, modulo)
EX_VMX_MSUM(vmsumshm, 2, s16, s16, s32, modulo)
EX_VMX_MSUM(vmsumuhs, 2, u16, u16, u32, vmx_clamp_u32)
EX_VMX_MSUM(vmsumshs, 2, s16, s16, s32, vmx_clamp_s32)

void ex_vmsumudm(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t = vmx_get(cpu, op->VRC);

	t.q += (u128)a.u64[0] * b.u64[0] + (u128)a.u64[1] * b.u64[1];
	vmx_set(cpu, op->VRT, t);
}

/* ---- Sum across ---- */

/* ex_NAME(): word i of VRT is word i of VRB plus the N elements of VRA in it. */
#define EX_VMX_SUM4(NAME, N, LA, LB, FIT)                                                          \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);                 \
		PpcVsr t;                                                                          \
		bool sat = false;                                                                  \
                                                                                                   \
		for (unsigned i = 0; i < 4; i++) {                                                 \
			int64_t sum = b.LB[i];                                                     \
                                                                                                   \
			for (unsigned j = (N)*i; j < (N) * (i + 1); j++)                           \
				sum += a.LA[j];                                                    \
			t.u32[i] = FIT(sum, &sat);                                                 \
		}                                                                                  \
		vmx_set(cpu, op->VRT, t);                                                          \
		vmx_saturated(cpu, sat);                                                           \
	}

EX_VMX_SUM4(vsum4ubs, 4, u8, u32, vmx_clamp_u32)
EX_VMX_SUM4(vsum4sbs, 4, s8, s32, vmx_clamp_s32)
EX_VMX_SUM4(vsum4shs, 2, s16, s32, vmx_clamp_s32)

void ex_vsum2sws(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t = { .q = 0 };
	bool sat = false;

	for (unsigned i = 1; i < 4; i += 2)
		VSR_SW(t,
		       i) = vmx_clamp_s32((int64_t)VSR_SW(a, i - 1) + VSR_SW(a, i) + VSR_SW(b, i),
					  &sat);
	vmx_set(cpu, op->VRT, t);
	vmx_saturated(cpu, sat);
}

void ex_vsumsws(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t = { .q = 0 };
	int64_t sum = VSR_SW(b, 3);
	bool sat = false;

	for (unsigned i = 0; i < 4; i++)
		sum += a.s32[i];
	VSR_SW(t, 3) = vmx_clamp_s32(sum, &sat);
	vmx_set(cpu, op->VRT, t);
	vmx_saturated(cpu, sat);
}
