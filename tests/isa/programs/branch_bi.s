# Each of the 32 bits of CR can be asked for.
#_ run power9
#_ run power8 le
#_ run 750
#_ case bits_set
#_ set cr = 0x96a5c3f0
	.irp bi,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	add	r3,r3,r3
	bc	4,\bi,1f
	ori	r3,r3,1
1:
	.endr
#_ expect r3 & 0xffffffff = 0x96a5c3f0, cr = 0x96a5c3f0
