/* Timebase and decrementer against time.md's rules, in exact ticks. */
#include <check.h>
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

START_TEST(conversions)
{
	static const uint64_t freqs[] = { 16600000, 25000000, 100000000, 512000000, 999999937 };
	uint64_t seed = 88172645463325252u;

	for (unsigned f = 0; f < ARRAY_LEN(freqs); f++)
		for (unsigned i = 0; i < 20000; i++) {
			uint64_t ticks, ns;

			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			ticks = seed >> (i % 40 + 10);
			ns = ppc_ns_from_tb_ceil(freqs[f], ticks);
			/* The first V at which the timebase has reached ticks. */
			ck_assert_uint_ge(ppc_tb_from_ns(freqs[f], ns), ticks);
			if (ns)
				ck_assert_uint_lt(ppc_tb_from_ns(freqs[f], ns - 1), ticks);
		}
}
END_TEST

START_TEST(mttb_leaves_dec)
{
	PpcRig *r = rig_new("power9");

	ppc_dec_set(r->cpu, 123456789);
	ppc_tb_set(r->cpu, 0xdeadbeef00000000u);
	ck_assert_uint_eq(ppc_tb_get(r->cpu), 0xdeadbeef00000000u);
	ck_assert_uint_eq(ppc_dec_get(r->cpu), 123456789);
	vclock_count(r->m->clock, 1000); /* 1000 ns: 512 ticks */
	ck_assert_uint_eq(ppc_tb_get(r->cpu), 0xdeadbeef00000000u + 512);
	ck_assert_uint_eq(ppc_dec_get(r->cpu), 123456789 - 512);
	rig_free(r);
}
END_TEST

static bool dec_pending(const PpcRig *r)
{
	return r->cpu->pending & PPC_PEND_DEC;
}

static void wait_ns(PpcRig *r, uint64_t ns)
{
	vclock_count(r->m->clock, ns);
	machine_lock(r->m);
	vclock_run_timers(r->m->clock);
	machine_unlock(r->m);
	if (atomic_load(&r->cpu->vcpu.events) & PPC_EV_TIME)
		ppc_time_update(r->cpu);
}

/* Server CPUs: the exception is the sign bit, book III 7.5.12. */
START_TEST(level_values)
{
	static const struct {
		uint32_t v;
		bool now;
	} rows[] = { { 0, false },
		     { 1, false },
		     { 0x7fffffff, false },
		     { 0x80000000, true },
		     { 0xffffffff, true } };
	PpcRig *r = rig_new("power8");

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		ppc_dec_set(r->cpu, rows[i].v);
		ck_assert_uint_eq(ppc_dec_get(r->cpu), rows[i].v);
		ck_assert_int_eq(dec_pending(r), rows[i].now);
	}
	/* A positive value takes the exception away. */
	ppc_dec_set(r->cpu, 5);
	ck_assert(!dec_pending(r));
	rig_free(r);
}
END_TEST

/* An edge has been when the register turns negative, whether or not anybody has looked by then. */
START_TEST(edge_outlives_a_late_timer)
{
	PpcRig *r = rig_new("7447a");

	ppc_set_spr(r->cpu, 1008, 0x04000000); /* HID0[TBEN]: its timebase counts */
	ppc_dec_set(r->cpu, 10);
	vclock_count(r->m->clock, 1000000); /* and the timer's thread is late */
	ck_assert_int_lt((int32_t)ppc_dec_get(r->cpu), 0);
	ppc_dec_set(r->cpu, 1000000);
	ck_assert(dec_pending(r));
	wait_ns(r, 0);
	ck_assert(dec_pending(r));
	rig_free(r);
}
END_TEST

/* Not one nanosecond before the register turns negative. */
START_TEST(never_early)
{
	PpcRig *r = rig_new("power9");

	for (unsigned v = 0; v < 200; v++) {
		wait_ns(r, 7);
		ppc_dec_set(r->cpu, v);
		for (unsigned ns = 0; ns < 500; ns++) {
			ck_assert_int_eq(dec_pending(r), (int32_t)ppc_dec_get(r->cpu) < 0);
			wait_ns(r, 1);
		}
	}
	rig_free(r);
}
END_TEST

/* 32-bit DEC wraps to positive 2^31 ticks later; the level goes with it. */
START_TEST(wraps)
{
	PpcRig *r = rig_new("power8");

	ppc_dec_set(r->cpu, 0x80000001);
	ck_assert(dec_pending(r));
	wait_ns(r, 3); /* one tick: 0x80000000 */
	ck_assert_uint_eq(ppc_dec_get(r->cpu), 0x80000000);
	ck_assert(dec_pending(r));
	wait_ns(r, 2);
	ck_assert_uint_eq(ppc_dec_get(r->cpu), 0x7fffffff);
	ck_assert(!dec_pending(r));
	rig_free(r);
}
END_TEST

START_TEST(large)
{
	PpcRig *r = rig_new("power9");
	uint64_t big = (UINT64_C(1) << 55) - 1;

	ppc_set_spr(r->cpu, 318, LPCR_LD);
	ppc_dec_set(r->cpu, 0xffffffff);
	ck_assert_uint_eq(ppc_dec_get(r->cpu), 0xffffffff);
	ck_assert(!dec_pending(r));
	ppc_dec_set(r->cpu, big);
	ck_assert_uint_eq(ppc_dec_get(r->cpu), big);
	ck_assert(!dec_pending(r));
	ppc_dec_set(r->cpu, UINT64_C(1) << 55);
	ck_assert_uint_eq(ppc_dec_get(r->cpu), ~((UINT64_C(1) << 55) - 1));
	ck_assert(dec_pending(r));
	/* Without LD the same bits are a 32-bit register again. */
	ppc_set_spr(r->cpu, 318, 0);
	ck_assert_uint_le(ppc_dec_get(r->cpu), UINT32_MAX);
	rig_free(r);
}
END_TEST

/* The interrupt comes between the right two instructions. */
START_TEST(exact_instruction)
{
	PpcRig *r = rig_new("power9");
	uint32_t code[64];

	for (unsigned i = 0; i < 63; i++)
		code[i] = I_ADDI(4, 4, 1);
	code[63] = I_B(-63 * 4);
	rig_code(r, 0x1000, code, 64);
	code[0] = I_B(0);
	rig_code(r, PPC_V_DEC, code, 1);
	for (unsigned k = 1; k < 300; k += 7) {
		uint64_t v0 = (uint64_t)vclock_now(r->m->clock), at;

		r->cpu->gpr[4] = 0;
		ppc_set_msr(r->cpu, MSR_SF | MSR_ME | MSR_EE | MSR_RI);
		ppc_dec_set(r->cpu, k);
		at = ppc_ns_from_tb_ceil(512000000, r->cpu->dec_at + 1 - r->cpu->tb_offset);
		rig_go(r, 0x1000, at - v0 + 2);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_DEC);
		ck_assert_uint_eq(r->cpu->spr.SRR0, 0x1000 + (at - v0) % 64 * 4);
	}
	rig_free(r);
}
END_TEST

Suite *suite_timebase(void);

Suite *suite_timebase(void)
{
	Suite *s = suite_create("timebase");
	TCase *t = tcase_create("timebase");

	tcase_add_test(t, conversions);
	tcase_add_test(t, mttb_leaves_dec);
	tcase_add_test(t, level_values);
	tcase_add_test(t, edge_outlives_a_late_timer);
	tcase_add_test(t, never_early);
	tcase_add_test(t, wraps);
	tcase_add_test(t, large);
	tcase_add_test(t, exact_instruction);
	suite_add_tcase(s, t);
	return s;
}
