/*
 * Conditions: in the form that needs least to be computed.  A bit of a CR field that a CRCMP made is that
 * CRCMP's own comparison; comparisons look at lower halves where nothing else counts.
 */
#include "jit/ir_int.h"

/* The condition with its operands changed about. */
static IrCc swapped(IrCc cc)
{
	IrCc wide = (IrCc)(cc & IR_CC32);

	switch ((IrCc)(cc & 15)) {
	case IR_LT: return IR_GT | wide;
	case IR_GT: return IR_LT | wide;
	case IR_LE: return IR_GE | wide;
	case IR_GE: return IR_LE | wide;
	case IR_LTU: return IR_GTU | wide;
	case IR_GTU: return IR_LTU | wide;
	case IR_LEU: return IR_GEU | wide;
	case IR_GEU: return IR_LEU | wide;
	default: return cc;
	}
}

/* The condition of those bits (8, 4, 2) of a CRCMP. */
static IrCc crcmp_cc(IrCc lt, uint64_t mask)
{
	bool is_unsigned = (lt & 15) == IR_LTU;
	IrCc wide = (IrCc)(lt & IR_CC32);

	switch (mask) {
	case 8: return (is_unsigned ? IR_LTU : IR_LT) | wide;
	case 4: return (is_unsigned ? IR_GTU : IR_GT) | wide;
	case 2: return IR_EQ | wide;
	case 12: return IR_NE | wide;
	case 10: return (is_unsigned ? IR_LEU : IR_LE) | wide;
	default: return (is_unsigned ? IR_GEU : IR_GE) | wide; /* 6 */
	}
}

/* A step from *ref to what its bits *mask come from; false: there is none. */
static bool step(const Ir *ir, IrRef *ref, uint64_t *mask, bool *inverse)
{
	const IrIns *i = &ir->ins[*ref];
	uint64_t k, m = *mask;
	bool single = !(m & (m - 1));

	switch (i->op) {
	case IR_ZX8:
	case IR_ZX16:
	case IR_ZX32: break;
	case IR_SX8:
		if (m & ~UINT64_C(0x7f))
			return false;
		break;
	case IR_SX16:
		if (m & ~UINT64_C(0x7fff))
			return false;
		break;
	case IR_SX32:
		if (m & ~UINT64_C(0x7fffffff))
			return false;
		break;
	case IR_OR:
		if (!(ir->ones[i->a] & m)) {
			*ref = i->b;
			return true;
		}
		if (ir->ones[i->b] & m)
			return false;
		break;
	case IR_AND:
		if (!ir_is_k(ir, i->b, &k))
			return false;
		m &= k;
		break;
	case IR_NOT:
		if (!single)
			return false;
		*inverse = !*inverse;
		break;
	case IR_XOR:
		if (!ir_is_k(ir, i->b, &k) || (k & m && !single))
			return false;
		*inverse ^= (k & m) != 0;
		break;
	case IR_SHL:
		if (!ir_is_k(ir, i->b, &k))
			return false;
		m >>= k & 63;
		break;
	case IR_SHR:
		if (!ir_is_k(ir, i->b, &k))
			return false;
		m <<= k & 63;
		break;
	default: return false;
	}
	*mask = m;
	*ref = i->a;
	return true;
}

static void always(Ir *ir, bool yes, IrCc *cc, IrRef *a, IrRef *b)
{
	*cc = yes ? IR_EQ : IR_NE;
	*a = *b = ir_k(ir, 0);
}

static void bits(Ir *ir, IrRef ref, uint64_t mask, IrCc *cc, IrRef *a, IrRef *b)
{
	IrCc wide = mask > UINT32_MAX ? 0 : IR_CC32;

	*a = ref;
	if ((ir->ones[ref] & (wide ? UINT32_MAX : UINT64_MAX)) == mask) {
		*cc = IR_NE | wide;
		*b = ir_k(ir, 0);
	} else {
		*cc = IR_TEST | wide;
		*b = ir_k(ir, mask);
	}
}

void ir_cond(Ir *ir, IrRef ref, uint64_t mask, IrCc *cc, IrRef *a, IrRef *b)
{
	bool inverse = false;
	const IrIns *i;
	uint64_t k;

	do
		mask &= ir->ones[ref];
	while (mask && step(ir, &ref, &mask, &inverse));
	i = &ir->ins[ref];
	if (!mask || ir_is_k(ir, ref, &k)) {
		always(ir, mask != 0, cc, a, b);
	} else if (i->op == IR_SET) {
		*cc = (IrCc)i->imm;
		*a = i->a;
		*b = i->b;
	} else if (i->op == IR_CRCMP && mask == 14) {
		always(ir, true, cc, a, b);
	} else if (i->op == IR_CRCMP && mask == 1) {
		bits(ir, i->c, 1, cc, a, b);
	} else if (i->op == IR_CRCMP && !(mask & 1)) {
		*cc = crcmp_cc((IrCc)i->imm, mask);
		*a = i->a;
		*b = i->b;
	} else if (i->op == IR_FCMP || i->op == IR_SCMP) {
		*cc = IR_NE | IR_CC32;
		*a = ir_emit(ir, i->op == IR_FCMP ? IR_FSET : IR_SSET, (uint32_t)mask, i->a, i->b,
			     0, 0);
		*b = ir_k(ir, 0);
	} else if (i->op == IR_VCR6 && mask != 10) {
		*cc = IR_EQ | IR_CC32;
		*a = ir_emit(ir, IR_VMASK, 0, i->a, 0, 0, 0);
		*b = ir_k(ir, mask == 8 ? 0xffff : 0);
	} else {
		bits(ir, ref, mask, cc, a, b);
	}
	if (inverse)
		*cc = ir_cc_not(*cc);
}

/* ---- Folding ---- */

typedef struct Cond {
	IrCc cc;
	IrRef a, b;
} Cond;

static int same_operands(Ir *ir, Cond *c)
{
	switch ((IrCc)(c->cc & 15)) {
	case IR_EQ:
	case IR_GE:
	case IR_LE:
	case IR_GEU:
	case IR_LEU: return 1;
	case IR_TEST:
	case IR_NTEST:
		c->cc = (c->cc & 1 ? IR_EQ : IR_NE) | (c->cc & IR_CC32);
		c->b = ir_k(ir, 0);
		return -1;
	default: return 0;
	}
}

static bool is_signed_order(IrCc cc)
{
	cc &= 15;
	return cc >= IR_LT && cc <= IR_GT;
}

/* Lower halves where they say all. */
static void narrow(Ir *ir, Cond *c)
{
	bool zx = ir->ones[c->a] <= UINT32_MAX && ir->ones[c->b] <= UINT32_MAX;
	bool sx = ir->sbits[c->a] <= 32 && ir->sbits[c->b] <= 32;

	if (!(c->cc & IR_CC32)) {
		if ((c->cc & 15) >= IR_TEST) {
			if (ir->ones[c->a] > UINT32_MAX && ir->ones[c->b] > UINT32_MAX)
				return;
			c->cc |= IR_CC32;
		} else if (sx) {
			/* Sign extension keeps both orders. */
			c->cc |= IR_CC32;
		} else if (zx) {
			if (is_signed_order(c->cc))
				c->cc += IR_LTU - IR_LT;
			c->cc |= IR_CC32;
		} else {
			return;
		}
	}
	c->a = ir_demand(ir, c->a, UINT32_MAX);
	c->b = ir_demand(ir, c->b, UINT32_MAX);
}

/* Comparisons with -1, 0 and 1: as comparisons with 0, or known; k: the constant. */
static int with_constant(Ir *ir, Cond *c, uint64_t k)
{
	IrCc wide = (IrCc)(c->cc & IR_CC32), cc = (IrCc)(c->cc & 15);
	uint64_t sign = wide ? 0x80000000 : BIT64(0);
	bool zero = false;

	if (wide)
		k = (uint64_t)(int32_t)k;
	if (k == 1) {
		zero = true;
		switch (cc) {
		case IR_LTU: cc = IR_EQ; break;
		case IR_GEU: cc = IR_NE; break;
		case IR_LT: cc = IR_LE; break;
		case IR_GE: cc = IR_GT; break;
		case IR_EQ:
		case IR_NE:
			/* Of a bit. */
			zero = ir->ones[c->a] == 1;
			cc = zero ? cc ^ 1 : cc;
			break;
		default: zero = false;
		}
	} else if (k == UINT64_MAX && (cc == IR_GT || cc == IR_LE)) {
		zero = true;
		cc = cc == IR_GT ? IR_GE : IR_LT;
	}
	if (zero)
		c->b = ir_k(ir, k = 0);
	if (!k) {
		switch (cc) {
		case IR_LTU: return 0;
		case IR_GEU: return 1;
		case IR_LEU: cc = IR_EQ; break;
		case IR_GTU: cc = IR_NE; break;
		default:
			if (ir->ones[c->a] & sign)
				break;
			if (cc == IR_LT || cc == IR_GE)
				return cc == IR_GE;
			if (cc == IR_LE || cc == IR_GT)
				cc = cc == IR_LE ? IR_EQ : IR_NE;
		}
	} else if (cc == IR_EQ || cc == IR_NE) {
		/* A bit that is never 1 is asked for. */
		if (k & (wide ? UINT32_MAX : UINT64_MAX) & ~ir->ones[c->a])
			return cc == IR_NE;
	}
	c->cc = cc | wide;
	return -1;
}

/* Conditions on bits: from where these come. */
static void from_bits(Ir *ir, Cond *c, uint64_t k)
{
	uint64_t mask = c->cc & IR_CC32 ? UINT32_MAX : UINT64_MAX;
	bool inverse = c->cc & 1;

	switch ((IrCc)(c->cc & 15)) {
	case IR_EQ:
	case IR_NE:
		if (k & mask)
			return;
		inverse = !inverse;
		break;
	case IR_TEST:
	case IR_NTEST: mask &= k; break;
	default: return;
	}
	ir_cond(ir, c->a, mask, &c->cc, &c->a, &c->b);
	if (inverse)
		c->cc = ir_cc_not(c->cc);
}

static int fold_once(Ir *ir, Cond *c)
{
	uint64_t x, y;
	bool ka, kb = ir_is_k(ir, c->b, &y);
	IrRef t;
	int known;

	ka = ir_is_k(ir, c->a, &x);
	if (ka && kb)
		return ir_eval_cc(c->cc, x, y);
	if (ka) {
		t = c->a;
		c->a = c->b;
		c->b = t;
		c->cc = swapped(c->cc);
		y = x;
		kb = true;
	}
	if (c->a == c->b)
		return same_operands(ir, c);
	narrow(ir, c);
	if (!kb)
		return -1;
	known = with_constant(ir, c, y);
	if (known >= 0)
		return known;
	if (ir_is_k(ir, c->b, &y))
		from_bits(ir, c, y);
	return -1;
}

int ir_fold_cond(Ir *ir, IrCc *cc, IrRef *a, IrRef *b)
{
	Cond c = { *cc, *a, *b }, old;
	int known;

	/* Each round goes to earlier operations; few are needed. */
	for (unsigned n = 0; n < 16; n++) {
		old = c;
		known = fold_once(ir, &c);
		if (known >= 0)
			return known;
		if (c.cc == old.cc && c.a == old.a && c.b == old.b)
			break;
	}
	*cc = c.cc;
	*a = c.a;
	*b = c.b;
	return -1;
}
