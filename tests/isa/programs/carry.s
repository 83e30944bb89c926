# CA in and out of the whole register: long addition, subtraction, constants (book I 3.3.9).
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case add_of_256_bits
#_ set r4 = -1, r5 = -1, r6 = 0, r7 = 5, r8 = 1, r9 = 0, r10 = -1, r11 = 6
	addc	r4,r4,r8
	adde	r5,r5,r9
	adde	r6,r6,r10
	adde	r7,r7,r11
#_ expect r4 = 0, r5 = 0, r6 = 0, r7 = 12, ca = 0
#_ case subtract_borrows
#_ set r4 = 0, r5 = 0, r8 = 1, r9 = 0
	subfc	r4,r8,r4
	subfe	r5,r9,r5
#_ expect r4 = -1, r5 = -1, ca = 0
#_ case addic_and_zero
#_ set r4 = -1, r5 = 9
	addic	r3,r4,1
	addze	r6,r5
	addme	r7,r5
#_ expect r3 = 0, r6 = 10, r7 = 8, ca = 1
#_ case subfic
#_ set r4 = 5, r5 = 6
	subfic	r3,r4,5
	mfxer	r6
	subfic	r7,r5,5
#_ expect r3 = 0, r6 & 0x20000000 = 0x20000000, r7 = -1, ca = 0
#_ case subfme_subfze
#_ set xer = 0x20000000, r4 = 3
	subfme	r5,r4
	subfze	r6,r4
#_ expect r5 = -4, r6 = -3, ca = 0
#_ case adde_of_all_ones
#_ set xer = 0x20000000, r4 = -1, r5 = -1
	adde	r3,r4,r5
#_ expect r3 = -1, ca = 1
