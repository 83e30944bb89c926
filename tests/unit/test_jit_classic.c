/*
 * 32-bit models as host code: systems that exchange segments, BATs and page table entries, and change their MSR, at
 * random, against the interpreter; and what of it has the run loop do nothing.
 *
 * A kernel in segment 0 (EA = real address) and a program in segment 1, which is one of two by its VSID, both of pages full
 * of slots of 256 bytes that jump to one another; data in segments 4 and 5, which are four by their VSIDs.  Either may
 * execute any slot: what it may not, the handlers skip.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/unit.h"
#include "tests/unit/ppc_rig.h"
#include "tests/unit/random.h"
#include "tests/unit/skip.h"

/* Real addresses; the table has 64 KiB. */
enum { HTAB = 0x100000, KERNEL = 0x200000, BODIES = 0x210000, DATA = 0x230000 };
/* Effective ones. */
enum { USER = 0x10000000, WINDOW = 0x40000000, OTHER = 0x50000000 };
enum { PAGES = 8, DATA_PAGES = 4, VSID_KERNEL = 0x100, VSID_USER = 0x201, VSID_DATA = 0x301 };
enum { STATE = offsetof(PpcCpu, gpr), STATE_END = offsetof(PpcCpu, pending) };
/* Two words of every entry: valid; R, C and PP. */
enum { PTE_RC = 0x180, PP_ALL = 2, PP_KERNEL = 0, SR_KP = 0x20000000 };
enum { KMSR = MSR_ME | MSR_RI | MSR_IR | MSR_DR, UMSR = KMSR | MSR_PR | MSR_EE };

enum { DEC = 22, SDR1 = 25, SRR0 = 26, SRR1 = 27, CTR = 9, IBAT3U = 534, DBAT3U = 542 };
enum { SPRG0 = 272, SPRG1 = 273, HID0 = 1008, LR = 8 };

#define I_RLWINM(a, s, sh, mb, me) I_X(21, s, a, sh, (mb) << 5 | (me))
#define I_MULLW(t, a, b) I_X(31, t, a, b, 235)
#define I_ADD(t, a, b) I_X(31, t, a, b, 266)
#define I_XOR(a, s, b) I_X(31, s, a, b, 316)
#define I_XORI(a, s, v) I_D(26, s, a, v)
#define I_ORIS(a, s, v) I_D(25, s, a, v)
#define I_LIS(t, v) I_D(15, t, 0, v)
#define I_LWZX(t, a, b) I_X(31, t, a, b, 23)
#define I_STWX(t, a, b) I_X(31, t, a, b, 151)
#define I_BCTR (19u << 26 | 20 << 21 | 528 << 1)
#define I_BLR (19u << 26 | 20 << 21 | 16 << 1)
#define I_BL(off) (I_B(off) | 1)
#define I_RFI (19u << 26 | 50 << 1)
#define I_MTMSR(s) (31u << 26 | (uint32_t)(s) << 21 | 146 << 1)
#define I_MFMSR(t) (31u << 26 | (uint32_t)(t) << 21 | 83 << 1)
#define I_MTSR(n, s) I_X(31, s, n, 0, 210)
#define I_MTSRIN(s, b) I_X(31, s, 0, b, 242)
#define I_MFSR(t, n) I_X(31, t, n, 0, 595)
#define I_MFSRIN(t, b) I_X(31, t, 0, b, 659)
#define I_ISYNC I_X(19, 0, 0, 0, 150)
#define I_SYNC I_X(31, 0, 0, 0, 598)
#define I_TLBIE(b) I_X(31, 0, 0, b, 306)
#define I_TLBSYNC I_X(31, 0, 0, 0, 566)
#define I_MFTB(t) (31u << 26 | (uint32_t)(t) << 21 | (uint32_t)I_SPR(268) << 11 | 371 << 1)

typedef struct Pair {
	PpcRig *us, *truth;
	uint64_t seed;
	uint32_t at[PAGES]; /* where the table has pages of the first program */
} Pair;

static void put(Pair *p, uint64_t pa, const uint32_t *w, unsigned n)
{
	rig_code(p->us, pa, w, n);
	if (p->truth != p->us)
		rig_code(p->truth, pa, w, n);
}

#define PUT(p, pa, ...)                                                                            \
	put(p, pa, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* ---- Translations ---- */

/* A place in the primary group of a page that is free; its number of bytes from the table. */
static uint32_t map(Pair *p, uint32_t vsid, uint32_t ea, uint32_t pa, uint32_t pp)
{
	uint32_t at = ((vsid & 0x7ffff) ^ (ea >> 12 & 0xffff)) % 0x400 * 64, hi;

	for (unsigned i = 0;; i++, at += 8) {
		ck_assert_uint_lt(i, 8);
		ck_assert(ram_ld32(p->us->m->ram, HTAB + at, &hi));
		if (!hi)
			break;
	}
	PUT(p, HTAB + at, 0x80000000 | vsid << 7 | (ea >> 22 & 0x3f), pa | PTE_RC | pp);
	return at;
}

static void translations(Pair *p)
{
	/* The table, where the kernel can write it. */
	for (unsigned i = 0; i < 16; i++)
		map(p, VSID_KERNEL, HTAB + 0x1000 * i, HTAB + 0x1000 * i, PP_KERNEL);
	for (unsigned i = 0; i < PAGES; i++)
		map(p, VSID_KERNEL, KERNEL + 0x1000 * i, KERNEL + 0x1000 * i, PP_ALL);
	for (unsigned i = 0; i < PAGES; i++) {
		p->at[i] = map(p, VSID_USER, USER + 0x1000 * i, BODIES + 0x2000 * i, PP_ALL);
		map(p, VSID_USER + 1, USER + 0x1000 * i, BODIES + 0x2000 * i + 0x1000, PP_ALL);
	}
	for (unsigned v = 0; v < 4; v++)
		for (unsigned i = 0; i < DATA_PAGES; i++) {
			map(p, VSID_DATA + v, WINDOW + 0x1000 * i,
			    DATA + 0x1000 * (v * DATA_PAGES + i), PP_ALL);
			map(p, VSID_DATA + v, OTHER + 0x10000 + 0x1000 * i,
			    DATA + 0x1000 * (v * DATA_PAGES + i), PP_ALL);
		}
}

static void begin(PpcRig *r)
{
	PpcCpu *cpu = r->cpu;

	ppc_set_spr(cpu, SDR1, HTAB);
	for (unsigned i = 0; i < 16; i++)
		cpu->sr[i] = 0x700 + i;
	cpu->sr[0] = SR_KP | VSID_KERNEL;
	cpu->sr[1] = VSID_USER;
	cpu->sr[4] = cpu->sr[5] = VSID_DATA;
	ppc_seg_changed(cpu);
	cpu->gpr[19] = KERNEL;
	cpu->gpr[20] = USER;
	cpu->gpr[21] = 12345;
	cpu->gpr[23] = 1664525;
	cpu->gpr[24] = WINDOW;
	cpu->gpr[25] = OTHER + 0x10000;
	cpu->gpr[26] = VSID_DATA;
	cpu->gpr[27] = VSID_USER;
	cpu->gpr[28] = HTAB;
	cpu->gpr[29] = KMSR;
	cpu->gpr[30] = UMSR;
	cpu->lr = USER;
	cpu->nip = KERNEL;
	ppc_set_msr(cpu, KMSR);
}

/* ---- Slots: r3 to r8 and r15 to r18 are anything's, r13 and r14 the handlers' ---- */

/* r15 = one of the next n numbers behind r`base`. */
static unsigned one_of(Pair *p, uint32_t *w, unsigned base, unsigned n)
{
	w[0] = I_RLWINM(15, 21, 16, 32 - (n > 2 ? 2 : 1), 31);
	w[1] = I_ADD(15, 15, base);
	(void)p;
	return 2;
}

/* A page of the program is another one from now on: real addresses r17 xor 0x1000. */
static unsigned remap(Pair *p, uint32_t *w)
{
	unsigned i = test_below(&p->seed, PAGES), n = 0;

	w[n++] = I_ORIS(18, 28, p->at[i] >> 16);
	w[n++] = I_D(24, 18, 18, p->at[i] + 4); /* ori */
	w[n++] = I_LWZ(17, 0, 18);
	w[n++] = I_XORI(17, 17, 0x1000);
	w[n++] = I_STW(17, 0, 18);
	w[n++] = I_SYNC;
	w[n++] = I_ADDI(16, 20, i << 12);
	w[n++] = I_TLBIE(16);
	w[n++] = I_TLBSYNC;
	w[n++] = I_SYNC;
	return n;
}

static unsigned new_msr(Pair *p, uint32_t *w)
{
	static const uint16_t bits[] = { MSR_FP,	  MSR_EE, MSR_DR,  MSR_IR, MSR_FP | MSR_EE,
					 MSR_IR | MSR_DR, 0,	  MSR_FE0, MSR_RI };
	unsigned n = 0;

	w[n++] = I_MFMSR(15);
	w[n++] = I_XORI(15, 15, bits[test_below(&p->seed, ARRAY_LEN(bits))]);
	w[n++] = I_MTMSR(15);
	w[n++] = I_ISYNC;
	return n;
}

/* To any slot of the kernel or of the program, in one of their modes. */
static unsigned return_somewhere(Pair *p, uint32_t *w)
{
	unsigned n = 0;

	w[n++] = I_RLWINM(5, 21, 24, 17, 23);
	w[n++] = I_ADD(5, 5, test_below(&p->seed, 3) ? 20 : 19);
	w[n++] = I_MTSPR(SRR0, 5);
	w[n++] = I_MTSPR(SRR1, test_below(&p->seed, 4) ? 30 : 29);
	w[n++] = I_RFI;
	return n;
}

/* Blocks that map segment 6 somewhere, or nothing; and the same once more. */
static unsigned new_bat(Pair *p, uint32_t *w)
{
	unsigned n = 0, which = test_below(&p->seed, 2) ? IBAT3U : DBAT3U;

	w[n++] = I_LIS(15, 0x6000);
	if (test_below(&p->seed, 2))
		w[n++] = I_D(24, 15, 15, 2); /* ori: valid for the kernel */
	w[n++] = I_MTSPR(which, 15);
	if (test_below(&p->seed, 2))
		w[n++] = I_MTSPR(which, 15);
	w[n++] = I_ISYNC;
	return n;
}

static unsigned action(Pair *p, uint32_t *w, bool kernel)
{
	unsigned n = 0;

	switch (test_below(&p->seed, 16)) {
	case 0:
	case 1: /* other data, with and without waiting for it */
		n = one_of(p, w, 26, 4);
		w[n++] = test_below(&p->seed, 2) ? I_MTSR(4, 15) : I_MTSRIN(15, 25);
		if (test_below(&p->seed, 2))
			w[n++] = I_ISYNC;
		return n;
	case 2: /* another program */
		n = one_of(p, w, 27, 2);
		w[n++] = test_below(&p->seed, 2) ? I_MTSR(1, 15) : I_MTSRIN(15, 20);
		return n;
	case 3: /* all segments but the kernel's */
		n = one_of(p, w, 26, 4);
		for (unsigned i = 4; i < 16; i++)
			w[n++] = I_MTSR(i, 15);
		return n;
	case 4: return new_msr(p, w);
	case 5: return new_bat(p, w);
	case 6: /* not under its own feet */ return kernel ? remap(p, w) : new_bat(p, w);
	case 7: return return_somewhere(p, w);
	case 8: w[n++] = I_SC(0); return n;
	case 9:
		w[n++] = I_MFTB(6);
		w[n++] = I_MFSPR(7, DEC);
		return n;
	case 10:
		w[n++] = I_RLWINM(15, 21, 0, 22, 31);
		w[n++] = I_MTSPR(DEC, 15);
		return n;
	case 11:
		w[n++] = I_MFSR(6, 1);
		w[n++] = I_MFSRIN(7, 24);
		return n;
	case 12:
		w[n++] = I_RLWINM(16, 21, 0, 4, 19);
		w[n++] = I_TLBIE(16);
		return n;
	default: /* to and from data */
		w[n++] = I_RLWINM(15, 21, 20, 18, 29);
		w[n++] = test_below(&p->seed, 2) ? I_LWZX(3 + test_below(&p->seed, 4),
							  24 + test_below(&p->seed, 2), 15)
						 : I_STWX(3 + test_below(&p->seed, 4),
							  24 + test_below(&p->seed, 2), 15);
		return n;
	}
}

static void slot(Pair *p, uint64_t at, unsigned off)
{
	uint32_t w[64];
	unsigned n = 0, to;

	w[n++] = I_ADDI(3 + test_below(&p->seed, 4), 3 + test_below(&p->seed, 4),
			1 + test_below(&p->seed, 1000));
	w[n++] = I_MULLW(21, 21, 23);
	w[n++] = I_ADDI(21, 21, 1 + 2 * test_below(&p->seed, 1000));
	for (unsigned i = 1 + test_below(&p->seed, 2); i; i--) {
		n += action(p, w + n, at < BODIES);
		w[n++] = I_XOR(3 + test_below(&p->seed, 4), 3 + test_below(&p->seed, 4), 21);
	}
	to = test_below(&p->seed, 3 * 16) * 256 - 0x1000;
	switch (test_below(&p->seed, 6)) {
	case 0:
	case 1: w[n] = I_B(to - (off & 0xfff) - 4 * n); break;
	case 2: w[n] = I_BL(to - (off & 0xfff) - 4 * n); break;
	case 3: w[n] = I_BLR; break;
	default:
		w[n++] = I_RLWINM(5, 21, 24, 17, 23);
		w[n++] = I_ADD(5, 5, test_below(&p->seed, 2) ? 20 : 19);
		w[n++] = I_MTSPR(CTR, 5);
		w[n] = I_BCTR;
		break;
	}
	n++;
	while (n < 64)
		w[n++] = I_NOP;
	put(p, at, w, 64);
}

static void handlers(Pair *p)
{
	static const uint16_t skips[] = { 0x200, 0x300, 0x600, 0x700, 0x800 };

	for (unsigned i = 0; i < ARRAY_LEN(skips); i++)
		PUT(p, skips[i], I_MFSPR(13, SRR0), I_ADDI(13, 13, 4), I_MTSPR(SRR0, 13), I_RFI);
	/* Nothing to execute there: into the kernel, somewhere. */
	PUT(p, 0x400, I_MULLW(21, 21, 23), I_ADDI(21, 21, 77), I_RLWINM(13, 21, 24, 17, 23),
	    I_ADD(13, 13, 19), I_MTSPR(SRR0, 13), I_MTSPR(SRR1, 29), I_RFI);
	PUT(p, 0x900, I_RLWINM(13, 21, 0, 22, 31), I_ADDI(13, 13, 300), I_MTSPR(DEC, 13), I_RFI);
	PUT(p, 0xc00, I_MTSPR(SPRG0, 15), I_RLWINM(15, 21, 16, 31, 31), I_ADD(15, 15, 27),
	    I_MTSR(1, 15), I_MFSPR(15, SPRG0), I_RFI);
}

static bool same(const Pair *p)
{
	const char *a = (const char *)p->us->cpu, *b = (const char *)p->truth->cpu;

	return !memcmp(a + STATE, b + STATE, STATE_END - STATE) &&
	       !memcmp(p->us->m->ram->host + HTAB, p->truth->m->ram->host + HTAB, 0x150000);
}

static void complain(const Pair *p, const char *model, uint64_t from, unsigned slice)
{
	const PpcCpu *a = p->us->cpu, *b = p->truth->cpu;

	printf("%s: %u instructions from 0x%" PRIx64 ": nip 0x%" PRIx64 ", should be 0x%" PRIx64
	       "; MSR 0x%" PRIx64 ", 0x%" PRIx64 "\n",
	       model, slice, from, a->nip, b->nip, a->msr, b->msr);
	for (unsigned i = 0; i < 32; i++)
		if (a->gpr[i] != b->gpr[i])
			printf("  r%u 0x%" PRIx64 ", 0x%" PRIx64 "\n", i, a->gpr[i], b->gpr[i]);
	fflush(stdout);
}

/* False: this host has no code. */
static bool new_pair(Pair *p, const char *model, bool alone)
{
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 2 };

	p->us = rig_new(model);
	if (!ppc_use_jit(p->us->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		rig_free(p->us);
		return false;
	}
	p->truth = alone ? p->us : rig_new(model);
	return true;
}

static uint64_t left(const PpcRig *r)
{
	const PpcUnitStats *s = ppc_units_stats(r->cpu);
	uint64_t n = s->entries + s->stops;

	for (unsigned i = 0; i < IR_EXIT_EXEC; i++)
		n += s->left[i];
	return n;
}

/* Out of small loops; now and then as at the beginning. */
static void kick(Pair *p)
{
	uint64_t nip = 0x100 * test_below(&p->seed, PAGES * 16), msr = p->us->cpu->msr;

	/* A machine check without ME stops a CPU. */
	if (!test_below(&p->seed, 8) || p->us->cpu->quiesced) {
		p->us->cpu->quiesced = p->truth->cpu->quiesced = false;
		ppc_set_msr(p->us->cpu, KMSR);
		ppc_set_msr(p->truth->cpu, KMSR);
		msr = KMSR;
	} else if (p->us->cpu->nip < HTAB || test_below(&p->seed, 2)) {
		return;
	}
	/* It may have been between a new entry and its tlbie. */
	for (unsigned i = 0; i < PAGES; i++) {
		ppc_tlbie_32(p->us->cpu, USER + 0x1000 * i);
		ppc_tlbie_32(p->truth->cpu, USER + 0x1000 * i);
	}
	nip += msr & MSR_PR ? USER : KERNEL;
	p->us->cpu->nip = p->truth->cpu->nip = nip;
}

static const char *const paged[] = { "604e", "750", "7400", "7450", "7447a" };

START_TEST(as_interpreted)
{
	const char *more = g_getenv("JIT_KERNEL_ROUNDS"), *model = paged[_i];
	Pair p = { .seed = 0xc1a551c + (unsigned)_i };

	for (unsigned round = more ? (unsigned)atoi(more) : 3; round; round--) {
		if (!new_pair(&p, model, false))
			return;
		translations(&p);
		for (unsigned i = 0; i < PAGES * 16; i++) {
			slot(&p, KERNEL + 0x100 * i, 0x100 * i);
			slot(&p, BODIES + 0x100 * i, 0x100 * i);
			slot(&p, BODIES + 0x100 * (i + PAGES * 16), 0x100 * i);
		}
		handlers(&p);
		begin(p.us);
		begin(p.truth);
		for (unsigned n = 0; n < 2000; n++) {
			unsigned slice = 1 +
					 test_below(&p.seed, test_below(&p.seed, 2) ? 30 : 1000);
			uint64_t from = p.truth->cpu->nip;

			rig_run(p.us, slice);
			rig_run(p.truth, slice);
			if (!same(&p)) {
				complain(&p, model, from, slice);
				ck_abort_msg("host code and the interpreter differ");
			}
			kick(&p);
		}
		ck_assert_uint_gt(ppc_units_stats(p.us->cpu)->done, p.us->ran / 3);
		ck_assert_uint_gt(p.us->cpu->tlb->page_flushes, 10);
		rig_free(p.us);
		rig_free(p.truth);
	}
}
END_TEST

/* ---- Loops that leave host code for nothing ---- */

typedef struct Loop {
	const char *name;
	uint32_t w[8]; /* of the kernel; it goes round behind the last that is not 0 */
} Loop;

/* r5: the MSR; r6: a VSID of data, to which r7 is the way from the other one; r8: 0x7fffffff; r9: HID0. */
static const Loop loops[] = {
	{ "isync", { I_ISYNC } },
	{ "mtmsr of what is there", { I_MTMSR(5) } },
	{ "mtmsr of EE", { I_XORI(5, 5, 0x8000), I_MTMSR(5) } },
	{ "mtmsr of FP", { I_XORI(5, 5, 0x2000), I_MTMSR(5), I_ISYNC } },
	{ "mtmsr of DR", { I_XORI(5, 5, 0x10), I_MTMSR(5), I_ISYNC } },
	{ "mfmsr", { I_MFMSR(10) } },
	{ "mtsr of what is there", { I_MTSR(4, 6), I_MTSRIN(6, 24) } },
	{ "mtsr of another", { I_XOR(6, 6, 7), I_MTSR(5, 6), I_ISYNC } },
	{ "a window", { I_XOR(6, 6, 7), I_MTSRIN(6, 24), I_ISYNC, I_LWZ(10, 0, 24) } },
	{ "mfsr", { I_MFSR(10, 4), I_MFSRIN(11, 24) } },
	{ "BATs as they are", { I_MTSPR(IBAT3U, 0), I_MTSPR(DBAT3U, 0) } },
	{ "HID0 as it is", { I_MFSPR(9, HID0), I_MTSPR(HID0, 9) } },
	{ "SPRG and SRR", { I_MTSPR(SPRG1, 5), I_MTSPR(SRR0, 5), I_MFSPR(10, SRR1) } },
	{ "the decrementer", { I_MTSPR(DEC, 8), I_MFSPR(10, DEC) } },
	{ "the timebase", { I_MFTB(10), I_MFSPR(11, 269) } },
	{ "tlbie", { I_TLBIE(25), I_TLBSYNC, I_SYNC } },
	{ "sc", { I_SC(0) } },
};

static void expect_in_code(PpcRig *r, const char *model, const char *what)
{
	uint64_t before, n;

	rig_run(r, 4000);
	before = left(r);
	rig_run(r, 200000);
	n = left(r) - before;
	ck_assert_msg(n < 100, "%s, %s: host code was left %" PRIu64 " times", model, what, n);
	ck_assert_uint_gt(ppc_units_stats(r->cpu)->done, 150000);
}

static const char *const all[] = { "603e", "604e", "750", "7400", "7450", "7447a" };

/* A 603 has no table that it walks by itself: one block of all. */
static void block(PpcRig *r)
{
	ppc_set_spr(r->cpu, 528, 0x1fe);
	ppc_set_spr(r->cpu, 529, 2);
	ppc_set_spr(r->cpu, 536, 0x1fe);
	ppc_set_spr(r->cpu, 537, 2);
}

START_TEST(a_kernel_does_not_leave_host_code)
{
	for (unsigned i = 0; i < ARRAY_LEN(loops); i++) {
		const Loop *l = &loops[i];
		unsigned n = 0;
		Pair p = { 0 };

		if (!_i && strstr("a window", l->name))
			continue;
		if (!new_pair(&p, all[_i], true))
			return;
		translations(&p);
		for (unsigned at = 0xc00; at < 0xd00; at += 0x20)
			PUT(&p, at, I_ADDI(12, 12, 1), I_RFI);
		while (n < 8 && l->w[n])
			n++;
		put(&p, KERNEL, l->w, n);
		PUT(&p, KERNEL + 4 * n, I_B(-4 * (int)n));
		begin(p.us);
		if (!_i)
			block(p.us);
		p.us->cpu->gpr[5] = KMSR;
		p.us->cpu->gpr[6] = VSID_DATA;
		p.us->cpu->gpr[7] = VSID_DATA ^ (VSID_DATA + 1);
		p.us->cpu->gpr[8] = 0x7fffffff;
		expect_in_code(p.us, all[_i], l->name);
		rig_free(p.us);
	}
}
END_TEST

/*
 * Two programs at the same addresses take turns: their kernel exchanges most of the segments in each system
 * call, while translation is off.
 */
START_TEST(processes_take_turns_in_host_code)
{
	Pair p = { 0 };
	uint64_t a, b;

	if (!new_pair(&p, paged[_i], true))
		return;
	translations(&p);
	PUT(&p, BODIES, I_ADDI(10, 10, 1), I_LWZ(12, 0, 24), I_SC(0), I_B(-12));
	PUT(&p, BODIES + 0x1000, I_ADDI(11, 11, 1), I_LWZ(12, 0, 24), I_SC(0), I_B(-12));
	PUT(&p, 0xc00, I_MTSPR(SRR0, 20), I_XOR(6, 6, 7), I_MTSR(1, 6), I_ADDI(5, 6, 0x100),
	    I_MTSR(4, 5), I_MTSR(5, 5), I_MTSR(6, 6), I_MTSR(7, 6), I_MTSR(8, 6), I_MTSR(9, 6),
	    I_RFI);
	begin(p.us);
	p.us->cpu->gpr[6] = VSID_USER;
	p.us->cpu->gpr[7] = VSID_USER ^ (VSID_USER + 1);
	p.us->cpu->nip = USER;
	ppc_set_msr(p.us->cpu, UMSR);
	expect_in_code(p.us, paged[_i], "processes");
	a = p.us->cpu->gpr[10];
	b = p.us->cpu->gpr[11];
	ck_assert_uint_gt(a, 5000);
	ck_assert(a == b || a == b + 1);
	rig_free(p.us);
}
END_TEST

/* The same of a 970, in real mode. */
START_TEST(a_970_does_not_leave_host_code)
{
	static const Loop own[] = {
		{ "mtmsrd", { I_XORI(5, 5, 0x2000), I_MTMSRD(5, 0), I_ISYNC } },
		{ "mtmsr", { I_XORI(5, 5, 0x8000), I_MTMSR(5) } },
		{ "the decrementer", { I_MTSPR(DEC, 8), I_MFSPR(10, DEC), I_MFTB(10) } },
		{ "mtsr", { I_MTSR(4, 6), I_MFSR(10, 4), I_ISYNC } },
		{ "sc", { I_SC(0) } },
	};

	for (unsigned i = 0; i < ARRAY_LEN(own); i++) {
		unsigned n = 0;
		Pair p = { 0 };

		if (!new_pair(&p, "970fx", true))
			return;
		PUT(&p, 0xc00, I_ADDI(12, 12, 1), I_RFID);
		while (own[i].w[n])
			n++;
		put(&p, KERNEL, own[i].w, n);
		PUT(&p, KERNEL + 4 * n, I_B(-4 * (int)n));
		p.us->cpu->gpr[5] = MSR_ME | MSR_RI | MSR_SF;
		p.us->cpu->gpr[8] = 0x7fffffff;
		p.us->cpu->nip = KERNEL;
		ppc_set_msr(p.us->cpu, p.us->cpu->gpr[5]);
		expect_in_code(p.us, "970fx", own[i].name);
		rig_free(p.us);
	}
}
END_TEST

Suite *suite_jit_classic(void);
Suite *suite_jit_classic(void)
{
	Suite *s = suite_create("jit_classic");
	TCase *t = tcase_create("jit_classic");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, as_interpreted, 0, ARRAY_LEN(paged));
	tcase_add_loop_test(t, a_kernel_does_not_leave_host_code, 0, ARRAY_LEN(all));
	tcase_add_loop_test(t, processes_take_turns_in_host_code, 0, ARRAY_LEN(paged));
	tcase_add_test(t, a_970_does_not_leave_host_code);
	suite_add_tcase(s, t);
	return s;
}
