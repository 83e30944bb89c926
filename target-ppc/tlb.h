/*
 * The software TLB.  A context belongs to a key: how addresses are
 * translated (real, hash, radix), which half of the address space (EA bit
 * 0), which process, which privilege, which storage-key masks.  Switching
 * process or mode switches a pointer and flushes nothing.
 *
 * An entry holds one 4 KiB page whatever the guest's page size.  A tag that
 * matches allows the access at host address ea + addend with no further
 * check; TLB_SLOW in a tag means "translated, but ask": registers, pages
 * with decoded instructions, pages whose first write must be noted, pages
 * without their C bit.
 */
#ifndef TARGET_PPC_TLB_H
#define TARGET_PPC_TLB_H

#include "target-ppc/cpu.h"

#define PPC_PAGE_SHIFT 12
#define PPC_PAGE_MASK (~UINT64_C(0xfff))
#define PPC_TLB_BITS 12
#define PPC_TLB_SIZE (1u << PPC_TLB_BITS)
#define PPC_ITLB_SIZE 512u
#define PPC_TLB_CTX 32u
#define TLB_SLOW UINT64_C(1)
#define TLB_NONE UINT64_MAX
/* Storage attributes of a page, in PpcTlbEntry.pa. */
#define TLB_PA_W UINT64_C(1) /* write-through */
#define TLB_PA_I UINT64_C(2) /* caching inhibited */

typedef enum PpcAccess { PPC_LOAD, PPC_STORE, PPC_FETCH } PpcAccess;

typedef struct PpcTlbEntry {
	uint64_t rd, wr; /* EA of the page, | TLB_SLOW, or TLB_NONE */
	uint64_t addend; /* host address - EA (RAM) */
	uint64_t pa;	 /* of the page, | TLB_PA_* */
} PpcTlbEntry;

typedef struct PpcItlbEntry {
	uint64_t tag; /* EA of the page, or TLB_NONE */
	uint64_t pa;
} PpcItlbEntry;

typedef struct PpcTlbKey {
	uint64_t a;   /* kind, half, PR, PID */
	uint64_t amr; /* what of AMR and IAMR matters */
} PpcTlbKey;

typedef struct PpcTlbCtx {
	PpcTlbKey key;
	uint64_t gen;	  /* unique; a new one after every flush of i[] */
	uint64_t used;	  /* for replacement */
	uint64_t classes; /* bit n: there may be entries of pages that are n modulo 64 */
	uint64_t tibs;	  /* bit n: there may be entries of addresses with EA >> 40 = n modulo 64 */
	bool coded;	  /* an instruction was looked up in it since it was flushed as a whole */
	bool lost;	  /* since gen, pages have given way in i[] to others */
	GHashTable *seen; /* seen.c: number of a page of instructions -> of its address */
	PpcTlbEntry d[PPC_TLB_SIZE];
	PpcItlbEntry i[PPC_ITLB_SIZE];
} PpcTlbCtx;

enum { PPC_TLB_REAL, PPC_TLB_HASH, PPC_TLB_RADIX, PPC_TLB_SEG };

static inline bool ppc_tlb_is_hash(const PpcTlbCtx *c)
{
	return (c->key.a & 0xff) == PPC_TLB_HASH;
}

typedef enum PpcFlushKind {
	PPC_FLUSH_ALL,
	PPC_FLUSH_PAGE,	  /* ea, shift: wherever the index fits, any context */
	PPC_FLUSH_PID,	  /* every context of a PID */
	PPC_FLUSH_WRITES, /* all fast write tags */
	PPC_FLUSH_WPROT, /* fast write tags of the real page `ea`, in entries `pid` (PpcCodeMap.writers) */
	PPC_FLUSH_CODE,	  /* decoded instructions of the real page `ea` */
	PPC_FLUSH_BLOCKS, /* all decoded instructions */
	PPC_FLUSH_SLB,	  /* what was translated by segments of an SLB */
	PPC_FLUSH_CLASS,  /* pages whose numbers end in the `shift` bits of ea's, shift <= 6 */
	PPC_FLUSH_RADIX,  /* ea, shift, pid: this page of this process, or of the upper half */
} PpcFlushKind;

typedef struct PpcFlush {
	PpcFlushKind kind;
	uint8_t shift;
	uint32_t pid;
	uint64_t ea;
} PpcFlush;

#define PPC_FLUSH_QUEUE 64

typedef struct PpcTlb {
	PpcTlbCtx *ctx[PPC_TLB_CTX]; /* made on first use */
	uint64_t gen, clock;
	/* 32-bit models (mmu_32.c): sets of registers; the context while they change. */
	struct PpcSets *sets;
	PpcTlbCtx *limbo;
	/* What others ask this CPU to forget (shoot.c); beyond the queue: everything of that kind. */
	GMutex lock;
	PpcFlush queue[PPC_FLUSH_QUEUE];
	unsigned queued;
	unsigned overflow;		/* a bit for each PpcFlushKind that had no room */
	_Atomic uint64_t asked, served; /* requests so far */
	/* Statistics. */
	uint64_t fills, full_flushes, page_flushes, switches;
} PpcTlb;

/* What was found out by a context's i[] so far holds no longer. */
static inline void ppc_tlb_new_gen(PpcTlb *t, PpcTlbCtx *c)
{
	c->gen = ++t->gen;
	c->lost = false;
}

/* What a translation found. */
typedef struct PpcXlate {
	uint64_t pa;
	unsigned shift; /* of the guest's page */
	uint8_t wi;	/* TLB_PA_W, TLB_PA_I */
	bool r, w, x;	/* allowed, and R/C bits permit it without a further walk */
} PpcXlate;

/* Why it found nothing; the interrupt that follows from it. */
typedef struct PpcFault {
	unsigned vector; /* PPC_V_DSI, DSEG, ISI, ISEG, MCHECK */
	uint32_t bits;	 /* DSISR, or SRR1 bits for ISI */
} PpcFault;

/*
 * Walks the tables for ea.  debug: changes nothing (no R/C update).  pr:
 * problem state.  False with *f set when there is no (permitted) translation.
 */
bool ppc_walk(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f);
bool ppc_walk_hash64(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f);
bool ppc_walk_radix(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f);

void ppc_tlb_init(PpcCpu *cpu);
void ppc_tlb_free(PpcCpu *cpu);
/* Points cpu->dctx and cpu->ictx to the contexts of the current state. */
void ppc_tlb_switch(PpcCpu *cpu);
/* The context of a key, empty if it was not kept. */
PpcTlbCtx *ppc_tlb_context(PpcTlb *t, PpcTlbKey key);
/* On this CPU, at once. */
void ppc_tlb_do(PpcCpu *cpu, const PpcFlush *f);
/* Data accesses to the page at ea will be looked up again, in every context. */
void ppc_tlb_forget_data(PpcCpu *cpu, uint64_t ea);
/* Attributes (TLB_PA_*) of the page at ea, which the instruction has just been allowed to access. */
unsigned ppc_attributes(const PpcCpu *cpu, uint64_t ea);
/*
 * Real address of ea, as ppc_probe(): raises what an access of one byte would, changes nothing.
 */
uint64_t ppc_probe_pa(PpcCpu *cpu, uint64_t ea, bool store);

/* On one CPU, soon: ppc_tlb_wait() says when.  From any thread. */
void ppc_tlb_ask(PpcCpu *other, const PpcFlush *f);
/* On all other CPUs of the machine. */
void ppc_tlb_others(PpcCpu *cpu, const PpcFlush *f);
/* On this CPU at once and on all others soon. */
void ppc_tlb_everywhere(PpcCpu *cpu, const PpcFlush *f);
/* Does what others asked for (PPC_EV_TLB). */
void ppc_tlb_serve(PpcCpu *cpu);
/*
 * Returns when no other CPU uses anything that any CPU was asked to forget before this
 * call: what asks of the book's tlbsync, ptesync and sync.  From cpu's own thread; it does
 * meanwhile what others ask of it, then the result is true.
 */
bool ppc_tlb_wait(PpcCpu *cpu);
/* Would it return at once, having done nothing? */
bool ppc_tlb_is_quiet(const PpcCpu *cpu);
/* Real address of an instruction; raises ISI and the like. */
uint64_t ppc_fetch_pa(PpcCpu *cpu, uint64_t ea);

/* Slow paths: n bytes in address order; raise what must be raised. */
void ppc_ld_slow(PpcCpu *cpu, uint64_t ea, void *buf, unsigned n);
void ppc_st_slow(PpcCpu *cpu, uint64_t ea, const void *buf, unsigned n);
/*
 * A load or store of n bytes (1 to 16) at ea as far as it needs no question: true when it was
 * made; false, and nothing has happened, when it might raise, wait, meet registers or hit decoded
 * instructions.  buf: bytes in address order.
 */
bool ppc_try_load(PpcCpu *cpu, uint64_t ea, unsigned n, void *buf);
bool ppc_try_store(PpcCpu *cpu, uint64_t ea, unsigned n, const void *buf);
/*
 * Host address of n bytes at ea, which lie there together and may be read (written) unasked until the TLB is
 * flushed; NULL when they may not.
 */
uint8_t *ppc_try_range(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc);
/*
 * Host address of n bytes of RAM at ea, inside one page, for a load or store by ppc_try_load() and
 * ppc_try_store()'s rules, and their real address; NULL: there are questions.
 */
uint8_t *ppc_try_host(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc, uint64_t *pa);
/*
 * Host address of a byte range inside one page, for an access with this
 * right (raises otherwise); NULL when it is not RAM.  *pa gets the real address.
 */
uint8_t *ppc_host(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc, uint64_t *pa);

#endif
