/*
 * Programs of random instructions with loops, calls, interrupts and stores into themselves, on two CPUs:
 * one runs host code as soon as it can, the other interprets.  After every slice, of any
 * length, all their registers and memory must be the same.
 *
 * Interrupt handlers go on behind the instruction that caused them.  r24 points to the program, r28
 * and r29 to data on both sides of a page's end; r30 and r31 are small; r23 is the handlers'.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/unit.h"
#include "tests/isa/peer.h"

enum { WORDS = 400, START = RIG_CODE + 0x1000 - 2 * WORDS, BORDER = RIG_DATA + 0x1000 };
enum { STATE = offsetof(PpcCpu, gpr), STATE_END = offsetof(PpcCpu, pending) };
enum { FREE_GPRS = 22, INSNS = 6000, VSCR_NJ = 0x10000 };

typedef struct Pair {
	Rig *us, *truth;
	const char *model;
	uint64_t seed, msr, insns;
	unsigned programs;
	bool background;
} Pair;

/* ---- Programs ---- */

static void put(uint64_t *w, unsigned id, uint64_t v)
{
	const PpcOperand *o = &ppc_isa_operands[id];
	uint64_t mask = (uint64_t)o->prefix_mask << 32 | o->mask;

	*w &= ~mask;
	for (uint64_t m = mask; m; m &= m - 1, v >>= 1)
		*w |= (v & 1) << ctz64(m);
}

static bool has(const PpcInsn *r, unsigned id)
{
	for (unsigned i = 0; i < r->noperands; i++)
		if ((r->operand[i] & PPC_OPERAND_ID) == id)
			return true;
	return false;
}

static void address(uint64_t *s, const PpcInsn *r, uint64_t *w)
{
	unsigned base = has(r, PPC_OPERAND_RA0) ? PPC_OPERAND_RA0 : PPC_OPERAND_RA;

	put(w, base, 28 + peer_below(s, 2));
	if (has(r, PPC_OPERAND_RB))
		put(w, PPC_OPERAND_RB, 30 + peer_below(s, 2));
	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;

		if (ppc_isa_operands[id].kind == PPC_KIND_DISP)
			put(w, id, peer_rnd(s) & 0x1f);
	}
	if (has(r, PPC_OPERAND_R))
		put(w, PPC_OPERAND_R, 0);
}

/* Rows that units do themselves, and may stand anywhere; LR and CTR stay addresses of the program. */
static const PpcInsn *some_row(Pair *p)
{
	uint64_t f = p->us->cpu->features;

	for (;;) {
		const PpcInsn *r = &ppc_isa_rows[peer_below(&p->seed, ppc_isa_row_count)];

		if (!r->tr || r->features & ~f || r->without & f || r->flags & PPC_INSN_BRANCH)
			continue;
		if (peer_starts(r->mnemonic, "mtspr") || peer_starts(r->mnemonic, "mfspr") ||
		    peer_starts(r->mnemonic, "mtmsr"))
			continue;
		return r;
	}
}

static uint32_t plain(Pair *p)
{
	const PpcInsn *r = some_row(p);
	uint64_t *s = &p->seed, w = peer_rnd(s) & r->fields;

	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];

		if (o->kind == PPC_KIND_GPR || o->kind == PPC_KIND_GPR0)
			put(&w, id, peer_below(s, FREE_GPRS));
		else if (o->kind == PPC_KIND_GPRP)
			put(&w, id, 2 * peer_below(s, FREE_GPRS / 2));
		else if (id == PPC_OPERAND_TO && peer_below(s, 4))
			put(&w, id, 0);
	}
	if (r->flags & (PPC_INSN_LOAD | PPC_INSN_STORE))
		address(s, r, &w);
	/* Those that write up to r31, and so the pointers. */
	if (!strcmp(r->mnemonic, "lmw") || (!strcmp(r->mnemonic, "lswi") && (w >> 21 & 31) > 14))
		return 0x60000000;
	return ((uint32_t)w & ~r->mask) | r->value;
}

/* A branch from word `at` of the program to some other, mostly near. */
static uint32_t branch(Pair *p, unsigned at)
{
	static const uint8_t bo[] = { 16, 18, 12, 4, 12, 4, 8, 0, 10, 2, 20 };
	uint64_t *s = &p->seed;
	unsigned to = peer_below(s, 4) ? at + peer_below(s, 40) : at + WORDS - peer_below(s, 20);
	uint32_t disp = ((to % WORDS) - at) * 4, how = bo[peer_below(s, ARRAY_LEN(bo))];

	switch (peer_below(s, 8)) {
	case 0: return 0x48000000 | (disp & 0x3fffffc) | peer_below(s, 2); /* b, bl */
	case 1: return 0x4c000020 | how << 21 | peer_below(s, 32) << 16;   /* bclr */
	default:
		return 0x40000000 | how << 21 | peer_below(s, 32) << 16 | (disp & 0xfffc) |
		       !peer_below(s, 6);
	}
}

/* Several words that belong together; how many. */
static unsigned gadget(Pair *p, uint32_t *w)
{
	uint64_t *s = &p->seed;
	uint32_t there = START + 4 * peer_below(s, WORDS);

	switch (peer_below(s, 8)) {
	case 0:
	case 1:
	case 2: /* lis, ori r22; mtctr r22; bctr[l] */
		w[0] = 0x3ec00000 | there >> 16;
		w[1] = 0x62d60000 | (there & 0xffff);
		w[2] = 0x7ec903a6;
		w[3] = 0x4e800420 | peer_below(s, 2);
		return 4;
	case 3:
	case 4:
	case 5:
	case 6: /* lis r28; ori r29,r28; li r30; li r31 */
		w[0] = 0x3f800000 | RIG_DATA >> 16;
		w[1] = 0x639d0000 | (BORDER - 0x80 + peer_below(s, 0x80));
		w[2] = 0x3bc00000 | peer_below(s, 64);
		w[3] = 0x3be00000 | (uint16_t)-peer_below(s, 64);
		return 4;
	default: /* lwz r22 and stw r22: an instruction elsewhere becomes another */
		w[0] = 0x82d80000 | 4 * peer_below(s, WORDS);
		w[1] = 0x92d80000 | 4 * peer_below(s, WORDS);
		w[2] = 0x4c00012c; /* isync */
		return 3;
	}
}

static void program(Pair *p, uint32_t *w)
{
	unsigned n = 0;

	while (n < WORDS - 5) {
		unsigned kind = peer_below(&p->seed, 32);

		if (kind < 2)
			n += gadget(p, w + n);
		else if (kind < 7)
			w[n] = branch(p, n), n++;
		else
			w[n++] = plain(p);
	}
	while (n < WORDS - 1)
		w[n++] = 0x60000000;
	w[n] = 0x48000000 | ((uint32_t)(-4 * (WORDS - 1)) & 0x3fffffc);
}

/* ---- Runs ---- */

static void handlers(Rig *r)
{
	/* mfsrr0 r23; addi r23,r23,4; mtsrr0 r23; rfid or rfi */
	const uint32_t w[] = { 0x7efa02a6, 0x3af70004, 0x7efa03a6,
			       r->cpu->features & PPC_F_64 ? 0x4c000024 : 0x4c000064 };

	for (uint64_t v = 0x100; v < 0x1000; v += 0x20)
		for (unsigned i = 0; i < 4; i++)
			st32_be(rig_ram(r, v + 4 * i), w[i]);
}

/* In the mode of the test again, and running; an interrupt may have left it, or have stopped the CPU. */
static void go_on_at(const Pair *p, PpcCpu *cpu, uint64_t nip)
{
	cpu->msr = p->msr;
	cpu->halted = cpu->quiesced = false;
	cpu->nip = nip;
	ppc_state_changed(cpu);
}

static void begin(Pair *p, Rig *r, uint64_t seed, const uint32_t *w)
{
	PpcCpu *cpu = r->cpu;

	go_on_at(p, cpu, START);
	rig_clear(r);
	rig_code(r, START, w, WORDS);
	for (unsigned i = 0; i < 32; i++)
		cpu->gpr[i] = peer_rnd(&seed) >> peer_below(&seed, 64);
	for (unsigned i = 0; i < 64; i++)
		cpu->vsr[i].q = (u128)peer_rnd(&seed) << 64 | peer_rnd(&seed);
	cpu->gpr[24] = START;
	cpu->gpr[28] = BORDER - 0x80 + peer_below(&seed, 0x80);
	cpu->gpr[29] = RIG_DATA + 0x800;
	cpu->gpr[30] = peer_below(&seed, 64);
	cpu->gpr[31] = -(uint64_t)peer_below(&seed, 64);
	cpu->lr = START;
	cpu->ctr = 5;
	cpu->cfar = 0;
	cpu->resv_addr = UINT64_MAX;
	/* All ways to round; exceptions are enabled in some programs, and denormals are zeros. */
	cpu->fpscr = peer_rnd(&seed) & (peer_below(&seed, 4) ? FPSCR_RN : UINT64_C(0xff));
	cpu->vscr = cpu->features & PPC_F_VMX ? peer_rnd(&seed) & VSCR_NJ : 0;
	if (!(cpu->features & PPC_F_VSX))
		memset(cpu->vsr, 0, sizeof(cpu->vsr));
}

static bool same(const Pair *p)
{
	const char *a = (const char *)p->us->cpu, *b = (const char *)p->truth->cpu;

	return !memcmp(a + STATE, b + STATE, STATE_END - STATE) &&
	       !memcmp(rig_ram(p->us, RIG_CODE), rig_ram(p->truth, RIG_CODE), 0x14000);
}

static void complain(const Pair *p, uint64_t from, uint64_t done, unsigned slice)
{
	const PpcCpu *a = p->us->cpu, *b = p->truth->cpu;
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

	printf("%s, MSR 0x%" PRIx64 ", program %u: after %u instructions from 0x%" PRIx64
	       " (%" PRIu64 " before): nip 0x%" PRIx64 ", should be 0x%" PRIx64 "\n",
	       p->model, p->msr, p->programs, slice, from, done, a->nip, b->nip);
	for (unsigned i = 0; i < 32; i++)
		if (a->gpr[i] != b->gpr[i])
			printf("  r%u 0x%" PRIx64 ", 0x%" PRIx64 "\n", i, a->gpr[i], b->gpr[i]);
	for (unsigned i = 0, n = 0; i < STATE_END && n < 8; i++)
		if (i >= STATE && x[i] != y[i] && ++n)
			printf("  byte %u of the state: %02x, %02x\n", i, x[i], y[i]);
	fflush(stdout);
}

static void one_program(Pair *p)
{
	uint32_t w[WORDS];
	uint64_t seed, done = 0;

	p->programs++;
	program(p, w);
	seed = peer_rnd(&p->seed) | 1;
	begin(p, p->us, seed, w);
	begin(p, p->truth, seed, w);
	while (done < INSNS) {
		unsigned slice = 1 + peer_below(&p->seed, peer_below(&p->seed, 2) ? 30 : 300);
		uint64_t from = p->truth->cpu->nip;

		if (p->background && !peer_below(&p->seed, 8))
			g_usleep(100);
		rig_run(p->us, p->us->cpu->nip, slice);
		rig_run(p->truth, from, slice);
		if (!same(p)) {
			complain(p, from, done, slice);
			ck_abort_msg("host code and the interpreter differ");
		}
		done += slice;
		/* Out of small loops. */
		if (peer_below(&p->seed, 2)) {
			from = START + 4 * peer_below(&p->seed, WORDS);
			go_on_at(p, p->us->cpu, from);
			go_on_at(p, p->truth->cpu, from);
		}
	}
	p->insns += done;
}

/*
 * JIT_MILLIONS: so many instructions in host code, all models together, however many programs that takes; at
 * most a hundred times as many are run.
 */
static uint64_t wanted(void)
{
	const char *n = g_getenv("JIT_MILLIONS");

	return n ? strtoul(n, NULL, 0) * 1000000 : 0;
}

static void test_mode(Pair *p, uint64_t msr, uint64_t least)
{
	const uint64_t *done = &ppc_units_stats(p->us->cpu)->done, before = *done;
	const char *n = g_getenv("TR_ROUNDS");
	uint64_t programs = n ? strtoul(n, NULL, 0) : 30;

	p->msr = msr | MSR_ME;
	if (least)
		programs = 1 + least / (INSNS / 100);
	while (programs-- > 0 && (!least || *done - before < least))
		one_program(p);
}

static const char *const models[] = { "603e",  "604e",	 "750",	   "7400",   "7450",
				      "970fx", "power8", "power9", "power10" };

/* What follows `name' in the text of info jit. */
static uint64_t number(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? g_ascii_strtoull(at + strlen(name), NULL, 10) : 0;
}

START_TEST(as_interpreted)
{
	/* From the second round on units come from another thread, whenever it has them. */
	const unsigned n = (unsigned)_i % ARRAY_LEN(models), background = (unsigned)_i != n;
	const PpcJitOptions o = { .bytes = 16 << 20, .hot = 1, .background = background };
	Pair p = { .model = models[n], .seed = 0xc0de + (unsigned)_i, .background = background };
	GString *text = g_string_new(NULL);
	uint64_t f, wide, all, done, each = wanted() / (2 * ARRAY_LEN(models));
	unsigned modes;

	if (each)
		p.seed += wanted();
	p.us = rig_new(p.model, 0);
	p.truth = rig_new(p.model, 0);
	if (!ppc_use_jit(p.us->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		return;
	}
	handlers(p.us);
	handlers(p.truth);
	f = p.us->cpu->features;
	wide = f & PPC_F_64 ? MSR_SF : 0;
	all = MSR_FP | (f & PPC_F_VMX ? MSR_VEC : 0) | (f & PPC_F_VSX ? MSR_VSX : 0);
	modes = 2 + (wide != 0) + !(f & PPC_F_SEG32);
	test_mode(&p, wide | all, each ? each / modes + 1 : 0);
	test_mode(&p, wide | all | MSR_PR, each ? each / modes + 1 : 0);
	if (wide)
		test_mode(&p, all, each ? each / modes + 1 : 0);
	if (!(f & PPC_F_SEG32))
		test_mode(&p, wide | all | MSR_LE, each ? each / modes + 1 : 0);
	done = ppc_units_stats(p.us->cpu)->done;
	ppc_show_jit(p.us->cpu, text);
	printf("jitrun: %s%s: %u programs, %" PRIu64 " instructions, %" PRIu64
	       " of them in host code; %" PRIu64 " units, %" PRIu64 " dropped, %" PRIu64
	       " jumps linked, %" PRIu64 " traces\n",
	       p.model, o.background ? " in the background" : "", p.programs, p.insns, done,
	       number(text->str, "units made "), number(strstr(text->str, "units"), "dropped "),
	       number(text->str, "linked "), number(text->str, "traces "));
	fflush(stdout);
	/* The other thread may be late. */
	ck_assert_uint_ge(done, each ? each : background ? 0 : p.insns / 10);
	ck_assert_uint_gt(number(text->str, "units made "), 0);
	ck_assert_uint_gt(number(strstr(text->str, "units"), "dropped "), 0);
	ck_assert_uint_gt(number(text->str, "linked "), 0);
	ck_assert_uint_gt(number(text->str, "traces "), 0);
	g_string_free(text, true);
	rig_free(p.us);
	rig_free(p.truth);
}
END_TEST

Suite *suite_jitrun(void);
Suite *suite_jitrun(void)
{
	Suite *s = suite_create("jitrun");
	TCase *t = tcase_create("jitrun");

	tcase_set_timeout(t, wanted() ? 0 : 600);
	tcase_add_loop_test(t, as_interpreted, 0, 2 * ARRAY_LEN(models));
	suite_add_tcase(s, t);
	return s;
}
