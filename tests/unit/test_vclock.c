#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "core/vclock.h"

Suite *suite_vclock(void);

static int64_t mono, wall;
static VClock *c;

static int64_t get(void *opaque)
{
	return *(int64_t *)opaque;
}

static int64_t get_mono(void *opaque)
{
	(void)opaque;
	return get(&mono);
}

static int64_t get_wall(void *opaque)
{
	(void)opaque;
	return get(&wall);
}

static const HostClock fake = { get_mono, get_wall, NULL };

static void setup(void)
{
	mono = 1000000;
	wall = 5000000;
	c = vclock_new(VCLOCK_HOST, &fake, 1);
}

static void teardown(void)
{
	vclock_free(c);
}

START_TEST(v_stands_still_while_stopped)
{
	ck_assert_int_eq(vclock_now(c), 0);
	ck_assert(!vclock_running(c));
	mono += 500;
	ck_assert_int_eq(vclock_now(c), 0);
	vclock_start(c);
	ck_assert(vclock_running(c));
	mono += 70;
	ck_assert_int_eq(vclock_now(c), 70);
	vclock_start(c); /* again: no effect */
	mono += 30;
	ck_assert_int_eq(vclock_now(c), 100);
	wall = 6000000;
	vclock_stop(c);
	ck_assert_int_eq(vclock_stop_wall(c), 6000000);
	mono += 1000000;
	wall += 1000000;
	vclock_stop(c);
	ck_assert_int_eq(vclock_now(c), 100);
	ck_assert_int_eq(vclock_stop_wall(c), 6000000);
	vclock_start(c);
	ck_assert_int_eq(vclock_now(c), 100);
	mono++;
	ck_assert_int_eq(vclock_now(c), 101);
}
END_TEST

START_TEST(thousand_stops_lose_nothing)
{
	int64_t ran = 0;

	srandom(1);
	for (int i = 0; i < 1000; i++) {
		int64_t run = random() % 1000, stop = random() % 100000;

		vclock_start(c);
		mono += run;
		ran += run;
		vclock_stop(c);
		mono += stop;
		if (i % 7 == 0)
			vclock_set(c, vclock_now(c));
	}
	ck_assert_int_eq(vclock_now(c), ran);
}
END_TEST

START_TEST(load_sets_v)
{
	vclock_set(c, 1234);
	ck_assert_int_eq(vclock_now(c), 1234);
	vclock_start(c);
	mono += 6;
	ck_assert_int_eq(vclock_now(c), 1240);
}
END_TEST

START_TEST(set_while_running_is_a_bug)
{
	vclock_start(c);
	vclock_set(c, 0);
}
END_TEST

/* Timers that write their letter. */

static char fired[64];

static void note(void *opaque)
{
	strncat(fired, opaque, 1);
}

START_TEST(timers_fire_in_order)
{
	VTimer *t[5];
	static char names[] = "abcde";

	fired[0] = 0;
	for (int i = 0; i < 5; i++)
		t[i] = vtimer_new(c, "t", note, names + i);
	ck_assert_int_eq(vclock_next_deadline(c), INT64_MAX);
	ck_assert_int_eq(vtimer_deadline(t[0]), -1);
	vtimer_set(t[4], 10); /* equal deadlines: in order of making, not of setting */
	vtimer_set(t[3], 10);
	vtimer_set(t[0], 30);
	vtimer_set(t[1], 20);
	vtimer_set(t[2], 5);
	ck_assert_int_eq(vclock_next_deadline(c), 5);
	vtimer_set(t[2], 40);
	ck_assert_int_eq(vclock_next_deadline(c), 10);
	vtimer_cancel(t[1]);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "");
	vclock_set(c, 9);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "");
	vclock_set(c, 39);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "dea");
	ck_assert_int_eq(vtimer_deadline(t[3]), -1);
	ck_assert_int_eq(vclock_next_deadline(c), 40);
	vtimer_free(t[2]);
	ck_assert_int_eq(vclock_next_deadline(c), INT64_MAX);
	vclock_set(c, 1000);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "dea");
	for (int i = 0; i < 5; i++) {
		if (i != 2)
			vtimer_free(t[i]);
	}
}
END_TEST

/* The heap against a plain model. */
START_TEST(many_random_timers)
{
	enum { N = 60 };
	VTimer *t[N];
	int64_t at[N], min;

	srandom(2);
	for (int i = 0; i < N; i++) {
		t[i] = vtimer_new(c, "t", note, "");
		at[i] = -1;
	}
	for (int step = 0; step < 5000; step++) {
		int i = (int)(random() % N);

		if (random() % 3) {
			at[i] = random() % 1000;
			vtimer_set(t[i], at[i]);
		} else {
			at[i] = -1;
			vtimer_cancel(t[i]);
		}
		min = INT64_MAX;
		for (int k = 0; k < N; k++) {
			if (vtimer_deadline(t[k]) != at[k])
				ck_abort_msg("timer %d lost its deadline", k);
			if (at[k] >= 0 && at[k] < min)
				min = at[k];
		}
		ck_assert_int_eq(vclock_next_deadline(c), min);
	}
	for (int i = 0; i < N; i++)
		vtimer_free(t[i]);
}
END_TEST

static VTimer *self, *other;

static void rearm_in_the_past(void *opaque)
{
	note(opaque);
	vtimer_set(self, 0);
}

START_TEST(timer_set_into_the_past_does_not_hang)
{
	fired[0] = 0;
	self = vtimer_new(c, "self", rearm_in_the_past, "x");
	vtimer_set(self, 0);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "x");
	ck_assert_int_eq(vclock_next_deadline(c), 0);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "xx");
	vtimer_free(self);
}
END_TEST

static void cancel_other(void *opaque)
{
	note(opaque);
	/* due in the same run, but not fired yet: still armed, and can be cancelled */
	ck_assert_int_eq(vtimer_deadline(other), 3);
	ck_assert_int_eq(vclock_next_deadline(c), 3);
	vtimer_cancel(other);
}

START_TEST(due_timer_cancelled_by_another)
{
	fired[0] = 0;
	self = vtimer_new(c, "self", cancel_other, "a");
	other = vtimer_new(c, "other", note, "b");
	vtimer_set(self, 2);
	vtimer_set(other, 3);
	vclock_set(c, 10);
	vclock_run_timers(c);
	ck_assert_str_eq(fired, "a");
	ck_assert_int_eq(vclock_next_deadline(c), INT64_MAX);
	vtimer_free(self);
	vtimer_free(other);
}
END_TEST

static int notified;

static void on_notify(void *opaque)
{
	(void)opaque;
	notified++;
}

START_TEST(notified_only_of_earlier_deadlines)
{
	VTimer *a = vtimer_new(c, "a", note, ""), *b = vtimer_new(c, "b", note, "");

	vclock_set_notify(c, on_notify, NULL);
	notified = 0;
	vtimer_set(a, 100);
	ck_assert_int_eq(notified, 1);
	vtimer_set(b, 200);
	ck_assert_int_eq(notified, 1);
	vtimer_set(a, 150);
	ck_assert_int_eq(notified, 1);
	vtimer_set(b, 50);
	ck_assert_int_eq(notified, 2);
	vtimer_cancel(b);
	ck_assert_int_eq(notified, 2);
	vclock_start(c);
	ck_assert_int_eq(notified, 3);
	vtimer_free(a);
	vtimer_free(b);
}
END_TEST

static uint64_t seven(void *opaque)
{
	(void)opaque;
	return 7;
}

START_TEST(counted_time_is_instructions)
{
	VClock *k = vclock_new(VCLOCK_COUNTED, &fake, 4);

	ck_assert_int_eq(vclock_driver(k), VCLOCK_COUNTED);
	ck_assert_uint_eq(vclock_ns_per_insn(k), 4);
	vclock_start(k);
	mono += 1000;
	ck_assert_int_eq(vclock_now(k), 0);
	vclock_count(k, 25);
	ck_assert_int_eq(vclock_now(k), 100);
	vclock_warp(k, 50); /* never back */
	ck_assert_int_eq(vclock_now(k), 100);
	vclock_warp(k, 150);
	ck_assert_int_eq(vclock_now(k), 150);
	vclock_set_partial(k, seven, NULL);
	ck_assert_int_eq(vclock_now(k), 178);
	vclock_set_partial(k, NULL, NULL);
	vclock_stop(k);
	ck_assert_int_eq(vclock_now(k), 150);
	vclock_free(k);
}
END_TEST

static gpointer reader(gpointer arg)
{
	int64_t last = 0, v;

	while (!g_atomic_int_get((gint *)arg)) {
		v = vclock_now(c);
		if (v < last)
			return GINT_TO_POINTER(1);
		last = v;
	}
	return NULL;
}

START_TEST(readers_never_see_time_go_back)
{
	gint done = 0;
	GThread *th;

	vclock_free(c);
	c = vclock_new(VCLOCK_HOST, hostclock_real(), 1);
	th = g_thread_new("reader", reader, &done);
	for (int i = 0; i < 100000; i++) {
		vclock_start(c);
		vclock_stop(c);
	}
	g_atomic_int_set(&done, 1);
	ck_assert_ptr_null(g_thread_join(th));
}
END_TEST

Suite *suite_vclock(void)
{
	Suite *s = suite_create("vclock");
	TCase *tc = tcase_create("vclock");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, v_stands_still_while_stopped);
	tcase_add_test(tc, thousand_stops_lose_nothing);
	tcase_add_test(tc, load_sets_v);
	tcase_add_test_raise_signal(tc, set_while_running_is_a_bug, SIGABRT);
	tcase_add_test(tc, timers_fire_in_order);
	tcase_add_test(tc, many_random_timers);
	tcase_add_test(tc, timer_set_into_the_past_does_not_hang);
	tcase_add_test(tc, due_timer_cancelled_by_another);
	tcase_add_test(tc, notified_only_of_earlier_deadlines);
	tcase_add_test(tc, counted_time_is_instructions);
	tcase_add_test(tc, readers_never_see_time_go_back);
	suite_add_tcase(s, tc);
	return s;
}
