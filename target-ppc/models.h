/* CPU models: what differs between them, one initialiser each (models.c). */
#ifndef TARGET_PPC_MODELS_H
#define TARGET_PPC_MODELS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Features that rows of ppc.isa ask for; a row names them without PPC_F_.
 * The generator emits the same list as an enum of bits (isa_gen.h:
 * PPC_F_B, PPC_F_64 ...), in this order:
 *   B      in every model
 *   64     64-bit instructions
 *   FP     floating point            FPX   fsqrt[s]; frsqrte/fres/fsel are FPG
 *   FPG    graphics group: fres frsqrte fsel
 *   VMX    AltiVec (ISA 2.03 vector)
 *   VSX    ISA 2.06 VSX
 *   DFP    decimal floating point
 *   V2     ISA 2.00-2.05 server additions (mfocrf, popcntb, isel, prtyw, fcpsgn, cmpb, hrfid ...)
 *   206    ISA 2.06 (ldbrx, popcntd, divde, fctidu, lbarx ...)
 *   207    ISA 2.07 (quadword, crypto, BCD, vector 64-bit, TM, direct moves)
 *   300    ISA 3.0
 *   310    ISA 3.1
 *   SEG32  32-bit segment registers (classic and 970 bridge)
 *   CLS    classic 6xx/7xx only (tlbld, tlbli, eciwx, ecowx, dcba ...)
 *   SLB    software-managed SLB
 *   TM     transactional memory
 */

typedef enum PpcMmuKind {
	PPC_MMU_32,	/* segments, BATs, hash */
	PPC_MMU_HASH64, /* SLB, hash */
	PPC_MMU_V3,	/* ISA 3.0: hash or radix, by LPCR[HR] */
} PpcMmuKind;

typedef enum PpcExcpKind {
	PPC_EXCP_6XX,
	PPC_EXCP_970,
	PPC_EXCP_P8,
	PPC_EXCP_P9,
	PPC_EXCP_P10
} PpcExcpKind;

/* What is particular in floating point (fpu_classic.c). */
typedef enum PpcFpuKind {
	PPC_FPU_BOOK, /* as the book says; estimates computed */
	PPC_FPU_750,
	PPC_FPU_7400,
} PpcFpuKind;

typedef struct PpcModel {
	const char *name;	    /* "power9_v2.0" */
	const char *const *aliases; /* "power9", "POWER9"; NULL-terminated */
	const char *desc;
	uint32_t pvr;
	uint64_t features; /* PPC_F_* */
	PpcMmuKind mmu;
	PpcExcpKind excp;
	uint64_t spr_set;    /* PPC_SPRSET_*: which lines of spr.def it has */
	uint64_t msr_mask;   /* writable bits */
	unsigned dec_bits;   /* 32, or 56 with LPCR[LD] */
	bool dec_level;	     /* level-sensitive decrementer exception */
	unsigned cache_line; /* bytes: dcbz, icbi */
	unsigned slb_size;
	PpcFpuKind fpu;
	const char *dt_name;	    /* "PowerPC,POWER9" */
	const uint8_t *pa_features; /* with its two-byte header; NULL for none */
	unsigned pa_features_len;
} PpcModel;

/* models_classic.c */
extern const PpcModel ppc_model_603e, ppc_model_604e, ppc_model_750, ppc_model_7400, ppc_model_7410,
	ppc_model_7450, ppc_model_7447a, ppc_model_970fx;
/* NULL-terminated. */
extern const PpcModel *const ppc_models[];
/* By name or alias, upper or lower case; NULL when unknown. */
const PpcModel *ppc_model_find(const char *name);

#endif
