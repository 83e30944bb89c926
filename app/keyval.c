#include "app/keyval.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "base/bits.h"
#include "base/err.h"

static void keyval_free(gpointer p)
{
	KeyVal *kv = p;

	g_free(kv->key);
	g_free(kv->val);
	g_free(kv);
}

/* Up to the next single comma; moves *text behind it, NULL at the end. */
static char *next_item(const char **text)
{
	GString *s = g_string_new(NULL);
	const char *p = *text;

	for (; *p; p++) {
		if (*p == ',') {
			if (p[1] != ',')
				break;
			p++;
		}
		g_string_append_c(s, *p);
	}
	*text = *p ? p + 1 : NULL;
	return g_string_free(s, FALSE);
}

GPtrArray *keyval_parse(const char *text, const char *implied, GError **err)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(keyval_free);

	while (text) {
		char *item = next_item(&text);
		char *eq = strchr(item, '=');
		KeyVal *kv = g_new0(KeyVal, 1);

		g_ptr_array_add(list, kv);
		kv->bare = !eq;
		if (eq) {
			kv->key = g_strndup(item, (gsize)(eq - item));
			kv->val = g_strdup(eq + 1);
		} else if (implied && list->len == 1) {
			kv->key = g_strdup(implied);
			kv->val = g_strdup(item);
		} else {
			kv->key = g_strdup(item);
			kv->val = g_strdup("on");
		}
		g_free(item);
		if (!*kv->key) {
			fail(err, "an empty name between commas");
			g_ptr_array_unref(list);
			return NULL;
		}
	}
	return list;
}

bool keyval_bool(const KeyVal *kv, bool *out, GError **err)
{
	static const char *const yes[] = { "on", "yes", "true", "y", NULL };
	static const char *const no[] = { "off", "no", "false", "n", NULL };

	*out = g_strv_contains(yes, kv->val);
	if (!*out && !g_strv_contains(no, kv->val))
		return fail(err, "must be on or off") || keyval_blame(kv, err);
	return true;
}

bool keyval_number(const KeyVal *kv, uint64_t min, uint64_t max, uint64_t *out, GError **err)
{
	bool ok = parse_number(kv->val, out);

	if (!ok)
		fail(err, kv->bare && *kv->val != '-' && !g_ascii_isdigit(*kv->val)
				  ? "needs a number"
				  : "not a number");
	else if (*out < min || *out > max)
		ok = fail(err, "must be %" PRIu64 " to %" PRIu64, min, max);
	return ok || keyval_blame(kv, err);
}

bool keyval_blame(const KeyVal *kv, GError **err)
{
	/* A value that stands alone needs no name: the option's is enough. */
	return kv->bare && strcmp(kv->val, "on") ? false : fail_in(err, "%s=%s", kv->key, kv->val);
}

bool keyval_unknown(const KeyVal *kv, const char *const *known, GError **err)
{
	const char *near = nearest_name(kv->key, known);

	if (near)
		return fail(err, "unknown property '%s'; did you mean '%s'?", kv->key, near);
	return fail(err, "unknown property '%s'", kv->key);
}

bool parse_number(const char *text, uint64_t *out)
{
	bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	const char *digits = hex ? text + 2 : text;
	char *end;

	if (!(hex ? g_ascii_isxdigit(*digits) : g_ascii_isdigit(*digits)))
		return false;
	errno = 0;
	*out = g_ascii_strtoull(digits, &end, hex ? 16 : 10);
	return !*end && !errno;
}

static int unit_shift(char c)
{
	static const char units[] = "BKMGTPE";
	const char *p = c ? strchr(units, g_ascii_toupper(c)) : NULL;

	return p ? (int)(p - units) * 10 : -1;
}

bool parse_size(const char *text, uint64_t unit, uint64_t *out)
{
	uint64_t whole, scale = unit, frac = 0, base = 1;
	char *end;

	if (text[0] == '0' && (text[1] | 0x20) == 'x')
		return parse_number(text, out);
	if (!g_ascii_isdigit(*text))
		return false;
	errno = 0;
	whole = g_ascii_strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end == '.') {
		for (end++; g_ascii_isdigit(*end); end++) {
			if (base < UINT64_C(1000000000)) {
				frac = frac * 10 + (uint64_t)(*end - '0');
				base *= 10;
			}
		}
		if (base == 1)
			return false;
	}
	if (*end) {
		int shift = unit_shift(*end);

		if (shift < 0 || end[1])
			return false;
		scale = UINT64_C(1) << shift;
	}
	if ((u128)whole * scale + muldiv64(frac, scale, base) > UINT64_MAX)
		return false;
	*out = whole * scale + muldiv64(frac, scale, base);
	return true;
}

enum { NAME_MAX_LEN = 64 };

/* Edits (insert, delete, replace, swap of neighbours) that turn a into b. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][NAME_MAX_LEN + 1];
	unsigned *before = rows[0], *prev = rows[1], *cur = rows[2];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NAME_MAX_LEN || lb > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (size_t j = 0; j <= lb; j++)
		prev[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *spare = before;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned d = prev[j - 1] + (a[i - 1] != b[j - 1]);

			d = MIN(d, MIN(prev[j], cur[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = MIN(d, before[j - 2] + 1);
			cur[j] = d;
		}
		before = prev;
		prev = cur;
		cur = spare;
	}
	return prev[lb];
}

const char *nearest_name(const char *word, const char *const *names)
{
	const char *best = NULL;
	unsigned best_d = (unsigned)MAX(strlen(word) / 3, 1) + 1;

	for (; *names; names++) {
		unsigned d = distance(word, *names);

		if (d < best_d) {
			best_d = d;
			best = *names;
		}
	}
	/* One letter for another of a single letter is no likeness. */
	return best && best_d < strlen(best) ? best : NULL;
}
