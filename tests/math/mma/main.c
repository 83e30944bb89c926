/*
 * Matrix products on made-up numbers: a line for each kind with the sum of all
 * results' bits, "plain NAME SUM"; where there is MMA, "mma NAME SUM" too.  The plain
 * sums are the same on every machine, and so must the others be.
 */
#include "mma.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#if defined(__powerpc__)
#include <sys/auxv.h>
#endif

Input input;

static uint64_t state = 1;

static uint64_t any(void)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return state >> 33 ^ state << 31;
}

/* Any sign and fraction; exponents within 2^-e and 2^e. */
static float some_float(int e)
{
	uint32_t r = (uint32_t)any();
	r = (r & 0x807fffff) | (uint32_t)(127 - e + (int)(any() % (2 * (unsigned)e + 1))) << 23;
	float f;
	memcpy(&f, &r, sizeof(f));
	return f;
}

/* bfloat16 and half with eight significant bits: sums of two products are exact. */
static uint16_t some_bf16(void)
{
	return (uint16_t)((any() & 0x807f) | (126 + any() % 4) << 7);
}

static uint16_t some_f16(void)
{
	return (uint16_t)((any() & 0x83f8) | (14 + any() % 3) << 10);
}

static void fill(void)
{
	for (int k = 0; k < STEPS; k++)
		for (int i = 0; i < 4; i++) {
			input.f32.a[k][i] = some_float(9);
			input.f32.b[k][i] = some_float(9);
			input.f64.a[k][i] = (double)some_float(20) * some_float(20) + some_float(1);
			if (i < 2)
				input.f64.b[k][i] = (double)some_float(9) * some_float(9);
			for (int n = 0; n < 2; n++) {
				input.bf16.a[k][i][n] = some_bf16();
				input.bf16.b[k][i][n] = some_bf16();
				input.f16.a[k][i][n] = some_f16();
				input.f16.b[k][i][n] = some_f16();
				input.i16.a[k][i][n] = (uint16_t)any();
				input.i16.b[k][i][n] = (uint16_t)any();
			}
			for (int n = 0; n < 4; n++) {
				input.i8.a[k][i][n] = (int8_t)any();
				input.i8.b[k][i][n] = (uint8_t)any();
			}
			input.i4.a[k][i] = (uint32_t)any();
			input.i4.b[k][i] = (uint32_t)any();
		}
}

static void sums(const char *who, const Output *o)
{
	static const struct {
		const char *name;
		size_t at, size;
	} parts[] = {
#define PART(x) { #x, offsetof(Output, x), sizeof(((Output *)0)->x) }
		PART(f32), PART(f32_pn),       PART(f32_np), PART(f32_nn), PART(f32_masked),
		PART(f64), PART(bf16),	       PART(f16),    PART(i16),	   PART(i16_saturated),
		PART(i8),  PART(i8_saturated), PART(i4)
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint64_t h = 0;
		for (size_t n = 0; n < parts[i].size; n += 4) {
			uint32_t w;
			memcpy(&w, (const char *)o + parts[i].at + n, 4);
			h = h * UINT64_C(0x9e3779b97f4a7c15) + w;
		}
		printf("%s %s %016" PRIx64 "\n", who, parts[i].name, h);
	}
}

int main(void)
{
	static Output plain, mma;
	(void)mma;
	fill();
	plain_products(&plain);
	sums("plain", &plain);
#if defined(__powerpc__)
	unsigned long cap = getauxval(AT_HWCAP2);
	printf("AT_HWCAP2 mma %d arch_3_1 %d\n", (cap & PPC_FEATURE2_MMA) != 0,
	       (cap & PPC_FEATURE2_ARCH_3_1) != 0);
	if (cap & PPC_FEATURE2_MMA) {
		mma_products(&mma);
		sums("mma", &mma);
	}
#endif
	printf("done\n");
	return 0;
}
