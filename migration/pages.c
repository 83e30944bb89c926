#include "migration/pages.h"

#include <string.h>
#include "base/bits.h"
#include "base/log.h"
#include "config.h"
#if HAVE_ZSTD
#include <zstd.h>
#endif

#define HEAD_LEN 12
#define ROOM (RUN_PAGES * (size_t)RAM_PAGE_SIZE)

#if HAVE_ZSTD

bool pages_can_pack(void)
{
	return true;
}

void pagebuf_pack(PageBuf *b, int level)
{
	b->packs = true;
	b->level = level;
	b->room = ZSTD_compressBound(ROOM);
	b->packed = g_malloc(b->room);
	b->packer = ZSTD_createCCtx();
	if (!b->packer)
		bug("no memory for zstd");
}

static void forget_zstd(PageBuf *b)
{
	ZSTD_freeCCtx(b->packer);
	ZSTD_freeDCtx(b->unpacker);
}

/* Bytes of the frame that b->page's first n became; 0: it is not worth it. */
static size_t pack(PageBuf *b, size_t n)
{
	size_t k = ZSTD_compressCCtx(b->packer, b->packed, b->room, b->page, n, b->level);

	return ZSTD_isError(k) || k >= n ? 0 : k;
}

/*
 * One frame that says itself that it makes len bytes, at most what there is room for (RFC 8878,
 * 3.1.1.1.4), and does; into b->page.
 */
static bool unpack(PageBuf *b, Channel *c, const uint8_t *frame, size_t n, size_t len)
{
	size_t k;

	if (len > ROOM || ZSTD_getFrameContentSize(frame, n) != len ||
	    ZSTD_findFrameCompressedSize(frame, n) != n)
		return channel_fail(c, "packed pages that are not one frame of %zu bytes", len);
	if (!b->unpacker)
		b->unpacker = ZSTD_createDCtx();
	if (!b->unpacker)
		return channel_fail(c, "no memory for zstd");
	k = ZSTD_decompressDCtx(b->unpacker, b->page, len, frame, n);
	if (ZSTD_isError(k))
		return channel_fail(c, "packed pages: %s", ZSTD_getErrorName(k));
	return k == len || channel_fail(c, "packed pages of %zu bytes, not %zu", k, len);
}

#else

bool pages_can_pack(void)
{
	return false;
}

void pagebuf_pack(PageBuf *b, int level)
{
	(void)b;
	(void)level;
	bug("packing pages without zstd");
}

static void forget_zstd(PageBuf *b)
{
	(void)b;
}

static size_t pack(PageBuf *b, size_t n)
{
	(void)b;
	(void)n;
	return 0;
}

static bool unpack(PageBuf *b, Channel *c, const uint8_t *frame, size_t n, size_t len)
{
	(void)b;
	(void)frame;
	(void)n;
	(void)len;
	return channel_fail(c, "packed pages: this program was built without zstd");
}

#endif

void pagebuf_init(PageBuf *b)
{
	b->page = g_malloc(ROOM);
}

void pagebuf_clear(PageBuf *b)
{
	forget_zstd(b);
	g_clear_pointer(&b->page, g_free);
	g_clear_pointer(&b->packed, g_free);
}

/* b->page's first len bytes; 0: pages of zeros. */
static bool send_run(PageBuf *b, Channel *c, const uint8_t head[HEAD_LEN], size_t len)
{
	size_t packed = len && b->packs ? pack(b, len) : 0;

	if (!packed && b->packs)
		packed = len;
	atomic_fetch_add_explicit(&b->before, b->packs ? len : 0, memory_order_relaxed);
	atomic_fetch_add_explicit(&b->after, packed, memory_order_relaxed);
	if (packed && packed < len)
		return channel_send2(c, MSG_PACKED, head, HEAD_LEN, b->packed, packed);
	return channel_send2(c, MSG_PAGES, head, HEAD_LEN, b->page, len);
}

/* How many of n pages from p on are zero, and not one more. */
static uint32_t count_zeros(const uint8_t *p, uint32_t n)
{
	uint32_t run = 0;

	while (run < n && bytes_are_zero(p + ((size_t)run << RAM_PAGE_SHIFT), RAM_PAGE_SIZE))
		run++;
	return run;
}

/*
 * A page that the guest writes to while we look at it is sent again in the next round, so it
 * does not matter here whether it is looked at and copied as the same; only that what is sent
 * is what is summed.
 */
uint32_t pages_send(PageBuf *b, Channel *c, const Ram *ram, uint64_t page, uint32_t n)
{
	const uint8_t *from = ram->host + (page << RAM_PAGE_SHIFT);
	uint32_t run = count_zeros(from, MIN(n, ZERO_RUN_PAGES));
	uint8_t head[HEAD_LEN];
	size_t len = 0;

	if (!run) {
		do
			run++;
		while (run < MIN(n, RUN_PAGES) &&
		       !bytes_are_zero(from + ((size_t)run << RAM_PAGE_SHIFT), RAM_PAGE_SIZE));
		len = (size_t)run << RAM_PAGE_SHIFT;
		memcpy(b->page, from, len);
	}
	st64_be(head, page << RAM_PAGE_SHIFT);
	st32_be(head + 8, run);
	return send_run(b, c, head, len) ? run : 0;
}

bool pages_parse(PageBuf *b, Channel *c, const Ram *ram, const Message *msg, PageRun *run)
{
	uint64_t len;

	if (msg->len < HEAD_LEN)
		return channel_fail(c, "a message of pages that is too short");
	run->pa = ld64_be(msg->data);
	run->n = ld32_be(msg->data + 8);
	run->data = NULL;
	len = (uint64_t)run->n << RAM_PAGE_SHIFT;
	if (run->pa % RAM_PAGE_SIZE || run->pa > ram->size || len > ram->size - run->pa)
		return channel_fail(c,
				    "%u pages at 0x%" G_GINT64_MODIFIER "x, where there is no RAM",
				    run->n, run->pa);
	if (msg->tag == MSG_PACKED) {
		run->data = b->page;
		return unpack(b, c, msg->data + HEAD_LEN, msg->len - HEAD_LEN, len);
	}
	if (msg->len == HEAD_LEN)
		return true;
	if (msg->len != HEAD_LEN + len)
		return channel_fail(c, "a message of pages of the wrong length");
	run->data = msg->data + HEAD_LEN;
	return true;
}

bool pages_are_in(const Message *msg)
{
	return msg->tag == MSG_PAGES || msg->tag == MSG_PACKED;
}

void pages_store(const Ram *ram, const PageRun *run)
{
	uint8_t *to = ram->host + run->pa, *end = to + ((uint64_t)run->n << RAM_PAGE_SHIFT);

	if (run->data) {
		memcpy(to, run->data, (size_t)(end - to));
		return;
	}
	/* What is zero already stays a page that the host need not give. */
	for (; to < end; to += RAM_PAGE_SIZE)
		if (!bytes_are_zero(to, RAM_PAGE_SIZE))
			memset(to, 0, RAM_PAGE_SIZE);
}
