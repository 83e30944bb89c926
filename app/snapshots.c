/* savevm and its family, for the monitor and for -loadvm. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "app/migrate.h"
#include "app/monitor_int.h"
#include "base/err.h"
#include "base/log.h"
#include "core/absent.h"
#include "migration/snapfile.h"
#include "migration/snapshot.h"

#define SNAP_SUFFIX ".snap"

bool app_snapshot_name(const char *name, GError **err)
{
	if (!*name || *name == '.' || strlen(name) > 200)
		return fail(err, "'%s': a snapshot's name has 1 to 200 bytes and no leading dot",
			    name);
	for (const char *p = name; *p; p++)
		if (*p == '/' || (unsigned char)*p < ' ' || *p == 0x7f)
			return fail(err, "'%s': no slash or control character in a snapshot's name",
				    name);
	return true;
}

static const char *folder(const App *a)
{
	return a->opts->snapdir ? a->opts->snapdir : ".";
}

static char *path_of(const App *a, const char *name, GError **err)
{
	char *file, *path;

	if (!app_snapshot_name(name, err))
		return NULL;
	file = g_strconcat(name, SNAP_SUFFIX, NULL);
	path = g_build_filename(folder(a), file, NULL);
	g_free(file);
	return path;
}

/* On failure without anybody who waits, a line of the log says so. */
void app_end_save(App *a)
{
	struct Monitor *saver = a->saver;
	GError *err = NULL;

	if (!a->save)
		return;
	snapshot_end(a->save, &err);
	a->save = NULL;
	a->saver = NULL;
	if (saver)
		mon_resume(saver, err);
	else if (err)
		log_warn("savevm: %s", err->message);
	g_clear_error(&err);
}

static void save_done(void *opaque)
{
	app_end_save(opaque);
}

/* The pages that a migration watches are watched by it alone. */
static bool free_to_save(const App *a, GError **err)
{
	if (absent_left(a->machine))
		return fail(err, "%" PRIu64 " pages of the guest are still to come",
			    absent_left(a->machine));
	if (a->migration && migration_busy(a->migration))
		return fail(err, "a migration is under way");
	return a->machine->stop_reason != STOP_INCOMING ||
	       fail(err, "there is no guest yet: it is to come by migration");
}

/* Registers that stopped here and memory that runs on there would make no guest. */
static bool still_here(const App *a, GError **err)
{
	return !a->machine->ram || !a->machine->ram->elsewhere ||
	       fail(err, "the guest runs in another process now, in the memory that it had here");
}

/* The first snapshot whose parent is that file, which stays as long as it does; or NULL. */
static char *child_of(const App *a, const char *path)
{
	char *file = g_path_get_basename(path), *found = NULL;
	GDir *dir = g_dir_open(folder(a), 0, NULL);
	const char *other;

	while (dir && !found && (other = g_dir_read_name(dir))) {
		char *at = g_build_filename(folder(a), other, NULL), *parent = NULL;
		uint64_t id;

		if (g_str_has_suffix(other, SNAP_SUFFIX) && strcmp(other, file) &&
		    snap_parent_of(at, &parent, &id, NULL) && parent && !strcmp(parent, file))
			found = g_strndup(other, strlen(other) - strlen(SNAP_SUFFIX));
		g_free(parent);
		g_free(at);
	}
	if (dir)
		g_dir_close(dir);
	g_free(file);
	return found;
}

/* May what is at that path, if anything, go? */
static bool free_to_go(const App *a, const char *path, GError **err)
{
	char *child = child_of(a, path);

	if (child)
		fail(err, "%s: is the parent of %s", path, child);
	g_free(child);
	return !child;
}

static SnapSave *prepare(App *a, const char *path, const char *parent, GError **err)
{
	char *parent_path = parent ? path_of(a, parent, err) : NULL;
	SnapSave *s = NULL;

	if (parent && !parent_path)
		return NULL;
	if (parent && !strcmp(parent_path, path))
		fail(err, "%s: cannot be its own parent", path);
	else if (free_to_go(a, path, err))
		s = snapshot_prepare(a->machine, path, parent_path, err);
	g_free(parent_path);
	return s;
}

bool app_savevm(App *a, const char *name, const char *parent, struct Monitor *asked, GError **err)
{
	char *path = path_of(a, name, err);
	bool running, waits;

	if (!path || !free_to_save(a, err) || !still_here(a, err)) {
		g_free(path);
		return false;
	}
	app_end_save(a);
	a->save = prepare(a, path, parent, err);
	g_free(path);
	if (!a->save)
		return false;
	running = machine_running(a->machine);
	if (running)
		machine_stop(a->machine, STOP_SAVE);
	snapshot_start(a->save, save_done, a);
	if (running)
		machine_start(a->machine);
	waits = asked && mon_suspend(asked);
	a->saver = waits ? asked : NULL;
	if (!waits && asked) {
		struct SnapSave *save = a->save;

		a->save = NULL;
		return snapshot_end(save, err);
	}
	return true;
}

bool app_loadvm(App *a, const char *name, GError **err)
{
	char *path = path_of(a, name, err);
	bool running, ok;

	if (!path || !free_to_save(a, err)) {
		g_free(path);
		return false;
	}
	app_end_save(a);
	running = machine_running(a->machine);
	if (running)
		machine_stop(a->machine, STOP_SAVE);
	ok = snapshot_load(a->machine, path, err);
	if (running)
		machine_start(a->machine);
	g_free(path);
	/* A guest that had shut down here, or had left, is back among the living. */
	if (ok &&
	    (a->machine->stop_reason == STOP_SHUTDOWN || a->machine->stop_reason == STOP_PANIC ||
	     a->machine->stop_reason == STOP_MIGRATED))
		a->machine->stop_reason = STOP_USER;
	return ok;
}

bool app_delvm(App *a, const char *name, GError **err)
{
	char *path = path_of(a, name, err);
	bool ok;

	if (!path)
		return false;
	app_end_save(a);
	ok = free_to_go(a, path, err) &&
	     (!unlink(path) || fail(err, "%s: %s", path, g_strerror(errno)));
	g_free(path);
	return ok;
}

static void show_one(const App *a, const char *file, GString *out)
{
	char *path = g_build_filename(folder(a), file, NULL);
	char *parent = NULL, *date;
	struct stat st;
	GDateTime *t;
	uint64_t id;

	if (!stat(path, &st) && S_ISREG(st.st_mode)) {
		t = g_date_time_new_from_unix_local(st.st_mtime);
		date = t ? g_date_time_format(t, "%Y-%m-%d %H:%M:%S") : g_strdup("?");
		/* What it takes on disk: most of the file is holes. */
		g_string_append_printf(out, "%-24.*s %8.1f MiB  %s",
				       (int)(strlen(file) - strlen(SNAP_SUFFIX)), file,
				       (double)st.st_blocks / 2048, date);
		if (snap_parent_of(path, &parent, &id, NULL) && parent)
			g_string_append_printf(out, "  parent=%.*s",
					       g_str_has_suffix(parent, SNAP_SUFFIX)
						       ? (int)(strlen(parent) - strlen(SNAP_SUFFIX))
						       : (int)strlen(parent),
					       parent);
		g_string_append_c(out, '\n');
		g_free(parent);
		g_free(date);
		if (t)
			g_date_time_unref(t);
	}
	g_free(path);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void show_written(const Ram *r, GString *out)
{
	uint64_t n = ram_count_written(r), all = r->size >> RAM_PAGE_SHIFT;

	g_string_append_printf(out,
			       "%" PRIu64 " of %" PRIu64
			       " pages written since a snapshot was saved or loaded\n",
			       n, all);
}

bool app_snapshots(App *a, GString *out, GError **err)
{
	GDir *dir = g_dir_open(folder(a), 0, err);
	GPtrArray *files;
	const char *file;

	if (!dir)
		return false;
	files = g_ptr_array_new_with_free_func(g_free);
	while ((file = g_dir_read_name(dir)))
		if (*file != '.' && g_str_has_suffix(file, SNAP_SUFFIX))
			g_ptr_array_add(files, g_strdup(file));
	g_dir_close(dir);
	g_ptr_array_sort(files, by_name);
	if (!files->len)
		g_string_append(out, "There is no snapshot available.\n");
	else
		g_string_append_printf(out, "%-24s %12s  %s\n", "NAME", "SIZE", "DATE");
	for (guint i = 0; i < files->len; i++)
		show_one(a, g_ptr_array_index(files, i), out);
	if (files->len && a->machine->ram && a->machine->ram->tracked)
		show_written(a->machine->ram, out);
	g_ptr_array_unref(files);
	return true;
}
