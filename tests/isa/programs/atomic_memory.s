# lwat, ldat, stwat, stdat (3.0 book II 4.5): functions, neighbours, wrong codes.
#_ run power9
#_ run power10 le
#_ case fetch_and_add
#_ set r4 = buf, r6 = 5, mem64(buf) = 0xfffffffffffffffe
	ldat	r5,r4,0
#_ expect r5 = -2, mem64(buf) = 3
#_ case word_maximum_signed
#_ set r4 = buf, r6 = 0x80000000, mem32(buf) = 7
	lwat	r5,r4,5
#_ expect r5 = 7, mem32(buf) = 7
#_ case swap
#_ set r4 = buf, r6 = 9, mem32(buf) = 4
	lwat	r5,r4,8
#_ expect r5 = 4, mem32(buf) = 9
#_ case compare_and_swap_not_equal
#_ set r4 = buf, r6 = 9, r7 = 1, mem32(buf) = 9
	lwat	r5,r4,16
#_ expect r5 = 9, mem32(buf) = 9
#_ case increment_bounded
#_ set r4 = buf, mem32(buf) = 9, mem32(buf + 4) = 10
	lwat	r5,r4,24
	lwat	r6,r4,24
#_ expect r5 = 9, r6 = 0x80000000, mem32(buf) = 10
#_ case store_or
#_ set r4 = buf, r5 = 0xf0, mem64(buf) = 0x0f
	stdat	r5,r4,2
#_ expect mem64(buf) = 0xff
#_ case store_twin
#_ set r4 = buf, r5 = 7, mem32(buf) = 3, mem32(buf + 4) = 3
	stwat	r5,r4,24
#_ expect mem32(buf) = 7, mem32(buf + 4) = 7
#_ case no_such_function
#_ set r4 = buf
1:	.long	0x7ca4f4cc		# ldat r5,r4,30
#_ expect vector = 0x300, srr0 = 1b, dar = buf, dsisr = 4
#_ case unaligned
#_ set r4 = buf + 4
	ldat	r5,r4,0
#_ expect vector = 0x600
	.data
	.balign	32
buf:	.zero	32
	.text
