/*
 * Loads and stores of Power ISA 3.1: prefixed ones (book I 3.3.2, 3.3.3, 4.6, 7.6.1), pairs
 * of VSRs, rightmost elements.
 *
 * A prefixed access has a displacement of 34 bits from (RA|0), or with R = 1
 * from the address of the instruction itself.  A pair is 32 bytes in the
 * current byte order, so in little-endian mode the register with the even
 * number holds the 16 bytes at the higher address.
 */
#include "target-ppc/ex_vsx.h"

VSX_INLINE uint64_t ea_p(const PpcCpu *cpu, const PpcOp *op)
{
	uint64_t base = op->R ? ppc_cia(cpu) : cpu->gpr[op->RA0];

	return ppc_ea(cpu, base + (uint64_t)op->D34);
}

VSX_INLINE uint64_t ea_x(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);
}

VSX_INLINE uint64_t ea_dq(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->DQ);
}

/* ---- Fixed point ---- */

void ex_paddi(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t base = op->R ? ppc_cia(cpu) : cpu->gpr[op->RA0];

	cpu->gpr[op->RT] = base + (uint64_t)op->SI34;
}

void ex_pnop(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

EX_VSX(plbz, cpu->gpr[op->RT] = ppc_ld8(cpu, ea_p(cpu, op)))
EX_VSX(plhz, cpu->gpr[op->RT] = ppc_ld16(cpu, ea_p(cpu, op)))
EX_VSX(plha, cpu->gpr[op->RT] = (uint64_t)(int16_t)ppc_ld16(cpu, ea_p(cpu, op)))
EX_VSX(plwz, cpu->gpr[op->RT] = ppc_ld32(cpu, ea_p(cpu, op)))
EX_VSX(plwa, cpu->gpr[op->RT] = (uint64_t)(int32_t)ppc_ld32(cpu, ea_p(cpu, op)))
EX_VSX(pld, cpu->gpr[op->RT] = ppc_ld64(cpu, ea_p(cpu, op)))
EX_VSX(pstb, ppc_st8(cpu, ea_p(cpu, op), (uint8_t)cpu->gpr[op->RS]))
EX_VSX(psth, ppc_st16(cpu, ea_p(cpu, op), (uint16_t)cpu->gpr[op->RS]))
EX_VSX(pstw, ppc_st32(cpu, ea_p(cpu, op), (uint32_t)cpu->gpr[op->RS]))
EX_VSX(pstd, ppc_st64(cpu, ea_p(cpu, op), cpu->gpr[op->RS]))

/*
 * Unlike lq and stq, the register with the even number is at the lower
 * address in either byte order.
 */
void ex_plq(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_p(cpu, op);
	u128 v;

	if (ea & 15)
		ppc_raise_alignment(cpu, ea);
	v = ppc_ld128(cpu, ea);
	cpu->gpr[op->RTp + cpu->le] = (uint64_t)(v >> 64);
	cpu->gpr[op->RTp + !cpu->le] = (uint64_t)v;
}

void ex_pstq(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_p(cpu, op);
	u128 v = (u128)cpu->gpr[op->RSp + cpu->le] << 64 | cpu->gpr[op->RSp + !cpu->le];

	if (ea & 15)
		ppc_raise_alignment(cpu, ea);
	ppc_st128(cpu, ea, v);
}

/* ---- Scalars ---- */

EX_VSX(plfs, vsx_put_d0(cpu, op->FRT, sf_lfs(ppc_ld32(cpu, ea_p(cpu, op)))))
EX_VSX(plfd, vsx_put_d0(cpu, op->FRT, ppc_ld64(cpu, ea_p(cpu, op))))
EX_VSX(pstfs, ppc_st32(cpu, ea_p(cpu, op), sf_stfs(vsx_d0(cpu, op->FRS))))
EX_VSX(pstfd, ppc_st64(cpu, ea_p(cpu, op), vsx_d0(cpu, op->FRS)))
EX_VSX(plxsd, vsx_put_d0(cpu, 32 + op->VRT, ppc_ld64(cpu, ea_p(cpu, op))))
EX_VSX(plxssp, vsx_put_d0(cpu, 32 + op->VRT, sf_lfs(ppc_ld32(cpu, ea_p(cpu, op)))))
EX_VSX(pstxsd, ppc_st64(cpu, ea_p(cpu, op), vsx_d0(cpu, 32 + op->VRS)))
EX_VSX(pstxssp, ppc_st32(cpu, ea_p(cpu, op), sf_stfs(vsx_d0(cpu, 32 + op->VRS))))

/* ---- Vectors and pairs ---- */

EX_VSX(plxv, cpu->vsr[op->XT5].q = ppc_ld128(cpu, ea_p(cpu, op)))
EX_VSX(pstxv, ppc_st128(cpu, ea_p(cpu, op), cpu->vsr[op->XS5].q))

VSX_INLINE void load_pair(PpcCpu *cpu, unsigned t, uint64_t ea)
{
	u128 first = ppc_ld128(cpu, ea), second = ppc_ld128(cpu, ppc_ea(cpu, ea + 16));

	cpu->vsr[t + cpu->le].q = first;
	cpu->vsr[t + !cpu->le].q = second;
}

VSX_INLINE void store_pair(PpcCpu *cpu, unsigned s, uint64_t ea)
{
	ppc_probe_store(cpu, ea, 32);
	ppc_st128(cpu, ea, cpu->vsr[s + cpu->le].q);
	ppc_st128(cpu, ppc_ea(cpu, ea + 16), cpu->vsr[s + !cpu->le].q);
}

EX_VSX(plxvp, load_pair(cpu, op->XTp, ea_p(cpu, op)))
EX_VSX(pstxvp, store_pair(cpu, op->XSp, ea_p(cpu, op)))
EX_VSX(lxvp, load_pair(cpu, op->XTp, ea_dq(cpu, op)))
EX_VSX(stxvp, store_pair(cpu, op->XSp, ea_dq(cpu, op)))
EX_VSX(lxvpx, load_pair(cpu, op->XTp, ea_x(cpu, op)))
EX_VSX(stxvpx, store_pair(cpu, op->XSp, ea_x(cpu, op)))

/* ---- The rightmost element; loads clear the others ---- */

EX_VSX(lxvrbx, cpu->vsr[op->XT].q = ppc_ld8(cpu, ea_x(cpu, op)))
EX_VSX(lxvrhx, cpu->vsr[op->XT].q = ppc_ld16(cpu, ea_x(cpu, op)))
EX_VSX(lxvrwx, cpu->vsr[op->XT].q = ppc_ld32(cpu, ea_x(cpu, op)))
EX_VSX(lxvrdx, cpu->vsr[op->XT].q = ppc_ld64(cpu, ea_x(cpu, op)))
EX_VSX(stxvrbx, ppc_st8(cpu, ea_x(cpu, op), (uint8_t)cpu->vsr[op->XS].q))
EX_VSX(stxvrhx, ppc_st16(cpu, ea_x(cpu, op), (uint16_t)cpu->vsr[op->XS].q))
EX_VSX(stxvrwx, ppc_st32(cpu, ea_x(cpu, op), (uint32_t)cpu->vsr[op->XS].q))
EX_VSX(stxvrdx, ppc_st64(cpu, ea_x(cpu, op), (uint64_t)cpu->vsr[op->XS].q))
