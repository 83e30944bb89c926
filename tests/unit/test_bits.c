#include <check.h>
#include "base/bits.h"

Suite *suite_bits(void);

START_TEST(masks_wrap_like_the_book)
{
	ck_assert_uint_eq(mask64(0, 63), UINT64_MAX);
	ck_assert_uint_eq(mask64(0, 0), UINT64_C(1) << 63);
	ck_assert_uint_eq(mask64(63, 63), 1);
	ck_assert_uint_eq(mask64(62, 1), UINT64_C(0xc000000000000003));
	ck_assert_uint_eq(mask32(0, 31), UINT32_MAX);
	ck_assert_uint_eq(mask32(30, 1), 0xc0000003u);
	for (unsigned mb = 0; mb < 32; mb++) {
		for (unsigned me = 0; me < 32; me++) {
			uint32_t m = 0;

			for (unsigned i = mb;; i = (i + 1) % 32) {
				m |= BIT32(i);
				if (i == me)
					break;
			}
			/* mb = me + 1 wraps round to all ones */
			ck_assert_uint_eq(mask32(mb, me), m);
		}
	}
}
END_TEST

START_TEST(rotates_take_any_count)
{
	ck_assert_uint_eq(rotl32(0x80000001u, 0), 0x80000001u);
	ck_assert_uint_eq(rotl32(0x80000001u, 1), 3);
	ck_assert_uint_eq(rotl32(0x80000001u, 33), 3);
	ck_assert_uint_eq(rotl64(UINT64_C(1) << 63, 1), 1);
	ck_assert_uint_eq(rotl64(5, 64), 5);
}
END_TEST

START_TEST(counting_zeros_of_zero)
{
	ck_assert_uint_eq(clz32(0), 32);
	ck_assert_uint_eq(clz64(0), 64);
	ck_assert_uint_eq(ctz32(0), 32);
	ck_assert_uint_eq(ctz64(0), 64);
	ck_assert_uint_eq(clz64(1), 63);
	ck_assert_uint_eq(ctz64(UINT64_C(1) << 63), 63);
}
END_TEST

START_TEST(sign_extension)
{
	ck_assert_int_eq(sext64(0x8000, 16), -0x8000);
	ck_assert_int_eq(sext64(0x7fff, 16), 0x7fff);
	ck_assert_int_eq(sext64(1, 1), -1);
	ck_assert_int_eq(sext64(UINT64_MAX, 64), -1);
}
END_TEST

START_TEST(byte_order_of_loads_and_stores)
{
	uint8_t b[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, out[8];

	ck_assert_uint_eq(ld16_be(b + 1), 0x0102);
	ck_assert_uint_eq(ld16_le(b + 1), 0x0201);
	ck_assert_uint_eq(ld32_be(b + 1), 0x01020304);
	ck_assert_uint_eq(ld64_be(b + 1), UINT64_C(0x0102030405060708));
	ck_assert_uint_eq(ld64_le(b + 1), UINT64_C(0x0807060504030201));
	st64_be(out, UINT64_C(0x0102030405060708));
	ck_assert_mem_eq(out, b + 1, 8);
	st32_le(out, 0x04030201);
	ck_assert_mem_eq(out, b + 1, 4);
	ck_assert(bswap128((u128)1) == (u128)1 << 120);
}
END_TEST

START_TEST(muldiv_keeps_128_bits)
{
	ck_assert_uint_eq(muldiv64(UINT64_MAX, 512000000, 1000000000),
			  UINT64_C(9444732965739290426));
	ck_assert_uint_eq(muldiv64(7, 1, 2), 3);
	ck_assert_uint_eq(muldiv64_ceil(7, 1, 2), 4);
	ck_assert_uint_eq(muldiv64_ceil(8, 1, 2), 4);
	ck_assert_uint_eq(muldiv64_ceil(0, 1, 2), 0);
}
END_TEST

/* It looked at 64 bytes at a time, so also at some that were not meant. */
START_TEST(zeros_of_any_length)
{
	uint8_t b[200] = { 0 };

	for (unsigned n = 0; n < 130; n++) {
		b[n] = 1;
		ck_assert(bytes_are_zero(b, n));
		b[n] = 0;
		for (unsigned i = 0; i < n; i++) {
			b[i] = 0x80;
			ck_assert(!bytes_are_zero(b, n));
			b[i] = 0;
		}
	}
}
END_TEST

Suite *suite_bits(void)
{
	Suite *s = suite_create("bits");
	TCase *tc = tcase_create("bits");

	tcase_add_test(tc, masks_wrap_like_the_book);
	tcase_add_test(tc, rotates_take_any_count);
	tcase_add_test(tc, counting_zeros_of_zero);
	tcase_add_test(tc, sign_extension);
	tcase_add_test(tc, byte_order_of_loads_and_stores);
	tcase_add_test(tc, muldiv_keeps_128_bits);
	tcase_add_test(tc, zeros_of_any_length);
	suite_add_tcase(s, tc);
	return s;
}
