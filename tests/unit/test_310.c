/*
 * Power ISA 3.1: prefixed instructions and their interrupts, hashes, and of
 * Matrix-Multiply Assist what a differential run does not reach.
 */
#include <check.h>
#include <string.h>
#include "target-ppc/disas.h"
#include "target-ppc/excp.h"
#include "target-ppc/fpu.h"
#include "target-ppc/isa.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define RUN (MSR_SF | MSR_ME | MSR_RI | MSR_FP | MSR_VEC | MSR_VSX)

/* Prefixes: 8LS and MLS, with R; upper 18 bits of the displacement. */
#define P_8LS(r, d)                                                                                \
	(0x04000000u | (uint32_t)(r) << 20 | ((uint32_t)((uint64_t)(d) >> 16) & 0x3ffff))
#define P_MLS(r, d) (P_8LS(r, d) | 0x02000000)
#define PNOP 0x07000000u

static PpcRig *rig_at(uint64_t at, const uint32_t *code, unsigned n)
{
	PpcRig *r = rig_new("power10");

	rig_code(r, at, code, n);
	ppc_set_msr(r->cpu, RUN);
	return r;
}

/* Problem state in real mode, which only a test can have. */
static void to_problem_state(PpcRig *r)
{
	r->cpu->msr |= MSR_PR;
	ppc_state_changed(r->cpu);
}

/* Blocks with instructions of both lengths, run at once and in pieces. */
START_TEST(mixed_lengths)
{
	const uint32_t code[] = {
		P_MLS(0, -5),
		I_D(14, 3, 0, -5), /* pli r3,-5 */
		I_ADDI(4, 3, 1),   /* r4 = -4 */
		P_MLS(0, 0x12345678),
		I_D(14, 5, 4, 0x5678), /* paddi r5,r4,0x12345678 */
		PNOP,
		0, /* pnop */
		P_MLS(1, 16),
		I_D(14, 6, 0, 16), /* paddi r6,0,16,1 */
		I_ADDI(7, 0, 1),
		I_B(8),
		I_ADDI(7, 0, 2),
		P_8LS(1, -0x30),
		I_D(57, 8, 0, -0x30),
	};
	PpcRig *r = rig_at(AT, code, ARRAY_LEN(code));
	PpcCpu *cpu = r->cpu;

	rig_go(r, AT, 8);
	ck_assert_uint_eq(cpu->nip, AT + 56);
	for (int pieces = 0; pieces < 2; pieces++) {
		ck_assert_uint_eq(cpu->gpr[3], -UINT64_C(5));
		ck_assert_uint_eq(cpu->gpr[4], -UINT64_C(4));
		ck_assert_uint_eq(cpu->gpr[5], 0x12345674);
		ck_assert_uint_eq(cpu->gpr[6], AT + 28 + 16);
		ck_assert_uint_eq(cpu->gpr[7], 1);
		ck_assert_uint_eq(cpu->gpr[8], (uint64_t)code[0] << 32 | code[1]);
		memset(cpu->gpr + 3, 0, 6 * 8);
		if (pieces)
			break;
		cpu->nip = AT;
		for (unsigned i = 0; i < 8; i++) {
			static const uint8_t at[] = { 8, 12, 20, 28, 36, 40, 48, 56 };

			rig_run(r, 1);
			ck_assert_uint_eq(cpu->nip, AT + at[i]);
		}
	}
	rig_free(r);
}
END_TEST

START_TEST(little_endian)
{
	const uint32_t code[] = { P_8LS(1, 8), I_D(57, 3, 0, 8), 0x01234567, 0x89abcdef };
	PpcRig *r = rig_new("power10");

	for (unsigned i = 0; i < ARRAY_LEN(code); i++)
		ck_assert(ram_st32(r->m->ram, AT + 4 * i, bswap32(code[i])));
	ppc_set_msr(r->cpu, RUN | MSR_LE);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[3], 0x89abcdef01234567);
	rig_free(r);
}
END_TEST

/* A store into the suffix alone is seen at once. */
START_TEST(changed_suffix)
{
	const uint32_t code[] = {
		I_STW(9, 8, 10),
		P_MLS(0, 1),
		I_D(14, 3, 0, 1),
		I_B(-12),
	};
	PpcRig *r = rig_at(AT, code, ARRAY_LEN(code));

	r->cpu->gpr[10] = AT;
	r->cpu->gpr[9] = I_D(14, 3, 0, 1);
	rig_go(r, AT, 6);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	r->cpu->gpr[9] = I_D(14, 3, 0, 2);
	rig_run(r, 2);
	ck_assert_uint_eq(r->cpu->gpr[3], 2);
	rig_free(r);
}
END_TEST

/* Interrupts of prefixed instructions have SRR1 bit 34; of others not. */
START_TEST(interrupts_say_prefixed)
{
	static const struct {
		uint32_t code[2];
		uint64_t msr_off;
		unsigned vector;
		uint64_t bits;
	} t[] = {
		{ { P_8LS(0, 8), I_D(56, 4, 0, 8) }, 0, PPC_V_ALIGN, PPC_SRR1_PREFIXED },
		{ { P_MLS(0, 8), I_D(50, 4, 0, 8) }, MSR_FP, PPC_V_FPU, PPC_SRR1_PREFIXED },
		{ { P_8LS(0, 8), I_D(42, 4, 0, 8) }, MSR_VEC, PPC_V_VEC, PPC_SRR1_PREFIXED },
		{ { P_8LS(0, 8), I_D(50, 4, 0, 8) }, MSR_VSX, PPC_V_VSX, PPC_SRR1_PREFIXED },
		/* No such suffix; an odd pair; R with RA. */
		{ { P_8LS(0, 8), I_D(0, 0, 0, 0) },
		  0,
		  PPC_V_PROGRAM,
		  PPC_SRR1_PREFIXED | PPC_PROG_ILLEGAL },
		{ { P_8LS(0, 0), I_D(56, 5, 0, 0) },
		  0,
		  PPC_V_PROGRAM,
		  PPC_SRR1_PREFIXED | PPC_PROG_ILLEGAL },
		{ { P_8LS(1, 0), I_D(57, 5, 1, 0) },
		  0,
		  PPC_V_PROGRAM,
		  PPC_SRR1_PREFIXED | PPC_PROG_ILLEGAL },
		{ { 0, 0 }, 0, PPC_V_PROGRAM, PPC_PROG_ILLEGAL },
	};

	for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
		PpcRig *r = rig_at(AT, t[i].code, 2);

		ppc_set_msr(r->cpu, RUN & ~t[i].msr_off);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, t[i].vector);
		ck_assert_uint_eq(r->cpu->spr.SRR0, AT);
		ck_assert_uint_eq(r->cpu->spr.SRR1, (RUN & ~t[i].msr_off) | t[i].bits);
		rig_free(r);
	}
}
END_TEST

START_TEST(boundary)
{
	const uint32_t code[] = { I_NOP, P_MLS(0, 1), I_D(14, 3, 0, 1) };

	/* Across 64 bytes, and across a page whose successor holds anything. */
	for (uint64_t at = AT + 56; at <= AT + 0xff8; at += 0xff8 - 56) {
		PpcRig *r = rig_at(at, code, 3);

		rig_go(r, at, 2);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_ALIGN);
		ck_assert_uint_eq(r->cpu->spr.SRR0, at + 4);
		ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | PPC_SRR1_PREFIXED | PPC_SRR1_BOUNDARY);
		ck_assert_uint_eq(r->cpu->gpr[3], 0);
		rig_free(r);
	}
}
END_TEST

/* FSCR[PREFIX] governs problem state, at once after a change. */
START_TEST(facility)
{
	const uint32_t code[] = { P_MLS(0, 1), I_D(14, 3, 0, 1) };
	PpcRig *r = rig_at(AT, code, 2);

	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	to_problem_state(r);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_FACILITY);
	ck_assert_uint_eq(r->cpu->spr.FSCR >> 56, 13);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | MSR_PR | PPC_SRR1_PREFIXED);
	ppc_set_msr(r->cpu, RUN);
	ppc_set_spr(r->cpu, 153, PPC_FSCR_PREFIX);
	to_problem_state(r);
	r->cpu->gpr[3] = 0;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 8);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	rig_free(r);
}
END_TEST

START_TEST(trace)
{
	const uint32_t code[] = { P_MLS(0, 1), I_D(14, 3, 0, 1), PNOP, I_B(0) };
	PpcRig *r = rig_at(AT, code, 4);

	ppc_set_msr(r->cpu, RUN | MSR_TE_SE);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 8);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | MSR_TE_SE | PPC_SRR1_PREFIXED | BIT64(33));
	/* A pnop's suffix may look like a branch. */
	ppc_set_msr(r->cpu, RUN | MSR_TE_BE);
	rig_go(r, AT + 8, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 16);
	rig_free(r);
}
END_TEST

/* POWER9, and POWER10 as a logical 3.00, know no prefix. */
START_TEST(older)
{
	const uint32_t code[] = { P_MLS(0, 1), I_D(14, 3, 0, 1) };
	PpcRig *r = rig_new("power9");

	rig_code(r, AT, code, 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, PPC_PROG_ILLEGAL);
	rig_free(r);
	r = rig_at(AT, code, 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	ck_assert(ppc_set_compat(r->cpu, 0x0f000005, NULL));
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert(ppc_set_compat(r->cpu, 0x0f000006, NULL));
	r->cpu->gpr[3] = 0;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	ck_assert(!ppc_supports_pvr(ppc_model_find("power9"), 0x0f000006));
	rig_free(r);
}
END_TEST

START_TEST(rows)
{
	uint64_t w = 1;

	ck_assert_uint_ge(ppc_isa_prefixed_count, 60);
	for (unsigned i = 0; i < ppc_isa_prefixed_count; i++) {
		const PpcInsn *in = &ppc_isa_rows[ppc_isa_row_count + i];

		for (unsigned k = 0; k < 50; k++) {
			uint32_t p, s;

			w = w * UINT64_C(6364136223846793005) + 1442695040888963407;
			p = in->prefix_value | ((uint32_t)(w >> 32) & ~in->prefix_mask);
			s = in->value | ((uint32_t)w & ~in->mask);
			ck_assert_ptr_eq(ppc_isa_find_prefixed(p, s, UINT64_MAX), in);
			ck_assert_ptr_null(ppc_isa_find_prefixed(p, s, ~(uint64_t)PPC_F_310));
			ck_assert_ptr_null(ppc_isa_find_prefixed(p ^ 1u << 31, s, UINT64_MAX));
		}
	}
}
END_TEST

START_TEST(disassembly)
{
	static const struct {
		uint32_t prefix, suffix;
		const char *text;
	} t[] = {
		{ 0x0603ffff, 0x3860fffb, "pli     r3,-5" },
		{ 0x06001234, 0x38835678, "paddi   r4,r3,305419896" },
		{ 0x04100000, 0xe4a00038, "pld     r5,56" },
		{ 0x04000000, 0xf4602000, "pstd    r3,8192(0)" },
		{ 0x04000000, 0xe0870008, "plq     r4,8(r7)" },
		{ 0x07900084, 0xec8218d6, "pmxvf32gerpp a1,vs34,vs35,8,4" },
		{ 0x05000000, 0x80661234, "xxspltiw vs3,4660" },
		{ 0x07000000, 0x00000000, "pnop" },
	};
	g_autoptr(GString) s = g_string_new(NULL);

	for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
		g_string_truncate(s, 0);
		ck_assert_uint_eq(ppc_disas(UINT64_MAX, t[i].prefix, t[i].suffix, 0, s), 8);
		ck_assert_str_eq(s->str, t[i].text);
	}
	g_string_truncate(s, 0);
	ck_assert_uint_eq(ppc_disas(UINT64_MAX, t[0].prefix, t[0].suffix, 60, s), 4);
	ck_assert_str_eq(s->str, ".long   0x603ffff");
	g_string_truncate(s, 0);
	ppc_disas(UINT64_MAX, 0x7fe42da5, 0, 0, s);
	ck_assert_str_eq(s->str, "hashst  r5,-8(r4)");
	g_string_truncate(s, 0);
	ppc_disas(UINT64_MAX, 0x7c042d24, 0, 0, s);
	ck_assert_str_eq(s->str, "hashstp r5,-512(r4)");
}
END_TEST

/* ---- Hashes ---- */

#define HASHST(rb, ra) I_X(31, 31, ra, rb, 722) | 1
#define HASHCHK(rb, ra) I_X(31, 31, ra, rb, 754) | 1
#define HASHSTP(rb, ra) I_X(31, 31, ra, rb, 658) | 1
enum { SPR_HASHKEYR = 468, SPR_DEXCR = 828, SPR_DEXCRU = 812 };

/* Key 0x0123456789abcdef (hashstp: its complement); read off the peer's POWER10. */
START_TEST(hashes)
{
	static const struct {
		uint64_t rb, ra, hash, hashp;
	} t[] = {
		{ 0x0123456789abcdef, 0x2000, 0xc9c9ba90ec90a0bd, 0xfc0573cf2ab0394e },
		{ 0x52f10448795290ee, 0x2040, 0x8be58dad43fe449f, 0x5cf3260ea84cddf4 },
		{ 0x4cdc24478ef21972, 0x2080, 0x1d1d741e2f041ce6, 0xb15c50c16ec2f567 },
		{ 0xcbd80db3244042b2, 0x27c0, 0xd6256c79f6eda2b1, 0x8b2367c3b41610d2 },
	};
	const uint32_t code[] = { HASHST(5, 10), I_LD(3, -8, 10), HASHSTP(5, 10), I_LD(4, -8, 10) };
	PpcRig *r = rig_at(AT, code, ARRAY_LEN(code));

	r->cpu->spr.HASHKEYR = 0x0123456789abcdef;
	r->cpu->spr.HASHPKEYR = ~r->cpu->spr.HASHKEYR;
	ppc_set_spr(r->cpu, SPR_DEXCR, BIT64(5) | BIT64(6));
	for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
		r->cpu->gpr[5] = t[i].rb;
		r->cpu->gpr[10] = t[i].ra;
		rig_go(r, AT, 4);
		ck_assert_uint_eq(r->cpu->gpr[3], t[i].hash);
		ck_assert_uint_eq(r->cpu->gpr[4], t[i].hashp);
	}
	rig_free(r);
}
END_TEST

/* Without their aspect in the DEXCR they do nothing; a wrong hash traps. */
START_TEST(hash_aspects)
{
	const uint32_t code[] = { HASHST(5, 10), HASHCHK(5, 10), I_ADDI(5, 5, 1), HASHCHK(5, 10) };
	PpcRig *r = rig_at(AT, code, ARRAY_LEN(code));
	uint64_t v = 0;

	r->cpu->gpr[10] = 0x2000;
	ppc_set_spr(r->cpu, SPR_DEXCR, ~(BIT64(5) | BIT64(37)));
	rig_go(r, AT, 4);
	ck_assert_uint_eq(r->cpu->nip, AT + 16);
	ck_assert(ram_read(r->m->ram, 0x1ff8, &v, 8));
	ck_assert_uint_eq(v, 0);
	/* Bits 32 to 63 are for problem state. */
	ppc_set_spr(r->cpu, SPR_DEXCR, BIT64(37));
	rig_go(r, AT, 4);
	ck_assert_uint_eq(r->cpu->nip, AT + 16);
	ck_assert_uint_eq(ppc_spr(r->cpu, SPR_DEXCRU), BIT32(5));
	to_problem_state(r);
	rig_go(r, AT, 4);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 12);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | MSR_PR | PPC_PROG_TRAP);
	ck_assert(ram_read(r->m->ram, 0x1ff8, &v, 8));
	ck_assert_uint_ne(v, 0);
	rig_free(r);
}
END_TEST

/* ---- Matrix-Multiply Assist ---- */

#define XVF32GER(at, xa, xb) (0xec0000d8u | (at) << 23 | (xa) << 16 | (xb) << 11)

/* An enabled exception interrupts when the accumulator has been written. */
START_TEST(mma_exception)
{
	const uint32_t code[] = { XVF32GER(1, 0, 1) };
	PpcRig *r = rig_at(AT, code, 1);
	PpcCpu *cpu = r->cpu;

	ppc_set_msr(cpu, RUN | MSR_FE0 | MSR_FE1);
	for (unsigned i = 0; i < 4; i++) {
		VSR_W(cpu->vsr[0], i) = i == 2 ? 0x7f800000 : 0x40000000; /* 2, infinity */
		VSR_W(cpu->vsr[1], i) = i == 3 ? 0 : 0x3f800000;	  /* 1, 0 */
	}
	cpu->fpscr = FPSCR_VE;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(cpu->spr.SRR0, AT);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_VE | FPSCR_FX | FPSCR_FEX | FPSCR_VX | SF_VXIMZ);
	ck_assert_uint_eq(VSR_W(cpu->vsr[4], 0), 0x40000000);
	ck_assert_uint_eq(VSR_W(cpu->vsr[6], 0), 0x7f800000);
	ck_assert_uint_eq(VSR_W(cpu->vsr[6], 3), 0x7fc00000);
	ck_assert_uint_eq(VSR_W(cpu->vsr[7], 3), 0);
	rig_free(r);
}
END_TEST

#define XVF32GERNP(at, xa, xb) (0xec0002d0u | (at) << 23 | (xa) << 16 | (xb) << 11)
#define XVF32GERNN(at, xa, xb) (0xec0006d0u | (at) << 23 | (xa) << 16 | (xb) << 11)
#define XVBF16GER2(at, xa, xb) (0xec000198u | (at) << 23 | (xa) << 16 | (xb) << 11)
#define XVBF16GER2PP(at, xa, xb) (0xec000190u | (at) << 23 | (xa) << 16 | (xb) << 11)

/* -(round(1 * 2^-30 + 1)) upwards is -(1 + 2^-23), not -1. */
START_TEST(mma_negates_what_it_has_rounded)
{
	const uint32_t code[] = { XVF32GERNN(1, 0, 1), XVF32GERNP(2, 0, 1) };
	PpcRig *r = rig_at(AT, code, 2);
	PpcCpu *cpu = r->cpu;

	cpu->fpscr = SF_RM_UP;
	VSR_W(cpu->vsr[0], 0) = 0x3f800000;
	VSR_W(cpu->vsr[1], 0) = 0x30800000;
	VSR_W(cpu->vsr[4], 0) = 0x3f800000;
	VSR_W(cpu->vsr[8], 0) = 0xbf800000;
	rig_go(r, AT, 2);
	ck_assert_uint_eq(VSR_W(cpu->vsr[4], 0), 0xbf800001);
	ck_assert_uint_eq(VSR_W(cpu->vsr[8], 0), 0xbf800001);
	rig_free(r);
}
END_TEST

/* 2^127 * 2 - 2^127 * 1.5 and an accumulator: no overflow on the way. */
START_TEST(bfloat16_products_exceed_singles)
{
	const uint32_t code[] = { XVBF16GER2(1, 0, 1), XVBF16GER2PP(2, 2, 3) };
	PpcRig *r = rig_at(AT, code, 2);
	PpcCpu *cpu = r->cpu;

	VSR_W(cpu->vsr[0], 0) = 0x7f007f00; /* 2^127, 2^127 */
	VSR_W(cpu->vsr[1], 0) = 0x4000bfc0; /* 2, -1.5 */
	VSR_W(cpu->vsr[2], 0) = 0x7f000000; /* 2^127, 0 */
	VSR_W(cpu->vsr[3], 0) = 0x40000000; /* 2, 0 */
	VSR_W(cpu->vsr[8], 0) = 0xff000000; /* -2^127 */
	rig_go(r, AT, 2);
	ck_assert_uint_eq(VSR_W(cpu->vsr[4], 0), 0x7e800000);
	ck_assert_uint_eq(VSR_W(cpu->vsr[8], 0), 0x7f000000);
	ck_assert_uint_eq(cpu->fpscr, 0);
	rig_free(r);
}
END_TEST

/* Priming moves nothing that a program could see. */
START_TEST(mma_moves)
{
	const uint32_t code[] = { 0x7c810162, 0x7c800162,
				  0x7c830162 }; /* xxmtacc, xxmfacc, xxsetaccz 1 */
	PpcRig *r = rig_at(AT, code, 3);

	for (unsigned i = 0; i < 12; i++)
		r->cpu->vsr[i].q = i + 1;
	rig_go(r, AT, 2);
	for (unsigned i = 0; i < 12; i++)
		ck_assert(r->cpu->vsr[i].q == i + 1);
	rig_run(r, 1);
	for (unsigned i = 0; i < 12; i++)
		ck_assert(r->cpu->vsr[i].q == (i / 4 == 1 ? 0 : i + 1));
	rig_free(r);
}
END_TEST

Suite *suite_310(void);
Suite *suite_310(void)
{
	Suite *s = suite_create("310");
	TCase *t = tcase_create("310");

	tcase_add_test(t, mixed_lengths);
	tcase_add_test(t, little_endian);
	tcase_add_test(t, changed_suffix);
	tcase_add_test(t, interrupts_say_prefixed);
	tcase_add_test(t, boundary);
	tcase_add_test(t, facility);
	tcase_add_test(t, trace);
	tcase_add_test(t, older);
	tcase_add_test(t, rows);
	tcase_add_test(t, disassembly);
	tcase_add_test(t, hashes);
	tcase_add_test(t, hash_aspects);
	tcase_add_test(t, mma_exception);
	tcase_add_test(t, mma_negates_what_it_has_rounded);
	tcase_add_test(t, bfloat16_products_exceed_singles);
	tcase_add_test(t, mma_moves);
	suite_add_tcase(s, t);
	return s;
}
