# bclr: condition, the two low bits of LR ignored, bclrl with the old LR as target.
#_ run power9
#_ run power9 le
#_ run 970fx
#_ run 750
#_ case blr
#_ set lr = 1f
	blr
	li	r3,1
1:
#_ expect r3 = 0, lr = 1b

#_ case low_bits_of_lr
#_ set lr = 1f + 3
	blr
	li	r3,1
1:
#_ expect r3 = 0, lr = 1b + 3

#_ case not_taken
#_ set lr = 0x1234, cr = 0
	beqlr
	li	r3,1
#_ expect r3 = 1, lr = 0x1234

#_ case taken_by_count
#_ set lr = 1f, ctr = 2
	bdnzlr
	li	r3,1
1:
#_ expect r3 = 0, ctr = 1

#_ case bclrl_goes_where_lr_was
#_ set lr = 2f
1:	blrl
	li	r3,1
2:
#_ expect r3 = 0, lr = 1b + 4

#_ case bclrl_not_taken_sets_lr
#_ set lr = 0x5678, cr = 0x20000000
1:	bnelrl
	li	r3,1
#_ expect r3 = 1, lr = 1b + 4
