/* See chips.h. */
#include "tests/isa/chips.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target-ppc/fpu.h"

char *chips_text(const char *name)
{
	const char *dir = rig_vectors();
	g_autofree char *path = dir ? g_build_filename(dir, name, NULL) : NULL;
	char *argv[] = { (char *)"gzip", (char *)"-dcf", path, NULL }, *out = NULL;
	int status = -1;

	if (!dir)
		return NULL;
	ck_assert(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL,
			       &status, NULL));
	ck_assert_int_eq(status, 0);
	return out;
}

/* ---- DingusPPC: NAME,word,field=value... ---- */

static const char *field(char **f, const char *name)
{
	size_t n = strlen(name);

	for (; *f; f++)
		if (!strncmp(*f, name, n) && (*f)[n] == '=')
			return *f + n + 1;
	return NULL;
}

static uint64_t number(char **f, const char *name, uint64_t otherwise)
{
	const char *s = field(f, name);

	return s ? strtoull(s, NULL, 0) : otherwise;
}

static uint64_t float_bits(const char *text)
{
	static const struct {
		const char *name;
		uint64_t v;
	} names[] = {
		{ "snan", UINT64_C(0x7ff4000000000000) },
		{ "qnan", UINT64_C(0x7ff8000000000000) },
		{ "inf", UINT64_C(0x7ff0000000000000) },
		{ "FLT_MAX", UINT64_C(0x47efffffe0000000) },
		{ "FLT_MIN", UINT64_C(0x3810000000000000) },
		{ "DBL_MAX", UINT64_C(0x7fefffffffffffff) },
		{ "DBL_MIN", UINT64_C(0x0010000000000000) },
	};
	bool minus = *text == '-';
	double d = strtod(text, NULL);
	uint64_t v;

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (!g_ascii_strcasecmp(text + minus, names[i].name))
			return names[i].v | (minus ? BIT64(0) : 0);
	memcpy(&v, &d, sizeof(v));
	return v;
}

bool chips_dingus_row(Rig *r, const char *line)
{
	static const char *const modes[] = { "RTN", "RTZ", "RPI", "RNI" };
	g_auto(GStrv) f = g_strsplit(line, ",", -1);
	static const char *const in[] = { "frA", "frB", "frC" };
	const char *mode = field(f, "round");
	PpcCpu *cpu = r->cpu;
	bool ok;

	rig_clear(r);
	for (unsigned i = 0; mode && i < 4; i++)
		if (!strcmp(mode, modes[i]))
			cpu->fpscr = i;
	if (mode && !strcmp(mode, "VEN"))
		cpu->fpscr = FPSCR_VE;
	cpu->gpr[3] = number(f, "rA", 0);
	cpu->gpr[4] = number(f, "rB", 0);
	for (unsigned i = 0; i < 3; i++)
		if (field(f, in[i]))
			rig_set_fpr(r, 4 + i, float_bits(field(f, in[i])));
	rig_exec(r, (uint32_t)strtoul(f[1], NULL, 0));
	ok = number(f, "rD", (uint32_t)cpu->gpr[3]) == (uint32_t)cpu->gpr[3] &&
	     number(f, "frD", rig_fpr(r, 3)) == rig_fpr(r, 3) &&
	     number(f, "XER", 0) == (uint32_t)ppc_xer_get(cpu) &&
	     number(f, "FPSCR", cpu->fpscr) == cpu->fpscr &&
	     number(f, "CR", 0) == ppc_cr_get(cpu) && cpu->nip == RIG_CODE + 4;
	if (!ok)
		printf("%s\n  ours: rD=%08x XER=%08x CR=%08x frD=%016lx FPSCR=%08lx\n", line,
		       (uint32_t)cpu->gpr[3], (uint32_t)ppc_xer_get(cpu), ppc_cr_get(cpu),
		       rig_fpr(r, 3), cpu->fpscr);
	return ok;
}

/* ---- Espresso: insn, twelve columns before, the same after ---- */

static void espresso_get(const Rig *r, uint64_t v[ESPRESSO_COLUMNS])
{
	v[ESPRESSO_XER] = ppc_xer_get(r->cpu);
	v[ESPRESSO_CR] = ppc_cr_get(r->cpu);
	v[ESPRESSO_FPSCR] = r->cpu->fpscr;
	v[ESPRESSO_CTR] = (uint32_t)r->cpu->ctr;
	for (unsigned i = 0; i < 4; i++) {
		v[ESPRESSO_R3 + i] = (uint32_t)r->cpu->gpr[3 + i];
		v[ESPRESSO_F1 + i] = rig_fpr(r, 1 + i);
	}
}

static void espresso_set(Rig *r, const uint64_t v[ESPRESSO_COLUMNS])
{
	ppc_xer_set(r->cpu, v[ESPRESSO_XER]);
	ppc_cr_set(r->cpu, (uint32_t)v[ESPRESSO_CR]);
	r->cpu->fpscr = v[ESPRESSO_FPSCR];
	r->cpu->ctr = v[ESPRESSO_CTR];
	for (unsigned i = 0; i < 4; i++) {
		r->cpu->gpr[3 + i] = v[ESPRESSO_R3 + i];
		rig_set_fpr(r, 1 + i, v[ESPRESSO_F1 + i]);
	}
}

void chips_espresso_row(Rig *r, const char *line, EspressoRow *row)
{
	g_auto(GStrv) f = g_strsplit(line, ",", -1);

	ck_assert_uint_eq(g_strv_length(f), 1 + 2 * ESPRESSO_COLUMNS);
	row->word = (uint32_t)strtoul(f[0], NULL, 16);
	for (unsigned i = 0; i < ESPRESSO_COLUMNS; i++) {
		row->before[i] = strtoull(f[1 + i], NULL, 16);
		row->after[i] = strtoull(f[1 + ESPRESSO_COLUMNS + i], NULL, 16);
	}
	rig_clear(r);
	espresso_set(r, row->before);
	rig_exec(r, row->word);
	espresso_get(r, row->ours);
}

bool chips_espresso_same(const EspressoRow *row, const char *line)
{
	if (!memcmp(row->ours, row->after, sizeof(row->ours)))
		return true;
	printf("%s\n ours:", line);
	for (unsigned i = 0; i < ESPRESSO_COLUMNS; i++)
		if (row->ours[i] != row->after[i])
			printf(" column %u: %lx", i, row->ours[i]);
	printf("\n");
	return false;
}

unsigned chips_each_line(const char *name, const char *skip, bool (*row)(Rig *, char *), Rig *r,
			 unsigned *bad)
{
	g_autofree char *text = chips_text(name);
	g_auto(GStrv) lines = text ? g_strsplit(text, "\n", -1) : NULL;
	unsigned n = 0;

	*bad = 0;
	for (char **l = lines; l && *l; l++) {
		if (!**l || (skip && g_str_has_prefix(*l, skip)))
			continue;
		n++;
		*bad += !row(r, *l);
	}
	return n;
}
