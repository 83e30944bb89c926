#include "core/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/log.h"
#include "core/machine.h"

static void *prop_at(Device *d, const Prop *p)
{
	return (uint8_t *)d + p->offset;
}

static void put_u64(Device *d, const Prop *p, uint64_t v)
{
	uint32_t v32 = (uint32_t)v;
	bool vb = v != 0;

	if (p->kind == PROP_U32)
		memcpy(prop_at(d, p), &v32, sizeof(v32));
	else if (p->kind == PROP_U64)
		memcpy(prop_at(d, p), &v, sizeof(v));
	else
		memcpy(prop_at(d, p), &vb, sizeof(vb));
}

static void put_str(Device *d, const Prop *p, const char *v)
{
	char *old, *copy = g_strdup(v);

	memcpy(&old, prop_at(d, p), sizeof(old));
	g_free(old);
	memcpy(prop_at(d, p), &copy, sizeof(copy));
}

void *device_new(const DeviceType *type, Machine *m, const char *path)
{
	Device *d;

	if (type->size < sizeof(Device) || path[0] != '/')
		bug("device %s: bad instance size or path '%s'", type->name, path);
	d = g_malloc0(type->size);
	d->type = type;
	d->machine = m;
	d->path = g_strdup(path);
	for (const Prop *p = type->props; p && p->name; p++) {
		if (p->kind == PROP_STR)
			put_str(d, p, p->def_str);
		else if (p->kind != PROP_PTR)
			put_u64(d, p, p->def);
	}
	return d;
}

static const Prop *find_prop(const Device *d, const char *name)
{
	for (const Prop *p = d->type->props; p && p->name; p++) {
		if (!strcmp(p->name, name))
			return p;
	}
	return NULL;
}

/* The property of that name, for a board that must know it. */
static const Prop *must_prop(const Device *d, const char *name)
{
	const Prop *p = find_prop(d, name);

	if (!p)
		bug("%s (%s) has no property '%s'", d->path, d->type->name, name);
	if (d->realized)
		bug("%s: property '%s' set after realize", d->path, name);
	return p;
}

static bool in_range(const Prop *p, uint64_t v)
{
	uint64_t max = p->max;

	if (p->kind == PROP_BOOL)
		max = 1;
	else if (p->kind == PROP_U32 && (!max || max > UINT32_MAX))
		max = UINT32_MAX;
	return v >= p->min && (!max || v <= max);
}

void device_set_u64(void *dev, const char *prop, uint64_t v)
{
	Device *d = dev;
	const Prop *p = must_prop(d, prop);

	if (p->kind != PROP_U32 && p->kind != PROP_U64 && p->kind != PROP_BOOL)
		bug("%s: property '%s' is not a number", d->path, prop);
	if (!in_range(p, v))
		bug("%s: property '%s' cannot be %" G_GUINT64_FORMAT, d->path, prop, v);
	put_u64(d, p, v);
}

void device_set_str(void *dev, const char *prop, const char *v)
{
	Device *d = dev;
	const Prop *p = must_prop(d, prop);

	if (p->kind != PROP_STR)
		bug("%s: property '%s' is not a string", d->path, prop);
	put_str(d, p, v);
}

void device_set_ptr(void *dev, const char *prop, void *v)
{
	Device *d = dev;
	const Prop *p = must_prop(d, prop);

	if (p->kind != PROP_PTR)
		bug("%s: property '%s' is not a pointer", d->path, prop);
	memcpy(prop_at(d, p), &v, sizeof(v));
}

void *device_prop_ptr(const Device *d, const Prop *p)
{
	void *v;

	memcpy(&v, (const uint8_t *)d + p->offset, sizeof(v));
	return v;
}

char *device_prop_text(const Device *d, const Prop *p)
{
	const uint8_t *at = (const uint8_t *)d + p->offset;
	const char *str;
	uint64_t v = 0;
	uint32_t v32;
	bool vb;

	switch (p->kind) {
	case PROP_U32:
		memcpy(&v32, at, sizeof(v32));
		v = v32;
		break;
	case PROP_U64: memcpy(&v, at, sizeof(v)); break;
	case PROP_BOOL: memcpy(&vb, at, sizeof(vb)); return g_strdup(vb ? "true" : "false");
	case PROP_STR:
		memcpy(&str, at, sizeof(str));
		return g_strdup_printf("\"%s\"", str ? str : "");
	default: return NULL;
	}
	return g_strdup_printf("%" G_GUINT64_FORMAT " (0x%" G_GINT64_MODIFIER "x)", v, v);
}

static bool parse_bool(const char *text, uint64_t *v)
{
	static const char *const yes[] = { "on", "yes", "true", "1" };
	static const char *const no[] = { "off", "no", "false", "0" };

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (!strcmp(text, yes[i]) || !strcmp(text, no[i])) {
			*v = !strcmp(text, yes[i]);
			return true;
		}
	}
	return false;
}

/* Decimal or 0x..., with K, M, G or T for powers of 1024. */
static bool parse_number(const char *text, uint64_t *v)
{
	static const char units[] = "kmgt";
	const char *unit;
	unsigned shift;
	char *end;

	if (!g_ascii_isdigit(text[0]))
		return false;
	errno = 0;
	*v = g_ascii_strtoull(text, &end, g_ascii_strncasecmp(text, "0x", 2) ? 10 : 16);
	if (errno || end == text)
		return false;
	if (!*end)
		return true;
	unit = strchr(units, g_ascii_tolower(*end));
	if (!unit || end[1])
		return false;
	shift = 10 * (unsigned)(unit - units + 1);
	if (*v > UINT64_MAX >> shift)
		return false;
	*v <<= shift;
	return true;
}

static bool set_number(Device *d, const Prop *p, const char *text, GError **err)
{
	uint64_t v, max = p->max ? p->max : p->kind == PROP_U32 ? UINT32_MAX : UINT64_MAX;

	if (!parse_number(text, &v))
		return fail(err, "%s: %s: '%s' is not a number", d->path, p->name, text);
	if (!in_range(p, v))
		return fail(err,
			    "%s: %s: %s is not within %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT,
			    d->path, p->name, text, p->min, max);
	put_u64(d, p, v);
	return true;
}

bool device_set_text(void *dev, const char *prop, const char *text, GError **err)
{
	Device *d = dev;
	const Prop *p = find_prop(d, prop);
	uint64_t v;

	if (!p || p->kind == PROP_PTR)
		return fail(err, "%s: %s has no property '%s'", d->path, d->type->name, prop);
	if (d->realized)
		return fail(err, "%s: %s: cannot be changed any more", d->path, prop);
	if (p->kind == PROP_STR) {
		put_str(d, p, text);
		return true;
	}
	if (p->kind != PROP_BOOL)
		return set_number(d, p, text, err);
	if (!parse_bool(text, &v))
		return fail(err, "%s: %s: '%s' is neither on nor off", d->path, prop, text);
	put_u64(d, p, v);
	return true;
}

static void device_free(Device *d)
{
	char *str;

	for (const Prop *p = d->type->props; p && p->name; p++) {
		if (p->kind == PROP_STR) {
			memcpy(&str, prop_at(d, p), sizeof(str));
			g_free(str);
		}
	}
	g_free(d->path);
	g_free(d);
}

bool device_realize(void *dev, GError **err)
{
	Device *d = dev;

	if (d->realized)
		bug("%s: realized twice", d->path);
	if (machine_find(d->machine, d->path))
		bug("two devices at %s", d->path);
	if (d->type->realize && !d->type->realize(d, err)) {
		device_free(d);
		return false;
	}
	d->realized = true;
	g_ptr_array_add(d->machine->devices, d);
	return true;
}

void device_reset(void *dev)
{
	Device *d = dev;

	if (d->type->state)
		vm_reset(d->type->state, d);
	if (d->type->reset)
		d->type->reset(d);
}

void device_destroy(void *dev)
{
	Device *d = dev;

	if (!d)
		return;
	if (d->realized) {
		g_ptr_array_remove(d->machine->devices, d);
		if (d->type->destroy)
			d->type->destroy(d);
	}
	device_free(d);
}
