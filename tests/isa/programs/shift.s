# Shift amounts of 32 (64) and more clear or fill; sraw's CA is "a negative number lost ones".
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case words
#_ set r4 = 0x1234567880000001, r5 = 32, r6 = 31, r7 = 64
	slw	r8,r4,r5
	srw	r9,r4,r6
	slw	r10,r4,r6
	srw	r11,r4,r7
#_ expect r8 = 0, r9 = 1, r10 = 0x80000000, r11 = 0x80000001
#_ case doublewords
#_ set r4 = 0x8000000000000001, r5 = 64, r6 = 63, r7 = 128
	sld	r8,r4,r5
	srd	r9,r4,r6
	sld	r10,r4,r6
	srd	r11,r4,r7
#_ expect r8 = 0, r9 = 1, r10 = 0x8000000000000000, r11 = 0x8000000000000001
#_ case sraw_fills
#_ set r4 = 0x80000000, r5 = 63
	sraw	r6,r4,r5
#_ expect r6 = -1, ca = 1
#_ case sraw_loses_nothing
#_ set r4 = 0xffffffff80000000, r5 = 31, r6 = 0x7fffffff, xer = 0x20000000
	srawi	r7,r4,31
	mfxer	r8
	sraw	r9,r6,r5
#_ expect r7 = -1, r8 & 0x20000000 = 0, r9 = 0, ca = 0
#_ case srawi_loses_ones
#_ set r4 = 0x80000001
	srawi.	r7,r4,1
#_ expect r7 = 0xffffffffc0000000, ca = 1, cr0 = 8
#_ case srad
#_ set r4 = -3, r5 = 1, r6 = 64
	srad	r7,r4,r5
	mfxer	r8
	srad	r9,r4,r6
	mfxer	r10
	sradi	r11,r4,0
#_ expect r7 = -2, r8 & 0x20000000 = 0x20000000, r9 = -1, r10 & 0x20000000 = 0x20000000, r11 = -3, ca = 0
