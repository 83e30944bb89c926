/*
 * Vector Facility: loads and stores, shift-left and -right permute controls, data
 * streams, and moves to and from VSCR (Power ISA 3.0B book I 6.7, 6.18).
 *
 * Vector accesses ignore low address bits, so none is ever unaligned.
 * Element loads leave the bytes of VRT alone that the book calls undefined.
 */
#include "target-ppc/ex_vmx.h"

static inline uint64_t ea_x(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);
}

void ex_lvx(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr v = { .q = ppc_ld128(cpu, ea_x(cpu, op) & ~UINT64_C(15)) };

	vmx_set(cpu, op->VRT, v);
}

void ex_stvx(PpcCpu *cpu, const PpcOp *op)
{
	ppc_st128(cpu, ea_x(cpu, op) & ~UINT64_C(15), vmx_get(cpu, op->VRS).q);
}

/*
 * The element of `size` bytes that stands for ea within its quadword, of
 * 16 / size: counted from the left in big-endian mode, from the right in little-.
 */
static inline unsigned element_of(const PpcCpu *cpu, uint64_t ea, unsigned size)
{
	unsigned i = (ea & 15) / size;

	return cpu->le ? 16 / size - 1 - i : i;
}

void ex_lvebx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op);
	uint8_t v = ppc_ld8(cpu, ea);

	VSR_B(cpu->vsr[32 + op->VRT], element_of(cpu, ea, 1)) = v;
}

void ex_lvehx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op) & ~UINT64_C(1);
	uint16_t v = ppc_ld16(cpu, ea);

	VSR_H(cpu->vsr[32 + op->VRT], element_of(cpu, ea, 2)) = v;
}

void ex_lvewx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op) & ~UINT64_C(3);
	uint32_t v = ppc_ld32(cpu, ea);

	VSR_W(cpu->vsr[32 + op->VRT], element_of(cpu, ea, 4)) = v;
}

void ex_stvebx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op);

	ppc_st8(cpu, ea, VSR_B(cpu->vsr[32 + op->VRS], element_of(cpu, ea, 1)));
}

void ex_stvehx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op) & ~UINT64_C(1);

	ppc_st16(cpu, ea, VSR_H(cpu->vsr[32 + op->VRS], element_of(cpu, ea, 2)));
}

void ex_stvewx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op) & ~UINT64_C(3);

	ppc_st32(cpu, ea, VSR_W(cpu->vsr[32 + op->VRS], element_of(cpu, ea, 4)));
}

/* Sixteen bytes counting up from `first`, the same in both byte orders. */
static inline void count_up(PpcCpu *cpu, unsigned vrt, unsigned first)
{
	PpcVsr t;

	for (unsigned i = 0; i < 16; i++)
		VSR_B(t, i) = first + i;
	vmx_set(cpu, vrt, t);
}

void ex_lvsl(PpcCpu *cpu, const PpcOp *op)
{
	count_up(cpu, op->VRT, ea_x(cpu, op) & 15);
}

void ex_lvsr(PpcCpu *cpu, const PpcOp *op)
{
	count_up(cpu, op->VRT, 16 - (ea_x(cpu, op) & 15));
}

/* Data streams are prefetch hints: nothing here would gain from them. */
void ex_dst(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_mfvscr(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t = { .q = cpu->vscr };

	vmx_set(cpu, op->VRT, t);
}

/* Reserved bits read as 0. */
void ex_mtvscr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->vscr = (uint32_t)vmx_get(cpu, op->VRB).q & (VSCR_NJ | VSCR_SAT);
}
