/*
 * CPUs as the machine sees them: things that run slices of instructions,
 * sleep when they have nothing to do, and stop at a safepoint.
 *
 * In host time each CPU has a thread of its own, in counted time one thread turns
 * all CPUs of a machine.  Only core/vcpu.c knows: a CPU touches its own state,
 * takes the machine lock for everything shared, and is told things through
 * `events` and a kick (docs/threads.md).
 */
#ifndef CORE_VCPU_H
#define CORE_VCPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct Machine Machine;
typedef struct Vcpu Vcpu;
typedef struct VcpuPool VcpuPool;

/* Bits of Vcpu.events.  From VCPU_EV_TARGET up they are the CPU kind's own. */
enum {
	VCPU_EV_EXIT = 1, /* leave the slice: stop, timers, another CPU's turn */
	VCPU_EV_TARGET = 16,
};

typedef struct VcpuOps {
	/*
	 * Runs at most max instructions (in counted time exactly max, unless
	 * an event or a halt ends the slice), without the machine lock.
	 * Returns how many were executed.
	 */
	uint64_t (*run)(Vcpu *v, uint64_t max);
	/* May it run?  False while halted with nothing pending.  Any thread, lock held. */
	bool (*runnable)(Vcpu *v);
	/* Counted time: instructions executed of the slice under way. */
	uint64_t (*partial)(Vcpu *v);
	/* From now on it asks before it writes to any page.  The CPU stands; may be NULL. */
	void (*forget_writes)(Vcpu *v);
	/*
	 * From its own slice: run() returns from where it is, without ending the instruction
	 * under way.  May be NULL: then that one ends with whatever it got.
	 */
	void (*leave)(Vcpu *v);
} VcpuOps;

struct Vcpu {
	const VcpuOps *ops;
	Machine *machine;
	void *cpu; /* the CPU it belongs to */
	int index;
	uint32_t pad;
	_Alignas(8) _Atomic uint32_t events;
	/* Right behind events, so that both are looked at at once: the CPU kind's own, its thread's alone. */
	uint32_t own;
	/*
	 * It executes, by what it has found out about the guest's memory before.  False outside of
	 * its slices, and inside of one while it has or waits for the machine lock; once it is true
	 * again, the CPU looks at `events` before it relies on anything.
	 */
	atomic_bool in_guest;
	uint32_t outs; /* its own: how often in_guest went false and true within slices */
};

/* Sets event bits and makes the CPU look at them soon.  Any thread. */
void vcpu_event(Vcpu *v, uint32_t bits);
/* Does it execute, so that who asked for something must wait until it has looked at events? */
static inline bool vcpu_in_guest(const Vcpu *v)
{
	return atomic_load(&v->in_guest);
}
/* machine_lock() and machine_unlock() call these: the calling thread's slice, if it has one. */
void vcpu_outside(const Machine *m);
void vcpu_inside(const Machine *m);
/*
 * Host time, in the thread that runs v: at V the bits will be set, and v is awake.  It may come late, when the clock was stopped meanwhile, or
 * never: a timer for it is needed as well, but that may be later, by VCPU_LATE.  False: it will not come at all.
 */
enum { VCPU_LATE = 500000 };
bool vcpu_event_at(Vcpu *v, int64_t at, uint32_t bits);
/* Wakes the thread that runs this CPU: runnable() may have changed.  Lock held. */
void vcpu_kick(Vcpu *v);
/* The CPU whose slice the calling thread runs; NULL outside of one. */
Vcpu *vcpu_current(const Machine *m);
/* Ends the CPU's turn: another one's, or another thread's of the host (from its own slice). */
void vcpu_yield(Vcpu *v);
/* Registers with the machine; before the machine first starts. */
void vcpu_add(Machine *m, Vcpu *v);

VcpuPool *vcpupool_new(Machine *m);
void vcpupool_free(VcpuPool *p);
/* Lets CPUs run; returns at once.  Machine lock held. */
void vcpupool_start(VcpuPool *p);
/* Returns when no CPU runs and none will.  Machine lock held (given up while waiting). */
void vcpupool_stop(VcpuPool *p);
/*
 * Slows the CPUs: of the host's time they leave so many hundredths (0 to 99) unused.  Any
 * thread.
 */
void vcpupool_set_throttle(VcpuPool *p, unsigned percent);
/*
 * From a CPU's own slice: after the instruction under way no CPU executes
 * anything, stops and starts of the machine included, until vcpupool_release() (the
 * guest asked to be switched off or reset, and that is on its way).
 */
void vcpupool_hold(VcpuPool *p);
void vcpupool_release(VcpuPool *p);
/*
 * From a CPU's own slice, lock held (and given up while waiting): between the two no other CPU
 * executes, each stands between two instructions or waits in the middle of one for a page
 * or for the same, and all of its state may be looked at and changed.  They nest.  The lock must
 * not be given up in between, except by what is called meanwhile to wait for a page.
 */
void vcpupool_others_stand(VcpuPool *p);
void vcpupool_others_go(VcpuPool *p);
/* Is the calling thread one of the pool's? */
bool vcpupool_is_mine(const VcpuPool *p);
/*
 * From a thread of the pool's, lock held: between the two it counts as parked, in the middle
 * of whatever it does, and must touch nothing.  vcpupool_unpark() returns when CPUs may run
 * again; if the instruction under way is no more (a reset, or the end) it leaves the slice.
 */
uint64_t vcpupool_park(VcpuPool *p);
void vcpupool_unpark(VcpuPool *p, uint64_t epoch);
/* The instructions of parked CPUs are no more.  Lock held, the pool stopped. */
void vcpupool_abandon(VcpuPool *p);
/*
 * Instructions executed by all CPUs since the machine began, in finished slices (any thread), and
 * a stop at a count (UINT64_MAX: never), which is exact in counted time and else not
 * before; at it, the pool calls on_limit in the loop's thread.
 */
uint64_t vcpupool_insns(const VcpuPool *p);
void vcpupool_set_limit(VcpuPool *p, uint64_t insns, void (*on_limit)(void *opaque), void *opaque);
/* The state of the turn (counted time: whose, how much of it is left) for snapshots. */
typedef struct VcpuTurn {
	uint64_t insns;
	uint64_t left; /* instructions left of the current CPU's turn */
	uint32_t index;
	uint32_t pad;
} VcpuTurn;
VcpuTurn vcpupool_turn(const VcpuPool *p);
void vcpupool_set_turn(VcpuPool *p, const VcpuTurn *t);

#endif
