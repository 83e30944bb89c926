#include <check.h>
#include <signal.h>
#include <string.h>
#include "core/bus.h"
#include "core/machine.h"

Suite *suite_bus(void);

/* A device that answers with offset and size, and notes its last write. */
typedef struct Probe {
	uint64_t id, offset, value;
	unsigned size, reads, writes;
} Probe;

static uint64_t probe_read(void *opaque, uint64_t offset, unsigned size)
{
	Probe *p = opaque;
	uint64_t v = 0;

	p->reads++;
	p->size = size;
	ck_assert_uint_eq(offset % size, 0);
	for (unsigned i = 0; i < size; i++)
		v = v << 8 | ((offset + i) & 0xff);
	return v | p->id;
}

static void probe_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
	Probe *p = opaque;

	p->writes++;
	p->offset = offset;
	p->value = value;
	p->size = size;
}

static const BusOps be = { probe_read, probe_write, BUS_BE, 0, 0 };
static const BusOps le = { probe_read, probe_write, BUS_LE, 0, 0 };
static const BusOps only4 = { probe_read, probe_write, BUS_BE, 4, 4 };
static const BusOps bytes = { probe_read, probe_write, BUS_BE, 1, 1 };
static const BusOps dead = { NULL, NULL, BUS_BE, 0, 0 };

static Ram *r;
static Bus *b;

static void setup(void)
{
	r = ram_new(RAM_PAGE_SIZE, NULL);
	b = bus_new(r);
}

static void teardown(void)
{
	bus_free(b);
	ram_free(r);
}

START_TEST(byte_order_is_the_regions)
{
	Probe p = { 0 }, q = { 0 };
	uint8_t buf[16];

	bus_map(b, "be", 0x10000, 0x100, &be, &p);
	bus_map(b, "le", 0x20000, 0x100, &le, &q);
	ck_assert_int_eq(bus_read(b, 0x10004, buf, 4), BUS_OK);
	ck_assert_mem_eq(buf, "\x04\x05\x06\x07", 4);
	ck_assert_int_eq(bus_read(b, 0x20004, buf, 4), BUS_OK);
	ck_assert_mem_eq(buf, "\x07\x06\x05\x04", 4);
	bus_write(b, 0x10008, "\x11\x22\x33\x44", 4);
	ck_assert_uint_eq(p.value, 0x11223344);
	ck_assert_uint_eq(p.offset, 8);
	bus_write(b, 0x20008, "\x11\x22\x33\x44", 4);
	ck_assert_uint_eq(q.value, 0x44332211);
}
END_TEST

START_TEST(accesses_are_split)
{
	Probe p = { 0 };
	uint8_t buf[16];

	bus_map(b, "be", 0x10000, 0x100, &be, &p);
	ck_assert_int_eq(bus_read(b, 0x10001, buf, 8), BUS_OK); /* 1+2+4+1 */
	ck_assert_mem_eq(buf, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	ck_assert_uint_eq(p.reads, 4);
	p.reads = 0;
	ck_assert_int_eq(bus_read(b, 0x10010, buf, 16), BUS_OK);
	ck_assert_uint_eq(p.reads, 2);
	ck_assert_uint_eq(buf[15], 0x1f);
}
END_TEST

START_TEST(narrow_and_wide_devices)
{
	Probe p = { 0 }, q = { 0 };
	uint8_t buf[8];

	bus_map(b, "only4", 0x10000, 0x10, &only4, &p);
	bus_map(b, "bytes", 0x20000, 0x10, &bytes, &q);
	ck_assert_int_eq(bus_read(b, 0x10006, buf, 1), BUS_OK);
	ck_assert_uint_eq(buf[0], 6);
	ck_assert_uint_eq(p.size, 4);
	ck_assert_int_eq(bus_write(b, 0x10006, buf, 1), BUS_OK);
	ck_assert_uint_eq(p.writes, 0);
	bus_write(b, 0x10008, buf, 8);
	ck_assert_uint_eq(p.writes, 2);
	bus_read(b, 0x20000, buf, 8);
	ck_assert_uint_eq(q.reads, 8);
	ck_assert_mem_eq(buf, "\0\1\2\3\4\5\6\7", 8);
}
END_TEST

START_TEST(odd_sized_region)
{
	Probe p = { 0 };
	uint8_t buf[8];

	bus_map(b, "odd", 0x10000, 6, &be, &p);
	ck_assert_int_eq(bus_read(b, 0x10000, buf, 6), BUS_OK);
	ck_assert_uint_eq(p.reads, 2);
	ck_assert_int_eq(bus_read(b, 0x10004, buf, 4), BUS_NONE);
	ck_assert_mem_eq(buf, "\x04\x05\xff\xff", 4);
}
END_TEST

START_TEST(nothing_there)
{
	uint8_t buf[32];

	memset(buf, 0, sizeof(buf));
	ck_assert_int_eq(bus_read(b, 0x50000, buf, 8), BUS_NONE);
	ck_assert_mem_eq(buf, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	ck_assert_int_eq(bus_write(b, 0x50000, buf, 8), BUS_NONE);
	ck_assert_int_eq(bus_read(b, UINT64_MAX, buf, 8), BUS_NONE);
	ck_assert_int_eq(bus_read(b, 0x50000, buf, 32), BUS_NONE);
	ck_assert_ptr_null(bus_find(b, 0));
	bus_map(b, "dead", 0x50000, 8, &dead, NULL);
	ck_assert_int_eq(bus_read(b, 0x50000, buf, 8), BUS_OK);
	ck_assert_mem_eq(buf, "\0\0\0\0\0\0\0\0", 8);
	ck_assert_int_eq(bus_write(b, 0x50000, buf, 8), BUS_OK);
}
END_TEST

START_TEST(ram_comes_first_and_has_an_end)
{
	uint8_t buf[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	Probe p = { 0 };
	BusRegion *bar = bus_map(b, "bar", 0x100000, 0x1000, &be, &p);

	ck_assert_int_eq(bus_write(b, 0xff8, buf, 8), BUS_OK);
	ck_assert_mem_eq(r->host + 0xff8, buf, 8);
	ck_assert_int_eq(bus_write(b, 0xffc, buf, 8), BUS_NONE);
	ck_assert_mem_eq(r->host + 0xffc, buf, 4);
	bus_move(b, bar, 0, true); /* the guest put a BAR over RAM */
	ck_assert_int_eq(bus_read(b, 0, buf, 8), BUS_OK);
	ck_assert_uint_eq(p.reads, 0);
	bus_move(b, bar, 0x1000, true);
	ck_assert_int_eq(bus_read(b, 0xffc, buf, 8), BUS_OK);
	ck_assert_uint_eq(p.reads, 1);
}
END_TEST

START_TEST(last_moved_wins)
{
	Probe p = { .id = UINT64_C(1) << 56 }, q = { .id = UINT64_C(2) << 56 };
	BusRegion *x = bus_map(b, "x", 0x10000, 0x1000, &be, &p);
	BusRegion *y = bus_map(b, "y", 0x20000, 0x100, &be, &q);

	ck_assert_ptr_eq(bus_find(b, 0x10fff), x);
	ck_assert_ptr_null(bus_find(b, 0x11000));
	bus_move(b, y, 0x10800, true);
	ck_assert_ptr_eq(bus_find(b, 0x107ff), x);
	ck_assert_ptr_eq(bus_find(b, 0x10800), y);
	ck_assert_ptr_eq(bus_find(b, 0x108ff), y);
	ck_assert_ptr_eq(bus_find(b, 0x10900), x);
	ck_assert_ptr_null(bus_find(b, 0x20000));
	bus_move(b, x, 0x10000, false);
	ck_assert_ptr_null(bus_find(b, 0x10000));
	bus_move(b, x, 0x10000, true);
	ck_assert_ptr_eq(bus_find(b, 0x10800), x);
	/* a BAR at the very top, reaching past the end of the address space */
	bus_move(b, x, UINT64_MAX - 0xf, true);
	ck_assert_ptr_eq(bus_find(b, UINT64_MAX), x);
	ck_assert_ptr_null(bus_find(b, 0));
	ck_assert_ptr_eq(bus_find(b, 0x10800), y);
	bus_unmap(b, x);
	ck_assert_ptr_null(bus_find(b, UINT64_MAX));
}
END_TEST

/* The flat list against the plain definition. */
START_TEST(random_moves)
{
	enum { N = 12 };
	BusRegion *reg[N];
	Probe p = { 0 };

	srandom(3);
	for (int i = 0; i < N; i++)
		reg[i] = bus_map(b, "r", 0x100000 + (uint64_t)i * 64, 1 + (uint64_t)random() % 64,
				 &be, &p);
	for (int step = 0; step < 500; step++) {
		bus_move(b, reg[random() % N], 0x100000 + (uint64_t)random() % 256, random() % 4);
		for (uint64_t a = 0x100000; a < 0x100000 + 340; a++) {
			BusRegion *best = NULL;

			for (int i = 0; i < N; i++) {
				if (reg[i]->enabled && a >= reg[i]->base &&
				    a - reg[i]->base < reg[i]->size &&
				    (!best || reg[i]->order > best->order))
					best = reg[i];
			}
			if (bus_find(b, a) != best)
				ck_abort_msg("wrong region at 0x%x", (unsigned)a);
		}
	}
}
END_TEST

START_TEST(overlapping_map_is_a_bug)
{
	Probe p = { 0 };

	bus_map(b, "x", 0x10000, 0x1000, &be, &p);
	bus_map(b, "y", 0x10fff, 1, &be, &p);
}
END_TEST

START_TEST(map_over_ram_is_a_bug)
{
	Probe p = { 0 };

	bus_map(b, "x", 0xfff, 0x10, &be, &p);
}
END_TEST

Suite *suite_bus(void)
{
	Suite *s = suite_create("bus");
	TCase *tc = tcase_create("bus");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, byte_order_is_the_regions);
	tcase_add_test(tc, accesses_are_split);
	tcase_add_test(tc, narrow_and_wide_devices);
	tcase_add_test(tc, odd_sized_region);
	tcase_add_test(tc, nothing_there);
	tcase_add_test(tc, ram_comes_first_and_has_an_end);
	tcase_add_test(tc, last_moved_wins);
	tcase_add_test(tc, random_moves);
	tcase_add_test_raise_signal(tc, overlapping_map_is_a_bug, SIGABRT);
	tcase_add_test_raise_signal(tc, map_over_ram_is_a_bug, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
