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
#include "config.h"
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

static uint32_t first_seed(void)
{
	const char *s = g_getenv("PEPPERCORN_REGISTER_SEED");

	if (!PEPPERCORN_DEBUG)
		return 0;
	return s ? (uint32_t)g_ascii_strtoull(s, NULL, 10) : g_random_int() | 1;
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
	j->shuffle = first_seed();
	if (!map_twice(j, err)) {
		g_free(j);
		return NULL;
	}
	j->holes = g_array_new(FALSE, FALSE, sizeof(Hole));
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

/* The host gets back the memory of what is no longer used, from `first` on. */
static void give_back(Jit *j, uint32_t first)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at = (first + page - 1) & ~(page - 1);

	if (j->used > at)
		madvise(j->rw + at, j->used - at, MADV_REMOVE);
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

/* A table of a unit and its room in the unit's one block of memory. */
static void *lay(char **at, const GArray *a, size_t size, size_t align)
{
	char *p = (char *)(((uintptr_t)*at + align - 1) & ~(uintptr_t)(align - 1));

	*at = p + a->len * size;
	if (a->len)
		memcpy(p, a->data, a->len * size);
	return p;
}

/* There are tens of thousands of them: one block of memory for each. */
static JitUnit *unit_new(const Gen *g)
{
	size_t bytes = sizeof(JitUnit) + sizeof(JitSnap) + 16 + g->kv->len * sizeof(u128) +
		       g->exits->len * sizeof(JitExit) + g->sites->len * sizeof(JitSite) +
		       g->k->len * sizeof(uint64_t) + g->ops->len * sizeof(JitSnapOp) +
		       g->refs->len * sizeof(JitSnapRef);
	JitUnit *u = g_malloc(bytes);
	char *at = (char *)(u + 1) + sizeof(JitSnap);

	*u = (JitUnit){ .insns = g->ir->insns,
			.high = g->ir->high,
			.nexits = (uint16_t)g->exits->len,
			.bytes = (uint32_t)bytes };
	u->snaps = (JitSnap *)(u + 1);
	u->snaps->kv = lay(&at, g->kv, sizeof(u128), 16);
	u->exits = lay(&at, g->exits, sizeof(JitExit), 1);
	u->snaps->sites = lay(&at, g->sites, sizeof(JitSite), 1);
	u->snaps->k = lay(&at, g->k, sizeof(uint64_t), 1);
	u->snaps->ops = lay(&at, g->ops, sizeof(JitSnapOp), 1);
	u->snaps->refs = lay(&at, g->refs, sizeof(JitSnapRef), 1);
	for (unsigned i = 0; i < u->nexits; i++)
		u->exits[i].unit = u;
	for (unsigned i = 0; i < g->sites->len; i++)
		u->snaps->sites[i].unit = u;
	return u;
}

/* What has been made of a unit before it has a place. */
typedef struct Made {
	const uint8_t *hot, *cold;
	uint32_t nhot, ncold, nfixes, dead_at;
	const GenFix *fixes;
	const GenFix *jumps; /* of exits */
} Made;

struct JitDraft {
	JitUnit *unit;
	Made made; /* points behind it */
};

static Made made_of(const Gen *g)
{
	return (Made){ .hot = g->hot.p,
		       .cold = g->cold.p,
		       .nhot = g->hot.n,
		       .ncold = g->cold.n,
		       .nfixes = g->fixes->len,
		       .dead_at = g->dead_at,
		       .fixes = (const GenFix *)g->fixes->data,
		       .jumps = (const GenFix *)g->exit_jumps->data };
}

static void fix(Jit *j, const JitUnit *u, const GenFix *f)
{
	uint32_t at = u->code + f->at + (f->in_cold ? u->hot : 0);
	uintptr_t address;

	switch ((GenFixKind)f->kind) {
	case FIX_HOT: aim(j, at, u->code + f->to); return;
	case FIX_COLD: aim(j, at, u->code + u->hot + f->to); return;
	case FIX_ARENA: aim(j, at, f->to); return;
	case FIX_EXIT: address = (uintptr_t)&u->exits[f->to]; break;
	case FIX_WRITE: address = (uintptr_t)(j->rw + u->code + f->to); break;
	case FIX_SITE: address = (uintptr_t)&u->snaps->sites[f->to]; break;
	default: address = (uintptr_t)u | 1; break;
	}
	memcpy(j->rw + at, &address, sizeof(address));
}

static void find_jump(const Jit *j, JitUnit *u, JitExit *e, const GenFix *f)
{
	uint32_t d;

	if (!f->at)
		return;
	e->from = u->code + f->at + (f->in_cold ? u->hot : 0);
	memcpy(&d, j->rw + e->from, 4);
	e->out = e->from + 4 + d;
}

/* Puts code into the arena; false: there is no room. */
static bool place(Jit *j, JitUnit *u, const Made *m)
{
	uint32_t size = (m->nhot + m->ncold + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
	uint32_t at = room_take(j, size);

	if (!at) {
		j->full = true;
		return false;
	}
	u->code = at;
	u->size = size;
	u->hot = m->nhot;
	u->dead_at = at + m->nhot + m->dead_at;
	memcpy(j->rw + at, m->hot, m->nhot);
	memcpy(j->rw + at + m->nhot, m->cold, m->ncold);
	memset(j->rw + at + m->nhot + m->ncold, 0xcc, size - m->nhot - m->ncold); /* int3 */
	for (unsigned i = 0; i < m->nfixes; i++)
		fix(j, u, &m->fixes[i]);
	for (unsigned i = 0; i < u->nexits; i++)
		find_jump(j, u, &u->exits[i], &m->jumps[i]);
	u->next = j->units;
	u->prev = &j->units;
	if (u->next)
		u->next->prev = &u->next;
	j->units = u;
	j->in_use += size;
	j->in_tables += u->bytes;
	return true;
}

JitUnit *jit_compile(Jit *j, const Ir *ir, void *user)
{
	JitUnit *u;
	Made m;

	if (ir->full || !gen_run(j->gen, ir))
		return NULL;
	m = made_of(j->gen);
	u = unit_new(j->gen);
	u->user = user;
	if (place(j, u, &m))
		return u;
	g_free(u);
	return NULL;
}

JitMaker *jit_maker_new(Jit *j)
{
	return gen_new(j);
}

void jit_maker_free(JitMaker *m)
{
	gen_free(m);
}

JitDraft *jit_draft(JitMaker *g, const Ir *ir)
{
	size_t code, fixes, jumps;
	JitDraft *d;
	uint8_t *at;

	if (ir->full || !gen_run(g, ir))
		return NULL;
	code = (g->hot.n + g->cold.n + 7u) & ~(size_t)7;
	fixes = g->fixes->len * sizeof(GenFix);
	jumps = g->exit_jumps->len * sizeof(GenFix);
	d = g_malloc(sizeof(*d) + code + fixes + jumps);
	d->unit = unit_new(g);
	d->made = made_of(g);
	at = (uint8_t *)(d + 1);
	memcpy(at, g->hot.p, g->hot.n);
	memcpy(at + g->hot.n, g->cold.p, g->cold.n);
	if (fixes)
		memcpy(at + code, g->fixes->data, fixes);
	if (jumps)
		memcpy(at + code + fixes, g->exit_jumps->data, jumps);
	d->made.hot = at;
	d->made.cold = at + g->hot.n;
	d->made.fixes = (const GenFix *)(at + code);
	d->made.jumps = (const GenFix *)(at + code + fixes);
	return d;
}

void jit_draft_free(JitDraft *d)
{
	if (!d)
		return;
	g_free(d->unit);
	g_free(d);
}

JitUnit *jit_place(Jit *j, JitDraft *d, void *user)
{
	JitUnit *u = d->unit;

	if (!place(j, u, &d->made))
		return NULL;
	u->user = user;
	d->unit = NULL;
	jit_draft_free(d);
	return u;
}

/* ------------------------------------------------------------------ links */

/* Ends a link: the jump leads to the dispatcher. */
static void unlink_exit(Jit *j, JitExit *e)
{
	*e->prev_in = e->next_in;
	if (e->next_in)
		e->next_in->prev_in = e->prev_in;
	aim(j, e->from, e->out);
	e->linked = NULL;
}

void jit_link(Jit *j, JitExit *e, JitUnit *to, uint32_t view)
{
	/* r14 belongs to one half of the address space. */
	if (to->dead || e->unit->dead || !e->from || e->unit->high != to->high)
		return;
	if (e->linked != to) {
		if (e->linked)
			unlink_exit(j, e);
		e->next_in = to->incoming;
		e->prev_in = &to->incoming;
		if (e->next_in)
			e->next_in->prev_in = &e->next_in;
		to->incoming = e;
	}
	e->linked = to;
	/* cmp dword [view], imm32; jne rel32; jmp rel32 */
	if (e->kind == IR_EXIT_FAR)
		put32(j, e->from - 1 - 6 - 4, view);
	aim(j, e->from, to->code);
}

void jit_unlink(Jit *j, JitUnit *u)
{
	while (u->incoming)
		unlink_exit(j, u->incoming);
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
	for (unsigned i = 0; i < u->nexits; i++)
		if (u->exits[i].linked)
			unlink_exit(j, &u->exits[i]);
	room_give(j, u->code, u->size);
	j->in_use -= u->size;
	j->in_tables -= u->bytes;
	*u->prev = u->next;
	if (u->next)
		u->next->prev = u->prev;
	g_free(u);
}

void jit_jump_put(const Jit *j, JitJumps *jumps, uint64_t ea, uint32_t view, const JitUnit *u)
{
	unsigned n = jit_jump(ea, view);

	jumps->to[n] = (JitJump){ .ea = ea, .code = j->rx + u->code };
	jumps->view[n] = view;
}

void jit_reap(Jit *j, JitJumps *jumps)
{
	/* No other unit begins with a jump. */
	for (unsigned i = 0; j->dead && jumps && i < JIT_JUMPS; i++)
		if (jumps->view[i] && *(const uint8_t *)jumps->to[i].code == JMP)
			jumps->view[i] = 0;
	while (j->dead) {
		JitUnit *u = j->dead;

		j->dead = u->dead_next;
		reap(j, u);
	}
}

void jit_reset(Jit *j, JitJumps *jumps)
{
	uint32_t first = (j->thunks.end + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);

	for (JitUnit *u = j->units, *next; u; u = next) {
		next = u->next;
		g_free(u);
	}
	if (jumps)
		memset(jumps->view, 0, sizeof(jumps->view));
	give_back(j, first);
	j->units = NULL;
	j->dead = NULL;
	g_array_set_size(j->holes, 0);
	j->used = first;
	j->in_use = j->in_tables = 0;
	j->full = false;
}

void jit_free(Jit *j)
{
	if (!j)
		return;
	jit_reset(j, NULL);
	g_array_free(j->holes, TRUE);
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

size_t jit_memory(const Jit *j)
{
	return j->used + j->in_tables;
}

void jit_shuffle(Jit *j, uint32_t seed)
{
	j->shuffle = seed;
}

uint32_t jit_shuffled(const Jit *j)
{
	return j->shuffle;
}

void jit_randomise(Jit *j, uint32_t seed)
{
	unsigned all;

	jit_host_features(&all);
	j->seed = seed;
	j->features = seed ? all & (seed * UINT32_C(0x9e3779b1) >> 16) : all;
}
