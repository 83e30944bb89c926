# cmprb, cmpeqb (3.0): the answer is GT of the field.
#_ run power9
#_ run power10 le
#_ case one_range
#_ set r4 = 0x35, r5 = 0x3930, r6 = 0x41
	cmprb	cr0,0,r4,r5
	cmprb	cr1,0,r6,r5
#_ expect cr & 0xff000000 = 0x40000000
#_ case two_ranges
#_ set r4 = 0x62, r5 = 0x5a417a61, r6 = 0x60
	cmprb	cr0,1,r4,r5
	cmprb	cr1,1,r6,r5
#_ expect cr & 0xff000000 = 0x40000000
#_ case any_byte
#_ set r4 = 0x77, r5 = 0x1122334455667788
	cmpeqb	cr0,r4,r5
	cmpeqb	cr1,r5,r5
	cmpeqb	cr2,r5,r4
#_ expect cr & 0xfff00000 = 0x44000000
