/* Units as code, hand-made: loops whose turns are not alike, carries that are known. */
#include <check.h>
#include "jit/ir_loop.h"
#include "tests/unit/jit_rig.h"

Suite *suite_jit_odds(void);

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

/* Two words off one base, and between them its page leaves the TLB. */
static void read_flush_read(void)
{
	IrRef at = ir_get(ir, 3), one = ir_ld(ir, IR_LD, IR_MEM_8, at), other;

	ir_call(ir, RIG_HELPER_FLUSH, at, at, at);
	other = ir_ld(ir, IR_LD, IR_MEM_8, ir_add(ir, at, ir_k(ir, 8)));
	ir_put(ir, 5, ir_add(ir, ir_get(ir, 5), ir_add(ir, one, other)));
	ir->done = ir->insns = 1;
}

/* The second read of the turn before the loop and the first one in it stand side by side. */
START_TEST(a_range_looked_up_before_a_loop_that_calls_is_not_used_in_it)
{
	RigEnv *a;
	JitUnit *u;
	IrLoop l;

	NEED_CODE;
	ir_clear(ir);
	read_flush_read();
	ir_loop_init(&l, ir);
	ir_loop_begin(ir, &l, 1, 0);
	read_flush_read();
	ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
	ck_assert_uint_eq(ir_wide(ir), 0);
	u = rig_finish(j, ir);
	e->budget = 10;
	e->r64[3] = RIG_BASE;
	a = rig_env_copy(e);
	jit_enter(j, a, u);
	ck_assert_uint_eq(a->budget, 0);
	/* All but the very first read. */
	ck_assert_uint_eq(a->slow, 2 * 10 - 1);
	rig_env_free(a);
}
END_TEST

/* With a carry that is known to be 1, of operands that are not known: it matters to one sum alone. */
START_TEST(a_known_carry_makes_a_sum_of_all_ones_carry)
{
	static const uint64_t sums[] = { UINT64_MAX, UINT64_MAX - 1, UINT32_MAX, UINT32_MAX - 1 };

	NEED_CODE;
	for (unsigned wide = 0; wide < 2; wide++) {
		uint64_t all = wide ? UINT64_MAX : UINT32_MAX;
		JitUnit *u;

		ir_clear(ir);
		ir_put(ir, 3,
		       ir_emit(ir, wide ? IR_ADDCO : IR_ADDCO32, 0, ir_get(ir, 1), ir_get(ir, 2),
			       ir_k(ir, 1), 0));
		ir->insns = ir->done = 1;
		ir_end(ir, ir_exit_new(ir, IR_EXIT_LINK, 8, 0));
		u = rig_finish(j, ir);
		for (unsigned n = 0; n < ARRAY_LEN(sums); n++) {
			e->r64[1] = UINT64_C(0x1234567812345678);
			e->r64[2] = sums[n] - e->r64[1];
			e->r64[3] = 5;
			e->budget = 10;
			jit_enter(j, e, u);
			ck_assert_uint_eq(e->r64[3],
					  (e->r64[1] & all) > all - (e->r64[2] & all) - 1);
		}
	}
}
END_TEST

/* A loop does more than the turn before it did: a byte, and then eight. */
START_TEST(a_page_remembered_for_a_byte_is_no_page_for_a_word)
{
	RigEnv *a, *b;
	uint64_t to;
	JitUnit *u;
	IrRef ea, byte, word;
	IrLoop l;
	char *why;

	NEED_CODE;
	ir_clear(ir);
	ea = ir_get(ir, 3);
	ir_put(ir, 5, ir_ld(ir, IR_LD, IR_MEM_8, ea));
	ir_put(ir, 6, ir_add(ir, ir_get(ir, 6), ir_k(ir, 3)));
	ir_put(ir, 3, ir_add(ir, ea, ir_k(ir, 1)));
	ir->done = ir->insns = 1;
	ir_loop_init(&l, ir);
	ir_loop_begin(ir, &l, 1, 0);
	ea = ir_get(ir, 3);
	byte = ir_ld(ir, IR_LD, IR_MEM_1, ea);
	word = ir_ld(ir, IR_LD, IR_MEM_8, ea);
	ir_put(ir, 6, ir_add(ir, ir_get(ir, 6), byte));
	ir_put(ir, 5, ir_xor(ir, ir_get(ir, 5), word));
	ir_put(ir, 3, ir_add(ir, ea, ir_k(ir, 1)));
	ir->done = ir->insns = 1;
	ck_assert_int_eq(ir_loop_end(ir, &l), IR_LOOP_DONE);
	u = rig_finish(j, ir);
	for (unsigned i = 0; i < sizeof(e->mem); i++)
		e->mem[i] = (uint8_t)(i * 37 + i / 256);
	e->r64[3] = RIG_BASE + RIG_PAGE - 20;
	e->budget = 40;
	a = rig_env_copy(e);
	b = rig_env_copy(e);
	ir_run_by(ir, b, &to, true);
	jit_enter(j, a, u);
	ck_assert_msg(rig_env_same(a, b, &why), "%s", why);
	rig_env_free(a);
	rig_env_free(b);
}
END_TEST

Suite *suite_jit_odds(void)
{
	Suite *s = suite_create("jit_odds");
	TCase *tc = tcase_create("odds");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_range_looked_up_before_a_loop_that_calls_is_not_used_in_it);
	tcase_add_test(tc, a_known_carry_makes_a_sum_of_all_ones_carry);
	tcase_add_test(tc, a_page_remembered_for_a_byte_is_no_page_for_a_word);
	suite_add_tcase(s, tc);
	return s;
}
