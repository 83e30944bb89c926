/*
 * Fixed-point logical, rotate, shift, and BCD-assist instructions: Power
 * ISA 3.0B book I 3.3.13 to 3.3.15.  The decoder puts the mask of a rotate
 * into op->imm.
 */
#include "target-ppc/dpd.h"
#include "target-ppc/exec.h"

/* RA = an expression of s (RS) and b (RB). */
#define EX_LOGICAL(name, expr)                                                                     \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t s = cpu->gpr[op->RS], b = cpu->gpr[op->RB];                               \
                                                                                                   \
		cpu->gpr[op->RA] = (expr);                                                         \
	}
EX_LOGICAL(and, s &b)
EX_LOGICAL(or, s | b)
EX_LOGICAL(xor, s ^ b)
EX_LOGICAL(nand, ~(s &b))
EX_LOGICAL(nor, ~(s | b))
EX_LOGICAL(eqv, ~(s ^ b))
EX_LOGICAL(andc, s & ~b)
EX_LOGICAL(orc, s | ~b)

/* RA = an expression of s (RS) and u (UI). */
#define EX_LOGICAL_IMM(name, expr)                                                                 \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t s = cpu->gpr[op->RS], u = (uint64_t)op->UI;                               \
                                                                                                   \
		cpu->gpr[op->RA] = (expr);                                                         \
	}
EX_LOGICAL_IMM(ori, s | u)
EX_LOGICAL_IMM(oris, s | u << 16)
EX_LOGICAL_IMM(xori, s ^ u)
EX_LOGICAL_IMM(xoris, s ^ u << 16)

void ex_andi_(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t r = cpu->gpr[op->RS] & (uint64_t)op->UI;

	cpu->gpr[op->RA] = r;
	ppc_cr0(cpu, r);
}

void ex_andis_(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t r = cpu->gpr[op->RS] & (uint64_t)op->UI << 16;

	cpu->gpr[op->RA] = r;
	ppc_cr0(cpu, r);
}

/* Ones in every byte, halfword, word at the given bits. */
#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

static inline uint64_t popcnt_bytes(uint64_t v)
{
	v -= v >> 1 & BYTES(0x55);
	v = (v & BYTES(0x33)) + (v >> 2 & BYTES(0x33));
	return (v + (v >> 4)) & BYTES(0x0f);
}

static inline unsigned popcnt32(uint32_t v)
{
	return (uint32_t)(popcnt_bytes(v) * UINT32_C(0x01010101)) >> 24;
}

static inline unsigned popcnt64(uint64_t v)
{
	return popcnt_bytes(v) * BYTES(1) >> 56;
}

/* RA = an expression of s (RS). */
#define EX_UNARY(name, expr)                                                                       \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t s = cpu->gpr[op->RS];                                                     \
                                                                                                   \
		cpu->gpr[op->RA] = (uint64_t)(expr);                                               \
	}
EX_UNARY(extsb, (int64_t)(int8_t)s)
EX_UNARY(extsh, (int64_t)(int16_t)s)
EX_UNARY(extsw, (int64_t)(int32_t)s)
EX_UNARY(cntlzw, clz32((uint32_t)s))
EX_UNARY(cntlzd, clz64(s))
EX_UNARY(cnttzw, ctz32((uint32_t)s))
EX_UNARY(cnttzd, ctz64(s))
EX_UNARY(popcntb, popcnt_bytes(s))
EX_UNARY(popcntw, (uint64_t)popcnt32(s >> 32) << 32 | popcnt32((uint32_t)s))
EX_UNARY(popcntd, popcnt64(s))
/* Parity of the least significant bits of the bytes. */
EX_UNARY(prtyw, (uint64_t)(popcnt64(s &BYTES(1) & ~(uint64_t)UINT32_MAX) & 1) << 32 |
			(popcnt64(s & BYTES(1) & UINT32_MAX) & 1))
EX_UNARY(prtyd, popcnt64(s &BYTES(1)) & 1)

/* 0xff in each byte where RS and RB agree. */
void ex_cmpb(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t x = cpu->gpr[op->RS] ^ cpu->gpr[op->RB];
	/* Top bit of each byte: is any bit of it set? */
	uint64_t differs = (((x & BYTES(0x7f)) + BYTES(0x7f)) | x) & BYTES(0x80);

	cpu->gpr[op->RA] = ~((differs >> 7) * 0xff);
}

/* Bit i of the result's last byte: bit RS.byte[i] of RB; 0 beyond 63. */
void ex_bpermd(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t s = cpu->gpr[op->RS], b = cpu->gpr[op->RB], r = 0;

	for (int i = 0; i < 8; i++) {
		unsigned n = s >> (56 - 8 * i) & 0xff;

		r = r << 1 | (n < 64 ? b >> (63 - n) & 1 : 0);
	}
	cpu->gpr[op->RA] = r;
}

/* A word rotated and repeated in both halves. */
static inline uint64_t rot_word(uint64_t v, unsigned n)
{
	uint64_t w = rotl32((uint32_t)v, n);

	return w << 32 | w;
}

void ex_rlwinm(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = rot_word(cpu->gpr[op->RS], op->SH) & (uint64_t)op->imm;
}

void ex_rlwnm(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = rot_word(cpu->gpr[op->RS], cpu->gpr[op->RB] & 31) & (uint64_t)op->imm;
}

void ex_rlwimi(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t m = (uint64_t)op->imm;

	cpu->gpr[op->RA] = (rot_word(cpu->gpr[op->RS], op->SH) & m) | (cpu->gpr[op->RA] & ~m);
}

/* rldicl, rldicr and rldic differ only in the mask. */
static inline void rotate_and(PpcCpu *cpu, const PpcOp *op, unsigned n)
{
	cpu->gpr[op->RA] = rotl64(cpu->gpr[op->RS], n) & (uint64_t)op->imm;
}

void ex_rldicl(PpcCpu *cpu, const PpcOp *op)
{
	rotate_and(cpu, op, op->SH6);
}

void ex_rldicr(PpcCpu *cpu, const PpcOp *op)
{
	rotate_and(cpu, op, op->SH6);
}

void ex_rldic(PpcCpu *cpu, const PpcOp *op)
{
	rotate_and(cpu, op, op->SH6);
}

void ex_rldcl(PpcCpu *cpu, const PpcOp *op)
{
	rotate_and(cpu, op, cpu->gpr[op->RB] & 63);
}

void ex_rldcr(PpcCpu *cpu, const PpcOp *op)
{
	rotate_and(cpu, op, cpu->gpr[op->RB] & 63);
}

void ex_rldimi(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t m = (uint64_t)op->imm;

	cpu->gpr[op->RA] = (rotl64(cpu->gpr[op->RS], op->SH6) & m) | (cpu->gpr[op->RA] & ~m);
}

void ex_slw(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = cpu->gpr[op->RB] & 63;

	cpu->gpr[op->RA] = (uint32_t)((cpu->gpr[op->RS] & UINT32_MAX) << n);
}

void ex_srw(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = cpu->gpr[op->RB] & 63;

	cpu->gpr[op->RA] = (cpu->gpr[op->RS] & UINT32_MAX) >> n;
}

void ex_sld(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = cpu->gpr[op->RB] & 127;

	cpu->gpr[op->RA] = n < 64 ? cpu->gpr[op->RS] << n : 0;
}

void ex_srd(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = cpu->gpr[op->RB] & 127;

	cpu->gpr[op->RA] = n < 64 ? cpu->gpr[op->RS] >> n : 0;
}

/* CA: a negative number lost ones.  s is sign-extended, n is 0..63. */
static inline void shift_algebraic(PpcCpu *cpu, const PpcOp *op, int64_t s, unsigned n)
{
	uint64_t lost = (uint64_t)s & ((UINT64_C(1) << n) - 1);

	cpu->xer.ca = cpu->xer.ca32 = s < 0 && lost;
	cpu->gpr[op->RA] = (uint64_t)(s >> n);
}

void ex_srawi(PpcCpu *cpu, const PpcOp *op)
{
	shift_algebraic(cpu, op, (int32_t)cpu->gpr[op->RS], op->SH);
}

void ex_sradi(PpcCpu *cpu, const PpcOp *op)
{
	shift_algebraic(cpu, op, (int64_t)cpu->gpr[op->RS], op->SH6);
}

void ex_sraw(PpcCpu *cpu, const PpcOp *op)
{
	shift_algebraic(cpu, op, (int32_t)cpu->gpr[op->RS], cpu->gpr[op->RB] & 63);
}

void ex_srad(PpcCpu *cpu, const PpcOp *op)
{
	int64_t s = (int64_t)cpu->gpr[op->RS];
	unsigned n = cpu->gpr[op->RB] & 127;

	if (n < 64) {
		shift_algebraic(cpu, op, s, n);
	} else {
		cpu->xer.ca = cpu->xer.ca32 = s < 0;
		cpu->gpr[op->RA] = s < 0 ? UINT64_MAX : 0;
	}
}

void ex_extswsli(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = (uint64_t)(int64_t)(int32_t)cpu->gpr[op->RS] << op->SH6;
}

/* Each word: two declets (20 bits) from six digits (24 bits). */
void ex_cbcdtd(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t s = cpu->gpr[op->RS], r = 0;

	for (int i = 32; i >= 0; i -= 32) {
		uint64_t w = dpd_from_bcd(s >> (i + 12) & 0xfff) << 10 |
			     dpd_from_bcd(s >> i & 0xfff);

		r |= w << i;
	}
	cpu->gpr[op->RA] = r;
}

void ex_cdtbcd(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t s = cpu->gpr[op->RS], r = 0;

	for (int i = 32; i >= 0; i -= 32) {
		uint64_t w = dpd_to_bcd(s >> (i + 10) & 0x3ff) << 12 | dpd_to_bcd(s >> i & 0x3ff);

		r |= w << i;
	}
	cpu->gpr[op->RA] = r;
}

/* 6 in each digit of RA + RB that gave no carry, for decimal addition. */
void ex_addg6s(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB], sum = a + b;
	bool out = sum < a;
	/* Carries into bit 4i, moved to the digit they came from. */
	uint64_t carries = ((a ^ b ^ sum) >> 4 & UINT64_C(0x0111111111111111)) | (uint64_t)out
											 << 60;

	cpu->gpr[op->RT] = (~carries & UINT64_C(0x1111111111111111)) * 6;
}

void ex_rnop530(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_attn(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
}
