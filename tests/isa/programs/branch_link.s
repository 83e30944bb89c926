# LK: LR gets the following address whether the branch is taken or not; and the old "where am I".
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 7447a
#_ case bl
1:	bl	2f
	li	r3,1
2:
#_ expect r3 = 0, lr = 1b + 4

#_ case bcl_not_taken
#_ set cr = 0x20000000
1:	bnel	2f
	li	r3,1
2:
#_ expect r3 = 1, lr = 1b + 4

#_ case where_am_i
	bcl	20,31,1f
1:	mflr	r3
#_ expect r3 = 1b

#_ case backward
	b	2f
1:	li	r3,7
	b	3f
2:	b	1b
	li	r3,1
3:
#_ expect r3 = 7
