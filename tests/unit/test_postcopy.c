/*
 * Postcopy between two machines of fake CPUs that write all the time, with the line cut at
 * every message and made anew: what arrives is what would have been, had the guest stayed.
 */
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/stream.h"
#include "core/absent.h"
#include "migration/dest.h"
#include "migration/hello.h"
#include "migration/postcopy.h"
#include "migration/source.h"
#include "migration/state.h"
#include "tests/unit/fake.h"

Suite *suite_postcopy(void);

enum { FROM_SOURCE, FROM_DEST };

/* A thread that carries messages, and cuts the line instead of carrying a certain one. */
typedef struct Line {
	int fd[2];	 /* to the source, to the destination */
	int cut_from;	 /* whose message */
	unsigned cut_at; /* which, of those since pages were said to come later */
	unsigned seen[2];
	bool counts;
	bool flip; /* damage it instead */
	GThread *thread;
} Line;

typedef struct Pair {
	Machine *from, *to;
	Source *s;
	Dest *d;
	unsigned source_told, dest_told;
	Line line[2]; /* the first, and the one that comes after it */
	unsigned lines;
} Pair;

static bool all(int fd, void *p, size_t n, bool out)
{
	uint8_t *at = p;

	while (n) {
		ssize_t k = out ? send(fd, at, n, MSG_NOSIGNAL) : recv(fd, at, n, 0);

		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

static bool carry(Line *l, int from)
{
	g_autofree uint8_t *buf = NULL;
	uint8_t head[8];
	uint32_t tag, n;

	if (!all(l->fd[from], head, sizeof(head), false))
		return false;
	tag = ld32_be(head);
	n = ld32_be(head + 4);
	ck_assert_uint_le(n, CHANNEL_MAX);
	buf = g_malloc(n + 4);
	if (!all(l->fd[from], buf, n + 4, false))
		return false;
	if (tag == MSG_POSTCOPY || tag == MSG_RECOVER)
		l->counts = true;
	if (l->counts && from == l->cut_from && l->seen[from]++ == l->cut_at) {
		if (!l->flip)
			return false;
		buf[n / 2] ^= 4;
	}
	return all(l->fd[!from], head, sizeof(head), true) && all(l->fd[!from], buf, n + 4, true);
}

static gpointer carrier(gpointer arg)
{
	struct pollfd p[2];
	Line *l = arg;

	for (;;) {
		for (unsigned i = 0; i < 2; i++)
			p[i] = (struct pollfd){ .fd = l->fd[i], .events = POLLIN };
		if (poll(p, 2, -1) < 0)
			break;
		if ((p[0].revents && !carry(l, 0)) || (p[1].revents && !carry(l, 1)))
			break;
	}
	shutdown(l->fd[0], SHUT_RDWR);
	shutdown(l->fd[1], SHUT_RDWR);
	return NULL;
}

/* Another line between the two, with a fate. */
static void add_line(Pair *p, Line fate, Channel **c)
{
	Line *l = &p->line[p->lines++];

	*l = fate;
	for (unsigned i = 0; i < 2; i++) {
		int fds[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		l->fd[i] = fds[1];
		c[i] = channel_new(fds[0], fds[0]);
		channel_set_limit(c[i], 20000);
	}
	l->thread = g_thread_new("line", carrier, l);
}

static const Line good = { .cut_at = UINT32_MAX };

static void told(void *opaque)
{
	++*(unsigned *)opaque;
}

static Machine *moving(unsigned ncpus, uint64_t insns)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), ncpus, false);

	if (insns)
		fake_run_to(m, insns);
	return m;
}

/* One that leaves its RAM alone, which is full: its pages come as slowly as the test likes. */
static Machine *quiet(bool full)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, true);

	for (uint64_t pa = 0; full && pa < m->ram->size; pa += 8)
		ram_st64(m->ram, pa, pa * UINT64_C(0x9e3779b97f4a7c15));
	return m;
}

static void pair_start(Pair *p, Machine *from, Machine *to, Line fate, SourceLimits limits)
{
	Channel *c[2];

	*p = (Pair){ .from = from, .to = to };
	add_line(p, fate, c);
	machine_lock(to);
	p->d = dest_start(to, c[1], true, told, &p->dest_told);
	machine_unlock(to);
	machine_lock(from);
	machine_start(from);
	p->s = source_start(from, c[0], &limits, NULL, told, &p->source_told);
	machine_unlock(from);
}

static void turn(Pair *p)
{
	loop_turn(p->from->loop, 0);
	loop_turn(p->to->loop, 0);
	g_usleep(100);
}

static SourceState source_state(const Pair *p)
{
	return source_info(p->s).state;
}

static DestState dest_state(const Pair *p)
{
	return dest_info(p->d).state;
}

static bool at_rest(const Pair *p)
{
	SourceState s = source_state(p);
	DestState d = dest_state(p);

	return (s == SOURCE_PAUSED || s >= SOURCE_DONE) && (d == DEST_PAUSED || d >= DEST_DONE);
}

static void pair_rest(Pair *p)
{
	while (!at_rest(p))
		turn(p);
}

static void pair_end(Pair *p)
{
	machine_lock(p->from);
	source_free(p->s);
	machine_unlock(p->from);
	machine_lock(p->to);
	dest_free(p->d);
	machine_unlock(p->to);
	for (unsigned i = 0; i < p->lines; i++) {
		g_thread_join(p->line[i].thread);
		close(p->line[i].fd[0]);
		close(p->line[i].fd[1]);
	}
}

/* All is where it should be; else why not. */
static void check_done(const Pair *p)
{
	SourceInfo s = source_info(p->s);
	DestInfo d = dest_info(p->d);

	if (s.state != SOURCE_DONE || d.state != DEST_DONE)
		ck_abort_msg("source %d (%s), destination %d (%s)", s.state, s.error, d.state,
			     d.error);
}

static bool ended(const Pair *p)
{
	SourceState s = source_state(p);

	return s == SOURCE_FAILED || s == SOURCE_DONE || s == SOURCE_LOST;
}

static void reconnect(Pair *p)
{
	Channel *c[2];

	add_line(p, good, c);
	ck_assert(dest_recover(p->d, c[1]));
	ck_assert(source_recover(p->s, c[0]));
}

static void stop_it(void *opaque)
{
	machine_stop(opaque, STOP_USER);
}

static char *state_of(Machine *m, uint64_t insns)
{
	machine_lock(m);
	vcpupool_set_limit(m->pool, insns, stop_it, m);
	if (!machine_running(m) && vcpupool_insns(m->pool) < insns)
		machine_start(m);
	machine_unlock(m);
	while (vcpupool_insns(m->pool) < insns || machine_running(m))
		loop_turn(m->loop, 10);
	return fake_state(m);
}

/* Wherever it has been: at the same instruction it is the same. */
static void check_as_if_stayed(Machine *m, unsigned ncpus)
{
	Machine *stayed;
	uint64_t insns;
	char *a, *b;

	machine_lock(m);
	machine_stop(m, STOP_USER);
	machine_unlock(m);
	insns = vcpupool_insns(m->pool) + 100000;
	a = state_of(m, insns);
	stayed = moving(ncpus, insns);
	b = fake_state(stayed);
	ck_assert_str_eq(a, b);
	g_free(a);
	g_free(b);
	machine_free(stayed);
}

/* Pages come so slowly that the guest needs most of them before they come by themselves. */
START_TEST(guest_goes_on_as_if_it_had_stayed)
{
	Machine *a = moving(3, 500000), *b = moving(3, 0);
	Pair p;

	pair_start(&p, a, b, good,
		   (SourceLimits){ .bandwidth = 1 << 20, .postcopy_bandwidth = 1 << 20 });
	ck_assert(source_postcopy(p.s));
	pair_rest(&p);
	check_done(&p);
	ck_assert_uint_eq(absent_left(b), 0);
	ck_assert_uint_gt(source_info(p.s).asked, 0);
	ck_assert_int_eq(a->stop_reason, STOP_MIGRATED);
	ck_assert(machine_running(b));
	check_as_if_stayed(b, 3);
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}
END_TEST

START_TEST(guest_runs_on_when_its_move_is_forgotten)
{
	Machine *a = moving(2, 500000), *b = moving(2, 0);
	Pair p;

	pair_start(&p, a, b, good,
		   (SourceLimits){ .bandwidth = 1 << 20, .postcopy_bandwidth = 1 << 20 });
	ck_assert(source_postcopy(p.s));
	pair_rest(&p);
	check_done(&p);
	pair_end(&p);
	ck_assert(machine_running(b));
	machine_free(a);
	machine_free(b);
}
END_TEST

START_TEST(cancel_is_refused)
{
	const SourceLimits quick = { .bandwidth = 0 }, slow = { .postcopy_bandwidth = 100000 };
	Machine *a = quiet(true), *b = quiet(false);
	uint32_t sum = ram_hash(a->ram);
	Pair p;

	pair_start(&p, a, b, good, slow);
	ck_assert(!source_pause(p.s));
	ck_assert(source_postcopy(p.s));
	while (source_state(&p) != SOURCE_POSTCOPY && !ended(&p))
		turn(&p);
	ck_assert_ptr_null(source_info(p.s).error);
	ck_assert_int_eq(source_state(&p), SOURCE_POSTCOPY);
	ck_assert(!source_cancel(p.s));
	ck_assert(!source_postcopy(p.s));
	ck_assert(!machine_running(a));
	/* The user's pause, at either end, is a lost line. */
	ck_assert(source_pause(p.s));
	pair_rest(&p);
	ck_assert_int_eq(source_state(&p), SOURCE_PAUSED);
	ck_assert_int_eq(dest_state(&p), DEST_PAUSED);
	ck_assert_uint_eq(p.source_told, 1);
	ck_assert_int_eq(b->stop_reason, STOP_PAGES);
	ck_assert_uint_gt(absent_left(b), 0);
	ck_assert_uint_eq(dest_info(p.d).pages_left, absent_left(b));
	source_set_limits(p.s, &quick);
	reconnect(&p);
	while (source_state(&p) != SOURCE_DONE || dest_state(&p) != DEST_DONE)
		turn(&p);
	ck_assert(machine_running(b));
	ck_assert_uint_eq(ram_hash(b->ram), sum);
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* False: there are not so many messages. */
static bool cut_once(int from, unsigned at, bool flip)
{
	const Line fate = { .cut_from = from, .cut_at = at, .flip = flip };
	Machine *a = moving(1, 200000), *b = moving(1, 0);
	bool reached;
	Pair p;

	pair_start(&p, a, b, fate, (SourceLimits){ .bandwidth = 0 });
	ck_assert(source_postcopy(p.s));
	pair_rest(&p);
	if (source_state(&p) == SOURCE_FAILED) {
		ck_assert_int_eq(dest_state(&p), DEST_FAILED);
		ck_assert_int_eq(b->stop_reason, STOP_INCOMING);
		ck_assert_uint_eq(absent_left(b), 0);
		ck_assert(machine_running(a));
		check_as_if_stayed(a, 1);
	} else {
		ck_assert_int_eq(a->stop_reason, STOP_MIGRATED);
		if (dest_state(&p) == DEST_PAUSED) {
			ck_assert_int_eq(source_state(&p), SOURCE_PAUSED);
			ck_assert_int_eq(b->stop_reason, STOP_PAGES);
			reconnect(&p);
			while (source_state(&p) != SOURCE_DONE || dest_state(&p) != DEST_DONE)
				turn(&p);
		}
		if (dest_state(&p) == DEST_DONE) {
			ck_assert_uint_eq(absent_left(b), 0);
			check_as_if_stayed(b, 1);
		} else {
			/* COMMIT was lost: nobody's, and the source says so. */
			ck_assert_int_eq(source_state(&p), SOURCE_PAUSED);
			ck_assert_int_eq(b->stop_reason, STOP_INCOMING);
			ck_assert_uint_eq(absent_left(b), 0);
		}
	}
	pair_end(&p);
	reached = p.line[0].seen[from] > at;
	machine_free(a);
	machine_free(b);
	return reached;
}

START_TEST(cut_at_every_message)
{
	unsigned step = 1, n = 0;

	for (unsigned at = 0; cut_once(FROM_SOURCE, at, false); at += step, n++)
		step = at < 16 ? 1 : 9;
	ck_assert_uint_gt(n, 16);
	n = 0;
	while (cut_once(FROM_DEST, n, false))
		n++;
	/* READY, RUNS, WHOLE at least. */
	ck_assert_uint_ge(n, 3);
}
END_TEST

START_TEST(damaged_messages)
{
	for (unsigned at = 0; at < 30; at += 3)
		cut_once(FROM_SOURCE, at, true);
	cut_once(FROM_DEST, 2, true);
}
END_TEST

/* ------------------------------------------------------- a hostile source */

static void send_section(Channel *c, const Section *x)
{
	OutStream name;

	out_init(&name);
	out_str(&name, x->name);
	ck_assert(channel_send2(c, x->tag, name.buf->data, name.buf->len, x->data, x->len));
	out_free(&name);
}

/* The whole of a move whose pages 1 to 8 are to come. */
static void send_guest(Channel *c, Machine *like)
{
	const uint8_t hello[HELLO_LEN] = { 0, 0, 0, STREAM_VERSION, 0, 0, 0, HELLO_TWO_WAY };
	const uint8_t id[8] = { 1, 2, 3 }, list[10] = { [8] = 0xfe, [9] = 1 };
	GArray *sections = sections_new();
	uint8_t last[12] = { 0 };
	Message msg;

	machine_lock(like);
	state_add_config(like, sections);
	state_collect(like, sections);
	machine_unlock(like);
	ck_assert(channel_send(c, MSG_HELLO, hello, sizeof(hello)));
	send_section(c, &g_array_index(sections, Section, 0));
	ck_assert(channel_expect(c, MSG_OKAY, &msg));
	ck_assert(channel_send(c, MSG_POSTCOPY, id, sizeof(id)));
	ck_assert(channel_send(c, MSG_LEFT, list, sizeof(list)));
	for (guint i = 1; i < sections->len; i++)
		send_section(c, &g_array_index(sections, Section, i));
	st32_be(last, sections->len);
	ck_assert(channel_send(c, MSG_LAST, last, sizeof(last)));
	g_array_unref(sections);
}

/* A destination, and in a thread somebody who says what it wants to hear and then does harm. */
typedef struct Hostile {
	Channel *c;
	Machine *like;
	uint32_t tag;
	const uint8_t *data;
	unsigned len;
} Hostile;

static void send_page(Channel *c, unsigned n)
{
	uint8_t page[12 + RAM_PAGE_SIZE] = { 0 };

	st64_be(page, (uint64_t)n << RAM_PAGE_SHIFT);
	st32_be(page + 8, 1);
	memset(page + 12, (int)n, RAM_PAGE_SIZE);
	ck_assert(channel_send(c, MSG_PAGES, page, sizeof(page)));
}

static gpointer do_harm(gpointer arg)
{
	Hostile *h = arg;
	Message msg;

	send_guest(h->c, h->like);
	ck_assert(channel_expect(h->c, MSG_READY, &msg));
	ck_assert(channel_send(h->c, MSG_COMMIT, NULL, 0));
	ck_assert(channel_expect(h->c, MSG_RUNS, &msg));
	send_page(h->c, 3);
	channel_both_speak(h->c);
	ck_assert(channel_send(h->c, h->tag, h->data, h->len));
	return NULL;
}

typedef struct Recovery {
	Channel *c;
	bool right;
} Recovery;

static gpointer recover(gpointer arg)
{
	uint8_t b[12] = { 0, 0, 0, STREAM_VERSION, 1, 2, 3 };
	const Recovery *r = arg;
	Message msg;

	b[6] += !r->right;
	ck_assert(channel_send(r->c, MSG_RECOVER, b, sizeof(b)));
	if (!r->right)
		return NULL;
	ck_assert(channel_expect(r->c, MSG_LEFT, &msg));
	/* Page 3 has come, before anything else was said. */
	ck_assert_uint_eq(msg.data[8], 0xf6);
	ck_assert_uint_eq(msg.data[9], 1);
	ck_assert(channel_expect(r->c, MSG_OKAY, &msg));
	channel_both_speak(r->c);
	for (unsigned n = 1; n < 9; n++)
		if (n != 3)
			send_page(r->c, n);
	ck_assert(channel_expect(r->c, MSG_WHOLE, &msg));
	return NULL;
}

static void wait_state(Machine *m, Dest *d, DestState state)
{
	while (dest_info(d).state != state)
		loop_turn(m->loop, 10);
}

static void recover_hostile(Machine *m, Dest *d, bool right)
{
	GThread *t;
	Recovery r = { .right = right };
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	r.c = channel_new(fds[1], fds[1]);
	t = g_thread_new("recover", recover, &r);
	ck_assert(dest_recover(d, channel_new(fds[0], fds[0])));
	if (right) {
		wait_state(m, d, DEST_DONE);
	} else {
		while (!dest_info(d).error || !strstr(dest_info(d).error, "another migration"))
			loop_turn(m->loop, 10);
		wait_state(m, d, DEST_PAUSED);
	}
	g_thread_join(t);
	channel_free(r.c);
}

/* The line of one who does harm is lost; the guest and its pages are not. */
START_TEST(hostile_pages)
{
	static const struct {
		uint32_t tag;
		uint8_t data[24];
		unsigned len;
	} rows[] = {
		{ MSG_PAGES, { 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 1 }, 12 }, /* has come */
		{ MSG_PAGES, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 12 },    /* was there */
		{ MSG_PAGES, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 1 }, 12 }, /* beyond RAM */
		{ MSG_PAGES, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 1 }, 12 },
		{ MSG_PAGES, { 0 }, 5 },
		{ MSG_WHOLE, { 0 }, 0 },
		{ MSG_WANT, { 0 }, 8 },
		{ MSG_COMMIT, { 0 }, 0 },
		{ MSG_LEFT, { 0, 0, 0, 0, 0, 0, 0, 0, 0xff }, 9 },
		{ 0x41414141, { 0 }, 0 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		Machine *like = moving(1, 1000), *m = moving(1, 0);
		unsigned calls = 0;
		GThread *t;
		int fds[2];
		Hostile h = {
			.like = like, .tag = rows[i].tag, .data = rows[i].data, .len = rows[i].len
		};
		uint8_t byte;
		Dest *d;

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		machine_lock(m);
		d = dest_start(m, channel_new(fds[0], fds[0]), true, told, &calls);
		machine_unlock(m);
		h.c = channel_new(fds[1], fds[1]);
		t = g_thread_new("hostile", do_harm, &h);
		wait_state(m, d, DEST_PAUSED);
		g_thread_join(t);
		channel_free(h.c);
		ck_assert_uint_eq(absent_left(m), 7);
		recover_hostile(m, d, false);
		ck_assert_uint_eq(absent_left(m), 7);
		recover_hostile(m, d, true);
		for (unsigned n = 1; n < 9; n++) {
			ck_assert(ram_read(m->ram, n << RAM_PAGE_SHIFT, &byte, 1));
			ck_assert_uint_eq(byte, n);
		}
		machine_lock(m);
		dest_free(d);
		machine_unlock(m);
		machine_free(m);
		machine_free(like);
	}
}
END_TEST

/* Before the guest has come: refused, and nothing is missing afterwards. */
START_TEST(hostile_lists)
{
	static const struct {
		uint32_t tag;
		uint8_t data[24];
		unsigned len;
		bool first; /* without what should come before it */
	} rows[] = {
		{ MSG_LEFT, { 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 9, true },
		{ MSG_POSTCOPY, { 0 }, 8, false },
		{ MSG_POSTCOPY, { 0 }, 7, true },
		{ MSG_LEFT, { 0 }, 7, false },
		{ MSG_LEFT, { 0, 0, 0, 0, 0, 0, 0, 1, 1 }, 9, false },
		{ MSG_LEFT, { 0, 0, 0, 0, 0, 1, 0, 0, 1 }, 9, false },
		{ MSG_LEFT, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf8, 1 }, 9, false },
		{ MSG_LEFT, { 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0xff }, 11, false },
	};
	const uint8_t hello[HELLO_LEN] = { 0, 0, 0, STREAM_VERSION, 0, 0, 0, HELLO_TWO_WAY };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		GArray *sections = sections_new();
		Machine *m = moving(1, 0);
		unsigned calls = 0;
		int fds[2];
		Channel *c;
		Dest *d;

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		machine_lock(m);
		state_add_config(m, sections);
		d = dest_start(m, channel_new(fds[0], fds[0]), true, told, &calls);
		machine_unlock(m);
		c = channel_new(fds[1], fds[1]);
		channel_both_speak(c);
		ck_assert(channel_send(c, MSG_HELLO, hello, sizeof(hello)));
		send_section(c, &g_array_index(sections, Section, 0));
		if (!rows[i].first)
			ck_assert(channel_send(c, MSG_POSTCOPY, hello, 8));
		ck_assert(channel_send(c, rows[i].tag, rows[i].data, rows[i].len));
		shutdown(fds[1], SHUT_WR);
		wait_state(m, d, DEST_FAILED);
		ck_assert_ptr_null(strstr(dest_info(d).error, "closed"));
		ck_assert_uint_eq(absent_left(m), 0);
		ck_assert_int_eq(m->stop_reason, STOP_INCOMING);
		machine_lock(m);
		dest_free(d);
		machine_unlock(m);
		channel_free(c);
		machine_free(m);
		g_array_unref(sections);
	}
}
END_TEST

/* ------------------------------------------------------------ pre-switchover */

static void pair_start_held(Pair *p, Machine *a, Machine *b)
{
	pair_start(p, a, b, good, (SourceLimits){ .downtime_ms = 50, .hold = true });
	while (source_state(p) != SOURCE_HELD && !ended(p))
		turn(p);
}

START_TEST(held_before_the_switch)
{
	for (unsigned postcopy = 0; postcopy < 2; postcopy++) {
		Machine *a = moving(1, 100000), *b = moving(1, 0);
		Pair p;

		pair_start_held(&p, a, b);
		ck_assert_int_eq(a->stop_reason, STOP_FINISH);
		ck_assert_int_eq(dest_state(&p), DEST_COPYING);
		if (postcopy)
			ck_assert(source_postcopy(p.s));
		ck_assert(source_continue(p.s));
		ck_assert(!source_continue(p.s));
		pair_rest(&p);
		check_done(&p);
		check_as_if_stayed(b, 1);
		pair_end(&p);
		machine_free(a);
		machine_free(b);
	}
}
END_TEST

/* The power-off of a guest that had stood already was forgotten: it ran on there. */
START_TEST(guest_that_ends_at_the_switch)
{
	Machine *a = moving(1, 100000), *b = moving(1, 0);
	Pair p;

	pair_start_held(&p, a, b);
	machine_request_shutdown(a, STOP_SHUTDOWN);
	loop_turn(a->loop, 0);
	ck_assert_int_eq(a->stop_reason, STOP_SHUTDOWN);
	ck_assert(source_continue(p.s));
	pair_rest(&p);
	ck_assert_int_eq(source_state(&p), SOURCE_DONE);
	ck_assert_int_eq(dest_state(&p), DEST_DONE);
	ck_assert(!dest_info(p.d).was_running);
	ck_assert(!machine_running(b));
	ck_assert_int_eq(a->stop_reason, STOP_MIGRATED);
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}
END_TEST

START_TEST(cancelled_before_the_switch)
{
	Machine *a = moving(1, 100000), *b = moving(1, 0);
	Pair p;

	pair_start_held(&p, a, b);
	ck_assert(source_cancel(p.s));
	pair_rest(&p);
	ck_assert_int_eq(source_state(&p), SOURCE_FAILED);
	ck_assert_int_eq(dest_state(&p), DEST_FAILED);
	ck_assert(machine_running(a));
	check_as_if_stayed(a, 1);
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* ------------------------------------------------ who waits for a page, and how */

static uint64_t asked_page;
static atomic_uint asked_times;

static void note(void *opaque, uint64_t n)
{
	(void)opaque;
	asked_page = n;
	atomic_fetch_add(&asked_times, 1);
}

static Machine *lacking(void)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);
	g_autofree uint8_t *bitmap = g_malloc0(m->ram->size / RAM_PAGE_SIZE / 8 + 1);

	bitmap[0] = 0xf0;
	atomic_store(&asked_times, 0);
	machine_lock(m);
	absent_begin(m, bitmap, note, NULL);
	return m;
}

static gpointer bring(gpointer arg)
{
	uint8_t page[RAM_PAGE_SIZE];

	memset(page, 0x5a, sizeof(page));
	while (!atomic_load(&asked_times))
		g_usleep(1000);
	ck_assert(absent_place(arg, asked_page, page));
	return NULL;
}

START_TEST(dma_waits_for_its_page)
{
	Machine *m = lacking();
	uint8_t buf[2 * RAM_PAGE_SIZE];
	GThread *t;

	/* Nobody brings pages yet: no DMA, and nobody is asked. */
	ck_assert(!ram_read(m->ram, 3 * RAM_PAGE_SIZE, buf, sizeof(buf)));
	ck_assert(ram_read(m->ram, 3 * RAM_PAGE_SIZE, buf, RAM_PAGE_SIZE));
	ck_assert(!ram_write(m->ram, 5 * RAM_PAGE_SIZE + 8, buf, 1));
	ck_assert_uint_eq(atomic_load(&asked_times), 0);
	absent_open(m);
	t = g_thread_new("bring", bring, m);
	ck_assert(ram_read(m->ram, 3 * RAM_PAGE_SIZE, buf, sizeof(buf)));
	ck_assert_uint_eq(asked_page, 4);
	ck_assert_uint_eq(buf[RAM_PAGE_SIZE - 1], 0);
	ck_assert_uint_eq(buf[RAM_PAGE_SIZE], 0x5a);
	ck_assert_uint_eq(absent_left(m), 3);
	g_thread_join(t);
	ck_assert(!absent_place(m, 4, buf));
	machine_unlock(m);
	machine_free(m);
}
END_TEST

static bool bring_late(void *opaque)
{
	Machine *m = opaque;

	machine_assert_locked(m);
	/* The machine stands, and the loop turns, though a device is in the middle of a DMA. */
	ck_assert_int_eq(m->stop_reason, STOP_PAGES);
	absent_open(m);
	ck_assert(absent_place(m, asked_page, NULL));
	return false;
}

START_TEST(loop_turns_while_a_lost_page_is_waited_for)
{
	Machine *m = lacking();
	uint64_t v = 1;
	bool was;

	machine_start(m);
	absent_lose(m);
	/* A user who looks does not wait. */
	was = absent_peek(m, true);
	ck_assert(!ram_ld64(m->ram, 6 * RAM_PAGE_SIZE, &v));
	absent_peek(m, was);
	ck_assert(machine_running(m));
	loop_timeout(m->loop, 20, bring_late, m);
	asked_page = 6;
	ck_assert(ram_ld64(m->ram, 6 * RAM_PAGE_SIZE, &v));
	ck_assert_uint_eq(v, 0);
	machine_unlock(m);
	machine_free(m);
}
END_TEST

/* Stores to RAM at once when it runs. */
static uint64_t storing(Vcpu *v, uint64_t max)
{
	FakeCpu *f = v->cpu;

	(void)max;
	f->hash = ram_st64(v->machine->ram, 7 * RAM_PAGE_SIZE, 0x1234) ? 1 : 2;
	f->halted = true;
	return 1;
}

static bool storing_runnable(Vcpu *v)
{
	return !((FakeCpu *)v->cpu)->halted;
}

START_TEST(waiting_cpu_can_be_stopped_and_started)
{
	static const VcpuOps ops = { .run = storing, .runnable = storing_runnable };
	Machine *m = lacking();
	FakeCpu *f = fake_cpu(m, 0);

	f->vcpu.ops = &ops;
	absent_open(m);
	machine_start(m);
	machine_unlock(m);
	while (!atomic_load(&asked_times))
		g_usleep(1000);
	for (unsigned i = 0; i < 20; i++) {
		machine_lock(m);
		machine_stop(m, STOP_USER);
		ck_assert_uint_eq(f->hash, 0);
		if (i == 10)
			absent_lose(m);
		if (i == 15)
			absent_open(m);
		machine_start(m);
		machine_unlock(m);
	}
	ck_assert_uint_eq(atomic_load(&asked_times), 2);
	machine_lock(m);
	machine_stop(m, STOP_USER);
	machine_unlock(m);
	ck_assert(absent_place(m, 7, NULL));
	g_usleep(20000);
	/* It has its page, but the machine stands. */
	ck_assert_uint_eq(f->hash, 0);
	machine_lock(m);
	machine_start(m);
	while (!f->halted) {
		machine_unlock(m);
		g_usleep(1000);
		machine_lock(m);
	}
	machine_stop(m, STOP_USER);
	ck_assert_uint_eq(f->hash, 1);
	machine_unlock(m);
	machine_free(m);
}
END_TEST

START_TEST(machine_ends_while_a_cpu_waits)
{
	static const VcpuOps ops = { .run = storing, .runnable = storing_runnable };
	Machine *m = lacking();

	fake_cpu(m, 0)->vcpu.ops = &ops;
	absent_open(m);
	machine_start(m);
	machine_unlock(m);
	while (!atomic_load(&asked_times))
		g_usleep(1000);
	machine_free(m);
}
END_TEST

static void ignore_sigpipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}

Suite *suite_postcopy(void)
{
	Suite *s = suite_create("postcopy");
	TCase *t = tcase_create("two machines"), *w = tcase_create("waiting");

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, ignore_sigpipe, NULL);
	tcase_add_test(t, guest_goes_on_as_if_it_had_stayed);
	tcase_add_test(t, guest_runs_on_when_its_move_is_forgotten);
	tcase_add_test(t, cancel_is_refused);
	tcase_add_test(t, cut_at_every_message);
	tcase_add_test(t, damaged_messages);
	tcase_add_test(t, hostile_pages);
	tcase_add_test(t, hostile_lists);
	tcase_add_test(t, held_before_the_switch);
	tcase_add_test(t, guest_that_ends_at_the_switch);
	tcase_add_test(t, cancelled_before_the_switch);
	suite_add_tcase(s, t);
	tcase_set_timeout(w, 60);
	tcase_add_test(w, dma_waits_for_its_page);
	tcase_add_test(w, loop_turns_while_a_lost_page_is_waited_for);
	tcase_add_test(w, waiting_cpu_can_be_stopped_and_started);
	tcase_add_test(w, machine_ends_while_a_cpu_waits);
	suite_add_tcase(s, w);
	return s;
}
