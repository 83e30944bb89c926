/*
 * Rounding, and everything that is only rounding: integral values, conversions
 * between formats and to and from integers.  Power ISA 3.0B book I, 4.3.6 (rounding),
 * 4.4.3 and 4.4.4 (overflow, underflow), 7.3.2.6 and 7.3.3 for the VSX names.
 */
#include "target-ppc/softfloat_num.h"
#include "target-ppc/softfloat_quick_conv.h"

const SfFormat sf_fmt16 = { .prec = 11, .emin = -14, .emax = 15, .adjust = 24 };
const SfFormat sf_fmt32 = { .prec = 24, .emin = -126, .emax = 127, .adjust = 192 };
const SfFormat sf_fmt64 = { .prec = 53, .emin = -1022, .emax = 1023, .adjust = 1536 };
const SfFormat sf_fmt80 = { .prec = 64, .emin = -16382, .emax = 16383, .adjust = 24576 };
const SfFormat sf_fmt128 = { .prec = 113, .emin = -16382, .emax = 16383, .adjust = 24576 };

bool sf_round_up(unsigned rm, bool sign, bool odd, int half)
{
	switch (rm) {
	case SF_RM_NEAREST: return half > 0 || (!half && odd);
	case SF_RM_AWAY: return half >= 0;
	case SF_RM_UP: return !sign;
	case SF_RM_DOWN: return sign;
	case SF_RM_ODD: return !odd;
	default: return false;
	}
}

/*
 * Overflow that is not enabled: infinity or the greatest number (book I, 4.4.3.2).
 * FR, undefined by the book, stays as the rounding with an unbounded exponent left it: so on
 * real chips.
 */
static SfNum overflow(SfEnv *env, SfNum n, const SfFormat *f)
{
	bool inf = env->rm != SF_RM_ODD && sf_round_up(env->rm, n.sign, true, 1);

	env->flags |= SF_OX | SF_XX;
	env->fi = true;
	if (inf)
		return sf_inf(n.sign);
	n.exp = f->emax;
	n.frac = ~(u128)0 << (128 - f->prec);
	return n;
}

SfNum sf_round(SfEnv *env, SfNum n, const SfFormat *f)
{
	unsigned drop = 128 - (unsigned)f->prec;
	u128 unit = (u128)1 << drop, rest;
	bool tiny;

	if (n.cls != SF_FINITE)
		return n;
	tiny = n.exp < f->emin;
	if (unlikely(tiny)) {
		if (env->nj)
			return sf_zero(n.sign);
		if (env->ue) {
			n.exp += f->adjust;
			env->flags |= SF_UX;
		} else {
			/* Denormalise: bit 127 is no longer set. */
			n.frac = sf_shr_jam(n.frac, (unsigned)(f->emin - n.exp));
			n.exp = f->emin;
		}
	}
	rest = n.frac & (unit - 1);
	n.frac -= rest;
	if (rest) {
		int half = rest > unit / 2 ? 1 : rest == unit / 2 ? 0 : -1;

		env->fi = true;
		env->flags |= SF_XX;
		if (tiny)
			env->flags |= SF_UX;
		if (sf_round_up(env->rm, n.sign, n.frac & unit, half)) {
			env->fr = true;
			n.frac += unit;
			if (!n.frac) {
				n.frac = SF_TOP;
				n.exp++;
			}
		}
	}
	if (unlikely(n.exp > f->emax)) {
		if (!env->oe)
			return overflow(env, n, f);
		n.exp -= f->adjust;
		env->flags |= SF_OX;
	}
	if (unlikely(!(n.frac & SF_TOP))) {
		unsigned lz;

		if (!n.frac)
			return sf_zero(n.sign);
		lz = sf_clz128(n.frac);
		n.frac <<= lz;
		n.exp -= (int)lz;
	}
	return n;
}

SfNum sf_nan2(SfEnv *env, SfNum a, SfNum b)
{
	SfNum n = sf_isnan(a) ? a : b;

	if (a.cls == SF_SNAN || b.cls == SF_SNAN)
		env->flags |= SF_VXSNAN;
	n.cls = SF_QNAN;
	n.frac |= SF_TOP;
	return n;
}

SfNum sf_nan3(SfEnv *env, SfNum a, SfNum b, SfNum c)
{
	if (c.cls == SF_SNAN)
		env->flags |= SF_VXSNAN;
	if (!sf_isnan(a) && !sf_isnan(b)) {
		c.cls = SF_QNAN;
		c.frac |= SF_TOP;
		return c;
	}
	return sf_nan2(env, a, b);
}

/* ---- Integral values ---- */

SfNum sf_num_rint(SfNum n, unsigned rm, bool *inexact, bool *up)
{
	u128 unit, rest;
	int half;

	*inexact = *up = false;
	if (n.cls != SF_FINITE || n.exp >= 127)
		return n;
	*inexact = true;
	if (n.exp < 0) {
		half = n.exp < -1 ? -1 : n.frac > SF_TOP ? 1 : 0;
		*up = sf_round_up(rm, n.sign, false, half);
		if (!*up)
			return sf_zero(n.sign);
		n.exp = 0;
		n.frac = SF_TOP;
		return n;
	}
	unit = (u128)1 << (127 - n.exp);
	rest = n.frac & (unit - 1);
	if (!rest) {
		*inexact = false;
		return n;
	}
	n.frac -= rest;
	half = rest > unit / 2 ? 1 : rest == unit / 2 ? 0 : -1;
	*up = sf_round_up(rm, n.sign, n.frac & unit, half);
	if (*up) {
		n.frac += unit;
		if (!n.frac) {
			n.frac = SF_TOP;
			n.exp++;
		}
	}
	return n;
}

static SfNum rint_env(SfEnv *env, SfNum n, unsigned rm, bool report)
{
	bool inexact, up;

	env->fi = env->fr = false;
	if (sf_isnan(n))
		return sf_nan2(env, n, n);
	n = sf_num_rint(n, rm, &inexact, &up);
	if (report && inexact) {
		env->flags |= SF_XX;
		env->fi = true;
		env->fr = up;
	}
	return n;
}

uint32_t sf_f32_rint(SfEnv *env, uint32_t a, unsigned rm, bool inexact)
{
	uint64_t r;

	if (quick_normal32(a) && quick_rint(env, quick_widen(a), rm, inexact, &r))
		return r << 1 ? quick_narrow(r) : (uint32_t)(r >> 32);
	return sf_pack32(rint_env(env, sf_unpack32_nj(env, a), rm, inexact));
}

uint64_t sf_f64_rint(SfEnv *env, uint64_t a, unsigned rm, bool inexact)
{
	uint64_t r;

	if (quick_rint(env, a, rm, inexact, &r))
		return r;
	return sf_pack64(rint_env(env, sf_unpack64(a), rm, inexact));
}

u128 sf_f128_rint(SfEnv *env, u128 a, unsigned rm, bool inexact)
{
	return sf_pack128(rint_env(env, sf_unpack128(a), rm, inexact));
}

/*
 * xsrqpxp reports no underflow: of a result too small for a normal number only
 * the lost bits are told (XX).
 */
u128 sf_f128_round_x(SfEnv *env, u128 a, unsigned rm)
{
	SfEnv e = { .rm = (uint8_t)rm, .oe = env->oe };
	SfNum n = sf_unpack128(a);

	n = sf_isnan(n) ? sf_nan2(&e, n, n) : sf_round(&e, n, &sf_fmt80);
	env->flags |= e.flags & ~(uint32_t)SF_UX;
	env->fi = e.fi;
	env->fr = e.fr;
	return sf_pack128(n);
}

/* ---- Between formats ---- */

static SfNum convert(SfEnv *env, SfNum n, const SfFormat *f)
{
	env->fi = env->fr = false;
	return sf_isnan(n) ? sf_nan2(env, n, n) : sf_round(env, n, f);
}

/* Widening never rounds, and a trapped underflow must not change the result. */
static SfNum widen(SfEnv *env, SfNum n)
{
	env->fi = env->fr = false;
	return sf_isnan(n) ? sf_nan2(env, n, n) : n;
}

uint64_t sf_f32_to_f64(SfEnv *env, uint32_t a)
{
	if (quick_normal32(a)) {
		env->fi = env->fr = false;
		return quick_widen(a);
	}
	return sf_pack64(widen(env, sf_unpack32(a)));
}
u128 sf_f64_to_f128(SfEnv *env, uint64_t a)
{
	return sf_pack128(widen(env, sf_unpack64(a)));
}
uint64_t sf_f16_to_f64(SfEnv *env, uint16_t a)
{
	return sf_pack64(widen(env, sf_unpack16(a)));
}
uint32_t sf_f16_to_f32(SfEnv *env, uint16_t a)
{
	return sf_pack32(widen(env, sf_unpack16(a)));
}

uint32_t sf_f64_to_f32(SfEnv *env, uint64_t a)
{
	uint64_t r;

	if (quick_to_single(env, a, &r))
		return quick_narrow(r);
	return sf_pack32(convert(env, sf_unpack64(a), &sf_fmt32));
}

uint64_t sf_f64_to_f64s(SfEnv *env, uint64_t a)
{
	uint64_t r;

	if (quick_to_single(env, a, &r))
		return r;
	return sf_pack64s(convert(env, sf_unpack64(a), &sf_fmt32));
}

uint64_t sf_f128_to_f64(SfEnv *env, u128 a)
{
	return sf_pack64(convert(env, sf_unpack128(a), &sf_fmt64));
}

uint16_t sf_f64_to_f16(SfEnv *env, uint64_t a)
{
	return sf_pack16(convert(env, sf_unpack64(a), &sf_fmt16));
}

uint16_t sf_f32_to_f16(SfEnv *env, uint32_t a)
{
	return sf_pack16(convert(env, sf_unpack32(a), &sf_fmt16));
}

uint64_t sf_lfs(uint32_t v)
{
	/* No arithmetic: a signaling NaN stays one. */
	if (likely(quick_normal32(v)))
		return quick_widen(v);
	return sf_pack64(sf_unpack32(v));
}

uint32_t sf_stfs(uint64_t v)
{
	unsigned e = v >> 52 & 0x7ff;
	uint32_t sign = (uint32_t)(v >> 32) & 0x80000000;

	if (e > 896)
		return (uint32_t)(v >> 32 & 0xc0000000) | (uint32_t)(v >> 29 & 0x3fffffff);
	/* Below 874 the book leaves the result open: a zero. */
	if (e < 874)
		return sign;
	return sign | (uint32_t)(((v & mask64(12, 63)) | BIT64(11)) >> (29 + 897 - e));
}

/* ---- To integers ---- */

/* Bits of the result; bits is 32, 64 or 128. */
static u128 to_int(SfEnv *env, SfNum n, unsigned rm, unsigned bits, bool is_signed)
{
	u128 max = ~(u128)0 >> (128 - bits + is_signed);
	u128 min = is_signed ? max + 1 : 0; /* magnitude */
	u128 mag = 0;
	bool inexact, up, over;

	env->fi = env->fr = false;
	if (sf_isnan(n)) {
		env->flags |= SF_VXCVI | (n.cls == SF_SNAN ? SF_VXSNAN : 0);
		return -min;
	}
	n = sf_num_rint(n, rm, &inexact, &up);
	over = n.cls == SF_INF || (n.cls == SF_FINITE && n.exp > 127);
	if (n.cls == SF_FINITE && !over)
		mag = n.frac >> (127 - n.exp);
	if (over || mag > (n.sign ? min : max)) {
		env->flags |= SF_VXCVI;
		return n.sign ? -min : max;
	}
	if (inexact) {
		env->flags |= SF_XX;
		env->fi = true;
		env->fr = up;
	}
	return n.sign ? -mag : mag;
}

/* The quick way's double of an operand; false where there is none. */
static inline bool quick_f32(uint32_t v, uint64_t *w)
{
	*w = quick_normal32(v) ? quick_widen(v) : 0;
	return *w || !(v << 1);
}

static inline bool quick_f64(uint64_t v, uint64_t *w)
{
	*w = v;
	return true;
}

static inline bool quick_f128(u128 v, uint64_t *w)
{
	(void)v, (void)w;
	return false;
}

#define TO_INT_OF(fmt, type, unpack, name, rtype, bits, is_signed)                                 \
	rtype sf_##fmt##_to_##name(SfEnv *env, type a, unsigned rm)                                \
	{                                                                                          \
		uint64_t max = ~UINT64_C(0) >> (64 - bits + is_signed);                            \
		uint64_t w, r;                                                                     \
                                                                                                   \
		if (quick_##fmt(a, &w) &&                                                          \
		    quick_to_int(env, w, rm, is_signed ? max + 1 : 0, max, &r))                    \
			return (rtype)r;                                                           \
		return (rtype)to_int(env, unpack(a), rm, bits, is_signed);                         \
	}
#define TO_INT(fmt, type, unpack)                                                                  \
	TO_INT_OF(fmt, type, unpack, s32, int32_t, 32, true)                                       \
	TO_INT_OF(fmt, type, unpack, u32, uint32_t, 32, false)                                     \
	TO_INT_OF(fmt, type, unpack, s64, int64_t, 64, true)                                       \
	TO_INT_OF(fmt, type, unpack, u64, uint64_t, 64, false)
TO_INT(f32, uint32_t, sf_unpack32)
TO_INT(f64, uint64_t, sf_unpack64)
TO_INT(f128, u128, sf_unpack128)
#undef TO_INT
#undef TO_INT_OF

i128 sf_f128_to_s128(SfEnv *env, u128 a, unsigned rm)
{
	return (i128)to_int(env, sf_unpack128(a), rm, 128, true);
}

u128 sf_f128_to_u128(SfEnv *env, u128 a, unsigned rm)
{
	return to_int(env, sf_unpack128(a), rm, 128, false);
}

/* ---- From integers ---- */

static SfNum from_int(SfEnv *env, u128 mag, bool sign, const SfFormat *f)
{
	SfNum n = { .cls = SF_FINITE, .sign = sign };
	unsigned lz;

	env->fi = env->fr = false;
	if (!mag)
		return sf_zero(false);
	lz = sf_clz128(mag);
	n.frac = mag << lz;
	n.exp = 127 - (int)lz;
	return sf_round(env, n, f);
}

/* In double format: to single precision when `single`. */
static inline uint64_t from_64(SfEnv *env, uint64_t mag, bool sign, bool single)
{
	uint64_t r;

	if (quick_from_int(env, mag, sign, single, &r))
		return r;
	return sf_pack64(from_int(env, mag, sign, single ? &sf_fmt32 : &sf_fmt64));
}

static inline uint64_t magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

/* No integer is denormal, infinite or a NaN: but for zero, the bits are where they should be. */
static inline uint32_t narrow(uint64_t v)
{
	return v ? quick_narrow(v) : 0;
}

uint32_t sf_s64_to_f32(SfEnv *env, int64_t v)
{
	return narrow(from_64(env, magnitude(v), v < 0, true));
}
uint64_t sf_s64_to_f64(SfEnv *env, int64_t v)
{
	return from_64(env, magnitude(v), v < 0, false);
}
uint64_t sf_s64_to_f64s(SfEnv *env, int64_t v)
{
	return from_64(env, magnitude(v), v < 0, true);
}

uint32_t sf_u64_to_f32(SfEnv *env, uint64_t v)
{
	return narrow(from_64(env, v, false, true));
}

uint64_t sf_u64_to_f64(SfEnv *env, uint64_t v)
{
	return from_64(env, v, false, false);
}

uint64_t sf_u64_to_f64s(SfEnv *env, uint64_t v)
{
	return from_64(env, v, false, true);
}

u128 sf_s128_to_f128(SfEnv *env, i128 v)
{
	return sf_pack128(from_int(env, v < 0 ? -(u128)v : (u128)v, v < 0, &sf_fmt128));
}

u128 sf_u128_to_f128(SfEnv *env, u128 v)
{
	return sf_pack128(from_int(env, v, false, &sf_fmt128));
}
