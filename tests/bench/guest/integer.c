/* Whole numbers: what compilers make of plain loops, with the working set in the caches. */
#include <stdlib.h>
#include <string.h>
#include "bench.h"

/* Sieve of Eratosthenes, a byte a number. */
#define SIEVE 400000
static uint8_t *flags;

static void sieve_setup(void)
{
	flags = bench_alloc(SIEVE);
}

static uint64_t sieve(void)
{
	unsigned n = (unsigned)bench_hide(SIEVE), count = 0;

	for (unsigned i = 2; i < n; i++)
		flags[i] = 1;
	for (unsigned i = 2; i < n; i++) {
		if (!flags[i])
			continue;
		count++;
		for (uint64_t j = (uint64_t)i * i; j < n; j += i)
			flags[j] = 0;
	}
	if (count != 33860)
		bench_wrong("%u primes below %u", count, n);
	return count;
}

/* CRC-32 as of IEEE 802.3, reflected, by a table of bytes. */
#define CRC_BYTES 300000
static uint32_t crc_table[256];
static uint8_t *crc_data;

static uint32_t crc_of(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--)
		crc = crc_table[(crc ^ *p++) & 255] ^ crc >> 8;
	return ~crc;
}

static void crc_setup(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v & 1 ? v >> 1 ^ 0xedb88320 : v >> 1;
		crc_table[i] = v;
	}
	crc_data = bench_alloc(CRC_BYTES);
	bench_fill(crc_data, CRC_BYTES, 1);
	if (crc_of((const uint8_t *)"123456789", 9) != 0xcbf43926)
		bench_wrong("the check value is %08x",
			    (unsigned)crc_of((const uint8_t *)"123456789", 9));
}

static uint64_t crc32(void)
{
	return crc_of(crc_data, bench_hide(CRC_BYTES));
}

/* Quicksort to runs of 16, insertion for the rest. */
#define SORT 20000
static int32_t *unsorted, *sorted;

static void quick(int32_t *a, long lo, long hi)
{
	while (hi - lo > 16) {
		int32_t pivot = a[(lo + hi) / 2];
		long i = lo - 1, j = hi + 1;

		for (;;) {
			do
				i++;
			while (a[i] < pivot);
			do
				j--;
			while (a[j] > pivot);
			if (i >= j)
				break;
			int32_t t = a[i];
			a[i] = a[j];
			a[j] = t;
		}
		if (j - lo < hi - j) {
			quick(a, lo, j);
			lo = j + 1;
		} else {
			quick(a, j + 1, hi);
			hi = j;
		}
	}
}

static void insertion(int32_t *a, long n)
{
	for (long i = 1; i < n; i++) {
		int32_t v = a[i];
		long j = i;

		for (; j && a[j - 1] > v; j--)
			a[j] = a[j - 1];
		a[j] = v;
	}
}

static void sort_setup(void)
{
	unsorted = bench_alloc(SORT * sizeof(*unsorted));
	sorted = bench_alloc(SORT * sizeof(*sorted));
	bench_fill(unsorted, SORT * sizeof(*unsorted), 2);
}

static uint64_t sort(void)
{
	int64_t before = 0, after = 0;

	for (long i = 0; i < SORT; i++)
		before += sorted[i] = unsorted[i];
	quick(sorted, 0, SORT - 1);
	insertion(sorted, SORT);
	for (long i = 0; i < SORT; i++) {
		after += sorted[i];
		if (i && sorted[i - 1] > sorted[i])
			bench_wrong("number %ld is out of order", i);
	}
	if (before != after)
		bench_wrong("the numbers are others than before");
	return bench_sum(0, sorted, SORT * sizeof(*sorted));
}

/* Product of two square matrices of 32-bit integers. */
#define MATRIX 90
static int32_t (*ma)[MATRIX], (*mb)[MATRIX], (*mc)[MATRIX];

static void matrix_setup(void)
{
	ma = bench_alloc(sizeof(*ma) * MATRIX);
	mb = bench_alloc(sizeof(*mb) * MATRIX);
	mc = bench_alloc(sizeof(*mc) * MATRIX);
	bench_fill(ma, sizeof(*ma) * MATRIX, 3);
	bench_fill(mb, sizeof(*mb) * MATRIX, 4);
	for (int i = 0; i < MATRIX; i++)
		for (int j = 0; j < MATRIX; j++) {
			ma[i][j] >>= 20;
			mb[i][j] >>= 20;
		}
}

/* The sum over a product is that of A's columns' sums times B's rows'. */
static uint64_t matrix(void)
{
	int64_t got = 0, want = 0;

	for (int i = 0; i < MATRIX; i++)
		for (int j = 0; j < MATRIX; j++) {
			int32_t sum = 0;

			for (int k = 0; k < MATRIX; k++)
				sum += ma[i][k] * mb[k][j];
			mc[i][j] = sum;
			got += sum;
		}
	for (int k = 0; k < MATRIX; k++) {
		int64_t column = 0, row = 0;

		for (int i = 0; i < MATRIX; i++) {
			column += ma[i][k];
			row += mb[k][i];
		}
		want += column * row;
	}
	if (got != want)
		bench_wrong("the product's sum is %ld, not %ld", (long)got, (long)want);
	return bench_sum(0, mc, sizeof(*mc) * MATRIX);
}

/* Generators and mixers: multiplications, high halves of products, rotations. */
static uint64_t rotl(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

static uint64_t hash(void)
{
	uint64_t state = bench_hide(1234567), sum = 0, x = 88172645463325252u;
	uint32_t h = (uint32_t)bench_hide(17);

	if (bench_random(&state) != 6457827717110365317u)
		bench_wrong("the generator's first number is wrong");
	for (int i = 0; i < 100000; i++) {
		uint64_t v = bench_random(&state);
		unsigned __int128 wide = (unsigned __int128)v * (x | 1);

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		sum = rotl(sum ^ (uint64_t)(wide >> 64), 23) + (uint64_t)wide;
		h = (h ^ (uint32_t)v) * 0x01000193u;
		h = h << 15 | h >> 17;
	}
	return sum ^ h;
}

/* Numbers written as text and read again, words counted and looked up. */
#define NUMBERS 12000
static char *text;

static char *put_number(char *p, uint32_t v)
{
	char digits[10];
	int n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while (v /= 10);
	while (n)
		*p++ = digits[--n];
	return p;
}

static void strings_setup(void)
{
	text = bench_alloc(NUMBERS * 24);
}

static uint64_t strings(void)
{
	static const char *const words[] = { "copper", "pepper", "corn", "power" };
	uint64_t state = 5, put = 0, got = 0, counts[4] = { 0 };
	char *p = text;

	for (int i = 0; i < NUMBERS; i++) {
		uint64_t v = bench_random(&state);
		const char *w = words[v >> 62];

		put += (uint32_t)v;
		p = put_number(p, (uint32_t)v);
		*p++ = ' ';
		while (*w)
			*p++ = *w++;
		*p++ = i % 8 == 7 ? '\n' : ',';
	}
	*p = 0;
	for (p = text; *p; p++) {
		uint32_t v = 0;
		char *word;

		for (; *p >= '0' && *p <= '9'; p++)
			v = v * 10 + (uint32_t)(*p - '0');
		got += v;
		for (word = ++p; *p != ',' && *p != '\n';)
			p++;
		for (int w = 0; w < 4; w++)
			if (strlen(words[w]) == (size_t)(p - word) &&
			    !memcmp(words[w], word, (size_t)(p - word)))
				counts[w]++;
	}
	if (put != got || counts[0] + counts[1] + counts[2] + counts[3] != NUMBERS)
		bench_wrong("what was read is not what was written");
	return bench_sum(got, counts, sizeof(counts));
}

/* Bits counted, mirrored, gathered, found. */
static uint64_t mirrored(uint64_t v)
{
	v = (v >> 1 & 0x5555555555555555u) | (v & 0x5555555555555555u) << 1;
	v = (v >> 2 & 0x3333333333333333u) | (v & 0x3333333333333333u) << 2;
	v = (v >> 4 & 0x0f0f0f0f0f0f0f0fu) | (v & 0x0f0f0f0f0f0f0f0fu) << 4;
	return __builtin_bswap64(v);
}

static uint64_t gathered(uint64_t v, uint64_t mask)
{
	uint64_t out = 0;

	for (int n = 0; mask; mask &= mask - 1, n++)
		out |= (v >> __builtin_ctzll(mask) & 1) << n;
	return out;
}

static uint64_t bits(void)
{
	uint64_t state = 6, sum = 0;

	for (int i = 0; i < 12000; i++) {
		uint64_t v = bench_random(&state) | 1u, m = mirrored(v);

		if (mirrored(m) != v || __builtin_clzll(m) != 0 ||
		    __builtin_ctzll(m) != __builtin_clzll(v))
			bench_wrong("%016lx mirrored is %016lx", (unsigned long)v,
				    (unsigned long)m);
		sum += (uint64_t)__builtin_popcountll(v) << (i & 31);
		sum ^= gathered(v, m >> 24);
		sum = rotl(sum, (int)(v & 31) + 1) +
		      (uint32_t)__builtin_clz((uint32_t)(v >> 40) | 1);
	}
	return sum;
}

/* Divisions of 64 and 32 bits, signed and not, remainders, greatest common divisors. */
static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

static uint64_t divide(void)
{
	uint64_t state = 7, sum = 0;

	for (int i = 0; i < 15000; i++) {
		uint64_t n = bench_random(&state), d = (bench_random(&state) >> (i & 63)) | 1;
		int64_t sn = (int64_t)n >> 1, sd = (int64_t)(d >> 1) | 1;
		uint64_t q = n / d, r = n % d;
		int64_t sq = sn / sd, sr = sn % sd;

		if (q * d + r != n || r >= d || sq * sd + sr != sn)
			bench_wrong("%lu by %lu gives %lu", (unsigned long)n, (unsigned long)d,
				    (unsigned long)q);
		sum += q ^ r ^ (uint64_t)sq ^ (uint64_t)sr;
		sum += (uint32_t)n / ((uint32_t)d | 1) + gcd(n >> 32, d & 0xffffffff);
	}
	return sum;
}

const BenchKernel bench_integer[] = {
	{ "sieve", sieve, sieve_setup },
	{ "crc32", crc32, crc_setup },
	{ "sort", sort, sort_setup },
	{ "matrix-int", matrix, matrix_setup },
	{ "hash", hash, NULL },
	{ "strings", strings, strings_setup },
	{ "bits", bits, NULL },
	{ "divide", divide, NULL },
	{ NULL, NULL, NULL },
};
