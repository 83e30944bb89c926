/*
 * Inside softfloat_quick.h: a square root in 64-bit integers.
 */
#ifndef TARGET_PPC_SOFTFLOAT_ROOT_H
#define TARGET_PPC_SOFTFLOAT_ROOT_H

#include "base/bits.h"

/*
 * The root of v / 2^64, which lies in [1/4, 1), as 55 bits; `rest` when there is more.
 * Newton's iteration for the inverse root from five bits on, each turn doubling
 * them (errors: 3 %, 0.2 %, 3e-6, 2e-11, below 2^-54); then the last bit, which can be
 * one off, is set right with the remainder.
 */
static inline uint64_t quick_root(uint64_t v, bool *rest)
{
	static const uint8_t first[24] = {
		248, 235, 223, 214, 205, 197, 190, 184, 178, 173, 168, 164,
		160, 156, 153, 149, 146, 143, 141, 138, 136, 133, 131, 129,
	};
	uint64_t r = (uint64_t)first[(v >> 59) - 8] << 55, q;
	u128 n = (u128)v << 46;

	for (int i = 0; i < 4; i++) {
		uint64_t square = (uint64_t)((u128)r * r >> 64);
		uint64_t near1 = (uint64_t)((u128)v * square >> 64);

		r = (uint64_t)((u128)r * ((UINT64_C(3) << 60) - near1) >> 64) << 3;
	}
	q = (uint64_t)((u128)v * r >> 64) >> 7;
	while ((u128)q * q > n)
		q--;
	while ((u128)(q + 1) * (q + 1) <= n)
		q++;
	*rest = (u128)q * q != n;
	return q;
}

#endif
