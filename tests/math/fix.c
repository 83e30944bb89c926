/*
 * What the reference needs beside x86's arithmetic (x86 only): PowerPC's
 * conversions, tininess before rounding, and flags that x86 does not raise.
 */
#include "rig.h"
#include <math.h>
#include <string.h>

uint32_t mode_csr;
unsigned soft_flags;

/* MXCSR bits IE, DE, ZE, OE, UE, PE as FLAG_*. */
#define CSR(i)                                                                                     \
	(((i)&1 ? FLAG_V : 0) | ((i)&4 ? FLAG_Z : 0) | ((i)&8 ? FLAG_O : 0) |                      \
	 ((i)&16 ? FLAG_U : 0) | ((i)&32 ? FLAG_X : 0))
#define CSR4(i) CSR(i), CSR((i) + 1), CSR((i) + 2), CSR((i) + 3)
#define CSR16(i) CSR4(i), CSR4((i) + 4), CSR4((i) + 8), CSR4((i) + 12)
const uint8_t csr_flags[64] = { CSR16(0), CSR16(16), CSR16(32), CSR16(48) };

uint64_t to_integer(double x, double rounded, unsigned bits, bool is_signed)
{
	double top = bits == 32 ? 0x1p32 : 0x1p64;
	uint64_t all = bits == 32 ? UINT32_MAX : UINT64_MAX, half = all / 2 + 1;

	if (isnan(x)) {
		soft_flags |= FLAG_V;
		return is_signed ? half : 0;
	}
	double low = is_signed ? -top / 2 : 0, high = is_signed ? top / 2 : top;
	if (rounded < low || rounded >= high) {
		soft_flags |= FLAG_V;
		if (rounded < low)
			return is_signed ? half : 0;
		return is_signed ? half - 1 : all;
	}
	if (rounded != x)
		soft_flags |= FLAG_X;
	if (rounded >= 0x1p63)
		return (uint64_t)(int64_t)(rounded - 0x1p63) + (UINT64_C(1) << 63);
	return (uint64_t)(int64_t)rounded & all;
}

/*
 * In 113 bits with 15 of exponent, rounded to zero: nothing here underflows, and
 * what is cut off cannot lift the result to `min`.
 */
bool is_tiny(char formula, double a, double b, double c, double min)
{
	uint32_t csr, work;
	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	work = (csr & ~0x6000u) | 0x6000;
	__asm__ volatile("ldmxcsr %0" : : "m"(work) : "memory");
	volatile __float128 x = a, y = b, v;
	switch (formula) {
	case '*': v = x * y; break;
	case '/': v = x / y; break;
	case 'f': v = x * y + c; break;
	case 'g': v = x * y - c; break;
	default: v = x; break;
	}
	bool tiny = v < min && v > -min;
	__asm__ volatile("ldmxcsr %0" : : "m"(csr) : "memory");
	return tiny;
}

static bool infinity_times_zero(double a, double b)
{
	return (isinf(a) && b == 0) || (isinf(b) && a == 0);
}

void fix_results(const Op *op, const Operands *in, Results *out)
{
	bool single = group_is_single(op->group);
	if (!op->formula)
		return;
	for (int i = 0; i < CHUNK; i++) {
		double a = single ? in->a.s[i] : in->a.d[i], b = single ? in->b.s[i] : in->b.d[i];
		double c = single ? in->c.s[i] : in->c.d[i];
		double r = op->type == 's' ? out->r.s[i] : out->r.d[i];
		double min = op->type == 's' ? 0x1p-126 : 0x1p-1022;
		if (fabs(r) == min && is_tiny(op->formula, a, b, c, min))
			out->flags[i] |= FLAG_U;
		if ((op->formula == 'f' || op->formula == 'g') && infinity_times_zero(a, b))
			out->flags[i] |= FLAG_V;
	}
}
