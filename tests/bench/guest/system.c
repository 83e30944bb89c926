/* What the kernel does for a program: calls, switches, processes, mappings, signals, files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

static long checked(long value, const char *what)
{
	if (value < 0)
		bench_wrong("%s: %s", what, strerror(errno));
	return value;
}

/* The least that a system call can do. */
static uint64_t syscalls(void)
{
	long parent = getppid();

	for (int i = 0; i < 10000; i++)
		if (syscall(SYS_getppid) != parent)
			bench_wrong("getppid gave another parent");
	return 1;
}

/* 4 KiB from /dev/zero, and to and from a file: calls that carry data. */
static int zero_fd, file_fd;

static void files_setup(void)
{
	char name[] = "/tmp/benchXXXXXX";

	zero_fd = (int)checked(open("/dev/zero", O_RDONLY), "/dev/zero");
	file_fd = (int)checked(mkstemp(name), name);
	unlink(name);
}

static uint64_t files(void)
{
	static char page[4096];
	uint64_t sum = 0;

	for (int i = 0; i < 400; i++) {
		memset(page, i, sizeof(page));
		if (read(zero_fd, page + 1, 4000) != 4000 || page[0] != (char)i || page[4000])
			bench_wrong("/dev/zero did not give zeroes");
		if (pwrite(file_fd, page, 4096, (i & 63) * 4096L) != 4096 ||
		    pread(file_fd, page, 4096, (i & 63) * 4096L) != 4096 || page[4095] != (char)i)
			bench_wrong("the file does not hold what was written: %s", strerror(errno));
		sum += (uint8_t)page[0];
	}
	return sum;
}

/* Both processes of a kernel on one CPU, or there would be no switch between them. */
static void one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	checked(sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

/* A byte to a child and back: two switches. */
static int to_child[2], to_parent[2];

static void child_of(void (*work)(void))
{
	one_cpu();
	checked(pipe(to_child), "pipe");
	checked(pipe(to_parent), "pipe");
	if (checked(fork(), "fork"))
		return;
	/* Without the other ends open here, reading ends when the parent does. */
	close(to_child[1]);
	close(to_parent[0]);
	work();
	_exit(0);
}

static void answer(void)
{
	uint8_t b;

	while (read(to_child[0], &b, 1) == 1) {
		b = (uint8_t)(b * 5 + 1);
		if (write(to_parent[1], &b, 1) != 1)
			return;
	}
}

static void pipe_setup(void)
{
	child_of(answer);
}

static uint64_t pipes(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < 400; i++) {
		uint8_t b = (uint8_t)i, back;

		if (write(to_child[1], &b, 1) != 1 || read(to_parent[0], &back, 1) != 1)
			bench_wrong("the child does not answer");
		if (back != (uint8_t)(b * 5 + 1))
			bench_wrong("%d came back as %d", b, back);
		sum += back;
	}
	return sum;
}

/* Two processes that yield to each other. */
#define YIELDS 600

static void yields(void)
{
	for (int i = 0; i < YIELDS; i++)
		sched_yield();
}

static void yield_back(void)
{
	uint8_t b;

	while (read(to_child[0], &b, 1) == 1) {
		yields();
		if (write(to_parent[1], &b, 1) != 1)
			return;
	}
}

static void yield_setup(void)
{
	child_of(yield_back);
}

static uint64_t yield(void)
{
	uint8_t b = 7;

	checked(write(to_child[1], &b, 1), "write");
	yields();
	b = 0;
	if (read(to_parent[0], &b, 1) != 1 || b != 7)
		bench_wrong("the child did not end its part");
	return YIELDS;
}

/* A child that ends at once; and one that becomes another program first. */
static void reap(pid_t pid, int want)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != want)
		bench_wrong("the child ended otherwise than with status %d", want);
}

static uint64_t forks(void)
{
	for (int i = 0; i < 6; i++) {
		pid_t pid = (pid_t)checked(fork(), "fork");

		if (!pid)
			_exit(i + 1);
		reap(pid, i + 1);
	}
	return 6;
}

static uint64_t execs(void)
{
	for (int i = 0; i < 3; i++) {
		pid_t pid = (pid_t)checked(fork(), "fork");

		if (!pid) {
			execl("/proc/self/exe", "kernels", "--status", (char *)NULL);
			_exit(1);
		}
		reap(pid, 42);
	}
	return 3;
}

/* Mappings made, touched, protected, taken away. */
static uint64_t maps(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = 16;

	for (int i = 0; i < 8; i++) {
		uint8_t *p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			bench_wrong("mmap: %s", strerror(errno));
		for (size_t at = 0; at < pages; at++) {
			if (p[at * page + 5])
				bench_wrong("a new page is not zero");
			p[at * page + 5] = (uint8_t)at;
		}
		checked(mprotect(p, pages / 2 * page, PROT_READ), "mprotect");
		checked(madvise(p + pages / 2 * page, pages / 2 * page, MADV_DONTNEED), "madvise");
		for (size_t at = 0; at < pages; at++)
			if (p[at * page + 5] != (at < pages / 2 ? at : 0))
				bench_wrong("page %zu holds %d", at, p[at * page + 5]);
		checked(munmap(p, pages * page), "munmap");
	}
	return 8;
}

/* Signals sent to oneself, and those of an access that is not allowed. */
static volatile sig_atomic_t caught;
static uint8_t *volatile barred;
static size_t barred_size;

static void on_signal(int n)
{
	caught += n;
	if (n == SIGSEGV)
		mprotect(barred, barred_size, PROT_READ | PROT_WRITE);
}

static void signals_setup(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	checked(sigaction(SIGUSR1, &act, NULL), "sigaction");
	checked(sigaction(SIGSEGV, &act, NULL), "sigaction");
	barred_size = (size_t)sysconf(_SC_PAGESIZE);
	barred = mmap(NULL, barred_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (barred == MAP_FAILED)
		bench_wrong("mmap: %s", strerror(errno));
}

static uint64_t signals(void)
{
	caught = 0;
	for (int i = 0; i < 300; i++)
		checked(kill(getpid(), SIGUSR1), "kill");
	for (int i = 0; i < 60; i++) {
		checked(mprotect(barred, barred_size, PROT_READ), "mprotect");
		barred[i] = (uint8_t)i;
	}
	if (caught != 300 * SIGUSR1 + 60 * SIGSEGV)
		bench_wrong("the handlers have seen %d", (int)caught);
	return (uint64_t)caught;
}

const BenchKernel bench_system[] = {
	{ "getppid", syscalls, NULL }, { "files", files, files_setup },
	{ "pipe", pipes, pipe_setup }, { "yield", yield, yield_setup },
	{ "fork", forks, NULL },       { "exec", execs, NULL },
	{ "mmap", maps, NULL },	       { "signals", signals, signals_setup },
	{ NULL, NULL, NULL },
};
