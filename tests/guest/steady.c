/*
 * A guest program that finds out by itself whether it was moved well: one process for each
 * CPU, bound to it.  Runs under Linux on any powerpc: steady CPUS MIB RATE MICROSECONDS
 *
 * Each process owns MIB of memory and rewrites RATE MB of it a second, page by page, after
 * it has checked that every word of the page is what it wrote there last.  It reads the
 * timebase all the time: none may be less than one that any CPU has seen before, through
 * memory they share.  It sleeps by a timer that comes every MICROSECONDS: it must have
 * expired as many times as have passed, never early, none lost; the kernel's clocks must
 * go with the timebase.
 *
 * A line a second: what was done, how many faults, the timebase, the date.  A fault is a line
 * of its own, "FAULT" and what.  SIGTERM ends it, with a line "END" and the sums.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define WORDS (PAGE / 8)
#define CPUS_MAX 64
#define NS_PER_S INT64_C(1000000000)
/* The kernel multiplies by a rounded factor: its clock and the timebase part by this, at most. */
#define CLOCKS_PART INT64_C(1000000)

typedef struct Count {
	_Atomic uint64_t pages, looks, ticks, waits;
	_Atomic int64_t gap; /* the longest between two looks at the timebase, ticks */
} Count;

typedef struct Shared {
	_Atomic uint64_t newest; /* timebase seen by any */
	_Atomic uint64_t faults;
	Count cpu[CPUS_MAX];
} Shared;

static Shared *shared;
static uint64_t frequency; /* of the timebase, Hz */

static void fault(unsigned cpu, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	int n;

	if (atomic_fetch_add(&shared->faults, 1) > 20)
		return;
	n = snprintf(text, sizeof(text), "FAULT cpu %u: ", cpu);
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	printf("%s\n", text);
	fflush(stdout);
}

static uint64_t timebase(void)
{
	uint64_t v;

	__asm__ volatile("sync\n\tmfspr %0,268" : "=r"(v) : : "memory");
	return v;
}

static int64_t now(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* No timebase is less than one that was seen before, whoever saw it. */
static uint64_t look(unsigned cpu, uint64_t *last)
{
	Count *c = &shared->cpu[cpu];
	uint64_t before = atomic_load(&shared->newest), tb = timebase(), seen = before;

	if (tb < before)
		fault(cpu, "timebase %llx, but %llx was seen before", (unsigned long long)tb,
		      (unsigned long long)before);
	while (seen < tb && !atomic_compare_exchange_weak(&shared->newest, &seen, tb))
		;
	if (*last && (int64_t)(tb - *last) > c->gap)
		c->gap = (int64_t)(tb - *last);
	*last = tb;
	c->looks++;
	return tb;
}

static uint64_t first_word(unsigned cpu, uint64_t page, uint32_t turn)
{
	uint64_t x = (page << 40 ^ (uint64_t)cpu << 32 ^ turn) + UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	return x ^ x >> 27;
}

static void rewrite(unsigned cpu, uint64_t *at, uint64_t page, uint32_t *turn)
{
	uint64_t w = first_word(cpu, page, *turn);
	unsigned bad = 0;

	for (unsigned i = 0; *turn && i < WORDS; i++, w += UINT64_C(0x0101010101010123))
		bad += at[i] != w;
	if (bad)
		fault(cpu, "page %llu: %u words are not what was written in turn %u",
		      (unsigned long long)page, bad, *turn);
	w = first_word(cpu, page, ++*turn);
	for (unsigned i = 0; i < WORDS; i++, w += UINT64_C(0x0101010101010123))
		at[i] = w;
	shared->cpu[cpu].pages++;
}

/* The kernel's clocks have gone as far as the timebase. */
static void check_clocks(unsigned cpu, uint64_t tb0, const int64_t *clock0)
{
	static const clockid_t which[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };

	for (unsigned i = 0; i < 2; i++) {
		int64_t gone, t0 = (int64_t)timebase(), t = now(which[i]), t1 = (int64_t)timebase();

		gone = t - clock0[i];
		if (gone < (int64_t)((t0 - (int64_t)tb0) * (double)NS_PER_S / frequency) -
				    CLOCKS_PART ||
		    gone > (int64_t)((t1 - (int64_t)tb0) * (double)NS_PER_S / frequency) +
				    CLOCKS_PART)
			fault(cpu, "clock %u has gone %lld ns, the timebase %lld ticks", i,
			      (long long)gone, (long long)(t1 - (int64_t)tb0));
	}
}

/* Waits for the timer; all its expiries until now are counted, and none that is to come. */
static void wait_tick(unsigned cpu, int fd, int64_t start, int64_t every)
{
	Count *c = &shared->cpu[cpu];
	int64_t before = now(CLOCK_MONOTONIC), after, due, most;
	uint64_t n;

	if (read(fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return;
	after = now(CLOCK_MONOTONIC);
	if (before < start + (int64_t)(c->ticks + 1) * every)
		c->waits++;
	c->ticks += n;
	due = before < start ? 0 : (before - start) / every;
	most = (after - start) / every;
	if ((int64_t)c->ticks < due || (int64_t)c->ticks > most)
		fault(cpu, "%llu expiries of the timer, between %lld and %lld are due",
		      (unsigned long long)c->ticks, (long long)due, (long long)most);
}

static void work(unsigned cpu, uint64_t mib, uint64_t rate, int64_t every)
{
	uint64_t pages = (mib << 20) / PAGE, tb0, last = 0, page = 0, done = 0;
	struct itimerspec t = { .it_interval = { every / NS_PER_S, every % NS_PER_S } };
	uint64_t *mem = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     -1, 0);
	uint32_t *turns = calloc(pages, sizeof(*turns));
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	int64_t start, clock0[2];
	/* However slow the host: a quarter of the time at most, so that there is sleep. */
	uint64_t budget = frequency / 4000000 * (uint64_t)(every / 1000);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (mem == MAP_FAILED || !turns || fd < 0 || sched_setaffinity(0, sizeof(set), &set)) {
		fault(cpu, "cannot begin");
		return;
	}
	start = now(CLOCK_MONOTONIC) + every;
	t.it_value = (struct timespec){ (start + every) / NS_PER_S, (start + every) % NS_PER_S };
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL);
	clock0[0] = now(CLOCK_MONOTONIC);
	tb0 = timebase();
	clock0[1] = now(CLOCK_REALTIME);
	for (;;) {
		uint64_t gone = look(cpu, &last) - tb0;

		/* A pause is not made up for: the rate is of the time the guest has. */
		if (done < gone / frequency * rate && gone / frequency * rate - done > 2 * rate)
			done = gone / frequency * rate - rate;
		while (done < (uint64_t)((double)gone / frequency * rate) &&
		       (int64_t)(look(cpu, &last) - tb0 - gone) < (int64_t)budget) {
			rewrite(cpu, mem + page * WORDS, page, &turns[page]);
			page = (page + 1) % pages;
			done += PAGE;
		}
		check_clocks(cpu, tb0, clock0);
		wait_tick(cpu, fd, start, every);
	}
}

static volatile sig_atomic_t ended;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static void say(const char *what, unsigned ncpus, uint64_t since)
{
	uint64_t pages = 0, looks = 0, ticks = 0, waits = 0;
	int64_t gap = 0, wall = now(CLOCK_REALTIME);

	for (unsigned i = 0; i < ncpus; i++) {
		Count *c = &shared->cpu[i];

		pages += c->pages;
		looks += c->looks;
		ticks += c->ticks;
		waits += c->waits;
		if (c->gap > gap)
			gap = c->gap;
	}
	printf("%s faults %llu pages %llu looks %llu ticks %llu waits %llu gap %lld us tb %llx gone "
	       "%.3f s wall %lld.%09lld\n",
	       what, (unsigned long long)shared->faults, (unsigned long long)pages,
	       (unsigned long long)looks, (unsigned long long)ticks, (unsigned long long)waits,
	       (long long)((double)gap / (double)frequency * 1e6), (unsigned long long)timebase(),
	       (double)(timebase() - since) / (double)frequency, (long long)(wall / NS_PER_S),
	       (long long)(wall % NS_PER_S));
	fflush(stdout);
}

/* Of /proc/cpuinfo; 0 when it does not say. */
static uint64_t timebase_frequency(void)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	unsigned long long v = 0;
	char line[200];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "timebase : %llu", &v) == 1)
			break;
	if (f)
		fclose(f);
	return v;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = end };
	unsigned ncpus = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	pid_t pid[CPUS_MAX];
	uint64_t since;

	frequency = timebase_frequency();
	if (argc != 5 || !ncpus || ncpus > CPUS_MAX || !frequency) {
		fprintf(stderr, "steady CPUS MIB RATE MICROSECONDS\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 2;
	for (unsigned i = 0; i < ncpus; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			work(i, strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0) * 1000000,
			     (int64_t)strtoull(argv[4], NULL, 0) * 1000);
			_exit(1);
		}
	}
	sigaction(SIGTERM, &sa, NULL);
	since = timebase();
	for (unsigned n = 1; !ended; n++) {
		sleep(1);
		say("STEADY", ncpus, since);
	}
	for (unsigned i = 0; i < ncpus; i++)
		if (waitpid(pid[i], NULL, WNOHANG))
			fault(i, "its process has ended");
		else
			kill(pid[i], SIGKILL);
	say("END", ncpus, since);
	return shared->faults ? 1 : 0;
}
