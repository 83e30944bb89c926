/* The generic tests over every device type of hw/devices.c, and over CPUs. */
#include "hw/devices.h"

#include "base/bits.h"
#include "hw/intc/xive.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/spapr.h"
#include "hw/spapr/tce.h"
#include "target-ppc/cpu.h"
#include "tests/device/generic.h"

Suite *suite_devices(void);

#define MAX_TYPES 128

static int first_cpu(void *opaque)
{
	(void)opaque;
	return 0;
}

static void *made(Machine *m, const DeviceType *type, const char *path)
{
	void *d = device_new(type, m, path);
	GError *err = NULL;

	ck_assert_msg(device_realize(d, &err), "%s", err ? err->message : "");
	return d;
}

static void prepare_xive(Machine *m, void *dev)
{
	static const XiveBoard board = { NULL, first_cpu };

	(void)m;
	device_set_ptr(dev, "board", (void *)&board);
	device_set_u64(dev, "servers", 4);
}

/* Claims some sources, so that random accesses find something. */
static void exercise_xive(Machine *m, void *dev)
{
	(void)m;
	for (uint32_t i = 0; i < 64; i++)
		ck_assert(xive_claim(dev, i, i & 1));
	xive_set_active(dev, true);
}

static void prepare_xics(Machine *m, void *dev)
{
	(void)m;
	device_set_u64(dev, "servers", 4);
}

static void prepare_phb(Machine *m, void *dev)
{
	device_set_ptr(dev, "spapr", made(m, &spapr_type, "/spapr"));
	device_set_ptr(dev, "tce", made(m, &spapr_tce_type, "/tce"));
}

static void prepare_cpu(void *dev, const char *model)
{
	static const PpcBoard board = { .tb_freq = 512000000 };

	ck_assert_ptr_nonnull(ppc_model_find(model));
	device_set_ptr(dev, "model", (void *)ppc_model_find(model));
	device_set_ptr(dev, "board", (void *)&board);
}

static void prepare_power8(Machine *m, void *dev)
{
	(void)m;
	prepare_cpu(dev, "power8");
}

static void prepare_power9(Machine *m, void *dev)
{
	(void)m;
	prepare_cpu(dev, "power9");
}

static const GenericCase cpus[] = {
	{ &ppc_cpu_type, prepare_power8, NULL },
	{ &ppc_cpu_type, prepare_power9, NULL },
};

/* Types that need something of their board; all others need nothing. */
static const GenericCase special[] = {
	{ &xive_type, prepare_xive, exercise_xive },
	{ &xics_type, prepare_xics, NULL },
	{ &spapr_phb_type, prepare_phb, NULL },
};

static GenericCase all[MAX_TYPES];

Suite *suite_devices(void)
{
	unsigned n = 0;

	for (; hw_device_types[n] && n < MAX_TYPES - ARRAY_LEN(cpus); n++) {
		all[n].type = hw_device_types[n];
		for (size_t i = 0; i < ARRAY_LEN(special); i++) {
			if (special[i].type == all[n].type)
				all[n] = special[i];
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(cpus); i++)
		all[n++] = cpus[i];
	return generic_suite("devices", all, n);
}
