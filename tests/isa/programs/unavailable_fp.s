# Floating point without MSR[FP]: an interrupt before anything happens, loads and moves too.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 750
#_ run 7447a
#_ case fadd
1:	fadd	f1,f2,f3
#_ expect vector = 0x800, srr0 = 1b, srr1 & 0x783f0000 = 0
#_ case load
#_ set r4 = buf, f1 = 5
1:	lfdu	f1,8(r4)
#_ expect vector = 0x800, srr0 = 1b, r4 = buf, f1 = 5
#_ case mffs
1:	mffs	f1
#_ expect vector = 0x800, srr0 = 1b
#_ case store
#_ set r4 = buf
1:	stfiwx	f1,0,r4
#_ expect vector = 0x800, srr0 = 1b
	.data
	.balign 16
buf:	.zero	16
	.text
