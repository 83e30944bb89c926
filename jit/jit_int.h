/* What the files of the code cache share; nobody else includes it. */
#ifndef JIT_JIT_INT_H
#define JIT_JIT_INT_H

#include "jit/jit.h"
#include "jit/x64.h"

/*
 * Frame of running code, from rsp up: spilled values in words of 8 bytes; then where the thunks that
 * call C save registers, as JitSave.
 */
enum { JIT_SPILLS = 2048 };

typedef struct JitSave {
	uint64_t gpr[16];
	u128 xmm[16];
} JitSave;

/*
 * Where a value is: kind << 13 | number.  REG: as in X64_*; SPILL: word of the frame; ENV: slot; K: index of
 * JitSnap.k; KS: the number itself, with its sign; KV: index of JitSnap.kv; OP: index of JitSnap.ops.
 */
typedef uint16_t JitLoc;
enum { LOC_REG, LOC_SPILL, LOC_ENV, LOC_K, LOC_KS, LOC_KV, LOC_OP, LOC_BITS = 13 };
#define LOC(kind, n) ((JitLoc)((kind) << LOC_BITS | ((n) & ((1 << LOC_BITS) - 1))))

typedef struct JitSnapRef {
	uint16_t slot;
	JitLoc loc;
} JitSnapRef;

/* An operation that exits alone compute. */
typedef struct JitSnapOp {
	uint8_t op;
	uint32_t imm;
	JitLoc loc[3];
} JitSnapOp;

/* A place in the code that may call C: an access to memory, or a REDO exit. */
typedef struct JitSite {
	JitUnit *unit;
	uint16_t exit;		 /* of unit->exits */
	uint8_t op;		 /* IrOp: a load, a store, or EXIT */
	uint8_t reg;		 /* a load's result */
	int16_t back;		 /* given back to the budget by its exit */
	JitLoc ea, value, third; /* of arithmetic: operands */
	int32_t disp;		 /* is added to ea */
	uint32_t mem;		 /* IrMem */
	uint32_t snap, snaps;
	int32_t guesses; /* gen_tlb.c */
} JitSite;

typedef struct JitSnap {
	JitSnapRef *refs;
	uint64_t *k;
	u128 *kv;
	JitSnapOp *ops;
	JitSite *sites;
} JitSnap;

/* Instructions of the host that may be missing; the rest is x86-64-v2. */
enum { JIT_BMI2 = 1, JIT_BMI1 = 2, JIT_LZCNT = 4, JIT_MOVBE = 8, JIT_AVX = 16, JIT_FMA = 32 };

/* Offsets in the arena of code that all units share. */
typedef struct JitThunks {
	uint32_t enter;
	uint32_t leave;		 /* rax: JitExit, or JitUnit | 1 at an entry */
	uint32_t redo;		 /* rax: JitSite; jumped to */
	uint32_t slow;		 /* rax: JitSite; called */
	uint32_t redo_v, slow_v; /* the same where vector registers are in use */
	/*
	 * Called: rax: page of an access, rcx: offset of its TLB entry; ZF: the lower half's table allows a
	 * load (store), rcx: the addend.
	 */
	uint32_t low_rd, low_wr;
	uint32_t end;
} JitThunks;

struct Gen;

struct Jit {
	const JitTarget *target;
	uint8_t *rw, *rx; /* the arena, twice */
	size_t bytes;
	uint32_t used; /* all above it is free */
	GArray *holes; /* below it, sorted */
	bool full;     /* something did not fit */
	unsigned features;
	JitUnit *units;
	JitUnit *dead;
	JitThunks thunks;
	uint32_t seed;	  /* not 0: choices are made at random */
	uint32_t shuffle; /* the same, but each unit's by itself alone */
	struct Gen *gen;
	size_t in_use, in_tables; /* bytes of code, and of JitUnits */
};

/* What the host has, as JIT_BMI2 and so on; false: it cannot run our code at all. */
bool jit_host_features(unsigned *features);
/* The thunks, written to the arena's beginning. */
void jit_thunks_make(Jit *j);
/* Runs code at an address of the arena; returns what is in rax at JitThunks.leave. */
uintptr_t jit_host_enter(Jit *j, void *env, const void *code, const void *table);

/* Called by the thunks: NULL, or the exit to be taken, with env and its budget as it wants them. */
const JitExit *jit_slow(void *env, const JitSite *site, JitSave *save, const JitTarget *t);
const JitExit *jit_redo(void *env, const JitSite *site, JitSave *save, const JitTarget *t);

#endif
