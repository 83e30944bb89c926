# Touches, flushes, barriers: they move nothing that a program sees; reserved hint values are hints.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 750
#_ case all
#_ set r4 = buf, r5 = 8, mem64(buf) = 0x1122334455667788, cr = 0x12345678, xer = 0x20000000
	.long	0x7c04022c, 0x7c0401ec	# dcbt, dcbtst r4,r0
	.long	0x7fe4022c		# dcbt, TH 31
	dcbst	r4,r5
	dcbf	r4,r5
	icbi	r4,r5
	sync
	isync
	eieio
#_ expect mem64(buf) = 0x1122334455667788, cr = 0x12345678, ca = 1, r4 = buf
#_ case touch_of_nothing
#_ set r4 = -1
	.long	0x7c04222c		# dcbt r4,r4: never an interrupt
#_ expect vector = 0
	.data
	.balign	128
buf:	.zero	128
	.text
