#include <check.h>
#include <signal.h>
#include <string.h>
#include "base/err.h"
#include "core/machine.h"

Suite *suite_device(void);

typedef struct Gadget {
	Device dev;
	uint64_t size;
	uint32_t irq_number;
	bool fast, refuse;
	uint8_t pad[2];
	char *title;
	void *friend;
	uint32_t reg;
	uint32_t was_reset;
} Gadget;

static char events[64];

static bool realize(Device *d, GError **err)
{
	Gadget *g = (Gadget *)d;

	if (g->refuse)
		return fail(err, "%s: refuses", d->path);
	return true;
}

static void reset(Device *d)
{
	Gadget *g = (Gadget *)d;

	g->was_reset++;
	ck_assert_uint_eq(g->reg, 0xabc); /* the table was first */
	strcat(events, d->path);
}

static void destroy(Device *d)
{
	strcat(events, "-");
	strcat(events, d->path);
}

static const VmField fields[] = {
	DEVICE_SKIP(Gadget, dev),
	VMSKIP(Gadget, size, "property"),
	VMSKIP(Gadget, irq_number, "property"),
	VMSKIP(Gadget, fast, "property"),
	VMSKIP(Gadget, refuse, "property"),
	VMSKIP(Gadget, pad, "padding"),
	VMSKIP(Gadget, title, "property"),
	VMSKIP(Gadget, friend, "wiring"),
	VMF(Gadget, reg, .reset = 0xabc),
	VMF(Gadget, was_reset, .keep = true),
	VMEND,
};
static const VmDesc desc = { "gadget", 1, sizeof(Gadget), fields };

static const Prop props[] = {
	{ "size", PROP_U64, offsetof(Gadget, size), 4096, NULL, 1, UINT64_C(1) << 40 },
	{ "irq", PROP_U32, offsetof(Gadget, irq_number), 5, NULL, 0, 15 },
	{ "wide", PROP_U32, offsetof(Gadget, irq_number), 5, NULL, 0, 0 },
	{ "fast", PROP_BOOL, offsetof(Gadget, fast), 1, NULL, 0, 0 },
	{ "refuse", PROP_BOOL, offsetof(Gadget, refuse), 0, NULL, 0, 0 },
	{ "title", PROP_STR, offsetof(Gadget, title), 0, "untitled", 0, 0 },
	{ "friend", PROP_PTR, offsetof(Gadget, friend), 0, NULL, 0, 0 },
	{ .name = NULL },
};

static const DeviceType gadget_type = {
	.name = "gadget",
	.size = sizeof(Gadget),
	.state = &desc,
	.props = props,
	.realize = realize,
	.reset = reset,
	.destroy = destroy,
};

static Machine *m;

static void setup(void)
{
	m = machine_new("test", loop_new(), vclock_new(VCLOCK_HOST, hostclock_real(), 1));
	events[0] = 0;
}

static void teardown(void)
{
	machine_free(m);
}

START_TEST(life_of_a_device)
{
	Gadget *a = device_new(&gadget_type, m, "/a"), *b = device_new(&gadget_type, m, "/b");
	GError *err = NULL;

	ck_assert(vm_check_coverage(&desc, &err));
	ck_assert_uint_eq(a->size, 4096);
	ck_assert_uint_eq(a->irq_number, 5);
	ck_assert(a->fast);
	ck_assert_str_eq(a->title, "untitled");
	ck_assert_ptr_null(machine_find(m, "/a"));
	ck_assert(device_realize(a, NULL));
	ck_assert(device_realize(b, NULL));
	ck_assert_ptr_eq(machine_find(m, "/b"), &b->dev);
	device_reset(a);
	ck_assert_uint_eq(a->was_reset, 1);
	events[0] = 0;
	machine_lock(m);
	machine_reset(m);
	machine_unlock(m);
	ck_assert_str_eq(events, "/a/b");
	ck_assert_uint_eq(a->was_reset, 2);
	device_destroy(a);
	ck_assert_ptr_null(machine_find(m, "/a"));
	ck_assert_str_eq(events, "/a/b-/a");
	device_destroy(NULL);
}
END_TEST

START_TEST(machine_destroys_in_reverse)
{
	Machine *n = machine_new("n", loop_new(), vclock_new(VCLOCK_HOST, hostclock_real(), 1));

	ck_assert(device_realize(device_new(&gadget_type, n, "/a"), NULL));
	ck_assert(device_realize(device_new(&gadget_type, n, "/b"), NULL));
	machine_free(n);
	ck_assert_str_eq(events, "-/b-/a");
}
END_TEST

START_TEST(failed_realize_leaves_nothing)
{
	Gadget *a = device_new(&gadget_type, m, "/a");
	GError *err = NULL;

	device_set_u64(a, "refuse", 1);
	ck_assert(!device_realize(a, &err)); /* and a is gone */
	ck_assert_str_eq(err->message, "/a: refuses");
	g_error_free(err);
	ck_assert_ptr_null(machine_find(m, "/a"));
	ck_assert_str_eq(events, "");
}
END_TEST

static void refused(Gadget *a, const char *prop, const char *text, const char *message)
{
	GError *err = NULL;

	ck_assert(!device_set_text(a, prop, text, &err));
	ck_assert_str_eq(err->message, message);
	g_error_free(err);
}

START_TEST(properties_from_text)
{
	Gadget *a = device_new(&gadget_type, m, "/a");

	ck_assert(device_set_text(a, "size", "64K", NULL));
	ck_assert_uint_eq(a->size, 65536);
	ck_assert(device_set_text(a, "size", "0x1fG", NULL));
	ck_assert_uint_eq(a->size, UINT64_C(31) << 30);
	ck_assert(device_set_text(a, "irq", "15", NULL));
	ck_assert_uint_eq(a->irq_number, 15);
	ck_assert(device_set_text(a, "fast", "off", NULL));
	ck_assert(!a->fast);
	ck_assert(device_set_text(a, "fast", "yes", NULL));
	ck_assert(a->fast);
	ck_assert(device_set_text(a, "title", "a title", NULL));
	ck_assert_str_eq(a->title, "a title");
	device_set_str(a, "title", NULL);
	ck_assert_ptr_null(a->title);
	device_set_ptr(a, "friend", a);
	ck_assert_ptr_eq(a->friend, a);
	refused(a, "size", "0", "/a: size: 0 is not within 1 and 1099511627776");
	refused(a, "size", "2T", "/a: size: 2T is not within 1 and 1099511627776");
	refused(a, "irq", "16", "/a: irq: 16 is not within 0 and 15");
	refused(a, "wide", "4G", "/a: wide: 4G is not within 0 and 4294967295");
	refused(a, "size", "-1", "/a: size: '-1' is not a number");
	refused(a, "size", "", "/a: size: '' is not a number");
	refused(a, "size", "12x", "/a: size: '12x' is not a number");
	refused(a, "size", "1KK", "/a: size: '1KK' is not a number");
	refused(a, "size", "99999999999999999999",
		"/a: size: '99999999999999999999' is not a number");
	refused(a, "size", "16777216T", "/a: size: '16777216T' is not a number");
	refused(a, "fast", "maybe", "/a: fast: 'maybe' is neither on nor off");
	refused(a, "speed", "1", "/a: gadget has no property 'speed'");
	refused(a, "friend", "1", "/a: gadget has no property 'friend'");
	ck_assert_uint_eq(a->size, UINT64_C(31) << 30);
	ck_assert(device_realize(a, NULL));
	refused(a, "irq", "1", "/a: irq: cannot be changed any more");
}
END_TEST

START_TEST(unknown_property_from_c_is_a_bug)
{
	device_set_u64(device_new(&gadget_type, m, "/a"), "nonsense", 1);
}
END_TEST

START_TEST(two_devices_at_one_path_are_a_bug)
{
	device_realize(device_new(&gadget_type, m, "/a"), NULL);
	device_realize(device_new(&gadget_type, m, "/a"), NULL);
}
END_TEST

Suite *suite_device(void)
{
	Suite *s = suite_create("device");
	TCase *tc = tcase_create("device");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, life_of_a_device);
	tcase_add_test(tc, machine_destroys_in_reverse);
	tcase_add_test(tc, failed_realize_leaves_nothing);
	tcase_add_test(tc, properties_from_text);
	tcase_add_test_raise_signal(tc, unknown_property_from_c_is_a_bug, SIGABRT);
	tcase_add_test_raise_signal(tc, two_devices_at_one_path_are_a_bug, SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
