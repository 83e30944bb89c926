/* Loads and stores: gen_tlb.c says where in the host's memory. */
#include "jit/gen_tlb.h"

static void address(Gen *g, GenAccess *a)
{
	const IrIns *i = gen_ins(g), *sum = &g->ir->ins[i->a];
	uint64_t k = 0;

	a->near = false;
	a->mem = i->imm;
	a->bytes = 1u << (i->imm & IR_MEM_SIZE);
	if ((g->val[i->a].flags & VAL_FOLDED) && !gen_is_k(g, sum->b, &k))
		gen_is_k(g, sum->a, &k);
	a->disp = (int32_t)k;
	a->base = alloc_use(g, 0);
}

static void load_swapped(const Gen *g, X64Buf *b, unsigned mem, unsigned dst, X64Rm from)
{
	unsigned size = mem & IR_MEM_SIZE;
	int w = size == 3;

	if (size == 1) {
		x64_op(b, X64_MOVZX16, 0, dst, from);
		x64_opi(b, X64_ROL16_I, 0, 0, xr(dst), 8);
		if (mem & IR_MEM_SX)
			x64_op(b, X64_MOVSX16, 1, dst, xr(dst));
		return;
	}
	if (g->j->features & JIT_MOVBE) {
		x64_op(b, X64_MOVBE_RM, w, dst, from);
	} else {
		x64_op(b, X64_MOV_RM, w, dst, from);
		x64_bswap(b, w, dst);
	}
	if (size == 2 && (mem & IR_MEM_SX))
		x64_op(b, X64_MOVSXD, 1, dst, xr(dst));
}

static void load_plain(X64Buf *b, unsigned mem, unsigned dst, X64Rm from)
{
	static const uint8_t zx[] = { X64_MOVZX8, X64_MOVZX16, X64_MOV_RM, X64_MOV_RM };
	static const uint8_t sx[] = { X64_MOVSX8, X64_MOVSX16, X64_MOVSXD, X64_MOV_RM };
	unsigned size = mem & IR_MEM_SIZE;

	if (mem & IR_MEM_SX)
		x64_op(b, sx[size], 1, dst, from);
	else
		x64_op(b, zx[size], size == 3, dst, from);
}

static void load_from(Gen *g, const GenAccess *a, unsigned dst)
{
	if (dst >= X64_XMM0)
		gen_vec_load_rm(&g->hot, dst, a->host);
	else if ((a->mem & IR_MEM_SWAP) && a->bytes > 1)
		load_swapped(g, &g->hot, a->mem, dst, a->host);
	else
		load_plain(&g->hot, a->mem, dst, a->host);
}

static void load(Gen *g)
{
	const IrIns *i = gen_ins(g);
	GenAccess a;
	unsigned dst;
	uint32_t site;

	address(g, &a);
	site = gen_site(
		g,
		(JitSite){ .op = i->op, .ea = LOC(LOC_REG, a.base), .disp = a.disp, .mem = a.mem });
	alloc_step(g);
	dst = alloc_def(g, X64_NONE, 0);
	g_array_index(g->sites, JitSite, site).reg = (uint8_t)dst;
	gen_tlb_check(g, &a, g->t->tlb.rd, site);
	load_from(g, &a, dst);
	gen_tlb_slow(g, &a, site);
}

static uint64_t swap_k(uint64_t k, unsigned bytes)
{
	return __builtin_bswap64(k) >> (64 - 8 * bytes);
}

static void store_k(X64Buf *b, const GenAccess *a, uint64_t k)
{
	static const uint8_t forms[] = { X64_MOV8_I, X64_MOV16_I, X64_MOV_I, X64_MOV_I };
	unsigned size = a->mem & IR_MEM_SIZE;

	if ((a->mem & IR_MEM_SWAP) && size)
		k = swap_k(k, a->bytes);
	if (size == 3 && !x64_fits32(k)) {
		x64_mov_k(b, X64_RAX, k);
		x64_op(b, X64_MOV_MR, 1, X64_RAX, a->host);
	} else {
		x64_opi(b, forms[size], size == 3, 0, a->host, (int64_t)k);
	}
}

static void store_reg(const Gen *g, X64Buf *b, const GenAccess *a, unsigned reg)
{
	static const uint8_t forms[] = { X64_MOV8_MR, X64_MOV16_MR, X64_MOV_MR, X64_MOV_MR };
	unsigned size = a->mem & IR_MEM_SIZE;
	bool swap = (a->mem & IR_MEM_SWAP) && size;

	if (swap && (g->j->features & JIT_MOVBE)) {
		x64_op(b, size == 1 ? X64_MOVBE16_MR : X64_MOVBE_MR, size == 3, reg, a->host);
		return;
	}
	if (swap) {
		x64_mov(b, size == 3, X64_RAX, xr(reg));
		x64_bswap(b, size == 3, X64_RAX);
		if (size == 1)
			x64_opi(b, X64_SHR_I, 0, 0, xr(X64_RAX), 16);
		reg = X64_RAX;
	}
	x64_op(b, forms[size], size == 3, reg, a->host);
}

/* From reg, or (X64_NONE) the constant k. */
static void store_to(Gen *g, const GenAccess *a, unsigned reg, uint64_t k)
{
	if (reg == X64_NONE)
		store_k(&g->hot, a, k);
	else if (reg >= X64_XMM0)
		gen_vec_store_rm(&g->hot, reg, a->host);
	else
		store_reg(g, &g->hot, a, reg);
}

static void store(Gen *g)
{
	const IrIns *i = gen_ins(g);
	unsigned reg = X64_NONE;
	GenAccess a;
	uint64_t k = 0;
	uint32_t site;

	address(g, &a);
	if (!gen_is_k(g, i->b, &k) || gen_chance(g, 2))
		reg = alloc_use(g, 1);
	site = gen_site(g,
			(JitSite){ .op = i->op,
				   .ea = LOC(LOC_REG, a.base),
				   .value = reg == X64_NONE ? gen_loc(g, i->b) : LOC(LOC_REG, reg),
				   .disp = a.disp,
				   .mem = a.mem });
	gen_tlb_check(g, &a, g->t->tlb.wr, site);
	store_to(g, &a, reg, k);
	gen_tlb_slow(g, &a, site);
	alloc_step(g);
}

void gen_mem(Gen *g)
{
	if (ir_ops[gen_ins(g)->op].result != '-')
		load(g);
	else
		store(g);
}

/*
 * The last of the loads off this PTR that come right behind it: these add up the address themselves, so that where one is
 * a pointer to follow, nothing stands between.  *all: are they all there is?
 */
static unsigned loads_behind(const Gen *g, bool *all)
{
	unsigned last = 0, n = 0;

	for (unsigned k = g->at + 1; k < g->ir->n; k++) {
		const IrIns *i = &g->ir->ins[k];

		if (gen_idle(g, k))
			continue;
		if (i->op < IR_LDP || i->op > IR_LDPV || i->a != g->at)
			break;
		last = k;
		n++;
	}
	*all = n == g->val[g->at].uses;
	return last;
}

void gen_ptr(Gen *g)
{
	const IrIns *i = gen_ins(g);
	GenAccess a = { .base = alloc_use(g, 0),
			.disp = ir_ptr_first(i->imm),
			.bytes = ir_ptr_bytes(i->imm),
			.mem = i->imm & IR_PTR_HIGH ? IR_MEM_HIGH : 0 };
	bool store = i->imm & IR_PTR_STORE;
	uint32_t site = gen_site(g, (JitSite){ .op = i->op,
					       .ea = LOC(LOC_REG, a.base),
					       .disp = a.disp,
					       .mem = i->imm });
	unsigned dst;
	bool all;

	g->near_last = loads_behind(g, &all);
	g->near_base = a.base;
	alloc_step(g);
	dst = alloc_def(g, X64_NONE, g->near_last ? 1u << a.base : 0);
	g_array_index(g->sites, JitSite, site).reg = (uint8_t)dst;
	gen_tlb_check(g, &a, store ? g->t->tlb.wr : g->t->tlb.rd, site);
	a.host.disp -= a.disp;
	if (!g->near_last || !all)
		x64_op(&g->hot, X64_LEA, 1, dst, a.host);
	a.near = g->near_last != 0;
	a.reg = dst;
	gen_tlb_slow(g, &a, site);
}

/* One of the loads right behind a PTR. */
static void by_near(Gen *g, GenAccess *a)
{
	bool last = g->at == g->near_last;

	a->host = xmi(g->near_base, X64_RCX, 1, (int16_t)gen_ins(g)->exit);
	alloc_step(g);
	load_from(g, a, alloc_def(g, X64_NONE, last ? 0 : 1u << g->near_base));
	if (last)
		g->near_last = 0;
}

enum { TWINS_MIN = 4, TWINS_MAX = 8 };

/* Is operation n a store of the value of the one under way at a distance of doublewords from its place? */
static bool is_twin(const Gen *g, unsigned n)
{
	const IrIns *i = &g->ir->ins[n], *first = gen_ins(g);

	return i->op == IR_STP && i->a == first->a && i->b == first->b && i->imm == first->imm &&
	       !((i->exit ^ first->exit) & 7);
}

/* Places of this store and of its twins that nothing comes between which may leave, load or store; in order. */
static unsigned twins(const Gen *g, int16_t *place, unsigned *last)
{
	unsigned n = 0;

	for (unsigned k = g->at; k < g->ir->n && n < TWINS_MAX; k++) {
		const IrIns *i = &g->ir->ins[k];
		int16_t p = (int16_t)i->exit;
		unsigned at = n;

		if (gen_idle(g, k))
			continue;
		if (!is_twin(g, k)) {
			if (!(ir_ops[i->op].flags & IRF_P))
				break;
			continue;
		}
		*last = k;
		for (; at && place[at - 1] > p; at--)
			place[at] = place[at - 1];
		place[at] = p;
		n++;
	}
	return n;
}

/*
 * Stores of one doubleword to neighbouring places (memory is being filled): two by two.  The order in which others see them
 * is not given, and each is whole, as in stores of vectors.  False: this one is alone.
 */
static bool store_twins(Gen *g)
{
	const IrIns *i = gen_ins(g);
	int16_t place[TWINS_MAX];
	GenAccess a = { .mem = i->imm, .bytes = 8 };
	unsigned n, last = 0, reg = X64_NONE;
	uint64_t k = 0;
	bool is_k = gen_is_k(g, i->b, &k);

	if (i->op != IR_STP || a.mem & IR_MEM_SWAP || (a.mem & IR_MEM_SIZE) != IR_MEM_8 || k)
		return false;
	if (g->twins_last >= g->at && i->a == g->twins_ptr && i->b == g->twins_value) {
		alloc_step(g);
		return true;
	}
	n = twins(g, place, &last);
	if (n < TWINS_MIN)
		return false;
	g->twins_last = last;
	g->twins_ptr = i->a;
	g->twins_value = i->b;
	a.base = alloc_use(g, 0);
	if (!is_k)
		reg = alloc_use(g, 1);
	gen_vec_twice(g, reg);
	for (unsigned m = 0; m < n; m++) {
		bool two = m + 1 < n && place[m + 1] == place[m] + 8;

		a.host = xm(a.base, place[m]);
		store_to(g, &a, two ? X64_XMM0 : reg, 0);
		m += two;
	}
	alloc_step(g);
	return true;
}

void gen_by_ptr(Gen *g)
{
	const IrIns *i = gen_ins(g);
	GenAccess a = { .mem = i->imm, .bytes = 1u << (i->imm & IR_MEM_SIZE) };
	unsigned reg = X64_NONE;
	uint64_t k = 0;

	if (g->near_last) {
		by_near(g, &a);
		return;
	}
	if (store_twins(g))
		return;
	a.base = alloc_use(g, 0);
	a.host = xm(a.base, (int16_t)i->exit);
	if (ir_ops[i->op].result != '-') {
		alloc_step(g);
		load_from(g, &a, alloc_def(g, X64_NONE, 0));
		return;
	}
	if (!gen_is_k(g, i->b, &k) || gen_chance(g, 2))
		reg = alloc_use(g, 1);
	store_to(g, &a, reg, k);
	alloc_step(g);
}
