/* Back ends that only take: a file, and nothing at all. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/err.h"
#include "host/char_base.h"

static void file_hangup(HostChar *h)
{
	(void)h; /* there is no reading side */
}

static const HostCharKind file_kind = { .hangup = file_hangup };

Chardev *char_file_new(const char *name, Loop *l, const char *path, bool append, GError **err)
{
	/* O_NONBLOCK matters when the path is a FIFO or a terminal. */
	int fd = open(path,
		      O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
			      (append ? O_APPEND : O_TRUNC),
		      0666);
	HostChar *h;

	if (fd < 0) {
		fail(err, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	h = g_new0(HostChar, 1);
	host_char_init(h, &file_kind, name, l);
	h->desc = g_strdup_printf("file:%s", path);
	host_char_open(h, -1, fd, false);
	return &h->base;
}

static void null_write(HostChar *h, const uint8_t *buf, size_t len)
{
	(void)h, (void)buf, (void)len;
}

static const HostCharKind null_kind = { .hangup = file_hangup, .write = null_write };

Chardev *char_null_new(const char *name)
{
	HostChar *h = g_new0(HostChar, 1);

	host_char_init(h, &null_kind, name, NULL);
	h->desc = g_strdup("null");
	h->open = true;
	return &h->base;
}
