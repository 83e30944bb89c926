/* Live migration, as the command line and the monitor ask for it. */
#ifndef APP_MIGRATE_H
#define APP_MIGRATE_H

#include "app/app.h"

struct Monitor;
typedef struct Migration Migration;

Migration *migration_new(App *a);
/* Ends what is under way: the guest stays if it still can. */
void migration_free(Migration *g);
/* Is the machine's state on its way out or in, so that nothing else may save or load it? */
bool migration_busy(const Migration *g);

/* -incoming URI, or later migrate_incoming; once. */
bool migration_listen(Migration *g, const char *uri, GError **err);
/* The guest starts to go there; asked (may be NULL) gets its prompt at the end. */
bool migration_go(Migration *g, const char *uri, struct Monitor *asked, GError **err);
bool migration_cancel(Migration *g, GError **err);
/* The guest goes now, the rest of its pages after it. */
bool migration_postcopy(Migration *g, GError **err);
/* On from the state of that name, which can only be pre-switchover. */
bool migration_continue(Migration *g, const char *state, GError **err);
/* Drops the line of a postcopy, at either end. */
bool migration_pause(Migration *g, GError **err);
/* A postcopy without a line: the source connects anew, the destination listens anew. */
bool migration_reconnect(Migration *g, const char *uri, GError **err);
bool migration_relisten(Migration *g, const char *uri, GError **err);
/* Has the guest gone from here, but not yet all of its pages? */
bool migration_gives_pages(const Migration *g);
void migration_show(const Migration *g, GString *out);

/* By name and value: see app/migrate_params.h. */
bool migration_set(Migration *g, const char *name, const char *value, GError **err);
bool migration_set_capability(Migration *g, const char *name, const char *value, GError **err);
void migration_show_parameters(const Migration *g, GString *out);
void migration_show_capabilities(const Migration *g, GString *out);

#endif
