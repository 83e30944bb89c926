# Pairs of every size: stored once, and not again (book II 4.6.2).
#_ run power8
#_ run power9 le
#_ run power10
#_ case byte
#_ set r4 = buf + 1, r5 = 0x1ff, mem8(buf + 1) = 0x80
	lbarx	r6,0,r4
	stbcx.	r5,0,r4
	mfcr	r7
	stbcx.	r6,0,r4
#_ expect r6 = 0x80, mem8(buf + 1) = 0xff, r7 & 0xf0000000 = 0x20000000, cr0 = 0, mem8(buf + 2) = 0
#_ case halfword
#_ set r4 = buf + 2, r5 = 0x1234, mem16(buf + 2) = 0x8000
	lharx	r6,0,r4
	sthcx.	r5,0,r4
#_ expect r6 = 0x8000, mem16(buf + 2) = 0x1234, cr0 = 2
#_ case word
#_ set r4 = buf, r8 = 4, r5 = -1, mem32(buf + 4) = 0x80000000
	lwarx	r6,r4,r8
	stwcx.	r5,r4,r8
#_ expect r6 = 0x80000000, mem32(buf + 4) = 0xffffffff, cr0 = 2, mem32(buf + 8) = 0
#_ case doubleword
#_ set r4 = buf, r5 = -2, mem64(buf) = 5
	ldarx	r6,0,r4
	stdcx.	r5,0,r4
	stdcx.	r6,0,r4
#_ expect r6 = 5, mem64(buf) = -2, cr0 = 0
#_ case quadword
#_ set r4 = buf, r10 = 1, r11 = 2, mem64(buf) = 7, mem64(buf + 8) = 8
	lqarx	r6,0,r4
	stqcx.	r10,0,r4
	lqarx	r8,0,r4
#_ expect cr0 = 2, r8 = 1, r9 = 2
#_ case summary_overflow_is_copied
#_ set r4 = buf, xer = 0x80000000
	lwarx	r6,0,r4
	stwcx.	r6,0,r4
#_ expect cr0 = 3
	.data
	.balign	16
buf:	.zero	32
	.text
