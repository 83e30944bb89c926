# Logical operations, immediates in both halves.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case registers
#_ set r4 = 0xff00ff00ff00ff00, r5 = 0x0ff00ff00ff00ff0
	and	r6,r4,r5
	or	r7,r4,r5
	xor	r8,r4,r5
	nand	r9,r4,r5
	nor	r10,r4,r5
	eqv	r11,r4,r5
	andc	r12,r4,r5
	orc	r13,r4,r5
#_ expect r6 = 0x0f000f000f000f00, r7 = 0xfff0fff0fff0fff0, r8 = 0xf0f0f0f0f0f0f0f0, r9 = 0xf0fff0fff0fff0ff, r10 = 0x000f000f000f000f, r11 = 0x0f0f0f0f0f0f0f0f, r12 = 0xf000f000f000f000, r13 = 0xff0fff0fff0fff0f
#_ case immediates
#_ set r4 = -1, r5 = 0
	andi.	r6,r4,0x8001
	andis.	r7,r4,0x8001
	ori	r8,r5,0xffff
	oris	r9,r5,0xffff
	xori	r10,r4,0xffff
	xoris	r11,r4,0xffff
#_ expect r6 = 0x8001, r7 = 0x80010000, r8 = 0xffff, r9 = 0xffff0000, r10 = 0xffffffffffff0000, r11 = 0xffffffff0000ffff, cr0 = 4
#_ case extends
#_ set r4 = 0x1234567880008080
	extsb	r5,r4
	extsh	r6,r4
	extsw	r7,r4
#_ expect r5 = -0x80, r6 = -0x7f80, r7 = 0xffffffff80008080
