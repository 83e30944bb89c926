/*
 * Conventional PCI (Local Bus Specification 3.0): devices with 256 bytes of
 * configuration space and up to six BARs and a ROM, on a bus whose host
 * bridge says where its windows lie and who takes its interrupt pins.
 *
 * A PCI device struct begins with PciDevice, whose state table is
 * pci_device_desc; its DeviceType's realize calls pci_device_init() first.
 * Machine lock held everywhere.
 */
#ifndef HW_PCI_PCI_H
#define HW_PCI_PCI_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/bus.h"
#include "core/device.h"

#define PCI_CONFIG_SIZE 256
#define PCI_BARS 7 /* six and the expansion ROM */
#define PCI_ROM 6
#define PCI_DEVFN(slot, fn) ((slot) << 3 | (fn))

/* Offsets in configuration space. */
enum {
	PCI_VENDOR_ID = 0x00,
	PCI_DEVICE_ID = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_REVISION = 0x08,
	PCI_CLASS_PROG = 0x09,
	PCI_CLASS = 0x0a,
	PCI_CACHE_LINE = 0x0c,
	PCI_LATENCY = 0x0d,
	PCI_HEADER_TYPE = 0x0e,
	PCI_BAR0 = 0x10,
	PCI_SUBSYS_VENDOR = 0x2c,
	PCI_SUBSYS_ID = 0x2e,
	PCI_ROM_BAR = 0x30,
	PCI_CAP_PTR = 0x34,
	PCI_INT_LINE = 0x3c,
	PCI_INT_PIN = 0x3d,
};

enum {
	PCI_COMMAND_IO = 1,
	PCI_COMMAND_MEM = 2,
	PCI_COMMAND_MASTER = 4,
	PCI_COMMAND_INTX_OFF = 0x400,
	PCI_STATUS_INTX = 0x08,
	PCI_STATUS_CAPS = 0x10,
};

typedef enum PciBarKind { PCI_BAR_NONE, PCI_BAR_IO, PCI_BAR_MEM32, PCI_BAR_MEM64 } PciBarKind;

/* A part of a PCI address space and where the CPU sees it. */
typedef struct PciWindow {
	uint64_t pci, size, cpu;
} PciWindow;

typedef struct PciBus PciBus;
typedef struct PciDevice PciDevice;

typedef struct PciHostOps {
	/* Interrupt pin (0-3: A-D) of slot changed; the bus has already OR-ed sharers. */
	void (*intx)(void *opaque, unsigned line, int level);
	/* Which of the bridge's four lines a pin of a slot is wired to. */
	unsigned (*route)(void *opaque, unsigned slot, unsigned pin);
	/*
	 * Real address of a bus address for one access, and how many bytes
	 * from there on are contiguous; false: the bridge refuses.
	 */
	bool (*dma)(void *opaque, uint64_t addr, bool write, uint64_t *pa, uint64_t *len);
} PciHostOps;

struct PciBus {
	Bus *bus;
	const PciHostOps *ops;
	void *opaque;
	PciWindow io, mem32, mem64;
	PciDevice *dev[256]; /* by devfn */
	uint16_t level[4];   /* devices that hold each line up */
};

typedef struct PciBar {
	const char *name;
	PciBarKind kind;
	uint64_t size; /* a power of two */
	const BusOps *ops;
	void *opaque;
	BusRegion *region; /* NULL until first enabled */
} PciBar;

struct PciDevice {
	Device dev;
	uint8_t config[PCI_CONFIG_SIZE];
	bool intx; /* level of the pin as the device drives it */
	bool line; /* what the bridge was told */
	uint8_t pad[6];

	uint8_t wmask[PCI_CONFIG_SIZE];	  /* bits the guest can write */
	uint8_t w1c[PCI_CONFIG_SIZE];	  /* bits cleared by writing ones */
	uint8_t initial[PCI_CONFIG_SIZE]; /* what reset gives */
	PciBar bar[PCI_BARS];
	PciBus *bus;	/* property "bus" */
	uint32_t devfn; /* property "devfn" */
	uint32_t pad1;
	/* After a write to config space, bytes offset..offset+len-1; may be NULL. */
	void (*config_written)(PciDevice *d, unsigned offset, unsigned len);
};

extern const VmDesc pci_device_desc;
#define PCI_DEVICE_PROPS(T, f)                                                                     \
	{ .name = "bus", .kind = PROP_PTR, .offset = offsetof(T, f.bus) },                         \
	{                                                                                          \
		.name = "devfn", .kind = PROP_U32, .offset = offsetof(T, f.devfn), .max = 255      \
	}

void pci_bus_init(PciBus *b, Bus *bus, const PciHostOps *ops, void *opaque);

typedef struct PciId {
	uint16_t vendor, device, subsys_vendor, subsys;
	uint8_t revision;
	uint32_t class; /* 24 bits: class, subclass, interface */
	uint8_t pin;	/* 0 none, 1 INTA ... 4 INTD */
} PciId;

/* First call of a device's realize: identity, place on the bus. */
bool pci_device_init(PciDevice *d, const PciId *id, GError **err);
/* Adds a BAR (a MEM64 one takes n and n + 1); only in realize. */
void pci_bar(PciDevice *d, unsigned n, const char *name, PciBarKind kind, uint64_t size,
	     const BusOps *ops, void *opaque);
/* To be called by the device's own reset, loaded and destroy. */
void pci_device_reset(PciDevice *d);
bool pci_device_loaded(PciDevice *d, GError **err);
/* For the bridge, after every device of the bus was loaded. */
void pci_bus_loaded(PciBus *b);
void pci_device_fini(PciDevice *d);

/* The device drives its interrupt pin. */
void pci_intx(PciDevice *d, int level);
/* Bus-master access; false when mastering is off or the bridge or memory refuses. */
bool pci_dma_read(PciDevice *d, uint64_t addr, void *buf, uint64_t len);
bool pci_dma_write(PciDevice *d, uint64_t addr, const void *buf, uint64_t len);

/* Configuration cycles: size 1, 2 or 4, offset aligned to it. */
uint32_t pci_config_read(PciDevice *d, unsigned offset, unsigned size);
void pci_config_write(PciDevice *d, unsigned offset, uint32_t value, unsigned size);
/* The device at bus number 0, NULL when the slot is empty. */
PciDevice *pci_find(const PciBus *b, unsigned devfn);

#endif
