/*
 * Each model's special-purpose registers: those that its manual lists, with the rights
 * it gives, and what an access to any other number does.  The lists are written
 * from the books (Power ISA 2.07 book III-S 4.4.4, 3.0B and 3.1 book III 5.4.4; POWER8 and
 * POWER9 user's manuals; chapter 2 of the manuals of 603e, 604e, 750, 7400, 7410,
 * 7450 and 970FX), not from spr.def.
 *
 * A list: "NUMBERS RIGHTS" with a comma behind each; RIGHTS are those of problem
 * state, a slash, those of privileged state: - r w rw, and with h those that take
 * hypervisor state, which no model of ours has: nothing happens.  Every
 * number is read and written, in both states.
 */
#include <check.h>
#include <stdlib.h>
#include "target-ppc/excp.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

#define CODE 0x2000u

/* PEM tables 2-1 to 2-3: what all 32-bit processors have. */
#define OEA_32                                                                                     \
	"1 rw/rw,8-9 rw/rw,268-269 r/r,18-19 -/rw,22 -/rw,25-27 -/rw,272-275 -/rw,"                \
	"282 -/rw,284-285 -/w,287 -/r,528-543 -/rw,"
#define HID_32 "1008-1010 -/rw,"
#define MONITOR "952-958 -/rw,"
#define MONITOR_USER "936-942 r/r,"
#define G3 "1013 -/rw,1017 -/rw,1019 -/rw,"
#define THRM "1020-1022 -/rw,"
#define VECTOR "256 rw/rw,944 -/rw,928 r/r,951 -/rw,1023 -/rw,1014-1015 -/rw,"
#define G4PLUS "929-930 r/r,945-946 -/rw,980-982 -/rw,1011 -/rw,1016 -/rw,"

/* Both states, and privileged state, of the server books. */
#define SERVER                                                                                            \
	"1 rw/rw,3 rw/rw,8-9 rw/rw,13 rw/rw,136 r/r,256 rw/rw,259 r/r,268-269 r/r,"                       \
	"769-776 rw/rw,779 rw/rw,768 r/r,780-782 r/r,800-806 rw/rw,815 rw/rw,896 rw/rw,"                  \
	"898 rw/rw,"                                                                                      \
	"17-19 -/rw,22 -/rw,26-29 -/rw,61 -/rw,152 -/w,153 -/rw,157 -/rw,159 -/rw,"                       \
	"176 -/r,272-275 -/rw,283 -/r,287 -/r,308-309 -/r,446 -/r,784-792 -/rw,795-799 -/rw,848-849 -/r," \
	"1023 -/r,"                                                                                       \
	"180 -/hrw,186-188 -/hrw,190 -/hrw,284-286 -/hw,304-307 -/hrw,310 -/hrw,"                         \
	"313-315 -/hrw,318-319 -/hrw,336-339 -/hrw,349 -/hrw,1008 -/hrw,"
#define TM "128-131 rw/rw,"
#define V3 "48 -/rw,464 -/hrw,816 -/hrw,823 -/rw,855 -/hrw,"

static const struct {
	const char *model, *list;
} models[] = {
	{ "603e", OEA_32 HID_32 "976 -/r,977 -/rw,978-980 -/r,981-982 -/rw," },
	{ "604e", OEA_32 HID_32 MONITOR "959 -/rw,1013 -/rw,1023 -/rw," },
	{ "750", OEA_32 HID_32 MONITOR MONITOR_USER G3 THRM },
	{ "7400", OEA_32 HID_32 MONITOR MONITOR_USER G3 THRM VECTOR "935 r/r," },
	{ "7410", OEA_32 HID_32 MONITOR MONITOR_USER G3 THRM VECTOR "935 r/r,1016 -/rw," },
	{ "7450", OEA_32 HID_32 MONITOR MONITOR_USER G3 VECTOR G4PLUS "983-984 -/rw,1018 -/rw," },
	{ "7447a",
	  OEA_32 HID_32 MONITOR MONITOR_USER G3 VECTOR G4PLUS "276-279 -/rw,560-575 -/rw," },
	{ "970fx", "1 rw/rw,8-9 rw/rw,136 r/r,256 rw/rw,259 r/r,268-269 r/r,770-782 r/r,"
		   "18-19 -/rw,22 -/rw,25-27 -/rw,29 -/rw,152 -/w,272-277 -/rw,284-285 -/w,"
		   "287 -/r,304-305 -/rw,310-315 -/rw,786-799 -/rw,976-978 -/w,"
		   "1008-1009 -/rw,1012-1015 -/rw,1023 -/rw," },
	{ "power8", SERVER TM "312 -/hrw,851 -/hrw,892-894 -/rw," },
	{ "power9", SERVER TM V3 "144 -/rw,851 -/hrw," },
	{ "power10", SERVER V3 "181 -/hrw,189 -/hrw,455 r/r,468 -/rw,469 -/hrw,471 -/hrw,"
			       "736-738 r/r,752-754 -/rw,812 r/r,828 -/rw," },
};

typedef struct Right {
	bool listed, user_r, user_w, priv_r, priv_w, hv_r, hv_w;
} Right;

static void parse(const char *list, Right right[1024])
{
	g_auto(GStrv) items = g_strsplit(list, ",", -1);

	for (unsigned i = 0; items[i][0]; i++) {
		char *at;
		unsigned first = (unsigned)strtoul(items[i], &at, 10), last = first;
		const char *user, *priv;
		Right r = { .listed = true };

		if (*at == '-')
			last = (unsigned)strtoul(at + 1, &at, 10);
		user = at + 1;
		priv = strchr(user, '/') + 1;
		r.user_r = user[0] == 'r';
		r.user_w = user[0] == 'w' || user[1] == 'w';
		*(priv[0] == 'h' ? &r.hv_r : &r.priv_r) = strchr(priv, 'r') != NULL;
		*(priv[0] == 'h' ? &r.hv_w : &r.priv_w) = strchr(priv, 'w') != NULL;
		for (unsigned n = first; n <= last; n++) {
			ck_assert_msg(!right[n].listed, "%u is listed twice", n);
			right[n] = r;
		}
	}
}

enum { DONE, NOTHING, ILLEGAL, PRIVILEGED };

/* What the books say of an access to a number that is not there, or not for this. */
static int missing(const PpcRig *r, unsigned n, bool pr, bool write)
{
	const PpcModel *m = r->cpu->model;
	bool server = m->excp >= PPC_EXCP_P8;

	if (server && n >= 808 && n <= 811)
		return NOTHING;
	if (pr)
		return n & 16 ? PRIVILEGED : ILLEGAL;
	if (m->mmu == PPC_MMU_32)
		return ILLEGAL;
	if (m->excp == PPC_EXCP_970)
		return n & 16 ? NOTHING : ILLEGAL;
	return n == 0 || (!write && n >= 4 && n <= 6) ? ILLEGAL : NOTHING;
}

#define MARK UINT32_C(0x5a5a1234)

/* Executes one access; a read shows by r3, which of a write cannot be told from nothing. */
static int outcome(PpcRig *r, unsigned n, bool pr, bool write)
{
	PpcCpu *cpu = r->cpu;

	rig_code(r, CODE, (const uint32_t[]){ write ? I_MTSPR(n, 3) : I_MFSPR(3, n) }, 1);
	cpu->msr = (cpu->msr & ~(MSR_IR | MSR_DR | MSR_PR | MSR_EE | MSR_HV)) | (pr ? MSR_PR : 0);
	ppc_state_changed(cpu);
	cpu->gpr[3] = write ? ppc_spr(cpu, n) : MARK;
	cpu->halted = false;
	rig_go(r, CODE, 1);
	if ((cpu->nip & 0xfff) == (CODE + 4) % 0x1000)
		return !write && cpu->gpr[3] == MARK ? NOTHING : DONE;
	ck_assert_msg((cpu->nip & 0xfffff) == 0x700, "%s %u: 0x%" G_GINT64_MODIFIER "x",
		      write ? "mtspr" : "mfspr", n, cpu->nip);
	return cpu->spr.SRR1 & PPC_PROG_PRIV ? PRIVILEGED : ILLEGAL;
}

/* A fresh start for each number: some of them change how the next one would run. */
static void check_number(const char *model, unsigned n, const Right *right)
{
	PpcRig *r = rig_new(model);

	/* Facilities that guard registers are on; counters may be written. */
	if (r->cpu->model->excp >= PPC_EXCP_P8)
		ppc_set_spr(r->cpu, 795, MMCR0_FC | 0x80000);
	for (unsigned how = 0; how < 4; how++) {
		bool pr = how & 1, write = how & 2;
		bool may = pr	   ? (write ? right->user_w : right->user_r)
			   : write ? right->priv_w
				   : right->priv_r;
		bool hv = !pr && (write ? right->hv_w : right->hv_r);
		int want = may ? DONE : hv ? NOTHING : missing(r, n, pr, write), got;

		r->cpu->spr.FSCR = UINT64_MAX >> 8;
		got = outcome(r, n, pr, write);
		/* 812, the hypervisor's registers and so on: written or nothing looks the same. */
		if (write && want == NOTHING)
			want = DONE;
		/* A hypervisor's register for which this access is not meant: nothing, too. */
		if (!pr && (right->hv_r || right->hv_w) && !may)
			want = write ? DONE : NOTHING;
		ck_assert_msg(got == want, "%s: %s %u in %s state: %d, not %d", model,
			      write ? "mtspr" : "mfspr", n, pr ? "problem" : "privileged", got,
			      want);
	}
	rig_free(r);
}

START_TEST(registers_are_those_of_the_manual)
{
	g_autofree Right *right = g_new0(Right, 1024);
	PpcRig *r = rig_new(models[_i].model);

	parse(models[_i].list, right);
	for (unsigned n = 0; n < 1024; n++)
		ck_assert_msg((r->cpu->sprs[n] != NULL) == right[n].listed, "%s: SPR %u %s",
			      models[_i].model, n,
			      right[n].listed ? "is missing" : "is in no manual");
	rig_free(r);
	for (unsigned n = 0; n < 1024; n++)
		check_number(models[_i].model, n, &right[n]);
}
END_TEST

/* What a hypervisor's register is to a guest: it keeps nothing, it gives nothing. */
START_TEST(a_write_without_hypervisor_state_keeps_nothing)
{
	static const uint32_t code[] = { I_MTSPR(318, 3), I_MTSPR(304, 3), I_MTSPR(812, 3) };
	PpcRig *r = rig_new("power9");
	uint64_t lpcr = r->cpu->spr.LPCR;

	r->cpu->gpr[3] = 0x1234;
	rig_code(r, CODE, code, ARRAY_LEN(code));
	rig_go(r, CODE, ARRAY_LEN(code));
	ck_assert_uint_eq(r->cpu->nip, CODE + sizeof(code));
	ck_assert_uint_eq(r->cpu->spr.LPCR, lpcr);
	ck_assert_uint_eq(r->cpu->spr.HSPRG0, 0);
	rig_free(r);
}
END_TEST

START_TEST(ic_counts_what_completed)
{
	static const uint32_t code[] = { I_MFSPR(4, 848), I_NOP, I_X(31, 31, 0, 0, 4), I_NOP,
					 I_MFSPR(5, 848) };
	PpcRig *r = rig_new("power8");

	rig_code(r, CODE, code, ARRAY_LEN(code));
	rig_code(r, 0x700, (const uint32_t[]){ I_B(CODE + 12 - 0x700) }, 1);
	rig_go(r, CODE, 6);
	ck_assert_uint_eq(r->cpu->gpr[4], 0);
	ck_assert_uint_eq(r->cpu->gpr[5], 4); /* mfspr nop b nop, not the trap */
	rig_free(r);
}
END_TEST

START_TEST(dpdes_shows_the_doorbell)
{
	PpcRig *r = rig_new("power9");

	ck_assert_uint_eq(ppc_spr(r->cpu, 176), 0);
	r->cpu->gpr[3] = UINT64_C(5) << 27;
	rig_code(r, CODE, (const uint32_t[]){ I_X(31, 0, 0, 3, 142) }, 1); /* msgsndp */
	rig_go(r, CODE, 1);
	ck_assert_uint_eq(ppc_spr(r->cpu, 176), 1);
	rig_free(r);
}
END_TEST

/* `info registers`: QEMU's block first, then what the model has besides. */
START_TEST(registers_are_shown)
{
	static const struct {
		const char *model, *first, *rest[6];
	} rows[] = {
		{ "power10",
		  "NIP 0000000000002000   LR 0000000000000000 CTR 0000000000000000 XER ",
		  { "\n LPCR 0", "\n PTCR 0", "VSR63 0", " 787 PMC1     0000000000000064", "DAWR1",
		    "DEXCR" } },
		{ "power8",
		  "NIP 0000000000002000",
		  { "\n SDR1 0", "VSR00", "TFHAR", "MMCRS", "SLB03 0", "\nHSRR0 0" } },
		{ "970fx",
		  "NIP 0000000000002000",
		  { "\n SDR1 0", "\nVR00", "VR31", "HIOR", "PMC8", "HID4" } },
		{ "7447a",
		  "NIP 00002000   LR 00000000 CTR",
		  { "VR31", "SR15 ", "DBAT7L   00000000", "PMC6", "TLBMISS", "L2CR" } },
		{ "750",
		  "NIP 00002000",
		  { "THRM3", "SR00 ", "\n SDR1 00000000   DAR 00000000", "IBAT3U",
		    " 953 PMC1     00000064", "HID0 " } },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_new(rows[i].model);
		g_autoptr(GString) s = g_string_new(NULL);

		ppc_set_spr(r->cpu, r->cpu->sprs[787] ? 787 : 953, 100);
		r->cpu->slb[3].esid = BIT64(36);
		r->cpu->nip = CODE;
		ppc_show(r->cpu, true, s);
		ck_assert_msg(g_str_has_prefix(s->str, rows[i].first), "%s", s->str);
		for (unsigned k = 0; k < 6; k++)
			ck_assert_msg(strstr(s->str, rows[i].rest[k]) != NULL, "%s: no %s in\n%s",
				      rows[i].model, rows[i].rest[k], s->str);
		ck_assert(!strstr(s->str, " \n"));
		rig_free(r);
	}
}
END_TEST

/* wait sleeps until something is pending, enabled or not, and costs nothing until then. */
START_TEST(wait_sleeps_until_an_exception)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = { I_X(31, 0, 0, 0, 30), I_ADDI(4, 4, 1), I_B(-4) };

	rig_code(r, CODE, code, ARRAY_LEN(code));
	ppc_dec_set(r->cpu, 0x7fffffff);
	ck_assert_uint_eq(rig_go(r, CODE, 10), 1);
	ck_assert(r->cpu->halted && !ppc_runnable(&r->cpu->vcpu));
	machine_lock(r->m);
	ppc_input(r->cpu, PPC_INPUT_INT, 1);
	machine_unlock(r->m);
	ck_assert_uint_eq(rig_run(r, 2), 2);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	ck_assert_uint_eq(r->cpu->nip, CODE + 4);
	/* A short pause (3.1: WC = 2) goes on by itself. */
	rig_code(r, CODE, (const uint32_t[]){ I_X(31, 2, 0, 0, 30), I_NOP }, 2);
	rig_go(r, CODE, 2);
	ck_assert_uint_eq(r->cpu->nip, CODE + 8);
	rig_free(r);
}
END_TEST

Suite *suite_spr(void);
Suite *suite_spr(void)
{
	Suite *s = suite_create("spr");
	TCase *t = tcase_create("spr");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, registers_are_those_of_the_manual, 0, ARRAY_LEN(models));
	tcase_add_test(t, a_write_without_hypervisor_state_keeps_nothing);
	tcase_add_test(t, ic_counts_what_completed);
	tcase_add_test(t, dpdes_shows_the_doorbell);
	tcase_add_test(t, registers_are_shown);
	tcase_add_test(t, wait_sleeps_until_an_exception);
	suite_add_tcase(s, t);
	return s;
}
