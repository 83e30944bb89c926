/* What a user sets for migrations: capabilities and parameters, by QEMU's names. */
#ifndef APP_MIGRATE_PARAMS_H
#define APP_MIGRATE_PARAMS_H

#include "migration/source.h"

typedef struct MigrateParams {
	SourceLimits limits;
	/* Capabilities. */
	bool compress; /* pages packed, on whatever channels */
	bool multifd;  /* several channels of pages */
	bool postcopy; /* migrate_start_postcopy may be said */
	bool handover; /* RAM goes as a descriptor where it can */
	/* Parameters. */
	unsigned multifd_channels;
	bool multifd_zstd; /* pages packed if there are several channels */
	unsigned zstd_level;
	char *tls_creds, *tls_hostname; /* or NULL */
} MigrateParams;

void migrate_params_init(MigrateParams *p);
void migrate_params_clear(MigrateParams *p);
bool migrate_params_set(MigrateParams *p, const char *name, const char *value, GError **err);
void migrate_params_show(const MigrateParams *p, GString *out);
/* value: on or off. */
bool migrate_capability_set(MigrateParams *p, const char *name, const char *value, GError **err);
void migrate_capabilities_show(const MigrateParams *p, GString *out);
/* The ways of pages that follow; without the connecting. */
SourceWays migrate_params_ways(const MigrateParams *p);

#endif
