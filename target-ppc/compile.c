/*
 * The thread that makes units, and what goes to it and comes from it.  See compile.h.
 *
 * Of the thread's own are the IR, the CPU that is none, and (while it has a job of that CPU) the maker of code
 * of a CPU.  The lock guards the queue, what is finished and `busy`.
 */
#include "target-ppc/compile.h"
#include "base/log.h"
#include "core/vclock.h"
#include "target-ppc/exec.h"

enum {
	JOBS_MAX = 256, /* requests of a CPU that are under way; each has a copy of a page */
	WAKE_AT = 16,	/* so many in the queue wake the thread up while it dozes */
	DOZE_US = 1000,
	DOZES = 20 /* for nothing, until it sleeps */
};

/* Of a machine. */
typedef struct PpcCompiler {
	GMutex lock;
	GCond wake, done;
	GThread *thread;
	unsigned users;
	bool quit;
	bool sleeping; /* the thread waits for `wake`, or will soon look by itself: */
	bool dozing;
	unsigned awaited; /* who waits for `done` */
	PpcJob *first, **last;
	unsigned queued;
	PpcCompile *busy; /* whose job the thread has */
	Ir *ir;
	PpcCpu *scout;
} PpcCompiler;

struct PpcCompile {
	PpcCpu *cpu;
	PpcCompiler *all;
	JitMaker *maker;
	PpcJob *finished; /* lock held */
	_Atomic unsigned nfinished;
	PpcJob *fetched; /* the CPU's: taken out of `finished` */
	unsigned under_way;
	uint64_t asked, late;
};

void ppc_job_free(PpcJob *job)
{
	jit_draft_free(job->draft);
	if (job->unit)
		ppc_unit_free(job->unit);
	g_free(job);
}

/* ------------------------------------------------------------- the thread */

static void set_scout(PpcCpu *cpu, const PpcJob *job, const PpcCodeCopy *copy)
{
	const PpcCpu *from = job->from->cpu;

	/* Constant after realize. */
	cpu->model = from->model;
	cpu->board = from->board;
	cpu->sprs = from->sprs;
	cpu->dev.machine = from->dev.machine;
	cpu->mode = job->mode;
	cpu->msr = job->msr;
	cpu->fpscr = job->fpscr;
	cpu->vscr = job->vscr;
	cpu->so = job->so;
	cpu->features = job->features;
	cpu->le = job->le;
	cpu->copy = copy;
}

static void do_job(PpcCompiler *c, PpcJob *job)
{
	const PpcCodeCopy copy = { .pa = job->pa & PPC_PAGE_MASK,
				   .bytes = job->page,
				   .heads = job->crowded ? &job->heads : NULL };

	set_scout(c->scout, job, &copy);
	ir_clear(c->ir);
	job->unit = job->translate(c->scout, c->ir, job->pa, job->max);
	if (c->ir->full)
		return;
	if (job->wide)
		job->unit->nptrs = ir_wide(c->ir);
	job->unit->loop = c->ir->loop;
	ir_finish(c->ir);
	job->draft = jit_draft(job->from->maker, c->ir);
}

/* In g_get_monotonic_time()'s units. */
static int64_t soon(void)
{
	const HostClock *host = hostclock_real();

	return host->mono(host->opaque) / 1000 + DOZE_US;
}

/*
 * Lock held.  Waking a thread up costs as much as a unit does.  As long as there is work now and then, it
 * looks by itself how much has come.
 */
static PpcJob *next_job(PpcCompiler *c)
{
	PpcJob *job;

	for (unsigned n = 0; !c->first && !c->quit; n++) {
		c->dozing = n < DOZES;
		c->sleeping = !c->dozing;
		if (c->dozing)
			g_cond_wait_until(&c->wake, &c->lock, soon());
		else
			g_cond_wait(&c->wake, &c->lock);
	}
	c->dozing = c->sleeping = false;
	if (c->quit)
		return NULL;
	job = c->first;
	c->first = job->next;
	c->queued--;
	if (!c->first)
		c->last = &c->first;
	return job;
}

static void *compile_thread(void *arg)
{
	PpcCompiler *c = arg;
	PpcJob *job;

	g_mutex_lock(&c->lock);
	while ((job = next_job(c))) {
		c->busy = job->from;
		g_mutex_unlock(&c->lock);
		if (!atomic_load_explicit(&job->unwanted, memory_order_relaxed))
			do_job(c, job);
		g_mutex_lock(&c->lock);
		job->next = job->from->finished;
		job->from->finished = job;
		atomic_fetch_add_explicit(&job->from->nfinished, 1, memory_order_release);
		c->busy = NULL;
		if (c->awaited)
			g_cond_broadcast(&c->done);
	}
	g_mutex_unlock(&c->lock);
	return NULL;
}

/* ------------------------------------------------------------------- life */

static PpcCompiler *compiler_of(PpcCpu *cpu)
{
	PpcCodeMap *m = ppc_code_map(cpu);
	PpcCompiler *c = m->compiler;

	if (!c) {
		c = g_new0(PpcCompiler, 1);
		g_mutex_init(&c->lock);
		g_cond_init(&c->wake);
		g_cond_init(&c->done);
		c->last = &c->first;
		c->ir = ir_new(&ppc_jit_target);
		c->scout = g_new0(PpcCpu, 1);
		m->compiler = c;
	}
	c->users++;
	return c;
}

PpcCompile *ppc_compile_new(PpcCpu *cpu, Jit *j)
{
	PpcCompile *c = g_new0(PpcCompile, 1);

	c->cpu = cpu;
	c->maker = jit_maker_new(j);
	c->all = compiler_of(cpu);
	return c;
}

static void leave(PpcCpu *cpu, PpcCompiler *c)
{
	if (--c->users)
		return;
	g_mutex_lock(&c->lock);
	c->quit = true;
	g_cond_signal(&c->wake);
	g_mutex_unlock(&c->lock);
	if (c->thread)
		g_thread_join(c->thread);
	ppc_code_map(cpu)->compiler = NULL;
	ir_free(c->ir);
	g_free(c->scout);
	g_mutex_clear(&c->lock);
	g_cond_clear(&c->wake);
	g_cond_clear(&c->done);
	g_free(c);
}

static void free_all(PpcJob *job)
{
	for (PpcJob *next; job; job = next) {
		next = job->next;
		if (job->block)
			job->block->job = NULL;
		ppc_job_free(job);
	}
}

/* Takes a CPU's jobs out of the queue; lock held. */
static PpcJob *take_back(PpcCompiler *all, const PpcCompile *c)
{
	PpcJob *mine = NULL, **at = &all->first;

	for (PpcJob *job; (job = *at);) {
		if (job->from != c) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		all->queued--;
		job->next = mine;
		mine = job;
	}
	all->last = at;
	return mine;
}

void ppc_compile_free(PpcCompile *c)
{
	PpcJob *queued;

	if (!c)
		return;
	g_mutex_lock(&c->all->lock);
	queued = take_back(c->all, c);
	c->all->awaited++;
	while (c->all->busy == c)
		g_cond_wait(&c->all->done, &c->all->lock);
	c->all->awaited--;
	g_mutex_unlock(&c->all->lock);
	free_all(queued);
	free_all(c->finished);
	free_all(c->fetched);
	leave(c->cpu, c->all);
	jit_maker_free(c->maker);
	g_free(c);
}

/* ------------------------------------------------------------- the CPU's */

bool ppc_compile_ask(PpcCompile *c, PpcBlock *b, PpcTranslate *translate, unsigned max, bool wide)
{
	PpcCompiler *all = c->all;
	PpcCpu *cpu = c->cpu;
	const PpcHeads *heads = ppc_unit_heads(cpu, b->pa);
	PpcJob *job;

	if (c->under_way >= JOBS_MAX)
		return false;
	job = g_malloc(sizeof(*job) + RAM_PAGE_SIZE);
	*job = (PpcJob){ .block = b,
			 .nip = cpu->nip,
			 .from = c,
			 .translate = translate,
			 .max = max,
			 .wide = wide,
			 .mode = cpu->mode,
			 .vscr = cpu->vscr,
			 .pa = b->pa,
			 .msr = cpu->msr,
			 .fpscr = cpu->fpscr,
			 .features = cpu->features,
			 .le = cpu->le,
			 .so = cpu->so,
			 .crowded = heads != NULL };
	if (heads)
		job->heads = *heads;
	ppc_copy(job->page, cpu->dev.machine->ram->host + (b->pa & PPC_PAGE_MASK), RAM_PAGE_SIZE);
	b->job = job;
	c->under_way++;
	c->asked++;
	g_mutex_lock(&all->lock);
	/* Made late: a machine that is only loaded, looked at and left needs none. */
	if (!all->thread)
		all->thread = g_thread_new("compile", compile_thread, all);
	*all->last = job;
	all->last = &job->next;
	all->queued++;
	if (all->sleeping || (all->dozing && all->queued == WAKE_AT))
		g_cond_signal(&all->wake);
	g_mutex_unlock(&all->lock);
	return true;
}

void ppc_compile_void(PpcBlock *b)
{
	atomic_store_explicit(&b->job->unwanted, true, memory_order_relaxed);
	b->job->block = NULL;
	b->job = NULL;
}

/* Is memory what the job's unit was made of? */
static bool is_same(PpcCpu *cpu, const PpcJob *job)
{
	uint64_t page = job->pa & PPC_PAGE_MASK;

	for (unsigned i = 0; i < job->unit->block->n; i++) {
		const PpcOp *op = &job->unit->block->ops[i];

		if (!ppc_block_is(cpu, page + op->off, job->page + op->off, op->len))
			return false;
	}
	return true;
}

static void fetch(PpcCompile *c)
{
	PpcJob *job, *next;

	g_mutex_lock(&c->all->lock);
	job = c->finished;
	c->finished = NULL;
	atomic_store_explicit(&c->nfinished, 0, memory_order_relaxed);
	g_mutex_unlock(&c->all->lock);
	/* The oldest first. */
	for (; job; job = next) {
		next = job->next;
		job->next = c->fetched;
		c->fetched = job;
	}
}

PpcJob *ppc_compile_take(PpcCompile *c)
{
	PpcJob *job;

	for (;;) {
		if (!c->fetched && atomic_load_explicit(&c->nfinished, memory_order_acquire))
			fetch(c);
		job = c->fetched;
		if (!job)
			return NULL;
		c->fetched = job->next;
		c->under_way--;
		if (job->block) {
			job->block->job = NULL;
			if (!job->draft || is_same(c->cpu, job))
				return job;
			job->block->runs = 0;
		}
		c->late++;
		ppc_job_free(job);
	}
}

void ppc_compile_counts(const PpcCompile *c, uint64_t *asked, uint64_t *late)
{
	*asked = c ? c->asked : 0;
	*late = c ? c->late : 0;
}
