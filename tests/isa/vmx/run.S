/*
 * void run(struct rec *r, void *code): loads r's registers, calls the
 * instruction (followed by blr) at code, stores the registers.
 */
#include "vmx.h"

	.abiversion 2
	.text
	.globl run
	.type run, @function
run:
	mflr 0
	std 0, 16(1)
	std 31, -8(1)
	stdu 1, -64(1)
	mr 31, 3
	mtctr 4
	mr 12, 4
	li 5, REC_VSCR
	lvx 0, 31, 5
	mtvscr 0
	li 0, 0
	mtocrf 2, 0
	lvx 0, 0, 31
	li 5, 16
	lvx 1, 31, 5
	li 5, 32
	lvx 2, 31, 5
	li 5, 48
	lvx 3, 31, 5
	li 5, 64
	lvx 4, 31, 5
	li 5, 80
	lvx 5, 31, 5
	li 5, 96
	lvx 6, 31, 5
	li 5, 112
	lvx 7, 31, 5
	ld 3, REC_GPR(31)
	ld 4, REC_GPR+8(31)
	ld 5, REC_GPR+16(31)
	ld 6, REC_GPR+24(31)
	bctrl
	std 3, REC_GPR(31)
	std 4, REC_GPR+8(31)
	std 5, REC_GPR+16(31)
	std 6, REC_GPR+24(31)
	stvx 0, 0, 31
	li 5, 16
	stvx 1, 31, 5
	li 5, 32
	stvx 2, 31, 5
	li 5, 48
	stvx 3, 31, 5
	li 5, 64
	stvx 4, 31, 5
	li 5, 80
	stvx 5, 31, 5
	li 5, 96
	stvx 6, 31, 5
	li 5, 112
	stvx 7, 31, 5
	mfvscr 0
	li 5, REC_VSCR
	stvx 0, 31, 5
	mfocrf 3, 2
	srwi 3, 3, 4
	andi. 3, 3, 15
	stw 3, REC_CR6(31)
	addi 1, 1, 64
	ld 31, -8(1)
	ld 0, 16(1)
	mtlr 0
	blr
	.size run, . - run
	.section .note.GNU-stack, "", @progbits
