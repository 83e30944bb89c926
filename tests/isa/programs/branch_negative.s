# Absolute targets are sign-extended: 0xff...; nothing is there to run.
#_ run power9
#_ case ba_far
	.long	0x4a000002		# ba -0x2000000
#_ expect vector = 0x200, srr0 = 0xfffffffffe000000
