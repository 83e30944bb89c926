# A 32-bit chip ignores L: what would compare doublewords compares words (PEM cmp).
#_ run 750
#_ run 7447a
#_ run 603e
#_ case l_is_ignored
#_ set r4 = 0x80000000, r5 = 1
	.long	0x7c242800		# cmpd r4,r5
	.long	0x7ca42840		# cmpld cr1,r4,r5
	.long	0x2d240000		# cmpdi cr2,r4,0
	.long	0x29a50001		# cmpldi cr3,r5,1
#_ expect cr & 0xffff0000 = 0x84820000
