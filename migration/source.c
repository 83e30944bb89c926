#include "migration/source.h"

#include <string.h>
#include "base/bits.h"
#include "base/stream.h"
#include "migration/hello.h"
#include "migration/loopcall.h"
#include "migration/postcopy.h"
#include "migration/sender.h"
#include "migration/state.h"

#define NS_PER_MS 1000000
/* Between two signs of life while the user makes up his mind, ms. */
#define BEAT_MS 3000
/* Rounds that may go by without the rest getting smaller before the guest is slowed. */
#define PATIENCE 2

struct Source {
	Machine *m;
	Channel *c;
	GThread *thread;
	void (*done)(void *opaque);
	void *opaque;
	SourceWays ways;
	LoopCall call;
	Sender *sender;
	uint8_t *dirty; /* a bit a page */
	uint64_t left;	/* of these to be sent */
	GArray *sections;
	bool was_running, tracking;
	/*
	 * With handover: a view of RAM that nobody else sees writes to, and when the guest is given
	 * away, in place of that what RAM was until then.
	 */
	RamPages aside;
	StopReason before; /* of a guest that was paused */

	GMutex lock; /* of all below */
	SourceLimits limits;
	SourceInfo info;
	GCond cond;
	Channel *another;     /* to go on with */
	char *lost;	      /* why the line was, until the loop has heard of it */
	char *why;	      /* the same; only the loop's thread, which shows it, frees it */
	uint64_t sent_before; /* bytes that went over lines now lost */
	bool postcopy, ends;
	Giver *giver;
	int64_t begun, stopped; /* host's clock, ns */
};

static int64_t host_ns(const Source *s)
{
	const HostClock *h = vclock_host(s->m->clock);

	return h->mono(h->opaque);
}

/* The sender counts what went over the first line, and over channels beside it. */
static uint64_t bytes_sent(const Source *s)
{
	return s->sent_before ? s->sent_before + channel_bytes(s->c) : sender_bytes(s->sender);
}

static void set_state(Source *s, SourceState state)
{
	g_mutex_lock(&s->lock);
	s->info.state = state;
	g_mutex_unlock(&s->lock);
}

/* ------------------------------------------------- what the loop does for us */

static bool begin_tracking(void *arg)
{
	Source *s = arg;

	machine_track_writes(s->m, NULL, NULL);
	s->tracking = true;
	memset(s->dirty, 0xff, (s->info.total_pages + 7) / 8);
	s->left = s->info.total_pages;
	return true;
}

static bool next_round(void *arg)
{
	Source *s = arg;

	memset(s->dirty, 0, (s->info.total_pages + 7) / 8);
	s->left = machine_take_written(s->m, s->dirty);
	return true;
}

/* What is to take RAM's place here is made while the guest can still stay. */
static bool prepare_handover(void *arg)
{
	Source *s = arg;
	RamPages p = ram_pages(s->m->ram);
	GError *err = NULL;

	if (ram_pages_view(&p, &s->aside, s->m->ram->size, &err))
		return true;
	channel_fail(s->c, "%s", err->message);
	g_error_free(err);
	return false;
}

/*
 * The guest ended, or the user stopped it, meanwhile: that is how it arrives.  Nobody
 * may continue it here while its state is on its way.
 */
static bool stop_guest(void *arg)
{
	Source *s = arg;

	s->was_running = machine_running(s->m);
	s->before = s->m->stop_reason;
	if (s->was_running)
		machine_stop(s->m, STOP_FINISH);
	s->m->stop_reason = STOP_FINISH;
	s->stopped = host_ns(s);
	set_state(s, s->limits.hold ? SOURCE_HELD : SOURCE_STOPPED);
	return true;
}

static bool collect(void *arg)
{
	Source *s = arg;

	/* The last that it said before it stood: that it ends. */
	if (s->m->stop_reason != STOP_FINISH) {
		s->was_running = false;
		s->before = s->m->stop_reason;
		s->m->stop_reason = STOP_FINISH;
	}
	/* What the last round has found is still to be sent: these come on top. */
	if (!s->info.handover)
		s->left += machine_take_written(s->m, s->dirty);
	/* From here on nothing changes any more that has been said. */
	machine_hold_input(s->m, true);
	state_collect(s->m, s->sections);
	return true;
}

/* The last moment in which the guest can stay. */
static bool give_up(void *arg)
{
	Source *s = arg;

	if (channel_cancelled(s->c))
		return channel_fail(s->c, "cancelled");
	s->m->stop_reason = STOP_MIGRATED;
	/* Pages that are still to go must stay what they were when the guest stopped. */
	s->m->ram->frozen = s->giver != NULL;
	/* From here on nothing that is done here reaches the memory which the other side has. */
	if (s->info.handover)
		ram_relocate(s->m->ram, &s->aside);
	set_state(s, SOURCE_COMMITTED);
	return true;
}

static bool take_back(void *arg)
{
	Source *s = arg;

	if (s->tracking)
		machine_track_end(s->m);
	s->tracking = false;
	if (s->m->stop_reason != STOP_FINISH)
		return true;
	machine_hold_input(s->m, false);
	if (s->was_running)
		machine_start(s->m);
	else
		s->m->stop_reason = s->before;
	return true;
}

/* COMMIT did not leave whole: nobody can have it, so the guest has not left either. */
static bool not_given(void *arg)
{
	Source *s = arg;

	s->m->stop_reason = STOP_FINISH;
	s->m->ram->frozen = false;
	if (s->info.handover)
		ram_relocate(s->m->ram, &s->aside);
	return true;
}

static bool mark_elsewhere(void *arg)
{
	Source *s = arg;

	s->m->ram->elsewhere = true;
	return true;
}

/* --------------------------------------------------------------- sending */

/* A section, in parts if it is a large one. */
static bool send_section(Source *s, const Section *x)
{
	const size_t most = CHANNEL_MAX / 2;
	uint64_t at = 0;
	OutStream head;
	bool ok = true;

	for (; ok && x->len - at > most; at += most)
		ok = channel_send(s->c, MSG_PART, x->data + at, most);
	out_init(&head);
	out_str(&head, x->name);
	ok = ok &&
	     channel_send2(s->c, x->tag, head.buf->data, head.buf->len, x->data + at, x->len - at);
	out_free(&head);
	return ok;
}

/* The other side agrees, and says by what id it knows the channels that are to come. */
static bool greeted(Source *s, uint8_t id[CHANNEL_ID_LEN])
{
	Message msg;

	if (!channel_two_way(s->c))
		return !s->ways.channels ||
		       channel_fail(s->c, "several channels need a line with answers: tcp, unix");
	if (!channel_expect(s->c, MSG_OKAY, &msg))
		return false;
	if (msg.len != (s->ways.channels ? CHANNEL_ID_LEN : 0))
		return channel_fail(s->c, "an answer of the wrong length");
	memcpy(id, msg.data, msg.len);
	return true;
}

static bool add_channels(Source *s, const uint8_t id[CHANNEL_ID_LEN])
{
	for (unsigned i = 0; i < s->ways.channels; i++) {
		GError *err = NULL;
		Channel *c = s->ways.connect(s->ways.opaque, &err);

		if (!c) {
			channel_fail(s->c, "channel %u: %s", i + 1, err->message);
			g_error_free(err);
			return false;
		}
		if (!sender_add(s->sender, c, id))
			return false;
	}
	return true;
}

/* The other side has it from now on, and looks at it only once it owns the guest. */
static bool hand_over(Source *s)
{
	uint8_t size[8];
	Message msg;

	if (!s->info.handover)
		return true;
	st64_be(size, s->m->ram->size);
	return channel_send_fd(s->c, size, sizeof(size), s->m->ram->fd) &&
	       channel_expect(s->c, MSG_OKAY, &msg);
}

static bool hello(Source *s)
{
	GArray *config = sections_new();
	uint8_t b[HELLO_LEN], id[CHANNEL_ID_LEN];
	bool ok;

	st32_be(b, STREAM_VERSION);
	st32_be(b + 4, (channel_two_way(s->c) ? HELLO_TWO_WAY : 0) |
			       (s->ways.zstd ? HELLO_ZSTD : 0) |
			       (s->info.handover ? HELLO_MEMORY : 0));
	st32_be(b + 8, s->ways.channels);
	state_add_config(s->m, config);
	ok = channel_handshake(s->c) && channel_send(s->c, MSG_HELLO, b, sizeof(b)) &&
	     send_section(s, &g_array_index(config, Section, 0)) && greeted(s, id) &&
	     add_channels(s, id) && hand_over(s);
	g_array_unref(config);
	return ok;
}

/* Is what is left little enough to stop for?  Also notes what the round has shown. */
static bool little_left(Source *s, int64_t ns, uint64_t bytes)
{
	uint64_t left = s->left, rate, need_ms;
	bool enough;

	g_mutex_lock(&s->lock);
	s->info.rounds++;
	ns = MAX(ns, 1);
	rate = MAX(muldiv64(bytes, 1000000000, (uint64_t)ns), 1);
	s->info.bytes_per_s = rate;
	s->info.dirty_rate = muldiv64(left, 1000000000, (uint64_t)ns);
	need_ms = muldiv64(left * RAM_PAGE_SIZE, 1000, rate);
	s->info.expected_ms = (int64_t)need_ms;
	enough = need_ms <= s->limits.downtime_ms || !left;
	g_mutex_unlock(&s->lock);
	return enough;
}

/* Is the guest to go without waiting for the end of the round? */
static bool in_haste(Source *s)
{
	bool now;

	g_mutex_lock(&s->lock);
	now = s->postcopy;
	g_mutex_unlock(&s->lock);
	return now;
}

static bool copy_rounds(Source *s)
{
	unsigned stuck = 0, slow = 0;

	for (;;) {
		uint64_t was = s->left, before = sender_bytes(s->sender);
		int64_t since = host_ns(s);

		if (!sender_round(s->sender, s->dirty, s->left))
			return false;
		if (in_haste(s)) {
			s->left = sender_keep_unsent(s->sender, s->dirty);
			return true;
		}
		if (!loopcall(&s->call, next_round, s))
			return false;
		if (little_left(s, host_ns(s) - since, sender_bytes(s->sender) - before))
			return true;
		stuck = s->left * 10 > was * 9 ? stuck + 1 : 0;
		if (stuck > PATIENCE) {
			slow = MIN(slow ? slow + 10 : 20, 99);
			vcpupool_set_throttle(s->m->pool, slow);
			stuck = 0;
		}
	}
}

static bool send_ram(Source *s)
{
	if (s->info.handover)
		return loopcall(&s->call, prepare_handover, s);
	return loopcall(&s->call, begin_tracking, s) && copy_rounds(s);
}

/* While the user has not said that the guest may go. */
static bool held(Source *s)
{
	while (source_info(s).state == SOURCE_HELD)
		if (!channel_idle(s->c, BEAT_MS) ||
		    (channel_two_way(s->c) && !channel_send(s->c, MSG_WAIT, NULL, 0)))
			return false;
	return true;
}

static bool announce(Source *s)
{
	Giver *g = giver_new(s->m, s->dirty);

	g_mutex_lock(&s->lock);
	s->giver = g;
	giver_set_bandwidth(g, s->limits.postcopy_bandwidth);
	g_mutex_unlock(&s->lock);
	return giver_announce(g, s->c);
}

static bool send_rest(Source *s)
{
	uint8_t last[12];
	Message msg;

	if (!loopcall(&s->call, stop_guest, s) || !held(s) || !loopcall(&s->call, collect, s))
		return false;
	if (!s->info.handover &&
	    (in_haste(s) ? !announce(s) : !sender_round(s->sender, s->dirty, s->left)))
		return false;
	for (guint i = 0; i < s->sections->len; i++)
		if (!send_section(s, &g_array_index(s->sections, Section, i)))
			return false;
	st32_be(last, s->sections->len + 1);
	st32_be(last + 4, s->was_running);
	st32_be(last + 8, s->limits.hash && !s->giver ? ram_hash(s->m->ram) : 0);
	return channel_send(s->c, MSG_LAST, last, sizeof(last)) &&
	       (!channel_two_way(s->c) || channel_expect(s->c, MSG_READY, &msg));
}

/* Once COMMIT has left there is no way back; without an answer nobody knows if it runs there. */
static SourceState commit(Source *s)
{
	Message msg;

	if (!channel_send(s->c, MSG_COMMIT, NULL, 0)) {
		loopcall(&s->call, not_given, s);
		return SOURCE_FAILED;
	}
	return !channel_two_way(s->c) || channel_expect(s->c, MSG_RUNS, &msg) ? SOURCE_DONE
									      : SOURCE_LOST;
}

static bool tell_paused(void *arg)
{
	Source *s = arg;

	g_mutex_lock(&s->lock);
	g_free(s->why);
	s->why = g_steal_pointer(&s->lost);
	s->info.error = s->why;
	s->info.state = SOURCE_PAUSED;
	g_mutex_unlock(&s->lock);
	s->done(s->opaque);
	return true;
}

static void tell_done(void *arg)
{
	Source *s = arg;

	s->done(s->opaque);
}

/* Without a line: waits for another; false: the program ends. */
static bool await_line(Source *s)
{
	bool ends;

	channel_send_failure(s->c);
	g_mutex_lock(&s->lock);
	g_free(s->lost);
	s->lost = g_strdup(channel_error(s->c));
	ends = s->ends;
	g_mutex_unlock(&s->lock);
	if (!ends)
		loopcall(&s->call, tell_paused, s);
	g_mutex_lock(&s->lock);
	while (!s->another && !s->ends)
		g_cond_wait(&s->cond, &s->lock);
	ends = s->ends;
	if (!ends) {
		s->sent_before += channel_bytes(s->c);
		channel_free(s->c);
		s->c = g_steal_pointer(&s->another);
		s->info.error = NULL;
	}
	g_mutex_unlock(&s->lock);
	return !ends;
}

/* DONE: the guest is there, with all of its pages; LOST: without some of them. */
static SourceState give_pages(Source *s)
{
	SourceState end = commit(s);
	bool ok = end == SOURCE_DONE;

	if (end == SOURCE_FAILED)
		return end;
	for (;;) {
		if (ok) {
			set_state(s, SOURCE_POSTCOPY);
			if (giver_serve(s->giver, s->c))
				return SOURCE_DONE;
		}
		if (!await_line(s))
			return SOURCE_LOST;
		ok = giver_recover(s->giver, s->c);
	}
}

static gpointer source_thread(gpointer arg)
{
	Source *s = arg;
	SourceState end = SOURCE_FAILED;

	if (hello(s) && send_ram(s) && send_rest(s) && loopcall(&s->call, give_up, s))
		end = s->giver ? give_pages(s) : commit(s);
	if (end == SOURCE_FAILED) {
		channel_fail(s->c, "the program ends");
		channel_send_failure(s->c);
		sender_cancel(s->sender);
	}
	vcpupool_set_throttle(s->m->pool, 0);
	loopcall(&s->call, take_back, s);
	if (end == SOURCE_DONE && s->info.handover)
		loopcall(&s->call, mark_elsewhere, s);
	g_mutex_lock(&s->lock);
	s->info.state = end;
	s->info.sent = bytes_sent(s);
	s->info.total_ms = (host_ns(s) - s->begun) / NS_PER_MS;
	if (s->stopped)
		s->info.downtime_ms = (host_ns(s) - s->stopped) / NS_PER_MS;
	s->info.error = end == SOURCE_DONE ? NULL : channel_error(s->c);
	g_mutex_unlock(&s->lock);
	loopcall_last(&s->call, tell_done, s);
	return NULL;
}

/* ------------------------------------------------------------------ calls */

Source *source_start(Machine *m, Channel *c, const SourceLimits *limits, const SourceWays *ways,
		     void (*done)(void *opaque), void *opaque)
{
	Source *s = g_new0(Source, 1);

	machine_assert_locked(m);
	s->m = m;
	s->c = c;
	s->limits = *limits;
	if (ways)
		s->ways = *ways;
	s->done = done;
	s->opaque = opaque;
	s->aside = RAM_NO_PAGES;
	s->info.handover = s->ways.handover && m->ram->fd >= 0 && channel_passes_fd(c);
	if (s->info.handover)
		s->ways = (SourceWays){ .handover = true };
	s->info.total_pages = m->ram->size >> RAM_PAGE_SHIFT;
	s->info.downtime_ms = s->info.expected_ms = -1;
	s->dirty = g_malloc0((s->info.total_pages + 7) / 8);
	s->sender = sender_new(m, c);
	sender_set_bandwidth(s->sender, limits->bandwidth);
	if (s->ways.zstd)
		sender_pack(s->sender, s->ways.zstd_level);
	s->sections = sections_new();
	g_mutex_init(&s->lock);
	g_cond_init(&s->cond);
	loopcall_init(&s->call, m->loop);
	s->begun = host_ns(s);
	s->thread = g_thread_new("migration", source_thread, s);
	return s;
}

void source_set_limits(Source *s, const SourceLimits *limits)
{
	g_mutex_lock(&s->lock);
	s->limits = *limits;
	if (s->giver)
		giver_set_bandwidth(s->giver, limits->postcopy_bandwidth);
	g_mutex_unlock(&s->lock);
	sender_set_bandwidth(s->sender, limits->bandwidth);
}

bool source_cancel(Source *s)
{
	if (source_info(s).state >= SOURCE_COMMITTED)
		return false;
	channel_cancel(s->c);
	sender_cancel(s->sender);
	return true;
}

bool source_postcopy(Source *s)
{
	bool ok;

	g_mutex_lock(&s->lock);
	ok = s->info.state <= SOURCE_HELD && channel_two_way(s->c) && !s->ways.channels &&
	     !s->info.handover;
	if (ok)
		s->postcopy = true;
	g_mutex_unlock(&s->lock);
	if (ok)
		sender_hurry(s->sender);
	return ok;
}

bool source_continue(Source *s)
{
	bool ok;

	g_mutex_lock(&s->lock);
	ok = s->info.state == SOURCE_HELD;
	if (ok) {
		s->info.state = SOURCE_STOPPED;
		channel_poke(s->c);
	}
	g_mutex_unlock(&s->lock);
	return ok;
}

bool source_pause(Source *s)
{
	bool ok;

	g_mutex_lock(&s->lock);
	ok = s->info.state == SOURCE_POSTCOPY;
	if (ok)
		channel_break(s->c, "paused by the user");
	g_mutex_unlock(&s->lock);
	return ok;
}

bool source_recover(Source *s, Channel *c)
{
	bool ok;

	g_mutex_lock(&s->lock);
	ok = s->info.state == SOURCE_PAUSED && !s->another;
	if (ok) {
		s->another = c;
		g_cond_signal(&s->cond);
	}
	g_mutex_unlock(&s->lock);
	return ok;
}

SourceInfo source_info(const Source *s)
{
	Source *w = (Source *)(uintptr_t)s;
	SourceInfo info;

	g_mutex_lock(&w->lock);
	info = w->info;
	sender_packed(s->sender, &info.unpacked, &info.packed);
	info.channels = sender_channels(s->sender);
	info.pages_left = s->giver	  ? giver_left(s->giver)
			  : info.handover ? 0
					  : sender_left(s->sender);
	if (s->giver)
		info.asked = giver_asked(s->giver);
	if (info.state < SOURCE_DONE) {
		info.sent = bytes_sent(s);
		info.total_ms = (host_ns(s) - s->begun) / NS_PER_MS;
		if (s->stopped)
			info.downtime_ms = (host_ns(s) - s->stopped) / NS_PER_MS;
	}
	g_mutex_unlock(&w->lock);
	return info;
}

void source_free(Source *s)
{
	if (!s)
		return;
	g_mutex_lock(&s->lock);
	s->ends = true;
	channel_cancel(s->c);
	g_cond_signal(&s->cond);
	g_mutex_unlock(&s->lock);
	sender_cancel(s->sender);
	loopcall_quit(&s->call);
	g_thread_join(s->thread);
	loopcall_clear(&s->call);
	take_back(s);
	ram_pages_free(&s->aside, s->m->ram->size);
	giver_free(s->giver);
	sender_free(s->sender);
	channel_free(s->c);
	channel_free(s->another);
	g_free(s->lost);
	g_free(s->why);
	g_cond_clear(&s->cond);
	g_array_unref(s->sections);
	g_mutex_clear(&s->lock);
	g_free(s->dirty);
	g_free(s);
}
