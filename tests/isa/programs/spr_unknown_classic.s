# A 32-bit chip calls what it has not got illegal, in supervisor state, too.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case read
1:	mfspr	r3,600
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
#_ case write
1:	mtspr	600,r3
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
