/*
 * A pseries partition whose guest does what an input says, without running an
 * instruction: shared by fuzz_hcall, fuzz_rtas and fuzz_snapshot.
 */
#ifndef TESTS_FUZZ_PSERIES_RIG_H
#define TESTS_FUZZ_PSERIES_RIG_H

#include "hw/machines/pseries.h"

#define GUEST_RAM (UINT64_C(256) << 20)
#define GUEST_KINDS 3
#define GUEST_ARGS UINT64_C(0x8000) /* where RTAS calls have their arguments */

/* What is left of an input; past its end all bytes are 0. */
typedef struct Input {
	const uint8_t *p, *end;
	uint64_t last[4]; /* r4 to r7 of the last hypercall */
} Input;

uint8_t input_byte(Input *in);
/* Two bytes: which interesting number, and what is added to it. */
uint64_t input_value(Input *in);

/*
 * The machine of a kind, as new, its lock held: 0 POWER9, 1 POWER8, 2 POWER9
 * with radix and XIVE alone.
 */
Pseries *guest_begin(unsigned kind);
/* Gives the lock back and lets the loop do what was posted. */
void guest_end(Pseries *p);
/* One record of the input: memory, registers, time, a hypercall or an RTAS call. */
void guest_step(Pseries *p, Input *in);
void guest_hypercall(Pseries *p, Input *in);
void guest_rtas(Pseries *p, Input *in);
/*
 * Whatever the guest did: every device takes its state for a right one;
 * thorough (and slow): saved and loaded it is the same.
 */
void guest_check(Pseries *p, bool thorough);

#endif
