/*
 * A character back end as a device sees it: bytes out, bytes in, and word
 * of connections.  host/char_*.c implement it.  Machine lock held.
 */
#ifndef CORE_CHARDEV_H
#define CORE_CHARDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

typedef struct Chardev Chardev;

typedef enum CharEvent {
	CHAR_OPENED,
	CHAR_CLOSED,
	CHAR_BREAK,
	CHAR_FOCUS,   /* on a mux: input comes here from now on */
	CHAR_UNFOCUS, /* ... and no longer */
} CharEvent;

/* What a front end (a serial port, the monitor) gives. */
typedef struct CharFront {
	/* How many bytes it can take now; 0 stops reading until chardev_accept(). */
	size_t (*can_read)(void *opaque);
	void (*read)(void *opaque, const uint8_t *buf, size_t len);
	void (*event)(void *opaque, CharEvent ev); /* may be NULL */
	void *opaque;
} CharFront;

typedef struct CharOps {
	/* Takes all len bytes or queues them (bounded; the oldest unread are dropped). */
	void (*write)(Chardev *c, const uint8_t *buf, size_t len);
	/* The front end has room again. */
	void (*accept)(Chardev *c);
	void (*destroy)(Chardev *c);
} CharOps;

struct Chardev {
	const CharOps *ops;
	char *name;
	CharFront front;
};

static inline void chardev_attach(Chardev *c, const CharFront *front)
{
	c->front = *front;
	if (c->ops->accept)
		c->ops->accept(c);
}
static inline void chardev_write(Chardev *c, const void *buf, size_t len)
{
	if (c)
		c->ops->write(c, buf, len);
}
static inline void chardev_accept(Chardev *c)
{
	if (c && c->ops->accept)
		c->ops->accept(c);
}

#endif
