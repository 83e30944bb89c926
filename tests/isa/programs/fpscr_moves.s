# mtfsf by fields, mtfsfi, bits, mcrfs clears what it copied (book I 4.6.10).
#_ run power9 +fp
#_ run 970fx +fp
#_ run 750 +fp
#_ case fields
#_ set f1 = 0xffffffff90000073
	mtfsf	0x81,f1
#_ expect fpscr & 0xffffffff = 0x90000003
#_ case immediate
	mtfsfi	7,2
#_ expect fpscr & 0xff = 2
#_ case bits
	mtfsb1	30
	mtfsb1	31
	mtfsb0	30
#_ expect fpscr & 0xff = 1
