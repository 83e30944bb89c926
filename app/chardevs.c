#include "app/chardevs.h"

#include <stdio.h>
#include <string.h>
#include "base/err.h"

/* A -chardev: free, in use, or a mux with places. */
typedef struct Named {
	Chardev *dev;
	bool mux, used;
} Named;

static Chardev *open_spec(CharSet *s, const CharSpec *spec, const char *name, GError **err)
{
	const CharSocket addr = { .path = spec->path,
				  .host = spec->host,
				  .port = spec->port,
				  .server = spec->server,
				  .wait = spec->wait,
				  .telnet = spec->telnet,
				  .nodelay = spec->nodelay };
	Chardev *c = NULL;

	switch (spec->kind) {
	case CHAR_KIND_NULL: c = char_null_new(name); break;
	case CHAR_KIND_STDIO: c = char_stdio_new(name, s->loop, spec->signals, err); break;
	case CHAR_KIND_FILE: c = char_file_new(name, s->loop, spec->path, spec->append, err); break;
	case CHAR_KIND_PTY:
		c = char_pty_new(name, s->loop, err);
		/* In these words, which other programs look for. */
		if (c) {
			printf("char device redirected to %s (label %s)\n", char_pty_path(c), name);
			fflush(stdout);
		}
		break;
	case CHAR_KIND_SOCKET: c = char_socket_new(name, s->loop, &addr, err); break;
	case CHAR_KIND_NONE:
	case CHAR_KIND_REF: break;
	}
	if (c && spec->mux) {
		char *base = c->name;

		c->name = g_strconcat(base, "-base", NULL);
		c = char_mux_new(base, s->loop, c, s->escape, s->quit, s->quit_opaque);
		g_free(base);
	}
	if (c)
		g_ptr_array_add(s->owned, c);
	return c;
}

static Chardev *add_port(Chardev *mux, const char *name, GError **err)
{
	Chardev *c = char_mux_port(mux, name);

	if (!c)
		fail(err, "%s: too many users of one mux", mux->name);
	return c;
}

static Chardev *use_named(CharSet *s, const char *id, const char *name, GError **err)
{
	Named *n = g_hash_table_lookup(s->by_id, id);

	if (!n) {
		fail(err, "chardev:%s: no -chardev has this id", id);
		return NULL;
	}
	if (n->mux)
		return add_port(n->dev, name, err);
	if (n->used) {
		fail(err, "chardev:%s: already in use; mux=on shares it", id);
		return NULL;
	}
	n->used = true;
	return n->dev;
}

static bool open_chardev(CharSet *s, const CharSpec *spec, GError **err)
{
	Named *n;

	if (g_hash_table_contains(s->by_id, spec->id)) {
		fail(err, "there are two with this id");
		return fail_in(err, "-chardev %s", spec->id);
	}
	n = g_new0(Named, 1);
	n->mux = spec->mux;
	n->dev = open_spec(s, spec, spec->id, err);
	g_hash_table_insert(s->by_id, g_strdup(spec->id), n);
	return n->dev || fail_in(err, "-chardev %s", spec->id);
}

static bool open_serial(CharSet *s, const CharSpec *spec, GError **err)
{
	char *name = g_strdup_printf("serial%u", s->serials->len);
	Chardev *c = NULL, *monitor = NULL;
	bool ok = true;

	if (spec->kind == CHAR_KIND_REF) {
		c = use_named(s, spec->id, name, err);
		ok = c != NULL;
	} else if (spec->kind != CHAR_KIND_NONE) {
		c = open_spec(s, spec, name, err);
		ok = c != NULL;
		if (ok && spec->mux) {
			Chardev *mux = c;

			c = add_port(mux, name, err);
			monitor = add_port(mux, "monitor", err);
			ok = c && monitor;
		}
	}
	g_ptr_array_add(s->serials, c);
	if (monitor)
		g_ptr_array_add(s->monitors, monitor);
	g_free(name);
	return ok || fail_in(err, "-serial");
}

static bool open_monitor(CharSet *s, const CharSpec *spec, GError **err)
{
	char *name = g_strdup_printf("monitor%u", s->monitors->len);
	Chardev *c = NULL;

	if (spec->kind == CHAR_KIND_REF) {
		c = use_named(s, spec->id, name, err);
	} else if (spec->kind != CHAR_KIND_NONE) {
		c = open_spec(s, spec, name, err);
		if (c && spec->mux)
			c = add_port(c, name, err);
	}
	g_free(name);
	if (c)
		g_ptr_array_add(s->monitors, c);
	return c || spec->kind == CHAR_KIND_NONE || fail_in(err, "-monitor");
}

bool charset_open(CharSet *s, const Options *o, Loop *l, void (*quit)(void *opaque), void *opaque,
		  GError **err)
{
	bool ok = true;

	memset(s, 0, sizeof(*s));
	s->owned = g_ptr_array_new();
	s->serials = g_ptr_array_new();
	s->monitors = g_ptr_array_new();
	s->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	s->loop = l;
	s->escape = o->escape;
	s->quit = quit;
	s->quit_opaque = opaque;
	for (guint i = 0; ok && i < o->chardevs->len; i++)
		ok = open_chardev(s, g_ptr_array_index(o->chardevs, i), err);
	/* Serial ports first: the first user of a mux has the keys. */
	for (guint i = 0; ok && i < o->serials->len; i++)
		ok = open_serial(s, g_ptr_array_index(o->serials, i), err);
	for (guint i = 0; ok && i < o->monitors->len; i++)
		ok = open_monitor(s, g_ptr_array_index(o->monitors, i), err);
	if (!ok)
		charset_free(s);
	return ok;
}

void charset_close(CharSet *s)
{
	for (guint i = 0; s->owned && i < s->owned->len; i++)
		char_close(g_ptr_array_index(s->owned, i));
}

void charset_abandon(CharSet *s)
{
	for (guint i = 0; s->owned && i < s->owned->len; i++)
		char_forget_loop(g_ptr_array_index(s->owned, i));
	charset_free(s);
}

void charset_free(CharSet *s)
{
	if (!s->owned)
		return;
	for (guint i = 0; i < s->owned->len; i++)
		char_free(g_ptr_array_index(s->owned, i));
	g_ptr_array_unref(s->owned);
	g_ptr_array_unref(s->serials);
	g_ptr_array_unref(s->monitors);
	g_hash_table_unref(s->by_id);
	memset(s, 0, sizeof(*s));
}

static Chardev *nth(const CharSet *s, guint n)
{
	if (n < s->serials->len)
		return g_ptr_array_index(s->serials, n);
	return g_ptr_array_index(s->monitors, n - s->serials->len);
}

static guint count(const CharSet *s)
{
	return s->serials ? s->serials->len + s->monitors->len : 0;
}

void charset_show(const CharSet *s, GString *out)
{
	for (guint i = 0; i < count(s); i++) {
		const Chardev *c = nth(s, i);

		if (!c)
			continue;
		g_string_append_printf(out, "%s: filename=%s", c->name, char_describe(c));
		if (char_dropped(c))
			g_string_append_printf(out, " (%" G_GUINT64_FORMAT " bytes lost)",
					       char_dropped(c));
		g_string_append_c(out, '\n');
	}
}

const char *charset_name(const CharSet *s, const void *p)
{
	for (guint i = 0; i < count(s); i++)
		if (nth(s, i) == p)
			return nth(s, i)->name;
	return NULL;
}

Chardev *charset_find(const CharSet *s, const char *name)
{
	for (guint i = 0; i < count(s); i++) {
		Chardev *c = nth(s, i);

		if (c && !strcmp(c->name, name))
			return c;
	}
	return NULL;
}
