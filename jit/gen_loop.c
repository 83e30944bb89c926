/*
 * Loops.  What is needed in a loop has one place for each turn's beginning, wherever it was when the loop was first
 * reached; at its end all is put back there, and the PHIs' next values into the PHIs' places, all at once.
 */
#include "jit/gen_tlb.h"

/* A register, or a word of the frame behind those; vectors in the frame have two. */
typedef struct Move {
	unsigned to;
	bool vec;
	bool from_place;
	unsigned from; /* a place, too; else o is a constant or in env */
	IrRef kv;      /* or this is one */
	GenOpnd o;
} Move;

typedef struct Moves {
	Move m[X64_REGS + IR_SLOTS_MAX];
	unsigned n;
} Moves;

void gen_loop(Gen *g)
{
	gen_tlb_loop(g);
	for (unsigned i = g->at; i < g->ir->n; i++) {
		if (g->ir->ins[i].op != IR_EXEC)
			continue;
		/* Env is not in each turn what it was before. */
		alloc_barrier(g);
		g->epoch = (IrRef)g->at;
		return;
	}
}

void gen_phi(Gen *g)
{
	const IrIns *i = gen_ins(g);
	unsigned hint = X64_NONE, reg;
	GenOpnd o;

	if (i->op == IR_PHI) {
		o = alloc_any(g, 0);
		if (!o.is_k && !o.rm.mem && alloc_dies(g, 0))
			hint = o.rm.reg;
		alloc_step(g);
		reg = alloc_def(g, hint, 0);
		gen_load(&g->hot, reg, &o);
		return;
	}
	o.rm = xr(alloc_use(g, 0));
	if (alloc_dies(g, 0))
		hint = o.rm.reg;
	alloc_step(g);
	reg = alloc_def(g, hint, 0);
	if (reg != o.rm.reg)
		x64_op(&g->hot, X64_MOVAPS_RM, 0, reg, o.rm);
}

void gen_head(Gen *g)
{
	unsigned at = g->at;

	memcpy(g->head_in, g->in, sizeof(g->head_in));
	g->nhead = 0;
	for (unsigned i = g->ir->loop + 1u; i <= g->head_at; i++) {
		if (!gen_is_phi(g->ir->ins[i].op) || g->val[i].spill == GEN_NOSPILL)
			continue;
		g->head_phi[g->nhead] = (IrRef)i;
		g->head_word[g->nhead++] = g->val[i].spill;
	}
	/* What is next for a PHI is best made where it is to go. */
	for (unsigned reg = 0; reg < X64_REGS; reg++) {
		const IrIns *i = &g->ir->ins[g->in[reg]];

		if (!gen_is_phi(i->op) || g->in[reg] <= g->ir->loop || i->b <= at)
			continue;
		if (g->home[i->b] == X64_NONE)
			g->wanted |= 1u << reg;
		g->home[i->b] = (uint8_t)reg;
	}
	g->head = g->hot.n;
	g->at = g->ir->loop;
	gen_check(g);
	g->at = at;
}

/* ------------------------------------------------------------ going around */

static X64Rm place(unsigned p)
{
	return p < X64_REGS ? xr(p) : gen_spill(p - X64_REGS);
}

static bool overlap(const Move *a, unsigned from, bool vec)
{
	unsigned n = vec && from >= X64_REGS ? 2 : 1, m = a->vec && a->to >= X64_REGS ? 2 : 1;

	return a->to < from + n && from < a->to + m;
}

static void add_move(Gen *g, Moves *ms, unsigned to, IrRef v)
{
	Move m = { .to = to, .vec = g->val[v].flags & VAL_VEC };
	const GenVal *val = &g->val[v];

	if (g->ir->ins[v].op == IR_KV)
		m.kv = v;
	else
		m.o = alloc_where(g, v);
	if (val->reg != X64_NONE) {
		m.from_place = true;
		m.from = val->reg;
	} else if (!m.o.is_k && val->spill != GEN_NOSPILL) {
		m.from_place = true;
		m.from = X64_REGS + val->spill;
	}
	if (!m.from_place || m.from != to)
		ms->m[ms->n++] = m;
}

static void make_vec(Gen *g, X64Buf *b, const Move *m)
{
	X64Rm from = m->from_place ? place(m->from) : m->o.rm;
	unsigned reg = m->to < X64_REGS ? m->to : X64_XMM0 + 1;

	if (!m->from_place && m->kv)
		gen_vec_k(g, b, reg, m->kv);
	else if (from.mem)
		x64_op(b, X64_MOVUPS_RM, 0, reg, from);
	else if (m->to < X64_REGS)
		x64_op(b, X64_MOVAPS_RM, 0, reg, from);
	else
		reg = from.reg;
	if (m->to >= X64_REGS)
		x64_op(b, X64_MOVUPS_MR, 0, reg, place(m->to));
}

static void make(Gen *g, const Move *m)
{
	X64Buf *b = &g->hot;
	GenOpnd o = m->o;
	unsigned reg = m->to < X64_REGS ? m->to : X64_RCX;

	if (m->vec) {
		make_vec(g, b, m);
		return;
	}
	if (m->from_place) {
		o = (GenOpnd){ .size = 8, .rm = place(m->from) };
		if (!o.rm.mem && m->to >= X64_REGS)
			reg = o.rm.reg;
	}
	gen_load(b, reg, &o);
	if (m->to >= X64_REGS)
		x64_op(b, X64_MOV_MR, 1, reg, place(m->to));
}

static bool blocked(const Moves *ms, unsigned n)
{
	for (unsigned i = 0; i < ms->n; i++)
		if (i != n && ms->m[i].from_place &&
		    overlap(&ms->m[n], ms->m[i].from, ms->m[i].vec))
			return true;
	return false;
}

static bool is_taken(const Moves *ms, unsigned place_)
{
	for (unsigned i = 0; i < ms->n; i++)
		if (ms->m[i].from_place && ms->m[i].from == place_)
			return true;
	return false;
}

/* What is in the place that move n writes goes to another one; who wants it takes it from there. */
static void set_aside(Gen *g, Moves *ms, unsigned n)
{
	Move aside;
	unsigned i = 0;

	while (i == n || !ms->m[i].from_place || !overlap(&ms->m[n], ms->m[i].from, ms->m[i].vec))
		i++;
	aside = ms->m[i];
	aside.to = aside.vec ? X64_XMM0 : X64_RAX;
	if (is_taken(ms, aside.to))
		aside.to = X64_REGS + alloc_spill_word(g, aside.vec);
	make(g, &aside);
	for (i = 0; i < ms->n; i++)
		if (ms->m[i].from_place && ms->m[i].from == aside.from)
			ms->m[i].from = aside.to;
}

static void make_all(Gen *g, Moves *ms)
{
	while (ms->n) {
		unsigned n = 0;

		while (n < ms->n && blocked(ms, n))
			n++;
		if (n == ms->n) {
			set_aside(g, ms, 0);
			continue;
		}
		make(g, &ms->m[n]);
		ms->m[n] = ms->m[--ms->n];
	}
}

void gen_back(Gen *g)
{
	Moves ms = { .n = 0 };

	for (unsigned reg = 0; reg < X64_REGS; reg++) {
		IrRef v = g->head_in[reg];

		if (v && gen_is_phi(g->ir->ins[v].op) && v > g->ir->loop)
			add_move(g, &ms, reg, g->ir->ins[v].b);
		else if (v && g->val[v].last >= g->at)
			add_move(g, &ms, reg, v);
	}
	for (unsigned i = 0; i < g->nhead; i++)
		add_move(g, &ms, X64_REGS + g->head_word[i], g->ir->ins[g->head_phi[i]].b);
	make_all(g, &ms);
	gen_fix(g, &g->hot, FIX_HOT, x64_jmp(&g->hot), g->head);
}
