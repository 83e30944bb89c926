/*
 * The driver of every fuzz target: fuzz_NAME.c gives LLVMFuzzerTestOneInput(),
 * as libFuzzer wants it, so a target can also be linked with that.  This one
 * needs no special compiler: it runs the given files, then mutations of them
 * and random bytes, from a seed, for some seconds.
 *
 *   fuzz_NAME [-s SECONDS] [-r SEED] [-n RUNS] [-l LAST] [FILE...]
 *
 * Each input is first written to LAST (a shared mapping, so it outlives a
 * crash); `fuzz_NAME -n 0 LAST` runs it again.  An input that takes longer than
 * TIME_LIMIT seconds is a failure too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <glib.h>

#define INPUT_MAX 16384u
#define TIME_LIMIT 20u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Fuzz {
	uint64_t rng;
	GPtrArray *corpus; /* GBytes * */
	uint8_t *last;	   /* the input under way: a length and the bytes, or NULL */
	int last_fd;
	uint8_t buf[INPUT_MAX];
} Fuzz;

/* xorshift64*, Marsaglia and Vigna: small, and the same everywhere. */
static uint64_t rnd(Fuzz *f)
{
	f->rng ^= f->rng >> 12;
	f->rng ^= f->rng << 25;
	f->rng ^= f->rng >> 27;
	return f->rng * UINT64_C(2685821657736338717);
}

static size_t below(Fuzz *f, size_t n)
{
	return n ? rnd(f) % n : 0;
}

static void run(Fuzz *f, const uint8_t *data, size_t size)
{
	if (f->last) {
		memcpy(f->last, data, size);
		if (ftruncate(f->last_fd, (off_t)size) < 0)
			perror("ftruncate");
	}
	/* An allocation of the exact size lets ASan see the first byte past it. */
	uint8_t *exact = g_memdup2(data, size);

	alarm(TIME_LIMIT);
	LLVMFuzzerTestOneInput(exact, size);
	alarm(0);
	g_free(exact);
	if (f->last && ftruncate(f->last_fd, INPUT_MAX) < 0)
		perror("ftruncate");
}

static void too_long(int sig)
{
	static const char text[] = "driver: this input takes too long\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAILURE);
	abort();
}

static size_t mutate_once(Fuzz *f, size_t n)
{
	static const uint32_t edges[] = { 0,	  1,	  0x7f,	      0x80,	  0xff,
					  0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
	size_t at = below(f, n), len;

	switch (below(f, 7)) {
	case 0: f->buf[at] ^= (uint8_t)(1u << below(f, 8)); break;
	case 1: f->buf[at] = (uint8_t)rnd(f); break;
	case 2: /* an interesting number, either byte order */
		if (n - at >= 4) {
			uint32_t v = edges[below(f, G_N_ELEMENTS(edges))];

			v = rnd(f) & 1 ? v : GUINT32_SWAP_LE_BE(v);
			memcpy(f->buf + at, &v, 4);
		}
		break;
	case 3: /* cut */ return at ? at : n;
	case 4: /* copy a piece elsewhere */
		len = below(f, n - at) + 1;
		at = below(f, n - len + 1);
		memmove(f->buf + below(f, n - len + 1), f->buf + at, len);
		break;
	case 5: /* grow */
		len = below(f, MIN(64, INPUT_MAX - n) + 1);
		for (size_t i = 0; i < len; i++)
			f->buf[n + i] = (uint8_t)rnd(f);
		return n + len;
	default: /* count up or down */
		f->buf[at] = (uint8_t)(f->buf[at] + (rnd(f) & 1 ? 1 : -1));
		break;
	}
	return n;
}

static void one(Fuzz *f)
{
	size_t n;

	if (f->corpus->len && below(f, 4)) {
		GBytes *seed = f->corpus->pdata[below(f, f->corpus->len)];
		gsize len;
		const void *p = g_bytes_get_data(seed, &len);

		n = MIN(len, INPUT_MAX);
		memcpy(f->buf, p, n);
	} else {
		n = 1 + below(f, (size_t[]){ 256, 256, 2048, INPUT_MAX }[rnd(f) & 3]);
		for (size_t i = 0; i < n; i++)
			f->buf[i] = (uint8_t)(rnd(f) >> 32);
	}
	/* The end of another one. */
	if (f->corpus->len && !below(f, 8)) {
		GBytes *other = f->corpus->pdata[below(f, f->corpus->len)];
		gsize len;
		const uint8_t *p = g_bytes_get_data(other, &len);
		size_t from = below(f, len), to = below(f, n);

		len = MIN(len - from, INPUT_MAX - to);
		memcpy(f->buf + to, p + from, len);
		n = to + len;
	}
	for (size_t i = 1 + below(f, 8); n && i; i--)
		n = mutate_once(f, n);
	run(f, f->buf, n);
}

static bool map_last(Fuzz *f, const char *path)
{
	f->last_fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (f->last_fd < 0 || ftruncate(f->last_fd, INPUT_MAX) < 0)
		return false;
	f->last = mmap(NULL, INPUT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, f->last_fd, 0);
	return f->last != MAP_FAILED;
}

static void add_file(Fuzz *f, const char *path)
{
	gchar *data;
	gsize len;
	GError *err = NULL;

	if (!g_file_get_contents(path, &data, &len, &err)) {
		fprintf(stderr, "%s\n", err->message);
		exit(EXIT_FAILURE);
	}
	g_ptr_array_add(f->corpus, g_bytes_new_take(data, MIN(len, INPUT_MAX)));
}

int main(int argc, char **argv)
{
	Fuzz *f = g_new0(Fuzz, 1);
	uint64_t runs = UINT64_MAX, done = 0;
	time_t end;
	int seconds = 10, opt;

	signal(SIGALRM, too_long);
	f->rng = 1;
	f->corpus = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	while ((opt = getopt(argc, argv, "s:r:n:l:")) != -1) {
		if (opt == 's')
			seconds = atoi(optarg);
		else if (opt == 'r')
			f->rng = strtoull(optarg, NULL, 0) | 1;
		else if (opt == 'n')
			runs = strtoull(optarg, NULL, 0);
		else if (opt != 'l' || !map_last(f, optarg)) {
			fprintf(stderr,
				"usage: %s [-s SECONDS] [-r SEED] [-n RUNS] [-l LAST] [FILE...]\n",
				argv[0]);
			return EXIT_FAILURE;
		}
	}
	for (int i = optind; i < argc; i++)
		add_file(f, argv[i]);
	for (guint i = 0; i < f->corpus->len; i++) {
		gsize len;
		const void *p = g_bytes_get_data(f->corpus->pdata[i], &len);

		run(f, p, len);
	}
	end = time(NULL) + seconds;
	while (done < runs && ((done & 63) || time(NULL) < end)) {
		one(f);
		done++;
	}
	printf("%s: %" G_GUINT64_FORMAT " inputs, %u from files\n", argv[0], done + f->corpus->len,
	       f->corpus->len);
	g_ptr_array_unref(f->corpus);
	g_free(f);
	return EXIT_SUCCESS;
}
