/*
 * Guests that never rest, for tests/bench/state.py: "busy say" writes to the console without
 * end, so that whoever listens sees when it stands still; "busy write MB MIB" writes MB
 * million bytes a second into MIB of memory, every byte of it in turn.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define STEP 65536

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int write_memory(double rate, size_t size)
{
	uint8_t *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	double start = seconds(), done = 0;
	size_t at = 0;

	if (mem == MAP_FAILED || size < STEP)
		return 1;
	for (uint8_t turn = 1;; turn++) {
		double ahead = done / rate - (seconds() - start);

		if (ahead > 0.001)
			usleep((useconds_t)(ahead * 1e6));
		/* It was held up: what has been missed is not made up for. */
		if (ahead < -0.5)
			start -= ahead;
		memset(mem + at, turn, STEP);
		done += STEP;
		at = at + 2 * STEP <= size ? at + STEP : 0;
	}
}

int main(int argc, char **argv)
{
	static const char dots[] = "................\n";

	if (argc == 4 && !strcmp(argv[1], "write"))
		return write_memory(atof(argv[2]) * 1e6, (size_t)atol(argv[3]) << 20);
	while (argc == 2 && !strcmp(argv[1], "say"))
		if (write(1, dots, sizeof(dots) - 1) < 0)
			return 1;
	fprintf(stderr, "busy say | busy write MB MIB\n");
	return 2;
}
