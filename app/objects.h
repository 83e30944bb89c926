/* -object: of QEMU's kinds those that hold credentials for TLS, and memory for the guest. */
#ifndef APP_OBJECTS_H
#define APP_OBJECTS_H

#include "app/options.h"
#include "host/tls.h"

/* memory-backend-ram, memory-backend-memfd. */
typedef struct MemSpec {
	char *kind, *id;
	uint64_t size; /* bytes */
	bool share;    /* another process can be given it */
} MemSpec;

void mem_spec_free(gpointer spec);
/* -object KIND,id=ID,...: what it says, checked for spelling; opens nothing. */
bool opt_object(Options *o, const char *arg, GError **err);
/* The memory that the machine names, or none: is it there, is it as large as -m says? */
bool objects_resolve_memory(Options *o, GError **err);
/* Reads what the objects name: TlsCreds *, in the order given. */
bool objects_load(GPtrArray *creds, Options *o, GError **err);
/* The one with that id, for that end; NULL and err. */
const TlsCreds *objects_tls(const GPtrArray *creds, const char *id, bool server, GError **err);

#endif
