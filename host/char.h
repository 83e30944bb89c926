/*
 * Character back ends: what a serial port or a monitor talks to outside.
 *
 * All of them live in the machine's loop, never block it, and queue output
 * that the outside does not take at once (CHAR_QUEUE_MAX bytes; beyond it
 * the oldest are dropped and counted).  Machine lock held, as for Chardev,
 * or no machine made yet.
 */
#ifndef HOST_CHAR_H
#define HOST_CHAR_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/chardev.h"
#include "core/loop.h"

#define CHAR_QUEUE_MAX (1u << 20)

/* Takes everything, gives nothing. */
Chardev *char_null_new(const char *name);

/*
 * The process's standard input and output; one per process (a second is an
 * error).  A terminal is put into raw mode when a front end attaches, and
 * back at close, exit or a deadly signal.  signals: keys such as ^C still
 * send signals to us rather than bytes to the guest.
 */
Chardev *char_stdio_new(const char *name, Loop *l, bool signals, GError **err);

/* Output to a file, created, and truncated unless append. */
Chardev *char_file_new(const char *name, Loop *l, const char *path, bool append, GError **err);

/* A new pseudo terminal in raw mode; char_pty_path() names it. */
Chardev *char_pty_new(const char *name, Loop *l, GError **err);
const char *char_pty_path(const Chardev *c);

typedef struct CharSocket {
	const char *path;	 /* unix socket; NULL: TCP */
	const char *host, *port; /* TCP; an empty or NULL host is any (server) or localhost */
	bool server;		 /* listen, one client at a time */
	bool wait;		 /* server: come back only with a client connected */
	bool telnet;		 /* speak enough of RFC 854 for a telnet client */
	bool nodelay;
} CharSocket;

/*
 * A stream socket.  Without a client, output is dropped.  A server's old
 * socket file is replaced, and removed at close.
 */
Chardev *char_socket_new(const char *name, Loop *l, const CharSocket *addr, GError **err);

/*
 * Several front ends on one back end; keys after the escape byte (Ctrl-a
 * is 1) choose among them: h help, c next front end, b break, x quit, s
 * says there is nothing to save, the escape byte itself sends itself.
 * The mux owns `lower`.  quit(opaque) is the answer to x.
 */
Chardev *char_mux_new(const char *name, Loop *l, Chardev *lower, uint8_t escape,
		      void (*quit)(void *opaque), void *opaque);
/* A place for one more front end, owned by the mux; NULL when it is full. */
Chardev *char_mux_port(Chardev *mux, const char *name);
/* Input goes to this port from now on. */
void char_mux_focus(Chardev *mux, const Chardev *port);

/* What it is, for the user: "stdio", "unix:/tmp/x,server=on". */
const char *char_describe(const Chardev *c);
/* Bytes of output lost because nobody took them. */
uint64_t char_dropped(const Chardev *c);
/*
 * Ends all traffic: no more calls to the front end, output in the queue
 * gets up to a second to leave, descriptors are closed.  Writes after it
 * do nothing.
 */
void char_close(Chardev *c);
/* The loop has gone before us (a machine that could not be made took it along). */
void char_forget_loop(Chardev *c);
/* Closes and frees; needs no loop when closed before.  NULL is allowed. */
void char_free(Chardev *c);

#endif
