#include <check.h>
#include <signal.h>
#include "core/machine.h"

Suite *suite_irq(void);

static Machine *m;
static int calls, last_n, last_level;

static void on_change(void *opaque, int n, int level)
{
	ck_assert_ptr_eq(opaque, &calls);
	calls++;
	last_n = n;
	last_level = level;
}

static void setup(void)
{
	m = machine_new("test", loop_new(), vclock_new(VCLOCK_HOST, hostclock_real(), 1));
	machine_lock(m);
	calls = 0;
}

static void teardown(void)
{
	machine_unlock(m);
	machine_free(m);
}

START_TEST(only_changes_are_told)
{
	Irq *irq = irq_new(m, "a", on_change, &calls, 7);

	irq_lower(irq);
	ck_assert_int_eq(calls, 0);
	irq_raise(irq);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(last_n, 7);
	ck_assert_int_eq(last_level, 1);
	irq_set(irq, 5); /* any non-zero is 1 */
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(irq_level(irq), 1);
	irq_lower(irq);
	ck_assert_int_eq(calls, 2);
	irq_pulse(irq);
	ck_assert_int_eq(calls, 4);
	ck_assert_int_eq(last_level, 0);
}
END_TEST

START_TEST(a_line_that_is_not_wired)
{
	Irq *silent = irq_new(m, "silent", NULL, NULL, 0);

	irq_raise(NULL);
	irq_pulse(NULL);
	ck_assert_int_eq(irq_level(NULL), 0);
	irq_raise(silent);
	ck_assert_int_eq(irq_level(silent), 1);
	ck_assert_str_eq(irq_name(silent), "silent");
}
END_TEST

START_TEST(load_and_reset_are_silent)
{
	Irq *irq = irq_new(m, "a", on_change, &calls, 0);

	irq_put_level(irq, 1);
	ck_assert_int_eq(irq_level(irq), 1);
	machine_reset(m);
	ck_assert_int_eq(irq_level(irq), 0);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(a_name_used_twice_is_a_bug)
{
	irq_new(m, "a", NULL, NULL, 0);
	irq_new(m, "a", NULL, NULL, 0);
}
END_TEST

Suite *suite_irq(void)
{
	Suite *s = suite_create("irq");
	TCase *tc = tcase_create("irq");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, only_changes_are_told);
	tcase_add_test(tc, a_line_that_is_not_wired);
	tcase_add_test(tc, load_and_reset_are_silent);
	tcase_add_test_raise_signal(tc, a_name_used_twice_is_a_bug, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
