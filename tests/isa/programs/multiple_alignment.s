# Multiples off a word boundary on the 32-bit chips, and in little-endian mode anywhere: alignment interrupts.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case lmw
#_ set r4 = buf, r30 = 3
1:	lmw	r30,2(r4)
#_ expect vector = 0x600, srr0 = 1b, dar = buf + 2, r30 = 3, dsisr & 0xffff = (7 << 10) | (30 << 5) | 4
#_ case stmw
#_ set r4 = buf + 1, r31 = 3
	stmw	r31,0(r4)
#_ expect vector = 0x600, dar = buf + 1, mem32(buf + 1) = 0
#_ case aligned
#_ set r4 = buf, mem32(buf + 4) = 9
	lmw	r31,4(r4)
#_ expect r31 & 0xffffffff = 9
	.data
	.balign	16
buf:	.zero	32
	.text
