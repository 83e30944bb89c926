# rfi of the 32-bit chips: the low half of MSR, POW and ILE kept out of it (PEM rfi).
#_ run 750
#_ run 7447a
#_ run 603e
#_ case rfi
#_ set srr0 = 1f + 1, srr1 = 0x2002 | 0x10000
	rfi
	li	r3,1
1:	mfmsr	r4
#_ expect r3 = 0, r4 & 0xffffffff = 0x2002
