# 32 bytes on 603, 7xx and 74xx, with the data cache on (HID0[DCE]).
#_ run 750
#_ run 7447a
#_ run 603e
#_ case block
#_ set r4 = buf + 33, mem32(buf + 28) = -1, mem32(buf + 32) = -1, mem32(buf + 60) = -1, mem32(buf + 64) = -1
	li	r5,0x4000
	mtspr	1008,r5
	dcbz	0,r4
#_ expect mem32(buf + 28) = 0xffffffff, mem32(buf + 32) = 0, mem32(buf + 60) = 0, mem32(buf + 64) = 0xffffffff
	.data
	.balign	64
buf:	.zero	128
	.text
