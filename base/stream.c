#include "base/stream.h"

#include <string.h>
#include "base/bits.h"
#include "base/log.h"

void out_init(OutStream *s)
{
	s->buf = g_byte_array_new();
}

void out_free(OutStream *s)
{
	if (s->buf)
		g_byte_array_unref(s->buf);
	s->buf = NULL;
}

void out_bytes(OutStream *s, const void *p, size_t n)
{
	if (n > G_MAXUINT32 - s->buf->len)
		bug("stream longer than 4 GiB");
	if (n)
		g_byte_array_append(s->buf, p, (guint)n);
}

uint8_t *out_room(OutStream *s, size_t n)
{
	guint at = s->buf->len;

	if (n > G_MAXUINT32 - at)
		bug("stream longer than 4 GiB");
	g_byte_array_set_size(s->buf, at + (guint)n);
	return s->buf->data + at;
}

void out_u8(OutStream *s, uint8_t v)
{
	out_bytes(s, &v, 1);
}

void out_u16(OutStream *s, uint16_t v)
{
	uint8_t b[2];

	st16_be(b, v);
	out_bytes(s, b, sizeof(b));
}

void out_u32(OutStream *s, uint32_t v)
{
	uint8_t b[4];

	st32_be(b, v);
	out_bytes(s, b, sizeof(b));
}

void out_u64(OutStream *s, uint64_t v)
{
	uint8_t b[8];

	st64_be(b, v);
	out_bytes(s, b, sizeof(b));
}

void out_str(OutStream *s, const char *str)
{
	size_t n = strlen(str);

	if (n > G_MAXUINT16)
		bug("stream string of %zu bytes", n);
	out_u16(s, (uint16_t)n);
	out_bytes(s, str, n);
}

void in_init(InStream *s, const void *p, size_t n)
{
	s->p = p;
	s->end = n ? s->p + n : s->p;
	s->error = NULL;
}

void in_free(InStream *s)
{
	g_free(s->error);
	s->error = NULL;
}

void in_fail(InStream *s, const char *fmt, ...)
{
	va_list ap;

	if (s->error)
		return;
	va_start(ap, fmt);
	s->error = g_strdup_vprintf(fmt, ap);
	va_end(ap);
}

bool in_ok(const InStream *s)
{
	return !s->error;
}

size_t in_left(const InStream *s)
{
	return s->error ? 0 : (size_t)(s->end - s->p);
}

const uint8_t *in_take(InStream *s, size_t n)
{
	const uint8_t *p = s->p;

	if (s->error)
		return NULL;
	if (n > (size_t)(s->end - s->p)) {
		in_fail(s, "ends early");
		return NULL;
	}
	s->p += n;
	return p;
}

uint8_t in_u8(InStream *s)
{
	const uint8_t *p = in_take(s, 1);

	return p ? *p : 0;
}

uint16_t in_u16(InStream *s)
{
	const uint8_t *p = in_take(s, 2);

	return p ? ld16_be(p) : 0;
}

uint32_t in_u32(InStream *s)
{
	const uint8_t *p = in_take(s, 4);

	return p ? ld32_be(p) : 0;
}

uint64_t in_u64(InStream *s)
{
	const uint8_t *p = in_take(s, 8);

	return p ? ld64_be(p) : 0;
}

void in_bytes(InStream *s, void *p, size_t n)
{
	const uint8_t *from = in_take(s, n);

	if (!n)
		return;
	if (from)
		memcpy(p, from, n);
	else
		memset(p, 0, n);
}

char *in_str(InStream *s, size_t max)
{
	size_t n = in_u16(s);
	const uint8_t *p;

	if (in_ok(s) && n > max)
		in_fail(s, "string of %zu bytes where at most %zu are allowed", n, max);
	p = in_take(s, n);
	if (!p)
		return NULL;
	if (n && memchr(p, 0, n)) {
		in_fail(s, "string with a NUL in it");
		return NULL;
	}
	return g_strndup((const char *)p, n);
}

/*
 * CRC-32C: reflected polynomial 0x82f63b78, initial value and final xor of
 * all ones (RFC 3720, appendix B.4).  The x86 crc32 instruction does the same
 * polynomial.
 */
static uint32_t crc32c_step(uint32_t crc, uint8_t byte)
{
	crc ^= byte;
	for (int i = 0; i < 8; i++)
		crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	return crc;
}

static uint32_t crc32c_plain(uint32_t crc, const uint8_t *p, size_t n)
{
	uint32_t table[256];

	if (n < 256) {
		while (n--)
			crc = crc32c_step(crc, *p++);
		return crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		table[i] = crc32c_step(0, (uint8_t)i);
	while (n--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const uint8_t *p,
							       size_t n)
{
	uint64_t c = crc, w;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		c = __builtin_ia32_crc32di(c, w);
	}
	while (n--)
		c = __builtin_ia32_crc32qi((uint32_t)c, *p++);
	return (uint32_t)c;
}
#endif

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
	crc = ~crc;
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc32c_sse42(crc, p, n);
#endif
	return ~crc32c_plain(crc, p, n);
}
