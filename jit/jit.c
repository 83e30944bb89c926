/*
 * The arena and the units in it.  The same memory is mapped twice, once to be written and once to be run
 * (nothing is ever both), so code can be patched while it is in use by this thread.
 *
 * A dropped unit's first instruction becomes a jump to its way out, and jumps that led to it lead
 * to the dispatcher again.  Its own jumps stay, so whoever is in it may go on; the bytes are taken for something
 * else after jit_reap() only.
 */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/err.h"
#include "base/log.h"
#include "jit/gen.h"

typedef struct Hole {
	uint32_t at, size;
} Hole;

enum { ALIGN = 32, JMP = 0xe9 };

/* ------------------------------------------------------------------ arena */

static bool map_twice(Jit *j, GError **err)
{
	int fd = memfd_create("peppercorn-code", MFD_CLOEXEC);
	void *rw = MAP_FAILED, *rx = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, (off_t)j->bytes)) {
		rw = mmap(NULL, j->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		rx = mmap(NULL, j->bytes, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	}
	if (rw == MAP_FAILED || rx == MAP_FAILED) {
		fail(err, "no memory for translated code: %s", g_strerror(errno));
		if (rw != MAP_FAILED)
			munmap(rw, j->bytes);
		if (rx != MAP_FAILED)
			munmap(rx, j->bytes);
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	j->rw = rw;
	j->rx = rx;
	return true;
}

Jit *jit_new(const JitTarget *target, size_t bytes, GError **err)
{
	unsigned features;
	Jit *j;

	if (!jit_host_features(&features)) {
		fail(err, "translated code needs an x86-64-v2 host (SSE4.2, POPCNT)");
		return NULL;
	}
	j = g_new0(Jit, 1);
	j->target = target;
	/* Distances in it have 32 bits. */
	j->bytes = CLAMP(bytes, (size_t)64 << 10, (size_t)1 << 30) & ~(size_t)0xffff;
	j->features = features;
	if (!map_twice(j, err)) {
		g_free(j);
		return NULL;
	}
	j->holes = g_array_new(FALSE, FALSE, sizeof(Hole));
	j->units = g_hash_table_new(NULL, NULL);
	j->gen = gen_new(j);
	jit_thunks_make(j);
	j->used = (j->thunks.end + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
	return j;
}

/* Room for `size` bytes; 0: none. */
static uint32_t room_take(Jit *j, uint32_t size)
{
	uint32_t at;

	for (unsigned i = 0; i < j->holes->len; i++) {
		Hole *h = &g_array_index(j->holes, Hole, i);

		if (h->size < size)
			continue;
		at = h->at;
		h->at += size;
		h->size -= size;
		if (!h->size)
			g_array_remove_index(j->holes, i);
		return at;
	}
	if (j->bytes - j->used < size)
		return 0;
	at = j->used;
	j->used += size;
	return at;
}

static void room_give(Jit *j, uint32_t at, uint32_t size)
{
	Hole h = { .at = at, .size = size }, *before;
	unsigned i = 0;

	while (i < j->holes->len && g_array_index(j->holes, Hole, i).at < at)
		i++;
	g_array_insert_val(j->holes, i, h);
	if (i + 1 < j->holes->len && g_array_index(j->holes, Hole, i + 1).at == at + size) {
		g_array_index(j->holes, Hole, i).size += g_array_index(j->holes, Hole, i + 1).size;
		g_array_remove_index(j->holes, i + 1);
	}
	if (i) {
		before = &g_array_index(j->holes, Hole, i - 1);
		if (before->at + before->size == at) {
			before->size += g_array_index(j->holes, Hole, i).size;
			g_array_remove_index(j->holes, i);
		}
	}
}

static void put32(Jit *j, uint32_t at, uint32_t v)
{
	memcpy(j->rw + at, &v, 4);
}

/* Has the jump whose distance is at `at` lead to `to`. */
static void aim(Jit *j, uint32_t at, uint32_t to)
{
	put32(j, at, to - (at + 4));
}

/* ------------------------------------------------------------------ units */

static void *copy(const GArray *a, size_t size)
{
	void *p = g_malloc(a->len * size + 1);

	if (a->len)
		memcpy(p, a->data, a->len * size);
	return p;
}

static JitUnit *unit_new(const Gen *g, void *user)
{
	JitUnit *u = g_new0(JitUnit, 1);

	u->user = user;
	u->insns = g->ir->insns;
	u->high = g->ir->high;
	u->nexits = (uint16_t)g->exits->len;
	u->exits = copy(g->exits, sizeof(JitExit));
	for (unsigned i = 0; i < u->nexits; i++)
		u->exits[i].unit = u;
	u->snaps = g_new0(JitSnap, 1);
	u->snaps->refs = copy(g->refs, sizeof(JitSnapRef));
	u->snaps->k = copy(g->k, sizeof(uint64_t));
	u->snaps->kv = copy(g->kv, sizeof(u128));
	u->snaps->ops = copy(g->ops, sizeof(JitSnapOp));
	u->snaps->sites = copy(g->sites, sizeof(JitSite));
	for (unsigned i = 0; i < g->sites->len; i++)
		u->snaps->sites[i].unit = u;
	return u;
}

static void unit_free(JitUnit *u)
{
	g_free(u->snaps->refs);
	g_free(u->snaps->k);
	g_free(u->snaps->kv);
	g_free(u->snaps->ops);
	g_free(u->snaps->sites);
	g_free(u->snaps);
	g_free(u->exits);
	if (u->incoming)
		g_ptr_array_free(u->incoming, TRUE);
	g_free(u);
}

static void fix(Jit *j, const JitUnit *u, uint32_t hot, const GenFix *f)
{
	uint32_t at = u->code + f->at + (f->in_cold ? hot : 0);
	uintptr_t address;

	switch ((GenFixKind)f->kind) {
	case FIX_HOT: aim(j, at, u->code + f->to); return;
	case FIX_COLD: aim(j, at, u->code + hot + f->to); return;
	case FIX_ARENA: aim(j, at, f->to); return;
	case FIX_EXIT: address = (uintptr_t)&u->exits[f->to]; break;
	case FIX_WRITE: address = (uintptr_t)(j->rw + u->code + f->to); break;
	case FIX_SITE: address = (uintptr_t)&u->snaps->sites[f->to]; break;
	default: address = (uintptr_t)u | 1; break;
	}
	memcpy(j->rw + at, &address, sizeof(address));
}

JitUnit *jit_compile(Jit *j, const Ir *ir, void *user)
{
	Gen *g = j->gen;
	uint32_t hot, size, at;
	JitUnit *u;

	if (ir->full || !gen_run(g, ir))
		return NULL;
	hot = g->hot.n;
	size = (hot + g->cold.n + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
	at = room_take(j, size);
	if (!at) {
		j->full = true;
		return NULL;
	}
	u = unit_new(g, user);
	u->code = at;
	u->size = size;
	u->hot = hot;
	u->dead_at = at + hot + g->dead_at;
	memcpy(j->rw + at, g->hot.p, hot);
	memcpy(j->rw + at + hot, g->cold.p, g->cold.n);
	memset(j->rw + at + hot + g->cold.n, 0xcc, size - hot - g->cold.n); /* int3 */
	for (unsigned i = 0; i < g->fixes->len; i++)
		fix(j, u, hot, &g_array_index(g->fixes, GenFix, i));
	for (unsigned i = 0; i < u->nexits; i++) {
		const GenFix *f = &g_array_index(g->exit_jumps, GenFix, i);
		JitExit *e = &u->exits[i];
		uint32_t d;

		if (!f->at)
			continue;
		e->from = at + f->at + (f->in_cold ? hot : 0);
		memcpy(&d, j->rw + e->from, 4);
		e->out = e->from + 4 + d;
	}
	g_hash_table_add(j->units, u);
	j->in_use += size;
	return u;
}

/* ------------------------------------------------------------------ links */

static void unlink_exit(Jit *j, JitExit *e)
{
	aim(j, e->from, e->out);
	e->linked = NULL;
}

void jit_link(Jit *j, JitExit *e, JitUnit *to, uint32_t view)
{
	/* r14 belongs to one half of the address space. */
	if (to->dead || e->unit->dead || !e->from || e->unit->high != to->high)
		return;
	if (e->linked && e->linked != to)
		g_ptr_array_remove_fast(e->linked->incoming, e);
	if (e->linked != to) {
		if (!to->incoming)
			to->incoming = g_ptr_array_new();
		g_ptr_array_add(to->incoming, e);
	}
	e->linked = to;
	/* cmp dword [view], imm32; jne rel32; jmp rel32 */
	if (e->kind == IR_EXIT_FAR)
		put32(j, e->from - 1 - 6 - 4, view);
	aim(j, e->from, to->code);
}

void jit_unlink(Jit *j, JitUnit *u)
{
	for (unsigned i = 0; u->incoming && i < u->incoming->len; i++)
		unlink_exit(j, g_ptr_array_index(u->incoming, i));
	if (u->incoming)
		g_ptr_array_set_size(u->incoming, 0);
}

void jit_drop(Jit *j, JitUnit *u)
{
	if (u->dead)
		return;
	u->dead = true;
	j->rw[u->code] = JMP;
	aim(j, u->code + 1, u->dead_at);
	jit_unlink(j, u);
	u->dead_next = j->dead;
	j->dead = u;
}

static void reap(Jit *j, JitUnit *u)
{
	for (unsigned i = 0; i < u->nexits; i++) {
		JitExit *e = &u->exits[i];

		if (e->linked)
			g_ptr_array_remove_fast(e->linked->incoming, e);
	}
	room_give(j, u->code, u->size);
	j->in_use -= u->size;
	g_hash_table_remove(j->units, u);
	unit_free(u);
}

void jit_reap(Jit *j, JitJump *jumps)
{
	/* No other unit begins with a jump. */
	for (unsigned i = 0; j->dead && jumps && i < JIT_JUMPS; i++)
		if (jumps[i].code && j->rw[jumps[i].code] == JMP)
			jumps[i] = (JitJump){ 0 };
	while (j->dead) {
		JitUnit *u = j->dead;

		j->dead = u->dead_next;
		reap(j, u);
	}
}

void jit_reset(Jit *j, JitJump *jumps)
{
	GHashTableIter it;
	gpointer u;

	g_hash_table_iter_init(&it, j->units);
	while (g_hash_table_iter_next(&it, &u, NULL))
		unit_free(u);
	g_hash_table_remove_all(j->units);
	if (jumps)
		memset(jumps, 0, JIT_JUMPS * sizeof(*jumps));
	j->dead = NULL;
	g_array_set_size(j->holes, 0);
	j->used = (j->thunks.end + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
	j->in_use = 0;
	j->full = false;
}

void jit_free(Jit *j)
{
	if (!j)
		return;
	jit_reset(j, NULL);
	g_array_free(j->holes, TRUE);
	g_hash_table_destroy(j->units);
	gen_free(j->gen);
	munmap(j->rw, j->bytes);
	munmap(j->rx, j->bytes);
	g_free(j);
}

/* ---------------------------------------------------------------- running */

JitResult jit_enter(Jit *j, void *env, JitUnit *u)
{
	const char *table;
	uintptr_t r;

	memcpy(&table, (char *)env + j->target->tlb.table[u->high], sizeof(table));
	r = jit_host_enter(j, env, j->rx + u->code, table);
	if (r & 1)
		return (JitResult){ .why = JIT_LEFT_ENTRY, .unit = (JitUnit *)(r - 1) };
	return (JitResult){ .why = JIT_LEFT_EXIT,
			    .unit = ((JitExit *)r)->unit,
			    .exit = (JitExit *)r };
}

bool jit_full(const Jit *j)
{
	return j->full;
}

const void *jit_code(const Jit *j, const JitUnit *u)
{
	return j->rx + u->code;
}

size_t jit_used(const Jit *j)
{
	return j->in_use;
}

void jit_randomise(Jit *j, uint32_t seed)
{
	unsigned all;

	jit_host_features(&all);
	j->seed = seed;
	j->features = seed ? all & (seed * UINT32_C(0x9e3779b1) >> 16) : all;
}
