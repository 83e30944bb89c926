/*
 * What ticks.c cannot say in C: entries, interrupt vectors, calls of the firmware.
 * Big-endian, 64 bits, real mode.  r13 is the CPU's Cpu, as everywhere in ticks.c; its first
 * doubleword is the top of the CPU's stack.
 */
	.machine power8
	.abiversion 2
	.text

	/* The boot CPU; must be the first word.  r5: client interface (IEEE 1275). */
	.globl	_start
_start:
	bcl	20, 31, 1f
1:	mflr	14
	addis	2, 14, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	li	6, -1
	rldicl	6, 6, 1, 63		/* MSR[SF] */
	rldicr	6, 6, 63, 0
	mfmsr	7
	or	7, 7, 6
	mtmsrd	7
	addis	13, 2, cpus@toc@ha
	addi	13, 13, cpus@toc@l
	addis	1, 2, boot_stack_top@toc@ha
	addi	1, 1, boot_stack_top@toc@l
	mr	3, 5
	bl	begin
	nop
2:	b	2b

	/* Another CPU, from RTAS start-cpu.  r3: its Cpu. */
	.globl	another_cpu
another_cpu:
	mr	13, 3
	bcl	20, 31, 1f
1:	mflr	14
	addis	2, 14, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	ld	1, 0(13)
	addi	1, 1, -64
	bl	run
	nop
2:	b	2b

	/*
	 * A vector saves r3 in SPRG1 and, at once, TB in SPRG2, and comes here with its number in r3.
	 * 288 bytes below r1 belong to what was interrupted (ELFv2 ABI, 2.2.3.4).
	 */
	.globl	common
common:
	stdu	1, -448(1)
	std	0, 32(1)
	mfsprg1	0
	std	0, 40(1)
	.irp	r, 4, 5, 6, 7, 8, 9, 10, 11, 12
	std	\r, 16 + 8 * \r(1)
	.endr
	mflr	0
	std	0, 120(1)
	mfctr	0
	std	0, 128(1)
	mfcr	0
	std	0, 136(1)
	mfxer	0
	std	0, 144(1)
	mfsrr0	4
	std	4, 152(1)
	mfsrr1	5
	std	5, 24(1)
	mfsprg2	6
	bl	interrupt
	nop
	ld	0, 152(1)
	mtsrr0	0
	ld	0, 24(1)
	mtsrr1	0
	ld	0, 144(1)
	mtxer	0
	ld	0, 136(1)
	mtcr	0
	ld	0, 128(1)
	mtctr	0
	ld	0, 120(1)
	mtlr	0
	.irp	r, 12, 11, 10, 9, 8, 7, 6, 5, 4
	ld	\r, 16 + 8 * \r(1)
	.endr
	ld	3, 40(1)
	ld	0, 32(1)
	addi	1, 1, 448
	rfid

	/* uint64_t call_firmware(void *args, uint64_t r4, uint64_t entry): keeps what C needs. */
	.globl	call_firmware
call_firmware:
	mflr	0
	std	0, 16(1)
	stdu	1, -256(1)
	.irp	r, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	std	\r, 8 * \r(1)
	.endr
	std	2, 96(1)
	mfcr	0
	std	0, 88(1)
	mtctr	5
	bctrl
	ld	0, 88(1)
	mtcr	0
	ld	2, 96(1)
	.irp	r, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	\r, 8 * \r(1)
	.endr
	addi	1, 1, 256
	ld	0, 16(1)
	mtlr	0
	blr

	.lcomm	boot_stack, 16384, 16
	.set	boot_stack_top, boot_stack + 16384 - 64
