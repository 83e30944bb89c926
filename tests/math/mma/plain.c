/* The products in plain C, for PowerPC without MMA and for the host. */
#include "mma.h"
#include <math.h>
#include <string.h>

static float from_bf16(uint16_t v)
{
	uint32_t w = (uint32_t)v << 16;
	float f;
	memcpy(&f, &w, sizeof(f));
	return f;
}

/* Normal numbers only: main.c makes no others. */
static float from_f16(uint16_t v)
{
	float f = ldexpf((float)((v & 0x3ff) | 0x400), (v >> 10 & 31) - 25);
	return v >> 15 ? -f : f;
}

static int32_t saturate(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

static int nibble(uint32_t w, int n)
{
	int v = w >> 4 * n & 15;
	return v > 7 ? v - 16 : v;
}

static void floats(Output *out, int i, int j)
{
	float pp = 0, pn, np, nn;
	double d = 0;

	pn = np = nn = input.f32.a[0][i] * input.f32.b[0][j];
	for (int k = 0; k < STEPS; k++) {
		float a = input.f32.a[k][i], b = input.f32.b[k][j];
		pp = k ? fmaf(a, b, pp) : a * b;
		if (k) {
			pn = fmaf(a, b, -pn);
			np = fmaf(-a, b, np);
			nn = fmaf(-a, b, -nn);
		}
		if (j < 2)
			d = k ? fma(input.f64.a[k][i], input.f64.b[k][j], d)
			      : input.f64.a[k][i] * input.f64.b[k][j];
	}
	out->f32[i][j] = pp;
	out->f32_pn[i][j] = pn;
	out->f32_np[i][j] = np;
	out->f32_nn[i][j] = nn;
	out->f32_masked[i][j] = i != 2 && j != 0 ? pp : 0;
	if (j < 2)
		out->f64[i][j] = d;
}

/* The sum of two products is exact here, and then it is added with one rounding. */
static void halves(Output *out, int i, int j)
{
	float bf16 = 0, f16 = 0;
	for (int k = 0; k < STEPS; k++) {
		const uint16_t *a = input.bf16.a[k][i], *b = input.bf16.b[k][j];
		bf16 += from_bf16(a[0]) * from_bf16(b[0]) + from_bf16(a[1]) * from_bf16(b[1]);
		a = input.f16.a[k][i], b = input.f16.b[k][j];
		f16 += from_f16(a[0]) * from_f16(b[0]) + from_f16(a[1]) * from_f16(b[1]);
	}
	out->bf16[i][j] = bf16;
	out->f16[i][j] = f16;
}

static void integers(Output *out, int i, int j)
{
	uint32_t i16 = 0, i8 = 0, i4 = 0;
	int32_t i16s = 0, i8s = 0;
	for (int k = 0; k < STEPS; k++) {
		int64_t sum = 0;
		for (int n = 0; n < 2; n++)
			sum += (int64_t)(int16_t)input.i16.a[k][i][n] *
			       (int16_t)input.i16.b[k][j][n];
		i16 += (uint32_t)sum;
		i16s = saturate(i16s + sum);
		sum = 0;
		for (int n = 0; n < 4; n++)
			sum += input.i8.a[k][i][n] * input.i8.b[k][j][n];
		i8 += (uint32_t)sum;
		/* From near the end of the range, or four times 64 could not reach it. */
		i8s = saturate((k ? i8s : INT32_MAX - 100000) + sum);
		for (int n = 0; n < 8; n++)
			i4 += (uint32_t)(nibble(input.i4.a[k][i], n) * nibble(input.i4.b[k][j], n));
	}
	out->i16[i][j] = (int32_t)i16;
	out->i16_saturated[i][j] = i16s;
	out->i8[i][j] = (int32_t)i8;
	out->i8_saturated[i][j] = i8s;
	out->i4[i][j] = (int32_t)i4;
}

void plain_products(Output *out)
{
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++) {
			floats(out, i, j);
			halves(out, i, j);
			integers(out, i, j);
		}
}
