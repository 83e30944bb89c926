/*
 * Vector Facility: decimal instructions (Power ISA 3.0B book I 6.17).
 *
 * Signed packed decimal: 31 digits in nibbles 0 to 30, the sign code in nibble
 * 31: A, C, E, F plus, B, D minus, all else invalid.  Unsigned: 32 digits.
 * National: seven halfwords 0x0030-0x0039, then 0x002B or 0x002D.  Zoned: 16
 * bytes, zone and digit; the zone of the last is the sign.
 *
 * All record into CR6: LT, GT, EQ of the source (bcdadd., bcdsub.: of the unbounded
 * result), and SO for digits lost or an invalid source; the latter sets SO
 * alone and leaves VRT undefined: 0 here.
 */
#include "target-ppc/ex_vmx.h"

/* CR6 */
enum { BCD_LT = 8, BCD_GT = 4, BCD_EQ = 2, BCD_SO = 1 };

/* A packed number without its sign nibble: up to 32 digits, the last in bits 124:127. */
typedef struct Bcd {
	u128 digits;
	bool minus;
	bool valid;
} Bcd;

static inline u128 each_nibble(unsigned v)
{
	const uint64_t d = UINT64_C(0x1111111111111111) * v;

	return (u128)d << 64 | d;
}

/* No nibble above 9: 8 does not stand beside 4 or 2. */
static inline bool all_digits(u128 v)
{
	return !(v & (v << 1 | v << 2) & each_nibble(8));
}

/* The low n (0-31) digits of v. */
static inline u128 low_digits(u128 v, unsigned n)
{
	return v & (((u128)1 << 4 * n) - 1);
}

static inline Bcd from_signed(PpcVsr v)
{
	const unsigned sign = v.q & 15;

	return (Bcd){ .digits = v.q >> 4,
		      .minus = sign == 0xb || sign == 0xd,
		      .valid = sign >= 0xa && all_digits(v.q >> 4) };
}

/* Sign codes of results: PS chooses between the two of plus. */
static inline unsigned sign_code(bool minus, bool ps)
{
	return minus ? 0xd : ps ? 0xf : 0xc;
}

static inline unsigned compare_zero(Bcd v)
{
	return v.digits == 0 ? BCD_EQ : v.minus ? BCD_LT : BCD_GT;
}

/* Ends every instruction: VRT and CR6, or what an invalid source leaves. */
static inline void finish(PpcCpu *cpu, unsigned vrt, bool valid, u128 result, unsigned cr6)
{
	PpcVsr t = { .q = valid ? result : 0 };

	vmx_set(cpu, vrt, t);
	cpu->cr[6] = valid ? cr6 : BCD_SO;
}

static inline unsigned overflow(bool lost)
{
	return lost ? BCD_SO : 0;
}

/* ---- Add and subtract ---- */

/*
 * Sum of two numbers of up to 31 digits.  With 6 added to each digit a decimal
 * carry is a carry out of the nibble; digits without one give their 6 back.
 */
static inline u128 digits_add(u128 a, u128 b)
{
	const u128 biased = a + each_nibble(6), sum = biased + b;
	const u128 carried = (sum ^ biased ^ b) >> 4 & each_nibble(1);

	return sum - (each_nibble(1) & ~carried) * 6;
}

/* a - b; a >= b.  A nibble that borrowed from the next has 6 too many. */
static inline u128 digits_sub(u128 a, u128 b)
{
	const u128 difference = a - b;
	const u128 borrowed = (difference ^ a ^ b) >> 4 & each_nibble(1);

	return difference - borrowed * 6;
}

static void add(PpcCpu *cpu, const PpcOp *op, bool subtract)
{
	const Bcd a = from_signed(vmx_get(cpu, op->VRA));
	Bcd b = from_signed(vmx_get(cpu, op->VRB)), sum = { .valid = a.valid && b.valid };

	b.minus ^= subtract;
	if (!sum.valid) {
		finish(cpu, op->VRT, false, 0, 0);
		return;
	}
	if (a.minus == b.minus)
		sum.digits = digits_add(a.digits, b.digits);
	else if (a.digits >= b.digits)
		sum.digits = digits_sub(a.digits, b.digits);
	else
		sum.digits = digits_sub(b.digits, a.digits);
	/* Zero is plus, whatever was added. */
	sum.minus = sum.digits != 0 && (a.digits >= b.digits ? a.minus : b.minus);
	finish(cpu, op->VRT, true, sum.digits << 4 | sign_code(sum.minus, op->PS),
	       compare_zero(sum) | overflow(sum.digits >> 124 != 0));
}

void ex_bcdadd_(PpcCpu *cpu, const PpcOp *op)
{
	add(cpu, op, false);
}

void ex_bcdsub_(PpcCpu *cpu, const PpcOp *op)
{
	add(cpu, op, true);
}

/* ---- Signs ---- */

/* The digits of VRA with the sign code of VRB. */
void ex_bcdcpsgn_(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr va = vmx_get(cpu, op->VRA), vb = vmx_get(cpu, op->VRB);
	Bcd a = from_signed(va);
	const Bcd b = from_signed(vb);

	a.minus = b.minus;
	finish(cpu, op->VRT, a.valid && b.valid, a.digits << 4 | (vb.q & 15), compare_zero(a));
}

void ex_bcdsetsgn_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = from_signed(vmx_get(cpu, op->VRB));

	finish(cpu, op->VRT, b.valid, b.digits << 4 | sign_code(b.minus, op->PS), compare_zero(b));
}

/* ---- Shift and truncate ---- */

/* What a shift does to `size` digits (31 or 32): left by n, or right by -n. */
typedef struct Shifted {
	u128 digits;
	bool lost;	/* digits other than 0 went out on the left */
	unsigned guard; /* the last digit that went out on the right */
} Shifted;

static Shifted shift(u128 v, int n, unsigned size)
{
	const unsigned count = MIN((unsigned)ABS(n), size);
	const u128 all = size == 32 ? ~(u128)0 : low_digits(~(u128)0, 31);
	Shifted s = { .digits = v };

	if (count == 0)
		return s;
	if (n > 0) {
		s.digits = count == 32 ? 0 : v << 4 * count & all;
		s.lost = v >> 4 * (size - count) != 0;
	} else {
		s.digits = count == 32 ? 0 : v >> 4 * count;
		s.guard = v >> 4 * (count - 1) & 15;
	}
	return s;
}

/* The count: byte 7 of VRA, signed. */
static inline int shift_count(const PpcCpu *cpu, const PpcOp *op)
{
	return VSR_SB(cpu->vsr[32 + op->VRA], 7);
}

static inline void shift_signed(PpcCpu *cpu, const PpcOp *op, bool round)
{
	const Bcd b = from_signed(vmx_get(cpu, op->VRB));
	Shifted s = shift(b.digits, shift_count(cpu, op), 31);

	if (round && b.valid && s.guard >= 5)
		s.digits = digits_add(s.digits, 1);
	finish(cpu, op->VRT, b.valid, s.digits << 4 | sign_code(b.minus, op->PS),
	       compare_zero(b) | overflow(s.lost));
}

void ex_bcds_(PpcCpu *cpu, const PpcOp *op)
{
	shift_signed(cpu, op, false);
}

void ex_bcdsr_(PpcCpu *cpu, const PpcOp *op)
{
	shift_signed(cpu, op, true);
}

void ex_bcdus_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = { .digits = vmx_get(cpu, op->VRB).q };
	const Shifted s = shift(b.digits, shift_count(cpu, op), 32);

	finish(cpu, op->VRT, all_digits(b.digits), s.digits, compare_zero(b) | overflow(s.lost));
}

/* The length to truncate to: halfword 3 of VRA. */
static inline unsigned length(const PpcCpu *cpu, const PpcOp *op)
{
	return VSR_H(cpu->vsr[32 + op->VRA], 3);
}

void ex_bcdtrunc_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = from_signed(vmx_get(cpu, op->VRB));
	const u128 kept = low_digits(b.digits, MIN(length(cpu, op), 31));

	finish(cpu, op->VRT, b.valid, kept << 4 | sign_code(b.minus, op->PS),
	       compare_zero(b) | overflow(kept != b.digits));
}

void ex_bcdutrunc_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = { .digits = vmx_get(cpu, op->VRB).q };
	const unsigned n = length(cpu, op);
	const u128 kept = n < 32 ? low_digits(b.digits, n) : b.digits;

	finish(cpu, op->VRT, all_digits(b.digits), kept,
	       compare_zero(b) | overflow(kept != b.digits));
}

/* ---- Conversions ---- */

void ex_bcdcfn_(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	const unsigned sign = VSR_H(b, 7);
	Bcd v = { .minus = sign == 0x2d, .valid = sign == 0x2b || sign == 0x2d };

	for (unsigned i = 0; i < 7; i++) {
		unsigned c = VSR_H(b, i);

		v.valid &= c >= 0x30 && c <= 0x39;
		v.digits = v.digits << 4 | (c & 15);
	}
	finish(cpu, op->VRT, v.valid, v.digits << 4 | sign_code(v.minus, op->PS), compare_zero(v));
}

void ex_bcdctn_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = from_signed(vmx_get(cpu, op->VRB));
	PpcVsr t;

	for (unsigned i = 0; i < 7; i++)
		VSR_H(t, i) = 0x30 | (b.digits >> 4 * (6 - i) & 15);
	VSR_H(t, 7) = b.minus ? 0x2d : 0x2b;
	finish(cpu, op->VRT, b.valid, t.q, compare_zero(b) | overflow(b.digits >> 28 != 0));
}

/*
 * Zones: 3 and for the sign 0-3, 8-B plus, 4-7, C-F minus with PS = 0 (ASCII);
 * F and for the sign the codes of packed decimal with PS = 1 (EBCDIC).
 */
void ex_bcdcfz_(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	const unsigned sign = VSR_B(b, 15) >> 4;
	Bcd v = { .valid = true };

	for (unsigned i = 0; i < 16; i++) {
		unsigned c = VSR_B(b, i);

		v.valid &= (c & 15) <= 9 && (i == 15 || c >> 4 == (op->PS ? 0xf : 3));
		v.digits = v.digits << 4 | (c & 15);
	}
	if (op->PS) {
		v.valid &= sign >= 0xa;
		v.minus = sign == 0xb || sign == 0xd;
	} else {
		v.minus = sign & 4;
	}
	finish(cpu, op->VRT, v.valid, v.digits << 4 | sign_code(v.minus, false), compare_zero(v));
}

void ex_bcdctz_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = from_signed(vmx_get(cpu, op->VRB));
	const unsigned zone = op->PS ? 0xf0 : 0x30;
	PpcVsr t;

	for (unsigned i = 0; i < 16; i++)
		VSR_B(t, i) = zone | (b.digits >> 4 * (15 - i) & 15);
	VSR_B(t, 15) &= 15;
	if (b.minus)
		VSR_B(t, 15) |= op->PS ? 0xd0 : 0x70;
	else
		VSR_B(t, 15) |= op->PS ? 0xc0 : 0x30;
	finish(cpu, op->VRT, b.valid, t.q, compare_zero(b) | overflow(b.digits >> 64 != 0));
}

#define TEN_TO_16 UINT64_C(10000000000000000)

/* The low 16 decimal digits of v. */
static u128 digits_of(uint64_t v)
{
	u128 r = 0;

	for (unsigned i = 0; i < 16; i++, v /= 10)
		r |= (u128)(v % 10) << 4 * i;
	return r;
}

/* Beyond 31 digits VRT is undefined: the low ones here. */
void ex_bcdcfsq_(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	const bool minus = b.sq < 0;
	const u128 v = minus ? -b.q : b.q;
	const u128 limit = (u128)TEN_TO_16 * (TEN_TO_16 / 10);
	const u128 low = v % limit;
	const u128 digits = digits_of(low / TEN_TO_16) << 64 | digits_of(low % TEN_TO_16);

	finish(cpu, op->VRT, true, digits << 4 | sign_code(minus, op->PS),
	       (b.q == 0 ? BCD_EQ
		: minus	 ? BCD_LT
			 : BCD_GT) |
		       overflow(v >= limit));
}

void ex_bcdctsq_(PpcCpu *cpu, const PpcOp *op)
{
	const Bcd b = from_signed(vmx_get(cpu, op->VRB));
	u128 v = 0;

	for (int i = 30; i >= 0; i--)
		v = v * 10 + (b.digits >> 4 * i & 15);
	finish(cpu, op->VRT, b.valid, b.minus ? -v : v, compare_zero(b));
}
