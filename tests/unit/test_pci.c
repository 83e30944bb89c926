/* PCI: config space through RTAS, BARs, pins, bus mastering, state. */
#include <check.h>
#include "base/bits.h"
#include "tests/unit/spapr_rig.h"

typedef struct TestDev {
	PciDevice pci;
	uint64_t reg;
} TestDev;

static uint64_t dev_read(void *opaque, uint64_t offset, unsigned size)
{
	(void)size;
	return ((TestDev *)opaque)->reg + offset;
}

static void dev_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
	(void)size;
	((TestDev *)opaque)->reg = value + offset;
}

static const BusOps dev_ops = { .read = dev_read, .write = dev_write, .endian = BUS_LE };

static bool dev_realize(Device *d, GError **err)
{
	static const PciId id = { 0x1af4, 0x1234, 0x1af4, 0x1100, 7, 0x020000, 1 };
	TestDev *t = (TestDev *)d;

	if (!pci_device_init(&t->pci, &id, err))
		return false;
	pci_bar(&t->pci, 0, "test-io", PCI_BAR_IO, 0x40, &dev_ops, t);
	pci_bar(&t->pci, 1, "test-mem32", PCI_BAR_MEM32, 0x1000, &dev_ops, t);
	pci_bar(&t->pci, 2, "test-mem64", PCI_BAR_MEM64, 0x10000, &dev_ops, t);
	return true;
}

static void dev_reset(Device *d)
{
	pci_device_reset((PciDevice *)d);
}
static bool dev_loaded(Device *d, GError **err)
{
	return pci_device_loaded((PciDevice *)d, err);
}
static void dev_destroy(Device *d)
{
	pci_device_fini((PciDevice *)d);
}

static const VmField dev_fields[] = {
	VMS(TestDev, pci, pci_device_desc),
	VMF(TestDev, reg),
	VMEND,
};
static const VmDesc dev_desc = { "test-pci", 1, sizeof(TestDev), dev_fields };
static const Prop dev_props[] = { PCI_DEVICE_PROPS(TestDev, pci), { .name = NULL } };
static const DeviceType dev_type = {
	.name = "test-pci",
	.size = sizeof(TestDev),
	.state = &dev_desc,
	.props = dev_props,
	.realize = dev_realize,
	.reset = dev_reset,
	.loaded = dev_loaded,
	.destroy = dev_destroy,
};

static SpaprRig *r;
static TestDev *t;

static TestDev *plug(const char *path, unsigned devfn, GError **err)
{
	TestDev *d = device_new(&dev_type, r->m, path);

	device_set_ptr(d, "bus", &r->phb->bus);
	device_set_u64(d, "devfn", devfn);
	return device_realize(d, err) ? d : NULL;
}

static void up(void)
{
	r = spapr_rig_new(false);
	t = plug("/pci/test", PCI_DEVFN(3, 0), NULL);
	ck_assert_ptr_nonnull(t);
	device_reset(t);
}

static void down(void)
{
	spapr_rig_free(r);
}

#define BUID_HI 0x08000000u
#define BUID_LO 0x20000000u
#define ADDR (PCI_DEVFN(3, 0) << 8)

static uint32_t cfg(unsigned reg, unsigned size)
{
	uint32_t ret[2];

	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, ADDR | reg, BUID_HI, BUID_LO, size), 0);
	return ret[1];
}

static void cfg_set(unsigned reg, unsigned size, uint32_t v)
{
	ck_assert_int_eq(RTAS(r, 0x17, 1, NULL, ADDR | reg, BUID_HI, BUID_LO, size, v), 0);
}

START_TEST(config_space)
{
	uint32_t ret[2];

	ck_assert_uint_eq(cfg(0, 4), 0x12341af4);
	ck_assert_uint_eq(cfg(0x0a, 2), 0x0200);
	cfg_set(0, 4, 0);
	ck_assert_uint_eq(cfg(0, 2), 0x1af4); /* not writable */
	cfg_set(0x3c, 1, 0x55);
	ck_assert_uint_eq(cfg(0x3c, 4), 0x155);
	/* An empty slot, another bus, another bridge, odd sizes, beyond the end. */
	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, 0x100, BUID_HI, BUID_LO, 4), -1);
	ck_assert_uint_eq(ret[1], 0xffffffff);
	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, ADDR | 0x10000, BUID_HI, BUID_LO, 4), -1);
	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, ADDR, BUID_HI, BUID_LO + 1, 4), -1);
	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, ADDR, BUID_HI, BUID_LO, 3), -1);
	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, ADDR | 2, BUID_HI, BUID_LO, 4), -1);
	ck_assert_int_eq(RTAS(r, 0x16, 2, ret, ADDR | 0x10000000, BUID_HI, BUID_LO, 4), -1);
	ck_assert_int_eq(RTAS(r, 0x14, 2, ret, ADDR, 2), 0);
	ck_assert_uint_eq(ret[1], 0x1af4);
}
END_TEST

START_TEST(bars_are_sized_and_mapped)
{
	uint8_t b[4];
	uint64_t base = spapr_phb_mem32(0);

	cfg_set(0x14, 4, 0xffffffff);
	ck_assert_uint_eq(cfg(0x14, 4), 0xfffff000);
	cfg_set(0x10, 4, 0xffffffff);
	ck_assert_uint_eq(cfg(0x10, 4), 0xffffffc1);
	cfg_set(0x18, 4, 0xffffffff);
	cfg_set(0x1c, 4, 0xffffffff);
	ck_assert_uint_eq(cfg(0x18, 4), 0xffff0004);
	ck_assert_uint_eq(cfg(0x1c, 4), 0xffffffff);
	cfg_set(0x14, 4, 0x80004000);
	ck_assert_int_eq(bus_read(r->m->bus, base + 0x4000, b, 4), BUS_NONE);
	cfg_set(0x04, 2, PCI_COMMAND_MEM);
	t->reg = 0x11223344;
	ck_assert_int_eq(bus_read(r->m->bus, base + 0x4000, b, 4), BUS_OK);
	ck_assert_mem_eq(b, "\x44\x33\x22\x11", 4);
	/* Moved, outside of the window, switched off. */
	cfg_set(0x14, 4, 0x90000000);
	ck_assert_int_eq(bus_read(r->m->bus, base + 0x4000, b, 4), BUS_NONE);
	ck_assert_int_eq(bus_read(r->m->bus, base + 0x10000000, b, 4), BUS_OK);
	cfg_set(0x14, 4, 0x1000);
	ck_assert_int_eq(bus_read(r->m->bus, base + 0x10000000, b, 4), BUS_NONE);
	ck_assert_ptr_null(bus_find(r->m->bus, 0x1000));
	/* 64 bits wide, and ports. */
	cfg_set(0x18, 4, 0);
	cfg_set(0x1c, 4, 0x2100);
	ck_assert_int_eq(bus_read(r->m->bus, spapr_phb_mem64(0), b, 4), BUS_OK);
	cfg_set(0x10, 4, 0x1000);
	ck_assert_int_eq(bus_read(r->m->bus, spapr_phb_io(0) + 0x1000, b, 4), BUS_NONE);
	cfg_set(0x04, 2, PCI_COMMAND_IO);
	ck_assert_int_eq(bus_read(r->m->bus, spapr_phb_io(0) + 0x1000, b, 4), BUS_OK);
	ck_assert_int_eq(bus_read(r->m->bus, spapr_phb_mem64(0), b, 4), BUS_NONE);
}
END_TEST

START_TEST(two_devices_share_a_line)
{
	TestDev *u = plug("/pci/other", PCI_DEVFN(7, 0), NULL); /* same line as slot 3 */

	ck_assert_ptr_nonnull(u);
	device_reset(u);
	pci_intx(&t->pci, 1);
	pci_intx(&u->pci, 1);
	ck_assert_int_eq(irq_level(r->phb->lsi[3]), 1);
	ck_assert_uint_eq(cfg(0x06, 2) & PCI_STATUS_INTX, PCI_STATUS_INTX);
	pci_intx(&t->pci, 0);
	ck_assert_int_eq(irq_level(r->phb->lsi[3]), 1);
	cfg_set(0x04, 2, 0);
	pci_config_write(&u->pci, PCI_COMMAND, PCI_COMMAND_INTX_OFF, 2);
	ck_assert_int_eq(irq_level(r->phb->lsi[3]), 0);
	pci_config_write(&u->pci, PCI_COMMAND, 0, 2);
	ck_assert_int_eq(irq_level(r->phb->lsi[3]), 1);
	device_reset(u);
	ck_assert_int_eq(irq_level(r->phb->lsi[3]), 0);
	ck_assert_uint_eq(spapr_phb_irq(0, 3, 1), 0x1203);
}
END_TEST

START_TEST(slots_are_taken_once)
{
	GError *err = NULL;

	ck_assert_ptr_null(plug("/pci/twin", PCI_DEVFN(3, 0), &err));
	ck_assert_ptr_nonnull(strstr(err->message, "03.0"));
	g_clear_error(&err);
	ck_assert_ptr_eq(pci_find(&r->phb->bus, PCI_DEVFN(3, 0)), &t->pci);
}
END_TEST

START_TEST(bus_mastering_goes_through_the_window)
{
	uint8_t b[16];

	ram_write(r->m->ram, 0x5ff8, "01234567", 8);
	ram_write(r->m->ram, 0x7000, "89abcdef", 8);
	HC(r, 0x20, NULL, SPAPR_PHB_LIOBN, 0x0000, 0x5001);
	HC(r, 0x20, NULL, SPAPR_PHB_LIOBN, 0x1000, 0x7003);
	ck_assert(!pci_dma_read(&t->pci, 0xff8, b, 16));
	cfg_set(0x04, 2, PCI_COMMAND_MASTER);
	ck_assert(pci_dma_read(&t->pci, 0xff8, b, 16));
	ck_assert_mem_eq(b, "0123456789abcdef", 16);
	ck_assert(pci_dma_write(&t->pci, 0x1000, "XY", 2));
	ram_read(r->m->ram, 0x7000, b, 2);
	ck_assert_mem_eq(b, "XY", 2);
	ck_assert(!pci_dma_write(&t->pci, 0x0ff8, "XY", 2)); /* read-only page */
	ck_assert(!pci_dma_read(&t->pci, 0x2000, b, 1));
	ck_assert(!pci_dma_read(&t->pci, UINT64_MAX, b, 1));
	HC(r, 0x20, NULL, SPAPR_PHB_LIOBN, 0x2000, RIG_RAM | 3);
	ck_assert(!pci_dma_read(&t->pci, 0x2000, b, 1));
}
END_TEST

START_TEST(state_of_another_device_is_refused)
{
	GError *err = NULL;

	ck_assert_msg(vm_check_coverage(&dev_desc, &err), "%s", err ? err->message : "");
	ck_assert(pci_device_loaded(&t->pci, NULL));
	t->pci.config[2] ^= 1;
	ck_assert(!pci_device_loaded(&t->pci, &err));
	ck_assert_ptr_nonnull(strstr(err->message, "/pci/test"));
	g_clear_error(&err);
	t->pci.config[2] ^= 1;
	/* A line that is up in the state is counted again by the bridge. */
	t->pci.intx = t->pci.line = true;
	t->pci.config[PCI_STATUS] |= PCI_STATUS_INTX;
	ck_assert(pci_device_loaded(&t->pci, NULL));
	ck_assert(spapr_phb_type.loaded(&r->phb->dev, NULL));
	ck_assert_uint_eq(r->phb->bus.level[3], 1);
}
END_TEST

START_TEST(any_config_write)
{
	uint64_t x = 1234567 + (unsigned)_i;

	for (int n = 0; n < 20000; n++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		pci_config_write(&t->pci, (x & 0x3f) * 4, x >> 32, 4);
		pci_intx(&t->pci, x >> 8 & 1);
	}
	ck_assert(pci_device_loaded(&t->pci, NULL));
	ck_assert_uint_le(r->phb->bus.level[3], 1);
}
END_TEST

Suite *suite_pci(void);
Suite *suite_pci(void)
{
	Suite *s = suite_create("pci");
	TCase *c = tcase_create("pci");

	tcase_add_checked_fixture(c, up, down);
	tcase_add_test(c, config_space);
	tcase_add_test(c, bars_are_sized_and_mapped);
	tcase_add_test(c, two_devices_share_a_line);
	tcase_add_test(c, slots_are_taken_once);
	tcase_add_test(c, bus_mastering_goes_through_the_window);
	tcase_add_test(c, state_of_another_device_is_refused);
	tcase_add_loop_test(c, any_config_write, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
