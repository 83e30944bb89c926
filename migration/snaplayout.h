/* Numbers of the snapshot file that its writer and its reader share. */
#ifndef MIGRATION_SNAPLAYOUT_H
#define MIGRATION_SNAPLAYOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include "core/ram.h"
#include "migration/snapfile.h"

#define SNAP_MAGIC "PCORNSNP"
#define HEAD_LEN 32 /* magic, version, flags, stamp, id */
#define HEAD_STAMP 16
#define HEAD_ID 24
#define SECTION_FIXED 18 /* tag, length of the name, length of the payload, sum */
#define END_LEN (SECTION_FIXED + 4)
#define RAM_ALIGN 65536
#define CHUNK_SHIFT 20
#define CHUNK_PAGES (1u << (CHUNK_SHIFT - RAM_PAGE_SHIFT))
#define RAM_INDEX_FIXED 24 /* size, start, page shift, chunk shift */

static inline uint64_t pages_of(uint64_t ram_size)
{
	return ram_size >> RAM_PAGE_SHIFT;
}

static inline uint64_t chunks_of(uint64_t ram_size)
{
	return (ram_size + (1u << CHUNK_SHIFT) - 1) >> CHUNK_SHIFT;
}

static inline uint64_t bitmap_len(uint64_t ram_size)
{
	return (pages_of(ram_size) + 7) / 8;
}

static inline uint64_t index_len(uint64_t ram_size)
{
	return RAM_INDEX_FIXED + bitmap_len(ram_size) + 4 * chunks_of(ram_size);
}

static inline bool map_has(const uint8_t *map, uint64_t i)
{
	return map[i >> 3] >> (i & 7) & 1;
}

/* len bytes at offset at; false and err when they cannot be read. */
bool snap_read(const SnapFile *f, void *buf, uint64_t len, uint64_t at, GError **err);

/* Time of last change, ns since 1970. */
static inline int64_t mtime_of(const struct stat *st)
{
	return st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec;
}

#endif
