# 64-bit instructions on 32-bit chips.
#_ run 750 +fp
#_ run 7447a +fp
#_ run 603e +fp
#_ case ld
1:	.long	0xe8640000
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
#_ case rldicl
1:	.long	0x78630020
#_ expect vector = 0x700, srr0 = 1b
#_ case mulld
1:	.long	0x7c6419d2
#_ expect vector = 0x700, srr0 = 1b
#_ case fcfid
1:	.long	0xfc00069c
#_ expect vector = 0x700, srr0 = 1b
#_ case fsqrt
1:	.long	0xfc00002c
#_ expect vector = 0x700, srr0 = 1b
#_ case isel
1:	.long	0x7c60201e
#_ expect vector = 0x700, srr0 = 1b
#_ case popcntb
1:	.long	0x7c6300f4
#_ expect vector = 0x700, srr0 = 1b
