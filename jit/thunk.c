/*
 * Code that all units of an arena share: the way in, the way out, and calls to jit_slow() and jit_redo() with
 * all registers saved.  Calling convention: System V ABI for AMD64, 3.2.
 */
#include "base/log.h"
#include "jit/jit_int.h"

enum { SAVE = JIT_SPILLS * 8, FRAME = SAVE + sizeof(JitSave) + 8 };
_Static_assert(FRAME % 16 == 8, "rsp is a multiple of 16 in units");

static const uint8_t kept[] = { X64_RBX, X64_RBP, X64_R12, X64_R13, X64_R14, X64_R15 };
static const uint8_t saved[] = { X64_RDX, X64_RBX, X64_RSI, X64_RDI, X64_R8,
				 X64_R9,  X64_R10, X64_R11, X64_R12, X64_R13 };
enum { FIRST_XMM = X64_XMM0 + 2 };

static void enter(X64Buf *b, const JitTarget *t)
{
	for (unsigned i = 0; i < ARRAY_LEN(kept); i++)
		x64_push(b, kept[i]);
	x64_opi(b, X64_SUB_I, 1, 0, xr(X64_RSP), FRAME);
	x64_mov(b, 1, X64_RBP, xr(X64_RDI));
	x64_mov(b, 1, X64_R14, xr(X64_RDX));
	x64_mov(b, 1, X64_R15, xm(X64_RBP, t->budget - t->bias));
	x64_op(b, X64_JMP_M, 0, 0, xr(X64_RSI));
}

/* Returns where to jump to when the budget is in env already. */
static uint32_t leave(X64Buf *b, const JitTarget *t)
{
	uint32_t stored;

	x64_op(b, X64_MOV_MR, 1, X64_R15, xm(X64_RBP, t->budget - t->bias));
	stored = b->n;
	x64_opi(b, X64_ADD_I, 1, 0, xr(X64_RSP), FRAME);
	for (unsigned i = ARRAY_LEN(kept); i--;)
		x64_pop(b, kept[i]);
	x64_bytes(b, 0xc3, 1); /* ret */
	return stored;
}

static void all_registers(X64Buf *b, bool store, bool vectors, unsigned at)
{
	for (unsigned i = 0; i < ARRAY_LEN(saved); i++)
		x64_op(b, store ? X64_MOV_MR : X64_MOV_RM, 1, saved[i],
		       xm(X64_RSP, at + offsetof(JitSave, gpr) + 8u * saved[i]));
	for (unsigned r = FIRST_XMM; vectors && r < X64_REGS; r++)
		x64_op(b, store ? X64_MOVUPS_MR : X64_MOVUPS_RM, 0, r,
		       xm(X64_RSP, at + offsetof(JitSave, xmm) + 16u * (r - X64_XMM0)));
}

/* Calls fn(env, rax, save, target) with the return addresses of `depth` calls on the stack. */
static void call_c(X64Buf *b, const JitTarget *t, bool vectors, unsigned depth, uintptr_t fn)
{
	all_registers(b, true, vectors, SAVE + 8 * depth);
	x64_op(b, X64_MOV_MR, 1, X64_R15, xm(X64_RBP, t->budget - t->bias));
	x64_op(b, X64_LEA, 1, X64_RDI, xm(X64_RBP, -t->bias));
	x64_mov(b, 1, X64_RSI, xr(X64_RAX));
	x64_op(b, X64_LEA, 1, X64_RDX, xm(X64_RSP, SAVE + 8 * (int64_t)depth));
	x64_mov_k(b, X64_RCX, (uintptr_t)t);
	if (depth % 2)
		x64_opi(b, X64_SUB_I, 1, 0, xr(X64_RSP), 8);
	x64_mov_k(b, X64_RAX, fn);
	x64_op(b, X64_CALL_M, 0, 0, xr(X64_RAX));
	if (depth % 2)
		x64_opi(b, X64_ADD_I, 1, 0, xr(X64_RSP), 8);
}

static void jump(X64Buf *b, uint32_t to)
{
	uint32_t at = x64_jmp(b), d = to - (at + 4);

	if (!b->full)
		memcpy(b->p + at, &d, 4);
}

static void slow(X64Buf *b, const JitTarget *t, bool vectors, uint32_t stored)
{
	uint32_t fail;

	call_c(b, t, vectors, 1, (uintptr_t)jit_slow);
	x64_op(b, X64_TEST_MR, 1, X64_RAX, xr(X64_RAX));
	fail = x64_jcc8(b, X64_E);
	x64_opi(b, X64_ADD_I, 1, 0, xr(X64_RSP), 8);
	jump(b, stored);
	x64_here8(b, fail);
	all_registers(b, false, vectors, SAVE + 8);
	x64_bytes(b, 0xc3, 1);
}

static void redo(X64Buf *b, const JitTarget *t, bool vectors, uint32_t stored)
{
	call_c(b, t, vectors, 0, (uintptr_t)jit_redo);
	jump(b, stored);
}

static void low(X64Buf *b, const JitTarget *t, uint8_t tag)
{
	x64_op(b, X64_ADD_RM, 1, X64_RCX, xm(X64_RBP, t->tlb.table[0] - t->bias));
	x64_op(b, X64_CMP_RM, 1, X64_RAX, xm(X64_RCX, t->tlb.first + tag));
	x64_op(b, X64_MOV_RM, 1, X64_RCX, xm(X64_RCX, t->tlb.first + t->tlb.addend));
	x64_bytes(b, 0xc3, 1);
}

void jit_thunks_make(Jit *j)
{
	const JitTarget *t = j->target;
	X64Buf b = { .p = j->rw, .room = (uint32_t)MIN(j->bytes, 8192) };
	JitThunks *k = &j->thunks;
	uint32_t stored;

	k->enter = b.n;
	enter(&b, t);
	k->leave = b.n;
	stored = leave(&b, t);
	k->redo = b.n;
	redo(&b, t, false, stored);
	k->redo_v = b.n;
	redo(&b, t, true, stored);
	k->slow = b.n;
	slow(&b, t, false, stored);
	k->slow_v = b.n;
	slow(&b, t, true, stored);
	k->low_rd = b.n;
	low(&b, t, t->tlb.rd);
	k->low_wr = b.n;
	low(&b, t, t->tlb.wr);
	k->end = b.n;
	if (b.full)
		bug("jit: no room for thunks");
}
