# Enabled exceptions (MSR[FE0 FE1] not 0): a program interrupt at the instruction, target untouched for VE and ZE.
#_ run power9 +fp +fe0 +fe1
#_ run power8 le +fp +fe0 +fe1
#_ run 970fx +fp +fe0 +fe1
#_ run 750 +fp +fe0 +fe1
#_ case zero_divide
#_ set fpscr = 0x10, f2 = 0x3ff0000000000000, f1 = 7
1:	fdiv	f1,f2,f3
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x100000, f1 = 7, fpscr & 0xc4000010 = 0xc4000010
#_ case invalid
#_ set fpscr = 0x80, f1 = 7
1:	fdiv	f1,f2,f3
#_ expect vector = 0x700, srr0 = 1b, f1 = 7, fpscr & 0xe0200080 = 0xe0200080
#_ case not_enabled
#_ set f1 = 7
	fdiv	f1,f2,f3
#_ expect f1 = 0x7ff8000000000000, fpscr & 0xe0200000 = 0xa0200000
#_ case enabling_what_is_set
#_ set fpscr = 0x24000000
1:	mtfsb1	27
#_ expect vector = 0x700, srr0 = 1b
