/*
 * The disassembler against GNU objdump (of the cross binutils), row by row:
 * mnemonic and operands of random and special words, in the basic forms (-M raw)
 * and with the extended mnemonics, and which words are instructions at all.
 *
 * Where the two differ on purpose objdump_allow.h says so, row by row with
 * the reason; a difference without a line fails, and so does a line that no word needed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/bits.h"
#include "target-ppc/disas.h"
#include "target-ppc/models.h"
#include "tests/isa/harness.h"
#include "tests/isa/objdump_allow.h"

#define OBJDUMP "powerpc64le-linux-gnu-objdump"

enum { BASE = 0x10000, WORDS = 24, NOISE = 50000 };

/* A model and what objdump calls it. */
typedef struct View {
	const char *model, *arch, *cpu;
	unsigned bit; /* V_* of objdump_allow.h */
	uint64_t features;
} View;

static const View views[] = {
	{ "power8", "powerpc:common64", "power8", V_P8, 0 },
	{ "power9", "powerpc:common64", "power9", V_P9, 0 },
	{ "power10", "powerpc:common64", "power10", V_P10, 0 },
	{ "970fx", "powerpc:common64", "power4,altivec", V_970, 0 },
	{ "7447a", "powerpc:common", "7450", V_74, 0 },
	{ "750", "powerpc:common", "604", V_75, 0 },
	{ "603e", "powerpc:common", "603", V_60, 0 },
};

typedef struct Case {
	uint32_t word, suffix;
	uint32_t at;
	bool prefixed;
	char *theirs;
} Case;

typedef struct Run {
	View v;
	bool basic;
	GArray *cases;
	GHashTable *seen;   /* mnemonics with a difference, and how many */
	GHashTable *needed; /* "LINE NAME" of objdump_allow.h */
	bool *rows;	    /* which were compared */
	unsigned same, bad;
} Run;

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Prefixed ones start at multiples of 8, so that none stands across 64 bytes. */
static void add(Run *r, uint32_t word, uint32_t suffix, bool prefixed)
{
	Case c = { .word = word, .suffix = suffix, .prefixed = prefixed };
	Case *last = r->cases->len ? &g_array_index(r->cases, Case, r->cases->len - 1) : NULL;

	c.at = last ? last->at + 4 : BASE;
	if (last && last->prefixed)
		c.at += 4;
	if (prefixed && (c.at & 4)) {
		Case pad = { .word = 0x60000000, .at = c.at };

		g_array_append_val(r->cases, pad);
		c.at += 4;
	}
	g_array_append_val(r->cases, c);
}

/* Operands all zero, all ones, each alone zero, and random ones. */
static uint64_t fill(uint64_t fields, unsigned k, const PpcInsn *row, uint64_t *seed)
{
	uint64_t bits = k == 0 ? 0 : k == 1 ? UINT64_MAX : next(seed);

	if (k >= 2 && k < 2u + row->noperands) {
		const PpcOperand *o = &ppc_isa_operands[row->operand[k - 2] & PPC_OPERAND_ID];

		bits &= ~((uint64_t)o->prefix_mask << 32 | o->mask);
	} else if (k == row->noperands + 2u) { /* all registers the same: mr, not, xvmovdp ... */
		bits = (next(seed) & 31) * 0x108421 << 1 | (next(seed) & 7);
	}
	return bits & fields;
}

static void add_rows(Run *r)
{
	uint64_t seed = 0x9e3779b97f4a7c15 + r->v.bit;

	for (unsigned i = 0; i < ppc_isa_row_count + ppc_isa_prefixed_count; i++) {
		const PpcInsn *row = &ppc_isa_rows[i];
		bool prefixed = row->prefix_mask != 0;
		uint64_t fields = (uint64_t)row->prefix_fields << 32 | row->fields;

		if (row->features & ~r->v.features || row->without & r->v.features)
			continue;
		fields &= ~((uint64_t)row->prefix_mask << 32 | row->mask);
		for (unsigned k = 0; k < WORDS; k++) {
			uint64_t w = fill(fields, k, row, &seed);
			uint32_t word = row->value | (uint32_t)w;

			if (prefixed)
				add(r, row->prefix_value | (uint32_t)(w >> 32), word, true);
			else
				add(r, word, 0, false);
		}
	}
}

/* Words for the extended mnemonics: every BO and hint, TO, SPR; masks that have a name. */
static void add_special(Run *r)
{
	for (uint32_t i = 0; i < 32 * 32; i++) {
		add(r, 0x40000010 | i << 16, 0, false);
		add(r, 0x40000013 | i << 16, 0, false);
		add(r, 0x4c000020 | i << 16, 0, false);
		add(r, 0x4c000421 | i << 16 | (i & 1) << 11, 0, false);
		add(r, 0x7c0002a6 | i << 11 | 3 << 21, 0, false);
		add(r, 0x7c0003a6 | i << 11 | 3 << 21, 0, false);
		add(r, 0x7c0002e6 | i << 11 | 3 << 21, 0, false);
		add(r, 0x7c000008 | i << 16, 0, false);
		add(r, 0x7c000088 | i << 16, 0, false);
		add(r, 0x0c000001 | i << 16, 0, false);
		add(r, 0x08000001 | i << 16, 0, false);
		add(r, 0x54850000 | i << 6 | 31 << 1, 0, false);
		add(r, 0x54850000 | i << 1, 0, false);
		add(r, 0x54850000 | (i & 31) << 11 | (31 - (i & 31)) << 1, 0, false);
		add(r, 0x54850000 | i << 6 | (i & 31) << 1, 0, false);
		add(r, 0x54850001 | (i & 31) << 11 | (32 - (i & 31)) << 6 | 31 << 1, 0, false);
		add(r, 0x50850000 | (i & 31) << 11 | (i >> 5) << 6 | (31 - (i & 31)) << 1, 0,
		    false);
		add(r, 0x50850000 | (32 - (i & 31)) << 11 | (i & 31) << 6 | (i >> 5) << 1, 0,
		    false);
		add(r, 0x78850000 | i << 6 | (i & 31) << 1, 0, false);
		add(r, 0x78850000 | (i & 31) << 11 | (32 - (i & 31)) << 6 | 32, 0, false);
		add(r, 0x4c000000 | i << 11 | (i & 31) << 21 | (33 + 0) << 1, 0, false);
		add(r, 0x4c000000 | (i & 31) * 0x210800 | 193 << 1, 0, false);
		add(r, 0x4c000000 | (i & 31) * 0x210800 | 289 << 1, 0, false);
		add(r, 0x4c000000 | i << 16 | (i & 31) << 11 | 449 << 1, 0, false);
		add(r, 0x7c000378 | (i & 31) * 0x210800, 0, false);
		add(r, 0x7c000120 | i << 11 | (i >> 5) << 21, 0, false);
		add(r, 0x60000000 | i, 0, false);
	}
}

/*
 * Words of no row in particular: what is legal must agree.  Each primary opcode with
 * each value of the last 11 bits, and all registers 0, 1, or random; then others.
 */
static void add_noise(Run *r)
{
	uint64_t seed = 0x123456789abcdef1 + r->v.bit;

	for (uint32_t i = 0; i < 64 * 2048; i++) {
		uint32_t w = (i >> 11) << 26 | (i & 0x7ff);

		if (w >> 26 == 1)
			continue;
		add(r, w, 0, false);
		add(r, w | 1 << 21 | 2 << 16 | 3 << 11, 0, false);
		add(r, w | ((uint32_t)next(&seed) & 0x03fff800), 0, false);
	}
	for (unsigned i = 0; i < NOISE; i++) {
		uint64_t v = next(&seed);
		uint32_t w = (uint32_t)v;

		if (i & 1) { /* opcodes with an extended one more often */
			static const uint8_t po[] = { 4, 19, 31, 31, 59, 60, 63, 30 };

			w = (w & 0x03ffffff) | (uint32_t)po[v >> 40 & 7] << 26;
		}
		if (w >> 26 == 1)
			w ^= 1u << 31;
		add(r, w, 0, false);
	}
	for (unsigned i = 0; i < NOISE / 4 && (r->v.features & PPC_F_310); i++) {
		uint64_t v = next(&seed);
		uint32_t p = (uint32_t)(v >> 32) & 0x3ffffff;

		/* Few types and subtypes exist: those more often. */
		if (i & 1)
			p &= 0x0313ffff;
		add(r, 0x04000000 | p, (uint32_t)v, true);
	}
}

/* "MNEMONIC OPERANDS" with one space; without objdump's remarks. */
static char *squeeze(const char *s)
{
	GString *out = g_string_new(NULL);
	const char *p;

	/* Its names of a later architecture for Matrix-Multiply Assist. */
	if (g_str_has_prefix(s, "pmdm")) {
		s += 4;
		g_string_append(out, "pm");
	} else if (g_str_has_prefix(s, "dmx")) {
		s += 2;
	}
	p = s + strcspn(s, " \t\n");
	g_string_append_len(out, s, p - s);
	p += strspn(p, " \t");
	if (*p && *p != '\n' && *p != '#') {
		g_string_append_c(out, ' ');
		g_string_append_len(out, p, (gssize)strcspn(p, "\t\n#<"));
	}
	while (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

/* Runs objdump over all cases and hangs its texts on them. */
static void ask_objdump(Run *r)
{
	g_autofree char *path = NULL, *out = NULL, *vma = g_strdup_printf("--adjust-vma=%#x", BASE);
	g_autofree char *opts = g_strconcat(r->basic ? "raw," : "", r->v.cpu, NULL);
	int fd = g_file_open_tmp("objdump-XXXXXX", &path, NULL), status;
	const char *argv[] = { OBJDUMP, "-D",	   "-z", "-b", "binary", "-EB",
			       "-m",	r->v.arch, "-M", opts, vma,	 "--no-show-raw-insn",
			       path,	NULL };
	g_autoptr(GByteArray) image = g_byte_array_new();
	unsigned i = 0;

	ck_assert_int_ge(fd, 0);
	for (unsigned k = 0; k < r->cases->len; k++) {
		const Case *c = &g_array_index(r->cases, Case, k);
		uint8_t b[8];

		st32_be(b, c->word);
		st32_be(b + 4, c->suffix);
		g_byte_array_append(image, b, c->prefixed ? 8 : 4);
	}
	ck_assert_int_eq(write(fd, image->data, image->len), (gssize)image->len);
	close(fd);
	ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
			       NULL, &status, NULL));
	unlink(path);
	ck_assert_int_eq(status, 0);
	for (char *l = strchr(out, '\n'); l && i < r->cases->len; l = strchr(l + 1, '\n')) {
		char *end;
		uint32_t at = (uint32_t)strtoul(l + 1, &end, 16);

		while (i < r->cases->len && g_array_index(r->cases, Case, i).at < at)
			i++;
		if (i < r->cases->len && end[0] == ':' && end[1] == '\t' &&
		    g_array_index(r->cases, Case, i).at == at)
			g_array_index(r->cases, Case, i).theirs = squeeze(end + 2);
	}
}

static const PpcInsn *find(const Run *r, const Case *c)
{
	return c->prefixed ? ppc_isa_find_prefixed(c->word, c->suffix, r->v.features)
			   : ppc_isa_find(c->word, r->v.features);
}

/* A row that the model has, but a more particular one takes its words (see ppc.isa). */
static bool shadowed(const PpcInsn *row, uint64_t features)
{
	return !row->prefix_mask && ppc_isa_find(row->value, features) != row &&
	       ppc_isa_find(row->value | (row->fields & ~row->mask), features) != row;
}

/* Reserved bits, which our decoder ignores and objdump does not, are 0. */
static bool canonical(const Run *r, const Case *c)
{
	const PpcInsn *row = c->prefixed ? ppc_isa_find_prefixed(c->word, c->suffix, r->v.features)
					 : ppc_isa_find(c->word, r->v.features);

	if (row == NULL)
		return true;
	if (!c->prefixed)
		return !(c->word & ~row->mask & ~row->fields);
	return !(c->word & ~row->prefix_mask & ~row->prefix_fields) &&
	       !(c->suffix & ~row->mask & ~row->fields);
}

/*
 * An odd register where a pair is asked for: no instruction for us (book I
 * 1.8.2: an invalid form), while objdump prints the even one.
 */
static bool odd_pair(const Run *r, const Case *c)
{
	const PpcInsn *row = find(r, c);

	for (unsigned i = 0; row && i < row->noperands; i++) {
		const PpcOperand *o = &ppc_isa_operands[row->operand[i] & PPC_OPERAND_ID];

		if ((o->kind == PPC_KIND_GPRP || o->kind == PPC_KIND_FPRP) &&
		    (c->prefixed ? c->suffix : c->word) & (o->mask & -o->mask))
			return true;
	}
	return false;
}

/* Name of the SPR in "mfNAME rx"; NULL where it has but its number. */
static char *spr_of(const char *text)
{
	size_t n = strcspn(text, " ");

	return n == 5 && !strncmp(text + 2, "spr", 3) ? NULL : g_strndup(text + 2, n - 2);
}

/*
 * An SPR that one of the two knows by number only, or that has another name
 * there: that the number is right the basic form shows.
 */
static bool spr_alike(const char *ours, const char *theirs)
{
	g_autofree char *a = spr_of(ours), *b = spr_of(theirs);

	for (unsigned i = 0; a && b && i < ARRAY_LEN(spr_names); i++)
		if (!strcmp(spr_names[i][0], a) && !strcmp(spr_names[i][1], b))
			return true;
	return !a != !b;
}

static bool has_word(const char *list, const char *word)
{
	g_auto(GStrv) w = g_strsplit(list, " ", -1);

	return g_strv_contains((const char *const *)w, word);
}

/* Does a line permit this difference? */
static bool allowed(Run *r, const char *name, const char *ours, const char *theirs)
{
	bool no = g_str_has_prefix(ours, ".long"), none = g_str_has_prefix(theirs, ".long");
	unsigned kind = no ? THEIRS : none ? OURS : r->basic ? BASIC : TEXT;

	for (unsigned i = 0; i < ARRAY_LEN(allow); i++) {
		const Allow *a = &allow[i];

		if ((a->views & r->v.bit) && (a->kind & kind) && has_word(a->names, name)) {
			g_hash_table_add(r->needed, g_strdup_printf("%u %s", i, name));
			return true;
		}
	}
	return false;
}

static void compare(Run *r, const Case *c)
{
	g_autoptr(GString) s = g_string_new(NULL);
	g_autofree char *ours = NULL, *name = NULL;
	bool spr;

	if (!canonical(r, c) || c->theirs == NULL || odd_pair(r, c))
		return;
	if (r->basic)
		ppc_disas_basic(r->v.features, c->word, c->suffix, c->at, s);
	else
		ppc_disas(r->v.features, c->word, c->suffix, c->at, s);
	ours = squeeze(s->str);
	if (!strcmp(ours, c->theirs)) {
		r->same++;
		if (find(r, c))
			r->rows[find(r, c)->row] = true;
		return;
	}
	/* By our row; by their mnemonic where we have none. */
	name = g_strdup(find(r, c) ? find(r, c)->mnemonic : c->theirs);
	name[strcspn(name, " ")] = 0;
	spr = !strcmp(name, "mfspr") || !strcmp(name, "mtspr");
	if (spr && !r->basic && spr_alike(ours, c->theirs)) {
		r->rows[find(r, c)->row] = true;
		return;
	}
	if (allowed(r, name, ours, c->theirs))
		return;
	r->bad++;
	if (!g_hash_table_contains(r->seen, name) || getenv("OBJDUMP_ALL"))
		printf("%s%s: %08x %08x: %s: ours '%s', objdump '%s'\n", r->v.cpu,
		       r->basic ? " raw" : "", c->word, c->suffix, name, ours, c->theirs);
	g_hash_table_add(r->seen, g_strdup(name));
}

/* Rows of the view of which not one word was alike, and that no line excuses. */
static unsigned rows_unseen(Run *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ppc_isa_row_count + ppc_isa_prefixed_count; i++) {
		const PpcInsn *row = &ppc_isa_rows[i];
		bool excused = false;

		if (row->features & ~r->v.features || row->without & r->v.features || r->rows[i] ||
		    shadowed(row, r->v.features))
			continue;
		for (unsigned k = 0; k < ARRAY_LEN(allow) && !excused; k++)
			excused = (allow[k].views & r->v.bit) &&
				  (allow[k].kind & (r->basic ? BASIC | OURS : TEXT | OURS)) &&
				  has_word(allow[k].names, row->mnemonic);
		if (!excused && ++n)
			printf("%s%s: no word of %s %s is alike\n", r->v.cpu,
			       r->basic ? " raw" : "", row->mnemonic, row->operands);
	}
	return n;
}

/* Returns how many words differ without a line, and rows that were not compared. */
static unsigned run(const View *v, bool basic, GHashTable *needed)
{
	Run r = { .v = *v, .basic = basic, .needed = needed };

	r.v.features = ppc_model_find(v->model)->features;
	r.cases = g_array_new(FALSE, TRUE, sizeof(Case));
	r.rows = g_new0(bool, ppc_isa_row_count + ppc_isa_prefixed_count);
	r.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	add_rows(&r);
	add_special(&r);
	add_noise(&r);
	ask_objdump(&r);
	for (unsigned i = 0; i < r.cases->len; i++) {
		compare(&r, &g_array_index(r.cases, Case, i));
		g_free(g_array_index(r.cases, Case, i).theirs);
	}
	printf("%s%s: %u words, %u alike, %u not\n", v->cpu, basic ? " raw" : "", r.cases->len,
	       r.same, r.bad);
	fflush(stdout);
	ck_assert_uint_gt(r.same, r.cases->len * 8 / 10);
	r.bad += rows_unseen(&r);
	g_free(r.rows);
	g_array_free(r.cases, TRUE);
	g_hash_table_unref(r.seen);
	return r.bad;
}

/* Words of the allow-list that no difference needed. */
static unsigned idle_lines(GHashTable *needed)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ARRAY_LEN(allow); i++) {
		g_auto(GStrv) w = g_strsplit(allow[i].names, " ", -1);

		for (char **p = w; *p; p++) {
			g_autofree char *key = g_strdup_printf("%u %s", i, *p);

			if (!g_hash_table_contains(needed, key) && ++n)
				printf("objdump_allow.h: %s (%s) is not needed\n", *p,
				       allow[i].why);
		}
	}
	fflush(stdout);
	return n;
}

START_TEST(same_as_objdump)
{
	g_autoptr(GHashTable) needed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *tool = g_find_program_in_path(OBJDUMP);
	unsigned bad = 0;

	if (!tool) {
		test_skipped("objdump: no " OBJDUMP " here (gcc-powerpc64le-linux-gnu)");
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(views); i++) {
		bad += run(&views[i], true, needed);
		bad += run(&views[i], false, needed);
	}
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_eq(idle_lines(needed), 0);
}
END_TEST

Suite *suite_objdump(void);
Suite *suite_objdump(void)
{
	Suite *s = suite_create("objdump");
	TCase *t = tcase_create("objdump");

	tcase_set_timeout(t, 300);
	tcase_add_test(t, same_as_objdump);
	suite_add_tcase(s, t);
	return s;
}
