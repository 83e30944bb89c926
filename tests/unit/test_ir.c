/*
 * The IR: random programs built with folding, beside the same done operation by operation; what single
 * foldings give; exits, barriers and loops; what the checker refuses.
 */
#include <check.h>
#include <string.h>
#include "jit/ir_int.h"

Suite *suite_ir(void);

enum { N64 = 12, N32 = 2, N8 = 6, NSLOTS = N64 + N32 + N8 + 1, ENVS = 6, MEM = 4096 };
enum { NIP = NSLOTS - 1 };

/* What slots lie in. */
typedef struct Env {
	int64_t budget;
	uint64_t stop;
	uint8_t *tlb[2];
	uint64_t d[N64 + 1];
	uint32_t w[N32];
	uint8_t b[N8];
	uint8_t pad[2];
	uint32_t calls;
	uint8_t mem[MEM];
} Env;

static const JitSlot *slot_table(void)
{
	static JitSlot s[NSLOTS];
	static const char *const names[NSLOTS] = {
		"d0",  "d1", "d2", "d3", "d4", "d5", "d6", "d7",   "d8",   "d9",  "d10",
		"d11", "w0", "w1", "b0", "b1", "b2", "b3", "bit0", "bit1", "nip",
	};
	unsigned n = 0;

	for (unsigned i = 0; i < N64; i++, n++)
		s[n] = (JitSlot){ (int32_t)offsetof(Env, d[i]), JIT_I64, names[n], 0 };
	for (unsigned i = 0; i < N32; i++, n++)
		s[n] = (JitSlot){ (int32_t)offsetof(Env, w[i]), JIT_I32, names[n], 0 };
	for (unsigned i = 0; i < N8; i++, n++)
		s[n] = (JitSlot){ (int32_t)offsetof(Env, b[i]), JIT_I8, names[n], i > 3 ? 1 : 0 };
	s[n] = (JitSlot){ (int32_t)offsetof(Env, d[N64]), JIT_I64, names[n], 0 };
	return s;
}

/* The guest's memory: MEM bytes from 0 on; what lies behind is not there. */
static bool env_ld(void *env, uint64_t ea, uint32_t mem, void *v)
{
	Env *e = env;
	unsigned n = ir_mem_bytes(mem);
	uint64_t word = 0;

	if (ea > MEM - n)
		return false;
	for (unsigned i = 0; i < n; i++)
		word |= (uint64_t)e->mem[ea + (mem & IR_MEM_SWAP ? n - 1 - i : i)] << 8 * i;
	if (mem & IR_MEM_SX)
		word = (uint64_t)sext64(word, 8 * n);
	memcpy(v, &word, 8);
	return true;
}

static bool env_st(void *env, uint64_t ea, uint32_t mem, const void *v)
{
	Env *e = env;
	unsigned n = ir_mem_bytes(mem);
	uint64_t word;

	if (ea > MEM - n)
		return false;
	memcpy(&word, v, 8);
	for (unsigned i = 0; i < n; i++)
		e->mem[ea + (mem & IR_MEM_SWAP ? n - 1 - i : i)] = (uint8_t)(word >> 8 * i);
	return true;
}

static uint64_t helper(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	((Env *)env)->calls++;
	return a * 3 ^ b * 5 ^ c * 7;
}

static JitHelper *const helpers[] = { helper };

static void exec(void *env, const void *arg)
{
	Env *e = env;
	uint64_t k = *(const uint64_t *)arg;

	e->d[k % N64] += k;
	e->w[k % N32] ^= (uint32_t)k;
	e->b[k % 4] ^= (uint8_t)k;
	e->calls += 100;
}

static const JitTarget *target(void)
{
	static JitTarget t;

	t = (JitTarget){ .slots = slot_table(),
			 .nslots = NSLOTS,
			 .stop = offsetof(Env, stop),
			 .budget = offsetof(Env, budget),
			 .nip = NIP,
			 .ld = env_ld,
			 .st = env_st,
			 .helpers = helpers };
	return &t;
}

/* ---- Random numbers ---- */

static uint64_t seed;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(unsigned n)
{
	return (unsigned)((rnd() >> 33) % n);
}

static uint64_t number(void)
{
	static const uint64_t special[] = { 0,
					    1,
					    2,
					    3,
					    UINT64_MAX,
					    UINT64_MAX - 1,
					    0x80,
					    0xff,
					    0x7f,
					    0x8000,
					    0xffff,
					    0x7fffffff,
					    0x80000000,
					    0xffffffff,
					    UINT64_C(0x100000000),
					    UINT64_C(0xffffffff00000000),
					    UINT64_C(0xffffffff80000000),
					    UINT64_C(0x8000000000000000),
					    UINT64_C(0x7fffffffffffffff) };

	switch (below(6)) {
	case 0:
	case 1: return special[below(ARRAY_LEN(special))];
	case 2: return below(70);
	case 3: return UINT64_C(1) << below(64);
	case 4: return (UINT64_C(1) << below(64)) - 1;
	default: return rnd() >> below(64);
	}
}

/* ---- A program and what it is to do ---- */

typedef struct Shadow {
	Env env;		 /* as things stand */
	Env at_exit;		 /* as they stood when it left */
	uint64_t values[IR_MAX]; /* of prog->refs */
	int exit;		 /* -1: under way */
} Shadow;

typedef struct Prog {
	Ir *ir;
	Env start[ENVS];
	Shadow s[ENVS];
	IrRef refs[IR_MAX];
	unsigned n;
} Prog;

static void *slot_at(Env *e, unsigned slot)
{
	return (uint8_t *)e + slot_table()[slot].offset;
}

static uint64_t slot_get(Env *e, unsigned slot)
{
	uint64_t v = 0;
	unsigned type = slot_table()[slot].type;

	memcpy(&v, slot_at(e, slot), type == JIT_I8 ? 1 : type == JIT_I32 ? 4 : 8);
	return v;
}

static void slot_put(Env *e, unsigned slot, uint64_t v)
{
	unsigned type = slot_table()[slot].type;

	memcpy(slot_at(e, slot), &v, type == JIT_I8 ? 1 : type == JIT_I32 ? 4 : 8);
}

static void env_fill(Env *e)
{
	memset(e, 0, sizeof(*e));
	e->budget = 1000;
	for (unsigned i = 0; i < NSLOTS; i++)
		slot_put(e, i, slot_table()[i].bits ? rnd() & 1 : number());
	for (unsigned i = 0; i < MEM; i++)
		e->mem[i] = (uint8_t)rnd();
}

static unsigned pick(const Prog *p)
{
	return below(3) ? p->n - 1 - below(MIN(p->n, 8)) : below(p->n);
}

static void add(Prog *p, IrRef ref)
{
	p->refs[p->n++] = ref;
}

static bool is_division(IrOp op)
{
	return op >= IR_DIVS && op <= IR_MODU32;
}

static uint32_t random_imm(IrOp op)
{
	static const IrCc orders[] = { IR_LT, IR_LTU, IR_LT | IR_CC32, IR_LTU | IR_CC32 };

	if (op == IR_CRCMP)
		return orders[below(4)];
	return op == IR_SET || op == IR_SEL ? below(12) | (below(2) ? IR_CC32 : 0) : 0;
}

/* A constant as it often is the second operand of op. */
static unsigned add_operand_k(Prog *p, IrOp op)
{
	uint64_t v = number();

	if (op >= IR_SHL && op <= IR_ROTL32)
		v = below(8) ? (below(2) ? 8 * below(8) : below(64)) : v;
	else if (op == IR_AND || op == IR_XOR || op == IR_OR)
		v = below(3) ? mask64(below(64), below(64)) : v;
	else if ((op == IR_SET || op == IR_SEL) && below(2))
		v = below(3) ? UINT64_C(1) << below(4) : below(16);
	add(p, ir_k(p->ir, v));
	for (unsigned e = 0; e < ENVS; e++)
		p->s[e].values[p->n - 1] = v;
	return p->n - 1;
}

/* Any pure operation on integers; those that fold with others more often. */
static IrOp random_op(void)
{
	static const IrOp often[] = { IR_SHL, IR_SHR,	IR_SAR,	  IR_ROTL, IR_ROTL32, IR_AND,
				      IR_ADD, IR_CRCMP, IR_SET,	  IR_XOR,  IR_OR,     IR_SX32,
				      IR_SEL, IR_ZX32,	IR_ADDCO, IR_NOT,  IR_ZX8,    IR_SX8 };

	if (below(2))
		return often[below(ARRAY_LEN(often))];
	return (IrOp)(IR_ADD + below(IR_SARCO - IR_ADD + 1));
}

static void add_op(Prog *p)
{
	IrOp op;
	uint32_t imm;
	unsigned o[4];
	uint64_t v;

	op = random_op();
	/* Quotients the builder must not ask for are 0 in ir_eval(): folding may say anything. */
	if (is_division(op) && below(4))
		op = IR_AND;
	imm = random_imm(op);
	for (unsigned i = 0; i < 4; i++)
		o[i] = pick(p);
	if (below(2))
		o[0] = p->n - 1;
	if (below(2))
		o[1] = add_operand_k(p, op);
	if (op == IR_SEL && !below(4))
		o[3] = add_operand_k(p, op);
	if (op == IR_SEL && !below(4))
		o[2] = add_operand_k(p, op);
	if (op == IR_ADDCO || op == IR_ADDCO32 || op == IR_CRCMP) {
		/* c: 0 or 1. */
		add(p, ir_emit(p->ir, IR_AND, 0, p->refs[o[2]], ir_k(p->ir, 1), 0, 0));
		for (unsigned e = 0; e < ENVS; e++)
			p->s[e].values[p->n - 1] = p->s[e].values[o[2]] & 1;
		o[2] = p->n - 1;
	}
	if (is_division(op)) {
		for (unsigned e = 0; e < ENVS; e++) {
			uint64_t x = p->s[e].values[o[0]], y = p->s[e].values[o[1]];

			if (!(uint32_t)y || (int32_t)y == -1 || x << 32 == BIT64(0) ||
			    x == BIT64(0))
				return;
		}
	}
	add(p, ir_emit(p->ir, op, imm, p->refs[o[0]], p->refs[o[1]], p->refs[o[2]], p->refs[o[3]]));
	for (unsigned e = 0; e < ENVS; e++) {
		uint64_t *w = p->s[e].values;

		v = ir_eval(op, imm, w[o[0]], w[o[1]], w[o[2]], w[o[3]]);
		w[p->n - 1] = v;
	}
}

static void add_get(Prog *p)
{
	unsigned slot = below(NSLOTS - 1);

	add(p, ir_get(p->ir, slot));
	for (unsigned e = 0; e < ENVS; e++)
		p->s[e].values[p->n - 1] = slot_get(&p->s[e].env, slot);
}

static void add_k(Prog *p)
{
	uint64_t v = number();

	add(p, ir_k(p->ir, v));
	for (unsigned e = 0; e < ENVS; e++)
		p->s[e].values[p->n - 1] = v;
}

static void put(Prog *p, unsigned slot, unsigned from)
{
	ir_put(p->ir, slot, p->refs[from]);
	for (unsigned e = 0; e < ENVS; e++)
		slot_put(&p->s[e].env, slot, p->s[e].values[from]);
}

static void add_put(Prog *p)
{
	unsigned slot;

	do
		slot = below(NSLOTS - 1);
	while (slot_table()[slot].bits);
	put(p, slot, pick(p));
}

static void leave(Shadow *s, int exit, unsigned done)
{
	if (s->exit >= 0)
		return;
	s->exit = exit;
	s->at_exit = s->env;
	s->at_exit.budget -= done;
}

static void add_exit(Prog *p)
{
	IrCc cc = (IrCc)(below(12) | (below(2) ? IR_CC32 : 0));
	unsigned a = pick(p), b = pick(p), to = pick(p);
	bool dyn = below(2);
	uint16_t x = ir_exit_new(p->ir, dyn ? IR_EXIT_DYN : IR_EXIT_LINK, 4, dyn ? p->refs[to] : 0);

	ir_exit_if(p->ir, cc, p->refs[a], p->refs[b], x);
	for (unsigned e = 0; e < ENVS; e++) {
		Shadow *s = &p->s[e];

		if (s->exit < 0 && ir_eval_cc(cc, s->values[a], s->values[b])) {
			leave(s, x, p->ir->done);
			if (dyn)
				slot_put(&s->at_exit, NIP, s->values[to]);
		}
	}
}

/* A number that is mostly inside memory. */
static unsigned add_address(Prog *p)
{
	uint64_t range = below(8) ? MEM - 1 : 2 * MEM - 1;
	unsigned from = pick(p);

	add(p, ir_and(p->ir, p->refs[from], ir_k(p->ir, range)));
	for (unsigned e = 0; e < ENVS; e++)
		p->s[e].values[p->n - 1] = p->s[e].values[from] & range;
	return p->n - 1;
}

static void add_memory(Prog *p)
{
	uint32_t mem = below(4) | (below(2) ? IR_MEM_SWAP : 0);
	unsigned ea = add_address(p), from = pick(p);
	bool st = below(2), done;

	if (st) {
		ir_st(p->ir, IR_ST, mem, p->refs[ea], p->refs[from]);
	} else {
		mem |= below(2) ? IR_MEM_SX : 0;
		add(p, ir_ld(p->ir, IR_LD, mem, p->refs[ea]));
	}
	for (unsigned e = 0; e < ENVS; e++) {
		Shadow *s = &p->s[e];
		uint64_t where = s->values[ea];

		s->values[p->n - 1] = st ? s->values[p->n - 1] : 0;
		if (s->exit >= 0)
			continue;
		done = st ? env_st(&s->env, where, mem, &s->values[from])
			  : env_ld(&s->env, where, mem, &s->values[p->n - 1]);
		if (!done)
			leave(s, p->ir->redo, p->ir->done);
	}
}

static void add_call(Prog *p)
{
	unsigned o[3] = { pick(p), pick(p), pick(p) };

	add(p, ir_call(p->ir, 0, p->refs[o[0]], p->refs[o[1]], p->refs[o[2]]));
	for (unsigned e = 0; e < ENVS; e++) {
		uint64_t *w = p->s[e].values;

		w[p->n - 1] = helper(&p->s[e].env, w[o[0]], w[o[1]], w[o[2]]);
	}
}

/* Bits of something, as a condition. */
static void add_cond(Prog *p)
{
	unsigned from = pick(p);
	uint64_t mask = below(4) ? below(16) : number();
	IrCc cc;
	IrRef a, b;

	ir_cond(p->ir, p->refs[from], mask, &cc, &a, &b);
	add(p, ir_set(p->ir, cc, a, b));
	for (unsigned e = 0; e < ENVS; e++)
		p->s[e].values[p->n - 1] = (p->s[e].values[from] & mask) != 0;
}

static const uint64_t exec_args[] = { 3, 0x10005, 0x777777777 };

static void add_exec(Prog *p)
{
	const uint64_t *arg = &exec_args[below(ARRAY_LEN(exec_args))];

	ir_exec(p->ir, exec, arg, p->ir->done);
	for (unsigned e = 0; e < ENVS; e++)
		exec(&p->s[e].env, arg);
}

static void add_step(Prog *p)
{
	switch (below(20)) {
	case 0: add_exit(p); break;
	case 1: add_memory(p); break;
	case 2: add_k(p); break;
	case 3:
	case 4: add_get(p); break;
	case 5:
	case 6: add_put(p); break;
	case 7: below(2) ? add_call(p) : add_k(p); break;
	case 8: below(4) ? add_get(p) : add_exec(p); break;
	case 9: add_cond(p); break;
	default: add_op(p);
	}
	p->ir->done++;
}

static void prog_random(Prog *p, unsigned steps)
{
	uint16_t x;

	ir_clear(p->ir);
	p->n = 0;
	for (unsigned e = 0; e < ENVS; e++) {
		env_fill(&p->start[e]);
		p->s[e].env = p->start[e];
		p->s[e].exit = -1;
	}
	add_get(p);
	for (unsigned i = 0; i < steps; i++)
		add_step(p);
	for (unsigned i = 0; i < N64; i++)
		put(p, i, p->n - 1 - i % p->n);
	x = ir_exit_new(p->ir, IR_EXIT_LEAVE, 0, 0);
	ir_end(p->ir, x);
	p->ir->insns = p->ir->done;
	for (unsigned e = 0; e < ENVS; e++)
		leave(&p->s[e], x, p->ir->done);
}

static void expect_same(const Prog *p, const Env *got, const Env *want, unsigned exit, int wanted,
			uint64_t which)
{
	GString *s;

	if ((int)exit == wanted && !memcmp(got, want, sizeof(*got)))
		return;
	s = g_string_new(NULL);
	ir_print(p->ir, s);
	for (unsigned i = 0; i < NSLOTS; i++)
		g_string_append_printf(s, "%s: %llx, not %llx\n", slot_table()[i].name,
				       (unsigned long long)slot_get((Env *)(uintptr_t)got, i),
				       (unsigned long long)slot_get((Env *)(uintptr_t)want, i));
	ck_abort_msg("program %llu: exit %u, not %d\n%s", (unsigned long long)which, exit, wanted,
		     s->str);
}

/* What is said to be known of values holds. */
static void facts_check(const Prog *p, uint64_t which)
{
	for (unsigned i = 0; i < p->n; i++) {
		IrRef r = p->refs[i];

		for (unsigned e = 0; e < ENVS && ir_ops[p->ir->ins[r].op].result == 'I'; e++) {
			uint64_t v = p->s[e].values[i];

			ck_assert_msg(!(v & ~p->ir->ones[r]) &&
					      (uint64_t)sext64(v, p->ir->sbits[r]) == v,
				      "program %llu: v%u is %llx, not of %llx, %u bits",
				      (unsigned long long)which, r, (unsigned long long)v,
				      (unsigned long long)p->ir->ones[r], p->ir->sbits[r]);
		}
	}
}

static void prog_check(Prog *p, uint64_t which)
{
	char *why;
	GString *text = g_string_new(NULL);

	if (p->ir->full)
		return;
	facts_check(p, which);
	ir_finish(p->ir);
	ck_assert_msg(ir_check(p->ir, &why), "program %llu: %s", (unsigned long long)which, why);
	ir_print(p->ir, text);
	g_string_free(text, true);
	for (unsigned e = 0; e < ENVS; e++) {
		Env env = p->start[e];
		uint64_t to;
		unsigned exit = ir_run(p->ir, &env, &to);

		expect_same(p, &env, &p->s[e].at_exit, exit, p->s[e].exit, which);
	}
}

START_TEST(random_programs_do_what_their_operations_do)
{
	Prog *p = g_new0(Prog, 1);

	p->ir = ir_new(target());
	for (uint64_t n = 1; n <= 10000; n++) {
		seed = n * UINT64_C(0x9e3779b97f4a7c15);
		prog_random(p, n % 8 ? 10 + below(60) : 300);
		prog_check(p, n);
	}
	ir_free(p->ir);
	g_free(p);
}
END_TEST

/* ---- Single foldings ---- */

static Ir *fresh(void)
{
	return ir_new(target());
}

/* Finishes a unit that ends with what the slots hold now. */
static void end_unit(Ir *ir)
{
	char *why;

	ir_end(ir, ir_exit_new(ir, IR_EXIT_LEAVE, 0, 0));
	ir->insns = ir->done;
	ir_finish(ir);
	ck_assert_msg(ir_check(ir, &why), "%s", why);
}

static void expect_op(const Ir *ir, IrRef r, IrOp op)
{
	ck_assert_str_eq(ir_ops[ir->ins[r].op].name, ir_ops[op].name);
}

START_TEST(a_rotate_and_its_mask_become_a_shift_or_an_extension)
{
	Ir *ir = fresh();
	IrRef x = ir_get(ir, 0), r;

	/* slwi, srwi, clrlwi and sldi as the translator writes them. */
	r = ir_and(ir, ir_rotl32(ir, x, ir_k(ir, 4)), ir_k(ir, 0xfffffff0));
	expect_op(ir, r, IR_ZX32);
	expect_op(ir, ir->ins[r].a, IR_SHL);
	r = ir_and(ir, ir_rotl32(ir, x, ir_k(ir, 28)), ir_k(ir, 0x0fffffff));
	expect_op(ir, r, IR_AND);
	expect_op(ir, ir->ins[r].a, IR_SHR);
	expect_op(ir, ir_and(ir, ir_rotl32(ir, x, ir_k(ir, 0)), ir_k(ir, 0xff)), IR_ZX8);
	r = ir_and(ir, ir_rotl(ir, x, ir_k(ir, 3)), ir_k(ir, ~UINT64_C(7)));
	expect_op(ir, r, IR_SHL);
	r = ir_and(ir, ir_rotl(ir, x, ir_k(ir, 32)), ir_k(ir, 0xffffffff));
	expect_op(ir, r, IR_SHR);
	ck_assert_uint_eq(ir_zx32(ir, ir_zx8(ir, x)), ir_zx8(ir, x));
	ir_free(ir);
}
END_TEST

START_TEST(a_bit_of_a_condition_field_is_its_comparison)
{
	Ir *ir = fresh();
	IrRef x = ir_get(ir, 0), y = ir_get(ir, 1), a, b, so = ir_get(ir, N64 + N32 + 4);
	IrRef cr = ir_crcmp(ir, IR_LTU, x, y, so);
	IrCc cc;

	ir_cond(ir, cr, 8, &cc, &a, &b);
	ck_assert(cc == IR_LTU && a == x && b == y);
	ir_cond(ir, cr, 8 | 2, &cc, &a, &b);
	ck_assert(cc == IR_LEU && a == x && b == y);
	ir_cond(ir, cr, 1, &cc, &a, &b);
	ck_assert(a == so);
	/* As mfcr would take it, inverted by crnor. */
	a = ir_and(ir, ir_shr(ir, cr, ir_k(ir, 2)), ir_k(ir, 1));
	a = ir_xor(ir, a, ir_k(ir, 1));
	b = ir_set(ir, IR_NE, a, ir_k(ir, 0));
	expect_op(ir, b, IR_SET);
	ck_assert_uint_eq(ir->ins[b].imm, IR_LEU);
	ck_assert_uint_eq(ir->ins[b].a, x);
	ir_free(ir);
}
END_TEST

START_TEST(what_exits_alone_need_is_sunk_and_what_nobody_needs_goes)
{
	Ir *ir = fresh();
	IrRef x = ir_get(ir, 0), y = ir_get(ir, 1), cr, sum, dead;

	dead = ir_mul(ir, x, y);
	cr = ir_crcmp(ir, IR_LT, x, y, ir_k(ir, 0));
	sum = ir_add(ir, x, y);
	ir_put(ir, N64 + N32, cr);
	ir_put(ir, 2, sum);
	ir->done = 1;
	ir_st(ir, IR_ST, IR_MEM_8, ir_k(ir, 8), sum);
	ir->done = 2;
	end_unit(ir);
	expect_op(ir, dead, IR_NOP);
	ck_assert(ir->ins[cr].flags & IR_SUNK);
	ck_assert(!(ir->ins[sum].flags & IR_SUNK));
	ir_free(ir);
}
END_TEST

START_TEST(a_slot_that_holds_its_own_again_is_not_written)
{
	Ir *ir = fresh();
	IrRef x = ir_get(ir, 0);
	uint16_t e;

	ir_put(ir, 0, ir_get(ir, 1));
	ir_put(ir, 3, x);
	ir_put(ir, 0, x);
	e = ir_exit_new(ir, IR_EXIT_LINK, 0, 0);
	ck_assert_uint_eq(ir->exits[e].snaps, 1);
	ck_assert_uint_eq(ir->snaps[ir->exits[e].snap].slot, 3);
	/* After a barrier env may hold something else. */
	ir->done = 1;
	ir_exec(ir, exec, &exec_args[0], 0);
	ir_put(ir, 0, x);
	e = ir_exit_new(ir, IR_EXIT_LINK, 0, 0);
	ck_assert_uint_eq(ir->exits[e].snaps, 1);
	ir_free(ir);
}
END_TEST

START_TEST(accesses_of_an_instruction_share_an_exit)
{
	Ir *ir = fresh();
	IrRef a = ir_ld(ir, IR_LD, IR_MEM_4, ir_k(ir, 8)), b = ir_ld(ir, IR_LD, IR_MEM_4, a);

	ck_assert_uint_eq(ir->ins[a].exit, ir->ins[b].exit);
	ir_put(ir, 0, b);
	ir->done = 1;
	b = ir_ld(ir, IR_LD, IR_MEM_4, a);
	ck_assert_uint_ne(ir->ins[a].exit, ir->ins[b].exit);
	ck_assert_uint_eq(ir->exits[ir->ins[b].exit].snaps, 1);
	ir_free(ir);
}
END_TEST

START_TEST(an_exit_that_is_never_taken_goes_and_one_that_always_is_ends)
{
	Ir *ir = fresh();
	Env env = { .budget = 10 };
	uint64_t to;

	ir->done = 1;
	ir_exit_if(ir, IR_LT, ir_zx8(ir, ir_get(ir, 0)), ir_k(ir, 0),
		   ir_exit_new(ir, IR_EXIT_LINK, 1, 0));
	for (unsigned r = 1; r < ir->n; r++)
		ck_assert_uint_ne(ir->ins[r].op, IR_EXIT);
	ir_put(ir, 0, ir_k(ir, 77));
	ir_exit_if(ir, IR_EQ, ir_get(ir, 0), ir_k(ir, 77), ir_exit_new(ir, IR_EXIT_LINK, 2, 0));
	ir->done = 2;
	ir_put(ir, 0, ir_k(ir, 78));
	end_unit(ir);
	ck_assert_uint_eq(ir->ins[ir->n - 1].op, IR_END);
	ck_assert_uint_eq(ir->exits[ir_run(ir, &env, &to)].target, 2);
	ck_assert_uint_eq(env.d[0], 77);
	ck_assert_int_eq(env.budget, 9);
	ir_free(ir);
}
END_TEST

START_TEST(an_exit_that_was_passed_is_not_asked_for_again)
{
	Ir *ir = fresh();
	unsigned n;

	ir_exit_if(ir, IR_EQ, ir_get(ir, 0), ir_get(ir, 1), ir_exit_new(ir, IR_EXIT_LINK, 1, 0));
	ir_exit_if(ir, IR_LTU, ir_get(ir, 0), ir_get(ir, 2), ir_exit_new(ir, IR_EXIT_LINK, 2, 0));
	n = ir->n;
	ir_exit_if(ir, IR_EQ, ir_get(ir, 0), ir_get(ir, 1), ir_exit_new(ir, IR_EXIT_LINK, 3, 0));
	ck_assert_uint_eq(ir->n, n);
	/* Others are: of the lower halves, and of another value. */
	ir_exit_if(ir, IR_EQ | IR_CC32, ir_get(ir, 0), ir_get(ir, 1),
		   ir_exit_new(ir, IR_EXIT_LINK, 4, 0));
	ck_assert_uint_gt(ir->n, n);
	n = ir->n;
	ir_put(ir, 1, ir_add(ir, ir_get(ir, 1), ir_k(ir, 1)));
	ir_exit_if(ir, IR_EQ, ir_get(ir, 0), ir_get(ir, 1), ir_exit_new(ir, IR_EXIT_LINK, 5, 0));
	ck_assert_uint_gt(ir->n, n);
	/* What has to be so after all ends the unit. */
	ir_exit_if(ir, IR_GEU, ir_get(ir, 0), ir_get(ir, 2), ir_exit_new(ir, IR_EXIT_LINK, 6, 0));
	end_unit(ir);
	ck_assert_uint_eq(ir->ins[ir->n - 1].op, IR_END);
	ck_assert_uint_eq(ir->exits[ir->ins[ir->n - 1].exit].target, 6);
	ir_free(ir);
}
END_TEST

/* ---- Memory by the TLB ---- */

typedef struct TlbEntry {
	uint64_t rd, wr, addend, pad;
} TlbEntry;

START_TEST(accesses_go_through_the_tlb_or_to_the_target)
{
	JitTarget t = *target();
	TlbEntry *tlb[2] = { g_new0(TlbEntry, 5), g_new0(TlbEntry, 5) };
	uint8_t page[4096] = { 0x11, 0x22, 0x33, 0x44 };
	Env *env = g_new0(Env, 1);
	Ir *ir;
	IrRef high;
	uint64_t to, ea = UINT64_C(0xffff800000001000);

	t.tlb = (JitTlb){ .table = { offsetof(Env, tlb[0]), offsetof(Env, tlb[1]) },
			  .first = sizeof(TlbEntry),
			  .page_bits = 12,
			  .entries = 4,
			  .entry_size = sizeof(TlbEntry),
			  .rd = offsetof(TlbEntry, rd),
			  .wr = offsetof(TlbEntry, wr),
			  .addend = offsetof(TlbEntry, addend) };
	memset(tlb[0], 0xff, 5 * sizeof(TlbEntry));
	memset(tlb[1], 0xff, 5 * sizeof(TlbEntry));
	tlb[1][2] = (TlbEntry){ ea, 1, (uintptr_t)page - ea, 0 };
	env->tlb[0] = (uint8_t *)tlb[0];
	env->tlb[1] = (uint8_t *)tlb[1];
	env->mem[8] = 0x80;
	ir = ir_new(&t);
	high = ir_k(ir, ea);
	ir_put(ir, 0, ir_ld(ir, IR_LD, IR_MEM_4 | IR_MEM_SWAP | IR_MEM_HIGH, high));
	ir->done = 1;
	/* Not in the TLB: by the target. */
	ir_put(ir, 1, ir_ld(ir, IR_LD, IR_MEM_1 | IR_MEM_SX, ir_k(ir, 8)));
	ir->done = 2;
	/* Crosses the page: to the target, which has no such thing. */
	ir_put(ir, 2, ir_ld(ir, IR_LD, IR_MEM_2 | IR_MEM_HIGH, ir_k(ir, ea + 4095)));
	ir->done = 3;
	end_unit(ir);
	ck_assert_uint_eq(ir->exits[ir_run_by(ir, env, &to, true)].kind, IR_EXIT_REDO);
	ck_assert_uint_eq(env->d[0], 0x11223344);
	ck_assert_uint_eq(env->d[1], UINT64_MAX - 0x7f);
	ck_assert_int_eq(env->budget, -2);
	/* Stores are not allowed there. */
	ir_clear(ir);
	ir_st(ir, IR_ST, IR_MEM_1 | IR_MEM_HIGH, ir_k(ir, ea), ir_k(ir, 9));
	ir->done = 1;
	end_unit(ir);
	ck_assert_uint_eq(ir->exits[ir_run_by(ir, env, &to, true)].kind, IR_EXIT_REDO);
	tlb[1][2].wr = ea;
	ck_assert_uint_eq(ir->exits[ir_run_by(ir, env, &to, true)].kind, IR_EXIT_LEAVE);
	ck_assert_uint_eq(page[0], 9);
	ir_free(ir);
	g_free(tlb[0]);
	g_free(tlb[1]);
	g_free(env);
}
END_TEST

/* ---- What is not well formed ---- */

static Ir *small(void)
{
	Ir *ir = fresh();
	IrRef x = ir_get(ir, 0);

	ir_put(ir, 1, ir_add(ir, x, ir_ld(ir, IR_LD, IR_MEM_8, x)));
	ir->done = 1;
	end_unit(ir);
	return ir;
}

static void expect_refused(Ir *ir, const char *what)
{
	char *why = NULL;

	ck_assert_msg(!ir_check(ir, &why) && strstr(why, what), "%s, not %s", why, what);
	g_free(why);
	ir_free(ir);
}

START_TEST(malformed_units_are_refused)
{
	enum { X = 1, LD = 2, SUM = 3, END = 4 };
	Ir *ir = small();

	ir->ins[SUM].a = END;
	expect_refused(ir, "does not stand before");
	ir = small();
	ir->ins[SUM].a = 0;
	expect_refused(ir, "does not stand before");
	ir = small();
	ir->ins[X] = (IrIns){ .op = IR_NOP };
	expect_refused(ir, "not of type I");
	ir = small();
	ir->ins[X].imm = NSLOTS;
	expect_refused(ir, "no slot");
	ir = small();
	ir->ins[LD].exit = 9;
	expect_refused(ir, "no exit");
	ir = small();
	ir->ins[LD].exit = ir->ins[END].exit;
	expect_refused(ir, "of kind");
	ir = small();
	ir->ins[LD].imm = IR_MEM_16;
	expect_refused(ir, "16 bytes");
	ir = small();
	ir->ins[LD].op = IR_LDV;
	ir->ins[LD].imm = IR_MEM_16 | IR_MEM_SWAP;
	expect_refused(ir, "of kind 0x14");
	ir = small();
	ir->ins[SUM].flags = IR_SUNK;
	ir->ins[LD].flags = IR_SUNK;
	expect_refused(ir, "cannot compute");
	ir = small();
	ir->n--;
	expect_refused(ir, "does not end");
	ir = small();
	ir->snaps[ir->exits[ir->ins[END].exit].snap].ref = END;
	expect_refused(ir, "snapshot");
	ir = small();
	ir->exits[ir->ins[END].exit].done = 7;
	expect_refused(ir, "has done 7");
	ir = small();
	ir->ins[X].op = IR_GETF;
	expect_refused(ir, "not of type F");
}
END_TEST

START_TEST(a_unit_that_does_not_fit_is_full_and_nothing_else)
{
	Ir *ir = fresh();
	IrRef x = ir_get(ir, 0);
	char *why;

	for (unsigned n = 0; n < 2 * IR_MAX; n++)
		x = ir_mul(ir, x, ir_get(ir, 1));
	ck_assert(ir->full);
	ir_put(ir, 2, x);
	ir_end(ir, ir_exit_new(ir, IR_EXIT_LEAVE, 0, 0));
	ir_finish(ir);
	ck_assert(!ir_check(ir, &why));
	g_free(why);
	ir_clear(ir);
	for (unsigned n = 0; n < 2000; n++)
		ir_k(ir, n * 77777);
	ck_assert(ir->full);
	ir_free(ir);
}
END_TEST

Suite *suite_ir(void)
{
	Suite *s = suite_create("ir");
	TCase *c = tcase_create("ir");

	tcase_set_timeout(c, 120);
	tcase_add_test(c, random_programs_do_what_their_operations_do);
	tcase_add_test(c, a_rotate_and_its_mask_become_a_shift_or_an_extension);
	tcase_add_test(c, a_bit_of_a_condition_field_is_its_comparison);
	tcase_add_test(c, what_exits_alone_need_is_sunk_and_what_nobody_needs_goes);
	tcase_add_test(c, a_slot_that_holds_its_own_again_is_not_written);
	tcase_add_test(c, accesses_of_an_instruction_share_an_exit);
	tcase_add_test(c, an_exit_that_is_never_taken_goes_and_one_that_always_is_ends);
	tcase_add_test(c, an_exit_that_was_passed_is_not_asked_for_again);
	tcase_add_test(c, accesses_go_through_the_tlb_or_to_the_target);
	tcase_add_test(c, malformed_units_are_refused);
	tcase_add_test(c, a_unit_that_does_not_fit_is_full_and_nothing_else);
	suite_add_tcase(s, c);
	return s;
}
