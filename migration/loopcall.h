/*
 * How a thread of a migration has something done in the loop's thread, under the machine
 * lock.  One thread asks; the loop's thread ends it.
 */
#ifndef MIGRATION_LOOPCALL_H
#define MIGRATION_LOOPCALL_H

#include <stdbool.h>
#include "core/loop.h"

typedef struct LoopCall {
	Loop *loop;
	GMutex lock; /* of all below */
	GCond cond;
	bool quit;	    /* the loop no longer serves us */
	bool asked, agreed; /* a call is under way; its answer */
	guint post;
	bool (*fn)(void *arg);
	void (*last)(void *arg);
	void *arg;
} LoopCall;

void loopcall_init(LoopCall *c, Loop *l);
/* What fn(arg) returns; false also when it has not been done and never will be. */
bool loopcall(LoopCall *c, bool (*fn)(void *arg), void *arg);
/* Does not wait, and is the thread's last: fn(arg) may free what c is part of. */
void loopcall_last(LoopCall *c, void (*fn)(void *arg), void *arg);
/* The loop's thread: whoever asks gets false from now on. */
void loopcall_quit(LoopCall *c);
/* After loopcall_quit() and the asking thread's end: takes back what is still to be done. */
void loopcall_clear(LoopCall *c);

#endif
