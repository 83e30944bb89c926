# PowerPC little-endian mode of the 32-bit chips: bytes stay, the low address bits are turned (PEM 3.1.4):
# a byte at EA xor 7, a halfword xor 6, a word xor 4.  The code is fetched in this way, too.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case data_and_code
#_ set r4 = buf, srr0 = over, srr1 = 1
	rfi
#_ expect vector = 0x700, r5 = 0x88, r6 = 0x7788, r7 = 0x55667788, r8 = 0x11223344
	.data
	.balign	16
buf:	.quad	0x1122334455667788
	.text
	.balign	8
over:	lhz	r6,0(r4)		# words of a pair change places
	lbz	r5,0(r4)
	lwz	r8,4(r4)
	lwz	r7,0(r4)
	trap
	trap
