# bcctr.  Forms that would decrement CTR are invalid (book I 2.4): ours test CTR as it is.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 750
#_ case bctr
#_ set ctr = 1f + 2
	bctr
	li	r3,1
1:
#_ expect r3 = 0, ctr = 1b + 2

#_ case bctrl
#_ set ctr = 2f, lr = 5
1:	bctrl
	li	r3,1
2:
#_ expect r3 = 0, ctr = 2b, lr = 1b + 4

#_ case condition
#_ set ctr = 1f, cr = 0x08000000
	bgtctr	cr1
	bltctr	cr1
	li	r3,1
1:
#_ expect r3 = 0

#_ case not_taken_sets_lr
#_ set ctr = 0x1234, cr = 0
1:	beqctrl
#_ expect lr = 1b + 4, ctr = 0x1234
