/*
 * The human monitor: commands in lines, answers as text (docs/monitor.md).
 * Machine lock held.
 */
#ifndef APP_MONITOR_H
#define APP_MONITOR_H

#include "app/app.h"

typedef struct Monitor Monitor;

/* On a back end, with prompt and line editing; NULL: only monitor_run(). */
Monitor *monitor_new(App *a, Chardev *c);
/* The back end must be closed, or live on without a front end. */
void monitor_free(Monitor *m);
/* One command line; the answer, of lines ended by '\n', is added to out. */
void monitor_run(Monitor *m, const char *line, GString *out);

#endif
