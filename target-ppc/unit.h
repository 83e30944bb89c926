/*
 * Units: superblocks in host code.  A unit begins where a block of the interpreter begins, and is dropped
 * with it; it follows the instructions from there in a straight line, inside the page, past conditional
 * branches that are not taken and over unconditional ones.
 *
 * While a unit runs, pc0 is the EA of its page, and PpcOp.off of its instructions their offset in
 * the page, so that ppc_cia() and give_back() are right in what it calls.
 */
#ifndef TARGET_PPC_UNIT_H
#define TARGET_PPC_UNIT_H

#include "jit/jit.h"
#include "target-ppc/block.h"
#include "target-ppc/isa.h"

enum { PPC_UNIT_MAX = 100, PPC_UNIT_OVER = 8 }; /* instructions */

typedef struct PpcUnits PpcUnits;

/* An instruction that a unit has executed by its ex_ function. */
typedef struct PpcUnitCall {
	const PpcOp *op;
	PpcUnit *unit;
	int64_t page; /* of the instruction: bytes from the unit's */
	uint16_t row; /* PpcInsn.row */
	bool fp;      /* the FPSCR is to be exact before it */
} PpcUnitCall;

struct PpcUnit {
	JitUnit *code;
	PpcUnit *dead_next;
	PpcBlock *owner;
	/* A trace: what it stands for, and pages of its instructions (bytes from the unit's). */
	PpcUnit *under;
	int64_t *page;
	unsigned npages;
	uint64_t *pages;  /* real ones */
	unsigned samples; /* times that the end of a slice was met at its beginning */
	bool tried;	  /* no trace is to be made of it any more */
	uint8_t failures; /* paths that came to nothing */
	uint8_t trials;	  /* the others; and where all of them went: */
	uint16_t ntrial;
	uint32_t *trial;
	unsigned ncalls, nptrs;
	unsigned nhelps;  /* as in Tr */
	unsigned redos;	  /* one soon after the other */
	uint64_t redo_at; /* instructions when the last one was */
	bool loop;	  /* it goes around in itself */
	uint8_t fp;	  /* PpcFpKind */
	bool nj, asks_nj; /* VSCR[NJ] as it was made for, if that matters */
	uint16_t odd;	  /* times that the FPSCR or VSCR was not so */
	unsigned n;	  /* instructions */
	uint64_t pa;	  /* real address of the first one */
	uint16_t *offs;	  /* of each, its offset in its page */
	/* They themselves, in the order in which they are executed; NULL: nobody has needed them again. */
	PpcBlock *block;
	PpcUnitCall calls[]; /* one for each instruction; none at all where ncalls is 0 */
};

typedef struct PpcUnitStats {
	uint64_t units, insns,
		bytes;	/* made: units, guest instructions and bytes of host code in them */
	uint64_t calls; /* instructions among them that are called */
	uint64_t dropped, resets;	    /* units dropped, and times the arena was emptied */
	uint64_t entries, links;	    /* from the run loop; jumps patched */
	uint64_t left[IR_EXIT_EXEC], stops; /* exits to the run loop, by kind; at entries */
	uint64_t traces, trace_insns, trace_loops;
	uint64_t views;	 /* meanings of addresses */
	uint64_t hinted; /* blocks that were hot from the beginning */
	uint64_t done;	 /* instructions in host code, and */
	uint64_t base;	 /* PpcCpu.slots when they began to be counted */
} PpcUnitStats;

void ppc_unit_free(PpcUnit *u);
void ppc_units_free(PpcCpu *cpu);
/* What cpu, which has units, has done. */
const PpcUnitStats *ppc_units_stats(const PpcCpu *cpu);
/*
 * The interpreter is about to run b: runs units instead as long as there are any.  Returns the block to
 * be interpreted next, at cpu->nip; NULL: back to the run loop, for an event or a single instruction.
 */
PpcBlock *ppc_units_run(PpcCpu *cpu, PpcBlock *b);
/* What addresses mean has been looked at: cpu->view is right, and Vcpu.own 0. */
void ppc_units_view(PpcCpu *cpu);
/* State was loaded: what is counted begins again. */
void ppc_units_loaded(PpcCpu *cpu);
/* It is known that a unit of b pays. */
void ppc_unit_hot(const PpcCpu *cpu, PpcBlock *b);
/* Nobody enters it any more; gone at the next ppc_units_reap(). */
void ppc_unit_drop(PpcCpu *cpu, PpcUnit *u);
void ppc_units_drop_all(PpcCpu *cpu);
/* It calls all arithmetic, and has done so again: after a while without enabled exceptions it goes. */
void ppc_unit_calm(PpcCpu *cpu, PpcUnit *u);
/* Does any wait for that, or all for none to be left? */
bool ppc_units_dead(const PpcCpu *cpu);
/* Do all wait for it? */
bool ppc_units_all_go(const PpcCpu *cpu);
/* No unit is running. */
void ppc_units_reap(PpcCpu *cpu);

/* Traces that have instructions in the real page at pa are no more. */
void ppc_traces_drop_page(PpcCpu *cpu, uint64_t pa);

/* ----- trace.c */

typedef struct PpcPath PpcPath; /* tr.h */
/*
 * Interprets from cpu->nip on, noting what is executed, until it is there again or the path is long
 * enough; from inside of ppc_run().  False: there is nothing to be made of it.
 */
bool ppc_trace_record(PpcCpu *cpu, PpcPath *p);
/*
 * Cuts p where an earlier path from the same place, kept in u, went another way, and keeps what is left.  False: that
 * is not worth a trace.
 */
bool ppc_trace_agree(PpcUnit *u, PpcPath *p);
/* Of p the first n instructions are left. */
void ppc_trace_cut(PpcPath *p, unsigned n);
/* Are all its instructions in the page that it begins in? */
bool ppc_trace_in_one_page(const PpcPath *p);

/* ----- unit_called.c: PpcCpu.called */

uint64_t *ppc_called_new(void);
void ppc_called_left(PpcCpu *cpu, const PpcOp *op);
void ppc_called_show(const PpcCpu *cpu, GString *out);
/* The row of a decoded instruction; NULL: none has decoded it. */
const PpcInsn *ppc_op_row(const PpcCpu *cpu, const PpcOp *op);

/* ----- tr_unit.c */

extern const JitTarget ppc_jit_target;
/*
 * Fills ir, which is empty, with the unit that begins at real address pa in the current mode, and
 * returns it without code, of at most max (1 to PPC_UNIT_MAX) instructions; no loop if that is no more than
 * PPC_UNIT_OVER.
 */
PpcUnit *ppc_unit_translate(PpcCpu *cpu, Ir *ir, uint64_t pa, unsigned max);
/* The same along a path of the current mode, which may be cut; NULL: it cannot be a trace. */
PpcUnit *ppc_trace_translate(PpcCpu *cpu, Ir *ir, PpcPath *p);
/* Notes that an instruction was left to the interpreter as a shift by 64 or more; false: it is none. */
bool ppc_long_shift(PpcCpu *cpu, const PpcOp *op);
/* Where the unit to be made at pa shall end: other units begin there.  NULL: anywhere. */
const PpcHeads *ppc_unit_heads(const PpcCpu *cpu, uint64_t pa);
/* Ends with instructions of a unit in one page if none is called: they are hardly ever needed again, */
void ppc_unit_slim(PpcUnit *u);
/* and then decoded again, in the mode of the unit. */
const PpcOp *ppc_unit_ops(PpcCpu *cpu, PpcUnit *u);

#endif
