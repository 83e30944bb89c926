/* Which pages of instructions a context has translated, and where (seen.c). */
#ifndef TARGET_PPC_SEEN_H
#define TARGET_PPC_SEEN_H

#include "target-ppc/block.h"
#include "target-ppc/tlb.h"

/* The page of instructions at ea was found at pa, by the current context; RAM. */
void ppc_seen(PpcCpu *cpu, uint64_t ea, uint64_t pa);
/* Its translation goes; or all of the context's. */
void ppc_unseen(PpcTlbCtx *c, uint64_t ea, uint64_t pa);
void ppc_seen_none(PpcTlbCtx *c);
void ppc_seen_free(PpcTlbCtx *c);

/* Has some CPU met the page of RAM at two addresses?  Any thread. */
static inline bool ppc_is_aliased(const PpcCpu *cpu, uint64_t pa)
{
	uint64_t n = pa >> PPC_PAGE_SHIFT;

	return atomic_load_explicit(&ppc_code_map(cpu)->aliased[n >> 6], memory_order_relaxed) >>
		       (n & 63) &
	       1;
}

#endif
