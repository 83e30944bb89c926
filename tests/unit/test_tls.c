/* Channels over TLS: who is taken for whom, and what both ends are told otherwise. */
#include <check.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/bits.h"
#include "host/tls.h"
#include "migration/channel.h"
#include "tests/unit/skip.h"

Suite *suite_tls(void);

static char *top; /* folder of folders of certificates; NULL: none can be made here */

static const ChannelIo io = {
	.handshake = tls_handshake,
	.read = tls_read,
	.write = tls_write,
	.close = tls_close,
	.error = tls_error,
	.free = tls_session_free,
};

/* One end: what it has, and how it fared. */
typedef struct End {
	const char *dir;  /* of its credentials below top; NULL: it speaks plainly */
	const char *host; /* whom a client expects */
	bool psk, no_verify;
	const char *user;
	/* For the test. */
	bool server;
	Channel *c;
	TlsCreds *creds;
	char *error;
	uint64_t bytes;
} End;

static char *folder(const char *name)
{
	return g_build_filename(top, name, NULL);
}

static TlsCreds *creds_of(const End *e, GError **err)
{
	TlsSpec *s = g_new0(TlsSpec, 1);

	s->id = g_strdup("tls0");
	s->dir = folder(e->dir);
	s->psk = e->psk;
	s->server = e->server;
	s->verify = !e->no_verify;
	s->username = g_strdup(e->user);
	return tls_creds_new(s, err);
}

static void open_end(End *e, int fd)
{
	GError *err = NULL;
	void *session;

	e->c = channel_new(fd, fd);
	channel_set_limit(e->c, 20000);
	if (!e->dir)
		return;
	e->creds = creds_of(e, &err);
	ck_assert_msg(e->creds != NULL, "%s", err ? err->message : "");
	session = tls_session_new(e->creds, e->host, fd, fd, &err);
	ck_assert_msg(session != NULL, "%s", err ? err->message : "");
	channel_set_io(e->c, &io, session);
}

enum { BIG = 3 << 20 };

/* The client sends a large message, the server answers. */
static gpointer talk(gpointer arg)
{
	End *e = arg;
	uint8_t *big = g_malloc(BIG);
	Message msg;
	bool ok = channel_handshake(e->c);

	memset(big, 0xa5, BIG);
	if (e->server)
		ok = ok && channel_expect(e->c, MSG_PAGES, &msg) && msg.len == BIG &&
		     !memcmp(msg.data, big, BIG) && channel_send(e->c, MSG_OKAY, NULL, 0);
	else
		ok = ok && channel_send(e->c, MSG_PAGES, big, BIG) &&
		     channel_expect(e->c, MSG_OKAY, &msg);
	if (!ok) {
		e->error = g_strdup(channel_error(e->c) ? channel_error(e->c) : "other bytes");
		channel_send_failure(e->c);
		channel_drain(e->c);
	}
	g_free(big);
	return NULL;
}

static void converse(End *client, End *server)
{
	GThread *t;
	int fds[2];

	server->server = true;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	open_end(client, fds[0]);
	open_end(server, fds[1]);
	t = g_thread_new("server", talk, server);
	talk(client);
	g_thread_join(t);
	for (unsigned i = 0; i < 2; i++) {
		End *e = i ? server : client;

		channel_free(e->c);
		tls_creds_free(e->creds);
	}
}

static void expect_error(const End *e, const char *text)
{
	ck_assert_msg(e->error && strstr(e->error, text), "'%s' instead of '%s'", e->error, text);
}

static bool ready(void)
{
	if (!top)
		test_skipped("no GnuTLS, or no certtool (package gnutls-bin)");
	return top != NULL;
}

static const struct {
	const char *what;
	End client, server;
	const char *at_client, *at_server; /* NULL: all is well */
} rows[] = {
	{ "both certified", { .dir = "a", .host = "host.example" }, { .dir = "a" }, NULL, NULL },
	{ "nobody looks",
	  { .dir = "a", .no_verify = true },
	  { .dir = "b", .no_verify = true },
	  NULL,
	  NULL },
	{ "wrong authority",
	  { .dir = "b", .host = "host.example" },
	  { .dir = "a" },
	  "issuer is unknown",
	  "refuses" },
	{ "wrong host",
	  { .dir = "a", .host = "other.example" },
	  { .dir = "a" },
	  "does not match",
	  "refuses" },
	{ "client of another authority",
	  { .dir = "b", .no_verify = true },
	  { .dir = "a" },
	  "refuses",
	  "issuer is unknown" },
	{ "client without a certificate",
	  { .dir = "bare", .host = "host.example" },
	  { .dir = "a" },
	  "refuses",
	  "TLS: " },
	{ "plain client", { .dir = NULL }, { .dir = "a" }, "wants TLS", "does not speak TLS" },
	{ "plain server",
	  { .dir = "a", .host = "host.example" },
	  { .dir = NULL },
	  "not speak TLS",
	  "speaks TLS, and this one has no tls-creds" },
	{ "a key that both know",
	  { .dir = "a", .psk = true },
	  { .dir = "a", .psk = true },
	  NULL,
	  NULL },
	{ "another key",
	  { .dir = "b", .psk = true },
	  { .dir = "a", .psk = true },
	  "TLS: ",
	  "TLS: " },
};

START_TEST(who_is_taken_for_whom)
{
	End client = rows[_i].client, server = rows[_i].server;

	if (!ready())
		return;
	converse(&client, &server);
	if (!rows[_i].at_client) {
		ck_assert_msg(!client.error && !server.error, "%s: '%s', '%s'", rows[_i].what,
			      client.error, server.error);
		return;
	}
	expect_error(&client, rows[_i].at_client);
	expect_error(&server, rows[_i].at_server);
	g_free(client.error);
	g_free(server.error);
}
END_TEST

START_TEST(missing_or_broken_files_are_named)
{
	static const struct {
		End e;
		const char *error;
	} bad[] = {
		{ { .dir = "none" }, "none/ca-cert.pem: no such file" },
		{ { .dir = "bare", .server = true }, "bare/server-cert.pem: no such file" },
		{ { .dir = "broken" }, "broken/ca-cert.pem: " },
		{ { .dir = "bare", .psk = true }, "bare/keys.psk: no such file" },
		{ { .dir = "a", .psk = true, .user = "joe" }, "there is no line for joe" },
	};

	if (!ready())
		return;
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		GError *err = NULL;

		ck_assert_ptr_null(creds_of(&bad[i].e, &err));
		ck_assert_msg(strstr(err->message, bad[i].error), "'%s'", err->message);
		ck_assert_ptr_null(strchr(err->message, '\n'));
		g_error_free(err);
	}
}
END_TEST

static bool run(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
static bool run(const char *fmt, ...)
{
	g_autofree char *line = NULL;
	int status = -1;
	va_list ap;

	va_start(ap, fmt);
	line = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	return g_spawn_command_line_sync(line, NULL, NULL, &status, NULL) && !status;
}

static void put(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(top, dir, name, NULL);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static bool built_with_tls(void)
{
	End e = { .dir = "none" };
	GError *err = NULL;
	bool yes;

	creds_of(&e, &err);
	yes = !strstr(err->message, "without GnuTLS");
	g_error_free(err);
	return yes;
}

static void set_up(void)
{
	g_autofree char *certtool = g_find_program_in_path("certtool");

	signal(SIGPIPE, SIG_IGN);
	top = g_dir_make_tmp("ppcorn-tls-XXXXXX", NULL);
	ck_assert_ptr_nonnull(top);
	if (!certtool || !built_with_tls()) {
		g_rmdir(top);
		g_clear_pointer(&top, g_free);
		return;
	}
	ck_assert(run("tests/tls-certs.sh %s/a host.example", top));
	ck_assert(run("tests/tls-certs.sh %s/b host.example", top));
	ck_assert(run("mkdir %s/bare %s/broken", top, top));
	ck_assert(run("cp %s/a/ca-cert.pem %s/bare", top, top));
	put("broken", "ca-cert.pem", "nothing of the kind\n");
	put("a", "keys.psk", "joanna:00ff\nqemu:0123456789abcdef0123456789abcdef\n");
	put("b", "keys.psk", "qemu:fedcba9876543210fedcba9876543210\n");
}

static void clear_up(void)
{
	if (top)
		run("rm -rf %s", top);
	g_clear_pointer(&top, g_free);
}

Suite *suite_tls(void)
{
	Suite *s = suite_create("tls");
	TCase *t = tcase_create("channels");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, set_up, clear_up);
	tcase_add_loop_test(t, who_is_taken_for_whom, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(t, missing_or_broken_files_are_named);
	suite_add_tcase(s, t);
	return s;
}
