/* What translators of vector arithmetic and fpu_jit_vec.c share. */
#ifndef TARGET_PPC_TR_VFP_H
#define TARGET_PPC_TR_VFP_H

#include "jit/vec.h"

/* Of IrIns.imm of a VFP. */
enum {
	TR_VFP_NEGATED = VEC_PLAIN_GUEST, /* the result is negated afterwards; NaNs are not to be */
	TR_VFP_ALTIVEC = VEC_PLAIN_GUEST * 2, /* no exceptions */
	TR_VFP_NJ = VEC_PLAIN_GUEST * 4,      /* of these: denormals are zeros */
};

#endif
