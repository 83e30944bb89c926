/*
 * Fixed-point logic, rotates, shifts and counts: what ex_logic.c and ex_310_int.c do, as IR.
 *
 * Rotates under a mask become the shift, extension or field they stand for where there is one.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"
#include "target-ppc/unit.h"

#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

/* TR_LOGICAL(name, expression of s (RS) and b (RB)) */
#define TR_LOGICAL(name, expr)                                                                     \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef s = tr_gpr(t, op->RS), b = tr_gpr(t, op->RB);                                \
                                                                                                   \
		tr_put_gpr(t, op->RA, (expr));                                                     \
		return true;                                                                       \
	}
TR_LOGICAL(and, ir_and(t->ir, s, b))
TR_LOGICAL(or, ir_or(t->ir, s, b))
TR_LOGICAL(xor, ir_xor(t->ir, s, b))
TR_LOGICAL(nand, ir_not(t->ir, ir_and(t->ir, s, b)))
TR_LOGICAL(nor, ir_not(t->ir, ir_or(t->ir, s, b)))
TR_LOGICAL(eqv, ir_not(t->ir, ir_xor(t->ir, s, b)))
TR_LOGICAL(andc, ir_andn(t->ir, s, b))
TR_LOGICAL(orc, ir_or(t->ir, s, ir_not(t->ir, b)))

/* TR_LOGICAL_IMM(name, operation, shift of UI) */
#define TR_LOGICAL_IMM(name, how, shift)                                                           \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef u = tr_k(t, (uint64_t)op->UI << (shift));                                    \
                                                                                                   \
		tr_put_gpr(t, op->RA, ir_##how(t->ir, tr_gpr(t, op->RS), u));                      \
		return true;                                                                       \
	}
TR_LOGICAL_IMM(ori, or, 0)
TR_LOGICAL_IMM(oris, or, 16)
TR_LOGICAL_IMM(xori, xor, 0)
TR_LOGICAL_IMM(xoris, xor, 16)

/* v & mask, as an extension where it is one. */
static IrRef and_mask(Tr *t, IrRef v, uint64_t mask)
{
	switch (mask) {
	case UINT64_MAX: return v;
	case UINT32_MAX: return ir_zx32(t->ir, v);
	case UINT16_MAX: return ir_zx16(t->ir, v);
	case UINT8_MAX: return ir_zx8(t->ir, v);
	default: return ir_and(t->ir, v, tr_k(t, mask));
	}
}

static bool and_record(Tr *t, const PpcOp *op, uint64_t mask)
{
	IrRef r = and_mask(t, tr_gpr(t, op->RS), mask);

	tr_put_gpr(t, op->RA, r);
	tr_cr0(t, r);
	return true;
}

bool tr_andi_(Tr *t, const PpcOp *op)
{
	return and_record(t, op, (uint64_t)op->UI);
}

bool tr_andis_(Tr *t, const PpcOp *op)
{
	return and_record(t, op, (uint64_t)op->UI << 16);
}

/* ------------------------------------------------------------- of one operand */

/* Ones in each byte of v, as popcntb. */
static IrRef popcnt_bytes(Tr *t, IrRef v)
{
	Ir *ir = t->ir;
	IrRef m;

	v = ir_sub(ir, v, ir_and(ir, ir_shr(ir, v, tr_k(t, 1)), tr_k(t, BYTES(0x55))));
	m = tr_k(t, BYTES(0x33));
	v = ir_add(ir, ir_and(ir, v, m), ir_and(ir, ir_shr(ir, v, tr_k(t, 2)), m));
	return ir_and(ir, ir_add(ir, v, ir_shr(ir, v, tr_k(t, 4))), tr_k(t, BYTES(0x0f)));
}

static IrRef op1(Tr *t, IrOp op, IrRef v)
{
	return ir_emit(t->ir, op, 0, v, 0, 0, 0);
}

/* What `op` gives for each word of v. */
static IrRef of_words(Tr *t, IrRef high, IrRef low)
{
	return ir_or(t->ir, ir_shl(t->ir, high, tr_k(t, 32)), low);
}

static IrRef popcnt_words(Tr *t, IrRef v)
{
	return of_words(t, op1(t, IR_POPCNT, ir_shr(t->ir, v, tr_k(t, 32))),
			op1(t, IR_POPCNT, ir_zx32(t->ir, v)));
}

/* Is the number of ones odd? */
static IrRef parity(Tr *t, IrRef v)
{
	return ir_and(t->ir, op1(t, IR_POPCNT, v), tr_k(t, 1));
}

/* Of the least significant bits of the bytes. */
static IrRef parity_words(Tr *t, IrRef v)
{
	v = ir_and(t->ir, v, tr_k(t, BYTES(1)));
	return of_words(t, parity(t, ir_shr(t->ir, v, tr_k(t, 32))), parity(t, ir_zx32(t->ir, v)));
}

static IrRef reverse_halves(Tr *t, IrRef v)
{
	IrRef low = tr_k(t, UINT64_C(0x00ff00ff00ff00ff)), k8 = tr_k(t, 8);

	return ir_or(t->ir, ir_and(t->ir, ir_shr(t->ir, v, k8), low),
		     ir_shl(t->ir, ir_and(t->ir, v, low), k8));
}

/* TR_UNARY(name, expression of s (RS)) */
#define TR_UNARY(name, expr)                                                                       \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef s = tr_gpr(t, op->RS);                                                       \
                                                                                                   \
		tr_put_gpr(t, op->RA, (expr));                                                     \
		return true;                                                                       \
	}
TR_UNARY(extsb, ir_sx8(t->ir, s))
TR_UNARY(extsh, ir_sx16(t->ir, s))
TR_UNARY(extsw, ir_sx32(t->ir, s))
TR_UNARY(cntlzw, op1(t, IR_CLZ32, s))
TR_UNARY(cntlzd, op1(t, IR_CLZ64, s))
TR_UNARY(cnttzw, op1(t, IR_CTZ32, s))
TR_UNARY(cnttzd, op1(t, IR_CTZ64, s))
TR_UNARY(popcntb, popcnt_bytes(t, s))
TR_UNARY(popcntw, popcnt_words(t, s))
TR_UNARY(popcntd, op1(t, IR_POPCNT, s))
TR_UNARY(prtyw, parity_words(t, s))
TR_UNARY(prtyd, parity(t, ir_and(t->ir, s, tr_k(t, BYTES(1)))))
TR_UNARY(brh, reverse_halves(t, s))
TR_UNARY(brw, ir_rotl(t->ir, op1(t, IR_BSWAP64, s), tr_k(t, 32)))
TR_UNARY(brd, op1(t, IR_BSWAP64, s))
TR_UNARY(extswsli, ir_shl(t->ir, ir_sx32(t->ir, s), tr_k(t, op->SH6)))

/* 0xff in each byte where RS and RB agree. */
bool tr_cmpb(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef x = ir_xor(ir, tr_gpr(t, op->RS), tr_gpr(t, op->RB)), low = tr_k(t, BYTES(0x7f));
	IrRef differs = ir_or(ir, ir_add(ir, ir_and(ir, x, low), low), x);

	differs = ir_shr(ir, ir_and(ir, differs, tr_k(t, BYTES(0x80))), tr_k(t, 7));
	tr_put_gpr(t, op->RA, ir_not(ir, ir_mul(ir, differs, tr_k(t, 0xff))));
	return true;
}

/* 6 in each digit of RA + RB that gave no carry. */
bool tr_addg6s(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_gpr(t, op->RA), b = tr_gpr(t, op->RB), sum = ir_add(ir, a, b);
	IrRef in = ir_xor(ir, ir_xor(ir, a, b), sum), out = ir_set(ir, IR_LTU, sum, a);
	IrRef ones = tr_k(t, UINT64_C(0x1111111111111111));

	in = ir_and(ir, ir_shr(ir, in, tr_k(t, 4)), tr_k(t, UINT64_C(0x0111111111111111)));
	in = ir_or(ir, in, ir_shl(ir, out, tr_k(t, 60)));
	tr_put_gpr(t, op->RT, ir_mul(ir, ir_andn(ir, ones, in), tr_k(t, 6)));
	return true;
}

/* ------------------------------------------------------------- rotates */

/* The lower n (1 to 63) bits. */
static uint64_t low_bits(unsigned n)
{
	return (UINT64_C(1) << n) - 1;
}

/* The lower word rotated left by n, under a mask of 32 bits. */
static IrRef rotate_word(Tr *t, IrRef s, unsigned n, uint64_t mask)
{
	IrRef k = tr_k(t, n);

	if (n == 0)
		return and_mask(t, s, mask);
	if (!(mask & low_bits(n)))
		return and_mask(t, ir_shl(t->ir, s, k), mask);
	if (mask == low_bits(n))
		return ir_shr(t->ir, ir_zx32(t->ir, s), tr_k(t, 32 - n));
	if (!(mask & ~low_bits(n)))
		return and_mask(t, ir_shr(t->ir, s, tr_k(t, 32 - n)), mask);
	return and_mask(t, ir_rotl32(t->ir, s, k), mask | ~(uint64_t)UINT32_MAX);
}

/* w, zero-extended, in both halves, under a mask. */
static IrRef both_halves(Tr *t, IrRef w, uint64_t mask)
{
	if (mask >> 32 == 0)
		return and_mask(t, w, mask | ~(uint64_t)UINT32_MAX);
	return and_mask(t, of_words(t, w, w), mask);
}

static IrRef rotate_word_k(Tr *t, const PpcOp *op)
{
	uint64_t mask = (uint64_t)op->imm;
	IrRef s = tr_gpr(t, op->RS);

	if (mask >> 32 == 0)
		return rotate_word(t, s, op->SH, mask);
	return both_halves(t, ir_rotl32(t->ir, s, tr_k(t, op->SH)), mask);
}

/* v in place of the bits of RA under the mask. */
static void insert(Tr *t, const PpcOp *op, IrRef v)
{
	IrRef keep = and_mask(t, tr_gpr(t, op->RA), ~(uint64_t)op->imm);

	tr_put_gpr(t, op->RA, ir_or(t->ir, keep, v));
}

bool tr_rlwinm(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RA, rotate_word_k(t, op));
	return true;
}

bool tr_rlwimi(Tr *t, const PpcOp *op)
{
	insert(t, op, rotate_word_k(t, op));
	return true;
}

bool tr_rlwnm(Tr *t, const PpcOp *op)
{
	IrRef w = ir_rotl32(t->ir, tr_gpr(t, op->RS), tr_gpr(t, op->RB));

	tr_put_gpr(t, op->RA, both_halves(t, w, (uint64_t)op->imm));
	return true;
}

/* RS rotated left by SH, under the mask. */
static IrRef rotate_k(Tr *t, const PpcOp *op)
{
	uint64_t mask = (uint64_t)op->imm;
	unsigned n = op->SH6;
	IrRef s = tr_gpr(t, op->RS), k = tr_k(t, n);

	if (n == 0)
		return and_mask(t, s, mask);
	if (!(mask & low_bits(n)))
		return and_mask(t, ir_shl(t->ir, s, k), mask | low_bits(n));
	if (!(mask & ~low_bits(n)))
		return and_mask(t, ir_shr(t->ir, s, tr_k(t, 64 - n)), mask | ~low_bits(n));
	return and_mask(t, ir_rotl(t->ir, s, k), mask);
}

/* TR_ROTATE(name): rldicl, rldicr and rldic differ only in the mask. */
#define TR_ROTATE(name)                                                                            \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		tr_put_gpr(t, op->RA, rotate_k(t, op));                                            \
		return true;                                                                       \
	}
TR_ROTATE(rldicl)
TR_ROTATE(rldicr)
TR_ROTATE(rldic)

/* TR_ROTATE_BY(name): by RB. */
#define TR_ROTATE_BY(name)                                                                         \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef r = ir_rotl(t->ir, tr_gpr(t, op->RS), tr_gpr(t, op->RB));                    \
                                                                                                   \
		tr_put_gpr(t, op->RA, and_mask(t, r, (uint64_t)op->imm));                          \
		return true;                                                                       \
	}
TR_ROTATE_BY(rldcl)
TR_ROTATE_BY(rldcr)

bool tr_rldimi(Tr *t, const PpcOp *op)
{
	/* rotate_k() may leave bits outside of the mask when they are known to be 0. */
	insert(t, op, rotate_k(t, op));
	return true;
}

/* ------------------------------------------------------------- shifts */

/* By 32 to 63 nothing is left of a word: shift amounts count modulo 64, as in the IR. */
bool tr_slw(Tr *t, const PpcOp *op)
{
	IrRef r = ir_shl(t->ir, tr_gpr(t, op->RS), tr_gpr(t, op->RB));

	tr_put_gpr(t, op->RA, ir_zx32(t->ir, r));
	return true;
}

bool tr_srw(Tr *t, const PpcOp *op)
{
	IrRef s = ir_zx32(t->ir, tr_gpr(t, op->RS));

	tr_put_gpr(t, op->RA, ir_shr(t->ir, s, tr_gpr(t, op->RB)));
	return true;
}

/*
 * Hardly any code shifts doublewords by 64 and more (modulo 128): where none was seen to, it is the interpreter's,
 * and a loop asks once.
 */
static _Atomic uint64_t *long_shifts(const PpcCpu *cpu, const PpcOp *op, uint64_t *bit)
{
	unsigned word = (op->off & (RAM_PAGE_SIZE - 1)) / 4;

	*bit = UINT64_C(1) << word % 64;
	return &ppc_code_map(cpu)->long_shifts[word / 64];
}

bool ppc_long_shift(PpcCpu *cpu, const PpcOp *op)
{
	const PpcInsn *row = ppc_op_row(cpu, op);
	uint64_t bit;

	if (!row || (row->tr != tr_sld && row->tr != tr_srd && row->tr != tr_srad))
		return false;
	atomic_fetch_or_explicit(long_shifts(cpu, op, &bit), bit, memory_order_relaxed);
	return true;
}

/* r unless the amount is 64 or more. */
static IrRef unless_64(Tr *t, const PpcOp *op, IrRef r, IrRef beyond)
{
	IrRef n = tr_gpr(t, op->RB), k64 = tr_k(t, 64);
	uint64_t bit;

	if (atomic_load_explicit(long_shifts(t->cpu, op, &bit), memory_order_relaxed) & bit)
		return ir_sel(t->ir, IR_TEST, n, k64, beyond, r);
	tr_redo_if(t, IR_TEST, n, k64);
	return r;
}

bool tr_sld(Tr *t, const PpcOp *op)
{
	IrRef r = ir_shl(t->ir, tr_gpr(t, op->RS), tr_gpr(t, op->RB));

	tr_put_gpr(t, op->RA, unless_64(t, op, r, tr_k(t, 0)));
	return true;
}

bool tr_srd(Tr *t, const PpcOp *op)
{
	IrRef r = ir_shr(t->ir, tr_gpr(t, op->RS), tr_gpr(t, op->RB));

	tr_put_gpr(t, op->RA, unless_64(t, op, r, tr_k(t, 0)));
	return true;
}

/* CA: a negative number lost ones.  n is 0 to 63. */
static bool shift_algebraic(Tr *t, const PpcOp *op, IrRef s, IrRef n)
{
	IrRef ca = ir_emit(t->ir, IR_SARCO, 0, s, n, 0, 0);

	tr_put_gpr(t, op->RA, ir_sar(t->ir, s, n));
	ir_put(t->ir, TR_CA, ca);
	ir_put(t->ir, TR_CA32, ca);
	return true;
}

bool tr_srawi(Tr *t, const PpcOp *op)
{
	return shift_algebraic(t, op, ir_sx32(t->ir, tr_gpr(t, op->RS)), tr_k(t, op->SH));
}

bool tr_sradi(Tr *t, const PpcOp *op)
{
	return shift_algebraic(t, op, tr_gpr(t, op->RS), tr_k(t, op->SH6));
}

bool tr_sraw(Tr *t, const PpcOp *op)
{
	IrRef n = ir_and(t->ir, tr_gpr(t, op->RB), tr_k(t, 63));

	return shift_algebraic(t, op, ir_sx32(t->ir, tr_gpr(t, op->RS)), n);
}

/* By 64 and more all is lost but the sign: as 0 or -1 shifted by 63. */
bool tr_srad(Tr *t, const PpcOp *op)
{
	IrRef s = tr_gpr(t, op->RS), b = tr_gpr(t, op->RB), k63 = tr_k(t, 63);
	IrRef n = unless_64(t, op, ir_and(t->ir, b, k63), k63);

	return shift_algebraic(t, op, unless_64(t, op, s, ir_sar(t->ir, s, k63)), n);
}
