# What came later is illegal before: 3.0 on POWER8, 2.06 on the 970.
#_ run power8 +fp +vec +vsx
#_ run 970fx +fp +vec
#_ case modsd
1:	.long	0x7c642e12
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
#_ case cnttzd
1:	.long	0x7c830474
#_ expect vector = 0x700, srr0 = 1b
#_ case setb
1:	.long	0x7c600100
#_ expect vector = 0x700, srr0 = 1b
#_ case addpcis
1:	.long	0x4c600004
#_ expect vector = 0x700, srr0 = 1b
#_ case darn
1:	.long	0x7c6005e6
#_ expect vector = 0x700, srr0 = 1b
#_ case brd
1:	.long	0x7c830176
#_ expect vector = 0x700, srr0 = 1b
