/* Snapshots that hold only what is other than in their parent. */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "migration/snapfile.h"
#include "migration/snapshot.h"
#include "tests/unit/fake.h"

Suite *suite_snapchain(void);

static char *dir;

static void setup(void)
{
	dir = g_dir_make_tmp("pcorn-chain-XXXXXX", NULL);
}

static char *at(unsigned n)
{
	static char path[8][256];

	g_snprintf(path[n % 8], sizeof(path[0]), "%s/%u.snap", dir, n);
	return path[n % 8];
}

static void teardown(void)
{
	for (unsigned n = 0; n < 40; n++)
		unlink(at(n));
	ck_assert_int_eq(rmdir(dir), 0);
	g_free(dir);
}

static Machine *new_machine(void)
{
	return fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, false);
}

static bool save_child(Machine *m, unsigned n, const char *parent, GError **err)
{
	SnapSave *s;
	bool ok;

	machine_lock(m);
	s = snapshot_prepare(m, at(n), parent, err);
	if (s)
		snapshot_start(s, NULL, NULL);
	ok = s && snapshot_end(s, err);
	machine_unlock(m);
	return ok;
}

static void save(Machine *m, unsigned n, int parent)
{
	GError *err = NULL;

	ck_assert_msg(save_child(m, n, parent < 0 ? NULL : at((unsigned)parent), &err), "%s",
		      err ? err->message : "");
}

static bool load(Machine *m, unsigned n, GError **err)
{
	bool ok;

	machine_lock(m);
	ok = snapshot_load(m, at(n), err);
	machine_unlock(m);
	return ok;
}

static void loads_as(unsigned n, const char *state)
{
	Machine *m = new_machine();
	GError *err = NULL;
	char *got;

	ck_assert(ram_fill(m->ram, 0x2f0000, 0x77, 16 * RAM_PAGE_SIZE));
	ck_assert_msg(load(m, n, &err), "%s", err ? err->message : "");
	got = fake_state(m);
	ck_assert_str_eq(got, state);
	g_free(got);
	machine_free(m);
}

static void refused(unsigned n, const char *message)
{
	Machine *m = new_machine();
	char *before = fake_state(m), *after;
	GError *err = NULL;

	ck_assert(!load(m, n, &err));
	ck_assert_msg(strstr(err->message, message) != NULL, "%s", err->message);
	ck_assert_msg(g_str_has_prefix(err->message, at(n)), "%s", err->message);
	g_error_free(err);
	after = fake_state(m);
	ck_assert_str_eq(before, after);
	g_free(before);
	g_free(after);
	machine_free(m);
}

static uint64_t held(unsigned n)
{
	SnapFile *f = snap_open(at(n), NULL);
	uint64_t pages = 0;

	ck_assert_ptr_nonnull(f);
	for (uint64_t i = 0; i < f->ram_size >> RAM_PAGE_SHIFT; i++)
		pages += f->bitmap[i >> 3] >> (i & 7) & 1;
	snap_close(f);
	return pages;
}

static void touch(unsigned n)
{
	int fd = open(at(n), O_RDWR);

	ck_assert_int_eq(pwrite(fd, "P", 1, 0), 1);
	close(fd);
}

/* Three generations; each time something is written, something becomes zero again. */
static void three(char *states[3])
{
	Machine *m = new_machine();

	for (unsigned n = 0; n < 3; n++) {
		fake_run_to(m, 50000 * (n + 1));
		ram_fill(m->ram, 0x100000, (uint8_t)(n + 1), 40 * RAM_PAGE_SIZE >> n);
		ram_fill(m->ram, 0x200000 + n * RAM_PAGE_SIZE, n == 1 ? 0 : 9, 8 * RAM_PAGE_SIZE);
		save(m, n, (int)n - 1);
		states[n] = fake_state(m);
	}
	machine_free(m);
}

START_TEST(a_chain_loads_as_it_was_saved)
{
	char *states[3];

	three(states);
	for (unsigned n = 0; n < 3; n++)
		loads_as(n, states[n]);
	/* Read, not mapped, from any of them on. */
	for (unsigned n = 3; n-- > 0;) {
		touch(n);
		loads_as(2, states[2]);
		loads_as(n, states[n]);
	}
	for (unsigned n = 0; n < 3; n++)
		g_free(states[n]);
}
END_TEST

START_TEST(a_child_holds_what_was_written)
{
	Machine *m = new_machine(), *other = new_machine();
	char *state;

	ram_fill(m->ram, 0x100000, 5, 100 * RAM_PAGE_SIZE);
	save(m, 0, -1);
	ram_fill(m->ram, 0x110000, 6, 3 * RAM_PAGE_SIZE);
	/* Written with what it held, and so not worth a page if one looks. */
	ram_fill(m->ram, 0x120000, 5, RAM_PAGE_SIZE);
	save(m, 1, 0);
	ck_assert_uint_eq(held(1), 3);
	state = fake_state(m);
	loads_as(1, state);
	/* In a process that loaded it, and in one that only has the same bytes. */
	ck_assert(load(other, 1, NULL));
	ram_st32(other->ram, 0x130000, 1);
	save(other, 2, 1);
	ck_assert_uint_eq(held(2), 1);
	ram_st32(m->ram, 0x130000, 1);
	save(m, 3, 0);
	ck_assert_uint_eq(held(3), 4);
	g_free(state);
	state = fake_state(m);
	loads_as(2, state);
	loads_as(3, state);
	/* A child of the first, though the last was saved since. */
	save(m, 4, 0);
	ck_assert_uint_eq(held(4), 4);
	loads_as(4, state);
	g_free(state);
	machine_free(m);
	machine_free(other);
}
END_TEST

START_TEST(missing_and_changed_parents)
{
	Machine *m = new_machine();
	char *states[3];
	const uint8_t bad = 0x5a;
	int fd;

	three(states);
	unlink(at(1));
	refused(2, "1.snap: No such file");
	loads_as(0, states[0]);
	save(m, 1, 0);
	refused(2, "1.snap: is another snapshot than when this one was made");
	/* A page of the eldest is damaged. */
	fd = open(at(0), O_RDWR);
	ck_assert_int_eq(pwrite(fd, &bad, 1,
				lseek(fd, 0, SEEK_END) - (off_t)m->ram->size + 0x100000 +
					39 * RAM_PAGE_SIZE),
			 1);
	close(fd);
	refused(1, "0.snap: RAM from 0x100000 on is damaged");
	for (unsigned n = 0; n < 3; n++)
		g_free(states[n]);
	machine_free(m);
}
END_TEST

START_TEST(chains_are_bounded)
{
	Machine *m = new_machine();
	GError *err = NULL;
	unsigned n;

	save(m, 0, -1);
	for (n = 1; n < SNAP_CHAIN_MAX; n++) {
		ram_st32(m->ram, 0x200000 + n * RAM_PAGE_SIZE, n);
		save(m, n, (int)n - 1);
		ck_assert_uint_eq(held(n), 1);
	}
	ck_assert(!save_child(m, n, at(n - 1), &err));
	ck_assert_msg(strstr(err->message, "31 ancestors") != NULL, "%s", err->message);
	g_error_free(err);
	machine_free(m);
	m = new_machine();
	ck_assert(load(m, n - 1, NULL));
	for (unsigned i = 1; i < n; i++)
		ck_assert_uint_eq(m->ram->host[0x200000 + i * RAM_PAGE_SIZE + 3], i);
	machine_free(m);
}
END_TEST

static Machine *with_much_ram(void)
{
	Machine *m = new_machine();

	ram_free(m->ram);
	m->ram = ram_new(UINT64_C(80) << 20, NULL);
	return m;
}

/* More runs of pages than are mapped one by one. */
START_TEST(many_small_runs)
{
	Machine *m = with_much_ram(), *n = with_much_ram();
	uint64_t pages = m->ram->size >> RAM_PAGE_SHIFT;

	ram_fill(m->ram, 0x10000, 0x11, 0x10000);
	save(m, 0, -1);
	for (uint64_t i = 0; i < pages; i += 2)
		ram_st32(m->ram, i << RAM_PAGE_SHIFT, (uint32_t)i + 1);
	save(m, 1, 0);
	ck_assert_uint_eq(held(1), pages / 2);
	ck_assert(load(n, 1, NULL));
	ck_assert_uint_eq(ram_hash(n->ram), ram_hash(m->ram));
	machine_free(m);
	machine_free(n);
}
END_TEST

Suite *suite_snapchain(void)
{
	Suite *s = suite_create("snapchain");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, a_chain_loads_as_it_was_saved);
	tcase_add_test(tc, a_child_holds_what_was_written);
	tcase_add_test(tc, missing_and_changed_parents);
	tcase_add_test(tc, chains_are_bounded);
	tcase_add_test(tc, many_small_runs);
	suite_add_tcase(s, tc);
	return s;
}
