# td looks at all 64 bits, tw at the low 32.
#_ run power9
#_ run 970fx
#_ case upper_half
#_ set r4 = 0x100000000, r5 = 0
	tw	24,r4,r5
1:	td	8,r4,r5
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x20000
#_ case tdi
#_ set r4 = 0xffffffff
	tdi	20,r4,-1
	twi	27,r4,-1
1:	tdi	2,r4,-1
#_ expect vector = 0x700, srr0 = 1b
