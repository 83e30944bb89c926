/* Changes of state that host code makes by calls which return (quick.c). */
#ifndef TARGET_PPC_QUICK_H
#define TARGET_PPC_QUICK_H

#include "target-ppc/cpu.h"

/* After what may have changed the meaning of addresses: finds the view, unless Vcpu.own asked for it before. */
void ppc_quick_look(PpcCpu *cpu, uint32_t own);
/*
 * A new MSR, with which execution goes on at `to`; interrupt: by a system call.  False: nothing
 * was done, for it is not that plain.
 */
bool ppc_quick_msr(PpcCpu *cpu, uint64_t msr, uint64_t to, bool interrupt);

enum { PPC_QUICK_AMR = 29, PPC_QUICK_PIDR = 48, PPC_QUICK_IAMR = 61 };
/* Writes one of these; as above.  Data addresses of the lower half mean something else afterwards. */
bool ppc_quick_key(PpcCpu *cpu, unsigned num, uint64_t v);
/* tlbiel with R = 1. */
void ppc_quick_tlbiel(PpcCpu *cpu, uint64_t rb, uint64_t rs, unsigned ric);
/* isync of 32-bit models: the contexts of the TLB are those of the registers. */
void ppc_quick_settle(PpcCpu *cpu);

#endif
