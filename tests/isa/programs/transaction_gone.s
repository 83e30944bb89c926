# 3.1 has none: illegal.
#_ run power10
#_ run 970fx
#_ case tbegin
1:	.long	0x7c00051d
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
