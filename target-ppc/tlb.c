/*
 * Software TLB: contexts, filling, flushing.  See tlb.h; shoot.c has how CPUs ask
 * each other to flush.
 *
 * Between the walk of the tables and the entry made of it nothing others ask for is
 * served, so that an entry is either made by what the tables are after a change, or goes with
 * the request that follows the change.  Only where the walk had to wait meanwhile
 * (Vcpu.outs) that is not so: then the instruction begins again.
 */
#include <inttypes.h>
#include "base/log.h"
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/debug.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/seen.h"
#include "target-ppc/tlb.h"
#include "target-ppc/verify.h"

void ppc_tlb_init(PpcCpu *cpu)
{
	cpu->tlb = g_new0(PpcTlb, 1);
	g_mutex_init(&cpu->tlb->lock);
	ppc_sets_init(cpu);
}

void ppc_tlb_free(PpcCpu *cpu)
{
	if (!cpu->tlb)
		return;
	for (unsigned i = 0; i < PPC_TLB_CTX; i++) {
		ppc_seen_free(cpu->tlb->ctx[i]);
		g_free(cpu->tlb->ctx[i]);
	}
	ppc_sets_free(cpu);
	g_mutex_clear(&cpu->tlb->lock);
	g_free(cpu->tlb);
	cpu->tlb = NULL;
}

/* A context holds 136 KiB: one that was hardly used is not cleared as a whole. */
static void ctx_flush(PpcTlb *t, PpcTlbCtx *c)
{
	if (__builtin_popcountll(c->classes) > 12) {
		memset(c->d, 0xff, sizeof(c->d));
		memset(c->i, 0xff, sizeof(c->i));
	} else {
		for (uint64_t left = c->classes; left; left &= left - 1) {
			unsigned first = (unsigned)__builtin_ctzll(left);

			for (unsigned k = first; k < PPC_TLB_SIZE; k += 64)
				c->d[k].rd = c->d[k].wr = TLB_NONE;
			for (unsigned k = first; k < PPC_ITLB_SIZE; k += 64)
				c->i[k].tag = TLB_NONE;
		}
	}
	c->classes = c->tibs = 0;
	c->coded = false;
	ppc_tlb_new_gen(t, c);
}

/* A page of ea is about to be entered. */
static void ctx_note(PpcTlbCtx *c, uint64_t ea)
{
	c->classes |= UINT64_C(1) << (ea >> PPC_PAGE_SHIFT & 63);
	c->tibs |= UINT64_C(1) << (ea >> 40 & 63);
}

/* The context of a key: four places to look, the longest unused gives way. */
PpcTlbCtx *ppc_tlb_context(PpcTlb *t, PpcTlbKey key)
{
	uint64_t h = (key.a ^ key.amr) * UINT64_C(0x9e3779b97f4a7c15);
	unsigned base = h >> 58, victim = 0;
	uint64_t oldest = UINT64_MAX;

	for (unsigned k = 0; k < 4; k++) {
		unsigned n = (base + k) % PPC_TLB_CTX;
		PpcTlbCtx *c = t->ctx[n];

		if (c && c->key.a == key.a && c->key.amr == key.amr) {
			c->used = ++t->clock;
			return c;
		}
		if (!c || c->used < oldest) {
			oldest = c ? c->used : 0;
			victim = n;
		}
	}
	if (!t->ctx[victim]) {
		t->ctx[victim] = g_new0(PpcTlbCtx, 1);
		t->ctx[victim]->classes = UINT64_MAX;
	}
	t->ctx[victim]->key = key;
	t->ctx[victim]->used = ++t->clock;
	ctx_flush(t, t->ctx[victim]);
	return t->ctx[victim];
}

/* Key for translated accesses to one half of the address space. */
static PpcTlbKey key_of(const PpcCpu *cpu, unsigned half, bool fetch)
{
	bool pr = cpu->msr & MSR_PR;
	PpcTlbKey k = { .a = (uint64_t)half << 8 | (uint64_t)pr << 9, .amr = 0 };

	if (cpu->model->mmu == PPC_MMU_V3 && (cpu->spr.LPCR & LPCR_HR)) {
		k.a |= PPC_TLB_RADIX;
		if (!half) {
			k.a |= (cpu->spr.PIDR & 0xfffff) << 16;
			/* Key 0 guards user pages from privileged accesses. */
			if (!pr)
				k.amr = (cpu->spr.AMR >> 62) | (cpu->spr.IAMR >> 62) << 2;
		}
		return k;
	}
	k.a |= PPC_TLB_HASH;
	k.amr = fetch ? cpu->spr.IAMR : cpu->spr.AMR;
	k.a |= (uint64_t)fetch << 10;
	return k;
}

void ppc_tlb_switch(PpcCpu *cpu)
{
	static const PpcTlbKey real = { .a = PPC_TLB_REAL };
	PpcTlb *t = cpu->tlb;

	if (t->sets) {
		ppc_tlb_switch_32(cpu);
		return;
	}
	for (unsigned half = 0; half < 2; half++) {
		cpu->dctx[half] = ppc_tlb_context(t, cpu->msr & MSR_DR ? key_of(cpu, half, false)
								       : real);
		cpu->ictx[half] = ppc_tlb_context(t, cpu->msr & MSR_IR ? key_of(cpu, half, true)
								       : real);
	}
	cpu->dctx_now = cpu->dctx[!(cpu->msr & MSR_PR)];
	t->switches++;
}

/* ------------------------------------------------------------- flushing */

static bool ctx_drop_page(PpcTlbCtx *c, uint64_t ea, unsigned shift)
{
	uint64_t first = ea >> PPC_PAGE_SHIFT;
	unsigned n = shift > PPC_PAGE_SHIFT ? 1u << (shift - PPC_PAGE_SHIFT) : 1;
	bool code = false;

	first &= ~(uint64_t)(n - 1);
	for (unsigned k = 0; k < n; k++) {
		PpcTlbEntry *e = &c->d[(first + k) & (PPC_TLB_SIZE - 1)];
		PpcItlbEntry *i = &c->i[(first + k) & (PPC_ITLB_SIZE - 1)];

		e->rd = e->wr = TLB_NONE;
		code |= i->tag != TLB_NONE;
		i->tag = TLB_NONE;
	}
	return code;
}

static void flush_page(PpcTlb *t, uint64_t ea, unsigned shift)
{
	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];

		if (!c || (c->key.a & 0xff) == PPC_TLB_REAL)
			continue;
		if (shift >= PPC_PAGE_SHIFT + 9)
			ctx_flush(t, c);
		else if (ctx_drop_page(c, ea, shift))
			ppc_tlb_new_gen(t, c);
	}
	t->page_flushes++;
}

/* The page itself and no other; true: an instruction of it may have been looked up. */
static bool ctx_drop_exact(PpcTlbCtx *c, uint64_t ea, unsigned shift)
{
	uint64_t page = ea >> shift << shift;
	bool code = false;

	for (unsigned n = 1u << (shift - PPC_PAGE_SHIFT); n; n--, page += RAM_PAGE_SIZE) {
		PpcTlbEntry *e = &c->d[page >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
		PpcItlbEntry *i = &c->i[page >> PPC_PAGE_SHIFT & (PPC_ITLB_SIZE - 1)];

		if ((e->rd & ~TLB_SLOW) == page || (e->wr & ~TLB_SLOW) == page)
			e->rd = e->wr = TLB_NONE;
		/* What has given way to another page is not to be found here. */
		code |= i->tag == page || (c->lost && i->tag != TLB_NONE);
		if (i->tag != page)
			continue;
		i->tag = TLB_NONE;
		ppc_unseen(c, page, i->pa);
	}
	return code;
}

static void flush_radix(PpcTlb *t, const PpcFlush *f)
{
	unsigned half = f->ea >> 63;

	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];

		if (!c || (c->key.a & 0xff) != PPC_TLB_RADIX || (c->key.a >> 8 & 1) != half)
			continue;
		/* In the upper half there is one process, 0. */
		if (!half && c->key.a >> 16 != f->pid)
			continue;
		if (f->shift > 21)
			ctx_flush(t, c);
		else if (ctx_drop_exact(c, f->ea, f->shift))
			ppc_tlb_new_gen(t, c);
	}
	t->page_flushes++;
}

static void flush_pid(PpcTlb *t, uint64_t pid)
{
	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];

		/* PID 0 maps the upper half of every process as well. */
		if (c && (c->key.a & 0xff) == PPC_TLB_RADIX && c->key.a >> 16 == pid)
			ctx_flush(t, c);
	}
	t->full_flushes++;
}

static void flush_slb(PpcTlb *t)
{
	for (unsigned n = 0; n < PPC_TLB_CTX; n++)
		if (t->ctx[n] && ppc_tlb_is_hash(t->ctx[n]))
			ctx_flush(t, t->ctx[n]);
}

static void wprot(PpcTlbEntry *e, uint64_t pa)
{
	if ((e->pa & PPC_PAGE_MASK) == pa && e->wr != TLB_NONE)
		e->wr |= TLB_SLOW;
}

static void flush_wprot(PpcTlb *t, uint64_t pa, uint32_t where)
{
	uint16_t at[] = { where & 0xffff, where >> 16 };

	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];

		if (!c)
			continue;
		if (where == PPC_WRITERS_MANY) {
			for (unsigned k = 0; k < PPC_TLB_SIZE; k++)
				wprot(&c->d[k], pa);
			continue;
		}
		for (unsigned k = 0; k < ARRAY_LEN(at); k++)
			if (at[k])
				wprot(&c->d[at[k] - 1], pa);
	}
}

static uint32_t with_writer(uint32_t was, uint32_t k)
{
	if (was == PPC_WRITERS_MANY || (was & 0xffff) == k || was >> 16 == k)
		return was;
	if (!was)
		return k;
	return was >> 16 ? PPC_WRITERS_MANY : was | k << 16;
}

/* An entry that allows stores into the real page is about to be made at index k. */
static void note_writer(PpcCpu *cpu, uint64_t pa, unsigned k)
{
	_Atomic uint32_t *w = &ppc_code_map(cpu)->writers[pa >> RAM_PAGE_SHIFT];
	uint32_t was = atomic_load(w), now;

	do
		now = with_writer(was, k + 1);
	while (now != was && !atomic_compare_exchange_weak(w, &was, now));
}

static void flush_writes(PpcTlb *t)
{
	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];

		for (unsigned k = 0; c && k < PPC_TLB_SIZE; k++)
			if (c->d[k].wr != TLB_NONE)
				c->d[k].wr |= TLB_SLOW;
	}
}

void ppc_tlb_forget_data(PpcCpu *cpu, uint64_t ea)
{
	PpcTlb *t = cpu->tlb;

	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbEntry *e;

		if (!t->ctx[n])
			continue;
		e = &t->ctx[n]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
		e->rd = e->wr = TLB_NONE;
	}
}

/* ctx_drop_page() for every page number that ends in the same bits. */
static void flush_class(PpcTlb *t, uint64_t ea, unsigned bits)
{
	unsigned page = ea >> PPC_PAGE_SHIFT & 63, step = 1u << bits;
	uint64_t classes = 0;

	for (unsigned k = page & (step - 1); k < 64; k += step)
		classes |= UINT64_C(1) << k;
	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];
		bool code = false;

		if (!c || (c->key.a & 0xff) == PPC_TLB_REAL || !(c->classes & classes))
			continue;
		for (uint64_t k = page & (step - 1); k < PPC_TLB_SIZE; k += step)
			code |= ctx_drop_page(c, k << PPC_PAGE_SHIFT, PPC_PAGE_SHIFT);
		c->classes &= ~classes;
		if (code)
			ppc_tlb_new_gen(t, c);
	}
	t->page_flushes++;
}

static void flush(PpcCpu *cpu, const PpcFlush *f)
{
	PpcTlb *t = cpu->tlb;

	cpu->vcpu.own = 1;
	if (t->limbo)
		t->limbo->gen = ++t->gen;
	switch (f->kind) {
	case PPC_FLUSH_ALL:
		for (unsigned n = 0; n < PPC_TLB_CTX; n++)
			if (t->ctx[n])
				ctx_flush(t, t->ctx[n]);
		t->full_flushes++;
		/* Segment registers and BATs may have been loaded. */
		ppc_seg_changed(cpu);
		break;
	case PPC_FLUSH_CLASS: flush_class(t, f->ea, f->shift); break;
	case PPC_FLUSH_PAGE: flush_page(t, f->ea, f->shift); break;
	case PPC_FLUSH_RADIX: flush_radix(t, f); break;
	case PPC_FLUSH_SLB: flush_slb(t); break;
	case PPC_FLUSH_PID: flush_pid(t, f->ea); break;
	case PPC_FLUSH_WRITES: flush_writes(t); break;
	case PPC_FLUSH_WPROT: flush_wprot(t, f->ea, f->pid); break;
	case PPC_FLUSH_CODE: ppc_blocks_drop_page(cpu, f->ea); break;
	case PPC_FLUSH_BLOCKS: ppc_blocks_drop_all(cpu); break;
	}
}

void ppc_tlb_do(PpcCpu *cpu, const PpcFlush *f)
{
	bool inexact = ppc_fp_host_state();

	flush(cpu, f);
	ppc_fp_host_restore(inexact);
}

/* -------------------------------------------------------------- walking */

static bool walk_real(PpcCpu *cpu, uint64_t ea, PpcXlate *x)
{
	(void)cpu;
	/* Book III 5.7.3: the upper four bits do not take part; offset 0. */
	*x = (PpcXlate){
		.pa = ea & (UINT64_MAX >> 4), .shift = 24, .r = true, .w = true, .x = true
	};
	return true;
}

bool ppc_walk(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f)
{
	if (!(cpu->msr & (acc == PPC_FETCH ? MSR_IR : MSR_DR)))
		return walk_real(cpu, ea, x);
	if (cpu->model->mmu == PPC_MMU_32)
		return ppc_walk_32(cpu, ea, acc, debug, x, f);
	if (cpu->model->mmu == PPC_MMU_V3 && (cpu->spr.LPCR & LPCR_HR))
		return ppc_walk_radix(cpu, ea, acc, debug, x, f);
	return ppc_walk_hash64(cpu, ea, acc, debug, x, f);
}

G_NORETURN static void raise_fault(PpcCpu *cpu, uint64_t ea, PpcAccess acc, const PpcFault *f)
{
	if (log_on(LOG_MMU))
		log_line("mmu: cpu %u %s at 0x%" PRIx64 " (nip 0x%" PRIx64 "): vector 0x%x, 0x%08x",
			 cpu->index,
			 acc == PPC_FETCH   ? "fetch"
			 : acc == PPC_STORE ? "store"
					    : "load",
			 ea, acc == PPC_FETCH ? ea : ppc_cia(cpu), f->vector, f->bits);
	/* A fetch that fails takes the time of an instruction: vectors may fail for ever. */
	if (acc == PPC_FETCH)
		cpu->slice_left--;
	ppc_raise_fault(cpu, ea, acc, f);
}

/* Has the CPU had to wait since, so that what it read may have been changed behind its back? */
static bool stale(const PpcCpu *cpu, uint32_t outs)
{
	return cpu->vcpu.outs != outs && !cpu->counted;
}

/* Enters the page of ea, which was found at x, into the current context. */
static void enter(PpcCpu *cpu, uint64_t ea, const PpcXlate *x)
{
	PpcTlbEntry *e = &cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
	const Ram *ram = cpu->dev.machine->ram;
	uint64_t page = ea & PPC_PAGE_MASK;
	bool fast;

	cpu->tlb->fills++;
	e->pa = x->pa & PPC_PAGE_MASK;
	ctx_note(cpu->dctx[ea >> 63], ea);
	fast = ram_has(ram, e->pa, RAM_PAGE_SIZE) && !ppc_is_swizzled(cpu) &&
	       !ppc_watch_page(cpu, page);
	e->addend = fast ? (uintptr_t)ram->host + e->pa - page : 0;
	e->rd = x->r ? page | (fast ? 0 : TLB_SLOW) : TLB_NONE;
	e->wr = TLB_NONE;
	e->pa |= x->wi;
	if (!x->w)
		return;
	if (fast && !x->wi) {
		_Atomic uint8_t *flags = &ram->page_flags[e->pa >> RAM_PAGE_SHIFT];

		/* The order matters: a page is marked as writable in some
		 * TLB before its other flags are looked at. */
		note_writer(cpu, e->pa, ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1));
		if (!(atomic_load_explicit(flags, memory_order_relaxed) & RAM_PAGE_WTAG))
			atomic_fetch_or(flags, RAM_PAGE_WTAG);
		fast = !(atomic_load(flags) & ~RAM_PAGE_WTAG);
	}
	/*
	 * dcbz and reservations look at the attributes: their pages are slow to store to.  What programs may store to
	 * unasked, they may load as well: their units ask once for both (Ir.apart).  Kernels write to programs with the right
	 * to read taken away by AMR.
	 */
	fast &= !x->wi && !cpu->verify && (x->r || !(cpu->mode & PPC_MODE_PR));
	e->wr = page | (fast ? 0 : TLB_SLOW);
}

/* Translates and enters the page into the current context. */
static void fill(PpcCpu *cpu, uint64_t ea, PpcAccess acc, PpcXlate *x)
{
	uint32_t outs = cpu->vcpu.outs;
	PpcFault f;

	if (!ppc_walk(cpu, ea, acc, false, x, &f))
		raise_fault(cpu, ea, acc, &f);
	/* So nothing that is absent has an entry. */
	if (unlikely(!ram_need(cpu->dev.machine->ram, x->pa, 1) || stale(cpu, outs)))
		ppc_restart(cpu);
	enter(cpu, ea, x);
}

/* Could the entry's page be stored to without a question? */
static bool page_is_plain(const PpcCpu *cpu, uint64_t ea, const PpcTlbEntry *e)
{
	const Ram *ram = cpu->dev.machine->ram;
	uint64_t pa = e->pa & PPC_PAGE_MASK;

	return pa == e->pa && ram_has(ram, pa, RAM_PAGE_SIZE) &&
	       !(atomic_load_explicit(&ram->page_flags[pa >> RAM_PAGE_SHIFT],
				      memory_order_relaxed) &
		 ~RAM_PAGE_WTAG) &&
	       !ppc_watch_page(cpu, ea & PPC_PAGE_MASK);
}

/* Real address of ea for an access that lies in one page. */
static uint64_t data_pa(PpcCpu *cpu, uint64_t ea, PpcAccess acc)
{
	const PpcTlbEntry *e;
	uint64_t tag;
	PpcXlate x;

	if (unlikely(cpu->dctx[0] == cpu->tlb->limbo))
		ppc_tlb_settle(cpu);
	e = &cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
	tag = acc == PPC_STORE ? e->wr : e->rd;
	/* A page that no longer has a reason to be slow is entered anew. */
	if ((tag & ~TLB_SLOW) == (ea & PPC_PAGE_MASK) &&
	    !(acc == PPC_STORE && (tag & TLB_SLOW) && page_is_plain(cpu, ea, e)))
		return (e->pa & PPC_PAGE_MASK) | (ea & ~PPC_PAGE_MASK);
	fill(cpu, ea, acc, &x);
	return x.pa;
}

unsigned ppc_attributes(const PpcCpu *cpu, uint64_t ea)
{
	return cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)].pa &
	       (TLB_PA_W | TLB_PA_I);
}

uint64_t ppc_fetch_pa(PpcCpu *cpu, uint64_t ea)
{
	bool passing = cpu->ictx[0] == cpu->tlb->limbo && ppc_tlb_passing_fetch(cpu);
	PpcItlbEntry *e = &cpu->ictx[ea >> 63]->i[ea >> PPC_PAGE_SHIFT & (PPC_ITLB_SIZE - 1)];
	uint32_t outs = cpu->vcpu.outs;
	PpcXlate x;
	PpcFault f;

	if (likely(e->tag == (ea & PPC_PAGE_MASK)))
		return e->pa | (ea & ~PPC_PAGE_MASK);
	if (!ppc_walk(cpu, ea, PPC_FETCH, false, &x, &f))
		raise_fault(cpu, ea, PPC_FETCH, &f);
	if (unlikely(!ram_need(cpu->dev.machine->ram, x.pa, 1) || stale(cpu, outs)))
		ppc_leave(&cpu->vcpu);
	if (passing)
		return x.pa;
	/* Neither by a block nor in real mode. */
	if (x.shift == PPC_PAGE_SHIFT)
		ppc_code_in_segment(cpu, ea);
	ctx_note(cpu->ictx[ea >> 63], ea);
	/* From now on something may depend on what it says (unit.c). */
	if (!cpu->ictx[ea >> 63]->coded) {
		cpu->ictx[ea >> 63]->coded = true;
		cpu->vcpu.own = 1;
		ppc_seen_none(cpu->ictx[ea >> 63]);
	}
	cpu->ictx[ea >> 63]->lost |= e->tag != TLB_NONE;
	e->tag = ea & PPC_PAGE_MASK;
	e->pa = x.pa & PPC_PAGE_MASK;
	if (ram_has(cpu->dev.machine->ram, x.pa, 1))
		ppc_seen(cpu, ea, x.pa);
	return x.pa;
}

/* --------------------------------------------------- without a question */

static PpcTlbEntry *entry_of(const PpcCpu *cpu, uint64_t ea)
{
	return &cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
}

/* Host address of n bytes of RAM at ea, all in one page, or NULL. */
static uint8_t *try_page(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc)
{
	const PpcTlbEntry *e = entry_of(cpu, ea);
	const Ram *ram = cpu->dev.machine->ram;
	uint64_t page = ea & PPC_PAGE_MASK, pa;
	PpcXlate x;
	PpcFault f;

	if ((acc == PPC_STORE ? e->wr : e->rd) == page)
		return (uint8_t *)(uintptr_t)(e->addend + ea);
	if (ppc_watch_page(cpu, page) || atomic_load_explicit(&ram->absent, memory_order_acquire))
		return NULL;
	if (acc == PPC_LOAD || (e->wr & ~TLB_SLOW) != page || page_is_plain(cpu, ea, e)) {
		if (!ppc_walk(cpu, ea, acc, false, &x, &f) || !ram_has(ram, x.pa, 1))
			return NULL;
		enter(cpu, ea, &x);
		if ((acc == PPC_STORE ? e->wr : e->rd) == page)
			return (uint8_t *)(uintptr_t)(e->addend + ea);
	}
	pa = (e->pa & PPC_PAGE_MASK) | (ea & ~PPC_PAGE_MASK);
	if (acc == PPC_LOAD || !ram_has(ram, pa, n) || !ppc_store_is_plain(cpu, pa, n))
		return NULL;
	return ram->host + pa;
}

/* Of a range over a border of pages: both are to be had as they are, and lie together in the host's memory. */
static uint8_t *try_border(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc)
{
	uint64_t next = ppc_ea(cpu, (ea + n - 1) & PPC_PAGE_MASK);
	const PpcTlbEntry *e = entry_of(cpu, ea), *f = entry_of(cpu, next);

	if ((acc == PPC_STORE ? e->wr : e->rd) != (ea & PPC_PAGE_MASK) ||
	    (acc == PPC_STORE ? f->wr : f->rd) != next ||
	    f->addend + next != e->addend + (ea & PPC_PAGE_MASK) + RAM_PAGE_SIZE)
		return NULL;
	return (uint8_t *)(uintptr_t)(e->addend + ea);
}

uint8_t *ppc_try_range(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc)
{
	const PpcTlbEntry *e = entry_of(cpu, ea);
	const Ram *ram = cpu->dev.machine->ram;
	uint64_t page = ea & PPC_PAGE_MASK;
	PpcXlate x;
	PpcFault f;

	if (((ea + n - 1) & PPC_PAGE_MASK) != page)
		return try_border(cpu, ea, n, acc);
	if ((acc == PPC_STORE ? e->wr : e->rd) != page) {
		if (unlikely(cpu->dctx[0] == cpu->tlb->limbo) || ppc_is_swizzled(cpu) ||
		    ppc_watch_page(cpu, page) ||
		    atomic_load_explicit(&ram->absent, memory_order_acquire) ||
		    !ppc_walk(cpu, ea, acc, false, &x, &f) || !ram_has(ram, x.pa, 1))
			return NULL;
		enter(cpu, ea, &x);
		if ((acc == PPC_STORE ? e->wr : e->rd) != page)
			return NULL;
	}
	return (uint8_t *)(uintptr_t)(e->addend + ea);
}

/* Both parts of an access; the second is empty unless it crosses into another page. */
static bool try_parts(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc, uint8_t *p[2],
		      unsigned *first)
{
	unsigned room = (unsigned)(RAM_PAGE_SIZE - (ea & ~PPC_PAGE_MASK));

	if (unlikely(cpu->dctx[0] == cpu->tlb->limbo) || ppc_is_swizzled(cpu))
		return false;
	*first = MIN(room, n);
	p[0] = try_page(cpu, ea, *first, acc);
	if (!p[0])
		return false;
	if (likely(*first == n))
		return true;
	p[1] = try_page(cpu, ppc_ea(cpu, ea + room), n - room, acc);
	return p[1] != NULL;
}

uint8_t *ppc_try_host(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc, uint64_t *pa)
{
	uint8_t *p[2];
	unsigned first;

	if (!try_parts(cpu, ea, n, acc, p, &first) || first != n)
		return NULL;
	*pa = (uint64_t)(p[0] - cpu->dev.machine->ram->host);
	return p[0];
}

bool ppc_try_load(PpcCpu *cpu, uint64_t ea, unsigned n, void *buf)
{
	uint8_t *p[2];
	unsigned first;

	if (!try_parts(cpu, ea, n, PPC_LOAD, p, &first))
		return false;
	ppc_copy(buf, p[0], first);
	if (first < n)
		ppc_copy((uint8_t *)buf + first, p[1], n - first);
	return true;
}

static void stored(PpcCpu *cpu, uint8_t *p, const void *buf, unsigned n)
{
	uint64_t pa = (uint64_t)(p - cpu->dev.machine->ram->host);

	ppc_put(cpu, pa, buf, n);
	ppc_after_store(cpu, pa, n);
}

bool ppc_try_store(PpcCpu *cpu, uint64_t ea, unsigned n, const void *buf)
{
	uint8_t *p[2];
	unsigned first;

	if (!try_parts(cpu, ea, n, PPC_STORE, p, &first))
		return false;
	if (unlikely(cpu->verify)) {
		ppc_verify_note(cpu, p[0], first);
		if (first < n)
			ppc_verify_note(cpu, p[1], n - first);
	}
	stored(cpu, p[0], buf, first);
	if (first < n)
		stored(cpu, p[1], (const uint8_t *)buf + first, n - first);
	return true;
}

/* ------------------------------------------------------ slow data paths */

/*
 * A register access, under the machine lock.  In counted time what it
 * causes must be seen before the next instruction, so the instruction is
 * begun again alone in single mode.
 */
static void io_access(PpcCpu *cpu, uint64_t ea, uint64_t pa, void *buf, unsigned n, bool store)
{
	Machine *m = cpu->dev.machine;
	BusResult r;

	if (cpu->counted && !cpu->single)
		ppc_restart_single(cpu);
	machine_lock(m);
	/* While it waited for the lock, the page may have become another's. */
	if (!cpu->counted && (atomic_load(&cpu->vcpu.events) & PPC_EV_TLB)) {
		machine_unlock(m);
		ppc_restart(cpu);
	}
	r = store ? bus_write(m->bus, pa, buf, n) : bus_read(m->bus, pa, buf, n);
	machine_unlock(m);
	if (unlikely(atomic_load(&cpu->vcpu.events) & PPC_EV_TLB))
		ppc_tlb_serve(cpu);
	if (r == BUS_OK)
		return;
	log_guest("cpu %u: %s of %u bytes at 0x%" PRIx64 " where nothing answers (nip 0x%" PRIx64
		  ")",
		  cpu->index, store ? "store" : "load", n, pa, ppc_cia(cpu));
	if (cpu->model->excp >= PPC_EXCP_P8)
		ppc_raise_mcheck(cpu, ea);
	if (!store)
		memset(buf, 0, n);
}

/* One side of an access that lies in one page; rights are known to be there. */
static void do_load(PpcCpu *cpu, uint64_t ea, uint64_t pa, void *buf, unsigned n)
{
	const Ram *ram = cpu->dev.machine->ram;

	if (ram_has(ram, pa, n))
		ppc_copy(buf, ram->host + pa, n);
	else
		io_access(cpu, ea, pa, buf, n, false);
}

static void do_store(PpcCpu *cpu, uint64_t ea, uint64_t pa, const void *buf, unsigned n)
{
	Ram *ram = cpu->dev.machine->ram;

	if (!ram_has(ram, pa, n)) {
		io_access(cpu, ea, pa, (void *)(uintptr_t)buf, n, true);
		return;
	}
	ppc_before_store(cpu, pa, n);
	if (unlikely(cpu->verify))
		ppc_verify_note(cpu, ram->host + pa, n);
	ppc_put(cpu, pa, buf, n);
	ppc_after_store(cpu, pa, n);
}

/*
 * Where an access of n bytes is found in a 32-bit model's little-endian mode;
 * one that is not aligned is not performed (PEM 3.1.4.2).
 */
static uint64_t swizzle(PpcCpu *cpu, uint64_t ea, unsigned n)
{
	if (!ppc_is_swizzled(cpu) || n >= 8)
		return ea;
	if (ea & (n - 1))
		ppc_raise_alignment(cpu, ea);
	return ea ^ (8 - n);
}

/* A vector's doublewords change places there. */
static void swap_halves(const PpcCpu *cpu, uint8_t *v, unsigned n)
{
	uint8_t t[8];

	if (n != 16 || !ppc_is_swizzled(cpu))
		return;
	memcpy(t, v, 8);
	memcpy(v, v + 8, 8);
	memcpy(v + 8, t, 8);
}

/* An access that goes on at another page; the two may lie at the ends of the address space. */
static void watch_both(PpcCpu *cpu, uint64_t ea, uint64_t next, unsigned first, unsigned n,
		       PpcAccess acc)
{
	if (likely(!cpu->debug.watches))
		return;
	if (next == ea + first) {
		ppc_watch(cpu, ea, n, acc);
		return;
	}
	ppc_watch(cpu, ea, first, acc);
	ppc_watch(cpu, next, n - first, acc);
}

void ppc_ld_slow(PpcCpu *cpu, uint64_t ea, void *buf, unsigned n)
{
	unsigned first;
	uint64_t pa, next, pa2, at = ea;

	ea = swizzle(cpu, ea, n);
	first = (unsigned)(RAM_PAGE_SIZE - (ea & ~PPC_PAGE_MASK));
	pa = data_pa(cpu, ea, PPC_LOAD);
	if (first >= n) {
		ppc_watch(cpu, at, n, PPC_LOAD);
		do_load(cpu, ea, pa, buf, n);
		swap_halves(cpu, buf, n);
		return;
	}
	next = ppc_ea(cpu, ea + first);
	pa2 = data_pa(cpu, next, PPC_LOAD);
	watch_both(cpu, ea, next, first, n, PPC_LOAD);
	do_load(cpu, ea, pa, buf, first);
	do_load(cpu, next, pa2, (uint8_t *)buf + first, n - first);
}

void ppc_st_slow(PpcCpu *cpu, uint64_t ea, const void *buf, unsigned n)
{
	const Ram *ram = cpu->dev.machine->ram;
	unsigned first;
	uint64_t pa, next, pa2, at = ea;
	uint8_t v[16];

	ea = swizzle(cpu, ea, n);
	if (n == 16) {
		memcpy(v, buf, n);
		swap_halves(cpu, v, n);
		buf = v;
	}
	first = (unsigned)(RAM_PAGE_SIZE - (ea & ~PPC_PAGE_MASK));
	pa = data_pa(cpu, ea, PPC_STORE);
	if (first >= n) {
		ppc_watch(cpu, at, n, PPC_STORE);
		do_store(cpu, ea, pa, buf, n);
		return;
	}
	next = ppc_ea(cpu, ea + first);
	pa2 = data_pa(cpu, next, PPC_STORE);
	watch_both(cpu, ea, next, first, n, PPC_STORE);
	/* Both pages take the store, and a restart happens before either does. */
	if (ram_has(ram, pa, first))
		ppc_before_store(cpu, pa, first);
	if (ram_has(ram, pa2, n - first))
		ppc_before_store(cpu, pa2, n - first);
	do_store(cpu, ea, pa, buf, first);
	do_store(cpu, next, pa2, (const uint8_t *)buf + first, n - first);
}

uint8_t *ppc_host(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc, uint64_t *pa)
{
	Ram *ram = cpu->dev.machine->ram;
	uint64_t at = ea;

	ea = swizzle(cpu, ea, n);
	*pa = data_pa(cpu, ea, acc);
	ppc_watch(cpu, at, n, acc);
	if (!ram_has(ram, *pa, n))
		return NULL;
	if (acc == PPC_STORE)
		ppc_before_store(cpu, *pa, n);
	return ram->host + *pa;
}

u128 ppc_ld128(PpcCpu *cpu, uint64_t ea)
{
	const uint8_t *p = ppc_fast_rd(cpu, ea, 16);
	uint64_t v[2];

	if (likely(p != NULL)) {
		v[0] = ppc_guest_ld64(p);
		v[1] = ppc_guest_ld64(p + 8);
	} else {
		ppc_ld_slow(cpu, ea, v, 16);
	}
	v[0] = ppc_order64(cpu, v[0]);
	v[1] = ppc_order64(cpu, v[1]);
	return cpu->le ? (u128)v[1] << 64 | v[0] : (u128)v[0] << 64 | v[1];
}

void ppc_st128(PpcCpu *cpu, uint64_t ea, u128 n)
{
	uint64_t hi = ppc_order64(cpu, (uint64_t)(n >> 64)), lo = ppc_order64(cpu, (uint64_t)n);
	const uint64_t v[2] = { cpu->le ? lo : hi, cpu->le ? hi : lo };
	uint8_t *p = ppc_fast_wr(cpu, ea, 16);

	if (likely(p != NULL)) {
		ppc_guest_st64(p, v[0]);
		ppc_guest_st64(p + 8, v[1]);
	} else {
		ppc_st_slow(cpu, ea, v, 16);
	}
}

void ppc_ld_bytes(PpcCpu *cpu, uint64_t ea, uint8_t *buf, unsigned n)
{
	const uint8_t *p = ppc_fast_rd(cpu, ea, n);

	if (p)
		ppc_copy(buf, p, n);
	else
		ppc_ld_slow(cpu, ea, buf, n);
}

void ppc_st_bytes(PpcCpu *cpu, uint64_t ea, const uint8_t *buf, unsigned n)
{
	uint8_t *p = ppc_fast_wr(cpu, ea, n);

	if (p)
		ppc_copy(p, buf, n);
	else
		ppc_st_slow(cpu, ea, buf, n);
}

void ppc_probe(PpcCpu *cpu, uint64_t ea, unsigned n, bool store)
{
	PpcAccess acc = store ? PPC_STORE : PPC_LOAD;

	data_pa(cpu, ea, acc);
	if (((ea + n - 1) ^ ea) & PPC_PAGE_MASK)
		data_pa(cpu, ppc_ea(cpu, ea + n - 1), acc);
}

void ppc_probe_store(PpcCpu *cpu, uint64_t ea, unsigned n)
{
	ppc_probe(cpu, ea, n, true);
	ppc_watch(cpu, ea, n, PPC_STORE);
}

uint64_t ppc_probe_pa(PpcCpu *cpu, uint64_t ea, bool store)
{
	return data_pa(cpu, ea, store ? PPC_STORE : PPC_LOAD);
}
