# Primary opcode 1 is illegal before 3.1.
#_ run power9
#_ run power8
#_ run 970fx
#_ run 750
#_ case pli
1:	.long	0x06000000, 0x38600005
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
