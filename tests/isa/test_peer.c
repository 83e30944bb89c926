/*
 * Every row of the tables, and words that are none, against QEMU's user-mode emulator (if
 * installed): see peer.h.  Here a few rounds with a fixed seed; scripts/peer.sh goes on with
 * other seeds for as long as one likes:
 *
 *	PEER_SECONDS  how long for each model and byte order, instead of a number of rounds
 *	PEER_SEED     a number
 *	PEER_ROWS     a pattern of mnemonics
 *	PEER_MODELS   models, in blanks
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/isa/peer.h"

enum { ROUNDS = 12, ILLEGAL = 100 };

static const struct {
	const char *model, *peers;
	bool le;
} models[] = {
	{ "power8", "power8", false },	 { "power8", "power8", true },
	{ "power9", "power9", false },	 { "power9", "power9", true },
	{ "power10", "power10", false }, { "power10", "power10", true },
	{ "970fx", "970fx", false },	 { "750", "750", false },
	{ "7400", "7400", false },	 { "7450", "7450", false },
	{ "7447a", "7447A", false },	 { "603e", "603e", false },
	{ "604e", "604e", false },
};

typedef struct Batch {
	Peer *p;
	PeerCase *c;
	unsigned n;
} Batch;

static void flush(Batch *b)
{
	if (b->n) {
		peer_run(b->p, b->c, b->n);
		peer_judge(b->p, b->c, b->n);
	}
	b->n = 0;
}

static PeerCase *next(Batch *b)
{
	PeerCase *c;

	if (b->n == PEER_BATCH)
		flush(b);
	c = &b->c[b->n];
	memset(c, 0, sizeof(*c));
	c->code = peer_code_at(b->n);
	c->mem = peer_mem_at(b->n);
	return c;
}

/* Each row of the model once, and some words that are none. */
static void round_of_all(Batch *b, const char *only)
{
	for (unsigned i = 0; i < ppc_isa_row_count + ppc_isa_prefixed_count; i++) {
		const PpcInsn *r = &ppc_isa_rows[i];

		if (r->features & ~b->p->features || r->without & b->p->features ||
		    peer_left_out(b->p, r) || (only && !g_pattern_match_simple(only, r->mnemonic)))
			continue;
		if (peer_case(b->p, next(b), r))
			b->n++;
	}
	for (unsigned i = 0; i < ILLEGAL && !only; i++) {
		peer_illegal_case(b->p, next(b));
		b->n++;
	}
}

static bool wanted(const char *model)
{
	g_auto(GStrv) list = g_strsplit(g_getenv("PEER_MODELS") ?: model, " ", -1);

	return g_strv_contains((const char *const *)list, model);
}

static void run(Peer *p)
{
	const char *seconds = g_getenv("PEER_SECONDS"), *seed = g_getenv("PEER_SEED");
	gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC * (seconds ? atoi(seconds) : 0);
	Batch b = { .p = p, .c = g_new0(PeerCase, PEER_BATCH) };

	if (seed)
		p->seed += strtoull(seed, NULL, 0) << 8;
	for (unsigned i = 0; seconds ? g_get_monotonic_time() < end : i < ROUNDS; i++)
		round_of_all(&b, g_getenv("PEER_ROWS"));
	flush(&b);
	peer_summary(p);
	g_free(b.c);
}

START_TEST(peer_model)
{
	Peer *p = wanted(models[_i].model)
			  ? peer_new(models[_i].model, models[_i].peers, models[_i].le)
			  : NULL;
	unsigned bad;

	if (!p)
		return;
	run(p);
	bad = p->bad;
	peer_free(p);
	ck_assert_msg(bad == 0, "%u cases differ from the peer's", bad);
}
END_TEST

/* PEER_MODELS names models of the table. */
START_TEST(models_are_known)
{
	g_auto(GStrv) list = g_strsplit(g_getenv("PEER_MODELS") ?: "power9", " ", -1);

	for (char **m = list; *m; m++) {
		bool known = !**m;

		for (unsigned i = 0; i < ARRAY_LEN(models); i++)
			known |= !strcmp(*m, models[i].model);
		ck_assert_msg(known, "PEER_MODELS: '%s' is none of the models here", *m);
	}
}
END_TEST

/* docs/differences.md tells of every rule. */
START_TEST(rules_are_told)
{
	g_autofree char *text = NULL;

	ck_assert(g_file_get_contents("docs/differences.md", &text, NULL, NULL));
	for (unsigned i = 0; i < PEER_RULE_LISTS; i++)
		for (const PeerRule *r = peer_rule_lists[i]; r->name; r++) {
			g_autofree char *pattern = g_strdup_printf("^\\| ([-a-z0-9]+, )*%s[ ,]",
								   r->name);

			ck_assert_msg(g_regex_match_simple(pattern, text, G_REGEX_MULTILINE, 0),
				      "docs/differences.md does not tell of the rule %s", r->name);
		}
}
END_TEST

Suite *suite_peer(void);
Suite *suite_peer(void)
{
	const char *seconds = g_getenv("PEER_SECONDS");
	Suite *s = suite_create("peer");
	TCase *t = tcase_create("peer");

	tcase_set_timeout(t, 120 + (seconds ? 2 * atoi(seconds) : 0));
	tcase_add_test(t, models_are_known);
	tcase_add_test(t, rules_are_told);
	tcase_add_loop_test(t, peer_model, 0, ARRAY_LEN(models));
	suite_add_tcase(s, t);
	return s;
}
