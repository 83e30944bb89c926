/*
 * Ways out: exits with code that brings env up to date, snapshots for those which C restores, calls.
 *
 * Values of a snapshot may be in env themselves, in slots that the same exit overwrites: all puts of an exit
 * happen at once.  So a slot is written when nobody has to read it any more; where that goes round in a circle, a
 * slot's content is moved to the frame first.
 */
#include "base/log.h"
#include "jit/gen.h"

_Static_assert(sizeof(JitJump) == 16 && offsetof(JitJump, code) == 8, "the code of a DYN exit");

/* ------------------------------------------------------------------ puts */

static void read_one(Gen *g, IrRef r, int n)
{
	int slot = r ? alloc_env_slot(g, r) : -1;

	if (slot >= 0)
		g->readers[slot] = (uint16_t)(g->readers[slot] + n);
}

/* n more (fewer) readers of the slots that r is read from. */
static void reads(Gen *g, IrRef r, int n)
{
	const IrIns *v = &g->ir->ins[r];

	if (!gen_is_sunk(g, r, g->at)) {
		read_one(g, r, n);
		return;
	}
	read_one(g, v->a, n);
	read_one(g, v->b, n);
	read_one(g, v->c, n);
}

static void store_reg(Gen *g, X64Buf *b, unsigned slot, unsigned reg)
{
	switch (g->t->slots[slot].type) {
	case JIT_I8: x64_op(b, X64_MOV8_MR, 0, reg, gen_slot(g, slot)); break;
	case JIT_I32: x64_op(b, X64_MOV_MR, 0, reg, gen_slot(g, slot)); break;
	case JIT_F64:
	case JIT_I64: x64_op(b, X64_MOV_MR, 1, reg, gen_slot(g, slot)); break;
	default: bug("jit: slot %u is no integer", slot);
	}
}

static void store_k(Gen *g, X64Buf *b, unsigned slot, uint64_t k)
{
	unsigned type = g->t->slots[slot].type;

	if (type == JIT_I8) {
		x64_opi(b, X64_MOV8_I, 0, 0, gen_slot(g, slot), (int64_t)k);
	} else if (type == JIT_I32) {
		x64_opi(b, X64_MOV_I, 0, 0, gen_slot(g, slot), (int64_t)k);
	} else if (x64_fits32(k)) {
		x64_opi(b, X64_MOV_I, 1, 0, gen_slot(g, slot), (int64_t)k);
	} else {
		x64_mov_k(b, X64_RAX, k);
		store_reg(g, b, slot, X64_RAX);
	}
}

static void put_vec(Gen *g, X64Buf *b, unsigned slot, IrRef r)
{
	unsigned reg = g->val[r].reg;

	if (reg == X64_NONE)
		gen_vec_load(g, b, reg = X64_XMM0, r);
	gen_vec_store_rm(b, reg, gen_slot(g, slot));
}

static void put(Gen *g, X64Buf *b, unsigned slot, IrRef r)
{
	GenOpnd o;

	if (g->t->slots[slot].type == JIT_V128) {
		if (gen_is_sunk(g, r, g->at))
			gen_fp_put_sunk(g, b, slot, &g->ir->ins[r]);
		else
			put_vec(g, b, slot, r);
		return;
	}
	if (gen_is_sunk(g, r, g->at)) {
		if (g->t->slots[slot].type == JIT_I8 &&
		    gen_put_flag(g, b, &g->ir->ins[r], gen_slot(g, slot)))
			return;
		gen_sunk(g, b, &g->ir->ins[r]);
		if (g->ir->ins[r].op == IR_CRCMP && g->t->slots[slot].type != JIT_I8)
			x64_op(b, X64_MOVZX8, 0, X64_RAX, xr(X64_RAX));
		store_reg(g, b, slot, X64_RAX);
		return;
	}
	o = alloc_where(g, r);
	if (o.is_k) {
		store_k(g, b, slot, o.k);
	} else if (o.rm.mem) {
		gen_load(b, X64_RAX, &o);
		store_reg(g, b, slot, X64_RAX);
	} else if (g->t->slots[slot].type == JIT_F64) {
		gen_fp_store(g, b, gen_slot(g, slot), o.rm.reg);
	} else {
		store_reg(g, b, slot, o.rm.reg);
	}
}

static void move_slot(Gen *g, X64Buf *b, unsigned slot)
{
	GenOpnd o = { .size = 8, .rm = gen_slot(g, slot) };
	unsigned type = g->t->slots[slot].type, word = alloc_spill_word(g, type == JIT_V128);

	g->moved[slot] = (uint16_t)(word + 1);
	g->readers[slot] = 0;
	if (type == JIT_V128) {
		gen_vec_load_rm(b, X64_XMM0, o.rm);
		gen_vec_store_rm(b, X64_XMM0, gen_spill(word));
		return;
	}
	o.size = type == JIT_I8 ? 1 : type == JIT_I32 ? 4 : 8;
	gen_load(b, X64_RAX, &o);
	x64_op(b, X64_MOV_MR, 1, X64_RAX, gen_spill(word));
}

/* Brings env up to date with the snapshot; `to` can still be read afterwards, until put_end(). */
static void put_all(Gen *g, X64Buf *b, const IrExit *e)
{
	const IrSlotRef *s = &g->ir->snaps[e->snap];
	bool done[IR_SLOTS_MAX] = { false };
	unsigned left = e->snaps;

	for (unsigned n = 0; n < e->snaps; n++)
		reads(g, s[n].ref, 1);
	read_one(g, e->to, 1);
	while (left) {
		unsigned before = left;

		for (unsigned n = 0; n < e->snaps; n++) {
			if (done[n])
				continue;
			reads(g, s[n].ref, -1);
			if (g->readers[s[n].slot] && !g->moved[s[n].slot]) {
				reads(g, s[n].ref, 1);
				continue;
			}
			put(g, b, s[n].slot, s[n].ref);
			done[n] = true;
			left--;
		}
		for (unsigned n = 0; left == before && n < e->snaps; n++) {
			if (!done[n]) {
				move_slot(g, b, s[n].slot);
				break;
			}
		}
	}
}

static void put_end(Gen *g, const IrExit *e)
{
	const IrSlotRef *s = &g->ir->snaps[e->snap];

	for (unsigned n = 0; n < e->snaps; n++) {
		if (g->moved[s[n].slot])
			alloc_spill_free(g, g->moved[s[n].slot] - 1u,
					 g->t->slots[s[n].slot].type == JIT_V128);
		g->moved[s[n].slot] = 0;
	}
	memset(g->readers, 0, sizeof(g->readers));
}

/* -------------------------------------------------------------- snapshots */

static JitLoc k_loc(Gen *g, IrRef r, uint64_t k)
{
	unsigned n = g->ir->ins[r].imm;

	if (k + (1 << (LOC_BITS - 1)) < 1 << LOC_BITS)
		return LOC(LOC_KS, k);
	if (!g->kpool[n]) {
		g_array_append_val(g->k, k);
		g->kpool[n] = (uint16_t)g->k->len;
	}
	return LOC(LOC_K, g->kpool[n] - 1u);
}

JitLoc gen_loc(Gen *g, IrRef r)
{
	const GenVal *v = &g->val[r];
	const IrIns *i = &g->ir->ins[r];
	int slot;
	uint64_t k;

	if (gen_is_k(g, r, &k))
		return k_loc(g, r, k);
	if (i->op == IR_KV) {
		g_array_append_val(g->kv, g->ir->kv[i->imm]);
		return LOC(LOC_KV, g->kv->len - 1);
	}
	if (i->flags & IR_SUNK) {
		JitSnapOp op = { .op = i->op, .imm = i->imm };

		op.loc[0] = gen_loc(g, i->a);
		op.loc[1] = i->b ? gen_loc(g, i->b) : 0;
		op.loc[2] = i->c ? gen_loc(g, i->c) : 0;
		g_array_append_val(g->ops, op);
		return LOC(LOC_OP, g->ops->len - 1);
	}
	if (v->reg != X64_NONE)
		return LOC(LOC_REG, v->reg);
	if (v->spill != GEN_NOSPILL)
		return LOC(LOC_SPILL, v->spill);
	slot = alloc_env_slot(g, r);
	if (slot < 0)
		bug("jit: operation %u is nowhere (exit at %u)", r, g->at);
	return LOC(LOC_ENV, (unsigned)slot);
}

/* One for the unit: index in g->exits. */
static uint32_t new_exit(Gen *g, const IrExit *e)
{
	JitExit x = { .target = e->target, .kind = e->kind, .done = e->done };
	GenFix none = { 0 };

	g_array_append_val(g->exits, x);
	g_array_append_val(g->exit_jumps, none);
	return g->exits->len - 1;
}

uint32_t gen_site(Gen *g, JitSite s)
{
	unsigned number = gen_ins(g)->exit;
	const IrExit *e = &g->ir->exits[number];

	if (!g->redo_exit[number])
		g->redo_exit[number] = (uint16_t)(new_exit(g, e) + 1);
	s.exit = (uint16_t)(g->redo_exit[number] - 1);
	s.back = (int16_t)((int)gen_taken(g, g->at) - e->done - e->before);
	s.snap = g->refs->len;
	s.snaps = e->snaps;
	for (unsigned n = 0; n < e->snaps; n++) {
		const IrSlotRef *r = &g->ir->snaps[e->snap + n];
		JitSnapRef ref = { .slot = r->slot, .loc = gen_loc(g, r->ref) };

		g_array_append_val(g->refs, ref);
	}
	g_array_append_val(g->sites, s);
	return g->sites->len - 1;
}

/* ------------------------------------------------------------------ exits */

static void jump_to(Gen *g, X64Buf *b, uint32_t thunk)
{
	gen_fix(g, b, FIX_ARENA, x64_jmp(b), thunk);
}

/* To the caller of jit_enter(), in cold code. */
static void out(Gen *g, uint32_t exit)
{
	gen_mov_address(g, &g->cold, X64_RAX, FIX_EXIT, exit);
	jump_to(g, &g->cold, g->j->thunks.leave);
}

static void jump_cold(Gen *g, X64Buf *b, uint32_t at)
{
	gen_fix(g, b, FIX_COLD, at, g->cold.n);
}

static void set_jump(Gen *g, const X64Buf *b, uint32_t exit, uint32_t at)
{
	g_array_index(g->exit_jumps, GenFix, exit) = (GenFix){ .in_cold = b == &g->cold, .at = at };
}

static void far_out(Gen *g, X64Buf *b, const IrExit *e, uint32_t exit)
{
	GenOpnd to = alloc_where(g, e->to);
	uint32_t jne, jmp;

	/* Not a short immediate: jit_link() fills it in. */
	x64_opi(b, X64_CMP_I, 0, 0, xm(X64_RBP, g->t->view - g->t->bias), INT32_MAX);
	jne = x64_jcc(b, X64_NE);
	jmp = x64_jmp(b);
	set_jump(g, b, exit, jmp);
	jump_cold(g, b, jne);
	jump_cold(g, b, jmp);
	gen_load(&g->cold, X64_RAX, &to);
	store_reg(g, &g->cold, (unsigned)g->t->nip, X64_RAX);
	out(g, exit);
}

/* All allocatable registers but the one with `to` are free here. */
static void dyn_out(Gen *g, X64Buf *b, const IrExit *e, uint32_t exit)
{
	GenOpnd to = alloc_where(g, e->to);
	uint32_t miss[2];

	gen_load(b, X64_RAX, &to);
	x64_op(b, X64_MOV_RM, 0, X64_RDX, xm(X64_RBP, g->t->view - g->t->bias));
	x64_op(b, X64_MOV_RM, 1, X64_RSI, xm(X64_RBP, g->t->jumps - g->t->bias));
	/* 4 * jit_jump() */
	x64_mov(b, 0, X64_RCX, xr(X64_RAX));
	x64_op(b, X64_XOR_RM, 0, X64_RCX, xr(X64_RDX));
	x64_opi(b, X64_AND_I, 0, 0, xr(X64_RCX), (JIT_JUMPS - 1) * 4);
	if (e->target)
		x64_op(b, X64_MOV_RM, 1, X64_R14, xm(X64_RBP, g->t->tlb.now - g->t->bias));
	x64_op(b, X64_CMP_MR, 1, X64_RAX, xmi(X64_RSI, X64_RCX, 4, 0));
	miss[0] = x64_jcc(b, X64_NE);
	x64_op(b, X64_CMP_MR, 0, X64_RDX, xmi(X64_RSI, X64_RCX, 1, offsetof(JitJumps, view)));
	miss[1] = x64_jcc(b, X64_NE);
	x64_op(b, X64_JMP_M, 0, 0, xmi(X64_RSI, X64_RCX, 4, offsetof(JitJump, code)));
	jump_cold(g, b, miss[0]);
	jump_cold(g, b, miss[1]);
	store_reg(g, &g->cold, (unsigned)g->t->nip, X64_RAX);
	out(g, exit);
}

static void exit_code(Gen *g, X64Buf *b, const IrExit *e)
{
	uint32_t exit = new_exit(g, e), at;
	unsigned done = e->done + e->before;

	put_all(g, b, e);
	if (gen_taken(g, g->at) != done)
		x64_opi(b, X64_ADD_I, 1, 0, xr(X64_R15), (int64_t)gen_taken(g, g->at) - done);
	switch (e->kind) {
	case IR_EXIT_LINK:
		at = x64_jmp(b);
		set_jump(g, b, exit, at);
		jump_cold(g, b, at);
		out(g, exit);
		break;
	case IR_EXIT_FAR: far_out(g, b, e, exit); break;
	case IR_EXIT_DYN: dyn_out(g, b, e, exit); break;
	default:
		if (b == &g->hot) {
			at = x64_jmp(b);
			jump_cold(g, b, at);
		}
		out(g, exit);
		break;
	}
	put_end(g, e);
}

static void redo_code(Gen *g, uint32_t site)
{
	gen_mov_address(g, &g->cold, X64_RAX, FIX_SITE, site);
	jump_to(g, &g->cold, g->vectors ? g->j->thunks.redo_v : g->j->thunks.redo);
}

void gen_redo(Gen *g)
{
	redo_code(g, gen_site(g, (JitSite){ .op = IR_EXIT }));
}

void gen_exit_if(Gen *g)
{
	const IrIns *i = gen_ins(g);
	const IrExit *e = &g->ir->exits[i->exit];
	GenOpnd x, y;
	X64Cc cc;

	if (!gen_fp_exit(g)) {
		x = alloc_any(g, 0);
		y = alloc_any(g, 1);
		cc = gen_compare(&g->hot, (IrCc)i->imm, x, y);
		jump_cold(g, &g->hot, x64_jcc(&g->hot, cc));
	}
	/* The room for one more is that of this exit. */
	g->facts[g->nfacts++] = (GenFact){ .cc = (IrCc)i->imm, .a = i->a, .b = i->b };
	if (e->kind == IR_EXIT_REDO)
		redo_code(g, gen_site(g, (JitSite){ .op = IR_EXIT }));
	else
		exit_code(g, &g->cold, e);
	g->facts[g->nfacts - 1].cc = ir_cc_not((IrCc)i->imm);
	if (g->nfacts > GEN_FACTS)
		g->nfacts--;
	alloc_step(g);
}

void gen_end(Gen *g)
{
	const IrExit *e = &g->ir->exits[gen_ins(g)->exit];

	if (e->kind != IR_EXIT_REDO) {
		exit_code(g, &g->hot, e);
		return;
	}
	jump_cold(g, &g->hot, x64_jmp(&g->hot));
	redo_code(g, gen_site(g, (JitSite){ .op = IR_EXIT }));
}

/* Takes n instructions from the budget; to the cold code when they or the permission are not there. */
static void take(Gen *g, unsigned n)
{
	X64Buf *b = &g->hot;

	x64_opi(b, X64_SUB_I, 1, 0, xr(X64_R15), n);
	jump_cold(g, b, x64_jcc(b, X64_L));
	x64_opi(b, X64_CMP_I, 1, 0, xm(X64_RBP, g->t->stop - g->t->bias), 0);
	jump_cold(g, b, x64_jcc(b, X64_NE));
}

void gen_check(Gen *g)
{
	const IrIns *i = gen_ins(g);

	take(g, i->imm);
	exit_code(g, &g->cold, &g->ir->exits[i->exit]);
}

void gen_entry(Gen *g)
{
	take(g, g->ir->insns);
	x64_opi(&g->cold, X64_ADD_I, 1, 0, xr(X64_R15), g->ir->insns);
	g->dead_at = g->cold.n;
	gen_mov_address(g, &g->cold, X64_RAX, FIX_UNIT, 0);
	jump_to(g, &g->cold, g->j->thunks.leave);
}

/* ------------------------------------------------------------------ calls */

static void call_c(Gen *g, uintptr_t fn)
{
	X64Buf *b = &g->hot;

	x64_op(b, X64_LEA, 1, X64_RDI, xm(X64_RBP, -g->t->bias));
	x64_mov_k(b, X64_RAX, fn);
	x64_op(b, X64_CALL_M, 0, 0, xr(X64_RAX));
}

void gen_exec(Gen *g)
{
	const IrIns *i = gen_ins(g);
	const IrExec *x = &g->ir->execs[i->imm];
	const IrExit *e = &g->ir->exits[i->exit];
	X64Rm budget = xm(X64_RBP, g->t->budget - g->t->bias);
	X64Buf *b = &g->hot;

	alloc_barrier(g);
	alloc_save(g, 0);
	put_all(g, b, e);
	put_end(g, e);
	g->epoch = (IrRef)g->at;
	x64_op(b, X64_MOV_MR, 1, X64_R15, budget);
	x64_mov_k(b, X64_RSI, (uintptr_t)x->arg);
	call_c(g, (uintptr_t)x->fn);
	x64_op(b, X64_MOV_RM, 1, X64_R14, xm(X64_RBP, g->t->tlb.table[g->ir->high] - g->t->bias));
	x64_op(b, X64_MOV_RM, 1, X64_R15, budget);
	alloc_step(g);
	alloc_forget(g, 0);
}

void gen_call(Gen *g)
{
	const IrIns *i = gen_ins(g);
	static const uint8_t to[3] = { X64_RAX, X64_RDX, X64_RCX };
	GenOpnd o[3] = { { .is_k = true }, { .is_k = true }, { .is_k = true } };
	X64Buf *b = &g->hot;

	for (unsigned k = 0; k < 3; k++)
		if (alloc_operand(g, g->at, k))
			o[k] = alloc_any(g, k);
	alloc_save(g, GEN_KEPT);
	x64_op(b, X64_MOV_MR, 1, X64_R15, xm(X64_RBP, g->t->budget - g->t->bias));
	/* In this order none is overwritten before it is read: rcx and rax hold no values. */
	gen_load(b, to[2], &o[2]);
	gen_load(b, to[0], &o[0]);
	gen_load(b, to[1], &o[1]);
	x64_mov(b, 1, X64_RSI, xr(X64_RAX));
	call_c(g, (uintptr_t)g->t->helpers[i->imm]);
	alloc_step(g);
	alloc_forget(g, GEN_KEPT);
	if (g->val[g->at].last)
		x64_mov(b, 1, alloc_def(g, X64_NONE, 0), xr(X64_RAX));
}
