/* The firmware among the devices: its state stands what every device's must. */
#include <libfdt.h>
#include "roms/of.h"
#include "tests/device/generic.h"

Suite *suite_firmware(void);

/* A tree, open instances and claims. */
static void boot(Machine *m, void *dev)
{
	OfImages images = { .kernel = 0x400000, .kernel_size = 0x123456 };
	uint8_t *fdt = g_malloc0(2048);
	OfEntry e;

	(void)m;
	fdt_create(fdt, 2048);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	fdt_begin_node(fdt, "memory@0");
	fdt_property_string(fdt, "device_type", "memory");
	fdt_end_node(fdt);
	fdt_begin_node(fdt, "vdevice");
	fdt_begin_node(fdt, "vty@71000000");
	fdt_property_string(fdt, "device_type", "serial");
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	ck_assert_int_eq(fdt_finish(fdt), 0);
	ck_assert(of_set_fdt(dev, fdt, fdt_totalsize(fdt), NULL));
	ck_assert(of_boot_prepare(dev, &images, &e, NULL));
	g_free(fdt);
}

Suite *suite_firmware(void)
{
	static const GenericCase cases[] = { { &of_type, NULL, boot } };

	return generic_suite("firmware", cases, 1);
}
