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
#include "migration/state.h"

#define SNAP_VERSION 3 /* written; read is from SNAP_OLDEST on */
#define SNAP_OLDEST 2

enum {
	SNAP_RAM = 0x52414d49, /* "RAMI": which pages the file holds, and their sums */
	SNAP_END = 0x454e4421, /* "END!" */
};

typedef struct SnapFile {
	int fd;
	uint32_t version; /* of the format */
	uint64_t size;	  /* bytes of the file */
	bool untouched;	  /* nobody wrote to it since it was made */
	GArray *sections; /* Section, without RAM's index and the end */
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
