/*
 * Every VSX row against QEMU's user-mode emulator (if installed), both byte
 * orders: random operands of the formats, one program per byte order that
 * runs all cases and leaves its records behind.
 *
 * Not compared: estimates (the book gives bounds, test_softfloat checks them),
 * enabled exceptions (test_vsx), what the book leaves undefined, and where the
 * peer (7.2) is known to be wrong; each such place says so.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "target-ppc/fpu.h"
#include "tests/isa/harness.h"

/* A case: inputs, overwritten by the outputs. */
enum {
	VSR = 0,   /* 0-3 and 32-35 */
	GPR = 128, /* r6 to r8 */
	FPSCR = 160,
	CR = 168,
	MEM = 192, /* r5 = MEM + 16 */
	RECORD = 256,
	FRAME = 64, /* words of code for a case */
	TRIES = 20,
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
enum { LXVD2X = 844, STXVD2X = 972 };

static uint32_t *all_vsrs(uint32_t *p, unsigned xo)
{
	for (unsigned i = 0; i < 8; i++) {
		*p++ = d_form(OP_ADDI, 9, 31, VSR + 16 * (int)i);
		*p++ = d_form(31, i & 3, 0, 0) | 9 << 11 | xo << 1 | i >> 2;
	}
	return p;
}

/* Frame code around one instruction; r31 points to the record. */
static void frame(uint32_t insn, uint32_t *w)
{
	uint32_t *p = w;

	*p++ = d_form(OP_LFD, 0, 31, FPSCR), *p++ = 0xfdfe058e; /* mtfsf 255,f0 */
	*p++ = d_form(OP_LD, 0, 31, CR), *p++ = 0x7c0ff120;	/* mtcrf 255,r0 */
	p = all_vsrs(p, LXVD2X);
	for (unsigned i = 0; i < 3; i++)
		*p++ = d_form(OP_LD, 6 + i, 31, GPR + 8 * (int)i);
	*p++ = d_form(OP_ADDI, 5, 31, MEM + 16);
	*p++ = insn;
	p = all_vsrs(p, STXVD2X);
	for (unsigned i = 0; i < 3; i++)
		*p++ = d_form(OP_STD, 6 + i, 31, GPR + 8 * (int)i);
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

/* A floating-point number of any format, with the values that matter over-represented. */
static u128 number(uint64_t *s, unsigned ebits, unsigned fbits)
{
	u128 ones = ((u128)1 << fbits) - 1, frac = ((u128)rnd(s) << 64 | rnd(s)) & ones;
	unsigned max = (1u << ebits) - 1, bias = max >> 1, exp;

	switch (below(s, 8)) {
	case 0:
		exp = below(s, 2) ? max : 0;
		frac = below(s, 2) ? frac : below(s, 2) ? (u128)below(s, 2) << (fbits - 1) : ones;
		break;
	case 1: exp = below(s, max + 1); break;
	case 2: /* ends of other formats' ranges */
		exp = bias + (below(s, 2) ? 31u : 63u) + below(s, 3) - 1;
		break;
	case 3: exp = bias + (unsigned[]){ 127, 1023, 15 }[below(s, 3)] - below(s, 2); break;
	case 4: exp = bias - (unsigned[]){ 126, 149, 1022, 1074, 14, 24 }[below(s, 6)]; break;
	default: /* near one another, some of them short */
		exp = bias + below(s, 9) - 4;
		frac &= below(s, 2) ? ones : ones << (fbits - 7);
	}
	return (u128)(below(s, 2) << ebits | (exp <= max ? exp : bias)) << fbits | frac;
}

static u128 operand(uint64_t *s, unsigned kind)
{
	u128 v = 0;

	switch (kind) {
	case 0: return number(s, 15, 112);
	case 1:
		for (unsigned i = 0; i < 2; i++)
			v = v << 64 | number(s, 11, 52);
		return v;
	case 2:
		for (unsigned i = 0; i < 4; i++)
			v = v << 32 | number(s, 8, 23);
		return v;
	case 3:
		for (unsigned i = 0; i < 8; i++)
			v = v << 16 | number(s, 5, 10);
		return v;
	case 4: /* integers of all sizes */
		for (unsigned i = 0; i < 2; i++)
			v = v << 64 | (uint64_t)((int64_t)rnd(s) >> below(s, 64));
		return v;
	default: /* singles in double format */
		for (unsigned i = 0; i < 2; i++)
			v = v << 64 | sf_lfs((uint32_t)number(s, 8, 23));
		return v;
	}
}

/* Mostly the formats that the mnemonic names. */
static unsigned kind_for(uint64_t *s, const char *m)
{
	if (below(s, 5) == 0)
		return below(s, 6);
	if (strstr(m, "qp"))
		return 0;
	if (!strncmp(m, "xs", 2))
		return strstr(m, "cvsp") ? 2 : strstr(m, "cvhp") ? 3 : below(s, 4) ? 1 : 5;
	if (strstr(m, "hpsp"))
		return 3;
	return strstr(m, "cvsp") || (strstr(m, "sp") && !strstr(m, "cv")) ? 2 : 1 + below(s, 4);
}

/* ---- Instructions ---- */

static bool starts(const char *m, const char *with)
{
	return !strncmp(m, with, strlen(with));
}

static bool touches_memory(const PpcInsn *r)
{
	return starts(r->mnemonic, "lx") || starts(r->mnemonic, "stx");
}

static bool excluded(const PpcInsn *r)
{
	const char *m = r->mnemonic;

	if (r->facility == PPC_FAC_NONE || r->features & PPC_F_310)
		return true;
	if (m[0] != 'x' && !touches_memory(r) && !starts(m, "mfvsr") && !starts(m, "mtvsr"))
		return true;
	if (strstr(m, "rsqrte") || starts(m, "xsre") || starts(m, "xvre"))
		return true;
	/* The peer rounds this one wrongly. */
	if (!strcmp(m, "xsnmsubqpo"))
		return true;
	/* The peer has the two denormal classes exchanged. */
	return !strcmp(m, "xststdcsp");
}

static uint32_t put(uint32_t word, const PpcOperand *o, uint32_t v)
{
	return (word & ~o->mask) | ((v << ctz32(o->mask)) & o->mask);
}

static uint32_t make_word(const PpcInsn *r, uint64_t *s)
{
	uint32_t w = r->value | ((uint32_t)rnd(s) & r->fields & ~r->mask);
	bool mem = touches_memory(r), length = mem && strstr(r->mnemonic, "vl");

	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];

		if (o->kind == PPC_KIND_VSR) /* the high bit stands apart; any */
			w &= ~(o->mask & 0x1cu << ctz32(o->mask & 0x3fffc0));
		else if (o->kind == PPC_KIND_VR)
			w = put(w, o, below(s, 4));
		else if (id == PPC_OPERAND_DS)
			w = put(w, o, below(s, 8) - 4);
		else if (id == PPC_OPERAND_DQ)
			w = put(w, o, below(s, 3) - 1);
		else if (id == PPC_OPERAND_UIM4) /* above 12 is undefined */
			w = put(w, o, below(s, 13));
		else if (id == PPC_OPERAND_QRMC && !(w & BIT32(15)))
			w |= o->mask; /* 1 and 2 are reserved there */
		else if (mem && id == PPC_OPERAND_RA0)
			w = put(w, o, 5);
		else if (id == PPC_OPERAND_RA0 && below(s, 4) == 0)
			w = put(w, o, 0);
		else if (mem && id == PPC_OPERAND_RB)
			w = put(w, o, length ? 7 : 6);
		else if (o->kind == PPC_KIND_GPR || o->kind == PPC_KIND_GPR0)
			w = put(w, o, 6 + below(s, 3));
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
	unsigned kind = kind_for(s, r->mnemonic), rn = below(s, 4);
	uint8_t rec[RECORD] = { 0 };

	for (unsigned i = 0; i < 12; i++) {
		u128 v = operand(s, kind);
		unsigned at = i < 8 ? VSR + 16 * i : MEM + 16 * (i - 8);

		put64(run, rec + at, (uint64_t)(v >> 64));
		put64(run, rec + at + 8, (uint64_t)v);
	}
	put64(run, rec + GPR, touches_memory(r) ? below(s, 33) - UINT64_C(16) : rnd(s));
	put64(run, rec + GPR + 8, (uint64_t)below(s, 20) << 56 | rnd(s) >> 8);
	put64(run, rec + GPR + 16, rnd(s));
	/* The peer negates first, then rounds; and xsrqpi takes RN in its own encoding. */
	if (starts(r->mnemonic + 2, "nm"))
		rn &= 1;
	if (starts(r->mnemonic, "xsrqp"))
		rn &= 2;
	put64(run, rec + FPSCR, rn | below(s, 32) << 12);
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

		for (unsigned k = 0; k < TRIES && !excluded(r) && !(r->features & ~features); k++) {
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
	int fd = g_file_open_tmp("vsx-peer-XXXXXX", &path, NULL);

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

/* What the peer leaves of doubleword 1 of scalar targets is undefined; ours is 0. */
static void forgive_doubleword_1(const Run *run, const PpcInsn *r, const uint8_t *us, uint8_t *them)
{
	const char *m = r->mnemonic;

	if (!starts(m, "lxs") && !starts(m, "mtvs") && (!starts(m, "xs") || strstr(m, "qp")))
		return;
	for (unsigned i = 0; i < 8; i++)
		if (!get64(run, us + VSR + 16 * i + 8))
			put64(run, them + VSR + 16 * i + 8, 0);
}

/* A NaN keeps its fraction in xsaddsp and the like; the peer cuts it to a single's. */
static void forgive_nans(const Run *run, const uint8_t *us, uint8_t *them)
{
	for (unsigned i = 0; i < 8; i++) {
		uint64_t a = get64(run, us + VSR + 16 * i), b = get64(run, them + VSR + 16 * i);

		if (sf_f64_is_nan(a) && sf_f64_is_nan(b) && a >> 29 == b >> 29)
			put64(run, them + VSR + 16 * i, a);
	}
}

/* The peer's faults that depend on the case; true: nothing to compare. */
static bool forgive(const Run *run, const PpcInsn *r, uint32_t w, const uint8_t *us, uint8_t *them)
{
	const char *m = r->mnemonic;
	size_t len = strlen(m);
	bool vector = starts(m, "xv"), sp = !strcmp(m + len - 2, "sp") || strstr(m, "spn");
	uint64_t a = get64(run, us + FPSCR), b = get64(run, them + FPSCR);

	forgive_doubleword_1(run, r, us, them);
	b = (b & ~FPSCR_FR) | (a & FPSCR_FR); /* never set */
	if (!vector && sp) {		      /* denormal singles get a normal number's class */
		b = (b & ~FPSCR_C) | (a & FPSCR_C);
		forgive_nans(run, us, them);
	}
	if (vector && a & FPSCR_OX) /* overflow hides underflow in another lane */
		b |= a & FPSCR_UX;
	if (!strcmp(m, "xsrqpxp")) /* knows no underflow in the book */
		b &= ~FPSCR_UX;
	/* The peer looks at XB only when XA is no NaN; the book at both. */
	if (!strcmp(m, "xsmaxjdp") || !strcmp(m, "xsminjdp"))
		b |= a & (FPSCR_FX | FPSCR_VX | SF_VXSNAN);
	put64(run, them + FPSCR, b);
	/* One lane's NaN or overflow spoils the integers of later lanes. */
	if (starts(m, "xvcv") && a & (SF_VXCVI | SF_VXSNAN))
		return true;
	/* xsrqpxp cuts NaNs to 64 bits. */
	return !strcmp(m, "xsrqpxp") &&
	       sf_f128_is_nan((u128)get64(run, us + VSR + 64 + (w >> 21 & 3) * 16) << 64 | 1);
}

static void report(const Run *run, uint32_t w, const PpcInsn *r, const uint8_t *in,
		   const uint8_t *us, const uint8_t *peer)
{
	printf("%s %08x (%s)\n", r->mnemonic, w, run->le ? "le" : "be");
	for (unsigned i = 0; i < RECORD; i += 8) {
		uint64_t x = get64(run, in + i), a = get64(run, us + i), b = get64(run, peer + i);

		if (i < GPR || a != b)
			printf("  %3u: %016llx -> %016llx, peer's %016llx\n", i,
			       (unsigned long long)x, (unsigned long long)a, (unsigned long long)b);
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
		test_skipped("vsx_peer: no qemu-ppc64 here (package qemu-user)");
		return;
	}
	rig = rig_new("power9", MSR_FP | MSR_VEC | MSR_VSX | (le ? MSR_LE : 0));
	build(&run, rig->cpu->features);
	peer = peer_run(&run);
	run_ours(&run, rig);
	for (unsigned i = 0; i < run.words->len; i++) {
		uint64_t at = run.records + i * (uint64_t)RECORD;
		const uint8_t *us = rig_ram(rig, BASE + at);
		uint8_t *them = peer + i * (size_t)RECORD;
		uint32_t w = g_array_index(run.words, uint32_t, i);
		const PpcInsn *r = ppc_isa_find(w, rig->cpu->features);

		if (forgive(&run, r, w, us, them) || !memcmp(us, them, RECORD))
			continue;
		if (bad++ < 10)
			report(&run, w, r, run.image->data + at, us, them);
	}
	printf("vsx_peer (%s): %u cases, %u differ\n", le ? "le" : "be", run.words->len, bad);
	ck_assert_uint_gt(run.words->len, 200 * TRIES);
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

Suite *suite_vsx_peer(void);

Suite *suite_vsx_peer(void)
{
	Suite *s = suite_create("vsx_peer");
	TCase *t = tcase_create("vsx_peer");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, big_endian);
	tcase_add_test(t, little_endian);
	suite_add_tcase(s, t);
	return s;
}
