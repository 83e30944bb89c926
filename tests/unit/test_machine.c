#include <check.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/fake.h"

Suite *suite_machine(void);

/* Counted time */

START_TEST(two_counted_runs_are_equal)
{
	char *state[2];

	for (int i = 0; i < 2; i++) {
		Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 2, false);

		fake_run_to(m, 3000000);
		ck_assert_uint_eq(vcpupool_insns(m->pool), 3000000);
		ck_assert_uint_gt(fake_cpu(m, 0)->fired, 100);
		ck_assert_uint_gt(fake_cpu(m, 1)->fired, 100);
		state[i] = fake_state(m);
		machine_free(m);
	}
	ck_assert_str_eq(state[0], state[1]);
	g_free(state[0]);
	g_free(state[1]);
}
END_TEST

START_TEST(stops_and_starts_change_nothing)
{
	Machine *a = fake_machine(VCLOCK_COUNTED, hostclock_real(), 3, false);
	Machine *b = fake_machine(VCLOCK_COUNTED, hostclock_real(), 3, false);
	char *sa, *sb;

	for (uint64_t n = 1000003; n < 4000000; n += 1000003) {
		fake_run_to(a, n);
		fake_run_to_brokenly(b, n);
		sa = fake_state(a);
		sb = fake_state(b);
		ck_assert_str_eq(sa, sb);
		g_free(sa);
		g_free(sb);
	}
	machine_free(a);
	machine_free(b);
}
END_TEST

/* One limit after the other, down to single instructions, is one long run. */
START_TEST(limits_are_exact)
{
	Machine *a = fake_machine(VCLOCK_COUNTED, hostclock_real(), 2, false);
	Machine *b = fake_machine(VCLOCK_COUNTED, hostclock_real(), 2, false);
	char *sa, *sb;

	for (uint64_t n = 1; n < 2000; n++) {
		fake_run_to(a, n);
		ck_assert_uint_eq(vcpupool_insns(a->pool), n);
	}
	fake_run_to(b, 1999);
	sa = fake_state(a);
	sb = fake_state(b);
	ck_assert_str_eq(sa, sb);
	g_free(sa);
	g_free(sb);
	machine_free(a);
	machine_free(b);
}
END_TEST

static int64_t seen_v;
static uint64_t seen_insns;

static void note_time(void *opaque)
{
	Machine *m = opaque;

	seen_v = vclock_now(m->clock);
	seen_insns = vcpupool_insns(m->pool);
}

START_TEST(timer_fires_at_the_exact_instruction)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, true);
	VTimer *t = vtimer_new(m->clock, "t", note_time, m);

	vtimer_set(t, 12346); /* 3 ns an instruction: between 4115 and 4116 */
	fake_run_to(m, 4115);
	ck_assert_int_eq(vtimer_deadline(t), 12346);
	fake_run_to(m, 50000);
	ck_assert_int_eq(seen_v, 12348);
	ck_assert_uint_eq(seen_insns, 4116);
	vtimer_free(t);
	machine_free(m);
}
END_TEST

START_TEST(turns_are_shared_fairly)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 4, true);

	fake_run_to(m, 4 * 10000 * 5);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(fake_cpu(m, i)->count, 50000);
	machine_free(m);
}
END_TEST

static void finish(void *opaque)
{
	Machine *m = opaque;

	note_time(m);
	machine_request_shutdown(m, STOP_SHUTDOWN);
}

/* All CPUs halted: V jumps to the deadline, without waiting for it. */
START_TEST(idle_warps)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, true);
	VTimer *t = vtimer_new(m->clock, "t", finish, m);

	fake_cpu(m, 0)->halted = true;
	vtimer_set(t, INT64_C(3600) * 1000000000);
	machine_lock(m);
	machine_start(m);
	machine_unlock(m);
	loop_run(m->loop);
	ck_assert_int_eq(seen_v, INT64_C(3600) * 1000000000);
	ck_assert_int_eq(m->stop_reason, STOP_SHUTDOWN);
	vtimer_free(t);
	machine_free(m);
}
END_TEST

static bool wake_cpu(void *opaque)
{
	Machine *m = opaque;

	fake_cpu(m, 0)->halted = false;
	vcpu_kick(&fake_cpu(m, 0)->vcpu);
	return false;
}

static void waker_posted(void *opaque)
{
	wake_cpu(opaque);
}

static gpointer post_from_thread(gpointer arg)
{
	Machine *m = arg;

	g_usleep(20000);
	loop_post(m->loop, waker_posted, m);
	return NULL;
}

START_TEST(idle_without_deadline_waits_for_a_kick)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, true);
	GThread *th;

	fake_cpu(m, 0)->halted = true;
	th = g_thread_new("poster", post_from_thread, m);
	fake_run_to(m, 1000);
	ck_assert_uint_eq(fake_cpu(m, 0)->count, 1000);
	g_thread_join(th);
	machine_free(m);
}
END_TEST

/* Host time */

START_TEST(host_timers_come_on_time)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);
	VTimer *t = vtimer_new(m->clock, "t", finish, m);

	vtimer_set(t, 30 * 1000000);
	machine_lock(m);
	machine_start(m);
	machine_unlock(m);
	loop_run(m->loop);
	ck_assert_int_ge(seen_v, 30 * 1000000);
	ck_assert_int_lt(seen_v, 2000 * 1000000ll);
	ck_assert_uint_gt(fake_cpu(m, 0)->count, 1000);
	vtimer_free(t);
	machine_free(m);
}
END_TEST

static VTimer *late_timer;

static gpointer set_from_thread(gpointer arg)
{
	Machine *m = arg;

	g_usleep(10000);
	vtimer_set(late_timer, vclock_now(m->clock) + 5000000);
	return NULL;
}

/* The loop sleeps for an hour's deadline when another thread sets an earlier one. */
START_TEST(earlier_deadline_wakes_the_loop)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);
	VTimer *far = vtimer_new(m->clock, "far", note_time, m);
	GThread *th;

	late_timer = vtimer_new(m->clock, "t", finish, m);
	fake_cpu(m, 0)->halted = true;
	vtimer_set(far, INT64_C(3600) * 1000000000);
	machine_lock(m);
	machine_start(m);
	machine_unlock(m);
	th = g_thread_new("setter", set_from_thread, m);
	loop_run(m->loop);
	ck_assert_int_lt(seen_v, 2000 * 1000000ll);
	g_thread_join(th);
	vtimer_free(late_timer);
	vtimer_free(far);
	machine_free(m);
}
END_TEST

static int64_t fake_ns;

static int64_t get_fake_ns(void *opaque)
{
	(void)opaque;
	return fake_ns;
}

START_TEST(loop_follows_an_injected_clock)
{
	static const HostClock host = { get_fake_ns, get_fake_ns, NULL };
	Machine *m = machine_new("empty", loop_new(), vclock_new(VCLOCK_HOST, &host, 1));
	VTimer *t = vtimer_new(m->clock, "t", note_time, m);

	seen_v = -1;
	vtimer_set(t, INT64_C(1) << 50);
	fake_ns = (INT64_C(1) << 50) + 7;
	loop_turn(m->loop, 0);
	ck_assert_int_eq(seen_v, -1); /* not running */
	machine_lock(m);
	machine_start(m);
	machine_unlock(m);
	fake_ns += (INT64_C(1) << 50) - 1;
	loop_turn(m->loop, 0);
	ck_assert_int_eq(seen_v, -1);
	fake_ns++;
	loop_turn(m->loop, 0);
	ck_assert_int_eq(seen_v, INT64_C(1) << 50);
	vtimer_free(t);
	machine_free(m);
}
END_TEST

START_TEST(no_cpu_runs_while_stopped)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 3, false);

	for (int i = 0; i < 200; i++) {
		uint64_t before[3];
		int64_t v;

		machine_lock(m);
		machine_start(m);
		machine_unlock(m);
		loop_turn(m->loop, i % 10 == 0);
		machine_lock(m);
		machine_stop(m, STOP_USER);
		ck_assert_int_eq(m->stop_reason, STOP_USER);
		v = vclock_now(m->clock);
		for (unsigned k = 0; k < 3; k++)
			before[k] = fake_cpu(m, k)->count;
		machine_unlock(m);
		g_thread_yield();
		for (unsigned k = 0; k < 3; k++)
			ck_assert_uint_eq(fake_cpu(m, k)->count, before[k]);
		ck_assert_int_eq(vclock_now(m->clock), v);
	}
	ck_assert_uint_gt(fake_cpu(m, 2)->count, 0);
	machine_free(m);
}
END_TEST

START_TEST(all_cpus_get_their_turn)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 4, true);

	machine_lock(m);
	machine_start(m);
	machine_unlock(m);
	/* The first turn is CPU 1's, the last CPU 0's. */
	for (int i = 0; i < 2000 && !(fake_cpu(m, 3)->count && fake_cpu(m, 0)->count); i++)
		loop_turn(m->loop, 10);
	machine_lock(m);
	machine_stop(m, STOP_USER);
	machine_unlock(m);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_gt(fake_cpu(m, i)->count, 0);
	machine_free(m);
}
END_TEST

/* The machine */

START_TEST(reset_of_a_running_machine)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 2, false);

	fake_run_to(m, 100000);
	machine_lock(m);
	machine_reset(m);
	ck_assert(!machine_running(m));
	machine_unlock(m);
	ck_assert_uint_eq(fake_cpu(m, 0)->count, 0);
	ck_assert_uint_eq(fake_cpu(m, 0)->x, 1);
	ck_assert_int_eq(irq_level(fake_cpu(m, 0)->line), 0);
	ck_assert_int_eq(vtimer_deadline(fake_cpu(m, 0)->timer), -1);
	ck_assert_int_gt(vclock_now(m->clock), 0);
	machine_lock(m);
	machine_start(m);
	machine_reset(m);
	ck_assert(machine_running(m));
	machine_unlock(m);
	machine_free(m);
}
END_TEST

static StopReason told_why;
static int resets;

static void on_shutdown(void *opaque, StopReason why)
{
	Machine *m = opaque;

	machine_assert_locked(m);
	ck_assert(!machine_running(m));
	told_why = why;
	loop_quit(m->loop);
}

static void on_reset(void *opaque)
{
	Machine *m = opaque;

	machine_assert_locked(m);
	resets++;
	machine_request_shutdown(m, STOP_PANIC);
}

START_TEST(requests_arrive_in_the_loop)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);

	m->on_shutdown = on_shutdown;
	m->on_reset = on_reset;
	m->on_opaque = m;
	machine_lock(m);
	machine_start(m);
	machine_unlock(m);
	machine_request_reset(m);
	loop_run(m->loop);
	ck_assert_int_eq(resets, 1);
	ck_assert_int_eq(told_why, STOP_PANIC);
	ck_assert_int_eq(m->stop_reason, STOP_PANIC);
	machine_free(m);
}
END_TEST

START_TEST(a_stop_keeps_its_first_reason)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);

	machine_lock(m);
	ck_assert_int_eq(m->stop_reason, STOP_INITIAL);
	machine_stop(m, STOP_SAVE);
	ck_assert_int_eq(m->stop_reason, STOP_INITIAL);
	machine_start(m);
	machine_stop(m, STOP_USER);
	machine_stop(m, STOP_SAVE);
	ck_assert_int_eq(m->stop_reason, STOP_USER);
	machine_stop(m, STOP_PANIC);
	ck_assert_int_eq(m->stop_reason, STOP_PANIC);
	machine_unlock(m);
	machine_free(m);
}
END_TEST

START_TEST(two_machines_in_one_process)
{
	Machine *a = fake_machine(VCLOCK_COUNTED, hostclock_real(), 2, false);
	Machine *b = fake_machine(VCLOCK_COUNTED, hostclock_real(), 2, false);
	char *sa, *sb;

	machine_lock(b);
	machine_start(b);
	machine_unlock(b);
	fake_run_to(a, 500000);
	machine_lock(b);
	machine_stop(b, STOP_USER);
	machine_unlock(b);
	fake_run_to(b, MAX(vcpupool_insns(b->pool), 500000) + 1);
	fake_run_to(a, vcpupool_insns(b->pool));
	sa = fake_state(a);
	sb = fake_state(b);
	ck_assert_str_eq(sa, sb);
	g_free(sa);
	g_free(sb);
	machine_free(a);
	machine_free(b);
}
END_TEST

static bool on_pipe(int fd, GIOCondition cond, void *opaque)
{
	char c;

	(void)cond;
	ck_assert_int_eq(read(fd, &c, 1), 1);
	loop_quit(opaque);
	return false;
}

static bool write_pipe(void *opaque)
{
	ck_assert_int_eq(write(*(int *)opaque, "x", 1), 1);
	return false;
}

START_TEST(loop_watches_and_timeouts)
{
	Loop *l = loop_new();
	int p[2];
	guint id;

	ck_assert_int_eq(pipe(p), 0);
	loop_watch(l, p[0], G_IO_IN, on_pipe, l);
	loop_timeout(l, 5, write_pipe, &p[1]);
	loop_run(l);
	id = loop_watch(l, p[0], G_IO_IN, on_pipe, l);
	loop_unwatch(l, id);
	loop_unwatch(l, id);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	loop_turn(l, 0); /* nobody reads it */
	close(p[0]);
	close(p[1]);
	loop_free(l);
}
END_TEST

START_TEST(lock_twice_is_a_bug)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);

	machine_lock(m);
	machine_lock(m);
}
END_TEST

START_TEST(irq_without_the_lock_is_a_bug)
{
	Machine *m = fake_machine(VCLOCK_HOST, hostclock_real(), 1, true);

	irq_set(fake_cpu(m, 0)->line, 1);
}
END_TEST

Suite *suite_machine(void)
{
	Suite *s = suite_create("machine");
	TCase *tc = tcase_create("machine");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, two_counted_runs_are_equal);
	tcase_add_test(tc, stops_and_starts_change_nothing);
	tcase_add_test(tc, limits_are_exact);
	tcase_add_test(tc, timer_fires_at_the_exact_instruction);
	tcase_add_test(tc, turns_are_shared_fairly);
	tcase_add_test(tc, idle_warps);
	tcase_add_test(tc, idle_without_deadline_waits_for_a_kick);
	tcase_add_test(tc, host_timers_come_on_time);
	tcase_add_test(tc, earlier_deadline_wakes_the_loop);
	tcase_add_test(tc, loop_follows_an_injected_clock);
	tcase_add_test(tc, no_cpu_runs_while_stopped);
	tcase_add_test(tc, all_cpus_get_their_turn);
	tcase_add_test(tc, reset_of_a_running_machine);
	tcase_add_test(tc, requests_arrive_in_the_loop);
	tcase_add_test(tc, a_stop_keeps_its_first_reason);
	tcase_add_test(tc, two_machines_in_one_process);
	tcase_add_test(tc, loop_watches_and_timeouts);
	tcase_add_test_raise_signal(tc, lock_twice_is_a_bug, SIGABRT);
	tcase_add_test_raise_signal(tc, irq_without_the_lock_is_a_bug, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
