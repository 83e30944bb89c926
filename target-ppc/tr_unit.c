/*
 * Units from guest code: which instructions are taken together, and how they leave.  See unit.h.
 *
 * Superblocks are the basic unit of the literature on trace scheduling: one entry, side exits, no joins.  A
 * conditional branch is a side exit; forward ones are taken to be rarely taken, and a backward one, which ends a
 * loop, ends the unit.
 */
#include "jit/ir_loop.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/quick.h"
#include "target-ppc/seen.h"
#include "target-ppc/tr.h"
#include "target-ppc/unit.h"

#define SLOT(n, T, field)                                                                          \
	[n] = { .offset = offsetof(PpcCpu, field), .type = JIT_##T, .name = #field }
#define SLOT_GPR(n)                                                                                \
	[TR_GPR + n] = { .offset = offsetof(PpcCpu, gpr[n]), .type = JIT_I64, .name = "r" #n }
#define SLOT_CR(n)                                                                                 \
	[TR_CR + n] = {                                                                            \
		.offset = offsetof(PpcCpu, cr[n]), .type = JIT_I8, .name = "cr" #n, .bits = 4      \
	}
#define SLOT_XER(n, field, B)                                                                      \
	[n] = { .offset = offsetof(PpcCpu, xer.field), .type = JIT_I8, .name = #field, .bits = B }

#define SLOT_VSR(n)                                                                                \
	[TR_VSR + (n)] = { .offset = offsetof(PpcCpu, vsr[n]), .type = JIT_V128, .name = "vs" #n }
#define SLOT_VSR4(n) SLOT_VSR(n), SLOT_VSR(n + 1), SLOT_VSR(n + 2), SLOT_VSR(n + 3)
#define SLOT_SPR(name) SLOT(TR_SPR_##name, I64, spr.name),

/* clang-format off */
static const JitSlot slots[] = {
	SLOT_GPR(0), SLOT_GPR(1), SLOT_GPR(2), SLOT_GPR(3), SLOT_GPR(4), SLOT_GPR(5), SLOT_GPR(6),
	SLOT_GPR(7), SLOT_GPR(8), SLOT_GPR(9), SLOT_GPR(10), SLOT_GPR(11), SLOT_GPR(12),
	SLOT_GPR(13), SLOT_GPR(14), SLOT_GPR(15), SLOT_GPR(16), SLOT_GPR(17), SLOT_GPR(18),
	SLOT_GPR(19), SLOT_GPR(20), SLOT_GPR(21), SLOT_GPR(22), SLOT_GPR(23), SLOT_GPR(24),
	SLOT_GPR(25), SLOT_GPR(26), SLOT_GPR(27), SLOT_GPR(28), SLOT_GPR(29), SLOT_GPR(30),
	SLOT_GPR(31),
	SLOT(TR_LR, I64, lr),
	SLOT(TR_CTR, I64, ctr),
	SLOT(TR_CFAR, I64, cfar),
	SLOT(TR_NIP, I64, nip),
	SLOT(TR_PAGE, I64, pc0),
	SLOT(TR_VIEW, I32, view),
	SLOT(TR_MSR, I64, msr),
	SLOT_CR(0), SLOT_CR(1), SLOT_CR(2), SLOT_CR(3), SLOT_CR(4), SLOT_CR(5), SLOT_CR(6), SLOT_CR(7),
	SLOT_XER(TR_SO, so, 1),
	SLOT_XER(TR_OV, ov, 1),
	SLOT_XER(TR_OV32, ov32, 1),
	SLOT_XER(TR_CA, ca, 1),
	SLOT_XER(TR_CA32, ca32, 1),
	SLOT_XER(TR_XERCOUNT, count, 7),
	SLOT_XER(TR_XERCMP, cmp, 8),
	SLOT(TR_TAR, I64, spr.TAR),
	SLOT(TR_VRSAVE, I64, spr.VRSAVE),
	TR_SPRS(SLOT_SPR)
	SLOT(TR_VSCR, I32, vscr),
	SLOT_VSR4(0), SLOT_VSR4(4), SLOT_VSR4(8), SLOT_VSR4(12),
	SLOT_VSR4(16), SLOT_VSR4(20), SLOT_VSR4(24), SLOT_VSR4(28),
	SLOT_VSR4(32), SLOT_VSR4(36), SLOT_VSR4(40), SLOT_VSR4(44),
	SLOT_VSR4(48), SLOT_VSR4(52), SLOT_VSR4(56), SLOT_VSR4(60),
	[TR_FPXX] = { .offset = offsetof(PpcCpu, fpscr) + (HOST_BE ? 4 : 3),
		      .type = JIT_I8,
		      .name = "fpxx" },
	[TR_FPCTL] = { .offset = offsetof(PpcCpu, fpscr) + (HOST_BE ? 7 : 0),
		       .type = JIT_I8,
		       .name = "fpctl" },
	SLOT(TR_FP_KIND, I32, fp_last.kind),
	SLOT(TR_FP_A, F64, fp_last.a),
	SLOT(TR_FP_B, F64, fp_last.b),
	SLOT(TR_FP_C, F64, fp_last.c),
	SLOT(TR_FP_CONVERT, I32, fp_last.convert),
	SLOT(TR_FP_CONVERT_A, F64, fp_last.convert_a),
	SLOT(TR_FP_FPCC, I8, fp_last.fpcc),
};
/* clang-format on */

_Static_assert(offsetof(PpcCpu, vcpu.own) == offsetof(PpcCpu, vcpu.events) + 4, "one word");

static uint64_t sign_extend(uint64_t v, uint32_t mem)
{
	unsigned bits = 8u << (mem & IR_MEM_SIZE);

	return (mem & IR_MEM_SX) && bits < 64 ? (uint64_t)sext64(v, bits) : v;
}

static void reverse(uint8_t *p, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++) {
		uint8_t t = p[i];

		p[i] = p[n - 1 - i];
		p[n - 1 - i] = t;
	}
}

/* JitTarget.ld, .st: x86 has its bytes in little-endian order. */
static bool unit_ld(void *env, uint64_t ea, uint32_t mem, void *v)
{
	unsigned n = 1u << (mem & IR_MEM_SIZE);
	uint8_t buf[16] = { 0 };
	uint64_t word;

	if (!ppc_try_load(env, ea, n, buf))
		return false;
	if (mem & IR_MEM_SWAP)
		reverse(buf, n);
	if (n == 16) {
		memcpy(v, buf, 16);
		return true;
	}
	word = sign_extend(ld64_le(buf), mem);
	memcpy(v, &word, 8);
	return true;
}

static bool unit_st(void *env, uint64_t ea, uint32_t mem, const void *v)
{
	unsigned n = 1u << (mem & IR_MEM_SIZE);
	uint8_t buf[16];

	memcpy(buf, v, n);
	if (mem & IR_MEM_SWAP)
		reverse(buf, n);
	return ppc_try_store(env, ea, n, buf);
}

static void *unit_probe(void *env, uint64_t ea, unsigned n, bool store)
{
	return ppc_try_range(env, ea, n, store ? PPC_STORE : PPC_LOAD);
}

const JitTarget ppc_jit_target = {
	.slots = slots,
	.nslots = TR_SLOTS,
	.bias = offsetof(PpcCpu, gpr[16]),
	.stop = offsetof(PpcCpu, vcpu.events),
	.budget = offsetof(PpcCpu, slice_left),
	.view = offsetof(PpcCpu, view),
	.jumps = offsetof(PpcCpu, jumps),
	.nip = TR_NIP,
	.tlb = {
		.now = offsetof(PpcCpu, dctx_now),
		.table = { offsetof(PpcCpu, dctx[0]), offsetof(PpcCpu, dctx[1]) },
		.first = offsetof(PpcTlbCtx, d),
		.page_bits = PPC_PAGE_SHIFT,
		.entries = PPC_TLB_SIZE,
		.entry_size = sizeof(PpcTlbEntry),
		.rd = offsetof(PpcTlbEntry, rd),
		.wr = offsetof(PpcTlbEntry, wr),
		.addend = offsetof(PpcTlbEntry, addend),
	},
	.ld = unit_ld,
	.st = unit_st,
	.probe = unit_probe,
	.helpers = tr_helpers,
	.fp = ppc_fp_host_cannot,
	.fpv = ppc_fpv_host_cannot,
};

/* ------------------------------------------------------------- branches */

/* EA of the page that an address lies in. */
static IrRef page_of(Tr *t, IrRef ea)
{
	return ir_and(t->ir, ea, ir_k(t->ir, PPC_PAGE_MASK));
}

/* An exit with `done` instructions done: to offset `off` of the page, or to an address. */
static uint16_t exit_to(Tr *t, IrExitKind kind, unsigned done, uint32_t off, IrRef to)
{
	IrRef page = ir_get(t->ir, TR_PAGE);
	uint16_t e, before = t->ir->done;

	if (to)
		ir_put(t->ir, TR_PAGE, page_of(t, to));
	t->ir->done = (uint16_t)done;
	e = ir_exit_new(t->ir, kind, off, to);
	t->ir->done = before;
	if (to)
		ir_put(t->ir, TR_PAGE, page);
	return e;
}

/* The exit of a branch over disp bytes from the instruction under way. */
static uint16_t exit_rel(Tr *t, int64_t disp)
{
	int64_t off = tr_place(t) + disp;

	if (off >= 0 && off < (int64_t)RAM_PAGE_SIZE)
		return exit_to(t, IR_EXIT_LINK, t->index + 1, (uint32_t)off, 0);
	return exit_to(t, t->far, t->index + 1, 0, tr_cia(t, disp));
}

void tr_branch(Tr *t, int64_t disp)
{
	int64_t off = t->op->off + disp;

	ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
	if (t->path)
		return;
	if (off >= 0 && off < (int64_t)RAM_PAGE_SIZE && t->index + 1 < t->max) {
		t->next = (unsigned)off;
		return;
	}
	ir_end(t->ir, exit_rel(t, disp));
	t->ended = true;
}

void tr_branch_abs(Tr *t, uint64_t target)
{
	ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
	if (!t->sf)
		target = (uint32_t)target;
	ir_end(t->ir, exit_to(t, IR_EXIT_DYN, t->index + 1, 0, ir_k(t->ir, target)));
	t->ended = true;
}

/* Without the last two bits, in the current mode. */
static IrRef address(Tr *t, IrRef target)
{
	return ir_and(t->ir, target, ir_k(t->ir, t->sf ? ~UINT64_C(3) : UINT32_MAX & ~3u));
}

/* Where a trace goes on behind the instruction under way. */
static IrRef next_of_path(Tr *t)
{
	const PpcPath *p = t->path;
	unsigned k = t->index + 1 < p->n ? t->index + 1 : 0;

	return tr_ea(t, ir_get(t->ir, TR_PAGE),
		     ir_k(t->ir, (uint64_t)(p->page[k] + p->ops[k].off)));
}

static void side_exit(Tr *t, IrCc cc, IrRef a, IrRef b, int64_t disp, IrRef target);

/* A trace follows a branch to a register as long as it leads where it led. */
static bool follow(Tr *t, IrRef target)
{
	IrRef next;

	if (!t->path || (t->index + 1 == t->path->n && !t->path->loops))
		return false;
	next = next_of_path(t);
	if (target != next)
		side_exit(t, IR_NE, address(t, target), next, 0, target);
	ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
	return true;
}

/* The offset in the unit's page that target is known to be, as that of a called function's return; or -1. */
static int known_place(Tr *t, IrRef target)
{
	const IrIns *i = &t->ir->ins[target];
	uint64_t k;

	if (i->op == IR_ZX32)
		i = &t->ir->ins[i->a];
	if (i->op != IR_ADD || i->a != ir_get(t->ir, TR_PAGE) || !ir_is_k(t->ir, i->b, &k) ||
	    k >= RAM_PAGE_SIZE || k & 3)
		return -1;
	return (int)k;
}

void tr_branch_reg(Tr *t, IrRef target)
{
	int place;

	if (follow(t, target))
		return;
	place = t->path ? -1 : known_place(t, target);
	if (place >= 0) {
		tr_branch(t, place - t->op->off);
		return;
	}
	ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
	ir_end(t->ir, exit_to(t, IR_EXIT_DYN, t->index + 1, 0, address(t, target)));
	t->ended = true;
}

void tr_switched(Tr *t, IrRef to)
{
	ir_end(t->ir, exit_to(t, IR_EXIT_DYN, t->index + 1, 1, to));
	t->ended = true;
}

/* A side exit of a branch that is taken: CFAR changes there alone. */
static void side_exit(Tr *t, IrCc cc, IrRef a, IrRef b, int64_t disp, IrRef target)
{
	IrRef cfar = ir_get(t->ir, TR_CFAR);
	uint16_t e;

	ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
	e = target ? exit_to(t, IR_EXIT_DYN, t->index + 1, 0, address(t, target))
		   : exit_rel(t, disp);
	ir_put(t->ir, TR_CFAR, cfar);
	ir_exit_if(t->ir, cc, a, b, e);
}

/* In a trace: was it taken?  Then what is not is the exit. */
static bool taken(Tr *t, IrCc cc, IrRef a, IrRef b)
{
	if (!t->path || !t->path->taken[t->index])
		return false;
	ir_exit_if(t->ir, ir_cc_not(cc), a, b, exit_rel(t, t->op->len));
	return true;
}

void tr_branch_if(Tr *t, IrCc cc, IrRef a, IrRef b, int64_t disp)
{
	if (taken(t, cc, a, b)) {
		ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
		return;
	}
	if (t->path) {
		side_exit(t, cc, a, b, disp, 0);
		return;
	}
	/* The end of a loop around the whole unit: on to its beginning. */
	if (t->op->off + disp == t->start && !t->ncalls && t->index + 1 < t->max) {
		ir_exit_if(t->ir, ir_cc_not(cc), a, b, exit_rel(t, t->op->len));
		ir_put(t->ir, TR_CFAR, tr_cia(t, 0));
		t->next = t->start;
		return;
	}
	side_exit(t, cc, a, b, disp, 0);
	if (disp < 0)
		t->loop_end = true;
}

void tr_branch_reg_if(Tr *t, IrCc cc, IrRef a, IrRef b, IrRef target)
{
	if (taken(t, cc, a, b)) {
		tr_branch_reg(t, target);
		return;
	}
	side_exit(t, cc, a, b, 0, target);
}

/* ---------------------------------------------------------------- units */

static void call_op(void *env, const void *arg)
{
	const PpcUnitCall *c = arg;
	PpcCpu *cpu = env;

	cpu->cur = c->op;
	cpu->cur_block = c->unit->block;
	cpu->pc0 += (uint64_t)c->page;
	if (cpu->called)
		cpu->called[c->row]++;
	cpu->nip = (cpu->pc0 + c->op->off + c->op->len) & cpu->ea_mask;
	if (unlikely(c->fp)) {
		ppc_fp_settle(cpu);
		c->op->fn(cpu, c->op);
		ppc_fp_begin(cpu);
		if (unlikely(c->unit->fp == PPC_FP_EXACT))
			ppc_unit_calm(cpu, c->unit);
	} else {
		c->op->fn(cpu, c->op);
	}
	if (unlikely(cpu->xer.so && !cpu->so))
		ppc_leave_done(cpu);
	cpu->pc0 -= (uint64_t)c->page;
	cpu->cur_block = NULL;
}

/* The same of what ends a block: the unit goes on at nip, by the view that there is then. */
static void call_end(void *env, const void *arg)
{
	PpcCpu *cpu = env;
	uint32_t own = cpu->vcpu.own;

	call_op(env, arg);
	ppc_quick_look(cpu, own);
}

/* May it read or write the FPSCR?  AltiVec does not; of VSX, xs... and xv..., also behind a p or pm. */
static bool uses_fpscr(const PpcInsn *i)
{
	const char *name;

	if (!i || i->facility == PPC_FAC_FP)
		return true;
	if (i->facility != PPC_FAC_VSX)
		return false;
	name = strchr(i->mnemonic, 'x');
	return !name || name[1] == 's' || name[1] == 'v';
}

/* CR0 after a dotted form whose other effects are there. */
static void record(Tr *t, const PpcOp *op)
{
	if (t->insn->rc == PPC_RC_RT)
		tr_cr0(t, tr_gpr(t, op->slot_a));
	else if (t->insn->rc == PPC_RC_CR6)
		tr_cr6(t, op);
	else if (t->insn->rc == PPC_RC_RA)
		tr_cr0(t, tr_gpr(t, op->slot_b));
}

/* Emits the instruction by its translator; false: it is to be called. */
static bool translate(Tr *t, const PpcOp *op)
{
	bool dotted;

	t->insn = ppc_op_row(t->cpu, op);
	if (!t->insn || !t->insn->tr || op->fn != ppc_isa_exec(t->insn, op->word))
		return false;
	dotted = op->word & t->insn->rc_bit;
	if (dotted && t->insn->rc != PPC_RC_RT && t->insn->rc != PPC_RC_RA &&
	    t->insn->rc != PPC_RC_CR6)
		return false;
	if (!t->insn->tr(t, op))
		return false;
	if (dotted)
		record(t, op);
	return true;
}

/* Goes on at offset `off` of the page in another unit, or at the page's end in the next page. */
static void end_at(Tr *t, unsigned off)
{
	if (off < RAM_PAGE_SIZE) {
		ir_end(t->ir, exit_to(t, IR_EXIT_LINK, t->index, off, 0));
		return;
	}
	ir_end(t->ir, exit_to(t, t->far, t->index, 0, tr_cia(t, t->op->len)));
}

/* Units that take XER[SO] for 0 do not go on when it has become 1, nor into others like them. */
static void look_at_so(Tr *t)
{
	IrRef nip = ir_get(t->ir, TR_NIP);
	uint16_t e;

	ir_put(t->ir, TR_NIP, tr_cia(t, t->op->len));
	e = exit_to(t, IR_EXIT_LEAVE, t->index + 1, 0, 0);
	ir_put(t->ir, TR_NIP, nip);
	ir_exit_if(t->ir, IR_NE, ir_get(t->ir, TR_SO), tr_k(t, 0), e);
	ir_put(t->ir, TR_SO, tr_k(t, 0));
	t->so_put = false;
}

/* One instruction; true when the unit goes on. */
static bool step(Tr *t, PpcUnit *u, PpcOp *op, bool ends)
{
	t->op = op;
	t->ir->done = (uint16_t)t->index;
	t->next = op->off + op->len;
	if (!translate(t, op)) {
		u->calls[t->index] = (PpcUnitCall){ .op = op,
						    .unit = u,
						    .page = t->at,
						    .row = t->insn ? t->insn->row : 0,
						    .fp = uses_fpscr(t->insn) };
		ir_exec(t->ir, ends ? call_end : call_op, &u->calls[t->index], t->index);
		t->ncalls++;
		t->ir->done = (uint16_t)(t->index + 1);
		if (!ends)
			return true;
		/* What is no instruction raises an interrupt. */
		if (t->insn && op->fn == ppc_isa_exec(t->insn, op->word))
			tr_switched(t, ir_get(t->ir, TR_NIP));
		else
			ir_end(t->ir, ir_exit_new(t->ir, IR_EXIT_LEAVE, 0, 0));
		t->ended = true;
		return false;
	}
	if (t->so_put && !t->so)
		look_at_so(t);
	t->ir->done = (uint16_t)(t->index + 1);
	return !t->ended;
}

/* A block of a unit's own, for n instructions: its ops lie behind it. */
static PpcBlock *ops_new(unsigned n)
{
	PpcBlock *b = g_malloc0(sizeof(*b) + n * sizeof(PpcOp));

	b->ops = (PpcOp *)(b + 1);
	return b;
}

static PpcUnit *unit_new(uint64_t pa, uint32_t mode, unsigned max)
{
	PpcUnit *u = g_malloc0(sizeof(*u) + max * sizeof(PpcUnitCall));

	u->block = ops_new(max);
	u->block->pa = pa;
	u->block->mode = mode;
	return u;
}

enum { LONG_ENOUGH = 4 }; /* instructions */

/* Where a unit that is long enough ends: what follows is one already. */
static bool meets(const PpcHeads *h, unsigned off)
{
	return h && off < RAM_PAGE_SIZE && h->at[off >> 8] >> (off >> 2 & 63) & 1;
}

/* The same without the room that was not needed: there are tens of thousands of them. */
static PpcUnit *fitted(PpcUnit *big, Ir *ir)
{
	unsigned n = big->block->n, calls = big->ncalls ? n : 0;
	size_t size = sizeof(PpcUnit) + calls * sizeof(PpcUnitCall);
	PpcUnit *u = g_malloc(size + n * sizeof(u->offs[0]));

	memcpy(u, big, size);
	u->block = g_memdup2(big->block, sizeof(PpcBlock) + n * sizeof(PpcOp));
	u->block->ops = (PpcOp *)(u->block + 1);
	u->pa = big->block->pa;
	u->n = n;
	u->offs = (uint16_t *)((char *)u + size);
	for (unsigned i = 0; i < n; i++)
		u->offs[i] = u->block->ops[i].off;
	for (unsigned i = 0; i < calls; i++) {
		u->calls[i].op = &u->block->ops[i];
		u->calls[i].unit = u;
	}
	for (unsigned i = 0; i < ir->nexecs; i++)
		ir->execs[i].arg = &u->calls[ir->execs[i].index];
	g_free(big->block);
	g_free(big);
	return u;
}

void ppc_unit_slim(PpcUnit *u)
{
	if (u->ncalls || u->page)
		return;
	g_free(u->block);
	u->block = NULL;
}

const PpcOp *ppc_unit_ops(PpcCpu *cpu, PpcUnit *u)
{
	uint64_t page = u->pa & PPC_PAGE_MASK;

	if (u->block)
		return u->block->ops;
	/* If they have changed since, what they are now is what is to be executed. */
	u->block = ops_new(u->n);
	u->block->pa = u->pa;
	u->block->n = (uint16_t)u->n;
	for (unsigned i = 0; i < u->n; i++) {
		ppc_block_decode_one(cpu, page + u->offs[i], &u->block->ops[i]);
		u->block->ops[i].off = u->offs[i];
	}
	return u->block->ops;
}

/* A second turn of the instructions that the unit has already; false: they do not lead where they did. */
static bool turn(Tr *t, PpcUnit *u, unsigned n)
{
	for (t->index = 0; t->index < n; t->index++) {
		unsigned next = t->index + 1 < n ? u->block->ops[t->index + 1].off : t->start;

		t->at = t->path ? t->path->page[t->index] : 0;
		if (!step(t, u, &u->block->ops[t->index], false) || t->ncalls ||
		    (t->next != next && !t->path))
			return false;
	}
	return true;
}

/* The unit has come back to its beginning: makes a loop of it if it can be one. */
static bool loop(Tr *t, PpcUnit *u)
{
	/* Short ones go round several times before they look for events. */
	unsigned n = t->index, rounds = n <= 5 ? 4 : n <= 20 ? 2 : 1;
	IrLoopResult result;
	IrLoop l;
	bool same;

	if (t->ncalls)
		return false;
	ir_loop_init(&l, t->ir);
	do {
		ir_loop_begin(t->ir, &l, n * rounds, t->start);
		same = turn(t, u, n);
		for (unsigned k = 1; k < rounds && same; k++) {
			ir_loop_round(t->ir, n);
			same = turn(t, u, n);
		}
		result = same ? ir_loop_end(t->ir, &l) : ir_loop_no(t->ir, &l);
	} while (result == IR_LOOP_AGAIN);
	t->index = n;
	t->ended = false;
	t->ncalls = 0;
	return result == IR_LOOP_DONE;
}

/* For instructions from pa on, in the present mode. */
static Tr begin(PpcCpu *cpu, Ir *ir, uint64_t pa, unsigned max)
{
	Tr t = { .ir = ir,
		 .cpu = cpu,
		 .mode = cpu->mode,
		 .fp = ppc_fp_kind(cpu),
		 .nj = ppc_fp_nj(cpu),
		 .so = cpu->so,
		 .sf = cpu->mode & PPC_MODE_SF,
		 .le = cpu->le,
		 .far = ppc_is_aliased(cpu, pa) ? IR_EXIT_DYN : IR_EXIT_FAR,
		 .high = !(cpu->mode & PPC_MODE_PR) && (cpu->mode & PPC_MODE_DR),
		 .start = pa & ~PPC_PAGE_MASK,
		 .max = max };

	ir->high = t.high;
	ir->apart = !(cpu->mode & PPC_MODE_PR);
	return t;
}

/* n instructions it is. */
static PpcUnit *finish(const Tr *t, PpcUnit *u, unsigned n)
{
	u->block->n = (uint16_t)n;
	t->ir->insns = (uint16_t)n;
	u->ncalls = t->ncalls;
	u->nhelps = t->nhelps;
	u->fp = (uint8_t)t->fp;
	u->nj = t->nj;
	u->asks_nj = t->nj_since;
	return fitted(u, t->ir);
}

PpcUnit *ppc_unit_translate(PpcCpu *cpu, Ir *ir, uint64_t pa, unsigned max)
{
	uint64_t page = pa & PPC_PAGE_MASK, seen[RAM_PAGE_SIZE / 4 / 64] = { 0 };
	PpcUnit *u = unit_new(pa, cpu->mode, PPC_UNIT_MAX);
	Tr t = begin(cpu, ir, pa, max);
	const PpcHeads *heads = ppc_unit_heads(cpu, pa);
	unsigned off = t.start;
	bool more = true;

	for (; more; t.index++) {
		PpcOp *op = &u->block->ops[t.index];
		bool ends;

		if (off >= RAM_PAGE_SIZE || t.index == max || t.loop_end ||
		    (seen[off >> 8] >> (off >> 2 & 63) & 1)) {
			if (!t.index || off != t.start || t.loop_end || max <= PPC_UNIT_OVER ||
			    !loop(&t, u))
				end_at(&t, off);
			break;
		}
		if (t.index >= LONG_ENOUGH && meets(heads, off)) {
			end_at(&t, off);
			break;
		}
		seen[off >> 8] |= UINT64_C(1) << (off >> 2 & 63);
		ends = ppc_block_decode(cpu, page + off, op);
		op->off = (uint16_t)off;
		more = step(&t, u, op, ends);
		off = t.next;
	}
	return finish(&t, u, t.index);
}

/* The addresses must still mean what they meant: else on in the unit that the trace stands for. */
static void check_view(Tr *t)
{
	IrRef view = ir_get(t->ir, TR_VIEW);

	ir_exit_if(t->ir, (IrCc)(IR_NE | IR_CC32), view, ir_k(t->ir, t->path->view),
		   exit_to(t, IR_EXIT_LINK, 0, t->start, 0));
}

/* All of the path once; false: it cannot be a trace. */
static bool first_turn(Tr *t, PpcUnit *u, PpcPath *p)
{
	for (t->index = 0; t->index < p->n; t->index++) {
		PpcOp *op = &u->block->ops[t->index];
		unsigned calls = t->ncalls;

		t->at = p->page[t->index];
		if (!step(t, u, op, false) && t->index + 1 < p->n)
			return false;
		/* It could hit instructions of the trace that are not in the first one's page. */
		if (t->ncalls != calls && (op->flags & PPC_INSN_STORE))
			return false;
		/* What addresses mean may be something else behind it: events first. */
		if (t->loop_end)
			ppc_trace_cut(p, t->index + 1);
	}
	return true;
}

PpcUnit *ppc_trace_translate(PpcCpu *cpu, Ir *ir, PpcPath *p)
{
	PpcUnit *u = unit_new(p->pages[0] | p->ops[0].off, cpu->mode, p->n);
	Tr t = begin(cpu, ir, u->block->pa, p->n);

	t.path = p;
	memcpy(u->block->ops, p->ops, p->n * sizeof(PpcOp));
	t.op = &u->block->ops[0];
	if (p->view)
		check_view(&t);
	if (!first_turn(&t, u, p)) {
		g_free(u->block);
		g_free(u);
		return NULL;
	}
	t.index = p->n;
	if (!t.ended && (!p->loops || !loop(&t, u))) {
		t.index = p->n - 1; /* exits behind the last one */
		t.op = &u->block->ops[p->n - 1];
		t.at = p->page[p->n - 1];
		ir_end(ir, exit_rel(&t, p->end - tr_place(&t)));
	}
	u->page = g_memdup2(p->page, p->n * sizeof(p->page[0]));
	return finish(&t, u, p->n);
}
