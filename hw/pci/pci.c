/*
 * Conventional PCI configuration space, BARs and interrupt pins, by the PCI
 * Local Bus Specification 3.0, chapters 2.2.6 (pins) and 6 (configuration).
 *
 * A BAR answers on the machine's bus exactly while its enable bit in the
 * command register is set and its whole range lies in one of the host
 * bridge's windows; else it answers nowhere, as on the chip.
 *
 * Not modelled: bridges below the host bridge, MSI and MSI-X, extended
 * configuration space, power management, parity.
 */
#include "hw/pci/pci.h"

#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"
#include "core/machine.h"

void pci_bus_init(PciBus *b, Bus *bus, const PciHostOps *ops, void *opaque)
{
	memset(b, 0, sizeof(*b));
	b->bus = bus;
	b->ops = ops;
	b->opaque = opaque;
}

PciDevice *pci_find(const PciBus *b, unsigned devfn)
{
	return devfn < ARRAY_LEN(b->dev) ? b->dev[devfn] : NULL;
}

static unsigned bar_offset(unsigned n)
{
	return n == PCI_ROM ? PCI_ROM_BAR : PCI_BAR0 + 4 * n;
}

/* Base address of a BAR as the guest wrote it, UINT64_MAX while it is off. */
static uint64_t bar_address(const PciDevice *d, unsigned n)
{
	const PciBar *bar = &d->bar[n];
	uint16_t command = ld16_le(d->config + PCI_COMMAND);
	uint64_t v = ld32_le(d->config + bar_offset(n));

	if (bar->kind == PCI_BAR_IO)
		return command & PCI_COMMAND_IO ? v & ~UINT64_C(3) : UINT64_MAX;
	if (!(command & PCI_COMMAND_MEM) || (n == PCI_ROM && !(v & 1)))
		return UINT64_MAX;
	if (n == PCI_ROM)
		return v & ~UINT64_C(0x7ff);
	if (bar->kind == PCI_BAR_MEM64)
		v |= (uint64_t)ld32_le(d->config + bar_offset(n) + 4) << 32;
	return v & ~UINT64_C(15);
}

static bool window_cpu(const PciWindow *w, uint64_t addr, uint64_t size, uint64_t *cpu)
{
	if (size > w->size || addr < w->pci || addr - w->pci > w->size - size)
		return false;
	*cpu = w->cpu + (addr - w->pci);
	return true;
}

static bool bar_cpu(const PciDevice *d, unsigned n, uint64_t *cpu)
{
	const PciBar *bar = &d->bar[n];
	uint64_t addr = bar_address(d, n);

	if (addr == UINT64_MAX)
		return false;
	if (bar->kind == PCI_BAR_IO)
		return window_cpu(&d->bus->io, addr, bar->size, cpu);
	return window_cpu(&d->bus->mem32, addr, bar->size, cpu) ||
	       window_cpu(&d->bus->mem64, addr, bar->size, cpu);
}

static void bars_update(PciDevice *d)
{
	for (unsigned n = 0; n < PCI_BARS; n++) {
		PciBar *bar = &d->bar[n];
		uint64_t cpu = 0;
		bool on;

		if (bar->kind == PCI_BAR_NONE || !d->bus)
			continue;
		on = bar_cpu(d, n, &cpu);
		if (on && !bar->region) {
			/* Mapped out of everybody's way first: only a move may overlap. */
			bar->region = bus_map(d->bus->bus, bar->name, UINT64_MAX - bar->size,
					      bar->size, bar->ops, bar->opaque);
			bus_move(d->bus->bus, bar->region, cpu, true);
		} else if (bar->region) {
			bus_move(d->bus->bus, bar->region, on ? cpu : bar->region->base, on);
		}
	}
}

static void intx_update(PciDevice *d)
{
	uint16_t command = ld16_le(d->config + PCI_COMMAND);
	uint16_t status = ld16_le(d->config + PCI_STATUS) & ~PCI_STATUS_INTX;
	bool line = d->intx && !(command & PCI_COMMAND_INTX_OFF) && d->config[PCI_INT_PIN];
	unsigned n;

	st16_le(d->config + PCI_STATUS, status | (d->intx ? PCI_STATUS_INTX : 0));
	if (!d->bus || line == d->line)
		return;
	d->line = line;
	n = d->bus->ops->route(d->bus->opaque, d->devfn >> 3, (d->config[PCI_INT_PIN] - 1) & 3) & 3;
	d->bus->level[n] += line ? 1 : -1;
	if (d->bus->level[n] == (line ? 1 : 0))
		d->bus->ops->intx(d->bus->opaque, n, line);
}

void pci_intx(PciDevice *d, int level)
{
	d->intx = level != 0;
	intx_update(d);
}

bool pci_device_init(PciDevice *d, const PciId *id, GError **err)
{
	uint8_t *c = d->config;

	if (!d->bus)
		return fail(err, "%s: not on a PCI bus", d->dev.path);
	if (d->devfn > 255 || d->bus->dev[d->devfn])
		return fail(err, "%s: PCI slot %02x.%x is taken", d->dev.path, d->devfn >> 3,
			    d->devfn & 7);
	st16_le(c + PCI_VENDOR_ID, id->vendor);
	st16_le(c + PCI_DEVICE_ID, id->device);
	c[PCI_REVISION] = id->revision;
	c[PCI_CLASS_PROG] = id->class;
	st16_le(c + PCI_CLASS, id->class >> 8);
	st16_le(c + PCI_SUBSYS_VENDOR, id->subsys_vendor);
	st16_le(c + PCI_SUBSYS_ID, id->subsys);
	c[PCI_INT_PIN] = id->pin <= 4 ? id->pin : 0;
	st16_le(d->wmask + PCI_COMMAND, 0x0547); /* IO MEM MASTER, parity, SERR, INTx off */
	st16_le(d->w1c + PCI_STATUS, 0xf900);
	d->wmask[PCI_CACHE_LINE] = 0xff;
	d->wmask[PCI_LATENCY] = 0xff;
	d->wmask[PCI_INT_LINE] = 0xff;
	memcpy(d->initial, c, PCI_CONFIG_SIZE);
	d->bus->dev[d->devfn] = d;
	return true;
}

void pci_bar(PciDevice *d, unsigned n, const char *name, PciBarKind kind, uint64_t size,
	     const BusOps *ops, void *opaque)
{
	unsigned o = bar_offset(n);
	uint64_t mask = ~(size - 1);

	if (n >= PCI_BARS || size < 4 || (size & (size - 1)) || d->bar[n].kind != PCI_BAR_NONE)
		bug("%s: BAR %u of 0x%" G_GINT64_MODIFIER "x bytes", d->dev.path, n, size);
	d->bar[n] = (PciBar){ name, kind, size, ops, opaque, NULL };
	st32_le(d->wmask + o, n == PCI_ROM ? (mask & 0xfffff800) | 1 : mask);
	if (kind == PCI_BAR_IO)
		d->config[o] = 1;
	if (kind == PCI_BAR_MEM64) {
		d->config[o] = 4;
		st32_le(d->wmask + o + 4, mask >> 32);
	}
	d->initial[o] = d->config[o];
}

void pci_device_reset(PciDevice *d)
{
	if (d->line && d->bus) {
		d->intx = false;
		intx_update(d);
	}
	d->intx = d->line = false;
	memcpy(d->config, d->initial, PCI_CONFIG_SIZE);
	bars_update(d);
}

bool pci_device_loaded(PciDevice *d, GError **err)
{
	for (unsigned i = 0; i < PCI_CONFIG_SIZE; i++) {
		uint8_t fixed = ~(d->wmask[i] | d->w1c[i]);

		if (i == PCI_STATUS)
			fixed &= ~PCI_STATUS_INTX;
		if ((d->config[i] ^ d->initial[i]) & fixed)
			return fail(err, "%s: config byte 0x%02x is of another device", d->dev.path,
				    i);
	}
	bars_update(d);
	return true;
}

/* Counts again who holds which line, once every device has its state. */
void pci_bus_loaded(PciBus *b)
{
	memset(b->level, 0, sizeof(b->level));
	for (unsigned i = 0; i < ARRAY_LEN(b->dev); i++) {
		PciDevice *d = b->dev[i];

		if (d && d->line)
			b->level[b->ops->route(b->opaque, i >> 3,
					       (d->config[PCI_INT_PIN] - 1) & 3) &
				 3]++;
	}
}

void pci_device_fini(PciDevice *d)
{
	if (!d->bus || d->bus->dev[d->devfn & 255] != d)
		return;
	for (unsigned n = 0; n < PCI_BARS; n++) {
		if (d->bar[n].region)
			bus_unmap(d->bus->bus, d->bar[n].region);
		d->bar[n].region = NULL;
	}
	d->bus->dev[d->devfn] = NULL;
}

uint32_t pci_config_read(PciDevice *d, unsigned offset, unsigned size)
{
	uint32_t v = 0;

	if (offset + size > PCI_CONFIG_SIZE)
		return UINT32_MAX;
	for (unsigned i = size; i-- > 0;)
		v = v << 8 | d->config[offset + i];
	return v;
}

void pci_config_write(PciDevice *d, unsigned offset, uint32_t value, unsigned size)
{
	if (offset + size > PCI_CONFIG_SIZE)
		return;
	for (unsigned i = 0; i < size; i++, value >>= 8) {
		uint8_t *c = &d->config[offset + i], m = d->wmask[offset + i];

		*c = (*c & ~m) | (value & m);
		*c &= ~(value & d->w1c[offset + i]);
	}
	if (offset < PCI_CAP_PTR) {
		bars_update(d);
		intx_update(d);
	}
	if (d->config_written)
		d->config_written(d, offset, size);
}

static bool dma(PciDevice *d, uint64_t addr, uint8_t *buf, uint64_t len, bool write)
{
	Bus *b;
	uint64_t pa, n;

	if (!d->bus || !(ld16_le(d->config + PCI_COMMAND) & PCI_COMMAND_MASTER))
		return false;
	b = d->bus->bus;
	while (len) {
		if (!d->bus->ops->dma(d->bus->opaque, addr, write, &pa, &n) || !n)
			return false;
		n = MIN(n, len);
		/* Peer-to-peer cycles do not pass a PAPR bridge: memory only. */
		if (!b->ram ||
		    !(write ? ram_write(b->ram, pa, buf, n) : ram_read(b->ram, pa, buf, n)))
			return false;
		addr += n, buf += n, len -= n;
	}
	return true;
}

bool pci_dma_read(PciDevice *d, uint64_t addr, void *buf, uint64_t len)
{
	return dma(d, addr, buf, len, false);
}

bool pci_dma_write(PciDevice *d, uint64_t addr, const void *buf, uint64_t len)
{
	return dma(d, addr, (uint8_t *)(uintptr_t)buf, len, true);
}

static const VmField pci_fields[] = {
	DEVICE_SKIP(PciDevice, dev),
	VMA(PciDevice, config, .keep = true),
	VMF(PciDevice, intx, .keep = true),
	VMF(PciDevice, line, .keep = true),
	VMSKIP(PciDevice, pad, "padding"),
	VMSKIP(PciDevice, wmask, "constant after realize"),
	VMSKIP(PciDevice, w1c, "constant after realize"),
	VMSKIP(PciDevice, initial, "constant after realize"),
	VMSKIP(PciDevice, bar, "constant after realize; regions follow config"),
	VMSKIP(PciDevice, bus, "property"),
	VMSKIP(PciDevice, devfn, "property"),
	VMSKIP(PciDevice, pad1, "padding"),
	VMSKIP(PciDevice, config_written, "constant after realize"),
	VMEND,
};
const VmDesc pci_device_desc = { "pci", 1, sizeof(PciDevice), pci_fields };
