/*
 * Counted time with real CPUs: a run that is broken off by save, a new machine and load
 * at hundreds of random instructions ends in the same state, to the last bit, as one
 * that nothing interrupted.
 *
 * The program has what could tell the two apart: it reads timebase and decrementer after
 * each step, takes decrementer interrupts at intervals that it draws, adds to a word
 * that all CPUs share under a reservation, sleeps until an interrupt now and then, and
 * writes what it finds over its memory.  COUNTED_SEED=n draws other points.
 */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include "migration/snapshot.h"
#include "target-ppc/timebase.h"
#include "tests/unit/fake.h"
#include "tests/unit/ppc_rig.h"

#define MAX_CPUS 2
#define INSNS UINT64_C(300000)
#define POINTS 200
#define RAM_SIZE (UINT64_C(1) << 18)
#define CODE 0x1000
#define SHARED 0x18000
#define PRIVATE(cpu) (0x20000 + (cpu)*0x4000)

#define I_MULLW(t, a, b) I_X(31, t, a, b, 235)
#define I_ADD(t, a, b) I_X(31, t, a, b, 266)
#define I_STWX(s, a, b) I_X(31, s, a, b, 151)
#define I_LWARX(t, a, b) I_X(31, t, a, b, 20)
#define I_STWCX(s, a, b) (I_X(31, s, a, b, 150) | 1)
#define I_RLWINM(a, s, mb, me) I_X(21, s, a, 0, (mb) << 5 | (me))
#define I_BNE(off) (16u << 26 | 4 << 21 | 2 << 16 | ((uint32_t)(off)&0xfffc))
#define I_RFI (19u << 26 | 50 << 1)
enum { SPR_TB = 268, SPR_DEC = 22, SPR_SRR0 = 26 };

static const struct {
	const char *model;
	unsigned ncpus, ns; /* an instruction */
} kinds[] = { { "power9", 1, 1 },
	      { "power9", 2, 1 },
	      { "power8", 2, 4 },
	      { "7447a", 1, 16 },
	      { "7447a", 2, 8 } };

typedef struct Box {
	Machine *m;
	PpcBoard board;
	PpcCpu *cpu[MAX_CPUS];
} Box;

/* What the program asks of its board: sleep. */
static void hypercall(void *opaque, PpcCpu *cpu)
{
	(void)opaque;
	ppc_halt(cpu);
}

static void put_program(Box *b, bool classic)
{
	const uint32_t main_loop[] = {
		I_MULLW(3, 3, 7),
		I_ADDI(3, 3, 12345),
		I_RLWINM(6, 3, 18, 29),
		I_MFSPR(8, SPR_TB),
		I_ADD(9, 3, 8),
		I_STWX(9, 10, 6),
		I_MFSPR(12, SPR_DEC),
		I_ADD(13, 13, 12),
		I_RLWINM(20, 3, 9, 14) | 1, /* once in 64 times */
		I_BNE(8),
		classic ? I_NOP : I_SC(1),
		I_LWARX(11, 0, 5),
		I_ADDI(11, 11, 1),
		I_STWCX(11, 0, 5),
		I_BNE(-12),
		I_B(-15 * 4),
	};
	const uint32_t handler[] = {
		I_ADDI(14, 14, 1),   I_MFSPR(15, SPR_SRR0), I_ADD(16, 16, 15),
		I_MFSPR(18, SPR_TB), I_ADD(16, 16, 18),	    I_RLWINM(17, 3, 21, 31),
		I_ADDI(17, 17, 20),  I_MTSPR(SPR_DEC, 17),  classic ? I_RFI : I_RFID,
	};

	for (unsigned i = 0; i < ARRAY_LEN(main_loop); i++)
		ck_assert(ram_st32(b->m->ram, CODE + i * 4, main_loop[i]));
	for (unsigned i = 0; i < ARRAY_LEN(handler); i++)
		ck_assert(ram_st32(b->m->ram, PPC_V_DEC + i * 4, handler[i]));
}

static Box *box_new(unsigned kind, bool jit)
{
	const PpcJitOptions o = { .bytes = (size_t)4 << 20, .hot = 1 };
	const PpcModel *model = ppc_model_find(kinds[kind].model);
	bool classic = model->excp <= PPC_EXCP_970;
	Box *b = g_new0(Box, 1);

	b->m = machine_new("box", loop_new(),
			   vclock_new(VCLOCK_COUNTED, hostclock_real(), kinds[kind].ns));
	b->m->ram = ram_new(RAM_SIZE, NULL);
	b->m->bus = bus_new(b->m->ram);
	b->board = (PpcBoard){ .opaque = b,
			       .tb_freq = classic ? 41600000 : 512000000,
			       .vhyp = !classic,
			       .hypercall = hypercall };
	machine_lock(b->m);
	for (unsigned i = 0; i < kinds[kind].ncpus; i++) {
		b->cpu[i] = ppc_cpu_new(b->m, model, &b->board, i, NULL);
		ck_assert(b->cpu[i] != NULL);
		if (jit)
			ck_assert(ppc_use_jit(b->cpu[i], &o, NULL));
	}
	machine_reset(b->m);
	for (unsigned i = 0; i < kinds[kind].ncpus; i++) {
		ppc_set_spr(b->cpu[i], 1008, 0x04000000); /* HID0[TBEN] of the 7447A */
		ppc_set_msr(b->cpu[i], (classic ? 0 : MSR_SF) | MSR_ME | MSR_RI | MSR_EE);
		ppc_set_nip(b->cpu[i], CODE);
		ppc_set_gpr(b->cpu[i], 3, 1 + i);
		ppc_set_gpr(b->cpu[i], 5, SHARED);
		ppc_set_gpr(b->cpu[i], 7, 1103515245);
		ppc_set_gpr(b->cpu[i], 10, PRIVATE(i));
		ppc_set_spr(b->cpu[i], SPR_DEC, 100 + i);
	}
	put_program(b, classic);
	machine_unlock(b->m);
	return b;
}

static void box_free(Box *b)
{
	machine_free(b->m);
	g_free(b);
}

static uint64_t rnd(uint64_t *seed, uint64_t n)
{
	*seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
	return *seed % n;
}

/* On to an exact instruction, and into another machine. */
static Box *moved(Box *b, unsigned kind, bool jit, uint64_t insns, const char *path)
{
	Box *next = box_new(kind, jit);
	GError *err = NULL;

	fake_run_to(b->m, insns);
	machine_lock(b->m);
	ck_assert_msg(snapshot_save(b->m, path, &err), "%s", err ? err->message : "");
	machine_unlock(b->m);
	box_free(b);
	machine_lock(next->m);
	ck_assert_msg(snapshot_load(next->m, path, &err), "%s", err ? err->message : "");
	machine_loaded(next->m, false);
	machine_unlock(next->m);
	return next;
}

/* A place where hundreds of files that nobody needs to keep cost little. */
static char *scratch_file(void)
{
	const char *dir = access("/dev/shm", W_OK) ? g_get_tmp_dir() : "/dev/shm";

	return g_strdup_printf("%s/pcorn-counted-%d.snap", dir, (int)getpid());
}

/*
 * All state.  A CPU looks whether its decrementer ran out when its turn comes, and after
 * a load: each looks now.  Where hot code was, which only saves say, is no state of the machine.
 */
static char *state_of(Box *b)
{
	for (unsigned i = 0; i < MAX_CPUS && b->cpu[i]; i++)
		ppc_time_update(b->cpu[i]);
	for (unsigned i = 0; i < MAX_CPUS && b->cpu[i]; i++) {
		g_clear_pointer(&b->cpu[i]->hints, g_free);
		b->cpu[i]->hints_len = 0;
	}
	return fake_state(b->m);
}

/* The first lines that differ. */
static char *difference(const char *a, const char *b)
{
	char **la = g_strsplit(a, "\n", -1), **lb = g_strsplit(b, "\n", -1);
	GString *s = g_string_new(NULL);

	for (unsigned i = 0; la[i] && lb[i] && s->len < 1000; i++)
		if (strcmp(la[i], lb[i]))
			g_string_append_printf(s, "\n%s\n  not %s", lb[i], la[i]);
	g_strfreev(la);
	g_strfreev(lb);
	return g_string_free(s, FALSE);
}

static void broken_off(unsigned kind, uint64_t seed, bool whole_jit, bool part_jit)
{
	Box *whole = box_new(kind, whole_jit), *part = box_new(kind, part_jit);
	uint64_t first = seed, at = 0;
	char *path = scratch_file(), *a, *b;
	unsigned n = 0;
	uint32_t sum;

	fake_run_to(whole->m, INSNS);
	for (; (at += 1 + rnd(&seed, 2 * INSNS / POINTS)) < INSNS; n++)
		part = moved(part, kind, part_jit, at, path);
	fake_run_to(part->m, INSNS);
	a = state_of(whole);
	b = state_of(part);
	if (strcmp(a, b))
		ck_abort_msg("%s, %u CPUs, seed %" PRIu64 ", %u points: %s", kinds[kind].model,
			     kinds[kind].ncpus, first, n, difference(a, b));
	/* The program did what it is for: interrupts, and sums under reservations. */
	ck_assert_uint_gt(n, POINTS / 2);
	for (unsigned i = 0; i < kinds[kind].ncpus; i++)
		ck_assert_uint_gt(ppc_gpr(whole->cpu[i], 14), 40);
	ck_assert(ram_ld32(whole->m->ram, SHARED, &sum));
	ck_assert_uint_gt(sum, INSNS / 20);
	unlink(path);
	g_free(path);
	g_free(a);
	g_free(b);
	box_free(whole);
	box_free(part);
}

START_TEST(broken_off_anywhere)
{
	const char *given = g_getenv("COUNTED_SEED");

	if (given) {
		broken_off((unsigned)_i, strtoull(given, NULL, 0) | 1, false, true);
		return;
	}
	/* With these, CPUs that sleep were once given turns by a load. */
	broken_off((unsigned)_i, 7, false, false);
	broken_off((unsigned)_i, 99, false, true);
	broken_off((unsigned)_i, 5, true, true);
	broken_off((unsigned)_i, 1234567, true, false);
}
END_TEST

Suite *suite_counted(void);

Suite *suite_counted(void)
{
	Suite *s = suite_create("counted");
	TCase *t = tcase_create("save and load at any instruction");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, broken_off_anywhere, 0, ARRAY_LEN(kinds));
	suite_add_tcase(s, t);
	return s;
}
