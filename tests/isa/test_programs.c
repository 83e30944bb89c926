/*
 * Small annotated assembler programs (tests/isa/programs, whose README tells
 * the notation), assembled here with the cross binutils and run on every
 * engine: each case from the state it sets, until its end or an interrupt,
 * then what it expects is compared.
 *
 * An annotation becomes data: `set r3 = 2 * buf' is a record whose value
 * the assembler works out, so that labels and arithmetic need no parser here.
 */
#include <check.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/isa/harness.h"

#define DIR "tests/isa/programs"
#define AS "powerpc64le-linux-gnu-as"
#define LD "powerpc64le-linux-gnu-ld"
#define OBJCOPY "powerpc64le-linux-gnu-objcopy"

enum {
	TEXT = 0x40000,
	DATA = 0x60000,
	RECORDS = 0x80000,
	RECORD = 48,
	STEPS = 20000, /* instructions that a case may take */
};

/* What a record does with its target. */
enum { OP_CASE = 1, OP_SET, OP_IS, OP_IS_NOT, OP_END };

/* Targets: a register below, or memory of 1, 2, 4, 8 bytes (TO_MEM + size). */
enum {
	TO_GPR = 0,
	TO_FPR = 32,  /* the upper half of VSRs 0 to 31 */
	TO_VSH = 64,  /* upper halves of VSRs */
	TO_VSL = 128, /* lower halves */
	TO_CRF = 192,
	TO_NAMED = 200, /* names[] */
	TO_SPR = 256,	/* + number */
	TO_MEM = 2000,
};

static const char *const names[] = { "cr", "xer", "lr",	  "ctr",  "msr",    "fpscr", "ca",
				     "ov", "so",  "ca32", "ov32", "vector", "nip",   "vscr" };
enum {
	N_CR,
	N_XER,
	N_LR,
	N_CTR,
	N_MSR,
	N_FPSCR,
	N_CA,
	N_OV,
	N_SO,
	N_CA32,
	N_OV32,
	N_VECTOR,
	N_NIP,
	N_VSCR
};

/* An engine runs from nip until the `b .' of the case's end or of a vector. */
typedef struct Engine {
	const char *name;
	void (*run)(Rig *r, uint64_t end);
} Engine;

/* One program on one model. */
typedef struct Prog {
	const char *name;
	char *model;
	bool le;
	uint64_t msr; /* bits that are added */
	const uint8_t *image;
	gsize size; /* from TEXT on */
	unsigned cases, bad, checks;
	const Engine *engine;
	Rig *rig;
} Prog;

static bool at_vector(uint64_t nip)
{
	return nip < 0x3000 || (nip >= 0x17000 && nip < 0x18000);
}

/* One instruction at a time. */
static void run_steps(Rig *r, uint64_t end)
{
	for (unsigned i = 0; i < STEPS && r->cpu->nip != end && !at_vector(r->cpu->nip); i++)
		rig_run(r, r->cpu->nip, 1);
}

/* Long slices: blocks, their links, and the loops at the end. */
static void run_blocks(Rig *r, uint64_t end)
{
	(void)end;
	rig_run(r, r->cpu->nip, STEPS);
}

static const Engine engines[] = { { "interpreter, single steps", run_steps },
				  { "interpreter, blocks", run_blocks } };

/* ------------------------------------------------ annotations to assembler */

static const char *const msr_names[] = { "sf", "vec", "vsx", "pr", "fp", "fe0", "fe1", "ee", "me" };
static const uint64_t msr_bits[] = { MSR_SF,  MSR_VEC, MSR_VSX, MSR_PR, MSR_FP,
				     MSR_FE0, MSR_FE1, MSR_EE,	MSR_ME };

static int index_of(const char *s, const char *const *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(s, list[i]))
			return (int)i;
	return -1;
}

/* Number of a target, -1 when it is none.  Memory: "mem32" (its address follows). */
static int target_of(const char *s)
{
	static const struct {
		const char *prefix;
		int first, n;
	} files[] = { { "r", TO_GPR, 32 },   { "f", TO_FPR, 32 }, { "vsh", TO_VSH, 64 },
		      { "vsl", TO_VSL, 64 }, { "cr", TO_CRF, 8 }, { "spr", TO_SPR, 1024 } };
	int i = index_of(s, names, ARRAY_LEN(names));

	if (i >= 0)
		return TO_NAMED + i;
	for (unsigned k = 0; k < ARRAY_LEN(files); k++) {
		size_t n = strlen(files[k].prefix);
		char *end;
		long v;

		if (strncmp(s, files[k].prefix, n) || !g_ascii_isdigit(s[n]))
			continue;
		v = strtol(s + n, &end, 10);
		if (*end == 0 && v < files[k].n)
			return files[k].first + (int)v;
	}
	if (!strncmp(s, "mem", 3)) {
		int bits = atoi(s + 3);

		return bits == 8 || bits == 16 || bits == 32 || bits == 64 ? TO_MEM + bits / 8 : -1;
	}
	for (const PpcSprInfo *p = ppc_spr_table; p->name; p++)
		if (!g_ascii_strcasecmp(p->name, s))
			return TO_SPR + p->num;
	return -1;
}

static void put_record(GString *out, unsigned op, int target, unsigned line, const char *addr,
		       const char *mask, const char *value)
{
	g_string_append_printf(out,
			       ".pushsection .records,\"a\"; .long %u,%d,%u,0; .quad (%s); "
			       ".quad (%s); .quad (%s); .quad 0; .popsection; ",
			       op, target, line, addr, mask, value);
}

/* One "TARGET [& MASK] = VALUE" of set and expect; memN(ADDRESS). */
static void put_item(GString *out, bool set, unsigned line, const char *file, char *item)
{
	char *eq = strstr(item, " = "), *ne = strstr(item, " != "), *amp, *open, *where = NULL;
	const char *value = eq ? eq + 3 : ne ? ne + 4 : NULL;
	int target;

	ck_assert_msg(value != NULL, "%s:%u: no ' = ' in '%s'", file, line, item);
	*(eq ? eq : ne) = 0;
	amp = strstr(item, " & ");
	if (amp)
		*amp = 0;
	open = strchr(item, '(');
	if (open) {
		*open = 0;
		where = open + 1;
		ck_assert_msg(g_str_has_suffix(where, ")"), "%s:%u: no )", file, line);
		where[strlen(where) - 1] = 0;
	}
	target = target_of(g_strstrip(item));
	ck_assert_msg(target >= 0 && (target > TO_MEM) == (where != NULL), "%s:%u: no target '%s'",
		      file, line, item);
	put_record(out,
		   set	? OP_SET
		   : eq ? OP_IS
			: OP_IS_NOT,
		   target, line, where ? where : "0", amp ? amp + 3 : "-1", value);
}

/* A line with an annotation, as one line of assembler. */
static void put_annotation(GString *out, char *s, unsigned line, const char *file, unsigned *ncase,
			   bool *open)
{
	g_auto(GStrv) items = NULL;
	g_autofree char *first = NULL, *last = NULL;
	bool set = g_str_has_prefix(s, "set ");

	if (g_str_has_prefix(s, "run "))
		return;
	if (g_str_has_prefix(s, "case ")) {
		ck_assert_msg(!*open, "%s:%u: the case before expects nothing", file, line);
		*open = true;
		++*ncase;
		g_string_append_printf(out, ".text; .p2align 6; case%u: ", *ncase);
		first = g_strdup_printf("case%u", *ncase);
		last = g_strdup_printf("end%u", *ncase);
		put_record(out, OP_CASE, 0, line, first, "0", last);
		return;
	}
	ck_assert_msg(set || g_str_has_prefix(s, "expect "), "%s:%u: '%s'?", file, line, s);
	ck_assert_msg(*ncase, "%s:%u: before the first case", file, line);
	if (!set && *open) {
		*open = false;
		g_string_append_printf(out, ".text; end%u: b .; ", *ncase);
	}
	items = g_strsplit(s + (set ? 4 : 7), ",", -1);
	for (char **p = items; *p; p++)
		put_item(out, set, line, file, g_strstrip(*p));
}

/*
 * The program as plain assembler, line for line.  The rest of a line stays:
 * what stands before the annotation comes first.
 */
static char *translate(const char *text, const char *file)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_new(".machine any; ");
	unsigned ncase = 0;
	bool open = false;

	for (unsigned i = 0; i < ARRAY_LEN(msr_names); i++)
		g_string_append_printf(out, ".set MSR_%s,%#llx; ", msr_names[i],
				       (unsigned long long)msr_bits[i]);
	for (unsigned i = 0; lines[i]; i++) {
		char *mark = strstr(lines[i], "#_ ");

		if (mark) {
			*mark = 0;
			put_annotation(out, g_strstrip(mark + 3), i + 1, file, &ncase, &open);
		} else if (strchr(lines[i], '#')) {
			*strchr(lines[i], '#') = 0;
		}
		g_string_append_printf(out, "%s\n", lines[i]);
	}
	ck_assert_msg(!open && ncase, "%s: the last case expects nothing, or there is none", file);
	put_record(out, OP_END, 0, 0, "0", "0", "0");
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* Runs a tool; its complaints end the test. */
static void tool(const char *file, const char *const *argv)
{
	g_autofree char *err = NULL;
	int status;

	ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
			       &err, &status, NULL));
	ck_assert_msg(status == 0, "%s: %s", file, err);
}

/* The program in one byte order: TEXT, DATA and RECORDS in their places. */
static GBytes *assemble(const char *name, const char *text, bool le, const char *dir)
{
	g_autofree char *s = g_build_filename(dir, "p.s", NULL),
			*o = g_build_filename(dir, "p.o", NULL),
			*elf = g_build_filename(dir, "p.elf", NULL),
			*bin = g_build_filename(dir, "p.bin", NULL), *code = translate(text, name),
			*image = NULL;
	const char *as[] = { AS,	  "-a64",  "-mregnames",
			     "-mpower10", "-many", le ? "-mlittle" : "-mbig",
			     "-o",	  o,	   s,
			     NULL };
	const char *ld[] = { LD,
			     le ? "-EL" : "-EB",
			     "-m",
			     le ? "elf64lppc" : "elf64ppc",
			     "-Ttext=0x40000",
			     "-Tdata=0x60000",
			     "--section-start=.records=0x80000",
			     "-e0",
			     "-o",
			     elf,
			     o,
			     NULL };
	const char *copy[] = { OBJCOPY, "-O", "binary", elf, bin, NULL };
	gsize size;

	ck_assert(g_file_set_contents(s, code, -1, NULL));
	tool(name, as);
	tool(name, ld);
	tool(name, copy);
	ck_assert(g_file_get_contents(bin, &image, &size, NULL));
	ck_assert_msg(size > RECORDS - TEXT && size < 0x100000, "%s: %zu bytes", name,
		      (size_t)size);
	g_remove(s);
	g_remove(o);
	g_remove(elf);
	g_remove(bin);
	return g_bytes_new_take(g_steal_pointer(&image), size);
}

/* ------------------------------------------------------------- one case */

static uint64_t image64(const Prog *p, uint64_t at)
{
	return p->le ? ld64_le(p->image + at) : ld64_be(p->image + at);
}

static uint32_t image32(const Prog *p, uint64_t at)
{
	return p->le ? ld32_le(p->image + at) : ld32_be(p->image + at);
}

/* A machine as after reset, with the program in it. */
static void start(Prog *p)
{
	static const uint8_t loop[4] = { 0x48, 0, 0,
					 0 }; /* handlers are big-endian: LPCR[ILE] is 0 */
	Machine *m = p->rig->m;
	PpcCpu *cpu = p->rig->cpu;

	machine_lock(m);
	machine_reset(m);
	cpu->msr = (cpu->msr & ~MSR_IP) | p->msr | (p->le ? MSR_LE : 0);
	if (!(p->msr & MSR_SF))
		cpu->msr &= ~MSR_SF;
	ppc_state_changed(cpu);
	memcpy(rig_ram(p->rig, TEXT), p->image, p->size);
	ram_written(m->ram, TEXT, p->size);
	for (uint64_t v = 0x100; v < 0x18000; v += 0x20)
		if (at_vector(v))
			memcpy(rig_ram(p->rig, v), loop, 4);
	machine_unlock(m);
	rig_clear(p->rig);
}

static uint64_t get_memory(const Prog *p, unsigned bytes, uint64_t at)
{
	const uint8_t *h = rig_ram(p->rig, at);
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v = v << 8 | h[p->le ? bytes - 1 - i : i];
	return v;
}

static void set_memory(Prog *p, unsigned bytes, uint64_t at, uint64_t v)
{
	uint8_t *h = rig_ram(p->rig, at);

	machine_lock(p->rig->m);
	ram_written(p->rig->m->ram, at, bytes);
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		h[p->le ? i : bytes - 1 - i] = (uint8_t)v;
	machine_unlock(p->rig->m);
}

static uint64_t get_named(const Prog *p, unsigned name, uint64_t end)
{
	PpcCpu *cpu = p->rig->cpu;

	switch (name) {
	case N_CR: return ppc_cr_get(cpu);
	case N_XER: return ppc_xer_get(cpu);
	case N_LR: return cpu->lr;
	case N_CTR: return cpu->ctr;
	case N_MSR: return cpu->msr;
	case N_FPSCR: return cpu->fpscr;
	case N_VSCR: return cpu->vscr;
	case N_CA: return cpu->xer.ca;
	case N_OV: return cpu->xer.ov;
	case N_SO: return cpu->xer.so;
	case N_CA32: return cpu->xer.ca32;
	case N_OV32: return cpu->xer.ov32;
	case N_VECTOR: return at_vector(cpu->nip) ? cpu->nip : cpu->nip == end ? 0 : UINT64_MAX;
	default: return cpu->nip;
	}
}

static uint64_t get(const Prog *p, unsigned target, uint64_t at, uint64_t end)
{
	PpcCpu *cpu = p->rig->cpu;

	if (target > TO_MEM)
		return get_memory(p, target - TO_MEM, at);
	if (target >= TO_SPR) {
		const PpcSprInfo *i = ppc_spr_find(cpu->model->spr_set, target - TO_SPR);

		ck_assert_msg(i != NULL, "%s: no SPR %u", p->model, target - TO_SPR);
		return ppc_spr_read(cpu, i);
	}
	if (target >= TO_NAMED)
		return get_named(p, target - TO_NAMED, end);
	if (target >= TO_CRF)
		return cpu->cr[target - TO_CRF];
	if (target >= TO_VSL)
		return VSR_D(cpu->vsr[target - TO_VSL], 1);
	if (target >= TO_FPR)
		return VSR_D(cpu->vsr[target >= TO_VSH ? target - TO_VSH : target - TO_FPR], 0);
	return cpu->gpr[target];
}

static void set_named(Prog *p, unsigned name, uint64_t v)
{
	PpcCpu *cpu = p->rig->cpu;

	switch (name) {
	case N_CR: ppc_cr_set(cpu, (uint32_t)v); break;
	case N_XER: ppc_xer_set(cpu, v); break;
	case N_LR: cpu->lr = v; break;
	case N_CTR: cpu->ctr = v; break;
	case N_MSR: /* bits to be added */
		cpu->msr |= v;
		ppc_state_changed(cpu);
		break;
	case N_FPSCR: cpu->fpscr = v; break;
	case N_VSCR: cpu->vscr = (uint32_t)v; break;
	default: ck_abort_msg("%s: %s cannot be set", p->name, names[name]);
	}
}

static void set(Prog *p, unsigned target, uint64_t at, uint64_t v)
{
	PpcCpu *cpu = p->rig->cpu;

	if (target > TO_MEM) {
		set_memory(p, target - TO_MEM, at, v);
	} else if (target >= TO_SPR) {
		const PpcSprInfo *i = ppc_spr_find(cpu->model->spr_set, target - TO_SPR);

		ck_assert_msg(i != NULL, "%s: no SPR %u", p->model, target - TO_SPR);
		ppc_spr_write(cpu, i, v);
	} else if (target >= TO_NAMED) {
		set_named(p, target - TO_NAMED, v);
	} else if (target >= TO_CRF) {
		cpu->cr[target - TO_CRF] = v & 15;
	} else if (target >= TO_VSL) {
		VSR_D(cpu->vsr[target - TO_VSL], 1) = v;
	} else if (target >= TO_FPR) {
		VSR_D(cpu->vsr[target >= TO_VSH ? target - TO_VSH : target - TO_FPR], 0) = v;
	} else {
		cpu->gpr[target] = v;
	}
}

static void expect(Prog *p, uint64_t rec, uint64_t end)
{
	unsigned op = image32(p, rec), target = image32(p, rec + 4);
	uint64_t at = image64(p, rec + 16), mask = image64(p, rec + 24),
		 want = image64(p, rec + 32);
	uint64_t have = get(p, target, at, end);

	p->checks++;
	if (((have & mask) == (want & mask)) == (op == OP_IS))
		return;
	p->bad++;
	printf("%s:%u: %s%s, %s: 0x%llx, not %s0x%llx (mask 0x%llx)\n", p->name,
	       image32(p, rec + 8), p->model, p->le ? " le" : "", p->engine->name,
	       (unsigned long long)have, op == OP_IS ? "" : "other than ", (unsigned long long)want,
	       (unsigned long long)mask);
}

/* The case whose record lies at rec; returns where the next one is. */
static uint64_t run_case(Prog *p, uint64_t rec)
{
	uint64_t first = image64(p, rec + 16), end = image64(p, rec + 32), i;
	bool vector = false;

	p->cases++;
	start(p);
	p->rig->cpu->nip = first;
	for (i = rec + RECORD; image32(p, i) == OP_SET; i += RECORD)
		set(p, image32(p, i + 4), image64(p, i + 16), image64(p, i + 32));
	p->engine->run(p->rig, end);
	for (; image32(p, i) == OP_IS || image32(p, i) == OP_IS_NOT; i += RECORD) {
		vector |= image32(p, i + 4) == TO_NAMED + N_VECTOR;
		expect(p, i, end);
	}
	if (!vector && p->rig->cpu->nip != end && ++p->bad)
		printf("%s:%u: %s%s, %s: ended at 0x%llx, not at the case's end\n", p->name,
		       image32(p, rec + 8), p->model, p->le ? " le" : "", p->engine->name,
		       (unsigned long long)p->rig->cpu->nip);
	return i;
}

/* ---------------------------------------------------------------- programs */

typedef struct Sum {
	unsigned programs, runs, cases, checks, bad;
} Sum;

static void run_prog(Prog *p, Sum *sum)
{
	for (unsigned e = 0; e < ARRAY_LEN(engines); e++) {
		uint64_t rec = RECORDS - TEXT;

		p->engine = &engines[e];
		while (image32(p, rec) == OP_CASE)
			rec = run_case(p, rec);
		ck_assert_msg(image32(p, rec) == OP_END, "%s: `set' after `expect'", p->name);
	}
	sum->runs++;
	sum->cases += p->cases;
	sum->checks += p->checks;
	sum->bad += p->bad;
}

/* "run MODEL [le] [-sf] [+fp]...": MSR[SF] is 1 on 64-bit models, unless -sf. */
static void run_line(const char *name, const char *text, const char *line, const char *dir,
		     GBytes *images[2], Sum *sum)
{
	g_auto(GStrv) w = g_strsplit(line, " ", -1);
	Prog p = { .name = name, .model = w[0] };
	const PpcModel *model = ppc_model_find(w[0]);

	ck_assert_msg(model != NULL, "%s: no model %s", name, w[0]);
	p.msr = model->features & PPC_F_64 ? MSR_SF : 0;
	for (char **q = w + 1; *q; q++) {
		int i = index_of(*q + 1, msr_names, ARRAY_LEN(msr_names));

		if (!strcmp(*q, "le"))
			p.le = true;
		else if (**q == '+' && i >= 0)
			p.msr |= msr_bits[i];
		else if (**q == '-' && i >= 0)
			p.msr &= ~msr_bits[i];
		else
			ck_abort_msg("%s: run: what is '%s'?", name, *q);
	}
	if (!images[p.le])
		images[p.le] = assemble(name, text, p.le, dir);
	p.image = g_bytes_get_data(images[p.le], &p.size);
	p.rig = rig_new(w[0], 0);
	run_prog(&p, sum);
	rig_free(p.rig);
}

static void run_text(const char *name, const char *text, const char *dir, Sum *sum)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GBytes *images[2] = { NULL, NULL }; /* big-, little-endian */
	unsigned runs = 0;

	for (char **l = lines; *l; l++) {
		if (!g_str_has_prefix(*l, "#_ run "))
			continue;
		run_line(name, text, g_strstrip(*l + 7), dir, images, sum);
		runs++;
	}
	ck_assert_msg(runs > 0, "%s: no `run' line", name);
	for (unsigned i = 0; i < 2; i++)
		if (images[i])
			g_bytes_unref(images[i]);
	sum->programs++;
}

static void run_file(const char *name, const char *dir, Sum *sum)
{
	g_autofree char *path = g_build_filename(DIR, name, NULL), *text = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	run_text(name, text, dir, sum);
}

/* What is wrong is noticed: values, masks, memory, an interrupt, one that did not come. */
START_TEST(notices)
{
	static const char text[] = "#_ run power9\n#_ case a\n li r3,5\n#_ expect r3 = 6, r3 != 5\n"
				   "#_ case b\n#_ set r4 = 0x60000\n stb r4,1(r4)\n"
				   "#_ expect mem8(0x60001) = 1, cr & 0xf = 1\n"
				   "#_ case c\n trap\n#_ expect r3 = 0\n"
				   "#_ case d\n#_ expect vector = 0x700\n";
	g_autofree char *as = g_find_program_in_path(AS), *tmp = NULL;
	Sum sum = { 0 };

	if (!as) {
		test_skipped("programs: no " AS " here (gcc-powerpc64le-linux-gnu)");
		return;
	}
	tmp = g_dir_make_tmp("programs-XXXXXX", NULL);
	ck_assert(tmp != NULL);
	run_text("notices", text, tmp, &sum);
	g_rmdir(tmp);
	ck_assert_uint_eq(sum.bad, 6 * ARRAY_LEN(engines));
}
END_TEST

START_TEST(programs)
{
	g_autofree char *as = g_find_program_in_path(AS), *tmp = NULL;
	const char *only = getenv("PROGRAM"), *name;
	Sum sum = { 0 };
	GDir *d = g_dir_open(DIR, 0, NULL);

	if (!as) {
		test_skipped("programs: no " AS " here (gcc-powerpc64le-linux-gnu)");
		return;
	}
	ck_assert(d != NULL);
	tmp = g_dir_make_tmp("programs-XXXXXX", NULL);
	ck_assert(tmp != NULL);
	while ((name = g_dir_read_name(d)) != NULL)
		if (g_str_has_suffix(name, ".s") && (!only || g_str_has_prefix(name, only)))
			run_file(name, tmp, &sum);
	g_dir_close(d);
	g_rmdir(tmp);
	printf("programs: %u, %u runs, %u cases, %u checks, %u wrong\n", sum.programs, sum.runs,
	       sum.cases, sum.checks, sum.bad);
	fflush(stdout);
	ck_assert_uint_eq(sum.bad, 0);
	ck_assert_uint_gt(sum.programs, 0);
}
END_TEST

Suite *suite_programs(void);
Suite *suite_programs(void)
{
	Suite *s = suite_create("programs");
	TCase *t = tcase_create("programs");

	tcase_set_timeout(t, 300);
	tcase_add_test(t, notices);
	tcase_add_test(t, programs);
	suite_add_tcase(s, t);
	return s;
}
