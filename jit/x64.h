/*
 * x86-64 machine code: registers, operands, one function per shape.  Knows neither IR nor units.
 *
 * Bytes go into a buffer of fixed size; once it is full everything more is dropped and `full` is set,
 * to be looked at once at the end.
 */
#ifndef JIT_X64_H
#define JIT_X64_H

#include "base/bits.h"

/* Vector registers are numbered on behind the others. */
enum {
	X64_RAX,
	X64_RCX,
	X64_RDX,
	X64_RBX,
	X64_RSP,
	X64_RBP,
	X64_RSI,
	X64_RDI,
	X64_R8,
	X64_R9,
	X64_R10,
	X64_R11,
	X64_R12,
	X64_R13,
	X64_R14,
	X64_R15,
	X64_XMM0,
	X64_REGS = 32,
	X64_RIP = 0xfe, /* as a base: the distance is filled in later */
	X64_NONE = 0xff,
};

typedef enum X64Cc {
	X64_O,
	X64_NO,
	X64_B,
	X64_AE,
	X64_E,
	X64_NE,
	X64_BE,
	X64_A,
	X64_S,
	X64_NS,
	X64_P,
	X64_NP,
	X64_L,
	X64_GE,
	X64_LE,
	X64_G,
} X64Cc;

typedef enum X64Form {
#define X64(name, pp, map, op, digit, flags) X64_##name,
#include "jit/x64.def"
	X64_FORMS
} X64Form;

typedef struct X64Buf {
	uint8_t *p;
	uint32_t n, room;
	bool full;
	/* The instruction that ends at alu_at left flags of what is in alu_reg (alu_w: all 64 bits of it). */
	uint32_t alu_at;
	uint8_t alu_reg, alu_w;
} X64Buf;

/* A register, or memory at base + index * scale + disp (base, index: X64_NONE: none). */
typedef struct X64Rm {
	bool mem;
	uint8_t reg, index, scale; /* reg: the register or the base */
	int32_t disp;
} X64Rm;

static inline X64Rm xr(unsigned reg)
{
	return (X64Rm){ .reg = (uint8_t)reg };
}

static inline X64Rm xm(unsigned base, int64_t disp)
{
	return (X64Rm){ .mem = true,
			.reg = (uint8_t)base,
			.index = X64_NONE,
			.scale = 1,
			.disp = (int32_t)disp };
}

static inline X64Rm xmi(unsigned base, unsigned index, unsigned scale, int64_t disp)
{
	return (X64Rm){ .mem = true,
			.reg = (uint8_t)base,
			.index = (uint8_t)index,
			.scale = (uint8_t)scale,
			.disp = (int32_t)disp };
}

/* Widths: 0 for 32 bits, 1 for 64.  reg is not looked at when the form has a digit. */
void x64_op(X64Buf *b, X64Form f, int w, unsigned reg, X64Rm rm);
void x64_opi(X64Buf *b, X64Form f, int w, unsigned reg, X64Rm rm, int64_t imm);
/* VEX forms with three registers: v is the one in the prefix. */
void x64_opv(X64Buf *b, X64Form f, int w, unsigned reg, unsigned v, X64Rm rm);
/* How an instruction of vectors is encoded; with its immediate if there is one. */
typedef enum X64Enc { X64_LEGACY, X64_VEX, X64_EVEX } X64Enc;
typedef struct X64Simd {
	uint8_t enc, pp, map, op, w;
	bool has_imm, sae; /* sae: 512 bits, rounded to nearest, no exceptions; registers */
	uint8_t imm;
} X64Simd;
/* 128 bits wide; reg: a register or a digit, v: the one in the prefix (not legacy; X64_NONE: none). */
void x64_simd(X64Buf *b, const X64Simd *s, unsigned reg, unsigned v, X64Rm rm);
/* An instruction without operands. */
void x64_simd_bare(X64Buf *b, const X64Simd *s);
void x64_setcc(X64Buf *b, X64Cc cc, X64Rm rm);
void x64_cmov(X64Buf *b, X64Cc cc, int w, unsigned reg, X64Rm rm);

/* reg = rm; nothing for a register and itself. */
void x64_mov(X64Buf *b, int w, unsigned reg, X64Rm rm);
/* reg = k in the shortest way that leaves the flags alone. */
void x64_mov_k(X64Buf *b, unsigned reg, uint64_t k);
void x64_bswap(X64Buf *b, int w, unsigned reg);
void x64_push(X64Buf *b, unsigned reg);
void x64_pop(X64Buf *b, unsigned reg);
/* Jumps and calls over a distance that is filled in later; returns where. */
uint32_t x64_jmp(X64Buf *b);
uint32_t x64_jcc(X64Buf *b, X64Cc cc);
uint32_t x64_call(X64Buf *b);
/* Short jumps forward; ended by x64_here(). */
uint32_t x64_jcc8(X64Buf *b, X64Cc cc);
void x64_here8(X64Buf *b, uint32_t at);
/* Bytes as they are, the lowest first; behind 8 of them zeros. */
void x64_bytes(X64Buf *b, uint64_t v, unsigned n);
/* n bytes, 0 to 7, that do nothing, as one instruction. */
void x64_nop(X64Buf *b, unsigned n);

static inline bool x64_fits32(uint64_t k)
{
	return (int64_t)k == (int32_t)k;
}

static inline bool x64_fits8(int64_t k)
{
	return k == (int8_t)k;
}

#endif
