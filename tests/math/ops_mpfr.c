/*
 * The second witness: the same operations by MPFR, in integer arithmetic, which
 * shares nothing with the host's FPU.  The program with these rows answers for
 * groups of the same names.
 *
 * A result is rounded once to the format's precision with the format's least
 * exponent (mpfr_subnormalize() undoes the double rounding).  It was tiny before
 * rounding if, cut off at the same precision with room for the exponent, it is below
 * the smallest normal number.
 */
#include "rig.h"
#include <math.h>
#include <mpfr.h>

typedef struct {
	mpfr_prec_t precision;
	mpfr_exp_t emin, emax; /* MPFR's significands are below 1 */
	double min;
} Format;

static const Format as_double = { 53, -1073, 1024, 0x1p-1022 },
		    as_single = { 24, -148, 128, 0x1p-126 };

static int compute(char formula, mpfr_t r, mpfr_t v[3], mpfr_rnd_t rnd)
{
	switch (formula) {
	case '+': return mpfr_add(r, v[0], v[1], rnd);
	case '-': return mpfr_sub(r, v[0], v[1], rnd);
	case '*': return mpfr_mul(r, v[0], v[1], rnd);
	case '/': return mpfr_div(r, v[0], v[1], rnd);
	case 'q': return mpfr_sqrt(r, v[0], rnd);
	case 'f': return mpfr_fma(r, v[0], v[1], v[2], rnd);
	case 'g': return mpfr_fms(r, v[0], v[1], v[2], rnd);
	default: return mpfr_set(r, v[0], rnd);
	}
}

static int operands_of(char formula)
{
	return formula == 'q' || formula == 'n' ? 1 : formula == 'f' || formula == 'g' ? 3 : 2;
}

/* One result and its flags. */
static double witness(const Format *f, char formula, const double x[3], bool signalling,
		      uint8_t *flags)
{
	static const mpfr_rnd_t modes[] = { MPFR_RNDN, MPFR_RNDZ, MPFR_RNDU, MPFR_RNDD };
	mpfr_rnd_t rnd = modes[mode_number];
	mpfr_t v[3], r;
	bool nan = false, tiny;
	double result;

	*flags = signalling ? FLAG_V : 0;
	for (int i = 0; i < 3; i++) {
		mpfr_init2(v[i], 53);
		mpfr_set_d(v[i], x[i], MPFR_RNDN);
		nan |= i < operands_of(formula) && isnan(x[i]);
	}
	mpfr_init2(r, f->precision);
	compute(formula, r, v, MPFR_RNDZ);
	tiny = mpfr_number_p(r) && fabs(mpfr_get_d(r, MPFR_RNDZ)) < f->min;
	mpfr_clear_flags();
	int inexact = compute(formula, r, v, rnd);
	mpfr_set_emin(f->emin);
	mpfr_set_emax(f->emax);
	inexact = mpfr_check_range(r, inexact, rnd);
	inexact = mpfr_subnormalize(r, inexact, rnd);
	if (mpfr_overflow_p())
		*flags |= FLAG_O | FLAG_X;
	if (mpfr_divby0_p())
		*flags |= FLAG_Z;
	if (inexact)
		*flags |= FLAG_X | (tiny ? FLAG_U : 0);
	bool product = formula == 'f' || formula == 'g';
	if ((mpfr_nan_p(r) && !nan) ||
	    (product && ((isinf(x[0]) && x[1] == 0) || (isinf(x[1]) && x[0] == 0))))
		*flags |= FLAG_V;
	result = mpfr_get_d(r, MPFR_RNDN);
	mpfr_set_emin(mpfr_get_emin_min());
	mpfr_set_emax(mpfr_get_emax_max());
	mpfr_clears(r, v[0], v[1], v[2], (mpfr_ptr)0);
	return result;
}

static bool signalling_d(uint64_t u)
{
	return u << 1 > UINT64_C(0xffe0000000000000) && !(u >> 51 & 1);
}

static bool signalling_s(uint32_t w)
{
	return w << 1 > 0xff000000u && !(w >> 22 & 1);
}

/* A signalling NaN among the operands that the formula has. */
static bool any_signalling(const Operands *in, int i, char formula, bool single)
{
	const Column *const of[3] = { &in->a, &in->b, &in->c };
	for (int k = 0; k < operands_of(formula); k++)
		if (single ? signalling_s(of[k]->w[i]) : signalling_d(of[k]->u[i]))
			return true;
	return false;
}

static void run(const Operands *in, Results *out, char formula, bool single, bool to_single,
		bool negate)
{
	for (int i = 0; i < CHUNK; i++) {
		double x[3] = { single ? in->a.s[i] : in->a.d[i], single ? in->b.s[i] : in->b.d[i],
				single ? in->c.s[i] : in->c.d[i] };
		double r = witness(to_single ? &as_single : &as_double, formula, x,
				   any_signalling(in, i, formula, single), &out->flags[i]);
		if (negate)
			r = -r;
		if (to_single)
			out->r.s[i] = (float)r;
		else
			out->r.d[i] = r;
	}
}

#define KERNELS(name, formula, negate)                                                             \
	static void name##_d(const Operands *in, Results *out)                                     \
	{                                                                                          \
		run(in, out, formula, false, false, negate);                                       \
	}                                                                                          \
	static void name##_s(const Operands *in, Results *out)                                     \
	{                                                                                          \
		run(in, out, formula, true, true, negate);                                         \
	}
KERNELS(add, '+', false)
KERNELS(sub, '-', false)
KERNELS(mul, '*', false)
KERNELS(div, '/', false)
KERNELS(sqrt, 'q', false)
KERNELS(fma, 'f', false)
KERNELS(fms, 'g', false)
KERNELS(nfma, 'f', true)
KERNELS(nfms, 'g', true)

static void narrow(const Operands *in, Results *out)
{
	run(in, out, 'n', false, true, false);
}

/* clang-format off */
#define ROWS(G, T, t) \
	{G "2", "add", T, 0, add_##t}, {G "2", "sub", T, 0, sub_##t}, \
	{G "2", "mul", T, 0, mul_##t}, {G "2", "div", T, 0, div_##t}, \
	{G "2", "fma", T, 0, fma_##t}, {G "2", "fms", T, 0, fms_##t}, \
	{G "2", "nfma", T, 0, nfma_##t}, {G "2", "nfms", T, 0, nfms_##t}, \
	{G "1", "sqrt", T, 0, sqrt_##t}
const Op ops_mpfr[] = {ROWS("d", 'd', d), ROWS("s", 's', s), {"d1", "narrow", 's', 0, narrow}, {0}};
/* clang-format on */
