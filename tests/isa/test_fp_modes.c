/*
 * Floating point in every mode, on a CPU with host code and on one without: all ways to round, each exception enabled
 * or not, FE0 and FE1, NI, VSCR[NJ].  Short loops of floating-point instructions, on a catalogue of hard operands
 * and on such that lie half a unit of the last place from a tie.  What host code leaves to the interpreter in a mode must come
 * out the same, and so must the interrupts.  FP_ROUNDS=n: n times as many loops.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/unit.h"
#include "tests/isa/peer.h"

enum { BODY = 10, LOOPS = 400, TURNS = 6 };
enum { STATE = offsetof(PpcCpu, gpr), STATE_END = offsetof(PpcCpu, pending) };

typedef struct Modes {
	Rig *us, *truth;
	uint64_t seed, interrupts;
	const PpcInsn **rows;
	unsigned nrows;
} Modes;

static bool calculates(const PpcInsn *r, uint64_t features)
{
	if (!r->tr || r->features & ~features || r->without & features || r->prefix_mask ||
	    r->flags & (PPC_INSN_BRANCH | PPC_INSN_LOAD | PPC_INSN_STORE | PPC_INSN_PRIV))
		return false;
	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned kind = ppc_isa_operands[r->operand[i] & PPC_OPERAND_ID].kind;

		if (kind == PPC_KIND_GPR || kind == PPC_KIND_GPR0 || kind == PPC_KIND_GPRP)
			return false;
	}
	return r->facility == PPC_FAC_FP || r->facility == PPC_FAC_VSX ||
	       r->facility == PPC_FAC_VXX ||
	       (r->facility == PPC_FAC_VEC && strstr(r->mnemonic, "fp"));
}

static uint32_t word_of(Modes *m)
{
	const PpcInsn *r = m->rows[peer_below(&m->seed, m->nrows)];
	uint32_t w = (uint32_t)peer_rnd(&m->seed) & r->fields;

	/* Few registers, so that results become operands. */
	w &= ~(UINT32_C(0x14) << 21 | UINT32_C(0x14) << 16 | UINT32_C(0x14) << 11) | r->mask;
	return (w & ~r->mask) | r->value;
}

/* ---- Operands ---- */

static uint64_t hard(uint64_t *s)
{
	static const uint64_t v[] = {
		0,
		UINT64_C(0x0000000000000001),
		UINT64_C(0x000fffffffffffff),
		UINT64_C(0x0010000000000000),
		UINT64_C(0x0010000000000001),
		UINT64_C(0x36a0000000000000), /* the smallest single, and half of it */
		UINT64_C(0x3690000000000000),
		UINT64_C(0x380fffffe0000000),
		UINT64_C(0x380ffffff0000000),
		UINT64_C(0x3810000000000000),
		UINT64_C(0x3ff0000000000000),
		UINT64_C(0x3ff0000000000001),
		UINT64_C(0x3ff0000010000000), /* half a unit of a single above 1 */
		UINT64_C(0x3ff0000030000000),
		UINT64_C(0x3fefffffffffffff),
		UINT64_C(0x41dfffffffc00000),
		UINT64_C(0x41e0000000000000),
		UINT64_C(0x43e0000000000000),
		UINT64_C(0x4330000000000001),
		UINT64_C(0x433fffffffffffff),
		UINT64_C(0x47efffffe0000000),
		UINT64_C(0x47effffff0000000),
		UINT64_C(0x7fefffffffffffff),
		UINT64_C(0x7ff0000000000000),
		UINT64_C(0x7ff8000000000000),
		UINT64_C(0x7ff0000000000001),
		UINT64_C(0x7ff0000020000000),
		UINT64_C(0x7f8000017f7fffff), /* as two words */
		UINT64_C(0x0080000000000001),
		UINT64_C(0x3f8000013effffff),
	};

	return v[peer_below(s, ARRAY_LEN(v))] ^ (peer_below(s, 2) ? BIT64(0) : 0);
}

/* b whose sum with a lies on a tie of the wanted precision, or a bit beside it. */
static uint64_t half_ulp_of(uint64_t *s, uint64_t a, bool single)
{
	int e = (int)(a >> 52 & 0x7ff) - (single ? 24 : 53);
	uint64_t f = peer_below(s, 3);

	if (e < 1)
		return a ^ BIT64(0);
	f = f == 0 ? 0 : f == 1 ? 1 : mask64(12, 63);
	return (uint64_t)(e - (f == mask64(12, 63))) << 52 | f | (peer_rnd(s) & BIT64(0));
}

static void operands(Modes *m, PpcCpu *cpu)
{
	uint64_t *s = &m->seed, last = hard(s);

	for (unsigned i = 0; i < 64; i++) {
		bool single = peer_below(s, 2);
		uint64_t e = 1023 + peer_below(s, 80) - 40, v;

		switch (peer_below(s, 4)) {
		case 0: v = hard(s); break;
		case 1: v = half_ulp_of(s, last, single); break;
		default: v = e << 52 | (peer_rnd(s) & (single ? mask64(12, 34) : mask64(12, 63)));
		}
		last = v;
		cpu->vsr[i].q = (u128)v << 64 | (peer_below(s, 2) ? hard(s) : peer_rnd(s));
	}
}

/* Way to round, exceptions enabled, NI; what has been raised before. */
static uint64_t fpscr_of(uint64_t *s)
{
	uint64_t v = peer_below(s, 4),
		 enables = FPSCR_VE | FPSCR_OE | FPSCR_UE | FPSCR_ZE | FPSCR_XE;

	if (!peer_below(s, 3))
		v |= peer_rnd(s) & enables;
	if (!peer_below(s, 4))
		v |= FPSCR_NI;
	if (peer_below(s, 2))
		v |= FPSCR_XX | FPSCR_FX;
	return fpu_summarise(v);
}

/* ---- Runs ---- */

static void begin(Modes *m, uint64_t msr, const uint32_t *w)
{
	PpcCpu *us = m->us->cpu, *truth = m->truth->cpu;

	rig_clear(m->truth);
	operands(m, truth);
	truth->fpscr = fpscr_of(&m->seed);
	truth->vscr = peer_below(&m->seed, 3) ? 0 : BIT32(15);
	truth->ctr = TURNS;
	truth->msr = us->msr = msr;
	memcpy((char *)us + STATE, (const char *)truth + STATE, STATE_END - STATE);
	rig_code(m->us, RIG_CODE, w, BODY + 2);
	rig_code(m->truth, RIG_CODE, w, BODY + 2);
	ppc_state_changed(us);
	ppc_state_changed(truth);
}

static void complain(const Modes *m, const uint32_t *w, uint64_t fpscr)
{
	const PpcCpu *a = m->us->cpu, *b = m->truth->cpu;

	for (unsigned i = 0; i < BODY; i++)
		printf("  %08x\n", w[i]);
	printf("FPSCR before %08" PRIx64 ": nip %" PRIx64 " %" PRIx64 ", FPSCR %08" PRIx64
	       " %08" PRIx64 ", VSCR %08x %08x\n",
	       fpscr, a->nip, b->nip, a->fpscr, b->fpscr, a->vscr, b->vscr);
	for (unsigned i = 0; i < 64; i++)
		if (a->vsr[i].q != b->vsr[i].q)
			printf("vsr%u %016" PRIx64 "%016" PRIx64 " %016" PRIx64 "%016" PRIx64 "\n",
			       i, VSR_D(a->vsr[i], 0), VSR_D(a->vsr[i], 1), VSR_D(b->vsr[i], 0),
			       VSR_D(b->vsr[i], 1));
	fflush(stdout);
}

static void one_loop(Modes *m, uint64_t msr)
{
	uint32_t w[BODY + 2];
	uint64_t fpscr;

	for (unsigned i = 0; i < BODY; i++)
		w[i] = word_of(m);
	w[BODY] = 0x42000000 | ((uint32_t)(-4 * BODY) & 0xfffc); /* bdnz */
	w[BODY + 1] = 0x48000000;
	begin(m, msr, w);
	fpscr = m->truth->cpu->fpscr;
	rig_run(m->us, RIG_CODE, TURNS * (BODY + 1) + 3);
	rig_run(m->truth, RIG_CODE, TURNS * (BODY + 1) + 3);
	m->interrupts += m->truth->cpu->nip < RIG_CODE;
	if (memcmp((const char *)m->us->cpu + STATE, (const char *)m->truth->cpu + STATE,
		   STATE_END - STATE)) {
		complain(m, w, fpscr);
		ck_abort_msg("host code and the interpreter differ");
	}
}

static const char *const models[] = { "7450", "970fx", "power8", "power9", "power10" };

START_TEST(as_interpreted_in_every_mode)
{
	static const uint64_t fe[] = { 0, MSR_FE0 | MSR_FE1, MSR_FE0, MSR_FE1 };
	const PpcJitOptions o = { .bytes = 4 << 20, .hot = 1 };
	const char *rounds = getenv("FP_ROUNDS");
	unsigned loops = LOOPS * (rounds ? (unsigned)atoi(rounds) : 1);
	Modes m = { .seed = 0xf9 + (unsigned)_i + loops };
	uint64_t f, msr, done;

	m.us = rig_new(models[_i], 0);
	m.truth = rig_new(models[_i], 0);
	if (!ppc_use_jit(m.us->cpu, &o, NULL)) {
		test_skipped("host code: this host has none");
		return;
	}
	f = m.us->cpu->features;
	msr = m.us->cpu->msr | MSR_FP | (f & PPC_F_64 ? MSR_SF : 0) |
	      (f & PPC_F_VMX ? MSR_VEC : 0) | (f & PPC_F_VSX ? MSR_VSX : 0);
	m.rows = g_new0(const PpcInsn *, ppc_isa_row_count);
	for (unsigned i = 0; i < ppc_isa_row_count; i++)
		if (calculates(&ppc_isa_rows[i], f))
			m.rows[m.nrows++] = &ppc_isa_rows[i];
	for (unsigned n = 0; n < loops; n++)
		one_loop(&m, msr | fe[n % ARRAY_LEN(fe)]);
	done = ppc_units_stats(m.us->cpu)->done;
	printf("fp modes: %s: %u rows, %u loops, %" PRIu64 " ended in an interrupt, %" PRIu64
	       " instructions in host code\n",
	       models[_i], m.nrows, loops, m.interrupts, done);
	fflush(stdout);
	ck_assert_uint_gt(m.nrows, 20);
	ck_assert_uint_gt(m.interrupts, loops / 100);
	ck_assert_uint_gt(done, loops);
	g_free(m.rows);
	rig_free(m.us);
	rig_free(m.truth);
}
END_TEST

Suite *suite_fp_modes(void);
Suite *suite_fp_modes(void)
{
	Suite *s = suite_create("fp_modes");
	TCase *t = tcase_create("fp_modes");

	tcase_set_timeout(t, 0);
	tcase_add_loop_test(t, as_interpreted_in_every_mode, 0, ARRAY_LEN(models));
	suite_add_tcase(s, t);
	return s;
}
