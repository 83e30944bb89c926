# dcbz clears the 128 bytes around an address, whatever its low bits.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case block
#_ set r4 = buf + 128, r5 = 77, mem64(buf + 120) = -1, mem64(buf + 128) = -1, mem64(buf + 248) = -1, mem64(buf + 256) = -1
	dcbz	r4,r5
#_ expect mem64(buf + 120) = -1, mem64(buf + 128) = 0, mem64(buf + 248) = 0, mem64(buf + 256) = -1
	.data
	.balign	256
buf:	.zero	384
	.text
