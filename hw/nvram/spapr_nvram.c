/*
 * NVRAM of a PAPR partition: 64 KiB behind the RTAS calls nvram-fetch and
 * nvram-store (LoPAPR 7.3.1), laid out in CHRP partitions (LoPAPR chapter 8):
 * signature, checksum, length in 16-byte blocks, name of 12 bytes.  It comes
 * formatted with a "common" partition for the firmware's variables and free
 * space, as firmware would leave it.
 *
 * Lives as long as the machine; not kept in a file.
 */
#include "hw/nvram/spapr_nvram.h"

#include "base/bits.h"

#define SIG_SYSTEM 0x70
#define SIG_FREE 0x7f
#define COMMON_SIZE 0x1000

static void format(uint8_t *p, uint8_t sig, uint32_t size, const char *name, uint8_t fill)
{
	unsigned sum = 0;
	size_t n = strlen(name);

	memset(p, 0, 16);
	p[0] = sig;
	st16_be(p + 2, size / 16);
	memset(p + 4, fill, 12);
	memcpy(p + 4, name, MIN(n, 12));
	/* The sum of the header's other bytes, carries added in again. */
	for (unsigned i = 0; i < 16; i++) {
		sum += i == 1 ? 0 : p[i];
		sum = (sum & 0xff) + (sum >> 8);
	}
	p[1] = sum;
}

static bool nvram_realize(Device *d, GError **err)
{
	SpaprNvram *n = (SpaprNvram *)d;

	(void)err;
	format(n->data, SIG_SYSTEM, COMMON_SIZE, "common", 0);
	format(n->data + COMMON_SIZE, SIG_FREE, SPAPR_NVRAM_SIZE - COMMON_SIZE, "", 0x77);
	return true;
}

static const VmField nvram_fields[] = {
	DEVICE_SKIP(SpaprNvram, dev),
	VMA(SpaprNvram, data, .keep = true),
	VMSKIP(SpaprNvram, unit, "property"),
	VMSKIP(SpaprNvram, pad, "padding"),
	VMEND,
};
static const VmDesc nvram_desc = { "spapr-nvram", 1, sizeof(SpaprNvram), nvram_fields };

static const Prop nvram_props[] = {
	{ .name = "unit",
	  .kind = PROP_U32,
	  .offset = offsetof(SpaprNvram, unit),
	  .def = 0x71000001 },
	{ .name = NULL },
};

const DeviceType spapr_nvram_type = {
	.name = "spapr-nvram",
	.size = sizeof(SpaprNvram),
	.state = &nvram_desc,
	.props = nvram_props,
	.realize = nvram_realize,
};
