# Each bit of TO: less, greater, equal, below, above; SRR0 is the trap itself.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 750
#_ case those_that_do_not
#_ set r4 = 1, r5 = 2, r6 = -1
	tw	0,r4,r4
	tw	13,r4,r5		# gt, eq, above; 1 is less
	tw	18,r5,r4		# lt, below
	tw	27,r4,r4		# all but eq
	tw	1,r6,r4
#_ expect vector = 0x700, srr0 = case1 + 16, srr1 & 0x7c3f0000 = 0x20000
#_ case lt
#_ set r4 = 1, r5 = 2
1:	tw	16,r4,r5
#_ expect vector = 0x700, srr0 = 1b, srr1 & 0x783f0000 = 0x20000
#_ case gt
#_ set r4 = 3, r5 = 2
1:	tw	8,r4,r5
#_ expect vector = 0x700, srr0 = 1b
#_ case eq
1:	twi	4,r4,0
#_ expect vector = 0x700, srr0 = 1b
#_ case below
#_ set r4 = 1, r5 = -1
1:	tw	2,r4,r5
#_ expect vector = 0x700, srr0 = 1b
#_ case above
#_ set r4 = -1, r5 = 1
	tw	8,r4,r5
1:	tw	1,r4,r5
#_ expect vector = 0x700, srr0 = 1b
#_ case unconditional
1:	trap
#_ expect vector = 0x700, srr0 = 1b
#_ case immediate_is_signed
#_ set r4 = 5
	twi	16,r4,-1
1:	twi	2,r4,-1
#_ expect vector = 0x700, srr0 = 1b
