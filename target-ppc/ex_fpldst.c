/*
 * Floating-point loads and stores: Power ISA 3.0B book I, 4.6.2 to 4.6.4.
 * Singles are widened and narrowed bit by bit, without arithmetic: signaling
 * NaNs and denormal numbers pass unharmed.
 */
#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"

static inline uint64_t fpr(const PpcCpu *cpu, unsigned n)
{
	return VSR_D(cpu->vsr[n], 0);
}

static inline void set_fpr(PpcCpu *cpu, unsigned n, uint64_t v)
{
	cpu->vsr[n].q = (u128)v << 64;
}

/* Classic models want floating-point operands on word boundaries (each manual 4.5.6). */
static inline uint64_t words(PpcCpu *cpu, uint64_t ea)
{
	if (unlikely(ea & 3) && (cpu->features & PPC_F_CLS))
		ppc_raise_alignment(cpu, ea);
	return ea;
}

static inline uint64_t ea_d(PpcCpu *cpu, uint64_t base, const PpcOp *op)
{
	return words(cpu, ppc_ea(cpu, base + (uint64_t)op->D));
}

static inline uint64_t ea_x(PpcCpu *cpu, uint64_t base, const PpcOp *op)
{
	return words(cpu, ppc_ea(cpu, base + cpu->gpr[op->RB]));
}

/* The four forms of a load; value is an expression of cpu and ea. */
#define EX_LOAD(name, value)                                                                       \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ea_d(cpu, cpu->gpr[op->RA0], op);                                    \
                                                                                                   \
		set_fpr(cpu, op->FRT, value);                                                      \
	}                                                                                          \
	void ex_##name##u(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		uint64_t ea = ea_d(cpu, cpu->gpr[op->RA], op);                                     \
                                                                                                   \
		set_fpr(cpu, op->FRT, value);                                                      \
		cpu->gpr[op->RA] = ea;                                                             \
	}                                                                                          \
	void ex_##name##x(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		uint64_t ea = ea_x(cpu, cpu->gpr[op->RA0], op);                                    \
                                                                                                   \
		set_fpr(cpu, op->FRT, value);                                                      \
	}                                                                                          \
	void ex_##name##ux(PpcCpu *cpu, const PpcOp *op)                                           \
	{                                                                                          \
		uint64_t ea = ea_x(cpu, cpu->gpr[op->RA], op);                                     \
                                                                                                   \
		set_fpr(cpu, op->FRT, value);                                                      \
		cpu->gpr[op->RA] = ea;                                                             \
	}

EX_LOAD(lfs, sf_lfs(ppc_ld32(cpu, ea)))
EX_LOAD(lfd, ppc_ld64(cpu, ea))
#undef EX_LOAD

/* The four forms of a store; store is a function of cpu, ea and a FPR's value. */
#define EX_STORE(name, store)                                                                      \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t ea = ea_d(cpu, cpu->gpr[op->RA0], op);                                    \
                                                                                                   \
		store(cpu, ea, fpr(cpu, op->FRS));                                                 \
	}                                                                                          \
	void ex_##name##u(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		uint64_t ea = ea_d(cpu, cpu->gpr[op->RA], op);                                     \
                                                                                                   \
		store(cpu, ea, fpr(cpu, op->FRS));                                                 \
		cpu->gpr[op->RA] = ea;                                                             \
	}                                                                                          \
	void ex_##name##x(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		uint64_t ea = ea_x(cpu, cpu->gpr[op->RA0], op);                                    \
                                                                                                   \
		store(cpu, ea, fpr(cpu, op->FRS));                                                 \
	}                                                                                          \
	void ex_##name##ux(PpcCpu *cpu, const PpcOp *op)                                           \
	{                                                                                          \
		uint64_t ea = ea_x(cpu, cpu->gpr[op->RA], op);                                     \
                                                                                                   \
		store(cpu, ea, fpr(cpu, op->FRS));                                                 \
		cpu->gpr[op->RA] = ea;                                                             \
	}

static inline void store_single(PpcCpu *cpu, uint64_t ea, uint64_t v)
{
	ppc_st32(cpu, ea, sf_stfs(v));
}

EX_STORE(stfs, store_single)
EX_STORE(stfd, ppc_st64)
#undef EX_STORE

void ex_stfiwx(PpcCpu *cpu, const PpcOp *op)
{
	ppc_st32(cpu, ea_x(cpu, cpu->gpr[op->RA0], op), (uint32_t)fpr(cpu, op->FRS));
}

void ex_lfiwax(PpcCpu *cpu, const PpcOp *op)
{
	int32_t v = (int32_t)ppc_ld32(cpu, ea_x(cpu, cpu->gpr[op->RA0], op));

	set_fpr(cpu, op->FRT, (uint64_t)(int64_t)v);
}

void ex_lfiwzx(PpcCpu *cpu, const PpcOp *op)
{
	set_fpr(cpu, op->FRT, ppc_ld32(cpu, ea_x(cpu, cpu->gpr[op->RA0], op)));
}

/*
 * Pairs: the even register of the pair is the doubleword at EA, in both byte
 * orders.  An odd FRTp is an invalid form, which the decoder refuses.
 */
static void load_pair(PpcCpu *cpu, unsigned frtp, uint64_t ea)
{
	uint64_t even = ppc_ld64(cpu, ea), odd = ppc_ld64(cpu, ppc_ea(cpu, ea + 8));

	set_fpr(cpu, frtp, even);
	set_fpr(cpu, frtp + 1, odd);
}

static void store_pair(PpcCpu *cpu, unsigned frsp, uint64_t ea)
{
	ppc_probe_store(cpu, ppc_ea(cpu, ea + 8), 8);
	ppc_st64(cpu, ea, fpr(cpu, frsp));
	ppc_st64(cpu, ppc_ea(cpu, ea + 8), fpr(cpu, frsp + 1));
}

void ex_lfdp(PpcCpu *cpu, const PpcOp *op)
{
	load_pair(cpu, op->FRTp, ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DS));
}

void ex_stfdp(PpcCpu *cpu, const PpcOp *op)
{
	store_pair(cpu, op->FRSp, ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DS));
}

void ex_lfdpx(PpcCpu *cpu, const PpcOp *op)
{
	load_pair(cpu, op->FRTp, ea_x(cpu, cpu->gpr[op->RA0], op));
}

void ex_stfdpx(PpcCpu *cpu, const PpcOp *op)
{
	store_pair(cpu, op->FRSp, ea_x(cpu, cpu->gpr[op->RA0], op));
}
