/*
 * Densely packed decimal: three digits in ten bits (Power ISA 3.0B book I, 5.3): cbcdtd,
 * cdtbcd and decimal floating point.
 *
 * The book names a declet's bits p q r s t u v w x y.  Which digits are 8 or 9
 * selects the layout; r, u and y are always the digits' last bits.
 */
#ifndef TARGET_PPC_DPD_H
#define TARGET_PPC_DPD_H

#include <stdint.h>

/* Three BCD digits to a declet (the preferred one of those that mean the same). */
static inline unsigned dpd_from_bcd(unsigned v)
{
	unsigned a = v >> 8 & 15, b = v >> 4 & 15, c = v & 15;
	unsigned a2 = a >> 1 & 3, b2 = b >> 1 & 3, c2 = c >> 1 & 3; /* middle bits */
	unsigned pq = a2, st = b2, wx = c2, big = 1;		    /* big: bit v */

	switch ((a >> 3) << 2 | (b >> 3) << 1 | c >> 3) {
	case 0: big = 0; break;
	case 1: wx = 0; break;
	case 2: st = c2, wx = 1; break;
	case 4: pq = c2, wx = 2; break;
	case 6: pq = c2, st = 0, wx = 3; break;
	case 5: pq = b2, st = 1, wx = 3; break;
	case 3: st = 2, wx = 3; break;
	default: pq = 0, st = 3, wx = 3; break;
	}
	return pq << 8 | (a & 1) << 7 | st << 5 | (b & 1) << 4 | big << 3 | wx << 1 | (c & 1);
}

/* The other way; all 1,024 codes have a meaning. */
static inline unsigned dpd_to_bcd(unsigned v)
{
	unsigned pq = v >> 8 & 3, st = v >> 5 & 3, wx = v >> 1 & 3;
	unsigned a = pq << 1, b = st << 1, c = wx << 1;

	if (v >> 3 & 1) {
		switch (wx) {
		case 0: c = 8; break;
		case 1: b = 8, c = st << 1; break;
		case 2: a = 8, c = pq << 1; break;
		default:
			a = st == 2 ? pq << 1 : 8;
			b = st == 1 ? pq << 1 : 8;
			c = st == 0 ? pq << 1 : 8;
			break;
		}
	}
	a |= v >> 7 & 1;
	b |= v >> 4 & 1;
	c |= v & 1;
	return a << 8 | b << 4 | c;
}

/* The same for a number 0 to 999. */
static inline unsigned dpd_from_number(unsigned v)
{
	return dpd_from_bcd(v / 100 << 8 | v / 10 % 10 << 4 | v % 10);
}

static inline unsigned dpd_to_number(unsigned declet)
{
	unsigned v = dpd_to_bcd(declet);

	return (v >> 8) * 100 + (v >> 4 & 15) * 10 + (v & 15);
}

#endif
