/* The monitor's lines: typing, history, finding the command. */
#include <string.h>
#include "app/keyval.h"
#include "app/monitor_int.h"
#include "app/version.h"
#include "base/err.h"
#include "core/absent.h"

#define PROMPT "(peppercorn) "

enum { LINE_MAX_LEN = 4000, HISTORY_MAX = 100, READ_ROOM = 4096, NAME_LEN = 64 };

static void say(Monitor *m, const char *text)
{
	chardev_write(m->chr, text, strlen(text));
}

/* '\n' is CR LF on a terminal in raw mode, and on a telnet line. */
static void say_lines(Monitor *m, const GString *text)
{
	const char *p = text->str, *nl;

	for (; (nl = strchr(p, '\n')); p = nl + 1) {
		chardev_write(m->chr, p, (size_t)(nl - p));
		chardev_write(m->chr, "\r\n", 2);
	}
	say(m, p);
}

static bool name_is(const char *names, const char *name, size_t len)
{
	for (;;) {
		size_t n = strcspn(names, "|");

		if (n == len && !strncmp(names, name, n))
			return true;
		if (!names[n])
			return false;
		names += n + 1;
	}
}

const MonCommand *mon_find(const MonCommand *table, const char *name)
{
	for (; table->name; table++)
		if (name_is(table->name, name, strlen(name)))
			return table;
	return NULL;
}

void mon_help_line(const MonCommand *cmd, const char *prefix, GString *out)
{
	g_string_append_printf(out, "%s%s%s%s -- %s\n", prefix, cmd->name, *cmd->args ? " " : "",
			       cmd->args, cmd->help);
}

bool mon_unknown(const MonCommand *table, const char *prefix, const char *name, GError **err)
{
	GPtrArray *names = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	GPtrArray *flat = g_ptr_array_new();
	const char *near;

	for (; table->name; table++) {
		char **v = g_strsplit(table->name, "|", -1);

		g_ptr_array_add(names, v);
		for (; *v; v++)
			g_ptr_array_add(flat, *v);
	}
	g_ptr_array_add(flat, NULL);
	near = nearest_name(name, (const char *const *)flat->pdata);
	if (near)
		fail(err, "unknown command '%s%s'; did you mean '%s%s'?", prefix, name, prefix,
		     near);
	else
		fail(err, "unknown command '%s%s'; try 'help'", prefix, name);
	g_ptr_array_unref(flat);
	g_ptr_array_unref(names);
	return false;
}

bool mon_paused(MonCall *c, bool (*run)(MonCall *c, GError **err), GError **err)
{
	Machine *machine = c->m->app->machine;
	bool running = machine_running(machine), ok;

	if (running)
		machine_stop(machine, STOP_SAVE);
	ok = run(c, err);
	if (running)
		machine_start(machine);
	return ok;
}

static bool call(const MonCommand *cmd, MonCall *c, const char *text, GError **err)
{
	GError *bad_quote = NULL;
	int argc = 0;
	bool ok = true;

	if (cmd->flags & MON_FORMAT)
		ok = mon_parse_format(&text, cmd->run == mon_print, &c->format, err);
	c->rest = text + strspn(text, " \t");
	if (ok && *c->rest && !(cmd->flags & MON_REST) &&
	    !g_shell_parse_argv(c->rest, &argc, &c->argv, &bad_quote)) {
		g_clear_error(&bad_quote);
		ok = fail(err, "a quote is not closed");
	}
	c->argc = cmd->flags & MON_REST ? *c->rest != 0 : (unsigned)argc;
	if (ok && (c->argc < cmd->min || c->argc > cmd->max))
		ok = fail(err, "usage: %.*s%s%s", (int)strcspn(cmd->name, "|"), cmd->name,
			  *cmd->args ? " " : "", cmd->args);
	ok = ok && cmd->run(c, err);
	g_strfreev(c->argv);
	return ok;
}

void monitor_run(Monitor *m, const char *line, GString *out)
{
	MonCall c = { .m = m, .out = out, .format = m->format };
	char name[NAME_LEN];
	const MonCommand *cmd;
	GError *err = NULL;
	size_t n;

	line += strspn(line, " \t");
	n = strcspn(line, " \t/");
	if (!*line || *line == '#')
		return;
	g_snprintf(name, sizeof(name), "%.*s", (int)n, line);
	cmd = mon_find(monitor_commands, name);
	if (!cmd)
		mon_unknown(monitor_commands, "", name, &err);
	else if (line[n] == '/' && !(cmd->flags & MON_FORMAT))
		fail(&err, "%s takes no format", name);
	else {
		/* A user who looks at what is not there is not to wait for it. */
		bool was = absent_peek(m->app->machine, true);

		call(cmd, &c, line + n, &err);
		absent_peek(m->app->machine, was);
	}
	if (err) {
		g_string_append_printf(out, "Error: %s\n", err->message);
		g_error_free(err);
	}
}

static void prompt(Monitor *m)
{
	say(m, PROMPT);
	say(m, m->line->str);
}

static void greet(Monitor *m)
{
	if (!m->greeted)
		say(m, "Peppercorn " PEPPERCORN_VERSION
		       " monitor - type 'help' for more information\r\n");
	m->greeted = true;
	prompt(m);
}

static void remember(Monitor *m)
{
	GPtrArray *h = m->history;

	if (m->line->len && (!h->len || strcmp(g_ptr_array_index(h, h->len - 1), m->line->str)))
		g_ptr_array_add(h, g_strdup(m->line->str));
	if (h->len > HISTORY_MAX)
		g_ptr_array_remove_index(h, 0);
	m->recall = h->len;
}

static void enter(Monitor *m)
{
	GString *out = g_string_new(NULL);
	char *line;

	say(m, "\r\n");
	remember(m);
	line = g_strdup(m->line->str);
	g_string_truncate(m->line, 0);
	monitor_run(m, line, out);
	say_lines(m, out);
	g_free(line);
	g_string_free(out, TRUE);
	if (!m->app->quitting && !m->busy)
		prompt(m);
}

static void erase(Monitor *m, gsize n)
{
	for (; n && m->line->len; n--) {
		g_string_truncate(m->line, m->line->len - 1);
		say(m, "\b \b");
	}
}

static void recall(Monitor *m, int step)
{
	if (step < 0 ? !m->recall : m->recall >= m->history->len)
		return;
	m->recall += (guint)step;
	erase(m, m->line->len);
	if (m->recall < m->history->len)
		g_string_assign(m->line, g_ptr_array_index(m->history, m->recall));
	say(m, m->line->str);
}

static void erase_word(Monitor *m)
{
	while (m->line->len && m->line->str[m->line->len - 1] == ' ')
		erase(m, 1);
	while (m->line->len && m->line->str[m->line->len - 1] != ' ')
		erase(m, 1);
}

/* True: the byte was part of an escape sequence (cursor keys). */
static bool escape_byte(Monitor *m, uint8_t b)
{
	switch (m->esc) {
	case ESC_NONE:
		if (b == 0x1b)
			m->esc = ESC_START;
		return b == 0x1b;
	case ESC_START: m->esc = b == '[' || b == 'O' ? ESC_SEQ : ESC_NONE; return true;
	case ESC_SEQ:
		if (b < 0x40)
			return true;
		m->esc = ESC_NONE;
		if (b == 'A')
			recall(m, -1);
		else if (b == 'B')
			recall(m, 1);
		return true;
	}
	return false;
}

static void type_byte(Monitor *m, uint8_t b)
{
	const char echo[2] = { (char)b, 0 };

	if (escape_byte(m, b))
		return;
	switch (b) {
	case '\r': enter(m); break;
	case '\n':
		if (!m->last_cr)
			enter(m);
		break;
	case '\b':
	case 0x7f: erase(m, 1); break;
	case 0x03: /* ^C */
		g_string_truncate(m->line, 0);
		m->recall = m->history->len;
		say(m, "\r\n");
		prompt(m);
		break;
	case 0x15: /* ^U */ erase(m, m->line->len); break;
	case 0x17: /* ^W */ erase_word(m); break;
	case 0x10: /* ^P */ recall(m, -1); break;
	case 0x0e: /* ^N */ recall(m, 1); break;
	default:
		if (b < ' ' || m->line->len >= LINE_MAX_LEN)
			break;
		g_string_append_c(m->line, (char)b);
		say(m, echo);
		break;
	}
	m->last_cr = b == '\r';
}

static size_t mon_can_read(void *opaque)
{
	const Monitor *m = opaque;

	return m->app->quitting || m->busy ? 0 : READ_ROOM;
}

static void mon_read(void *opaque, const uint8_t *buf, size_t len)
{
	Monitor *m = opaque;
	size_t i = 0;

	while (i < len && !m->app->quitting && !m->busy)
		type_byte(m, buf[i++]);
	if (m->busy)
		g_byte_array_append(m->typed, buf + i, (guint)(len - i));
}

bool mon_suspend(Monitor *m)
{
	m->busy = m->chr != NULL;
	return m->busy;
}

void mon_resume(Monitor *m, const GError *error)
{
	GByteArray *typed = m->typed;

	m->busy = false;
	if (error) {
		say(m, "Error: ");
		say(m, error->message);
		say(m, "\r\n");
	}
	prompt(m);
	m->typed = g_byte_array_new();
	mon_read(m, typed->data, typed->len);
	g_byte_array_unref(typed);
	if (!m->busy)
		chardev_accept(m->chr);
}

static bool on_mux(const Monitor *m)
{
	return g_str_has_prefix(char_describe(m->chr), "mux");
}

static void mon_event(void *opaque, CharEvent ev)
{
	Monitor *m = opaque;

	switch (ev) {
	case CHAR_OPENED:
		g_string_truncate(m->line, 0);
		m->esc = ESC_NONE;
		m->greeted = false;
		if (m->focused || !on_mux(m))
			greet(m);
		break;
	case CHAR_FOCUS:
		m->focused = true;
		say(m, "\r\n");
		greet(m);
		break;
	case CHAR_UNFOCUS:
		m->focused = false;
		say(m, "\r\n");
		break;
	case CHAR_CLOSED:
	case CHAR_BREAK: break;
	}
}

Monitor *monitor_new(App *a, Chardev *c)
{
	Monitor *m = g_new0(Monitor, 1);
	const CharFront front = {
		.can_read = mon_can_read, .read = mon_read, .event = mon_event, .opaque = m
	};

	m->app = a;
	m->chr = c;
	m->format = (MonFormat){ .count = 1, .format = 'x', .size = 4 };
	m->line = g_string_new(NULL);
	m->typed = g_byte_array_new();
	m->history = g_ptr_array_new_with_free_func(g_free);
	if (c)
		chardev_attach(c, &front);
	return m;
}

void monitor_free(Monitor *m)
{
	g_string_free(m->line, TRUE);
	g_byte_array_unref(m->typed);
	g_ptr_array_unref(m->history);
	g_free(m);
}
