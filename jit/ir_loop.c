/* Loops of the intermediate representation: see ir_loop.h. */
#include <string.h>
#include "jit/ir_int.h"
#include "jit/ir_loop.h"

enum { TRIES = 6 };

static void mark(IrMark *m, const Ir *ir)
{
	*m = (IrMark){ .n = ir->n,
		       .nk = ir->nk,
		       .nkv = ir->nkv,
		       .nexits = ir->nexits,
		       .nsnaps = ir->nsnaps,
		       .nexecs = ir->nexecs,
		       .ndirty = ir->ndirty,
		       .done = ir->done,
		       .changed = ir->changed,
		       .redo = ir->redo };
	memcpy(m->cur, ir->cur, sizeof(m->cur));
	memcpy(m->dirty, ir->dirty, sizeof(m->dirty));
	memcpy(m->dirty_list, ir->dirty_list, sizeof(m->dirty_list));
}

static void rollback(Ir *ir, const IrMark *m)
{
	ir_unhash(ir, m->n);
	ir->n = m->n;
	ir->nk = m->nk;
	ir->nkv = m->nkv;
	ir->nexits = m->nexits;
	ir->nsnaps = m->nsnaps;
	ir->nexecs = m->nexecs;
	ir->ndirty = m->ndirty;
	ir->done = m->done;
	ir->changed = m->changed;
	ir->redo = m->redo;
	ir->before = 0;
	ir->loop = 0;
	memcpy(ir->cur, m->cur, sizeof(m->cur));
	memcpy(ir->dirty, m->dirty, sizeof(m->dirty));
	memcpy(ir->dirty_list, m->dirty_list, sizeof(m->dirty_list));
}

void ir_loop_init(IrLoop *l, const Ir *ir)
{
	memset(l->way, 0, sizeof(l->way));
	l->tries = 0;
	mark(&l->mark, ir);
}

static uint8_t phi_op(const Ir *ir, IrRef before)
{
	static const uint8_t op_for[128] = {
		['I'] = IR_PHI, ['F'] = IR_PHIF, ['S'] = IR_PHIS, ['V'] = IR_PHIV
	};

	return op_for[(unsigned char)ir_ops[ir->ins[before].op].result];
}

/* One for each value: parts that are the same go around together. */
static IrRef phi(Ir *ir, IrRef before)
{
	uint8_t op = phi_op(ir, before);

	for (IrRef r = ir->loop + 1; r < ir->n; r++)
		if (ir->ins[r].op == op && ir->ins[r].a == before && !ir->ins[r].imm)
			return r;
	return ir_emit(ir, op, 0, before, 0, 0, 0);
}

static bool is_phi(const Ir *ir, IrRef ref)
{
	return ir_is_phi(&ir->ins[ref]);
}

/* An operation that snapshots may compute, so that its operands can go around in its place. */
static bool has_parts(const Ir *ir, IrRef ref)
{
	const IrOpInfo *info = &ir_ops[ir->ins[ref].op];

	return info->flags & IRF_K && info->operands[0] && ir->ins[ref].op != IR_ADD &&
	       ir->ins[ref].op != IR_SUB;
}

static IrRef *operand(IrIns *i, unsigned n)
{
	IrRef *all[4] = { &i->a, &i->b, &i->c, &i->d };

	return all[n];
}

/* PHIs of the operands of a slot's value; they all come before the first other operation. */
static void phis_of(Ir *ir, IrLoop *l, unsigned slot)
{
	IrRef ref = l->mark.cur[slot];
	IrIns i = ir->ins[ref];
	uint64_t k;

	l->head[slot] = ref;
	if (l->way[slot] == IR_AROUND_FIXED)
		return;
	if (l->way[slot] == IR_AROUND_WHOLE) {
		l->head[slot] = ir_emit(ir, phi_op(ir, ref), 1, ref, 0, 0, 0);
		return;
	}
	if (!has_parts(ir, ref)) {
		phi(ir, ref);
		return;
	}
	for (unsigned n = 0; ir_ops[i.op].operands[n]; n++)
		if (!ir_is_k(ir, *operand(&i, n), &k))
			phi(ir, *operand(&i, n));
}

/* What the slot holds at the beginning of each turn. */
static IrRef head_of(Ir *ir, const IrLoop *l, unsigned slot)
{
	IrRef ref = l->mark.cur[slot];
	IrIns i = ir->ins[ref];
	uint64_t k;

	if (l->way[slot] != IR_AROUND_PARTS)
		return l->head[slot];
	if (!has_parts(ir, ref))
		return phi(ir, ref);
	for (unsigned n = 0; ir_ops[i.op].operands[n]; n++)
		if (!ir_is_k(ir, *operand(&i, n), &k))
			*operand(&i, n) = phi(ir, *operand(&i, n));
	return ir_emit_as_is(ir, &i);
}

void ir_loop_begin(Ir *ir, IrLoop *l, unsigned turn, uint32_t exit_target)
{
	const IrMark *m = &l->mark;

	memset(l->head, 0, sizeof(l->head));
	ir->loop = l->at = ir_emit(ir, IR_LOOP, turn, 0, 0, 0, 0);
	for (unsigned n = 0; n < m->ndirty; n++)
		phis_of(ir, l, m->dirty_list[n]);
	for (unsigned n = 0; n < m->ndirty; n++) {
		unsigned slot = m->dirty_list[n];

		l->head[slot] = head_of(ir, l, slot);
		ir->cur[slot] = l->head[slot];
	}
	ir->done = ir->before = 0;
	ir->redo = 0xffff;
	ir->changed = 0xffff;
	ir->turn = (uint16_t)turn;
	if (l->at && !ir->full)
		ir->ins[l->at].exit = ir_exit_new(ir, IR_EXIT_LINK, exit_target, 0);
}

void ir_loop_round(Ir *ir, unsigned done)
{
	ir->before = (uint16_t)(ir->before + done);
	ir->done = 0;
	ir->redo = 0xffff;
	ir->changed = 0xffff;
}

/* PHI p is to have the value v next; false: it has another one from another slot. */
static bool bind(Ir *ir, IrRef p, IrRef v)
{
	IrIns *i = &ir->ins[p];

	if (i->b && i->b != v)
		return false;
	i->b = v;
	return true;
}

/* Gives the PHIs of a slot their next values; false: not as it goes around now. */
static bool close_slot(Ir *ir, const IrLoop *l, unsigned slot)
{
	IrRef head = l->head[slot], now = ir->cur[slot];
	IrIns h, v;
	uint64_t k;

	if (!now)
		return false;
	if (l->way[slot] == IR_AROUND_FIXED)
		return head == now;
	h = ir->ins[head];
	if (is_phi(ir, head))
		return bind(ir, head, now);
	v = ir->ins[now];
	if (v.op != h.op || v.imm != h.imm)
		return false;
	for (unsigned n = 0; ir_ops[h.op].operands[n]; n++) {
		IrRef p = *operand(&h, n), to = *operand(&v, n);

		if (ir_is_k(ir, p, &k) ? p != to : !bind(ir, p, to))
			return false;
	}
	return true;
}

/* Does everything that a slot's value is made of come back as it was? */
static bool comes_back(const Ir *ir, const IrLoop *l, unsigned slot)
{
	IrRef head = l->head[slot];
	IrIns h = ir->ins[head];

	if (l->way[slot] == IR_AROUND_FIXED)
		return false;
	if (is_phi(ir, head))
		return h.b == h.a || h.b == head;
	for (unsigned n = 0; ir_ops[h.op].operands[n]; n++) {
		IrRef p = *operand(&h, n);
		const IrIns *i = &ir->ins[p];

		if (is_phi(ir, p) && i->b != i->a && i->b != p)
			return false;
	}
	return true;
}

/* Slots that were not dirty before the second turn may not be after it. */
static bool same_dirty(const Ir *ir, const IrLoop *l)
{
	for (unsigned n = 0; n < ir->ndirty; n++)
		if (!l->mark.dirty[ir->dirty_list[n]])
			return false;
	return true;
}

/* Finds another way for slots that need one; false: there is none. */
static bool reconsider(Ir *ir, IrLoop *l, bool *changed)
{
	const IrMark *m = &l->mark;

	*changed = false;
	for (unsigned n = 0; n < m->ndirty; n++) {
		unsigned slot = m->dirty_list[n];

		if (close_slot(ir, l, slot))
			continue;
		*changed = true;
		if (l->way[slot] != IR_AROUND_WHOLE)
			l->way[slot] = IR_AROUND_WHOLE;
		else
			return false;
	}
	for (unsigned n = 0; n < m->ndirty && !*changed; n++) {
		unsigned slot = m->dirty_list[n];

		if (l->tries >= TRIES / 2 || !comes_back(ir, l, slot))
			continue;
		l->way[slot] = IR_AROUND_FIXED;
		*changed = true;
		/* The others at once: all that came back do so for the same reasons. */
		for (unsigned k = n + 1; k < m->ndirty; k++)
			if (comes_back(ir, l, m->dirty_list[k]))
				l->way[m->dirty_list[k]] = IR_AROUND_FIXED;
	}
	return true;
}

IrLoopResult ir_loop_no(Ir *ir, const IrLoop *l)
{
	ir->full = false;
	rollback(ir, &l->mark);
	return IR_LOOP_NO;
}

IrLoopResult ir_loop_end(Ir *ir, IrLoop *l)
{
	bool changed;

	if (ir->full || !same_dirty(ir, l) || ++l->tries > TRIES || !reconsider(ir, l, &changed))
		return ir_loop_no(ir, l);
	if (changed) {
		rollback(ir, &l->mark);
		return IR_LOOP_AGAIN;
	}
	ir_emit(ir, IR_BACK, 0, 0, 0, 0, 0);
	return IR_LOOP_DONE;
}
