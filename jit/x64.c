/* The encoder: Intel SDM volume 2, chapter 2.  See x64.h. */
#include "jit/x64.h"

enum { B8 = 1, REG8 = 2, RM8 = 4, I8 = 8, I16 = 16, I32 = 32, IX = 64, VEX = 128, R = 8 };

typedef struct Form {
	uint8_t pp, map, op, digit, flags;
} Form;

static const Form forms[X64_FORMS] = {
#define X64(name, pp, map, op, digit, flags) [X64_##name] = { pp, map, op, digit, flags },
#include "jit/x64.def"
};

void x64_bytes(X64Buf *b, uint64_t v, unsigned n)
{
	if (b->n + n > b->room) {
		b->full = true;
		return;
	}
	for (unsigned i = 0; i < n; i++)
		b->p[b->n++] = i < 8 ? (uint8_t)(v >> (8 * i)) : 0;
}

static void byte(X64Buf *b, unsigned v)
{
	x64_bytes(b, v, 1);
}

static unsigned high_bit(unsigned reg)
{
	return reg == X64_NONE ? 0 : reg >> 3 & 1;
}

static unsigned scale_bits(unsigned scale)
{
	return (unsigned)__builtin_ctz(scale);
}

/* ModRM, SIB and displacement; far: of 32 bits always. */
static void modrm_disp(X64Buf *b, unsigned reg, const X64Rm *rm, bool far)
{
	unsigned base = rm->reg & 7, mod;
	bool sib;

	reg = (reg & 7) << 3;
	if (!rm->mem) {
		byte(b, 0xc0 | reg | base);
		return;
	}
	if (rm->reg == X64_RIP) {
		byte(b, reg | 5);
		x64_bytes(b, 0, 4);
		return;
	}
	if (rm->reg == X64_NONE) {
		byte(b, reg | 4);
		byte(b, scale_bits(rm->scale) << 6 |
				(rm->index == X64_NONE ? 4 : rm->index & 7) << 3 | 5);
		x64_bytes(b, (uint32_t)rm->disp, 4);
		return;
	}
	sib = rm->index != X64_NONE || base == X64_RSP;
	mod = far ? 0x80 : !rm->disp && base != X64_RBP ? 0 : x64_fits8(rm->disp) ? 0x40 : 0x80;
	byte(b, mod | reg | (sib ? 4 : base));
	if (sib)
		byte(b, scale_bits(rm->scale) << 6 |
				(rm->index == X64_NONE ? 4 : rm->index & 7) << 3 | base);
	if (mod)
		x64_bytes(b, (uint32_t)rm->disp, mod == 0x40 ? 1 : 4);
}

/* The prefix of a vector instruction. */
static void evex(X64Buf *b, const X64Simd *s, unsigned pp, unsigned reg, unsigned v,
		 const X64Rm *rm)
{
	unsigned x = rm->mem ? high_bit(rm->index) : 0;
	unsigned base = rm->reg == X64_RIP ? 0 : high_bit(rm->reg);

	byte(b, 0x62);
	byte(b, (high_bit(reg) << 7 | x << 6 | base << 5) ^ (0xf0 | s->map));
	byte(b, (unsigned)s->w << 7 | (~v & 15) << 3 | 4 | pp);
	byte(b, s->sae ? 0x18 : 8);
}

static void modrm(X64Buf *b, unsigned reg, const X64Rm *rm)
{
	modrm_disp(b, reg, rm, false);
}

static void simd_prefix(X64Buf *b, const X64Simd *s, unsigned reg, unsigned v, const X64Rm *rm)
{
	unsigned pp = s->pp == 0x66 ? 1 : s->pp == 0xf3 ? 2 : s->pp == 0xf2 ? 3 : 0;
	unsigned x = rm->mem ? high_bit(rm->index) : 0;
	unsigned base = rm->reg == X64_RIP ? 0 : high_bit(rm->reg), rex;

	if (v == X64_NONE)
		v = 0;
	if (s->enc == X64_EVEX) {
		evex(b, s, pp, reg, v, rm);
		return;
	}
	if (s->enc == X64_VEX && s->map == 1 && !s->w && !x && !base) {
		byte(b, 0xc5);
		byte(b, (!high_bit(reg)) << 7 | (~v & 15) << 3 | pp);
		return;
	}
	if (s->enc == X64_VEX) {
		byte(b, 0xc4);
		byte(b, (high_bit(reg) << 7 | x << 6 | base << 5) ^ (0xe0 | s->map));
		byte(b, (unsigned)s->w << 7 | (~v & 15) << 3 | pp);
		return;
	}
	rex = (unsigned)s->w << 3 | high_bit(reg) << 2 | x << 1 | base;
	if (s->pp)
		byte(b, s->pp);
	if (rex)
		byte(b, 0x40 | rex);
	byte(b, 0x0f);
	if (s->map >= 2)
		byte(b, s->map == 2 ? 0x38 : 0x3a);
}

void x64_simd(X64Buf *b, const X64Simd *s, unsigned reg, unsigned v, X64Rm rm)
{
	if (!rm.mem)
		rm.reg &= 15;
	simd_prefix(b, s, reg & 15, v == X64_NONE ? v : v & 15, &rm);
	byte(b, s->op);
	/* Short displacements of EVEX count in other units: it gets long ones. */
	modrm_disp(b, reg & 15, &rm, s->enc == X64_EVEX);
	if (s->has_imm)
		byte(b, s->imm);
}

void x64_simd_bare(X64Buf *b, const X64Simd *s)
{
	X64Rm none = xr(0);

	simd_prefix(b, s, 0, X64_NONE, &none);
	byte(b, s->op);
}

static void vex(X64Buf *b, const Form *f, int w, unsigned reg, unsigned v, const X64Rm *rm)
{
	unsigned pp = f->pp == 0x66 ? 1 : f->pp == 0xf3 ? 2 : f->pp == 0xf2 ? 3 : 0;
	unsigned x = rm->mem ? high_bit(rm->index) : 0;

	byte(b, 0xc4);
	byte(b, (high_bit(reg) << 7 | x << 6 | high_bit(rm->reg) << 5) ^ (0xe0 | f->map));
	byte(b, (unsigned)w << 7 | (~v & 15) << 3 | pp);
}

static void legacy(X64Buf *b, const Form *f, int w, unsigned reg, const X64Rm *rm)
{
	unsigned rex = (unsigned)w << 3 | high_bit(rm->reg);
	bool need = false;

	if (f->digit == R)
		rex |= high_bit(reg) << 2;
	if (rm->mem)
		rex |= high_bit(rm->index) << 1;
	/* SPL, BPL, SIL and DIL instead of AH to BH. */
	if ((f->flags & (B8 | RM8)) && !rm->mem)
		need = rm->reg >= 4;
	if ((f->flags & (B8 | REG8)) && f->digit == R)
		need |= reg >= 4;
	if (f->pp)
		byte(b, f->pp);
	if (rex || need)
		byte(b, 0x40 | rex);
	if (f->map)
		byte(b, 0x0f);
	if (f->map >= 2)
		byte(b, f->map == 2 ? 0x38 : 0x3a);
}

static void emit(X64Buf *b, const Form *f, unsigned add, int w, unsigned reg, unsigned v, X64Rm rm,
		 int64_t imm)
{
	bool short_imm = (f->flags & IX) && x64_fits8(imm);

	if (f->flags & VEX)
		vex(b, f, w, reg & 15, v & 15, &rm);
	else
		legacy(b, f, w, reg & 15, &rm);
	byte(b, (f->op | (short_imm ? 2u : 0)) + add);
	if (!rm.mem)
		rm.reg &= 15;
	modrm(b, f->digit == R ? reg : f->digit, &rm);
	if ((f->flags & I8) || short_imm)
		byte(b, (uint8_t)imm);
	else if (f->flags & I16)
		x64_bytes(b, (uint16_t)imm, 2);
	else if (f->flags & (I32 | IX))
		x64_bytes(b, (uint32_t)imm, 4);
}

void x64_op(X64Buf *b, X64Form f, int w, unsigned reg, X64Rm rm)
{
	emit(b, &forms[f], 0, w, reg, 0, rm, 0);
}

void x64_opi(X64Buf *b, X64Form f, int w, unsigned reg, X64Rm rm, int64_t imm)
{
	emit(b, &forms[f], 0, w, reg, 0, rm, imm);
}

void x64_opv(X64Buf *b, X64Form f, int w, unsigned reg, unsigned v, X64Rm rm)
{
	emit(b, &forms[f], 0, w, reg, v, rm, 0);
}

void x64_setcc(X64Buf *b, X64Cc cc, X64Rm rm)
{
	emit(b, &forms[X64_SETCC], cc, 0, 0, 0, rm, 0);
}

void x64_cmov(X64Buf *b, X64Cc cc, int w, unsigned reg, X64Rm rm)
{
	emit(b, &forms[X64_CMOVCC], cc, w, reg, 0, rm, 0);
}

void x64_mov(X64Buf *b, int w, unsigned reg, X64Rm rm)
{
	if (rm.mem || rm.reg != reg)
		x64_op(b, X64_MOV_RM, w, reg, rm);
}

void x64_mov_k(X64Buf *b, unsigned reg, uint64_t k)
{
	if (k > UINT32_MAX && x64_fits32(k)) {
		x64_opi(b, X64_MOV_I, 1, 0, xr(reg), (int64_t)k);
		return;
	}
	if (k > UINT32_MAX || reg >= 8)
		byte(b, 0x40 | (k > UINT32_MAX) << 3 | reg >> 3);
	byte(b, 0xb8 | (reg & 7));
	x64_bytes(b, k, k > UINT32_MAX ? 8 : 4);
}

void x64_bswap(X64Buf *b, int w, unsigned reg)
{
	if (w || reg >= 8)
		byte(b, 0x40 | (unsigned)w << 3 | reg >> 3);
	byte(b, 0x0f);
	byte(b, 0xc8 | (reg & 7));
}

void x64_push(X64Buf *b, unsigned reg)
{
	if (reg >= 8)
		byte(b, 0x41);
	byte(b, 0x50 | (reg & 7));
}

void x64_pop(X64Buf *b, unsigned reg)
{
	if (reg >= 8)
		byte(b, 0x41);
	byte(b, 0x58 | (reg & 7));
}

uint32_t x64_jmp(X64Buf *b)
{
	byte(b, 0xe9);
	x64_bytes(b, 0, 4);
	return b->n - 4;
}

uint32_t x64_jcc(X64Buf *b, X64Cc cc)
{
	byte(b, 0x0f);
	byte(b, 0x80u | cc);
	x64_bytes(b, 0, 4);
	return b->n - 4;
}

uint32_t x64_call(X64Buf *b)
{
	byte(b, 0xe8);
	x64_bytes(b, 0, 4);
	return b->n - 4;
}

uint32_t x64_jcc8(X64Buf *b, X64Cc cc)
{
	byte(b, 0x70u | cc);
	byte(b, 0);
	return b->n - 1;
}

void x64_here8(X64Buf *b, uint32_t at)
{
	if (!b->full)
		b->p[at] = (uint8_t)(b->n - at - 1);
}

void x64_nop(X64Buf *b, unsigned n)
{
	/* Intel SDM, NOP, recommended sequences. */
	static const uint32_t nops[] = { 0,	     0x90,	 0x9066,     0x001f0f,
					 0x00401f0f, 0x00441f0f, 0x441f0f66, 0x00801f0f };

	x64_bytes(b, nops[n], n);
}
