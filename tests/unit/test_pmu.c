/* The performance monitor: exact counts, freezing, alerts at their instruction, access. */
#include <check.h>
#include "target-ppc/excp.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

#define CODE 0x2000u
#define I_RFI (19u << 26 | 50 << 1)
#define I_TRAP I_X(31, 31, 0, 0, 4)
#define I_BDNZ_SELF (16u << 26 | 16u << 21)
#define I_MFBHRBE(t) I_X(31, t, 0, 0, 302)
#define I_CLRBHRB I_X(31, 0, 0, 0, 430)
#define I_RFEBB(s) I_X(19, 0, 0, s, 146)

enum { MMCR0 = 795, MMCR1 = 798, MMCR2 = 785, PMC1 = 787, PMC5 = 791, PMC6 = 792, SIAR = 796 };

/* A run of nops at CODE, and some for the interrupt. */
static void nops(PpcRig *r, unsigned n)
{
	for (unsigned i = 0; i < 8; i++)
		rig_code(r, 0xf00 + 4 * i, (const uint32_t[]){ I_NOP }, 1);
	for (unsigned i = 0; i < n; i++)
		rig_code(r, CODE + 4 * i, (const uint32_t[]){ I_NOP }, 1);
}

static void run_in_slices(PpcRig *r, uint64_t n, uint64_t slice)
{
	while (n) {
		uint64_t k = rig_run(r, MIN(n, slice));

		ck_assert_uint_ge(k, 1);
		n -= k;
	}
}

static const char *const servers[] = { "power8", "power9", "power10" };

/* mtspr itself is the last instruction before, mfspr the first that is not counted. */
START_TEST(an_mfspr_right_after_mtspr_reads_what_was_written)
{
	static const uint32_t code[] = {
		I_MTSPR(PMC5, 4), I_MFSPR(5, PMC5), I_NOP, I_MFSPR(6, PMC5), I_NOP, I_NOP,
		I_MFSPR(7, PMC5)
	};
	PpcRig *r = rig_new(servers[_i]);

	ppc_set_spr(r->cpu, MMCR0, 0);
	r->cpu->gpr[4] = 1000;
	rig_code(r, CODE, code, ARRAY_LEN(code));
	rig_go(r, CODE, ARRAY_LEN(code));
	ck_assert_uint_eq(r->cpu->gpr[5], 1000);
	ck_assert_uint_eq(r->cpu->gpr[6], 1002);
	ck_assert_uint_eq(r->cpu->gpr[7], 1005);
	rig_free(r);
}
END_TEST

/* Each counter by each event; what stands still stands still. */
START_TEST(events_of_server_counters)
{
	static const struct {
		unsigned n, sel;
		uint32_t after; /* 100 instructions, of which one trapped */
	} rows[] = {
		{ 1, 0x02, 99 },  { 2, 0x02, 99 },  { 3, 0x02, 99 },  { 4, 0x02, 99 },
		{ 1, 0x1e, 100 }, { 2, 0x1e, 100 }, { 3, 0x1e, 100 }, { 4, 0x1e, 100 },
		{ 1, 0xf0, 100 }, { 1, 0xfe, 99 },  { 1, 0xf2, 99 },  { 2, 0xf4, 100 },
		{ 4, 0xfa, 99 },  { 2, 0xfe, 0 },   { 3, 0x40, 0 },   { 4, 0, 0 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_new(servers[_i]);

		nops(r, 200);
		rig_code(r, CODE + 40, (const uint32_t[]){ I_TRAP }, 1);
		rig_code(r, 0x700, (const uint32_t[]){ I_B(CODE + 44 - 0x700) }, 1);
		ppc_set_spr(r->cpu, MMCR1, (uint64_t)rows[i].sel << (32 - 8 * rows[i].n));
		ppc_set_spr(r->cpu, MMCR0, 0);
		rig_go(r, CODE, 100);
		ck_assert_msg(ppc_pmu_counter(r->cpu, rows[i].n) == rows[i].after,
			      "PMC%u, event 0x%x: %u", rows[i].n, rows[i].sel,
			      ppc_pmu_counter(r->cpu, rows[i].n));
		ck_assert_uint_eq(ppc_spr(r->cpu, PMC5), 99);
		ck_assert_uint_eq(ppc_spr(r->cpu, PMC6), 100);
		rig_free(r);
	}
}
END_TEST

START_TEST(the_run_latch_gates_run_events)
{
	PpcRig *r = rig_new("power9");

	nops(r, 100);
	ppc_set_spr(r->cpu, MMCR1, 0xfeu << 24 | 0xf4 << 16 | 0xfa);
	ppc_set_spr(r->cpu, MMCR0, 0);
	ppc_set_spr(r->cpu, 152, 0);
	rig_go(r, CODE, 10);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 1), 10);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 2), 0);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 4), 0);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 5), 0);
	ppc_set_spr(r->cpu, MMCR0, MMCR0_CC56RUN | MMCR0_FC14WAIT);
	rig_run(r, 10);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 1), 10);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 5), 10);
	ck_assert_uint_eq(ppc_pmu_counter(r->cpu, 6), 10);
	rig_free(r);
}
END_TEST

/* sc completes and counts where it was called; the handler counts as privileged. */
START_TEST(freezing_by_state)
{
	static const struct {
		uint64_t mmcr0, mmcr2;
		uint32_t after; /* of 5 nops and sc in problem state, 4 in the handler */
	} rows[] = {
		{ 0, 0, 10 },
		{ MMCR0_FC, 0, 0 },
		{ MMCR0_FCS, 0, 6 },
		{ MMCR0_FCP, 0, 4 },
		{ MMCR0_FCP | MMCR0_FCPC, 0, 4 },
		{ MMCR0_FCPC, 0, 10 },
		{ MMCR0_FCM0, 0, 6 }, /* PMM is 1 in problem state; an interrupt clears it */
		{ MMCR0_FCM1, 0, 4 },
		{ MMCR0_FC14, 0, 0 },
		{ MMCR0_FC56, 0, 10 },
		{ 0, BIT64(0), 6 },
		{ 0, BIT64(1), 4 },
		{ 0, BIT64(9), 10 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_new("power8");
		bool pmm = rows[i].mmcr0 & (MMCR0_FCM0 | MMCR0_FCM1);

		nops(r, 5);
		rig_code(r, CODE + 20, (const uint32_t[]){ I_SC(0) }, 1);
		for (unsigned k = 0; k < 8; k++)
			rig_code(r, 0xc00 + 4 * k, (const uint32_t[]){ I_NOP }, 1);
		ppc_set_spr(r->cpu, MMCR1, 0xfeu << 24);
		ppc_set_spr(r->cpu, MMCR2, rows[i].mmcr2);
		ppc_set_spr(r->cpu, MMCR0, rows[i].mmcr0);
		/* Problem state always translates: pages are not what is tested here. */
		r->cpu->msr = (r->cpu->msr & ~(MSR_IR | MSR_DR)) | MSR_PR | (pmm ? MSR_PMM : 0);
		ppc_state_changed(r->cpu);
		rig_go(r, CODE, 10);
		ck_assert_uint_eq(r->cpu->nip, 0xc00 + 4 * 4);
		ck_assert_msg(ppc_pmu_counter(r->cpu, 1) == rows[i].after, "row %u: %u", i,
			      ppc_pmu_counter(r->cpu, 1));
		rig_free(r);
	}
}
END_TEST

/* The alert comes behind the instruction that makes the counter negative, however it is run. */
START_TEST(an_overflow_interrupts_at_its_instruction)
{
	static const unsigned slices[] = { 1, 2, 7, 64, 1000 };

	for (unsigned k = 0; k < ARRAY_LEN(slices); k++)
		for (unsigned due = 1; due < 200; due += 13) {
			PpcRig *r = rig_new(servers[_i]);
			PpcCpu *cpu = r->cpu;

			nops(r, 400);
			ppc_set_spr(cpu, PMC5, 0x80000000u - due);
			ppc_set_spr(cpu, MMCR0, MMCR0_PMAE | MMCR0_FCECE | MMCR0_PMCJCE);
			ppc_set_msr(cpu, cpu->msr | MSR_EE);
			cpu->nip = CODE;
			run_in_slices(r, due + 3, slices[k]);
			ck_assert_uint_eq(cpu->spr.SRR0, CODE + 4 * due);
			ck_assert_uint_eq(cpu->spr.SIAR, CODE + 4 * due);
			ck_assert_uint_eq(cpu->nip, 0xf00 + 4 * 3);
			ck_assert_uint_eq(ppc_spr(cpu, PMC5), 0x80000000);
			ck_assert_uint_eq(ppc_spr(cpu, MMCR0),
					  MMCR0_FC | MMCR0_FCECE | MMCR0_PMCJCE | MMCR0_PMAO);
			rig_free(r);
		}
}
END_TEST

/* mtspr that starts it, an interrupt on the way that is frozen out, and so on: same in all slices. */
START_TEST(slices_of_any_length_end_alike)
{
	static const uint32_t code[] = {
		I_MTSPR(PMC1, 4),
		I_MTSPR(MMCR0, 5),
		I_NOP,
		I_NOP,
		I_TRAP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_NOP,
		I_B(-8),
	};
	static const uint32_t handler[] = { I_MFSPR(30, 26), I_ADDI(30, 30, 4), I_MTSPR(26, 30),
					    I_RFID };
	uint64_t srr0 = 0;

	for (unsigned slice = 1; slice < 40; slice++) {
		PpcRig *r = rig_new("power9");
		PpcCpu *cpu = r->cpu;

		rig_code(r, CODE, code, ARRAY_LEN(code));
		rig_code(r, 0x700, handler, ARRAY_LEN(handler));
		rig_code(r, 0xf00, (const uint32_t[]){ I_MFSPR(20, 26), I_B(0) }, 2);
		cpu->gpr[4] = 0x80000000 - 9;
		cpu->gpr[5] = MMCR0_PMAE | MMCR0_PMC1CE;
		ppc_set_spr(cpu, MMCR1, 0xfeu << 24);
		ppc_set_msr(cpu, cpu->msr | MSR_EE);
		cpu->nip = CODE;
		run_in_slices(r, 40, slice);
		/* nop nop, 4 of the handler, 3 nops: the trap does not complete. */
		ck_assert_uint_eq(cpu->gpr[20], CODE + 4 * 8);
		if (slice > 1)
			ck_assert_uint_eq(cpu->gpr[20], srr0);
		srr0 = cpu->gpr[20];
		rig_free(r);
	}
}
END_TEST

START_TEST(the_exception_lasts_until_pmao_is_cleared)
{
	PpcRig *r = rig_new("power9");
	PpcCpu *cpu = r->cpu;

	nops(r, 20);
	rig_code(r, 0xf00, (const uint32_t[]){ I_RFID }, 1);
	ppc_set_spr(cpu, PMC1, 0x80000000);
	ppc_set_spr(cpu, MMCR0, MMCR0_FC | MMCR0_PMAE | MMCR0_PMC1CE);
	rig_go(r, CODE, 4); /* EE is 0 */
	ck_assert_uint_eq(cpu->nip, CODE + 16);
	ck_assert(cpu->pending & PPC_PEND_PMI);
	ck_assert_uint_eq(ppc_spr(cpu, MMCR0), MMCR0_FC | MMCR0_PMAO | MMCR0_PMC1CE);
	ppc_set_msr(cpu, cpu->msr | MSR_EE);
	rig_run(r, 3); /* rfid again and again */
	ck_assert_uint_eq(cpu->spr.SRR0, CODE + 16);
	ck_assert(cpu->pending & PPC_PEND_PMI);
	ppc_set_spr(cpu, MMCR0, MMCR0_FC);
	ck_assert(!(cpu->pending & PPC_PEND_PMI));
	rig_free(r);
}
END_TEST

START_TEST(trigger_starts_the_others)
{
	PpcRig *r = rig_new("power8");
	PpcCpu *cpu = r->cpu;

	nops(r, 100);
	ppc_set_spr(cpu, MMCR1, 0xfeu << 24 | 0x02 << 16);
	ppc_set_spr(cpu, PMC1, 0x80000000u - 10);
	ppc_set_spr(cpu, MMCR0, MMCR0_TRIGGER | MMCR0_FCECE);
	rig_go(r, CODE, 30);
	ck_assert_uint_eq(ppc_pmu_counter(cpu, 1), 0x80000000u + 20);
	ck_assert_uint_eq(ppc_pmu_counter(cpu, 2), 20);
	ck_assert_uint_eq(ppc_spr(cpu, MMCR0), MMCR0_FCECE);
	rig_free(r);
}
END_TEST

/* TBSEL, TBEE: the alert comes when the bit becomes 1. */
START_TEST(timebase_transitions_alert)
{
	static const unsigned half[] = { 1, 256, 4096, 65536 };

	for (unsigned sel = 0; sel < 4; sel++) {
		PpcRig *r = rig_new("power9");
		PpcCpu *cpu = r->cpu;
		uint64_t tb;

		rig_code(r, CODE, (const uint32_t[]){ I_B(0) }, 1);
		rig_code(r, 0xf00, (const uint32_t[]){ I_B(0) }, 1);
		ppc_set_spr(cpu, MMCR0, MMCR0_FC | MMCR0_PMAE | MMCR0_TBEE | sel << 23);
		ppc_set_msr(cpu, cpu->msr | MSR_EE);
		cpu->nip = CODE;
		for (unsigned i = 0; i < 1000000 && cpu->nip == CODE; i++)
			rig_run(r, half[sel] > 64 ? half[sel] / 64 : 1);
		tb = ppc_tb_get(cpu);
		ck_assert_uint_eq(cpu->nip, 0xf00);
		ck_assert_uint_ge(tb, half[sel]);
		ck_assert_uint_le(tb, half[sel] + half[sel] / 64 + 2);
		ck_assert(ppc_spr(cpu, MMCR0) & MMCR0_PMAO);
		rig_free(r);
	}
}
END_TEST

/* PMC3 counts transitions of bit 55 (256 ticks, so each 512 ticks: 1000 ns). */
START_TEST(timebase_transitions_are_counted)
{
	PpcRig *r = rig_new("power9");
	PpcCpu *cpu = r->cpu;

	rig_code(r, CODE, (const uint32_t[]){ I_B(0) }, 1);
	ppc_set_spr(cpu, MMCR1, 0xf8 << 8);
	ppc_set_spr(cpu, MMCR0, 1u << 23);
	rig_go(r, CODE, 10000);
	ck_assert_uint_eq(ppc_pmu_counter(cpu, 3), 10);
	ppc_tb_set(cpu, 0x123456789a00 + 255); /* a jump counts nothing */
	ck_assert_uint_eq(ppc_pmu_counter(cpu, 3), 10);
	rig_run(r, 3);
	ck_assert_uint_eq(ppc_pmu_counter(cpu, 3), 11);
	ppc_set_spr(cpu, 789, 0x7ffffffe);
	ppc_set_spr(cpu, MMCR0, 1u << 23 | MMCR0_PMAE | MMCR0_PMCJCE);
	rig_run(r, 1900);
	ck_assert(!(ppc_spr(cpu, MMCR0) & MMCR0_PMAO));
	rig_run(r, 200);
	ck_assert(ppc_spr(cpu, MMCR0) & MMCR0_PMAO);
	rig_free(r);
}
END_TEST

/* ------------------------------------------------------------- problem state */

enum { OK, FAC, ILL, PRIVILEGED };

/* What one instruction in problem state leads to. */
static int outcome(PpcRig *r, uint32_t word, unsigned cause)
{
	PpcCpu *cpu = r->cpu;

	rig_code(r, CODE, (const uint32_t[]){ word }, 1);
	cpu->spr.FSCR = 0;
	cpu->msr = (cpu->msr & ~(MSR_IR | MSR_DR)) | MSR_PR;
	ppc_state_changed(cpu);
	rig_go(r, CODE, 1);
	if (cpu->nip == CODE + 4)
		return OK;
	if (cpu->nip == 0xf60) {
		ck_assert_uint_eq(cpu->spr.FSCR >> 56, cause);
		return FAC;
	}
	ck_assert_uint_eq(cpu->nip, 0x700);
	return cpu->spr.SRR1 & PPC_PROG_PRIV ? PRIVILEGED : ILL;
}

START_TEST(pmcc_says_what_problem_state_may)
{
	static const struct {
		uint32_t mmcr0;
		/* read and write of group A, of PMC5; read of group B */
		int ra, wa, r5, w5, rb;
	} rows[] = {
		{ 0, OK, ILL, OK, ILL, OK },
		{ 0x40000, FAC, FAC, FAC, FAC, FAC },
		{ 0x80000, OK, OK, OK, OK, OK },
		{ 0xc0000, OK, OK, FAC, FAC, OK },
	};
	static const unsigned a[] = { 769, 770, 771, 772, 773, 774, 779 };
	static const unsigned b[] = { 768, 780, 781, 782 };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_new(servers[_i]);

		for (unsigned k = 0; k < ARRAY_LEN(a); k++) {
			ppc_set_spr(r->cpu, MMCR0, MMCR0_FC | rows[i].mmcr0);
			ck_assert_int_eq(outcome(r, I_MFSPR(3, a[k]), 3), rows[i].ra);
			ck_assert_int_eq(outcome(r, I_MTSPR(a[k], 3), 3), rows[i].wa);
		}
		ppc_set_spr(r->cpu, MMCR0, MMCR0_FC | rows[i].mmcr0);
		for (unsigned n = 775; n <= 776; n++) {
			ck_assert_int_eq(outcome(r, I_MFSPR(3, n), 3), rows[i].r5);
			ck_assert_int_eq(outcome(r, I_MTSPR(n, 3), 3), rows[i].w5);
		}
		for (unsigned k = 0; k < ARRAY_LEN(b); k++) {
			ck_assert_int_eq(outcome(r, I_MFSPR(3, b[k]), 3), rows[i].rb);
			ck_assert_int_eq(outcome(r, I_MTSPR(b[k], 3), 3), ILL);
		}
		/* The privileged numbers stay privileged. */
		ck_assert_int_eq(outcome(r, I_MFSPR(3, MMCR0), 0), PRIVILEGED);
		rig_free(r);
	}
}
END_TEST

/* 3.1: PMCCEXT shuts group B where PMCC is 0. */
START_TEST(pmccext_shuts_group_b)
{
	PpcRig *r = rig_new("power10");

	ppc_set_spr(r->cpu, MMCR0, MMCR0_FC | MMCR0_PMCCEXT);
	ck_assert_int_eq(outcome(r, I_MFSPR(3, 780), 3), FAC);
	ck_assert_int_eq(outcome(r, I_MFSPR(3, 738), 3), FAC);
	ck_assert_int_eq(outcome(r, I_MFSPR(3, 779), 3), OK);
	rig_free(r);
}
END_TEST

START_TEST(problem_state_sees_its_bits_of_mmcr0_and_mmcr2)
{
	PpcRig *r = rig_new("power9");
	PpcCpu *cpu = r->cpu;

	ppc_set_spr(cpu, MMCR0, MMCR0_FC | MMCR0_FCS | 0x80000 | MMCR0_PMCJCE);
	ppc_set_spr(cpu, MMCR2, UINT64_MAX);
	ck_assert_int_eq(outcome(r, I_MFSPR(3, 779), 3), OK);
	ck_assert_uint_eq(cpu->gpr[3], MMCR0_FC);
	ck_assert_int_eq(outcome(r, I_MFSPR(3, 769), 3), OK);
	ck_assert_uint_eq(cpu->gpr[3], 0x4020100804020000);
	cpu->gpr[3] = MMCR0_PMAE | MMCR0_FCP;
	ck_assert_int_eq(outcome(r, I_MTSPR(779, 3), 3), OK);
	ck_assert_uint_eq(ppc_spr(cpu, MMCR0), MMCR0_PMAE | MMCR0_FCS | 0x80000 | MMCR0_PMCJCE);
	rig_free(r);
}
END_TEST

START_TEST(the_bhrb_is_empty_and_guarded)
{
	PpcRig *r = rig_new(servers[_i]);
	PpcCpu *cpu = r->cpu;

	cpu->gpr[3] = 77;
	ck_assert_int_eq(outcome(r, I_MFBHRBE(3), 4), FAC);
	ck_assert_int_eq(outcome(r, I_CLRBHRB, 4), FAC);
	ck_assert_uint_eq(cpu->gpr[3], 77);
	ppc_set_spr(cpu, MMCR0, MMCR0_FC | MMCR0_BHRBA);
	ck_assert_int_eq(outcome(r, I_MFBHRBE(3), 4), OK);
	ck_assert_int_eq(outcome(r, I_CLRBHRB, 4), OK);
	ck_assert_uint_eq(cpu->gpr[3], 0);
	rig_free(r);
}
END_TEST

/* EBE: the alert branches to EBBHR in problem state, and no interrupt comes. */
START_TEST(an_alert_can_branch)
{
	PpcRig *r = rig_new(servers[_i]);
	PpcCpu *cpu = r->cpu;

	nops(r, 100);
	rig_code(r, 0x3000, (const uint32_t[]){ I_NOP, I_RFEBB(1) }, 2);
	ppc_set_spr(cpu, PMC5, 0x80000000 - 20);
	ppc_set_spr(cpu, MMCR0, MMCR0_PMAE | MMCR0_FCECE | MMCR0_PMCJCE | MMCR0_EBE | 0x80000);
	cpu->spr.FSCR = BIT64(56);
	cpu->spr.EBBHR = 0x3000;
	ppc_set_spr(cpu, 806, BIT64(0) | BIT64(31)); /* GE, PME */
	cpu->msr = (cpu->msr & ~(MSR_IR | MSR_DR)) | MSR_PR | MSR_EE;
	ppc_state_changed(cpu);
	rig_go(r, CODE, 21);
	ck_assert_uint_eq(cpu->nip, 0x3004);
	ck_assert_uint_eq(cpu->spr.EBBRR, CODE + 80);
	ck_assert_uint_eq(cpu->spr.BESCR, BIT64(63)); /* PMEO */
	ck_assert(!(cpu->pending & PPC_PEND_PMI));
	/* Back with GE = 1, and PMEO still there: it branches at once. */
	rig_run(r, 1);
	ck_assert_uint_eq(cpu->nip, 0x3000);
	ck_assert_uint_eq(cpu->spr.EBBRR, CODE + 80);
	ppc_set_spr(cpu, 802, BIT64(63)); /* BESCRR: PMEO off */
	rig_run(r, 2);
	ck_assert_uint_eq(cpu->nip, CODE + 80);
	ck_assert_uint_eq(cpu->spr.BESCR, BIT64(0));
	rig_free(r);
}
END_TEST

/* ------------------------------------------------------------------- classic */

static const struct {
	const char *model;
	unsigned mmcr0, mmcr1, pmc[8];
	unsigned counters, cycles, insns, user; /* user: number less than MMCR0 and PMCs */
} classic[] = {
	{ "604e", 952, 956, { 953, 954, 957, 958 }, 4, 1, 2, 0 },
	{ "750", 952, 956, { 953, 954, 957, 958 }, 4, 1, 2, 16 },
	{ "7400", 952, 956, { 953, 954, 957, 958 }, 4, 1, 2, 16 },
	{ "7447a", 952, 956, { 953, 954, 957, 958 }, 4, 1, 2, 16 },
	{ "970fx", 795, 798, { 787, 788, 789, 790, 791, 792, 793, 794 }, 8, 15, 9, 16 },
};

/* Selects an event on counter n (from 0); returns what to write to MMCR0. */
static uint64_t select_event(PpcRig *r, unsigned i, unsigned n, uint64_t event)
{
	static const uint8_t g5[] = { 8, 1, 27, 22, 17, 12, 7, 2 }, g4[] = { 6, 0, 27, 22 };
	uint64_t v = event << (classic[i].counters == 8 ? g5[n] : g4[n]);

	ppc_set_spr(r->cpu, classic[i].mmcr1, n < 2 ? 0 : v);
	return n < 2 ? v : 0;
}

START_TEST(classic_counters_count_and_interrupt)
{
	bool g5 = classic[_i].counters == 8;

	for (unsigned n = 0; n < classic[_i].counters; n++) {
		PpcRig *r = rig_new(classic[_i].model);
		PpcCpu *cpu = r->cpu;
		uint64_t sel, ce = n ? MMCR0_PMCJCE : MMCR0_PMC1CE;

		nops(r, 200);
		rig_code(r, CODE + 40, (const uint32_t[]){ I_TRAP }, 1);
		rig_code(r, 0x700, (const uint32_t[]){ I_B(CODE + 44 - 0x700) }, 1);
		ppc_set_msr(cpu, (g5 ? MSR_SF : 0) | MSR_RI);
		sel = select_event(r, _i, n, classic[_i].insns);
		ppc_set_spr(cpu, classic[_i].mmcr0, sel);
		rig_go(r, CODE, 50);
		ck_assert_uint_eq(ppc_spr(cpu, classic[_i].pmc[n]), 49);
		if (classic[_i].user)
			ck_assert_uint_eq(ppc_spr(cpu, classic[_i].pmc[n] - classic[_i].user), 49);
		rig_code(r, CODE + 40, (const uint32_t[]){ I_NOP }, 1);
		sel = select_event(r, _i, n, classic[_i].cycles);
		ppc_set_spr(cpu, classic[_i].pmc[n], 0x80000000 - 30);
		ppc_set_spr(cpu, classic[_i].mmcr0, sel | MMCR0_PMAE | MMCR0_FCECE | ce);
		ppc_set_msr(cpu, cpu->msr | MSR_EE);
		rig_go(r, CODE, 31);
		ck_assert_uint_eq(cpu->nip, 0xf04);
		ck_assert_uint_eq(cpu->spr.SRR0, CODE + 4 * 30);
		ck_assert_uint_eq(ppc_spr(cpu, classic[_i].mmcr0),
				  sel | MMCR0_FC | MMCR0_FCECE | ce | (g5 ? MMCR0_PMAO : 0));
		/* An edge on 32-bit models, MMCR0[PMAO] on the 970. */
		ck_assert_int_eq(!!(cpu->pending & PPC_PEND_PMI), g5);
		ck_assert_uint_eq(ppc_spr(cpu, classic[_i].pmc[n]), 0x80000000);
		rig_free(r);
	}
}
END_TEST

START_TEST(classic_counters_freeze_by_state)
{
	PpcRig *r = rig_new("750");
	PpcCpu *cpu = r->cpu;

	nops(r, 100);
	for (unsigned pr = 0; pr < 2; pr++)
		for (unsigned how = 0; how < 3; how++) {
			uint64_t bit = how == 0 ? MMCR0_FCS : how == 1 ? MMCR0_FCP : MMCR0_FCM1;
			bool stops = how == 2 || (how == 1) == pr;

			ppc_set_msr(cpu, (pr ? MSR_PR : 0) | (how == 2 ? MSR_PMM : 0));
			ppc_set_spr(cpu, 953, 0);
			ppc_set_spr(cpu, 952, 2 << 6 | bit);
			rig_go(r, CODE, 20);
			ck_assert_uint_eq(ppc_spr(cpu, 953), stops ? 0 : 20);
		}
	rig_free(r);
}
END_TEST

/* A load computes from the registers alone when the next alert is due. */
START_TEST(a_load_goes_on_counting_to_the_alert)
{
	PpcRig *r = rig_new("power9");
	PpcCpu *cpu = r->cpu;
	GError *err = NULL;

	nops(r, 200);
	ppc_set_spr(cpu, PMC5, 0x80000000 - 100);
	ppc_set_spr(cpu, MMCR0, MMCR0_PMAE | MMCR0_FCECE | MMCR0_PMCJCE);
	ppc_set_msr(cpu, cpu->msr | MSR_EE);
	rig_go(r, CODE, 40);
	memset(cpu->pmu_event, 0, sizeof(cpu->pmu_event));
	cpu->pmu_live = false;
	ck_assert(cpu->dev.type->loaded(&cpu->dev, &err));
	ck_assert_uint_eq(ppc_spr(cpu, PMC5), 0x80000000 - 60);
	rig_run(r, 61);
	ck_assert_uint_eq(cpu->spr.SRR0, CODE + 400);
	ck_assert_uint_eq(cpu->nip, 0xf04);
	rig_free(r);
}
END_TEST

Suite *suite_pmu(void);
Suite *suite_pmu(void)
{
	Suite *s = suite_create("pmu");
	TCase *t = tcase_create("pmu");
	const int n = ARRAY_LEN(servers);

	tcase_add_loop_test(t, an_mfspr_right_after_mtspr_reads_what_was_written, 0, n);
	tcase_add_loop_test(t, events_of_server_counters, 0, n);
	tcase_add_test(t, the_run_latch_gates_run_events);
	tcase_add_test(t, freezing_by_state);
	tcase_add_loop_test(t, an_overflow_interrupts_at_its_instruction, 0, n);
	tcase_add_test(t, slices_of_any_length_end_alike);
	tcase_add_test(t, the_exception_lasts_until_pmao_is_cleared);
	tcase_add_test(t, trigger_starts_the_others);
	tcase_add_test(t, timebase_transitions_alert);
	tcase_add_test(t, timebase_transitions_are_counted);
	tcase_add_loop_test(t, pmcc_says_what_problem_state_may, 0, n);
	tcase_add_test(t, pmccext_shuts_group_b);
	tcase_add_test(t, problem_state_sees_its_bits_of_mmcr0_and_mmcr2);
	tcase_add_loop_test(t, the_bhrb_is_empty_and_guarded, 0, n);
	tcase_add_loop_test(t, an_alert_can_branch, 0, n);
	tcase_add_loop_test(t, classic_counters_count_and_interrupt, 0, ARRAY_LEN(classic));
	tcase_add_test(t, classic_counters_freeze_by_state);
	tcase_add_test(t, a_load_goes_on_counting_to_the_alert);
	suite_add_tcase(s, t);
	return s;
}
