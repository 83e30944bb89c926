/* Code of one unit: the pass over its operations, and what all kinds of them share.  See gen.h. */
#include "base/log.h"
#include "jit/gen_tlb.h"

/* Enough for the longest unit of ordinary code many times over. */
enum { ROOM_HOT = 256 << 10, ROOM_COLD = 512 << 10 };

Gen *gen_new(Jit *j)
{
	Gen *g = g_new0(Gen, 1);

	g->j = j;
	g->t = j->target;
	g->hot.room = ROOM_HOT;
	g->hot.p = g_malloc(ROOM_HOT);
	g->cold.room = ROOM_COLD;
	g->cold.p = g_malloc(ROOM_COLD);
	g->fixes = g_array_new(FALSE, FALSE, sizeof(GenFix));
	g->exits = g_array_new(FALSE, TRUE, sizeof(JitExit));
	g->exit_jumps = g_array_new(FALSE, TRUE, sizeof(GenFix));
	g->refs = g_array_new(FALSE, FALSE, sizeof(JitSnapRef));
	g->k = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	g->kv = g_array_new(FALSE, FALSE, sizeof(u128));
	g->ops = g_array_new(FALSE, FALSE, sizeof(JitSnapOp));
	g->sites = g_array_new(FALSE, FALSE, sizeof(JitSite));
	return g;
}

void gen_free(Gen *g)
{
	GArray *all[] = {
		g->fixes, g->exits, g->exit_jumps, g->refs, g->k, g->kv, g->ops, g->sites
	};

	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		g_array_free(all[i], TRUE);
	g_free(g->hot.p);
	g_free(g->cold.p);
	g_free(g);
}

uint32_t gen_random(Gen *g, uint32_t n)
{
	/* Marsaglia, Xorshift RNGs, 2003 */
	g->random ^= g->random << 13;
	g->random ^= g->random >> 17;
	g->random ^= g->random << 5;
	return g->random % n;
}

bool gen_chance(Gen *g, uint32_t n)
{
	return unlikely(g->random) && !gen_random(g, n);
}

bool gen_is_k(const Gen *g, IrRef r, uint64_t *k)
{
	const IrIns *i = &g->ir->ins[r];

	if (i->op != IR_K)
		return false;
	*k = g->ir->k[i->imm];
	return true;
}

int32_t gen_slot_disp(const Gen *g, unsigned slot)
{
	return g->t->slots[slot].offset - g->t->bias;
}

X64Rm gen_slot(const Gen *g, unsigned slot)
{
	return xm(X64_RBP, gen_slot_disp(g, slot));
}

void gen_fix(Gen *g, const X64Buf *b, GenFixKind kind, uint32_t at, uint32_t to)
{
	GenFix f = { .kind = (uint8_t)kind, .in_cold = b == &g->cold, .at = at, .to = to };

	g_array_append_val(g->fixes, f);
}

void gen_mov_address(Gen *g, X64Buf *b, unsigned reg, GenFixKind kind, uint32_t to)
{
	x64_bytes(b, 0x48 | reg >> 3, 1);
	x64_bytes(b, 0xb8 | (reg & 7), 1);
	x64_bytes(b, 0, 8);
	gen_fix(g, b, kind, b->n - 8, to);
}

void gen_load(X64Buf *b, unsigned reg, const GenOpnd *o)
{
	if (o->is_k)
		x64_mov_k(b, reg, o->k);
	else if (o->size == 1)
		x64_op(b, X64_MOVZX8, 0, reg, o->rm);
	else
		x64_mov(b, o->size == 8, reg, o->rm);
}

static void operation(Gen *g)
{
	switch (gen_ins(g)->op) {
	case IR_NOP:
	case IR_K:
	case IR_KV:
	case IR_GET:
	case IR_GETF:
	case IR_GETV: break;
	case IR_LD:
	case IR_LDV:
	case IR_ST:
	case IR_STV: gen_mem(g); break;
	case IR_PTR: gen_ptr(g); break;
	case IR_LDP:
	case IR_LDPF:
	case IR_LDPS:
	case IR_LDPV:
	case IR_STP:
	case IR_STPF:
	case IR_STPS:
	case IR_STPV: gen_by_ptr(g); break;
	case IR_FENCE:
		if (gen_ins(g)->imm)
			x64_bytes(&g->hot, 0xf0ae0f, 3); /* mfence */
		break;
	case IR_CALL: gen_call(g); break;
	case IR_EXEC: gen_exec(g); break;
	case IR_EXIT: gen_exit_if(g); break;
	case IR_END: gen_end(g); break;
	case IR_LOOP: gen_loop(g); break;
	case IR_PHI:
	case IR_PHIF:
	case IR_PHIS:
	case IR_PHIV: gen_phi(g); break;
	case IR_BACK: gen_back(g); break;
	default:
		if (!gen_int(g) && !gen_vec(g) && !gen_fp(g))
			bug("jit: no code for operation %u", gen_ins(g)->op);
		break;
	}
}

bool gen_idle(const Gen *g, unsigned n)
{
	const IrIns *i = &g->ir->ins[n];

	if ((i->flags & IR_SUNK) || (g->val[n].flags & VAL_FOLDED))
		return true;
	if (i->op == IR_NOP || i->op == IR_K || i->op == IR_KV || gen_is_get(i->op))
		return true;
	return !g->val[n].last && (ir_ops[i->op].flags & IRF_P);
}

/* FNV-1a over what it does: operations, operands, constants. */
static uint32_t hash_of(const Ir *ir, uint32_t seed)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;

	for (unsigned n = 1; n < ir->n; n++) {
		const IrIns *i = &ir->ins[n];

		h = (h ^ i->op ^ (uint64_t)i->a << 8 ^ (uint64_t)i->b << 24 ^
		     (uint64_t)i->c << 40) *
		    UINT64_C(0x100000001b3);
		h = (h ^ i->imm) * UINT64_C(0x100000001b3);
	}
	h ^= h >> 32;
	return (uint32_t)(h ^ h >> 15) | 1;
}

static void reset(Gen *g, const Ir *ir)
{
	GArray *all[] = {
		g->fixes, g->exits, g->exit_jumps, g->refs, g->k, g->kv, g->ops, g->sites
	};

	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		g_array_set_size(all[i], 0);
	g->hot.n = g->cold.n = 0;
	g->hot.alu_at = g->cold.alu_at = UINT32_MAX;
	g->nfacts = 0;
	g->near_last = g->twins_last = 0;
	g->hot.full = g->cold.full = g->full = false;
	memset(g->redo_exit, 0, sizeof(g->redo_exit));
	memset(g->kpool, 0, sizeof(g->kpool));
	g->random = 0;
	if (g->j->seed) {
		g->j->seed = g->j->seed * 1664525 + 1013904223;
		g->j->seed |= 1;
		g->random = g->j->seed;
	} else if (g->j->shuffle) {
		g->random = hash_of(ir, g->j->shuffle);
	}
}

bool gen_run(Gen *g, const Ir *ir)
{
	reset(g, ir);
	alloc_begin(g, ir);
	gen_look(g);
	g->fused = IR_NONE;
	gen_entry(g);
	for (g->at = 1; g->at < ir->n; g->at++) {
		if (!gen_idle(g, g->at)) {
			alloc_start(g);
			operation(g);
		}
		if (g->at == g->head_at)
			gen_head(g);
	}
	gen_vec_pool(g);
	return !(g->full || g->hot.full || g->cold.full || g->ops->len >= 1 << LOC_BITS ||
		 g->k->len >= 1 << LOC_BITS);
}
