# mcrxrx (3.0): OV OV32 CA CA32, and nothing is cleared.
#_ run power9
#_ run power10 le
#_ case all
#_ set xer = 0x60040000
	mcrxrx	cr2
#_ expect cr2 = 0b1011, ca = 1, ov = 1, ca32 = 1, ov32 = 0
#_ case only_the_word_forms
#_ set xer = 0x000c0000
	mcrxrx	cr7
#_ expect cr = 0x5
