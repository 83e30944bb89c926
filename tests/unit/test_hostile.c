/* What fuzzing found, each named after what happened. */
#include <check.h>
#include <libfdt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/bits.h"
#include "migration/snapshot.h"
#include "tests/unit/fake.h"
#include "tests/unit/ppc_rig.h"
#include "tests/unit/spapr_rig.h"

Suite *suite_hostile(void);

#define AT 0x1000
#define RAM_END (UINT64_C(16) << 20)

/* The half beyond the end of RAM was looked up in a table that has no place for it. */
START_TEST(store_across_the_end_of_ram)
{
	const uint32_t code[] = { I_STD(3, 0, 4) };
	PpcRig *r = rig_new("power9");
	uint64_t v;

	rig_code(r, AT, code, 1);
	r->cpu->gpr[3] = 0x1122334455667788;
	r->cpu->gpr[4] = RAM_END - 4;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_MCHECK);
	/* And from far outside to nowhere at all. */
	r->cpu->gpr[4] = 0x7ffffffc;
	rig_go(r, AT, 1);
	ck_assert_uint_eq(r->cpu->nip, PPC_V_MCHECK);
	ck_assert(ram_ld64(r->m->ram, RAM_END - 8, &v));
	rig_free(r);
}
END_TEST

/* A CPU started three bytes before the end of a page ran an empty block. */
START_TEST(start_at_an_odd_address)
{
	const uint32_t code[] = { I_ADDI(3, 0, 5) };
	PpcRig *r = rig_new("power9");
	GError *err = NULL;

	rig_code(r, AT + 0xffc, code, 1);
	ppc_set_nip(r->cpu, AT + 0xffd);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->gpr[3], 5);
	ck_assert_uint_eq(r->cpu->nip, AT + 0x1000);
	/* Nor can a snapshot bring such an address. */
	r->cpu->nip = AT + 0xffd;
	ck_assert(!r->cpu->dev.type->loaded(&r->cpu->dev, &err));
	g_clear_error(&err);
	rig_free(r);
}
END_TEST

/*
 * Looking at the last word of RAM read beyond it where bytes change places, and so did looking
 * at an address that is no word's.
 */
START_TEST(disassembling_the_end_of_ram)
{
	static const char *const models[] = { "750", "power10" };

	for (unsigned i = 0; i < ARRAY_LEN(models); i++) {
		PpcRig *r = rig_new(models[i]);
		GString *want = g_string_new(NULL);

		if (!i)
			ppc_set_msr(r->cpu, MSR_ME | MSR_RI | MSR_LE);
		/* The last word but one would be the first half of an instruction of two. */
		ck_assert(ram_st32(r->m->ram, RAM_END - 8, 0x06000000));
		ck_assert(ram_st32(r->m->ram, RAM_END - 4, 0x60000000));
		ck_assert_uint_eq(ppc_debug_disas(r->cpu, RAM_END - (i ? 4 : 8), true, want), 4);
		ck_assert_msg(strstr(want->str, "60000000  nop") != NULL, "%s", want->str);
		for (unsigned off = 1; off < 4; off++) {
			g_autoptr(GString) s = g_string_new(NULL);
			unsigned n = ppc_debug_disas(r->cpu, RAM_END - (i ? 4 : 8) + off, true, s);

			/* Bytes that are not all in RAM are not there. */
			ck_assert_uint_eq(n, i ? 0 : 4);
			ck_assert_str_eq(s->str, i ? "" : want->str);
		}
		g_string_free(want, TRUE);
		rig_free(r);
	}
}
END_TEST

/* The block after mtmsrd ran at the old address, or not, as slices were cut. */
START_TEST(leaving_64_bit_mode_above_4_gib)
{
	const uint32_t code[] = { I_MTMSRD(5, 0), I_ADDI(3, 3, 1) };
	const uint64_t high = UINT64_C(0x1000000000000000) |
			      AT; /* real mode: bits 0-3 do not count */
	PpcRig *r = rig_new("power9");

	rig_code(r, AT, code, 2);
	r->cpu->gpr[5] = MSR_RI;
	ppc_set_nip(r->cpu, high);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 4);
	rig_run(r, 1);
	ck_assert_uint_eq(r->cpu->nip, AT + 8);
	ck_assert_uint_eq(r->cpu->gpr[3], 1);
	rig_free(r);
}
END_TEST

START_TEST(interrupt_that_does_not_exist)
{
	PpcRig *r = rig_new("power9");
	GError *err = NULL;

	atomic_store(&r->cpu->pending, UINT32_C(1) << 20); /* nothing would ever clear it */
	ck_assert(!r->cpu->dev.type->loaded(&r->cpu->dev, &err));
	g_clear_error(&err);
	rig_free(r);
}
END_TEST

/* From one end of the calendar to the other: more than 63 bits of ns. */
START_TEST(clock_set_five_centuries_on)
{
	SpaprRig *r = spapr_rig_new(true);
	uint32_t ret[8];

	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 1700, 1, 1, 0, 0, 0, 0), 0);
	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 2200, 12, 31, 23, 59, 59, 0), 0);
	ck_assert_int_eq(RTAS(r, 0x01, 8, ret), 0);
	ck_assert_uint_eq(ret[1], 2200);
	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 1700, 1, 1, 0, 0, 0, 0), 0);
	ck_assert_int_eq(RTAS(r, 0x01, 8, ret), 0);
	ck_assert_uint_eq(ret[1], 1700);
	spapr_rig_free(r);
}
END_TEST

/*
 * A tree of two million bytes: each of its properties named by the same endless
 * string.  To check it took seconds, with the machine at a standstill.
 */
START_TEST(device_tree_that_takes_for_ever)
{
	const uint32_t size = 2 << 20, structs = 1 << 20, at = 0x100000;
	SpaprRig *r = spapr_rig_new(true);
	struct timespec a, b;
	uint8_t *t = g_malloc(size);

	memset(t, 'x', size);
	st32_be(t, FDT_MAGIC);
	st32_be(t + 4, size);
	st32_be(t + 8, 64); /* structure */
	st32_be(t + 12, structs);
	st32_be(t + 16, 40); /* reservations */
	st32_be(t + 20, 17);
	st32_be(t + 24, 16);
	st32_be(t + 28, 0);
	st32_be(t + 32, size - structs);
	st32_be(t + 36, structs - 64);
	memset(t + 40, 0, 16);
	st32_be(t + 64, FDT_BEGIN_NODE);
	st32_be(t + 68, 0);
	for (uint32_t i = 72; i + 12 <= structs; i += 12) {
		st32_be(t + i, FDT_PROP);
		st32_be(t + i + 4, 0);
		st32_be(t + i + 8, 0);
	}
	t[size - 1] = 0;
	ram_write(r->m->ram, at, t, size);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	HC(r, 0xf003, NULL, at);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	ck_assert_int_lt((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000, 500);
	g_free(t);
	spapr_rig_free(r);
}
END_TEST

/* A clock that stands at the end of all time overflows at the next instruction. */
START_TEST(snapshot_from_the_end_of_time)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, true);
	char *path = g_build_filename(g_get_tmp_dir(), "pcorn-end-of-time.snap", NULL);
	GError *err = NULL;

	machine_lock(m);
	vclock_set(m->clock, INT64_MAX - 5);
	ck_assert(snapshot_save(m, path, NULL));
	vclock_set(m->clock, 7);
	ck_assert(!snapshot_load(m, path, &err));
	ck_assert(strstr(err->message, "clock") != NULL);
	ck_assert_int_eq(vclock_now(m->clock), 7);
	g_clear_error(&err);
	machine_unlock(m);
	unlink(path);
	g_free(path);
	machine_free(m);
}
END_TEST

Suite *suite_hostile(void)
{
	Suite *s = suite_create("hostile");
	TCase *tc = tcase_create("found by fuzzing");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, store_across_the_end_of_ram);
	tcase_add_test(tc, start_at_an_odd_address);
	tcase_add_test(tc, disassembling_the_end_of_ram);
	tcase_add_test(tc, leaving_64_bit_mode_above_4_gib);
	tcase_add_test(tc, interrupt_that_does_not_exist);
	tcase_add_test(tc, clock_set_five_centuries_on);
	tcase_add_test(tc, device_tree_that_takes_for_ever);
	tcase_add_test(tc, snapshot_from_the_end_of_time);
	suite_add_tcase(s, tc);
	return s;
}
