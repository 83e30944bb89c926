# Reserved no-ops (2.06 book I 1.8.3), hashst and its kin before 3.1 among them: nothing happens, not
# even in problem state for the privileged ones.
#_ run power8
#_ run power9
#_ run power9 +pr
#_ run power8 le
#_ case the_eight
#_ set r1 = buf + 64, r3 = 7
	.long	0x7c000424, 0x7c000464, 0x7c0004a4, 0x7c0004e4
	.long	0x7c000524, 0x7c000564
	.long	0x7fe11da5		# hashst r3,-8(r1)
	.long	0x7fe11de5		# hashchk r3,-8(r1)
#_ expect r3 = 7, mem64(buf + 56) = 0
	.data
	.balign	16
buf:	.zero	64
	.text
