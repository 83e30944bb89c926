# No reservation, or one that was used up: nothing is stored, CR0 says so.  Own stores do not lose it here.
#_ run power9
#_ run 970fx
#_ run 750
#_ case without
#_ set r4 = buf, r5 = -1
	stwcx.	r5,0,r4
#_ expect cr0 = 0, mem32(buf) = 0
#_ case used_up
#_ set r4 = buf, r5 = -1
	lwarx	r6,0,r4
	stwcx.	r5,0,r4
	stwcx.	r6,0,r4
#_ expect cr0 = 0, mem32(buf) = 0xffffffff
#_ case the_later_one_counts
#_ set r4 = buf, r5 = buf + 8, r7 = -1
	lwarx	r6,0,r4
	lwarx	r6,0,r5
	stwcx.	r7,0,r5
#_ expect cr0 = 2, mem32(buf + 8) = 0xffffffff
#_ case loop_of_an_atomic_add
#_ set r4 = buf, r5 = 5, r6 = 10, ctr = 10
2:
1:	lwarx	r7,0,r4
	add	r7,r7,r5
	stwcx.	r7,0,r4
	bne-	1b
	bdnz	2b
#_ expect mem32(buf) = 50
	.data
	.balign	16
buf:	.zero	32
	.text
