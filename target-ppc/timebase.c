/*
 * Timebase, decrementer, hypervisor decrementer, PURR, SPURR, VTB.
 *
 * TB(V) = floor(V * F / 10^9) + tb_offset; DEC(V) = dec_at - TB(V).  The
 * decrementer's timer is armed, rounded up, at the first V at which the
 * register's sign changes, so an interrupt is never raised while it still
 * reads as non-negative.  Server CPUs: the exception is the sign bit itself
 * (book III 7.5.12 of 3.0B); older ones: an edge, latched until taken.
 *
 * HDEC's exception comes into existence when its sign turns to 1 and ends when its
 * interrupt is taken or the sign turns back (book III, "Hypervisor Decrementer").
 * Only a server CPU without a board that plays hypervisor has it: elsewhere HDEC is
 * a register that counts, without a timer.
 *
 * PURR and SPURR run with the timebase of the CPU, busy or not.  That of 32-bit
 * models can stop, and the decrementer with it: HID0[TBEN] of the 7450, sleep mode.
 */
#include <inttypes.h>
#include "base/log.h"
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"

#define NS_PER_S UINT64_C(1000000000)

uint64_t ppc_tb_from_ns(uint64_t freq, uint64_t ns)
{
	return muldiv64(ns, freq, NS_PER_S);
}

uint64_t ppc_ns_from_tb_ceil(uint64_t freq, uint64_t ticks)
{
	return muldiv64_ceil(ticks, NS_PER_S, freq);
}

static uint64_t ticks_now(const PpcCpu *cpu)
{
	uint64_t ns = (uint64_t)vclock_now(cpu->dev.machine->clock);

	/* 512 MHz is 64/125: no 128-bit division for the next 146 years. */
	if (cpu->tb_freq == 512000000 && ns < UINT64_MAX / 64)
		return ns * 64 / 125;
	return ppc_tb_from_ns(cpu->tb_freq, ns);
}

uint64_t ppc_tb_get(const PpcCpu *cpu)
{
	return (unlikely(cpu->tb_stopped) ? 0 : ticks_now(cpu)) + cpu->tb_offset;
}

void ppc_tb_run(PpcCpu *cpu, bool on)
{
	uint64_t tb = ppc_tb_get(cpu);

	if (on == !cpu->tb_stopped)
		return;
	cpu->tb_stopped = !on;
	cpu->tb_offset = on ? tb - ticks_now(cpu) : tb;
	ppc_time_update(cpu);
	ppc_pmu_derive(cpu);
}

void ppc_tb_set(PpcCpu *cpu, uint64_t v)
{
	uint64_t delta = v - ppc_tb_get(cpu);

	ppc_pmu_tb_before(cpu);
	cpu->tb_offset += delta;
	cpu->dec_at += delta;
	cpu->hdec_at += delta;
	ppc_pmu_tb_after(cpu);
}

void ppc_tb_write(PpcCpu *cpu, uint64_t v)
{
	ppc_tb_set(cpu, v);
	cpu->tb_written = true;
}

static unsigned dec_bits(const PpcCpu *cpu)
{
	return cpu->model->dec_bits > 32 && (cpu->spr.LPCR & LPCR_LD) ? cpu->model->dec_bits : 32;
}

/* HDEC is as wide as the large decrementer; LPCR[LD] is DEC's alone. */
static unsigned hdec_bits(const PpcCpu *cpu)
{
	return cpu->model->dec_bits;
}

bool ppc_has_hdec(const PpcCpu *cpu)
{
	return !cpu->board->vhyp && !ppc_is_classic(cpu);
}

/* Sign-extended from the register's width: all 64 bits are the value. */
static int64_t left(const PpcCpu *cpu, uint64_t at, unsigned bits)
{
	return sext64(at - ppc_tb_get(cpu), bits);
}

static int64_t dec_value(const PpcCpu *cpu)
{
	return left(cpu, cpu->dec_at, dec_bits(cpu));
}

static int64_t hdec_value(const PpcCpu *cpu)
{
	return left(cpu, cpu->hdec_at, hdec_bits(cpu));
}

uint64_t ppc_dec_get(const PpcCpu *cpu)
{
	int64_t v = dec_value(cpu);

	return dec_bits(cpu) == 32 ? (uint32_t)v : (uint64_t)v;
}

uint64_t ppc_hdec_get(const PpcCpu *cpu)
{
	int64_t v = hdec_value(cpu);

	return hdec_bits(cpu) == 32 ? (uint32_t)v : (uint64_t)v;
}

void ppc_tb_timer(PpcCpu *cpu, VTimer *t, uint64_t ticks)
{
	uint64_t now = ticks_now(cpu), ns;

	if (cpu->tb_stopped || ticks > UINT64_C(1) << 56 || now + ticks < now) {
		vtimer_cancel(t);
		return;
	}
	ns = ppc_ns_from_tb_ceil(cpu->tb_freq, now + ticks);
	if (ns > INT64_MAX - VCPU_LATE) {
		vtimer_cancel(t);
		return;
	}
	/* It need not wait for another thread's turn then. */
	if (t == cpu->dec_timer && vcpu_event_at(&cpu->vcpu, (int64_t)ns, PPC_EV_TIME))
		ns += VCPU_LATE;
	vtimer_set(t, (int64_t)ns);
}

/*
 * Arms a timer at the next change of the register's sign: in v + 1 ticks
 * when it is not negative, in v + 2^(bits-1) + ... ticks back to positive
 * when it is.
 */
static void arm(PpcCpu *cpu, VTimer *t, int64_t v, unsigned bits)
{
	uint64_t wait;

	/* From v < 0 the register wraps to the greatest positive value after
	 * it has passed the most negative one. */
	if (v < 0)
		wait = (uint64_t)(v - sext64(UINT64_C(1) << (bits - 1), bits)) + 1;
	else
		wait = (uint64_t)v + 1;
	ppc_tb_timer(cpu, t, wait);
}

static void set_pending(PpcCpu *cpu, uint32_t bit, bool on)
{
	if (on) {
		atomic_fetch_or(&cpu->pending, bit);
		atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
	} else {
		atomic_fetch_and(&cpu->pending, ~bit);
	}
}

/*
 * From POWER9 on, a sign that turns to 1 while LPCR[HDICE] is 0 makes no exception;
 * POWER8 keeps it for later.
 */
static void hdec_update(PpcCpu *cpu)
{
	int64_t v = hdec_value(cpu);

	if (v >= 0)
		set_pending(cpu, PPC_PEND_HDEC, false);
	else if (!cpu->hdec_was_negative &&
		 (cpu->model->excp == PPC_EXCP_P8 || (cpu->spr.LPCR & LPCR_HDICE)))
		set_pending(cpu, PPC_PEND_HDEC, true);
	cpu->hdec_was_negative = v < 0;
	arm(cpu, cpu->hdec_timer, v, hdec_bits(cpu));
}

void ppc_time_update(PpcCpu *cpu)
{
	int64_t v = dec_value(cpu);

	if (cpu->model->dec_level)
		set_pending(cpu, PPC_PEND_DEC, v < 0);
	else if (v < 0 && !cpu->dec_was_negative)
		set_pending(cpu, PPC_PEND_DEC, true);
	cpu->dec_was_negative = v < 0;
	arm(cpu, cpu->dec_timer, v, dec_bits(cpu));
	if (unlikely(cpu->hdec_timer))
		hdec_update(cpu);
}

void ppc_dec_set(PpcCpu *cpu, uint64_t v)
{
	/* It may have run out with the timer still on its way: that edge has been.  A write of
	 * a negative value over a non-negative one is an edge too. */
	if (!cpu->model->dec_level)
		ppc_time_update(cpu);
	cpu->dec_at = ppc_tb_get(cpu) + (uint64_t)sext64(v, dec_bits(cpu));
	ppc_time_update(cpu);
}

void ppc_hdec_set(PpcCpu *cpu, uint64_t v)
{
	cpu->hdec_was_negative = hdec_value(cpu) < 0;
	cpu->hdec_at = ppc_tb_get(cpu) + (uint64_t)sext64(v, hdec_bits(cpu));
	if (cpu->hdec_timer)
		hdec_update(cpu);
}

/* dec_at after a jump: nowhere near where the register's sign would turn back. */
static uint64_t at_after_jump(const PpcCpu *cpu, uint64_t at, int64_t before, unsigned bits,
			      uint64_t ticks)
{
	int64_t floor = -(INT64_C(1) << (bits - 2)), gone;

	gone = ticks > INT64_MAX ? INT64_MAX : (int64_t)ticks;
	if (before < floor || gone <= before - floor)
		return at;
	return ppc_tb_get(cpu) + (uint64_t)floor;
}

void ppc_time_jump(PpcCpu *cpu, uint64_t ns)
{
	int64_t dec = dec_value(cpu), hdec = hdec_value(cpu);
	uint64_t ticks = ppc_tb_from_ns(cpu->tb_freq, ns);

	if (cpu->tb_stopped)
		return;
	ppc_pmu_tb_before(cpu);
	cpu->tb_offset += ticks;
	ppc_pmu_tb_after(cpu);
	cpu->dec_at = at_after_jump(cpu, cpu->dec_at, dec, dec_bits(cpu), ticks);
	cpu->hdec_at = at_after_jump(cpu, cpu->hdec_at, hdec, hdec_bits(cpu), ticks);
	ppc_time_update(cpu);
}

void ppc_time_loaded(PpcCpu *cpu)
{
	const GPtrArray *all = cpu->dev.machine->vcpus;
	uint64_t lead = 0;

	for (guint i = 0; i < all->len && !cpu->tb_written; i++) {
		const PpcCpu *other = ((Vcpu *)all->pdata[i])->cpu;

		if (other->tb_written)
			lead = 0;
		if (other->tb_written)
			break;
		if ((int64_t)(other->tb_offset - cpu->tb_offset - lead) > 0)
			lead = other->tb_offset - cpu->tb_offset;
	}
	if (lead) {
		log_warn("cpu %u: its timebase is %" PRIu64
			 " ticks behind another's; brought into step",
			 cpu->index, lead);
		ppc_tb_set(cpu, ppc_tb_get(cpu) + lead);
	}
	ppc_time_update(cpu);
}

static void deadline(void *opaque)
{
	PpcCpu *cpu = opaque;

	/* The register is the CPU's own: it looks itself. */
	vcpu_event(&cpu->vcpu, PPC_EV_TIME);
	vcpu_kick(&cpu->vcpu);
}

bool ppc_time_init(PpcCpu *cpu)
{
	cpu->dec_timer = vtimer_new(cpu->dev.machine->clock, "dec", deadline, cpu);
	if (ppc_has_hdec(cpu))
		cpu->hdec_timer = vtimer_new(cpu->dev.machine->clock, "hdec", deadline, cpu);
	return true;
}

void ppc_time_free(PpcCpu *cpu)
{
	if (cpu->dec_timer)
		vtimer_free(cpu->dec_timer);
	if (cpu->hdec_timer)
		vtimer_free(cpu->hdec_timer);
	cpu->dec_timer = cpu->hdec_timer = NULL;
}

void ppc_time_reset(PpcCpu *cpu)
{
	uint64_t now = ticks_now(cpu);

	/* TB begins at 0 at power-on; DEC has its largest value. */
	cpu->tb_stopped = false;
	cpu->tb_offset = 0 - now;
	cpu->purr_offset = cpu->spurr_offset = cpu->vtb_offset = cpu->atb_offset = 0 - now;
	cpu->dec_was_negative = cpu->hdec_was_negative = false;
	cpu->tb_written = false;
	cpu->dec_at = 0x7fffffff;
	cpu->hdec_at = 0x7fffffff;
	ppc_time_update(cpu);
	if (cpu->model->mmu == PPC_MMU_32)
		ppc_classic_time(cpu);
}
