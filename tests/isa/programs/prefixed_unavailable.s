# Problem state needs FSCR[PREFIX] (book III 7.3.2 of 3.1).
#_ run power10 +pr
#_ case without
1:	.long	0x06000000, 0x38600005
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 13 << 56, srr1 & 0x20000000 = 0x20000000
#_ case with
#_ set fscr = 0x2000
	.long	0x06000000, 0x38600005
#_ expect r3 = 5
