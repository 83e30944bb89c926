/*
 * Fixed-point arithmetic and compares: Power ISA 3.0B book I 3.3.9, 3.3.10.
 *
 * CA, OV and SO follow the mode (64-bit: the whole register; 32-bit: its
 * low half); CA32 and OV32 always describe the low half and are seen only
 * by ISA 3.0 software (mfxer hides them otherwise).
 *
 * Where the book leaves a result undefined: the high halves are sign-extended
 * for mulhw and modsw, 0 for mulhwu, moduw and the 32-bit divisions (as a Cell
 * PPE shows it); a division that overflows or divides by zero gives 0, on
 * the classic models 0 or -1 by the dividend's sign (as 750-class chips do; an
 * overflow gives 0 on 74xx).
 */
#include <sys/random.h>
#include "target-ppc/exec.h"

static inline bool mode64(const PpcCpu *cpu)
{
	return (int64_t)cpu->msr < 0; /* MSR[SF] is bit 0 */
}

/* OV and OV32 by themselves, SO sticks. */
static inline void set_ov(PpcCpu *cpu, bool ov64, bool ov32)
{
	bool ov = mode64(cpu) ? ov64 : ov32;

	cpu->xer.ov = ov;
	cpu->xer.ov32 = ov32;
	cpu->xer.so |= ov;
}

/* Multiplies and divides: one condition for both. */
static inline void set_ov_both(PpcCpu *cpu, bool ov)
{
	cpu->xer.ov = cpu->xer.ov32 = ov;
	cpu->xer.so |= ov;
}

/* OV of r = a + b (+ carry): both operands differ in sign from the sum. */
static inline void add_ov(PpcCpu *cpu, uint64_t a, uint64_t b, uint64_t r)
{
	uint64_t v = (a ^ r) & (b ^ r);

	set_ov(cpu, v >> 63, v >> 31 & 1);
}

/* r = a + b + c, with CA and CA32. */
static inline uint64_t add_ca(PpcCpu *cpu, uint64_t a, uint64_t b, unsigned c)
{
	uint64_t t, r;
	bool ca = __builtin_add_overflow(a, b, &t);

	ca |= __builtin_add_overflow(t, (uint64_t)c, &r);
	cpu->xer.ca32 = (a ^ b ^ r) >> 32 & 1;
	cpu->xer.ca = mode64(cpu) ? ca : cpu->xer.ca32;
	return r;
}

void ex_addi(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RA0] + (uint64_t)op->SI;
}

void ex_addis(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RA0] + ((uint64_t)op->SI << 16);
}

void ex_addpcis(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t nia = (cpu->pc0 + op->off + 4) & cpu->ea_mask;

	cpu->gpr[op->RT] = nia + ((uint64_t)op->DPC << 16);
}

void ex_addic(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = add_ca(cpu, cpu->gpr[op->RA], (uint64_t)op->SI, 0);
}

void ex_addic_(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t r = add_ca(cpu, cpu->gpr[op->RA], (uint64_t)op->SI, 0);

	cpu->gpr[op->RT] = r;
	ppc_cr0(cpu, r);
}

void ex_subfic(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = add_ca(cpu, ~cpu->gpr[op->RA], (uint64_t)op->SI, 1);
}

void ex_mulli(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RA] * (uint64_t)op->SI;
}

void ex_add(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RA] + cpu->gpr[op->RB];
}

void ex_addo(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB], r = a + b;

	add_ov(cpu, a, b, r);
	cpu->gpr[op->RT] = r;
}

void ex_subf(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RB] - cpu->gpr[op->RA];
}

void ex_subfo(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = ~cpu->gpr[op->RA], b = cpu->gpr[op->RB], r = a + b + 1;

	add_ov(cpu, a, b, r);
	cpu->gpr[op->RT] = r;
}

void ex_neg(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = -cpu->gpr[op->RA];
}

void ex_nego(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = cpu->gpr[op->RA];

	set_ov(cpu, a == BIT64(0), (uint32_t)a == BIT32(0));
	cpu->gpr[op->RT] = -a;
}

/* RT = A + B + C with CA, and the OE form.  C is read before CA changes. */
#define EX_CARRY(name, A, B, C)                                                                    \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		cpu->gpr[op->RT] = add_ca(cpu, (A), (B), (C));                                     \
	}                                                                                          \
	void ex_##name##o(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		uint64_t a = (A), b = (B), r = add_ca(cpu, a, b, (C));                             \
                                                                                                   \
		add_ov(cpu, a, b, r);                                                              \
		cpu->gpr[op->RT] = r;                                                              \
	}
EX_CARRY(addc, cpu->gpr[op->RA], cpu->gpr[op->RB], 0)
EX_CARRY(subfc, ~cpu->gpr[op->RA], cpu->gpr[op->RB], 1)
EX_CARRY(adde, cpu->gpr[op->RA], cpu->gpr[op->RB], cpu->xer.ca)
EX_CARRY(subfe, ~cpu->gpr[op->RA], cpu->gpr[op->RB], cpu->xer.ca)
EX_CARRY(addme, cpu->gpr[op->RA], UINT64_MAX, cpu->xer.ca)
EX_CARRY(subfme, ~cpu->gpr[op->RA], UINT64_MAX, cpu->xer.ca)
EX_CARRY(addze, cpu->gpr[op->RA], 0, cpu->xer.ca)
EX_CARRY(subfze, ~cpu->gpr[op->RA], 0, cpu->xer.ca)

/* OV serves as the carry (CY = 0; the other values are reserved). */
void ex_addex(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB], t, r;
	bool ca = __builtin_add_overflow(a, b, &t);

	ca |= __builtin_add_overflow(t, (uint64_t)cpu->xer.ov, &r);
	cpu->xer.ov32 = (a ^ b ^ r) >> 32 & 1;
	cpu->xer.ov = mode64(cpu) ? ca : cpu->xer.ov32;
	cpu->gpr[op->RT] = r;
}

void ex_mullw(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = (uint64_t)((int64_t)(int32_t)cpu->gpr[op->RA] *
				      (int32_t)cpu->gpr[op->RB]);
}

void ex_mullwo(PpcCpu *cpu, const PpcOp *op)
{
	int64_t r = (int64_t)(int32_t)cpu->gpr[op->RA] * (int32_t)cpu->gpr[op->RB];

	set_ov_both(cpu, r != (int32_t)r);
	cpu->gpr[op->RT] = (uint64_t)r;
}

void ex_mulld(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RA] * cpu->gpr[op->RB];
}

void ex_mulldo(PpcCpu *cpu, const PpcOp *op)
{
	int64_t r;

	set_ov_both(cpu, __builtin_mul_overflow((int64_t)cpu->gpr[op->RA],
						(int64_t)cpu->gpr[op->RB], &r));
	cpu->gpr[op->RT] = (uint64_t)r;
}

void ex_mulhw(PpcCpu *cpu, const PpcOp *op)
{
	int64_t r = (int64_t)(int32_t)cpu->gpr[op->RA] * (int32_t)cpu->gpr[op->RB];

	cpu->gpr[op->RT] = (uint64_t)(r >> 32);
}

void ex_mulhwu(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = (uint64_t)(uint32_t)cpu->gpr[op->RA] * (uint32_t)cpu->gpr[op->RB] >> 32;
}

void ex_mulhd(PpcCpu *cpu, const PpcOp *op)
{
	i128 r = (i128)(int64_t)cpu->gpr[op->RA] * (int64_t)cpu->gpr[op->RB];

	cpu->gpr[op->RT] = (uint64_t)(r >> 64);
}

void ex_mulhdu(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = (uint64_t)((u128)cpu->gpr[op->RA] * cpu->gpr[op->RB] >> 64);
}

void ex_maddhd(PpcCpu *cpu, const PpcOp *op)
{
	i128 r = (i128)(int64_t)cpu->gpr[op->RA] * (int64_t)cpu->gpr[op->RB] +
		 (int64_t)cpu->gpr[op->RC];

	cpu->gpr[op->RT] = (uint64_t)(r >> 64);
}

void ex_maddhdu(PpcCpu *cpu, const PpcOp *op)
{
	u128 r = (u128)cpu->gpr[op->RA] * cpu->gpr[op->RB] + cpu->gpr[op->RC];

	cpu->gpr[op->RT] = (uint64_t)(r >> 64);
}

void ex_maddld(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = cpu->gpr[op->RA] * cpu->gpr[op->RB] + cpu->gpr[op->RC];
}

/* What a division of a by b leaves behind that has no representable quotient. */
static inline uint64_t div_undefined(const PpcCpu *cpu, int32_t a, int32_t b)
{
	if (!(cpu->features & PPC_F_CLS) || a >= 0)
		return 0;
	/* An overflow gives 0 on 74xx. */
	return b && (cpu->features & PPC_F_VMX) ? 0 : UINT32_MAX;
}

/* Each returns whether the quotient is representable. */
static inline bool div_w(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	int32_t a = (int32_t)cpu->gpr[op->RA], b = (int32_t)cpu->gpr[op->RB];

	if (unlikely(b == 0 || (a == INT32_MIN && b == -1))) {
		*q = div_undefined(cpu, a, b);
		return false;
	}
	*q = (uint32_t)(a / b);
	return true;
}

static inline bool div_wu(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	uint32_t a = (uint32_t)cpu->gpr[op->RA], b = (uint32_t)cpu->gpr[op->RB];

	*q = 0;
	if (unlikely(b == 0))
		return false;
	*q = a / b;
	return true;
}

static inline bool div_d(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	int64_t a = (int64_t)cpu->gpr[op->RA], b = (int64_t)cpu->gpr[op->RB];

	*q = 0;
	if (unlikely(b == 0 || (a == INT64_MIN && b == -1)))
		return false;
	*q = (uint64_t)(a / b);
	return true;
}

static inline bool div_du(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB];

	*q = 0;
	if (unlikely(b == 0))
		return false;
	*q = a / b;
	return true;
}

/* Extended: the dividend is RA followed by as many zeros. */
static inline bool div_we(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	int64_t a = (int64_t)(cpu->gpr[op->RA] << 32), b = (int32_t)cpu->gpr[op->RB], r;

	*q = 0;
	if (unlikely(b == 0 || (a == INT64_MIN && b == -1)))
		return false;
	r = a / b;
	if (r != (int32_t)r)
		return false;
	*q = (uint32_t)r;
	return true;
}

static inline bool div_weu(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	uint32_t a = (uint32_t)cpu->gpr[op->RA], b = (uint32_t)cpu->gpr[op->RB];

	*q = 0;
	if (unlikely(a >= b)) /* also b == 0 */
		return false;
	*q = ((uint64_t)a << 32) / b;
	return true;
}

static inline bool div_de(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB];
	bool neg = (a ^ b) >> 63;
	uint64_t ua = (int64_t)a < 0 ? -a : a, ub = (int64_t)b < 0 ? -b : b, uq;

	*q = 0;
	if (unlikely(ua >= ub)) /* the magnitude needs more than 64 bits; also b == 0 */
		return false;
	uq = (uint64_t)(((u128)ua << 64) / ub);
	if (uq > (uint64_t)INT64_MAX + neg)
		return false;
	*q = neg ? -uq : uq;
	return true;
}

static inline bool div_deu(PpcCpu *cpu, const PpcOp *op, uint64_t *q)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB];

	*q = 0;
	if (unlikely(a >= b))
		return false;
	*q = (uint64_t)(((u128)a << 64) / b);
	return true;
}

#define EX_DIV(name, how)                                                                          \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		uint64_t q;                                                                        \
                                                                                                   \
		how(cpu, op, &q);                                                                  \
		cpu->gpr[op->RT] = q;                                                              \
	}                                                                                          \
	void ex_##name##o(PpcCpu *cpu, const PpcOp *op)                                            \
	{                                                                                          \
		uint64_t q;                                                                        \
                                                                                                   \
		set_ov_both(cpu, !how(cpu, op, &q));                                               \
		cpu->gpr[op->RT] = q;                                                              \
	}
EX_DIV(divw, div_w)
EX_DIV(divwu, div_wu)
EX_DIV(divd, div_d)
EX_DIV(divdu, div_du)
EX_DIV(divwe, div_we)
EX_DIV(divweu, div_weu)
EX_DIV(divde, div_de)
EX_DIV(divdeu, div_deu)

void ex_modsw(PpcCpu *cpu, const PpcOp *op)
{
	int32_t a = (int32_t)cpu->gpr[op->RA], b = (int32_t)cpu->gpr[op->RB];
	bool ok = b != 0 && !(a == INT32_MIN && b == -1);

	cpu->gpr[op->RT] = ok ? (uint64_t)(int64_t)(a % b) : 0;
}

void ex_moduw(PpcCpu *cpu, const PpcOp *op)
{
	uint32_t a = (uint32_t)cpu->gpr[op->RA], b = (uint32_t)cpu->gpr[op->RB];

	cpu->gpr[op->RT] = b ? a % b : 0;
}

void ex_modsd(PpcCpu *cpu, const PpcOp *op)
{
	int64_t a = (int64_t)cpu->gpr[op->RA], b = (int64_t)cpu->gpr[op->RB];
	bool ok = b != 0 && !(a == INT64_MIN && b == -1);

	cpu->gpr[op->RT] = ok ? (uint64_t)(a % b) : 0;
}

void ex_modud(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t a = cpu->gpr[op->RA], b = cpu->gpr[op->RB];

	cpu->gpr[op->RT] = b ? a % b : 0;
}

/*
 * A random number: L = 0 32 bits, 1 64 bits conditioned, 2 64 bits raw; all
 * ones for L = 3 and when there is none.  In counted time a run must repeat
 * itself exactly: the number is then a hash of virtual time and place.
 */
void ex_darn(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t v = 0;
	bool ok = op->L14 != 3;

	if (ok && cpu->counted) {
		v = (uint64_t)vclock_now(cpu->dev.machine->clock) * UINT64_C(0x9e3779b97f4a7c15);
		v += cpu->pc0 + op->off + ((uint64_t)cpu->index << 56);
		v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
		v ^= v >> 31;
	} else if (ok) {
		ok = getrandom(&v, sizeof(v), GRND_NONBLOCK) == sizeof(v);
	}
	if (!ok)
		v = UINT64_MAX;
	else if (op->L14 == 0)
		v = (uint32_t)v;
	cpu->gpr[op->RT] = v;
}

/* Compares: LT GT EQ and a copy of SO. */
#define EX_CMP(name, type, B)                                                                      \
	void ex_##name(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		type a = (type)cpu->gpr[op->RA], b = (type)(B);                                    \
                                                                                                   \
		cpu->cr[op->BF] = (a < b ? 8 : a > b ? 4 : 2) | cpu->xer.so;                       \
	}
EX_CMP(cmpw, int32_t, cpu->gpr[op->RB])
EX_CMP(cmpd, int64_t, cpu->gpr[op->RB])
EX_CMP(cmpwi, int32_t, op->SI)
EX_CMP(cmpdi, int64_t, op->SI)
EX_CMP(cmplw, uint32_t, cpu->gpr[op->RB])
EX_CMP(cmpld, uint64_t, cpu->gpr[op->RB])
EX_CMP(cmplwi, uint32_t, op->UI)
EX_CMP(cmpldi, uint64_t, op->UI)

/* Is RA's last byte within one (L: two) byte ranges of RB: GT bit. */
void ex_cmprb(PpcCpu *cpu, const PpcOp *op)
{
	uint8_t v = (uint8_t)cpu->gpr[op->RA];
	uint64_t r = cpu->gpr[op->RB];
	bool in = v >= (uint8_t)r && v <= (uint8_t)(r >> 8);

	if (op->L10)
		in |= v >= (uint8_t)(r >> 16) && v <= (uint8_t)(r >> 24);
	cpu->cr[op->BF] = in ? 4 : 0;
}

/* Is RA's last byte one of the eight of RB: GT bit. */
void ex_cmpeqb(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t lanes = UINT64_C(0x0101010101010101);
	uint64_t x = cpu->gpr[op->RB] ^ lanes * (uint8_t)cpu->gpr[op->RA];

	/* The lowest zero byte of x raises its top bit here. */
	cpu->cr[op->BF] = (x - lanes) & ~x & lanes << 7 ? 4 : 0;
}
