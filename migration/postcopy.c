#include "migration/postcopy.h"

#include <string.h>
#include "base/bits.h"
#include "core/ram.h"

#define LIST_BYTES 65536 /* of bitmap in one message */

bool pagelist_send(Channel *c, const uint8_t *bitmap, uint64_t pages)
{
	uint64_t bytes = (pages + 7) / 8, n;
	uint8_t head[8];

	for (uint64_t at = 0; at < bytes; at += n) {
		n = MIN(bytes - at, LIST_BYTES);
		if (bytes_are_zero(bitmap + at, n))
			continue;
		st64_be(head, at * 8);
		if (!channel_send2(c, MSG_LEFT, head, sizeof(head), bitmap + at, n))
			return false;
	}
	return true;
}

bool pagelist_take(Channel *c, const Message *msg, uint8_t *bitmap, uint64_t pages)
{
	uint64_t at, bytes = (pages + 7) / 8, n;

	if (msg->len < 8 || msg->len > 8 + LIST_BYTES)
		return channel_fail(c, "a list of pages of the wrong length");
	at = ld64_be(msg->data);
	n = msg->len - 8;
	if (at % 8 || at / 8 > bytes || n > bytes - at / 8)
		return channel_fail(c, "a list of pages that are not in RAM");
	for (uint64_t i = 0; i < n; i++)
		bitmap[at / 8 + i] |= msg->data[8 + i];
	if (pages % 8 && bitmap[bytes - 1] >> pages % 8)
		return channel_fail(c, "a list of pages that are not in RAM");
	return true;
}
