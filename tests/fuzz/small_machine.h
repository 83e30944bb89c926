/*
 * A machine that is made and loaded in a moment: a CPU, a terminal, a DMA window,
 * some RAM with instructions in it.  For fuzz_snapshot and fuzz_migration.
 */
#ifndef TESTS_FUZZ_SMALL_MACHINE_H
#define TESTS_FUZZ_SMALL_MACHINE_H

#include "core/machine.h"

#define SMALL_RAM (UINT64_C(64) << 10)

Machine *small_machine(void);
/* All that a refused load must leave alone, RAM by its first pages.  Lock held. */
GByteArray *machine_state(Machine *m);
/* Each CPU some hundred instructions, timers between them.  Lock held, clock stopped. */
void machine_live(Machine *m);

#endif
