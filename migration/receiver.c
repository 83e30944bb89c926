#include "migration/receiver.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/log.h"

/*
 * Connections beyond the channels that may be there and have not said yet who they are.  One more
 * sends the oldest of them away.
 */
#define STRANGERS 16
#define SLICE_MS 100

typedef struct Lane {
	Receiver *r;
	Channel *c;
	GThread *thread;
	PageBuf buf;
	int index;	/* -1: a stranger */
	bool evicted;	/* a stranger who may not become anything else */
	bool over;	/* the thread ends */
	unsigned round; /* whose pages it has all received */
} Lane;

struct Receiver {
	const Ram *ram;
	Channel *first;
	unsigned n;
	uint8_t id[CHANNEL_ID_LEN];

	GMutex lock; /* of all below */
	GCond cond;  /* a round is over, or it has ended */
	GPtrArray *lanes;
	bool *taken;	/* by index */
	unsigned there; /* channels that have all pages of the round under way */
	unsigned round; /* that is over */
	bool quit;
};

static uint64_t bytes_locked(const Receiver *r)
{
	uint64_t n = 0;

	/* Strangers come and go, and what they say brings nothing nearer. */
	for (guint i = 0; i < r->lanes->len; i++) {
		const Lane *l = g_ptr_array_index(r->lanes, i);

		n += l->index < 0 ? 0 : channel_bytes(l->c);
	}
	return n;
}

uint64_t receiver_bytes(const Receiver *r)
{
	Receiver *w = (Receiver *)(uintptr_t)r;
	uint64_t n;

	g_mutex_lock(&w->lock);
	n = bytes_locked(r);
	g_mutex_unlock(&w->lock);
	return n;
}

static uint64_t bytes_of(const void *opaque)
{
	return receiver_bytes(opaque);
}

Receiver *receiver_new(const Ram *ram, Channel *first, unsigned n)
{
	Receiver *r = g_new0(Receiver, 1);

	r->ram = ram;
	r->first = first;
	channel_count_too(first, bytes_of, r);
	r->n = n;
	if (getentropy(r->id, sizeof(r->id)))
		bug("getentropy: %s", g_strerror(errno));
	r->lanes = g_ptr_array_new();
	r->taken = g_new0(bool, n);
	g_mutex_init(&r->lock);
	g_cond_init(&r->cond);
	return r;
}

const uint8_t *receiver_id(const Receiver *r)
{
	return r->id;
}

/* ------------------------------------------------------------- a channel */

/* Is it one of ours?  Then it has its place from now on. */
static bool introduced(Lane *l)
{
	Receiver *r = l->r;
	uint32_t index;
	Message msg;
	bool ok;

	if (!channel_handshake(l->c) || !channel_expect(l->c, MSG_CHANNEL, &msg))
		return false;
	if (msg.len != CHANNEL_ID_LEN + 4 || memcmp(msg.data, r->id, CHANNEL_ID_LEN) != 0)
		return channel_fail(l->c, "a channel of another migration");
	index = ld32_be(msg.data + CHANNEL_ID_LEN);
	g_mutex_lock(&r->lock);
	ok = index < r->n && !r->taken[index] && !r->quit && !l->evicted;
	if (ok) {
		r->taken[index] = true;
		l->index = (int)index;
	}
	g_mutex_unlock(&r->lock);
	return ok ? channel_send(l->c, MSG_OKAY, NULL, 0)
		  : channel_fail(l->c, "channel %u, which there is already or should not be",
				 index);
}

/* Waits until all other channels have the round's pages as well. */
static bool barrier(Lane *l, const Message *msg)
{
	Receiver *r = l->r;
	bool ok;

	if (msg->len != 4 || ld32_be(msg->data) != l->round + 1)
		return channel_fail(l->c, "the end of another round than the one under way");
	g_mutex_lock(&r->lock);
	l->round++;
	r->there++;
	channel_poke(r->first);
	while (!r->quit && r->round != l->round)
		g_cond_wait(&r->cond, &r->lock);
	ok = !r->quit;
	g_mutex_unlock(&r->lock);
	return ok;
}

static bool take(Lane *l)
{
	Message msg;
	PageRun run;

	if (!channel_wait(l->c) || !channel_receive(l->c, &msg))
		return false;
	if (msg.tag == MSG_SYNC)
		return barrier(l, &msg);
	if (msg.tag != MSG_PAGES && msg.tag != MSG_PACKED)
		return channel_fail(l->c, "message %08x: not of pages", msg.tag);
	if (!pages_parse(&l->buf, l->c, l->r->ram, &msg, &run))
		return false;
	pages_store(l->r->ram, &run);
	return true;
}

static gpointer lane_thread(gpointer arg)
{
	Lane *l = arg;
	Receiver *r = l->r;
	bool ours = introduced(l), quit;

	while (ours && take(l))
		continue;
	g_mutex_lock(&r->lock);
	quit = r->quit;
	g_mutex_unlock(&r->lock);
	if (quit)
		return NULL;
	channel_fail(l->c, "ended");
	if (l->index >= 0)
		channel_break(r->first, "channel %d: %s", l->index + 1, channel_error(l->c));
	channel_send_failure(l->c);
	g_mutex_lock(&r->lock);
	l->over = true;
	g_mutex_unlock(&r->lock);
	return NULL;
}

static void lane_free(Lane *l)
{
	if (!l)
		return;
	if (l->thread)
		g_thread_join(l->thread);
	pagebuf_clear(&l->buf);
	channel_free(l->c);
	g_free(l);
}

/* Strangers that have been sent away make room for others. */
static void forget_strangers(Receiver *r)
{
	for (guint i = r->lanes->len; i-- > 0;) {
		Lane *l = g_ptr_array_index(r->lanes, i);

		if (l->over && l->index < 0)
			lane_free(g_ptr_array_steal_index(r->lanes, i));
	}
}

/* The stranger who has had the longest time to say who he is. */
static Lane *oldest_stranger(Receiver *r)
{
	for (guint i = 0; i < r->lanes->len; i++)
		if (((Lane *)g_ptr_array_index(r->lanes, i))->index < 0)
			return g_ptr_array_steal_index(r->lanes, i);
	return NULL;
}

void receiver_add(Receiver *r, Channel *c)
{
	Lane *l = g_new0(Lane, 1), *old = NULL;

	*l = (Lane){ .r = r, .c = c, .index = -1 };
	pagebuf_init(&l->buf);
	g_mutex_lock(&r->lock);
	forget_strangers(r);
	if (!r->quit && r->lanes->len >= r->n + STRANGERS)
		old = oldest_stranger(r);
	if (old) {
		old->evicted = true;
		channel_cancel(old->c);
	}
	if (!r->quit) {
		l->thread = g_thread_new("pages", lane_thread, l);
		g_ptr_array_add(r->lanes, g_steal_pointer(&l));
	}
	g_mutex_unlock(&r->lock);
	/* Its thread waits for nothing any more, but may be about to take the lock. */
	lane_free(old);
	lane_free(l);
}

/* ------------------------------------------------------------------ calls */

/* How many channels are through with the round; true in *moved if bytes have come since. */
static unsigned progress(Receiver *r, uint64_t *bytes, bool *moved)
{
	unsigned there;
	uint64_t now;

	g_mutex_lock(&r->lock);
	there = r->there;
	now = bytes_locked(r);
	g_mutex_unlock(&r->lock);
	*moved = now != *bytes;
	*bytes = now;
	return there;
}

bool receiver_sync(Receiver *r, uint32_t round)
{
	unsigned idle = 0, there, before = 0;
	uint64_t bytes = 0;
	bool moved;

	if (round != r->round + 1)
		return channel_fail(r->first, "the end of another round than the one under way");
	while ((there = progress(r, &bytes, &moved)) < r->n) {
		idle = moved || there != before ? 0 : idle + SLICE_MS;
		before = there;
		if (idle > channel_limit(r->first))
			return channel_fail(r->first, "the channels of pages do not move");
		if (!channel_pause(r->first, SLICE_MS))
			return false;
	}
	g_mutex_lock(&r->lock);
	r->there = 0;
	r->round++;
	g_cond_broadcast(&r->cond);
	g_mutex_unlock(&r->lock);
	return true;
}

void receiver_end(Receiver *r)
{
	g_mutex_lock(&r->lock);
	r->quit = true;
	for (guint i = 0; i < r->lanes->len; i++)
		channel_cancel(((Lane *)g_ptr_array_index(r->lanes, i))->c);
	g_cond_broadcast(&r->cond);
	g_mutex_unlock(&r->lock);
	/* Nobody joins a receiver that has ended, so the list is ours. */
	for (guint i = 0; i < r->lanes->len; i++) {
		Lane *l = g_ptr_array_index(r->lanes, i);

		if (l->thread)
			g_thread_join(g_steal_pointer(&l->thread));
		channel_hang_up(l->c);
	}
}

void receiver_free(Receiver *r)
{
	if (!r)
		return;
	receiver_end(r);
	for (guint i = 0; i < r->lanes->len; i++)
		lane_free(g_ptr_array_index(r->lanes, i));
	g_ptr_array_unref(r->lanes);
	g_free(r->taken);
	g_mutex_clear(&r->lock);
	g_cond_clear(&r->cond);
	g_free(r);
}
