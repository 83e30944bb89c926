# The same bytes in little-endian mode (true little-endian: server CPUs).
#_ run power9 le
#_ run power8 le
#_ run power10 le
#_ case little_endian
#_ set r4 = buf
	lwz	r5,0(r4)
	lhz	r6,2(r4)
	lwbrx	r7,0,r4
	lhbrx	r8,0,r4
#_ expect r5 = 0x04030201, r6 = 0x0403, r7 = 0x01020304, r8 = 0x0102
	.data
	.balign	16
buf:	.byte	1,2,3,4,5,6,7,8
	.text
