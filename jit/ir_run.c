/*
 * Runs units without generating code: for tests, and for what they are to agree with.
 *
 * An EXEC, a helper or a load may jump out of it (longjmp): nothing is held that would be lost.
 */
#include <stdatomic.h>
#include <fenv.h>
#include <string.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif
#include "base/log.h"
#include "jit/ir_int.h"
#include "jit/vec.h"

typedef struct Run {
	const Ir *ir;
	uint8_t *env;
	bool fast;
	u128 v[IR_MAX]; /* F and S: the bits of the number */
} Run;

static uint64_t *word(const Run *r, int32_t offset)
{
	return (uint64_t *)(void *)(r->env + offset);
}

static u128 get_slot(const Run *r, unsigned slot)
{
	const JitSlot *s = &r->ir->target->slots[slot];
	const uint8_t *p = r->env + s->offset;
	uint32_t w;
	uint64_t d;
	u128 q;

	switch ((JitType)s->type) {
	case JIT_I8: return *p;
	case JIT_I32: memcpy(&w, p, 4); return w;
	case JIT_V128: memcpy(&q, p, 16); return q;
	default: memcpy(&d, p, 8); return d;
	}
}

static void put_slot(const Run *r, unsigned slot, u128 v)
{
	const JitSlot *s = &r->ir->target->slots[slot];
	uint8_t *p = r->env + s->offset;
	uint32_t w = (uint32_t)v;
	uint64_t d = (uint64_t)v;

	switch ((JitType)s->type) {
	case JIT_I8: *p = (uint8_t)v; break;
	case JIT_I32: memcpy(p, &w, 4); break;
	case JIT_V128: memcpy(p, &v, 16); break;
	default: memcpy(p, &d, 8);
	}
}

static void restore(const Run *r, const IrExit *e)
{
	for (unsigned n = 0; n < e->snaps; n++) {
		IrSlotRef s = r->ir->snaps[e->snap + n];

		put_slot(r, s.slot, r->v[s.ref]);
	}
}

/* ---- Memory ---- */

static uint8_t *in_table(const Run *r, unsigned half, uint64_t ea, uint32_t mem, bool store)
{
	const JitTlb *t = &r->ir->target->tlb;
	uint64_t last = ea + ir_mem_bytes(mem) - 1, tag, addend;
	const uint8_t *e;

	memcpy(&e, r->env + t->table[half], sizeof(e));
	e += t->first + (ea >> t->page_bits & (t->entries - 1)) * t->entry_size;
	memcpy(&tag, e + (store ? t->wr : t->rd), 8);
	memcpy(&addend, e + t->addend, 8);
	if (tag != last >> t->page_bits << t->page_bits)
		return NULL;
	return (uint8_t *)(uintptr_t)(ea + addend);
}

static uint8_t *in_tlb(const Run *r, uint64_t ea, uint32_t mem, bool store)
{
	bool high = mem & IR_MEM_HIGH;
	uint8_t *p = in_table(r, high, ea, mem, store);

	return p || !high || !r->ir->high ? p : in_table(r, 0, ea, mem, store);
}

static void copy(uint8_t *to, const uint8_t *from, unsigned n, bool swap)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = from[swap ? n - 1 - i : i];
}

static u128 extended(uint64_t v, uint32_t mem)
{
	unsigned bits = 8 * ir_mem_bytes(mem);

	return mem & IR_MEM_SX ? (uint64_t)sext64(v, bits) : v & ir_low_bits(bits);
}

/* The result of a load, from its bytes as a number in the host's order. */
static void loaded(Run *r, unsigned at, const uint8_t *buf)
{
	const IrIns *i = &r->ir->ins[at];
	uint64_t v;

	if (ir_mem_bytes(i->imm) == 16) {
		memcpy(&r->v[at], buf, 16);
		return;
	}
	memcpy(&v, buf, 8);
	r->v[at] = extended(v, i->imm);
}

static void load_at(Run *r, unsigned at, const uint8_t *p)
{
	const IrIns *i = &r->ir->ins[at];
	unsigned bytes = ir_mem_bytes(i->imm);
	uint8_t buf[16] = { 0 };

	copy(buf, p, bytes, i->imm & IR_MEM_SWAP);
	if (HOST_BE && bytes < 8)
		memmove(buf + 8 - bytes, buf, bytes);
	loaded(r, at, buf);
}

static bool load(Run *r, unsigned at)
{
	const IrIns *i = &r->ir->ins[at];
	uint64_t ea = (uint64_t)r->v[i->a];
	const uint8_t *p = r->fast ? in_tlb(r, ea, i->imm, false) : NULL;
	uint8_t buf[16] = { 0 };

	if (p) {
		load_at(r, at, p);
		return true;
	}
	if (!r->ir->target->ld(r->env, ea, i->imm, buf))
		return false;
	loaded(r, at, buf);
	return true;
}

static void store_at(const IrIns *i, uint8_t *p, const u128 *value)
{
	uint64_t v = (uint64_t)*value;
	unsigned bytes = ir_mem_bytes(i->imm);
	const uint8_t *low = bytes == 16 ? (const uint8_t *)value : (const uint8_t *)&v;

	if (HOST_BE && bytes < 8)
		low += 8 - bytes;
	copy(p, low, bytes, i->imm & IR_MEM_SWAP);
}

static bool store(Run *r, const IrIns *i)
{
	uint64_t ea = (uint64_t)r->v[i->a], v = (uint64_t)r->v[i->b];
	uint8_t *p = r->fast ? in_tlb(r, ea, i->imm, true) : NULL;

	if (!p)
		return r->ir->target->st(r->env, ea, i->imm,
					 ir_mem_bytes(i->imm) == 16 ? (const void *)&r->v[i->b]
								    : &v);
	store_at(i, p, &r->v[i->b]);
	return true;
}

static bool find_ptr(Run *r, unsigned at)
{
	const IrIns *i = &r->ir->ins[at];
	int64_t first = ir_ptr_first(i->imm);
	uint8_t *p = r->ir->target->probe(r->env, (uint64_t)r->v[i->a] + (uint64_t)first,
					  ir_ptr_bytes(i->imm), i->imm & IR_PTR_STORE);

	r->v[at] = (uintptr_t)p - (uint64_t)first;
	return p != NULL;
}

static void load_by_ptr(Run *r, unsigned at)
{
	const IrIns *i = &r->ir->ins[at];

	load_at(r, at, (const uint8_t *)(uintptr_t)r->v[i->a] + (int16_t)i->exit);
}

static void store_by_ptr(Run *r, const IrIns *i)
{
	store_at(i, (uint8_t *)(uintptr_t)r->v[i->a] + (int16_t)i->exit, &r->v[i->b]);
}

/* ---- The line ---- */

static void exec(Run *r, const IrIns *i)
{
	const IrExec *x = &r->ir->execs[i->imm];

	restore(r, &r->ir->exits[i->exit]);
	x->fn(r->env, x->arg);
}

static void call(Run *r, unsigned at)
{
	const IrIns *i = &r->ir->ins[at];

	r->v[at] = r->ir->target->helpers[i->imm](r->env, (uint64_t)r->v[i->a],
						  (uint64_t)r->v[i->b], (uint64_t)r->v[i->c]);
}

/* Another turn; false: there is not enough left of the budget, or a stop is asked for. */
static bool again(Run *r, const IrIns *i)
{
	uint64_t *budget = word(r, r->ir->target->budget);
	uint64_t left = *budget - i->imm;

	if ((int64_t)left < 0 || *word(r, r->ir->target->stop))
		return false;
	*budget = left;
	return true;
}

/* PHIs take their values all at once; from before the loop, or from its end. */
static void phis(Run *r, unsigned loop, bool back)
{
	const Ir *ir = r->ir;
	u128 next[IR_SLOTS_MAX];
	unsigned n = 0;

	for (unsigned p = loop + 1; ir_is_phi(&ir->ins[p]) || ir->ins[p].op == IR_NOP; p++)
		if (ir->ins[p].op != IR_NOP)
			next[n++] = r->v[back ? ir->ins[p].b : ir->ins[p].a];
	n = 0;
	for (unsigned p = loop + 1; ir_is_phi(&ir->ins[p]) || ir->ins[p].op == IR_NOP; p++)
		if (ir->ins[p].op != IR_NOP)
			r->v[p] = next[n++];
}

/* Exceptions that the host has noted. */
static unsigned host_flags(void)
{
#ifdef __SSE2__
	return _mm_getcsr();
#else
	return (unsigned)fetestexcept(FE_ALL_EXCEPT);
#endif
}

static void host_set_flags(unsigned flags)
{
#ifdef __SSE2__
	_mm_setcsr(flags);
#else
	feclearexcept(FE_ALL_EXCEPT & ~(int)flags);
#endif
}

/*
 * What the host is to see of it: nothing, where plain says so or the operation is pure.  These are rounded to the
 * nearest, whatever the host does otherwise.
 */
static u128 vectors(const Run *r, const IrIns *i)
{
	bool quiet = !ir_is_vfp(i->op) || (i->imm & VEC_PLAIN_QUIET);
	u128 a = r->v[i->a], b = r->v[i->b], c = r->v[i->c], v;
	unsigned before;
	int how = fegetround();

	if ((i->imm & 255) < VEC_CMPPS)
		return vec_eval(i->imm, a, b, c);
	before = host_flags();
	if (quiet)
		fesetround(FE_TONEAREST);
	v = vec_eval(i->imm, a, b, c);
	if (quiet) {
		fesetround(how);
		host_set_flags(before);
	}
	before = host_flags();
	quiet = !ir_is_vfp(i->op) || vec_plain(i->imm, v, a, b);
	host_set_flags(before);
	return quiet ? v : r->ir->target->fpv(r->env, i->imm, a, b, c);
}

static u128 value(const Run *r, const IrIns *i)
{
	switch (i->op) {
	case IR_K: return r->ir->k[i->imm];
	case IR_KV: return r->ir->kv[i->imm];
	case IR_GET:
	case IR_GETF:
	case IR_GETV: return get_slot(r, i->imm);
	case IR_VOP1:
	case IR_VOP2:
	case IR_VOP3: return vectors(r, i);
	case IR_ITOV: return r->v[i->a] << 64 | (uint64_t)r->v[i->b];
	case IR_VTOI:
	case IR_VMASK:
	case IR_VANY:
	case IR_VCR6: return ir_vec_to_int(i, r->v[i->a]);
	default:
		if (ir_is_fp_move(i->op))
			return ir_fp_move(i->op, i->imm, r->v[i->a], r->v[i->b]);
		return ir_eval((IrOp)i->op, i->imm, (uint64_t)r->v[i->a], (uint64_t)r->v[i->b],
			       (uint64_t)r->v[i->c], (uint64_t)r->v[i->d]);
	}
}

/* Arithmetic by the host; by the target where it must. */
static u128 arithmetic(const Run *r, const IrIns *i)
{
	uint64_t a = (uint64_t)r->v[i->a], b = (uint64_t)r->v[i->b], c = (uint64_t)r->v[i->c];
	uint64_t v = ir_fp_host(i->op, i->imm, a, b, c);

	return ir_fp_plain(i->op, v) ? v : r->ir->target->fp(r->env, i->op, i->imm, a, b, c);
}

/* A double as a single; false: it is none that is normal, or zero. */
static bool to_single(Run *r, unsigned at)
{
	uint64_t v = (uint64_t)r->v[r->ir->ins[at].a];
	unsigned e = v >> 52 & 0x7ff;

	if ((v & 0x1fffffff) || (v << 1 && (e < 897 || e > 1150)))
		return false;
	r->v[at] = (v >> 32 & 0xc0000000) | (v >> 29 & 0x3fffffff);
	return true;
}

/* Does operation `at`; true: it leaves. */
static bool step(Run *r, unsigned at)
{
	const IrIns *i = &r->ir->ins[at];

	switch (i->op) {
	case IR_NOP:
	case IR_PHI:
	case IR_PHIF:
	case IR_PHIS:
	case IR_PHIV:
	case IR_BACK: return false;
	case IR_FTOS: return !to_single(r, at);
	case IR_LD:
	case IR_LDF:
	case IR_LDS:
	case IR_LDV: return !load(r, at);
	case IR_ST:
	case IR_STF:
	case IR_STS:
	case IR_STV: return !store(r, i);
	case IR_FENCE: atomic_thread_fence(memory_order_seq_cst); return false;
	case IR_PTR: return !find_ptr(r, at);
	case IR_LDP:
	case IR_LDPF:
	case IR_LDPS:
	case IR_LDPV: load_by_ptr(r, at); return false;
	case IR_STP:
	case IR_STPF:
	case IR_STPS:
	case IR_STPV: store_by_ptr(r, i); return false;
	case IR_CALL: call(r, at); return false;
	case IR_EXEC: exec(r, i); return false;
	case IR_LOOP: return !again(r, i);
	case IR_END: return true;
	case IR_EXIT: return ir_eval_cc((IrCc)i->imm, (uint64_t)r->v[i->a], (uint64_t)r->v[i->b]);
	default:
		if (ir_is_vfp(i->op))
			r->v[at] = vectors(r, i);
		else if (ir_is_fp(i->op))
			r->v[at] = arithmetic(r, i);
		else if (ir_ops[i->op].flags & IRF_P)
			r->v[at] = value(r, i);
		return false;
	}
}

/* Instructions that a unit has taken from the budget when its operation `at` leaves. */
static unsigned taken(const Ir *ir, unsigned at)
{
	if (!ir->loop || at < ir->loop)
		return ir->insns;
	return at == ir->loop ? 0 : ir->ins[ir->loop].imm;
}

/* What a LOOP's exit is to leave is made of PHIs: values of the turn that is not made. */
static void leave_loop(Run *r, unsigned at, bool back)
{
	const IrExit *e = &r->ir->exits[r->ir->ins[at].exit];

	phis(r, at, back);
	for (unsigned n = 0; n < e->snaps; n++) {
		IrRef ref = r->ir->snaps[e->snap + n].ref;

		if (ref > at && !ir_is_phi(&r->ir->ins[ref]))
			r->v[ref] = value(r, &r->ir->ins[ref]);
	}
}

unsigned ir_run_by(const Ir *ir, void *env, uint64_t *to, bool fast)
{
	const JitTarget *t = ir->target;
	const IrExit *e;
	unsigned at = 1;
	bool back = false;
	Run r;

	r.ir = ir;
	r.env = env;
	r.fast = fast;
	r.v[0] = 0;
	*word(&r, t->budget) -= ir->insns;
	while (!step(&r, at)) {
		if (ir->ins[at].op == IR_LOOP)
			phis(&r, at, back);
		back = ir->ins[at].op == IR_BACK;
		at = back ? ir->loop : at + 1;
		if (at >= ir->n)
			bug("a unit has no end");
	}
	e = &ir->exits[ir->ins[at].exit];
	if (ir->loop == at)
		leave_loop(&r, at, back);
	restore(&r, e);
	*word(&r, t->budget) += taken(ir, at) - e->done - e->before;
	if (e->kind == IR_EXIT_DYN || e->kind == IR_EXIT_FAR) {
		*to = (uint64_t)r.v[e->to];
		put_slot(&r, (unsigned)t->nip, r.v[e->to]);
	}
	return ir->ins[at].exit;
}

unsigned ir_run(const Ir *ir, void *env, uint64_t *to)
{
	return ir_run_by(ir, env, to, false);
}
