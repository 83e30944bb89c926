/*
 * What a snapshot holds of a machine, and how it gets back in.  RAM is read into, or
 * mapped as, pages of its own; they change places with the machine's when all else is
 * known to be right.
 *
 * Not here yet: parents, disks.
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
	guint post; /* the word to the loop that it is done; 0 once said */
};

static SnapWriter *take_state(Machine *m, const char *path, GError **err)
{
	GArray *sections = sections_new();
	OutStream meta;
	guint n;

	state_add_config(m, sections);
	state_collect(m, sections);
	out_init(&meta);
	snap_begin(&meta);
	for (n = 0; n < sections->len; n++)
		snap_add(&meta, &g_array_index(sections, Section, n));
	g_array_unref(sections);
	return snapwriter_new(&meta, n, m->ram, path, err);
}

static void tell_loop(void *arg)
{
	SnapSave *s = arg;

	s->post = 0;
	s->done(s->opaque);
}

/* In the writer's thread. */
static void writer_done(void *opaque)
{
	SnapSave *s = opaque;

	s->post = loop_post(s->m->loop, tell_loop, s);
}

SnapSave *snapshot_begin(Machine *m, const char *path, void (*done)(void *opaque), void *opaque,
			 GError **err)
{
	SnapWriter *w;
	SnapSave *s;

	w = take_state(m, path, err);
	if (!w)
		return NULL;
	s = g_new0(SnapSave, 1);
	s->m = m;
	s->writer = w;
	s->done = done;
	s->opaque = opaque;
	if (m->ram)
		machine_track_writes(m, snapwriter_touched, w);
	snapwriter_start(w, done ? writer_done : NULL, s);
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
	bool ok = snapwriter_wait(s->writer, err);

	if (s->post)
		loop_unwatch(s->m->loop, s->post);
	if (s->m->ram)
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

static bool take_ram(const Machine *m, SnapFile *f, uint8_t **pages, GError **err)
{
	uint64_t ours = m->ram ? m->ram->size : 0;

	if (f->has_ram != (m->ram != NULL) || f->ram_size != ours)
		return fail(err,
			    "the snapshot has %" G_GUINT64_FORMAT
			    " bytes of RAM, this machine %" G_GUINT64_FORMAT,
			    f->ram_size, ours);
	if (m->ram)
		*pages = snap_take_ram(f, err);
	return !m->ram || *pages;
}

bool snapshot_load(Machine *m, const char *path, GError **err)
{
	SnapFile *f = snap_open(path, err);
	uint8_t *pages = NULL;
	StateLoad *l;
	bool ok;

	if (!f)
		return false;
	l = state_load_new(m, f->sections, err);
	ok = l && take_ram(m, f, &pages, err) && state_load_apply(l, &pages, err);
	if (ok)
		machine_loaded(m, false);
	if (l)
		state_load_free(l);
	if (pages)
		ram_unmap_pages(pages, m->ram->size);
	snap_close(f);
	return ok || fail_in(err, "%s", path);
}
