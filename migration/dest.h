/*
 * The receiving side of a live migration; docs/migration.md has the states and the stream.
 *
 * All functions: machine lock held, from the loop's thread.  The machine stands from
 * dest_start() until the other side has committed; nothing else may touch it meanwhile.
 */
#ifndef MIGRATION_DEST_H
#define MIGRATION_DEST_H

#include "core/machine.h"
#include "migration/channel.h"

typedef enum DestState {
	DEST_LISTENING,
	DEST_COPYING,  /* the configuration is ours */
	DEST_READY,    /* all is loaded; the other side may commit */
	DEST_POSTCOPY, /* the guest is ours, not yet all of its pages */
	DEST_PAUSED,   /* the same, and the line is lost: it stands */
	DEST_DONE,     /* the guest is ours */
	DEST_FAILED,
} DestState;

typedef struct DestInfo {
	DestState state;
	uint64_t received;   /* bytes */
	unsigned channels;   /* of pages, beside the first */
	bool handover;	     /* RAM comes as a descriptor */
	bool was_running;    /* READY on: did it run at the other side? */
	uint64_t pages_left; /* POSTCOPY, PAUSED */
	const char *error;   /* of FAILED and PAUSED; until the next call */
} DestInfo;

typedef struct Dest Dest;

/*
 * Takes the channel over.  done is called in the loop's thread: the guest is ours
 * (and still stands, or runs if `start` was given and it ran at the other side), or it failed;
 * before that, each time it is in DEST_PAUSED anew.
 */
Dest *dest_start(Machine *m, Channel *c, bool start, void (*done)(void *opaque), void *opaque);
/* Takes over one more connection, which may be a further channel of this migration. */
void dest_add(Dest *d, Channel *c);
/* Drops the line in DEST_POSTCOPY; false: in another state. */
bool dest_pause(Dest *d);
/* Another line in DEST_PAUSED, taken over; false: in another state. */
bool dest_recover(Dest *d, Channel *c);
DestInfo dest_info(const Dest *d);
/* After done, or at the end of the program. */
void dest_free(Dest *d);

#endif
