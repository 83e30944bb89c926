/*
 * Snapshots: the whole state of a stopped machine as one file.
 * docs/snapshot-format.md describes the file byte by byte.
 *
 * All functions: machine lock held, from the loop's thread.  For save, begin and
 * load the machine is stopped (a running one is a bug()); the caller stops and starts.
 */
#ifndef MIGRATION_SNAPSHOT_H
#define MIGRATION_SNAPSHOT_H

#include <stdbool.h>
#include <glib.h>
#include "core/machine.h"

/*
 * Writes the snapshot beside `path`, and renames it to `path` when all of it is
 * on the disk: on failure whatever was at `path` is still there, whole.
 */
bool snapshot_save(Machine *m, const char *path, GError **err);
typedef struct SnapSave SnapSave;
/*
 * The same in three steps.  Prepare, for which the machine may still run, opens files; start
 * takes the state, for which it must not, and end finishes.  parent may be NULL; else it is the
 * path of another snapshot of this machine, in the same folder: pages that are the same there are
 * left to it, and the new one loads only together with it.
 */
SnapSave *snapshot_prepare(Machine *m, const char *path, const char *parent, GError **err);
void snapshot_start(SnapSave *s, void (*done)(void *opaque), void *opaque);
/*
 * Prepare and start in one.  After it the machine may run: what is saved is its state
 * at begin.  done() is called in the loop's thread, under the lock, when the file is
 * finished or has failed; end then (or before, and then it waits) says which, and frees.
 * Until then there is no other save and no load.
 */
SnapSave *snapshot_begin(Machine *m, const char *path, void (*done)(void *opaque), void *opaque,
			 GError **err);
/* How much of it is done, 0 to 100. */
unsigned snapshot_percent(const SnapSave *s);
bool snapshot_end(SnapSave *s, GError **err);
/*
 * Reads and checks everything before the machine is touched.  On failure
 * (damaged file, another machine, a device that refuses its state) the machine
 * is as it was.
 */
bool snapshot_load(Machine *m, const char *path, GError **err);

#endif
