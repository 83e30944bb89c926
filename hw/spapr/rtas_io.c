/*
 * RTAS calls about I/O: PCI configuration (LoPAPR 7.3.4), NVRAM (7.3.1),
 * DMA bypass, and the console character of guests without a driver.
 */
#include "base/bits.h"
#include "hw/char/spapr_vty.h"
#include "hw/nvram/spapr_nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/spapr.h"
#include "hw/spapr/tce.h"

static void display_character(SpaprRtasCall *c)
{
	uint8_t ch = c->arg[0];

	if (!c->s->vtys->len)
		c->ret[0] = (uint32_t)RTAS_PARAM_ERROR;
	else
		spapr_vty_put(c->s->vtys->pdata[0], &ch, 1);
}

/*
 * Configuration address: register low bits 0-7, function and device 8-15,
 * bus 16-23, register high bits in 28-31.  NULL when nobody is there, the
 * size is odd or the register is beyond conventional configuration space.
 */
static PciDevice *config_target(const SpaprRtasCall *c, uint64_t buid, uint32_t addr, uint32_t size,
				unsigned *reg)
{
	const SpaprPhb *p = c->s->phb;
	PciDevice *d;

	*reg = (addr >> 20 & 0xf00) | (addr & 0xff);
	if (!p || buid != SPAPR_PHB_BUID + p->index || (addr >> 16 & 0xff))
		return NULL;
	if ((size != 1 && size != 2 && size != 4) || *reg % size)
		return NULL;
	d = pci_find(&p->bus, addr >> 8 & 0xff);
	return d && *reg + size <= PCI_CONFIG_SIZE ? d : NULL;
}

static void config_read(SpaprRtasCall *c, uint64_t buid, uint32_t addr, uint32_t size)
{
	unsigned reg;
	PciDevice *d = config_target(c, buid, addr, size, &reg);

	if (!d)
		c->ret[0] = (uint32_t)RTAS_HW_ERROR;
	c->ret[1] = d ? pci_config_read(d, reg, size) : UINT32_MAX;
}

static void config_write(SpaprRtasCall *c, uint64_t buid, uint32_t addr, uint32_t size, uint32_t v)
{
	unsigned reg;
	PciDevice *d = config_target(c, buid, addr, size, &reg);

	if (d)
		pci_config_write(d, reg, v, size);
	else
		c->ret[0] = (uint32_t)RTAS_HW_ERROR;
}

static uint64_t pair(const uint32_t *a)
{
	return (uint64_t)a[0] << 32 | a[1];
}

/* The calls without a unit identifier mean the first bridge. */
static void read_pci_config(SpaprRtasCall *c)
{
	config_read(c, SPAPR_PHB_BUID, c->arg[0], c->arg[1]);
}

static void write_pci_config(SpaprRtasCall *c)
{
	config_write(c, SPAPR_PHB_BUID, c->arg[0], c->arg[1], c->arg[2]);
}

static void ibm_read_pci_config(SpaprRtasCall *c)
{
	config_read(c, pair(c->arg + 1), c->arg[0], c->arg[3]);
}

static void ibm_write_pci_config(SpaprRtasCall *c)
{
	config_write(c, pair(c->arg + 1), c->arg[0], c->arg[3], c->arg[4]);
}

/* No device here has an MSI capability, so none can be given any or asked for one. */
static void no_msi(SpaprRtasCall *c)
{
	c->ret[0] = (uint32_t)RTAS_PARAM_ERROR;
}

static void set_tce_bypass(SpaprRtasCall *c)
{
	for (guint i = 0; i < c->s->tces->len; i++) {
		SpaprTce *t = c->s->tces->pdata[i];

		/* Virtual I/O windows only: a PCI bridge has no bypass. */
		if (t->liobn == c->arg[0] && t->liobn < SPAPR_PHB_LIOBN) {
			t->bypass = c->arg[1] != 0;
			return;
		}
	}
	c->ret[0] = (uint32_t)RTAS_PARAM_ERROR;
}

/* Inputs: offset in NVRAM, buffer, length. */
static bool nvram_range(SpaprRtasCall *c)
{
	uint64_t offset = c->arg[0], len = c->arg[2];

	if (c->s->nvram && offset <= SPAPR_NVRAM_SIZE && len <= SPAPR_NVRAM_SIZE - offset &&
	    ram_has(spapr_ram(c->s), c->arg[1], len)) {
		c->ret[1] = len;
		return true;
	}
	c->ret[0] = (uint32_t)RTAS_PARAM_ERROR;
	return false;
}

static void nvram_fetch(SpaprRtasCall *c)
{
	if (nvram_range(c))
		ram_write(spapr_ram(c->s), c->arg[1], c->s->nvram->data + c->arg[0], c->arg[2]);
}

static void nvram_store(SpaprRtasCall *c)
{
	if (nvram_range(c))
		ram_read(spapr_ram(c->s), c->arg[1], c->s->nvram->data + c->arg[0], c->arg[2]);
}

const SpaprRtasDef spapr_rtas_io[] = {
	{ 0x00, 1, 1, "display-character", display_character },
	{ 0x10, 2, 1, "ibm,set-tce-bypass", set_tce_bypass },
	{ 0x12, 3, 2, "nvram-fetch", nvram_fetch },
	{ 0x13, 3, 2, "nvram-store", nvram_store },
	{ 0x14, 2, 2, "read-pci-config", read_pci_config },
	{ 0x15, 3, 1, "write-pci-config", write_pci_config },
	{ 0x16, 4, 2, "ibm,read-pci-config", ibm_read_pci_config },
	{ 0x17, 5, 1, "ibm,write-pci-config", ibm_write_pci_config },
	{ 0x18, 4, 3, "ibm,query-interrupt-source-number", no_msi },
	{ 0x19, 6, 2, "ibm,change-msi", no_msi },
	{ 0, 0, 0, NULL, NULL },
};
