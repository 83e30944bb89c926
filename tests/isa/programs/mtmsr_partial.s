# mtmsr and mtmsrd with L = 1 change EE and RI alone (2.00 on); mtmsr leaves the upper half.
#_ run power9
#_ run power8
#_ run 970fx
#_ case mtmsrd_l1
#_ set r4 = -1
	mtmsrd	r4,1
	mfmsr	r5
#_ expect r5 & (MSR_fp | MSR_pr | 2) = 2
#_ case mtmsrd
#_ set r4 = MSR_sf | MSR_fp
	mtmsrd	r4
	mfmsr	r5
#_ expect r5 & (MSR_sf | MSR_fp | 2) = MSR_sf | MSR_fp
#_ case mtmsr_keeps_sf
#_ set r4 = MSR_fp
	mtmsr	r4
	mfmsr	r5
#_ expect r5 & (MSR_sf | MSR_fp) = MSR_sf | MSR_fp
