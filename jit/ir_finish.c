/* The last pass over a unit: what nobody needs goes, what exits alone need is marked. */
#include <string.h>
#include "jit/ir_int.h"

enum { BY_SNAP = 1, BY_OP = 2 };

/* An exit that is always taken ends the unit (but not inside a loop, whose PHIs are made at its BACK). */
static void cut(Ir *ir)
{
	for (IrRef r = 1; r < ir->n; r++) {
		IrIns *i = &ir->ins[r];

		if (i->op == IR_LOOP)
			return;
		if (i->op == IR_EXIT && i->imm == IR_EQ && i->a == i->b) {
			*i = (IrIns){ .op = IR_END, .exit = i->exit };
			ir->n = r + 1u;
			ir->loop = IR_NONE;
		}
	}
}

static void use_exit(const Ir *ir, const IrExit *e, uint8_t *used)
{
	if (e->kind == IR_EXIT_DYN || e->kind == IR_EXIT_FAR)
		used[e->to] |= BY_OP;
	for (unsigned n = 0; n < e->snaps; n++)
		used[ir->snaps[e->snap + n].ref] |= BY_SNAP;
}

/* Who is used, PHIs' next values apart from those of PHIs that are. */
static void mark_uses(const Ir *ir, uint8_t *used)
{
	for (unsigned r = ir->n; r-- > 1;) {
		const IrIns *i = &ir->ins[r];
		const IrOpInfo *info = &ir_ops[i->op];
		IrRef operand[4] = { i->a, i->b, i->c, i->d };

		if ((info->flags & IRF_P || ir_is_phi(i)) && !used[r])
			continue;
		if (info->flags & IRF_X)
			use_exit(ir, &ir->exits[i->exit], used);
		for (unsigned n = 0; info->operands[n]; n++)
			used[operand[n]] |= BY_OP;
		if (ir_is_phi(i))
			used[i->b] |= BY_OP;
	}
}

/* Has everybody who uses PHI p use its value from before the loop. */
static void replace(Ir *ir, IrRef p)
{
	IrRef by = ir->ins[p].a;

	for (unsigned r = ir->loop; r < ir->n; r++) {
		IrIns *i = &ir->ins[r];
		const char *kinds = ir_ops[i->op].operands;
		IrRef *operand[4] = { &i->a, &i->b, &i->c, &i->d };

		for (unsigned n = 0; kinds[n]; n++)
			if (*operand[n] == p)
				*operand[n] = by;
		if (ir_is_phi(i) && i->b == p)
			i->b = by;
	}
	for (unsigned n = 0; n < ir->nexits; n++)
		if (ir->exits[n].to == p)
			ir->exits[n].to = by;
	for (unsigned n = 0; n < ir->nsnaps; n++)
		if (ir->snaps[n].ref == p)
			ir->snaps[n].ref = by;
	ir->ins[p] = (IrIns){ .op = IR_NOP };
}

/* PHIs that are the same in each turn: their slot changes in another part. */
static void drop_phis(Ir *ir)
{
	bool again = ir->loop != 0;

	while (again) {
		again = false;
		for (IrRef p = ir->loop + 1; p < ir->n; p++) {
			const IrIns *i = &ir->ins[p];

			if (!ir_is_phi(i) && i->op != IR_NOP)
				break;
			if (ir_is_phi(i) && (i->b == i->a || i->b == p)) {
				replace(ir, p);
				again = true;
			}
		}
	}
}

void ir_finish(Ir *ir)
{
	uint8_t used[IR_MAX], before[IR_MAX];

	if (ir->full)
		return;
	memset(used, 0, ir->n);
	cut(ir);
	drop_phis(ir);
	/* The exit of a LOOP knows what stands behind it. */
	if (ir->loop)
		use_exit(ir, &ir->exits[ir->ins[ir->loop].exit], used);
	/* A PHI that is found to be used uses its next value, which lies behind: once more. */
	do {
		memcpy(before, used, ir->n);
		mark_uses(ir, used);
	} while (ir->loop && memcmp(before, used, ir->n));
	for (unsigned r = 1; r < ir->n; r++) {
		IrIns *i = &ir->ins[r];
		uint8_t flags = ir_ops[i->op].flags;

		if ((flags & IRF_P || ir_is_phi(i)) && !used[r])
			*i = (IrIns){ .op = IR_NOP };
		else
			i->flags = flags & IRF_K && used[r] == BY_SNAP ? IR_SUNK : 0;
	}
}
