/*
 * One thread turns all CPUs of a machine.
 *
 * The thread holds the machine lock except while a CPU runs a slice.  Requests
 * reach a running CPU as VCPU_EV_EXIT.  None is lost: the thread marks the CPU
 * as current and clears the bit while it holds the lock and before it looks at
 * deadlines; whoever stops, kicks or sets a timer afterwards sees the current
 * CPU and sets the bit again.
 *
 * Driver `host`: round robin, a fresh slice for each CPU that may run.
 *
 * Driver `counted`: CPUs take turns of VCPU_TURN instructions.  A turn may be
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
#include "core/machine.h"

#define VCPU_TURN 10000		 /* counted: instructions of one turn */
#define VCPU_SLICE_SHARED 100000 /* host: of one slice, when several CPUs may run */
#define VCPU_SLICE_ALONE (1u << 20)
#define REST_MAX_US 100000 /* of one rest of a slowed CPU, in steps of: */
#define REST_STEP_US 2000

struct VcpuPool {
	Machine *machine;
	GThread *thread; /* NULL until the first start */
	GCond wake;	 /* the thread waits on it */
	GCond parked_cond;
	bool run, quit, parked;
	bool yielded;	       /* the thread's own: the CPU gave up its turn */
	bool held;	       /* at the limit, until on_limit was called */
	uint64_t epoch;	       /* counts vcpupool_abandon() */
	Vcpu *_Atomic current; /* in a slice or about to enter it */
	bool in_slice;	       /* the thread's own: partial() is of this slice */
	atomic_bool idle;      /* the thread sleeps as no CPU may run */
	VcpuTurn turn;
	atomic_uint throttle; /* hundredths of the time that CPUs leave unused */
	uint64_t limit;
	void (*on_limit)(void *opaque);
	void *limit_opaque;
};

/* The pool whose thread this is. */
static _Thread_local VcpuPool *this_pool;

static bool counted(const VcpuPool *p)
{
	return vclock_driver(p->machine->clock) == VCLOCK_COUNTED;
}

/* Only the thread itself may count a slice under way; others see its beginning. */
static uint64_t pool_partial(void *opaque)
{
	VcpuPool *p = opaque;
	Vcpu *v;

	if (this_pool != p || !p->in_slice)
		return 0;
	v = atomic_load_explicit(&p->current, memory_order_relaxed);
	return v && v->ops->partial ? v->ops->partial(v) : 0;
}

static void wake_under_lock(void *arg)
{
	VcpuPool *p = arg;

	g_cond_signal(&p->wake);
}

/* Any thread: the sleeping thread must look again. */
static void wake_idle(VcpuPool *p)
{
	if (!atomic_load(&p->idle))
		return;
	if (machine_locked(p->machine))
		g_cond_signal(&p->wake);
	else
		loop_post(p->machine->loop, wake_under_lock, p);
}

/* Counted time: an earlier deadline came; the slice under way may be too long. */
static void pool_notify(void *opaque)
{
	VcpuPool *p = opaque;
	Vcpu *v = atomic_load(&p->current);

	if (v)
		atomic_fetch_or(&v->events, VCPU_EV_EXIT);
	else
		wake_idle(p);
}

VcpuPool *vcpupool_new(Machine *m)
{
	VcpuPool *p = g_new0(VcpuPool, 1);

	p->machine = m;
	p->limit = UINT64_MAX;
	p->turn.left = VCPU_TURN;
	p->parked = true;
	g_cond_init(&p->wake);
	g_cond_init(&p->parked_cond);
	if (counted(p)) {
		vclock_set_partial(m->clock, pool_partial, p);
		vclock_set_notify(m->clock, pool_notify, p);
	}
	return p;
}

void vcpupool_free(VcpuPool *p)
{
	Machine *m;

	if (!p)
		return;
	m = p->machine;
	if (p->thread) {
		machine_lock(m);
		vcpupool_stop(p);
		p->quit = true;
		g_cond_signal(&p->wake);
		machine_unlock(m);
		g_thread_join(p->thread);
	}
	if (counted(p)) {
		vclock_set_partial(m->clock, NULL, NULL);
		vclock_set_notify(m->clock, NULL, NULL);
	}
	g_cond_clear(&p->wake);
	g_cond_clear(&p->parked_cond);
	g_free(p);
}

void vcpu_add(Machine *m, Vcpu *v)
{
	if (m->pool->thread)
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
		wake_idle(p);
}

void vcpu_kick(Vcpu *v)
{
	VcpuPool *p = v->machine->pool;
	Vcpu *now;

	machine_assert_locked(v->machine);
	if (!p)
		return;
	g_cond_signal(&p->wake);
	now = atomic_load(&p->current);
	/* In counted time the turn goes on: when v runs must not depend on cuts. */
	if (now && now != v && !counted(p))
		atomic_fetch_or(&now->events, VCPU_EV_EXIT);
}

Vcpu *vcpu_current(const Machine *m)
{
	const VcpuPool *p = m->pool;

	return this_pool == p && p->in_slice ? atomic_load(&p->current) : NULL;
}

void vcpu_yield(Vcpu *v)
{
	v->machine->pool->yielded = true;
	atomic_fetch_or(&v->events, VCPU_EV_EXIT);
}

void vcpupool_hold(VcpuPool *p)
{
	Vcpu *v;

	if (this_pool != p || !p->in_slice)
		return;
	p->held = true;
	v = atomic_load(&p->current);
	atomic_fetch_or(&v->events, VCPU_EV_EXIT);
}

bool vcpupool_is_mine(const VcpuPool *p)
{
	return this_pool == p;
}

void vcpupool_release(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	p->held = false;
	g_cond_signal(&p->wake);
}

/* Sleeps on the wake condition; the machine lock is given up meanwhile. */
static void wait_on(VcpuPool *p, GCond *cond)
{
	Machine *m = p->machine;

	m->lock_owner = NULL;
	g_cond_wait(cond, &m->lock);
	m->lock_owner = g_thread_self();
}

uint64_t vcpupool_park(VcpuPool *p)
{
	p->parked = true;
	g_cond_broadcast(&p->parked_cond);
	return p->epoch;
}

void vcpupool_abandon(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	p->epoch++;
}

void vcpupool_unpark(VcpuPool *p, uint64_t epoch)
{
	Vcpu *v = p->in_slice ? atomic_load(&p->current) : NULL;

	while (!p->run && !p->quit)
		wait_on(p, &p->wake);
	p->parked = false;
	if (v && v->ops->leave && (p->quit || p->epoch != epoch)) {
		machine_unlock(p->machine);
		v->ops->leave(v);
	}
}

static Vcpu *vcpu_at(const VcpuPool *p, uint32_t i)
{
	return p->machine->vcpus->pdata[i];
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

static uint64_t run_slice(VcpuPool *p, Vcpu *v, uint64_t max)
{
	uint64_t n;

	machine_unlock(p->machine);
	p->in_slice = true;
	n = v->ops->run(v, max);
	p->in_slice = false;
	machine_lock(p->machine);
	atomic_store(&p->current, NULL);
	__atomic_store_n(&p->turn.insns, p->turn.insns + n, __ATOMIC_RELAXED);
	return n;
}

/* From here on whoever wants this CPU's slice to end sets its EXIT bit. */
static void make_current(VcpuPool *p, Vcpu *v)
{
	atomic_store(&p->current, v);
	atomic_fetch_and(&v->events, ~(uint32_t)VCPU_EV_EXIT);
}

/* Sleeps until somebody kicks, unless there is something to do after all. */
static void sleep_idle(VcpuPool *p)
{
	atomic_store(&p->idle, true);
	if (next_runnable(p) < 0 &&
	    (!counted(p) || vclock_next_deadline(p->machine->clock) == INT64_MAX))
		wait_on(p, &p->wake);
	atomic_store(&p->idle, false);
}

static void host_step(VcpuPool *p)
{
	int i = next_runnable(p), other;

	if (i < 0) {
		sleep_idle(p);
		return;
	}
	p->turn.index = (uint32_t)i;
	other = next_runnable(p);
	make_current(p, vcpu_at(p, p->turn.index));
	run_slice(p, vcpu_at(p, p->turn.index), other == i ? VCPU_SLICE_ALONE : VCPU_SLICE_SHARED);
}

/* Counted: no CPU may run, so the next thing to happen is a timer. */
static void counted_idle(VcpuPool *p)
{
	VClock *c = p->machine->clock;
	int64_t next = vclock_next_deadline(c);

	if (next == INT64_MAX) {
		sleep_idle(p);
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

static void counted_step(VcpuPool *p)
{
	VClock *c = p->machine->clock;
	const VcpuTurn before = p->turn;
	uint64_t max, n;
	int i;

	if (!p->turn.left || !may_run(p, p->turn.index)) {
		i = next_runnable(p);
		if (i < 0) {
			counted_idle(p);
			return;
		}
		p->turn.index = (uint32_t)i;
		p->turn.left = VCPU_TURN;
	}
	make_current(p, vcpu_at(p, p->turn.index));
	max = MIN(p->turn.left, p->limit - p->turn.insns);
	max = MIN(max, insns_to_deadline(c));
	n = run_slice(p, vcpu_at(p, p->turn.index), max);
	p->turn.left = p->yielded ? 0 : p->turn.left - MIN(n, p->turn.left);
	/*
	 * Who only looked at what had happened (to sleep on) had no turn: after a load all
	 * look, and that must change nothing.
	 */
	if (!n && !p->yielded)
		p->turn = before;
	p->yielded = false;
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
	p->held = false;
	g_cond_signal(&p->wake);
}

static gpointer pool_thread(gpointer arg)
{
	VcpuPool *p = arg;
	Machine *m = p->machine;
	const HostClock *h = vclock_host(m->clock);
	int64_t from;

	this_pool = p;
	machine_lock(m);
	for (;;) {
		if (p->run && !p->held && p->turn.insns >= p->limit) {
			p->limit = UINT64_MAX;
			p->held = true;
			loop_post(m->loop, call_limit, p);
		}
		if (!p->run || p->held) {
			p->parked = true;
			g_cond_broadcast(&p->parked_cond);
			if (p->quit)
				break;
			wait_on(p, &p->wake);
			continue;
		}
		p->parked = false;
		from = atomic_load(&p->throttle) ? h->mono(h->opaque) : 0;
		if (counted(p))
			counted_step(p);
		else
			host_step(p);
		if (from)
			rest_after(p, from);
		machine_breathe(m);
	}
	machine_unlock(m);
	return NULL;
}

void vcpupool_start(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	if (!p->machine->vcpus->len)
		return;
	p->run = true;
	if (!p->thread)
		p->thread = g_thread_new("vcpu", pool_thread, p);
	g_cond_signal(&p->wake);
}

void vcpupool_stop(VcpuPool *p)
{
	machine_assert_locked(p->machine);
	if (this_pool == p)
		bug("a CPU's thread cannot wait for itself to stop");
	p->run = false;
	g_cond_signal(&p->wake);
	for (guint i = 0; i < p->machine->vcpus->len; i++)
		atomic_fetch_or(&vcpu_at(p, i)->events, VCPU_EV_EXIT);
	while (!p->parked)
		wait_on(p, &p->parked_cond);
}

uint64_t vcpupool_insns(const VcpuPool *p)
{
	return __atomic_load_n(&p->turn.insns, __ATOMIC_RELAXED);
}

void vcpupool_set_limit(VcpuPool *p, uint64_t insns, void (*on_limit)(void *opaque), void *opaque)
{
	Vcpu *v;

	machine_assert_locked(p->machine);
	p->limit = insns;
	p->on_limit = on_limit;
	p->limit_opaque = opaque;
	v = atomic_load(&p->current);
	if (v)
		atomic_fetch_or(&v->events, VCPU_EV_EXIT);
	g_cond_signal(&p->wake);
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
