/* -object: of QEMU's kinds those that hold credentials for TLS. */
#ifndef APP_OBJECTS_H
#define APP_OBJECTS_H

#include "app/options.h"
#include "host/tls.h"

/* -object KIND,id=ID,...: what it says, checked for spelling; opens nothing. */
bool opt_object(Options *o, const char *arg, GError **err);
/* Reads what the objects name: TlsCreds *, in the order given. */
bool objects_load(GPtrArray *creds, Options *o, GError **err);
/* The one with that id, for that end; NULL and err. */
const TlsCreds *objects_tls(const GPtrArray *creds, const char *id, bool server, GError **err);

#endif
