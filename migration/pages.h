/*
 * Pages of RAM as messages, out and in.  Whoever calls has the channel to himself; several
 * threads may do so at the same time, each with a channel and a PageBuf of its own.
 */
#ifndef MIGRATION_PAGES_H
#define MIGRATION_PAGES_H

#include "core/ram.h"
#include "migration/channel.h"

#define RUN_PAGES 64 /* of one message, at most */

/* Pages that follow each other, of one message. */
typedef struct PageRun {
	uint64_t pa;
	uint32_t n;
	const uint8_t *data; /* n pages, or NULL: all zero */
} PageRun;

/* Room for a run. */
typedef struct PageBuf {
	uint8_t *page; /* RUN_PAGES of them */
} PageBuf;

void pagebuf_init(PageBuf *b);
void pagebuf_clear(PageBuf *b);
/*
 * Sends as many of the pages from number `page` on, at most n, as make one message; how many,
 * or 0: the channel has failed.  They are copied first: a guest that writes to one between its
 * sum and its sending would make a message that looks damaged.
 */
uint32_t pages_send(PageBuf *b, Channel *c, const Ram *ram, uint64_t page, uint32_t n);
/*
 * What a message of pages says, all of it checked: false, and the channel has failed.  What
 * run->data points to is the message's.
 */
bool pages_parse(PageBuf *b, Channel *c, const Ram *ram, const Message *msg, PageRun *run);
/* Puts them into RAM that no CPU uses. */
void pages_store(const Ram *ram, const PageRun *run);

#endif
