/* What the character back ends share: descriptors, watches, the output queue. */
#ifndef HOST_CHAR_BASE_H
#define HOST_CHAR_BASE_H

#include "host/char.h"

typedef struct HostChar HostChar;

typedef struct HostCharKind {
	/* The reading side ended or failed; the base has removed its watch. */
	void (*hangup)(HostChar *h);
	/* Turns what came in into what the front end gets, in place; new length. */
	size_t (*decode)(HostChar *h, uint8_t *buf, size_t len);
	/* A front end attached (or has room); before the base starts to read. */
	void (*accept)(HostChar *h);
	/* Output of a kind that does not simply write to out_fd. */
	void (*write)(HostChar *h, const uint8_t *buf, size_t len);
	void (*forget_loop)(HostChar *h); /* of what it owns */
	void (*close)(HostChar *h);	  /* own descriptors; in_fd and out_fd are the base's */
	void (*free)(HostChar *h);	  /* own memory, not the struct */
} HostCharKind;

struct HostChar {
	Chardev base; /* first */
	const HostCharKind *kind;
	Loop *loop;
	char *desc;
	int in_fd, out_fd; /* -1: none; may be the same socket */
	bool socket;	   /* out_fd wants send() */
	bool open;	   /* the front end sees a connection */
	bool told;	   /* ... and has been told so */
	bool broken;	   /* socket: writing failed, its hangup is to come */
	bool mute;	   /* otherwise: writing failed, reading goes on */
	bool closed;
	guint in_watch, out_watch;
	GByteArray *queue; /* output not yet taken, from queue_head on */
	guint queue_head;
	uint64_t dropped;
};

extern const CharOps host_char_ops;

/* Fills the base of a zeroed struct. */
void host_char_init(HostChar *h, const HostCharKind *kind, const char *name, Loop *l);
/* Takes a descriptor for input and output (-1: none) and is open from now on. */
void host_char_open(HostChar *h, int in_fd, int out_fd, bool is_socket);
/* Gives up and closes both, tells the front end, drops the queue. */
void host_char_disconnect(HostChar *h);
/* Writes or queues to out_fd. */
void host_char_put(HostChar *h, const uint8_t *buf, size_t len);
void host_char_event(HostChar *h, CharEvent ev);
/* How many bytes the front end takes now; 0 without one. */
size_t host_char_room(HostChar *h);

#endif
