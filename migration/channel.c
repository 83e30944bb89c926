#include "migration/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/stream.h"

#define HEAD_LEN 8 /* tag, length */
#define LIMIT_MS 30000
#define DRAIN_MS 2000

struct Channel {
	int in, out, wake; /* wake: an eventfd, readable once cancelled */
	int limit;	   /* ms */
	char *error;
	atomic_bool cancelled;
	_Atomic uint64_t bytes;
	uint8_t *buf;
	size_t room;
};

Channel *channel_new(int in_fd, int out_fd)
{
	Channel *c = g_new0(Channel, 1);

	c->in = in_fd;
	c->out = out_fd;
	c->limit = LIMIT_MS;
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
	if (c->out >= 0 && c->out != c->in)
		close(c->out);
	if (c->in >= 0)
		close(c->in);
	if (c->wake >= 0)
		close(c->wake);
	g_free(c->buf);
	g_free(c->error);
	g_free(c);
}

bool channel_two_way(const Channel *c)
{
	return c->in >= 0 && c->out >= 0;
}

void channel_set_limit(Channel *c, unsigned ms)
{
	c->limit = (int)MIN(ms, (unsigned)INT32_MAX);
}

void channel_cancel(Channel *c)
{
	const uint64_t one = 1;
	ssize_t n;

	atomic_store(&c->cancelled, true);
	n = write(c->wake, &one, sizeof(one));
	(void)n; /* full: it is readable already */
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

void channel_pause(Channel *c, unsigned ms)
{
	struct pollfd p = { .fd = c->wake, .events = POLLIN };

	poll(&p, 1, (int)MIN(ms, 60000));
}

/* Waits until fd can be used, bounded by the limit. */
static bool wait_for(Channel *c, int fd, short what)
{
	struct pollfd p[2] = { { .fd = fd, .events = what }, { .fd = c->wake, .events = POLLIN } };
	int n;

	do
		n = poll(p, 2, c->limit);
	while (n < 0 && errno == EINTR);
	if (channel_cancelled(c))
		return channel_fail(c, "cancelled");
	if (n < 0)
		return channel_fail(c, "waiting: %s", g_strerror(errno));
	return n > 0 || channel_fail(c, "the other side has not moved for %d s", c->limit / 1000);
}

static bool put(Channel *c, const void *p, size_t n)
{
	const uint8_t *at = p;

	while (n) {
		ssize_t k;

		if (channel_cancelled(c))
			return channel_fail(c, "cancelled");
		k = write(c->out, at, n);
		if (k < 0 && errno == EAGAIN) {
			if (!wait_for(c, c->out, POLLOUT))
				return false;
			continue;
		}
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return channel_fail(c, "sending: %s", g_strerror(k < 0 ? errno : EPIPE));
		at += k;
		n -= (size_t)k;
		atomic_fetch_add_explicit(&c->bytes, (uint64_t)k, memory_order_relaxed);
	}
	return true;
}

static bool get(Channel *c, void *p, size_t n)
{
	uint8_t *at = p;

	while (n) {
		ssize_t k = read(c->in, at, n);

		if (k < 0 && errno == EAGAIN) {
			if (!wait_for(c, c->in, POLLIN))
				return false;
			continue;
		}
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return channel_fail(c, "receiving: %s", g_strerror(errno));
		if (!k)
			return channel_fail(c, "the other side has closed the connection");
		at += k;
		n -= (size_t)k;
		atomic_fetch_add_explicit(&c->bytes, (uint64_t)k, memory_order_relaxed);
	}
	return true;
}

/* The other side speaks while we do: it can only be that it gives up. */
static bool interrupted(Channel *c)
{
	struct pollfd p = { .fd = c->in, .events = POLLIN };
	Message msg;

	if (c->in < 0 || poll(&p, 1, 0) <= 0)
		return false;
	if (channel_receive(c, &msg))
		channel_fail(c, "message %08x out of turn", msg.tag);
	return true;
}

bool channel_send2(Channel *c, uint32_t tag, const void *a, size_t na, const void *b, size_t nb)
{
	uint8_t head[HEAD_LEN], sum[4];

	if (c->error)
		return false;
	if (interrupted(c))
		return false;
	if (c->out < 0 || na + nb > CHANNEL_MAX)
		return channel_fail(c, "a message that cannot be sent");
	st32_be(head, tag);
	st32_be(head + 4, (uint32_t)(na + nb));
	st32_be(sum, crc32c(crc32c(crc32c(0, head, sizeof(head)), a, na), b, nb));
	return put(c, head, sizeof(head)) && put(c, a, na) && put(c, b, nb) &&
	       put(c, sum, sizeof(sum));
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

bool channel_receive(Channel *c, Message *msg)
{
	uint8_t head[HEAD_LEN];
	uint32_t sum;

	if (c->error)
		return false;
	if (!get(c, head, sizeof(head)))
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
	uint8_t head[HEAD_LEN], sum[4];
	struct iovec v[3];
	ssize_t n;

	if (c->out < 0)
		return;
	st32_be(head, MSG_FAIL);
	st32_be(head + 4, (uint32_t)strlen(text));
	st32_be(sum, crc32c(crc32c(0, head, sizeof(head)), text, strlen(text)));
	v[0] = (struct iovec){ head, sizeof(head) };
	v[1] = (struct iovec){ (void *)(uintptr_t)text, strlen(text) };
	v[2] = (struct iovec){ sum, sizeof(sum) };
	n = writev(c->out, v, 3);
	(void)n;
	shutdown(c->out, SHUT_WR); /* not a socket: then it is one way, and closed soon */
}

void channel_drain(Channel *c)
{
	struct pollfd p[2] = { { .fd = c->in, .events = POLLIN },
			       { .fd = c->wake, .events = POLLIN } };
	uint8_t buf[4096];
	ssize_t n;

	while (c->in >= 0 && !channel_cancelled(c) && poll(p, 2, MIN(c->limit, DRAIN_MS)) > 0) {
		n = read(c->in, buf, sizeof(buf));
		if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
			break;
	}
}
