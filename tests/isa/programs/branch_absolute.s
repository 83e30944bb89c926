# ba, bla, bca: targets below 32 KiB and 32 MiB, taken as they are.
#_ run power9
#_ run 750
#_ case ba
	ba	there
back:	li	r4,2
#_ expect r3 = 1, r4 = 2

#_ case bla
1:	bla	there2
#_ expect r3 = 3, lr = 1b + 4

#_ case bca_not_taken
#_ set cr = 0
	.long	0x41820702		# beqa 0x700
	li	r3,9
#_ expect r3 = 9

#_ case bca_taken
#_ set cr = 0x20000000
	.long	0x41820702
#_ expect vector = 0x700, srr0 = 0
	.text
there:	li	r3,1
	b	back
there2:	li	r3,3
	blr
