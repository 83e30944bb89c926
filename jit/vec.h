/*
 * Operations on vectors: what the lines of vec.def say of them, what they compute, and what is made
 * of them.  Vectors are 128-bit numbers; element 0 is the rightmost, least significant one,
 * as hosts count (the reverse of how the Power ISA does).
 */
#ifndef JIT_VEC_H
#define JIT_VEC_H

#include "jit/ir.h"

typedef enum VecOp {
#define VEC(name, form, needs, prefix, map, opcode, extra) VEC_##name,
#include "jit/vec.def"
#undef VEC
	VEC_OPS
} VecOp;

typedef enum VecForm {
	VEC_FORM_RR,
	VEC_FORM_RRI,
	VEC_FORM_R,
	VEC_FORM_RI,
	VEC_FORM_GI,
	VEC_FORM_SEL,
	VEC_FORM_ACC,
	VEC_FORM_ACCI,
} VecForm;

/* What a host can do, bits. */
enum {
	VEC_HOST_SSE = 1, /* up to SSE4.2 */
	VEC_HOST_AVX = 2,
	VEC_HOST_AVX2 = 4,
	VEC_HOST_FMA = 8,
	VEC_HOST_AVX512 = 16, /* F, BW, DQ, VL */
	VEC_HOST_VBMI = 32,
	VEC_HOST_BITALG = 64,
	VEC_HOST_POPCNT = 128, /* AVX512_VPOPCNTDQ */
	VEC_HOST_CD = 256,
	VEC_HOST_AES = 512,
	VEC_HOST_CLMUL = 1024,
	VEC_HOST_GFNI = 2048,
};

typedef u128 VecFn(u128 a, u128 b, u128 c, unsigned imm);

typedef struct VecInfo {
	const char *name;
	VecFn *fn;
	uint8_t form; /* VecForm */
	uint8_t operands;
	uint8_t prefix, map, opcode, extra;
	uint16_t needs; /* VEC_HOST_* */
} VecInfo;
extern const VecInfo vec_ops[VEC_OPS];

/* IrIns.imm of VOP1, VOP2, VOP3: the operation, its immediate in bits 8 to 15. */
static inline uint32_t vec_imm(VecOp op, unsigned imm)
{
	return op | imm << 8;
}

/*
 * The rest of a VFP's: when its result, of singles or of doubles, is what the guest expects, and the only
 * exception that there can have been is that it is inexact; further bits are the guest's.
 */
enum {
	VEC_PLAIN_ANY = 0 << 16,     /* always */
	VEC_PLAIN_FINITE = 1 << 16,  /* all are finite, and below the greatest power of 2 */
	VEC_PLAIN_NORMAL = 2 << 16,  /* and none is as small as the smallest normal number */
	VEC_PLAIN_NUMBER = 3 << 16,  /* there is no NaN */
	VEC_PLAIN_FITS = 4 << 16,    /* integers that are not the smallest one */
	VEC_PLAIN_ORDERED = 5 << 16, /* there is no NaN among the elements of a and b */
	VEC_PLAIN_FLUSHED = 6 << 16, /* singles: no NaN, and none is the smallest normal number */
	VEC_PLAIN_KIND = 7 << 16,
	VEC_PLAIN_DOUBLE = 8 << 16,
	/* That it is inexact is not to be seen; with VEC_HOST_AVX512 it is rounded to the nearest, too. */
	VEC_PLAIN_QUIET = 16 << 16,
	VEC_PLAIN_GUEST = 1 << 24,
};
bool vec_plain(uint32_t imm, u128 r, u128 a, u128 b);
/*
 * A result r is plain when op of its words, brought to (r & mask) + bias, and `limit` gives 0 everywhere;
 * what of these there is to be known of imm.  FITS: mask ~0, bias 0.  false: the others.
 */
typedef struct VecPlain {
	VecOp op;
	u128 mask, bias, limit;
} VecPlain;
bool vec_plain_of(uint32_t imm, VecPlain *p);
/* Words of FLUSHED: what of a number is compared, and with what. */
#define VEC_MAGNITUDES (~(u128)0 / UINT32_MAX * INT32_MAX)
#define VEC_SMALLEST (~(u128)0 / UINT32_MAX * 0x800000)

/*
 * Products with 0, to which 0 may be added: they are exact, small as they are.  NORMAL results that are 0 where a or b
 * is are plain.
 */
static inline bool vec_is_product(uint32_t imm)
{
	VecOp op = (VecOp)(imm & 255);

	return (imm & VEC_PLAIN_KIND) == VEC_PLAIN_NORMAL &&
	       (op == VEC_MULPS || op == VEC_MULPD || (op >= VEC_MADDPS && op <= VEC_MSUBPD));
}

static inline u128 vec_eval(uint32_t imm, u128 a, u128 b, u128 c)
{
	return vec_ops[imm & 255].fn(a, b, c, imm >> 8 & 255);
}

/* What this host has (VEC_HOST_*); 0 where there is no x86-64. */
uint32_t vec_host(void);

/* Can the unit have this operation? */
static inline bool ir_vec_have(const Ir *ir, VecOp op)
{
	return (ir->host & vec_ops[op].needs) == vec_ops[op].needs;
}

/* Is it a constant?  Then *v is it. */
bool ir_is_kv(const Ir *ir, IrRef ref, u128 *v);
/* Folds a VOP1, VOP2, VOP3, VTOI, ITOV, VMASK, VANY, VCR6: an older value, or IR_NONE. */
IrRef ir_fold_vec(Ir *ir, const IrIns *i);

/* The value of a VTOI, VMASK, VANY or VCR6. */
uint64_t ir_vec_to_int(const IrIns *i, u128 v);

/* One operation of the host's. */
IrRef ir_v1(Ir *ir, VecOp op, IrRef a);
IrRef ir_v1i(Ir *ir, VecOp op, IrRef a, unsigned imm);
IrRef ir_v2(Ir *ir, VecOp op, IrRef a, IrRef b);
IrRef ir_v2i(Ir *ir, VecOp op, IrRef a, IrRef b, unsigned imm);
IrRef ir_v3(Ir *ir, VecOp op, IrRef a, IrRef b, IrRef c);
/* Arithmetic; plain: VEC_PLAIN_*.  b and c as the operation has them. */
IrRef ir_vfp(Ir *ir, VecOp op, uint32_t plain, IrRef a, IrRef b, IrRef c);

/* ----- made of several; size: log2 of the bytes of an element */

/* A constant with all elements v. */
IrRef ir_vsplat_k(Ir *ir, unsigned size, uint64_t v);
/* A number whose elements all are the low bits of integer v. */
IrRef ir_vsplat(Ir *ir, unsigned size, IrRef v);
/* v with all elements like number n, from the right. */
IrRef ir_vsplat_lane(Ir *ir, unsigned size, IrRef v, unsigned n);
IrRef ir_vnot(Ir *ir, IrRef a);
IrRef ir_vandc(Ir *ir, IrRef a, IrRef b); /* a & ~b */
/* Bit by bit: c ? b : a. */
IrRef ir_vsel(Ir *ir, IrRef a, IrRef b, IrRef c);
/* Any function of three bits, for hosts that have it: bit 4 c + 2 a + b of table. */
IrRef ir_vgtu(Ir *ir, unsigned size, IrRef a, IrRef b);
IrRef ir_vmin(Ir *ir, unsigned size, bool is_signed, IrRef a, IrRef b);
IrRef ir_vmax(Ir *ir, unsigned size, bool is_signed, IrRef a, IrRef b);
IrRef ir_vavg(Ir *ir, unsigned size, bool is_signed, IrRef a, IrRef b);
/* Shifts and rotates of elements by b's, which count modulo their size; IR_NONE: this host cannot. */
typedef enum VecShift { VEC_SHL, VEC_SHR, VEC_SAR, VEC_ROL } VecShift;
IrRef ir_vshift(Ir *ir, VecShift kind, unsigned size, IrRef a, IrRef b);
/* By a constant below the size. */
IrRef ir_vshift_k(Ir *ir, VecShift kind, unsigned size, IrRef a, unsigned n);
IrRef ir_vpopcnt(Ir *ir, unsigned size, IrRef a);
/* Bytes: b's low 4 bits choose one of a. */
IrRef ir_vreverse(Ir *ir, unsigned size, IrRef a);
/* Bytes moved to the left (right) by integer n, 0 to 15; zeros come in. */
IrRef ir_vbytes_left(Ir *ir, IrRef a, IrRef n);
IrRef ir_vbytes_right(Ir *ir, IrRef a, IrRef n);

#endif
