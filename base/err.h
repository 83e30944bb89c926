/* The one GError domain: a message names what and where, in one line. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <glib.h>

#define PCORN_ERROR (pcorn_error_quark())
GQuark pcorn_error_quark(void);

typedef enum PcornErrorCode {
	PCORN_ERROR_FAILED,
	PCORN_ERROR_USAGE,  /* the command line or a monitor command is wrong */
	PCORN_ERROR_FORMAT, /* a file or stream is not what it should be */
} PcornErrorCode;

#undef fail /* check.h, included before us in a test, has a macro of that name */
/* Sets *err (if err is not NULL) and returns false, for `return fail(...)`. */
bool fail(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* The same with "PREFIX: " put before an error already set. */
bool fail_in(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

#endif
