/* A test that cannot run here says so, and counts as skipped. */
#ifndef TESTS_UNIT_SKIP_H
#define TESTS_UNIT_SKIP_H

/* Once in a test, which then returns without an assertion.  why: what is missing. */
void test_skipped(const char *why);

#endif
