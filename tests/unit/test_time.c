/*
 * Time over pauses, loads and moves, against a model of its own: random sequences
 * of stop, cont, save, load, move to another machine, register writes and waits,
 * with host clocks that leap.  After each step every CPU's timebase, decrementer
 * and exception must be the model's, and no timebase may have gone back.
 */
#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include "migration/snapshot.h"
#include "target-ppc/excp.h"
#include "target-ppc/timebase.h"
#include "tests/unit/ppc_rig.h"

#define NCPUS 3
#define NS_PER_S INT64_C(1000000000)

static int64_t mono_now, wall_now;
static bool host_is_slow;
static unsigned looks;

static void take(int64_t ns)
{
	mono_now += ns;
	wall_now += ns;
}

/* To look at a clock takes time, and once in a while somebody else runs meanwhile. */
static int64_t looked(int64_t *clock)
{
	int64_t v = *clock;

	if (host_is_slow)
		take(++looks % 7 ? 40 : 50000);
	return v;
}

static int64_t fake_mono(void *opaque)
{
	(void)opaque;
	return looked(&mono_now);
}

static int64_t fake_wall(void *opaque)
{
	(void)opaque;
	return looked(&wall_now);
}

static const HostClock fake_host = { .mono = fake_mono, .wall = fake_wall };

/* ------------------------------------------------------------ machines */

typedef struct Box {
	Machine *m;
	PpcBoard board;
	PpcCpu *cpu[NCPUS];
} Box;

static void box_jump(void *board, uint64_t ns)
{
	Box *b = board;

	for (unsigned i = 0; i < NCPUS; i++)
		ppc_time_passed(b->cpu[i], ns);
	if (host_is_slow)
		take(3000);
}

static Box *box_with(const char *model, uint64_t freq, uint64_t lpcr)
{
	Box *b = g_new0(Box, 1);
	GError *err = NULL;

	b->m = machine_new("box", loop_new(), vclock_new(VCLOCK_HOST, &fake_host, 1));
	b->m->ram = ram_new(1 << 16, &err);
	b->m->bus = bus_new(b->m->ram);
	b->m->board = b;
	b->m->board_time_jump = box_jump;
	b->board = (PpcBoard){ .opaque = b, .tb_freq = freq };
	machine_lock(b->m);
	for (unsigned i = 0; i < NCPUS; i++) {
		b->cpu[i] = ppc_cpu_new(b->m, ppc_model_find(model), &b->board, i, &err);
		ck_assert(b->cpu[i] != NULL);
	}
	machine_reset(b->m);
	/* A 7450's timebase waits for its software: HID0[TBEN]. */
	for (unsigned i = 0; i < NCPUS; i++)
		ppc_set_spr(b->cpu[i], 1008, 0x04000000);
	for (unsigned i = 0; i < NCPUS; i++)
		ppc_set_spr(b->cpu[i], 318, lpcr);
	/* They run nothing: this test turns their time. */
	for (unsigned i = 0; i < NCPUS; i++)
		ppc_quiesce(b->cpu[i], true);
	machine_unlock(b->m);
	return b;
}

static Box *box_new(const char *model, uint64_t freq)
{
	return box_with(model, freq, 0);
}

static void box_free(Box *b)
{
	machine_free(b->m);
	g_free(b);
}

/* Due timers, and what the CPUs would do on their account. */
static void turn(Box *b)
{
	vclock_run_timers(b->m->clock);
	for (unsigned i = 0; i < NCPUS; i++)
		if (atomic_fetch_and(&b->cpu[i]->vcpu.events, ~(uint32_t)PPC_EV_TIME) & PPC_EV_TIME)
			ppc_time_update(b->cpu[i]);
}

/* --------------------------------------------------------------- model */

/* DEC or HDEC, with wide numbers. */
typedef struct Counter {
	__int128 v; /* unwrapped: what a register with no end would read */
	bool pending;
} Counter;

/* How a kind of counter behaves. */
typedef struct Kind {
	unsigned bits;
	enum {
		NO_EXCEPTION,
		EDGE,  /* latched until taken */
		LEVEL, /* the sign */
		RECALL /* latched until taken or the sign turns back */
	} how;
} Kind;

/* What the page on time says, with nothing of the program's. */
typedef struct Model {
	int64_t v, freq;
	Kind dec_kind, hdec_kind;
	TimePolicy policy;
	unsigned __int128 offset[NCPUS];
	Counter dec[NCPUS], hdec[NCPUS];
	uint64_t last[NCPUS];
} Model;

static uint64_t model_ticks(const Model *w)
{
	return (uint64_t)((__int128)w->v * w->freq / NS_PER_S);
}

static uint64_t model_tb(const Model *w, unsigned i)
{
	return (uint64_t)(model_ticks(w) + w->offset[i]);
}

/* The register with its sign. */
static int64_t shown(Kind k, __int128 v)
{
	unsigned __int128 top = (unsigned __int128)1 << (k.bits - 1);

	return (int64_t)((__int128)(((unsigned __int128)v & (2 * top - 1)) ^ top) - (__int128)top);
}

static void model_sign(Kind k, Counter *c, bool was)
{
	bool is = shown(k, c->v) < 0;

	if (k.how == LEVEL)
		c->pending = is;
	else if (k.how != NO_EXCEPTION && !was && is)
		c->pending = true;
	else if (k.how == RECALL && !is)
		c->pending = false;
}

static void model_count(Kind k, Counter *c, uint64_t ticks)
{
	bool was = shown(k, c->v) < 0;

	c->v -= ticks;
	model_sign(k, c, was);
}

static void model_wait(Model *w, int64_t ns)
{
	uint64_t before = model_ticks(w);

	w->v += ns;
	for (unsigned i = 0; i < NCPUS; i++) {
		model_count(w->dec_kind, &w->dec[i], model_ticks(w) - before);
		model_count(w->hdec_kind, &w->hdec[i], model_ticks(w) - before);
	}
}

static void model_write(Kind k, Counter *c, uint64_t v)
{
	bool was = shown(k, c->v) < 0;

	c->v = shown(k, v);
	model_sign(k, c, was);
}

/* A start after a downtime that counts: one interrupt for each that ran out. */
static void model_jump_one(Kind k, Counter *c, uint64_t ticks)
{
	__int128 now = shown(k, c->v), then = now - ticks;
	const __int128 floor = -((__int128)1 << (k.bits - 2));

	if (then < floor && now >= floor)
		then = floor;
	c->v = now;
	model_count(k, c, (uint64_t)(now - then));
}

static void model_jump(Model *w, int64_t ns)
{
	uint64_t ticks = (uint64_t)((__int128)ns * w->freq / NS_PER_S);

	for (unsigned i = 0; i < NCPUS; i++) {
		w->offset[i] += ticks;
		model_jump_one(w->dec_kind, &w->dec[i], ticks);
		model_jump_one(w->hdec_kind, &w->hdec[i], ticks);
	}
}

/* Plain conditions: a ck_assert() tells libcheck's parent of itself each time. */
static void same_counter(Kind k, const Counter *c, const char *name, uint64_t reads, bool pending,
			 const char *after, unsigned cpu)
{
	int64_t want = shown(k, c->v);

	/* What is not wider than 32 bits is not sign-extended. */
	if (reads != (k.bits == 32 ? (uint32_t)want : (uint64_t)want))
		ck_abort_msg("%s: cpu %u: %s is %" PRIx64 ", should be %" PRIx64, after, cpu, name,
			     reads, (uint64_t)want);
	if (pending != c->pending)
		ck_abort_msg("%s: cpu %u: exception of %s is not %d (%" PRIx64 ")", after, cpu,
			     name, c->pending, (uint64_t)want);
}

static void same(Model *w, const Box *b, const char *after)
{
	for (unsigned i = 0; i < NCPUS; i++) {
		uint64_t tb = ppc_tb_get(b->cpu[i]);

		if (tb != model_tb(w, i))
			ck_abort_msg("%s: cpu %u: timebase %" PRIx64 ", should be %" PRIx64, after,
				     i, tb, model_tb(w, i));
		if ((int64_t)(tb - w->last[i]) < 0)
			ck_abort_msg("%s: cpu %u: went back", after, i);
		w->last[i] = tb;
		same_counter(w->dec_kind, &w->dec[i], "DEC", ppc_dec_get(b->cpu[i]),
			     b->cpu[i]->pending & PPC_PEND_DEC, after, i);
		same_counter(w->hdec_kind, &w->hdec[i], "HDEC", ppc_hdec_get(b->cpu[i]),
			     b->cpu[i]->pending & PPC_PEND_HDEC, after, i);
	}
}

/* --------------------------------------------------------------- steps */

typedef struct Run {
	Box *box[2], *at;
	Model w;
	int64_t stopped; /* wall clock of the stop, or of the loaded one */
	bool migrated;
	uint64_t seed;
	char *path;
	/* As saved last: what a load brings back. */
	Model saved;
	int64_t saved_wall;
	bool has_saved;
} Run;

static uint64_t rnd(Run *r, uint64_t n)
{
	r->seed ^= r->seed << 13, r->seed ^= r->seed >> 7, r->seed ^= r->seed << 17;
	return r->seed % n;
}

/* Mostly ordinary times, now and then one at an edge or far away. */
static int64_t some_ns(Run *r)
{
	switch (rnd(r, 6)) {
	case 0: return 0;
	case 1: return (int64_t)rnd(r, 100);
	case 2: return (int64_t)rnd(r, 1000000);
	case 3: return (int64_t)rnd(r, 100000000);
	case 4: return (int64_t)rnd(r, 20 * NS_PER_S);
	default: return (int64_t)rnd(r, 1000 * NS_PER_S);
	}
}

/* In steps short enough for every change of sign to be seen. */
static void step_wait(Run *r)
{
	int64_t ns = some_ns(r), part, most = NS_PER_S * (INT64_C(1) << 30) / r->w.freq;

	if (!machine_running(r->at->m)) {
		mono_now += ns;
		wall_now += ns;
		return;
	}
	for (; ns > 0; ns -= part) {
		part = MIN(ns, most);
		mono_now += part;
		wall_now += part;
		model_wait(&r->w, part);
		turn(r->at);
	}
}

static void step_wall(Run *r)
{
	switch (rnd(r, 4)) {
	case 0: wall_now -= some_ns(r); break;
	case 1: wall_now += some_ns(r); break;
	case 2: wall_now = r->stopped; break;
	default: wall_now += INT64_C(86400) * NS_PER_S * (int64_t)rnd(r, 3000); break;
	}
}

static void stop(Run *r)
{
	if (!machine_running(r->at->m))
		return;
	machine_stop(r->at->m, STOP_USER);
	r->stopped = wall_now;
}

static void start(Run *r)
{
	TimePolicy p = r->w.policy;

	if (machine_running(r->at->m))
		return;
	if (p == TIME_AUTO)
		p = r->migrated ? TIME_REALTIME : TIME_FROZEN;
	if (p == TIME_REALTIME && wall_now > r->stopped)
		model_jump(&r->w, wall_now - r->stopped);
	r->migrated = false;
	r->at->m->time_policy = r->w.policy;
	machine_start(r->at->m);
	turn(r->at);
}

static void step_save(Run *r)
{
	bool ran = machine_running(r->at->m);

	stop(r);
	ck_assert(snapshot_save(r->at->m, r->path, NULL));
	r->saved = r->w;
	r->saved_wall = r->stopped;
	r->has_saved = true;
	if (ran)
		start(r);
}

static void load(Run *r, Box *into, bool by_migration)
{
	GError *err = NULL;
	TimePolicy p = r->w.policy;
	bool ran;

	stop(r);
	if (into != r->at) {
		machine_unlock(r->at->m);
		machine_lock(into->m);
		r->at = into;
	}
	ran = machine_running(into->m);
	ck_assert(!ran);
	ck_assert_msg(snapshot_load(into->m, r->path, &err), "%s", err ? err->message : "");
	machine_loaded(into->m, by_migration);
	r->w = r->saved;
	r->w.policy = p;
	r->stopped = r->saved_wall;
	r->migrated = by_migration;
	/* A load may go back; a move may not. */
	for (unsigned i = 0; i < NCPUS && !by_migration; i++)
		r->w.last[i] = model_tb(&r->w, i);
	turn(into);
}

static void step_move(Run *r)
{
	uint64_t last[NCPUS];

	stop(r);
	step_save(r);
	memcpy(last, r->w.last, sizeof(last));
	load(r, r->at == r->box[0] ? r->box[1] : r->box[0], true);
	memcpy(r->w.last, last, sizeof(last));
}

static uint64_t some_count(Run *r)
{
	static const uint32_t edges[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 5000, 70000 };

	if (rnd(r, 3))
		return rnd(r, UINT32_MAX) >> rnd(r, 31);
	/* Those of 32 bits, and of wider ones. */
	return rnd(r, 4) ? edges[rnd(r, ARRAY_LEN(edges))] : rnd(r, UINT64_MAX);
}

static void step_registers(Run *r)
{
	unsigned i = (unsigned)rnd(r, NCPUS);
	PpcCpu *cpu = r->at->cpu[i];
	uint64_t v, now = model_tb(&r->w, i);

	switch (rnd(r, 10)) {
	case 0: /* the guest brings one timebase forward */
		v = now + rnd(r, UINT64_C(1) << 33);
		ppc_tb_write(cpu, v);
		r->w.offset[i] += v - now;
		break;
	case 1: /* takes the interrupts: an edge is gone, a level stays */
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_HDEC);
		r->w.hdec[i].pending = false;
		if (r->w.dec_kind.how == EDGE) {
			atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_DEC);
			r->w.dec[i].pending = false;
		}
		break;
	case 2:
	case 3:
	case 4:
		v = some_count(r);
		ppc_hdec_set(cpu, v);
		model_write(r->w.hdec_kind, &r->w.hdec[i], v);
		break;
	default:
		v = some_count(r);
		ppc_dec_set(cpu, v);
		model_write(r->w.dec_kind, &r->w.dec[i], v);
		break;
	}
}

static const char *step(Run *r)
{
	switch (rnd(r, 16)) {
	case 0: stop(r); return "stop";
	case 1:
	case 2: start(r); return "start";
	case 3: step_save(r); return "save";
	case 4:
		if (r->has_saved)
			load(r, r->at, false);
		return "load";
	case 5: step_move(r); return "move";
	case 6: step_wall(r); return "wall clock";
	case 7: r->w.policy = (TimePolicy)rnd(r, 3); return "policy";
	case 8:
	case 9:
	case 10:
	case 11: step_registers(r); return "registers";
	default: step_wait(r); return "wait";
	}
}

static const struct {
	const char *model;
	int64_t freq;
	uint64_t lpcr; /* HDICE, LD */
	Kind dec, hdec;
} kinds[] = {
	{ "power9", 512000000, LPCR_HDICE, { 32, LEVEL }, { 56, RECALL } },
	{ "power9", 512000000, LPCR_HDICE | LPCR_LD, { 56, LEVEL }, { 56, RECALL } },
	{ "power10", 512000000, 0, { 32, LEVEL }, { 56, NO_EXCEPTION } },
	{ "power8", 512000000, 0, { 32, LEVEL }, { 32, RECALL } },
	{ "970fx", 33333333, 0, { 32, EDGE }, { 32, NO_EXCEPTION } },
	{ "750", 16600000, 0, { 32, EDGE }, { 32, NO_EXCEPTION } },
	{ "7447a", 41600000, 0, { 32, EDGE }, { 32, NO_EXCEPTION } },
	{ "603e", 999999937, 0, { 32, EDGE }, { 32, NO_EXCEPTION } },
};

START_TEST(any_sequence)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		Run r = { .seed = seed * UINT64_C(0x9e3779b97f4a7c15) };

		mono_now = (int64_t)seed * 12345;
		wall_now = INT64_C(1800000000) * NS_PER_S;
		r.path = g_strdup_printf("%s/pcorn-time-%d.snap", g_get_tmp_dir(), (int)getpid());
		for (unsigned i = 0; i < 2; i++)
			r.box[i] = box_with(kinds[_i].model, (uint64_t)kinds[_i].freq,
					    kinds[_i].lpcr);
		r.at = r.box[0];
		r.w.freq = kinds[_i].freq;
		r.w.dec_kind = kinds[_i].dec;
		r.w.hdec_kind = kinds[_i].hdec;
		for (unsigned i = 0; i < NCPUS; i++)
			r.w.dec[i].v = r.w.hdec[i].v = 0x7fffffff;
		machine_lock(r.at->m);
		machine_start(r.at->m);
		for (unsigned n = 0; n < 300; n++)
			same(&r.w, r.at, step(&r));
		machine_unlock(r.at->m);
		unlink(r.path);
		g_free(r.path);
		for (unsigned i = 0; i < 2; i++)
			box_free(r.box[i]);
	}
}
END_TEST

/* Loaded stopped, started a minute later: nothing for `frozen`, a minute for `realtime`. */
START_TEST(loaded_stopped)
{
	static const TimePolicy policies[] = { TIME_FROZEN, TIME_REALTIME, TIME_AUTO };
	char *path = g_strdup_printf("%s/pcorn-time-%d.snap", g_get_tmp_dir(), (int)getpid());

	for (unsigned i = 0; i < ARRAY_LEN(policies); i++) {
		Box *a = box_new("power9", 512000000), *b = box_new("power9", 512000000);
		uint64_t tb;

		machine_lock(a->m);
		machine_start(a->m);
		mono_now += 7 * NS_PER_S + 3;
		machine_stop(a->m, STOP_USER);
		ck_assert(snapshot_save(a->m, path, NULL));
		tb = ppc_tb_get(a->cpu[0]);
		machine_unlock(a->m);
		machine_lock(b->m);
		b->m->time_policy = policies[i];
		ck_assert(snapshot_load(b->m, path, NULL));
		mono_now += 60 * NS_PER_S;
		wall_now += 60 * NS_PER_S;
		ck_assert_uint_eq(ppc_tb_get(b->cpu[0]), tb);
		machine_start(b->m);
		ck_assert_uint_eq(ppc_tb_get(b->cpu[0]),
				  tb + (policies[i] == TIME_REALTIME ? UINT64_C(60) * 512000000
								     : 0));
		ck_assert_int_eq(machine_elapsed(b->m) - vclock_now(b->m->clock),
				 policies[i] == TIME_REALTIME ? 60 * NS_PER_S : 0);
		machine_unlock(b->m);
		box_free(a);
		box_free(b);
	}
	unlink(path);
	g_free(path);
}
END_TEST

/* A stream whose timebases differ though no guest wrote one: all get the largest. */
START_TEST(out_of_step)
{
	Box *a = box_new("power9", 512000000);
	char *path = g_strdup_printf("%s/pcorn-time-%d.snap", g_get_tmp_dir(), (int)getpid());

	for (unsigned written = 0; written < 2; written++) {
		uint64_t tb[NCPUS];
		uint32_t dec[NCPUS];

		machine_lock(a->m);
		for (unsigned i = 0; i < NCPUS; i++) {
			static const uint64_t off[NCPUS] = { 100, 5000, UINT64_C(1) << 40 };

			ppc_tb_set(a->cpu[i], off[i] * (i + 1));
			a->cpu[i]->tb_written = written && i == 1;
			ppc_dec_set(a->cpu[i], 1000 * (i + 1));
			tb[i] = ppc_tb_get(a->cpu[i]);
			dec[i] = (uint32_t)ppc_dec_get(a->cpu[i]);
		}
		ck_assert(snapshot_save(a->m, path, NULL));
		ck_assert(snapshot_load(a->m, path, NULL));
		for (unsigned i = 0; i < NCPUS; i++) {
			ck_assert_uint_eq(ppc_tb_get(a->cpu[i]), written ? tb[i] : tb[NCPUS - 1]);
			ck_assert_uint_eq((uint32_t)ppc_dec_get(a->cpu[i]), dec[i]);
		}
		machine_unlock(a->m);
	}
	unlink(path);
	g_free(path);
	box_free(a);
}
END_TEST

/* A guest sees of these registers what it saw before, wherever it goes on. */
START_TEST(every_offset_moves)
{
	static const unsigned sprs[] = { 22, 268, 308, 309, 310, 849 };
	Box *a = box_new("power9", 512000000), *b = box_new("power9", 512000000);
	char *path = g_strdup_printf("%s/pcorn-time-%d.snap", g_get_tmp_dir(), (int)getpid());

	machine_lock(a->m);
	machine_start(a->m);
	mono_now += 3 * NS_PER_S;
	for (unsigned i = 0; i < NCPUS; i++) {
		PpcCpu *cpu = a->cpu[i];

		ppc_tb_write(cpu, ppc_tb_get(cpu) + (UINT64_C(1) << 40) * (i + 1));
		cpu->purr_offset += 11111 * (i + 1);
		cpu->spurr_offset += 222222 * (i + 1);
		cpu->vtb_offset += 3333333 * (i + 1);
		cpu->atb_offset += 44444444 * (i + 1);
		ppc_hdec_set(cpu, 555555555 * (i + 1));
	}
	mono_now += 12345;
	machine_stop(a->m, STOP_USER);
	ck_assert(snapshot_save(a->m, path, NULL));
	machine_unlock(a->m);
	machine_lock(b->m);
	ck_assert(snapshot_load(b->m, path, NULL));
	for (unsigned wait = 0; wait < 2; wait++) {
		for (unsigned i = 0; i < NCPUS; i++) {
			for (unsigned k = 0; k < ARRAY_LEN(sprs); k++)
				ck_assert_uint_eq(ppc_spr(b->cpu[i], sprs[k]),
						  ppc_spr(a->cpu[i], sprs[k]));
			ck_assert_uint_eq(b->cpu[i]->atb_offset, a->cpu[i]->atb_offset);
		}
		machine_start(b->m);
		machine_unlock(b->m);
		machine_lock(a->m);
		machine_start(a->m);
		machine_unlock(a->m);
		mono_now += 777;
		machine_lock(b->m);
	}
	machine_unlock(b->m);
	unlink(path);
	g_free(path);
	box_free(a);
	box_free(b);
}
END_TEST

/* What time it was before a reset, nobody can tell after it. */
START_TEST(reset_begins_time_anew)
{
	for (unsigned k = 0; k < ARRAY_LEN(kinds); k++) {
		Box *b = box_with(kinds[k].model, (uint64_t)kinds[k].freq, kinds[k].lpcr);

		machine_lock(b->m);
		machine_start(b->m);
		mono_now += 100 * NS_PER_S;
		for (unsigned i = 0; i < NCPUS; i++) {
			ppc_tb_write(b->cpu[i], UINT64_C(77) << (40 + i));
			ppc_dec_set(b->cpu[i], UINT64_MAX - i);
			ppc_hdec_set(b->cpu[i], UINT64_MAX - i);
		}
		machine_stop(b->m, STOP_USER);
		machine_reset(b->m);
		for (unsigned i = 0; i < NCPUS; i++) {
			ck_assert_uint_eq(ppc_tb_get(b->cpu[i]), 0);
			ck_assert_uint_eq(ppc_dec_get(b->cpu[i]), 0x7fffffff);
			ck_assert_uint_eq(ppc_hdec_get(b->cpu[i]), 0x7fffffff);
			ck_assert(!b->cpu[i]->tb_written);
			ck_assert_uint_eq(b->cpu[i]->pending, 0);
		}
		machine_unlock(b->m);
		box_free(b);
	}
}
END_TEST

/*
 * An edge that came while MSR[EE] was 0 waits in the snapshot: the next one would come
 * 2^32 ticks later.
 */
START_TEST(pending_edge_moves)
{
	Box *a = box_new("750", 16600000), *b = box_new("750", 16600000);
	char *path = g_strdup_printf("%s/pcorn-time-%d.snap", g_get_tmp_dir(), (int)getpid());

	machine_lock(a->m);
	ppc_dec_set(a->cpu[1], 10);
	machine_start(a->m);
	mono_now += 1000;
	turn(a);
	machine_stop(a->m, STOP_USER);
	ck_assert(a->cpu[1]->pending & PPC_PEND_DEC);
	/* Written again meanwhile: an edge stays for all that. */
	ppc_dec_set(a->cpu[1], 1000000);
	ck_assert(snapshot_save(a->m, path, NULL));
	machine_unlock(a->m);
	machine_lock(b->m);
	ck_assert(snapshot_load(b->m, path, NULL));
	ck_assert_uint_eq(b->cpu[0]->pending, 0);
	ppc_quiesce(b->cpu[1], false);
	ppc_set_msr(b->cpu[1], MSR_EE);
	ppc_deliver_pending(b->cpu[1]);
	ck_assert_uint_eq(ppc_nip(b->cpu[1]), PPC_V_DEC);
	ck_assert_uint_eq(b->cpu[1]->pending, 0);
	machine_unlock(b->m);
	unlink(path);
	g_free(path);
	box_free(a);
	box_free(b);
}
END_TEST

/* Each stop and start lost what lies between a look at V and one at the wall clock. */
START_TEST(time_does_not_run_away_from_the_wall)
{
	Box *a = box_new("power9", 512000000);
	int64_t off = 0;

	machine_lock(a->m);
	a->m->time_policy = TIME_REALTIME;
	for (unsigned i = 0; i < 1000; i++) {
		machine_start(a->m);
		if (!i)
			off = wall_now - machine_elapsed(a->m);
		host_is_slow = true;
		take(1000000);
		machine_stop(a->m, STOP_USER);
		take(5000000);
	}
	machine_start(a->m);
	host_is_slow = false;
	ck_assert_int_lt(llabs(wall_now - machine_elapsed(a->m) - off), 100);
	machine_unlock(a->m);
	box_free(a);
}
END_TEST

Suite *suite_time(void);

Suite *suite_time(void)
{
	Suite *s = suite_create("time");
	TCase *t = tcase_create("pauses and moves");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, any_sequence, 0, ARRAY_LEN(kinds));
	tcase_add_test(t, loaded_stopped);
	tcase_add_test(t, out_of_step);
	tcase_add_test(t, every_offset_moves);
	tcase_add_test(t, reset_begins_time_anew);
	tcase_add_test(t, pending_edge_moves);
	tcase_add_test(t, time_does_not_run_away_from_the_wall);
	suite_add_tcase(s, t);
	return s;
}
