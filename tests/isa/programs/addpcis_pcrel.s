# addpcis (3.0): the next instruction's address and a shifted constant.
#_ run power9
#_ run power10 le
#_ case here
1:	lnia	r3
	addpcis	r4,1
	addpcis	r5,-1
#_ expect r3 = 1b + 4, r4 = 1b + 8 + 0x10000, r5 = 1b + 12 - 0x10000
