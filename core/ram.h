/*
 * Guest RAM: one block from physical address 0, in private or shared memory
 * of the host, with a byte of flags per 4 KiB page.  A flag that is set sends
 * every write to that page the slow way: ram_written().
 */
#ifndef CORE_RAM_H
#define CORE_RAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "base/bits.h"
#include "core/rampages.h"

#define RAM_PAGE_SHIFT 12
#define RAM_PAGE_SIZE (1u << RAM_PAGE_SHIFT)
#define RAM_GUARD 128u

enum {
	RAM_PAGE_CODE = 1,   /* a CPU keeps decoded instructions of this page */
	RAM_PAGE_TRACK = 2,  /* not written since this was set: ram_written() clears it */
	RAM_PAGE_WTAG = 4,   /* hint, not a flag: a CPU's TLB may allow writes unasked */
	RAM_PAGE_ABSENT = 8, /* its bytes are still to come: ram_need() waits for them */
	RAM_PAGE_RESV = 16,  /* CPUs reserve in it, and are to hear of every write (reserve.c) */
};

typedef struct Ram {
	uint8_t *host; /* host address of guest physical 0 */
	uint64_t size; /* bytes, a multiple of the page size */
	int fd;	       /* the memfd that host is, and can be given away; -1: private memory */
	bool shared;   /* whatever RAM becomes here (a snapshot's) is to be a memfd */
	_Atomic uint8_t *page_flags;
	/* Which saved RAM this was when all RAM_PAGE_TRACK were last set, by its number; or 0. */
	uint64_t tracked;
	/*
	 * The first write to page number n since RAM_PAGE_TRACK was set is about to be
	 * made: the page still holds what it held.  Any thread; NULL: nobody asks.
	 */
	void (*touched)(void *opaque, uint64_t n);
	void *touched_opaque;
	/* A write of len bytes at pa (inside one page) to a flagged page happens. */
	void (*code_written)(void *opaque, uint64_t pa, uint32_t len);
	void *code_opaque;
	/*
	 * Before and after each write that is not a CPU's store to the RAM_GUARD bytes that hold pa, with
	 * code_opaque: nobody else writes to them, and nobody reserves them, in between.  NULL: nobody asks.
	 */
	void (*guard)(void *opaque, uint64_t pa, bool begin);
	/* Pages with RAM_PAGE_ABSENT; fetch() returns when page n is there, or false (absent.h). */
	_Atomic uint64_t absent;
	bool (*fetch)(void *opaque, uint64_t n);
	void *fetch_opaque;
	bool frozen; /* ram_write() and ram_fill() fail: the guest is elsewhere, and needs these bytes */
	bool elsewhere; /* host is a view of what a guest in another process writes to */
} Ram;

/* size in bytes; fails with err when the host has not got it. */
Ram *ram_new(uint64_t size, GError **err);
Ram *ram_new_shared(uint64_t size, GError **err);
void ram_free(Ram *r);

static inline bool ram_has(const Ram *r, uint64_t pa, uint64_t len)
{
	return pa < r->size && len <= r->size - pa;
}

/* The slow side of ram_need(). */
bool ram_fetch(const Ram *r, uint64_t pa, uint64_t len);

/*
 * To be called before any look at or write to the bytes of RAM by whoever does not use the
 * functions below.  Waits for those that are still to come; false: they will not.
 */
static inline bool ram_need(const Ram *r, uint64_t pa, uint64_t len)
{
	return likely(!atomic_load_explicit(&r->absent, memory_order_acquire)) ||
	       ram_fetch(r, pa, len);
}

/*
 * Sets RAM_PAGE_TRACK on all pages.  Nothing may write to RAM meanwhile, nor keep the
 * right to do so unasked (machine_track_writes() sees to both).
 */
void ram_track_all(Ram *r);
/* See machine_take_written(); the same condition. */
uint64_t ram_take_written(Ram *r, uint8_t *bitmap);
/*
 * How many pages were written since RAM_PAGE_TRACK was set on all.  Any thread: writes that
 * are being made may be among them or not.
 */
uint64_t ram_count_written(const Ram *r);
/* The slow side of ram_touch(). */
void ram_touched(Ram *r, uint64_t n);

/* To be called before a write to one page by whoever looks at its other flags alone. */
static inline void ram_touch(Ram *r, uint64_t pa)
{
	uint64_t n = pa >> RAM_PAGE_SHIFT;

	if (unlikely(atomic_load_explicit(&r->page_flags[n], memory_order_relaxed) &
		     RAM_PAGE_TRACK))
		ram_touched(r, n);
}

/* To be called before a write that touches flagged pages (any length). */
void ram_written(Ram *r, uint64_t pa, uint64_t len);

/*
 * To be called after such a write as well by whoever is no CPU: one may have decoded
 * what was there in between.
 */
void ram_wrote(Ram *r, uint64_t pa, uint64_t len);

/* Copies in or out, false (and nothing done) when not all of it is RAM, or ram_need() fails. */
bool ram_read(const Ram *r, uint64_t pa, void *buf, uint64_t len);
bool ram_write(Ram *r, uint64_t pa, const void *buf, uint64_t len);
bool ram_fill(Ram *r, uint64_t pa, uint8_t byte, uint64_t len);
/* From one place in RAM to another; they may overlap.  invert: each bit is the other one there. */
bool ram_move(Ram *r, uint64_t to, uint64_t from, uint64_t len, bool invert);
/* Big-endian numbers; false when not RAM (reads give 0 in *v). */
bool ram_ld32(const Ram *r, uint64_t pa, uint32_t *v);
bool ram_ld64(const Ram *r, uint64_t pa, uint64_t *v);
/* The same for eight aligned bytes that CPUs may change meanwhile: all of one store, or none. */
bool ram_ld64_once(const Ram *r, uint64_t pa, uint64_t *v);
bool ram_st32(Ram *r, uint64_t pa, uint32_t v);
bool ram_st64(Ram *r, uint64_t pa, uint64_t v);
/*
 * Puts other pages in RAM's place (ram_written() told for all of it) and gives the old ones
 * back in theirs.  CPUs stopped, and whatever they keep of host addresses forgotten before
 * they run: a device's loaded() does that.
 */
void ram_exchange(Ram *r, RamPages *pages);
/* The same for pages that hold the same bytes, so that nobody is to be told. */
void ram_relocate(Ram *r, RamPages *pages);
/* Those it has now, still its own. */
RamPages ram_pages(const Ram *r);
/* CRC-32C over all of RAM: the "RAM hash" of tests. */
uint32_t ram_hash(const Ram *r);

#endif
