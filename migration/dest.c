#include "migration/dest.h"

#include <string.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/stream.h"
#include "core/absent.h"
#include "migration/hello.h"
#include "migration/loopcall.h"
#include "migration/pages.h"
#include "migration/postcopy.h"
#include "migration/receiver.h"
#include "migration/state.h"

#define NAME_MAX_LEN 1024
/* Of all sections together; a hash page table alone may have 1 GiB. */
#define META_MAX (UINT64_C(1536) << 20)
#define SECTIONS_MAX 65536

struct Dest {
	Machine *m;
	Channel *c;
	GThread *thread;
	bool start;
	void (*done)(void *opaque);
	void *opaque;
	GArray *sections;
	GByteArray *part; /* the beginning of a section too large for a message */
	uint64_t used;	  /* bytes of sections so far */
	bool two_way;
	uint32_t hash; /* of RAM at the source, 0: not sent */
	/* RAM that was handed over, the other side's until COMMIT; in RAM's place, RAM's own. */
	RamPages pages;
	StateLoad *load; /* that has put it there, and can take it away again */

	LoopCall call;
	PageBuf buf;
	Taker *taker; /* NULL: all pages come before the guest */

	GMutex lock; /* of all below */
	DestInfo info;
	uint64_t before; /* bytes that came over lines now lost */
	GCond cond;
	Channel *another; /* to go on with */
	char *lost;	  /* why the line was, until the loop has heard of it */
	char *why;	  /* the same; only the loop's thread, which shows it, frees it */
	bool ends;
	Receiver *receiver; /* NULL: pages come over the first channel */
};

static void set_state(Dest *d, DestState state)
{
	g_mutex_lock(&d->lock);
	d->info.state = state;
	g_mutex_unlock(&d->lock);
}

/* ------------------------------------------------- what the loop does for us */

static bool refuse(Dest *d, GError *err)
{
	channel_fail(d->c, "%s", err->message);
	g_error_free(err);
	return false;
}

static bool apply(void *arg)
{
	Dest *d = arg;
	Ram *r = d->m->ram;
	GError *err = NULL;
	StateLoad *l;
	bool ok;

	ram_written(r, 0, r->size);
	if (d->hash && d->hash != crc32c(0, d->pages.host ? d->pages.host : r->host, r->size))
		return channel_fail(d->c, "RAM did not arrive as it was sent");
	if (d->taker)
		taker_begin(d->taker);
	r->frozen = d->pages.host;
	l = state_load_new(d->m, d->sections, &err);
	ok = l && state_load_apply(l, &d->pages, &err);
	r->frozen = ok && d->pages.host;
	if (r->frozen)
		d->load = g_steal_pointer(&l);
	if (l)
		state_load_free(l);
	return ok || refuse(d, err);
}

/* Memory that was handed over is nobody's but the other side's again. */
static void let_go(Dest *d)
{
	if (d->load) {
		state_load_undo(d->load, &d->pages);
		d->m->ram->frozen = false;
	}
	g_clear_pointer(&d->load, state_load_free);
	ram_pages_free(&d->pages, d->m->ram->size);
}

/* It is ours, and what RAM was here before has no use. */
static bool own_memory(Dest *d)
{
	RamPages p = ram_pages(d->m->ram);
	GError *err = NULL;

	if (!ram_pages_own(&p, d->m->ram->size, &err))
		return refuse(d, err);
	g_clear_pointer(&d->load, state_load_free);
	d->m->ram->frozen = false;
	return true;
}

static bool take_over(void *arg)
{
	Dest *d = arg;

	if (d->load && !own_memory(d))
		return false;
	machine_loaded(d->m, true);
	d->m->stop_reason = STOP_INITIAL;
	if (d->taker)
		absent_open(d->m);
	machine_hold_input(d->m, false);
	if (d->start && d->info.was_running)
		machine_start(d->m);
	return true;
}

/* The failed one is not to hinder another, which begins anew. */
static bool put_back(void *arg)
{
	Dest *d = arg;

	absent_forget(d->m);
	let_go(d);
	return true;
}

/* With pages missing and nobody who brings them the guest must stand. */
static bool halt(void *arg)
{
	Dest *d = arg;

	machine_stop(d->m, STOP_PAGES);
	g_mutex_lock(&d->lock);
	g_free(d->why);
	d->why = g_steal_pointer(&d->lost);
	d->info.error = d->why;
	d->info.state = DEST_PAUSED;
	g_mutex_unlock(&d->lock);
	d->done(d->opaque);
	return true;
}

static bool resume(void *arg)
{
	Dest *d = arg;

	absent_open(d->m);
	if (d->m->stop_reason != STOP_PAGES)
		return true;
	/* That the line was lost counts for the guest as its move does. */
	machine_loaded(d->m, true);
	machine_start(d->m);
	return true;
}

/* ------------------------------------------------------------- receiving */

static bool take_pages(Dest *d, const Message *msg)
{
	PageRun run;

	if (d->info.handover)
		return channel_fail(d->c, "pages of RAM that was handed over");
	if (!pages_parse(&d->buf, d->c, d->m->ram, msg, &run))
		return false;
	pages_store(d->m->ram, &run);
	return true;
}

static bool count_bytes(Dest *d, uint64_t n)
{
	d->used += n;
	return (d->used <= META_MAX && d->sections->len < SECTIONS_MAX) ||
	       channel_fail(d->c, "sections of more bytes than a machine has");
}

static bool take_part(Dest *d, const Message *msg)
{
	if (!count_bytes(d, msg->len))
		return false;
	g_byte_array_append(d->part, msg->data, msg->len);
	return true;
}

static bool take_section(Dest *d, const Message *msg)
{
	Section s = { .tag = msg->tag };
	InStream in;
	size_t left;

	if (!count_bytes(d, msg->len))
		return false;
	in_init(&in, msg->data, msg->len);
	s.name = in_str(&in, NAME_MAX_LEN);
	left = in_left(&in);
	if (!s.name) {
		in_free(&in);
		return channel_fail(d->c, "a section without its name");
	}
	g_byte_array_append(d->part, in_take(&in, left), (guint)left);
	in_free(&in);
	s.len = d->part->len;
	s.data = g_byte_array_free(d->part, FALSE);
	d->part = g_byte_array_new();
	g_array_append_val(d->sections, s);
	return true;
}

static bool take_last(Dest *d, const Message *msg)
{
	if (msg->len != 12 || ld32_be(msg->data) != d->sections->len || d->part->len)
		return channel_fail(d->c, "not all sections have arrived");
	if (d->receiver)
		receiver_end(d->receiver);
	g_mutex_lock(&d->lock);
	d->info.was_running = ld32_be(msg->data + 4);
	g_mutex_unlock(&d->lock);
	d->hash = ld32_be(msg->data + 8);
	return loopcall(&d->call, apply, d);
}

static bool take_hello(Dest *d)
{
	uint32_t version, flags, channels;
	Message msg;

	if (!channel_handshake(d->c) || !channel_expect(d->c, MSG_HELLO, &msg))
		return false;
	version = msg.len >= 4 ? ld32_be(msg.data) : 0;
	if (msg.len != HELLO_LEN || version != STREAM_VERSION)
		return channel_fail(d->c, "a stream of version %u; this program reads version %u",
				    version, STREAM_VERSION);
	flags = ld32_be(msg.data + 4);
	channels = ld32_be(msg.data + 8);
	d->two_way = flags & HELLO_TWO_WAY;
	if (flags & ~HELLO_KNOWN)
		return channel_fail(d->c,
				    "the other side wants 0x%x, which this program does not know",
				    flags & ~HELLO_KNOWN);
	if (flags & HELLO_ZSTD && !pages_can_pack())
		return channel_fail(
			d->c, "the other side packs pages by zstd, which is not in this program");
	if (d->two_way && !channel_two_way(d->c))
		return channel_fail(d->c, "the other side waits for answers it cannot get");
	if (channels && (channels > CHANNELS_MAX || !d->two_way))
		return channel_fail(d->c, "%u channels: more than there can be", channels);
	g_mutex_lock(&d->lock);
	d->info.handover = flags & HELLO_MEMORY;
	g_mutex_unlock(&d->lock);
	if (d->info.handover && (channels || !d->two_way || !channel_passes_fd(d->c)))
		return channel_fail(d->c, "RAM cannot be handed over on this line");
	if (!channels)
		return true;
	g_mutex_lock(&d->lock);
	d->info.channels = channels;
	d->receiver = receiver_new(d->m->ram, d->c, channels);
	g_mutex_unlock(&d->lock);
	return true;
}

static bool take_memory(Dest *d)
{
	uint64_t size = d->m->ram->size;
	GError *err = NULL;
	Message msg;
	int fd;

	if (!channel_expect(d->c, MSG_MEMORY, &msg))
		return false;
	if (msg.len != 8 || ld64_be(msg.data) != size)
		return channel_fail(d->c, "the RAM handed over is of another size");
	fd = channel_take_fd(d->c);
	if (fd < 0)
		return false;
	if (!ram_pages_adopt(&d->pages, fd, size, &err))
		return refuse(d, err);
	return channel_send(d->c, MSG_OKAY, NULL, 0);
}

static bool answer_hello(Dest *d)
{
	if (!d->two_way)
		return true;
	if (d->receiver)
		return channel_send(d->c, MSG_OKAY, receiver_id(d->receiver), CHANNEL_ID_LEN);
	return channel_send(d->c, MSG_OKAY, NULL, 0) && (!d->info.handover || take_memory(d));
}

static bool hello(Dest *d)
{
	Message msg;
	GError *err = NULL;

	if (!take_hello(d))
		return false;
	do {
		if (!channel_receive(d->c, &msg))
			return false;
		if (msg.tag != MSG_PART && msg.tag != SNAP_CONFIG)
			return channel_fail(d->c, "message %08x before the configuration", msg.tag);
		if (msg.tag == MSG_PART ? !take_part(d, &msg) : !take_section(d, &msg))
			return false;
	} while (msg.tag == MSG_PART);
	if (!state_check_config(d->m, &g_array_index(d->sections, Section, 0), &err))
		return refuse(d, err);
	set_state(d, DEST_COPYING);
	return answer_hello(d);
}

static uint64_t bytes_received(const Dest *d)
{
	return d->before + channel_bytes(d->c) + (d->receiver ? receiver_bytes(d->receiver) : 0);
}

static bool take_sync(Dest *d, const Message *msg)
{
	if (!d->receiver || msg->len != 4)
		return channel_fail(d->c, "message %08x: not known here", msg->tag);
	return receiver_sync(d->receiver, ld32_be(msg->data));
}

static bool take_announcement(Dest *d, const Message *msg)
{
	if (d->taker || !d->two_way || d->receiver || d->info.handover)
		return channel_fail(d->c, "postcopy where it cannot be");
	d->taker = taker_new(d->m, d->c, msg);
	return d->taker;
}

static bool copy(Dest *d)
{
	Message msg;

	for (;;) {
		if (!channel_receive(d->c, &msg))
			return false;
		switch (msg.tag) {
		case MSG_PAGES:
		case MSG_PACKED:
			if (!take_pages(d, &msg))
				return false;
			break;
		case MSG_SYNC:
			if (!take_sync(d, &msg))
				return false;
			break;
		case MSG_PART:
			if (!take_part(d, &msg))
				return false;
			break;
		case SNAP_CLOCK:
		case SNAP_IRQS:
		case SNAP_DEVICE:
			if (!take_section(d, &msg))
				return false;
			break;
		case MSG_WAIT: break;
		case MSG_POSTCOPY:
			if (!take_announcement(d, &msg))
				return false;
			break;
		case MSG_LEFT:
			if (!d->taker)
				return channel_fail(d->c, "a list of pages out of turn");
			if (!taker_list(d->taker, d->c, &msg))
				return false;
			break;
		case MSG_LAST: return take_last(d, &msg);
		default: return channel_fail(d->c, "message %08x: not known here", msg.tag);
		}
	}
}

/* From COMMIT on the guest is ours, whether or not the other side hears of it. */
static bool settle(Dest *d)
{
	Message msg;

	set_state(d, DEST_READY);
	if (d->two_way && !channel_send(d->c, MSG_READY, NULL, 0))
		return false;
	if (!channel_expect(d->c, MSG_COMMIT, &msg) || !loopcall(&d->call, take_over, d))
		return false;
	if (d->two_way)
		channel_send(d->c, MSG_RUNS, NULL, 0);
	return true;
}

/* Without a line: the guest stands until there is another; false: the program ends. */
static bool await_line(Dest *d)
{
	bool ends;

	absent_lose(d->m);
	channel_send_failure(d->c);
	g_mutex_lock(&d->lock);
	g_free(d->lost);
	d->lost = g_strdup(channel_error(d->c));
	ends = d->ends;
	g_mutex_unlock(&d->lock);
	if (!ends)
		loopcall(&d->call, halt, d);
	g_mutex_lock(&d->lock);
	while (!d->another && !d->ends)
		g_cond_wait(&d->cond, &d->lock);
	ends = d->ends;
	if (!ends) {
		d->before += channel_bytes(d->c);
		channel_free(d->c);
		d->c = g_steal_pointer(&d->another);
		d->info.error = NULL;
	}
	g_mutex_unlock(&d->lock);
	return !ends;
}

/* False: the program ends before all pages are here. */
static bool take_the_rest(Dest *d)
{
	bool ok = true;

	for (;;) {
		if (ok) {
			set_state(d, DEST_POSTCOPY);
			if (taker_serve(d->taker, d->c))
				return true;
		}
		if (!await_line(d))
			return false;
		ok = taker_recover(d->taker, d->c) && loopcall(&d->call, resume, d);
	}
}

static void tell_done(void *arg)
{
	Dest *d = arg;

	d->done(d->opaque);
}

static gpointer dest_thread(gpointer arg)
{
	Dest *d = arg;
	bool ok = hello(d) && copy(d) && settle(d);
	bool ours = ok;

	ok = ok && (!d->taker || take_the_rest(d));

	if (!ours && (d->taker || d->pages.host))
		loopcall(&d->call, put_back, d);
	if (!ok) {
		channel_fail(d->c, "the program ends");
		if (d->two_way)
			channel_send_failure(d->c);
		if (d->receiver)
			receiver_end(d->receiver);
		if (d->two_way)
			channel_drain(d->c);
	}
	g_mutex_lock(&d->lock);
	d->info.state = ok ? DEST_DONE : DEST_FAILED;
	d->info.received = bytes_received(d);
	d->info.error = ok ? NULL : channel_error(d->c);
	g_mutex_unlock(&d->lock);
	loopcall_last(&d->call, tell_done, d);
	return NULL;
}

/* ------------------------------------------------------------------ calls */

Dest *dest_start(Machine *m, Channel *c, bool start, void (*done)(void *opaque), void *opaque)
{
	Dest *d = g_new0(Dest, 1);

	machine_assert_locked(m);
	d->m = m;
	d->c = c;
	d->start = start;
	d->done = done;
	d->opaque = opaque;
	d->sections = sections_new();
	d->part = g_byte_array_new();
	d->pages = RAM_NO_PAGES;
	m->stop_reason = STOP_INCOMING;
	machine_hold_input(m, true);
	pagebuf_init(&d->buf);
	g_mutex_init(&d->lock);
	g_cond_init(&d->cond);
	loopcall_init(&d->call, m->loop);
	d->thread = g_thread_new("incoming", dest_thread, d);
	return d;
}

void dest_add(Dest *d, Channel *c)
{
	Receiver *r;

	g_mutex_lock(&d->lock);
	r = d->receiver;
	g_mutex_unlock(&d->lock);
	if (r)
		receiver_add(r, c);
	else
		channel_free(c);
}

bool dest_pause(Dest *d)
{
	bool ok;

	g_mutex_lock(&d->lock);
	ok = d->info.state == DEST_POSTCOPY;
	if (ok)
		channel_break(d->c, "paused by the user");
	g_mutex_unlock(&d->lock);
	return ok;
}

bool dest_recover(Dest *d, Channel *c)
{
	bool ok;

	g_mutex_lock(&d->lock);
	ok = d->info.state == DEST_PAUSED && !d->another;
	if (ok) {
		d->another = c;
		g_cond_signal(&d->cond);
	}
	g_mutex_unlock(&d->lock);
	return ok;
}

DestInfo dest_info(const Dest *d)
{
	Dest *w = (Dest *)(uintptr_t)d;
	DestInfo info;

	g_mutex_lock(&w->lock);
	info = w->info;
	if (info.state < DEST_DONE)
		info.received = bytes_received(d);
	info.pages_left = info.state < DEST_POSTCOPY ? 0 : absent_left(d->m);
	g_mutex_unlock(&w->lock);
	return info;
}

void dest_free(Dest *d)
{
	if (!d)
		return;
	g_mutex_lock(&d->lock);
	d->ends = true;
	channel_cancel(d->c);
	g_cond_signal(&d->cond);
	g_mutex_unlock(&d->lock);
	loopcall_quit(&d->call);
	g_thread_join(d->thread);
	loopcall_clear(&d->call);
	/* What is missing now stays so: the guest must not run on without it. */
	if (d->taker) {
		if (absent_left(d->m))
			machine_stop(d->m, STOP_PAGES);
		absent_close(d->m);
	}
	taker_free(d->taker);
	let_go(d);
	channel_free(d->another);
	g_free(d->lost);
	g_free(d->why);
	g_cond_clear(&d->cond);
	pagebuf_clear(&d->buf);
	receiver_free(d->receiver);
	channel_free(d->c);
	g_array_unref(d->sections);
	g_byte_array_unref(d->part);
	g_mutex_clear(&d->lock);
	g_free(d);
}
