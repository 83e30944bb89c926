# lxvd2x keeps doublewords in their order in either byte order, lxvw4x words, lxvx the whole (book I 7.6).
#_ run power9 le +vsx +fp
#_ run power10 le +vsx +fp
#_ case loads
#_ set r4 = buf
	lxvd2x	vs1,0,r4
	lxvw4x	vs2,0,r4
	lxvx	vs3,0,r4
	lxvdsx	vs4,0,r4
#_ expect vsh1 = 0x0807060504030201, vsl1 = 0x100f0e0d0c0b0a09, vsh2 = 0x0403020108070605, vsh3 = 0x100f0e0d0c0b0a09, vsl3 = 0x0807060504030201, vsh4 = 0x0807060504030201, vsl4 = 0x0807060504030201
	.data
	.balign	16
buf:	.byte	1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
	.text
