# SPRs that are not there: POWER takes privileged accesses for no-ops, except to the numbers the book names (5.4.4);
# problem state gets illegal or privileged by the number.
#_ run power9
#_ run power8
#_ case no_op
#_ set r3 = 5
	mfspr	r3,600
	mtspr	600,r3
#_ expect r3 = 5
#_ case number_zero
1:	mtspr	0,r3
#_ expect vector = 0x700, srr0 = 1b
#_ case read_of_four
1:	mfspr	r3,4
#_ expect vector = 0x700, srr0 = 1b
