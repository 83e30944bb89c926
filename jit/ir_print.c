/*
 * A unit as text, an operation each line: its number, what it is, operands (constants as themselves), and of
 * those that may leave the exit.  Exits follow, each with what slots are to hold.
 */
#include <inttypes.h>
#include "jit/ir_int.h"
#include "jit/vec.h"

static const char *const cc_names[] = { "eq",  "ne",  "lt",  "ge",  "le",   "gt",
					"ltu", "geu", "leu", "gtu", "test", "ntest" };

static void print_cc(GString *out, uint32_t cc)
{
	g_string_append_printf(out, ".%s%s", (cc & 15) <= IR_NTEST ? cc_names[cc & 15] : "?",
			       cc & IR_CC32 ? "32" : "");
}

static void print_ref(const Ir *ir, GString *out, IrRef ref)
{
	const IrIns *i = &ir->ins[ref];
	uint64_t k;

	if (ir_is_k(ir, ref, &k)) {
		if (k < 10)
			g_string_append_printf(out, "%u", (unsigned)k);
		else if (-k < 0x10000)
			g_string_append_printf(out, "-0x%x", (unsigned)-k);
		else
			g_string_append_printf(out, "0x%" PRIx64, k);
	} else if (i->op == IR_KV && i->imm < ir->nkv) {
		g_string_append_printf(out, "0x%016" PRIx64 "_%016" PRIx64,
				       (uint64_t)(ir->kv[i->imm] >> 64), (uint64_t)ir->kv[i->imm]);
	} else {
		g_string_append_printf(out, "v%u", ref);
	}
}

static const char *slot_name(const Ir *ir, unsigned slot)
{
	return slot < ir->target->nslots && ir->target->slots[slot].name
		       ? ir->target->slots[slot].name
		       : "?";
}

static void print_mem(GString *out, uint32_t mem)
{
	g_string_append_printf(out, ".%u%s%s%s", ir_mem_bytes(mem), mem & IR_MEM_SX ? ".sx" : "",
			       mem & IR_MEM_SWAP ? ".swap" : "", mem & IR_MEM_HIGH ? ".high" : "");
}

/* What imm says. */
static void print_imm(const Ir *ir, GString *out, const IrIns *i)
{
	switch (i->op) {
	case IR_GET:
	case IR_GETF:
	case IR_GETV: g_string_append_printf(out, " %s", slot_name(ir, i->imm)); break;
	case IR_SET:
	case IR_SEL:
	case IR_CRCMP:
	case IR_EXIT: print_cc(out, i->imm); break;
	case IR_VOP1:
	case IR_VOP2:
	case IR_VOP3:
	case IR_VFP1:
	case IR_VFP2:
	case IR_VFP3:
		g_string_append_printf(out, ".%s",
				       (i->imm & 255) < VEC_OPS ? vec_ops[i->imm & 255].name : "?");
		if (i->imm >> 8)
			g_string_append_printf(out, " 0x%x", i->imm >> 8);
		break;
	case IR_FSET:
	case IR_SSET:
	case IR_FRINT:
	case IR_FCVTI:
	case IR_FCVTI32:
	case IR_VTOI:
	case IR_CALL:
	case IR_LOOP: g_string_append_printf(out, " %u", i->imm); break;
	case IR_EXEC:
		if (i->imm < ir->nexecs)
			g_string_append_printf(out, " instruction %u", ir->execs[i->imm].index);
		break;
	case IR_PTR:
		g_string_append_printf(out, ".%s %d, %u bytes from",
				       i->imm & IR_PTR_STORE ? "st" : "ld", ir_ptr_first(i->imm),
				       ir_ptr_bytes(i->imm));
		break;
	default:
		if (i->op >= IR_LD && i->op <= IR_STPV)
			print_mem(out, i->imm);
		if (i->op >= IR_LDP && i->op <= IR_STPV)
			g_string_append_printf(out, " %d from", (int16_t)i->exit);
	}
}

static void print_ins(const Ir *ir, GString *out, IrRef ref)
{
	const IrIns *i = &ir->ins[ref];
	const IrOpInfo *info = &ir_ops[i->op < IR_OPS ? i->op : IR_NOP];
	IrRef operand[4] = { i->a, i->b, i->c, i->d };
	unsigned n;

	if (info->result != '-')
		g_string_append_printf(out, "%5s%-5u= %s", i->flags & IR_SUNK ? "(v" : "v", ref,
				       info->name);
	else
		g_string_append_printf(out, "%12s%s", "", info->name);
	print_imm(ir, out, i);
	for (n = 0; info->operands[n]; n++) {
		g_string_append(out, n ? ", " : " ");
		print_ref(ir, out, operand[n]);
	}
	if (ir_is_phi(i)) {
		g_string_append(out, ", next ");
		print_ref(ir, out, i->b);
	}
	if (i->flags & IR_SUNK)
		g_string_append(out, ")");
	if (info->flags & IRF_X)
		g_string_append_printf(out, "  !%u", i->exit);
	g_string_append_c(out, '\n');
}

static void print_exit(const Ir *ir, GString *out, unsigned n)
{
	static const char *const kinds[] = { "redo", "link", "far", "dyn", "leave", "exec" };
	const IrExit *e = &ir->exits[n];

	g_string_append_printf(out, "  !%u %s done %u", n, e->kind < 6 ? kinds[e->kind] : "?",
			       e->done);
	if (e->kind == IR_EXIT_LINK || e->kind == IR_EXIT_LEAVE)
		g_string_append_printf(out, " target 0x%x", e->target);
	if (e->kind == IR_EXIT_DYN || e->kind == IR_EXIT_FAR) {
		g_string_append(out, " to ");
		print_ref(ir, out, e->to);
	}
	for (unsigned s = e->snap; s < e->snap + e->snaps && s < ir->nsnaps; s++) {
		g_string_append_printf(out, "%s%s=", s == e->snap ? ": " : " ",
				       slot_name(ir, ir->snaps[s].slot));
		print_ref(ir, out, ir->snaps[s].ref);
	}
	g_string_append_c(out, '\n');
}

void ir_print(const Ir *ir, GString *out)
{
	bool used[IR_EXITS_MAX] = { false };

	g_string_append_printf(out, "%u instructions%s%s\n", ir->insns, ir->high ? ", high" : "",
			       ir->full ? ", did not fit" : "");
	for (IrRef r = 1; r < ir->n; r++) {
		const IrIns *i = &ir->ins[r];

		if (i->op == IR_NOP || i->op == IR_K || i->op == IR_KV)
			continue;
		print_ins(ir, out, r);
		if (i->op < IR_OPS && ir_ops[i->op].flags & IRF_X && i->exit < ir->nexits)
			used[i->exit] = true;
	}
	for (unsigned n = 0; n < ir->nexits; n++)
		if (used[n])
			print_exit(ir, out, n);
}
