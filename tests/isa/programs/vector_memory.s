# lvx ignores the low four bits; lvebx puts its byte where the address says; lvsl counts (big-endian).
#_ run power9 +vec
#_ run 970fx +vec
#_ run 7447a +vec
#_ case lvx
#_ set r4 = buf + 7
	lvx	v1,0,r4
#_ expect vsh33 = 0x0001020304050607, vsl33 = 0x08090a0b0c0d0e0f
#_ case lvsl_lvsr
#_ set r4 = buf + 3
	lvsl	v1,0,r4
	lvsr	v2,0,r4
#_ expect vsh33 = 0x030405060708090a, vsl33 = 0x0b0c0d0e0f101112, vsh34 = 0x0d0e0f1011121314
#_ case stvewx
#_ set r4 = buf2 + 5, vsh33 = 0x0011223344556677
	stvewx	v1,0,r4
#_ expect mem32(buf2 + 4) = 0x44556677, mem32(buf2) = 0
	.data
	.balign	16
buf:	.byte	0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
buf2:	.zero	16
	.text
