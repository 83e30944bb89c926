/* Breakpoints and watchpoints that the guest sets: debug.c. */
#ifndef TARGET_PPC_DEBUG_H
#define TARGET_PPC_DEBUG_H

#include "target-ppc/cpu.h"
#include "target-ppc/tlb.h"

/* The registers were written, reset or loaded: everything that follows from them. */
void ppc_debug_changed(PpcCpu *cpu);
/* Bits of PpcCpu.mode for the present MSR; 0: no breakpoint can match in this state. */
uint32_t ppc_debug_mode(const PpcCpu *cpu);
/* PPC_MODE_BREAK_*: the offset in the page that concerns blocks; UINT32_MAX: none. */
uint32_t ppc_debug_offset(uint32_t mode);

/* Is a byte of the page at EA `page` watched, in whatever state? */
static inline bool ppc_watch_page(const PpcCpu *cpu, uint64_t page)
{
	for (unsigned i = 0; i < cpu->debug.watches; i++)
		if (page <= cpu->debug.watch[i].last && page + 0xfff >= cpu->debug.watch[i].first)
			return true;
	return false;
}

/* Raises the data storage interrupt of a load or store of n bytes that is watched. */
void ppc_watch_slow(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc);
static inline void ppc_watch(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc)
{
	if (unlikely(cpu->debug.watches))
		ppc_watch_slow(cpu, ea, n, acc);
}

#endif
