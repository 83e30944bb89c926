# lmw, stmw: any alignment on the 64-bit chips, upper halves cleared, the last register is r31.
#_ run power9
#_ run power8
#_ run 970fx
#_ case load
#_ set r4 = buf, r30 = -1, r31 = -1, mem32(buf) = 0x81828384, mem32(buf + 4) = 5, mem32(buf + 8) = 6
	lmw	r29,0(r4)
#_ expect r29 = 0x81828384, r30 = 5, r31 = 6, r4 = buf
#_ case load_unaligned
#_ set r4 = buf, mem32(buf + 3) = 0x11223344, mem32(buf + 7) = 0x55667788
	lmw	r30,3(r4)
#_ expect r30 = 0x11223344, r31 = 0x55667788
#_ case store
#_ set r4 = buf, r30 = 0xffffffff11223344, r31 = 0x99
	stmw	r30,1(r4)
#_ expect mem32(buf + 1) = 0x11223344, mem32(buf + 5) = 0x99, mem8(buf) = 0, mem8(buf + 9) = 0
#_ case all_of_them
#_ set r4 = buf, r0 = buf, mem32(buf + 4) = 0x77, mem32(buf + 16) = 0x1234, mem32(buf + 124) = 0x3131
	.long	0xb8040000		# lmw r0,0(r4): its own base, too
#_ expect r1 = 0x77, r4 = 0x1234, r31 = 0x3131
	.data
	.balign	16
buf:	.zero	160
	.text
