/*
 * The sending side of a live migration; docs/migration.md has the states and the stream.
 *
 * All functions: machine lock held, from the loop's thread.  A thread of its own sends;
 * whatever touches the machine it has done in the loop's thread.
 */
#ifndef MIGRATION_SOURCE_H
#define MIGRATION_SOURCE_H

#include "core/machine.h"
#include "migration/channel.h"

typedef enum SourceState {
	SOURCE_COPYING,	  /* the guest runs */
	SOURCE_HELD,	  /* it stands, and may yet stay: source_continue() sends the rest */
	SOURCE_STOPPED,	  /* it stands; the rest is being sent */
	SOURCE_COMMITTED, /* it is the other side's */
	SOURCE_POSTCOPY,  /* and runs there; the rest of its pages are here */
	SOURCE_PAUSED,	  /* the same, and the line is lost */
	SOURCE_DONE,	  /* it runs there, with all that is its */
	SOURCE_FAILED,	  /* it is ours, and as it was */
	SOURCE_LOST,	  /* committed, and no word of it running there */
} SourceState;

typedef struct SourceLimits {
	uint64_t bandwidth;	     /* bytes a second; 0: none */
	unsigned downtime_ms;	     /* stop when what is left takes no longer */
	uint64_t postcopy_bandwidth; /* the same for pages that go after the guest */
	bool hold;		     /* wait in SOURCE_HELD */
	bool hash;		     /* send RAM's CRC-32C along, for the other side to compare */
} SourceLimits;

/* How pages go, if not over the one channel that every migration has. */
typedef struct SourceWays {
	unsigned channels; /* for pages, beside the first, at most 255 */
	/* Connects one of them; called by the migration's thread.  NULL and err. */
	Channel *(*connect)(void *opaque, GError **err);
	void *opaque;
	bool zstd; /* pages go packed: pages_can_pack() */
	int zstd_level;
	/* RAM that is a memfd goes as such where it can, and the above does not matter. */
	bool handover;
} SourceWays;

typedef struct SourceInfo {
	SourceState state;
	unsigned rounds;
	uint64_t sent;	     /* bytes */
	uint64_t unpacked;   /* bytes of pages that zstd was to pack */
	uint64_t packed;     /* what they have become */
	uint64_t pages_left; /* of this round */
	uint64_t total_pages;
	uint64_t dirty_rate;	       /* pages a second, in the last round */
	uint64_t bytes_per_s;	       /* as measured */
	int64_t total_ms, downtime_ms; /* so far; downtime -1 before the stop */
	int64_t expected_ms;	       /* downtime if it stopped now */
	unsigned channels;	       /* of pages, beside the first */
	bool handover;		       /* RAM goes as a descriptor */
	uint64_t asked;		       /* pages that the guest waited for, in postcopy */
	const char *error;	       /* of FAILED, LOST, PAUSED; until the next call */
} SourceInfo;

typedef struct Source Source;

/*
 * Takes the channel over; ways may be NULL.  done is called in the loop's thread when it has
 * ended, and each time it is in SOURCE_PAUSED anew.
 */
Source *source_start(Machine *m, Channel *c, const SourceLimits *limits, const SourceWays *ways,
		     void (*done)(void *opaque), void *opaque);
void source_set_limits(Source *s, const SourceLimits *limits);
/* The guest stays; false: it is the other side's already. */
bool source_cancel(Source *s);
/*
 * The guest is to go now, and the rest of its pages after it; false: too late, too many channels,
 * or there are no pages to go.
 */
bool source_postcopy(Source *s);
/* False: not in SOURCE_HELD. */
bool source_continue(Source *s);
/* Drops the line in SOURCE_POSTCOPY; false: in another state. */
bool source_pause(Source *s);
/* Another line in SOURCE_PAUSED, taken over; false: in another state. */
bool source_recover(Source *s, Channel *c);
SourceInfo source_info(const Source *s);
/* After done, or at the end of the program (then it cancels and waits). */
void source_free(Source *s);

#endif
