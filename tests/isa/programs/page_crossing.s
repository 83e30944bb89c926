# Accesses across 4 KiB and 64-byte lines, of every kind.
#_ run power9 +vec +vsx +fp
#_ run power8 le +vec +vsx +fp
#_ case loads_and_stores
#_ set r4 = 0x70fff, r5 = 0x1122334455667788
	std	r5,0(r4)
	ld	r6,0(r4)
	lwz	r7,0(r4)
	lhz	r8,0(r4)
#_ expect r6 = 0x1122334455667788, mem64(0x70fff) = 0x1122334455667788
#_ case vector
#_ set r4 = 0x70ff9, vsh1 = 0x0102030405060708, vsl1 = 0x1112131415161718
	stxvd2x	vs1,0,r4
	lxvd2x	vs2,0,r4
#_ expect vsh2 = 0x0102030405060708, vsl2 = 0x1112131415161718, mem64(0x70ff9) = 0x0102030405060708
