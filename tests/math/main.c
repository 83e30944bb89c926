/*
 * The commands, one a line; numbers are hexadecimal.  An answer ends in a line
 * that begins with "=" (or "!": what was wrong); details come before it, each on
 * a line that begins with "-".
 *
 *   list                            what there is: "- sweep NAME CONSTANTS", "- group NAME OP..."
 *   sweep NAME MODE FIRST COUNT [TIMES STRIDE]
 *                                   "= HASH"; TIMES ranges of COUNT, STRIDE apart
 *   inputs NAME MODE FIRST COUNT    each input of a sweep and what it gives
 *   group NAME MODE FIRST COUNT     "= OP HASH OP HASH ..."
 *   operands NAME OP MODE FIRST COUNT  each operand of a group and what it gives
 *   quit
 *
 * MODE is FPSCR[RN]; FIRST and COUNT are multiples of SWEEP_STEP or CHUNK.
 */
#include "rig.h"
#include <fenv.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

unsigned mode_number;
#if defined(__powerpc__)
double mode_word;
#else
#include <xmmintrin.h>
#endif

static const Op *const tables[] = {
#if defined(WITNESS)
	ops_mpfr,
#else
	ops_c,
	ops_vec,
	ops_libc,
	ops_trans,
#endif
};
#define NTABLES (sizeof(tables) / sizeof(tables[0]))

bool mode_set(unsigned mode)
{
	static const int of[] = { FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD };
	if (mode > 3 || fesetround(of[mode]))
		return false;
	feclearexcept(FE_ALL_EXCEPT);
	mode_number = mode;
#if defined(__powerpc__)
	__asm__ volatile("mffs %0" : "=d"(mode_word));
#else
	mode_csr = _mm_getcsr() & ~0x3fu;
#endif
	return true;
}

/* The bits of a result, all NaNs alike. */
static inline uint64_t plain(char type, const Results *out, int i)
{
	uint64_t v;
	if (type == 'd') {
		v = out->r.u[i];
		return v << 1 > UINT64_C(0xffe0000000000000) ? UINT64_C(0x7ff8000000000000) : v;
	}
	if (type == 's') {
		v = out->r.w[i];
		return (uint32_t)v << 1 > 0xff000000u ? 0x7fc00000 : v;
	}
	return out->r.u[i];
}

/* Inlined for each type, since it is most of what a guest does here. */
static inline uint64_t hash_as(char type, uint64_t h, const Results *out)
{
	for (int i = 0; i < CHUNK; i++)
		h = h * HASH_K64 + plain(type, out, i) + ((uint64_t)out->flags[i] << 58);
	return h;
}

static uint64_t hash_of(const Op *op, uint64_t h, const Results *out)
{
	switch (op->type) {
	case 'd': return hash_as('d', h, out);
	case 's': return hash_as('s', h, out);
	default: return hash_as('i', h, out);
	}
}

static void run(const Op *op, const Operands *in, Results *out)
{
	op->run(in, out);
#if !defined(__powerpc__) && !defined(WITNESS)
	fix_results(op, in, out);
#endif
}

enum { GROUP_MAX = 48 };

/* The rows of a group; their number. */
static size_t rows(const char *group, const Op *found[GROUP_MAX])
{
	size_t n = 0;
	for (size_t t = 0; t < NTABLES; t++)
		for (const Op *op = tables[t]; op->group; op++)
			if (strcmp(op->group, group) == 0 && n < GROUP_MAX)
				found[n++] = op;
	return n;
}

static bool group_hash(const char *group, uint64_t first, uint64_t count)
{
	const Op *op[GROUP_MAX];
	uint64_t hash[GROUP_MAX] = { 0 };
	size_t n = rows(group, op);
	Operands in;
	Results out;

	if (!n || count % CHUNK)
		return false;
	for (uint64_t at = first; at < first + count; at += CHUNK) {
		operands_make(group, at, &in);
		for (size_t k = 0; k < n; k++) {
			run(op[k], &in, &out);
			hash[k] = hash_of(op[k], hash[k], &out);
		}
	}
	printf("=");
	for (size_t k = 0; k < n; k++)
		printf(" %s %016" PRIx64, op[k]->name, hash[k] ^ hash[k] >> 32);
	printf("\n");
	return true;
}

static void show(const char *name, const Column *x, bool single, int i)
{
	if (single)
		printf(" %s=%08" PRIx32, name, x->w[i]);
	else
		printf(" %s=%016" PRIx64, name, x->u[i]);
}

static bool group_show(const char *group, const char *name, uint64_t first, uint64_t count)
{
	const Op *op[GROUP_MAX];
	size_t n = rows(group, op), k = 0;
	bool single = group_is_single(group);
	Operands in;
	Results out;

	while (k < n && strcmp(op[k]->name, name) != 0)
		k++;
	if (k == n || count % CHUNK)
		return false;
	for (uint64_t at = first; at < first + count; at += CHUNK) {
		operands_make(group, at, &in);
		run(op[k], &in, &out);
		for (int i = 0; i < CHUNK; i++) {
			printf("-");
			show("a", &in.a, single, i);
			show("b", &in.b, single, i);
			show("c", &in.c, single, i);
			printf(" r=%016" PRIx64 " flags=%02x\n", plain(op[k]->type, &out, i),
			       out.flags[i]);
		}
	}
	printf("= done\n");
	return true;
}

static void list(void)
{
	const char *last = "";
#if !defined(WITNESS) && defined(HAVE_SWEEPS)
	sweep_list();
#endif
	for (size_t t = 0; t < NTABLES; t++)
		for (const Op *op = tables[t]; op->group; op++) {
			const Op *of[GROUP_MAX];
			size_t n = rows(op->group, of);
			if (of[0] != op || strcmp(last, op->group) == 0)
				continue;
			printf("- group %s", op->group);
			for (size_t k = 0; k < n; k++)
				printf(" %s", of[k]->name);
			printf("\n");
		}
	printf("= done\n");
}

/* One line's command; false when it is none. */
static bool command(const char *line)
{
	char name[32], op[32];
	unsigned mode;
	uint64_t first, count;

	if (strcmp(line, "list\n") == 0) {
		list();
		return true;
	}
	if (sscanf(line, "group %31s %x %" SCNx64 " %" SCNx64, name, &mode, &first, &count) == 4)
		return mode_set(mode) && group_hash(name, first, count);
	if (sscanf(line, "operands %31s %31s %x %" SCNx64 " %" SCNx64, name, op, &mode, &first,
		   &count) == 5)
		return mode_set(mode) && group_show(name, op, first, count);
#if defined(HAVE_SWEEPS)
	uint64_t hash = 0, one, times = 1, stride = 0;
	if (sscanf(line, "sweep %31s %x %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64, name, &mode,
		   &first, &count, &times, &stride) >= 4) {
		for (uint64_t i = 0; i < times; i++) {
			if (!mode_set(mode) ||
			    !sweep_hash(name, (uint32_t)(first + i * stride), count, &one))
				return false;
			hash = hash * HASH_K64 + one;
		}
		printf("= %016" PRIx64 "\n", hash);
		return true;
	}
	if (sscanf(line, "inputs %31s %x %" SCNx64 " %" SCNx64, name, &mode, &first, &count) == 4) {
		if (!mode_set(mode) || !sweep_show(name, (uint32_t)first, (uint32_t)count))
			return false;
		printf("= done\n");
		return true;
	}
#endif
	return false;
}

int main(void)
{
	char line[200];

	printf("= ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n") != 0) {
		bool good = command(line);
		mode_set(0);
		if (!good)
			printf("! %s", line);
		fflush(stdout);
	}
	return 0;
}
