/*
 * Pages of RAM whose bytes are still to come from somewhere: a machine may run without
 * them, and whoever needs one waits until it is there (docs/migration.md, postcopy).
 *
 * A page that is absent has RAM_PAGE_ABSENT.  No CPU's TLB maps one, so the first access
 * comes to ram_need(), which comes here.  Who waits how:
 *
 * - a CPU outside of the machine lock counts as parked meanwhile, so that the machine can be
 *   stopped; with the lock it keeps that while the line lives, and gives it up once it is
 *   lost;
 * - the loop's thread waits with the lock while the line lives; once it is lost, it stops
 *   the machine and turns the loop until the page comes after all.
 */
#ifndef CORE_ABSENT_H
#define CORE_ABSENT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Machine Machine;

/*
 * All pages whose bit is set in bitmap (the lowest bit of the first byte for page 0) become
 * absent; nobody brings them yet, so accesses fail.  want(opaque, n) will be called when
 * somebody waits for page n, from any thread; it must not call back.  The machine stands, and
 * no CPU has a translation of any page.  Lock held, from the loop's thread.
 */
void absent_begin(Machine *m, const uint8_t *bitmap, void (*want)(void *opaque, uint64_t n),
		  void *opaque);
/* Any thread: the line that brings pages is there (again); what is waited for is asked for. */
void absent_open(Machine *m);
/* Any thread: it is not, but may come back; who waits goes on waiting. */
void absent_lose(Machine *m);
/* Any thread: pages come no more, and who waits gets a failed access. */
void absent_close(Machine *m);
/* Lock held, the machine stands: as if nothing had ever been absent. */
void absent_forget(Machine *m);
/*
 * Any thread, one at a time: the bytes of page n, NULL for zeros.  False, and nothing done:
 * it is not absent.
 */
bool absent_place(Machine *m, uint64_t n, const uint8_t *bytes);
/* How many are absent. */
uint64_t absent_left(const Machine *m);
/* Sets a bit for each absent page, as absent_begin() has it. */
void absent_list(const Machine *m, uint8_t *bitmap);
/* Is there a line that brings what is absent? */
bool absent_is_open(const Machine *m);
/*
 * Loop's thread, lock held: from now on its own accesses fail instead of waiting without a
 * line (a user only wants to look).  Returns what was, to be put back.
 */
bool absent_peek(Machine *m, bool on);
/* At the machine's end. */
void absent_free(Machine *m);

#endif
