# 32-bit mode of a 64-bit CPU: CTR is tested and targets are taken modulo 2^32 (book I 2.3.2, 2.4).
#_ run power9 -sf
#_ run power8 -sf
#_ run 970fx -sf
#_ case counter_low_half
#_ set ctr = 0x100000001
	bdz	1f
	li	r3,1
1:
#_ expect r3 = 0, ctr = 0x100000000

#_ case counter_borrows
#_ set ctr = 0x100000000
	bdnz	1f
	li	r3,1
1:
#_ expect r3 = 0, ctr = 0xffffffff

#_ case lr_upper_half_of_target
#_ set lr = 0xabcd000000000000 + 1f
	blr
	li	r3,1
1:
#_ expect r3 = 0

#_ case link_has_32_bits
1:	bl	2f
2:	mflr	r3
#_ expect r3 = 1b + 4

#_ case ctr_upper_half_of_target
#_ set ctr = 0xffffffff00000000 + 1f
	bctr
	li	r3,1
1:
#_ expect r3 = 0
