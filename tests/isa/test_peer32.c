/*
 * 32-bit models against QEMU's user-mode emulator (if installed): every
 * problem-state row of integer, floating-point and AltiVec instructions with
 * random and special operands, as one program that runs all cases and writes
 * its records out.
 *
 * Not compared: what is not a function of registers and memory alone,
 * strings and multiples, branches through LR and CTR (test_ex_int has them),
 * estimates (test_chips), and where the peer is known to be wrong or the book
 * leaves a result open: see differs_by_design().
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "target-ppc/fpu.h"
#include "tests/isa/harness.h"

/* A case as the guest's frame code sees it, big-endian. */
enum {
	IN_GPR = 0, /* r3 to r10, words */
	IN_XER = 32,
	IN_CR = 36,
	IN_CTR = 40,
	IN_LR = 44,
	IN_FPSCR = 48, /* as a doubleword */
	IN_FPR = 56,   /* f1 to f4 */
	IN_VR = 96,    /* v1 to v4 */
	IN_VSCR = 160,
	OUT = 176, /* the same layout again */
	OUT_R11 = 352,
	MEM = 368, /* r11 = MEM + 32 */
	RECORD = 432,
	FRAME = 96, /* words of code for a case */
	TRIES = 24,
	BASE = 0x1000000,
	EHDR = 0x100, /* code starts here */
};

enum {
	OP_ADDI = 14,
	OP_ADDIS = 15,
	OP_ORI = 24,
	OP_LWZ = 32,
	OP_STW = 36,
	OP_LFD = 50,
	OP_STFD = 54
};
enum { SPR_XER = 1, SPR_LR = 8, SPR_CTR = 9 };

typedef struct Run {
	const char *model;
	bool vmx;
	GArray *words; /* the instruction of each case */
	GByteArray *image;
	uint64_t records; /* offset in image */
} Run;

static uint32_t d_form(unsigned po, unsigned rt, unsigned ra, int d)
{
	return po << 26 | rt << 21 | ra << 16 | ((unsigned)d & 0xffff);
}

static uint32_t x_form(unsigned po, unsigned rt, unsigned ra, unsigned rb, unsigned xo)
{
	return po << 26 | rt << 21 | ra << 16 | rb << 11 | xo << 1;
}

static uint32_t spr_move(bool to, unsigned spr)
{
	return 31u << 26 | (spr & 31) << 16 | (spr >> 5) << 11 | (to ? 467 : 339) << 1;
}

/* lvx or stvx of vN at r31 + off, through r14. */
static uint32_t *vector_move(uint32_t *p, bool store, unsigned n, int off)
{
	*p++ = d_form(OP_ADDI, 14, 0, off);
	*p++ = x_form(31, n, 31, 14, store ? 231 : 103);
	return p;
}

static uint32_t *frame_in(const Run *run, uint32_t *p)
{
	if (run->vmx) {
		p = vector_move(p, false, 0, IN_VSCR);
		*p++ = 0x10000644; /* mtvscr v0 */
		for (unsigned i = 0; i < 4; i++)
			p = vector_move(p, false, 1 + i, IN_VR + 16 * (int)i);
	}
	*p++ = d_form(OP_LFD, 0, 31, IN_FPSCR), *p++ = 0xfdfe058e; /* mtfsf 255,f0 */
	for (unsigned i = 0; i < 4; i++)
		*p++ = d_form(OP_LFD, 1 + i, 31, IN_FPR + 8 * (int)i);
	*p++ = d_form(OP_LWZ, 0, 31, IN_XER), *p++ = spr_move(true, SPR_XER);
	*p++ = d_form(OP_LWZ, 0, 31, IN_CTR), *p++ = spr_move(true, SPR_CTR);
	*p++ = d_form(OP_LWZ, 0, 31, IN_LR), *p++ = spr_move(true, SPR_LR);
	*p++ = d_form(OP_LWZ, 0, 31, IN_CR), *p++ = 0x7c0ff120; /* mtcrf 255,r0 */
	*p++ = d_form(OP_ADDI, 11, 31, MEM + 32);
	*p++ = d_form(OP_ADDI, 12, 0, 16);
	for (unsigned i = 0; i < 8; i++)
		*p++ = d_form(OP_LWZ, 3 + i, 31, IN_GPR + 4 * (int)i);
	return p;
}

static uint32_t *frame_out(const Run *run, uint32_t *p)
{
	for (unsigned i = 0; i < 8; i++)
		*p++ = d_form(OP_STW, 3 + i, 31, OUT + IN_GPR + 4 * (int)i);
	*p++ = 0x7c000026, *p++ = d_form(OP_STW, 0, 31, OUT + IN_CR); /* mfcr r0 */
	*p++ = spr_move(false, SPR_XER), *p++ = d_form(OP_STW, 0, 31, OUT + IN_XER);
	*p++ = spr_move(false, SPR_CTR), *p++ = d_form(OP_STW, 0, 31, OUT + IN_CTR);
	*p++ = spr_move(false, SPR_LR), *p++ = d_form(OP_STW, 0, 31, OUT + IN_LR);
	*p++ = d_form(OP_STW, 11, 31, OUT_R11);
	for (unsigned i = 0; i < 4; i++)
		*p++ = d_form(OP_STFD, 1 + i, 31, OUT + IN_FPR + 8 * (int)i);
	*p++ = 0xfc00048e, *p++ = d_form(OP_STFD, 0, 31, OUT + IN_FPSCR); /* mffs f0 */
	if (run->vmx) {
		for (unsigned i = 0; i < 4; i++)
			p = vector_move(p, true, 1 + i, OUT + IN_VR + 16 * (int)i);
		*p++ = 0x10000604; /* mfvscr v0 */
		p = vector_move(p, true, 0, OUT + IN_VSCR);
	}
	*p++ = d_form(OP_ADDI, 31, 31, RECORD);
	return p;
}

static void frame(const Run *run, uint32_t insn, uint32_t *w)
{
	uint32_t *p = frame_in(run, w);

	*p++ = insn;
	*p++ = d_form(OP_ADDI, 10, 10, 1); /* a taken branch skips this */
	p = frame_out(run, p);
	ck_assert(p <= w + FRAME);
	while (p < w + FRAME)
		*p++ = 0x60000000;
}

/* ---- Operands ---- */

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
	return *s;
}

static uint32_t int_operand(uint64_t *s)
{
	static const uint32_t v[] = { 0, 1, UINT32_MAX, INT32_MAX, 0x80000000, 0x7f, 0x80, 0x8000 };
	uint64_t x = rnd(s);

	switch (x % 4) {
	case 0: return v[(x >> 8) % ARRAY_LEN(v)];
	case 1: return (uint32_t)(int32_t)(int16_t)(x >> 16);
	case 2: return (uint32_t)(x >> 59);
	default: return (uint32_t)(x >> 24);
	}
}

/* A single, also of the kinds that matter. */
static uint32_t single_operand(uint64_t *s)
{
	static const uint32_t v[] = { 0,	  0x80000000, 0x3f800000, 0xbf800000, 0x7f800000,
				      0xff800000, 0x7fc00000, 0x7f800001, 0x00000001, 0x807fffff,
				      0x7f7fffff, 0x00800000, 0x4f000000, 0xcf000000 };
	uint64_t x = rnd(s);

	switch (x % 4) {
	case 0: return v[(x >> 8) % ARRAY_LEN(v)];
	case 1: return (uint32_t)(x >> 20 & 0x807fffff) | 0x3f000000; /* near 1 */
	default: return (uint32_t)(x >> 24);
	}
}

static uint64_t double_operand(uint64_t *s)
{
	uint64_t x = rnd(s);

	switch (x % 4) {
	case 0: return (x & BIT64(0)) | (x >> 12 & mask64(12, 63)) | UINT64_C(0x3fe) << 52;
	case 1: return rnd(s);
	default: return sf_lfs(single_operand(s));
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
		"sync",	   "eieio", "dcbt",    "dcbtst",   "dcbf",	"dcbst",  "dcba",  "dcbi",
		"dcbz",	   "icbi",  "lmw",     "stmw",	   "lswi",	"lswx",	  "stswi", "stswx",
		"tw",	   "twi",   "mfspr",   "mtspr",	   "mftb",	"bclr",	  "bclrl", "bcctr",
		"bcctrl",  "ba",    "bla",     "bca",	   "bcla",	"bl",	  "bcl",   "isync",
		"dst",	   "dstst", "dss",     "dstt",	   "dststt",	"dssall", "sc",	   "fres",
		"frsqrte", "vrefp", "vlogefp", "vexptefp", "vrsqrtefp", "eciwx",  "ecowx", "lwarx",
		"stwcx.",  NULL
	};

	return r->flags & (PPC_INSN_PRIV | PPC_INSN_HV) || is(r->mnemonic, names);
}

static uint32_t put(uint32_t word, const PpcOperand *o, uint32_t v)
{
	return (word & ~o->mask) | ((v << ctz32(o->mask)) & o->mask);
}

static bool touches_memory(const PpcInsn *r)
{
	const char *m = r->mnemonic;

	if (strchr(r->operands, '('))
		return true;
	if (r->value >> 26 != 31 || !strncmp(m, "lvs", 3))
		return false;
	return strstr(r->operands, "T,RA") || strstr(r->operands, "S,RA");
}

/* A word of the row whose registers are the frame's. */
static uint32_t make_word(const PpcInsn *r, uint64_t *s)
{
	uint32_t w = r->value | ((uint32_t)rnd(s) & r->fields & ~r->mask);
	bool mem = touches_memory(r) && (r->mnemonic[0] == 'l' || r->mnemonic[0] == 's');
	/* An FP operand that is not on a word boundary would be an interrupt. */
	unsigned step = r->facility == PPC_FAC_FP ? 4 : 1;

	for (unsigned i = 0; i < r->noperands; i++) {
		unsigned id = r->operand[i] & PPC_OPERAND_ID;
		const PpcOperand *o = &ppc_isa_operands[id];

		if (id == PPC_OPERAND_D)
			w = put(w, o, (uint32_t)((int)(rnd(s) % 12) - 6) * step);
		else if (id == PPC_OPERAND_BD || id == PPC_OPERAND_LI)
			w = put(w, o, 2);
		else if (id == PPC_OPERAND_FLM)
			w = put(w, o,
				(uint32_t)rnd(s) & 0xfc); /* not the enables: they would trap */
		else if (id == PPC_OPERAND_FBF && !strcmp(r->mnemonic, "mtfsfi"))
			w = put(w, o, rnd(s) % 6);
		else if (id == PPC_OPERAND_FBT)
			w = put(w, o, rnd(s) % 24);
		else if (id == PPC_OPERAND_FL || id == PPC_OPERAND_FW)
			w = put(w, o, 0); /* reserved bits, which the peer refuses */
		else if (mem && (id == PPC_OPERAND_RA || id == PPC_OPERAND_RA0))
			w = put(w, o, 11);
		else if (mem && id == PPC_OPERAND_RB)
			w = put(w, o, 12);
		else if (id == PPC_OPERAND_RA0 && rnd(s) % 8 == 0)
			w = put(w, o, 0);
		else if (o->kind == PPC_KIND_GPR || o->kind == PPC_KIND_GPR0)
			w = put(w, o, 3 + (uint32_t)(rnd(s) % 7));
		else if (o->kind == PPC_KIND_FPR || o->kind == PPC_KIND_VR)
			w = put(w, o, 1 + (uint32_t)(rnd(s) % 4));
	}
	return w;
}

/* ---- The program ---- */

static void add_word(Run *run, uint32_t w)
{
	uint8_t b[4];

	st32_be(b, w);
	g_byte_array_append(run->image, b, 4);
}

/* An ELF header and one loadable segment that is the whole file. */
static void elf_header(uint8_t *h, uint32_t size)
{
	memset(h, 0, EHDR);
	memcpy(h, "\177ELF\1\2\1", 7);
	st32_be(h + 16, 2 << 16 | 20); /* ET_EXEC, PPC */
	st32_be(h + 20, 1);
	st32_be(h + 24, BASE + EHDR);
	st32_be(h + 28, 52);
	st32_be(h + 40, 52 << 16 | 32);
	st32_be(h + 44, 1 << 16);
	st32_be(h + 52, 1);
	st32_be(h + 60, BASE);
	st32_be(h + 64, BASE);
	st32_be(h + 68, size);
	st32_be(h + 72, size);
	st32_be(h + 76, 7);
	st32_be(h + 80, 0x10000);
}

static void make_record(Run *run, uint32_t w, uint64_t *s)
{
	uint8_t rec[RECORD] = { 0 };
	/* Singles' operands are singles: what else is left open (test_chips has the 750's). */
	bool singles = w >> 26 == 59;

	for (unsigned k = 0; k < 8; k++)
		st32_be(rec + IN_GPR + 4 * k, int_operand(s));
	st32_be(rec + IN_XER, rnd(s) & 0xe0000000);
	st32_be(rec + IN_CR, (uint32_t)rnd(s));
	st32_be(rec + IN_CTR, rnd(s) % 3);
	st32_be(rec + IN_LR, int_operand(s));
	st32_be(rec + IN_FPSCR + 4, rnd(s) & 3);
	for (unsigned k = 0; k < 4; k++)
		st64_be(rec + IN_FPR + 8 * k,
			singles ? sf_lfs(single_operand(s)) : double_operand(s));
	for (unsigned k = 0; k < 16; k++)
		st32_be(rec + IN_VR + 4 * k, k % 3 ? single_operand(s) : int_operand(s));
	st32_be(rec + IN_VSCR + 12, rnd(s) & 0x10000);
	for (unsigned k = MEM; k < RECORD; k++)
		rec[k] = (uint8_t)rnd(s);
	g_byte_array_append(run->image, rec, RECORD);
}

static void exit_code(Run *run, uint32_t at, uint32_t len)
{
	add_word(run, d_form(OP_ADDI, 0, 0, 4)); /* write(1, records, len) */
	add_word(run, d_form(OP_ADDI, 3, 0, 1));
	add_word(run, d_form(OP_ADDIS, 4, 0, (int)(at >> 16)));
	add_word(run, d_form(OP_ORI, 4, 4, (int)(at & 0xffff)));
	add_word(run, d_form(OP_ADDIS, 5, 0, (int)(len >> 16)));
	add_word(run, d_form(OP_ORI, 5, 5, (int)(len & 0xffff)));
	add_word(run, 0x44000002);
	add_word(run, d_form(OP_ADDI, 0, 0, 1));
	add_word(run, d_form(OP_ADDI, 3, 0, 0));
	add_word(run, 0x44000002);
}

static void build(Run *run, uint64_t features)
{
	uint64_t s = 0x123456789abcdef;
	uint8_t head[EHDR] = { 0 };
	uint32_t at;

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
	at = BASE + ((EHDR + (run->words->len * (uint32_t)FRAME + 16) * 4 + 63) & ~63u);
	add_word(run, d_form(OP_ADDIS, 31, 0, (int)(at >> 16)));
	add_word(run, d_form(OP_ORI, 31, 31, (int)(at & 0xffff)));
	for (unsigned i = 0; i < run->words->len; i++) {
		uint32_t w[FRAME];

		frame(run, g_array_index(run->words, uint32_t, i), w);
		for (unsigned k = 0; k < FRAME; k++)
			add_word(run, w[k]);
	}
	exit_code(run, at, run->words->len * (uint32_t)RECORD);
	while (run->image->len < at - BASE)
		add_word(run, 0);
	run->records = at - BASE;
	for (unsigned i = 0; i < run->words->len; i++)
		make_record(run, g_array_index(run->words, uint32_t, i), &s);
	elf_header(run->image->data, run->image->len);
}

/* The records as the peer leaves them. */
static uint8_t *peer_run(const Run *run)
{
	g_autofree char *path = NULL, *cmd = NULL;
	size_t len = run->words->len * (size_t)RECORD, got;
	uint8_t *out = g_malloc(len);
	int fd = g_file_open_tmp("peer-XXXXXX", &path, NULL);
	FILE *f;

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, run->image->data, run->image->len) == (ssize_t)run->image->len);
	close(fd);
	ck_assert_int_eq(chmod(path, 0700), 0);
	cmd = g_strdup_printf("qemu-ppc -cpu %s %s 2>&1", run->model, path);
	f = popen(cmd, "r");
	got = fread(out, 1, len, f);
	pclose(f);
	unlink(path);
	ck_assert_msg(got == len, "the peer wrote %zu bytes: %.*s", got, (int)MIN(got, 200), out);
	return out;
}

/* Runs our copy up to the system calls at the end, which become `b .'. */
static void run_ours(const Run *run, Rig *rig)
{
	uint64_t code = (2 + run->words->len * (uint64_t)FRAME) * 4, end = BASE + EHDR + code;
	uint32_t stop = 0x48000000, w = 0;

	memcpy(rig_ram(rig, BASE), run->image->data, run->image->len);
	rig_clear(rig);
	rig_code(rig, end, &stop, 1);
	rig_run(rig, BASE + EHDR, code / 4);
	if (rig->cpu->nip != end) {
		ram_ld32(rig->m->ram, rig->cpu->spr.SRR0, &w);
		printf("peer32: vector 0x%x at word %08x\n", (unsigned)rig->cpu->nip, w);
	}
	ck_assert_uint_eq(rig->cpu->nip, end);
}

/* ---- Comparison ---- */

/* Makes equal what is allowed to differ. */
static void even_out(const PpcInsn *r, uint32_t w, uint8_t *us, uint8_t *peer)
{
	/* The peer never sets FR, and takes the class of singles from the double. */
	uint32_t open = FPSCR_FR, ours = ld32_be(us + OUT + IN_FPSCR + 4);
	PpcOp op;

	ppc_isa_decode(r, w, &op);
	if (r->value >> 26 == 59 || !strcmp(r->mnemonic, "frsp"))
		open |= FPSCR_FPRF;
	/* Compares leave C alone; the peer sets it for NaNs. */
	if (!strncmp(r->mnemonic, "fcmp", 4))
		open |= FPSCR_C;
	/* An exception bit that mtfsb1 sets sets FX; the peer forgets it, so CR1 too. */
	if (!strcmp(r->mnemonic, "mtfsb1") && ours & FPSCR_FX) {
		open |= FPSCR_FX;
		if (w & 1)
			peer[OUT + IN_CR] |= 8;
	}
	/* Conversions to integers leave FPRF undefined, and the upper word. */
	if (!strncmp(r->mnemonic, "fctiw", 5)) {
		open |= FPSCR_FPRF;
		memcpy(peer + OUT + IN_FPR + 8 * (op.FRT - 1), us + OUT + IN_FPR + 8 * (op.FRT - 1),
		       4);
	}
	if (!strcmp(r->mnemonic, "mffs"))
		memcpy(peer + OUT + IN_FPR + 8 * (op.FRT - 1), us + OUT + IN_FPR + 8 * (op.FRT - 1),
		       4);
	/* The upper word of mffs is undefined in the frame as well. */
	memcpy(peer + OUT + IN_FPSCR, us + OUT + IN_FPSCR, 4);
	st32_be(us + OUT + IN_FPSCR + 4, ours & ~open);
	st32_be(peer + OUT + IN_FPSCR + 4, ld32_be(peer + OUT + IN_FPSCR + 4) & ~open);
	/* The peer keeps VSCR's reserved bits. */
	if (!strcmp(r->mnemonic, "mtvscr"))
		st32_be(peer + OUT + IN_VSCR + 12, ld32_be(peer + OUT + IN_VSCR + 12) & 0x10001);
}

static bool undefined_division(const PpcInsn *r, uint32_t w, const uint8_t *in)
{
	PpcOp op;
	uint32_t a, b;

	if (strncmp(r->mnemonic, "divw", 4))
		return false;
	ppc_isa_decode(r, w, &op);
	a = ld32_be(in + IN_GPR + 4 * (op.RA - 3));
	b = ld32_be(in + IN_GPR + 4 * (op.RB - 3));
	return b == 0 || (r->mnemonic[4] != 'u' && a == 0x80000000 && b == UINT32_MAX);
}

/*
 * The peer (7.2) rounds fnmadd and fnmsub after the negation: in directed
 * modes the last bit differs.
 */
static bool differs_by_design(const PpcInsn *r, const uint8_t *in)
{
	bool directed = ld32_be(in + IN_FPSCR + 4) & 2;

	return directed && !strncmp(r->mnemonic, "fnm", 3);
}

static void report(uint32_t w, const PpcInsn *r, const uint8_t *in, const uint8_t *us,
		   const uint8_t *peer)
{
	printf("%s %08x:\n", r->mnemonic, w);
	for (unsigned i = 0; i < OUT; i += 4)
		if (memcmp(us + OUT + i, peer + OUT + i, 4))
			printf("  offset %u: was %08x, ours %08x, peer's %08x\n", i,
			       ld32_be(in + i), ld32_be(us + OUT + i), ld32_be(peer + OUT + i));
	if (memcmp(us + MEM, peer + MEM, 64))
		printf("  memory differs\n");
	printf("  fpscr %08x f", ld32_be(in + IN_FPSCR + 4));
	for (unsigned i = 0; i < 4; i++)
		printf(" %016llx", (unsigned long long)ld64_be(in + IN_FPR + 8 * i));
	printf("\n");
}

static void compare(const char *model)
{
	Run run = { .model = model };
	g_autofree uint8_t *peer = NULL, *in = NULL;
	g_autofree char *prog = g_find_program_in_path("qemu-ppc");
	unsigned bad = 0;
	Rig *rig;

	if (!prog) {
		test_skipped("peer32: no qemu-ppc here (package qemu-user)");
		return;
	}
	rig = rig_new(model, MSR_FP);
	run.vmx = rig->cpu->features & PPC_F_VMX;
	if (run.vmx) {
		rig->cpu->msr |= MSR_VEC;
		ppc_state_changed(rig->cpu);
	}
	build(&run, rig->cpu->features);
	peer = peer_run(&run);
	in = g_memdup2(run.image->data + run.records, run.words->len * (size_t)RECORD);
	run_ours(&run, rig);
	for (unsigned i = 0; i < run.words->len; i++) {
		uint8_t *us = rig_ram(rig, BASE + run.records + i * (uint64_t)RECORD);
		uint8_t *them = peer + i * (size_t)RECORD;
		const uint8_t *rec = in + i * (size_t)RECORD;
		uint32_t w = g_array_index(run.words, uint32_t, i);
		const PpcInsn *r = ppc_isa_find(w, rig->cpu->features);

		if (undefined_division(r, w, rec) || differs_by_design(r, rec))
			continue;
		even_out(r, w, us, them);
		if (memcmp(us, them, RECORD) && bad++ < 30)
			report(w, r, rec, us, them);
	}
	printf("peer32 (%s): %u cases, %u differ\n", model, run.words->len, bad);
	rig_free(rig);
	g_array_unref(run.words);
	g_byte_array_unref(run.image);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(peer_750)
{
	compare("750");
}
END_TEST

START_TEST(peer_7400)
{
	compare("7400");
}
END_TEST

START_TEST(peer_7447a)
{
	compare("7447a");
}
END_TEST

Suite *suite_peer32(void);
Suite *suite_peer32(void)
{
	Suite *s = suite_create("peer32");
	TCase *t = tcase_create("peer32");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, peer_750);
	tcase_add_test(t, peer_7400);
	tcase_add_test(t, peer_7447a);
	suite_add_tcase(s, t);
	return s;
}
