/*
 * A machine with no CPU kind and no chip in it: lock, loop, clock, RAM,
 * bus, interrupt lines, devices, CPUs as things that can run and stop.
 *
 * Threads: CPU-owned data is touched by the thread that runs that CPU or
 * while it is stopped; machine-owned data under the machine lock; all else
 * is constant after realize.  irq_set() and register accesses through the bus
 * assert the lock; timer callbacks run under it.
 */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/bus.h"
#include "core/device.h"
#include "core/irq.h"
#include "core/loop.h"
#include "core/ram.h"
#include "core/vclock.h"
#include "core/vcpu.h"

typedef enum StopReason {
	STOP_NONE,     /* running */
	STOP_INITIAL,  /* not started yet (-S) */
	STOP_USER,     /* monitor: stop */
	STOP_SAVE,     /* savevm, migration */
	STOP_SHUTDOWN, /* guest powered off */
	STOP_PANIC,    /* guest reported its own crash */
	STOP_INCOMING, /* waits for a guest to come: nothing to start yet */
	STOP_FINISH,   /* the last of a migration away; the guest may yet stay */
	STOP_MIGRATED, /* the guest is another machine's: never starts again */
	STOP_PAGES,    /* pages are still to come, and nobody brings them now */
} StopReason;

/* What a pause is to the guest (time.md): was it time, or was it not? */
typedef enum TimePolicy {
	TIME_AUTO,     /* REALTIME after a live migration, else FROZEN; counted time: FROZEN */
	TIME_REALTIME, /* the timebase jumps by the time that passed */
	TIME_FROZEN,   /* it goes on where it stood */
} TimePolicy;

typedef struct Absent Absent;

struct Machine {
	char *name;	 /* "pseries" */
	GString *config; /* "key=value\n" lines that a snapshot must match */
	Loop *loop;
	VClock *clock;
	Ram *ram;
	Bus *bus;
	Absent *absent;	       /* NULL until pages were ever absent */
	GPtrArray *devices;    /* Device *, in order of realize; not owned here */
	GPtrArray *irqs;       /* Irq *, owned */
	GHashTable *irq_names; /* by name */
	GPtrArray *vcpus;      /* Vcpu *, owned by their CPUs */
	VcpuPool *pool;
	GMutex lock;
	GThread *_Atomic lock_owner;
	_Atomic int lock_waiters; /* threads that wait for the lock */
	_Atomic int shutdown_why; /* StopReason of a request under way */
	StopReason stop_reason;
	TimePolicy time_policy;
	bool paused;	 /* V stood for a reason that counts: it ran before, or was loaded */
	bool migrated;	 /* and the state came by live migration */
	bool input_held; /* what comes from outside waits there */
	int64_t jumped;	 /* ns, of all downtimes under REALTIME: what a clock adds to V */
	/* Machine lock held; run in the loop's thread. */
	void (*on_shutdown)(void *opaque, StopReason why);
	void (*on_reset)(void *opaque);
	void *on_opaque;
	/* Board's own reset after all devices were reset (boot state of CPUs). */
	void (*board_reset)(void *board);
	/* The timebases of all CPUs go forward by ns, before they start. */
	void (*board_time_jump)(void *board, uint64_t ns);
	/* Board's word before it goes, frees what the board owns. */
	void (*board_destroy)(void *board);
	void *board;
};

/* No RAM, no devices; clock and loop are taken over, the loop is attached. */
Machine *machine_new(const char *name, Loop *loop, VClock *clock);
/*
 * Stops it, destroys devices in reverse order, calls board_destroy, then frees
 * the rest with loop and clock.  From the loop's thread, without the lock; no
 * handler of the loop may be running.
 */
void machine_free(Machine *m);
void machine_lock(Machine *m);
void machine_unlock(Machine *m);
bool machine_locked(const Machine *m); /* by the calling thread */
void machine_assert_locked(const Machine *m);
/* Adds a line to the configuration that snapshots compare. */
void machine_config(Machine *m, const char *key, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/* Lets other threads that wait for the lock have it now.  Lock held. */
void machine_breathe(Machine *m);

/* All below: machine lock held, from the loop's thread, unless said. */
/*
 * Lowers all interrupt lines silently, puts every device's state table to its
 * reset values, then calls every device's reset(), then board_reset.  CPUs stand
 * still meanwhile; the clock is not touched.
 */
void machine_reset(Machine *m);
/*
 * Brings all CPUs to a safepoint, then stops the clock.  A stopped machine
 * stays so and keeps its reason, unless the new one is SHUTDOWN or PANIC.
 */
void machine_stop(Machine *m, StopReason why);
/* Applies the downtime under the machine's policy, then starts clock and CPUs. */
void machine_start(Machine *m);
/* "auto", "realtime", "frozen"; false for another word. */
bool time_policy_parse(const char *text, TimePolicy *policy);
const char *time_policy_name(TimePolicy policy);
/* What the policy is now, AUTO resolved. */
TimePolicy machine_time_policy(const Machine *m);
/* A load took the place of what was: counts as a pause since the stop_wall it gave. */
void machine_loaded(Machine *m, bool by_migration);
/* The guest's wall clock, if it is one that goes with V: ns since V began, downtimes counted. */
int64_t machine_elapsed(const Machine *m);
bool machine_running(const Machine *m);
/*
 * Whether what comes from outside (keys, frames) is to wait there: devices then say that they
 * have no room, since nobody is here who should get it, or whose state could still change.
 * machine_start() ends it; devices ask for what waits when the loop turns next.
 */
void machine_hold_input(Machine *m, bool hold);
/*
 * Sets RAM_PAGE_TRACK on all of RAM.  Every write made before is in RAM when this
 * returns, every later one clears its page's flag first.  The CPUs stand still for a
 * moment, the clock does not.  touched may be NULL (see Ram).
 */
void machine_track_writes(Machine *m, void (*touched)(void *opaque, uint64_t n), void *opaque);
/*
 * Sets a bit for each page written since its flag was set, the lowest bit of the first byte
 * for page 0, and leaves other bits alone; those pages' flags are set anew, in the same way.
 * How many bits are new.
 */
uint64_t machine_take_written(Machine *m, uint8_t *bitmap);
/* No more calls of touched() after this returns; the flags stay as they are. */
void machine_track_end(Machine *m);
Device *machine_find(const Machine *m, const char *path);
/*
 * Any thread: asks the loop to shut down or to reset the machine.  A shutdown
 * stops the machine, then calls on_shutdown (without one: quits the loop); a
 * reset calls on_reset (without one: machine_reset()).
 */
void machine_request_shutdown(Machine *m, StopReason why);
void machine_request_reset(Machine *m);

#endif
