# divde[u], divwe[u] (2.06): the dividend has zeros below.
#_ run power9
#_ run power8 le
#_ case doublewords
#_ set r4 = 1, r5 = 2, r6 = 3, r7 = -1
	divde	r8,r4,r6
	divdeu	r9,r4,r5
	divde	r10,r7,r6
#_ expect r8 = 0x5555555555555555, r9 = 0x8000000000000000, r10 = -0x5555555555555555
#_ case quotient_too_large
#_ set r4 = 1, r5 = 2, r6 = 1
	divdeo	r8,r4,r5
	mfxer	r9
	divdeuo	r8,r4,r6
#_ expect r9 & 0xc0000000 = 0xc0000000, ov = 1
#_ case most_negative_fits
#_ set r4 = -1, r5 = 2
	divdeo	r8,r4,r5
#_ expect r8 = 0x8000000000000000, ov = 0
#_ case words
#_ set r4 = 1, r5 = 3
	divwe	r8,r4,r5
	divweu	r9,r4,r5
#_ expect r8 & 0xffffffff = 0x55555555, r9 & 0xffffffff = 0x55555555
#_ case words_too_large
#_ set r4 = 3, r5 = 3
	divweo	r8,r4,r5
	mfxer	r9
	divweuo	r8,r4,r5
#_ expect r9 & 0x40000000 = 0x40000000, ov = 1
