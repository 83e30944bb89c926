/*
 * CPUs on threads of their own: what they do to each other is what the book says, whatever the
 * host makes of their order.  Nothing here depends on how long anything takes.
 * THREADS_ROUNDS=n does n times as much (make check does 1), THREADS_TIMES=n all of it n times.
 */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include "migration/snapshot.h"
#include "tests/unit/smp_rig.h"

#define AT(n) (SMP_SHARED + (n)*8)

static unsigned rounds(unsigned n)
{
	const char *s = getenv("THREADS_ROUNDS");

	return n * (s ? MAX(atoi(s), 1) : 1);
}

/* ------------------------------------------------------------ reservations */

/* Every engine, then the same with strict reservations. */
static SmpRig *with_modes(unsigned n, int i)
{
	SmpRig *r = smp_new(n, (SmpEngine)(i % 3));

	if (i / 3 % 2)
		smp_strict(r);
	return r;
}

/* *r5 += 1 under a reservation of the given size; r6, r7 are lost. */
static void add_one(SmpAsm *a, unsigned size)
{
	static const uint32_t load[] = { [1] = I_LBARX(6, 0, 5),
					 [2] = I_LHARX(6, 0, 5),
					 [4] = I_LWARX(6, 0, 5),
					 [8] = I_LDARX(6, 0, 5),
					 [16] = I_LQARX(6, 0, 5) };
	static const uint32_t store[] = { [1] = I_STBCX(6, 0, 5),
					  [2] = I_STHCX(6, 0, 5),
					  [4] = I_STWCX(6, 0, 5),
					  [8] = I_STDCX(6, 0, 5),
					  [16] = I_STQCX(6, 0, 5) };
	unsigned again = a->n;

	smp_op(a, load[size]);
	if (size == 16)
		smp_op(a, I_ADDI(7, 7, 1));
	smp_op(a, I_ADDI(6, 6, 1));
	smp_op(a, store[size]);
	smp_bc(a, SMP_NE, again);
}

/* Every size of reservation, all in one granule, beside the atomic memory operations. */
START_TEST(counters_are_exact)
{
	static const unsigned sizes[] = { 1, 2, 4, 8, 16 };
	const unsigned n = rounds(30000);
	SmpRig *r = with_modes(SMP_CPUS, _i);
	SmpAsm a = { .n = 0 };
	unsigned loop;

	smp_li(&a, 4, n);
	smp_op(&a, I_MTCTR(4));
	loop = a.n;
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
		smp_op(&a, I_ADDI(5, 31, i * 16));
		add_one(&a, sizes[i]);
	}
	smp_op(&a, I_ADDI(5, 31, 8)); /* doubleword 1: by all three */
	smp_op(&a, I_ADDI(9, 0, 1));
	smp_op(&a, I_LDAT(8, 5, 0));
	smp_op(&a, I_STDAT(9, 5, 0));
	add_one(&a, 8);
	smp_bc(&a, SMP_DNZ, loop);
	smp_call(&a, SMP_DONE);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, &a, i);
	smp_run(r);
	ck_assert_uint_eq(smp_get(r, AT(0)) >> 56, (uint8_t)(n * r->n));
	ck_assert_uint_eq(smp_get(r, AT(2)) >> 48, (uint16_t)(n * r->n));
	ck_assert_uint_eq(smp_get(r, AT(4)) >> 32, n * r->n);
	ck_assert_uint_eq(smp_get(r, AT(6)), n * r->n);
	ck_assert_uint_eq(smp_get(r, AT(8)), n * r->n);
	ck_assert_uint_eq(smp_get(r, AT(9)), n * r->n);
	ck_assert_uint_eq(smp_get(r, AT(1)), 3 * n * r->n);
	smp_free(r);
}
END_TEST

/* A lock of the kind every kernel has; what it guards is changed by plain loads and stores. */
static void spin_program(SmpAsm *a, unsigned n)
{
	unsigned loop, again, busy, taken;

	smp_li(a, 4, n);
	smp_op(a, I_MTCTR(4));
	smp_op(a, I_ADDI(5, 31, 0));
	smp_op(a, I_ADDI(8, 0, 1));
	loop = a->n;
	again = a->n;
	smp_op(a, I_LWARX(6, 0, 5));
	smp_op(a, I_CMPDI(6, 0));
	taken = smp_bc_ahead(a, SMP_NE);
	smp_op(a, I_STWCX(8, 0, 5));
	smp_bc(a, SMP_NE, again);
	smp_op(a, I_ISYNC);
	for (unsigned i = 2; i < 5; i++) {
		smp_op(a, I_LD(7, i * 8, 31));
		smp_op(a, I_ADDI(7, 7, i));
		smp_op(a, I_STD(7, i * 8, 31));
	}
	smp_op(a, I_LWSYNC);
	smp_op(a, I_ADDI(7, 0, 0));
	smp_op(a, I_STW(7, 0, 5));
	smp_bc(a, SMP_DNZ, loop);
	smp_call(a, SMP_DONE);
	smp_here(a, taken);
	busy = a->n;
	(void)busy;
	smp_call(a, SMP_YIELD);
	smp_b(a, again);
}

START_TEST(spin_lock_excludes)
{
	const unsigned n = rounds(100000);
	SmpRig *r = with_modes(2 + (unsigned)(_i & 2), _i);
	SmpAsm a = { .n = 0 };

	spin_program(&a, n);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, &a, i);
	smp_run(r);
	for (unsigned i = 2; i < 5; i++)
		ck_assert_uint_eq(smp_get(r, AT(i)), (uint64_t)i * n * r->n);
	smp_free(r);
}
END_TEST

/*
 * A stack without a lock whose nodes come back at once: A and B are taken, A is put back, then B,
 * while another CPU, which saw B below A, is about to put B on top.  Once A is on
 * top again, that would succeed by the value of the head alone.
 */
#define NODES 6
#define NODE(i) (SMP_SHARED + 0x400 + (i)*256)

/* Takes a node into a register; the branch where there is none is to be put in place.  r7 goes. */
static unsigned pop(SmpAsm *a, unsigned reg, bool slow)
{
	unsigned again = a->n, empty;

	smp_op(a, I_LDARX(reg, 0, 31));
	smp_op(a, I_CMPDI(reg, 0));
	empty = smp_bc_ahead(a, SMP_EQ);
	smp_op(a, I_LD(7, 0, reg));
	if (slow) /* all that happens meanwhile */
		smp_call(a, SMP_YIELD);
	smp_op(a, I_STDCX(7, 0, 31));
	smp_bc(a, SMP_NE, again);
	smp_op(a, I_ISYNC);
	return empty;
}

/* Its second doubleword says that it has no owner, then that it is ours; r10 counts lies. */
static void own(SmpAsm *a, unsigned reg)
{
	unsigned clean;

	smp_op(a, I_LD(8, 8, reg));
	smp_op(a, I_CMPDI(8, 0));
	clean = smp_bc_ahead(a, SMP_EQ);
	smp_op(a, I_ADDI(10, 10, 1));
	smp_here(a, clean);
	smp_op(a, I_ADDI(8, 30, 1));
	smp_op(a, I_STD(8, 8, reg));
	smp_op(a, I_LD(9, 8, reg));
	smp_op(a, I_CMPD(8, 9));
	clean = smp_bc_ahead(a, SMP_EQ);
	smp_op(a, I_ADDI(10, 10, 1));
	smp_here(a, clean);
}

static void push(SmpAsm *a, unsigned reg)
{
	unsigned again;

	smp_op(a, I_ADDI(8, 0, 0));
	smp_op(a, I_STD(8, 8, reg));
	again = a->n;
	smp_op(a, I_LDARX(7, 0, 31));
	smp_op(a, I_STD(7, 0, reg));
	smp_op(a, I_LWSYNC);
	smp_op(a, I_STDCX(reg, 0, 31));
	smp_bc(a, SMP_NE, again);
}

static void aba_program(SmpAsm *a, unsigned n, bool slow)
{
	unsigned loop, none, one;

	smp_li(a, 4, n);
	smp_op(a, I_MTCTR(4));
	smp_op(a, I_ADDI(10, 0, 0));
	loop = a->n;
	none = pop(a, 6, slow);
	own(a, 6);
	one = pop(a, 16, slow);
	own(a, 16);
	push(a, 6);
	smp_op(a, I_OR(6, 16, 16));
	smp_here(a, one);
	push(a, 6);
	smp_here(a, none);
	smp_bc(a, SMP_DNZ, loop);
	smp_op(a, I_ADDI(5, 31, 64)); /* doublewords 8 and on: what each found */
	for (unsigned i = 0; i < 8; i++)
		smp_op(a, I_ADD(5, 5, 30));
	smp_op(a, I_STD(10, 0, 5));
	smp_call(a, SMP_DONE);
}

START_TEST(value_that_came_back_is_no_reservation)
{
	SmpRig *r = with_modes(SMP_CPUS, _i);
	unsigned found = 0;

	for (unsigned i = 0; i < r->n; i++) {
		SmpAsm a = { .n = 0 };

		aba_program(&a, i ? rounds(200000) : rounds(10000), !i);
		smp_load(r, &a, i);
	}
	smp_put(r, SMP_SHARED, NODE(0));
	for (unsigned i = 0; i < NODES; i++)
		smp_put(r, NODE(i), i + 1 < NODES ? NODE(i + 1) : 0);
	smp_run(r);
	for (unsigned i = 0; i < r->n; i++)
		ck_assert_msg(!smp_get(r, AT(8 + i)), "cpu %u found %" PRIu64 " nodes with owners",
			      i, smp_get(r, AT(8 + i)));
	for (uint64_t at = smp_get(r, SMP_SHARED); at && found <= NODES; at = smp_get(r, at))
		found++;
	ck_assert_uint_eq(found, NODES);
	smp_free(r);
}
END_TEST

/* --------------------------------------------------------------- shootdown */

#define ROOT 0x40000
#define PRTB 0x50000
#define L2 0x60000
#define L3 0x61000
#define L4 0x62000
#define PAGE_A 0x100000
#define PAGE_B 0x101000
#define VIRT 0x3000 /* page 3 of the leaf table */
#define PTE_AT (L4 + 3 * 8)
#define LEAF(pa) (BIT64(0) | BIT64(1) | (pa) | 0x187) /* R, C, all rights */
#define PDE(next, bits) (BIT64(0) | (next) | (bits))

static void make_tree(SmpRig *r)
{
	for (unsigned pid = 0; pid < 2; pid++)
		smp_put(r, PRTB + pid * 16, UINT64_C(2) << 61 | UINT64_C(5) << 5 | ROOT | 13);
	smp_put(r, ROOT, PDE(L2, 9));
	smp_put(r, L2, PDE(L3, 9));
	smp_put(r, L3, PDE(L4, 9));
	for (unsigned i = 0; i < 512; i++) /* RAM as it lies, up to 2 MiB */
		smp_put(r, L4 + i * 8, LEAF(i * UINT64_C(0x1000)));
	smp_put(r, PTE_AT, LEAF(PAGE_A));
	r->table = PRTB;
	for (unsigned i = 0; i < r->n; i++) {
		ppc_set_spr(r->cpu[i], 318, LPCR_HR | LPCR_UPRT | LPCR_GTSE);
		ppc_set_spr(r->cpu[i], 48, 1);
		ppc_set_msr(r->cpu[i], MSR_SF | MSR_ME | MSR_RI | MSR_DR);
	}
	/* What finds no translation tries again. */
	ck_assert(ram_st32(r->m->ram, PPC_V_DSI, I_RFID));
}

/*
 * CPU 0 takes the page at VIRT away, and what lies there then (doubleword 0: a mark; 1: a word
 * that others write) is nobody's: it writes a bad mark and a zero to it by another
 * address, waits a little, and the zero must stand.  Then the other page is put there.
 */
static void shooter(SmpAsm *a, unsigned n)
{
	unsigned loop, wait, fine;

	smp_li(a, 4, n);
	smp_op(a, I_MTCTR(4));
	smp_li(a, 5, PAGE_A); /* the page that is there */
	smp_li(a, 6, PAGE_B);
	smp_li(a, 7, PTE_AT);
	smp_li(a, 8, VIRT | 0); /* tlbie: RB, AP 0 (4 KiB), IS 0 */
	smp_op(a, I_ADDI(9, 0, 1));
	smp_op(a, I_RLDICR(9, 9, 32, 31)); /* PID 1 */
	smp_op(a, I_ADDI(10, 0, 0));
	smp_op(a, I_ADDI(20, 0, 0)); /* errors */
	loop = a->n;
	smp_op(a, I_STD(10, 0, 7)); /* no entry */
	smp_op(a, I_PTESYNC);
	smp_op(a, I_TLBIE(8, 9));
	smp_op(a, I_TLBSYNC);
	smp_op(a, I_PTESYNC);
	smp_op(a, I_ADDI(11, 0, 0xbad & 0x7fff));
	smp_op(a, I_STD(11, 0, 5));
	smp_op(a, I_STD(10, 8, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ADDI(12, 0, 300));
	wait = a->n;
	smp_op(a, I_LD(13, 8, 5));
	smp_op(a, I_CMPDI(13, 0));
	fine = smp_bc_ahead(a, SMP_EQ);
	smp_op(a, I_ADDI(20, 20, 1));
	smp_op(a, I_STD(10, 8, 5));
	smp_here(a, fine);
	smp_op(a, I_ADDI(12, 12, -1));
	smp_op(a, I_CMPDI(12, 0));
	smp_bc(a, SMP_NE, wait);
	smp_op(a, I_STD(10, 0, 6)); /* the mark of the other page is good */
	smp_op(a, I_SYNC);
	smp_li(a, 14, 0x187);
	smp_op(a, I_OR(14, 14, 6));
	smp_op(a, I_ADDI(15, 0, 3));
	smp_op(a, I_RLDICR(15, 15, 62, 1));
	smp_op(a, I_OR(14, 14, 15));
	smp_op(a, I_STD(14, 0, 7));
	smp_op(a, I_PTESYNC);
	smp_op(a, I_OR(16, 5, 5));
	smp_op(a, I_OR(5, 6, 6));
	smp_op(a, I_OR(6, 16, 16));
	smp_bc(a, SMP_DNZ, loop);
	smp_op(a, I_STD(20, 8, 31)); /* doubleword 1: its errors */
	smp_op(a, I_ADDI(11, 0, 1));
	smp_op(a, I_STD(11, 0, 31)); /* 0: it has ended */
	smp_call(a, SMP_DONE);
}

/* Reads and writes at VIRT until CPU 0 has ended. */
static void target(SmpAsm *a)
{
	unsigned loop, fine;

	smp_li(a, 8, VIRT);
	smp_op(a, I_ADDI(20, 0, 0));
	loop = a->n;
	smp_op(a, I_LD(5, 0, 8));
	smp_op(a, I_CMPDI(5, 0));
	fine = smp_bc_ahead(a, SMP_EQ);
	smp_op(a, I_ADDI(20, 20, 1));
	smp_here(a, fine);
	smp_op(a, I_STD(30, 8, 8));
	smp_op(a, I_LD(6, 0, 31));
	smp_op(a, I_CMPDI(6, 0));
	smp_bc(a, SMP_EQ, loop);
	smp_op(a, I_ADDI(5, 31, 64));
	for (unsigned i = 0; i < 8; i++)
		smp_op(a, I_ADD(5, 5, 30));
	smp_op(a, I_STD(20, 0, 5));
	smp_call(a, SMP_DONE);
}

START_TEST(page_taken_away_is_used_by_nobody)
{
	SmpRig *r = smp_new(_i & 2 ? SMP_CPUS : 2, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };

	shooter(&a, rounds(_i & 2 ? 50 : 1000));
	target(&b);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, i ? &b : &a, i);
	make_tree(r);
	smp_run(r);
	ck_assert_msg(!smp_get(r, AT(1)), "%" PRIu64 " stores by an old translation",
		      smp_get(r, AT(1)));
	for (unsigned i = 1; i < r->n; i++)
		ck_assert_msg(!smp_get(r, AT(8 + i)), "cpu %u: %" PRIu64 " loads by an old one", i,
			      smp_get(r, AT(8 + i)));
	smp_free(r);
}
END_TEST

/* All CPUs flush, wait for each other, and take the machine lock between: it must end. */
START_TEST(flushes_from_all_sides_end)
{
	SmpRig *r = smp_new(SMP_CPUS, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 };
	unsigned loop;

	smp_li(&a, 4, rounds(5000));
	smp_op(&a, I_MTCTR(4));
	smp_li(&a, 8, VIRT);
	smp_op(&a, I_ADDI(9, 0, 0));
	loop = a.n;
	smp_op(&a, I_TLBIE(8, 9));
	smp_op(&a, I_TLBSYNC);
	smp_op(&a, I_PTESYNC);
	smp_op(&a, I_LD(10, 0, 8));
	smp_call(&a, SMP_FLUSH);
	smp_op(&a, I_STD(10, 16, 8));
	smp_op(&a, I_TLBIE(8, 9));
	smp_op(&a, I_PTESYNC);
	smp_call(&a, SMP_YIELD);
	smp_bc(&a, SMP_DNZ, loop);
	smp_call(&a, SMP_DONE);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, &a, i);
	make_tree(r);
	smp_run(r);
	ck_assert_uint_eq(r->done, r->n);
	smp_free(r);
}
END_TEST

/* ----------------------------------------------------- code that changes */

#define FUNC 0x30000

/*
 * CPU 0 writes `li r3, k; blr` over what was at FUNC and tells the others the number k; each
 * of them does isync, calls it and must get that k, or a later one.
 */
static void writer(SmpAsm *a, unsigned n)
{
	unsigned loop;

	smp_li(a, 4, n);
	smp_op(a, I_MTCTR(4));
	smp_li(a, 5, FUNC);
	smp_li(a, 6, I_ADDI(3, 0, 0)); /* li r3, 0 */
	smp_op(a, I_ADDI(8, 0, 0));    /* k */
	loop = a->n;
	smp_op(a, I_ADDI(8, 8, 1));
	smp_op(a, I_ADD(9, 6, 8));
	smp_op(a, I_STW(9, 0, 5));
	smp_op(a, I_DCBST(0, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ICBI(0, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ISYNC);
	smp_op(a, I_STD(8, 0, 31)); /* told */
	for (unsigned i = 1; i < 3; i++)
		smp_wait_equal(a, i * 8);
	smp_bc(a, SMP_DNZ, loop);
	smp_call(a, SMP_DONE);
}

static void caller(SmpAsm *a, unsigned n)
{
	unsigned loop, fine;

	smp_li(a, 4, n);
	smp_li(a, 5, FUNC);
	smp_op(a, I_ADDI(8, 0, 0));
	smp_op(a, I_ADDI(20, 0, 0));
	loop = a->n;
	smp_op(a, I_ADDI(8, 8, 1));
	smp_wait_equal(a, 0);
	smp_op(a, I_ISYNC);
	smp_op(a, I_MTCTR(5));
	smp_op(a, I_BCTRL);
	smp_op(a, I_CMPD(3, 8));
	fine = smp_bc_ahead(a, SMP_EQ);
	smp_op(a, I_ADDI(20, 20, 1));
	smp_here(a, fine);
	smp_op(a, I_ADD(9, 30, 30));
	smp_op(a, I_ADD(9, 9, 9));
	smp_op(a, I_ADD(9, 9, 9));
	smp_op(a, I_STDX(8, 9, 31)); /* doubleword i: it has called number k */
	smp_op(a, I_CMPD(8, 4));
	smp_bc(a, SMP_NE, loop);
	smp_op(a, I_ADDI(5, 31, 64));
	smp_op(a, I_STDX(20, 9, 5));
	smp_call(a, SMP_DONE);
}

/* The function that is changed: at first it returns 0. */
static void put_func(const SmpRig *r)
{
	ck_assert(ram_st32(r->m->ram, FUNC, I_ADDI(3, 0, 0)));
	ck_assert(ram_st32(r->m->ram, FUNC + 4, I_BLR));
}

START_TEST(code_that_another_changes_is_not_run_as_it_was)
{
	const unsigned n = MIN(rounds(2000), 32000);
	SmpRig *r = smp_new(3, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };

	writer(&a, n);
	caller(&b, n);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, i ? &b : &a, i);
	put_func(r);
	smp_run(r);
	for (unsigned i = 1; i < r->n; i++)
		ck_assert_msg(!smp_get(r, AT(8 + i)), "cpu %u ran %" PRIu64 " old ones", i,
			      smp_get(r, AT(8 + i)));
	smp_free(r);
}
END_TEST

/*
 * The same, and the callers do not wait: the function is written while they are in it.  What they get must be no
 * older than the number they had read before their isync; CPU 0 ends it.
 */
static void hurried_writer(SmpAsm *a, unsigned n)
{
	unsigned loop, again, there;

	smp_li(a, 4, n);
	smp_op(a, I_MTCTR(4));
	smp_li(a, 5, FUNC);
	smp_li(a, 6, I_ADDI(3, 0, 0));
	smp_op(a, I_ADDI(8, 0, 0));
	smp_op(a, I_ADDI(11, 0, 0));
	loop = a->n;
	smp_op(a, I_ADDI(8, 8, 1));
	smp_op(a, I_ADD(9, 6, 8));
	smp_op(a, I_STW(9, 0, 5));
	smp_op(a, I_DCBST(0, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ICBI(0, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ISYNC);
	smp_op(a, I_STD(8, 0, 31));
	/* One more call at least, lest all be written before the first. */
	again = a->n;
	smp_op(a, I_LD(10, 8, 31));
	smp_op(a, I_CMPD(10, 11));
	there = smp_bc_ahead(a, SMP_NE);
	smp_call(a, SMP_YIELD);
	smp_b(a, again);
	smp_here(a, there);
	smp_op(a, I_ADDI(11, 10, 0));
	smp_bc(a, SMP_DNZ, loop);
	smp_call(a, SMP_DONE);
}

static void hurried_caller(SmpAsm *a, unsigned n)
{
	unsigned loop, fine, fresh;

	smp_li(a, 4, n);
	smp_li(a, 5, FUNC);
	smp_op(a, I_ADDI(20, 0, 0));
	smp_op(a, I_ADDI(21, 0, 0));
	smp_op(a, I_ADDI(12, 0, 0));
	loop = a->n;
	smp_op(a, I_LD(8, 0, 31));
	smp_op(a, I_ISYNC);
	smp_op(a, I_MTCTR(5));
	smp_op(a, I_BCTRL);
	smp_op(a, I_ADDI(21, 21, 1));
	smp_op(a, I_STD(21, 8, 31));
	smp_op(a, I_CMPD(8, 3));
	fine = smp_bc_ahead(a, SMP_LT);
	a->w[fine] = (a->w[fine] & 0xffff) | 16u << 26 | 4 << 21 | 1 << 16; /* not greater */
	smp_op(a, I_ADDI(20, 20, 1));
	smp_here(a, fine);
	/* Nothing new: the host may have no core for the writer. */
	smp_op(a, I_CMPD(8, 12));
	fresh = smp_bc_ahead(a, SMP_NE);
	smp_call(a, SMP_YIELD);
	smp_here(a, fresh);
	smp_op(a, I_ADDI(12, 8, 0));
	smp_op(a, I_CMPD(8, 4));
	smp_bc(a, SMP_NE, loop);
	smp_op(a, I_ADD(9, 30, 30));
	smp_op(a, I_ADD(9, 9, 9));
	smp_op(a, I_ADD(9, 9, 9));
	smp_op(a, I_ADDI(5, 31, 64));
	smp_op(a, I_STDX(20, 9, 5));
	smp_call(a, SMP_DONE);
}

START_TEST(code_is_changed_while_others_run_it)
{
	const unsigned n = MIN(rounds(1000), 32000);
	SmpRig *r = smp_new(2, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };

	hurried_writer(&a, n);
	hurried_caller(&b, n);
	smp_load(r, &a, 0);
	smp_load(r, &b, 1);
	put_func(r);
	smp_run(r);
	ck_assert_msg(!smp_get(r, AT(9)), "%" PRIu64 " of %" PRIu64 " calls ran old code",
		      smp_get(r, AT(9)), smp_get(r, AT(1)));
	ck_assert_uint_ge(smp_get(r, AT(1)), n);
	smp_free(r);
}
END_TEST

/*
 * Each CPU writes functions of its own and calls them, all in one page, so that their stores
 * and marks meet; data in that page changes, too.
 */
static void own_code(SmpAsm *a, unsigned n)
{
	unsigned loop, fine;

	smp_li(a, 4, n);
	smp_li(a, 5, FUNC);
	smp_op(a, I_ADDI(9, 30, 0));
	for (unsigned i = 0; i < 7; i++) /* 128 bytes for each */
		smp_op(a, I_ADD(9, 9, 9));
	smp_op(a, I_ADD(5, 5, 9));
	smp_li(a, 6, I_ADDI(3, 0, 0));
	smp_op(a, I_ADDI(8, 0, 0));
	smp_op(a, I_ADDI(20, 0, 0));
	loop = a->n;
	smp_op(a, I_ADDI(8, 8, 1));
	smp_op(a, I_ADD(9, 6, 8));
	smp_op(a, I_STW(9, 0, 5));
	smp_op(a, I_STD(8, 64, 5));
	smp_op(a, I_DCBST(0, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ICBI(0, 5));
	smp_op(a, I_SYNC);
	smp_op(a, I_ISYNC);
	for (unsigned i = 0; i < 3; i++) {
		smp_op(a, I_MTCTR(5));
		smp_op(a, I_BCTRL);
		smp_op(a, I_CMPD(3, 8));
		fine = smp_bc_ahead(a, SMP_EQ);
		smp_op(a, I_ADDI(20, 20, 1));
		smp_here(a, fine);
		smp_op(a, I_STD(3, 72, 5));
	}
	smp_op(a, I_CMPD(8, 4));
	smp_bc(a, SMP_NE, loop);
	smp_op(a, I_STD(20, 80, 5));
	smp_call(a, SMP_DONE);
}

START_TEST(code_beside_code_of_others_changes)
{
	const unsigned n = MIN(rounds(2000), 32000);
	SmpRig *r = with_modes(SMP_CPUS, _i);
	SmpAsm a = { .n = 0 };

	own_code(&a, n);
	for (unsigned i = 0; i < r->n; i++) {
		smp_load(r, &a, i);
		ck_assert(ram_st32(r->m->ram, FUNC + i * 128 + 4, I_BLR));
	}
	smp_run(r);
	for (unsigned i = 0; i < r->n; i++) {
		ck_assert_uint_eq(smp_get(r, FUNC + i * 128 + 72), n);
		ck_assert_uint_eq(smp_get(r, FUNC + i * 128 + 80), 0);
	}
	smp_free(r);
}
END_TEST

/* ------------------------------------------------------------------- order */

/* Doubleword 0 is data, 16 (another line) the flag; each round both become one more. */
START_TEST(message_passes_after_what_it_announces)
{
	const unsigned n = rounds(300000);
	SmpRig *r = smp_new(2, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };
	unsigned loop, fine;

	smp_li(&a, 4, n);
	smp_op(&a, I_MTCTR(4));
	smp_op(&a, I_ADDI(5, 0, 0));
	loop = a.n;
	smp_op(&a, I_ADDI(5, 5, 1));
	smp_op(&a, I_STD(5, 0, 31));
	smp_op(&a, I_LWSYNC);
	smp_op(&a, I_STD(5, 128, 31));
	smp_bc(&a, SMP_DNZ, loop);
	smp_call(&a, SMP_DONE);
	smp_li(&b, 4, n);
	smp_op(&b, I_ADDI(20, 0, 0));
	loop = b.n;
	smp_op(&b, I_LD(5, 128, 31));
	smp_op(&b, I_LWSYNC);
	smp_op(&b, I_LD(6, 0, 31));
	smp_op(&b, I_CMPD(5, 6)); /* flag <= data */
	fine = smp_bc_ahead(&b, SMP_LT);
	b.w[fine] = (b.w[fine] & 0xffff) | 16u << 26 | 4 << 21 | 1 << 16; /* not greater */
	smp_op(&b, I_ADDI(20, 20, 1));
	smp_here(&b, fine);
	smp_op(&b, I_CMPD(5, 4));
	smp_bc(&b, SMP_NE, loop);
	smp_op(&b, I_STD(20, 64, 31));
	smp_call(&b, SMP_DONE);
	smp_load(r, &a, 0);
	smp_load(r, &b, 1);
	smp_run(r);
	ck_assert_uint_eq(smp_get(r, AT(8)), 0);
	smp_free(r);
}
END_TEST

/*
 * Store, sync, load of what the other stores: both cannot miss.  CPU i writes round k to
 * word x[i], does sync, reads x[1-i] into seen[i], and waits for the other.
 */
START_TEST(sync_orders_a_load_after_a_store)
{
	const unsigned n = rounds(20000);
	SmpRig *r = smp_new(2, (SmpEngine)(_i % 3));
	unsigned bad = 0;

	for (unsigned i = 0; i < 2; i++) {
		unsigned mine = i * 128, other = 128 - mine, loop, wait;
		SmpAsm a = { .n = 0 };

		smp_li(&a, 4, n);
		smp_li(&a, 11, 0x100000 + i * 0x80000); /* seen: words */
		smp_op(&a, I_MTCTR(4));
		smp_op(&a, I_ADDI(5, 0, 0));
		loop = a.n;
		smp_op(&a, I_ADDI(5, 5, 1));
		smp_op(&a, I_STD(5, mine, 31));
		smp_op(&a, I_SYNC);
		smp_op(&a, I_LD(6, other, 31));
		smp_op(&a, I_STW(6, 0, 11));
		smp_op(&a, I_ADDI(11, 11, 4));
		smp_op(&a, I_LWSYNC);
		smp_op(&a, I_STD(5, mine + 64, 31)); /* at the end of round k */
		wait = a.n;
		smp_op(&a, I_LD(7, other + 64, 31));
		smp_op(&a, I_CMPLD(7, 5));
		smp_bc(&a, SMP_LT, wait);
		smp_bc(&a, SMP_DNZ, loop);
		smp_call(&a, SMP_DONE);
		smp_load(r, &a, i);
	}
	smp_run(r);
	for (unsigned k = 0; k < MIN(n, 0x20000); k++) {
		uint32_t x, y;

		ck_assert(ram_ld32(r->m->ram, 0x100000 + k * 4, &x));
		ck_assert(ram_ld32(r->m->ram, 0x180000 + k * 4, &y));
		bad += x < k + 1 && y < k + 1;
	}
	ck_assert_uint_eq(bad, 0);
	smp_free(r);
}
END_TEST

/* ------------------------------------------------- stopping, sleeping, alone */

/* Prods and cedes back and forth; a lost one would never end. */
START_TEST(prods_are_not_lost)
{
	SmpRig *r = smp_new(2, (SmpEngine)(_i % 3));

	for (unsigned i = 0; i < 2; i++) {
		SmpAsm a = { .n = 0 };
		unsigned loop, wait, there;

		smp_li(&a, 4, rounds(5000));
		smp_op(&a, I_MTCTR(4));
		smp_op(&a, I_ADDI(5, 0, 0));
		loop = a.n;
		smp_op(&a, I_ADDI(5, 5, 1));
		smp_op(&a, I_STD(5, i * 8, 31));
		smp_op(&a, I_ADDI(4, 0, 1 - (int)i));
		smp_call(&a, SMP_PROD);
		wait = a.n;
		smp_op(&a, I_LD(6, (1 - i) * 8, 31));
		smp_op(&a, I_CMPLD(6, 5));
		there = smp_bc_ahead(&a, SMP_LT);
		smp_bc(&a, SMP_DNZ, loop);
		smp_op(&a, I_ADDI(4, 0, 1 - (int)i));
		smp_call(&a, SMP_PROD);
		smp_call(&a, SMP_DONE);
		smp_here(&a, there);
		smp_call(&a, SMP_CEDE);
		smp_b(&a, wait);
		smp_load(r, &a, i);
	}
	smp_run(r);
	ck_assert_uint_eq(smp_get(r, AT(0)), smp_get(r, AT(1)));
	smp_free(r);
}
END_TEST

START_TEST(others_stand_for_each_other)
{
	const unsigned n = rounds(100);
	SmpRig *r = with_modes(SMP_CPUS, _i);
	SmpAsm a = { .n = 0 };
	unsigned loop, delay;

	smp_li(&a, 4, n);
	smp_op(&a, I_MTCTR(4));
	loop = a.n;
	smp_op(&a, I_ADDI(5, 31, 0));
	add_one(&a, 8);
	smp_op(&a, I_ADDI(8, 0, 30000));
	delay = a.n;
	smp_op(&a, I_ADDI(8, 8, -1));
	smp_op(&a, I_CMPDI(8, 0));
	smp_bc(&a, SMP_NE, delay);
	smp_call(&a, SMP_ALONE);
	smp_bc(&a, SMP_DNZ, loop);
	smp_call(&a, SMP_DONE);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, &a, i);
	smp_run(r);
	ck_assert_uint_eq(smp_get(r, AT(0)), n * r->n);
	ck_assert_uint_eq(r->alone, n * r->n);
	ck_assert_uint_eq(r->together, 0);
	smp_free(r);
}
END_TEST

static void quit(void *arg)
{
	loop_quit(arg);
}

/* Lets it run for a moment, which is of any length. */
static void run_a_little(SmpRig *r, unsigned turns)
{
	machine_lock(r->m);
	machine_start(r->m);
	machine_unlock(r->m);
	for (unsigned i = 0; i < turns; i++)
		g_thread_yield();
	loop_post(r->m->loop, quit, r->m->loop);
	loop_run(r->m->loop);
	machine_lock(r->m);
	machine_stop(r->m, STOP_USER);
	machine_unlock(r->m);
}

static SmpRig *reloaded(SmpRig *r, const SmpAsm *a, const char *path)
{
	SmpRig *to = smp_new(r->n, r->jit);
	GError *err = NULL;

	(void)a;
	machine_lock(r->m);
	ck_assert_msg(snapshot_save(r->m, path, &err), "%s", err ? err->message : "");
	machine_unlock(r->m);
	if (r->cpu[0]->strict)
		smp_strict(to);
	machine_lock(to->m);
	ck_assert_msg(snapshot_load(to->m, path, &err), "%s", err ? err->message : "");
	machine_unlock(to->m);
	to->done = r->done;
	smp_free(r);
	return to;
}

/* Stops, starts, snapshots and loads at any moment change nothing of what is counted. */
START_TEST(stops_and_snapshots_at_any_moment)
{
	const unsigned n = rounds(100000);
	g_autofree char *path = g_strdup_printf("/tmp/test_threads.%d", (int)getpid());
	SmpRig *r = with_modes(SMP_CPUS, _i);
	SmpAsm a = { .n = 0 };

	spin_program(&a, n);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, &a, i);
	for (unsigned i = 0; i < 150 && r->done < r->n; i++) {
		run_a_little(r, i * 37 % 100);
		if (i % 10 == 9)
			r = reloaded(r, &a, path);
	}
	if (r->done < r->n)
		smp_run(r);
	for (unsigned i = 2; i < 5; i++)
		ck_assert_uint_eq(smp_get(r, AT(i)), (uint64_t)i * n * r->n);
	smp_free(r);
	unlink(path);
}
END_TEST

/* Shootdowns while the machine stops and starts: whoever stops is not waited for. */
START_TEST(stops_while_cpus_wait_for_each_other)
{
	SmpRig *r = smp_new(3, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };

	shooter(&a, rounds(200));
	target(&b);
	for (unsigned i = 0; i < r->n; i++)
		smp_load(r, i ? &b : &a, i);
	make_tree(r);
	for (unsigned i = 0; i < 100 && r->done < r->n; i++)
		run_a_little(r, i * 37 % 100);
	if (r->done < r->n)
		smp_run(r);
	for (unsigned i = 1; i < r->n; i++)
		ck_assert_uint_eq(smp_get(r, AT(8 + i)), 0);
	ck_assert_uint_eq(smp_get(r, AT(1)), 0);
	smp_free(r);
}
END_TEST

Suite *suite_threads(void);

/* Each is a case, so that CK_RUN_CASE picks it, on each engine: SmpEngine is the number modulo 3. */
static void add(Suite *s, const char *name, const TTest *test, int times)
{
	const char *n = getenv("THREADS_TIMES");
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, test, 0, 3 * times * (n ? MAX(atoi(n), 1) : 1));
	suite_add_tcase(s, t);
}

#define ADD(s, test, times) add(s, #test, test, times)

Suite *suite_threads(void)
{
	Suite *s = suite_create("threads");

	ADD(s, counters_are_exact, 2);
	ADD(s, spin_lock_excludes, 2);
	ADD(s, value_that_came_back_is_no_reservation, 2);
	ADD(s, page_taken_away_is_used_by_nobody, 2);
	ADD(s, flushes_from_all_sides_end, 1);
	ADD(s, code_that_another_changes_is_not_run_as_it_was, 1);
	ADD(s, code_is_changed_while_others_run_it, 1);
	ADD(s, code_beside_code_of_others_changes, 2);
	ADD(s, message_passes_after_what_it_announces, 1);
	ADD(s, sync_orders_a_load_after_a_store, 1);
	ADD(s, prods_are_not_lost, 1);
	ADD(s, others_stand_for_each_other, 2);
	ADD(s, stops_and_snapshots_at_any_moment, 2);
	ADD(s, stops_while_cpus_wait_for_each_other, 1);
	return s;
}
