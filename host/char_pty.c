/*
 * A pseudo terminal.
 *
 * We keep its slave side open ourselves: the master then never reports a
 * hangup, so there is no polling for somebody to come back, and what was
 * printed before the user opened it is still there for him.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include "base/err.h"
#include "host/char_base.h"

typedef struct CharPty {
	HostChar h; /* first */
	int slave;
	char path[64];
} CharPty;

static void pty_hangup(HostChar *h)
{
	host_char_disconnect(h);
}

static void pty_close(HostChar *h)
{
	close(((CharPty *)h)->slave);
}

static const HostCharKind pty_kind = { .hangup = pty_hangup, .close = pty_close };

static bool pty_open(int *master, int *slave, char *path, size_t size)
{
	struct termios t;
	int saved;

	*slave = -1;
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0)
		return false;
	if (grantpt(*master) || unlockpt(*master) || ptsname_r(*master, path, size))
		goto bad;
	*slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0 || tcgetattr(*slave, &t))
		goto bad;
	cfmakeraw(&t);
	if (tcsetattr(*slave, TCSANOW, &t) || fcntl(*master, F_SETFL, O_NONBLOCK))
		goto bad;
	return true;
bad:
	saved = errno;
	if (*slave >= 0)
		close(*slave);
	close(*master);
	errno = saved;
	return false;
}

Chardev *char_pty_new(const char *name, Loop *l, GError **err)
{
	CharPty *p = g_new0(CharPty, 1);
	int master;

	if (!pty_open(&master, &p->slave, p->path, sizeof(p->path))) {
		fail(err, "no pseudo terminal: %s", g_strerror(errno));
		g_free(p);
		return NULL;
	}
	host_char_init(&p->h, &pty_kind, name, l);
	p->h.desc = g_strdup_printf("pty:%s", p->path);
	host_char_open(&p->h, master, master, false);
	return &p->h.base;
}

const char *char_pty_path(const Chardev *c)
{
	return ((const CharPty *)c)->path;
}
