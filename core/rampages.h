/*
 * Host memory for guest RAM: private, or a memfd that another process can be given, so that
 * a guest moves on one host without a byte of it being copied (docs/migration.md).
 */
#ifndef CORE_RAMPAGES_H
#define CORE_RAMPAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct RamPages {
	uint8_t *host; /* NULL: none */
	int fd;	       /* the memfd that they are; -1: nobody else can see a write to them */
} RamPages;

#define RAM_NO_PAGES ((RamPages){ NULL, -1 })

/* n bytes, all zero, one for each page of RAM; NULL when the host has not got them. */
void *ram_map_flags(uint64_t n);
void ram_unmap_flags(void *flags, uint64_t n);
/* size bytes of private memory, all zero; NULL and err when the host has not got it. */
void *ram_map_pages(uint64_t size, GError **err);
void ram_unmap_pages(void *pages, uint64_t size);
/* The same, or (shared) in a memfd whose size nobody can change any more. */
bool ram_pages_new(RamPages *p, uint64_t size, bool shared, GError **err);
/*
 * Another's memfd, which is taken over, if it is one of that size that cannot shrink under us;
 * else refused and closed.  Mapped for reading only, until ram_pages_own().
 */
bool ram_pages_adopt(RamPages *p, int fd, uint64_t size, GError **err);
/* They may be written to from now on. */
bool ram_pages_own(const RamPages *p, uint64_t size, GError **err);
/* What is in p, a memfd's, as private memory: a write to it is seen by nobody else. */
bool ram_pages_view(const RamPages *p, RamPages *view, uint64_t size, GError **err);
/* p may have none, and has none after it. */
void ram_pages_free(RamPages *p, uint64_t size);

#endif
