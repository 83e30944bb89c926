# lq, stq (2.07): off a quadword boundary an alignment interrupt; an odd register is illegal.
#_ run power8
#_ run power9
#_ run power10
#_ run power9 le
#_ case unaligned
#_ set r4 = buf + 8
1:	lq	r6,0(r4)
#_ expect vector = 0x600
#_ case stq_unaligned
#_ set r4 = buf + 1, r6 = -1
	stq	r6,0(r4)
#_ expect vector = 0x600, mem64(buf + 1) != -1
#_ case odd_register
#_ set r4 = buf + 8
1:	.long	0xe0e40000		# lq r7,0(r4)
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
	.data
	.balign	16
buf:	.quad	0x1111111111111111, 0x2222222222222222
	.text
