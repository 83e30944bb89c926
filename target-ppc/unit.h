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

enum { PPC_UNIT_MAX = 100 }; /* instructions */

typedef struct PpcUnits PpcUnits;

/* An instruction that a unit has executed by its ex_ function. */
typedef struct PpcUnitCall {
	const PpcOp *op;
	const PpcUnit *unit;
	bool fp; /* the FPSCR is to be exact before it */
} PpcUnitCall;

struct PpcUnit {
	JitUnit *code;
	PpcUnit *dead_next;
	PpcBlock *owner;
	unsigned ncalls, nptrs;
	unsigned nhelps;     /* as in Tr */
	unsigned redos;	     /* since it was made */
	PpcBlock *block;     /* its instructions, in the order in which they are executed */
	PpcUnitCall calls[]; /* one for each instruction; none at all where ncalls is 0 */
};

typedef struct PpcUnitStats {
	uint64_t units, insns,
		bytes;	/* made: units, guest instructions and bytes of host code in them */
	uint64_t calls; /* instructions among them that are called */
	uint64_t dropped, resets;	    /* units dropped, and times the arena was emptied */
	uint64_t entries, links;	    /* from the run loop; jumps patched */
	uint64_t left[IR_EXIT_EXEC], stops; /* exits to the run loop, by kind; at entries */
	uint64_t views;			    /* meanings of addresses */
} PpcUnitStats;

void ppc_units_free(PpcCpu *cpu);
/*
 * The interpreter is about to run b: runs units instead as long as there are any.  Returns the block to
 * be interpreted next, at cpu->nip; NULL: back to the run loop, for an event or a single instruction.
 */
PpcBlock *ppc_units_run(PpcCpu *cpu, PpcBlock *b);
/* Nobody enters it any more; gone at the next ppc_units_reap(). */
void ppc_unit_drop(PpcCpu *cpu, PpcUnit *u);
void ppc_units_drop_all(PpcCpu *cpu);
/* Does any wait for that? */
bool ppc_units_dead(const PpcCpu *cpu);
/* No unit is running. */
void ppc_units_reap(PpcCpu *cpu);

/* ----- tr_unit.c */

extern const JitTarget ppc_jit_target;
/*
 * Fills ir, which is empty, with the unit that begins at real address pa in the current mode, and
 * returns it without code, of at most max (1 to PPC_UNIT_MAX) instructions.
 */
PpcUnit *ppc_unit_translate(PpcCpu *cpu, Ir *ir, uint64_t pa, unsigned max);

#endif
