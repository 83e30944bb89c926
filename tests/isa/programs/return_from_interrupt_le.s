# rfid changes the byte order of the code that follows.
#_ run power9
#_ run power8
#_ case to_little_endian
#_ set srr0 = 1f, srr1 = MSR_sf | 1, r4 = buf
	rfid
	li	r3,1
1:	.long	0x0000a480		# lwz r5,0(r4) backwards
	.long	0x08000048		# b .+8
	trap
	.long	0x01006038		# li r3,1
	.long	0x00000048		# b .
#_ expect vector != 0x700, r5 = 0x04030201, r3 = 1, msr & 1 = 1
	.data
	.balign	16
buf:	.byte	1,2,3,4
	.text
