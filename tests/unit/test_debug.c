/* Breakpoints, watchpoints, trace: where they stop, what they say, what they leave alone. */
#include <check.h>
#include "core/bus.h"
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/fpu.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000
#define DATA 0x8000
#define RUN (MSR_SF | MSR_ME | MSR_RI)
#define RUN32 (MSR_ME | MSR_RI)
#define FACILITIES (MSR_FP | MSR_VEC | MSR_VSX)
enum {
	SPR_DAWR0 = 180,
	SPR_DAWR1 = 181,
	SPR_CIABR = 187,
	SPR_DAWRX0 = 188,
	SPR_DAWRX1 = 189,
	SPR_IABR = 1010,
	SPR_DABR = 1013,
	SPR_DABRX = 1015,
};
/* DAWRX: any state, any translation. */
#define X_ALL 0xfu
#define X_R 0x20u
#define X_W 0x40u
#define X_RW (X_R | X_W)
#define X_MRD(n) (((n)-1u) << 10)
/* SRR1 of trace interrupts. */
#define T_TRACE BIT64(33)
#define T_LOAD BIT64(35)
#define T_STORE BIT64(36)
#define T_CIABR BIT64(43)

#define I_ISYNC 0x4c00012cu
#define I_RFI (19u << 26 | 50 << 1)
#define I_MTMSR(s) I_X(31, s, 0, 0, 146)
#define I_DCBZ(a, b) I_X(31, 0, a, b, 1014)

static PpcRig *rig_with(const char *model, const uint32_t *code, unsigned n, uint64_t msr)
{
	PpcRig *r = rig_new(model);

	rig_code(r, AT, code, n);
	ppc_set_msr(r->cpu, msr);
	return r;
}

/* Problem state with real-mode addresses, which no MSR write makes. */
static void problem_state(PpcRig *r)
{
	r->cpu->msr |= MSR_PR;
	ppc_state_changed(r->cpu);
}

/* ---------------------------------------------------------------- CIABR */

START_TEST(ciabr)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_ADDI(4, 4, 2), I_ADDI(4, 4, 4), I_B(-12) };

	for (unsigned slice = 1; slice <= 8; slice++) {
		PpcRig *r = rig_with("power9", code, 4, RUN);

		/* Blocks made before it is armed. */
		rig_go(r, AT, 4);
		ppc_set_spr(r->cpu, SPR_CIABR, (AT + 4) | 2);
		r->cpu->gpr[4] = 0;
		r->cpu->nip = AT;
		for (unsigned done = 0; done < 2; done += slice)
			rig_run(r, MIN(slice, 2 - done));
		ck_assert_uint_eq(r->cpu->gpr[4], 3);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
		ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 8);
		ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | T_TRACE | T_CIABR);
		ck_assert_uint_eq(r->cpu->spr.SIAR, AT + 4);
		rig_free(r);
	}
}
END_TEST

/* PRIV: 0 off, 1 problem state, 2 privileged, 3 hypervisor (never here). */
START_TEST(ciabr_privilege)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_B(-4) };

	for (unsigned priv = 0; priv < 4; priv++)
		for (unsigned pr = 0; pr < 2; pr++) {
			PpcRig *r = rig_with("power8", code, 2, RUN);

			if (pr)
				problem_state(r);
			ppc_set_spr(r->cpu, SPR_CIABR, AT | priv);
			rig_go(r, AT, 1);
			ck_assert_uint_eq(r->cpu->nip, priv == 2u - pr ? PPC_V_TRACE : AT + 4);
			rig_free(r);
		}
}
END_TEST

/* The address counts, not its place in a page; the low two bits do not; 32-bit mode: 32 bits. */
START_TEST(ciabr_address)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_B(-4) };
	PpcRig *r = rig_with("power9", code, 2, RUN);

	ppc_set_spr(r->cpu, SPR_CIABR, (AT + 0x2000) | 2);
	ck_assert_uint_eq(rig_go(r, AT, 10), 10);
	ck_assert_uint_eq(r->cpu->gpr[4], 5);
	ppc_set_spr(r->cpu, SPR_CIABR, BIT64(20) | AT | 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 4);
	ppc_set_msr(r->cpu, RUN & ~MSR_SF);
	ppc_set_spr(r->cpu, SPR_CIABR, AT | 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	rig_free(r);
}
END_TEST

/* Behind a branch: where it went.  An instruction that raises does not complete. */
START_TEST(ciabr_completion)
{
	const uint32_t code[] = { I_B(0x40), I_LWZ(4, 0, 3), I_RFID };
	PpcRig *r = rig_with("power9", code, 3, RUN);

	ppc_set_spr(r->cpu, SPR_CIABR, AT | 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 0x40);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	ppc_set_msr(r->cpu, RUN);
	ppc_set_spr(r->cpu, SPR_CIABR, (AT + 4) | 2);
	r->cpu->gpr[3] = UINT64_C(1) << 40;
	rig_go(r, AT + 4, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_MCHECK);
	/* rfid is not traced. */
	ppc_set_msr(r->cpu, RUN);
	ppc_set_spr(r->cpu, SPR_CIABR, (AT + 8) | 2);
	r->cpu->spr.SRR0 = AT;
	r->cpu->spr.SRR1 = RUN;
	rig_go(r, AT + 8, 1);
	ck_assert_uint_eq(r->cpu->nip, AT);
	rig_free(r);
}
END_TEST

/* mtspr CIABR takes effect at the next instruction, and disarms at once. */
START_TEST(ciabr_by_guest)
{
	const uint32_t code[] = { I_MTSPR(SPR_CIABR, 5), I_ADDI(4, 4, 1), I_MTSPR(SPR_CIABR, 6),
				  I_ADDI(4, 4, 1), I_NOP };
	PpcRig *r = rig_with("power9", code, 5, RUN);

	/* CIABR belongs to the hypervisor: this one does nothing. */
	r->cpu->gpr[5] = (AT + 4) | 2;
	rig_go(r, AT, 5);
	ck_assert_uint_eq(r->cpu->gpr[4], 2);
	ck_assert_uint_eq(r->cpu->spr.CIABR, 0);
	rig_free(r);
}
END_TEST

/* ---------------------------------------------------------------- trace */

START_TEST(trace_bits)
{
	static const struct {
		uint32_t word;
		uint64_t bits;
	} rows[] = {
		{ I_ADDI(4, 4, 1), 0 },
		{ I_LWZ(4, 0, 3), T_LOAD },
		{ I_LD(4, 0, 3), T_LOAD },
		{ I_STW(4, 0, 3), T_STORE },
		{ I_DCBZ(0, 3), T_STORE },
		{ I_X(31, 0, 0, 3, 982), T_LOAD },  /* icbi */
		{ I_X(31, 0, 0, 3, 86), T_LOAD },   /* dcbf */
		{ I_X(31, 0, 0, 3, 246), T_STORE }, /* dcbtst */
		{ I_X(31, 4, 0, 3, 20), T_LOAD },   /* lwarx */
		{ I_X(31, 2, 0, 3, 6), 0 },	    /* lvsl */
		{ I_B(0x20), 0 },
		{ I_ISYNC, 0 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_with("power9", &rows[i].word, 1, RUN | MSR_TE_SE | FACILITIES);

		r->cpu->gpr[3] = DATA;
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
		ck_assert_msg(r->cpu->spr.SRR1 ==
				      (RUN | MSR_TE_SE | FACILITIES | T_TRACE | rows[i].bits),
			      "%08x: %llx", rows[i].word, (unsigned long long)r->cpu->spr.SRR1);
		rig_free(r);
	}
}
END_TEST

/* sc, also when the board serves it, rfid, what raises: never traced. */
START_TEST(trace_not)
{
	const uint32_t code[] = { I_SC(1), I_RFID, I_SC(0), 0 };
	PpcRig *r = rig_with("power9", code, 4, RUN | MSR_TE_SE);

	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 4);
	r->cpu->spr.SRR0 = AT + 8;
	r->cpu->spr.SRR1 = RUN | MSR_TE_SE;
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 8);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_SC);
	ppc_set_msr(r->cpu, RUN | MSR_TE_SE);
	rig_go(r, AT + 12, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	rig_free(r);
}
END_TEST

/* MSR when the instruction begins decides: mtmsrd that sets SE is not traced, one that clears is. */
START_TEST(trace_mtmsrd)
{
	const uint32_t code[] = { I_MTMSRD(5, 0), I_MTMSRD(6, 0) };
	PpcRig *r = rig_with("power9", code, 2, RUN);

	r->cpu->gpr[5] = RUN | MSR_TE_SE;
	r->cpu->gpr[6] = RUN;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 4);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 8);
	ck_assert_uint_eq(r->cpu->spr.SRR1, RUN | T_TRACE);
	rig_free(r);
}
END_TEST

START_TEST(branch_trace)
{
	static const struct {
		uint32_t word;
		bool branch;
	} rows[] = {
		{ I_B(8), true },
		{ 16u << 26 | 20 << 21 | 8, true }, /* bc */
		{ 16u << 26 | 18 << 21 | 8, true }, /* bdz: not taken */
		{ I_X(19, 20, 0, 0, 16), true },    /* bclr */
		{ I_X(19, 20, 0, 0, 528), true },   /* bcctr */
		{ I_X(19, 20, 0, 0, 560), true },   /* bctar */
		{ I_X(19, 0, 0, 0, 257), false },   /* crand */
		{ I_ADDI(4, 4, 1), false },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PpcRig *r = rig_with("power8", &rows[i].word, 1, RUN | MSR_TE_BE);

		r->cpu->lr = r->cpu->ctr = r->cpu->spr.TAR = AT + 8;
		rig_go(r, AT, 1);
		ck_assert_msg((r->cpu->nip == PPC_V_TRACE) == rows[i].branch, "%08x: %llx",
			      rows[i].word, (unsigned long long)r->cpu->nip);
		rig_free(r);
	}
}
END_TEST

static uint64_t io_read(void *opaque, uint64_t offset, unsigned size)
{
	(void)opaque, (void)offset, (void)size;
	return 0x55;
}

/* An access to a register is begun again alone in counted time; that one is traced too. */
START_TEST(traced_register_access)
{
	static const BusOps ops = { .read = io_read, .endian = BUS_BE, .min = 1, .max = 8 };
	const uint32_t code[] = { I_LWZ(4, 0, 3) };
	PpcRig *r = rig_with("power9", code, 1, RUN | MSR_TE_SE);

	bus_map(r->m->bus, "registers", UINT64_C(1) << 40, 0x1000, &ops, r);
	r->cpu->gpr[3] = UINT64_C(1) << 40;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x55);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	/* And CIABR sees it. */
	ppc_set_msr(r->cpu, RUN);
	ppc_set_spr(r->cpu, SPR_CIABR, AT | 2);
	r->cpu->gpr[4] = 0;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[4], 0x55);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	rig_free(r);
}
END_TEST

/* 603, 7xx, 74xx leave isync out; their SRR1 says nothing; the 604 is as the book. */
START_TEST(trace_classic)
{
	static const struct {
		const char *model;
		bool isync;
		uint64_t load;
	} rows[] = {
		{ "603e", false, 0 },
		{ "604e", true, T_TRACE | T_LOAD },
		{ "750", false, 0 },
		{ "7400", false, 0 },
		{ "7450", false, 0 },
		{ "7447a", false, 0 },
		{ "970fx", true, T_TRACE | T_LOAD },
	};
	const uint32_t code[] = { I_ISYNC, I_LWZ(4, 0, 3), I_RFI };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t run = i == 6 ? RUN : RUN32;
		PpcRig *r = rig_with(rows[i].model, code, 3, run | MSR_TE_SE);

		r->cpu->gpr[3] = DATA;
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, rows[i].isync ? PPC_V_TRACE : AT + 4);
		ppc_set_msr(r->cpu, run | MSR_TE_SE);
		rig_go(r, AT + 4, 1);
		ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
		ck_assert_uint_eq(r->cpu->spr.SRR1, run | MSR_TE_SE | rows[i].load);
		rig_free(r);
	}
}
END_TEST

/* ----------------------------------------------------------------- DAWR */

/* Runs one word with the address in r3; true when a watchpoint stopped it. */
static bool hits(PpcRig *r, uint32_t word, uint64_t ea, uint64_t msr)
{
	rig_code(r, AT, &word, 1);
	r->cpu->gpr[3] = ea;
	ppc_set_msr(r->cpu, msr | FACILITIES);
	rig_go(r, AT, 1);
	if (r->cpu->nip == AT + 4)
		return false;
	ck_assert_uint_eq(r->cpu->nip, PPC_V_DSI);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT);
	ck_assert(r->cpu->spr.DSISR & DSISR_DABR);
	return true;
}

static void watch(PpcRig *r, uint64_t ea, uint64_t x)
{
	ppc_set_spr(r->cpu, SPR_DAWR0, ea);
	ppc_set_spr(r->cpu, SPR_DAWRX0, x);
}

START_TEST(dawr)
{
	PpcRig *r = rig_new("power8");
	uint64_t v;

	/* The page is in the TLB already. */
	ck_assert(!hits(r, I_STW(4, 0, 3), DATA, RUN));
	watch(r, DATA + 8, X_W | X_ALL);
	r->cpu->gpr[4] = 0x1234;
	ck_assert(hits(r, I_STW(4, 0, 3), DATA + 12, RUN));
	ck_assert_uint_eq(r->cpu->spr.DAR, DATA + 12);
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_DABR | DSISR_STORE);
	ram_ld64(r->m->ram, DATA + 8, &v);
	ck_assert_uint_eq(v, 0);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA + 12, RUN));
	ck_assert(!hits(r, I_STW(4, 0, 3), DATA + 4, RUN));
	ck_assert(!hits(r, I_STW(4, 0, 3), DATA + 16, RUN));
	/* One byte is enough; DAR is the first that is watched. */
	ck_assert(hits(r, I_STW(4, 0, 3), DATA + 5, RUN));
	ck_assert_uint_eq(r->cpu->spr.DAR, DATA + 8);
	watch(r, DATA + 8, X_R | X_ALL);
	ck_assert(hits(r, I_LBZ(4, 0, 3), DATA + 15, RUN));
	ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_DABR);
	ck_assert(!hits(r, I_STB(4, 0, 3), DATA + 15, RUN));
	/* Disarmed: fast again. */
	watch(r, DATA + 8, 0);
	ck_assert(!hits(r, I_STB(4, 0, 3), DATA + 15, RUN));
	ck_assert(!hits(r, I_LBZ(4, 0, 3), DATA + 15, RUN));
	ck_assert_ptr_nonnull(ppc_fast_rd(r->cpu, DATA, 8));
	ck_assert_ptr_nonnull(ppc_fast_wr(r->cpu, DATA, 8));
	rig_free(r);
}
END_TEST

/* WT, WTI and PRIVM: HYP 4, PNH 2, PRO 1. */
START_TEST(dawr_state)
{
	PpcRig *r = rig_new("power9");

	watch(r, DATA, X_RW | 3);
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	watch(r, DATA, X_RW | 16 | 3); /* WT: translated accesses only */
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	watch(r, DATA, X_RW | 16 | 8 | 3);
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	watch(r, DATA, X_RW | 8 | 5);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	watch(r, DATA, X_RW | 8 | 2);
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	/* Problem state in real mode, as no guest has it. */
	rig_code(r, AT, (const uint32_t[]){ I_LWZ(4, 0, 3) }, 1);
	for (unsigned pro = 0; pro < 2; pro++) {
		watch(r, DATA, X_RW | 8 | (pro ? 1 : 6));
		ppc_set_msr(r->cpu, RUN);
		problem_state(r);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, pro ? PPC_V_DSI : AT + 4);
	}
	rig_free(r);
}
END_TEST

/* MRD: up to 64 doublewords; before 3.1 not beyond a 512-byte boundary. */
START_TEST(dawr_range)
{
	static const char *const models[] = { "power9", "power10" };

	for (unsigned p10 = 0; p10 < 2; p10++) {
		PpcRig *r = rig_new(models[p10]);

		watch(r, DATA + 0x100, X_RW | X_ALL | X_MRD(32));
		ck_assert(!hits(r, I_LD(4, 0, 3), DATA + 0xf8, RUN));
		ck_assert(hits(r, I_LD(4, 0, 3), DATA + 0x100, RUN));
		ck_assert(hits(r, I_LD(4, 0, 3), DATA + 0x1f8, RUN));
		ck_assert(!hits(r, I_LD(4, 0, 3), DATA + 0x200, RUN));
		watch(r, DATA, X_RW | X_ALL | X_MRD(64));
		ck_assert(hits(r, I_STB(4, 0, 3), DATA, RUN));
		ck_assert(hits(r, I_STB(4, 0, 3), DATA + 511, RUN));
		ck_assert(!hits(r, I_STB(4, 0, 3), DATA + 512, RUN));
		/* Over the end of a page. */
		watch(r, DATA + 0xff8, X_RW | X_ALL | X_MRD(2));
		ck_assert(hits(r, I_STB(4, 0, 3), DATA + 0xfff, RUN));
		ck_assert_uint_eq(hits(r, I_STB(4, 0, 3), DATA + 0x1000, RUN), p10);
		ck_assert(!hits(r, I_STB(4, 0, 3), DATA + 0x1008, RUN));
		rig_free(r);
	}
}
END_TEST

/* An access into the next page, either of them watched; nothing is stored before. */
START_TEST(dawr_page_crossing)
{
	PpcRig *r = rig_new("power10");
	uint64_t v;

	r->cpu->gpr[4] = UINT64_MAX;
	watch(r, DATA + 0x1000, X_W | X_ALL);
	ck_assert(hits(r, I_STD(4, 0, 3), DATA + 0xffc, RUN));
	ck_assert_uint_eq(r->cpu->spr.DAR, DATA + 0x1000);
	ram_ld64(r->m->ram, DATA + 0xff8, &v);
	ck_assert_uint_eq(v, 0);
	watch(r, DATA + 0xff8, X_W | X_ALL);
	ck_assert(hits(r, I_STD(4, 0, 3), DATA + 0xffc, RUN));
	ck_assert_uint_eq(r->cpu->spr.DAR, DATA + 0xffc);
	watch(r, DATA + 0x1008, X_W | X_ALL);
	ck_assert(!hits(r, I_STD(4, 0, 3), DATA + 0xffc, RUN));
	rig_free(r);
}
END_TEST

/* What counts as a load or store. */
START_TEST(dawr_instructions)
{
	static const struct {
		uint32_t word;
		bool load, store;
	} rows[] = {
		{ I_LWZ(4, 0, 3), true, false },
		{ I_D(46, 28, 3, 0), true, false },	    /* lmw r28: 16 bytes */
		{ I_D(47, 20, 3, 0), false, true },	    /* stmw */
		{ I_X(31, 5, 3, 9, 597), true, false },	    /* lswi, 9 bytes */
		{ I_X(31, 5, 3, 9, 725), false, true },	    /* stswi */
		{ I_X(31, 5, 0, 3, 533), false, false },    /* lswx of none */
		{ I_X(31, 5, 0, 3, 20), true, false },	    /* lwarx */
		{ I_X(31, 5, 0, 3, 150) | 1, false, true }, /* stwcx. */
		{ I_X(31, 5, 3, 0, 582), true, true },	    /* lwat: both */
		{ I_DCBZ(0, 3), false, true },
		{ I_X(31, 0, 0, 3, 86), false, false },	 /* dcbf */
		{ I_X(31, 0, 0, 3, 54), false, false },	 /* dcbst */
		{ I_X(31, 0, 0, 3, 278), false, false }, /* dcbt */
		{ I_X(31, 0, 0, 3, 246), false, false }, /* dcbtst */
		{ I_X(31, 0, 0, 3, 982), false, false }, /* icbi */
		{ I_D(50, 1, 3, 0), true, false },	 /* lfd */
		{ I_X(31, 1, 0, 3, 103), true, false },	 /* lvx */
		{ I_X(31, 1, 0, 3, 231), false, true },	 /* stvx */
		{ I_X(31, 1, 0, 3, 844), true, false },	 /* lxvd2x */
		{ I_X(31, 1, 0, 3, 972), false, true },	 /* stxvd2x */
	};
	PpcRig *r = rig_new("power9");

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		ppc_xer_set(r->cpu, 0);
		watch(r, DATA, X_R | X_ALL);
		ck_assert_msg(hits(r, rows[i].word, DATA, RUN) == rows[i].load, "%08x: load",
			      rows[i].word);
		watch(r, DATA, X_W | X_ALL);
		ck_assert_msg(hits(r, rows[i].word, DATA, RUN) == rows[i].store, "%08x: store",
			      rows[i].word);
	}
	rig_free(r);
}
END_TEST

/* Before 3.1 quadwords are compared as such; multiples and strings of 16 bytes are none. */
START_TEST(dawr_quadword)
{
	const uint32_t lvx = I_X(31, 1, 0, 3, 103), lxv = I_X(31, 1, 0, 3, 844);
	PpcRig *r = rig_new("power8");

	watch(r, DATA, X_RW | X_ALL);
	ck_assert(hits(r, lxv, DATA + 8, RUN));
	ck_assert(hits(r, lvx, DATA, RUN));
	ck_assert(!hits(r, lxv, DATA + 16, RUN));
	ck_assert(!hits(r, I_D(46, 28, 3, 0), DATA + 8, RUN));
	ck_assert(!hits(r, I_LD(4, 0, 3), DATA + 8, RUN));
	rig_free(r);
	r = rig_new("power10");
	watch(r, DATA, X_RW | X_ALL);
	ck_assert(!hits(r, lxv, DATA + 8, RUN));
	ck_assert(hits(r, lxv, DATA, RUN));
	/* Pairs: the second half alone, before the first is stored. */
	watch(r, DATA + 16, X_W | X_ALL);
	r->cpu->vsr[2].q = r->cpu->vsr[3].q = ~(u128)0;
	ck_assert(hits(r, 6u << 26 | 2 << 21 | 3 << 16 | 1, DATA, RUN)); /* stxvp */
	ck_assert_uint_eq(r->cpu->spr.DAR, DATA + 16);
	for (unsigned i = 0; i < 32; i++)
		ck_assert_uint_eq(r->m->ram->host[DATA + i], 0);
	rig_free(r);
}
END_TEST

START_TEST(dawr_second)
{
	PpcRig *r = rig_new("power10");

	watch(r, DATA, X_R | X_ALL);
	ppc_set_spr(r->cpu, SPR_DAWR1, DATA + 0x2000);
	ppc_set_spr(r->cpu, SPR_DAWRX1, X_W | X_ALL);
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	ck_assert(!hits(r, I_STW(4, 0, 3), DATA, RUN));
	ck_assert(hits(r, I_STW(4, 0, 3), DATA + 0x2000, RUN));
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA + 0x2000, RUN));
	watch(r, DATA, 0);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	ck_assert(hits(r, I_STW(4, 0, 3), DATA + 0x2004, RUN));
	rig_free(r);
}
END_TEST

/* The last bytes of the address space; an access round its end. */
START_TEST(dawr_ends)
{
	PpcRig *r = rig_new("power10");

	watch(r, UINT64_MAX - 7, X_RW | X_ALL | X_MRD(64));
	rig_code(r, AT, (const uint32_t[]){ I_LD(4, 0, 3) }, 1);
	r->cpu->gpr[3] = 16;
	ppc_set_msr(r->cpu, RUN);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 4);
	/* 32-bit mode: the upper half of the address is 0. */
	watch(r, 0xfff8, X_RW | X_ALL);
	ck_assert(hits(r, I_LBZ(4, 0, 3), UINT64_C(0x12340000ffff), RUN & ~MSR_SF));
	watch(r, UINT64_C(0x10000fff8), X_RW | X_ALL);
	ck_assert(!hits(r, I_LBZ(4, 0, 3), 0xffff, RUN & ~MSR_SF));
	watch(r, 0, X_RW | X_ALL);
	ck_assert(hits(r, I_LWZ(4, -2, 3), 0, RUN & ~MSR_SF));
	ck_assert_uint_eq(r->cpu->spr.DAR, 0);
	rig_free(r);
}
END_TEST

/* A page that is not there says so first. */
START_TEST(dawr_after_fault)
{
	PpcRig *r = rig_new("power9");

	watch(r, 0x123456, X_RW | X_ALL);
	rig_code(r, AT, (const uint32_t[]){ I_LWZ(4, 0, 3) }, 1);
	ppc_set_spr(r->cpu, 318, LPCR_HR | LPCR_UPRT);
	r->radix = true;
	r->process_table = 0x8000;
	r->cpu->gpr[3] = 0x123456;
	ppc_set_msr(r->cpu, RUN | MSR_DR);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_DSI);
	ck_assert(!(r->cpu->spr.DSISR & DSISR_DABR));
	rig_free(r);
}
END_TEST

/* What a snapshot brings is armed. */
START_TEST(loaded_state)
{
	PpcRig *r = rig_new("power9");
	GError *err = NULL;

	r->cpu->spr.DAWR0 = DATA;
	r->cpu->spr.DAWRX0 = X_RW | X_ALL;
	r->cpu->spr.CIABR = (AT + 4) | 2;
	ck_assert(r->cpu->dev.type->loaded(&r->cpu->dev, &err));
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	rig_code(r, AT, (const uint32_t[]){ I_NOP, I_NOP, I_NOP }, 3);
	ppc_set_msr(r->cpu, RUN);
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_TRACE);
	/* And a reset disarms. */
	machine_lock(r->m);
	machine_reset(r->m);
	machine_unlock(r->m);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	rig_free(r);
}
END_TEST

/* ------------------------------------------------------------ IABR, DABR */

/* Before the instruction, with its address; bit 31 is compared with MSR[IR], but not by the 603. */
START_TEST(iabr)
{
	static const char *const models[] = { "603e", "750", "7400", "7410", "7450", "7447a" };
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_ADDI(4, 4, 2), I_NOP };

	for (unsigned i = 0; i < ARRAY_LEN(models); i++)
		for (unsigned slice = 1; slice < 4; slice++) {
			PpcRig *r = rig_with(models[i], code, 3, RUN32);

			ppc_set_spr(r->cpu, SPR_IABR, (AT + 4) | 2);
			r->cpu->nip = AT;
			for (unsigned done = 0; done < 2; done += slice)
				rig_run(r, MIN(slice, 2 - done));
			ck_assert_uint_eq(r->cpu->gpr[4], 1);
			ck_assert_uint_eq(r->cpu->nip, PPC_V_IABR);
			ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
			ck_assert_uint_eq(r->cpu->spr.SRR1, RUN32);
			/* Not enabled; for translated addresses. */
			ppc_set_msr(r->cpu, RUN32);
			ppc_set_spr(r->cpu, SPR_IABR, AT + 4);
			rig_go(r, AT, 2);
			ck_assert_uint_eq(r->cpu->nip, AT + 8);
			ppc_set_spr(r->cpu, SPR_IABR, (AT + 4) | 3);
			rig_go(r, AT, 2);
			ck_assert_uint_eq(r->cpu->nip, i ? AT + 8 : PPC_V_IABR);
			rig_free(r);
		}
}
END_TEST

/* The 604 executes it first. */
START_TEST(iabr_604)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_B(0x40), I_NOP };
	PpcRig *r = rig_with("604e", code, 3, RUN32);

	ppc_set_spr(r->cpu, SPR_IABR, AT | 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_IABR);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	ppc_set_msr(r->cpu, RUN32);
	ppc_set_spr(r->cpu, SPR_IABR, (AT + 4) | 2);
	rig_go(r, AT, 2);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_IABR);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 0x44);
	rig_free(r);
}
END_TEST

/* A breakpoint at what comes next goes before the trace interrupt. */
START_TEST(iabr_and_trace)
{
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_ADDI(4, 4, 2) };
	PpcRig *r = rig_with("603e", code, 2, RUN32 | MSR_TE_SE);

	ppc_set_spr(r->cpu, SPR_IABR, (AT + 4) | 2);
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_IABR);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 4);
	rig_free(r);
}
END_TEST

/* At its own handler it breaks for ever, and slices end. */
START_TEST(iabr_at_its_vector)
{
	const uint32_t code[] = { I_NOP };
	PpcRig *r = rig_with("750", code, 1, RUN32);

	ppc_set_spr(r->cpu, SPR_IABR, PPC_V_IABR | 2);
	ck_assert_uint_eq(rig_go(r, PPC_V_IABR, 100), 100);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_IABR);
	rig_free(r);
}
END_TEST

/* mtspr by the guest: from the next instruction on. */
START_TEST(iabr_by_guest)
{
	const uint32_t code[] = { I_MTSPR(SPR_IABR, 5), I_ADDI(4, 4, 1), I_ADDI(4, 4, 2) };
	PpcRig *r = rig_with("7450", code, 3, RUN32);

	r->cpu->gpr[5] = (AT + 8) | 2;
	rig_go(r, AT, 3);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_IABR);
	rig_free(r);
}
END_TEST

/* DABR: a doubleword; BT 4 is compared with MSR[DR], DW 2, DR 1. */
START_TEST(dabr)
{
	static const char *const models[] = { "604e", "7400", "7450" };

	for (unsigned i = 0; i < ARRAY_LEN(models); i++) {
		PpcRig *r = rig_new(models[i]);

		ppc_set_spr(r->cpu, SPR_DABR, DATA | 1);
		ck_assert(hits(r, I_LWZ(4, 0, 3), DATA + 4, RUN32));
		ck_assert(!hits(r, I_STW(4, 0, 3), DATA + 4, RUN32));
		ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA + 8, RUN32));
		ppc_set_spr(r->cpu, SPR_DABR, DATA | 2);
		ck_assert(hits(r, I_STW(4, 0, 3), DATA, RUN32));
		ck_assert_uint_eq(r->cpu->spr.DSISR, DSISR_DABR | DSISR_STORE);
		ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN32));
		ppc_set_spr(r->cpu, SPR_DABR, DATA | 7);
		ck_assert(!hits(r, I_STW(4, 0, 3), DATA, RUN32));
		ppc_set_spr(r->cpu, SPR_DABR, DATA);
		ck_assert(!hits(r, I_STW(4, 0, 3), DATA, RUN32));
		rig_free(r);
	}
}
END_TEST

/* 970: DABRX has BTI 8 and the states, HYP 4, PNH 2, PRO 1. */
START_TEST(dabrx)
{
	PpcRig *r = rig_new("970fx");

	ppc_set_spr(r->cpu, SPR_DABR, DATA | 3);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	ppc_set_spr(r->cpu, SPR_DABRX, 2);
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	ppc_set_spr(r->cpu, SPR_DABRX, 1);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	ppc_set_spr(r->cpu, SPR_DABR, DATA | 7);
	ppc_set_spr(r->cpu, SPR_DABRX, 2);
	ck_assert(!hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	ppc_set_spr(r->cpu, SPR_DABRX, 10);
	ck_assert(hits(r, I_LWZ(4, 0, 3), DATA, RUN));
	rig_free(r);
}
END_TEST

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

/* ----------------------------------------------------------- attributes */

/* Maps 2 MiB at 2 MiB to 4 MiB with these ATT bits, by radix. */
static void map(PpcRig *r, uint64_t att)
{
	const PpcFlush all = { .kind = PPC_FLUSH_ALL };
	uint64_t rts = UINT64_C(2) << 61 | UINT64_C(5) << 5;

	ram_st64(r->m->ram, 0x8000, rts | 0x10000 | 13);
	ram_st64(r->m->ram, 0x10000, BIT64(0) | 0x20000 | 9);
	ram_st64(r->m->ram, 0x20000, BIT64(0) | 0x21000 | 9);
	ram_st64(r->m->ram, 0x21008, BIT64(0) | BIT64(1) | 0x400000 | 0x180 | att | 6);
	r->radix = true;
	r->process_table = 0x8000;
	ppc_tlb_do(r->cpu, &all);
	ppc_set_spr(r->cpu, 318, LPCR_HR | LPCR_UPRT);
}

/* dcbz where there is no cache: alignment; reservations there: data storage, DSISR bit 37. */
START_TEST(caching_inhibited)
{
	const uint32_t code[] = { I_DCBZ(0, 3), I_X(31, 5, 0, 3, 20), I_STW(4, 0, 3) };
	PpcRig *r = rig_with("power9", code, 3, RUN | MSR_DR);

	r->cpu->gpr[3] = 0x200084;
	r->cpu->gpr[4] = 7;
	for (unsigned att = 0; att < 4; att++) {
		map(r, att << 4);
		ppc_set_msr(r->cpu, RUN | MSR_DR);
		/* A plain store before it fills the TLB. */
		rig_go(r, AT + 8, 1);
		ck_assert_uint_eq(r->cpu->nip, AT + 12);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, att < 2 ? AT + 4 : PPC_V_ALIGN);
		ck_assert_uint_eq(r->m->ram->host[0x400087], att < 2 ? 0 : 7);
		if (att >= 2)
			ck_assert_uint_eq(r->cpu->spr.DAR, 0x200084);
		ppc_set_msr(r->cpu, RUN | MSR_DR);
		rig_go(r, AT + 4, 1);
		ck_assert_uint_eq(r->cpu->nip, att < 2 ? AT + 8 : PPC_V_DSI);
		if (att >= 2)
			ck_assert_uint_eq(r->cpu->spr.DSISR, 0x04000000);
	}
	rig_free(r);
}
END_TEST

/* Classic: by a BAT's W and I, and HID0[DCE] and [DLOCK]; lwarx minds W alone. */
START_TEST(caching_inhibited_classic)
{
	static const struct {
		uint32_t wimg, hid0;
		bool dcbz, lwarx;
	} rows[] = {
		{ 0x10, 0x4000, true, true },	{ 0x20, 0x4000, false, true },
		{ 0x40, 0x4000, false, false }, { 0x10, 0, false, true },
		{ 0x10, 0x5000, false, true },	{ 0, 0x4000, true, true },
	};
	static const char *const models[] = { "603e", "604e", "750", "7400", "7450" };
	const uint32_t code[] = { I_DCBZ(0, 3), I_X(31, 5, 0, 3, 20) };

	for (unsigned i = 0; i < ARRAY_LEN(models) * ARRAY_LEN(rows); i++) {
		unsigned k = i % ARRAY_LEN(rows);
		PpcRig *r = rig_with(models[i / ARRAY_LEN(rows)], code, 2, RUN32);

		ppc_set_spr(r->cpu, 536, 0x2); /* DBAT0: 128 KiB at 0, privileged */
		ppc_set_spr(r->cpu, 537, rows[k].wimg | 2);
		ppc_set_spr(r->cpu, 1008, rows[k].hid0);
		r->cpu->gpr[3] = DATA;
		ppc_set_msr(r->cpu, RUN32 | MSR_DR);
		rig_go(r, AT, 1);
		ck_assert_uint_eq(r->cpu->nip, rows[k].dcbz ? AT + 4 : PPC_V_ALIGN);
		ppc_set_msr(r->cpu, RUN32 | MSR_DR);
		rig_go(r, AT + 4, 1);
		ck_assert_uint_eq(r->cpu->nip, rows[k].lwarx ? AT + 8 : PPC_V_DSI);
		rig_free(r);
	}
}
END_TEST

/* ------------------------------------------------- resets, machine checks */

/* Each family's vector and SRR1 for the two inputs that MSR[EE] does not mask. */
START_TEST(nonmaskable)
{
	static const struct {
		const char *model;
		uint64_t msr, mcheck;
	} rows[] = {
		{ "603e", RUN32 | MSR_FE0, 0x00080000 },
		{ "604e", RUN32 | MSR_IP, 0x00080000 },
		{ "750", RUN32 | MSR_ILE, 0x00080000 },
		{ "7400", RUN32 | MSR_VEC, 0x00080000 },
		{ "7450", RUN32 | MSR_PMM, 0x00080000 },
		{ "970fx", RUN | MSR_VEC, 0x00080000 },
		{ "power8", RUN, 0 },
		{ "power9", RUN | MSR_VSX, 0 },
		{ "power10", RUN, 0 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned check = 0; check < 2; check++) {
			const uint32_t code[] = { I_NOP };
			PpcRig *r = rig_with(rows[i].model, code, 1, rows[i].msr);
			uint64_t base = rows[i].msr & MSR_IP ? 0xfff00000 : 0;
			uint64_t own = 0x783f0000;

			machine_lock(r->m);
			ppc_input(r->cpu, check ? PPC_INPUT_MCHECK : PPC_INPUT_RESET, 1);
			machine_unlock(r->m);
			r->cpu->nip = AT;
			ppc_deliver_pending(r->cpu);
			ck_assert_uint_eq(r->cpu->nip, base + (check ? PPC_V_MCHECK : PPC_V_RESET));
			ck_assert_uint_eq(r->cpu->spr.SRR0, AT);
			ck_assert_uint_eq(r->cpu->spr.SRR1,
					  (rows[i].msr & ~own) | (check ? rows[i].mcheck : 0));
			ck_assert_uint_eq(r->cpu->msr & MSR_ME, check ? 0 : MSR_ME);
			/* Taken once. */
			ck_assert_uint_eq(r->cpu->pending, 0);
			rig_free(r);
		}
}
END_TEST

Suite *suite_debug(void);
Suite *suite_debug(void)
{
	Suite *s = suite_create("debug");
	TCase *t = tcase_create("stop");

	tcase_add_test(t, ciabr);
	tcase_add_test(t, ciabr_privilege);
	tcase_add_test(t, ciabr_address);
	tcase_add_test(t, ciabr_completion);
	tcase_add_test(t, ciabr_by_guest);
	tcase_add_test(t, trace_bits);
	tcase_add_test(t, trace_not);
	tcase_add_test(t, trace_mtmsrd);
	tcase_add_test(t, branch_trace);
	tcase_add_test(t, traced_register_access);
	tcase_add_test(t, trace_classic);
	suite_add_tcase(s, t);
	t = tcase_create("watch");
	tcase_add_test(t, dawr);
	tcase_add_test(t, dawr_state);
	tcase_add_test(t, dawr_range);
	tcase_add_test(t, dawr_page_crossing);
	tcase_add_test(t, dawr_instructions);
	tcase_add_test(t, dawr_quadword);
	tcase_add_test(t, dawr_second);
	tcase_add_test(t, dawr_ends);
	tcase_add_test(t, dawr_after_fault);
	tcase_add_test(t, loaded_state);
	suite_add_tcase(s, t);
	t = tcase_create("classic");
	tcase_add_test(t, iabr);
	tcase_add_test(t, iabr_604);
	tcase_add_test(t, iabr_and_trace);
	tcase_add_test(t, iabr_at_its_vector);
	tcase_add_test(t, iabr_by_guest);
	tcase_add_test(t, dabr);
	tcase_add_test(t, dabrx);
	suite_add_tcase(s, t);
	t = tcase_create("other");
	tcase_add_test(t, fex_waits);
	tcase_add_test(t, fex_waits_for_return);
	tcase_add_test(t, caching_inhibited);
	tcase_add_test(t, caching_inhibited_classic);
	tcase_add_test(t, nonmaskable);
	suite_add_tcase(s, t);
	return s;
}
