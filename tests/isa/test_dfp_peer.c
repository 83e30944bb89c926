/*
 * Every row of decimal floating point against QEMU's user-mode emulator (if installed), both
 * byte orders: random operands of the formats, one program per byte order that
 * runs all cases and leaves its records behind.
 *
 * Not compared: FR (the peer never sets it; test_dfp checks it), enabled exceptions (test_dfp),
 * what the book leaves undefined, and where the peer (7.2) is known to be wrong; each
 * such place says so.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "target-ppc/dfp.h"
#include "target-ppc/fpu.h"
#include "tests/isa/harness.h"

#ifndef TRIES
#define TRIES 150
#endif

/* A case: inputs, overwritten by the outputs. */
enum {
	FPR = 0, /* f2 to f9 */
	FPRS = 8,
	FPSCR = 64,
	CR = 72,
	RECORD = 80,
	FRAME = 28, /* words of code for a case */
	BASE = 0x1000000,
	EHDR = 0x100, /* code starts here */
};

typedef struct Run {
	bool le;
	GArray *words; /* the instruction of each case */
	GByteArray *image;
	uint64_t records; /* offset in image */
} Run;

static uint32_t d_form(unsigned po, unsigned rt, unsigned ra, int d)
{
	return po << 26 | rt << 21 | ra << 16 | ((unsigned)d & 0xffff);
}

enum {
	OP_ADDI = 14,
	OP_ADDIS = 15,
	OP_ORI = 24,
	OP_LFD = 50,
	OP_STFD = 54,
	OP_LD = 58,
	OP_STD = 62
};

/* Frame code around one instruction; r31 points to the record. */
static void frame(uint32_t insn, uint32_t *w)
{
	uint32_t *p = w;

	*p++ = d_form(OP_LFD, 0, 31, FPSCR), *p++ = 0xfffe058e; /* mtfsf of all 64 bits */
	*p++ = d_form(OP_LD, 0, 31, CR), *p++ = 0x7c0ff120;	/* mtcrf 255,r0 */
	for (unsigned i = 0; i < FPRS; i++)
		*p++ = d_form(OP_LFD, 2 + i, 31, FPR + 8 * (int)i);
	*p++ = insn;
	for (unsigned i = 0; i < FPRS; i++)
		*p++ = d_form(OP_STFD, 2 + i, 31, FPR + 8 * (int)i);
	*p++ = 0xfc00048e, *p++ = d_form(OP_STFD, 0, 31, FPSCR); /* mffs f0 */
	*p++ = 0x7c000026, *p++ = d_form(OP_STD, 0, 31, CR);	 /* mfcr r0 */
	*p++ = d_form(OP_ADDI, 31, 31, RECORD);
	while (p < w + FRAME)
		*p++ = 0x60000000;
}

/* ---- Operands ---- */

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
	return *s * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(uint64_t *s, unsigned n)
{
	return (unsigned)(rnd(s) >> 33) % n;
}

/* Up to `digits' digits; nines, ones with zeros, fives at a rounding place over-represented. */
static u128 coefficient(uint64_t *s, unsigned digits)
{
	unsigned n = below(s, 3) ? below(s, digits + 1) : digits, kind = below(s, 8);
	u128 v = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned d = below(s, 10);

		switch (kind) {
		case 0: d = 9; break;
		case 1: d = i == 0; break;
		case 2: d = i == n / 2 ? 5 : i < n / 2 ? d : 0; break;
		case 3: d = i == n / 2 ? 4 : i < n / 2 ? d : 9; break;
		default: break;
		}
		v = v * 10 + d;
	}
	return v;
}

/* Any encoding; often near one exponent, often near the ends. */
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
	case 5: n.exp = (int)below(s, 3 * f->digits) - 2 * f->digits; break;
	default: n.exp = (int)below(s, 6) - 3; break;
	}
	if (n.kind != DFP_FINITE)
		n.coeff /= 10;
	return dfp_pack(f, &n);
}

/* Mostly BCD, sign code last; unsigned or signed as it happens. */
static u128 bcd(uint64_t *s)
{
	u128 v = 0;

	for (unsigned i = 0; i < 32; i++)
		v = v << 4 | below(s, 10);
	if (below(s, 2))
		v = (v & ~(u128)15) | (10 + below(s, 6));
	return below(s, 4) ? v : v ^ (u128)8 << below(s, 128);
}

static uint64_t integer(uint64_t *s)
{
	return (uint64_t)((int64_t)rnd(s) >> below(s, 64));
}

static bool starts(const char *m, const char *with)
{
	return !strncmp(m, with, strlen(with));
}

/* What a source register of this row is to hold. */
static u128 source(uint64_t *s, const char *m, unsigned id)
{
	bool a = id == PPC_OPERAND_FRA;

	if (starts(m, "denbcd"))
		return bcd(s);
	if (starts(m, "dcffix"))
		return integer(s);
	if (starts(m, "dctdp"))
		return number(s, &dfp_short) | (u128)(rnd(s) >> 32) << 32;
	if (a && starts(m, "diex"))
		return below(s, 3) ? below(s, 14000) - UINT64_C(5) : integer(s);
	if (a && (starts(m, "drrnd") || starts(m, "dtstsf")))
		return below(s, 40) + (below(s, 4) ? 0 : rnd(s));
	if (starts(m, "dctfix") && below(s, 3)) {
		const DfpFormat *f = id == PPC_OPERAND_FRBp ? &dfp_ext : &dfp_long;
		SfEnv env = { .rm = (uint8_t)below(s, 8) };

		return dfp_from_int(f, &env, (i128)((u128)rnd(s) << below(s, 65)) >> below(s, 64));
	}
	return number(s, id == PPC_OPERAND_FRAp || id == PPC_OPERAND_FRBp ? &dfp_ext : &dfp_long);
}

/* ---- Instructions ---- */

static bool wanted(const PpcInsn *r)
{
	return r->features & PPC_F_DFP && r->mnemonic[0] == 'd';
}

static uint32_t make_word(const PpcInsn *r, uint64_t *s)
{
	uint32_t w = r->value | ((uint32_t)rnd(s) & r->fields & ~r->mask);

	for (unsigned i = 0; i < r->noperands; i++) {
		const PpcOperand *o = &ppc_isa_operands[r->operand[i] & PPC_OPERAND_ID];
		unsigned reg;

		if (o->kind == PPC_KIND_FPR)
			reg = 2 + below(s, FPRS);
		else if (o->kind == PPC_KIND_FPRP)
			reg = 2 + 2 * below(s, FPRS / 2);
		else
			continue;
		w = (w & ~o->mask) | reg << ctz32(o->mask);
	}
	return w;
}

/* ---- The program ---- */

static void put64(const Run *run, uint8_t *p, uint64_t v)
{
	if (run->le)
		st64_le(p, v);
	else
		st64_be(p, v);
}

static uint64_t get64(const Run *run, const uint8_t *p)
{
	return run->le ? ld64_le(p) : ld64_be(p);
}

static void put32(const Run *run, uint8_t *p, uint32_t v)
{
	if (run->le)
		st32_le(p, v);
	else
		st32_be(p, v);
}

static void add_word(Run *run, uint32_t w)
{
	uint8_t b[4];

	put32(run, b, w);
	g_byte_array_append(run->image, b, 4);
}

/* An ELF header and one loadable segment that is the whole file. */
static void elf_header(const Run *run, uint8_t *h, uint64_t size)
{
	memcpy(h, "\177ELF\2", 5);
	h[5] = run->le ? 1 : 2;
	h[6] = 1;
	put32(run, h + 16, run->le ? 21u << 16 | 2 : 2u << 16 | 21); /* ET_EXEC, PPC64 */
	put32(run, h + 20, 1);
	put64(run, h + 24, BASE + EHDR);
	put64(run, h + 32, 64);
	put32(run, h + 48, 2); /* entry is an address, not a descriptor */
	put32(run, h + 52, run->le ? 56u << 16 | 64 : 64u << 16 | 56);
	put32(run, h + 56, run->le ? 1 : 1u << 16);
	put32(run, h + 64, 1);
	put32(run, h + 68, 7);
	put64(run, h + 80, BASE);
	put64(run, h + 88, BASE);
	put64(run, h + 96, size);
	put64(run, h + 104, size);
	put64(run, h + 112, 0x10000);
}

static void add_record(Run *run, uint32_t w, uint64_t features, uint64_t *s)
{
	const PpcInsn *r = ppc_isa_find(w, features);
	uint8_t rec[RECORD] = { 0 };
	PpcOp op = { .word = w };

	ck_assert(ppc_isa_decode(r, w, &op));
	for (unsigned i = 0; i < FPRS; i++)
		put64(run, rec + FPR + 8 * i, (uint64_t)number(s, &dfp_long));
	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];
		uint8_t *at = rec + FPR + 8 * (ppc_op_value(&op, o) - 2);
		u128 v;

		if (id == PPC_OPERAND_FRT || id == PPC_OPERAND_FRTp)
			continue;
		if (o->kind == PPC_KIND_FPR) {
			put64(run, at, (uint64_t)source(s, r->mnemonic, id));
		} else if (o->kind == PPC_KIND_FPRP) {
			v = source(s, r->mnemonic, id);
			put64(run, at, (uint64_t)(v >> 64));
			put64(run, at + 8, (uint64_t)v);
		}
	}
	put64(run, rec + FPSCR, (uint64_t)below(s, 8) << 32 | below(s, 32) << 12);
	put64(run, rec + CR, rnd(s) & UINT32_MAX);
	g_byte_array_append(run->image, rec, RECORD);
}

static void build(Run *run, uint64_t features)
{
	uint64_t s = 0x123456789abcdef, at, len;
	uint8_t head[EHDR] = { 0 };

	run->words = g_array_new(FALSE, FALSE, 4);
	run->image = g_byte_array_new();
	for (unsigned i = 0; i < ppc_isa_row_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		for (unsigned k = 0; k < TRIES && wanted(r) && !(r->features & ~features); k++) {
			uint32_t w = make_word(r, &s);

			g_array_append_val(run->words, w);
		}
	}
	len = run->words->len * (uint64_t)RECORD;
	g_byte_array_append(run->image, head, EHDR);
	at = BASE + ((EHDR + (run->words->len * (uint64_t)FRAME + 16) * 4 + 63) & ~UINT64_C(63));
	add_word(run, d_form(OP_ADDIS, 31, 0, (int)(at >> 16)));
	add_word(run, d_form(OP_ORI, 31, 31, (int)(at & 0xffff)));
	for (unsigned i = 0; i < run->words->len; i++) {
		uint32_t w[FRAME];

		frame(g_array_index(run->words, uint32_t, i), w);
		for (unsigned k = 0; k < FRAME; k++)
			add_word(run, w[k]);
	}
	/* write(1, records, len); exit(0) */
	add_word(run, d_form(OP_ADDI, 0, 0, 4));
	add_word(run, d_form(OP_ADDI, 3, 0, 1));
	add_word(run, d_form(OP_ADDIS, 4, 0, (int)(at >> 16)));
	add_word(run, d_form(OP_ORI, 4, 4, (int)(at & 0xffff)));
	add_word(run, d_form(OP_ADDIS, 5, 0, (int)(len >> 16)));
	add_word(run, d_form(OP_ORI, 5, 5, (int)(len & 0xffff)));
	add_word(run, 0x44000002);
	add_word(run, d_form(OP_ADDI, 0, 0, 1));
	add_word(run, d_form(OP_ADDI, 3, 0, 0));
	add_word(run, 0x44000002);
	while (run->image->len < at - BASE)
		add_word(run, 0);
	run->records = at - BASE;
	for (unsigned i = 0; i < run->words->len; i++)
		add_record(run, g_array_index(run->words, uint32_t, i), features, &s);
	elf_header(run, run->image->data, run->image->len);
}

/* The records as the peer leaves them. */
static uint8_t *peer_run(const Run *run)
{
	g_autofree char *path = NULL, *cmd = NULL;
	size_t len = run->words->len * (size_t)RECORD, got;
	uint8_t *out = g_malloc(len);
	FILE *f;
	int fd = g_file_open_tmp("dfp-peer-XXXXXX", &path, NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, run->image->data, run->image->len) == (ssize_t)run->image->len);
	close(fd);
	ck_assert_int_eq(chmod(path, 0700), 0);
	cmd = g_strdup_printf("%s -cpu power9 %s 2>&1", run->le ? "qemu-ppc64le" : "qemu-ppc64",
			      path);
	f = popen(cmd, "r");
	got = fread(out, 1, len, f);
	pclose(f);
	unlink(path);
	ck_assert_uint_eq(got, len);
	return out;
}

/* Runs our copy up to the system calls at the end, which become `b .'. */
static void run_ours(const Run *run, Rig *rig)
{
	uint64_t code = (2 + run->words->len * (uint64_t)FRAME) * 4, end = BASE + EHDR + code;
	uint32_t stop = 0x48000000;

	memcpy(rig_ram(rig, BASE), run->image->data, run->image->len);
	rig_clear(rig);
	rig_code(rig, end, &stop, 1);
	rig_run(rig, BASE + EHDR, code / 4);
	ck_assert_uint_eq(rig->cpu->nip, end);
}

/* ---- Comparison ---- */

static u128 get_number(const Run *run, const DfpFormat *f, const uint8_t *rec, unsigned reg)
{
	uint64_t v;

	if (reg < 2 || reg >= 2 + FPRS) /* no register in that field */
		return 0;
	v = get64(run, rec + FPR + 8 * (reg - 2));
	return f == &dfp_ext ? (u128)v << 64 | get64(run, rec + FPR + 8 * (reg - 1)) : v;
}

static void put_number(const Run *run, const DfpFormat *f, uint8_t *rec, unsigned reg, u128 v)
{
	put64(run, rec + FPR + 8 * (reg - 2), (uint64_t)(f == &dfp_ext ? v >> 64 : v));
	if (f == &dfp_ext)
		put64(run, rec + FPR + 8 * (reg - 1), (uint64_t)v);
}

/* In denbcd, 0xa passes as a digit of the peer's. */
static bool takes_ten(uint32_t w, const DfpFormat *f, u128 b)
{
	for (unsigned i = w & BIT32(11) ? 4 : 0; i < f->width; i += 4)
		if ((b >> i & 15) == 10)
			return true;
	return false;
}

/* The peer's faults; true: nothing to compare. */
static bool forgive(const Run *run, const PpcInsn *r, uint32_t w, const uint8_t *in,
		    const uint8_t *us, uint8_t *them)
{
	uint64_t a = get64(run, us + FPSCR), b = get64(run, them + FPSCR);
	const DfpFormat *f = w >> 26 == 63 ? &dfp_ext : &dfp_long;
	bool shift = starts(r->mnemonic, "dsc"), insert = starts(r->mnemonic, "diex");
	unsigned rt = w >> 21 & 31, rs = shift ? w >> 16 & 31 : w >> 11 & 31;
	DfpNum n = dfp_unpack(f, get_number(run, f, in, rs));

	b = (b & ~FPSCR_FR) | (a & FPSCR_FR); /* never set */
	/* Disabled invalid operation: the class of the NaN belongs into FPRF. */
	if (starts(r->mnemonic, "denbcd") && a & SF_VXCVI)
		b = (b & ~FPSCR_FPRF) | (a & FPSCR_FPRF);
	put64(run, them + FPSCR, b);
	/* The result belongs into the even register (as gcc takes it); the peer has it in the odd one. */
	if (!strcmp(r->mnemonic, "drdpq"))
		put_number(run, f, them, rt, get_number(run, f, them, rt) << 64);
	/* A NaN with more digits than the target becomes quiet and loses them all, not the leftmost. */
	if (n.kind >= DFP_QNAN && (!strcmp(r->mnemonic, "drsp") || !strcmp(r->mnemonic, "drdpq")) &&
	    dfp_digits(n.coeff) > (f == &dfp_ext ? 15 : 6))
		return true;
	if (starts(r->mnemonic, "denbcd") && takes_ten(w, f, get_number(run, f, in, rs)))
		return true;
	/* The digits of an infinity are taken as zeros. */
	if (n.kind == DFP_INF && (shift || insert || starts(r->mnemonic, "ddedpd")))
		return true;
	/* Declets and reserved bits of NaNs and infinities are copied. */
	if (shift || insert) {
		n = dfp_unpack(f, get_number(run, f, them, rt));
		put_number(run, f, them, rt, dfp_pack(f, &n));
	}
	return false;
}

static void report(const Run *run, uint32_t w, const PpcInsn *r, const uint8_t *in,
		   const uint8_t *us, const uint8_t *peer)
{
	printf("%s %08x (%s)\n", r->mnemonic, w, run->le ? "le" : "be");
	for (unsigned i = 0; i < RECORD; i += 8) {
		uint64_t x = get64(run, in + i), a = get64(run, us + i), b = get64(run, peer + i);

		printf("  %3u: %016llx -> %016llx, peer's %016llx%s\n", i, (unsigned long long)x,
		       (unsigned long long)a, (unsigned long long)b, a == b ? "" : " !");
	}
}

static void compare(bool le)
{
	Run run = { .le = le };
	Rig *rig;
	g_autofree uint8_t *peer = NULL;
	g_autofree char *prog = g_find_program_in_path(le ? "qemu-ppc64le" : "qemu-ppc64");
	unsigned bad = 0;

	if (!prog) {
		test_skipped("dfp_peer: no qemu-ppc64 here (package qemu-user)");
		return;
	}
	rig = rig_new("power9", MSR_FP | MSR_VEC | MSR_VSX | (le ? MSR_LE : 0));
	build(&run, rig->cpu->features);
	peer = peer_run(&run);
	run_ours(&run, rig);
	for (unsigned i = 0; i < run.words->len; i++) {
		uint64_t at = run.records + i * (uint64_t)RECORD;
		const uint8_t *us = rig_ram(rig, BASE + at), *in = run.image->data + at;
		uint8_t *them = peer + i * (size_t)RECORD;
		uint32_t w = g_array_index(run.words, uint32_t, i);
		const PpcInsn *r = ppc_isa_find(w, rig->cpu->features);

		if (forgive(&run, r, w, in, us, them) || !memcmp(us, them, RECORD))
			continue;
		if (bad++ < 10)
			report(&run, w, r, in, us, them);
	}
	printf("dfp_peer (%s): %u cases, %u differ\n", le ? "le" : "be", run.words->len, bad);
	ck_assert_uint_gt(run.words->len, 50 * TRIES);
	rig_free(rig);
	g_array_unref(run.words);
	g_byte_array_unref(run.image);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(big_endian)
{
	compare(false);
}
END_TEST

START_TEST(little_endian)
{
	compare(true);
}
END_TEST

Suite *suite_dfp_peer(void);

Suite *suite_dfp_peer(void)
{
	Suite *s = suite_create("dfp_peer");
	TCase *t = tcase_create("dfp_peer");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, big_endian);
	tcase_add_test(t, little_endian);
	suite_add_tcase(s, t);
	return s;
}
