# The same with FE0 = FE1 = 0: FPSCR records, nothing interrupts.
#_ run power9 +fp
#_ run 970fx +fp
#_ run 750 +fp
#_ case zero_divide
#_ set fpscr = 0x10, f2 = 0x3ff0000000000000, f1 = 7
	fdiv	f1,f2,f3
#_ expect f1 = 7, fpscr & 0xe4000010 = 0xc4000010 | 0x40000000
#_ case dotted_copies_to_cr1
#_ set f2 = 0x3ff0000000000000
	fdiv.	f1,f2,f3
#_ expect f1 = 0x7ff0000000000000, cr1 = 8
