# scv's word is illegal before 3.0.
#_ run power8
#_ case scv
1:	.long	0x44000001
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
