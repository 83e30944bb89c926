/*
 * Loads and stores of the Vector Facility and of VSX, moves between registers of different kinds, as
 * ex_vmx_ldst.c and ex_vsx_ldst.c do them, as IR.
 *
 * Sixteen bytes are loaded as they come, and put in order by one permutation, which
 * meets others (of a store, or of the xxpermdi that follows lxvd2x) and may go with them.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr_vec.h"

static IrRef ea_x(Tr *t, const PpcOp *op)
{
	return tr_ea(t, tr_gpr(t, op->RA0), tr_gpr(t, op->RB));
}

static IrRef ea_imm(Tr *t, const PpcOp *op)
{
	return tr_ea(t, tr_gpr(t, op->RA0), tr_k(t, (uint64_t)op->imm));
}

/* ea without its low bits. */
static IrRef aligned(Tr *t, IrRef ea, unsigned size)
{
	return ir_and(t->ir, ea, tr_k(t, ~(uint64_t)(size - 1)));
}

/*
 * Elements of `size` bytes in the order of their addresses, each in the current byte order; 16: one number.
 * Against the host's order: byte i is to go to i ^ lanes().
 */
static unsigned lanes(const Tr *t, unsigned size)
{
	return t->le ? 16 - size : 15;
}

IrRef tr_ordered(Tr *t, IrRef v, unsigned lane)
{
	static const uint8_t words[4] = { 0xe4, 0xb1, 0x4e, 0x1b };
	u128 k = 0;

	if (lane % 4 == 0)
		return ir_v1i(t->ir, VEC_SHUFW, v, words[lane / 4]);
	for (unsigned i = 0; i < 16; i++)
		k |= (u128)(i ^ lane) << 8 * i;
	return ir_v2(t->ir, VEC_SHUFB, v, ir_kv(t->ir, k));
}

static bool load(Tr *t, unsigned vsr, IrRef ea, unsigned size)
{
	uint32_t mem = tr_mem_raw(t);

	tr_put_vsr(t, vsr, tr_ordered(t, ir_ld(t->ir, IR_LDV, mem, ea), lanes(t, size)));
	return true;
}

static bool store(Tr *t, unsigned vsr, IrRef ea, unsigned size)
{
	uint32_t mem = tr_mem_raw(t);

	ir_st(t->ir, IR_STV, mem, ea, tr_ordered(t, tr_get_vsr(t, vsr), lanes(t, size)));
	return true;
}

#define TR_16(NAME, ACCESS, VSR, EA, SIZE)                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return ACCESS(t, VSR, EA, SIZE);                                                   \
	}
TR_16(lvx, load, 32 + op->VRT, aligned(t, ea_x(t, op), 16), 16)
TR_16(stvx, store, 32 + op->VRS, aligned(t, ea_x(t, op), 16), 16)
TR_16(lxvx, load, op->XT, ea_x(t, op), 16)
TR_16(stxvx, store, op->XS, ea_x(t, op), 16)
TR_16(lxv, load, op->XTdq, ea_imm(t, op), 16)
TR_16(stxv, store, op->XSdq, ea_imm(t, op), 16)
TR_16(lxvd2x, load, op->XT, ea_x(t, op), 8)
TR_16(lxvw4x, load, op->XT, ea_x(t, op), 4)
TR_16(lxvh8x, load, op->XT, ea_x(t, op), 2)
TR_16(lxvb16x, load, op->XT, ea_x(t, op), 1)
TR_16(stxvd2x, store, op->XS, ea_x(t, op), 8)
TR_16(stxvw4x, store, op->XS, ea_x(t, op), 4)
TR_16(stxvh8x, store, op->XS, ea_x(t, op), 2)
TR_16(stxvb16x, store, op->XS, ea_x(t, op), 1)

/* ---- Elements of Vector Registers ---- */

/* How many bytes to the left of the right end the element for ea stands. */
static IrRef element_at(Tr *t, IrRef ea, unsigned size)
{
	IrRef n = ir_and(t->ir, ea, tr_k(t, 16 - size));

	return t->le ? n : ir_sub(t->ir, tr_k(t, 16 - size), n);
}

static bool load_element(Tr *t, const PpcOp *op, unsigned size)
{
	Ir *ir = t->ir;
	IrRef ea = aligned(t, ea_x(t, op), size), at = element_at(t, ea, size);
	IrRef v = ir_ld(ir, IR_LD, tr_mem(t, size, false), ea);
	IrRef mask = ir_vbytes_left(ir, ir_kv(ir, UINT64_MAX >> (64 - 8 * size)), at);

	v = ir_vbytes_left(ir, tr_v_from_gprs(t, tr_k(t, 0), v), at);
	tr_put_vr(t, op->VRT, ir_v2(ir, VEC_OR, ir_vandc(ir, tr_get_vr(t, op->VRT), mask), v));
	return true;
}

static bool store_element(Tr *t, const PpcOp *op, unsigned size)
{
	Ir *ir = t->ir;
	IrRef ea = aligned(t, ea_x(t, op), size), at = element_at(t, ea, size);

	ir_st(ir, IR_ST, tr_mem(t, size, false), ea,
	      tr_v_right(t, ir_vbytes_right(ir, tr_get_vr(t, op->VRS), at)));
	return true;
}

TR_SIZED(lvebx, load_element, 1)
TR_SIZED(lvehx, load_element, 2)
TR_SIZED(lvewx, load_element, 4)
TR_SIZED(stvebx, store_element, 1)
TR_SIZED(stvehx, store_element, 2)
TR_SIZED(stvewx, store_element, 4)

/* Bytes that count up from `first`, the leftmost. */
static bool count_up(Tr *t, unsigned vrt, IrRef first)
{
	u128 k = (u128)UINT64_C(0x0001020304050607) << 64 | UINT64_C(0x08090a0b0c0d0e0f);

	tr_put_vr(t, vrt, ir_v2(t->ir, VEC_ADDB, ir_kv(t->ir, k), ir_vsplat(t->ir, BYTES, first)));
	return true;
}

static IrRef low4(Tr *t, const PpcOp *op)
{
	return ir_and(t->ir, ea_x(t, op), tr_k(t, 15));
}

bool tr_lvsl(Tr *t, const PpcOp *op)
{
	return count_up(t, op->VRT, low4(t, op));
}

bool tr_lvsr(Tr *t, const PpcOp *op)
{
	return count_up(t, op->VRT, ir_sub(t->ir, tr_k(t, 16), low4(t, op)));
}

bool tr_dst(Tr *t, const PpcOp *op)
{
	(void)t;
	(void)op;
	return true;
}

/* ---- Scalars to doubleword 0 and back ---- */

static bool put_left(Tr *t, unsigned vsr, IrRef v)
{
	tr_put_vsr(t, vsr, tr_v_from_gprs(t, v, tr_k(t, 0)));
	return true;
}

static bool load_left(Tr *t, unsigned vsr, IrRef ea, unsigned size, uint32_t sx)
{
	return put_left(t, vsr, ir_ld(t->ir, IR_LD, tr_mem(t, size, false) | sx, ea));
}

static bool store_left(Tr *t, unsigned vsr, IrRef ea, unsigned size)
{
	ir_st(t->ir, IR_ST, tr_mem(t, size, false), ea, tr_v_left(t, tr_get_vsr(t, vsr)));
	return true;
}

#define TR_LOAD_LEFT(NAME, VSR, EA, SIZE, SX)                                                      \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return load_left(t, VSR, EA, SIZE, SX);                                            \
	}
#define TR_STORE_LEFT(NAME, VSR, EA, SIZE)                                                         \
	bool tr_##NAME(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return store_left(t, VSR, EA, SIZE);                                               \
	}
TR_LOAD_LEFT(lxsiwax, op->XT, ea_x(t, op), 4, IR_MEM_SX)
TR_LOAD_LEFT(lxsiwzx, op->XT, ea_x(t, op), 4, 0)
TR_LOAD_LEFT(lxsihzx, op->XT, ea_x(t, op), 2, 0)
TR_LOAD_LEFT(lxsibzx, op->XT, ea_x(t, op), 1, 0)
TR_LOAD_LEFT(lxsd, 32 + op->VRT, ea_imm(t, op), 8, 0)
TR_STORE_LEFT(stxsiwx, op->XS, ea_x(t, op), 4)
TR_STORE_LEFT(stxsihx, op->XS, ea_x(t, op), 2)
TR_STORE_LEFT(stxsibx, op->XS, ea_x(t, op), 1)
TR_STORE_LEFT(stxsd, 32 + op->VRS, ea_imm(t, op), 8)

/* ---- Splats, moves ---- */

bool tr_lxvdsx(Tr *t, const PpcOp *op)
{
	IrRef v = ir_ld(t->ir, IR_LD, tr_mem(t, 8, false), ea_x(t, op));

	tr_put_vsr(t, op->XT, ir_vsplat(t->ir, DOUBLES, v));
	return true;
}

bool tr_lxvwsx(Tr *t, const PpcOp *op)
{
	IrRef v = ir_ld(t->ir, IR_LD, tr_mem(t, 4, false), ea_x(t, op));

	tr_put_vsr(t, op->XT, ir_vsplat(t->ir, WORDS, v));
	return true;
}

bool tr_mtvsrws(Tr *t, const PpcOp *op)
{
	tr_put_vsr(t, op->XT, ir_vsplat(t->ir, WORDS, tr_gpr(t, op->RA)));
	return true;
}

bool tr_mtvsrdd(Tr *t, const PpcOp *op)
{
	tr_put_vsr(t, op->XT, tr_v_from_gprs(t, tr_gpr(t, op->RA0), tr_gpr(t, op->RB)));
	return true;
}

bool tr_mfvsrld(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RA, tr_v_right(t, tr_get_vsr(t, op->XS)));
	return true;
}

bool tr_mfvsrwz(Tr *t, const PpcOp *op)
{
	tr_put_gpr(t, op->RA, ir_zx32(t->ir, tr_v_left(t, tr_get_vsr(t, op->XS))));
	return true;
}

/* ---- VSCR ---- */

bool tr_mfvscr(Tr *t, const PpcOp *op)
{
	tr_put_vr(t, op->VRT, tr_v_from_gprs(t, tr_k(t, 0), ir_get(t->ir, TR_VSCR)));
	return true;
}

void tr_cr6(Tr *t, const PpcOp *op)
{
	/* The only kinds of targets there are: VRT, XT. */
	IrRef v = t->insn->operands[0] == 'V' ? tr_get_vr(t, op->VRT) : tr_get_vsr(t, op->XT);

	ir_put(t->ir, TR_CR + 6, ir_emit(t->ir, IR_VCR6, 0, v, 0, 0, 0));
}
