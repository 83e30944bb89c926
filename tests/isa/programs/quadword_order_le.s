# The same in little-endian mode: one number of 16 bytes, the even register still its upper half (3.3.4).
#_ run power8 le
#_ run power10 le
#_ case lq_stq
#_ set r4 = buf
	lq	r6,0(r4)
	stq	r6,16(r4)
#_ expect r6 = 0x100f0e0d0c0b0a09, r7 = 0x0807060504030201, mem64(buf + 16) = 0x0807060504030201, mem64(buf + 24) = 0x100f0e0d0c0b0a09
	.data
	.balign	16
buf:	.byte	1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
	.zero	16
	.text
