/*
 * The virtual clock and its timers.
 *
 * V = base + (mono - mono_base) while a `host` clock runs, base otherwise.
 * The three words change only at start, stop and load; readers take them
 * under a sequence counter, so that reading V costs one host clock read.
 *
 * Timers are a binary heap ordered by (deadline, order of making): the order
 * of firing is a function of saved state, never of the order of setting.
 */
#include "core/vclock.h"

#include <stdatomic.h>
#include "base/bits.h"
#include "base/log.h"

typedef enum TimerState { TIMER_IDLE, TIMER_HEAP, TIMER_DUE } TimerState;

struct VTimer {
	VClock *clock;
	char *name;
	void (*cb)(void *opaque);
	void *opaque;
	uint64_t id;
	_Atomic int64_t deadline; /* -1: idle */
	TimerState state;
	guint index; /* in heap or due */
};

/* Both clocks are read together; what took longer than this is tried again, so many times. */
#define PAIR_NS 500
#define PAIR_TRIES 5

struct VClock {
	VClockDriver driver;
	unsigned ns_per_insn;
	const HostClock *host;

	atomic_uint seq; /* odd while a writer changes the next three */
	_Atomic int64_t base, mono_base;
	atomic_bool running;
	int64_t stop_wall;

	uint64_t (*partial)(void *opaque);
	void *partial_opaque;
	void (*notify)(void *opaque);
	void *notify_opaque;

	GMutex lock;	 /* of all below and of every timer's state */
	GPtrArray *heap; /* VTimer * */
	GPtrArray *due;	 /* VTimer * popped by the run under way; NULL once done */
	guint due_at;	 /* first of `due` not yet looked at */
	bool firing;
	uint64_t next_id;
	_Atomic int64_t next; /* earliest deadline */
};

VClock *vclock_new(VClockDriver driver, const HostClock *host, unsigned ns_per_insn)
{
	VClock *c = g_new0(VClock, 1);

	if (!ns_per_insn)
		ns_per_insn = 1;
	c->driver = driver;
	c->host = host;
	c->ns_per_insn = ns_per_insn;
	c->stop_wall = host->wall(host->opaque);
	c->heap = g_ptr_array_new();
	c->due = g_ptr_array_new();
	c->next = INT64_MAX;
	g_mutex_init(&c->lock);
	return c;
}

void vclock_free(VClock *c)
{
	if (!c)
		return;
	if (c->heap->len)
		bug("virtual clock freed before its timer %s", ((VTimer *)c->heap->pdata[0])->name);
	g_ptr_array_unref(c->heap);
	g_ptr_array_unref(c->due);
	g_mutex_clear(&c->lock);
	g_free(c);
}

VClockDriver vclock_driver(const VClock *c)
{
	return c->driver;
}

unsigned vclock_ns_per_insn(const VClock *c)
{
	return c->ns_per_insn;
}

const HostClock *vclock_host(const VClock *c)
{
	return c->host;
}

static int64_t host_mono(const VClock *c)
{
	return c->host->mono(c->host->opaque);
}

/*
 * The host's clock is read inside the counter's window: a reader whose value
 * would lie past the V of a stop under way sees the counter move and tries again.
 */
static int64_t now_host(const VClock *c)
{
	int64_t v, mono_base;
	unsigned s;

	do {
		s = atomic_load_explicit(&c->seq, memory_order_acquire);
		v = atomic_load_explicit(&c->base, memory_order_relaxed);
		mono_base = atomic_load_explicit(&c->mono_base, memory_order_relaxed);
		if (likely(atomic_load_explicit(&c->running, memory_order_relaxed)))
			v += host_mono(c) - mono_base;
		atomic_thread_fence(memory_order_acquire);
	} while (unlikely((s & 1) || s != atomic_load_explicit(&c->seq, memory_order_relaxed)));
	return v;
}

int64_t vclock_now(const VClock *c)
{
	int64_t v;

	if (likely(c->driver == VCLOCK_HOST))
		return now_host(c);
	v = atomic_load_explicit(&c->base, memory_order_relaxed);
	if (c->partial)
		v += (int64_t)(c->partial(c->partial_opaque) * c->ns_per_insn);
	return v;
}

bool vclock_running(const VClock *c)
{
	return atomic_load(&c->running);
}

/* Start, stop and load happen one at a time, under the machine lock. */
static void write_begin(VClock *c)
{
	atomic_fetch_add(&c->seq, 1);
	atomic_thread_fence(memory_order_seq_cst);
}

static void write_end(VClock *c, int64_t base, int64_t mono_base, bool running)
{
	atomic_store_explicit(&c->base, base, memory_order_relaxed);
	atomic_store_explicit(&c->mono_base, mono_base, memory_order_relaxed);
	atomic_store_explicit(&c->running, running, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->seq, 1, memory_order_release);
}

static void notify(VClock *c)
{
	if (c->notify)
		c->notify(c->notify_opaque);
}

int64_t vclock_host_wall(const VClock *c, int64_t *mono)
{
	int64_t best = INT64_MAX, wall = 0;

	*mono = 0;
	for (unsigned i = 0; i < PAIR_TRIES && best > PAIR_NS; i++) {
		int64_t from = host_mono(c), w = c->host->wall(c->host->opaque);
		int64_t took = host_mono(c) - from;

		if (took < best) {
			best = took;
			wall = w;
			*mono = from + took / 2;
		}
	}
	return wall;
}

void vclock_stop(VClock *c)
{
	int64_t v, stop, mono, wall;

	if (!vclock_running(c))
		return;
	write_begin(c);
	v = c->base;
	stop = host_mono(c);
	if (c->driver == VCLOCK_HOST)
		v += stop - c->mono_base;
	write_end(c, v, 0, false);
	wall = vclock_host_wall(c, &mono);
	c->stop_wall = (int64_t)((uint64_t)wall - (uint64_t)(mono - stop));
}

void vclock_start_at(VClock *c, int64_t mono)
{
	if (vclock_running(c))
		return;
	write_begin(c);
	write_end(c, c->base, mono, true);
	notify(c);
}

void vclock_start(VClock *c)
{
	vclock_start_at(c, host_mono(c));
}

void vclock_set(VClock *c, int64_t v)
{
	if (vclock_running(c))
		bug("virtual clock set while it runs");
	write_begin(c);
	write_end(c, v, 0, false);
}

int64_t vclock_stop_wall(const VClock *c)
{
	return c->stop_wall;
}

void vclock_set_stop_wall(VClock *c, int64_t wall)
{
	c->stop_wall = wall;
}

void vclock_count(VClock *c, uint64_t insns)
{
	int64_t v = atomic_load_explicit(&c->base, memory_order_relaxed);

	if (c->driver == VCLOCK_COUNTED)
		atomic_store_explicit(&c->base, v + (int64_t)(insns * c->ns_per_insn),
				      memory_order_relaxed);
}

void vclock_set_partial(VClock *c, uint64_t (*partial)(void *opaque), void *opaque)
{
	c->partial = partial;
	c->partial_opaque = opaque;
}

void vclock_warp(VClock *c, int64_t v)
{
	if (c->driver == VCLOCK_COUNTED && v > atomic_load_explicit(&c->base, memory_order_relaxed))
		atomic_store_explicit(&c->base, v, memory_order_relaxed);
}

void vclock_set_notify(VClock *c, void (*fn)(void *opaque), void *opaque)
{
	c->notify = fn;
	c->notify_opaque = opaque;
}

/* The heap.  Everything below up to the public functions: c->lock held. */

static bool before(const VTimer *a, const VTimer *b)
{
	return a->deadline < b->deadline || (a->deadline == b->deadline && a->id < b->id);
}

static void heap_put(VClock *c, guint i, VTimer *t)
{
	c->heap->pdata[i] = t;
	t->index = i;
}

static void heap_up(VClock *c, guint i, VTimer *t)
{
	for (; i > 0 && before(t, c->heap->pdata[(i - 1) / 2]); i = (i - 1) / 2)
		heap_put(c, i, c->heap->pdata[(i - 1) / 2]);
	heap_put(c, i, t);
}

static void heap_down(VClock *c, guint i, VTimer *t)
{
	guint n = c->heap->len, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n && before(c->heap->pdata[child + 1], c->heap->pdata[child]))
			child++;
		if (!before(c->heap->pdata[child], t))
			break;
		heap_put(c, i, c->heap->pdata[child]);
		i = child;
	}
	heap_put(c, i, t);
}

static void heap_remove(VClock *c, VTimer *t)
{
	VTimer *last = c->heap->pdata[c->heap->len - 1];
	guint i = t->index;

	g_ptr_array_set_size(c->heap, (gint)c->heap->len - 1);
	if (last == t)
		return;
	if (i > 0 && before(last, c->heap->pdata[(i - 1) / 2]))
		heap_up(c, i, last);
	else
		heap_down(c, i, last);
}

static void disarm(VClock *c, VTimer *t)
{
	if (t->state == TIMER_HEAP)
		heap_remove(c, t);
	else if (t->state == TIMER_DUE)
		c->due->pdata[t->index] = NULL;
	t->state = TIMER_IDLE;
	t->deadline = -1;
}

/* Recomputes the earliest deadline; true when it became an earlier one. */
static bool update_next(VClock *c)
{
	int64_t next = INT64_MAX, old = c->next;

	if (c->heap->len)
		next = ((VTimer *)c->heap->pdata[0])->deadline;
	for (guint i = c->due_at; i < c->due->len; i++) {
		const VTimer *t = c->due->pdata[i];

		if (t) {
			next = MIN(next, t->deadline);
			break;
		}
	}
	if (next != old)
		atomic_store(&c->next, next);
	return next < old;
}

VTimer *vtimer_new(VClock *c, const char *name, void (*cb)(void *opaque), void *opaque)
{
	VTimer *t = g_new0(VTimer, 1);

	t->clock = c;
	t->name = g_strdup(name);
	t->cb = cb;
	t->opaque = opaque;
	t->deadline = -1;
	g_mutex_lock(&c->lock);
	t->id = c->next_id++;
	g_mutex_unlock(&c->lock);
	return t;
}

void vtimer_free(VTimer *t)
{
	if (!t)
		return;
	vtimer_cancel(t);
	g_free(t->name);
	g_free(t);
}

void vtimer_set(VTimer *t, int64_t deadline)
{
	VClock *c = t->clock;
	bool earlier;

	if (deadline < 0)
		deadline = 0;
	g_mutex_lock(&c->lock);
	if (t->state == TIMER_HEAP && t->deadline == deadline) {
		g_mutex_unlock(&c->lock);
		return;
	}
	disarm(c, t);
	t->deadline = deadline;
	t->state = TIMER_HEAP;
	g_ptr_array_add(c->heap, t);
	heap_up(c, c->heap->len - 1, t);
	earlier = update_next(c);
	g_mutex_unlock(&c->lock);
	if (earlier)
		notify(c);
}

void vtimer_cancel(VTimer *t)
{
	VClock *c = t->clock;

	g_mutex_lock(&c->lock);
	if (t->state != TIMER_IDLE) {
		disarm(c, t);
		update_next(c);
	}
	g_mutex_unlock(&c->lock);
}

int64_t vtimer_deadline(const VTimer *t)
{
	return atomic_load(&t->deadline);
}

int64_t vclock_next_deadline(const VClock *c)
{
	return atomic_load(&c->next);
}

/* Moves what is due at `now` from the heap to the `due` list. */
static void collect_due(VClock *c, int64_t now)
{
	VTimer *t;

	while (c->heap->len && (t = c->heap->pdata[0])->deadline <= now) {
		heap_remove(c, t);
		t->state = TIMER_DUE;
		t->index = c->due->len;
		g_ptr_array_add(c->due, t);
	}
}

/* The next timer of the `due` list, no longer armed; NULL when there is none. */
static VTimer *take_due(VClock *c)
{
	VTimer *t;

	while (c->due_at < c->due->len) {
		t = c->due->pdata[c->due_at++];
		if (t) {
			t->state = TIMER_IDLE;
			t->deadline = -1;
			return t;
		}
	}
	return NULL;
}

void vclock_run_timers(VClock *c)
{
	int64_t now = vclock_now(c);
	VTimer *t;

	if (vclock_next_deadline(c) > now)
		return;
	g_mutex_lock(&c->lock);
	if (c->firing) {
		g_mutex_unlock(&c->lock);
		return;
	}
	c->firing = true;
	collect_due(c, now);
	while ((t = take_due(c))) {
		void (*cb)(void *opaque) = t->cb;
		void *opaque = t->opaque;

		update_next(c);
		g_mutex_unlock(&c->lock);
		cb(opaque); /* may free t */
		g_mutex_lock(&c->lock);
	}
	g_ptr_array_set_size(c->due, 0);
	c->due_at = 0;
	c->firing = false;
	update_next(c);
	g_mutex_unlock(&c->lock);
}
