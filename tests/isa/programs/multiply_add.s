# maddhd, maddhdu, maddld (3.0).
#_ run power9
#_ run power10 le
#_ case carries_into_the_upper_half
#_ set r4 = -1, r5 = -1, r6 = -1
	maddhd	r7,r4,r5,r6
	maddhdu	r8,r4,r5,r6
	maddld	r9,r4,r5,r6
#_ expect r7 = 0, r8 = -1, r9 = 0
#_ case negative
#_ set r4 = -3, r5 = 5, r6 = 1
	maddhd	r7,r4,r5,r6
	maddld	r9,r4,r5,r6
#_ expect r7 = -1, r9 = -14
