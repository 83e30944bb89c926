# Dotted vector compares: CR6 says all, none.
#_ run power9 +vec
#_ run 970fx +vec
#_ run 7447a +vec
#_ case all_equal
	vcmpequw.	v3,v1,v2
#_ expect cr6 = 8, vsh35 = -1
#_ case none
#_ set vsh33 = -1, vsl33 = -1
	vcmpequb.	v3,v1,v2
#_ expect cr6 = 2, vsl35 = 0
#_ case some
#_ set vsh33 = -1
	vcmpequb.	v3,v1,v2
#_ expect cr6 = 0, vsh35 = 0, vsl35 = -1
#_ case saturation_sticks
#_ set vsh33 = -1, vsl33 = -1, vscr = 0
	vaddubs	v3,v1,v1
	vaddubs	v4,v2,v2
#_ expect vsh35 = -1, vscr & 1 = 1
