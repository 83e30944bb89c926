#include <check.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"

Suite *suite_log(void);

static char *path;

static void setup(void)
{
	int fd = g_file_open_tmp("pcorn-log-XXXXXX", &path, NULL);

	close(fd);
	ck_assert(log_set_file(path, NULL));
}

static void teardown(void)
{
	log_set_file(NULL, NULL);
	log_topics = 0;
	unlink(path);
	g_free(path);
}

static char *logged(void)
{
	char *text;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static unsigned lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

START_TEST(topics_by_name)
{
	GError *err = NULL;
	GString *help = g_string_new(NULL);

	ck_assert(log_set_topics("int,guest_errors", NULL));
	ck_assert_uint_eq(log_topics, LOG_INT | LOG_GUEST_ERRORS);
	ck_assert(log_on(LOG_INT) && !log_on(LOG_MMU));
	ck_assert(!log_set_topics("mmu,nonsense", &err));
	ck_assert_ptr_nonnull(strstr(err->message, "nonsense"));
	g_error_free(err);
	ck_assert_uint_eq(log_topics, LOG_INT | LOG_GUEST_ERRORS);
	log_print_topics(help);
	ck_assert_ptr_nonnull(strstr(help->str, "guest_errors"));
	ck_assert_uint_eq(lines(help->str), 11);
	g_string_free(help, TRUE);
}
END_TEST

START_TEST(ranges_of_code)
{
	static const char *const wrong[] = { "",
					     "x",
					     "0x10",
					     "0x10..",
					     "0x10+0",
					     "0x10-0",
					     "0x20..0x10",
					     "0x10+8x",
					     "0x10.0x20",
					     "0x10..0x20,",
					     "0x10-0x20",
					     "-1..5",
					     "0xffffffffffffffff+2",
					     "0x10000000000000000+1" };
	const uint64_t kernel = UINT64_C(0xc000000000008000);

	ck_assert(log_has(0) && log_has(kernel));
	for (unsigned i = 0; i < ARRAY_LEN(wrong); i++) {
		GError *err = NULL;

		ck_assert_msg(!log_set_ranges(wrong[i], &err), "%s", wrong[i]);
		ck_assert_ptr_nonnull(strchr(err->message, '\''));
		g_error_free(err);
	}
	ck_assert(log_has(0));
	ck_assert(log_set_ranges("0x1000..0x1fff,0xc000000000008000+0x10,0x5000-0x100,4-5", NULL));
	ck_assert(!log_has(0xfff) && log_has(0x1000) && log_has(0x1fff) && !log_has(0x2000));
	ck_assert(!log_has(kernel - 1) && log_has(kernel) && log_has(kernel + 15));
	ck_assert(!log_has(kernel + 16));
	ck_assert(!log_has(0x4f00) && log_has(0x4f01) && log_has(0x5000) && !log_has(0x5001));
	ck_assert(log_has(0) && log_has(4) && !log_has(5));
	/* The last one counts. */
	ck_assert(log_set_ranges("0xffffffffffffffff+1", NULL));
	ck_assert(!log_has(0x1000) && log_has(UINT64_MAX));
}
END_TEST

START_TEST(a_guest_cannot_flood_the_log)
{
	uint64_t before = log_held_back();
	char *text;

	log_topics = LOG_GUEST_ERRORS | LOG_UNIMP;
	for (int i = 0; i < 100000; i++)
		log_guest("bad register %d", i);
	log_unimp("another message");
	text = logged();
	ck_assert_uint_eq(lines(text), 16 + 12 + 1); /* 32, 64 .. 65536 */
	ck_assert_ptr_nonnull(strstr(text, "bad register 0\n"));
	ck_assert_ptr_nonnull(strstr(text, "(65536 times)"));
	ck_assert_ptr_nonnull(strstr(text, "another message\n"));
	ck_assert_uint_eq(log_held_back() - before, 100000 - 28);
	g_free(text);
}
END_TEST

START_TEST(silent_unless_asked_for)
{
	char *text;

	log_guest("nobody asked");
	log_unimp("nobody asked");
	log_line("always");
	text = logged();
	ck_assert_str_eq(text, "always\n");
	g_free(text);
}
END_TEST

START_TEST(log_file_that_cannot_be_made)
{
	GError *err = NULL;

	ck_assert(!log_set_file("/nonexistent-folder/log", &err));
	ck_assert_ptr_nonnull(strstr(err->message, "/nonexistent-folder/log"));
	g_error_free(err);
}
END_TEST

START_TEST(errors_carry_their_place)
{
	GError *err = NULL;

	ck_assert(!fail(&err, "value %d", 7));
	ck_assert(!fail_in(&err, "%s", "/dev"));
	ck_assert_str_eq(err->message, "/dev: value 7");
	ck_assert(g_error_matches(err, PCORN_ERROR, PCORN_ERROR_FAILED));
	g_error_free(err);
	ck_assert(!fail(NULL, "nobody listens"));
	ck_assert(!fail_in(NULL, "nobody listens"));
}
END_TEST

START_TEST(bug_aborts)
{
	bug("expected by this test");
}
END_TEST

Suite *suite_log(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, topics_by_name);
	tcase_add_test(tc, ranges_of_code);
	tcase_add_test(tc, a_guest_cannot_flood_the_log);
	tcase_add_test(tc, silent_unless_asked_for);
	tcase_add_test(tc, log_file_that_cannot_be_made);
	tcase_add_test(tc, errors_carry_their_place);
	suite_add_tcase(s, tc);
	tc = tcase_create("bug");
	tcase_add_test_raise_signal(tc, bug_aborts, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
