/*
 * The common part of the character back ends.
 *
 * Input is read only as far as the front end has room, so a guest that does
 * not read leaves bytes with the sender.  Output is written at once where
 * that works, else queued; a front end is never made to wait.
 */
#include "host/char_base.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"

enum { READ_MAX = 4096, DRAIN_TURNS = 10, DRAIN_MS = 100 };

size_t host_char_room(HostChar *h)
{
	const CharFront *f = &h->base.front;

	if (!f->read || h->closed)
		return 0;
	return f->can_read ? f->can_read(f->opaque) : READ_MAX;
}

void host_char_event(HostChar *h, CharEvent ev)
{
	if (h->base.front.event && !h->closed)
		h->base.front.event(h->base.front.opaque, ev);
}

static guint queued(const HostChar *h)
{
	return h->queue->len - h->queue_head;
}

static void queue_clear(HostChar *h)
{
	g_byte_array_set_size(h->queue, 0);
	h->queue_head = 0;
}

/* Appends, dropping the oldest bytes beyond the bound. */
static void queue_put(HostChar *h, const uint8_t *buf, size_t len)
{
	if (len > CHAR_QUEUE_MAX) {
		h->dropped += len - CHAR_QUEUE_MAX;
		buf += len - CHAR_QUEUE_MAX;
		len = CHAR_QUEUE_MAX;
	}
	if (queued(h) + len > CHAR_QUEUE_MAX) {
		guint over = queued(h) + (guint)len - CHAR_QUEUE_MAX;

		h->queue_head += over;
		h->dropped += over;
	}
	if (h->queue_head > CHAR_QUEUE_MAX / 2) {
		g_byte_array_remove_range(h->queue, 0, h->queue_head);
		h->queue_head = 0;
	}
	g_byte_array_append(h->queue, buf, (guint)len);
}

static void out_failed(HostChar *h, int err)
{
	queue_clear(h);
	if (h->socket) {
		/* The reading side sees the end and hangs up in the loop's thread. */
		h->broken = true;
		shutdown(h->out_fd, SHUT_RDWR);
		h->base.ops->accept(&h->base);
		return;
	}
	h->mute = true;
	log_warn("%s: %s: %s; its output is dropped from here on", h->base.name, h->desc,
		 g_strerror(err));
}

static bool out_gone(const HostChar *h)
{
	return h->out_fd < 0 || h->broken || h->mute || h->closed;
}

/* Bytes taken by the outside: 0 when it takes none now or never again. */
static size_t out_some(HostChar *h, const uint8_t *buf, size_t len)
{
	size_t done = 0;

	while (done < len && !out_gone(h)) {
		ssize_t n = h->socket ? send(h->out_fd, buf + done, len - done,
					     MSG_DONTWAIT | MSG_NOSIGNAL)
				      : write(h->out_fd, buf + done, len - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else {
			if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
				out_failed(h, errno);
			break;
		}
	}
	return done;
}

static void queue_flush(HostChar *h)
{
	h->queue_head += (guint)out_some(h, h->queue->data + h->queue_head, queued(h));
	if (!queued(h) || out_gone(h))
		queue_clear(h);
}

static bool out_ready(int fd, GIOCondition cond, void *opaque)
{
	HostChar *h = opaque;

	(void)fd, (void)cond;
	queue_flush(h);
	if (queued(h))
		return true;
	h->out_watch = 0;
	return false;
}

void host_char_put(HostChar *h, const uint8_t *buf, size_t len)
{
	if (out_gone(h))
		return;
	if (!queued(h)) {
		size_t n = out_some(h, buf, len);

		buf += n;
		len -= n;
	}
	if (!len || out_gone(h))
		return;
	queue_put(h, buf, len);
	if (!h->out_watch)
		h->out_watch = loop_watch(h->loop, h->out_fd, G_IO_OUT | G_IO_ERR, out_ready, h);
}

static void unwatch(HostChar *h, guint *id)
{
	guint old = *id;

	*id = 0;
	if (old && h->loop)
		loop_unwatch(h->loop, old);
}

static bool in_ready(int fd, GIOCondition cond, void *opaque)
{
	HostChar *h = opaque;
	uint8_t buf[READ_MAX];
	size_t room = h->broken ? sizeof(buf) : host_char_room(h);
	ssize_t n;

	(void)cond;
	if (!room) {
		h->in_watch = 0;
		return false;
	}
	n = read(fd, buf, MIN(room, sizeof(buf)));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0 || h->broken) {
		h->in_watch = 0;
		h->kind->hangup(h);
		return false;
	}
	room = (size_t)n;
	if (h->kind->decode)
		room = h->kind->decode(h, buf, room);
	if (room)
		h->base.front.read(h->base.front.opaque, buf, room);
	/* The front end may have closed us (quit): then the watch is gone already. */
	return h->in_watch != 0;
}

static void host_accept(Chardev *c)
{
	HostChar *h = (HostChar *)c;

	if (h->closed)
		return;
	if (h->kind->accept)
		h->kind->accept(h);
	if (h->open && !h->told && c->front.event) {
		h->told = true;
		host_char_event(h, CHAR_OPENED);
	}
	if (h->in_fd >= 0 && !h->in_watch && (h->broken || host_char_room(h)))
		h->in_watch = loop_watch(h->loop, h->in_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, in_ready,
					 h);
}

static void host_write(Chardev *c, const uint8_t *buf, size_t len)
{
	HostChar *h = (HostChar *)c;

	if (h->closed)
		return;
	if (h->kind->write)
		h->kind->write(h, buf, len);
	else
		host_char_put(h, buf, len);
}

static void host_destroy(Chardev *c)
{
	HostChar *h = (HostChar *)c;

	char_close(c);
	if (h->kind->free)
		h->kind->free(h);
	g_byte_array_unref(h->queue);
	g_free(h->desc);
	g_free(c->name);
	g_free(h);
}

const CharOps host_char_ops = {
	.write = host_write,
	.accept = host_accept,
	.destroy = host_destroy,
};

void host_char_init(HostChar *h, const HostCharKind *kind, const char *name, Loop *l)
{
	h->base.ops = &host_char_ops;
	h->base.name = g_strdup(name);
	h->kind = kind;
	h->loop = l;
	h->in_fd = h->out_fd = -1;
	h->queue = g_byte_array_new();
}

void host_char_open(HostChar *h, int in_fd, int out_fd, bool is_socket)
{
	h->in_fd = in_fd;
	h->out_fd = out_fd;
	h->socket = is_socket;
	h->broken = false;
	h->open = true;
	h->told = false;
	host_accept(&h->base);
}

static void close_fds(HostChar *h)
{
	unwatch(h, &h->in_watch);
	unwatch(h, &h->out_watch);
	queue_clear(h);
	if (h->out_fd >= 0 && h->out_fd != h->in_fd)
		close(h->out_fd);
	if (h->in_fd >= 0)
		close(h->in_fd);
	h->in_fd = h->out_fd = -1;
}

void host_char_disconnect(HostChar *h)
{
	bool was_open = h->open;

	close_fds(h);
	h->open = h->told = h->broken = h->mute = false;
	if (was_open)
		host_char_event(h, CHAR_CLOSED);
}

void char_close(Chardev *c)
{
	HostChar *h = (HostChar *)c;

	if (!c || h->closed)
		return;
	for (int i = 0; i < DRAIN_TURNS && h->out_fd >= 0 && queued(h); i++) {
		struct pollfd p = { .fd = h->out_fd, .events = POLLOUT };

		poll(&p, 1, DRAIN_MS);
		queue_flush(h);
	}
	memset(&c->front, 0, sizeof(c->front));
	h->closed = true;
	close_fds(h);
	if (h->kind->close)
		h->kind->close(h);
}

void char_forget_loop(Chardev *c)
{
	HostChar *h = (HostChar *)c;

	h->loop = NULL;
	if (h->kind->forget_loop)
		h->kind->forget_loop(h);
}

void char_free(Chardev *c)
{
	if (c)
		c->ops->destroy(c);
}

const char *char_describe(const Chardev *c)
{
	return ((const HostChar *)c)->desc;
}

uint64_t char_dropped(const Chardev *c)
{
	return ((const HostChar *)c)->dropped;
}
