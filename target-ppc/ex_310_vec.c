/*
 * Vector integers of Power ISA 3.1 (book I 6.9, 6.15, 6.16): multiplies and
 * divides of words, doublewords and quadwords, quadword shifts and compares,
 * bit gathers, masks of elements.
 *
 * Divisions without a result (by zero, or one that does not fit) are undefined;
 * here they give 0.
 */
#include "target-ppc/ex_310_bits.h"
#include "target-ppc/ex_vmx.h"

#define SIGN128 ((u128)1 << 127)

static inline u128 vr(const PpcCpu *cpu, unsigned n)
{
	return cpu->vsr[32 + n].q;
}

static inline void set_vr(PpcCpu *cpu, unsigned n, u128 v)
{
	cpu->vsr[32 + n].q = v;
}

/* ---- Bits under a mask ---- */

EX_VMX_AB(vcfuged, u64, bits_fuge(a, b))
EX_VMX_AB(vclzdm, u64, bits_leading_under(a, b))
EX_VMX_AB(vctzdm, u64, bits_trailing_under(a, b))
EX_VMX_AB(vpdepd, u64, bits_deposit(a, b))
EX_VMX_AB(vpextd, u64, bits_extract(a, b))

/* Bits 0, N, 2N ... gathered at the left; N of 0 and 1 is undefined: 0. */
void ex_vgnb(PpcCpu *cpu, const PpcOp *op)
{
	u128 b = vr(cpu, op->VRB);
	unsigned n = op->UIM3;
	uint64_t r = 0;

	for (unsigned i = 0; n > 1 && i * n < 128; i++)
		r |= (uint64_t)(b >> (127 - i * n) & 1) << (63 - i);
	cpu->gpr[op->RT] = r;
}

/* ---- Multiply ---- */

EX_VMX_AB(vmulld, u64, a *b)
EX_VMX_AB(vmulhsw, s32, (int32_t)((int64_t)a *b >> 32))
EX_VMX_AB(vmulhuw, u32, (uint32_t)((uint64_t)a *b >> 32))
EX_VMX_AB(vmulhsd, s64, (int64_t)((i128)a *b >> 64))
EX_VMX_AB(vmulhud, u64, (uint64_t)((u128)a *b >> 64))

/* The product of the even (0) or odd (1) doublewords. */
static inline u128 product_u(const PpcCpu *cpu, const PpcOp *op, unsigned i)
{
	return (u128)VSR_D(cpu->vsr[32 + op->VRA], i) * VSR_D(cpu->vsr[32 + op->VRB], i);
}

static inline u128 product_s(const PpcCpu *cpu, const PpcOp *op, unsigned i)
{
	return (u128)((i128)VSR_SD(cpu->vsr[32 + op->VRA], i) * VSR_SD(cpu->vsr[32 + op->VRB], i));
}

void ex_vmuleud(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, product_u(cpu, op, 0));
}

void ex_vmuloud(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, product_u(cpu, op, 1));
}

void ex_vmulesd(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, product_s(cpu, op, 0));
}

void ex_vmulosd(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, product_s(cpu, op, 1));
}

/* What of both products and VRC goes beyond 128 bits. */
void ex_vmsumcud(PpcCpu *cpu, const PpcOp *op)
{
	u128 p = product_u(cpu, op, 0), sum = p + product_u(cpu, op, 1);
	unsigned carry = sum < p;

	p = sum;
	sum += vr(cpu, op->VRC);
	set_vr(cpu, op->VRT, carry + (sum < p));
}

/* ---- Divide and modulo ---- */

#define EX_DIV(NAME, LANE, MIN, RESULT) EX_VMX_AB(NAME, LANE, b == 0 || MIN ? 0 : RESULT)

EX_DIV(vdivsw, s32, (a == INT32_MIN && b == -1), a / b)
EX_DIV(vdivuw, u32, 0, a / b)
EX_DIV(vdivsd, s64, (a == INT64_MIN && b == -1), a / b)
EX_DIV(vdivud, u64, 0, a / b)
EX_DIV(vmodsw, s32, (a == INT32_MIN && b == -1), a % b)
EX_DIV(vmoduw, u32, 0, a % b)
EX_DIV(vmodsd, s64, (a == INT64_MIN && b == -1), a % b)
EX_DIV(vmodud, u64, 0, a % b)
#undef EX_DIV

static bool no_quotient(i128 a, i128 b)
{
	return b == 0 || ((u128)a == SIGN128 && b == -1);
}

void ex_vdivsq(PpcCpu *cpu, const PpcOp *op)
{
	i128 a = (i128)vr(cpu, op->VRA), b = (i128)vr(cpu, op->VRB);

	set_vr(cpu, op->VRT, no_quotient(a, b) ? 0 : (u128)(a / b));
}

void ex_vdivuq(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = vr(cpu, op->VRA), b = vr(cpu, op->VRB);

	set_vr(cpu, op->VRT, b ? a / b : 0);
}

void ex_vmodsq(PpcCpu *cpu, const PpcOp *op)
{
	i128 a = (i128)vr(cpu, op->VRA), b = (i128)vr(cpu, op->VRB);

	set_vr(cpu, op->VRT, no_quotient(a, b) ? 0 : (u128)(a % b));
}

void ex_vmoduq(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = vr(cpu, op->VRA), b = vr(cpu, op->VRB);

	set_vr(cpu, op->VRT, b ? a % b : 0);
}

/* (a << n) / b of n-bit numbers; 0 where the quotient has more than n bits. */
static uint32_t extended_uw(uint32_t a, uint32_t b)
{
	return a < b ? (uint32_t)(((uint64_t)a << 32) / b) : 0;
}

static uint64_t extended_ud(uint64_t a, uint64_t b)
{
	return a < b ? (uint64_t)(((u128)a << 64) / b) : 0;
}

/* Bit by bit: a stays below b. */
static u128 extended_uq(u128 a, u128 b)
{
	u128 q = 0;

	if (a >= b)
		return 0;
	for (unsigned i = 0; i < 128; i++) {
		bool out = a >> 127;

		a <<= 1;
		q <<= 1;
		if (out || a >= b) {
			a -= b;
			q |= 1;
		}
	}
	return q;
}

/* Signs apart; 0 where the quotient does not fit. */
static uint32_t extended_sw(int32_t a, int32_t b)
{
	int64_t n = (int64_t)a * INT64_C(0x100000000), q;

	if (b == 0 || (a == INT32_MIN && b == -1))
		return 0;
	q = n / b;
	return q == (int32_t)q ? (uint32_t)q : 0;
}

static uint64_t extended_sd(int64_t a, int64_t b)
{
	i128 n = (i128)a * ((i128)1 << 64), q;

	if (b == 0 || (a == INT64_MIN && b == -1))
		return 0;
	q = n / b;
	return q == (int64_t)q ? (uint64_t)q : 0;
}

static u128 extended_sq(u128 a, u128 b)
{
	bool na = a >> 127, nb = b >> 127;
	u128 ua = na ? -a : a, ub = nb ? -b : b, q = extended_uq(ua, ub);

	/* A quotient of zero, or an undefined one. */
	if (q > SIGN128 || (q == SIGN128 && na == nb))
		return 0;
	return na != nb ? -q : q;
}

EX_VMX_AB(vdivesw, s32, (int32_t)extended_sw(a, b))
EX_VMX_AB(vdiveuw, u32, extended_uw(a, b))
EX_VMX_AB(vdivesd, s64, (int64_t)extended_sd(a, b))
EX_VMX_AB(vdiveud, u64, extended_ud(a, b))

void ex_vdivesq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, extended_sq(vr(cpu, op->VRA), vr(cpu, op->VRB)));
}

void ex_vdiveuq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, extended_uq(vr(cpu, op->VRA), vr(cpu, op->VRB)));
}

/* ---- Quadword rotates and shifts: the count is in bits 57-63 of VRB ---- */

static inline u128 rotl128(u128 v, unsigned n)
{
	return n ? v << n | v >> (128 - n) : v;
}

static inline uint64_t control(const PpcCpu *cpu, const PpcOp *op)
{
	return VSR_D(cpu->vsr[32 + op->VRB], 0);
}

static inline unsigned count(const PpcCpu *cpu, const PpcOp *op)
{
	return control(cpu, op) & 127;
}

/* Ones in the book's bits mb..me of 128; wraps when mb > me. */
static u128 mask128(unsigned mb, unsigned me)
{
	u128 m = (~(u128)0 >> mb) ^ (me == 127 ? 0 : ~(u128)0 >> (me + 1));

	return mb <= me ? m : ~m;
}

/* Bits 41-47 and 49-55. */
static inline u128 rotate_mask(const PpcCpu *cpu, const PpcOp *op)
{
	return mask128(control(cpu, op) >> 16 & 127, control(cpu, op) >> 8 & 127);
}

void ex_vrlq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, rotl128(vr(cpu, op->VRA), count(cpu, op)));
}

void ex_vrlqnm(PpcCpu *cpu, const PpcOp *op)
{
	u128 m = rotate_mask(cpu, op);

	set_vr(cpu, op->VRT, rotl128(vr(cpu, op->VRA), count(cpu, op)) & m);
}

void ex_vrlqmi(PpcCpu *cpu, const PpcOp *op)
{
	u128 m = rotate_mask(cpu, op), r = rotl128(vr(cpu, op->VRA), count(cpu, op));

	set_vr(cpu, op->VRT, (r & m) | (vr(cpu, op->VRT) & ~m));
}

void ex_vslq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, vr(cpu, op->VRA) << count(cpu, op));
}

void ex_vsrq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, vr(cpu, op->VRA) >> count(cpu, op));
}

void ex_vsraq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, (u128)((i128)vr(cpu, op->VRA) >> count(cpu, op)));
}

/* ---- Quadword compares ---- */

static inline uint8_t order(bool lt, bool gt)
{
	return lt ? 8 : gt ? 4 : 2;
}

void ex_vcmpuq(PpcCpu *cpu, const PpcOp *op)
{
	u128 a = vr(cpu, op->VRA), b = vr(cpu, op->VRB);

	cpu->cr[op->BF] = order(a<b, a> b);
}

void ex_vcmpsq(PpcCpu *cpu, const PpcOp *op)
{
	i128 a = (i128)vr(cpu, op->VRA), b = (i128)vr(cpu, op->VRB);

	cpu->cr[op->BF] = order(a<b, a> b);
}

static inline u128 all(bool yes)
{
	return yes ? ~(u128)0 : 0;
}

void ex_vcmpequq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, all(vr(cpu, op->VRA) == vr(cpu, op->VRB)));
}

void ex_vcmpgtuq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, all(vr(cpu, op->VRA) > vr(cpu, op->VRB)));
}

void ex_vcmpgtsq(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, all((i128)vr(cpu, op->VRA) > (i128)vr(cpu, op->VRB)));
}

void ex_vextsd2q(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, (u128)(i128)(int64_t)vr(cpu, op->VRB));
}

/* ---- Masks: an element's leftmost bit stands for the element ---- */

EX_VMX_B(vexpandbm, s8, b < 0 ? -1 : 0)
EX_VMX_B(vexpandhm, s16, b < 0 ? -1 : 0)
EX_VMX_B(vexpandwm, s32, b < 0 ? -1 : 0)
EX_VMX_B(vexpanddm, s64, b < 0 ? -1 : 0)

void ex_vexpandqm(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, all(vr(cpu, op->VRB) & SIGN128));
}

/* One bit per element of `bits` bits, the leftmost element leftmost. */
static uint64_t mask_of(u128 v, unsigned bits)
{
	uint64_t r = 0;

	for (unsigned at = 0; at < 128; at += bits)
		r = r << 1 | (uint64_t)(v >> (127 - at) & 1);
	return r;
}

/* The other way: elements of ones and zeros. */
static u128 from_mask(uint64_t m, unsigned bits)
{
	u128 ones = ~(u128)0 >> (128 - bits), r = 0;

	for (unsigned at = 0; at < 128; at += bits, m >>= 1)
		r |= (m & 1 ? ones : 0) << at;
	return r;
}

/* How many elements have mp on the left; from bit 0 on, in units of bytes. */
static uint64_t count_mask(const PpcCpu *cpu, const PpcOp *op, unsigned bits)
{
	unsigned n = (unsigned)__builtin_popcountll(mask_of(vr(cpu, op->VRB), bits));

	return (uint64_t)(op->MP ? n : 128 / bits - n) * (bits / 8) << 56;
}

#define EX_MASK(EXTRACT, MOVE, COUNT, BITS)                                                        \
	void ex_##EXTRACT(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		cpu->gpr[op->RT] = mask_of(vr(cpu, op->VRB), BITS);                                \
	}                                                                                          \
	void ex_##MOVE(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		set_vr(cpu, op->VRT, from_mask(cpu->gpr[op->RB], BITS));                           \
	}                                                                                          \
	void ex_##COUNT(PpcCpu *cpu, const PpcOp *op)                                              \
	{                                                                                          \
		cpu->gpr[op->RT] = count_mask(cpu, op, BITS);                                      \
	}

EX_MASK(vextractbm, mtvsrbm, vcntmbb, 8)
EX_MASK(vextracthm, mtvsrhm, vcntmbh, 16)
EX_MASK(vextractwm, mtvsrwm, vcntmbw, 32)
EX_MASK(vextractdm, mtvsrdm, vcntmbd, 64)
#undef EX_MASK

void ex_vextractqm(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = (uint64_t)(vr(cpu, op->VRB) >> 127);
}

void ex_mtvsrqm(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, all(cpu->gpr[op->RB] & 1));
}

void ex_mtvsrbmi(PpcCpu *cpu, const PpcOp *op)
{
	set_vr(cpu, op->VRT, from_mask((uint64_t)op->BM16, 8));
}
