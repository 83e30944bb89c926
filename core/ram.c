/*
 * Guest RAM.  RAM_PAGE_TRACK means "not written since the flag was set": the
 * first write clears it, and whoever set the flags finds the written pages by
 * looking which are gone.
 */
#include "core/ram.h"

#include <stdatomic.h>
#include <string.h>
#include "base/err.h"
#include "base/stream.h"

static Ram *make(uint64_t size, bool shared, GError **err)
{
	RamPages p;
	void *flags;
	Ram *r;

	if (!size || size % RAM_PAGE_SIZE) {
		fail(err,
		     "guest RAM of %" G_GUINT64_FORMAT " bytes: is not a positive multiple of 4096",
		     size);
		return NULL;
	}
	if (!ram_pages_new(&p, size, shared, err))
		return NULL;
	flags = ram_map_flags(size >> RAM_PAGE_SHIFT);
	if (!flags) {
		ram_pages_free(&p, size);
		fail(err, "no memory for the page flags of %" G_GUINT64_FORMAT " MiB of RAM",
		     size >> 20);
		return NULL;
	}
	r = g_new0(Ram, 1);
	r->host = p.host;
	r->fd = p.fd;
	r->shared = shared;
	r->size = size;
	r->page_flags = flags;
	return r;
}

Ram *ram_new(uint64_t size, GError **err)
{
	return make(size, false, err);
}

Ram *ram_new_shared(uint64_t size, GError **err)
{
	return make(size, true, err);
}

RamPages ram_pages(const Ram *r)
{
	return (RamPages){ r->host, r->fd };
}

void ram_free(Ram *r)
{
	RamPages p;

	if (!r)
		return;
	p = ram_pages(r);
	ram_pages_free(&p, r->size);
	ram_unmap_flags((void *)r->page_flags, r->size >> RAM_PAGE_SHIFT);
	g_free(r);
}

void ram_relocate(Ram *r, RamPages *pages)
{
	RamPages old = ram_pages(r);

	r->host = pages->host;
	r->fd = pages->fd;
	*pages = old;
}

void ram_exchange(Ram *r, RamPages *pages)
{
	r->tracked = 0;
	r->elsewhere = false;
	ram_written(r, 0, r->size);
	ram_relocate(r, pages);
}

/*
 * Most flags of a large RAM are the same, and there are many: eight at once.  Whoever
 * changes flags so has all other threads standing.
 */
typedef uint64_t __attribute__((may_alias)) Flags8;

/* What a page keeps when it is tracked from now on. */
#define STAY (RAM_PAGE_CODE | RAM_PAGE_RESV)
#define EIGHT(flag) (UINT64_C(0x0101010101010101) * (flag))

static Flags8 *flags8(const Ram *r, uint64_t n)
{
	return (Flags8 *)(void *)&r->page_flags[n];
}

/* Of 64 pages. */
static bool no_flags(const Flags8 *f)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < 8; i++)
		any |= __atomic_load_n(&f[i], __ATOMIC_ACQUIRE);
	return !any;
}

void ram_track_all(Ram *r)
{
	uint64_t n = r->size >> RAM_PAGE_SHIFT, i;

	r->tracked = 0;
	for (i = 0; i + 8 <= n; i += 8)
		*flags8(r, i) = (*flags8(r, i) & EIGHT(STAY)) | EIGHT(RAM_PAGE_TRACK);
	for (; i < n; i++) {
		uint8_t code = atomic_load_explicit(&r->page_flags[i], memory_order_relaxed) & STAY;

		atomic_store_explicit(&r->page_flags[i], code | RAM_PAGE_TRACK,
				      memory_order_relaxed);
	}
	atomic_thread_fence(memory_order_seq_cst);
}

uint64_t ram_take_written(Ram *r, uint8_t *bitmap)
{
	uint64_t n = r->size >> RAM_PAGE_SHIFT, found = 0;

	r->tracked = 0;
	for (uint64_t i = 0; i < n; i++) {
		uint8_t flags;

		while (i + 8 <= n && i % 8 == 0 &&
		       (*flags8(r, i) & EIGHT(RAM_PAGE_TRACK)) == EIGHT(RAM_PAGE_TRACK))
			i += 8;
		if (i >= n)
			break;
		flags = atomic_load_explicit(&r->page_flags[i], memory_order_relaxed);
		if (flags & RAM_PAGE_TRACK)
			continue;
		found += !(bitmap[i >> 3] >> (i & 7) & 1);
		bitmap[i >> 3] |= (uint8_t)(1u << (i & 7));
		atomic_store_explicit(&r->page_flags[i], (flags & STAY) | RAM_PAGE_TRACK,
				      memory_order_relaxed);
	}
	atomic_thread_fence(memory_order_seq_cst);
	return found;
}

uint64_t ram_count_written(const Ram *r)
{
	uint64_t n = r->size >> RAM_PAGE_SHIFT, found = 0;

	for (uint64_t i = 0; i < n; i++)
		found += !(atomic_load_explicit(&r->page_flags[i], memory_order_relaxed) &
			   RAM_PAGE_TRACK);
	return found;
}

/* The flag goes last: until then no other writer may take the page for plain. */
void ram_touched(Ram *r, uint64_t n)
{
	if (r->touched)
		r->touched(r->touched_opaque, n);
	atomic_fetch_and(&r->page_flags[n], (uint8_t)~RAM_PAGE_TRACK);
}

bool ram_fetch(const Ram *r, uint64_t pa, uint64_t len)
{
	if (!len || !ram_has(r, pa, len))
		return true;
	for (uint64_t n = pa >> RAM_PAGE_SHIFT; n <= (pa + len - 1) >> RAM_PAGE_SHIFT; n++)
		if ((atomic_load_explicit(&r->page_flags[n], memory_order_acquire) &
		     RAM_PAGE_ABSENT) &&
		    !r->fetch(r->fetch_opaque, n))
			return false;
	return true;
}

static void note_write(Ram *r, uint64_t pa, uint64_t len, bool before)
{
	uint64_t end, next;
	uint8_t flags;

	if (pa >= r->size || !len)
		return;
	end = len > r->size - pa ? r->size : pa + len;
	for (; pa < end; pa = next) {
		_Atomic uint8_t *pf = &r->page_flags[pa >> RAM_PAGE_SHIFT];

		if (!(pa >> RAM_PAGE_SHIFT & 63) && end - pa >= 64 * RAM_PAGE_SIZE &&
		    no_flags(flags8(r, pa >> RAM_PAGE_SHIFT))) {
			next = (pa & ~(uint64_t)(RAM_PAGE_SIZE - 1)) + 64 * RAM_PAGE_SIZE;
			continue;
		}
		next = (pa & ~(uint64_t)(RAM_PAGE_SIZE - 1)) + 8 * RAM_PAGE_SIZE;
		if (!(pa >> RAM_PAGE_SHIFT & 7) && next <= end &&
		    !__atomic_load_n(flags8(r, pa >> RAM_PAGE_SHIFT), __ATOMIC_ACQUIRE))
			continue;
		next = MIN(end, (pa | (RAM_PAGE_SIZE - 1)) + 1);
		flags = atomic_load_explicit(pf, memory_order_acquire);
		if (likely(!flags))
			continue;
		if (before && (flags & RAM_PAGE_TRACK))
			ram_touched(r, pa >> RAM_PAGE_SHIFT);
		if ((flags & RAM_PAGE_CODE) && r->code_written)
			r->code_written(r->code_opaque, pa, (uint32_t)(next - pa));
	}
}

void ram_written(Ram *r, uint64_t pa, uint64_t len)
{
	note_write(r, pa, len, true);
}

void ram_wrote(Ram *r, uint64_t pa, uint64_t len)
{
	atomic_thread_fence(memory_order_seq_cst);
	note_write(r, pa, len, false);
}

bool ram_read(const Ram *r, uint64_t pa, void *buf, uint64_t len)
{
	if (!ram_has(r, pa, len) || !ram_need(r, pa, len))
		return false;
	memcpy(buf, r->host + pa, len);
	return true;
}

/* What is written: bytes from somewhere, all bits of them the other way round with invert, or (NULL) one byte. */
typedef struct Put {
	const uint8_t *from;
	uint8_t byte;
	bool invert;
} Put;

static void put_piece(uint8_t *to, const Put *p, uint64_t off, uint64_t n)
{
	if (!p->from)
		memset(to, p->byte, n);
	else
		memmove(to, p->from + off, n);
	for (uint64_t i = 0; p->invert && i < n; i++)
		to[i] = ~to[i];
}

/* Piece by piece where somebody wants to know of each, in the direction that an overlap needs. */
static void put_guarded(Ram *r, uint64_t pa, const Put *p, uint64_t len)
{
	bool down = p->from && p->from < r->host + pa && p->from + len > r->host + pa;
	uint64_t n;

	for (uint64_t done = 0; done < len; done += n) {
		uint64_t left = len - done, end = pa + left, off;

		if (down) {
			n = MIN(left, ((end - 1) & (RAM_GUARD - 1)) + 1);
			off = left - n;
		} else {
			n = MIN(left, RAM_GUARD - ((pa + done) & (RAM_GUARD - 1)));
			off = done;
		}
		r->guard(r->code_opaque, pa + off, true);
		put_piece(r->host + pa + off, p, off, n);
		r->guard(r->code_opaque, pa + off, false);
	}
}

static bool put(Ram *r, uint64_t pa, const Put *p, uint64_t len)
{
	if (!ram_has(r, pa, len) || !ram_need(r, pa, len) || r->frozen)
		return false;
	ram_written(r, pa, len);
	if (unlikely(r->guard != NULL))
		put_guarded(r, pa, p, len);
	else
		put_piece(r->host + pa, p, 0, len);
	ram_wrote(r, pa, len);
	return true;
}

bool ram_write(Ram *r, uint64_t pa, const void *buf, uint64_t len)
{
	const Put p = { .from = buf };

	return put(r, pa, &p, len);
}

bool ram_fill(Ram *r, uint64_t pa, uint8_t byte, uint64_t len)
{
	const Put p = { .byte = byte };

	return put(r, pa, &p, len);
}

bool ram_move(Ram *r, uint64_t to, uint64_t from, uint64_t len, bool invert)
{
	const Put p = { .from = r->host + from, .invert = invert };

	return ram_has(r, from, len) && ram_need(r, from, len) && put(r, to, &p, len);
}

bool ram_ld32(const Ram *r, uint64_t pa, uint32_t *v)
{
	bool ok = ram_has(r, pa, 4) && ram_need(r, pa, 4);

	*v = ok ? ld32_be(r->host + pa) : 0;
	return ok;
}

bool ram_ld64(const Ram *r, uint64_t pa, uint64_t *v)
{
	bool ok = ram_has(r, pa, 8) && ram_need(r, pa, 8);

	*v = ok ? ld64_be(r->host + pa) : 0;
	return ok;
}

bool ram_ld64_once(const Ram *r, uint64_t pa, uint64_t *v)
{
	bool ok = !(pa & 7) && ram_has(r, pa, 8) && ram_need(r, pa, 8);
	uint64_t host = 0;

	if (ok)
		host = __atomic_load_n((const uint64_t *)(const void *)(r->host + pa),
				       __ATOMIC_ACQUIRE);
	*v = HOST_BE ? host : bswap64(host);
	return ok;
}

bool ram_st32(Ram *r, uint64_t pa, uint32_t v)
{
	uint8_t b[4];

	st32_be(b, v);
	return ram_write(r, pa, b, sizeof(b));
}

bool ram_st64(Ram *r, uint64_t pa, uint64_t v)
{
	uint8_t b[8];

	st64_be(b, v);
	return ram_write(r, pa, b, sizeof(b));
}

uint32_t ram_hash(const Ram *r)
{
	return crc32c(0, r->host, r->size);
}
