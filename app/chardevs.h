/* The character back ends of one run, opened as the options say. */
#ifndef APP_CHARDEVS_H
#define APP_CHARDEVS_H

#include "app/options.h"
#include "host/char.h"

typedef struct CharSet {
	GPtrArray *owned;    /* Chardev *: back ends and muxes */
	GPtrArray *serials;  /* Chardev *, NULL where the port has none; not owned */
	GPtrArray *monitors; /* Chardev *; not owned */
	GHashTable *by_id;   /* -chardev id to struct of chardevs.c */
	Loop *loop;
	uint8_t escape;
	void (*quit)(void *opaque); /* Ctrl-a x */
	void *quit_opaque;
} CharSet;

/* Opens all, or none: then err says which option and why. */
bool charset_open(CharSet *s, const Options *o, Loop *l, void (*quit)(void *opaque), void *opaque,
		  GError **err);
/* Ends all traffic (see char_close); the machine may still hold them. */
void charset_close(CharSet *s);
/* After a failed start: the loop may be gone already. */
void charset_abandon(CharSet *s);
/* Frees what charset_open() made, closed or not. */
void charset_free(CharSet *s);
/* "serial0: filename=stdio" for each. */
void charset_show(const CharSet *s, GString *out);
/* The name of the back end that p is; NULL: it is none of these. */
const char *charset_name(const CharSet *s, const void *p);
/* By name as charset_show() prints it; NULL when there is none. */
Chardev *charset_find(const CharSet *s, const char *name);

#endif
