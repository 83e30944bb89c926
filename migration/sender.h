/*
 * Sends the pages of a round, over the channel of the migration or over several beside it
 * (docs/migration.md, Channels).  The thread of the migration calls, if not said otherwise.
 */
#ifndef MIGRATION_SENDER_H
#define MIGRATION_SENDER_H

#include "core/machine.h"
#include "migration/pages.h"

typedef struct Sender Sender;

/* Borrows the channel. */
Sender *sender_new(Machine *m, Channel *c);
/* Pages go packed by zstd; before any has gone. */
void sender_pack(Sender *s, int level);
/* Waits for the ends of its threads. */
void sender_free(Sender *s);
/* Any thread: bytes a second; 0: no limit. */
void sender_set_bandwidth(Sender *s, uint64_t bytes_per_s);
/*
 * One more channel, taken over: says there that it belongs to the migration with that id.
 * From the next round on pages go over these and no longer over the first one.  False: failed,
 * as the first channel's error says.
 */
bool sender_add(Sender *s, Channel *c, const uint8_t id[CHANNEL_ID_LEN]);
/* Any thread: all channels but the first are cancelled. */
void sender_cancel(Sender *s);
/*
 * Sends the pages whose bit is set in dirty, left of them in all; true when all have gone and
 * nothing of a later round can overtake them.
 */
bool sender_round(Sender *s, const uint8_t *dirty, uint64_t left);
/*
 * Any thread, with the first channel alone: rounds end early from now on, and the pages that
 * have not gone are those that sender_keep_unsent() leaves in dirty; how many.
 */
void sender_hurry(Sender *s);
uint64_t sender_keep_unsent(const Sender *s, uint8_t *dirty);
/* Any thread. */
unsigned sender_channels(const Sender *s); /* beside the first */
uint64_t sender_left(const Sender *s);	   /* pages of this round still to go */
/* Bytes of pages that were to be packed, and what they have become. */
void sender_packed(const Sender *s, uint64_t *before, uint64_t *after);
uint64_t sender_bytes(const Sender *s); /* that have gone and come, of all kinds */

#endif
