/*
 * Where in the host's memory an access is: the TLB is asked in hot code; what it does not allow is done by C
 * (jit_slow()), which sees and sets registers where a thunk has saved them.
 *
 * In a loop this is cheaper for most (gen_look.c says for which).  LOOK_PAGE: the access remembers the page it
 * met last in three words of the frame (page, addend, and how far into the page it may begin): the same
 * page again needs no entry of the TLB.  LOOK_GUESS, for what follows pointers: only the addend is remembered.  The
 * TLB is asked all the same, but the address does not wait for its answer, which the host's branch prediction
 * takes for granted; where that is wrong too often, the code is changed to wait.
 *
 * Nothing can be taken out of the TLB before the loop's beginning has seen the request and is left.  The words
 * begin with what the same access met before the loop; where there was none, with nothing.
 */
#include "jit/gen_tlb.h"

enum {
	WORD_PAGE,
	WORD_ADDEND,
	WORD_LIMIT,
	WORD_GUESS = 0,
	WORD_SINCE = 1, /* the budget when the guess was wrong last */
	GUESSES = 12,	/* so many wrong ones, each soon after the other, are too many */
};

static void lea(X64Buf *b, int w, unsigned dst, unsigned base, int32_t disp)
{
	if (disp)
		x64_op(b, X64_LEA, w, dst, xm(base, disp));
	else
		x64_mov(b, w, dst, xr(base));
}

/* The page of the last byte. */
static void last_page(const Gen *g, X64Buf *b, unsigned reg, const GenAccess *a)
{
	lea(b, 1, reg, a->base, a->disp + (int32_t)a->bytes - 1);
	x64_opi(b, X64_AND_I, 1, 0, xr(reg), -(INT64_C(1) << g->t->tlb.page_bits));
}

/* The entry for the first byte; uses reg. */
static X64Rm entry(Gen *g, X64Buf *b, unsigned reg, const GenAccess *a)
{
	const JitTlb *t = &g->t->tlb;
	unsigned size = (unsigned)__builtin_ctz(t->entry_size), shift = t->page_bits - size;
	int w = t->page_bits + __builtin_ctz(t->entries) > 32;
	bool high = a->mem & IR_MEM_HIGH;

	if (!a->disp && (g->j->features & JIT_BMI2)) {
		x64_opi(b, X64_RORX, w, reg, xr(a->base), shift);
	} else {
		lea(b, w, reg, a->base, a->disp);
		x64_opi(b, X64_SHR_I, w, 0, xr(reg), shift);
	}
	x64_opi(b, X64_AND_I, 0, 0, xr(reg), (int64_t)(t->entries - 1) * t->entry_size);
	if (g->ir->high == high)
		return xmi(X64_R14, reg, 1, t->first);
	x64_op(b, X64_ADD_RM, 1, reg, xm(X64_RBP, t->table[high] - g->t->bias));
	return xm(reg, t->first);
}

static X64Rm behind(X64Rm rm, int32_t n)
{
	rm.disp += n;
	return rm;
}

static X64Rm word_of(const GenLook *l, unsigned which)
{
	return gen_spill(l->word + which);
}

/* rax = the page, rcx = the addend, when the TLB allows the access; else to what a->miss says. */
static void ask(Gen *g, X64Buf *b, GenAccess *a, uint8_t tag)
{
	X64Rm e = entry(g, b, X64_RCX, a);

	last_page(g, b, X64_RAX, a);
	x64_op(b, X64_CMP_RM, 1, X64_RAX, behind(e, tag));
	a->miss = x64_jcc(b, X64_NE);
	a->in_cold = b == &g->cold;
	x64_op(b, X64_MOV_RM, 1, X64_RCX, behind(e, g->t->tlb.addend));
	a->hit = b->n;
}

static void remember(const Gen *g, X64Buf *b, const GenLook *l)
{
	x64_op(b, X64_MOV_MR, 1, X64_RAX, word_of(l, WORD_PAGE));
	x64_op(b, X64_MOV_MR, 1, X64_RCX, word_of(l, WORD_ADDEND));
	x64_opi(b, X64_MOV_I, 1, 0, word_of(l, WORD_LIMIT),
		(INT64_C(1) << g->t->tlb.page_bits) - l->bytes + 1);
}

static void by_page(Gen *g, GenAccess *a, uint8_t tag, const GenLook *l)
{
	X64Buf *b = &g->hot;
	uint32_t miss;

	lea(b, 1, X64_RAX, a->base, a->disp);
	x64_op(b, X64_SUB_RM, 1, X64_RAX, word_of(l, WORD_PAGE));
	x64_op(b, X64_CMP_RM, 1, X64_RAX, word_of(l, WORD_LIMIT));
	miss = x64_jcc(b, X64_AE);
	x64_op(b, X64_MOV_RM, 1, X64_RCX, word_of(l, WORD_ADDEND));
	/* Another page. */
	gen_fix(g, b, FIX_COLD, miss, g->cold.n);
	ask(g, &g->cold, a, tag);
	remember(g, &g->cold, l);
	gen_fix(g, &g->cold, FIX_HOT, x64_jmp(&g->cold), b->n);
}

/* rcx = the 64-bit word at rm, by an instruction of 8 bytes that do not cross a border of such. */
static uint64_t load_8(const GenLook *l, const X64Rm *e)
{
	if (!e)
		return UINT64_C(0x248c8b48) | (uint64_t)(8u * (l->word + WORD_GUESS)) << 32;
	if (e->index != X64_NONE) /* r14 and rax */
		return UINT64_C(0x068c8b49) | (uint64_t)(uint32_t)e->disp << 32;
	return UINT64_C(0x888b48) | (uint64_t)(uint32_t)e->disp << 24 | UINT64_C(0x90) << 56;
}

/*
 * The addend is another one.  Where that is so too often, the host has guessed wrong too often: then the instruction that
 * takes the guess becomes the one that takes the TLB's.
 */
static void other_addend(Gen *g, const GenLook *l, uint32_t site, X64Rm e, uint32_t guess)
{
	X64Buf *b = &g->cold;
	uint32_t rare, back;

	x64_op(b, X64_MOV_RM, 1, X64_RCX, e);
	x64_op(b, X64_MOV_MR, 1, X64_RCX, word_of(l, WORD_GUESS));
	x64_op(b, X64_MOV_RM, 1, X64_RCX, word_of(l, WORD_SINCE));
	x64_op(b, X64_MOV_MR, 1, X64_R15, word_of(l, WORD_SINCE));
	gen_mov_address(g, b, X64_RAX, FIX_SITE, site);
	x64_op(b, X64_SUB_RM, 1, X64_RCX, xr(X64_R15));
	x64_opi(b, X64_CMP_I, 1, 0, xr(X64_RCX), 2 * (int64_t)g->ir->ins[g->ir->loop].imm);
	rare = x64_jcc8(b, X64_A);
	x64_opi(b, X64_SUB_I, 0, 0, xm(X64_RAX, offsetof(JitSite, guesses)), 1);
	back = x64_jcc8(b, X64_NS);
	gen_mov_address(g, b, X64_RAX, FIX_WRITE, guess);
	x64_bytes(b, 0xb948, 2);
	x64_bytes(b, load_8(l, &e), 8);
	x64_op(b, X64_MOV_MR, 1, X64_RCX, xm(X64_RAX, 0));
	gen_mov_address(g, b, X64_RAX, FIX_SITE, site);
	x64_here8(b, rare);
	x64_opi(b, X64_MOV_I, 0, 0, xm(X64_RAX, offsetof(JitSite, guesses)), GUESSES);
	x64_here8(b, back);
	x64_op(b, X64_MOV_RM, 1, X64_RCX, word_of(l, WORD_GUESS));
	gen_fix(g, b, FIX_HOT, x64_jmp(b), g->hot.n);
}

static void by_guess(Gen *g, GenAccess *a, uint8_t tag, const GenLook *l, uint32_t site)
{
	X64Buf *b = &g->hot;
	X64Rm e = entry(g, b, X64_RAX, a);
	uint32_t guess;

	g_array_index(g->sites, JitSite, site).guesses = GUESSES;
	last_page(g, b, X64_RCX, a);
	x64_op(b, X64_CMP_RM, 1, X64_RCX, behind(e, tag));
	a->miss = x64_jcc(b, X64_NE);
	a->in_cold = false;
	x64_nop(b, -b->n & 7);
	guess = b->n;
	x64_bytes(b, load_8(l, NULL), 8);
	e = behind(e, g->t->tlb.addend);
	x64_op(b, X64_CMP_RM, 1, X64_RCX, e);
	gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_NE), g->cold.n);
	other_addend(g, l, site, e, guess);
	a->hit = b->n;
	a->crossed = true;
}

void gen_tlb_check(Gen *g, GenAccess *a, uint8_t tag, uint32_t site)
{
	const GenLook *l = &g->look[g->at];

	a->store = tag == g->t->tlb.wr;
	a->crossed = false;
	if (l->kind == LOOK_PAGE) {
		by_page(g, a, tag, l);
	} else if (l->kind == LOOK_GUESS) {
		by_guess(g, a, tag, l, site);
	} else {
		ask(g, &g->hot, a, tag);
		if (l->kind == LOOK_SEED)
			remember(g, &g->hot, l);
	}
	a->host = xmi(a->base, X64_RCX, 1, a->disp);
}

void gen_tlb_slow(Gen *g, const GenAccess *a, uint32_t site)
{
	const GenLook *l = &g->look[g->at];
	X64Buf *b = &g->cold;

	gen_fix(g, a->in_cold ? b : &g->hot, FIX_COLD, a->miss, b->n);
	/* Kernels get at programs' memory in bulk: nothing to go to C for. */
	if (g->ir->high && (a->mem & IR_MEM_HIGH)) {
		if (a->crossed)
			x64_bytes(b, 0x9148, 2); /* xchg rcx, rax */
		gen_fix(g, b, FIX_ARENA, x64_call(b),
			a->store ? g->j->thunks.low_wr : g->j->thunks.low_rd);
		gen_fix(g, b, a->in_cold ? FIX_COLD : FIX_HOT, x64_jcc(b, X64_E), a->hit);
	}
	gen_mov_address(g, b, X64_RAX, FIX_SITE, site);
	gen_fix(g, b, FIX_ARENA, x64_call(b), g->vectors ? g->j->thunks.slow_v : g->j->thunks.slow);
	if (l->kind == LOOK_SEED)
		x64_opi(b, X64_MOV_I, 1, 0, word_of(l, WORD_LIMIT), 0);
	if (a->near) {
		x64_mov(b, 1, X64_RCX, xr(a->reg));
		x64_op(b, X64_SUB_RM, 1, X64_RCX, xr(a->base));
	}
	gen_fix(g, b, FIX_HOT, x64_jmp(b), g->hot.n);
}

void gen_tlb_loop(Gen *g)
{
	for (unsigned n = 0; n < g->nempty; n++)
		x64_opi(&g->hot, X64_MOV_I, 1, 0, gen_spill(g->empty[n] + WORD_LIMIT), 0);
}
