/*
 * Timebase, decrementer, hypervisor decrementer, PURR, SPURR, VTB.
 *
 * TB(V) = floor(V * F / 10^9) + tb_offset; DEC(V) = dec_at - TB(V).  The
 * decrementer's timer is armed, rounded up, at the first V at which the
 * register's sign changes, so an interrupt is never raised while it still
 * reads as non-negative.  Server CPUs: the exception is the sign bit itself
 * (book III 7.5.12 of 3.0B); older ones: an edge, latched until taken.
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

/* Sign-extended from the register's width: all 64 bits are the value. */
static int64_t dec_value(const PpcCpu *cpu, uint64_t at)
{
	return sext64(at - ppc_tb_get(cpu), dec_bits(cpu));
}

uint64_t ppc_dec_get(const PpcCpu *cpu)
{
	int64_t v = dec_value(cpu, cpu->dec_at);

	return dec_bits(cpu) == 32 ? (uint32_t)v : (uint64_t)v;
}

uint64_t ppc_hdec_get(const PpcCpu *cpu)
{
	int64_t v = dec_value(cpu, cpu->hdec_at);

	return dec_bits(cpu) == 32 ? (uint32_t)v : (uint64_t)v;
}

void ppc_tb_timer(PpcCpu *cpu, VTimer *t, uint64_t ticks)
{
	uint64_t now = ticks_now(cpu), ns;

	if (cpu->tb_stopped || ticks > UINT64_C(1) << 56 || now + ticks < now) {
		vtimer_cancel(t);
		return;
	}
	ns = ppc_ns_from_tb_ceil(cpu->tb_freq, now + ticks);
	if (ns > INT64_MAX)
		vtimer_cancel(t);
	else
		vtimer_set(t, (int64_t)ns);
}

/*
 * Arms a timer at the next change of the register's sign: in v + 1 ticks
 * when it is not negative, in v + 2^(bits-1) + ... ticks back to positive
 * when it is.
 */
static void arm(PpcCpu *cpu, VTimer *t, int64_t v)
{
	uint64_t wait;

	/* From v < 0 the register wraps to the greatest positive value after
	 * it has passed the most negative one. */
	if (v < 0)
		wait = (uint64_t)(v - sext64(UINT64_C(1) << (dec_bits(cpu) - 1), dec_bits(cpu))) +
		       1;
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

void ppc_time_update(PpcCpu *cpu)
{
	int64_t v = dec_value(cpu, cpu->dec_at);

	if (cpu->model->dec_level)
		set_pending(cpu, PPC_PEND_DEC, v < 0);
	else if (v < 0 && !cpu->dec_was_negative)
		set_pending(cpu, PPC_PEND_DEC, true);
	cpu->dec_was_negative = v < 0;
	arm(cpu, cpu->dec_timer, v);
}

void ppc_dec_set(PpcCpu *cpu, uint64_t v)
{
	/* It may have run out with the timer still on its way: that edge has been.  A write of
	 * a negative value over a non-negative one is an edge too. */
	ppc_time_update(cpu);
	cpu->dec_at = ppc_tb_get(cpu) + (uint64_t)sext64(v, dec_bits(cpu));
	ppc_time_update(cpu);
}

void ppc_hdec_set(PpcCpu *cpu, uint64_t v)
{
	cpu->hdec_at = ppc_tb_get(cpu) + (uint64_t)sext64(v, dec_bits(cpu));
}

/* dec_at after a jump: nowhere near where the register's sign would turn back. */
static uint64_t at_after_jump(const PpcCpu *cpu, uint64_t at, int64_t before, uint64_t ticks)
{
	int64_t floor = -(INT64_C(1) << (dec_bits(cpu) - 2)), gone;

	gone = ticks > INT64_MAX ? INT64_MAX : (int64_t)ticks;
	if (before < floor || gone <= before - floor)
		return at;
	return ppc_tb_get(cpu) + (uint64_t)floor;
}

void ppc_time_jump(PpcCpu *cpu, uint64_t ns)
{
	int64_t dec = dec_value(cpu, cpu->dec_at), hdec = dec_value(cpu, cpu->hdec_at);
	uint64_t ticks = ppc_tb_from_ns(cpu->tb_freq, ns);

	if (cpu->tb_stopped)
		return;
	ppc_pmu_tb_before(cpu);
	cpu->tb_offset += ticks;
	ppc_pmu_tb_after(cpu);
	cpu->dec_at = at_after_jump(cpu, cpu->dec_at, dec, ticks);
	cpu->hdec_at = at_after_jump(cpu, cpu->hdec_at, hdec, ticks);
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
	return true;
}

void ppc_time_free(PpcCpu *cpu)
{
	if (cpu->dec_timer)
		vtimer_free(cpu->dec_timer);
	cpu->dec_timer = NULL;
}

void ppc_time_reset(PpcCpu *cpu)
{
	uint64_t now = ticks_now(cpu);

	/* TB begins at 0 at power-on; DEC has its largest value. */
	cpu->tb_stopped = false;
	cpu->tb_offset = 0 - now;
	cpu->purr_offset = cpu->spurr_offset = cpu->vtb_offset = cpu->atb_offset = 0 - now;
	cpu->dec_was_negative = false;
	cpu->tb_written = false;
	cpu->dec_at = 0x7fffffff;
	cpu->hdec_at = 0x7fffffff;
	ppc_time_update(cpu);
	if (cpu->model->mmu == PPC_MMU_32)
		ppc_classic_time(cpu);
}
