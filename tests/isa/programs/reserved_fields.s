# Reserved bits of instructions are ignored (book I 1.8.2 lets them be; these chips do).
#_ run power9
#_ run power8
#_ run 970fx
#_ run 750
#_ case rc_of_loads_and_logical_with_fields
#_ set r4 = buf, r5 = 3, mem32(buf) = 77
	.long	0x7c60202f		# lwzx r3,0,r4 with bit 31
#_ expect r3 & 0xffffffff = 77, cr = 0
#_ case neg_with_rb
#_ set r4 = 5
	.long	0x7c64f8d0		# neg r3,r4 with RB = 31
#_ expect r3 & 0xffffffff = 0xfffffffb
#_ case cntlzw_with_rb
#_ set r4 = 1
	.long	0x7c835834		# cntlzw r3,r4 with RB = 11
#_ expect r3 = 31
#_ case mcrf_with_bits
#_ set cr = 0x12345678
	.long	0x4c1ff800		# mcrf cr0,cr7 with reserved bits
#_ expect cr = 0x82345678
	.data
	.balign	16
buf:	.zero	16
	.text
