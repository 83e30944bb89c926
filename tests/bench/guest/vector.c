/* Vectors: AltiVec on whole numbers, VSX on floats and doubles, cryptography. */
#include <string.h>
#include "bench.h"
#include "vector.h"

#ifdef __powerpc64__
static const VectorOps *const ops = &vector_simd;
#else
static const VectorOps *const ops = &vector_plain;
#endif

uint8_t vector_sbox[256];

/* Buffers: what a turn changes is copied into `work` first. */
#define BYTES 16384
#define COUNT (BYTES / 16)
static uint8_t *input, *other, *work, *spare;

static void buffers(void)
{
	input = bench_alloc(BYTES);
	other = bench_alloc(BYTES);
	work = bench_alloc(BYTES);
	spare = bench_alloc(BYTES);
	bench_fill(input, BYTES, 31);
	bench_fill(other, BYTES, 32);
}

/* What vectors made of a kilobyte is what plain C makes of it. */
static void same(const void *a, const void *b, size_t bytes)
{
	if (memcmp(a, b, bytes))
		bench_wrong("vectors give another result than plain C");
}

static void fresh(void)
{
	memcpy(work, input, BYTES);
	memcpy(spare, input, BYTES);
}

static void saturate_setup(void)
{
	buffers();
	fresh();
	ops->saturate(work, other, input + 1024, 64);
	vector_plain.saturate(spare, other, input + 1024, 64);
	same(work, spare, BYTES);
}

static uint64_t saturate(void)
{
	fresh();
	for (int i = 0; i < 60; i++)
		ops->saturate(work, other, i & 1 ? spare : input, COUNT);
	return bench_sum(0, work, BYTES);
}

static void permute_setup(void)
{
	buffers();
	fresh();
	ops->permute(work, other, 64);
	vector_plain.permute(spare, other, 64);
	same(work, spare, BYTES);
}

static uint64_t permute(void)
{
	fresh();
	for (int i = 0; i < 100; i++)
		ops->permute(work, other + 32 * (i & 31), COUNT);
	return bench_sum(0, work, BYTES);
}

static void order_setup(void)
{
	uint64_t count;

	buffers();
	fresh();
	count = ops->order((int16_t *)work, (int16_t *)(work + 1024), 64);
	if (count != vector_plain.order((int16_t *)spare, (int16_t *)(spare + 1024), 64))
		bench_wrong("%lu pairs were exchanged", (unsigned long)count);
	same(work, spare, BYTES);
}

/* Rows of 512 bytes are put in order, column by column, by exchanging neighbours. */
static uint64_t order(void)
{
	uint64_t count = 0;

	fresh();
	for (int pass = 0; pass < 32; pass++)
		for (int row = pass & 1; row < 31; row += 2)
			count += ops->order((int16_t *)(work + 512 * row),
					    (int16_t *)(work + 512 * (row + 1)), 32);
	for (int row = 0; row < 31; row++)
		if (ops->order((int16_t *)(work + 512 * row), (int16_t *)(work + 512 * (row + 1)),
			       32))
			bench_wrong("row %d is out of order", row);
	return bench_sum(count, work, BYTES);
}

static void products_setup(void)
{
	buffers();
	if (ops->products(input, other, 64) != vector_plain.products(input, other, 64))
		bench_wrong("vectors give another sum than plain C");
}

static uint64_t products(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < 120; i++)
		sum = sum * 3 + ops->products(input + 16 * i, other, COUNT - 120);
	return sum;
}

static void bright_setup(void)
{
	buffers();
	fresh();
	ops->bright(work, 90, 64);
	vector_plain.bright(spare, 90, 64);
	same(work, spare, BYTES);
}

static uint64_t bright(void)
{
	fresh();
	for (unsigned i = 0; i < 60; i++)
		ops->bright(work, 50 + i % 29, COUNT);
	return bench_sum(0, work, BYTES);
}

static void scan_setup(void)
{
	buffers();
	for (int i = 0; i < BYTES; i++)
		input[i] |= 1;
	input[BYTES - 3] = 0;
	if (ops->scan(input, 0, COUNT) != BYTES - 3 || ops->scan(input, 2, COUNT) != BYTES)
		bench_wrong("the byte was found elsewhere");
}

static uint64_t scan(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < 120; i++)
		sum += ops->scan(input + 16 * i, i & 1 ? 0 : 2, COUNT - (size_t)i);
	return sum;
}

/* Numbers between 0 and 1 for the floating-point ones. */
static void saxpy_setup(void)
{
	buffers();
	for (int i = 0; i < BYTES / 4; i++) {
		uint32_t v;

		memcpy(&v, input + 4 * i, 4);
		((float *)input)[i] = (float)(v >> 8) / 16777216;
		((float *)other)[i] = (float)(v & 0xffffff) / 16777216;
	}
	fresh();
	ops->saxpy((float *)work, (float *)other, -0.3f, 64);
	vector_plain.saxpy((float *)spare, (float *)other, -0.3f, 64);
	same(work, spare, BYTES);
}

static uint64_t saxpy(void)
{
	fresh();
	for (int i = 0; i < 80; i++)
		ops->saxpy((float *)work, (float *)other, (float)(i - 38) / 64, COUNT);
	return bench_sum(0, work, BYTES);
}

static void dot_setup(void)
{
	double a, b;

	buffers();
	for (int i = 0; i < BYTES / 8; i++) {
		uint64_t v;

		memcpy(&v, input + 8 * i, 8);
		((double *)input)[i] = (double)(v >> 11) / 9007199254740992;
		((double *)other)[i] = (double)(v & 0xfffffff) / 268435456 - 0.5;
	}
	a = ops->dot((double *)input, (double *)other, 67);
	b = vector_plain.dot((double *)input, (double *)other, 67);
	same(&a, &b, 8);
}

static uint64_t dot(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < 120; i++) {
		double d = ops->dot((double *)input + 2 * i, (double *)other, COUNT - 120);

		sum = bench_sum(sum, &d, 8);
	}
	return sum;
}

static uint64_t escape(void)
{
	uint64_t sum = 0, steps[2], plain[2];

	for (int y = 0; y < 56; y++)
		for (int x = 0; x < 56; x += 2) {
			double re[2] __attribute__((aligned(16))) = { x * (3.0 / 56) - 2.25,
								      (x + 1) * (3.0 / 56) - 2.25 };
			double im[2] __attribute__((aligned(16))) = { y * (2.5 / 56) - 1.25,
								      y * (2.5 / 56) - 1.25 };

			ops->escape(re, im, steps);
			sum = sum * 5 + steps[0] + 3 * steps[1];
			if (x == 28 && y % 8 == 0) {
				vector_plain.escape(re, im, plain);
				same(steps, plain, sizeof(steps));
			}
		}
	return sum;
}

/* AES: the box and the round keys come of FIPS 197, sections 5.1.1 and 5.2. */
static uint8_t keys[11][16] __attribute__((aligned(16)));

static void make_box(void)
{
	uint8_t p = 1, q = 1;

	/* p goes through all elements as powers of 3, q through their inverses. */
	do {
		uint8_t x;

		p = (uint8_t)(p ^ p << 1 ^ (p & 0x80 ? 0x1b : 0));
		q ^= (uint8_t)(q << 1);
		q ^= (uint8_t)(q << 2);
		q ^= (uint8_t)(q << 4);
		q ^= q & 0x80 ? 0x09 : 0;
		x = q;
		for (int i = 1; i < 5; i++)
			x ^= (uint8_t)(q << i | q >> (8 - i));
		vector_sbox[p] = x ^ 0x63;
	} while (p != 1);
	vector_sbox[0] = 0x63;
}

static void expand_key(const uint8_t key[16])
{
	uint8_t *k = keys[0], rcon = 1;

	memcpy(k, key, 16);
	for (int i = 16; i < 176; i += 4) {
		uint8_t t[4];

		memcpy(t, k + i - 4, 4);
		if (i % 16 == 0) {
			uint8_t first = t[0];

			t[0] = vector_sbox[t[1]] ^ rcon;
			t[1] = vector_sbox[t[2]];
			t[2] = vector_sbox[t[3]];
			t[3] = vector_sbox[first];
			rcon = (uint8_t)(rcon << 1 ^ (rcon & 0x80 ? 0x1b : 0));
		}
		for (int j = 0; j < 4; j++)
			k[i + j] = k[i + j - 16] ^ t[j];
	}
}

static void aes_setup(void)
{
	static const uint8_t want[16] = { 0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30,
					  0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a };
	uint8_t chain[16] __attribute__((aligned(16))) = { 0 }, key[16];

	buffers();
	make_box();
	for (int i = 0; i < 16; i++) {
		key[i] = (uint8_t)i;
		work[i] = (uint8_t)(i * 0x11);
	}
	expand_key(key);
	ops->aes(work, chain, keys, 1);
	if (memcmp(work, want, 16))
		bench_wrong("FIPS 197's example gives another block");
}

static uint64_t aes(void)
{
	uint8_t chain[16] __attribute__((aligned(16))) = { 1 };

	fresh();
	for (int i = 0; i < 12; i++)
		ops->aes(work, chain, keys, COUNT);
	return bench_sum(0, work, BYTES);
}

/* SHA-256, a message in each lane; constants of FIPS 180-4: fractions of roots of primes. */
static uint32_t constants[64], initial[8];

/* The first 32 bits of the fraction of p^(1/degree), of which the whole part is below 8. */
static uint32_t root(unsigned p, int degree)
{
	uint64_t lo = 0, hi = (uint64_t)8 << 32;

	while (hi - lo > 1) {
		uint64_t mid = lo + (hi - lo) / 2;
		unsigned __int128 power = (unsigned __int128)mid * mid;

		if (degree == 3)
			power *= mid;
		if (power > (unsigned __int128)p << 32 * degree)
			hi = mid;
		else
			lo = mid;
	}
	return (uint32_t)lo;
}

static void sha_constants(void)
{
	for (unsigned p = 2, n = 0; n < 64; p++) {
		unsigned d = 2;

		while (p % d)
			d++;
		if (d != p)
			continue;
		constants[n] = root(p, 3);
		if (n < 8)
			initial[n] = root(p, 2);
		n++;
	}
}

static void sha_setup(void)
{
	static const uint32_t want[8] = { 0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
					  0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad };
	Lanes state[8], words[16];

	buffers();
	sha_constants();
	memset(words, 0, sizeof(words));
	for (int l = 0; l < 4; l++) {
		for (int i = 0; i < 8; i++)
			state[i][l] = initial[i];
		words[0][l] = 0x61626380;
		words[15][l] = 24;
	}
	ops->sha256(state, words, constants);
	for (int i = 0; i < 8; i++)
		for (int l = 0; l < 4; l++)
			if (state[i][l] != want[i])
				bench_wrong("word %d of the sum of \"abc\" is %08x", i,
					    (unsigned)state[i][l]);
}

static uint64_t sha256(void)
{
	Lanes state[8], words[16];

	for (int i = 0; i < 8; i++)
		for (int l = 0; l < 4; l++)
			state[i][l] = initial[i] + (uint32_t)l;
	for (int i = 0; i < 512; i++) {
		memcpy(words, input + 256 * (i % 64), sizeof(words));
		ops->sha256(state, words, constants);
	}
	return bench_sum(0, state, sizeof(state));
}

/* CRC-32's polynomial, most significant bit first: folded 128 bits at a time. */
#define POLYNOMIAL 0x04c11db7u
static uint64_t k192, k128;

static uint32_t one_more(uint32_t crc)
{
	return crc << 1 ^ (crc >> 31 ? POLYNOMIAL : 0);
}

static uint32_t crc_bits(uint32_t crc, const uint8_t *p, size_t n)
{
	while (n--) {
		crc ^= (uint32_t)*p++ << 24;
		for (int i = 0; i < 8; i++)
			crc = one_more(crc);
	}
	return crc;
}

static uint32_t crc_folded(const uint8_t *p, size_t n)
{
	uint8_t state[16] __attribute__((aligned(16)));

	memcpy(state, p, 16);
	ops->fold(state, p + 16, k192, k128, n - 1);
	return crc_bits(0, state, 16);
}

static void fold_setup(void)
{
	uint32_t power = 1;

	buffers();
	for (int i = 1; i <= 192; i++) {
		power = one_more(power);
		if (i == 128)
			k128 = power;
	}
	k192 = power;
	if (crc_folded(input, COUNT) != crc_bits(0, input, BYTES))
		bench_wrong("folding gives another CRC than bits do");
}

static uint64_t fold(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < 100; i++)
		sum = sum * 7 + crc_folded(input + 16 * i, COUNT - i);
	return sum;
}

const BenchKernel bench_vector[] = {
	{ "saturate", saturate, saturate_setup },
	{ "permute", permute, permute_setup },
	{ "order", order, order_setup },
	{ "products", products, products_setup },
	{ "bright", bright, bright_setup },
	{ "scan", scan, scan_setup },
	{ "saxpy", saxpy, saxpy_setup },
	{ "dot", dot, dot_setup },
	{ "escape", escape, NULL },
	{ "aes", aes, aes_setup },
	{ "sha256", sha256, sha_setup },
	{ "crc-fold", fold, fold_setup },
	{ NULL, NULL, NULL },
};
