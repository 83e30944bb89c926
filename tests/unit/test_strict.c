/*
 * Strict reservations (target-ppc/reserve.c): what another CPU or a device does to a reserved granule ends the
 * reservation, whatever the bytes are afterwards; what the CPU itself does to it does not.
 *
 * CPU 0 reserves, says so, and waits for CPU 1 to have done what the case is about before it
 * stores; so nothing depends on time.
 */
#include <check.h>
#include <inttypes.h>
#include "target-ppc/block.h"
#include "tests/unit/smp_rig.h"

#define X 0x280	 /* in the shared page, offset of what is reserved: 0 before and after */
#define TOLD 0	 /* number of the round, by CPU 0, */
#define DID 0x80 /* and by CPU 1 */
#define AT(n) (SMP_SHARED + (n)*8)

#define I_STMW(s, d, a) I_D(47, s, a, d)
#define I_STSWI(s, a, n) I_X(31, s, a, n, 725)
#define I_DCBZ(a, b) I_X(31, 0, a, b, 1014)
#define I_STVX(v, a, b) I_X(31, v, a, b, 231)
#define I_VXOR(t, a, b) (4u << 26 | (t) << 21 | (a) << 16 | (b) << 11 | 1220)
#define I_STQ(s, d, a) (I_D(62, s, a, d) | 2)

/* Registers: r5 X, r7 1, r8 the round, r9 0, r12 and r13 0. */
typedef void Deed(SmpAsm *a);

static void nothing(SmpAsm *a)
{
	smp_op(a, I_NOP);
}

static void there_and_back(SmpAsm *a)
{
	smp_op(a, I_STD(7, 0, 5));
	smp_op(a, I_STD(9, 0, 5));
}

static void same_value(SmpAsm *a)
{
	smp_op(a, I_STD(9, 0, 5));
}

static void byte_beside(SmpAsm *a)
{
	smp_op(a, I_STB(7, 100, 5));
	smp_op(a, I_STB(9, 100, 5));
}

/* Half of it is in the granule before. */
static void over_the_border(SmpAsm *a)
{
	smp_op(a, I_STW(9, -2, 5));
}

static void block_of_zeros(SmpAsm *a)
{
	smp_op(a, I_DCBZ(0, 5));
}

static void vector(SmpAsm *a)
{
	smp_op(a, I_VXOR(2, 2, 2));
	smp_op(a, I_STVX(2, 0, 5));
}

static void quadword(SmpAsm *a)
{
	smp_op(a, I_STQ(12, 0, 5));
}

static void multiple(SmpAsm *a)
{
	smp_op(a, I_STMW(28, 32, 5));
}

static void string(SmpAsm *a)
{
	smp_op(a, I_STSWI(9, 5, 4));
}

static void conditional(SmpAsm *a)
{
	unsigned again = a->n;

	smp_op(a, I_LDARX(6, 0, 5));
	smp_op(a, I_STDCX(6, 0, 5));
	smp_bc(a, SMP_NE, again);
}

static void atomic(SmpAsm *a)
{
	smp_op(a, I_STDAT(9, 5, 0));
}

static void device(SmpAsm *a)
{
	smp_op(a, I_OR(4, 5, 5));
	smp_call(a, SMP_DMA);
}

static void other_granule(SmpAsm *a)
{
	smp_op(a, I_STD(8, 128, 5));
}

static void other_size(SmpAsm *a)
{
	smp_op(a, I_LWARX(6, 0, 5));
}

static void elsewhere(SmpAsm *a)
{
	smp_op(a, I_ADDI(11, 5, 256));
	smp_op(a, I_LDARX(6, 0, 11));
}

static void spent(SmpAsm *a)
{
	smp_op(a, I_STDCX(9, 0, 5));
}

/* Until the page is one that no CPU asks about any more; then there and back. */
static void many_stores(SmpAsm *a)
{
	unsigned loop;

	smp_li(a, 4, 9000);
	loop = a->n;
	smp_op(a, I_STD(4, 256, 5));
	smp_op(a, I_ADDI(4, 4, -1));
	smp_op(a, I_CMPDI(4, 0));
	smp_bc(a, SMP_NE, loop);
	there_and_back(a);
}

static const struct {
	const char *name;
	Deed *own, *others;
	bool kept;
	unsigned rounds;
} cases[] = {
	{ "there and back", nothing, there_and_back, false, 300 },
	{ "the same value", nothing, same_value, false, 300 },
	{ "a byte beside", nothing, byte_beside, false, 300 },
	{ "over the border", nothing, over_the_border, false, 300 },
	{ "dcbz", nothing, block_of_zeros, false, 300 },
	{ "vector", nothing, vector, false, 300 },
	{ "quadword", nothing, quadword, false, 300 },
	{ "multiple", nothing, multiple, false, 300 },
	{ "string", nothing, string, false, 300 },
	{ "conditional", nothing, conditional, false, 300 },
	{ "atomic", nothing, atomic, false, 300 },
	{ "device", nothing, device, false, 300 },
	{ "many stores", nothing, many_stores, false, 50 },
	{ "both", there_and_back, there_and_back, false, 300 },
	{ "other size", other_size, nothing, false, 300 },
	{ "reserved elsewhere", elsewhere, nothing, false, 300 },
	{ "spent", spent, nothing, false, 300 },
	{ "nothing", nothing, nothing, true, 300 },
	{ "other granule", nothing, other_granule, true, 300 },
	{ "own there and back", there_and_back, nothing, true, 300 },
	{ "own byte beside", byte_beside, nothing, true, 300 },
	{ "own dcbz", block_of_zeros, nothing, true, 300 },
	{ "own vector", vector, other_granule, true, 300 },
	{ "own atomic", atomic, other_granule, true, 300 },
};

static void prologue(SmpAsm *a, unsigned n)
{
	smp_li(a, 4, n);
	smp_op(a, I_MTCTR(4));
	smp_op(a, I_ADDI(5, 31, X));
	smp_op(a, I_ADDI(7, 0, 1));
	smp_op(a, I_ADDI(8, 0, 0));
	smp_op(a, I_ADDI(9, 0, 0));
	smp_op(a, I_ADDI(12, 0, 0));
	smp_op(a, I_ADDI(13, 0, 0));
	smp_op(a, I_ADDI(20, 0, 0));
	smp_op(a, I_ADDI(28, 0, 0));
	smp_op(a, I_ADDI(29, 0, 0));
}

static void reserver(SmpAsm *a, unsigned n, Deed *deed)
{
	unsigned loop, failed;

	prologue(a, n);
	loop = a->n;
	smp_op(a, I_ADDI(8, 8, 1));
	smp_op(a, I_LDARX(6, 0, 5));
	deed(a);
	smp_op(a, I_LWSYNC);
	smp_op(a, I_STD(8, TOLD, 31));
	smp_wait_equal(a, DID);
	smp_op(a, I_STDCX(9, 0, 5));
	failed = smp_bc_ahead(a, SMP_NE);
	smp_op(a, I_ADDI(20, 20, 1));
	smp_here(a, failed);
	smp_bc(a, SMP_DNZ, loop);
	smp_op(a, I_STD(20, 64, 31));
	smp_call(a, SMP_DONE);
}

static void meddler(SmpAsm *a, unsigned n, Deed *deed)
{
	unsigned loop;

	prologue(a, n);
	loop = a->n;
	smp_op(a, I_ADDI(8, 8, 1));
	smp_wait_equal(a, TOLD);
	deed(a);
	smp_op(a, I_LWSYNC);
	smp_op(a, I_STD(8, DID, 31));
	smp_bc(a, SMP_DNZ, loop);
	smp_call(a, SMP_DONE);
}

static void end_of(SmpRig *r, const SmpAsm *a, const SmpAsm *b)
{
	for (unsigned i = 0; i < r->n; i++) {
		smp_load(r, i ? b : a, i);
		ppc_set_msr(r->cpu[i], MSR_SF | MSR_ME | MSR_RI | MSR_VEC);
	}
	smp_strict(r);
	smp_run(r);
}

START_TEST(what_others_do_ends_a_reservation)
{
	const unsigned k = (unsigned)_i / 3, n = cases[k].rounds;
	SmpRig *r = smp_new(2, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };
	uint64_t done;

	reserver(&a, n, cases[k].own);
	meddler(&b, n, cases[k].others);
	end_of(r, &a, &b);
	done = smp_get(r, AT(8));
	if (!cases[k].kept)
		ck_assert_msg(!done, "%s: %" PRIu64 " of %u stores were done", cases[k].name, done,
			      n);
	else /* it may be lost for no reason, but hardly ever is */
		ck_assert_msg(done > n / 2, "%s: %" PRIu64 " of %u stores were done", cases[k].name,
			      done, n);
	if (cases[k].others == many_stores)
		ck_assert_uint_ge(atomic_load(&ppc_code_map(r->cpu[0])->unguarded), n / 2);
	smp_free(r);
}
END_TEST

/*
 * All at once.  CPU 1 writes 1 to X, a count to another page, and 0 to X.  If CPU 0, having found X to be 0
 * under a reservation, sees the count change before it stores, X has been 1 meanwhile: its
 * store must fail.
 */
#define COUNT 0x30000

START_TEST(value_that_comes_back_at_any_moment)
{
	const unsigned n = 100000;
	SmpRig *r = smp_new(2, (SmpEngine)(_i % 3));
	SmpAsm a = { .n = 0 }, b = { .n = 0 };
	unsigned loop, skip, same, failed;

	prologue(&a, n);
	smp_li(&a, 14, COUNT);
	smp_op(&a, I_ADDI(21, 0, 0));
	loop = a.n;
	smp_op(&a, I_LDARX(6, 0, 5));
	smp_op(&a, I_LWSYNC);
	smp_op(&a, I_LD(16, 0, 14));
	smp_op(&a, I_CMPDI(6, 0));
	skip = smp_bc_ahead(&a, SMP_NE);
	for (unsigned i = 0; i < 30; i++)
		smp_op(&a, I_ADDI(22, 22, 1));
	smp_op(&a, I_LD(17, 0, 14));
	smp_op(&a, I_LWSYNC);
	smp_op(&a, I_STDCX(9, 0, 5));
	failed = smp_bc_ahead(&a, SMP_NE);
	smp_op(&a, I_ADDI(21, 21, 1));
	smp_op(&a, I_CMPD(16, 17));
	same = smp_bc_ahead(&a, SMP_EQ);
	smp_op(&a, I_ADDI(20, 20, 1));
	smp_here(&a, same);
	smp_here(&a, failed);
	smp_here(&a, skip);
	smp_bc(&a, SMP_DNZ, loop);
	smp_op(&a, I_STD(20, 64, 31));
	smp_op(&a, I_STD(7, TOLD, 31));
	smp_call(&a, SMP_DONE);

	prologue(&b, n);
	smp_li(&b, 14, COUNT);
	loop = b.n;
	smp_op(&b, I_STD(7, 0, 5));
	smp_op(&b, I_ADDI(8, 8, 1));
	smp_op(&b, I_STD(8, 0, 14));
	smp_op(&b, I_LD(6, 0, 5));
	smp_op(&b, I_CMPDI(6, 1));
	same = smp_bc_ahead(&b, SMP_EQ);
	smp_op(&b, I_ADDI(20, 20, 1));
	smp_here(&b, same);
	smp_op(&b, I_STD(9, 0, 5));
	smp_op(&b, I_LD(6, TOLD, 31));
	smp_op(&b, I_CMPDI(6, 0));
	smp_bc(&b, SMP_EQ, loop);
	smp_op(&b, I_STD(20, 72, 31));
	smp_call(&b, SMP_DONE);
	end_of(r, &a, &b);
	ck_assert_msg(!smp_get(r, AT(8)), "%" PRIu64 " stores over what had come back",
		      smp_get(r, AT(8)));
	ck_assert_msg(!smp_get(r, AT(9)), "%" PRIu64 " stores over another value",
		      smp_get(r, AT(9)));
	smp_free(r);
}
END_TEST

Suite *suite_strict(void);

Suite *suite_strict(void)
{
	Suite *s = suite_create("strict");
	TCase *t = tcase_create("strict");

	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, what_others_do_ends_a_reservation, 0, 3 * (int)ARRAY_LEN(cases));
	tcase_add_loop_test(t, value_that_comes_back_at_any_moment, 0, 3);
	suite_add_tcase(s, t);
	return s;
}
