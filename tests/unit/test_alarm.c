/*
 * Decrementers of CPUs on threads of their own come while nobody turns the main loop, which a busy host may not let
 * run for milliseconds.  How late they are is nobody's business here: whoever waits here waits until they have come.
 */
#include <check.h>
#include "core/alarm.h"
#include "tests/unit/skip.h"
#include "tests/unit/smp_rig.h"

enum { CPUS = 2, TIMES = 100, DEC = 22, TICKS = 20000 };

static bool no_alarms(void)
{
	_Atomic uint32_t word = 0;
	Alarm *a = alarm_new(&word);

	alarm_free(a);
	if (!a)
		test_skipped("alarms: this host has none");
	return !a;
}

/* A doubleword for each CPU counts its decrementer's interrupts; meanwhile it computes, or cedes. */
static SmpRig *counting(SmpEngine engine, bool cedes)
{
	const uint32_t handler[] = { I_LD(6, 0, 5), I_ADDI(6, 6, 1), I_STD(6, 0, 5),
				     I_MTSPR(DEC, 7), I_RFID };
	SmpRig *r = smp_new(CPUS, engine);
	SmpAsm a = { .n = 0 };
	unsigned again;

	for (unsigned i = 0; i < ARRAY_LEN(handler); i++)
		ck_assert(ram_st32(r->m->ram, 0x900 + 4 * i, handler[i]));
	/* r30 is the CPU's number. */
	smp_op(&a, I_RLDICR(5, 30u, 3, 60));
	smp_op(&a, I_ADD(5, 5, 31));
	smp_li(&a, 7, TICKS);
	smp_op(&a, I_MTSPR(DEC, 7));
	smp_li(&a, 8, 0x8002);
	smp_op(&a, I_MTMSRD(8, 1));
	again = a.n;
	smp_op(&a, I_ADDI(9, 9, 1));
	if (cedes)
		smp_call(&a, SMP_CEDE);
	smp_b(&a, again);
	for (unsigned i = 0; i < CPUS; i++)
		smp_load(r, &a, i);
	return r;
}

static void wait_for(const SmpRig *r, uint64_t times)
{
	for (unsigned i = 0; i < CPUS; i++)
		while (smp_get(r, SMP_SHARED + 8 * i) < times)
			g_usleep(200);
}

static void start(SmpRig *r)
{
	machine_lock(r->m);
	machine_start(r->m);
	machine_unlock(r->m);
}

static void stop(SmpRig *r)
{
	machine_lock(r->m);
	machine_stop(r->m, STOP_USER);
	machine_unlock(r->m);
}

START_TEST(a_decrementer_needs_no_turn_of_the_main_loop)
{
	SmpRig *r;

	if (no_alarms())
		return;
	r = counting((SmpEngine)(_i % 3), _i / 3);
	start(r);
	wait_for(r, TIMES);
	stop(r);
	smp_free(r);
}
END_TEST

/* An alarm that comes while the machine stands has come for nothing: the loop's timer is there. */
START_TEST(decrementers_go_on_after_any_stop)
{
	SmpRig *r;

	if (no_alarms())
		return;
	r = counting((SmpEngine)(_i % 3), _i / 3);
	for (unsigned n = 1; n <= 30; n++) {
		uint64_t want[CPUS];

		start(r);
		for (unsigned i = 0; i < CPUS; i++)
			want[i] = smp_get(r, SMP_SHARED + 8 * i) + 3;
		for (unsigned i = 0; i < CPUS; i++)
			while (smp_get(r, SMP_SHARED + 8 * i) < want[i])
				loop_turn(r->m->loop, 1);
		stop(r);
		g_usleep(n * 10);
	}
	smp_free(r);
}
END_TEST

Suite *suite_alarm(void);
Suite *suite_alarm(void)
{
	Suite *s = suite_create("alarm");
	TCase *t = tcase_create("alarm");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, a_decrementer_needs_no_turn_of_the_main_loop, 0, 6);
	tcase_add_loop_test(t, decrementers_go_on_after_any_stop, 0, 6);
	suite_add_tcase(s, t);
	return s;
}
