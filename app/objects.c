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

static bool id_is_free(const Options *o, const char *id, GError **err)
{
	bool taken = false;

	for (guint i = 0; i < o->objects->len; i++)
		taken |= !strcmp(((TlsSpec *)g_ptr_array_index(o->objects, i))->id, id);
	for (guint i = 0; i < o->memories->len; i++)
		taken |= !strcmp(((MemSpec *)g_ptr_array_index(o->memories, i))->id, id);
	return !taken || fail(err, "id=%s: there is one already", id);
}

static bool add_tls(Options *o, bool psk, const GPtrArray *kvs, GError **err)
{
	TlsSpec *s = g_new0(TlsSpec, 1);

	s->psk = psk;
	s->verify = true;
	if (fill(s, kvs, err) && id_is_free(o, s->id, err)) {
		g_ptr_array_add(o->objects, s);
		return true;
	}
	tls_spec_free(s);
	return false;
}

/* ---------------------------------------------------------------- memory */

void mem_spec_free(gpointer spec)
{
	MemSpec *m = spec;

	g_free(m->kind);
	g_free(m->id);
	g_free(m);
}

/* What has an effect on the host alone, and only the value that we have. */
static bool must_be(const KeyVal *kv, bool want, GError **err)
{
	bool on;

	if (!keyval_bool(kv, &on, err))
		return false;
	return on == want || fail(err, "%s=%s: not supported; there is %s", kv->key, kv->val,
				  want ? "on" : "off");
}

static bool set_memory(MemSpec *m, const KeyVal *kv, GError **err)
{
	static const char *const known[] = { "id",   "size",	 "share",   "merge",
					     "dump", "prealloc", "reserve", NULL };
	static const char *const memfd[] = { "id",	 "size",    "share", "merge",	"dump",
					     "prealloc", "reserve", "seal",  "hugetlb", NULL };
	const char *const *keys = !strcmp(m->kind, "memory-backend-memfd") ? memfd : known;
	bool any;

	if (!g_strv_contains(keys, kv->key))
		return keyval_unknown(kv, keys, err);
	if (!strcmp(kv->key, "id")) {
		set(&m->id, kv->val);
		return true;
	}
	if (!strcmp(kv->key, "size"))
		return (parse_size(kv->val, 1, &m->size) && m->size) ||
		       fail(err, "size=%s: not a size (a number and k, M, G or T)", kv->val);
	if (!strcmp(kv->key, "share"))
		return keyval_bool(kv, &m->share, err);
	if (!strcmp(kv->key, "prealloc") || !strcmp(kv->key, "hugetlb"))
		return must_be(kv, false, err);
	if (!strcmp(kv->key, "seal"))
		return must_be(kv, true, err);
	return keyval_bool(kv, &any, err); /* as -M mem-merge= and dump-guest-core= */
}

static bool add_memory(Options *o, const char *kind, const GPtrArray *kvs, GError **err)
{
	MemSpec *m = g_new0(MemSpec, 1);
	bool ok = true;

	m->kind = g_strdup(kind);
	m->share = !strcmp(kind, "memory-backend-memfd"); /* QEMU's defaults */
	for (guint i = 1; ok && i < kvs->len; i++)
		ok = set_memory(m, g_ptr_array_index(kvs, i), err);
	if (ok && (!m->id || !m->size))
		ok = fail(err, "needs %s=", m->id ? "size" : "id");
	if (ok && id_is_free(o, m->id, err)) {
		g_ptr_array_add(o->memories, m);
		return true;
	}
	mem_spec_free(m);
	return false;
}

bool objects_resolve_memory(Options *o, GError **err)
{
	const char *id = o->memory_backend;
	const MemSpec *used = NULL;

	for (guint i = 0; i < o->memories->len; i++) {
		const MemSpec *m = g_ptr_array_index(o->memories, i);

		if (!id || strcmp(m->id, id) != 0)
			return fail(err,
				    "-object %s,id=%s: nothing uses it; -M memory-backend=%s does",
				    m->kind, m->id, m->id);
		used = m;
	}
	if (id && !used)
		return fail(err, "-M memory-backend=%s: there is no memory -object of that id", id);
	if (!used)
		return true;
	if (o->ram && o->ram != used->size)
		return fail(err,
			    "-m: %" G_GUINT64_FORMAT
			    " bytes, and memory-backend=%s has %" G_GUINT64_FORMAT,
			    o->ram, id, used->size);
	o->ram = used->size;
	o->ram_shared = used->share;
	return true;
}

/* --------------------------------------------------------------- objects */

#define KINDS "tls-creds-x509, tls-creds-psk, memory-backend-ram, memory-backend-memfd"

static bool add_object(Options *o, const GPtrArray *kvs, GError **err)
{
	const KeyVal *kind = kvs->len ? g_ptr_array_index(kvs, 0) : NULL;

	if (!kind || strcmp(kind->key, "qom-type") != 0)
		return fail(err, "begins with its kind: " KINDS);
	if (!strcmp(kind->val, "tls-creds-x509") || !strcmp(kind->val, "tls-creds-psk"))
		return add_tls(o, !strcmp(kind->val, "tls-creds-psk"), kvs, err);
	if (!strcmp(kind->val, "memory-backend-ram") || !strcmp(kind->val, "memory-backend-memfd"))
		return add_memory(o, kind->val, kvs, err);
	if (!strcmp(kind->val, "memory-backend-file"))
		return fail(err, "memory-backend-file: not supported: a file can shrink under the "
				 "guest; there is memory-backend-memfd");
	return fail(err, "%s: not supported yet; there is " KINDS, kind->val);
}

bool opt_object(Options *o, const char *arg, GError **err)
{
	GPtrArray *kvs = keyval_parse(arg, "qom-type", err);
	bool ok = kvs && add_object(o, kvs, err);

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
