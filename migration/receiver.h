/*
 * Receives pages over channels beside the first one of a migration (docs/migration.md,
 * Channels).  Each has a thread; what fails there breaks the first channel.
 */
#ifndef MIGRATION_RECEIVER_H
#define MIGRATION_RECEIVER_H

#include "migration/pages.h"

typedef struct Receiver Receiver;

/* For n channels; borrows the first. */
Receiver *receiver_new(const Ram *ram, Channel *first, unsigned n);
/* Cancels what is under way, waits for the threads. */
void receiver_free(Receiver *r);
/* What a channel has to say to be taken for ours. */
const uint8_t *receiver_id(const Receiver *r);
/*
 * Any thread: a connection, taken over, that may become a channel.  One that does not know
 * the id, or comes once too often, is sent away; the migration is not concerned.
 */
void receiver_add(Receiver *r, Channel *c);
/*
 * The first channel's thread: waits until all channels have all pages of the round, lets them
 * go on with the next one; false: the first channel has failed.
 */
bool receiver_sync(Receiver *r, uint32_t round);
/* No page comes any more: ends the channels.  After that nothing writes to RAM. */
void receiver_end(Receiver *r);
/* Any thread. */
uint64_t receiver_bytes(const Receiver *r);

#endif
