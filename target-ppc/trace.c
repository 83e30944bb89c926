/*
 * Which way hot code takes: the path from the beginning of a unit is interpreted once, and what is executed next
 * is taken to be what is mostly executed (E. Duesterwald, V. Bala, Software profiling for hot path
 * prediction: less is more, ASPLOS 2000: next executing tail).
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"
#include "target-ppc/unit.h"

enum { SHORTEST = 8 }; /* instructions of a path that does not come back */

/* Notes the page; false: there are too many. */
static bool add_page(PpcPath *p, uint64_t pa)
{
	for (unsigned i = 0; i < p->npages; i++)
		if (p->pages[i] == pa)
			return true;
	if (p->npages == PPC_TRACE_PAGES)
		return false;
	p->pages[p->npages++] = pa;
	return true;
}

static bool has(const PpcPath *p, int64_t page, unsigned off)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->page[i] == page && p->ops[i].off == off)
			return true;
	return false;
}

/* What a path cannot hold: ends of blocks that are no branches. */
static unsigned fit(const PpcBlock *b)
{
	const PpcOp *last = &b->ops[b->n - 1];

	return (last->flags & PPC_INSN_BRANCH) || !(last->flags & PPC_INSN_END) ? b->n : b->n - 1u;
}

static void add(PpcPath *p, const PpcBlock *b, unsigned n, int64_t page)
{
	for (unsigned i = 0; i < n; i++) {
		p->ops[p->n] = b->ops[i];
		p->ops[p->n].off = (uint16_t)((b->pa & ~PPC_PAGE_MASK) + b->ops[i].off);
		p->page[p->n] = page;
		p->taken[p->n++] = false;
	}
}

/* Is there room for b, and is it new? */
static bool may_add(const PpcCpu *cpu, PpcPath *p, const PpcBlock *b, int64_t page)
{
	unsigned off = b->pa & ~PPC_PAGE_MASK;

	return b->n <= cpu->slice_left && p->n + b->n <= PPC_TRACE_MAX && page > INT32_MIN &&
	       page < INT32_MAX && !has(p, page, off) && add_page(p, b->pa & PPC_PAGE_MASK);
}

/* Notes and executes b; false: the path ends there. */
static bool go_on(PpcCpu *cpu, PpcPath *p, PpcBlock *b, uint64_t base)
{
	int64_t page = (int64_t)((cpu->nip & PPC_PAGE_MASK) - base);
	uint64_t next;
	unsigned n;

	if (!b->ops)
		ppc_block_again(cpu, b);
	next = (cpu->nip + b->bytes) & cpu->ea_mask;
	n = fit(b);

	/* A loop in the path is better off by itself. */
	if (!may_add(cpu, p, b, page) || (p->n && b->unit && b->unit->loop))
		return false;
	add(p, b, n, page);
	if (n < b->n) {
		p->end = (int64_t)(cpu->nip - base) + b->ops[n].off;
		return false;
	}
	ppc_block_run(cpu, b);
	p->taken[p->n - 1] = cpu->nip != next;
	p->end = (int64_t)(cpu->nip - base);
	return true;
}

static bool long_enough(const PpcPath *p)
{
	return p->loops ? p->n > 1 : p->n >= SHORTEST;
}

bool ppc_trace_record(PpcCpu *cpu, PpcPath *p)
{
	uint64_t first = cpu->nip, base = first & PPC_PAGE_MASK, epoch = cpu->epoch;

	p->n = p->npages = 0;
	p->loops = false;
	while (cpu->epoch == epoch && cpu->slice_left && go_on(cpu, p, ppc_block_find(cpu), base)) {
		p->loops = cpu->nip == first;
		if (p->loops || atomic_load_explicit(&cpu->vcpu.events, memory_order_relaxed))
			break;
	}
	p->view = cpu->view;
	return cpu->epoch == epoch && long_enough(p);
}

static uint32_t place(const PpcPath *p, unsigned n)
{
	return (uint32_t)(p->page[n] + p->ops[n].off);
}

void ppc_trace_cut(PpcPath *p, unsigned n)
{
	if (n < p->n) {
		p->end = p->page[n] + p->ops[n].off;
		p->n = n;
	}
	p->loops = false;
}

bool ppc_trace_agree(PpcUnit *u, PpcPath *p)
{
	unsigned n = 0;

	if (!u->trials++) {
		u->trial = g_new(uint32_t, p->n);
		for (; n < p->n; n++)
			u->trial[n] = place(p, n);
		u->ntrial = (uint16_t)p->n;
		return true;
	}
	while (n < u->ntrial && n < p->n && u->trial[n] == place(p, n))
		n++;
	if (n < p->n || n < u->ntrial)
		ppc_trace_cut(p, n);
	u->ntrial = (uint16_t)n;
	return long_enough(p);
}

bool ppc_trace_in_one_page(const PpcPath *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->page[i])
			return false;
	return true;
}
