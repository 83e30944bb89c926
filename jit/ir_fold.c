/*
 * Folding: simpler forms of pure operations while they are built.
 *
 * Constants stand second where operands may change places.  Masks that are extensions become these (ZX8,
 * ZX16, ZX32); a rotate whose mask keeps bits of one side only becomes a shift.  What is known of
 * operands (ir_facts.c) removes operations that change nothing.
 */
#include "jit/ir_int.h"
#include "jit/vec.h"

/* One operation in hand: its operands' constants, and what is known of them. */
typedef struct Fold {
	Ir *ir;
	IrIns *i;
	bool ka, kb;
	uint64_t a, b;
} Fold;

static const IrIns *ins(const Fold *f, IrRef ref)
{
	return &f->ir->ins[ref];
}

static IrRef emit(Fold *f, IrOp op, IrRef a, IrRef b)
{
	return ir_emit(f->ir, op, 0, a, b, 0, 0);
}

static IrRef emit_k(Fold *f, IrOp op, IrRef a, uint64_t k)
{
	return ir_emit(f->ir, op, 0, a, ir_k(f->ir, k), 0, 0);
}

/* Is ref an operation `op` whose second operand is the constant *k? */
static bool is_op_k(const Fold *f, IrRef ref, IrOp op, uint64_t *k)
{
	return ins(f, ref)->op == op && ir_is_k(f->ir, ins(f, ref)->b, k);
}

static uint64_t width(IrOp op)
{
	switch (op) {
	case IR_SX8:
	case IR_ZX8: return 0xff;
	case IR_SX16:
	case IR_ZX16: return 0xffff;
	default: return UINT32_MAX;
	}
}

IrRef ir_demand(Ir *ir, IrRef ref, uint64_t mask)
{
	for (;;) {
		const IrIns *i = &ir->ins[ref];
		uint64_t k;

		switch (i->op) {
		case IR_SX8:
		case IR_SX16:
		case IR_SX32:
		case IR_ZX8:
		case IR_ZX16:
		case IR_ZX32:
			if (mask & ~width(i->op))
				return ref;
			break;
		case IR_AND:
			if (!ir_is_k(ir, i->b, &k) || (mask & ~k & ir->ones[i->a]))
				return ref;
			break;
		case IR_OR:
		case IR_XOR:
			if (!(ir->ones[i->a] & mask)) {
				ref = i->b;
				continue;
			}
			if (ir->ones[i->b] & mask)
				return ref;
			break;
		default: return ref;
		}
		ref = i->a;
	}
}

/* ---- Sums ---- */

static bool is_not_of(const Fold *f, IrRef a, IrRef b)
{
	return f->ir->ins[a].op == IR_NOT && f->ir->ins[a].a == b;
}

static IrRef fold_add(Fold *f)
{
	uint64_t k;

	if (f->kb) {
		if (!f->b)
			return f->i->a;
		if (is_op_k(f, f->i->a, IR_ADD, &k))
			return emit_k(f, IR_ADD, ins(f, f->i->a)->a, k + f->b);
		if (f->b == 1 && ins(f, f->i->a)->op == IR_NOT)
			return emit(f, IR_NEG, ins(f, f->i->a)->a, 0);
	}
	/* Constants last: addresses off one base differ in them alone. */
	if (!f->kb && is_op_k(f, f->i->b, IR_ADD, &k))
		return emit_k(f, IR_ADD, emit(f, IR_ADD, f->i->a, ins(f, f->i->b)->a), k);
	if (!f->kb && is_op_k(f, f->i->a, IR_ADD, &k))
		return emit_k(f, IR_ADD, emit(f, IR_ADD, ins(f, f->i->a)->a, f->i->b), k);
	if (is_not_of(f, f->i->a, f->i->b) || is_not_of(f, f->i->b, f->i->a))
		return ir_k(f->ir, UINT64_MAX);
	if (ins(f, f->i->b)->op == IR_NEG)
		return emit(f, IR_SUB, f->i->a, ins(f, f->i->b)->a);
	if (ins(f, f->i->a)->op == IR_NEG)
		return emit(f, IR_SUB, f->i->b, ins(f, f->i->a)->a);
	return IR_NONE;
}

static IrRef fold_sub(Fold *f)
{
	uint64_t k;

	if (f->i->a == f->i->b)
		return ir_k(f->ir, 0);
	if (f->kb)
		return emit_k(f, IR_ADD, f->i->a, -f->b);
	if (f->ka && !f->a)
		return emit(f, IR_NEG, f->i->b, 0);
	if (is_op_k(f, f->i->a, IR_ADD, &k))
		return emit_k(f, IR_ADD, emit(f, IR_SUB, ins(f, f->i->a)->a, f->i->b), k);
	if (is_op_k(f, f->i->b, IR_ADD, &k))
		return emit_k(f, IR_ADD, emit(f, IR_SUB, f->i->a, ins(f, f->i->b)->a), -k);
	return IR_NONE;
}

static IrRef fold_neg(Fold *f)
{
	const IrIns *x = ins(f, f->i->a);
	uint64_t k;

	if (x->op == IR_NEG)
		return x->a;
	if (x->op == IR_SUB)
		return emit(f, IR_SUB, x->b, x->a);
	/* A carry less one, with the other sign: its contrary. */
	if (is_op_k(f, f->i->a, IR_ADD, &k) && k == UINT64_MAX && f->ir->ones[x->a] == 1)
		return emit_k(f, IR_XOR, x->a, 1);
	return IR_NONE;
}

/* ---- Bits ---- */

static IrRef fold_not(Fold *f)
{
	const IrIns *x = ins(f, f->i->a);

	return x->op == IR_NOT ? x->a : IR_NONE;
}

/* A rotate by n of a `size`-bit number, of which mask is kept: as a shift, if one side alone is. */
static IrRef rotate_and_mask(Fold *f, const IrIns *x, unsigned size, uint64_t mask)
{
	uint64_t n, low;

	if (!ir_is_k(f->ir, x->b, &n))
		return IR_NONE;
	n &= size - 1;
	low = ir_low_bits((unsigned)n);
	mask &= ir_low_bits(size);
	if (!(mask & low))
		return emit_k(f, IR_AND, emit_k(f, IR_SHL, x->a, n), mask);
	if (mask & ~low)
		return IR_NONE;
	return emit_k(f, IR_AND, emit_k(f, IR_SHR, x->a, size - n), mask);
}

/* The mask k of x: an extension where it is one. */
static IrRef mask_of(Fold *f, uint64_t k)
{
	uint64_t ones = f->ir->ones[f->i->a];
	static const struct {
		uint64_t mask;
		IrOp op;
	} ext[] = { { 0xff, IR_ZX8 }, { 0xffff, IR_ZX16 }, { UINT32_MAX, IR_ZX32 } };

	for (unsigned n = 0; n < ARRAY_LEN(ext); n++)
		if ((k & ones) == (ext[n].mask & ones))
			return emit(f, ext[n].op, f->i->a, 0);
	/* The form that is an immediate, if one is. */
	k &= ones;
	if (k != (uint64_t)(int32_t)k && (k | ~ones) == (uint64_t)(int32_t)(k | ~ones))
		k |= ~ones;
	f->i->b = ir_k(f->ir, k);
	return IR_NONE;
}

/* (x + c) & k, where k clears the lowest bits alone and c has none of them: the distance outside, as addresses like it. */
static IrRef align_first(Fold *f, const IrIns *x, uint64_t k)
{
	uint64_t c;

	if (!ir_is_k(f->ir, x->b, &c) || (c & ~k) || (~k & (~k + 1)))
		return IR_NONE;
	return emit_k(f, IR_ADD, emit_k(f, IR_AND, x->a, k), c);
}

static IrRef fold_and_k(Fold *f)
{
	uint64_t k = f->b, k2;
	const IrIns *x;
	IrRef r;

	if (!(f->ir->ones[f->i->a] & ~k))
		return f->i->a;
	if (!(f->ir->ones[f->i->a] & k))
		return ir_k(f->ir, 0);
	r = ir_demand(f->ir, f->i->a, k);
	if (r != f->i->a)
		return emit_k(f, IR_AND, r, k);
	x = ins(f, r);
	switch (x->op) {
	case IR_AND:
		if (ir_is_k(f->ir, x->b, &k2))
			return emit_k(f, IR_AND, x->a, k & k2);
		break;
	case IR_ZX8:
	case IR_ZX16:
	case IR_ZX32: return emit_k(f, IR_AND, x->a, k & width(x->op));
	case IR_ADD:
		r = align_first(f, x, k);
		if (r)
			return r;
		break;
	case IR_ROTL32:
		r = rotate_and_mask(f, x, 32, k);
		if (r)
			return r;
		break;
	case IR_ROTL:
		r = rotate_and_mask(f, x, 64, k);
		if (r)
			return r;
		break;
	default: break;
	}
	return mask_of(f, k);
}

static IrRef fold_and(Fold *f)
{
	if (f->i->a == f->i->b)
		return f->i->a;
	if (f->kb)
		return fold_and_k(f);
	if (!(f->ir->ones[f->i->a] & f->ir->ones[f->i->b]))
		return ir_k(f->ir, 0);
	if (ins(f, f->i->b)->op == IR_NOT)
		return emit(f, IR_ANDN, f->i->a, ins(f, f->i->b)->a);
	if (ins(f, f->i->a)->op == IR_NOT)
		return emit(f, IR_ANDN, f->i->b, ins(f, f->i->a)->a);
	return IR_NONE;
}

static IrRef fold_andn(Fold *f)
{
	if (f->i->a == f->i->b || (f->ka && !f->a))
		return ir_k(f->ir, 0);
	if (f->kb)
		return emit_k(f, IR_AND, f->i->a, ~f->b);
	if (ins(f, f->i->b)->op == IR_NOT)
		return emit(f, IR_AND, f->i->a, ins(f, f->i->b)->a);
	if (!(f->ir->ones[f->i->a] & f->ir->ones[f->i->b]))
		return f->i->a;
	return IR_NONE;
}

static IrRef fold_or(Fold *f)
{
	uint64_t k;

	if (f->i->a == f->i->b)
		return f->i->a;
	if (!f->kb)
		return IR_NONE;
	if (!f->b)
		return f->i->a;
	if (f->b == UINT64_MAX)
		return f->i->b;
	if (is_op_k(f, f->i->a, IR_OR, &k))
		return emit_k(f, IR_OR, ins(f, f->i->a)->a, k | f->b);
	return IR_NONE;
}

static IrRef fold_xor(Fold *f)
{
	const IrIns *x = ins(f, f->i->a);
	uint64_t k;

	if (f->i->a == f->i->b)
		return ir_k(f->ir, 0);
	if (!f->kb)
		return IR_NONE;
	if (!f->b)
		return f->i->a;
	if (f->b == UINT64_MAX)
		return emit(f, IR_NOT, f->i->a, 0);
	if (is_op_k(f, f->i->a, IR_XOR, &k))
		return emit_k(f, IR_XOR, x->a, k ^ f->b);
	if (x->op == IR_SET && f->b == 1)
		return ir_emit(f->ir, IR_SET, ir_cc_not((IrCc)x->imm), x->a, x->b, 0, 0);
	return IR_NONE;
}

static IrRef fold_zx(Fold *f)
{
	uint64_t w = width(f->i->op), k;
	IrRef r;

	if (!(f->ir->ones[f->i->a] & ~w))
		return f->i->a;
	if (!(f->ir->ones[f->i->a] & w))
		return ir_k(f->ir, 0);
	r = ir_demand(f->ir, f->i->a, w);
	if (r != f->i->a)
		return emit(f, f->i->op, r, 0);
	if (is_op_k(f, r, IR_AND, &k))
		return emit_k(f, IR_AND, ins(f, r)->a, k & w);
	if (ins(f, r)->op == IR_ROTL || ins(f, r)->op == IR_ROTL32)
		return rotate_and_mask(f, ins(f, r), ins(f, r)->op == IR_ROTL ? 64 : 32, w);
	return IR_NONE;
}

static IrRef fold_sx(Fold *f)
{
	unsigned bits = f->i->op == IR_SX8 ? 8 : f->i->op == IR_SX16 ? 16 : 32;
	IrRef r = f->i->a;

	if (f->ir->sbits[r] <= bits)
		return r;
	r = ir_demand(f->ir, r, width(f->i->op));
	if (r != f->i->a)
		return emit(f, f->i->op, r, 0);
	if (!(f->ir->ones[r] >> (bits - 1) & 1))
		return emit_k(f, IR_AND, r, width(f->i->op));
	return IR_NONE;
}

/* ---- Shifts ---- */

static IrRef fold_shl(Fold *f)
{
	unsigned n = f->b & 63;
	uint64_t k;
	IrRef r;

	if (!f->kb)
		return IR_NONE;
	if (!n)
		return f->i->a;
	if (!(f->ir->ones[f->i->a] << n))
		return ir_k(f->ir, 0);
	r = ir_demand(f->ir, f->i->a, UINT64_MAX >> n);
	if (r != f->i->a)
		return emit_k(f, IR_SHL, r, n);
	if (is_op_k(f, r, IR_SHL, &k))
		return (k & 63) + n > 63 ? ir_k(f->ir, 0)
					 : emit_k(f, IR_SHL, ins(f, r)->a, (k & 63) + n);
	if (is_op_k(f, r, IR_SHR, &k) && (k & 63) == n)
		return emit_k(f, IR_AND, ins(f, r)->a, UINT64_MAX << n);
	return IR_NONE;
}

static IrRef fold_shr(Fold *f)
{
	unsigned n = f->b & 63, m;
	uint64_t k;
	IrRef r;

	if (!f->kb)
		return IR_NONE;
	if (!n)
		return f->i->a;
	if (!(f->ir->ones[f->i->a] >> n))
		return ir_k(f->ir, 0);
	r = ir_demand(f->ir, f->i->a, UINT64_MAX << n);
	if (r != f->i->a)
		return emit_k(f, IR_SHR, r, n);
	if (is_op_k(f, r, IR_SHR, &k))
		return (k & 63) + n > 63 ? ir_k(f->ir, 0)
					 : emit_k(f, IR_SHR, ins(f, r)->a, (k & 63) + n);
	if (!is_op_k(f, r, IR_SHL, &k))
		return IR_NONE;
	m = k & 63;
	r = ins(f, r)->a;
	if (m < n)
		r = emit_k(f, IR_SHR, r, n - m);
	else if (m > n)
		r = emit_k(f, IR_SHL, r, m - n);
	return emit_k(f, IR_AND, r, (UINT64_MAX << m) >> n);
}

static IrRef fold_sar(Fold *f)
{
	unsigned n = f->b & 63;
	IrRef r = f->i->a;
	uint64_t k;

	if (f->ir->sbits[r] == 1)
		return r;
	if (!(f->ir->ones[r] >> 63))
		return emit(f, IR_SHR, r, f->i->b);
	if (!f->kb)
		return IR_NONE;
	if (!n)
		return r;
	if (is_op_k(f, r, IR_SAR, &k))
		return emit_k(f, IR_SAR, ins(f, r)->a, MIN((k & 63) + n, 63));
	if (is_op_k(f, r, IR_SHL, &k) && (k & 63) == n && n >= 32 && !(n & 7)) {
		r = ins(f, r)->a;
		if (n == 32 || n == 48 || n == 56)
			return emit(f, n == 32 ? IR_SX32 : n == 48 ? IR_SX16 : IR_SX8, r, 0);
	}
	return IR_NONE;
}

static IrRef fold_rotl(Fold *f)
{
	uint64_t k;

	if (!f->kb)
		return IR_NONE;
	if (!(f->b & 63))
		return f->i->a;
	if (is_op_k(f, f->i->a, IR_ROTL, &k))
		return emit_k(f, IR_ROTL, ins(f, f->i->a)->a, (k + f->b) & 63);
	return IR_NONE;
}

static IrRef fold_rotl32(Fold *f)
{
	IrRef r = ir_demand(f->ir, f->i->a, UINT32_MAX);
	unsigned n = f->b & 31;
	uint64_t k;

	if (r != f->i->a)
		return emit(f, IR_ROTL32, r, f->i->b);
	if (!f->kb)
		return IR_NONE;
	if (!n)
		return emit(f, IR_ZX32, r, 0);
	if (is_op_k(f, r, IR_ROTL32, &k))
		return emit_k(f, IR_ROTL32, ins(f, r)->a, (k + n) & 31);
	if (f->ir->ones[r] << n <= UINT32_MAX && f->ir->ones[r] <= UINT32_MAX)
		return emit_k(f, IR_SHL, r, n);
	return IR_NONE;
}

/* ---- Products and quotients ---- */

static bool is_power(uint64_t v)
{
	return v && !(v & (v - 1));
}

static IrRef fold_mul(Fold *f)
{
	if (!f->kb)
		return IR_NONE;
	if (!f->b)
		return f->i->b;
	if (f->b == UINT64_MAX)
		return emit(f, IR_NEG, f->i->a, 0);
	if (is_power(f->b))
		return emit_k(f, IR_SHL, f->i->a, ctz64(f->b));
	return IR_NONE;
}

static IrRef fold_mulh(Fold *f)
{
	if (f->kb && (!f->b || (f->b == 1 && f->i->op == IR_MULHU)))
		return ir_k(f->ir, 0);
	return IR_NONE;
}

static IrRef fold_divu(Fold *f)
{
	if (!f->kb || !is_power(f->b))
		return IR_NONE;
	if (f->i->op == IR_DIVU)
		return emit_k(f, IR_SHR, f->i->a, ctz64(f->b));
	return emit_k(f, IR_AND, f->i->a, f->b - 1);
}

static IrRef fold_div32(Fold *f)
{
	IrRef a = ir_demand(f->ir, f->i->a, UINT32_MAX), b = ir_demand(f->ir, f->i->b, UINT32_MAX);

	if (a != f->i->a || b != f->i->b)
		return emit(f, f->i->op, a, b);
	if (!f->kb || !is_power((uint32_t)f->b))
		return IR_NONE;
	if (f->i->op == IR_DIVU32)
		return emit_k(f, IR_SHR, emit(f, IR_ZX32, a, 0), ctz32((uint32_t)f->b));
	if (f->i->op == IR_MODU32)
		return emit_k(f, IR_AND, a, (uint32_t)f->b - 1);
	return IR_NONE;
}

/* Those that look at some lower bits alone. */
static IrRef fold_low(Fold *f)
{
	IrOp op = f->i->op;
	IrRef r = ir_demand(f->ir, f->i->a, op == IR_BSWAP16 ? 0xffff : UINT32_MAX);

	if (r != f->i->a)
		return emit(f, op, r, 0);
	if (op == IR_BSWAP32 && ins(f, r)->op == op)
		return emit(f, IR_ZX32, ins(f, r)->a, 0);
	return IR_NONE;
}

static IrRef fold_bswap64(Fold *f)
{
	const IrIns *x = ins(f, f->i->a);

	return x->op == IR_BSWAP64 ? x->a : IR_NONE;
}

/* ---- Conditions ---- */

static IrRef fold_set(Fold *f)
{
	IrCc cc = (IrCc)f->i->imm;
	IrRef a = f->i->a, b = f->i->b;
	int known = ir_fold_cond(f->ir, &cc, &a, &b);
	uint64_t k;

	if (known >= 0)
		return ir_k(f->ir, (uint64_t)known);
	f->i->imm = cc;
	f->i->a = a;
	f->i->b = b;
	if (!ir_is_k(f->ir, b, &k))
		return IR_NONE;
	switch ((IrCc)(cc & 15)) {
	case IR_NE:
		if (!k && f->ir->ones[a] == 1)
			return a;
		break;
	case IR_EQ:
		if (!k && f->ir->ones[a] == 1)
			return emit_k(f, IR_XOR, a, 1);
		break;
	case IR_TEST:
		if (k == 1)
			return emit_k(f, IR_AND, a, 1);
		break;
	default: break;
	}
	return IR_NONE;
}

static IrRef fold_sel(Fold *f)
{
	IrCc cc = (IrCc)f->i->imm;
	IrRef a = f->i->a, b = f->i->b, c = f->i->c, d = f->i->d;
	int known;
	uint64_t x, y;

	if (c == d)
		return c;
	known = ir_fold_cond(f->ir, &cc, &a, &b);
	if (known >= 0)
		return known ? c : d;
	if (ir_is_k(f->ir, c, &x) && ir_is_k(f->ir, d, &y) && x + y == 1 && x <= 1)
		return ir_emit(f->ir, IR_SET, x ? cc : ir_cc_not(cc), a, b, 0, 0);
	f->i->imm = cc;
	f->i->a = a;
	f->i->b = b;
	return IR_NONE;
}

/* Lower halves, when they say all. */
static void narrow_crcmp(Fold *f)
{
	const uint64_t *ones = f->ir->ones;
	const uint8_t *sbits = f->ir->sbits;
	IrIns *i = f->i;

	if (!(i->imm & IR_CC32)) {
		if (sbits[i->a] <= 32 && sbits[i->b] <= 32)
			i->imm |= IR_CC32;
		else if (ones[i->a] <= UINT32_MAX && ones[i->b] <= UINT32_MAX)
			i->imm = IR_LTU | IR_CC32;
	}
	if (i->imm & IR_CC32) {
		i->a = ir_demand(f->ir, i->a, UINT32_MAX);
		i->b = ir_demand(f->ir, i->b, UINT32_MAX);
	}
}

static IrRef fold_crcmp(Fold *f)
{
	uint64_t x, y;

	narrow_crcmp(f);
	if (ir_is_k(f->ir, f->i->a, &x) && ir_is_k(f->ir, f->i->b, &y))
		return emit_k(f, IR_OR, f->i->c, ir_eval(IR_CRCMP, f->i->imm, x, y, 0, 0));
	if (f->i->a == f->i->b)
		return emit_k(f, IR_OR, f->i->c, 2);
	return IR_NONE;
}

/* ---- Carries ---- */

static IrRef fold_addco(Fold *f)
{
	bool is32 = f->i->op == IR_ADDCO32, kc;
	uint64_t c, *ones = f->ir->ones, all = is32 ? UINT32_MAX : UINT64_MAX;
	IrIns *i = f->i;
	IrCc geu = is32 ? IR_GEU | IR_CC32 : IR_GEU;

	if (is32) {
		i->a = ir_demand(f->ir, i->a, UINT32_MAX);
		i->b = ir_demand(f->ir, i->b, UINT32_MAX);
	}
	/* subfe r,x,x */
	if (is_not_of(f, i->a, i->b) || is_not_of(f, i->b, i->a))
		return i->c;
	kc = ir_is_k(f->ir, i->c, &c);
	/* The greatest sum there can be. */
	if ((u128)(ones[i->a] & all) + (ones[i->b] & all) + (ones[i->c] & 1) <= all)
		return ir_k(f->ir, 0);
	if (!kc)
		return IR_NONE;
	if (ir_is_k(f->ir, i->b, &f->b) && c) {
		/* a + b + 1 carries when a is ~b at least. */
		return ir_set(f->ir, geu, i->a, ir_k(f->ir, ~f->b & all));
	}
	if (c && ins(f, i->a)->op == IR_NOT)
		return ir_set(f->ir, geu, i->b, ins(f, i->a)->a);
	if (c && ins(f, i->b)->op == IR_NOT)
		return ir_set(f->ir, geu, i->a, ins(f, i->b)->a);
	if (!c && ir_is_k(f->ir, i->b, &f->b) && (f->b & all))
		return ir_set(f->ir, geu, i->a, ir_k(f->ir, -f->b & all));
	return IR_NONE;
}

static IrRef fold_sarco(Fold *f)
{
	if (f->kb && !(f->b & 63))
		return ir_k(f->ir, 0);
	if (!(f->ir->ones[f->i->a] >> 63))
		return ir_k(f->ir, 0);
	return IR_NONE;
}

static IrRef (*const folders[IR_OPS])(Fold *f) = {
	[IR_ADD] = fold_add,	     [IR_SUB] = fold_sub,	[IR_NEG] = fold_neg,
	[IR_NOT] = fold_not,	     [IR_AND] = fold_and,	[IR_ANDN] = fold_andn,
	[IR_OR] = fold_or,	     [IR_XOR] = fold_xor,	[IR_SHL] = fold_shl,
	[IR_SHR] = fold_shr,	     [IR_SAR] = fold_sar,	[IR_ROTL] = fold_rotl,
	[IR_ROTL32] = fold_rotl32,   [IR_MUL] = fold_mul,	[IR_MULHS] = fold_mulh,
	[IR_MULHU] = fold_mulh,	     [IR_DIVU] = fold_divu,	[IR_MODU] = fold_divu,
	[IR_DIVS32] = fold_div32,    [IR_DIVU32] = fold_div32,	[IR_MODS32] = fold_div32,
	[IR_MODU32] = fold_div32,    [IR_SX8] = fold_sx,	[IR_SX16] = fold_sx,
	[IR_SX32] = fold_sx,	     [IR_ZX8] = fold_zx,	[IR_ZX16] = fold_zx,
	[IR_ZX32] = fold_zx,	     [IR_BSWAP16] = fold_low,	[IR_BSWAP32] = fold_low,
	[IR_BSWAP64] = fold_bswap64, [IR_CLZ32] = fold_low,	[IR_CTZ32] = fold_low,
	[IR_SET] = fold_set,	     [IR_SEL] = fold_sel,	[IR_CRCMP] = fold_crcmp,
	[IR_ADDCO] = fold_addco,     [IR_ADDCO32] = fold_addco, [IR_SARCO] = fold_sarco,
};

/* All operands constants: its value. */
static bool all_constant(Fold *f, uint64_t *v)
{
	const char *operands = ir_ops[f->i->op].operands;
	IrRef ref[4] = { f->i->a, f->i->b, f->i->c, f->i->d };
	uint64_t k[4] = { 0 };
	unsigned n;

	if (ir_ops[f->i->op].result != 'I')
		return false;
	for (n = 0; operands[n]; n++)
		if (operands[n] != 'I' || !ir_is_k(f->ir, ref[n], &k[n]))
			return false;
	*v = n ? ir_eval((IrOp)f->i->op, f->i->imm, k[0], k[1], k[2], k[3]) : 0;
	return n;
}

static bool is_shift(IrOp op)
{
	return op == IR_SHL || op == IR_SHR || op == IR_SAR || op == IR_ROTL || op == IR_ROTL32;
}

IrRef ir_fold(Ir *ir, IrIns *i)
{
	Fold f = { .ir = ir, .i = i };
	bool commutes = ir_ops[i->op].flags & IRF_C;
	uint64_t v;
	IrRef t;

	if (ir->full)
		return IR_NONE;
	if (ir_is_vec(i->op))
		return ir_fold_vec(ir, i);
	if (ir_is_fp_move(i->op))
		return ir_fold_fp(ir, i);
	if (all_constant(&f, &v))
		return ir_k(ir, v);
	if (i->op == IR_ADDCO || i->op == IR_ADDCO32)
		commutes = true;
	f.ka = ir_is_k(ir, i->a, &f.a);
	f.kb = ir_is_k(ir, i->b, &f.b);
	if (commutes && (f.ka || (i->a > i->b && !f.kb))) {
		t = i->a;
		i->a = i->b;
		i->b = t;
		f.kb = f.ka;
		f.b = f.a;
		f.ka = false;
	}
	if (is_shift(i->op)) {
		/* Amounts in range; those in registers without a mask of their own. */
		unsigned max = i->op == IR_ROTL32 ? 31 : 63;

		if (f.kb)
			i->b = ir_k(ir, f.b & max);
		else
			i->b = ir_demand(ir, i->b, max);
	}
	return folders[i->op] ? folders[i->op](&f) : IR_NONE;
}
