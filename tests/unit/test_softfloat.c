/*
 * softfloat against the host's own arithmetic, in all four rounding modes: f32 and
 * f64 by the FPU, f128 by the compiler's run-time library.  Plus the rules no host
 * has (tininess before rounding, adjusted results, NaN order, saturation),
 * by examples worked from the book.
 */
#include <check.h>
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include "target-ppc/softfloat.h"

#ifndef ROUNDS
#define ROUNDS 30000
#endif

Suite *suite_softfloat(void);

/* Where the compiler has no __float128, long double is the quad format (arm64). */
#ifdef __SIZEOF_FLOAT128__
typedef __float128 Quad;
#else
typedef long double Quad;
#endif

static const int host_rm[4] = { FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD };

typedef struct Rng {
	uint64_t s;
} Rng;

static uint64_t rnd(Rng *r)
{
	r->s ^= r->s << 13;
	r->s ^= r->s >> 7;
	r->s ^= r->s << 17;
	return r->s * UINT64_C(0x2545f4914f6cdd1d);
}

/* A fraction with long runs, so that ties and carries are met. */
static uint64_t runs(Rng *r)
{
	uint64_t v = rnd(r);

	switch (rnd(r) & 7) {
	case 0: return 0;
	case 1: return UINT64_MAX;
	case 2: return UINT64_C(1) << (v & 63);
	case 3: return -(UINT64_C(1) << (v & 63));
	case 4: return ((UINT64_C(1) << (v & 63)) - 1) << (v >> 8 & 31);
	default: return v;
	}
}

/* Of a format: exponent often special or near the middle. */
static u128 operand(Rng *r, unsigned ebits, unsigned fbits)
{
	unsigned emask = (1u << ebits) - 1, bias = emask >> 1, e;
	u128 f = ((u128)runs(r) << 64 | runs(r)) >> (128 - fbits);
	uint64_t k = rnd(r);

	switch (k & 15) {
	case 0: e = 0; break;
	case 1:
		e = emask;
		f = k & 16 ? 0 : f;
		break;
	case 2: e = emask - 1 - (k >> 8 & 3); break;
	case 3: e = 1 + (k >> 8 & 3); break;
	case 4:
	case 5: e = (unsigned)(k >> 8) & emask; break;
	case 6: e = bias / 2 + (k >> 8 & 7); break;
	default:
		e = bias - 8 + (unsigned)(k >> 8) % 70;
		e = e > emask ? bias : e;
		break;
	}
	return (u128)(k >> 63) << (ebits + fbits) | (u128)e << fbits | f;
}

static uint32_t op32(Rng *r)
{
	return (uint32_t)operand(r, 8, 23);
}
static uint64_t op64(Rng *r)
{
	return (uint64_t)operand(r, 11, 52);
}
static u128 op128(Rng *r)
{
	return operand(r, 15, 112);
}

typedef union F32 {
	uint32_t u;
	float f;
} F32;
typedef union F64 {
	uint64_t u;
	double f;
} F64;
typedef union F128 {
	u128 u;
	Quad f;
} F128;

/* Host flags as ours; underflow is left out: hosts find it after rounding, or not. */
static uint32_t host_flags(void)
{
	int x = fetestexcept(FE_ALL_EXCEPT);

	return (x & FE_INVALID ? SF_VX_ANY : 0) | (x & FE_DIVBYZERO ? SF_ZX : 0) |
	       (x & FE_OVERFLOW ? SF_OX : 0) | (x & FE_INEXACT ? SF_XX : 0);
}

static void check_flags(const char *what, const SfEnv *env, uint32_t host, bool host_ux)
{
	uint32_t ours = env->flags & (SF_ZX | SF_OX | SF_XX);

	if (env->flags & SF_VX_ANY)
		ours |= SF_VX_ANY;
	if (ours != host || env->fi != !!(host & SF_XX) || (host_ux && !(env->flags & SF_UX)))
		ck_abort_msg("%s: flags %08x, host %08x", what, env->flags, host);
}

/* The NaN the book wants of these operands, 0 if none is one. */
static uint64_t nan64(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t v = sf_f64_is_nan(a) ? a : sf_f64_is_nan(b) ? b : sf_f64_is_nan(c) ? c : 0;

	return v ? sf_f64_quiet(v) : 0;
}

static uint32_t nan32(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t v = sf_f32_is_nan(a) ? a : sf_f32_is_nan(b) ? b : sf_f32_is_nan(c) ? c : 0;

	return v ? sf_f32_quiet(v) : 0;
}

static u128 nan128(u128 a, u128 b)
{
	u128 v = sf_f128_is_nan(a) ? a : sf_f128_is_nan(b) ? b : 0;

	return v ? sf_f128_quiet(v) : 0;
}

enum { ADD, SUB, MUL, DIV, SQRT, FMA, OPS };
static const char *const op_names[] = { "add", "sub", "mul", "div", "sqrt", "fma" };

static double host64(int op, F64 a, F64 b, F64 c)
{
	volatile double x = a.f, y = b.f, r = 0;

	switch (op) {
	case ADD: r = x + y; break;
	case SUB: r = x - y; break;
	case MUL: r = x * y; break;
	case DIV: r = x / y; break;
	case SQRT: r = sqrt(x); break;
	case FMA: r = fma(x, y, c.f); break;
	}
	return r;
}

static uint64_t ours64(SfEnv *env, int op, uint64_t a, uint64_t b, uint64_t c)
{
	switch (op) {
	case ADD: return sf_f64_add(env, a, b);
	case SUB: return sf_f64_sub(env, a, b);
	case MUL: return sf_f64_mul(env, a, b);
	case DIV: return sf_f64_div(env, a, b);
	case SQRT: return sf_f64_sqrt(env, a);
	default: return sf_f64_fma(env, a, b, c, 0);
	}
}

START_TEST(test_f64_host)
{
	Rng r = { UINT64_C(0x9e3779b97f4a7c15) };
	int op = _i;

	for (int i = 0; i < ROUNDS; i++) {
		SfEnv env = { .rm = i & 3 }, zero = { 0 };
		F64 a = { op64(&r) }, b = { op64(&r) }, c = { op64(&r) }, h;
		uint32_t hf;
		uint64_t o, nan;
		bool ux;

		if (i % 5 == 0 && op == FMA)
			c.f = -(a.f * b.f);
		/* A host may tell inf * 0 + NaN either way. */
		if (op == FMA && sf_f64_is_nan(c.u))
			continue;
		fesetround(host_rm[i & 3]);
		feclearexcept(FE_ALL_EXCEPT);
		h.f = host64(op, a, b, c);
		hf = host_flags();
		ux = fetestexcept(FE_UNDERFLOW);
		fesetround(FE_TONEAREST);
		o = ours64(&env, op, a.u, b.u, c.u);
		nan = nan64(a.u, op == SQRT ? 0 : b.u, op == FMA ? c.u : 0);
		if (op == FMA)
			nan = nan64(a.u, c.u, b.u);
		if (sf_f64_is_nan(h.u))
			h.u = nan ? nan : SF_F64_DEFAULT_NAN;
		if (o != h.u)
			ck_abort_msg("%s rm %d %016lx %016lx %016lx: %016lx, host %016lx",
				     op_names[op], i & 3, a.u, b.u, c.u, o, h.u);
		check_flags(op_names[op], &env, hf, ux);
		/* FR: the magnitude is above that of rounding towards zero. */
		zero.rm = SF_RM_ZERO;
		if (!(env.flags & (SF_OX | SF_VX_ANY)))
			ck_assert(env.fr == (ours64(&zero, op, a.u, b.u, c.u) << 1 != o << 1));
	}
}
END_TEST

static float host32(int op, F32 a, F32 b, F32 c)
{
	volatile float x = a.f, y = b.f, r = 0;

	switch (op) {
	case ADD: r = x + y; break;
	case SUB: r = x - y; break;
	case MUL: r = x * y; break;
	case DIV: r = x / y; break;
	case SQRT: r = sqrtf(x); break;
	case FMA: r = fmaf(x, y, c.f); break;
	}
	return r;
}

static uint32_t ours32(SfEnv *env, int op, uint32_t a, uint32_t b, uint32_t c)
{
	switch (op) {
	case ADD: return sf_f32_add(env, a, b);
	case SUB: return sf_f32_sub(env, a, b);
	case MUL: return sf_f32_mul(env, a, b);
	case DIV: return sf_f32_div(env, a, b);
	case SQRT: return sf_f32_sqrt(env, a);
	default: return sf_f32_fma(env, a, b, c, 0);
	}
}

/* The same operation as fadds ... does it. */
static uint64_t ours64s(SfEnv *env, int op, uint64_t a, uint64_t b, uint64_t c)
{
	switch (op) {
	case ADD: return sf_f64s_add(env, a, b);
	case SUB: return sf_f64s_sub(env, a, b);
	case MUL: return sf_f64s_mul(env, a, b);
	case DIV: return sf_f64s_div(env, a, b);
	case SQRT: return sf_f64s_sqrt(env, a);
	default: return sf_f64s_fma(env, a, b, c, 0);
	}
}

START_TEST(test_f32_host)
{
	Rng r = { UINT64_C(0xdeadbeef12345) };
	int op = _i;

	for (int i = 0; i < ROUNDS; i++) {
		SfEnv env = { .rm = i & 3 }, env2 = env;
		F32 a = { op32(&r) }, b = { op32(&r) }, c = { op32(&r) }, h;
		uint32_t hf, o, nan;
		uint64_t o2;
		bool ux;

		if (i % 5 == 0 && op == FMA)
			c.f = -(a.f * b.f);
		if (op == FMA && sf_f32_is_nan(c.u))
			continue;
		fesetround(host_rm[i & 3]);
		feclearexcept(FE_ALL_EXCEPT);
		h.f = host32(op, a, b, c);
		hf = host_flags();
		ux = fetestexcept(FE_UNDERFLOW);
		fesetround(FE_TONEAREST);
		o = ours32(&env, op, a.u, b.u, c.u);
		nan = op == FMA ? nan32(a.u, c.u, b.u) : nan32(a.u, op == SQRT ? 0 : b.u, 0);
		if (sf_f32_is_nan(h.u))
			h.u = nan ? nan : SF_F32_DEFAULT_NAN;
		if (o != h.u)
			ck_abort_msg("%s rm %d %08x %08x %08x: %08x, host %08x", op_names[op],
				     i & 3, a.u, b.u, c.u, o, h.u);
		check_flags(op_names[op], &env, hf, ux);
		o2 = ours64s(&env2, op, sf_lfs(a.u), sf_lfs(b.u), sf_lfs(c.u));
		if (o2 != sf_lfs(o) || env2.flags != env.flags || env2.fr != env.fr)
			ck_abort_msg("%ss %08x %08x %08x: %016lx, f32 %08x", op_names[op], a.u, b.u,
				     c.u, o2, o);
	}
}
END_TEST

static Quad host128(int op, F128 a, F128 b)
{
	volatile Quad x = a.f, y = b.f, r;

	if (op == ADD)
		r = x + y;
	else if (op == SUB)
		r = x - y;
	else if (op == MUL)
		r = x * y;
	else
		r = x / y;
	return r;
}

START_TEST(test_f128_host)
{
	Rng r = { UINT64_C(0x1234567890abcdef) };
	int op = _i;

	for (int i = 0; i < ROUNDS / 2; i++) {
		SfEnv env = { .rm = i & 3 };
		F128 a = { op128(&r) }, b = { op128(&r) }, h = { 0 };
		u128 o, nan = nan128(a.u, b.u);
		uint32_t hf;

		fesetround(host_rm[i & 3]);
		feclearexcept(FE_ALL_EXCEPT);
		h.f = host128(op, a, b);
		hf = host_flags();
		fesetround(FE_TONEAREST);
		o = op == ADD	? sf_f128_add(&env, a.u, b.u)
		    : op == SUB ? sf_f128_sub(&env, a.u, b.u)
		    : op == MUL ? sf_f128_mul(&env, a.u, b.u)
				: sf_f128_div(&env, a.u, b.u);
		if (sf_f128_is_nan(h.u))
			h.u = nan ? nan : SF_F128_DEFAULT_NAN;
		if (o != h.u)
			ck_abort_msg(
				"%s rm %d %016lx%016lx %016lx%016lx: %016lx%016lx, host %016lx%016lx",
				op_names[op], i & 3, (uint64_t)(a.u >> 64), (uint64_t)a.u,
				(uint64_t)(b.u >> 64), (uint64_t)b.u, (uint64_t)(o >> 64),
				(uint64_t)o, (uint64_t)(h.u >> 64), (uint64_t)h.u);
		check_flags(op_names[op], &env, hf, false);
	}
}
END_TEST

/* Against add and mul, and by the exact error of a rounded product. */
START_TEST(test_f128_fma)
{
	Rng r = { 77 };

	for (int i = 0; i < ROUNDS / 4; i++) {
		SfEnv env = { .rm = i & 3 }, e2 = env;
		u128 a = op128(&r), b = op128(&r), c = op128(&r), p, s, one;

		if (sf_f128_is_nan(a) || sf_f128_is_nan(b) || sf_f128_is_nan(c))
			continue;
		/* a * 1 + b is a + b, and a * b + 0 is a * b, flags included. */
		one = (u128)0x3fff << 112;
		p = sf_f128_fma(&env, a, one, b, 0);
		s = sf_f128_add(&e2, a, b);
		ck_assert(p == s && env.flags == e2.flags && env.fr == e2.fr);
		env = e2 = (SfEnv){ .rm = i & 3 };
		p = sf_f128_fma(&env, a, b, (u128)(i & 1) << 127, 0);
		s = sf_f128_mul(&e2, a, b);
		if (!sf_f128_is_zero(s))
			ck_assert(p == s && env.flags == e2.flags && env.fr == e2.fr);
		/* The error of a rounded product is a quad number: fma finds it exactly. */
		a = (a & ~((u128)0x7fff << 112)) | (u128)(0x3fff + (i & 63)) << 112;
		b = (b & ~((u128)0x7fff << 112)) | (u128)(0x3fff - (i >> 6 & 63)) << 112;
		env = e2 = (SfEnv){ .rm = SF_RM_NEAREST };
		s = sf_f128_mul(&e2, a, b);
		p = sf_f128_fma(&env, a, b, s, SF_FMA_NEG_ADDEND);
		ck_assert(!env.fi && !sf_f128_is_zero(p) == e2.fi);
		env = (SfEnv){ .rm = i & 3 };
		c = sf_f128_fma(&env, a, b, s ^ (u128)1 << 127, 0);
		ck_assert(c == p || sf_f128_is_zero(p));
		/* Rounded downwards, the error is never below zero. */
		e2 = (SfEnv){ .rm = SF_RM_DOWN };
		s = sf_f128_mul(&e2, a, b);
		p = sf_f128_fma(&env, a, b, s, SF_FMA_NEG_ADDEND);
		ck_assert(sf_f128_is_zero(p) || !(p >> 127));
	}
	/* (1 - 2^-64)^2 fills 128 bits: not one may be lost. */
	SfEnv full = { 0 };
	u128 near_one = ((u128)0x3fff << 112) - ((u128)1 << 49);

	ck_assert(sf_f128_fma(&full, near_one, near_one, sf_f128_mul(&full, near_one, near_one),
			      SF_FMA_NEG_ADDEND) == (u128)(0x3fff - 128) << 112);
}
END_TEST

/* Roots that are exact, and their neighbours, which are not. */
START_TEST(test_sqrt_of_squares)
{
	Rng r = { 0x5eed };

	for (int i = 0; i < 20000; i++) {
		SfEnv env = { .rm = i & 3 };
		F64 root = { 0 }, square = { 0 };

		root.f = (double)(rnd(&r) >> (38 + i % 26) | 1);
		square.f = root.f * root.f;
		square.u += (uint64_t)(i % 800 - 400) * 2 << 52;
		root.u += (uint64_t)(i % 800 - 400) << 52;
		ck_assert_uint_eq(sf_f64_sqrt(&env, square.u), root.u);
		ck_assert(!env.flags && !env.fi && !env.fr);
		sf_f64_sqrt(&env, square.u + 1);
		ck_assert(env.flags == SF_XX && env.fi);
		env.flags = 0;
		sf_f64_sqrt(&env, square.u - 1);
		ck_assert(env.flags == SF_XX && env.fi);
	}
}
END_TEST

START_TEST(test_f128_sqrt)
{
	Rng r = { 78 };

	for (int i = 0; i < ROUNDS / 8; i++) {
		SfEnv env = { .rm = SF_RM_ZERO }, e2 = env;
		u128 a = op128(&r) & ~((u128)1 << 127), q, p;

		if (sf_f128_is_nan(a) || sf_f128_is_inf(a) || sf_f128_is_zero(a))
			continue;
		a = (a & ~((u128)0x7fff << 112)) | (u128)(0x3fff + (i & 63)) << 112;
		q = sf_f128_sqrt(&env, a);
		/* q <= sqrt(a) < q + ulp */
		p = sf_f128_fma(&e2, q, q, a, SF_FMA_NEG_ADDEND);
		ck_assert(p >> 127 || sf_f128_is_zero(p));
		ck_assert(env.fi == !sf_f128_is_zero(p));
		p = sf_f128_fma(&e2, q + 1, q + 1, a, SF_FMA_NEG_ADDEND);
		ck_assert(!(p >> 127) && !sf_f128_is_zero(p));
		/* Exact for squares of 56 bits. */
		env = (SfEnv){ 0 };
		q &= ~(((u128)1 << 57) - 1);
		p = sf_f128_mul(&env, q, q);
		ck_assert(!env.fi && sf_f128_sqrt(&env, p) == q && !env.fi);
	}
}
END_TEST

/* f64s: once-rounded, through round-to-odd in quad precision. */
START_TEST(test_f64s_once)
{
	Rng r = { 4711 };

	for (int i = 0; i < ROUNDS; i++) {
		SfEnv env = { .rm = i & 3 }, odd = { .rm = SF_RM_ODD }, e2 = env;
		uint64_t a = op64(&r), b = op64(&r), o;
		u128 qa = sf_f64_to_f128(&odd, a), qb = sf_f64_to_f128(&odd, b), q;
		unsigned op = (unsigned)rnd(&r) % 5;
		uint64_t two;

		if (sf_f64_is_nan(a) || sf_f64_is_nan(b))
			continue;
		o = ours64s(&env, (int)op, a, b, 0);
		q = op == ADD	? sf_f128_add(&odd, qa, qb)
		    : op == SUB ? sf_f128_sub(&odd, qa, qb)
		    : op == MUL ? sf_f128_mul(&odd, qa, qb)
		    : op == DIV ? sf_f128_div(&odd, qa, qb)
				: sf_f128_sqrt(&odd, qa);
		/* To double, to odd again, then to single by the mode. */
		e2.rm = SF_RM_ODD;
		two = sf_f128_to_f64(&e2, q);
		e2.rm = i & 3;
		two = sf_f64_to_f64s(&e2, two);
		if (sf_f64_is_zero(o) && sf_f64_is_zero(two))
			continue;
		if (o != two)
			ck_abort_msg("op %u rm %d %016lx %016lx: %016lx, twice %016lx", op, i & 3,
				     a, b, o, two);
	}
}
END_TEST

START_TEST(test_convert_host)
{
	Rng r = { 99 };

	for (int i = 0; i < ROUNDS; i++) {
		SfEnv env = { .rm = i & 3 };
		F64 a = { op64(&r) }, d;
		F32 f;
		F128 q;
		int64_t n = (int64_t)(runs(&r) ^ (i & 8 ? rnd(&r) >> (i % 60) : 0));
		volatile double vd = a.f;

		fesetround(host_rm[i & 3]);
		f.f = (float)vd;
		if (!sf_f64_is_nan(a.u)) {
			ck_assert_uint_eq(sf_f64_to_f32(&env, a.u), f.u);
			ck_assert_uint_eq(sf_f64_to_f64s(&env, a.u), sf_lfs(f.u));
			q.u = sf_f64_to_f128(&env, a.u);
			ck_assert(q.f == vd);
			vd = nearbyint(a.f);
			d.f = vd;
			ck_assert_uint_eq(sf_f64_rint(&env, a.u, i & 3, true), d.u);
			d.f = round(a.f);
			ck_assert_uint_eq(sf_f64_rint(&env, a.u, SF_RM_AWAY, false), d.u);
			f.u = (uint32_t)(a.u >> 32);
			if (!sf_f32_is_nan(f.u)) {
				d.f = nearbyintf(f.f);
				ck_assert_uint_eq(sf_lfs(sf_f32_rint(&env, f.u, i & 3, true)), d.u);
			}
			if (fabs(a.f) < 0x1p62) {
				ck_assert_int_eq(sf_f64_to_s64(&env, a.u, i & 3), llrint(a.f));
				ck_assert(env.fi == (nearbyint(a.f) != a.f));
			}
		}
		{
			volatile int64_t vn = n;
			volatile uint64_t vu = (uint64_t)n;

			d.f = (double)vn;
			ck_assert_uint_eq(sf_s64_to_f64(&env, n), d.u);
			f.f = (float)vn;
			ck_assert_uint_eq(sf_s64_to_f32(&env, n), f.u);
			ck_assert_uint_eq(sf_s64_to_f64s(&env, n), sf_lfs(f.u));
			q.f = vn;
			ck_assert(sf_s128_to_f128(&env, n) == q.u);
			q.f = vu;
			ck_assert(sf_u128_to_f128(&env, vu) == q.u);
			fesetround(FE_TONEAREST);
			env.rm = 0;
			d.f = (double)vu;
			ck_assert_uint_eq(sf_u64_to_f64(&env, vu), d.u);
			f.f = (float)vu;
			ck_assert_uint_eq(sf_u64_to_f32(&env, vu), f.u);
		}
	}
}
END_TEST

START_TEST(test_narrow_host)
{
	Rng r = { 100 };

	for (int i = 0; i < ROUNDS; i++) {
		SfEnv env = { .rm = i & 3 };
		F128 q = { op128(&r) };
		volatile Quad vq = q.f;
		F64 d;

		if (sf_f128_is_nan(q.u))
			continue;
		fesetround(host_rm[i & 3]);
		d.f = (double)vq;
		fesetround(FE_TONEAREST);
		ck_assert_uint_eq(sf_f128_to_f64(&env, q.u), d.u);
	}
}
END_TEST

/* Every half number through single and double and back. */
START_TEST(test_f16_all)
{
	for (unsigned v = 0; v < 65536; v++) {
		SfEnv env = { 0 };
		uint32_t s = sf_f16_to_f32(&env, (uint16_t)v);
		uint64_t d = sf_f16_to_f64(&env, (uint16_t)v);
		uint16_t q = sf_f16_is_snan((uint16_t)v) ? v | 0x200 : v;

		ck_assert_uint_eq(env.flags, q != v ? SF_VXSNAN : 0);
		ck_assert_uint_eq(sf_lfs(s), d);
		ck_assert_uint_eq(sf_f32_to_f16(&env, s), q);
		ck_assert_uint_eq(sf_f64_to_f16(&env, d), q);
		if (!sf_f16_is_nan((uint16_t)v)) {
			F64 x = { d };
			unsigned e = v >> 10 & 31;
			double m = e ? ldexp(1024 + (v & 1023), (int)e - 25) : ldexp(v & 1023, -24);

			if (e != 31)
				ck_assert(fabs(x.f) == m);
		}
	}
	/* 65520 is the tie between the greatest half and infinity. */
	SfEnv env = { 0 };

	ck_assert_uint_eq(sf_f64_to_f16(&env, UINT64_C(0x40effe0000000000)), 0x7c00);
	ck_assert_uint_eq(env.flags, SF_OX | SF_XX);
	env.rm = SF_RM_ZERO;
	ck_assert_uint_eq(sf_f64_to_f16(&env, UINT64_C(0x40effe0000000000)), 0x7bff);
}
END_TEST

START_TEST(test_single_moves)
{
	Rng r = { 5 };

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t v = i & 1 ? op32(&r) : (uint32_t)rnd(&r);

		ck_assert_uint_eq(sf_stfs(sf_lfs(v)), v);
	}
	ck_assert_uint_eq(sf_lfs(0x7f800001), UINT64_C(0x7ff0000020000000));
	ck_assert_uint_eq(sf_lfs(0x00000001), UINT64_C(0x36a0000000000000));
	ck_assert_uint_eq(sf_lfs(0x807fffff), UINT64_C(0xb80fffffc0000000));
	/* Bits beyond a single are cut off. */
	ck_assert_uint_eq(sf_stfs(UINT64_C(0x3fefffffffffffff)), 0x3f7fffff);
	ck_assert_uint_eq(sf_stfs(UINT64_C(0x380fffffffffffff)), 0x007fffff);
}
END_TEST

/* Tininess before rounding: the host would call this product normal. */
START_TEST(test_tiny_before_rounding)
{
	SfEnv env = { 0 };
	/* (1 - 2^-53) * 2^-1022: tiny, rounds up to the smallest normal number. */
	uint64_t r = sf_f64_mul(&env, UINT64_C(0x3fefffffffffffff), UINT64_C(0x0010000000000000));

	ck_assert_uint_eq(r, UINT64_C(0x0010000000000000));
	ck_assert_uint_eq(env.flags, SF_UX | SF_XX);
	ck_assert(env.fi && env.fr);
	/* An exact denormal result is no underflow unless enabled. */
	env = (SfEnv){ 0 };
	r = sf_f64_mul(&env, UINT64_C(0x3fe0000000000000), UINT64_C(0x0010000000000000));
	ck_assert_uint_eq(r, UINT64_C(0x0008000000000000));
	ck_assert_uint_eq(env.flags, 0);
	env.ue = true;
	r = sf_f64_mul(&env, UINT64_C(0x3fe0000000000000), UINT64_C(0x0010000000000000));
	ck_assert_uint_eq(r, UINT64_C(0x6000000000000000)); /* 2^(-1023 + 1536) */
	ck_assert_uint_eq(env.flags, SF_UX);
}
END_TEST

START_TEST(test_adjusted_results)
{
	SfEnv env = { .oe = true };

	/* 2^1023 * 4 = 2^1025: 2^(1025 - 1536) */
	ck_assert_uint_eq(sf_f64_mul(&env, UINT64_C(0x7fe0000000000000),
				     UINT64_C(0x4010000000000000)),
			  (uint64_t)(1023 + 1025 - 1536) << 52);
	ck_assert_uint_eq(env.flags, SF_OX);
	env.flags = 0;
	/* Single: 2^127 * 4 = 2^129: 2^(129 - 192) */
	ck_assert_uint_eq(sf_f64s_mul(&env, sf_lfs(0x7f000000), sf_lfs(0x40800000)),
			  (uint64_t)(1023 + 129 - 192) << 52);
	ck_assert_uint_eq(env.flags, SF_OX);
	env = (SfEnv){ .ue = true };
	ck_assert_uint_eq(sf_f64s_mul(&env, sf_lfs(0x00800000), sf_lfs(0x3e800000)),
			  (uint64_t)(1023 - 128 + 192) << 52);
	ck_assert_uint_eq(env.flags, SF_UX);
	/* Quad: 2^16383 * 2 */
	env = (SfEnv){ .oe = true };
	ck_assert(sf_f128_mul(&env, (u128)0x7ffe << 112, (u128)0x4000 << 112) ==
		  (u128)(16383 + 16384 - 24576) << 112);
	/* Not enabled: infinity or the greatest number, by mode and sign. */
	for (unsigned rm = 0; rm < 4; rm++) {
		static const uint64_t want[4] = { UINT64_C(0x7ff0000000000000),
						  UINT64_C(0x7fefffffffffffff),
						  UINT64_C(0x7ff0000000000000),
						  UINT64_C(0x7fefffffffffffff) };

		env = (SfEnv){ .rm = (uint8_t)rm };
		ck_assert_uint_eq(sf_f64_add(&env, UINT64_C(0x7fefffffffffffff),
					     UINT64_C(0x7fefffffffffffff)),
				  want[rm]);
		ck_assert_uint_eq(env.flags, SF_OX | SF_XX);
	}
}
END_TEST

START_TEST(test_nans)
{
	const uint64_t qa = UINT64_C(0x7ff8000000000001), sb = UINT64_C(0x7ff0000000000002),
		       qc = UINT64_C(0xfff8000000000003), one = UINT64_C(0x3ff0000000000000),
		       inf = UINT64_C(0x7ff0000000000000);
	SfEnv env = { 0 };

	ck_assert_uint_eq(sf_f64_add(&env, qa, sb), qa);
	ck_assert_uint_eq(env.flags, SF_VXSNAN);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_add(&env, one, sb), sb | BIT64(12));
	/* a, then b, then c */
	ck_assert_uint_eq(sf_f64_fma(&env, one, qc, sb, 0), sb | BIT64(12));
	ck_assert_uint_eq(sf_f64_fma(&env, one, qc, one, SF_FMA_NEG_RESULT), qc);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_fma(&env, inf, 0, qa, 0), qa);
	ck_assert_uint_eq(env.flags, SF_VXIMZ);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_fma(&env, inf, one, inf, SF_FMA_NEG_ADDEND), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(env.flags, SF_VXISI);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_div(&env, inf, inf), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(sf_f64_div(&env, 0, BIT64(0)), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(sf_f64_sqrt(&env, one | BIT64(0)), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(env.flags, SF_VXIDI | SF_VXZDZ | SF_VXSQRT);
	/* frsp cuts the payload to a single's. */
	ck_assert_uint_eq(sf_f64_to_f64s(&env, UINT64_C(0x7ff8000030000001)),
			  UINT64_C(0x7ff8000020000000));
}
END_TEST

START_TEST(test_compare)
{
	const uint64_t q = SF_F64_DEFAULT_NAN, s = UINT64_C(0x7ff4000000000000);
	Rng r = { 31 };
	SfEnv env = { 0 };

	ck_assert_uint_eq(sf_f64_cmp(&env, q, 0, false), SF_UN);
	ck_assert_uint_eq(env.flags, 0);
	sf_f64_cmp(&env, 0, q, true);
	ck_assert_uint_eq(env.flags, SF_VXVC);
	env.flags = 0;
	sf_f64_cmp(&env, s, q, true);
	ck_assert_uint_eq(env.flags, SF_VXSNAN | SF_VXVC);
	env = (SfEnv){ .ve = true };
	sf_f64_cmp(&env, s, q, true);
	ck_assert_uint_eq(env.flags, SF_VXSNAN);
	for (int i = 0; i < ROUNDS; i++) {
		F64 a = { op64(&r) }, b = { i & 1 ? op64(&r) : a.u ^ (rnd(&r) & 3) };
		F32 c = { (uint32_t)(a.u >> 32) }, d = { (uint32_t)(b.u >> 32) };
		F128 x = { op128(&r) }, y = { i & 1 ? op128(&r) : x.u ^ (rnd(&r) & 3) };
		unsigned h = a.f < b.f ? SF_LT : a.f > b.f ? SF_GT : a.f == b.f ? SF_EQ : SF_UN;

		ck_assert_uint_eq(sf_f64_cmp(&env, a.u, b.u, false), h);
		if (h == SF_LT || h == SF_GT) {
			ck_assert_uint_eq(sf_f64_max(&env, a.u, b.u), h == SF_LT ? b.u : a.u);
			ck_assert_uint_eq(sf_f64_min(&env, a.u, b.u), h == SF_LT ? a.u : b.u);
		}
		h = c.f < d.f ? SF_LT : c.f > d.f ? SF_GT : c.f == d.f ? SF_EQ : SF_UN;
		ck_assert_uint_eq(sf_f32_cmp(&env, c.u, d.u, false), h);
		h = x.f < y.f ? SF_LT : x.f > y.f ? SF_GT : x.f == y.f ? SF_EQ : SF_UN;
		ck_assert_uint_eq(sf_f128_cmp(&env, x.u, y.u, false), h);
	}
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_max(&env, BIT64(0), 0), 0);
	ck_assert_uint_eq(sf_f64_min(&env, 0, BIT64(0)), BIT64(0));
	ck_assert_uint_eq(sf_f64_max(&env, q, 5), 5);
	ck_assert_uint_eq(sf_f32_min(&env, 5, SF_F32_DEFAULT_NAN), 5);
	ck_assert_uint_eq(env.flags, 0);
	ck_assert_uint_eq(sf_f64_max(&env, 5, s), sf_f64_quiet(s));
	ck_assert_uint_eq(env.flags, SF_VXSNAN);
}
END_TEST

START_TEST(test_saturation)
{
	const uint64_t inf = UINT64_C(0x7ff0000000000000), m1 = UINT64_C(0xbff0000000000000),
		       s = UINT64_C(0x7ff4000000000000), two31 = UINT64_C(0x41e0000000000000);
	SfEnv env = { 0 };

	ck_assert_int_eq(sf_f64_to_s32(&env, two31, 0), INT32_MAX);
	ck_assert_uint_eq(env.flags, SF_VXCVI);
	env.flags = 0;
	ck_assert_int_eq(sf_f64_to_s32(&env, two31 | BIT64(0), 0), INT32_MIN);
	ck_assert_uint_eq(env.flags, 0);
	/* 2^31 - 0.5 rounds out of range to nearest, not towards zero. */
	ck_assert_int_eq(sf_f64_to_s32(&env, UINT64_C(0x41dfffffffe00000), SF_RM_ZERO), INT32_MAX);
	ck_assert_uint_eq(env.flags, SF_XX);
	env.flags = 0;
	ck_assert_int_eq(sf_f64_to_s32(&env, UINT64_C(0x41dfffffffe00000), 0), INT32_MAX);
	ck_assert_uint_eq(env.flags, SF_VXCVI);
	ck_assert(!env.fi);
	ck_assert_uint_eq(sf_f64_to_u32(&env, two31, 0), 0x80000000);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_to_u64(&env, m1, 0), 0);
	ck_assert_uint_eq(env.flags, SF_VXCVI);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_to_u64(&env, UINT64_C(0xbfd0000000000000), 0), 0);
	ck_assert_uint_eq(env.flags, SF_XX);
	ck_assert_int_eq(sf_f64_to_s64(&env, inf, 0), INT64_MAX);
	ck_assert_int_eq(sf_f64_to_s64(&env, inf | BIT64(0), 0), INT64_MIN);
	env.flags = 0;
	ck_assert_int_eq(sf_f64_to_s64(&env, s, 0), INT64_MIN);
	ck_assert_uint_eq(env.flags, SF_VXCVI | SF_VXSNAN);
	ck_assert_int_eq(sf_f64_to_s32(&env, s, 0), INT32_MIN);
	ck_assert_uint_eq(sf_f64_to_u64(&env, s, 0), 0);
	ck_assert(sf_f128_to_s128(&env, (u128)0x407e << 112, 0) == (i128)(~(u128)0 >> 1));
	ck_assert(sf_f128_to_u128(&env, (u128)0x407e << 112, 0) == (u128)1 << 127);
	ck_assert(sf_f128_to_s128(&env, (u128)0xc07e << 112, 0) == (i128)((u128)1 << 127));
}
END_TEST

START_TEST(test_odd_and_x)
{
	SfEnv env = { .rm = SF_RM_ODD };
	u128 one = (u128)0x3fff << 112, tiny = (u128)0x2000 << 112;

	ck_assert(sf_f128_add(&env, one, tiny) == (one | 1));
	ck_assert(sf_f128_add(&env, one | 1, tiny) == (one | 1));
	ck_assert(sf_f128_sub(&env, one | 1, tiny) == (one | 1));
	/* An overflow to odd stays finite. */
	ck_assert(sf_f128_mul(&env, (u128)0x7ffe << 112, (u128)0x7ffe << 112) ==
		  ((u128)0x7fff << 112) - 1);
	/* 64 bits of significand: the 49 low fraction bits go. */
	env = (SfEnv){ 0 };
	ck_assert(sf_f128_round_x(&env, one | (u128)1 << 49, SF_RM_NEAREST) ==
		  (one | (u128)1 << 49));
	ck_assert(!env.fi);
	ck_assert(sf_f128_round_x(&env, one | (u128)3 << 48, SF_RM_NEAREST) ==
		  (one | (u128)1 << 50));
	ck_assert(env.fi && env.fr);
	ck_assert(sf_f128_round_x(&env, one | (u128)1 << 48, SF_RM_NEAREST) == one);
	ck_assert(sf_f128_round_x(&env, one | (u128)1 << 48, SF_RM_AWAY) == (one | (u128)1 << 49));
}
END_TEST

START_TEST(test_negated_fma)
{
	const uint64_t one = UINT64_C(0x3ff0000000000000), e = UINT64_C(0x3ff0000000000001);

	/* Rounded, then negated: upwards the magnitude grows all the same. */
	SfEnv env = { .rm = SF_RM_UP };

	ck_assert_uint_eq(sf_f64_fma(&env, e, e, 0, SF_FMA_NEG_RESULT),
			  UINT64_C(0xbff0000000000003));
	env.rm = SF_RM_DOWN;
	ck_assert_uint_eq(sf_f64_fma(&env, e, e, 0, SF_FMA_NEG_RESULT),
			  UINT64_C(0xbff0000000000002));
	/* x - x: +0, downwards -0; then negated. */
	ck_assert_uint_eq(sf_f64_fma(&env, one, one, one, SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT),
			  0);
	env.rm = SF_RM_NEAREST;
	ck_assert_uint_eq(sf_f64_fma(&env, one, one, one, SF_FMA_NEG_ADDEND | SF_FMA_NEG_RESULT),
			  BIT64(0));
}
END_TEST

START_TEST(test_estimates)
{
	Rng r = { 8 };

	for (int i = 0; i < ROUNDS; i++) {
		SfEnv env = { 0 };
		F64 a = { op64(&r) }, e, s;
		F32 f = { op32(&r) }, g;

		if (!sf_f64_is_nan(a.u) && fabs(a.f) > 0x1p-1000 && fabs(a.f) < 0x1p1000) {
			e.u = sf_f64_recip_est(&env, a.u);
			ck_assert(fabs(e.f * a.f - 1) <= 0x1p-14);
			s.f = fabs(a.f);
			e.u = sf_f64_rsqrt_est(&env, s.u);
			ck_assert(fabs(e.f * sqrt(s.f) - 1) <= 0x1p-14);
			ck_assert_uint_eq(env.flags, 0);
		}
		if (!sf_f32_is_nan(f.u) && fabsf(f.f) > 0x1p-120f && fabsf(f.f) < 0x1p120f) {
			g.u = sf_f32_recip_est(&env, f.u);
			ck_assert(fabs((double)g.f * f.f - 1) <= 0x1p-14);
			ck_assert_uint_eq(sf_f64s_recip_est(&env, sf_lfs(f.u)), sf_lfs(g.u));
		}
	}
	SfEnv env = { 0 };

	ck_assert_uint_eq(sf_f64_recip_est(&env, BIT64(0)), UINT64_C(0xfff0000000000000));
	ck_assert_uint_eq(env.flags, SF_ZX);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_rsqrt_est(&env, UINT64_C(0xbff0000000000000)), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(env.flags, SF_VXSQRT);
	env.flags = 0;
	ck_assert_uint_eq(sf_f64_rsqrt_est(&env, UINT64_C(0xfff0000000000000)), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(sf_f64_rsqrt_est(&env, UINT64_C(0x7ff0000000000000)), 0);
	ck_assert_uint_eq(sf_f64_recip_est(&env, UINT64_C(0xfff0000000000000)), BIT64(0));
}
END_TEST

START_TEST(test_nj)
{
	SfEnv env = { .nj = true };

	ck_assert_uint_eq(sf_f32_add(&env, 0x00000001, 0x80000001), 0);
	ck_assert_uint_eq(sf_f32_add(&env, 0x3f800000, 0x007fffff), 0x3f800000);
	ck_assert_uint_eq(sf_f32_mul(&env, 0x80800000, 0x3f000000), 0x80000000);
	ck_assert_uint_eq(sf_f32_cmp(&env, 0x00000001, 0x80000007, false), SF_EQ);
	env.nj = false;
	ck_assert_uint_eq(sf_f32_mul(&env, 0x80800000, 0x3f000000), 0x80400000);
}
END_TEST

START_TEST(test_fprf_and_tests)
{
	ck_assert_uint_eq(sf_f64_fprf(0), 0x02);
	ck_assert_uint_eq(sf_f64_fprf(BIT64(0)), 0x12);
	ck_assert_uint_eq(sf_f64_fprf(1), 0x14);
	ck_assert_uint_eq(sf_f64_fprf(BIT64(0) | 1), 0x18);
	ck_assert_uint_eq(sf_f64_fprf(SF_F64_DEFAULT_NAN), 0x11);
	ck_assert_uint_eq(sf_f64_fprf(UINT64_C(0xfff0000000000000)), 0x09);
	ck_assert_uint_eq(sf_f32_fprf(0x7f800000), 0x05);
	ck_assert_uint_eq(sf_f128_fprf((u128)0xbfff << 112), 0x08);
	ck_assert_uint_eq(sf_f16_fprf(0x3c00), 0x04);
	/* A denormal single in double format. */
	ck_assert_uint_eq(sf_f64s_fprf(sf_lfs(0x00400000)), 0x14);
	ck_assert_uint_eq(sf_f64_fprf(sf_lfs(0x00400000)), 0x04);
	/* ftdiv: 1 / 1 is safe; zero, infinity, denormal divisor are not. */
	ck_assert_uint_eq(sf_f64_tdiv(UINT64_C(0x3ff) << 52, UINT64_C(0x3ff) << 52), 8);
	ck_assert_uint_eq(sf_f64_tdiv(UINT64_C(0x3ff) << 52, 0), 14);
	ck_assert_uint_eq(sf_f64_tdiv(UINT64_C(0x3ff) << 52, 1), 14);
	ck_assert_uint_eq(sf_f64_tdiv(SF_F64_DEFAULT_NAN, UINT64_C(0x3ff) << 52), 10);
	ck_assert_uint_eq(sf_f64_tdiv(UINT64_C(53) << 52, UINT64_C(0x3ff) << 52), 10);
	ck_assert_uint_eq(sf_f64_tdiv(UINT64_C(54) << 52, UINT64_C(0x3ff) << 52), 8);
	ck_assert_uint_eq(sf_f64_tsqrt(UINT64_C(54) << 52), 8);
	ck_assert_uint_eq(sf_f64_tsqrt(UINT64_C(53) << 52), 10);
	ck_assert_uint_eq(sf_f64_tsqrt(BIT64(0)), 14);
	ck_assert_uint_eq(sf_f32_tsqrt(0xbf800000), 10);
	ck_assert_uint_eq(sf_f32_tdiv(0x3f800000, 0x7e000000), 10);
	ck_assert_uint_eq(sf_f32_tdiv(0x3f800000, 0x7d800000), 8);
}
END_TEST

Suite *suite_softfloat(void)
{
	Suite *s = suite_create("softfloat");
	TCase *t = tcase_create("host");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_f64_host, 0, OPS);
	tcase_add_loop_test(t, test_f32_host, 0, OPS);
	tcase_add_loop_test(t, test_f128_host, 0, SQRT);
	tcase_add_test(t, test_f128_fma);
	tcase_add_test(t, test_sqrt_of_squares);
	tcase_add_test(t, test_f128_sqrt);
	tcase_add_test(t, test_f64s_once);
	tcase_add_test(t, test_convert_host);
	tcase_add_test(t, test_narrow_host);
	suite_add_tcase(s, t);
	t = tcase_create("rules");
	tcase_add_test(t, test_f16_all);
	tcase_add_test(t, test_single_moves);
	tcase_add_test(t, test_tiny_before_rounding);
	tcase_add_test(t, test_adjusted_results);
	tcase_add_test(t, test_nans);
	tcase_add_test(t, test_compare);
	tcase_add_test(t, test_saturation);
	tcase_add_test(t, test_odd_and_x);
	tcase_add_test(t, test_negated_fma);
	tcase_add_test(t, test_estimates);
	tcase_add_test(t, test_nj);
	tcase_add_test(t, test_fprf_and_tests);
	suite_add_tcase(s, t);
	return s;
}
