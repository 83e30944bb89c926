/*
 * PCI host bridge (LoPAPR chapter 12 and B.6.1): the guest reaches
 * configuration space through RTAS, BARs through three windows, memory
 * through a DMA window of translation control entries.
 *
 * Bridge n: I/O ports at 0x2000_0000_0000 + n * 64 KiB; 32-bit memory at
 * 0x2000_0000_0000 + (n + 1) * 2 GiB, seen from PCI at 2 GiB; 64-bit memory
 * at 0x2000_0000_0000 + (n + 1) * 1 TiB, at the same address on PCI.  Pin p
 * of slot s is interrupt 0x1200 + 4 n + (p + s) mod 4, a level.
 *
 * Not modelled: MSI (no device asks for it), EEH, dynamic DMA windows,
 * bridges behind the bridge.
 */
#include "hw/spapr/phb.h"

#include "base/err.h"

uint64_t spapr_phb_io(unsigned index)
{
	return SPAPR_PHB_WINDOWS + index * SPAPR_PHB_IO_SIZE;
}

uint64_t spapr_phb_mem32(unsigned index)
{
	return SPAPR_PHB_WINDOWS + (index + 1) * SPAPR_PHB_MEM32;
}

uint64_t spapr_phb_mem64(unsigned index)
{
	return SPAPR_PHB_WINDOWS + (index + 1) * SPAPR_PHB_MEM64_SIZE;
}

uint32_t spapr_phb_irq(unsigned index, unsigned slot, unsigned pin)
{
	return SPAPR_IRQ_PCI + 4 * index + ((pin - 1 + slot) & 3);
}

static unsigned phb_route(void *opaque, unsigned slot, unsigned pin)
{
	(void)opaque;
	return (slot + pin) & 3;
}

static void phb_intx(void *opaque, unsigned line, int level)
{
	SpaprPhb *p = opaque;

	irq_set(p->lsi[line & 3], level);
}

static bool phb_dma(void *opaque, uint64_t addr, bool write, uint64_t *pa, uint64_t *len)
{
	SpaprPhb *p = opaque;

	return p->tce && spapr_tce_translate(p->tce, addr, write, pa, len);
}

static const PciHostOps phb_ops = { .intx = phb_intx, .route = phb_route, .dma = phb_dma };

static bool phb_realize(Device *d, GError **err)
{
	SpaprPhb *p = (SpaprPhb *)d;

	(void)err;
	pci_bus_init(&p->bus, d->machine->bus, &phb_ops, p);
	p->bus.io = (PciWindow){ 0, SPAPR_PHB_IO_SIZE, spapr_phb_io(p->index) };
	p->bus.mem32 = (PciWindow){ SPAPR_PHB_MEM32, SPAPR_PHB_MEM32, spapr_phb_mem32(p->index) };
	p->bus.mem64 = (PciWindow){ spapr_phb_mem64(p->index), SPAPR_PHB_MEM64_SIZE,
				    spapr_phb_mem64(p->index) };
	for (unsigned i = 0; p->spapr && i < 4; i++)
		p->lsi[i] = spapr_irq(p->spapr, SPAPR_IRQ_PCI + 4 * p->index + i, true);
	return true;
}

static bool phb_loaded(Device *d, GError **err)
{
	SpaprPhb *p = (SpaprPhb *)d;

	(void)err;
	pci_bus_loaded(&p->bus);
	return true;
}

static const VmField phb_fields[] = {
	DEVICE_SKIP(SpaprPhb, dev),
	VMSKIP(SpaprPhb, index, "property"),
	VMSKIP(SpaprPhb, pad, "padding"),
	VMSKIP(SpaprPhb, spapr, "wiring"),
	VMSKIP(SpaprPhb, tce, "wiring"),
	VMSKIP(SpaprPhb, bus, "devices save themselves; line counts follow from them"),
	VMSKIP(SpaprPhb, lsi, "wiring"),
	VMEND,
};
static const VmDesc phb_desc = { "spapr-phb", 1, sizeof(SpaprPhb), phb_fields };

static const Prop phb_props[] = {
	{ .name = "index", .kind = PROP_U32, .offset = offsetof(SpaprPhb, index), .max = 30 },
	{ .name = "spapr", .kind = PROP_PTR, .offset = offsetof(SpaprPhb, spapr) },
	{ .name = "tce", .kind = PROP_PTR, .offset = offsetof(SpaprPhb, tce) },
	{ .name = NULL },
};

const DeviceType spapr_phb_type = {
	.name = "spapr-phb",
	.size = sizeof(SpaprPhb),
	.state = &phb_desc,
	.props = phb_props,
	.realize = phb_realize,
	.loaded = phb_loaded,
};
