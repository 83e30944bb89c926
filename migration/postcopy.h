/*
 * Postcopy: the pages that go after the guest has gone (docs/migration.md).  Each end has its
 * part, which one thread calls; what is said to be for any thread may be called meanwhile.
 */
#ifndef MIGRATION_POSTCOPY_H
#define MIGRATION_POSTCOPY_H

#include "core/machine.h"
#include "migration/channel.h"

/* A list of pages, a bit for each as absent_begin() has it, in as many messages as it takes. */
bool pagelist_send(Channel *c, const uint8_t *bitmap, uint64_t pages);
/* Adds to bitmap what such a message says; false: the channel has failed. */
bool pagelist_take(Channel *c, const Message *msg, uint8_t *bitmap, uint64_t pages);

/* ------------------------------------------------------------ the source's */

typedef struct Giver Giver;

/* Borrows left, the pages that are still to go; the machine never runs again. */
Giver *giver_new(Machine *m, uint8_t *left);
void giver_free(Giver *g);
/* Any thread: bytes a second for what nobody waits for; 0: no limit. */
void giver_set_bandwidth(Giver *g, uint64_t bytes_per_s);
/* Before LAST: says that pages will come later, and which. */
bool giver_announce(Giver *g, Channel *c);
/* Sends pages until the other side has them all; false: the channel has failed. */
bool giver_serve(Giver *g, Channel *c);
/* Over another channel, after that: what does the other side lack? */
bool giver_recover(Giver *g, Channel *c);
/* Any thread: how many are still to go, and how many were asked for. */
uint64_t giver_left(const Giver *g);
uint64_t giver_asked(const Giver *g);

/* ------------------------------------------------------- the destination's */

typedef struct Taker Taker;

/* For what giver_announce() has said; NULL: the channel has failed. */
Taker *taker_new(Machine *m, Channel *c, const Message *msg);
void taker_free(Taker *t);
/* One more message of pages that are to come. */
bool taker_list(Taker *t, Channel *c, const Message *msg);
/* In the loop's thread: these are absent from now on. */
void taker_begin(Taker *t);
/* Receives pages until all are there; false: the channel has failed. */
bool taker_serve(Taker *t, Channel *c);
/* The counterpart of giver_recover(). */
bool taker_recover(Taker *t, Channel *c);

#endif
