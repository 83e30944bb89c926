/*
 * Standard input and output as a serial line.
 *
 * The terminal is the user's and has to survive us: its settings are put
 * back at close, at exit and on the way out of a deadly signal.  It is never
 * set non-blocking either, since that belongs to the open file that the
 * user's shell shares; output goes through an open file of our own
 * (/proc/self/fd/1 opened anew), which is possible for terminals and pipes.
 * A plain file never blocks, a socket has MSG_DONTWAIT.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"
#include "host/char_base.h"

typedef struct CharStdio {
	HostChar h; /* first */
	bool signals;
	bool raw;
} CharStdio;

/* The process has one terminal; what its handlers need stands here. */
static struct {
	bool in_use;
	volatile sig_atomic_t raw;
	int restore_flags; /* of descriptor 1, or -1 */
	struct termios saved, ours;
} tty;

static void tty_restore(void)
{
	if (tty.raw) {
		tty.raw = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.saved);
	}
	if (tty.restore_flags != -1) {
		fcntl(STDOUT_FILENO, F_SETFL, tty.restore_flags);
		tty.restore_flags = -1;
	}
}

/* Installed with SA_RESETHAND: the second time it is the default action. */
static void deadly_signal(int sig)
{
	tty_restore();
	raise(sig);
}

/* Back from ^Z: the shell has put its own settings in. */
static void continued(int sig)
{
	int saved = errno;

	(void)sig;
	if (tty.raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &tty.ours);
	errno = saved;
}

static void install(int sig, void (*handler)(int), int flags)
{
	struct sigaction old, new = { .sa_handler = handler, .sa_flags = flags };

	/* Whoever was there before us (a sanitizer) knows better. */
	if (!sigaction(sig, NULL, &old) && old.sa_handler == SIG_DFL)
		sigaction(sig, &new, NULL);
}

static void tty_raw(bool signals)
{
	static const int deadly[] = { SIGQUIT, SIGILL,	SIGABRT, SIGBUS, SIGFPE,
				      SIGSEGV, SIGTERM, SIGINT,	 SIGHUP };
	static bool at_exit;

	if (tcgetattr(STDIN_FILENO, &tty.saved))
		return; /* not a terminal */
	tty.ours = tty.saved;
	tty.ours.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL |
					IXON);
	tty.ours.c_oflag |= OPOST;
	tty.ours.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
	if (!signals)
		tty.ours.c_lflag &= ~(tcflag_t)ISIG;
	tty.ours.c_cflag = (tty.ours.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	tty.ours.c_cc[VMIN] = 1;
	tty.ours.c_cc[VTIME] = 0;
	if (!at_exit)
		atexit(tty_restore);
	at_exit = true;
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		install(deadly[i], deadly_signal, (int)SA_RESETHAND | SA_NODEFER);
	install(SIGCONT, continued, SA_RESTART);
	tty.raw = 1;
	tcsetattr(STDIN_FILENO, TCSANOW, &tty.ours);
}

static void stdio_accept(HostChar *h)
{
	CharStdio *s = (CharStdio *)h;

	if (s->raw || !h->base.front.read)
		return;
	s->raw = true;
	tty_raw(s->signals);
}

/* End of input: the machine runs on, nothing more will come. */
static void stdio_hangup(HostChar *h)
{
	close(h->in_fd);
	h->in_fd = -1;
	host_char_event(h, CHAR_CLOSED);
}

static void stdio_close(HostChar *h)
{
	(void)h;
	tty_restore();
	tty.in_use = false;
}

static const HostCharKind stdio_kind = {
	.hangup = stdio_hangup,
	.accept = stdio_accept,
	.close = stdio_close,
};

/* A descriptor for output that will not block us, or -1. */
static int own_stdout(bool *is_socket)
{
	struct stat st;
	int fd;

	*is_socket = false;
	if (fstat(STDOUT_FILENO, &st))
		return -1;
	if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)) {
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		tty.restore_flags = fcntl(STDOUT_FILENO, F_GETFL);
		if (tty.restore_flags != -1)
			fcntl(STDOUT_FILENO, F_SETFL, tty.restore_flags | O_NONBLOCK);
	}
	*is_socket = S_ISSOCK(st.st_mode);
	return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

Chardev *char_stdio_new(const char *name, Loop *l, bool signals, GError **err)
{
	CharStdio *s;
	bool is_socket;
	int in, out;

	if (tty.in_use) {
		fail(err, "stdio is already in use");
		return NULL;
	}
	tty.in_use = true;
	tty.restore_flags = -1;
	in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	out = own_stdout(&is_socket);
	s = g_new0(CharStdio, 1);
	host_char_init(&s->h, &stdio_kind, name, l);
	s->h.desc = g_strdup("stdio");
	s->signals = signals;
	host_char_open(&s->h, in, out, is_socket);
	return &s->h.base;
}
