/* What -serial, -monitor and -chardev say, parsed; nothing is opened here. */
#ifndef APP_CHARSPEC_H
#define APP_CHARSPEC_H

#include <stdbool.h>
#include <glib.h>

typedef enum CharKind {
	CHAR_KIND_NONE, /* no port at all */
	CHAR_KIND_NULL,
	CHAR_KIND_STDIO,
	CHAR_KIND_FILE,
	CHAR_KIND_PTY,
	CHAR_KIND_SOCKET,
	CHAR_KIND_REF, /* chardev:ID */
} CharKind;

typedef struct CharSpec {
	CharKind kind;
	char *id;	   /* -chardev's id; of CHAR_KIND_REF: whose */
	bool mon;	   /* mon: the monitor shares it */
	bool mux;	   /* several may use it */
	bool signals;	   /* stdio: ^C is a signal */
	bool append;	   /* file */
	char *path;	   /* file, unix socket */
	char *host, *port; /* tcp */
	bool server, wait, telnet, nodelay;
} CharSpec;

/* "stdio", "file:PATH", "unix:PATH,server=on,wait=off", "mon:stdio", ... */
CharSpec *charspec_parse_legacy(const char *text, GError **err);
/* "socket,id=x,path=y,server=on" */
CharSpec *charspec_parse(const char *text, GError **err);
void charspec_free(CharSpec *s);

#endif
