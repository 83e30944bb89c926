# Single-step trace: after the instruction, with the next one's address (book III 7.5.15).
#_ run power9
#_ run power8
#_ run 750
#_ run 7447a
#_ case one_step
#_ set msr = 0x400
1:	li	r3,1
	li	r3,2
#_ expect vector = 0xd00, srr0 = 1b + 4, r3 = 1, msr & 0x400 = 0, srr1 & 0x400 = 0x400
#_ case after_a_branch
#_ set msr = 0x400
	b	1f
	li	r3,1
1:	li	r3,2
#_ expect vector = 0xd00, srr0 = 1b, r3 = 0
#_ case branch_trace
#_ set msr = 0x200
	li	r3,1
	li	r3,2
	b	1f
	li	r3,3
1:
#_ expect vector = 0xd00, srr0 = 1b, r3 = 2
