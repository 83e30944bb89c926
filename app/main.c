/* The program: reads the command line, answers questions about it, or runs a machine. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "app/app.h"
#include "app/version.h"
#include "base/log.h"

/* Descriptors 0 to 2 must not become a snapshot or a socket. */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void machine_help(GString *out)
{
	const MachineType *const *t = machine_types();

	g_string_append(out, "Machines:\n");
	for (bool first = true; *t; t++, first = false) {
		g_string_append_printf(out, "%-20s %s%s\n", (*t)->name, (*t)->desc,
				       first ? " (default)" : "");
		if ((*t)->alias)
			g_string_append_printf(out, "%-20s %s (alias of %s)\n", (*t)->alias,
					       (*t)->desc, (*t)->name);
	}
}

static void props_help(const MachineType *t, GString *out)
{
	g_string_append_printf(out, "Properties of %s:\n", t->name);
	for (const char *const(*p)[2] = t->props; p && (*p)[0]; p++)
		g_string_append_printf(out, "  %-24s %s\n", (*p)[0], (*p)[1]);
}

static bool answer(const Options *o, GError **err)
{
	GString *out = g_string_new(NULL);
	const MachineType *t = NULL;

	if (o->what == OPT_PROPS_HELP || o->what == OPT_CPU_HELP) {
		t = options_machine(o, err);
		if (!t) {
			g_string_free(out, TRUE);
			return false;
		}
	}
	switch (o->what) {
	case OPT_HELP: options_help(out); break;
	case OPT_VERSION:
		g_string_append(out,
				"Peppercorn PowerPC emulator version " PEPPERCORN_VERSION "\n");
		break;
	case OPT_MACHINE_HELP: machine_help(out); break;
	case OPT_PROPS_HELP: props_help(t, out); break;
	case OPT_CPU_HELP:
		g_string_append_printf(out, "CPUs of %s:\n", t->name);
		t->cpu_help(out);
		break;
	case OPT_LOG_HELP:
		g_string_append(out, "Log topics (comma separated):\n");
		log_print_topics(out);
		break;
	case OPT_TEXT_HELP: g_string_append(out, o->help_text); break;
	case OPT_RUN: break;
	}
	fputs(out->str, stdout);
	g_string_free(out, TRUE);
	return true;
}

int main(int argc, char **argv)
{
	static App app;
	Options opts;
	GError *err = NULL;
	int status = 1;

	fill_standard_fds();
	/* A reader that went away is an error of write(), not the end of us. */
	signal(SIGPIPE, SIG_IGN);
	if (options_parse(&opts, argc, (const char *const *)argv, &err)) {
		if (opts.what == OPT_RUN)
			status = app_run(&app, &opts, &err);
		else
			status = !answer(&opts, &err);
	}
	if (err) {
		fprintf(stderr, "peppercorn: %s\n", err->message);
		g_error_free(err);
	}
	options_free(&opts);
	return status;
}
