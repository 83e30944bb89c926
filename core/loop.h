/*
 * The main loop: one GMainContext per machine.  The machine lock is held
 * while handlers run and released while the loop sleeps in poll().
 */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

#include <stdbool.h>
#include <glib.h>

typedef struct Loop Loop;
typedef struct Machine Machine;

Loop *loop_new(void);
void loop_free(Loop *l);
/* The loop takes m's lock around handlers and serves its clock's timers. */
void loop_attach(Loop *l, Machine *m);
GMainContext *loop_context(Loop *l);
/* Runs handlers until loop_quit(); call without the machine lock. */
void loop_run(Loop *l);
/* One turn, waiting at most timeout_ms (-1: for ever). */
void loop_turn(Loop *l, int timeout_ms);
void loop_quit(Loop *l);
/* Any thread: has loop_quit() been called, and loop_run() not yet returned? */
bool loop_quitting(const Loop *l);
/*
 * Any thread: fn(arg) runs later in the loop's thread, under the lock.  The number is for
 * loop_unwatch(), which takes it back if it has not run yet.
 */
guint loop_post(Loop *l, void (*fn)(void *arg), void *arg);
/* Watches a file descriptor; cb returns false to remove the watch. */
guint loop_watch(Loop *l, int fd, GIOCondition cond,
		 bool (*cb)(int fd, GIOCondition cond, void *opaque), void *opaque);
/* A timer in host time, for back ends only (never guest-visible). */
guint loop_timeout(Loop *l, unsigned ms, bool (*cb)(void *opaque), void *opaque);
void loop_unwatch(Loop *l, guint id);

#endif
