# Every width, with and without sign, at odd addresses; (RA|0).
#_ run power9
#_ run power9 le
#_ run power8
#_ run 970fx
#_ case widths
#_ set r4 = buf, mem64(buf) = 0x8182838485868788
	lbz	r5,1(r4)
	lhz	r6,0(r4)
	lha	r7,0(r4)
	lwz	r8,0(r4)
	lwa	r9,0(r4)
	ld	r10,0(r4)
	std	r10,8(r4)
	stw	r10,17(r4)
	sth	r10,22(r4)
	stb	r10,25(r4)
#_ expect r10 = 0x8182838485868788, mem64(buf + 8) = 0x8182838485868788, mem32(buf + 17) = 0x85868788, mem16(buf + 22) = 0x8788, mem8(buf + 25) = 0x88
#_ case sign
#_ set r4 = buf, mem16(buf) = 0x8001, mem32(buf + 4) = 0x80000001
	lha	r5,0(r4)
	lhz	r6,0(r4)
	lwa	r7,4(r4)
	lwz	r8,4(r4)
#_ expect r5 = -0x7fff, r6 = 0x8001, r7 = 0xffffffff80000001, r8 = 0x80000001
#_ case indexed_and_zero_base
#_ set r0 = 0x123456, r4 = buf, r5 = 5, mem32(buf + 5) = 0xa1a2a3a4
	lwzx	r6,r4,r5
	lwzx	r7,0,r4
	lhax	r8,r4,r5
#_ expect r6 = 0xa1a2a3a4, r7 != 0xa1a2a3a4
#_ case r0_as_index
#_ set r0 = buf, r4 = 3, mem8(buf + 3) = 0x99
	lbzx	r5,r4,r0
#_ expect r5 = 0x99
	.data
	.balign	16
buf:	.zero	64
	.text
