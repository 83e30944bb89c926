/*
 * Floating point in the intermediate representation: folding of moves, and what operations compute.
 *
 * Arithmetic is the host's, rounded as the host is told to, as long as its result is such that no exception but the
 * inexact one can have occurred: the host collects that one (fetestexcept()).  Tininess is seen before rounding by some
 * guests and after it by x86: results as small as the smallest normal number do not count as plain.  A sum that is
 * tiny is exact.  Where rounding is not to the nearest, what is too large becomes the largest number: whatever has
 * its exponent does not count either.
 */
#include <math.h>
#include <string.h>
#include "jit/ir_int.h"

static double as_f(uint64_t v)
{
	double f;

	memcpy(&f, &v, sizeof(f));
	return f;
}

static uint64_t of_f(double f)
{
	uint64_t v;

	memcpy(&v, &f, sizeof(v));
	return v;
}

static float as_s(uint64_t v)
{
	uint32_t w = (uint32_t)v;
	float s;

	memcpy(&s, &w, sizeof(s));
	return s;
}

static uint64_t of_s(float s)
{
	uint32_t w;

	memcpy(&w, &s, sizeof(w));
	return w;
}

/* Operands come from memory and results go there, so that the compiler does nothing beforehand. */
static uint64_t host_f(unsigned op, uint64_t va, uint64_t vb, uint64_t vc)
{
	volatile double a = as_f(va), b = as_f(vb), c = as_f(vc), r;

	switch (op) {
	case IR_FADD: r = a + b; break;
	case IR_FSUB: r = a - b; break;
	case IR_FMUL: r = a * b; break;
	case IR_FDIV: r = a / b; break;
	case IR_FSQRT: r = sqrt(a); break;
	case IR_FMADD: r = fma(a, b, c); break;
	case IR_FMSUB: r = fma(a, b, -c); break;
	case IR_FNMADD: r = -fma(a, b, c); break;
	default: r = -fma(a, b, -c); break;
	}
	return of_f(r);
}

static uint64_t host_s(unsigned op, uint64_t va, uint64_t vb, uint64_t vc)
{
	volatile float a = as_s(va), b = as_s(vb), c = as_s(vc), r;

	switch (op) {
	case IR_SADD: r = a + b; break;
	case IR_SSUB: r = a - b; break;
	case IR_SMUL: r = a * b; break;
	case IR_SDIV: r = a / b; break;
	case IR_SSQRT: r = sqrtf(a); break;
	case IR_SMADD: r = fmaf(a, b, c); break;
	case IR_SMSUB: r = fmaf(a, b, -c); break;
	case IR_SNMADD: r = -fmaf(a, b, c); break;
	default: r = -fmaf(a, b, -c); break;
	}
	return of_s(r);
}

/*
 * The most negative number stands for all that have no place.  Compilers may do trunc() by a conversion that says
 * "inexact": only numbers that have a place come to it.
 */
static uint64_t to_int(unsigned op, uint32_t imm, uint64_t a)
{
	bool wide = op == IR_FCVTI;
	uint64_t none = wide ? (uint64_t)INT64_MIN : (uint64_t)(int64_t)INT32_MIN;
	double x = as_f(a), limit = wide ? 0x1p63 : 0x1p31, r;
	volatile double inexact = 1.0 / 4;

	if (!(x < limit) || !(x > -limit - !wide))
		return none;
	r = imm ? nearbyint(x) : trunc(x);
	if (r >= limit || r <= -limit)
		return none;
	/* Says so as the host's own conversion does. */
	if (r != x)
		inexact = inexact / 3;
	return (uint64_t)(int64_t)r;
}

/* Exponents that say that a number has a place among unsigned ones; of 2^63 on there is no conversion. */
static bool fits_unsigned(unsigned op, uint64_t a)
{
	return a >> 52 < (op == IR_FCVTU ? 1023 + 63 : 1023 + 32);
}

/* As the host is told to; compilers make something else of rint(). */
static double whole(double x)
{
	volatile double inexact = 1.0 / 4;
	double r = nearbyint(x);

	if (r != x && !isnan(x))
		inexact = inexact / 3;
	return r;
}

/* Mostly on bits: floor() and its like may be made of instructions that say "inexact". */
static uint64_t round_whole(uint32_t imm, uint64_t a)
{
	uint64_t sign = a & BIT64(0), mask;
	unsigned e = a >> 52 & 0x7ff;
	bool away = imm == (sign ? 1 : 2);

	if (imm == 5)
		return of_f(whole(as_f(a)));
	if (imm == 4 && e <= 1022)
		return e < 1022 ? sign : sign | UINT64_C(1023) << 52;

	if (e < 1023)
		return a << 1 && away ? sign | UINT64_C(1023) << 52 : sign;
	if (e >= 1023 + 52)
		return a;
	mask = UINT64_MAX >> (12 + e - 1023);
	/* A carry out of the fraction makes the next exponent. */
	if (imm == 4)
		return (a + mask / 2 + 1) & ~mask;
	return ((a & mask) && away ? a + mask : a) & ~mask;
}

uint64_t ir_fp_host(unsigned op, uint32_t imm, uint64_t a, uint64_t b, uint64_t c)
{
	volatile double f;
	volatile float s;

	switch (op) {
	case IR_FRSP:
		f = as_f(a);
		s = (float)f;
		return of_s(s);
	case IR_ICVTF: f = (double)(int64_t)a; return of_f(f);
	case IR_ICVTS: s = (float)(int64_t)a; return of_s(s);
	case IR_UCVTF: f = (double)a; return of_f(f);
	case IR_UCVTS: s = (float)a; return of_s(s);
	case IR_FRINT: return round_whole(imm, a);
	case IR_FCVTI:
	case IR_FCVTI32: return to_int(op, imm, a);
	case IR_FCVTU:
	case IR_FCVTU32: return fits_unsigned(op, a) ? to_int(IR_FCVTI, 0, a) : (uint64_t)INT64_MIN;
	default: return op >= IR_SADD ? host_s(op, a, b, c) : host_f(op, a, b, c);
	}
}

bool ir_fp_plain(unsigned op, uint64_t r)
{
	unsigned e = r >> 52 & 0x7ff, es = r >> 23 & 0xff;

	switch (op) {
	case IR_FADD:
	case IR_FRINT:
	case IR_FSUB: return e < 0x7fe;
	case IR_SADD:
	case IR_SSUB: return es < 0xfe;
	case IR_ICVTF:
	case IR_ICVTS:
	case IR_UCVTF:
	case IR_UCVTS: return true;
	case IR_FCVTU:
	case IR_FCVTU32:
	case IR_FCVTI: return r != (uint64_t)INT64_MIN;
	case IR_FCVTI32: return r != (uint64_t)(int64_t)INT32_MIN;
	case IR_FRSP: return es > 1 && es < 0xfe;
	default: return op >= IR_SADD ? es > 1 && es < 0xfe : e > 1 && e < 0x7fe;
	}
}

/* ---- Moves and comparisons ---- */

/* A single's double, bit by bit: nothing is said of it to the host. */
static uint64_t widen(uint32_t s)
{
	uint64_t sign = (uint64_t)(s & 0x80000000) << 32, frac = s & 0x7fffff;
	unsigned e = s >> 23 & 0xff, n;

	if (e == 0xff)
		return sign | UINT64_C(0x7ff) << 52 | frac << 29;
	if (e)
		return sign | (uint64_t)(e + 896) << 52 | frac << 29;
	if (!frac)
		return sign;
	n = clz32((uint32_t)frac) - 8;
	return sign | (uint64_t)(897 - n) << 52 | (frac << n & 0x7fffff) << 29;
}

static unsigned compare(double a, double b)
{
	if (isnan(a) || isnan(b))
		return 1;
	return isless(a, b) ? 8 : isgreater(a, b) ? 4 : 2;
}

u128 ir_fp_move(unsigned op, uint32_t imm, u128 va, u128 vb)
{
	uint64_t a = (uint64_t)va, b = (uint64_t)vb;

	switch (op) {
	case IR_FTOV: return va << 64;
	case IR_STOV: return (u128)widen((uint32_t)a) << 64;
	case IR_VTOF: return va >> 64;
	case IR_STOI:
	case IR_ITOS: return (uint32_t)a;
	case IR_S2F: return widen((uint32_t)a);
	case IR_FNEG: return a ^ BIT64(0);
	case IR_FABS: return a & ~BIT64(0);
	case IR_SNEG: return a ^ 0x80000000;
	case IR_SABS: return a & 0x7fffffff;
	case IR_FCMP: return compare(as_f(a), as_f(b));
	case IR_SCMP: return compare(as_f(widen((uint32_t)a)), as_f(widen((uint32_t)b)));
	case IR_FSET: return (compare(as_f(a), as_f(b)) & imm) != 0;
	case IR_SSET: return (ir_fp_move(IR_SCMP, 0, va, vb) & imm) != 0;
	default: return a; /* FTOI, ITOF */
	}
}

/* ---- Folding ---- */

static IrRef one(Ir *ir, IrOp op, IrRef a)
{
	return ir_emit(ir, op, 0, a, 0, 0, 0);
}

static IrRef fold_vtof(Ir *ir, const IrIns *a)
{
	switch (a->op) {
	case IR_FTOV: return a->a;
	case IR_STOV: return one(ir, IR_S2F, a->a);
	case IR_ITOV: return one(ir, IR_ITOF, a->a);
	case IR_KV: return one(ir, IR_ITOF, ir_k(ir, (uint64_t)(ir->kv[a->imm] >> 64)));
	default: return IR_NONE;
	}
}

IrRef ir_fold_fp(Ir *ir, IrIns *i)
{
	const IrIns *a = &ir->ins[i->a], *b = &ir->ins[i->b];
	bool singles = a->op == IR_S2F && b->op == IR_S2F;

	switch (i->op) {
	case IR_FTOV:
		if (a->op == IR_S2F)
			return one(ir, IR_STOV, a->a);
		return a->op == IR_ITOF ? ir_emit(ir, IR_ITOV, 0, a->a, ir_k(ir, 0), 0, 0)
					: IR_NONE;
	case IR_VTOF: return fold_vtof(ir, a);
	case IR_FTOI: return a->op == IR_ITOF ? a->a : IR_NONE;
	case IR_ITOF: return a->op == IR_FTOI ? a->a : IR_NONE;
	case IR_STOI: return a->op == IR_ITOS ? ir_zx32(ir, a->a) : IR_NONE;
	case IR_ITOS:
		if (a->op == IR_STOI)
			return a->a;
		i->a = ir_demand(ir, i->a, UINT32_MAX);
		return IR_NONE;
	case IR_FNEG:
		if (a->op == IR_S2F)
			return one(ir, IR_S2F, one(ir, IR_SNEG, a->a));
		return a->op == IR_FNEG ? a->a : IR_NONE;
	case IR_FABS:
		if (a->op == IR_S2F)
			return one(ir, IR_S2F, one(ir, IR_SABS, a->a));
		return a->op == IR_FNEG ? one(ir, IR_FABS, a->a) : IR_NONE;
	case IR_FCMP:
	case IR_FSET:
		if (singles)
			return ir_emit(ir, i->op == IR_FCMP ? IR_SCMP : IR_SSET, i->imm, a->a, b->a,
				       0, 0);
		return IR_NONE;
	default: return IR_NONE;
	}
}
