# mtmsr of a 32-bit chip: the bits that it has; L does not exist.
#_ run 750
#_ run 603e
#_ case reserved_bits
#_ set r4 = 0x2002
	.long	0x7c810124		# mtmsr r4 with the later L
	mfmsr	r5
#_ expect r5 & 0xffffffff = 0x2002
