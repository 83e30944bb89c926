/*
 * Breakpoints and watchpoints that the guest sets in registers.
 *
 *	CIABR		POWER8 and later: Power ISA 3.0B book III 9.3.  After the instruction:
 *			a trace interrupt.
 *	DAWRn, DAWRXn	POWER8 and later, two of them in POWER10: book III 9.4 (3.1: 10.4).
 *	IABR		603, 7xx, 74xx: before the instruction; 604: after it (each manual,
 *			2.1.2.1 and "Instruction Address Breakpoint Exception").
 *	DABR		604, 7xx, 74xx: PEM 2.3.15; 970 with DABRX: PowerPC Architecture
 *			Book III 2.02, "Data Address Breakpoint".
 *
 * Instructions: the offset in its page of the armed address is part of the
 * key of blocks (PPC_MODE_BREAK_*, block.h), but only in states in which it
 * can match; so nothing is flushed, and unarmed code costs nothing.
 * block.c puts a pseudo-instruction there or ends the block behind it.
 *
 * Data: pages with a watched byte have slow tags in every context, in
 * whatever state a match would be possible, and the slow paths ask
 * ppc_watch().  The interrupt comes before any byte is stored; a translation that
 * fails is reported first.  dcbz is a store; the other cache instructions
 * never match.  DAR is the first byte that matched.
 *
 * The 970's IABR is reached by SCOM only, so it has none here.
 */
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/debug.h"
#include "target-ppc/exec.h"

/* DAWRX; DABRX has the last four bits as BTI and PRIVM. */
#define X_MRD(v) ((v) >> 10 & 63) /* 48-53: doublewords - 1 */
#define X_DW BIT64(57)
#define X_DR BIT64(58)
#define X_WT BIT64(59)
#define X_WTI BIT64(60)
#define X_HYP BIT64(61)
#define X_PNH BIT64(62)
#define X_PRO BIT64(63)

/* DABR. */
#define DABR_BT 4u
#define DABR_DW 2u
#define DABR_DR 1u

/* IABR. */
#define IABR_BE 2u
#define IABR_TE 1u

static bool has(const PpcCpu *cpu, unsigned sets)
{
	return cpu->model->spr_set & sets;
}

static bool is_server(const PpcCpu *cpu)
{
	return cpu->model->excp >= PPC_EXCP_P8;
}

/* -------------------------------------------------------- instructions */

uint32_t ppc_debug_mode(const PpcCpu *cpu)
{
	uint32_t at = (uint32_t)(cpu->debug.stop & 0xffc) << PPC_MODE_BREAK_SHIFT;
	uint64_t m = cpu->msr;

	if (is_server(cpu)) {
		unsigned priv = m & MSR_PR ? 1 : m & MSR_HV ? 3 : 2;

		return (cpu->spr.CIABR & 3) == priv ? at | PPC_MODE_BREAK_AFTER : 0;
	}
	/* The 603 does not compare the translation mode (603e manual 2.1.2.7). */
	if (!has(cpu, PPC_SPRSET_S603) && !(m & MSR_IR) != !(cpu->spr.IABR & IABR_TE))
		return 0;
	return at | (has(cpu, PPC_SPRSET_S604) ? PPC_MODE_BREAK_AFTER : PPC_MODE_BREAK_BEFORE);
}

uint32_t ppc_debug_offset(uint32_t mode)
{
	if (!(mode & (PPC_MODE_BREAK_AFTER | PPC_MODE_BREAK_BEFORE)))
		return UINT32_MAX;
	return mode >> PPC_MODE_BREAK_SHIFT;
}

static void arm_instruction(PpcCpu *cpu)
{
	if (is_server(cpu)) {
		cpu->debug.stop = cpu->spr.CIABR & ~UINT64_C(3);
		cpu->debug.stops = cpu->spr.CIABR & 3;
	} else {
		cpu->debug.stop = cpu->spr.IABR & 0xfffffffc;
		cpu->debug.stops = has(cpu, PPC_SPRSET_S6) && (cpu->spr.IABR & IABR_BE);
	}
}

/* ---------------------------------------------------------------- data */

/* No context keeps an entry of the pages of w. */
static void forget(PpcCpu *cpu, const PpcWatch *w)
{
	for (uint64_t page = w->first & PPC_PAGE_MASK;; page += 0x1000) {
		ppc_tlb_forget_data(cpu, page);
		if (page == (w->last & PPC_PAGE_MASK))
			break;
	}
}

static void add_watch(PpcCpu *cpu, uint64_t first, unsigned doublewords, uint64_t x)
{
	PpcWatch *w = &cpu->debug.watch[cpu->debug.watches];

	w->first = first & ~UINT64_C(7);
	w->last = w->first + 8 * doublewords - 1;
	if (w->last < w->first)
		w->last = UINT64_MAX;
	w->x = x;
	cpu->debug.watches++;
	forget(cpu, w);
}

/*
 * DAWR: before 3.1 a range must not cross 512 bytes, and what would lie
 * beyond does not match.
 */
static void add_dawr(PpcCpu *cpu, uint64_t dawr, uint64_t x)
{
	unsigned n = X_MRD(x) + 1, room = 64 - (dawr >> 3 & 63);

	if (!(x & (X_DW | X_DR)) || !(x & (X_HYP | X_PNH | X_PRO)))
		return;
	add_watch(cpu, dawr, cpu->model->features & PPC_F_310 ? n : MIN(n, room), x);
}

/* DABR in DAWRX's terms; only the 970 has DABRX. */
static void add_dabr(PpcCpu *cpu)
{
	uint64_t v = cpu->spr.DABR, x = X_PNH | X_PRO;

	if (!(v & (DABR_DW | DABR_DR)))
		return;
	if (has(cpu, PPC_SPRSET_S970))
		x = cpu->spr.DABRX & 15;
	x |= (v & DABR_BT ? X_WT : 0) | (v & DABR_DW ? X_DW : 0) | (v & DABR_DR ? X_DR : 0);
	add_watch(cpu, v, 1, x);
}

void ppc_debug_changed(PpcCpu *cpu)
{
	for (unsigned i = 0; i < cpu->debug.watches; i++)
		forget(cpu, &cpu->debug.watch[i]);
	cpu->debug.watches = 0;
	if (!is_server(cpu)) {
		add_dabr(cpu);
	} else {
		add_dawr(cpu, cpu->spr.DAWR0, cpu->spr.DAWRX0);
		if (has(cpu, PPC_SPRSET_S10))
			add_dawr(cpu, cpu->spr.DAWR1, cpu->spr.DAWRX1);
	}
	arm_instruction(cpu);
	ppc_state_changed(cpu);
}

/* Does the state allow a match? */
static bool enabled(const PpcCpu *cpu, uint64_t x, PpcAccess acc)
{
	uint64_t m = cpu->msr;

	if (!(x & (acc == PPC_STORE ? X_DW : X_DR)))
		return false;
	if (!(x & X_WTI) && !(x & X_WT) != !(m & MSR_DR))
		return false;
	return x & (m & MSR_PR ? X_PRO : m & MSR_HV ? X_HYP : X_PNH);
}

/* Quadwords are compared as such before 3.1: the instructions that access n = 16 bytes, but lmw etc. */
static bool is_quadword(const PpcCpu *cpu, unsigned n)
{
	uint32_t word = cpu->cur->word, xo = word >> 1 & 0x3ff;

	if (n != 16 || (cpu->model->features & PPC_F_310))
		return false;
	switch (word >> 26) {
	case 46:
	case 47: return false;
	case 31: /* lswx, lswi, stswx, stswi */
		return xo != 533 && xo != 597 && xo != 661 && xo != 725;
	default: return true;
	}
}

void ppc_watch_slow(PpcCpu *cpu, uint64_t ea, unsigned n, PpcAccess acc)
{
	uint64_t last = ea + n - 1, hit = UINT64_MAX;
	bool match = false;

	for (unsigned i = 0; i < cpu->debug.watches; i++) {
		const PpcWatch *w = &cpu->debug.watch[i];
		uint64_t from = w->first, to = w->last;

		if (is_quadword(cpu, n)) {
			from &= ~UINT64_C(15);
			to |= 15;
		}
		if (!enabled(cpu, w->x, acc) || last < from || ea > to)
			continue;
		match = true;
		hit = MIN(hit, MAX(ea, from));
	}
	if (match)
		ppc_raise_dsi(cpu, hit, DSISR_DABR | (acc == PPC_STORE ? DSISR_STORE : 0));
}
