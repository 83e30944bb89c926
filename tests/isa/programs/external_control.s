# eciwx, ecowx (PEM 8.2): EAR[E] permits them, else a DSI that says so (DSISR bit 11); words on word boundaries.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case disabled
#_ set ear = 0, r4 = buf
1:	eciwx	r3,0,r4
#_ expect vector = 0x300, srr0 = 1b, dar = buf, dsisr & 0x00100000 = 0x00100000
#_ case disabled_store
#_ set ear = 0, r4 = buf, r3 = 5
1:	ecowx	r3,0,r4
#_ expect vector = 0x300, dsisr & 0x02100000 = 0x02100000, mem32(buf) = 0
#_ case unaligned
#_ set ear = 0x80000000, r4 = buf + 2
1:	eciwx	r3,0,r4
#_ expect vector = 0x600, dar = buf + 2
#_ case enabled
#_ set ear = 0x80000000, r4 = buf, r5 = 0x1234
	ecowx	r5,0,r4
	eciwx	r3,0,r4
#_ expect r3 & 0xffffffff = 0x1234
	.data
	.balign	16
buf:	.zero	16
	.text
