# Compares: signed, unsigned, words of 64-bit registers; SO is copied.
#_ run power9
#_ run power8 le
#_ run 970fx
#_ case signed_and_not
#_ set r4 = -1, r5 = 1, xer = 0x80000000
	cmpd	cr0,r4,r5
	cmpld	cr1,r4,r5
	cmpdi	cr2,r4,-1
	cmpldi	cr3,r5,2
#_ expect cr & 0xffff0000 = 0x95390000
#_ case words
#_ set r5 = 0xffffffff80000000, r6 = 0x80000000
	cmpw	cr0,r5,r6
	cmpd	cr1,r5,r6
	cmplw	cr2,r5,r6
	cmpwi	cr3,r6,0
	cmplwi	cr4,r6,0
#_ expect cr & 0xfffff000 = 0x28284000
