# Which half is where, big-endian.
#_ run power8
#_ run power9
#_ case lq_stq
#_ set r4 = buf
	lq	r6,0(r4)
	stq	r6,16(r4)
#_ expect r6 = 0x0102030405060708, r7 = 0x090a0b0c0d0e0f10, mem64(buf + 16) = 0x0102030405060708, mem64(buf + 24) = 0x090a0b0c0d0e0f10
	.data
	.balign	16
buf:	.byte	1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
	.zero	16
	.text
