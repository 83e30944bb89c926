# Strings: four bytes a register, left to right, zeros after the last; r31 is followed by r0; NB 0 is 32.
#_ run power9
#_ run power8
#_ run 970fx
#_ run 750
#_ case lswi_partial
#_ set r4 = text, r5 = -1, r6 = -1, r7 = 0x1234
	lswi	r5,r4,6
#_ expect r5 & 0xffffffff = 0x31323334, r6 & 0xffffffff = 0x35360000, r7 = 0x1234
#_ case lswi_32
#_ set r4 = text, r20 = 5
	lswi	r12,r4,0
#_ expect r12 & 0xffffffff = 0x31323334, r19 & 0xffffffff = 0x75767778, r20 = 5
#_ case lswi_wraps
#_ set r4 = text + 1
	lswi	r31,r4,8
#_ expect r31 & 0xffffffff = 0x32333435, r0 & 0xffffffff = 0x36373861
#_ case lswx_count
#_ set r4 = text, r5 = 3, r7 = 0x55, xer = 5
	lswx	r6,r4,r5
#_ expect r6 & 0xffffffff = 0x34353637, r7 & 0xffffffff = 0x38000000
#_ case lswx_nothing
#_ set r4 = text, xer = 0, r7 = 0x55
	lswx	r6,0,r4
#_ expect r7 = 0x55
#_ case stswi
#_ set r4 = buf, r5 = 0x61626364, r6 = 0x65666768
	stswi	r5,r4,7
#_ expect mem32(buf) = 0x61626364, mem32(buf + 4) = 0x65666700
#_ case stswi_wraps
#_ set r4 = buf + 1, r31 = 0x61626364, r0 = 0x65666768
	stswi	r31,r4,5
#_ expect mem32(buf) = 0x00616263, mem32(buf + 4) = 0x64650000
#_ case stswx
#_ set r4 = buf, r5 = 2, r6 = 0x61626364, xer = 3
	stswx	r6,r4,r5
#_ expect mem32(buf) = 0x00006162, mem32(buf + 4) = 0x63000000
#_ case count_of_seven_bits
#_ set xer = 0x7f
	mfxer	r3
#_ expect r3 & 0xff = 0x7f
	.data
	.balign	16
text:	.ascii	"12345678abcdefghijklmnopqrstuvwx"
buf:	.zero	16
	.text
