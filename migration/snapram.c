/*
 * The RAM of a snapshot.  A file has a page, or says that it is zero, or leaves it to its
 * parent.  Untouched files are mapped over each other, the oldest one whole and of its
 * descendants what is theirs, so that no page is read before it is wanted.  A page that is
 * zero is a hole of the file that says so.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "base/bits.h"
#include "base/err.h"
#include "migration/snaplayout.h"

/* The host allows 65,530 mappings (vm.max_map_count); what comes after these is read. */
#define MAPPINGS_MAX 16384

/* The next run of pages from *i on whose bit in the map is `has`; false when there is none. */
static bool next_run(const uint8_t *map, uint64_t end, bool has, uint64_t *i, uint64_t *n)
{
	const uint8_t skip = has ? 0 : 0xff;

	while (*i < end && map_has(map, *i) != has)
		*i += *i % 8 == 0 && map[*i >> 3] == skip && end - *i >= 8 ? 8 : 1;
	*n = 0;
	while (*i + *n < end && map_has(map, *i + *n) == has)
		++*n;
	return *n;
}

static bool read_chunk(SnapFile *f, uint64_t chunk, uint8_t *pages, GError **err)
{
	uint64_t i = chunk * CHUNK_PAGES, n;
	uint64_t last = MIN(i + CHUNK_PAGES, pages_of(f->ram_size));
	uint32_t sum = 0;

	for (; next_run(f->bitmap, last, true, &i, &n); i += n) {
		uint64_t pa = i << RAM_PAGE_SHIFT, len = n << RAM_PAGE_SHIFT;

		if (!snap_read(f, pages + pa, len, f->ram_start + pa, err))
			return false;
		sum = crc32c(sum, pages + pa, len);
	}
	if (sum != ld32_be(f->sums + 4 * chunk))
		return fail(err, "RAM from 0x%" G_GINT64_MODIFIER "x on is damaged",
			    chunk << CHUNK_SHIFT);
	return true;
}

/* Pages that are neither the file's nor its parent's. */
static void put_zeros(const SnapFile *f, uint8_t *pages)
{
	for (uint64_t i = 0; i < pages_of(f->ram_size); i++) {
		uint8_t *page = pages + (i << RAM_PAGE_SHIFT);

		if (!map_has(f->bitmap, i) && !map_has(f->same, i) &&
		    !bytes_are_zero(page, RAM_PAGE_SIZE))
			memset(page, 0, RAM_PAGE_SIZE);
	}
}

static bool read_chain(SnapFile *f, uint8_t *pages, GError **err)
{
	uint64_t chunks = chunks_of(f->ram_size);

	if (f->parent && !read_chain(f->parent, pages, err))
		return fail_in(err, "its parent: %s", f->parent->path);
	for (uint64_t c = 0; c < chunks; c++)
		if (!read_chunk(f, c, pages, err))
			return false;
	if (f->parent)
		put_zeros(f, pages);
	return true;
}

/* Puts over the parent's pages what the file has in their place. */
static bool map_over(const SnapFile *f, uint8_t *pages, unsigned *mappings)
{
	uint64_t n, i = 0;

	for (; next_run(f->same, pages_of(f->ram_size), false, &i, &n); i += n) {
		uint64_t pa = i << RAM_PAGE_SHIFT, len = n << RAM_PAGE_SHIFT;

		if (*mappings >= MAPPINGS_MAX) {
			if (!snap_read(f, pages + pa, len, f->ram_start + pa, NULL))
				return false;
			continue;
		}
		*mappings += 2; /* what lay there is parted */
		if (mmap(pages + pa, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, f->fd,
			 (off_t)(f->ram_start + pa)) == MAP_FAILED)
			return false;
	}
	return true;
}

static uint8_t *map_chain(const SnapFile *f, unsigned *mappings)
{
	uint8_t *pages;

	if (!f->untouched)
		return NULL;
	if (!f->parent) {
		pages = mmap(NULL, f->ram_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, f->fd,
			     (off_t)f->ram_start);
		return pages == MAP_FAILED ? NULL : pages;
	}
	pages = map_chain(f->parent, mappings);
	if (pages && !map_over(f, pages, mappings)) {
		ram_unmap_pages(pages, f->ram_size);
		pages = NULL;
	}
	return pages;
}

bool snap_read_ram(SnapFile *f, uint8_t *pages, GError **err)
{
	return read_chain(f, pages, err);
}

uint8_t *snap_take_ram(SnapFile *f, GError **err)
{
	unsigned mappings = 0;
	uint8_t *pages = map_chain(f, &mappings);

	if (pages)
		return pages;
	pages = ram_map_pages(f->ram_size, err);
	if (pages && !read_chain(f, pages, err)) {
		ram_unmap_pages(pages, f->ram_size);
		pages = NULL;
	}
	return pages;
}
