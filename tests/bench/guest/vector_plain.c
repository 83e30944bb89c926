/* The operations of vector.h in plain C, a lane after the other. */
#include <math.h>
#include <string.h>
#include "vector.h"

static void saturate(uint8_t *c, const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < 16 * n; i++) {
		int v = c[i] + a[i];

		v = (v > 255 ? 255 : v) - b[i];
		c[i] = (uint8_t)(v < 0 ? 0 : v);
	}
	for (size_t i = 0; i < 16 * n; i += 2) {
		int16_t x, y;
		int v;

		memcpy(&x, c + i, 2);
		memcpy(&y, a + i, 2);
		v = x + y;
		v = v > 32767 ? 32767 : v < -32768 ? -32768 : v;
		memcpy(&y, b + i, 2);
		v -= y;
		x = (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
		memcpy(c + i, &x, 2);
	}
}

static void permute(uint8_t *c, const uint8_t *table, size_t n)
{
	for (size_t i = 0; i < 16 * n; i++)
		c[i] = (uint8_t)(table[c[i] & 31] + 1);
}

static uint64_t order(int16_t *a, int16_t *b, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < 8 * n; i++)
		if (b[i] > a[i]) {
			int16_t t = a[i];

			a[i] = b[i];
			b[i] = t;
			count++;
		}
	return count;
}

static uint32_t products(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < 16 * n; i++)
		sum += (uint32_t)a[i] * b[i];
	return sum;
}

static void bright(uint8_t *c, unsigned gain, size_t n)
{
	for (size_t i = 0; i < 16 * n; i++) {
		unsigned v = (uint16_t)(c[i] * gain) / 64;

		c[i] = (uint8_t)(v > 255 ? 255 : v);
	}
}

static size_t scan(const uint8_t *c, uint8_t which, size_t n)
{
	size_t i = 0;

	while (i < 16 * n && c[i] != which)
		i++;
	return i;
}

static void saxpy(float *y, const float *x, float a, size_t n)
{
	for (size_t i = 0; i < 4 * n; i++)
		y[i] = fmaf(a, x[i], y[i]);
}

static double dot(const double *x, const double *y, size_t n)
{
	double s[4][2] = { { 0, 0 } };

	for (size_t i = 0; i < n; i++)
		for (size_t l = 0; l < 2; l++)
			s[i % 4][l] = fma(x[2 * i + l], y[2 * i + l], s[i % 4][l]);
	for (size_t l = 0; l < 2; l++)
		s[0][l] = (s[0][l] + s[1][l]) + (s[2][l] + s[3][l]);
	return s[0][0] + s[0][1];
}

static void escape(const double *re, const double *im, uint64_t *steps)
{
	for (int l = 0; l < 2; l++) {
		double zr = 0, zi = 0;

		steps[l] = 0;
		for (int n = 0; n < 64; n++) {
			double r2 = zr * zr, i2 = zi * zi;

			if (r2 + i2 > 4)
				break;
			zi = fma(zr + zr, zi, im[l]);
			zr = r2 - i2 + re[l];
			steps[l]++;
		}
	}
}

static uint8_t twice(uint8_t v)
{
	return (uint8_t)(v << 1 ^ (v & 0x80 ? 0x1b : 0));
}

static void aes(uint8_t *data, uint8_t chain[16], const uint8_t keys[11][16], size_t n)
{
	for (; n--; data += 16) {
		uint8_t s[16], t[16];

		for (int i = 0; i < 16; i++)
			s[i] = data[i] ^ chain[i] ^ keys[0][i];
		for (int round = 1; round <= 10; round++) {
			for (int i = 0; i < 16; i++)
				t[i] = vector_sbox[s[(i * 5) & 15]];
			for (int i = 0; i < 16 && round < 10; i += 4) {
				uint8_t all = t[i] ^ t[i + 1] ^ t[i + 2] ^ t[i + 3], first = t[i];

				for (int j = 0; j < 4; j++)
					t[i + j] ^= all ^ twice(t[i + j] ^
								(j < 3 ? t[i + j + 1] : first));
			}
			for (int i = 0; i < 16; i++)
				s[i] = t[i] ^ keys[round][i];
		}
		memcpy(data, s, 16);
		memcpy(chain, s, 16);
	}
}

static uint32_t ror(uint32_t v, int n)
{
	return v >> n | v << (32 - n);
}

static void sha256_lane(uint32_t state[8], uint32_t w[16], const uint32_t *k)
{
	uint32_t s[8];

	memcpy(s, state, sizeof(s));
	for (int i = 0; i < 64; i++) {
		uint32_t w1 = w[(i + 1) & 15], w14 = w[(i + 14) & 15], e = s[4], a = s[0];
		uint32_t t = s[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) +
			     ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i & 15];
		uint32_t u = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) +
			     ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

		w[i & 15] += (ror(w1, 7) ^ ror(w1, 18) ^ w1 >> 3) + w[(i + 9) & 15] +
			     (ror(w14, 17) ^ ror(w14, 19) ^ w14 >> 10);
		memmove(s + 1, s, 28);
		s[4] += t;
		s[0] = t + u;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

static void sha256(Lanes state[8], Lanes words[16], const uint32_t constants[64])
{
	for (int l = 0; l < 4; l++) {
		uint32_t s[8], w[16];

		for (int i = 0; i < 8; i++)
			s[i] = state[i][l];
		for (int i = 0; i < 16; i++)
			w[i] = words[i][l];
		sha256_lane(s, w, constants);
		for (int i = 0; i < 8; i++)
			state[i][l] = s[i];
		for (int i = 0; i < 16; i++)
			words[i][l] = w[i];
	}
}

static unsigned __int128 carryless(uint64_t a, uint64_t b)
{
	unsigned __int128 p = 0;

	for (; b; b &= b - 1)
		p ^= (unsigned __int128)a << __builtin_ctzll(b);
	return p;
}

static uint64_t big_endian(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

static void fold(uint8_t state[16], const uint8_t *data, uint64_t k192, uint64_t k128, size_t n)
{
	uint64_t hi = big_endian(state), lo = big_endian(state + 8);

	for (; n--; data += 16) {
		unsigned __int128 v = carryless(hi, k192) ^ carryless(lo, k128);

		hi = (uint64_t)(v >> 64) ^ big_endian(data);
		lo = (uint64_t)v ^ big_endian(data + 8);
	}
	hi = __builtin_bswap64(hi);
	lo = __builtin_bswap64(lo);
	memcpy(state, &hi, 8);
	memcpy(state + 8, &lo, 8);
}

const VectorOps vector_plain = {
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
