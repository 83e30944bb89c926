#include <check.h>
#include <string.h>
#include "base/stream.h"

Suite *suite_stream(void);

START_TEST(what_goes_out_comes_in)
{
	uint8_t blob[3] = { 1, 2, 3 }, back[3];
	OutStream o;
	InStream i;
	char *str;

	out_init(&o);
	out_u8(&o, 0xfe);
	out_u16(&o, 0xfedc);
	out_u32(&o, 0xfedcba98u);
	out_u64(&o, UINT64_C(0xfedcba9876543210));
	out_str(&o, "hello");
	out_str(&o, "");
	out_bytes(&o, blob, 3);
	ck_assert_uint_eq(o.buf->len, 1 + 2 + 4 + 8 + 7 + 2 + 3);
	ck_assert_uint_eq(o.buf->data[1], 0xfe); /* big-endian */
	in_init(&i, o.buf->data, o.buf->len);
	ck_assert_uint_eq(in_u8(&i), 0xfe);
	ck_assert_uint_eq(in_u16(&i), 0xfedc);
	ck_assert_uint_eq(in_u32(&i), 0xfedcba98u);
	ck_assert_uint_eq(in_u64(&i), UINT64_C(0xfedcba9876543210));
	str = in_str(&i, 5);
	ck_assert_str_eq(str, "hello");
	g_free(str);
	str = in_str(&i, 0);
	ck_assert_str_eq(str, "");
	g_free(str);
	in_bytes(&i, back, 3);
	ck_assert_mem_eq(back, blob, 3);
	ck_assert(in_ok(&i));
	ck_assert_uint_eq(in_left(&i), 0);
	in_free(&i);
	out_free(&o);
}
END_TEST

START_TEST(first_error_sticks)
{
	uint8_t b[4] = { 1, 2, 3, 4 }, to[2] = { 9, 9 };
	InStream i;
	char *first;

	in_init(&i, b, sizeof(b));
	ck_assert_uint_eq(in_u64(&i), 0);
	ck_assert(!in_ok(&i));
	first = i.error;
	ck_assert_uint_eq(in_u8(&i), 0); /* there are bytes, but the error sticks */
	in_bytes(&i, to, 2);
	ck_assert_uint_eq(to[0], 0);
	ck_assert_ptr_null(in_take(&i, 1));
	ck_assert_ptr_null(in_str(&i, 10));
	ck_assert_uint_eq(in_left(&i), 0);
	in_fail(&i, "second");
	ck_assert_ptr_eq(i.error, first);
	in_free(&i);
}
END_TEST

START_TEST(strings_are_bounded)
{
	uint8_t longer[7] = { 0, 5, 'h', 'e', 'l', 'l', 'o' };
	uint8_t nul[4] = { 0, 2, 'a', 0 };
	uint8_t beyond[4] = { 0xff, 0xff, 'a', 'b' };
	InStream i;

	in_init(&i, longer, sizeof(longer));
	ck_assert_ptr_null(in_str(&i, 4));
	ck_assert(!in_ok(&i));
	in_free(&i);
	in_init(&i, nul, sizeof(nul));
	ck_assert_ptr_null(in_str(&i, 4));
	ck_assert(!in_ok(&i));
	in_free(&i);
	in_init(&i, beyond, sizeof(beyond));
	ck_assert_ptr_null(in_str(&i, 65535));
	ck_assert(!in_ok(&i));
	in_free(&i);
}
END_TEST

START_TEST(crc32c_known_values)
{
	uint8_t zeros[1024] = { 0 };

	/* RFC 3720, appendix B.4 (its bytes in order, read as a little-endian word) */
	ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xe3069283u);
	ck_assert_uint_eq(crc32c(0, zeros, 32), 0x8a9136aau);
	ck_assert_uint_eq(crc32c(crc32c(0, "12345", 5), "6789", 4), 0xe3069283u);
	ck_assert_uint_eq(crc32c(0, zeros, 0), 0);
	/* a long run and the same in unaligned pieces */
	for (unsigned n = 0; n < 1024; n++)
		zeros[n] = (uint8_t)(n * 7);
	ck_assert_uint_eq(crc32c(0, zeros, 1024),
			  crc32c(crc32c(crc32c(0, zeros, 1), zeros + 1, 700), zeros + 701, 323));
}
END_TEST

Suite *suite_stream(void)
{
	Suite *s = suite_create("stream");
	TCase *tc = tcase_create("stream");

	tcase_add_test(tc, what_goes_out_comes_in);
	tcase_add_test(tc, first_error_sticks);
	tcase_add_test(tc, strings_are_bounded);
	tcase_add_test(tc, crc32c_known_values);
	suite_add_tcase(s, tc);
	return s;
}
