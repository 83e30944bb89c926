# bc: what BO asks of CTR and of a CR bit (book I 2.4, figure 40).  r3 collects a bit for each BO.
#_ run power10
#_ run power9 le
#_ run power8 -sf
#_ run 970fx
#_ run 750
#_ run 603e
	.macro	probe bo
	mtctr	r5
	bc	\bo,2,1f
	add	r3,r3,r3
	b	2f
1:	add	r3,r3,r3
	addi	r3,r3,1
2:
	.endm

#_ case last_count_bit_clear
#_ set r5 = 1, cr = 0xdfffffff
	.irp bo,0,2,4,8,10,12,16,18,20
	probe	\bo
	.endr
#_ expect r3 = 0b011000011, ctr & 0xffffffff = 1

#_ case last_count_bit_set
#_ set r5 = 1, cr = 0x20000000
	.irp bo,0,2,4,8,10,12,16,18,20
	probe	\bo
	.endr
#_ expect r3 = 0b000011011

#_ case more_to_count_bit_clear
#_ set r5 = 2
	.irp bo,0,2,4,8,10,12,16,18,20
	probe	\bo
	.endr
#_ expect r3 = 0b101000101

#_ case more_to_count_bit_set
#_ set r5 = 2, cr = 0x20000000
	.irp bo,0,2,4,8,10,12,16,18,20
	probe	\bo
	.endr
#_ expect r3 = 0b000101101

#_ case count_wraps_below_zero
#_ set r5 = 0
	probe	16
	probe	18
#_ expect r3 = 0b10, ctr & 0xffffffff = 0xffffffff

#_ case loop_counts_exactly
#_ set ctr = 7
1:	addi	r3,r3,3
	bdnz	1b
#_ expect r3 = 21, ctr = 0
