/*
 * Hashed page table translation with a software-managed SLB, Power ISA 2.07
 * book III-S 5.7.6 to 5.7.9 (3.0B book III 5.7.6 to 5.7.8 with UPRT = 0).
 *
 * The table lies in the board's memory (the board plays hypervisor), or on the
 * 970 in RAM (PowerPC Architecture 2.01 book III 4.4, SDR1).
 * Reference and change bits are updated with single-byte stores, as the
 * book recommends, so an update cannot undo a change by another CPU.  Whoever takes an
 * entry away waits, before it is used again, for all who may have found it: that
 * is part of waiting for a flush (shoot.c).
 */
#include "target-ppc/exec.h"

#define SLB_V BIT64(36)
#define SLB_KS BIT64(52)
#define SLB_KP BIT64(53)
#define SLB_N BIT64(54)
#define SLB_L BIT64(55)
#define SLB_LP (BIT64(58) | BIT64(59))

#define HPTE_V 1ull
#define HPTE_H 2ull
#define HPTE_L 4ull
#define HPTE_R 0x100ull
#define HPTE_C 0x80ull
#define HPTE_N 4ull
#define HPTE_WIMG 0x78ull
#define HPTE_SAO 0x70ull
#define HPTE_W 0x40ull
#define HPTE_I 0x20ull
#define HPTE_G 8ull
#define HPTE_RPN 0x0ffffffffffff000ull

#define SDR1_HTABORG 0x3ffffffffffc0000ull
#define SEG_256M 28
#define SEG_1T 40

const PpcSlbEntry *ppc_slb_lookup(const PpcCpu *cpu, uint64_t ea)
{
	for (unsigned i = 0; i < cpu->model->slb_size; i++) {
		const PpcSlbEntry *e = &cpu->slb[i];
		unsigned s = e->vsid >> 62 == 1 ? SEG_1T : SEG_256M;

		if ((e->esid & SLB_V) && !((e->esid ^ ea) >> s))
			return e;
	}
	return NULL;
}

/* log2 of the base page size, 0 for an encoding no model has. */
static unsigned base_shift(uint64_t vsid)
{
	if (!(vsid & SLB_L))
		return 12;
	return (vsid & SLB_LP) == 0x10 ? 16 : (vsid & SLB_LP) == 0 ? 24 : 0;
}

/* log2 of the actual page size by L and LP of an entry; 0 if it does not fit. */
unsigned ppc_hpte_shift(unsigned base, uint64_t v, uint64_t r)
{
	uint64_t lp = r >> 12 & 0xff;

	if (!(v & HPTE_L))
		return base == 12 ? 12 : 0;
	if (base == 12)
		return (lp & 0xf) == 7 ? 16 : lp == 0x38 ? 24 : 0;
	if (base == 16)
		return (lp & 0xf) == 1 ? 16 : lp == 8 ? 24 : 0;
	return lp == 0 ? 24 : 0;
}

/* A doubleword of an entry, while others may change it. */
static uint64_t entry_word(const uint8_t *p)
{
	uint64_t v = __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_ACQUIRE);

	return HOST_BE ? v : bswap64(v);
}

typedef struct Found {
	uint8_t *at; /* the entry */
	uint64_t v, r;
	unsigned shift;
} Found;

/* Searches both groups of a hash; ram: where the table lies, NULL if it is the board's own. */
static bool search(const Ram *ram, uint8_t *hpt, unsigned shift, uint64_t hash, uint64_t want,
		   unsigned base, Found *found)
{
	uint64_t groups = (UINT64_C(1) << (shift - 7)) - 1;
	/* AVA leaves out VA bits below 2^23; a larger page masks more. */
	uint64_t mask = ~(uint64_t)0x7f &
			(base > 23 ? ~((UINT64_C(1) << (base - 23 + 7)) - 1) : ~UINT64_C(0));

	for (unsigned second = 0; second < 2; second++) {
		uint8_t *group = hpt + ((second ? ~hash : hash) & groups) * 128;

		if (ram && !ram_need(ram, (uint64_t)(group - ram->host), 128))
			continue;
		for (unsigned i = 0; i < 8; i++) {
			uint64_t v = entry_word(group + i * 16);

			if (!(v & HPTE_V) || !(v & HPTE_H) != !second || ((v ^ want) & mask))
				continue;
			found->v = v;
			found->r = entry_word(group + i * 16 + 8);
			found->shift = ppc_hpte_shift(base, v, found->r);
			if (!found->shift)
				continue;
			found->at = group + i * 16;
			return true;
		}
	}
	return false;
}

static void rights(const PpcCpu *cpu, uint64_t vsid, const Found *p, PpcXlate *x, bool *by_key)
{
	bool key = vsid & (cpu->msr & MSR_PR ? SLB_KP : SLB_KS);
	unsigned pp = (unsigned)(p->r >> 61 & 4) | (p->r & 3);
	unsigned k = (unsigned)((p->r >> 57 & 0x18) | (p->r >> 9 & 7));

	/* Figure 33: PP 0-7 with key 0 and key 1. */
	static const uint8_t r0 = 0x4f, w0 = 0x07, r1 = 0x0e, w1 = 0x04;

	x->r = (key ? r1 : r0) >> pp & 1;
	x->w = (key ? w1 : w0) >> pp & 1;
	x->x = x->r && !(p->r & (HPTE_N | HPTE_G)) && !(vsid & SLB_N);
	*by_key = false;
	/* Virtual page class keys: two bits each, write and read disable. */
	if (cpu->spr.AMR & BIT64(2 * k)) {
		*by_key |= x->w;
		x->w = false;
	}
	if (cpu->spr.AMR & BIT64(2 * k + 1)) {
		*by_key |= x->r;
		x->r = false;
	}
	if (cpu->spr.IAMR & BIT64(2 * k + 1))
		x->x = false;
}

static bool fault(PpcFault *f, PpcAccess acc, unsigned data, uint32_t bits)
{
	f->vector = acc == PPC_FETCH ? (data == PPC_V_DSI ? PPC_V_ISI : PPC_V_ISEG) : data;
	f->bits = bits | (acc == PPC_STORE ? DSISR_STORE : 0);
	return false;
}

static bool denied(PpcFault *f, PpcAccess acc, uint64_t vsid, const Found *p, bool by_key)
{
	uint32_t bits = by_key && acc != PPC_FETCH ? DSISR_KEY : DSISR_PROT;

	if (acc == PPC_FETCH && ((p->r & (HPTE_N | HPTE_G)) || (vsid & SLB_N)))
		bits = SRR1_NOEXEC;
	return fault(f, acc, PPC_V_DSI, bits);
}

/* The table: the board's, or where SDR1 says (970: 2^(18 + HTABSIZE) bytes of RAM). */
static uint8_t *table(const PpcCpu *cpu, unsigned *shift)
{
	const Ram *ram = cpu->dev.machine->ram;
	uint64_t sdr1 = cpu->spr.SDR1, at = sdr1 & SDR1_HTABORG;

	if (cpu->board->hpt)
		return cpu->board->hpt(cpu->board->opaque, shift);
	*shift = 18 + (unsigned)(sdr1 & 31);
	if (*shift > 46 || at & ((UINT64_C(1) << *shift) - 1) ||
	    !ram_has(ram, at, UINT64_C(1) << *shift))
		return NULL;
	return ram->host + at;
}

/* Sets bits of a byte of an entry; a table in RAM may be code as well. */
static void set_bits(PpcCpu *cpu, uint8_t *p, uint8_t bits)
{
	Ram *ram = cpu->dev.machine->ram;

	if (cpu->board->hpt)
		__atomic_fetch_or(p, bits, __ATOMIC_SEQ_CST);
	else
		ppc_set_bits(cpu, (uint64_t)(p - ram->host), bits);
}

bool ppc_walk_hash64(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f)
{
	const PpcSlbEntry *slb = ppc_slb_lookup(cpu, ea);
	unsigned shift = 0, base, seg;
	uint8_t *hpt = table(cpu, &shift);
	uint64_t vsid, off, hash, want;
	bool by_key;
	Found p;

	if (!slb)
		return fault(f, acc, PPC_V_DSEG, 0);
	base = base_shift(slb->vsid);
	if (!base || !hpt)
		return fault(f, acc, PPC_V_DSI, DSISR_NOPTE);
	if (acc == PPC_FETCH && (slb->vsid & SLB_N))
		return fault(f, acc, PPC_V_DSI, SRR1_NOEXEC);
	seg = slb->vsid >> 62 == 1 ? SEG_1T : SEG_256M;
	off = ea & ((UINT64_C(1) << seg) - 1);
	if (seg == SEG_1T) {
		vsid = slb->vsid >> 24 & ((UINT64_C(1) << 38) - 1);
		hash = vsid ^ vsid << 25 ^ off >> base;
	} else {
		vsid = slb->vsid >> 12 & ((UINT64_C(1) << 50) - 1);
		hash = vsid ^ off >> base;
	}
	want = (slb->vsid & (BIT64(0) | BIT64(1))) |
	       ((vsid << (seg - 23) | off >> 23) << 7 & ~(BIT64(0) | BIT64(1)));
	if (!search(cpu->board->hpt ? NULL : cpu->dev.machine->ram, hpt, shift, hash, want, base,
		    &p))
		return fault(f, acc, PPC_V_DSI, DSISR_NOPTE);
	rights(cpu, slb->vsid, &p, x, &by_key);
	if (!(acc == PPC_FETCH ? x->x : acc == PPC_STORE ? x->w : x->r))
		return denied(f, acc, slb->vsid, &p, by_key);
	x->shift = p.shift;
	/* WIMG 1110 is strong access order: cached. */
	x->wi = 0;
	if ((p.r & HPTE_WIMG) != HPTE_SAO)
		x->wi = (p.r & HPTE_W ? TLB_PA_W : 0) | (p.r & HPTE_I ? TLB_PA_I : 0);
	x->pa = (p.r & HPTE_RPN & ~((UINT64_C(1) << p.shift) - 1)) |
		(off & ((UINT64_C(1) << p.shift) - 1));
	if (!debug) {
		/* R is bit 55 (byte 6), C bit 56 (byte 7) of the second doubleword. */
		if (!(p.r & HPTE_R))
			set_bits(cpu, p.at + 14, 1);
		if (acc == PPC_STORE && !(p.r & HPTE_C))
			set_bits(cpu, p.at + 15, 0x80);
	}
	if (!(p.r & HPTE_C) && acc != PPC_STORE)
		x->w = false;
	return true;
}
