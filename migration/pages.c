#include "migration/pages.h"

#include <string.h>
#include "base/bits.h"

#define HEAD_LEN 12

void pagebuf_init(PageBuf *b)
{
	b->page = g_malloc(RUN_PAGES * RAM_PAGE_SIZE);
}

void pagebuf_clear(PageBuf *b)
{
	g_clear_pointer(&b->page, g_free);
}

uint32_t pages_send(PageBuf *b, Channel *c, const Ram *ram, uint64_t page, uint32_t n)
{
	uint8_t head[HEAD_LEN];
	uint32_t run = 0;
	bool zero = false;

	for (; run < MIN(n, RUN_PAGES); run++) {
		uint8_t *to = b->page + ((size_t)run << RAM_PAGE_SHIFT);
		bool z;

		memcpy(to, ram->host + ((page + run) << RAM_PAGE_SHIFT), RAM_PAGE_SIZE);
		z = bytes_are_zero(to, RAM_PAGE_SIZE);
		if (run && z != zero)
			break;
		zero = z;
	}
	st64_be(head, page << RAM_PAGE_SHIFT);
	st32_be(head + 8, run);
	return channel_send2(c, MSG_PAGES, head, sizeof(head), b->page,
			     zero ? 0 : (size_t)run << RAM_PAGE_SHIFT)
		       ? run
		       : 0;
}

bool pages_parse(PageBuf *b, Channel *c, const Ram *ram, const Message *msg, PageRun *run)
{
	uint64_t len;

	(void)b;
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
	if (msg->len == HEAD_LEN)
		return true;
	if (msg->len != HEAD_LEN + len)
		return channel_fail(c, "a message of pages of the wrong length");
	run->data = msg->data + HEAD_LEN;
	return true;
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
