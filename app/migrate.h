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
void migration_cancel(Migration *g);
void migration_show(const Migration *g, GString *out);

/* By name and value: see app/migrate_params.h. */
bool migration_set(Migration *g, const char *name, const char *value, GError **err);
bool migration_set_capability(Migration *g, const char *name, const char *value, GError **err);
void migration_show_parameters(const Migration *g, GString *out);
void migration_show_capabilities(const Migration *g, GString *out);

#endif
