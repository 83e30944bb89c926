/* RTAS: argument blocks, clock, processors, parameters, NVRAM, events. */
#include <check.h>
#include "base/bits.h"
#include "tests/unit/spapr_rig.h"

static SpaprRig *r;

static void up(void)
{
	r = spapr_rig_new(true);
}

static void down(void)
{
	spapr_rig_free(r);
}

START_TEST(bad_blocks_are_ignored)
{
	uint32_t v;

	ck_assert_int_eq(HC(r, 0xf000, NULL, RIG_RAM), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0xf000, NULL, RIG_RAM - 8), H_SUCCESS);
	ck_assert_int_eq(HC(r, 0xf000, NULL, UINT64_MAX - 3), H_SUCCESS);
	/* More outputs than RAM has room for, or than we take. */
	ram_st32(r->m->ram, RIG_RAM - 16, 0x2001);
	ram_st32(r->m->ram, RIG_RAM - 12, 0);
	ram_st32(r->m->ram, RIG_RAM - 8, 8);
	ram_st32(r->m->ram, RIG_RAM - 4, 0x55);
	HC(r, 0xf000, NULL, RIG_RAM - 16);
	ram_ld32(r->m->ram, RIG_RAM - 4, &v);
	ck_assert_uint_eq(v, 0x55);
	ram_st32(r->m->ram, 0x8000, 0x2001);
	ram_st32(r->m->ram, 0x8004, 0xffffffff);
	ram_st32(r->m->ram, 0x8008, 0xffffffff);
	ck_assert_int_eq(HC(r, 0xf000, NULL, 0x8000), H_SUCCESS);
	/* Too few inputs, unknown token. */
	ck_assert_int_eq(RTAS(r, 0x06, 1, NULL, 1), -3);
	ck_assert_int_eq(RTAS(r, 0x99, 1, NULL), -3);
}
END_TEST

static void check_date(int64_t s, uint32_t y, uint32_t mo, uint32_t d, uint32_t h, uint32_t mi,
		       uint32_t sec)
{
	uint32_t ret[8];

	r->wall = s * 1000000000;
	ck_assert_int_eq(RTAS(r, 0x01, 8, ret), 0);
	ck_assert_uint_eq(ret[1], y);
	ck_assert_uint_eq(ret[2], mo);
	ck_assert_uint_eq(ret[3], d);
	ck_assert_uint_eq(ret[4], h);
	ck_assert_uint_eq(ret[5], mi);
	ck_assert_uint_eq(ret[6], sec);
}

START_TEST(calendar)
{
	check_date(0, 1970, 1, 1, 0, 0, 0);
	check_date(951782399, 2000, 2, 28, 23, 59, 59);
	check_date(951782400, 2000, 2, 29, 0, 0, 0);
	check_date(951868800, 2000, 3, 1, 0, 0, 0);
	check_date(1735689599, 2024, 12, 31, 23, 59, 59);
	check_date(4107542400, 2100, 3, 1, 0, 0, 0);
	check_date(-1, 1969, 12, 31, 23, 59, 59);
	check_date(-9150000000, 1680, 1, 18, 5, 20, 0);
	check_date(9200000000, 2261, 7, 15, 11, 33, 20);
}
END_TEST

START_TEST(clock_can_be_set)
{
	uint32_t ret[8];

	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 2031, 5, 6, 7, 8, 9, 500), 0);
	r->wall += 2000000000;
	ck_assert_int_eq(RTAS(r, 0x01, 8, ret), 0);
	ck_assert_uint_eq(ret[1], 2031);
	ck_assert_uint_eq(ret[3], 6);
	ck_assert_uint_eq(ret[6], 11);
	ck_assert_uint_eq(ret[7], 500);
	/* A reset does not lose it. */
	machine_reset(r->m);
	RTAS(r, 0x01, 8, ret);
	ck_assert_uint_eq(ret[1], 2031);
	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 2031, 13, 6, 7, 8, 9, 0), -3);
	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 2031, 0, 6, 7, 8, 9, 0), -3);
	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 0xffffffffu, 1, 6, 7, 8, 9, 0), -3);
}
END_TEST

/* A date that goes with the machine's time takes the downtimes that its timebase takes. */
START_TEST(date_goes_with_the_timebase)
{
	uint32_t ret[8];

	r->s->cfg.rtc_host = false;
	ck_assert_int_eq(RTAS(r, 0x02, 1, NULL, 2031, 5, 6, 7, 8, 9, 0), 0);
	r->wall += INT64_C(3600000000000);
	RTAS(r, 0x01, 8, ret);
	ck_assert_uint_eq(ret[6], 9);
	r->m->jumped += INT64_C(61000000000);
	RTAS(r, 0x01, 8, ret);
	ck_assert_uint_eq(ret[3], 6);
	ck_assert_uint_eq(ret[4], 7);
	ck_assert_uint_eq(ret[5], 9);
	ck_assert_uint_eq(ret[6], 10);
}
END_TEST

START_TEST(processors)
{
	uint32_t ret[2];

	ck_assert_int_eq(RTAS(r, 0x05, 2, ret, 1), 0);
	ck_assert_uint_eq(ret[1], 0);
	RTAS(r, 0x05, 2, ret, 0);
	ck_assert_uint_eq(ret[1], 2);
	ck_assert_int_eq(RTAS(r, 0x05, 2, ret, RIG_CPUS), -3);
	ck_assert_int_eq(RTAS(r, 0x06, 1, NULL, 1, 0x4000, 77), 0);
	ck_assert_uint_eq(r->cpu[1].nip, 0x4000);
	ck_assert_uint_eq(r->cpu[1].r3, 77);
	ck_assert_int_eq(RTAS(r, 0x06, 1, NULL, 1, 0x4000, 77), -1);
	ck_assert_int_eq(RTAS(r, 0x06, 1, NULL, 99, 0x4000, 77), -3);
	r->current = 1;
	ck_assert_int_eq(RTAS(r, 0x07, 1, NULL), 0);
	ck_assert(r->cpu[1].stopped);
}
END_TEST

START_TEST(parameters)
{
	uint8_t b[64] = { 0 };

	ck_assert_int_eq(RTAS(r, 0x08, 1, NULL, 20, 0x9000, 64), 0);
	ram_read(r->m->ram, 0x9000, b, sizeof(b) - 1);
	ck_assert_str_eq((char *)b + 2, "MaxEntCap=2,DesMem=16,DesProcs=2,MaxPlatProcs=2");
	ck_assert_uint_eq(ld16_be(b), strlen((char *)b + 2) + 1);
	/* Short buffers get what fits; ones outside RAM nothing. */
	ram_fill(r->m->ram, 0x9000, 0xee, 64);
	ck_assert_int_eq(RTAS(r, 0x08, 1, NULL, 20, 0x9000, 4), 0);
	ram_read(r->m->ram, 0x9000, b, 8);
	ck_assert_uint_eq(b[3], 'a');
	ck_assert_uint_eq(b[4], 0xee);
	ck_assert_int_eq(RTAS(r, 0x08, 1, NULL, 20, 0x9000, 1), -9999);
	ck_assert_int_eq(RTAS(r, 0x08, 1, NULL, 20, 0xfffffff0u, 64), -9999);
	ck_assert_int_eq(RTAS(r, 0x08, 1, NULL, 21, 0x9000, 64), -3);
	ck_assert_int_eq(RTAS(r, 0x09, 1, NULL, 20, 0x9000), -9002);
}
END_TEST

START_TEST(nvram)
{
	uint32_t ret[2];
	uint8_t b[16];

	ram_write(r->m->ram, 0x9000, "abcd", 4);
	ck_assert_int_eq(RTAS(r, 0x13, 2, ret, 0xfffc, 0x9000, 4), 0);
	ck_assert_uint_eq(ret[1], 4);
	ck_assert_int_eq(RTAS(r, 0x12, 2, ret, 0xfffc, 0xa000, 4), 0);
	ram_read(r->m->ram, 0xa000, b, 4);
	ck_assert_mem_eq(b, "abcd", 4);
	ck_assert_int_eq(RTAS(r, 0x13, 2, ret, 0xfffd, 0x9000, 4), -3);
	ck_assert_int_eq(RTAS(r, 0x12, 2, ret, 0xffffffffu, 0x9000, 0xffffffffu), -3);
	ck_assert_int_eq(RTAS(r, 0x12, 2, ret, 0, RIG_RAM - 2, 4), -3);
	/* Formatted at the start: the header's bytes sum up to its checksum. */
	RTAS(r, 0x12, 2, ret, 0, 0xa000, 16);
	ram_read(r->m->ram, 0xa000, b, 16);
	ck_assert_uint_eq(b[0], 0x70);
	ck_assert_mem_eq(b + 4, "common\0\0\0\0\0", 12);
	ck_assert_uint_eq(b[1], (0x70 + 1 + 'c' + 'o' + 'm' + 'm' + 'o' + 'n') % 255);
}
END_TEST

START_TEST(powerdown_event)
{
	uint32_t ret[2];
	uint8_t b[256];

	ck_assert_int_eq(RTAS(r, 0x0e, 1, NULL, 0x500, 0x1000, 0xffffffffu, 0, 0x9000, 2048), 1);
	spapr_powerdown(r->s);
	RTAS(r, 0x1d, 2, ret, 9, 0);
	ck_assert_uint_eq(ret[1], 3);
	/* Not asked for, or no room: it stays. */
	ck_assert_int_eq(RTAS(r, 0x0f, 1, NULL, 0x80000000u, 0, 0x9000, 2048), 1);
	ck_assert_int_eq(RTAS(r, 0x0f, 1, NULL, 0xffffffffu, 0, 0x9000, 8), 1);
	ck_assert_int_eq(RTAS(r, 0x0f, 1, NULL, 0xffffffffu, 0, 0xfffff000u, 2048), -3);
	ck_assert_int_eq(RTAS(r, 0x0e, 1, NULL, 0x500, 0x1000, 0x40000000, 0, 0x9000, 2048), 0);
	ram_read(r->m->ram, 0x9000, b, sizeof(b));
	ck_assert_uint_eq(b[0], 6);
	ck_assert_mem_eq(b + 8 + 12, "IBM", 4);
	ck_assert_mem_eq(b + 24, "PH", 2);
	ck_assert_mem_eq(b + 24 + 48, "UH", 2);
	ck_assert_mem_eq(b + 24 + 48 + 24, "EP", 2);
	ck_assert_uint_eq(b[24 + 48 + 24 + 8], 3);
	ck_assert_uint_eq(ld32_be(b + 4), 16 + 48 + 24 + 20);
	ck_assert_int_eq(RTAS(r, 0x0e, 1, NULL, 0x500, 0x1000, 0x40000000, 0, 0x9000, 2048), 1);
}
END_TEST

START_TEST(tokens_are_listed_once)
{
	uint32_t token, seen[64];
	const char *name;
	unsigned n;

	for (n = 0; spapr_rtas_token(n, &token, &name); n++) {
		ck_assert_uint_lt(n, 64);
		ck_assert_uint_eq(token & ~0xffu, 0x2000);
		for (unsigned i = 0; i < n; i++)
			ck_assert_uint_ne(seen[i], token);
		seen[n] = token;
	}
	ck_assert_uint_gt(n, 25);
	ck_assert_uint_eq(spapr_rtas_size(1), 0x82c + 0);
}
END_TEST

START_TEST(any_call)
{
	uint64_t x = 0x9e3779b97f4a7c15u + (unsigned)_i;
	uint32_t args[16], ret[16];

	for (int n = 0; n < 20000; n++) {
		for (int i = 0; i < 16; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			args[i] = x & 1 ? (uint32_t)(x >> 32) : (uint32_t)(x >> 32) % 0x1200;
		}
		spapr_rig_rtas(r, x % 0x30, args, x >> 8 & 15, 1 + (x >> 16 & 15) % 15, ret);
	}
	ck_assert(spapr_type.loaded(&r->s->dev, NULL));
}
END_TEST

Suite *suite_rtas(void);
Suite *suite_rtas(void)
{
	Suite *s = suite_create("rtas");
	TCase *t = tcase_create("rtas");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, bad_blocks_are_ignored);
	tcase_add_test(t, calendar);
	tcase_add_test(t, clock_can_be_set);
	tcase_add_test(t, date_goes_with_the_timebase);
	tcase_add_test(t, processors);
	tcase_add_test(t, parameters);
	tcase_add_test(t, nvram);
	tcase_add_test(t, powerdown_event);
	tcase_add_test(t, tokens_are_listed_once);
	tcase_add_loop_test(t, any_call, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
