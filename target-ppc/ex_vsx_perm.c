/*
 * VSX logical operations, select, permutes, splats, word extract and insert, byte
 * reversal (Power ISA 3.0B book I, 7.6.1.8 and 7.6.1.9).
 *
 * xxextractuw and xxinsertw with UIM above 12 are undefined; bytes then wrap
 * around within the register.
 */
#include "target-ppc/ex_vsx.h"

/* ex_NAME(): XT is EXPR of the 128-bit numbers a (XA) and b (XB). */
#define EX_LOGICAL(NAME, EXPR)                                                                     \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const u128 a = cpu->vsr[op->XA].q, b = cpu->vsr[op->XB].q;                         \
                                                                                                   \
		cpu->vsr[op->XT].q = (EXPR);                                                       \
	}

EX_LOGICAL(xxland, (a & b))
EX_LOGICAL(xxlandc, (a & ~b))
EX_LOGICAL(xxlor, (a | b))
EX_LOGICAL(xxlxor, (a ^ b))
EX_LOGICAL(xxlnor, (~(a | b)))
EX_LOGICAL(xxlorc, (a | ~b))
EX_LOGICAL(xxlnand, (~(a & b)))
EX_LOGICAL(xxleqv, (~(a ^ b)))

void ex_xxsel(PpcCpu *cpu, const PpcOp *op)
{
	u128 c = cpu->vsr[op->XC].q;

	cpu->vsr[op->XT].q = (cpu->vsr[op->XA].q & ~c) | (cpu->vsr[op->XB].q & c);
}

/* ---- Permutes ---- */

void ex_xxpermdi(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = VSR_D(cpu->vsr[op->XA], op->XDM >> 1);
	uint64_t b = VSR_D(cpu->vsr[op->XB], op->XDM & 1);

	cpu->vsr[op->XT].q = (u128)a << 64 | b;
}

void ex_xxsldwi(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = cpu->vsr[op->XA].q, b = cpu->vsr[op->XB].q;
	unsigned n = 32 * op->XSHW;

	cpu->vsr[op->XT].q = n ? a << n | b >> (128 - n) : a;
}

/* Words first and first + 1 of XA and XB, interleaved. */
VSX_INLINE void merge_words(PpcCpu *cpu, const PpcOp *op, unsigned first)
{
	PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], t;

	VSR_W(t, 0) = VSR_W(a, first);
	VSR_W(t, 1) = VSR_W(b, first);
	VSR_W(t, 2) = VSR_W(a, first + 1);
	VSR_W(t, 3) = VSR_W(b, first + 1);
	cpu->vsr[op->XT] = t;
}

EX_VSX(xxmrghw, merge_words(cpu, op, 0))
EX_VSX(xxmrglw, merge_words(cpu, op, 2))

/* Each byte of XB picks one of the 32 bytes XA || XT; flip is 31 for xxpermr. */
VSX_INLINE void permute(PpcCpu *cpu, const PpcOp *op, unsigned flip)
{
	PpcVsr a = cpu->vsr[op->XA], low = cpu->vsr[op->XT], c = cpu->vsr[op->XB], t;

	for (int i = 0; i < 16; i++) {
		unsigned k = (VSR_B(c, i) & 31) ^ flip;

		VSR_B(t, i) = k < 16 ? VSR_B(a, k) : VSR_B(low, k - 16);
	}
	cpu->vsr[op->XT] = t;
}

EX_VSX(xxperm, permute(cpu, op, 0))
EX_VSX(xxpermr, permute(cpu, op, 31))

/* ---- Splats, extract, insert ---- */

void ex_xxspltw(PpcCpu *cpu, const PpcOp *op)
{
	uint32_t v = VSR_W(cpu->vsr[op->XB], op->UIM2);

	cpu->vsr[op->XT] = (PpcVsr){ .u32 = { v, v, v, v } };
}

void ex_xxspltib(PpcCpu *cpu, const PpcOp *op)
{
	memset(&cpu->vsr[op->XT], op->XIMM8, sizeof(PpcVsr));
}

void ex_xxextractuw(PpcCpu *cpu, const PpcOp *op)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v = v << 8 | VSR_B(cpu->vsr[op->XB], (op->UIM4 + i) & 15);
	vsx_put_d0(cpu, op->XT, v);
}

void ex_xxinsertw(PpcCpu *cpu, const PpcOp *op)
{
	uint32_t v = VSR_W(cpu->vsr[op->XB], 1);

	for (unsigned i = 0; i < 4; i++)
		VSR_B(cpu->vsr[op->XT], (op->UIM4 + i) & 15) = (uint8_t)(v >> (24 - 8 * i));
}

/* ---- Byte reversal within elements ---- */

/* ex_NAME(): each element of XT is REVERSE() of the element of XB. */
#define EX_REVERSE(NAME, LANE, REVERSE)                                                            \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		PpcVsr b = cpu->vsr[op->XB], t;                                                    \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(b.LANE); i++)                                   \
			t.LANE[i] = REVERSE(b.LANE[i]);                                            \
		cpu->vsr[op->XT] = t;                                                              \
	}

EX_REVERSE(xxbrh, u16, bswap16)
EX_REVERSE(xxbrw, u32, bswap32)
EX_REVERSE(xxbrd, u64, bswap64)

void ex_xxbrq(PpcCpu *cpu, const PpcOp *op)
{
	cpu->vsr[op->XT].q = bswap128(cpu->vsr[op->XB].q);
}
