/*
 * The hypervisor decrementer of server CPUs on a board that leaves them their
 * hypervisor state: when its exception exists, when its interrupt comes, what that
 * saves.  (test_time.c takes it through pauses and moves.)
 */
#include <check.h>
#include "target-ppc/excp.h"
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define RUN (MSR_SF | MSR_ME | MSR_RI)
#define HOST (RUN | MSR_HV)
#define I_HRFID (19u << 26 | 274 << 1)
#define SPR_HDEC 310
#define SPR_HSRR0 314
#define SPR_HSRR1 315
#define SPR_LPCR 318
#define SPR_HID0 1008

static const char *const models[] = { "power8", "power9", "power10" };

static PpcRig *rig_in(const char *model, uint64_t msr, uint64_t lpcr)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_B(-4) }, stop[] = { I_B(0) };
	PpcRig *r = rig_new_bare(model);

	rig_code(r, AT, code, 2);
	rig_code(r, PPC_V_HDEC, stop, 1);
	ppc_set_spr(r->cpu, SPR_LPCR, lpcr);
	ppc_set_msr(r->cpu, msr);
	return r;
}

static bool exists(const PpcRig *r)
{
	return r->cpu->pending & PPC_PEND_HDEC;
}

START_TEST(a_sign_that_turns)
{
	PpcRig *r = rig_in(models[_i], HOST, LPCR_HDICE);
	const uint64_t minus = UINT64_MAX;

	ck_assert(!exists(r));
	ppc_hdec_set(r->cpu, minus);
	ck_assert(exists(r));
	/* The sign turns back: it ceases to exist. */
	ppc_hdec_set(r->cpu, 5);
	ck_assert(!exists(r));
	rig_go(r, AT, 20); /* 20 ns: 10 ticks */
	ck_assert(exists(r));
	/* Taken, it is gone, though the sign is still there; and another count makes none. */
	ppc_set_msr(r->cpu, HOST | MSR_EE);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_HDEC);
	ck_assert(!exists(r));
	rig_run(r, 100);
	ck_assert(!exists(r));
	ppc_hdec_set(r->cpu, minus - 7);
	ck_assert(!exists(r));
	rig_free(r);
}
END_TEST

/* (EE or not HV or PR) and HDICE. */
START_TEST(enabled)
{
	for (unsigned i = 0; i < 16; i++) {
		bool ee = i & 1, hv = i & 2, pr = i & 4, hdice = i & 8;
		uint64_t msr = RUN | (ee ? MSR_EE : 0) | (hv ? MSR_HV : 0);
		PpcRig *r = rig_in("power8", msr, hdice ? LPCR_HDICE : 0);
		bool comes = (ee || !hv || pr) && hdice;

		/* Problem state without translation does not exist; make it so. */
		r->cpu->msr |= pr ? MSR_PR : 0;
		ppc_state_changed(r->cpu);
		ppc_hdec_set(r->cpu, UINT64_MAX);
		rig_go(r, AT, 3);
		ck_assert_msg((r->cpu->nip == PPC_V_HDEC) == comes, "ee %d hv %d pr %d hdice %d",
			      ee, hv, pr, hdice);
		ck_assert_int_eq(exists(r), !comes);
		rig_free(r);
	}
}
END_TEST

START_TEST(what_it_saves)
{
	PpcRig *r = rig_in(models[_i], RUN | MSR_FP | MSR_EE, LPCR_HDICE | LPCR_ILE);
	uint64_t was = r->cpu->msr;

	ppc_set_spr(r->cpu, 26, 0x1234);
	ppc_set_spr(r->cpu, 27, 0x5678);
	ppc_hdec_set(r->cpu, UINT64_MAX);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_HDEC);
	ck_assert_uint_eq(ppc_spr(r->cpu, SPR_HSRR0), AT);
	ck_assert_uint_eq(ppc_spr(r->cpu, SPR_HSRR1), was);
	ck_assert_uint_eq(ppc_spr(r->cpu, 26), 0x1234);
	ck_assert_uint_eq(ppc_spr(r->cpu, 27), 0x5678);
	/* ME and RI stay; the byte order is HILE's, not LPCR[ILE]'s. */
	ck_assert_uint_eq(r->cpu->msr, HOST);
	rig_free(r);
}
END_TEST

START_TEST(little_endian_hypervisor)
{
	PpcRig *r = rig_in(models[_i], RUN, LPCR_HDICE);

	ppc_set_spr(r->cpu, SPR_HID0, _i ? BIT64(4) : BIT64(19));
	ppc_hdec_set(r->cpu, UINT64_MAX);
	ck_assert(ram_st32(r->m->ram, PPC_V_HDEC, bswap32(I_B(0))));
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->msr, HOST | MSR_LE);
	rig_free(r);
}
END_TEST

/* The alternate location is for one that comes from hypervisor state. */
START_TEST(alternate_location)
{
	for (unsigned hv = 0; hv < 2; hv++) {
		PpcRig *r = rig_in("power9", HOST, LPCR_HDICE | LPCR_AIL);

		r->cpu->nip = AT;
		ppc_hdec_set(r->cpu, UINT64_MAX);
		ppc_set_msr(r->cpu, RUN | MSR_IR | MSR_DR | MSR_EE | (hv ? MSR_HV : 0));
		ppc_deliver_pending(r->cpu);
		ck_assert_uint_eq(r->cpu->nip, hv ? 0xc000000000004980u : 0x980);
		ck_assert_uint_eq(r->cpu->msr, HOST | (hv ? MSR_IR | MSR_DR : 0));
		ck_assert_uint_eq(ppc_spr(r->cpu, SPR_HSRR0), AT);
		rig_free(r);
	}
}
END_TEST

/* With HDICE = 0, POWER9 and later lose it; POWER8 keeps it. */
START_TEST(kept_or_lost)
{
	PpcRig *r = rig_in(models[_i], HOST, 0);
	bool kept = _i == 0;

	ppc_hdec_set(r->cpu, UINT64_MAX);
	ck_assert_int_eq(exists(r), kept);
	ppc_hdec_set(r->cpu, 2);
	rig_go(r, AT, 20);
	ck_assert_int_eq(exists(r), kept);
	ppc_set_spr(r->cpu, SPR_LPCR, LPCR_HDICE);
	ck_assert_int_eq(exists(r), kept);
	ppc_hdec_set(r->cpu, 2);
	rig_run(r, 20);
	ck_assert(exists(r));
	rig_free(r);
}
END_TEST

/* 32 bits with zeros before them, or 56 with their sign, whatever LPCR[LD] says of DEC. */
START_TEST(width)
{
	const uint64_t v = 0x7fffff81234567u, top = 0x80000000000000u;

	for (unsigned ld = 0; ld < 2; ld++) {
		PpcRig *r = rig_in(models[_i], HOST, LPCR_HDICE | (ld ? LPCR_LD : 0));

		ppc_hdec_set(r->cpu, v);
		ck_assert_uint_eq(ppc_hdec_get(r->cpu), _i ? v : (uint32_t)v);
		ck_assert_int_eq(exists(r), _i == 0);
		ppc_hdec_set(r->cpu, top);
		ck_assert_uint_eq(ppc_hdec_get(r->cpu), _i ? -top : 0);
		ck_assert_int_eq(exists(r), _i != 0);
		rig_free(r);
	}
}
END_TEST

/* A guest that masks all its interrupts is left at the exact instruction, and come back to. */
START_TEST(a_guest_and_back)
{
	for (unsigned k = 1; k < 300; k += 13) {
		PpcRig *r = rig_in(models[_i], HOST, LPCR_HDICE);
		const uint32_t enter[] = { I_HRFID };
		uint64_t at, v0, n;

		rig_code(r, 0x2000, enter, 1);
		ppc_set_spr(r->cpu, SPR_HSRR0, AT);
		ppc_set_spr(r->cpu, SPR_HSRR1, RUN);
		ppc_hdec_set(r->cpu, k);
		v0 = (uint64_t)vclock_now(r->m->clock);
		at = ppc_ns_from_tb_ceil(512000000, r->cpu->hdec_at + 1 - r->cpu->tb_offset);
		n = at - v0; /* of them, the first is hrfid */
		rig_go(r, 0x2000, n + 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_HDEC);
		ck_assert_uint_eq(ppc_spr(r->cpu, SPR_HSRR0), AT + (n - 1) % 2 * 4);
		ck_assert_uint_eq(ppc_spr(r->cpu, SPR_HSRR1), RUN);
		ck_assert_uint_eq(r->cpu->gpr[4], n / 2);
		ck_assert_uint_eq(r->cpu->msr, HOST);
		/* As the guest goes on, nothing is left of it. */
		rig_go(r, 0x2000, 101);
		ck_assert_uint_eq(r->cpu->msr, RUN);
		ck_assert_uint_ge(r->cpu->gpr[4], n / 2 + 49);
		rig_free(r);
	}
}
END_TEST

/* One that waited for the hypervisor's EE interrupts the guest at its first instruction. */
START_TEST(waits_for_the_guest)
{
	PpcRig *r = rig_in(models[_i], HOST, LPCR_HDICE);
	const uint32_t code[] = { I_NOP, I_HRFID };

	rig_code(r, 0x2000, code, 2);
	ppc_set_spr(r->cpu, SPR_HSRR0, AT);
	ppc_set_spr(r->cpu, SPR_HSRR1, RUN);
	ppc_hdec_set(r->cpu, UINT64_MAX);
	rig_go(r, 0x2000, 3);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_HDEC);
	ck_assert_uint_eq(ppc_spr(r->cpu, SPR_HSRR0), AT);
	ck_assert_uint_eq(r->cpu->gpr[4], 0);
	rig_free(r);
}
END_TEST

/* It wakes whom it could interrupt, and nobody else. */
START_TEST(wakes)
{
	for (unsigned on = 0; on < 2; on++) {
		PpcRig *r = rig_in("power8", RUN, on ? LPCR_HDICE : 0);

		r->cpu->nip = AT;
		ppc_halt(r->cpu);
		ppc_hdec_set(r->cpu, UINT64_MAX);
		ck_assert_int_eq(ppc_runnable(&r->cpu->vcpu), on);
		ck_assert_uint_eq(rig_run(r, 10), on ? 10 : 0);
		ck_assert_int_eq(ppc_is_halted(r->cpu), !on);
		rig_free(r);
	}
}
END_TEST

START_TEST(mttb_leaves_it)
{
	PpcRig *r = rig_in("power9", HOST, LPCR_HDICE);

	ppc_hdec_set(r->cpu, 123456789);
	ppc_tb_set(r->cpu, 0xdeadbeef00000000u);
	ck_assert_uint_eq(ppc_hdec_get(r->cpu), 123456789);
	rig_free(r);
}
END_TEST

/* Where the board is the hypervisor the register is out of reach, and costs no timer. */
START_TEST(not_for_a_guest)
{
	const uint32_t code[] = { I_MTSPR(SPR_HDEC, 3), I_MFSPR(5, SPR_HDEC), I_B(0) };
	PpcRig *r = rig_new("power9");

	rig_code(r, AT, code, 3);
	ck_assert(r->cpu->hdec_timer == NULL);
	ck_assert(!ppc_has_hdec(r->cpu));
	r->cpu->gpr[3] = UINT64_MAX;
	r->cpu->gpr[5] = 77;
	ppc_set_spr(r->cpu, SPR_LPCR, LPCR_HDICE);
	rig_go(r, AT, 5);
	ck_assert_uint_eq(r->cpu->gpr[5], 77);
	ck_assert_uint_le(ppc_hdec_get(r->cpu), INT32_MAX);
	ppc_set_msr(r->cpu, HOST);
	ck_assert(!(r->cpu->msr & MSR_HV));
	/* Not even of a bad snapshot. */
	r->cpu->pending = PPC_PEND_HDEC;
	machine_lock(r->m);
	ck_assert(!r->cpu->dev.type->loaded(&r->cpu->dev, NULL));
	machine_unlock(r->m);
	r->cpu->pending = 0;
	rig_free(r);
}
END_TEST

Suite *suite_hdec(void);

Suite *suite_hdec(void)
{
	Suite *s = suite_create("hdec");
	TCase *t = tcase_create("hdec");

	tcase_add_loop_test(t, a_sign_that_turns, 0, ARRAY_LEN(models));
	tcase_add_test(t, enabled);
	tcase_add_loop_test(t, what_it_saves, 0, ARRAY_LEN(models));
	tcase_add_loop_test(t, little_endian_hypervisor, 0, ARRAY_LEN(models));
	tcase_add_test(t, alternate_location);
	tcase_add_loop_test(t, kept_or_lost, 0, ARRAY_LEN(models));
	tcase_add_loop_test(t, width, 0, ARRAY_LEN(models));
	tcase_add_loop_test(t, a_guest_and_back, 0, ARRAY_LEN(models));
	tcase_add_loop_test(t, waits_for_the_guest, 0, ARRAY_LEN(models));
	tcase_add_test(t, wakes);
	tcase_add_test(t, mttb_leaves_it);
	tcase_add_test(t, not_for_a_guest);
	suite_add_tcase(s, t);
	return s;
}
