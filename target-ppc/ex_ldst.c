/*
 * Fixed-point loads and stores: Power ISA 3.0B book I 3.3.2 to 3.3.6, and
 * the caching-inhibited ones of book III 4.4.1 (which here differ from
 * plain loads only in their privilege).
 *
 * Invalid update forms (RA = 0, RA = RT) are performed: RT gets the datum,
 * then RA the address.  Accesses of any alignment are done; an alignment
 * interrupt comes only where the book demands one: multiples and strings in
 * little-endian mode, and quadwords that are not on a quadword boundary.
 */
#include "target-ppc/exec.h"

/* Families: plain and indexed, with and without update. */
#define EX_LOAD(name, DISP, load)                                                                  \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DISP);                 \
                                                                                                   \
		cpu->gpr[op->RT] = (load);                                                         \
	}
#define EX_LOADU(name, DISP, load)                                                                 \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA] + (uint64_t)op->DISP);                  \
                                                                                                   \
		cpu->gpr[op->RT] = (load);                                                         \
		cpu->gpr[op->RA] = ea;                                                             \
	}
#define EX_LOADX(name, load)                                                                       \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);                   \
                                                                                                   \
		cpu->gpr[op->RT] = (load);                                                         \
	}
#define EX_LOADUX(name, load)                                                                      \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA] + cpu->gpr[op->RB]);                    \
                                                                                                   \
		cpu->gpr[op->RT] = (load);                                                         \
		cpu->gpr[op->RA] = ea;                                                             \
	}
#define EX_STORE(name, DISP, store)                                                                \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DISP);                 \
		uint64_t s = cpu->gpr[op->RS];                                                     \
                                                                                                   \
		store;                                                                             \
	}
#define EX_STOREU(name, DISP, store)                                                               \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA] + (uint64_t)op->DISP);                  \
		uint64_t s = cpu->gpr[op->RS];                                                     \
                                                                                                   \
		store;                                                                             \
		cpu->gpr[op->RA] = ea;                                                             \
	}
#define EX_STOREX(name, store)                                                                     \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);                   \
		uint64_t s = cpu->gpr[op->RS];                                                     \
                                                                                                   \
		store;                                                                             \
	}
#define EX_STOREUX(name, store)                                                                    \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA] + cpu->gpr[op->RB]);                    \
		uint64_t s = cpu->gpr[op->RS];                                                     \
                                                                                                   \
		store;                                                                             \
		cpu->gpr[op->RA] = ea;                                                             \
	}

#define LBZ ppc_ld8(cpu, ea)
#define LHZ ppc_ld16(cpu, ea)
#define LHA (uint64_t)(int64_t)(int16_t)ppc_ld16(cpu, ea)
#define LWZ ppc_ld32(cpu, ea)
#define LWA (uint64_t)(int64_t)(int32_t)ppc_ld32(cpu, ea)
#define LD ppc_ld64(cpu, ea)
#define STB ppc_st8(cpu, ea, (uint8_t)s)
#define STH ppc_st16(cpu, ea, (uint16_t)s)
#define STW ppc_st32(cpu, ea, (uint32_t)s)
#define STD ppc_st64(cpu, ea, s)

EX_LOAD(lbz, D, LBZ)
EX_LOADU(lbzu, D, LBZ)
EX_LOADX(lbzx, LBZ)
EX_LOADUX(lbzux, LBZ)
EX_LOAD(lhz, D, LHZ)
EX_LOADU(lhzu, D, LHZ)
EX_LOADX(lhzx, LHZ)
EX_LOADUX(lhzux, LHZ)
EX_LOAD(lha, D, LHA)
EX_LOADU(lhau, D, LHA)
EX_LOADX(lhax, LHA)
EX_LOADUX(lhaux, LHA)
EX_LOAD(lwz, D, LWZ)
EX_LOADU(lwzu, D, LWZ)
EX_LOADX(lwzx, LWZ)
EX_LOADUX(lwzux, LWZ)
EX_LOAD(lwa, DS, LWA)
EX_LOADX(lwax, LWA)
EX_LOADUX(lwaux, LWA)
EX_LOAD(ld, DS, LD)
EX_LOADU(ldu, DS, LD)
EX_LOADX(ldx, LD)
EX_LOADUX(ldux, LD)
EX_LOADX(lhbrx, bswap16(LHZ))
EX_LOADX(lwbrx, bswap32(LWZ))
EX_LOADX(ldbrx, bswap64(LD))

EX_STORE(stb, D, STB)
EX_STOREU(stbu, D, STB)
EX_STOREX(stbx, STB)
EX_STOREUX(stbux, STB)
EX_STORE(sth, D, STH)
EX_STOREU(sthu, D, STH)
EX_STOREX(sthx, STH)
EX_STOREUX(sthux, STH)
EX_STORE(stw, D, STW)
EX_STOREU(stwu, D, STW)
EX_STOREX(stwx, STW)
EX_STOREUX(stwux, STW)
EX_STORE(std, DS, STD)
EX_STOREU(stdu, DS, STD)
EX_STOREX(stdx, STD)
EX_STOREUX(stdux, STD)
EX_STOREX(sthbrx, ppc_st16(cpu, ea, bswap16((uint16_t)s)))
EX_STOREX(stwbrx, ppc_st32(cpu, ea, bswap32((uint32_t)s)))
EX_STOREX(stdbrx, ppc_st64(cpu, ea, bswap64(s)))

EX_LOADX(lbzcix, LBZ)
EX_LOADX(lhzcix, LHZ)
EX_LOADX(lwzcix, LWZ)
EX_LOADX(ldcix, LD)
EX_STOREX(stbcix, STB)
EX_STOREX(sthcix, STH)
EX_STOREX(stwcix, STW)
EX_STOREX(stdcix, STD)

/*
 * Quadword (book I 3.3.4): one number of 16 bytes, its upper half in the even
 * register; in little-endian mode that half lies at the higher address.
 */
void ex_lq(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DQ);
	u128 v;

	if (ea & 15)
		ppc_raise_alignment(cpu, ea);
	v = ppc_ld128(cpu, ea);
	cpu->gpr[op->RTp] = (uint64_t)(v >> 64);
	cpu->gpr[op->RTp + 1] = (uint64_t)v;
}

void ex_stq(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DS);

	if (ea & 15)
		ppc_raise_alignment(cpu, ea);
	ppc_st128(cpu, ea, (u128)cpu->gpr[op->RSp] << 64 | cpu->gpr[op->RSp + 1]);
}

/* Multiples and strings are for big-endian mode only. */
static inline void no_le(PpcCpu *cpu, uint64_t ea)
{
	if (cpu->msr & MSR_LE)
		ppc_raise_alignment(cpu, ea);
}

/* Classic models want multiples on word boundaries (each manual 4.5.6). */
static inline void words(PpcCpu *cpu, uint64_t ea)
{
	no_le(cpu, ea);
	if ((ea & 3) && (cpu->features & PPC_F_CLS))
		ppc_raise_alignment(cpu, ea);
}

/* A lmw that loads its own base (invalid) loads it like any other. */
void ex_lmw(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->D);
	unsigned n = 32 - op->RT;
	uint8_t buf[128];

	words(cpu, ea);
	ppc_ld_bytes(cpu, ea, buf, 4 * n);
	for (unsigned i = 0; i < n; i++)
		cpu->gpr[op->RT + i] = ld32_be(buf + 4 * i);
}

void ex_stmw(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->D);
	unsigned n = 32 - op->RS;
	uint8_t buf[128];

	words(cpu, ea);
	for (unsigned i = 0; i < n; i++)
		st32_be(buf + 4 * i, (uint32_t)cpu->gpr[op->RS + i]);
	ppc_st_bytes(cpu, ea, buf, 4 * n);
}

/* n (0..127) bytes, four to a register, left to right; r31 is followed by r0. */
static void load_string(PpcCpu *cpu, unsigned rt, uint64_t ea, unsigned n)
{
	uint8_t buf[128] = { 0 };

	no_le(cpu, ea);
	if (n == 0)
		return; /* RT is undefined: left alone */
	ppc_ld_bytes(cpu, ea, buf, n);
	for (unsigned i = 0; i < n; i += 4)
		cpu->gpr[(rt + i / 4) & 31] = ld32_be(buf + i);
}

static void store_string(PpcCpu *cpu, unsigned rs, uint64_t ea, unsigned n)
{
	uint8_t buf[128];

	no_le(cpu, ea);
	if (n == 0)
		return;
	for (unsigned i = 0; i < n; i += 4)
		st32_be(buf + i, (uint32_t)cpu->gpr[(rs + i / 4) & 31]);
	ppc_st_bytes(cpu, ea, buf, n);
}

void ex_lswi(PpcCpu *cpu, const PpcOp *op)
{
	load_string(cpu, op->RT, ppc_ea(cpu, cpu->gpr[op->RA0]), op->NB ? op->NB : 32);
}

void ex_stswi(PpcCpu *cpu, const PpcOp *op)
{
	store_string(cpu, op->RS, ppc_ea(cpu, cpu->gpr[op->RA0]), op->NB ? op->NB : 32);
}

void ex_lswx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);

	load_string(cpu, op->RT, ea, cpu->xer.count & 127);
}

void ex_stswx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);

	store_string(cpu, op->RS, ea, cpu->xer.count & 127);
}
