/*
 * Where in the host's memory an access is: the TLB is asked in hot code; what it does not allow is done by C
 * (jit_slow()), which sees and sets registers where a thunk has saved them.
 *
 * In a loop each access remembers the page it met last, with its addend, in two words of the frame: the same page
 * again needs no entry of the TLB, and the address does not wait for one.  The one comparison sees as well that
 * the address is a multiple of the size, so that the access does not begin in the page before.  Nothing can be taken out of the TLB
 * before the loop's beginning has seen the request and is left; the words begin empty when it is entered.
 */
#include "jit/gen.h"

enum { PAGES_MAX = 40 }; /* accesses of a loop that remember their page */

static void lea(X64Buf *b, int w, unsigned dst, unsigned base, int32_t disp)
{
	if (disp)
		x64_op(b, X64_LEA, w, dst, xm(base, disp));
	else
		x64_mov(b, w, dst, xr(base));
}

static void last_page(const Gen *g, X64Buf *b, const GenAccess *a)
{
	lea(b, 1, X64_RAX, a->base, a->disp + (int32_t)a->bytes - 1);
	x64_opi(b, X64_AND_I, 1, 0, xr(X64_RAX), -(INT64_C(1) << g->t->tlb.page_bits));
}

/* The entry for the first byte; uses rcx. */
static X64Rm entry(Gen *g, X64Buf *b, const GenAccess *a)
{
	const JitTlb *t = &g->t->tlb;
	unsigned size = (unsigned)__builtin_ctz(t->entry_size), shift = t->page_bits - size;
	int w = t->page_bits + __builtin_ctz(t->entries) > 32;
	bool high = a->mem & IR_MEM_HIGH;

	if (!a->disp && (g->j->features & JIT_BMI2)) {
		x64_opi(b, X64_RORX, w, X64_RCX, xr(a->base), shift);
	} else {
		lea(b, w, X64_RCX, a->base, a->disp);
		x64_opi(b, X64_SHR_I, w, 0, xr(X64_RCX), shift);
	}
	x64_opi(b, X64_AND_I, 0, 0, xr(X64_RCX), (int64_t)(t->entries - 1) * t->entry_size);
	if (g->ir->high == high)
		return xmi(X64_R14, X64_RCX, 1, t->first);
	x64_op(b, X64_ADD_RM, 1, X64_RCX, xm(X64_RBP, t->table[high] - g->t->bias));
	return xm(X64_RCX, t->first);
}

static X64Rm behind(X64Rm rm, int32_t n)
{
	rm.disp += n;
	return rm;
}

/* Not the page of the last time: the TLB, and its answer for the next time. */
static void other_page(Gen *g, GenAccess *a, uint8_t tag, unsigned word, uint32_t miss)
{
	X64Buf *b = &g->cold;
	X64Rm e;

	gen_fix(g, &g->hot, FIX_COLD, miss, b->n);
	e = entry(g, b, a);
	last_page(g, b, a);
	x64_op(b, X64_CMP_RM, 1, X64_RAX, behind(e, tag));
	a->miss = x64_jcc(b, X64_NE);
	a->in_cold = true;
	x64_op(b, X64_MOV_RM, 1, X64_RCX, behind(e, g->t->tlb.addend));
	x64_op(b, X64_MOV_MR, 1, X64_RAX, gen_spill(word));
	x64_op(b, X64_MOV_MR, 1, X64_RCX, gen_spill(word + 1));
	gen_fix(g, b, FIX_HOT, x64_jmp(b), g->hot.n);
}

void gen_tlb_check(Gen *g, GenAccess *a, uint8_t tag)
{
	unsigned word = g->page_word[g->at];
	X64Buf *b = &g->hot;
	uint32_t miss;
	X64Rm e;

	a->in_cold = false;
	if (word) {
		lea(b, 1, X64_RAX, a->base, a->disp);
		x64_opi(b, X64_AND_I, 1, 0, xr(X64_RAX),
			-(INT64_C(1) << g->t->tlb.page_bits) | (a->bytes - 1));
		x64_op(b, X64_CMP_RM, 1, X64_RAX, gen_spill(word));
		miss = x64_jcc(b, X64_NE);
		x64_mov(b, 1, X64_RCX, gen_spill(word + 1));
		other_page(g, a, tag, word, miss);
	} else {
		e = entry(g, b, a);
		last_page(g, b, a);
		x64_op(b, X64_CMP_RM, 1, X64_RAX, behind(e, tag));
		a->miss = x64_jcc(b, X64_NE);
		x64_op(b, X64_MOV_RM, 1, X64_RCX, behind(e, g->t->tlb.addend));
	}
	a->host = xmi(a->base, X64_RCX, 1, a->disp);
}

void gen_tlb_slow(Gen *g, const GenAccess *a, uint32_t site)
{
	X64Buf *b = &g->cold;

	gen_fix(g, a->in_cold ? b : &g->hot, FIX_COLD, a->miss, b->n);
	gen_mov_address(g, b, X64_RAX, FIX_SITE, site);
	gen_fix(g, b, FIX_ARENA, x64_call(b), g->vectors ? g->j->thunks.slow_v : g->j->thunks.slow);
	gen_fix(g, b, FIX_HOT, x64_jmp(b), g->hot.n);
}

/* Does the address come out of memory as it is?  Then it is in another page each time. */
static bool follows_pointer(const Gen *g, IrRef r)
{
	const IrIns *i = &g->ir->ins[r];
	uint64_t k;

	if (i->op == IR_ADD)
		i = &g->ir->ins[gen_is_k(g, i->b, &k) ? i->a : gen_is_k(g, i->a, &k) ? i->b : r];
	if (i->op == IR_PHI)
		i = &g->ir->ins[i->b];
	return i->op == IR_LD || i->op == IR_LDP;
}

void gen_tlb_loop(Gen *g)
{
	unsigned n = 0;

	/* A PTR's range is seldom aligned to its size; word 0 would be taken for none. */
	for (unsigned i = g->at; i < g->ir->n && n < PAGES_MAX; i++) {
		unsigned word;

		if (!gen_is_mem(g->ir->ins[i].op) || follows_pointer(g, g->ir->ins[i].a))
			continue;
		word = alloc_spill_word(g, true);
		if (!word)
			word = alloc_spill_word(g, true);
		g->page_word[i] = (uint16_t)word;
		x64_opi(&g->hot, X64_MOV_I, 1, 0, gen_spill(word), -1);
		n++;
	}
}
