/*
 * A stream socket, unix or TCP, as client or as server of one client.
 *
 * A second client waits in the listen backlog until the first has gone.  If
 * the first went while its front end took no input (so we did not read its
 * end), the second one's coming makes us look.
 *
 * telnet: RFC 854 with ECHO, SUPPRESS-GO-AHEAD and BINARY announced, a break
 * taken, every other negotiation ignored (we announced all we would accept).
 * Not here: TLS, websockets, reconnecting clients.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "host/char_base.h"

enum {
	TN_SE = 240,
	TN_BREAK = 243,
	TN_SB = 250,
	TN_WILL = 251,
	TN_DO = 253,
	TN_DONT = 254,
	TN_IAC = 255
};
enum { TN_OPT_BINARY = 0, TN_OPT_ECHO = 1, TN_OPT_SGA = 3 };

typedef struct CharSock {
	HostChar h; /* first */
	int listen_fd;
	guint listen_watch;
	char *unlink_path; /* our socket file, or NULL */
	bool tcp, nodelay, telnet;
	enum { TS_DATA, TS_IAC, TS_OPTION, TS_SUB, TS_SUB_IAC } tn_state;
} CharSock;

static size_t telnet_decode(HostChar *h, uint8_t *buf, size_t len)
{
	CharSock *s = (CharSock *)h;
	size_t out = 0;

	if (!s->telnet)
		return len;
	for (size_t i = 0; i < len; i++) {
		uint8_t b = buf[i];

		switch (s->tn_state) {
		case TS_DATA:
			if (b == TN_IAC)
				s->tn_state = TS_IAC;
			else
				buf[out++] = b;
			break;
		case TS_IAC:
			s->tn_state = TS_DATA;
			if (b == TN_IAC)
				buf[out++] = b;
			else if (b == TN_BREAK)
				host_char_event(h, CHAR_BREAK);
			else if (b == TN_SB)
				s->tn_state = TS_SUB;
			else if (b >= TN_WILL && b <= TN_DONT)
				s->tn_state = TS_OPTION;
			break;
		case TS_OPTION: s->tn_state = TS_DATA; break;
		case TS_SUB:
			if (b == TN_IAC)
				s->tn_state = TS_SUB_IAC;
			break;
		case TS_SUB_IAC: s->tn_state = b == TN_SE ? TS_DATA : TS_SUB; break;
		}
	}
	return out;
}

static void sock_write(HostChar *h, const uint8_t *buf, size_t len)
{
	static const uint8_t iac = TN_IAC;

	while (((CharSock *)h)->telnet && len) {
		const uint8_t *p = memchr(buf, TN_IAC, len);
		size_t n = p ? (size_t)(p - buf) + 1 : len;

		host_char_put(h, buf, n);
		if (p)
			host_char_put(h, &iac, 1);
		buf += n;
		len -= n;
	}
	if (len)
		host_char_put(h, buf, len);
}

static void sock_use(CharSock *s, int fd)
{
	static const uint8_t hello[] = { TN_IAC,	TN_WILL,    TN_OPT_ECHO, TN_IAC,
					 TN_WILL,	TN_OPT_SGA, TN_IAC,	 TN_WILL,
					 TN_OPT_BINARY, TN_IAC,	    TN_DO,	 TN_OPT_BINARY };
	int one = 1;

	if (s->tcp && s->nodelay)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s->tn_state = TS_DATA;
	host_char_open(&s->h, fd, fd, true);
	if (s->telnet)
		host_char_put(&s->h, hello, sizeof(hello));
}

static bool listen_ready(int fd, GIOCondition cond, void *opaque)
{
	CharSock *s = opaque;
	struct pollfd old = { .fd = s->h.in_fd };

	(void)cond;
	if (s->h.in_fd >= 0) {
		poll(&old, 1, 0);
		if (!(old.revents & (POLLHUP | POLLERR))) {
			s->listen_watch = 0;
			return false;
		}
		host_char_disconnect(&s->h);
	}
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		sock_use(s, fd);
	return true;
}

static void sock_listen(CharSock *s)
{
	if (s->listen_fd >= 0 && !s->listen_watch)
		s->listen_watch = loop_watch(s->h.loop, s->listen_fd, G_IO_IN, listen_ready, s);
}

static void sock_hangup(HostChar *h)
{
	host_char_disconnect(h);
	sock_listen((CharSock *)h);
}

static void sock_close(HostChar *h)
{
	CharSock *s = (CharSock *)h;

	if (s->listen_watch && h->loop)
		loop_unwatch(h->loop, s->listen_watch);
	s->listen_watch = 0;
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	s->listen_fd = -1;
	if (s->unlink_path)
		unlink(s->unlink_path);
}

static void sock_free(HostChar *h)
{
	g_free(((CharSock *)h)->unlink_path);
}

static const HostCharKind sock_kind = {
	.hangup = sock_hangup,
	.decode = telnet_decode,
	.write = sock_write,
	.close = sock_close,
	.free = sock_free,
};

/* A server's old socket file goes; anything that is not a socket stays, and bind() says so. */
static void remove_old(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
}

static int unix_socket(const CharSocket *a, GError **err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, bad;

	if (!*a->path || strlen(a->path) >= sizeof(sa.sun_path)) {
		fail(err, "unix:%s: a socket path has 1 to %zu bytes", a->path,
		     sizeof(sa.sun_path) - 1);
		return -1;
	}
	strcpy(sa.sun_path, a->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		fail(err, "unix:%s: %s", a->path, g_strerror(errno));
		return -1;
	}
	if (a->server) {
		remove_old(a->path);
		bad = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 1);
	} else {
		bad = connect(fd, (struct sockaddr *)&sa, sizeof(sa));
	}
	if (bad) {
		fail(err, "unix:%s: %s", a->path, g_strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int tcp_try(const struct addrinfo *ai, bool server)
{
	int one = 1, saved, bad;
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol);

	if (fd < 0)
		return -1;
	if (server) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		bad = bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, 1);
	} else {
		bad = connect(fd, ai->ai_addr, ai->ai_addrlen);
	}
	if (!bad)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int tcp_socket(const CharSocket *a, GError **err)
{
	const char *host = a->host && *a->host ? a->host : NULL;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = a->server ? AI_PASSIVE : 0 };
	struct addrinfo *list;
	int fd = -1;
	int rc = getaddrinfo(host, a->port, &hints, &list);

	if (rc) {
		fail(err, "tcp:%s:%s: %s", host ? host : "", a->port, gai_strerror(rc));
		return -1;
	}
	for (const struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = tcp_try(ai, a->server);
	if (fd < 0)
		fail(err, "tcp:%s:%s: %s", host ? host : "", a->port, g_strerror(errno));
	freeaddrinfo(list);
	return fd;
}

/* Before the machine exists, so waiting here keeps nobody up; ^C ends us. */
static bool wait_client(CharSock *s, GError **err)
{
	int fd;

	log_warn("%s: waiting for a connection on %s", s->h.base.name, s->h.desc);
	do {
		fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return fail(err, "%s: %s", s->h.desc, g_strerror(errno));
	sock_use(s, fd);
	return true;
}

Chardev *char_socket_new(const char *name, Loop *l, const CharSocket *a, GError **err)
{
	CharSock *s;
	int fd = a->path ? unix_socket(a, err) : tcp_socket(a, err);

	if (fd < 0)
		return NULL;
	s = g_new0(CharSock, 1);
	host_char_init(&s->h, &sock_kind, name, l);
	s->tcp = !a->path;
	s->nodelay = a->nodelay;
	s->telnet = a->telnet;
	s->listen_fd = -1;
	s->h.desc = a->path ? g_strdup_printf("unix:%s%s", a->path, a->server ? ",server=on" : "")
			    : g_strdup_printf("%s:%s:%s%s", a->telnet ? "telnet" : "tcp",
					      a->host ? a->host : "", a->port,
					      a->server ? ",server=on" : "");
	if (!a->server) {
		sock_use(s, fd);
		return &s->h.base;
	}
	s->listen_fd = fd;
	s->unlink_path = g_strdup(a->path);
	if (a->wait && !wait_client(s, err)) {
		char_free(&s->h.base);
		return NULL;
	}
	/* accept() in the loop must not block when a client vanished meanwhile. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	sock_listen(s);
	return &s->h.base;
}
