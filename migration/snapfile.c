/*
 * Reading a snapshot file.  What is read is hostile: no length is believed before
 * it was compared with the file's size and a fixed bound, and no byte is used before
 * its checksum.
 */
#define _GNU_SOURCE
#include "migration/snapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"
#include "migration/snaplayout.h"

#define NAME_MAX_LEN 1024
/* What names are made of; anything else would not find a device anyway. */
#define NAME_CHARS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/-_.:,@#+ "
#define SECTIONS_MAX 65536
/* Of all sections together; a hash page table alone may have 1 GiB. */
#define META_MAX (UINT64_C(1536) << 20)

static bool bit(const uint8_t *map, uint64_t i)
{
	return map[i >> 3] >> (i & 7) & 1;
}

static bool read_all(const SnapFile *f, void *buf, uint64_t len, uint64_t at, GError **err)
{
	uint8_t *p = buf;

	if (at > f->size || len > f->size - at)
		return fail(err, "the file ends early");
	while (len) {
		ssize_t n = pread(f->fd, p, MIN(len, UINT64_C(1) << 30), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, "reading: %s", g_strerror(errno));
		if (!n)
			return fail(err, "the file ends early");
		p += n;
		at += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return true;
}

static void section_clear(Section *s)
{
	g_free(s->name);
	g_free(s->data);
}

static bool read_head(SnapFile *f, const struct stat *st, GError **err)
{
	uint8_t head[HEAD_LEN] = { 0 };
	int64_t stamped;

	if (!read_all(f, head, MIN(f->size, HEAD_LEN), 0, err))
		return false;
	if (memcmp(head, SNAP_MAGIC, 8))
		return fail(err, "is not a snapshot");
	f->version = ld32_be(head + 8);
	if (f->version < SNAP_OLDEST || f->version > SNAP_VERSION)
		return fail(err,
			    "is a snapshot of version %u; this program reads versions %u to %u",
			    f->version, SNAP_OLDEST, SNAP_VERSION);
	if (f->size < HEAD_LEN)
		return fail(err, "the file ends early");
	if (ld32_be(head + 12) || ld64_be(head + 24))
		return fail(err, "has unknown flags");
	stamped = (int64_t)ld64_be(head + HEAD_STAMP);
	f->untouched = stamped && stamped == mtime_of(st);
	return true;
}

/*
 * Reads the section at *at and moves *at behind it.  *used counts what the
 * sections hold so far: a sparse file can claim any size for free, so its size
 * alone is no bound.
 */
static bool read_section(const SnapFile *f, uint64_t *at, uint64_t *used, Section *s, GError **err)
{
	uint8_t head[14 + NAME_MAX_LEN];
	uint64_t left = f->size - *at, name_len;

	memset(s, 0, sizeof(*s));
	if (left < SECTION_FIXED)
		return fail(err, "the file ends early");
	if (!read_all(f, head, 6, *at, err))
		return false;
	name_len = ld16_be(head + 4);
	if (name_len > NAME_MAX_LEN || name_len > left - SECTION_FIXED)
		return fail(err, "damaged section at offset %" G_GUINT64_FORMAT, *at);
	if (!read_all(f, head + 6, name_len + 8, *at + 6, err))
		return false;
	s->tag = ld32_be(head);
	s->len = ld64_be(head + 6 + name_len);
	if (s->len > left - SECTION_FIXED - name_len || s->len > META_MAX - *used)
		return fail(err,
			    "section at offset %" G_GUINT64_FORMAT
			    " is longer than it can be (cut off or damaged file)",
			    *at);
	*used += s->len;
	s->data = g_try_malloc(s->len + 4);
	if (!s->data)
		return fail(err, "no memory for a section of %" G_GUINT64_FORMAT " bytes", s->len);
	s->name = g_strndup((const char *)head + 6, name_len);
	g_strcanon(s->name, NAME_CHARS, '?');
	if (!read_all(f, s->data, s->len + 4, *at + 14 + name_len, err))
		return false;
	if (ld32_be(s->data + s->len) != crc32c(crc32c(0, head, 14 + name_len), s->data, s->len))
		return fail(err, "section at offset %" G_GUINT64_FORMAT " is damaged", *at);
	*at += SECTION_FIXED + name_len + s->len;
	return true;
}

/* Takes RAM's index over from its section. */
static bool take_ram_index(SnapFile *f, Section *s, GError **err)
{
	uint64_t npages;

	if (f->has_ram)
		return fail(err, "has two indexes of RAM");
	if (s->len < RAM_INDEX_FIXED)
		return fail(err, "the index of RAM is too short");
	f->has_ram = true;
	f->ram_size = ld64_be(s->data);
	f->ram_start = ld64_be(s->data + 8);
	if (ld32_be(s->data + 16) != RAM_PAGE_SHIFT || ld32_be(s->data + 20) != CHUNK_SHIFT)
		return fail(err, "RAM pages are of another size");
	if (f->ram_start > f->size || f->ram_start % RAM_ALIGN ||
	    f->size - f->ram_start != f->ram_size || f->ram_size % RAM_PAGE_SIZE)
		return fail(err, "RAM is cut off or in the wrong place");
	if (s->len != index_len(f->ram_size))
		return fail(err, "the index of RAM has the wrong length");
	f->ram_index = g_steal_pointer(&s->data);
	f->bitmap = f->ram_index + RAM_INDEX_FIXED;
	f->sums = f->bitmap + bitmap_len(f->ram_size);
	npages = pages_of(f->ram_size);
	if (npages % 8 && f->bitmap[npages / 8] >> (npages % 8))
		return fail(err, "the index of RAM names pages past its end");
	return true;
}

/* Behind the last section there is nothing, or zeros up to RAM. */
static bool check_tail(const SnapFile *f, uint64_t at, GError **err)
{
	uint8_t *pad;
	uint64_t len;
	bool ok;

	if (!f->has_ram)
		return at == f->size || fail(err, "goes on behind its end");
	if (at > f->ram_start || f->ram_start - at >= RAM_ALIGN)
		return fail(err, "RAM is in the wrong place");
	len = f->ram_start - at;
	pad = g_malloc0(len + 1);
	ok = read_all(f, pad, len, at, err);
	for (uint64_t i = 0; ok && i < len; i++) {
		if (pad[i])
			ok = fail(err, "is damaged between its sections and RAM");
	}
	g_free(pad);
	return ok;
}

static bool read_sections(SnapFile *f, GError **err)
{
	uint64_t at = HEAD_LEN, used = 0;
	Section s = { 0 };
	bool ok = true, end = false;

	while (ok && !end) {
		ok = read_section(f, &at, &used, &s, err);
		if (ok && s.tag == SNAP_END) {
			end = true;
			if (s.len != 4 || ld32_be(s.data) != f->sections->len + f->has_ram)
				ok = fail(err, "does not have all its sections");
		} else if (ok && s.tag == SNAP_RAM) {
			ok = take_ram_index(f, &s, err);
		} else if (ok && f->sections->len >= SECTIONS_MAX) {
			ok = fail(err, "has too many sections");
		} else if (ok) {
			g_array_append_val(f->sections, s);
			memset(&s, 0, sizeof(s));
		}
		section_clear(&s);
		memset(&s, 0, sizeof(s));
	}
	return ok && check_tail(f, at, err);
}

static bool open_file(SnapFile *f, const char *path, GError **err)
{
	struct stat st;

	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st))
		return fail(err, "%s", g_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(err, "is not a regular file");
	f->size = (uint64_t)st.st_size;
	return read_head(f, &st, err) && read_sections(f, err);
}

SnapFile *snap_open(const char *path, GError **err)
{
	SnapFile *f = g_new0(SnapFile, 1);

	f->fd = -1;
	f->sections = sections_new();
	if (open_file(f, path, err))
		return f;
	fail_in(err, "%s", path);
	snap_close(f);
	return NULL;
}

void snap_close(SnapFile *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	g_array_unref(f->sections);
	g_free(f->ram_index);
	g_free(f);
}

/* The next run of pages from i on that the map has; false when there is none. */
static bool next_run(const uint8_t *map, uint64_t npages, uint64_t *i, uint64_t *n)
{
	while (*i < npages && !bit(map, *i))
		++*i;
	*n = 0;
	while (*i + *n < npages && bit(map, *i + *n))
		++*n;
	return *n;
}

static bool read_chunk(SnapFile *f, uint64_t chunk, uint8_t *pages, GError **err)
{
	uint64_t i = chunk * CHUNK_PAGES, n;
	uint64_t last = MIN(i + CHUNK_PAGES, pages_of(f->ram_size));
	uint32_t sum = 0;

	for (; next_run(f->bitmap, last, &i, &n); i += n) {
		uint64_t pa = i << RAM_PAGE_SHIFT, len = n << RAM_PAGE_SHIFT;

		if (!read_all(f, pages + pa, len, f->ram_start + pa, err))
			return false;
		sum = crc32c(sum, pages + pa, len);
	}
	if (sum != ld32_be(f->sums + 4 * chunk))
		return fail(err, "RAM from 0x%" G_GINT64_MODIFIER "x on is damaged",
			    chunk << CHUNK_SHIFT);
	return true;
}

uint8_t *snap_take_ram(SnapFile *f, GError **err)
{
	uint64_t chunks = chunks_of(f->ram_size);
	uint8_t *pages;

	if (f->untouched) {
		pages = mmap(NULL, f->ram_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, f->fd,
			     (off_t)f->ram_start);
		if (pages != MAP_FAILED)
			return pages;
	}
	pages = ram_map_pages(f->ram_size, err);
	for (uint64_t c = 0; pages && c < chunks; c++) {
		if (!read_chunk(f, c, pages, err)) {
			ram_unmap_pages(pages, f->ram_size);
			pages = NULL;
		}
	}
	return pages;
}
