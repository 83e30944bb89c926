/*
 * The self-checking mode: each run of a unit is taken back and done again by the interpreter, and state
 * and memory compared; the first difference is printed with both states, and the guest is stopped as if it had
 * reported its own crash.
 *
 * Not checked are units that call (ex_ functions and helpers may have effects that cannot be taken back): they are
 * interpreted.  Other CPUs must not write meanwhile: one CPU, or counted time.
 */
#ifndef TARGET_PPC_VERIFY_H
#define TARGET_PPC_VERIFY_H

#include "target-ppc/unit.h"

typedef struct PpcVerify PpcVerify;

PpcVerify *ppc_verify_new(void);
void ppc_verify_free(PpcVerify *v);
/* n bytes (1 to 16) of RAM are about to be written (cpu->verify is there). */
void ppc_verify_note(PpcCpu *cpu, uint8_t *host, unsigned n);
/* Before code of u runs: at most `limit` instructions of the slice. */
void ppc_verify_begin(PpcCpu *cpu, uint64_t limit);
/* After it, cpu->nip being right: does all of it again; false: the two differ, and that was said. */
bool ppc_verify_end(PpcCpu *cpu, const PpcUnit *u);
/* The interpreter has raised an interrupt: between begin and end that is a difference. */
void ppc_verify_raised(PpcCpu *cpu);

#endif
