/*
 * Programs and a kernel, as host code and interpreted: system calls, returns, switches of the process, of the mode
 * and of storage keys, and page tables that change, all at random.  After every slice, of any length,
 * registers and memory must be the same.
 *
 * The program: eight pages, each of which is one of two, or (`aliases`) any of six, which then are at several addresses; full of jumps to one another and calls.  The kernel: an action of
 * sixteen, each in a granule of its own, and handlers that skip what is not allowed.
 */
#include <check.h>
#include <fenv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target-ppc/excp.h"
#include "target-ppc/unit.h"
#include "tests/unit/ppc_rig.h"
#include "tests/unit/random.h"
#include "tests/unit/skip.h"

/* Real addresses. */
enum {
	TABLE = 0x8000, /* of processes */
	KERNEL = 0x50000,
	MORE = 0x52000, /* where actions end */
	TEMPLATES = 0x60000,
	TREES = 0x70000, /* of process n: at TREES + n * 0x40000; its leaves LEAVES later */
	LEAVES = 0x3000,
	CODE = 0x200000,
	DATA = 0x220000,
};
enum { PAGES = 8, BODIES = 16, ACTIONS = 16, PROGRAM = 0x100000, USER_DATA = 0x180000 };
enum { STATE = offsetof(PpcCpu, gpr), STATE_END = offsetof(PpcCpu, pending) };

#define LINEAR UINT64_C(0xc000000000000000)
#define PDE(next, bits) (BIT64(0) | (next) | (bits))
#define LEAF(pa, bits) (BIT64(0) | BIT64(1) | (pa) | (bits))
#define R_C_RWX 0x187ull
#define PRIV 8ull

#define I_RLWINM(a, s, sh, mb, me) I_X(21, s, a, sh, (mb) << 5 | (me))
#define I_MULLD(t, a, b) I_X(31, t, a, b, 233)
#define I_ADD(t, a, b) I_X(31, t, a, b, 266)
#define I_XOR(a, s, b) I_X(31, s, a, b, 316)
#define I_XORI(a, s, v) I_D(26, s, a, v)
#define I_ANDC(a, s, b) I_X(31, s, a, b, 60)
#define I_OR(a, s, b) I_X(31, s, a, b, 444)
#define I_BCTR (19u << 26 | 20 << 21 | 528 << 1)
#define I_BLR (19u << 26 | 20 << 21 | 16 << 1)
#define I_BL(off) (I_B(off) | 1)
#define I_RFSCV (19u << 26 | 82 << 1)
#define I_MTMSR(s) (31u << 26 | (uint32_t)(s) << 21 | 146 << 1)
#define I_MFMSR(t) (31u << 26 | (uint32_t)(t) << 21 | 83 << 1)
#define I_LDX(t, a, b) I_X(31, t, a, b, 21)
#define I_STDX(t, a, b) I_X(31, t, a, b, 149)
#define I_DCBZ(a, b) I_X(31, 0, a, b, 1014)
#define I_ICBI(a, b) I_X(31, 0, a, b, 982)
#define I_ISYNC I_X(19, 0, 0, 0, 150)
#define I_PTESYNC I_X(31, 2, 0, 0, 598)
#define I_MFTB(t) I_MFSPR(t, 268)
/* RIC 0, PRS 1, R 1: of a process */
#define I_TLBIEL(rb, rs) (I_X(31, rs, 0, rb, 274) | 1 << 17 | 1 << 16)
#define I_TLBIE(rb, rs) (I_X(31, rs, 0, rb, 306) | 1 << 17 | 1 << 16)
#define I_FADD(t, a, b) I_X(63, t, a, b, 21)

enum { LR = 8, CTR = 9, DEC = 22, SRR0 = 26, SRR1 = 27, AMR = 29, PIDR = 48 };

typedef struct Pair {
	PpcRig *us, *truth;
	uint64_t seed;
	bool le, aliases;
} Pair;

static void put64(Pair *p, uint64_t pa, uint64_t v)
{
	ck_assert(ram_st64(p->us->m->ram, pa, v) && ram_st64(p->truth->m->ram, pa, v));
}

static void put(Pair *p, uint64_t pa, const uint32_t *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t v = p->le ? bswap32(w[i]) : w[i];

		ck_assert(ram_st32(p->us->m->ram, pa + 4 * i, v));
		ck_assert(ram_st32(p->truth->m->ram, pa + 4 * i, v));
	}
}

#define PUT(p, pa, ...)                                                                            \
	put(p, pa, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* What a page of the program may be. */
static unsigned some_body(Pair *p, unsigned page)
{
	return p->aliases ? test_below(&p->seed, 6) : 2 * page + test_below(&p->seed, 2);
}

/* ---- The program: r3 to r12 are its own, r20 its beginning, r21 by chance, r23 a multiplier ---- */

static void slot(Pair *p, uint64_t at, unsigned off)
{
	uint32_t w[64];
	unsigned n = 0, to;

	w[n++] = I_ADDI(3 + test_below(&p->seed, 4), 3 + test_below(&p->seed, 4),
			1 + test_below(&p->seed, 1000));
	w[n++] = I_MULLD(21, 21, 23);
	w[n++] = I_ADDI(21, 21, 1 + 2 * test_below(&p->seed, 1000));
	for (unsigned i = test_below(&p->seed, 6); i; i--) {
		switch (test_below(&p->seed, 6)) {
		case 0: w[n++] = I_LD(7, 8 * test_below(&p->seed, 100), 25); break;
		case 1:
			w[n++] = I_STD(3 + test_below(&p->seed, 4), 8 * test_below(&p->seed, 100),
				       25);
			break;
		case 2: w[n++] = I_MFTB(8); break;
		case 3: w[n++] = I_FADD(1, 1, 2); break;
		default:
			w[n++] = I_XOR(3 + test_below(&p->seed, 4), 3 + test_below(&p->seed, 4),
				       21);
			break;
		}
	}
	to = test_below(&p->seed, 3 * 16) * 256 - 0x1000;
	switch (test_below(&p->seed, 8)) {
	case 0:
	case 1: w[n] = I_B(to - (off & 0xfff) - 4 * n); break;
	case 2: w[n] = I_BL(to - (off & 0xfff) - 4 * n); break;
	case 3: w[n] = I_BLR; break;
	case 4:
	case 5: w[n] = test_below(&p->seed, 2) ? I_SC(0) : I_SCV(0); break;
	default:
		w[n++] = I_RLWINM(5, 21, 20, 17, 23);
		w[n++] = I_ADD(5, 5, 20);
		w[n++] = I_MTSPR(CTR, 5);
		w[n] = I_BCTR;
		break;
	}
	n++;
	while (n < 64)
		w[n++] = I_NOP;
	put(p, at, w, 64);
}

/* ---- The kernel: r13 to r19 and r22, r24 and above ---- */

static void handler(Pair *p, uint64_t vector, const uint32_t *w, unsigned n)
{
	put(p, vector, w, n);
	put(p, 0x4000 + vector, w, n);
}

#define HANDLER(p, vector, ...)                                                                    \
	handler(p, vector, (const uint32_t[]){ __VA_ARGS__ },                                      \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void handlers(Pair *p)
{
	static const uint16_t skips[] = { 0x200, 0x300, 0x380, 0x600, 0x700,
					  0x800, 0xf00, 0xf20, 0xf40, 0xf60 };

	for (unsigned i = 0; i < ARRAY_LEN(skips); i++)
		HANDLER(p, skips[i], I_MFSPR(13, SRR0), I_ADDI(13, 13, 4), I_MTSPR(SRR0, 13),
			I_RFID);
	for (unsigned v = 0x400; v < 0x500; v += 0x80)
		HANDLER(p, v, I_RLWINM(13, 22, 20, 17, 23), I_ADD(13, 13, 20), I_MTSPR(SRR0, 13),
			I_MULLD(22, 22, 23), I_ADDI(22, 22, 77), I_RFID);
	HANDLER(p, 0x900, I_RLWINM(13, 22, 0, 22, 31), I_ADDI(13, 13, 300), I_MTSPR(DEC, 13),
		I_RFID);
	HANDLER(p, 0xc00, I_MFSPR(17, SRR0), I_MFSPR(18, SRR1), I_MULLD(22, 22, 23),
		I_ADDI(22, 22, 0x35), I_RLWINM(14, 22, 24, 20, 23), I_ADD(14, 14, 29),
		I_MTSPR(CTR, 14), I_BCTR);
	/* One step is enough. */
	HANDLER(p, 0xd00, I_MFSPR(13, SRR1), I_XORI(13, 13, 0x400), I_MTSPR(SRR1, 13), I_RFID);
	PUT(p, 0x3000, I_ADDI(22, 22, 3), I_RFSCV);
}

/* Ends an action: here, or far away. */
static void done(Pair *p, uint32_t *w, unsigned n, uint64_t at)
{
	if (test_below(&p->seed, 2)) {
		w[n] = I_B((uint32_t)(MORE + 0x100 * test_below(&p->seed, 16)) -
			   (uint32_t)(at + 4 * n));
		n++;
	} else {
		w[n++] = I_MTSPR(SRR0, 17);
		w[n++] = I_MTSPR(SRR1, 18);
		w[n++] = I_RFID;
	}
	put(p, at, w, n);
}

/* A page of the program for either process is another one from now on. */
static unsigned remap(Pair *p, uint32_t *w)
{
	unsigned n = 0, page = test_below(&p->seed, PAGES), pid = test_below(&p->seed, 2);

	w[n++] = I_LD(15, 8 * some_body(p, page), 30);
	w[n++] = I_STD(15, 8 * page, pid ? 31 : 28);
	w[n++] = I_PTESYNC;
	w[n++] = I_ADDI(16, test_below(&p->seed, 3) ? 20 : 0, 0);
	if (w[n - 1] == I_ADDI(16, 0, 0))
		w[n++] = I_ADDI(16, 0, 1 << 10); /* all of the process */
	else
		w[n++] = I_ADDI(16, 16, page << 12);
	w[n++] = test_below(&p->seed, 2) ? I_TLBIEL(16, pid ? 27 : 26) : I_TLBIE(16, pid ? 27 : 26);
	w[n++] = I_PTESYNC;
	return n;
}

/* At the program's memory, as its keys allow. */
static unsigned user_access(Pair *p, uint32_t *w)
{
	unsigned n = 0;

	w[n++] = I_RLWINM(15, 22, 0, 20, 28);
	w[n++] = test_below(&p->seed, 2) ? I_LDX(16, 25, 15) : I_STDX(22, 25, 15);
	if (!test_below(&p->seed, 3))
		w[n++] = I_DCBZ(25, 15);
	w[n++] = I_LDX(16, 24, 15);
	return n;
}

static unsigned body(Pair *p, unsigned kind, uint32_t *w)
{
	unsigned n = 0;

	switch (kind) {
	case 0: break;
	case 1:
	case 2:
		/* No access, reading, writing, or all; the highest two bits. */
		w[n++] = I_ADDI(15, 0, test_below(&p->seed, 4));
		w[n++] = 30u << 26 | 15 << 21 | 15 << 16 | (62 & 31) << 11 | 1 << 6 | 1 << 2 | 2;
		w[n++] = I_MTSPR(AMR, 15);
		w[n++] = I_ISYNC;
		n += user_access(p, w + n);
		break;
	case 3: n = user_access(p, w); break;
	case 4:
	case 5:
		/* FP, VEC, and the interrupts. */
		w[n++] = I_MFMSR(15);
		w[n++] = I_XORI(15, 15, test_below(&p->seed, 2) ? 0x2000 : 0x8000);
		w[n++] = test_below(&p->seed, 2) ? I_MTMSRD(15, test_below(&p->seed, 2))
						 : I_MTMSR(15);
		w[n++] = I_FADD(1, 1, 2);
		break;
	case 6:
	case 7:
		w[n++] = I_MFSPR(15, PIDR);
		w[n++] = I_XORI(15, 15, 3);
		w[n++] = I_MTSPR(PIDR, 15);
		w[n++] = I_ISYNC;
		n += user_access(p, w + n);
		break;
	case 8: /* Real mode, and its registers' addresses hold there. */
		w[n++] = I_MFMSR(15);
		w[n++] = I_ADDI(16, 0, 0x30);
		w[n++] = I_ANDC(15, 15, 16);
		w[n++] = I_MTMSRD(15, 0);
		w[n++] = I_LDX(16, 24, 14);
		break;
	case 9: /* The program goes on by one step. */ w[n++] = I_XORI(18, 18, 0x400); break;
	case 10:
		/* Problem state is translated and interrupted whatever the image says. */
		w[n++] = I_XORI(18, 18, 0x2000 | 0x8030);
		w[n++] = I_ICBI(0, 20);
		break;
	default: n = remap(p, w); break;
	}
	return n;
}

static void kernel(Pair *p)
{
	for (unsigned i = 0; i < ACTIONS; i++) {
		uint32_t w[64];
		uint64_t at = KERNEL + 0x100 * i;

		done(p, w, body(p, i, w), at);
		PUT(p, MORE + 0x100 * i, I_ADDI(19, 19, 1 + test_below(&p->seed, 100)),
		    I_MTSPR(SRR0, 17), I_MTSPR(SRR1, 18), I_RFID);
	}
}

/* ---- Memory ---- */

static void trees(Pair *p)
{
	uint64_t rts = UINT64_C(2) << 61 | UINT64_C(5) << 5; /* 52 bits */

	for (unsigned pid = 0; pid < 3; pid++) {
		uint64_t t = TREES + pid * 0x40000ull, l2 = t + 0x10000, leaves = t + LEAVES;

		t += 0x20000;
		put64(p, TABLE + pid * 16, rts | t | 13);
		put64(p, t, PDE(l2, 9));
		if (!pid) {
			put64(p, l2, LEAF(0, R_C_RWX | PRIV));
			continue;
		}
		put64(p, l2, PDE(l2 + 0x1000, 9));
		put64(p, l2 + 0x1000, PDE(leaves, 9));
		for (unsigned i = 0; i < PAGES; i++)
			put64(p, leaves + ((PROGRAM >> 12) + i) * 8,
			      LEAF(CODE + 0x1000ull * some_body(p, i), R_C_RWX));
		put64(p, leaves + (USER_DATA >> 12) * 8, LEAF(DATA + 0x1000ull * pid, R_C_RWX));
	}
	for (unsigned i = 0; i < BODIES; i++)
		put64(p, TEMPLATES + 8 * i, LEAF(CODE + 0x1000ull * i, R_C_RWX));
}

static void begin(const Pair *p, PpcRig *r)
{
	PpcCpu *cpu = r->cpu;

	r->radix = true;
	r->process_table = TABLE;
	ppc_set_spr(cpu, 318, LPCR_HR | LPCR_UPRT | LPCR_GTSE | LPCR_AIL | (p->le ? LPCR_ILE : 0));
	ppc_set_spr(cpu, PIDR, 1);
	cpu->spr.FSCR = BIT64(51); /* scv */
	for (unsigned i = 0; i < 32; i++)
		cpu->gpr[i] = i * UINT64_C(0x123456789);
	cpu->gpr[20] = PROGRAM;
	cpu->gpr[23] = UINT64_C(6364136223846793005);
	cpu->gpr[24] = LINEAR;
	cpu->gpr[25] = USER_DATA;
	cpu->gpr[26] = UINT64_C(1) << 32;
	cpu->gpr[27] = UINT64_C(2) << 32;
	cpu->gpr[28] = LINEAR + TREES + 0x40000 + LEAVES + (PROGRAM >> 12) * 8;
	cpu->gpr[29] = LINEAR + KERNEL;
	cpu->gpr[30] = LINEAR + TEMPLATES;
	cpu->gpr[31] = LINEAR + TREES + 0x80000 + LEAVES + (PROGRAM >> 12) * 8;
	cpu->lr = PROGRAM;
	ppc_set_msr(cpu, MSR_SF | MSR_ME | MSR_RI | MSR_PR | MSR_EE | MSR_IR | MSR_DR |
				 (p->le ? MSR_LE : 0));
	cpu->nip = PROGRAM;
}

static bool same(const Pair *p)
{
	const char *a = (const char *)p->us->cpu, *b = (const char *)p->truth->cpu;

	return !memcmp(a + STATE, b + STATE, STATE_END - STATE) &&
	       !memcmp(p->us->m->ram->host + DATA, p->truth->m->ram->host + DATA, 0x3000) &&
	       !memcmp(p->us->m->ram->host + TREES, p->truth->m->ram->host + TREES, 0xc0000);
}

static void complain(const Pair *p, uint64_t from, unsigned slice)
{
	const PpcCpu *a = p->us->cpu, *b = p->truth->cpu;

	printf("%u instructions from 0x%" PRIx64 ": nip 0x%" PRIx64 ", should be 0x%" PRIx64
	       "; MSR 0x%" PRIx64 ", 0x%" PRIx64 "\n",
	       slice, from, a->nip, b->nip, a->msr, b->msr);
	for (unsigned i = 0; i < 32; i++)
		if (a->gpr[i] != b->gpr[i])
			printf("  r%u 0x%" PRIx64 ", 0x%" PRIx64 "\n", i, a->gpr[i], b->gpr[i]);
	fflush(stdout);
}

static uint64_t number(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	ck_assert_ptr_nonnull(at);
	return g_ascii_strtoull(at + strlen(name), NULL, 10);
}

/* ROUNDS kernels and programs, each for as many slices. */
START_TEST(as_interpreted)
{
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 2 };
	const char *more = g_getenv("JIT_KERNEL_ROUNDS");
	Pair p = { .seed = 0x5e1f + (unsigned)_i, .le = _i & 1, .aliases = _i & 2 };

	for (unsigned round = more ? (unsigned)atoi(more) : 6; round; round--) {
		g_autoptr(GString) text = g_string_new(NULL);

		p.us = rig_new("power9");
		p.truth = rig_new("power9");
		if (!ppc_use_jit(p.us->cpu, &o, NULL)) {
			test_skipped("host code: this host has none");
			return;
		}
		trees(&p);
		for (unsigned i = 0; i < BODIES * 16; i++)
			slot(&p, CODE + 0x100 * i, 0x100 * i);
		handlers(&p);
		kernel(&p);
		begin(&p, p.us);
		begin(&p, p.truth);
		for (unsigned n = 0; n < 3000; n++) {
			unsigned slice = 1 +
					 test_below(&p.seed, test_below(&p.seed, 2) ? 30 : 1000);
			uint64_t from = p.truth->cpu->nip;

			rig_run(p.us, slice);
			rig_run(p.truth, slice);
			/* Out of small loops. */
			if (test_below(&p.seed, 2) && p.us->cpu->msr & p.truth->cpu->msr & MSR_PR)
				p.us->cpu->nip = p.truth->cpu->nip =
					PROGRAM + 0x100 * test_below(&p.seed, 16 * PAGES);
			if (!same(&p)) {
				complain(&p, from, slice);
				ck_abort_msg("host code and the interpreter differ");
			}
		}
		ppc_show_jit(p.us->cpu, text);
		if (getenv("JIT_KERNEL_SHOW"))
			printf("%s\n", text->str);
		ck_assert_uint_gt(number(text->str, "jumps linked "), p.aliases ? 20 : 300);
		ck_assert_uint_gt(number(text->str, "flushes of pages "), 10);
		rig_free(p.us);
		rig_free(p.truth);
	}
}
END_TEST

/* Calls, keys, processes and flushes of the program's data, again and again: the run loop has nothing to do. */
START_TEST(a_system_call_does_not_leave_host_code)
{
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 2 };
	g_autoptr(GString) text = g_string_new(NULL);
	Pair p = { .seed = 1 };
	uint64_t before;

	p.us = p.truth = rig_new("power9");
	if (!ppc_use_jit(p.us->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		return;
	}
	trees(&p);
	for (unsigned i = 0; i < BODIES; i++)
		PUT(&p, CODE + 0x1000 * i, I_SC(0), I_SCV(0), I_MFTB(8), I_B(-12));
	handlers(&p);
	HANDLER(&p, 0xc00, I_MTSPR(AMR, 15), I_ISYNC, I_MFMSR(16), I_XORI(16, 16, 0x2000),
		I_MTMSRD(16, 0), I_MTSPR(PIDR, 17), I_TLBIEL(25, 26), I_PTESYNC, I_LDX(19, 0, 18),
		I_ICBI(0, 18), I_DCBZ(0, 18), I_RFID);
	begin(&p, p.us);
	p.us->cpu->gpr[17] = 1;
	p.us->cpu->gpr[18] = LINEAR + DATA;
	rig_run(p.us, 2000);
	ppc_show_jit(p.us->cpu, text);
	before = number(text->str, "entries ");
	rig_run(p.us, 200000);
	g_string_truncate(text, 0);
	ppc_show_jit(p.us->cpu, text);
	ck_assert_uint_lt(number(text->str, "entries ") - before, 1000);
	/* icbi is nothing where nothing was decoded, and only if that is known. */
	ppc_set_msr(p.us->cpu, MSR_SF | MSR_DR);
	ppc_ld8(p.us->cpu, LINEAR + DATA);
	ppc_ld8(p.us->cpu, LINEAR + 0x4c40);
	ck_assert(ppc_try_icbi(p.us->cpu, LINEAR + DATA));
	ck_assert(!ppc_try_icbi(p.us->cpu, LINEAR + 0x4c00));
	ck_assert(!ppc_try_icbi(p.us->cpu, LINEAR + 0x800000));
	rig_free(p.us);
}
END_TEST

/* In one half of the time, the page becomes another one, by a flush or as that of another process. */
static void mover(Pair *p, bool by_pid, unsigned which)
{
	const uint64_t at = CODE + 0x1000 * which;

	put64(p, TREES + (which + 1) * 0x40000 + LEAVES + (PROGRAM >> 12) * 8,
	      LEAF(CODE + 0x1000 * which, R_C_RWX | PRIV));
	put64(p, TEMPLATES + 8 * which, LEAF(CODE + 0x1000 * which, R_C_RWX | PRIV));
	PUT(p, at, I_MULLD(21, 21, 23), I_ADDI(21, 21, 7));
	if (by_pid)
		PUT(p, at + 8, I_RLWINM(15, 21, 13, 31, 31), I_ADDI(15, 15, 1), I_NOP, I_NOP,
		    I_MTSPR(PIDR, 15));
	else
		PUT(p, at + 8, I_RLWINM(15, 21, 16, 28, 28), I_LDX(15, 30, 15), I_STD(15, 0, 28),
		    I_PTESYNC, I_TLBIEL(20, 26));
	PUT(p, at + 28, I_ADDI(3 + which, 3 + which, 1), I_B(-32));
}

/* Code whose own page may become another one: what comes after that is the page's. */
START_TEST(a_kernel_that_moves_itself_goes_on_there)
{
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 2 };
	Pair p = { .us = rig_new("power9"), .truth = rig_new("power9") };

	if (!ppc_use_jit(p.us->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		return;
	}
	trees(&p);
	for (unsigned i = 0; i < 2; i++)
		mover(&p, _i, i);
	for (unsigned i = 0; i < 2; i++) {
		PpcRig *r = i ? p.us : p.truth;

		begin(&p, r);
		ppc_set_msr(r->cpu, MSR_SF | MSR_ME | MSR_RI | MSR_IR | MSR_DR);
		r->cpu->gpr[3] = r->cpu->gpr[4] = 0;
		rig_run(r, 9000);
	}
	ck_assert_uint_gt(p.truth->cpu->gpr[3], 300);
	ck_assert_uint_gt(p.truth->cpu->gpr[4], 300);
	ck_assert_uint_eq(p.us->cpu->gpr[3], p.truth->cpu->gpr[3]);
	ck_assert(same(&p));
	rig_free(p.us);
	rig_free(p.truth);
}
END_TEST

/* The hash tables behind it compute with floating point when they shrink. */
START_TEST(a_flush_is_no_inexact_result_of_the_guest)
{
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 2 };
	PpcRig *r = rig_new("power9");
	PpcFlush f = { .kind = PPC_FLUSH_RADIX, .shift = 12, .pid = 1 };
	Pair p = { .us = r, .truth = r };

	if (!ppc_use_jit(r->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		return;
	}
	trees(&p);
	for (unsigned i = 0; i < 300; i++)
		put64(&p, TREES + 0x40000 + LEAVES + i * 8, LEAF(CODE + 0x1000 * i, R_C_RWX));
	begin(&p, r);
	for (unsigned i = 0; i < 300; i++)
		ppc_fetch_pa(r->cpu, i << 12);
	feclearexcept(FE_ALL_EXCEPT);
	for (unsigned i = 0; i < 300; i++) {
		f.ea = i << 12;
		ppc_tlb_do(r->cpu, &f);
		ck_assert_int_eq(fetestexcept(FE_INEXACT), 0);
	}
	rig_free(r);
}
END_TEST

/* Estimates, quadword reservations, atomic operations, strings: around them there is a loop, and no instruction is called. */
START_TEST(a_loop_may_have_what_helpers_do)
{
	static const struct {
		const char *name;
		uint32_t word;
	} rows[] = {
		{ "fre", I_X(63, 3, 0, 2, 24) },
		{ "fres", I_X(59, 3, 0, 2, 24) },
		{ "frsqrte", I_X(63, 3, 0, 2, 26) },
		{ "frsqrtes", I_X(59, 3, 0, 2, 26) },
		{ "xsredp", I_X(60, 3, 0, 2, 90 << 1) },
		{ "xsresp", I_X(60, 3, 0, 2, 26 << 1) },
		{ "xsrsqrtedp", I_X(60, 3, 0, 2, 74 << 1) },
		{ "xsrsqrtesp", I_X(60, 3, 0, 2, 10 << 1) },
		{ "lqarx", I_X(31, 6, 0, 4, 276) },
		{ "stqcx.", I_X(31, 6, 0, 4, 182) | 1 },
		{ "lwat", I_X(31, 6, 4, 0, 582) },
		{ "ldat", I_X(31, 6, 4, 16, 614) },
		{ "stwat", I_X(31, 6, 4, 0, 710) },
		{ "stdat", I_X(31, 6, 4, 24, 742) },
		{ "lswi", I_X(31, 6, 4, 11, 597) },
		{ "stswi", I_X(31, 6, 4, 15, 725) },
	};
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 2 };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		/* bdnz, and what it does not come to */
		const uint32_t w[] = { rows[i].word, I_ADDI(9, 9, 1), 16u << 26 | 16 << 21 | 0xfff8,
				       I_B(0) };
		PpcRig *r = rig_new("power9");
		const PpcBlock *b;

		if (!ppc_use_jit(r->cpu, &o, NULL)) {
			test_skipped("host code: this host has none");
			rig_free(r);
			return;
		}
		rig_code(r, KERNEL, w, 4);
		r->cpu->gpr[4] = DATA;
		r->cpu->ctr = 1000000;
		r->cpu->vsr[2].u64[1] = UINT64_C(0x4010000000000000);
		rig_go(r, KERNEL, 3000);
		b = ppc_block_peek(r->cpu, KERNEL, r->cpu->mode);
		ck_assert_msg(b && b->unit && b->unit->loop, "%s: there is no loop", rows[i].name);
		ck_assert_uint_eq(b->unit->ncalls, 0);
		ck_assert_uint_eq(r->cpu->gpr[9], 1000);
		ck_assert_uint_gt(ppc_units_stats(r->cpu)->done, 2500);
		rig_free(r);
	}
}
END_TEST

Suite *suite_jit_kernel(void);
Suite *suite_jit_kernel(void)
{
	Suite *s = suite_create("jit_kernel");
	TCase *t = tcase_create("jit_kernel");

	tcase_set_timeout(t, 600);
	tcase_add_test(t, a_system_call_does_not_leave_host_code);
	tcase_add_test(t, a_loop_may_have_what_helpers_do);
	tcase_add_loop_test(t, a_kernel_that_moves_itself_goes_on_there, 0, 2);
	tcase_add_test(t, a_flush_is_no_inexact_result_of_the_guest);
	tcase_add_loop_test(t, as_interpreted, 0, 4);
	suite_add_tcase(s, t);
	return s;
}
