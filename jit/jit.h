/*
 * Code of units: made from IR, kept in one arena, linked to one another, dropped.
 * Knows no guest: what it must know of one is a JitTarget.
 *
 * A unit is entered with env up to date and checks first that its `insns` are left of the
 * budget and that the 64-bit word at target->stop is 0; if not it leaves (JIT_LEFT_ENTRY) with nothing done.
 * Units that are linked go from one to the next without leaving.
 */
#ifndef JIT_JIT_H
#define JIT_JIT_H

#include <stdio.h>
#include "jit/ir.h"

/*
 * A software TLB: *(char **)(env + table[h]) + first + ((ea >> page_bits) & (entries - 1)) * entry_size, where h is 1 for
 * the upper half of the address space (IR_MEM_HIGH).  Its word at rd (wr) is ea's page number shifted
 * left again when a load (store) that does not cross the page is allowed at host address ea + addend.
 */
typedef struct JitTlb {
	int32_t table[2];
	int32_t now;   /* of that pointer of the two which units of the present view expect */
	int32_t first; /* of the entries from there */
	uint8_t page_bits;
	uint32_t entries, entry_size; /* powers of 2 */
	uint8_t rd, wr, addend;	      /* offsets of 64-bit words in an entry */
} JitTlb;

/* The jump table at *(JitJumps **)(env + target->jumps), index jit_jump(). */
enum { JIT_JUMPS = 1 << 16 };
typedef struct JitJump {
	uint64_t ea;	  /* where, a multiple of 4 */
	const void *code; /* what is run there */
} JitJump;
typedef struct JitJumps {
	JitJump to[JIT_JUMPS];
	uint32_t view
		[JIT_JUMPS]; /* right while env's view is this one; 0, which is no view: empty */
} JitJumps;

/* Views should differ in bits 2 to 17 (from the right). */
static inline unsigned jit_jump(uint64_t ea, uint32_t view)
{
	return ((uint32_t)ea ^ view) >> 2 & (JIT_JUMPS - 1);
}

typedef uint64_t JitHelper(void *env, uint64_t a, uint64_t b, uint64_t c);

struct JitTarget {
	const JitSlot *slots;
	unsigned nslots;
	int32_t bias;	/* of the register that points to env: env + bias */
	int32_t stop;	/* 64-bit word: not 0: leave at the next entry */
	int32_t budget; /* 64-bit word: instructions left; in a register while code runs */
	int32_t view;	/* 32-bit word: which translation of addresses holds */
	int32_t jumps;	/* pointer to the jump table */
	int nip;	/* slot with the address of the next instruction */
	JitTlb tlb;
	/*
	 * A load or store (mem: IrMem) that the TLB does not allow: done, with the bytes in *v as a
	 * number (16 bytes: u128, else uint64_t, extended as mem says), or not, and nothing has
	 * happened: false.
	 */
	bool (*ld)(void *env, uint64_t ea, uint32_t mem, void *v);
	bool (*st)(void *env, uint64_t ea, uint32_t mem, const void *v);
	/*
	 * Host address of n bytes at ea, which lie there together and may be read (written) at once and
	 * until the unit, or the turn of its loop, ends; NULL: not without a question.
	 */
	void *(*probe)(void *env, uint64_t ea, unsigned n, bool store);
	JitHelper *const *helpers;
	/*
	 * Arithmetic (IrOp) of which the host says too little: operands and result as bits.  It notes
	 * exceptions where it will, and nothing else.
	 */
	u128 (*fpv)(void *env, uint32_t imm, u128 a, u128 b, u128 c); /* the same of vectors */
	uint64_t (*fp)(void *env, unsigned op, uint32_t imm, uint64_t a, uint64_t b, uint64_t c);
};

/*
 * Budget: a unit takes its insns from it when it is entered and every exit gives back insns - done, so that
 * after an exit env's budget is that at the entry less `done`.  While an EXEC, a helper, ld or st runs,
 * env's budget is that at the entry less insns; an EXEC may change it.
 */

typedef struct Jit Jit;		/* an arena and what is in it; one thread at a time */
typedef struct JitUnit JitUnit; /* one unit's code */

typedef struct JitExit JitExit;
struct JitExit {
	JitUnit *unit;
	JitUnit *linked; /* LINK and FAR: where its jump goes; NULL: to the dispatcher */
	uint32_t target; /* IrExit.target */
	uint8_t kind;	 /* IrExitKind */
	bool wide;	 /* REDO: the last time a PTR's range was not to be had */
	uint16_t done;	 /* IrExit.done */
	uint32_t from;	 /* arena offset of the jump's distance; 0: it cannot be linked */
	uint32_t out;	 /* private: where it leads while it is not linked */
	JitExit *next_in, **prev_in; /* private: of those that are linked to the same unit */
};

struct JitUnit {
	void *user;
	uint32_t code, size; /* offset in the arena, bytes */
	uint32_t hot;	     /* of these, how many are not cold: they come first */
	uint16_t insns, nexits;
	bool dead, high;
	struct JitSnap *snaps; /* private: how REDO exits restore slots */
	JitExit *incoming;     /* the first that is linked to it */
	JitExit *exits;
	uint32_t dead_at; /* private: arena offset that entries are sent to when it is dropped */
	uint32_t bytes;	  /* private: of memory for all this */
	JitUnit *dead_next, *next, **prev;
};

/* bytes: of the arena.  NULL with err when the host gives no such memory (or is no x86-64). */
Jit *jit_new(const JitTarget *target, size_t bytes, GError **err);
void jit_free(Jit *j);

/*
 * Code for a finished ir (ir_finish()).  NULL when the arena is full: jit_full(), then jit_reset() and
 * again; or when the unit is too large.
 */
JitUnit *jit_compile(Jit *j, const Ir *ir, void *user);
/*
 * The same in two steps, so that another thread can make code: a maker belongs to one thread, and what it makes
 * can be placed in j, or in any other arena of the same target, by the thread that has it.
 */
typedef struct Gen JitMaker;
typedef struct JitDraft JitDraft;
JitMaker *jit_maker_new(Jit *j);
void jit_maker_free(JitMaker *m);
/* NULL when the unit is too large. */
JitDraft *jit_draft(JitMaker *m, const Ir *ir);
void jit_draft_free(JitDraft *d);
/* Ends with the draft; NULL when the arena is full, then it stays. */
JitUnit *jit_place(Jit *j, JitDraft *d, void *user);
/*
 * Jumps of an exit of kind LINK or FAR go to `to` from now on; FAR: while env's view is `view`.  Nothing happens
 * when one of them was dropped or the halves (Ir.high) differ.
 */
void jit_link(Jit *j, JitExit *e, JitUnit *to, uint32_t view);
/* Whoever is linked to u goes to the dispatcher from now on. */
void jit_unlink(Jit *j, JitUnit *u);
/* Nobody enters it any more but who is in it; its memory is used again after jit_reap(). */
void jit_drop(Jit *j, JitUnit *u);
/* DYN exits to ea go to `to` while env's view is `view`. */
void jit_jump_put(const Jit *j, JitJumps *jumps, uint64_t ea, uint32_t view, const JitUnit *to);
/* No code is running: dropped units go, and out of the jump table (NULL: there is none). */
void jit_reap(Jit *j, JitJumps *jumps);
/* All units go; no code is running.  The jump table is emptied. */
void jit_reset(Jit *j, JitJumps *jumps);
bool jit_full(const Jit *j);

/* Why jit_enter() returned. */
typedef enum JitLeft { JIT_LEFT_ENTRY, JIT_LEFT_EXIT } JitLeft;
typedef struct JitResult {
	JitLeft why;
	JitUnit *unit; /* ENTRY: the one that was not begun */
	JitExit *exit; /* EXIT: an unlinked LINK or FAR, a DYN not in the table, a LEAVE, a REDO */
} JitResult;
/*
 * Runs code from the beginning of u.  env is up to date afterwards, but for the nip slot after a LINK
 * that was not linked (exit->target says where to) and after ENTRY (the unit's own beginning); after DYN and FAR the
 * nip slot holds the address.  env's budget is what is left.
 */
JitResult jit_enter(Jit *j, void *env, JitUnit *u);

/* Host code of a unit as text (needs capstone). */
void jit_disas(const Jit *j, const JitUnit *u, GString *out);
const void *jit_code(const Jit *j, const JitUnit *u);
/* Bytes of the arena that units have. */
size_t jit_used(const Jit *j);
/* Bytes of memory that code and its tables take. */
size_t jit_memory(const Jit *j);
/* A line of /tmp/perf-PID.map, from which perf(1) has the names of translated code. */
void jit_perf_map(const Jit *j, const JitUnit *u, const char *name, FILE *to);

/* For tests: registers are chosen at random from now on (seed), 0: as usual. */
void jit_randomise(Jit *j, uint32_t seed);
/*
 * The same for whole programs, before any unit is made: what is chosen for a unit depends on the seed and on its IR,
 * whenever and by whomever it is made.  Builds with --debug or --sanitize begin with a seed of their own
 * (PEPPERCORN_REGISTER_SEED= in the environment, or any), others with 0.
 */
void jit_shuffle(Jit *j, uint32_t seed);
uint32_t jit_shuffled(const Jit *j);

#endif
