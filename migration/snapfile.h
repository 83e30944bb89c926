/*
 * A snapshot file read as sections and RAM pages, with no meaning given to what the
 * sections hold.  docs/snapshot-format.md describes every byte; snapwrite.h writes.
 */
#ifndef MIGRATION_SNAPFILE_H
#define MIGRATION_SNAPFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "base/stream.h"
#include "core/ram.h"

#define SNAP_VERSION 2

enum {
	SNAP_CONFIG = 0x434f4e46, /* "CONF": machine name and configuration */
	SNAP_CLOCK = 0x434c4f4b,  /* "CLOK" */
	SNAP_IRQS = 0x49525153,	  /* "IRQS": levels by name */
	SNAP_DEVICE = 0x44455649, /* "DEVI": name is the device's path */
	SNAP_RAM = 0x52414d49,	  /* "RAMI": which pages the file holds, and their sums */
	SNAP_END = 0x454e4421,	  /* "END!" */
};

typedef struct SnapSection {
	uint32_t tag;
	char *name;
	uint8_t *data;
	uint64_t len; /* bytes */
} SnapSection;

typedef struct SnapFile {
	int fd;
	uint64_t size;	  /* bytes of the file */
	bool untouched;	  /* nobody wrote to it since it was made */
	GArray *sections; /* SnapSection, without RAM's index and the end */
	bool has_ram;
	uint64_t ram_size, ram_start; /* bytes; offset in the file */
	uint8_t *ram_index;	      /* owns what the next two point into */
	const uint8_t *bitmap;
	const uint8_t *sums; /* u32 big-endian per chunk */
} SnapFile;

/* Reads and checks everything but the RAM pages. */
SnapFile *snap_open(const char *path, GError **err);
void snap_close(SnapFile *f);
/*
 * RAM as ram_size bytes that are the caller's own (ram_unmap_pages()).  Of an
 * untouched file its pages are mapped as they are, in no time; else all are read
 * and their sums checked.  NULL and err when that fails.
 */
uint8_t *snap_take_ram(SnapFile *f, GError **err);

#endif
