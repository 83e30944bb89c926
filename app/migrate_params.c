#include "app/migrate_params.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include "app/keyval.h"
#include "base/bits.h"
#include "base/err.h"
#include "migration/hello.h"
#include "migration/pages.h"

/* QEMU's defaults. */
#define DOWNTIME_MS 100
#define CHANNELS 2
#define ZSTD_LEVEL 1
#define ZSTD_LEVEL_MAX 20

void migrate_params_init(MigrateParams *p)
{
	*p = (MigrateParams){ .limits.downtime_ms = DOWNTIME_MS,
			      .handover = true,
			      .multifd_channels = CHANNELS,
			      .zstd_level = ZSTD_LEVEL };
}

void migrate_params_clear(MigrateParams *p)
{
	g_clear_pointer(&p->tls_creds, g_free);
	g_clear_pointer(&p->tls_hostname, g_free);
}

SourceWays migrate_params_ways(const MigrateParams *p)
{
	return (SourceWays){
		.channels = p->multifd ? p->multifd_channels : 0,
		.zstd = p->compress || (p->multifd && p->multifd_zstd),
		.zstd_level = (int)p->zstd_level,
		.handover = p->handover,
	};
}

/* ------------------------------------------------------------ parameters */

static bool on_or_off(const char *value, bool *to, GError **err)
{
	if (strcmp(value, "on") && strcmp(value, "off"))
		return fail(err, "%s: neither on nor off", value);
	*to = !strcmp(value, "on");
	return true;
}

static bool number(const char *value, uint64_t least, uint64_t most, unsigned *to, GError **err)
{
	uint64_t v;

	if (!parse_number(value, &v) || v < least || v > most)
		return fail(err, "%s: not a number from %" PRIu64 " to %" PRIu64, value, least,
			    most);
	*to = (unsigned)v;
	return true;
}

static bool bytes_a_second(const char *value, uint64_t *to, GError **err)
{
	uint64_t v;

	if (!parse_size(value, 1 << 20, &v))
		return fail(err, "%s: not a number of bytes a second", value);
	*to = v;
	return true;
}

static bool set_bandwidth(MigrateParams *p, const char *value, GError **err)
{
	return bytes_a_second(value, &p->limits.bandwidth, err);
}

static bool set_postcopy_bandwidth(MigrateParams *p, const char *value, GError **err)
{
	return bytes_a_second(value, &p->limits.postcopy_bandwidth, err);
}

static bool set_downtime(MigrateParams *p, const char *value, GError **err)
{
	return number(value, 0, 2000000, &p->limits.downtime_ms, err);
}

static bool set_check(MigrateParams *p, const char *value, GError **err)
{
	return on_or_off(value, &p->limits.hash, err);
}

static bool set_channels(MigrateParams *p, const char *value, GError **err)
{
	return number(value, 1, CHANNELS_MAX, &p->multifd_channels, err);
}

static bool packing(GError **err)
{
	return pages_can_pack() || fail(err, "this program was built without zstd");
}

static bool set_compression(MigrateParams *p, const char *value, GError **err)
{
	if (strcmp(value, "none") && strcmp(value, "zstd"))
		return fail(err, "%s: neither none nor zstd", value);
	if (strcmp(value, "none") && !packing(err))
		return false;
	p->multifd_zstd = !strcmp(value, "zstd");
	return true;
}

static bool set_level(MigrateParams *p, const char *value, GError **err)
{
	return number(value, 0, ZSTD_LEVEL_MAX, &p->zstd_level, err);
}

static bool set_text(char **to, const char *value)
{
	g_free(*to);
	*to = *value ? g_strdup(value) : NULL;
	return true;
}

static bool set_creds(MigrateParams *p, const char *value, GError **err)
{
	(void)err;
	return set_text(&p->tls_creds, value);
}

static bool set_hostname(MigrateParams *p, const char *value, GError **err)
{
	(void)err;
	return set_text(&p->tls_hostname, value);
}

static const struct {
	const char *name;
	bool (*set)(MigrateParams *p, const char *value, GError **err);
} params[] = {
	{ "max-bandwidth", set_bandwidth },   { "max-postcopy-bandwidth", set_postcopy_bandwidth },
	{ "downtime-limit", set_downtime },   { "check-ram", set_check },
	{ "multifd-channels", set_channels }, { "multifd-compression", set_compression },
	{ "multifd-zstd-level", set_level },  { "tls-creds", set_creds },
	{ "tls-hostname", set_hostname },
};

bool migrate_params_set(MigrateParams *p, const char *name, const char *value, GError **err)
{
	GString *names;

	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		if (!strcmp(params[i].name, name))
			return params[i].set(p, value, err);
	names = g_string_new(NULL);
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", params[i].name);
	fail(err, "%s: there is %s", name, names->str);
	g_string_free(names, TRUE);
	return false;
}

void migrate_params_show(const MigrateParams *p, GString *out)
{
	g_string_append_printf(out, "max-bandwidth: %" PRIu64 " bytes/second\n",
			       p->limits.bandwidth);
	g_string_append_printf(out, "max-postcopy-bandwidth: %" PRIu64 " bytes/second\n",
			       p->limits.postcopy_bandwidth);
	g_string_append_printf(out, "downtime-limit: %u ms\n", p->limits.downtime_ms);
	g_string_append_printf(out, "check-ram: %s\n", p->limits.hash ? "on" : "off");
	g_string_append_printf(out, "multifd-channels: %u\n", p->multifd_channels);
	g_string_append_printf(out, "multifd-compression: %s\n", p->multifd_zstd ? "zstd" : "none");
	g_string_append_printf(out, "multifd-zstd-level: %u\n", p->zstd_level);
	g_string_append_printf(out, "tls-creds: '%s'\n", p->tls_creds ? p->tls_creds : "");
	g_string_append_printf(out, "tls-hostname: '%s'\n", p->tls_hostname ? p->tls_hostname : "");
}

/* ---------------------------------------------------------- capabilities */

static const struct {
	const char *name;
	size_t at; /* of a bool */
	bool (*allowed)(GError **err);
} caps[] = {
	{ "compress", offsetof(MigrateParams, compress), packing },
	{ "multifd", offsetof(MigrateParams, multifd), NULL },
	{ "pause-before-switchover", offsetof(MigrateParams, limits.hold), NULL },
	{ "postcopy-ram", offsetof(MigrateParams, postcopy), NULL },
	{ "ram-handover", offsetof(MigrateParams, handover), NULL },
};

bool migrate_capability_set(MigrateParams *p, const char *name, const char *value, GError **err)
{
	GString *names;
	bool on = false;

	if (!on_or_off(value, &on, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		if (strcmp(caps[i].name, name) != 0)
			continue;
		if (on && caps[i].allowed && !caps[i].allowed(err))
			return false;
		*(bool *)((char *)p + caps[i].at) = on;
		return true;
	}
	names = g_string_new(NULL);
	for (size_t i = 0; i < ARRAY_LEN(caps); i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", caps[i].name);
	fail(err, "%s: there is %s", name, names->str);
	g_string_free(names, TRUE);
	return false;
}

void migrate_capabilities_show(const MigrateParams *p, GString *out)
{
	for (size_t i = 0; i < ARRAY_LEN(caps); i++)
		g_string_append_printf(out, "%s: %s\n", caps[i].name,
				       *(const bool *)((const char *)p + caps[i].at) ? "on"
										     : "off");
}
