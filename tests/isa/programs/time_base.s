# mftb reads the whole register on 64-bit CPUs, a half on 32-bit ones; TBU is its upper half.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case grows
	mftb	r3
	mftb	r4
	subf.	r5,r3,r4
	mfspr	r6,269
	srdi	r7,r4,32
	cmpd	cr1,r6,r7
#_ expect cr0 != 8, cr1 = 2
