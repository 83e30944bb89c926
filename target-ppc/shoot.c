/*
 * What CPUs ask each other to forget: translations, rights to store unasked, decoded code.
 *
 * A request goes into the other CPU's queue, and its event says so; it is served between
 * blocks, before what the CPU knows is used again after a wait for the machine lock,
 * and while the CPU itself waits for others.  `asked` and `served` count requests.
 *
 * Whoever must know that a request has been served (ppc_tlb_wait(): tlbsync, ptesync, sync,
 * hypercalls on the hash table, the decoder) waits for each CPU until it has served
 * what was asked before, or does not execute (Vcpu.in_guest): then it serves before it
 * executes again.  Nobody waits in a circle: who waits serves what others ask of
 * him, and who has or wants the machine lock does not execute.  A CPU that stops while it is
 * waited for does not execute either.
 */
#include <sched.h>
#include "target-ppc/block.h"
#include "target-ppc/exec.h"
#include "target-ppc/tlb.h"

#define SPINS 200  /* looks at the other CPU before giving up ours of the host, */
#define YIELDS 100 /* and so often that before sleeping */
#define SLEEP_US 20

static bool same(const PpcFlush *a, const PpcFlush *b)
{
	return a->kind == b->kind && a->shift == b->shift && a->ea == b->ea && a->pid == b->pid;
}

/* Lock of the queue held. */
static void enqueue(PpcTlb *t, const PpcFlush *f)
{
	if (t->overflow & 1u << f->kind)
		return;
	for (unsigned i = 0; i < t->queued; i++)
		if (same(&t->queue[i], f))
			return;
	if (t->queued < PPC_FLUSH_QUEUE)
		t->queue[t->queued++] = *f;
	else
		t->overflow |= 1u << f->kind;
}

void ppc_tlb_ask(PpcCpu *other, const PpcFlush *f)
{
	PpcCodeMap *m = ppc_code_map(other);
	PpcTlb *t = other->tlb;

	g_mutex_lock(&t->lock);
	if (m && !t->queued && !t->overflow)
		atomic_fetch_add(&m->asked, 1);
	enqueue(t, f);
	/* Before it counts: whoever sees the count and the CPU not execute knows that it will look. */
	atomic_fetch_or(&other->vcpu.events, PPC_EV_TLB);
	atomic_fetch_add(&t->asked, 1);
	g_mutex_unlock(&t->lock);
	/* In host time one that sleeps need not wake up for this. */
	if (other->counted)
		vcpu_event(&other->vcpu, PPC_EV_TLB);
}

void ppc_tlb_others(PpcCpu *cpu, const PpcFlush *f)
{
	const GPtrArray *all = cpu->dev.machine->vcpus;

	for (unsigned i = 0; i < all->len; i++) {
		PpcCpu *other = ((Vcpu *)all->pdata[i])->cpu;

		if (other != cpu && other->tlb)
			ppc_tlb_ask(other, f);
	}
}

void ppc_tlb_everywhere(PpcCpu *cpu, const PpcFlush *f)
{
	ppc_tlb_do(cpu, f);
	ppc_tlb_others(cpu, f);
}

/* What had no room in the queue: all of its kind. */
static void serve_overflow(PpcCpu *cpu, unsigned kinds)
{
	static const PpcFlush all = { .kind = PPC_FLUSH_ALL },
			      blocks = { .kind = PPC_FLUSH_BLOCKS },
			      writes = { .kind = PPC_FLUSH_WRITES };
	unsigned code = 1u << PPC_FLUSH_CODE | 1u << PPC_FLUSH_BLOCKS;
	unsigned write = 1u << PPC_FLUSH_WPROT | 1u << PPC_FLUSH_WRITES;

	if (kinds & code)
		ppc_tlb_do(cpu, &blocks);
	if (kinds & write)
		ppc_tlb_do(cpu, &writes);
	if (kinds & ~(code | write))
		ppc_tlb_do(cpu, &all);
}

void ppc_tlb_serve(PpcCpu *cpu)
{
	PpcCodeMap *m = ppc_code_map(cpu);
	PpcTlb *t = cpu->tlb;
	PpcFlush todo[PPC_FLUSH_QUEUE];
	unsigned n, overflow;
	uint64_t asked;

	atomic_fetch_and(&cpu->vcpu.events, ~(uint32_t)PPC_EV_TLB);
	g_mutex_lock(&t->lock);
	n = t->queued;
	overflow = t->overflow;
	memcpy(todo, t->queue, n * sizeof(todo[0]));
	asked = atomic_load(&t->asked);
	t->queued = t->overflow = 0;
	g_mutex_unlock(&t->lock);
	if (!n && !overflow)
		return;
	for (unsigned i = 0; i < n; i++)
		ppc_tlb_do(cpu, &todo[i]);
	serve_overflow(cpu, overflow);
	ppc_new_epoch(cpu);
	atomic_store(&t->served, asked);
	/* Last: until then whoever finds it nonzero waits for `served`. */
	if (m)
		atomic_fetch_sub(&m->asked, 1);
}

static void relax(unsigned n)
{
	if (n < SPINS)
		__asm__ volatile("" ::: "memory");
	else if (n < SPINS + YIELDS)
		sched_yield();
	else
		g_usleep(SLEEP_US);
}

/* While waiting: what others ask of this one; false: nothing. */
static bool serve_own(PpcCpu *cpu)
{
	if (!(atomic_load(&cpu->vcpu.events) & PPC_EV_TLB) || !vcpu_in_guest(&cpu->vcpu))
		return false;
	ppc_tlb_serve(cpu);
	return true;
}

static bool wait_for(PpcCpu *cpu, const PpcCpu *other)
{
	uint64_t want = atomic_load(&other->tlb->asked);
	bool any = false;

	for (unsigned n = 0; atomic_load(&other->tlb->served) < want && vcpu_in_guest(&other->vcpu);
	     n++) {
		any |= serve_own(cpu);
		relax(n);
	}
	return any;
}

bool ppc_tlb_is_quiet(const PpcCpu *cpu)
{
	const GPtrArray *all = cpu->dev.machine->vcpus;
	const PpcCodeMap *m = ppc_code_map(cpu);

	if (atomic_load(&m->asking))
		return false;
	for (unsigned i = 0; atomic_load(&m->asked) && i < all->len; i++) {
		const PpcCpu *other = ((Vcpu *)all->pdata[i])->cpu;
		uint64_t want;

		if (other == cpu || !other->tlb)
			continue;
		want = atomic_load(&other->tlb->asked);
		if (atomic_load(&other->tlb->served) < want && vcpu_in_guest(&other->vcpu))
			return false;
	}
	return true;
}

bool ppc_tlb_wait(PpcCpu *cpu)
{
	const GPtrArray *all = cpu->dev.machine->vcpus;
	PpcCodeMap *m = ppc_code_map(cpu);
	bool any = false;

	if (likely(!m || (!atomic_load(&m->asked) && !atomic_load(&m->asking))))
		return false;
	for (unsigned n = 0; atomic_load(&m->asking); n++)
		relax(n);
	for (unsigned i = 0; i < all->len; i++) {
		const PpcCpu *other = ((Vcpu *)all->pdata[i])->cpu;

		if (other != cpu && other->tlb)
			any |= wait_for(cpu, other);
	}
	return any;
}
