/*
 * The destination's part of postcopy: the thread of the migration receives pages and puts them
 * where they belong, and sends on what others wait for.
 */
#include <string.h>
#include "base/bits.h"
#include "core/absent.h"
#include "migration/hello.h"
#include "migration/pages.h"
#include "migration/postcopy.h"

struct Taker {
	Machine *m;
	uint64_t id, pages;
	uint8_t *missing; /* as announced */
	PageBuf buf;

	GMutex lock;	/* of the rest */
	GArray *wanted; /* uint64_t, not yet asked for */
	Channel *c;	/* to be told of these; NULL: none */
};

Taker *taker_new(Machine *m, Channel *c, const Message *msg)
{
	Taker *t;

	if (msg->len != 8) {
		channel_fail(c, "a message of the wrong length");
		return NULL;
	}
	t = g_new0(Taker, 1);
	t->m = m;
	t->id = ld64_be(msg->data);
	t->pages = m->ram->size >> RAM_PAGE_SHIFT;
	t->missing = g_malloc0((t->pages + 7) / 8);
	t->wanted = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	pagebuf_init(&t->buf);
	g_mutex_init(&t->lock);
	return t;
}

void taker_free(Taker *t)
{
	if (!t)
		return;
	pagebuf_clear(&t->buf);
	g_array_unref(t->wanted);
	g_mutex_clear(&t->lock);
	g_free(t->missing);
	g_free(t);
}

bool taker_list(Taker *t, Channel *c, const Message *msg)
{
	return pagelist_take(c, msg, t->missing, t->pages);
}

static void want(void *opaque, uint64_t n)
{
	Taker *t = opaque;

	g_mutex_lock(&t->lock);
	g_array_append_val(t->wanted, n);
	if (t->c)
		channel_poke(t->c);
	g_mutex_unlock(&t->lock);
}

void taker_begin(Taker *t)
{
	absent_begin(t->m, t->missing, want, t);
}

static void attach(Taker *t, Channel *c)
{
	g_mutex_lock(&t->lock);
	t->c = c;
	if (!c)
		g_array_set_size(t->wanted, 0); /* asked for anew by absent_open() */
	g_mutex_unlock(&t->lock);
}

static bool ask(Taker *t, Channel *c)
{
	g_autofree uint8_t *b = NULL;
	guint n;

	g_mutex_lock(&t->lock);
	n = MIN(t->wanted->len, 64);
	b = n ? g_malloc(8 * (gsize)n) : NULL;
	for (guint i = 0; i < n; i++)
		st64_be(b + 8 * i, g_array_index(t->wanted, uint64_t, i));
	if (n)
		g_array_remove_range(t->wanted, 0, n);
	g_mutex_unlock(&t->lock);
	return !n || channel_send(c, MSG_WANT, b, 8 * n);
}

static bool take(Taker *t, Channel *c)
{
	Message msg;
	PageRun run;

	if (!channel_receive(c, &msg))
		return false;
	if (!pages_are_in(&msg))
		return channel_fail(c, "message %08x: not known here", msg.tag);
	if (!pages_parse(&t->buf, c, t->m->ram, &msg, &run))
		return false;
	for (uint32_t i = 0; i < run.n; i++)
		if (!absent_place(t->m, (run.pa >> RAM_PAGE_SHIFT) + i,
				  run.data ? run.data + ((size_t)i << RAM_PAGE_SHIFT) : NULL))
			return channel_fail(c,
					    "a page at 0x%" G_GINT64_MODIFIER
					    "x that the guest has already",
					    run.pa + ((uint64_t)i << RAM_PAGE_SHIFT));
	return true;
}

static bool receive_all(Taker *t, Channel *c)
{
	while (absent_left(t->m)) {
		if (!ask(t, c))
			return false;
		if (channel_look(c, -1) == LOOK_MESSAGE && !take(t, c))
			return false;
	}
	return true;
}

bool taker_serve(Taker *t, Channel *c)
{
	bool ok;

	channel_both_speak(c);
	attach(t, c);
	ok = receive_all(t, c);
	attach(t, NULL);
	/* All is here; whether the other side hears of it does not matter. */
	if (ok)
		channel_send(c, MSG_WHOLE, NULL, 0);
	return ok;
}

bool taker_recover(Taker *t, Channel *c)
{
	g_autofree uint8_t *list = g_malloc0((t->pages + 7) / 8);
	Message msg;

	if (!channel_handshake(c) || !channel_expect(c, MSG_RECOVER, &msg))
		return false;
	if (msg.len != 12 || ld32_be(msg.data) != STREAM_VERSION)
		return channel_fail(c, "a stream of another version");
	if (ld64_be(msg.data + 4) != t->id)
		return channel_fail(c, "the pages of another migration");
	absent_list(t->m, list);
	return pagelist_send(c, list, t->pages) && channel_send(c, MSG_OKAY, NULL, 0);
}
