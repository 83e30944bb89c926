/*
 * What the kernels of vector.c do with vectors, twice: vector_simd.c with AltiVec and VSX,
 * vector_plain.c with plain C, which is the host's side and what the guest compares with first.
 * Arrays are aligned to 16 bytes, n counts vectors of 16 bytes.
 */
#ifndef BENCH_VECTOR_H
#define BENCH_VECTOR_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t Lanes __attribute__((vector_size(16)));

typedef struct {
	/* c = (c + a) - b, with saturation: unsigned bytes, then signed halfwords. */
	void (*saturate)(uint8_t *c, const uint8_t *a, const uint8_t *b, size_t n);
	/* Each byte of c becomes the one of the table of 32 that its low five bits name, + 1. */
	void (*permute)(uint8_t *c, const uint8_t *table, size_t n);
	/* Halfwords of a and b ordered, the greater into a; how many were not. */
	uint64_t (*order)(int16_t *a, int16_t *b, size_t n);
	/* Sum of products of unsigned bytes, modulo 2^32. */
	uint32_t (*products)(const uint8_t *a, const uint8_t *b, size_t n);
	/* Bytes widened, times `gain` over 64, narrowed with saturation. */
	void (*bright)(uint8_t *c, unsigned gain, size_t n);
	/* Bytes up to and without the first that is `which`; n vectors if there is none. */
	size_t (*scan)(const uint8_t *c, uint8_t which, size_t n);
	/* y = a x + y, fused. */
	void (*saxpy)(float *y, const float *x, float a, size_t n);
	/* Four running sums of two lanes: lane of vector i goes into sums[i % 4]. */
	double (*dot)(const double *x, const double *y, size_t n);
	/* Steps of the iteration z^2 + c for two points at once, up to 64. */
	void (*escape)(const double *re, const double *im, uint64_t *steps);
	/* CBC of AES-128: n blocks in place, chained on from `chain`. */
	void (*aes)(uint8_t *data, uint8_t chain[16], const uint8_t keys[11][16], size_t n);
	/* SHA-2's functions on four lanes: sigma 0, 1 of the schedule, 2, 3 of the rounds. */
	void (*sha256)(Lanes state[8], Lanes words[16], const uint32_t constants[64]);
	/* A polynomial of 128 bits (most significant first) carried on over n blocks. */
	void (*fold)(uint8_t state[16], const uint8_t *data, uint64_t k192, uint64_t k128,
		     size_t n);
} VectorOps;

extern const VectorOps vector_plain, vector_simd;

/* AES's substitution box; vector.c computes it. */
extern uint8_t vector_sbox[256];

#endif
