/*
 * What generated code asks C for: accesses that the TLB does not allow, and exits that are too rare to have
 * code of their own.  Registers are where a thunk has saved them.
 */
#include "base/log.h"
#include "jit/ir_int.h"
#include "jit/jit_int.h"
#include "jit/vec.h"

typedef struct Frame {
	uint8_t *env;
	const JitTarget *t;
	const JitSnap *snap;
	const JitSave *save;
	const uint64_t *spills;
} Frame;

static u128 env_value(const Frame *f, unsigned slot)
{
	const JitSlot *s = &f->t->slots[slot];
	const uint8_t *p = f->env + s->offset;
	uint64_t v = 0;
	u128 w;

	switch (s->type) {
	case JIT_I8: return *p;
	case JIT_I32: memcpy(&v, p, 4); return v;
	case JIT_V128: memcpy(&w, p, 16); return w;
	default: memcpy(&v, p, 8); return v;
	}
}

static u128 value(const Frame *f, JitLoc loc)
{
	unsigned n = loc & ((1u << LOC_BITS) - 1);
	const JitSnapOp *op;
	u128 v;

	switch (loc >> LOC_BITS) {
	case LOC_REG: return n < X64_XMM0 ? f->save->gpr[n] : f->save->xmm[n - X64_XMM0];
	case LOC_SPILL: memcpy(&v, &f->spills[n], sizeof(v)); return v;
	case LOC_ENV: return env_value(f, n);
	case LOC_K: return f->snap->k[n];
	case LOC_KS: return (uint64_t)sext64(n, LOC_BITS);
	case LOC_KV: return f->snap->kv[n];
	case LOC_OP:
		op = &f->snap->ops[n];
		if (op->op == IR_VCR6)
			return ir_vec_to_int(&(IrIns){ .op = op->op }, value(f, op->loc[0]));
		if (op->op == IR_ITOV)
			return value(f, op->loc[0]) << 64 | (uint64_t)value(f, op->loc[1]);
		if (ir_is_fp_move(op->op))
			return ir_fp_move(op->op, op->imm, value(f, op->loc[0]),
					  op->loc[1] ? value(f, op->loc[1]) : 0);
		return ir_eval(op->op, op->imm, (uint64_t)value(f, op->loc[0]),
			       (uint64_t)value(f, op->loc[1]), (uint64_t)value(f, op->loc[2]), 0);
	default: bug("jit: place %u", loc);
	}
}

static void set_slot(const Frame *f, unsigned slot, u128 v)
{
	static const uint8_t size[] = {
		[JIT_I8] = 1, [JIT_I32] = 4, [JIT_I64] = 8, [JIT_F64] = 8, [JIT_V128] = 16
	};

	memcpy(f->env + f->t->slots[slot].offset, &v, size[f->t->slots[slot].type]);
}

/* Brings env up to date; all is read before anything is written. */
static const JitExit *restore(const Frame *f, const JitSite *site)
{
	const JitSnapRef *r = &f->snap->refs[site->snap];
	JitExit *e = &site->unit->exits[site->exit];
	u128 v[IR_SLOTS_MAX];
	int64_t budget;

	for (unsigned i = 0; i < site->snaps; i++)
		v[i] = value(f, r[i].loc);
	for (unsigned i = 0; i < site->snaps; i++)
		set_slot(f, r[i].slot, v[i]);
	memcpy(&budget, f->env + f->t->budget, sizeof(budget));
	budget += site->back;
	e->wide = site->op == IR_PTR;
	memcpy(f->env + f->t->budget, &budget, sizeof(budget));
	return e;
}

static Frame frame(void *env, const JitSite *site, const JitSave *save, const JitTarget *t)
{
	return (Frame){ .env = env,
			.t = t,
			.snap = site->unit->snaps,
			.save = save,
			.spills = (const uint64_t *)save - JIT_SPILLS };
}

const JitExit *jit_redo(void *env, const JitSite *site, JitSave *save, const JitTarget *t)
{
	Frame f = frame(env, site, save, t);

	return restore(&f, site);
}

static void set_result(JitSave *save, const JitSite *site, u128 v)
{
	unsigned bits = 8u << (site->mem & IR_MEM_SIZE);
	uint64_t w = (uint64_t)v;

	if (site->reg >= X64_XMM0) {
		save->xmm[site->reg - X64_XMM0] = v;
		return;
	}
	if (bits < 64)
		w = site->mem & IR_MEM_SX ? (uint64_t)sext64(w, bits)
					  : w << (64 - bits) >> (64 - bits);
	save->gpr[site->reg] = w;
}

/* Arithmetic: operands are there yet. */
static void arithmetic(const Frame *f, JitSave *save, const JitSite *site)
{
	unsigned n = (unsigned)strlen(ir_ops[site->op].operands);
	uint64_t a = (uint64_t)value(f, site->ea), b = 0, c = 0, v;

	if (n > 1)
		b = (uint64_t)value(f, site->value);
	if (n > 2)
		c = (uint64_t)value(f, site->third);
	v = f->t->fp(f->env, site->op, site->mem, a, b, c);
	if (site->reg >= X64_XMM0)
		save->xmm[site->reg - X64_XMM0] = v;
	else
		save->gpr[site->reg] = v;
}

const JitExit *jit_slow(void *env, const JitSite *site, JitSave *save, const JitTarget *t)
{
	Frame f = frame(env, site, save, t);
	uint64_t ea = (uint64_t)value(&f, site->ea) + (uint64_t)(int64_t)site->disp;
	unsigned bits = 8u << (site->mem & IR_MEM_SIZE);
	u128 v = 0;

	if (ir_is_fp(site->op)) {
		arithmetic(&f, save, site);
		return NULL;
	}
	switch (site->op) {
	case IR_LD:
	case IR_LDF:
	case IR_LDS:
	case IR_LDV:
		if (!t->ld(env, ea, site->mem, &v))
			break;
		set_result(save, site, v);
		return NULL;
	case IR_PTR:
		v = (uintptr_t)t->probe(env, ea, ir_ptr_bytes(site->mem), site->mem & IR_PTR_STORE);
		if (!v)
			break;
		save->gpr[site->reg] = (uint64_t)v - (uint64_t)(int64_t)site->disp;
		return NULL;
	case IR_VFP1:
	case IR_VFP2:
	case IR_VFP3:
		save->xmm[site->reg - X64_XMM0] = t->fpv(env, site->mem, value(&f, site->ea),
							 value(&f, site->value),
							 value(&f, site->third));
		return NULL;
	default:
		v = value(&f, site->value);
		if (bits < 128)
			v &= ((u128)1 << bits) - 1;
		if (!t->st(env, ea, site->mem, &v))
			break;
		return NULL;
	}
	return restore(&f, site);
}
