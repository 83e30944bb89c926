/* The pseries board: what pseries*.c share. */
#ifndef HW_MACHINES_PSERIES_H
#define HW_MACHINES_PSERIES_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "hw/char/spapr_vty.h"
#include "hw/machines/machines.h"
#include "hw/nvram/spapr_nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/spapr.h"
#include "roms/of.h"
#include "target-ppc/ppc.h"

#define PSERIES_PHANDLE_PIC 0x1111
#define PSERIES_CPU_HZ 1000000000
#define PSERIES_VIO_UNIT 0x71000000u

typedef struct Pseries {
	Machine *m;
	const PpcModel *model;
	PpcModelInfo info;
	PpcBoard board;
	XiveBoard xive_board;
	unsigned ncpus;
	PpcCpu *cpu[SPAPR_MAX_CPUS];
	Spapr *spapr;
	Of *of; /* our own firmware; NULL when the user brought one */
	/* What is loaded at every reset. */
	char *kernel, *initrd, *bios;
	OfImages images; /* for the start; what a tree tells of them, spapr has */
	bool kernel_le;
	bool fresh;	    /* the images have just been loaded */
	bool state_follows; /* a load comes before anything runs: boot nothing */
	char *append, *uuid, *name;
	uint8_t seed[32];
} Pseries;

extern const MachineType pseries_machine;

/* The device tree of the board as it now is; see SpaprCpuOps.build_fdt. */
void *pseries_build_fdt(void *board, uint32_t *size);
/* Puts kernel, initrd and ROM where they belong. */
bool pseries_load_images(Pseries *p, GError **err);
bool pseries_images_readable(const Pseries *p, GError **err);
/* Where a firmware in the guest finds the device tree. */
uint64_t pseries_fdt_address(const Pseries *p);
/* State of the CPUs at reset, and what runs first. */
void pseries_boot(Pseries *p);
/* Firmware of our own, for a kernel without a ROM. */
bool pseries_make_firmware(Pseries *p, GError **err);
/* Callbacks the partition has of its CPUs; opaque is a Pseries *. */
extern const SpaprCpuOps pseries_cpu_ops;
/* Fills p->board; opaque is p. */
void pseries_wire_cpus(Pseries *p);

#endif
