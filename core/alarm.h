/*
 * A hint to a thread that a point in time has come: bits in a word of its own, set in the middle of whatever it
 * does.
 *
 * It comes by a signal to the thread itself.  A thread that executes is so told at once; no other one has to get a
 * turn first, which on a busy host takes a few milliseconds.  Nobody may rely on it: it may come early, late
 * or never.
 */
#ifndef CORE_ALARM_H
#define CORE_ALARM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Alarm Alarm;

/* Of the calling thread, which has one at most and frees it itself; NULL: not to be had. */
Alarm *alarm_new(_Atomic uint32_t *word);
void alarm_free(Alarm *a);
/*
 * Sets bits in the word at a point in time, ns on the caller's clock, which is at `now`; what was asked for before comes
 * as well, perhaps at the same time.  The thread's own.  False: it is too far off to be worth it, nothing will come.
 */
bool alarm_at(Alarm *a, int64_t at, int64_t now, uint32_t bits);
/* Is any on its way, and when?  The thread's own: who sleeps is not woken by it. */
bool alarm_next(const Alarm *a, int64_t *at);

#endif
