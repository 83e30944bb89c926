/*
 * Each CPU model has the instructions that instructions.txt gives it, and
 * no others.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include "target-ppc/models.h"
#include "tests/isa/harness.h"

#define LIST "tests/isa/instructions.txt"

static const char *const models[] = { "603e",  "604e",	 "750",	   "7400",   "7450",
				      "970fx", "power8", "power9", "power10" };

/* Has the model a row of that mnemonic? */
static bool has(const char *model, const char *name)
{
	uint64_t f = ppc_model_find(model)->features;

	for (unsigned i = 0; i < ppc_isa_row_count + ppc_isa_prefixed_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		if (!strcmp(r->mnemonic, name) && !(r->features & ~f) && !(r->without & f))
			return true;
	}
	return false;
}

static unsigned check_name(const char *name, char **with)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < ARRAY_LEN(models); i++) {
		bool should = g_strv_contains((const char *const *)with, models[i]);

		if (has(models[i], name) == should)
			continue;
		bad++;
		printf("%s: %s %s\n", models[i], should ? "lacks" : "should not have", name);
	}
	return bad;
}

/* Names of a line, each once in the whole list; with: the models that have them, NULL: none. */
static unsigned check_line(const char *line, char **with, GHashTable *seen)
{
	static const char *const none[] = { NULL };
	g_auto(GStrv) w = g_strsplit(line, " ", -1);
	unsigned bad = 0;

	for (char **p = w; *p; p++) {
		if (**p == 0)
			continue;
		if (!g_hash_table_add(seen, g_strdup(*p)) && ++bad)
			printf("%s stands twice in " LIST "\n", *p);
		bad += check_name(*p, with ? with : (char **)none);
		if (!with)
			break; /* the rest is the reason */
	}
	return bad;
}

START_TEST(as_the_books_say)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL, with = NULL;
	unsigned bad = 0;

	ck_assert(g_file_get_contents(LIST, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **l = lines; *l; l++) {
		if (**l == '#' || **l == 0)
			continue;
		if (**l == '@') {
			g_strfreev(with);
			with = g_strsplit(*l + 2, " ", -1);
		} else if (**l == '-') {
			bad += check_line(*l + 2, NULL, seen);
		} else {
			bad += check_line(*l, with, seen);
		}
	}
	for (unsigned i = 0; i < ppc_isa_row_count + ppc_isa_prefixed_count; i++) {
		const char *m = ppc_isa_rows[i].mnemonic;

		if (!g_hash_table_contains(seen, m) && ++bad)
			printf("%s is not in " LIST "\n", m);
	}
	fflush(stdout);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_gt(g_hash_table_size(seen), 1200);
}
END_TEST

Suite *suite_instructions(void);
Suite *suite_instructions(void)
{
	Suite *s = suite_create("instructions");
	TCase *t = tcase_create("instructions");

	tcase_add_test(t, as_the_books_say);
	suite_add_tcase(s, t);
	return s;
}
