#include "tests/isa/harness.h"
#include <stdio.h>
#include <string.h>
#include "target-ppc/exec.h"
#include "target-ppc/unit.h"

Rig *rig_new(const char *model, uint64_t msr)
{
	const uint32_t stop = 0x48000000; /* b .; LPCR[ILE] is 0 */
	Loop *loop = loop_new();
	Rig *r = g_new0(Rig, 1);

	r->m = machine_new("rig", loop, vclock_new(VCLOCK_COUNTED, hostclock_real(), 1));
	machine_lock(r->m);
	r->m->ram = ram_new(RIG_RAM, NULL);
	r->m->bus = bus_new(r->m->ram);
	g_assert(r->m->ram != NULL);
	r->board = (PpcBoard){ .tb_freq = 512000000, .vhyp = true };
	r->cpu = ppc_cpu_new(r->m, ppc_model_find(model), &r->board, 0, NULL);
	g_assert(r->cpu != NULL);
	machine_reset(r->m);
	/* Vectors in RAM, on the models that have a choice. */
	r->cpu->msr = (r->cpu->msr & ~MSR_IP) | msr;
	ppc_state_changed(r->cpu);
	machine_unlock(r->m);
	for (uint64_t v = 0x100; v < 0x1000; v += 0x20)
		st32_be(rig_ram(r, v), stop);
	return r;
}

void rig_free(Rig *r)
{
	machine_free(r->m);
	g_free(r);
}

void rig_clear(Rig *r)
{
	PpcCpu *cpu = r->cpu;

	memset(cpu->gpr, 0, sizeof(cpu->gpr));
	memset(cpu->cr, 0, sizeof(cpu->cr));
	memset(&cpu->xer, 0, sizeof(cpu->xer));
	memset(cpu->vsr, 0, sizeof(cpu->vsr));
	cpu->lr = cpu->ctr = cpu->fpscr = 0;
}

uint64_t rig_fpr(const Rig *r, unsigned n)
{
	return VSR_D(r->cpu->vsr[n], 0);
}

void rig_set_fpr(Rig *r, unsigned n, uint64_t v)
{
	r->cpu->vsr[n].q = (u128)v << 64;
}

uint8_t *rig_ram(Rig *r, uint64_t pa)
{
	return r->m->ram->host + pa;
}

void rig_code(Rig *r, uint64_t at, const uint32_t *words, unsigned n)
{
	machine_lock(r->m);
	ram_written(r->m->ram, at, 4ull * n);
	for (unsigned i = 0; i < n; i++) {
		if (r->cpu->le)
			st32_le(rig_ram(r, at + 4 * i), words[i]);
		else
			st32_be(rig_ram(r, at + 4 * i), words[i]);
	}
	machine_unlock(r->m);
}

void rig_run(Rig *r, uint64_t at, uint64_t n)
{
	r->cpu->nip = at;
	while (n) {
		uint64_t done;

		atomic_fetch_and(&r->cpu->vcpu.events, ~(uint32_t)VCPU_EV_EXIT);
		done = r->cpu->vcpu.ops->run(&r->cpu->vcpu, n);
		if (done == 0) /* halted */
			return;
		n -= done;
	}
}

bool rig_use_units(Rig *r)
{
	const PpcJitOptions o = { .bytes = 4 << 20, .hot = 1, .one = true };

	if (ppc_use_jit(r->cpu, &o, NULL))
		return true;
	test_skipped("host code: this host has none");
	return false;
}

/* The instruction that has been interpreted once, from the state before it. */
static void again_by_unit(Rig *r, const void *before, size_t n)
{
	const PpcUnitStats *s = ppc_units_stats(r->cpu);
	const PpcUnitStats old = *s;

	memcpy(r->cpu->gpr, before, n);
	ppc_state_changed(r->cpu);
	rig_run(r, RIG_CODE, 1);
	if (s->units != old.units)
		r->called = s->calls != old.calls;
	r->by_code += s->done != old.done && !r->called;
	r->by_call += s->done != old.done && r->called;
}

void rig_exec(Rig *r, uint32_t word)
{
	uint8_t before[offsetof(PpcCpu, pending) - offsetof(PpcCpu, gpr)];

	rig_code(r, RIG_CODE, &word, 1);
	r->cpu->nip = RIG_CODE;
	memcpy(before, r->cpu->gpr, sizeof(before));
	rig_run(r, RIG_CODE, 1);
	if (r->cpu->units)
		again_by_unit(r, before, sizeof(before));
}

const char *rig_vectors(void)
{
	const char *dir = g_getenv("VECTORS");

	if (!dir)
		dir = "../shared/vectors";
	if (g_file_test(dir, G_FILE_TEST_IS_DIR))
		return dir;
	test_skipped("vectors: no folder of them (VECTORS=DIR names it)");
	return NULL;
}
