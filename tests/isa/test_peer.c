/*
 * Every problem-state row of the integer table against QEMU's user-mode
 * emulator (if installed), both byte orders: random operands, one program
 * per byte order that runs all cases and writes its records out.
 *
 * Not compared: what is not a function of registers and memory alone
 * (darn, mftb, barriers, hints), strings and multiples (they use registers
 * that the frame needs; test_ex_int has them), branches through LR and CTR,
 * results of divisions that have none.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/isa/harness.h"

/* A case, as the guest's frame code sees it: all in guest byte order. */
enum {
	IN_GPR = 0, /* r3 to r10 */
	IN_XER = 64,
	IN_CR = 72,
	IN_CTR = 80,
	IN_LR = 88,
	OUT_GPR = 96, /* r3 to r10 */
	OUT_XER = 160,
	OUT_CR = 168,
	OUT_CTR = 176,
	OUT_LR = 184,
	OUT_R11 = 192,
	MEM = 256, /* r11 = MEM + 32 */
	RECORD = 320,
	FRAME = 44, /* words of code for a case */
	TRIES = 24,
	BASE = 0x1000000,
	EHDR = 0x100, /* code starts here */
};

typedef struct Run {
	const char *model;
	bool le;
	GArray *words; /* the instruction of each case */
	GByteArray *image;
	uint64_t records; /* offset in image */
} Run;

static uint32_t d_form(unsigned po, unsigned rt, unsigned ra, int d)
{
	return po << 26 | rt << 21 | ra << 16 | ((unsigned)d & 0xffff);
}

static uint32_t spr_move(bool to, unsigned spr)
{
	return 31u << 26 | (spr & 31) << 16 | (spr >> 5) << 11 | (to ? 467 : 339) << 1;
}

enum { OP_ADDI = 14, OP_LD = 58, OP_STD = 62, SPR_XER = 1, SPR_LR = 8, SPR_CTR = 9 };

/* Frame code around one instruction; r31 points to the record. */
static unsigned frame(uint32_t insn, uint32_t *w)
{
	uint32_t *p = w;

	*p++ = d_form(OP_LD, 0, 31, IN_XER), *p++ = spr_move(true, SPR_XER);
	*p++ = d_form(OP_LD, 0, 31, IN_CTR), *p++ = spr_move(true, SPR_CTR);
	*p++ = d_form(OP_LD, 0, 31, IN_LR), *p++ = spr_move(true, SPR_LR);
	*p++ = d_form(OP_LD, 0, 31, IN_CR), *p++ = 0x7c0ff120; /* mtcrf 255,r0 */
	*p++ = d_form(OP_ADDI, 11, 31, MEM + 32);
	*p++ = d_form(OP_ADDI, 12, 0, 16);
	for (unsigned i = 0; i < 8; i++)
		*p++ = d_form(OP_LD, 3 + i, 31, IN_GPR + 8 * (int)i);
	*p++ = insn;
	*p++ = d_form(OP_ADDI, 10, 10, 1); /* a taken branch skips this */
	for (unsigned i = 0; i < 8; i++)
		*p++ = d_form(OP_STD, 3 + i, 31, OUT_GPR + 8 * (int)i);
	*p++ = 0x7c000026, *p++ = d_form(OP_STD, 0, 31, OUT_CR); /* mfcr r0 */
	*p++ = spr_move(false, SPR_XER), *p++ = d_form(OP_STD, 0, 31, OUT_XER);
	*p++ = spr_move(false, SPR_CTR), *p++ = d_form(OP_STD, 0, 31, OUT_CTR);
	*p++ = spr_move(false, SPR_LR), *p++ = d_form(OP_STD, 0, 31, OUT_LR);
	*p++ = d_form(OP_STD, 11, 31, OUT_R11);
	*p++ = d_form(OP_ADDI, 31, 31, RECORD);
	while (p < w + FRAME)
		*p++ = 0x60000000;
	return (unsigned)(p - w);
}

/* Deterministic random numbers, with the values that matter over-represented. */
static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
	return *s;
}

static uint64_t interesting(uint64_t *s)
{
	static const uint64_t v[] = { 0,	 1,	     UINT64_MAX,
				      INT64_MAX, BIT64(0),   BIT32(0),
				      INT32_MAX, UINT32_MAX, UINT64_C(0xffffffff80000000),
				      0x7f,	 0x80,	     0x8000 };
	uint64_t x = rnd(s);

	switch (x % 4) {
	case 0: return v[(x >> 8) % ARRAY_LEN(v)];
	case 1: return (uint64_t)(int64_t)(int32_t)(x >> 16);
	case 2: return x >> 56;
	default: return rnd(s);
	}
}

static bool is(const char *m, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(m, *list))
			return true;
	return false;
}

static bool excluded(const PpcInsn *r)
{
	static const char *const names[] = {
		"darn", "sync", "eieio", "wait", "copy", "paste.", "cpabort", "dcbt", "dcbtst",
		"dcbf", "dcbst", "dcba", "dcbi", "dcbz", "icbi", "icbt", "lmw", "stmw", "lswi",
		"lswx", "stswi", "stswx", "tw", "twi", "td", "tdi", "mfspr", "mtspr", "mftb",
		"addpcis", "bclr", "bclrl", "bcctr", "bcctrl", "ba", "bla", "bca", "bcla", "bl",
		"bcl", "isync", "dst", "dstst", "dss", "sc", "attn",
		/* no-ops here, illegal there */
		"rnop", "hashst", "hashchk", "hashstp", "hashchkp", NULL
	};

	if (r->facility != PPC_FAC_NONE || r->flags & (PPC_INSN_PRIV | PPC_INSN_HV))
		return true;
	if (r->features & (PPC_F_CLS | PPC_F_310 | PPC_F_SEG32 | PPC_F_FP | PPC_F_DFP))
		return true;
	return is(r->mnemonic, names);
}

static uint32_t put(uint32_t word, const PpcOperand *o, uint32_t v)
{
	return (word & ~o->mask) | ((v << ctz32(o->mask)) & o->mask);
}

static bool touches_memory(const PpcInsn *r)
{
	return strchr(r->operands, '(') ||
	       ((r->mnemonic[0] == 'l' || r->mnemonic[0] == 's') && strstr(r->operands, ",RA") &&
		strchr("lwbhdtq", r->mnemonic[1]) && r->value >> 26 == 31 &&
		!strstr(r->operands, "RA,RS"));
}

/* A word of the row whose registers are the frame's; 0: not this one. */
static uint32_t make_word(const PpcInsn *r, uint64_t *s)
{
	uint32_t w = r->value | ((uint32_t)rnd(s) & r->fields & ~r->mask);
	bool mem = touches_memory(r);
	static const uint8_t amo[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 16 };

	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];

		if (id == PPC_OPERAND_DS && !strcmp(r->mnemonic, "stq"))
			w = put(w, o, (uint32_t)((int)(rnd(s) % 3) - 1) * 4);
		else if (id == PPC_OPERAND_D || id == PPC_OPERAND_DS)
			w = put(w, o, (uint32_t)((int)(rnd(s) % 12) - 6));
		else if (id == PPC_OPERAND_DQ)
			w = put(w, o, (uint32_t)((int)(rnd(s) % 3) - 1));
		else if (id == PPC_OPERAND_BD || id == PPC_OPERAND_LI)
			w = put(w, o, 2);
		else if (id == PPC_OPERAND_CY)
			w = put(w, o, 0);
		else if (id == PPC_OPERAND_FC)
			w = put(w, o, amo[rnd(s) % (r->mnemonic[0] == 'l' ? 10 : 8)]);
		else if (id == PPC_OPERAND_FXM && strchr(r->mnemonic, 'o'))
			w = put(w, o, 1u << (rnd(s) & 7));
		else if (mem && (id == PPC_OPERAND_RA || id == PPC_OPERAND_RA0))
			w = put(w, o, 11);
		else if (mem && id == PPC_OPERAND_RB)
			w = put(w, o, 12);
		else if (id == PPC_OPERAND_RTp || id == PPC_OPERAND_RSp)
			w = put(w, o, 4 + 2 * (rnd(s) % 3));
		else if (id == PPC_OPERAND_RA0 && rnd(s) % 8 == 0)
			w = put(w, o, 0);
		else if (o->kind == PPC_KIND_GPR || o->kind == PPC_KIND_GPR0)
			w = put(w, o, 3 + (uint32_t)(rnd(s) % (r->mnemonic[1] == 'a' ? 5 : 7)));
	}
	if (strstr(r->mnemonic, "wat") ||
	    strstr(r->mnemonic, "dat")) /* RT + 2 must stay in the frame */
		w = put(w, &ppc_isa_operands[PPC_OPERAND_RT], 3 + (uint32_t)(rnd(s) % 5));
	/* Decrementing forms of branches are fine; the reserved z bits must be 0. */
	return w;
}

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
	memset(h, 0, EHDR);
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

static void build(Run *run, uint64_t features)
{
	uint64_t s = 0x123456789abcdef;
	uint8_t rec[RECORD], head[EHDR] = { 0 };
	uint64_t at, len;

	run->words = g_array_new(FALSE, FALSE, 4);
	run->image = g_byte_array_new();
	for (unsigned i = 0; i < ppc_isa_row_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		if (excluded(r) || r->features & ~features || r->without & features)
			continue;
		for (unsigned k = 0; k < TRIES; k++) {
			uint32_t w = make_word(r, &s);

			g_array_append_val(run->words, w);
		}
	}
	g_byte_array_append(run->image, head, EHDR);
	at = BASE + ((EHDR + (run->words->len * (uint64_t)FRAME + 16) * 4 + 63) & ~UINT64_C(63));
	add_word(run, d_form(15, 31, 0, (int)(at >> 16)));
	add_word(run, d_form(24, 31, 31, (int)(at & 0xffff)));
	for (unsigned i = 0; i < run->words->len; i++) {
		uint32_t w[FRAME];

		frame(g_array_index(run->words, uint32_t, i), w);
		for (unsigned k = 0; k < FRAME; k++)
			add_word(run, w[k]);
	}
	len = run->words->len * (uint64_t)RECORD;
	/* write(1, records, len); exit(0) */
	add_word(run, d_form(OP_ADDI, 0, 0, 4));
	add_word(run, d_form(OP_ADDI, 3, 0, 1));
	add_word(run, d_form(15, 4, 0, (int)(at >> 16)));
	add_word(run, d_form(24, 4, 4, (int)(at & 0xffff)));
	add_word(run, d_form(15, 5, 0, (int)(len >> 16)));
	add_word(run, d_form(24, 5, 5, (int)(len & 0xffff)));
	add_word(run, 0x44000002);
	add_word(run, d_form(OP_ADDI, 0, 0, 1));
	add_word(run, d_form(OP_ADDI, 3, 0, 0));
	add_word(run, 0x44000002);
	while (run->image->len < at - BASE)
		add_word(run, 0);
	run->records = at - BASE;
	for (unsigned i = 0; i < run->words->len; i++) {
		memset(rec, 0, sizeof(rec));
		for (unsigned k = 0; k < 8; k++)
			put64(run, rec + IN_GPR + 8 * k, interesting(&s));
		put64(run, rec + IN_XER, rnd(&s) & 0xe00c0000);
		put64(run, rec + IN_CR, rnd(&s) & UINT32_MAX);
		put64(run, rec + IN_CTR, rnd(&s) % 3);
		put64(run, rec + IN_LR, interesting(&s));
		for (unsigned k = MEM; k < RECORD; k++)
			rec[k] = (uint8_t)rnd(&s);
		g_byte_array_append(run->image, rec, RECORD);
	}
	elf_header(run, run->image->data, run->image->len);
}

/* The records as the peer leaves them; NULL when it is not there. */
static uint8_t *peer_run(const Run *run)
{
	g_autofree char *path = NULL, *cmd = NULL;
	size_t len = run->words->len * (size_t)RECORD;
	uint8_t *out = g_malloc(len);
	size_t got;
	FILE *f;
	int fd = g_file_open_tmp("peer-XXXXXX", &path, NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, run->image->data, run->image->len) == (ssize_t)run->image->len);
	close(fd);
	ck_assert_int_eq(chmod(path, 0700), 0);
	cmd = g_strdup_printf("%s -cpu %s %s 2>&1", run->le ? "qemu-ppc64le" : "qemu-ppc64",
			      run->model, path);
	f = popen(cmd, "r");
	got = fread(out, 1, len, f);
	pclose(f);
	unlink(path);
	ck_assert_uint_eq(got, len);
	return out;
}

/* Divisions without a result: any register content will do. */
static bool undefined_division(Rig *rig, const Run *run, const PpcInsn *r, uint32_t w,
			       const uint8_t *in)
{
	uint64_t a, b, full = UINT64_MAX, min = BIT64(0);
	PpcOp op;
	bool sign = !strchr(r->mnemonic, 'u'), word = strchr(r->mnemonic, 'w') != NULL;

	if (strncmp(r->mnemonic, "div", 3) && strncmp(r->mnemonic, "mod", 3))
		return false;
	ppc_isa_decode(r, w, &op);
	a = get64(run, in + IN_GPR + 8 * (op.RA - 3));
	b = get64(run, in + IN_GPR + 8 * (op.RB - 3));
	if (word)
		a &= UINT32_MAX, b &= UINT32_MAX, full = UINT32_MAX, min = BIT32(0);
	if (b == 0 || (sign && a == min && b == full))
		return true;
	if (r->mnemonic[3] != 'w' && r->mnemonic[3] != 'd') /* never: names are fixed */
		return false;
	if (r->mnemonic[4] != 'e')
		return false;
	/* Extended: ask our own OE form (its OV is tested by test_ex_int). */
	rig_clear(rig);
	rig->cpu->gpr[op.RA] = get64(run, in + IN_GPR + 8 * (op.RA - 3));
	rig->cpu->gpr[op.RB] = get64(run, in + IN_GPR + 8 * (op.RB - 3));
	rig_exec(rig, w | BIT32(21));
	return rig->cpu->xer.ov;
}

/*
 * Where the peer is not asked: upper halves (and so CR0) that the book leaves
 * undefined, and word AMOs with a signed comparison, which the peer (7.2)
 * does on zero-extended words.
 */
static bool differs_by_design(const Run *run, const PpcInsn *r, uint32_t w, const uint8_t *us,
			      const uint8_t *peer)
{
	static const char *const halves[] = { "mulhw", "divwe", "divweo", NULL };
	PpcOp op;

	ppc_isa_decode(r, w, &op);
	if (!strcmp(r->mnemonic, "lwat") || !strcmp(r->mnemonic, "stwat"))
		return op.FC == 5 || op.FC == 7;
	if (!is(r->mnemonic, halves))
		return false;
	return (uint32_t)get64(run, us + OUT_GPR + 8 * (op.RT - 3)) ==
	       (uint32_t)get64(run, peer + OUT_GPR + 8 * (op.RT - 3));
}

static bool report(const Run *run, uint32_t w, const PpcInsn *r, const uint8_t *in,
		   const uint8_t *us, const uint8_t *peer)
{
	static const struct {
		const char *name;
		unsigned off;
	} what[] = { { "r3", OUT_GPR },	     { "r4", OUT_GPR + 8 },   { "r5", OUT_GPR + 16 },
		     { "r6", OUT_GPR + 24 }, { "r7", OUT_GPR + 32 },  { "r8", OUT_GPR + 40 },
		     { "r9", OUT_GPR + 48 }, { "r10", OUT_GPR + 56 }, { "xer", OUT_XER },
		     { "cr", OUT_CR },	     { "ctr", OUT_CTR },      { "lr", OUT_LR },
		     { "r11", OUT_R11 } };

	printf("%s %08x (%s):", r->mnemonic, w, run->le ? "le" : "be");
	for (unsigned i = 0; i < 8; i++)
		printf(" %llx", (unsigned long long)get64(run, in + 8 * i));
	printf("\n");
	for (unsigned i = 0; i < ARRAY_LEN(what); i++) {
		uint64_t a = get64(run, us + what[i].off), b = get64(run, peer + what[i].off);

		if (a != b)
			printf("  %s: ours %016llx, peer's %016llx\n", what[i].name,
			       (unsigned long long)a, (unsigned long long)b);
	}
	if (memcmp(us + MEM, peer + MEM, 64))
		printf("  memory differs\n");
	return false;
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
	if (rig->cpu->nip != end) {
		uint32_t w = 0;

		ram_read(rig->m->ram, rig->cpu->spr.SRR0, &w, 4);
		printf("peer: vector 0x%x at word %08x\n", (unsigned)rig->cpu->nip,
		       run->le ? w : bswap32(w));
	}
	ck_assert_uint_eq(rig->cpu->nip, end);
}

static void compare(const char *model, bool le)
{
	Run run = { .model = model, .le = le };
	Rig *rig, *side;
	g_autofree uint8_t *peer = NULL, *in = NULL;
	g_autofree char *prog = g_find_program_in_path(le ? "qemu-ppc64le" : "qemu-ppc64");
	unsigned bad = 0;

	if (!prog) {
		test_skipped("peer: no qemu-ppc64 here (package qemu-user)");
		return;
	}
	rig = rig_new(model, le ? MSR_LE : 0);
	side = rig_new(model, 0);
	build(&run, rig->cpu->features);
	peer = peer_run(&run);
	in = g_memdup2(run.image->data + run.records, run.words->len * (size_t)RECORD);
	run_ours(&run, rig);
	for (unsigned i = 0; i < run.words->len; i++) {
		const uint8_t *us = rig_ram(rig, BASE + run.records + i * (uint64_t)RECORD);
		const uint8_t *them = peer + i * (size_t)RECORD, *rec = in + i * (size_t)RECORD;
		uint32_t w = g_array_index(run.words, uint32_t, i);
		const PpcInsn *r = ppc_isa_find(w, rig->cpu->features);

		if (!memcmp(us, them, RECORD) || undefined_division(side, &run, r, w, rec) ||
		    differs_by_design(&run, r, w, us, them))
			continue;
		if (bad++ < 40)
			report(&run, w, r, rec, us, them);
	}
	printf("peer (%s %s): %u cases, %u differ\n", model, le ? "le" : "be", run.words->len, bad);
	rig_free(rig);
	rig_free(side);
	g_array_unref(run.words);
	g_byte_array_unref(run.image);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(big_endian)
{
	compare("power9", false);
}
END_TEST

START_TEST(little_endian)
{
	compare("power9", true);
}
END_TEST

START_TEST(peer_970)
{
	compare("970fx", false);
}
END_TEST

Suite *suite_peer(void);
Suite *suite_peer(void)
{
	Suite *s = suite_create("peer");
	TCase *t = tcase_create("peer");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, big_endian);
	tcase_add_test(t, little_endian);
	tcase_add_test(t, peer_970);
	suite_add_tcase(s, t);
	return s;
}
