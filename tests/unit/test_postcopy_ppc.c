/*
 * Pages that have not arrived, met by real CPUs: by fetches, loads, stores, reservations, and
 * walks of page tables.  Whatever is met waits, gets the bytes that come, and leaves the state
 * that it leaves where nothing is absent; a line that is lost meanwhile, or a machine that is
 * stopped, changes nothing of that.
 */
#include <check.h>
#include <stdatomic.h>
#include <string.h>
#include "core/absent.h"
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "tests/unit/fake.h"
#include "tests/unit/ppc_rig.h"

Suite *suite_postcopy_ppc(void);

#define CODE 0x1000
#define FAR 0x5000
#define DATA 0x100000
#define DATA_PAGES 16
#define PAGE(pa) ((pa) >> RAM_PAGE_SHIFT)
#define MAX_PAGES 8
#define MAX_WORDS 8

/* Radix trees, as in test_mmu.c. */
#define PRTB 0x8000
#define ROOT 0x10000
#define L2 0x20000
#define L3 0x21000
#define L4 0x22000
#define PDE(next, bits) (BIT64(0) | (next) | (bits))
#define LEAF(pa) (BIT64(0) | BIT64(1) | (pa) | 7)
#define HTAB 0x200000

#define I_LMW(t, d, a) I_D(46, t, a, d)
#define I_STMW(s, d, a) I_D(47, s, a, d)
#define I_LSWI(t, a, n) I_X(31, t, a, n, 597)
#define I_DCBZ(b) I_X(31, 0, 0, b, 1014)
#define I_LWARX(t, b) I_X(31, t, 0, b, 20)
#define I_STWCX(s, b) (I_X(31, s, 0, b, 150) | 1)
#define I_LXVD2X(t, b) I_X(31, t, 0, b, 844)
#define I_STXVD2X(s, b) I_X(31, s, 0, b, 972)

typedef struct Meeting {
	const char *name;
	void (*more)(PpcRig *r); /* NULL: real mode */
	const char *model;	 /* NULL: power9 */
	uint64_t r3;
	uint32_t words[MAX_WORDS];
	unsigned insns;
	/* What is absent, in the order in which it is met; after how many instructions. */
	unsigned n;
	uint64_t page[MAX_PAGES];
	unsigned at[MAX_PAGES];
} Meeting;

static void put64(PpcRig *r, uint64_t pa, uint64_t v)
{
	ck_assert(ram_st64(r->m->ram, pa, v));
}

/* EA 0 is DATA, by a tree whose every table lies in a page of its own. */
static void radix(PpcRig *r)
{
	put64(r, PRTB + 16, UINT64_C(2) << 61 | UINT64_C(5) << 5 | ROOT | 13);
	put64(r, ROOT, PDE(L2, 9));
	put64(r, L2, PDE(L3, 9));
	put64(r, L3, PDE(L4, 9));
	put64(r, L4, LEAF(DATA));
	r->radix = true;
	r->process_table = PRTB;
	ppc_set_spr(r->cpu, 318, LPCR_HR | LPCR_UPRT | LPCR_GTSE);
	ppc_set_spr(r->cpu, 48, 1);
	ppc_set_msr(r->cpu, r->cpu->msr | MSR_DR);
}

static void radix_fetch(PpcRig *r)
{
	const uint32_t word = I_ADDI(4, 0, 77);

	radix(r);
	rig_code(r, DATA, &word, 1);
	ppc_set_msr(r->cpu, r->cpu->msr | MSR_IR);
	ppc_set_nip(r->cpu, 0);
}

/* The entry is in the second group, so both groups are looked at; they lie pages apart. */
static void hash_970(PpcRig *r)
{
	const PpcOp op = { .RS = 5, .RB = 6 };
	uint64_t vsid = 0x333, ea = 0x30005000, hash = vsid ^ (ea >> 12 & 0xffff);
	uint64_t at = HTAB + (~hash & 0x7ff) * 128;

	r->board.vhyp = false;
	r->board.hpt = NULL;
	ppc_set_spr(r->cpu, 25, HTAB);
	r->cpu->gpr[5] = vsid << 12;
	r->cpu->gpr[6] = (ea & ~UINT64_C(0xfffffff)) | BIT64(36) | 3;
	ex_slbmte(r->cpu, &op);
	put64(r, at, vsid << 12 | (ea >> 23 & 0x1f) << 7 | 3);
	put64(r, at + 8, DATA | 2);
	ppc_set_msr(r->cpu, r->cpu->msr | MSR_DR);
}

static void hash_32(PpcRig *r)
{
	uint32_t vsid = 0x101, ea = 0x10003000, hash = vsid ^ (ea >> 12 & 0xffff);
	uint64_t at = HTAB + (~hash & 0x3ff) * 64;

	ppc_set_spr(r->cpu, 25, HTAB);
	r->cpu->sr[1] = vsid;
	ppc_seg_changed(r->cpu);
	put64(r, at, (uint64_t)(0x80000040 | vsid << 7 | (ea >> 22 & 0x3f)) << 32 | DATA | 2);
	ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_DR);
}

/* clang-format off */
static const Meeting meetings[] = {
	{ "fetches", NULL, NULL, DATA, { I_B(FAR - CODE) }, 3,
	  2, { PAGE(CODE), PAGE(FAR) }, { 0, 1 } },
	{ "a load", NULL, NULL, DATA, { I_ADDI(4, 0, 9), I_LD(4, 8, 3) }, 2,
	  1, { PAGE(DATA) }, { 1 } },
	{ "a store", NULL, NULL, DATA, { I_ADDI(4, 0, 9), I_STD(4, 8, 3), I_LD(5, 0, 3) }, 3,
	  1, { PAGE(DATA) }, { 1 } },
	{ "a load of two pages", NULL, NULL, DATA + 0xffc, { I_LD(4, 0, 3) }, 1,
	  2, { PAGE(DATA), PAGE(DATA) + 1 }, { 0, 0 } },
	{ "a store to two pages", NULL, NULL, DATA + 0xffc, { I_ADDI(4, 0, -9), I_STD(4, 0, 3) }, 2,
	  1, { PAGE(DATA) + 1 }, { 1 } },
	{ "a store to two pages, both absent", NULL, NULL, DATA + 0xffc, { I_STD(3, 0, 3) }, 1,
	  2, { PAGE(DATA), PAGE(DATA) + 1 }, { 0, 0 } },
	{ "lwarx", NULL, NULL, DATA + 0x20, { I_LWARX(4, 3), I_ADDI(4, 4, 1), I_STWCX(4, 3) }, 3,
	  1, { PAGE(DATA) }, { 0 } },
	{ "something else under a reservation", NULL, NULL, DATA + 0x20,
	  { I_LWARX(4, 3), I_LD(5, 0x2000, 3), I_STWCX(3, 3) }, 3,
	  1, { PAGE(DATA) + 2 }, { 1 } },
	{ "stwcx. to where the reservation is not", NULL, NULL, DATA + 0x20,
	  { I_LWARX(4, 3), I_ADDI(6, 3, 0x2000), I_STWCX(3, 6), I_STWCX(3, 3) }, 4,
	  1, { PAGE(DATA) + 2 }, { 2 } },
	{ "dcbz", NULL, NULL, DATA + 0x234, { I_DCBZ(3) }, 1,
	  1, { PAGE(DATA) }, { 0 } },
	{ "lmw", NULL, NULL, DATA + 0xff0, { I_LMW(20, 0, 3) }, 1,
	  1, { PAGE(DATA) + 1 }, { 0 } },
	{ "lmw of two absent pages", NULL, NULL, DATA + 0xff0, { I_LMW(20, 0, 3) }, 1,
	  2, { PAGE(DATA), PAGE(DATA) + 1 }, { 0, 0 } },
	{ "stmw", NULL, NULL, DATA + 0xff0, { I_STMW(2, 0, 3) }, 1,
	  1, { PAGE(DATA) + 1 }, { 0 } },
	{ "lswi", NULL, NULL, DATA + 0xffa, { I_LSWI(5, 3, 22) }, 1,
	  1, { PAGE(DATA) + 1 }, { 0 } },
	{ "vectors", NULL, NULL, DATA + 0xff8, { I_LXVD2X(1, 3), I_ADDI(3, 3, 0x2000), I_STXVD2X(1, 3) }, 3,
	  4, { PAGE(DATA), PAGE(DATA) + 1, PAGE(DATA) + 2, PAGE(DATA) + 3 }, { 0, 0, 2, 2 } },
	{ "a radix tree", radix, NULL, 0x40, { I_LD(4, 0, 3), I_STD(4, 8, 3) }, 2,
	  6, { PAGE(PRTB), PAGE(ROOT), PAGE(L2), PAGE(L3), PAGE(L4), PAGE(DATA) }, { 0 } },
	{ "a radix tree's leaf by a store", radix, NULL, 0x40, { I_STD(4, 8, 3) }, 1,
	  2, { PAGE(L4), PAGE(DATA) }, { 0 } },
	{ "a radix tree by a fetch", radix_fetch, NULL, 0x40, { I_NOP }, 1,
	  6, { PAGE(PRTB), PAGE(ROOT), PAGE(L2), PAGE(L3), PAGE(L4), PAGE(DATA) }, { 0 } },
	{ "a hashed table of a 970", hash_970, "970fx", 0x30005010, { I_LWZ(4, 0, 3), I_STW(4, 8, 3) }, 2,
	  3, { PAGE(HTAB + (0x336 & 0x7ff) * 128), PAGE(HTAB + (~0x336u & 0x7ff) * 128), PAGE(DATA) },
	  { 0 } },
	{ "a hashed table of a 7447A", hash_32, "7447a", 0x10003010, { I_LWZ(4, 0, 3), I_STW(4, 8, 3) }, 2,
	  3, { PAGE(HTAB + 0x102 * 64), PAGE(HTAB + (~0x102u & 0x3ff) * 64), PAGE(DATA) }, { 0 } },
};
/* clang-format on */

static PpcRig *make(const Meeting *c)
{
	PpcRig *r = rig_new(c->model ? c->model : "power9");
	const uint32_t word = I_ADDI(4, 0, 7);

	for (uint64_t pa = DATA; pa < DATA + DATA_PAGES * RAM_PAGE_SIZE; pa += 8)
		put64(r, pa, (pa + 1) * UINT64_C(0x9e3779b97f4a7c15));
	for (unsigned i = 0; i < 32; i++)
		ppc_set_gpr(r->cpu, i, 0x1111 * (i + 1));
	ppc_set_gpr(r->cpu, 3, c->r3);
	rig_code(r, CODE, c->words, MAX_WORDS);
	rig_code(r, FAR, &word, 1);
	rig_code(r, FAR + 4, &word, 1);
	ppc_set_nip(r->cpu, CODE);
	if (c->more)
		c->more(r);
	machine_lock(r->m);
	vclock_stop(r->m->clock);
	machine_unlock(r->m);
	return r;
}

static void stop_it(void *opaque)
{
	machine_stop(opaque, STOP_USER);
}

static void start(PpcRig *r, uint64_t insns)
{
	machine_lock(r->m);
	vcpupool_set_limit(r->m->pool, insns, stop_it, r->m);
	machine_start(r->m);
	machine_unlock(r->m);
}

static void finish(PpcRig *r)
{
	while (machine_running(r->m))
		loop_turn(r->m->loop, 1);
}

/* What it is after so many instructions where nothing is absent. */
static PpcRig *whole(const Meeting *c, unsigned insns)
{
	PpcRig *r = make(c);

	if (insns) {
		start(r, insns);
		finish(r);
	}
	return r;
}

/* Who wants what, in that order. */
typedef struct Wants {
	uint64_t page[4 * MAX_PAGES];
	atomic_uint n;
} Wants;

static void want(void *opaque, uint64_t page)
{
	Wants *w = opaque;
	unsigned n = atomic_load(&w->n);

	if (n < ARRAY_LEN(w->page))
		w->page[n] = page;
	atomic_store(&w->n, n + 1);
}

/* Takes the bytes of these pages away: what is there in their place must not be seen. */
static void take_away(PpcRig *r, const Meeting *c, uint8_t (*bytes)[RAM_PAGE_SIZE], Wants *w)
{
	g_autofree uint8_t *bitmap = g_malloc0(PAGE(r->m->ram->size) / 8);

	for (unsigned i = 0; i < c->n; i++) {
		uint8_t *at = r->m->ram->host + c->page[i] * RAM_PAGE_SIZE;

		memcpy(bytes[i], at, RAM_PAGE_SIZE);
		memset(at, 0xee, RAM_PAGE_SIZE);
		bitmap[c->page[i] / 8] |= (uint8_t)(1u << c->page[i] % 8);
	}
	machine_lock(r->m);
	absent_begin(r->m, bitmap, want, w);
	absent_open(r->m);
	machine_unlock(r->m);
}

/* The next page is asked for: that one, and nothing happens until it comes. */
static void wait_for(PpcRig *r, Wants *w, unsigned n, uint64_t page)
{
	while (atomic_load(&w->n) < n) {
		ck_assert_msg(machine_running(r->m), "went on without page 0x%x", (unsigned)page);
		loop_turn(r->m->loop, 1);
	}
	g_usleep(2000);
	loop_turn(r->m->loop, 0);
	ck_assert_uint_eq(atomic_load(&w->n), n);
	ck_assert_uint_eq(w->page[n - 1], page);
	ck_assert(machine_running(r->m));
}

static bool is_absent(const PpcRig *r, uint64_t page)
{
	return r->m->ram->page_flags[page] & RAM_PAGE_ABSENT;
}

/* Of the instruction that waits nothing is done: neither in registers nor in RAM. */
static void check_not_begun(PpcRig *r, const Meeting *c, unsigned insns)
{
	PpcRig *before = whole(c, insns);

	for (unsigned i = 0; i < 32; i++)
		ck_assert_uint_eq(r->cpu->gpr[i], before->cpu->gpr[i]);
	for (uint64_t n = PAGE(DATA); n < PAGE(DATA) + DATA_PAGES; n++) {
		uint64_t at = n * RAM_PAGE_SIZE;

		if (!is_absent(r, n))
			ck_assert_mem_eq(r->m->ram->host + at, before->m->ram->host + at,
					 RAM_PAGE_SIZE);
	}
	rig_free(before);
}

/* The line goes and comes back; the machine stands meanwhile, which a waiting CPU allows. */
static void lose_line(PpcRig *r, const Meeting *c, unsigned k)
{
	int64_t v;

	machine_lock(r->m);
	absent_lose(r->m);
	machine_stop(r->m, STOP_PAGES);
	v = vclock_now(r->m->clock);
	check_not_begun(r, c, c->at[k]);
	machine_unlock(r->m);
	g_usleep(2000);
	machine_lock(r->m);
	ck_assert_int_eq(vclock_now(r->m->clock), v);
	ck_assert(is_absent(r, c->page[k]));
	absent_open(r->m);
	machine_start(r->m);
	machine_unlock(r->m);
}

static void meet(const Meeting *c, bool lost)
{
	uint8_t bytes[MAX_PAGES][RAM_PAGE_SIZE];
	PpcRig *there = whole(c, c->insns), *r = make(c);
	Wants w = { .n = 0 };
	unsigned n = 0;
	char *a, *b;

	take_away(r, c, bytes, &w);
	start(r, c->insns);
	for (unsigned k = 0; k < c->n; k++) {
		wait_for(r, &w, ++n, c->page[k]);
		if (lost) {
			lose_line(r, c, k);
			wait_for(r, &w, ++n, c->page[k]);
		}
		ck_assert(absent_place(r->m, c->page[k], bytes[k]));
	}
	finish(r);
	ck_assert_uint_eq(absent_left(r->m), 0);
	ck_assert_uint_eq(atomic_load(&w.n), n);
	a = fake_state(there->m);
	b = fake_state(r->m);
	ck_assert_msg(!strcmp(a, b), "%s: should be\n%s\nis\n%s", c->name, a, b);
	g_free(a);
	g_free(b);
	rig_free(there);
	rig_free(r);
}

START_TEST(absent_page_is_waited_for)
{
	meet(&meetings[_i], false);
}
END_TEST

START_TEST(line_is_lost_while_a_cpu_waits)
{
	meet(&meetings[_i], true);
}
END_TEST

/* A reset makes an end of the instruction that waits: it is never done. */
START_TEST(reset_while_a_cpu_waits)
{
	const Meeting c = { "", NULL, NULL, DATA, { I_STD(3, 8, 3) }, 1, 1, { PAGE(DATA) }, { 0 } };
	const uint32_t forever = I_B(0);
	uint8_t bytes[1][RAM_PAGE_SIZE];
	Wants w = { .n = 0 };
	PpcRig *r = make(&c);

	rig_code(r, PPC_V_RESET, &forever, 1);
	take_away(r, &c, bytes, &w);
	start(r, 100);
	wait_for(r, &w, 1, c.page[0]);
	machine_lock(r->m);
	absent_lose(r->m);
	machine_stop(r->m, STOP_PAGES);
	machine_reset(r->m);
	ppc_set_nip(r->cpu, PPC_V_RESET);
	absent_open(r->m);
	ck_assert(absent_place(r->m, c.page[0], bytes[0]));
	machine_unlock(r->m);
	start(r, 100);
	finish(r);
	ck_assert_mem_eq(r->m->ram->host + DATA, bytes[0], RAM_PAGE_SIZE);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_RESET);
	ck_assert_uint_eq(r->cpu->gpr[3], 0);
	rig_free(r);
}
END_TEST

Suite *suite_postcopy_ppc(void)
{
	Suite *s = suite_create("postcopy_ppc");
	TCase *t = tcase_create("real CPUs");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, absent_page_is_waited_for, 0, ARRAY_LEN(meetings));
	tcase_add_loop_test(t, line_is_lost_while_a_cpu_waits, 0, ARRAY_LEN(meetings));
	tcase_add_test(t, reset_while_a_cpu_waits);
	suite_add_tcase(s, t);
	return s;
}
