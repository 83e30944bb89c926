/*
 * Performance monitor: Power ISA 2.07 book III-S chapter 9, 3.0B and 3.1 book III
 * chapter 9 (POWER8 to 10), and the performance monitor's chapter in the manuals of
 * 604e, 750, 7400, 7450 and 970FX.
 *
 * Counted exactly: instructions completed (those that end in an interrupt of
 * their own are not, system calls are), cycles, both of them "while the run latch is
 * set", and transitions of a bit of the timebase.  A cycle is what one attempt to
 * execute an instruction takes, whether it completes or not, and a failed fetch;
 * a processor that sleeps has none.  So cycles are no measure of time; they are the
 * same in each run of counted time.  All other events read as standing still.
 *
 * A counter reaches 0x80000000 ("counter negative") between two instructions, and
 * the alert comes there: ppc_pmu_serve() ends the slice at that instruction.
 * SIAR is the address of the instruction that would have come next, SIER says so
 * (POWER); SDAR is never set.  Nothing is sampled at random, no thresholds, no
 * branch history: the BHRB is always empty.
 *
 *	counted		POWER8 to 10 (PMCnSEL)	970	604, 7xx, 74xx
 *	cycles		1e; f0 (PMC1); f2 (1)	0f	1
 *	completed	02; fe (PMC1)		09	2
 *	run cycles	f4 (PMC2); PMC6
 *	run completed	fa (PMC4); PMC5
 *	timebase bit	f8 (PMC3)			3
 *	dispatched					4 (= cycles)
 */
#include <inttypes.h>
#include <stddef.h>
#include "base/log.h"
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"

#define NEGATIVE 0x80000000u

/* BESCR (book II 7.2.1 of 3.0B). */
#define BESCR_GE BIT64(0)
#define BESCR_PME BIT64(31)
#define BESCR_PMEO BIT64(63)
#define FSCR_EBB BIT64(56)
/* SIER (as POWER8 to 10 have it): state of the sample, and that SIAR is right. */
#define SIER_SIPR BIT64(38)
#define SIER_SIAR_VALID BIT64(41)

enum { EV_NONE, EV_CYCLES, EV_INSNS, EV_TB, EV_OTHER };
/* `only with the run latch` */
#define EV_RUN 8

static bool is_server(const PpcCpu *cpu)
{
	return !ppc_is_classic(cpu);
}

static unsigned counters(const PpcCpu *cpu)
{
	if (is_server(cpu))
		return 6;
	if (cpu->model->spr_set & PPC_SPRSET_S970)
		return 8;
	if (cpu->model->spr_set & PPC_SPRSET_S7450)
		return 6;
	return cpu->model->spr_set & PPC_SPRSET_S603 ? 0 : 4;
}

static uint64_t *storage(PpcCpu *cpu, unsigned n)
{
	uint64_t *const at[] = { &cpu->spr.PMC1, &cpu->spr.PMC2, &cpu->spr.PMC3, &cpu->spr.PMC4,
				 &cpu->spr.PMC5, &cpu->spr.PMC6, &cpu->spr.PMC7, &cpu->spr.PMC8 };

	return at[n];
}

/* ------------------------------------------------------------ what it counts */

/* Counters 1 to 4 by MMCR1: PMCnUNIT and PMCnCOMB choose other events if not 0. */
static unsigned server_event(const PpcCpu *cpu, unsigned n)
{
	uint64_t m = cpu->spr.MMCR1;
	unsigned sel = m >> (24 - 8 * n) & 0xff, unit = m >> (60 - 4 * n) & 15;

	if (unit || (m >> (35 - n) & 1))
		return EV_OTHER;
	switch (sel | n << 8) {
	case 0x000:
	case 0x100:
	case 0x200:
	case 0x300: return EV_NONE;
	case 0x01e:
	case 0x11e:
	case 0x21e:
	case 0x31e:
	case 0x0f0: return EV_CYCLES;
	case 0x002:
	case 0x102:
	case 0x202:
	case 0x302:
	case 0x0f2: /* cycles in which something completed: one instruction each */
	case 0x0fe: return EV_INSNS;
	case 0x1f4: return EV_CYCLES | EV_RUN;
	case 0x3fa: return EV_INSNS | EV_RUN;
	case 0x2f8: return EV_TB;
	default: return EV_OTHER;
	}
}

static unsigned event_970(const PpcCpu *cpu, unsigned n)
{
	static const uint8_t shift[] = { 8, 1, 27, 22, 17, 12, 7, 2 };

	switch ((n < 2 ? cpu->spr.MMCR0 : cpu->spr.MMCR1) >> shift[n] & 31) {
	case 0: return EV_NONE;
	case 0x0f: return EV_CYCLES;
	case 0x09: return EV_INSNS;
	default: return EV_OTHER;
	}
}

static unsigned event_32(const PpcCpu *cpu, unsigned n)
{
	static const struct {
		uint8_t shift, mask;
	} f[] = {
		{ 6, 0x7f }, { 0, 0x3f }, { 27, 0x1f }, { 22, 0x1f }, { 17, 0x1f }, { 11, 0x3f }
	};
	uint64_t m = n < 2 ? cpu->spr.MMCR0 : cpu->spr.MMCR1;
	unsigned sel = m >> f[n].shift & f[n].mask;

	if (n >= 4 && sel)
		return EV_OTHER;
	switch (sel) {
	case 0: return EV_NONE;
	case 1:
	case 4: return EV_CYCLES;
	case 2: return EV_INSNS;
	case 3: return EV_TB;
	default: return EV_OTHER;
	}
}

/* What counter n (from 0) is set to count, whether frozen or not. */
static unsigned event_of(const PpcCpu *cpu, unsigned n)
{
	bool latch = cpu->spr.MMCR0 & MMCR0_CC56RUN;

	if (!is_server(cpu))
		return cpu->model->spr_set & PPC_SPRSET_S970 ? event_970(cpu, n) : event_32(cpu, n);
	if (n == 4)
		return EV_INSNS | (latch ? 0 : EV_RUN);
	if (n == 5)
		return EV_CYCLES | (latch ? 0 : EV_RUN);
	return server_event(cpu, n);
}

/* MMCR2: nine bits for each counter. */
static bool frozen_alone(const PpcCpu *cpu, unsigned n)
{
	uint64_t m = cpu->spr.MMCR2 << (9 * n), msr = cpu->msr;
	bool run = cpu->spr.CTRL & 1;

	return ((m & BIT64(0)) && !(msr & MSR_PR)) || ((m & BIT64(1)) && (msr & MSR_PR)) ||
	       ((m & BIT64(3)) && (msr & MSR_PMM)) || ((m & BIT64(4)) && !(msr & MSR_PMM)) ||
	       ((m & BIT64(5)) && !run);
}

/* All of them, by MMCR0 and MSR.  There is no hypervisor or adjunct state. */
static bool frozen(const PpcCpu *cpu)
{
	uint64_t m = cpu->spr.MMCR0, msr = cpu->msr;
	uint64_t fcp = is_server(cpu) && (m & MMCR0_FCPC) ? MMCR0_FCP | MMCR0_FCPC : MMCR0_FCP;

	if (m & MMCR0_FC)
		return true;
	if (msr & MSR_PR ? (m & fcp) == fcp : (m & MMCR0_FCS) != 0)
		return true;
	return m & (msr & MSR_PMM ? MMCR0_FCM1 : MMCR0_FCM0);
}

/* What counter n counts just now. */
static unsigned counted_event(const PpcCpu *cpu, unsigned n)
{
	unsigned ev = event_of(cpu, n);
	uint64_t m = cpu->spr.MMCR0;
	bool run = cpu->spr.CTRL & 1;

	if ((ev & EV_RUN) && !run)
		return EV_NONE;
	ev &= ~(unsigned)EV_RUN;
	if (ev == EV_NONE || ev == EV_OTHER || frozen(cpu))
		return EV_NONE;
	if ((m & MMCR0_TRIGGER) && n)
		return EV_NONE;
	if (!is_server(cpu))
		return ev;
	if (m & (n < 4 ? MMCR0_FC14 : MMCR0_FC56))
		return EV_NONE;
	if (n < 4 && (m & MMCR0_FC14WAIT) && !run)
		return EV_NONE;
	return frozen_alone(cpu, n) ? EV_NONE : ev;
}

/* ------------------------------------------------------------------- values */

/* Slots (attempts to execute) so far, with the instruction under way. */
static uint64_t slots_after(const PpcCpu *cpu)
{
	uint64_t n = cpu->slots;

	if (!cpu->in_run)
		return n;
	n += cpu->slice_size - cpu->slice_left;
	if (cpu->cur_block)
		n -= cpu->cur_block->n - (uint64_t)(cpu->cur - cpu->cur_block->ops) - 1;
	return n;
}

/* What an instruction that reads a counter finds: itself not counted yet. */
static uint64_t slots_read(const PpcCpu *cpu)
{
	bool in_insn = cpu->in_run && (cpu->cur_block || cpu->single);

	return slots_after(cpu) - (in_insn ? 1 : 0);
}

/* The bit of the timebase that MMCR0[TBSEL] selects: 63, 55, 51 or 47. */
static unsigned tb_shift(const PpcCpu *cpu)
{
	static const uint8_t shift[] = { 0, 8, 12, 16 };

	return shift[cpu->spr.MMCR0 >> 23 & 3];
}

/* How often the selected bit has become 1 since the timebase was 0. */
static uint64_t tb_transitions(const PpcCpu *cpu, uint64_t tb)
{
	uint64_t half = UINT64_C(1) << tb_shift(cpu);

	return (tb + half) / (2 * half);
}

static uint32_t value(PpcCpu *cpu, unsigned n, uint64_t slots)
{
	uint64_t v = *storage(cpu, n);

	switch (cpu->pmu_event[n]) {
	case EV_CYCLES: v += slots - cpu->pmu_slots; break;
	case EV_INSNS: v += slots - cpu->undone - (cpu->pmu_slots - cpu->pmu_undone); break;
	case EV_TB:
		v += tb_transitions(cpu, ppc_tb_get(cpu)) - tb_transitions(cpu, cpu->pmu_tb);
		break;
	default: break;
	}
	return (uint32_t)v;
}

uint64_t ppc_pmu_completed(const PpcCpu *cpu)
{
	return slots_read(cpu) - cpu->undone;
}

uint32_t ppc_pmu_counter(PpcCpu *cpu, unsigned n)
{
	return value(cpu, n - 1, slots_read(cpu));
}

/* Puts what was counted into the registers: before what is counted changes. */
static void settle(PpcCpu *cpu, uint64_t slots)
{
	bool tb = false;

	for (unsigned n = 0; n < counters(cpu); n++) {
		*storage(cpu, n) = value(cpu, n, slots);
		tb |= cpu->pmu_event[n] == EV_TB;
	}
	cpu->pmu_slots = slots;
	cpu->pmu_undone = cpu->undone;
	if (tb)
		cpu->pmu_tb = ppc_tb_get(cpu);
}

/* ----------------------------------------------------- alerts, and when they come */

/* Is it of any consequence that a counter becomes negative or the bit 1? */
static bool armed(const PpcCpu *cpu)
{
	uint64_t m = cpu->spr.MMCR0;

	return m & MMCR0_PMAE || m & MMCR0_TRIGGER || ((m & MMCR0_FCECE) && !(m & MMCR0_FC));
}

/* Counters that PMC1CE and PMCjCE look at, and with TRIGGER PMC1 in any case. */
static bool watched(const PpcCpu *cpu, unsigned n)
{
	uint64_t m = cpu->spr.MMCR0;

	if (!n)
		return m & (MMCR0_PMC1CE | MMCR0_TRIGGER);
	/* PMCC = 3: PMC5 and 6 do not belong to the monitor. */
	if (n >= 4 && is_server(cpu) && (m & MMCR0_PMCC) == MMCR0_PMCC)
		return false;
	return m & MMCR0_PMCJCE;
}

/* Slots until the first watched counter can be negative; UINT64_MAX: none will be. */
static uint64_t slots_to_go(PpcCpu *cpu, uint64_t slots)
{
	uint64_t least = UINT64_MAX;

	for (unsigned n = 0; n < counters(cpu); n++) {
		uint32_t v = value(cpu, n, slots);
		unsigned ev = cpu->pmu_event[n];

		if (watched(cpu, n) && !(v & NEGATIVE) && (ev == EV_CYCLES || ev == EV_INSNS))
			least = MIN(least, NEGATIVE - v);
	}
	return least;
}

/* The timer: the first time at which the timebase has something to tell. */
static void arm_timer(PpcCpu *cpu)
{
	uint64_t tb = ppc_tb_get(cpu), half = UINT64_C(1) << tb_shift(cpu), least = UINT64_MAX;

	if (armed(cpu) && (cpu->spr.MMCR0 & MMCR0_TBEE))
		least = cpu->pmu_tb_next - tb;
	for (unsigned n = 0; armed(cpu) && n < counters(cpu); n++) {
		uint32_t v = value(cpu, n, slots_after(cpu));

		if (watched(cpu, n) && !(v & NEGATIVE) && cpu->pmu_event[n] == EV_TB) {
			uint64_t at = tb_transitions(cpu, tb) + (NEGATIVE - v);

			least = MIN(least, at * 2 * half - half - tb);
		}
	}
	if (least == UINT64_MAX)
		vtimer_cancel(cpu->pmu_timer);
	else
		ppc_tb_timer(cpu, cpu->pmu_timer, least);
}

static bool tb_event(const PpcCpu *cpu)
{
	return (cpu->spr.MMCR0 & MMCR0_TBEE) && (int64_t)(ppc_tb_get(cpu) - cpu->pmu_tb_next) >= 0;
}

/* The first 0 to 1 of the selected bit from now on. */
static void next_tb_event(PpcCpu *cpu)
{
	uint64_t half = UINT64_C(1) << tb_shift(cpu);

	cpu->pmu_tb_next = tb_transitions(cpu, ppc_tb_get(cpu)) * 2 * half + half;
}

static void set_pending(PpcCpu *cpu, bool on)
{
	if (on) {
		atomic_fetch_or(&cpu->pending, PPC_PEND_PMI);
		atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
	} else {
		atomic_fetch_and(&cpu->pending, ~(uint32_t)PPC_PEND_PMI);
	}
}

/* Server and 970: MMCR0[PMAO] is the exception. */
static void set_exception(PpcCpu *cpu)
{
	uint64_t m = cpu->spr.MMCR0;

	if (is_server(cpu) && (m & MMCR0_EBE)) {
		set_pending(cpu, false);
		if ((m & MMCR0_PMAO) && (cpu->spr.BESCR & BESCR_PME))
			cpu->spr.BESCR = (cpu->spr.BESCR & ~BESCR_PME) | BESCR_PMEO;
	} else if (is_server(cpu) || (cpu->model->spr_set & PPC_SPRSET_S970)) {
		set_pending(cpu, m & MMCR0_PMAO);
	}
}

static void alert(PpcCpu *cpu)
{
	cpu->spr.MMCR0 &= ~(uint64_t)MMCR0_PMAE;
	cpu->spr.SIAR = cpu->nip;
	if (is_server(cpu)) {
		cpu->spr.SIER = SIER_SIAR_VALID | (cpu->msr & MSR_PR ? SIER_SIPR : 0);
		cpu->spr.MMCR0 |= MMCR0_PMAO;
	} else if (cpu->model->spr_set & PPC_SPRSET_S970) {
		cpu->spr.MMCR0 |= MMCR0_PMAO;
	} else {
		set_pending(cpu, true); /* an edge */
	}
}

/* Watched counters that are negative, a bit each. */
static unsigned negative(PpcCpu *cpu, uint64_t slots)
{
	unsigned r = 0;

	for (unsigned n = 0; n < counters(cpu); n++)
		if (watched(cpu, n) && (value(cpu, n, slots) & NEGATIVE))
			r |= 1u << n;
	return r;
}

/*
 * What the conditions (negative counters) and the event (timebase) lead to.  A counter
 * that becomes negative ends TRIGGER or, with FCECE, all counting, once; the alert comes
 * for as long as a counter is negative and PMAE is 1.
 */
static void react(PpcCpu *cpu, uint64_t slots)
{
	uint64_t *m = &cpu->spr.MMCR0;
	unsigned neg = negative(cpu, slots), enabled = neg, fresh = neg & ~cpu->pmu_handled;
	bool tb = tb_event(cpu), freeze, trigger;

	if (!(*m & MMCR0_PMC1CE))
		enabled &= ~1u;
	trigger = (*m & MMCR0_TRIGGER) && (fresh || tb);
	/* Where TRIGGER is 1 FCECE is as if it were 0. */
	freeze = (*m & MMCR0_FCECE) && !(*m & (MMCR0_TRIGGER | MMCR0_FC)) &&
		 ((fresh & enabled) || tb);
	if (!trigger && !freeze && !tb && !(enabled && (*m & MMCR0_PMAE)))
		return;
	settle(cpu, slots);
	cpu->pmu_handled |= (uint8_t)neg;
	if (trigger)
		*m &= ~(uint64_t)MMCR0_TRIGGER;
	if (freeze)
		*m |= MMCR0_FC;
	if ((enabled || tb) && (*m & MMCR0_PMAE))
		alert(cpu);
	if (tb)
		next_tb_event(cpu);
	ppc_pmu_derive(cpu);
}

void ppc_pmu_derive(PpcCpu *cpu)
{
	bool any = false;

	for (unsigned n = 0; n < counters(cpu); n++) {
		cpu->pmu_event[n] = (uint8_t)counted_event(cpu, n);
		any |= event_of(cpu, n) != EV_NONE;
	}
	cpu->pmu_live = counters(cpu) && ((any && !(cpu->spr.MMCR0 & MMCR0_FC)) || armed(cpu) ||
					  (cpu->spr.BESCR & BESCR_GE));
	arm_timer(cpu);
	set_exception(cpu);
}

/* An event-based branch (book II 7.2 of 3.0B): to EBBHR, with the way back in EBBRR. */
static void branch_on_event(PpcCpu *cpu)
{
	uint64_t *b = &cpu->spr.BESCR;

	if (!is_server(cpu) || !(cpu->msr & MSR_PR) || !(cpu->spr.FSCR & FSCR_EBB))
		return;
	if ((*b & (BESCR_GE | BESCR_PMEO)) != (BESCR_GE | BESCR_PMEO))
		return;
	*b &= ~BESCR_GE;
	cpu->spr.EBBRR = cpu->nip;
	cpu->nip = cpu->spr.EBBHR & ~UINT64_C(3) & cpu->ea_mask;
	cpu->halted = false;
}

void ppc_pmu_serve(PpcCpu *cpu)
{
	uint64_t slots = slots_after(cpu), left;

	if (armed(cpu))
		react(cpu, slots);
	branch_on_event(cpu);
	if (!armed(cpu))
		return;
	left = slots_to_go(cpu, slots);
	if (left < cpu->slice_left) {
		cpu->slice_size -= cpu->slice_left - left;
		cpu->slice_left = left;
	}
}

/* --------------------------------------------------- what moves from outside */

/* Has the run loop look here before the next instruction. */
static void look(PpcCpu *cpu)
{
	atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

void ppc_pmu_msr_changed(PpcCpu *cpu)
{
	bool same = true;

	for (unsigned n = 0; n < counters(cpu) && same; n++)
		same = cpu->pmu_event[n] == counted_event(cpu, n);
	if (!same) {
		settle(cpu, slots_after(cpu));
		ppc_pmu_derive(cpu);
	}
	/* Interrupted slices would not tell how far it is now; event-based branches need PR. */
	look(cpu);
}

void ppc_pmu_bescr_changed(PpcCpu *cpu)
{
	ppc_pmu_derive(cpu);
	look(cpu);
}

void ppc_pmu_tb_before(PpcCpu *cpu)
{
	if (cpu->pmu_live)
		settle(cpu, slots_after(cpu));
}

void ppc_pmu_tb_after(PpcCpu *cpu)
{
	if (!cpu->pmu_live)
		return;
	cpu->pmu_tb = ppc_tb_get(cpu);
	next_tb_event(cpu);
	arm_timer(cpu);
}

static bool is_counter(PpcCpu *cpu, const PpcSprInfo *i, unsigned *n)
{
	for (*n = 0; *n < counters(cpu); ++*n)
		if ((char *)storage(cpu, *n) - (char *)&cpu->spr == (ptrdiff_t)i->offset)
			return true;
	return false;
}

uint64_t ppc_pmu_read(PpcCpu *cpu, const PpcSprInfo *i)
{
	uint64_t v;
	unsigned n;

	if (is_counter(cpu, i, &n))
		return value(cpu, n, slots_read(cpu));
	memcpy(&v, (const char *)&cpu->spr + i->offset, sizeof(v));
	return v & i->mask;
}

/* Events that stand still, said once they are to be counted. */
static void tell_others(const PpcCpu *cpu)
{
	for (unsigned n = 0; n < counters(cpu) && !(cpu->spr.MMCR0 & MMCR0_FC); n++)
		if (event_of(cpu, n) == EV_OTHER)
			log_unimp("cpu %u: PMC%u: this event is not counted (MMCR0 0x%" PRIx64
				  ", MMCR1 0x%" PRIx64 ")",
				  cpu->index, n + 1, cpu->spr.MMCR0, cpu->spr.MMCR1);
}

void ppc_pmu_write(PpcCpu *cpu, const PpcSprInfo *i, uint64_t v)
{
	uint64_t old, tbee = cpu->spr.MMCR0 & (MMCR0_TBEE | MMCR0_TBSEL);

	settle(cpu, slots_after(cpu));
	memcpy(&old, (const char *)&cpu->spr + i->offset, sizeof(old));
	v = (v & i->mask) | (old & ~i->mask);
	memcpy((char *)&cpu->spr + i->offset, &v, sizeof(v));
	cpu->pmu_tb = ppc_tb_get(cpu);
	cpu->pmu_handled = 0;
	if (tbee != (cpu->spr.MMCR0 & (MMCR0_TBEE | MMCR0_TBSEL)))
		next_tb_event(cpu);
	ppc_pmu_derive(cpu);
	tell_others(cpu);
	look(cpu);
}

/* ------------------------------------------------------------- problem state */

/*
 * Group A: PMC1 to 6, MMCR0, MMCR2, MMCRA.  Group B, which problem state only
 * reads: MMCR1, MMCR3, SIER to SIER3, SIAR, SDAR.  (3.1 book III 9.4.4, PMCC and
 * PMCCEXT; 3.0B has no PMCCEXT: it reads as 0.)
 */
void ppc_pmu_check(PpcCpu *cpu, unsigned num, bool write)
{
	bool group_a = num >= 769 && num <= 779, pmc56 = num == 775 || num == 776;

	switch (cpu->spr.MMCR0 & MMCR0_PMCC) {
	case 0:
		if (!group_a && (cpu->spr.MMCR0 & MMCR0_PMCCEXT))
			ppc_raise_facility(cpu, PPC_FSCR_IC_PM);
		if (write)
			ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
		break;
	case MMCR0_PMCC_NONE: ppc_raise_facility(cpu, PPC_FSCR_IC_PM);
	case MMCR0_PMCC:
		if (pmc56)
			ppc_raise_facility(cpu, PPC_FSCR_IC_PM);
		break;
	default: break;
	}
}

/* ---------------------------------------------------------------------- BHRB */

/* MMCR0[BHRBA]: problem state may read and clear it. */
static void bhrb_access(PpcCpu *cpu)
{
	if ((cpu->msr & MSR_PR) && !(cpu->spr.MMCR0 & MMCR0_BHRBA))
		ppc_raise_facility(cpu, PPC_FSCR_IC_BHRB);
}

/* An entry that was not written is 0 (book II 8 of 3.0B): the end of the list. */
void ex_mfbhrbe(PpcCpu *cpu, const PpcOp *op)
{
	bhrb_access(cpu);
	cpu->gpr[op->RT] = 0;
}

void ex_clrbhrb(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	bhrb_access(cpu);
}

/* ---------------------------------------------------------------------- life */

static void deadline(void *opaque)
{
	PpcCpu *cpu = opaque;

	vcpu_event(&cpu->vcpu, PPC_EV_TIME);
	vcpu_kick(&cpu->vcpu);
}

void ppc_pmu_init(PpcCpu *cpu)
{
	cpu->pmu_timer = vtimer_new(cpu->dev.machine->clock, "pmu", deadline, cpu);
}

void ppc_pmu_free(PpcCpu *cpu)
{
	if (cpu->pmu_timer)
		vtimer_free(cpu->pmu_timer);
	cpu->pmu_timer = NULL;
}
