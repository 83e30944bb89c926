/*
 * Building the intermediate representation: operations, slots, exits.
 *
 * Pure operations are hash-consed: one with the same operands is emitted once.  GETs
 * are too, as long as no barrier lies between; loads are not, since a store or
 * another CPU may come between them.
 */
#include <string.h>
#include "base/log.h"
#include "jit/ir_int.h"
#include "jit/vec.h"

const IrOpInfo ir_ops[IR_OPS] = {
	[IR_NOP] = { "nop", '-', "", 0 },
#define P IRF_P
#define C IRF_C
#define K IRF_K
#define X IRF_X
#define M IRF_M
#define W IRF_W
#define B IRF_B
#define IR(name, result, operands, flags, text) [IR_##name] = { text, #result[0], operands, flags },
#include "jit/ir.def"
#undef IR
#undef P
#undef C
#undef K
#undef X
#undef M
#undef W
#undef B
};

enum { NO_INSN = 0xffff, NO_EXIT = 0xffff };
enum { PASSED_MAX = 400 }; /* operations to look back for an exit of the same condition */

Ir *ir_new(const JitTarget *target)
{
	Ir *ir = g_new0(Ir, 1);

	g_assert(target->nslots <= IR_SLOTS_MAX);
	ir->target = target;
	ir->host = vec_host();
	ir_clear(ir);
	return ir;
}

void ir_free(Ir *ir)
{
	if (!ir)
		return;
	g_free(ir->snaps);
	g_free(ir);
}

void ir_clear(Ir *ir)
{
	ir->n = 1;
	ir->ones[0] = UINT64_MAX;
	ir->sbits[0] = 64;
	ir->nk = ir->nkv = 0;
	ir->nexits = ir->nsnaps = ir->nexecs = 0;
	ir->insns = ir->turn = 0;
	ir->loop = IR_NONE;
	ir->high = ir->apart = ir->full = false;
	memset(ir->cur, 0, sizeof(ir->cur));
	memset(ir->dirty, 0, sizeof(ir->dirty));
	ir->ndirty = 0;
	ir->done = ir->before = 0;
	ir->changed = NO_INSN;
	ir->redo = NO_EXIT;
	ir->epoch = IR_NONE;
	memset(ir->hash, 0, sizeof(ir->hash));
}

/* ---- Operations ---- */

static IrRef append(Ir *ir, const IrIns *i)
{
	IrRef ref = (IrRef)ir->n;

	if (ir->full || ir->n == IR_MAX) {
		ir->full = true;
		return IR_NONE;
	}
	ir->ins[ir->n++] = *i;
	ir_facts(ir, ref);
	return ref;
}

static unsigned hash_of(const IrIns *i)
{
	uint32_t h = i->op * 0x9e3779b1u ^ i->imm * 0x85ebca6bu;

	h ^= (i->a | (uint32_t)i->b << 16) * 0xc2b2ae35u;
	h ^= (i->c | (uint32_t)i->d << 16) * 0x27d4eb2fu;
	return (h ^ h >> 15) % 1024;
}

void ir_unhash(Ir *ir, unsigned n)
{
	/* The newest come first in each chain. */
	for (unsigned h = 0; h < ARRAY_LEN(ir->hash); h++)
		while (ir->hash[h] >= n)
			ir->hash[h] = ir->hash_next[ir->hash[h]];
}

IrRef ir_emit_as_is(Ir *ir, const IrIns *i)
{
	unsigned h = hash_of(i);
	bool state = i->op == IR_GET || i->op == IR_GETF || i->op == IR_GETV;
	IrRef ref;

	for (ref = ir->hash[h]; ref; ref = ir->hash_next[ref]) {
		const IrIns *o = &ir->ins[ref];

		if (o->op == i->op && o->imm == i->imm && o->a == i->a && o->b == i->b &&
		    o->c == i->c && o->d == i->d && (!state || ref > ir->epoch))
			return ref;
	}
	ref = append(ir, i);
	if (ref) {
		ir->hash_next[ref] = ir->hash[h];
		ir->hash[h] = ref;
	}
	return ref;
}

IrRef ir_emit(Ir *ir, IrOp op, uint32_t imm, IrRef a, IrRef b, IrRef c, IrRef d)
{
	IrIns i = { .op = (uint8_t)op, .a = a, .b = b, .c = c, .d = d, .imm = imm };
	IrRef ref;

	/* What has left at the first place does not come to the second. */
	if (op == IR_FTOS)
		return ir_emit_as_is(ir, &i);
	if (!(ir_ops[op].flags & IRF_P))
		return append(ir, &i);
	ref = ir_fold(ir, &i);
	return ref ? ref : ir_emit_as_is(ir, &i);
}

IrRef ir_k(Ir *ir, uint64_t v)
{
	IrIns i = { .op = IR_K };

	/* The pool is small; what is asked for again is mostly among the last. */
	for (unsigned n = ir->nk; n-- > 0;) {
		if (ir->k[n] == v) {
			i.imm = n;
			return ir_emit_as_is(ir, &i);
		}
	}
	if (ir->nk == ARRAY_LEN(ir->k)) {
		ir->full = true;
		return IR_NONE;
	}
	ir->k[ir->nk] = v;
	i.imm = ir->nk++;
	return ir_emit_as_is(ir, &i);
}

IrRef ir_kv(Ir *ir, u128 v)
{
	IrIns i = { .op = IR_KV };

	while (i.imm < ir->nkv && ir->kv[i.imm] != v)
		i.imm++;
	if (i.imm == ARRAY_LEN(ir->kv)) {
		ir->full = true;
		return IR_NONE;
	}
	if (i.imm == ir->nkv)
		ir->kv[ir->nkv++] = v;
	return ir_emit_as_is(ir, &i);
}

bool ir_is_k(const Ir *ir, IrRef ref, uint64_t *v)
{
	if (ir->ins[ref].op != IR_K || !ref)
		return false;
	*v = ir->k[ir->ins[ref].imm];
	return true;
}

/* ---- Slots ---- */

static IrRef get_env(Ir *ir, unsigned slot)
{
	switch (ir->target->slots[slot].type) {
	case JIT_F64: return ir_emit(ir, IR_GETF, slot, 0, 0, 0, 0);
	case JIT_V128: return ir_emit(ir, IR_GETV, slot, 0, 0, 0, 0);
	default: return ir_emit(ir, IR_GET, slot, 0, 0, 0, 0);
	}
}

IrRef ir_get(Ir *ir, unsigned slot)
{
	IrRef ref;

	g_assert(slot < ir->target->nslots);
	ref = ir->cur[slot];
	if (!ref)
		return ir->cur[slot] = get_env(ir, slot);
	/* Of what was put, a narrow slot keeps the lower bits. */
	switch (ir->target->slots[slot].type) {
	case JIT_I8: return ir_zx8(ir, ref);
	case JIT_I32: return ir_zx32(ir, ref);
	default: return ref;
	}
}

static void mark_clean(Ir *ir, unsigned slot)
{
	if (!ir->dirty[slot])
		return;
	ir->dirty[slot] = false;
	for (unsigned i = 0; i < ir->ndirty; i++) {
		if (ir->dirty_list[i] == slot) {
			ir->ndirty--;
			memmove(&ir->dirty_list[i], &ir->dirty_list[i + 1],
				(ir->ndirty - i) * sizeof(ir->dirty_list[0]));
			return;
		}
	}
}

/* In order of slots, so that exits store neighbours together. */
static void mark_dirty(Ir *ir, unsigned slot)
{
	unsigned i = ir->ndirty++;

	ir->dirty[slot] = true;
	for (; i && ir->dirty_list[i - 1] > slot; i--)
		ir->dirty_list[i] = ir->dirty_list[i - 1];
	ir->dirty_list[i] = (uint16_t)slot;
}

/* Is ref what env itself holds there? */
static bool is_own(const Ir *ir, unsigned slot, IrRef ref)
{
	const IrIns *i = &ir->ins[ref];

	return (i->op == IR_GET || i->op == IR_GETF || i->op == IR_GETV) && i->imm == slot &&
	       ref > ir->epoch;
}

void ir_put(Ir *ir, unsigned slot, IrRef ref)
{
	g_assert(slot < ir->target->nslots);
	ir->changed = ir->done;
	if (ir->cur[slot] == ref || !ref)
		return;
	ir->cur[slot] = ref;
	if (is_own(ir, slot, ref))
		mark_clean(ir, slot);
	else if (!ir->dirty[slot])
		mark_dirty(ir, slot);
}

/* ---- Exits ---- */

static void snapshot(Ir *ir, IrExit *e)
{
	if (ir->nsnaps + ir->ndirty > ir->snaps_room) {
		ir->snaps_room = 2 * (ir->nsnaps + ir->ndirty);
		ir->snaps = g_renew(IrSlotRef, ir->snaps, ir->snaps_room);
	}
	e->snap = ir->nsnaps;
	e->snaps = (uint16_t)ir->ndirty;
	for (unsigned n = 0; n < ir->ndirty; n++) {
		uint16_t slot = ir->dirty_list[n];

		ir->snaps[ir->nsnaps++] = (IrSlotRef){ slot, ir->cur[slot] };
	}
}

uint16_t ir_exit_new(Ir *ir, IrExitKind kind, uint32_t target, IrRef to)
{
	IrExit *e;

	if (kind == IR_EXIT_REDO) {
		if (ir->changed == ir->done)
			bug("instruction %u of a unit may leave after it has put something",
			    ir->done);
		if (ir->redo != NO_EXIT && ir->exits[ir->redo].done == ir->done)
			return ir->redo;
	}
	if (ir->nexits == IR_EXITS_MAX) {
		ir->full = true;
		return 0;
	}
	e = &ir->exits[ir->nexits];
	*e = (IrExit){ .kind = (uint8_t)kind,
		       .to = to,
		       .done = ir->done,
		       .before = ir->before,
		       .target = target };
	snapshot(ir, e);
	if (kind == IR_EXIT_REDO)
		ir->redo = (uint16_t)ir->nexits;
	return (uint16_t)ir->nexits++;
}

static IrRef emit_exit(Ir *ir, IrOp op, uint32_t imm, IrRef a, IrRef b, uint16_t exit)
{
	IrRef ref = ir_emit(ir, op, imm, a, b, 0, 0);

	if (ref)
		ir->ins[ref].exit = exit;
	return ref;
}

/* What an exit that was passed tells of a condition: 0: it does not hold; 1: it does; -1: nothing. */
static int passed(const Ir *ir, IrCc cc, IrRef a, IrRef b)
{
	unsigned last = ir->n > PASSED_MAX ? ir->n - PASSED_MAX : 1;

	for (unsigned r = ir->n; r-- > last;) {
		const IrIns *i = &ir->ins[r];

		if (i->op != IR_EXIT || i->a != a || i->b != b)
			continue;
		if (i->imm == cc)
			return 0;
		if (i->imm == ir_cc_not(cc))
			return 1;
	}
	return -1;
}

void ir_exit_if(Ir *ir, IrCc cc, IrRef a, IrRef b, uint16_t exit)
{
	int always = ir_fold_cond(ir, &cc, &a, &b);

	if (always < 0)
		always = passed(ir, cc, a, b);
	if (always == 0)
		return;
	if (always == 1) {
		/* What follows is dead: ir_finish() makes it the end. */
		cc = IR_EQ;
		a = b = ir_k(ir, 0);
	}
	emit_exit(ir, IR_EXIT, cc, a, b, exit);
}

void ir_end(Ir *ir, uint16_t exit)
{
	emit_exit(ir, IR_END, 0, 0, 0, exit);
}

/* ---- Memory and calls ---- */

IrRef ir_ld(Ir *ir, IrOp op, uint32_t mem, IrRef ea)
{
	return emit_exit(ir, op, mem, ea, 0, ir_exit_new(ir, IR_EXIT_REDO, 0, 0));
}

void ir_st(Ir *ir, IrOp op, uint32_t mem, IrRef ea, IrRef v)
{
	if (op == IR_ST)
		v = ir_demand(ir, v, ir_low_bits(8 * ir_mem_bytes(mem)));
	emit_exit(ir, op, mem, ea, v, ir_exit_new(ir, IR_EXIT_REDO, 0, 0));
}

IrRef ir_ftos(Ir *ir, IrRef f)
{
	const IrIns *i = &ir->ins[f];
	unsigned n = ir->n;
	IrRef r;

	if (i->op == IR_S2F)
		return i->a;
	r = ir_emit(ir, IR_FTOS, 0, f, 0, 0, 0);
	if (r >= n)
		ir->ins[r].exit = ir_exit_new(ir, IR_EXIT_REDO, 0, 0);
	return r;
}

void ir_exec(Ir *ir, void (*fn)(void *env, const void *arg), const void *arg, unsigned index)
{
	IrRef ref;

	if (ir->nexecs == ARRAY_LEN(ir->execs)) {
		ir->full = true;
		return;
	}
	ir->execs[ir->nexecs] = (IrExec){ fn, arg, (uint16_t)index };
	ref = emit_exit(ir, IR_EXEC, ir->nexecs++, 0, 0, ir_exit_new(ir, IR_EXIT_EXEC, 0, 0));
	memset(ir->cur, 0, sizeof(ir->cur));
	memset(ir->dirty, 0, sizeof(ir->dirty));
	ir->ndirty = 0;
	if (ref)
		ir->epoch = ref;
}

IrRef ir_call(Ir *ir, unsigned helper, IrRef a, IrRef b, IrRef c)
{
	return ir_emit(ir, IR_CALL, helper, a, b, c, 0);
}
