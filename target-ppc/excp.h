/* Interrupt delivery (book III chapter 7). */
#ifndef TARGET_PPC_EXCP_H
#define TARGET_PPC_EXCP_H

#include "target-ppc/cpu.h"

/* Back to the run loop; the interrupt has been delivered. */
G_NORETURN void ppc_leave_raised(PpcCpu *cpu);
/* Takes the highest pending interrupt that MSR allows; wakes a halted CPU. */
void ppc_deliver_pending(PpcCpu *cpu);
/* Would something pending end a halt? */
bool ppc_wants_wake(const PpcCpu *cpu);
/* What follows when op at ea, begun in a mode with bits of PPC_MODE_AFTER, has completed. */
void ppc_trace(PpcCpu *cpu, uint32_t mode, uint64_t ea, const PpcOp *op);
/* MSR as rfid, mtmsrd and boards may write it: bits that belong together. */
void ppc_msr_write(PpcCpu *cpu, uint64_t v);

/* Slices (run.c). */
uint64_t ppc_run(Vcpu *v, uint64_t max);
uint64_t ppc_run_partial(Vcpu *v);
bool ppc_runnable(Vcpu *v);

#endif
