#include "app/charspec.h"

#include <string.h>
#include "app/keyval.h"
#include "base/bits.h"
#include "base/err.h"

void charspec_free(CharSpec *s)
{
	if (!s)
		return;
	g_free(s->id);
	g_free(s->path);
	g_free(s->host);
	g_free(s->port);
	g_free(s);
}

static CharSpec *charspec_new(CharKind kind)
{
	CharSpec *s = g_new0(CharSpec, 1);

	s->kind = kind;
	s->signals = true;
	s->wait = true;
	return s;
}

static bool set_path(CharSpec *s, const char *path, GError **err)
{
	if (!*path)
		return fail(err, "needs a path");
	g_free(s->path);
	s->path = g_strdup(path);
	return true;
}

/* "host:port", ":port", "[v6]:port" */
static bool set_host_port(CharSpec *s, const char *text, GError **err)
{
	const char *colon = strrchr(text, ':');
	const char *host = text;
	gsize len;

	if (!colon || !colon[1])
		return fail(err, "needs host:port");
	len = (gsize)(colon - text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		host++;
		len -= 2;
	}
	s->host = g_strndup(host, len);
	s->port = g_strdup(colon + 1);
	return true;
}

/* One property of a socket; *known is false when it is none. */
static bool socket_prop(CharSpec *s, const KeyVal *kv, bool *known, GError **err)
{
	bool b;

	*known = true;
	if (!strcmp(kv->key, "server"))
		return keyval_bool(kv, &s->server, err);
	if (!strcmp(kv->key, "wait"))
		return keyval_bool(kv, &s->wait, err);
	if (!strcmp(kv->key, "telnet"))
		return keyval_bool(kv, &s->telnet, err);
	if (!strcmp(kv->key, "nodelay"))
		return keyval_bool(kv, &s->nodelay, err);
	if (!strcmp(kv->key, "delay")) {
		if (!keyval_bool(kv, &b, err))
			return false;
		s->nodelay = !b;
		return true;
	}
	if (!strcmp(kv->key, "nowait") && kv->bare) {
		s->wait = false;
		return true;
	}
	if (!strcmp(kv->key, "reconnect") || !strcmp(kv->key, "websocket") ||
	    !strcmp(kv->key, "tls-creds") || !strcmp(kv->key, "to") || !strcmp(kv->key, "abstract"))
		return fail(err, "%s: not supported yet", kv->key);
	*known = false;
	return true;
}

static const char *const socket_props[] = { "server", "wait", "nowait", "telnet", "nodelay", "path",
					    "host",   "port", "id",	"mux",	  NULL };

/* "ADDRESS,prop,prop=value": the address is the first item. */
static bool legacy_socket(CharSpec *s, const char *text, bool tcp, GError **err)
{
	GPtrArray *kvs = keyval_parse(text, "address", err);
	bool ok = kvs != NULL;

	for (guint i = 0; ok && i < kvs->len; i++) {
		const KeyVal *kv = g_ptr_array_index(kvs, i);
		bool known;

		if (i == 0 && !strcmp(kv->key, "address"))
			ok = tcp ? set_host_port(s, kv->val, err) : set_path(s, kv->val, err);
		else
			ok = socket_prop(s, kv, &known, err) &&
			     (known || keyval_unknown(kv, socket_props, err));
	}
	if (ok && !s->path && !s->port)
		ok = fail(err, "needs an address");
	if (kvs)
		g_ptr_array_unref(kvs);
	return ok;
}

static const char *const kinds_later[] = { "udp",	"pipe",	     "msmouse", "braille",
					   "con",	"vc",	     "serial",	"parallel",
					   "tty",	"ringbuf",   "parport", "spicevmc",
					   "spiceport", "websocket", "tn3270",	"wctablet",
					   NULL };
static const char *const kinds_now[] = { "stdio", "file", "pty",    "socket",  "null", "none",
					 "unix",  "tcp",  "telnet", "chardev", "mon",  NULL };

static bool bad_kind(const char *text, GError **err)
{
	char *word = g_strndup(text, strcspn(text, ":,"));
	const char *near = nearest_name(word, kinds_now);
	bool later = g_strv_contains(kinds_later, word) || g_str_has_prefix(text, "/dev/");

	g_free(word);
	if (later)
		return fail(err, "not supported yet");
	if (near)
		return fail(err, "no such character device; did you mean %s?", near);
	return fail(err, "no such character device");
}

CharSpec *charspec_parse_legacy(const char *text, GError **err)
{
	static const struct {
		const char *name;
		CharKind kind;
	} words[] = {
		{ "none", CHAR_KIND_NONE },   { "null", CHAR_KIND_NULL }, { "vc", CHAR_KIND_NULL },
		{ "stdio", CHAR_KIND_STDIO }, { "pty", CHAR_KIND_PTY },
	};
	CharSpec *s = charspec_new(CHAR_KIND_NONE);
	bool ok = true;

	if (g_str_has_prefix(text, "mon:")) {
		/* The terminal's keys belong to the guest then; Ctrl-a x ends. */
		s->mon = s->mux = true;
		s->signals = false;
		text += 4;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strcmp(text, words[i].name)) {
			s->kind = words[i].kind;
			return s;
		}
	}
	if (g_str_has_prefix(text, "vc:")) {
		s->kind = CHAR_KIND_NULL;
	} else if (g_str_has_prefix(text, "file:")) {
		s->kind = CHAR_KIND_FILE;
		ok = set_path(s, text + 5, err);
	} else if (g_str_has_prefix(text, "unix:")) {
		s->kind = CHAR_KIND_SOCKET;
		ok = legacy_socket(s, text + 5, false, err);
	} else if (g_str_has_prefix(text, "tcp:")) {
		s->kind = CHAR_KIND_SOCKET;
		ok = legacy_socket(s, text + 4, true, err);
	} else if (g_str_has_prefix(text, "telnet:")) {
		s->kind = CHAR_KIND_SOCKET;
		s->telnet = true;
		ok = legacy_socket(s, text + 7, true, err);
	} else if (g_str_has_prefix(text, "chardev:")) {
		s->kind = CHAR_KIND_REF;
		s->id = g_strdup(text + 8);
	} else {
		ok = bad_kind(text, err);
	}
	if (ok)
		return s;
	charspec_free(s);
	return NULL;
}

static bool spec_prop(CharSpec *s, const KeyVal *kv, GError **err)
{
	static const char *const common[] = { "id", "mux", NULL };
	static const char *const file[] = { "id", "mux", "path", "append", NULL };
	static const char *const stdio[] = { "id", "mux", "signal", NULL };
	const char *const *all = s->kind == CHAR_KIND_SOCKET  ? socket_props
				 : s->kind == CHAR_KIND_FILE  ? file
				 : s->kind == CHAR_KIND_STDIO ? stdio
							      : common;
	bool known = false;

	if (!strcmp(kv->key, "id")) {
		g_free(s->id);
		s->id = g_strdup(kv->val);
		return true;
	}
	if (!strcmp(kv->key, "mux"))
		return keyval_bool(kv, &s->mux, err);
	if (!strcmp(kv->key, "logfile") || !strcmp(kv->key, "logappend"))
		return fail(err, "%s: not supported yet", kv->key);
	if (s->kind == CHAR_KIND_STDIO && !strcmp(kv->key, "signal"))
		return keyval_bool(kv, &s->signals, err);
	if (s->kind == CHAR_KIND_FILE && !strcmp(kv->key, "append"))
		return keyval_bool(kv, &s->append, err);
	if ((s->kind == CHAR_KIND_FILE || s->kind == CHAR_KIND_SOCKET) && !strcmp(kv->key, "path"))
		return set_path(s, kv->val, err);
	if (s->kind == CHAR_KIND_SOCKET) {
		char **field = !strcmp(kv->key, "host")	  ? &s->host
			       : !strcmp(kv->key, "port") ? &s->port
							  : NULL;

		if (field) {
			g_free(*field);
			*field = g_strdup(kv->val);
			return true;
		}
		if (!socket_prop(s, kv, &known, err))
			return false;
	}
	return known || keyval_unknown(kv, all, err);
}

static bool spec_complete(const CharSpec *s, GError **err)
{
	if (!s->id || !*s->id)
		return fail(err, "needs id=");
	if (s->kind == CHAR_KIND_FILE && !s->path)
		return fail(err, "needs path=");
	if (s->kind == CHAR_KIND_SOCKET && !s->path == !s->port)
		return fail(err, "needs path= or port=, not both");
	return true;
}

CharSpec *charspec_parse(const char *text, GError **err)
{
	static const struct {
		const char *name;
		CharKind kind;
	} kinds[] = {
		{ "null", CHAR_KIND_NULL },	{ "stdio", CHAR_KIND_STDIO },
		{ "file", CHAR_KIND_FILE },	{ "pty", CHAR_KIND_PTY },
		{ "socket", CHAR_KIND_SOCKET }, { "vc", CHAR_KIND_NULL },
	};
	GPtrArray *kvs = keyval_parse(text, "backend", err);
	const KeyVal *first = kvs ? g_ptr_array_index(kvs, 0) : NULL;
	CharSpec *s = NULL;
	bool ok;

	if (!kvs)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !s; i++)
		if (!strcmp(first->key, "backend") && !strcmp(first->val, kinds[i].name))
			s = charspec_new(kinds[i].kind);
	ok = s || bad_kind(first->val, err);
	for (guint i = 1; ok && i < kvs->len; i++)
		ok = spec_prop(s, g_ptr_array_index(kvs, i), err);
	ok = ok && spec_complete(s, err);
	g_ptr_array_unref(kvs);
	if (ok)
		return s;
	charspec_free(s);
	return NULL;
}
