#include "migration/sender.h"

#include <stdatomic.h>
#include <string.h>
#include "base/bits.h"

#define NS_PER_MS 1000000
#define SOME_PAGES 256 /* between two looks at the bandwidth */
#define SHARE 1024     /* pages that a channel takes at once; a multiple of 8 */
#define FAREWELL_MS 300

/* One who sends pages: a channel and, but for the first one, a thread. */
typedef struct Lane {
	Sender *s;
	Channel *c;
	GThread *thread;
	PageBuf buf;
	unsigned round; /* the last it has sent all of */
} Lane;

struct Sender {
	Machine *m;
	Lane first;
	_Atomic uint64_t bandwidth, left;
	/* The round, constant while lanes send it. */
	const uint8_t *dirty;
	int64_t since; /* host's clock, ns */
	uint64_t before;
	_Atomic uint64_t next; /* the page from which on nobody has taken a share */

	GMutex lock; /* of all below */
	GCond cond;  /* a round begins, or the end */
	atomic_bool hurry;
	GPtrArray *lanes;
	unsigned round, at_work;
	bool quit;
	char *error; /* the first lane that failed */
};

static void lane_free(gpointer p)
{
	Lane *l = p;

	if (l->thread)
		g_thread_join(l->thread);
	pagebuf_clear(&l->buf);
	channel_free(l->c);
	g_free(l);
}

Sender *sender_new(Machine *m, Channel *c)
{
	Sender *s = g_new0(Sender, 1);

	s->m = m;
	s->first = (Lane){ .s = s, .c = c };
	atomic_store(&s->left, m->ram->size >> RAM_PAGE_SHIFT);
	pagebuf_init(&s->first.buf);
	s->lanes = g_ptr_array_new();
	g_mutex_init(&s->lock);
	g_cond_init(&s->cond);
	return s;
}

void sender_pack(Sender *s, int level)
{
	pagebuf_pack(&s->first.buf, level);
}

void sender_packed(const Sender *s, uint64_t *before, uint64_t *after)
{
	Sender *w = (Sender *)(uintptr_t)s;

	*before = atomic_load(&s->first.buf.before);
	*after = atomic_load(&s->first.buf.after);
	g_mutex_lock(&w->lock);
	for (guint i = 0; i < s->lanes->len; i++) {
		const Lane *l = g_ptr_array_index(s->lanes, i);

		*before += atomic_load(&l->buf.before);
		*after += atomic_load(&l->buf.after);
	}
	g_mutex_unlock(&w->lock);
}

void sender_cancel(Sender *s)
{
	g_mutex_lock(&s->lock);
	s->quit = true;
	for (guint i = 0; i < s->lanes->len; i++)
		channel_cancel(((Lane *)g_ptr_array_index(s->lanes, i))->c);
	g_cond_broadcast(&s->cond);
	g_mutex_unlock(&s->lock);
}

void sender_free(Sender *s)
{
	if (!s)
		return;
	sender_cancel(s);
	g_ptr_array_set_free_func(s->lanes, lane_free);
	g_ptr_array_unref(s->lanes);
	pagebuf_clear(&s->first.buf);
	g_mutex_clear(&s->lock);
	g_cond_clear(&s->cond);
	g_free(s->error);
	g_free(s);
}

void sender_set_bandwidth(Sender *s, uint64_t bytes_per_s)
{
	atomic_store(&s->bandwidth, bytes_per_s);
}

uint64_t sender_left(const Sender *s)
{
	return atomic_load(&s->left);
}

unsigned sender_channels(const Sender *s)
{
	Sender *w = (Sender *)(uintptr_t)s;
	unsigned n;

	g_mutex_lock(&w->lock);
	n = s->lanes->len;
	g_mutex_unlock(&w->lock);
	return n;
}

uint64_t sender_bytes(const Sender *s)
{
	Sender *w = (Sender *)(uintptr_t)s;
	uint64_t n = channel_bytes(s->first.c);

	g_mutex_lock(&w->lock);
	for (guint i = 0; i < s->lanes->len; i++)
		n += channel_bytes(((const Lane *)g_ptr_array_index(s->lanes, i))->c);
	g_mutex_unlock(&w->lock);
	return n;
}

/* --------------------------------------------------------------- a round */

static int64_t host_ns(const Sender *s)
{
	const HostClock *h = vclock_host(s->m->clock);

	return h->mono(h->opaque);
}

/* Keeps all lanes together to the bandwidth limit. */
static void hold_back(Lane *l)
{
	Sender *s = l->s;
	uint64_t limit = atomic_load(&s->bandwidth);
	int64_t due;

	if (!limit)
		return;
	due = s->since + (int64_t)muldiv64(sender_bytes(s) - s->before, 1000000000, limit) -
	      host_ns(s);
	if (due > NS_PER_MS)
		channel_pause(l->c, (unsigned)(MIN(due, INT64_C(1000) * NS_PER_MS) / NS_PER_MS));
}

/* How many pages from n on are to go, at most those of a message. */
static uint32_t run_at(const uint8_t *dirty, uint64_t n, uint64_t end)
{
	uint32_t run = 0;

	while (run < ZERO_RUN_PAGES && n + run < end &&
	       dirty[(n + run) >> 3] >> ((n + run) & 7) & 1)
		run++;
	return run;
}

static bool send_share(Lane *l, uint64_t n, uint64_t end)
{
	Sender *s = l->s;
	uint64_t gone = 0;

	while (n < end) {
		uint32_t run = run_at(s->dirty, n, end), sent;

		if (!run) {
			n += n & 7 || s->dirty[n >> 3] ? 1 : 8;
			continue;
		}
		sent = pages_send(&l->buf, l->c, s->m->ram, n, run);
		if (!sent)
			return false;
		n += sent;
		gone += sent;
		atomic_fetch_sub(&s->left, sent);
		if (gone >= SOME_PAGES) {
			gone = 0;
			hold_back(l);
		}
	}
	return true;
}

static bool send_shares(Lane *l)
{
	Sender *s = l->s;
	uint64_t n, end = s->m->ram->size >> RAM_PAGE_SHIFT;

	while (!atomic_load(&s->hurry) && (n = atomic_fetch_add(&s->next, SHARE)) < end)
		if (!send_share(l, n, MIN(n + SHARE, end)))
			return false;
	return true;
}

static bool send_sync(Channel *c, unsigned round)
{
	uint8_t b[4];

	st32_be(b, round);
	return channel_send(c, MSG_SYNC, b, sizeof(b));
}

/* What a lane's thread does: false: no more rounds. */
static bool lane_round(Lane *l)
{
	Sender *s = l->s;
	unsigned round;
	bool ok;

	g_mutex_lock(&s->lock);
	while (!s->quit && s->round == l->round)
		g_cond_wait(&s->cond, &s->lock);
	round = s->round;
	ok = !s->quit;
	g_mutex_unlock(&s->lock);
	ok = ok && send_shares(l) && send_sync(l->c, round);
	g_mutex_lock(&s->lock);
	l->round = round;
	if (s->at_work)
		s->at_work--;
	if (!ok && !s->error)
		s->error = g_strdup(channel_error(l->c));
	g_mutex_unlock(&s->lock);
	channel_poke(s->first.c);
	return ok;
}

static gpointer lane_thread(gpointer arg)
{
	Lane *l = arg;

	while (lane_round(l))
		continue;
	/* The other side may be waiting for this channel alone. */
	channel_fail(l->c, "ended");
	channel_send_failure(l->c);
	return NULL;
}

/* Waits for all lanes, with an ear for the other side. */
static bool wait_for_lanes(Sender *s)
{
	g_autofree char *error = NULL;
	bool over, quit;

	do {
		if (!channel_idle(s->first.c, 1000))
			return false;
		g_mutex_lock(&s->lock);
		quit = s->quit;
		over = !s->at_work || s->error || quit;
		error = error ? error : g_strdup(s->error);
		g_mutex_unlock(&s->lock);
	} while (!over);
	if (!error)
		return !quit || channel_fail(s->first.c, "cancelled");
	/* If the other side gave up, it says why on the first channel. */
	return channel_idle(s->first.c, FAREWELL_MS) && channel_fail(s->first.c, "%s", error);
}

void sender_hurry(Sender *s)
{
	atomic_store(&s->hurry, true);
}

uint64_t sender_keep_unsent(const Sender *s, uint8_t *dirty)
{
	uint64_t pages = s->m->ram->size >> RAM_PAGE_SHIFT,
		 gone = MIN(atomic_load(&s->next), pages);

	memset(dirty, 0, (gone + 7) / 8);
	return atomic_load(&s->left);
}

bool sender_round(Sender *s, const uint8_t *dirty, uint64_t left)
{
	bool many;

	atomic_store(&s->left, left);
	s->dirty = dirty;
	s->since = host_ns(s);
	s->before = sender_bytes(s);
	atomic_store(&s->next, 0);
	g_mutex_lock(&s->lock);
	many = s->lanes->len;
	s->round++;
	s->at_work = s->lanes->len;
	for (guint i = 0; i < s->lanes->len; i++) {
		Lane *l = g_ptr_array_index(s->lanes, i);

		if (!l->thread)
			l->thread = g_thread_new("pages", lane_thread, l);
	}
	g_cond_broadcast(&s->cond);
	g_mutex_unlock(&s->lock);
	if (!many)
		return send_shares(&s->first);
	return wait_for_lanes(s) && send_sync(s->first.c, s->round);
}

bool sender_add(Sender *s, Channel *c, const uint8_t id[CHANNEL_ID_LEN])
{
	Lane *l = g_new0(Lane, 1);
	uint8_t b[CHANNEL_ID_LEN + 4];
	Message msg;
	unsigned n;

	*l = (Lane){ .s = s, .c = c };
	pagebuf_init(&l->buf);
	if (s->first.buf.packs)
		pagebuf_pack(&l->buf, s->first.buf.level);
	g_mutex_lock(&s->lock);
	n = s->lanes->len;
	g_ptr_array_add(s->lanes, l);
	if (s->quit)
		channel_cancel(c);
	g_mutex_unlock(&s->lock);
	memcpy(b, id, CHANNEL_ID_LEN);
	st32_be(b + CHANNEL_ID_LEN, n);
	return (channel_handshake(c) && channel_send(c, MSG_CHANNEL, b, sizeof(b)) &&
		channel_expect(c, MSG_OKAY, &msg)) ||
	       channel_fail(s->first.c, "channel %u: %s", n + 1, channel_error(c));
}
