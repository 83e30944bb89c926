/* The disassembler: known texts, agreement with capstone on mnemonics, and any word. */
#include <capstone.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/bits.h"
#include "target-ppc/disas.h"
#include "target-ppc/isa.h"

/* A server CPU: what capstone takes PPC64 to be. */
#define FEATURES (UINT64_C(0x1ffff) & ~(uint64_t)(PPC_F_CLS | PPC_F_SEG32 | PPC_F_310 | PPC_F_DFP))

/* One space between mnemonic and operands. */
static char *text(uint32_t word)
{
	GString *s = g_string_new(NULL);
	char *p, *end;

	ck_assert_uint_eq(ppc_disas(FEATURES, word, 0, 0x1000, s), 4);
	p = strchr(s->str, ' ');
	if (p) {
		for (end = p; *end == ' '; end++)
			;
		g_string_erase(s, p + 1 - s->str, end - p - 1);
	}
	return g_string_free(s, FALSE);
}

static const struct {
	uint32_t word;
	const char *text;
} known_texts[] = {
	{ 0x38600005, "li r3,5" },
	{ 0x3c60ffff, "lis r3,-1" },
	{ 0x3864fff0, "addi r3,r4,-16" },
	{ 0x7c832378, "mr r3,r4" },
	{ 0x7c8320f8, "not r3,r4" },
	{ 0x60000000, "nop" },
	{ 0x7c642a15, "add. r3,r4,r5" },
	{ 0x7c642e14, "addo r3,r4,r5" },
	{ 0x8064fffc, "lwz r3,-4(r4)" },
	{ 0x80600010, "lwz r3,16(0)" },
	{ 0xf821ffe1, "stdu r1,-32(r1)" },
	{ 0x7c60212e, "stwx r3,0,r4" },
	{ 0x2c030005, "cmpwi r3,5" },
	{ 0x2fa30005, "cmpdi cr7,r3,5" },
	{ 0x7f832040, "cmplw cr7,r3,r4" },
	{ 0x41820008, "beq 0x1008" },
	{ 0x419e0008, "beq cr7,0x1008" },
	{ 0x40e2fff8, "bne+ 0xff8" },
	{ 0x4200fffc, "bdnz 0xffc" },
	{ 0x42400010, "bdz 0x1010" },
	{ 0x41000010, "bdnzt lt,0x1010" },
	{ 0x429f0005, "bcl 20,4*cr7+so,0x1004" },
	{ 0x48000010, "b 0x1010" },
	{ 0x4bffff01, "bl 0xf00" },
	{ 0x4e800020, "blr" },
	{ 0x4d9e0020, "beqlr cr7" },
	{ 0x4e800421, "bctrl" },
	{ 0x4e800420, "bctr" },
	{ 0x7c0802a6, "mflr r0" },
	{ 0x7c0803a6, "mtlr r0" },
	{ 0x7c7a03a6, "mtsrr0 r3" },
	{ 0x7c6ff120, "mtcr r3" },
	{ 0x54831836, "rlwinm r3,r4,3,0,27" },
	{ 0x5483103a, "slwi r3,r4,2" },
	{ 0x5483f0be, "srwi r3,r4,2" },
	{ 0x5483043e, "clrlwi r3,r4,16" },
	{ 0x78830020, "clrldi r3,r4,32" },
	{ 0x788307c6, "sldi r3,r4,32" },
	{ 0x78830022, "srdi r3,r4,32" },
	{ 0x7fe00008, "trap" },
	{ 0x0fe00000, "twui r0,0" },
	{ 0x7c0004ac, "hwsync" },
	{ 0x7c2004ac, "lwsync" },
	{ 0x7c4004ac, "ptesync" },
	{ 0x4c00012c, "isync" },
	{ 0x4cc63242, "crset 4*cr1+eq" },
	{ 0x44000002, "sc" },
	{ 0x44000022, "sc 1" },
	{ 0x4c000024, "rfid" },
	{ 0x7c602028, "lwarx r3,0,r4" },
	{ 0x7c60212d, "stwcx. r3,0,r4" },
	{ 0x7c832bd7, "divw. r4,r3,r5" },
	{ 0x00000000, ".long 0x0" },
};

START_TEST(known)
{
	for (unsigned i = 0; i < ARRAY_LEN(known_texts); i++) {
		g_autofree char *s = text(known_texts[i].word);

		ck_assert_str_eq(s, known_texts[i].text);
	}
}
END_TEST

/* Rows that capstone (4.0) prints otherwise, and why; a row without a difference is an error. */
static const struct {
	const char *name, *why;
} spelt_otherwise[] = {
	{ "mtfsfi", "its first operand is a number of objdump's, a CR field of capstone's" },
	{ "bc", "BI of those that test CTR alone, a BO with reserved bits" },
	{ "bca", "as bc" },
	{ "bcl", "as bc" },
	{ "bcla", "as bc" },
	{ "bclr", "capstone shows BH as an address" },
	{ "bclrl", "as bclr" },
	{ "bcctr", "as bclr" },
	{ "bcctrl", "as bclr" },
	{ "lswi", "NB 0 means 32 bytes" },
	{ "stswi", "as lswi" },
	{ "icbt", "CT 0 is left out" },
	{ "sync", "hwsync and ptesync" },
	{ "tw", "names of TO 5, 6, 12, 20" },
	{ "twi", "as tw" },
	{ "td", "as tw" },
	{ "tdi", "as tw" },
	{ "isel", "isellt, iselgt, iseleq" },
	{ "nor", "not" },
	{ "or", "mr." },
	{ "vnor", "vnot" },
	{ "vor", "vmr" },
	{ "xxlor", "xxmr" },
	{ "cntlzw", "capstone lacks the w" },
	{ "rldicl", "srdi" },
	{ "rldicr", "sldi with a dot" },
	{ "mfspr", "capstone knows few names of SPRs" },
	{ "mtspr", "as mfspr" },
	{ "mfocrf", "capstone shows the lowest of several bits" },
	{ "mtocrf", "as mfocrf" },
};

static bool is_spelt_otherwise(const char *m, bool *used)
{
	for (unsigned i = 0; i < ARRAY_LEN(spelt_otherwise); i++)
		if (!strcmp(spelt_otherwise[i].name, m)) {
			used[i] = true;
			return true;
		}
	return false;
}

/* The number at *s as far as 16 bits go: capstone shows immediates without a sign. */
static int64_t number(const char **s)
{
	char *end;
	bool negative = **s == '-';
	uint64_t u = g_ascii_strtoull(*s + negative, &end, 0);
	int64_t v = (int64_t)(negative ? -u : u);

	*s = end;
	return v >= -32768 && v < 65536 ? v & 0xffff : v;
}

/*
 * Operands in one spelling: no spaces, numbers in decimal, bits of CR by number, r0 as 0 (it may
 * stand for no register), vs0 to vs31 as f0 to f31.
 */
static char *operands(const char *s)
{
	static const char *const bits[4] = { "lt", "gt", "eq", "so" };
	GString *out = g_string_new(NULL);

	while (*s) {
		const char *word = s;
		unsigned crb = 0;

		if (g_ascii_isdigit(*s) || (*s == '-' && g_ascii_isdigit(s[1]))) {
			if (!strncmp(s, "4*cr", 4)) {
				crb = 4 * (unsigned)(s[4] - '0');
				s += 6;
			} else {
				g_string_append_printf(out, "%" G_GINT64_FORMAT, number(&s));
				continue;
			}
		}
		for (word = s; g_ascii_isalnum(*s); s++)
			;
		for (unsigned i = 0; i < 4; i++)
			if (s - word == 2 && !strncmp(word, bits[i], 2)) {
				g_string_append_printf(out, "%u", crb + i);
				word = s;
			}
		if (s - word == 2 && !strncmp(word, "r0", 2))
			word++;
		if (!strncmp(word, "vs", 2) && strtoul(word + 2, NULL, 10) < 32) {
			g_string_append_c(out, 'f');
			word += 2;
		}
		g_string_append_len(out, word, s - word);
		if (*s && *s++ != ' ')
			g_string_append_c(out, s[-1]);
	}
	return g_string_free(out, FALSE);
}

START_TEST(same_as_capstone)
{
	unsigned same = 0, bad = 0;
	bool used[ARRAY_LEN(spelt_otherwise)] = { false };
	csh h;

	ck_assert(cs_open(CS_ARCH_PPC, CS_MODE_64 | CS_MODE_BIG_ENDIAN, &h) == CS_ERR_OK);
	for (unsigned i = 0; i < ppc_isa_row_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];
		/* The same words for a row whatever other rows there are. */
		uint32_t seed = g_str_hash(r->mnemonic);

		if (r->features & ~FEATURES || r->without & FEATURES)
			continue;
		for (unsigned k = 0; k < 60; k++) {
			g_autofree char *s = NULL, *ops = NULL, *theirs = NULL;
			uint32_t w;
			uint8_t b[4];
			cs_insn *insn;

			seed = seed * 1664525 + 1013904223;
			w = r->value | ((seed ^ seed >> 15) & r->fields & ~r->mask);
			st32_be(b, w);
			if (!cs_disasm(h, b, 4, 0x1000, 1, &insn))
				continue; /* newer than capstone, or an invalid form */
			s = text(w);
			ops = operands(s + strcspn(s, " "));
			theirs = operands(insn->op_str);
			if (!strncmp(s, insn->mnemonic, strcspn(s, " ")) && !strcmp(ops, theirs))
				same++;
			else if (!is_spelt_otherwise(r->mnemonic, used) && bad++ < 20)
				printf("%08x: ours %s, capstone %s %s\n", w, s, insn->mnemonic,
				       insn->op_str);
			cs_free(insn, 1);
		}
	}
	cs_close(&h);
	for (unsigned i = 0; i < ARRAY_LEN(used); i++)
		if (!used[i] && ++bad)
			printf("spelt_otherwise: %s is not needed\n", spelt_otherwise[i].name);
	fflush(stdout);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_gt(same, 4000);
}
END_TEST

START_TEST(any_word)
{
	uint32_t w = 1;
	unsigned n;
	g_autoptr(GString) s = g_string_new(NULL);

	for (unsigned i = 0; i < 500000; i++) {
		w = w * 1664525 + 1013904223;
		g_string_truncate(s, 0);
		ck_assert_uint_eq(ppc_disas(UINT64_MAX, w ^ w >> 16, 0, ~UINT64_C(3), s), 4);
		g_string_truncate(s, 0);
		n = ppc_disas(UINT64_MAX, 0x04000000 | (w & 0x3ffffff), w ^ w >> 16, 0, s);
		ck_assert(n == 4 || n == 8);
		ck_assert_uint_gt(s->len, 1);
		ck_assert_uint_gt(s->len, 1);
	}
}
END_TEST

Suite *suite_disas(void);
Suite *suite_disas(void)
{
	Suite *s = suite_create("disas");
	TCase *t = tcase_create("disas");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, known);
	tcase_add_test(t, same_as_capstone);
	tcase_add_test(t, any_word);
	suite_add_tcase(s, t);
	return s;
}
