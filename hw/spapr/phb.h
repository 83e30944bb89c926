/* PCI host bridge of a PAPR partition. */
#ifndef HW_SPAPR_PHB_H
#define HW_SPAPR_PHB_H

#include <stdint.h>
#include "hw/pci/pci.h"
#include "hw/spapr/spapr.h"
#include "hw/spapr/tce.h"

#define SPAPR_PHB_BUID UINT64_C(0x800000020000000)
#define SPAPR_PHB_WINDOWS UINT64_C(0x200000000000) /* CPU address of all bridges' windows */
#define SPAPR_PHB_IO_SIZE UINT64_C(0x10000)
#define SPAPR_PHB_MEM32 UINT64_C(0x80000000) /* PCI address and size of the 32-bit window */
#define SPAPR_PHB_MEM64_SIZE UINT64_C(0x10000000000)
#define SPAPR_PHB_LIOBN UINT32_C(0x80000000)
#define SPAPR_PHB_DMA_SIZE UINT64_C(0x40000000)

struct SpaprPhb {
	Device dev;
	uint32_t index; /* property: number of the bridge */
	uint32_t pad;
	Spapr *spapr;  /* property */
	SpaprTce *tce; /* property: its DMA window */
	PciBus bus;
	Irq *lsi[4];
};

extern const DeviceType spapr_phb_type;

uint64_t spapr_phb_io(unsigned index);
uint64_t spapr_phb_mem32(unsigned index);
uint64_t spapr_phb_mem64(unsigned index);
/* Global number of the interrupt that pin (1-4) of a slot is wired to. */
uint32_t spapr_phb_irq(unsigned index, unsigned slot, unsigned pin);

#endif
