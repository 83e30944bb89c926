# Transactions (2.07, 3.0): the facility is off, so a program hears so before anything begins (book III 6.2.10).
#_ run power8
#_ run power9
#_ run power8 +pr
#_ case tbegin
#_ set r3 = 3
1:	tbegin.	0
	li	r3,1
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 5 << 56, r3 = 3
#_ case tend
1:	tend.	0
#_ expect vector = 0xf60, srr0 = 1b
#_ case tcheck
1:	tcheck	cr0
#_ expect vector = 0xf60, srr0 = 1b
