/*
 * Results read off real chips (see the README of the vectors), each on the
 * model they belong to, all of the state that they give: 750-class integer and
 * floating-point rows, an Espresso's, a G4's and a Broadway's printed logs.
 *
 * What a file leaves open is told at skip_log(); docs/vectors.md lists it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"
#include "tests/isa/chips.h"

static bool dingus_row(Rig *r, char *line)
{
	return chips_dingus_row(r, line);
}

static bool espresso_row(Rig *r, char *line)
{
	EspressoRow row;

	chips_espresso_row(r, line, &row);
	return chips_espresso_same(&row, line);
}

/*
 * Interpreted, or by units as well: then host code has to do so many of 100 by itself.  What it
 * calls the interpreter for, or leaves to it, is told.
 */
static void by_whom(Rig *r, const char *name, unsigned rows, unsigned least)
{
	if (!r->cpu->units)
		return;
	printf("%s: %u rows, instructions by host code %lu, called by it %lu\n", name, rows,
	       r->by_code, r->by_call);
	fflush(stdout);
	ck_assert_uint_ge(100 * r->by_code, (uint64_t)least * rows);
}

/* All lines of a file, at least so many; a rig for engine 0, the interpreter, or 1, units. */
static void all_of(int engine, const char *name, const char *skip, bool (*row)(Rig *, char *),
		   unsigned least, unsigned coded)
{
	Rig *r = rig_new("750", MSR_FP);
	unsigned bad, n;

	if (!rig_vectors() || (engine && !rig_use_units(r))) {
		rig_free(r);
		return;
	}
	n = chips_each_line(name, skip, row, r, &bad);
	by_whom(r, name, n, coded);
	rig_free(r);
	ck_assert_uint_gt(n, least);
	ck_assert_uint_eq(bad, 0);
}

START_TEST(dingus_int)
{
	all_of(_i, "ppcinttests.csv", NULL, dingus_row, 4000, 95);
}
END_TEST

START_TEST(dingus_float)
{
	all_of(_i, "ppcfloattests.csv", NULL, dingus_row, 1500, 5);
}
END_TEST

START_TEST(espresso)
{
	all_of(_i, "espresso.csv.gz", "i", espresso_row, 34000, 60);
}
END_TEST

/*
 * ---- Printed logs: MNEMONIC (mode) :: name value | ... ----
 *
 * Inputs of floating-point rows are printed with seven digits, NaNs without
 * their kind: a row is right when one of the numbers that print so gives all
 * of its results.
 */

typedef struct Log {
	Rig *r;
	bool cr;      /* the CR column is to be trusted */
	uint64_t old; /* of frD before each row */
	char op[16];  /* of the "Bit n" rows that follow */
	unsigned rows, skipped, bad;
} Log;

typedef struct LogRow {
	char name[16];
	uint64_t fpscr; /* before */
	char **f;	/* "name value" */
	const PpcInsn *insn;
	uint32_t word;
	bool is_float;
} LogRow;

static const char *log_field(char *const *f, const char *name)
{
	size_t n = strlen(name);

	for (; *f; f++)
		if (!strncmp(*f, name, n) && ((*f)[n] == ' ' || (*f)[n] == ':'))
			return *f + n + strspn(*f + n, ": ");
	return NULL;
}

static uint64_t log_number(char *const *f, const char *name, uint64_t otherwise)
{
	const char *s = log_field(f, name);

	return s ? strtoull(s, NULL, 16) : otherwise;
}

static const PpcInsn *find_row(const char *name, uint64_t features)
{
	for (unsigned i = 0; i < ppc_isa_row_count; i++)
		if (!g_ascii_strcasecmp(ppc_isa_rows[i].mnemonic, name) &&
		    !(ppc_isa_rows[i].features & ~features) &&
		    !(ppc_isa_rows[i].without & features))
			return &ppc_isa_rows[i];
	return NULL;
}

/* Sets an operand's field; false when the row has no such operand. */
static bool put(LogRow *w, const char *name, uint64_t v)
{
	for (unsigned i = 0; i < w->insn->noperands; i++) {
		const PpcOperand *o = &ppc_isa_operands[w->insn->operand[i] & PPC_OPERAND_ID];

		if (strcmp(o->name, name))
			continue;
		w->word = (w->word & ~o->mask) | ((uint32_t)(v << ctz32(o->mask)) & o->mask);
		return true;
	}
	return false;
}

/* Up to four numbers that the log prints as text. */
static unsigned candidates(const char *text, uint64_t v[4])
{
	static const uint64_t odd[] = { UINT64_C(0x7fefffffffffffff), UINT64_C(0x0010000000000000),
					UINT64_C(0x47efffffe0000000),
					UINT64_C(0x3810000000000000) };
	uint64_t sign = *text == '-' ? BIT64(0) : 0;
	double d = strtod(text, NULL);
	SfEnv env = { 0 };
	unsigned n = 0;

	if (g_str_has_prefix(text + (sign != 0), "nan")) {
		v[n++] = sign | UINT64_C(0x7ff8000000000000);
		v[n++] = sign | UINT64_C(0x7ff4000000000000);
		return n;
	}
	memcpy(&v[n++], &d, 8);
	v[n] = sf_f64_to_f64s(&env, v[0]);
	n += v[n] != v[0];
	for (unsigned i = 0; i < ARRAY_LEN(odd); i++) {
		g_autofree char *print = NULL;

		memcpy(&d, &odd[i], 8);
		print = g_strdup_printf("%e", d);
		if (g_str_has_prefix(text + (sign != 0), print))
			v[n++] = odd[i] | sign;
	}
	return n;
}

/* One attempt; fa, fb, fc are what frA, frB, frC (f4, f5, f6) hold. */
static bool log_try(Log *l, const LogRow *w, const uint64_t in[3])
{
	PpcCpu *cpu = l->r->cpu;
	const char *fpscr = log_field(w->f, "FPSCR"), *cr = log_field(w->f, "CR");

	rig_clear(l->r);
	cpu->fpscr = w->fpscr;
	rig_set_fpr(l->r, 3, l->old);
	for (unsigned i = 0; i < 3; i++)
		rig_set_fpr(l->r, 4 + i, in[i]);
	cpu->gpr[3] = log_field(w->f, "rS") ? log_number(w->f, "rA", 0) : 0;
	cpu->gpr[4] = log_number(w->f, "rS", log_number(w->f, "rA", 0));
	cpu->gpr[5] = log_number(w->f, "rB", 0);
	rig_exec(l->r, w->word);
	return cpu->nip == RIG_CODE + 4 &&
	       log_number(w->f, "rD", (uint32_t)cpu->gpr[3]) == (uint32_t)cpu->gpr[3] &&
	       log_number(w->f, "frD", rig_fpr(l->r, 3)) == rig_fpr(l->r, 3) &&
	       log_number(w->f, "XER", 0) == (uint32_t)ppc_xer_get(cpu) &&
	       (!fpscr || strtoull(fpscr, NULL, 16) == cpu->fpscr) &&
	       (!l->cr || !cr || strtoull(cr, NULL, 16) == ppc_cr_get(cpu));
}

static bool log_search(Log *l, const LogRow *w)
{
	static const char *const names[] = { "frA", "frB", "frC" };
	uint64_t v[3][4] = { { 0 } }, in[3];
	unsigned n[3];

	for (unsigned i = 0; i < 3; i++) {
		const char *text = log_field(w->f, names[i]);

		n[i] = text ? candidates(text, v[i]) : 1;
	}
	for (unsigned k = 0; k < n[0] * n[1] * n[2]; k++) {
		in[0] = v[0][k % n[0]];
		in[1] = v[1][k / n[0] % n[1]];
		in[2] = v[2][k / n[0] / n[1]];
		if (log_try(l, w, in))
			return true;
	}
	return false;
}

/* Name, mode and opcode; false for a line that is no row. */
static bool log_parse(const Log *l, const char *line, LogRow *w)
{
	static const char *const modes[] = { "(RTN)", "(RTZ)", "(RTPI)", "(RTNI)" };
	static const char *const renamed[][2] = {
		{ "CMP", "cmpw" }, { "CMPI", "cmpwi" }, { "CMPL", "cmplw" }, { "CMPLI", "cmplwi" }
	};
	size_t n = strcspn(line, " ");
	bool dot;

	g_strlcpy(w->name, line, MIN(n + 1, sizeof(w->name)));
	for (unsigned i = 0; i < 4; i++)
		if (strstr(line, modes[i]))
			w->fpscr = i;
	if (strstr(line, "(VE)"))
		w->fpscr = FPSCR_VE;
	/* Compares that must leave C alone: it was set. */
	if (g_str_has_prefix(l->op, "FPRF Class"))
		w->fpscr = FPSCR_C;
	for (unsigned i = 0; i < ARRAY_LEN(renamed); i++)
		if (!strcmp(w->name, renamed[i][0]))
			g_strlcpy(w->name, renamed[i][1], sizeof(w->name));
	w->insn = find_row(w->name, l->r->cpu->features);
	dot = !w->insn && g_str_has_suffix(w->name, ".");
	if (dot) {
		w->name[strlen(w->name) - 1] = 0;
		w->insn = find_row(w->name, l->r->cpu->features);
	}
	if (!w->insn)
		return false;
	w->word = w->insn->value | (dot ? w->insn->rc_bit : 0);
	return true;
}

/* Destination 3, sources 4 to 6; what has one source calls it A. */
static void log_operands(LogRow *w)
{
	uint64_t imm = log_number(w->f, "imm", 0);
	const char *first = ppc_isa_operands[w->insn->operand[0] & PPC_OPERAND_ID].name;

	if (!put(w, "FRA", 4))
		put(w, "FRB", 4);
	else
		put(w, "FRB", 5);
	if (log_field(w->f, "frC"))
		put(w, "FRC", 6);
	else if (log_field(w->f, "frB"))
		put(w, "FRC", 5); /* of two factors */
	put(w, "RS", 4);
	if (!put(w, "RA", 4))
		put(w, "RA0", 4);
	put(w, "RB", 5);
	put(w, "SI", imm);
	put(w, "UI", imm);
	put(w, "SH", log_number(w->f, "SH", 0));
	put(w, "MB", log_number(w->f, "MB", 0));
	put(w, "ME", log_number(w->f, "ME", 0));
	put(w, first, strcmp(first, "BF") ? 3 : g_str_has_prefix(w->insn->mnemonic, "f"));
}

/* "Bit n :: crA a | crB b | CR: c": an operation of bits n of fields 1 and 2 to bit 0. */
static bool log_cr_row(Log *l, const char *line, char *const *f)
{
	const PpcInsn *insn = find_row(l->op, PPC_F_B);
	unsigned bit = (unsigned)strtoul(strstr(line, "Bit ") + 4, NULL, 10);

	ck_assert(insn != NULL);
	rig_clear(l->r);
	l->r->cpu->cr[1] = (uint8_t)log_number(f, "crA", 0);
	l->r->cpu->cr[2] = (uint8_t)log_number(f, "crB", 0);
	rig_exec(l->r, insn->value | (4 + bit) << 16 | (8 + bit) << 11);
	return !l->cr || ppc_cr_get(l->r->cpu) == log_number(f, "CR", 0);
}

/* "addo: Resulting XER: x": of 1 and 1, all of XER being set before. */
static bool log_xer_row(Log *l, const char *line)
{
	g_autofree char *name = g_strndup(line, strcspn(line, ":"));
	const PpcInsn *insn = find_row(name, l->r->cpu->features);

	ck_assert(insn != NULL);
	rig_clear(l->r);
	ppc_xer_set(l->r->cpu, UINT32_MAX);
	l->r->cpu->gpr[4] = l->r->cpu->gpr[5] = 1;
	rig_exec(l->r, insn->value | 3 << 21 | 4 << 16 | 5 << 11);
	return ppc_xer_get(l->r->cpu) == strtoull(strstr(line, "XER:") + 4, NULL, 16);
}

/* Rows that do not say what went in. */
static bool skip_log(const Log *l, const LogRow *w)
{
	static const char *const inexact[] = { "7.323334e+00", "6.888239e+00" };
	const char *a = log_field(w->f, "frA"), *b = log_field(w->f, "frB");

	/* Broadway's rotates and srawi print neither the old rA nor rS nor SH as they were. */
	if (!l->cr && (g_str_has_prefix(w->name, "RLW") || !strcmp(w->name, "SRAWI")))
		return true;
	/* Products whose low bits count, of factors with more digits than are printed. */
	for (unsigned i = 0; i < ARRAY_LEN(inexact) && b; i++)
		if (!g_strcmp0(a, inexact[i]) || !g_strcmp0(b, inexact[i]))
			return true;
	/* The same for rounding to single. */
	return !strcmp(w->name, "FRSP") && !g_strcmp0(a, "5.651908e+00");
}

static void log_line(Log *l, const char *line)
{
	const char *sep = strstr(line, " :: ");
	g_auto(GStrv) f = NULL;
	LogRow w = { 0 };
	bool ok;

	if (strstr(line, "Resulting XER")) {
		ok = log_xer_row(l, line);
	} else if (!sep) {
		g_strlcpy(l->op, line, sizeof(l->op));
		return;
	} else {
		f = g_strsplit(sep + 4, "|", -1);
		for (char **p = f; *p; p++)
			g_strstrip(*p);
		w.f = f;
		if (strstr(line, "Bit ")) {
			ok = log_cr_row(l, line, f);
		} else {
			ck_assert_msg(log_parse(l, line, &w), "%s", line);
			if (skip_log(l, &w)) {
				l->skipped++;
				return;
			}
			log_operands(&w);
			/* It leaves FPSCR alone, and Broadway's had not been cleared. */
			if (!g_ascii_strcasecmp(w.name, "FSEL"))
				w.fpscr = log_number(f, "FPSCR", 0);
			ok = log_search(l, &w);
		}
	}
	l->rows++;
	if (ok)
		return;
	l->bad++;
	printf("%s\n  ours: rD=%08x XER=%08x CR=%08x frD=%016lx FPSCR=%08lx\n", line,
	       (uint32_t)l->r->cpu->gpr[3], (uint32_t)ppc_xer_get(l->r->cpu), ppc_cr_get(l->r->cpu),
	       rig_fpr(l->r, 3), l->r->cpu->fpscr);
}

static void log_file(int engine, const char *name, Log *l, const char *model)
{
	g_autofree char *text = chips_text(name);
	g_auto(GStrv) lines = NULL;

	if (!text)
		return;
	l->r = rig_new(model, MSR_FP);
	if (engine && !rig_use_units(l->r)) {
		rig_free(l->r);
		return;
	}
	lines = g_strsplit(text, "\n", -1);
	for (char **p = lines; *p; p++)
		log_line(l, g_strchomp(*p));
	by_whom(l->r, name, l->rows, 75);
	rig_free(l->r);
	printf("%s: %u rows, %u skipped\n", name, l->rows, l->skipped);
	ck_assert_uint_gt(l->rows, 12900);
	ck_assert_uint_eq(l->bad, 0);
}

START_TEST(g4)
{
	Log l = { .cr = true, .old = UINT64_C(0x123456789abcdef0) };

	log_file(_i, "g4.txt.gz", &l, "7447a");
}
END_TEST

START_TEST(broadway)
{
	Log l = { .cr = false };

	log_file(_i, "broadway.txt.gz", &l, "750");
}
END_TEST

Suite *suite_chips(void);
Suite *suite_chips(void)
{
	Suite *s = suite_create("chips");
	TCase *t = tcase_create("chips");

	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, dingus_int, 0, 2);
	tcase_add_loop_test(t, dingus_float, 0, 2);
	tcase_add_loop_test(t, espresso, 0, 2);
	tcase_add_loop_test(t, g4, 0, 2);
	tcase_add_loop_test(t, broadway, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
