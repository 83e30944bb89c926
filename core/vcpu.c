/*
 * Threads that run the CPUs of a machine.
 *
 * A thread holds the machine lock except while its CPU runs a slice.  Requests
 * reach a running CPU as VCPU_EV_EXIT.  None is lost: the thread marks the CPU
 * as current and clears the bit while it holds the lock and before it looks at
 * deadlines; whoever stops, kicks or sets a timer afterwards sees the current
 * CPU and sets the bit again.
 *
 * Driver `host`: a thread for each CPU, which sleeps on a condition of its own.
 *
 * Driver `counted`: one thread.  CPUs take turns of VCPU_TURN instructions.  A turn may be
 * cut into slices by deadlines, stops and the CPU's own requests; what is left
 * of it lives in VcpuTurn and is saved, so where the cuts were makes no
 * difference.  A turn ends early only when its CPU halts.  Timers run after
 * every slice that executed something and whenever all CPUs are halted, when V
 * moves to the next deadline at once.  A slice always has at least one
 * instruction, so a timer that is set into the past again and again cannot keep
 * the CPUs from running.
 */
#include "core/vcpu.h"

#include "base/bits.h"
#include "base/log.h"
#include "core/alarm.h"
#include "core/machine.h"

#define VCPU_TURN 10000	      /* counted: instructions of one turn */
#define VCPU_SLICE (1u << 20) /* host: of one slice */
#define REST_MAX_US 100000    /* of one rest of a slowed CPU, in steps of: */
#define REST_STEP_US 2000

typedef struct VcpuThread {
	VcpuPool *pool;
	Vcpu *own; /* host: its CPU; counted: NULL */
	GThread *thread;
	Alarm *alarm;	       /* host: its own; NULL: not to be had */
	GCond wake;	       /* the thread waits on it */
	bool parked;	       /* lock held */
	bool stands;	       /* lock held: inside of a slice, in vcpupool_others_stand() */
	bool yielded;	       /* its own: the CPU gave up its turn */
	bool in_slice;	       /* its own: partial() is of this slice */
	Vcpu *_Atomic current; /* in a slice or about to enter it; changes under the lock */
	atomic_bool idle;      /* sleeps as no CPU of its may run */
} VcpuThread;

struct VcpuPool {
	Machine *machine;
	VcpuThread *threads; /* NULL until the first start */
	guint nthreads;
	GCond parked_cond; /* a thread parked, or left its slice while somebody asked for that */
	bool run, quit;
	unsigned alone; /* threads in or before what is between others_stand and others_go */
	atomic_bool
		held;	/* nothing is executed any more; at the limit, until on_limit was called */
	uint64_t epoch; /* counts vcpupool_abandon() */
	VcpuTurn turn;
	atomic_uint throttle; /* hundredths of the time that CPUs leave unused */
	uint64_t limit;
	void (*on_limit)(void *opaque);
	void *limit_opaque;
};

/* Which of whose this thread is. */
static _Thread_local VcpuThread *this_thread;

static bool counted(const VcpuPool *p)
{
	return vclock_driver(p->machine->clock) == VCLOCK_COUNTED;
}

static Vcpu *vcpu_at(const VcpuPool *p, uint32_t i)
{
	return p->machine->vcpus->pdata[i];
}

/* The calling thread, if it is one of the pool's. */
static VcpuThread *mine(const VcpuPool *p)
{
	return this_thread && this_thread->pool == p ? this_thread : NULL;
}

/* The thread that runs v; NULL before the first start. */
static VcpuThread *thread_of(const VcpuPool *p, const Vcpu *v)
{
	VcpuThread *all = p->threads;

	if (!all)
		return NULL;
	return counted(p) ? &all[0] : &all[v->index];
}

static void wake_all(VcpuPool *p)
{
	for (guint i = 0; i < p->nthreads; i++)
		g_cond_signal(&p->threads[i].wake);
}

/* Ends the slice that the thread is in or about to enter. */
static void end_slice(VcpuThread *t)
{
	Vcpu *v = atomic_load(&t->current);

	if (v)
		atomic_fetch_or(&v->events, VCPU_EV_EXIT);
}

/* Only the thread itself may count a slice under way; others see its beginning. */
static uint64_t pool_partial(void *opaque)
{
	const VcpuThread *t = mine(opaque);
	Vcpu *v;

	if (!t || !t->in_slice)
		return 0;
	v = atomic_load_explicit(&t->current, memory_order_relaxed);
	return v && v->ops->partial ? v->ops->partial(v) : 0;
}

static void wake_under_lock(void *arg)
{
	VcpuThread *t = arg;

	g_cond_signal(&t->wake);
}

/* Any thread: if it sleeps, it must look again. */
static void wake_idle(VcpuThread *t)
{
	Machine *m;

	if (!t || !atomic_load(&t->idle))
		return;
	m = t->pool->machine;
	if (machine_locked(m))
		g_cond_signal(&t->wake);
	else
		loop_post(m->loop, wake_under_lock, t);
}

/* Counted time: an earlier deadline came; the slice under way may be too long. */
static void pool_notify(void *opaque)
{
	VcpuPool *p = opaque;
	VcpuThread *t = p->threads;

	if (!t)
		return;
	if (atomic_load(&t->current))
		end_slice(t);
	else
		wake_idle(t);
}

VcpuPool *vcpupool_new(Machine *m)
{
	VcpuPool *p = g_new0(VcpuPool, 1);

	p->machine = m;
	p->limit = UINT64_MAX;
	p->turn.left = VCPU_TURN;
	g_cond_init(&p->parked_cond);
	if (counted(p)) {
		vclock_set_partial(m->clock, pool_partial, p);
		vclock_set_notify(m->clock, pool_notify, p);
	}
	return p;
}

static void end_threads(VcpuPool *p)
{
	Machine *m = p->machine;

	machine_lock(m);
	vcpupool_stop(p);
	p->quit = true;
	wake_all(p);
	machine_unlock(m);
	for (guint i = 0; i < p->nthreads; i++) {
		g_thread_join(p->threads[i].thread);
		g_cond_clear(&p->threads[i].wake);
	}
	g_free(p->threads);
}

void vcpupool_free(VcpuPool *p)
{
	Machine *m;

	if (!p)
		return;
	m = p->machine;
	if (p->threads)
		end_threads(p);
	if (counted(p)) {
		vclock_set_partial(m->clock, NULL, NULL);
		vclock_set_notify(m->clock, NULL, NULL);
	}
	g_cond_clear(&p->parked_cond);
	g_free(p);
}

void vcpu_add(Machine *m, Vcpu *v)
{
	if (m->pool->threads)
		bug("a CPU added to a machine that has run");
	v->machine = m;
	v->index = (int)m->vcpus->len;
	g_ptr_array_add(m->vcpus, v);
}

void vcpu_event(Vcpu *v, uint32_t bits)
{
	VcpuPool *p = v->machine->pool;

	atomic_fetch_or(&v->events, bits);
	if (p)
		wake_idle(thread_of(p, v));
}

bool vcpu_event_at(Vcpu *v, int64_t at, uint32_t bits)
{
	const VcpuThread *t = this_thread;
	const VClock *c = v->machine->clock;

	return t && t->own == v && t->alarm && vclock_running(c) &&
	       alarm_at(t->alarm, at, vclock_now(c), bits);
}

void vcpu_kick(Vcpu *v)
{
	VcpuPool *p = v->machine->pool;
	VcpuThread *t = p ? thread_of(p, v) : NULL;

	machine_assert_locked(v->machine);
	/* In counted time the turn of another goes on: when v runs must not depend on cuts. */
	if (t)
		g_cond_signal(&t->wake);
}

void vcpu_outside(const Machine *m)
{
	const VcpuThread *t = this_thread;

	if (t && t->in_slice && t->pool->machine == m)
		atomic_store(&atomic_load_explicit(&t->current, memory_order_relaxed)->in_guest,
			     false);
}

void vcpu_inside(const Machine *m)
{
	const VcpuThread *t = this_thread;
	Vcpu *v;

	if (!t || !t->in_slice || t->parked || t->pool->machine != m)
		return;
	v = atomic_load_explicit(&t->current, memory_order_relaxed);
	v->outs++;
	atomic_store(&v->in_guest, true);
}

Vcpu *vcpu_current(const Machine *m)
{
	const VcpuThread *t = mine(m->pool);

	return t && t->in_slice ? atomic_load(&t->current) : NULL;
}

void vcpu_yield(Vcpu *v)
{
	VcpuThread *t = mine(v->machine->pool);

	if (t)
		t->yielded = true;
	atomic_fetch_or(&v->events, VCPU_EV_EXIT);
}

void vcpupool_hold(VcpuPool *p)
{
	const VcpuThread *t = mine(p);

	if (!t || !t->in_slice)
		return;
	atomic_store(&p->held, true);
	for (guint i = 0; i < p->nthreads; i++)
		end_slice(&p->threads[i]);
}

bool vcpupool_is_mine(const VcpuPool *p)
{
	return mine(p) != NULL;
}

void vcpupool_release(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	atomic_store(&p->held, false);
	wake_all(p);
}

/* Sleeps on a condition; the machine lock is given up meanwhile. */
static void wait_on(VcpuPool *p, GCond *cond)
{
	Machine *m = p->machine;

	m->lock_owner = NULL;
	g_cond_wait(cond, &m->lock);
	m->lock_owner = g_thread_self();
}

/* A CPU's thread sleeps: not in the guest, and whoever waits for that sees it. */
static void park_thread(VcpuThread *t)
{
	t->parked = true;
	g_cond_broadcast(&t->pool->parked_cond);
}

uint64_t vcpupool_park(VcpuPool *p)
{
	park_thread(this_thread);
	return p->epoch;
}

void vcpupool_abandon(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	p->epoch++;
}

void vcpupool_unpark(VcpuPool *p, uint64_t epoch)
{
	VcpuThread *t = this_thread;
	Vcpu *v = t->in_slice ? atomic_load(&t->current) : NULL;

	while ((!p->run || p->alone) && !p->quit)
		wait_on(p, &t->wake);
	t->parked = false;
	if (v && v->ops->leave && (p->quit || p->epoch != epoch)) {
		machine_unlock(p->machine);
		v->ops->leave(v);
	}
}

/* Does any other thread than t execute, or is it in the middle of what it does for its guest? */
static bool others_move(VcpuPool *p, const VcpuThread *t)
{
	bool any = false;

	for (guint i = 0; i < p->nthreads; i++) {
		VcpuThread *o = &p->threads[i];

		if (o == t || o->parked || o->stands || !atomic_load(&o->current))
			continue;
		end_slice(o);
		any = true;
	}
	return any;
}

void vcpupool_others_stand(VcpuPool *p)
{
	VcpuThread *t = mine(p);

	machine_assert_locked(p->machine);
	if (!t || !t->in_slice || counted(p))
		return;
	p->alone++;
	while (others_move(p, t)) {
		/* Two who ask for this at once take each other as standing. */
		t->stands = true;
		g_cond_broadcast(&p->parked_cond);
		wait_on(p, &p->parked_cond);
		t->stands = false;
	}
}

void vcpupool_others_go(VcpuPool *p)
{
	const VcpuThread *t = mine(p);

	machine_assert_locked(p->machine);
	if (!t || !t->in_slice || counted(p))
		return;
	p->alone--;
	wake_all(p);
	g_cond_broadcast(&p->parked_cond);
}

static bool may_run(const VcpuPool *p, uint32_t i)
{
	Vcpu *v = vcpu_at(p, i);

	return v->ops->runnable(v);
}

/* The next CPU after the current one that may run (itself last), or -1. */
static int next_runnable(const VcpuPool *p)
{
	uint32_t n = p->machine->vcpus->len, i;

	for (uint32_t k = 1; k <= n; k++) {
		i = (p->turn.index + k) % n;
		if (may_run(p, i))
			return (int)i;
	}
	return -1;
}

static uint64_t run_slice(VcpuThread *t, Vcpu *v, uint64_t max)
{
	VcpuPool *p = t->pool;
	uint64_t n;

	machine_unlock(p->machine);
	t->in_slice = true;
	atomic_store(&v->in_guest, true);
	n = v->ops->run(v, max);
	atomic_store(&v->in_guest, false);
	t->in_slice = false;
	machine_lock(p->machine);
	atomic_store(&t->current, NULL);
	__atomic_store_n(&p->turn.insns, p->turn.insns + n, __ATOMIC_RELAXED);
	if (p->alone)
		g_cond_broadcast(&p->parked_cond);
	return n;
}

/* From here on whoever wants this CPU's slice to end sets its EXIT bit. */
static void make_current(VcpuThread *t, Vcpu *v)
{
	atomic_store(&t->current, v);
	atomic_fetch_and(&v->events, ~(uint32_t)VCPU_EV_EXIT);
}

/* As wait_on(), or until V is `at`. */
static void wait_until(VcpuThread *t, int64_t at)
{
	Machine *m = t->pool->machine;
	const HostClock *h = vclock_host(m->clock);
	int64_t ns = at - vclock_now(m->clock);

	m->lock_owner = NULL;
	if (ns > 0)
		g_cond_wait_until(&t->wake, &m->lock, (h->mono(h->opaque) + ns) / 1000 + 1);
	m->lock_owner = g_thread_self();
}

/* Host time: sleeps until somebody kicks or its alarm comes, unless there is something to do after all. */
static void sleep_alone(VcpuThread *t)
{
	int64_t at;
	/* Asked first: one that has come since is seen by runnable(). */
	bool alarm = t->alarm && alarm_next(t->alarm, &at);

	if (t->own->ops->runnable(t->own))
		return;
	if (alarm)
		wait_until(t, at);
	else
		wait_on(t->pool, &t->wake);
}

/* Sleeps until somebody kicks, unless there is something to do after all. */
static void sleep_idle(VcpuThread *t)
{
	VcpuPool *p = t->pool;

	atomic_store(&t->idle, true);
	if (t->own)
		sleep_alone(t);
	else if (next_runnable(p) < 0 && vclock_next_deadline(p->machine->clock) == INT64_MAX)
		wait_on(p, &t->wake);
	atomic_store(&t->idle, false);
}

static void host_step(VcpuThread *t)
{
	Vcpu *v = t->own;

	if (!v->ops->runnable(v)) {
		sleep_idle(t);
		return;
	}
	make_current(t, v);
	run_slice(t, v, VCPU_SLICE);
	if (t->yielded) {
		t->yielded = false;
		machine_unlock(t->pool->machine);
		g_thread_yield();
		machine_lock(t->pool->machine);
	}
}

/* Counted: no CPU may run, so the next thing to happen is a timer. */
static void counted_idle(VcpuThread *t)
{
	VClock *c = t->pool->machine->clock;
	int64_t next = vclock_next_deadline(c);

	if (next == INT64_MAX) {
		sleep_idle(t);
		return;
	}
	vclock_warp(c, next);
	vclock_run_timers(c);
}

/* Instructions until V reaches the next deadline, at least one. */
static uint64_t insns_to_deadline(const VClock *c)
{
	int64_t next = vclock_next_deadline(c), now = vclock_now(c);
	uint64_t ns = vclock_ns_per_insn(c);

	if (next == INT64_MAX)
		return UINT64_MAX;
	if (next <= now)
		return 1;
	return ((uint64_t)(next - now) + ns - 1) / ns;
}

static void counted_step(VcpuThread *t)
{
	VcpuPool *p = t->pool;
	VClock *c = p->machine->clock;
	const VcpuTurn before = p->turn;
	uint64_t max, n;
	int i;

	if (!p->turn.left || !may_run(p, p->turn.index)) {
		i = next_runnable(p);
		if (i < 0) {
			counted_idle(t);
			return;
		}
		p->turn.index = (uint32_t)i;
		p->turn.left = VCPU_TURN;
	}
	make_current(t, vcpu_at(p, p->turn.index));
	max = MIN(p->turn.left, p->limit - p->turn.insns);
	max = MIN(max, insns_to_deadline(c));
	n = run_slice(t, vcpu_at(p, p->turn.index), max);
	p->turn.left = t->yielded ? 0 : p->turn.left - MIN(n, p->turn.left);
	/*
	 * Who only looked at what had happened (to sleep on) had no turn: after a load all
	 * look, and that must change nothing.
	 */
	if (!n && !t->yielded)
		p->turn = before;
	t->yielded = false;
	vclock_count(c, n);
	if (n)
		vclock_run_timers(c);
}

void vcpupool_set_throttle(VcpuPool *p, unsigned percent)
{
	atomic_store(&p->throttle, MIN(percent, 99));
}

/* Waits as long as the slice's share of the time asks, or until the machine is to stop. */
static void rest_after(VcpuPool *p, int64_t from)
{
	const HostClock *h = vclock_host(p->machine->clock);
	unsigned percent = atomic_load(&p->throttle);
	int64_t ran, us;

	if (!percent || !p->run)
		return;
	ran = h->mono(h->opaque) - from;
	us = MIN(ran / 1000 * percent / (100 - percent), REST_MAX_US);
	for (; us > 0 && p->run; us -= REST_STEP_US) {
		machine_unlock(p->machine);
		g_usleep((gulong)MIN(us, REST_STEP_US));
		machine_lock(p->machine);
	}
}

static void call_limit(void *arg)
{
	VcpuPool *p = arg;

	if (p->on_limit)
		p->on_limit(p->limit_opaque);
	vcpupool_release(p);
}

/* The count of vcpupool_set_limit() is reached: nothing more until on_limit was called. */
static void check_limit(VcpuPool *p)
{
	if (!p->run || atomic_load(&p->held) || p->turn.insns < p->limit)
		return;
	p->limit = UINT64_MAX;
	atomic_store(&p->held, true);
	loop_post(p->machine->loop, call_limit, p);
}

static gpointer pool_thread(gpointer arg)
{
	VcpuThread *t = arg;
	VcpuPool *p = t->pool;
	Machine *m = p->machine;
	const HostClock *h = vclock_host(m->clock);
	int64_t from;

	this_thread = t;
	if (t->own)
		t->alarm = alarm_new(&t->own->events);
	machine_lock(m);
	for (;;) {
		check_limit(p);
		if (!p->run || atomic_load(&p->held) || p->alone) {
			park_thread(t);
			if (p->quit)
				break;
			wait_on(p, &t->wake);
			continue;
		}
		t->parked = false;
		from = atomic_load(&p->throttle) ? h->mono(h->opaque) : 0;
		if (t->own)
			host_step(t);
		else
			counted_step(t);
		if (from)
			rest_after(p, from);
		machine_breathe(m);
	}
	machine_unlock(m);
	alarm_free(t->alarm);
	return NULL;
}

static void make_threads(VcpuPool *p)
{
	guint n = counted(p) ? 1 : p->machine->vcpus->len;

	p->threads = g_new0(VcpuThread, n);
	p->nthreads = n;
	for (guint i = 0; i < n; i++) {
		VcpuThread *t = &p->threads[i];

		t->pool = p;
		t->own = counted(p) ? NULL : vcpu_at(p, i);
		t->parked = true;
		g_cond_init(&t->wake);
		t->thread = g_thread_new("vcpu", pool_thread, t);
	}
}

void vcpupool_start(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	if (!p->machine->vcpus->len)
		return;
	p->run = true;
	if (!p->threads)
		make_threads(p);
	wake_all(p);
}

static bool all_parked(const VcpuPool *p)
{
	for (guint i = 0; i < p->nthreads; i++)
		if (!p->threads[i].parked)
			return false;
	return true;
}

void vcpupool_stop(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	if (mine(p))
		bug("a CPU's thread cannot wait for itself to stop");
	p->run = false;
	wake_all(p);
	for (guint i = 0; i < p->machine->vcpus->len; i++)
		atomic_fetch_or(&vcpu_at(p, i)->events, VCPU_EV_EXIT);
	while (!all_parked(p))
		wait_on(p, &p->parked_cond);
}

uint64_t vcpupool_insns(const VcpuPool *p)
{
	return __atomic_load_n(&p->turn.insns, __ATOMIC_RELAXED);
}

void vcpupool_set_limit(VcpuPool *p, uint64_t insns, void (*on_limit)(void *opaque), void *opaque)
{
	machine_assert_locked(p->machine);
	p->limit = insns;
	p->on_limit = on_limit;
	p->limit_opaque = opaque;
	for (guint i = 0; i < p->nthreads; i++)
		end_slice(&p->threads[i]);
	wake_all(p);
}

VcpuTurn vcpupool_turn(const VcpuPool *p)
{
	return p->turn;
}

void vcpupool_set_turn(VcpuPool *p, const VcpuTurn *t)
{
	p->turn = *t;
	if (p->machine->vcpus->len)
		p->turn.index %= p->machine->vcpus->len;
	p->turn.left = MIN(p->turn.left, VCPU_TURN);
}
