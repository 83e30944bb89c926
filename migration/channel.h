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
#include <sys/types.h>
#include <glib.h>

#define CHANNEL_MAX (16u << 20) /* bytes of a payload */
#define CHANNEL_ID_LEN 16	/* bytes by which the channels of a migration know each other */

enum {
	MSG_HELLO = 0x48454c4f,	   /* "HELO" */
	MSG_PART = 0x50415254,	   /* "PART" */
	MSG_PAGES = 0x50414745,	   /* "PAGE" */
	MSG_PACKED = 0x5041475a,   /* "PAGZ" */
	MSG_SYNC = 0x53594e43,	   /* "SYNC" */
	MSG_CHANNEL = 0x4348414e,  /* "CHAN" */
	MSG_LAST = 0x4c415354,	   /* "LAST" */
	MSG_COMMIT = 0x434d4954,   /* "CMIT" */
	MSG_OKAY = 0x4f4b4159,	   /* "OKAY" */
	MSG_READY = 0x52454459,	   /* "REDY" */
	MSG_RUNS = 0x52554e53,	   /* "RUNS" */
	MSG_WAIT = 0x57414954,	   /* "WAIT" */
	MSG_POSTCOPY = 0x504f5354, /* "POST" */
	MSG_LEFT = 0x4c454654,	   /* "LEFT" */
	MSG_WANT = 0x57414e54,	   /* "WANT" */
	MSG_WHOLE = 0x57484f4c,	   /* "WHOL" */
	MSG_RECOVER = 0x5245434f,  /* "RECO" */
	MSG_MEMORY = 0x4d454d46,   /* "MEMF": the one that a descriptor comes with */
	MSG_FAIL = 0x4641494c,	   /* "FAIL" */
};

typedef struct Channel Channel;

typedef struct Message {
	uint32_t tag, len;
	uint8_t *data; /* the channel's, until the next call */
} Message;

/*
 * What may stand between a channel and its descriptors (encryption).  read and write as
 * read(2) and write(2) on descriptors that do not wait, errno EPROTO: error() says why.
 */
typedef struct ChannelIo {
	/* 0: done; POLLIN or POLLOUT: call again then; -1: failed, error() says why. */
	int (*handshake)(void *opaque);
	ssize_t (*read)(void *opaque, void *p, size_t n);
	ssize_t (*write)(void *opaque, const void *p, size_t n);
	/* Says that no more will come, as far as that is possible without waiting. */
	void (*close)(void *opaque);
	const char *(*error)(void *opaque);
	void (*free)(void *opaque);
} ChannelIo;

/* Takes the descriptors over; out_fd may be -1 or the same as in_fd, in_fd may be -1. */
Channel *channel_new(int in_fd, int out_fd);
void channel_free(Channel *c);
/* Before anything is sent or received; takes opaque over. */
void channel_set_io(Channel *c, const ChannelIo *io, void *opaque);
/* What that wants done first; nothing without it. */
bool channel_handshake(Channel *c);
/* Can the other side answer? */
bool channel_two_way(const Channel *c);
/* Can descriptors go and come with its bytes: a unix socket, and nothing in between? */
bool channel_passes_fd(const Channel *c);
/* ms without a byte moving until it counts as broken; default 30,000. */
void channel_set_limit(Channel *c, unsigned ms);
unsigned channel_limit(const Channel *c);
/* Bytes that move elsewhere and show that the other side is well: called by waiting threads. */
void channel_count_too(Channel *c, uint64_t (*bytes)(const void *opaque), const void *opaque);
/* Any thread: whatever waits, and all that follows, fails. */
void channel_cancel(Channel *c);
bool channel_cancelled(const Channel *c);
/* The same for a reason, which becomes the channel's error; the other side can still be told. */
void channel_break(Channel *c, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Any thread: ends channel_idle() and channel_pause() early. */
void channel_poke(Channel *c);

/* A message of up to two pieces. */
bool channel_send2(Channel *c, uint32_t tag, const void *a, size_t na, const void *b, size_t nb);
bool channel_send(Channel *c, uint32_t tag, const void *p, size_t n);
/* MSG_MEMORY, and a descriptor with it, which stays the caller's; channel_passes_fd(). */
bool channel_send_fd(Channel *c, const void *p, size_t n, int fd);
/* The one that has come with the message received last, the caller's; -1: it has failed. */
int channel_take_fd(Channel *c);
/*
 * The next message; one that says FAIL is an error with its text, and so is a descriptor
 * that comes with any but MSG_MEMORY.
 */
bool channel_receive(Channel *c, Message *msg);
/* Waits, without a limit, for a message to begin. */
bool channel_wait(Channel *c);
/* A message of exactly that tag. */
bool channel_expect(Channel *c, uint32_t tag, Message *msg);
/* Notes the first error, if there was none; returns false. */
bool channel_fail(Channel *c, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* NULL while there is none. */
const char *channel_error(const Channel *c);
/* Tells the other side, as far as that is still possible, and says no more. */
void channel_send_failure(Channel *c);
/* Whoever sends or receives at the other end finds it closed; after the last word. */
void channel_hang_up(Channel *c);
/* Throws away what still comes, so that the other side gets to hear what we said. */
void channel_drain(Channel *c);
/* Does nothing for so long, or until poked; false: it has failed. */
bool channel_pause(Channel *c, unsigned ms);
/*
 * The same for one who has nothing to send and expects no answer: false when
 * one came, which can only be that the other side gives up.
 */
bool channel_idle(Channel *c, unsigned ms);
/* From now on what comes while we send is no sign of failure. */
void channel_both_speak(Channel *c);

typedef enum ChannelLook {
	LOOK_NOTHING, /* in that time */
	LOOK_POKED,
	LOOK_MESSAGE, /* one begins, or the channel has failed: channel_receive() tells */
} ChannelLook;

/* Waits at most ms for a message to begin, or until poked; -1: the limit, then it has failed. */
ChannelLook channel_look(Channel *c, int ms);
uint64_t channel_bytes(const Channel *c); /* sent and received so far */

#endif
