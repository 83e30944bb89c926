# Reservations and atomic operations want natural alignment: an interrupt with the address in DAR.
#_ run power8
#_ run power9 le
#_ run 970fx
#_ run 750
#_ case lwarx
#_ set r4 = buf + 2, r6 = 1
1:	lwarx	r6,0,r4
#_ expect vector = 0x600, srr0 = 1b, dar = buf + 2, r6 = 1
#_ case stwcx
#_ set r4 = buf, r5 = buf + 1
	lwarx	r6,0,r4
1:	stwcx.	r6,0,r5
#_ expect vector = 0x600, srr0 = 1b, dar = buf + 1
	.data
	.balign	16
buf:	.zero	32
	.text
