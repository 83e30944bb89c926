/*
 * Decimal floating point: arithmetic, quantizing, rounding and conversions against
 * Python's decimal module (dfp_oracle.py) in all rounding modes with overflow and underflow
 * enabled or not; by hand what that module does not know (encodings, classes,
 * reround, BCD) and what the CPU makes of it (registers, CR1, interrupts).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "target-ppc/dfp.h"
#include "target-ppc/fpu.h"
#include "tests/unit/ppc_rig.h"

#ifndef ROUNDS
#define ROUNDS 700 /* of each operation in each format */
#endif

/* ---- Random numbers ---- */

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
	return *s * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(uint64_t *s, unsigned n)
{
	return (unsigned)(rnd(s) >> 33) % n;
}

/* Nines, powers of ten, and digits that end in just a half, or nearly, are over-represented. */
static u128 coefficient(uint64_t *s, unsigned digits)
{
	unsigned n = below(s, 3) ? below(s, digits + 1) : digits, kind = below(s, 8);
	unsigned at = below(s, n + 1);
	u128 v = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned d = below(s, 10);

		switch (kind) {
		case 0: d = 9; break;
		case 1: d = i == 0; break;
		case 2: d = i == at ? 5 : i < at ? d : 0; break;
		case 3: d = i == at ? 4 : i < at ? d : 9; break;
		default: break;
		}
		v = v * 10 + d;
	}
	return v;
}

static u128 number(uint64_t *s, const DfpFormat *f)
{
	DfpNum n = { .neg = below(s, 2), .coeff = coefficient(s, f->digits) };
	u128 raw = (u128)rnd(s) << 64 | rnd(s);

	switch (below(s, 10)) {
	case 0: return raw & ((((u128)1 << (f->width - 1)) - 1) << 1 | 1);
	case 1: n.kind = (uint8_t)below(s, 4); break;
	case 2: n.exp = (int)below(s, 2 * f->digits) - f->bias; break;
	case 3: n.exp = f->max_exp - (int)below(s, f->digits); break;
	case 4: n.exp = (int)below(s, (unsigned)(f->bias + f->max_exp + 1)) - f->bias; break;
	case 5: n.exp = (int)below(s, 5 * f->digits) - 3 * f->digits; break;
	case 6: /* products near the ends */
		n.exp = (below(s, 2) ? f->max_exp : -f->bias) / 2 + (int)below(s, 40) - 20;
		break;
	default: n.exp = (int)below(s, 6) - 3; break;
	}
	if (n.kind != DFP_FINITE)
		n.coeff /= 10;
	return dfp_pack(f, &n);
}

/* To be made smaller: near the ends of the smaller format. */
static u128 wide_number(uint64_t *s, const DfpFormat *f)
{
	const DfpFormat *to = f == &dfp_ext ? &dfp_long : &dfp_short;
	DfpNum n = { .neg = below(s, 2), .coeff = coefficient(s, f->digits) };

	if (below(s, 3) == 0)
		return number(s, f);
	n.exp = (below(s, 2) ? to->max_exp : -to->bias) + (int)below(s, 3 * f->digits) -
		2 * f->digits;
	return dfp_pack(f, &n);
}

/* ---- Against the oracle ---- */

enum {
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_DIV,
	OP_QUANTIZE,
	OP_RINT,
	OP_NARROW,
	OP_CMPU,
	OP_CMPO,
	OP_FROMINT,
	OP_TOINT64,
	OP_TOINT128,
	OPS
};

static const char *const op_names[OPS] = { "add",      "sub",	  "mul",     "div",
					   "quantize", "rint",	  "narrow",  "cmpu",
					   "cmpo",     "fromint", "toint64", "toint128" };

typedef struct Case {
	unsigned op, rm, enables; /* UE 1, OE 2, VE 4 */
	const DfpFormat *f, *rf;
	u128 a, b, r;
	SfEnv env;
} Case;

static void random_case(uint64_t *s, Case *c)
{
	c->rm = below(s, 8);
	c->enables = below(s, 8);
	c->a = number(s, c->f);
	c->b = number(s, c->f);
	if (c->op == OP_NARROW) {
		c->b = wide_number(s, c->f);
	} else if (c->op == OP_FROMINT) {
		c->b = (u128)((i128)((u128)rnd(s) << 64 | rnd(s)) >> below(s, 128));
	} else if (c->op >= OP_TOINT64 && below(s, 2)) {
		SfEnv env = { .rm = (uint8_t)below(s, 8) };
		i128 v = (i128)(~(u128)0 >> (c->op == OP_TOINT64 ? 65 : 1)) - below(s, 4);

		/* Near the ends of the integers. */
		c->b = dfp_from_int(c->f, &env, below(s, 2) ? v : -v);
	} else if ((c->op == OP_CMPU || c->op == OP_CMPO || c->op == OP_SUB) && below(s, 3) == 0) {
		DfpNum n = dfp_unpack(c->f, c->a);

		/* The same value in another form, or nearly. */
		if (n.kind == DFP_FINITE && n.coeff % 10 == 0 && n.exp < c->f->max_exp) {
			n.coeff = n.coeff / 10 + (below(s, 4) == 0 && n.coeff < 1000);
			n.exp++;
		}
		c->b = dfp_pack(c->f, &n);
	}
}

static u128 compute(Case *c)
{
	const DfpFormat *f = c->f;
	SfEnv *env = &c->env;

	*env = (SfEnv){ .rm = (uint8_t)c->rm,
			.ue = c->enables & 1,
			.oe = c->enables & 2,
			.ve = c->enables & 4 };
	c->rf = f;
	switch (c->op) {
	case OP_ADD: return dfp_add(f, env, c->a, c->b);
	case OP_SUB: return dfp_sub(f, env, c->a, c->b);
	case OP_MUL: return dfp_mul(f, env, c->a, c->b);
	case OP_DIV: return dfp_div(f, env, c->a, c->b);
	case OP_QUANTIZE: return dfp_quantize(f, env, c->a, c->b, c->rm);
	case OP_RINT: return dfp_rint(f, env, c->b, c->rm, false);
	case OP_NARROW:
		return dfp_narrow(f, f == &dfp_ext ? &dfp_long : &dfp_short, env, c->b,
				  f == &dfp_long, &c->rf);
	case OP_CMPU: return dfp_cmp(f, env, c->a, c->b, false);
	case OP_CMPO: return dfp_cmp(f, env, c->a, c->b, true);
	case OP_FROMINT: return dfp_from_int(f, env, (i128)c->b);
	case OP_TOINT64: return (u128)dfp_to_int(f, env, c->b, 64);
	default: return (u128)dfp_to_int(f, env, c->b, 128);
	}
}

/* Without leading zeros, as Python prints it. */
static const char *hex(u128 v, char buf[40])
{
	uint64_t hi = (uint64_t)(v >> 64), lo = (uint64_t)v;

	if (hi)
		snprintf(buf, 40, "%" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", hi, lo);
	else
		snprintf(buf, 40, "%" G_GINT64_MODIFIER "x", lo);
	return buf;
}

/* The oracle's answers, a line each. */
static char **ask(GString *questions)
{
	g_autofree char *path = NULL, *cmd = NULL, *out = NULL;
	int fd = g_file_open_tmp("dfp-XXXXXX", &path, NULL), status;

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert(g_file_set_contents(path, questions->str, (gssize)questions->len, NULL));
	cmd = g_strdup_printf("sh -c 'python3 -B tests/unit/dfp_oracle.py <%s'", path);
	ck_assert(g_spawn_command_line_sync(cmd, &out, NULL, &status, NULL));
	unlink(path);
	ck_assert_int_eq(status, 0);
	return g_strsplit(out, "\n", -1);
}

static void against_oracle(unsigned first, unsigned last, uint64_t seed)
{
	GString *questions = g_string_new(NULL);
	GArray *cases = g_array_new(FALSE, TRUE, sizeof(Case));
	unsigned bad = 0;
	char **answers;

	for (unsigned i = 0; i < ROUNDS * 2 * (last - first + 1); i++) {
		Case c = { .op = first + i / 2 % (last - first + 1),
			   .f = i & 1 ? &dfp_ext : &dfp_long };
		char a[40], b[40];

		random_case(&seed, &c);
		g_string_append_printf(questions, "%s %u %u %u %s %s\n", op_names[c.op], c.f->width,
				       c.rm, c.enables, hex(c.a, a), hex(c.b, b));
		g_array_append_val(cases, c);
	}
	answers = ask(questions);
	ck_assert_uint_eq(g_strv_length(answers), cases->len + 1);
	for (unsigned i = 0; i < cases->len; i++) {
		Case *c = &g_array_index(cases, Case, i);
		char r[40], a[40], b[40];
		g_autofree char *ours = NULL;

		c->r = compute(c);
		ours = g_strdup_printf("%s %u %x %d %d", hex(c->r, r), c->rf->width, c->env.flags,
				       c->env.fr, c->env.fi);
		if (strcmp(ours, answers[i]) && bad++ < 10)
			printf("%s %u rm %u enables %u: %s %s\n  ours   %s\n  oracle %s\n",
			       op_names[c->op], c->f->width, c->rm, c->enables, hex(c->a, a),
			       hex(c->b, b), ours, answers[i]);
	}
	g_strfreev(answers);
	g_array_unref(cases);
	g_string_free(questions, TRUE);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(oracle_arithmetic)
{
	against_oracle(OP_ADD, OP_DIV, 0x9e3779b97f4a7c15);
}
END_TEST

START_TEST(oracle_rounding)
{
	against_oracle(OP_QUANTIZE, OP_NARROW, 0xbf58476d1ce4e5b9);
}
END_TEST

START_TEST(oracle_compare)
{
	against_oracle(OP_CMPU, OP_CMPO, 0x94d049bb133111eb);
}
END_TEST

START_TEST(oracle_integers)
{
	against_oracle(OP_FROMINT, OP_TOINT128, 0x2545f4914f6cdd1d);
}
END_TEST

/* ---- By hand: values ---- */

#define ONE UINT64_C(0x2238000000000001) /* 1e0 */
#define QNAN UINT64_C(0x7c00000000000000)
#define SNAN UINT64_C(0x7e00000000000000)
#define INF UINT64_C(0x7800000000000000)
#define LARGEST UINT64_C(0x77fcff3fcff3fcff)  /* 9.999999999999999e384 */
#define SMALLEST UINT64_C(0x0000000000000001) /* 1e-398 */

static uint64_t make(bool neg, uint64_t coeff, int exp)
{
	return (uint64_t)dfp_pack(&dfp_long, &(DfpNum){ .neg = neg, .coeff = coeff, .exp = exp });
}

START_TEST(encoding)
{
	u128 ext = (u128)UINT64_C(0x2608134b9c1e28e5) << 64 | UINT64_C(0x6f3c127177823534);
	DfpNum n = dfp_unpack(&dfp_ext, ext);

	/* Worked by hand from the tables. */
	ck_assert_uint_eq(make(false, 1234567890123456, 0), 0x263934b9c1e28e56);
	ck_assert_uint_eq((uint64_t)(n.coeff / 1000000000000000000), 1234567890123456);
	ck_assert_uint_eq((uint64_t)(n.coeff % 1000000000000000000), 789012345678901234);
	ck_assert_uint_eq(make(true, 75, -1), 0xa234000000000075);
	ck_assert_uint_eq(make(false, 9999999999999999, 369), LARGEST);
	ck_assert_uint_eq(make(false, 1, -398), SMALLEST);
	/* All 24 codes that are not preferred mean the same as one that is. */
	for (unsigned v = 0; v < 1024; v++) {
		DfpNum a = dfp_unpack(&dfp_long, ONE - 1 + v);
		uint64_t back = make(false, (uint64_t)a.coeff, 0);
		bool preferred = !((v & 0x06e) == 0x06e && v & 0x300);

		ck_assert_uint_lt((uint64_t)a.coeff, 1000);
		ck_assert_uint_eq(back == ONE - 1 + v, preferred);
	}
	for (unsigned v = 0; v < 1000; v++)
		ck_assert(dfp_unpack(&dfp_long, make(false, v, 0)).coeff == v);
	for (unsigned i = 0; i <= 38; i++) {
		u128 p = 1;

		for (unsigned k = 0; k < i; k++)
			p *= 10;
		ck_assert_uint_eq(dfp_digits(p), i + 1);
		ck_assert_uint_eq(dfp_digits(p - 1), i);
	}
}
END_TEST

START_TEST(classes)
{
	static const struct {
		uint64_t v;
		unsigned fprf, class, group;
	} rows[] = {
		{ UINT64_C(0x2238000000000000), 0x02, 0x20, 0x20 },
		{ UINT64_C(0xa238000000000000), 0x12, 0x20, 0x20 },
		{ 0, 0x02, 0x20, 0x10 },
		{ UINT64_C(0x43fc000000000000), 0x02, 0x20, 0x10 },
		{ UINT64_C(0x3fc000000000000), 0x02, 0x20, 0x20 },
		{ SMALLEST, 0x14, 0x10, 0x08 },
		{ UINT64_C(0x8004000000000001), 0x18, 0x10, 0x08 },
		{ ONE, 0x04, 0x08, 0x04 },
		{ ONE | BIT64(0), 0x08, 0x08, 0x04 },
		{ UINT64_C(0x263934b9c1e28e56), 0x04, 0x08, 0x02 },
		{ LARGEST, 0x04, 0x08, 0x08 },
		{ INF, 0x05, 0x04, 0x01 },
		{ INF | BIT64(0) | 5, 0x09, 0x04, 0x01 },
		{ QNAN, 0x11, 0x02, 0x01 },
		{ SNAN | BIT64(0), 0x01, 0x01, 0x01 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t v = rows[i].v;
		unsigned sign = v >> 60 & 8;

		ck_assert_uint_eq(dfp_fprf(&dfp_long, v), rows[i].fprf);
		for (unsigned m = 0; m < 64; m++) {
			ck_assert_uint_eq(dfp_test_class(&dfp_long, v, m),
					  sign | (m & rows[i].class ? 2 : 0));
			ck_assert_uint_eq(dfp_test_group(&dfp_long, v, m),
					  sign | (m & rows[i].group ? 2 : 0));
		}
	}
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, make(0, 5, -2), make(1, 0, 3)), SF_LT);
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, make(0, 5, 4), make(1, 0, 3)), SF_GT);
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, make(0, 5, 3), make(1, 0, 3)), SF_EQ);
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, QNAN, SNAN), SF_EQ);
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, INF, INF | BIT64(0)), SF_EQ);
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, INF, QNAN), SF_UN);
	ck_assert_uint_eq(dfp_test_exp(&dfp_long, INF, ONE), SF_UN);
	ck_assert_uint_eq(dfp_test_sig(&dfp_long, 3, make(0, 1234, 7)), SF_LT);
	ck_assert_uint_eq(dfp_test_sig(&dfp_long, 4, make(0, 1234, 7)), SF_EQ);
	ck_assert_uint_eq(dfp_test_sig(&dfp_long, 5, make(0, 1234, 7)), SF_GT);
	ck_assert_uint_eq(dfp_test_sig(&dfp_long, 0, make(0, 1234, 7)), SF_GT);
	ck_assert_uint_eq(dfp_test_sig(&dfp_long, 1, make(0, 0, 7)), SF_GT);
	ck_assert_uint_eq(dfp_test_sig(&dfp_long, 5, INF), SF_UN);
}
END_TEST

START_TEST(reround)
{
	SfEnv env = { 0 };

	/* Carry into one more digit: 9996 to three digits is 100e2. */
	ck_assert(dfp_reround(&dfp_long, &env, 3, make(0, 9996, 0), DFP_RM_NEAREST) ==
		  make(0, 100, 2));
	ck_assert_uint_eq(env.flags, SF_XX);
	ck_assert(env.fi && env.fr);
	env.flags = 0;
	ck_assert(dfp_reround(&dfp_long, &env, 3, make(1, 12340, 5), DFP_RM_ZERO) ==
		  make(1, 123, 7));
	ck_assert(env.fi && !env.fr);
	/* Exact, or with digits enough: no inexact result. */
	env.flags = 0;
	ck_assert(dfp_reround(&dfp_long, &env, 3, make(0, 12300, 5), DFP_RM_AWAY) ==
		  make(0, 123, 7));
	ck_assert(dfp_reround(&dfp_long, &env, 5, make(0, 12300, 5), DFP_RM_AWAY) ==
		  make(0, 12300, 5));
	ck_assert(dfp_reround(&dfp_long, &env, 0, make(0, 12345, 5), DFP_RM_AWAY) ==
		  make(0, 12345, 5));
	ck_assert_uint_eq(env.flags, 0);
	/* The exponent would be too large. */
	ck_assert(dfp_reround(&dfp_long, &env, 3, make(0, 9999, 369), DFP_RM_NEAREST) == QNAN);
	ck_assert_uint_eq(env.flags, SF_VXCVI);
	ck_assert(!env.fi && !env.fr);
}
END_TEST

START_TEST(quantize_specials)
{
	SfEnv env = { 0 };

	ck_assert(dfp_quantize_to(&dfp_long, &env, -2, make(0, 15, -1), 0) == make(0, 150, -2));
	ck_assert_uint_eq(env.flags, 0);
	ck_assert(dfp_quantize(&dfp_long, &env, INF, INF | BIT64(0) | 3, 0) == (INF | BIT64(0)));
	ck_assert_uint_eq(env.flags, 0);
	ck_assert(dfp_quantize_to(&dfp_long, &env, 0, INF, 0) == QNAN);
	ck_assert_uint_eq(env.flags, SF_VXCVI);
	env.flags = 0;
	ck_assert(dfp_rint(&dfp_long, &env, make(0, 15, -1), DFP_RM_NEAREST, true) ==
		  make(0, 2, 0));
	ck_assert(!env.flags && !env.fi && !env.fr);
}
END_TEST

START_TEST(formats)
{
	SfEnv env = { 0 };
	const DfpFormat *f;

	/* A short SNaN stays what it is; long to extended signals. */
	ck_assert(dfp_widen(&dfp_short, &dfp_long, &env, 0x7e000009, true) == (SNAN | 9));
	ck_assert_uint_eq(env.flags, 0);
	ck_assert(dfp_narrow(&dfp_long, &dfp_short, &env, SNAN | 9, true, &f) == 0x7e000009);
	ck_assert_uint_eq(env.flags, 0);
	ck_assert(f == &dfp_short);
	ck_assert(dfp_widen(&dfp_long, &dfp_ext, &env, SNAN | 9, false) == ((u128)QNAN << 64 | 9));
	ck_assert_uint_eq(env.flags, SF_VXSNAN);
	/* Rounding to short with overflow enabled leaves a long number. */
	env = (SfEnv){ .oe = true };
	ck_assert(dfp_narrow(&dfp_long, &dfp_short, &env, make(0, 123456789, 300), true, &f) ==
		  make(0, 1234568, 302 - 192));
	ck_assert(f == &dfp_long);
	ck_assert_uint_eq(env.flags, SF_OX | SF_XX);
	for (int64_t e = -5; e < 770; e++) {
		u128 v = dfp_set_exp(&dfp_long, e, ONE | BIT64(0));
		int64_t want = e < -3 || e > 767 ? -2 : e;

		ck_assert_int_eq(dfp_get_exp(&dfp_long, v), want);
		ck_assert(v >> 63 == 1 && (v & 0xfff) == 1);
	}
	ck_assert(dfp_shift_left(&dfp_long, make(1, 1234567890123456, 3), 4) ==
		  make(1, 5678901234560000, 3));
	ck_assert(dfp_shift_right(&dfp_long, make(1, 1234567890123456, 3), 4) ==
		  make(1, 123456789012, 3));
	ck_assert(dfp_shift_right(&dfp_long, make(1, 1234567890123456, 3), 63) == make(1, 0, 3));
	ck_assert(dfp_shift_left(&dfp_long, SNAN | 1, 14) == (SNAN | UINT64_C(1) << 47));
	ck_assert(dfp_shift_left(&dfp_long, SNAN | 1, 15) == SNAN);
}
END_TEST

START_TEST(bcd)
{
	SfEnv env = { 0 };
	uint64_t v = make(true, 1234567890123456, 77);

	ck_assert(dfp_to_bcd(&dfp_long, v, false, 0) == 0x1234567890123456);
	ck_assert(dfp_to_bcd(&dfp_long, v, true, 0xc) == 0x234567890123456d);
	ck_assert(dfp_to_bcd(&dfp_long, v & ~BIT64(0), true, 0xf) == 0x234567890123456f);
	ck_assert(dfp_from_bcd(&dfp_long, &env, 0x1234567890123456, false) ==
		  make(false, 1234567890123456, 0));
	for (unsigned sign = 10; sign < 16; sign++)
		ck_assert(dfp_from_bcd(&dfp_long, &env, 0x1230 + sign, true) ==
			  make(sign == 11 || sign == 13, 123, 0));
	ck_assert_uint_eq(env.flags, 0);
	for (unsigned i = 0; i < 64; i += 4)
		for (unsigned digit = 10; digit < 16; digit++) {
			env.flags = 0;
			ck_assert(dfp_from_bcd(&dfp_long, &env, (u128)digit << i, false) == QNAN);
			ck_assert_uint_eq(env.flags, SF_VXCVI);
		}
	env.flags = 0;
	ck_assert(dfp_from_bcd(&dfp_long, &env, 0x1239, true) == QNAN); /* no sign */
	ck_assert_uint_eq(env.flags, SF_VXCVI);
}
END_TEST

/* ---- By hand: the CPU ---- */

enum {
	CODE = 0x1000,
	DADD = 0xec221804, /* f1, f2, f3 */
	DADD_DOT = 0xec221805,
	DADDQ = 0xfc443004,	       /* f2, f4, f6 */
	DADDQ_ODD = 0xfc643004,	       /* f3: no pair */
	DCTFIX = 0xec201a44,	       /* f1, f3 */
	DRDPQ = 0xfc402604,	       /* f2, f4 */
	DRSP = 0xec201604,	       /* f1, f2 */
	DQUA_AWAY = 0xec221c06,	       /* RMC = 2 */
	DRINTX_UP = 0xec2118c6,	       /* f1, f3; R = 1, RMC = 0 */
	DRINTX_TIES_ZERO = 0xec211ec6, /* R = 1, RMC = 3 */
	DSCLI = 0xec220484,	       /* f1, f2, 1 */
	DCMPO = 0xee021904,	       /* cr4, f2, f3 */
};

static PpcRig *rig;

static void setup(void)
{
	rig = rig_new("power9");
}
static void teardown(void)
{
	rig_free(rig);
}

static void exec(uint32_t word)
{
	rig_code(rig, CODE, &word, 1);
	rig_go(rig, CODE, 1);
}
static void set_fpr(unsigned n, uint64_t v)
{
	rig->cpu->vsr[n].q = (u128)v << 64 | 0xdead;
}
static uint64_t fpr(unsigned n)
{
	return VSR_D(rig->cpu->vsr[n], 0);
}

START_TEST(registers)
{
	PpcCpu *cpu = rig->cpu;

	set_fpr(2, make(0, 15, -1));
	set_fpr(3, ONE);
	exec(DADD);
	ck_assert_uint_eq(fpr(1), make(0, 25, -1));
	ck_assert_uint_eq(VSR_D(cpu->vsr[1], 1), 0);
	ck_assert_uint_eq(cpu->fpscr, 0x4000);
	for (unsigned n = 4; n < 8; n++)
		set_fpr(n, n & 1 ? n : UINT64_C(0x2208000000000000));
	exec(DADDQ);
	ck_assert_uint_eq(fpr(2), 0x2208000000000000);
	ck_assert_uint_eq(fpr(3), 0x12); /* 5 + 7 in DPD */
	ck_assert_uint_eq(VSR_D(cpu->vsr[3], 1), 0);
	exec(DRDPQ);
	ck_assert_uint_eq(fpr(2), ONE + 4);
	ck_assert_uint_eq(fpr(3), 0);
	/* Not of the status register's business. */
	cpu->fpscr = 0x1f000;
	exec(DSCLI);
	ck_assert_uint_eq(fpr(1), make(0, 50, 0));
	ck_assert_uint_eq(cpu->fpscr, 0x1f000);
	/* A register pair begins with an even one. */
	exec(DADDQ_ODD);
	ck_assert_uint_eq(cpu->nip, 0x700);
	ck_assert_uint_eq(cpu->spr.SRR1 & (PPC_PROG_ILLEGAL | PPC_PROG_FP), PPC_PROG_ILLEGAL);
}
END_TEST

START_TEST(modes)
{
	PpcCpu *cpu = rig->cpu;
	static const uint64_t want[8] = { 2, 2, 3, 2, 3, 2, 3, 2 };

	/* 2.5 by FPSCR[DRN] (dctfix), whatever FPSCR[RN] says. */
	for (unsigned rm = 0; rm < 8; rm++) {
		cpu->fpscr = (uint64_t)rm << 32 | 2;
		set_fpr(3, make(0, 25, -1));
		exec(DCTFIX);
		ck_assert_uint_eq(fpr(1), want[rm]);
		ck_assert_uint_eq(cpu->fpscr, (uint64_t)rm << 32 | FPSCR_FX | FPSCR_XX | FPSCR_FI |
						      (want[rm] == 3 ? FPSCR_FR : 0) | 2);
	}
	cpu->fpscr = UINT64_C(1) << 32; /* toward zero, but RMC says otherwise */
	set_fpr(2, make(0, 7, 0));
	exec(DQUA_AWAY);
	ck_assert_uint_eq(fpr(1), make(0, 3, 0));
	set_fpr(3, make(0, 21, -1));
	exec(DRINTX_UP);
	ck_assert_uint_eq(fpr(1), make(0, 3, 0));
	cpu->fpscr = UINT64_C(2) << 32;
	set_fpr(3, make(0, 25, -1));
	exec(DRINTX_TIES_ZERO);
	ck_assert_uint_eq(fpr(1), make(0, 2, 0));
}
END_TEST

START_TEST(enabled_exceptions)
{
	PpcCpu *cpu = rig->cpu;

	/* Without MSR[FE0 FE1]: the target stays, FPRF too. */
	cpu->fpscr = FPSCR_VE | 0x4000;
	set_fpr(1, 77);
	set_fpr(2, INF);
	set_fpr(3, INF | BIT64(0));
	exec(DADD_DOT);
	ck_assert_uint_eq(fpr(1), 77);
	ck_assert_uint_eq(cpu->fpscr,
			  FPSCR_FX | FPSCR_FEX | FPSCR_VX | SF_VXISI | FPSCR_VE | 0x4000);
	ck_assert_uint_eq(cpu->cr[1], 14);
	/* With them: the interrupt, CR1 as without. */
	ppc_set_msr(cpu, cpu->msr | MSR_FE0 | MSR_FE1);
	cpu->fpscr = FPSCR_VE;
	cpu->cr[1] = 0;
	exec(DADD_DOT);
	ck_assert_uint_eq(cpu->nip, 0x700);
	ck_assert_uint_eq(cpu->spr.SRR0, CODE);
	ck_assert(cpu->spr.SRR1 & PPC_PROG_FP);
	ck_assert_uint_eq(fpr(1), 77);
	ck_assert_uint_eq(cpu->cr[1], 14);
	/* Overflow delivers its adjusted result first. */
	ppc_set_msr(cpu, cpu->msr | MSR_FP | MSR_FE0 | MSR_FE1);
	cpu->fpscr = FPSCR_OE;
	set_fpr(2, LARGEST);
	set_fpr(3, LARGEST);
	exec(DADD);
	ck_assert_uint_eq(cpu->nip, 0x700);
	ck_assert_uint_eq(fpr(1), make(0, 2000000000000000, 370 - 576));
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_OX | FPSCR_XX | FPSCR_FR |
					      FPSCR_FI | FPSCR_OE | 0x4000);
	/* Underflow, exact: the short result would be tiny; what is delivered is long. */
	ppc_set_msr(cpu, (cpu->msr | MSR_FP) & ~(MSR_FE0 | MSR_FE1));
	cpu->fpscr = FPSCR_UE;
	set_fpr(2, make(1, 12, -300));
	exec(DRSP);
	ck_assert_uint_eq(fpr(1), make(1, 12, -300 + 192));
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_FEX | FPSCR_UX | FPSCR_UE | 0x8000);
}
END_TEST

START_TEST(ordered_compare)
{
	PpcCpu *cpu = rig->cpu;

	set_fpr(2, QNAN);
	set_fpr(3, ONE);
	cpu->fpscr = 0x1f000;
	exec(DCMPO);
	ck_assert_uint_eq(cpu->cr[4], SF_UN);
	ck_assert_uint_eq(cpu->fpscr, FPSCR_FX | FPSCR_VX | SF_VXVC | 0x11000);
	/* 1 and 1.000 are equal. */
	set_fpr(2, make(0, 1000, -3));
	cpu->fpscr = 0;
	exec(DCMPO);
	ck_assert_uint_eq(cpu->cr[4], SF_EQ);
	ck_assert_uint_eq(cpu->fpscr, 0x2000);
}
END_TEST

START_TEST(unavailable)
{
	PpcCpu *cpu = rig->cpu;

	ppc_set_msr(cpu, cpu->msr & ~MSR_FP);
	exec(DADD);
	ck_assert_uint_eq(cpu->nip, 0x800);
}
END_TEST

Suite *suite_dfp(void);

Suite *suite_dfp(void)
{
	Suite *s = suite_create("dfp");
	TCase *t = tcase_create("oracle");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, oracle_arithmetic);
	tcase_add_test(t, oracle_rounding);
	tcase_add_test(t, oracle_compare);
	tcase_add_test(t, oracle_integers);
	suite_add_tcase(s, t);
	t = tcase_create("values");
	tcase_add_test(t, encoding);
	tcase_add_test(t, classes);
	tcase_add_test(t, reround);
	tcase_add_test(t, quantize_specials);
	tcase_add_test(t, formats);
	tcase_add_test(t, bcd);
	suite_add_tcase(s, t);
	t = tcase_create("cpu");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, registers);
	tcase_add_test(t, modes);
	tcase_add_test(t, enabled_exceptions);
	tcase_add_test(t, ordered_compare);
	tcase_add_test(t, unavailable);
	suite_add_tcase(s, t);
	return s;
}
