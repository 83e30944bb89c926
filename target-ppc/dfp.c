/*
 * Decimal numbers: encoding, rounding, arithmetic, quantum adjustment.  See
 * dfp.h; Power ISA 3.0B book I, 5.3 (formats), 5.5 (execution model,
 * exceptions), 5.6.1, 5.6.2, 5.6.4.
 */
#include "target-ppc/dfp.h"
#include "target-ppc/dfp_num.h"
#include "target-ppc/dpd.h"

/* 5.3.1, table "DFP formats"; adjustments: 5.5.10.3 and 5.5.10.4. */
const DfpFormat dfp_short = { 7, 32, 20, 6, 101, 90, 0, 0 };
const DfpFormat dfp_long = { 16, 64, 50, 8, 398, 369, 576, 192 };
const DfpFormat dfp_ext = { 34, 128, 110, 12, 6176, 6111, 9216, 3072 };

static const uint64_t pow10_64[20] = {
	1u,
	10u,
	100u,
	1000u,
	10000u,
	100000u,
	1000000u,
	10000000u,
	100000000u,
	1000000000u,
	UINT64_C(10000000000),
	UINT64_C(100000000000),
	UINT64_C(1000000000000),
	UINT64_C(10000000000000),
	UINT64_C(100000000000000),
	UINT64_C(1000000000000000),
	UINT64_C(10000000000000000),
	UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000),
	UINT64_C(10000000000000000000),
};

u128 dfp_pow10(unsigned n)
{
	return n < 20 ? pow10_64[n] : (u128)pow10_64[19] * pow10_64[n - 19];
}

/* ---- Wide integers ---- */

unsigned dfp_digits(u128 v)
{
	unsigned bits = v >> 64 ? 128 - clz64((uint64_t)(v >> 64)) : 64 - clz64((uint64_t)v);
	unsigned n = bits * 1233 >> 12; /* log10(2), from below */

	return n + (v >= dfp_pow10(n));
}

static unsigned wide_digits(const DfpWide *v)
{
	DfpWide t = *v;
	unsigned n = 0;
	bool sticky;

	for (; t.w[2] | t.w[3]; n += 19)
		dfp_drop(&t, 19, &sticky);
	return n + dfp_digits(dfp_wide_low(&t));
}

static uint64_t wide_div(DfpWide *v, uint64_t d)
{
	uint64_t rem = 0;

	for (int i = v->w[3] ? 3 : v->w[2] ? 2 : 1; i >= 0; i--) {
		u128 t = (u128)rem << 64 | v->w[i];

		v->w[i] = (uint64_t)(t / d);
		rem = (uint64_t)(t % d);
	}
	return rem;
}

static void wide_mul_small(DfpWide *v, uint64_t m)
{
	uint64_t carry = 0;

	for (unsigned i = 0; i < 4; i++) {
		u128 t = (u128)v->w[i] * m + carry;

		v->w[i] = (uint64_t)t;
		carry = (uint64_t)(t >> 64);
	}
}

void dfp_scale(DfpWide *v, unsigned n)
{
	for (; n > 19; n -= 19)
		wide_mul_small(v, pow10_64[19]);
	wide_mul_small(v, pow10_64[n]);
}

static DfpWide wide_mul(u128 a, u128 b)
{
	DfpWide lo = dfp_wide(a), hi = dfp_wide(a);
	uint64_t carry = 0;

	wide_mul_small(&lo, (uint64_t)b);
	wide_mul_small(&hi, (uint64_t)(b >> 64));
	for (unsigned i = 1; i < 4; i++) {
		u128 t = (u128)lo.w[i] + hi.w[i - 1] + carry;

		lo.w[i] = (uint64_t)t;
		carry = (uint64_t)(t >> 64);
	}
	return lo;
}

static int wide_cmp(const DfpWide *a, const DfpWide *b)
{
	for (int i = 3; i >= 0; i--)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i] ? -1 : 1;
	return 0;
}

static void wide_add(DfpWide *a, const DfpWide *b)
{
	uint64_t carry = 0;

	for (unsigned i = 0; i < 4; i++) {
		u128 t = (u128)a->w[i] + b->w[i] + carry;

		a->w[i] = (uint64_t)t;
		carry = (uint64_t)(t >> 64);
	}
}

static void wide_sub(DfpWide *a, const DfpWide *b)
{
	uint64_t borrow = 0;

	for (unsigned i = 0; i < 4; i++) {
		u128 t = (u128)a->w[i] - b->w[i] - borrow;

		a->w[i] = (uint64_t)t;
		borrow = t >> 64 ? 1 : 0;
	}
}

unsigned dfp_drop(DfpWide *v, unsigned n, bool *sticky)
{
	*sticky = false;
	if (n == 0)
		return 0;
	if (n > 78) {
		*sticky = v->w[0] | v->w[1] | v->w[2] | v->w[3];
		*v = dfp_wide(0);
		return 0;
	}
	while (n > 1) {
		unsigned k = n > 20 ? 19 : n - 1;

		*sticky |= wide_div(v, pow10_64[k]) != 0;
		n -= k;
	}
	return (unsigned)wide_div(v, 10);
}

/* ---- Encoding ---- */

DfpNum dfp_unpack(const DfpFormat *f, u128 v)
{
	unsigned g = (unsigned)(v >> (f->width - 6)) & 31, top = g >> 3, first = g & 7;
	DfpNum n = { .neg = v >> (f->width - 1) & 1 };

	if (top == 3) {
		top = g >> 1 & 3;
		first = 8 + (g & 1);
	}
	if (top == 3) {
		bool signalling = v >> (f->width - 7) & 1;

		n.kind = !(g & 1) ? DFP_INF : signalling ? DFP_SNAN : DFP_QNAN;
		first = 0;
	} else {
		n.exp = (int32_t)(top << f->exp_bits |
				  ((unsigned)(v >> f->trailing) & ((1u << f->exp_bits) - 1))) -
			f->bias;
	}
	n.coeff = first;
	for (int i = f->trailing - 10; i >= 0; i -= 10)
		n.coeff = n.coeff * 1000 + dpd_to_number((unsigned)(v >> i) & 0x3ff);
	return n;
}

u128 dfp_pack(const DfpFormat *f, const DfpNum *n)
{
	u128 c = n->coeff, v = 0, g;
	uint64_t low = (uint64_t)(c % pow10_64[18]);

	for (unsigned i = 0; i < f->trailing; i += 10) {
		if (i == 60) {
			c /= pow10_64[18];
			low = (uint64_t)(c % pow10_64[18]);
		}
		v |= (u128)dpd_from_number((unsigned)(low % 1000)) << i;
		low /= 1000;
	}
	if (n->kind == DFP_FINITE) {
		unsigned e = (unsigned)(n->exp + f->bias), top = e >> f->exp_bits;
		unsigned first = (unsigned)low; /* what the declets left over */

		g = first < 8 ? top << 3 | first : 24 | top << 1 | (first & 1);
		g = g << f->exp_bits | (e & ((1u << f->exp_bits) - 1));
	} else {
		g = n->kind == DFP_INF ? 60 : n->kind == DFP_QNAN ? 62 : 63;
		g <<= f->exp_bits - 1;
	}
	return v | g << f->trailing | (u128)n->neg << (f->width - 1);
}

u128 dfp_finite(const DfpFormat *f, bool neg, u128 coeff, int32_t exp)
{
	return dfp_pack(f, &(DfpNum){ .neg = neg, .coeff = coeff, .exp = exp });
}

u128 dfp_inf(const DfpFormat *f, bool neg)
{
	return dfp_pack(f, &(DfpNum){ .neg = neg, .kind = DFP_INF });
}

u128 dfp_invalid(const DfpFormat *f, SfEnv *env, uint32_t cause)
{
	env->flags |= cause;
	return dfp_pack(f, &(DfpNum){ .kind = DFP_QNAN });
}

u128 dfp_quiet(const DfpFormat *f, SfEnv *env, DfpNum b)
{
	if (b.kind == DFP_SNAN)
		env->flags |= SF_VXSNAN;
	b.kind = DFP_QNAN;
	return dfp_pack(f, &b);
}

/* A signalling NaN goes before a quiet one, then A before B (5.6, tables "Actions"). */
static bool nan_result(const DfpFormat *f, SfEnv *env, const DfpNum *a, const DfpNum *b, u128 *r)
{
	if (!dfp_is_nan(a) && !dfp_is_nan(b))
		return false;
	if (a->kind == DFP_SNAN || (dfp_is_nan(a) && b->kind != DFP_SNAN))
		*r = dfp_quiet(f, env, *a);
	else
		*r = dfp_quiet(f, env, *b);
	return true;
}

/* ---- Rounding ---- */

/* Is a magnitude that ends in the digit `last' rounded up, digit and sticky being cut off? */
static bool rounds_up(unsigned rm, bool neg, unsigned last, unsigned digit, bool sticky)
{
	bool inexact = digit || sticky;

	switch (rm) {
	case DFP_RM_NEAREST: return digit > 5 || (digit == 5 && (sticky || (last & 1)));
	case DFP_RM_UP: return inexact && !neg;
	case DFP_RM_DOWN: return inexact && neg;
	case DFP_RM_NEAREST_AWAY: return digit >= 5;
	case DFP_RM_NEAREST_ZERO: return digit > 5 || (digit == 5 && sticky);
	case DFP_RM_AWAY: return inexact;
	case DFP_RM_SHORTER: return inexact && last % 5 == 0;
	default: return false;
	}
}

u128 dfp_cut(SfEnv *env, unsigned rm, const DfpExact *x, unsigned n)
{
	DfpWide t = x->c;
	bool sticky;
	unsigned digit = dfp_drop(&t, n, &sticky);
	u128 c = dfp_wide_low(&t);

	sticky |= x->sticky;
	if (digit || sticky) {
		env->flags |= SF_XX;
		env->fi = true;
		env->fr = rounds_up(rm, x->neg, (unsigned)(c % 10), digit, sticky);
		c += env->fr;
	}
	return c;
}

/* 5.5.10.3: the largest number where rounding would not go away from it. */
static void overflow(const DfpFormat *f, SfEnv *env, DfpNum *r)
{
	bool max = env->rm == DFP_RM_ZERO || env->rm == DFP_RM_SHORTER ||
		   env->rm == (r->neg ? DFP_RM_UP : DFP_RM_DOWN);

	env->flags |= SF_XX;
	env->fi = true;
	r->kind = max ? DFP_FINITE : DFP_INF;
	r->coeff = max ? dfp_pow10(f->digits) - 1 : 0;
	r->exp = f->max_exp;
}

/* An exact result in the form nearest to the ideal exponent. */
static void toward_ideal(const DfpFormat *f, DfpNum *r, int32_t ideal)
{
	int32_t pad;

	while (r->exp < ideal && r->coeff % 10 == 0) {
		r->coeff /= 10;
		r->exp++;
	}
	pad = (int32_t)(f->digits - dfp_digits(r->coeff));
	if (pad > r->exp - ideal)
		pad = r->exp - ideal;
	if (pad > 0) {
		r->coeff *= dfp_pow10((unsigned)pad);
		r->exp -= pad;
	}
}

static int32_t clamp(int32_t v, int32_t lo, int32_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

bool dfp_round(const DfpFormat *f, SfEnv *env, const DfpExact *exact, int32_t ideal, int32_t wrap,
	       DfpNum *r)
{
	DfpExact x = *exact;
	int32_t n = (int32_t)wide_digits(&x.c), drop = n - f->digits;
	bool tiny = n + x.exp - 1 < dfp_min_normal(f), wrapped = tiny && env->ue;

	*r = (DfpNum){ .neg = x.neg };
	if (n == 0) {
		r->exp = clamp(ideal, -f->bias, f->max_exp);
		return false;
	}
	if (wrapped) {
		env->flags |= SF_UX;
		x.exp += wrap;
		ideal += wrap;
	} else if (tiny && drop < -f->bias - x.exp) {
		drop = -f->bias - x.exp;
	}
	if (drop < 0)
		drop = 0;
	r->coeff = dfp_cut(env, env->rm, &x, (unsigned)drop);
	r->exp = x.exp + drop;
	if (r->coeff == dfp_pow10(f->digits)) {
		r->coeff /= 10;
		r->exp++;
	}
	if (tiny && !wrapped && env->fi)
		env->flags |= SF_UX;
	if (!wrapped && (int32_t)dfp_digits(r->coeff) + r->exp > f->max_exp + f->digits) {
		env->flags |= SF_OX;
		if (!env->oe) {
			overflow(f, env, r);
			return false;
		}
		wrapped = true;
		r->exp -= wrap;
		ideal -= wrap;
	}
	if (!env->fi)
		toward_ideal(f, r, wrapped ? ideal : clamp(ideal, -f->bias, f->max_exp));
	return wrapped;
}

u128 dfp_finish(const DfpFormat *f, SfEnv *env, const DfpExact *x, int32_t ideal)
{
	DfpNum r;

	dfp_round(f, env, x, ideal, f->wrap, &r);
	return dfp_pack(f, &r);
}

/* ---- Arithmetic ---- */

/*
 * |a| >= |b| in exponent.  Both are brought to b's exponent while that fits; beyond, b
 * is less than a unit of the last place of a with 40 digits: only its being there counts.
 */
static DfpExact add_finite(const DfpNum *a, const DfpNum *b)
{
	DfpExact x = { .c = dfp_wide(a->coeff), .exp = b->exp, .neg = a->neg };
	DfpWide other = dfp_wide(b->coeff);
	unsigned n = dfp_digits(a->coeff), shift = (unsigned)(a->exp - b->exp);

	if (n == 0) {
		x.c = other;
		x.neg = b->neg;
		return x;
	}
	if (n + shift > 76) {
		shift = 40 - n;
		x.exp = a->exp - (int32_t)shift;
		x.sticky = b->coeff != 0;
		/* Below a whole number by less than 1: one less, and a bit more. */
		other = dfp_wide(x.sticky && a->neg != b->neg);
	}
	dfp_scale(&x.c, shift);
	if (a->neg == b->neg) {
		if (!x.sticky)
			wide_add(&x.c, &other);
	} else if (wide_cmp(&x.c, &other) >= 0) {
		wide_sub(&x.c, &other);
	} else {
		wide_sub(&other, &x.c);
		x.c = other;
		x.neg = b->neg;
	}
	return x;
}

static u128 add(const DfpFormat *f, SfEnv *env, DfpNum a, DfpNum b)
{
	int32_t ideal = a.exp < b.exp ? a.exp : b.exp;
	DfpExact x;

	if (a.kind == DFP_INF && b.kind == DFP_INF && a.neg != b.neg)
		return dfp_invalid(f, env, SF_VXISI);
	if (a.kind == DFP_INF || b.kind == DFP_INF)
		return dfp_inf(f, a.kind == DFP_INF ? a.neg : b.neg);
	x = a.exp >= b.exp ? add_finite(&a, &b) : add_finite(&b, &a);
	if (!x.sticky && wide_digits(&x.c) == 0)
		x.neg = a.neg == b.neg ? a.neg : env->rm == DFP_RM_DOWN;
	return dfp_finish(f, env, &x, ideal);
}

u128 dfp_add(const DfpFormat *f, SfEnv *env, u128 av, u128 bv)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);
	u128 r;

	dfp_begin(env);
	return nan_result(f, env, &a, &b, &r) ? r : add(f, env, a, b);
}

u128 dfp_sub(const DfpFormat *f, SfEnv *env, u128 av, u128 bv)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);
	u128 r;

	dfp_begin(env);
	if (nan_result(f, env, &a, &b, &r))
		return r;
	b.neg = !b.neg;
	return add(f, env, a, b);
}

u128 dfp_mul(const DfpFormat *f, SfEnv *env, u128 av, u128 bv)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);
	bool neg = a.neg != b.neg;
	DfpExact x;
	u128 r;

	dfp_begin(env);
	if (nan_result(f, env, &a, &b, &r))
		return r;
	if (a.kind == DFP_INF || b.kind == DFP_INF) {
		if ((a.kind == DFP_FINITE && !a.coeff) || (b.kind == DFP_FINITE && !b.coeff))
			return dfp_invalid(f, env, SF_VXIMZ);
		return dfp_inf(f, neg);
	}
	x = (DfpExact){ .c = wide_mul(a.coeff, b.coeff), .exp = a.exp + b.exp, .neg = neg };
	return dfp_finish(f, env, &x, x.exp);
}

/* Long division, four digits at a time (a remainder is below 2^113), to 35 digits or more. */
static DfpExact div_finite(const DfpNum *a, const DfpNum *b)
{
	u128 q = a->coeff / b->coeff, rem = a->coeff % b->coeff, enough = dfp_pow10(34);
	DfpExact x = { .exp = a->exp - b->exp, .neg = a->neg != b->neg };

	while (rem && q < enough) {
		rem *= 10000;
		q = q * 10000 + rem / b->coeff;
		rem %= b->coeff;
		x.exp -= 4;
	}
	x.c = dfp_wide(q);
	x.sticky = rem != 0;
	return x;
}

u128 dfp_div(const DfpFormat *f, SfEnv *env, u128 av, u128 bv)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);
	bool neg = a.neg != b.neg;
	DfpExact x;
	u128 r;

	dfp_begin(env);
	if (nan_result(f, env, &a, &b, &r))
		return r;
	if (a.kind == DFP_INF)
		return b.kind == DFP_INF ? dfp_invalid(f, env, SF_VXIDI) : dfp_inf(f, neg);
	if (b.kind == DFP_INF)
		return dfp_finite(f, neg, 0, -f->bias);
	if (!b.coeff) {
		if (!a.coeff)
			return dfp_invalid(f, env, SF_VXZDZ);
		env->flags |= SF_ZX;
		return dfp_inf(f, neg);
	}
	x = div_finite(&a, &b);
	return dfp_finish(f, env, &x, a.exp - b.exp);
}

/* ---- Compare ---- */

/* -1, 0, 1; a and b finite. */
static int cmp_magnitude(DfpNum a, DfpNum b)
{
	int32_t na = (int32_t)dfp_digits(a.coeff), nb = (int32_t)dfp_digits(b.coeff);

	if (!na || !nb)
		return !!na - !!nb;
	if (na + a.exp != nb + b.exp)
		return na + a.exp < nb + b.exp ? -1 : 1;
	/* The shorter one has the larger exponent. */
	if (na < nb)
		a.coeff *= dfp_pow10((unsigned)(nb - na));
	else
		b.coeff *= dfp_pow10((unsigned)(na - nb));
	return a.coeff < b.coeff ? -1 : a.coeff > b.coeff;
}

unsigned dfp_cmp(const DfpFormat *f, SfEnv *env, u128 av, u128 bv, bool ordered)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);
	int r;

	dfp_begin(env);
	if (dfp_is_nan(&a) || dfp_is_nan(&b)) {
		bool signalling = a.kind == DFP_SNAN || b.kind == DFP_SNAN;

		if (signalling)
			env->flags |= SF_VXSNAN;
		if (ordered && !(signalling && env->ve))
			env->flags |= SF_VXVC;
		return SF_UN;
	}
	if (a.kind == DFP_INF || b.kind == DFP_INF)
		r = (a.kind == DFP_INF ? a.neg ? -1 : 1 : 0) -
		    (b.kind == DFP_INF ? b.neg ? -1 : 1 : 0);
	else if (!a.coeff && !b.coeff)
		r = 0;
	else if (a.neg != b.neg)
		r = a.neg ? -1 : 1;
	else
		r = a.neg ? cmp_magnitude(b, a) : cmp_magnitude(a, b);
	return r < 0 ? SF_LT : r > 0 ? SF_GT : SF_EQ;
}

/* ---- Quantum adjustment ---- */

/* b is finite. */
static u128 quantize(const DfpFormat *f, SfEnv *env, int32_t exp, const DfpNum *b, unsigned rm)
{
	DfpExact x = { .c = dfp_wide(b->coeff), .neg = b->neg };
	unsigned up;

	if (b->exp < exp)
		return dfp_finite(f, b->neg, dfp_cut(env, rm, &x, (unsigned)(exp - b->exp)), exp);
	if (!b->coeff)
		return dfp_finite(f, b->neg, 0, exp);
	up = (unsigned)(b->exp - exp);
	if (dfp_digits(b->coeff) + up > f->digits)
		return dfp_invalid(f, env, SF_VXCVI);
	return dfp_finite(f, b->neg, b->coeff * dfp_pow10(up), exp);
}

u128 dfp_quantize_to(const DfpFormat *f, SfEnv *env, int exp, u128 bv, unsigned rm)
{
	DfpNum b = dfp_unpack(f, bv);

	dfp_begin(env);
	if (dfp_is_nan(&b))
		return dfp_quiet(f, env, b);
	if (b.kind == DFP_INF) /* as dfp_quantize() with a finite A */
		return dfp_invalid(f, env, SF_VXCVI);
	return quantize(f, env, exp, &b, rm);
}

u128 dfp_quantize(const DfpFormat *f, SfEnv *env, u128 av, u128 bv, unsigned rm)
{
	DfpNum a = dfp_unpack(f, av), b = dfp_unpack(f, bv);
	u128 r;

	dfp_begin(env);
	if (nan_result(f, env, &a, &b, &r))
		return r;
	if (a.kind != b.kind) /* one infinity */
		return dfp_invalid(f, env, SF_VXCVI);
	return b.kind == DFP_INF ? dfp_inf(f, b.neg) : quantize(f, env, a.exp, &b, rm);
}

u128 dfp_reround(const DfpFormat *f, SfEnv *env, unsigned k, u128 bv, unsigned rm)
{
	DfpNum b = dfp_unpack(f, bv);
	DfpExact x = { .c = dfp_wide(b.coeff), .neg = b.neg };
	unsigned n = dfp_digits(b.coeff);

	dfp_begin(env);
	if (dfp_is_nan(&b))
		return dfp_quiet(f, env, b);
	if (b.kind == DFP_INF)
		return dfp_inf(f, b.neg);
	if (k && n > k) {
		SfEnv before = *env;

		b.coeff = dfp_cut(env, rm, &x, n - k);
		b.exp += (int32_t)(n - k);
		if (dfp_digits(b.coeff) > k) {
			b.coeff /= 10;
			b.exp++;
		}
		if (b.exp > f->max_exp) {
			*env = before;
			return dfp_invalid(f, env, SF_VXCVI);
		}
	}
	return dfp_pack(f, &b);
}

u128 dfp_rint(const DfpFormat *f, SfEnv *env, u128 bv, unsigned rm, bool quiet)
{
	DfpNum b = dfp_unpack(f, bv);
	u128 r;

	dfp_begin(env);
	if (dfp_is_nan(&b))
		return dfp_quiet(f, env, b);
	if (b.kind == DFP_INF)
		return dfp_inf(f, b.neg);
	if (b.exp >= 0)
		return dfp_pack(f, &b);
	r = quantize(f, env, 0, &b, rm);
	if (quiet) {
		env->flags &= ~(uint32_t)SF_XX;
		env->fi = env->fr = false;
	}
	return r;
}
