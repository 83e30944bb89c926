# The same on 32-bit registers.
#_ run 750
#_ run 7447a
#_ case words
#_ set r4 = 0x80000001, r5 = 32, r6 = 31, r7 = 64
	slw	r8,r4,r5
	srw	r9,r4,r6
	srw	r10,r4,r7
	sraw	r11,r4,r5
#_ expect r8 & 0xffffffff = 0, r9 & 0xffffffff = 1, r10 & 0xffffffff = 0x80000001, r11 & 0xffffffff = 0xffffffff, ca = 1
#_ case rlwinm_mask_wraps
#_ set r4 = 0x12345678
	rlwinm	r5,r4,4,24,7
	rlwnm	r6,r4,r4,0,31
#_ expect r5 & 0xffffffff = 0x23000081, r6 & 0xffffffff = 0x78123456
