/* Breakpoints, watchpoints, trace: where they stop, what they say, what they leave alone. */
#include <check.h>
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/fpu.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define RUN (MSR_SF | MSR_ME | MSR_RI)
#define RUN32 (MSR_ME | MSR_RI)
#define I_RFI (19u << 26 | 50 << 1)
#define I_MTMSR(s) I_X(31, s, 0, 0, 146)

static PpcRig *rig_with(const char *model, const uint32_t *code, unsigned n, uint64_t msr)
{
	PpcRig *r = rig_new(model);

	rig_code(r, AT, code, n);
	ppc_set_msr(r->cpu, msr);
	return r;
}

/* --------------------------------------------------- waiting exceptions */

/* FE0 or FE1 set while FEX is 1: behind the instruction, SRR1 bit 47 says so. */
START_TEST(fex_waits)
{
	static const uint64_t fe[] = { MSR_FE0, MSR_FE1, MSR_FE0 | MSR_FE1 };
	const uint32_t code[] = { I_MTMSRD(5, 0), I_ADDI(4, 4, 1) };

	for (unsigned i = 0; i < ARRAY_LEN(fe); i++) {
		PpcRig *r = rig_with("power9", code, 2, RUN | MSR_FP);

		r->cpu->fpscr = FPSCR_ZX | FPSCR_ZE | FPSCR_FEX | FPSCR_FX;
		r->cpu->gpr[5] = RUN | MSR_FP | fe[i];
		ck_assert_uint_eq(rig_go(r, AT, 1), 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
		ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
		ck_assert_uint_eq(r->cpu->spr.SRR1,
				  RUN | MSR_FP | fe[i] | PPC_PROG_FP | PPC_PROG_AFTER);
		/* L = 1 moves EE and RI alone. */
		rig_code(r, AT, (const uint32_t[]){ I_MTMSRD(5, 1) }, 1);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, AT + 4);
		rig_free(r);
	}
}
END_TEST

START_TEST(fex_waits_for_return)
{
	const uint32_t rfid[] = { I_RFID }, rfi[] = { I_RFI }, mtmsr[] = { I_MTMSR(5) };
	PpcRig *r = rig_with("power8", rfid, 1, RUN);

	r->cpu->fpscr = FPSCR_ZX | FPSCR_ZE | FPSCR_FEX | FPSCR_FX;
	r->cpu->spr.SRR0 = 0x4000;
	r->cpu->spr.SRR1 = RUN | MSR_FE0;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(r->cpu->spr.SRR0, 0x4000);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | MSR_FE0 | PPC_PROG_FP | PPC_PROG_AFTER);
	/* Without FEX nothing waits. */
	r->cpu->fpscr &= ~FPSCR_FEX;
	r->cpu->spr.SRR0 = 0x4000;
	r->cpu->spr.SRR1 = RUN | MSR_FE0;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, 0x4000);
	rig_free(r);
	r = rig_with("750", rfi, 1, RUN32);
	r->cpu->fpscr = FPSCR_ZX | FPSCR_ZE | FPSCR_FEX | FPSCR_FX;
	r->cpu->spr.SRR0 = 0x4000;
	r->cpu->spr.SRR1 = RUN32 | MSR_FE1;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(r->cpu->spr.SRR0, 0x4000);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN32 | MSR_FE1 | 0x00110000);
	rig_code(r, AT, mtmsr, 1);
	r->cpu->gpr[5] = RUN32 | MSR_FE0;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	rig_free(r);
}
END_TEST

Suite *suite_debug(void);
Suite *suite_debug(void)
{
	Suite *s = suite_create("debug");
	TCase *t = tcase_create("other");

	tcase_add_test(t, fex_waits);
	tcase_add_test(t, fex_waits_for_return);
	suite_add_tcase(s, t);
	return s;
}
