/*
 * Units made in the background: what is asked for comes, once, and only if block and bytes are still what they
 * were.  How long the thread takes is nobody's business: whoever waits here waits until something has come.
 */
#include <check.h>
#include <string.h>
#include "target-ppc/compile.h"
#include "target-ppc/exec.h"
#include "tests/unit/ppc_rig.h"

enum { AT = 0x2000, FAR_AWAY = AT + 0x200 };

typedef struct Bench {
	PpcRig *r;
	Jit *jit;
	PpcCompile *c;
	uint64_t asked, late;
} Bench;

/* Additions up to a branch to FAR_AWAY, and more additions there, which a unit of AT goes on with. */
static Bench bench(void)
{
	Bench b = { .r = rig_new("power9") };
	uint32_t w[8];

	for (unsigned i = 0; i < ARRAY_LEN(w); i++)
		w[i] = I_ADDI(3, 3, 1);
	w[7] = I_B(FAR_AWAY - AT - 28);
	rig_code(b.r, AT, w, ARRAY_LEN(w));
	w[7] = I_B(0x400);
	rig_code(b.r, FAR_AWAY, w, ARRAY_LEN(w));
	b.jit = jit_new(&ppc_jit_target, 1 << 20, NULL);
	if (b.jit)
		b.c = ppc_compile_new(b.r->cpu, b.jit);
	return b;
}

static PpcBlock *ask(Bench *b, uint64_t pa)
{
	PpcBlock *block;

	b->r->cpu->nip = pa;
	block = ppc_block_get(b->r->cpu, pa, pa);
	ck_assert(ppc_compile_ask(b->c, block, ppc_unit_translate, PPC_UNIT_MAX, true));
	ck_assert_ptr_nonnull(block->job);
	return block;
}

/* The next that comes, or NULL when one was thrown away instead. */
static PpcJob *wait_for_one(Bench *b)
{
	uint64_t asked, late;

	for (;;) {
		PpcJob *job = ppc_compile_take(b->c);

		ppc_compile_counts(b->c, &asked, &late);
		if (job || late != b->late) {
			b->late = late;
			return job;
		}
		g_usleep(100);
	}
}

static void end(Bench *b)
{
	ppc_compile_free(b->c);
	jit_free(b->jit);
	rig_free(b->r);
}

START_TEST(what_was_asked_for_comes_once)
{
	Bench b = bench();
	PpcBlock *block;
	PpcJob *job;

	if (!b.c)
		return;
	block = ask(&b, AT);
	job = wait_for_one(&b);
	ck_assert_ptr_nonnull(job);
	ck_assert_ptr_eq(job->block, block);
	ck_assert_ptr_null(block->job);
	ck_assert_uint_eq(job->nip, AT);
	/* On over the branch, to the next one. */
	ck_assert_uint_gt(job->unit->block->n, 8);
	ck_assert_uint_eq(job->unit->block->ops[8].off, FAR_AWAY & 0xfff);
	job->unit->code = jit_place(b.jit, job->draft, job->unit);
	ck_assert_ptr_nonnull(job->unit->code);
	ck_assert_ptr_eq(job->unit->code->user, job->unit);
	job->draft = NULL;
	ppc_job_free(job);
	ck_assert_ptr_null(ppc_compile_take(b.c));
	end(&b);
}
END_TEST

/* In turn: where the block is, where only the unit goes, and its last word, which is no instruction. */
START_TEST(unit_of_bytes_that_have_changed_is_not_run)
{
	Bench b = bench();
	static const uint64_t at[] = { AT + 8, FAR_AWAY + 8, FAR_AWAY + 28 + 0x400 };
	uint64_t pa = at[_i];
	PpcBlock *block;

	if (!b.c)
		return;
	block = ask(&b, AT);
	block->runs = 7;
	/* Nobody is told: the block stands. */
	memset(b.r->m->ram->host + pa, 1, 4);
	ck_assert_ptr_null(wait_for_one(&b));
	ck_assert_ptr_null(block->job);
	/* It may ask again. */
	ck_assert_uint_eq(block->runs, 0);
	end(&b);
}
END_TEST

/* Instructions of a unit at AT that ends where others begin. */
static unsigned length(PpcRig *r, const PpcHeads *heads)
{
	PpcCodeCopy copy = { .pa = AT, .bytes = r->m->ram->host + AT, .heads = heads };
	Ir *ir = ir_new(&ppc_jit_target);
	PpcUnit *u;
	unsigned n;

	r->cpu->copy = &copy;
	u = ppc_unit_translate(r->cpu, ir, AT, PPC_UNIT_MAX);
	r->cpu->copy = NULL;
	n = u->n;
	ppc_unit_free(u);
	ir_free(ir);
	return n;
}

/* Where units are many; but a few instructions it has. */
START_TEST(unit_ends_where_others_begin)
{
	Bench b = bench();
	PpcCpu *cpu = b.r->cpu;

	if (!b.c)
		return;
	cpu->nip = AT;
	ck_assert_ptr_null(ppc_block_heads(cpu, AT));
	ck_assert_uint_gt(length(b.r, NULL), 8);
	ppc_block_is_head(cpu, ppc_block_get(cpu, AT + 8, AT + 8));
	ck_assert_uint_gt(length(b.r, ppc_block_heads(cpu, AT)), 8);
	ppc_block_is_head(cpu, ppc_block_get(cpu, FAR_AWAY, FAR_AWAY));
	ck_assert_uint_eq(length(b.r, ppc_block_heads(cpu, AT)), 8);
	ppc_block_is_head(cpu, ppc_block_get(cpu, AT + 20, AT + 20));
	ck_assert_uint_eq(length(b.r, ppc_block_heads(cpu, AT)), 5);
	ppc_blocks_drop_page(cpu, AT);
	ck_assert_ptr_null(ppc_block_heads(cpu, AT));
	end(&b);
}
END_TEST

/* What is fetched is code from then on: a store there is noticed. */
START_TEST(bytes_of_a_fetched_unit_are_marked)
{
	Bench b = bench();
	PpcCodeMap *m;
	PpcJob *job;

	if (!b.c)
		return;
	m = ppc_code_map(b.r->cpu);
	ask(&b, AT);
	ck_assert(!(m->granules[AT >> 12] >> (FAR_AWAY >> 6 & 63) & 1));
	job = wait_for_one(&b);
	ck_assert_ptr_nonnull(job);
	ck_assert(m->granules[AT >> 12] >> (FAR_AWAY >> 6 & 63) & 1);
	ppc_job_free(job);
	end(&b);
}
END_TEST

START_TEST(block_that_goes_takes_its_request_along)
{
	Bench b = bench();

	if (!b.c)
		return;
	ask(&b, AT);
	if (_i)
		ppc_blocks_drop_all(b.r->cpu);
	else
		ppc_blocks_drop_page(b.r->cpu, AT);
	ppc_blocks_reap(b.r->cpu);
	ck_assert_ptr_null(wait_for_one(&b));
	/* The same place again is another request. */
	ask(&b, AT);
	ppc_job_free(wait_for_one(&b));
	end(&b);
}
END_TEST

START_TEST(too_many_requests_are_refused)
{
	Bench b = bench();
	unsigned n = 0;

	if (!b.c)
		return;
	rig_code(b.r, 0x10000, (uint32_t[4000]){ 0 }, 4000);
	for (;; n++) {
		uint64_t pa = 0x10000 + 4 * n;

		ck_assert_uint_lt(n, 4000);
		if (!ppc_compile_ask(b.c, ppc_block_get(b.r->cpu, pa, pa), ppc_unit_translate, 1,
				     false))
			break;
	}
	ck_assert_uint_gt(n, 100);
	/* One fetched is room for one. */
	ppc_job_free(wait_for_one(&b));
	ask(&b, AT);
	/* With all the others under way. */
	end(&b);
}
END_TEST

/* Two CPUs of a machine have one thread; either may go first. */
START_TEST(cpus_share_the_thread)
{
	Bench b = bench();
	PpcCpu *other;
	PpcBlock *block;
	PpcCompile *c;
	PpcJob *job;

	if (!b.c)
		return;
	other = rig_add_cpu(b.r);
	ppc_set_msr(other, MSR_SF | MSR_LE);
	c = ppc_compile_new(other, b.jit);
	block = ppc_block_get(other, AT, AT);
	ask(&b, AT);
	ck_assert(ppc_compile_ask(c, block, ppc_unit_translate, PPC_UNIT_MAX, true));
	while (!(job = ppc_compile_take(c)))
		g_usleep(100);
	ck_assert_ptr_eq(job->block, block);
	/* In its own byte order the words mean something else. */
	ck_assert_uint_eq(job->unit->block->ops[0].word, bswap32(I_ADDI(3, 3, 1)));
	ppc_job_free(job);
	ppc_compile_free(c);
	job = wait_for_one(&b);
	ck_assert_uint_eq(job->unit->block->ops[0].word, I_ADDI(3, 3, 1));
	ppc_job_free(job);
	end(&b);
}
END_TEST

Suite *suite_compile(void);
Suite *suite_compile(void)
{
	Suite *s = suite_create("compile");
	TCase *t = tcase_create("compile");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_was_asked_for_comes_once);
	tcase_add_loop_test(t, unit_of_bytes_that_have_changed_is_not_run, 0, 3);
	tcase_add_test(t, unit_ends_where_others_begin);
	tcase_add_test(t, bytes_of_a_fetched_unit_are_marked);
	tcase_add_loop_test(t, block_that_goes_takes_its_request_along, 0, 2);
	tcase_add_test(t, too_many_requests_are_refused);
	tcase_add_test(t, cpus_share_the_thread);
	suite_add_tcase(s, t);
	return s;
}
