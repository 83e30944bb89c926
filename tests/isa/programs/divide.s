# Quotients and what they forget: rounding towards 0, words of 64-bit registers.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case signs
#_ set r4 = 7, r5 = -7, r6 = 2, r7 = -2
	divd	r8,r4,r6
	divd	r9,r5,r6
	divd	r10,r4,r7
	divd	r11,r5,r7
#_ expect r8 = 3, r9 = -3, r10 = -3, r11 = 3
#_ case words_ignore_the_upper_half
#_ set r4 = 0xdeadbeef00000064, r5 = 0xffffffff00000007
	divw	r8,r4,r5
	divwu	r9,r4,r5
#_ expect r8 & 0xffffffff = 14, r9 & 0xffffffff = 14
#_ case unsigned
#_ set r4 = -1, r5 = 16
	divdu	r8,r4,r5
	divwu	r9,r4,r5
#_ expect r8 = 0x0fffffffffffffff, r9 & 0xffffffff = 0x0fffffff
