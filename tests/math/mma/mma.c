/* The products with Matrix-Multiply Assist; built with -mcpu=power10. */
#include "mma.h"
#include <altivec.h>

typedef vector unsigned char V;
typedef __vector_quad Acc;

static inline V row(const void *p)
{
	return *(const V *)p;
}

/* A function cannot return a pair, and only a pointer to nothing becomes one to pairs. */
#define PAIR(p) __builtin_vsx_lxvp(0, (const __vector_pair *)(const void *)(p))

#define STORE(name) __builtin_mma_disassemble_acc(out->name, &name)

/* One instruction for each k: the first sets the accumulator, the others update it. */
#define PRODUCT(name, tile, first, next)                                                           \
	do {                                                                                       \
		Acc name;                                                                          \
		first(&name, row(input.tile.a[0]), row(input.tile.b[0]));                          \
		for (int k = 1; k < STEPS; k++)                                                    \
			next(&name, row(input.tile.a[k]), row(input.tile.b[k]));                   \
		STORE(name);                                                                       \
	} while (0)

/* Four accumulators at a time, as a real kernel has them. */
static void singles(Output *out)
{
	Acc f32, f32_pn, f32_np, f32_nn;
	V a = row(input.f32.a[0]), b = row(input.f32.b[0]);
	__builtin_mma_xvf32ger(&f32, a, b);
	__builtin_mma_xvf32ger(&f32_pn, a, b);
	__builtin_mma_xvf32ger(&f32_np, a, b);
	__builtin_mma_xvf32ger(&f32_nn, a, b);
	for (int k = 1; k < STEPS; k++) {
		a = row(input.f32.a[k]), b = row(input.f32.b[k]);
		__builtin_mma_xvf32gerpp(&f32, a, b);
		__builtin_mma_xvf32gerpn(&f32_pn, a, b);
		__builtin_mma_xvf32gernp(&f32_np, a, b);
		__builtin_mma_xvf32gernn(&f32_nn, a, b);
	}
	STORE(f32);
	STORE(f32_pn);
	STORE(f32_np);
	STORE(f32_nn);
}

/* Mask bits count from the book's element 0, which is element 3 here. */
static void masked(Output *out)
{
	Acc f32_masked;
	__builtin_mma_pmxvf32ger(&f32_masked, row(input.f32.a[0]), row(input.f32.b[0]), 11, 14);
	for (int k = 1; k < STEPS; k++)
		__builtin_mma_pmxvf32gerpp(&f32_masked, row(input.f32.a[k]), row(input.f32.b[k]),
					   11, 14);
	STORE(f32_masked);
}

/* The left matrix comes in a pair of registers. */
static void doubles(Output *out)
{
	Acc f64;
	__builtin_mma_xvf64ger(&f64, PAIR(input.f64.a[0]), row(input.f64.b[0]));
	for (int k = 1; k < STEPS; k++)
		__builtin_mma_xvf64gerpp(&f64, PAIR(input.f64.a[k]), row(input.f64.b[k]));
	STORE(f64);
}

static void saturated(Output *out)
{
	Acc i8_saturated;
	vector signed int v = vec_splats(INT32_MAX - 100000);
	V w = (V)v;
	__builtin_mma_build_acc(&i8_saturated, w, w, w, w);
	for (int k = 0; k < STEPS; k++)
		__builtin_mma_xvi8ger4spp(&i8_saturated, row(input.i8.a[k]), row(input.i8.b[k]));
	STORE(i8_saturated);
	PRODUCT(i16_saturated, i16, __builtin_mma_xvi16ger2s, __builtin_mma_xvi16ger2spp);
}

void mma_products(Output *out)
{
	singles(out);
	masked(out);
	doubles(out);
	saturated(out);
	PRODUCT(bf16, bf16, __builtin_mma_xvbf16ger2, __builtin_mma_xvbf16ger2pp);
	PRODUCT(f16, f16, __builtin_mma_xvf16ger2, __builtin_mma_xvf16ger2pp);
	PRODUCT(i16, i16, __builtin_mma_xvi16ger2, __builtin_mma_xvi16ger2pp);
	PRODUCT(i8, i8, __builtin_mma_xvi8ger4, __builtin_mma_xvi8ger4pp);
	PRODUCT(i4, i4, __builtin_mma_xvi4ger8, __builtin_mma_xvi4ger8pp);
}
