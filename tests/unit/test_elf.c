#include <check.h>
#include <stdio.h>
#include <string.h>
#include <glib/gstdio.h>
#include "base/bits.h"
#include "roms/elf.h"

#define RAM_SIZE (8u << 20)
#define BASE 0x400000u

Suite *suite_elf(void);

static Ram *ram;
static uint8_t untouched[0x2000]; /* what is at BASE before any load */

static void setup(void)
{
	ram = ram_new(RAM_SIZE, NULL);
	ram_fill(ram, 0, 0xee, RAM_SIZE);
	memset(untouched, 0xee, sizeof(untouched));
}

static void teardown(void)
{
	ram_free(ram);
}

/* A file with one segment, made by hand. */
typedef struct Image {
	uint8_t b[1024];
	bool is64, le;
} Image;

static void put16(Image *m, unsigned at, uint16_t v)
{
	(m->le ? st16_le : st16_be)(m->b + at, v);
}

static void put32(Image *m, unsigned at, uint32_t v)
{
	(m->le ? st32_le : st32_be)(m->b + at, v);
}

static void put_addr(Image *m, unsigned at64, unsigned at32, uint64_t v)
{
	if (m->is64)
		(m->le ? st64_le : st64_be)(m->b + at64, v);
	else
		put32(m, at32, (uint32_t)v);
}

/* Header fields by name, at their place in either class. */
static void set_type(Image *m, uint16_t v)
{
	put16(m, 16, v);
}
static void set_machine(Image *m, uint16_t v)
{
	put16(m, 18, v);
}
static void set_entry(Image *m, uint64_t v)
{
	put_addr(m, 24, 24, v);
}
static void set_phoff(Image *m, uint64_t v)
{
	put_addr(m, 32, 28, v);
}
static void set_phentsize(Image *m, uint16_t v)
{
	put16(m, m->is64 ? 54 : 42, v);
}
static void set_phnum(Image *m, uint16_t v)
{
	put16(m, m->is64 ? 56 : 44, v);
}

/* Program header n, after the ELF header. */
static void set_segment(Image *m, unsigned n, uint32_t type, uint64_t offset, uint64_t vaddr,
			uint64_t filesz, uint64_t memsz)
{
	unsigned at = m->is64 ? 64 + n * 56 : 52 + n * 32;

	put32(m, at, type);
	put_addr(m, at + 8, at + 4, offset);
	put_addr(m, at + 16, at + 8, vaddr);
	put_addr(m, at + 32, at + 16, filesz);
	put_addr(m, at + 40, at + 20, memsz);
}

/* 256 bytes from 512 on, linked at a kernel's address, with 0x300 of bss. */
static Image good(bool is64, bool le)
{
	Image m = { .is64 = is64, .le = le };
	uint64_t vaddr = is64 ? UINT64_C(0xc000000000001000) : 0xc0001000;

	memcpy(m.b, "\177ELF", 4);
	m.b[4] = is64 ? 2 : 1;
	m.b[5] = le ? 1 : 2;
	m.b[6] = 1;
	set_type(&m, 2);
	set_machine(&m, is64 ? 21 : 20);
	set_entry(&m, vaddr + 0x10);
	set_phoff(&m, is64 ? 64 : 52);
	set_phentsize(&m, is64 ? 56 : 32);
	set_phnum(&m, 1);
	set_segment(&m, 0, 1, 512, vaddr, 256, 0x400);
	for (unsigned i = 0; i < 256; i++)
		m.b[512 + i] = (uint8_t)(i + 1);
	return m;
}

static void refused(const Image *m, uint64_t len, const char *message)
{
	uint8_t *exact = g_memdup2(m->b, len); /* so that ASan sees the end */
	ElfInfo info = { 0 };
	GError *err = NULL;

	ck_assert(!elf_load_mem(ram, "vmlinux", exact, len, BASE, &info, &err));
	ck_assert_str_eq(err->message, message);
	ck_assert_mem_eq(ram->host + BASE, untouched, sizeof(untouched));
	g_error_free(err);
	g_free(exact);
}

static const struct {
	bool is64, le;
} kinds[] = { { false, false }, { true, false }, { true, true } };

START_TEST(segment_goes_to_its_place_and_bss_is_zero)
{
	Image m = good(kinds[_i].is64, kinds[_i].le);
	ElfInfo info;

	ck_assert(elf_load_mem(ram, "vmlinux", m.b, sizeof(m.b), BASE, &info, NULL));
	ck_assert_uint_eq(info.low, BASE + 0x1000);
	ck_assert_uint_eq(info.high, BASE + 0x1400);
	ck_assert_uint_eq(info.entry, BASE + 0x1010);
	ck_assert(info.is64 == m.is64 && info.le == m.le);
	ck_assert_mem_eq(ram->host + BASE + 0x1000, m.b + 512, 256);
	ck_assert_mem_eq(ram->host + BASE + 0x1100, (uint8_t[0x300]){ 0 }, 0x300);
	ck_assert_uint_eq(ram->host[BASE + 0xfff], 0xee);
	ck_assert_uint_eq(ram->host[BASE + 0x1400], 0xee);
}
END_TEST

START_TEST(several_segments_and_others_than_load)
{
	Image m = good(true, true);
	ElfInfo info;

	set_phnum(&m, 4);
	set_segment(&m, 0, 4, 512, 0, 16, 16); /* a note */
	set_segment(&m, 1, 1, 512, UINT64_C(0xc000000000002000), 16, 16);
	set_segment(&m, 2, 1, 600, UINT64_C(0xc000000000000000), 32, 32);
	set_segment(&m, 3, 1, 0, 0x77777777, 0, 0); /* nothing */
	set_entry(&m, UINT64_C(0xc000000000002004));
	ck_assert(elf_load_mem(ram, "vmlinux", m.b, sizeof(m.b), BASE, &info, NULL));
	ck_assert_uint_eq(info.low, BASE);
	ck_assert_uint_eq(info.high, BASE + 0x2010);
	ck_assert_uint_eq(info.entry, BASE + 0x2004);
	ck_assert_mem_eq(ram->host + BASE, m.b + 600, 32);
	ck_assert_mem_eq(ram->host + BASE + 0x2000, m.b + 512, 16);
}
END_TEST

START_TEST(every_cut_is_noticed)
{
	Image m = good(kinds[_i].is64, kinds[_i].le);

	refused(&m, 0, "vmlinux: the file is empty");
	for (unsigned len = 1; len < 512 + 256; len++)
		refused(&m, len, "vmlinux: truncated");
}
END_TEST

START_TEST(foreign_files)
{
	Image m = good(true, true);

	set_machine(&m, 62);
	refused(&m, 1024, "vmlinux: is for x86-64, not PowerPC");
	set_machine(&m, 183);
	refused(&m, 1024, "vmlinux: is for AArch64, not PowerPC");
	set_machine(&m, 60000);
	refused(&m, 1024, "vmlinux: is for machine 60000, not PowerPC");
	set_machine(&m, 20);
	refused(&m, 1024, "vmlinux: PowerPC in a 64-bit ELF file");
	m = good(false, true);
	refused(&m, 1024, "vmlinux: is for 32-bit little-endian PowerPC, which no machine is");
	m = good(true, true);
	set_type(&m, 1);
	refused(&m, 1024, "vmlinux: is an ELF object file, not a program");
	m.b[4] = 3;
	refused(&m, 1024, "vmlinux: ELF class 3 is neither 32-bit nor 64-bit");
	m = good(true, true);
	m.b[5] = 0;
	refused(&m, 1024, "vmlinux: ELF byte order 0 is unknown");
	m.b[0] = 'E';
	refused(&m, 1024, "vmlinux: not an ELF file");
	m.b[0] = 0x1f;
	m.b[1] = 0x8b;
	refused(&m, 1024, "vmlinux: is compressed with gzip, not an ELF file");
}
END_TEST

START_TEST(nonsense_in_program_headers)
{
	Image m = good(true, true);

	set_phnum(&m, 0xffff);
	refused(&m, 1024, "vmlinux: 65535 program headers, more than 64");
	set_phnum(&m, 0);
	refused(&m, 1024, "vmlinux: has nothing to load");
	m = good(true, true);
	set_phentsize(&m, 8);
	refused(&m, 1024, "vmlinux: program headers of 8 bytes");
	m = good(true, true);
	set_phoff(&m, UINT64_MAX - 8);
	refused(&m, 1024, "vmlinux: truncated");
	m = good(true, true);
	set_segment(&m, 0, 1, UINT64_MAX - 100, 0, 256, 256);
	refused(&m, 1024, "vmlinux: truncated");
	set_segment(&m, 0, 1, 512, 0, 256, 255);
	refused(&m, 1024, "vmlinux: a segment has more bytes in the file than in memory");
	set_segment(&m, 0, 1, 512, 0, 256, UINT64_MAX);
	refused(&m, 1024, "vmlinux: a segment at 0x0 is impossibly large");
	m = good(true, true);
	set_entry(&m, UINT64_C(0xc000000000001400));
	refused(&m, 1024, "vmlinux: no code at its entry 0xc000000000001400");
	set_entry(&m, UINT64_C(0xc000000000001002));
	refused(&m, 1024, "vmlinux: no code at its entry 0xc000000000001002");
}
END_TEST

START_TEST(too_big_for_ram)
{
	Image m = good(true, true);

	set_segment(&m, 0, 1, 512, UINT64_C(0xc000000000001000), 256, RAM_SIZE - BASE - 0x1000 + 1);
	refused(&m, 1024, "vmlinux: does not fit into 8 MiB of RAM (ends at 9 MiB)");
	set_segment(&m, 0, 1, 512, UINT64_C(0xcfffffffffffffff), 256, 256);
	set_entry(&m, UINT64_C(0xcfffffffffffffff) + 1 - 4);
	refused(&m, 1024, "vmlinux: no code at its entry 0xcffffffffffffffc");
	m = good(true, true);
	set_segment(&m, 0, 1, 512, UINT64_C(0xc000000000001000), 256, RAM_SIZE - BASE - 0x1000);
	ck_assert(elf_load_mem(ram, "vmlinux", m.b, 1024, BASE, &(ElfInfo){ 0 }, NULL));
	ck_assert_uint_eq(ram->host[RAM_SIZE - 1], 0);
}
END_TEST

/* Files */

static char *temp_file(const void *data, gssize len)
{
	char *path;
	int fd = g_file_open_tmp("peppercorn-elf-XXXXXX", &path, NULL);

	ck_assert_int_ge(fd, 0);
	g_close(fd, NULL);
	ck_assert(g_file_set_contents(path, data, len, NULL));
	return path;
}

static void message_is(GError **err, const char *path, const char *what)
{
	g_autofree char *want = g_strconcat(path, ": ", what, NULL);

	ck_assert_ptr_nonnull(*err);
	ck_assert_str_eq((*err)->message, want);
	g_clear_error(err);
}

START_TEST(files_of_the_host)
{
	Image m = good(true, true);
	char *path = temp_file(m.b, sizeof(m.b)), *empty = temp_file("", 0);
	GError *err = NULL;
	ElfInfo info;

	ck_assert(elf_load(ram, path, BASE, &info, NULL));
	ck_assert_mem_eq(ram->host + BASE + 0x1000, m.b + 512, 256);
	ck_assert(!elf_load(ram, empty, BASE, &info, &err));
	message_is(&err, empty, "the file is empty");
	ck_assert(!elf_load(ram, "/nowhere/vmlinux", BASE, &info, &err));
	message_is(&err, "/nowhere/vmlinux", "No such file or directory");
	ck_assert(!elf_load(ram, "/", BASE, &info, &err));
	message_is(&err, "/", "is a folder");
	ck_assert(!elf_load(ram, "/dev/zero", BASE, &info, &err));
	message_is(&err, "/dev/zero", "not a regular file");
	remove(path);
	remove(empty);
	g_free(path);
	g_free(empty);
}
END_TEST

START_TEST(plain_files)
{
	g_autofree char *big = g_malloc0(200000);
	char *path, *empty = temp_file("", 0);
	uint64_t size = 0;
	GError *err = NULL;

	memset(big + 100000, 'x', 100000);
	path = temp_file(big, 200000);
	ck_assert(elf_load_raw(ram, path, 0x1234, 200000, &size, NULL));
	ck_assert_uint_eq(size, 200000);
	ck_assert_mem_eq(ram->host + 0x1234, big, 200000);
	ck_assert(!elf_load_raw(ram, path, 0, 199999, &size, &err));
	message_is(&err, path, "200000 bytes, more than the 199999 there is room for");
	ck_assert(!elf_load_raw(ram, path, RAM_SIZE - 199999, UINT64_MAX, &size, &err));
	message_is(&err, path, "does not fit into 8 MiB of RAM (200000 bytes at 0x7cf2c1)");
	ck_assert(elf_load_raw(ram, path, RAM_SIZE - 200000, UINT64_MAX, &size, NULL));
	ck_assert(!elf_load_raw(ram, empty, 0, 100, &size, &err));
	message_is(&err, empty, "the file is empty");
	remove(path);
	remove(empty);
	g_free(path);
	g_free(empty);
}
END_TEST

Suite *suite_elf(void)
{
	Suite *s = suite_create("elf");
	TCase *tc = tcase_create("elf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, segment_goes_to_its_place_and_bss_is_zero, 0, ARRAY_LEN(kinds));
	tcase_add_test(tc, several_segments_and_others_than_load);
	tcase_add_loop_test(tc, every_cut_is_noticed, 0, ARRAY_LEN(kinds));
	tcase_add_test(tc, foreign_files);
	tcase_add_test(tc, nonsense_in_program_headers);
	tcase_add_test(tc, too_big_for_ram);
	tcase_add_test(tc, files_of_the_host);
	tcase_add_test(tc, plain_files);
	suite_add_tcase(s, tc);
	return s;
}
