# rfi is gone where rfid is; hrfid belongs to the hypervisor.
#_ run power9
#_ run power8
#_ case rfi
1:	.long	0x4c000064
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
