# The same on 32-bit chips, and mcrxr between.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case addo
#_ set r4 = 0x7fffffff, r5 = 1
	addo.	r3,r4,r5
#_ expect r3 & 0xffffffff = 0x80000000, ov = 1, cr0 = 9
#_ case mullwo
#_ set r4 = 0x10000, r5 = 0x8000
	mullwo.	r3,r4,r5
#_ expect ov = 1, cr0 = 9
#_ case divwo_by_zero
#_ set r4 = 7, r5 = 0
	divwo	r3,r4,r5
	mcrxr	2
	divwo	r6,r4,r4
#_ expect cr2 = 12, so = 0, ov = 0, r6 & 0xffffffff = 1
#_ case carry
#_ set r4 = 0xffffffff, r5 = 1
	addc	r3,r4,r5
	addze	r6,r5
#_ expect r3 & 0xffffffff = 0, r6 & 0xffffffff = 2
