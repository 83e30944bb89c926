/*
 * What the ex_vmx_*.c files share: registers, VSCR, and makers of the
 * instructions that do the same to every element.
 *
 * Elements of one width that do not look at their neighbours are taken in host
 * order (va.u8[i]); where the book's element numbers matter, through VSR_B()
 * and its like.  Results are built beside the registers and stored last, for the
 * target may be a source.
 */
#ifndef TARGET_PPC_EX_VMX_H
#define TARGET_PPC_EX_VMX_H

#include "target-ppc/exec.h"

/* VSCR: the book's bits 111 and 127 of the register, 15 and 31 of the word. */
#define VSCR_NJ BIT32(15)
#define VSCR_SAT BIT32(31)

static inline PpcVsr vmx_get(const PpcCpu *cpu, unsigned n)
{
	return cpu->vsr[32 + n];
}
static inline void vmx_set(PpcCpu *cpu, unsigned n, PpcVsr v)
{
	cpu->vsr[32 + n] = v;
}

/* VSCR[SAT] is sticky: only mtvscr clears it. */
static inline void vmx_saturated(PpcCpu *cpu, bool sat)
{
	if (sat)
		cpu->vscr |= VSCR_SAT;
}

/* v brought into lo..hi; *sat is set when it was outside. */
static inline int64_t vmx_clamp(int64_t v, int64_t lo, int64_t hi, bool *sat)
{
	int64_t r = v < lo ? lo : v > hi ? hi : v;

	*sat |= r != v;
	return r;
}

static inline int64_t vmx_clamp_s8(int64_t v, bool *sat)
{
	return vmx_clamp(v, -128, 127, sat);
}
static inline int64_t vmx_clamp_u8(int64_t v, bool *sat)
{
	return vmx_clamp(v, 0, 255, sat);
}
static inline int64_t vmx_clamp_s16(int64_t v, bool *sat)
{
	return vmx_clamp(v, INT16_MIN, INT16_MAX, sat);
}
static inline int64_t vmx_clamp_u16(int64_t v, bool *sat)
{
	return vmx_clamp(v, 0, UINT16_MAX, sat);
}
static inline int64_t vmx_clamp_s32(int64_t v, bool *sat)
{
	return vmx_clamp(v, INT32_MIN, INT32_MAX, sat);
}
static inline int64_t vmx_clamp_u32(int64_t v, bool *sat)
{
	return vmx_clamp(v, 0, UINT32_MAX, sat);
}

/*
 * ex_NAME(): each element of VRT is EXPR of the elements a of VRA and b of
 * VRB; LANE is their place in PpcVsr (u8, s16 ...) and so their type.
 */
#define EX_VMX_AB(NAME, LANE, EXPR)                                                                \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr va = vmx_get(cpu, op->VRA), vb = vmx_get(cpu, op->VRB);               \
		PpcVsr vt;                                                                         \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(vt.LANE); i++) {                                \
			const __typeof__(vt.LANE[0]) a = va.LANE[i], b = vb.LANE[i];               \
                                                                                                   \
			vt.LANE[i] = (EXPR);                                                       \
		}                                                                                  \
		vmx_set(cpu, op->VRT, vt);                                                         \
	}

/* The same with one source, VRB. */
#define EX_VMX_B(NAME, LANE, EXPR)                                                                 \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr vb = vmx_get(cpu, op->VRB);                                           \
		PpcVsr vt;                                                                         \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(vt.LANE); i++) {                                \
			const __typeof__(vt.LANE[0]) b = vb.LANE[i];                               \
                                                                                                   \
			vt.LANE[i] = (EXPR);                                                       \
		}                                                                                  \
		vmx_set(cpu, op->VRT, vt);                                                         \
	}

/*
 * The same with two sources and saturation: EXPR is computed in 64 bits, then
 * clamped to the element's type, noting it in VSCR[SAT].
 */
#define EX_VMX_AB_SAT(NAME, LANE, EXPR)                                                            \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr va = vmx_get(cpu, op->VRA), vb = vmx_get(cpu, op->VRB);               \
		PpcVsr vt;                                                                         \
		bool sat = false;                                                                  \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(vt.LANE); i++) {                                \
			const int64_t a = va.LANE[i], b = vb.LANE[i];                              \
                                                                                                   \
			vt.LANE[i] = vmx_clamp_##LANE(EXPR, &sat);                                 \
		}                                                                                  \
		vmx_set(cpu, op->VRT, vt);                                                         \
		vmx_saturated(cpu, sat);                                                           \
	}

#endif
