# setbc, setbcr, setnbc, setnbcr (3.1).
#_ run power10
#_ run power10 le
#_ case of_a_bit_that_is_set
#_ set cr = 0x00000010
	setbc	r3,27
	setbcr	r4,27
	setnbc	r5,27
	setnbcr	r6,27
#_ expect r3 = 1, r4 = 0, r5 = -1, r6 = 0
#_ case of_a_bit_that_is_not
#_ set cr = 0xffffffef
	setbc	r3,27
	setbcr	r4,27
	setnbc	r5,27
	setnbcr	r6,27
#_ expect r3 = 0, r4 = 1, r5 = 0, r6 = -1
