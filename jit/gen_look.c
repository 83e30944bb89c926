/*
 * Which way accesses of a loop look up where they are in the host's memory (gen_tlb.c): from how their
 * addresses change from turn to turn.
 */
#include "jit/gen_tlb.h"
#include "jit/ir_int.h"

enum {
	LOOKS_MAX = 40, /* accesses of a loop with words of their own */
	WORDS = 3,
	DEPTH = 6,
	/* From here on a page is met so few times that it is not worth remembering. */
	WIDE_STEP = 1024,
	/* What is reached from one base stays in the same pages. */
	NARROW = 16384,
};

static const IrIns *strip(const Gen *g, IrRef r)
{
	const IrIns *i = &g->ir->ins[r];
	uint64_t k;

	while (i->op == IR_ADD && (gen_is_k(g, i->b, &k) || gen_is_k(g, i->a, &k)))
		i = &g->ir->ins[gen_is_k(g, i->b, &k) ? i->a : i->b];
	return i;
}

/* Does an address come out of memory as it is? */
static bool follows_pointer(const Gen *g, IrRef r, unsigned depth)
{
	const IrIns *i = strip(g, r);

	if (!depth)
		return false;
	if (i->op == IR_PHI)
		i = strip(g, i->b);
	switch (i->op) {
	case IR_LD:
	case IR_LDP: return (i->imm & IR_MEM_SIZE) >= IR_MEM_4;
	case IR_ADD:
		return follows_pointer(g, i->a, depth - 1) || follows_pointer(g, i->b, depth - 1);
	case IR_SEL:
		return follows_pointer(g, i->c, depth - 1) || follows_pointer(g, i->d, depth - 1);
	default: return false;
	}
}

/* A PHI's distance from one turn to the next; NARROW: not a constant. */
static uint64_t phi_step(const Gen *g, IrRef phi)
{
	const IrIns *i = &g->ir->ins[g->ir->ins[phi].b];
	uint64_t sum = 0, k;

	for (unsigned n = 0; n < DEPTH && i->op == IR_ADD && gen_is_k(g, i->b, &k); n++) {
		sum += k;
		i = &g->ir->ins[i->a];
	}
	if (i != &g->ir->ins[phi])
		return i->op == IR_ADD ? 0 : NARROW;
	return (int64_t)sum < 0 ? -sum : sum;
}

/* How far an address goes in one turn, about. */
static uint64_t step(const Gen *g, IrRef r, unsigned depth)
{
	const IrIns *i = &g->ir->ins[r];
	uint64_t k, s;

	if (r < g->ir->loop || i->op == IR_K)
		return 0;
	if (!depth)
		return NARROW;
	switch (i->op) {
	case IR_PHI: return phi_step(g, r);
	case IR_SUB:
	case IR_ADD: return step(g, i->a, depth - 1) + step(g, i->b, depth - 1);
	case IR_ZX32:
	case IR_SX32: return step(g, i->a, depth - 1);
	case IR_SHL:
		s = step(g, i->a, depth - 1);
		if (s < NARROW && gen_is_k(g, i->b, &k) && k < 16)
			return s << k;
		break;
	default: break;
	}
	return g->ir->ones[r] < NARROW ? 0 : NARROW;
}

static unsigned look_of(const Gen *g, unsigned at)
{
	IrRef ea = g->ir->ins[at].a;

	if (follows_pointer(g, ea, 3))
		return LOOK_GUESS;
	return step(g, ea, DEPTH) < WIDE_STEP ? LOOK_PAGE : LOOK_TABLE;
}

static bool is_store(const Gen *g, unsigned at)
{
	const IrIns *i = &g->ir->ins[at];

	return i->op == IR_PTR ? i->imm & IR_PTR_STORE : ir_ops[i->op].result == '-';
}

static unsigned bytes_of(const Gen *g, unsigned at)
{
	const IrIns *i = &g->ir->ins[at];

	return i->op == IR_PTR ? ir_ptr_bytes(i->imm) : ir_mem_bytes(i->imm);
}

static bool asks(const Gen *g, unsigned at)
{
	return gen_is_mem(g->ir->ins[at].op) || g->ir->ins[at].op == IR_PTR;
}

/* Loads (stores) from number `from` to `to`; the first max in at. */
static unsigned list(const Gen *g, bool store, unsigned from, unsigned to, uint16_t *at)
{
	unsigned n = 0;

	for (unsigned i = from; i < to; i++) {
		if (!asks(g, i) || is_store(g, i) != store)
			continue;
		if (n < LOOKS_MAX)
			at[n] = (uint16_t)i;
		n++;
	}
	return MIN(n, LOOKS_MAX);
}

static uint16_t new_words(Gen *g)
{
	unsigned first = alloc_spill_word(g, false);

	/* Nothing else has words yet: they are one after the other. */
	for (unsigned n = 1; n < WORDS; n++)
		alloc_spill_word(g, false);
	return (uint16_t)first;
}

/* What page an access of the loop will find remembered: that of its like before the loop, if that is known. */
static void remembers(Gen *g, unsigned at, unsigned like)
{
	GenLook *l = &g->look[at], *seed = &g->look[like];

	l->bytes = (uint16_t)bytes_of(g, at);
	if (like && seed->kind == LOOK_SEED && seed->bytes == l->bytes) {
		l->word = seed->word;
		return;
	}
	l->word = new_words(g);
	if (like && seed->kind == LOOK_TABLE) {
		*seed = *l;
		seed->kind = LOOK_SEED;
	} else {
		g->empty[g->nempty++] = l->word;
	}
}

/* What is called may change what addresses mean. */
static bool calls(const Gen *g)
{
	for (unsigned i = g->ir->loop; i < g->ir->n; i++)
		if (g->ir->ins[i].op == IR_CALL || g->ir->ins[i].op == IR_EXEC)
			return true;
	return false;
}

void gen_look(Gen *g)
{
	uint16_t before[LOOKS_MAX], in[LOOKS_MAX];
	unsigned loop = g->ir->loop;

	_Static_assert(ARRAY_LEN(g->empty) >= 2 * LOOKS_MAX, "loads and stores");
	memset(g->look, 0, sizeof(g->look[0]) * g->ir->n);
	g->nempty = 0;
	if (!loop || calls(g))
		return;
	for (unsigned store = 0; store < 2; store++) {
		unsigned nb = list(g, store, 1, loop, before);
		unsigned n = list(g, store, loop, g->ir->n, in);
		/* The same instructions, once or several times? */
		bool alike = nb && n % nb == 0;

		for (unsigned i = 0; i < n; i++) {
			GenLook *l = &g->look[in[i]];

			l->kind = (uint8_t)look_of(g, in[i]);
			if (l->kind == LOOK_PAGE)
				remembers(g, in[i], alike ? before[i % nb] : 0);
			else if (l->kind == LOOK_GUESS)
				l->word = new_words(g);
		}
	}
}
