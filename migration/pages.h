/*
 * Pages of RAM as messages, out and in.  Whoever calls has the channel to himself; several
 * threads may do so at the same time, each with a channel and a PageBuf of its own.
 */
#ifndef MIGRATION_PAGES_H
#define MIGRATION_PAGES_H

#include <stdatomic.h>
#include "core/ram.h"
#include "migration/channel.h"

#define RUN_PAGES 64	    /* of one message that has their bytes, at most */
#define ZERO_RUN_PAGES 4096 /* of one that says that they are zero */

/* Pages that follow each other, of one message. */
typedef struct PageRun {
	uint64_t pa;
	uint32_t n;
	const uint8_t *data; /* n pages, or NULL: all zero */
} PageRun;

/* Room for a run, and what packing it needs. */
typedef struct PageBuf {
	uint8_t *page; /* RUN_PAGES of them */
	bool packs;
	int level;
	uint8_t *packed;
	size_t room;
	void *packer, *unpacker;	/* zstd's */
	_Atomic uint64_t before, after; /* bytes of pages packed, and what became of them */
} PageBuf;

/* Was the program built with zstd? */
bool pages_can_pack(void);
void pagebuf_init(PageBuf *b);
/* Pages are to go packed by zstd, which can do it; its level, 0 being zstd's own choice. */
void pagebuf_pack(PageBuf *b, int level);
void pagebuf_clear(PageBuf *b);
/*
 * Sends as many of the pages from number `page` on, at most n, as make one message; how many,
 * or 0: the channel has failed.  They are copied first: a guest that writes to one between its
 * sum and its sending would make a message that looks damaged.
 */
uint32_t pages_send(PageBuf *b, Channel *c, const Ram *ram, uint64_t page, uint32_t n);
/*
 * What a message of pages, packed or not, says, all of it checked: false, and the channel has
 * failed.  What run->data points to is the message's or the buffer's.
 */
bool pages_parse(PageBuf *b, Channel *c, const Ram *ram, const Message *msg, PageRun *run);
/* Is it a message of pages? */
bool pages_are_in(const Message *msg);
/* Puts them into RAM that no CPU uses. */
void pages_store(const Ram *ram, const PageRun *run);

#endif
