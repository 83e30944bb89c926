# Multiples and strings in little-endian mode: an alignment interrupt (book I 3.3.5, 3.3.6).
#_ run power9 le
#_ run power8 le
#_ case lmw
#_ set r4 = buf
1:	.long	0xbbc40000		# lmw r30,0(r4)
#_ expect vector = 0x600, srr0 = 1b, dar = buf
#_ case stmw
#_ set r4 = buf, r31 = -1
	.long	0xbfe40000		# stmw r31,0(r4)
#_ expect vector = 0x600, mem32(buf) = 0
#_ case lswi
#_ set r4 = buf
	.long	0x7ca424aa		# lswi r5,r4,4
#_ expect vector = 0x600
#_ case stswx
#_ set r4 = buf, xer = 4
	.long	0x7ca0252a		# stswx r5,0,r4
#_ expect vector = 0x600
	.data
	.balign	16
buf:	.zero	32
	.text
