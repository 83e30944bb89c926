# DSISR of an alignment interrupt describes the instruction (PEM table 6-12): for D forms the opcode, for X forms bits
# of the extended opcode, then RT and RA.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case displacement
#_ set r4 = buf + 2
	stmw	r29,4(r4)
#_ expect vector = 0x600, dar = buf + 6, dsisr & 0x1ffff = 0x4000 | 7 << 10 | 29 << 5 | 4
#_ case indexed				# lwarx: 31/20 is 00000 10100: bits 29-30 00, 25 1, 21-24 0000
#_ set r4 = buf, r5 = 1
	lwarx	r6,r4,r5
#_ expect vector = 0x600, dar = buf + 1, dsisr & 0x1ffff = 6 << 5 | 4
	.data
	.balign	16
buf:	.zero	32
	.text
