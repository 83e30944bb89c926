/*
 * Pack, unpack, merge, splat, permute, shifts of the whole register, extract and insert, of the
 * Vector Facility and of VSX, as ex_vmx_perm.c and ex_vsx_perm.c do them, as IR.
 *
 * Not here, so called: insertions from registers, and gathering of bits.
 */
#include "target-ppc/tr_vec.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)
#define V1I(OP, a, n) ir_v1i(ir, VEC_##OP, a, n)

/* ---- Pack ---- */

static IrRef low(Ir *ir, unsigned size, IrRef v)
{
	return V2(AND, v, ir_vsplat_k(ir, size, (UINT64_C(1) << (4 << size)) - 1));
}

TR_AB(vpkuhum, V2(PACKUH, low(ir, HALFS, b), low(ir, HALFS, a)))
TR_AB(vpkuwum, V2(PACKUW, low(ir, WORDS, b), low(ir, WORDS, a)))
TR_AB(vpkudum, ir_v2i(ir, VEC_SHUFPS, b, a, 0x88))

/* Words of doublewords: those of b to the right. */
static IrRef low_words(Ir *ir, IrRef b, IrRef a)
{
	return ir_v2i(ir, VEC_SHUFPS, b, a, 0x88);
}

/*
 * Both sources brought into lo..hi before OP (VEC_OPS: nothing is left but to take the lower halves) packs them; SAT
 * says whether they were outside.
 */
static bool pack(Tr *t, const PpcOp *op, VecOp pack_op, unsigned size, bool is_signed, int64_t lo,
		 uint64_t hi)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), b = tr_get_vr(t, op->VRB), k = ir_vsplat_k(ir, size, hi);
	IrRef a1 = ir_vmin(ir, size, is_signed, a, k), b1 = ir_vmin(ir, size, is_signed, b, k);

	if (is_signed) {
		k = ir_vsplat_k(ir, size, (uint64_t)lo);
		a1 = ir_vmax(ir, size, true, a1, k);
		b1 = ir_vmax(ir, size, true, b1, k);
	}
	tr_saturated(t, V2(OR, V2(XOR, a, a1), V2(XOR, b, b1)));
	tr_put_vr(t, op->VRT,
		  pack_op == VEC_OPS ? low_words(ir, b1, a1) : ir_v2(ir, pack_op, b1, a1));
	return true;
}

#define TR_PACK(NAME, OP, SIZE, SIGNED, LO, HI)                                                    \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return pack(t, op, VEC_##OP, SIZE, SIGNED, LO, HI);                                \
	}
TR_PACK(vpkuhus, PACKUH, HALFS, false, 0, UINT8_MAX)
TR_PACK(vpkuwus, PACKUW, WORDS, false, 0, UINT16_MAX)
TR_PACK(vpkudus, OPS, DOUBLES, false, 0, UINT32_MAX)
TR_PACK(vpksdus, OPS, DOUBLES, true, 0, UINT32_MAX)
TR_PACK(vpksdss, OPS, DOUBLES, true, INT32_MIN, INT32_MAX)
TR_PACK(vpkshus, PACKUH, HALFS, true, 0, UINT8_MAX)
TR_PACK(vpkswus, PACKUW, WORDS, true, 0, UINT16_MAX)
TR_PACK(vpkshss, PACKSH, HALFS, true, INT8_MIN, INT8_MAX)
TR_PACK(vpkswss, PACKSW, WORDS, true, INT16_MIN, INT16_MAX)

/* 8:8:8:8 to 1:5:5:5 in the lower half of each word. */
static IrRef pixels(Ir *ir, IrRef v)
{
	IrRef x = V2(AND, V1I(SRLW, v, 9), ir_vsplat_k(ir, WORDS, 0xfc00));
	IrRef y = V2(AND, V1I(SRLW, v, 6), ir_vsplat_k(ir, WORDS, 0x3e0));
	IrRef z = V2(AND, V1I(SRLW, v, 3), ir_vsplat_k(ir, WORDS, 0x1f));

	return V2(OR, V2(OR, x, y), z);
}
TR_AB(vpkpx, V2(PACKUW, pixels(ir, b), pixels(ir, a)))

/* ---- Unpack ---- */

TR_B(vupkhsb, V1I(SRAH, V2(UNPCKHB, b, b), 8))
TR_B(vupklsb, ir_v1(ir, VEC_SXB, b))
TR_B(vupkhsh, V1I(SRAW, V2(UNPCKHH, b, b), 16))
TR_B(vupklsh, ir_v1(ir, VEC_SXH, b))
TR_B(vupkhsw, ir_v1(ir, VEC_SXW, V1I(SHUFW, b, 0xee)))
TR_B(vupklsw, ir_v1(ir, VEC_SXW, b))

/* 1:5:5:5 to 8:8:8:8, from sign-extended halfwords. */
static IrRef unpixels(Ir *ir, IrRef v)
{
	IrRef w = V2(AND, v, ir_vsplat_k(ir, WORDS, 0xff000000));
	IrRef x = V2(AND, V1I(SLLW, v, 6), ir_vsplat_k(ir, WORDS, 0x1f0000));
	IrRef y = V2(AND, V1I(SLLW, v, 3), ir_vsplat_k(ir, WORDS, 0x1f00));
	IrRef z = V2(AND, v, ir_vsplat_k(ir, WORDS, 0x1f));

	return V2(OR, V2(OR, w, x), V2(OR, y, z));
}
TR_B(vupkhpx, unpixels(ir, V1I(SRAW, V2(UNPCKHH, b, b), 16)))
TR_B(vupklpx, unpixels(ir, ir_v1(ir, VEC_SXH, b)))

/* ---- Merge ---- */

TR_AB(vmrghb, V2(UNPCKHB, b, a))
TR_AB(vmrglb, V2(UNPCKLB, b, a))
TR_AB(vmrghh, V2(UNPCKHH, b, a))
TR_AB(vmrglh, V2(UNPCKLH, b, a))
TR_AB(vmrghw, V2(UNPCKHW, b, a))
TR_AB(vmrglw, V2(UNPCKLW, b, a))
TR_AB(vmrgew, ir_v2i(ir, VEC_BLENDH, V1I(SRLD, b, 32), a, 0xcc))
TR_AB(vmrgow, ir_v2i(ir, VEC_BLENDH, b, V1I(SLLD, a, 32), 0xcc))
TR_XAB(xxmrghw, V2(UNPCKHW, b, a))
TR_XAB(xxmrglw, V2(UNPCKLW, b, a))

/* ---- Splat ---- */

TR_B(vspltb, ir_vsplat_lane(ir, BYTES, b, 15 - op->UIM4))
TR_B(vsplth, ir_vsplat_lane(ir, HALFS, b, 7 - op->UIM3))
TR_B(vspltw, ir_vsplat_lane(ir, WORDS, b, 3 - op->UIM2))
TR_XB(xxspltw, ir_vsplat_lane(ir, WORDS, b, 3 - op->UIM2))

#define TR_SPLAT(NAME, PUT, TARGET, SIZE, IMM)                                                     \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		PUT(t, op->TARGET, ir_vsplat_k(t->ir, SIZE, (uint64_t)op->IMM));                   \
		return true;                                                                       \
	}
TR_SPLAT(vspltisb, tr_put_vr, VRT, BYTES, SIM)
TR_SPLAT(vspltish, tr_put_vr, VRT, HALFS, SIM)
TR_SPLAT(vspltisw, tr_put_vr, VRT, WORDS, SIM)
TR_SPLAT(xxspltib, tr_put_vsr, XT, BYTES, XIMM8)

/* ---- Permute ---- */

/* Which bytes a constant takes from one of the two: `upper` from a. */
static u128 picks(u128 n, bool upper)
{
	u128 k = 0;

	for (unsigned i = 0; i < 128; i += 8) {
		unsigned c = (unsigned)(n >> i) & 31;

		k |= (u128)(!(c & 16) == upper ? 0x80 : c & 15) << i;
	}
	return k;
}

IrRef tr_permute(Tr *t, IrRef a, IrRef b, IrRef c, bool right)
{
	Ir *ir = t->ir;
	IrRef n, low4, from_a, from_b;
	u128 k;

	/* Number n from the right, b being the lower half of the 32 bytes. */
	n = right ? c : ir_vnot(ir, c);
	if (ir_is_kv(ir, n, &k)) {
		from_a = V2(SHUFB, a, ir_kv(ir, picks(k, true)));
		return V2(OR, from_a, V2(SHUFB, b, ir_kv(ir, picks(k, false))));
	}
	if (a != b && ir_vec_have(ir, VEC_PERM2))
		return ir_v3(ir, VEC_PERM2, n, a, b);
	low4 = V2(AND, n, ir_vsplat_k(ir, BYTES, 15));
	from_a = V2(SHUFB, a, low4);
	if (a == b)
		return from_a;
	from_b = V2(SHUFB, b, low4);
	return ir_v3(ir, VEC_SELB, from_b, from_a, V1I(SLLH, n, 3));
}

TR_ABC(vperm, tr_permute(t, a, b, c, false))
TR_ABC(vpermr, tr_permute(t, a, b, c, true))
TR_XAB(xxperm, tr_permute(t, a, tr_get_vsr(t, op->XT), b, false))
TR_XAB(xxpermr, tr_permute(t, a, tr_get_vsr(t, op->XT), b, true))

/* Doubleword 0 or 1 of each, from the left. */
static IrRef doublewords(Ir *ir, IrRef a, IrRef b, unsigned dm)
{
	static const uint8_t same[4] = { 0xee, 0xe4, 0x4e, 0x44 };

	if (a == b)
		return V1I(SHUFW, a, same[dm]);
	return ir_v2i(ir, VEC_SHUFPD, b, a, ~dm & 3);
}
TR_XAB(xxpermdi, doublewords(ir, a, b, op->XDM))

IrRef tr_shift_pair(Tr *t, IrRef a, IrRef b, unsigned n)
{
	return n ? ir_v2i(t->ir, VEC_ALIGN, a, b, 16 - n) : a;
}
TR_AB(vsldoi, tr_shift_pair(t, a, b, op->SHB))
TR_XAB(xxsldwi, tr_shift_pair(t, a, b, 4 * op->XSHW))

/* ---- Shifts of the whole register ---- */

/* Number of bits, 0 to 7, or of bytes, from b's last byte. */
static IrRef amount(Tr *t, IrRef b, unsigned mask, unsigned shift)
{
	Ir *ir = t->ir;

	return ir_and(ir, ir_shr(ir, tr_v_right(t, b), ir_k(ir, shift)), ir_k(ir, mask));
}
TR_AB(vslo, ir_vbytes_left(ir, a, amount(t, b, 15, 3)))
TR_AB(vsro, ir_vbytes_right(ir, a, amount(t, b, 15, 3)))

/* By 0 to 7 bits: what leaves one half comes into the other. */
static IrRef shift_bits(Tr *t, IrRef a, IrRef b, bool left)
{
	Ir *ir = t->ir;
	IrRef n = amount(t, b, 7, 0), back = ir_sub(ir, ir_k(ir, 64), n), zero = ir_k(ir, 0);

	n = tr_v_from_gprs(t, zero, n);
	back = tr_v_from_gprs(t, zero, back);
	return left ? V2(OR, V2(SLLDC, a, n), V2(SRLDC, V1I(SLLQ, a, 8), back))
		    : V2(OR, V2(SRLDC, a, n), V2(SLLDC, V1I(SRLQ, a, 8), back));
}
TR_AB(vsl, shift_bits(t, a, b, true))
TR_AB(vsr, shift_bits(t, a, b, false))

/* ---- Extract, insert, reverse ---- */

/* n bytes from byte `first` on to the right end of doubleword 0; beyond the end there are zeros. */
static IrRef extract(Tr *t, IrRef b, unsigned first, unsigned n)
{
	Ir *ir = t->ir;
	IrRef v = V1I(SLLQ, b, first);

	/* Now on the left: the n bytes end at byte 8. */
	v = V1I(SRLQ, v, 16 - n);
	return V1I(SLLQ, v, 8);
}
TR_B(vextractub, extract(t, b, op->UIM4, 1))
TR_B(vextractuh, extract(t, b, op->UIM4, 2))
TR_B(vextractuw, extract(t, b, op->UIM4, 4))
TR_B(vextractd, extract(t, b, op->UIM4, 8))

/* The last n bytes of doubleword 0 of b to bytes `at` on of the target, as far as it goes. */
static IrRef insert(Tr *t, IrRef old, IrRef b, unsigned at, unsigned n)
{
	const u128 m = ~(u128)0 << (128 - 8 * n) >> 8 * at;
	Ir *ir = t->ir;
	IrRef v = V1I(SLLQ, V1I(SRLQ, b, 8), 16 - n);

	return ir_vsel(ir, old, V1I(SRLQ, v, at), ir_kv(ir, m));
}
TR_B(vinsertb, insert(t, tr_get_vr(t, op->VRT), b, op->UIM4, 1))
TR_B(vinserth, insert(t, tr_get_vr(t, op->VRT), b, op->UIM4, 2))
TR_B(vinsertw, insert(t, tr_get_vr(t, op->VRT), b, op->UIM4, 4))
TR_B(vinsertd, insert(t, tr_get_vr(t, op->VRT), b, op->UIM4, 8))

/* Word at byte `at`, which may wrap around. */
static IrRef extract_word(Ir *ir, IrRef b, unsigned at)
{
	u128 k = ~(u128)0 / 255 * 0x80;

	for (unsigned i = 0; i < 4; i++) {
		k &= ~((u128)0xff << 8 * (8 + i));
		k |= (u128)((15 - at - 3 + i) & 15) << 8 * (8 + i);
	}
	return V2(SHUFB, b, ir_kv(ir, k));
}
TR_XB(xxextractuw, extract_word(ir, b, op->UIM4))

TR_XB(xxbrh, ir_vreverse(ir, HALFS, b))
TR_XB(xxbrw, ir_vreverse(ir, WORDS, b))
TR_XB(xxbrd, ir_vreverse(ir, DOUBLES, b))
TR_XB(xxbrq, ir_vreverse(ir, 4, b))

/* To a GPR: the index counts from the left, or from the right. */
static bool extract_left(Tr *t, const PpcOp *op, unsigned n)
{
	Ir *ir = t->ir;
	IrRef at = ir_and(ir, tr_gpr(t, op->RA), ir_k(ir, 15));
	IrRef v = tr_v_left(t, ir_vbytes_left(ir, tr_get_vr(t, op->VRB), at));

	tr_put_gpr(t, op->RT, ir_shr(ir, v, ir_k(ir, 64 - 8 * n)));
	return true;
}

static bool extract_right(Tr *t, const PpcOp *op, unsigned n)
{
	Ir *ir = t->ir;
	IrRef at = ir_and(ir, tr_gpr(t, op->RA), ir_k(ir, 15));
	IrRef v = tr_v_right(t, ir_vbytes_right(ir, tr_get_vr(t, op->VRB), at));

	tr_put_gpr(t, op->RT, ir_and(ir, v, ir_k(ir, UINT64_MAX >> (64 - 8 * n))));
	return true;
}

#define TR_EXTRACT(NAME, WHERE, N)                                                                 \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return extract_##WHERE(t, op, N);                                                  \
	}
TR_EXTRACT(vextublx, left, 1)
TR_EXTRACT(vextuhlx, left, 2)
TR_EXTRACT(vextuwlx, left, 4)
TR_EXTRACT(vextubrx, right, 1)
TR_EXTRACT(vextuhrx, right, 2)
TR_EXTRACT(vextuwrx, right, 4)

/*
 * Bits of VRA that the bytes of VRB name by their numbers, 0 beyond 127: from the byte that holds it each
 * is taken by a byte of one 1 bit.
 */
bool tr_vbpermq(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), n = tr_get_vr(t, op->VRB),
	      low4 = ir_vsplat_k(ir, BYTES, 15);
	/* The book's byte 0 is the host's 15; beyond the last one, bit 7 asks for 0. */
	IrRef from = V2(XOR, V2(AND, V1I(SRLH, n, 3), low4), low4);
	IrRef beyond = V2(AND, n, ir_vsplat_k(ir, BYTES, 0x80));
	IrRef one = V2(SHUFB, ir_kv(ir, UINT64_C(0x0102040810204080)),
		       V2(AND, n, ir_vsplat_k(ir, BYTES, 7)));

	from = V2(SHUFB, a, V2(OR, from, beyond));
	one = V2(EQB, V2(AND, from, one), one);
	tr_put_vr(t, op->VRT,
		  tr_v_from_gprs(t, ir_emit(ir, IR_VMASK, 0, one, 0, 0, 0), ir_k(ir, 0)));
	return true;
}

/* ---- Each byte shifted by its own amount, with bits of its neighbour ---- */

bool tr_vslv(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), n = tr_get_vr(t, op->VRB), next, rest;

	/* What the neighbour gives is shifted by 8 - n, as 1 and 7 - n. */
	next = ir_vshift_k(ir, VEC_SHR, BYTES, V1I(SLLQ, a, 1), 1);
	rest = ir_vshift(ir, VEC_SHR, BYTES, next, V2(XOR, n, ir_vsplat_k(ir, BYTES, 7)));
	a = ir_vshift(ir, VEC_SHL, BYTES, a, n);
	return tr_put_vr_if(t, op->VRT, a && rest ? V2(OR, a, rest) : IR_NONE);
}

bool tr_vsrv(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), n = tr_get_vr(t, op->VRB), next, rest;

	next = ir_vshift_k(ir, VEC_SHL, BYTES, V1I(SRLQ, a, 1), 1);
	rest = ir_vshift(ir, VEC_SHL, BYTES, next, V2(XOR, n, ir_vsplat_k(ir, BYTES, 7)));
	a = ir_vshift(ir, VEC_SHR, BYTES, a, n);
	return tr_put_vr_if(t, op->VRT, a && rest ? V2(OR, a, rest) : IR_NONE);
}
