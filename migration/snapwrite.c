/*
 * The snapshot file's writer.  RAM lies at the end of the file, at its own aligned
 * offset plus the guest physical address, with holes for pages of zeros, so that it can
 * be mapped as it is.
 *
 * A page is written as it was when the writer started.  Each is claimed once, by the
 * writer's thread or by whoever is about to write to it (a CPU, a device), and the
 * claimer puts it into the file; the other one waits.  So nothing is copied in memory and
 * nothing grows with what the guest writes meanwhile.  Sums are taken page by page and
 * put together at the end.
 */
#define _GNU_SOURCE
#include "migration/snapwrite.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"
#include "migration/snaplayout.h"

/* Pages of one write; a writer to one of them waits that long. */
#define RUN_PAGES 16

enum { PAGE_WAITS, PAGE_CLAIMED, PAGE_ZERO, PAGE_WRITTEN, PAGE_SAME };

struct SnapWriter {
	Ram *ram;
	OutStream meta;
	GArray *waiting; /* sections that go behind it; or NULL */
	unsigned sections;
	char *path, *tmp;
	int fd;
	uint64_t start, npages; /* offset of RAM in the file */
	SnapFile *parent;	/* and its RAM, to compare with */
	uint8_t *parent_ram;
	_Atomic uint8_t *state;
	uint32_t *sums; /* of pages written */
	_Atomic uint64_t done;
	atomic_int error; /* errno of the first write that failed */
	GThread *thread;
	GError *failure;
	void (*when_done)(void *opaque);
	void *opaque;
};

void snap_begin(OutStream *meta)
{
	out_bytes(meta, SNAP_MAGIC, 8);
	out_u32(meta, SNAP_VERSION);
	out_u32(meta, 0);
	out_u64(meta, 0);
	/* By this a child knows its parent; 0 is nobody's. */
	out_u64(meta, (uint64_t)g_random_int() << 32 | g_random_int() | 1);
}

uint64_t snap_id(const OutStream *meta)
{
	return ld64_be(meta->buf->data + HEAD_ID);
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

void snap_add(OutStream *meta, const Section *s)
{
	add_bytes(meta, s->tag, s->name, s->data, s->len);
}

void snap_add_parent(OutStream *meta, const SnapFile *parent)
{
	char *name = g_path_get_basename(parent->path);
	OutStream s;

	out_init(&s);
	out_str(&s, name);
	out_u64(&s, parent->id);
	add_bytes(meta, SNAP_PARENT, "", s.buf->data, s.buf->len);
	out_free(&s);
	g_free(name);
}

/* 0, or errno. */
static int write_at(int fd, const uint8_t *p, uint64_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, p, MIN(len, UINT64_C(1) << 30), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		p += n;
		at += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static bool write_all(int fd, const uint8_t *p, uint64_t len, uint64_t at, GError **err)
{
	int e = write_at(fd, p, len, at);

	return !e || fail(err, "writing: %s", g_strerror(e));
}

/* ------------------------------------------------------------------ RAM */

static bool claim(SnapWriter *w, uint64_t n)
{
	uint8_t want = PAGE_WAITS;

	return atomic_compare_exchange_strong(&w->state[n], &want, PAGE_CLAIMED);
}

static const uint8_t *page_at(const SnapWriter *w, uint64_t n)
{
	return w->ram->host + (n << RAM_PAGE_SHIFT);
}

/* Puts claimed pages, none of them zero, into the file; after an error nowhere. */
static void put_run(SnapWriter *w, uint64_t n, uint64_t count)
{
	int none = 0, e = atomic_load(&w->error);

	if (!e && count)
		e = write_at(w->fd, page_at(w, n), count << RAM_PAGE_SHIFT,
			     w->start + (n << RAM_PAGE_SHIFT));
	if (e)
		atomic_compare_exchange_strong(&w->error, &none, e);
	for (uint64_t i = n; i < n + count; i++) {
		if (!e)
			w->sums[i] = crc32c(0, page_at(w, i), RAM_PAGE_SIZE);
		atomic_store_explicit(&w->state[i], PAGE_WRITTEN, memory_order_release);
	}
	atomic_fetch_add(&w->done, count);
}

/* A claimed page of which nothing need be written. */
static void put_word(SnapWriter *w, uint64_t n, uint8_t word)
{
	atomic_store_explicit(&w->state[n], word, memory_order_release);
	atomic_fetch_add(&w->done, 1);
}

/* What is to become of a claimed page. */
static uint8_t judge(const SnapWriter *w, uint64_t n)
{
	if (w->parent_ram &&
	    !memcmp(page_at(w, n), w->parent_ram + (n << RAM_PAGE_SHIFT), RAM_PAGE_SIZE))
		return PAGE_SAME;
	return bytes_are_zero(page_at(w, n), RAM_PAGE_SIZE) ? PAGE_ZERO : PAGE_WRITTEN;
}

/* Until its claimer is done with it. */
static void wait_page(SnapWriter *w, uint64_t n)
{
	while (atomic_load_explicit(&w->state[n], memory_order_acquire) == PAGE_CLAIMED)
		sched_yield();
}

void snapwriter_touched(void *opaque, uint64_t n)
{
	SnapWriter *w = opaque;

	if (claim(w, n)) {
		uint8_t word = judge(w, n);

		if (word == PAGE_WRITTEN)
			put_run(w, n, 1);
		else
			put_word(w, n, word);
	}
	wait_page(w, n);
}

static void write_ram(SnapWriter *w)
{
	uint64_t from = 0, count = 0;

	for (uint64_t n = 0; n < w->npages; n++) {
		bool mine = claim(w, n);
		uint8_t word = mine ? judge(w, n) : PAGE_WAITS;

		if (count && (word != PAGE_WRITTEN || count == RUN_PAGES)) {
			put_run(w, from, count);
			count = 0;
		}
		if (mine && word != PAGE_WRITTEN)
			put_word(w, n, word);
		else if (mine && !count++)
			from = n;
	}
	put_run(w, from, count);
	/* Others may still be busy with the last ones that they have claimed. */
	for (uint64_t n = 0; n < w->npages; n++)
		wait_page(w, n);
}

/* ------------------------------------------------------------- the file */

/*
 * What a CRC-32C becomes when a page of zeros is appended: linear, so a table for each
 * of its bytes does it.
 */
static void page_of_zeros(uint32_t table[4][256])
{
	static const uint8_t zeros[RAM_PAGE_SIZE];
	uint32_t base = crc32c(0, zeros, RAM_PAGE_SIZE);

	for (unsigned b = 0; b < 4; b++)
		for (unsigned v = 0; v < 256; v++)
			table[b][v] = crc32c(v << 8 * b, zeros, RAM_PAGE_SIZE) ^ base;
}

/* The sum of bytes and a page behind them, of both sums. */
static uint32_t append_page(uint32_t table[4][256], uint32_t sum, uint32_t page)
{
	return table[0][sum & 0xff] ^ table[1][sum >> 8 & 0xff] ^ table[2][sum >> 16 & 0xff] ^
	       table[3][sum >> 24] ^ page;
}

static void add_ram_index(SnapWriter *w)
{
	uint64_t len = index_len(w->ram->size);
	uint8_t *index = g_malloc0(len), *bitmap = index + RAM_INDEX_FIXED;
	uint8_t *sums = bitmap + bitmap_len(w->ram->size);
	uint32_t table[4][256], sum = 0;

	page_of_zeros(table);
	st64_be(index, w->ram->size);
	st64_be(index + 8, w->start);
	st32_be(index + 16, RAM_PAGE_SHIFT);
	st32_be(index + 20, CHUNK_SHIFT);
	for (uint64_t i = 0; i < w->npages; i++) {
		if (i % CHUNK_PAGES == 0)
			sum = 0;
		if (w->state[i] == PAGE_WRITTEN) {
			bitmap[i >> 3] |= (uint8_t)(1u << (i & 7));
			sum = append_page(table, sum, w->sums[i]);
		}
		st32_be(sums + 4 * (i / CHUNK_PAGES), sum);
	}
	add_bytes(&w->meta, SNAP_RAM, "", index, len);
	g_free(index);
}

static void add_same(SnapWriter *w)
{
	uint64_t len = bitmap_len(w->ram->size);
	uint8_t *map = g_malloc0(len);

	for (uint64_t i = 0; i < w->npages; i++)
		if (w->state[i] == PAGE_SAME)
			map[i >> 3] |= (uint8_t)(1u << (i & 7));
	add_bytes(&w->meta, SNAP_SAME, "", map, len);
	g_free(map);
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

static bool write_file(SnapWriter *w, GError **err)
{
	uint8_t end[4];

	for (guint i = 0; w->waiting && i < w->waiting->len; i++)
		snap_add(&w->meta, &g_array_index(w->waiting, Section, i));
	g_clear_pointer(&w->waiting, g_array_unref);
	if (w->error)
		return fail(err, "writing: %s", g_strerror(w->error));
	if (w->ram) {
		write_ram(w);
		if (w->error)
			return fail(err, "writing: %s", g_strerror(w->error));
		add_ram_index(w);
		if (w->parent)
			add_same(w);
	}
	/* RAM's index, PRNT and SAME beside the machine's own. */
	st32_be(end, w->sections + (w->ram != NULL) + 2 * (w->parent != NULL));
	add_bytes(&w->meta, SNAP_END, "", end, sizeof(end));
	if (!write_all(w->fd, w->meta.buf->data, w->meta.buf->len, 0, err) || !stamp(w->fd, err))
		return false;
	if (fsync(w->fd))
		return fail(err, "writing: %s", g_strerror(errno));
	return true;
}

static bool put_in_place(SnapWriter *w, GError **err)
{
	bool ok = write_file(w, err);

	if (close(w->fd) && ok)
		ok = fail(err, "writing: %s", g_strerror(errno));
	w->fd = -1;
	if (ok && rename(w->tmp, w->path))
		ok = fail(err, "cannot be written: %s", g_strerror(errno));
	if (ok)
		sync_folder(w->path);
	return ok;
}

static gpointer writer_thread(gpointer arg)
{
	SnapWriter *w = arg;

	if (put_in_place(w, &w->failure)) {
		g_free(w->tmp);
		w->tmp = NULL;
	} else {
		fail_in(&w->failure, "%s", w->path);
	}
	if (w->when_done)
		w->when_done(w->opaque);
	return NULL;
}

static bool make_file(SnapWriter *w, GError **err)
{
	if (w->ram) {
		w->npages = pages_of(w->ram->size);
		w->state = g_try_malloc0(w->npages);
		w->sums = g_try_malloc0(w->npages * sizeof(*w->sums));
		if (!w->state || !w->sums)
			return fail(err, "no memory for the index of RAM");
	}
	w->tmp = g_strdup_printf("%s.XXXXXX", w->path);
	w->fd = g_mkstemp_full(w->tmp, O_RDWR | O_CLOEXEC, 0600);
	if (w->fd >= 0)
		return true;
	g_free(w->tmp);
	w->tmp = NULL;
	return fail(err, "cannot be written: %s", g_strerror(errno));
}

static bool find_parent(SnapWriter *w, const char *path, GError **err)
{
	if (!w->ram)
		return fail(err, "a machine without RAM has no use for a parent");
	w->parent = snap_open(path, err);
	if (!w->parent)
		return fail_in(err, "its parent");
	if (snap_chain_length(w->parent) >= SNAP_CHAIN_MAX)
		return fail(err, "its parent: %s: has %u ancestors; that many are possible", path,
			    SNAP_CHAIN_MAX - 1);
	if (!w->parent->id)
		return fail(err, "its parent: %s: is of an old format", path);
	if (w->parent->ram_size != w->ram->size)
		return fail(err, "its parent: %s: has RAM of another size", path);
	w->parent_ram = snap_take_ram(w->parent, err);
	return w->parent_ram || fail_in(err, "its parent: %s", path);
}

SnapWriter *snapwriter_new(Ram *ram, const char *path, const char *parent, GError **err)
{
	SnapWriter *w = g_new0(SnapWriter, 1);

	w->ram = ram;
	w->path = g_strdup(path);
	w->fd = -1;
	if ((!parent || find_parent(w, parent, err)) && make_file(w, err))
		return w;
	fail_in(err, "%s", path);
	snapwriter_free(w);
	return NULL;
}

const SnapFile *snapwriter_parent(const SnapWriter *w)
{
	return w->parent;
}

void snapwriter_same(SnapWriter *w, uint64_t n)
{
	w->state[n] = PAGE_SAME;
	w->done++;
}

/* RAM lies behind head, sections, index and end. */
static uint64_t file_size(SnapWriter *w)
{
	uint64_t size = w->meta.buf->len + END_LEN;

	for (guint i = 0; w->waiting && i < w->waiting->len; i++) {
		const Section *x = &g_array_index(w->waiting, Section, i);

		size += SECTION_FIXED + strlen(x->name) + x->len;
	}
	if (!w->ram)
		return size;
	size += SECTION_FIXED + index_len(w->ram->size);
	if (w->parent)
		size += SECTION_FIXED + bitmap_len(w->ram->size);
	w->start = (size + RAM_ALIGN - 1) / RAM_ALIGN * RAM_ALIGN;
	return w->start + w->ram->size;
}

void snapwriter_take(SnapWriter *w, OutStream *meta, GArray *sections)
{
	w->meta = *meta;
	meta->buf = NULL;
	w->waiting = sections;
	w->sections = sections->len;
	/* An error waits in the file's stead for the writer. */
	if (ftruncate(w->fd, (off_t)file_size(w)))
		atomic_store(&w->error, errno);
}

void snapwriter_start(SnapWriter *w, void (*done)(void *opaque), void *opaque)
{
	w->when_done = done;
	w->opaque = opaque;
	w->thread = g_thread_new("snapshot", writer_thread, w);
}

void snapwriter_progress(const SnapWriter *w, uint64_t *done, uint64_t *all)
{
	*done = atomic_load(&w->done);
	*all = w->npages;
}

bool snapwriter_wait(SnapWriter *w, GError **err)
{
	g_thread_join(w->thread);
	w->thread = NULL;
	if (!w->failure)
		return true;
	g_propagate_error(err, w->failure);
	w->failure = NULL;
	return false;
}

void snapwriter_free(SnapWriter *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->tmp)
		unlink(w->tmp);
	if (w->meta.buf)
		out_free(&w->meta);
	g_clear_pointer(&w->waiting, g_array_unref);
	if (w->parent_ram)
		ram_unmap_pages(w->parent_ram, w->ram->size);
	snap_close(w->parent);
	g_clear_error(&w->failure);
	g_free((void *)w->state);
	g_free(w->sums);
	g_free(w->tmp);
	g_free(w->path);
	g_free(w);
}

bool snap_write(OutStream *meta, unsigned sections, Ram *ram, const char *path, GError **err)
{
	SnapWriter *w = snapwriter_new(ram, path, NULL, err);
	bool ok;

	if (!w) {
		out_free(meta);
		return false;
	}
	snapwriter_take(w, meta, sections_new());
	w->sections = sections;
	snapwriter_start(w, NULL, NULL);
	ok = snapwriter_wait(w, err);
	snapwriter_free(w);
	return ok;
}
