/*
 * Sticky byte streams in memory: big-endian numbers, written to a growing
 * buffer or read from a bounded one.  After the first error every further
 * call does nothing (reads give zero); check once at the end.
 */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

typedef struct OutStream {
	GByteArray *buf;
} OutStream;

void out_init(OutStream *s);
void out_free(OutStream *s);
void out_u8(OutStream *s, uint8_t v);
void out_u16(OutStream *s, uint16_t v);
void out_u32(OutStream *s, uint32_t v);
void out_u64(OutStream *s, uint64_t v);
void out_bytes(OutStream *s, const void *p, size_t n);
/* Room for n bytes more, for the caller to fill before the next call. */
uint8_t *out_room(OutStream *s, size_t n);
/* u16 length and the bytes, without a final NUL; longer than 65535 is a bug. */
void out_str(OutStream *s, const char *str);

typedef struct InStream {
	const uint8_t *p, *end;
	char *error; /* the first error, or NULL */
} InStream;

void in_init(InStream *s, const void *p, size_t n);
void in_free(InStream *s);
/* Notes the first error; later ones are dropped. */
void in_fail(InStream *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
bool in_ok(const InStream *s);
size_t in_left(const InStream *s);
uint8_t in_u8(InStream *s);
uint16_t in_u16(InStream *s);
uint32_t in_u32(InStream *s);
uint64_t in_u64(InStream *s);
void in_bytes(InStream *s, void *p, size_t n);
/* Pointer to n bytes inside the buffer, NULL (and an error) past its end. */
const uint8_t *in_take(InStream *s, size_t n);
/* Reads a string of at most max bytes; the caller frees it; NULL on error. */
char *in_str(InStream *s, size_t max);

/* CRC-32C (Castagnoli) of n bytes, continuing from crc (0 to begin). */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

#endif
