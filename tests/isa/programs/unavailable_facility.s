# FSCR (2.07 book III 6.2.10): facilities that problem state may not use, each with its number.
#_ run power8 +pr
#_ run power9 +pr
#_ case bctar
#_ set fscr = 0, tar = 0x40000
1:	bctar	20,0
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 8 << 56
#_ case mttar
#_ set fscr = 0
1:	mtspr	815,r3
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 8 << 56
#_ case dscr
#_ set fscr = 0
1:	mfspr	r3,3
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 2 << 56
#_ case rfebb
#_ set fscr = 0
1:	rfebb
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 7 << 56
#_ case tar_allowed
#_ set fscr = 0x100, tar = 1f
	bctar	20,0
	li	r3,1
1:	mfspr	r4,815
#_ expect r3 = 0, r4 = 1b
