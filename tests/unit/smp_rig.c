/* See smp_rig.h. */
#include <check.h>
#include "target-ppc/excp.h"
#include "tests/unit/smp_rig.h"

static uint64_t process_table(void *opaque, bool *radix)
{
	const SmpRig *r = opaque;

	*radix = true;
	return r->table;
}

static void alone(SmpRig *r, const PpcCpu *cpu)
{
	vcpupool_others_stand(r->m->pool);
	r->alone++;
	for (unsigned k = 0; k < 50; k++) {
		for (unsigned i = 0; i < r->n; i++)
			r->together += r->cpu[i] != cpu && vcpu_in_guest(&r->cpu[i]->vcpu);
		g_thread_yield();
	}
	vcpupool_others_go(r->m->pool);
}

static void hypercall(void *opaque, PpcCpu *cpu)
{
	SmpRig *r = opaque;

	switch (ppc_gpr(cpu, 3)) {
	case SMP_DONE:
		ppc_quiesce(cpu, true);
		if (++r->done == r->n)
			loop_quit(r->m->loop);
		break;
	case SMP_YIELD: ppc_yield(cpu); break;
	case SMP_ALONE: alone(r, cpu); break;
	case SMP_FLUSH: ppc_tlb_flush_va(cpu, 1, 0, ppc_gpr(cpu, 4)); break;
	case SMP_CEDE:
		if (!ppc_take_prod(cpu))
			ppc_halt(cpu);
		break;
	case SMP_PROD: ppc_prod(r->cpu[ppc_gpr(cpu, 4) % r->n]); break;
	case SMP_DMA: smp_put(r, ppc_gpr(cpu, 4), 0); break;
	default: break;
	}
}

SmpRig *smp_new(unsigned n, SmpEngine engine)
{
	const PpcJitOptions options = { .bytes = 16 << 20,
					.hot = 3,
					.background = engine == SMP_JIT_BACKGROUND };
	const PpcModel *model = ppc_model_find("power9");
	SmpRig *r = g_new0(SmpRig, 1);

	r->n = n;
	r->jit = engine != SMP_INTERP;
	r->m = machine_new("smp", loop_new(), vclock_new(VCLOCK_HOST, hostclock_real(), 1));
	r->m->ram = ram_new(4 << 20, NULL);
	r->m->bus = bus_new(r->m->ram);
	r->board = (PpcBoard){ .opaque = r,
			       .tb_freq = 512000000,
			       .vhyp = true,
			       .hypercall = hypercall,
			       .process_table = process_table };
	machine_lock(r->m);
	for (unsigned i = 0; i < n; i++) {
		r->cpu[i] = ppc_cpu_new(r->m, model, &r->board, i, NULL);
		ck_assert(r->cpu[i] != NULL);
		if (r->jit)
			ppc_use_jit(r->cpu[i], &options, NULL);
	}
	machine_reset(r->m);
	for (unsigned i = 0; i < n; i++) {
		ppc_set_msr(r->cpu[i], MSR_SF | MSR_ME | MSR_RI);
		ppc_set_nip(r->cpu[i], SMP_CODE + i * 0x1000);
		ppc_set_gpr(r->cpu[i], 30, i);
		ppc_set_gpr(r->cpu[i], 31, SMP_SHARED);
	}
	machine_unlock(r->m);
	return r;
}

void smp_strict(SmpRig *r)
{
	for (unsigned i = 0; i < r->n; i++)
		ck_assert(ppc_use_strict(r->cpu[i], NULL));
}

void smp_free(SmpRig *r)
{
	machine_free(r->m);
	g_free(r);
}

void smp_run(SmpRig *r)
{
	machine_lock(r->m);
	machine_start(r->m);
	machine_unlock(r->m);
	loop_run(r->m->loop);
	machine_lock(r->m);
	machine_stop(r->m, STOP_USER);
	machine_unlock(r->m);
}

uint64_t smp_get(const SmpRig *r, uint64_t pa)
{
	uint64_t v;

	ck_assert(ram_ld64(r->m->ram, pa, &v));
	return v;
}

void smp_put(SmpRig *r, uint64_t pa, uint64_t v)
{
	ck_assert(ram_st64(r->m->ram, pa, v));
}

void smp_op(SmpAsm *a, uint32_t word)
{
	ck_assert(a->n < ARRAY_LEN(a->w));
	a->w[a->n++] = word;
}

static uint32_t bc(unsigned kind, int off)
{
	return 16u << 26 | (kind >> 8) << 21 | (kind & 31) << 16 | ((uint32_t)(off * 4) & 0xfffc);
}

void smp_bc(SmpAsm *a, unsigned kind, unsigned to)
{
	smp_op(a, bc(kind, (int)to - (int)a->n));
}

unsigned smp_bc_ahead(SmpAsm *a, unsigned kind)
{
	smp_op(a, bc(kind, 0));
	return a->n - 1;
}

void smp_here(SmpAsm *a, unsigned branch)
{
	a->w[branch] |= ((a->n - branch) * 4) & 0xfffc;
}

void smp_b(SmpAsm *a, unsigned to)
{
	smp_op(a, I_B(((int)to - (int)a->n) * 4));
}

void smp_li(SmpAsm *a, unsigned reg, uint32_t v)
{
	smp_op(a, I_LIS(reg, v >> 16));
	smp_op(a, I_ORI(reg, reg, v));
}

void smp_call(SmpAsm *a, unsigned what)
{
	smp_op(a, I_ADDI(3, 0, what));
	smp_op(a, I_SC(1));
}

void smp_wait_equal(SmpAsm *a, unsigned off)
{
	unsigned again = a->n, there;

	smp_op(a, I_LD(10, off, 31));
	smp_op(a, I_CMPD(10, 8));
	there = smp_bc_ahead(a, SMP_EQ);
	/* The host may have fewer cores. */
	smp_call(a, SMP_YIELD);
	smp_b(a, again);
	smp_here(a, there);
}

void smp_load(SmpRig *r, const SmpAsm *a, unsigned i)
{
	for (unsigned k = 0; k < a->n; k++)
		ck_assert(ram_st32(r->m->ram, SMP_CODE + i * 0x1000 + k * 4, a->w[k]));
}
