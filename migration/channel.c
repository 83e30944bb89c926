#define _GNU_SOURCE
#include "migration/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/stream.h"

#define HEAD_LEN 8 /* tag, length */
#define LIMIT_MS 30000
#define DRAIN_MS 2000

struct Channel {
	int in, out, wake;   /* wake: an eventfd, readable once something wants a look */
	int limit;	     /* ms */
	const ChannelIo *io; /* or NULL */
	void *io_opaque;
	bool greeted; /* its handshake is over */
	char *error;
	atomic_bool cancelled;
	_Atomic(char *) broken; /* why */
	bool both_speak;
	bool local;    /* a unix socket, with bytes of which descriptors may come */
	int fd;	       /* that came with the message under way, or -1 */
	bool fds_many; /* more than that one came */
	bool ahead;    /* a byte was read before its time */
	uint8_t ahead_byte;
	_Atomic uint64_t bytes;
	uint64_t (*elsewhere)(const void *opaque); /* or NULL */
	const void *elsewhere_opaque;
	uint8_t *buf;
	size_t room;
};

static bool is_unix_socket(int fd)
{
	socklen_t len = sizeof(int);
	int domain, type;

	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) && domain == AF_UNIX &&
	       type == SOCK_STREAM;
}

Channel *channel_new(int in_fd, int out_fd)
{
	Channel *c = g_new0(Channel, 1);

	c->in = in_fd;
	c->out = out_fd;
	c->limit = LIMIT_MS;
	c->local = is_unix_socket(in_fd);
	c->fd = -1;
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (unsigned i = 0; i < 2; i++) {
		int fd = i ? out_fd : in_fd;

		if (fd >= 0)
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	}
	return c;
}

void channel_free(Channel *c)
{
	if (!c)
		return;
	if (c->io)
		c->io->free(c->io_opaque);
	if (c->out >= 0 && c->out != c->in)
		close(c->out);
	if (c->in >= 0)
		close(c->in);
	if (c->wake >= 0)
		close(c->wake);
	if (c->fd >= 0)
		close(c->fd);
	g_free(atomic_load(&c->broken));
	g_free(c->buf);
	g_free(c->error);
	g_free(c);
}

void channel_set_io(Channel *c, const ChannelIo *io, void *opaque)
{
	c->io = io;
	c->io_opaque = opaque;
}

bool channel_two_way(const Channel *c)
{
	return c->in >= 0 && c->out >= 0;
}

bool channel_passes_fd(const Channel *c)
{
	return c->local && c->in == c->out && !c->io;
}

void channel_set_limit(Channel *c, unsigned ms)
{
	c->limit = (int)MIN(ms, (unsigned)INT32_MAX);
}

void channel_count_too(Channel *c, uint64_t (*bytes)(const void *opaque), const void *opaque)
{
	c->elsewhere = bytes;
	c->elsewhere_opaque = opaque;
}

unsigned channel_limit(const Channel *c)
{
	return (unsigned)c->limit;
}

void channel_poke(Channel *c)
{
	const uint64_t one = 1;
	ssize_t n = write(c->wake, &one, sizeof(one));

	(void)n; /* full: it is readable already */
}

void channel_cancel(Channel *c)
{
	atomic_store(&c->cancelled, true);
	channel_poke(c);
}

void channel_break(Channel *c, const char *fmt, ...)
{
	char *none = NULL, *text;
	va_list ap;

	va_start(ap, fmt);
	text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	if (!atomic_compare_exchange_strong(&c->broken, &none, text))
		g_free(text);
	channel_poke(c);
}

bool channel_cancelled(const Channel *c)
{
	return atomic_load(&c->cancelled);
}

bool channel_fail(Channel *c, const char *fmt, ...)
{
	va_list ap;

	if (c->error)
		return false;
	if (channel_cancelled(c)) {
		c->error = g_strdup("cancelled");
		return false;
	}
	if (atomic_load(&c->broken)) {
		c->error = g_strdup(atomic_load(&c->broken));
		return false;
	}
	va_start(ap, fmt);
	c->error = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	return false;
}

const char *channel_error(const Channel *c)
{
	return c->error;
}

uint64_t channel_bytes(const Channel *c)
{
	return atomic_load(&c->bytes);
}

/* Has somebody ended it?  Then it fails.  To be called when `wake` is readable. */
static bool ended(Channel *c)
{
	uint64_t n;

	/* Cancelled: stays readable, for nothing is to wait any more. */
	if (!channel_cancelled(c) && read(c->wake, &n, sizeof(n)) < 0)
		n = 0;
	if (channel_cancelled(c) || atomic_load(&c->broken)) {
		channel_fail(c, "cancelled");
		return true;
	}
	return false;
}

bool channel_pause(Channel *c, unsigned ms)
{
	struct pollfd p = { .fd = c->wake, .events = POLLIN };

	return !c->error && (poll(&p, 1, (int)MIN(ms, 60000)) <= 0 || !ended(c));
}

/* Waits until fd can be used, at most ms. */
static bool wait_for(Channel *c, int fd, short what, int ms)
{
	struct pollfd p[2] = { { .fd = fd, .events = what }, { .fd = c->wake, .events = POLLIN } };
	uint64_t before = c->elsewhere ? c->elsewhere(c->elsewhere_opaque) : 0, now = before;
	int n;

	for (;;) {
		before = now;
		n = poll(p, 2, ms);
		if (n < 0 && errno != EINTR)
			return channel_fail(c, "waiting: %s", g_strerror(errno));
		if (n > 0 && p[1].revents && ended(c))
			return false;
		if (n > 0 && p[0].revents)
			return true;
		if (!n && c->elsewhere)
			now = c->elsewhere(c->elsewhere_opaque);
		if (!n && now == before)
			return channel_fail(c, "the other side has not moved for %d s", ms / 1000);
	}
}

/* Of a read or write that has failed, errno being set. */
static const char *why(const Channel *c)
{
	return c->io && errno == EPROTO ? c->io->error(c->io_opaque) : g_strerror(errno);
}

static void keep_fd(Channel *c, int fd)
{
	if (c->fd < 0 && !c->fds_many) {
		c->fd = fd;
		return;
	}
	c->fds_many = true;
	close(fd);
}

/* One descriptor is kept; of others, which the host has made ours already, none may leak. */
static ssize_t read_with_fds(Channel *c, void *p, size_t n)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = p, .iov_len = n };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	ssize_t k = recvmsg(c->in, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *h;

	for (h = k < 0 ? NULL : CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= h->cmsg_len; at += sizeof(int)) {
			int fd;

			memcpy(&fd, (const char *)h + at, sizeof(fd));
			keep_fd(c, fd);
		}
	}
	if (k >= 0 && m.msg_flags & MSG_CTRUNC)
		c->fds_many = true;
	return k;
}

static ssize_t raw_read(Channel *c, void *p, size_t n)
{
	if (c->io)
		return c->io->read(c->io_opaque, p, n);
	return c->local ? read_with_fds(c, p, n) : read(c->in, p, n);
}

static ssize_t raw_write(Channel *c, const void *p, size_t n)
{
	return c->io ? c->io->write(c->io_opaque, p, n) : write(c->out, p, n);
}

bool channel_handshake(Channel *c)
{
	int what;

	if (!c->io || c->error)
		return !c->error;
	while ((what = c->io->handshake(c->io_opaque)) > 0)
		if (!wait_for(c, what == POLLIN ? c->in : c->out, (short)what, c->limit))
			return false;
	c->greeted = !what;
	return !what || channel_fail(c, "%s", c->io->error(c->io_opaque));
}

/* Did the other side say why it has gone?  Its word is better than what we see of it. */
static bool last_word(Channel *c);

/* With the first of the bytes goes a descriptor, unless it is -1. */
static ssize_t write_with_fd(Channel *c, const void *p, size_t n, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	if (fd < 0)
		return raw_write(c, p, n);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	return sendmsg(c->out, &m, MSG_NOSIGNAL);
}

static bool put_fd(Channel *c, const void *p, size_t n, int fd)
{
	const uint8_t *at = p;

	while (n) {
		ssize_t k;

		if (channel_cancelled(c))
			return channel_fail(c, "cancelled");
		k = write_with_fd(c, at, n, fd);
		if (k < 0 && errno == EAGAIN) {
			if (!wait_for(c, c->out, POLLOUT, c->limit))
				return false;
			continue;
		}
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			g_autofree char *text = g_strdup(k < 0 ? why(c) : g_strerror(EPIPE));

			return last_word(c) || channel_fail(c, "sending: %s", text);
		}
		at += k;
		n -= (size_t)k;
		fd = -1;
		atomic_fetch_add_explicit(&c->bytes, (uint64_t)k, memory_order_relaxed);
	}
	return true;
}

static bool put(Channel *c, const void *p, size_t n)
{
	return put_fd(c, p, n, -1);
}

/* Up to n bytes, at least one; 0: the channel has failed. */
static size_t get_some(Channel *c, void *p, size_t n, int ms)
{
	if (c->ahead) {
		c->ahead = false;
		*(uint8_t *)p = c->ahead_byte;
		return 1;
	}
	for (;;) {
		ssize_t k = raw_read(c, p, n);

		if (k > 0) {
			atomic_fetch_add_explicit(&c->bytes, (uint64_t)k, memory_order_relaxed);
			return (size_t)k;
		}
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno != EAGAIN)
			return channel_fail(c, "receiving: %s", why(c));
		if (!k)
			return channel_fail(c, "the other side has closed the connection");
		if (!wait_for(c, c->in, POLLIN, ms))
			return 0;
	}
}

static bool get(Channel *c, void *p, size_t n)
{
	uint8_t *at = p;

	while (n) {
		size_t k = get_some(c, at, n, c->limit);

		if (!k)
			return false;
		at += k;
		n -= k;
	}
	return true;
}

bool channel_wait(Channel *c)
{
	if (c->error)
		return false;
	if (!c->ahead)
		c->ahead = get_some(c, &c->ahead_byte, 1, -1);
	return c->ahead;
}

/* Is there something to receive, be it the end? */
static bool arrived(Channel *c)
{
	struct pollfd p = { .fd = c->in, .events = POLLIN };
	ssize_t k;

	if (c->in < 0 || c->ahead)
		return c->ahead;
	if (!c->io)
		return poll(&p, 1, 0) > 0;
	/* What the descriptor has may be of no concern to us, and what concerns us be out of it. */
	k = raw_read(c, &c->ahead_byte, 1);
	if (k < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (k <= 0)
		channel_fail(c, "%s", k ? why(c) : "the other side has closed the connection");
	c->ahead = k > 0;
	return true;
}

/* The other side speaks while we do: it can only be that it gives up. */
static bool interrupted(Channel *c)
{
	Message msg;

	if (!arrived(c))
		return false;
	if (channel_receive(c, &msg))
		channel_fail(c, "message %08x out of turn", msg.tag);
	return true;
}

static bool last_word(Channel *c)
{
	interrupted(c);
	return false;
}

bool channel_idle(Channel *c, unsigned ms)
{
	struct pollfd p[2] = { { .fd = c->in, .events = POLLIN },
			       { .fd = c->wake, .events = POLLIN } };

	if (c->error || interrupted(c))
		return false;
	if (poll(p, 2, (int)MIN(ms, 60000)) > 0 && p[1].revents && ended(c))
		return false;
	return !interrupted(c);
}

static bool dead(Channel *c)
{
	if (!c->error && atomic_load(&c->broken))
		channel_fail(c, "broken");
	return c->error;
}

static bool send_message(Channel *c, uint32_t tag, const void *a, size_t na, const void *b,
			 size_t nb, int fd)
{
	uint8_t head[HEAD_LEN], sum[4];

	if (dead(c) || (!c->both_speak && interrupted(c)))
		return false;
	if (c->out < 0 || na + nb > CHANNEL_MAX)
		return channel_fail(c, "a message that cannot be sent");
	st32_be(head, tag);
	st32_be(head + 4, (uint32_t)(na + nb));
	st32_be(sum, crc32c(crc32c(crc32c(0, head, sizeof(head)), a, na), b, nb));
	return put_fd(c, head, sizeof(head), fd) && put(c, a, na) && put(c, b, nb) &&
	       put(c, sum, sizeof(sum));
}

bool channel_send2(Channel *c, uint32_t tag, const void *a, size_t na, const void *b, size_t nb)
{
	return send_message(c, tag, a, na, b, nb, -1);
}

bool channel_send_fd(Channel *c, const void *p, size_t n, int fd)
{
	return send_message(c, MSG_MEMORY, p, n, NULL, 0, fd);
}

void channel_both_speak(Channel *c)
{
	c->both_speak = true;
}

ChannelLook channel_look(Channel *c, int ms)
{
	struct pollfd p[2] = { { .fd = c->in, .events = POLLIN },
			       { .fd = c->wake, .events = POLLIN } };
	int n;

	if (dead(c) || arrived(c))
		return LOOK_MESSAGE;
	n = poll(p, 2, ms < 0 ? c->limit : ms);
	if (n > 0 && p[1].revents)
		return ended(c) ? LOOK_MESSAGE : LOOK_POKED;
	if (n > 0 && arrived(c))
		return LOOK_MESSAGE;
	if (n || ms >= 0)
		return LOOK_NOTHING;
	channel_fail(c, "the other side has not moved for %d s", c->limit / 1000);
	return LOOK_MESSAGE;
}

bool channel_send(Channel *c, uint32_t tag, const void *p, size_t n)
{
	return channel_send2(c, tag, p, n, NULL, 0);
}

static bool reserve(Channel *c, size_t n)
{
	uint8_t *p;

	if (n <= c->room)
		return true;
	p = g_try_realloc(c->buf, n);
	if (!p)
		return channel_fail(c, "no memory for a message of %zu bytes", n);
	c->buf = p;
	c->room = n;
	return true;
}

/* The first bytes of a record of TLS (RFC 8446, 5.1) are no tag of ours. */
static bool speaks_plainly(Channel *c, const uint8_t *head)
{
	if (head[1] != 3 || (head[0] != 0x15 && head[0] != 0x16))
		return true;
	return channel_fail(c, head[0] == 0x16
				       ? "the other side speaks TLS, and this one has no tls-creds"
				       : "the other side wants TLS, and this one has no tls-creds");
}

static void forget_fd(Channel *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->fds_many = false;
}

int channel_take_fd(Channel *c)
{
	int fd = c->fd;

	if (c->fds_many) {
		channel_fail(c, "several descriptors where one should be");
		return -1;
	}
	if (fd < 0)
		channel_fail(c, "no descriptor has come along: perhaps the socket is forwarded, "
				"then the source needs the capability ram-handover off");
	c->fd = -1;
	return fd;
}

bool channel_receive(Channel *c, Message *msg)
{
	uint8_t head[HEAD_LEN];
	uint32_t sum;

	if (!c->ahead)
		forget_fd(c);
	if (dead(c) || !get(c, head, 2) || !speaks_plainly(c, head) ||
	    !get(c, head + 2, sizeof(head) - 2))
		return false;
	msg->tag = ld32_be(head);
	msg->len = ld32_be(head + 4);
	if (msg->len > CHANNEL_MAX)
		return channel_fail(c, "a message of %u bytes: not a migration, or damaged",
				    msg->len);
	if (!reserve(c, msg->len + 4) || !get(c, c->buf, msg->len + 4))
		return false;
	msg->data = c->buf;
	sum = crc32c(crc32c(0, head, sizeof(head)), c->buf, msg->len);
	if (sum != ld32_be(c->buf + msg->len))
		return channel_fail(c, "a damaged message");
	if ((c->fd >= 0 || c->fds_many) && msg->tag != MSG_MEMORY)
		return channel_fail(c, "a descriptor with message %08x, where none belongs",
				    msg->tag);
	if (msg->tag == MSG_FAIL) {
		g_autofree char *text = g_strndup((const char *)msg->data, MIN(msg->len, 1000));

		for (char *p = text; *p; p++)
			if ((unsigned char)*p < ' ' && *p != '\n')
				*p = '?';
		return channel_fail(c, "the other side says: %s", text);
	}
	return true;
}

bool channel_expect(Channel *c, uint32_t tag, Message *msg)
{
	return channel_receive(c, msg) &&
	       (msg->tag == tag ||
		channel_fail(c, "message %08x where %08x should be", msg->tag, tag));
}

/* Once, without waiting: the other side may be long gone. */
void channel_send_failure(Channel *c)
{
	const char *text = c->error ? c->error : "unknown";
	size_t len = strlen(text), n = HEAD_LEN + len + 4;
	g_autofree uint8_t *msg = g_malloc(n);
	ssize_t k = 0;

	if (c->out < 0)
		return;
	st32_be(msg, MSG_FAIL);
	st32_be(msg + 4, (uint32_t)len);
	memcpy(msg + HEAD_LEN, text, len);
	st32_be(msg + n - 4, crc32c(0, msg, n - 4));
	if (!c->io || c->greeted)
		k = raw_write(c, msg, n);
	(void)k;
	if (c->io)
		c->io->close(c->io_opaque);
	shutdown(c->out, SHUT_WR); /* not a socket: then it is one way, and closed soon */
}

void channel_hang_up(Channel *c)
{
	shutdown(c->in, SHUT_RDWR);
}

void channel_drain(Channel *c)
{
	struct pollfd p[2] = { { .fd = c->in, .events = POLLIN },
			       { .fd = c->wake, .events = POLLIN } };
	uint8_t buf[4096];
	uint64_t pokes;
	ssize_t n;

	while (c->in >= 0 && !channel_cancelled(c) && poll(p, 2, MIN(c->limit, DRAIN_MS)) > 0) {
		if (p[1].revents && read(c->wake, &pokes, sizeof(pokes)) > 0)
			continue;
		n = read(c->in, buf, sizeof(buf));
		if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
			break;
	}
}
