# Code that is stored and then run: the store, dcbst, sync, icbi, isync; and a block that rewrites itself.
#_ run power9
#_ run power8
#_ run 970fx
#_ run 750
#_ case patch_ahead
#_ set r4 = 1f, r5 = 0x38600007
	stw	r5,0(r4)		# li r3,7
	dcbst	0,r4
	sync
	icbi	0,r4
	isync
1:	li	r3,1
#_ expect r3 = 7
#_ case patch_what_has_run
#_ set r4 = 2f, r5 = 0x38630010, ctr = 2
1:	nop
2:	addi	r3,r3,1
	stw	r5,0(r4)		# addi r3,r3,16
	dcbst	0,r4
	sync
	icbi	0,r4
	isync
	bdnz	1b
#_ expect r3 = 17
#_ case patch_a_called_function
#_ set r4 = 3f, r5 = 0x38c00022
	bl	3f
	mr	r7,r6
	stw	r5,0(r4)		# li r6,0x22
	dcbst	0,r4
	sync
	icbi	0,r4
	isync
	bl	3f
	b	4f
3:	li	r6,0x11
	blr
4:
#_ expect r7 = 0x11, r6 = 0x22
