/*
 * Registers, in one pass forward.
 *
 * A pass backward before has told for each use when the next one comes; when registers run out, the
 * value goes whose next use is farthest away (Belady, A study of replacement algorithms for a virtual-storage computer,
 * IBM Systems Journal 5(2), 1966).  Uses in exits count as none but keep a value somewhere: an exit is cold and takes it
 * from memory as well.  Constants and what env still holds are got again where they came from; everything else
 * has a word of the frame once it was put out.  Values never change, so memory is written at most once.
 */
#include "base/log.h"
#include "jit/gen.h"

/* The last ones are taken last: multiplications need rdx. */
static const uint8_t order[] = { X64_RBX, X64_RSI, X64_RDI, X64_R8,  X64_R9,
				 X64_R10, X64_R11, X64_R12, X64_R13, X64_RDX };

/* ------------------------------------------------------------ the future */

static bool has_operands(const Gen *g, unsigned i)
{
	const IrIns *ins = &g->ir->ins[i];

	return ins->op > IR_GETV && !(ins->flags & IR_SUNK) && !(g->val[i].flags & VAL_FOLDED);
}

static IrRef raw_operand(const Gen *g, unsigned i, unsigned k)
{
	const IrIns *ins = &g->ir->ins[i];

	if (gen_is_phi(ins->op) && k) /* the other value is the BACK's */
		return 0;
	switch (k) {
	case 0: return ins->a;
	case 1: return ins->b;
	case 2: return ins->c;
	case 3: return ins->d;
	default: return gen_has_exit(ins->op) ? g->ir->exits[ins->exit].to : 0;
	}
}

IrRef alloc_operand(const Gen *g, unsigned i, unsigned k)
{
	IrRef r = raw_operand(g, i, k);
	uint64_t v;

	if (k == 0 && (g->val[r].flags & VAL_FOLDED))
		return gen_is_k(g, g->ir->ins[r].b, &v) ? g->ir->ins[r].a : g->ir->ins[r].b;
	return r;
}

typedef void SeeFn(Gen *g, IrRef r, unsigned i);

/* Calls fn for what the snapshot of operation i needs. */
static void see_snap(Gen *g, unsigned at, SeeFn *fn)
{
	const IrIns *ins = &g->ir->ins[at];
	const IrExit *e = &g->ir->exits[ins->exit];
	unsigned i = ins->op == IR_LOOP ? g->head_at + 1 : at;

	for (unsigned n = 0; n < e->snaps; n++) {
		IrRef r = g->ir->snaps[e->snap + n].ref;
		const IrIns *v = &g->ir->ins[r];

		if (!gen_is_sunk(g, r, at)) {
			fn(g, r, i);
			continue;
		}
		fn(g, v->a, i);
		fn(g, v->b, i);
		fn(g, v->c, i);
	}
}

static void count(Gen *g, IrRef r, unsigned i)
{
	(void)i;
	g->val[r].uses++;
}

static void see_last(Gen *g, IrRef r, unsigned i)
{
	GenVal *v = &g->val[r];

	if (!v->last)
		v->last = (uint16_t)i;
	if (g->ir->ins[i].op == IR_END)
		v->next = (uint16_t)i; /* not cold */
}

static bool small_k(const Gen *g, IrRef r)
{
	uint64_t k;

	return gen_is_k(g, r, &k) && k + (1 << 30) < (UINT64_C(1) << 31);
}

static bool is_narrow(unsigned op)
{
	switch (op) {
	case IR_ADD:
	case IR_SUB:
	case IR_NEG:
	case IR_NOT:
	case IR_AND:
	case IR_OR:
	case IR_XOR:
	case IR_MUL: return true;
	default: return false;
	}
}

static void mark(Gen *g, unsigned i)
{
	const IrIns *ins = &g->ir->ins[i];
	GenVal *v = &g->val[i];

	if (ins->flags & IR_SUNK)
		return;
	if (ins->op == IR_ADD && v->addrs && v->uses == v->addrs &&
	    small_k(g, ins->a) != small_k(g, ins->b))
		v->flags |= VAL_FOLDED;
	if (ins->op == IR_ZX32 && g->val[ins->a].uses == 1 && is_narrow(g->ir->ins[ins->a].op))
		g->val[ins->a].flags |= VAL_NARROW;
}

static bool is_vec(unsigned op)
{
	char result = ir_ops[op].result;

	return result != 'I' && result != '-';
}

static void count_uses(Gen *g)
{
	const Ir *ir = g->ir;

	/* All at once: a PHI uses what comes after it. */
	for (unsigned i = 1; i < ir->n; i++)
		g->val[i] = (GenVal){ .reg = X64_NONE, .spill = GEN_NOSPILL, .next = GEN_NEVER };
	for (unsigned i = 1; i < ir->n; i++) {
		const IrIns *ins = &ir->ins[i];

		if (is_vec(ins->op)) {
			g->val[i].flags |= VAL_VEC;
			g->vectors = true;
		}
		if (!has_operands(g, i))
			continue;
		/* Of a PHI that is both values; what is no operand is value 0. */
		g->val[ins->a].uses++;
		g->val[ins->b].uses++;
		if (ins->c | ins->d && !gen_is_phi(ins->op)) {
			g->val[ins->c].uses++;
			g->val[ins->d].uses++;
		}
		if (gen_is_mem(ins->op))
			g->val[ins->a].addrs++;
		if (!gen_has_exit(ins->op))
			continue;
		g->val[ir->exits[ins->exit].to].uses++;
		see_snap(g, i, count);
	}
}

/* What comes from before a loop and is needed in it is needed until its end. */
static void see_in_loop(Gen *g, IrRef r, unsigned i)
{
	(void)i;
	if (r < g->ir->loop)
		g->val[r].last = (uint16_t)(g->ir->n - 1);
}

static void begin_loop(Gen *g)
{
	const Ir *ir = g->ir;
	uint16_t end = (uint16_t)(ir->n - 1);

	g->head_at = ir->loop;
	for (unsigned i = ir->loop + 1u; gen_is_phi(ir->ins[i].op) || ir->ins[i].op == IR_NOP; i++)
		g->head_at = i;
	for (unsigned i = ir->loop; i < ir->n; i++) {
		if (!has_operands(g, i))
			continue;
		if (gen_has_exit(ir->ins[i].op))
			see_snap(g, i, see_in_loop);
		if (gen_is_phi(ir->ins[i].op)) {
			g->val[ir->ins[i].b].last = g->val[ir->ins[i].b].next = end;
			continue;
		}
		for (unsigned k = 0; k < 5; k++) {
			IrRef r = alloc_operand(g, i, k);

			see_in_loop(g, r, i);
			if (r < ir->loop)
				g->val[r].next = end;
		}
	}
}

void alloc_begin(Gen *g, const Ir *ir)
{
	g->ir = ir;
	g->vectors = false;
	g->val[0] = (GenVal){ .reg = X64_NONE };
	count_uses(g);
	for (unsigned i = 1; i < ir->n; i++)
		mark(g, i);
	g->head_at = 0;
	if (ir->loop)
		begin_loop(g);
	for (unsigned i = ir->n - 1; i; i--) {
		if (!has_operands(g, i))
			continue;
		if (gen_has_exit(ir->ins[i].op))
			see_snap(g, i, see_last);
		for (unsigned k = 5; k--;) {
			GenVal *v = &g->val[alloc_operand(g, i, k)];

			g->next[i][k] = v->next;
			v->next = (uint16_t)i;
			if (!v->last)
				v->last = (uint16_t)i;
		}
	}
	memset(g->in, 0, sizeof(g->in));
	memset(g->spills, 0, sizeof(g->spills));
	memset(g->home, X64_NONE, ir->n);
	g->wanted = 0;
	g->nspills = g->nold = 0;
	g->free = GEN_GPRS | GEN_XMMS;
	g->pinned = 0;
	g->epoch = 0;
}

/* ----------------------------------------------------------------- frame */

unsigned alloc_spill_word(Gen *g, bool two)
{
	uint64_t bits = two ? 3 : 1;

	for (unsigned w = 0; w < JIT_SPILLS; w += two ? 2 : 1) {
		uint64_t *p = &g->spills[w / 64];

		if (*p == UINT64_MAX) {
			w |= 63;
			w -= two;
			continue;
		}
		if (!(*p >> (w & 63) & bits)) {
			*p |= bits << (w & 63);
			g->nspills++;
			return w;
		}
	}
	g->full = true;
	return 0;
}

void alloc_spill_free(Gen *g, unsigned word, bool two)
{
	g->spills[word / 64] &= ~((two ? UINT64_C(3) : 1) << (word & 63));
	g->nspills--;
}

/* --------------------------------------------------------------- registers */

static bool in_env(const Gen *g, IrRef r)
{
	return gen_is_get(g->ir->ins[r].op) && r > g->epoch;
}

/* Can it be got again without having been saved? */
static bool has_home(const Gen *g, IrRef r)
{
	unsigned op = g->ir->ins[r].op;

	return g->val[r].spill != GEN_NOSPILL || op == IR_K || op == IR_KV || in_env(g, r);
}

static void unbind(Gen *g, unsigned reg)
{
	g->val[g->in[reg]].reg = X64_NONE;
	g->in[reg] = 0;
	g->free |= 1u << reg;
}

static void bind(Gen *g, IrRef r, unsigned reg)
{
	g->val[r].reg = (uint8_t)reg;
	g->in[reg] = r;
	g->free &= ~(1u << reg);
	g->pinned |= 1u << reg;
}

static void save_always(Gen *g, IrRef r)
{
	GenVal *v = &g->val[r];
	bool vec = v->flags & VAL_VEC;

	v->spill = (uint16_t)alloc_spill_word(g, vec);
	if (vec)
		x64_op(&g->hot, X64_MOVUPS_MR, 0, v->reg, gen_spill(v->spill));
	else
		x64_op(&g->hot, X64_MOV_MR, 1, v->reg, gen_spill(v->spill));
}

static void save(Gen *g, IrRef r)
{
	if (!has_home(g, r))
		save_always(g, r);
}

/* How gladly it is put out: the farther its next use and the cheaper the better. */
static uint32_t evict_rank(const Gen *g, IrRef r)
{
	uint32_t next = g->val[r].next;

	return (next == GEN_NEVER ? UINT32_C(1) << 20 : next * 4) + (has_home(g, r) ? 3 : 0);
}

static unsigned evict(Gen *g, uint32_t from)
{
	unsigned best = X64_NONE;
	uint32_t rank = 0;

	for (uint32_t m = from & ~g->pinned & ~g->free; m; m &= m - 1) {
		unsigned reg = (unsigned)__builtin_ctz(m);
		uint32_t r = g->random ? gen_random(g, 1000) : evict_rank(g, g->in[reg]);

		if (best == X64_NONE || r > rank) {
			best = reg;
			rank = r;
		}
	}
	if (best == X64_NONE)
		bug("jit: no register");
	save(g, g->in[best]);
	unbind(g, best);
	return best;
}

static unsigned pick(Gen *g, uint32_t from, unsigned hint)
{
	uint32_t f = g->free & from & ~g->pinned;

	if (gen_chance(g, 8) && (from & ~g->pinned & ~g->free))
		return evict(g, from);
	if (gen_chance(g, 2) && f) {
		for (unsigned n = gen_random(g, (uint32_t)__builtin_popcount(f)); n; n--)
			f &= f - 1;
		return (unsigned)__builtin_ctz(f);
	}
	if (hint != X64_NONE && (f >> hint & 1))
		return hint;
	if (!f)
		return evict(g, from);
	if (f & ~g->wanted)
		f &= ~g->wanted;
	if (f & GEN_XMMS)
		return (unsigned)__builtin_ctz(f);
	for (unsigned n = 0;; n++)
		if (f >> order[n] & 1)
			return order[n];
}

static uint32_t regs_of(const Gen *g, IrRef r)
{
	return g->val[r].flags & VAL_VEC ? GEN_XMMS : GEN_GPRS;
}

static void load(Gen *g, unsigned reg, IrRef r)
{
	GenOpnd o;

	if (g->ir->ins[r].op == IR_KV) {
		gen_vec_k(g, &g->hot, reg, r);
		return;
	}
	o = alloc_where(g, r);
	if (g->val[r].flags & VAL_VEC)
		x64_op(&g->hot, X64_MOVUPS_RM, 0, reg, o.rm);
	else
		gen_load(&g->hot, reg, &o);
}

static unsigned use(Gen *g, IrRef r)
{
	GenVal *v = &g->val[r];

	if (v->reg == X64_NONE) {
		unsigned reg = pick(g, regs_of(g, r), X64_NONE);

		load(g, reg, r);
		bind(g, r, reg);
	}
	g->pinned |= 1u << v->reg;
	return v->reg;
}

unsigned alloc_use(Gen *g, unsigned k)
{
	return use(g, alloc_operand(g, g->at, k));
}

GenOpnd alloc_any(Gen *g, unsigned k)
{
	IrRef r = alloc_operand(g, g->at, k);
	const GenVal *v = &g->val[r];
	bool again = g->next[g->at][k] != GEN_NEVER;
	GenOpnd o = { .size = 8 };
	uint64_t c;

	if (gen_is_k(g, r, &c) && (x64_fits32(c) || (v->reg == X64_NONE && !again))) {
		o.is_k = true;
		o.k = c;
		return o;
	}
	if (v->reg == X64_NONE && !again && !gen_chance(g, 2))
		return alloc_where(g, r);
	o.rm = xr(use(g, r));
	return o;
}

GenOpnd alloc_where(const Gen *g, IrRef r)
{
	const GenVal *v = &g->val[r];
	GenOpnd o = { .size = 8 };

	if (gen_is_k(g, r, &o.k)) {
		o.is_k = true;
	} else if (v->reg != X64_NONE) {
		o.rm = xr(v->reg);
	} else if (v->spill != GEN_NOSPILL) {
		o.rm = gen_spill(v->spill);
	} else if (in_env(g, r)) {
		unsigned slot = g->ir->ins[r].imm;

		if (g->moved[slot]) {
			o.rm = gen_spill(g->moved[slot] - 1u);
			return o;
		}
		o.rm = gen_slot(g, slot);
		o.size = g->t->slots[slot].type == JIT_I8    ? 1
			 : g->t->slots[slot].type == JIT_I32 ? 4
							     : 8;
	} else {
		bug("jit: operation %u is nowhere (at %u)", r, g->at);
	}
	return o;
}

int alloc_env_slot(const Gen *g, IrRef r)
{
	if (in_env(g, r) && g->val[r].reg == X64_NONE && g->val[r].spill == GEN_NOSPILL)
		return (int)g->ir->ins[r].imm;
	return -1;
}

void alloc_fixed(Gen *g, unsigned reg)
{
	IrRef r = g->in[reg];

	if (r) {
		uint32_t f = g->free & GEN_GPRS & ~g->pinned & ~(1u << reg);

		if (f) {
			unsigned to = pick(g, f, X64_NONE);

			x64_mov(&g->hot, 1, to, xr(reg));
			unbind(g, reg);
			bind(g, r, to);
			g->pinned &= ~(1u << to);
		} else {
			save(g, r);
			unbind(g, reg);
		}
	}
	g->pinned |= 1u << reg;
}

enum { OLD_TWO = 0x8000 };

/* ------------------------------------------------------------ life and death */

static void release(Gen *g, IrRef r, unsigned i)
{
	GenVal *v = &g->val[r];

	if (!r || v->last > i)
		return;
	if (v->reg != X64_NONE)
		unbind(g, v->reg);
	if (v->spill != GEN_NOSPILL) {
		/* The operation under way may yet read it. */
		g->old[g->nold++] = v->spill;
		if (v->flags & VAL_VEC)
			g->old[g->nold - 1] |= OLD_TWO;
		v->spill = GEN_NOSPILL;
	}
}

void alloc_start(Gen *g)
{
	g->pinned = 0;
	for (uint32_t m = ~g->free & (GEN_GPRS | GEN_XMMS); m; m &= m - 1)
		release(g, g->in[__builtin_ctz(m)], g->at - 1);
	while (g->nold) {
		uint16_t w = g->old[--g->nold];

		alloc_spill_free(g, w & ~OLD_TWO, w & OLD_TWO);
	}
}

void alloc_step(Gen *g)
{
	const IrIns *ins = gen_ins(g);

	for (unsigned k = 0; k < 5; k++) {
		IrRef r = alloc_operand(g, g->at, k);

		if (r)
			g->val[r].next = g->next[g->at][k];
	}
	for (unsigned k = 0; k < 5; k++) {
		IrRef r = alloc_operand(g, g->at, k);

		if (r && g->val[r].last <= g->at && g->val[r].reg != X64_NONE)
			g->pinned &= ~(1u << g->val[r].reg);
		release(g, r, g->at);
	}
	if (gen_has_exit(ins->op) && g->nspills)
		see_snap(g, g->at, release);
	for (uint32_t m = ~g->free & (GEN_GPRS | GEN_XMMS); m; m &= m - 1)
		release(g, g->in[__builtin_ctz(m)], g->at);
}

bool alloc_dies(const Gen *g, unsigned k)
{
	return g->val[alloc_operand(g, g->at, k)].last <= g->at;
}

unsigned alloc_def(Gen *g, unsigned hint, uint32_t avoid)
{
	unsigned home = g->home[g->at], reg;

	if (home != X64_NONE) {
		g->wanted &= ~(1u << home);
		if (g->free >> home & 1)
			hint = home;
	}
	reg = pick(g, regs_of(g, (IrRef)g->at) & ~avoid, hint);
	bind(g, (IrRef)g->at, reg);
	return reg;
}

void alloc_bind(Gen *g, unsigned reg)
{
	bind(g, (IrRef)g->at, reg);
}

void alloc_save(Gen *g, uint32_t kept)
{
	for (uint32_t m = ~g->free & (GEN_GPRS | GEN_XMMS) & ~kept; m; m &= m - 1) {
		IrRef r = g->in[__builtin_ctz(m)];

		if (g->val[r].last > g->at)
			save(g, r);
	}
}

void alloc_forget(Gen *g, uint32_t kept)
{
	for (uint32_t m = ~g->free & (GEN_GPRS | GEN_XMMS) & ~kept; m; m &= m - 1)
		unbind(g, (unsigned)__builtin_ctz(m));
	g->pinned &= kept;
}

void alloc_barrier(Gen *g)
{
	for (unsigned r = g->epoch + 1u; r < g->at; r++) {
		GenVal *v = &g->val[r];

		if (!gen_is_get(g->ir->ins[r].op) || v->last <= g->at || v->spill != GEN_NOSPILL)
			continue;
		use(g, (IrRef)r);
		g->pinned = 0;
		save_always(g, (IrRef)r);
	}
}
