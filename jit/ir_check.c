/*
 * Is a unit well formed?  What code generation relies on is asked for here, so that a fault of a
 * translator or of folding is found where it is made.
 */
#include "jit/ir_int.h"
#include "jit/vec.h"

typedef struct Check {
	const Ir *ir;
	unsigned at; /* operation looked at */
	char *why;
} Check;

static void fail(Check *c, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void fail(Check *c, const char *fmt, ...)
{
	va_list args;
	char *what;

	if (c->why)
		return;
	va_start(args, fmt);
	what = g_strdup_vprintf(fmt, args);
	va_end(args);
	c->why = g_strdup_printf("v%u (%s): %s", c->at, ir_ops[c->ir->ins[c->at].op].name, what);
	g_free(what);
}

/* Of a LOOP's exit: a PHI, or what exits can compute of them. */
static bool is_of_phis(const Ir *ir, IrRef ref)
{
	const IrIns *i = &ir->ins[ref];
	IrRef operand[4] = { i->a, i->b, i->c, i->d };

	if (ref >= ir->n || i->op >= IR_OPS)
		return false;
	if (ir_is_phi(i))
		return true;
	if (!(ir_ops[i->op].flags & IRF_K))
		return false;
	for (unsigned n = 0; ir_ops[i->op].operands[n]; n++)
		if (operand[n] > ir->loop && !ir_is_phi(&ir->ins[operand[n]]) &&
		    ir->ins[operand[n]].op != IR_K)
			return false;
	return true;
}

/* A reference that stands before the operation looked at, of a type ('I', 'F', 'S', 'V'). */
static void check_ref(Check *c, IrRef ref, char type, const char *what)
{
	bool ahead = c->ir->ins[c->at].op == IR_LOOP && ref > c->at && is_of_phis(c->ir, ref);

	if (!ref || (ref >= c->at && !ahead))
		fail(c, "%s is v%u, which does not stand before it", what, ref);
	else if (ir_ops[c->ir->ins[ref].op].result != type)
		fail(c, "%s is v%u (%s), not of type %c", what, ref,
		     ir_ops[c->ir->ins[ref].op].name, type);
	else if (type == 'I' && c->ir->ins[ref].op == IR_NOP)
		fail(c, "%s is v%u, which was removed", what, ref);
}

static char slot_type(const Ir *ir, unsigned slot)
{
	switch (ir->target->slots[slot].type) {
	case JIT_F64: return 'F';
	case JIT_V128: return 'V';
	default: return 'I';
	}
}

static void check_slot(Check *c, uint32_t slot, char type)
{
	if (slot >= c->ir->target->nslots)
		fail(c, "there is no slot %u", slot);
	else if (slot_type(c->ir, slot) != type)
		fail(c, "slot %s is not of type %c", c->ir->target->slots[slot].name, type);
}

static void check_snapshot(Check *c, const IrExit *e)
{
	uint8_t seen[IR_SLOTS_MAX] = { 0 };

	if ((uint64_t)e->snap + e->snaps > c->ir->nsnaps) {
		fail(c, "its snapshot ends behind the last one");
		return;
	}
	for (unsigned n = 0; n < e->snaps && !c->why; n++) {
		IrSlotRef s = c->ir->snaps[e->snap + n];

		if (s.slot >= c->ir->target->nslots) {
			fail(c, "its snapshot names slot %u", s.slot);
			return;
		}
		if (seen[s.slot]++)
			fail(c, "its snapshot names %s twice", c->ir->target->slots[s.slot].name);
		check_ref(c, s.ref, slot_type(c->ir, s.slot), "of its snapshot a value");
	}
}

static bool exit_fits(IrOp op, IrExitKind kind)
{
	switch (op) {
	case IR_EXEC: return kind == IR_EXIT_EXEC;
	case IR_EXIT: return kind != IR_EXIT_EXEC;
	case IR_END: return kind != IR_EXIT_EXEC;
	case IR_LOOP: return kind == IR_EXIT_LINK;
	default: return kind == IR_EXIT_REDO; /* memory, FTOS */
	}
}

static void check_exit(Check *c, const IrIns *i)
{
	const IrExit *e = &c->ir->exits[i->exit];

	if (i->exit >= c->ir->nexits) {
		fail(c, "there is no exit %u", i->exit);
		return;
	}
	if (!exit_fits((IrOp)i->op, (IrExitKind)e->kind))
		fail(c, "its exit is of kind %u", e->kind);
	if (e->kind == IR_EXIT_DYN || e->kind == IR_EXIT_FAR)
		check_ref(c, e->to, 'I', "its exit's address");
	if (e->done > c->ir->insns)
		fail(c, "its exit has done %u of %u instructions", e->done, c->ir->insns);
	check_snapshot(c, e);
}

static void check_cc(Check *c, uint32_t cc)
{
	if ((cc & ~(uint32_t)IR_CC32) > IR_NTEST)
		fail(c, "%u is no condition", cc);
}

static void check_imm(Check *c, const IrIns *i)
{
	const Ir *ir = c->ir;
	uint32_t cc = i->imm & ~(uint32_t)IR_CC32;

	switch (i->op) {
	case IR_K:
		if (i->imm >= ir->nk)
			fail(c, "there is no constant %u", i->imm);
		break;
	case IR_KV:
		if (i->imm >= ir->nkv)
			fail(c, "there is no constant %u", i->imm);
		break;
	case IR_GET: check_slot(c, i->imm, 'I'); break;
	case IR_GETF: check_slot(c, i->imm, 'F'); break;
	case IR_GETV: check_slot(c, i->imm, 'V'); break;
	case IR_SET:
	case IR_SEL:
	case IR_EXIT: check_cc(c, i->imm); break;
	case IR_CRCMP:
		if (cc != IR_LT && cc != IR_LTU)
			fail(c, "%u is no order", i->imm);
		break;
	case IR_VOP1:
	case IR_VOP2:
	case IR_VOP3:
		if ((i->imm & 255) >= VEC_OPS || i->imm >> 16 ||
		    vec_ops[i->imm & 255].operands != i->op - IR_VOP1 + 1u)
			fail(c, "%#x is no operation on so many vectors", i->imm);
		break;
	case IR_VFP1:
	case IR_VFP2:
	case IR_VFP3:
		if ((i->imm & 255) < VEC_CMPPS || (i->imm & 255) >= VEC_OPS ||
		    vec_ops[i->imm & 255].operands != i->op - IR_VFP1 + 1u)
			fail(c, "%#x is no arithmetic of so many vectors", i->imm);
		break;
	case IR_VTOI:
		if (i->imm > 1)
			fail(c, "a vector has no half %u", i->imm);
		break;
	case IR_EXEC:
		if (i->imm >= ir->nexecs || !ir->execs[i->imm].fn)
			fail(c, "there is no function %u", i->imm);
		break;
	default: break;
	}
}

/* Bytes of a memory operation; 0: any that a register has. */
static void check_mem(Check *c, const IrIns *i, char type)
{
	uint32_t size = i->imm & IR_MEM_SIZE;
	uint32_t known = IR_MEM_SIZE | IR_MEM_HIGH | (type == 'I' ? IR_MEM_SWAP : 0) |
			 (i->op == IR_LD ? IR_MEM_SX : 0);
	uint32_t want = type == 'V' ? IR_MEM_16 : type == 'F' ? IR_MEM_8 : IR_MEM_4;

	if (i->imm & ~known)
		fail(c, "it cannot be of kind %#x", i->imm);
	if (type == 'I' ? size > IR_MEM_8 : size != want)
		fail(c, "it cannot be of %u bytes", 1u << size);
}

static void check_ins(Check *c)
{
	const IrIns *i = &c->ir->ins[c->at];
	const IrOpInfo *info;
	static const char *const names[4] = { "a", "b", "c", "d" };
	IrRef ref[4] = { i->a, i->b, i->c, i->d };

	if (i->op >= IR_OPS) {
		c->why = g_strdup_printf("v%u is of kind %u", c->at, i->op);
		return;
	}
	info = &ir_ops[i->op];
	for (unsigned n = 0; info->operands[n]; n++)
		check_ref(c, ref[n], info->operands[n], names[n]);
	check_imm(c, i);
	if (info->flags & IRF_X)
		check_exit(c, i);
	if (i->op >= IR_LD && i->op <= IR_LDV)
		check_mem(c, i, info->result);
	else if (i->op >= IR_ST && i->op <= IR_STV)
		check_mem(c, i, info->operands[1]);
	if (i->flags & IR_SUNK && !(info->flags & IRF_K))
		fail(c, "exits cannot compute it");
	for (unsigned n = 0; info->operands[n]; n++)
		if (c->ir->ins[ref[n]].flags & IR_SUNK)
			fail(c, "%s is v%u, which exits alone compute", names[n], ref[n]);
}

static void check_phi(Check *c, const IrIns *i)
{
	const Ir *ir = c->ir;

	if (!ir->loop || c->at <= ir->loop) {
		fail(c, "it stands before the loop");
		return;
	}
	for (unsigned r = ir->loop + 1u; r < c->at; r++)
		if (!ir_is_phi(&ir->ins[r]) && ir->ins[r].op != IR_NOP)
			fail(c, "v%u stands between it and the loop", r);
	if (!i->b || i->b >= ir->n || ir_ops[ir->ins[i->b].op].result != ir_ops[i->op].result)
		fail(c, "its next value is v%u", i->b);
	else if (ir->ins[i->b].flags & IR_SUNK)
		fail(c, "its next value is v%u, which exits alone compute", i->b);
}

/* One end, at the end; one loop, which is gone back to. */
static void check_shape(Check *c)
{
	const Ir *ir = c->ir;
	const IrIns *i = &ir->ins[c->at];
	bool last = c->at == ir->n - 1;

	if (i->op == IR_LOOP && ir->loop != c->at)
		fail(c, "the loop is at v%u", ir->loop);
	if ((i->op == IR_END || i->op == IR_BACK) && !last)
		fail(c, "something follows it");
	if (last && i->op != (ir->loop ? IR_BACK : IR_END))
		fail(c, "the unit does not end");
	if (last && ir->loop && ir->ins[ir->loop].op != IR_LOOP)
		fail(c, "v%u is no loop to go back to", ir->loop);
}

bool ir_check(const Ir *ir, char **why)
{
	Check c = { .ir = ir };

	if (ir->full)
		c.why = g_strdup("it did not fit");
	else if (ir->n < 2 || ir->n > IR_MAX || ir->loop >= ir->n)
		c.why = g_strdup("it is empty");
	for (c.at = 1; c.at < ir->n && !c.why; c.at++) {
		const IrIns *i = &ir->ins[c.at];

		check_ins(&c);
		if (c.why)
			break;
		if (ir_is_phi(i))
			check_phi(&c, i);
		check_shape(&c);
	}
	*why = c.why;
	return !c.why;
}
