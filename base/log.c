/*
 * The process's log.  Held-back lines are counted per message (its format
 * string): the first LOG_FREE of a kind are written, then only those whose
 * number is a power of two.  That needs no clock, so that a counted run logs
 * the same lines each time, and a guest can make any message appear no more
 * than about eighty times.
 */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/bits.h"
#include "base/err.h"

#define LOG_FREE 16

uint32_t log_topics;

typedef struct Range {
	uint64_t first, last;
} Range;

static GArray *log_ranges; /* NULL: all there are; set before anything runs */
static GMutex log_lock;
static FILE *log_file;	       /* NULL: stderr */
static GHashTable *log_counts; /* format string (by address) to its count */
static uint64_t log_held;

static const struct {
	const char *name;
	uint32_t topic;
	const char *help;
} topics[] = {
	{ "in_asm", LOG_IN_ASM, "guest code, once per block built" },
	{ "int", LOG_INT, "interrupts and exceptions taken" },
	{ "mmu", LOG_MMU, "address translations that fault" },
	{ "unimp", LOG_UNIMP, "use of what is not modelled" },
	{ "guest_errors", LOG_GUEST_ERRORS, "what a chip's manual forbids" },
	{ "exec", LOG_EXEC, "blocks entered" },
	{ "cpu", LOG_CPU, "registers at block entry" },
	{ "hcall", LOG_HCALL, "hypercalls and RTAS calls" },
	{ "op", LOG_OP, "intermediate code of each block" },
	{ "out_asm", LOG_OUT_ASM, "host code of each block" },
	{ "page", LOG_PAGE, "pages mapped and dropped" },
};

static uint32_t topic_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
		if (!strcmp(word, topics[i].name))
			return topics[i].topic;
	}
	return 0;
}

bool log_set_topics(const char *list, GError **err)
{
	char **words = g_strsplit(list, ",", -1);
	uint32_t set = 0;
	bool ok = true;

	for (char **w = words; ok && *w; w++) {
		uint32_t t = topic_find(*w);

		if (!t)
			ok = fail(err, "unknown log topic '%s'", *w);
		set |= t;
	}
	if (ok)
		log_topics = set;
	g_strfreev(words);
	return ok;
}

static bool number(const char **at, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = g_ascii_isdigit(**at) ? strtoull(*at, &end, 0) : (errno = EINVAL, 0);
	if (errno)
		return false;
	*at = end;
	return true;
}

static bool range(const char *word, Range *r, GError **err)
{
	const char *at = word;
	uint64_t a, b;
	char how;

	if (!number(&at, &a))
		return fail(err, "'%s': begins with no address", word);
	how = *at;
	at += g_str_has_prefix(at, "..") ? 2 : how == '+' || how == '-';
	if (at[-1] != how || !number(&at, &b) || *at)
		return fail(err, "'%s': is neither START..END, START+SIZE nor START-SIZE", word);
	if (how != '.' && !b--)
		return fail(err, "'%s': has no bytes", word);
	*r = (Range){ how == '-' ? a - b : a, how == '.' ? b : how == '+' ? a + b : a };
	if (r->first > r->last)
		return fail(err, "'%s': ends before it begins", word);
	return true;
}

bool log_set_ranges(const char *list, GError **err)
{
	g_auto(GStrv) words = g_strsplit(list, ",", -1);
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Range));

	if (!*words)
		return fail(err, "'': no range");
	for (char **w = words; *w; w++) {
		Range r;

		if (!range(*w, &r, err))
			return false;
		g_array_append_val(all, r);
	}
	g_clear_pointer(&log_ranges, g_array_unref);
	log_ranges = g_steal_pointer(&all);
	return true;
}

bool log_has(uint64_t address)
{
	if (G_LIKELY(!log_ranges))
		return true;
	for (guint i = 0; i < log_ranges->len; i++) {
		const Range *r = &g_array_index(log_ranges, Range, i);

		if (address >= r->first && address <= r->last)
			return true;
	}
	return false;
}

bool log_set_file(const char *path, GError **err)
{
	FILE *f = NULL, *old;

	if (path) {
		f = fopen(path, "we");
		if (!f)
			return fail(err, "%s: %s", path, g_strerror(errno));
		setvbuf(f, NULL, _IOLBF, BUFSIZ);
	}
	g_mutex_lock(&log_lock);
	old = log_file;
	log_file = f;
	g_mutex_unlock(&log_lock);
	if (old)
		fclose(old);
	return true;
}

void log_print_topics(GString *out)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		g_string_append_printf(out, "%-15s %s\n", topics[i].name, topics[i].help);
}

uint64_t log_held_back(void)
{
	uint64_t n;

	g_mutex_lock(&log_lock);
	n = log_held;
	g_mutex_unlock(&log_lock);
	return n;
}

/* Called with log_lock held. */
static void put(const char *prefix, const char *fmt, va_list ap, const char *suffix)
{
	char *text = g_strdup_vprintf(fmt, ap);
	FILE *f = log_file ? log_file : stderr;
	size_t n = strlen(text);

	while (n && text[n - 1] == '\n')
		text[--n] = 0;
	fprintf(f, "%s%s%s\n", prefix, text, suffix);
	g_free(text);
}

void log_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	g_mutex_lock(&log_lock);
	put("", fmt, ap, "");
	g_mutex_unlock(&log_lock);
	va_end(ap);
}

/* Counts one more message of this format; how many there were before. */
static uint64_t seen_before(const char *fmt)
{
	uint64_t *n;

	if (!log_counts)
		log_counts = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	n = g_hash_table_lookup(log_counts, fmt);
	if (!n) {
		n = g_new0(uint64_t, 1);
		g_hash_table_insert(log_counts, (void *)fmt, n);
	}
	return (*n)++;
}

static void put_limited(const char *prefix, const char *fmt, va_list ap)
{
	uint64_t n;
	char note[64] = "";

	g_mutex_lock(&log_lock);
	n = seen_before(fmt) + 1;
	if (n > LOG_FREE && (n & (n - 1))) {
		log_held++;
	} else {
		if (n > LOG_FREE)
			snprintf(note, sizeof(note), " (%" G_GUINT64_FORMAT " times)", n);
		put(prefix, fmt, ap, note);
	}
	g_mutex_unlock(&log_lock);
}

void log_guest(const char *fmt, ...)
{
	va_list ap;

	if (!log_on(LOG_GUEST_ERRORS))
		return;
	va_start(ap, fmt);
	put_limited("guest error: ", fmt, ap);
	va_end(ap);
}

void log_unimp(const char *fmt, ...)
{
	va_list ap;

	if (!log_on(LOG_UNIMP))
		return;
	va_start(ap, fmt);
	put_limited("not modelled: ", fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	fprintf(stderr, "peppercorn: %s\n", text);
	g_free(text);
}

void bug(const char *fmt, ...)
{
	va_list ap;

	fputs("peppercorn: bug: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
