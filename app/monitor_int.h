/* What the monitor's files share. */
#ifndef APP_MONITOR_INT_H
#define APP_MONITOR_INT_H

#include "app/monitor.h"

/* "/4xw": how many, in which notation, of which size. */
typedef struct MonFormat {
	uint64_t count;
	char format;   /* x d u o c i */
	unsigned size; /* 1 2 4 8 */
} MonFormat;

struct Monitor {
	App *app;
	Chardev *chr;
	unsigned cpu;	  /* whose registers and addresses */
	MonFormat format; /* the last used is the default of the next */
	GString *line;	  /* being typed */
	GPtrArray *history;
	guint recall; /* place in history; its length: the new line */
	enum { ESC_NONE, ESC_START, ESC_SEQ } esc;
	bool last_cr; /* so that CR LF is one end of line */
	bool greeted;
	bool focused;
	bool busy;	   /* a command goes on; its end brings the prompt */
	GByteArray *typed; /* meanwhile */
};

typedef struct MonCall {
	Monitor *m;
	char **argv; /* without the command's name */
	unsigned argc;
	const char *rest; /* raw text behind the name and format */
	MonFormat format;
	GString *out;
} MonCall;

enum {
	MON_FORMAT = 1, /* takes "/fmt" */
	MON_REST = 2,	/* the rest of the line is one argument */
};

typedef struct MonCommand {
	const char *name; /* "quit|q"; NULL ends the table */
	const char *args; /* as help shows them */
	const char *help;
	unsigned min, max, flags;
	/* False: err becomes an "Error: " line. */
	bool (*run)(MonCall *c, GError **err);
} MonCommand;

extern const MonCommand monitor_commands[];
extern const MonCommand monitor_infos[];

/*
 * For a command that goes on after run() returned: false when the monitor cannot wait
 * (nobody types there), else mon_resume() must follow.
 */
bool mon_suspend(Monitor *m);
/* error: NULL, or what went wrong. */
void mon_resume(Monitor *m, const GError *error);
/* Runs the function with all CPUs at a safepoint. */
bool mon_paused(MonCall *c, bool (*run)(MonCall *c, GError **err), GError **err);
const MonCommand *mon_find(const MonCommand *table, const char *name);
void mon_help_line(const MonCommand *cmd, const char *prefix, GString *out);
/* The error for a name that no command of the table has. */
bool mon_unknown(const MonCommand *table, const char *prefix, const char *name, GError **err);

/* monitor_mem.c */
bool mon_parse_format(const char **text, bool print, MonFormat *f, GError **err);
/* Numbers, + - * / % & | ^ ~ ( ), $register; all of the text. */
bool mon_expression(Monitor *m, const char *text, uint64_t *v, GError **err);
bool mon_x(MonCall *c, GError **err);
bool mon_xp(MonCall *c, GError **err);
bool mon_print(MonCall *c, GError **err);
bool mon_sum(MonCall *c, GError **err);

/* monitor_trees.c */
bool mon_mtree(MonCall *c, GError **err);
bool mon_qtree(MonCall *c, GError **err);

#endif
