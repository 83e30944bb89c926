/* The monitor's commands that do something. */
#include <string.h>
#include "app/keyval.h"
#include "app/migrate.h"
#include "app/monitor_int.h"
#include "base/err.h"
#include "base/log.h"
#include "core/absent.h"

static void help_all(const MonCommand *table, const char *prefix, GString *out)
{
	for (; table->name; table++)
		mon_help_line(table, prefix, out);
}

static bool cmd_help(MonCall *c, GError **err)
{
	const char *name = c->argc ? c->argv[0] : NULL;
	const MonCommand *cmd;

	if (!name) {
		help_all(monitor_commands, "", c->out);
		return true;
	}
	if (!strcmp(name, "info") && c->argc == 1) {
		help_all(monitor_infos, "info ", c->out);
		return true;
	}
	if (!strcmp(name, "info")) {
		cmd = mon_find(monitor_infos, c->argv[1]);
		if (!cmd)
			return mon_unknown(monitor_infos, "info ", c->argv[1], err);
		mon_help_line(cmd, "info ", c->out);
		return true;
	}
	cmd = mon_find(monitor_commands, name);
	if (!cmd)
		return mon_unknown(monitor_commands, "", name, err);
	mon_help_line(cmd, "", c->out);
	return true;
}

static bool cmd_info(MonCall *c, GError **err)
{
	const MonCommand *cmd;
	MonCall sub = *c;

	if (!c->argc) {
		help_all(monitor_infos, "info ", c->out);
		return true;
	}
	cmd = mon_find(monitor_infos, c->argv[0]);
	if (!cmd)
		return mon_unknown(monitor_infos, "info ", c->argv[0], err);
	sub.argv = c->argv + 1;
	sub.argc = c->argc - 1;
	if (sub.argc < cmd->min || sub.argc > cmd->max)
		return fail(err, "usage: info %s%s%s", cmd->name, *cmd->args ? " " : "", cmd->args);
	return cmd->run(&sub, err);
}

static bool cmd_quit(MonCall *c, GError **err)
{
	(void)err;
	app_quit(c->m->app, 0);
	return true;
}

static bool cmd_stop(MonCall *c, GError **err)
{
	/* It stands, and the move decides where it goes on; a stop would be forgotten. */
	if (c->m->app->machine->stop_reason == STOP_FINISH)
		return fail(err, "the last of a migration is under way; migrate_cancel first");
	app_stop(c->m->app);
	return true;
}

static bool cmd_cont(MonCall *c, GError **err)
{
	return app_cont(c->m->app, err);
}

/*
 * While a guest comes, or once what leaves has been taken from its devices, nothing is to
 * change any of it.
 */
static bool guest_is_here(const App *a, GError **err)
{
	return !a->machine->input_held || !a->migration || !migration_busy(a->migration) ||
	       fail(err, "the guest is on its way");
}

static bool cmd_reset(MonCall *c, GError **err)
{
	const App *a = c->m->app;

	if (absent_left(a->machine) || migration_gives_pages(a->migration))
		return fail(err, "not all pages of the guest have moved yet");
	if (!guest_is_here(a, err))
		return false;
	app_reset(c->m->app);
	return true;
}

static bool cmd_powerdown(MonCall *c, GError **err)
{
	App *a = c->m->app;

	if (!a->type->powerdown)
		return fail(err, "this machine has no power button");
	if (!guest_is_here(a, err))
		return false;
	a->type->powerdown(a->machine);
	return true;
}

static bool cmd_nmi(MonCall *c, GError **err)
{
	App *a = c->m->app;

	if (!a->type->nmi)
		return fail(err, "this machine has no NMI");
	if (!guest_is_here(a, err))
		return false;
	a->type->nmi(a->machine);
	return true;
}

static bool cmd_savevm(MonCall *c, GError **err)
{
	const char *parent = c->argc > 1 ? c->argv[1] : NULL;

	if (parent && !g_str_has_prefix(parent, "parent="))
		return fail(err, "savevm: '%s' is not parent=NAME", parent);
	return app_savevm(c->m->app, c->argv[0], parent ? parent + strlen("parent=") : NULL, c->m,
			  err);
}

static bool cmd_loadvm(MonCall *c, GError **err)
{
	return app_loadvm(c->m->app, c->argv[0], err);
}

static bool cmd_delvm(MonCall *c, GError **err)
{
	return app_delvm(c->m->app, c->argv[0], err);
}

static bool cmd_cpu(MonCall *c, GError **err)
{
	uint64_t n;

	if (!parse_number(c->argv[0], &n) || n >= c->m->app->machine->vcpus->len)
		return fail(err, "%s: there is no such CPU", c->argv[0]);
	c->m->cpu = (unsigned)n;
	return true;
}

static bool cmd_log(MonCall *c, GError **err)
{
	if (!strcmp(c->argv[0], "none")) {
		log_topics = 0;
		return true;
	}
	if (!strcmp(c->argv[0], "help")) {
		g_string_append_printf(c->out, "%-15s %s\n", "none", "nothing");
		log_print_topics(c->out);
		return true;
	}
	return log_set_topics(c->argv[0], err);
}

static bool cmd_logfile(MonCall *c, GError **err)
{
	return log_set_file(c->argv[0], err);
}

static bool cmd_break(MonCall *c, GError **err)
{
	Chardev *chr = charset_find(&c->m->app->chars, c->argv[0]);

	if (!chr)
		return fail(err, "%s: there is no such character device", c->argv[0]);
	if (chr->front.event)
		chr->front.event(chr->front.opaque, CHAR_BREAK);
	return true;
}

static bool cmd_migrate(MonCall *c, GError **err)
{
	bool detach = !strcmp(c->argv[0], "-d"), again = !strcmp(c->argv[0], "-r");

	if (c->argc != 1u + detach + again)
		return fail(err, "usage: migrate [-d|-r] URI");
	if (again)
		return migration_reconnect(c->m->app->migration, c->argv[1], err);
	return migration_go(c->m->app->migration, c->argv[detach], detach ? NULL : c->m, err);
}

static bool cmd_migrate_cancel(MonCall *c, GError **err)
{
	return migration_cancel(c->m->app->migration, err);
}

static bool cmd_migrate_start_postcopy(MonCall *c, GError **err)
{
	return migration_postcopy(c->m->app->migration, err);
}

static bool cmd_migrate_continue(MonCall *c, GError **err)
{
	return migration_continue(c->m->app->migration, c->argv[0], err);
}

static bool cmd_migrate_pause(MonCall *c, GError **err)
{
	return migration_pause(c->m->app->migration, err);
}

static bool cmd_migrate_recover(MonCall *c, GError **err)
{
	return migration_relisten(c->m->app->migration, c->argv[0], err);
}

static bool cmd_migrate_incoming(MonCall *c, GError **err)
{
	return migration_listen(c->m->app->migration, c->argv[0], err);
}

static bool cmd_migrate_set_capability(MonCall *c, GError **err)
{
	return migration_set_capability(c->m->app->migration, c->argv[0], c->argv[1], err);
}

static bool cmd_migrate_set_parameter(MonCall *c, GError **err)
{
	return migration_set(c->m->app->migration, c->argv[0], c->argv[1], err);
}

static bool cmd_time_policy(MonCall *c, GError **err)
{
	Machine *m = c->m->app->machine;

	if (c->argc && !time_policy_parse(c->argv[0], &m->time_policy))
		return fail(err, "%s: neither auto, realtime nor frozen", c->argv[0]);
	if (!c->argc)
		g_string_append_printf(c->out, "%s\n", time_policy_name(m->time_policy));
	return true;
}

/* clang-format off */
const MonCommand monitor_commands[] = {
	{ "chardev-send-break", "ID", "send a break on a serial line", 1, 1, 0, cmd_break },
	{ "cont|c", "", "let the machine run", 0, 0, 0, cmd_cont },
	{ "cpu", "N", "CPU that x, xp, print and info registers look at", 1, 1, 0, cmd_cpu },
	{ "delvm", "NAME", "delete a snapshot", 1, 1, 0, cmd_delvm },
	{ "help|?", "[COMMAND]", "this list, or one of it; help info lists what info knows", 0, 2, 0, cmd_help },
	{ "info", "[TOPIC]", "show something", 0, 3, 0, cmd_info },
	{ "loadvm", "NAME", "go back to a snapshot", 1, 1, 0, cmd_loadvm },
	{ "log", "TOPIC,...", "log these topics, or none; log help lists them", 1, 1, 0, cmd_log },
	{ "logfile", "FILE", "log to a file", 1, 1, 0, cmd_logfile },
	{ "migrate", "[-d|-r] URI", "move the guest to tcp:HOST:PORT, unix:PATH, fd:N, exec:COMMAND or "
	  "file:PATH; -d: do not wait for the end; -r: go on with a postcopy that lost its line", 1, 2, 0, cmd_migrate },
	{ "migrate_cancel", "", "the guest stays here", 0, 0, 0, cmd_migrate_cancel },
	{ "migrate_continue", "STATE", "go on from pre-switchover", 1, 1, 0, cmd_migrate_continue },
	{ "migrate_pause", "", "drop the line of a postcopy", 0, 0, 0, cmd_migrate_pause },
	{ "migrate_recover", "URI", "the destination of a postcopy that lost its line waits there", 1, 1,
	  0, cmd_migrate_recover },
	{ "migrate_start_postcopy", "", "move the guest now, the rest of its pages after it", 0, 0, 0,
	  cmd_migrate_start_postcopy },
	{ "migrate_incoming", "URI", "with -incoming defer: wait for the guest there", 1, 1, 0,
	  cmd_migrate_incoming },
	{ "migrate_set_capability", "NAME on|off", "multifd (several channels of pages), compress "
	  "(pages packed by zstd), postcopy-ram, pause-before-switchover", 2, 2, 0, cmd_migrate_set_capability },
	{ "migrate_set_parameter", "NAME VALUE", "max-bandwidth and max-postcopy-bandwidth "
	  "(bytes a second, 0: no limit), downtime-limit (ms), check-ram (on, off), multifd-channels, multifd-compression (none, "
	  "zstd), multifd-zstd-level, tls-creds, tls-hostname", 2, 2, 0, cmd_migrate_set_parameter },
	{ "nmi", "", "non-maskable interrupt (system reset interrupt) on all CPUs", 0, 0, 0, cmd_nmi },
	{ "print|p", "/FMT EXPR", "value of an expression", 1, 1, MON_FORMAT | MON_REST, mon_print },
	{ "quit|q", "", "end", 0, 0, 0, cmd_quit },
	{ "savevm", "NAME [parent=NAME]",
	  "save the machine; with a parent only the pages that are others than there", 1, 2, 0, cmd_savevm },
	{ "stop|s", "", "stop the machine", 0, 0, 0, cmd_stop },
	{ "sum", "ADDR SIZE", "16-bit checksum (BSD sum) of physical memory", 2, 2, 0, mon_sum },
	{ "system_powerdown", "", "ask the guest to shut down", 0, 0, 0, cmd_powerdown },
	{ "system_reset", "", "reset the machine", 0, 0, 0, cmd_reset },
	{ "time_policy", "[auto|realtime|frozen]", "what a pause is to the guest: time, or none",
	  0, 1, 0, cmd_time_policy },
	{ "x", "/FMT ADDR", "memory at an effective address; FMT: count, x d u o c i, b h w g",
	  1, 1, MON_FORMAT | MON_REST, mon_x },
	{ "xp", "/FMT ADDR", "memory at a physical address", 1, 1, MON_FORMAT | MON_REST, mon_xp },
	{ .name = NULL },
};
/* clang-format on */
