/* A machine of RAM and one CPU in counted time (1 ns an instruction), for tests. */
#ifndef TESTS_UNIT_PPC_RIG_H
#define TESTS_UNIT_PPC_RIG_H

#include "core/machine.h"
#include "target-ppc/cpu.h"
#include "target-ppc/exec.h"

typedef struct PpcRig {
	Machine *m;
	PpcCpu *cpu;
	PpcBoard board;
	/* What the board answers. */
	uint64_t process_table;
	bool radix;
	uint8_t *hpt;
	unsigned hpt_shift;
	unsigned hypercalls;
	uint64_t ran; /* instructions so far */
} PpcRig;

/* 16 MiB of RAM; model by name; big-endian 64-bit real mode at 0x1000. */
PpcRig *rig_new(const char *model);
/* The same without a board that plays hypervisor: it has hypervisor state and is in it. */
PpcRig *rig_new_bare(const char *model);
/* A second CPU, for what CPUs do to each other. */
PpcCpu *rig_add_cpu(PpcRig *r);
void rig_free(PpcRig *r);
/* Writes instruction words at a real address, as a device would, big-endian. */
void rig_code(PpcRig *r, uint64_t pa, const uint32_t *words, unsigned n);
/* Runs exactly n instructions (fewer when halted), with timers between them. */
uint64_t rig_run(PpcRig *r, uint64_t n);
/* The same from an address. */
uint64_t rig_go(PpcRig *r, uint64_t nip, uint64_t n);
/* The number behind a name in what `info jit` says. */
uint64_t rig_info_jit(PpcRig *r, const char *name);

/* Words of the instructions the tests use (Power ISA formats). */
#define I_D(po, t, a, d)                                                                           \
	((uint32_t)(po) << 26 | (uint32_t)(t) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(d)&0xffff))
#define I_X(po, t, a, b, xo)                                                                       \
	((uint32_t)(po) << 26 | (uint32_t)(t) << 21 | (uint32_t)(a) << 16 | (uint32_t)(b) << 11 |  \
	 (uint32_t)(xo) << 1)
#define I_ADDI(t, a, v) I_D(14, t, a, v)
#define I_LWZ(t, d, a) I_D(32, t, a, d)
#define I_LBZ(t, d, a) I_D(34, t, a, d)
#define I_STB(t, d, a) I_D(38, t, a, d)
#define I_STW(t, d, a) I_D(36, t, a, d)
#define I_LD(t, d, a) I_D(58, t, a, d)
#define I_STD(t, d, a) I_D(62, t, a, d)
#define I_B(off) (18u << 26 | ((uint32_t)(off)&0x3fffffc))
#define I_NOP I_D(24, 0, 0, 0)
#define I_SPR(n) (((n)&31) << 5 | (n) >> 5)
#define I_MTSPR(n, s) (31u << 26 | (uint32_t)(s) << 21 | (uint32_t)I_SPR(n) << 11 | 467 << 1)
#define I_MFSPR(t, n) (31u << 26 | (uint32_t)(t) << 21 | (uint32_t)I_SPR(n) << 11 | 339 << 1)
#define I_SC(lev) (17u << 26 | (uint32_t)(lev) << 5 | 2)
#define I_SCV(lev) (17u << 26 | (uint32_t)(lev) << 5 | 1)
#define I_RFID (19u << 26 | 18 << 1)
#define I_MTMSRD(s, l) (31u << 26 | (uint32_t)(s) << 21 | (uint32_t)(l) << 16 | 178 << 1)

#endif
