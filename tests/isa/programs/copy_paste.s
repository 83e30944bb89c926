# copy, paste. (3.0): there is no accelerator, so paste. is a data storage interrupt; copy wants 128 bytes.
#_ run power9
#_ run power10 le
#_ case copy
#_ set r4 = buf
	copy	r0,r4
	cpabort
#_ expect vector = 0
#_ case copy_unaligned
#_ set r4 = buf + 64
1:	copy	r0,r4
#_ expect vector = 0x600, srr0 = 1b, dar = buf + 64
#_ case paste
#_ set r4 = buf, r5 = buf + 128
	copy	r0,r4
1:	paste.	r0,r5
#_ expect vector = 0x300, srr0 = 1b, dar = buf + 128, dsisr & 8 = 8
	.data
	.balign	128
buf:	.zero	256
	.text
