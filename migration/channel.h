/*
 * Messages over a pair of descriptors: what docs/migration.md calls the stream.  One
 * thread sends and receives; any thread may cancel.
 *
 * Sticky: after the first failure every call does nothing and returns false; the first
 * error stays.  Nothing here waits longer than the time limit for the other side to move,
 * nor after channel_cancel().
 */
#ifndef MIGRATION_CHANNEL_H
#define MIGRATION_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

#define CHANNEL_MAX (16u << 20) /* bytes of a payload */

enum {
	MSG_HELLO = 0x48454c4f,	 /* "HELO" */
	MSG_PART = 0x50415254,	 /* "PART" */
	MSG_PAGES = 0x50414745,	 /* "PAGE" */
	MSG_LAST = 0x4c415354,	 /* "LAST" */
	MSG_COMMIT = 0x434d4954, /* "CMIT" */
	MSG_OKAY = 0x4f4b4159,	 /* "OKAY" */
	MSG_READY = 0x52454459,	 /* "REDY" */
	MSG_RUNS = 0x52554e53,	 /* "RUNS" */
	MSG_FAIL = 0x4641494c,	 /* "FAIL" */
};

typedef struct Channel Channel;

typedef struct Message {
	uint32_t tag, len;
	uint8_t *data; /* the channel's, until the next call */
} Message;

/* Takes the descriptors over; out_fd may be -1 or the same as in_fd, in_fd may be -1. */
Channel *channel_new(int in_fd, int out_fd);
void channel_free(Channel *c);
/* Can the other side answer? */
bool channel_two_way(const Channel *c);
/* ms without a byte moving until it counts as broken; default 30,000. */
void channel_set_limit(Channel *c, unsigned ms);
/* Any thread: whatever waits, and all that follows, fails. */
void channel_cancel(Channel *c);
bool channel_cancelled(const Channel *c);

/* A message of up to two pieces. */
bool channel_send2(Channel *c, uint32_t tag, const void *a, size_t na, const void *b, size_t nb);
bool channel_send(Channel *c, uint32_t tag, const void *p, size_t n);
/* The next message; one that says FAIL is an error with its text. */
bool channel_receive(Channel *c, Message *msg);
/* A message of exactly that tag. */
bool channel_expect(Channel *c, uint32_t tag, Message *msg);
/* Notes the first error, if there was none; returns false. */
bool channel_fail(Channel *c, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* NULL while there is none. */
const char *channel_error(const Channel *c);
/* Tells the other side, as far as that is still possible, and says no more. */
void channel_send_failure(Channel *c);
/* Throws away what still comes, so that the other side gets to hear what we said. */
void channel_drain(Channel *c);
/* Does nothing for so long, or until cancelled. */
void channel_pause(Channel *c, unsigned ms);
uint64_t channel_bytes(const Channel *c); /* sent and received so far */

#endif
