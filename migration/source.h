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
	SOURCE_STOPPED,	  /* it stands; the rest is being sent */
	SOURCE_COMMITTED, /* it is the other side's */
	SOURCE_DONE,	  /* and runs there */
	SOURCE_FAILED,	  /* it is ours, and as it was */
	SOURCE_LOST,	  /* committed, and no word of it running there */
} SourceState;

typedef struct SourceLimits {
	uint64_t bandwidth;   /* bytes a second; 0: none */
	unsigned downtime_ms; /* stop when what is left takes no longer */
	bool hash;	      /* send RAM's CRC-32C along, for the other side to compare */
} SourceLimits;

/* How pages go, if not over the one channel that every migration has. */
typedef struct SourceWays {
	unsigned channels; /* for pages, beside the first, at most 255 */
	/* Connects one of them; called by the migration's thread.  NULL and err. */
	Channel *(*connect)(void *opaque, GError **err);
	void *opaque;
	bool zstd; /* pages go packed: pages_can_pack() */
	int zstd_level;
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
	const char *error;	       /* of FAILED and LOST */
} SourceInfo;

typedef struct Source Source;

/*
 * Takes the channel over; ways may be NULL.  done is called once, in the loop's thread, when
 * it has ended.
 */
Source *source_start(Machine *m, Channel *c, const SourceLimits *limits, const SourceWays *ways,
		     void (*done)(void *opaque), void *opaque);
void source_set_limits(Source *s, const SourceLimits *limits);
/* Has no effect once committed. */
void source_cancel(Source *s);
SourceInfo source_info(const Source *s);
/* After done, or at the end of the program (then it cancels and waits). */
void source_free(Source *s);

#endif
