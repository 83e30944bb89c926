/*
 * Traces: units along the path that code took, over pages, calls and returns.  A small loop that calls into another
 * page is run until a trace is made of it; then what the trace relies on is changed.
 */
#include <check.h>
#include "target-ppc/excp.h"
#include "target-ppc/unit.h"
#include "tests/unit/ppc_rig.h"
#include "tests/unit/skip.h"

#define PRTB 0x8000
#define ROOT 0x10000
#define L2 0x20000
#define L3 0x21000
#define L4 0x22000
#define PDE(next) (BIT64(0) | (next) | 9)
#define LEAF(pa) (BIT64(0) | BIT64(1) | (pa) | 7)
#define ELSEWHERE 0x4000 /* bytes from the tables of PID 1 to those of PID 2 */

/* Effective addresses: the loop, what it calls, where a return may lead instead; and real ones of these pages. */
enum { CALLER = 0x10000, CALLED = 0x11000, ASIDE = 0x12000, DATA = 0x13000 };
enum { REAL = 0x40000, OTHER = 0x50000 }; /* REAL + EA - 0x10000; another page for CALLED */
enum { TURN = 6 };			  /* instructions of the loop and what it calls */
enum { SPR_PID = 48, SPR_LPCR = 318, SPR_LR = 8 };

#define I_BL(off) (I_B(off) | 1)
#define I_BLR (19u << 26 | 20 << 21 | 16 << 1)
#define I_LSWI(t, a, n) I_X(31, t, a, n, 597)
#define I_OR(a, s, b) I_X(31, s, a, b, 444)

static void st64(PpcRig *r, uint64_t pa, uint64_t v)
{
	ck_assert(ram_st64(r->m->ram, pa, v));
}

/* The tables of PID 1 and, ELSEWHERE bytes on, of PID 2, in which CALLED is the page at OTHER. */
static void map(PpcRig *r)
{
	const uint64_t rts = UINT64_C(2) << 61 | UINT64_C(5) << 5; /* 52 bits */

	for (unsigned pid = 1; pid <= 2; pid++) {
		uint64_t by = (pid - 1) * ELSEWHERE, root = ROOT + (pid - 1) * 0x100000ull;

		st64(r, PRTB + pid * 16, rts | root | 13);
		st64(r, root, PDE(L2 + by));
		st64(r, L2 + by, PDE(L3 + by));
		st64(r, L3 + by, PDE(L4 + by));
		for (unsigned i = 16; i < 20; i++)
			st64(r, L4 + by + i * 8, LEAF(REAL + (i - 16) * 0x1000ull));
	}
	st64(r, L4 + ELSEWHERE + 17 * 8, LEAF(OTHER));
	r->radix = true;
	r->process_table = PRTB;
	ppc_set_spr(r->cpu, SPR_LPCR, LPCR_HR | LPCR_UPRT | LPCR_GTSE);
	ppc_set_spr(r->cpu, SPR_PID, 1);
	ppc_set_msr(r->cpu, MSR_SF | MSR_ME | MSR_RI | MSR_IR | MSR_DR | MSR_PR);
}

static uint64_t traces(PpcRig *r)
{
	return rig_info_jit(r, "traces ");
}

/* 200 turns, with stops that are taken for samples. */
static void warm(PpcRig *r)
{
	for (unsigned i = 0; i < 40; i++)
		rig_go(r, CALLER, 5 * TURN);
}

/* A turn counts in r3 (CALLED: by step) and r4. */
static PpcRig *looping(unsigned step)
{
	const PpcJitOptions o = { .bytes = 1 << 20, .hot = 1 };
	const uint32_t caller[] = { I_BL(CALLED - CALLER), I_ADDI(4, 4, 1), I_B(-8) };
	const uint32_t aside[] = { I_ADDI(9, 9, 1), I_B(-4) };
	const uint32_t called[] = { I_ADDI(3, 3, step), I_LSWI(5, 6, 4), I_BLR };
	const uint32_t other[] = { I_ADDI(3, 3, 100), I_LSWI(5, 6, 4), I_BLR };
	PpcRig *r = rig_new("power9");

	if (!ppc_use_jit(r->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		rig_free(r);
		return NULL;
	}
	map(r);
	rig_code(r, REAL, caller, ARRAY_LEN(caller));
	rig_code(r, REAL + CALLED - CALLER, called, ARRAY_LEN(called));
	rig_code(r, REAL + ASIDE - CALLER, aside, ARRAY_LEN(aside));
	rig_code(r, OTHER, other, ARRAY_LEN(other));
	r->cpu->gpr[6] = DATA;
	warm(r);
	ck_assert_uint_eq(r->cpu->gpr[3], 200 * step);
	ck_assert_uint_eq(r->cpu->gpr[4], 200);
	ck_assert_uint_ge(traces(r), 1);
	r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
	return r;
}

/* Ten turns more, of which each adds `step` to r3. */
static void ten_turns(PpcRig *r, unsigned step)
{
	r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
	rig_go(r, CALLER, 10 * TURN);
	ck_assert_uint_eq(r->cpu->gpr[4], 10);
	ck_assert_uint_eq(r->cpu->gpr[3], 10 * step);
}

START_TEST(counts_are_exact_wherever_a_trace_is_broken_off)
{
	PpcRig *r = looping(1);
	uint64_t n = 0;

	if (!r)
		return;
	r->cpu->nip = CALLER;
	for (unsigned slice = 1; slice < 60; slice++) {
		static const uint16_t at[TURN] = { 0, 0x1000, 0x1004, 0x1008, 4, 8 };

		rig_run(r, slice);
		n += slice;
		ck_assert_uint_eq(r->cpu->nip, CALLER + at[n % TURN]);
		ck_assert_uint_eq(r->cpu->gpr[4], (n + 1) / TURN);
	}
	rig_free(r);
}
END_TEST

START_TEST(a_store_into_a_trace_is_seen)
{
	PpcRig *r = looping(1);
	const uint32_t two = I_ADDI(3, 3, 2), three = I_ADDI(3, 3, 3);
	const uint32_t store[] = { I_STW(7, 0, 8), I_ADDI(4, 4, 1), I_B(-8) };

	if (!r)
		return;
	/* A device's. */
	rig_code(r, REAL + CALLED - CALLER, &two, 1);
	ten_turns(r, 2);
	warm(r);
	ck_assert_uint_ge(traces(r), 2);
	/* Its own. */
	rig_code(r, REAL + ASIDE - CALLER + 0x100, store, ARRAY_LEN(store));
	r->cpu->gpr[7] = three;
	r->cpu->gpr[8] = CALLED;
	rig_go(r, ASIDE + 0x100, 1);
	ten_turns(r, 3);
	rig_free(r);
}
END_TEST

START_TEST(a_trace_writes_into_itself)
{
	const uint32_t called[] = { I_ADDI(3, 3, 1), I_STW(7, 0, 8), I_BLR };
	PpcRig *r = looping(1);
	uint32_t word;

	if (!r)
		return;
	/* First somewhere else, then over its own first word. */
	rig_code(r, REAL + CALLED - CALLER, called, ARRAY_LEN(called));
	r->cpu->gpr[7] = I_ADDI(3, 3, 9);
	r->cpu->gpr[8] = DATA;
	warm(r);
	ck_assert_uint_ge(traces(r), 2);
	r->cpu->gpr[8] = CALLED;
	r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
	rig_go(r, CALLER, 10 * TURN);
	ck_assert_uint_eq(r->cpu->gpr[3], 1 + 9 * 9);
	ck_assert(ram_ld32(r->m->ram, REAL + CALLED - CALLER, &word));
	ck_assert_uint_eq(word, I_ADDI(3, 3, 9));
	rig_free(r);
}
END_TEST

/* The page that is called becomes another one: by tlbie, and by another process. */
START_TEST(a_trace_is_of_the_addresses_that_it_was_made_in)
{
	PpcRig *r = looping(1);
	const PpcOp tlbie = { .RB = 5, .RS = 6, .RIC = 0, .PRS = 1, .R15 = 1 };

	if (!r)
		return;
	for (unsigned i = 0; i < 3; i++) {
		ppc_set_spr(r->cpu, SPR_PID, 2);
		ten_turns(r, 100);
		ppc_set_spr(r->cpu, SPR_PID, 1);
		ten_turns(r, 1);
	}
	st64(r, L4 + 17 * 8, LEAF(OTHER));
	r->cpu->gpr[5] = CALLED;
	r->cpu->gpr[6] = UINT64_C(1) << 32;
	ex_tlbie3(r->cpu, &tlbie);
	r->cpu->gpr[6] = DATA;
	ten_turns(r, 100);
	rig_free(r);
}
END_TEST

/* An access in the second page that faults, by host code and by what it calls. */
START_TEST(a_fault_in_a_trace_is_at_its_own_address)
{
	const uint32_t load = I_LWZ(5, 0, 6), stay = I_B(0);

	for (unsigned i = 0; i < 2; i++) {
		PpcRig *r = looping(1);

		if (!r)
			return;
		if (i) {
			rig_code(r, REAL + CALLED - CALLER + 4, &load, 1);
			warm(r);
			ck_assert_uint_ge(traces(r), 2);
		}
		r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
		r->cpu->gpr[6] = 0x700000;
		rig_code(r, 0x300, &stay, 1);
		/* With room for whole turns: in the trace. */
		rig_go(r, CALLER, 10 * TURN);
		ck_assert_uint_eq(r->cpu->nip, 0x300);
		ck_assert_uint_eq(r->cpu->spr.SRR0, CALLED + 4);
		ck_assert_uint_eq(r->cpu->gpr[3], 1);
		ck_assert_uint_eq(r->cpu->lr, CALLER + 4);
		rig_free(r);
	}
}
END_TEST

START_TEST(a_return_to_elsewhere_leaves_a_trace)
{
	const uint32_t called[] = { I_ADDI(3, 3, 1), I_MTSPR(SPR_LR, 7), I_BLR };
	PpcRig *r = looping(1);

	if (!r)
		return;
	rig_code(r, REAL + CALLED - CALLER, called, ARRAY_LEN(called));
	r->cpu->gpr[7] = CALLER + 4;
	warm(r);
	ck_assert_uint_ge(traces(r), 2);
	r->cpu->gpr[9] = r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
	r->cpu->gpr[7] = ASIDE;
	rig_go(r, CALLER, 4 + 20);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	ck_assert_uint_eq(r->cpu->gpr[4], 0);
	ck_assert_uint_eq(r->cpu->gpr[9], 10);
	rig_free(r);
}
END_TEST

/* It was taken when the trace was made, over a page, and is not any more. */
START_TEST(a_branch_is_still_looked_at)
{
	const uint32_t called[] = { I_ADDI(3, 3, 1), I_D(11, 0, 7, 0),
				    16u << 26 | 12 << 21 | 2 << 16 | 8, I_NOP, I_BLR };
	PpcRig *r = looping(1);

	if (!r)
		return;
	rig_code(r, REAL + CALLED - CALLER, called, ARRAY_LEN(called));
	for (unsigned i = 0; i < 40; i++)
		rig_go(r, CALLER, 5 * 7);
	ck_assert_uint_ge(traces(r), 2);
	for (unsigned i = 0; i < 2; i++) {
		r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
		r->cpu->gpr[7] = !i;
		rig_go(r, CALLER, 7 * 8);
		ck_assert_uint_eq(r->cpu->gpr[3], i ? 8 : 7);
		ck_assert_uint_eq(r->cpu->gpr[4], i ? 8 : 7);
	}
	rig_free(r);
}
END_TEST

/* Length of the traces, on average. */
static double length(PpcRig *r)
{
	GString *text = g_string_new(NULL);
	const char *at;
	double n;

	ppc_show_jit(r->cpu, text);
	at = strstr(strstr(text->str, "traces "), "of one ");
	ck_assert(at != NULL);
	n = g_ascii_strtod(at + strlen("of one "), NULL);
	g_string_free(text, true);
	return n;
}

/* An interrupt, or somebody else's flush, would be noticed late behind it. */
START_TEST(what_has_to_look_at_events_ends_a_trace)
{
	/* sync, isync: eleventh of fifteen instructions. */
	static const uint32_t words[] = { 31u << 26 | 598 << 1, 19u << 26 | 150 << 1 };

	for (unsigned i = 0; i < 2; i++) {
		const uint32_t called[] = { I_ADDI(3, 3, 1), I_NOP, I_NOP, I_NOP,    I_NOP, I_NOP,
					    I_NOP,	     I_NOP, I_NOP, words[i], I_NOP, I_BLR };
		PpcRig *r = looping(1);

		if (!r)
			return;
		ck_assert(length(r) == TURN);
		rig_code(r, REAL + CALLED - CALLER, called, ARRAY_LEN(called));
		for (unsigned k = 0; k < 40; k++)
			rig_go(r, CALLER, 5 * 15);
		ck_assert_uint_eq(r->cpu->gpr[3], 200);
		ck_assert_uint_eq(r->cpu->gpr[4], 200);
		ck_assert_uint_ge(traces(r), 2);
		/* On average of that one and the first. */
		ck_assert_msg(length(r) <= (TURN + 11) / 2.0, "%g", length(r));
		rig_free(r);
	}
}
END_TEST

/* In the end it puts the CPU to sleep, as H_CEDE does. */
static void sleepy_hypercall(void *opaque, PpcCpu *cpu)
{
	PpcRig *r = opaque;

	if (++r->hypercalls < 500)
		return;
	cpu->halted = true;
	atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

START_TEST(a_cpu_that_sleeps_in_a_trace_sleeps_at_once)
{
	const uint32_t caller[] = { I_BL(CALLED - CALLER), I_ADDI(4, 4, 1), I_B(-8) };
	const uint32_t called[] = { I_ADDI(3, 3, 1), I_SC(1), I_BLR };
	PpcRig *r = looping(1);

	if (!r)
		return;
	r->board.hypercall = sleepy_hypercall;
	rig_code(r, REAL, caller, ARRAY_LEN(caller));
	rig_code(r, REAL + CALLED - CALLER, called, ARRAY_LEN(called));
	warm(r);
	ck_assert_uint_lt(r->hypercalls, 500);
	r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
	rig_go(r, CALLER, 1000 * TURN);
	ck_assert(ppc_is_halted(r->cpu));
	ck_assert_uint_eq(r->cpu->nip, CALLED + 8);
	ck_assert_uint_eq(r->cpu->gpr[3], r->cpu->gpr[4] + 1);
	rig_free(r);
}
END_TEST

/* Paths that differ have no trace beyond where they part. */
START_TEST(a_branch_that_goes_both_ways_ends_a_trace)
{
	/* Every other turn calls. */
	const uint32_t caller[] = { I_ADDI(4, 4, 1), I_X(21, 4, 10, 0, 0) | 31 << 6 | 31 << 1 | 1,
				    16u << 26 | 12 << 21 | 2 << 16 | 8, I_BL(CALLED - CALLER - 12),
				    I_B(-16) };
	PpcRig *r = looping(1);

	if (!r)
		return;
	rig_code(r, REAL, caller, ARRAY_LEN(caller));
	for (unsigned i = 0; i < 50; i++) {
		r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
		/* Two turns: one of 4 instructions, one of 8. */
		rig_go(r, CALLER, 12 * 30);
		ck_assert_uint_eq(r->cpu->gpr[4], 60);
		ck_assert_uint_eq(r->cpu->gpr[3], 30);
	}
	rig_free(r);
}
END_TEST

Suite *suite_traces(void);
Suite *suite_traces(void)
{
	Suite *s = suite_create("traces");
	TCase *t = tcase_create("traces");

	tcase_add_test(t, counts_are_exact_wherever_a_trace_is_broken_off);
	tcase_add_test(t, a_store_into_a_trace_is_seen);
	tcase_add_test(t, a_trace_writes_into_itself);
	tcase_add_test(t, a_trace_is_of_the_addresses_that_it_was_made_in);
	tcase_add_test(t, a_fault_in_a_trace_is_at_its_own_address);
	tcase_add_test(t, a_return_to_elsewhere_leaves_a_trace);
	tcase_add_test(t, a_branch_is_still_looked_at);
	tcase_add_test(t, what_has_to_look_at_events_ends_a_trace);
	tcase_add_test(t, a_cpu_that_sleeps_in_a_trace_sleeps_at_once);
	tcase_add_test(t, a_branch_that_goes_both_ways_ends_a_trace);
	suite_add_tcase(s, t);
	return s;
}
