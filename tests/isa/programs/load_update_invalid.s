# Invalid update forms: RA = 0 uses r0, RA = RT ends up with the address (what the chips do; the books
# leave both open: book I 3.3.2, PEM lwzu).
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 750
#_ case ra_is_r0
#_ set r0 = buf, mem32(buf + 4) = 0x01020304
	.long	0x84600004		# lwzu r3,4(0)
#_ expect r3 = 0x01020304, r0 = buf + 4
#_ case ra_is_rt
#_ set r4 = buf, mem32(buf + 4) = 0x01020304
	.long	0x84840004		# lwzu r4,4(r4)
#_ expect r4 = buf + 4
#_ case store_with_r0
#_ set r0 = buf, r3 = 0x77
	.long	0x9c600002		# stbu r3,2(0)
#_ expect mem8(buf + 2) = 0x77, r0 = buf + 2
	.data
	.balign	16
buf:	.zero	16
	.text
