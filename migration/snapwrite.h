/*
 * Writing a snapshot file: head and sections first in memory, then RAM, if need be
 * while the guest goes on.  docs/snapshot-format.md describes every byte.
 */
#ifndef MIGRATION_SNAPWRITE_H
#define MIGRATION_SNAPWRITE_H

#include "migration/snapfile.h"

/* The file's head, then sections one after the other. */
void snap_begin(OutStream *meta);
uint64_t snap_id(const OutStream *meta);
/* Goes first, and does not count as a section. */
void snap_add_parent(OutStream *meta, const SnapFile *parent);
void snap_add(OutStream *meta, const Section *s);

typedef struct SnapWriter SnapWriter;

/*
 * Makes the temporary file beside path.  ram may be NULL; else it must outlive the writer.
 * parent may be NULL; else the path of the snapshot that pages are left to which are the
 * same there.
 */
SnapWriter *snapwriter_new(Ram *ram, const char *path, const char *parent, GError **err);
const SnapFile *snapwriter_parent(const SnapWriter *w);
/*
 * Takes over the head, and the sections, which its thread puts behind it: a guest that
 * stands for its state to be collected need not wait for that.
 */
void snapwriter_take(SnapWriter *w, OutStream *meta, GArray *sections);
/* Before the start: page n is known to be as it is in the parent. */
void snapwriter_same(SnapWriter *w, uint64_t n);
/* What RAM must call before the first write to each page (Ram.touched); opaque: the writer. */
void snapwriter_touched(void *opaque, uint64_t n);
/*
 * A thread writes all pages as they are now, the rest of the file, and renames it to
 * path; then it calls done (may be NULL), from that thread.
 */
void snapwriter_start(SnapWriter *w, void (*done)(void *opaque), void *opaque);
/* Pages written so far, of how many. */
void snapwriter_progress(const SnapWriter *w, uint64_t *done, uint64_t *all);
/* Waits for the end.  Free it once nobody calls snapwriter_touched() any more. */
bool snapwriter_wait(SnapWriter *w, GError **err);
void snapwriter_free(SnapWriter *w);
/* All of it in one, `sections` being in meta already: nobody writes to RAM meanwhile. */
bool snap_write(OutStream *meta, unsigned sections, Ram *ram, const char *path, GError **err);

#endif
