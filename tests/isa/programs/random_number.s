# darn (3.0): 32 bits, 64 conditioned, 64 raw; L = 3 is an error, all ones.
#_ run power9
#_ run power10 le
#_ case word
	darn	r3,0
#_ expect r3 & 0xffffffff00000000 = 0, r3 != 0
#_ case doublewords_differ
	darn	r3,1
	darn	r4,1
	darn	r5,2
	xor	r6,r3,r4
	xor	r7,r4,r5
#_ expect r3 != -1, r6 != 0, r7 != 0
#_ case reserved
	.long	0x7c6305e6		# darn r3,3
#_ expect r3 = -1
