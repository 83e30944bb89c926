/* Where in the host's memory an access is. */
#ifndef JIT_GEN_TLB_H
#define JIT_GEN_TLB_H

#include "jit/gen.h"

typedef struct GenAccess {
	unsigned base; /* of the address: base + disp */
	int32_t disp;
	unsigned mem, bytes;
	X64Rm host;    /* where it is, after gen_tlb_check() */
	unsigned reg;  /* of a PTR's result */
	bool near;     /* rcx has to be the addend when the slow path comes back */
	uint32_t miss; /* private: the jump away */
	uint32_t hit;  /* private: where the addend is in rcx, the page in rax */
	bool in_cold;  /* private: these two are in cold code */
	bool crossed;  /* private: away, the page is in rcx, the entry's offset in rax */
	bool store;    /* private */
} GenAccess;

/* For a load or a store, as `tag` of JitTlb says; site: of its slow path.  Uses rax and rcx, which host needs. */
void gen_tlb_check(Gen *g, GenAccess *a, uint8_t tag, uint32_t site);
/* After the access itself. */
void gen_tlb_slow(Gen *g, const GenAccess *a, uint32_t site);
/* Before a loop's beginning. */
void gen_tlb_loop(Gen *g);

/* gen_look.c: g->look, before all else. */
void gen_look(Gen *g);

#endif
