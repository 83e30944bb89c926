# CR0 of record forms: sign of the result in 64-bit mode, with a copy of SO.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case signs
#_ set r4 = 0x80000000, r5 = 0x8000000000000000
	mr.	r3,r4
	mfcr	r6
	mr.	r3,r5
	mfcr	r7
	sub.	r3,r5,r5
	mfcr	r8
#_ expect r6 = 0x40000000, r7 = 0x80000000, r8 = 0x20000000
#_ case summary_overflow
#_ set xer = 0x80000000, r4 = 0
	andi.	r3,r4,1
#_ expect cr0 = 3
#_ case addic
#_ set r4 = 1
	addic.	r3,r4,-1
#_ expect r3 = 0, cr0 = 2, ca = 1
#_ case of_words
#_ set r4 = 0xffffffff80000000
	extsw.	r3,r4
	mfcr	r5
	rlwinm.	r6,r4,0,0,31
#_ expect r5 = 0x80000000, cr0 = 4, r6 = 0x80000000
#_ case stwcx_copies_so
#_ set xer = 0x80000000, r4 = buf
	stwcx.	r3,0,r4
#_ expect cr0 = 1
	.data
	.balign	16
buf:	.quad	0,0
	.text
