/*
 * Runs kernels of the benchmark.
 *   kernels NAME TURNS   says "BENCH-BEGIN", works, says "BENCH-END NAME TURNS RESULT"
 *   kernels --check [CLASS...]   one turn of each kernel: "RESULT CLASS NAME RESULT"; "CHECKED N"
 *   kernels --list       "CLASS NAME" of each
 * Who measures takes the time between the two lines.  A wrong result is said on the standard
 * error as "bench: NAME: ..." and ends the program with status 1.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

static const struct {
	const char *name;
	const BenchKernel *kernels;
} classes[] = {
	{ "integer", bench_integer }, { "calls", bench_calls },	  { "memory", bench_memory },
	{ "fp", bench_fp },	      { "vector", bench_vector }, { "system", bench_system },
};
#define CLASSES (sizeof(classes) / sizeof(classes[0]))

static const char *at_work = "";

void bench_wrong(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "bench: %s: ", at_work);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *bench_alloc(size_t bytes)
{
	void *p = aligned_alloc(128, (bytes + 127) / 128 * 128);

	if (!p)
		bench_wrong("no memory");
	memset(p, 0, bytes);
	return p;
}

uint64_t bench_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void bench_fill(void *buf, size_t bytes, uint64_t seed)
{
	uint8_t *p = buf;

	for (size_t i = 0; i < bytes; i += 8) {
		uint64_t v = bench_random(&seed);

		memcpy(p + i, &v, bytes - i < 8 ? bytes - i : 8);
	}
}

uint64_t bench_sum(uint64_t sum, const void *buf, size_t bytes)
{
	const uint8_t *p = buf;

	for (size_t i = 0; i < bytes; i += 8) {
		uint64_t v = 0;

		memcpy(&v, p + i, bytes - i < 8 ? bytes - i : 8);
		sum = (sum ^ v) * 0x9fb21c651e98df25u;
		sum ^= sum >> 32;
	}
	return sum;
}

static const BenchKernel *find(const char *name)
{
	for (size_t c = 0; c < CLASSES; c++)
		for (const BenchKernel *k = classes[c].kernels; k->name; k++)
			if (!strcmp(k->name, name))
				return k;
	return NULL;
}

static void begin(const BenchKernel *k)
{
	at_work = k->name;
	if (k->setup)
		k->setup();
}

static int measure(const char *name, unsigned long turns)
{
	const BenchKernel *k = find(name);
	uint64_t first, again;

	if (!k || !turns) {
		fprintf(stderr, "bench: %s: no such kernel, or no turns\n", name);
		return 2;
	}
	begin(k);
	puts("BENCH-BEGIN");
	fflush(stdout);
	first = k->turn();
	for (unsigned long i = 1; i < turns; i++) {
		again = k->turn();
		if (again != first)
			bench_wrong("turn %lu gave %016" PRIx64 ", not %016" PRIx64, i, again,
				    first);
	}
	printf("BENCH-END %s %lu %016" PRIx64 "\n", name, turns, first);
	return 0;
}

static int check(int n, char **names)
{
	int done = 0;

	for (size_t c = 0; c < CLASSES; c++) {
		int wanted = !n;

		for (int i = 0; i < n; i++)
			wanted |= !strcmp(names[i], classes[c].name);
		for (const BenchKernel *k = classes[c].kernels; wanted && k->name; k++, done++) {
			begin(k);
			printf("RESULT %s %s %016" PRIx64 "\n", classes[c].name, k->name,
			       k->turn());
			fflush(stdout);
		}
	}
	printf("CHECKED %d\n", done);
	return !done;
}

static int list(void)
{
	for (size_t c = 0; c < CLASSES; c++)
		for (const BenchKernel *k = classes[c].kernels; k->name; k++)
			printf("%s %s\n", classes[c].name, k->name);
	return 0;
}

int main(int argc, char **argv)
{
	/* What system.c's kernel "exec" runs: this program again, to no purpose but its status. */
	if (argc == 2 && !strcmp(argv[1], "--status"))
		_exit(42);
	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	if (argc >= 2 && !strcmp(argv[1], "--check"))
		return check(argc - 2, argv + 2);
	if (argc == 3)
		return measure(argv[1], strtoul(argv[2], NULL, 10));
	fprintf(stderr, "kernels NAME TURNS | --check [CLASS...] | --list\n");
	return 2;
}
