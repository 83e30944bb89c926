#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/err.h"
#include "migration/snapwrite.h"
#include "migration/snapshot.h"
#include "tests/unit/fake.h"

Suite *suite_snapshot(void);

static char *dir, *path;

static void setup(void)
{
	dir = g_dir_make_tmp("pcorn-snap-XXXXXX", NULL);
	path = g_build_filename(dir, "a.snap", NULL);
}

static unsigned files_in_dir(void)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(d))
		n++;
	g_dir_close(d);
	return n;
}

static void teardown(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0); /* nothing else was left in it */
	g_free(path);
	g_free(dir);
}

static Machine *new_machine(unsigned ncpus)
{
	return fake_machine(VCLOCK_COUNTED, hostclock_real(), ncpus, false);
}

static void save(Machine *m)
{
	GError *err = NULL;

	machine_lock(m);
	ck_assert_msg(snapshot_save(m, path, &err), "%s", err ? err->message : "");
	machine_unlock(m);
}

static bool load(Machine *m, GError **err)
{
	bool ok;

	machine_lock(m);
	ok = snapshot_load(m, path, err);
	machine_unlock(m);
	return ok;
}

static void load_ok(Machine *m)
{
	GError *err = NULL;

	ck_assert_msg(load(m, &err), "%s", err ? err->message : "");
}

static void equal(Machine *a, Machine *b)
{
	char *sa = fake_state(a), *sb = fake_state(b);

	ck_assert_str_eq(sa, sb);
	g_free(sa);
	g_free(sb);
}

/* The load fails, says so with `message` in it, and changes nothing. */
static void refused(Machine *m, const char *message)
{
	char *before = fake_state(m), *after;
	GError *err = NULL;

	ck_assert(!load(m, &err));
	ck_assert_ptr_nonnull(err);
	ck_assert_msg(g_str_has_prefix(err->message, path), "%s", err->message);
	ck_assert_msg(strstr(err->message, message) != NULL, "%s", err->message);
	g_error_free(err);
	after = fake_state(m);
	ck_assert_str_eq(before, after);
	g_free(before);
	g_free(after);
}

START_TEST(saved_and_loaded_is_the_same)
{
	Machine *a = new_machine(2), *b = new_machine(2);

	fake_run_to(a, 700001);
	save(a);
	fake_run_to(b, 123);
	load_ok(b);
	equal(a, b);
	ck_assert_int_eq(vclock_stop_wall(a->clock), vclock_stop_wall(b->clock));
	machine_free(a);
	machine_free(b);
}
END_TEST

/* Run, save, forget, load, run: the same as one run without a break. */
START_TEST(counted_run_over_snapshots_is_exact)
{
	Machine *whole = new_machine(3), *part = new_machine(3);

	for (uint64_t n = 99991; n < 1500000; n += 99991) {
		fake_run_to_brokenly(part, n);
		save(part);
		machine_free(part);
		part = new_machine(3);
		load_ok(part);
	}
	fake_run_to(part, 1500000);
	fake_run_to(whole, 1500000);
	equal(whole, part);
	machine_free(whole);
	machine_free(part);
}
END_TEST

START_TEST(going_back_in_one_machine)
{
	Machine *m = new_machine(2);
	char *first, *second;

	fake_run_to(m, 100000);
	save(m);
	fake_run_to(m, 900000);
	first = fake_state(m);
	load_ok(m);
	ck_assert_uint_eq(vcpupool_insns(m->pool), 100000);
	fake_run_to(m, 900000);
	second = fake_state(m);
	ck_assert_str_eq(first, second);
	g_free(first);
	g_free(second);
	machine_free(m);
}
END_TEST

static unsigned told_pages;

static void on_code(void *opaque, uint64_t pa, uint32_t len)
{
	(void)opaque;
	(void)pa;
	told_pages++;
	ck_assert_uint_eq(len, RAM_PAGE_SIZE);
}

START_TEST(load_tells_of_all_code)
{
	Machine *m = new_machine(1);

	save(m);
	m->ram->code_written = on_code;
	m->ram->page_flags[0] = m->ram->page_flags[7] = RAM_PAGE_CODE;
	told_pages = 0;
	load_ok(m);
	ck_assert_uint_eq(told_pages, 2);
	machine_free(m);
}
END_TEST

START_TEST(zero_pages_are_holes)
{
	Machine *m = fake_machine(VCLOCK_COUNTED, hostclock_real(), 1, true);
	struct stat st;

	ram_st64(m->ram, 0x123000, 1);
	save(m);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_ge((uint64_t)st.st_size, m->ram->size);
	ck_assert_uint_lt((uint64_t)st.st_blocks * 512, m->ram->size / 8);
	machine_free(m);
}
END_TEST

static char *contents;
static gsize length;

static void read_file(void)
{
	ck_assert(g_file_get_contents(path, &contents, &length, NULL));
}

static void write_file(const void *p, gsize n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
	close(fd);
}

/* Where the sections end: behind "END!", its empty name, length, count, sum. */
static gsize meta_end(void)
{
	const uint8_t *p = memmem(contents, length, "END!\0\0", 6);

	ck_assert_ptr_nonnull(p);
	return (gsize)(p - (const uint8_t *)contents) + 22;
}

START_TEST(truncated_at_every_byte_of_the_sections)
{
	Machine *m = new_machine(2);
	gsize end;

	fake_run_to(m, 10000);
	save(m);
	read_file();
	end = meta_end();
	fake_run_to(m, 20000);
	for (gsize n = 0; n <= end; n++) {
		GError *err = NULL;

		write_file(contents, n);
		ck_assert_msg(!load(m, &err), "loaded %zu bytes", n);
		g_error_free(err);
	}
	write_file(contents, end);
	refused(m, "RAM is cut off");
	write_file(contents, length - 1);
	refused(m, "RAM is cut off");
	write_file(contents, 0);
	refused(m, "is not a snapshot");
	g_free(contents);
	machine_free(m);
}
END_TEST

START_TEST(any_flipped_byte_is_refused)
{
	Machine *m = new_machine(2);
	gsize end, start;
	int fd;

	fake_run_to(m, 50000);
	save(m);
	read_file();
	end = meta_end();
	start = length - m->ram->size;
	fake_run_to(m, 60000);
	fd = open(path, O_RDWR);
	for (gsize at = 0; at < length; at++) {
		char flipped = (char)(contents[at] ^ (1 << at % 8));
		GError *err = NULL;

		/* all of the sections, some of what is behind them, some of RAM */
		/* the stamp only says how much there is to check, the id concerns children */
		if (at >= 16 && at < 32)
			continue;
		if (at >= end && at < start && at % 977)
			continue;
		if (at >= start && (at % 40961 || !contents[at]))
			continue;
		ck_assert_int_eq(pwrite(fd, &flipped, 1, (off_t)at), 1);
		ck_assert_msg(!load(m, &err), "loaded with byte %zu flipped", at);
		g_error_free(err);
		ck_assert_int_eq(pwrite(fd, contents + at, 1, (off_t)at), 1);
	}
	close(fd);
	load_ok(m);
	ck_assert_uint_eq(vcpupool_insns(m->pool), 50000);
	g_free(contents);
	machine_free(m);
}
END_TEST

/* RAM of an untouched file is mapped, privately; of any other read and checked. */
START_TEST(untouched_files_are_mapped)
{
	static const uint8_t stamp[8] = { 1 };
	Machine *m = new_machine(1);
	struct stat st;
	SnapFile *f;
	int fd;

	ram_fill(m->ram, 0x200000, 0x33, RAM_PAGE_SIZE);
	save(m);
	ck_assert_int_eq(stat(path, &st), 0);
	f = snap_open(path, NULL);
	ck_assert(f->untouched);
	snap_close(f);
	load_ok(m);
	ram_fill(m->ram, 0x200000, 0x44, 2 * RAM_PAGE_SIZE);
	load_ok(m);
	ck_assert_uint_eq(m->ram->host[0x200000], 0x33);
	ck_assert_uint_eq(m->ram->host[0x201000], 0);
	/* Written again, with the same bytes: no longer trusted, and still right. */
	fd = open(path, O_RDWR);
	ck_assert_int_eq(pwrite(fd, "P", 1, 0), 1);
	f = snap_open(path, NULL);
	ck_assert(!f->untouched);
	snap_close(f);
	load_ok(m);
	/* A stamp alone makes nothing trusted. */
	ck_assert_int_eq(pwrite(fd, stamp, sizeof(stamp), 16), sizeof(stamp));
	f = snap_open(path, NULL);
	ck_assert(!f->untouched);
	snap_close(f);
	close(fd);
	machine_free(m);
}
END_TEST

START_TEST(damaged_ram_changes_nothing)
{
	Machine *m = new_machine(1);
	const uint8_t bad = 0x5a;
	int fd;

	ram_fill(m->ram, 0x200000, 0x33, RAM_PAGE_SIZE);
	save(m);
	fake_run_to(m, 60000);
	fd = open(path, O_WRONLY);
	lseek(fd, -(off_t)(m->ram->size - 0x200010), SEEK_END);
	ck_assert_int_eq(write(fd, &bad, 1), 1);
	close(fd);
	refused(m, "RAM from 0x200000 on is damaged");
	machine_free(m);
}
END_TEST

START_TEST(another_machine)
{
	Machine *m = new_machine(2), *other;

	save(m);
	machine_free(m);
	other = new_machine(3);
	machine_config(other, "extra", "on");
	refused(other, "was made on another machine:\n  cpus: snapshot 2, this machine 3\n"
		       "  extra: snapshot has none, this machine on");
	g_free(other->name);
	other->name = g_strdup("else");
	refused(other, "was made on another machine: fake, not else");
	machine_free(other);
	other = fake_machine(VCLOCK_HOST, hostclock_real(), 2, false);
	refused(other, "clock: the snapshot's time is counted");
	machine_free(other);
}
END_TEST

START_TEST(another_ram_size)
{
	Machine *m = new_machine(1);
	Ram *was = m->ram;

	save(m);
	m->ram = ram_new(RAM_PAGE_SIZE, NULL);
	refused(m, "bytes of RAM, this machine 4096");
	ram_free(m->ram);
	m->ram = was;
	machine_free(m);
}
END_TEST

START_TEST(missing_file_and_what_is_no_file)
{
	Machine *m = new_machine(1);
	char *was = path;

	refused(m, g_strerror(ENOENT));
	path = g_strdup(dir);
	refused(m, "is not a regular file");
	g_free(path);
	path = was;
	write_file("this is a text of some length", 29);
	refused(m, "is not a snapshot");
	machine_free(m);
}
END_TEST

/* Sections that are in order but do not belong together. */

typedef struct Crafted {
	OutStream meta;
	unsigned sections;
} Crafted;

/* Takes the sections of the saved file, leaving out those of a tag. */
static Crafted craft_without(uint32_t tag, const char *name)
{
	SnapFile *f = snap_open(path, NULL);
	Crafted c = { .sections = 0 };

	ck_assert_ptr_nonnull(f);
	out_init(&c.meta);
	snap_begin(&c.meta);
	for (guint i = 0; i < f->sections->len; i++) {
		const Section *s = &g_array_index(f->sections, Section, i);

		if (s->tag == tag && !strcmp(s->name, name))
			continue;
		snap_add(&c.meta, s);
		c.sections++;
	}
	snap_close(f);
	return c;
}

static void craft_add(Crafted *c, uint32_t tag, const char *name, const VmDesc *d, const void *obj)
{
	Section section;
	OutStream s;

	out_init(&s);
	if (d)
		vm_save(d, obj, &s);
	section = (Section){ tag, (char *)(uintptr_t)name, s.buf->data, s.buf->len };
	snap_add(&c->meta, &section);
	out_free(&s);
	c->sections++;
}

static void craft_write(Crafted *c, Machine *m)
{
	ck_assert(snap_write(&c->meta, c->sections, m->ram, path, NULL));
}

START_TEST(sections_that_do_not_fit)
{
	Machine *m = new_machine(2);
	const VmDesc *d = fake_cpu_type.state;
	Crafted c;

	save(m);
	fake_run_to(m, 5000);
	c = craft_without(SNAP_DEVICE, "/cpu/1");
	craft_write(&c, m);
	refused(m, "/cpu/1: has no section");
	save(m);
	c = craft_without(SNAP_END, "");
	craft_add(&c, SNAP_DEVICE, "/cpu/0", d, fake_cpu(m, 0));
	craft_write(&c, m);
	refused(m, "/cpu/0: appears twice");
	save(m);
	c = craft_without(SNAP_END, "");
	craft_add(&c, SNAP_DEVICE, "/disk", d, fake_cpu(m, 0));
	craft_write(&c, m);
	refused(m, "'/disk': this machine has no such device");
	save(m);
	c = craft_without(SNAP_END, "");
	craft_add(&c, 0x12345678, "", NULL, NULL);
	craft_write(&c, m);
	refused(m, "unknown section 12345678");
	save(m);
	c = craft_without(SNAP_CLOCK, "");
	craft_write(&c, m);
	refused(m, "no section of the clock");
	save(m);
	c = craft_without(SNAP_IRQS, "");
	craft_write(&c, m);
	refused(m, "no section of the interrupt lines");
	save(m);
	c = craft_without(SNAP_IRQS, "");
	craft_add(&c, SNAP_IRQS, "", NULL, NULL);
	craft_write(&c, m);
	refused(m, "interrupt lines: ends early");
	machine_free(m);
}
END_TEST

/* A device that judges what was loaded. */

typedef struct Picky {
	Device dev;
	uint32_t v;
	uint32_t loads;
} Picky;

static bool picky_loaded(Device *d, GError **err)
{
	Picky *p = (Picky *)d;

	p->loads++;
	if (p->v > 10)
		return fail(err, "v: %u is out of range", p->v);
	return true;
}

static const VmField picky_fields[] = {
	DEVICE_SKIP(Picky, dev),
	VMF(Picky, v),
	VMSKIP(Picky, loads, "for the test"),
	VMEND,
};
static const VmDesc picky_desc = { "picky", 1, sizeof(Picky), picky_fields };
static const DeviceType picky_type = {
	.name = "picky",
	.size = sizeof(Picky),
	.state = &picky_desc,
	.loaded = picky_loaded,
};

START_TEST(refusal_of_a_device_brings_all_back)
{
	Machine *m = new_machine(2);
	Picky *p = device_new(&picky_type, m, "/picky");

	ck_assert(device_realize(p, NULL));
	p->v = 11;
	fake_run_to(m, 4000);
	save(m);
	p->v = 3;
	fake_run_to(m, 70000);
	refused(m, "/picky: v: 11 is out of range");
	ck_assert_uint_eq(p->v, 3);
	ck_assert_uint_eq(p->loads, 2); /* once for theirs, once for ours */
	save(m);
	load_ok(m);
	machine_free(m);
}
END_TEST

START_TEST(failed_write_keeps_the_old_file)
{
	Machine *m = new_machine(1), *n = new_machine(1);
	struct rlimit lim;
	GError *err = NULL;

	fake_run_to(m, 1000);
	save(m);
	/* as on a full disk: files end after 64 KiB */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &lim);
	lim.rlim_cur = 65536;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &lim), 0);
	fake_run_to(n, 2000);
	machine_lock(n);
	ck_assert(!snapshot_save(n, path, &err));
	machine_unlock(n);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_FSIZE, &lim);
	ck_assert(g_str_has_prefix(err->message, path));
	g_error_free(err);
	ck_assert_uint_eq(files_in_dir(), 1);
	load_ok(n);
	equal(m, n);
	machine_free(m);
	machine_free(n);
}
END_TEST

static void set_flag(void *opaque)
{
	*(bool *)opaque = true;
}

/* The guest goes on while its RAM is written: the file has what was at the beginning. */
START_TEST(running_guest_is_saved_as_it_was)
{
	Machine *a = new_machine(2), *then = new_machine(2), *b = new_machine(2);
	Machine *later = new_machine(2);
	bool done = false;
	SnapSave *s;

	fake_run_to(then, 300000);
	fake_run_to(later, 900000);
	fake_run_to(a, 300000);
	for (unsigned i = 0; i < 3; i++) {
		done = false;
		machine_lock(a);
		s = snapshot_begin(a, path, set_flag, &done, NULL);
		ck_assert_ptr_nonnull(s);
		machine_unlock(a);
		fake_run_to(a, 900000);
		while (i < 2 && !done)
			loop_turn(a->loop, -1);
		machine_lock(a);
		ck_assert(i == 2 || snapshot_percent(s) == 100);
		ck_assert(snapshot_end(s, NULL));
		machine_unlock(a);
		equal(a, later);
		load_ok(b);
		equal(b, then);
		load_ok(a);
		equal(a, then);
	}
	machine_free(a);
	machine_free(then);
	machine_free(b);
	machine_free(later);
}
END_TEST

/* Every page is written to before the writer's thread begins: all come from there. */
START_TEST(pages_that_the_guest_writes_first)
{
	Machine *m = new_machine(1);
	uint64_t npages = m->ram->size / RAM_PAGE_SIZE, done, all;
	SnapWriter *w;
	OutStream meta;
	SnapFile *f;
	uint8_t *ram;

	for (uint64_t i = 0; i < npages; i += 3)
		ram_fill(m->ram, i * RAM_PAGE_SIZE + i % 4096, (uint8_t)(i | 1), 1);
	out_init(&meta);
	snap_begin(&meta);
	w = snapwriter_new(m->ram, path, NULL, NULL);
	snapwriter_take(w, &meta, sections_new());
	machine_lock(m);
	machine_track_writes(m, snapwriter_touched, w);
	for (uint64_t i = npages; i-- > 0;)
		ram_fill(m->ram, i * RAM_PAGE_SIZE, 0xee, RAM_PAGE_SIZE);
	snapwriter_progress(w, &done, &all);
	ck_assert_uint_eq(done, npages);
	ck_assert_uint_eq(all, npages);
	snapwriter_start(w, NULL, NULL);
	ck_assert(snapwriter_wait(w, NULL));
	machine_track_end(m);
	machine_unlock(m);
	snapwriter_free(w);
	f = snap_open(path, NULL);
	f->untouched = false; /* read it with its sums */
	ram = snap_take_ram(f, NULL);
	ck_assert_ptr_nonnull(ram);
	for (uint64_t i = 0; i < m->ram->size; i++)
		if (ram[i] !=
		    (i / RAM_PAGE_SIZE % 3 || i % RAM_PAGE_SIZE != i / RAM_PAGE_SIZE % 4096
			     ? 0
			     : (uint8_t)(i / RAM_PAGE_SIZE | 1)))
			ck_abort_msg("byte 0x%" G_GINT64_MODIFIER "x is 0x%02x", i, ram[i]);
	ram_unmap_pages(ram, m->ram->size);
	snap_close(f);
	machine_free(m);
}
END_TEST

START_TEST(failed_write_in_the_background)
{
	Machine *m = new_machine(1), *n = new_machine(1);
	struct rlimit lim;
	GError *err = NULL;
	SnapSave *s;

	fake_run_to(m, 1000);
	save(m);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &lim);
	fake_run_to(n, 200000);
	machine_lock(n);
	s = snapshot_begin(n, path, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(s);
	lim.rlim_cur = 65536;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &lim), 0);
	ram_fill(n->ram, 0, 0x77, n->ram->size);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_FSIZE, &lim);
	/* What the thread had written by then decides if it failed; the file is whole. */
	if (!snapshot_end(s, &err)) {
		ck_assert(g_str_has_prefix(err->message, path));
		g_error_free(err);
		machine_unlock(n);
		load_ok(n);
		equal(m, n);
	} else {
		machine_unlock(n);
		load_ok(n);
	}
	ck_assert_uint_eq(files_in_dir(), 1);
	machine_free(m);
	machine_free(n);
}
END_TEST

START_TEST(folder_that_is_not_there)
{
	Machine *m = new_machine(1);
	GError *err = NULL;

	machine_lock(m);
	ck_assert(!snapshot_save(m, "/nonexistent-folder/x.snap", &err));
	machine_unlock(m);
	ck_assert(g_str_has_prefix(err->message, "/nonexistent-folder/x.snap: "));
	g_error_free(err);
	machine_free(m);
}
END_TEST

/* Two readers of one format: the dumper follows the document, not our code. */
START_TEST(the_dumper_reads_what_we_write)
{
	const char *argv[] = { "python3", "-B", "scripts/snapdump.py", "--ram", path, NULL };
	Machine *m = new_machine(2);
	char *out, *want, bad = 0x55;
	int status, fd;

	fake_run_to(m, 77777);
	save(m);
	ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
			       NULL, &status, NULL));
	ck_assert_int_eq(status, 0);
	want = g_strdup_printf("v = i64 %" G_GINT64_FORMAT "\n", vclock_now(m->clock));
	ck_assert_ptr_nonnull(strstr(out, want));
	ck_assert_ptr_nonnull(strstr(out, "DEVI /cpu/1 "));
	ck_assert_ptr_nonnull(strstr(out, "all sums right\n"));
	g_free(out);
	g_free(want);
	fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, &bad, 1, 100), 1);
	close(fd);
	ck_assert(g_spawn_sync(NULL, (char **)argv, NULL,
			       G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out,
			       NULL, &status, NULL));
	ck_assert_int_ne(status, 0);
	g_free(out);
	machine_free(m);
}
END_TEST

START_TEST(saving_a_running_machine_is_a_bug)
{
	Machine *m = new_machine(1);

	machine_lock(m);
	machine_start(m);
	snapshot_save(m, path, NULL);
}
END_TEST

/* Whoever was aborted has not tidied up. */
static void tidy_up(void)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(d))) {
		g_autofree char *file = g_build_filename(dir, name, NULL);

		unlink(file);
	}
	g_dir_close(d);
	teardown();
}

Suite *suite_snapshot(void)
{
	Suite *s = suite_create("snapshot");
	TCase *tc = tcase_create("snapshot");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, saved_and_loaded_is_the_same);
	tcase_add_test(tc, counted_run_over_snapshots_is_exact);
	tcase_add_test(tc, going_back_in_one_machine);
	tcase_add_test(tc, load_tells_of_all_code);
	tcase_add_test(tc, zero_pages_are_holes);
	tcase_add_test(tc, truncated_at_every_byte_of_the_sections);
	tcase_add_test(tc, any_flipped_byte_is_refused);
	tcase_add_test(tc, untouched_files_are_mapped);
	tcase_add_test(tc, damaged_ram_changes_nothing);
	tcase_add_test(tc, another_machine);
	tcase_add_test(tc, another_ram_size);
	tcase_add_test(tc, missing_file_and_what_is_no_file);
	tcase_add_test(tc, sections_that_do_not_fit);
	tcase_add_test(tc, refusal_of_a_device_brings_all_back);
	tcase_add_test(tc, failed_write_keeps_the_old_file);
	tcase_add_test(tc, running_guest_is_saved_as_it_was);
	tcase_add_test(tc, pages_that_the_guest_writes_first);
	tcase_add_test(tc, failed_write_in_the_background);
	tcase_add_test(tc, folder_that_is_not_there);
	tcase_add_test(tc, the_dumper_reads_what_we_write);
	suite_add_tcase(s, tc);
	tc = tcase_create("bug");
	tcase_add_unchecked_fixture(tc, setup, tidy_up);
	tcase_add_test_raise_signal(tc, saving_a_running_machine_is_a_bug, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
