/*
 * Open Firmware of our own: the IEEE 1275 client interface, served by the
 * emulator.  A stub of a few guest words turns each call of the client
 * (Linux's prom_init, for one) into a hypercall; everything behind it, the
 * device tree, memory claims, instances and methods, lives here.
 *
 * The board gives the tree as a flattened one (of_set_fdt), places kernel
 * and initrd in RAM, asks of_boot_prepare() for the registers of the first
 * CPU and passes hypercall OF_HCALL_CLIENT to of_client().  docs/firmware.md.
 *
 * Machine lock held everywhere.
 */
#ifndef ROMS_OF_H
#define ROMS_OF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>
#include "core/device.h"
#include "core/machine.h"

/* Hypercalls of the guest-side words: r4 is the physical address of the arguments. */
#define OF_HCALL_RTAS 0xf000
#define OF_HCALL_CLIENT 0xf005

/* What the firmware holds for itself: words and stack of the client. */
#define OF_STUB_BASE 0x2000u
#define OF_STACK_BASE 0x8000u
#define OF_STACK_SIZE 0x8000u
#define OF_LOW_END 0x10000u
/* Where boards load a kernel linked at 0, and the grain of the initrd after it. */
#define OF_KERNEL_BASE 0x400000u
#define OF_INITRD_ALIGN 0x10000u
#define OF_RTAS_SIZE 20u /* bytes of the words that instantiate-rtas writes */
/* Greatest flattened tree taken from a board or a snapshot, and made by clients. */
#define OF_FDT_MAX (4u << 20)

typedef struct Of Of;

/* What the firmware asks of its board; any may be NULL (the service then fails). */
typedef struct OfBoard {
	void *opaque;
	/*
	 * ibm,client-architecture-support: vectors at physical address vec.  The
	 * board may call of_set_fdt() from in here.  False: the method answers
	 * "failed" (the guest goes on with what it has).
	 */
	bool (*cas)(void *opaque, uint64_t vec);
	/* Console of stdin and stdout: bytes taken, bytes given (0: none there). */
	size_t (*write)(void *opaque, const void *buf, size_t len);
	size_t (*read)(void *opaque, void *buf, size_t len);
	/* The client is done for ("exit", "enter"), or asks for a boot of spec. */
	void (*exit)(void *opaque);
	void (*boot)(void *opaque, const char *spec);
	/* Milliseconds of V, not of the host. */
	uint64_t (*milliseconds)(void *opaque);
	/* The client takes the machine over; it may still call RTAS. */
	void (*quiesce)(void *opaque);
	/* PAPR's start-cpu: the CPU whose "reg" is unit, at pc with r3. */
	bool (*start_cpu)(void *opaque, uint32_t unit, uint64_t pc, uint64_t r3);
} OfBoard;

extern const DeviceType of_type;

/*
 * Makes and realizes the firmware as device "/firmware" of m, whose RAM must be
 * there; the machine destroys it.  board is copied.  NULL and err on failure.
 */
Of *of_new(Machine *m, const OfBoard *board, GError **err);

/*
 * Takes a device tree of len bytes (copied; any junk is refused with err, and
 * then nothing has changed).  A tree that is there already is replaced: nodes
 * of the same path keep their phandles unless the new tree states them, and
 * instances of such nodes stay open; properties of /chosen that the new tree does
 * not have are kept.  Nodes without a phandle get one.
 */
bool of_set_fdt(Of *of, const void *fdt, uint32_t len, GError **err);

/* What the board put into RAM; 0 sizes where there is nothing. */
typedef struct OfImages {
	uint64_t kernel, kernel_size; /* physical address, bytes with bss */
	uint64_t entry;		      /* physical */
	uint64_t initrd, initrd_size;
} OfImages;

/* Registers of the first CPU at the kernel's door; big-endian, real mode, 32- or 64-bit. */
typedef struct OfEntry {
	uint64_t pc;
	uint64_t r1;	 /* top of a stack of OF_STACK_SIZE bytes */
	uint64_t r3, r4; /* initrd and its size (Linux's use of the binding) */
	uint64_t r5;	 /* client interface entry (PowerPC binding to IEEE 1275, 8.2.1) */
} OfEntry;

/*
 * For each reset, after the machine was reset and of_set_fdt(): writes the
 * guest-side words, claims what the images cover and fills *entry.  Fails when
 * an image is not in RAM or lies over the firmware's own memory.
 */
bool of_boot_prepare(Of *of, const OfImages *images, OfEntry *entry, GError **err);

/*
 * One client call: the argument array (cells of 32 bits: service, number of
 * arguments, number of results, arguments, results) is at physical address
 * args.  Returns r3: 0, or -1 for a call that cannot be served.
 */
uint64_t of_client(Of *of, uint64_t args);

#endif
