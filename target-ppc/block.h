/*
 * Predecoded blocks: straight runs of instructions inside one 4 KiB page of
 * real memory, keyed by real address and by the MSR bits that change what
 * instructions mean.  A flush of translations never throws one away; a
 * store into its bytes does, at once.
 */
#ifndef TARGET_PPC_BLOCK_H
#define TARGET_PPC_BLOCK_H

#include "target-ppc/cpu.h"

/* Bits of PpcCpu.mode and PpcBlock.mode. */
enum {
	PPC_MODE_PR = 1,
	PPC_MODE_LE = 2,
	PPC_MODE_FP = 4,
	PPC_MODE_VEC = 8,
	PPC_MODE_VSX = 16,
	PPC_MODE_TM = 32,
	PPC_MODE_HV = 64,
	PPC_MODE_SE = 128,     /* trace every instruction */
	PPC_MODE_BE = 256,     /* trace branches */
	PPC_MODE_PREFIX = 512, /* prefixed instructions, FSCR[PREFIX] in problem state */
	/* An instruction breakpoint (debug.h), and from bit 20 on its offset in the page. */
	PPC_MODE_BREAK_AFTER = 1024,
	PPC_MODE_BREAK_BEFORE = 2048,
	PPC_MODE_BREAK_SHIFT = 20,
	PPC_MODE_SF = 4096,
	PPC_MODE_DR = 8192, /* data addresses are translated: which half is likely */
	/* Something is to be done after a block's last instruction. */
	PPC_MODE_AFTER = PPC_MODE_SE | PPC_MODE_BE | PPC_MODE_BREAK_AFTER,
};

#define PPC_BLOCK_MAX 64 /* instructions */
#define PPC_PAGE_INSNS 1024
#define PPC_JUMP_SIZE 8192u

typedef struct PpcBlock PpcBlock;
typedef struct PpcUnit PpcUnit; /* unit.h */
/* One line of the host's cache: who looks for a unit reads nothing else of it. */
struct PpcBlock {
	uint64_t pa;
	uint32_t mode;
	uint16_t n; /* instructions */
	uint16_t bytes;
	PpcBlock *hash_next;
	PpcBlock *page_next;
	PpcUnit *unit; /* the same in host code, or NULL */
	struct PpcJob
		*job; /* the unit that is being made of it in the background (compile.h), or NULL */
	PpcOp *ops;   /* behind ppc_block_links(); NULL: ppc_block_again() */
	/* Of successors in the same page, their offset in it; 0xffff none. */
	uint16_t link_off[2];
	uint16_t runs; /* by the interpreter until a unit is made of it, then from the run loop */
	uint8_t link_next;
	bool narrow : 1; /* its accesses cross pages too often: each is to be looked up by itself */
	bool over : 1;	 /* only what crosses a border of pages now: it is to be left soon */
};
_Static_assert(sizeof(PpcBlock) == 64, "PpcBlock is no line of the cache");

/* Those two successors, of a block with ops. */
static inline PpcBlock **ppc_block_links(const PpcBlock *b)
{
	return (PpcBlock **)(void *)b->ops - 2;
}

/* A bit for each instruction of a page: a unit begins there. */
typedef struct PpcHeads {
	uint64_t at[PPC_PAGE_INSNS / 64];
} PpcHeads;

/* Where an EA's block was found last; right while gen, mode and era are. */
typedef struct PpcJump {
	uint64_t nip, gen;
	PpcBlock *block;
	uint32_t mode, era;
} PpcJump;

typedef struct PpcBlockCache {
	/* 2^bits lists, and how many blocks are in them: so many more lists that most hold one block. */
	PpcBlock **hash;
	unsigned bits;
	size_t n;
	GPtrArray *chunks; /* memory of blocks, CHUNK in each; */
	PpcBlock *unused;  /* those of them that are none now (hash_next), */
	size_t used;	   /* and the number of the others */
	PpcJump jump[PPC_JUMP_SIZE];
	uint32_t era;	      /* of what is in jump; a new one when blocks have gone */
	GHashTable *pages;    /* page number -> first PpcBlock */
	GHashTable *heads;    /* page number -> PpcHeads of those with a unit */
	PpcBlock *dead;	      /* dropped while one of them may be under way */
	size_t bytes;	      /* held by live blocks */
	size_t swept;	      /* by those that were left the last time that cold ones went */
	size_t sweep_at;      /* of these: cold ones go */
	struct PpcWarm *warm; /* places of which a hint says that they are hot (warm.h), or NULL */
	uint64_t built, dropped, full_drops, sweeps;
} PpcBlockCache;

#define PPC_RESV_SLOTS 4096u
#define PPC_WRITERS_MANY UINT32_MAX

/* What all CPUs of a machine share. */
typedef struct PpcCodeMap {
	Machine *machine;
	unsigned users;
	struct PpcCompiler *compiler; /* compile.c */
	/* Bytes of memory for blocks and units of all CPUs, and how many there shall be (0: any). */
	_Atomic size_t code_bytes;
	size_t code_budget;
	const PpcCpu *turn; /* counted time: who executed last; NULL after start or load */
	/* Decoded code: a bit per 64 bytes, a word per page. */
	_Atomic uint64_t *granules;
	_Atomic uint64_t *aliased; /* a bit per page (seen.h) */
	/* Where in its page some sld, srd or srad has shifted by 64 or more: a bit per word. */
	_Atomic uint64_t long_shifts[RAM_PAGE_SIZE / 4 / 64];
	/*
	 * Of each page: at which one or two indices of TLB contexts entries have been made that allowed stores into it
	 * unasked: index + 1 in each half; or PPC_WRITERS_MANY.
	 */
	_Atomic uint32_t *writers;
	/* CPUs that have been asked to forget something, and threads that are about to ask. */
	uint8_t pad[64]; /* for CPUs look at the next two at every sync */
	_Atomic unsigned asked;
	_Atomic unsigned asking;
	/* Versions of what may be reserved (reserve.c); odd while it is being changed. */
	_Atomic uint64_t versions[PPC_RESV_SLOTS];
	/* Strict: stores into each page since somebody reserved in it, or NULL. */
	_Atomic uint16_t *stores;
	/* Pages that became ones with RAM_PAGE_RESV, and that ceased to be. */
	_Atomic uint64_t guarded, unguarded;
} PpcCodeMap;

static inline PpcCodeMap *ppc_code_map(const PpcCpu *cpu)
{
	return cpu->dev.machine->ram->code_opaque;
}

/* Are there decoded instructions in n bytes at pa (inside of a page, RAM)? */
bool ppc_has_code(const PpcCpu *cpu, uint64_t pa, unsigned n);
/* Ends with the decoded code in n bytes at pa (inside of a page), on all CPUs. */
void ppc_drop_code(PpcCpu *cpu, uint64_t pa, unsigned n);

bool ppc_blocks_init(PpcCpu *cpu, GError **err);
void ppc_blocks_free(PpcCpu *cpu);
/* All of b, which begins at cpu->nip and is no longer than the slice. */
void ppc_block_run(PpcCpu *cpu, const PpcBlock *b);
/* Exactly n instructions from cpu->nip on, by the interpreter (from inside of ppc_run()). */
void ppc_interpret(PpcCpu *cpu, uint64_t n);
/* The block at cpu->nip. */
PpcBlock *ppc_block_find(PpcCpu *cpu);
/* The block at real address pa in a mode, if there is one. */
PpcBlock *ppc_block_peek(const PpcCpu *cpu, uint64_t pa, uint32_t mode);
/* The block at real address pa in the current mode, built if need be. */
PpcBlock *ppc_block_get(PpcCpu *cpu, uint64_t ea, uint64_t pa);
/* A unit has been made of b. */
void ppc_block_is_head(PpcCpu *cpu, const PpcBlock *b);
/* Where units began in the page at pa since it was dropped last; NULL: nowhere. */
const PpcHeads *ppc_block_heads(const PpcCpu *cpu, uint64_t pa);
/* Decodes b, which is of the current mode and has no ops, again. */
void ppc_block_again(PpcCpu *cpu, PpcBlock *b);
/* Its unit is run instead: ends with its ops. */
void ppc_block_slim(PpcCpu *cpu, PpcBlock *b);
/*
 * Decodes the instruction at pa for the current mode into op, having marked it as code
 * (op->off is left 0); true when it ends a block.
 */
bool ppc_block_decode(PpcCpu *cpu, uint64_t pa, PpcOp *op);
/*
 * Marks the n bytes at pa (inside of a page with code) as code; are they then what is in `copy`?
 */
bool ppc_block_is(PpcCpu *cpu, uint64_t pa, const uint8_t *copy, unsigned n);
/* The same without a mark, for an instruction that is executed once. */
void ppc_block_decode_one(PpcCpu *cpu, uint64_t pa, PpcOp *op);
void ppc_blocks_drop_page(PpcCpu *cpu, uint64_t pa);
void ppc_blocks_drop_all(PpcCpu *cpu);
/* Blocks that have not become units go. */
void ppc_blocks_sweep(PpcCpu *cpu);
/*
 * Sets the flag (RAM_PAGE_CODE, RAM_PAGE_RESV) of the page at pa: no CPU is given the right to store
 * into it unasked any more, and those that have it are asked to put it away.  Behind a ppc_tlb_wait()
 * that is done, whoever set the flag.
 */
void ppc_claim_page(PpcCpu *cpu, uint64_t pa, uint8_t flag);
/* The CPU is about to execute: the others lose their reservations (reserve.c). */
void ppc_take_turn(PpcCpu *cpu);
/* Frees what was dropped; only between blocks. */
void ppc_blocks_reap(PpcCpu *cpu);

#endif
