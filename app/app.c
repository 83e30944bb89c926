#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "app/migrate.h"
#include "app/monitor.h"
#include "app/objects.h"
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"
#include "core/absent.h"
#include "host/stream.h"

#define NS_PER_S INT64_C(1000000000)
/* Counted time begins here unless -rtc says else: 2026-01-01 00:00:00 UTC. */
#define COUNTED_EPOCH (INT64_C(1767225600) * NS_PER_S)
#define COUNTED_SEED 1

/* The write end, for the signal handler: signals belong to the process. */
static int signal_pipe = -1;

static void on_signal(int sig)
{
	int saved = errno;
	uint8_t b = (uint8_t)sig;
	ssize_t n = write(signal_pipe, &b, 1);

	/* A full pipe is a quit that is already on its way. */
	(void)n;
	errno = saved;
}

static bool signal_ready(int fd, GIOCondition cond, void *opaque)
{
	App *a = opaque;
	uint8_t b;

	(void)cond;
	if (read(fd, &b, 1) == 1) {
		a->signal = b;
		app_quit(a, 0);
	}
	return true;
}

static bool watch_signals(App *a, int fds[2], GError **err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	if (!g_unix_open_pipe(fds, FD_CLOEXEC, err))
		return false;
	signal_pipe = fds[1];
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction old;

		/* nohup has its way. */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	}
	loop_watch(a->loop, fds[0], G_IO_IN, signal_ready, a);
	return true;
}

void app_quit(App *a, int status)
{
	if (a->quitting)
		return;
	a->quitting = true;
	a->status = status;
	loop_quit(a->loop);
}

static void quit_key(void *opaque)
{
	app_quit(opaque, 0);
}

void app_stop(App *a)
{
	machine_stop(a->machine, STOP_USER);
	/* It is not to go on by itself once its pages come again. */
	if (a->machine->stop_reason == STOP_PAGES)
		a->machine->stop_reason = STOP_USER;
}

bool app_cont(App *a, GError **err)
{
	StopReason why = a->machine->stop_reason;

	if (why == STOP_SHUTDOWN || why == STOP_PANIC)
		return fail(err, "the guest has ended; system_reset begins anew");
	if (why == STOP_INCOMING)
		return fail(err, "there is no guest yet: it is to come by migration");
	if (why == STOP_FINISH)
		return fail(err, "the last of a migration is under way");
	if (why == STOP_MIGRATED)
		return fail(err, "the guest runs on another machine now");
	if (absent_left(a->machine) && !absent_is_open(a->machine))
		return fail(err, "pages of the guest are missing: migrate_recover");
	machine_start(a->machine);
	return true;
}

/* The guest is done: the end, or with -no-shutdown a stop that can be looked at. */
static void guest_ended(App *a, StopReason why, int status)
{
	machine_stop(a->machine, why);
	if (!a->opts->no_shutdown)
		app_quit(a, status);
}

void app_reset(App *a)
{
	Machine *m = a->machine;
	bool running = machine_running(m);

	if (a->opts->no_reboot) {
		guest_ended(a, STOP_SHUTDOWN, 0);
		return;
	}
	machine_stop(m, STOP_USER);
	machine_reset(m);
	if (running)
		machine_start(m);
	else if (m->stop_reason == STOP_SHUTDOWN || m->stop_reason == STOP_PANIC)
		m->stop_reason = STOP_INITIAL;
}

static void on_shutdown(void *opaque, StopReason why)
{
	App *a = opaque;

	if (why != STOP_PANIC) {
		guest_ended(a, why, 0);
		return;
	}
	switch (a->opts->panic) {
	case PANIC_SHUTDOWN: guest_ended(a, why, 0); break;
	case PANIC_EXIT_FAILURE: guest_ended(a, why, 1); break;
	case PANIC_PAUSE: machine_stop(a->machine, why); break;
	case PANIC_NONE: machine_start(a->machine); break;
	}
}

static void on_reset(void *opaque)
{
	app_reset(opaque);
}

void app_attach_machine(App *a, Machine *m)
{
	a->machine = m;
	m->on_shutdown = on_shutdown;
	m->on_reset = on_reset;
	m->on_opaque = a;
	m->time_policy = a->opts->time_policy;
}

/* What -rtc says, in ns since 1970, for the moment `now`. */
static int64_t rtc_at(const Options *o, int64_t now)
{
	time_t secs = (time_t)(now / NS_PER_S);
	struct tm tm;

	switch (o->rtc) {
	case RTC_LOCALTIME: return localtime_r(&secs, &tm) ? now + tm.tm_gmtoff * NS_PER_S : now;
	case RTC_DATE: return o->rtc_date * NS_PER_S;
	case RTC_UTC: break;
	}
	return now;
}

static void config_rtc(const Options *o, MachineConfig *cfg, const HostClock *host)
{
	int64_t now = host->wall(host->opaque);

	cfg->rtc_host = !o->rtc_vm && (o->rtc_clock_given || !o->counted);
	if (cfg->rtc_host)
		cfg->rtc_base = rtc_at(o, now) - now;
	else if (o->counted && !o->rtc_given)
		cfg->rtc_base = COUNTED_EPOCH;
	else
		cfg->rtc_base = rtc_at(o, now);
}

void app_machine_config(App *a, MachineConfig *cfg, const HostClock *host)
{
	const Options *o = a->opts;

	memset(cfg, 0, sizeof(*cfg));
	cfg->cpu = o->cpu;
	cfg->smp = (unsigned)o->smp;
	cfg->ram = o->ram ? o->ram : a->type->default_ram;
	cfg->ram_shared = o->ram_shared;
	cfg->kernel = o->kernel;
	cfg->initrd = o->initrd;
	cfg->append = o->append;
	cfg->bios = o->bios;
	for (guint i = 0; a->chars.serials && i < a->chars.serials->len; i++)
		cfg->serial[cfg->nserial++] = g_ptr_array_index(a->chars.serials, i);
	config_rtc(o, cfg, host);
	cfg->uuid = o->uuid;
	cfg->name = o->name;
	cfg->props = o->props;
	cfg->seed_set = o->seed_set || o->counted;
	cfg->seed = o->seed_set ? o->seed : COUNTED_SEED;
	cfg->state_follows = o->loadvm || o->incoming;
	cfg->accel = o->accel;
	cfg->accel_verify = o->accel_verify;
	cfg->perfmap = o->perfmap;
	cfg->accel_fore = o->accel_fore;
	cfg->accel_one = o->accel_one;
	cfg->accel_shuffle = o->accel_shuffle;
	cfg->accel_seed = (uint32_t)o->accel_seed;
	cfg->accel_strict = o->accel_strict;
	cfg->accel_mib = o->accel_mib;
}

/* -L is where a firmware's bare name is looked for. */
static void find_bios(Options *o)
{
	char *path;

	if (!o->bios || !o->firmware_dir || strchr(o->bios, '/') ||
	    g_file_test(o->bios, G_FILE_TEST_EXISTS))
		return;
	path = g_build_filename(o->firmware_dir, o->bios, NULL);
	g_free(o->bios);
	o->bios = path;
}

static bool prepare(App *a, GError **err)
{
	Options *o = a->opts;

	if (o->log_topics && !log_set_topics(o->log_topics, err))
		return fail_in(err, "-d");
	if (o->log_file && !log_set_file(o->log_file, err))
		return fail_in(err, "-D");
	a->type = options_machine(o, err);
	if (!a->type || !options_check_machine(o, a->type, err))
		return false;
	if (o->snapdir && !g_file_test(o->snapdir, G_FILE_TEST_IS_DIR))
		return fail(err, "-snapdir %s: no such folder", o->snapdir);
	if (o->loadvm && !app_snapshot_name(o->loadvm, err))
		return fail_in(err, "-loadvm");
	if (o->incoming && strcmp(o->incoming, "defer") && !stream_check(o->incoming, err))
		return fail_in(err, "-incoming");
	if (!objects_load(a->tls_creds, o, err))
		return false;
	if (o->incoming && o->loadvm)
		return fail(err, "-incoming and -loadvm: the guest comes from one of them");
	find_bios(o);
	return true;
}

static bool write_pidfile(const char *path, GError **err)
{
	FILE *f = fopen(path, "we");
	bool ok = f && fprintf(f, "%d\n", (int)getpid()) > 0;

	if (f && fclose(f))
		ok = false;
	return ok || fail(err, "-pidfile %s: %s", path, g_strerror(errno));
}

static void free_monitor(gpointer p)
{
	monitor_free(p);
}

/* With the machine made and locked: the rest of the way to its first instruction. */
static bool start(App *a, GError **err)
{
	Options *o = a->opts;

	a->migration = migration_new(a);
	a->monitors = g_ptr_array_new_with_free_func(free_monitor);
	for (guint i = 0; i < a->chars.monitors->len; i++)
		g_ptr_array_add(a->monitors,
				monitor_new(a, g_ptr_array_index(a->chars.monitors, i)));
	if (o->loadvm && !app_loadvm(a, o->loadvm, err))
		return fail_in(err, "-loadvm %s", o->loadvm);
	/* What is typed before the guest comes is for the guest. */
	if (o->incoming) {
		a->machine->stop_reason = STOP_INCOMING;
		machine_hold_input(a->machine, true);
	}
	if (o->incoming && strcmp(o->incoming, "defer") &&
	    !migration_listen(a->migration, o->incoming, err))
		return fail_in(err, "-incoming");
	if (o->pidfile && !write_pidfile(o->pidfile, err))
		return false;
	if (!o->start_stopped && !o->incoming && !a->quitting)
		machine_start(a->machine);
	return true;
}

static void finish(App *a, bool started)
{
	machine_lock(a->machine);
	migration_free(a->migration);
	a->migration = NULL;
	machine_stop(a->machine, STOP_USER);
	a->saver = NULL;
	app_end_save(a);
	charset_close(&a->chars);
	machine_unlock(a->machine);
	if (a->monitors)
		g_ptr_array_unref(a->monitors);
	a->monitors = NULL;
	machine_free(a->machine);
	a->machine = NULL;
	g_clear_pointer(&a->tls_creds, g_ptr_array_unref);
	charset_free(&a->chars);
	if (started && a->opts->pidfile)
		unlink(a->opts->pidfile);
	if (a->signal)
		log_warn("ended by signal %d", a->signal);
}

static void free_creds(gpointer p)
{
	tls_creds_free(p);
}

int app_run(App *a, Options *o, GError **err)
{
	MachineConfig cfg;
	int fds[2];
	bool ok;

	memset(a, 0, sizeof(*a));
	a->opts = o;
	a->tls_creds = g_ptr_array_new_with_free_func(free_creds);
	if (!prepare(a, err)) {
		g_ptr_array_unref(a->tls_creds);
		return 1;
	}
	a->loop = loop_new();
	a->clock = vclock_new(o->counted ? VCLOCK_COUNTED : VCLOCK_HOST, hostclock_real(),
			      1u << o->icount_shift);
	if (!charset_open(&a->chars, o, a->loop, quit_key, a, err) || !watch_signals(a, fds, err)) {
		charset_free(&a->chars);
		loop_free(a->loop);
		vclock_free(a->clock);
		g_ptr_array_unref(a->tls_creds);
		return 1;
	}
	app_machine_config(a, &cfg, hostclock_real());
	a->machine = a->type->create(&cfg, a->loop, a->clock, err);
	if (!a->machine) {
		charset_abandon(&a->chars);
		g_ptr_array_unref(a->tls_creds);
		return 1;
	}
	machine_lock(a->machine);
	app_attach_machine(a, a->machine);
	ok = start(a, err);
	machine_unlock(a->machine);
	if (ok)
		loop_run(a->loop);
	finish(a, ok);
	return ok ? a->status : 1;
}
