# Before 3.0 there is no CA32 or OV32: mfxer never shows them.
#_ run power8
#_ run 970fx
#_ case addco
#_ set r4 = 0xffffffff80000000, r5 = 0xffffffff80000000
	addco	r3,r4,r5
	mfxer	r6
#_ expect r6 & 0x000c0000 = 0
