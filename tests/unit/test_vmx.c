/*
 * The Vector Facility: element order, saturation, loads and stores in both byte
 * orders, AES and SHA-2 against their standards, decimal arithmetic, estimates
 * within the book's bounds.  Each row against an independent implementation
 * over random operands: tests/isa/test_peer.c.
 */
#include <check.h>
#include <float.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include "target-ppc/ex_vmx.h"
#include "target-ppc/isa.h"

static PpcCpu *cpu;

static void setup(void)
{
	cpu = aligned_alloc(64, (sizeof(*cpu) + 63) & ~(size_t)63);
	memset(cpu, 0, sizeof(*cpu));
	cpu->ea_mask = UINT64_MAX;
	cpu->msr = MSR_SF | MSR_VEC;
}

static void teardown(void)
{
	free(cpu);
}

static u128 q(uint64_t hi, uint64_t lo)
{
	return (u128)hi << 64 | lo;
}
static void set(unsigned vr, uint64_t hi, uint64_t lo)
{
	cpu->vsr[32 + vr].q = q(hi, lo);
}

#define ck_vr(n, hi, lo)                                                                           \
	do {                                                                                       \
		ck_assert_uint_eq((uint64_t)(cpu->vsr[32 + (n)].q >> 64), hi);                     \
		ck_assert_uint_eq((uint64_t)cpu->vsr[32 + (n)].q, lo);                             \
	} while (0)

/* Finds, decodes and runs one word, as the run loop would. */
static void step(uint32_t word)
{
	const PpcInsn *insn = ppc_isa_find(word, UINT64_MAX);
	PpcOp op = { 0 };

	ck_assert_ptr_nonnull(insn);
	ck_assert(ppc_isa_decode(insn, word, &op));
	ck_assert_uint_eq(insn->facility, PPC_FAC_VEC);
	ppc_isa_exec(insn, word)(cpu, &op);
}

/* Instruction words; registers are VRT, VRA, VRB, VRC. */
static uint32_t vx(unsigned xo, unsigned t, unsigned a, unsigned b)
{
	return UINT32_C(4) << 26 | t << 21 | a << 16 | b << 11 | xo;
}

static uint32_t va(unsigned xo, unsigned t, unsigned a, unsigned b, unsigned c)
{
	return vx(xo, t, a, b) | c << 6;
}

static uint32_t x31(unsigned xo, unsigned t, unsigned a, unsigned b)
{
	return UINT32_C(31) << 26 | t << 21 | a << 16 | b << 11 | xo << 1;
}

enum {
	VADDUBS = 512,
	VADDUBM = 0,
	VMRGHB = 12,
	VPERM = 43,
	VPERMR = 59,
	VSLDOI = 44,
	VCMPEQUB = 6,
	VCMPBFP = 966,
	VSUBCUQ = 1344,
	VADDUQM = 256,
	VRLDMI = 197,
	VSBOX = 1480,
	VCIPHER = 1288,
	VCIPHERLAST = 1289,
	VNCIPHER = 1352,
	VNCIPHERLAST = 1353,
	VSHASIGMAW = 1666,
	VPMSUMD = 1224,
	VREFP = 266,
	VRSQRTEFP = 330,
	VEXPTEFP = 394,
	VLOGEFP = 458,
	VADDFP = 10,
	VCTSXS = 970,
	MFVSCR = 1540,
	MTVSCR = 1604,
	BCDADD = 1025,
	BCDSUB = 1089,
	BCDS = 1217,
	BCDSR = 1473,
	BCDTRUNC = 1281,
	BCD_CONVERT = 1409,
	VMUL10ECUQ = 65,
	VMUL10EUQ = 577,
	RC = 1024,
	PS = 512,
};

START_TEST(elements_count_from_the_left)
{
	set(1, 0x0001020304050607, 0x08090a0b0c0d0e0f);
	set(2, 0x1011121314151617, 0x18191a1b1c1d1e1f);
	step(vx(VMRGHB, 3, 1, 2));
	ck_vr(3, 0x0010011102120313, 0x0414051506160717);
	step(va(VSLDOI, 3, 1, 2, 5));
	ck_vr(3, 0x05060708090a0b0c, 0x0d0e0f1011121314);
	step(va(VSLDOI, 3, 1, 2, 0));
	ck_vr(3, 0x0001020304050607, 0x08090a0b0c0d0e0f);
	set(4, 0x001f100f20e03fff, 0x0102030405060708);
	step(va(VPERM, 3, 1, 2, 4));
	ck_vr(3, 0x001f100f00001f1f, 0x0102030405060708);
	step(va(VPERMR, 3, 1, 2, 4));
	ck_vr(3, 0x1f000f101f1f0000, 0x1e1d1c1b1a191817);
}
END_TEST

/* The target may be a source: nothing is stored before all is read. */
START_TEST(target_may_be_a_source)
{
	set(1, 0x0001020304050607, 0x08090a0b0c0d0e0f);
	step(vx(VMRGHB, 1, 1, 1));
	ck_vr(1, 0x0000010102020303, 0x0404050506060707);
	set(1, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
	step(va(VPERM, 1, 1, 1, 1));
	ck_vr(1, 0x0001020304050607, 0x08090a0b0c0d0e0f);
}
END_TEST

START_TEST(saturation_is_sticky)
{
	set(1, 0xff01000000000000, 0);
	set(2, 0x0101000000000000, 0);
	step(vx(VADDUBM, 3, 1, 2));
	ck_vr(3, 0x0002000000000000, 0);
	ck_assert_uint_eq(cpu->vscr, 0);
	step(vx(VADDUBS, 3, 1, 2));
	ck_vr(3, 0xff02000000000000, 0);
	step(vx(VADDUBS, 3, 2, 2));
	step(vx(MFVSCR, 4, 0, 0));
	ck_vr(4, 0, 1);
	/* Reserved bits of VSCR stay 0. */
	set(4, UINT64_MAX, 0xfffffffffffffffe);
	step(vx(MTVSCR, 0, 0, 4));
	step(vx(MFVSCR, 4, 0, 0));
	ck_vr(4, 0, 0x10000);
}
END_TEST

START_TEST(compares_set_cr6)
{
	static const struct {
		uint64_t b;
		unsigned cr6;
	} cases[] = { { 0x4141414141414141, 8 }, { 0x4241414141414141, 0 }, { 0, 2 } };

	set(1, 0x4141414141414141, 0x4141414141414141);
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		set(2, cases[i].b, cases[i].b);
		cpu->cr[6] = 15;
		step(vx(VCMPEQUB, 3, 1, 2));
		ck_assert_uint_eq(cpu->cr[6], 15);
		step(vx(VCMPEQUB | RC, 3, 1, 2));
		ck_assert_uint_eq(cpu->cr[6], cases[i].cr6);
	}
}
END_TEST

/* vcmpbfp. has its own CR6: bit 2 for "all within bounds", never "all true". */
START_TEST(bounds_compare_sets_cr6)
{
	set(1, 0x3f800000bf800000, 0x0000000080000000); /* 1 -1 0 -0 */
	set(2, 0x3f8000003f800000, 0x0000000000000000);
	step(vx(VCMPBFP | RC, 3, 1, 2));
	ck_vr(3, 0, 0);
	ck_assert_uint_eq(cpu->cr[6], 2);
	set(1, 0x40000000c0000000, 0x7fc0000000000000); /* 2 -2 NaN 0 */
	set(2, 0x3f8000003f800000, 0x3f800000bf800000);
	step(vx(VCMPBFP | RC, 3, 1, 2));
	ck_vr(3, 0x8000000040000000, 0xc0000000c0000000);
	ck_assert_uint_eq(cpu->cr[6], 0);
}
END_TEST

START_TEST(quadword_carries)
{
	set(1, 1, 0);
	set(2, 0, 1);
	step(vx(VADDUQM, 3, 1, 2));
	ck_vr(3, 1, 1);
	/* Carry of a subtraction: 1 when nothing is borrowed. */
	step(vx(VSUBCUQ, 3, 1, 2));
	ck_vr(3, 0, 1);
	step(vx(VSUBCUQ, 3, 2, 1));
	ck_vr(3, 0, 0);
	set(1, UINT64_MAX, UINT64_MAX);
	set(2, 0, 0xf9);
	step(vx(VMUL10EUQ, 3, 1, 2));
	ck_vr(3, UINT64_MAX, UINT64_MAX);
	step(vx(VMUL10ECUQ, 3, 1, 2));
	ck_vr(3, 0, 9);
}
END_TEST

/* A mask insert keeps what is outside of the mask (qemu 7.2 does not). */
START_TEST(vrldmi_inserts)
{
	set(1, 0x00000000000000ff, 0x1234567812345678);
	set(2, 8 << 16 | 15 << 8 | 48, 63 << 16 | 0 << 8 | 0);
	set(3, 0xaaaaaaaaaaaaaaaa, 0xffffffffffffffff);
	step(vx(VRLDMI, 3, 1, 2));
	ck_vr(3, 0xaaffaaaaaaaaaaaa, 0x7ffffffffffffffe);
}
END_TEST

/* ---- Storage ---- */

static uint8_t page[4096] __attribute__((aligned(4096)));

static PpcTlbCtx *map_page(uint64_t ea)
{
	PpcTlbCtx *ctx = g_malloc(sizeof(*ctx));
	PpcTlbEntry *e = &ctx->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];

	memset(ctx, 0xff, sizeof(*ctx));
	e->rd = e->wr = ea;
	e->addend = (uint64_t)(uintptr_t)page - ea;
	cpu->dctx[0] = cpu->dctx[1] = ctx;
	for (unsigned i = 0; i < sizeof(page); i++)
		page[i] = i;
	return ctx;
}

enum {
	LVX = 103,
	STVX = 231,
	LVEBX = 7,
	LVEHX = 39,
	LVEWX = 71,
	STVEWX = 199,
	LVSL = 6,
	LVSR = 38
};

START_TEST(loads_and_stores)
{
	PpcTlbCtx *ctx = map_page(0x5000);

	cpu->gpr[3] = 0x5000;
	cpu->gpr[4] = 0x2b;
	for (int le = 0; le < 2; le++) {
		cpu->le = le;
		step(x31(LVX, 1, 3, 4)); /* the low four address bits are ignored */
		if (le)
			ck_vr(1, 0x2f2e2d2c2b2a2928, 0x2726252423222120);
		else
			ck_vr(1, 0x2021222324252627, 0x28292a2b2c2d2e2f);
		cpu->gpr[5] = 0x107;
		step(x31(STVX, 1, 3, 5));
		ck_assert_mem_eq(page + 0x100, page + 0x20, 16);

		set(1, 0, 0);
		step(x31(LVEBX, 1, 3, 4));
		step(x31(LVSL, 2, 3, 4));
		ck_vr(2, 0x0b0c0d0e0f101112, 0x131415161718191a);
		step(x31(LVSR, 2, 3, 4));
		ck_vr(2, 0x05060708090a0b0c, 0x0d0e0f1011121314);
		/* Element at address bits 60:63, from the left or from the right. */
		if (le)
			ck_vr(1, 0x2b000000, 0);
		else
			ck_vr(1, 0, 0x0000002b00000000);
		set(1, 0, 0);
		step(x31(LVEHX, 1, 3, 4));
		if (le)
			ck_vr(1, 0x2b2a0000, 0);
		else
			ck_vr(1, 0, 0x00002a2b00000000);
		set(1, 0, 0);
		step(x31(LVEWX, 1, 3, 4));
		if (le)
			ck_vr(1, 0x2b2a2928, 0);
		else
			ck_vr(1, 0, 0x28292a2b00000000);
		cpu->gpr[5] = 0x20a;
		step(x31(STVEWX, 1, 3, 4));
		ck_assert_mem_eq(page + 0x28, "\x28\x29\x2a\x2b\x2c", 5);
		step(x31(STVX, 1, 3, 5));
		ck_assert_mem_eq(page + 0x200, "\0\0\0\0\0\0\0\0\x28\x29\x2a\x2b\0\0\0\0", 16);
	}
	g_free(ctx);
}
END_TEST

/* ---- AES, SHA-2, polynomials ---- */

static unsigned gf_mul(unsigned a, unsigned b)
{
	unsigned r = 0;

	for (; b; b >>= 1, a = a << 1 ^ (a & 0x80 ? 0x11b : 0))
		if (b & 1)
			r ^= a;
	return r;
}

/* SubBytes as FIPS 197 5.1.1 defines it: the inverse, then an affine map. */
static unsigned sub_byte(unsigned v)
{
	unsigned inv = 0, r = 0;

	for (unsigned i = 1; v && i < 256; i++)
		if (gf_mul(v, i) == 1)
			inv = i;
	for (unsigned i = 0; i < 8; i++)
		r |= (inv >> i ^ inv >> (i + 4) % 8 ^ inv >> (i + 5) % 8 ^ inv >> (i + 6) % 8 ^
		      inv >> (i + 7) % 8 ^ 0x63 >> i)
			     << i &
		     1u << i;
	return r;
}

START_TEST(substitution_box)
{
	for (unsigned i = 0; i < 256; i += 16) {
		for (unsigned j = 0; j < 16; j++)
			VSR_B(cpu->vsr[33], j) = i + j;
		step(vx(VSBOX, 2, 1, 0));
		for (unsigned j = 0; j < 16; j++)
			ck_assert_uint_eq(VSR_B(cpu->vsr[34], j), sub_byte(i + j));
		/* The inverse cipher's last round undoes it, and the cipher's its rows. */
		set(3, 0, 0);
		step(vx(VCIPHERLAST, 2, 1, 3));
		step(vx(VNCIPHERLAST, 2, 2, 3));
		ck_assert(cpu->vsr[34].q == cpu->vsr[33].q);
	}
}
END_TEST

/* FIPS 197 appendix B: round keys 0 to 10, input and output. */
START_TEST(aes_of_fips_197)
{
	static const uint64_t key[11][2] = {
		{ 0x2b7e151628aed2a6, 0xabf7158809cf4f3c },
		{ 0xa0fafe1788542cb1, 0x23a339392a6c7605 },
		{ 0xf2c295f27a96b943, 0x5935807a7359f67f },
		{ 0x3d80477d4716fe3e, 0x1e237e446d7a883b },
		{ 0xef44a541a8525b7f, 0xb671253bdb0bad00 },
		{ 0xd4d1c6f87c839d87, 0xcaf2b8bc11f915bc },
		{ 0x6d88a37a110b3efd, 0xdbf98641ca0093fd },
		{ 0x4e54f70e5f5fc9f3, 0x84a64fb24ea6dc4f },
		{ 0xead27321b58dbad2, 0x312bf5607f8d292f },
		{ 0xac7766f319fadc21, 0x28d12941575c006e },
		{ 0xd014f9a8c9ee2589, 0xe13f0cc8b6630ca6 },
	};

	set(1, 0x3243f6a8885a308d ^ key[0][0], 0x313198a2e0370734 ^ key[0][1]);
	for (unsigned i = 1; i < 11; i++) {
		set(2, key[i][0], key[i][1]);
		step(vx(i < 10 ? VCIPHER : VCIPHERLAST, 1, 1, 2));
	}
	ck_vr(1, 0x3925841d02dc09fb, 0xdc118597196a0b32);
	/* And back (FIPS 197 5.3). */
	set(1, 0x3925841d02dc09fb ^ key[10][0], 0xdc118597196a0b32 ^ key[10][1]);
	for (int i = 9; i >= 0; i--) {
		set(2, key[i][0], key[i][1]);
		step(vx(i > 0 ? VNCIPHER : VNCIPHERLAST, 1, 1, 2));
	}
	ck_vr(1, 0x3243f6a8885a308d, 0x313198a2e0370734);
}
END_TEST

START_TEST(sha256_sigmas)
{
	set(1, 0x0000000180000000, 0x0000000180000000);
	step(vx(VSHASIGMAW, 2, 1, 0 << 4 | 3)); /* ST 0: words 2, 3 take sigma 1 */
	ck_vr(2, 0x0200400011002000, 0x0000a00000205000);
	step(vx(VSHASIGMAW, 2, 1, 1 << 4 | 3));
	ck_vr(2, 0x4008040020040200, 0x0420008002100040);
}
END_TEST

START_TEST(polynomial_multiply)
{
	const uint64_t a[2] = { 0x9236482389475aef, 0xffffffffffffffff };
	const uint64_t b[2] = { 0x8000000000000001, 0xfedcba9876543210 };
	u128 sum = 0;

	for (unsigned j = 0; j < 2; j++)
		for (unsigned i = 0; i < 64; i++)
			if (b[j] >> i & 1)
				sum ^= (u128)a[j] << i;
	set(1, a[0], a[1]);
	set(2, b[0], b[1]);
	step(vx(VPMSUMD, 3, 1, 2));
	ck_vr(3, (uint64_t)(sum >> 64), (uint64_t)sum);
}
END_TEST

/* ---- Floating point ---- */

START_TEST(denormals_by_nj)
{
	set(1, 0x0000000180000001, 0x0080000000800000);
	set(2, 0x0000000000000000, 0x8080000180400000);
	step(vx(VADDFP, 3, 1, 2));
	ck_vr(3, 0x0000000180000001, 0x8000000100400000);
	cpu->vscr = VSCR_NJ;
	step(vx(VADDFP, 3, 1, 2));
	/* -0 + 0 is 0; the tiny difference keeps its sign; the denormal VRB counts as -0. */
	ck_vr(3, 0x0000000000000000, 0x8000000000800000);
}
END_TEST

START_TEST(convert_saturates)
{
	set(1, 0x4f000000cf000000, 0x7fc00000bfc00000); /* 2^31 -2^31 NaN -1.5 */
	step(vx(VCTSXS, 2, 0, 1));
	ck_vr(2, 0x7fffffff80000000, 0x00000000ffffffff);
	ck_assert_uint_eq(cpu->vscr, VSCR_SAT);
	cpu->vscr = 0;
	set(1, 0xcf00000000000000, 0x7fc000003f800000);
	step(vx(VCTSXS, 2, 0, 1));
	ck_vr(2, 0x8000000000000000, 0x0000000000000001);
	ck_assert_uint_eq(cpu->vscr, 0);
	step(vx(VCTSXS, 2, 1, 1)); /* scaled by 2 */
	ck_vr(2, 0x8000000000000000, 0x0000000000000002);
	ck_assert_uint_eq(cpu->vscr, VSCR_SAT);
}
END_TEST

static float as_float(uint32_t v)
{
	float f;

	memcpy(&f, &v, sizeof(f));
	return f;
}

static float estimate(unsigned xo, uint32_t v)
{
	set(1, (uint64_t)v << 32, 0);
	step(vx(xo, 2, 0, 1));
	return as_float(VSR_W(cpu->vsr[34], 0));
}

START_TEST(estimates_keep_their_bounds)
{
	uint32_t v = 1;

	for (unsigned i = 0; i < 20000; i++) {
		v = v * 1664525 + 1013904223;
		const uint32_t bits = (v & 0x7fffffff) % 0x7f000000 + 0x00800000;
		const double x = as_float(bits),
			     t = as_float(0x40000000 + (v >> 6)) * (v & 1 ? 1 : -1);

		if (1 / x < FLT_MAX)
			ck_assert_double_le(fabs(estimate(VREFP, bits) * x - 1), 1 / 4096.0);
		ck_assert_double_le(fabs(estimate(VRSQRTEFP, bits) * sqrt(x) - 1), 1 / 4096.0);
		ck_assert_double_le(fabs(estimate(VLOGEFP, bits) - log2(x)), 1 / 32.0);
		if (fabs(t) < 126) {
			float f = t;
			uint32_t w;

			memcpy(&w, &f, sizeof(w));
			ck_assert_double_le(fabs(estimate(VEXPTEFP, w) / exp2(t) - 1), 1 / 16.0);
		}
	}
	/* Whole numbers are exact; the ends of the range. */
	for (int n = -149; n < 128; n++) {
		float f = (float)n;
		uint32_t w;

		memcpy(&w, &f, sizeof(w));
		ck_assert(estimate(VEXPTEFP, w) == (float)exp2(n));
		f = (float)exp2(n);
		memcpy(&w, &f, sizeof(w));
		ck_assert(estimate(VLOGEFP, w) == (float)n);
	}
	ck_assert(estimate(VEXPTEFP, 0xff800000) == 0);
	ck_assert(isinf(estimate(VEXPTEFP, 0x43000000)));
	ck_assert(estimate(VLOGEFP, 0x80000000) == -INFINITY);
	ck_assert(isnan(estimate(VLOGEFP, 0xbf800000)));
}
END_TEST

/* ---- Decimal ---- */

START_TEST(decimal_add_and_subtract)
{
	static const struct {
		uint32_t xo;
		uint64_t a[2], b[2], t[2];
		unsigned cr6;
	} cases[] = {
		{ BCDADD, { 0, 0x999c }, { 0, 0x1c }, { 0, 0x1000c }, 4 },
		{ BCDADD, { 0, 0x999d }, { 0, 0x1f }, { 0, 0x998d }, 8 },
		/* Zero is plus, by PS. */
		{ BCDADD, { 0, 0x1d }, { 0, 0x1c }, { 0, 0x0c }, 2 },
		{ BCDADD | PS, { 0, 0x0d }, { 0, 0x0b }, { 0, 0x0f }, 2 },
		{ BCDSUB | PS, { 0, 0x1000a }, { 0, 0x1e }, { 0, 0x999f }, 4 },
		{ BCDSUB,
		  { 0x1000000000000000, 0xc },
		  { 0, 0x1c },
		  { 0x0999999999999999, 0x999999999999999c },
		  4 },
		/* Overflow: the low digits, and the sign of the true sum. */
		{ BCDSUB, { 0x9999999999999999, 0x999999999999999d }, { 0, 0x2c }, { 0, 0x1d }, 9 },
		{ BCDADD, { 0x9999999999999999, 0x999999999999999c }, { 0, 0x1c }, { 0, 0x0c }, 5 },
		/* Invalid digit, invalid sign. */
		{ BCDADD, { 0, 0xa0c }, { 0, 0x1c }, { 0, 0 }, 1 },
		{ BCDADD, { 0, 0x1c }, { 0, 0x19 }, { 0, 0 }, 1 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		set(1, cases[i].a[0], cases[i].a[1]);
		set(2, cases[i].b[0], cases[i].b[1]);
		step(vx(cases[i].xo, 3, 1, 2));
		ck_vr(3, cases[i].t[0], cases[i].t[1]);
		ck_assert_uint_eq(cpu->cr[6], cases[i].cr6);
	}
}
END_TEST

START_TEST(decimal_shifts)
{
	set(2, 0x1230000000000000, 0x000000000000456d);
	set(1, 2, UINT64_MAX); /* byte 7: 2 to the left; two digits are lost */
	step(vx(BCDS, 3, 1, 2));
	ck_vr(3, 0x3000000000000000, 0x000000000045600d);
	ck_assert_uint_eq(cpu->cr[6], 9);
	set(1, 0xfe, 0); /* 2 to the right */
	step(vx(BCDS, 3, 1, 2));
	ck_vr(3, 0x0012300000000000, 0x000000000000004d);
	ck_assert_uint_eq(cpu->cr[6], 8);
	step(vx(BCDSR, 3, 1, 2));
	ck_vr(3, 0x0012300000000000, 0x000000000000005d);
	/* All shifted out: the flags tell of the source. */
	set(1, 0x80, 0);
	step(vx(BCDS | PS, 3, 1, 2));
	ck_vr(3, 0, 0xd);
	ck_assert_uint_eq(cpu->cr[6], 8);
	set(1, 2, 0);
	step(vx(BCDTRUNC, 3, 1, 2));
	ck_vr(3, 0, 0x56d);
	ck_assert_uint_eq(cpu->cr[6], 9);
}
END_TEST

START_TEST(decimal_conversions)
{
	set(1, 0x0030003000300031, 0x003200330034002d);
	step(vx(BCD_CONVERT, 2, 7, 1)); /* bcdcfn. */
	ck_vr(2, 0, 0x1234d);
	ck_assert_uint_eq(cpu->cr[6], 8);
	step(vx(BCD_CONVERT, 3, 5, 2)); /* bcdctn. */
	ck_vr(3, 0x0030003000300031, 0x003200330034002d);
	step(vx(BCD_CONVERT, 3, 4, 2)); /* bcdctz. */
	ck_vr(3, 0x3030303030303030, 0x3030303031323374);
	step(vx(BCD_CONVERT, 4, 6, 3)); /* bcdcfz. */
	ck_vr(4, 0, 0x1234d);
	step(vx(BCD_CONVERT | PS, 3, 4, 2));
	ck_vr(3, 0xf0f0f0f0f0f0f0f0, 0xf0f0f0f0f1f2f3d4);
	step(vx(BCD_CONVERT, 4, 6, 3)); /* EBCDIC zones are invalid with PS = 0 */
	ck_assert_uint_eq(cpu->cr[6], 1);
	step(vx(BCD_CONVERT, 3, 0, 2)); /* bcdctsq. */
	ck_vr(3, UINT64_MAX, (uint64_t)-1234);
	step(vx(BCD_CONVERT, 4, 2, 3)); /* bcdcfsq. */
	ck_vr(4, 0, 0x1234d);
	set(1, 0x8000000000000000, 0);
	step(vx(BCD_CONVERT, 4, 2, 1));
	ck_assert_uint_eq(cpu->cr[6], 9);
	step(vx(BCD_CONVERT | PS, 4, 31, 2)); /* bcdsetsgn. */
	ck_vr(4, 0, 0x1234d);
}
END_TEST

/* POWER8 has no vpermr, G4 neither vsbox: rows ask for their book. */
START_TEST(rows_belong_to_their_books)
{
	const uint64_t g4 = PPC_F_B | PPC_F_FP | PPC_F_VMX, p8 = g4 | PPC_F_207;

	ck_assert_ptr_nonnull(ppc_isa_find(va(VPERM, 1, 2, 3, 4), g4));
	ck_assert_ptr_null(ppc_isa_find(va(VPERM, 1, 2, 3, 4), PPC_F_B));
	ck_assert_ptr_null(ppc_isa_find(vx(VSBOX, 1, 2, 0), g4));
	ck_assert_ptr_nonnull(ppc_isa_find(vx(VSBOX, 1, 2, 0), p8));
	ck_assert_ptr_null(ppc_isa_find(va(VPERMR, 1, 2, 3, 4), p8));
	ck_assert_ptr_nonnull(ppc_isa_find(va(VPERMR, 1, 2, 3, 4), p8 | PPC_F_300));
}
END_TEST

Suite *suite_vmx(void);

Suite *suite_vmx(void)
{
	Suite *s = suite_create("vmx");
	TCase *tc = tcase_create("vmx");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, elements_count_from_the_left);
	tcase_add_test(tc, target_may_be_a_source);
	tcase_add_test(tc, saturation_is_sticky);
	tcase_add_test(tc, compares_set_cr6);
	tcase_add_test(tc, bounds_compare_sets_cr6);
	tcase_add_test(tc, quadword_carries);
	tcase_add_test(tc, vrldmi_inserts);
	tcase_add_test(tc, loads_and_stores);
	tcase_add_test(tc, substitution_box);
	tcase_add_test(tc, aes_of_fips_197);
	tcase_add_test(tc, sha256_sigmas);
	tcase_add_test(tc, polynomial_multiply);
	tcase_add_test(tc, denormals_by_nj);
	tcase_add_test(tc, convert_saturates);
	tcase_add_test(tc, estimates_keep_their_bounds);
	tcase_add_test(tc, decimal_add_and_subtract);
	tcase_add_test(tc, decimal_shifts);
	tcase_add_test(tc, decimal_conversions);
	tcase_add_test(tc, rows_belong_to_their_books);
	suite_add_tcase(s, tc);
	return s;
}
