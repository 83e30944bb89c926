/*
 * What a snapshot holds of a machine, and how it gets back in.  RAM is read into, or
 * mapped as, pages of its own; they change places with the machine's when all else is
 * known to be right.
 *
 * Not here yet: disks.
 */
#include "migration/snapshot.h"

#include "base/err.h"
#include "base/log.h"
#include "migration/snapwrite.h"
#include "migration/state.h"

struct SnapSave {
	Machine *m;
	SnapWriter *writer;
	void (*done)(void *opaque);
	void *opaque;
	guint post; /* the word to the loop that it is done */
	bool started;
};

static void tell_loop(void *arg)
{
	SnapSave *s = arg;

	s->done(s->opaque);
}

/* In the writer's thread. */
static void writer_done(void *opaque)
{
	SnapSave *s = opaque;

	/* Read by nobody before this thread has been joined. */
	s->post = loop_post(s->m->loop, tell_loop, s);
}

SnapSave *snapshot_prepare(Machine *m, const char *path, const char *parent, GError **err)
{
	SnapWriter *w = snapwriter_new(m->ram, path, parent, err);
	SnapSave *s;

	if (!w)
		return NULL;
	s = g_new0(SnapSave, 1);
	s->m = m;
	s->writer = w;
	return s;
}

/* Pages not written since the parent was saved or loaded need not even be looked at. */
static void leave_unwritten(const SnapSave *s)
{
	const SnapFile *parent = snapwriter_parent(s->writer);
	const Ram *r = s->m->ram;

	if (!parent || !r->tracked || r->tracked != parent->id)
		return;
	for (uint64_t n = 0; n < r->size >> RAM_PAGE_SHIFT; n++)
		if (atomic_load_explicit(&r->page_flags[n], memory_order_relaxed) & RAM_PAGE_TRACK)
			snapwriter_same(s->writer, n);
}

void snapshot_start(SnapSave *s, void (*done)(void *opaque), void *opaque)
{
	GArray *sections = sections_new();
	const SnapFile *parent = snapwriter_parent(s->writer);
	OutStream meta;
	uint64_t id;

	state_add_config(s->m, sections);
	state_collect(s->m, sections);
	out_init(&meta);
	snap_begin(&meta);
	if (parent)
		snap_add_parent(&meta, parent);
	id = snap_id(&meta);
	snapwriter_take(s->writer, &meta, sections);
	s->started = true;
	s->done = done;
	s->opaque = opaque;
	if (s->m->ram) {
		leave_unwritten(s);
		machine_track_writes(s->m, snapwriter_touched, s->writer);
		s->m->ram->tracked = id;
	}
	snapwriter_start(s->writer, done ? writer_done : NULL, s);
}

SnapSave *snapshot_begin(Machine *m, const char *path, void (*done)(void *opaque), void *opaque,
			 GError **err)
{
	SnapSave *s = snapshot_prepare(m, path, NULL, err);

	if (s)
		snapshot_start(s, done, opaque);
	return s;
}

unsigned snapshot_percent(const SnapSave *s)
{
	uint64_t done, all;

	snapwriter_progress(s->writer, &done, &all);
	return all ? (unsigned)(done * 100 / all) : 100;
}

bool snapshot_end(SnapSave *s, GError **err)
{
	bool ok = !s->started || snapwriter_wait(s->writer, err);

	if (s->post)
		loop_unwatch(s->m->loop, s->post);
	if (s->m->ram && s->started)
		machine_track_end(s->m);
	snapwriter_free(s->writer);
	g_free(s);
	return ok;
}

bool snapshot_save(Machine *m, const char *path, GError **err)
{
	SnapSave *s = snapshot_begin(m, path, NULL, NULL, err);

	return s && snapshot_end(s, err);
}

/*
 * RAM that can be given away as a memfd stays one: the snapshot's pages are read into
 * another.
 */
static bool take_pages(const Ram *r, SnapFile *f, RamPages *pages, GError **err)
{
	if (r->shared || r->fd >= 0)
		return ram_pages_new(pages, r->size, true, err) &&
		       snap_read_ram(f, pages->host, err);
	pages->host = snap_take_ram(f, err);
	return pages->host;
}

static bool take_ram(const Machine *m, SnapFile *f, RamPages *pages, GError **err)
{
	uint64_t ours = m->ram ? m->ram->size : 0;

	if (f->has_ram != (m->ram != NULL) || f->ram_size != ours)
		return fail(err,
			    "the snapshot has %" G_GUINT64_FORMAT
			    " bytes of RAM, this machine %" G_GUINT64_FORMAT,
			    f->ram_size, ours);
	return !m->ram || take_pages(m->ram, f, pages, err);
}

bool snapshot_load(Machine *m, const char *path, GError **err)
{
	SnapFile *f = snap_open(path, err);
	RamPages pages = RAM_NO_PAGES;
	StateLoad *l;
	bool ok;

	if (!f)
		return false;
	l = state_load_new(m, f->sections, err);
	ok = l && take_ram(m, f, &pages, err) && state_load_apply(l, &pages, err);
	if (ok)
		machine_loaded(m, false);
	/* What is written from here on is all that a child of it must hold. */
	if (ok && m->ram && f->id) {
		machine_track_writes(m, NULL, NULL);
		m->ram->tracked = f->id;
	}
	if (l)
		state_load_free(l);
	if (m->ram)
		ram_pages_free(&pages, m->ram->size);
	snap_close(f);
	return ok || fail_in(err, "%s", path);
}
