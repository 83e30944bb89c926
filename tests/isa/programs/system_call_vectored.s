# scv (3.0): LR and CTR instead of SRR0 and SRR1; FSCR[SCV] permits it; rfscv returns.
#_ run power9
#_ run power10
#_ case level
#_ set fscr = 0x1000, srr0 = 0x1234
1:	scv	3
#_ expect vector = 0x17000 + 3 * 32, lr = 1b + 4, ctr & MSR_sf = MSR_sf, srr0 = 0x1234
#_ case unavailable
#_ set fscr = 0
1:	scv	0
#_ expect vector = 0xf60, srr0 = 1b, fscr & 0xff00000000000000 = 12 << 56
#_ case rfscv
#_ set lr = 1f, ctr = MSR_sf | MSR_fp
	rfscv
	li	r3,1
1:	mfmsr	r4
#_ expect r3 = 0, r4 & MSR_fp = MSR_fp
