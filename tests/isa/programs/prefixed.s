# Prefixed instructions (3.1): 34-bit constants, relative to the prefix, loads and stores.
#_ run power10 +fp +vec +vsx
#_ run power10 le +fp +vec +vsx
#_ case constants
#_ set r4 = 0x1000000000
	pli	r3,-0x123456789
	paddi	r5,r4,0x1ffffffff
	paddi	r6,r4,-0x200000000
#_ expect r3 = -0x123456789, r5 = 0x11ffffffff, r6 = 0xe00000000
#_ case relative
1:	pla	r3,8
	.long	0x06100000, 0x38800010	# pla r4,16
#_ expect r3 = 1b + 8, r4 = 1b + 8 + 16
#_ case loads
#_ set r4 = buf - 0x12345, mem64(buf) = 0x8877665544332211
	pld	r5,0x12345(r4)
	plwz	r6,0x12345(r4)
	plha	r7,0x12345(r4)
	plbz	r8,0x12345(r4)
	plwa	r9,0x12345(r4)
#_ expect r5 = 0x8877665544332211
#_ case stores
#_ set r4 = buf + 0x100000, r5 = 0x0102030405060708
	pstd	r5,-0x100000(r4)
	pstw	r5,-0xffff8(r4)
	psth	r5,-0xffff4(r4)
	pstb	r5,-0xffff2(r4)
#_ expect mem64(buf) = 0x0102030405060708, mem32(buf + 8) = 0x05060708, mem16(buf + 12) = 0x0708, mem8(buf + 14) = 8
#_ case nop
#_ set r3 = 5
	pnop
	addi	r3,r3,1
#_ expect r3 = 6
#_ case splats
	xxspltiw	vs1,0x12345678
	xxspltidp	vs2,0x3f800000
	xxsplti32dx	vs3,1,0x99
#_ expect vsh1 = 0x1234567812345678, vsl1 = 0x1234567812345678, vsh2 = 0x3ff0000000000000, vsl3 & 0xffffffff = 0x99
	.data
	.balign	16
buf:	.zero	32
	.text
