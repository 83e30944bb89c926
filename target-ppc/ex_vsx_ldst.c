/*
 * VSX loads, stores and moves to and from GPRs (Power ISA 3.0B book I, 7.6.1).
 *
 * Byte order: lxv and lxvx take 16 bytes as one number in the current byte
 * order; lxvd2x, lxvw4x, lxvh8x and lxvb16x take elements in the order of their
 * addresses, each element in the current byte order; lxvl is as lxv with fewer
 * bytes; lxvll takes bytes as they come.  The stores are their mirrors.
 */
#include "target-ppc/ex_vsx.h"

VSX_INLINE uint64_t ea_x(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);
}

VSX_INLINE uint64_t ea_imm(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_ea(cpu, cpu->gpr[op->RA0] + (uint64_t)op->imm);
}

/* 16 bytes as one number; inline where the TLB knows the page. */
VSX_INLINE PpcVsr load16(PpcCpu *cpu, uint64_t ea)
{
	const uint8_t *p = ppc_fast_rd(cpu, ea, 16);
	PpcVsr v;

	if (unlikely(!p))
		v.q = ppc_ld128(cpu, ea);
	else if (cpu->le)
		v.q = (u128)ld64_le(p + 8) << 64 | ld64_le(p);
	else
		v.q = (u128)ld64_be(p) << 64 | ld64_be(p + 8);
	return v;
}

VSX_INLINE void store16(PpcCpu *cpu, uint64_t ea, PpcVsr v)
{
	uint8_t *p = ppc_fast_wr(cpu, ea, 16);

	if (unlikely(!p)) {
		ppc_st128(cpu, ea, v.q);
	} else if (cpu->le) {
		st64_le(p, (uint64_t)v.q);
		st64_le(p + 8, (uint64_t)(v.q >> 64));
	} else {
		st64_be(p, (uint64_t)(v.q >> 64));
		st64_be(p + 8, (uint64_t)v.q);
	}
}

/*
 * A number's elements against elements in address order: the same in
 * big-endian mode, reversed in little-endian mode.
 */
typedef PpcVsr Reorder(PpcVsr v);

VSX_INLINE PpcVsr reverse_d(PpcVsr v)
{
	v.q = v.q << 64 | v.q >> 64;
	return v;
}

VSX_INLINE PpcVsr reverse_w(PpcVsr v)
{
	PpcVsr r;

	for (int i = 0; i < 4; i++)
		r.u32[i] = v.u32[3 - i];
	return r;
}

VSX_INLINE PpcVsr reverse_h(PpcVsr v)
{
	PpcVsr r;

	for (int i = 0; i < 8; i++)
		r.u16[i] = v.u16[7 - i];
	return r;
}

VSX_INLINE PpcVsr reverse_b(PpcVsr v)
{
	v.q = bswap128(v.q);
	return v;
}

VSX_INLINE void load_elements(PpcCpu *cpu, const PpcOp *op, Reorder *reverse)
{
	PpcVsr v = load16(cpu, ea_x(cpu, op));

	cpu->vsr[op->XT] = cpu->le ? reverse(v) : v;
}

VSX_INLINE void store_elements(PpcCpu *cpu, const PpcOp *op, Reorder *reverse)
{
	PpcVsr v = cpu->vsr[op->XS];

	store16(cpu, ea_x(cpu, op), cpu->le ? reverse(v) : v);
}

EX_VSX(lxvd2x, load_elements(cpu, op, reverse_d))
EX_VSX(lxvw4x, load_elements(cpu, op, reverse_w))
EX_VSX(lxvh8x, load_elements(cpu, op, reverse_h))
EX_VSX(lxvb16x, load_elements(cpu, op, reverse_b))
EX_VSX(stxvd2x, store_elements(cpu, op, reverse_d))
EX_VSX(stxvw4x, store_elements(cpu, op, reverse_w))
EX_VSX(stxvh8x, store_elements(cpu, op, reverse_h))
EX_VSX(stxvb16x, store_elements(cpu, op, reverse_b))

EX_VSX(lxvx, cpu->vsr[op->XT] = load16(cpu, ea_x(cpu, op)))
EX_VSX(stxvx, store16(cpu, ea_x(cpu, op), cpu->vsr[op->XS]))
EX_VSX(lxv, cpu->vsr[op->XTdq] = load16(cpu, ea_imm(cpu, op)))
EX_VSX(stxv, store16(cpu, ea_imm(cpu, op), cpu->vsr[op->XSdq]))

/* ---- Scalars ---- */

EX_VSX(lxsdx, vsx_put_d0(cpu, op->XT, ppc_ld64(cpu, ea_x(cpu, op))))
EX_VSX(lxsiwax, vsx_put_d0(cpu, op->XT, (uint64_t)(int32_t)ppc_ld32(cpu, ea_x(cpu, op))))
EX_VSX(lxsiwzx, vsx_put_d0(cpu, op->XT, ppc_ld32(cpu, ea_x(cpu, op))))
EX_VSX(lxsihzx, vsx_put_d0(cpu, op->XT, ppc_ld16(cpu, ea_x(cpu, op))))
EX_VSX(lxsibzx, vsx_put_d0(cpu, op->XT, ppc_ld8(cpu, ea_x(cpu, op))))
EX_VSX(lxsspx, vsx_put_d0(cpu, op->XT, sf_lfs(ppc_ld32(cpu, ea_x(cpu, op)))))
EX_VSX(lxsd, vsx_put_d0(cpu, 32 + op->VRT, ppc_ld64(cpu, ea_imm(cpu, op))))
EX_VSX(lxssp, vsx_put_d0(cpu, 32 + op->VRT, sf_lfs(ppc_ld32(cpu, ea_imm(cpu, op)))))

EX_VSX(stxsdx, ppc_st64(cpu, ea_x(cpu, op), vsx_d0(cpu, op->XS)))
EX_VSX(stxsiwx, ppc_st32(cpu, ea_x(cpu, op), (uint32_t)vsx_d0(cpu, op->XS)))
EX_VSX(stxsihx, ppc_st16(cpu, ea_x(cpu, op), (uint16_t)vsx_d0(cpu, op->XS)))
EX_VSX(stxsibx, ppc_st8(cpu, ea_x(cpu, op), (uint8_t)vsx_d0(cpu, op->XS)))
EX_VSX(stxsspx, ppc_st32(cpu, ea_x(cpu, op), sf_stfs(vsx_d0(cpu, op->XS))))
EX_VSX(stxsd, ppc_st64(cpu, ea_imm(cpu, op), vsx_d0(cpu, 32 + op->VRS)))
EX_VSX(stxssp, ppc_st32(cpu, ea_imm(cpu, op), sf_stfs(vsx_d0(cpu, 32 + op->VRS))))

/* ---- Splats ---- */

VSX_INLINE PpcVsr splat_d(uint64_t v)
{
	return (PpcVsr){ .u64 = { v, v } };
}

VSX_INLINE PpcVsr splat_w(uint32_t v)
{
	return (PpcVsr){ .u32 = { v, v, v, v } };
}

EX_VSX(lxvdsx, cpu->vsr[op->XT] = splat_d(ppc_ld64(cpu, ea_x(cpu, op))))
EX_VSX(lxvwsx, cpu->vsr[op->XT] = splat_w(ppc_ld32(cpu, ea_x(cpu, op))))

/* ---- With length: RB bits 0-7, 16 at most; none touches no storage ---- */

VSX_INLINE unsigned length(const PpcCpu *cpu, const PpcOp *op)
{
	uint64_t n = cpu->gpr[op->RB] >> 56;

	return n < 16 ? (unsigned)n : 16;
}

/* Byte i in address order is element i from the left, or from the right. */
VSX_INLINE void load_length(PpcCpu *cpu, const PpcOp *op, bool from_right)
{
	unsigned n = length(cpu, op);
	uint8_t buf[16];
	PpcVsr v = { .q = 0 };

	if (n)
		ppc_ld_bytes(cpu, ppc_ea(cpu, cpu->gpr[op->RA0]), buf, n);
	for (unsigned i = 0; i < n; i++)
		VSR_B(v, from_right ? 15 - i : i) = buf[i];
	cpu->vsr[op->XT] = v;
}

VSX_INLINE void store_length(PpcCpu *cpu, const PpcOp *op, bool from_right)
{
	unsigned n = length(cpu, op);
	PpcVsr v = cpu->vsr[op->XS];
	uint8_t buf[16];

	if (!n)
		return;
	for (unsigned i = 0; i < n; i++)
		buf[i] = VSR_B(v, from_right ? 15 - i : i);
	ppc_st_bytes(cpu, ppc_ea(cpu, cpu->gpr[op->RA0]), buf, n);
}

EX_VSX(lxvl, load_length(cpu, op, cpu->le))
EX_VSX(lxvll, load_length(cpu, op, false))
EX_VSX(stxvl, store_length(cpu, op, cpu->le))
EX_VSX(stxvll, store_length(cpu, op, false))

/* ---- Moves ---- */

EX_VSX(mfvsrd, cpu->gpr[op->RA] = vsx_d0(cpu, op->XS))
EX_VSX(mfvsrld, cpu->gpr[op->RA] = VSR_D(cpu->vsr[op->XS], 1))
EX_VSX(mfvsrwz, cpu->gpr[op->RA] = (uint32_t)vsx_d0(cpu, op->XS))
EX_VSX(mtvsrd, vsx_put_d0(cpu, op->XT, cpu->gpr[op->RA]))
EX_VSX(mtvsrwa, vsx_put_d0(cpu, op->XT, (uint64_t)(int32_t)cpu->gpr[op->RA]))
EX_VSX(mtvsrwz, vsx_put_d0(cpu, op->XT, (uint32_t)cpu->gpr[op->RA]))
EX_VSX(mtvsrws, cpu->vsr[op->XT] = splat_w((uint32_t)cpu->gpr[op->RA]))
EX_VSX(mtvsrdd, cpu->vsr[op->XT].q = (u128)cpu->gpr[op->RA0] << 64 | cpu->gpr[op->RB])
