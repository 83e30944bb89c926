#include "tests/unit/fake.h"

#include "base/log.h"

#define RAM_SIZE (3 * (1u << 20) + 5 * RAM_PAGE_SIZE)

static void timer_fired(void *opaque)
{
	FakeCpu *f = opaque;

	machine_assert_locked(f->dev.machine);
	f->fired++;
	f->hash = f->hash * 31 + (uint64_t)vclock_now(f->dev.machine->clock);
	f->halted = false;
	vcpu_kick(&f->vcpu);
}

static void line_moved(void *opaque, int n, int level)
{
	FakeCpu *f = opaque;

	f->taken += (uint32_t)(n + level);
	f->halted = false;
	vcpu_kick(&f->vcpu);
}

static void rare(FakeCpu *f, unsigned what)
{
	Machine *m = f->dev.machine;
	int64_t now = vclock_now(m->clock);

	switch (what) {
	case 1: f->hash = f->hash * 33 + (uint64_t)now; break;
	case 2: vtimer_set(f->timer, now + (int64_t)(f->x >> 20 & 0xfff)); break;
	case 3:
		vtimer_set(f->timer, now + 100 + (int64_t)(f->x >> 20 & 0xffff));
		f->halted = true;
		break;
	case 4:
		machine_lock(m);
		irq_set(f->line, !irq_level(f->line));
		machine_unlock(m);
		break;
	case 5: ram_st64(m->ram, (f->x >> 8) % (RAM_SIZE - 8), f->x); break;
	default: break;
	}
}

static uint64_t fake_run(Vcpu *v, uint64_t max)
{
	FakeCpu *f = v->cpu;

	f->slice = 0;
	while (f->slice < max && !f->halted) {
		f->x = f->x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		f->count++;
		if (!f->plain && f->x >> 59 == 0)
			rare(f, f->x >> 56);
		f->slice++;
		if (atomic_load(&v->events) & VCPU_EV_EXIT)
			break;
	}
	return f->slice;
}

static bool fake_runnable(Vcpu *v)
{
	return !((FakeCpu *)v->cpu)->halted;
}

static uint64_t fake_partial(Vcpu *v)
{
	return ((FakeCpu *)v->cpu)->slice;
}

static const VcpuOps fake_ops = { .run = fake_run,
				  .runnable = fake_runnable,
				  .partial = fake_partial };

static bool realize(Device *d, GError **err)
{
	FakeCpu *f = (FakeCpu *)d;

	(void)err;
	f->timer = vtimer_new(d->machine->clock, d->path, timer_fired, f);
	f->vcpu.ops = &fake_ops;
	f->vcpu.cpu = f;
	vcpu_add(d->machine, &f->vcpu);
	return true;
}

static void reset(Device *d)
{
	FakeCpu *f = (FakeCpu *)d;

	f->x = (uint64_t)f->vcpu.index + 1;
}

static void destroy(Device *d)
{
	vtimer_free(((FakeCpu *)d)->timer);
}

static const VmField fields[] = {
	DEVICE_SKIP(FakeCpu, dev),
	VMF(FakeCpu, x),
	VMF(FakeCpu, count),
	VMF(FakeCpu, hash),
	VMF(FakeCpu, fired),
	VMF(FakeCpu, taken),
	VMF(FakeCpu, halted),
	VMSKIP(FakeCpu, plain, "property"),
	VMSKIP(FakeCpu, pad, "padding"),
	VMTIMER(FakeCpu, timer),
	VMSKIP(FakeCpu, line, "wiring"),
	VMSKIP(FakeCpu, slice, "nothing outside of a slice"),
	VMSKIP(FakeCpu, vcpu, "the pool's"),
	VMEND,
};
static const VmDesc desc = { "fake-cpu", 1, sizeof(FakeCpu), fields };
static const Prop props[] = {
	{ "plain", PROP_BOOL, offsetof(FakeCpu, plain), 0, NULL, 0, 0 },
	{ .name = NULL },
};

const DeviceType fake_cpu_type = {
	.name = "fake-cpu",
	.size = sizeof(FakeCpu),
	.state = &desc,
	.props = props,
	.realize = realize,
	.reset = reset,
	.destroy = destroy,
};

Machine *fake_machine(VClockDriver driver, const HostClock *host, unsigned ncpus, bool plain)
{
	Machine *m = machine_new("fake", loop_new(), vclock_new(driver, host, 3));
	char *path;

	m->ram = ram_new(RAM_SIZE, NULL);
	m->bus = bus_new(m->ram);
	machine_config(m, "cpus", "%u", ncpus);
	machine_config(m, "ram", "%u", RAM_SIZE);
	for (unsigned i = 0; i < ncpus; i++) {
		FakeCpu *f;

		path = g_strdup_printf("/cpu/%u", i);
		f = device_new(&fake_cpu_type, m, path);
		device_set_u64(f, "plain", plain);
		if (!device_realize(f, NULL))
			bug("a fake CPU is not made");
		g_free(path);
	}
	for (unsigned i = 0; i < ncpus; i++) {
		path = g_strdup_printf("cpu%u-line", i);
		fake_cpu(m, i)->line = irq_new(m, path, line_moved, fake_cpu(m, (i + 1) % ncpus),
					       (int)i);
		g_free(path);
	}
	machine_lock(m);
	machine_reset(m);
	machine_unlock(m);
	return m;
}

FakeCpu *fake_cpu(Machine *m, unsigned n)
{
	return ((Vcpu *)m->vcpus->pdata[n])->cpu;
}

static void limit_reached(void *opaque)
{
	Machine *m = opaque;

	machine_assert_locked(m);
	machine_stop(m, STOP_USER);
	loop_quit(m->loop);
}

void fake_run_to(Machine *m, uint64_t insns)
{
	machine_lock(m);
	vcpupool_set_limit(m->pool, insns, limit_reached, m);
	machine_start(m);
	machine_unlock(m);
	loop_run(m->loop);
}

static void reached(void *opaque)
{
	*(bool *)opaque = true;
}

void fake_run_to_brokenly(Machine *m, uint64_t insns)
{
	bool done = false, *ended = &done; /* set by the loop's thread, which is this one */

	machine_lock(m);
	vcpupool_set_limit(m->pool, insns, reached, &done);
	machine_unlock(m);
	for (unsigned i = 0; !*ended; i++) {
		machine_lock(m);
		machine_start(m);
		machine_unlock(m);
		for (unsigned spin = 0; spin < i * 37 % 500; spin++)
			g_thread_yield();
		machine_lock(m);
		machine_stop(m, STOP_USER);
		machine_unlock(m);
		loop_turn(m->loop, 0);
	}
}

char *fake_state(Machine *m)
{
	GString *s = g_string_new(NULL);
	VcpuTurn t = vcpupool_turn(m->pool);

	for (guint i = 0; i < m->devices->len; i++) {
		const Device *d = m->devices->pdata[i];

		g_string_append_printf(s, "[%s]\n", d->path);
		vm_show(d->type->state, d, s);
	}
	for (guint i = 0; i < m->irqs->len; i++)
		g_string_append_printf(s, "%s: %d\n", irq_name(m->irqs->pdata[i]),
				       irq_level(m->irqs->pdata[i]));
	g_string_append_printf(s,
			       "V %" G_GINT64_FORMAT " insns %" G_GUINT64_FORMAT
			       " left %" G_GUINT64_FORMAT " turn %u ram %08x\n",
			       vclock_now(m->clock), t.insns, t.left, t.index, ram_hash(m->ram));
	return g_string_free(s, FALSE);
}
