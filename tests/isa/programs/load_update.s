# Update forms write the address back.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case loads
#_ set r4 = buf, r5 = buf, r6 = 8, r7 = buf + 32, mem32(buf + 8) = 0xaabbccdd
	lwzu	r8,8(r4)
	lwzux	r9,r5,r6
	lbzu	r10,-32(r7)
#_ expect r4 = buf + 8, r5 = buf + 8, r7 = buf, r8 = 0xaabbccdd, r9 = 0xaabbccdd
#_ case stores
#_ set r4 = buf, r5 = buf + 16, r6 = -8
	stwu	r4,4(r4)
	stdux	r5,r5,r6
#_ expect r4 = buf + 4, mem32(buf + 4) = buf, r5 = buf + 8, mem64(buf + 8) = buf + 16
#_ case ldu_lwaux
#_ set r4 = buf, r5 = buf, r6 = 16, mem64(buf + 16) = 0xfedcba9876543210, mem32(buf + 16) = 0x80000000
	ldu	r7,16(r4)
	lwaux	r8,r5,r6
#_ expect r4 = buf + 16, r8 = 0xffffffff80000000
#_ case faulting_one_changes_nothing
#_ set r4 = buf
	stfdu	f1,8(r4)
#_ expect vector = 0x800, r4 = buf
	.data
	.balign	16
buf:	.zero	64
	.text
