# brh, brw, brd (3.1), and loads and stores that reverse.
#_ run power10
#_ run power10 le
#_ case registers
#_ set r4 = 0x0102030405060708
	brh	r5,r4
	brw	r6,r4
	brd	r7,r4
#_ expect r5 = 0x0201040306050807, r6 = 0x0403020108070605, r7 = 0x0807060504030201
#_ case memory
#_ set r4 = buf, r5 = 0x0102030405060708
	stdbrx	r5,0,r4
	ldbrx	r6,0,r4
	lwbrx	r7,0,r4
	lhbrx	r8,0,r4
#_ expect mem64(buf) = 0x0807060504030201, r6 = 0x0102030405060708, r8 & 0xffff0000 = 0
	.data
	.balign 8
buf:	.quad	0
	.text
