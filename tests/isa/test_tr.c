/*
 * Translators (target-ppc/tr_*.c) against the interpreter: units of random instructions, built
 * by tr_unit.c and run on one CPU (as IR by its runner, or as host code, in turns), by the
 * interpreter on another.
 *
 * After a unit has left, the other CPU executes as many instructions as it says are done, and
 * all registers and memory must be the same.  What a unit leaves undone both interpret.
 * Every row with a translator must have been completed by IR, on every model that has it, in each
 * of its modes.
 */
#include <check.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include "jit/vec.h"
#include "target-ppc/classic.h"
#include "target-ppc/disas.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/tr.h"
#include "target-ppc/unit.h"
#include "tests/isa/peer.h"

/* Instructions of the slice. */
enum { WINDOW = 0x4000, LENGTH_MAX = 12, BUDGET = 1000 };
/* The data lie around a page border; r28 and r29 point there, r30 and r31 are small. */
enum { BORDER = RIG_DATA + 0x1000 };

typedef struct Pair {
	Rig *us, *truth;
	Ir *ir;
	Jit *jit;     /* NULL: this host has no code */
	bool as_code; /* the present unit */
	uint64_t seed;
	const char *model;
	uint64_t msr;
	unsigned *done; /* by row: completed as IR, in the present mode */
	unsigned *ever; /* in all of them */
	unsigned units, loops, bad;
} Pair;

static unsigned rows_of_all(void)
{
	return ppc_isa_row_count + ppc_isa_prefixed_count;
}

/* ---- Words and values ---- */

/* Puts v into the bits of an operand, from the right. */
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

/* Registers without a clock behind them, of all kinds, and some that are not there. */
static unsigned some_spr(uint64_t *s)
{
	static const uint16_t n[] = { 1,   3,	8,   9,	  18,  19,  26,	 27,  28,  256, 259, 272,
				      273, 274, 275, 276, 277, 287, 304, 305, 815, 896, 153, 1008 };

	return n[peer_below(s, ARRAY_LEN(n))];
}

/* Fields that decide where it goes or what it touches; the rest is random. */
static void settle(uint64_t *s, const PpcInsn *r, uint64_t *w)
{
	static const uint8_t disp[] = { PPC_OPERAND_D, PPC_OPERAND_DS, PPC_OPERAND_DQ };
	bool memory = r->flags & (PPC_INSN_LOAD | PPC_INSN_STORE);
	unsigned base = has(r, PPC_OPERAND_RA0) ? PPC_OPERAND_RA0 : PPC_OPERAND_RA;

	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];

		if (id == PPC_OPERAND_SPR && !(r->mask & o->mask)) {
			unsigned n = some_spr(s);

			put(w, id, (n & 31) << 5 | n >> 5);
		}
		/* Of mtmsr and mtmsrd the form for EE and RI, mostly. */
		if (id == PPC_OPERAND_L15)
			put(w, id, peer_below(s, 4) > 0);
		/* Few registers, so that instructions meet. */
		if ((o->kind == PPC_KIND_GPR || o->kind == PPC_KIND_FPR ||
		     o->kind == PPC_KIND_VSR) &&
		    peer_below(s, 4))
			put(w, id, peer_below(s, 10));
		if (o->kind == PPC_KIND_GPRP && peer_below(s, 4))
			put(w, id, 2 * peer_below(s, 13));
	}
	if (!memory || !peer_below(s, 8) || !has(r, base))
		return;
	put(w, base, 28 + peer_below(s, 2));
	/* Of some RB is a length. */
	if (has(r, PPC_OPERAND_RB) && !strstr(r->mnemonic, "xvl"))
		put(w, PPC_OPERAND_RB, 30 + peer_below(s, 2));
	for (unsigned i = 0; i < ARRAY_LEN(disp); i++)
		if (has(r, disp[i]))
			put(w, disp[i], peer_rnd(s) & 0x3f);
	if (has(r, PPC_OPERAND_D34)) {
		put(w, PPC_OPERAND_D34, peer_rnd(s) & 0xff);
		put(w, PPC_OPERAND_R, 0);
	}
}

/* A random instruction of the row; its length in words. */
static unsigned word_of(uint64_t *s, const PpcInsn *r, uint32_t words[2])
{
	uint64_t mask = (uint64_t)r->prefix_mask << 32 | r->mask;
	uint64_t fields = (uint64_t)r->prefix_fields << 32 | r->fields;
	uint64_t value = (uint64_t)r->prefix_value << 32 | r->value;
	uint64_t w = peer_rnd(s) & fields;

	settle(s, r, &w);
	w = (w & ~mask) | value;
	if (!r->prefix_mask) {
		words[0] = (uint32_t)w;
		return 1;
	}
	words[0] = (uint32_t)(w >> 32);
	words[1] = (uint32_t)w;
	return 2;
}

static uint64_t value(uint64_t *s)
{
	static const uint64_t v[] = { 0,
				      1,
				      2,
				      7,
				      31,
				      32,
				      63,
				      64,
				      127,
				      UINT64_MAX,
				      UINT64_MAX - 1,
				      INT64_MAX,
				      BIT64(0),
				      UINT32_MAX,
				      INT32_MAX,
				      UINT64_C(0x80000000),
				      UINT64_C(0xffffffff80000000),
				      UINT64_C(0x100000000),
				      UINT64_C(0x8000000000000001) };
	uint64_t x = peer_rnd(s);

	switch (peer_below(s, 6)) {
	case 0:
	case 1: return v[peer_below(s, ARRAY_LEN(v))];
	case 2: return (uint64_t)(int64_t)(int8_t)x;
	case 3: return (uint64_t)(int64_t)(int32_t)x;
	case 4: return x >> peer_below(s, 64);
	default: return peer_below(s, 3) ? x : x & mask64(4, 63);
	}
}

/* Elements of one kind, of which some meet limits. */
static PpcVsr vector(uint64_t *s)
{
	unsigned kind = peer_below(s, 8);
	PpcVsr v;

	if (kind < 4) {
		v.u64[0] = peer_rnd(s);
		v.u64[1] = peer_rnd(s);
		return v;
	}
	for (unsigned i = 0; i < 16; i++)
		v.u8[i] = (uint8_t)value(s);
	for (unsigned i = 0; i < 8 && kind > 4; i++)
		v.s16[i] = (int16_t)(value(s) >> (kind > 5 && i & 1 ? 48 : 0));
	for (unsigned i = 0; i < 4 && kind > 5; i++)
		v.u32[i] = (uint32_t)value(s);
	for (unsigned i = 0; i < 2 && kind > 6; i++)
		v.u64[i] = value(s);
	return v;
}

/* Doubles of all kinds, most of them singles, some of which meet limits. */
static uint64_t number(uint64_t *s, bool tame)
{
	static const uint64_t v[] = {
		0,
		BIT64(0),
		UINT64_C(0x3ff0000000000000),
		UINT64_C(0xbff0000000000000),
		UINT64_C(0x7ff0000000000000),
		UINT64_C(0xfff0000000000000),
		UINT64_C(0x7ff8000000000000),
		UINT64_C(0x7ff4000000000000),
		UINT64_C(0xffffffffffffffff),
		1,
		UINT64_C(0x0010000000000000),
		UINT64_C(0x8010000000000000),
		UINT64_C(0x000fffffffffffff),
		UINT64_C(0x7fefffffffffffff),
		UINT64_C(0x3810000000000000), /* the smallest normal single */
		UINT64_C(0x380fffffc0000000),
		UINT64_C(0x36a0000000000000), /* the smallest single */
		UINT64_C(0x47efffffe0000000), /* the greatest */
		UINT64_C(0x47efffffefffffff),
		UINT64_C(0x43e0000000000000), /* 2^63 */
		UINT64_C(0xc3e0000000000000),
		UINT64_C(0x41e0000000000000), /* 2^31 */
		UINT64_C(0xc1e0000000000000),
		UINT64_C(0x41dfffffffe00000),
		UINT64_C(0xc1e0000000100000),
	};
	uint64_t x = peer_rnd(s), e = 1023 - 4 + peer_below(s, 8), few = UINT64_MAX << 29;

	switch (tame && peer_below(s, 8) ? 7 : peer_below(s, 8)) {
	case 0: return v[peer_below(s, ARRAY_LEN(v))];
	case 1: return x;
	case 2: return x & few;
	case 3: return (x & BIT64(0)) | e << 52 | (x & mask64(12, 63));
	case 4: return (x & BIT64(0)) | e << 52 | (x & mask64(12, 12 + peer_below(s, 6)));
	case 5: return (x & BIT64(0)) | (uint64_t)(897 + peer_below(s, 8)) << 52 | (x & few) >> 12;
	case 6: return (x & BIT64(0)) | (uint64_t)peer_below(s, 60) << 52 | (x & mask64(12, 63));
	default:
		/* An ordinary single. */
		return (x & BIT64(0)) | e << 52 | (x & mask64(12, 34));
	}
}

/* A double, two of them, or four singles; or something else. */
static void fp_register(uint64_t *s, PpcVsr *v, unsigned what, bool tame)
{
	for (unsigned i = 0; i < 2 && what < 3; i++) {
		uint64_t x = number(s, tame), y = number(s, tame);

		if (what == 2)
			VSR_D(*v, i) = (uint64_t)sf_stfs(x) << 32 | sf_stfs(y);
		else if (!i || what == 1)
			VSR_D(*v, i) = x;
	}
}

static void fp_registers(Pair *p, PpcCpu *cpu)
{
	uint64_t *s = &p->seed;
	bool all = peer_below(s, 2), tame = peer_below(s, 2);
	unsigned what = peer_below(s, 4);

	for (unsigned i = 0; i < 64; i++)
		if (all || peer_below(s, 4))
			fp_register(s, &cpu->vsr[i], what, tame);
	/* Mostly nothing is enabled; rounding is of any kind. */
	cpu->fpscr = peer_rnd(s) & peer_rnd(s) & UINT32_MAX & ~UINT64_C(0xfff);
	if (peer_below(s, 2))
		cpu->fpscr &= ~(FPSCR_XX | FPSCR_FX);
	if (!peer_below(s, 12))
		cpu->fpscr |= peer_rnd(s) & 0xff;
	else if (peer_below(s, 2))
		cpu->fpscr |= peer_rnd(s) & (FPSCR_RN | FPSCR_NI);
	cpu->fpscr = fpu_summarise(cpu->fpscr);
}

static void registers(Pair *p, PpcCpu *cpu)
{
	uint64_t *s = &p->seed;

	for (unsigned i = 0; i < 32; i++)
		cpu->gpr[i] = value(s);
	for (unsigned i = 28; i < 30; i++) {
		cpu->gpr[i] = BORDER - 0x80 + peer_below(s, 0x100);
		cpu->gpr[i] &= peer_below(s, 2) ? ~UINT64_C(7) : UINT64_MAX;
		if (!(p->msr & MSR_SF))
			cpu->gpr[i] |= value(s) << 32;
		else if (!peer_below(s, 8))
			cpu->gpr[i] |= BIT64(0); /* in real mode it does not count */
	}
	cpu->gpr[30] = peer_below(s, 64);
	cpu->gpr[31] = (uint64_t) - (int64_t)peer_below(s, 64);
	cpu->lr = value(s);
	cpu->ctr = peer_below(s, 2) ? peer_below(s, 3) : value(s);
	cpu->cfar = value(s);
	for (unsigned i = 0; i < 8; i++)
		cpu->cr[i] = peer_rnd(s) & 15;
	cpu->xer.so = peer_rnd(s) & 1;
	cpu->xer.ov = peer_rnd(s) & 1;
	cpu->xer.ov32 = peer_rnd(s) & 1;
	cpu->xer.ca = peer_rnd(s) & 1;
	cpu->xer.ca32 = peer_rnd(s) & 1;
	cpu->xer.count = peer_rnd(s) & 0x7f;
	cpu->xer.cmp = cpu->features & PPC_F_CLS ? peer_rnd(s) & 0xff : 0;
	cpu->spr.TAR = value(s);
	cpu->spr.VRSAVE = (uint32_t)value(s);
	cpu->spr.SRR0 = value(s);
	cpu->spr.SRR1 = value(s);
	cpu->spr.SPRG0 = value(s);
	cpu->spr.SPRG3 = value(s);
	cpu->spr.DAR = value(s);
	if (cpu->features & PPC_F_CLS)
		cpu->spr.HID0 = peer_below(s, 4) ? HID0_DCE : 0;
	cpu->resv_addr = UINT64_MAX;
	cpu->spr.FSCR = peer_below(s, 4) ? UINT64_MAX : 0;
	for (unsigned i = 0; i < 64; i++)
		cpu->vsr[i] = vector(s);
	fp_registers(p, cpu);
	cpu->vscr = cpu->features & PPC_F_VMX ? peer_rnd(s) & (BIT32(15) | 1) : 0;
}

/* ---- Comparison ---- */

/* State that a difference may be in: all that is saved, up to the first that is the run loop's. */
enum { STATE = offsetof(PpcCpu, gpr), STATE_END = offsetof(PpcCpu, pending) };

static void copy_state(PpcCpu *to, const PpcCpu *from)
{
	memcpy((char *)to + STATE, (const char *)from + STATE, STATE_END - STATE);
	ppc_state_changed(to);
}

static bool same(Pair *p)
{
	const PpcCpu *a = p->us->cpu, *b = p->truth->cpu;

	return !memcmp((const char *)a + STATE, (const char *)b + STATE, STATE_END - STATE) &&
	       !memcmp(rig_ram(p->us, RIG_DATA), rig_ram(p->truth, RIG_DATA), WINDOW);
}

static void show_difference(const PpcCpu *a, const PpcCpu *b)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

	for (unsigned i = 0; i < 32; i++)
		if (a->gpr[i] != b->gpr[i])
			printf("  r%u: 0x%" PRIx64 ", should be 0x%" PRIx64 "\n", i, a->gpr[i],
			       b->gpr[i]);
	for (unsigned i = 0; i < 8; i++)
		if (a->cr[i] != b->cr[i])
			printf("  cr%u: %x, should be %x\n", i, a->cr[i], b->cr[i]);
	if (memcmp(&a->xer, &b->xer, sizeof(a->xer)))
		printf("  so %u ov %u ov32 %u ca %u ca32 %u, should be %u %u %u %u %u\n", a->xer.so,
		       a->xer.ov, a->xer.ov32, a->xer.ca, a->xer.ca32, b->xer.so, b->xer.ov,
		       b->xer.ov32, b->xer.ca, b->xer.ca32);
	if (a->nip != b->nip || a->lr != b->lr || a->ctr != b->ctr || a->cfar != b->cfar)
		printf("  nip 0x%" PRIx64 " lr 0x%" PRIx64 " ctr 0x%" PRIx64 " cfar 0x%" PRIx64
		       ", should be 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "\n",
		       a->nip, a->lr, a->ctr, a->cfar, b->nip, b->lr, b->ctr, b->cfar);
	if (a->fpscr != b->fpscr)
		printf("  fpscr: 0x%" PRIx64 ", should be 0x%" PRIx64 "\n", a->fpscr, b->fpscr);
	for (size_t i = 0; i < 64; i++)
		if (a->vsr[i].q != b->vsr[i].q)
			printf("  vs%zu: %016" PRIx64 " %016" PRIx64 ", should be %016" PRIx64
			       " %016" PRIx64 "\n",
			       i, VSR_D(a->vsr[i], 0), VSR_D(a->vsr[i], 1), VSR_D(b->vsr[i], 0),
			       VSR_D(b->vsr[i], 1));
	for (size_t i = offsetof(PpcCpu, msr); i < STATE_END; i++)
		if (x[i] != y[i]) {
			printf("  at byte %zu (spr at %zu)\n", i, offsetof(PpcCpu, spr));
			break;
		}
}

static void complain(Pair *p, const PpcUnit *u, unsigned done, const char *what)
{
	g_autoptr(GString) s = g_string_new(NULL);

	if (p->bad++ >= 5)
		return;
	printf("%s, MSR 0x%" PRIx64 ": %s after %u instructions of\n", p->model, p->msr, what,
	       done);
	for (unsigned i = 0; i < u->block->n; i++) {
		const PpcOp *op = &u->block->ops[i];

		g_string_truncate(s, 0);
		ppc_disas(p->us->cpu->features, op->word, op->word, RIG_CODE + op->off, s);
		printf("  %08x %s%s\n", op->word, s->str, u->calls[i].op ? "  (called)" : "");
	}
	show_difference(p->us->cpu, p->truth->cpu);
	g_string_truncate(s, 0);
	ir_print(p->ir, s);
	printf("%s%s", s->str, u->code ? "(as host code)\n" : "");
	fflush(stdout);
}

/* ---- Units ---- */

static void free_unit(PpcUnit *u)
{
	g_free(u->block);
	g_free(u);
}

/* Counts what was completed as IR. */
static void count(Pair *p, const PpcUnit *u, unsigned done)
{
	for (unsigned i = 0; i < done && i < u->block->n; i++) {
		const PpcOp *op = &u->block->ops[i];
		const PpcInsn *r = NULL;

		if (op->len == 4)
			r = ppc_isa_find(op->word, p->us->cpu->features);
		for (unsigned k = ppc_isa_row_count; !r && k < rows_of_all(); k++)
			if (ppc_isa_rows[k].ex == op->fn)
				r = &ppc_isa_rows[k];
		if (r && !(u->ncalls && u->calls[i].op))
			p->done[r->row]++;
	}
}

/* Where a unit has led to; the address of a DYN or FAR. */
typedef struct Way {
	IrExitKind kind;
	unsigned done;
	uint32_t target;
	uint64_t to;
} Way;

static Way run_ir(Pair *p, PpcCpu *cpu)
{
	uint64_t to = 0;
	const IrExit *e;

	ppc_fp_begin(cpu);
	e = &p->ir->exits[ir_run_by(p->ir, cpu, &to, p->units & 1)];

	return (Way){ (IrExitKind)e->kind, e->done, e->target, to };
}

static Way run_code(Pair *p, PpcCpu *cpu, PpcUnit *u)
{
	JitResult r;

	/* Half of it with any registers, as they might be in larger units. */
	jit_randomise(p->jit, p->units & 4 ? p->units : 0);
	u->code = jit_compile(p->jit, p->ir, u);
	if (!u->code) {
		jit_reset(p->jit, cpu->jumps);
		u->code = jit_compile(p->jit, p->ir, u);
	}
	ck_assert_ptr_nonnull(u->code);
	/* It would stop at once. */
	ppc_tlb_serve(cpu);
	cpu->vcpu.events = cpu->vcpu.own = 0;
	/* Compiling may have been inexact. */
	ppc_fp_begin(cpu);
	r = jit_enter(p->jit, cpu, u->code);
	ck_assert_int_eq(r.why, JIT_LEFT_EXIT);
	return (Way){ (IrExitKind)r.exit->kind, r.exit->done, r.exit->target, cpu->nip };
}

/* Runs the unit; how many instructions are done.  nip is where it goes on; *redo: one is left. */
static unsigned run_unit(Pair *p, PpcUnit *u, bool *redo)
{
	PpcCpu *cpu = p->us->cpu;
	volatile uint64_t page = cpu->pc0;
	unsigned done;
	int how;
	Way w;

	*redo = false;
	/* What an EXEC raises ends here, with the interrupt delivered, or to be begun again (run.c). */
	how = sigsetjmp(cpu->env, 0);
	if (how) {
		ppc_fp_end(cpu);
		cpu->cur_block = NULL;
		*redo = how != 1;
		return (unsigned)(cpu->cur - u->block->ops) + !*redo;
	}
	w = p->as_code ? run_code(p, cpu, u) : run_ir(p, cpu);
	ppc_fp_end(cpu);
	done = (unsigned)(BUDGET - cpu->slice_left);
	/* More of a loop that the unit makes of itself. */
	ck_assert(p->ir->loop ? done >= w.done : done == w.done);
	switch (w.kind) {
	case IR_EXIT_REDO:
		*redo = true;
		cpu->nip = (page + u->block->ops[w.done].off) & cpu->ea_mask;
		break;
	case IR_EXIT_LINK: cpu->nip = (page + w.target) & cpu->ea_mask; break;
	case IR_EXIT_DYN:
	case IR_EXIT_FAR: cpu->nip = w.to; break;
	default: break;
	}
	/* As the run loop does at the entry of the next. */
	if (cpu->vcpu.events & PPC_EV_IRQ)
		ppc_deliver_pending(cpu);
	return done;
}

/* One more instruction on both, by the interpreter. */
static void interpret(Pair *p)
{
	uint64_t nip = p->us->cpu->nip;

	rig_run(p->us, nip, 1);
	rig_run(p->truth, nip, 1);
}

static void set_mode(Pair *p, uint64_t msr)
{
	p->msr = msr;
	p->us->cpu->msr = p->truth->cpu->msr = msr;
	/* A return to an MSR with POW sleeps. */
	p->us->cpu->halted = p->truth->cpu->halted = false;
	ppc_state_changed(p->us->cpu);
	ppc_state_changed(p->truth->cpu);
}

/* Hosts with more and less of what vector operations need. */
static const uint32_t hosts[] = { VEC_HOST_SSE, VEC_HOST_SSE | VEC_HOST_AVX | VEC_HOST_AVX2,
				  UINT32_MAX & ~(uint32_t)VEC_HOST_VBMI, UINT32_MAX };

/* True when the unit is a loop. */
static bool one_unit(Pair *p, const uint32_t *words, unsigned n)
{
	PpcCpu *cpu = p->us->cpu;
	unsigned done;
	uint32_t host;
	PpcUnit *u;
	char *why = NULL;
	bool redo;

	/* Interrupts have changed it. */
	set_mode(p, p->msr);
	rig_code(p->us, RIG_CODE, words, n);
	rig_code(p->truth, RIG_CODE, words, n);
	registers(p, p->truth->cpu);
	ppc_state_changed(p->truth->cpu); /* by FSCR */
	p->truth->cpu->nip = cpu->nip = RIG_CODE;
	/* To be seen where EE is set; what other units have asked for is gone. */
	p->truth->cpu->pending = cpu->pending = peer_below(&p->seed, 4) ? 0 : PPC_PEND_EXT;
	copy_state(cpu, p->truth->cpu);
	/* Units are made for what is the case then; it may be another now. */
	if (!peer_below(&p->seed, 4))
		cpu->fpscr ^= peer_rnd(&p->seed) & (peer_below(&p->seed, 4) ? FPSCR_RN : 0xff);
	if (!peer_below(&p->seed, 8))
		cpu->vscr ^= BIT32(15);
	cpu->pc0 = RIG_CODE;
	cpu->slice_left = BUDGET;
	cpu->vcpu.events &= ~(uint32_t)PPC_EV_IRQ;
	cpu->so = cpu->xer.so || !peer_below(&p->seed, 4);
	/* A block comes first, and marks the page as one with code. */
	ppc_tlb_serve(cpu);
	ppc_block_get(cpu, RIG_CODE, RIG_CODE);
	ir_clear(p->ir);
	/* The runner needs no such host: what others would get is tried as well. */
	host = hosts[peer_below(&p->seed, ARRAY_LEN(hosts))];
	p->as_code = p->jit && ++p->units % 4 > 1;
	p->ir->host = p->as_code ? vec_host() & host : host;
	u = ppc_unit_translate(cpu, p->ir, RIG_CODE, PPC_UNIT_MAX);
	cpu->fpscr = p->truth->cpu->fpscr;
	cpu->vscr = p->truth->cpu->vscr;
	ir_finish(p->ir);
	ck_assert(!p->ir->full);
	if (!ir_check(p->ir, &why)) {
		complain(p, u, 0, why);
		g_free(why);
	} else {
		done = run_unit(p, u, &redo);
		rig_run(p->truth, RIG_CODE, done);
		count(p, u, done);
		if (!same(p)) {
			complain(p, u, done, "different");
		} else if (redo) {
			interpret(p);
			if (!same(p))
				complain(p, u, done, "different when interpreted");
		}
	}
	free_unit(u);
	return p->ir->loop;
}

/* ---- All rows of a model ---- */

static bool exists(const PpcInsn *r, uint64_t features)
{
	/* Not the forms that these have there. */
	if (features & PPC_F_CLS && !strcmp(r->mnemonic, "sync"))
		return false;
	return !(r->features & ~features) && !(r->without & features);
}

/* Those that are called and may stand between others. */
static bool may_be_called(const PpcInsn *r)
{
	static const char *const some[] = { "cdtbcd", "cbcdtd", "bpermd",  "lmw",  "lswx",
					    "divde",  "divdeu", "vaddubm", "xxlor" };

	for (unsigned i = 0; i < ARRAY_LEN(some); i++)
		if (!strcmp(r->mnemonic, some[i]))
			return true;
	return false;
}

/* A random row with a translator that ends no block; seldom one without. */
static const PpcInsn *some_row(Pair *p)
{
	for (;;) {
		const PpcInsn *r = &ppc_isa_rows[peer_below(&p->seed, rows_of_all())];

		if (!exists(r, p->us->cpu->features) || r->flags & PPC_INSN_BRANCH)
			continue;
		if (r->tr || may_be_called(r))
			return r;
	}
}

/* Units that end in an instruction of the row, alone and after others. */
static void test_row(Pair *p, const PpcInsn *r, unsigned rounds)
{
	const uint32_t stop = 0x48000000;

	for (unsigned k = 0; k < rounds; k++) {
		uint32_t words[2 * LENGTH_MAX + 3];
		unsigned n = 0, before = k & 1 ? peer_below(&p->seed, LENGTH_MAX) : 0;

		while (before-- > 0)
			n += word_of(&p->seed, some_row(p), words + n);
		n += word_of(&p->seed, r, words + n);
		words[n++] = stop;
		one_unit(p, words, n);
	}
}

/* Units that come back to their beginning, by CTR, by a bit of CR or by both. */
static void test_loops(Pair *p, unsigned rounds)
{
	static const uint8_t bo[] = { 16, 18, 12, 4, 8, 0, 10, 2 };
	const uint32_t stop = 0x48000000;

	for (unsigned k = 0; k < rounds; k++) {
		uint32_t words[2 * LENGTH_MAX + 3];
		unsigned n = 0, body = 1 + peer_below(&p->seed, LENGTH_MAX - 1);

		while (body-- > 0)
			n += word_of(&p->seed, some_row(p), words + n);
		words[n] = 0x40000000 | (uint32_t)bo[peer_below(&p->seed, ARRAY_LEN(bo))] << 21 |
			   peer_below(&p->seed, 32) << 16 | (uint16_t)(-4 * (int)n);
		words[++n] = stop;
		p->loops += one_unit(p, words, n + 1);
	}
}

/* Is a word of the row found as one of it, and not of one that says more? */
static bool shadowed(const Pair *p, const PpcInsn *r)
{
	return !r->prefix_mask && ppc_isa_find(r->value, p->us->cpu->features) != r;
}

/* A row of one special-purpose register that the model has not. */
static bool has_no_spr(const Pair *p, const PpcInsn *r)
{
	PpcOp op;

	if (!has(r, PPC_OPERAND_SPR) || !(r->mask & ppc_isa_operands[PPC_OPERAND_SPR].mask))
		return false;
	ppc_isa_decode(r, r->value, &op);
	return !p->us->cpu->sprs[op.SPR];
}

/* May the row be executed, for one target at least? */
static bool facility(const Pair *p, const PpcInsn *r)
{
	switch (r->facility) {
	case PPC_FAC_FP: return p->msr & MSR_FP;
	case PPC_FAC_VEC: return p->msr & MSR_VEC;
	case PPC_FAC_VSX:
	case PPC_FAC_VXX: return p->msr & MSR_VSX;
	default: return true;
	}
}

/* Left to the interpreter because this model has a way of its own. */
static bool model_differs(const Pair *p, const PpcInsn *r)
{
	static const char *const factors[] = { "fmuls", "fmadds", "fmsubs", "fnmadds", "fnmsubs" };

	if (!strcmp(r->mnemonic, "fctiw") || !strcmp(r->mnemonic, "fctiwz"))
		return p->us->cpu->features & PPC_F_CLS;
	for (unsigned i = 0; i < ARRAY_LEN(factors); i++)
		if (!strcmp(r->mnemonic, factors[i]))
			return p->us->cpu->model->fpu == PPC_FPU_750;
	return false;
}

/* Those of several registers raise an interrupt in little-endian mode. */
static bool not_le(const PpcInsn *r)
{
	static const char *const some[] = { "lmw", "stmw", "lswi", "stswi" };

	for (unsigned i = 0; i < ARRAY_LEN(some); i++)
		if (!strcmp(r->mnemonic, some[i]))
			return true;
	return false;
}

/* Is an instruction of the row, in this mode, one of a unit's? */
static bool reachable(const Pair *p, const PpcInsn *r)
{
	if (!r->tr || !exists(r, p->us->cpu->features) || shadowed(p, r))
		return false;
	if (!facility(p, r))
		return false;
	if (r->flags & PPC_INSN_PRIV && p->msr & MSR_PR)
		return false;
	if (r->flags & PPC_INSN_HV && !(p->msr & MSR_HV))
		return false;
	if (p->msr & MSR_LE && not_le(r))
		return false;
	return !has_no_spr(p, r) && !model_differs(p, r);
}

/* Rows whose translator depends on the mode: in one of them it must do. */
static bool by_number(const PpcInsn *r)
{
	return !strcmp(r->mnemonic, "mfspr") || !strcmp(r->mnemonic, "mtspr");
}

/* Units of each row in each mode; TR_ROUNDS says how many when there is time. */
static unsigned rounds(void)
{
	const char *n = g_getenv("TR_ROUNDS");

	return n ? (unsigned)strtoul(n, NULL, 0) : 24;
}

static void test_mode(Pair *p, uint64_t msr)
{
	set_mode(p, msr);
	memset(p->done, 0, rows_of_all() * sizeof(unsigned));
	for (unsigned i = 0; i < rows_of_all(); i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		if (!reachable(p, r))
			continue;
		test_row(p, r, rounds());
		/* The ones that need luck (an aligned address, a register that is there). */
		for (unsigned k = 0; k < 50 && !p->done[i]; k++)
			test_row(p, r, rounds());
	}
	test_loops(p, 20 * rounds());
	for (unsigned i = 0; i < rows_of_all(); i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		p->ever[i] += p->done[i];
		if (!reachable(p, r) || p->done[i] || by_number(r))
			continue;
		p->bad++;
		printf("%s, MSR 0x%" PRIx64 ": %s was never completed by a unit\n", p->model, msr,
		       r->mnemonic);
	}
}

/* Rows that were completed in some mode; fewer than there are: a failure. */
static unsigned rows_done(Pair *p)
{
	unsigned rows = 0;

	for (unsigned i = 0; i < rows_of_all(); i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		rows += p->ever[i] > 0;
		if (p->ever[i] || !reachable(p, r))
			continue;
		p->bad++;
		printf("%s: %s %08x was never completed by a unit\n", p->model, r->mnemonic,
		       r->value);
	}
	return rows;
}

static void all_modes(Pair *p)
{
	uint64_t f = p->us->cpu->features, wide = f & PPC_F_64 ? MSR_SF : 0, all = MSR_FP;
	unsigned rows;

	if (f & PPC_F_VMX)
		all |= MSR_VEC;
	if (f & PPC_F_VSX)
		all |= MSR_VSX;
	test_mode(p, wide | MSR_PR | all);
	test_mode(p, wide);
	if (wide)
		test_mode(p, all);
	if (!(f & PPC_F_SEG32)) {
		test_mode(p, wide | MSR_LE | all);
		p->us->board.vhyp = p->truth->board.vhyp = false;
		test_mode(p, wide | MSR_HV);
		p->us->board.vhyp = p->truth->board.vhyp = true;
	}
	rows = rows_done(p);
	ck_assert_msg(!memcmp(rig_ram(p->us, 0), rig_ram(p->truth, 0), RIG_RAM),
		      "%s: memory is different", p->model);
	ck_assert_uint_gt(p->loops, 0);
	printf("tr: %s: %u rows, %u units, %u of them loops, %u differences\n", p->model, rows,
	       p->units, p->loops, p->bad);
	fflush(stdout);
}

static const char *const models[] = { "603e",  "604e",	 "750",	   "7400",   "7450",
				      "970fx", "power8", "power9", "power10" };

START_TEST(as_interpreted)
{
	Pair p = { .model = models[_i], .seed = 0x7ab1e + rounds() * 100 + (unsigned)_i };

	p.us = rig_new(p.model, 0);
	p.truth = rig_new(p.model, 0);
	p.ir = ir_new(&ppc_jit_target);
	p.jit = jit_new(&ppc_jit_target, 8 << 20, NULL);
	/* Nothing is found in it: there is no view 0. */
	p.us->cpu->jumps = g_new0(JitJumps, 1);
	p.us->cpu->view = 1;
	p.done = g_new0(unsigned, rows_of_all());
	p.ever = g_new0(unsigned, rows_of_all());
	for (unsigned i = 0; i < WINDOW; i++)
		*rig_ram(p.us, RIG_DATA + i) = *rig_ram(p.truth,
							RIG_DATA + i) = (uint8_t)peer_rnd(&p.seed);
	all_modes(&p);
	ck_assert_uint_eq(p.bad, 0);
	g_free(p.done);
	g_free(p.ever);
	g_free(p.us->cpu->jumps);
	p.us->cpu->jumps = NULL;
	jit_free(p.jit);
	ir_free(p.ir);
	rig_free(p.us);
	rig_free(p.truth);
}
END_TEST

Suite *suite_tr(void);
Suite *suite_tr(void)
{
	Suite *s = suite_create("tr");
	TCase *t = tcase_create("tr");

	tcase_set_timeout(t, 120 + rounds() / 2);
	tcase_add_loop_test(t, as_interpreted, 0, ARRAY_LEN(models));
	suite_add_tcase(s, t);
	return s;
}
