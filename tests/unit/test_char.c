/* The character back ends, with real descriptors at their other end. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include "host/char.h"

/* A front end that keeps what it gets and takes as much as `room`. */
typedef struct Front {
	GString *got;
	size_t room;
	int opened, closed, breaks, focus, unfocus;
} Front;

static Loop *loop;
static char *dir;

static size_t front_can_read(void *opaque)
{
	return ((Front *)opaque)->room;
}

static void front_read(void *opaque, const uint8_t *buf, size_t len)
{
	Front *f = opaque;

	ck_assert_uint_le(len, f->room);
	g_string_append_len(f->got, (const char *)buf, (gssize)len);
	if (f->room != SIZE_MAX)
		f->room -= len;
}

static void front_event(void *opaque, CharEvent ev)
{
	Front *f = opaque;
	int *const counts[] = { [CHAR_OPENED] = &f->opened,
				[CHAR_CLOSED] = &f->closed,
				[CHAR_BREAK] = &f->breaks,
				[CHAR_FOCUS] = &f->focus,
				[CHAR_UNFOCUS] = &f->unfocus };

	++*counts[ev];
}

static void attach(Chardev *c, Front *f)
{
	const CharFront front = { front_can_read, front_read, front_event, f };

	memset(f, 0, sizeof(*f));
	f->got = g_string_new(NULL);
	f->room = SIZE_MAX;
	chardev_attach(c, &front);
}

static void turn(int n)
{
	while (n--)
		loop_turn(loop, 2);
}

static void setup(void)
{
	loop = loop_new();
	dir = g_dir_make_tmp("pcorn-char-XXXXXX", NULL);
	ck_assert_ptr_nonnull(dir);
}

static void teardown(void)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(d))) {
		char *path = g_build_filename(dir, name, NULL);

		g_unlink(path);
		g_free(path);
	}
	g_dir_close(d);
	g_rmdir(dir);
	g_free(dir);
	loop_free(loop);
}

static char *in_dir(const char *name)
{
	return g_build_filename(dir, name, NULL);
}

static int client(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	g_strlcpy(sa.sun_path, path, sizeof(sa.sun_path));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static Chardev *server(const char *path, bool telnet)
{
	const CharSocket addr = { .path = path, .server = true, .telnet = telnet };
	GError *err = NULL;
	Chardev *c = char_socket_new("s", loop, &addr, &err);

	ck_assert_msg(c != NULL, "%s", err ? err->message : "");
	return c;
}

static void expect(int fd, const char *text)
{
	char buf[4096];
	ssize_t n = 0, got;

	for (int i = 0; i < 50 && n < (ssize_t)strlen(text); i++) {
		got = read(fd, buf + n, sizeof(buf) - (size_t)n - 1);
		if (got > 0)
			n += got;
		turn(1);
	}
	buf[n] = 0;
	ck_assert_str_eq(buf, text);
}

static void type(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	turn(4);
}

START_TEST(test_file)
{
	char *path = in_dir("out"), *text;
	Chardev *c = char_file_new("f", loop, path, false, NULL);
	GError *err = NULL;

	chardev_write(c, "one", 3);
	char_free(c);
	c = char_file_new("f", loop, path, true, NULL);
	chardev_write(c, "two", 3);
	char_close(c);
	chardev_write(c, "late", 4);
	char_free(c);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_str_eq(text, "onetwo");
	g_free(text);
	c = char_file_new("f", loop, path, false, NULL);
	char_free(c);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_str_eq(text, "");
	g_free(text);
	ck_assert_ptr_null(char_file_new("f", loop, dir, false, &err));
	ck_assert_ptr_nonnull(strstr(err->message, dir));
	g_error_free(err);
	g_free(path);
}
END_TEST

START_TEST(test_null)
{
	Chardev *c = char_null_new("n");
	Front f;

	attach(c, &f);
	chardev_write(c, "gone", 4);
	ck_assert_uint_eq(char_dropped(c), 0);
	ck_assert_int_eq(f.opened, 1);
	char_free(c);
	g_string_free(f.got, TRUE);
}
END_TEST

START_TEST(test_server)
{
	char *path = in_dir("sock");
	Chardev *c = server(path, false), *again;
	Front f;
	int fd;

	attach(c, &f);
	chardev_write(c, "nobody", 6);
	turn(2);
	ck_assert_int_eq(f.opened, 0);
	for (int i = 1; i <= 3; i++) {
		fd = client(path);
		turn(4);
		ck_assert_int_eq(f.opened, i);
		type(fd, "hi");
		ck_assert_str_eq(f.got->str, "hi");
		g_string_truncate(f.got, 0);
		chardev_write(c, "yo", 2);
		expect(fd, "yo");
		close(fd);
		turn(4);
		ck_assert_int_eq(f.closed, i);
	}
	/* The last words of a client that leaves at once arrive. */
	fd = client(path);
	type(fd, "bye");
	close(fd);
	turn(6);
	ck_assert_str_eq(f.got->str, "bye");
	/* A stale socket file is replaced ... */
	again = server(path, false);
	char_free(again);
	ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
	char_free(c);
	g_string_free(f.got, TRUE);
	g_free(path);
}
END_TEST

START_TEST(test_socket_errors)
{
	char *path = in_dir("plain"), *text;
	CharSocket addr = { .path = path };
	GError *err = NULL;

	ck_assert_ptr_null(char_socket_new("s", loop, &addr, &err));
	ck_assert_ptr_nonnull(strstr(err->message, path));
	g_clear_error(&err);
	/* ... but what is not a socket stays. */
	ck_assert(g_file_set_contents(path, "precious", -1, NULL));
	addr.server = true;
	ck_assert_ptr_null(char_socket_new("s", loop, &addr, &err));
	g_clear_error(&err);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	ck_assert_str_eq(text, "precious");
	g_free(text);
	addr.path =
		"/a-path-that-is-far-too-long/for-a-unix-socket/0123456789/0123456789/0123456789/"
		"0123456789/0123456789";
	ck_assert_ptr_null(char_socket_new("s", loop, &addr, &err));
	g_clear_error(&err);
	addr = (CharSocket){ .host = "127.0.0.1", .port = "no-such-service" };
	ck_assert_ptr_null(char_socket_new("s", loop, &addr, &err));
	g_clear_error(&err);
	g_free(path);
}
END_TEST

/* A client that does not read: nobody waits, the newest megabyte is kept, in order. */
START_TEST(test_bounded_queue)
{
	enum { BLOCK = 4096, BLOCKS = 1024 };
	char *path = in_dir("sock");
	Chardev *c = server(path, false);
	uint8_t block[BLOCK];
	GByteArray *all = g_byte_array_new();
	int fd = client(path);
	uint32_t last = 0, v;
	ssize_t n;
	guint i;

	turn(4);
	for (uint32_t b = 0, k = 0; b < BLOCKS; b++) {
		for (i = 0; i < BLOCK; i += 4, k++)
			memcpy(block + i, &k, 4);
		chardev_write(c, block, BLOCK);
	}
	ck_assert_uint_gt(char_dropped(c), (BLOCKS * BLOCK - CHAR_QUEUE_MAX) / 2);
	for (i = 0; i < 5000; i++) {
		n = read(fd, block, BLOCK);
		if (n > 0)
			g_byte_array_append(all, block, (guint)n);
		else
			turn(1);
		if (all->len + char_dropped(c) == BLOCKS * BLOCK)
			break;
	}
	ck_assert_uint_eq(all->len + char_dropped(c), BLOCKS * BLOCK);
	/* The end is the end, and the last megabyte has no gap. */
	memcpy(&last, all->data + all->len - 4, 4);
	ck_assert_uint_eq(last, BLOCKS * BLOCK / 4 - 1);
	for (i = 4; i <= CHAR_QUEUE_MAX - BLOCK; i += 4) {
		memcpy(&v, all->data + all->len - i, 4);
		ck_assert_uint_eq(v, last - (i / 4 - 1));
	}
	close(fd);
	char_free(c);
	g_byte_array_unref(all);
	g_free(path);
}
END_TEST

START_TEST(test_no_room)
{
	char *path = in_dir("sock");
	Chardev *c = server(path, false);
	Front f;
	int fd = client(path);

	attach(c, &f);
	f.room = 3;
	turn(4);
	type(fd, "abcdef");
	turn(4);
	ck_assert_str_eq(f.got->str, "abc");
	f.room = 2;
	chardev_accept(c);
	turn(4);
	ck_assert_str_eq(f.got->str, "abcde");
	f.room = 5;
	chardev_accept(c);
	turn(4);
	ck_assert_str_eq(f.got->str, "abcdef");
	/* Gone while there is no room: the next client gets in all the same. */
	f.room = 0;
	type(fd, "x");
	close(fd);
	fd = client(path);
	turn(6);
	ck_assert_int_eq(f.opened, 2);
	close(fd);
	char_free(c);
	g_string_free(f.got, TRUE);
	g_free(path);
}
END_TEST

START_TEST(test_telnet)
{
	static const char in[] = "a\xff\xfd\x01"
				 "b\xff\xffz\xff\xfa\x18\x01\xff\xf0"
				 "c\xff\xf3";
	static const uint8_t out[] = { 'x', 0xff, 'y' };
	char *path = in_dir("sock");
	Chardev *c = server(path, true);
	uint8_t buf[64];
	Front f;
	int fd = client(path);

	attach(c, &f);
	turn(4);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 12);
	/* Byte by byte: the state is kept between reads. */
	for (size_t i = 0; i < sizeof(in) - 1; i++) {
		ck_assert_int_eq(write(fd, in + i, 1), 1);
		turn(2);
	}
	ck_assert_str_eq(f.got->str, "ab\xffzc");
	ck_assert_int_eq(f.breaks, 1);
	chardev_write(c, out, sizeof(out));
	turn(2);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 4);
	ck_assert_mem_eq(buf, "x\xff\xffy", 4);
	close(fd);
	char_free(c);
	g_string_free(f.got, TRUE);
	g_free(path);
}
END_TEST

static void count_quit(void *opaque)
{
	++*(int *)opaque;
}

START_TEST(test_mux)
{
	char *path = in_dir("sock");
	int quits = 0, fd;
	Chardev *mux = char_mux_new("m", loop, server(path, false), 1, count_quit, &quits);
	Chardev *a = char_mux_port(mux, "a"), *b = char_mux_port(mux, "b");
	Front fa, fb;

	attach(a, &fa);
	attach(b, &fb);
	fd = client(path);
	turn(4);
	ck_assert_int_eq(fa.opened, 1);
	ck_assert_int_eq(fb.opened, 1);
	type(fd, "1\001c2\001c3\001\001\001b\001q");
	ck_assert_str_eq(fa.got->str, "13\001");
	ck_assert_str_eq(fb.got->str, "2");
	ck_assert_int_eq(fa.focus, 1);
	ck_assert_int_eq(fa.unfocus, 1);
	ck_assert_int_eq(fb.focus, 1);
	ck_assert_int_eq(fa.breaks, 1);
	chardev_write(a, "A", 1);
	chardev_write(b, "B", 1);
	expect(fd, "AB");
	type(fd, "\001h");
	ck_assert_int_gt(read(fd, (char[512]){ 0 }, 512), 60);
	char_mux_focus(mux, b);
	ck_assert_int_eq(fb.focus, 2);
	ck_assert_ptr_nonnull(char_mux_port(mux, "c"));
	ck_assert_ptr_nonnull(char_mux_port(mux, "d"));
	ck_assert_ptr_null(char_mux_port(mux, "e"));
	ck_assert_int_eq(quits, 0);
	type(fd, "\001x");
	ck_assert_int_eq(quits, 1);
	close(fd);
	turn(4);
	ck_assert_int_eq(fa.closed, 1);
	char_free(mux);
	g_string_free(fa.got, TRUE);
	g_string_free(fb.got, TRUE);
	g_free(path);
}
END_TEST

/* A guest that reads nothing cannot keep the user from leaving. */
START_TEST(test_mux_deaf_guest)
{
	char *path = in_dir("sock");
	int quits = 0, fd;
	Chardev *mux = char_mux_new("m", loop, server(path, false), 1, count_quit, &quits);
	Chardev *a = char_mux_port(mux, "a");
	char junk[3000];
	Front fa;

	attach(a, &fa);
	fa.room = 0;
	fd = client(path);
	turn(4);
	memset(junk, 'j', sizeof(junk));
	ck_assert_int_eq(write(fd, junk, sizeof(junk)), (ssize_t)sizeof(junk));
	turn(10);
	type(fd, "\001x");
	ck_assert_int_eq(quits, 1);
	/* What it can still get later is a bounded beginning. */
	fa.room = SIZE_MAX;
	chardev_accept(a);
	ck_assert_uint_eq(fa.got->len, 1024);
	close(fd);
	char_free(mux);
	g_string_free(fa.got, TRUE);
	g_free(path);
}
END_TEST

START_TEST(test_pty)
{
	Chardev *c = char_pty_new("p", loop, NULL);
	struct termios t;
	Front f;
	int fd;

	ck_assert_ptr_nonnull(c);
	attach(c, &f);
	chardev_write(c, "early\n", 6);
	fd = open(char_pty_path(c), O_RDWR | O_NOCTTY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(tcgetattr(fd, &t), 0);
	ck_assert_uint_eq(t.c_lflag & (ECHO | ICANON | ISIG), 0);
	expect(fd, "early\n");
	type(fd, "in\003\r");
	ck_assert_str_eq(f.got->str, "in\003\r");
	close(fd);
	turn(4);
	/* Nobody there is no end: the next one can come. */
	ck_assert_int_eq(f.closed, 0);
	fd = open(char_pty_path(c), O_RDWR | O_NOCTTY | O_NONBLOCK);
	type(fd, "x");
	ck_assert_str_eq(f.got->str, "in\003\rx");
	close(fd);
	char_free(c);
	g_string_free(f.got, TRUE);
}
END_TEST

/* In a process of its own (libcheck forks): it plays with descriptors 0 and 1. */
START_TEST(test_stdio)
{
	int saved_in = dup(STDIN_FILENO), saved_out = dup(STDOUT_FILENO);
	int in[2], out[2], turns = 0;
	GError *err = NULL;
	char buf[16] = "";
	Chardev *c;
	Front f;

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	c = char_stdio_new("c", loop, false, &err);
	ck_assert_ptr_nonnull(c);
	ck_assert_ptr_null(char_stdio_new("d", loop, false, &err));
	ck_assert_str_eq(err->message, "stdio is already in use");
	g_clear_error(&err);
	attach(c, &f);
	chardev_write(c, "out", 3);
	ck_assert_int_eq(read(out[0], buf, sizeof(buf)), 3);
	/* The open file that others share stays as it was. */
	ck_assert_int_eq(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
	type(in[1], "in");
	ck_assert_str_eq(f.got->str, "in");
	/* Nobody reads any more: that is no end of input. */
	close(out[0]);
	signal(SIGPIPE, SIG_IGN);
	chardev_write(c, "lost", 4);
	type(in[1], "more");
	ck_assert_str_eq(f.got->str, "inmore");
	close(in[0]);
	close(in[1]);
	turn(4);
	ck_assert_int_eq(f.closed, 1);
	/* End of input is no busy loop: a turn sleeps its full time. */
	for (gint64 t0 = g_get_monotonic_time(); g_get_monotonic_time() - t0 < 100000; turns++)
		loop_turn(loop, 20);
	ck_assert_int_lt(turns, 20);
	char_free(c);
	c = char_stdio_new("e", loop, true, &err);
	ck_assert_ptr_nonnull(c);
	char_free(c);
	dup2(saved_in, STDIN_FILENO);
	dup2(saved_out, STDOUT_FILENO);
	close(saved_in);
	close(saved_out);
	close(out[1]);
	g_string_free(f.got, TRUE);
}
END_TEST

Suite *suite_char(void);
Suite *suite_char(void)
{
	Suite *s = suite_create("char");
	TCase *t = tcase_create("char");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_file);
	tcase_add_test(t, test_null);
	tcase_add_test(t, test_server);
	tcase_add_test(t, test_socket_errors);
	tcase_add_test(t, test_bounded_queue);
	tcase_add_test(t, test_no_room);
	tcase_add_test(t, test_telnet);
	tcase_add_test(t, test_mux);
	tcase_add_test(t, test_mux_deaf_guest);
	tcase_add_test(t, test_pty);
	tcase_add_test(t, test_stdio);
	suite_add_tcase(s, t);
	return s;
}
