/*
 * The physical address space: RAM from 0, and regions of registers.
 *
 * Accesses move bytes.  bus_read() fills `len` bytes in address order; a
 * region's ops work with numbers, and its `endian` says how a number lies
 * in bytes, so no caller swaps by guess.  Machine lock held for registers.
 */
#ifndef CORE_BUS_H
#define CORE_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/ram.h"

typedef struct BusOps {
	/* size 1, 2, 4 or 8, within min..max; offset aligned to size.  NULL: zero, ignored. */
	uint64_t (*read)(void *opaque, uint64_t offset, unsigned size);
	void (*write)(void *opaque, uint64_t offset, uint64_t value, unsigned size);
	enum { BUS_BE, BUS_LE } endian;
	/*
	 * Sizes the device takes (0 means 1 and 8).  A wider access is split
	 * into several of max; a narrower one reads min and picks its bytes
	 * (writes narrower than min are dropped with a log_guest line).
	 */
	unsigned min, max;
} BusOps;

typedef struct BusRegion {
	char *name;
	uint64_t base, size;
	const BusOps *ops;
	void *opaque;
	bool enabled;
	uint64_t order; /* grows with each map and move: the greatest wins */
} BusRegion;

typedef struct Machine Machine;

typedef struct Bus {
	Ram *ram;	    /* not owned; may be NULL */
	Machine *machine;   /* whose lock registers need; NULL: nobody's */
	GPtrArray *regions; /* BusRegion *, sorted by base */
	GArray *ranges;	    /* which region answers where */
	uint64_t order;
} Bus;

typedef enum BusResult {
	BUS_OK,
	BUS_NONE, /* nothing answers at (part of) these addresses */
} BusResult;

Bus *bus_new(Ram *ram);
void bus_free(Bus *b);
/* Overlap with RAM or another enabled region is a bug() of the board. */
BusRegion *bus_map(Bus *b, const char *name, uint64_t base, uint64_t size, const BusOps *ops,
		   void *opaque);
/*
 * Moves, switches on or off (a PCI BAR).  RAM wins over regions; of regions that
 * overlap the one mapped or moved last answers.  May be called while the region's
 * own ops run.
 */
void bus_move(Bus *b, BusRegion *r, uint64_t base, bool enabled);
void bus_unmap(Bus *b, BusRegion *r);
BusRegion *bus_find(const Bus *b, uint64_t addr);
/*
 * len 1..16 for registers (split as needed), any for RAM.  Where nothing answers
 * reads give ones; a longer access that is not all RAM does nothing (BUS_NONE).
 */
BusResult bus_read(Bus *b, uint64_t addr, void *buf, uint64_t len);
BusResult bus_write(Bus *b, uint64_t addr, const void *buf, uint64_t len);

#endif
