# The eight operations on CR bits (book I 2.5.1), all four inputs each; other bits stay.
#_ run power9
#_ run power10 le
#_ run 750
	.macro	four op			# inputs 00 01 10 11 in bits 0-1, 4-5, 8-9, 12-13; results in 3, 7, 11, 15
	\op	3,0,1
	\op	7,4,5
	\op	11,8,9
	\op	15,12,13
	.endm
#_ case crand
#_ set cr = 0x048c1234
	four	crand
#_ expect cr = 0x048d1234
#_ case cror
#_ set cr = 0x048c1234
	four	cror
#_ expect cr = 0x059d1234
#_ case crxor
#_ set cr = 0x048c1234
	four	crxor
#_ expect cr = 0x059c1234
#_ case crnand
#_ set cr = 0x048c1234
	four	crnand
#_ expect cr = 0x159c1234
#_ case crnor
#_ set cr = 0x048c1234
	four	crnor
#_ expect cr = 0x148c1234
#_ case creqv
#_ set cr = 0x048c1234
	four	creqv
#_ expect cr = 0x148d1234
#_ case crandc
#_ set cr = 0x048c1234
	four	crandc
#_ expect cr = 0x049c1234
#_ case crorc
#_ set cr = 0x048c1234
	four	crorc
#_ expect cr = 0x149d1234
#_ case target_is_a_source
#_ set cr = 0x80000000
	crnor	0,0,0
	crnor	31,31,31
#_ expect cr = 1
