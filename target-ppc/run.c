/*
 * The run loop of the interpreter: finds blocks, runs them, looks at events
 * between them.
 *
 * An instruction that raises an interrupt leaves through siglongjmp() with
 * the interrupt already delivered (excp.c).  Counts are exact: a block that
 * is longer than the slice is run in part, and an instruction that raised
 * counts as executed.
 */
#include <inttypes.h>
#include "base/log.h"
#include "target-ppc/block.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"
#include "target-ppc/unit.h"
#include "target-ppc/verify.h"

enum { LEFT_RAISED = 1, LEFT_SINGLE = 2, LEFT_RESTART = 3 };

/* Gives back to the slice what of the current block was not executed. */
static void give_back(PpcCpu *cpu, unsigned counted)
{
	const PpcBlock *b = cpu->cur_block;

	if (!b)
		return;
	cpu->slice_left += b->n - (unsigned)(cpu->cur - b->ops) - counted;
	cpu->cur_block = NULL;
}

G_NORETURN void ppc_leave_raised(PpcCpu *cpu)
{
	siglongjmp(cpu->env, LEFT_RAISED);
}

G_NORETURN void ppc_leave_done(PpcCpu *cpu)
{
	cpu->nip = (ppc_cia(cpu) + cpu->cur->len) & cpu->ea_mask;
	siglongjmp(cpu->env, LEFT_RAISED);
}

G_NORETURN void ppc_restart_single(PpcCpu *cpu)
{
	cpu->nip = ppc_cia(cpu);
	siglongjmp(cpu->env, LEFT_SINGLE);
}

G_NORETURN void ppc_restart(PpcCpu *cpu)
{
	cpu->nip = ppc_cia(cpu);
	siglongjmp(cpu->env, LEFT_RESTART);
}

G_NORETURN void ppc_leave(Vcpu *v)
{
	PpcCpu *cpu = v->cpu;

	cpu->cur_block = NULL;
	siglongjmp(cpu->env, LEFT_RESTART);
}

PpcBlock *ppc_block_find(PpcCpu *cpu)
{
	uint64_t nip = cpu->nip, gen = cpu->ictx[nip >> 63]->gen;
	PpcJump *j = &cpu->blocks->jump[(nip >> 2 ^ nip >> 13) & (PPC_JUMP_SIZE - 1)];

	if (likely(j->block && j->nip == nip && j->gen == gen && j->mode == cpu->mode &&
		   j->era == cpu->blocks->era))
		return j->block;
	j->block = ppc_block_get(cpu, nip, ppc_fetch_pa(cpu, nip));
	j->nip = nip;
	j->gen = cpu->ictx[nip >> 63]->gen;
	j->mode = cpu->mode;
	j->era = cpu->blocks->era;
	return j->block;
}

/* Runs k of a block's instructions, k less than all: no branch among them. */
static void run_part(PpcCpu *cpu, const PpcBlock *b, uint64_t k)
{
	const PpcOp *op = b->ops;

	cpu->slice_left -= b->n; /* borrowed; given back below */
	for (uint64_t i = 0; i < k; i++, op++) {
		cpu->cur = op;
		op->fn(cpu, op);
	}
	cpu->nip = (cpu->pc0 + op->off) & cpu->ea_mask;
	cpu->slice_left += b->n - k;
}

/* One instruction, decoded apart from any block. */
static void run_single(PpcCpu *cpu)
{
	uint64_t nip = cpu->nip;
	uint32_t mode = cpu->mode;

	ppc_block_decode_one(cpu, ppc_fetch_pa(cpu, nip), &cpu->one);
	cpu->pc0 = nip;
	cpu->cur = &cpu->one;
	cpu->cur_block = NULL;
	cpu->slice_left--;
	cpu->nip = (nip + cpu->one.len) & cpu->ea_mask;
	cpu->one.fn(cpu, &cpu->one);
	cpu->single = false;
	if (unlikely(mode & PPC_MODE_AFTER))
		ppc_trace(cpu, mode, nip, &cpu->one);
}

static inline void run_whole(PpcCpu *cpu, const PpcBlock *b)
{
	const PpcOp *op = b->ops, *end = op + b->n;

	cpu->slice_left -= b->n;
	cpu->nip = (cpu->pc0 + b->bytes) & cpu->ea_mask;
	do {
		cpu->cur = op;
		op->fn(cpu, op);
	} while (++op != end);
}

static void log_entry(PpcCpu *cpu, const PpcBlock *b)
{
	if (!log_has(cpu->nip))
		return;
	if (log_on(LOG_EXEC))
		log_line("exec: cpu %u 0x%016" PRIx64 " (%u instructions)", cpu->index, cpu->nip,
			 b->n);
	if (log_on(LOG_CPU)) {
		g_autoptr(GString) s = g_string_new(NULL);

		ppc_show(cpu, false, s);
		log_line("%s", s->str);
	}
}

/* The successor in the same page that was found before, or NULL. */
static PpcBlock *linked(PpcCpu *cpu, PpcBlock *b)
{
	uint64_t off = cpu->nip & ~PPC_PAGE_MASK;

	if (unlikely((cpu->nip ^ cpu->pc0) & PPC_PAGE_MASK))
		return NULL;
	if (b->link_off[0] == off)
		return ppc_block_links(b)[0];
	if (b->link_off[1] == off)
		return ppc_block_links(b)[1];
	return NULL;
}

static void link_blocks(PpcCpu *cpu, PpcBlock *b, PpcBlock *next)
{
	/* Blocks may have been swept while the next one was built. */
	if (!b->ops || (cpu->nip ^ cpu->pc0) & PPC_PAGE_MASK || (b->pa ^ next->pa) & PPC_PAGE_MASK)
		return;
	ppc_block_links(b)[b->link_next] = next;
	b->link_off[b->link_next] = (uint16_t)(cpu->nip & ~PPC_PAGE_MASK);
	b->link_next ^= 1;
}

void ppc_block_run(PpcCpu *cpu, const PpcBlock *b)
{
	cpu->pc0 = cpu->nip;
	cpu->cur_block = b;
	run_whole(cpu, b);
	cpu->cur_block = NULL;
}

void ppc_interpret(PpcCpu *cpu, uint64_t n)
{
	cpu->slice_left = n;
	while (cpu->slice_left) {
		PpcBlock *b = ppc_block_find(cpu);

		if (!b->ops)
			ppc_block_again(cpu, b);
		cpu->pc0 = cpu->nip;
		cpu->cur_block = b;
		if (b->n > cpu->slice_left)
			run_part(cpu, b, cpu->slice_left);
		else
			run_whole(cpu, b);
		cpu->cur_block = NULL;
	}
}

/* Runs blocks until an event or the end of the slice. */
static void chain(PpcCpu *cpu)
{
	PpcBlock *b = ppc_block_find(cpu), *next;

	for (;;) {
		uint64_t epoch;

		if (cpu->units && !(log_topics & (LOG_EXEC | LOG_CPU))) {
			b = ppc_units_run(cpu, b);
			if (!b)
				return;
		}
		if (unlikely(!b->ops))
			ppc_block_again(cpu, b);
		epoch = cpu->epoch;
		if (unlikely(log_topics & (LOG_EXEC | LOG_CPU)))
			log_entry(cpu, b);
		cpu->pc0 = cpu->nip;
		cpu->cur_block = b;
		if (unlikely(b->n > cpu->slice_left)) {
			run_part(cpu, b, cpu->slice_left);
			cpu->cur_block = NULL;
			return;
		}
		run_whole(cpu, b);
		cpu->cur_block = NULL;
		if (unlikely(b->mode & PPC_MODE_AFTER))
			ppc_trace(cpu, b->mode, cpu->pc0 + b->ops[b->n - 1].off, &b->ops[b->n - 1]);
		if (unlikely(atomic_load_explicit(&cpu->vcpu.events, memory_order_relaxed) ||
			     !cpu->slice_left))
			return;
		if (likely(epoch == cpu->epoch)) {
			next = linked(cpu, b);
			if (likely(next != NULL)) {
				b = next;
				continue;
			}
			next = ppc_block_find(cpu);
			link_blocks(cpu, b, next);
			b = next;
		} else {
			b = ppc_block_find(cpu);
		}
	}
}

/* Serves events; false when the slice is over. */
static bool serve(PpcCpu *cpu)
{
	uint32_t ev = atomic_load(&cpu->vcpu.events);

	if (ev & PPC_EV_TLB)
		ppc_tlb_serve(cpu);
	if (ev & PPC_EV_TIME) {
		atomic_fetch_and(&cpu->vcpu.events, ~(uint32_t)PPC_EV_TIME);
		ppc_time_update(cpu);
	}
	if (ev & PPC_EV_IRQ)
		atomic_fetch_and(&cpu->vcpu.events, ~(uint32_t)PPC_EV_IRQ);
	if (cpu->blocks->dead || unlikely(ppc_units_dead(cpu)))
		ppc_blocks_reap(cpu);
	if (cpu->quiesced)
		return false;
	if (unlikely(cpu->pmu_live))
		ppc_pmu_serve(cpu);
	ppc_deliver_pending(cpu);
	/* Of the handler, other things may be counted: the slice again. */
	if (unlikely(cpu->pmu_live))
		ppc_pmu_serve(cpu);
	if (cpu->halted)
		return false;
	return !(atomic_load(&cpu->vcpu.events) & VCPU_EV_EXIT) && cpu->slice_left;
}

uint64_t ppc_run(Vcpu *v, uint64_t max)
{
	PpcCpu *cpu = v->cpu;

	cpu->slice_size = cpu->slice_left = max;
	cpu->cur_block = NULL;
	switch (sigsetjmp(cpu->env, 0)) {
	case LEFT_RAISED:
		give_back(cpu, 1);
		if (unlikely(cpu->verify))
			ppc_verify_raised(cpu);
		cpu->single = false;
		break;
	case LEFT_SINGLE:
		give_back(cpu, 0);
		cpu->single = true;
		break;
	case LEFT_RESTART: give_back(cpu, 0); break;
	default: break;
	}
	/* Generated code may have been left by a jump. */
	ppc_fp_end(cpu);
	cpu->in_run = true;
	while (serve(cpu)) {
		ppc_take_turn(cpu);
		if (unlikely(cpu->single))
			run_single(cpu);
		else
			chain(cpu);
	}
	cpu->in_run = false;
	cpu->slots += cpu->slice_size - cpu->slice_left;
	return cpu->slice_size - cpu->slice_left;
}

uint64_t ppc_run_partial(Vcpu *v)
{
	const PpcCpu *cpu = v->cpu;
	uint64_t done = cpu->slice_size - cpu->slice_left;

	/* Of the block under way only what is before the current instruction. */
	if (cpu->cur_block && cpu->in_run)
		done -= cpu->cur_block->n - (uint64_t)(cpu->cur - cpu->cur_block->ops);
	return done;
}

bool ppc_runnable(Vcpu *v)
{
	const PpcCpu *cpu = v->cpu;

	if (cpu->quiesced)
		return false;
	/* What it is to forget can wait until it has something to do. */
	return !cpu->halted || ppc_wants_wake(cpu) ||
	       (atomic_load(&cpu->vcpu.events) &
		(cpu->counted ? PPC_EV_TIME | PPC_EV_TLB : PPC_EV_TIME));
}
