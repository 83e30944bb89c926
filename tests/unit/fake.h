/*
 * A machine with CPUs that execute nothing real: each "instruction" draws the
 * next number of a generator, and rare numbers read the clock, arm a timer,
 * halt, wake a neighbour, move an interrupt line or write RAM.  Everything it
 * does goes into its state, so two runs are equal when their states are.
 */
#ifndef TESTS_UNIT_FAKE_H
#define TESTS_UNIT_FAKE_H

#include "core/machine.h"

typedef struct FakeCpu {
	Device dev;
	uint64_t x;	/* generator */
	uint64_t count; /* instructions executed */
	uint64_t hash;	/* of all that it saw */
	uint64_t fired; /* timer */
	uint32_t taken; /* edges of the neighbour's line */
	bool halted;
	bool plain; /* property: does nothing rare, never halts */
	uint8_t pad[2];
	VTimer *timer;
	Irq *line;
	uint64_t slice; /* of the slice under way */
	Vcpu vcpu;
} FakeCpu;

extern const DeviceType fake_cpu_type;

Machine *fake_machine(VClockDriver driver, const HostClock *host, unsigned ncpus, bool plain);
FakeCpu *fake_cpu(Machine *m, unsigned n);
/* Runs until exactly so many instructions were executed, then stops. */
void fake_run_to(Machine *m, uint64_t insns);
/* The same, with stops and starts at arbitrary moments. */
void fake_run_to_brokenly(Machine *m, uint64_t insns);
/* All state as text: devices, lines, clock, turn, RAM's hash. */
char *fake_state(Machine *m);

#endif
