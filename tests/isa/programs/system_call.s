# sc: SRR0 is the next instruction, MSR without translation and problem state.
#_ run power9
#_ run power8 +pr
#_ run 970fx
#_ run 750
#_ run 7447a +pr
#_ case sc
1:	sc
#_ expect vector = 0xc00, srr0 = 1b + 4, msr & (MSR_pr | MSR_ee | 0x30) = 0, srr1 & 0x783f0000 = 0
