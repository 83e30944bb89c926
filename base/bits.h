/*
 * Bits and bytes: masks, rotates, sign extension, byte order, 128-bit
 * multiply-and-divide.  No machine in it.
 *
 * Bit numbers of the Power ISA count from the left (bit 0 is the most
 * significant).  BIT64(n) and MASK64(mb, me) take such numbers.
 */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef unsigned __int128 u128;
typedef __int128 i128;

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The book's bit n of a 64-bit register. */
#define BIT64(n) (UINT64_C(1) << (63 - (n)))
/* The book's bit n of a 32-bit register. */
#define BIT32(n) (UINT32_C(1) << (31 - (n)))

/* Ones in the book's bits mb..me of 64; wraps when mb > me. */
static inline uint64_t mask64(unsigned mb, unsigned me)
{
	uint64_t m = (UINT64_MAX >> mb) ^ (me == 63 ? 0 : UINT64_MAX >> (me + 1));

	return mb <= me ? m : ~m;
}

/* Ones in the book's bits mb..me of 32; wraps when mb > me. */
static inline uint32_t mask32(unsigned mb, unsigned me)
{
	uint32_t m = (UINT32_MAX >> mb) ^ (me == 31 ? 0 : UINT32_MAX >> (me + 1));

	return mb <= me ? m : ~m;
}

static inline uint32_t rotl32(uint32_t v, unsigned n)
{
	n &= 31;
	return n ? (v << n) | (v >> (32 - n)) : v;
}

static inline uint64_t rotl64(uint64_t v, unsigned n)
{
	n &= 63;
	return n ? (v << n) | (v >> (64 - n)) : v;
}

/* Leading and trailing zeros; 32 (64) for zero, as cntlzw and cntlzd say. */
static inline unsigned clz32(uint32_t v)
{
	return v ? (unsigned)__builtin_clz(v) : 32;
}
static inline unsigned clz64(uint64_t v)
{
	return v ? (unsigned)__builtin_clzll(v) : 64;
}
static inline unsigned ctz32(uint32_t v)
{
	return v ? (unsigned)__builtin_ctz(v) : 32;
}
static inline unsigned ctz64(uint64_t v)
{
	return v ? (unsigned)__builtin_ctzll(v) : 64;
}

/* Sign-extends the low n bits (1..64) of v. */
static inline int64_t sext64(uint64_t v, unsigned n)
{
	return (int64_t)(v << (64 - n)) >> (64 - n);
}

static inline uint16_t bswap16(uint16_t v)
{
	return __builtin_bswap16(v);
}
static inline uint32_t bswap32(uint32_t v)
{
	return __builtin_bswap32(v);
}
static inline uint64_t bswap64(uint64_t v)
{
	return __builtin_bswap64(v);
}
static inline u128 bswap128(u128 v)
{
	return (u128)bswap64((uint64_t)v) << 64 | bswap64((uint64_t)(v >> 64));
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_BE 0
#else
#define HOST_BE 1
#endif

/* Unaligned loads and stores of a stated byte order at a host pointer. */
#define BASE_DEF_ACCESS(bits, type)                                                                \
	static inline type ld##bits##_be(const void *p)                                            \
	{                                                                                          \
		type v;                                                                            \
		memcpy(&v, p, sizeof(v));                                                          \
		return HOST_BE ? v : bswap##bits(v);                                               \
	}                                                                                          \
	static inline type ld##bits##_le(const void *p)                                            \
	{                                                                                          \
		type v;                                                                            \
		memcpy(&v, p, sizeof(v));                                                          \
		return HOST_BE ? bswap##bits(v) : v;                                               \
	}                                                                                          \
	static inline void st##bits##_be(void *p, type v)                                          \
	{                                                                                          \
		v = HOST_BE ? v : bswap##bits(v);                                                  \
		memcpy(p, &v, sizeof(v));                                                          \
	}                                                                                          \
	static inline void st##bits##_le(void *p, type v)                                          \
	{                                                                                          \
		v = HOST_BE ? bswap##bits(v) : v;                                                  \
		memcpy(p, &v, sizeof(v));                                                          \
	}
BASE_DEF_ACCESS(16, uint16_t)
BASE_DEF_ACCESS(32, uint32_t)
BASE_DEF_ACCESS(64, uint64_t)
#undef BASE_DEF_ACCESS

/* floor(a * b / c) with a 128-bit product; c > 0, the result modulo 2^64. */
static inline uint64_t muldiv64(uint64_t a, uint64_t b, uint64_t c)
{
	return (uint64_t)((u128)a * b / c);
}

/* ceil(a * b / c) with a 128-bit product; c > 0, the result modulo 2^64. */
static inline uint64_t muldiv64_ceil(uint64_t a, uint64_t b, uint64_t c)
{
	return (uint64_t)(((u128)a * b + c - 1) / c);
}

/* n is a multiple of 64. */
static inline bool bytes_are_zero(const void *p, size_t n)
{
	const uint8_t *at = p;
	uint64_t any = 0, w[8];
	size_t i = 0;

	for (; n - i >= sizeof(w) && !any; i += sizeof(w)) {
		memcpy(w, at + i, sizeof(w));
		any = w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7];
	}
	for (; i < n && !any; i++)
		any = at[i];
	return !any;
}

#endif
