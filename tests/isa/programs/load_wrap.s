# Effective addresses in 32-bit mode: the sum modulo 2^32 (book I 1.10.3).
#_ run power9 -sf
#_ run 970fx -sf
#_ case index_wraps
#_ set r4 = 0x1234567800000000 + buf, r5 = 0xffffffff00000004, mem32(buf + 4) = 0xcafe
	lwzx	r6,r4,r5
#_ expect r6 = 0xcafe
#_ case update_writes_the_address
#_ set r4 = 0xabcd000000000000 + buf
	stwu	r4,8(r4)
#_ expect mem32(buf + 8) = buf, r4 & 0xffffffff = buf + 8
#_ case negative_displacement_from_zero
#_ set r4 = 0x100000008
	lwz	r5,-4(r4)
#_ expect vector = 0
	.data
	.balign	16
buf:	.zero	32
	.text
