#include "tests/fuzz/small_machine.h"

#include "base/bits.h"
#include "base/log.h"
#include "base/stream.h"
#include "hw/char/spapr_vty.h"
#include "hw/spapr/tce.h"
#include "target-ppc/ppc.h"

#define RUN_INSNS 300u

static const BusOps quiet = { .endian = BUS_BE };

Machine *small_machine(void)
{
	static const PpcBoard board = { .tb_freq = 512000000, .vhyp = false };
	Machine *m = machine_new("small", loop_new(),
				 vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));
	SpaprVty *vty;
	SpaprTce *tce;

	m->ram = ram_new(SMALL_RAM, NULL);
	m->bus = bus_new(m->ram);
	bus_map(m->bus, "quiet", UINT64_C(1) << 40, 0x1000, &quiet, NULL);
	vty = device_new(&spapr_vty_type, m, "/vty");
	device_set_ptr(vty, "irq", irq_new(m, "vty", NULL, NULL, 0));
	tce = device_new(&spapr_tce_type, m, "/tce");
	device_set_u64(tce, "window", 1 << 20);
	if (!device_realize(vty, NULL) || !device_realize(tce, NULL) ||
	    !ppc_cpu_new(m, ppc_model_find("power9"), &board, 0, NULL))
		bug("no machine to fuzz");
	machine_lock(m);
	machine_reset(m);
	for (uint64_t at = 0; at < 0x1000; at += 4)
		ram_st32(m->ram, at, at & 0x1c ? 0x7c0004ac | (uint32_t)at << 16 : 0x39290001);
	machine_unlock(m);
	return m;
}

GByteArray *machine_state(Machine *m)
{
	OutStream o;

	out_init(&o);
	out_u64(&o, (uint64_t)vclock_now(m->clock));
	out_u64(&o, (uint64_t)vclock_stop_wall(m->clock));
	out_u64(&o, vcpupool_turn(m->pool).insns);
	for (guint i = 0; i < m->irqs->len; i++)
		out_u8(&o, (uint8_t)irq_level(m->irqs->pdata[i]));
	for (guint i = 0; i < m->devices->len; i++) {
		Device *d = m->devices->pdata[i];

		if (d->type->state)
			vm_save(d->type->state, d, &o);
	}
	out_u32(&o, crc32c(0, m->ram->host, SMALL_RAM));
	return o.buf;
}

void machine_live(Machine *m)
{
	vclock_start(m->clock);
	for (guint i = 0; i < m->vcpus->len; i++) {
		Vcpu *v = m->vcpus->pdata[i];
		uint64_t n = 0, k;

		atomic_fetch_and(&v->events, ~(uint32_t)VCPU_EV_EXIT);
		machine_unlock(m);
		while (n < RUN_INSNS && v->ops->runnable(v) && (k = v->ops->run(v, 50)) != 0) {
			vclock_count(m->clock, k);
			n += k;
		}
		machine_lock(m);
		vclock_run_timers(m->clock);
	}
	vclock_stop(m->clock);
}
