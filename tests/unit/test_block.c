/* Predecoded blocks: exact counts, stores into code, pages, several CPUs. */
#include <check.h>
#include "target-ppc/block.h"
#include "target-ppc/excp.h"
#include "tests/unit/ppc_rig.h"

#define AT 0x1000

/* A store changes the instruction right behind it, in the block under way. */
START_TEST(store_into_own_block)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = {
		I_ADDI(5, 0, 1),      /* li r5,1 */
		I_STW(4, AT + 12, 0), /* stw r4,AT+12(0) */
		I_ADDI(6, 0, 2),      /* li r6,2 */
		I_ADDI(7, 0, 3),      /* overwritten by li r7,9 */
		I_ADDI(8, 0, 4),
	};

	rig_code(r, AT, code, ARRAY_LEN(code));
	r->cpu->gpr[4] = I_ADDI(7, 0, 9);
	ck_assert_uint_eq(rig_go(r, AT, 5), 5);
	ck_assert_uint_eq(r->cpu->gpr[6], 2);
	ck_assert_uint_eq(r->cpu->gpr[7], 9);
	ck_assert_uint_eq(r->cpu->gpr[8], 4);
	ck_assert_uint_eq(r->cpu->nip, AT + 20);
	rig_free(r);
}
END_TEST

/* The same when the block was run before, and when the store comes from a device. */
START_TEST(store_into_known_block)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = { I_ADDI(3, 0, 1), I_B(0x1000 - 4) };
	const uint32_t there[] = { I_ADDI(9, 9, 1), I_B(-0x1004) };

	rig_code(r, AT, code, 2);
	rig_code(r, AT + 0x1000, there, 2);
	rig_go(r, AT, 40);
	ck_assert_uint_eq(r->cpu->gpr[9], 10);
	ck_assert(ram_st32(r->m->ram, AT + 0x1000, I_ADDI(9, 9, 100)));
	rig_go(r, AT, 4);
	ck_assert_uint_eq(r->cpu->gpr[9], 110);
	rig_free(r);
}
END_TEST

/* Data in the same page as code, beside it: nothing is dropped. */
START_TEST(store_beside_code)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_STW(4, AT + 0x800, 0), I_B(-8) };
	uint64_t dropped;
	uint32_t v;

	rig_code(r, AT, code, 3);
	rig_go(r, AT, 3);
	dropped = r->cpu->blocks->dropped;
	rig_run(r, 3000);
	ck_assert_uint_eq(r->cpu->blocks->dropped, dropped);
	ck_assert(ram_ld32(r->m->ram, AT + 0x800, &v));
	ck_assert_uint_eq(v, 1001);
	rig_free(r);
}
END_TEST

/* Any number of instructions, wherever it falls in blocks. */
START_TEST(exact_counts)
{
	PpcRig *r = rig_new("power9");
	uint32_t code[20];
	uint64_t total = 0;

	for (unsigned i = 0; i < 19; i++)
		code[i] = I_ADDI(4, 4, 1);
	code[19] = I_B(-19 * 4);
	rig_code(r, AT, code, 20);
	r->cpu->nip = AT;
	for (unsigned n = 1; n < 60; n++) {
		ck_assert_uint_eq(rig_run(r, n), n);
		total += n;
		ck_assert_uint_eq(r->cpu->gpr[4], total - total / 20);
		ck_assert_uint_eq(r->cpu->nip, AT + total % 20 * 4);
	}
	rig_free(r);
}
END_TEST

/* An instruction that raises counts as one; what is behind it does not run. */
START_TEST(raise_in_block)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = { I_ADDI(4, 0, 1), I_ADDI(5, 0, 2), 0, I_ADDI(4, 0, 7) };

	rig_code(r, AT, code, 4);
	ck_assert_uint_eq(rig_go(r, AT, 3), 3);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_PROGRAM);
	ck_assert_uint_eq(r->cpu->spr.SRR0, AT + 8);
	ck_assert_uint_eq(r->cpu->spr.SRR1 & 0xf0000, PPC_PROG_ILLEGAL);
	ck_assert_uint_eq(r->cpu->gpr[4], 1);
	rig_free(r);
}
END_TEST

/* A block whose ops went because units run instead does the same again. */
START_TEST(block_without_ops_runs)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = { I_ADDI(9, 9, 1), I_B(-4) };
	size_t bytes;
	PpcBlock *b;

	rig_code(r, AT, code, 2);
	rig_go(r, AT, 10);
	b = ppc_block_peek(r->cpu, AT, r->cpu->mode);
	ck_assert_ptr_nonnull(b);
	bytes = r->cpu->blocks->bytes;
	ppc_block_slim(r->cpu, b);
	ck_assert_ptr_null(b->ops);
	ck_assert_uint_lt(r->cpu->blocks->bytes, bytes);
	rig_run(r, 11);
	ck_assert_uint_eq(r->cpu->gpr[9], 11);
	ck_assert_ptr_nonnull(b->ops);
	ck_assert_uint_eq(r->cpu->blocks->bytes, bytes);
	rig_free(r);
}
END_TEST

/* Cold blocks go while the successor of one of them is built; the others are decoded again. */
START_TEST(blocks_are_swept_between_two_of_them)
{
	const uint32_t bdnz = 16u << 26 | 16 << 21 | (uint32_t)(-4 & 0xfffc);
	const uint32_t code[] = { I_ADDI(9, 9, 1), bdnz, I_ADDI(8, 8, 1), I_B(-4) };

	/* The loop runs less and more often than what stays has to. */
	for (unsigned turns = 2; turns < 30; turns++) {
		PpcRig *r = rig_new("power9");
		uint64_t sweeps = r->cpu->blocks->sweeps;

		rig_code(r, AT, code, 4);
		r->cpu->ctr = turns;
		rig_go(r, AT, 2 * turns - 2);
		/* Nobody counts without units. */
		ppc_block_peek(r->cpu, AT, r->cpu->mode)->runs = (uint16_t)turns;
		r->cpu->blocks->sweep_at = 0;
		rig_run(r, 2 + 10);
		ck_assert_uint_eq(r->cpu->blocks->sweeps, sweeps + 1);
		ck_assert_uint_eq(r->cpu->gpr[9], turns);
		ck_assert_uint_eq(r->cpu->gpr[8], 5);
		rig_go(r, AT + 4, 3);
		ck_assert_uint_eq(r->cpu->gpr[9], turns + 1);
		rig_free(r);
	}
}
END_TEST

/* Another CPU's store drops this CPU's block before it runs on. */
START_TEST(store_by_another_cpu)
{
	PpcRig *r = rig_new("power9");
	PpcCpu *first = r->cpu, *second = rig_add_cpu(r);
	const uint32_t code[] = { I_ADDI(9, 9, 1), I_B(-4) };
	const uint32_t other[] = { I_STW(4, AT, 0), I_B(0) };

	rig_code(r, AT, code, 2);
	rig_code(r, 0x4000, other, 2);
	rig_go(r, AT, 10);
	ck_assert_uint_eq(first->gpr[9], 5);
	r->cpu = second;
	second->gpr[4] = I_ADDI(9, 9, 50);
	rig_go(r, 0x4000, 2);
	r->cpu = first;
	rig_run(r, 2);
	ck_assert_uint_eq(first->gpr[9], 55);
	rig_free(r);
}
END_TEST

/* A block never runs past its page, whatever the next page holds. */
START_TEST(page_end)
{
	PpcRig *r = rig_new("power9");
	const uint32_t code[] = { I_ADDI(4, 4, 1), I_ADDI(4, 4, 1), I_ADDI(4, 4, 1), I_B(-12) };

	rig_code(r, 0x1ff8, code, 4);
	rig_go(r, 0x1ff8, 400);
	ck_assert_uint_eq(r->cpu->gpr[4], 300);
	for (const PpcBlock *b = g_hash_table_lookup(r->cpu->blocks->pages, GSIZE_TO_POINTER(1)); b;
	     b = b->page_next)
		ck_assert_uint_le((b->pa & 0xfff) + b->bytes, 0x1000);
	rig_free(r);
}
END_TEST

Suite *suite_block(void);

Suite *suite_block(void)
{
	Suite *s = suite_create("block");
	TCase *t = tcase_create("block");

	tcase_add_test(t, store_into_own_block);
	tcase_add_test(t, store_into_known_block);
	tcase_add_test(t, store_beside_code);
	tcase_add_test(t, exact_counts);
	tcase_add_test(t, raise_in_block);
	tcase_add_test(t, store_by_another_cpu);
	tcase_add_test(t, block_without_ops_runs);
	tcase_add_test(t, blocks_are_swept_between_two_of_them);
	tcase_add_test(t, page_end);
	suite_add_tcase(s, t);
	return s;
}
