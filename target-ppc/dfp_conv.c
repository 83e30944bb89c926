/*
 * Decimal numbers: classes, conversions between formats, integers and BCD, parts
 * of the encoding.  See dfp.h; Power ISA 3.0B book I, 5.6.3, 5.6.5, 5.6.6.
 */
#include "target-ppc/dfp.h"
#include "target-ppc/dfp_num.h"

/* ---- Classes ---- */

static bool subnormal(const DfpFormat *f, const DfpNum *n)
{
	return (int32_t)dfp_digits(n->coeff) + n->exp - 1 < dfp_min_normal(f);
}

/* Place of a number's class in DCM, from the left. */
static unsigned class_of(const DfpFormat *f, const DfpNum *n)
{
	if (n->kind != DFP_FINITE)
		return 2 + n->kind;
	return !n->coeff ? 0 : subnormal(f, n) ? 1 : 2;
}

/* What dtstdc and dtstdg give: sign and match. */
static unsigned match(const DfpNum *n, unsigned place, unsigned mask)
{
	return (n->neg ? 8 : 0) | (mask & 0x20 >> place ? 2 : 0);
}

unsigned dfp_test_class(const DfpFormat *f, u128 a, unsigned mask)
{
	DfpNum n = dfp_unpack(f, a);

	return match(&n, class_of(f, &n), mask);
}

unsigned dfp_test_group(const DfpFormat *f, u128 a, unsigned mask)
{
	DfpNum n = dfp_unpack(f, a);
	bool extreme = n.exp == -f->bias || n.exp == f->max_exp;
	unsigned place;

	if (n.kind != DFP_FINITE)
		place = 5;
	else if (!n.coeff)
		place = extreme;
	else if (extreme || subnormal(f, &n))
		place = 2;
	else
		place = dfp_digits(n.coeff) < f->digits ? 3 : 4;
	return match(&n, place, mask);
}

unsigned dfp_fprf(const DfpFormat *f, u128 v)
{
	/* Zero, subnormal, normal, infinity, QNaN, SNaN; by sign, which NaNs have not. */
	static const uint8_t codes[2][6] = { { 0x02, 0x14, 0x04, 0x05, 0x11, 0x01 },
					     { 0x12, 0x18, 0x08, 0x09, 0x11, 0x01 } };
	DfpNum n = dfp_unpack(f, v);

	return codes[n.neg][class_of(f, &n)];
}

unsigned dfp_test_exp(const DfpFormat *f, u128 av, u128 bv)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);

	if (a.kind != DFP_FINITE || b.kind != DFP_FINITE)
		return a.kind == b.kind || (dfp_is_nan(&a) && dfp_is_nan(&b)) ? SF_EQ : SF_UN;
	return a.exp < b.exp ? SF_LT : a.exp > b.exp ? SF_GT : SF_EQ;
}

unsigned dfp_test_sig(const DfpFormat *f, unsigned k, u128 bv)
{
	DfpNum b = dfp_unpack(f, bv);
	unsigned n = dfp_digits(b.coeff);

	if (b.kind != DFP_FINITE)
		return SF_UN;
	return k == 0 || k > n ? SF_GT : k < n ? SF_LT : SF_EQ;
}

/* ---- Formats ---- */

u128 dfp_widen(const DfpFormat *from, const DfpFormat *to, SfEnv *env, u128 bv, bool quiet)
{
	DfpNum b = dfp_unpack(from, bv);

	dfp_begin(env);
	if (dfp_is_nan(&b) && !quiet)
		return dfp_quiet(to, env, b);
	return b.kind == DFP_INF ? dfp_inf(to, b.neg) : dfp_pack(to, &b);
}

u128 dfp_narrow(const DfpFormat *from, const DfpFormat *to, SfEnv *env, u128 bv, bool quiet,
		const DfpFormat **format)
{
	DfpNum b = dfp_unpack(from, bv), r;
	DfpExact x = { .c = dfp_wide(b.coeff), .exp = b.exp, .neg = b.neg };

	dfp_begin(env);
	*format = to;
	if (b.kind == DFP_INF)
		return dfp_inf(to, b.neg);
	if (dfp_is_nan(&b)) {
		b.coeff %= dfp_pow10(to->digits - 1); /* the rightmost digits */
		return quiet ? dfp_pack(to, &b) : dfp_quiet(to, env, b);
	}
	if (dfp_round(to, env, &x, b.exp, from->wrap_from, &r))
		*format = from;
	return dfp_pack(*format, &r);
}

/* ---- Integers ---- */

u128 dfp_from_int(const DfpFormat *f, SfEnv *env, i128 v)
{
	DfpExact x = { .c = dfp_wide(v < 0 ? -(u128)v : (u128)v), .neg = v < 0 };

	dfp_begin(env);
	return dfp_finish(f, env, &x, 0);
}

static i128 saturate(SfEnv *env, bool neg, unsigned bits)
{
	u128 min = (u128)1 << (bits - 1);

	env->flags |= SF_VXCVI;
	env->fi = env->fr = false;
	return neg ? -(i128)(min - 1) - 1 : (i128)(min - 1);
}

i128 dfp_to_int(const DfpFormat *f, SfEnv *env, u128 bv, unsigned bits)
{
	DfpNum b = dfp_unpack(f, bv);
	DfpExact x = { .c = dfp_wide(b.coeff), .neg = b.neg };
	uint32_t flags = env->flags;
	u128 v, max = ((u128)1 << (bits - 1)) - !b.neg;

	dfp_begin(env);
	if (b.kind == DFP_SNAN)
		env->flags |= SF_VXSNAN;
	if (b.kind != DFP_FINITE)
		return saturate(env, b.neg || dfp_is_nan(&b), bits);
	if (b.coeff && (int32_t)dfp_digits(b.coeff) + b.exp > 39)
		return saturate(env, b.neg, bits);
	if (b.exp < 0) {
		v = dfp_cut(env, env->rm, &x, (unsigned)-b.exp);
	} else {
		dfp_scale(&x.c, b.coeff ? (unsigned)b.exp : 0);
		v = x.c.w[2] | x.c.w[3] ? ~(u128)0 : dfp_wide_low(&x.c);
	}
	if (v > max) {
		env->flags = flags;
		return saturate(env, b.neg, bits);
	}
	return b.neg ? -(i128)(v - 1) - 1 : (i128)v;
}

/* ---- BCD ---- */

/* The n rightmost digits. */
static u128 bcd_from(u128 c, unsigned n)
{
	u128 r = 0;

	for (unsigned i = 0; i < n; i++) {
		r |= (c % 10) << 4 * i;
		c /= 10;
	}
	return r;
}

u128 dfp_to_bcd(const DfpFormat *f, u128 bv, bool sign, unsigned plus)
{
	DfpNum b = dfp_unpack(f, bv);
	unsigned n = f->width / 4;

	if (!sign)
		return bcd_from(b.coeff, n);
	return bcd_from(b.coeff, n - 1) << 4 | (b.neg ? 0xd : plus);
}

u128 dfp_from_bcd(const DfpFormat *f, SfEnv *env, u128 b, bool sign)
{
	DfpNum r = { 0 };

	dfp_begin(env);
	for (int i = f->width - 4; i >= (sign ? 4 : 0); i -= 4) {
		unsigned digit = (unsigned)(b >> i) & 15;

		if (digit > 9)
			return dfp_invalid(f, env, SF_VXCVI);
		r.coeff = r.coeff * 10 + digit;
	}
	if (sign) {
		unsigned s = (unsigned)b & 15;

		if (s < 10)
			return dfp_invalid(f, env, SF_VXCVI);
		r.neg = s == 0xb || s == 0xd;
	}
	return dfp_pack(f, &r);
}

/* ---- Parts ---- */

int64_t dfp_get_exp(const DfpFormat *f, u128 bv)
{
	DfpNum b = dfp_unpack(f, bv);

	return b.kind == DFP_FINITE ? b.exp + f->bias : -(int64_t)b.kind;
}

u128 dfp_set_exp(const DfpFormat *f, int64_t exp, u128 bv)
{
	DfpNum b = dfp_unpack(f, bv);

	if (exp >= 0 && exp <= f->bias + f->max_exp) {
		b.kind = DFP_FINITE;
		b.exp = (int32_t)exp - f->bias;
	} else {
		b.kind = exp == -1 ? DFP_INF : exp == -3 ? DFP_SNAN : DFP_QNAN;
	}
	return dfp_pack(f, &b);
}

/* Digits that there are to shift. */
static unsigned room(const DfpFormat *f, const DfpNum *a)
{
	return a->kind == DFP_FINITE ? f->digits : f->digits - 1;
}

u128 dfp_shift_left(const DfpFormat *f, u128 av, unsigned n)
{
	DfpNum a = dfp_unpack(f, av);
	unsigned all = room(f, &a);

	a.coeff = n < all ? a.coeff % dfp_pow10(all - n) * dfp_pow10(n) : 0;
	return dfp_pack(f, &a);
}

u128 dfp_shift_right(const DfpFormat *f, u128 av, unsigned n)
{
	DfpNum a = dfp_unpack(f, av);

	a.coeff = n < room(f, &a) ? a.coeff / dfp_pow10(n) : 0;
	return dfp_pack(f, &a);
}
