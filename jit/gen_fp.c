/*
 * Floating point: scalar instructions of SSE2 and FMA3 (Intel SDM volume 2), in VEX form where the unit has AVX.
 *
 * Each result is looked at before anyone uses it: what does not say all (ir_fp_plain()) goes to a site in the cold code,
 * where C does the operation with operands that are still there, and comes back.
 *
 * A single or a double is in the lowest bits of a vector register; what is above them is nobody's.
 */
#include "base/log.h"
#include "jit/gen.h"
#include "jit/vec.h"

enum { XMM0 = X64_XMM0, XMM1 = X64_XMM0 + 1 };
enum { F = 0xf2, S = 0xf3 }; /* prefixes: of doubles, of singles */

static bool avx(const Gen *g)
{
	return g->ir->host & VEC_HOST_AVX;
}

static X64Simd plain(const Gen *g, uint8_t pp, uint8_t op)
{
	return (X64Simd){ .enc = avx(g) ? X64_VEX : X64_LEGACY, .pp = pp, .map = 1, .op = op };
}

static X64Simd wide(X64Simd s)
{
	s.w = 1;
	return s;
}

/* d = op rm; what the VEX form takes from another register is not looked at. */
static void emit(const Gen *g, X64Buf *b, X64Simd s, unsigned d, X64Rm rm)
{
	x64_simd(b, &s, d, avx(g) && s.pp != 0x66 && s.pp ? d : X64_NONE, rm);
}

/* The same for instructions that have one operand in both forms. */
static void emit_one(X64Buf *b, X64Simd s, unsigned d, X64Rm rm)
{
	x64_simd(b, &s, d, X64_NONE, rm);
}

static void copy(const Gen *g, X64Buf *b, unsigned d, unsigned from)
{
	if (d != from)
		emit_one(b, plain(g, 0, 0x28), d, xr(from)); /* MOVAPS */
}

/* d = a op rm, d not in rm. */
static void emit_two(const Gen *g, X64Buf *b, X64Simd s, unsigned d, unsigned a, X64Rm rm)
{
	if (avx(g)) {
		x64_simd(b, &s, d, a, rm);
		return;
	}
	copy(g, b, d, a);
	x64_simd(b, &s, d, X64_NONE, rm);
}

/* Bits of a double (64) or a single (32) in vector register x to reg, and back. */
static void bits_to(const Gen *g, X64Buf *b, bool is64, unsigned reg, unsigned x)
{
	X64Simd s = plain(g, 0x66, 0x7e);

	s.w = is64;
	emit_one(b, s, x, xr(reg));
}

static void bits_from(const Gen *g, X64Buf *b, bool is64, unsigned x, unsigned reg)
{
	X64Simd s = plain(g, 0x66, 0x6e);

	s.w = is64;
	emit_one(b, s, x, xr(reg));
}

/* ---- Results that say all, and others ---- */

/* A site of arithmetic; regs: of operands. */
static uint32_t site_of(Gen *g, unsigned d, const unsigned *regs, unsigned n)
{
	const IrIns *i = gen_ins(g);
	JitSite s = { .op = i->op, .reg = (uint8_t)d, .mem = i->imm };
	JitLoc *loc[3] = { &s.ea, &s.value, &s.third };

	for (unsigned k = 0; k < n; k++)
		*loc[k] = LOC(LOC_REG, regs[k]);
	g_array_append_val(g->sites, s);
	return g->sites->len - 1;
}

/* In the cold code: C, and back to here. */
static void ask_now(Gen *g, uint32_t site)
{
	X64Buf *b = &g->cold;

	gen_mov_address(g, b, X64_RAX, FIX_SITE, site);
	gen_fix(g, b, FIX_ARENA, x64_call(b), g->vectors ? g->j->thunks.slow_v : g->j->thunks.slow);
	gen_fix(g, b, FIX_HOT, x64_jmp(b), g->hot.n);
}

/* The jump at hot offset `at` leads to C and back to here. */
static void ask(Gen *g, uint32_t at, uint32_t site)
{
	gen_fix(g, &g->hot, FIX_COLD, at, g->cold.n);
	ask_now(g, site);
}

/* ZF: a number in register x is 0. */
static void is_zero(const Gen *g, X64Buf *b, bool is64, unsigned x)
{
	bits_to(g, b, is64, X64_RAX, x);
	x64_op(b, X64_ADD_RM, is64, X64_RAX, xr(X64_RAX));
}

/* The same, but a 0 that a zero among the n factors (or the dividend, the radicand) makes is exact. */
static void ask_unless_zero(Gen *g, uint32_t at, uint32_t site, bool is64, unsigned d,
			    const unsigned *factor, unsigned n)
{
	X64Buf *b = &g->cold;
	uint32_t other;

	if (!n) {
		ask(g, at, site);
		return;
	}
	gen_fix(g, &g->hot, FIX_COLD, at, b->n);
	is_zero(g, b, is64, d);
	other = x64_jcc8(b, X64_NE);
	for (unsigned k = 0; k < n; k++) {
		is_zero(g, b, is64, factor[k]);
		gen_fix(g, b, FIX_HOT, x64_jcc(b, X64_E), g->hot.n);
	}
	x64_here8(b, other);
	ask_now(g, site);
}

/* A jump that is taken when the result in d does not say all (ir_fp_plain()); sum: small ones do. */
static uint32_t check(Gen *g, bool is64, bool sum, unsigned d)
{
	X64Buf *b = &g->hot;
	int top = is64 ? 0x7ff : 0xff;

	bits_to(g, b, is64, X64_RAX, d);
	x64_op(b, X64_ADD_RM, is64, X64_RAX, xr(X64_RAX));
	x64_opi(b, X64_SHR_I, is64, 0, xr(X64_RAX), is64 ? 53 : 24);
	if (sum) {
		x64_opi(b, X64_CMP_I, 0, 0, xr(X64_RAX), top - 1);
		return x64_jcc(b, X64_AE);
	}
	x64_opi(b, X64_SUB_I, 0, 0, xr(X64_RAX), 2);
	x64_opi(b, X64_CMP_I, 0, 0, xr(X64_RAX), top - 4);
	return x64_jcc(b, X64_A);
}

/* Operands in registers, and one for the result which is none of them. */
static unsigned operands(Gen *g, unsigned n, unsigned *regs)
{
	uint32_t avoid = 0;

	for (unsigned k = 0; k < n; k++) {
		regs[k] = alloc_use(g, k);
		avoid |= 1u << regs[k];
	}
	alloc_step(g);
	return alloc_def(g, X64_NONE, avoid);
}

static void two(Gen *g, uint8_t pp, uint8_t opcode)
{
	unsigned r[2], d = operands(g, 2, r);
	uint32_t at;

	emit_two(g, &g->hot, plain(g, pp, opcode), d, r[0], xr(r[1]));
	at = check(g, pp == F, opcode == 0x58 || opcode == 0x5c, d);
	if (opcode == 0x58 || opcode == 0x5c)
		ask(g, at, site_of(g, d, r, 2));
	else
		ask_unless_zero(g, at, site_of(g, d, r, 2), pp == F, d, r, opcode == 0x59 ? 2 : 1);
}

static void root(Gen *g, uint8_t pp)
{
	unsigned r[1], d = operands(g, 1, r);

	emit_two(g, &g->hot, plain(g, pp, 0x51), d, r[0], xr(r[0]));
	ask_unless_zero(g, check(g, pp == F, false, d), site_of(g, d, r, 1), pp == F, d, r, 1);
}

/* VFMADD231 and its kin: c, in the result's place, is added. */
static void fused(Gen *g, bool is64, uint8_t opcode)
{
	unsigned r[3], d = operands(g, 3, r);
	X64Simd s = { .enc = X64_VEX, .pp = 0x66, .map = 2, .op = opcode, .w = is64 };
	uint32_t at;

	if ((g->ir->host & VEC_HOST_FMA) && avx(g)) {
		copy(g, &g->hot, d, r[2]);
		x64_simd(&g->hot, &s, d, r[0], xr(r[1]));
		at = check(g, is64, false, d);
		/* What the negated ones make of zeros has the other sign. */
		ask_unless_zero(g, at, site_of(g, d, r, 3), is64, d, r, opcode < 0xbd ? 2 : 0);
	} else {
		at = x64_jmp(&g->hot);
		ask(g, at, site_of(g, d, r, 3));
	}
}

/* ---- Conversions ---- */

static void clear(const Gen *g, X64Buf *b, unsigned d)
{
	X64Simd s = plain(g, 0, 0x57); /* XORPS: d does not wait for who had it before */

	x64_simd(b, &s, d, avx(g) ? d : X64_NONE, xr(d));
}

static void from_int(Gen *g, uint8_t pp)
{
	GenOpnd o = alloc_any(g, 0);
	unsigned d;

	if (o.is_k || o.size != 8) {
		gen_load(&g->hot, X64_RAX, &o);
		o.rm = xr(X64_RAX);
	}
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	clear(g, &g->hot, d);
	emit(g, &g->hot, wide(plain(g, pp, 0x2a)), d, o.rm);
}

/* Numbers from 2^63 on are asked for. */
static void from_unsigned(Gen *g, uint8_t pp)
{
	unsigned r = alloc_use(g, 0), d;
	uint32_t at;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	x64_op(&g->hot, X64_TEST_MR, 1, r, xr(r));
	at = x64_jcc(&g->hot, X64_S);
	clear(g, &g->hot, d);
	emit(g, &g->hot, wide(plain(g, pp, 0x2a)), d, xr(r));
	ask(g, at, site_of(g, d, &r, 1));
}

/* Negative numbers and those that are too large are seen before anything is converted. */
static void to_unsigned(Gen *g, bool is64)
{
	unsigned r = alloc_use(g, 0), d;
	uint32_t at;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	bits_to(g, &g->hot, true, X64_RAX, r);
	x64_opi(&g->hot, X64_SHR_I, 1, 0, xr(X64_RAX), 52);
	x64_opi(&g->hot, X64_CMP_I, 0, 0, xr(X64_RAX), is64 ? 1023 + 63 : 1023 + 32);
	at = x64_jcc(&g->hot, X64_AE);
	emit_one(&g->hot, wide(plain(g, F, 0x2c)), d, xr(r));
	ask(g, at, site_of(g, d, &r, 1));
}

/* ROUNDSD; how: 1 down, 2 up, 3 towards 0, 4 as MXCSR says; 8: without a word about inexact. */
static void rounded(const Gen *g, X64Buf *b, unsigned d, unsigned from, unsigned how)
{
	X64Simd s = plain(g, 0x66, 0x0b);

	s.map = 3;
	s.has_imm = true;
	s.imm = (uint8_t)how;
	emit_two(g, b, s, d, d, xr(from));
}

/*
 * Halves away from 0: what is cut off, twice, is 1 or more where that is a half; all is exact.  Zeros come out with
 * any sign: it is the operand's.
 */
static void to_nearest(const Gen *g, X64Buf *b, unsigned d, unsigned from)
{
	rounded(g, b, d, from, 8 | 3);
	copy(g, b, XMM0, from);
	emit_two(g, b, plain(g, F, 0x5c), XMM0, XMM0, xr(d));
	emit_two(g, b, plain(g, F, 0x58), XMM0, XMM0, xr(XMM0));
	rounded(g, b, XMM0, XMM0, 8 | 3);
	emit_two(g, b, plain(g, F, 0x58), d, d, xr(XMM0));
	x64_mov_k(b, X64_RAX, BIT64(0));
	bits_from(g, b, true, XMM1, X64_RAX);
	copy(g, b, XMM0, XMM1);
	emit_two(g, b, plain(g, 0, 0x54), XMM0, XMM0, xr(from)); /* ANDPS */
	emit_two(g, b, plain(g, 0, 0x55), XMM1, XMM1, xr(d));	 /* ANDNPS */
	copy(g, b, d, XMM1);
	emit_two(g, b, plain(g, 0, 0x56), d, d, xr(XMM0)); /* ORPS */
}

static void to_whole(Gen *g)
{
	unsigned r[1], d = operands(g, 1, r), how = gen_ins(g)->imm;

	clear(g, &g->hot, d);
	if (how == 4)
		to_nearest(g, &g->hot, d, r[0]);
	else
		rounded(g, &g->hot, d, r[0], how == 5 ? 4 : 8 | how);
	ask(g, check(g, true, true, d), site_of(g, d, r, 1));
}

static void to_int(Gen *g, bool is64)
{
	unsigned r = alloc_use(g, 0), d;
	X64Simd s = plain(g, F, gen_ins(g)->imm ? 0x2d : 0x2c);
	uint32_t at;

	s.w = is64;
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	emit_one(&g->hot, s, d, xr(r));
	/* Of the most negative number alone 1 cannot be taken. */
	x64_opi(&g->hot, X64_CMP_I, is64, 0, xr(d), 1);
	at = x64_jcc(&g->hot, X64_O);
	if (!is64)
		x64_op(&g->hot, X64_MOVSXD, 1, d, xr(d));
	ask(g, at, site_of(g, d, &r, 1));
}

static void round_to_single(Gen *g)
{
	unsigned r[1], d = operands(g, 1, r);

	clear(g, &g->hot, d);
	emit(g, &g->hot, plain(g, F, 0x5a), d, xr(r[0]));
	ask(g, check(g, false, false, d), site_of(g, d, r, 1));
}

/* A double that is 0 or normal as a single; others leave. */
static void as_single(Gen *g)
{
	unsigned a = alloc_use(g, 0), d;
	X64Buf *b = &g->hot;
	uint32_t zero, redo = g->cold.n;

	gen_redo(g);
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 1u << a);
	bits_to(g, b, true, X64_RAX, a);
	x64_opi(b, X64_TEST_I, 0, 0, xr(X64_RAX), 0x1fffffff);
	gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_NE), redo);
	x64_op(b, X64_ADD_RM, 1, X64_RAX, xr(X64_RAX));
	zero = x64_jcc8(b, X64_E);
	x64_opi(b, X64_SHR_I, 1, 0, xr(X64_RAX), 53);
	x64_opi(b, X64_SUB_I, 0, 0, xr(X64_RAX), 897);
	x64_opi(b, X64_CMP_I, 0, 0, xr(X64_RAX), 1150 - 897);
	gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_A), redo);
	x64_here8(b, zero);
	clear(g, b, d);
	emit(g, b, plain(g, F, 0x5a), d, xr(a));
}

static void widen(const Gen *g, X64Buf *b, unsigned d, X64Rm from)
{
	clear(g, b, d);
	emit(g, b, plain(g, S, 0x5a), d, from);
}

/* ---- Moves ---- */

static void upper(const Gen *g, X64Buf *b, unsigned d, unsigned from)
{
	X64Simd slldq = plain(g, 0x66, 0x73);

	slldq.has_imm = true;
	slldq.imm = 8;
	if (!avx(g))
		copy(g, b, d, from);
	x64_simd(b, &slldq, 7, d, avx(g) ? xr(from) : xr(d));
}

/* A V of a F or S. */
static void to_vector(Gen *g, bool single)
{
	unsigned a = alloc_use(g, 0), d;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, single ? 1u << a : 0);
	if (single) {
		widen(g, &g->hot, d, xr(a));
		a = d;
	}
	upper(g, &g->hot, d, a);
}

static void from_vector(Gen *g)
{
	IrRef r = alloc_operand(g, g->at, 0);
	X64Buf *b = &g->hot;
	unsigned a, d;
	X64Rm from;

	if (g->val[r].reg == X64_NONE && g->ir->ins[r].op != IR_KV && !gen_chance(g, 2)) {
		from = alloc_where(g, r).rm;
		from.disp += 8;
		alloc_step(g);
		d = alloc_def(g, X64_NONE, 0);
		emit_one(b, plain(g, S, 0x7e), d, from); /* MOVQ */
		return;
	}
	a = alloc_use(g, 0);
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 1u << a);
	/* UNPCKHPD */
	emit_two(g, b, plain(g, 0x66, 0x15), d, a, xr(a));
}

static void as_bits(Gen *g, bool is64)
{
	IrRef r = alloc_operand(g, g->at, 0);
	X64Rm from;
	unsigned a;

	if (g->val[r].reg == X64_NONE && !gen_chance(g, 2)) {
		from = alloc_where(g, r).rm;
		alloc_step(g);
		x64_op(&g->hot, X64_MOV_RM, is64, alloc_def(g, X64_NONE, 0), from);
		return;
	}
	a = alloc_use(g, 0);
	alloc_step(g);
	bits_to(g, &g->hot, is64, alloc_def(g, X64_NONE, 0), a);
}

static void of_bits(Gen *g, bool is64)
{
	GenOpnd o = alloc_any(g, 0);
	unsigned d;

	if (o.is_k || o.rm.mem) {
		gen_load(&g->hot, X64_RAX, &o);
		o.rm = xr(X64_RAX);
	}
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	bits_from(g, &g->hot, is64, d, o.rm.reg);
}

static void single_to_double(Gen *g)
{
	unsigned a = alloc_use(g, 0), d;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, 1u << a);
	widen(g, &g->hot, d, xr(a));
}

/* Sign bits: XORPS with or ANDPS of a mask. */
static void signs(Gen *g, bool is64, bool negate)
{
	unsigned a = alloc_use(g, 0), d;
	uint64_t sign = is64 ? BIT64(0) : 0x80000000;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	x64_mov_k(&g->hot, X64_RAX, negate ? sign : sign - 1);
	bits_from(g, &g->hot, true, XMM1, X64_RAX);
	emit_two(g, &g->hot, plain(g, 0, negate ? 0x57 : 0x54), d, a, xr(XMM1));
}

/* ---- Comparisons ---- */

/* Flags of a compared with b (b with a); unordered: ZF, PF and CF. */
static void compare(const Gen *g, X64Buf *b, bool is64, unsigned x, unsigned y)
{
	emit_one(b, plain(g, is64 ? 0x66 : 0, 0x2e), x, xr(y)); /* UCOMISD, UCOMISS */
}

/* Relations (8, 4, 2, 1) that are a condition after a comparison, perhaps the other way round. */
static const struct {
	uint8_t swap, cc;
} relations[16] = {
	[1] = { 0, X64_P },   [3] = { 0, X64_E },   [4] = { 0, X64_A },	  [5] = { 1, X64_B },
	[6] = { 0, X64_AE },  [7] = { 1, X64_BE },  [8] = { 1, X64_A },	  [9] = { 0, X64_B },
	[10] = { 1, X64_AE }, [11] = { 0, X64_BE }, [12] = { 0, X64_NE }, [14] = { 0, X64_NP },
};

static bool is_double(unsigned op)
{
	return op == IR_FCMP || op == IR_FSET;
}

/* Operands of a comparison, and then its flags. */
static void compare_for(Gen *g, unsigned mask)
{
	bool is64 = is_double(gen_ins(g)->op);
	unsigned x = alloc_use(g, 0), y = alloc_use(g, 1);

	if (relations[mask].swap)
		compare(g, &g->hot, is64, y, x);
	else
		compare(g, &g->hot, is64, x, y);
	alloc_step(g);
}

/* Is it an exit at once that looks at it alone? */
static bool fuses(const Gen *g)
{
	unsigned n = g->at + 1;
	const IrIns *i;
	uint64_t k;

	while (gen_idle(g, n))
		n++;
	i = &g->ir->ins[n];
	return i->op == IR_EXIT && i->a == g->at && g->val[g->at].uses == 1 &&
	       ((i->imm & 15) == IR_NE || (i->imm & 15) == IR_EQ) && gen_is_k(g, i->b, &k) && !k;
}

/* Which relations the exit that follows asks for. */
static unsigned asked(const Gen *g, unsigned exit, unsigned set)
{
	unsigned mask = g->ir->ins[set].imm;

	return (g->ir->ins[exit].imm & 15) == IR_NE ? mask : 15 & ~mask;
}

static void set(Gen *g)
{
	unsigned mask = gen_ins(g)->imm & 15, n = g->at + 1, d;
	X64Buf *b = &g->hot;

	if (fuses(g)) {
		while (gen_idle(g, n))
			n++;
		compare_for(g, asked(g, n, g->at));
		g->fused = (IrRef)g->at;
		return;
	}
	compare_for(g, mask);
	d = alloc_def(g, X64_NONE, 0);
	if (mask == 0 || mask == 15) {
		x64_mov_k(b, d, mask == 15);
		return;
	}
	if (mask == 2 || mask == 13) {
		x64_setcc(b, mask == 2 ? X64_NP : X64_P, xr(X64_RAX));
		x64_setcc(b, mask == 2 ? X64_E : X64_NE, xr(X64_RCX));
		x64_op(b, mask == 2 ? X64_AND_RM : X64_OR_RM, 0, X64_RAX, xr(X64_RCX));
	} else {
		x64_setcc(b, relations[mask].cc, xr(X64_RAX));
	}
	x64_op(b, X64_MOVZX8, 0, d, xr(X64_RAX));
}

bool gen_fp_exit(Gen *g)
{
	const IrIns *i = gen_ins(g);
	X64Buf *b = &g->hot;
	unsigned mask;
	uint32_t over;

	if (!g->fused || g->fused != i->a)
		return false;
	mask = asked(g, g->at, i->a);
	g->fused = IR_NONE;
	if (mask == 15) {
		gen_fix(g, b, FIX_COLD, x64_jmp(b), g->cold.n);
	} else if (mask == 2) {
		over = x64_jcc8(b, X64_P);
		gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_E), g->cold.n);
		x64_here8(b, over);
	} else if (mask == 13) {
		gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_P), g->cold.n);
		gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_NE), g->cold.n);
	} else if (mask) {
		gen_fix(g, b, FIX_COLD, x64_jcc(b, relations[mask].cc), g->cold.n);
	}
	return true;
}

/* d = 1, 8, 4 or 2 by flags; no instruction here changes them. */
static void relation(X64Buf *b, unsigned d)
{
	uint32_t done[3];

	x64_mov_k(b, d, 1);
	done[0] = x64_jcc8(b, X64_P);
	x64_mov_k(b, d, 8);
	done[1] = x64_jcc8(b, X64_B);
	x64_mov_k(b, d, 4);
	done[2] = x64_jcc8(b, X64_A);
	x64_mov_k(b, d, 2);
	for (unsigned n = 0; n < 3; n++)
		x64_here8(b, done[n]);
}

/* ---- What exits compute ---- */

/* An F or S from where it is: in a register, scratch if need be. */
static unsigned somewhere(Gen *g, X64Buf *b, bool is64, unsigned scratch, IrRef r)
{
	GenOpnd o = alloc_where(g, r);

	if (!o.rm.mem)
		return o.rm.reg;
	x64_op(b, X64_MOV_RM, is64, X64_RAX, o.rm);
	bits_from(g, b, is64, scratch, X64_RAX);
	return scratch;
}

void gen_fp_store(const Gen *g, X64Buf *b, X64Rm to, unsigned reg)
{
	emit_one(b, plain(g, 0x66, 0xd6), reg, to); /* MOVQ */
}

void gen_fp_sunk(Gen *g, X64Buf *b, const IrIns *i)
{
	bool is64 = is_double(i->op);
	unsigned x, y;

	switch (i->op) {
	case IR_FCMP:
	case IR_SCMP:
		x = somewhere(g, b, is64, XMM0, i->a);
		y = somewhere(g, b, is64, XMM1, i->b);
		compare(g, b, is64, x, y);
		relation(b, X64_RAX);
		break;
	case IR_S2F:
	case IR_STOV:
		x = somewhere(g, b, false, XMM1, i->a);
		widen(g, b, XMM0, xr(x));
		bits_to(g, b, true, X64_RAX, XMM0);
		break;
	case IR_FTOV:
		x = somewhere(g, b, true, XMM0, i->a);
		bits_to(g, b, true, X64_RAX, x);
		break;
	default: bug("jit: operation %u cannot be sunk", i->op);
	}
}

void gen_fp_put_sunk(Gen *g, X64Buf *b, unsigned slot, const IrIns *i)
{
	X64Rm low = gen_slot(g, slot), high = low;
	GenOpnd lo = { .is_k = true, .size = 8 }, hi;

	high.disp += 8;
	if (i->op == IR_ITOV) {
		hi = alloc_where(g, i->a);
		lo = alloc_where(g, i->b);
		gen_load(b, X64_RAX, &hi);
	} else {
		gen_fp_sunk(g, b, i);
	}
	x64_op(b, X64_MOV_MR, 1, X64_RAX, high);
	if (lo.is_k && x64_fits32(lo.k)) {
		x64_opi(b, X64_MOV_I, 1, 0, low, (int64_t)lo.k);
		return;
	}
	gen_load(b, X64_RAX, &lo);
	x64_op(b, X64_MOV_MR, 1, X64_RAX, low);
}

/* ---- All of them ---- */

static bool arithmetic(Gen *g, unsigned op)
{
	/* ADD SUB MUL DIV; the fused ones in the order MADD MSUB NMADD NMSUB, whose product alone is negated here. */
	static const uint8_t twos[] = { 0x58, 0x5c, 0x59, 0x5e };
	static const uint8_t threes[] = { 0xb9, 0xbb, 0xbf, 0xbd };

	if (op >= IR_FADD && op <= IR_FDIV)
		two(g, F, twos[op - IR_FADD]);
	else if (op >= IR_SADD && op <= IR_SDIV)
		two(g, S, twos[op - IR_SADD]);
	else if (op >= IR_FMADD && op <= IR_FNMSUB)
		fused(g, true, threes[op - IR_FMADD]);
	else if (op >= IR_SMADD && op <= IR_SNMSUB)
		fused(g, false, threes[op - IR_SMADD]);
	else
		return false;
	return true;
}

bool gen_fp(Gen *g)
{
	unsigned op = gen_ins(g)->op;

	switch (op) {
	case IR_FTOV: to_vector(g, false); break;
	case IR_STOV: to_vector(g, true); break;
	case IR_VTOF: from_vector(g); break;
	case IR_FTOI: as_bits(g, true); break;
	case IR_STOI: as_bits(g, false); break;
	case IR_ITOF: of_bits(g, true); break;
	case IR_ITOS: of_bits(g, false); break;
	case IR_S2F: single_to_double(g); break;
	case IR_FNEG: signs(g, true, true); break;
	case IR_FABS: signs(g, true, false); break;
	case IR_SNEG: signs(g, false, true); break;
	case IR_SABS: signs(g, false, false); break;
	case IR_FCMP:
	case IR_SCMP:
		compare_for(g, 4);
		relation(&g->hot, alloc_def(g, X64_NONE, 0));
		break;
	case IR_FSET:
	case IR_SSET: set(g); break;
	case IR_FTOS: as_single(g); break;
	case IR_FSQRT: root(g, F); break;
	case IR_SSQRT: root(g, S); break;
	case IR_FRSP: round_to_single(g); break;
	case IR_ICVTF: from_int(g, F); break;
	case IR_ICVTS: from_int(g, S); break;
	case IR_UCVTF: from_unsigned(g, F); break;
	case IR_UCVTS: from_unsigned(g, S); break;
	case IR_FRINT: to_whole(g); break;
	case IR_FCVTU: to_unsigned(g, true); break;
	case IR_FCVTU32: to_unsigned(g, false); break;
	case IR_FCVTI: to_int(g, true); break;
	case IR_FCVTI32: to_int(g, false); break;
	default: return arithmetic(g, op);
	}
	return true;
}
