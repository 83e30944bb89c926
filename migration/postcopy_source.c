/*
 * The source's part of postcopy: a machine that stands, whose pages go in order of address
 * until somebody asks for one; from there it goes on, for who reads a page reads its
 * neighbours next.
 */
#include <stdatomic.h>
#include <string.h>
#include "base/bits.h"
#include "migration/hello.h"
#include "migration/pages.h"
#include "migration/postcopy.h"

#define RUN 16	   /* pages of a message, so that a page asked for does not wait long behind */
#define QUEUE 1024 /* requests that are kept; what is more comes in its turn */
#define NS_PER_MS 1000000

struct Giver {
	Machine *m;
	uint8_t *left;
	uint64_t pages; /* of RAM */
	uint64_t id;
	uint64_t next; /* where to go on */
	PageBuf buf;
	uint64_t queue[QUEUE];
	unsigned first, queued;
	bool whole;
	int64_t free_at; /* host's clock, ns: when the bandwidth allows the next */
	_Atomic uint64_t nleft, asked, bandwidth;
};

static bool is_left(const Giver *g, uint64_t n)
{
	return g->left[n >> 3] >> (n & 7) & 1;
}

static void count_left(Giver *g)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < (g->pages + 7) / 8; i++)
		n += (uint64_t)__builtin_popcount(g->left[i]);
	atomic_store(&g->nleft, n);
}

Giver *giver_new(Machine *m, uint8_t *left)
{
	Giver *g = g_new0(Giver, 1);

	g->m = m;
	g->left = left;
	g->pages = m->ram->size >> RAM_PAGE_SHIFT;
	g->id = (uint64_t)g_random_int() << 32 | g_random_int();
	if (g->pages % 8) /* who set them all set more than there are */
		left[g->pages >> 3] &= (uint8_t)((1u << g->pages % 8) - 1);
	pagebuf_init(&g->buf);
	count_left(g);
	return g;
}

void giver_free(Giver *g)
{
	if (!g)
		return;
	pagebuf_clear(&g->buf);
	g_free(g);
}

void giver_set_bandwidth(Giver *g, uint64_t bytes_per_s)
{
	atomic_store(&g->bandwidth, bytes_per_s);
}

uint64_t giver_left(const Giver *g)
{
	return atomic_load(&g->nleft);
}

uint64_t giver_asked(const Giver *g)
{
	return atomic_load(&g->asked);
}

bool giver_announce(Giver *g, Channel *c)
{
	uint8_t b[8];

	st64_be(b, g->id);
	return channel_send(c, MSG_POSTCOPY, b, sizeof(b)) && pagelist_send(c, g->left, g->pages);
}

static int64_t host_ns(const Giver *g)
{
	const HostClock *h = vclock_host(g->m->clock);

	return h->mono(h->opaque);
}

/* ms until what nobody asked for may go. */
static int must_rest(const Giver *g)
{
	int64_t due = atomic_load(&g->bandwidth) ? g->free_at - host_ns(g) : 0;

	return due > NS_PER_MS ? (int)MIN(due / NS_PER_MS, 1000) : 0;
}

/* The page n, which is left, and some of those behind it. */
static bool send_from(Giver *g, Channel *c, uint64_t n)
{
	uint64_t limit = atomic_load(&g->bandwidth), before = channel_bytes(c);
	uint32_t run = 1, sent;
	int64_t now;

	while (run < RUN && n + run < g->pages && is_left(g, n + run))
		run++;
	sent = pages_send(&g->buf, c, g->m->ram, n, run);
	if (!sent)
		return false;
	for (uint32_t i = 0; i < sent; i++)
		g->left[(n + i) >> 3] &= (uint8_t) ~(1u << ((n + i) & 7));
	atomic_fetch_sub(&g->nleft, sent);
	g->next = n + sent;
	if (limit) {
		now = host_ns(g);
		g->free_at = MAX(g->free_at, now - NS_PER_MS) +
			     (int64_t)muldiv64(channel_bytes(c) - before, 1000000000, limit);
	}
	return true;
}

/* The next in order of address; there is one. */
static uint64_t next_left(Giver *g)
{
	for (;; g->next++) {
		if (g->next >= g->pages)
			g->next = 0;
		if (!(g->next & 7) && !g->left[g->next >> 3])
			g->next += 7;
		else if (is_left(g, g->next))
			return g->next;
	}
}

static bool take_request(Giver *g, Channel *c, const Message *msg)
{
	if (!msg->len || msg->len % 8)
		return channel_fail(c, "a request for pages of the wrong length");
	for (uint32_t i = 0; i < msg->len; i += 8) {
		uint64_t n = ld64_be(msg->data + i);

		if (n >= g->pages)
			return channel_fail(c, "a request for a page that is not in RAM");
		atomic_fetch_add(&g->asked, 1);
		if (is_left(g, n) && g->queued < QUEUE)
			g->queue[(g->first + g->queued++) % QUEUE] = n;
	}
	return true;
}

static bool hear(Giver *g, Channel *c)
{
	Message msg;

	if (!channel_receive(c, &msg))
		return false;
	switch (msg.tag) {
	case MSG_WANT: return take_request(g, c, &msg);
	case MSG_WHOLE:
		if (giver_left(g))
			return channel_fail(c,
					    "the other side says it has pages that have not gone");
		g->whole = true;
		return true;
	default: return channel_fail(c, "message %08x: not known here", msg.tag);
	}
}

/* A page that was asked for, or -1. */
static int64_t take_queued(Giver *g)
{
	while (g->queued) {
		uint64_t n = g->queue[g->first];

		g->first = (g->first + 1) % QUEUE;
		g->queued--;
		if (is_left(g, n))
			return (int64_t)n;
	}
	return -1;
}

bool giver_serve(Giver *g, Channel *c)
{
	channel_both_speak(c);
	g->first = g->queued = 0;
	while (!g->whole) {
		int64_t asked = take_queued(g);
		int rest;

		if (asked >= 0) {
			if (!send_from(g, c, (uint64_t)asked))
				return false;
			rest = 0;
		} else if (!giver_left(g)) {
			rest = -1;
		} else {
			rest = must_rest(g);
			if (!rest && !send_from(g, c, next_left(g)))
				return false;
		}
		if (channel_look(c, rest) == LOOK_MESSAGE && !hear(g, c))
			return false;
	}
	return true;
}

bool giver_recover(Giver *g, Channel *c)
{
	uint8_t b[12];
	Message msg;

	st32_be(b, STREAM_VERSION);
	st64_be(b + 4, g->id);
	if (!channel_handshake(c) || !channel_send(c, MSG_RECOVER, b, sizeof(b)))
		return false;
	memset(g->left, 0, (g->pages + 7) / 8);
	for (;;) {
		if (!channel_receive(c, &msg))
			break;
		if (msg.tag == MSG_OKAY) {
			count_left(g);
			return true;
		}
		if (msg.tag != MSG_LEFT) {
			channel_fail(c, "message %08x: not known here", msg.tag);
			break;
		}
		if (!pagelist_take(c, &msg, g->left, g->pages))
			break;
	}
	/* What is missing there is not known until the next time. */
	count_left(g);
	return false;
}
