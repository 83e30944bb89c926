# Counting zeros and ones, parity, bytes.
#_ run power9
#_ run power10 le
#_ case zeros
#_ set r4 = 0x0000000100000000, r5 = 0
	cntlzd	r6,r4
	cntlzw	r7,r4
	cntlzd	r8,r5
	cnttzd	r9,r4
	cnttzw	r10,r4
	cnttzd	r11,r5
#_ expect r6 = 31, r7 = 32, r8 = 64, r9 = 32, r10 = 32, r11 = 64
#_ case ones
#_ set r4 = 0x0103070f1f3f7fff
	popcntb	r5,r4
	popcntw	r6,r4
	popcntd	r7,r4
	prtyw	r8,r4
	prtyd	r9,r4
#_ expect r5 = 0x0102030405060708, r6 = 0x0000000a0000001a, r7 = 36, r8 = 0x0000000000000000, r9 = 0
#_ case parity_of_low_bits_of_bytes
#_ set r4 = 0x0100000000000101
	prtyw	r5,r4
	prtyd	r6,r4
#_ expect r5 = 0x0000000100000000, r6 = 1
#_ case cmpb_bpermd
#_ set r4 = 0x1122334455667788, r5 = 0x1100330055007700, r7 = 0x0001023f40ff0810, r8 = 0x8000000000000001
	cmpb	r6,r4,r5
	bpermd	r9,r7,r8
#_ expect r6 = 0xff00ff00ff00ff00, r9 = 0b10010000
