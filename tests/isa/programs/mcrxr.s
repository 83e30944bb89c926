# mcrxr: XER[SO OV CA] move to CR and become 0; gone since 2.0x.
#_ run 750
#_ run 7447a
#_ run 603e
#_ case moves_and_clears
#_ set xer = 0xa000007f, cr = 0
	mcrxr	3
#_ expect cr = 0x000a0000, so = 0, ov = 0, ca = 0
