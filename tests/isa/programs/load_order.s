# Which byte is where: big-endian and little-endian mode of one CPU.
#_ run power9
#_ run power8
#_ run 970fx
#_ run 750
#_ case big_endian
#_ set r4 = buf
	lwz	r5,0(r4)
	lhz	r6,2(r4)
	lwbrx	r7,0,r4
	lhbrx	r8,0,r4
#_ expect r5 = 0x01020304, r6 = 0x0304, r7 = 0x04030201, r8 = 0x0201
	.data
	.balign	16
buf:	.byte	1,2,3,4,5,6,7,8
	.text
