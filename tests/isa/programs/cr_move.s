# mcrf, mfcr, mtcrf, and fields (book I 2.5.3, 3.3.17).
#_ run power9
#_ run power8 le
#_ run 750
#_ case mcrf
#_ set cr = 0x12345678
	mcrf	0,7
	mcrf	5,2
#_ expect cr = 0x82345378
#_ case mfcr
#_ set cr = 0x9abcdef1, r3 = -1
	mfcr	r3
#_ expect r3 = 0x9abcdef1
#_ case mtcrf_fields
#_ set cr = 0x11111111, r3 = 0xfffffffffedcba98
	mtcrf	0xa5,r3
#_ expect cr = 0xf1d11a18
#_ case mtcrf_none
#_ set cr = 0x12345678, r3 = -1
	mtcrf	0,r3
#_ expect cr = 0x12345678
