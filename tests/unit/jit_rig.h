/* A target of the JIT without a guest: slots, a software TLB, memory; for tests of IR and code. */
#ifndef TESTS_JIT_RIG_H
#define TESTS_JIT_RIG_H

#include "jit/jit.h"

/* Helpers. */
enum { RIG_HELPER_MIX, RIG_HELPER_COUNT, RIG_HELPER_FLUSH };

enum {
	RIG_I64 = 40,
	RIG_I8 = 10,
	RIG_I32 = 4,
	RIG_V128 = 20,
	RIG_VECS = RIG_I64 + RIG_I8 + RIG_I32, /* first of them */
	RIG_SLOTS = RIG_VECS + RIG_V128 + 1,
	RIG_NIP = RIG_SLOTS - 1,
	RIG_PAGES = 8,
	RIG_PAGE = 4096,
	RIG_ENTRIES = 16,
	RIG_BASE = 0x5000, /* address of the memory in either half */
};

typedef struct RigEntry {
	uint64_t rd, wr, addend, pad;
} RigEntry;

typedef struct RigEnv {
	/* What must be the same afterwards. */
	uint64_t r64[RIG_I64], nip;
	uint32_t r32[RIG_I32];
	uint8_t r8[16];
	_Alignas(16) u128 v[RIG_V128];
	uint64_t budget, stop;
	uint32_t view, slow; /* slow: calls of ld and st */
	uint64_t calls;	     /* a sum over what helpers and EXECs saw */
	uint8_t mem[RIG_PAGES * RIG_PAGE];
	/* The rest. */
	RigEntry tlb[2][RIG_ENTRIES];
	RigEntry *table[2];
	JitJumps *jumps;
	bool refuse; /* ld and st do not do anything at all */
} RigEnv;

/* Slots: 64-bit ones first, then bytes (below 2 each other one), then 32-bit ones, vectors, then nip. */
const JitTarget *rig_target(void);
/* Everything zero; TLB: pages by turns read and write, read only, write only (none), refused by ld and st. */
RigEnv *rig_env_new(void);
void rig_env_free(RigEnv *e);
/* A copy with a TLB of its own. */
RigEnv *rig_env_copy(const RigEnv *e);
/* Do they agree in all that counts?  Else *why tells (to be freed). */
bool rig_env_same(const RigEnv *a, const RigEnv *b, char **why);
void rig_exec(void *env, const void *arg);
/* An arena; NULL, and the test counts as skipped: this host has no code. */
Jit *rig_jit(size_t bytes);
/* Code of what has been put into ir, which must be well formed. */
JitUnit *rig_finish(Jit *j, Ir *ir);

#endif
