/*
 * Several front ends on one back end: the serial console and the monitor on
 * one terminal.
 *
 * Output of all of them goes out as it comes; input goes to the one in
 * focus.  The mux itself always reads, so that Ctrl-a x works when the guest
 * takes no input: what a port cannot take waits in its small buffer, and
 * what does not fit there is dropped, as a UART drops it.
 */
#include <string.h>
#include "host/char_base.h"

enum { MUX_PORTS = 4, MUX_BUFFER = 1024 };

typedef struct CharMux CharMux;

typedef struct MuxPort {
	HostChar h; /* first */
	CharMux *mux;
	uint8_t buf[MUX_BUFFER];
	size_t have;
	bool feeding;
} MuxPort;

struct CharMux {
	HostChar h; /* first */
	Chardev *lower;
	MuxPort *ports[MUX_PORTS];
	unsigned nports, focus;
	uint8_t escape;
	bool escaped; /* the last byte was the escape byte */
	void (*quit)(void *opaque);
	void *quit_opaque;
};

static void port_feed(MuxPort *p)
{
	/* read() may lead back here through accept. */
	if (p->feeding)
		return;
	p->feeding = true;
	while (p->have) {
		uint8_t out[MUX_BUFFER];
		size_t n = MIN(host_char_room(&p->h), p->have);

		if (!n)
			break;
		memcpy(out, p->buf, n);
		memmove(p->buf, p->buf + n, p->have - n);
		p->have -= n;
		p->h.base.front.read(p->h.base.front.opaque, out, n);
	}
	p->feeding = false;
}

static void port_accept(HostChar *h)
{
	port_feed((MuxPort *)h);
}

static void port_write(HostChar *h, const uint8_t *buf, size_t len)
{
	MuxPort *p = (MuxPort *)h;

	if (p->mux)
		chardev_write(p->mux->lower, buf, len);
}

static void nothing(HostChar *h)
{
	(void)h;
}

static const HostCharKind port_kind = {
	.hangup = nothing,
	.accept = port_accept,
	.write = port_write,
};

static void mux_say(CharMux *m, const char *text)
{
	chardev_write(m->lower, text, strlen(text));
}

static void mux_set_focus(CharMux *m, unsigned n)
{
	if (n == m->focus || n >= m->nports)
		return;
	host_char_event(&m->ports[m->focus]->h, CHAR_UNFOCUS);
	m->focus = n;
	host_char_event(&m->ports[n]->h, CHAR_FOCUS);
}

static void mux_help(CharMux *m)
{
	static const char *const keys[][2] = {
		{ "h", "this help" },
		{ "x", "end the emulator" },
		{ "s", "save disks (there are none to save)" },
		{ "b", "send a break" },
		{ "c", "go to the next of console and monitor" },
	};
	char prefix[8];
	GString *s = g_string_new("\r\n");

	if (m->escape && m->escape < 27)
		g_snprintf(prefix, sizeof(prefix), "C-%c", 'a' + m->escape - 1);
	else
		g_snprintf(prefix, sizeof(prefix), "0x%02x", m->escape);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		g_string_append_printf(s, "%s %-4s %s\r\n", prefix, keys[i][0], keys[i][1]);
	g_string_append_printf(s, "%s %-4s send %s itself\r\n", prefix, prefix, prefix);
	mux_say(m, s->str);
	g_string_free(s, TRUE);
}

static void mux_data(CharMux *m, uint8_t b)
{
	MuxPort *p = m->nports ? m->ports[m->focus] : NULL;

	if (p && p->have < MUX_BUFFER)
		p->buf[p->have++] = b;
}

static void mux_key(CharMux *m, uint8_t b)
{
	if (b == m->escape) {
		mux_data(m, b);
		return;
	}
	switch (b) {
	case 'x':
		mux_say(m, "\r\npeppercorn: ended by the user\r\n");
		if (m->quit)
			m->quit(m->quit_opaque);
		break;
	case 's': mux_say(m, "\r\nno disks to save\r\n"); break;
	case 'b':
		if (m->nports)
			host_char_event(&m->ports[m->focus]->h, CHAR_BREAK);
		break;
	case 'c':
		if (m->nports)
			mux_set_focus(m, (m->focus + 1) % m->nports);
		break;
	case 'h':
	case '?': mux_help(m); break;
	default: break;
	}
}

static void mux_feed(CharMux *m)
{
	if (m->nports)
		port_feed(m->ports[m->focus]);
}

static size_t mux_can_read(void *opaque)
{
	(void)opaque;
	return MUX_BUFFER;
}

static void mux_read(void *opaque, const uint8_t *buf, size_t len)
{
	CharMux *m = opaque;

	for (size_t i = 0; i < len && !m->h.closed; i++) {
		if (m->escaped) {
			m->escaped = false;
			/* Bytes before the key belong to the port that had the focus. */
			mux_feed(m);
			mux_key(m, buf[i]);
		} else if (buf[i] == m->escape && m->escape) {
			m->escaped = true;
		} else {
			mux_data(m, buf[i]);
		}
	}
	if (!m->h.closed)
		mux_feed(m);
}

static void mux_event(void *opaque, CharEvent ev)
{
	CharMux *m = opaque;

	if (ev == CHAR_BREAK) {
		if (m->nports)
			host_char_event(&m->ports[m->focus]->h, ev);
		return;
	}
	for (unsigned i = 0; i < m->nports; i++) {
		HostChar *h = &m->ports[i]->h;

		h->open = ev == CHAR_OPENED;
		h->told = h->base.front.event != NULL;
		host_char_event(h, ev);
	}
}

static void mux_close(HostChar *h)
{
	CharMux *m = (CharMux *)h;

	for (unsigned i = 0; i < m->nports; i++)
		char_close(&m->ports[i]->h.base);
	char_close(m->lower);
}

static void mux_forget_loop(HostChar *h)
{
	char_forget_loop(((CharMux *)h)->lower);
}

static void mux_free(HostChar *h)
{
	CharMux *m = (CharMux *)h;

	for (unsigned i = 0; i < m->nports; i++)
		char_free(&m->ports[i]->h.base);
	char_free(m->lower);
}

static const HostCharKind mux_kind = {
	.hangup = nothing,
	.forget_loop = mux_forget_loop,
	.close = mux_close,
	.free = mux_free,
};

Chardev *char_mux_new(const char *name, Loop *l, Chardev *lower, uint8_t escape,
		      void (*quit)(void *opaque), void *opaque)
{
	CharMux *m = g_new0(CharMux, 1);

	host_char_init(&m->h, &mux_kind, name, l);
	m->h.desc = g_strdup("mux");
	m->lower = lower;
	m->escape = escape;
	m->quit = quit;
	m->quit_opaque = opaque;
	return &m->h.base;
}

Chardev *char_mux_port(Chardev *mux, const char *name)
{
	CharMux *m = (CharMux *)mux;
	const CharFront front = {
		.can_read = mux_can_read, .read = mux_read, .event = mux_event, .opaque = m
	};
	MuxPort *p;

	if (m->nports == MUX_PORTS)
		return NULL;
	p = g_new0(MuxPort, 1);
	host_char_init(&p->h, &port_kind, name, m->h.loop);
	p->mux = m;
	p->h.desc = g_strdup_printf("mux:%s", char_describe(m->lower));
	p->h.open = ((const HostChar *)m->lower)->open;
	m->ports[m->nports++] = p;
	/* Only with a port is there somebody to read for. */
	if (m->nports == 1)
		chardev_attach(m->lower, &front);
	return &p->h.base;
}

void char_mux_focus(Chardev *mux, const Chardev *port)
{
	CharMux *m = (CharMux *)mux;

	for (unsigned i = 0; i < m->nports; i++)
		if (&m->ports[i]->h.base == port)
			mux_set_focus(m, i);
}
