# Rotates under masks; masks that wrap around; words twice in a rotated register (book I 3.3.14).
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case rlwinm
#_ set r4 = 0xaaaaaaaa12345678
	rlwinm	r5,r4,8,0,31
	rlwinm	r6,r4,4,24,7
	rlwinm	r7,r4,0,28,3
#_ expect r5 = 0x34567812, r6 = 0x2345678123000081, r7 = 0x1234567810000008
#_ case rlwimi_keeps_the_rest
#_ set r4 = 0x0000000000000abc, r5 = 0x1111111122222222
	rlwimi	r5,r4,8,12,23
#_ expect r5 = 0x11111111222abc22
#_ case rldicl_rldicr
#_ set r4 = 0x123456789abcdef0
	rldicl	r5,r4,16,48
	rldicr	r6,r4,16,15
	rldic	r7,r4,4,8
	rldimi	r8,r4,32,0
#_ expect r5 = 0x1234, r6 = 0x5678000000000000, r7 = 0x00456789abcdef00, r8 = 0x9abcdef000000000
#_ case by_register
#_ set r4 = 0x8000000000000001, r5 = 0xffffffffffffff41
	rotld	r6,r4,r5
	rotlw	r7,r4,r5
	rldcl	r8,r4,r5,63
	rldcr	r9,r4,r5,0
#_ expect r6 = 3, r7 = 2, r8 = 1, r9 = 0
