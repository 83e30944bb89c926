/*
 * AES, SHA-2, polynomials, and vgbbd, as ex_vmx_crypto.c does them, as IR.
 *
 * The host has AES states with their first byte at the right end.
 *
 * Not here, so called: vpmsumb and vpmsumh, and what needs instructions that the host has not.
 */
#include "target-ppc/tr_vec.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)
#define V1I(OP, a, n) ir_v1i(ir, VEC_##OP, a, n)

/* ---- AES ---- */

static IrRef turned(Ir *ir, IrRef v)
{
	return ir_vreverse(ir, 4, v);
}

static IrRef round_of(Ir *ir, VecOp op, IrRef state, IrRef key)
{
	if (!ir_vec_have(ir, op))
		return IR_NONE;
	return turned(ir, ir_v2(ir, op, turned(ir, state), turned(ir, key)));
}

/* The key comes before InvMixColumns. */
static IrRef inverse_round(Ir *ir, IrRef state, IrRef key)
{
	if (!ir_vec_have(ir, VEC_AESDECL))
		return IR_NONE;
	state = V2(AESDECL, turned(ir, state), turned(ir, key));
	return turned(ir, ir_v1(ir, VEC_AESIMC, state));
}
TR_AB(vcipher, round_of(ir, VEC_AESENC, a, b))
TR_AB(vcipherlast, round_of(ir, VEC_AESENCL, a, b))
TR_AB(vncipher, inverse_round(ir, a, b))
TR_AB(vncipherlast, round_of(ir, VEC_AESDECL, a, b))

/* SubBytes alone: the last round, which moves rows, of rows that have been moved the other way. */
bool tr_vsbox(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	u128 k = 0;
	IrRef v;

	if (!ir_vec_have(ir, VEC_AESENCL))
		return false;
	for (unsigned i = 0; i < 16; i++)
		k |= (u128)(15 - ((i - 4 * (i & 3)) & 15)) << 8 * i;
	v = V2(SHUFB, tr_get_vr(t, op->VRA), ir_kv(ir, k));
	tr_put_vr(t, op->VRT, turned(ir, V2(AESENCL, v, ir_kv(ir, 0))));
	return true;
}

/* ---- SHA-2 (FIPS 180-4, 4.1.2 and 4.1.3) ---- */

/* Rotated to the right by two amounts and by a third one, or shifted by it. */
typedef struct Sigma {
	uint8_t r[2], last;
	bool shift;
} Sigma;

static IrRef sigma(Ir *ir, unsigned size, IrRef v, const Sigma *s)
{
	unsigned bits = 8u << size;
	IrRef x = ir_vshift_k(ir, VEC_ROL, size, v, bits - s->r[0]);
	IrRef y = ir_vshift_k(ir, VEC_ROL, size, v, bits - s->r[1]);
	IrRef z = s->shift ? ir_vshift_k(ir, VEC_SHR, size, v, s->last)
			   : ir_vshift_k(ir, VEC_ROL, size, v, bits - s->last);

	return V2(XOR, V2(XOR, x, y), z);
}

/* which: the mask of elements that take the second. */
static bool sigmas(Tr *t, const PpcOp *op, unsigned size, const Sigma s[2], u128 which)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), r;

	if (!which || !~which)
		r = sigma(ir, size, a, &s[which != 0]);
	else
		r = ir_vsel(ir, sigma(ir, size, a, &s[0]), sigma(ir, size, a, &s[1]),
			    ir_kv(ir, which));
	tr_put_vr(t, op->VRT, r);
	return true;
}

bool tr_vshasigmaw(Tr *t, const PpcOp *op)
{
	static const Sigma s[2][2] = {
		{ { { 7, 18 }, 3, true }, { { 17, 19 }, 10, true } },
		{ { { 2, 13 }, 22, false }, { { 6, 11 }, 25, false } },
	};
	u128 which = 0;

	for (unsigned i = 0; i < 4; i++)
		if (op->SIX >> i & 1)
			which |= (u128)UINT32_MAX << 32 * i;
	return sigmas(t, op, WORDS, s[op->ST], which);
}

bool tr_vshasigmad(Tr *t, const PpcOp *op)
{
	static const Sigma s[2][2] = {
		{ { { 1, 8 }, 7, true }, { { 19, 61 }, 6, true } },
		{ { { 28, 34 }, 39, false }, { { 14, 18 }, 41, false } },
	};
	u128 which = 0;

	for (unsigned i = 0; i < 2; i++)
		if (op->SIX >> (2 * i + 1) & 1)
			which |= (u128)UINT64_MAX << 64 * i;
	return sigmas(t, op, DOUBLES, s[op->ST], which);
}

/* ---- Polynomials, bits ---- */

static IrRef products_d(Ir *ir, IrRef a, IrRef b)
{
	if (!ir_vec_have(ir, VEC_CLMUL))
		return IR_NONE;
	return V2(XOR, ir_v2i(ir, VEC_CLMUL, a, b, 0), ir_v2i(ir, VEC_CLMUL, a, b, 0x11));
}
TR_AB(vpmsumd, products_d(ir, a, b))

/* Products of the lower words of each doubleword. */
static IrRef lower_products(Ir *ir, IrRef a, IrRef b)
{
	return V2(UNPCKLD, ir_v2i(ir, VEC_CLMUL, a, b, 0), ir_v2i(ir, VEC_CLMUL, a, b, 0x11));
}

static IrRef products_w(Ir *ir, IrRef a, IrRef b)
{
	IrRef m = ir_vsplat_k(ir, DOUBLES, UINT32_MAX), r;

	if (!ir_vec_have(ir, VEC_CLMUL))
		return IR_NONE;
	r = lower_products(ir, V2(AND, a, m), V2(AND, b, m));
	return V2(XOR, r, lower_products(ir, V1I(SRLD, a, 32), V1I(SRLD, b, 32)));
}
TR_AB(vpmsumw, products_w(ir, a, b))

/* Two permutations, by the two halves of each byte of c. */
static IrRef permxor(Ir *ir, IrRef a, IrRef b, IrRef c)
{
	IrRef n = ir_vnot(ir, c), m = ir_vsplat_k(ir, BYTES, 15);

	return V2(XOR, V2(SHUFB, a, V2(AND, V1I(SRLH, n, 4), m)), V2(SHUFB, b, V2(AND, n, m)));
}
TR_ABC(vpermxor, permxor(ir, a, b, c))

/* A matrix times ones on the diagonal, columns for rows. */
static IrRef transpose(Ir *ir, IrRef b)
{
	if (!ir_vec_have(ir, VEC_AFFINE))
		return IR_NONE;
	return V2(AFFINE, ir_vsplat_k(ir, DOUBLES, UINT64_C(0x8040201008040201)),
		  ir_vreverse(ir, DOUBLES, b));
}
TR_B(vgbbd, transpose(ir, b))
