#include "core/machine.h"

#include <string.h>
#include "base/bits.h"
#include "base/log.h"
#include "core/absent.h"

/* 100 years in ns: the longest downtime that is believed. */
#define DOWNTIME_MAX (INT64_C(36525) * 86400 * 1000000000)

Machine *machine_new(const char *name, Loop *loop, VClock *clock)
{
	Machine *m = g_new0(Machine, 1);

	m->name = g_strdup(name);
	m->config = g_string_new(NULL);
	m->loop = loop;
	m->clock = clock;
	m->devices = g_ptr_array_new();
	m->irqs = g_ptr_array_new();
	m->irq_names = g_hash_table_new(g_str_hash, g_str_equal);
	m->vcpus = g_ptr_array_new();
	m->stop_reason = STOP_INITIAL;
	g_mutex_init(&m->lock);
	m->pool = vcpupool_new(m);
	loop_attach(loop, m);
	return m;
}

/* Everything that may call back into the machine: needs the lock. */
static void destroy_contents(Machine *m)
{
	machine_stop(m, STOP_SHUTDOWN);
	while (m->devices->len)
		device_destroy(m->devices->pdata[m->devices->len - 1]);
	if (m->board_destroy)
		m->board_destroy(m->board);
}

void machine_free(Machine *m)
{
	if (!m)
		return;
	machine_lock(m);
	machine_stop(m, STOP_SHUTDOWN);
	absent_close(m);
	machine_unlock(m);
	vcpupool_free(m->pool);
	m->pool = NULL;
	machine_lock(m);
	destroy_contents(m);
	machine_unlock(m);
	for (guint i = 0; i < m->irqs->len; i++)
		irq_free(m->irqs->pdata[i]);
	g_hash_table_unref(m->irq_names);
	g_ptr_array_unref(m->irqs);
	g_ptr_array_unref(m->devices);
	g_ptr_array_unref(m->vcpus);
	bus_free(m->bus);
	absent_free(m);
	ram_free(m->ram);
	loop_free(m->loop);
	vclock_free(m->clock);
	g_mutex_clear(&m->lock);
	g_string_free(m->config, TRUE);
	g_free(m->name);
	g_free(m);
}

void machine_lock(Machine *m)
{
	if (machine_locked(m))
		bug("machine lock taken twice by one thread");
	vcpu_outside(m);
	if (!g_mutex_trylock(&m->lock)) {
		atomic_fetch_add(&m->lock_waiters, 1);
		g_mutex_lock(&m->lock);
		atomic_fetch_sub(&m->lock_waiters, 1);
	}
	m->lock_owner = g_thread_self();
}

void machine_unlock(Machine *m)
{
	machine_assert_locked(m);
	m->lock_owner = NULL;
	g_mutex_unlock(&m->lock);
	vcpu_inside(m);
}

bool machine_locked(const Machine *m)
{
	return m->lock_owner == g_thread_self();
}

void machine_assert_locked(const Machine *m)
{
	if (!machine_locked(m))
		bug("%s: machine lock not held", m->name);
}

/*
 * A GMutex is not fair: a thread that unlocks and locks again at once wins
 * over one that is just waking up.  So wait, for a bounded time, until a
 * waiter has got it.
 */
void machine_breathe(Machine *m)
{
	if (!atomic_load(&m->lock_waiters))
		return;
	machine_unlock(m);
	for (int i = 0; i < 1000 && atomic_load(&m->lock_waiters); i++)
		g_thread_yield();
	machine_lock(m);
}

void machine_config(Machine *m, const char *key, const char *fmt, ...)
{
	va_list ap;

	g_string_append_printf(m->config, "%s=", key);
	va_start(ap, fmt);
	g_string_append_vprintf(m->config, fmt, ap);
	va_end(ap);
	g_string_append_c(m->config, '\n');
}

static const char *const policies[] = {
	[TIME_AUTO] = "auto",
	[TIME_REALTIME] = "realtime",
	[TIME_FROZEN] = "frozen",
};

bool time_policy_parse(const char *text, TimePolicy *policy)
{
	for (unsigned i = 0; i < ARRAY_LEN(policies); i++) {
		if (!strcmp(text, policies[i])) {
			*policy = (TimePolicy)i;
			return true;
		}
	}
	return false;
}

const char *time_policy_name(TimePolicy policy)
{
	return policies[policy];
}

TimePolicy machine_time_policy(const Machine *m)
{
	if (m->time_policy != TIME_AUTO)
		return m->time_policy;
	return m->migrated && vclock_driver(m->clock) == VCLOCK_HOST ? TIME_REALTIME : TIME_FROZEN;
}

void machine_loaded(Machine *m, bool by_migration)
{
	m->paused = true;
	m->migrated = by_migration;
}

int64_t machine_elapsed(const Machine *m)
{
	return (int64_t)((uint64_t)vclock_now(m->clock) + (uint64_t)m->jumped);
}

/*
 * ns of wall clock since V stopped, never negative.  Bounded so that no sum of
 * such times leaves its type: a wall clock that says more is wrong anyway.
 */
static int64_t downtime(const Machine *m, int64_t now)
{
	int64_t then = vclock_stop_wall(m->clock), d;

	if (now < then) {
		log_warn("the host's wall clock went back by %.3f ms while the guest stood; "
			 "no time passes for it",
			 (double)((uint64_t)then - (uint64_t)now) / 1e6);
		return 0;
	}
	if (__builtin_sub_overflow(now, then, &d))
		d = INT64_MAX;
	return MIN(d, DOWNTIME_MAX);
}

/* Ends the pause: the ns of it that count, by the policy.  mono: the host's when it ended. */
static int64_t end_pause(Machine *m, int64_t *mono)
{
	int64_t d = 0, now = vclock_host_wall(m->clock, mono);

	if (m->paused && machine_time_policy(m) == TIME_REALTIME)
		d = downtime(m, now);
	if (d > INT64_MAX / 2 - m->jumped)
		d = 0;
	m->jumped += d;
	vclock_set_stop_wall(m->clock, now);
	return d;
}

void machine_reset(Machine *m)
{
	bool was_running = machine_running(m);
	int64_t mono;

	machine_assert_locked(m);
	if (m->bus)
		m->bus->machine = m;
	vcpupool_stop(m->pool);
	vcpupool_abandon(m->pool);
	/* The timebase begins anew: what passed until now only concerns the wall clock. */
	if (!was_running)
		end_pause(m, &mono);
	for (guint i = 0; i < m->irqs->len; i++)
		irq_put_level(m->irqs->pdata[i], 0);
	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = m->devices->pdata[i];

		if (d->type->state)
			vm_reset(d->type->state, d);
	}
	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = m->devices->pdata[i];

		if (d->type->reset)
			d->type->reset(d);
	}
	if (m->board_reset)
		m->board_reset(m->board);
	if (was_running && machine_running(m))
		vcpupool_start(m->pool);
}

/* All CPUs at a safepoint, whether the machine runs or not; true: let them go again. */
static bool park(Machine *m)
{
	bool running = machine_running(m);

	machine_assert_locked(m);
	if (running)
		vcpupool_stop(m->pool);
	return running;
}

/* The lock was given up while parking: somebody may have stopped the machine. */
static void unpark(Machine *m, bool running)
{
	if (running && machine_running(m))
		vcpupool_start(m->pool);
}

static void forget_writes(Machine *m)
{
	for (guint i = 0; i < m->vcpus->len; i++) {
		Vcpu *v = m->vcpus->pdata[i];

		if (v->ops->forget_writes)
			v->ops->forget_writes(v);
	}
}

void machine_track_writes(Machine *m, void (*touched)(void *opaque, uint64_t n), void *opaque)
{
	bool running = park(m);

	m->ram->touched = touched;
	m->ram->touched_opaque = opaque;
	ram_track_all(m->ram);
	forget_writes(m);
	unpark(m, running);
}

uint64_t machine_take_written(Machine *m, uint8_t *bitmap)
{
	bool running = park(m);
	uint64_t n = ram_take_written(m->ram, bitmap);

	forget_writes(m);
	unpark(m, running);
	return n;
}

void machine_track_end(Machine *m)
{
	bool running = park(m);

	m->ram->touched = NULL;
	m->ram->touched_opaque = NULL;
	unpark(m, running);
}

void machine_stop(Machine *m, StopReason why)
{
	machine_assert_locked(m);
	if (!machine_running(m)) {
		if (why == STOP_SHUTDOWN || why == STOP_PANIC)
			m->stop_reason = why;
		return;
	}
	m->stop_reason = why;
	vcpupool_stop(m->pool);
	vclock_stop(m->clock);
}

static void ask_for_input(void *arg)
{
	Machine *m = arg;

	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = m->devices->pdata[i];

		if (d->type->input)
			d->type->input(d);
	}
}

/* Not at once: an event may need a page that comes only when our caller has returned. */
void machine_hold_input(Machine *m, bool hold)
{
	machine_assert_locked(m);
	if (m->input_held && !hold)
		loop_post(m->loop, ask_for_input, m);
	m->input_held = hold;
}

void machine_start(Machine *m)
{
	int64_t d, mono;

	machine_assert_locked(m);
	if (machine_running(m))
		return;
	if (m->bus)
		m->bus->machine = m;
	d = end_pause(m, &mono);
	if (d && m->board_time_jump)
		m->board_time_jump(m->board, (uint64_t)d);
	if (m->ram)
		m->ram->frozen = false;
	m->paused = true;
	m->migrated = false;
	m->stop_reason = STOP_NONE;
	machine_hold_input(m, false);
	/* Where the pause counts, so does what has passed since it was found to end. */
	if (d)
		vclock_start_at(m->clock, mono);
	else
		vclock_start(m->clock);
	vcpupool_start(m->pool);
}

bool machine_running(const Machine *m)
{
	return m->stop_reason == STOP_NONE;
}

Device *machine_find(const Machine *m, const char *path)
{
	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = m->devices->pdata[i];

		if (!strcmp(d->path, path))
			return d;
	}
	return NULL;
}

static void do_shutdown(void *arg)
{
	Machine *m = arg;
	StopReason why = (StopReason)atomic_load(&m->shutdown_why);

	machine_stop(m, why);
	vcpupool_release(m->pool);
	if (m->on_shutdown)
		m->on_shutdown(m->on_opaque, why);
	else
		loop_quit(m->loop);
}

void machine_request_shutdown(Machine *m, StopReason why)
{
	atomic_store(&m->shutdown_why, (int)why);
	vcpupool_hold(m->pool);
	loop_post(m->loop, do_shutdown, m);
}

static void do_reset(void *arg)
{
	Machine *m = arg;

	if (m->on_reset)
		m->on_reset(m->on_opaque);
	else
		machine_reset(m);
	vcpupool_release(m->pool);
}

void machine_request_reset(Machine *m)
{
	vcpupool_hold(m->pool);
	loop_post(m->loop, do_reset, m);
}
