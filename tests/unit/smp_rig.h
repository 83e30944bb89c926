/*
 * A machine of RAM and POWER9 CPUs in host time, each on its thread, for tests of what they
 * do to each other; and an assembler for their programs.
 */
#ifndef TESTS_UNIT_SMP_RIG_H
#define TESTS_UNIT_SMP_RIG_H

#include "tests/unit/ppc_rig.h"

#define SMP_CPUS 4
#define SMP_CODE 0x10000   /* programs: 4 KiB for each CPU */
#define SMP_SHARED 0x20000 /* a page of data for all */

/* Host code is made by the CPU, or by a thread beside it. */
typedef enum SmpEngine { SMP_INTERP, SMP_JIT, SMP_JIT_BACKGROUND } SmpEngine;

typedef struct SmpRig {
	Machine *m;
	PpcBoard board;
	unsigned n;
	bool jit;
	PpcCpu *cpu[SMP_CPUS];
	unsigned done;	   /* CPUs that have ended */
	uint64_t table;	   /* radix: the process table */
	unsigned alone;	   /* hypercall SMP_ALONE: how often */
	unsigned together; /* of these, how often another CPU executed */
} SmpRig;

/* sc 1 with one of these in r3. */
enum {
	SMP_DONE,  /* this CPU has ended */
	SMP_YIELD, /* another thread of the host's turn */
	SMP_ALONE, /* the others stand for a moment */
	SMP_FLUSH, /* as a hypercall on a hash table entry does */
	SMP_CEDE,  /* sleep until prodded */
	SMP_PROD,  /* CPU r4 */
	SMP_DMA,   /* a device writes eight zeros to r4 */
};

/* n CPUs in 64-bit big-endian real mode, each at its SMP_CODE, not started; JIT: if the host can. */
SmpRig *smp_new(unsigned n, SmpEngine engine);
/* Strict reservations; before it runs. */
void smp_strict(SmpRig *r);
void smp_free(SmpRig *r);
/* Runs until all CPUs have ended. */
void smp_run(SmpRig *r);
/* A doubleword of SMP_SHARED + at, and at any address. */
uint64_t smp_get(const SmpRig *r, uint64_t pa);
void smp_put(SmpRig *r, uint64_t pa, uint64_t v);

/* A program under construction; addresses are instruction counts. */
typedef struct SmpAsm {
	uint32_t w[512];
	unsigned n;
} SmpAsm;

enum { SMP_NE = 4 << 8 | 2, SMP_EQ = 12 << 8 | 2, SMP_LT = 12 << 8 | 0, SMP_DNZ = 16 << 8 };

void smp_op(SmpAsm *a, uint32_t word);
/* A conditional branch on CR0 to an earlier instruction; forward ones are put in place later. */
void smp_bc(SmpAsm *a, unsigned kind, unsigned to);
unsigned smp_bc_ahead(SmpAsm *a, unsigned kind);
void smp_here(SmpAsm *a, unsigned branch);
void smp_b(SmpAsm *a, unsigned to);
/* Loads a value of up to 31 bits. */
void smp_li(SmpAsm *a, unsigned reg, uint32_t v);
/* Hypercall `what` (r3, and what it leaves there, is lost). */
void smp_call(SmpAsm *a, unsigned what);
/* Until the doubleword at an offset in the shared page is r8; r3 and r10 are lost. */
void smp_wait_equal(SmpAsm *a, unsigned off);
/* Puts the program where CPU number i begins. */
void smp_load(SmpRig *r, const SmpAsm *a, unsigned i);

#define I_LIS(t, v) I_D(15, t, 0, v)
#define I_ORI(a, s, v) I_D(24, s, a, v)
#define I_ADD(t, a, b) I_X(31, t, a, b, 266)
#define I_SUBF(t, a, b) I_X(31, t, a, b, 40)
#define I_OR(a, s, b) I_X(31, s, a, b, 444)
#define I_RLDICR(a, s, sh, me)                                                                     \
	(30u << 26 | (s) << 21 | (a) << 16 | ((sh)&31) << 11 | ((me)&31) << 6 | ((me) >> 5) << 5 | \
	 1 << 2 | ((sh) >> 5) << 1)
#define I_CMPD(a, b) (I_X(31, 0, a, b, 0) | 1 << 21)
#define I_CMPLD(a, b) (I_X(31, 0, a, b, 32) | 1 << 21)
#define I_CMPDI(a, v) (I_D(11, 0, a, v) | 1 << 21)
#define I_MTCTR(s) I_MTSPR(9, s)
#define I_MTLR(s) I_MTSPR(8, s)
#define I_BCTRL (19u << 26 | 20 << 21 | 528 << 1 | 1)
#define I_BLR (19u << 26 | 20 << 21 | 16 << 1)
#define I_LDX(t, a, b) I_X(31, t, a, b, 21)
#define I_STDX(t, a, b) I_X(31, t, a, b, 149)
#define I_LBARX(t, a, b) I_X(31, t, a, b, 52)
#define I_LHARX(t, a, b) I_X(31, t, a, b, 116)
#define I_LWARX(t, a, b) I_X(31, t, a, b, 20)
#define I_LDARX(t, a, b) I_X(31, t, a, b, 84)
#define I_LQARX(t, a, b) I_X(31, t, a, b, 276)
#define I_STBCX(t, a, b) (I_X(31, t, a, b, 694) | 1)
#define I_STHCX(t, a, b) (I_X(31, t, a, b, 726) | 1)
#define I_STWCX(t, a, b) (I_X(31, t, a, b, 150) | 1)
#define I_STDCX(t, a, b) (I_X(31, t, a, b, 214) | 1)
#define I_STQCX(t, a, b) (I_X(31, t, a, b, 182) | 1)
#define I_LDAT(t, a, fc) I_X(31, t, a, fc, 614)
#define I_STDAT(t, a, fc) I_X(31, t, a, fc, 742)
#define I_SYNC I_X(31, 0, 0, 0, 598)
#define I_LWSYNC I_X(31, 1, 0, 0, 598)
#define I_PTESYNC I_X(31, 2, 0, 0, 598)
#define I_ISYNC I_X(19, 0, 0, 0, 150)
#define I_ICBI(a, b) I_X(31, 0, a, b, 982)
#define I_DCBST(a, b) I_X(31, 0, a, b, 54)
/* RIC 0, PRS 1, R 1 */
#define I_TLBIE(rb, rs) (I_X(31, rs, 0, rb, 306) | 1 << 17 | 1 << 16)
#define I_TLBSYNC I_X(31, 0, 0, 0, 566)

#endif
