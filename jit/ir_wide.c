/*
 * One look at the TLB for several accesses.
 *
 * Loads (stores) whose addresses are one value plus constants make a group as long as they lie within GROUP_BYTES.  A PTR
 * before the first of them asks for the whole range; if that does not lie together in the host's memory, or is not to be had without a
 * question, the unit leaves there, and the interpreter goes on.  What may change what addresses mean, an EXEC or
 * a CALL, ends all groups.  Loads have groups of their own, for what is only loaded may be read-only; but what may be stored
 * to may be loaded as well, unless Ir.apart says otherwise.  So loads join the stores before them; and a group of loads becomes one of stores where
 * nothing that may leave lies between its first and the store: a page that is asked for is one that is changed.
 */
#include <string.h>
#include "jit/ir_int.h"

enum { GROUP_BYTES = 256, GROUPS_MAX = 200, OPEN_MAX = 24 };

typedef struct Group {
	IrRef base, first; /* the first access */
	IrRef ptr;	   /* PTR, once there is one */
	int lo, hi;	   /* bytes from base */
	unsigned count;
	bool store, high;
	bool left; /* something else that may leave has come since: stores do not join loads */
} Group;

typedef struct Wide {
	Ir *ir;
	Group group[GROUPS_MAX];
	unsigned n, open;   /* those from `open` on may still grow */
	uint8_t of[IR_MAX]; /* group + 1 of an access */
	IrRef moved[IR_MAX];
} Wide;

static bool is_access(unsigned op)
{
	return op >= IR_LD && op <= IR_STV;
}

/* An address as base plus distance. */
static IrRef base_of(const Ir *ir, IrRef ea, int *disp)
{
	const IrIns *i = &ir->ins[ea];
	uint64_t k;

	*disp = 0;
	if (i->op != IR_ADD || !ir_is_k(ir, i->b, &k) || k + 0x4000 >= 0x8000)
		return ea;
	*disp = (int)(int64_t)k;
	return i->a;
}

static Group *find(Wide *w, IrRef base, bool store, bool high, int lo, int hi)
{
	for (unsigned n = w->n; n-- > w->open;) {
		Group *g = &w->group[n];

		if (g->base != base || g->high != high || (store && !g->store && g->left) ||
		    (store != g->store && w->ir->apart) ||
		    MAX(g->hi, hi) - MIN(g->lo, lo) > GROUP_BYTES)
			continue;
		g->store |= store;
		return g;
	}
	return NULL;
}

/* Something that may leave, of group g or (NULL) none. */
static void may_leave(Wide *w, const Group *g)
{
	for (unsigned n = w->open; n < w->n; n++)
		w->group[n].left |= &w->group[n] != g;
}

static void see(Wide *w, IrRef at)
{
	const IrIns *i = &w->ir->ins[at];
	bool store = ir_ops[i->op].result == '-', high = i->imm & IR_MEM_HIGH;
	int lo, hi;
	IrRef base = base_of(w->ir, i->a, &lo);
	Group *g;

	hi = lo + (int)ir_mem_bytes(i->imm);
	g = find(w, base, store, high, lo, hi);
	if (!g) {
		if (w->n == GROUPS_MAX) {
			may_leave(w, NULL);
			return;
		}
		g = &w->group[w->n++];
		*g = (Group){
			.base = base, .first = at, .lo = lo, .hi = hi, .store = store, .high = high
		};
		if (w->n - w->open > OPEN_MAX)
			w->open++;
	}
	g->lo = MIN(g->lo, lo);
	g->hi = MAX(g->hi, hi);
	g->count++;
	may_leave(w, g);
	w->of[at] = (uint8_t)(g - w->group + 1);
}

static bool starts(const Wide *w, IrRef at)
{
	return w->of[at] && w->group[w->of[at] - 1].first == at &&
	       w->group[w->of[at] - 1].count > 1;
}

/* Every reference by its new number. */
static void renumber(Wide *w)
{
	Ir *ir = w->ir;

	for (IrRef r = 1; r < ir->n; r++) {
		IrIns *i = &ir->ins[r];
		IrRef *operand[4] = { &i->a, &i->b, &i->c, &i->d };

		for (unsigned n = 0; ir_ops[i->op].operands[n]; n++)
			*operand[n] = w->moved[*operand[n]];
		if (ir_is_phi(i))
			i->b = w->moved[i->b];
	}
	for (unsigned n = 0; n < ir->nsnaps; n++)
		ir->snaps[n].ref = w->moved[ir->snaps[n].ref];
	for (unsigned n = 0; n < ir->nexits; n++)
		ir->exits[n].to = w->moved[ir->exits[n].to];
	for (unsigned n = 0; n < w->n; n++)
		w->group[n].base = w->moved[w->group[n].base];
	ir->loop = w->moved[ir->loop];
}

/* The access at i, by its group's PTR. */
static void by_ptr(const Wide *w, IrIns *i, IrRef ptr)
{
	int disp;

	base_of(w->ir, i->a, &disp);
	i->op = (uint8_t)(i->op - IR_LD + IR_LDP);
	i->a = ptr;
	i->exit = (uint16_t)(int16_t)disp;
}

static IrIns ptr_of(const Group *g, uint16_t exit)
{
	return (IrIns){ .op = IR_PTR,
			.a = g->base,
			.exit = exit,
			.imm = (uint16_t)(int16_t)g->lo |
			       (uint32_t)(g->hi - g->lo) << IR_PTR_BYTES_SHIFT |
			       (g->store ? IR_PTR_STORE : 0) | (g->high ? IR_PTR_HIGH : 0) };
}

/* Accesses of groups become those off PTRs (their addresses still by old numbers). */
static void rewrite(Wide *w)
{
	Ir *ir = w->ir;

	for (IrRef r = 1; r < ir->n; r++) {
		const Group *g = w->of[r] ? &w->group[w->of[r] - 1] : NULL;

		if (!g || g->count < 2)
			continue;
		if (g->first == r)
			w->group[w->of[r] - 1].ptr = ir->ins[r].exit; /* kept for the PTR */
		by_ptr(w, &ir->ins[r], g->first);
	}
}

/* Each turn of a loop that calls comes after the calls of the turn before. */
static bool calls_behind(const Ir *ir, IrRef loop)
{
	for (IrRef r = loop; r < ir->n; r++)
		if (ir->ins[r].op == IR_EXEC || ir->ins[r].op == IR_CALL)
			return true;
	return false;
}

unsigned ir_wide(Ir *ir)
{
	Wide wide, *w = &wide;
	unsigned more = 0, n;

	if (ir->full || !ir->target->probe)
		return 0;
	w->ir = ir;
	w->n = w->open = 0;
	memset(w->of, 0, ir->n);
	for (IrRef r = 1; r < ir->n; r++) {
		if (is_access(ir->ins[r].op))
			see(w, r);
		else if (ir->ins[r].op == IR_EXEC || ir->ins[r].op == IR_CALL ||
			 (ir->ins[r].op == IR_LOOP && calls_behind(ir, r)))
			w->open = w->n;
		else if (ir_ops[ir->ins[r].op].flags & (IRF_X | IRF_B) || ir->ins[r].op == IR_LOOP)
			may_leave(w, NULL);
	}
	for (IrRef r = 1; r < ir->n; r++)
		more += starts(w, r);
	if (!more || ir->n + more > IR_MAX)
		return 0;
	rewrite(w);
	w->moved[0] = 0;
	n = 1;
	for (IrRef r = 1; r < ir->n; r++, n++) {
		n += starts(w, r);
		w->moved[r] = (IrRef)n;
	}
	renumber(w);
	/* Off its PTR, which stands before the group's first access. */
	for (IrRef r = (IrRef)(ir->n - 1); r; r--) {
		IrIns i = ir->ins[r];

		if (w->of[r] && w->group[w->of[r] - 1].count > 1)
			i.a--;
		ir->ins[w->moved[r]] = i;
		ir->ones[w->moved[r]] = ir->ones[r];
		if (starts(w, r))
			ir->ins[w->moved[r] - 1] = ptr_of(&w->group[w->of[r] - 1],
							  w->group[w->of[r] - 1].ptr);
	}
	ir->n = n;
	return more;
}
