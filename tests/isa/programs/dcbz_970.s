# 970: HID5[DCBZ_size] makes dcbz clear 32 bytes, as Mac OS programs expect; dcbzl clears 128 always.
#_ run 970fx
#_ case thirty_two
#_ set hid5 = 0x80, r4 = buf + 40, mem64(buf + 24) = -1, mem64(buf + 32) = -1, mem64(buf + 56) = -1, mem64(buf + 64) = -1
	dcbz	0,r4
#_ expect mem64(buf + 24) = -1, mem64(buf + 32) = 0, mem64(buf + 56) = 0, mem64(buf + 64) = -1
#_ case dcbzl
#_ set hid5 = 0x80, r4 = buf + 40, mem64(buf) = -1, mem64(buf + 120) = -1, mem64(buf + 128) = -1
	.long	0x7c2027ec		# dcbzl 0,r4
#_ expect mem64(buf) = 0, mem64(buf + 120) = 0, mem64(buf + 128) = -1
	.data
	.balign	256
buf:	.zero	256
	.text
