/*
 * Branches, CR logic, traps and moves of registers: Power ISA 3.0B book I
 * chapter 2, 3.3.11, 3.3.12, 3.3.17.
 *
 * A branch that is taken writes CFAR.  One that is not leaves nip alone: the
 * run loop has put the following instruction there.  BO is looked at only in
 * the general forms; the decoder picks the special ones (bc_true, bdnz, ...).
 *
 * bcctr with BO[2] = 0 (decrement) is an invalid form; as POWER processors
 * do, it tests CTR before the decrement and branches to that value.
 */
#include "target-ppc/exec.h"

/* Not masked: the mask comes last. */
static inline uint64_t cia(const PpcCpu *cpu, const PpcOp *op)
{
	return cpu->pc0 + op->off;
}

static inline void set_lr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->lr = (cia(cpu, op) + 4) & cpu->ea_mask;
}

static inline void take(PpcCpu *cpu, const PpcOp *op, uint64_t target)
{
	cpu->cfar = cia(cpu, op) & cpu->ea_mask;
	cpu->nip = target & cpu->ea_mask;
}

static inline void take_rel(PpcCpu *cpu, const PpcOp *op, int64_t disp)
{
	uint64_t at = cia(cpu, op);

	cpu->cfar = at & cpu->ea_mask;
	cpu->nip = (at + (uint64_t)disp) & cpu->ea_mask;
}

/* The target of bclr and friends: instructions are words. */
static inline void take_reg(PpcCpu *cpu, const PpcOp *op, uint64_t target)
{
	take(cpu, op, target & ~UINT64_C(3));
}

static inline bool cr_bit(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_cr_bit(cpu, op->BI);
}

/* Decrements CTR; true when it (in 32-bit mode its low half) is not 0 now. */
static inline bool count(PpcCpu *cpu)
{
	return (--cpu->ctr & cpu->ea_mask) != 0;
}

/* Evaluates BO and BI in full (book I figure 40); may decrement CTR. */
static inline bool cond(PpcCpu *cpu, const PpcOp *op)
{
	unsigned bo = op->BO;
	bool ctr_ok = bo & 4 ? true : count(cpu) ^ (bo >> 1 & 1);
	bool cr_ok = bo & 16 ? true : cr_bit(cpu, op) == (bo >> 3 & 1);

	return ctr_ok && cr_ok;
}

void ex_b(PpcCpu *cpu, const PpcOp *op)
{
	take_rel(cpu, op, op->LI);
}

void ex_ba(PpcCpu *cpu, const PpcOp *op)
{
	take(cpu, op, (uint64_t)op->LIA);
}

void ex_bl(PpcCpu *cpu, const PpcOp *op)
{
	set_lr(cpu, op);
	take_rel(cpu, op, op->LI);
}

void ex_bla(PpcCpu *cpu, const PpcOp *op)
{
	set_lr(cpu, op);
	take(cpu, op, (uint64_t)op->LIA);
}

void ex_bc_true(PpcCpu *cpu, const PpcOp *op)
{
	if (cr_bit(cpu, op))
		take_rel(cpu, op, op->BD);
}

void ex_bc_false(PpcCpu *cpu, const PpcOp *op)
{
	if (!cr_bit(cpu, op))
		take_rel(cpu, op, op->BD);
}

void ex_bdnz(PpcCpu *cpu, const PpcOp *op)
{
	if (count(cpu))
		take_rel(cpu, op, op->BD);
}

void ex_bdz(PpcCpu *cpu, const PpcOp *op)
{
	if (!count(cpu))
		take_rel(cpu, op, op->BD);
}

void ex_bc_always(PpcCpu *cpu, const PpcOp *op)
{
	take_rel(cpu, op, op->BD);
}

void ex_bc(PpcCpu *cpu, const PpcOp *op)
{
	if (cond(cpu, op))
		take_rel(cpu, op, op->BD);
}

void ex_bca(PpcCpu *cpu, const PpcOp *op)
{
	if (cond(cpu, op))
		take(cpu, op, (uint64_t)op->BDA);
}

void ex_bcl(PpcCpu *cpu, const PpcOp *op)
{
	bool taken = cond(cpu, op);

	set_lr(cpu, op);
	if (taken)
		take_rel(cpu, op, op->BD);
}

void ex_bcla(PpcCpu *cpu, const PpcOp *op)
{
	bool taken = cond(cpu, op);

	set_lr(cpu, op);
	if (taken)
		take(cpu, op, (uint64_t)op->BDA);
}

void ex_blr(PpcCpu *cpu, const PpcOp *op)
{
	take_reg(cpu, op, cpu->lr);
}

void ex_bclr(PpcCpu *cpu, const PpcOp *op)
{
	if (cond(cpu, op))
		take_reg(cpu, op, cpu->lr);
}

void ex_bclrl(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t target = cpu->lr;
	bool taken = cond(cpu, op);

	set_lr(cpu, op);
	if (taken)
		take_reg(cpu, op, target);
}

/* bcctr's condition: see the head of this file for BO[2] = 0. */
static inline bool cond_ctr(PpcCpu *cpu, const PpcOp *op)
{
	unsigned bo = op->BO;
	bool ctr_ok = true, cr_ok = bo & 16 ? true : cr_bit(cpu, op) == (bo >> 3 & 1);

	if (!(bo & 4)) {
		ctr_ok = ((cpu->ctr & cpu->ea_mask) != 0) ^ (bo >> 1 & 1);
		cpu->ctr--;
	}
	return ctr_ok && cr_ok;
}

void ex_bctr(PpcCpu *cpu, const PpcOp *op)
{
	take_reg(cpu, op, cpu->ctr);
}

void ex_bctrl(PpcCpu *cpu, const PpcOp *op)
{
	set_lr(cpu, op);
	take_reg(cpu, op, cpu->ctr);
}

void ex_bcctr(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t target = cpu->ctr;

	if (cond_ctr(cpu, op))
		take_reg(cpu, op, target);
}

void ex_bcctrl(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t target = cpu->ctr;
	bool taken = cond_ctr(cpu, op);

	set_lr(cpu, op);
	if (taken)
		take_reg(cpu, op, target);
}

/* FSCR[TAR] keeps problem state away from TAR and these (book III 6.2.10 of 2.07). */
static inline void need_tar(PpcCpu *cpu)
{
	if (unlikely((cpu->msr & MSR_PR) && !(cpu->spr.FSCR & PPC_FSCR_TAR)))
		ppc_raise_facility(cpu, PPC_FSCR_IC_TAR);
}

void ex_bctar(PpcCpu *cpu, const PpcOp *op)
{
	need_tar(cpu);
	if (cond(cpu, op))
		take_reg(cpu, op, cpu->spr.TAR);
}

void ex_bctarl(PpcCpu *cpu, const PpcOp *op)
{
	bool taken;

	need_tar(cpu);
	taken = cond(cpu, op);
	set_lr(cpu, op);
	if (taken)
		take_reg(cpu, op, cpu->spr.TAR);
}

/* CR[BT] = an expression of the bits a and b. */
#define EX_CR(name, expr)                                                                          \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		unsigned a = ppc_cr_bit(cpu, op->BA), b = ppc_cr_bit(cpu, op->BB);                 \
		unsigned m = 8u >> (op->BT & 3);                                                   \
		uint8_t *f = &cpu->cr[op->BT >> 2];                                                \
                                                                                                   \
		*f = (uint8_t)((expr)&1 ? *f | m : *f & ~m);                                       \
	}
EX_CR(crand, a &b)
EX_CR(cror, a | b)
EX_CR(crxor, a ^ b)
EX_CR(crnand, ~(a &b))
EX_CR(crnor, ~(a | b))
EX_CR(creqv, ~(a ^ b))
EX_CR(crandc, a & ~b)
EX_CR(crorc, a | ~b)

void ex_mcrf(PpcCpu *cpu, const PpcOp *op)
{
	cpu->cr[op->BF] = cpu->cr[op->BFA];
}

void ex_mfcr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = ppc_cr_get(cpu);
}

/* One field in its place, the rest (undefined) 0; all of CR if FXM is not one bit. */
void ex_mfocrf(PpcCpu *cpu, const PpcOp *op)
{
	unsigned m = op->FXM, i;

	if (m == 0 || (m & (m - 1))) {
		ex_mfcr(cpu, op);
		return;
	}
	i = 7 - ctz32(m);
	cpu->gpr[op->RT] = (uint64_t)cpu->cr[i] << (28 - 4 * i);
}

void ex_mtcrf(PpcCpu *cpu, const PpcOp *op)
{
	uint32_t v = (uint32_t)cpu->gpr[op->RS];

	for (unsigned i = 0; i < 8; i++)
		if (op->FXM & 0x80 >> i)
			cpu->cr[i] = v >> (28 - 4 * i) & 15;
}

void ex_mtocrf(PpcCpu *cpu, const PpcOp *op)
{
	ex_mtcrf(cpu, op);
}

/* XER[SO OV CA] to a CR field, and cleared. */
void ex_mcrxr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->cr[op->BF] = cpu->xer.so << 3 | cpu->xer.ov << 2 | cpu->xer.ca << 1;
	cpu->xer.so = cpu->xer.ov = cpu->xer.ca = 0;
}

void ex_mcrxrx(PpcCpu *cpu, const PpcOp *op)
{
	cpu->cr[op->BF] = cpu->xer.ov << 3 | cpu->xer.ov32 << 2 | cpu->xer.ca << 1 | cpu->xer.ca32;
}

/* -1, 1 or 0 for LT, GT, otherwise. */
void ex_setb(PpcCpu *cpu, const PpcOp *op)
{
	unsigned f = cpu->cr[op->BFA];

	cpu->gpr[op->RT] = f & 8 ? UINT64_MAX : f >> 2 & 1;
}

void ex_mflr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->lr;
}

void ex_mtlr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->lr = cpu->gpr[op->RS];
}

void ex_mfctr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->ctr;
}

void ex_mtctr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->ctr = cpu->gpr[op->RS];
}

void ex_mfxer(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = ppc_xer_get(cpu);
}

void ex_mtxer(PpcCpu *cpu, const PpcOp *op)
{
	ppc_xer_set(cpu, cpu->gpr[op->RS]);
}

void ex_isel(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = ppc_cr_bit(cpu, op->BC) ? cpu->gpr[op->RA0] : cpu->gpr[op->RB];
}

/* TO: less, greater, equal, below, above. */
static inline void trap(PpcCpu *cpu, unsigned to, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
	unsigned is = (a < b ? 16 : a > b ? 8 : 4) | (ua < ub ? 2 : ua > ub ? 1 : 0);

	if (unlikely(to & is))
		ppc_raise_program(cpu, PPC_PROG_TRAP);
}

void ex_tw(PpcCpu *cpu, const PpcOp *op)
{
	trap(cpu, op->TO, (int32_t)cpu->gpr[op->RA], (int32_t)cpu->gpr[op->RB]);
}

void ex_twi(PpcCpu *cpu, const PpcOp *op)
{
	trap(cpu, op->TO, (int32_t)cpu->gpr[op->RA], op->SI);
}

void ex_td(PpcCpu *cpu, const PpcOp *op)
{
	trap(cpu, op->TO, (int64_t)cpu->gpr[op->RA], (int64_t)cpu->gpr[op->RB]);
}

void ex_tdi(PpcCpu *cpu, const PpcOp *op)
{
	trap(cpu, op->TO, (int64_t)cpu->gpr[op->RA], op->SI);
}
