/*
 * Units made in the background: a machine has one thread that translates what its CPUs ask for, while
 * they go on interpreting it.
 *
 * The thread sees neither guest memory nor a CPU.  Whoever asks gives it a copy of the page and of what
 * the meaning of instructions depends on; whoever fetches the result marks the instructions that are in it as code
 * and compares them with memory, in this order: so it is as if they had been read then.  Blocks are known to
 * their CPU alone, and one that goes takes its request along.
 */
#ifndef TARGET_PPC_COMPILE_H
#define TARGET_PPC_COMPILE_H

#include <stdatomic.h>
#include "jit/jit.h"
#include "target-ppc/unit.h"

typedef struct PpcCompile PpcCompile; /* one CPU's requests */
typedef struct PpcJob PpcJob;

/* Makes the unit of a job whose code is copied in cpu, which is no CPU but says what the job's did. */
typedef PpcUnit *PpcTranslate(PpcCpu *cpu, Ir *ir, uint64_t pa, unsigned max);

struct PpcJob {
	PpcBlock *block; /* the CPU's; NULL: it is gone, or nobody asks any more */
	uint64_t nip;	 /* where it was when this was asked for */
	PpcUnit *unit;	 /* without code; NULL: it is too large */
	JitDraft *draft; /* its code; NULL likewise */
	PpcJob *next;
	/* Private. */
	PpcCompile *from;
	PpcTranslate *translate;
	unsigned max;
	bool wide;
	atomic_bool unwanted;
	/* What instructions mean depends on this. */
	uint32_t mode, vscr;
	uint64_t pa, msr, fpscr, features;
	bool le, so, crowded;
	PpcHeads heads; /* if crowded */
	uint8_t page[]; /* a copy */
};

/* Bytes of code that are not read from memory; NULL in PpcCpu.copy: they are. */
typedef struct PpcCodeCopy {
	uint64_t pa; /* of the page */
	const uint8_t *bytes;
	const PpcHeads *heads; /* as of ppc_unit_heads() */
} PpcCodeCopy;

/* Code will be placed in j. */
PpcCompile *ppc_compile_new(PpcCpu *cpu, Jit *j);
/* All requests go. */
void ppc_compile_free(PpcCompile *c);
/*
 * From the CPU's thread, the CPU being about to run b at cpu->nip: asks for a unit of at most max instructions.
 * wide: its accesses may be looked up together.  False: too many are under way.
 */
bool ppc_compile_ask(PpcCompile *c, PpcBlock *b, PpcTranslate *translate, unsigned max, bool wide);
/* Nobody wants what was asked for with the block. */
void ppc_compile_void(PpcBlock *b);
/*
 * A finished job, or NULL; from the CPU's thread.  Its block stands, and memory still holds the
 * instructions; a block for which that is not so may ask again.  It is to be freed, what is still in it included.
 */
PpcJob *ppc_compile_take(PpcCompile *c);
void ppc_job_free(PpcJob *job);
/* Until now: asked for, found to be of other bytes or without a block when finished. */
void ppc_compile_counts(const PpcCompile *c, uint64_t *asked, uint64_t *late);

#endif
