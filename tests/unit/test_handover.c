/*
 * Moves in which RAM goes as a memory descriptor, between two machines of fake CPUs that write
 * all the time: cut and damaged at every byte, and with descriptors of every wrong kind.  What
 * the source has if the guest stays, or the destination if it goes, is what a guest would
 * have that never moved; and no descriptor is left behind.
 */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/stream.h"
#include "migration/dest.h"
#include "migration/hello.h"
#include "migration/snapshot.h"
#include "migration/source.h"
#include "migration/state.h"
#include "tests/unit/fake.h"
#include "tests/unit/skip.h"

Suite *suite_handover(void);

#define SEALED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define LIMIT_MS 300

/* What happens to the line between the two. */
typedef struct Line {
	uint64_t cut_at, cut_back; /* bytes after which it is cut, each way */
	uint64_t flip_at;	   /* the byte from the source that is changed */
	int a, b;		   /* the test's ends: to the source, to the destination */
	uint64_t there, back;	   /* bytes so far */
	bool cut;
} Line;

typedef struct Pair {
	Machine *from, *to;
	Source *s;
	Dest *d;
	bool source_done, dest_done;
	Line line;
} Pair;

static const Line no_harm = { .cut_at = UINT64_MAX, .cut_back = UINT64_MAX, .flip_at = UINT64_MAX };
static const SourceLimits limits = { .downtime_ms = 50, .hash = true };
static const SourceWays by_memory = { .handover = true };

static void set_flag(void *opaque)
{
	*(bool *)opaque = true;
}

/* shared: with RAM that can be given away; insns: run so far already. */
static Machine *moving(unsigned ncpus, bool shared, uint64_t insns)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), ncpus, false);
	RamPages p;

	if (shared) {
		ck_assert(ram_pages_new(&p, m->ram->size, true, NULL));
		ram_exchange(m->ram, &p);
		ram_pages_free(&p, m->ram->size);
	}
	if (insns)
		fake_run_to(m, insns);
	return m;
}

static unsigned open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* ------------------------------------------------------------------ lines */

/* Bytes, and the descriptors that come with them. */
static ssize_t receive(int from, uint8_t *buf, size_t room, int *fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { buf, room };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(from, &m, MSG_DONTWAIT);
	const struct cmsghdr *h = n < 0 ? NULL : CMSG_FIRSTHDR(&m);

	*fd = -1;
	if (h && h->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(h), sizeof(*fd));
	return n;
}

/* With as many descriptors as given, at most 8, and closes none. */
static bool transmit(int to, const uint8_t *buf, size_t n, const int *fds, unsigned nfds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)buf, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *h;

	if (nfds) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(h), fds, nfds * sizeof(int));
	}
	return sendmsg(to, &m, MSG_NOSIGNAL) == (ssize_t)n;
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
	uint8_t buf[4096];
	uint64_t room = MIN(sizeof(buf), limit - *count);
	ssize_t n;
	bool ok;
	int fd;

	if (!room)
		return false;
	n = receive(from, buf, room, &fd);
	if (n <= 0)
		return n < 0;
	if (count == &l->there && l->flip_at - l->there < (uint64_t)n)
		buf[l->flip_at - l->there] ^= 0x10;
	*count += (uint64_t)n;
	ok = transmit(to, buf, (size_t)n, &fd, fd >= 0);
	if (fd >= 0)
		close(fd);
	return ok;
}

static void pair_start(Pair *p, Machine *from, Machine *to, const SourceWays *ways,
		       const Line *plan)
{
	int there[2], here[2];
	Channel *c;

	*p = (Pair){ .from = from, .to = to, .line = *plan };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, there), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, here), 0);
	p->line.a = there[1];
	p->line.b = here[1];
	machine_lock(to);
	c = channel_new(here[0], here[0]);
	/* A damaged length waits for bytes that never come. */
	if (plan->flip_at != UINT64_MAX)
		channel_set_limit(c, LIMIT_MS);
	p->d = dest_start(to, c, false, set_flag, &p->dest_done);
	machine_unlock(to);
	machine_lock(from);
	machine_start(from);
	c = channel_new(there[0], there[0]);
	if (plan->flip_at != UINT64_MAX)
		channel_set_limit(c, LIMIT_MS + 100);
	p->s = source_start(from, c, &limits, ways, set_flag, &p->source_done);
	machine_unlock(from);
}

static void pair_turn(Pair *p)
{
	Line *l = &p->line;
	uint64_t before = l->there + l->back;

	if (!l->cut && (!carry(l, l->a, l->b, &l->there, l->cut_at) ||
			!carry(l, l->b, l->a, &l->back, l->cut_back)))
		cut(l);
	loop_turn(p->from->loop, l->there + l->back != before ? 0 : 1);
	loop_turn(p->to->loop, 0);
}

static void pair_run(Pair *p)
{
	while (!p->source_done || !p->dest_done)
		pair_turn(p);
}

static void pair_end(Pair *p)
{
	cut(&p->line);
	machine_lock(p->from);
	source_free(p->s);
	machine_unlock(p->from);
	machine_lock(p->to);
	dest_free(p->d);
	machine_unlock(p->to);
}

/* ---------------------------------------------------------------- moving */

static void check_same(Machine *a, Machine *b)
{
	g_autofree char *x = fake_state(a), *y = fake_state(b);

	ck_assert_str_eq(x, y);
}

/* What each does to its RAM from now on is its own. */
static void check_apart(Machine *gone, Machine *here)
{
	uint64_t pa = gone->ram->size / 2, was, v;
	uint32_t sum;

	machine_lock(gone);
	sum = ram_hash(here->ram);
	ck_assert_int_eq(gone->ram->fd, -1);
	ck_assert(ram_ld64(here->ram, pa, &was));
	ck_assert(ram_st64(gone->ram, pa, ~was));
	ck_assert(ram_ld64(here->ram, pa, &v));
	ck_assert_uint_eq(v, was);
	ck_assert_uint_eq(ram_hash(here->ram), sum);
	machine_unlock(gone);
}

static void check_moved(Pair *p)
{
	ck_assert_msg(source_info(p->s).state == SOURCE_DONE, "%d: %s", source_info(p->s).state,
		      source_info(p->s).error);
	ck_assert_int_eq(dest_info(p->d).state, DEST_DONE);
	ck_assert_int_eq(p->from->stop_reason, STOP_MIGRATED);
	ck_assert_int_eq(p->to->stop_reason, STOP_INITIAL);
	ck_assert(source_info(p->s).handover && dest_info(p->d).handover);
	ck_assert(p->from->ram->elsewhere && !p->to->ram->elsewhere);
	ck_assert_int_ge(p->to->ram->fd, 0);
	ck_assert(!p->to->ram->frozen);
	check_same(p->from, p->to);
	check_apart(p->from, p->to);
}

START_TEST(back_and_forth)
{
	/* The one that it comes to first may have any RAM. */
	Machine *m[2] = { moving(3, true, 200000), moving(3, _i, 0) };
	unsigned fds = open_fds();
	uint64_t sent = 0;
	Pair p;

	for (unsigned i = 0; i < 10; i++) {
		pair_start(&p, m[i & 1], m[~i & 1], &by_memory, &no_harm);
		pair_run(&p);
		check_moved(&p);
		sent = MAX(sent, source_info(p.s).sent);
		pair_end(&p);
		m[i & 1]->stop_reason = STOP_INCOMING;
	}
	ck_assert_uint_lt(sent, 65536);
	/* Each time one is made ours, and one is given away. */
	ck_assert_uint_eq(open_fds(), _i ? fds - 1 : fds);
	machine_free(m[0]);
	machine_free(m[1]);
}
END_TEST

/* The guest has had nothing happen to it: from here on it does what one does that was left alone. */
static void check_unharmed(Machine *m)
{
	uint64_t insns;
	Machine *left;
	StopReason why = m->stop_reason;

	machine_lock(m);
	machine_stop(m, STOP_USER);
	insns = vcpupool_insns(m->pool) + 10000;
	machine_unlock(m);
	left = moving(1, false, insns);
	fake_run_to(m, insns);
	check_same(m, left);
	machine_free(left);
	m->stop_reason = why == STOP_INITIAL ? STOP_INITIAL : STOP_USER;
}

/* After any fault: who has the guest, unharmed, and with what RAM. */
static Machine *owner(Pair *p)
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
		ck_assert_int_ge(p->from->ram->fd, 0);
		ck_assert_int_eq(p->to->ram->fd, -1);
		ck_assert(!p->to->ram->frozen);
		ck_assert(bytes_are_zero(p->to->ram->host, p->to->ram->size));
		return p->from;
	case SOURCE_LOST:
		ck_assert_int_eq(p->from->stop_reason, STOP_MIGRATED);
		ck_assert_int_eq(p->from->ram->fd, -1);
		ck_assert(!p->from->ram->elsewhere);
		if (d.state == DEST_DONE)
			return p->to;
		ck_assert_int_eq(p->to->ram->fd, -1);
		ck_assert(bytes_are_zero(p->to->ram->host, p->to->ram->size));
		return NULL;
	case SOURCE_DONE: check_moved(p); return p->to;
	default: ck_abort_msg("source ends in state %d", s.state);
	}
}

/* A move that something happens to; if the guest stays, another, which is to go well. */
static void faulty(const Line *plan, uint64_t cancel_after)
{
	Machine *a = moving(1, true, 1000), *b = moving(1, false, 0), *has;
	unsigned fds = open_fds();
	Pair p;

	pair_start(&p, a, b, &by_memory, plan);
	for (uint64_t i = 0; i < cancel_after && !p.source_done; i++)
		pair_turn(&p);
	if (cancel_after)
		source_cancel(p.s);
	pair_run(&p);
	has = owner(&p);
	pair_end(&p);
	ck_assert_uint_eq(open_fds(), has || a->ram->fd >= 0 ? fds : fds - 1);
	if (has)
		check_unharmed(has);
	if (has == a) {
		pair_start(&p, a, b, &by_memory, &no_harm);
		pair_run(&p);
		check_moved(&p);
		pair_end(&p);
		check_unharmed(b);
	}
	machine_free(a);
	machine_free(b);
}

static void measure(uint64_t *there, uint64_t *back)
{
	Machine *a = moving(1, true, 1000), *b = moving(1, false, 0);
	Pair p;

	pair_start(&p, a, b, &by_memory, &no_harm);
	pair_run(&p);
	check_moved(&p);
	*there = p.line.there;
	*back = p.line.back;
	pair_end(&p);
	machine_free(a);
	machine_free(b);
}

START_TEST(cut_anywhere)
{
	uint64_t there, back;

	measure(&there, &back);
	for (uint64_t at = 0; at < there + 8; at += at < 50 ? 1 : at + 60 > there ? 2 : 17)
		faulty(&(Line){ at, UINT64_MAX, UINT64_MAX, 0, 0, 0, 0, false }, 0);
	for (uint64_t at = 0; at < back + 2; at += 2)
		faulty(&(Line){ UINT64_MAX, at, UINT64_MAX, 0, 0, 0, 0, false }, 0);
}
END_TEST

START_TEST(damaged_anywhere)
{
	uint64_t there, back;

	measure(&there, &back);
	for (uint64_t at = 0; at < there; at += at < 60 ? 3 : there / 20 + 1)
		faulty(&(Line){ UINT64_MAX, UINT64_MAX, at, 0, 0, 0, 0, false }, 0);
}
END_TEST

START_TEST(cancelled_at_any_time)
{
	for (unsigned n = 1; n < 40; n += 2)
		faulty(&no_harm, n);
}
END_TEST

START_TEST(held_before_the_switch)
{
	Machine *a = moving(1, true, 1000), *b = moving(1, false, 0);
	SourceLimits hold = limits;
	Channel *c[2];
	bool done[2] = { false, false };
	int fds[2];
	Source *s;
	Dest *d;

	hold.hold = true;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	c[0] = channel_new(fds[0], fds[0]);
	c[1] = channel_new(fds[1], fds[1]);
	machine_lock(b);
	d = dest_start(b, c[1], false, set_flag, &done[1]);
	machine_unlock(b);
	machine_lock(a);
	machine_start(a);
	s = source_start(a, c[0], &hold, &by_memory, set_flag, &done[0]);
	machine_unlock(a);
	while (source_info(s).state != SOURCE_HELD) {
		loop_turn(a->loop, 1);
		loop_turn(b->loop, 0);
	}
	/* There is nothing that could come after the guest. */
	ck_assert(!source_postcopy(s));
	ck_assert_uint_eq(source_info(s).pages_left, 0);
	ck_assert_int_ge(a->ram->fd, 0);
	ck_assert(source_continue(s));
	while (!done[0] || !done[1]) {
		loop_turn(a->loop, 1);
		loop_turn(b->loop, 0);
	}
	ck_assert_int_eq(source_info(s).state, SOURCE_DONE);
	machine_lock(a);
	source_free(s);
	machine_unlock(a);
	machine_lock(b);
	dest_free(d);
	machine_unlock(b);
	check_unharmed(b);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* What cannot be, or is not wanted, goes page by page. */
START_TEST(pages_go_where_memory_cannot)
{
	enum { SWITCHED_OFF, PRIVATE_RAM, PIPES, WAYS };
	Machine *a = moving(2, _i != PRIVATE_RAM, 1000), *b = moving(2, false, 0);
	const SourceWays off = { .handover = false };
	bool done[2] = { false, false };
	int fds[2], pipes[2][2];
	Channel *c[2];
	Source *s;
	Dest *d;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(pipe(pipes[0]), 0);
	ck_assert_int_eq(pipe(pipes[1]), 0);
	for (unsigned i = 0; i < 2; i++)
		c[i] = _i == PIPES ? channel_new(pipes[i][0], pipes[!i][1])
				   : channel_new(fds[i], fds[i]);
	machine_lock(b);
	d = dest_start(b, c[1], false, set_flag, &done[1]);
	machine_unlock(b);
	machine_lock(a);
	machine_start(a);
	s = source_start(a, c[0], &limits, _i == SWITCHED_OFF ? &off : &by_memory, set_flag,
			 &done[0]);
	machine_unlock(a);
	while (!done[0] || !done[1]) {
		loop_turn(a->loop, 1);
		loop_turn(b->loop, 0);
	}
	ck_assert_int_eq(source_info(s).state, SOURCE_DONE);
	ck_assert(!source_info(s).handover && !dest_info(d).handover);
	ck_assert_uint_gt(source_info(s).rounds, 0);
	ck_assert_int_eq(b->ram->fd, -1);
	ck_assert(!a->ram->elsewhere);
	check_same(a, b);
	machine_lock(a);
	source_free(s);
	machine_unlock(a);
	machine_lock(b);
	dest_free(d);
	machine_unlock(b);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* RAM that came from a snapshot can be handed over, if the RAM before it could. */
START_TEST(loaded_ram_can_be_handed_over)
{
	g_autofree char *dir = g_dir_make_tmp("ppcorn-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "a.snap", NULL);
	Machine *a = moving(1, true, 1000), *b = moving(1, false, 0);
	g_autofree char *saved = fake_state(a);
	g_autofree char *loaded = NULL;
	unsigned fds = open_fds();
	Pair p;

	machine_lock(a);
	ck_assert(snapshot_save(a, path, NULL));
	machine_unlock(a);
	fake_run_to(a, 50000);
	machine_lock(a);
	ck_assert(snapshot_load(a, path, NULL));
	machine_unlock(a);
	loaded = fake_state(a);
	ck_assert_str_eq(saved, loaded);
	ck_assert_int_ge(a->ram->fd, 0);
	ck_assert_uint_eq(open_fds(), fds);
	pair_start(&p, a, b, &by_memory, &no_harm);
	pair_run(&p);
	check_moved(&p);
	pair_end(&p);
	check_unharmed(b);
	/* A load that fails leaves RAM where it is. */
	ck_assert_int_eq(truncate(path, 5000), 0);
	machine_lock(b);
	ck_assert(!snapshot_load(b, path, NULL));
	machine_unlock(b);
	ck_assert_int_ge(b->ram->fd, 0);
	ck_assert_uint_eq(open_fds(), fds);
	check_unharmed(b);
	unlink(path);
	rmdir(dir);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* --------------------------------------------------------------- hostile */

typedef struct Hostile {
	int fd; /* the line */
	Machine *b;
	Dest *d;
	bool done;
} Hostile;

/* A message with descriptors that come with its byte number `at`. */
static void say_with(Hostile *h, uint32_t tag, const void *p, size_t n, size_t at, const int *fds,
		     unsigned nfds)
{
	g_autofree uint8_t *m = g_malloc(8 + n + 4);

	st32_be(m, tag);
	st32_be(m + 4, (uint32_t)n);
	memcpy(m + 8, p, n);
	st32_be(m + 8 + n, crc32c(0, m, 8 + n));
	ck_assert(!at || transmit(h->fd, m, at, NULL, 0));
	ck_assert(transmit(h->fd, m + at, 12 + n - at, fds, nfds));
}

static void say_section(Hostile *h, const Section *x, const int *fds, unsigned nfds)
{
	GByteArray *b = g_byte_array_new();
	OutStream name;

	out_init(&name);
	out_str(&name, x->name);
	g_byte_array_append(b, name.buf->data, name.buf->len);
	g_byte_array_append(b, x->data, (guint)x->len);
	say_with(h, x->tag, b->data, b->len, 0, fds, nfds);
	out_free(&name);
	g_byte_array_unref(b);
}

static void say_hello(Hostile *h, uint32_t flags, uint32_t channels, const int *fds, unsigned nfds)
{
	uint8_t b[HELLO_LEN];

	st32_be(b, STREAM_VERSION);
	st32_be(b + 4, flags);
	st32_be(b + 8, channels);
	say_with(h, MSG_HELLO, b, sizeof(b), 0, fds, nfds);
}

static void hostile_start(Hostile *h, Machine *b)
{
	Channel *c;
	int fds[2];

	*h = (Hostile){ .b = b };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	h->fd = fds[1];
	machine_lock(b);
	c = channel_new(fds[0], fds[0]);
	channel_set_limit(c, 60000);
	h->d = dest_start(b, c, true, set_flag, &h->done);
	machine_unlock(b);
}

/* The destination gives up, for that reason; then all is as it was. */
static void hostile_end(Hostile *h, const char *why, const char *what)
{
	DestInfo i;

	shutdown(h->fd, SHUT_WR);
	while (!h->done)
		loop_turn(h->b->loop, -1);
	i = dest_info(h->d);
	ck_assert_int_eq(i.state, DEST_FAILED);
	ck_assert_msg(strstr(i.error, why) != NULL, "%s: %s", what, i.error);
	ck_assert_int_eq(h->b->stop_reason, STOP_INCOMING);
	ck_assert_int_eq(h->b->ram->fd, -1);
	ck_assert(!h->b->ram->frozen);
	machine_lock(h->b);
	dest_free(h->d);
	machine_unlock(h->b);
	close(h->fd);
}

static int memfd(uint64_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	ck_assert(!seals || !fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

static int read_only(uint64_t size)
{
	int fd = memfd(size, SEALED), again;
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);

	again = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(again, 0);
	close(fd);
	return again;
}

static int plain_file(uint64_t size)
{
	FILE *f = tmpfile();
	int fd;

	ck_assert_ptr_nonnull(f);
	fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 0);
	fclose(f);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static int a_pipe(void)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	close(fds[1]);
	return fds[0];
}

/* A descriptor of each kind; -1: the host has not got it. */
static int kind_of_fd(unsigned kind, uint64_t size, const char **why)
{
	*why = "is not a memfd of plain pages";
	switch (kind) {
	case 0: return a_pipe();
	case 1: return open("/dev/zero", O_RDWR | O_CLOEXEC);
	case 2: return plain_file(size);
	case 3: return memfd_create("huge", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);
	case 4: return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	case 5: return open("/dev/null", O_PATH | O_CLOEXEC);
	case 6: return *why = "can shrink", memfd(size, 0);
	case 7: return *why = "can shrink", memfd(size, F_SEAL_GROW | F_SEAL_SEAL);
	case 8: return *why = "has 4096 bytes", memfd(4096, SEALED);
	case 9: return *why = "has 0 bytes", memfd(0, SEALED);
	case 10: return *why = "has 1099511627776 bytes", memfd(UINT64_C(1) << 40, SEALED);
	case 11: return *why = "cannot be written to", memfd(size, SEALED | F_SEAL_WRITE);
	case 12: return *why = "cannot be written to", read_only(size);
	default: *why = NULL; return -1;
	}
}

static void say_config(Hostile *h)
{
	GArray *config = sections_new();

	machine_lock(h->b);
	state_add_config(h->b, config);
	machine_unlock(h->b);
	say_section(h, &g_array_index(config, Section, 0), NULL, 0);
	g_array_unref(config);
}

static void say_memory(Hostile *h, uint64_t size, size_t at, const int *fds, unsigned n)
{
	uint8_t b[8];

	st64_be(b, size);
	say_with(h, MSG_MEMORY, b, sizeof(b), at, fds, n);
}

/* A source that speaks before it has an answer is refused for that alone. */
static void hear_okay(const Hostile *h)
{
	uint8_t b[12];

	ck_assert_int_eq(recv(h->fd, b, sizeof(b), MSG_WAITALL), sizeof(b));
	ck_assert_uint_eq(ld32_be(b), MSG_OKAY);
}

static void begin(Hostile *h, Machine *b)
{
	hostile_start(h, b);
	say_hello(h, HELLO_TWO_WAY | HELLO_MEMORY, 0, NULL, 0);
	say_config(h);
	hear_okay(h);
}

START_TEST(descriptors_of_the_wrong_kind)
{
	Machine *b = moving(1, false, 0);
	uint64_t size = b->ram->size;
	unsigned fds = open_fds();
	const char *why;
	Hostile h;
	int fd;

	for (unsigned kind = 0;; kind++) {
		fd = kind_of_fd(kind, size, &why);
		if (!why)
			break;
		if (fd < 0)
			continue;
		begin(&h, b);
		say_memory(&h, size, 0, &fd, 1);
		hostile_end(&h, why, why);
		close(fd);
		ck_assert_uint_eq(open_fds(), fds);
	}
	machine_free(b);
}
END_TEST

/* Up to the answer to HELO; why it is refused, NULL past the last. */
static const char *misplace_early(Hostile *h, unsigned i, uint64_t size, const int *fd)
{
	switch (i) {
	case 0: say_hello(h, HELLO_TWO_WAY | HELLO_MEMORY, 0, fd, 1); break;
	case 1: say_hello(h, HELLO_TWO_WAY, 0, fd, 8); break;
	case 2: say_hello(h, HELLO_MEMORY, 0, NULL, 0); return "cannot be handed over";
	case 3:
		say_hello(h, HELLO_TWO_WAY | HELLO_MEMORY, 4, NULL, 0);
		return "cannot be handed over";
	case 4: /* nobody has said that it would come */
		say_hello(h, HELLO_TWO_WAY, 0, NULL, 0);
		say_config(h);
		hear_okay(h);
		say_memory(h, size, 0, fd, 1);
		return "not known here";
	default: return NULL;
	}
	return "where none belongs";
}

/* Where RAM should come. */
static const char *misplace(Hostile *h, unsigned i, uint64_t size, const int *fd)
{
	const uint8_t page[12] = { [11] = 1 }, nothing[8] = { 0 };

	switch (i) {
	case 0: say_memory(h, size, 0, NULL, 0); return "no descriptor";
	case 1: say_memory(h, size, 0, fd, 2); return "several descriptors";
	case 2: say_memory(h, size, 0, fd, 8); return "several descriptors";
	case 3: say_memory(h, size - 4096, 0, fd, 1); return "of another size";
	case 4: say_memory(h, UINT64_MAX, 0, fd, 1); return "of another size";
	case 5: say_with(h, MSG_MEMORY, page, 12, 0, fd, 1); return "of another size";
	case 6: say_with(h, MSG_MEMORY, nothing, 8, 4, fd, 1); return "of another size";
	case 7: say_with(h, MSG_PAGES, page, 12, 0, NULL, 0); return "where 4d454d46";
	case 8: say_with(h, MSG_PAGES, page, 12, 0, fd, 1); return "where none belongs";
	case 9: say_with(h, MSG_WAIT, nothing, 0, 9, fd, 3); return "where none belongs";
	default: return NULL;
	}
}

/* After it has come. */
static const char *misplace_late(Hostile *h, unsigned i, uint64_t size, const int *fd)
{
	const uint8_t page[12] = { [11] = 1 }, nothing[8] = { 0 };

	/* In the middle of a message a descriptor is as good as at its beginning. */
	say_memory(h, size, i, fd, 1);
	hear_okay(h);
	switch (i) {
	case 0: say_memory(h, size, 0, fd + 1, 1); return "not known here";
	case 1: say_with(h, MSG_PAGES, page, 12, 0, NULL, 0); return "pages of RAM that was";
	case 2: say_with(h, MSG_POSTCOPY, nothing, 8, 0, NULL, 0); return "postcopy where it";
	case 3: say_with(h, MSG_LAST, page, 12, 0, NULL, 0); return "not all sections";
	case 4: say_with(h, MSG_COMMIT, nothing, 0, 0, NULL, 0); return "not known here";
	case 5: say_with(h, MSG_LEFT, page, 9, 0, NULL, 0); return "out of turn";
	case 6: say_with(h, MSG_WAIT, nothing, 0, 0, fd, 1); return "where none belongs";
	case 7: return "closed the connection";
	default: return NULL;
	}
}

START_TEST(descriptors_in_the_wrong_place)
{
	static const char *(*const parts[])(Hostile *, unsigned, uint64_t,
					    const int *) = { misplace_early, misplace,
							     misplace_late };
	Machine *b = moving(1, false, 0);
	uint64_t size = b->ram->size;
	int fd[8] = { memfd(size, SEALED), memfd(size, SEALED) };
	const char *why = "";
	unsigned fds;
	Hostile h;

	for (unsigned i = 2; i < 8; i++)
		fd[i] = fd[i & 1];
	fds = open_fds();
	for (unsigned part = 0; part < ARRAY_LEN(parts); part++) {
		for (unsigned i = 0; why; i++) {
			if (part)
				begin(&h, b);
			else
				hostile_start(&h, b);
			why = parts[part](&h, i, size, fd);
			hostile_end(&h, why ? why : "closed the connection", "row");
			ck_assert_uint_eq(open_fds(), fds);
		}
		why = "";
	}
	close(fd[0]);
	close(fd[1]);
	machine_free(b);
}
END_TEST

/*
 * All of it but COMMIT, from a machine that has loaded() write to RAM if it could: not a byte of
 * the memory has changed, and the destination has its own again.
 */
START_TEST(nothing_is_written_before_commit)
{
	Machine *a = moving(2, false, 1000), *b = moving(2, false, 0);
	uint64_t size = a->ram->size;
	int fd = memfd(size, SEALED);
	uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), last[12];
	GArray *sections = sections_new();
	uint32_t sum;
	Hostile h;

	ck_assert_ptr_ne(bytes, MAP_FAILED);
	for (uint64_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 12));
	sum = crc32c(0, bytes, size);
	machine_lock(a);
	state_collect(a, sections);
	machine_unlock(a);
	begin(&h, b);
	say_memory(&h, size, 0, &fd, 1);
	hear_okay(&h);
	for (guint i = 0; i < sections->len; i++)
		say_section(&h, &g_array_index(sections, Section, i), NULL, 0);
	st32_be(last, sections->len + 1);
	st32_be(last + 4, 1);
	st32_be(last + 8, sum);
	say_with(&h, MSG_LAST, last, sizeof(last), 0, NULL, 0);
	while (dest_info(h.d).state != DEST_READY)
		loop_turn(b->loop, 1);
	machine_lock(b);
	ck_assert_uint_eq(ram_hash(b->ram), sum);
	ck_assert(!ram_st64(b->ram, 0, 1));
	machine_unlock(b);
	hostile_end(&h, "closed the connection", "no COMMIT");
	ck_assert_uint_eq(crc32c(0, bytes, size), sum);
	ck_assert(bytes_are_zero(b->ram->host, size));
	ck_assert(ram_st64(b->ram, 0, 1));
	munmap(bytes, size);
	close(fd);
	g_array_unref(sections);
	machine_free(a);
	machine_free(b);
}
END_TEST

/* As the program does. */
static void ignore_sigpipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}

Suite *suite_handover(void)
{
	Suite *s = suite_create("handover");
	TCase *t = tcase_create("memory that changes hands");

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, ignore_sigpipe, NULL);
	tcase_add_loop_test(t, back_and_forth, 0, 2);
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, damaged_anywhere);
	tcase_add_test(t, cancelled_at_any_time);
	tcase_add_test(t, held_before_the_switch);
	tcase_add_loop_test(t, pages_go_where_memory_cannot, 0, 3);
	tcase_add_test(t, loaded_ram_can_be_handed_over);
	tcase_add_test(t, descriptors_of_the_wrong_kind);
	tcase_add_test(t, descriptors_in_the_wrong_place);
	tcase_add_test(t, nothing_is_written_before_commit);
	suite_add_tcase(s, t);
	return s;
}
