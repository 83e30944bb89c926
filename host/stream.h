/*
 * Ways for bytes to leave and enter the process: "tcp:HOST:PORT", "unix:PATH", "fd:N",
 * "exec:COMMAND", "file:PATH".  What comes out is a pair of descriptors.
 *
 * From the loop's thread.
 */
#ifndef HOST_STREAM_H
#define HOST_STREAM_H

#include <stdbool.h>
#include "core/loop.h"

typedef struct StreamFds {
	int in, out; /* the same for sockets; -1: that way there is nothing */
} StreamFds;

/* Is it an address that stream_connect() and stream_listen() know?  Opens nothing. */
bool stream_check(const char *uri, GError **err);
/* Can one connect there more than once? */
bool stream_many(const char *uri);
/* The host that it names, to be freed, or NULL. */
char *stream_host(const char *uri);
/* To the other side, or for output, from any thread.  Waits for that at most about 10 s. */
bool stream_connect(const char *uri, StreamFds *fds, GError **err);

typedef struct StreamServer StreamServer;
/*
 * Calls got in the loop's thread for each connection; at once and only once, before it
 * returns, for what needs no waiting.  NULL: failed, and err says why.
 */
StreamServer *stream_listen(Loop *l, const char *uri,
			    void (*got)(void *opaque, const StreamFds *fds), void *opaque,
			    GError **err);
void stream_server_free(StreamServer *s);

#endif
