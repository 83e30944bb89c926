/*
 * What the tr_vmx_*.c and tr_vsx_*.c share: registers, VSCR, and makers of
 * translators that do one thing with two registers.
 *
 * The host counts elements from the right, the book from the left: what the book calls even elements are
 * odd ones there, and its left half is the upper one.
 */
#ifndef TARGET_PPC_TR_VEC_H
#define TARGET_PPC_TR_VEC_H

#include "jit/vec.h"
#include "target-ppc/tr.h"

/* log2 of the bytes of an element. */
enum { BYTES, HALFS, WORDS, DOUBLES };

static inline IrRef tr_get_vsr(Tr *t, unsigned n)
{
	return ir_get(t->ir, TR_VSR + n);
}
static inline void tr_put_vsr(Tr *t, unsigned n, IrRef v)
{
	ir_put(t->ir, TR_VSR + n, v);
}
/* A Vector Register. */
static inline IrRef tr_get_vr(Tr *t, unsigned n)
{
	return tr_get_vsr(t, 32 + n);
}
static inline void tr_put_vr(Tr *t, unsigned n, IrRef v)
{
	tr_put_vsr(t, 32 + n, v);
}

/* VSCR[SAT], its last bit, is set if any bit of v is. */
static inline void tr_saturated(Tr *t, IrRef v)
{
	Ir *ir = t->ir;

	ir_put(ir, TR_VSCR, ir_or(ir, ir_get(ir, TR_VSCR), ir_emit(ir, IR_VANY, 0, v, 0, 0, 0)));
}

static inline IrRef tr_v_from_gprs(Tr *t, IrRef left, IrRef right)
{
	return ir_emit(t->ir, IR_ITOV, 0, left, right, 0, 0);
}
static inline IrRef tr_v_left(Tr *t, IrRef v)
{
	return ir_emit(t->ir, IR_VTOI, 1, v, 0, 0, 0);
}
static inline IrRef tr_v_right(Tr *t, IrRef v)
{
	return ir_emit(t->ir, IR_VTOI, 0, v, 0, 0, 0);
}

/* VR (VSR) n is r; false: r could not be had. */
static inline bool tr_put_vr_if(Tr *t, unsigned n, IrRef r)
{
	if (r)
		tr_put_vr(t, n, r);
	return r;
}

static inline bool tr_put_vsr_if(Tr *t, unsigned n, IrRef r)
{
	if (r)
		tr_put_vsr(t, n, r);
	return r;
}

/* tr_NAME(): VRT is EXPR of a, VRA, and b, VRB. */
#define TR_AB(NAME, EXPR)                                                                          \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		Ir *ir = t->ir;                                                                    \
		IrRef a = tr_get_vr(t, op->VRA), b = tr_get_vr(t, op->VRB);                        \
		(void)ir;                                                                          \
		return tr_put_vr_if(t, op->VRT, EXPR);                                             \
	}
/* The same of b alone. */
#define TR_B(NAME, EXPR)                                                                           \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		Ir *ir = t->ir;                                                                    \
		IrRef b = tr_get_vr(t, op->VRB);                                                   \
		(void)ir;                                                                          \
		return tr_put_vr_if(t, op->VRT, EXPR);                                             \
	}
/* The same of a, b and c, VRC. */
#define TR_ABC(NAME, EXPR)                                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		Ir *ir = t->ir;                                                                    \
		IrRef a = tr_get_vr(t, op->VRA), b = tr_get_vr(t, op->VRB),                        \
		      c = tr_get_vr(t, op->VRC);                                                   \
		(void)ir;                                                                          \
		return tr_put_vr_if(t, op->VRT, EXPR);                                             \
	}
/* XT from XA and XB. */
#define TR_XAB(NAME, EXPR)                                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		Ir *ir = t->ir;                                                                    \
		IrRef a = tr_get_vsr(t, op->XA), b = tr_get_vsr(t, op->XB);                        \
		(void)ir;                                                                          \
		return tr_put_vsr_if(t, op->XT, EXPR);                                             \
	}
#define TR_XB(NAME, EXPR)                                                                          \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		Ir *ir = t->ir;                                                                    \
		IrRef b = tr_get_vsr(t, op->XB);                                                   \
		(void)ir;                                                                          \
		return tr_put_vsr_if(t, op->XT, EXPR);                                             \
	}
/* A load or store of SIZE bytes of a register. */
#define TR_SIZED(NAME, ACCESS, SIZE)                                                               \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return ACCESS(t, op, SIZE);                                                        \
	}

/* IrMem of sixteen bytes as they come. */
static inline uint32_t tr_mem_raw(const Tr *t)
{
	return IR_MEM_16 | (t->high ? IR_MEM_HIGH : 0);
}
/* Byte i of the result is byte i ^ lane of v. */
IrRef tr_ordered(Tr *t, IrRef v, unsigned lane);

/* Words added with saturation, which VSCR is told of. */
IrRef tr_add_uws(Tr *t, IrRef a, IrRef b);
IrRef tr_add_sws(Tr *t, IrRef a, IrRef b);
/* Byte i of the result is byte c[i] of the 32 bytes a, b; counted from the right with `right`. */
IrRef tr_permute(Tr *t, IrRef a, IrRef b, IrRef c, bool right);
/* The 16 bytes from byte n (0 to 16) of the 32 bytes a, b on. */
IrRef tr_shift_pair(Tr *t, IrRef a, IrRef b, unsigned n);

#endif
