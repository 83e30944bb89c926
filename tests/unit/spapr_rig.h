/* A partition of two fake CPUs with all of hw/spapr around it, for tests. */
#ifndef TESTS_UNIT_SPAPR_RIG_H
#define TESTS_UNIT_SPAPR_RIG_H

#include "core/chardev.h"
#include "core/machine.h"
#include "hw/char/spapr_vty.h"
#include "hw/nvram/spapr_nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/spapr.h"

#define RIG_CPUS 2
#define RIG_RAM (UINT64_C(16) << 20)

typedef struct SpaprRig {
	Machine *m;
	Spapr *s;
	Xics *xics;
	Xive *xive;
	SpaprPhb *phb;
	SpaprVty *vty;
	XiveBoard xive_board;
	int current; /* the CPU that accesses */
	/* What the fake CPUs are told. */
	struct {
		uint64_t msr, r3, nip;
		bool stopped, halted, prod;
		int line;  /* interrupt input */
		int rises; /* how often it went up */
		unsigned nmis, yields;
	} cpu[RIG_CPUS];
	uint64_t lpcr;
	uint64_t spr[SPAPR_DAWRX1 + 1]; /* as hypercalls wrote them last */
	uint32_t compat;
	unsigned flushes;    /* of everything */
	uint64_t flushed[3]; /* last entry: v, r, ptex */
	/* Back end of the terminal. */
	Chardev chardev;
	unsigned accepts; /* how often the terminal has asked for more */
	GString *said;
	/* Host clock. */
	int64_t mono, wall;
	HostClock host;
} SpaprRig;

/* Takes the machine lock; isa300 false makes a POWER8-like partition. */
SpaprRig *spapr_rig_new(bool isa300);
void spapr_rig_free(SpaprRig *r);
/* A hypercall of CPU 0 with up to six arguments; out gets r[4] on (may be NULL). */
int64_t spapr_rig_call(SpaprRig *r, uint64_t fn, const uint64_t *args, unsigned n, uint64_t *out);
#define HC(r, fn, out, ...)                                                                        \
	spapr_rig_call(r, fn, (const uint64_t[]){ 0, ##__VA_ARGS__ } + 1,                          \
		       sizeof((const uint64_t[]){ 0, ##__VA_ARGS__ }) / 8 - 1, out)
/* An RTAS call by token above 0x2000; returns the status, ret gets nret words. */
int spapr_rig_rtas(SpaprRig *r, uint32_t token, const uint32_t *args, unsigned nargs, unsigned nret,
		   uint32_t *ret);
#define RTAS(r, token, nret, ret, ...)                                                             \
	spapr_rig_rtas(r, token, (const uint32_t[]){ 0, ##__VA_ARGS__ } + 1,                       \
		       sizeof((const uint32_t[]){ 0, ##__VA_ARGS__ }) / 4 - 1, nret, ret)

#endif
