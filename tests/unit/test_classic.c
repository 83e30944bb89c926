/*
 * 6xx, 7xx, 74xx and 970 beside their translation: interrupts, MSR, reset,
 * special registers, decrementer, little-endian mode.
 */
#include <check.h>
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define RUN (MSR_ME | MSR_RI)
#define I_RFI (19u << 26 | 50 << 1)
#define I_MTMSR(s) I_X(31, s, 0, 0, 146)

static PpcRig *rig_with(const char *model, const uint32_t *code, unsigned n, uint64_t msr)
{
	PpcRig *r = rig_new(model);

	rig_code(r, AT, code, n);
	ppc_set_msr(r->cpu, msr);
	return r;
}

/* The tables of reset settings: vectors high, all else off. */
START_TEST(reset)
{
	static const char *const models[] = {
		"603e", "604e", "750", "7400", "7410", "7450", "7447a"
	};

	for (unsigned i = 0; i < ARRAY_LEN(models); i++) {
		PpcRig *r = rig_new(models[i]);

		machine_lock(r->m);
		machine_reset(r->m);
		machine_unlock(r->m);
		ck_assert_uint_eq(r->cpu->nip, 0xfff00100);
		ck_assert_uint_eq(r->cpu->msr, MSR_IP);
		rig_free(r);
	}
	{
		PpcRig *r = rig_new("970");

		machine_lock(r->m);
		machine_reset(r->m);
		machine_unlock(r->m);
		ck_assert_uint_eq(r->cpu->nip, 0x100);
		ck_assert_uint_eq(r->cpu->msr, MSR_SF);
		rig_free(r);
	}
}
END_TEST

/* MSR[IP] puts vectors at 0xfff00000; IP, ME, ILE stay, POW and the rest go. */
START_TEST(prefix)
{
	const uint32_t code[] = { I_SC(0) };
	PpcRig *r = rig_with("750", code, 1, RUN | MSR_IP | MSR_EE | MSR_FP | MSR_FE0 | MSR_PMM);

	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, 0xfff00c00);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | MSR_IP | MSR_EE | MSR_FP | MSR_FE0 | MSR_PMM);
	ck_assert_uint_eq(r->cpu->msr, MSR_ME | MSR_IP);
	rig_free(r);
}
END_TEST

/* rfi: bits 16-31, 0 and 5-9 come from SRR1; ILE stays. */
START_TEST(rfi)
{
	const uint32_t code[] = { I_RFI };
	PpcRig *r = rig_with("7400", code, 1, RUN | MSR_ILE);

	r->cpu->spr.SRR0 = 0x2003;
	r->cpu->spr.SRR1 = 0xffffffff & ~(MSR_PR | MSR_LE | MSR_TE_SE | MSR_TE_BE);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, 0x2000);
	ck_assert_uint_eq(r->cpu->msr, MSR_VEC | MSR_ILE | MSR_EE | MSR_FP | MSR_ME | MSR_FE0 |
					       MSR_FE1 | MSR_IP | MSR_IR | MSR_DR | MSR_PMM |
					       MSR_RI);
	rig_free(r);
}
END_TEST

START_TEST(msr_bits)
{
	static const struct {
		const char *model;
		uint32_t msr;
	} rows[] = {
		/* Each manual's table of MSR bits; POW alone with a mode in HID0 sleeps. */
		{ "603e", 0x0007ff73 }, { "604e", 0x0005ff77 }, { "750", 0x0005ff77 },
		{ "7400", 0x0205ff77 }, { "7450", 0x0205ff77 }, { "7447a", 0x0205ff77 },
	};
	const uint32_t code[] = { I_MTMSR(3), I_X(31, 4, 0, 0, 83) };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_with(rows[i].model, code, 2, RUN);

		/* Without what would stop the test: PR, IR, DR, LE, SE, BE, TGPR, POW. */
		r->cpu->gpr[3] = ~(uint64_t)(MSR_PR | MSR_IR | MSR_DR | MSR_LE | MSR_TE_SE |
					     MSR_TE_BE | MSR_TGPR | MSR_POW);
		rig_go(r, AT, 2);
		ck_assert_uint_eq((uint32_t)r->cpu->gpr[4], (uint32_t)r->cpu->gpr[3] & rows[i].msr);
		rig_free(r);
	}
}
END_TEST

/* DSISR tells of the instruction (PEM 6.4.6). */
START_TEST(alignment)
{
	/* PEM table 6-10: bits 15-21 by opcode; then RT and RA. */
	static const struct {
		uint32_t word, bits;
	} rows[] = {
		{ I_D(46, 5, 3, 1), 0x07 },		/* lmw: 00 0 0111 */
		{ I_D(48, 5, 3, 1), 0x08 },		/* lfs: 00 0 1000 */
		{ I_D(55, 5, 3, 1), 0x1b },		/* stfdu: 00 1 1011 */
		{ I_X(31, 5, 3, 2, 20), 0x00 },		/* lwarx: 00 0 0000 */
		{ I_X(31, 5, 3, 2, 727), 0x60 | 0x0b }, /* stfdx: 11 0 1011 */
	};
	PpcRig *r = rig_with("750", &rows[0].word, 1, RUN);

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t w = rows[i].word;

		rig_code(r, AT, &w, 1);
		ppc_set_msr(r->cpu, RUN | MSR_FP);
		r->cpu->gpr[3] = 0x2001;
		r->cpu->gpr[2] = 0;
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_ALIGN);
		ck_assert_uint_eq(r->cpu->spr.DAR, w >> 26 == 31 ? 0x2001 : 0x2002);
		ck_assert_uint_eq(r->cpu->spr.DSISR, rows[i].bits << 10 | 5 << 5 | 3);
	}
	rig_free(r);
}
END_TEST

/* What is undefined for a model is illegal, and some privileged first. */
START_TEST(spr_illegal)
{
	static const struct {
		uint32_t word;
		bool pr;
		uint64_t srr1;
	} rows[] = {
		{ I_MFSPR(3, 318), false, PPC_PROG_ILLEGAL }, /* LPCR */
		{ I_MTSPR(48, 3), false, PPC_PROG_ILLEGAL },
		{ I_MFSPR(3, 3), false, PPC_PROG_ILLEGAL },
		{ I_MFSPR(3, 26), true, PPC_PROG_PRIV },
		{ I_MFSPR(3, 3), true, PPC_PROG_ILLEGAL },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_with("750", &rows[i].word, 1, RUN | (rows[i].pr ? MSR_PR : 0));

		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
		ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, rows[i].srr1);
		rig_free(r);
	}
}
END_TEST

/* Instructions of other families are illegal, by model. */
START_TEST(rows_by_model)
{
	static const struct {
		uint32_t word;
		const char *has, *has_not;
	} rows[] = {
		{ I_X(31, 0, 0, 3, 758), "7400", "750" },     /* dcba */
		{ I_X(31, 0, 0, 3, 978), "603e", "750" },     /* tlbld */
		{ I_X(31, 0, 0, 3, 1010), "7450", "7400" },   /* tlbli */
		{ I_X(63, 1, 0, 2, 22), "970fx", "750" },     /* fsqrt */
		{ I_X(31, 4, 0, 0, 512), "7447a", "970fx" },  /* mcrxr */
		{ I_X(31, 3, 4, 5, 9), "970fx", "7447a" },    /* mulhdu */
		{ I_X(4, 1, 2, 3, 0), "7400", "750" },	      /* vaddubm */
		{ I_X(31, 3, 4, 0, 122), "power8", "970fx" }, /* popcntb */
		{ I_X(31, 0, 0, 3, 274), "970fx", "750" },    /* tlbiel */
		{ I_RFI, "750", "970fx" },
		{ I_RFID, "970fx", "750" },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned k = 0; k < 2; k++) {
			PpcRig *r = rig_with(k ? rows[i].has_not : rows[i].has, &rows[i].word, 1,
					     RUN | MSR_FP | MSR_VEC);

			r->cpu->spr.SRR0 = 0x5000;
			rig_go(r, AT, 1);
			ck_assert_msg((r->cpu->nip == PPC_V_PROGRAM) == (k == 1), "row %u, %s", i,
				      r->cpu->model->name);
			rig_free(r);
		}
}
END_TEST

/* Machine checks: nothing answers an instruction fetch. */
START_TEST(machine_check)
{
	const uint32_t code[] = { I_B(0x7000000) };
	PpcRig *r = rig_with("750", code, 1, RUN);

	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_MCHECK);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0x783f0000, PPC_SRR1_TEA);
	ck_assert(!(r->cpu->msr & MSR_ME));
	/* The next one, with ME = 0: checkstop, until a reset. */
	rig_go(r, AT, 20);
	ck_assert(r->cpu->quiesced);
	ck_assert_uint_eq(rig_run(r, 10), 0);
	machine_lock(r->m);
	machine_reset(r->m);
	machine_unlock(r->m);
	ck_assert(!r->cpu->quiesced);
	rig_free(r);
}
END_TEST

/* Registers outside of RAM read 0 where nothing answers (no machine check on these boards). */
START_TEST(no_answer)
{
	const uint32_t code[] = { I_LWZ(4, 0, 3) };
	PpcRig *r = rig_with("7400", code, 1, RUN);

	r->cpu->gpr[3] = 0xf0000000;
	r->cpu->gpr[4] = 5;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 4);
	ck_assert_uint_eq(r->cpu->gpr[4], 0);
	rig_free(r);
}
END_TEST

/* MSR[POW] sleeps when HID0 chooses a mode, until an interrupt, which clears it. */
START_TEST(power_saving)
{
	static const struct {
		const char *model;
		uint32_t hid0;
		bool sleeps;
	} rows[] = {
		{ "750", 0, false },	     { "750", HID0_NAP, true },
		{ "750", HID0_DOZE, true },  { "7450", HID0_DOZE, false },
		{ "7450", HID0_NAP, true },  { "603e", HID0_SLEEP, true },
		{ "7400", HID0_DOZE, true },
	};
	const uint32_t code[] = { I_MTMSR(3), I_ADDI(4, 4, 1), I_B(-4) }, nop = I_NOP;

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_with(rows[i].model, code, 3, RUN);

		rig_code(r, PPC_V_EXT, &nop, 1);
		ppc_set_spr(r->cpu, 1008, rows[i].hid0);
		r->cpu->gpr[3] = RUN | MSR_POW | MSR_EE;
		rig_go(r, AT, 9);
		ck_assert_uint_eq(r->cpu->gpr[4], rows[i].sleeps ? 0 : 4);
		machine_lock(r->m);
		ppc_input(r->cpu, PPC_INPUT_INT, 1);
		machine_unlock(r->m);
		rig_run(r, 1);
		ck_assert(!r->cpu->halted);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_EXT + 4);
		ck_assert(!(r->cpu->msr & MSR_POW));
		rig_free(r);
	}
}
END_TEST

static void pass(PpcRig *r, unsigned ns)
{
	vclock_count(r->m->clock, ns);
	machine_lock(r->m);
	vclock_run_timers(r->m->clock);
	machine_unlock(r->m);
}

/* 7450 2.1.6.1 (HID0[TBEN]): at 0 timebase and decrementer stand still, and go on from there. */
START_TEST(hid0_tben_stops_the_timebase)
{
	const uint32_t loop = I_B(0);
	PpcRig *r = rig_with("7450", &loop, 1, RUN);
	PpcCpu *cpu = r->cpu;

	pass(r, 1000);
	ck_assert_uint_eq(ppc_tb_get(cpu), 0);
	ppc_set_spr(cpu, 1008, HID0_TBEN);
	ppc_dec_set(cpu, 1000);
	pass(r, 1000);
	ck_assert_uint_eq(ppc_tb_get(cpu), 512);
	ppc_set_spr(cpu, 1008, 0);
	pass(r, 100000);
	ck_assert_uint_eq(ppc_tb_get(cpu), 512);
	ck_assert_uint_eq(ppc_dec_get(cpu), 488);
	ppc_tb_set(cpu, 7);
	ck_assert_uint_eq(ppc_tb_get(cpu), 7);
	rig_go(r, AT, 10);
	ck_assert(!(cpu->pending & PPC_PEND_DEC));
	ppc_set_spr(cpu, 1008, HID0_TBEN);
	pass(r, 900);
	rig_go(r, AT, 1);
	ck_assert(!(cpu->pending & PPC_PEND_DEC));
	pass(r, 100);
	rig_go(r, AT, 1);
	ck_assert(cpu->pending & PPC_PEND_DEC);
	ck_assert_uint_ge(ppc_tb_get(cpu), 7 + 489);
	rig_free(r);
}
END_TEST

/* Sleep: the decrementer does not wake, an interrupt from outside does; nap: it does. */
START_TEST(sleep_stops_the_timebase)
{
	const uint32_t code[] = { I_MTMSR(3), I_ADDI(4, 4, 1), I_B(-4) }, nop = I_NOP;

	for (unsigned deep = 0; deep < 2; deep++) {
		PpcRig *r = rig_with("750", code, 3, RUN);
		PpcCpu *cpu = r->cpu;

		rig_code(r, PPC_V_EXT, &nop, 1);
		rig_code(r, PPC_V_DEC, &nop, 1);
		ppc_set_spr(cpu, 1008, deep ? HID0_SLEEP : HID0_NAP);
		ppc_dec_set(cpu, 100);
		cpu->gpr[3] = RUN | MSR_POW | MSR_EE;
		rig_go(r, AT, 9);
		ck_assert(cpu->halted);
		pass(r, 10000);
		rig_run(r, 1);
		ck_assert_uint_eq(cpu->nip, deep ? AT + 4 : PPC_V_DEC + 4);
		ck_assert_int_eq(cpu->halted, deep);
		if (deep) {
			ck_assert_uint_le(ppc_tb_get(cpu), 5);
			machine_lock(r->m);
			ppc_input(cpu, PPC_INPUT_INT, 1);
			machine_unlock(r->m);
			rig_run(r, 1);
			ck_assert_uint_eq(cpu->nip, PPC_V_EXT + 4);
			pass(r, 1000);
			ck_assert_uint_ge(ppc_tb_get(cpu), 512);
		}
		rig_free(r);
	}
}
END_TEST

/* An edge: pending from 0 to 1 of the sign until taken, whatever is written meanwhile. */
START_TEST(decrementer)
{
	static const char *const models[] = { "603e", "750", "7400", "7447a", "970fx" };
	const uint32_t nop[] = { I_NOP, I_NOP, I_NOP, I_NOP };

	for (unsigned i = 0; i < ARRAY_LEN(models); i++) {
		PpcRig *r = rig_with(models[i], nop, 4, RUN);
		PpcCpu *cpu = r->cpu;

		if (i == 3)
			ppc_set_spr(cpu, 1008, HID0_TBEN);
		ppc_dec_set(cpu, 0x7fffffff);
		ck_assert(!(cpu->pending & PPC_PEND_DEC));
		ppc_dec_set(cpu, 0xffffffff);
		ck_assert(cpu->pending & PPC_PEND_DEC);
		ppc_dec_set(cpu, 1000000);
		ck_assert(cpu->pending & PPC_PEND_DEC);
		rig_code(r, PPC_V_DEC, nop, 1);
		ppc_set_msr(cpu, cpu->msr | MSR_EE);
		rig_go(r, AT, 1);
		ck_assert_uint_eq((uint32_t)cpu->nip, PPC_V_DEC + 4);
		ck_assert(!(cpu->pending & PPC_PEND_DEC));
		/* Negative over negative is none; counting down to -1 is one. */
		ppc_dec_set(cpu, 0xfffffff0);
		ppc_set_msr(cpu, cpu->msr & ~MSR_EE);
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_DEC);
		ppc_dec_set(cpu, 0xffffff00);
		ck_assert(!(cpu->pending & PPC_PEND_DEC));
		ppc_dec_set(cpu, 0);
		vclock_count(r->m->clock, 10);
		machine_lock(r->m);
		vclock_run_timers(r->m->clock);
		machine_unlock(r->m);
		ppc_time_update(cpu);
		ck_assert(cpu->pending & PPC_PEND_DEC);
		rig_free(r);
	}
}
END_TEST

/* By priority: system management, external, decrementer. */
START_TEST(priorities)
{
	const uint32_t nop[] = { I_NOP, I_NOP };
	static const uint32_t want[] = { 0x1400, PPC_V_EXT, PPC_V_DEC };
	PpcRig *r = rig_with("750", nop, 2, RUN);

	machine_lock(r->m);
	ppc_input(r->cpu, PPC_INPUT_INT, 1);
	ppc_input(r->cpu, PPC_INPUT_SMI, 1);
	machine_unlock(r->m);
	ppc_dec_set(r->cpu, 0x80000000);
	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		rig_code(r, want[i], nop, 1);
		ppc_set_msr(r->cpu, RUN | MSR_EE);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, want[i] + 4);
		machine_lock(r->m);
		ppc_input(r->cpu, i ? PPC_INPUT_INT : PPC_INPUT_SMI, 0);
		machine_unlock(r->m);
	}
	rig_free(r);
}
END_TEST

/* Little-endian: a byte is found at its address turned by 7, a word by 4. */
START_TEST(little_endian)
{
	const uint32_t code[] = { I_STW(4, 0, 3), I_LBZ(5, 0, 3), I_LBZ(6, 3, 3), I_LWZ(7, 4, 3),
				  I_LWZ(8, 1, 3) };
	PpcRig *r = rig_with("750", code, 0, RUN);
	uint32_t v;

	/* The first instruction of a doubleword is its second word. */
	for (unsigned i = 0; i < ARRAY_LEN(code); i++)
		ck_assert(ram_st32(r->m->ram, AT + (i * 4 ^ 4), code[i]));
	ck_assert(ram_st32(r->m->ram, 0x2000, 0xa0a1a2a3));
	r->cpu->gpr[3] = 0x2000;
	r->cpu->gpr[4] = 0x11223344;
	ppc_set_msr(r->cpu, RUN | MSR_LE);
	rig_go(r, AT, 4);
	ck_assert(ram_ld32(r->m->ram, 0x2004, &v));
	ck_assert_uint_eq(v, 0x11223344);
	ck_assert_uint_eq(r->cpu->gpr[5], 0x44);
	ck_assert_uint_eq(r->cpu->gpr[6], 0x11);
	ck_assert_uint_eq(r->cpu->gpr[7], 0xa0a1a2a3);
	/* Not aligned: not performed. */
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_ALIGN);
	ck_assert(!(r->cpu->msr & MSR_LE));
	rig_free(r);
}
END_TEST

/* ILE gives handlers little-endian mode. */
START_TEST(little_endian_handler)
{
	const uint32_t code[] = { I_SC(0) };
	PpcRig *r = rig_with("7400", code, 1, RUN | MSR_ILE);

	ck_assert(ram_st32(r->m->ram, PPC_V_SC + 4, I_ADDI(4, 0, 9)));
	rig_go(r, AT, 2);
	ck_assert(r->cpu->msr & MSR_LE);
	ck_assert_uint_eq(r->cpu->gpr[4], 9);
	rig_free(r);
}
END_TEST

/* Any reservation lets stwcx. to any word succeed. */
START_TEST(reservation)
{
	const uint32_t code[] = { I_X(31, 4, 0, 3, 20), I_X(31, 5, 0, 6, 150) | 1,
				  I_X(31, 5, 0, 6, 150) | 1 };
	PpcRig *r = rig_with("750", code, 3, RUN);
	uint32_t v;

	r->cpu->gpr[3] = 0x2000;
	r->cpu->gpr[6] = 0x3000;
	r->cpu->gpr[5] = 0x77;
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->cr[0], 2);
	ck_assert(ram_ld32(r->m->ram, 0x3000, &v));
	ck_assert_uint_eq(v, 0x77);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->cr[0], 0);
	rig_free(r);
}
END_TEST

/* Registers that answer for hardware. */
START_TEST(special_registers)
{
	PpcRig *r = rig_new("750");

	/* Thermal unit: 24 degrees against 20 and 30. */
	ppc_set_spr(r->cpu, 1020, 20u << 23 | 1);
	ppc_set_spr(r->cpu, 1021, 30u << 23 | 1);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1020) >> 30, 0);
	ppc_set_spr(r->cpu, 1022, 1);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1020) >> 30, 3);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1021) >> 30, 1);
	ppc_set_spr(r->cpu, 1017, 0x80200001);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1017), 0x80200000);
	rig_free(r);
	r = rig_new("7450");
	ppc_set_spr(r->cpu, 1017, 0x80200800);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1017), 0x80000000);
	ppc_set_spr(r->cpu, 1018, 0x80000c00);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1018), 0x80000000);
	ppc_set_spr(r->cpu, 1008, 0x0000cc00);
	ck_assert_uint_eq(ppc_spr(r->cpu, 1008), 0x0000c000);
	rig_free(r);
}
END_TEST

/* External control wants EAR[E]. */
START_TEST(external_control)
{
	const uint32_t code[] = { I_X(31, 4, 0, 3, 310), I_X(31, 5, 0, 6, 438) };
	PpcRig *r = rig_with("7400", code, 2, RUN);
	uint32_t v;

	r->cpu->gpr[3] = 0x2000;
	r->cpu->gpr[6] = 0x3000;
	r->cpu->gpr[5] = 0x77;
	ck_assert(ram_st32(r->m->ram, 0x2000, 0x1234));
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.DSISR, 0x00100000);
	ppc_set_spr(r->cpu, 282, 0x80000000);
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x1234);
	ck_assert(ram_ld32(r->m->ram, 0x3000, &v));
	ck_assert_uint_eq(v, 0x77);
	rig_free(r);
}
END_TEST

/* mtspr keeps 32 bits; what software sees of a GPR is 32 bits. */
START_TEST(thirty_two_bits)
{
	const uint32_t code[] = { I_ADDI(3, 0, -1), I_MTSPR(272, 3), I_D(15, 4, 3, 0x7fff) };
	PpcRig *r = rig_with("750", code, 3, RUN);

	rig_go(r, AT, 3);
	ck_assert_uint_eq(r->cpu->spr.SPRG0, 0xffffffff);
	ck_assert_uint_eq(ppc_gpr(r->cpu, 3), 0xffffffff);
	ck_assert_uint_eq(ppc_gpr(r->cpu, 4), 0x7ffeffff);
	/* Addresses wrap. */
	ck_assert(ram_st32(r->m->ram, 4, 0x99));
	{
		const uint32_t load = I_LWZ(5, 8, 6);

		rig_code(r, AT, &load, 1);
		r->cpu->gpr[6] = 0xfffffffc;
		rig_go(r, AT, 1);
	}
	ck_assert_uint_eq(r->cpu->gpr[5], 0x99);
	rig_free(r);
}
END_TEST

/* The first half of two numbers of one register, user and supervisor. */
START_TEST(spr_pairs)
{
	PpcRig *r = rig_new("7400");

	ppc_set_spr(r->cpu, 952, 0x1234);
	ck_assert_uint_eq(ppc_spr(r->cpu, 936), 0x1234);
	ppc_set_spr(r->cpu, 958, 0x5678);
	ck_assert_uint_eq(ppc_spr(r->cpu, 942), 0x5678);
	rig_free(r);
}
END_TEST

Suite *suite_classic(void);

Suite *suite_classic(void)
{
	Suite *s = suite_create("classic");
	TCase *t = tcase_create("classic");

	tcase_add_test(t, reset);
	tcase_add_test(t, prefix);
	tcase_add_test(t, rfi);
	tcase_add_test(t, msr_bits);
	tcase_add_test(t, alignment);
	tcase_add_test(t, spr_illegal);
	tcase_add_test(t, rows_by_model);
	tcase_add_test(t, machine_check);
	tcase_add_test(t, no_answer);
	tcase_add_test(t, power_saving);
	tcase_add_test(t, hid0_tben_stops_the_timebase);
	tcase_add_test(t, sleep_stops_the_timebase);
	tcase_add_test(t, decrementer);
	tcase_add_test(t, priorities);
	tcase_add_test(t, little_endian);
	tcase_add_test(t, little_endian_handler);
	tcase_add_test(t, reservation);
	tcase_add_test(t, special_registers);
	tcase_add_test(t, external_control);
	tcase_add_test(t, thirty_two_bits);
	tcase_add_test(t, spr_pairs);
	suite_add_tcase(s, t);
	return s;
}
