/*
 * Timebase and decrementers.  Nothing that ticks is stored as a current
 * value: all are functions of the virtual clock V and constants that change
 * only when the guest writes a register.
 */
#ifndef TARGET_PPC_TIMEBASE_H
#define TARGET_PPC_TIMEBASE_H

#include "target-ppc/cpu.h"

/* floor(V * F / 10^9): ticks since V = 0, without any CPU's offset. */
uint64_t ppc_tb_from_ns(uint64_t freq, uint64_t ns);
/* The smallest V with ppc_tb_from_ns(freq, V) >= ticks. */
uint64_t ppc_ns_from_tb_ceil(uint64_t freq, uint64_t ticks);

uint64_t ppc_tb_get(const PpcCpu *cpu);
/* Changes tb_offset, and dec_at by the same amount: DEC does not move. */
void ppc_tb_set(PpcCpu *cpu, uint64_t v);
uint64_t ppc_dec_get(const PpcCpu *cpu);
void ppc_dec_set(PpcCpu *cpu, uint64_t v);
uint64_t ppc_hdec_get(const PpcCpu *cpu);
void ppc_hdec_set(PpcCpu *cpu, uint64_t v);
/* Can HDEC's exception exist?  Not where the board is the hypervisor, nor on classic models. */
bool ppc_has_hdec(const PpcCpu *cpu);
/* Brings pending decrementer exceptions and timers up to date. */
void ppc_time_update(PpcCpu *cpu);
/*
 * The timebase as the guest writes it: ppc_tb_set(), and from then on this CPU's
 * may differ from the others'.
 */
void ppc_tb_write(PpcCpu *cpu, uint64_t v);
/*
 * The machine starts after a downtime of ns during which its time went on.  The
 * timebase jumps; PURR, SPURR and VTB, which count only while it runs, do not.
 * A decrementer that ran out meanwhile reads as negative, however long it was.
 */
void ppc_time_jump(PpcCpu *cpu, uint64_t ns);
/*
 * After a load: timebases that should be equal and are not are brought into step
 * with the largest one.
 */
void ppc_time_loaded(PpcCpu *cpu);
/* Sets t to the first time at which the timebase has advanced by `ticks`. */
void ppc_tb_timer(PpcCpu *cpu, VTimer *t, uint64_t ticks);
/* Stops and starts timebase and decrementer (32-bit models). */
void ppc_tb_run(PpcCpu *cpu, bool on);
bool ppc_time_init(PpcCpu *cpu);
void ppc_time_free(PpcCpu *cpu);
void ppc_time_reset(PpcCpu *cpu);

#endif
