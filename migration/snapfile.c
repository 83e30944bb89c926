/*
 * The file side of snapshots.  RAM lies at the end of the file, at its own
 * page-aligned offset plus the guest physical address, with holes for pages of
 * zeros, so that it can be mapped as it is.
 *
 * What is read is hostile: no length is believed before it was compared with
 * the file's size and a fixed bound, and no byte is used before its checksum.
 */
#define _GNU_SOURCE
#include "migration/snapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"

static const uint8_t magic[8] = { 'P', 'C', 'O', 'R', 'N', 'S', 'N', 'P' };

#define HEAD_LEN 32	 /* magic, version, flags, stamp, 8 bytes of 0 */
#define HEAD_STAMP 16
#define SECTION_FIXED 18 /* tag, length of the name, length of the payload, sum */
#define END_LEN (SECTION_FIXED + 4)
#define NAME_MAX_LEN 1024
/* What names are made of; anything else would not find a device anyway. */
#define NAME_CHARS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/-_.:,@#+ "
#define SECTIONS_MAX 65536
/* Of all sections together; a hash page table alone may have 1 GiB. */
#define META_MAX (UINT64_C(1536) << 20)
#define RAM_ALIGN 65536
#define CHUNK_SHIFT 20
#define CHUNK_PAGES (1u << (CHUNK_SHIFT - RAM_PAGE_SHIFT))
#define RAM_INDEX_FIXED 24 /* size, start, page shift, chunk shift */

static uint64_t pages_of(uint64_t ram_size)
{
	return ram_size >> RAM_PAGE_SHIFT;
}

static uint64_t chunks_of(uint64_t ram_size)
{
	return (ram_size + (1u << CHUNK_SHIFT) - 1) >> CHUNK_SHIFT;
}

static uint64_t bitmap_len(uint64_t ram_size)
{
	return (pages_of(ram_size) + 7) / 8;
}

static uint64_t index_len(uint64_t ram_size)
{
	return RAM_INDEX_FIXED + bitmap_len(ram_size) + 4 * chunks_of(ram_size);
}

static bool bit(const uint8_t *map, uint64_t i)
{
	return map[i >> 3] >> (i & 7) & 1;
}

/* Writing */

void snap_begin(OutStream *meta)
{
	out_bytes(meta, magic, sizeof(magic));
	out_u32(meta, SNAP_VERSION);
	out_u32(meta, 0);
	out_u64(meta, 0);
	out_u64(meta, 0);
}

static void add_bytes(OutStream *meta, uint32_t tag, const char *name, const void *p, size_t len)
{
	size_t from = meta->buf->len;

	out_u32(meta, tag);
	out_str(meta, name);
	out_u64(meta, len);
	out_bytes(meta, p, len);
	out_u32(meta, crc32c(0, meta->buf->data + from, meta->buf->len - from));
}

void snap_add(OutStream *meta, uint32_t tag, const char *name, const OutStream *payload)
{
	add_bytes(meta, tag, name, payload->buf->data, payload->buf->len);
}

static bool is_zero_page(const uint8_t *p)
{
	uint64_t any = 0, w[8];

	for (unsigned i = 0; i < RAM_PAGE_SIZE && !any; i += sizeof(w)) {
		memcpy(w, p + i, sizeof(w));
		any = w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7];
	}
	return !any;
}

/* Fills in the bitmap and the sums of an index. */
static void index_ram(const Ram *r, uint8_t *bitmap, uint8_t *sums)
{
	uint64_t npages = pages_of(r->size);
	uint32_t sum = 0;

	for (uint64_t i = 0; i < npages; i++) {
		const uint8_t *p = r->host + (i << RAM_PAGE_SHIFT);

		if (i % CHUNK_PAGES == 0)
			sum = 0;
		if (!is_zero_page(p)) {
			bitmap[i >> 3] |= (uint8_t)(1u << (i & 7));
			sum = crc32c(sum, p, RAM_PAGE_SIZE);
		}
		st32_be(sums + 4 * (i / CHUNK_PAGES), sum);
	}
}

/* Adds RAM's index; returns it (inside meta) and where RAM will lie. */
static bool add_ram_index(OutStream *meta, const Ram *r, uint8_t **index, uint64_t *start,
			  GError **err)
{
	uint64_t len = index_len(r->size);

	*index = g_try_malloc0(len);
	if (!*index)
		return fail(err, "no memory for the index of RAM");
	*start = meta->buf->len + SECTION_FIXED + len + END_LEN;
	*start = (*start + RAM_ALIGN - 1) / RAM_ALIGN * RAM_ALIGN;
	st64_be(*index, r->size);
	st64_be(*index + 8, *start);
	st32_be(*index + 16, RAM_PAGE_SHIFT);
	st32_be(*index + 20, CHUNK_SHIFT);
	index_ram(r, *index + RAM_INDEX_FIXED, *index + RAM_INDEX_FIXED + bitmap_len(r->size));
	add_bytes(meta, SNAP_RAM, "", *index, len);
	return true;
}

static bool write_all(int fd, const uint8_t *p, uint64_t len, uint64_t at, GError **err)
{
	while (len) {
		ssize_t n = pwrite(fd, p, MIN(len, UINT64_C(1) << 30), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(err, "writing: %s", g_strerror(n < 0 ? errno : ENOSPC));
		p += n;
		at += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return true;
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

static bool write_ram(int fd, const Ram *r, const uint8_t *map, uint64_t start, GError **err)
{
	uint64_t npages = pages_of(r->size), n;

	for (uint64_t i = 0; next_run(map, npages, &i, &n); i += n) {
		if (!write_all(fd, r->host + (i << RAM_PAGE_SHIFT), n << RAM_PAGE_SHIFT,
			       start + (i << RAM_PAGE_SHIFT), err))
			return false;
	}
	return true;
}

static int64_t mtime_of(const struct stat *st)
{
	return st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec;
}

/*
 * Writes into the file when it was last written: whoever changes it later, or
 * copies it with a time of its own, takes the proof away that its RAM need not be
 * checked.  A file system that cannot keep the time gets no stamp.
 */
static bool stamp(int fd, GError **err)
{
	struct timespec ts[2];
	struct stat st;
	uint8_t b[8];

	if (fstat(fd, &st))
		return fail(err, "writing: %s", g_strerror(errno));
	ts[0] = ts[1] = st.st_mtim;
	st64_be(b, (uint64_t)mtime_of(&st));
	if (!write_all(fd, b, sizeof(b), HEAD_STAMP, err))
		return false;
	if (!futimens(fd, ts) && !fstat(fd, &st) && mtime_of(&st) == (int64_t)ld64_be(b))
		return true;
	memset(b, 0, sizeof(b));
	return write_all(fd, b, sizeof(b), HEAD_STAMP, err);
}

/* A rename lasts only once its folder is on the disk too. */
static void sync_folder(const char *path)
{
	char *dir = g_path_get_dirname(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd); /* some file systems cannot; then there is nothing to do */
		close(fd);
	}
	g_free(dir);
}

static bool write_file(int fd, const OutStream *meta, const Ram *r, const uint8_t *index,
		       uint64_t start, GError **err)
{
	uint64_t size = r ? start + r->size : meta->buf->len;

	if (ftruncate(fd, (off_t)size))
		return fail(err, "writing: %s", g_strerror(errno));
	if (!write_all(fd, meta->buf->data, meta->buf->len, 0, err))
		return false;
	if (r && !write_ram(fd, r, index + RAM_INDEX_FIXED, start, err))
		return false;
	if (!stamp(fd, err))
		return false;
	if (fsync(fd))
		return fail(err, "writing: %s", g_strerror(errno));
	return true;
}

/* Makes a temporary file, fills it, renames it. */
static bool put_file(const OutStream *meta, const Ram *r, const uint8_t *index, uint64_t start,
		     const char *path, GError **err)
{
	char *tmp = g_strdup_printf("%s.XXXXXX", path);
	int fd = g_mkstemp_full(tmp, O_RDWR | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0) {
		ok = fail(err, "cannot be written: %s", g_strerror(errno));
		g_free(tmp);
		return ok;
	}
	ok = write_file(fd, meta, r, index, start, err);
	if (close(fd) && ok)
		ok = fail(err, "writing: %s", g_strerror(errno));
	if (ok && rename(tmp, path))
		ok = fail(err, "cannot be written: %s", g_strerror(errno));
	if (ok)
		sync_folder(path);
	else
		unlink(tmp);
	g_free(tmp);
	return ok;
}

bool snap_write(OutStream *meta, unsigned sections, const Ram *r, const char *path, GError **err)
{
	uint8_t *index = NULL, end[4];
	uint64_t start = 0;
	bool ok = true;

	if (r)
		ok = add_ram_index(meta, r, &index, &start, err);
	if (ok) {
		st32_be(end, sections + (r != NULL));
		add_bytes(meta, SNAP_END, "", end, sizeof(end));
		ok = put_file(meta, r, index, start, path, err);
	}
	g_free(index);
	return ok || fail_in(err, "%s", path);
}

/* Reading */

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

static void section_clear(void *data)
{
	SnapSection *s = data;

	g_free(s->name);
	g_free(s->data);
}

static bool read_head(SnapFile *f, const struct stat *st, GError **err)
{
	uint8_t head[HEAD_LEN] = { 0 };
	int64_t stamped;

	if (!read_all(f, head, MIN(f->size, HEAD_LEN), 0, err))
		return false;
	if (memcmp(head, magic, sizeof(magic)))
		return fail(err, "is not a snapshot");
	if (ld32_be(head + 8) != SNAP_VERSION)
		return fail(err, "is a snapshot of version %u; this program reads version %u",
			    ld32_be(head + 8), SNAP_VERSION);
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
static bool read_section(const SnapFile *f, uint64_t *at, uint64_t *used, SnapSection *s,
			 GError **err)
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
static bool take_ram_index(SnapFile *f, SnapSection *s, GError **err)
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
	SnapSection s = { 0 };
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
	f->sections = g_array_new(FALSE, FALSE, sizeof(SnapSection));
	g_array_set_clear_func(f->sections, section_clear);
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
