# AltiVec without MSR[VEC]; VSX without MSR[VSX]; data streams need neither.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ run 7447a
#_ case vaddubm
1:	vaddubm	v1,v2,v3
#_ expect vector = 0xf20, srr0 = 1b
#_ case lvx
#_ set r4 = 0x60000
1:	lvx	v1,0,r4
#_ expect vector = 0xf20, srr0 = 1b
#_ case lvsl
1:	lvsl	v1,0,r4
#_ expect vector = 0xf20, srr0 = 1b
#_ case mfvscr
1:	mfvscr	v1
#_ expect vector = 0xf20, srr0 = 1b
#_ case streams
#_ set r4 = 0x60000
	dst	r4,r5,0
	dstst	r4,r5,1
	dss	0
	dssall
#_ expect vector = 0
