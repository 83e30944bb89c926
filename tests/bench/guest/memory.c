/* Loads and stores: latency, copies, strides, structures that hang together by pointers. */
#include <stdlib.h>
#include <string.h>
#include "bench.h"

/*
 * One cycle through lines of 128 bytes in random order (Sattolo's shuffle).  Every turn goes
 * round once or several times and so ends where it began.
 */
typedef struct Line Line;
struct Line {
	Line *next;
	uint64_t id;
	uint8_t rest[112];
};
static Line *lines;
static size_t line_count;

static void chase_setup(size_t bytes)
{
	uint64_t state = 11;
	uint32_t *order;

	line_count = bytes / sizeof(*lines);
	lines = bench_alloc(bytes);
	order = bench_alloc(line_count * sizeof(*order));
	for (size_t i = 0; i < line_count; i++)
		order[i] = (uint32_t)i;
	for (size_t i = line_count - 1; i; i--) {
		size_t j = bench_random(&state) % i;
		uint32_t t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
	for (size_t i = 0; i < line_count; i++) {
		lines[order[i]].next = &lines[order[(i + 1) % line_count]];
		lines[order[i]].id = order[i];
	}
	free(order);
}

static void chase_l1_setup(void)
{
	chase_setup(16 << 10);
}
static void chase_l2_setup(void)
{
	chase_setup(512 << 10);
}
static void chase_big_setup(void)
{
	chase_setup(32 << 20);
}

static uint64_t chase(void)
{
	size_t steps = 524288 / line_count * line_count, n;
	uint64_t sum = 0;
	const Line *at = lines;

	for (n = 0; n < steps; n++) {
		sum += at->id;
		at = at->next;
	}
	if (at != lines || sum != steps * (line_count - 1) / 2)
		bench_wrong("the walk did not come round");
	return sum;
}

/* libc's copies of every small size and alignment, as parsers and formatters do them. */
#define SMALL 8192
static uint8_t *from, *to;

static void small_setup(void)
{
	from = bench_alloc(SMALL);
	to = bench_alloc(SMALL);
	bench_fill(from, SMALL, 12);
}

static uint64_t copy_small(void)
{
	uint64_t state = 13;

	memset(to, 0, SMALL);
	for (int i = 0; i < 20000; i++) {
		uint64_t v = bench_random(&state);
		size_t n = v & 255, a = v >> 8 & 4095, b = v >> 32 & 4095;

		if (v >> 63)
			memset(to + b, (int)(v >> 20), n);
		else
			memcpy(to + b, from + a, n);
		if (n && !(v >> 63) && (to[b] != from[a] || to[b + n - 1] != from[a + n - 1]))
			bench_wrong("%zu bytes from %zu to %zu differ", n, a, b);
	}
	return bench_sum(0, to, SMALL);
}

/* Large copies, moves that overlap, and fills. */
#define LARGE (1 << 20)

static void large_setup(void)
{
	from = bench_alloc(LARGE);
	to = bench_alloc(LARGE + 64);
	bench_fill(from, LARGE, 14);
}

static uint64_t copy_large(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < 16; i++) {
		memcpy(to + i, from, LARGE);
		memmove(to + 40, to + i, LARGE / 2);
		bench_touch(to);
		sum = bench_sum(sum, to + 4096 * i, 64);
	}
	if (memcmp(to + 15 + LARGE - 4096, from + LARGE - 4096, 4096))
		bench_wrong("the end of the copy differs");
	return sum;
}

static uint64_t fill(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < 24; i++) {
		memset(to + i, (int)(i * 37 + 1), LARGE);
		bench_touch(to);
		sum = bench_sum(sum, to + LARGE - 64 + i, 64);
		if (to[i] != to[i + LARGE - 1] || to[i + LARGE / 2] != (uint8_t)(i * 37 + 1))
			bench_wrong("fill %u differs", i);
	}
	return sum;
}

/* A matrix turned over: one side goes with the lines, the other across them. */
#define SIDE 512
static uint32_t (*upright)[SIDE], (*lying)[SIDE];

static void stride_setup(void)
{
	upright = bench_alloc(sizeof(*upright) * SIDE);
	lying = bench_alloc(sizeof(*lying) * SIDE);
	bench_fill(upright, sizeof(*upright) * SIDE, 15);
}

static uint64_t stride(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++)
			lying[j][i] = upright[i][j] + (uint32_t)j;
	for (int i = 0; i < SIDE; i++) {
		if (lying[i][SIDE - 1 - i] != upright[SIDE - 1 - i][i] + (uint32_t)i)
			bench_wrong("row %d differs", i);
		sum = sum * 31 + lying[i][i * 7 % SIDE];
	}
	return sum;
}

/* A binary search tree: nodes taken from a pool, put in, looked up, added up, taken out. */
#define NODES 4000
typedef struct Node {
	struct Node *child[2];
	uint64_t key;
	uint32_t count, depth;
} Node;
static Node *pool;

static void tree_setup(void)
{
	pool = bench_alloc(NODES * sizeof(*pool));
}

static uint64_t tree_total(const Node *n)
{
	return n ? n->key * n->count + tree_total(n->child[0]) + tree_total(n->child[1]) : 0;
}

static uint64_t tree(void)
{
	uint64_t state = 16, total = 0, found = 0;
	Node *root = NULL, **at;

	for (unsigned i = 0; i < NODES; i++) {
		uint64_t key = bench_random(&state) >> 20;
		unsigned depth = 0;

		for (at = &root; *at && (*at)->key != key; depth++)
			at = &(*at)->child[key > (*at)->key];
		if (!*at) {
			pool[i] = (Node){ { NULL, NULL }, key, 0, depth };
			*at = &pool[i];
		}
		(*at)->count++;
		total += key;
	}
	if (tree_total(root) != total)
		bench_wrong("the tree's total is not what was put in");
	state = 16;
	for (unsigned i = 0; i < 2 * NODES; i++) {
		uint64_t key = bench_random(&state) >> 20;
		const Node *n = root;

		while (n && n->key != key)
			n = n->child[key > n->key];
		found += n ? n->depth + 1 : 0;
	}
	return total ^ found << 32;
}

/* Random places of a table too large for a cache, changed twice: the second undoes the first. */
#define TABLE (16 << 20)
static uint64_t *table;

static void update_setup(void)
{
	table = bench_alloc(TABLE);
	bench_fill(table, TABLE, 17);
}

static uint64_t update(void)
{
	uint64_t sum = 0, back = 0, x;

	for (int pass = 0; pass < 2; pass++) {
		x = 18;
		for (int i = 0; i < 120000; i++) {
			uint64_t *p;

			x = x * 6364136223846793005u + 1442695040888963407u;
			p = &table[x >> 32 & (TABLE / 8 - 1)];
			*p ^= x;
			if (pass)
				back += *p;
			else
				sum += *p;
		}
	}
	for (int i = 0; i < 64; i++)
		sum = bench_sum(sum, &table[i * (TABLE / 8 / 64)], 8);
	return sum ^ back << 1;
}

/* Bytes and halfwords: pixels turned round, samples mixed with saturation, words byte-reversed. */
#define PIXELS 60000
static uint8_t *pixels;
static int16_t *samples;

static void bytes_setup(void)
{
	pixels = bench_alloc(PIXELS * 3);
	samples = bench_alloc(PIXELS * sizeof(*samples));
}

static uint64_t bytes(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < PIXELS * 3; i++)
		pixels[i] = (uint8_t)(i * 7 + (i >> 8));
	for (int i = 0; i < PIXELS; i++) {
		uint8_t *p = pixels + 3 * i, t = p[0];
		int s = (int16_t)(p[1] << 8 | p[2]) + (i & 1 ? 9000 : -9000);

		p[0] = p[2];
		p[2] = t;
		samples[i] = (int16_t)(s > 32767 ? 32767 : s < -32768 ? -32768 : s);
	}
	for (int i = 0; i < PIXELS; i += 2) {
		uint32_t w;

		memcpy(&w, &samples[i], 4);
		sum += __builtin_bswap32(w);
	}
	if (pixels[0] != 14 || pixels[2] != 0)
		bench_wrong("the first pixel is %d, %d", pixels[0], pixels[2]);
	return bench_sum(sum, pixels, 4096);
}

const BenchKernel bench_memory[] = {
	{ "chase-l1", chase, chase_l1_setup },
	{ "chase-l2", chase, chase_l2_setup },
	{ "chase-big", chase, chase_big_setup },
	{ "copy-small", copy_small, small_setup },
	{ "copy-large", copy_large, large_setup },
	{ "fill", fill, large_setup },
	{ "stride", stride, stride_setup },
	{ "tree", tree, tree_setup },
	{ "update", update, update_setup },
	{ "bytes", bytes, bytes_setup },
	{ NULL, NULL, NULL },
};
