/* Bits of a doubleword under a mask: cfuged, pdepd ... and their vector forms. */
#ifndef TARGET_PPC_EX_310_BITS_H
#define TARGET_PPC_EX_310_BITS_H

#include "base/bits.h"

/* Bits of v where m is 1, gathered at the right, in order (pextd). */
static inline uint64_t bits_extract(uint64_t v, uint64_t m)
{
	uint64_t r = 0;

	for (unsigned n = 0; m; m &= m - 1, n++)
		r |= (v >> ctz64(m) & 1) << n;
	return r;
}

/* The rightmost bits of v, put where m is 1, in order (pdepd). */
static inline uint64_t bits_deposit(uint64_t v, uint64_t m)
{
	uint64_t r = 0;

	for (; m; m &= m - 1, v >>= 1)
		r |= (v & 1) << ctz64(m);
	return r;
}

/* Bits under 0 of m to the left, under 1 to the right (cfuged: centrifuge). */
static inline uint64_t bits_fuge(uint64_t v, uint64_t m)
{
	unsigned ones = (unsigned)__builtin_popcountll(m);

	return bits_extract(v, m) | (ones < 64 ? bits_extract(v, ~m) << ones : 0);
}

/* Zeros at the left (right) end of v under m, other bits of v not counted. */
static inline unsigned bits_leading_under(uint64_t v, uint64_t m)
{
	uint64_t hit = v & m;

	return (unsigned)__builtin_popcountll(hit ? m & ~(UINT64_MAX >> clz64(hit)) : m);
}

static inline unsigned bits_trailing_under(uint64_t v, uint64_t m)
{
	uint64_t hit = v & m;

	return (unsigned)__builtin_popcountll(hit ? m & ((hit & -hit) - 1) : m);
}

#endif
