# Single loads widen, single stores narrow without rounding; fctiw results through stfiwx.
#_ run power9 +fp
#_ run power8 le +fp
#_ run 970fx +fp
#_ run 750 +fp
#_ case single
#_ set r4 = buf, mem32(buf) = 0x40490fdb, mem32(buf + 4) = 0x00000001
	lfs	f1,0(r4)
	lfs	f2,4(r4)
	stfs	f1,8(r4)
	stfs	f2,12(r4)
#_ expect f1 = 0x400921fb60000000, f2 = 0x36a0000000000000, mem32(buf + 8) = 0x40490fdb, mem32(buf + 12) = 1
#_ case word
#_ set r4 = buf, f1 = 0xc008000000000000
	fctiwz	f2,f1
	stfiwx	f2,0,r4
#_ expect mem32(buf) = 0xfffffffd
#_ case signs
#_ set f1 = 0x7ff4000000000000
	fneg	f2,f1
	fabs	f3,f2
	fnabs	f4,f1
	fmr	f5,f1
#_ expect f2 = 0xfff4000000000000, f3 = 0x7ff4000000000000, f4 = 0xfff4000000000000, f5 = 0x7ff4000000000000, fpscr = 0
	.data
	.balign	16
buf:	.zero	32
	.text
