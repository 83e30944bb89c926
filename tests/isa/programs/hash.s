# hashst, hashchk (3.1): what one stores the other accepts, and nothing else; DEXCR[NPHIE] enables them.
#_ run power10
#_ run power10 le
#_ case accepts
#_ set r1 = buf + 64, r3 = 0x1234567, dexcr = 0x04000000 << 32 | 0x04000000, hashkeyr = 0x1122334455667788
	hashst	r3,-8(r1)
	hashchk	r3,-8(r1)
#_ expect vector = 0
#_ case refuses_another_value
#_ set r1 = buf + 64, r3 = 0x1234567, dexcr = 0x04000000 << 32 | 0x04000000, hashkeyr = 0x1122334455667788
	hashst	r3,-16(r1)
	addi	r3,r3,4
1:	hashchk	r3,-16(r1)
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x20000 = 0x20000
#_ case disabled
#_ set r1 = buf + 64, r3 = 0x1234567, dexcr = 0
	hashst	r3,-8(r1)
	addi	r3,r3,4
	hashchk	r3,-8(r1)
#_ expect mem64(buf + 56) = 0
	.data
	.balign	16
buf:	.zero	64
	.text
