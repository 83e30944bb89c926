/*
 * Option values in QEMU's grammar: "first,key=value,flag", where ",," stands
 * for a comma, and the numbers, sizes and booleans in them.
 */
#ifndef APP_KEYVAL_H
#define APP_KEYVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

typedef struct KeyVal {
	char *key;
	char *val; /* "on" for a bare flag */
	bool bare; /* no '=' was written */
} KeyVal;

/*
 * KeyVal * in the order written; frees with g_ptr_array_unref().  A first
 * item without '=' is the value of `implied`, unless that is NULL.
 */
GPtrArray *keyval_parse(const char *text, const char *implied, GError **err);

/* Errors name the key: "cores=x: not a number". */
bool keyval_bool(const KeyVal *kv, bool *out, GError **err);
bool keyval_number(const KeyVal *kv, uint64_t min, uint64_t max, uint64_t *out, GError **err);
/* Puts "key=value: " before an error that is set, unless the value stands alone; false. */
bool keyval_blame(const KeyVal *kv, GError **err);
/* The error for a key nobody knows, with the nearest of known[] (NULL-terminated). */
bool keyval_unknown(const KeyVal *kv, const char *const *known, GError **err);

/*
 * A decimal or 0x number, all of the text; false when it is none or does
 * not fit.
 */
bool parse_number(const char *text, uint64_t *out);
/*
 * Bytes: a number, perhaps with a fraction, and B, k, M, G, T, P or E; `unit`
 * applies without a suffix.  False when malformed or 2^64 and more.
 */
bool parse_size(const char *text, uint64_t unit, uint64_t *out);

/*
 * The name of the list (NULL-terminated) that was probably meant by `word`,
 * or NULL when none is near.
 */
const char *nearest_name(const char *word, const char *const *names);

#endif
