/* Integer operations: selection.  An operand may be a register, memory or a constant. */
#include "jit/gen.h"
#include "jit/ir_int.h"

static X64Form form_i(X64Form rm)
{
	return rm + 2; /* X64_ALU in x64.def */
}

/* o as an operand of w bits that is not a constant; scratch may be used. */
static X64Rm as_rm(X64Buf *b, const GenOpnd *o, int w, unsigned scratch)
{
	if (!o->is_k && (o->size == 8 || (o->size == 4 && !w)))
		return o->rm;
	gen_load(b, scratch, o);
	return xr(scratch);
}

static bool imm_fits(const GenOpnd *o, int w)
{
	return o->is_k && (!w || x64_fits32(o->k));
}

/* reg = reg OP o. */
static void alu(X64Buf *b, X64Form f, int w, unsigned reg, const GenOpnd *o, unsigned scratch)
{
	if (imm_fits(o, w))
		x64_opi(b, form_i(f), w, 0, xr(reg), (int32_t)o->k);
	else
		x64_op(b, f, w, reg, as_rm(b, o, w, scratch));
	b->alu_at = b->n;
	b->alu_reg = (uint8_t)reg;
	b->alu_w = (uint8_t)w;
}

static bool is_reg(const GenOpnd *o, unsigned reg)
{
	return !o->is_k && !o->rm.mem && o->rm.reg == reg;
}

static bool in_reg(const GenOpnd *o)
{
	return !o->is_k && !o->rm.mem;
}

/* dst = o in w bits. */
static void move(X64Buf *b, int w, unsigned dst, const GenOpnd *o)
{
	if (in_reg(o))
		x64_mov(b, w, dst, o->rm);
	else
		gen_load(b, dst, o);
}

static unsigned scratch_of(unsigned dst)
{
	return dst == X64_RAX ? X64_RCX : X64_RAX;
}

/* ------------------------------------------------------------- conditions */

static X64Cc cc_of(IrCc cc)
{
	static const uint8_t map[] = {
		[IR_EQ] = X64_E,   [IR_NE] = X64_NE, [IR_LT] = X64_L,	 [IR_GE] = X64_GE,
		[IR_LE] = X64_LE,  [IR_GT] = X64_G,  [IR_LTU] = X64_B,	 [IR_GEU] = X64_AE,
		[IR_LEU] = X64_BE, [IR_GTU] = X64_A, [IR_TEST] = X64_NE, [IR_NTEST] = X64_E,
	};

	return map[cc & ~IR_CC32];
}

/* The condition of b CC a. */
static IrCc cc_swap(IrCc cc)
{
	unsigned c = cc & ~IR_CC32;

	if (c == IR_LT || c == IR_GE || c == IR_LTU || c == IR_GEU)
		return (cc & IR_CC32) | (c == IR_LT    ? IR_GT
					 : c == IR_GE  ? IR_LE
					 : c == IR_LTU ? IR_GTU
						       : IR_LEU);
	if (c == IR_GT || c == IR_LE || c == IR_GTU || c == IR_LEU)
		return (cc & IR_CC32) | (c == IR_GT    ? IR_LT
					 : c == IR_LE  ? IR_GE
					 : c == IR_GTU ? IR_LTU
						       : IR_GEU);
	return cc;
}

static void test_bits(X64Buf *b, int w, const GenOpnd *x, const GenOpnd *y)
{
	X64Rm rm;

	if (imm_fits(y, w)) {
		uint32_t k = (uint32_t)y->k;

		if (k < 0x80 && !x->is_k) {
			x64_opi(b, X64_TEST8_I, 0, 0, x->rm, (int64_t)k);
			return;
		}
		rm = as_rm(b, x, w, X64_RAX);
		if (k < UINT32_C(0x80000000))
			x64_opi(b, X64_TEST_I, 0, 0, rm, (int64_t)k);
		else
			x64_opi(b, X64_TEST_I, w, 0, rm, (int32_t)k);
		return;
	}
	if (in_reg(y)) {
		x64_op(b, X64_TEST_MR, w, y->rm.reg, as_rm(b, x, w, X64_RAX));
		return;
	}
	gen_load(b, X64_RCX, y);
	x64_op(b, X64_TEST_MR, w, X64_RCX, as_rm(b, x, w, X64_RAX));
}

/* Do the flags say already how the register x compares with 0? */
static bool flags_tell(const X64Buf *b, unsigned c, int w, unsigned reg)
{
	return (c == IR_EQ || c == IR_NE) && b->alu_at == b->n && b->alu_reg == reg &&
	       (w || !b->alu_w);
}

X64Cc gen_compare(X64Buf *b, IrCc cc, GenOpnd x, GenOpnd y)
{
	unsigned c = cc & ~IR_CC32;
	int w = !(cc & IR_CC32);

	if (x.is_k && !y.is_k) {
		GenOpnd t = x;

		x = y;
		y = t;
		cc = cc_swap(cc);
	}
	if (c == IR_TEST || c == IR_NTEST) {
		test_bits(b, w, &x, &y);
		return cc_of(cc);
	}
	if (x.is_k || (!in_reg(&x) && !imm_fits(&y, w) && !in_reg(&y))) {
		gen_load(b, X64_RAX, &x);
		x.is_k = false;
		x.size = 8;
		x.rm = xr(X64_RAX);
	}
	if (imm_fits(&y, w)) {
		X64Rm rm;

		if (x.size == 1 && y.k < 0x80 && (c == IR_EQ || c == IR_NE)) {
			x64_opi(b, X64_CMP8_I, 0, 0, x.rm, (int64_t)y.k);
			return cc_of(cc);
		}
		rm = as_rm(b, &x, w, X64_RAX);
		if (!rm.mem && !(w ? y.k : (uint32_t)y.k)) {
			if (flags_tell(b, c, w, rm.reg))
				return cc_of(cc);
			x64_op(b, X64_TEST_MR, w, rm.reg, rm);
		} else {
			x64_opi(b, X64_CMP_I, w, 0, rm, (int32_t)y.k);
		}
	} else if (in_reg(&x)) {
		x64_op(b, X64_CMP_RM, w, x.rm.reg, as_rm(b, &y, w, X64_RCX));
	} else {
		X64Rm rm = as_rm(b, &x, w, X64_RAX);

		if (!in_reg(&y)) {
			gen_load(b, X64_RCX, &y);
			y.rm = xr(X64_RCX);
		}
		x64_op(b, X64_CMP_MR, w, y.rm.reg, rm);
	}
	return cc_of(cc);
}

/* -------------------------------------------- operations that exits do, too */

/* Outcomes of a CRCMP that agree with a condition on the same operands: 8 less, 4 greater, 2 equal. */
static unsigned outcomes(unsigned cc, bool is_unsigned)
{
	static const uint8_t by_sign[] = { [IR_LT] = 8, [IR_GE] = 6, [IR_LE] = 10, [IR_GT] = 4 };

	switch (cc) {
	case IR_EQ: return 2;
	case IR_NE: return 12;
	case IR_LT:
	case IR_GE:
	case IR_LE:
	case IR_GT: return is_unsigned ? 14 : by_sign[cc];
	case IR_LTU:
	case IR_GEU:
	case IR_LEU:
	case IR_GTU: return is_unsigned ? by_sign[cc - IR_LTU + IR_LT] : 14;
	default: return 14;
	}
}

/* Is r some bits of another value: *of & *mask? */
static bool is_masked(const Gen *g, IrRef r, IrRef *of, uint64_t *mask)
{
	const IrIns *i = &g->ir->ins[r];

	*of = i->a;
	switch (i->op) {
	case IR_AND: return gen_is_k(g, i->b, mask);
	case IR_ZX8: *mask = 0xff; return true;
	case IR_ZX16: *mask = 0xffff; return true;
	case IR_ZX32: *mask = UINT32_MAX; return true;
	default: return false;
	}
}

/* What a CRCMP with 0 can be. */
static unsigned with_zero(const Gen *g, const IrIns *i, bool is_unsigned)
{
	uint64_t sign = i->imm & IR_CC32 ? 0x80000000 : BIT64(0), all = sign | (sign - 1), mask, k;
	unsigned can = is_unsigned || !(g->ir->ones[i->a] & sign) ? 6 : 14;
	IrRef of;

	if (!is_masked(g, i->a, &of, &mask))
		return can;
	/* Conditions on bits of what it was cut out of. */
	for (unsigned n = 0; n < g->nfacts; n++) {
		const GenFact *f = &g->facts[n];
		IrCc cc = f->cc & ~(unsigned)IR_CC32;

		if (f->a != of || cc < IR_TEST || !gen_is_k(g, f->b, &k) || k != mask || k & ~all ||
		    (f->cc & IR_CC32 && k > UINT32_MAX))
			continue;
		can &= cc == IR_TEST ? 12 : 2;
	}
	return can;
}

/* What a CRCMP can be here, where exits have been passed, or taken, under conditions. */
static unsigned possible(const Gen *g, const IrIns *i)
{
	bool is_unsigned = (i->imm & ~IR_CC32) == IR_LTU;
	unsigned can = 14;
	uint64_t k;

	if (gen_is_k(g, i->b, &k) && !(i->imm & IR_CC32 ? (uint32_t)k : k))
		can = with_zero(g, i, is_unsigned);
	for (unsigned n = 0; n < g->nfacts; n++) {
		const GenFact *f = &g->facts[n];
		IrCc cc = f->cc;

		if (f->a == i->b && f->b == i->a)
			cc = cc_swap(cc);
		else if (f->a != i->a || f->b != i->b)
			continue;
		if ((cc & IR_CC32) == (i->imm & IR_CC32) || cc == IR_EQ)
			can &= outcomes(cc & ~IR_CC32, is_unsigned);
	}
	return can;
}

/* al = 8, 4 or 2 after a compare, of those that can be; the rest of rax is anything.  Uses rcx. */
static void crcmp_byte(X64Buf *b, unsigned can, X64Cc greater, X64Cc less)
{
	const X64Rm twice_2 = xmi(X64_RAX, X64_RAX, 1, 2);

	if (can == 12) {
		x64_setcc(b, less, xr(X64_RAX));
		x64_op(b, X64_LEA, 0, X64_RAX, xmi(X64_NONE, X64_RAX, 4, 4));
		return;
	}
	x64_setcc(b, can & 4 ? greater : less, xr(X64_RAX));
	if (can == 10)
		x64_op(b, X64_LEA, 0, X64_RAX, xmi(X64_RAX, X64_RAX, 2, 0));
	if (can == 14)
		x64_setcc(b, less, xr(X64_RCX));
	x64_op(b, X64_LEA, 0, X64_RAX, twice_2);
	if (can == 14) {
		x64_op(b, X64_LEA, 0, X64_RCX, xmi(X64_RCX, X64_RCX, 2, 0));
		x64_op(b, X64_LEA, 0, X64_RAX, xmi(X64_RAX, X64_RCX, 2, 0));
	}
}

/* dst = c + 8, 4 or 2; of rax the lowest byte alone.  Uses scratch registers after the compare. */
static void crcmp(const Gen *g, X64Buf *b, const IrIns *i, unsigned dst, GenOpnd x, GenOpnd y,
		  const GenOpnd *so)
{
	unsigned s = scratch_of(dst), can = possible(g, i), first;
	IrCc lt = (IrCc)i->imm;
	bool is_unsigned = (lt & ~IR_CC32) == IR_LTU, swapped = x.is_k;

	if (x.is_k && y.is_k)
		can = (unsigned)ir_eval(IR_CRCMP, i->imm, x.k, y.k, 0, 0);
	first = can & 2 ? 2 : can & 4;
	if (can & (can - 1)) {
		X64Cc greater = is_unsigned ? (swapped ? X64_B : X64_A) : swapped ? X64_L : X64_G;
		X64Cc less = is_unsigned ? (swapped ? X64_A : X64_B) : swapped ? X64_G : X64_L;

		gen_compare(b, lt, x, y);
		if (dst == X64_RAX) {
			crcmp_byte(b, can, greater, less);
			if (!so->is_k && so->rm.mem && so->size == 1) {
				x64_op(b, X64_OR8_RM, 0, dst, so->rm);
				return;
			}
		} else {
			/* dst may hold x or y: they are done with. */
			x64_mov_k(b, dst, first);
			if (can & 4 & ~first) {
				x64_mov_k(b, s, 4);
				x64_cmov(b, greater, 0, dst, xr(s));
			}
			if (can & 8) {
				x64_mov_k(b, s, 8);
				x64_cmov(b, less, 0, dst, xr(s));
			}
		}
	} else if (so->is_k) {
		x64_mov_k(b, dst, can | so->k);
		return;
	} else {
		gen_load(b, dst, so);
		x64_opi(b, X64_OR_I, 0, 0, xr(dst), can);
		return;
	}
	if (!so->is_k)
		x64_op(b, X64_OR_RM, 0, dst, as_rm(b, so, 0, s));
	else if (so->k)
		x64_opi(b, X64_OR_I, 0, 0, xr(dst), (int64_t)so->k);
}

/* dst = carry out of x + y + c; dst is none of them. */
static void addco(X64Buf *b, int w, unsigned dst, const GenOpnd *x, const GenOpnd *y,
		  const GenOpnd *c)
{
	if (!c->is_k) {
		gen_load(b, X64_RCX, c);
		x64_opi(b, X64_ADD_I, 0, 0, xr(X64_RCX), -1);
	}
	gen_load(b, X64_RAX, x);
	if (c->is_k && c->k) {
		/* stc */
		x64_bytes(b, 0xf9, 1);
	}
	alu(b, c->is_k && !c->k ? X64_ADD_RM : X64_ADC_RM, w, X64_RAX, y, X64_RCX);
	x64_setcc(b, X64_B, xr(X64_RAX));
	x64_op(b, X64_MOVZX8, 0, dst, xr(X64_RAX));
}

/* dst = x is negative and one of its lowest y bits is 1. */
static void sarco(X64Buf *b, unsigned dst, const GenOpnd *x, const GenOpnd *y)
{
	if (y->is_k) {
		x64_mov_k(b, X64_RCX, ((UINT64_C(1) << (y->k & 63)) - 1));
		gen_load(b, X64_RAX, x);
		x64_op(b, X64_AND_RM, 1, X64_RCX, xr(X64_RAX));
	} else {
		/* The bits that are lost: x without those that stay. */
		gen_load(b, X64_RCX, y);
		x64_mov_k(b, X64_RAX, 1);
		x64_op(b, X64_SHL_CL, 1, 0, xr(X64_RAX));
		x64_opi(b, X64_SUB_I, 1, 0, xr(X64_RAX), 1);
		gen_load(b, X64_RCX, x);
		x64_op(b, X64_AND_RM, 1, X64_RAX, xr(X64_RCX));
		x64_op(b, X64_MOV_RM, 1, X64_RCX, xr(X64_RAX));
		gen_load(b, X64_RAX, x);
	}
	x64_opi(b, X64_SAR_I, 1, 0, xr(X64_RAX), 63);
	x64_op(b, X64_TEST_MR, 1, X64_RAX, xr(X64_RCX));
	x64_setcc(b, X64_NE, xr(X64_RAX));
	x64_op(b, X64_MOVZX8, 0, dst, xr(X64_RAX));
}

static void add(X64Buf *b, int w, unsigned dst, const GenOpnd *x, const GenOpnd *y)
{
	if (x->is_k || (is_reg(y, dst) && !is_reg(x, dst))) {
		const GenOpnd *t = x;

		x = y;
		y = t;
	}
	if (in_reg(x) && x->rm.reg != dst && imm_fits(y, w)) {
		x64_op(b, X64_LEA, w, dst, xm(x->rm.reg, (int32_t)y->k));
	} else if (in_reg(x) && x->rm.reg != dst && in_reg(y)) {
		x64_op(b, X64_LEA, w, dst, xmi(x->rm.reg, y->rm.reg, 1, 0));
	} else {
		move(b, w, dst, x);
		alu(b, X64_ADD_RM, w, dst, y, scratch_of(dst));
	}
}

static void sub(X64Buf *b, int w, unsigned dst, const GenOpnd *x, const GenOpnd *y)
{
	if (is_reg(y, dst) && !is_reg(x, dst)) {
		x64_op(b, X64_NEG, w, 0, xr(dst));
		alu(b, X64_ADD_RM, w, dst, x, scratch_of(dst));
		return;
	}
	if (in_reg(x) && x->rm.reg != dst && y->is_k && x64_fits32(0 - y->k)) {
		x64_op(b, X64_LEA, w, dst, xm(x->rm.reg, (int32_t)(0 - y->k)));
		return;
	}
	move(b, w, dst, x);
	alu(b, X64_SUB_RM, w, dst, y, scratch_of(dst));
}

static void logic(X64Buf *b, X64Form f, int w, unsigned dst, const GenOpnd *x, const GenOpnd *y)
{
	if (x->is_k || (is_reg(y, dst) && !is_reg(x, dst))) {
		const GenOpnd *t = x;

		x = y;
		y = t;
	}
	if (f == X64_AND_RM && y->is_k) {
		if (w && y->k <= UINT32_MAX)
			w = 0; /* what is above is cleared */
		if ((w ? y->k : (uint32_t)y->k) == 0xff && in_reg(x)) {
			x64_op(b, X64_MOVZX8, 0, dst, x->rm);
			return;
		}
		if ((w ? y->k : (uint32_t)y->k) == 0xffff && in_reg(x)) {
			x64_op(b, X64_MOVZX16, 0, dst, x->rm);
			return;
		}
		if (!w && (uint32_t)y->k == UINT32_MAX && in_reg(x)) {
			x64_op(b, X64_MOV_RM, 0, dst, x->rm);
			return;
		}
	}
	move(b, w, dst, x);
	alu(b, f, w, dst, y, scratch_of(dst));
}

static void andn(const Gen *g, X64Buf *b, unsigned dst, const GenOpnd *x, const GenOpnd *y)
{
	GenOpnd t = { .size = 8, .rm = xr(scratch_of(dst)) };

	if (y->is_k) {
		t.is_k = true;
		t.k = ~y->k;
		logic(b, X64_AND_RM, 1, dst, x, &t);
		return;
	}
	if ((g->j->features & JIT_BMI1) && in_reg(y) && !x->is_k && x->size == 8) {
		x64_opv(b, X64_ANDN, 1, dst, y->rm.reg, x->rm);
		return;
	}
	gen_load(b, t.rm.reg, y);
	x64_op(b, X64_NOT, 1, 0, t.rm);
	if (x->is_k || (x->rm.mem && x->size != 8)) {
		move(b, 1, dst, x);
		x64_op(b, X64_AND_RM, 1, dst, t.rm);
		return;
	}
	logic(b, X64_AND_RM, 1, dst, x, &t);
}

static void extend(X64Buf *b, unsigned op, unsigned dst, const GenOpnd *x)
{
	X64Rm rm = x->is_k ? xr(dst) : x->rm;

	if (x->is_k)
		x64_mov_k(b, dst, x->k);
	if (rm.mem && x->size == 1) {
		/* No more than a byte is there. */
		x64_op(b, op == IR_SX8 ? X64_MOVSX8 : X64_MOVZX8, op == IR_SX8, dst, rm);
		return;
	}
	switch (op) {
	case IR_SX8: x64_op(b, X64_MOVSX8, 1, dst, rm); break;
	case IR_SX16: x64_op(b, X64_MOVSX16, 1, dst, rm); break;
	case IR_SX32: x64_op(b, X64_MOVSXD, 1, dst, rm); break;
	case IR_ZX8: x64_op(b, X64_MOVZX8, 0, dst, rm); break;
	case IR_ZX16: x64_op(b, X64_MOVZX16, 0, dst, rm); break;
	default: x64_op(b, X64_MOV_RM, 0, dst, rm); break;
	}
}

static void set(X64Buf *b, const IrIns *i, unsigned dst, GenOpnd x, GenOpnd y)
{
	X64Cc cc = gen_compare(b, (IrCc)i->imm, x, y);

	x64_setcc(b, cc, xr(X64_RAX));
	x64_op(b, X64_MOVZX8, 0, dst, xr(X64_RAX));
}

/* dst = x OP y of one of those with flag K but CRCMP, ADDCO and SARCO. */
static void simple(const Gen *g, X64Buf *b, const IrIns *i, int w, unsigned dst, const GenOpnd *x,
		   const GenOpnd *y)
{
	switch (i->op) {
	case IR_ADD: add(b, w, dst, x, y); break;
	case IR_SUB: sub(b, w, dst, x, y); break;
	case IR_AND: logic(b, X64_AND_RM, w, dst, x, y); break;
	case IR_OR: logic(b, X64_OR_RM, w, dst, x, y); break;
	case IR_XOR: logic(b, X64_XOR_RM, w, dst, x, y); break;
	case IR_ANDN: andn(g, b, dst, x, y); break;
	case IR_NEG:
	case IR_NOT:
		move(b, w, dst, x);
		x64_op(b, i->op == IR_NEG ? X64_NEG : X64_NOT, w, 0, xr(dst));
		break;
	case IR_SET: set(b, i, dst, *x, *y); break;
	default: extend(b, i->op, dst, x); break;
	}
}

bool gen_put_flag(Gen *g, X64Buf *b, const IrIns *i, X64Rm byte)
{
	if (i->op != IR_SET)
		return false;
	x64_setcc(b, gen_compare(b, (IrCc)i->imm, alloc_where(g, i->a), alloc_where(g, i->b)),
		  byte);
	return true;
}

void gen_sunk(Gen *g, X64Buf *b, const IrIns *i)
{
	GenOpnd x, y, z;

	if (i->op == IR_VCR6) {
		gen_vec_sunk(g, b, i);
		return;
	}
	if (ir_is_fp_move(i->op)) {
		gen_fp_sunk(g, b, i);
		return;
	}
	x = y = z = alloc_where(g, i->a);
	if (i->b)
		y = alloc_where(g, i->b);
	if (i->c)
		z = alloc_where(g, i->c);
	switch (i->op) {
	case IR_CRCMP: crcmp(g, b, i, X64_RAX, x, y, &z); break;
	case IR_ADDCO: addco(b, 1, X64_RAX, &x, &y, &z); break;
	case IR_ADDCO32: addco(b, 0, X64_RAX, &x, &y, &z); break;
	case IR_SARCO: sarco(b, X64_RAX, &x, &y); break;
	default: simple(g, b, i, 1, X64_RAX, &x, &y); break;
	}
}

/* ------------------------------------------------------- hot operations alone */

static unsigned hint_of(const Gen *g, const GenOpnd *x, unsigned k)
{
	return in_reg(x) && alloc_dies(g, k) ? x->rm.reg : X64_NONE;
}

static void two_operands(Gen *g)
{
	const IrIns *i = gen_ins(g);
	int w = !(g->val[g->at].flags & VAL_NARROW);
	GenOpnd x = alloc_any(g, 0), y = { .size = 8 };
	unsigned hint, dst;

	if (i->b)
		y = alloc_any(g, 1);
	hint = hint_of(g, &x, 0);
	if (hint == X64_NONE && i->b && i->op != IR_ANDN)
		hint = hint_of(g, &y, 1);
	alloc_step(g);
	dst = alloc_def(g, hint, 0);
	if (i->op == IR_ZX32 && in_reg(&x) && x.rm.reg == dst && (g->val[i->a].flags & VAL_NARROW))
		return;
	simple(g, &g->hot, i, w, dst, &x, &y);
}

static void mul(Gen *g)
{
	GenOpnd x = alloc_any(g, 0), y = alloc_any(g, 1);
	int w = !(g->val[g->at].flags & VAL_NARROW);
	unsigned hint = hint_of(g, &x, 0), dst;

	alloc_step(g);
	dst = alloc_def(g, hint, 0);
	if (x.is_k || (is_reg(&y, dst) && !is_reg(&x, dst))) {
		GenOpnd t = x;

		x = y;
		y = t;
	}
	if (imm_fits(&y, w)) {
		x64_opi(&g->hot, X64_IMUL_I, w, dst, as_rm(&g->hot, &x, w, X64_RAX), (int32_t)y.k);
		return;
	}
	move(&g->hot, w, dst, &x);
	x64_op(&g->hot, X64_IMUL, w, dst, as_rm(&g->hot, &y, w, X64_RAX));
}

static void mul_high(Gen *g)
{
	GenOpnd x, y;

	alloc_fixed(g, X64_RDX);
	x = alloc_any(g, 0);
	y = alloc_any(g, 1);
	alloc_step(g);
	gen_load(&g->hot, X64_RAX, &x);
	x64_op(&g->hot, gen_ins(g)->op == IR_MULHS ? X64_IMUL1 : X64_MUL, 1, 0,
	       as_rm(&g->hot, &y, 1, X64_RCX));
	alloc_bind(g, X64_RDX);
}

static void divide(Gen *g)
{
	unsigned op = gen_ins(g)->op;
	bool is_signed = op == IR_DIVS || op == IR_DIVS32 || op == IR_MODS || op == IR_MODS32;
	bool is_mod = op == IR_MODS || op == IR_MODU || op == IR_MODS32 || op == IR_MODU32;
	int w = op == IR_DIVS || op == IR_DIVU || op == IR_MODS || op == IR_MODU;
	X64Buf *b = &g->hot;
	GenOpnd x, y;
	X64Rm rm;
	unsigned dst;

	alloc_fixed(g, X64_RDX);
	x = alloc_any(g, 0);
	y = alloc_any(g, 1);
	alloc_step(g);
	rm = as_rm(b, &y, w, X64_RCX);
	gen_load(b, X64_RAX, &x);
	if (is_signed)
		x64_bytes(b, w ? 0x9948 : 0x99, w ? 2 : 1); /* cqo, cdq */
	else
		x64_mov_k(b, X64_RDX, 0);
	x64_op(b, is_signed ? X64_IDIV : X64_DIV, w, 0, rm);
	if (is_mod) {
		alloc_bind(g, X64_RDX);
		return;
	}
	dst = alloc_def(g, X64_NONE, 0);
	x64_mov(b, w, dst, xr(X64_RAX));
}

static void rotate_k(Gen *g, unsigned op, int w, unsigned dst, const GenOpnd *x, unsigned n)
{
	X64Buf *b = &g->hot;

	if (op == IR_ROTL || op == IR_ROTL32) {
		n &= w ? 63 : 31;
		if ((g->j->features & JIT_BMI2) && !is_reg(x, dst) && !x->is_k &&
		    x->size >= (w ? 8 : 4)) {
			x64_opi(b, X64_RORX, w, dst, x->rm, (w ? 64 : 32) - (int64_t)n);
			return;
		}
	}
	move(b, w, dst, x);
	x64_opi(b,
		op == IR_SHL   ? X64_SHL_I
		: op == IR_SHR ? X64_SHR_I
		: op == IR_SAR ? X64_SAR_I
			       : X64_ROL_I,
		w, 0, xr(dst), (int64_t)(n & 63));
}

static void shift(Gen *g)
{
	unsigned op = gen_ins(g)->op, hint, dst;
	int w = op != IR_ROTL32;
	GenOpnd x = alloc_any(g, 0), n;
	X64Buf *b = &g->hot;
	uint64_t k;

	if (gen_is_k(g, gen_ins(g)->b, &k)) {
		hint = hint_of(g, &x, 0);
		alloc_step(g);
		dst = alloc_def(g, hint, 0);
		rotate_k(g, op, w, dst, &x, (unsigned)k & 63);
		return;
	}
	n = alloc_any(g, 1);
	hint = hint_of(g, &x, 0);
	alloc_step(g);
	dst = alloc_def(g, hint, 0);
	if ((g->j->features & JIT_BMI2) && op != IR_ROTL && op != IR_ROTL32 && in_reg(&n)) {
		x64_opv(b,
			op == IR_SHL   ? X64_SHLX
			: op == IR_SHR ? X64_SHRX
				       : X64_SARX,
			1, dst, n.rm.reg, as_rm(b, &x, 1, X64_RAX));
		return;
	}
	gen_load(b, X64_RCX, &n);
	move(b, w, dst, &x);
	x64_op(b,
	       op == IR_SHL   ? X64_SHL_CL
	       : op == IR_SHR ? X64_SHR_CL
	       : op == IR_SAR ? X64_SAR_CL
			      : X64_ROL_CL,
	       w, 0, xr(dst));
}

/* Zeros before the first (after the last) 1 bit: BSR and BSF leave their result alone for 0. */
static void count_zeros(const Gen *g, unsigned op, unsigned dst, X64Rm x)
{
	bool leading = op == IR_CLZ32 || op == IR_CLZ64;
	int w = op == IR_CLZ64 || op == IR_CTZ64;
	X64Buf *b = (X64Buf *)&g->hot;

	if (leading && (g->j->features & JIT_LZCNT)) {
		x64_op(b, X64_LZCNT, w, dst, x);
		return;
	}
	if (!leading && (g->j->features & JIT_BMI1)) {
		x64_op(b, X64_TZCNT, w, dst, x);
		return;
	}
	x64_op(b, leading ? X64_BSR : X64_BSF, w, X64_RAX, x);
	x64_mov_k(b, X64_RCX, leading ? (w ? 127 : 63) : (w ? 64 : 32));
	x64_cmov(b, X64_E, 0, X64_RAX, xr(X64_RCX));
	if (leading)
		x64_opi(b, X64_XOR_I, 0, 0, xr(X64_RAX), w ? 63 : 31);
	x64_mov(b, 0, dst, xr(X64_RAX));
}

static void one_operand(Gen *g)
{
	unsigned op = gen_ins(g)->op, dst;
	GenOpnd x = alloc_any(g, 0);
	unsigned hint = hint_of(g, &x, 0);
	X64Buf *b = &g->hot;

	alloc_step(g);
	dst = alloc_def(g, hint, 0);
	switch (op) {
	case IR_BSWAP16:
		move(b, 0, dst, &x);
		x64_bswap(b, 0, dst);
		x64_opi(b, X64_SHR_I, 0, 0, xr(dst), 16);
		break;
	case IR_BSWAP32:
	case IR_BSWAP64:
		move(b, op == IR_BSWAP64, dst, &x);
		x64_bswap(b, op == IR_BSWAP64, dst);
		break;
	case IR_POPCNT: x64_op(b, X64_POPCNT, 1, dst, as_rm(b, &x, 1, X64_RAX)); break;
	default:
		count_zeros(g, op, dst, as_rm(b, &x, op == IR_CLZ64 || op == IR_CTZ64, X64_RAX));
		break;
	}
}

/* dst = x CC y ? c : d. */
static void sel(Gen *g)
{
	GenOpnd x = alloc_any(g, 0), y = alloc_any(g, 1), d;
	unsigned c = alloc_use(g, 2), dst, hint;
	X64Buf *b = &g->hot;
	X64Cc cc;

	d = alloc_any(g, 3);
	hint = hint_of(g, &d, 3);
	alloc_step(g);
	dst = alloc_def(g, hint, 1u << c);
	cc = gen_compare(b, (IrCc)gen_ins(g)->imm, x, y);
	move(b, 1, dst, &d);
	x64_cmov(b, cc, 1, dst, xr(c));
}

static void three_operands(Gen *g)
{
	const IrIns *i = gen_ins(g);
	GenOpnd x = alloc_any(g, 0), y = alloc_any(g, 1), z = { .is_k = true };
	uint32_t avoid = 0;
	unsigned dst;

	if (i->c)
		z = alloc_any(g, 2);
	alloc_step(g);
	if (in_reg(&z))
		avoid = 1u << z.rm.reg;
	dst = alloc_def(g, X64_NONE, avoid);
	switch (i->op) {
	case IR_CRCMP: crcmp(g, &g->hot, i, dst, x, y, &z); break;
	case IR_SARCO: sarco(&g->hot, dst, &x, &y); break;
	default: addco(&g->hot, i->op == IR_ADDCO, dst, &x, &y, &z); break;
	}
}

bool gen_int(Gen *g)
{
	switch (gen_ins(g)->op) {
	case IR_ADD:
	case IR_SUB:
	case IR_NEG:
	case IR_NOT:
	case IR_AND:
	case IR_ANDN:
	case IR_OR:
	case IR_XOR:
	case IR_SX8:
	case IR_SX16:
	case IR_SX32:
	case IR_ZX8:
	case IR_ZX16:
	case IR_ZX32:
	case IR_SET: two_operands(g); return true;
	case IR_SHL:
	case IR_SHR:
	case IR_SAR:
	case IR_ROTL:
	case IR_ROTL32: shift(g); return true;
	case IR_MUL: mul(g); return true;
	case IR_MULHS:
	case IR_MULHU: mul_high(g); return true;
	case IR_DIVS:
	case IR_DIVU:
	case IR_DIVS32:
	case IR_DIVU32:
	case IR_MODS:
	case IR_MODU:
	case IR_MODS32:
	case IR_MODU32: divide(g); return true;
	case IR_BSWAP16:
	case IR_BSWAP32:
	case IR_BSWAP64:
	case IR_CLZ32:
	case IR_CLZ64:
	case IR_CTZ32:
	case IR_CTZ64:
	case IR_POPCNT: one_operand(g); return true;
	case IR_SEL: sel(g); return true;
	case IR_CRCMP:
	case IR_ADDCO:
	case IR_ADDCO32:
	case IR_SARCO: three_operands(g); return true;
	default: return false;
	}
}
