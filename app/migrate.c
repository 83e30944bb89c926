#include "app/migrate.h"

#include <inttypes.h>
#include <string.h>
#include "app/keyval.h"
#include "app/monitor_int.h"
#include "base/err.h"
#include "base/log.h"
#include "host/stream.h"
#include "migration/dest.h"
#include "migration/source.h"

#define DOWNTIME_MS 100 /* unless said otherwise */

struct Migration {
	App *app;
	SourceLimits limits;
	Source *source;
	struct Monitor *asked; /* waits for the source's end */
	StreamServer *server;
	Dest *dest;
	bool deferred; /* a failure is told to the monitor, not our end */
	/* Of the last that has ended. */
	bool ended;
	SourceInfo last;
	char *error;
	char *incoming_error;
};

Migration *migration_new(App *a)
{
	Migration *g = g_new0(Migration, 1);

	g->app = a;
	g->limits.downtime_ms = DOWNTIME_MS;
	return g;
}

void migration_free(Migration *g)
{
	if (!g)
		return;
	source_free(g->source);
	dest_free(g->dest);
	stream_server_free(g->server);
	g_free(g->error);
	g_free(g->incoming_error);
	g_free(g);
}

bool migration_busy(const Migration *g)
{
	return g->source || g->server || g->dest;
}

/* ------------------------------------------------------------------ away */

static void source_ended(void *opaque)
{
	Migration *g = opaque;
	struct Monitor *asked = g->asked;
	GError *err = NULL;

	g->last = source_info(g->source);
	g->ended = true;
	g_free(g->error);
	g->error = g_strdup(g->last.error);
	source_free(g->source);
	g->source = NULL;
	g->asked = NULL;
	if (g->last.state == SOURCE_LOST)
		fail(&err,
		     "migrate: the guest was given away, but nobody says that it runs there (%s); "
		     "it does not run here",
		     g->error);
	else if (g->last.state == SOURCE_FAILED)
		fail(&err, "migrate: %s; the guest stays here", g->error);
	if (asked)
		mon_resume(asked, err);
	else if (err)
		log_warn("%s", err->message);
	g_clear_error(&err);
}

bool migration_go(Migration *g, const char *uri, struct Monitor *asked, GError **err)
{
	Machine *m = g->app->machine;
	StreamFds fds;

	if (migration_busy(g))
		return fail(err, "a migration is under way");
	if (m->stop_reason == STOP_MIGRATED)
		return fail(err, "the guest runs on another machine now");
	if (m->stop_reason == STOP_INCOMING)
		return fail(err, "there is no guest yet: it is to come by migration");
	app_end_save(g->app);
	if (!stream_connect(uri, &fds, err))
		return false;
	g->ended = false;
	g->source = source_start(m, channel_new(fds.in, fds.out), &g->limits, NULL, source_ended,
				 g);
	g->asked = asked && mon_suspend(asked) ? asked : NULL;
	return true;
}

void migration_cancel(Migration *g)
{
	if (g->source)
		source_cancel(g->source);
}

/* ------------------------------------------------------------------ here */

static void dest_ended(void *opaque)
{
	Migration *g = opaque;
	DestInfo info = dest_info(g->dest);

	if (info.state == DEST_FAILED) {
		g_free(g->incoming_error);
		g->incoming_error = g_strdup(info.error);
		log_warn("incoming migration: %s", info.error);
	}
	dest_free(g->dest);
	g->dest = NULL;
	stream_server_free(g->server);
	g->server = NULL;
	if (g->incoming_error && !g->deferred)
		app_quit(g->app, 1);
}

static void connected(void *opaque, const StreamFds *fds)
{
	Migration *g = opaque;
	Channel *c = channel_new(fds->in, fds->out);

	if (g->dest)
		dest_add(g->dest, c);
	else
		g->dest = dest_start(g->app->machine, c, !g->app->opts->start_stopped, dest_ended,
				     g);
}

bool migration_listen(Migration *g, const char *uri, GError **err)
{
	Machine *m = g->app->machine;

	if (m->stop_reason != STOP_INCOMING)
		return fail(err, "this program was not started with -incoming defer");
	if (migration_busy(g))
		return fail(err, "a migration is under way");
	g->deferred = !strcmp(g->app->opts->incoming, "defer");
	g_clear_pointer(&g->incoming_error, g_free);
	g->server = stream_listen(g->app->loop, uri, connected, g, err);
	return g->server != NULL;
}

/* --------------------------------------------------------------- showing */

static void show_source(const SourceInfo *i, GString *out)
{
	static const char *const words[] = {
		[SOURCE_COPYING] = "active",   [SOURCE_STOPPED] = "device",
		[SOURCE_COMMITTED] = "device", [SOURCE_DONE] = "completed",
		[SOURCE_FAILED] = "failed",    [SOURCE_LOST] = "lost",
	};

	g_string_append_printf(out, "Migration status: %s\n", words[i->state]);
	g_string_append_printf(out, "total time: %" PRId64 " ms\n", i->total_ms);
	if (i->downtime_ms >= 0)
		g_string_append_printf(out, "downtime: %" PRId64 " ms\n", i->downtime_ms);
	else if (i->expected_ms >= 0)
		g_string_append_printf(out, "expected downtime: %" PRId64 " ms\n", i->expected_ms);
	g_string_append_printf(out, "transferred ram: %" PRIu64 " kbytes\n", i->sent >> 10);
	g_string_append_printf(out, "throughput: %.2f mbps\n", (double)i->bytes_per_s * 8 / 1e6);
	g_string_append_printf(out, "total ram: %" PRIu64 " kbytes\n",
			       i->total_pages * (RAM_PAGE_SIZE >> 10));
	if (i->state < SOURCE_DONE)
		g_string_append_printf(out, "remaining ram: %" PRIu64 " kbytes\n",
				       i->pages_left * (RAM_PAGE_SIZE >> 10));
	g_string_append_printf(out, "rounds: %u\ndirty pages rate: %" PRIu64 " pages\n", i->rounds,
			       i->dirty_rate);
}

static void show_dest(const Migration *g, GString *out)
{
	static const char *const words[] = {
		[DEST_LISTENING] = "active", [DEST_COPYING] = "active", [DEST_READY] = "ready",
		[DEST_DONE] = "completed",   [DEST_FAILED] = "failed",
	};
	DestInfo i;

	if (!g->dest) {
		g_string_append(out, "Incoming migration: waits for a connection\n");
		return;
	}
	i = dest_info(g->dest);
	g_string_append_printf(out, "Incoming migration: %s, %" PRIu64 " kbytes\n", words[i.state],
			       i.received >> 10);
}

void migration_show(const Migration *g, GString *out)
{
	SourceInfo i = g->last;

	if (g->source)
		i = source_info(g->source);
	if (g->source || g->ended)
		show_source(&i, out);
	if (g->ended && g->error)
		g_string_append_printf(out, "error: %s\n", g->error);
	if (g->server)
		show_dest(g, out);
	else if (g->incoming_error)
		g_string_append_printf(out, "Incoming migration: failed: %s\n", g->incoming_error);
}

/* ------------------------------------------------------------ parameters */

bool migration_set(Migration *g, const char *name, const char *value, GError **err)
{
	uint64_t v;

	if (!strcmp(name, "max-bandwidth")) {
		if (!parse_size(value, 1 << 20, &v))
			return fail(err, "%s: not a number of bytes a second", value);
		g->limits.bandwidth = v;
	} else if (!strcmp(name, "downtime-limit")) {
		if (!parse_number(value, &v) || v > 2000000)
			return fail(err, "%s: not a time in ms", value);
		g->limits.downtime_ms = (unsigned)v;
	} else if (!strcmp(name, "check-ram")) {
		if (strcmp(value, "on") && strcmp(value, "off"))
			return fail(err, "%s: neither on nor off", value);
		g->limits.hash = !strcmp(value, "on");
	} else {
		return fail(err, "%s: there is max-bandwidth, downtime-limit, check-ram", name);
	}
	if (g->source)
		source_set_limits(g->source, &g->limits);
	return true;
}

void migration_show_parameters(const Migration *g, GString *out)
{
	g_string_append_printf(out, "max-bandwidth: %" PRIu64 " bytes/second\n",
			       g->limits.bandwidth);
	g_string_append_printf(out, "downtime-limit: %u ms\n", g->limits.downtime_ms);
	g_string_append_printf(out, "check-ram: %s\n", g->limits.hash ? "on" : "off");
}
