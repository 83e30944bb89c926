/*
 * How late timers are on a busy guest:  latency SECONDS
 *
 * On each CPU a thread computes all the time, and another, of higher priority, sleeps to points of
 * time 1.7 ms apart, one after the other; each wake-up is a decrementer that ran out at that point.  What the clock then
 * says, less the point, is how late the interrupt was, with the kernel's way from there to here.
 * Says "BENCH-LATENCY N P50 P99 MAX" in nanoseconds, all CPUs together.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 1700000, CPUS_MAX = 64, TABLE = 1 << 16 };

static unsigned seconds, points;
static uint32_t *late[CPUS_MAX];
static volatile uint64_t result[CPUS_MAX];

static void pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		fprintf(stderr, "bench: latency: no CPU %u\n", cpu);
		exit(1);
	}
}

/* Integers, memory and floating point. */
static void *busy(void *arg)
{
	unsigned cpu = (unsigned)(uintptr_t)arg;
	uint64_t *table = calloc(TABLE, sizeof(*table)), x = cpu + 1;
	double d = 1;

	pin(cpu);
	for (;;) {
		for (unsigned i = 0; i < TABLE; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			table[x % TABLE] += x;
			d = d * 0.999 + (double)(x & 0xff);
		}
		result[cpu] = x + (uint64_t)d + table[x % TABLE];
	}
	return NULL;
}

static void *sleeper(void *arg)
{
	unsigned cpu = (unsigned)(uintptr_t)arg;
	struct sched_param high = { .sched_priority = 50 };
	struct timespec at, now;

	pin(cpu);
	if (sched_setscheduler(0, SCHED_FIFO, &high)) {
		fprintf(stderr, "bench: latency: no priority\n");
		exit(1);
	}
	clock_gettime(CLOCK_MONOTONIC, &at);
	for (unsigned n = 0; n < points; n++) {
		int64_t ns;

		at.tv_nsec += PERIOD;
		at.tv_sec += at.tv_nsec / 1000000000;
		at.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		ns = (now.tv_sec - at.tv_sec) * INT64_C(1000000000) + now.tv_nsec - at.tv_nsec;
		late[cpu][n] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
	}
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), n;
	pthread_t thread, sleepers[CPUS_MAX];
	uint32_t *all;

	seconds = argc == 2 ? (unsigned)atoi(argv[1]) : 0;
	if (!seconds || cpus > CPUS_MAX) {
		fprintf(stderr, "bench: latency SECONDS\n");
		return 1;
	}
	points = (unsigned)(seconds * UINT64_C(1000000000) / PERIOD);
	n = cpus * points;
	all = calloc(n, sizeof(*all));
	for (unsigned i = 0; i < cpus; i++) {
		late[i] = all + i * points;
		pthread_create(&thread, NULL, busy, (void *)(uintptr_t)i);
	}
	for (unsigned i = 0; i < cpus; i++)
		pthread_create(&sleepers[i], NULL, sleeper, (void *)(uintptr_t)i);
	for (unsigned i = 0; i < cpus; i++)
		pthread_join(sleepers[i], NULL);
	qsort(all, n, sizeof(*all), by_value);
	printf("BENCH-LATENCY %u %u %u %u\n", n, all[n / 2], all[n - 1 - n / 100], all[n - 1]);
	return 0;
}
