# rfid: where SRR0 says, its low bits ignored, MSR from SRR1; 32-bit mode cuts the address.
#_ run power9
#_ run power8
#_ run 970fx
#_ case bits
#_ set srr0 = 1f + 3, srr1 = MSR_sf | MSR_fp | 2
	rfid
	li	r3,1
1:	mfmsr	r4
#_ expect r3 = 0, r4 & (MSR_sf | MSR_fp | 2) = MSR_sf | MSR_fp | 2
#_ case into_32_bit_mode
#_ set srr0 = 0xabcdef0000000000 + 1f, srr1 = 0, r5 = 0xffffffff
	rfid
	li	r3,1
1:	addic.	r6,r5,1
#_ expect r3 = 0, ca = 1, cr0 = 2, msr & MSR_sf = 0
#_ case problem_state_implies
#_ set srr0 = 1f, srr1 = MSR_sf | MSR_pr
	rfid
1:	nop				# cannot be fetched: translation is on, and there is none
#_ expect vector != 0, srr0 = 1b, srr1 & (MSR_pr | MSR_ee | 0x30) = MSR_pr | MSR_ee | 0x30
