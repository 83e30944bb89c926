# Opcodes that nobody has; srr1 says illegal, SRR0 is the word itself.
#_ run power10
#_ run power9
#_ run power8
#_ run 970fx
#_ run 750
#_ run 7447a
#_ run 603e
#_ case zero
1:	.long	0
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
#_ case opcode_5
1:	.long	0x14000000
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
#_ case opcode_31_none
1:	.long	0x7c0007fe
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
#_ case attn
1:	.long	0x00000200
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x80000
