/*
 * Vector Facility: pack, unpack, merge, splat, permute, select, shifts of the
 * whole register, extract and insert (Power ISA 3.0B book I 6.8), and the
 * instructions that gather and find bits (6.12, 6.14, 6.15).
 */
#include "target-ppc/ex_vmx.h"

/* ---- Pack: twice as wide elements of VRA, then VRB, made narrow ---- */

/*
 * ex_NAME(): the N elements (TO) of VRT are the N / 2 of VRA (FROM) and those of
 * VRB, each made to fit by FIT(value, &sat).
 */
#define EX_VMX_PACK(NAME, TO, FROM, N, FIT)                                                        \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);                 \
		PpcVsr t;                                                                          \
		bool sat = false;                                                                  \
                                                                                                   \
		for (unsigned i = 0; i < (N) / 2; i++) {                                           \
			TO(t, i) = FIT(FROM(a, i), &sat);                                          \
			TO(t, (N) / 2 + i) = FIT(FROM(b, i), &sat);                                \
		}                                                                                  \
		vmx_set(cpu, op->VRT, t);                                                          \
		vmx_saturated(cpu, sat);                                                           \
	}

static inline uint64_t modulo(uint64_t v, const bool *sat)
{
	(void)sat;
	return v;
}

static inline uint32_t clamp_ud(uint64_t v, bool *sat)
{
	*sat |= v > UINT32_MAX;
	return v > UINT32_MAX ? UINT32_MAX : v;
}

/* 8:8:8:8 to 1:5:5:5: bits 7, 8:12, 16:20 and 24:28 of the word. */
static inline uint16_t pixel(uint32_t v, const bool *sat)
{
	(void)sat;
	return (v >> 9 & 0xfc00) | (v >> 6 & 0x3e0) | (v >> 3 & 0x1f);
}

EX_VMX_PACK(vpkpx, VSR_H, VSR_W, 8, pixel)
EX_VMX_PACK(vpkuhum, VSR_B, VSR_H, 16, modulo)
EX_VMX_PACK(vpkuwum, VSR_H, VSR_W, 8, modulo)
EX_VMX_PACK(vpkudum, VSR_W, VSR_D, 4, modulo)
EX_VMX_PACK(vpkuhus, VSR_B, VSR_H, 16, vmx_clamp_u8)
EX_VMX_PACK(vpkuwus, VSR_H, VSR_W, 8, vmx_clamp_u16)
EX_VMX_PACK(vpkudus, VSR_W, VSR_D, 4, clamp_ud)
EX_VMX_PACK(vpkshus, VSR_B, VSR_SH, 16, vmx_clamp_u8)
EX_VMX_PACK(vpkswus, VSR_H, VSR_SW, 8, vmx_clamp_u16)
EX_VMX_PACK(vpksdus, VSR_W, VSR_SD, 4, vmx_clamp_u32)
EX_VMX_PACK(vpkshss, VSR_SB, VSR_SH, 16, vmx_clamp_s8)
EX_VMX_PACK(vpkswss, VSR_SH, VSR_SW, 8, vmx_clamp_s16)
EX_VMX_PACK(vpksdss, VSR_SW, VSR_SD, 4, vmx_clamp_s32)

/* ---- Unpack: the left or right half of VRB made twice as wide ---- */

/* ex_NAME(): the N elements (TO) of VRT from elements FIRST... of VRB (FROM). */
#define EX_VMX_UNPACK(NAME, TO, FROM, N, FIRST, WIDEN)                                             \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr b = vmx_get(cpu, op->VRB);                                            \
		PpcVsr t;                                                                          \
                                                                                                   \
		for (unsigned i = 0; i < (N); i++)                                                 \
			TO(t, i) = WIDEN(FROM(b, (FIRST) + i));                                    \
		vmx_set(cpu, op->VRT, t);                                                          \
	}

/* 1:5:5:5 to 8:8:8:8: the first bit sign-extended, the others padded with zeros. */
static inline uint32_t unpixel(uint16_t v)
{
	return (v & 0x8000 ? 0xff000000 : 0) | (v & 0x7c00u) << 6 | (v & 0x3e0u) << 3 | (v & 0x1fu);
}

EX_VMX_UNPACK(vupkhpx, VSR_W, VSR_H, 4, 0, unpixel)
EX_VMX_UNPACK(vupklpx, VSR_W, VSR_H, 4, 4, unpixel)
EX_VMX_UNPACK(vupkhsb, VSR_SH, VSR_SB, 8, 0, )
EX_VMX_UNPACK(vupklsb, VSR_SH, VSR_SB, 8, 8, )
EX_VMX_UNPACK(vupkhsh, VSR_SW, VSR_SH, 4, 0, )
EX_VMX_UNPACK(vupklsh, VSR_SW, VSR_SH, 4, 4, )
EX_VMX_UNPACK(vupkhsw, VSR_SD, VSR_SW, 2, 0, )
EX_VMX_UNPACK(vupklsw, VSR_SD, VSR_SW, 2, 2, )

/* ---- Merge ---- */

/* ex_NAME(): N elements alternately from VRA and VRB, from element FIRST on, every STEPth. */
#define EX_VMX_MERGE(NAME, LANE, N, FIRST, STEP)                                                   \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);                 \
		PpcVsr t;                                                                          \
                                                                                                   \
		for (unsigned i = 0; i < (N) / 2; i++) {                                           \
			LANE(t, 2 * i) = LANE(a, (FIRST) + i * (STEP));                            \
			LANE(t, 2 * i + 1) = LANE(b, (FIRST) + i * (STEP));                        \
		}                                                                                  \
		vmx_set(cpu, op->VRT, t);                                                          \
	}

EX_VMX_MERGE(vmrghb, VSR_B, 16, 0, 1)
EX_VMX_MERGE(vmrglb, VSR_B, 16, 8, 1)
EX_VMX_MERGE(vmrghh, VSR_H, 8, 0, 1)
EX_VMX_MERGE(vmrglh, VSR_H, 8, 4, 1)
EX_VMX_MERGE(vmrghw, VSR_W, 4, 0, 1)
EX_VMX_MERGE(vmrglw, VSR_W, 4, 2, 1)
EX_VMX_MERGE(vmrgew, VSR_W, 4, 0, 2)
EX_VMX_MERGE(vmrgow, VSR_W, 4, 1, 2)

/* ---- Splat ---- */

void ex_vspltb(PpcCpu *cpu, const PpcOp *op)
{
	uint8_t v = VSR_B(cpu->vsr[32 + op->VRB], op->UIM4);
	PpcVsr t;

	memset(t.u8, v, sizeof(t));
	vmx_set(cpu, op->VRT, t);
}

void ex_vsplth(PpcCpu *cpu, const PpcOp *op)
{
	uint16_t v = VSR_H(cpu->vsr[32 + op->VRB], op->UIM3);
	PpcVsr t;

	for (unsigned i = 0; i < 8; i++)
		t.u16[i] = v;
	vmx_set(cpu, op->VRT, t);
}

void ex_vspltw(PpcCpu *cpu, const PpcOp *op)
{
	uint32_t v = VSR_W(cpu->vsr[32 + op->VRB], op->UIM2);
	PpcVsr t;

	for (unsigned i = 0; i < 4; i++)
		t.u32[i] = v;
	vmx_set(cpu, op->VRT, t);
}

void ex_vspltisb(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t;

	memset(t.u8, (int)op->SIM, sizeof(t));
	vmx_set(cpu, op->VRT, t);
}

void ex_vspltish(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t;

	for (unsigned i = 0; i < 8; i++)
		t.s16[i] = op->SIM;
	vmx_set(cpu, op->VRT, t);
}

void ex_vspltisw(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t;

	for (unsigned i = 0; i < 4; i++)
		t.s32[i] = op->SIM;
	vmx_set(cpu, op->VRT, t);
}

/* ---- Permute and select ---- */

/*
 * Byte i of the result is byte c[i] of the 32 bytes VRA || VRB; counted from the
 * right with `right`.  Joined in host order, the book's byte n of them is
 * from[n] or from[31 - n], and 31 - n is n ^ 31.
 */
static inline void permute(PpcCpu *cpu, const PpcOp *op, bool right)
{
	const PpcVsr c = vmx_get(cpu, op->VRC);
	const unsigned flip = right == HOST_BE ? 31 : 0;
	uint8_t from[32];
	PpcVsr t;

	memcpy(from, &cpu->vsr[32 + (HOST_BE ? op->VRA : op->VRB)], 16);
	memcpy(from + 16, &cpu->vsr[32 + (HOST_BE ? op->VRB : op->VRA)], 16);
	for (unsigned i = 0; i < 16; i++)
		t.u8[i] = from[(c.u8[i] ^ flip) & 31];
	vmx_set(cpu, op->VRT, t);
}

void ex_vperm(PpcCpu *cpu, const PpcOp *op)
{
	permute(cpu, op, false);
}

void ex_vpermr(PpcCpu *cpu, const PpcOp *op)
{
	permute(cpu, op, true);
}

void ex_vsel(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	const PpcVsr c = vmx_get(cpu, op->VRC);
	PpcVsr t = { .q = (a.q & ~c.q) | (b.q & c.q) };

	vmx_set(cpu, op->VRT, t);
}

/* ---- Shifts of the whole register ---- */

void ex_vsldoi(PpcCpu *cpu, const PpcOp *op)
{
	const u128 a = vmx_get(cpu, op->VRA).q, b = vmx_get(cpu, op->VRB).q;
	const unsigned n = 8 * op->SHB;
	PpcVsr t = { .q = n ? a << n | b >> (128 - n) : a };

	vmx_set(cpu, op->VRT, t);
}

/*
 * By bits 125:127 of VRB.  The book wants the same 3 bits in all its bytes
 * and leaves open what happens otherwise.
 */
void ex_vsl(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t = { .q = vmx_get(cpu, op->VRA).q << (vmx_get(cpu, op->VRB).q & 7) };

	vmx_set(cpu, op->VRT, t);
}

void ex_vsr(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t = { .q = vmx_get(cpu, op->VRA).q >> (vmx_get(cpu, op->VRB).q & 7) };

	vmx_set(cpu, op->VRT, t);
}

/* By octets: bits 121:124 of VRB count bytes. */
void ex_vslo(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t = { .q = vmx_get(cpu, op->VRA).q << (vmx_get(cpu, op->VRB).q & 0x78) };

	vmx_set(cpu, op->VRT, t);
}

void ex_vsro(PpcCpu *cpu, const PpcOp *op)
{
	PpcVsr t = { .q = vmx_get(cpu, op->VRA).q >> (vmx_get(cpu, op->VRB).q & 0x78) };

	vmx_set(cpu, op->VRT, t);
}

/* Each byte by its own amount, bits coming from the neighbour on the right. */
void ex_vslv(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t;

	for (unsigned i = 0; i < 16; i++) {
		unsigned pair = VSR_B(a, i) << 8 | (i < 15 ? VSR_B(a, i + 1) : 0);

		VSR_B(t, i) = pair << (VSR_B(b, i) & 7) >> 8;
	}
	vmx_set(cpu, op->VRT, t);
}

void ex_vsrv(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t;

	for (unsigned i = 0; i < 16; i++) {
		unsigned pair = (i > 0 ? VSR_B(a, i - 1) << 8 : 0) | VSR_B(a, i);

		VSR_B(t, i) = pair >> (VSR_B(b, i) & 7);
	}
	vmx_set(cpu, op->VRT, t);
}

/* ---- Extract and insert ---- */

/* n bytes of v from byte `first` on; those beyond the end (undefined in the book) are 0. */
static inline uint64_t bytes_at(u128 v, unsigned first, unsigned n)
{
	return v << 8 * first >> (128 - 8 * n);
}

static inline void extract(PpcCpu *cpu, const PpcOp *op, unsigned n)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	PpcVsr t = { .q = (u128)bytes_at(b.q, op->UIM4, n) << 64 };

	vmx_set(cpu, op->VRT, t);
}

void ex_vextractub(PpcCpu *cpu, const PpcOp *op)
{
	extract(cpu, op, 1);
}

void ex_vextractuh(PpcCpu *cpu, const PpcOp *op)
{
	extract(cpu, op, 2);
}

void ex_vextractuw(PpcCpu *cpu, const PpcOp *op)
{
	extract(cpu, op, 4);
}

void ex_vextractd(PpcCpu *cpu, const PpcOp *op)
{
	extract(cpu, op, 8);
}

/* The last n bytes of doubleword 0 of VRB to byte UIM of VRT. */
static inline void insert(PpcCpu *cpu, const PpcOp *op, unsigned n)
{
	const u128 v = vmx_get(cpu, op->VRB).q >> 64 << (128 - 8 * n) >> 8 * op->UIM4;
	const u128 m = ~(u128)0 << (128 - 8 * n) >> 8 * op->UIM4;
	PpcVsr t = vmx_get(cpu, op->VRT);

	t.q = (t.q & ~m) | v;
	vmx_set(cpu, op->VRT, t);
}

void ex_vinsertb(PpcCpu *cpu, const PpcOp *op)
{
	insert(cpu, op, 1);
}

void ex_vinserth(PpcCpu *cpu, const PpcOp *op)
{
	insert(cpu, op, 2);
}

void ex_vinsertw(PpcCpu *cpu, const PpcOp *op)
{
	insert(cpu, op, 4);
}

void ex_vinsertd(PpcCpu *cpu, const PpcOp *op)
{
	insert(cpu, op, 8);
}

/* To a GPR: the index in RA counts bytes from the left ... */
static inline void extract_left(PpcCpu *cpu, const PpcOp *op, unsigned n)
{
	cpu->gpr[op->RT] = bytes_at(vmx_get(cpu, op->VRB).q, cpu->gpr[op->RA] & 15, n);
}

/* ... or from the right. */
static inline void extract_right(PpcCpu *cpu, const PpcOp *op, unsigned n)
{
	u128 v = vmx_get(cpu, op->VRB).q >> 8 * (cpu->gpr[op->RA] & 15);

	cpu->gpr[op->RT] = bytes_at(v, 16 - n, n);
}

void ex_vextublx(PpcCpu *cpu, const PpcOp *op)
{
	extract_left(cpu, op, 1);
}

void ex_vextuhlx(PpcCpu *cpu, const PpcOp *op)
{
	extract_left(cpu, op, 2);
}

void ex_vextuwlx(PpcCpu *cpu, const PpcOp *op)
{
	extract_left(cpu, op, 4);
}

void ex_vextubrx(PpcCpu *cpu, const PpcOp *op)
{
	extract_right(cpu, op, 1);
}

void ex_vextuhrx(PpcCpu *cpu, const PpcOp *op)
{
	extract_right(cpu, op, 2);
}

void ex_vextuwrx(PpcCpu *cpu, const PpcOp *op)
{
	extract_right(cpu, op, 4);
}

/* ---- Bits ---- */

/* Transposes the 8 x 8 bits of a doubleword: swaps blocks of 1, 2 and 4 across the diagonal. */
static inline uint64_t transpose8(uint64_t v)
{
	uint64_t d;

	d = (v ^ v >> 7) & UINT64_C(0x00aa00aa00aa00aa);
	v ^= d ^ d << 7;
	d = (v ^ v >> 14) & UINT64_C(0x0000cccc0000cccc);
	v ^= d ^ d << 14;
	d = (v ^ v >> 28) & UINT64_C(0x00000000f0f0f0f0);
	return v ^ d ^ d << 28;
}

EX_VMX_B(vgbbd, u64, transpose8(b))

/* Bit permute: bit i of the result is bit VRB.byte[i] of VRA, 0 when there is no such bit. */
void ex_vbpermq(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t = { .q = 0 };
	unsigned bits = 0;

	for (unsigned i = 0; i < 16; i++) {
		unsigned n = VSR_B(b, i);

		bits = bits << 1 | (n < 128 && (a.q >> (127 - n) & 1));
	}
	VSR_D(t, 0) = bits;
	vmx_set(cpu, op->VRT, t);
}

void ex_vbpermd(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr a = vmx_get(cpu, op->VRA), b = vmx_get(cpu, op->VRB);
	PpcVsr t;

	for (unsigned i = 0; i < 2; i++) {
		unsigned bits = 0;

		for (unsigned j = 0; j < 8; j++) {
			unsigned n = VSR_B(b, 8 * i + j);

			bits = bits << 1 | (n < 64 && (VSR_D(a, i) >> (63 - n) & 1));
		}
		VSR_D(t, i) = bits;
	}
	vmx_set(cpu, op->VRT, t);
}

/* How many bytes from the left (right) have a least significant bit of 0. */
void ex_vclzlsbb(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	unsigned n = 0;

	while (n < 16 && !(VSR_B(b, n) & 1))
		n++;
	cpu->gpr[op->RT] = n;
}

void ex_vctzlsbb(PpcCpu *cpu, const PpcOp *op)
{
	const PpcVsr b = vmx_get(cpu, op->VRB);
	unsigned n = 0;

	while (n < 16 && !(VSR_B(b, 15 - n) & 1))
		n++;
	cpu->gpr[op->RT] = n;
}
