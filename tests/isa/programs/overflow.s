# OE forms: OV by each operation, SO until it is cleared.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case addo_subfo
#_ set r4 = 0x7fffffffffffffff, r5 = 1, r6 = 0x8000000000000000
	addo	r3,r4,r5
	mfxer	r7
	subfo	r3,r5,r6
	mfxer	r8
	addo	r3,r5,r5
#_ expect r7 & 0xc0000000 = 0xc0000000, r8 & 0xc0000000 = 0xc0000000, ov = 0, so = 1
#_ case nego
#_ set r4 = 0x8000000000000000
	nego.	r3,r4
#_ expect r3 = 0x8000000000000000, ov = 1, so = 1, cr0 = 9
#_ case mullwo
#_ set r4 = 0x10000, r5 = 0x8000
	mullwo	r3,r4,r5
#_ expect r3 = 0x80000000, ov = 1, so = 1
#_ case mulldo
#_ set r4 = 0x4000000000000000, r5 = 2
	mulldo	r3,r4,r5
#_ expect ov = 1
#_ case mulldo_fits
#_ set r4 = 0x4000000000000000, r5 = -2, xer = 0x40000000
	mulldo	r3,r4,r5
#_ expect r3 = 0x8000000000000000, ov = 0, so = 0
#_ case divisions_that_do_not_work
#_ set r4 = 0x80000000, r5 = -1, r6 = 0, r8 = 0x8000000000000000
	divwo	r3,r4,r5
	mfxer	r10
	divwo	r3,r4,r6
	mfxer	r11
	divdo	r3,r8,r5
	mfxer	r12
	divduo	r3,r4,r6
	mfxer	r13
	divwuo	r3,r4,r5
#_ expect r10 & 0x40000000 = 0x40000000, r11 & 0x40000000 = 0x40000000, r12 & 0x40000000 = 0x40000000, r13 & 0x40000000 = 0x40000000, ov = 0, so = 1
