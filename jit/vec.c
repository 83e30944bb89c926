/*
 * What the operations of vec.def compute, in plain C: Intel's manual, volume 2; for AES, FIPS 197.
 */
#include <math.h>
#include "jit/vec.h"

/* Element 0 is the least significant. */
typedef union V {
	u128 q;
	uint8_t u8[16];
	int8_t s8[16];
	uint16_t u16[8];
	int16_t s16[8];
	uint32_t u32[4];
	int32_t s32[4];
	uint64_t u64[2];
	int64_t s64[2];
	float f32[4];
	double f64[2];
} V;

#define AT(n, i) (HOST_BE ? (n)-1 - (i) : (i))
#define COUNT(v, LANE) ARRAY_LEN((v).LANE)
#define L(v, LANE, i) ((v).LANE[AT(COUNT(v, LANE), i)])

/* fn_NAME(): each element is EXPR of the elements x of a and y of b. */
#define EACH(NAME, LANE, EXPR)                                                                     \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		const V va = { a }, vb = { b };                                                    \
		V r;                                                                               \
                                                                                                   \
		(void)c, (void)imm;                                                                \
		for (unsigned i = 0; i < COUNT(r, LANE); i++) {                                    \
			const __typeof__(r.LANE[0]) x = va.LANE[i], y = vb.LANE[i];                \
                                                                                                   \
			(void)y;                                                                   \
			r.LANE[i] = (__typeof__(r.LANE[0]))(EXPR);                                 \
		}                                                                                  \
		return r.q;                                                                        \
	}
#define WHOLE(NAME, EXPR)                                                                          \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		(void)a, (void)b, (void)c, (void)imm;                                              \
		return (EXPR);                                                                     \
	}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}
static int64_t clamp_u8(int64_t v)
{
	return clamp(v, 0, UINT8_MAX);
}
static int64_t clamp_u16(int64_t v)
{
	return clamp(v, 0, UINT16_MAX);
}
static int64_t clamp_s8(int64_t v)
{
	return clamp(v, INT8_MIN, INT8_MAX);
}
static int64_t clamp_s16(int64_t v)
{
	return clamp(v, INT16_MIN, INT16_MAX);
}

/* ---- Bits ---- */

WHOLE(AND, a &b)
WHOLE(ANDNOT, ~a &b)
WHOLE(OR, a | b)
WHOLE(XOR, a ^ b)

static u128 fn_TERN(u128 a, u128 b, u128 c, unsigned table)
{
	u128 r = 0;

	for (unsigned n = 0; n < 8; n++)
		if (table >> n & 1)
			r |= (n & 4 ? c : ~c) & (n & 2 ? a : ~a) & (n & 1 ? b : ~b);
	return r;
}

/* ---- Sums, order ---- */

EACH(ADDB, u8, x + y)
EACH(ADDH, u16, x + y)
EACH(ADDW, u32, x + y)
EACH(ADDD, u64, x + y)
EACH(SUBB, u8, x - y)
EACH(SUBH, u16, x - y)
EACH(SUBW, u32, x - y)
EACH(SUBD, u64, x - y)
EACH(ADDUB, u8, clamp_u8(x + y))
EACH(ADDUH, u16, clamp_u16(x + y))
EACH(ADDSB, s8, clamp_s8(x + y))
EACH(ADDSH, s16, clamp_s16(x + y))
EACH(SUBUB, u8, clamp_u8(x - y))
EACH(SUBUH, u16, clamp_u16(x - y))
EACH(SUBSB, s8, clamp_s8(x - y))
EACH(SUBSH, s16, clamp_s16(x - y))
#define MINMAX(SUFFIX, LANE)                                                                       \
	EACH(MIN##SUFFIX, LANE, x < y ? x : y)                                                     \
	EACH(MAX##SUFFIX, LANE, x > y ? x : y)
MINMAX(UB, u8)
MINMAX(UH, u16)
MINMAX(UW, u32)
MINMAX(UD, u64)
MINMAX(SB, s8)
MINMAX(SH, s16)
MINMAX(SW, s32)
MINMAX(SD, s64)
#undef MINMAX
EACH(AVGUB, u8, (x + y + 1) >> 1)
EACH(AVGUH, u16, (x + y + 1) >> 1)
EACH(ABSB, s8, x < 0 ? -x : x)
EACH(ABSH, s16, x < 0 ? -x : x)
EACH(ABSW, s32, x < 0 ? -(uint32_t)x : (uint32_t)x)
EACH(EQB, u8, -(x == y))
EACH(EQH, u16, -(x == y))
EACH(EQW, u32, -(x == y))
EACH(EQD, s64, -(x == y))
EACH(GTSB, s8, -(x > y))
EACH(GTSH, s16, -(x > y))
EACH(GTSW, s32, -(x > y))
EACH(GTSD, s64, -(x > y))

/* ---- Products ---- */

EACH(MULLH, u16, (uint32_t)x *y)
EACH(MULLW, u32, x *y)
EACH(MULLD, u64, x *y)
EACH(MULHSH, s16, (x * y) >> 16)
EACH(MULHUH, u16, ((uint32_t)x * y) >> 16)
EACH(MULHRS, s16, (x * y + 0x4000) >> 15)
EACH(MULUW, u64, (x & UINT32_MAX) * (y & UINT32_MAX))
EACH(MULSW, s64, (int64_t)(int32_t)x *(int32_t)y)

static u128 fn_MADDH(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r;

	(void)c, (void)imm;
	for (unsigned i = 0; i < 4; i++)
		r.u32[i] = (uint32_t)(x.s16[2 * i] * y.s16[2 * i]) +
			   (uint32_t)(x.s16[2 * i + 1] * y.s16[2 * i + 1]);
	return r.q;
}

static u128 fn_MADDB(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r;

	(void)c, (void)imm;
	for (unsigned i = 0; i < 8; i++)
		r.s16[i] = (int16_t)clamp_s16(x.u8[2 * i] * y.s8[2 * i] +
					      x.u8[2 * i + 1] * y.s8[2 * i + 1]);
	return r.q;
}

static u128 fn_SADB(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r = { 0 };

	(void)c, (void)imm;
	for (unsigned i = 0; i < 16; i++)
		r.u64[i / 8] += (uint64_t)(x.u8[i] > y.u8[i] ? x.u8[i] - y.u8[i]
							     : y.u8[i] - x.u8[i]);
	return r.q;
}

static u128 fn_HADDW(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r;

	(void)c, (void)imm;
	for (unsigned i = 0; i < 2; i++) {
		L(r, u32, i) = L(x, u32, 2 * i) + L(x, u32, 2 * i + 1);
		L(r, u32, 2 + i) = L(y, u32, 2 * i) + L(y, u32, 2 * i + 1);
	}
	return r.q;
}

/* ---- Shifts ---- */

/* n: any number. */
#define SHIFTS(SIZE, U, S, BITS, N, NAME)                                                          \
	EACH(SLL##NAME##SIZE, U, N < BITS ? (uint64_t)x << N : 0)                                  \
	EACH(SRL##NAME##SIZE, U, N < BITS ? x >> N : 0)                                            \
	EACH(SRA##NAME##SIZE, S, x >> ((uint64_t)N < BITS ? N : BITS - 1))
SHIFTS(H, u16, s16, 16, imm, )
SHIFTS(W, u32, s32, 32, imm, )
SHIFTS(D, u64, s64, 64, imm, )
SHIFTS(H, u16, s16, 16, (uint16_t)y, V)
SHIFTS(W, u32, s32, 32, (uint32_t)y, V)
SHIFTS(D, u64, s64, 64, (uint64_t)y, V)
#undef SHIFTS
EACH(ROLW, u32, rotl32(x, imm))
EACH(ROLD, u64, rotl64(x, imm))
EACH(ROLVW, u32, rotl32(x, y & 31))
EACH(ROLVD, u64, rotl64(x, y & 63))
WHOLE(SLLQ, imm < 16 ? a << 8 * imm : 0)
WHOLE(SRLQ, imm < 16 ? a >> 8 * imm : 0)
EACH(SLLDC, u64, (uint64_t)b < 64 ? x << (uint64_t)b : 0)
EACH(SRLDC, u64, (uint64_t)b < 64 ? x >> (uint64_t)b : 0)

/* ---- Moves ---- */

static u128 fn_SHUFB(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r;

	(void)c, (void)imm;
	for (unsigned i = 0; i < 16; i++)
		r.u8[i] = y.u8[i] & 0x80 ? 0 : L(x, u8, y.u8[i] & 15);
	return r.q;
}

static u128 fn_SHUFW(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, r;

	(void)b, (void)c;
	for (unsigned i = 0; i < 4; i++)
		L(r, u32, i) = L(x, u32, imm >> 2 * i & 3);
	return r.q;
}

static u128 fn_SHUFPS(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r;

	(void)c;
	for (unsigned i = 0; i < 4; i++)
		L(r, u32, i) = i < 2 ? L(x, u32, imm >> 2 * i & 3) : L(y, u32, imm >> 2 * i & 3);
	return r.q;
}

WHOLE(SHUFPD, (u128)(uint64_t)(b >> (imm & 2 ? 64 : 0)) << 64 | (uint64_t)(a >> (imm & 1 ? 64 : 0)))
WHOLE(ALIGN, imm == 0	? b
	     : imm < 16 ? a << (128 - 8 * imm) | b >> 8 * imm
	     : imm < 32 ? a >> (8 * imm - 128)
			: 0)

static u128 fn_BLENDH(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, y = { b }, r;

	(void)c;
	for (unsigned i = 0; i < 8; i++)
		L(r, u16, i) = imm >> i & 1 ? L(y, u16, i) : L(x, u16, i);
	return r.q;
}

/* c holds bytes 0 to 15, b bytes 16 to 31; a says which. */
static u128 fn_PERM2(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, hi = { b }, lo = { c }, r;

	(void)imm;
	for (unsigned i = 0; i < 16; i++)
		r.u8[i] = x.u8[i] & 16 ? L(hi, u8, x.u8[i] & 15) : L(lo, u8, x.u8[i] & 15);
	return r.q;
}

#define UNPACK(SIZE, LANE, N)                                                                      \
	static u128 fn_UNPCKL##SIZE(u128 a, u128 b, u128 c, unsigned imm)                          \
	{                                                                                          \
		V x = { a }, y = { b }, r;                                                         \
                                                                                                   \
		(void)c, (void)imm;                                                                \
		for (unsigned i = 0; i < (N); i++) {                                               \
			L(r, LANE, 2 * i) = L(x, LANE, i);                                         \
			L(r, LANE, 2 * i + 1) = L(y, LANE, i);                                     \
		}                                                                                  \
		return r.q;                                                                        \
	}                                                                                          \
	WHOLE(UNPCKH##SIZE, fn_UNPCKL##SIZE(a >> 64, b >> 64, 0, 0))
UNPACK(B, u8, 8)
UNPACK(H, u16, 4)
UNPACK(W, u32, 2)
UNPACK(D, u64, 1)
#undef UNPACK

#define PACK(NAME, TO, FROM, N, FIT)                                                               \
	static u128 fn_PACK##NAME(u128 a, u128 b, u128 c, unsigned imm)                            \
	{                                                                                          \
		V x = { a }, y = { b }, r;                                                         \
                                                                                                   \
		(void)c, (void)imm;                                                                \
		for (unsigned i = 0; i < (N); i++) {                                               \
			L(r, TO, i) = (__typeof__(r.TO[0]))FIT(L(x, FROM, i));                     \
			L(r, TO, (N) + i) = (__typeof__(r.TO[0]))FIT(L(y, FROM, i));               \
		}                                                                                  \
		return r.q;                                                                        \
	}
PACK(SH, u8, s16, 8, clamp_s8)
PACK(UH, u8, s16, 8, clamp_u8)
PACK(SW, u16, s32, 4, clamp_s16)
PACK(UW, u16, s32, 4, clamp_u16)
#undef PACK

#define EXTEND(NAME, TO, FROM)                                                                     \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		V x = { a }, r;                                                                    \
                                                                                                   \
		(void)b, (void)c, (void)imm;                                                       \
		for (unsigned i = 0; i < COUNT(r, TO); i++)                                        \
			L(r, TO, i) = L(x, FROM, i);                                               \
		return r.q;                                                                        \
	}
EXTEND(SXB, s16, s8)
EXTEND(SXH, s32, s16)
EXTEND(SXW, s64, s32)
EXTEND(ZXB, u16, u8)
EXTEND(ZXH, u32, u16)
EXTEND(ZXW, u64, u32)
#undef EXTEND

#define SELECT(NAME, LANE)                                                                         \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		V x = { a }, y = { b }, z = { c }, r;                                              \
                                                                                                   \
		(void)imm;                                                                         \
		for (unsigned i = 0; i < COUNT(r, LANE); i++)                                      \
			r.LANE[i] = z.LANE[i] < 0 ? y.LANE[i] : x.LANE[i];                         \
		return r.q;                                                                        \
	}
SELECT(SELB, s8)
SELECT(SELW, s32)
SELECT(SELD, s64)
#undef SELECT

/* ---- Counts ---- */

EACH(POPB, u8, __builtin_popcount(x))
EACH(POPH, u16, __builtin_popcount(x))
EACH(POPW, u32, __builtin_popcount(x))
EACH(POPD, u64, __builtin_popcountll(x))
EACH(LZW, u32, clz32(x))
EACH(LZD, u64, clz64(x))

/* ---- Ciphers, polynomials ---- */

/* Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2). */
static uint8_t gf_mul(uint8_t a, uint8_t b)
{
	uint8_t r = 0;

	for (; b; b >>= 1) {
		if (b & 1)
			r ^= a;
		a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
	}
	return r;
}

/* x^254: the inverse, and 0 of 0. */
static uint8_t gf_inverse(uint8_t x)
{
	uint8_t r = 1, p = x;

	for (unsigned n = 254; n; n >>= 1) {
		if (n & 1)
			r = gf_mul(r, p);
		p = gf_mul(p, p);
	}
	return r;
}

static uint8_t rotl8(uint8_t v, unsigned n)
{
	return (uint8_t)(v << n | v >> (8 - n));
}

/* SubBytes of a byte (5.1.1). */
static uint8_t sub_byte(uint8_t x)
{
	uint8_t y = gf_inverse(x);

	return y ^ rotl8(y, 1) ^ rotl8(y, 2) ^ rotl8(y, 3) ^ rotl8(y, 4) ^ 0x63;
}

static uint8_t inv_sub_byte(uint8_t y)
{
	return gf_inverse((uint8_t)(rotl8(y, 1) ^ rotl8(y, 3) ^ rotl8(y, 6) ^ 0x05));
}

/* Byte 4 c + r is row r of column c; rows are rotated by `by` columns to the left each. */
static u128 aes_shift_sub(u128 v, bool inverse)
{
	V x = { v }, r;

	for (unsigned i = 0; i < 16; i++) {
		unsigned row = i & 3, from = inverse ? i - 4 * row : i + 4 * row;
		uint8_t b = L(x, u8, from & 15);

		L(r, u8, i) = inverse ? inv_sub_byte(b) : sub_byte(b);
	}
	return r.q;
}

/* Columns times the matrix whose first row is m. */
static u128 aes_mix(u128 v, const uint8_t m[4])
{
	V x = { v }, r = { 0 };

	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < 4; k++)
			L(r, u8, i) ^= gf_mul(L(x, u8, (i & ~3u) + k), m[(k - i) & 3]);
	return r.q;
}

static const uint8_t mix[4] = { 2, 3, 1, 1 }, inv_mix[4] = { 14, 11, 13, 9 };

WHOLE(AESENC, aes_mix(aes_shift_sub(a, false), mix) ^ b)
WHOLE(AESENCL, aes_shift_sub(a, false) ^ b)
WHOLE(AESDECL, aes_shift_sub(a, true) ^ b)
WHOLE(AESIMC, aes_mix(a, inv_mix))

static u128 fn_CLMUL(u128 a, u128 b, u128 c, unsigned imm)
{
	uint64_t x = (uint64_t)(imm & 1 ? a >> 64 : a), y = (uint64_t)(imm & 16 ? b >> 64 : b);
	u128 r = 0;

	(void)c;
	for (unsigned i = 0; i < 64; i++)
		if (y >> i & 1)
			r ^= (u128)x << i;
	return r;
}

/* Bit i of a byte: parity of the byte and row 7 - i of the matrix in b; then i is xored. */
static u128 fn_AFFINE(u128 a, u128 b, u128 c, unsigned imm)
{
	V x = { a }, m = { b }, r;

	(void)c;
	for (unsigned n = 0; n < 16; n++) {
		unsigned v = 0;

		for (unsigned i = 0; i < 8; i++)
			v |= (unsigned)__builtin_parity(L(x, u8, n) & L(m, u8, (n & 8) + 7 - i))
			     << i;
		L(r, u8, n) = (uint8_t)(v ^ imm);
	}
	return r.q;
}

/* ---- Floating point, as the host rounds ---- */

static bool compare(double x, double y, unsigned imm)
{
	switch (imm & 3) {
	case 0: return x == y;
	case 1: return x < y;
	case 2: return x <= y;
	default: return x != x || y != y;
	}
}

#define COMPARE(NAME, F, S)                                                                        \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		V x = { a }, y = { b }, r;                                                         \
                                                                                                   \
		(void)c;                                                                           \
		for (unsigned i = 0; i < COUNT(r, S); i++)                                         \
			r.S[i] = -compare(x.F[i], y.F[i], imm);                                    \
		return r.q;                                                                        \
	}
COMPARE(CMPPS, f32, s32)
COMPARE(CMPPD, f64, s64)

#define FLOAT(NAME, LANE, EXPR)                                                                    \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		V va = { a }, vb = { b }, vc = { c }, r;                                           \
                                                                                                   \
		(void)vc, (void)imm;                                                               \
		for (unsigned i = 0; i < COUNT(r, LANE); i++) {                                    \
			volatile __typeof__(r.LANE[0]) x = va.LANE[i], y = vb.LANE[i],             \
						       z = vc.LANE[i];                             \
                                                                                                   \
			(void)y, (void)z;                                                          \
			r.LANE[i] = (EXPR);                                                        \
		}                                                                                  \
		return r.q;                                                                        \
	}
FLOAT(ADDPS, f32, x + y)
FLOAT(ADDPD, f64, x + y)
FLOAT(SUBPS, f32, x - y)
FLOAT(SUBPD, f64, x - y)
FLOAT(MULPS, f32, x *y)
FLOAT(MULPD, f64, x *y)
FLOAT(DIVPS, f32, x / y)
FLOAT(DIVPD, f64, x / y)
FLOAT(SQRTPS, f32, sqrtf(x))
FLOAT(SQRTPD, f64, sqrt(x))
FLOAT(MADDPS, f32, fmaf(x, y, z))
FLOAT(MADDPD, f64, fma(x, y, z))
FLOAT(MSUBPS, f32, fmaf(x, y, -z))
FLOAT(MSUBPD, f64, fma(x, y, -z))

#define CONVERT(NAME, TO, FROM, N, EXPR)                                                           \
	static u128 fn_##NAME(u128 a, u128 b, u128 c, unsigned imm)                                \
	{                                                                                          \
		V va = { a }, r = { 0 };                                                           \
                                                                                                   \
		(void)b, (void)c, (void)imm;                                                       \
		for (unsigned i = 0; i < (N); i++) {                                               \
			volatile __typeof__(r.FROM[0]) x = L(va, FROM, i);                         \
                                                                                                   \
			L(r, TO, i) = (EXPR);                                                      \
		}                                                                                  \
		return r.q;                                                                        \
	}

/* Towards 0; an inexact one leaves its mark. */
static int32_t to_word(double x)
{
	volatile double inexact = 1.0 / 4;

	if (!(x > -0x1p31 - 1 && x < 0x1p31))
		return INT32_MIN;
	if (trunc(x) != x)
		inexact = inexact / 3;
	return (int32_t)x;
}

/* As imm says: without a mark, since all have bit 3. */
static double rounded(double x, unsigned imm)
{
	double r;

	switch (imm & 3) {
	case 1: return floor(x);
	case 2: return ceil(x);
	case 3: return trunc(x);
	default: break;
	}
	r = floor(x);
	if (x - r > 0.5 || (x - r == 0.5 && fmod(r, 2) != 0))
		r += 1;
	return copysign(r, x);
}

CONVERT(CVTWS, f32, s32, 4, (float)x)
CONVERT(CVTSW, s32, f32, 4, to_word((double)x))
CONVERT(CVTWD, f64, s32, 2, (double)x)
CONVERT(CVTDW, s32, f64, 2, to_word(x))
CONVERT(CVTSD, f64, f32, 2, (double)x)
CONVERT(CVTDS, f32, f64, 2, (float)x)
CONVERT(CVTQD, f64, s64, 2, (double)x)
CONVERT(ROUNDPS, f32, f32, 4, (float)rounded((double)x, imm))
CONVERT(ROUNDPD, f64, f64, 2, rounded(x, imm))

/* ---- Which results say all ---- */

static u128 both(uint64_t v)
{
	return (u128)v << 64 | v;
}

bool vec_plain_of(uint32_t imm, VecPlain *p)
{
	bool d = imm & VEC_PLAIN_DOUBLE;
	u128 exp = both(d ? UINT64_C(0x7ff) << 52 : UINT64_C(0x7f8000007f800000));

	switch (imm & VEC_PLAIN_KIND) {
	/* Exponents of doubles are in their upper words; the lower ones are 0, as their limits. */
	case VEC_PLAIN_FINITE:
		*p = (VecPlain){ VEC_GTSW, exp, 0,
				 both(d ? UINT64_C(0x7fd) << 52 : UINT64_C(0x7e8000007e800000)) };
		return true;
	case VEC_PLAIN_NORMAL:
		/* Exponents from 2 on become the smallest signed numbers; 0 and 1 come above the others. */
		*p = (VecPlain){
			VEC_GTSW, exp,
			both(d ? BIT64(0) - (UINT64_C(2) << 52) : UINT64_C(0x7f0000007f000000)),
			both(d ? BIT64(0) + (UINT64_C(0x7fb) << 52) : UINT64_C(0xfd800000fd800000))
		};
		return true;
	case VEC_PLAIN_FITS:
		*p = (VecPlain){ VEC_EQW, ~(u128)0, 0, both(UINT64_C(0x8000000080000000)) };
		return true;
	default: return false;
	}
}

bool vec_plain(uint32_t imm, u128 r, u128 a, u128 b)
{
	bool d = imm & VEC_PLAIN_DOUBLE;
	VecFn *compare_fn = d ? fn_CMPPD : fn_CMPPS;
	VecPlain p;
	u128 bad;

	switch (imm & VEC_PLAIN_KIND) {
	case VEC_PLAIN_ANY: return true;
	case VEC_PLAIN_NUMBER: return !compare_fn(r, r, 0, 3);
	case VEC_PLAIN_ORDERED: return !compare_fn(a, b, 0, 3);
	case VEC_PLAIN_FLUSHED:
		return !compare_fn(r, r, 0, 3) && !fn_EQW(r & VEC_MAGNITUDES, VEC_SMALLEST, 0, 0);
	default: break;
	}
	vec_plain_of(imm, &p);
	bad = fn_ADDW(r & p.mask, p.bias, 0, 0);
	bad = vec_ops[p.op].fn(bad, p.limit, 0, 0);
	if (vec_is_product(imm)) {
		bad &= ~compare_fn(r | a, 0, 0, 0);
		bad &= ~compare_fn(r | b, 0, 0, 0);
	}
	return !bad;
}

enum {
	OPERANDS_RR = 2,
	OPERANDS_RRI = 2,
	OPERANDS_R = 1,
	OPERANDS_RI = 1,
	OPERANDS_GI = 1,
	OPERANDS_SEL = 3,
	OPERANDS_ACC = 3,
	OPERANDS_ACCI = 3,
};

const VecInfo vec_ops[VEC_OPS] = {
#define VEC(NAME, FORM, NEEDS, PREFIX, MAP, OPCODE, EXTRA)                                         \
	[VEC_##NAME] = { .name = #NAME,                                                            \
			 .fn = fn_##NAME,                                                          \
			 .form = VEC_FORM_##FORM,                                                  \
			 .operands = OPERANDS_##FORM,                                              \
			 .prefix = 0x##PREFIX,                                                     \
			 .map = MAP,                                                               \
			 .opcode = OPCODE,                                                         \
			 .extra = EXTRA,                                                           \
			 .needs = VEC_HOST_##NEEDS },
#include "jit/vec.def"
#undef VEC
};
