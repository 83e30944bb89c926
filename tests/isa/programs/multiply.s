# Products: the low half, the high half with and without sign, immediates.
#_ run power9
#_ run power10 le
#_ run 970fx
#_ case mulli
#_ set r4 = 0x123456789, r5 = -1
	mulli	r3,r4,-2
	mulli	r6,r5,-0x8000
	mulli	r7,r5,0x7fff
#_ expect r3 = -0x2468acf12, r6 = 0x8000, r7 = -0x7fff
#_ case high_words
#_ set r4 = 0x1234567880000000, r5 = 0xffffffff80000000
	mulhw	r6,r4,r5
	mulhwu	r7,r4,r5
	mullw	r8,r4,r5
#_ expect r6 & 0xffffffff = 0x40000000, r7 & 0xffffffff = 0x40000000, r8 = 0x4000000000000000
#_ case high_words_of_unlike_signs
#_ set r4 = 0xffffffff, r5 = 2
	mulhw	r6,r4,r5
	mulhwu	r7,r4,r5
	mullw	r8,r4,r5
#_ expect r6 & 0xffffffff = 0xffffffff, r7 & 0xffffffff = 1, r8 = -2
#_ case high_doublewords
#_ set r4 = -1, r5 = 2, r6 = 0x8000000000000000
	mulhd	r7,r4,r5
	mulhdu	r8,r4,r5
	mulld	r9,r4,r5
	mulhd	r10,r6,r6
	mulhdu	r11,r4,r4
#_ expect r7 = -1, r8 = 1, r9 = -2, r10 = 0x4000000000000000, r11 = -2
