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

#define SNAP_CHAIN_MAX 32 /* files that a snapshot's RAM may be spread over */

enum {
	SNAP_PARENT = 0x50524e54, /* "PRNT": the snapshot that has the other pages */
	SNAP_RAM = 0x52414d49,	  /* "RAMI": which pages the file holds, and their sums */
	SNAP_SAME = 0x53414d45,	  /* "SAME": which pages are as in the parent */
	SNAP_END = 0x454e4421,	  /* "END!" */
};

typedef struct SnapFile {
	char *path;
	int fd;
	uint64_t id;
	uint32_t version; /* of the format */
	uint64_t size;	  /* bytes of the file */
	bool untouched;	  /* nobody wrote to it since it was made */
	GArray *sections; /* Section, without RAM's index and the end */
	bool has_ram;
	uint64_t ram_size, ram_start; /* bytes; offset in the file */
	uint8_t *ram_index;	      /* owns what the next two point into */
	const uint8_t *bitmap;
	const uint8_t *sums; /* u32 big-endian per chunk */
	/* With a parent, else NULL: its name, a file of the same folder, and its id. */
	char *parent_name;
	uint64_t parent_id;
	uint8_t *same; /* a bit per page */
	struct SnapFile *parent;
} SnapFile;

/* Reads and checks everything but the RAM pages, of the parents too. */
SnapFile *snap_open(const char *path, GError **err);
void snap_close(SnapFile *f); /* and its parents */
/*
 * Which snapshot is that one's parent?  NULL in *name when it has none; *name is the
 * caller's.  False: it cannot be read.
 */
bool snap_parent_of(const char *path, char **name, uint64_t *id, GError **err);
/* How many files it is made of: 1 without a parent. */
unsigned snap_chain_length(const SnapFile *f);
/*
 * RAM as ram_size bytes that are the caller's own (ram_unmap_pages()).  Of
 * untouched files the pages are mapped as they are, in no time; else all are read
 * and their sums checked.  NULL and err when that fails.  (migration/snapram.c)
 */
uint8_t *snap_take_ram(SnapFile *f, GError **err);
/* The same, always read, into pages that are all zero. */
bool snap_read_ram(SnapFile *f, uint8_t *pages, GError **err);

#endif
