/*
 * Multiply, multiply-and-add, multiply-and-sum, sum across, as ex_vmx_mul.c does them, as IR.
 *
 * Not here, so called: vmsumudm, vsum2sws, products of doublewords.
 */
#include "target-ppc/tr_vec.h"

#define V2(OP, a, b) ir_v2(ir, VEC_##OP, a, b)
#define V1I(OP, a, n) ir_v1i(ir, VEC_##OP, a, n)

/* ---- Even and odd elements: the host's odd and even ones ---- */

/* Elements of an even or odd number on their own, made twice as wide: `size` is the new one. */
static IrRef odd_u(Ir *ir, unsigned size, IrRef v)
{
	return V2(AND, v, ir_vsplat_k(ir, size, (UINT64_C(1) << (4 << size)) - 1));
}
static IrRef even_u(Ir *ir, unsigned size, IrRef v)
{
	return ir_vshift_k(ir, VEC_SHR, size, v, 4u << size);
}
static IrRef odd_s(Ir *ir, unsigned size, IrRef v)
{
	return ir_vshift_k(ir, VEC_SAR, size, ir_vshift_k(ir, VEC_SHL, size, v, 4u << size),
			   4u << size);
}
static IrRef even_s(Ir *ir, unsigned size, IrRef v)
{
	return ir_vshift_k(ir, VEC_SAR, size, v, 4u << size);
}

TR_AB(vmuleub, V2(MULLH, even_u(ir, HALFS, a), even_u(ir, HALFS, b)))
TR_AB(vmuloub, V2(MULLH, odd_u(ir, HALFS, a), odd_u(ir, HALFS, b)))
TR_AB(vmulesb, V2(MULLH, even_s(ir, HALFS, a), even_s(ir, HALFS, b)))
TR_AB(vmulosb, V2(MULLH, odd_s(ir, HALFS, a), odd_s(ir, HALFS, b)))

/* Lower halves of the products of halfwords, and upper ones, brought together in words. */
static IrRef odd_uh(Ir *ir, IrRef a, IrRef b)
{
	return ir_v2i(ir, VEC_BLENDH, V2(MULLH, a, b), V1I(SLLW, V2(MULHUH, a, b), 16), 0xaa);
}
static IrRef even_uh(Ir *ir, IrRef a, IrRef b)
{
	return ir_v2i(ir, VEC_BLENDH, V1I(SRLW, V2(MULLH, a, b), 16), V2(MULHUH, a, b), 0xaa);
}
TR_AB(vmuleuh, even_uh(ir, a, b))
TR_AB(vmulouh, odd_uh(ir, a, b))
TR_AB(vmulesh, V2(MADDH, even_u(ir, WORDS, a), even_u(ir, WORDS, b)))
TR_AB(vmulosh, V2(MADDH, odd_u(ir, WORDS, a), b))

TR_AB(vmuleuw, V2(MULUW, V1I(SRLD, a, 32), V1I(SRLD, b, 32)))
TR_AB(vmulouw, V2(MULUW, a, b))
TR_AB(vmulesw, V2(MULSW, V1I(SRLD, a, 32), V1I(SRLD, b, 32)))
TR_AB(vmulosw, V2(MULSW, a, b))
TR_AB(vmuluwm, V2(MULLW, a, b))
TR_ABC(vmladduhm, V2(ADDH, V2(MULLH, a, b), c))

/* ---- Multiply and add halfwords, saturated ---- */

static IrRef add_shs(Tr *t, IrRef a, IrRef b)
{
	Ir *ir = t->ir;
	IrRef r = V2(ADDSH, a, b);

	tr_saturated(t, V2(XOR, r, V2(ADDH, a, b)));
	return r;
}

/*
 * p + c, where 0x8000 stands for a product that is one more than the largest number (of the smallest one with
 * itself): it is added in two parts.
 */
static IrRef add_product(Tr *t, IrRef p, IrRef c)
{
	Ir *ir = t->ir;
	IrRef big = V2(EQH, p, ir_vsplat_k(ir, HALFS, 0x8000));

	return add_shs(t, add_shs(t, V2(XOR, p, big), c), V1I(SRLH, big, 15));
}
TR_ABC(vmhaddshs,
       add_product(t, V2(OR, V1I(SLLH, V2(MULHSH, a, b), 1), V1I(SRLH, V2(MULLH, a, b), 15)), c))
TR_ABC(vmhraddshs, add_product(t, V2(MULHRS, a, b), c))

/* ---- Multiply and sum ---- */

static IrRef sum_ub(Ir *ir, IrRef a, IrRef b)
{
	return V2(ADDW, V2(MADDH, even_u(ir, HALFS, a), even_u(ir, HALFS, b)),
		  V2(MADDH, odd_u(ir, HALFS, a), odd_u(ir, HALFS, b)));
}
static IrRef sum_mb(Ir *ir, IrRef a, IrRef b)
{
	return V2(ADDW, V2(MADDH, even_s(ir, HALFS, a), even_u(ir, HALFS, b)),
		  V2(MADDH, odd_s(ir, HALFS, a), odd_u(ir, HALFS, b)));
}
TR_ABC(vmsumubm, V2(ADDW, sum_ub(ir, a, b), c))
TR_ABC(vmsummbm, V2(ADDW, sum_mb(ir, a, b), c))
TR_ABC(vmsumshm, V2(ADDW, V2(MADDH, a, b), c))
TR_ABC(vmsumuhm, V2(ADDW, V2(ADDW, even_uh(ir, a, b), odd_uh(ir, a, b)), c))
TR_ABC(vmsumuhs, tr_add_uws(t, tr_add_uws(t, even_uh(ir, a, b), odd_uh(ir, a, b)), c))

/* Two products of the smallest number with itself are one more than there is room for: as add_product(). */
static IrRef sum_shs(Tr *t, IrRef p, IrRef c)
{
	Ir *ir = t->ir;
	IrRef big = V2(EQW, p, ir_vsplat_k(ir, WORDS, 0x80000000));

	return tr_add_sws(t, tr_add_sws(t, V2(XOR, p, big), c), V1I(SRLW, big, 31));
}
TR_ABC(vmsumshs, sum_shs(t, V2(MADDH, a, b), c))

/* ---- Sum across ---- */

static IrRef ones(Ir *ir, unsigned size)
{
	return ir_vsplat_k(ir, size, 1);
}
TR_AB(vsum4ubs, tr_add_uws(t, V2(MADDH, V2(MADDB, a, ones(ir, BYTES)), ones(ir, HALFS)), b))
TR_AB(vsum4sbs, tr_add_sws(t, V2(MADDH, V2(MADDB, ones(ir, BYTES), a), ones(ir, HALFS)), b))
TR_AB(vsum4shs, tr_add_sws(t, V2(MADDH, a, ones(ir, HALFS)), b))

bool tr_vsumsws(Tr *t, const PpcOp *op)
{
	Ir *ir = t->ir;
	IrRef a = tr_get_vr(t, op->VRA), last = tr_v_right(t, tr_get_vr(t, op->VRB)), sum, fit, r;

	a = V2(ADDD, ir_v1(ir, VEC_SXW, a), ir_v1(ir, VEC_SXW, V1I(SHUFW, a, 0xee)));
	sum = ir_add(ir, tr_v_left(t, a), tr_v_right(t, a));
	sum = ir_add(ir, sum, ir_sx32(ir, last));
	fit = ir_sx32(ir, sum);
	r = ir_sel(ir, IR_LT, sum, ir_k(ir, 0), ir_k(ir, 0x80000000), ir_k(ir, INT32_MAX));
	r = ir_sel(ir, IR_EQ, sum, fit, ir_zx32(ir, sum), r);
	ir_put(ir, TR_VSCR, ir_or(ir, ir_get(ir, TR_VSCR), ir_set(ir, IR_NE, sum, fit)));
	tr_put_vr(t, op->VRT, tr_v_from_gprs(t, ir_k(ir, 0), r));
	return true;
}
