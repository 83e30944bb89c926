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

bool snap_read(const SnapFile *f, void *buf, uint64_t len, uint64_t at, GError **err)
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

	if (!snap_read(f, head, MIN(f->size, HEAD_LEN), 0, err))
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
	f->id = ld64_be(head + HEAD_ID);
	if (ld32_be(head + 12) || (f->version == 2 && f->id))
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
	if (!snap_read(f, head, 6, *at, err))
		return false;
	name_len = ld16_be(head + 4);
	if (name_len > NAME_MAX_LEN || name_len > left - SECTION_FIXED)
		return fail(err, "damaged section at offset %" G_GUINT64_FORMAT, *at);
	if (!snap_read(f, head + 6, name_len + 8, *at + 6, err))
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
	if (!snap_read(f, s->data, s->len + 4, *at + 14 + name_len, err))
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

/* Takes the parent's name and id, or which pages are as they are there. */
static bool take_parent(SnapFile *f, const Section *s, GError **err)
{
	InStream in;
	bool ok;

	if (f->parent_name)
		return fail(err, "has two parents");
	in_init(&in, s->data, s->len);
	f->parent_name = in_str(&in, NAME_MAX_LEN);
	f->parent_id = in_u64(&in);
	ok = in_ok(&in) && !in_left(&in);
	in_free(&in);
	return (ok && *f->parent_name && *f->parent_name != '.' && !strchr(f->parent_name, '/')) ||
	       fail(err, "what it says of its parent makes no sense");
}

static bool take_same(SnapFile *f, Section *s, GError **err)
{
	uint64_t npages = pages_of(f->ram_size), len = bitmap_len(f->ram_size);

	if (f->same || !f->has_ram || !f->parent_name || s->len != len)
		return fail(err, "a list of its parent's pages that makes no sense");
	f->same = g_steal_pointer(&s->data);
	if (npages % 8 && f->same[npages / 8] >> (npages % 8))
		return fail(err, "the list of its parent's pages goes on past their end");
	for (uint64_t i = 0; i < len; i++)
		if (f->same[i] & f->bitmap[i])
			return fail(err, "has pages and leaves them to its parent too");
	return true;
}

/* Takes what is not the machine's state; others are for whoever loads. */
static bool take_section(SnapFile *f, Section *s, GError **err)
{
	switch (s->tag) {
	case SNAP_RAM: return take_ram_index(f, s, err);
	case SNAP_PARENT: return take_parent(f, s, err);
	case SNAP_SAME: return take_same(f, s, err);
	default: break;
	}
	if (f->sections->len >= SECTIONS_MAX)
		return fail(err, "has too many sections");
	g_array_append_val(f->sections, *s);
	memset(s, 0, sizeof(*s));
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
	ok = snap_read(f, pad, len, at, err);
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
	uint32_t n = 0;
	Section s = { 0 };
	bool ok = true, end = false;

	while (ok && !end) {
		ok = read_section(f, &at, &used, &s, err);
		if (ok && s.tag == SNAP_END) {
			end = true;
			if (s.len != 4 || ld32_be(s.data) != n)
				ok = fail(err, "does not have all its sections");
		} else if (ok) {
			ok = take_section(f, &s, err);
			n++;
		}
		section_clear(&s);
		memset(&s, 0, sizeof(s));
	}
	if (ok && !f->parent_name != !f->same)
		ok = fail(err, "says only half of what it shares with its parent");
	return ok && check_tail(f, at, err);
}

static bool open_head(SnapFile *f, GError **err)
{
	struct stat st;

	f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st))
		return fail(err, "%s", g_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(err, "is not a regular file");
	f->size = (uint64_t)st.st_size;
	return read_head(f, &st, err);
}

static SnapFile *snap_new(const char *path)
{
	SnapFile *f = g_new0(SnapFile, 1);

	f->fd = -1;
	f->path = g_strdup(path);
	f->sections = sections_new();
	return f;
}

static SnapFile *open_chain(const char *path, unsigned depth, GError **err);

static bool open_parent(SnapFile *f, unsigned depth, GError **err)
{
	char *dir = g_path_get_dirname(f->path);
	char *path = g_build_filename(dir, f->parent_name, NULL);
	bool ok;

	if (depth >= SNAP_CHAIN_MAX)
		ok = fail(err, "has more than %u ancestors", SNAP_CHAIN_MAX - 1);
	else
		ok = (f->parent = open_chain(path, depth + 1, err)) || fail_in(err, "its parent");
	if (ok && (f->parent->id != f->parent_id || !f->parent_id))
		ok = fail(err, "its parent: %s: is another snapshot than when this one was made",
			  path);
	if (ok && f->parent->ram_size != f->ram_size)
		ok = fail(err, "its parent: %s: has RAM of another size", path);
	g_free(path);
	g_free(dir);
	return ok;
}

static SnapFile *open_chain(const char *path, unsigned depth, GError **err)
{
	SnapFile *f = snap_new(path);

	if (open_head(f, err) && read_sections(f, err) &&
	    (!f->parent_name || open_parent(f, depth, err)))
		return f;
	fail_in(err, "%s", path);
	snap_close(f);
	return NULL;
}

SnapFile *snap_open(const char *path, GError **err)
{
	return open_chain(path, 1, err);
}

bool snap_parent_of(const char *path, char **name, uint64_t *id, GError **err)
{
	SnapFile *f = snap_new(path);
	uint64_t at = HEAD_LEN, used = 0;
	Section s = { 0 };
	bool ok;

	*name = NULL;
	*id = 0;
	/* It is the first section, if there is one. */
	ok = open_head(f, err) && read_section(f, &at, &used, &s, err) &&
	     (s.tag != SNAP_PARENT || take_parent(f, &s, err));
	if (ok) {
		*name = g_steal_pointer(&f->parent_name);
		*id = f->parent_id;
	} else {
		fail_in(err, "%s", path);
	}
	section_clear(&s);
	snap_close(f);
	return ok;
}

unsigned snap_chain_length(const SnapFile *f)
{
	unsigned n = 0;

	for (; f; f = f->parent)
		n++;
	return n;
}

void snap_close(SnapFile *f)
{
	if (!f)
		return;
	snap_close(f->parent);
	if (f->fd >= 0)
		close(f->fd);
	g_array_unref(f->sections);
	g_free(f->ram_index);
	g_free(f->same);
	g_free(f->parent_name);
	g_free(f->path);
	g_free(f);
}
