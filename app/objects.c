#include "app/objects.h"

#include <string.h>
#include "app/keyval.h"
#include "base/err.h"

static void set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static bool set_endpoint(TlsSpec *s, const char *value, GError **err)
{
	s->server = !strcmp(value, "server");
	return s->server || !strcmp(value, "client") ||
	       fail(err, "endpoint=%s: neither server nor client", value);
}

static bool set_one(TlsSpec *s, const KeyVal *kv, GError **err)
{
	static const char *const x509[] = { "id", "dir", "endpoint", "verify-peer", NULL };
	static const char *const psk[] = { "id", "dir", "endpoint", "username", NULL };
	const char *const *known = s->psk ? psk : x509;

	if (!g_strv_contains(known, kv->key))
		return keyval_unknown(kv, known, err);
	if (!strcmp(kv->key, "endpoint"))
		return set_endpoint(s, kv->val, err);
	if (!strcmp(kv->key, "verify-peer"))
		return keyval_bool(kv, &s->verify, err);
	set(!strcmp(kv->key, "id")    ? &s->id
	    : !strcmp(kv->key, "dir") ? &s->dir
				      : &s->username,
	    kv->val);
	return true;
}

static bool fill(TlsSpec *s, const GPtrArray *kvs, GError **err)
{
	for (guint i = 1; i < kvs->len; i++)
		if (!set_one(s, g_ptr_array_index(kvs, i), err))
			return false;
	if (!s->id || !s->dir)
		return fail(err, "needs %s=", s->id ? "dir" : "id");
	return true;
}

bool opt_object(Options *o, const char *arg, GError **err)
{
	GPtrArray *kvs = keyval_parse(arg, "qom-type", err);
	const KeyVal *kind = kvs && kvs->len ? g_ptr_array_index(kvs, 0) : NULL;
	TlsSpec *s = g_new0(TlsSpec, 1);
	bool ok = false;

	s->verify = true;
	if (kind && !strcmp(kind->key, "qom-type")) {
		s->psk = !strcmp(kind->val, "tls-creds-psk");
		ok = s->psk || !strcmp(kind->val, "tls-creds-x509") ||
		     fail(err, "%s: not supported yet; there is tls-creds-x509, tls-creds-psk",
			  kind->val);
		ok = ok && fill(s, kvs, err);
	} else if (kvs) {
		fail(err, "begins with its kind: tls-creds-x509, tls-creds-psk");
	}
	for (guint i = 0; ok && i < o->objects->len; i++)
		if (!strcmp(((TlsSpec *)g_ptr_array_index(o->objects, i))->id, s->id))
			ok = fail(err, "id=%s: there is one already", s->id);
	if (ok)
		g_ptr_array_add(o->objects, s);
	else
		tls_spec_free(s);
	if (kvs)
		g_ptr_array_unref(kvs);
	return ok;
}

bool objects_load(GPtrArray *creds, Options *o, GError **err)
{
	while (o->objects->len) {
		TlsSpec *s = g_ptr_array_steal_index(o->objects, 0);
		g_autofree char *id = g_strdup(s->id);
		TlsCreds *c = tls_creds_new(s, err);

		if (!c)
			return fail_in(err, "-object id=%s", id);
		g_ptr_array_add(creds, c);
	}
	return true;
}

const TlsCreds *objects_tls(const GPtrArray *creds, const char *id, bool server, GError **err)
{
	for (guint i = 0; creds && i < creds->len; i++) {
		const TlsCreds *c = g_ptr_array_index(creds, i);
		const TlsSpec *s = tls_creds_spec(c);

		if (strcmp(s->id, id) != 0)
			continue;
		if (s->server == server)
			return c;
		fail(err, "tls-creds %s: its endpoint is %s, here it must be %s", id,
		     s->server ? "server" : "client", server ? "server" : "client");
		return NULL;
	}
	fail(err, "tls-creds %s: there is no -object of that id", id);
	return NULL;
}
