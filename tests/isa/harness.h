/*
 * A machine with nothing but RAM and one CPU in real mode, for tests that
 * run single instructions or small programs on the interpreter.
 */
#ifndef TESTS_ISA_HARNESS_H
#define TESTS_ISA_HARNESS_H

#include <stdint.h>
#include "target-ppc/cpu.h"
#include "target-ppc/isa.h"
#include "tests/unit/skip.h"

typedef struct Rig {
	Machine *m;
	PpcCpu *cpu;
	PpcBoard board;
	/* With rig_use_units(): instructions of rig_exec() done by host code, and called by it. */
	uint64_t by_code, by_call;
	bool called; /* the present unit's */
} Rig;

enum { RIG_CODE = 0x10000, RIG_DATA = 0x20000, RIG_RAM = 0x4000000 };

/* model as on the command line; msr bits are added to the reset value.  Vectors hold `b .'. */
Rig *rig_new(const char *model, uint64_t msr);
void rig_free(Rig *r);
/* GPRs, LR, CTR, CR, XER, FPSCR, VSRs to 0; MSR stays. */
void rig_clear(Rig *r);
/* Puts words at address at, in the CPU's byte order. */
void rig_code(Rig *r, uint64_t at, const uint32_t *words, unsigned n);
/* Runs n instructions from address at. */
void rig_run(Rig *r, uint64_t at, uint64_t n);
/*
 * From now on rig_exec() has its instruction interpreted, puts everything back and has a unit
 * of this one instruction do it again.  False, and a skipped test, on hosts without host code.
 */
bool rig_use_units(Rig *r);
/* One instruction at RIG_CODE. */
void rig_exec(Rig *r, uint32_t word);
/* FPR n; writing it clears the other half of its VSR. */
uint64_t rig_fpr(const Rig *r, unsigned n);
void rig_set_fpr(Rig *r, unsigned n, uint64_t v);
/* Host address of guest RAM. */
uint8_t *rig_ram(Rig *r, uint64_t pa);

/* Folder of the vectors read off real chips ($VECTORS), or NULL. */
const char *rig_vectors(void);

#endif
