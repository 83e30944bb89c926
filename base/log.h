/*
 * What the emulator says: errors of the guest, things not modelled yet, and
 * our own broken invariants.  The user picks topics with -d and a file with
 * -D.  log_guest() and log_unimp() are silent unless their topic is on, and
 * rate-limited (a guest cannot flood the host): they count what they held back.
 *
 * The log is the process's, as stderr is: the one place with global state.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef enum LogTopic {
	LOG_IN_ASM = 1 << 0,	   /* in_asm: guest code, once per block built */
	LOG_INT = 1 << 1,	   /* int: interrupts and exceptions taken */
	LOG_MMU = 1 << 2,	   /* mmu: translations that fault */
	LOG_UNIMP = 1 << 3,	   /* unimp */
	LOG_GUEST_ERRORS = 1 << 4, /* guest_errors */
	LOG_EXEC = 1 << 5,	   /* exec: blocks entered */
	LOG_CPU = 1 << 6,	   /* cpu: registers at block entry */
	LOG_HCALL = 1 << 7,	   /* hcall: hypercalls and RTAS calls */
	LOG_OP = 1 << 8,
	LOG_OUT_ASM = 1 << 9,
	LOG_PAGE = 1 << 10,
} LogTopic;

/* Topics switched on; read it through log_on(). */
extern uint32_t log_topics;

static inline bool log_on(LogTopic t)
{
	return __builtin_expect((log_topics & t) != 0, 0);
}

/*
 * Switches on the topics of a comma-separated list ("in_asm,int"); "help"
 * is for the caller.  An unknown word is an error and changes nothing.
 */
bool log_set_topics(const char *list, GError **err);
/*
 * Of guest code only what lies in these ranges of effective addresses is logged (log_has()): "START..END",
 * "START+SIZE" (bytes from START on), "START-SIZE" (bytes that end with START), comma-separated.  A wrong one is an error and
 * changes nothing.
 */
bool log_set_ranges(const char *list, GError **err);
/* Is code at this address to be logged?  Everything is unless log_set_ranges() was called. */
bool log_has(uint64_t address);
/* Sends the log to a file (created, truncated); NULL means stderr. */
bool log_set_file(const char *path, GError **err);
/* Writes the list of topics, a line each, to a stream. */
void log_print_topics(GString *out);

/* Writes a line of a topic, unconditionally: guard with log_on(). */
void log_line(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/* A guest did what its chip's manual forbids.  One line, no newline in fmt. */
void log_guest(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/* A guest used what is not modelled.  One line, no newline in fmt. */
void log_unimp(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/* How many lines of guests were held back so far. */
uint64_t log_held_back(void);
/* Something the user should know; goes to stderr as "peppercorn: ...". */
void log_warn(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/* A broken invariant of our own: says so and aborts. */
G_NORETURN void bug(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

#endif
