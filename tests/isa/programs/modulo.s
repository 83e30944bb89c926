# modsd, modud, modsw, moduw (3.0): the sign is the dividend's.
#_ run power9
#_ run power10 le
#_ case signs
#_ set r4 = 7, r5 = -7, r6 = 4, r7 = -4
	modsd	r8,r4,r6
	modsd	r9,r5,r6
	modsd	r10,r4,r7
	modsd	r11,r5,r7
#_ expect r8 = 3, r9 = -3, r10 = 3, r11 = -3
#_ case unsigned
#_ set r4 = -1, r5 = 10
	modud	r8,r4,r5
	moduw	r9,r4,r5
#_ expect r8 = 5, r9 & 0xffffffff = 5
#_ case words
#_ set r4 = 0xffffffff, r5 = 10
	modsw	r8,r4,r5
#_ expect r8 & 0xffffffff = 0xffffffff
