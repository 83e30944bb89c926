/*
 * Code against the IR's meaning: random programs run by ir_run() and as code, with registers as usual and chosen
 * at random, with and without newer instructions of the host; then everything they can reach is compared.
 */
#include <check.h>
#include "jit/ir_loop.h"
#include "jit/vec.h"
#include "tests/unit/jit_rig.h"
#include "tests/unit/random.h"

Suite *suite_jit(void);

static uint64_t seed;

static uint64_t rnd(void)
{
	return test_rnd(&seed);
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

static uint64_t number(void)
{
	switch (below(8)) {
	case 0: return rnd();
	case 1: return rnd() & 1;
	case 2: return UINT64_C(1) << below(64);
	case 3: return 0 - (UINT64_C(1) << below(64));
	case 4: return (uint64_t)(int8_t)rnd();
	case 5: return (uint64_t)(int32_t)rnd();
	case 6: return (uint32_t)rnd();
	default: return (UINT64_C(1) << below(64)) - 1;
	}
}

/* ---------------------------------------------------------- random programs */

typedef struct Prog {
	Ir *ir;
	IrRef v[400]; /* values to choose operands from */
	unsigned n;
	IrRef vec[100]; /* the same, vectors */
	unsigned nvec;
	unsigned done;
	bool vectors;
	IrRef ea; /* of an access before */
} Prog;

static void add(Prog *p, IrRef r)
{
	if (p->n < ARRAY_LEN(p->v))
		p->v[p->n++] = r;
	else
		p->v[below(ARRAY_LEN(p->v))] = r;
}

static IrRef pick(Prog *p)
{
	if (!p->n || !below(6))
		add(p, ir_k(p->ir, number()));
	if (!below(3)) /* something new */
		return p->v[p->n - 1 - below(MIN(p->n, 6))];
	return p->v[below(p->n)];
}

static void random_op(Prog *p)
{
	static const uint8_t ccs[] = { IR_LT, IR_LTU, IR_LT | IR_CC32, IR_LTU | IR_CC32 };
	IrOp op = (IrOp)(IR_ADD + below(IR_SARCO - IR_ADD + 1));
	IrRef a = pick(p), b = pick(p), c = 0, d = 0;
	uint32_t imm = 0;

	switch (op) {
	case IR_DIVS:
	case IR_DIVU:
	case IR_DIVS32:
	case IR_DIVU32:
	case IR_MODS:
	case IR_MODU:
	case IR_MODS32:
	case IR_MODU32:
		b = ir_or(p->ir, ir_and(p->ir, b, ir_k(p->ir, 0x7fffff)), ir_k(p->ir, 1));
		break;
	case IR_SET: imm = below(12) | below(2) * IR_CC32; break;
	case IR_SEL:
		imm = below(12) | below(2) * IR_CC32;
		c = pick(p);
		d = pick(p);
		break;
	case IR_CRCMP:
		imm = ccs[below(4)];
		c = ir_and(p->ir, pick(p), ir_k(p->ir, 1));
		break;
	case IR_ADDCO:
	case IR_ADDCO32:
		c = below(2) ? ir_k(p->ir, below(2)) : ir_and(p->ir, pick(p), ir_k(p->ir, 1));
		break;
	case IR_SARCO: b = ir_and(p->ir, b, ir_k(p->ir, 63)); break;
	default: break;
	}
	if (ir_ops[op].operands[1] == 0)
		b = 0;
	add(p, ir_emit(p->ir, op, imm, a, b, c, d));
}

static IrRef pick_vec(Prog *p)
{
	u128 k = below(2) ? (u128)number() << 64 | number() : 0 - (u128)below(2);

	if (!p->nvec || !below(8))
		return ir_kv(p->ir, k);
	return p->vec[p->nvec - 1 - (below(3) ? below(MIN(p->nvec, 5)) : below(p->nvec))];
}

static void add_vec(Prog *p, IrRef r)
{
	if (p->nvec < ARRAY_LEN(p->vec))
		p->vec[p->nvec++] = r;
	else
		p->vec[below(ARRAY_LEN(p->vec))] = r;
}

/* What the host may be asked for, floating point aside: it depends on more than its operands. */
static VecOp random_vop(const Prog *p)
{
	VecOp op;

	do
		op = (VecOp)below(VEC_CMPPS);
	while (!ir_vec_have(p->ir, op));
	return op;
}

/* Results that are not plain are the target's; all others have one value. */
static void random_vfp(Prog *p)
{
	VecOp op = (VecOp)(VEC_ADDPS + below(VEC_MSUBPD - VEC_ADDPS + 1));
	unsigned n = vec_ops[op].operands;
	bool two = vec_ops[op].prefix == 0x66 &&
		   (vec_ops[op].needs != VEC_HOST_FMA || vec_ops[op].extra);
	uint32_t plain = (below(2) ? VEC_PLAIN_FINITE : VEC_PLAIN_NORMAL) |
			 (two ? VEC_PLAIN_DOUBLE : 0);

	if (!ir_vec_have(p->ir, op))
		return;
	if (!below(4) && n > 1)
		plain |= VEC_PLAIN_QUIET;
	add_vec(p, ir_vfp(p->ir, op, plain, pick_vec(p), n > 1 ? pick_vec(p) : 0,
			  n > 2 ? pick_vec(p) : 0));
}

static void random_vec(Prog *p)
{
	VecOp op = random_vop(p);
	unsigned n = vec_ops[op].operands;
	IrRef a = pick_vec(p), b = n > 1 ? pick_vec(p) : 0, c = n > 2 ? pick_vec(p) : 0;

	switch (below(14)) {
	case 12:
	case 13: random_vfp(p); break;
	case 0: add_vec(p, ir_get(p->ir, RIG_VECS + below(RIG_V128))); break;
	case 1:
	case 2: ir_put(p->ir, RIG_VECS + below(RIG_V128), a); break;
	case 3: add_vec(p, ir_emit(p->ir, IR_ITOV, 0, pick(p), pick(p), 0, 0)); break;
	case 4: add(p, ir_emit(p->ir, IR_VTOI, below(2), a, 0, 0, 0)); break;
	case 5: add(p, ir_emit(p->ir, IR_VMASK + below(3), 0, a, 0, 0, 0)); break;
	default:
		add_vec(p, ir_emit(p->ir, IR_VOP1 + n - 1, vec_imm(op, below(256)), a, b, c, 0));
		break;
	}
}

static IrRef random_ea(Prog *p)
{
	static const uint16_t mask[] = { 0xff8, 0x7fff, 0x1007, 0x7ff8 };
	IrRef off, ea;

	/* Often fields of one structure. */
	if (p->ea && below(3))
		return ir_add(p->ir, p->ea, ir_k(p->ir, (uint64_t)below(200) - 100));
	off = ir_and(p->ir, pick(p), ir_k(p->ir, mask[below(4)]));
	ea = ir_add(p->ir, off, ir_k(p->ir, RIG_BASE + (below(2) ? 0 : 0xff8)));

	if (below(2))
		ea = ir_or(p->ir, ea, ir_k(p->ir, UINT64_C(1) << 63));
	if (below(3) == 0)
		ea = ir_add(p->ir, ea, ir_k(p->ir, below(64)));
	p->ea = ea;
	return ea;
}

/* What may leave comes before an instruction puts anything. */
static void next_insn(Prog *p)
{
	p->ir->done = (uint16_t)++p->done;
}

static void random_mem(Prog *p)
{
	uint32_t mem = below(4) | (below(2) ? IR_MEM_SWAP : 0) | (below(2) ? IR_MEM_HIGH : 0);
	IrRef ea = random_ea(p);

	if (below(4) || p->ir->changed == p->ir->done)
		next_insn(p);
	if (p->nvec && below(3) == 0) {
		mem = IR_MEM_16 | (mem & IR_MEM_HIGH);
		if (below(2))
			add_vec(p, ir_ld(p->ir, IR_LDV, mem, ea));
		else
			ir_st(p->ir, IR_STV, mem, ea, pick_vec(p));
	} else if (below(2))
		add(p, ir_ld(p->ir, IR_LD, mem | (below(2) ? IR_MEM_SX : 0), ea));
	else
		ir_st(p->ir, IR_ST, mem, ea, pick(p));
}

static unsigned random_slot(void)
{
	return below(RIG_VECS);
}

static void random_put(Prog *p)
{
	unsigned slot = random_slot();

	ir_put(p->ir, slot, pick(p));
}

static uint16_t random_exit(Prog *p, bool end)
{
	switch (below(end ? 4 : 6)) {
	case 0: return ir_exit_new(p->ir, IR_EXIT_LINK, below(1000), 0);
	case 1: return ir_exit_new(p->ir, IR_EXIT_FAR, 0, pick(p));
	case 2: return ir_exit_new(p->ir, IR_EXIT_DYN, 0, pick(p));
	case 3: return ir_exit_new(p->ir, IR_EXIT_LEAVE, 7, 0);
	default: next_insn(p); return ir_exit_new(p->ir, IR_EXIT_REDO, 0, 0);
	}
}

/* Most of a guest's conditions come with a comparison of the same operands that the exit is to leave. */
static void random_exit_if(Prog *p)
{
	static const uint8_t kinds[] = { IR_LT, IR_LTU, IR_LT | IR_CC32, IR_LTU | IR_CC32 };
	IrCc cc = (IrCc)(below(12) | below(2) * IR_CC32);
	IrRef a = pick(p), b = pick(p), so = ir_and(p->ir, pick(p), ir_k(p->ir, 1));
	bool swapped = !below(4);
	uint16_t exit;

	if (below(2)) {
		next_insn(p);
		ir_put(p->ir, RIG_I64 + below(RIG_I8),
		       ir_crcmp(p->ir, kinds[below(4)], swapped ? b : a, swapped ? a : b, so));
	}
	exit = random_exit(p, false);
	ir_exit_if(p->ir, cc, a, b, exit);
}

static void random_step(Prog *p)
{
	unsigned what = below(100);

	if (p->vectors && below(3)) {
		random_vec(p);
		return;
	}
	if (what < 45)
		random_op(p);
	else if (what < 60)
		add(p, ir_get(p->ir, random_slot()));
	else if (what < 78)
		random_put(p);
	else if (what < 88)
		random_mem(p);
	else if (what < 92)
		random_exit_if(p);
	else if (what < 94)
		add(p, ir_call(p->ir, below(2), pick(p), pick(p), pick(p)));
	else if (what < 95)
		ir_exec(p->ir, rig_exec, (void *)(uintptr_t)below(1000), p->done);
	else if (what < 96)
		ir_fence(p->ir, below(2));
	else
		next_insn(p);
}

static void random_program(Prog *p, unsigned steps)
{
	ir_clear(p->ir);
	p->n = p->nvec = p->done = p->ea = 0;
	p->ir->high = below(2);
	for (unsigned i = 0; i < steps && !p->ir->full; i++)
		random_step(p);
	p->ir->insns = (uint16_t)(p->done + below(3));
	p->ir->done = (uint16_t)p->done;
	ir_end(p->ir, random_exit(p, true));
	if (below(2))
		ir_wide(p->ir);
	ir_finish(p->ir);
}

/*
 * A program that goes around: the same steps again and again, with slots it writes all the time, so that they
 * have values of the same kind at the end as at the beginning.
 */
static bool random_loop(Prog *p, unsigned steps)
{
	unsigned rounds = below(4) ? 1 : 2 + below(2);
	uint64_t body = rnd();
	unsigned turn;
	IrLoop l;
	IrLoopResult res;

	ir_clear(p->ir);
	p->ir->high = below(2);
	seed = body;
	p->n = p->nvec = p->done = p->ea = 0;
	for (unsigned i = 0; i < steps; i++)
		random_step(p);
	p->ir->insns = (uint16_t)(p->done + below(3));
	if (p->ir->full)
		return false;
	turn = rounds * (2 * p->done + 1 + below(3));
	ir_loop_init(&l, p->ir);
	do {
		ir_loop_begin(p->ir, &l, turn, 77);
		for (unsigned k = 0; k < rounds; k++) {
			seed = body;
			p->n = p->nvec = p->ea = 0;
			if (k)
				ir_loop_round(p->ir, p->done);
			p->done = 0;
			for (unsigned i = 0; i < steps; i++)
				random_step(p);
			p->ir->done = (uint16_t)p->done;
		}
		/* Or it might not end. */
		res = ir_loop_end(p->ir, &l);
	} while (res == IR_LOOP_AGAIN);
	if (res == IR_LOOP_NO)
		return false;
	if (below(2))
		ir_wide(p->ir);
	ir_finish(p->ir);
	return true;
}

static void random_env(RigEnv *e)
{
	for (unsigned i = 0; i < RIG_I64; i++)
		e->r64[i] = number();
	for (unsigned i = 0; i < RIG_I8; i++)
		e->r8[i] = (uint8_t)rnd();
	for (unsigned i = 0; i < RIG_I32; i++)
		e->r32[i] = (uint32_t)rnd();
	for (unsigned i = 0; i < RIG_V128; i++)
		e->v[i] = (u128)number() << 64 | (below(2) ? number() : 0);
	for (unsigned i = 0; i < sizeof(e->mem); i += 8) {
		uint64_t v = rnd();

		memcpy(e->mem + i, &v, 8);
	}
	e->budget = 1000;
	e->view = 1 + below(5);
	e->calls = 0;
	e->slow = 0;
	e->refuse = !below(8);
}

/* ---------------------------------------------------------------- running */

static void show(const Jit *j, const JitUnit *u, const Ir *ir, const char *why)
{
	GString *s = g_string_new(NULL);

	ir_print(ir, s);
	jit_disas(j, u, s);
	printf("%s\n%s\n", s->str, why);
	g_string_free(s, TRUE);
}

/* Both ways from the same state. */
static void compare(Jit *j, const Ir *ir, JitUnit *u, const RigEnv *start, const char *where)
{
	RigEnv *a = rig_env_copy(start), *b = rig_env_copy(start);
	uint64_t to = 0;
	const IrExit *e = &ir->exits[ir_run_by(ir, b, &to, true)];
	JitResult r = jit_enter(j, a, u);
	g_autofree char *why = NULL;

	if (r.why == JIT_LEFT_EXIT && r.exit->kind != e->kind)
		why = g_strdup_printf("exit of kind %u, not %u", r.exit->kind, e->kind);
	else if (r.why != JIT_LEFT_EXIT)
		why = g_strdup("left at the entry");
	else if (r.exit->target != e->target || r.exit->done != e->done)
		why = g_strdup("another exit");
	else
		rig_env_same(a, b, &why);
	if (why) {
		show(j, u, ir, why);
		ck_abort_msg("%s: %s", where, why);
	}
	rig_env_free(a);
	rig_env_free(b);
}

/* With vectors or without; of what the host has, all or what older ones have. */
static void choose_host(Prog *p)
{
	static const uint32_t hosts[] = {
		VEC_HOST_SSE | VEC_HOST_AES | VEC_HOST_CLMUL | VEC_HOST_GFNI,
		(VEC_HOST_AVX512 - 1) | VEC_HOST_AES | VEC_HOST_CLMUL | VEC_HOST_GFNI, UINT32_MAX
	};

	p->vectors = below(2);
	p->ir->host = vec_host() & hosts[below(ARRAY_LEN(hosts))];
}

static void random_rounds(uint64_t first, unsigned rounds, unsigned steps, bool shuffle)
{
	Jit *j = rig_jit(4 << 20);
	RigEnv *e;
	Prog p;

	if (!j)
		return;
	e = rig_env_new();
	p.ir = ir_new(rig_target());
	for (unsigned i = 0; i < rounds; i++) {
		g_autofree char *where = NULL, *why = NULL;
		JitUnit *u;

		seed = first + i;
		where = g_strdup_printf("program %" G_GUINT64_FORMAT, seed);
		choose_host(&p);
		random_program(&p, 1 + below(steps));
		if (p.ir->full)
			continue;
		ck_assert_msg(ir_check(p.ir, &why), "%s: %s", where, why);
		jit_randomise(j, shuffle ? (uint32_t)rnd() | 1 : 0);
		u = jit_compile(j, p.ir, NULL);
		if (!u && jit_full(j)) {
			jit_reset(j, NULL);
			u = jit_compile(j, p.ir, NULL);
		}
		ck_assert_msg(u != NULL, "%s: no code", where);
		for (unsigned n = 0; n < 4; n++) {
			random_env(e);
			compare(j, p.ir, u, e, where);
		}
		if (below(2)) {
			jit_drop(j, u);
			jit_reap(j, NULL);
		}
	}
	ir_free(p.ir);
	rig_env_free(e);
	jit_free(j);
}

START_TEST(random_programs)
{
	random_rounds(1, 3000, 60, false);
}
END_TEST

START_TEST(random_programs_with_random_registers)
{
	random_rounds(1000000, 3000, 60, true);
}
END_TEST

static void random_loops(uint64_t first, unsigned rounds, unsigned steps, bool shuffle)
{
	Jit *j = rig_jit(4 << 20);
	unsigned made = 0, turns = 0;
	RigEnv *e;
	Prog p;

	if (!j)
		return;
	e = rig_env_new();
	p.ir = ir_new(rig_target());
	for (unsigned i = 0; i < rounds; i++) {
		g_autofree char *where = NULL, *why = NULL;
		JitUnit *u;

		seed = first + i;
		where = g_strdup_printf("loop %" G_GUINT64_FORMAT, seed);
		choose_host(&p);
		if (!random_loop(&p, 1 + below(steps)))
			continue;
		ck_assert_msg(ir_check(p.ir, &why), "%s: %s", where, why);
		made++;
		turns += p.ir->loop != 0;
		jit_randomise(j, shuffle ? (uint32_t)rnd() | 1 : 0);
		u = jit_compile(j, p.ir, NULL);
		ck_assert_msg(u != NULL, "%s: no code", where);
		for (unsigned n = 0; n < 4; n++) {
			random_env(e);
			compare(j, p.ir, u, e, where);
		}
		jit_drop(j, u);
		jit_reap(j, NULL);
	}
	ck_assert_uint_gt(made, rounds / 20);
	ck_assert_uint_gt(turns, made / 20);
	ir_free(p.ir);
	rig_env_free(e);
	jit_free(j);
}

START_TEST(loops)
{
	random_loops(4000000, 2000, 80, false);
	random_loops(5000000, 2000, 80, true);
	random_loops(6000000, 300, 500, true);
}
END_TEST

START_TEST(long_programs)
{
	random_rounds(2000000, 150, 1200, false);
	random_rounds(3000000, 150, 1200, true);
}
END_TEST

/* Without addresses of tables, which lie elsewhere each time. */
static char *text_of(Jit *j, const Ir *ir)
{
	g_autoptr(GString) all = g_string_new(NULL);
	JitUnit *u = jit_compile(j, ir, NULL);
	g_auto(GStrv) lines = NULL;
	GString *s = g_string_new(NULL);

	ck_assert(u != NULL);
	jit_disas(j, u, all);
	lines = g_strsplit(all->str, "\n", -1);
	for (char **l = lines; *l; l++)
		if (!strstr(*l, "movabs"))
			g_string_append_printf(s, "%s\n", *l);
	/* The next one lies in the same place. */
	jit_reset(j, NULL);
	return g_string_free(s, FALSE);
}

/* Whatever was made before: that is what makes a failure come again. */
START_TEST(registers_by_a_seed_are_the_same_each_time)
{
	Jit *j = rig_jit(4 << 20);
	unsigned other = 0, rounds = 20;
	Prog p = { .vectors = false };

	if (!j)
		return;
	p.ir = ir_new(rig_target());
	for (unsigned i = 0; i < rounds; i++) {
		g_autofree char *a = NULL, *b = NULL, *c = NULL, *usual = NULL;

		seed = 7000000 + i;
		random_program(&p, 40);
		jit_shuffle(j, 5);
		a = text_of(j, p.ir);
		jit_shuffle(j, 6);
		b = text_of(j, p.ir);
		jit_shuffle(j, 0);
		usual = text_of(j, p.ir);
		jit_shuffle(j, 5);
		c = text_of(j, p.ir);
		ck_assert_msg(!strcmp(a, c), "program %u", i);
		other += strcmp(a, b) && strcmp(a, usual) && strcmp(b, usual);
	}
	ck_assert_uint_gt(other, rounds / 2);
	ir_free(p.ir);
	jit_free(j);
}
END_TEST

Suite *suite_jit(void)
{
	Suite *s = suite_create("jit");
	TCase *tc = tcase_create("random");

	tcase_add_test(tc, random_programs);
	tcase_add_test(tc, random_programs_with_random_registers);
	tcase_add_test(tc, loops);
	tcase_add_test(tc, long_programs);
	tcase_add_test(tc, registers_by_a_seed_are_the_same_each_time);
	suite_add_tcase(s, tc);
	return s;
}
