/* The pseries board as a whole. */
#include <check.h>
#include <libfdt.h>
#include <string.h>
#include <unistd.h>
#include "base/bits.h"
#include "hw/machines/pseries.h"
#include "migration/snapshot.h"

Suite *suite_pseries(void);

#define RAM_SIZE (UINT64_C(256) << 20)

static char *dir, *kernel, *initrd, *bios, *snap;

static char *file(const char *name, const void *p, size_t n)
{
	char *path = g_build_filename(dir, name, NULL);

	ck_assert(g_file_set_contents(path, p, (gssize)n, NULL));
	return path;
}

/* A kernel of one segment, one instruction long, that branches to itself. */
static void setup(void)
{
	static const uint8_t anything[5000] = { 1 };
	uint8_t b[128] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	st16_le(b + 16, 2);
	st16_le(b + 18, 21);
	st64_le(b + 24, UINT64_C(0xc000000000000000));
	st64_le(b + 32, 64);
	st16_le(b + 54, 56);
	st16_le(b + 56, 1);
	st32_le(b + 64, 1);
	st64_le(b + 64 + 8, 120);
	st64_le(b + 64 + 16, UINT64_C(0xc000000000000000));
	st64_le(b + 64 + 32, 4);
	st64_le(b + 64 + 40, 4);
	st32_le(b + 120, 0x48000000);
	dir = g_dir_make_tmp("pcorn-pseries-XXXXXX", NULL);
	kernel = file("kernel", b, sizeof(b));
	initrd = file("initrd", anything, sizeof(anything));
	bios = file("bios", anything, sizeof(anything));
	snap = g_build_filename(dir, "a.snap", NULL);
}

static void teardown(void)
{
	char *const files[] = { kernel, initrd, bios, snap };

	for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
		unlink(files[i]);
		g_free(files[i]);
	}
	rmdir(dir);
	g_free(dir);
}

static Machine *made(bool rom, bool state_follows)
{
	const MachineConfig cfg = {
		.smp = 2,
		.ram = RAM_SIZE,
		.kernel = kernel,
		.initrd = initrd,
		.append = "quiet",
		.bios = rom ? bios : NULL,
		.accel = "interp",
		.seed_set = true,
		.seed = 1,
		.state_follows = state_follows,
	};
	VClock *clock = vclock_new(VCLOCK_COUNTED, hostclock_real(), 1);
	GError *err = NULL;
	Machine *m = machine_type_find("pseries")->create(&cfg, loop_new(), clock, &err);

	ck_assert_msg(m != NULL, "%s", err ? err->message : "");
	return m;
}

static void save(Machine *m)
{
	GError *err = NULL;

	machine_lock(m);
	ck_assert_msg(snapshot_save(m, snap, &err), "%s", err ? err->message : "");
	machine_unlock(m);
}

static void load(Machine *m)
{
	GError *err = NULL;

	machine_lock(m);
	ck_assert_msg(snapshot_load(m, snap, &err), "%s", err ? err->message : "");
	machine_unlock(m);
}

static GBytes *tree(Machine *m)
{
	uint32_t size = 0;
	void *fdt;

	machine_lock(m);
	fdt = pseries_build_fdt(m->board, &size);
	machine_unlock(m);
	ck_assert_ptr_nonnull(fdt);
	return g_bytes_new_take(fdt, size);
}

/* The tree that a guest gets when it has agreed with us on what to be. */
static void same_tree(Machine *a, Machine *b)
{
	g_autoptr(GBytes) was = tree(a);
	g_autoptr(GBytes) is = tree(b);
	const void *fdt = g_bytes_get_data(is, NULL);
	int chosen = fdt_path_offset(fdt, "/chosen");

	ck_assert_int_ge(chosen, 0);
	ck_assert_ptr_nonnull(fdt_getprop(fdt, chosen, "linux,initrd-start", NULL));
	ck_assert_ptr_nonnull(fdt_getprop(fdt, chosen, "linux,initrd-end", NULL));
	ck_assert(g_bytes_equal(was, is));
}

/*
 * A process that had only loaded the machine did not know where the initrd lies (nor, for a
 * ROM, the kernel): the tree after client-architecture-support had the properties of
 * /chosen in another order, or, from a ROM, had lost them.
 */
START_TEST(a_loaded_machine_tells_of_its_images)
{
	bool rom = _i;
	Machine *a = made(rom, false), *b = made(rom, true);

	save(a);
	load(b);
	same_tree(a, b);
	/* Neither a reset of it ... */
	machine_lock(b);
	machine_reset(b);
	machine_unlock(b);
	same_tree(a, b);
	/* ... nor a load over a machine that runs loses them. */
	load(b);
	same_tree(a, b);
	/* And a snapshot of what was loaded has them too. */
	save(b);
	machine_free(b);
	b = made(rom, true);
	load(b);
	same_tree(a, b);
	machine_free(a);
	machine_free(b);
}
END_TEST

Suite *suite_pseries(void)
{
	Suite *s = suite_create("pseries");
	TCase *tc = tcase_create("pseries");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_loaded_machine_tells_of_its_images, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
