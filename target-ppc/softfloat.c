/*
 * Arithmetic and comparison on numbers taken apart: exact, or with a sticky bit, then
 * rounded once by sf_round().  Power ISA 3.0B book I, 4.3.2 (NaNs), 4.4.1
 * (invalid operations), 4.6.6 to 4.6.8, 7.6.1 (VSX tables of special cases).
 */
#include "target-ppc/softfloat_num.h"
#include "target-ppc/softfloat_quick.h"

/* ---- 256 bits, for products of quadruple precision ---- */

typedef struct Wide {
	u128 hi, lo;
} Wide;

static Wide wide_mul(u128 a, u128 b)
{
	uint64_t ah = (uint64_t)(a >> 64), al = (uint64_t)a;
	uint64_t bh = (uint64_t)(b >> 64), bl = (uint64_t)b;
	u128 mid = (u128)ah * bl, low = (u128)al * bl, mid2 = (u128)al * bh;
	Wide w = { .hi = (u128)ah * bh + (mid >> 64) + (mid2 >> 64) };
	u128 carry = (low >> 64) + (uint64_t)mid + (uint64_t)mid2;

	w.lo = carry << 64 | (uint64_t)low;
	w.hi += carry >> 64;
	return w;
}

static Wide wide_shl(Wide w, unsigned n)
{
	if (n > 127)
		return (Wide){ .hi = w.lo << (n - 128) };
	if (n) {
		w.hi = w.hi << n | w.lo >> (128 - n);
		w.lo <<= n;
	}
	return w;
}

static Wide wide_shr_jam(Wide w, unsigned n)
{
	Wide r = { 0 };

	if (!n)
		return w;
	if (n > 255) {
		r.lo = (w.hi | w.lo) != 0;
	} else if (n > 127) {
		r.lo = sf_shr_jam(w.hi, n - 128) | (w.lo != 0);
	} else {
		r.hi = w.hi >> n;
		r.lo = w.lo >> n | w.hi << (128 - n) | (w.lo << (128 - n) != 0);
	}
	return r;
}

/* Takes the top 128 bits, bit 127 set, of a non-zero w whose bit 255 stands for 2^n->exp. */
static void wide_to_num(Wide w, SfNum *n)
{
	unsigned lz = w.hi ? sf_clz128(w.hi) : 128 + sf_clz128(w.lo);

	w = wide_shl(w, lz);
	n->frac = w.hi | (w.lo != 0);
	n->exp -= (int)lz;
}

/* ---- Finite operations ---- */

/* Of two magnitudes, is a's the smaller? */
static bool smaller(SfNum a, SfNum b)
{
	return a.exp != b.exp ? a.exp < b.exp : a.frac < b.frac;
}

/*
 * Both finite and not zero, at most 127 bits used.  One bit of headroom for the carry;
 * when bits fall into the sticky one, at most one bit cancels.
 */
static SfNum add_finite(SfEnv *env, SfNum a, SfNum b)
{
	SfNum t;
	u128 fa, fb;
	unsigned lz;

	if (smaller(a, b)) {
		t = a;
		a = b;
		b = t;
	}
	fa = a.frac >> 1;
	fb = sf_shr_jam(b.frac >> 1, (unsigned)(a.exp - b.exp));
	if (a.sign == b.sign)
		fa += fb;
	else
		fa -= fb;
	if (!fa)
		return sf_zero(env->rm == SF_RM_DOWN);
	lz = sf_clz128(fa);
	a.frac = fa << lz;
	a.exp += 1 - (int)lz;
	return a;
}

static SfNum num_add(SfEnv *env, SfNum a, SfNum b)
{
	if (likely(a.cls == SF_FINITE && b.cls == SF_FINITE))
		return add_finite(env, a, b);
	if (sf_isnan(a) || sf_isnan(b))
		return sf_nan2(env, a, b);
	if (a.cls == SF_INF && b.cls == SF_INF && a.sign != b.sign)
		return sf_invalid(env, SF_VXISI);
	if (a.cls == SF_INF)
		return a;
	if (b.cls == SF_INF)
		return b;
	if (a.cls == SF_ZERO && b.cls == SF_ZERO)
		return sf_zero(a.sign == b.sign ? a.sign : env->rm == SF_RM_DOWN);
	return a.cls == SF_ZERO ? b : a;
}

static SfNum num_sub(SfEnv *env, SfNum a, SfNum b)
{
	if (!sf_isnan(b))
		b.sign = !b.sign;
	return num_add(env, a, b);
}

static SfNum mul_finite(SfNum a, SfNum b)
{
	SfNum n = { .cls = SF_FINITE, .sign = a.sign ^ b.sign, .exp = a.exp + b.exp };

	if (!((a.frac | b.frac) << 64)) {
		n.frac = (u128)(uint64_t)(a.frac >> 64) * (uint64_t)(b.frac >> 64);
		if (n.frac & SF_TOP)
			n.exp++;
		else
			n.frac <<= 1;
	} else {
		n.exp++;
		wide_to_num(wide_mul(a.frac, b.frac), &n);
	}
	return n;
}

/* Zeros, infinities, NaNs; true when n is the product. */
static bool mul_special(SfEnv *env, SfNum a, SfNum b, SfNum *n)
{
	if (likely(a.cls == SF_FINITE && b.cls == SF_FINITE))
		return false;
	if (sf_isnan(a) || sf_isnan(b))
		*n = sf_nan2(env, a, b);
	else if ((a.cls == SF_INF && b.cls == SF_ZERO) || (a.cls == SF_ZERO && b.cls == SF_INF))
		*n = sf_invalid(env, SF_VXIMZ);
	else if (a.cls == SF_INF || b.cls == SF_INF)
		*n = sf_inf(a.sign ^ b.sign);
	else
		*n = sf_zero(a.sign ^ b.sign);
	return true;
}

static SfNum num_mul(SfEnv *env, SfNum a, SfNum b)
{
	SfNum n;

	return mul_special(env, a, b, &n) ? n : mul_finite(a, b);
}

/* Exact product plus b, when the product needs more than 128 bits. */
static SfNum fma_wide(SfEnv *env, SfNum a, SfNum c, SfNum b)
{
	SfNum p = { .cls = SF_FINITE, .sign = a.sign ^ c.sign, .exp = a.exp + c.exp + 1 };
	Wide wp = wide_mul(a.frac, c.frac), wb = { .hi = b.frac }, w;
	int d;

	if (!(wp.hi & SF_TOP)) {
		wp = wide_shl(wp, 1);
		p.exp--;
	}
	d = p.exp - b.exp;
	if (d < 0 || (d == 0 && wp.hi < wb.hi)) {
		SfNum tn = p;
		Wide tw = wp;

		p = b;
		wp = wb;
		b = tn;
		wb = tw;
		d = -d;
	}
	/*
	 * wp is not below wb: of the addend only the high half is used.  The longest
	 * product has 226 bits: halving loses nothing.
	 */
	wp = wide_shr_jam(wp, 1);
	wb = wide_shr_jam(wide_shr_jam(wb, 1), (unsigned)d);
	if (p.sign == b.sign) {
		w.lo = wp.lo + wb.lo;
		w.hi = wp.hi + wb.hi + (w.lo < wp.lo);
	} else {
		w.lo = wp.lo - wb.lo;
		w.hi = wp.hi - wb.hi - (wp.lo < wb.lo);
	}
	if (!(w.hi | w.lo))
		return sf_zero(env->rm == SF_RM_DOWN);
	p.exp++;
	wide_to_num(w, &p);
	return p;
}

static SfNum num_fma(SfEnv *env, SfNum a, SfNum c, SfNum b, unsigned how)
{
	SfNum p;

	if ((how & SF_FMA_NEG_ADDEND) && !sf_isnan(b))
		b.sign = !b.sign;
	if (!sf_isnan(a) && !sf_isnan(c) && mul_special(env, a, c, &p)) {
		/* An invalid product: b, if it is a NaN, all the same (7.6.1). */
		if (sf_isnan(p) && sf_isnan(b))
			return sf_nan2(env, b, b);
		return sf_isnan(p) ? p : num_add(env, p, b);
	}
	if (sf_isnan(a) || sf_isnan(b) || sf_isnan(c))
		return sf_nan3(env, a, b, c);
	if (b.cls == SF_INF)
		return b;
	if (b.cls == SF_ZERO)
		return mul_finite(a, c);
	/* Short enough for add_finite(): 63 bits each. */
	if (!((a.frac | c.frac) << 63))
		return add_finite(env, mul_finite(a, c), b);
	return fma_wide(env, a, c, b);
}

/* Quotient of significands: 64 or 65 bits and sticky, or 120 bits when `quad`. */
static SfNum div_finite(SfNum a, SfNum b, bool quad)
{
	SfNum n = { .cls = SF_FINITE, .sign = a.sign ^ b.sign, .exp = a.exp - b.exp };

	if (!quad) {
		uint64_t d = (uint64_t)(b.frac >> 64);
		u128 q = a.frac / d;
		bool rest = a.frac - q * d != 0;

		if (q >> 64) {
			n.frac = q << 63;
		} else {
			n.frac = q << 64;
			n.exp--;
		}
		n.frac |= rest;
	} else {
		u128 r = a.frac >> 1, d = b.frac >> 1, q = 0;

		if (r < d) {
			r <<= 1;
			n.exp--;
		}
		for (int i = 0; i < 120; i++) {
			q <<= 1;
			if (r >= d) {
				r -= d;
				q |= 1;
			}
			r <<= 1;
		}
		n.frac = q << 8 | (r != 0);
	}
	return n;
}

static SfNum num_div(SfEnv *env, SfNum a, SfNum b, bool quad)
{
	bool sign = a.sign ^ b.sign;

	if (likely(a.cls == SF_FINITE && b.cls == SF_FINITE))
		return div_finite(a, b, quad);
	if (sf_isnan(a) || sf_isnan(b))
		return sf_nan2(env, a, b);
	if (a.cls == SF_INF && b.cls == SF_INF)
		return sf_invalid(env, SF_VXIDI);
	if (a.cls == SF_ZERO && b.cls == SF_ZERO)
		return sf_invalid(env, SF_VXZDZ);
	if (a.cls == SF_INF)
		return sf_inf(sign);
	if (a.cls == SF_ZERO || b.cls == SF_INF)
		return sf_zero(sign);
	env->flags |= SF_ZX;
	return sf_inf(sign);
}

/* Digit by digit: one of the root, two of the radicand each time. */
static SfNum num_sqrt(SfEnv *env, SfNum a, bool quad)
{
	unsigned bits = quad ? 116 : 56;
	bool odd = a.exp & 1;
	u128 rad = odd ? a.frac : a.frac >> 1, r = 0, q = 0;

	if (sf_isnan(a))
		return sf_nan2(env, a, a);
	if (a.cls == SF_ZERO || (a.cls == SF_INF && !a.sign))
		return a;
	if (a.sign)
		return sf_invalid(env, SF_VXSQRT);
	for (unsigned i = 0; i < bits; i++) {
		u128 t = q << 2 | 1;

		r = r << 2 | rad >> 126;
		rad <<= 2;
		q <<= 1;
		if (r >= t) {
			r -= t;
			q |= 1;
		}
	}
	a.frac = q << (128 - bits) | ((r | rad) != 0);
	a.exp = (a.exp - odd) / 2;
	return a;
}

/* ---- The entries: unpack, compute, round, pack ---- */

static void begin(SfEnv *env)
{
	env->fi = env->fr = false;
}

static SfNum finish_fma(SfEnv *env, SfNum n, unsigned how, const SfFormat *f)
{
	n = sf_round(env, n, f);
	if ((how & SF_FMA_NEG_RESULT) && !sf_isnan(n))
		n.sign = !n.sign;
	return n;
}

/*
 * One family per format: name, type, unpack(env, v), pack, format, is it quadruple precision,
 * prefix of its quick functions.
 */
#define FAMILY_TWO(name, op, type, value, pack, fmt, quick)                                        \
	type sf_##name##_##op(SfEnv *env, type a, type b)                                          \
	{                                                                                          \
		type r;                                                                            \
                                                                                                   \
		if (likely(quick##_##op(env, a, b, &r)))                                           \
			return r;                                                                  \
		begin(env);                                                                        \
		return pack(sf_round(env, value, &fmt));                                           \
	}

#define FAMILY(name, type, unpack, pack, fmt, quad, quick)                                         \
	FAMILY_TWO(name, add, type, num_add(env, unpack(env, a), unpack(env, b)), pack, fmt,       \
		   quick)                                                                          \
	FAMILY_TWO(name, sub, type, num_sub(env, unpack(env, a), unpack(env, b)), pack, fmt,       \
		   quick)                                                                          \
	FAMILY_TWO(name, mul, type, num_mul(env, unpack(env, a), unpack(env, b)), pack, fmt,       \
		   quick)                                                                          \
	FAMILY_TWO(name, div, type, num_div(env, unpack(env, a), unpack(env, b), quad), pack, fmt, \
		   quick)                                                                          \
	type sf_##name##_sqrt(SfEnv *env, type a)                                                  \
	{                                                                                          \
		type r;                                                                            \
                                                                                                   \
		if (likely(quick##_sqrt(env, a, &r)))                                              \
			return r;                                                                  \
		begin(env);                                                                        \
		return pack(sf_round(env, num_sqrt(env, unpack(env, a), quad), &fmt));             \
	}                                                                                          \
	type sf_##name##_fma(SfEnv *env, type a, type c, type b, unsigned how)                     \
	{                                                                                          \
		SfNum n;                                                                           \
		type r;                                                                            \
                                                                                                   \
		if (likely(quick##_fma(env, a, c, b, how, &r)))                                    \
			return r;                                                                  \
		begin(env);                                                                        \
		n = num_fma(env, unpack(env, a), unpack(env, c), unpack(env, b), how);             \
		return pack(finish_fma(env, n, how, &fmt));                                        \
	}

static inline SfNum take32(const SfEnv *env, uint32_t v)
{
	return sf_unpack32_nj(env, v);
}

static inline SfNum take64(const SfEnv *env, uint64_t v)
{
	(void)env;
	return sf_unpack64(v);
}

static inline SfNum take128(const SfEnv *env, u128 v)
{
	(void)env;
	return sf_unpack128(v);
}

FAMILY(f32, uint32_t, take32, sf_pack32, sf_fmt32, false, q32)
FAMILY(f64, uint64_t, take64, sf_pack64, sf_fmt64, false, q64)
FAMILY(f64s, uint64_t, take64, sf_pack64s, sf_fmt32, false, q64s)
FAMILY(f128, u128, take128, sf_pack128, sf_fmt128, true, qno)
#undef FAMILY
#undef FAMILY_TWO

/* ---- Estimates ---- */

static const SfFormat fmt_estimate = { .prec = 15, .emin = -100000, .emax = 100000 };

static SfNum estimate(SfEnv *env, SfNum a, bool root, const SfFormat *f)
{
	static const SfNum one = { .cls = SF_FINITE, .frac = SF_TOP };
	SfEnv e = { .rm = SF_RM_NEAREST, .oe = env->oe, .ue = env->ue, .nj = env->nj };
	SfNum n;

	begin(env);
	n = root ? num_sqrt(&e, a, false) : a;
	/* The root of a NaN, or an invalid one, goes through the division unchanged. */
	n = num_div(&e, one, n, true);
	n = sf_round(&e, n, &fmt_estimate);
	e.rm = env->rm;
	n = sf_round(&e, n, f);
	env->flags |= e.flags & ~(uint32_t)SF_XX;
	return n;
}

uint32_t sf_f32_recip_est(SfEnv *env, uint32_t a)
{
	return sf_pack32(estimate(env, take32(env, a), false, &sf_fmt32));
}

uint32_t sf_f32_rsqrt_est(SfEnv *env, uint32_t a)
{
	return sf_pack32(estimate(env, take32(env, a), true, &sf_fmt32));
}

uint64_t sf_f64_recip_est(SfEnv *env, uint64_t a)
{
	return sf_pack64(estimate(env, sf_unpack64(a), false, &sf_fmt64));
}

uint64_t sf_f64_rsqrt_est(SfEnv *env, uint64_t a)
{
	return sf_pack64(estimate(env, sf_unpack64(a), true, &sf_fmt64));
}

uint64_t sf_f64s_recip_est(SfEnv *env, uint64_t a)
{
	return sf_pack64s(estimate(env, sf_unpack64(a), false, &sf_fmt32));
}

uint64_t sf_f64s_rsqrt_est(SfEnv *env, uint64_t a)
{
	return sf_pack64s(estimate(env, sf_unpack64(a), true, &sf_fmt32));
}

/* ---- Comparison ---- */

static unsigned num_cmp(SfEnv *env, SfNum a, SfNum b, bool ordered)
{
	bool less;

	if (sf_isnan(a) || sf_isnan(b)) {
		bool signaling = a.cls == SF_SNAN || b.cls == SF_SNAN;

		if (signaling)
			env->flags |= SF_VXSNAN;
		if (ordered && !(signaling && env->ve))
			env->flags |= SF_VXVC;
		return SF_UN;
	}
	if (a.cls == SF_ZERO && b.cls == SF_ZERO)
		return SF_EQ;
	if (a.cls == SF_ZERO)
		return b.sign ? SF_GT : SF_LT;
	if (b.cls == SF_ZERO || a.sign != b.sign)
		return a.sign ? SF_LT : SF_GT;
	if (a.cls != b.cls)
		less = b.cls == SF_INF;
	else if (a.cls == SF_INF || (a.exp == b.exp && a.frac == b.frac))
		return SF_EQ;
	else
		less = smaller(a, b);
	return less != a.sign ? SF_LT : SF_GT;
}

unsigned sf_f32_cmp(SfEnv *env, uint32_t a, uint32_t b, bool ordered)
{
	return num_cmp(env, take32(env, a), take32(env, b), ordered);
}

unsigned sf_f64_cmp(SfEnv *env, uint64_t a, uint64_t b, bool ordered)
{
	return num_cmp(env, sf_unpack64(a), sf_unpack64(b), ordered);
}

unsigned sf_f128_cmp(SfEnv *env, u128 a, u128 b, bool ordered)
{
	return num_cmp(env, sf_unpack128(a), sf_unpack128(b), ordered);
}

/* Does b win?  want: SF_GT for max, SF_LT for min.  No signaling NaN is left. */
static bool second_wins(SfNum a, SfNum b, unsigned want)
{
	SfEnv none = { 0 };
	unsigned cc;

	if (sf_isnan(a) || sf_isnan(b))
		return !sf_isnan(b);
	cc = num_cmp(&none, a, b, false);
	if (cc == SF_EQ)
		return want == SF_GT ? a.sign && !b.sign : !a.sign && b.sign;
	return cc != want;
}

static uint32_t extreme32(SfEnv *env, uint32_t a, uint32_t b, unsigned want)
{
	if (sf_f32_is_snan(a) || sf_f32_is_snan(b)) {
		env->flags |= SF_VXSNAN;
		return sf_f32_quiet(sf_f32_is_nan(a) ? a : b);
	}
	return second_wins(take32(env, a), take32(env, b), want) ? b : a;
}

static uint64_t extreme64(SfEnv *env, uint64_t a, uint64_t b, unsigned want)
{
	if (sf_f64_is_snan(a) || sf_f64_is_snan(b)) {
		env->flags |= SF_VXSNAN;
		return sf_f64_quiet(sf_f64_is_nan(a) ? a : b);
	}
	return second_wins(sf_unpack64(a), sf_unpack64(b), want) ? b : a;
}

uint32_t sf_f32_max(SfEnv *env, uint32_t a, uint32_t b)
{
	return extreme32(env, a, b, SF_GT);
}
uint32_t sf_f32_min(SfEnv *env, uint32_t a, uint32_t b)
{
	return extreme32(env, a, b, SF_LT);
}
uint64_t sf_f64_max(SfEnv *env, uint64_t a, uint64_t b)
{
	return extreme64(env, a, b, SF_GT);
}
uint64_t sf_f64_min(SfEnv *env, uint64_t a, uint64_t b)
{
	return extreme64(env, a, b, SF_LT);
}

/*
 * ftdiv: would a software division meet trouble?  The exponents' bounds are
 * those of the format: emin, emax and the precision.
 */
static unsigned tdiv(SfNum a, SfNum b, int ea, int eb, bool b_denormal, const SfFormat *f)
{
	bool fg = a.cls == SF_INF || b.cls == SF_ZERO || b.cls == SF_INF || b_denormal;
	bool fe = a.cls == SF_INF || sf_isnan(a) || b.cls != SF_FINITE || eb <= f->emin ||
		  eb >= f->emax - 2;

	if (a.cls == SF_FINITE)
		fe |= ea - eb >= f->emax || ea - eb <= f->emin + 1 || ea <= f->emin + f->prec - 1;
	return 8 | fg << 2 | fe << 1;
}

static unsigned tsqrt(SfNum b, int eb, bool denormal, const SfFormat *f)
{
	bool fg = b.cls == SF_ZERO || b.cls == SF_INF || denormal;
	bool fe = b.cls != SF_FINITE || b.sign || eb <= f->emin + f->prec - 1;

	return 8 | fg << 2 | fe << 1;
}

static int exp32(uint32_t v)
{
	return (int)(v >> 23 & 0xff) - 127;
}
static int exp64(uint64_t v)
{
	return (int)(v >> 52 & 0x7ff) - 1023;
}

unsigned sf_f32_tdiv(uint32_t a, uint32_t b)
{
	SfNum nb = sf_unpack32(b);

	return tdiv(sf_unpack32(a), nb, exp32(a), exp32(b),
		    nb.cls == SF_FINITE && nb.exp < sf_fmt32.emin, &sf_fmt32);
}

unsigned sf_f64_tdiv(uint64_t a, uint64_t b)
{
	SfNum nb = sf_unpack64(b);

	return tdiv(sf_unpack64(a), nb, exp64(a), exp64(b),
		    nb.cls == SF_FINITE && nb.exp < sf_fmt64.emin, &sf_fmt64);
}

unsigned sf_f32_tsqrt(uint32_t a)
{
	SfNum n = sf_unpack32(a);

	return tsqrt(n, exp32(a), n.cls == SF_FINITE && n.exp < sf_fmt32.emin, &sf_fmt32);
}

unsigned sf_f64_tsqrt(uint64_t a)
{
	SfNum n = sf_unpack64(a);

	return tsqrt(n, exp64(a), n.cls == SF_FINITE && n.exp < sf_fmt64.emin, &sf_fmt64);
}

/* ---- FPRF ---- */

static unsigned fprf(SfNum n, int emin)
{
	switch (n.cls) {
	case SF_ZERO: return n.sign ? 0x12 : 0x02;
	case SF_INF: return n.sign ? 0x09 : 0x05;
	case SF_FINITE:
		if (n.exp < emin)
			return n.sign ? 0x18 : 0x14;
		return n.sign ? 0x08 : 0x04;
	default: return 0x11;
	}
}

unsigned sf_f16_fprf(uint16_t v)
{
	return fprf(sf_unpack16(v), sf_fmt16.emin);
}
unsigned sf_f32_fprf(uint32_t v)
{
	return fprf(sf_unpack32(v), sf_fmt32.emin);
}
unsigned sf_f64_fprf(uint64_t v)
{
	if (likely((v >> 52 & 0x7ff) - 1 < 2046))
		return v >> 63 ? 0x08 : 0x04;
	return fprf(sf_unpack64(v), sf_fmt64.emin);
}

unsigned sf_f64s_fprf(uint64_t v)
{
	if (likely((v >> 52 & 0x7ff) - 897 < 254))
		return v >> 63 ? 0x08 : 0x04;
	return fprf(sf_unpack64(v), sf_fmt32.emin);
}
unsigned sf_f128_fprf(u128 v)
{
	return fprf(sf_unpack128(v), sf_fmt128.emin);
}
