#define _GNU_SOURCE
#include "host/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/err.h"

#define CONNECT_MS 10000
#define BACKLOG 64

typedef enum StreamKind { KIND_TCP, KIND_UNIX, KIND_FD, KIND_EXEC, KIND_FILE } StreamKind;

static const char *const prefixes[] = {
	[KIND_TCP] = "tcp:",   [KIND_UNIX] = "unix:", [KIND_FD] = "fd:",
	[KIND_EXEC] = "exec:", [KIND_FILE] = "file:",
};

/* The kind, and what is behind its colon; -1 and err. */
static int kind_of(const char *uri, const char **rest, GError **err)
{
	for (int k = 0; k <= KIND_FILE; k++) {
		*rest = uri + strlen(prefixes[k]);
		if (!g_str_has_prefix(uri, prefixes[k]))
			continue;
		if (**rest)
			return k;
		fail(err, "%s: nothing behind the colon", uri);
		return -1;
	}
	fail(err, "%s: neither tcp:HOST:PORT, unix:PATH, fd:N, exec:COMMAND nor file:PATH", uri);
	return -1;
}

/* "host:port", "[::1]:port", ":port". */
static bool split_host(const char *text, char **host, char **port, GError **err)
{
	const char *colon = strrchr(text, ':');
	size_t n;

	if (!colon || !colon[1])
		return fail(err, "tcp:%s: there is no port", text);
	n = (size_t)(colon - text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']')
		*host = g_strndup(text + 1, n - 2);
	else
		*host = g_strndup(text, n);
	*port = g_strdup(colon + 1);
	return true;
}

static bool unix_address(const char *path, struct sockaddr_un *sa, GError **err)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sa->sun_path))
		return fail(err, "unix:%s: the path is too long for a socket", path);
	memcpy(sa->sun_path, path, strlen(path));
	return true;
}

static bool parse_fd(const char *text, int *fd, GError **err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 0 || n > 1 << 20 || fcntl((int)n, F_GETFD) < 0)
		return fail(err, "fd:%s: not an open descriptor", text);
	*fd = (int)n;
	return true;
}

bool stream_check(const char *uri, GError **err)
{
	g_autofree char *host = NULL, *port = NULL;
	struct sockaddr_un sa;
	const char *rest;
	int fd;

	switch (kind_of(uri, &rest, err)) {
	case KIND_TCP: return split_host(rest, &host, &port, err);
	case KIND_UNIX: return unix_address(rest, &sa, err);
	case KIND_FD: return parse_fd(rest, &fd, err);
	case KIND_EXEC:
	case KIND_FILE: return true;
	default: return false;
	}
}

bool stream_many(const char *uri)
{
	return g_str_has_prefix(uri, prefixes[KIND_TCP]) ||
	       g_str_has_prefix(uri, prefixes[KIND_UNIX]);
}

char *stream_host(const char *uri)
{
	g_autofree char *port = NULL;
	char *host = NULL;

	if (!g_str_has_prefix(uri, prefixes[KIND_TCP]) ||
	    !split_host(uri + strlen(prefixes[KIND_TCP]), &host, &port, NULL))
		return NULL;
	if (!*host)
		g_clear_pointer(&host, g_free);
	return host;
}

/* ------------------------------------------------------------ connecting */

/* Waits for a connection that was begun without waiting. */
static bool connected(int fd, GError **err)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int e = ETIMEDOUT;

	if (poll(&p, 1, CONNECT_MS) > 0)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len);
	return !e || fail(err, "%s", g_strerror(e));
}

static bool try_connect(int fd, const void *sa, socklen_t len, GError **err)
{
	if (!connect(fd, sa, len))
		return true;
	if (errno != EINPROGRESS)
		return fail(err, "%s", g_strerror(errno));
	return connected(fd, err);
}

static struct addrinfo *resolve(const char *host, const char *port, bool passive, GError **err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = passive ? AI_PASSIVE : 0 },
			*list = NULL;
	int e = getaddrinfo(*host ? host : NULL, port, &hints, &list);

	if (e)
		fail(err, "%s", gai_strerror(e));
	return e ? NULL : list;
}

static int connect_tcp(const char *text, GError **err)
{
	g_autofree char *host = NULL, *port = NULL;
	struct addrinfo *list, *a;
	int fd = -1, one = 1;

	if (!split_host(text, &host, &port, err))
		return -1;
	list = resolve(host, port, false, err);
	for (a = list; a && fd < 0; a = a->ai_next) {
		g_clear_error(err);
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd >= 0 && !try_connect(fd, a->ai_addr, a->ai_addrlen, err)) {
			close(fd);
			fd = -1;
		}
	}
	if (list)
		freeaddrinfo(list);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	else
		fail_in(err, "tcp:%s", text);
	return fd;
}

static int connect_unix(const char *path, GError **err)
{
	struct sockaddr_un sa;
	int fd;

	if (!unix_address(path, &sa, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return fd;
	fail(err, "unix:%s: %s", path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A shell that runs the command, with our pipe as its input or its output. */
static int run_command(const char *command, bool read_it, GError **err)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	gint fd = -1;

	if (!g_spawn_async_with_pipes(NULL, (char **)(uintptr_t)argv, NULL,
				      G_SPAWN_DEFAULT | (read_it ? 0 : G_SPAWN_STDOUT_TO_DEV_NULL),
				      NULL, NULL, NULL, read_it ? NULL : &fd, read_it ? &fd : NULL,
				      NULL, err)) {
		fail_in(err, "exec:%s", command);
		return -1;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static int open_file(const char *path, int flags, GError **err)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		fail(err, "file:%s: %s", path, g_strerror(errno));
	return fd;
}

static bool is_socket(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode);
}

bool stream_connect(const char *uri, StreamFds *fds, GError **err)
{
	const char *rest;
	int k = kind_of(uri, &rest, err);

	*fds = (StreamFds){ -1, -1 };
	switch (k) {
	case KIND_TCP: fds->in = fds->out = connect_tcp(rest, err); break;
	case KIND_UNIX: fds->in = fds->out = connect_unix(rest, err); break;
	case KIND_FD:
		if (parse_fd(rest, &fds->out, err) && is_socket(fds->out))
			fds->in = fds->out;
		break;
	case KIND_EXEC: fds->out = run_command(rest, false, err); break;
	case KIND_FILE: fds->out = open_file(rest, O_WRONLY | O_CREAT | O_TRUNC, err); break;
	default: break;
	}
	return fds->out >= 0;
}

/* ------------------------------------------------------------- listening */

struct StreamServer {
	Loop *loop;
	int fd;
	guint watch;
	char *path; /* of a unix socket, to be removed */
	void (*got)(void *opaque, const StreamFds *fds);
	void *opaque;
};

static bool on_connection(int fd, GIOCondition cond, void *opaque)
{
	StreamServer *s = opaque;
	StreamFds fds;
	int one = 1;

	(void)cond;
	fds.in = fds.out = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (fds.in < 0)
		return true;
	if (!s->path)
		setsockopt(fds.in, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	s->got(s->opaque, &fds);
	return true;
}

static int listen_tcp(const char *text, GError **err)
{
	g_autofree char *host = NULL, *port = NULL;
	struct addrinfo *list, *a;
	int fd = -1, one = 1;

	if (!split_host(text, &host, &port, err))
		return -1;
	list = resolve(host, port, true, err);
	for (a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0)
			setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (fd >= 0 && (bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, BACKLOG))) {
			if (!a->ai_next)
				fail(err, "%s", g_strerror(errno));
			close(fd);
			fd = -1;
		}
	}
	if (list)
		freeaddrinfo(list);
	if (fd < 0)
		fail_in(err, "tcp:%s", text);
	return fd;
}

static int listen_unix(const char *path, GError **err)
{
	struct sockaddr_un sa;
	struct stat st;
	int fd;

	if (!unix_address(path, &sa, err))
		return -1;
	/* A socket that a former run has left is in the way; anything else is not ours. */
	if (!stat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&sa, sizeof(sa)) && !listen(fd, BACKLOG))
		return fd;
	fail(err, "unix:%s: %s", path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

StreamServer *stream_listen(Loop *l, const char *uri,
			    void (*got)(void *opaque, const StreamFds *fds), void *opaque,
			    GError **err)
{
	StreamServer *s = g_new0(StreamServer, 1);
	StreamFds fds = { -1, -1 };
	const char *rest;

	*s = (StreamServer){ .loop = l, .fd = -1, .got = got, .opaque = opaque };
	switch (kind_of(uri, &rest, err)) {
	case KIND_TCP: s->fd = listen_tcp(rest, err); break;
	case KIND_UNIX:
		s->fd = listen_unix(rest, err);
		s->path = s->fd >= 0 ? g_strdup(rest) : NULL;
		break;
	case KIND_FD:
		if (parse_fd(rest, &fds.in, err) && is_socket(fds.in))
			fds.out = fds.in;
		break;
	case KIND_EXEC: fds.in = run_command(rest, true, err); break;
	case KIND_FILE: fds.in = open_file(rest, O_RDONLY, err); break;
	default: break;
	}
	if (s->fd >= 0)
		s->watch = loop_watch(l, s->fd, G_IO_IN, on_connection, s);
	else if (fds.in >= 0)
		got(opaque, &fds);
	if (s->fd >= 0 || fds.in >= 0)
		return s;
	stream_server_free(s);
	return NULL;
}

void stream_server_free(StreamServer *s)
{
	if (!s)
		return;
	if (s->watch)
		loop_unwatch(s->loop, s->watch);
	if (s->fd >= 0)
		close(s->fd);
	if (s->path)
		unlink(s->path);
	g_free(s->path);
	g_free(s);
}
