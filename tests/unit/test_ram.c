#include <check.h>
#include <string.h>
#include "base/stream.h"
#include "core/ram.h"

Suite *suite_ram(void);

#define SIZE (64 * RAM_PAGE_SIZE)

static Ram *r;
static uint64_t told_pa[8];
static uint32_t told_len[8];
static unsigned told;

static void on_code(void *opaque, uint64_t pa, uint32_t len)
{
	ck_assert_ptr_eq(opaque, &told);
	ck_assert_uint_lt(told, 8);
	told_pa[told] = pa;
	told_len[told++] = len;
}

static void setup(void)
{
	r = ram_new(SIZE, NULL);
	ck_assert_ptr_nonnull(r);
	r->code_written = on_code;
	r->code_opaque = &told;
	told = 0;
}

static void teardown(void)
{
	ram_free(r);
}

START_TEST(sizes_that_cannot_be)
{
	GError *err = NULL;

	ck_assert_ptr_null(ram_new(0, &err));
	g_clear_error(&err);
	ck_assert_ptr_null(ram_new(RAM_PAGE_SIZE + 1, &err));
	g_clear_error(&err);
	ck_assert_ptr_null(ram_new(UINT64_C(1) << 50, &err));
	ck_assert_ptr_nonnull(strstr(err->message, "the host has only"));
	g_clear_error(&err);
}
END_TEST

START_TEST(bounds)
{
	uint8_t b[16] = { 1, 2, 3 };
	uint64_t v;

	ck_assert(ram_write(r, SIZE - 16, b, 16));
	ck_assert(!ram_write(r, SIZE - 15, b, 16));
	ck_assert(!ram_read(r, SIZE, b, 1));
	ck_assert(!ram_read(r, UINT64_MAX, b, 1));
	ck_assert(!ram_read(r, 1, b, UINT64_MAX));
	ck_assert(!ram_fill(r, SIZE - 1, 0, 2));
	ck_assert(ram_st64(r, SIZE - 8, UINT64_C(0x0102030405060708)));
	ck_assert_uint_eq(r->host[SIZE - 8], 1);
	ck_assert(ram_ld64(r, SIZE - 8, &v));
	ck_assert_uint_eq(v, UINT64_C(0x0102030405060708));
	ck_assert(!ram_ld64(r, SIZE - 7, &v));
	ck_assert_uint_eq(v, 0);
	ck_assert(!ram_st32(r, SIZE - 3, 1));
}
END_TEST

START_TEST(writes_to_code_are_told_page_by_page)
{
	uint8_t b[3 * RAM_PAGE_SIZE] = { 0 };

	ck_assert(ram_write(r, 0, b, sizeof(b)));
	ck_assert_uint_eq(told, 0);
	r->page_flags[1] = RAM_PAGE_CODE;
	r->page_flags[3] = RAM_PAGE_CODE;
	ck_assert(ram_write(r, RAM_PAGE_SIZE + 100, b, sizeof(b)));
	/* Before the write, and behind it: a CPU may have decoded what was there in between. */
	ck_assert_uint_eq(told, 4);
	ck_assert_uint_eq(told_pa[2], RAM_PAGE_SIZE + 100);
	ck_assert_uint_eq(told_pa[3], 3 * RAM_PAGE_SIZE);
	ck_assert_uint_eq(told_pa[0], RAM_PAGE_SIZE + 100);
	ck_assert_uint_eq(told_len[0], RAM_PAGE_SIZE - 100);
	ck_assert_uint_eq(told_pa[1], 3 * RAM_PAGE_SIZE);
	ck_assert_uint_eq(told_len[1], RAM_PAGE_SIZE);
	told = 0;
	ck_assert(!ram_write(r, SIZE - 1, b, 2));
	ck_assert_uint_eq(told, 0);
	ram_written(r, RAM_PAGE_SIZE, UINT64_MAX); /* clipped */
	ck_assert_uint_eq(told, 2);
}
END_TEST

START_TEST(first_write_clears_track)
{
	for (int i = 0; i < 64; i++)
		r->page_flags[i] = RAM_PAGE_TRACK | (i == 9 ? RAM_PAGE_CODE : 0);
	ram_st32(r, 5 * RAM_PAGE_SIZE, 1);
	ram_fill(r, 9 * RAM_PAGE_SIZE, 1, 1);
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(!(r->page_flags[i] & RAM_PAGE_TRACK), i == 5 || i == 9);
	ck_assert_uint_eq(r->page_flags[9], RAM_PAGE_CODE);
	ck_assert_uint_eq(told, 2);
}
END_TEST

START_TEST(pages_are_exchanged)
{
	uint8_t *host = r->host;
	RamPages pages;

	ck_assert(ram_pages_new(&pages, SIZE, _i, NULL));
	ram_fill(r, 0, 0xaa, SIZE);
	pages.host[5] = 7;
	r->page_flags[2] = RAM_PAGE_CODE;
	ram_exchange(r, &pages);
	ck_assert_ptr_ne(r->host, host);
	ck_assert_int_eq(r->fd >= 0, _i);
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(r->host[5], 7);
	ck_assert_uint_eq(r->host[6], 0);
	ck_assert_uint_eq(pages.host[SIZE - 1], 0xaa);
	ram_exchange(r, &pages);
	ck_assert_uint_eq(r->host[5], 0xaa);
	ck_assert_uint_eq(pages.host[5], 7);
	ram_pages_free(&pages, SIZE);
}
END_TEST

/* Flags are looked at eight at a time: none may be overlooked, at any edge. */
START_TEST(flags_at_every_place)
{
	uint64_t pages = SIZE / RAM_PAGE_SIZE;
	uint8_t map[SIZE / RAM_PAGE_SIZE / 8 + 1];

	for (uint64_t n = 0; n < pages; n++) {
		for (uint64_t from = n > 17 ? n - 17 : 0; from <= n; from++) {
			r->page_flags[n] = RAM_PAGE_CODE;
			told = 0;
			ram_written(r, from * RAM_PAGE_SIZE + 9, (n - from) * RAM_PAGE_SIZE + 1);
			ck_assert_uint_eq(told, 1);
			told = 0;
			ram_written(r, (n + 1) * RAM_PAGE_SIZE, 20 * RAM_PAGE_SIZE);
			ck_assert_uint_eq(told, 0);
		}
		r->page_flags[n] |= RAM_PAGE_WTAG;
		ram_track_all(r);
		ck_assert_uint_eq(r->page_flags[n], RAM_PAGE_CODE | RAM_PAGE_TRACK);
		ram_touch(r, n * RAM_PAGE_SIZE);
		memset(map, 0, sizeof(map));
		ck_assert_uint_eq(ram_take_written(r, map), 1);
		ck_assert_uint_eq(map[n / 8], 1u << n % 8);
		ck_assert_uint_eq(r->page_flags[n], RAM_PAGE_CODE | RAM_PAGE_TRACK);
		memset((void *)r->page_flags, 0, pages);
	}
}
END_TEST

START_TEST(hash_sees_every_byte)
{
	uint32_t h = ram_hash(r);

	ck_assert_uint_eq(h, crc32c(0, r->host, SIZE));
	r->host[SIZE - 1] = 1;
	ck_assert_uint_ne(ram_hash(r), h);
}
END_TEST

Suite *suite_ram(void)
{
	Suite *s = suite_create("ram");
	TCase *tc = tcase_create("ram");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sizes_that_cannot_be);
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, writes_to_code_are_told_page_by_page);
	tcase_add_test(tc, first_write_clears_track);
	tcase_add_test(tc, pages_are_exchanged);
	tcase_add_test(tc, flags_at_every_place);
	tcase_add_test(tc, hash_sees_every_byte);
	suite_add_tcase(s, tc);
	return s;
}
