# CA and OV come from bit 32 in 32-bit mode; the result has 64 bits all the same (3.3.9, 2.3.2).
#_ run power9 -sf
#_ run power8 -sf
#_ run 970fx -sf
#_ case carry_of_the_word
#_ set r4 = 0xffffffff, r5 = 1
	addc	r3,r4,r5
#_ expect r3 = 0x100000000, ca = 1
#_ case no_carry_of_the_doubleword
#_ set r4 = 0xffffffff00000000, r5 = 0x100000000
	addc	r3,r4,r5
#_ expect r3 = 0, ca = 0
#_ case overflow_of_the_word
#_ set r4 = 0x7fffffff, r5 = 1
	addo.	r3,r4,r5
#_ expect ov = 1, so = 1, cr0 = 9
#_ case record_looks_at_the_word
#_ set r4 = 0xffffffff00000000, r5 = 0
	add.	r3,r4,r5
#_ expect r3 = 0xffffffff00000000, cr0 = 2
#_ case neg_of_the_smallest_word
#_ set r4 = 0x80000000
	nego	r3,r4
#_ expect ov = 1
