/* What pure integer operations compute: the meaning that code and folding must agree with. */
#include "jit/ir_int.h"

bool ir_eval_cc(IrCc cc, uint64_t a, uint64_t b)
{
	if (cc & IR_CC32) {
		/* Signed and unsigned order of lower halves is that of their sign extensions. */
		a = (uint64_t)(int32_t)a;
		b = (uint64_t)(int32_t)b;
	}
	switch ((IrCc)(cc & 15)) {
	case IR_EQ: return a == b;
	case IR_NE: return a != b;
	case IR_LT: return (int64_t)a < (int64_t)b;
	case IR_GE: return (int64_t)a >= (int64_t)b;
	case IR_LE: return (int64_t)a <= (int64_t)b;
	case IR_GT: return (int64_t)a > (int64_t)b;
	case IR_LTU: return a < b;
	case IR_GEU: return a >= b;
	case IR_LEU: return a <= b;
	case IR_GTU: return a > b;
	case IR_TEST: return (a & b) != 0;
	case IR_NTEST: return (a & b) == 0;
	default: return false;
	}
}

static uint64_t divide(IrOp op, uint64_t a, uint64_t b)
{
	bool narrow = op == IR_DIVS32 || op == IR_DIVU32 || op == IR_MODS32 || op == IR_MODU32;
	bool is_signed = op == IR_DIVS || op == IR_DIVS32 || op == IR_MODS || op == IR_MODS32;
	int64_t x, y;
	uint64_t r;

	if (narrow) {
		a = is_signed ? (uint64_t)(int32_t)a : (uint32_t)a;
		b = is_signed ? (uint64_t)(int32_t)b : (uint32_t)b;
	}
	if (!b)
		return 0;
	x = (int64_t)a;
	y = (int64_t)b;
	if (is_signed && y == -1 && x == (narrow ? INT32_MIN : INT64_MIN))
		return 0;
	switch (op) {
	case IR_DIVS:
	case IR_DIVS32: r = (uint64_t)(x / y); break;
	case IR_MODS:
	case IR_MODS32: r = (uint64_t)(x % y); break;
	case IR_DIVU:
	case IR_DIVU32: r = a / b; break;
	default: r = a % b;
	}
	return narrow ? (uint32_t)r : r;
}

static uint64_t crcmp(IrCc lt, uint64_t a, uint64_t b, uint64_t so)
{
	if (ir_eval_cc(lt, a, b))
		return so + 8;
	return so + (ir_eval_cc(lt, b, a) ? 4 : 2);
}

static uint64_t carry(IrOp op, uint64_t a, uint64_t b, uint64_t c)
{
	if (op == IR_ADDCO32)
		return ((uint64_t)(uint32_t)a + (uint32_t)b + c) >> 32;
	return (uint64_t)(((u128)a + b + c) >> 64);
}

static uint64_t one_operand(IrOp op, uint64_t a)
{
	switch (op) {
	case IR_NEG: return -a;
	case IR_NOT: return ~a;
	case IR_SX8: return (uint64_t)(int8_t)a;
	case IR_SX16: return (uint64_t)(int16_t)a;
	case IR_SX32: return (uint64_t)(int32_t)a;
	case IR_ZX8: return (uint8_t)a;
	case IR_ZX16: return (uint16_t)a;
	case IR_ZX32: return (uint32_t)a;
	case IR_BSWAP16: return bswap16((uint16_t)a);
	case IR_BSWAP32: return bswap32((uint32_t)a);
	case IR_BSWAP64: return bswap64(a);
	case IR_CLZ32: return clz32((uint32_t)a);
	case IR_CLZ64: return clz64(a);
	case IR_CTZ32: return ctz32((uint32_t)a);
	case IR_CTZ64: return ctz64(a);
	case IR_POPCNT: return (uint64_t)__builtin_popcountll(a);
	default: return 0;
	}
}

uint64_t ir_eval(IrOp op, uint32_t imm, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	switch (op) {
	case IR_ADD: return a + b;
	case IR_SUB: return a - b;
	case IR_AND: return a & b;
	case IR_ANDN: return a & ~b;
	case IR_OR: return a | b;
	case IR_XOR: return a ^ b;
	case IR_SHL: return a << (b & 63);
	case IR_SHR: return a >> (b & 63);
	case IR_SAR: return (uint64_t)((int64_t)a >> (b & 63));
	case IR_ROTL: return rotl64(a, (unsigned)(b & 63));
	case IR_ROTL32: return rotl32((uint32_t)a, (unsigned)(b & 31));
	case IR_MUL: return a * b;
	case IR_MULHS: return (uint64_t)(((i128)(int64_t)a * (int64_t)b) >> 64);
	case IR_MULHU: return (uint64_t)(((u128)a * b) >> 64);
	case IR_DIVS:
	case IR_DIVU:
	case IR_DIVS32:
	case IR_DIVU32:
	case IR_MODS:
	case IR_MODU:
	case IR_MODS32:
	case IR_MODU32: return divide(op, a, b);
	case IR_SET: return ir_eval_cc((IrCc)imm, a, b);
	case IR_SEL: return ir_eval_cc((IrCc)imm, a, b) ? c : d;
	case IR_CRCMP: return crcmp((IrCc)imm, a, b, c);
	case IR_ADDCO:
	case IR_ADDCO32: return carry(op, a, b, c);
	case IR_SARCO: return (int64_t)a < 0 && a & ir_low_bits(b & 63);
	default: return one_operand(op, a);
	}
}
