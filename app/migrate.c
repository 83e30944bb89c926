#include "app/migrate.h"

#include <inttypes.h>
#include <string.h>
#include "app/migrate_params.h"
#include "app/monitor_int.h"
#include "app/objects.h"
#include "base/err.h"
#include "base/log.h"
#include "core/absent.h"
#include "host/stream.h"
#include "migration/dest.h"
#include "migration/source.h"

#define MISSING_SHOWN 16

struct Migration {
	App *app;
	MigrateParams params;
	/* Of the one under way, whose thread connects its further channels by these. */
	char *uri, *hostname;
	const TlsCreds *tls;
	Source *source;
	struct Monitor *asked;	      /* waits for the source's end */
	StreamServer *server, *again; /* again: for the other side of a postcopy */
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
	migrate_params_init(&g->params);
	return g;
}

void migration_free(Migration *g)
{
	if (!g)
		return;
	source_free(g->source);
	dest_free(g->dest);
	stream_server_free(g->server);
	migrate_params_clear(&g->params);
	g_free(g->uri);
	g_free(g->hostname);
	stream_server_free(g->again);
	g_free(g->error);
	g_free(g->incoming_error);
	g_free(g);
}

bool migration_busy(const Migration *g)
{
	return g->source || g->server || g->dest;
}

/* A channel over descriptors that are taken over, encrypted if there is something to do so by. */
static Channel *make_channel(const TlsCreds *tls, const char *hostname, const StreamFds *fds,
			     GError **err)
{
	static const ChannelIo io = {
		.handshake = tls_handshake,
		.read = tls_read,
		.write = tls_write,
		.close = tls_close,
		.error = tls_error,
		.free = tls_session_free,
	};
	Channel *c = channel_new(fds->in, fds->out);
	void *session;

	if (!tls)
		return c;
	if (!channel_two_way(c)) {
		fail(err, "TLS needs a line with answers: tcp, unix");
		channel_free(c);
		return NULL;
	}
	session = tls_session_new(tls, hostname, fds->in, fds->out, err);
	if (session) {
		channel_set_io(c, &io, session);
		return c;
	}
	channel_free(c);
	return NULL;
}

/* ------------------------------------------------------------------ away */

/* The migration's thread too. */
static Channel *connect_one(void *opaque, GError **err)
{
	const Migration *g = opaque;
	StreamFds fds;

	return stream_connect(g->uri, &fds, err) ? make_channel(g->tls, g->hostname, &fds, err)
						 : NULL;
}

/* By whom the other side must be certified. */
static bool set_up_tls(Migration *g, GError **err)
{
	const MigrateParams *p = &g->params;

	g_clear_pointer(&g->hostname, g_free);
	g->tls = NULL;
	if (!p->tls_creds)
		return true;
	g->tls = objects_tls(g->app->tls_creds, p->tls_creds, false, err);
	if (!g->tls)
		return false;
	g->hostname = p->tls_hostname ? g_strdup(p->tls_hostname) : stream_host(g->uri);
	if (g->hostname || tls_creds_spec(g->tls)->psk || !tls_creds_spec(g->tls)->verify)
		return true;
	return fail(err, "%s names no host for TLS to expect; set tls-hostname", g->uri);
}

static void source_ended(void *opaque)
{
	Migration *g = opaque;
	struct Monitor *asked = g->asked;
	GError *err = NULL;

	g->last = source_info(g->source);
	if (g->last.state == SOURCE_PAUSED) {
		fail(&err,
		     "migrate: %s; the guest is at the other side, %" PRIu64
		     " of its pages are here: migrate -r",
		     g->last.error, g->last.pages_left);
		goto tell;
	}
	g->ended = true;
	g_free(g->error);
	g->error = g_strdup(g->last.error);
	source_free(g->source);
	g->source = NULL;
	if (g->last.state == SOURCE_LOST)
		fail(&err,
		     "migrate: the guest was given away, but nobody says that it runs there (%s); "
		     "it does not run here",
		     g->error);
	else if (g->last.state == SOURCE_FAILED)
		fail(&err, "migrate: %s; the guest stays here", g->error);
tell:
	g->asked = NULL;
	if (asked)
		mon_resume(asked, err);
	else if (err)
		log_warn("%s", err->message);
	g_clear_error(&err);
}

/* The line by which a migration goes to uri; others go there too. */
static Channel *connect_first(Migration *g, const char *uri, GError **err)
{
	g_free(g->uri);
	g->uri = g_strdup(uri);
	return set_up_tls(g, err) ? connect_one(g, err) : NULL;
}

bool migration_go(Migration *g, const char *uri, struct Monitor *asked, GError **err)
{
	Machine *m = g->app->machine;
	SourceWays ways = migrate_params_ways(&g->params);
	Channel *c;

	if (migration_busy(g))
		return fail(err, "a migration is under way");
	if (m->stop_reason == STOP_MIGRATED)
		return fail(err, "the guest runs on another machine now");
	if (m->stop_reason == STOP_INCOMING)
		return fail(err, "there is no guest yet: it is to come by migration");
	if (ways.channels && !stream_many(uri))
		return fail(err, "%s: multifd needs several connections: tcp, unix", uri);
	app_end_save(g->app);
	c = connect_first(g, uri, err);
	if (!c)
		return false;
	ways.connect = connect_one;
	ways.opaque = g;
	g->ended = false;
	g->source = source_start(m, c, &g->params.limits, &ways, source_ended, g);
	g->asked = asked && mon_suspend(asked) ? asked : NULL;
	return true;
}

bool migration_cancel(Migration *g, GError **err)
{
	return !g->source || source_cancel(g->source) ||
	       fail(err, "the guest is the other side's already");
}

bool migration_postcopy(Migration *g, GError **err)
{
	if (!g->source)
		return fail(err, "no migration is under way");
	if (!g->params.postcopy)
		return fail(err, "the capability postcopy-ram is off");
	return source_postcopy(g->source) ||
	       fail(err, "the guest has stopped already, or goes over several channels, or over a "
			 "line without answers, or its RAM is handed over");
}

bool migration_continue(Migration *g, const char *state, GError **err)
{
	if (strcmp(state, "pre-switchover"))
		return fail(err, "%s: there is only pre-switchover", state);
	return (g->source && source_continue(g->source)) ||
	       fail(err, "the migration is not in pre-switchover");
}

bool migration_pause(Migration *g, GError **err)
{
	return (g->source && source_pause(g->source)) || (g->dest && dest_pause(g->dest)) ||
	       fail(err, "no postcopy is under way");
}

bool migration_reconnect(Migration *g, const char *uri, GError **err)
{
	Channel *c;

	if (!g->source || source_info(g->source).state != SOURCE_PAUSED)
		return fail(err, "no postcopy waits for another line");
	c = connect_first(g, uri, err);
	if (!c)
		return false;
	if (channel_two_way(c) && source_recover(g->source, c))
		return true;
	channel_free(c);
	return fail(err, "%s: not a line with answers, or there is one already", uri);
}

bool migration_gives_pages(const Migration *g)
{
	SourceState state = g && g->source ? source_info(g->source).state : SOURCE_DONE;

	return state == SOURCE_POSTCOPY || state == SOURCE_PAUSED;
}

/* ------------------------------------------------------------------ here */

static void dest_ended(void *opaque)
{
	Migration *g = opaque;
	DestInfo info = dest_info(g->dest);

	if (info.state == DEST_PAUSED) {
		log_warn("incoming migration: %s; the guest stands, %" PRIu64
			 " of its pages are at the other side: migrate_recover",
			 info.error, info.pages_left);
		g_clear_pointer(&g->server, stream_server_free);
		g_clear_pointer(&g->again, stream_server_free);
		return;
	}
	if (info.state == DEST_FAILED) {
		g_free(g->incoming_error);
		g->incoming_error = g_strdup(info.error);
		log_warn("incoming migration: %s", info.error);
	}
	dest_free(g->dest);
	g->dest = NULL;
	g_clear_pointer(&g->server, stream_server_free);
	g_clear_pointer(&g->again, stream_server_free);
	if (g->incoming_error && !g->deferred)
		app_quit(g->app, 1);
}

static void connected(void *opaque, const StreamFds *fds)
{
	Migration *g = opaque;
	GError *err = NULL;
	Channel *c = make_channel(g->tls, NULL, fds, &err);

	if (!c) {
		log_warn("incoming migration: %s", err->message);
		g_error_free(err);
		return;
	}
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
	g->tls = NULL;
	if (g->params.tls_creds) {
		g->tls = objects_tls(g->app->tls_creds, g->params.tls_creds, true, err);
		if (!g->tls)
			return false;
		if (!stream_many(uri) && !g_str_has_prefix(uri, "fd:"))
			return fail(err, "%s: TLS needs a line with answers: tcp, unix", uri);
	}
	g->deferred = !strcmp(g->app->opts->incoming, "defer");
	g_clear_pointer(&g->incoming_error, g_free);
	g->server = stream_listen(g->app->loop, uri, connected, g, err);
	return g->server != NULL;
}

static void reconnected(void *opaque, const StreamFds *fds)
{
	Migration *g = opaque;
	GError *err = NULL;
	Channel *c = make_channel(g->tls, NULL, fds, &err);

	if (!c)
		log_warn("migrate_recover: %s", err->message);
	else if (!channel_two_way(c) || !g->dest || !dest_recover(g->dest, c))
		channel_free(c);
	g_clear_error(&err);
}

bool migration_relisten(Migration *g, const char *uri, GError **err)
{
	if (!g->dest || dest_info(g->dest).state != DEST_PAUSED)
		return fail(err, "no postcopy waits for another line");
	g_clear_pointer(&g->again, stream_server_free);
	g->again = stream_listen(g->app->loop, uri, reconnected, g, err);
	return g->again != NULL;
}

/* --------------------------------------------------------------- showing */

static void show_source(const SourceInfo *i, GString *out)
{
	static const char *const words[] = {
		[SOURCE_HELD] = "pre-switchover",
		[SOURCE_POSTCOPY] = "postcopy-active",
		[SOURCE_PAUSED] = "postcopy-paused",
		[SOURCE_COPYING] = "active",
		[SOURCE_STOPPED] = "device",
		[SOURCE_COMMITTED] = "device",
		[SOURCE_DONE] = "completed",
		[SOURCE_FAILED] = "failed",
		[SOURCE_LOST] = "lost",
	};

	g_string_append_printf(out, "Migration status: %s\n", words[i->state]);
	g_string_append_printf(out, "total time: %" PRId64 " ms\n", i->total_ms);
	if (i->downtime_ms >= 0)
		g_string_append_printf(out, "downtime: %" PRId64 " ms\n", i->downtime_ms);
	else if (i->expected_ms >= 0)
		g_string_append_printf(out, "expected downtime: %" PRId64 " ms\n", i->expected_ms);
	g_string_append_printf(out, "transferred ram: %" PRIu64 " kbytes\n", i->sent >> 10);
	if (i->unpacked)
		g_string_append_printf(out,
				       "compressed: %" PRIu64 " kbytes to %" PRIu64 " kbytes\n",
				       i->unpacked >> 10, i->packed >> 10);
	if (i->handover)
		g_string_append(out, "ram: handed over as a memory file descriptor; multifd, "
				     "compress and postcopy-ram are not needed\n");
	if (i->channels)
		g_string_append_printf(out, "multifd channels: %u\n", i->channels);
	g_string_append_printf(out, "throughput: %.2f mbps\n", (double)i->bytes_per_s * 8 / 1e6);
	g_string_append_printf(out, "total ram: %" PRIu64 " kbytes\n",
			       i->total_pages * (RAM_PAGE_SIZE >> 10));
	if (i->state < SOURCE_DONE)
		g_string_append_printf(out, "remaining ram: %" PRIu64 " kbytes\n",
				       i->pages_left * (RAM_PAGE_SIZE >> 10));
	g_string_append_printf(out, "rounds: %u\ndirty pages rate: %" PRIu64 " pages\n", i->rounds,
			       i->dirty_rate);
	if (i->asked)
		g_string_append_printf(out, "postcopy request count: %" PRIu64 "\n", i->asked);
	if (i->state == SOURCE_PAUSED && i->error)
		g_string_append_printf(out, "error: %s\n", i->error);
}

/* Runs of pages that are missing, the first of them. */
static void show_missing(const Machine *m, GString *out)
{
	uint64_t pages = m->ram->size >> RAM_PAGE_SHIFT;
	g_autofree uint8_t *list = g_malloc0((pages + 7) / 8);
	unsigned shown = 0;

	absent_list(m, list);
	g_string_append(out, "missing:");
	for (uint64_t n = 0, end; n < pages; n = end) {
		for (end = n; end < pages && list[end >> 3] >> (end & 7) & 1; end++)
			;
		if (end == n) {
			end++;
			continue;
		}
		if (shown++ == MISSING_SHOWN) {
			g_string_append(out, " ...");
			break;
		}
		g_string_append_printf(out, " 0x%" PRIx64 "-0x%" PRIx64, n << RAM_PAGE_SHIFT,
				       (end << RAM_PAGE_SHIFT) - 1);
	}
	g_string_append_c(out, '\n');
}

static void show_dest(const Migration *g, GString *out)
{
	static const char *const words[] = {
		[DEST_POSTCOPY] = "postcopy-active",
		[DEST_PAUSED] = "postcopy-paused",
		[DEST_LISTENING] = "active",
		[DEST_COPYING] = "active",
		[DEST_READY] = "ready",
		[DEST_DONE] = "completed",
		[DEST_FAILED] = "failed",
	};
	DestInfo i;

	if (!g->dest) {
		g_string_append(out, "Incoming migration: waits for a connection\n");
		return;
	}
	i = dest_info(g->dest);
	g_string_append_printf(out, "Incoming migration: %s, %" PRIu64 " kbytes\n", words[i.state],
			       i.received >> 10);
	if (i.handover)
		g_string_append(out, "ram: handed over as a memory file descriptor\n");
	if (i.pages_left)
		g_string_append_printf(out, "remaining ram: %" PRIu64 " kbytes\n",
				       i.pages_left * (RAM_PAGE_SIZE >> 10));
	if (i.state == DEST_PAUSED && i.error)
		g_string_append_printf(out, "error: %s\n", i.error);
	if (i.state == DEST_PAUSED)
		show_missing(g->app->machine, out);
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
	if (g->server || g->dest)
		show_dest(g, out);
	else if (g->incoming_error)
		g_string_append_printf(out, "Incoming migration: failed: %s\n", g->incoming_error);
}

/* ------------------------------------------------------------ parameters */

bool migration_set(Migration *g, const char *name, const char *value, GError **err)
{
	if (!migrate_params_set(&g->params, name, value, err))
		return false;
	if (g->source)
		source_set_limits(g->source, &g->params.limits);
	return true;
}

bool migration_set_capability(Migration *g, const char *name, const char *value, GError **err)
{
	if (migration_busy(g))
		return fail(err, "a migration is under way");
	return migrate_capability_set(&g->params, name, value, err);
}

void migration_show_parameters(const Migration *g, GString *out)
{
	migrate_params_show(&g->params, out);
}

void migration_show_capabilities(const Migration *g, GString *out)
{
	migrate_capabilities_show(&g->params, out);
}
