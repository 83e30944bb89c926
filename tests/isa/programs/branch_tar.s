# bctar (2.07): like bclr, through TAR; MSR or FSCR does not matter in privileged state here.
#_ run power8
#_ run power9 le
#_ run power10
#_ case bctar
#_ set tar = 1f + 1, fscr = 0x100
	bctar	20,0
	li	r3,1
1:
#_ expect r3 = 0, lr = 0

#_ case bctarl
#_ set tar = 2f, fscr = 0x100
1:	bctarl	20,0
	li	r3,1
2:
#_ expect r3 = 0, lr = 1b + 4

#_ case counts
#_ set tar = 1f, ctr = 1, fscr = 0x100
	bctar	16,0
	li	r3,1
1:
#_ expect r3 = 1, ctr = 0
