/*
 * Scalar floating point.  Where a compiler for PowerPC would fuse a product and a sum, fma() is
 * written out and contraction is switched off, so that every result is that of IEEE 754 to the
 * bit, on any host.  No function of a libm is used but those that are exact.
 */
#include <math.h>
#include <string.h>
#include "bench.h"

static uint64_t bits_of(double v)
{
	uint64_t b;

	memcpy(&b, &v, 8);
	return b;
}

static double near(double got, double want, double most)
{
	if (!(fabs(got - want) <= most))
		bench_wrong("%.17g, not %.17g", got, want);
	return got;
}

/* The planets' motion (Computer Language Benchmarks Game): positions, velocities, masses. */
typedef struct {
	double x[3], v[3], mass;
} Body;
#define BODIES 5
#define DAYS 365.24
#define SUN (4 * 3.141592653589793 * 3.141592653589793)

static const Body bodies[BODIES] = {
	{ { 0, 0, 0 }, { 0, 0, 0 }, SUN },
	{ { 4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01 },
	  { 1.66007664274403694e-03 * DAYS, 7.69901118419740425e-03 * DAYS,
	    -6.90460016972063023e-05 * DAYS },
	  9.54791938424326609e-04 * SUN },
	{ { 8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01 },
	  { -2.76742510726411021e-03 * DAYS, 4.99852801234917238e-03 * DAYS,
	    2.30417297573763929e-05 * DAYS },
	  2.85885980666130812e-04 * SUN },
	{ { 1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01 },
	  { 2.96460137564761618e-03 * DAYS, 2.37847173959480950e-03 * DAYS,
	    -2.96589568540237556e-05 * DAYS },
	  4.36624404335156298e-05 * SUN },
	{ { 1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01 },
	  { 2.68067772490389322e-03 * DAYS, 1.62824170038242295e-03 * DAYS,
	    -9.51592254519715870e-05 * DAYS },
	  5.15138902046611451e-05 * SUN },
};

static double energy(const Body *b)
{
	double e = 0;

	for (int i = 0; i < BODIES; i++) {
		e += 0.5 * b[i].mass *
		     (b[i].v[0] * b[i].v[0] + b[i].v[1] * b[i].v[1] + b[i].v[2] * b[i].v[2]);
		for (int j = i + 1; j < BODIES; j++) {
			double d = 0;

			for (int k = 0; k < 3; k++)
				d = fma(b[i].x[k] - b[j].x[k], b[i].x[k] - b[j].x[k], d);
			e -= b[i].mass * b[j].mass / sqrt(d);
		}
	}
	return e;
}

static void advance(Body *b, double dt)
{
	for (int i = 0; i < BODIES; i++)
		for (int j = i + 1; j < BODIES; j++) {
			double dx = b[i].x[0] - b[j].x[0], dy = b[i].x[1] - b[j].x[1];
			double dz = b[i].x[2] - b[j].x[2];
			double d2 = fma(dz, dz, fma(dy, dy, dx * dx));
			double mag = dt / (d2 * sqrt(d2));
			double mi = b[i].mass * mag, mj = b[j].mass * mag;

			b[i].v[0] = fma(-dx, mj, b[i].v[0]);
			b[i].v[1] = fma(-dy, mj, b[i].v[1]);
			b[i].v[2] = fma(-dz, mj, b[i].v[2]);
			b[j].v[0] = fma(dx, mi, b[j].v[0]);
			b[j].v[1] = fma(dy, mi, b[j].v[1]);
			b[j].v[2] = fma(dz, mi, b[j].v[2]);
		}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			b[i].x[k] = fma(dt, b[i].v[k], b[i].x[k]);
}

static uint64_t nbody(void)
{
	Body b[BODIES];
	uint64_t sum = 0;

	memcpy(b, bodies, sizeof(b));
	for (int k = 0; k < 3; k++) {
		double p = 0;

		for (int i = 0; i < BODIES; i++)
			p += b[i].v[k] * b[i].mass;
		b[0].v[k] = -p / SUN;
	}
	near(energy(b), -0.169075164, 1e-9);
	for (int i = 0; i < 1000; i++)
		advance(b, 0.01);
	near(energy(b), -0.169087605, 1e-9);
	for (int i = 0; i < BODIES; i++)
		sum = bench_sum(sum, b[i].x, sizeof(b[i].x));
	return sum;
}

/* Products of matrices.  A row sum of each product is known another way, but for rounding. */
#define SIDE 64
#define MATRIX(NAME, TYPE, FMA, MOST)                                                              \
	static TYPE NAME##_a[SIDE][SIDE], NAME##_b[SIDE][SIDE], NAME##_c[SIDE][SIDE];              \
                                                                                                   \
	static void NAME##_setup(void)                                                             \
	{                                                                                          \
		uint64_t state = 21;                                                               \
                                                                                                   \
		for (int i = 0; i < SIDE; i++)                                                     \
			for (int j = 0; j < SIDE; j++) {                                           \
				NAME##_a[i][j] = (TYPE)(bench_random(&state) >> 40) / 16777216;    \
				NAME##_b[i][j] = (TYPE)(bench_random(&state) >> 40) / 16777216;    \
			}                                                                          \
	}                                                                                          \
                                                                                                   \
	static uint64_t NAME(void)                                                                 \
	{                                                                                          \
		for (int i = 0; i < SIDE; i++)                                                     \
			for (int j = 0; j < SIDE; j++) {                                           \
				TYPE sum = 0;                                                      \
                                                                                                   \
				for (int k = 0; k < SIDE; k++)                                     \
					sum = FMA(NAME##_a[i][k], NAME##_b[k][j], sum);            \
				NAME##_c[i][j] = sum;                                              \
			}                                                                          \
		for (int i = 0; i < SIDE; i += 9) {                                                \
			double got = 0, want = 0;                                                  \
                                                                                                   \
			for (int k = 0; k < SIDE; k++) {                                           \
				double row = 0;                                                    \
                                                                                                   \
				for (int j = 0; j < SIDE; j++)                                     \
					row += (double)NAME##_b[k][j];                             \
				got += (double)NAME##_c[i][k];                                     \
				want += (double)NAME##_a[i][k] * row;                              \
			}                                                                          \
			near(got, want, MOST);                                                     \
		}                                                                                  \
		return bench_sum(0, NAME##_c, sizeof(NAME##_c));                                   \
	}

MATRIX(matrix_double, double, fma, 1e-9)
MATRIX(matrix_float, float, fmaf, 1e-2)

/* Steps until a point has left the circle; far points, and some that never do. */
static uint64_t mandelbrot(void)
{
	uint64_t sum = 0, inside = 0;

	for (int py = 0; py < 64; py++)
		for (int px = 0; px < 64; px++) {
			double cr = px * (3.0 / 64) - 2.25, ci = py * (2.5 / 64) - 1.25;
			double zr = 0, zi = 0, r2 = 0, i2 = 0;
			int n = 0;

			for (; n < 100 && r2 + i2 <= 4; n++) {
				zi = fma(2 * zr, zi, ci);
				zr = r2 - i2 + cr;
				r2 = zr * zr;
				i2 = zi * zi;
			}
			inside += n == 100;
			sum = sum * 3 + (uint64_t)n;
		}
	/* The set's area is 1.5066; the picture's 7.5. */
	near((double)inside * 7.5 / 4096, 1.5066, 0.1);
	return sum;
}

/* The greatest singular value of the matrix 1 / ((i + j) (i + j + 1) / 2 + i + 1). */
#define SPECTRAL 64
static double spectral_at(int i, int j)
{
	return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void spectral_multiply(const double *v, double *out, int turned)
{
	for (int i = 0; i < SPECTRAL; i++) {
		double sum = 0;

		for (int j = 0; j < SPECTRAL; j++)
			sum = fma(turned ? spectral_at(j, i) : spectral_at(i, j), v[j], sum);
		out[i] = sum;
	}
}

static uint64_t spectral(void)
{
	double u[SPECTRAL], v[SPECTRAL], t[SPECTRAL], uv = 0, vv = 0;

	for (int i = 0; i < SPECTRAL; i++)
		u[i] = 1;
	for (int i = 0; i < 6; i++) {
		spectral_multiply(u, t, 0);
		spectral_multiply(t, v, 1);
		spectral_multiply(v, t, 0);
		spectral_multiply(t, u, 1);
	}
	for (int i = 0; i < SPECTRAL; i++) {
		uv = fma(u[i], v[i], uv);
		vv = fma(v[i], v[i], vv);
	}
	return bits_of(near(sqrt(uv / vv), 1.2742, 1e-3));
}

/* Fast Fourier transform, there and back; roots of unity by halving angles with square roots. */
#define FFT 2048
typedef struct {
	double re, im;
} Complex;
static Complex roots[FFT / 2], *wave;

static Complex times(Complex a, Complex b)
{
	return (Complex){ fma(a.re, b.re, -(a.im * b.im)), fma(a.re, b.im, a.im * b.re) };
}

static void fft_setup(void)
{
	Complex half = { -1, 0 };

	wave = bench_alloc(FFT * sizeof(*wave));
	roots[0] = (Complex){ 1, 0 };
	for (int step = FFT / 2; step; step /= 2) {
		/* `half` is the root that many steps on; those between come of products. */
		for (int i = step; i < FFT / 2; i += 2 * step)
			roots[i] = times(roots[i - step], half);
		half = half.re < 0 && half.im == 0 ? (Complex){ 0, 1 }
						   : (Complex){ sqrt((1 + half.re) / 2),
								half.im / sqrt(2 * (1 + half.re)) };
	}
}

static void fft_pass(int back)
{
	for (unsigned i = 1, j = 0; i < FFT; i++) {
		unsigned bit = FFT / 2;

		for (; j & bit; bit /= 2)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			Complex t = wave[i];

			wave[i] = wave[j];
			wave[j] = t;
		}
	}
	for (int size = 2; size <= FFT; size *= 2)
		for (int at = 0; at < FFT; at += size)
			for (int k = 0; k < size / 2; k++) {
				Complex w = roots[k * (FFT / size)], *a = &wave[at + k];
				Complex *b = a + size / 2, t;

				w.im = back ? w.im : -w.im;
				t = times(*b, w);
				*b = (Complex){ a->re - t.re, a->im - t.im };
				*a = (Complex){ a->re + t.re, a->im + t.im };
			}
}

static uint64_t fft(void)
{
	uint64_t sum;

	for (int i = 0; i < FFT; i++)
		wave[i] = (Complex){ (i * 37 & 255) - 128, i & 64 ? 1 : -1 };
	fft_pass(0);
	near(wave[0].re, -0.5 * FFT, 1e-6);
	sum = bench_sum(0, wave, FFT * sizeof(*wave));
	fft_pass(1);
	for (int i = 0; i < FFT; i++)
		if (!(fabs(wave[i].re / FFT - ((i * 37 & 255) - 128)) < 1e-9))
			bench_wrong("sample %d came back as %g", i, wave[i].re / FFT);
	return sum;
}

/* The exponential function: range reduction, a polynomial in Horner's form, a scale. */
static double power_of_e(double x)
{
	static const double c[] = {
		1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
		1.0 / 120,	1.0 / 24,      1.0 / 6,	     0.5,	  1,	      1
	};
	double n = floor(fma(x, 1.4426950408889634, 0.5)), p = c[0];
	double r = fma(n, -1.9082149292705877e-10, fma(n, -6.93147180369123816490e-01, x));
	uint64_t scale = (uint64_t)((int64_t)n + 1023) << 52;
	double s;

	for (int i = 1; i < 12; i++)
		p = fma(p, r, c[i]);
	memcpy(&s, &scale, 8);
	return p * s;
}

static uint64_t polynomial(void)
{
	uint64_t sum = 0;

	near(power_of_e(1), 2.718281828459045, 1e-14);
	for (int i = 0; i < 20000; i++) {
		double x = (i - 10000) * 0.00390625, y = power_of_e(x);

		if (!(fabs(y * power_of_e(-x) - 1) < 1e-13))
			bench_wrong("exp(%g) is %.17g", x, y);
		sum = (sum << 7 | sum >> 57) ^ bits_of(y);
	}
	return sum;
}

/* Heat in a plate, single precision: each point becomes a mean of its neighbours. */
#define PLATE 96
static float plate[2][PLATE][PLATE];

static uint64_t stencil(void)
{
	memset(plate, 0, sizeof(plate));
	for (int p = 0; p < 2; p++)
		for (int i = 0; i < PLATE; i++)
			plate[p][0][i] = 100;
	for (int step = 0; step < 40; step++)
		for (int i = 1; i < PLATE - 1; i++)
			for (int j = 1; j < PLATE - 1; j++) {
				float(*t)[PLATE] = plate[step & 1];

				plate[~step & 1][i][j] = 0.25f * ((t[i - 1][j] + t[i + 1][j]) +
								  (t[i][j - 1] + t[i][j + 1]));
			}
	for (int i = 1; i < PLATE - 1; i++)
		if (plate[0][i][40] > plate[0][i - 1][40] ||
		    plate[0][i][1] != plate[0][i][PLATE - 2])
			bench_wrong("row %d is hotter than the one above, or not even", i);
	return bench_sum(0, plate[0], sizeof(plate[0]));
}

/* Whole numbers to floating ones and back, roundings, single and double, comparisons. */
static uint64_t convert(void)
{
	uint64_t state = 22, sum = 0;

	for (int i = 0; i < 30000; i++) {
		int64_t v = (int64_t)bench_random(&state) >> (i & 31);
		double d = (double)v, h = (double)(int32_t)v / 16;
		float f = (float)d, g = (float)(uint32_t)v;
		int64_t whole = (int64_t)floor(h) + (int64_t)ceil(h) + (int64_t)trunc(h);

		if (floor(h) > h || (int32_t)(h * 16) != (int32_t)v)
			bench_wrong("%d over 16 is %g", (int32_t)v, h);
		sum += bits_of(d) ^ bits_of((double)f) ^ bits_of((double)g);
		sum += (uint64_t)whole + (uint64_t)(int64_t)(d / 2);
		sum ^= (uint64_t)(d > (double)f) << (i & 63);
	}
	return sum;
}

const BenchKernel bench_fp[] = {
	{ "nbody", nbody, NULL },
	{ "matrix-double", matrix_double, matrix_double_setup },
	{ "matrix-float", matrix_float, matrix_float_setup },
	{ "mandelbrot", mandelbrot, NULL },
	{ "spectral", spectral, NULL },
	{ "fft", fft, fft_setup },
	{ "polynomial", polynomial, NULL },
	{ "stencil", stencil, NULL },
	{ "convert", convert, NULL },
	{ NULL, NULL, NULL },
};
