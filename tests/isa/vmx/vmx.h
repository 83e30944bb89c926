/*
 * One instruction with the state before and after it: what peer.py writes,
 * guest.c runs on the peer and host.c on ours.  Little-endian; a vector is a
 * quadword as lvx and stvx move it in little-endian mode.
 */
#ifndef TESTS_ISA_VMX_H
#define TESTS_ISA_VMX_H

#define REC_VR 0     /* VR 0-7 */
#define REC_VSCR 128 /* VSCR as mfvscr gives it */
#define REC_MEM 144  /* 64 bytes of storage */
#define REC_GPR 208  /* GPR 3-6 */
#define REC_WORD 240 /* the instruction */
#define REC_BASE 244 /* not 0: GPR 4 counts from the start of REC_MEM */
#define REC_CR6 248  /* after: CR field 6 (0-15) */
#define REC_SIZE 256

#ifndef __ASSEMBLER__
#include <stdint.h>

struct rec {
	unsigned __int128 vr[8], vscr;
	uint8_t mem[64];
	uint64_t gpr[4];
	uint32_t word, base, cr6, pad;
};
#endif

#endif
