# Privileged instructions in problem state: a program interrupt that says so.
#_ run power9 +pr
#_ run power8 +pr
#_ run 970fx +pr
#_ run 750 +pr
#_ case mfmsr
1:	mfmsr	r3
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x40000
#_ case mtmsr
1:	mtmsr	r3
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x40000
#_ case mfsrr0
1:	mfspr	r3,26
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x40000
#_ case tlbie
1:	.long	0x7c001a64		# tlbie r3
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x40000
#_ case reading_the_time_is_not
	mftb	r3
	mfxer	r4
#_ expect vector = 0
