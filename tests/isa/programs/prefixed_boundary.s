# A prefixed instruction must not lie in two blocks of 64 bytes (3.1 book I 1.6.3): an alignment interrupt,
# with SRR1 saying why (bits 34 and 35 of the book).
#_ run power10
#_ run power10 le
#_ case crosses
	b	1f
	.balign	64
	.zero	60
1:	.long	0x06000000, 0x38600005	# pli r3,5
#_ expect vector = 0x600, srr0 = 1b, srr1 & 0x30000000 = 0x30000000, r3 = 0
#_ case does_not
	b	1f
	.balign	64
	.zero	56
1:	.long	0x06000000, 0x38600005
#_ expect r3 = 5
#_ case even_of_one_that_is_none
	b	1f
	.balign	64
	.zero	60
1:	.long	0x04000000, 0x00000000
#_ expect vector != 0, srr0 = 1b
