/* Interrupts: where they go, what they save, what they leave alone. */
#include <check.h>
#include "target-ppc/excp.h"
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define RUN (MSR_SF | MSR_ME | MSR_RI)

static PpcRig *rig_with(const uint32_t *code, unsigned n, uint64_t msr)
{
	const uint32_t nop[] = { I_NOP };
	PpcRig *r = rig_new("power9");

	rig_code(r, AT, code, n);
	rig_code(r, PPC_V_EXT, nop, 1);
	rig_code(r, PPC_V_DEC, nop, 1);
	ppc_set_msr(r->cpu, msr);
	return r;
}

START_TEST(system_call)
{
	const uint32_t code[] = { I_SC(0) };
	PpcRig *r = rig_with(code, 1, RUN | MSR_EE | MSR_FP);

	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_SC);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | MSR_EE | MSR_FP);
	ck_assert_uint_eq(r->cpu->msr, MSR_SF | MSR_ME);
	rig_free(r);
}
END_TEST

START_TEST(hypercall)
{
	const uint32_t code[] = { I_SC(1), I_ADDI(4, 0, 7) };
	PpcRig *r = rig_with(code, 2, RUN);

	r->cpu->gpr[3] = 99;
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->hypercalls, 1);
	ck_assert_uint_eq(r->cpu->gpr[3], 0);
	ck_assert_uint_eq(r->cpu->gpr[4], 7);
	rig_free(r);
}
END_TEST

/* LPCR[ILE] gives a little-endian handler; rfid goes back. */
START_TEST(little_endian_handler)
{
	const uint32_t code[] = { I_SC(0), I_ADDI(5, 0, 3) };
	PpcRig *r = rig_with(code, 2, RUN);

	ppc_set_spr(r->cpu, 318, LPCR_ILE);
	ck_assert(ram_st32(r->m->ram, PPC_V_SC, bswap32(I_RFID)));
	rig_go(r, AT, 1);
	ck_assert(r->cpu->msr & MSR_LE);
	rig_run(r, 1);
	ck_assert(!(r->cpu->msr & MSR_LE));
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->gpr[5], 3);
	rig_free(r);
}
END_TEST

/* AIL 3 with translation on: 0xc000000000004000 and translation stays. */
START_TEST(alternate_location)
{
	const uint32_t code[] = { I_SC(0) };
	PpcRig *r = rig_with(code, 1, RUN);

	ppc_set_spr(r->cpu, 318, LPCR_AIL);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_SC);
	/* Fetching through empty tables: an ISI itself goes to the high vector. */
	ppc_set_msr(r->cpu, RUN | MSR_IR | MSR_DR);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip & 0xffff, 0x4000 + PPC_V_ISEG);
	ck_assert_uint_eq(r->cpu->nip >> 16, 0xc00000000000u);
	ck_assert(r->cpu->msr & MSR_IR);
	ck_assert(r->cpu->msr & MSR_DR);
	rig_free(r);
}
END_TEST

START_TEST(vectored_call)
{
	const uint32_t code[] = { I_SCV(1) };
	PpcRig *r = rig_with(code, 1, RUN | MSR_EE);

	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_FACILITY);
	ck_assert_uint_eq(r->cpu->spr.FSCR >> 56, 12);
	r->cpu->spr.FSCR |= BIT64(51);
	ppc_set_msr(r->cpu, RUN | MSR_EE);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, 0x17020);
	ck_assert_uint_eq(r->cpu->lr, AT + 4);
	ck_assert_uint_eq(r->cpu->ctr, RUN | MSR_EE);
	ck_assert_uint_eq(r->cpu->msr & (MSR_EE | MSR_RI), MSR_EE | MSR_RI);
	rig_free(r);
}
END_TEST

/* FP, vector and VSX instructions with their bit off. */
START_TEST(unavailable)
{
	static const struct {
		uint32_t word;
		unsigned vector;
	} rows[] = {
		{ 63u << 26 | 1 << 21 | 2 << 16 | 3 << 11 | 21 << 1, PPC_V_FPU }, /* fadd */
		{ 4u << 26 | 1 << 21 | 2 << 16 | 3 << 11 | 0, PPC_V_VEC },	  /* vaddubm */
		{ 60u << 26 | 1 << 21 | 2 << 16 | 3 << 11 | 96 << 3, PPC_V_VSX }, /* xvadddp */
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_with(&rows[i].word, 1, RUN);

		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, rows[i].vector);
		ck_assert_uint_eq(r->cpu->spr.SRR0, AT);
		ppc_set_msr(r->cpu, RUN | MSR_FP | MSR_VEC | MSR_VSX);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, AT + 4);
		rig_free(r);
	}
}
END_TEST

START_TEST(privileged)
{
	static const uint32_t words[] = { I_RFID, I_MTMSRD(3, 0), I_MFSPR(3, 26), I_MTSPR(22, 3) };

	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		PpcRig *r = rig_with(&words[i], 1, RUN);

		/* Problem state without translation does not exist; make it so. */
		r->cpu->msr |= MSR_PR;
		ppc_state_changed(r->cpu);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
		ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, PPC_PROG_PRIV);
		rig_free(r);
	}
}
END_TEST

/* mtmsrd with L = 1 moves EE and RI alone. */
START_TEST(mtmsrd_l1)
{
	const uint32_t code[] = { I_MTMSRD(3, 1) };
	PpcRig *r = rig_with(code, 1, RUN | MSR_FP);

	r->cpu->gpr[3] = MSR_EE;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->msr, (RUN | MSR_FP | MSR_EE) & ~MSR_RI);
	rig_free(r);
}
END_TEST

/* Pending interrupts wait for EE, the external one first. */
START_TEST(priorities)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_MTMSRD(3, 1), I_ADDI(4, 4, 1) };
	PpcRig *r = rig_with(code, 3, RUN);

	machine_lock(r->m);
	ppc_input(r->cpu, PPC_INPUT_INT, 1);
	machine_unlock(r->m);
	ppc_dec_set(r->cpu, 0xffffffff);
	r->cpu->gpr[3] = MSR_EE | MSR_RI;
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip & ~0xffull, PPC_V_EXT);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 8);
	/* Its line falls: the decrementer is next. */
	machine_lock(r->m);
	ppc_input(r->cpu, PPC_INPUT_INT, 0);
	machine_unlock(r->m);
	ppc_set_msr(r->cpu, RUN | MSR_EE);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip & ~0xffull, PPC_V_DEC);
	rig_free(r);
}
END_TEST

/* A halted CPU executes nothing until something is pending. */
START_TEST(halt)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_B(-4) };
	PpcRig *r = rig_with(code, 2, RUN);

	r->cpu->nip = AT;
	ppc_halt(r->cpu);
	ck_assert_uint_eq(rig_run(r, 10), 0);
	machine_lock(r->m);
	ppc_input(r->cpu, PPC_INPUT_INT, 1);
	machine_unlock(r->m);
	ck_assert_uint_eq(rig_run(r, 10), 10);
	ck_assert_uint_eq(r->cpu->gpr[4], 5);
	rig_free(r);
}
END_TEST

/* MSR[SE]: a trace interrupt after each instruction. */
START_TEST(single_step)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_ADDI(4, 4, 1) };
	PpcRig *r = rig_with(code, 2, RUN | MSR_TE_SE);

	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	rig_free(r);
}
END_TEST

/* Nothing answers there: a machine check, with the address. */
START_TEST(machine_check)
{
	const uint32_t code[] = { I_LWZ(4, 0, 3) };
	PpcRig *r = rig_with(code, 1, RUN);

	r->cpu->gpr[3] = UINT64_C(1) << 40;
	r->cpu->gpr[4] = 5;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_MCHECK);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT);
	ck_assert_uint_eq(r->cpu->spr.DAR, UINT64_C(1) << 40);
	ck_assert_uint_eq(r->cpu->gpr[4], 5);
	rig_free(r);
}
END_TEST

/* SPRs of the hypervisor do nothing; those that are not there neither, but 0 is illegal. */
START_TEST(spr_access)
{
	const uint32_t code[] = { I_MFSPR(4, 318), I_MFSPR(4, 1000), I_MTSPR(0, 4) };
	PpcRig *r = rig_with(code, 3, RUN);

	r->cpu->gpr[4] = 77;
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->gpr[4], 77);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	rig_free(r);
}
END_TEST

Suite *suite_excp(void);

Suite *suite_excp(void)
{
	Suite *s = suite_create("excp");
	TCase *t = tcase_create("excp");

	tcase_add_test(t, system_call);
	tcase_add_test(t, hypercall);
	tcase_add_test(t, little_endian_handler);
	tcase_add_test(t, alternate_location);
	tcase_add_test(t, vectored_call);
	tcase_add_test(t, unavailable);
	tcase_add_test(t, privileged);
	tcase_add_test(t, mtmsrd_l1);
	tcase_add_test(t, priorities);
	tcase_add_test(t, halt);
	tcase_add_test(t, single_step);
	tcase_add_test(t, machine_check);
	tcase_add_test(t, spr_access);
	suite_add_tcase(s, t);
	return s;
}
