/*
 * What is known of the values of integer operations: bits that are 0, and how many bits
 * are significant.  Each operation is looked at once, when it is added.
 */
#include "jit/ir_int.h"

/* Ones from the highest bit of v down. */
static uint64_t below_top(uint64_t v)
{
	return v ? UINT64_MAX >> clz64(v) : 0;
}

/* Zeros where both a and b have trailing zeros. */
static uint64_t tail(uint64_t a, uint64_t b)
{
	unsigned n = ctz64(a | b);

	return n > 63 ? 0 : ~ir_low_bits(n);
}

static uint64_t get_ones(const Ir *ir, unsigned slot)
{
	const JitSlot *s = &ir->target->slots[slot];
	unsigned bits = s->type == JIT_I8 ? 8 : s->type == JIT_I32 ? 32 : 64;

	return ir_low_bits(s->bits ? s->bits : bits);
}

static uint64_t shift_ones(const Ir *ir, const IrIns *i, uint64_t a)
{
	uint64_t k;

	if (!ir_is_k(ir, i->b, &k))
		return i->op == IR_SHR	    ? below_top(a)
		       : i->op == IR_ROTL32 ? UINT32_MAX
					    : UINT64_MAX;
	switch (i->op) {
	case IR_SHL: return a << (k & 63);
	case IR_SHR: return a >> (k & 63);
	case IR_SAR: return (uint64_t)((int64_t)a >> (k & 63));
	case IR_ROTL: return rotl64(a, (unsigned)k);
	default: return rotl32((uint32_t)a, (unsigned)k);
	}
}

static uint64_t sx_ones(uint64_t a, unsigned n)
{
	uint64_t low = a & ir_low_bits(n);

	return a >> (n - 1) & 1 ? low | ~ir_low_bits(n) : low;
}

static uint64_t arith_ones(const IrIns *i, uint64_t a, uint64_t b)
{
	unsigned bits;

	switch (i->op) {
	case IR_ADD: bits = 64 - clz64(a | b) + 1; return ir_low_bits(bits) & tail(a, b);
	case IR_SUB: return tail(a, b);
	case IR_NEG: return tail(a, 0);
	case IR_MUL:
		bits = (64 - clz64(a)) + (64 - clz64(b));
		return a && b ? ir_low_bits(bits) & ~ir_low_bits(MIN(ctz64(a) + ctz64(b), 64)) : 0;
	case IR_DIVU: return below_top(a);
	case IR_MODU: return below_top(a) & below_top(b);
	default: return UINT64_MAX;
	}
}

static uint64_t ones_of(const Ir *ir, const IrIns *i)
{
	uint64_t a = ir->ones[i->a], b = ir->ones[i->b];

	switch (i->op) {
	case IR_K: return ir->k[i->imm];
	case IR_GET: return get_ones(ir, i->imm);
	case IR_AND: return a & b;
	case IR_ANDN: return a;
	case IR_OR:
	case IR_XOR: return a | b;
	case IR_SHL:
	case IR_SHR:
	case IR_SAR:
	case IR_ROTL:
	case IR_ROTL32: return shift_ones(ir, i, a);
	case IR_DIVS32:
	case IR_DIVU32:
	case IR_MODS32:
	case IR_MODU32:
	case IR_BSWAP32: return UINT32_MAX;
	case IR_SX8: return sx_ones(a, 8);
	case IR_SX16: return sx_ones(a, 16);
	case IR_SX32: return sx_ones(a, 32);
	case IR_ZX8: return a & 0xff;
	case IR_ZX16: return a & 0xffff;
	case IR_ZX32: return a & UINT32_MAX;
	case IR_BSWAP16: return 0xffff;
	case IR_CLZ32:
	case IR_CTZ32: return 0x3f;
	case IR_CLZ64:
	case IR_CTZ64:
	case IR_POPCNT: return 0x7f;
	case IR_SET:
	case IR_ADDCO:
	case IR_ADDCO32:
	case IR_SARCO: return 1;
	case IR_SEL: return ir->ones[i->c] | ir->ones[i->d];
	case IR_FCVTU32:
	case IR_STOI: return UINT32_MAX;
	case IR_FCMP:
	case IR_SCMP: return 15;
	case IR_FSET:
	case IR_SSET: return 1;
	case IR_VMASK: return 0xffff;
	case IR_VANY: return 1;
	case IR_VCR6: return 10;
	case IR_CRCMP: return 14 | ir->ones[i->c];
	case IR_LD: return i->imm & IR_MEM_SX ? UINT64_MAX : ir_low_bits(8 * ir_mem_bytes(i->imm));
	default: return arith_ones(i, a, b);
	}
}

/* Significant bits of a number, its sign among them. */
static unsigned sbits_of_k(uint64_t v)
{
	return 65 - clz64((int64_t)v < 0 ? ~v : v);
}

static unsigned sbits_of(const Ir *ir, const IrIns *i)
{
	unsigned a = ir->sbits[i->a], b = ir->sbits[i->b];
	uint64_t k;

	switch (i->op) {
	case IR_K: return MIN(sbits_of_k(ir->k[i->imm]), 64);
	case IR_SX8: return MIN(a, 8);
	case IR_SX16: return MIN(a, 16);
	case IR_FCVTI32: return 32;
	case IR_SX32: return MIN(a, 32);
	case IR_NOT: return a;
	case IR_NEG: return MIN(a + 1, 64);
	case IR_ADD:
	case IR_SUB: return MIN(MAX(a, b) + 1, 64);
	case IR_AND:
	case IR_ANDN:
	case IR_OR:
	case IR_XOR: return MAX(a, b);
	case IR_SEL: return MAX(ir->sbits[i->c], ir->sbits[i->d]);
	case IR_SAR:
		if (!ir_is_k(ir, i->b, &k))
			return a;
		return a > (k & 63) + 1 ? a - (unsigned)(k & 63) : 1;
	case IR_LD: return i->imm & IR_MEM_SX ? MIN(8 * ir_mem_bytes(i->imm), 64) : 64;
	default: return 64;
	}
}

void ir_facts(Ir *ir, IrRef ref)
{
	const IrIns *i = &ir->ins[ref];
	unsigned zeros;

	if (ir_ops[i->op].result != 'I') {
		ir->ones[ref] = UINT64_MAX;
		ir->sbits[ref] = 64;
		return;
	}
	ir->ones[ref] = ones_of(ir, i);
	zeros = clz64(ir->ones[ref]);
	ir->sbits[ref] = (uint8_t)sbits_of(ir, i);
	if (zeros && 65 - zeros < ir->sbits[ref])
		ir->sbits[ref] = (uint8_t)(65 - zeros);
}
