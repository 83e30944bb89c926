/*
 * Vector Facility: integer arithmetic of elements, compares, logical
 * instructions, rotates, shifts and counts of elements (Power ISA 3.0B book I
 * 6.9, 6.13, 6.14), quadword add and subtract (6.9.1.1, 6.9.1.2), multiply by
 * 10 (6.16).  Multiply-and-sum stands in ex_vmx_mul.c.
 */
#include "target-ppc/ex_vmx.h"

/* ---- Add and subtract ---- */

EX_VMX_AB(vaddubm, u8, a + b)
EX_VMX_AB(vadduhm, u16, a + b)
EX_VMX_AB(vadduwm, u32, a + b)
EX_VMX_AB(vaddudm, u64, a + b)
EX_VMX_AB(vsububm, u8, a - b)
EX_VMX_AB(vsubuhm, u16, a - b)
EX_VMX_AB(vsubuwm, u32, a - b)
EX_VMX_AB(vsubudm, u64, a - b)

EX_VMX_AB_SAT(vaddubs, u8, a + b)
EX_VMX_AB_SAT(vadduhs, u16, a + b)
EX_VMX_AB_SAT(vadduws, u32, a + b)
EX_VMX_AB_SAT(vaddsbs, s8, a + b)
EX_VMX_AB_SAT(vaddshs, s16, a + b)
EX_VMX_AB_SAT(vaddsws, s32, a + b)
EX_VMX_AB_SAT(vsububs, u8, a - b)
EX_VMX_AB_SAT(vsubuhs, u16, a - b)
EX_VMX_AB_SAT(vsubuws, u32, a - b)
EX_VMX_AB_SAT(vsubsbs, s8, a - b)
EX_VMX_AB_SAT(vsubshs, s16, a - b)
EX_VMX_AB_SAT(vsubsws, s32, a - b)

/* Carries out: of a subtraction, of a + ~b + 1, so 1 is "no borrow". */
EX_VMX_AB(vaddcuw, u32, (uint32_t)(a + b) < a)
EX_VMX_AB(vsubcuw, u32, a >= b)

/* a + b + carry in 128 bits; *carry becomes the carry out. */
static inline u128 add128(u128 a, u128 b, unsigned *carry)
{
	u128 s = a + b, r = s + *carry;

	*carry = (s < a) | (r < s);
	return r;
}

/*
 * All quadword adds and subtracts: VRB inverted for a subtraction, a carry
 * in, and either the sum or the carry out as the result.
 */
static inline void quadword(PpcCpu *cpu, const PpcOp *op, bool sub, unsigned carry, bool want_carry)
{
	PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB), t;

	t.q = add128(a.q, sub ? ~b.q : b.q, &carry);
	if (want_carry)
		t.q = carry;
	vmx_set(cpu, op->VRT, t);
}

/* The carry in of the extended forms: bit 127 of VRC. */
static inline unsigned carry_in(const PpcCpu *cpu, const PpcOp *op)
{
	return vmx_get(cpu, op->VRC).q & 1;
}

void ex_vadduqm(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, false, 0, false);
}

void ex_vaddcuq(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, false, 0, true);
}

void ex_vaddeuqm(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, false, carry_in(cpu, op), false);
}

void ex_vaddecuq(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, false, carry_in(cpu, op), true);
}

void ex_vsubuqm(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, true, 1, false);
}

void ex_vsubcuq(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, true, 1, true);
}

void ex_vsubeuqm(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, true, carry_in(cpu, op), false);
}

void ex_vsubecuq(PpcCpu *cpu, const PpcOp *op)
{
	quadword(cpu, op, true, carry_in(cpu, op), true);
}

/* ---- Multiply by 10 (6.16) ---- */

/* VRA * 10 + cin: the low 128 bits, or what is carried out above them. */
static inline void mul10(PpcCpu *cpu, const PpcOp *op, unsigned cin, bool want_carry)
{
	PpcVsr a = vmx_get(cpu, op->VRA), t;
	u128 lo = (u128)VSR_D(a, 1) * 10 + cin;
	u128 hi = (u128)VSR_D(a, 0) * 10 + (uint64_t)(lo >> 64);

	if (want_carry)
		t.q = hi >> 64;
	else
		t.q = hi << 64 | (uint64_t)lo;
	vmx_set(cpu, op->VRT, t);
}

/* The digit carried in: bits 124:127 of VRB (above 9 the book defines nothing). */
static inline unsigned digit_in(const PpcCpu *cpu, const PpcOp *op)
{
	return vmx_get(cpu, op->VRB).q & 15;
}

void ex_vmul10uq(PpcCpu *cpu, const PpcOp *op)
{
	mul10(cpu, op, 0, false);
}

void ex_vmul10cuq(PpcCpu *cpu, const PpcOp *op)
{
	mul10(cpu, op, 0, true);
}

void ex_vmul10euq(PpcCpu *cpu, const PpcOp *op)
{
	mul10(cpu, op, digit_in(cpu, op), false);
}

void ex_vmul10ecuq(PpcCpu *cpu, const PpcOp *op)
{
	mul10(cpu, op, digit_in(cpu, op), true);
}

/* ---- Negate, sign extension, average, difference, maximum, minimum ---- */

EX_VMX_B(vnegw, u32, -b)
EX_VMX_B(vnegd, u64, -b)
EX_VMX_B(vextsb2w, s32, (int8_t)b)
EX_VMX_B(vextsh2w, s32, (int16_t)b)
EX_VMX_B(vextsb2d, s64, (int8_t)b)
EX_VMX_B(vextsh2d, s64, (int16_t)b)
EX_VMX_B(vextsw2d, s64, (int32_t)b)

/* Averages round up: (a + b + 1) >> 1 of the unbounded sum. */
EX_VMX_AB(vavgub, u8, (a + b + 1) >> 1)
EX_VMX_AB(vavguh, u16, (a + b + 1) >> 1)
EX_VMX_AB(vavguw, u32, ((uint64_t)a + b + 1) >> 1)
EX_VMX_AB(vavgsb, s8, (a + b + 1) >> 1)
EX_VMX_AB(vavgsh, s16, (a + b + 1) >> 1)
EX_VMX_AB(vavgsw, s32, ((int64_t)a + b + 1) >> 1)

EX_VMX_AB(vabsdub, u8, a > b ? a - b : b - a)
EX_VMX_AB(vabsduh, u16, a > b ? a - b : b - a)
EX_VMX_AB(vabsduw, u32, a > b ? a - b : b - a)

EX_VMX_AB(vmaxub, u8, a > b ? a : b)
EX_VMX_AB(vmaxuh, u16, a > b ? a : b)
EX_VMX_AB(vmaxuw, u32, a > b ? a : b)
EX_VMX_AB(vmaxud, u64, a > b ? a : b)
EX_VMX_AB(vmaxsb, s8, a > b ? a : b)
EX_VMX_AB(vmaxsh, s16, a > b ? a : b)
EX_VMX_AB(vmaxsw, s32, a > b ? a : b)
EX_VMX_AB(vmaxsd, s64, a > b ? a : b)
EX_VMX_AB(vminub, u8, a < b ? a : b)
EX_VMX_AB(vminuh, u16, a < b ? a : b)
EX_VMX_AB(vminuw, u32, a < b ? a : b)
EX_VMX_AB(vminud, u64, a < b ? a : b)
EX_VMX_AB(vminsb, s8, a < b ? a : b)
EX_VMX_AB(vminsh, s16, a < b ? a : b)
EX_VMX_AB(vminsw, s32, a < b ? a : b)
EX_VMX_AB(vminsd, s64, a < b ? a : b)

/* ---- Compares: all ones where true; the dotted forms set CR6 from VRT ---- */

EX_VMX_AB(vcmpequb, u8, -(a == b))
EX_VMX_AB(vcmpequh, u16, -(a == b))
EX_VMX_AB(vcmpequw, u32, -(a == b))
EX_VMX_AB(vcmpequd, u64, -(uint64_t)(a == b))
EX_VMX_AB(vcmpneb, u8, -(a != b))
EX_VMX_AB(vcmpneh, u16, -(a != b))
EX_VMX_AB(vcmpnew, u32, -(a != b))
/* Not equal, or zero in either: finds the end of a string and a difference at once. */
EX_VMX_AB(vcmpnezb, u8, -(a != b || a == 0))
EX_VMX_AB(vcmpnezh, u16, -(a != b || a == 0))
EX_VMX_AB(vcmpnezw, u32, -(a != b || a == 0))
EX_VMX_AB(vcmpgtub, u8, -(a > b))
EX_VMX_AB(vcmpgtuh, u16, -(a > b))
EX_VMX_AB(vcmpgtuw, u32, -(a > b))
EX_VMX_AB(vcmpgtud, u64, -(uint64_t)(a > b))
EX_VMX_AB(vcmpgtsb, s8, -(a > b))
EX_VMX_AB(vcmpgtsh, s16, -(a > b))
EX_VMX_AB(vcmpgtsw, s32, -(a > b))
EX_VMX_AB(vcmpgtsd, s64, -(int64_t)(a > b))

/* ---- Logical ---- */

EX_VMX_AB(vand, u64, a &b)
EX_VMX_AB(vandc, u64, a & ~b)
EX_VMX_AB(veqv, u64, ~(a ^ b))
EX_VMX_AB(vnand, u64, ~(a &b))
EX_VMX_AB(vnor, u64, ~(a | b))
EX_VMX_AB(vor, u64, a | b)
EX_VMX_AB(vorc, u64, a | ~b)
EX_VMX_AB(vxor, u64, a ^ b)

/* ---- Rotate and shift ---- */

EX_VMX_AB(vrlb, u8, a << (b & 7) | a >> (-b & 7))
EX_VMX_AB(vrlh, u16, a << (b & 15) | a >> (-b & 15))
EX_VMX_AB(vrlw, u32, rotl32(a, b))
EX_VMX_AB(vrld, u64, rotl64(a, b))
EX_VMX_AB(vslb, u8, a << (b & 7))
EX_VMX_AB(vslh, u16, a << (b & 15))
EX_VMX_AB(vslw, u32, a << (b & 31))
EX_VMX_AB(vsld, u64, a << (b & 63))
EX_VMX_AB(vsrb, u8, a >> (b & 7))
EX_VMX_AB(vsrh, u16, a >> (b & 15))
EX_VMX_AB(vsrw, u32, a >> (b & 31))
EX_VMX_AB(vsrd, u64, a >> (b & 63))
EX_VMX_AB(vsrab, s8, a >> (b & 7))
EX_VMX_AB(vsrah, s16, a >> (b & 15))
EX_VMX_AB(vsraw, s32, a >> (b & 31))
EX_VMX_AB(vsrad, s64, a >> (b & 63))

/* Rotate under a mask: VRB holds mask begin, mask end and shift, a byte each. */
static inline uint32_t rlw_mask(uint32_t b)
{
	return mask32(b >> 16 & 31, b >> 8 & 31);
}

static inline uint64_t rld_mask(uint64_t b)
{
	return mask64(b >> 16 & 63, b >> 8 & 63);
}

EX_VMX_AB(vrlwnm, u32, rotl32(a, b) & rlw_mask(b))
EX_VMX_AB(vrldnm, u64, rotl64(a, b) & rld_mask(b))

void ex_vrlwmi(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t = vmx_get(cpu, op->VRT);

	for (unsigned i = 0; i < 4; i++) {
		uint32_t m = rlw_mask(b.u32[i]);

		t.u32[i] = (rotl32(a.u32[i], b.u32[i]) & m) | (t.u32[i] & ~m);
	}
	vmx_set(cpu, op->VRT, t);
}

void ex_vrldmi(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t = vmx_get(cpu, op->VRT);

	for (unsigned i = 0; i < 2; i++) {
		uint64_t m = rld_mask(b.u64[i]);

		t.u64[i] = (rotl64(a.u64[i], b.u64[i]) & m) | (t.u64[i] & ~m);
	}
	vmx_set(cpu, op->VRT, t);
}

/* ---- Counts and parity ---- */

EX_VMX_B(vclzb, u8, clz32(b) - 24)
EX_VMX_B(vclzh, u16, clz32(b) - 16)
EX_VMX_B(vclzw, u32, clz32(b))
EX_VMX_B(vclzd, u64, clz64(b))
EX_VMX_B(vctzb, u8, ctz32(b | 0x100))
EX_VMX_B(vctzh, u16, ctz32(b | 0x10000))
EX_VMX_B(vctzw, u32, ctz32(b))
EX_VMX_B(vctzd, u64, ctz64(b))
EX_VMX_B(vpopcntb, u8, __builtin_popcount(b))
EX_VMX_B(vpopcnth, u16, __builtin_popcount(b))
EX_VMX_B(vpopcntw, u32, __builtin_popcount(b))
EX_VMX_B(vpopcntd, u64, __builtin_popcountll(b))

/* Parity of the low bits of the element's bytes. */
EX_VMX_B(vprtybw, u32, __builtin_parity(b & 0x01010101))
EX_VMX_B(vprtybd, u64, __builtin_parityll(b &UINT64_C(0x0101010101010101)))

void ex_vprtybq(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	const uint64_t low = UINT64_C(0x0101010101010101);
	PpcVsr t;

	t.q = __builtin_parityll((b.u64[0] ^ b.u64[1]) & low);
	vmx_set(cpu, op->VRT, t);
}
