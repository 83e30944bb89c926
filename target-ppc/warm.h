/* Hints of where hot code is, in snapshots and moves: a machine that goes on elsewhere is soon as fast as it was. */
#ifndef TARGET_PPC_WARM_H
#define TARGET_PPC_WARM_H

#include "target-ppc/block.h"

enum { PPC_HINTS_BYTES = 8192 * 12 };

typedef struct PpcWarm PpcWarm;

/* Is something hot in that mode said to begin at real address pa? */
bool ppc_warm_has(PpcWarm *w, uint64_t pa, uint32_t mode);
/* cpu->hints are what the CPU has now, stopped; what they were is in them unless it has become a unit. */
void ppc_warm_save(PpcCpu *cpu);
/* cpu->hints are new: cpu->blocks->warm follows from them. */
void ppc_warm_load(PpcCpu *cpu);
void ppc_warm_free(PpcCpu *cpu);

#endif
