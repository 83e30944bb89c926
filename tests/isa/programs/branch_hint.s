# Hints and reserved bits of BO change nothing about where a branch goes (book I 2.4; PEM 4.2.4.2).
#_ run power9
#_ run 970fx
#_ run 750
	.macro	probe bo
	mtctr	r5
	.long	0x40000008 | (\bo << 21) | (2 << 16)
	b	1f
	add	r3,r3,r3
	addi	r3,r3,1
	b	2f
1:	add	r3,r3,r3
2:
	.endm

#_ case hints_of_taken_ones
#_ set r5 = 2, cr = 0x20000000
	.irp bo,13,14,15,17,24,25,21,22,23,28,31
	probe	\bo
	.endr
#_ expect r3 = 0b11111111111

#_ case hints_of_others
#_ set r5 = 2
	.irp bo,13,14,15,19,26,27
	probe	\bo
	.endr
#_ expect r3 = 0
