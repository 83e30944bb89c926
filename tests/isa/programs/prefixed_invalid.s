# Prefixes without an instruction, R = 1 with a base, prefixed forms on CPUs without them.
#_ run power10
#_ case no_such_suffix
1:	.long	0x04000000, 0x00000000
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x80000 = 0x80000
#_ case relative_with_base
#_ set r4 = 0x40000
1:	.long	0x04100000, 0xe4640000	# pld r3,0(r4),1
#_ expect vector = 0x700, srr0 = 1b
