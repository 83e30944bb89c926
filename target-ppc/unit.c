/*
 * The life of units: made when a block is hot, entered, linked, dropped.  See unit.h.
 *
 * What an address of an instruction means depends on the contexts of the TLB and on the mode. Each such
 * meaning has a number, the view, and links across pages and entries of the jump table hold for one view alone: a
 * process that comes back finds its links as it left them.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "target-ppc/classic.h"
#include "target-ppc/compile.h"
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/seen.h"
#include "target-ppc/unit.h"
#include "target-ppc/verify.h"

/* Odd, so that all numbers come by before 0 does; neighbours differ where jit_jump() looks. */
#define VIEW_STEP UINT32_C(0x9e3779b1)

enum {
	HOT = 100,
	VIEWS = 256,
	VERIFY_TURNS = 300,
	REDOS_MAX = 60,
	REDO_INSNS = 10000,
	ODD_MAX = 20,
	REAP_AT = 64,
	CROWD = 8000, /* units: from then on new ones end where others begin */
	CALM_MAX = 2000
};
#define SWEEP_WORTH ((size_t)8 << 20)
#define TRIM_WORTH ((size_t)16 << 20)

/* A meaning of addresses. */
typedef struct View {
	uint64_t gen[2];
	uint32_t mode, number;
} View;

struct PpcUnits {
	Jit *jit;
	Ir *ir;
	PpcCompile *compile; /* units are made in the background; NULL: here */
	PpcUnit *dead;
	unsigned ndead;
	unsigned hot; /* runs of a block until a unit is made of it */
	unsigned max; /* instructions of a unit */
	FILE *perf_map;
	bool reset;	       /* all units go at the next reap */
	_Atomic size_t memory; /* what is in PpcCodeMap.code_bytes of this CPU's */
	atomic_bool told;      /* it has been asked to give memory back */
	uint32_t last_view;
	View views[VIEWS];
	PpcPath *path;	       /* what is being noted */
	GPtrArray *traces;     /* that lie in several pages */
	bool no_traces, eager; /* traces: none; of whatever is entered often */
	PpcUnitStats stats;
};

/* perf(1) looks for it there; the CPUs of a process share it. */
static FILE *open_perf_map(void)
{
	g_autofree char *path = g_strdup_printf("/tmp/perf-%d.map", (int)getpid());
	FILE *f = fopen(path, "ae");

	if (!f)
		log_warn("%s: cannot be written: perf will not know names of host code", path);
	else
		setvbuf(f, NULL, _IOLBF, 0);
	return f;
}

bool ppc_use_jit(PpcCpu *cpu, const PpcJitOptions *o, GError **err)
{
	PpcUnits *us = g_new0(PpcUnits, 1);

	us->jit = jit_new(&ppc_jit_target, o->bytes, err);
	if (!us->jit) {
		g_free(us);
		return false;
	}
	if (o->shuffle)
		jit_shuffle(us->jit, o->seed);
	if (jit_shuffled(us->jit) && log_on(LOG_OUT_ASM))
		log_line("cpu %u: register-seed=%" PRIu32, cpu->index, jit_shuffled(us->jit));
	us->ir = ir_new(&ppc_jit_target);
	us->path = g_new(PpcPath, 1);
	us->traces = g_ptr_array_new();
	us->no_traces = o->one;
	us->hot = o->hot ? o->hot : HOT;
	us->eager = o->hot == 1;
	us->max = o->one ? 1 : PPC_UNIT_MAX;
	if (o->perf_map)
		us->perf_map = open_perf_map();
	cpu->units = us;
	ppc_code_map(cpu)->code_budget = o->budget;
	cpu->jumps = g_new0(JitJumps, 1);
	cpu->called = ppc_called_new();
	cpu->vcpu.own = 1;
	/* Its stores are noted, so none may be made unasked. */
	if (o->verify)
		cpu->verify = ppc_verify_new();
	if (o->background)
		us->compile = ppc_compile_new(cpu, us->jit);
	return true;
}

void ppc_unit_free(PpcUnit *u)
{
	g_free(u->page);
	g_free(u->trial);
	g_free(u->pages);
	g_free(u->block);
	g_free(u);
}

void ppc_units_free(PpcCpu *cpu)
{
	PpcUnits *us = cpu->units;

	if (!us)
		return;
	ppc_compile_free(us->compile);
	ppc_units_reap(cpu);
	ppc_verify_free(cpu->verify);
	cpu->verify = NULL;
	atomic_fetch_sub(&ppc_code_map(cpu)->code_bytes, atomic_load(&us->memory));
	jit_free(us->jit);
	ir_free(us->ir);
	g_free(us->path);
	g_ptr_array_unref(us->traces);
	if (us->perf_map)
		fclose(us->perf_map);
	g_free(us);
	g_free(cpu->jumps);
	g_free(cpu->called);
	cpu->units = NULL;
	cpu->jumps = NULL;
	cpu->called = NULL;
}

/* ---------------------------------------------------------------- views */

/*
 * What of a context a view depends on: nothing as long as no instruction was looked up in it.  Kernels execute in one
 * half of the address space and programs in the other, so neither minds flushes and switches of the other's.
 */
static uint64_t gen_of(const PpcTlbCtx *c)
{
	return c->coded ? c->gen : 0;
}

/* Where it is, or may be put: one of four places, so that few that take turns do not take one another's. */
static View *view_of(PpcUnits *us, uint64_t g0, uint64_t g1, uint32_t mode)
{
	uint64_t h = (g0 * 31 + g1 * 7 + mode) * UINT64_C(0x9e3779b97f4a7c15);
	View *set = &us->views[h >> 56 & ~UINT64_C(3)];

	for (unsigned i = 0; i < 4; i++)
		if (set[i].mode == mode && set[i].gen[0] == g0 && set[i].gen[1] == g1)
			return &set[i];
	return &set[us->last_view & 3];
}

void ppc_units_view(PpcCpu *cpu)
{
	PpcUnits *us = cpu->units;
	uint64_t g0 = gen_of(cpu->ictx[0]), g1 = gen_of(cpu->ictx[1]);
	View *v = view_of(us, g0, g1, cpu->mode);

	cpu->vcpu.own = 0;
	if (!v->number || v->gen[0] != g0 || v->gen[1] != g1 || v->mode != cpu->mode) {
		/* After 2^32 of them numbers would come again. */
		if (unlikely(us->last_view == UINT32_MAX)) {
			ppc_blocks_drop_all(cpu);
			memset(us->views, 0, sizeof(us->views));
			us->last_view = 0;
			cpu->vcpu.own = 0;
		}
		*v = (View){ .gen = { g0, g1 },
			     .mode = cpu->mode,
			     .number = ++us->last_view * VIEW_STEP };
		us->stats.views++;
	}
	cpu->view = v->number;
}

/* -------------------------------------------------------- making, dropping */

/* May instructions of the present mode be in units at all? */
static bool suits(const PpcCpu *cpu)
{
	return !(cpu->mode & (PPC_MODE_AFTER | PPC_MODE_BREAK_BEFORE)) && !ppc_is_swizzled(cpu) &&
	       !(log_topics & (LOG_EXEC | LOG_CPU));
}

static void log_unit(const PpcCpu *cpu, const PpcUnit *u)
{
	g_autoptr(GString) s = g_string_new(NULL);

	g_string_printf(s, "unit at 0x%" PRIx64 " (real 0x%" PRIx64 "), %u instructions:\n",
			cpu->nip, u->pa, u->n);
	if (!u->code)
		ir_print(cpu->units->ir, s);
	else
		jit_disas(cpu->units->jit, u->code, s);
	log_line("%s", s->str);
}

/* ---- Memory ---- */

/* Says what this CPU has now; how much all have. */
static size_t account(PpcCpu *cpu)
{
	PpcUnits *us = cpu->units;
	size_t units = us->stats.units + us->stats.traces - us->stats.dropped;
	size_t now = jit_memory(us->jit) + cpu->blocks->bytes + units * sizeof(PpcUnit);
	size_t was = atomic_exchange_explicit(&us->memory, now, memory_order_relaxed);

	return atomic_fetch_add_explicit(&ppc_code_map(cpu)->code_bytes, now - was,
					 memory_order_relaxed) +
	       now - was;
}

/*
 * All have more than there shall be: who has most begins again.  Those who have been asked for it already do not
 * count; one may be asleep, then there is more for a while.
 */
static void make_room(PpcCpu *cpu, size_t budget)
{
	static const PpcFlush all = { .kind = PPC_FLUSH_BLOCKS };
	const GPtrArray *cpus = cpu->dev.machine->vcpus;
	size_t bytes = 0, sum = 0;
	PpcCpu *from = NULL;

	for (unsigned i = 0; i < cpus->len; i++) {
		PpcCpu *one = ((Vcpu *)cpus->pdata[i])->cpu;
		size_t has;

		if (!one->units || atomic_load(&one->units->told))
			continue;
		has = atomic_load_explicit(&one->units->memory, memory_order_relaxed);
		sum += has;
		if (has > bytes) {
			from = one;
			bytes = has;
		}
	}
	if (sum > budget && !atomic_exchange(&from->units->told, true))
		ppc_tlb_ask(from, &all);
}

static void check_memory(PpcCpu *cpu)
{
	const PpcCodeMap *m = ppc_code_map(cpu);

	if (likely(account(cpu) <= m->code_budget || !m->code_budget))
		return;
	/* What has been decoded and hardly ever run is the first to go. */
	if (cpu->blocks->bytes > cpu->blocks->swept + SWEEP_WORTH) {
		ppc_blocks_sweep(cpu);
		account(cpu);
	} else {
		make_room(cpu, m->code_budget);
	}
}

/* A unit with code becomes b's. */
static void publish(PpcCpu *cpu, PpcBlock *b, PpcUnit *u, uint64_t nip)
{
	PpcUnits *us = cpu->units;

	b->unit = u;
	u->owner = b;
	ppc_block_is_head(cpu, b);
	if (us->perf_map) {
		g_autofree char *name = g_strdup_printf("guest:%" PRIx64 "+%u", nip, u->n);

		jit_perf_map(us->jit, u->code, name, us->perf_map);
	}
	us->stats.units++;
	us->stats.insns += u->n;
	us->stats.calls += u->ncalls;
	us->stats.bytes += u->code->size;
	if (!cpu->verify) {
		ppc_unit_slim(u);
		ppc_block_slim(cpu, b);
	}
	check_memory(cpu);
}

const PpcHeads *ppc_unit_heads(const PpcCpu *cpu, uint64_t pa)
{
	const PpcUnits *us = cpu->units;
	uint64_t live;

	if (cpu->copy)
		return cpu->copy->heads;
	if (!us)
		return NULL;
	live = us->stats.units + us->stats.traces - us->stats.dropped;
	return live > CROWD ? ppc_block_heads(cpu, pa) : NULL;
}

static unsigned longest(const PpcUnits *us, const PpcBlock *b)
{
	return b->over ? MIN(us->max, PPC_UNIT_OVER) : us->max;
}

static void make(PpcCpu *cpu, PpcBlock *b)
{
	PpcUnits *us = cpu->units;
	PpcUnit *u;

	ir_clear(us->ir);
	u = ppc_unit_translate(cpu, us->ir, b->pa, longest(us, b));
	if (!us->ir->full) {
		if (!b->narrow && !cpu->verify)
			u->nptrs = ir_wide(us->ir);
		u->loop = us->ir->loop;
		ir_finish(us->ir);
		if (jit_full(us->jit)) {
			ppc_blocks_drop_all(cpu);
			ppc_unit_free(u);
			return;
		}
		if (log_on(LOG_OP) && log_has(cpu->nip))
			log_unit(cpu, u);
		u->code = jit_compile(us->jit, us->ir, u);
		if (u->code && log_on(LOG_OUT_ASM) && log_has(cpu->nip))
			log_unit(cpu, u);
	}
	if (u->code)
		publish(cpu, b, u, cpu->nip);
	else
		ppc_unit_free(u);
}

/* What has been made in the background since. */
static void collect(PpcCpu *cpu)
{
	PpcUnits *us = cpu->units;
	PpcJob *job;

	while ((job = ppc_compile_take(us->compile))) {
		PpcUnit *u = job->unit;

		if (job->draft)
			u->code = jit_place(us->jit, job->draft, u);
		if (u->code) {
			publish(cpu, job->block, u, job->nip);
			job->unit = NULL;
			job->draft = NULL;
		} else if (jit_full(us->jit)) {
			ppc_blocks_drop_all(cpu);
		}
		ppc_job_free(job);
	}
}

/* Asks for a unit or makes it; false: it may be asked again. */
static bool get_made(PpcCpu *cpu, PpcBlock *b)
{
	PpcUnits *us = cpu->units;

	if (us->compile && !(log_topics & (LOG_OP | LOG_OUT_ASM)))
		return ppc_compile_ask(us->compile, b, ppc_unit_translate, longest(us, b),
				       !b->narrow);
	make(cpu, b);
	return true;
}

/* Does b have a unit (now)? */
static bool ready(PpcCpu *cpu, PpcBlock *b)
{
	const PpcUnits *us = cpu->units;

	/* The first time: all units take it for 0. */
	if (unlikely(cpu->xer.so) && !cpu->so) {
		cpu->so = true;
		ppc_blocks_drop_all(cpu);
		return false;
	}
	if (likely(b->unit != NULL)) {
		b->runs += b->runs < UINT16_MAX;
		return true;
	}
	if (b->runs < us->hot) {
		b->runs++;
		return false;
	}
	/* Until the old ones are gone there is no room for new ones. */
	if (us->reset || !suits(cpu))
		return false;
	if (us->compile) {
		collect(cpu);
		if (us->reset)
			return false;
	}
	/* No second try. */
	if (b->runs == us->hot && !b->unit && get_made(cpu, b))
		b->runs++;
	return b->unit != NULL;
}

void ppc_units_loaded(PpcCpu *cpu)
{
	if (!cpu->units)
		return;
	cpu->units->stats.base = cpu->slots;
	cpu->units->stats.done = cpu->units->stats.hinted = 0;
}

void ppc_unit_hot(const PpcCpu *cpu, PpcBlock *b)
{
	b->runs = (uint16_t)cpu->units->hot;
	cpu->units->stats.hinted++;
}

void ppc_unit_drop(PpcCpu *cpu, PpcUnit *u)
{
	PpcUnits *us = cpu->units;

	if (u->under)
		ppc_unit_drop(cpu, u->under);
	if (u->npages > 1)
		g_ptr_array_remove_fast(us->traces, u);
	if (!us->reset)
		jit_drop(us->jit, u->code);
	u->dead_next = us->dead;
	us->dead = u;
	us->ndead++;
	us->stats.dropped++;
}

void ppc_units_drop_all(PpcCpu *cpu)
{
	PpcUnits *us = cpu->units;

	us->reset = true;
	us->stats.resets++;
}

bool ppc_units_dead(const PpcCpu *cpu)
{
	return cpu->units && (cpu->units->ndead >= REAP_AT || cpu->units->reset);
}

bool ppc_units_all_go(const PpcCpu *cpu)
{
	return cpu->units->reset;
}

void ppc_units_reap(PpcCpu *cpu)
{
	PpcUnits *us = cpu->units;

	/* It takes a look at the whole jump table. */
	if (!us->reset && us->ndead < REAP_AT)
		return;
	if (us->reset)
		jit_reset(us->jit, cpu->jumps);
	else
		jit_reap(us->jit, cpu->jumps);
	for (PpcUnit *u = us->dead, *next; u; u = next) {
		next = u->dead_next;
		ppc_unit_free(u);
	}
	us->dead = NULL;
	us->ndead = 0;
	if (us->reset) {
		/* Memory in small pieces goes back to the host when it is told to. */
		if (us->memory > TRIM_WORTH)
			malloc_trim(0);
		atomic_store(&us->told, false);
	}
	us->reset = false;
	account(cpu);
}

/* --------------------------------------------------------------- traces */

enum {
	SAMPLES = 2,  /* slices that end at a unit until a path is noted */
	TRIALS = 4,   /* paths until a trace is made */
	FAILURES = 8, /* paths that led nowhere until no more is tried */
};

/* Host code of the path in us->path; NULL: there is none. */
static PpcUnit *compile_trace(PpcCpu *cpu, const PpcBlock *b)
{
	PpcUnits *us = cpu->units;
	PpcUnit *u;

	if (jit_full(us->jit))
		return NULL;
	ir_clear(us->ir);
	u = ppc_trace_translate(cpu, us->ir, us->path);
	if (!u)
		return NULL;
	if (!us->ir->full) {
		if (!b->narrow)
			u->nptrs = ir_wide(us->ir);
		u->loop = us->ir->loop;
		ir_finish(us->ir);
		if (log_on(LOG_OP) && log_has(cpu->nip))
			log_unit(cpu, u);
		u->code = jit_compile(us->jit, us->ir, u);
		if (u->code && log_on(LOG_OUT_ASM) && log_has(cpu->nip))
			log_unit(cpu, u);
	}
	if (u->code)
		return u;
	ppc_unit_free(u);
	return NULL;
}

/* Exits back to the beginning, which is somebody else's in another view or after a stop. */
static void link_under(PpcUnits *us, const PpcUnit *u, const PpcUnit *under)
{
	for (unsigned i = 0; i < u->code->nexits; i++) {
		JitExit *e = &u->code->exits[i];

		if (e->kind == IR_EXIT_LINK && !e->done && e->target == u->offs[0])
			jit_link(us->jit, e, under->code, 0);
	}
}

/* Does what the path means still hold, and has b its unit? */
static bool still(const PpcCpu *cpu, const PpcBlock *b, const PpcUnit *u, uint32_t mode)
{
	return !cpu->units->reset && b->unit == u && cpu->mode == mode && !cpu->vcpu.own &&
	       cpu->view == cpu->units->path->view;
}

/* Puts the trace u before the unit of b. */
static void put_trace(PpcCpu *cpu, PpcBlock *b, PpcUnit *u)
{
	PpcUnits *us = cpu->units;

	u->owner = b;
	u->under = b->unit;
	u->tried = true;
	u->npages = us->path->npages;
	u->pages = g_memdup2(us->path->pages, u->npages * sizeof(u->pages[0]));
	if (u->npages > 1)
		g_ptr_array_add(us->traces, u);
	jit_unlink(us->jit, b->unit->code);
	link_under(us, u, b->unit);
	memset(cpu->jumps->view, 0, sizeof(cpu->jumps->view));
	b->unit = u;
	us->stats.traces++;
	us->stats.trace_insns += u->n;
	us->stats.trace_loops += us->path->loops;
	check_memory(cpu);
}

/*
 * Notes the path from cpu->nip on, where b is; once several went the same way, that becomes a trace, which stands
 * before b's unit.
 */
static void try_trace(PpcCpu *cpu, PpcBlock *b)
{
	PpcUnits *us = cpu->units;
	uint32_t mode = cpu->mode;
	PpcUnit *under = b->unit, *u;

	under->samples = 0;
	if (us->no_traces || under->loop || !suits(cpu)) {
		under->tried = true;
		return;
	}
	if (!ppc_trace_record(cpu, us->path) || !still(cpu, b, under, mode)) {
		under->tried = ++under->failures >= FAILURES;
		return;
	}
	if (!ppc_trace_agree(under, us->path)) {
		under->tried = true;
		return;
	}
	if (under->trials < TRIALS)
		return;
	under->tried = true;
	if (ppc_trace_in_one_page(us->path))
		us->path->view = 0;
	else if (ppc_is_aliased(cpu, b->pa))
		return;
	u = compile_trace(cpu, b);
	if (u)
		put_trace(cpu, b, u);
}

/* What it stands for takes its place again, and may have another one. */
static void drop_trace(PpcCpu *cpu, PpcUnit *u, bool another)
{
	PpcUnit *under = u->under;

	if (u->owner->unit != u)
		return;
	if (another) {
		under->tried = ++under->failures >= FAILURES;
		under->trials = 0;
		g_clear_pointer(&under->trial, g_free);
	}
	u->owner->unit = under;
	u->under = NULL;
	ppc_unit_drop(cpu, u);
	cpu->vcpu.own = 1;
}

void ppc_traces_drop_page(PpcCpu *cpu, uint64_t pa)
{
	PpcUnits *us = cpu->units;

	for (guint i = us->traces->len; i-- > 0;) {
		PpcUnit *u = g_ptr_array_index(us->traces, i);
		bool in = false;

		for (unsigned k = 0; k < u->npages; k++)
			in |= u->pages[k] == (pa & PPC_PAGE_MASK);
		if (in)
			drop_trace(cpu, u, true);
	}
}

/* -------------------------------------------------------------- running */

/* Its unit is to be another one. */
static void make_again(PpcCpu *cpu, PpcBlock *b)
{
	ppc_unit_drop(cpu, b->unit);
	b->unit = NULL;
	b->runs = 0;
	ppc_new_epoch(cpu);
}

void ppc_unit_calm(PpcCpu *cpu, PpcUnit *u)
{
	if (ppc_fp_kind(cpu) == PPC_FP_EXACT)
		u->odd = 0;
	else if (++u->odd > CALM_MAX && u->owner && u->owner->unit == u)
		make_again(cpu, u->owner);
}

/* Does it leave so often that a look at the TLB for each access is cheaper?  Then it will be made so. */
static bool too_wide(PpcCpu *cpu, PpcUnit *u)
{
	uint64_t now = cpu->slots + cpu->slice_size - cpu->slice_left;

	u->redos = now - u->redo_at < REDO_INSNS ? u->redos + 1 : 0;
	u->redo_at = now;
	if (u->redos <= REDOS_MAX)
		return false;
	if (u->owner->unit) {
		u->owner->narrow = true;
		make_again(cpu, u->owner);
	}
	return true;
}

/*
 * A range lay in two pages.  What begins at this instruction looks each access up by itself, unless units begin there
 * anyway.  It is short, so that a loop goes on as it was behind the border.
 */
static bool goes_narrow(PpcCpu *cpu)
{
	PpcBlock *b = ppc_block_find(cpu);

	if (b->unit)
		return !b->unit->nptrs;
	b->narrow = b->over = true;
	return true;
}

/* Was it made for another FPSCR, or VSCR? */
static bool is_odd(const PpcCpu *cpu, const PpcUnit *u)
{
	return ppc_fp_kind(cpu) > u->fp || (u->asks_nj && u->nj != ppc_fp_nj(cpu));
}

/* An instruction of it is to be interpreted: because of that, again and again, or because of what it does not expect? */
static void not_done(PpcCpu *cpu, PpcUnit *u, const PpcOp *op)
{
	bool again = is_odd(cpu, u) && ++u->odd > ODD_MAX;

	if ((ppc_long_shift(cpu, op) || again) && u->owner->unit)
		make_again(cpu, u->owner);
}

/* Interprets the one instruction at cpu->nip that a unit has left to be. */
static void redo(PpcCpu *cpu, const PpcOp *op)
{
	cpu->pc0 = cpu->nip - op->off;
	cpu->cur = op;
	cpu->slice_left--;
	cpu->nip = (cpu->nip + op->len) & cpu->ea_mask;
	cpu->single = true;
	op->fn(cpu, op);
	cpu->single = false;
}

/* cpu->nip where a unit left; false: back to the run loop. */
static bool leave(PpcCpu *cpu, const JitResult *r)
{
	PpcUnit *u;

	if (r->why == JIT_LEFT_ENTRY) {
		u = r->unit->user;
		u->samples++;
		cpu->nip = (cpu->pc0 + (u->pa & ~PPC_PAGE_MASK)) & cpu->ea_mask;
		cpu->units->stats.stops++;
		/* Until it is reaped, the jump table may lead to it. */
		if (unlikely(r->unit->dead))
			cpu->jumps->view[jit_jump(cpu->nip, cpu->view)] = 0;
		return true;
	}
	u = r->exit->unit->user;
	cpu->units->stats.left[r->exit->kind]++;
	switch (r->exit->kind) {
	case IR_EXIT_LINK:
		cpu->nip = (cpu->pc0 + r->exit->target) & cpu->ea_mask;
		/* A loop's end of the slice; or a trace that was met in another view and does not know its unit. */
		u->samples += !r->exit->done;
		if (u->under && !r->exit->done)
			drop_trace(cpu, u, false);
		break;
	case IR_EXIT_REDO:
		cpu->nip = (cpu->pc0 + (uint64_t)(u->page ? u->page[r->exit->done] : 0) +
			    u->offs[r->exit->done]) &
			   cpu->ea_mask;
		ppc_called_left(cpu, &ppc_unit_ops(cpu, u)[r->exit->done]);
		not_done(cpu, u, &ppc_unit_ops(cpu, u)[r->exit->done]);
		if (r->exit->wide && (too_wide(cpu, u) || goes_narrow(cpu)))
			return true;
		if (unlikely(cpu->verify)) {
			cpu->single = true;
			return false;
		}
		redo(cpu, &ppc_unit_ops(cpu, u)[r->exit->done]);
		break;
	default: break;
	}
	return true;
}

/* The exit has led to b: next time without a detour. */
static void connect(PpcCpu *cpu, const JitResult *r, const PpcBlock *b)
{
	PpcUnits *us = cpu->units;

	if (r->why != JIT_LEFT_EXIT || us->reset)
		return;
	switch (r->exit->kind) {
	case IR_EXIT_LINK:
	case IR_EXIT_FAR:
		if (r->exit->unit->dead)
			return;
		jit_link(us->jit, r->exit, b->unit->code, cpu->view);
		us->stats.links++;
		break;
	case IR_EXIT_DYN:
		jit_jump_put(us->jit, cpu->jumps, cpu->nip, cpu->view, b->unit->code);
		break;
	default: break;
	}
}

/* Runs code; outside of it the FPSCR is exact. */
static JitResult enter(PpcCpu *cpu, PpcUnit *u)
{
	uint64_t left;
	JitResult r;

	ppc_fp_begin(cpu);
	left = cpu->slice_left;
	r = jit_enter(cpu->units->jit, cpu, u->code);
	cpu->units->stats.done += left - cpu->slice_left;
	ppc_fp_end(cpu);
	return r;
}

/* One unit, checked; false: it is to be interpreted, or back to the run loop (*b NULL). */
static bool run_checked(PpcCpu *cpu, PpcBlock **b)
{
	PpcUnit *u = (*b)->unit;
	bool on, same;
	JitResult r;

	if (u->ncalls || u->nhelps)
		return false;
	ppc_verify_begin(cpu, u->n + VERIFY_TURNS);
	r = enter(cpu, u);
	on = leave(cpu, &r);
	same = ppc_verify_end(cpu, u);
	if (r.why == JIT_LEFT_ENTRY && same && !cpu->vcpu.own && !cpu->vcpu.events)
		return false;
	if (!on || !same || cpu->vcpu.events || !cpu->slice_left)
		*b = NULL;
	else
		*b = ppc_block_find(cpu);
	return *b != NULL;
}

PpcBlock *ppc_units_run(PpcCpu *cpu, PpcBlock *b)
{
	PpcUnits *us = cpu->units;
	JitResult r;

	while (ready(cpu, b)) {
		if (unlikely(cpu->vcpu.own))
			ppc_units_view(cpu);
		if (unlikely(b->unit->samples >= SAMPLES && !b->unit->tried)) {
			try_trace(cpu, b);
			if (atomic_load_explicit(&cpu->vcpu.events, memory_order_relaxed) ||
			    !cpu->slice_left)
				return NULL;
			b = ppc_block_find(cpu);
			continue;
		}
		cpu->pc0 = cpu->nip & PPC_PAGE_MASK;
		us->stats.entries++;
		b->unit->samples += us->eager;
		if (unlikely(cpu->verify)) {
			if (!run_checked(cpu, &b))
				return b;
			continue;
		}
		r = enter(cpu, b->unit);
		if (!leave(cpu, &r))
			return NULL;
		if (unlikely(atomic_load_explicit(&cpu->vcpu.events, memory_order_relaxed) ||
			     !cpu->slice_left))
			return NULL;
		b = ppc_block_find(cpu);
		/* Too little is left of the slice for a unit. */
		if (r.why == JIT_LEFT_ENTRY && !cpu->vcpu.own && !r.unit->dead)
			return b;
		if (ready(cpu, b) && !cpu->vcpu.own)
			connect(cpu, &r, b);
	}
	return b;
}

/* -------------------------------------------------------------- telling */

static double ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

const PpcUnitStats *ppc_units_stats(const PpcCpu *cpu)
{
	return &cpu->units->stats;
}

static void show_seed(const PpcUnits *us, GString *out)
{
	if (jit_shuffled(us->jit))
		g_string_append_printf(out, "  registers at random, by register-seed=%" PRIu32 "\n",
				       jit_shuffled(us->jit));
}

void ppc_show_jit(PpcCpu *cpu, GString *out)
{
	static const char *const kinds[IR_EXIT_EXEC] = {
		[IR_EXIT_REDO] = "to interpret one instruction",
		[IR_EXIT_LINK] = "to the same page",
		[IR_EXIT_FAR] = "to another page",
		[IR_EXIT_DYN] = "to an address in a register",
		[IR_EXIT_LEAVE] = "where XER[SO] has become 1",
	};
	const PpcBlockCache *c = cpu->blocks;
	const PpcTlb *t = cpu->tlb;
	const PpcUnitStats *s;
	uint64_t asked, late;

	g_string_append_printf(out, "CPU %u\n", cpu->index);
	g_string_append_printf(out,
			       "  blocks decoded %" PRIu64 ", dropped %" PRIu64
			       ", all dropped %" PRIu64 " times, cold ones %" PRIu64
			       " times, %zu KiB\n",
			       c->built, c->dropped, c->full_drops, c->sweeps, c->bytes >> 10);
	g_string_append_printf(out,
			       "  TLB refills %" PRIu64 ", flushes of pages %" PRIu64
			       ", of contexts %" PRIu64 ", switches %" PRIu64 "\n",
			       t->fills, t->page_flushes, t->full_flushes, t->switches);
	ppc_strict_show(cpu, out);
	if (!cpu->units) {
		g_string_append(out, "  no host code: all is interpreted\n");
		return;
	}
	show_seed(cpu->units, out);
	s = &cpu->units->stats;
	g_string_append_printf(out, "  instructions %" PRIu64 ", of them in host code %.2f %%\n",
			       cpu->slots - s->base, 100 * ratio(s->done, cpu->slots - s->base));
	ppc_compile_counts(cpu->units->compile, &asked, &late);
	g_string_append_printf(out,
			       "  units asked for in the background %" PRIu64 ", too late %" PRIu64
			       "; hot from the first run on %" PRIu64 "\n",
			       asked, late, s->hinted);
	g_string_append_printf(out,
			       "  units made %" PRIu64 ", dropped %" PRIu64
			       ", arena emptied %" PRIu64
			       " times, %zu KiB in use, %zu KiB with tables\n",
			       s->units, s->dropped, s->resets, jit_used(cpu->units->jit) >> 10,
			       jit_memory(cpu->units->jit) >> 10);
	g_string_append_printf(out,
			       "  instructions of a unit %.1f, of them called %.2f; "
			       "bytes of host code for one %.1f\n",
			       ratio(s->insns, s->units), ratio(s->calls, s->units),
			       ratio(s->bytes, s->insns));
	g_string_append_printf(out,
			       "  traces %" PRIu64 ", instructions of one %.1f, loops %" PRIu64
			       "\n",
			       s->traces, ratio(s->trace_insns, s->traces), s->trace_loops);
	g_string_append_printf(out,
			       "  entries %" PRIu64 ", instructions %" PRIu64
			       ", jumps linked %" PRIu64 ", meanings of addresses %" PRIu64 "\n",
			       s->entries, s->done, s->links, s->views);
	g_string_append_printf(out, "  left at an entry %" PRIu64 "\n", s->stops);
	for (unsigned k = 0; k < IR_EXIT_EXEC; k++)
		g_string_append_printf(out, "  left %s %" PRIu64 "\n", kinds[k], s->left[k]);
	ppc_called_show(cpu, out);
}
