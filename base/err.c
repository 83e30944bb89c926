#include "base/err.h"

GQuark pcorn_error_quark(void)
{
	return g_quark_from_static_string("pcorn-error");
}

bool fail(GError **err, const char *fmt, ...)
{
	va_list ap;

	if (err) {
		va_start(ap, fmt);
		*err = g_error_new_valist(PCORN_ERROR, PCORN_ERROR_FAILED, fmt, ap);
		va_end(ap);
	}
	return false;
}

bool fail_in(GError **err, const char *fmt, ...)
{
	va_list ap;
	char *prefix;

	if (err && *err) {
		va_start(ap, fmt);
		prefix = g_strdup_vprintf(fmt, ap);
		va_end(ap);
		g_prefix_error(err, "%s: ", prefix);
		g_free(prefix);
	}
	return false;
}
