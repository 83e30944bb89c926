/* Units of code: linked, dropped, entered, left; what the random programs of test_jit.c do not meet. */
#include <check.h>
#include <setjmp.h>
#include <string.h>
#include "jit/ir_loop.h"
#include "tests/unit/jit_rig.h"

Suite *suite_jit_units(void);

static Jit *j;
static Ir *ir;
static RigEnv *e;

static void setup(void)
{
	j = rig_jit(1 << 20);
	ir = ir_new(rig_target());
	e = rig_env_new();
	e->budget = 1000;
	e->view = 5;
}

static void teardown(void)
{
	jit_free(j);
	ir_free(ir);
	rig_env_free(e);
}

/* Each test ends at once on a host that has no code. */
#define NEED_CODE                                                                                  \
	do {                                                                                       \
		if (!j)                                                                            \
			return;                                                                    \
	} while (0)

/* Adds n to slot 1 and leaves by an exit of this kind, DYN and FAR to where slot 2 says. */
static JitUnit *adder(IrExitKind kind, uint64_t n, unsigned insns, uint32_t target)
{
	bool goes = kind == IR_EXIT_DYN || kind == IR_EXIT_FAR;

	ir_clear(ir);
	ir_put(ir, 1, ir_add(ir, ir_get(ir, 1), ir_k(ir, n)));
	ir->insns = ir->done = (uint16_t)insns;
	ir_end(ir, ir_exit_new(ir, kind, target, goes ? ir_get(ir, 2) : 0));
	return rig_finish(j, ir);
}

static void expect_exit(JitUnit *from, const JitUnit *at, IrExitKind kind, uint64_t sum)
{
	JitResult r;

	e->r64[1] = 0;
	r = jit_enter(j, e, from);
	ck_assert_int_eq(r.why, JIT_LEFT_EXIT);
	ck_assert_ptr_eq(r.exit->unit, at);
	ck_assert_ptr_eq(r.unit, at);
	ck_assert_uint_eq(r.exit->kind, kind);
	ck_assert_uint_eq(e->r64[1], sum);
}

START_TEST(linked_units_follow_one_another_until_one_is_dropped)
{
	JitUnit *a, *b, *c;

	NEED_CODE;
	a = adder(IR_EXIT_LINK, 1, 3, 100);
	b = adder(IR_EXIT_LEAVE, 10, 4, 200);
	expect_exit(a, a, IR_EXIT_LINK, 1);
	ck_assert_uint_eq(e->budget, 997);
	jit_link(j, &a->exits[0], b, 0);
	ck_assert_ptr_eq(a->exits[0].linked, b);
	expect_exit(a, b, IR_EXIT_LEAVE, 11);
	ck_assert_uint_eq(e->budget, 990);
	jit_drop(j, b);
	ck_assert_ptr_null(a->exits[0].linked);
	expect_exit(a, a, IR_EXIT_LINK, 1);
	jit_reap(j, NULL);
	/* In the place of b. */
	c = adder(IR_EXIT_LEAVE, 20, 4, 200);
	expect_exit(a, a, IR_EXIT_LINK, 1);
	jit_link(j, &a->exits[0], c, 0);
	expect_exit(a, c, IR_EXIT_LEAVE, 21);
	/* The one that links goes first. */
	jit_drop(j, a);
	jit_reap(j, NULL);
	jit_drop(j, c);
	jit_reap(j, NULL);
	ck_assert_uint_eq(jit_used(j), 0);
}
END_TEST

START_TEST(links_can_be_led_elsewhere)
{
	JitUnit *a, *b, *c;

	NEED_CODE;
	a = adder(IR_EXIT_LINK, 1, 1, 0);
	b = adder(IR_EXIT_LEAVE, 10, 1, 0);
	c = adder(IR_EXIT_LEAVE, 100, 1, 0);
	jit_link(j, &a->exits[0], b, 0);
	jit_link(j, &a->exits[0], c, 0);
	jit_link(j, &a->exits[0], c, 0);
	expect_exit(a, c, IR_EXIT_LEAVE, 101);
	jit_drop(j, b);
	expect_exit(a, c, IR_EXIT_LEAVE, 101);
	jit_drop(j, c);
	expect_exit(a, a, IR_EXIT_LINK, 1);
	/* Neither to one that was dropped nor from one. */
	jit_link(j, &a->exits[0], c, 0);
	expect_exit(a, a, IR_EXIT_LINK, 1);
}
END_TEST

START_TEST(a_far_link_holds_in_its_view_alone)
{
	JitUnit *a, *b;

	NEED_CODE;
	a = adder(IR_EXIT_FAR, 1, 1, 0);
	b = adder(IR_EXIT_LEAVE, 10, 1, 0);
	e->r64[2] = 0x123456789abc;
	expect_exit(a, a, IR_EXIT_FAR, 1);
	ck_assert_uint_eq(e->nip, 0x123456789abc);
	e->nip = 0;
	jit_link(j, &a->exits[0], b, 5);
	expect_exit(a, b, IR_EXIT_LEAVE, 11);
	for (unsigned i = 0; i < 2; i++) {
		e->nip = 0;
		e->view = i ? 0x80000005 : 6;
		expect_exit(a, a, IR_EXIT_FAR, 1);
		ck_assert_uint_eq(e->nip, 0x123456789abc);
	}
	jit_link(j, &a->exits[0], b, 0x80000005);
	expect_exit(a, b, IR_EXIT_LEAVE, 11);
	jit_drop(j, b);
	expect_exit(a, a, IR_EXIT_FAR, 1);
}
END_TEST

/* What kernels do with programs' memory: once outside of a loop, and in a loop that remembers pages. */
START_TEST(the_other_half_needs_no_help)
{
	const uint32_t mem = 3 | IR_MEM_HIGH;

	NEED_CODE;
	for (unsigned store = 0; store < 2; store++) {
		IrLoop l;
		JitUnit *u;

		for (unsigned loop = 0; loop < 2; loop++) {
			ir_clear(ir);
			ir->high = true;
			ir->insns = 1;
			for (unsigned turn = 0; turn <= loop; turn++) {
				IrRef ea = ir_get(ir, 2), left = ir_get(ir, 3);

				if (turn) {
					ir_loop_init(&l, ir);
					ir_loop_begin(ir, &l, 1, 0);
					ea = ir_get(ir, 2);
					left = ir_get(ir, 3);
				}
				if (store)
					ir_st(ir, IR_ST, mem, ea, ir_get(ir, 1));
				else
					ir_put(ir, 1, ir_ld(ir, IR_LD, mem, ea));
				ir_put(ir, 2, ir_add(ir, ea, ir_k(ir, 8)));
				ir_put(ir, 3, ir_add(ir, left, ir_k(ir, UINT64_MAX)));
				ir->done = 1;
				ir_exit_if(ir, IR_EQ, ir_get(ir, 3), ir_k(ir, 0),
					   ir_exit_new(ir, IR_EXIT_LEAVE, 0, 0));
			}
			if (loop)
				ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
			else
				ir_end(ir, ir_exit_new(ir, IR_EXIT_LEAVE, 1, 0));
			u = rig_finish(j, ir);
			/* A page of either half that may be read and written; the last bytes and the first. */
			for (unsigned half = 0; half < 2; half++) {
				uint64_t at = (uint64_t)half << 63 | (RIG_BASE + 0x10);

				e->budget = 100;
				e->slow = 0;
				e->r64[1] = 0x1122334455667788 + half;
				e->r64[2] = at;
				e->r64[3] = 20;
				ck_assert_int_eq(jit_enter(j, e, u).why, JIT_LEFT_EXIT);
				ck_assert_uint_eq(e->r64[2], at + (loop ? 160 : 8));
				ck_assert_uint_eq(e->slow, 0);
			}
			jit_drop(j, u);
			jit_reap(j, NULL);
		}
	}
}
END_TEST

START_TEST(a_dynamic_exit_takes_what_the_table_has)
{
	JitUnit *a, *b;
	unsigned n;
	JitResult r;

	NEED_CODE;
	a = adder(IR_EXIT_DYN, 1, 1, 0);
	b = adder(IR_EXIT_LEAVE, 10, 1, 0);
	e->r64[2] = UINT64_C(0xc000000000123454);
	expect_exit(a, a, IR_EXIT_DYN, 1);
	ck_assert_uint_eq(e->nip, e->r64[2]);
	n = jit_jump(e->r64[2], e->view);
	jit_jump_put(j, e->jumps, e->r64[2], 5, b);
	e->nip = 0;
	expect_exit(a, b, IR_EXIT_LEAVE, 11);
	e->jumps->view[n] = 6;
	expect_exit(a, a, IR_EXIT_DYN, 1);
	e->jumps->view[n] = 5;
	e->jumps->to[n].ea += UINT64_C(1) << 40;
	expect_exit(a, a, IR_EXIT_DYN, 1);
	e->jumps->to[n].ea = e->r64[2];
	/* Dropped: entered in vain; once it is gone nothing leads there. */
	jit_drop(j, b);
	r = jit_enter(j, e, a);
	ck_assert_int_eq(r.why, JIT_LEFT_ENTRY);
	ck_assert_ptr_eq(r.unit, b);
	jit_reap(j, e->jumps);
	ck_assert_uint_eq(e->jumps->view[n], 0);
	expect_exit(a, a, IR_EXIT_DYN, 1);
}
END_TEST

START_TEST(without_budget_or_permission_nothing_is_begun)
{
	JitUnit *a, *b;
	JitResult r;

	NEED_CODE;
	a = adder(IR_EXIT_LINK, 1, 10, 0);
	b = adder(IR_EXIT_LINK, 1, 100, 0);
	jit_link(j, &a->exits[0], b, 0);
	jit_link(j, &b->exits[0], a, 0);
	e->budget = 9;
	r = jit_enter(j, e, a);
	ck_assert_int_eq(r.why, JIT_LEFT_ENTRY);
	ck_assert_ptr_eq(r.unit, a);
	ck_assert_uint_eq(e->budget, 9);
	ck_assert_uint_eq(e->r64[1], 0);
	e->budget = 1000;
	r = jit_enter(j, e, a);
	/* 9 times around, and once more through a. */
	ck_assert_int_eq(r.why, JIT_LEFT_ENTRY);
	ck_assert_ptr_eq(r.unit, b);
	ck_assert_uint_eq(e->budget, 0);
	ck_assert_uint_eq(e->r64[1], 19);
	e->budget = 1000;
	e->stop = UINT64_C(1) << 63;
	r = jit_enter(j, e, b);
	ck_assert_int_eq(r.why, JIT_LEFT_ENTRY);
	ck_assert_ptr_eq(r.unit, b);
	ck_assert_uint_eq(e->budget, 1000);
	ck_assert_uint_eq(e->r64[1], 19);
}
END_TEST

START_TEST(units_of_different_halves_are_not_linked)
{
	JitUnit *a, *b;

	NEED_CODE;
	a = adder(IR_EXIT_LINK, 1, 1, 0);
	ir_clear(ir);
	ir->high = true;
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LEAVE, 0, 0));
	b = rig_finish(j, ir);
	jit_link(j, &a->exits[0], b, 0);
	expect_exit(a, a, IR_EXIT_LINK, 1);
}
END_TEST

/* ----------------------------------------------------------------- accesses */

/* All sizes, orders, places around the borders of pages of all kinds, in the expected half and in the other. */
START_TEST(accesses_of_all_kinds_at_all_borders)
{
	unsigned slow = 0, redone = 0;

	NEED_CODE;
	for (unsigned n = 0; n < 4 * 2 * 2 * 2 * 2; n++) {
		uint32_t mem = (n & 3) | (n & 4 ? IR_MEM_SWAP : 0) | (n & 8 ? IR_MEM_HIGH : 0);
		bool store = n & 32;
		JitUnit *u;

		if (n & 16 && !store)
			mem |= IR_MEM_SX;
		ir_clear(ir);
		ir->high = n & 16;
		if (store)
			ir_st(ir, IR_ST, mem, ir_add(ir, ir_get(ir, 3), ir_k(ir, 16)),
			      ir_get(ir, 4));
		else
			ir_put(ir, 5, ir_ld(ir, IR_LD, mem, ir_get(ir, 3)));
		ir->insns = ir->done = 1;
		ir_end(ir, ir_exit_new(ir, IR_EXIT_LEAVE, 0, 0));
		u = rig_finish(j, ir);
		for (unsigned page = 0; page <= RIG_PAGES; page++) {
			for (int d = -16; d < 8; d++) {
				RigEnv *a, *b;
				g_autofree char *why = NULL;
				uint64_t to;
				JitResult r;
				unsigned x;

				for (unsigned i = 0; i < sizeof(e->mem); i++)
					e->mem[i] = (uint8_t)(i * 37 + i / 256);
				e->r64[4] = UINT64_C(0x8192a3b4c5d6e7f8);
				e->r64[3] = (uint64_t)(n >> 3 & 1) << 63 |
					    (uint64_t)(RIG_BASE + (int)page * RIG_PAGE + d -
						       (store ? 16 : 0));
				a = rig_env_copy(e);
				b = rig_env_copy(e);
				x = ir_run_by(ir, b, &to, true);
				r = jit_enter(j, a, u);
				ck_assert_msg(rig_env_same(a, b, &why), "access 0x%x at %d: %s", n,
					      d, why);
				ck_assert_uint_eq(r.exit->kind, ir->exits[x].kind);
				slow += a->slow;
				redone += r.exit->kind == IR_EXIT_REDO;
				rig_env_free(a);
				rig_env_free(b);
			}
		}
	}
	ck_assert_uint_gt(slow, 1000);
	ck_assert_uint_gt(redone, 1000);
	ck_assert_uint_gt(slow, redone);
}
END_TEST

/* A loop over addresses that go down (up) by `step`, from near a border of pages, with loads of 8 bytes. */
static void walk(int64_t step, uint64_t from)
{
	g_autofree char *why = NULL;
	RigEnv *a, *b;
	uint64_t to;
	unsigned x;
	JitResult r;
	JitUnit *u;
	IrLoop l;

	ir_clear(ir);
	for (unsigned turn = 0; turn < 2; turn++) {
		IrRef ea;

		if (turn)
			ir_loop_begin(ir, &l, 1, 0);
		ea = ir_get(ir, 3);
		ir_put(ir, 5, ir_xor(ir, ir_get(ir, 5), ir_ld(ir, IR_LD, IR_MEM_8, ea)));
		ir_put(ir, 3, ir_add(ir, ea, ir_k(ir, (uint64_t)step)));
		ir->done = ir->insns = 1;
		if (!turn)
			ir_loop_init(&l, ir);
	}
	ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
	u = rig_finish(j, ir);
	for (unsigned i = 0; i < sizeof(e->mem); i++)
		e->mem[i] = (uint8_t)(i * 37 + i / 256);
	e->r64[3] = from;
	e->r64[5] = 0;
	e->budget = 40;
	a = rig_env_copy(e);
	b = rig_env_copy(e);
	x = ir_run_by(ir, b, &to, true);
	r = jit_enter(j, a, u);
	ck_assert_msg(rig_env_same(a, b, &why), "%s", why);
	ck_assert_uint_eq(r.exit->kind, ir->exits[x].kind);
	rig_env_free(a);
	rig_env_free(b);
}

START_TEST(a_loop_reads_across_a_border_of_pages_what_is_there)
{
	static const int8_t steps[] = { -8, -1, -3, 1, 3, 8, 0 };

	NEED_CODE;
	/* Pages 0 and 1 can be read, and lie apart for the host. */
	for (unsigned s = 0; s < ARRAY_LEN(steps); s++)
		for (int d = -70; d < 70; d++)
			walk(steps[s], (uint64_t)(RIG_BASE + RIG_PAGE + d));
}
END_TEST

static void add_up(void)
{
	IrRef ea = ir_get(ir, 3);

	ir_put(ir, 5, ir_add(ir, ir_get(ir, 5), ir_ld(ir, IR_LD, IR_MEM_8, ea)));
	ir_put(ir, 3, ir_add(ir, ea, ir_k(ir, 8)));
	ir->done = ir->insns = 1;
}

/* Several rounds a turn: each has exits of its own. */
START_TEST(a_loop_of_several_rounds_stops_before_the_access_that_cannot_be)
{
	uint64_t end = RIG_BASE + 3 * RIG_PAGE; /* page 3 is refused */
	JitUnit *u;
	IrLoop l;

	NEED_CODE;
	for (unsigned rounds = 1; rounds < 5; rounds++) {
		ir_clear(ir);
		add_up();
		ir_loop_init(&l, ir);
		ir_loop_begin(ir, &l, rounds, 0);
		add_up();
		for (unsigned k = 1; k < rounds; k++) {
			ir_loop_round(ir, 1);
			add_up();
		}
		ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
		u = rig_finish(j, ir);
		for (unsigned i = 0; i < sizeof(e->mem); i++)
			e->mem[i] = i % 8 == 0;
		for (unsigned n = 1; n < 20; n++) {
			JitResult r;

			e->budget = 100;
			e->r64[3] = end - 8ull * n;
			e->r64[5] = 0;
			r = jit_enter(j, e, u);
			ck_assert_int_eq(r.why, JIT_LEFT_EXIT);
			ck_assert_uint_eq(r.exit->kind, IR_EXIT_REDO);
			ck_assert_uint_eq(e->r64[3], end);
			ck_assert_uint_eq(e->r64[5], n);
			ck_assert_uint_eq(e->budget, 100 - n);
		}
	}
}
END_TEST

/* Reads a word and takes its page out of the TLB; in a loop, at an address that follows a pointer or that stays. */
static void read_and_flush(bool pointer)
{
	IrRef ea = ir_get(ir, 3), v = ir_ld(ir, IR_LD, IR_MEM_8, ea);

	ir_put(ir, 5, ir_add(ir, ir_get(ir, 5), ir_ld(ir, IR_LD, IR_MEM_8, ir_get(ir, 6))));
	ir_call(ir, RIG_HELPER_FLUSH, ea, ea, ea);
	ir_call(ir, RIG_HELPER_FLUSH, ir_get(ir, 6), ea, ea);
	ir_put(ir, 3, pointer ? v : ir_add(ir, ea, ir_k(ir, 8)));
	ir->done = ir->insns = 1;
}

START_TEST(a_loop_that_calls_asks_again_what_addresses_mean)
{
	JitUnit *u;
	IrLoop l;

	NEED_CODE;
	for (unsigned n = 0; n < 4; n++) {
		bool pointer = n & 1;
		RigEnv *a;

		ir_clear(ir);
		read_and_flush(pointer);
		ir_loop_init(&l, ir);
		ir_loop_begin(ir, &l, 1, 0);
		read_and_flush(pointer);
		ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
		if (n & 2)
			ir_wide(ir);
		u = rig_finish(j, ir);
		e->budget = 10;
		e->r64[3] = RIG_BASE;
		e->r64[6] = RIG_BASE + RIG_PAGE;
		for (unsigned i = 0; i < RIG_PAGE; i += 8)
			memcpy(e->mem + i, &e->r64[3], 8);
		a = rig_env_copy(e);
		jit_enter(j, a, u);
		/* All but the first reads are done by the target. */
		ck_assert_uint_eq(a->budget, 0);
		ck_assert_uint_eq(a->slow, 2 * 9);
		rig_env_free(a);
	}
}
END_TEST

START_TEST(accesses_off_one_base_are_looked_up_to_the_last_byte)
{
	IrRef at, near, far;
	JitUnit *u;

	NEED_CODE;
	ir_clear(ir);
	at = ir_get(ir, 3);
	near = ir_ld(ir, IR_LD, IR_MEM_8, at);
	far = ir_ld(ir, IR_LD, IR_MEM_8, ir_add(ir, at, ir_k(ir, 8)));
	ir_put(ir, 5, ir_add(ir, near, far));
	ir->done = ir->insns = 1;
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 8, 0));
	ck_assert_uint_eq(ir_wide(ir), 1);
	u = rig_finish(j, ir);
	for (unsigned off = RIG_PAGE - 24; off < RIG_PAGE; off++) {
		JitResult r;

		e->r64[3] = RIG_BASE + off;
		e->budget = 10;
		r = jit_enter(j, e, u);
		ck_assert_int_eq(r.why, JIT_LEFT_EXIT);
		ck_assert_msg(r.exit->kind == (off + 16 > RIG_PAGE ? IR_EXIT_REDO : IR_EXIT_LINK),
			      "%u bytes before the end of the page", RIG_PAGE - off);
		ck_assert_uint_eq(r.exit->wide, off + 16 > RIG_PAGE);
	}
}
END_TEST

static void maybe_leave(void)
{
	ir_exit_if(ir, IR_EQ, ir_get(ir, 4), ir_k(ir, 0), ir_exit_new(ir, IR_EXIT_LINK, 4, 0));
}

/* A load and a store (the other way round) of one place; how many looks they share. */
static unsigned looks_shared(bool store_first, bool exit_between, bool apart)
{
	ir_clear(ir);
	ir->apart = apart;
	if (store_first)
		ir_st(ir, IR_ST, IR_MEM_8, ir_get(ir, 3), ir_get(ir, 5));
	else
		ir_put(ir, 5, ir_ld(ir, IR_LD, IR_MEM_8, ir_get(ir, 3)));
	ir->done = 1;
	if (exit_between)
		maybe_leave();
	if (store_first)
		ir_put(ir, 5, ir_ld(ir, IR_LD, IR_MEM_8, ir_get(ir, 3)));
	else
		ir_st(ir, IR_ST, IR_MEM_8, ir_get(ir, 3), ir_not(ir, ir_get(ir, 5)));
	ir->done = ir->insns = 2;
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 8, 0));
	return ir_wide(ir);
}

START_TEST(a_page_is_not_asked_for_as_one_to_change_before_that_is_certain)
{
	JitUnit *u;

	NEED_CODE;
	ck_assert_uint_eq(looks_shared(false, true, false), 0);
	ck_assert_uint_eq(looks_shared(true, true, false), 1);
	ck_assert_uint_eq(looks_shared(true, false, false), 1);
	ck_assert_uint_eq(looks_shared(true, false, true), 0);
	ck_assert_uint_eq(looks_shared(false, false, true), 0);
	ck_assert_uint_eq(looks_shared(false, false, false), 1);
	u = rig_finish(j, ir);
	e->r64[3] = RIG_BASE + 16;
	e->budget = 10;
	for (unsigned turn = 0; turn < 3; turn++) {
		uint64_t before, after;

		memcpy(&before, e->mem + 16, 8);
		ck_assert_int_eq(jit_enter(j, e, u).exit->kind, IR_EXIT_LINK);
		memcpy(&after, e->mem + 16, 8);
		ck_assert_uint_eq(after, ~before);
		ck_assert_uint_eq(e->r64[5], before);
	}
}
END_TEST

/* A number of stores of slot 5, or 0, off slot 3; what memory is to be then, in `want`. */
static void fill(GRand *random, uint8_t *want)
{
	bool zero = g_rand_boolean(random), odd = g_rand_boolean(random);
	unsigned n = (unsigned)g_rand_int_range(random, 2, 14);

	ir_clear(ir);
	for (unsigned k = 0; k < n; k++) {
		unsigned at = (unsigned)g_rand_int_range(random, 0, 20) * 8;
		uint64_t v = zero ? 0 : e->r64[5];

		if (odd && !g_rand_int_range(random, 0, 6))
			at++;
		if (!g_rand_int_range(random, 0, 8)) {
			ir_put(ir, 6,
			       ir_ld(ir, IR_LD, IR_MEM_8, ir_add(ir, ir_get(ir, 3), ir_k(ir, at))));
			memcpy(&e->r64[7], want + 64 + at, 8);
		} else {
			ir_st(ir, IR_ST, IR_MEM_8, ir_add(ir, ir_get(ir, 3), ir_k(ir, at)),
			      zero ? ir_k(ir, 0) : ir_get(ir, 5));
			memcpy(want + 64 + at, &v, 8);
		}
		ir->done = ir->insns = (uint16_t)(k + 1);
	}
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 8, 0));
	ir_wide(ir);
}

/* A field is compared with 0, and one of its value is branched on by its bits: slot 5 is the comparison, by both ways. */
static void masked(uint64_t mask, IrCc lt)
{
	IrRef v = ir_get(ir, 3), field = ir_and(ir, v, ir_k(ir, mask));

	ir_put(ir, 5, ir_crcmp(ir, lt, field, ir_k(ir, 0), ir_k(ir, 1)));
	ir->done = ir->insns = 1;
	ir_exit_if(ir, IR_TEST, v, ir_k(ir, mask), ir_exit_new(ir, IR_EXIT_LINK, 4, 0));
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 8, 0));
}

START_TEST(a_comparison_is_what_a_branch_on_the_same_bits_says)
{
	static const IrCc lt[] = { IR_LT, IR_LTU, IR_LT | IR_CC32, IR_LTU | IR_CC32 };
	static const uint64_t masks[] = { 1,	      0x80,	0xff,	   0xffff,     0x80000000,
					  0xfffffff0, BIT64(0), BIT64(20), 0x1ffffffff };
	static const uint64_t values[] = { 0,	       1,	  0x80,	      0x7fffffff,
					   0x80000000, BIT64(31), UINT64_MAX, BIT64(0) };
	static const uint64_t high = UINT64_C(0x100000000);

	NEED_CODE;
	for (unsigned n = 0; n < ARRAY_LEN(lt) * ARRAY_LEN(masks); n++) {
		JitUnit *u;

		ir_clear(ir);
		masked(masks[n / ARRAY_LEN(lt)], lt[n % ARRAY_LEN(lt)]);
		u = rig_finish(j, ir);
		for (unsigned k = 0; k < 2 * ARRAY_LEN(values); k++) {
			RigEnv *a, *b;
			g_autofree char *why = NULL;
			uint64_t to;

			e->r64[3] = values[k / 2] ^ (k & 1 ? high : 0);
			e->budget = 10;
			a = rig_env_copy(e);
			b = rig_env_copy(e);
			ir_run_by(ir, b, &to, true);
			jit_enter(j, a, u);
			ck_assert_msg(rig_env_same(a, b, &why), "mask %u, value %u: %s", n, k, why);
			rig_env_free(a);
			rig_env_free(b);
		}
	}
}
END_TEST

START_TEST(memory_that_is_filled_is_full_and_no_more)
{
	GRand *random = g_rand_new_with_seed(5);
	uint8_t want[512];

	NEED_CODE;
	e->r64[3] = RIG_BASE + 64;
	e->r64[5] = UINT64_C(0x1122334455667788);
	for (unsigned turn = 0; turn < 3000; turn++) {
		memset(e->mem, 0xa5, sizeof(want));
		memset(want, 0xa5, sizeof(want));
		e->r64[6] = e->r64[7] = 0;
		fill(random, want);
		e->budget = 100;
		if (turn & 1)
			jit_randomise(j, turn);
		ck_assert_int_eq(jit_enter(j, e, rig_finish(j, ir)).exit->kind, IR_EXIT_LINK);
		ck_assert_mem_eq(e->mem, want, sizeof(want));
		ck_assert_uint_eq(e->r64[6], e->r64[7]);
		jit_reset(j, NULL);
		jit_randomise(j, 0);
	}
	g_rand_free(random);
}
END_TEST

START_TEST(a_sum_is_zero_in_as_many_bits_as_are_asked_for)
{
	static const uint64_t before[] = { 0xfffffffb, 0x1fffffffa, (uint64_t)-5, (uint64_t)-6 };
	static const bool zero32[] = { true, false, true, false };
	static const bool zero64[] = { false, false, true, false };

	NEED_CODE;
	for (unsigned wide = 0; wide < 2; wide++) {
		JitUnit *u;

		ir_clear(ir);
		ir_put(ir, 1, ir_add(ir, ir_get(ir, 1), ir_k(ir, 5)));
		ir->insns = ir->done = 1;
		ir_exit_if(ir, wide ? IR_EQ : IR_EQ | IR_CC32, ir_get(ir, 1), ir_k(ir, 0),
			   ir_exit_new(ir, IR_EXIT_LINK, 7, 0));
		ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 8, 0));
		u = rig_finish(j, ir);
		for (unsigned n = 0; n < ARRAY_LEN(before); n++) {
			e->r64[1] = before[n];
			e->budget = 10;
			ck_assert_uint_eq(jit_enter(j, e, u).exit->target,
					  (wide ? zero64 : zero32)[n] ? 7 : 8);
		}
	}
}
END_TEST

/* A loop that follows a list of `nodes` nodes, `distance` apart, around and around; adds up their numbers. */
static JitUnit *list_unit(uint64_t first, unsigned nodes, unsigned distance)
{
	IrLoop l;

	ir_clear(ir);
	for (unsigned turn = 0; turn < 2; turn++) {
		IrRef at, next;

		if (turn)
			ir_loop_begin(ir, &l, 1, 0);
		at = ir_get(ir, 3);
		next = ir_ld(ir, IR_LD, IR_MEM_8, at);
		at = ir_add(ir, at, ir_k(ir, 8));
		ir_put(ir, 5, ir_add(ir, ir_get(ir, 5), ir_ld(ir, IR_LD, IR_MEM_8, at)));
		ir_put(ir, 3, next);
		ir->done = ir->insns = 1;
		if (!turn)
			ir_loop_init(&l, ir);
	}
	ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
	for (unsigned n = 0; n < nodes; n++) {
		uint64_t node[2] = { first + (n + 1) % nodes * distance, n * n + 1 };

		/* Pages are not in order in the host's memory. */
		memcpy((uint8_t *)(uintptr_t)(first + n * distance +
					      e->tlb[0][(first + n * distance) / RIG_PAGE %
							RIG_ENTRIES]
						      .addend),
		       node, sizeof(node));
	}
	e->r64[3] = first;
	return rig_finish(j, ir);
}

/* Runs it for some turns beside the runner; has its code changed? */
static bool list_run(JitUnit *u, unsigned turns)
{
	g_autofree void *before = g_memdup2(jit_code(j, u), u->size);
	g_autofree char *why = NULL;
	RigEnv *a, *b;
	uint64_t to;

	e->budget = turns;
	a = rig_env_copy(e);
	b = rig_env_copy(e);
	ir_run_by(ir, b, &to, true);
	jit_enter(j, a, u);
	ck_assert_msg(rig_env_same(a, b, &why), "%s", why);
	ck_assert_uint_ne(a->r64[5], 0);
	rig_env_free(a);
	rig_env_free(b);
	return memcmp(before, jit_code(j, u), u->size);
}

/* The host guesses where the next node is; what it guesses has to be so. */
START_TEST(a_list_over_many_pages_is_followed_where_it_leads)
{
	JitUnit *u;

	NEED_CODE;
	u = list_unit(RIG_BASE, 2, 2048);
	for (unsigned turns = 1; turns < 100; turns++)
		ck_assert(!list_run(u, turns));
	/* Guesses that are wrong each time are given up. */
	u = list_unit(RIG_BASE, 2, RIG_PAGE);
	ck_assert(!list_run(u, 6));
	ck_assert(list_run(u, 200));
	for (unsigned turns = 1; turns < 100; turns++)
		ck_assert(!list_run(u, turns));
	/* Into a page that cannot be read without a question, and one that cannot be at all. */
	u = list_unit(RIG_BASE, 4, RIG_PAGE);
	for (unsigned turns = 1; turns < 20; turns++)
		list_run(u, turns);
}
END_TEST

/* -------------------------------------------------------------------- calls */

static JitUnit *under_way;
static sigjmp_buf away;

static void drop_it(void *env, const void *arg)
{
	RigEnv *env_ = env;

	(void)arg;
	jit_drop(j, under_way);
	env_->r64[7] = 70;
}

START_TEST(a_unit_that_is_dropped_by_what_it_calls_goes_on)
{
	JitUnit *b;
	JitResult r;

	NEED_CODE;
	b = adder(IR_EXIT_LEAVE, 1000, 2, 0);
	ir_clear(ir);
	ir_put(ir, 1, ir_k(ir, 1));
	ir_exec(ir, drop_it, NULL, 0);
	ir_put(ir, 1, ir_add(ir, ir_get(ir, 1), ir_get(ir, 7)));
	ir->insns = ir->done = 2;
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 0, 0));
	under_way = rig_finish(j, ir);
	jit_link(j, &under_way->exits[0], b, 0);
	r = jit_enter(j, e, under_way);
	ck_assert_int_eq(r.why, JIT_LEFT_EXIT);
	ck_assert_ptr_eq(r.unit, b);
	ck_assert_uint_eq(e->r64[1], 1071);
	r = jit_enter(j, e, under_way);
	ck_assert_int_eq(r.why, JIT_LEFT_ENTRY);
	ck_assert_ptr_eq(r.unit, under_way);
	ck_assert(r.unit->dead);
	jit_reap(j, NULL);
	jit_drop(j, b);
	jit_reap(j, NULL);
	ck_assert_uint_eq(jit_used(j), 0);
}
END_TEST

static void jump_out(void *env, const void *arg)
{
	const RigEnv *env_ = env;

	(void)arg;
	ck_assert_uint_eq(env_->r64[1], 41);
	ck_assert_uint_eq(env_->r8[0], 1);
	ck_assert_uint_eq(env_->budget, 995);
	siglongjmp(away, 1);
}

START_TEST(what_is_called_may_jump_out)
{
	NEED_CODE;
	ir_clear(ir);
	e->r64[1] = 40;
	ir_put(ir, 1, ir_add(ir, ir_get(ir, 1), ir_k(ir, 1)));
	ir_put(ir, RIG_I64, ir_set(ir, IR_EQ, ir_get(ir, 2), ir_k(ir, 0)));
	ir_exec(ir, jump_out, NULL, 0);
	ir->insns = ir->done = 5;
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LEAVE, 0, 0));
	under_way = rig_finish(j, ir);
	if (!sigsetjmp(away, 0)) {
		jit_enter(j, e, under_way);
		ck_abort_msg("it did not jump");
	}
	ck_assert_uint_eq(e->r64[1], 41);
}
END_TEST

/* --------------------------------------------------------------------- arena */

START_TEST(dropped_units_give_their_memory_back)
{
	size_t most = 0;

	NEED_CODE;
	for (unsigned i = 0; i < 3000; i++) {
		JitUnit *u[8];

		e->budget = 100;
		for (unsigned n = 0; n < 8; n++)
			u[n] = adder(n & 1 ? IR_EXIT_DYN : IR_EXIT_LINK, n + i, 1, 0);
		for (unsigned n = 0; n < 8; n++)
			expect_exit(u[n], u[n], n & 1 ? IR_EXIT_DYN : IR_EXIT_LINK, n + i);
		most = MAX(most, u[7]->code);
		for (unsigned n = 0; n < 8; n++)
			jit_drop(j, u[(n * 5 + i) % 8]);
		jit_reap(j, NULL);
		ck_assert_uint_eq(jit_used(j), 0);
	}
	ck_assert_uint_lt(most, 16384);
}
END_TEST

START_TEST(a_full_arena_says_so_and_can_be_emptied)
{
	unsigned n = 0;

	NEED_CODE;
	for (unsigned round = 0; round < 2; round++) {
		JitUnit *u = adder(IR_EXIT_DYN, 3, 1, 0);

		for (n = 0; !jit_full(j); n++) {
			ck_assert_ptr_nonnull(u);
			u = jit_compile(j, ir, NULL);
		}
		ck_assert_ptr_null(u);
		ck_assert_uint_gt(n, 1000);
		ck_assert_uint_gt(jit_used(j), (1 << 20) - 16384);
		e->jumps->view[7] = 1;
		jit_reset(j, e->jumps);
		ck_assert_uint_eq(jit_used(j), 0);
		ck_assert_uint_eq(e->jumps->view[7], 0);
		ck_assert(!jit_full(j));
		u = adder(IR_EXIT_LEAVE, 9, 1, 0);
		expect_exit(u, u, IR_EXIT_LEAVE, 9);
	}
}
END_TEST

START_TEST(code_can_be_read)
{
	GString *s;
	JitUnit *u;

	NEED_CODE;
	s = g_string_new(NULL);
	u = adder(IR_EXIT_LEAVE, 0x123, 1, 0);
	jit_disas(j, u, s);
	ck_assert_ptr_nonnull(strstr(s->str, "sub r15, 1"));
	ck_assert_ptr_nonnull(strstr(s->str, "0x123"));
	ck_assert_ptr_nonnull(strstr(s->str, "cold:"));
	g_string_free(s, TRUE);
}
END_TEST

Suite *suite_jit_units(void)
{
	Suite *s = suite_create("jit_units");
	TCase *tc = tcase_create("units");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, linked_units_follow_one_another_until_one_is_dropped);
	tcase_add_test(tc, links_can_be_led_elsewhere);
	tcase_add_test(tc, a_far_link_holds_in_its_view_alone);
	tcase_add_test(tc, the_other_half_needs_no_help);
	tcase_add_test(tc, a_dynamic_exit_takes_what_the_table_has);
	tcase_add_test(tc, without_budget_or_permission_nothing_is_begun);
	tcase_add_test(tc, units_of_different_halves_are_not_linked);
	tcase_add_test(tc, accesses_of_all_kinds_at_all_borders);
	tcase_add_test(tc, accesses_off_one_base_are_looked_up_to_the_last_byte);
	tcase_add_test(tc, memory_that_is_filled_is_full_and_no_more);
	tcase_add_test(tc, a_comparison_is_what_a_branch_on_the_same_bits_says);
	tcase_add_test(tc, a_page_is_not_asked_for_as_one_to_change_before_that_is_certain);
	tcase_add_test(tc, a_loop_reads_across_a_border_of_pages_what_is_there);
	tcase_add_test(tc, a_loop_of_several_rounds_stops_before_the_access_that_cannot_be);
	tcase_add_test(tc, a_loop_that_calls_asks_again_what_addresses_mean);
	tcase_add_test(tc, a_sum_is_zero_in_as_many_bits_as_are_asked_for);
	tcase_add_test(tc, a_list_over_many_pages_is_followed_where_it_leads);
	tcase_add_test(tc, a_unit_that_is_dropped_by_what_it_calls_goes_on);
	tcase_add_test(tc, what_is_called_may_jump_out);
	tcase_add_test(tc, dropped_units_give_their_memory_back);
	tcase_add_test(tc, a_full_arena_says_so_and_can_be_emptied);
	tcase_add_test(tc, code_can_be_read);
	suite_add_tcase(s, tc);
	return s;
}
