/*
 * TLS for streams: credentials as QEMU's users keep them in a folder, and sessions over a pair
 * of descriptors that do not wait.  Without GnuTLS (see configure) there are no credentials.
 *
 * In DIR for certificates: ca-cert.pem, ca-crl.pem (may be missing), server-cert.pem and
 * server-key.pem or client-cert.pem and client-key.pem (the client's may be missing if the
 * server does not ask).  For keys known to both: keys.psk, lines of "name:hexadecimal key".
 */
#ifndef HOST_TLS_H
#define HOST_TLS_H

#include <stdbool.h>
#include <sys/types.h>
#include <glib.h>

typedef struct TlsSpec {
	char *id, *dir;
	bool psk;	/* keys, not certificates */
	bool server;	/* the end that waits for connections */
	bool verify;	/* look at the other side's certificate */
	char *username; /* client with keys: whose; NULL: "qemu" */
} TlsSpec;

void tls_spec_free(TlsSpec *s);

typedef struct TlsCreds TlsCreds;
/* Reads the files; NULL and err, which names the one that is wrong.  Takes s over. */
TlsCreds *tls_creds_new(TlsSpec *s, GError **err);
void tls_creds_free(TlsCreds *c);
const TlsSpec *tls_creds_spec(const TlsCreds *c);

/*
 * A session over descriptors that stay the caller's.  hostname: what a server's certificate
 * must be for; NULL: not looked at.  The credentials must live longer; any thread.
 */
void *tls_session_new(const TlsCreds *c, const char *hostname, int in, int out, GError **err);
/* The calls below are what ChannelIo (migration/channel.h) asks for; one thread at a time. */
int tls_handshake(void *session);
ssize_t tls_read(void *session, void *p, size_t n);
ssize_t tls_write(void *session, const void *p, size_t n);
void tls_close(void *session);
const char *tls_error(void *session);
void tls_session_free(void *session);

#endif
