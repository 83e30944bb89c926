/*
 * Translation of guest instructions to IR: what tr_NAME() functions see.
 *
 * A row of ppc.isa may have `bool tr_NAME(Tr *t, const PpcOp *op)`, which emits what ex_NAME() does for the
 * form without a dot (the unit's builder sets CR0 after a dotted one from the row's rc= register), or
 * returns false, having emitted nothing that matters, to have ex_NAME() called instead.  Everything that can
 * leave (memory, traps) comes before the first tr_put_*(), as in ex_*().  scripts/isagen.py finds the
 * functions by the name in target-ppc/tr_*.c.
 */
#ifndef TARGET_PPC_TR_H
#define TARGET_PPC_TR_H

#include "jit/ir.h"
#include "target-ppc/block.h"
#include "target-ppc/cpu.h"
#include "target-ppc/isa.h"

/* Lines of spr.def without effects that units move to and from GPRs; FSCR and LPCR are read only. */
#define TR_SPRS(X)                                                                                 \
	X(DSCR)                                                                                    \
	X(DSISR)                                                                                   \
	X(DAR)                                                                                     \
	X(SRR0)                                                                                    \
	X(SRR1)                                                                                    \
	X(FSCR)                                                                                    \
	X(SPRG0)                                                                                   \
	X(SPRG1)                                                                                   \
	X(SPRG2)                                                                                   \
	X(SPRG3)                                                                                   \
	X(SPRG4)                                                                                   \
	X(SPRG5)                                                                                   \
	X(SPRG6)                                                                                   \
	X(SPRG7)                                                                                   \
	X(HSPRG0)                                                                                  \
	X(HSPRG1)                                                                                  \
	X(HIOR)                                                                                    \
	X(PPR)                                                                                     \
	X(LPCR)

/* Slots of env (= PpcCpu). */
enum {
	TR_GPR = 0, /* 32 of them */
	TR_LR = 32,
	TR_CTR,
	TR_CFAR,
	TR_NIP,
	TR_PAGE, /* EA of the page the unit lies in */
	TR_VIEW, /* read only */
	TR_MSR,	 /* of it EE and RI alone may change, and the rest where the unit ends */
	TR_CR,	 /* 8 of them, fields as in PpcCpu.cr */
	TR_SO = TR_CR + 8,
	TR_OV,
	TR_OV32,
	TR_CA,
	TR_CA32,
	TR_XERCOUNT,
	TR_TAR,
	TR_VRSAVE,
	TR_XERCMP,
#define TR_SPR(name) TR_SPR_##name,
	TR_SPRS(TR_SPR)
#undef TR_SPR
		TR_VSCR,
	TR_FPXX,    /* highest byte of the lower half of the FPSCR: XX among others; read only */
	TR_FPCTL,   /* lowest byte of the FPSCR: enables, NI, RN; read only */
	TR_FP_KIND, /* PpcFpLast */
	TR_FP_A,
	TR_FP_B,
	TR_FP_C,
	TR_FP_CONVERT,
	TR_FP_CONVERT_A,
	TR_FP_FPCC,
	TR_VSR, /* 64 of them */
	TR_SLOTS = TR_VSR + 64,
};

/*
 * Functions of CALLs (tr_help.c).  They raise nothing: what would is left undone and told, and then
 * the instruction is the interpreter's.
 */
enum {
	/* (ea, size): the loaded word | TR_DONE; of 8 bytes and of 16 the doublewords are: */
	TR_HELP_RESERVE,
	TR_HELP_RESERVED, /* (n) */
	/* (ea, size, value): 0 not stored, 1 stored, TR_DONE it cannot say; 16 bytes: behind UPPER */
	TR_HELP_CONDITIONAL,
	TR_HELP_AMO, /* ppc_try_amo(); behind UPPER, and before: */
	TR_HELP_AMO_RESULT,
	TR_HELP_ESTIMATE, /* ppc_fp_estimate() */
	TR_HELP_DCBZ,	  /* (ea, word): 0: not done */
	TR_HELP_ICBI,	  /* (ea): 0: not done */
	TR_HELP_EE,	  /* (MSR): ppc_ee_written() */
	TR_HELP_MSR,	  /* ppc_quick_msr() */
	TR_HELP_KEY,	  /* ppc_quick_key() */
	TR_HELP_TLBIEL,	  /* ppc_quick_tlbiel() */
	TR_HELP_SYNC,	  /* ppc_tlb_wait(); it may flush: the unit ends behind it */
	TR_HELP_SETTLE,	  /* ppc_quick_settle() */
	TR_HELP_UPPER,	  /* (v): of what the next STORE stores, the upper half */
	/* (ea, n, lower half): n (0 to 16) bytes, the least significant first; 0: not done */
	TR_HELP_STORE,
	TR_HELPERS,
};
extern uint64_t (*const tr_helpers[TR_HELPERS])(void *env, uint64_t a, uint64_t b, uint64_t c);
#define TR_DONE UINT64_C(0x100000000)

enum { PPC_TRACE_MAX = 240, PPC_TRACE_PAGES = 8 };

/* Instructions as they were executed one after the other: what a trace is made of. */
typedef struct PpcPath {
	unsigned n;
	bool loops;    /* behind the last it is at the first again */
	uint32_t view; /* that the addresses are of; 0: all are in one page, and may be any */
	int64_t end;   /* where it goes on; this and `page`: bytes from the first one's page */
	unsigned npages;
	uint64_t pages[PPC_TRACE_PAGES]; /* real addresses */
	PpcOp ops[PPC_TRACE_MAX];
	int64_t page[PPC_TRACE_MAX];
	bool taken[PPC_TRACE_MAX]; /* of branches */
} PpcPath;

typedef struct Tr {
	Ir *ir;
	const PpcCpu *cpu; /* model and features only: state changes */
	const PpcInsn *insn;
	const PpcOp *op; /* op->off: offset in the page */
	uint32_t mode;	 /* PPC_MODE_* of the unit */
	bool sf;	 /* MSR[SF]: part of the unit's key */
	bool le;	 /* data byte order */
	bool high;	 /* accesses are expected in the upper half of the address space */
	IrExitKind far;	 /* of exits to other pages */
	bool ended;	 /* a branch has ended the unit */
	bool loop_end;	 /* a backward branch, or events are to be looked at: the unit ends here */
	unsigned index;	 /* of the instruction in the unit */
	unsigned max;	 /* instructions of the unit */
	unsigned start;	 /* offset in the page of the unit's beginning */
	unsigned next;	 /* offset in the page of the one to be taken after it */
	unsigned ncalls; /* instructions that are called */
	const PpcPath *path; /* NULL: the unit finds its way itself */
	int64_t at;	     /* page of the instruction: bytes from the unit's */
	unsigned nhelps;     /* helpers that change memory */
	IrRef fp_since;	     /* barrier after which TR_FPCTL was looked at, + 1; 0: it was not */
	IrRef fp_near;	     /* the same of RN, that it is the same on both sides of 0 */
	unsigned fp;	     /* PpcFpKind */
	IrRef nj_since;	     /* as fp_since, of VSCR[NJ] */
	bool nj;	     /* what it is taken to be */
	bool so;	     /* XER[SO] may be 1 when the unit is entered */
	bool so_put;	     /* the instruction may have set it */
} Tr;

/* XER[SO] for a CR field. */
static inline IrRef tr_so(Tr *t)
{
	return t->so || t->so_put ? ir_get(t->ir, TR_SO) : ir_k(t->ir, 0);
}

/* Where the instruction under way is: bytes from the unit's page. */
static inline int64_t tr_place(const Tr *t)
{
	return t->at + t->op->off;
}

/* GPR n; 32 reads as 0, as in PpcOp. */
static inline IrRef tr_gpr(Tr *t, unsigned n)
{
	return n == 32 ? ir_k(t->ir, 0) : ir_get(t->ir, TR_GPR + n);
}

static inline void tr_put_gpr(Tr *t, unsigned n, IrRef v)
{
	ir_put(t->ir, TR_GPR + n, v);
}

static inline IrRef tr_k(Tr *t, uint64_t v)
{
	return ir_k(t->ir, v);
}

/* The effective address a + b in the current mode. */
static inline IrRef tr_ea(Tr *t, IrRef a, IrRef b)
{
	IrRef ea = ir_add(t->ir, a, b);

	return t->sf ? ea : ir_zx32(t->ir, ea);
}

/* IrMem of an access of `size` bytes (1, 2, 4, 8, 16) in guest byte order; or in the other one. */
uint32_t tr_mem(const Tr *t, unsigned size, bool reversed);
/* EA of the instruction under way plus d, in the current mode. */
IrRef tr_cia(Tr *t, int64_t d);
/* CR field 0 from a result, as ppc_cr0(). */
void tr_cr0(Tr *t, IrRef result);
/* CR field 6 from the instruction's vector: are all its elements ones, or none? */
void tr_cr6(Tr *t, const PpcOp *op);
/* CR field bf from a comparison (IR_LT, IR_LTU, IR_LT32, IR_LTU32), and SO. */
void tr_cmp(Tr *t, unsigned bf, IrCc lt, IrRef a, IrRef b);
/* CR bit 0 to 31: as a condition, or as 0 or 1. */
void tr_cr_cond(Tr *t, unsigned bit, IrCc *cc, IrRef *a, IrRef *b);
IrRef tr_cr_bit(Tr *t, unsigned bit);
/* As long as FSCR keeps problem state away from a facility, the interpreter raises the interrupt. */
void tr_need_fscr(Tr *t, unsigned cause);
/* Interprets the instruction under way if a CC b, with nothing of it done. */
void tr_redo_if(Tr *t, IrCc cc, IrRef a, IrRef b);
/*
 * tr_sys.c.  The unit ends with a new MSR: v but for what of the old one is kept.  SPR num = v, one of those that
 * choose translations.  False: it is to be called.
 */
bool tr_new_msr(Tr *t, IrRef v, uint64_t keep);
bool tr_mtspr_key(Tr *t, unsigned num, IrRef v);

/*
 * Branches (tr_unit.c): taken when a CC b, or always; to an offset from the instruction under way, an
 * absolute address, or an address in a register (whose two last bits do not count).  They set CFAR;
 * LR and CTR are put before.  A branch always ends the unit unless the builder goes on after it.
 */
void tr_branch_if(Tr *t, IrCc cc, IrRef a, IrRef b, int64_t disp);
void tr_branch(Tr *t, int64_t disp);
void tr_branch_abs(Tr *t, uint64_t target);
void tr_branch_reg(Tr *t, IrRef target);
/* Ends the unit, which has changed what addresses mean: on at an address. */
void tr_switched(Tr *t, IrRef to);
/* As tr_branch_reg(), when a CC b. */
void tr_branch_reg_if(Tr *t, IrCc cc, IrRef a, IrRef b, IrRef target);

#endif
