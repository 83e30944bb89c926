/*
 * The runner of a folder of tests.  Each tests/FOLDER/test_TOPIC.c gives
 * `Suite *suite_TOPIC(void)`; scripts/suites.sh lists them by file name, so
 * that a new file needs no further line anywhere.  CK_RUN_SUITE=TOPIC in the
 * environment runs one suite, CK_FORK=no keeps a debugger's sight.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "tests/unit/skip.h"

#define SUITE(topic) Suite *suite_##topic(void);
#include SUITES_H
#undef SUITE

typedef Suite *(*SuiteFn)(void);

static const SuiteFn suites[] = {
#define SUITE(topic) suite_##topic,
#include SUITES_H
#undef SUITE
	NULL,
};

/* Tests run in children: they count in memory that all of them share. */
static int *skips;

void test_skipped(const char *why)
{
	printf("skipped: %s\n", why);
	__atomic_fetch_add(skips, 1, __ATOMIC_RELAXED);
}

int main(void)
{
	SRunner *sr;
	int ran, failed;

	skips = mmap(NULL, sizeof(*skips), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (skips == MAP_FAILED)
		return EXIT_FAILURE;

	/* A busy host is no failure: libcheck's own limit is 4 s. */
	setenv("CK_DEFAULT_TIMEOUT", "60", 0);
	sr = srunner_create(NULL);

	for (const SuiteFn *s = suites; *s; s++)
		srunner_add_suite(sr, (*s)());
	srunner_run_all(sr, CK_NORMAL);
	ran = srunner_ntests_run(sr);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	printf("%s: %d passed, %d failed, %d skipped\n", SUITES_NAME, ran - failed - *skips, failed,
	       *skips);
	return failed || !ran ? EXIT_FAILURE : EXIT_SUCCESS;
}
