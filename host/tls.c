#include "host/tls.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include "base/err.h"
#include "config.h"
#if HAVE_GNUTLS
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#endif

#define RECORD_MAX 16384 /* RFC 8446, 5.1 */

struct TlsCreds {
	TlsSpec *spec;
#if HAVE_GNUTLS
	gnutls_certificate_credentials_t x509;
	gnutls_psk_client_credentials_t psk_client;
	gnutls_psk_server_credentials_t psk_server;
#endif
};

void tls_spec_free(TlsSpec *s)
{
	if (!s)
		return;
	g_free(s->id);
	g_free(s->dir);
	g_free(s->username);
	g_free(s);
}

const TlsSpec *tls_creds_spec(const TlsCreds *c)
{
	return c->spec;
}

#if HAVE_GNUTLS

/*
 * GnuTLS and what it needs take longer to load than all else that we need to start, and a
 * guest that is restored waits for it: so it is loaded when the first credentials are made.
 */
#define LIBRARY(X)                                                                                 \
	X(gnutls_alert_get)                                                                        \
	X(gnutls_alert_get_name)                                                                   \
	X(gnutls_alert_send_appropriate)                                                           \
	X(gnutls_bye)                                                                              \
	X(gnutls_certificate_allocate_credentials)                                                 \
	X(gnutls_certificate_free_credentials)                                                     \
	X(gnutls_certificate_server_set_request)                                                   \
	X(gnutls_certificate_set_x509_crl_file)                                                    \
	X(gnutls_certificate_set_x509_key_file)                                                    \
	X(gnutls_certificate_set_x509_trust_file)                                                  \
	X(gnutls_certificate_verification_status_print)                                            \
	X(gnutls_credentials_set)                                                                  \
	X(gnutls_deinit)                                                                           \
	X(gnutls_free)                                                                             \
	X(gnutls_handshake)                                                                        \
	X(gnutls_init)                                                                             \
	X(gnutls_priority_set_direct)                                                              \
	X(gnutls_psk_allocate_client_credentials)                                                  \
	X(gnutls_psk_allocate_server_credentials)                                                  \
	X(gnutls_psk_free_client_credentials)                                                      \
	X(gnutls_psk_free_server_credentials)                                                      \
	X(gnutls_psk_set_client_credentials)                                                       \
	X(gnutls_psk_set_server_credentials_file)                                                  \
	X(gnutls_record_get_direction)                                                             \
	X(gnutls_record_recv)                                                                      \
	X(gnutls_record_send)                                                                      \
	X(gnutls_server_name_set)                                                                  \
	X(gnutls_session_get_verify_cert_status)                                                   \
	X(gnutls_session_set_verify_cert)                                                          \
	X(gnutls_set_default_priority)                                                             \
	X(gnutls_strerror)                                                                         \
	X(gnutls_transport_set_int2)
#define POINTER(name) __typeof__(name) *name;
#define LOOK_UP(name)                                                                              \
	lib.name = (__typeof__(name) *)dlsym(handle, #name);                                       \
	all &= lib.name != NULL;

static struct {
	LIBRARY(POINTER)
} lib;

static bool load(GError **err)
{
	static void *handle;
	bool all = true;

	if (handle)
		return true;
	handle = dlopen(GNUTLS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return fail(err, "TLS: %s", dlerror());
	LIBRARY(LOOK_UP)
	if (all)
		return true;
	dlclose(g_steal_pointer(&handle));
	return fail(err, "TLS: %s is not the library that this program was built for",
		    GNUTLS_LIBRARY);
}

typedef struct Session {
	gnutls_session_t tls;
	bool greeted; /* the handshake is over */
	char *error;
} Session;

void tls_creds_free(TlsCreds *c)
{
	if (!c)
		return;
	if (c->x509)
		lib.gnutls_certificate_free_credentials(c->x509);
	if (c->psk_client)
		lib.gnutls_psk_free_client_credentials(c->psk_client);
	if (c->psk_server)
		lib.gnutls_psk_free_server_credentials(c->psk_server);
	tls_spec_free(c->spec);
	g_free(c);
}

/* A file of the folder that is there; NULL, and err if it must be. */
static char *file_of(const TlsSpec *s, const char *name, bool must, GError **err)
{
	char *path = g_build_filename(s->dir, name, NULL);

	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return path;
	if (must)
		fail(err, "%s: no such file", path);
	g_free(path);
	return NULL;
}

static bool load_ca(TlsCreds *c, GError **err)
{
	g_autofree char *ca = file_of(c->spec, "ca-cert.pem", c->spec->verify, err);
	g_autofree char *crl = file_of(c->spec, "ca-crl.pem", false, err);
	int n;

	if (!ca)
		return !c->spec->verify;
	n = lib.gnutls_certificate_set_x509_trust_file(c->x509, ca, GNUTLS_X509_FMT_PEM);
	if (n <= 0)
		return fail(err, "%s: %s", ca, n ? lib.gnutls_strerror(n) : "no certificate in it");
	n = crl ? lib.gnutls_certificate_set_x509_crl_file(c->x509, crl, GNUTLS_X509_FMT_PEM) : 0;
	return n >= 0 || fail(err, "%s: %s", crl, lib.gnutls_strerror(n));
}

static bool load_own(TlsCreds *c, GError **err)
{
	bool must = c->spec->server;
	g_autofree char *cert = file_of(c->spec, must ? "server-cert.pem" : "client-cert.pem", must,
					err);
	g_autofree char *key = NULL;
	int e;

	if (!cert)
		return !must;
	key = file_of(c->spec, must ? "server-key.pem" : "client-key.pem", true, err);
	if (!key)
		return false;
	e = lib.gnutls_certificate_set_x509_key_file(c->x509, cert, key, GNUTLS_X509_FMT_PEM);
	return e >= 0 || fail(err, "%s: %s", cert, lib.gnutls_strerror(e));
}

/* The key of the user's line in keys.psk. */
static bool load_key(TlsCreds *c, const char *path, GError **err)
{
	const char *user = c->spec->username ? c->spec->username : "qemu";
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	size_t len = strlen(user);

	if (!g_file_get_contents(path, &text, NULL, err))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (char **l = lines; *l; l++) {
		gnutls_datum_t key;
		int e;

		if (strncmp(*l, user, len) != 0 || (*l)[len] != ':')
			continue;
		key.data = (unsigned char *)g_strchomp(*l + len + 1);
		key.size = (unsigned)strlen(*l + len + 1);
		e = lib.gnutls_psk_set_client_credentials(c->psk_client, user, &key,
							  GNUTLS_PSK_KEY_HEX);
		return !e || fail(err, "%s: %s: %s", path, user, lib.gnutls_strerror(e));
	}
	return fail(err, "%s: there is no line for %s", path, user);
}

static bool load_psk(TlsCreds *c, GError **err)
{
	g_autofree char *path = file_of(c->spec, "keys.psk", true, err);
	int e;

	if (!path)
		return false;
	if (!c->spec->server)
		return !lib.gnutls_psk_allocate_client_credentials(&c->psk_client) &&
		       load_key(c, path, err);
	e = lib.gnutls_psk_allocate_server_credentials(&c->psk_server);
	if (!e)
		e = lib.gnutls_psk_set_server_credentials_file(c->psk_server, path);
	return !e || fail(err, "%s: %s", path, lib.gnutls_strerror(e));
}

TlsCreds *tls_creds_new(TlsSpec *s, GError **err)
{
	TlsCreds *c = g_new0(TlsCreds, 1);
	bool ok;

	c->spec = s;
	if (!load(err))
		ok = false;
	else if (s->psk)
		ok = load_psk(c, err);
	else
		ok = !lib.gnutls_certificate_allocate_credentials(&c->x509) && load_ca(c, err) &&
		     load_own(c, err);
	if (ok)
		return c;
	tls_creds_free(c);
	return NULL;
}

/* --------------------------------------------------------------- sessions */

static int set_up(Session *s, const TlsCreds *c, const char *hostname)
{
	const TlsSpec *spec = c->spec;
	gnutls_session_t t = s->tls;
	int e;

	if (spec->psk) {
		e = lib.gnutls_priority_set_direct(t, "NORMAL:+ECDHE-PSK:+DHE-PSK:+PSK", NULL);
		return e ? e
			 : lib.gnutls_credentials_set(t, GNUTLS_CRD_PSK,
						      spec->server ? (void *)c->psk_server
								   : (void *)c->psk_client);
	}
	e = lib.gnutls_set_default_priority(t);
	if (!e)
		e = lib.gnutls_credentials_set(t, GNUTLS_CRD_CERTIFICATE, c->x509);
	if (!e && !spec->server && hostname && !g_hostname_is_ip_address(hostname))
		e = lib.gnutls_server_name_set(t, GNUTLS_NAME_DNS, hostname, strlen(hostname));
	if (spec->server)
		lib.gnutls_certificate_server_set_request(t, spec->verify ? GNUTLS_CERT_REQUIRE
									  : GNUTLS_CERT_IGNORE);
	if (!e && spec->verify)
		lib.gnutls_session_set_verify_cert(t, spec->server ? NULL : hostname, 0);
	return e;
}

void *tls_session_new(const TlsCreds *c, const char *hostname, int in, int out, GError **err)
{
	Session *s = g_new0(Session, 1);
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL;
	int e = lib.gnutls_init(&s->tls, flags | (c->spec->server ? GNUTLS_SERVER : GNUTLS_CLIENT));

	if (!e)
		e = set_up(s, c, hostname);
	if (e) {
		fail(err, "TLS: %s", lib.gnutls_strerror(e));
		tls_session_free(s);
		return NULL;
	}
	lib.gnutls_transport_set_int2(s->tls, in, out);
	return s;
}

void tls_session_free(void *session)
{
	Session *s = session;

	if (s->tls)
		lib.gnutls_deinit(s->tls);
	g_free(s->error);
	g_free(s);
}

const char *tls_error(void *session)
{
	return ((Session *)session)->error;
}

/* What is wrong with the other side's certificate. */
static char *verdict(gnutls_session_t t)
{
	gnutls_datum_t text = { 0 };
	char *s = NULL;

	if (!lib.gnutls_certificate_verification_status_print(
		    lib.gnutls_session_get_verify_cert_status(t), GNUTLS_CRT_X509, &text, 0))
		s = g_strchomp(g_strndup((const char *)text.data, text.size));
	(*lib.gnutls_free)(text.data);
	return s ? s : g_strdup("its certificate is refused");
}

static void set_error(Session *s, int e)
{
	g_autofree char *why = NULL;

	switch (e) {
	case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR: why = verdict(s->tls); break;
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		why = g_strdup_printf("the other side refuses: %s",
				      lib.gnutls_alert_get_name(lib.gnutls_alert_get(s->tls)));
		break;
	case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
	case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
	case GNUTLS_E_UNEXPECTED_PACKET: why = g_strdup("the other side does not speak TLS"); break;
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
	case GNUTLS_E_PREMATURE_TERMINATION:
		why = g_strconcat("the other side has closed the connection",
				  s->greeted ? NULL : "; perhaps it does not speak TLS", NULL);
		break;
	default: why = g_strdup(lib.gnutls_strerror(e)); break;
	}
	g_free(s->error);
	s->error = g_strconcat("TLS: ", why, NULL);
}

int tls_handshake(void *session)
{
	Session *s = session;
	int e;

	do
		e = lib.gnutls_handshake(s->tls);
	while (e == GNUTLS_E_INTERRUPTED || e == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if (e == GNUTLS_E_AGAIN)
		return lib.gnutls_record_get_direction(s->tls) ? POLLOUT : POLLIN;
	s->greeted = !e;
	if (!e)
		return 0;
	set_error(s, e);
	lib.gnutls_alert_send_appropriate(s->tls, e);
	return -1;
}

static ssize_t result(Session *s, ssize_t n)
{
	if (n >= 0)
		return n;
	if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
		errno = n == GNUTLS_E_AGAIN ? EAGAIN : EINTR;
		return -1;
	}
	set_error(s, (int)n);
	errno = EPROTO;
	return -1;
}

ssize_t tls_read(void *session, void *p, size_t n)
{
	Session *s = session;
	ssize_t k = lib.gnutls_record_recv(s->tls, p, n);

	return k == GNUTLS_E_PREMATURE_TERMINATION ? 0 : result(s, k);
}

ssize_t tls_write(void *session, const void *p, size_t n)
{
	Session *s = session;

	return result(s, lib.gnutls_record_send(s->tls, p, MIN(n, RECORD_MAX)));
}

void tls_close(void *session)
{
	lib.gnutls_bye(((Session *)session)->tls, GNUTLS_SHUT_WR);
}

#else

TlsCreds *tls_creds_new(TlsSpec *s, GError **err)
{
	fail(err, "this program was built without GnuTLS");
	tls_spec_free(s);
	return NULL;
}

void tls_creds_free(TlsCreds *c)
{
	(void)c;
}

void *tls_session_new(const TlsCreds *c, const char *hostname, int in, int out, GError **err)
{
	(void)c, (void)hostname, (void)in, (void)out;
	fail(err, "this program was built without GnuTLS");
	return NULL;
}

int tls_handshake(void *session)
{
	(void)session;
	return -1;
}

ssize_t tls_read(void *session, void *p, size_t n)
{
	(void)session, (void)p, (void)n;
	errno = EPROTO;
	return -1;
}

ssize_t tls_write(void *session, const void *p, size_t n)
{
	(void)session, (void)p, (void)n;
	errno = EPROTO;
	return -1;
}

void tls_close(void *session)
{
	(void)session;
}

const char *tls_error(void *session)
{
	(void)session;
	return "TLS: this program was built without GnuTLS";
}

void tls_session_free(void *session)
{
	(void)session;
}

#endif
