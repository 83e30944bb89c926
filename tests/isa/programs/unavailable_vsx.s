# VSX needs MSR[VSX]; the moves of 2.07 need FP or VEC by the half of the file; 3.0's go by the target (book I 7.6).
#_ run power9 +fp
#_ run power10 le +fp
#_ case xxlor
1:	xxlor	vs1,vs2,vs3
#_ expect vector = 0xf40, srr0 = 1b
#_ case mtvsrd_low
#_ set r3 = 9
	mtvsrd	vs1,r3
#_ expect vsh1 = 9
#_ case mtvsrd_high
1:	mtvsrd	vs33,r3
#_ expect vector = 0xf20, srr0 = 1b
#_ case lxv_low
#_ set r4 = 0x60000
1:	lxv	vs1,0(r4)
#_ expect vector = 0xf40, srr0 = 1b
#_ case lxv_high
#_ set r4 = 0x60000
1:	lxv	vs33,0(r4)
#_ expect vector = 0xf20, srr0 = 1b
#_ case lxsd
#_ set r4 = 0x60000
1:	lxsd	v1,0(r4)
#_ expect vector = 0xf20, srr0 = 1b
