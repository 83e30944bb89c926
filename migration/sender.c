#include "migration/sender.h"

#include <stdatomic.h>
#include "base/bits.h"

#define NS_PER_MS 1000000
#define SOME_PAGES 256 /* between two looks at the bandwidth */

struct Sender {
	Machine *m;
	Channel *c;
	PageBuf buf;
	_Atomic uint64_t bandwidth, left;
};

Sender *sender_new(Machine *m, Channel *c)
{
	Sender *s = g_new0(Sender, 1);

	s->m = m;
	s->c = c;
	atomic_store(&s->left, m->ram->size >> RAM_PAGE_SHIFT);
	pagebuf_init(&s->buf);
	return s;
}

void sender_free(Sender *s)
{
	if (!s)
		return;
	pagebuf_clear(&s->buf);
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

uint64_t sender_bytes(const Sender *s)
{
	return channel_bytes(s->c);
}

static int64_t host_ns(const Sender *s)
{
	const HostClock *h = vclock_host(s->m->clock);

	return h->mono(h->opaque);
}

/* Keeps to the bandwidth limit: bytes since `since` (ns). */
static void hold_back(Sender *s, uint64_t bytes, int64_t since)
{
	uint64_t limit = atomic_load(&s->bandwidth);
	int64_t due;

	if (!limit)
		return;
	due = since + (int64_t)muldiv64(bytes, 1000000000, limit) - host_ns(s);
	if (due > NS_PER_MS)
		channel_pause(s->c, (unsigned)(MIN(due, INT64_C(1000) * NS_PER_MS) / NS_PER_MS));
}

/* How many pages from n on are to go, at most those of a message. */
static uint32_t run_at(const uint8_t *dirty, uint64_t n, uint64_t end)
{
	uint32_t run = 0;

	while (run < RUN_PAGES && n + run < end && dirty[(n + run) >> 3] >> ((n + run) & 7) & 1)
		run++;
	return run;
}

bool sender_round(Sender *s, const uint8_t *dirty, uint64_t left)
{
	int64_t since = host_ns(s);
	uint64_t before = sender_bytes(s), gone = 0, end = s->m->ram->size >> RAM_PAGE_SHIFT;

	atomic_store(&s->left, left);
	for (uint64_t n = 0; n < end;) {
		uint32_t run = run_at(dirty, n, end), sent;

		if (!run) {
			n += n & 7 || dirty[n >> 3] ? 1 : 8;
			continue;
		}
		sent = pages_send(&s->buf, s->c, s->m->ram, n, run);
		if (!sent)
			return false;
		n += sent;
		gone += sent;
		atomic_fetch_sub(&s->left, sent);
		if (gone >= SOME_PAGES) {
			gone = 0;
			hold_back(s, sender_bytes(s) - before, since);
		}
	}
	return true;
}
