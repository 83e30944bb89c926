/*
 * Fixed-point instructions of Power ISA 3.1: byte reverse, set boolean,
 * bit gather and scatter (book I 3.3.13 to 3.3.17), hashes (3.3.20).
 */
#include "target-ppc/ex_310_bits.h"
#include "target-ppc/exec.h"

/* ---- Byte reverse in every halfword, word, doubleword ---- */

static inline uint64_t reverse_halves(uint64_t v)
{
	const uint64_t low = UINT64_C(0x00ff00ff00ff00ff);

	return (v >> 8 & low) | (v & low) << 8;
}

void ex_brh(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = reverse_halves(cpu->gpr[op->RS]);
}

void ex_brw(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t v = bswap64(cpu->gpr[op->RS]);

	cpu->gpr[op->RA] = v << 32 | v >> 32;
}

void ex_brd(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = bswap64(cpu->gpr[op->RS]);
}

/* ---- Booleans from a CR bit ---- */

void ex_setbc(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = ppc_cr_bit(cpu, op->BI);
}

void ex_setbcr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = !ppc_cr_bit(cpu, op->BI);
}

void ex_setnbc(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = -(uint64_t)ppc_cr_bit(cpu, op->BI);
}

void ex_setnbcr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = -(uint64_t)!ppc_cr_bit(cpu, op->BI);
}

/* ---- Bits under a mask ---- */

void ex_cfuged(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = bits_fuge(cpu->gpr[op->RS], cpu->gpr[op->RB]);
}

void ex_cntlzdm(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = bits_leading_under(cpu->gpr[op->RS], cpu->gpr[op->RB]);
}

void ex_cnttzdm(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = bits_trailing_under(cpu->gpr[op->RS], cpu->gpr[op->RB]);
}

void ex_pdepd(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = bits_deposit(cpu->gpr[op->RS], cpu->gpr[op->RB]);
}

void ex_pextd(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RA] = bits_extract(cpu->gpr[op->RS], cpu->gpr[op->RB]);
}

/* ---- Hashes ---- */

static inline uint16_t rotl16(uint16_t v, unsigned n)
{
	return (uint16_t)(v << n | v >> (16 - n));
}

/*
 * The cipher of book I 3.3.20: SIMON with 32-bit blocks and a 64-bit key, whose
 * round keys are taken in an order that depends on the lane.  Unlike SIMON's
 * own description the left half of a block is its lower halfword.
 */
enum { ROUNDS = 32 };

static void round_keys(uint64_t key, uint16_t k[ROUNDS])
{
	uint64_t z = UINT64_C(0xfa2561cdf44ac398); /* SIMON's constant sequence, first bit left */

	for (unsigned i = 0; i < 4; i++)
		k[i] = (uint16_t)(key >> (48 - 16 * i));
	for (unsigned i = 4; i < ROUNDS; i++, z <<= 1) {
		uint16_t t = rotl16(k[i - 1], 13) ^ k[i - 3];

		k[i] = (uint16_t)(0xfffc ^ (uint16_t)(z >> 63) ^ k[i - 4] ^ t ^ rotl16(t, 15));
	}
}

static uint32_t cipher(uint32_t block, const uint16_t k[ROUNDS], unsigned lane)
{
	uint16_t left = (uint16_t)block, right = (uint16_t)(block >> 16);

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint16_t f = (rotl16(left, 1) & rotl16(left, 8)) ^ rotl16(left, 2);
		uint16_t next = right ^ f ^ k[(i & ~3u) + ((i + lane) & 3)];

		right = left;
		left = next;
	}
	return (uint32_t)right << 16 | left;
}

/* Bytes of a, lowest last, each after a byte of b, lowest first. */
static uint64_t interleave(uint32_t a, uint32_t b)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 4; i++)
		r |= (uint64_t)(a >> 8 * i & 0xff) << 16 * i | (uint64_t)(b >> 8 * i & 0xff)
								       << (56 - 16 * i);
	return r;
}

static uint64_t digest(uint64_t a, uint64_t b, uint64_t key)
{
	uint64_t h = interleave((uint32_t)(a >> 32), (uint32_t)b);
	uint64_t l = interleave((uint32_t)a, (uint32_t)(b >> 32));
	uint16_t k[ROUNDS];

	round_keys(key, k);
	h = (uint64_t)cipher((uint32_t)(h >> 32), k, 0) << 32 | cipher((uint32_t)h, k, 1);
	l = (uint64_t)cipher((uint32_t)(l >> 32), k, 2) << 32 | cipher((uint32_t)l, k, 3);
	return h ^ l;
}

/*
 * Does the DEXCR let this instruction work (book III 9: aspects)?  Bits 0-31
 * are for privileged state, 32-63 for problem state; the hypervisor's
 * HDEXCR may enforce the aspect for both.  Otherwise it is a no-op.
 */
enum { ASPECT_NPHIE = 5, ASPECT_PHIE = 6 };

static bool hash_enabled(const PpcCpu *cpu, unsigned aspect)
{
	uint64_t mine = BIT64(aspect + (cpu->msr & MSR_PR ? 32u : 0));

	return cpu->spr.DEXCR & mine || cpu->spr.HDEXCR & BIT64(aspect + 32);
}

static void hash_store(PpcCpu *cpu, const PpcOp *op, unsigned aspect, uint64_t key)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA] + (uint64_t)op->HD);

	if (hash_enabled(cpu, aspect))
		ppc_st64(cpu, ea, digest(cpu->gpr[op->RA], cpu->gpr[op->RB], key));
}

static void hash_check(PpcCpu *cpu, const PpcOp *op, unsigned aspect, uint64_t key)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA] + (uint64_t)op->HD);

	if (hash_enabled(cpu, aspect) &&
	    ppc_ld64(cpu, ea) != digest(cpu->gpr[op->RA], cpu->gpr[op->RB], key))
		ppc_raise_program(cpu, PPC_PROG_TRAP);
}

void ex_hashst(PpcCpu *cpu, const PpcOp *op)
{
	hash_store(cpu, op, ASPECT_NPHIE, cpu->spr.HASHKEYR);
}

void ex_hashchk(PpcCpu *cpu, const PpcOp *op)
{
	hash_check(cpu, op, ASPECT_NPHIE, cpu->spr.HASHKEYR);
}

void ex_hashstp(PpcCpu *cpu, const PpcOp *op)
{
	hash_store(cpu, op, ASPECT_PHIE, cpu->spr.HASHPKEYR);
}

void ex_hashchkp(PpcCpu *cpu, const PpcOp *op)
{
	hash_check(cpu, op, ASPECT_PHIE, cpu->spr.HASHPKEYR);
}
