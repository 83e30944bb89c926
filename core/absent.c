#include "core/absent.h"

#include <stdatomic.h>
#include <string.h>
#include "base/log.h"
#include "base/stream.h"
#include "core/machine.h"

typedef enum LineState {
	LINE_NONE, /* accesses fail */
	LINE_OPEN,
	LINE_LOST,
} LineState;

struct Absent {
	Machine *m;
	void (*want)(void *opaque, uint64_t n);
	void *opaque;
	bool peek; /* the loop's thread's own */
	atomic_uint waiters;
	atomic_uint turning; /* depth of loops turned by who waits in the loop's thread */
	GMutex lock;	     /* of the rest */
	GCond cond;
	LineState line;
	GArray *waited; /* uint64_t: pages that somebody waits for, once for each */
};

static bool is_absent(const Ram *r, uint64_t n)
{
	return atomic_load(&r->page_flags[n]) & RAM_PAGE_ABSENT;
}

static void nothing(void *arg)
{
	(void)arg;
}

/* Those who wait look again. */
static void wake(Absent *a)
{
	g_mutex_lock(&a->lock);
	g_cond_broadcast(&a->cond);
	g_mutex_unlock(&a->lock);
	if (atomic_load(&a->turning))
		loop_post(a->m->loop, nothing, NULL);
}

static void set_line(Machine *m, LineState line)
{
	Absent *a = m->absent;

	if (!a)
		return;
	g_mutex_lock(&a->lock);
	a->line = line;
	for (guint i = 0; line == LINE_OPEN && i < a->waited->len; i++)
		a->want(a->opaque, g_array_index(a->waited, uint64_t, i));
	g_mutex_unlock(&a->lock);
	wake(a);
}

/* ---------------------------------------------------------------- waiting */

static void begin_wait(Absent *a, uint64_t n)
{
	atomic_fetch_add(&a->waiters, 1);
	g_mutex_lock(&a->lock);
	g_array_append_val(a->waited, n);
	if (a->line == LINE_OPEN)
		a->want(a->opaque, n);
	g_mutex_unlock(&a->lock);
}

static void end_wait(Absent *a, uint64_t n)
{
	g_mutex_lock(&a->lock);
	for (guint i = 0; i < a->waited->len; i++) {
		if (g_array_index(a->waited, uint64_t, i) != n)
			continue;
		g_array_remove_index_fast(a->waited, i);
		break;
	}
	g_mutex_unlock(&a->lock);
	atomic_fetch_sub(&a->waiters, 1);
}

/* Until the page is there, or nobody brings it; while_lost: a lost line is worth waiting for. */
static void sleep_for(Absent *a, uint64_t n, bool while_lost)
{
	g_mutex_lock(&a->lock);
	while (is_absent(a->m->ram, n) &&
	       (a->line == LINE_OPEN || (while_lost && a->line == LINE_LOST)))
		g_cond_wait(&a->cond, &a->lock);
	g_mutex_unlock(&a->lock);
}

static bool is_lost(Absent *a)
{
	bool lost;

	g_mutex_lock(&a->lock);
	lost = a->line == LINE_LOST;
	g_mutex_unlock(&a->lock);
	return lost;
}

/* A thread that turns CPUs; it may never return from here (see vcpupool_unpark()). */
static void wait_in_cpu(Absent *a, uint64_t n)
{
	Machine *m = a->m;
	bool locked = machine_locked(m);
	uint64_t epoch;

	if (!locked) {
		machine_lock(m);
	} else {
		sleep_for(a, n, false);
		if (!is_absent(m->ram, n) || !is_lost(a)) {
			end_wait(a, n);
			return;
		}
	}
	epoch = vcpupool_park(m->pool);
	machine_unlock(m);
	sleep_for(a, n, true);
	machine_lock(m);
	end_wait(a, n);
	vcpupool_unpark(m->pool, epoch);
	if (!locked)
		machine_unlock(m);
}

/*
 * The loop's thread, in the middle of something that a device does.  It cannot go back,
 * so with the line lost it does what the loop would do: the monitor must be served.
 */
static void wait_in_loop(Absent *a, uint64_t n)
{
	Machine *m = a->m;

	sleep_for(a, n, false);
	if (a->peek || !is_absent(m->ram, n) || !is_lost(a))
		return;
	machine_stop(m, STOP_PAGES);
	atomic_fetch_add(&a->turning, 1);
	while (is_absent(m->ram, n) && is_lost(a) && !loop_quitting(m->loop))
		loop_turn(m->loop, -1);
	atomic_fetch_sub(&a->turning, 1);
	sleep_for(a, n, false);
}

static bool wait_for(void *opaque, uint64_t n)
{
	Absent *a = opaque;
	Machine *m = a->m;

	begin_wait(a, n);
	if (vcpupool_is_mine(m->pool)) {
		wait_in_cpu(a, n);
		return !is_absent(m->ram, n);
	}
	if (machine_locked(m))
		wait_in_loop(a, n);
	else
		sleep_for(a, n, true);
	end_wait(a, n);
	return !is_absent(m->ram, n);
}

/* ------------------------------------------------------------------ calls */

void absent_begin(Machine *m, const uint8_t *bitmap, void (*want)(void *opaque, uint64_t n),
		  void *opaque)
{
	Absent *a = m->absent;
	Ram *r = m->ram;
	uint64_t left = 0;

	machine_assert_locked(m);
	if (!a) {
		a = m->absent = g_new0(Absent, 1);
		a->m = m;
		a->waited = g_array_new(FALSE, FALSE, sizeof(uint64_t));
		g_mutex_init(&a->lock);
		g_cond_init(&a->cond);
	}
	a->want = want;
	a->opaque = opaque;
	a->line = LINE_NONE;
	r->fetch = wait_for;
	r->fetch_opaque = a;
	for (uint64_t n = 0; n < r->size >> RAM_PAGE_SHIFT; n++) {
		if (!(bitmap[n >> 3] >> (n & 7) & 1))
			continue;
		atomic_fetch_or(&r->page_flags[n], RAM_PAGE_ABSENT);
		left++;
	}
	atomic_store(&r->absent, left);
}

void absent_open(Machine *m)
{
	set_line(m, LINE_OPEN);
}

void absent_lose(Machine *m)
{
	set_line(m, LINE_LOST);
}

void absent_close(Machine *m)
{
	set_line(m, LINE_NONE);
}

void absent_forget(Machine *m)
{
	Ram *r = m->ram;

	machine_assert_locked(m);
	if (!m->absent)
		return;
	for (uint64_t n = 0; atomic_load(&r->absent) && n < r->size >> RAM_PAGE_SHIFT; n++)
		atomic_fetch_and(&r->page_flags[n], (uint8_t)~RAM_PAGE_ABSENT);
	atomic_store(&r->absent, 0);
	absent_close(m);
}

bool absent_place(Machine *m, uint64_t n, const uint8_t *bytes)
{
	uint8_t *to = m->ram->host + (n << RAM_PAGE_SHIFT);
	Ram *r = m->ram;

	if (!is_absent(r, n))
		return false;
	/* What is zero already stays a page that the host need not give. */
	if (bytes)
		memcpy(to, bytes, RAM_PAGE_SIZE);
	else if (!bytes_are_zero(to, RAM_PAGE_SIZE))
		memset(to, 0, RAM_PAGE_SIZE);
	atomic_fetch_and(&r->page_flags[n], (uint8_t)~RAM_PAGE_ABSENT);
	atomic_fetch_sub(&r->absent, 1);
	if (atomic_load(&m->absent->waiters))
		wake(m->absent);
	return true;
}

uint64_t absent_left(const Machine *m)
{
	return m->ram ? atomic_load(&m->ram->absent) : 0;
}

void absent_list(const Machine *m, uint8_t *bitmap)
{
	const Ram *r = m->ram;

	for (uint64_t n = 0; n < r->size >> RAM_PAGE_SHIFT; n++)
		if (is_absent(r, n))
			bitmap[n >> 3] |= (uint8_t)(1u << (n & 7));
}

bool absent_is_open(const Machine *m)
{
	Absent *a = m->absent;
	bool open;

	if (!a)
		return false;
	g_mutex_lock(&a->lock);
	open = a->line == LINE_OPEN;
	g_mutex_unlock(&a->lock);
	return open;
}

bool absent_peek(Machine *m, bool on)
{
	bool was;

	machine_assert_locked(m);
	if (!m->absent)
		return false;
	was = m->absent->peek;
	m->absent->peek = on;
	return was;
}

void absent_free(Machine *m)
{
	Absent *a = m->absent;

	if (!a)
		return;
	m->absent = NULL;
	g_array_unref(a->waited);
	g_mutex_clear(&a->lock);
	g_cond_clear(&a->cond);
	g_free(a);
}
