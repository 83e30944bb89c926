# CA32 and OV32 (3.0) follow the low word whatever the mode.
#_ run power9
#_ run power9 -sf
#_ run power10 le
#_ case low_word_carries
#_ set r4 = 0xffffffff, r5 = 1
	addc	r3,r4,r5
#_ expect ca32 = 1
#_ case low_word_overflows
#_ set r4 = 0x7fffffff, r5 = 1
	addo	r3,r4,r5
#_ expect ov32 = 1
#_ case nego
#_ set r4 = 0x80000000
	nego	r3,r4
#_ expect ov32 = 1
#_ case xer_shows_them
#_ set r4 = 0xffffffff, r5 = 1
	addc	r3,r4,r5
	mfxer	r6
#_ expect r6 & 0x000c0000 = 0x00040000
#_ case addex_keeps_carries_in_ov
#_ set xer = 0x40000000, r4 = -1, r5 = 0
	addex	r3,r4,r5,0
#_ expect r3 = 0, ov = 1, ca = 0
