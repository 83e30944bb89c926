/*
 * The operations of vector.h with AltiVec, VSX and the vector instructions for cryptography of
 * ISA 2.07.  Nothing of it is built for the host.
 */
#ifdef __powerpc64__
#include <altivec.h>
#include "vector.h"
#undef vector
#undef bool
#undef pixel

typedef __vector unsigned char U8;
typedef __vector signed short S16;
typedef __vector unsigned short U16;
typedef __vector unsigned int U32;
typedef __vector unsigned long long U64;
typedef __vector float F32;
typedef __vector double F64;

static void saturate(uint8_t *c, const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		U8 va = ((const U8 *)a)[i], vb = ((const U8 *)b)[i];
		S16 v = (S16)vec_subs(vec_adds(((U8 *)c)[i], va), vb);

		((S16 *)c)[i] = vec_subs(vec_adds(v, (S16)va), (S16)vb);
	}
}

static void permute(uint8_t *c, const uint8_t *table, size_t n)
{
	U8 lo = ((const U8 *)table)[0], hi = ((const U8 *)table)[1], one = vec_splat_u8(1);

	for (size_t i = 0; i < n; i++)
		((U8 *)c)[i] = vec_add(vec_perm(lo, hi, ((U8 *)c)[i]), one);
}

static uint64_t order(int16_t *a, int16_t *b, size_t n)
{
	__vector signed int count = vec_splat_s32(0);

	for (size_t i = 0; i < n; i++) {
		S16 va = ((S16 *)a)[i], vb = ((S16 *)b)[i];
		__vector __bool short m = vec_cmpgt(vb, va);

		((S16 *)a)[i] = vec_sel(va, vb, m);
		((S16 *)b)[i] = vec_sel(vb, va, m);
		/* A lane that was exchanged is -1; as a product with -1 it counts. */
		count = vec_msum((S16)m, vec_splat_s16(-1), count);
	}
	return (uint64_t)count[0] + (uint64_t)count[1] + (uint64_t)count[2] + (uint64_t)count[3];
}

static uint32_t products(const uint8_t *a, const uint8_t *b, size_t n)
{
	U32 sum = vec_splat_u32(0);

	for (size_t i = 0; i < n; i++)
		sum = vec_msum(((const U8 *)a)[i], ((const U8 *)b)[i], sum);
	return sum[0] + sum[1] + sum[2] + sum[3];
}

static void bright(uint8_t *c, unsigned gain, size_t n)
{
	U16 g = vec_splats((unsigned short)gain), six = vec_splat_u16(6);
	U8 zero = vec_splat_u8(0);

	for (size_t i = 0; i < n; i++) {
		U8 v = ((U8 *)c)[i];
		U16 first = (U16)vec_mergeh(v, zero), second = (U16)vec_mergel(v, zero);

		first = vec_sr(vec_mladd(first, g, (U16)zero), six);
		second = vec_sr(vec_mladd(second, g, (U16)zero), six);
		((U8 *)c)[i] = vec_packsu(first, second);
	}
}

static size_t scan(const uint8_t *c, uint8_t which, size_t n)
{
	U8 w = vec_splats(which);

	for (size_t i = 0; i < n; i++)
		if (vec_any_eq(((const U8 *)c)[i], w))
			for (size_t j = 16 * i;; j++)
				if (c[j] == which)
					return j;
	return 16 * n;
}

static void saxpy(float *y, const float *x, float a, size_t n)
{
	F32 va = vec_splats(a);

	for (size_t i = 0; i < n; i++)
		((F32 *)y)[i] = vec_madd(va, ((const F32 *)x)[i], ((F32 *)y)[i]);
}

static double dot(const double *x, const double *y, size_t n)
{
	const F64 *vx = (const F64 *)x, *vy = (const F64 *)y;
	F64 s0 = vec_splats(0.0), s1 = s0, s2 = s0, s3 = s0;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		s0 = vec_madd(vx[i], vy[i], s0);
		s1 = vec_madd(vx[i + 1], vy[i + 1], s1);
		s2 = vec_madd(vx[i + 2], vy[i + 2], s2);
		s3 = vec_madd(vx[i + 3], vy[i + 3], s3);
	}
	if (i < n)
		s0 = vec_madd(vx[i], vy[i], s0);
	if (i + 1 < n)
		s1 = vec_madd(vx[i + 1], vy[i + 1], s1);
	if (i + 2 < n)
		s2 = vec_madd(vx[i + 2], vy[i + 2], s2);
	s0 = vec_add(vec_add(s0, s1), vec_add(s2, s3));
	return s0[0] + s0[1];
}

static void escape(const double *re, const double *im, uint64_t *steps)
{
	F64 cr = *(const F64 *)re, ci = *(const F64 *)im, zr = vec_splats(0.0), zi = zr;
	F64 four = vec_splats(4.0);
	U64 count = vec_splats(0ull), alive = ~count;

	for (int n = 0; n < 64; n++) {
		F64 r2 = vec_mul(zr, zr), i2 = vec_mul(zi, zi);

		alive = vec_and(alive, (U64)vec_cmple(vec_add(r2, i2), four));
		if (vec_all_eq(alive, vec_splats(0ull)))
			break;
		zi = vec_madd(vec_add(zr, zr), zi, ci);
		zr = vec_add(vec_sub(r2, i2), cr);
		count = vec_sub(count, alive);
	}
	steps[0] = count[0];
	steps[1] = count[1];
}

/* The byte that comes first in memory is the most significant one of what the chip is given. */
static U64 block(const uint8_t *p)
{
	return (U64)vec_reve(*(const U8 *)p);
}

static void put_block(uint8_t *p, U64 v)
{
	*(U8 *)p = vec_reve((U8)v);
}

static void aes(uint8_t *data, uint8_t chain[16], const uint8_t keys[11][16], size_t n)
{
	U64 k[11], c = block(chain);

	for (int i = 0; i < 11; i++)
		k[i] = block(keys[i]);
	for (size_t b = 0; b < n; b++) {
		c = vec_xor(vec_xor(c, block(data + 16 * b)), k[0]);
		for (int i = 1; i < 10; i++)
			c = __builtin_crypto_vcipher(c, k[i]);
		c = __builtin_crypto_vcipherlast(c, k[10]);
		put_block(data + 16 * b, c);
	}
	put_block(chain, c);
}

static void sha256(Lanes state[8], Lanes words[16], const uint32_t constants[64])
{
	U32 s[8], w[16];

	for (int i = 0; i < 8; i++)
		s[i] = (U32)state[i];
	for (int i = 0; i < 16; i++)
		w[i] = (U32)words[i];
	for (int round = 0; round < 64; round += 16)
		for (int i = 0; i < 16; i++) {
			U32 t = s[7] + __builtin_crypto_vshasigmaw(s[4], 1, 15) +
				vec_sel(s[6], s[5], s[4]) + vec_splats(constants[round + i]) + w[i];
			U32 u = __builtin_crypto_vshasigmaw(s[0], 1, 0) +
				vec_sel(s[1], s[2], vec_xor(s[0], s[1]));

			w[i] += __builtin_crypto_vshasigmaw(w[(i + 1) & 15], 0, 0) +
				w[(i + 9) & 15] +
				__builtin_crypto_vshasigmaw(w[(i + 14) & 15], 0, 15);
			for (int j = 7; j; j--)
				s[j] = s[j - 1];
			s[4] += t;
			s[0] = t + u;
		}
	for (int i = 0; i < 8; i++)
		state[i] += (Lanes)s[i];
	for (int i = 0; i < 16; i++)
		words[i] = (Lanes)w[i];
}

static void fold(uint8_t state[16], const uint8_t *data, uint64_t k192, uint64_t k128, size_t n)
{
	U64 k = { k128, k192 }, s = block(state);

	for (size_t i = 0; i < n; i++)
		s = vec_xor(__builtin_crypto_vpmsumd(s, k), block(data + 16 * i));
	put_block(state, s);
}

const VectorOps vector_simd = {
	.saturate = saturate,
	.permute = permute,
	.order = order,
	.products = products,
	.bright = bright,
	.scan = scan,
	.saxpy = saxpy,
	.dot = dot,
	.escape = escape,
	.aes = aes,
	.sha256 = sha256,
	.fold = fold,
};
#endif
