/*
 * A machine's state, RAM apart, as sections, and sections back into a machine.  What
 * they are kept in or sent through is not known here: a snapshot and a migration use both.
 *
 * Loading has three stages.  Check: every section is read against the machine without
 * changing it.  Exchange: what was read and the machine's state change places.  Judge: every
 * device's loaded() looks at the whole; when one refuses, they change places again.
 *
 * Machine lock held, the machine stopped (a running one is a bug()).
 */
#ifndef MIGRATION_STATE_H
#define MIGRATION_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/machine.h"

enum {
	SNAP_CONFIG = 0x434f4e46, /* "CONF": machine name and configuration */
	SNAP_CLOCK = 0x434c4f4b,  /* "CLOK" */
	SNAP_IRQS = 0x49525153,	  /* "IRQS": levels by name */
	SNAP_DEVICE = 0x44455649, /* "DEVI": name is the device's path */
};

typedef struct Section {
	uint32_t tag;
	char *name;
	uint8_t *data;
	uint64_t len; /* bytes */
} Section;

/* An array of Section that frees what they hold. */
GArray *sections_new(void);
/* The machine's configuration alone, and all the rest. */
void state_add_config(Machine *m, GArray *sections);
void state_collect(Machine *m, GArray *sections);
/* Is this the configuration of m?  Lists what differs. */
bool state_check_config(const Machine *m, const Section *s, GError **err);

typedef struct StateLoad StateLoad;
/* Checks all sections; they must outlive what is returned.  NULL and err: refused. */
StateLoad *state_load_new(Machine *m, const GArray *sections, GError **err);
/*
 * Puts them in; the pages, if there are any, change places with RAM's.  On failure all is as
 * it was.
 */
bool state_load_apply(StateLoad *l, RamPages *pages, GError **err);
/* Makes it as it was before state_load_apply(), which has gone well. */
void state_load_undo(StateLoad *l, RamPages *pages);
void state_load_free(StateLoad *l);

#endif
