/*
 * Operands for groups.  A group is a letter or two and says what its operands
 * are: "d..." doubles, "s..." singles, "i..." 64-bit integers; a group that ends in
 * "x" takes every 32-bit pattern in turn as its first operand.  Operands are a
 * function of the index alone.
 */
#include "rig.h"
#include <string.h>

static const uint64_t special_d[32] = { 0,
					1,
					2,
					0x000fffffffffffff,
					0x0010000000000000,
					0x0010000000000001,
					0x001fffffffffffff,
					0x0020000000000000,
					0x3ca0000000000000,
					0x3cb0000000000000,
					0x3fd5555555555555,
					0x3fe0000000000000,
					0x3fefffffffffffff,
					0x3ff0000000000000,
					0x3ff0000000000001,
					0x3ff8000000000000,
					0x4000000000000000,
					0x4008000000000000,
					0x40efffffffffffff,
					0x41dfffffffc00000,
					0x41e0000000000000,
					0x41efffffffe00000,
					0x41f0000000000000,
					0x4330000000000000,
					0x433fffffffffffff,
					0x43e0000000000000,
					0x43f0000000000000,
					0x7fe0000000000000,
					0x7fefffffffffffff,
					0x7ff0000000000000,
					0x7ff4000000000001,
					0x7ff8000000000001 };
static const uint32_t special_s[32] = { 0,	    1,		2,	    0x007fffff, 0x00800000,
					0x00800001, 0x00ffffff, 0x01000000, 0x33000000, 0x33800000,
					0x3eaaaaab, 0x3f000000, 0x3f7fffff, 0x3f800000, 0x3f800001,
					0x3fc00000, 0x40000000, 0x40400000, 0x4b000000, 0x4b7fffff,
					0x4b800000, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000,
					0x5f000000, 0x5f800000, 0x7f000000, 0x7f7fffff, 0x7f800000,
					0x7fa00001, 0x7fc00001 };

bool group_is_single(const char *group)
{
	return group[0] == 's';
}

bool group_is_integer(const char *group)
{
	return group[0] == 'i';
}

/* Steele and others' splitmix64. */
static inline uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Formats differ in the width of the fraction and of the exponent. */
typedef struct {
	unsigned fraction, exponent;
	uint64_t sign;
} Format;

static inline uint64_t special(const Format *f, uint64_t pick)
{
	uint64_t v = f->fraction == 52 ? special_d[pick & 31] : special_s[pick & 31];
	return v | (pick & 32 ? f->sign : 0);
}

/* A number with the fraction and sign of v and a biased exponent, kept in range. */
static inline uint64_t with_exponent(const Format *f, uint64_t v, int e)
{
	int top = (1 << f->exponent) - 1;
	uint64_t fraction = v & ((UINT64_C(1) << f->fraction) - 1);
	e = e < 0 ? 0 : e > top - 1 ? top - 1 : e;
	return (v & f->sign) | (uint64_t)e << f->fraction | fraction;
}

static inline int exponent_of(const Format *f, uint64_t v)
{
	return (int)(v >> f->fraction) & ((1 << f->exponent) - 1);
}

/* Few bits set: such products and quotients are exact, or end in a tie. */
static inline uint64_t sparse(const Format *f, uint64_t v, uint64_t pick)
{
	unsigned keep = pick % (f->fraction + 1);
	return v & ~((UINT64_C(1) << (f->fraction - keep)) - 1);
}

static void make(const Format *f, uint64_t index, uint64_t v[3])
{
	int bias = (1 << (f->exponent - 1)) - 1, spread = (int)f->fraction + 4;
	uint64_t z = mix(index * 4 + 1), how = mix(z);
	int near = (int)(how >> 8 & 255) % (2 * spread) - spread, e;

	for (int i = 0; i < 3; i++)
		v[i] = mix(z + (uint64_t)i * HASH_K64);
	if (f->fraction == 23)
		for (int i = 0; i < 3; i++)
			v[i] >>= 32;
	switch (how & 15) {
	case 0: /* one special operand */ v[(how >> 4 & 15) % 3] = special(f, how >> 16); break;
	case 1: /* all special */
		for (int i = 0; i < 3; i++)
			v[i] = special(f, how >> (16 + 8 * i));
		break;
	case 2:
	case 3: /* sums that cancel or just miss each other */
		v[1] = with_exponent(f, v[1], exponent_of(f, v[0]) + near);
		v[2] = with_exponent(f, v[2], exponent_of(f, v[0]) + near / 4);
		break;
	case 4: /* products near the smallest number */
		e = exponent_of(f, v[0]);
		v[1] = with_exponent(f, v[1], bias + 1 - e + near / 2);
		v[2] = with_exponent(f, v[2], 1 + (near < 0 ? 0 : near));
		break;
	case 5: /* products near the largest */
		e = exponent_of(f, v[0]);
		v[1] = with_exponent(f, v[1], 3 * bias - e + near / 8);
		v[2] = with_exponent(f, v[2], 2 * bias - (near < 0 ? 0 : near / 8));
		break;
	case 6: /* quotients near the smallest, and subnormal operands */
		e = exponent_of(f, v[0]);
		v[1] = with_exponent(f, v[1], e + bias - 1 + near / 2);
		v[2] = with_exponent(f, v[2], 0);
		break;
	case 7: v[0] = with_exponent(f, v[0], 0); break;
	case 8: /* few bits */
	case 9:
		for (int i = 0; i < 3; i++)
			v[i] = sparse(f, with_exponent(f, v[i], bias + (int)(v[i] & 31) - 16),
				      how >> (16 + 8 * i));
		break;
	case 10: /* fused: the addend near the product */
	case 11:
		v[0] = with_exponent(f, v[0], bias + (int)(how >> 16 & 63) - 32);
		v[1] = with_exponent(f, v[1], bias + (int)(how >> 24 & 63) - 32);
		e = exponent_of(f, v[0]) + exponent_of(f, v[1]) - bias;
		v[2] = with_exponent(f, v[2], e + near);
		break;
	case 12: /* of the size of integers */
		for (int i = 0; i < 3; i++)
			v[i] = with_exponent(f, v[i], bias + (int)(v[i] % 70) - 3);
		break;
	default: break;
	}
}

/* Integers with any number of leading zeros, and around powers of two. */
static uint64_t integer(uint64_t index)
{
	uint64_t z = mix(index * 4 + 2), v = mix(z) >> (z & 63);
	if (z & 64)
		v = (UINT64_C(1) << (z >> 8 & 63)) + (z >> 16 & 7) - 4;
	if (z & 128)
		v &= ~UINT64_C(0) << (z >> 24 & 63);
	return z & 0x100000000 ? -v : v;
}

void operands_make(const char *group, uint64_t first, Operands *out)
{
	static const Format d = { 52, 11, UINT64_C(1) << 63 }, s = { 23, 8, UINT64_C(1) << 31 };
	bool every = group[strlen(group) - 1] == 'x';

	for (int i = 0; i < CHUNK; i++) {
		uint64_t v[3], index = first + (uint64_t)i;
		if (every) {
			v[0] = v[1] = v[2] = (uint32_t)index;
		} else if (group_is_integer(group)) {
			v[0] = v[1] = v[2] = integer(index);
		} else {
			make(group_is_single(group) ? &s : &d, index, v);
		}
		if (group_is_single(group)) {
			out->a.w[i] = (uint32_t)v[0];
			out->b.w[i] = (uint32_t)v[1];
			out->c.w[i] = (uint32_t)v[2];
		} else {
			out->a.u[i] = v[0];
			out->b.u[i] = v[1];
			out->c.u[i] = v[2];
		}
	}
}
