/* See ppc_rig.h. */
#include <check.h>
#include "base/bits.h"
#include "target-ppc/excp.h"
#include "tests/unit/ppc_rig.h"

static uint64_t process_table(void *opaque, bool *radix)
{
	const PpcRig *r = opaque;

	*radix = r->radix;
	return r->process_table;
}

static uint8_t *hpt(void *opaque, unsigned *shift)
{
	const PpcRig *r = opaque;

	*shift = r->hpt_shift;
	return r->hpt;
}

static void hypercall(void *opaque, PpcCpu *cpu)
{
	PpcRig *r = opaque;

	r->hypercalls++;
	ppc_set_gpr(cpu, 3, 0);
}

static PpcCpu *add_cpu(PpcRig *r, const PpcModel *model)
{
	GError *err = NULL;
	PpcCpu *cpu = ppc_cpu_new(r->m, model, &r->board, r->m->vcpus->len, &err);

	ck_assert_msg(cpu != NULL, "%s", err ? err->message : "");
	return cpu;
}

static PpcRig *new_rig(const char *model, bool vhyp)
{
	PpcRig *r = g_new0(PpcRig, 1);
	GError *err = NULL;

	r->m = machine_new("rig", loop_new(), vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));
	r->m->ram = ram_new(16 << 20, &err);
	ck_assert_msg(r->m->ram != NULL, "%s", err ? err->message : "");
	r->m->bus = bus_new(r->m->ram);
	r->board = (PpcBoard){ .opaque = r,
			       .tb_freq = 512000000,
			       .vhyp = vhyp,
			       .hypercall = hypercall,
			       .hpt = hpt,
			       .process_table = process_table };
	r->cpu = add_cpu(r, ppc_model_find(model));
	machine_lock(r->m);
	machine_reset(r->m);
	vclock_start(r->m->clock);
	machine_unlock(r->m);
	ppc_set_msr(r->cpu, MSR_SF | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX | MSR_RI);
	return r;
}

PpcRig *rig_new(const char *model)
{
	return new_rig(model, true);
}

PpcRig *rig_new_bare(const char *model)
{
	PpcRig *r = new_rig(model, false);

	ppc_set_msr(r->cpu, r->cpu->msr | MSR_HV);
	return r;
}

PpcCpu *rig_add_cpu(PpcRig *r)
{
	PpcCpu *cpu = add_cpu(r, r->cpu->model);

	machine_lock(r->m);
	device_reset(cpu);
	machine_unlock(r->m);
	ppc_set_msr(cpu, r->cpu->msr);
	return cpu;
}

void rig_free(PpcRig *r)
{
	machine_lock(r->m);
	vclock_stop(r->m->clock);
	machine_unlock(r->m);
	machine_free(r->m);
	g_free(r->hpt);
	g_free(r);
}

void rig_code(PpcRig *r, uint64_t pa, const uint32_t *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		ck_assert(ram_st32(r->m->ram, pa + i * 4, words[i]));
}

static uint64_t to_deadline(PpcRig *r, uint64_t most)
{
	int64_t at = vclock_next_deadline(r->m->clock), now = vclock_now(r->m->clock);

	if (at == INT64_MAX || at - now > (int64_t)most)
		return most;
	return at > now ? (uint64_t)(at - now) : 1;
}

uint64_t rig_run(PpcRig *r, uint64_t n)
{
	uint64_t done = 0, k;

	while (done < n) {
		/* As the pool does before a slice. */
		atomic_fetch_and(&r->cpu->vcpu.events, ~(uint32_t)VCPU_EV_EXIT);
		k = ppc_run(&r->cpu->vcpu, to_deadline(r, n - done));
		vclock_count(r->m->clock, k);
		machine_lock(r->m);
		vclock_run_timers(r->m->clock);
		machine_unlock(r->m);
		done += k;
		if (!k && !ppc_runnable(&r->cpu->vcpu))
			break;
	}
	r->ran += done;
	return done;
}

uint64_t rig_go(PpcRig *r, uint64_t nip, uint64_t n)
{
	r->cpu->nip = nip;
	return rig_run(r, n);
}

uint64_t rig_info_jit(PpcRig *r, const char *name)
{
	g_autoptr(GString) s = g_string_new(NULL);
	const char *at;

	ppc_show_jit(r->cpu, s);
	at = strstr(s->str, name);
	ck_assert_msg(at, "info jit does not say '%s'", name);
	return g_ascii_strtoull(at + strlen(name), NULL, 10);
}
