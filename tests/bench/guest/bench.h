/*
 * Kernels of the benchmark (tests/bench): a class each of integer.c, calls.c, memory.c, fp.c,
 * vector.c and system.c, run by main.c.  The same sources are built for the host, whose results
 * are what the guest's must be; so nothing may hang on how a libm rounds.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * One kernel.  A turn does some 1 to 5 million instructions of work, always the same from the
 * same start, and returns a sum of its results; so every turn of a run has to return the same.
 * What can be known otherwise it checks by itself.
 */
typedef struct {
	const char *name;
	uint64_t (*turn)(void);
	void (*setup)(void); /* not measured; may be NULL */
} BenchKernel;

/* Each ends with a kernel without a name. */
extern const BenchKernel bench_integer[], bench_calls[], bench_memory[], bench_fp[], bench_vector[],
	bench_system[];

/* A result that is wrong: says so and ends the program with status 1. */
_Noreturn void bench_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory, or the end of the program. */
void *bench_alloc(size_t bytes);

/* SplitMix64 (Steele, Lea, Flood 2014): next number of the sequence that starts at *state. */
uint64_t bench_random(uint64_t *state);

/* Fills a buffer from the sequence that starts at `seed`. */
void bench_fill(void *buf, size_t bytes, uint64_t seed);

/* Sum of bytes that hangs on their order, carried on from `sum`. */
uint64_t bench_sum(uint64_t sum, const void *buf, size_t bytes);

/* A value of which the compiler knows nothing. */
static inline uint64_t bench_hide(uint64_t v)
{
	__asm__ volatile("" : "+r"(v));
	return v;
}

/* Memory of which the compiler knows nothing. */
static inline void bench_touch(void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

#endif
