/*
 * Snapshots: the whole state of a stopped machine as one file.
 * docs/snapshot-format.md describes the file byte by byte.
 *
 * Both functions: machine lock held, from the loop's thread, the machine
 * stopped (a running one is a bug()).  The caller stops and starts.
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
/*
 * Reads and checks everything before the machine is touched.  On failure
 * (damaged file, another machine, a device that refuses its state) the machine
 * is as it was.
 */
bool snapshot_load(Machine *m, const char *path, GError **err);

#endif
