/*
 * Fixed-point loads and stores, as ex_ldst.c does them, as IR.
 *
 * Invalid update forms are performed: RT gets the datum, then RA the address.
 */
#include "target-ppc/exec.h"
#include "target-ppc/tr.h"

/* What a load or store is like: size in bytes and IR_MEM_SX, or in reversed byte order. */
enum { SX = 0x100, REVERSED = 0x200 };

static uint32_t mem_of(const Tr *t, unsigned how)
{
	return tr_mem(t, how & 0xff, how & REVERSED) | (how & SX ? IR_MEM_SX : 0);
}

static bool load(Tr *t, unsigned rt, IrRef ea, unsigned how)
{
	tr_put_gpr(t, rt, ir_ld(t->ir, IR_LD, mem_of(t, how), ea));
	return true;
}

static bool store(Tr *t, unsigned rs, IrRef ea, unsigned how)
{
	ir_st(t->ir, IR_ST, mem_of(t, how), ea, tr_gpr(t, rs));
	return true;
}

/*
 * Families: plain, with update, indexed, both.
 *	TR_LOAD(name, operand with the displacement, size and kind)
 */
#define TR_ACCESS(name, access, reg, BASE, OFFSET, how)                                            \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		return access(t, op->reg, tr_ea(t, tr_gpr(t, op->BASE), (OFFSET)), how);           \
	}
#define TR_UPDATE(name, access, reg, OFFSET, how)                                                  \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef ea = tr_ea(t, tr_gpr(t, op->RA), (OFFSET));                                  \
                                                                                                   \
		access(t, op->reg, ea, how);                                                       \
		tr_put_gpr(t, op->RA, ea);                                                         \
		return true;                                                                       \
	}
#define DISP(D) tr_k(t, (uint64_t)op->D)
#define INDEX tr_gpr(t, op->RB)
#define TR_LOAD(name, D, how) TR_ACCESS(name, load, RT, RA0, DISP(D), how)
#define TR_LOADU(name, D, how) TR_UPDATE(name, load, RT, DISP(D), how)
#define TR_LOADX(name, how) TR_ACCESS(name, load, RT, RA0, INDEX, how)
#define TR_LOADUX(name, how) TR_UPDATE(name, load, RT, INDEX, how)
#define TR_STORE(name, D, how) TR_ACCESS(name, store, RS, RA0, DISP(D), how)
#define TR_STOREU(name, D, how) TR_UPDATE(name, store, RS, DISP(D), how)
#define TR_STOREX(name, how) TR_ACCESS(name, store, RS, RA0, INDEX, how)
#define TR_STOREUX(name, how) TR_UPDATE(name, store, RS, INDEX, how)

TR_LOAD(lbz, D, 1)
TR_LOADU(lbzu, D, 1)
TR_LOADX(lbzx, 1)
TR_LOADUX(lbzux, 1)
TR_LOAD(lhz, D, 2)
TR_LOADU(lhzu, D, 2)
TR_LOADX(lhzx, 2)
TR_LOADUX(lhzux, 2)
TR_LOAD(lha, D, 2 | SX)
TR_LOADU(lhau, D, 2 | SX)
TR_LOADX(lhax, 2 | SX)
TR_LOADUX(lhaux, 2 | SX)
TR_LOAD(lwz, D, 4)
TR_LOADU(lwzu, D, 4)
TR_LOADX(lwzx, 4)
TR_LOADUX(lwzux, 4)
TR_LOAD(lwa, DS, 4 | SX)
TR_LOADX(lwax, 4 | SX)
TR_LOADUX(lwaux, 4 | SX)
TR_LOAD(ld, DS, 8)
TR_LOADU(ldu, DS, 8)
TR_LOADX(ldx, 8)
TR_LOADUX(ldux, 8)
TR_LOADX(lhbrx, 2 | REVERSED)
TR_LOADX(lwbrx, 4 | REVERSED)
TR_LOADX(ldbrx, 8 | REVERSED)

TR_STORE(stb, D, 1)
TR_STOREU(stbu, D, 1)
TR_STOREX(stbx, 1)
TR_STOREUX(stbux, 1)
TR_STORE(sth, D, 2)
TR_STOREU(sthu, D, 2)
TR_STOREX(sthx, 2)
TR_STOREUX(sthux, 2)
TR_STORE(stw, D, 4)
TR_STOREU(stwu, D, 4)
TR_STOREX(stwx, 4)
TR_STOREUX(stwux, 4)
TR_STORE(std, DS, 8)
TR_STOREU(stdu, DS, 8)
TR_STOREX(stdx, 8)
TR_STOREUX(stdux, 8)
TR_STOREX(sthbrx, 2 | REVERSED)
TR_STOREX(stwbrx, 4 | REVERSED)
TR_STOREX(stdbrx, 8 | REVERSED)

TR_LOADX(lbzcix, 1)
TR_LOADX(lhzcix, 2)
TR_LOADX(lwzcix, 4)
TR_LOADX(ldcix, 8)
TR_STOREX(stbcix, 1)
TR_STOREX(sthcix, 2)
TR_STOREX(stwcix, 4)
TR_STOREX(stdcix, 8)

/* Prefixed: 34 bits of displacement, from (RA|0) or from the instruction itself. */
#define TR_PREFIXED(name, access, reg, how)                                                        \
	bool tr_##name(Tr *t, const PpcOp *op)                                                     \
	{                                                                                          \
		IrRef base = op->R ? tr_cia(t, 0) : tr_gpr(t, op->RA0);                            \
                                                                                                   \
		return access(t, op->reg, tr_ea(t, base, DISP(D34)), how);                         \
	}
TR_PREFIXED(plbz, load, RT, 1)
TR_PREFIXED(plhz, load, RT, 2)
TR_PREFIXED(plha, load, RT, 2 | SX)
TR_PREFIXED(plwz, load, RT, 4)
TR_PREFIXED(plwa, load, RT, 4 | SX)
TR_PREFIXED(pld, load, RT, 8)
TR_PREFIXED(pstb, store, RS, 1)
TR_PREFIXED(psth, store, RS, 2)
TR_PREFIXED(pstw, store, RS, 4)
TR_PREFIXED(pstd, store, RS, 8)

/* Of 16 bytes as the host has them the doubleword that the guest has in the upper (lower) half. */
static IrRef half(Tr *t, IrRef v, bool upper)
{
	if (t->le)
		return ir_emit(t->ir, IR_VTOI, upper, v, 0, 0, 0);
	v = ir_emit(t->ir, IR_VTOI, !upper, v, 0, 0, 0);
	return ir_emit(t->ir, IR_BSWAP64, 0, v, 0, 0, 0);
}

/* Quadwords, whose halves are two registers of a pair; one access. */
static bool load_quad(Tr *t, IrRef ea, unsigned upper, unsigned lower)
{
	IrRef v;

	tr_redo_if(t, IR_TEST, ea, tr_k(t, 15));
	v = ir_ld(t->ir, IR_LDV, IR_MEM_16 | (t->high ? IR_MEM_HIGH : 0), ea);
	tr_put_gpr(t, upper, half(t, v, true));
	tr_put_gpr(t, lower, half(t, v, false));
	return true;
}

static bool store_quad(Tr *t, IrRef ea, unsigned upper, unsigned lower)
{
	IrRef a = tr_gpr(t, upper), b = tr_gpr(t, lower);

	tr_redo_if(t, IR_TEST, ea, tr_k(t, 15));
	if (t->le) {
		a = ir_emit(t->ir, IR_ITOV, 0, a, b, 0, 0);
	} else {
		a = ir_emit(t->ir, IR_BSWAP64, 0, a, 0, 0, 0);
		b = ir_emit(t->ir, IR_BSWAP64, 0, b, 0, 0, 0);
		a = ir_emit(t->ir, IR_ITOV, 0, b, a, 0, 0);
	}
	ir_st(t->ir, IR_STV, IR_MEM_16 | (t->high ? IR_MEM_HIGH : 0), ea, a);
	return true;
}

bool tr_lq(Tr *t, const PpcOp *op)
{
	IrRef ea = tr_ea(t, tr_gpr(t, op->RA0), DISP(DQ));

	return load_quad(t, ea, op->RTp, op->RTp + 1u);
}

bool tr_stq(Tr *t, const PpcOp *op)
{
	IrRef ea = tr_ea(t, tr_gpr(t, op->RA0), DISP(DS));

	return store_quad(t, ea, op->RSp, op->RSp + 1u);
}

/* Prefixed: the even register's bytes are at the lower address in either byte order. */
bool tr_plq(Tr *t, const PpcOp *op)
{
	IrRef base = op->R ? tr_cia(t, 0) : tr_gpr(t, op->RA0);

	return load_quad(t, tr_ea(t, base, DISP(D34)), op->RTp + t->le, op->RTp + !t->le);
}

bool tr_pstq(Tr *t, const PpcOp *op)
{
	IrRef base = op->R ? tr_cia(t, 0) : tr_gpr(t, op->RA0);

	return store_quad(t, tr_ea(t, base, DISP(D34)), op->RSp + t->le, op->RSp + !t->le);
}

/*
 * Multiples in big-endian mode: word by word inside one page, where what the first may all may.
 * Classic models want them on word boundaries.  *ea of the first; false: never here.
 */
static bool words(Tr *t, const PpcOp *op, unsigned n, IrRef *ea)
{
	IrRef at = tr_ea(t, tr_gpr(t, op->RA0), DISP(D));

	if (t->mode & PPC_MODE_LE)
		return false;
	if (t->cpu->features & PPC_F_CLS)
		tr_redo_if(t, IR_TEST, at, tr_k(t, 3));
	tr_redo_if(t, IR_GTU, ir_and(t->ir, at, tr_k(t, 0xfff)), tr_k(t, 0x1000 - 4 * n));
	*ea = at;
	return true;
}

bool tr_lmw(Tr *t, const PpcOp *op)
{
	unsigned n = 32 - op->RT;
	IrRef ea, v[32];

	if (!words(t, op, n, &ea))
		return false;
	for (unsigned i = 0; i < n; i++)
		v[i] = ir_ld(t->ir, IR_LD, mem_of(t, 4), ir_add(t->ir, ea, tr_k(t, 4 * i)));
	for (unsigned i = 0; i < n; i++)
		tr_put_gpr(t, op->RT + i, v[i]);
	return true;
}

/* Should a store go to the interpreter after others were done, it stores the same again. */
bool tr_stmw(Tr *t, const PpcOp *op)
{
	unsigned n = 32 - op->RS;
	IrRef ea;

	if (!words(t, op, n, &ea))
		return false;
	for (unsigned i = 0; i < n; i++)
		ir_st(t->ir, IR_ST, mem_of(t, 4), ir_add(t->ir, ea, tr_k(t, 4 * i)),
		      tr_gpr(t, op->RS + i));
	return true;
}

/* Strings, four bytes to a register, what is left from the left: inside one page of big-endian mode. */
static bool string(Tr *t, const PpcOp *op, unsigned n, IrRef *ea)
{
	IrRef at = tr_ea(t, tr_gpr(t, op->RA0), tr_k(t, 0));

	if (t->mode & PPC_MODE_LE)
		return false;
	tr_redo_if(t, IR_GTU, ir_and(t->ir, at, tr_k(t, 0xfff)), tr_k(t, 0x1000 - n));
	*ea = at;
	return true;
}

static IrRef string_load(Tr *t, IrRef ea, unsigned at, unsigned n)
{
	return ir_ld(t->ir, IR_LD, mem_of(t, n), ir_add(t->ir, ea, tr_k(t, at)));
}

static void string_store(Tr *t, IrRef ea, unsigned at, unsigned n, IrRef v)
{
	v = ir_shr(t->ir, v, tr_k(t, 8 * (4 - n)));
	ir_st(t->ir, IR_ST, mem_of(t, n), ir_add(t->ir, ea, tr_k(t, at)), v);
}

bool tr_lswi(Tr *t, const PpcOp *op)
{
	unsigned n = op->NB ? op->NB : 32, whole = n & ~3u, count = 0;
	IrRef ea, v[8], last = 0;

	if (!string(t, op, n, &ea))
		return false;
	for (unsigned i = 0; i < whole; i += 4)
		v[count++] = string_load(t, ea, i, 4);
	if (n & 2)
		last = ir_shl(t->ir, string_load(t, ea, whole, 2), tr_k(t, 16));
	if (n & 1) {
		IrRef b = string_load(t, ea, n - 1, 1);

		b = ir_shl(t->ir, b, tr_k(t, n & 2 ? 8 : 24));
		last = last ? ir_or(t->ir, last, b) : b;
	}
	if (last)
		v[count++] = last;
	for (unsigned i = 0; i < count; i++)
		tr_put_gpr(t, (op->RT + i) & 31, v[i]);
	return true;
}

/* As stmw. */
bool tr_stswi(Tr *t, const PpcOp *op)
{
	unsigned n = op->NB ? op->NB : 32, whole = n & ~3u;
	IrRef ea, v;

	if (!string(t, op, n, &ea))
		return false;
	for (unsigned i = 0; i < whole; i += 4)
		string_store(t, ea, i, 4, tr_gpr(t, (op->RS + i / 4) & 31));
	v = tr_gpr(t, (op->RS + whole / 4) & 31);
	if (n & 2)
		string_store(t, ea, whole, 2, ir_zx32(t->ir, v));
	if (n & 1) {
		v = n & 2 ? ir_shl(t->ir, v, tr_k(t, 16)) : v;
		string_store(t, ea, n - 1, 1, ir_zx32(t->ir, v));
	}
	return true;
}
