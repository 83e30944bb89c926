/*
 * Vectors in the intermediate representation: operations of the host's, their folding, and what is made
 * of several of them, by what the host has.
 */
#include "jit/ir_int.h"
#include "jit/vec.h"

uint32_t vec_host(void)
{
#ifdef __x86_64__
	uint32_t host = VEC_HOST_SSE;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("ssse3"))
		return 0;
	if (__builtin_cpu_supports("aes"))
		host |= VEC_HOST_AES;
	if (__builtin_cpu_supports("pclmul"))
		host |= VEC_HOST_CLMUL;
	if (__builtin_cpu_supports("gfni"))
		host |= VEC_HOST_GFNI;
	if (!__builtin_cpu_supports("avx"))
		return host;
	host |= VEC_HOST_AVX;
	if (!__builtin_cpu_supports("avx2"))
		return host;
	host |= VEC_HOST_AVX2;
	if (__builtin_cpu_supports("fma"))
		host |= VEC_HOST_FMA;
	if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
		return host;
	host |= VEC_HOST_AVX512;
	if (__builtin_cpu_supports("avx512vbmi"))
		host |= VEC_HOST_VBMI;
	if (__builtin_cpu_supports("avx512bitalg"))
		host |= VEC_HOST_BITALG;
	if (__builtin_cpu_supports("avx512vpopcntdq"))
		host |= VEC_HOST_POPCNT;
	if (__builtin_cpu_supports("avx512cd"))
		host |= VEC_HOST_CD;
	return host;
#else
	return 0;
#endif
}

/* ---- Folding ---- */

bool ir_is_kv(const Ir *ir, IrRef ref, u128 *v)
{
	if (!ref || ir->ins[ref].op != IR_KV)
		return false;
	*v = ir->kv[ir->ins[ref].imm];
	return true;
}

static unsigned byte_of(u128 v, unsigned i)
{
	return (unsigned)(v >> 8 * i) & 255;
}

/* Bytes that two SHUFBs in a row take. */
static u128 compose(u128 first, u128 then)
{
	u128 r = 0;

	for (unsigned i = 0; i < 16; i++) {
		unsigned k = byte_of(then, i);

		r |= (u128)(k & 0x80 ? 0x80 : byte_of(first, k & 15)) << 8 * i;
	}
	return r;
}

/* 0, 1, 2 ... 15, each in its place. */
static const u128 iota = (u128)UINT64_C(0x0f0e0d0c0b0a0908) << 64 | UINT64_C(0x0706050403020100);

static IrRef fold_shuffle(Ir *ir, const IrIns *i)
{
	const IrIns *from = &ir->ins[i->a];
	unsigned imm = i->imm >> 8, inner = from->imm >> 8, both = 0;
	u128 k, k0;

	if (i->op == IR_VOP1 && (i->imm & 255) == VEC_SHUFW) {
		if (imm == 0xe4)
			return i->a;
		if (from->op != IR_VOP1 || (from->imm & 255) != VEC_SHUFW)
			return IR_NONE;
		for (unsigned n = 0; n < 4; n++)
			both |= (inner >> 2 * (imm >> 2 * n & 3) & 3) << 2 * n;
		return ir_v1i(ir, VEC_SHUFW, from->a, both);
	}
	if (i->op != IR_VOP2 || (i->imm & 255) != VEC_SHUFB || !ir_is_kv(ir, i->b, &k))
		return IR_NONE;
	if (k == iota)
		return i->a;
	if (from->op == IR_VOP2 && (from->imm & 255) == VEC_SHUFB && ir_is_kv(ir, from->b, &k0))
		return ir_v2(ir, VEC_SHUFB, from->a, ir_kv(ir, compose(k0, k)));
	return IR_NONE;
}

/* Identities of AND, ANDNOT, OR and XOR. */
static IrRef fold_logic(Ir *ir, const IrIns *i)
{
	u128 ka = 1, kb = 1;
	bool is_ka = ir_is_kv(ir, i->a, &ka), is_kb = ir_is_kv(ir, i->b, &kb);
	bool zero_a = is_ka && !ka, zero_b = is_kb && !kb;
	bool ones_a = is_ka && !~ka, ones_b = is_kb && !~kb, same = i->a == i->b;

	switch (i->imm) {
	case VEC_AND: return zero_a || ones_b || same ? i->a : zero_b || ones_a ? i->b : IR_NONE;
	case VEC_OR: return zero_a || ones_b ? i->b : zero_b || ones_a || same ? i->a : IR_NONE;
	case VEC_XOR: return zero_a ? i->b : zero_b ? i->a : same ? ir_kv(ir, 0) : IR_NONE;
	case VEC_ANDNOT: return zero_a || zero_b ? i->b : ones_a || same ? ir_kv(ir, 0) : IR_NONE;
	default: return IR_NONE;
	}
}

static IrRef fold_vop(Ir *ir, const IrIns *i, unsigned operands)
{
	const IrRef operand[3] = { i->a, i->b, i->c };
	u128 k[3] = { 0 };
	unsigned n = 0;
	IrRef r;

	while (n < operands && ir_is_kv(ir, operand[n], &k[n]))
		n++;
	if (n == operands)
		return ir_kv(ir, vec_eval(i->imm, k[0], k[1], k[2]));
	if (i->op == IR_VOP2 && (i->imm & 255) == VEC_ALIGN && (i->imm >> 8) % 16 == 0)
		return i->imm >> 8 ? i->a : i->b;
	r = i->op == IR_VOP2 ? fold_logic(ir, i) : IR_NONE;
	return r ? r : fold_shuffle(ir, i);
}

static unsigned mask_of(u128 v)
{
	unsigned r = 0;

	for (unsigned i = 0; i < 16; i++)
		r |= (byte_of(v, i) >> 7) << i;
	return r;
}

uint64_t ir_vec_to_int(const IrIns *i, u128 v)
{
	switch (i->op) {
	case IR_VTOI: return (uint64_t)(i->imm ? v >> 64 : v);
	case IR_VMASK: return mask_of(v);
	case IR_VANY: return v != 0;
	case IR_VCR6: return mask_of(v) == 0xffff ? 8 : mask_of(v) ? 0 : 2;
	default: return 0;
	}
}

IrRef ir_fold_vec(Ir *ir, const IrIns *i)
{
	const IrIns *a = &ir->ins[i->a], *b = &ir->ins[i->b];
	uint64_t hi, lo;
	u128 k;

	switch (i->op) {
	case IR_VOP1: return fold_vop(ir, i, 1);
	case IR_VOP2: return fold_vop(ir, i, 2);
	case IR_VOP3: return fold_vop(ir, i, 3);
	case IR_ITOV:
		if (ir_is_k(ir, i->a, &hi) && ir_is_k(ir, i->b, &lo))
			return ir_kv(ir, (u128)hi << 64 | lo);
		if (a->op == IR_VTOI && b->op == IR_VTOI && a->a == b->a && a->imm && !b->imm)
			return a->a;
		return IR_NONE;
	case IR_VTOI:
		if (a->op == IR_ITOV)
			return i->imm ? a->a : a->b;
		if (a->op == IR_FTOV || a->op == IR_STOV) {
			IrRef f = a->a;

			if (!i->imm)
				return ir_k(ir, 0);
			if (a->op == IR_STOV)
				f = ir_emit(ir, IR_S2F, 0, f, 0, 0, 0);
			return ir_emit(ir, IR_FTOI, 0, f, 0, 0, 0);
		}
		/* fall through */
	case IR_VMASK:
	case IR_VANY:
	case IR_VCR6: return ir_is_kv(ir, i->a, &k) ? ir_k(ir, ir_vec_to_int(i, k)) : IR_NONE;
	default: return IR_NONE;
	}
}

/* ---- One operation ---- */

IrRef ir_v1i(Ir *ir, VecOp op, IrRef a, unsigned imm)
{
	return ir_emit(ir, IR_VOP1, vec_imm(op, imm), a, 0, 0, 0);
}

IrRef ir_v1(Ir *ir, VecOp op, IrRef a)
{
	return ir_v1i(ir, op, a, 0);
}

IrRef ir_v2i(Ir *ir, VecOp op, IrRef a, IrRef b, unsigned imm)
{
	return ir_emit(ir, IR_VOP2, vec_imm(op, imm), a, b, 0, 0);
}

IrRef ir_v2(Ir *ir, VecOp op, IrRef a, IrRef b)
{
	return ir_v2i(ir, op, a, b, 0);
}

IrRef ir_v3(Ir *ir, VecOp op, IrRef a, IrRef b, IrRef c)
{
	return ir_emit(ir, IR_VOP3, vec_imm(op, 0), a, b, c, 0);
}

IrRef ir_vfp(Ir *ir, VecOp op, uint32_t plain, IrRef a, IrRef b, IrRef c)
{
	unsigned n = vec_ops[op].operands;
	VecPlain p;

	/* The code that looks at the result finds them in the pool. */
	if (vec_plain_of(plain, &p)) {
		ir_kv(ir, p.mask);
		ir_kv(ir, p.bias);
		ir_kv(ir, p.limit);
	}
	if (vec_is_product(op | plain))
		ir_kv(ir, 0);
	if ((plain & VEC_PLAIN_KIND) == VEC_PLAIN_FLUSHED) {
		ir_kv(ir, VEC_MAGNITUDES);
		ir_kv(ir, VEC_SMALLEST);
	}
	return ir_emit(ir, (IrOp)(IR_VFP1 + n - 1), op | plain, a, b, c, 0);
}

/* ---- Constants, splats ---- */

IrRef ir_vsplat_k(Ir *ir, unsigned size, uint64_t v)
{
	u128 r;

	if (size < 3)
		v &= (UINT64_C(1) << (8 << size)) - 1;
	r = v;
	for (unsigned n = size; n < 4; n++)
		r |= r << (8 << n);
	return ir_kv(ir, r);
}

IrRef ir_vsplat_lane(Ir *ir, unsigned size, IrRef v, unsigned n)
{
	u128 k = 0;

	if (size == 3)
		return ir_v1i(ir, VEC_SHUFW, v, n ? 0xee : 0x44);
	if (size == 2)
		return ir_v1i(ir, VEC_SHUFW, v, n * 0x55);
	for (unsigned i = 0; i < 16; i++)
		k |= (u128)((n << size) + (i & ((1u << size) - 1))) << 8 * i;
	return ir_v2(ir, VEC_SHUFB, v, ir_kv(ir, k));
}

IrRef ir_vsplat(Ir *ir, unsigned size, IrRef v)
{
	uint64_t k;

	if (ir_is_k(ir, v, &k))
		return ir_vsplat_k(ir, size, k);
	return ir_vsplat_lane(ir, size, ir_emit(ir, IR_ITOV, 0, ir_k(ir, 0), v, 0, 0), 0);
}

/* ---- Bits ---- */

static IrRef ones(Ir *ir)
{
	return ir_kv(ir, ~(u128)0);
}

IrRef ir_vnot(Ir *ir, IrRef a)
{
	return ir_v2(ir, VEC_XOR, a, ones(ir));
}

IrRef ir_vandc(Ir *ir, IrRef a, IrRef b)
{
	return ir_v2(ir, VEC_ANDNOT, b, a);
}

IrRef ir_vsel(Ir *ir, IrRef a, IrRef b, IrRef c)
{
	/* 4 c + 2 a + b: a where c is 0 (2, 3), b where it is 1 (5, 7). */
	if (ir_vec_have(ir, VEC_TERN))
		return ir_emit(ir, IR_VOP3, vec_imm(VEC_TERN, 0xac), a, b, c, 0);
	return ir_v2(ir, VEC_OR, ir_vandc(ir, a, c), ir_v2(ir, VEC_AND, b, c));
}

/* ---- Order, means ---- */

static const VecOp eq_ops[4] = { VEC_EQB, VEC_EQH, VEC_EQW, VEC_EQD };
static const VecOp gt_ops[4] = { VEC_GTSB, VEC_GTSH, VEC_GTSW, VEC_GTSD };
static const VecOp sub_ops[4] = { VEC_SUBB, VEC_SUBH, VEC_SUBW, VEC_SUBD };
static const VecOp min_ops[2][4] = { { VEC_MINUB, VEC_MINUH, VEC_MINUW, VEC_MINUD },
				     { VEC_MINSB, VEC_MINSH, VEC_MINSW, VEC_MINSD } };
static const VecOp max_ops[2][4] = { { VEC_MAXUB, VEC_MAXUH, VEC_MAXUW, VEC_MAXUD },
				     { VEC_MAXSB, VEC_MAXSH, VEC_MAXSW, VEC_MAXSD } };

/* Only the leftmost bit of each element. */
static IrRef signs(Ir *ir, unsigned size)
{
	return ir_vsplat_k(ir, size, UINT64_C(1) << ((8 << size) - 1));
}

IrRef ir_vgtu(Ir *ir, unsigned size, IrRef a, IrRef b)
{
	IrRef s = signs(ir, size);

	if (ir_vec_have(ir, min_ops[0][size]))
		return ir_vnot(ir, ir_v2(ir, eq_ops[size], ir_v2(ir, min_ops[0][size], a, b), a));
	return ir_v2(ir, gt_ops[size], ir_v2(ir, VEC_XOR, a, s), ir_v2(ir, VEC_XOR, b, s));
}

static IrRef extreme(Ir *ir, const VecOp ops[2][4], unsigned size, bool is_signed, IrRef a, IrRef b,
		     bool max)
{
	IrRef a_gt;

	if (ir_vec_have(ir, ops[is_signed][size]))
		return ir_v2(ir, ops[is_signed][size], a, b);
	a_gt = is_signed ? ir_v2(ir, gt_ops[size], a, b) : ir_vgtu(ir, size, a, b);
	return max ? ir_v3(ir, VEC_SELB, b, a, a_gt) : ir_v3(ir, VEC_SELB, a, b, a_gt);
}

IrRef ir_vmin(Ir *ir, unsigned size, bool is_signed, IrRef a, IrRef b)
{
	return extreme(ir, min_ops, size, is_signed, a, b, false);
}

IrRef ir_vmax(Ir *ir, unsigned size, bool is_signed, IrRef a, IrRef b)
{
	return extreme(ir, max_ops, size, is_signed, a, b, true);
}

IrRef ir_vavg(Ir *ir, unsigned size, bool is_signed, IrRef a, IrRef b)
{
	IrRef s = signs(ir, size), half;

	if (size < 2 && !is_signed)
		return ir_v2(ir, size ? VEC_AVGUH : VEC_AVGUB, a, b);
	/* Signed numbers are unsigned ones less a constant. */
	if (size < 2)
		return ir_v2(ir, VEC_XOR, s,
			     ir_vavg(ir, size, false, ir_v2(ir, VEC_XOR, a, s),
				     ir_v2(ir, VEC_XOR, b, s)));
	/* a + b is twice a | b less a ^ b. */
	half = ir_v1i(ir, is_signed ? VEC_SRAW : VEC_SRLW, ir_v2(ir, VEC_XOR, a, b), 1);
	return ir_v2(ir, VEC_SUBW, ir_v2(ir, VEC_OR, a, b), half);
}

/* ---- Shifts ---- */

/* Both halves of elements of twice the size, each put in place. */
static IrRef join(Ir *ir, IrRef hi, IrRef lo)
{
	return ir_v2(ir, VEC_OR, hi, lo);
}

static const VecOp sll_ops[4] = { VEC_OPS, VEC_SLLH, VEC_SLLW, VEC_SLLD };
static const VecOp srl_ops[4] = { VEC_OPS, VEC_SRLH, VEC_SRLW, VEC_SRLD };
static const VecOp sra_ops[4] = { VEC_OPS, VEC_SRAH, VEC_SRAW, VEC_SRAD };

/* Ones in the lower halves of elements. */
static IrRef low_halves(Ir *ir, unsigned size)
{
	return ir_vsplat_k(ir, size, (UINT64_C(1) << (4 << size)) - 1);
}

/* Bytes by a constant: as halfwords, and what came over from neighbours goes. */
static IrRef shift_bytes_k(Ir *ir, VecShift kind, IrRef a, unsigned n)
{
	IrRef m, s;

	switch (kind) {
	case VEC_SHL:
		return ir_v2(ir, VEC_AND, ir_v1i(ir, VEC_SLLH, a, n),
			     ir_vsplat_k(ir, 0, 0xffu << n));
	case VEC_SHR:
		return ir_v2(ir, VEC_AND, ir_v1i(ir, VEC_SRLH, a, n),
			     ir_vsplat_k(ir, 0, 0xffu >> n));
	case VEC_SAR:
		m = shift_bytes_k(ir, VEC_SHR, a, n);
		s = ir_vsplat_k(ir, 0, 0x80u >> n);
		return ir_v2(ir, VEC_SUBB, ir_v2(ir, VEC_XOR, m, s), s);
	default:
		return join(ir, shift_bytes_k(ir, VEC_SHL, a, n),
			    shift_bytes_k(ir, VEC_SHR, a, 8 - n));
	}
}

IrRef ir_vshift_k(Ir *ir, VecShift kind, unsigned size, IrRef a, unsigned n)
{
	unsigned bits = 8u << size;
	IrRef s;

	if (n == 0)
		return a;
	if (size == 0)
		return shift_bytes_k(ir, kind, a, n);
	switch (kind) {
	case VEC_SHL: return ir_v1i(ir, sll_ops[size], a, n);
	case VEC_SHR: return ir_v1i(ir, srl_ops[size], a, n);
	case VEC_SAR:
		if (ir_vec_have(ir, sra_ops[size]))
			return ir_v1i(ir, sra_ops[size], a, n);
		s = ir_vsplat_k(ir, size, UINT64_C(1) << (63 - n));
		a = ir_v1i(ir, VEC_SRLD, a, n);
		return ir_v2(ir, VEC_SUBD, ir_v2(ir, VEC_XOR, a, s), s);
	default:
		if (size >= 2 && ir_vec_have(ir, VEC_ROLW))
			return ir_v1i(ir, size == 2 ? VEC_ROLW : VEC_ROLD, a, n);
		return join(ir, ir_v1i(ir, sll_ops[size], a, n),
			    ir_v1i(ir, srl_ops[size], a, bits - n));
	}
}

/* Shifts by amounts that are in range, where the host has such a thing. */
static IrRef shift_each(Ir *ir, VecShift kind, unsigned size, IrRef a, IrRef n)
{
	static const VecOp ops[3][4] = {
		{ VEC_OPS, VEC_SLLVH, VEC_SLLVW, VEC_SLLVD },
		{ VEC_OPS, VEC_SRLVH, VEC_SRLVW, VEC_SRLVD },
		{ VEC_OPS, VEC_SRAVH, VEC_SRAVW, VEC_SRAVD },
	};
	IrRef s;

	if (ir_vec_have(ir, ops[kind][size]))
		return ir_v2(ir, ops[kind][size], a, n);
	if (kind != VEC_SAR || size != 3 || !ir_vec_have(ir, VEC_SRLVD))
		return IR_NONE;
	s = ir_v2(ir, VEC_SRLVD, signs(ir, 3), n);
	a = ir_v2(ir, VEC_SRLVD, a, n);
	return ir_v2(ir, VEC_SUBD, ir_v2(ir, VEC_XOR, a, s), s);
}

/* The same made of shifts of elements twice as wide. */
static IrRef shift_halves(Ir *ir, VecShift kind, unsigned size, IrRef a, IrRef n)
{
	unsigned wide = size + 1, half = 8u << size;
	IrRef m = low_halves(ir, wide), n_hi = ir_v1i(ir, srl_ops[wide], n, half);
	IrRef n_lo = ir_v2(ir, VEC_AND, n, m), hi, lo;

	switch (kind) {
	case VEC_SHL:
		hi = shift_each(ir, kind, wide, ir_vandc(ir, a, m), n_hi);
		lo = shift_each(ir, kind, wide, a, n_lo);
		return hi && lo ? join(ir, hi, ir_v2(ir, VEC_AND, lo, m)) : IR_NONE;
	case VEC_SHR:
		hi = shift_each(ir, kind, wide, a, n_hi);
		lo = shift_each(ir, kind, wide, ir_v2(ir, VEC_AND, a, m), n_lo);
		return hi && lo ? join(ir, ir_vandc(ir, hi, m), lo) : IR_NONE;
	default:
		hi = shift_each(ir, kind, wide, a, n_hi);
		lo = shift_each(ir, kind, wide, ir_v1i(ir, sll_ops[wide], a, half), n_lo);
		return hi && lo ? join(ir, ir_vandc(ir, hi, m), ir_v1i(ir, srl_ops[wide], lo, half))
				: IR_NONE;
	}
}

/* A table of 2^i (or 2^(7 - i)) in its bytes 0 to 7. */
static IrRef powers(Ir *ir, bool down)
{
	return ir_kv(ir, down ? UINT64_C(0x0102040810204080) : UINT64_C(0x8040201008040201));
}

/* Bytes by multiplication, on any host. */
static IrRef shift_bytes(Ir *ir, VecShift kind, IrRef a, IrRef n)
{
	IrRef m = low_halves(ir, 1), p = ir_v2(ir, VEC_SHUFB, powers(ir, kind != VEC_SHL), n);
	IrRef p_lo = ir_v2(ir, VEC_AND, p, m), p_hi = ir_v1i(ir, VEC_SRLH, p, 8), hi, lo;
	VecOp right = kind == VEC_SAR ? VEC_SRAH : VEC_SRLH;

	if (kind == VEC_SHL) {
		hi = ir_v2(ir, VEC_MULLH, ir_vandc(ir, a, m), p_hi);
		lo = ir_v2(ir, VEC_MULLH, a, p_lo);
		return join(ir, hi, ir_v2(ir, VEC_AND, lo, m));
	}
	hi = ir_v2(ir, VEC_MULLH, ir_v1i(ir, right, a, 8), p_hi);
	lo = ir_v2(ir, VEC_MULLH, ir_v1i(ir, right, ir_v1i(ir, VEC_SLLH, a, 8), 8), p_lo);
	hi = ir_v1i(ir, VEC_SLLH, ir_v1i(ir, right, hi, 7), 8);
	return join(ir, hi, ir_v2(ir, VEC_AND, ir_v1i(ir, right, lo, 7), m));
}

/* b is a constant whose elements all ask for the same: *n. */
static bool same_amounts(const Ir *ir, unsigned size, IrRef b, unsigned *n)
{
	unsigned bits = 8u << size;
	u128 k;

	if (!ir_is_kv(ir, b, &k))
		return false;
	*n = (unsigned)k & (bits - 1);
	for (unsigned at = bits; at < 128; at += bits)
		if (((unsigned)(k >> at) & (bits - 1)) != *n)
			return false;
	return true;
}

IrRef ir_vshift(Ir *ir, VecShift kind, unsigned size, IrRef a, IrRef b)
{
	IrRef mask = ir_vsplat_k(ir, size, (8u << size) - 1), n, r, left, right;
	unsigned k;

	if (same_amounts(ir, size, b, &k))
		return ir_vshift_k(ir, kind, size, a, k);
	if (kind == VEC_ROL && size >= 2 && ir_vec_have(ir, VEC_ROLVW))
		return ir_v2(ir, size == 2 ? VEC_ROLVW : VEC_ROLVD, a, b);
	if (kind == VEC_ROL) {
		left = ir_vshift(ir, VEC_SHL, size, a, b);
		right = ir_vshift(ir, VEC_SHR, size, a, ir_v2(ir, sub_ops[size], ir_kv(ir, 0), b));
		return left && right ? join(ir, left, right) : IR_NONE;
	}
	n = ir_v2(ir, VEC_AND, b, mask);
	r = size ? shift_each(ir, kind, size, a, n) : IR_NONE;
	if (!r && size < 2)
		r = shift_halves(ir, kind, size, a, n);
	return !r && size == 0 ? shift_bytes(ir, kind, a, n) : r;
}

/* ---- Counts, bytes ---- */

IrRef ir_vpopcnt(Ir *ir, unsigned size, IrRef a)
{
	static const VecOp ops[4] = { VEC_POPB, VEC_POPH, VEC_POPW, VEC_POPD };
	IrRef t, m, n;

	if (ir_vec_have(ir, ops[size]))
		return ir_v1(ir, ops[size], a);
	if (size == 0) {
		/* Bits in 0 to 15. */
		t = ir_kv(ir,
			  (u128)UINT64_C(0x0403030203020201) << 64 | UINT64_C(0x0302020102010100));
		m = ir_vsplat_k(ir, 0, 15);
		n = ir_v2(ir, VEC_AND, ir_v1i(ir, VEC_SRLH, a, 4), m);
		return ir_v2(ir, VEC_ADDB, ir_v2(ir, VEC_SHUFB, t, n),
			     ir_v2(ir, VEC_SHUFB, t, ir_v2(ir, VEC_AND, a, m)));
	}
	n = ir_vpopcnt(ir, 0, a);
	if (size == 3)
		return ir_v2(ir, VEC_SADB, n, ir_kv(ir, 0));
	n = ir_v2(ir, VEC_MADDB, n, ir_vsplat_k(ir, 0, 1));
	return size == 1 ? n : ir_v2(ir, VEC_MADDH, n, ir_vsplat_k(ir, 1, 1));
}

IrRef ir_vreverse(Ir *ir, unsigned size, IrRef a)
{
	u128 k = 0;

	for (unsigned i = 0; i < 16; i++)
		k |= (u128)(i ^ ((1u << size) - 1)) << 8 * i;
	return ir_v2(ir, VEC_SHUFB, a, ir_kv(ir, k));
}

IrRef ir_vbytes_left(Ir *ir, IrRef a, IrRef n)
{
	/* Below 0, bit 7 asks for a zero. */
	return ir_v2(ir, VEC_SHUFB, a, ir_v2(ir, VEC_SUBB, ir_kv(ir, iota), ir_vsplat(ir, 0, n)));
}

IrRef ir_vbytes_right(Ir *ir, IrRef a, IrRef n)
{
	/* From 16 on, bit 7 is set by what was added. */
	n = ir_add(ir, n, ir_k(ir, 0x70));
	return ir_v2(ir, VEC_SHUFB, a, ir_v2(ir, VEC_ADDB, ir_kv(ir, iota), ir_vsplat(ir, 0, n)));
}
