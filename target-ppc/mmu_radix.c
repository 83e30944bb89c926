/*
 * Radix tree translation, Power ISA 3.0B book III 5.7.9 to 5.7.12, process-
 * scoped: the board plays hypervisor, so a guest real address is final.
 *
 * Reference and change bits are set by the walk, as the book's "atomic
 * hardware update" option; DSISR bit 45 is therefore never reported.
 */
#include "target-ppc/exec.h"

/* Table entries (book III figures 28 to 31). */
#define PRTE0_RTS_HI 0x6000000000000000ull
#define PRTE0_RTS_LO 0xe0ull
#define PRTE0_RPDB 0x0fffffffffffff00ull
#define PRTE0_RPDS 0x1full
#define PDE_V BIT64(0)
#define PDE_L BIT64(1)
#define PDE_NLB 0x0fffffffffffff00ull
#define PDE_NLS 0x1full
#define PTE_RPN 0x01fffffffffff000ull
#define PTE_R 0x100ull
#define PTE_C 0x80ull
#define PTE_ATT 0x30ull
#define PTE_CI 0x20ull /* ATT 10 and 11: caching inhibited */
#define PTE_EAA_P 8ull
#define PTE_EAA_R 4ull
#define PTE_EAA_W 2ull
#define PTE_EAA_X 1ull

static bool fault(PpcFault *f, PpcAccess acc, unsigned data, uint32_t bits)
{
	f->vector = acc == PPC_FETCH ? (data == PPC_V_DSI ? PPC_V_ISI : PPC_V_ISEG) : data;
	f->bits = bits | (acc == PPC_STORE ? DSISR_STORE : 0);
	return false;
}

static bool rights(const PpcCpu *cpu, uint64_t pte, PpcXlate *x)
{
	bool pr = cpu->msr & MSR_PR;

	x->r = pte & PTE_EAA_R;
	x->w = pte & PTE_EAA_W;
	x->x = (pte & PTE_EAA_X) && !(pte & PTE_CI);
	if (pte & PTE_EAA_P)
		return !pr;
	if (!pr) {
		/* 5.7.12.1: key 0 of AMR and IAMR for privileged accesses. */
		if (cpu->spr.AMR & BIT64(0))
			x->w = false;
		if (cpu->spr.AMR & BIT64(1))
			x->r = false;
		if (cpu->spr.IAMR & BIT64(1))
			x->x = false;
	}
	return true;
}

/* The leaf for ea below the root entry; its address in *at, its shift in *shift. */
static bool descend(const Ram *ram, uint64_t ea, uint64_t prte0, unsigned rts, uint64_t *at,
		    uint64_t *pte, unsigned *shift)
{
	uint64_t base = prte0 & PRTE0_RPDB;
	unsigned bits = prte0 & PRTE0_RPDS, left = rts;

	for (;;) {
		uint64_t index, e;

		if (bits < 5 || bits > 16 || left < bits + PPC_PAGE_SHIFT)
			return false;
		left -= bits;
		index = ea >> left & ((UINT64_C(1) << bits) - 1);
		*at = (base & ~((UINT64_C(8) << bits) - 1)) + index * 8;
		if (!ram_ld64_once(ram, *at, &e))
			return false;
		if (!(e & PDE_V)) {
			*pte = 0;
			return true;
		}
		if (e & PDE_L) {
			*pte = e;
			*shift = left;
			return left == 12 || left == 16 || left == 21 || left == 30;
		}
		base = e & PDE_NLB;
		bits = e & PDE_NLS;
	}
}

/*
 * False: another CPU has changed the entry since it was read (book III 5.7.12: the update is atomic
 * with the entry being what it was).
 */
static bool set_rc(PpcCpu *cpu, uint64_t at, uint64_t *pte, uint64_t bits)
{
	Ram *ram = cpu->dev.machine->ram;
	uint64_t *p = (uint64_t *)(void *)(ram->host + at), new = *pte | bits;
	uint64_t was = HOST_BE ? *pte : bswap64(*pte), be = HOST_BE ? new : bswap64(new);
	uint64_t version = 0;
	bool done;

	ram_touch(ram, at);
	if (cpu->guarded)
		version = ppc_granule_lock(cpu, at);
	done = __atomic_compare_exchange_n(p, &was, be, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	if (cpu->guarded)
		ppc_granule_unlock(cpu, at, version);
	if (!done)
		return false;
	ppc_note_store(cpu, at, 8);
	*pte = new;
	return true;
}

/* *again: the tables changed under its hands. */
static bool walk(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f,
		 bool *again)
{
	const Ram *ram = cpu->dev.machine->ram;
	unsigned quadrant = ea >> 62, rts, shift = 0;
	uint64_t pid = quadrant == 3 ? 0 : cpu->spr.PIDR, table, prte0, at, pte, need;
	bool radix;

	/* Quadrants 1 and 2 belong to the hypervisor. */
	if (quadrant == 1 || quadrant == 2)
		return fault(f, acc, PPC_V_DSEG, 0);
	table = cpu->board->process_table(cpu->board->opaque, &radix);
	/* PRTS: bits 59-63, the table has 2^(12 + PRTS) bytes. */
	if (pid >= UINT64_C(1) << (8 + (table & 0x1f)) ||
	    !ram_ld64_once(ram, (table & 0x0ffffffffffff000ull) + pid * 16, &prte0))
		return fault(f, acc, PPC_V_DSI, DSISR_BAD_RADIX);
	rts = (unsigned)((prte0 & PRTE0_RTS_HI) >> 58 | (prte0 & PRTE0_RTS_LO) >> 5) + 31;
	if (rts < 64 && (ea & (UINT64_MAX >> 2)) >> rts)
		return fault(f, acc, PPC_V_DSEG, 0);
	if (!descend(ram, ea, prte0, rts, &at, &pte, &shift))
		return fault(f, acc, PPC_V_DSI, DSISR_BAD_RADIX);
	if (!pte)
		return fault(f, acc, PPC_V_DSI, DSISR_NOPTE);
	x->shift = shift;
	x->wi = pte & PTE_CI ? TLB_PA_I : 0;
	x->pa = (pte & PTE_RPN & ~((UINT64_C(1) << shift) - 1)) |
		(ea & ((UINT64_C(1) << shift) - 1));
	if (!rights(cpu, pte, x) || !(acc == PPC_FETCH ? x->x : acc == PPC_STORE ? x->w : x->r))
		return fault(f, acc, PPC_V_DSI,
			     acc == PPC_FETCH && !(pte & PTE_EAA_X) ? SRR1_NOEXEC : DSISR_PROT);
	need = PTE_R | (acc == PPC_STORE ? PTE_C : 0);
	*again = !debug && (pte & need) != need && !set_rc(cpu, at, &pte, need);
	if (!(pte & PTE_C))
		x->w = false;
	return true;
}

bool ppc_walk_radix(PpcCpu *cpu, uint64_t ea, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f)
{
	bool again, ok;

	do {
		again = false;
		ok = walk(cpu, ea, acc, debug, x, f, &again);
	} while (again);
	return ok;
}
