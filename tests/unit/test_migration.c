/*
 * Live migration between two machines of fake CPUs that run and write all the time, with
 * the line between them cut, damaged or stalled at any byte: the guest is at exactly one side
 * afterwards, and whole.
 */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/stream.h"
#include "migration/dest.h"
#include "migration/pages.h"
#include "migration/source.h"
#include "migration/state.h"
#include "tests/unit/fake.h"
#include "tests/unit/skip.h"

Suite *suite_migration(void);

/* What happens to the line. */
typedef struct Line {
	int a, b;	      /* the test's ends: to the source, to the destination */
	uint64_t cut_at;      /* bytes from the source after which it is cut */
	uint64_t cut_back;    /* the same for the answers */
	uint64_t flip_at;     /* the byte from the source that is changed */
	uint64_t there, back; /* bytes so far */
	bool cut;
	Channel *fresh; /* the destination's end, until somebody has given it to it */
} Line;

enum { CHANNELS = 4 };

typedef struct Pair {
	Machine *from, *to;
	Source *s;
	Dest *d;
	bool source_done, dest_done;
	Line line[1 + CHANNELS]; /* the first channel, and those of pages */
	atomic_uint nlines;
	bool held; /* nobody gives the destination its ends */
	Line plan; /* what is to happen to one of them */
	unsigned victim;
} Pair;

/*
 * Tests run twice: with all pages on the first channel, and with CHANNELS more and the pages
 * packed, at every so many'th place.
 */
static unsigned channels_of(int i)
{
	return i ? CHANNELS : 0;
}

static unsigned every(int i)
{
	return i ? 4 : 1;
}

static void set_flag(void *opaque)
{
	*(bool *)opaque = true;
}

static Machine *moving(unsigned ncpus, uint64_t insns)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), ncpus, false);

	if (insns)
		fake_run_to(m, insns);
	return m;
}

static void cut(Line *l)
{
	if (l->cut)
		return;
	l->cut = true;
	close(l->a);
	close(l->b);
}

/* Carries what there is one way; false: that side has closed. */
static bool carry(Line *l, int from, int to, uint64_t *count, uint64_t limit)
{
	uint8_t buf[8192];
	uint64_t room = MIN(sizeof(buf), limit - *count);
	struct pollfd p = { .fd = to, .events = POLLOUT };
	ssize_t n;

	if (!room)
		return false;
	/* Who waits there for another line's bytes takes none, and we are to bring those. */
	if (poll(&p, 1, 0) <= 0)
		return true;
	n = recv(from, buf, room, MSG_DONTWAIT);
	if (n <= 0)
		return n < 0;
	if (count == &l->there && l->flip_at - l->there < (uint64_t)n)
		buf[l->flip_at - l->there] ^= 0x10;
	*count += (uint64_t)n;
	for (ssize_t at = 0, k; at < n; at += k) {
		k = send(to, buf + at, (size_t)(n - at), MSG_NOSIGNAL);
		if (k < 0)
			return false;
	}
	return true;
}

static void turn_line(Line *l)
{
	if (l->cut)
		return;
	if (!carry(l, l->a, l->b, &l->there, l->cut_at) ||
	    !carry(l, l->b, l->a, &l->back, l->cut_back))
		cut(l);
}

static const Line no_harm = { .cut_at = UINT64_MAX, .cut_back = UINT64_MAX, .flip_at = UINT64_MAX };

/* A line; the source's end of it.  The destination's is for the test's thread to give it. */
static Channel *add_line(Pair *p)
{
	unsigned n = atomic_load(&p->nlines);
	Line *l = &p->line[n];
	int there[2], here[2];
	Channel *c;

	ck_assert_uint_lt(n, 1 + CHANNELS);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, there), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, here), 0);
	*l = n == p->victim ? p->plan : no_harm;
	l->a = there[1];
	l->b = here[1];
	c = channel_new(there[0], there[0]);
	l->fresh = channel_new(here[0], here[0]);
	/* A damaged length waits for bytes that never come. */
	if (p->plan.flip_at != UINT64_MAX) {
		channel_set_limit(c, 400);
		channel_set_limit(l->fresh, 300);
	}
	atomic_store(&p->nlines, n + 1);
	return c;
}

static Channel *connect_line(void *opaque, GError **err)
{
	(void)err;
	return add_line(opaque);
}

static void pair_start_plan(Pair *p, Machine *from, Machine *to, unsigned channels, unsigned victim,
			    const Line *plan)
{
	const SourceLimits limits = { .downtime_ms = 50, .hash = true };
	const SourceWays ways = { .channels = channels,
				  .connect = connect_line,
				  .opaque = p,
				  .zstd = channels && pages_can_pack(),
				  .zstd_level = 1 };
	Channel *c;

	*p = (Pair){ .from = from, .to = to, .victim = victim, .plan = *plan };
	c = add_line(p);
	machine_lock(to);
	p->d = dest_start(to, g_steal_pointer(&p->line[0].fresh), false, set_flag, &p->dest_done);
	machine_unlock(to);
	machine_lock(from);
	machine_start(from);
	p->s = source_start(from, c, &limits, &ways, set_flag, &p->source_done);
	machine_unlock(from);
}

static void pair_start(Pair *p, Machine *from, Machine *to, unsigned channels)
{
	pair_start_plan(p, from, to, channels, 0, &no_harm);
}

static void pair_turn(Pair *p)
{
	uint64_t moved = 0;

	for (unsigned i = 0; i < atomic_load(&p->nlines); i++) {
		Line *l = &p->line[i];

		if (l->fresh && !p->held)
			dest_add(p->d, g_steal_pointer(&l->fresh));
		moved -= l->there + l->back;
		turn_line(l);
		moved += l->there + l->back;
	}
	/* Nothing to carry: leave the host's CPU to who has something to do. */
	loop_turn(p->from->loop, moved ? 0 : 1);
	loop_turn(p->to->loop, 0);
}

static void pair_run(Pair *p)
{
	while (!p->source_done || !p->dest_done)
		pair_turn(p);
}

static void pair_end(Pair *p)
{
	for (unsigned i = 0; i < atomic_load(&p->nlines); i++)
		cut(&p->line[i]);
	machine_lock(p->from);
	source_free(p->s);
	machine_unlock(p->from);
	for (unsigned i = 0; i < atomic_load(&p->nlines); i++)
		channel_free(p->line[i].fresh);
	machine_lock(p->to);
	dest_free(p->d);
	machine_unlock(p->to);
}

static char *state_at_rest(Machine *m)
{
	machine_lock(m);
	machine_stop(m, STOP_USER);
	machine_unlock(m);
	return fake_state(m);
}

/* The guest has arrived: bit for bit what the source had when it stopped. */
static void check_moved(Pair *p)
{
	char *a = fake_state(p->from), *b = fake_state(p->to);

	ck_assert_msg(source_info(p->s).state == SOURCE_DONE, "%d: %s", source_info(p->s).state,
		      source_info(p->s).error);
	ck_assert_int_eq(dest_info(p->d).state, DEST_DONE);
	ck_assert(dest_info(p->d).was_running);
	ck_assert_int_eq(p->from->stop_reason, STOP_MIGRATED);
	ck_assert_int_eq(p->to->stop_reason, STOP_INITIAL);
	ck_assert_str_eq(a, b);
	g_free(a);
	g_free(b);
}

START_TEST(back_and_forth)
{
	Machine *m[2] = { moving(3, 200000), moving(3, 0) };
	Pair p;

	for (unsigned i = 0; i < 20; i++) {
		pair_start(&p, m[i & 1], m[~i & 1], channels_of(_i));
		pair_run(&p);
		check_moved(&p);
		ck_assert_uint_eq(source_info(p.s).channels, channels_of(_i));
		ck_assert_uint_eq(dest_info(p.d).channels, channels_of(_i));
		if (_i && pages_can_pack())
			ck_assert_uint_lt(source_info(p.s).packed, source_info(p.s).unpacked);
		pair_end(&p);
		/* The one that gave its guest away may take another. */
		m[i & 1]->stop_reason = STOP_INCOMING;
	}
	machine_free(m[0]);
	machine_free(m[1]);
}
END_TEST

/* Where it went makes no difference to what it does: counted time. */
START_TEST(moved_guest_goes_on_as_if_it_had_stayed)
{
	Machine *stayed = moving(2, 3000000), *a = moving(2, 1000), *b = moving(2, 0);
	char *sa, *sb;
	Pair p;

	pair_start(&p, a, b, channels_of(_i));
	pair_run(&p);
	check_moved(&p);
	pair_end(&p);
	if (vcpupool_insns(b->pool) < 3000000) {
		fake_run_to(b, 3000000);
		sa = fake_state(stayed);
		sb = fake_state(b);
		ck_assert_str_eq(sa, sb);
		g_free(sa);
		g_free(sb);
	}
	machine_free(stayed);
	machine_free(a);
	machine_free(b);
}
END_TEST

/*
 * After any fault: the guest runs at the source, or it is the destination's, or (its last word
 * lost) nobody's; never both.
 */
static void check_one_owner(Pair *p, uint64_t insns_before)
{
	SourceInfo s = source_info(p->s);
	DestInfo d = dest_info(p->d);

	switch (s.state) {
	case SOURCE_FAILED:
		ck_assert_int_eq(d.state, DEST_FAILED);
		ck_assert_int_eq(p->from->stop_reason, STOP_NONE);
		ck_assert_int_eq(p->to->stop_reason, STOP_INCOMING);
		ck_assert_ptr_nonnull(s.error);
		ck_assert_ptr_nonnull(d.error);
		break;
	case SOURCE_LOST:
		ck_assert_int_eq(p->from->stop_reason, STOP_MIGRATED);
		if (d.state == DEST_DONE)
			ck_assert_int_eq(p->to->stop_reason, STOP_INITIAL);
		else
			ck_assert_int_eq(p->to->stop_reason, STOP_INCOMING);
		break;
	case SOURCE_DONE: check_moved(p); break;
	default: ck_abort_msg("source ends in state %d", s.state);
	}
	if (s.state == SOURCE_FAILED) {
		/* It does go on. */
		for (unsigned i = 0; vcpupool_insns(p->from->pool) <= insns_before; i++) {
			ck_assert_uint_lt(i, 100000);
			loop_turn(p->from->loop, 1);
		}
	}
}

/* How many bytes a whole migration takes on a line, about. */
static void measure(unsigned channels, unsigned victim, uint64_t *there, uint64_t *back)
{
	Machine *a = moving(1, 1000), *b = moving(1, 0);
	Pair p;

	pair_start(&p, a, b, channels);
	pair_run(&p);
	*there = p.line[victim].there;
	*back = p.line[victim].back;
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}

static void faulty(unsigned channels, unsigned victim, uint64_t cut_at, uint64_t cut_back,
		   uint64_t flip_at)
{
	const Line plan = { .cut_at = cut_at, .cut_back = cut_back, .flip_at = flip_at };
	Machine *a = moving(1, 1000), *b = moving(1, 0);
	uint64_t insns;
	char *s;
	Pair p;

	insns = vcpupool_insns(a->pool);
	pair_start_plan(&p, a, b, channels, victim, &plan);
	pair_run(&p);
	check_one_owner(&p, insns);
	pair_end(&p);
	s = state_at_rest(a);
	g_free(s);
	machine_free(a);
	machine_free(b);
}

START_TEST(cut_anywhere)
{
	const unsigned n = channels_of(_i);
	uint64_t there, back, step;

	measure(n, 0, &there, &back);
	for (uint64_t at = 0; at < 40; at += every(_i))
		faulty(n, 0, at, UINT64_MAX, UINT64_MAX);
	step = there / (30 / every(_i)) + 1;
	for (uint64_t at = 40; at < there; at += step)
		faulty(n, 0, at, UINT64_MAX, UINT64_MAX);
	/* Around its end, where ownership changes; it may be longer or shorter each time. */
	for (uint64_t at = there > 80 ? there - 80 : 0; at < there + 40; at += 2 + every(_i))
		faulty(n, 0, at, UINT64_MAX, UINT64_MAX);
	for (uint64_t at = 0; at < back; at += every(_i))
		faulty(n, 0, UINT64_MAX, at, UINT64_MAX);
}
END_TEST

START_TEST(damaged_anywhere)
{
	const unsigned n = channels_of(_i);
	uint64_t there, back;

	measure(n, 0, &there, &back);
	for (uint64_t at = 0; at < 24; at += every(_i))
		faulty(n, 0, UINT64_MAX, UINT64_MAX, at);
	for (uint64_t at = 60; at < there; at += there / (30 / every(_i)) + 1)
		faulty(n, 0, UINT64_MAX, UINT64_MAX, at);
}
END_TEST

/* The same for each of the channels that only pages go over. */
START_TEST(channel_of_pages_cut_or_damaged_anywhere)
{
	uint64_t there, back;

	for (unsigned v = 1; v <= CHANNELS; v += CHANNELS - 1) {
		measure(CHANNELS, v, &there, &back);
		ck_assert_uint_gt(there, 40);
		ck_assert_uint_gt(back, 0);
		for (uint64_t at = 0; at < 40; at += 5)
			faulty(CHANNELS, v, at, UINT64_MAX, UINT64_MAX);
		for (uint64_t at = 40; at < there + 40; at += there / 8 + 1)
			faulty(CHANNELS, v, at, UINT64_MAX, UINT64_MAX);
		for (uint64_t at = 0; at < back; at += 3)
			faulty(CHANNELS, v, UINT64_MAX, at, UINT64_MAX);
		for (uint64_t at = 0; at < there; at += at < 24 ? 5 : there / 8 + 1)
			faulty(CHANNELS, v, UINT64_MAX, UINT64_MAX, at);
	}
}
END_TEST

START_TEST(cancelled_at_any_time)
{
	for (unsigned n = 0; n < 60; n += every(_i)) {
		Machine *a = moving(1, 1000), *b = moving(1, 0);
		uint64_t insns;
		Pair p;

		pair_start(&p, a, b, channels_of(_i));
		for (unsigned i = 0; i < n * 3 && !p.source_done; i++)
			pair_turn(&p);
		insns = vcpupool_insns(a->pool);
		source_cancel(p.s);
		pair_run(&p);
		check_one_owner(&p, insns);
		pair_end(&p);
		machine_free(a);
		machine_free(b);
	}
}
END_TEST

START_TEST(stalled_line)
{
	Machine *a = moving(1, 1000), *b = moving(1, 0);
	int there[2];
	const SourceLimits limits = { .downtime_ms = 50 };
	Channel *c;
	bool done = false;
	Source *s;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, there), 0);
	c = channel_new(there[0], there[0]);
	channel_set_limit(c, 100);
	machine_lock(a);
	machine_start(a);
	s = source_start(a, c, &limits, NULL, set_flag, &done);
	machine_unlock(a);
	while (!done)
		loop_turn(a->loop, -1);
	ck_assert_int_eq(source_info(s).state, SOURCE_FAILED);
	ck_assert(strstr(source_info(s).error, "has not moved") != NULL);
	ck_assert_int_eq(a->stop_reason, STOP_NONE);
	machine_lock(a);
	source_free(s);
	machine_unlock(a);
	close(there[1]);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* ------------------------------------------------- input from outside */

/* A terminal: what it takes goes into its state and, as an event, into RAM. */
typedef struct Typed {
	Device dev;
	uint64_t got;
	uint64_t waiting; /* outside */
	uint64_t asked;
} Typed;

static void typed_feed(Typed *t)
{
	Ram *ram = t->dev.machine->ram;

	for (; t->waiting && !t->dev.machine->input_held; t->waiting--) {
		t->got++;
		ck_assert(ram_st64(ram, 8 * (t->got % 100), t->got));
	}
}

static void typed_input(Device *d)
{
	((Typed *)d)->asked++;
	typed_feed((Typed *)d);
}

static const VmField typed_fields[] = {
	DEVICE_SKIP(Typed, dev),
	VMF(Typed, got),
	VMSKIP(Typed, waiting, "the outside world's"),
	VMSKIP(Typed, asked, "the test's"),
	VMEND,
};
static const VmDesc typed_desc = { "typed", 1, sizeof(Typed), typed_fields };
static const DeviceType typed_type = {
	.name = "typed", .size = sizeof(Typed), .state = &typed_desc, .input = typed_input
};

static Typed *add_typed(Machine *m)
{
	Typed *t = device_new(&typed_type, m, "/typed");

	ck_assert(device_realize(t, NULL));
	return t;
}

/* Keys come all the time; cut_back: where the answers are cut, so that the guest stays. */
static void move_while_typing(uint64_t cut_back)
{
	const Line plan = { .cut_at = UINT64_MAX, .cut_back = cut_back, .flip_at = UINT64_MAX };
	Machine *a = moving(1, 1000), *b = moving(1, 0);
	Typed *ta = add_typed(a), *tb = add_typed(b);
	uint64_t typed = 0;
	Pair p;

	pair_start_plan(&p, a, b, 0, 0, &plan);
	while (!p.source_done || !p.dest_done) {
		pair_turn(&p);
		machine_lock(a);
		typed++;
		ta->waiting++;
		typed_feed(ta);
		machine_unlock(a);
	}
	ck_assert_uint_eq(ta->got + ta->waiting, typed);
	if (cut_back == UINT64_MAX) {
		/* To the bit what the source had; what came later is still outside. */
		check_moved(&p);
		ck_assert_uint_eq(tb->got, ta->got);
		ck_assert_uint_gt(ta->waiting, 0);
		ck_assert_uint_eq(ta->asked, 0);
		ck_assert(a->input_held && !b->input_held);
	} else {
		check_one_owner(&p, vcpupool_insns(a->pool));
		ck_assert_int_eq(source_info(p.s).state, SOURCE_FAILED);
		loop_turn(a->loop, 0);
		ck_assert_uint_eq(ta->asked, 1);
		ck_assert_uint_eq(ta->got, typed);
	}
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}

START_TEST(what_is_typed_while_the_guest_leaves)
{
	uint64_t there, back;

	move_while_typing(UINT64_MAX);
	/* All but READY, which is the answer before the last one. */
	measure(0, 0, &there, &back);
	move_while_typing(back / 3 + 2);
}
END_TEST

/*
 * A port scan at the wrong moment: more of them than there may be at once, while the channels are
 * still to come.  They say what makes no sense (_i = 0), or nothing and stay.
 */
START_TEST(strangers_make_room_for_the_channels)
{
	enum { MANY = 60 };
	Machine *a = moving(1, 1000), *b = moving(1, 0);
	const uint8_t hello[CHANNEL_ID_LEN + 4] = { 0 };
	Channel *c[MANY];
	Message msg;
	int fds[2];
	Pair p;

	pair_start(&p, a, b, CHANNELS);
	p.held = true;
	while (atomic_load(&p.nlines) < 2)
		pair_turn(&p);
	for (unsigned i = 0; i < MANY; i++) {
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		dest_add(p.d, channel_new(fds[0], fds[0]));
		c[i] = channel_new(fds[1], fds[1]);
		if (_i)
			continue;
		ck_assert(channel_send(c[i], MSG_CHANNEL, hello, sizeof(hello)));
		ck_assert(!channel_receive(c[i], &msg));
		ck_assert_str_eq(channel_error(c[i]),
				 "the other side says: a channel of another migration");
	}
	p.held = false;
	pair_run(&p);
	check_moved(&p);
	pair_end(&p);
	for (unsigned i = 0; i < MANY; i++)
		channel_free(c[i]);
	machine_free(a);
	machine_free(b);
}
END_TEST

START_TEST(another_machine_is_refused)
{
	Machine *a = moving(1, 1000), *b = moving(2, 0);
	Pair p;

	pair_start(&p, a, b, channels_of(_i));
	pair_run(&p);
	ck_assert_int_eq(source_info(p.s).state, SOURCE_FAILED);
	ck_assert(strstr(source_info(p.s).error, "cpus: snapshot 1, this machine 2") != NULL);
	ck_assert_int_eq(a->stop_reason, STOP_NONE);
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* Its state is on its way: were it continued here now, both would have it. */
START_TEST(paused_guest_cannot_be_continued_while_it_leaves)
{
	for (unsigned cut_it = 0; cut_it < 2; cut_it++) {
		Machine *a = moving(1, 1000), *b = moving(1, 0);
		Pair p;

		pair_start(&p, a, b, channels_of(0));
		machine_lock(a);
		machine_stop(a, STOP_USER);
		machine_unlock(a);
		while (source_info(p.s).state < SOURCE_STOPPED) {
			turn_line(&p.line[0]);
			loop_turn(a->loop, 0);
			loop_turn(b->loop, 0);
		}
		ck_assert_int_eq(a->stop_reason, STOP_FINISH);
		if (cut_it)
			cut(&p.line[0]);
		pair_run(&p);
		ck_assert_int_eq(a->stop_reason, cut_it ? STOP_USER : STOP_MIGRATED);
		ck_assert_int_eq(b->stop_reason, cut_it ? STOP_INCOMING : STOP_INITIAL);
		pair_end(&p);
		machine_free(a);
		machine_free(b);
	}
}
END_TEST

/* The other side of a source whose every word is taken: what it wants to hear, up to READY. */
static bool answer(Channel *c)
{
	Message msg;

	if (!channel_receive(c, &msg))
		return false;
	if (msg.tag == SNAP_CONFIG)
		return channel_send(c, MSG_OKAY, NULL, 0);
	if (msg.tag == MSG_LAST)
		return channel_send(c, MSG_READY, NULL, 0) && false;
	return true;
}

static gpointer answer_all(gpointer arg)
{
	while (answer(arg))
		;
	channel_free(arg);
	return NULL;
}

/* Killed between READY and COMMIT: the source has not sent COMMIT, so the guest is its own. */
START_TEST(guest_stays_when_the_line_takes_no_commit)
{
	Machine *a = moving(1, 1000);
	const SourceLimits limits = { .downtime_ms = 50 };
	bool done = false;
	GThread *other;
	int fds[2];
	Source *s;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	machine_lock(a);
	machine_start(a);
	s = source_start(a, channel_new(fds[0], fds[0]), &limits, NULL, set_flag, &done);
	machine_unlock(a);
	other = g_thread_new("other", answer_all, channel_new(fds[1], fds[1]));
	/* The loop takes the guest from the CPUs; then it waits until the other has gone. */
	while (source_info(s).state < SOURCE_STOPPED)
		loop_turn(a->loop, 0);
	g_thread_join(other);
	while (!done)
		loop_turn(a->loop, 0);
	ck_assert_int_eq(source_info(s).state, SOURCE_FAILED);
	ck_assert_int_eq(a->stop_reason, STOP_NONE);
	machine_lock(a);
	source_free(s);
	machine_unlock(a);
	machine_free(a);
}
END_TEST

/* Nonsense that is well formed: sums are right, what they sum is not. */
static const struct {
	uint32_t tag;
	uint8_t data[24];
	unsigned len;
	const char *why;
} nonsense[] = {
	{ MSG_PAGES,
	  { 0, 0, 0, 0, 0, 0, 0x10, 0, 0xff, 0xff, 0xff, 0xff },
	  12,
	  "where there is no RAM" },
	{ MSG_PAGES,
	  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 1 },
	  12,
	  "where there is no RAM" },
	{ MSG_PAGES, { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1 }, 12, "where there is no RAM" },
	{ MSG_PAGES, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7 }, 13, "of the wrong length" },
	{ MSG_PAGES, { 0 }, 5, "that is too short" },
	{ MSG_LAST, { 0, 0, 0, 1, 0, 0, 0, 1 }, 12, "no section of the clock" },
	{ MSG_LAST, { 0, 0, 0, 9 }, 12, "not all sections" },
	{ MSG_LAST, { 0 }, 0, "not all sections" },
	{ MSG_COMMIT, { 0 }, 0, "not known here" },
	{ MSG_READY, { 0 }, 0, "not known here" },
	{ SNAP_CLOCK, { 0xff, 0xff, 1 }, 3, "without its name" },
	{ 0x41414141, { 0 }, 0, "not known here" },
	{ MSG_HELLO, { 0, 0, 0, 2, 0, 0, 0, 1 }, 12, "not known here" },
	{ MSG_SYNC, { 0, 0, 0, 1 }, 4, "not known here" },
	/* Packed: nothing, no frame, more than there is room for. */
	{ MSG_PACKED, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 12, "packed pages" },
	{ MSG_PACKED,
	  { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6 },
	  18,
	  "packed pages" },
	{ MSG_PACKED, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 1, 2, 3, 4 }, 16, "packed pages" },
	{ MSG_PACKED, { 0 }, 5, "that is too short" },
	{ MSG_CHANNEL, { 0 }, 20, "not known here" },
};

START_TEST(hostile_source)
{
	for (unsigned i = 0; i < ARRAY_LEN(nonsense); i++) {
		Machine *b = moving(1, 0);
		const uint8_t hello[12] = { 0, 0, 0, 2 }; /* one way: nobody answers between */
		GArray *config = sections_new();
		const Section *x;
		OutStream name;
		bool done = false;
		int fds[2];
		Channel *c;
		Dest *d;

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		machine_lock(b);
		c = channel_new(fds[0], fds[0]);
		channel_set_limit(c, 60000);
		d = dest_start(b, c, true, set_flag, &done);
		state_add_config(b, config);
		machine_unlock(b);
		x = &g_array_index(config, Section, 0);
		out_init(&name);
		out_str(&name, x->name);
		c = channel_new(fds[1], fds[1]);
		ck_assert(channel_send(c, MSG_HELLO, hello, sizeof(hello)));
		ck_assert(channel_send2(c, x->tag, name.buf->data, name.buf->len, x->data, x->len));
		ck_assert(channel_send(c, nonsense[i].tag, nonsense[i].data, nonsense[i].len));
		out_free(&name);
		g_array_unref(config);
		while (!done)
			loop_turn(b->loop, -1);
		ck_assert_int_eq(dest_info(d).state, DEST_FAILED);
		ck_assert_msg(strstr(dest_info(d).error, nonsense[i].why) != NULL, "row %u: %s", i,
			      dest_info(d).error);
		ck_assert_int_eq(b->stop_reason, STOP_INCOMING);
		machine_lock(b);
		dest_free(d);
		machine_unlock(b);
		channel_free(c);
		machine_free(b);
	}
}
END_TEST

/* Two machines' worth of a channel: what is sent at one end is looked at at the other. */
static bool parses(PageBuf *b, const Ram *ram, const uint8_t *p, size_t n)
{
	Channel *c, *e;
	Message msg;
	PageRun run;
	int fds[2];
	bool ok;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	c = channel_new(fds[0], fds[0]);
	e = channel_new(fds[1], fds[1]);
	ck_assert(channel_send(c, MSG_PACKED, p, n));
	ck_assert(channel_receive(e, &msg));
	ok = pages_parse(b, e, ram, &msg, &run);
	ck_assert(ok == !channel_error(e));
	channel_free(c);
	channel_free(e);
	return ok;
}

/* A good frame with any byte of it changed: taken or refused, never more than it may write. */
START_TEST(hostile_frames)
{
	Machine *m = moving(1, 0);
	PageBuf b = { 0 };
	Channel *c, *e;
	uint8_t *copy;
	Message msg;
	int fds[2];
	size_t n;

	if (!pages_can_pack()) {
		test_skipped("built without zstd");
		machine_free(m);
		return;
	}
	memset(m->ram->host, 0x5a, 3 * RAM_PAGE_SIZE);
	pagebuf_init(&b);
	pagebuf_pack(&b, 1);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	c = channel_new(fds[0], fds[0]);
	e = channel_new(fds[1], fds[1]);
	ck_assert_uint_eq(pages_send(&b, c, m->ram, 0, 3), 3);
	ck_assert(channel_receive(e, &msg));
	ck_assert_uint_eq(msg.tag, MSG_PACKED);
	ck_assert_uint_lt(msg.len, RAM_PAGE_SIZE);
	n = msg.len;
	copy = g_memdup2(msg.data, n);
	channel_free(c);
	channel_free(e);
	ck_assert(parses(&b, m->ram, copy, n));
	for (size_t at = 8; at < n; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			copy[at] ^= (uint8_t)(1u << bit);
			parses(&b, m->ram, copy, n);
			copy[at] ^= (uint8_t)(1u << bit);
		}
		ck_assert(at < 12 || !parses(&b, m->ram, copy, at));
	}
	/* It makes three pages: not two, nor four. */
	for (uint8_t k = 0; k < 70; k++) {
		copy[11] = k;
		ck_assert(parses(&b, m->ram, copy, n) == (k == 3));
	}
	g_free(copy);
	pagebuf_clear(&b);
	machine_free(m);
}
END_TEST

/* As the program does. */
static void ignore_sigpipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}

Suite *suite_migration(void)
{
	Suite *s = suite_create("migration");
	TCase *t = tcase_create("two machines"), *f = tcase_create("faults");

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, ignore_sigpipe, NULL);
	tcase_add_loop_test(t, back_and_forth, 0, 2);
	tcase_add_loop_test(t, moved_guest_goes_on_as_if_it_had_stayed, 0, 2);
	tcase_add_loop_test(f, cut_anywhere, 0, 2);
	tcase_add_loop_test(f, damaged_anywhere, 0, 2);
	tcase_add_test(f, channel_of_pages_cut_or_damaged_anywhere);
	tcase_add_loop_test(t, cancelled_at_any_time, 0, 2);
	tcase_add_test(t, stalled_line);
	tcase_add_test(t, what_is_typed_while_the_guest_leaves);
	tcase_add_loop_test(t, strangers_make_room_for_the_channels, 0, 2);
	tcase_add_loop_test(t, another_machine_is_refused, 0, 2);
	tcase_add_test(t, paused_guest_cannot_be_continued_while_it_leaves);
	tcase_add_test(t, guest_stays_when_the_line_takes_no_commit);
	tcase_add_test(t, hostile_source);
	tcase_add_test(t, hostile_frames);
	tcase_set_timeout(f, 300);
	tcase_add_checked_fixture(f, ignore_sigpipe, NULL);
	suite_add_tcase(s, t);
	suite_add_tcase(s, f);
	return s;
}
