/* What the files of the IR share; nobody else includes it. */
#ifndef JIT_IR_INT_H
#define JIT_IR_INT_H

#include "jit/ir.h"
#include "jit/jit.h"

/*
 * Simplifies a pure operation: an older or other reference that has its value, or IR_NONE, with
 * *i perhaps rewritten, when there has to be a new one.
 */
IrRef ir_fold(Ir *ir, IrIns *i);
/*
 * Simplifies a condition.  0 or 1: it never, always holds; -1: neither is known.
 */
int ir_fold_cond(Ir *ir, IrCc *cc, IrRef *a, IrRef *b);
/* An operation as it stands, or an older one of the same value. */
IrRef ir_emit_as_is(Ir *ir, const IrIns *i);
/* Takes operations from number n on out of what is found again. */
void ir_unhash(Ir *ir, unsigned n);
/* Does a CC b hold? */
bool ir_eval_cc(IrCc cc, uint64_t a, uint64_t b);
/* Another reference with the same value in the bits of mask: extensions and masks that do not matter are left out. */
IrRef ir_demand(Ir *ir, IrRef ref, uint64_t mask);
/* ir->ones and ->sbits of an operation that has just been added. */
void ir_facts(Ir *ir, IrRef ref);

static inline uint64_t ir_low_bits(unsigned n)
{
	return n > 63 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* An operation on vectors that vec.h describes. */
static inline bool ir_is_vec(unsigned op)
{
	return op >= IR_VOP1 && op <= IR_VCR6;
}

/* Arithmetic of vectors. */
static inline bool ir_is_vfp(unsigned op)
{
	return op >= IR_VFP1 && op <= IR_VFP3;
}

static inline bool ir_is_phi(const IrIns *i)
{
	return i->op >= IR_PHI && i->op <= IR_PHIV;
}

/* Moves and comparisons of floating point, but for FTOS; arithmetic. */
static inline bool ir_is_fp_move(unsigned op)
{
	return op >= IR_FTOV && op <= IR_SSET;
}

static inline bool ir_is_fp(unsigned op)
{
	return op >= IR_FADD && op <= IR_FCVTU32;
}

/*
 * Is what the host has computed all there is to say: exceptions but inexact ones, which the host notes, did not
 * occur?  r: the result's bits.
 */
bool ir_fp_plain(unsigned op, uint64_t r);
/* Arithmetic as the host does it: result's bits; operands too. */
uint64_t ir_fp_host(unsigned op, uint32_t imm, uint64_t a, uint64_t b, uint64_t c);
/* Value of a move or comparison. */
u128 ir_fp_move(unsigned op, uint32_t imm, u128 a, u128 b);
IrRef ir_fold_fp(Ir *ir, IrIns *i);

/* Bytes of a memory operation. */
static inline unsigned ir_mem_bytes(uint32_t mem)
{
	return 1u << (mem & IR_MEM_SIZE);
}

#endif
