/*
 * Sends the pages of a round.  The thread of the migration calls; limits and numbers may be
 * set and read by any thread.
 */
#ifndef MIGRATION_SENDER_H
#define MIGRATION_SENDER_H

#include "core/machine.h"
#include "migration/pages.h"

typedef struct Sender Sender;

/* Borrows the channel. */
Sender *sender_new(Machine *m, Channel *c);
void sender_free(Sender *s);
/* Bytes a second; 0: no limit. */
void sender_set_bandwidth(Sender *s, uint64_t bytes_per_s);
/*
 * Sends the pages whose bit is set in dirty, left of them in all; true when all have gone and
 * nothing of a later round can overtake them.
 */
bool sender_round(Sender *s, const uint8_t *dirty, uint64_t left);
uint64_t sender_left(const Sender *s);	/* pages of this round still to go */
uint64_t sender_bytes(const Sender *s); /* that have gone and come, of all kinds */

#endif
