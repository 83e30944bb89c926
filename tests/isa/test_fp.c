/*
 * Scalar floating-point instructions: results read off real chips (750-class), and
 * the FPSCR's rules that those do not touch: enabled exceptions, the program
 * interrupt, moves to and from the FPSCR, loads and stores.
 *
 * Left out of the chips' rows, because the architecture leaves them open: a
 * single-precision operation on operands that are no singles, the upper word of
 * fctiw's result, estimates, and the 750's rounding of frC to 25 bits.
 */
#include <check.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "tests/isa/chips.h"

static Rig *rig_fp(const char *model)
{
	return rig_new(model, MSR_FP);
}

enum { FADD = 0xfc22182a, FADDS = 0xec22182a, FDIV = 0xfc221824 };
#define ONE UINT64_C(0x3ff0000000000000)
#define INF UINT64_C(0x7ff0000000000000)
#define DBL_MAX_BITS UINT64_C(0x7fefffffffffffff)
#define SNAN UINT64_C(0x7ff4000000000000)

/* ---- Chips ---- */

/* What the book defines of the 750's rows; 0.25 * 0.35 as singles: 0.35 is none. */
static bool dingus_row(Rig *r, char *line)
{
	if (g_str_has_prefix(line, "FMULS") && strstr(line, "frC=0.35"))
		return true;
	return chips_dingus_row(r, line);
}

static void all_of(const char *name, const char *skip, bool (*row)(Rig *, char *), unsigned least)
{
	Rig *r = rig_fp("power9");
	unsigned bad, n = chips_each_line(name, skip, row, r, &bad);

	rig_free(r);
	if (!rig_vectors())
		return;
	ck_assert_uint_gt(n, least);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(chip_750)
{
	all_of("ppcfloattests.csv", NULL, dingus_row, 1500);
}
END_TEST

static bool espresso_open(const EspressoRow *row)
{
	unsigned xo = row->word >> 1 & 31;

	if (row->word >> 26 != 63 && row->word >> 26 != 59)
		return true;
	if (row->word >> 26 == 63)
		return false;
	if (xo == 24)
		return true;
	for (unsigned i = 0; i < 4; i++) {
		uint64_t v = row->before[ESPRESSO_F1 + i];

		if (!sf_f64_is_nan(v) && sf_lfs(sf_stfs(v)) != v)
			return true;
	}
	return false;
}

static bool espresso_row(Rig *r, char *line)
{
	EspressoRow row;

	chips_espresso_row(r, line, &row);
	if (espresso_open(&row))
		return true;
	row.ours[ESPRESSO_XER] = row.after[ESPRESSO_XER]; /* has a field of classic models */
	if (row.word >> 26 == 63 && (row.word >> 1 & 1023) >> 1 == 7) /* fctiw[z] */
		for (unsigned i = ESPRESSO_F1; i < ESPRESSO_COLUMNS; i++) {
			row.ours[i] = (uint32_t)row.ours[i];
			row.after[i] = (uint32_t)row.after[i];
		}
	return chips_espresso_same(&row, line);
}

START_TEST(chip_espresso)
{
	all_of("espresso.csv.gz", "i", espresso_row, 34000);
}
END_TEST

/* ---- Enabled exceptions ---- */

START_TEST(enabled_invalid_keeps_target)
{
	Rig *r = rig_fp("power9");
	PpcCpu *cpu = r->cpu;

	/* MSR[FE0 FE1] = 0: the target stays, no interrupt; FPRF stays, FR and FI go. */
	cpu->fpscr = FPSCR_VE | FPSCR_FR | FPSCR_FI | 0x4000;
	rig_set_fpr(r, 1, 0x1234);
	rig_set_fpr(r, 2, INF);
	rig_set_fpr(r, 3, INF | BIT64(0));
	rig_exec(r, FADD | 1);
	ck_assert_uint_eq(rig_fpr(r, 1), 0x1234);
	ck_assert_uint_eq(cpu->fpscr,
			  FPSCR_FX | FPSCR_FEX | FPSCR_VX | SF_VXISI | FPSCR_VE | 0x4000);
	ck_assert_uint_eq(ppc_cr_get(cpu), 0x0e000000);
	ck_assert_uint_eq(cpu->nip, RIG_CODE + 4);
	/* Zero divide likewise. */
	rig_clear(r);
	cpu->fpscr = FPSCR_ZE;
	rig_set_fpr(r, 1, 0x1234);
	rig_set_fpr(r, 2, ONE);
	rig_exec(r, FDIV);
	ck_assert_uint_eq(rig_fpr(r, 1), 0x1234);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_ZX | FPSCR_ZE);
	rig_free(r);
}
END_TEST

START_TEST(enabled_exceptions_interrupt)
{
	Rig *r = rig_fp("power9");
	PpcCpu *cpu = r->cpu;
	uint64_t msr;

	cpu->msr |= MSR_FE0 | MSR_FE1;
	ppc_state_changed(cpu);
	msr = cpu->msr;
	/* Overflow: the adjusted result is delivered, then the interrupt. */
	cpu->fpscr = FPSCR_OE;
	rig_set_fpr(r, 2, DBL_MAX_BITS);
	rig_set_fpr(r, 3, DBL_MAX_BITS);
	rig_exec(r, FADD | 1);
	ck_assert_uint_eq(rig_fpr(r, 1),
			  (uint64_t)(1024 + 1023 - 1536) << 52 | (DBL_MAX_BITS & mask64(12, 63)));
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_OX | FPSCR_OE | 0x4000);
	ck_assert_uint_eq(cpu->cr[1], 13);
	ck_assert_uint_eq(cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(cpu->spr.SRR0, RIG_CODE);
	ck_assert_uint_eq(cpu->spr.SRR1 & BIT64(43), BIT64(43));
	ck_assert(!(cpu->msr & (MSR_FP | MSR_FE0 | MSR_FE1)));
	/* Invalid: no result. */
	rig_clear(r);
	cpu->msr = msr;
	ppc_state_changed(cpu);
	cpu->fpscr = FPSCR_VE;
	rig_set_fpr(r, 1, 5);
	rig_set_fpr(r, 2, SNAN);
	rig_exec(r, FADD);
	ck_assert_uint_eq(rig_fpr(r, 1), 5);
	ck_assert_uint_eq(cpu->nip, PPC_V_PROGRAM);
	ck_assert(cpu->fpscr & SF_VXSNAN);
	/* An exception that is not enabled, with an older enabled one standing: none. */
	rig_clear(r);
	cpu->msr = msr;
	ppc_state_changed(cpu);
	cpu->fpscr = fpu_summarise(FPSCR_ZE | FPSCR_ZX);
	rig_set_fpr(r, 2, ONE);
	rig_set_fpr(r, 3, 1);
	rig_exec(r, FADD);
	ck_assert_uint_eq(cpu->nip, RIG_CODE + 4);
	/* mtfsb1 VE over a standing VX bit. */
	cpu->fpscr = fpu_summarise(SF_VXSNAN);
	rig_exec(r, 0xff00004c); /* mtfsb1 24 */
	ck_assert_uint_eq(cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FEX | FPSCR_VX | SF_VXSNAN | FPSCR_VE);
	rig_free(r);
}
END_TEST

START_TEST(fp_unavailable)
{
	Rig *r = rig_new("power9", 0);

	rig_exec(r, FADD);
	ck_assert_uint_eq(r->cpu->nip, 0x800);
	ck_assert_uint_eq(r->cpu->spr.SRR0, RIG_CODE);
	rig_free(r);
}
END_TEST

START_TEST(fx_only_on_a_change)
{
	Rig *r = rig_fp("power9");

	r->cpu->fpscr = FPSCR_XX;
	rig_set_fpr(r, 2, ONE);
	rig_set_fpr(r, 3, 1);
	rig_exec(r, FADD);
	ck_assert_uint_eq(r->cpu->fpscr, FPSCR_XX | FPSCR_FI | 0x4000);
	r->cpu->fpscr = 0;
	rig_exec(r, FADD);
	ck_assert_uint_eq(r->cpu->fpscr, FPSCR_FX | FPSCR_XX | FPSCR_FI | 0x4000);
	/* The other half of the VSR becomes 0. */
	r->cpu->vsr[1].q = ~(u128)0;
	rig_exec(r, FADD);
	ck_assert_uint_eq(VSR_D(r->cpu->vsr[1], 1), 0);
	rig_free(r);
}
END_TEST

/* A single result that is denormal as a single has C set, and NaNs are cut. */
START_TEST(single_results)
{
	Rig *r = rig_fp("power9");

	rig_set_fpr(r, 2, sf_lfs(0x00400000));
	rig_set_fpr(r, 3, sf_lfs(0x00000001));
	rig_exec(r, FADDS);
	ck_assert_uint_eq(rig_fpr(r, 1), sf_lfs(0x00400001));
	ck_assert_uint_eq(r->cpu->fpscr, 0x14000);
	rig_set_fpr(r, 2, UINT64_C(0x7ff0000000000001));
	r->cpu->fpscr = 0;
	rig_exec(r, FADDS);
	ck_assert_uint_eq(rig_fpr(r, 1), SF_F64_DEFAULT_NAN);
	ck_assert_uint_eq(r->cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXSNAN | 0x11000);
	rig_free(r);
}
END_TEST

/* ---- The FPSCR itself ---- */

START_TEST(moves_to_fpscr)
{
	Rig *r = rig_fp("power9");
	PpcCpu *cpu = r->cpu;

	/* VX and FEX follow the bits they sum up, whatever is written. */
	rig_set_fpr(r, 3, UINT64_MAX & ~(uint64_t)0xf8);
	rig_exec(r, 0xfffe1d8e); /* mtfsf with L = 1 */
	ck_assert_uint_eq(cpu->fpscr, UINT64_C(0x7bffff707));
	rig_set_fpr(r, 3, FPSCR_VX | FPSCR_FEX);
	rig_exec(r, 0xfdfe1d8e); /* mtfsf 255 */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_DRN);
	rig_set_fpr(r, 3, FPSCR_FX | FPSCR_VX | FPSCR_OX | 0xff);
	rig_exec(r, 0xfc021d8e); /* mtfsf 1: the last field */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_DRN | 15);
	rig_exec(r, 0xfd001d8e); /* mtfsf 128: the first; FX, OX as written */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_DRN | FPSCR_FX | FPSCR_OX | 15);
	rig_exec(r, 0xfc031d8e); /* mtfsf 1,f3,0,1: the DRN field */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_OX | 15);
	rig_exec(r, 0xff80610c); /* mtfsfi 7,6 */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_OX | 6);
	rig_exec(r, 0xff81510c); /* mtfsfi 7,5,1: DRN */
	ck_assert_uint_eq(cpu->fpscr, UINT64_C(5) << 32 | FPSCR_FX | FPSCR_OX | 6);
	cpu->fpscr = 0;
	rig_exec(r, 0xfd40004d); /* mtfsb1. 10: VXZDZ sets FX and VX */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXZDZ);
	ck_assert_uint_eq(cpu->cr[1], 10);
	rig_exec(r, 0xfc20004c); /* mtfsb1 1: FEX cannot be set */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXZDZ);
	rig_exec(r, 0xfd40008c); /* mtfsb0 10 */
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX);
	/* mcrfs copies a field and clears its exceptions, not FPRF. */
	cpu->fpscr = fpu_summarise(FPSCR_FX | SF_VXSNAN | SF_VXISI | FPSCR_XX | 0x1f003);
	rig_exec(r, 0xfd840080); /* mcrfs 3,1 */
	ck_assert_uint_eq(cpu->cr[3], 3);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXISI | 0x1f003);
	rig_exec(r, 0xfd900080); /* mcrfs 3,4 */
	ck_assert_uint_eq(cpu->cr[3], 15);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXISI | 0x1f003);
	rig_free(r);
}
END_TEST

START_TEST(moves_from_fpscr)
{
	const uint64_t before = UINT64_C(0x3) << 32 | FPSCR_FX | FPSCR_XX | FPSCR_FI | 0x4000 |
				0x4b;
	Rig *r = rig_fp("power9");
	PpcCpu *cpu = r->cpu;

	cpu->fpscr = before;
	rig_exec(r, 0xfc20048e); /* mffs */
	ck_assert_uint_eq(rig_fpr(r, 1), before);
	rig_exec(r, 0xfc38048e); /* mffsl */
	ck_assert_uint_eq(rig_fpr(r, 1), UINT64_C(3) << 32 | FPSCR_FI | 0x4000 | 0x4b);
	rig_set_fpr(r, 3, 2);
	rig_exec(r, 0xfc361c8e); /* mffscrn 1,3 */
	ck_assert_uint_eq(rig_fpr(r, 1), UINT64_C(3) << 32 | 0x4b);
	ck_assert_uint_eq(cpu->fpscr, (before & ~(uint64_t)3) | 2);
	rig_exec(r, 0xfc370c8e); /* mffscrni 1,1 */
	ck_assert_uint_eq(cpu->fpscr, (before & ~(uint64_t)3) | 1);
	rig_exec(r, 0xfc352c8e); /* mffscdrni 1,5 */
	ck_assert_uint_eq(cpu->fpscr >> 32, 5);
	rig_set_fpr(r, 3, UINT64_C(6) << 32);
	rig_exec(r, 0xfc341c8e); /* mffscdrn 1,3 */
	ck_assert_uint_eq(cpu->fpscr >> 32, 6);
	rig_exec(r, 0xfc21048e); /* mffsce */
	ck_assert_uint_eq(cpu->fpscr & 0xff, 1);
	rig_free(r);
	/* POWER8 has none of them: all are mffs. */
	r = rig_fp("power8");
	r->cpu->fpscr = before;
	rig_exec(r, 0xfc38048e);
	ck_assert_uint_eq(rig_fpr(r, 1), before);
	rig_exec(r, 0xfc21048e);
	ck_assert_uint_eq(r->cpu->fpscr, before);
	rig_free(r);
}
END_TEST

START_TEST(compares)
{
	Rig *r = rig_fp("power9");

	r->cpu->fpscr = FPSCR_FI | FPSCR_C | 0x1000;
	rig_set_fpr(r, 2, ONE);
	rig_exec(r, 0xfe821800); /* fcmpu 5,2,3 */
	ck_assert_uint_eq(r->cpu->cr[5], 4);
	ck_assert_uint_eq(r->cpu->fpscr, FPSCR_FI | FPSCR_C | 0x4000);
	rig_set_fpr(r, 3, SNAN);
	rig_exec(r, 0xfe821840); /* fcmpo */
	ck_assert_uint_eq(r->cpu->cr[5], 1);
	ck_assert_uint_eq(r->cpu->fpscr,
			  FPSCR_FX | FPSCR_VX | SF_VXSNAN | SF_VXVC | FPSCR_FI | FPSCR_C | 0x1000);
	/* fsel: -0 counts as zero, a NaN as below. */
	rig_set_fpr(r, 3, 33);
	rig_set_fpr(r, 4, 44);
	rig_set_fpr(r, 2, BIT64(0));
	rig_exec(r, 0xfc22192e);
	ck_assert_uint_eq(rig_fpr(r, 1), 44);
	rig_set_fpr(r, 2, SF_F64_DEFAULT_NAN);
	rig_exec(r, 0xfc22192e);
	ck_assert_uint_eq(rig_fpr(r, 1), 33);
	rig_free(r);
}
END_TEST

/* ---- Loads and stores, both byte orders ---- */

START_TEST(loads_and_stores)
{
	bool le = _i;
	Rig *r = rig_new("power9", MSR_FP | (le ? MSR_LE : 0));
	uint8_t *m = rig_ram(r, RIG_DATA);
	PpcCpu *cpu = r->cpu;

	if (le) {
		st32_le(m, 0x7f800001);
		st64_le(m + 8, UINT64_C(0x0123456789abcdef));
		st64_le(m + 16, 7);
	} else {
		st32_be(m, 0x7f800001);
		st64_be(m + 8, UINT64_C(0x0123456789abcdef));
		st64_be(m + 16, 7);
	}
	cpu->gpr[3] = RIG_DATA;
	rig_exec(r, 0xc0230000); /* lfs 1,0(3): a signaling NaN comes as it is */
	ck_assert_uint_eq(rig_fpr(r, 1), UINT64_C(0x7ff0000020000000));
	rig_exec(r, 0xcc430008); /* lfdu 2,8(3) */
	ck_assert_uint_eq(rig_fpr(r, 2), UINT64_C(0x0123456789abcdef));
	ck_assert_uint_eq(cpu->gpr[3], RIG_DATA + 8);
	rig_exec(r, 0xe4830000); /* lfdp 4,0(3) */
	ck_assert_uint_eq(rig_fpr(r, 4), UINT64_C(0x0123456789abcdef));
	ck_assert_uint_eq(rig_fpr(r, 5), 7);
	rig_exec(r, 0xd0230018); /* stfs 1,24(3) */
	ck_assert_uint_eq(le ? ld32_le(m + 32) : ld32_be(m + 32), 0x7f800001);
	cpu->gpr[4] = 0x20;
	rig_exec(r, 0x7c4325ee); /* stfdux 2,3,4 */
	ck_assert_uint_eq(cpu->gpr[3], RIG_DATA + 0x28);
	ck_assert_uint_eq(le ? ld64_le(m + 0x28) : ld64_be(m + 0x28), UINT64_C(0x0123456789abcdef));
	rig_exec(r, 0x7c4027ae); /* stfiwx 2,0,4 */
	ck_assert_uint_eq(le ? ld32_le(rig_ram(r, 0x20)) : ld32_be(rig_ram(r, 0x20)), 0x89abcdef);
	rig_exec(r, 0x7c2026ae); /* lfiwax 1,0,4 */
	ck_assert_uint_eq(rig_fpr(r, 1), UINT64_C(0xffffffff89abcdef));
	rig_exec(r, 0x7c2026ee); /* lfiwzx 1,0,4 */
	ck_assert_uint_eq(rig_fpr(r, 1), 0x89abcdef);
	cpu->gpr[4] = RIG_DATA + 0x40;
	rig_exec(r, 0x7c80272e); /* stfdpx 4,0,4 */
	ck_assert_uint_eq(le ? ld64_le(m + 0x48) : ld64_be(m + 0x48), 7);
	rig_exec(r, 0x7c40252e); /* stfsx 2,0,4: too small for a single */
	ck_assert_uint_eq(ld32_le(m + 0x40), 0);
	rig_free(r);
}
END_TEST

Suite *suite_fp(void);
Suite *suite_fp(void)
{
	Suite *s = suite_create("fp");
	TCase *t = tcase_create("chips");

	tcase_set_timeout(t, 600);
	tcase_add_test(t, chip_750);
	tcase_add_test(t, chip_espresso);
	suite_add_tcase(s, t);
	t = tcase_create("rules");
	tcase_add_test(t, enabled_invalid_keeps_target);
	tcase_add_test(t, enabled_exceptions_interrupt);
	tcase_add_test(t, fp_unavailable);
	tcase_add_test(t, fx_only_on_a_change);
	tcase_add_test(t, single_results);
	tcase_add_test(t, moves_to_fpscr);
	tcase_add_test(t, moves_from_fpscr);
	tcase_add_test(t, compares);
	tcase_add_loop_test(t, loads_and_stores, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
