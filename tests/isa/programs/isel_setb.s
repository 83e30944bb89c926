# isel with (RA|0), setb (3.0).
#_ run power9
#_ run power10 le
#_ case isel_bits
#_ set cr = 0x00000001, r4 = 4, r5 = 5
	isel	r3,r4,r5,31
	isel	r6,r4,r5,30
#_ expect r3 = 4, r6 = 5
#_ case isel_zero
#_ set cr = 0x80000000, r0 = 77, r5 = 5
	isel	r3,0,r5,0
#_ expect r3 = 0
#_ case setb
#_ set cr = 0x84210000
	setb	r3,cr0
	setb	r4,cr1
	setb	r5,cr2
	setb	r6,cr3
#_ expect r3 = -1, r4 = 1, r5 = 0, r6 = 0
#_ case setb_lt_wins
#_ set cr = 0xc0000000
	setb	r3,cr0
#_ expect r3 = -1
