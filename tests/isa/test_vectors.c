/*
 * Results read off a real Cell PPE (see the README of the vectors), in 64-bit
 * mode.  (test_chips.c has those of 32-bit chips.)
 *
 * What our 64-bit models do otherwise, the architecture leaves undefined:
 * see skip_cell().
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/isa/harness.h"

/* Is a row of the Cell one that the architecture leaves to the chip? */
static bool skip_cell(const PpcInsn *insn, uint64_t a, uint64_t b)
{
	const char *m = insn->mnemonic;
	bool w = !strncmp(m, "divw", 4), d = !strncmp(m, "divd", 4), u = strchr(m, 'u') != NULL;

	if (w &&
	    ((uint32_t)b == 0 || (!u && (uint32_t)a == 0x80000000 && (uint32_t)b == UINT32_MAX)))
		return true;
	if (d && (b == 0 || (!u && a == BIT64(0) && b == UINT64_MAX)))
		return true;
	return false;
}

static const PpcInsn *row_by_name(const char *m)
{
	for (unsigned i = 0; i < ppc_isa_row_count; i++)
		if (!strcmp(ppc_isa_rows[i].mnemonic, m))
			return &ppc_isa_rows[i];
	return NULL;
}

static uint32_t with(uint32_t word, const char *operand, uint32_t v)
{
	for (unsigned i = 1; i < ppc_isa_operand_count; i++) {
		const PpcOperand *o = &ppc_isa_operands[i];

		if (strcmp(o->name, operand))
			continue;
		if (!strcmp(operand, "SH6") || !strcmp(operand, "MB6") || !strcmp(operand, "ME6")) {
			uint32_t top = !strcmp(operand, "SH6") ? BIT32(30) : BIT32(26);
			uint32_t low = o->mask & ~top;

			return word | (v & 32 ? top : 0) | (v & 31) << ctz32(low);
		}
		return word | ((v << ctz32(o->mask)) & o->mask);
	}
	ck_abort_msg("no operand %s", operand);
	return 0;
}

/* The Cell's sixteen operands: what `add` of each to 0 gave. */
static unsigned cell_operands(char **lines, uint64_t v[16])
{
	unsigned n = 0, j;
	unsigned long long x;

	for (char **l = lines; *l; l++)
		if (sscanf(*l, "add ([00],[%u]) -> %llx", &j, &x) == 2 && j < 16)
			v[j] = x, n++;
	return n;
}

/*
 * "mnem ([i],[j],...) -> result [XER : CR]".  Arguments index the operands
 * where the row names a register there, else they are immediates.
 */
static bool cell_row(Rig *r, const char *line, const uint64_t v[16], unsigned *done)
{
	char m[16] = "";
	const char *p = line + strcspn(line, " ("), *dotp;
	unsigned arg[4], n = 0, k = 0, used = 0;
	unsigned long long want, x1, x2;
	const PpcInsn *insn;
	bool two, dot;
	uint32_t word;

	g_strlcpy(m, line, MIN(sizeof(m), (size_t)(p - line) + 1));
	p = strchr(line, '(');
	for (; p && n < 4 && (p = strchr(p, '[')) != NULL && p < strstr(line, "->"); p++, n++)
		arg[n] = (unsigned)strtoul(p + 1, NULL, 10);
	insn = row_by_name(m);
	dotp = strchr(m, '.');
	dot = !insn && dotp;
	if (dot) {
		m[dotp - m] = 0;
		insn = row_by_name(m);
	}
	p = strstr(line, "-> ");
	if (!insn || !p || sscanf(p, "-> %llx [%llx", &want, &x1) != 2)
		return true;
	two = sscanf(p, "-> %llx [%llx : %llx]", &want, &x1, &x2) == 3;
	word = insn->value | (dot ? 1 : 0);
	rig_clear(r);
	for (unsigned i = 0; i < insn->noperands && k < n; i++) {
		const char *o = ppc_isa_operands[insn->operand[i] & PPC_OPERAND_ID].name;
		bool target = i == 0;

		if (target) {
			word = with(word, o, 3);
			continue;
		}
		if (o[0] == 'R') {
			r->cpu->gpr[4 + used] = v[arg[k++] & 15];
			word = with(word, o, 4 + used++);
		} else {
			return true; /* immediates of the log are indices of a list it does not give */
		}
	}
	if (k != n || skip_cell(insn, r->cpu->gpr[4], r->cpu->gpr[5]))
		return true;
	rig_exec(r, word);
	++*done;
	if (r->cpu->gpr[3] == want && ppc_cr_get(r->cpu) == (two ? x2 : x1) &&
	    (!two || ppc_xer_get(r->cpu) == x1))
		return true;
	printf("%s\n  ours: %016llx [%016llx : %08x]\n", line, (unsigned long long)r->cpu->gpr[3],
	       (unsigned long long)ppc_xer_get(r->cpu), ppc_cr_get(r->cpu));
	return false;
}

static char **cell_lines(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, "cell", name, NULL), *out = NULL;
	char *argv[] = { (char *)"gzip", (char *)"-dc", path, NULL };

	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
			  NULL))
		return NULL;
	return g_strsplit(out, "\n", -1);
}

static void cell(int engine, const char *model)
{
	static const char *const files[] = { "ppu_integer_arithmetic.expected.gz",
					     "ppu_integer_logical.expected.gz",
					     "ppu_integer_shift.expected.gz" };
	const char *dir = rig_vectors();
	uint64_t v[16];
	unsigned bad = 0, done = 0;
	Rig *r;

	if (!dir)
		return;
	r = rig_new(model, 0);
	if (engine && !rig_use_units(r)) {
		rig_free(r);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
		g_auto(GStrv) lines = cell_lines(dir, files[i]);

		ck_assert(lines != NULL);
		if (i == 0)
			ck_assert_uint_eq(cell_operands(lines, v), 16);
		for (char **l = lines; *l; l++)
			bad += !cell_row(r, *l, v, &done);
	}
	if (engine)
		printf("cell, %s: %u rows, instructions by host code %lu, called by it %lu\n",
		       model, done, r->by_code, r->by_call);
	fflush(stdout);
	ck_assert_uint_ge(100 * r->by_code, engine ? 95ul * done : 0);
	rig_free(r);
	ck_assert_uint_gt(done, 9000);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(cell_power8)
{
	cell(_i, "power8");
}
END_TEST

START_TEST(cell_970)
{
	cell(_i, "970fx");
}
END_TEST

Suite *suite_vectors(void);
Suite *suite_vectors(void)
{
	Suite *s = suite_create("vectors");
	TCase *t = tcase_create("vectors");

	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, cell_power8, 0, 2);
	tcase_add_loop_test(t, cell_970, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
