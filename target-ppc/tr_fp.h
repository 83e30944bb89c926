/* What tr_fp.c and tr_fpldst.c share: FPRs are doublewords 0 of VSRs, of which 1 is put to 0. */
#ifndef TARGET_PPC_TR_FP_H
#define TARGET_PPC_TR_FP_H

#include "target-ppc/tr.h"

/*
 * Before anything is put: may the host do the arithmetic?  If not, it is to be called.  Units that may are left as soon
 * as exceptions are enabled.
 */
bool tr_fp_begin(Tr *t);

/* The double in VSR n as a single, in the lower 32 bits; where it is none, or a rare one, the interpreter takes it. */
IrRef tr_single_bits(Tr *t, unsigned n);

/* Between storage and VSR n; on classic models ea is on a word boundary. */
void tr_load_single(Tr *t, unsigned n, IrRef ea);
void tr_load_double(Tr *t, unsigned n, IrRef ea);
void tr_store_single(Tr *t, unsigned n, IrRef ea);
void tr_store_double(Tr *t, unsigned n, IrRef ea);

/* The double in VSR n. */
static inline IrRef tr_fpr(Tr *t, unsigned n)
{
	return ir_emit(t->ir, IR_VTOF, 0, ir_get(t->ir, TR_VSR + n), 0, 0, 0);
}

/* Its bits. */
static inline IrRef tr_vsr_left(Tr *t, unsigned n)
{
	return ir_emit(t->ir, IR_VTOI, 1, ir_get(t->ir, TR_VSR + n), 0, 0, 0);
}

static inline void tr_put_fpr(Tr *t, unsigned n, IrRef f)
{
	ir_put(t->ir, TR_VSR + n, ir_emit(t->ir, IR_FTOV, 0, f, 0, 0, 0));
}

/* A single, which the register holds as a double. */
static inline void tr_put_single(Tr *t, unsigned n, IrRef s)
{
	ir_put(t->ir, TR_VSR + n, ir_emit(t->ir, IR_STOV, 0, s, 0, 0, 0));
}

static inline void tr_put_vsr_left(Tr *t, unsigned n, IrRef i)
{
	ir_put(t->ir, TR_VSR + n, ir_emit(t->ir, IR_ITOV, 0, i, ir_k(t->ir, 0), 0, 0));
}

#endif
