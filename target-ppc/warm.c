/*
 * Hints of where hot code is, that a saved or moved machine takes along: real address and mode of blocks that were
 * units, hottest first.  A block whose place is in them is hot at its first run.
 *
 * They are hints and nothing else.  Whatever is in them, a wrong one has a block translated that need not
 * have been; what is not an address of RAM never becomes a block.  The interpreter alone passes on
 * what it was given.
 */
#include "target-ppc/warm.h"
#include "target-ppc/unit.h"

/* On the wire: u64 real address, u32 mode, big-endian. */
enum { ENTRY = 12, HINTS_MAX = PPC_HINTS_BYTES / ENTRY, SLOTS = 16384, HEATS = 1 << 16 };

_Static_assert(SLOTS >= 2 * HINTS_MAX, "searches end soon");

/* A set: keys are never 0. */
struct PpcWarm {
	uint64_t key[SLOTS];
};

static uint64_t key_of(uint64_t pa, uint32_t mode)
{
	/* pa has two bits to spare and real addresses are far below 2^58. */
	return (pa << 4 ^ (uint64_t)mode * UINT64_C(0x9e3779b97f4a7c15)) | 1;
}

static uint64_t *slot_of(PpcWarm *w, uint64_t key)
{
	unsigned i = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 50;

	while (w->key[i] && w->key[i] != key)
		i = (i + 1) % SLOTS;
	return &w->key[i];
}

bool ppc_warm_has(PpcWarm *w, uint64_t pa, uint32_t mode)
{
	return *slot_of(w, key_of(pa, mode)) != 0;
}

void ppc_warm_load(PpcCpu *cpu)
{
	PpcBlockCache *c = cpu->blocks;

	g_clear_pointer(&c->warm, g_free);
	if (!cpu->units || !cpu->hints || cpu->hints_len > PPC_HINTS_BYTES)
		return;
	c->warm = g_new0(PpcWarm, 1);
	for (uint32_t at = 0; at + ENTRY <= cpu->hints_len; at += ENTRY) {
		uint64_t key = key_of(ld64_be(cpu->hints + at), ld32_be(cpu->hints + at + 8));

		*slot_of(c->warm, key) = key;
	}
}

void ppc_warm_free(PpcCpu *cpu)
{
	g_free(cpu->blocks->warm);
	cpu->blocks->warm = NULL;
}

/* ---------------------------------------------------------------- saving */

typedef void EachFn(void *to, const PpcBlock *b);

static void each_unit(const PpcCpu *cpu, EachFn *fn, void *to)
{
	for (unsigned i = 0; i < 1u << cpu->blocks->bits; i++)
		for (const PpcBlock *b = cpu->blocks->hash[i]; b; b = b->hash_next)
			if (b->unit)
				fn(to, b);
}

/* What has been collected. */
typedef struct Hot {
	const PpcBlock *b[HINTS_MAX];
	unsigned n;
	uint32_t least; /* heat from which on all have room */
	unsigned rest;	/* of those that are one below it */
	unsigned heats[HEATS];
} Hot;

static void count(void *to, const PpcBlock *b)
{
	((Hot *)to)->heats[b->runs]++;
}

static void take(void *to, const PpcBlock *b)
{
	Hot *h = to;

	if (b->runs >= h->least || (b->runs + 1u == h->least && h->rest && h->rest--))
		h->b[h->n++] = b;
}

static int hotter(const void *a, const void *b)
{
	const PpcBlock *x = *(const PpcBlock *const *)a, *y = *(const PpcBlock *const *)b;

	if (x->runs != y->runs)
		return y->runs - x->runs;
	return x->pa < y->pa ? -1 : x->pa > y->pa;
}

/* The hottest, without sorting all. */
static Hot *hottest(const PpcCpu *cpu)
{
	Hot *h = g_new0(Hot, 1);
	unsigned n = 0;

	each_unit(cpu, count, h);
	h->least = HEATS;
	while (h->least && n + h->heats[h->least - 1] <= HINTS_MAX)
		n += h->heats[--h->least];
	h->rest = HINTS_MAX - n;
	each_unit(cpu, take, h);
	qsort(h->b, h->n, sizeof(h->b[0]), hotter);
	return h;
}

static bool is_unit(const PpcCpu *cpu, uint64_t pa, uint32_t mode)
{
	const PpcBlock *b = ppc_block_peek(cpu, pa, mode);

	return b && b->unit;
}

/* Behind them, while there is room, what was hinted and has not become a unit yet. */
static void add_old(const PpcCpu *cpu, GByteArray *out)
{
	for (uint32_t at = 0; at + ENTRY <= cpu->hints_len && out->len + ENTRY <= PPC_HINTS_BYTES;
	     at += ENTRY)
		if (!is_unit(cpu, ld64_be(cpu->hints + at), ld32_be(cpu->hints + at + 8)))
			g_byte_array_append(out, cpu->hints + at, ENTRY);
}

void ppc_warm_save(PpcCpu *cpu)
{
	g_autofree Hot *h = NULL;
	GByteArray *out;

	if (!cpu->units)
		return;
	h = hottest(cpu);
	out = g_byte_array_sized_new(h->n * ENTRY);
	for (unsigned i = 0; i < h->n; i++) {
		uint8_t e[ENTRY];

		st64_be(e, h->b[i]->pa);
		st32_be(e + 8, h->b[i]->mode);
		g_byte_array_append(out, e, ENTRY);
	}
	if (cpu->hints)
		add_old(cpu, out);
	g_free(cpu->hints);
	cpu->hints_len = out->len;
	cpu->hints = g_byte_array_free(out, FALSE);
}
