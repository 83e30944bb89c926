/*
 * Vectors: operations of vec.def by their encodings, in VEX form wherever the unit may use AVX
 * (never both kinds, so that no upper halves have to be kept), and what connects them with integers.
 *
 * xmm0 and xmm1 belong to the operation under way.  Constants stand behind the hot code.
 */
#include "base/log.h"
#include "jit/gen.h"
#include "jit/vec.h"

enum { XMM0 = X64_XMM0, XMM1 = X64_XMM0 + 1 };

static bool avx(const Gen *g)
{
	return g->ir->host & VEC_HOST_AVX;
}

/* An instruction that vec.def does not list. */
static X64Simd plain(const Gen *g, uint8_t pp, uint8_t map, uint8_t op)
{
	return (X64Simd){ .enc = avx(g) ? X64_VEX : X64_LEGACY, .pp = pp, .map = map, .op = op };
}

static X64Simd with_imm(X64Simd s, unsigned imm)
{
	s.has_imm = true;
	s.imm = (uint8_t)imm;
	return s;
}

/* d = a op rm, where the legacy form has d for a. */
static void emit2(const Gen *g, X64Buf *b, X64Simd s, unsigned d, unsigned a, X64Rm rm)
{
	X64Simd move = plain(g, 0, 1, 0x28); /* MOVAPS */

	if (s.enc != X64_LEGACY) {
		x64_simd(b, &s, d, a, rm);
		return;
	}
	if (d != a) {
		if (!rm.mem && rm.reg == d) {
			x64_simd(b, &move, XMM1, X64_NONE, rm);
			rm = xr(XMM1);
		}
		x64_simd(b, &move, d, X64_NONE, xr(a));
	}
	x64_simd(b, &s, d, X64_NONE, rm);
}

static void emit1(X64Buf *b, X64Simd s, unsigned d, X64Rm rm)
{
	x64_simd(b, &s, d, X64_NONE, rm);
}

static void move(const Gen *g, X64Buf *b, unsigned d, unsigned from)
{
	if (d != from)
		emit1(b, plain(g, 0, 1, 0x28), d, xr(from));
}

/* ---- Constants ---- */

/* An operand in the pool; to be followed by pool_ref() when the instruction is complete. */
static X64Rm pool_rm(void)
{
	return xm(X64_RIP, 0);
}

/* The instruction that ends here, with `after` bytes behind its displacement, has constant r. */
static void pool_ref(Gen *g, const X64Buf *b, IrRef r, unsigned after)
{
	gen_fix(g, b, FIX_KV, b->n - 4 - after, g->ir->ins[r].imm << 8 | after);
}

void gen_vec_k(Gen *g, X64Buf *b, unsigned reg, IrRef r)
{
	u128 k = g->ir->kv[g->ir->ins[r].imm];

	if (!k) {
		emit2(g, b, plain(g, 0, 1, 0x57), reg, reg, xr(reg)); /* XORPS */
	} else if (!~k) {
		emit2(g, b, plain(g, 0x66, 1, 0x76), reg, reg, xr(reg)); /* PCMPEQD */
	} else {
		emit1(b, plain(g, 0, 1, 0x28), reg, pool_rm());
		pool_ref(g, b, r, 0);
	}
}

void gen_vec_pool(Gen *g)
{
	uint32_t at[ARRAY_LEN(g->ir->kv)] = { 0 };

	for (unsigned i = 0; i < g->fixes->len; i++) {
		GenFix *f = &g_array_index(g->fixes, GenFix, i);
		unsigned n = f->to >> 8;

		if (f->kind != FIX_KV)
			continue;
		if (!at[n]) {
			x64_bytes(&g->hot, 0, -g->hot.n & 15);
			at[n] = g->hot.n;
			x64_bytes(&g->hot, (uint64_t)g->ir->kv[n], 8);
			x64_bytes(&g->hot, (uint64_t)(g->ir->kv[n] >> 64), 8);
		}
		f->kind = FIX_HOT;
		f->to = at[n] - (f->to & 255);
	}
}

/* ---- Operands ---- */

void gen_vec_load_rm(X64Buf *b, unsigned reg, X64Rm rm)
{
	x64_op(b, X64_MOVUPS_RM, 0, reg, rm);
}

void gen_vec_store_rm(X64Buf *b, unsigned reg, X64Rm rm)
{
	x64_op(b, X64_MOVUPS_MR, 0, reg, rm);
}

void gen_vec_load(Gen *g, X64Buf *b, unsigned reg, IrRef r)
{
	if (g->ir->ins[r].op == IR_KV)
		gen_vec_k(g, b, reg, r);
	else
		gen_vec_load_rm(b, reg, alloc_where(g, r).rm);
}

/* An operand that may be in memory: kv is the constant it is, if it comes from the pool. */
typedef struct VecOpnd {
	X64Rm rm;
	IrRef kv;
} VecOpnd;

static VecOpnd any(Gen *g, unsigned k)
{
	IrRef r = alloc_operand(g, g->at, k);
	u128 v;

	if (g->val[r].reg == X64_NONE && ir_is_kv(g->ir, r, &v) && v && ~v)
		return (VecOpnd){ .rm = pool_rm(), .kv = r };
	/* Legacy instructions want their operands aligned. */
	if (avx(g) && g->ir->ins[r].op != IR_KV)
		return (VecOpnd){ .rm = alloc_any(g, k).rm };
	return (VecOpnd){ .rm = xr(alloc_use(g, k)) };
}

/* The instruction has been emitted. */
static void used(Gen *g, const VecOpnd *o, unsigned after)
{
	if (o->kv)
		pool_ref(g, &g->hot, o->kv, after);
}

static unsigned hint(const Gen *g, unsigned k, unsigned reg)
{
	return alloc_dies(g, k) ? reg : X64_NONE;
}

/* ---- Operations of vec.def ---- */

static X64Simd simd_of(const Gen *g, const VecInfo *o, unsigned imm)
{
	const unsigned only_evex = VEC_HOST_AVX512 | VEC_HOST_VBMI | VEC_HOST_BITALG |
				   VEC_HOST_POPCNT | VEC_HOST_CD;
	bool has_imm = o->form == VEC_FORM_RRI || o->form == VEC_FORM_RI ||
		       o->form == VEC_FORM_GI || o->form == VEC_FORM_ACCI;
	X64Simd s = plain(g, o->prefix, o->map, o->opcode);

	if (o->needs & only_evex)
		s.enc = X64_EVEX;
	if (o->form == VEC_FORM_GI)
		s.w = o->extra >> 3;
	else if (s.enc != X64_LEGACY && o->form != VEC_FORM_SEL)
		s.w = o->extra;
	return has_imm ? with_imm(s, imm) : s;
}

static void two(Gen *g, X64Simd s)
{
	unsigned a = alloc_use(g, 0), d;
	VecOpnd b = any(g, 1);

	alloc_step(g);
	d = alloc_def(g, hint(g, 0, a), 0);
	emit2(g, &g->hot, s, d, a, b.rm);
	used(g, &b, s.has_imm);
}

static void one(Gen *g, X64Simd s)
{
	VecOpnd a = any(g, 0);
	unsigned d;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	emit1(&g->hot, s, d, a.rm);
	used(g, &a, s.has_imm);
}

/* The result's register is in the prefix, or the source's as well. */
static void shift(Gen *g, X64Simd s, unsigned digit)
{
	unsigned a = alloc_use(g, 0), d;

	alloc_step(g);
	d = alloc_def(g, hint(g, 0, a), 0);
	if (s.enc == X64_LEGACY)
		move(g, &g->hot, d, a);
	x64_simd(&g->hot, &s, digit, d, s.enc == X64_LEGACY ? xr(d) : xr(a));
}

static void choose(Gen *g, const VecInfo *o, X64Simd s)
{
	unsigned a = alloc_use(g, 0), c = alloc_use(g, 2), b = alloc_use(g, 1), d;
	X64Buf *buf = &g->hot;

	alloc_step(g);
	d = alloc_def(g, hint(g, 0, a), 0);
	if (s.enc == X64_LEGACY) {
		move(g, buf, XMM0, c);
		emit2(g, buf, s, d, a, xr(b));
		return;
	}
	s = with_imm(s, (c & 15) << 4);
	s.map = 3;
	s.op = o->extra;
	x64_simd(buf, &s, d, a, xr(b));
}

/* The result takes the place of c. */
static void accumulate(Gen *g, X64Simd s)
{
	unsigned c = alloc_use(g, 2), a = alloc_use(g, 0), d, r;
	VecOpnd b = any(g, 1);
	bool clash;

	alloc_step(g);
	d = alloc_def(g, hint(g, 2, c), 0);
	clash = d != c && (d == a || (!b.rm.mem && d == b.rm.reg));
	r = clash ? XMM0 : d;
	move(g, &g->hot, r, c);
	x64_simd(&g->hot, &s, r, a, b.rm);
	used(g, &b, s.has_imm);
	move(g, &g->hot, d, r);
}

static void vop(Gen *g)
{
	uint32_t imm = gen_ins(g)->imm;
	const VecInfo *o = &vec_ops[imm & 255];
	X64Simd s = simd_of(g, o, imm >> 8);

	switch ((VecForm)o->form) {
	case VEC_FORM_RR:
	case VEC_FORM_RRI: two(g, s); break;
	case VEC_FORM_R:
	case VEC_FORM_RI: one(g, s); break;
	case VEC_FORM_GI: shift(g, s, o->extra & 7); break;
	case VEC_FORM_SEL: choose(g, o, s); break;
	default: accumulate(g, s); break;
	}
}

/* ---- Arithmetic whose result is looked at ---- */

/* reg = reg op the constant k, which the builder has put into the pool. */
static void with_k(Gen *g, X64Buf *b, X64Simd s, unsigned reg, u128 k)
{
	unsigned n = 0, after = s.has_imm;

	while (n < g->ir->nkv && g->ir->kv[n] != k)
		n++;
	if (n == g->ir->nkv)
		bug("jit: a constant is not in the pool");
	emit2(g, b, s, reg, reg, pool_rm());
	gen_fix(g, b, FIX_KV, b->n - 4 - after, n << 8 | after);
}

static void look_step(Gen *g, VecOp op, u128 k)
{
	with_k(g, &g->hot, simd_of(g, &vec_ops[op], 0), XMM1, k);
}

/* CMPPS, CMPPD. */
static X64Simd comparison(const Gen *g, uint32_t imm, unsigned how)
{
	return with_imm(plain(g, imm & VEC_PLAIN_DOUBLE ? 0x66 : 0, 1, 0xc2), how);
}

/* ZF is 0 when what xmm0 holds is not plain, xmm1 says where; false: it always is. */
static bool look(Gen *g, uint32_t imm, const unsigned reg[3])
{
	VecPlain p;

	if (vec_plain_of(imm, &p)) {
		move(g, &g->hot, XMM1, XMM0);
		if (~p.mask)
			look_step(g, VEC_AND, p.mask);
		if (p.bias)
			look_step(g, VEC_ADDW, p.bias);
		look_step(g, p.op, p.limit);
	} else if ((imm & VEC_PLAIN_KIND) == VEC_PLAIN_NUMBER) {
		emit2(g, &g->hot, comparison(g, imm, 3), XMM1, XMM0, xr(XMM0));
	} else if ((imm & VEC_PLAIN_KIND) == VEC_PLAIN_ORDERED) {
		emit2(g, &g->hot, comparison(g, imm, 3), XMM1, reg[0], xr(reg[1]));
	} else {
		return false;
	}
	emit1(&g->hot, plain(g, 0x66, 2, 0x17), XMM1, xr(XMM1)); /* PTEST */
	return true;
}

/* The same of FLUSHED; xmm0 is lost. */
static void look_flushed(Gen *g, uint32_t imm)
{
	const VecInfo *and_ = &vec_ops[VEC_AND], *equal = &vec_ops[VEC_EQW];
	X64Buf *b = &g->hot;

	emit2(g, b, comparison(g, imm, 3), XMM1, XMM0, xr(XMM0));
	with_k(g, b, simd_of(g, and_, 0), XMM0, VEC_MAGNITUDES);
	with_k(g, b, simd_of(g, equal, 0), XMM0, VEC_SMALLEST);
	emit2(g, b, plain(g, 0x66, 1, 0xeb), XMM1, XMM1, xr(XMM0)); /* POR */
	emit1(b, plain(g, 0x66, 2, 0x17), XMM1, xr(XMM1));	    /* PTEST */
}

/* In cold code: where the product and a factor are 0, all is well.  d, the result's register, holds nothing yet. */
static void look_again(Gen *g, uint32_t imm, const unsigned reg[3], unsigned d, uint32_t back)
{
	X64Simd both = plain(g, 0x66, 1, 0xeb), and_ = plain(g, 0x66, 1, 0xdb); /* POR, PAND */
	X64Buf *b = &g->cold;

	for (unsigned k = 0; k < 2; k++) {
		emit2(g, b, both, d, XMM0, xr(reg[k]));
		with_k(g, b, comparison(g, imm, 4), d, 0);
		emit2(g, b, and_, XMM1, XMM1, xr(d));
	}
	emit1(b, plain(g, 0x66, 2, 0x17), XMM1, xr(XMM1)); /* PTEST */
	gen_fix(g, b, FIX_HOT, x64_jcc(b, X64_E), back);
}

static JitLoc operand_loc(Gen *g, IrRef r)
{
	return r ? gen_loc(g, r) : LOC(LOC_KS, 0);
}

/* xmm0 = the operation; operands stay where they are. */
static void compute(Gen *g, const VecInfo *o, X64Simd s, const unsigned reg[3])
{
	static const X64Simd vzeroupper = { .enc = X64_VEX, .map = 1, .op = 0x77 };
	X64Buf *b = &g->hot;

	if (o->form == VEC_FORM_R || o->form == VEC_FORM_RI) {
		emit1(b, s, XMM0, xr(reg[0]));
	} else if (o->form == VEC_FORM_ACC) {
		move(g, b, XMM0, reg[2]);
		x64_simd(b, &s, XMM0, reg[0], xr(reg[1]));
	} else {
		emit2(g, b, s, XMM0, reg[0], xr(reg[1]));
	}
	/* Rounding to nearest without exceptions goes with 512 bits alone. */
	if (s.sae)
		x64_simd_bare(b, &vzeroupper);
}

/* STMXCSR to (LDMXCSR from) a word below the stack pointer, which nobody changes in between. */
static void mxcsr(X64Buf *b, bool load, int at)
{
	x64_bytes(b, 0x2400ae0f | (load ? 0x540000 : 0x5c0000), 4);
	x64_bytes(b, (uint8_t)at, 1);
}

enum { BEFORE = -8, AFTER = -4 };

/* It notes that it was inexact: that is taken back, which is dear, where it was not noted before. */
static void compute_quietly(Gen *g, const VecInfo *o, X64Simd s, const unsigned reg[3])
{
	X64Buf *b = &g->hot;

	mxcsr(b, false, BEFORE);
	compute(g, o, s, reg);
	mxcsr(b, false, AFTER);
	x64_op(b, X64_MOV_RM, 0, X64_RAX, xm(X64_RSP, AFTER));
	x64_op(b, X64_XOR_RM, 0, X64_RAX, xm(X64_RSP, BEFORE));
	x64_opi(b, X64_TEST_I, 0, 0, xr(X64_RAX), 0x20); /* PE */
	gen_fix(g, b, FIX_COLD, x64_jcc(b, X64_NE), g->cold.n);
	mxcsr(&g->cold, true, BEFORE);
	gen_fix(g, &g->cold, FIX_HOT, x64_jmp(&g->cold), b->n);
}

static void vfp(Gen *g)
{
	const IrIns *i = gen_ins(g);
	const VecInfo *o = &vec_ops[i->imm & 255];
	X64Simd s = simd_of(g, o, i->imm >> 8 & 255);
	JitSite site = { .op = i->op, .mem = i->imm };
	unsigned reg[3] = { 0 }, d;
	bool flushed = (i->imm & VEC_PLAIN_KIND) == VEC_PLAIN_FLUSHED;
	uint32_t miss = 0, avoid = 0, back;

	for (unsigned k = 0; k < o->operands; k++) {
		reg[k] = alloc_use(g, k);
		avoid |= 1u << reg[k];
	}
	site.ea = operand_loc(g, i->a);
	site.value = operand_loc(g, i->b);
	site.third = operand_loc(g, i->c);
	if ((i->imm & VEC_PLAIN_QUIET) && (g->ir->host & VEC_HOST_AVX512)) {
		s.enc = X64_EVEX;
		s.sae = true;
		s.w = (i->imm & VEC_PLAIN_DOUBLE) != 0;
	}
	if ((i->imm & VEC_PLAIN_QUIET) && !s.sae)
		compute_quietly(g, o, s, reg);
	else
		compute(g, o, s, reg);
	alloc_step(g);
	d = alloc_def(g, X64_NONE, flushed || vec_is_product(i->imm) ? avoid : 0);
	if (flushed) {
		move(g, &g->hot, d, XMM0);
		look_flushed(g, i->imm);
		miss = x64_jcc(&g->hot, X64_NE);
	} else if (look(g, i->imm, reg)) {
		miss = x64_jcc(&g->hot, X64_NE);
	}
	back = g->hot.n;
	if (!flushed)
		move(g, &g->hot, d, XMM0);
	if (!miss)
		return;
	site.reg = (uint8_t)d;
	g_array_append_val(g->sites, site);
	gen_fix(g, &g->hot, FIX_COLD, miss, g->cold.n);
	if (vec_is_product(i->imm))
		look_again(g, i->imm, reg, d, back);
	gen_mov_address(g, &g->cold, X64_RAX, FIX_SITE, g->sites->len - 1);
	gen_fix(g, &g->cold, FIX_ARENA, x64_call(&g->cold), g->j->thunks.slow_v);
	gen_fix(g, &g->cold, FIX_HOT, x64_jmp(&g->cold), g->hot.n);
}

/* ---- Between vectors and integers ---- */

static void movq_to(const Gen *g, X64Buf *b, unsigned d, X64Rm from)
{
	X64Simd s = plain(g, 0x66, 1, 0x6e);

	if (from.mem) {
		emit1(b, plain(g, 0xf3, 1, 0x7e), d, from);
		return;
	}
	s.w = 1;
	emit1(b, s, d, from);
}

/* d = integer operand k, zeros above. */
static void low_from(Gen *g, const GenOpnd *o, unsigned d)
{
	X64Buf *b = &g->hot;

	if (!o->is_k && o->size == 8) {
		movq_to(g, b, d, o->rm);
		return;
	}
	gen_load(b, X64_RAX, o);
	movq_to(g, b, d, xr(X64_RAX));
}

static void from_ints(Gen *g)
{
	const IrIns *i = gen_ins(g);
	GenOpnd hi = alloc_any(g, 0), lo = alloc_any(g, 1);
	X64Simd pinsrq = with_imm(plain(g, 0x66, 3, 0x22), 1);
	X64Simd slldq = with_imm(plain(g, 0x66, 1, 0x73), 8);
	X64Buf *b = &g->hot;
	unsigned d;

	pinsrq.w = 1;
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	if (lo.is_k && !lo.k) {
		low_from(g, &hi, XMM0);
		if (!avx(g))
			move(g, b, d, XMM0);
		x64_simd(b, &slldq, 7, d, avx(g) ? xr(XMM0) : xr(d));
		return;
	}
	low_from(g, &lo, d);
	if (hi.is_k && !hi.k)
		return;
	if (i->a == i->b) {
		emit2(g, b, plain(g, 0x66, 1, 0x6c), d, d, xr(d)); /* PUNPCKLQDQ */
		return;
	}
	if (hi.is_k || hi.size != 8) {
		gen_load(b, X64_RAX, &hi);
		hi.rm = xr(X64_RAX);
	}
	emit2(g, b, pinsrq, d, d, hi.rm);
}

void gen_vec_twice(Gen *g, unsigned reg)
{
	const GenOpnd o = { .size = 8, .rm = xr(reg) };

	if (reg == X64_NONE) {
		emit2(g, &g->hot, plain(g, 0x66, 1, 0xef), XMM0, XMM0, xr(XMM0)); /* PXOR */
		return;
	}
	low_from(g, &o, XMM0);
	emit2(g, &g->hot, plain(g, 0x66, 1, 0x6c), XMM0, XMM0, xr(XMM0)); /* PUNPCKLQDQ */
}

static void half(Gen *g)
{
	unsigned upper = gen_ins(g)->imm, d, a;
	X64Simd s = upper ? with_imm(plain(g, 0x66, 3, 0x16), 1) : plain(g, 0x66, 1, 0x7e);
	IrRef r = alloc_operand(g, g->at, 0);
	X64Buf *b = &g->hot;
	X64Rm from;

	s.w = 1;
	if (g->val[r].reg == X64_NONE && g->ir->ins[r].op != IR_KV && !gen_chance(g, 2)) {
		from = alloc_where(g, r).rm;
		from.disp += 8 * (int)upper;
		alloc_step(g);
		x64_op(b, X64_MOV_RM, 1, alloc_def(g, X64_NONE, 0), from);
		return;
	}
	a = alloc_use(g, 0);
	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	/* PEXTRQ, MOVQ: the vector is the register operand. */
	x64_simd(b, &s, a, X64_NONE, xr(d));
}

static void mask(const Gen *g, X64Buf *b, unsigned d, unsigned a)
{
	emit1(b, plain(g, 0x66, 1, 0xd7), d, xr(a)); /* PMOVMSKB */
}

/* rax = 8 when all bits of the mask are 1, 2 when none. */
static void cr6(const Gen *g, X64Buf *b, unsigned a)
{
	mask(g, b, X64_RAX, a);
	x64_mov_k(b, X64_RCX, 0);
	x64_op(b, X64_TEST_MR, 0, X64_RAX, xr(X64_RAX));
	x64_setcc(b, X64_E, xr(X64_RCX));
	x64_op(b, X64_ADD_RM, 0, X64_RCX, xr(X64_RCX));
	x64_opi(b, X64_CMP_I, 0, 0, xr(X64_RAX), 0xffff);
	x64_setcc(b, X64_E, xr(X64_RAX));
	x64_op(b, X64_MOVZX8, 0, X64_RAX, xr(X64_RAX));
	x64_op(b, X64_LEA, 0, X64_RAX, xmi(X64_RCX, X64_RAX, 8, 0));
}

static void to_int(Gen *g)
{
	unsigned op = gen_ins(g)->op, a = alloc_use(g, 0), d;
	X64Buf *b = &g->hot;

	alloc_step(g);
	d = alloc_def(g, X64_NONE, 0);
	switch (op) {
	case IR_VMASK: mask(g, b, d, a); break;
	case IR_VANY:
		emit1(b, plain(g, 0x66, 2, 0x17), a, xr(a)); /* PTEST */
		x64_setcc(b, X64_NE, xr(X64_RAX));
		x64_op(b, X64_MOVZX8, 0, d, xr(X64_RAX));
		break;
	default:
		cr6(g, b, a);
		x64_mov(b, 0, d, xr(X64_RAX));
		break;
	}
}

void gen_vec_sunk(Gen *g, X64Buf *b, const IrIns *i)
{
	unsigned a = g->val[i->a].reg;

	if (i->op != IR_VCR6)
		bug("jit: operation %u cannot be sunk", i->op);
	if (a == X64_NONE)
		gen_vec_load(g, b, a = XMM0, i->a);
	cr6(g, b, a);
}

bool gen_vec(Gen *g)
{
	switch (gen_ins(g)->op) {
	case IR_VOP1:
	case IR_VOP2:
	case IR_VOP3: vop(g); return true;
	case IR_VFP1:
	case IR_VFP2:
	case IR_VFP3: vfp(g); return true;
	case IR_ITOV: from_ints(g); return true;
	case IR_VTOI: half(g); return true;
	case IR_VMASK:
	case IR_VANY:
	case IR_VCR6: to_int(g); return true;
	default: return false;
	}
}
