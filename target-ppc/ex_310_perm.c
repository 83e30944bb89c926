/*
 * Moves inside vectors of Power ISA 3.1: insert, extract, shift, isolate
 * strings, clear (book I 6.8, 6.11); splats of immediates, blends, permutes,
 * permute control vectors (book I 7.6).
 *
 * Where the book leaves a result undefined: an insertion that does not lie in
 * the register changes nothing; an extraction beyond both registers gives 0; reserved
 * bits of xxgenpcv*m's IMM are ignored, bytes it does not set are 0.
 */
#include "target-ppc/ex_vsx.h"

/* ---- Insert: n bytes of v at byte `at` from the left ---- */

static void insert(PpcCpu *cpu, unsigned t, uint64_t at, uint64_t v, unsigned n)
{
	PpcVsr *r = vsx_vr(cpu, t);

	if (at > 16 - n)
		return;
	for (unsigned i = 0; i < n; i++)
		VSR_B(*r, at + i) = (uint8_t)(v >> 8 * (n - 1 - i));
}

EX_VSX(vinsw, insert(cpu, op->VRT, op->UIM4, cpu->gpr[op->RB], 4))
EX_VSX(vinsd, insert(cpu, op->VRT, op->UIM4, cpu->gpr[op->RB], 8))

/* Index in RA, from the left or from the right; value in RB. */
VSX_INLINE void insert_x(PpcCpu *cpu, const PpcOp *op, unsigned n, bool right)
{
	uint64_t at = cpu->gpr[op->RA] & 15;

	insert(cpu, op->VRT, right ? 16 - n - at : at, cpu->gpr[op->RB], n);
}

EX_VSX(vinsblx, insert_x(cpu, op, 1, false))
EX_VSX(vinshlx, insert_x(cpu, op, 2, false))
EX_VSX(vinswlx, insert_x(cpu, op, 4, false))
EX_VSX(vinsdlx, insert_x(cpu, op, 8, false))
EX_VSX(vinsbrx, insert_x(cpu, op, 1, true))
EX_VSX(vinshrx, insert_x(cpu, op, 2, true))
EX_VSX(vinswrx, insert_x(cpu, op, 4, true))
EX_VSX(vinsdrx, insert_x(cpu, op, 8, true))

/* Value at the right end of doubleword 0 of VRB. */
VSX_INLINE void insert_vx(PpcCpu *cpu, const PpcOp *op, unsigned n, bool right)
{
	uint64_t at = cpu->gpr[op->RA] & 15;

	insert(cpu, op->VRT, right ? 16 - n - at : at, VSR_D(*vsx_vr(cpu, op->VRB), 0), n);
}

EX_VSX(vinsbvlx, insert_vx(cpu, op, 1, false))
EX_VSX(vinshvlx, insert_vx(cpu, op, 2, false))
EX_VSX(vinswvlx, insert_vx(cpu, op, 4, false))
EX_VSX(vinsbvrx, insert_vx(cpu, op, 1, true))
EX_VSX(vinshvrx, insert_vx(cpu, op, 2, true))
EX_VSX(vinswvrx, insert_vx(cpu, op, 4, true))

/* ---- Extract n bytes of VRA || VRB to doubleword 0 ---- */

VSX_INLINE void extract(PpcCpu *cpu, const PpcOp *op, unsigned n, bool right)
{
	const PpcVsr a = *vsx_vr(cpu, op->VRA), b = *vsx_vr(cpu, op->VRB);
	unsigned at = cpu->gpr[op->RC] & 31, first = right ? 32 - n - at : at;
	uint64_t v = 0;

	if (at <= 32 - n)
		for (unsigned i = first; i < first + n; i++)
			v = v << 8 | (i < 16 ? VSR_B(a, i) : VSR_B(b, i - 16));
	vsx_put_d0(cpu, 32 + op->VRT, v);
}

EX_VSX(vextdubvlx, extract(cpu, op, 1, false))
EX_VSX(vextdubvrx, extract(cpu, op, 1, true))
EX_VSX(vextduhvlx, extract(cpu, op, 2, false))
EX_VSX(vextduhvrx, extract(cpu, op, 2, true))
EX_VSX(vextduwvlx, extract(cpu, op, 4, false))
EX_VSX(vextduwvrx, extract(cpu, op, 4, true))
EX_VSX(vextddvlx, extract(cpu, op, 8, false))
EX_VSX(vextddvrx, extract(cpu, op, 8, true))

/* ---- Shift of a pair by bits ---- */

void ex_vsldbi(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = vsx_vr(cpu, op->VRA)->q, b = vsx_vr(cpu, op->VRB)->q;

	vsx_vr(cpu, op->VRT)->q = a << op->SH3 | (b >> (120 - op->SH3)) >> 8;
}

void ex_vsrdbi(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = vsx_vr(cpu, op->VRA)->q, b = vsx_vr(cpu, op->VRB)->q;

	vsx_vr(cpu, op->VRT)->q = b >> op->SH3 | (a << (120 - op->SH3)) << 8;
}

/* ---- Strings: what stands before the first zero, seen from one end ---- */

/* n elements of `bits` bits; true when there is a zero. */
VSX_INLINE bool isolate(PpcCpu *cpu, const PpcOp *op, unsigned bits, bool right)
{
	u128 b = vsx_vr(cpu, op->VRB)->q, ones = ~(u128)0 >> (128 - bits), r = 0;
	unsigned n = 128 / bits, i;

	for (i = 0; i < n; i++) {
		u128 at = ones << (right ? i * bits : 128 - bits - i * bits);

		if (!(b & at))
			break;
		r |= b & at;
	}
	vsx_vr(cpu, op->VRT)->q = r;
	return i < n;
}

#define EX_ISOLATE(NAME, BITS, RIGHT)                                                              \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		isolate(cpu, op, BITS, RIGHT);                                                     \
	}                                                                                          \
	void ex_##NAME##_(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		cpu->cr[6] = isolate(cpu, op, BITS, RIGHT) ? 2 : 0;                                \
	}

EX_ISOLATE(vstribl, 8, false)
EX_ISOLATE(vstribr, 8, true)
EX_ISOLATE(vstrihl, 16, false)
EX_ISOLATE(vstrihr, 16, true)
#undef EX_ISOLATE

/* RB says how many bytes stay, at the right (vclrlb) or left; 16 and more: all. */
static u128 low_bytes(uint64_t n)
{
	return n > 15 ? ~(u128)0 : ((u128)1 << 8 * n) - 1;
}

EX_VSX(vclrlb, vsx_vr(cpu, op->VRT)->q = vsx_vr(cpu, op->VRA)->q & low_bytes(cpu->gpr[op->RB]))
EX_VSX(vclrrb,
       vsx_vr(cpu, op->VRT)->q = vsx_vr(cpu, op->VRA)->q & bswap128(low_bytes(cpu->gpr[op->RB])))

/* ---- Permute control vectors from the leftmost bits of elements ---- */

/*
 * For elements of n bytes.  Expansion: masked elements take the elements of
 * the first source in turn, the others keep their own of the second.
 * Compression: masked elements one after the other.  IMM bit 3 (of 0-4): the
 * vectors count from the right, as little-endian programs do.
 */
VSX_INLINE void generate(PpcCpu *cpu, const PpcOp *op, unsigned n)
{
	enum { COMPRESS = 1, RIGHT = 2 };
	const PpcVsr b = *vsx_vr(cpu, op->VRB);
	bool right = op->UIM5 & RIGHT;
	PpcVsr t = { .q = 0 };

	for (unsigned i = 0, j = 0; i < 16 / n; i++) {
		/* The element's leftmost byte. */
		bool set = VSR_B(b, right ? 16 - n - i * n : i * n) & 0x80;
		unsigned to = i, from = set ? j : i + 16 / n;

		if (op->UIM5 & COMPRESS) {
			if (!set)
				continue;
			to = j;
			from = i;
		}
		for (unsigned k = 0; k < n; k++)
			VSR_B(t, right ? 15 - to * n - k : to * n + k) = (uint8_t)(from * n + k);
		j += set;
	}
	cpu->vsr[op->XT] = t;
}

EX_VSX(xxgenpcvbm, generate(cpu, op, 1))
EX_VSX(xxgenpcvhm, generate(cpu, op, 2))
EX_VSX(xxgenpcvwm, generate(cpu, op, 4))
EX_VSX(xxgenpcvdm, generate(cpu, op, 8))

/* ---- Immediates ---- */

void ex_xxspltiw(PpcCpu *cpu, const PpcOp *op)
{
	for (unsigned i = 0; i < 4; i++)
		cpu->vsr[op->XT15].u32[i] = (uint32_t)op->IMM32;
}

/* A denormal single is undefined; here its value. */
void ex_xxspltidp(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t v = sf_lfs((uint32_t)op->IMM32);

	cpu->vsr[op->XT15].q = (u128)v << 64 | v;
}

void ex_xxsplti32dx(PpcCpu *cpu, const PpcOp *op)
{
	VSR_W(cpu->vsr[op->XT15], op->IX) = (uint32_t)op->IMM32;
	VSR_W(cpu->vsr[op->XT15], 2 + op->IX) = (uint32_t)op->IMM32;
}

/* Quad-precision constants: 1 to 7, infinity, quiet NaN; 16 to 24 the negative ones. */
void ex_lxvkq(PpcCpu *cpu, const PpcOp *op)
{
	static const uint32_t left[10] = { 0,	       0x3fff0000, 0x40000000, 0x40008000,
					   0x40010000, 0x40014000, 0x40018000, 0x4001c000,
					   0x7fff0000, 0x7fff8000 };
	unsigned n = op->UIMK & 15;
	bool neg = op->UIMK & 16;

	if (n > 9 || (neg ? n == 9 : n == 0))
		ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
	cpu->vsr[op->XT].q = (u128)(left[n] | (uint32_t)neg << 31) << 96;
}

/* ---- Blend: the leftmost bit of XC's element takes XB's, else XA's ---- */

#define EX_BLEND(NAME, LANE, SIGNED)                                                               \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], c = cpu->vsr[op->XC];     \
		PpcVsr t;                                                                          \
                                                                                                   \
		for (unsigned i = 0; i < ARRAY_LEN(t.LANE); i++)                                   \
			t.LANE[i] = c.SIGNED[i] < 0 ? b.LANE[i] : a.LANE[i];                       \
		cpu->vsr[op->XT] = t;                                                              \
	}

EX_BLEND(xxblendvb, u8, s8)
EX_BLEND(xxblendvh, u16, s16)
EX_BLEND(xxblendvw, u32, s32)
EX_BLEND(xxblendvd, u64, s64)
#undef EX_BLEND

/* Of several registers' bytes those whose upper three index bits are UIM, else 0. */
void ex_xxpermx(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = cpu->vsr[op->XA], b = cpu->vsr[op->XB], c = cpu->vsr[op->XC];
	PpcVsr t;

	for (unsigned i = 0; i < 16; i++) {
		unsigned at = VSR_B(c, i) & 31;
		uint8_t v = at < 16 ? VSR_B(a, at) : VSR_B(b, at - 16);

		VSR_B(t, i) = VSR_B(c, i) >> 5 == op->UIM3P ? v : 0;
	}
	cpu->vsr[op->XT] = t;
}

/* Any function of three bits: IMM is its table, bit 0 for a = b = c = 0. */
void ex_xxeval(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = cpu->vsr[op->XA].q, b = cpu->vsr[op->XB].q, c = cpu->vsr[op->XC].q, r = 0;

	for (unsigned i = 0; i < 8; i++)
		if (op->IMM8 >> (7 - i) & 1)
			r |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
	cpu->vsr[op->XT].q = r;
}

/* Are the rightmost bits of all bytes 1, or all 0? */
void ex_xvtlsbb(PpcCpu *cpu, const PpcOp *op)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	PpcVsr b = cpu->vsr[op->XB];
	uint64_t any = (b.u64[0] | b.u64[1]) & ones, every = b.u64[0] & b.u64[1] & ones;

	cpu->cr[op->BF] = every == ones ? 8 : any == 0 ? 2 : 0;
}
