/*
 * One run of the program: its machine, its back ends, and what happens when
 * the guest or the user ends something.  All of it belongs to the loop's
 * thread, with the machine lock held once there is a machine.
 */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/chardevs.h"
#include "app/options.h"
#include "core/machine.h"

typedef struct App {
	Options *opts;
	const MachineType *type;
	Loop *loop;
	VClock *clock;
	Machine *machine;
	CharSet chars;
	GPtrArray *monitors;  /* Monitor * */
	GPtrArray *tls_creds; /* TlsCreds *, of -object */
	struct Migration *migration;
	struct SnapSave *save; /* under way */
	struct Monitor *saver; /* who waits for it */
	int status;	       /* exit status */
	bool quitting;
	int signal; /* the signal that ended us, or 0 */
} App;

/* Runs until the end; the exit status.  err only with status 1 before the guest ran. */
int app_run(App *a, Options *o, GError **err);
/* Ends the run; the machine stops, app_run() returns status. */
void app_quit(App *a, int status);

/* The user's stop and cont, as in the monitor. */
void app_stop(App *a);
bool app_cont(App *a, GError **err);
/* A reset, or under -no-reboot the end. */
void app_reset(App *a);
/* The machine's own words (see Machine.on_shutdown). */
void app_attach_machine(App *a, Machine *m);

/* Fills the machine's configuration; cfg borrows from a->opts. */
void app_machine_config(App *a, MachineConfig *cfg, const HostClock *host);

/* Snapshots: NAME.snap in -snapdir. */
/*
 * The machine goes on while its RAM is written; whoever asked (may be NULL) gets its
 * prompt when all is on the disk.
 */
bool app_savevm(App *a, const char *name, const char *parent, struct Monitor *asked, GError **err);
/* Waits for the save under way, if there is one. */
void app_end_save(App *a);
/* On failure the machine is as it was and goes on if it ran. */
bool app_loadvm(App *a, const char *name, GError **err);
bool app_delvm(App *a, const char *name, GError **err);
/* A table of them; false when the folder cannot be read. */
bool app_snapshots(App *a, GString *out, GError **err);
/* Not empty, no slash, no leading dot, no control characters, 200 bytes at most. */
bool app_snapshot_name(const char *name, GError **err);

#endif
