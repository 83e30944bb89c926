/*
 * The virtual clock V, in ns: the only time a guest can see.  It begins at
 * 0 when the machine is made, runs while the machine runs and stands still
 * while it is stopped.  Two drivers: `host` (1:1 with the host's monotonic
 * clock) and `counted` (n ns per executed instruction).
 *
 * Timers are deadlines in V.  Host driver: they fire in the main loop's
 * thread, under the machine lock.  Counted driver: in the CPU thread, at
 * the exact instruction.  Saved as the deadline; loading rebases nothing.
 */
#ifndef CORE_VCLOCK_H
#define CORE_VCLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct VClock VClock;
typedef struct VTimer VTimer;
typedef struct HostClock HostClock;

typedef enum VClockDriver { VCLOCK_HOST, VCLOCK_COUNTED } VClockDriver;

/*
 * The host's clocks behind a table, so that tests can bring their own.
 * mono: ns of a clock that never goes back; wall: ns since 1970 UTC.
 */
struct HostClock {
	int64_t (*mono)(void *opaque);
	int64_t (*wall)(void *opaque);
	void *opaque;
};
/* The real ones (core/hostclock.c, the only file that reads them). */
const HostClock *hostclock_real(void);

/* host must outlive the clock, the clock its timers.  ns_per_insn matters to `counted` only. */
VClock *vclock_new(VClockDriver driver, const HostClock *host, unsigned ns_per_insn);
void vclock_free(VClock *c);
VClockDriver vclock_driver(const VClock *c);
unsigned vclock_ns_per_insn(const VClock *c);
const HostClock *vclock_host(const VClock *c);

/* V now.  Any thread, no lock taken in driver `host`. */
int64_t vclock_now(const VClock *c);
bool vclock_running(const VClock *c);
/* Stop reads V once for the whole machine; start continues from it. */
void vclock_stop(VClock *c);
void vclock_start(VClock *c);
/* The same, as of a moment of the host's mono that may be a little ago. */
void vclock_start_at(VClock *c, int64_t mono);
/* The host's wall clock at the moment that its mono shows *mono, which is about now. */
int64_t vclock_host_wall(const VClock *c, int64_t *mono);
/* Only while stopped: load puts V where the stream says. */
void vclock_set(VClock *c, int64_t v);
/* The host's wall clock, ns since 1970, when V stopped last (or was made, or loaded). */
int64_t vclock_stop_wall(const VClock *c);
void vclock_set_stop_wall(VClock *c, int64_t wall);

/*
 * Driver `counted`: instructions executed so far are reported here, by the
 * thread that runs CPUs.  `partial` lets vclock_now() see the instructions
 * of the slice under way: it is called with its opaque and gives their number.
 */
void vclock_count(VClock *c, uint64_t insns);
void vclock_set_partial(VClock *c, uint64_t (*partial)(void *opaque), void *opaque);
/* Idle: moves V forward to v (never back). */
void vclock_warp(VClock *c, int64_t v);

/*
 * cb runs under the machine lock, once per vtimer_set().  Timers with the same
 * deadline fire in the order in which they were made.  Setting and cancelling
 * need no lock; but only under the machine lock is it certain that a cancelled
 * timer's cb is not just running in another thread.
 */
VTimer *vtimer_new(VClock *c, const char *name, void (*cb)(void *opaque), void *opaque);
void vtimer_free(VTimer *t);
/* deadline in ns of V; one in the past fires as soon as possible. */
void vtimer_set(VTimer *t, int64_t deadline);
void vtimer_cancel(VTimer *t);
/* -1 when not armed. */
int64_t vtimer_deadline(const VTimer *t);

/* Earliest deadline of all timers, INT64_MAX when none is armed. */
int64_t vclock_next_deadline(const VClock *c);
/*
 * Fires, in order of deadline, every timer due at V now.  Machine lock held.
 * A timer that a callback sets into the past waits for the next call, so one
 * call always ends.
 */
void vclock_run_timers(VClock *c);
/*
 * Called (any thread) when the earliest deadline became an earlier one, and
 * when the clock starts, so that whoever sleeps until it can sleep less.
 */
void vclock_set_notify(VClock *c, void (*notify)(void *opaque), void *opaque);

#endif
