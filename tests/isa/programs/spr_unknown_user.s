# The same in problem state: bit 0 of the number's upper half decides.
#_ run power9 +pr
#_ run power8 +pr
#_ run 750 +pr
#_ case user_number
1:	mfspr	r3,640
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
#_ case privileged_number
1:	mfspr	r3,944
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x40000
