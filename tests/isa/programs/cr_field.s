# mfocrf, mtocrf: one field in its place (from 2.00 on).
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case mfocrf
#_ set cr = 0x12345678
	mfocrf	r3,0x10
#_ expect r3 & 0x000f0000 = 0x00040000
#_ case mtocrf
#_ set cr = 0x12345678, r3 = 0xabcdef01
	mtocrf	0x02,r3
#_ expect cr = 0x12345608
