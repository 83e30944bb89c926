/*
 * The CPU as a device: its state table, life, and what state follows from
 * what is saved.
 */
#include <inttypes.h>
#include "base/err.h"
#include "base/log.h"
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/debug.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"
#include "target-ppc/unit.h"
#include "target-ppc/warm.h"

uint64_t ppc_xer_get(const PpcCpu *cpu)
{
	uint64_t v = (uint64_t)cpu->xer.so << 31 | (uint64_t)cpu->xer.ov << 30 |
		     (uint64_t)cpu->xer.ca << 29 | cpu->xer.count;

	if (cpu->features & PPC_F_CLS)
		v |= (uint64_t)cpu->xer.cmp << 8;
	if (cpu->features & PPC_F_300)
		v |= (uint64_t)cpu->xer.ov32 << 19 | (uint64_t)cpu->xer.ca32 << 18;
	return v;
}

void ppc_xer_set(PpcCpu *cpu, uint64_t v)
{
	cpu->xer.so = v >> 31 & 1;
	cpu->xer.ov = v >> 30 & 1;
	cpu->xer.ca = v >> 29 & 1;
	cpu->xer.ov32 = v >> 19 & 1;
	cpu->xer.ca32 = v >> 18 & 1;
	cpu->xer.count = v & 0x7f;
	cpu->xer.cmp = cpu->features & PPC_F_CLS ? v >> 8 & 0xff : 0;
}

/* ---------------------------------------------------------- state table */

static const VmDesc xer_state = {
	.name = "xer",
	.version = 1,
	.size = sizeof(PpcXer),
	.fields =
		(const VmField[]){
			VMF(PpcXer, so),
			VMF(PpcXer, ov),
			VMF(PpcXer, ov32),
			VMF(PpcXer, ca),
			VMF(PpcXer, ca32),
			VMF(PpcXer, count),
			VMF(PpcXer, cmp),
			VMSKIP(PpcXer, pad, "padding"),
			VMEND,
		},
};

static const VmDesc slb_state = {
	.name = "slb",
	.version = 1,
	.size = sizeof(PpcSlbEntry),
	.fields = (const VmField[]){ VMF(PpcSlbEntry, esid), VMF(PpcSlbEntry, vsid), VMEND },
};

static const VmDesc stlb_state = {
	.name = "stlb",
	.version = 1,
	.size = sizeof(PpcSoftTlbEntry),
	.fields =
		(const VmField[]){
			VMF(PpcSoftTlbEntry, hi),
			VMF(PpcSoftTlbEntry, lo),
			VMF(PpcSoftTlbEntry, ea),
			VMSKIP(PpcSoftTlbEntry, pad, "padding"),
			VMEND,
		},
};

static const VmDesc vsr_state = {
	.name = "vsr",
	.version = 1,
	.size = sizeof(PpcVsr),
	.fields = (const VmField[]){ VMF(PpcVsr, q), VMEND },
};

static const VmDesc spr_state = {
	.name = "spr",
	.version = 1,
	.size = sizeof(PpcSprs),
	.fields =
		(const VmField[]){
#define ALL UINT64_MAX
#define SPR(n, NAME, SETS, USER, PRIV, MASK, RESET) VMF(PpcSprs, NAME, .reset = RESET),
#define SPR_HOOK(n, NAME, SETS, USER, PRIV, MASK, RESET) VMF(PpcSprs, NAME, .reset = RESET),
#define SPR_FN(n, NAME, SETS, USER, PRIV)
#define SPR_ALIAS(n, NAME, OF, SETS, USER, PRIV)
#define SPR_PMU(n, NAME, SETS, USER, PRIV, MASK, RESET) VMF(PpcSprs, NAME, .reset = RESET),
#define SPR_PMU_ALIAS(n, NAME, OF, SETS, USER, PRIV, MASK)
#define SPR_ALIAS_HOOK(n, NAME, OF, SETS, USER, PRIV)
#include "target-ppc/spr.def"
#undef SPR
#undef SPR_HOOK
#undef SPR_FN
#undef SPR_ALIAS
#undef SPR_ALIAS_HOOK
#undef SPR_PMU
#undef SPR_PMU_ALIAS
			VMEND,
		},
};

/* Decrementers travel as what is left of them: see time.md. */
static uint64_t timebase_of(const void *obj)
{
	return ppc_tb_get(obj);
}

#define DERIVED "derived from other state, or the run loop's own"

static const VmDesc cpu_state = {
	.name = "ppc-cpu",
	.version = 3,
	.size = sizeof(PpcCpu),
	.fields =
		(const VmField[]){
			DEVICE_SKIP(PpcCpu, dev),
			VMA(PpcCpu, gpr),
			VMF(PpcCpu, nip),
			VMF(PpcCpu, lr),
			VMF(PpcCpu, ctr),
			VMF(PpcCpu, cfar),
			VMA(PpcCpu, cr),
			VMS(PpcCpu, xer, xer_state),
			VMF(PpcCpu, msr),
			VMF(PpcCpu, fpscr),
			VMF(PpcCpu, vscr),
			VMSKIP(PpcCpu, pad0, "padding"),
			VMSA(PpcCpu, vsr, vsr_state),
			VMS(PpcCpu, spr, spr_state),
			VMA(PpcCpu, sr),
			VMSA(PpcCpu, slb, slb_state),
			VMSA(PpcCpu, stlb, stlb_state),
			VMA(PpcCpu, stlb_old),
			VMA(PpcCpu, tgpr),
			VMF(PpcCpu, resv_addr, .reset = UINT64_MAX),
			VMA(PpcCpu, resv_val),
			VMF(PpcCpu, resv_size),
			VMF(PpcCpu, pending),
			VMF(PpcCpu, tb_offset, .keep = true),
			VMDELTA(PpcCpu, dec_at, "dec_left", timebase_of, .keep = true),
			VMDELTA(PpcCpu, hdec_at, "hdec_left", timebase_of, .keep = true),
			VMF(PpcCpu, purr_offset, .keep = true),
			VMF(PpcCpu, spurr_offset, .keep = true),
			VMF(PpcCpu, vtb_offset, .keep = true),
			VMF(PpcCpu, atb_offset, .keep = true),
			VMF(PpcCpu, halted),
			VMF(PpcCpu, quiesced),
			VMF(PpcCpu, prod),
			VMF(PpcCpu, dec_was_negative),
			VMF(PpcCpu, tb_written),
			VMF(PpcCpu, pmu_handled),
			VMF(PpcCpu, tb_stopped, .keep = true),
			VMF(PpcCpu, hdec_was_negative, .since = 2),
			VMF(PpcCpu, features, .keep = true),
			VMF(PpcCpu, slots),
			VMF(PpcCpu, undone),
			VMF(PpcCpu, pmu_slots),
			VMF(PpcCpu, pmu_undone),
			VMF(PpcCpu, pmu_tb),
			VMF(PpcCpu, pmu_tb_next),
			VMBUF(PpcCpu, hints, hints_len, PPC_HINTS_BYTES, .since = 3),
			VMSKIP(PpcCpu, pad2, "padding"),
			{ .name = "rest",
			  .kind = VM_SKIP,
			  .offset = offsetof(PpcCpu, model),
			  .elem = sizeof(PpcCpu) - offsetof(PpcCpu, model),
			  .count = 1,
			  .why = DERIVED },
			VMEND,
		},
};

/* ----------------------------------------------------------------- life */

static void forget_writes(Vcpu *v)
{
	static const PpcFlush f = { .kind = PPC_FLUSH_WRITES };

	ppc_tlb_do(v->cpu, &f);
}

static const VcpuOps vcpu_ops = { .run = ppc_run,
				  .runnable = ppc_runnable,
				  .partial = ppc_run_partial,
				  .forget_writes = forget_writes,
				  .leave = ppc_leave };

static void index_sprs(PpcCpu *cpu)
{
	cpu->sprs = g_new0(const PpcSprInfo *, 1024);
	for (const PpcSprInfo *i = ppc_spr_table; i->name; i++)
		if (i->sets & cpu->model->spr_set)
			cpu->sprs[i->num] = i;
}

static bool cpu_realize(Device *d, GError **err)
{
	PpcCpu *cpu = (PpcCpu *)d;

	cpu->features = cpu->model->features;
	cpu->tb_freq = cpu->board->tb_freq;
	cpu->counted = vclock_driver(d->machine->clock) == VCLOCK_COUNTED;
	ppc_tlb_init(cpu);
	if (!ppc_blocks_init(cpu, err)) {
		ppc_tlb_free(cpu);
		return false;
	}
	index_sprs(cpu);
	ppc_time_init(cpu);
	ppc_pmu_init(cpu);
	cpu->vcpu = (Vcpu){
		.ops = &vcpu_ops, .machine = d->machine, .cpu = cpu, .index = (int)cpu->index
	};
	vcpu_add(d->machine, &cpu->vcpu);
	return true;
}

static void cpu_reset(Device *d)
{
	const PpcFlush all = { .kind = PPC_FLUSH_ALL }, blocks = { .kind = PPC_FLUSH_BLOCKS };
	PpcCpu *cpu = (PpcCpu *)d;

	cpu->features = cpu->model->features;
	cpu->msr = cpu->features & PPC_F_64 ? MSR_SF : 0;
	cpu->nip = PPC_V_RESET;
	if (ppc_is_classic(cpu))
		ppc_classic_reset(cpu);
	ppc_tlb_do(cpu, &all);
	ppc_tlb_do(cpu, &blocks);
	ppc_debug_changed(cpu);
	ppc_time_reset(cpu);
	ppc_pmu_derive(cpu);
	if (cpu->board->cpu_reset)
		cpu->board->cpu_reset(cpu->board->opaque, cpu);
}

static void cpu_saving(Device *d)
{
	ppc_warm_save((PpcCpu *)d);
}

static bool cpu_loaded(Device *d, GError **err)
{
	const PpcFlush all = { .kind = PPC_FLUSH_ALL }, blocks = { .kind = PPC_FLUSH_BLOCKS };
	PpcCpu *cpu = (PpcCpu *)d;

	if (cpu->gpr[32])
		return fail(err, "%s: gpr[32] must be 0", d->path);
	if (cpu->nip & 3)
		return fail(err, "%s: nip 0x%" PRIx64 " is not that of an instruction", d->path,
			    cpu->nip);
	for (unsigned i = 0; i < 8; i++)
		if (cpu->cr[i] > 15)
			return fail(err, "%s: cr[%u] is 0x%x, not a field of 4 bits", d->path, i,
				    cpu->cr[i]);
	if ((cpu->xer.so | cpu->xer.ov | cpu->xer.ov32 | cpu->xer.ca | cpu->xer.ca32) > 1 ||
	    cpu->xer.count > 127)
		return fail(err, "%s: xer: a flag is not 0 or 1", d->path);
	if (cpu->features & ~cpu->model->features)
		return fail(err, "%s: features 0x%" PRIx64 " are not all in model %s", d->path,
			    cpu->features, cpu->model->name);
	if (cpu->pending & ~(uint32_t)(2 * PPC_PEND_THERM - 1))
		return fail(err, "%s: pending 0x%x: no such interrupt", d->path,
			    (unsigned)cpu->pending);
	if ((cpu->pending & PPC_PEND_HDEC) && !ppc_has_hdec(cpu))
		return fail(err, "%s: pending 0x%x: its hypervisor decrementer has no interrupt",
			    d->path, (unsigned)cpu->pending);
	if (cpu->resv_size > 16 || (cpu->msr & MSR_HV && cpu->board->vhyp))
		return fail(err, "%s: reservation or MSR out of range", d->path);
	if (cpu->model->mmu == PPC_MMU_32 && (cpu->msr >> 32 || cpu->nip >> 32))
		return fail(err, "%s: MSR or nip is wider than 32 bits", d->path);
	if (cpu->tb_stopped && cpu->model->mmu != PPC_MMU_32)
		return fail(err, "%s: the timebase of this model does not stop", d->path);
	ppc_tlb_do(cpu, &all);
	ppc_tlb_do(cpu, &blocks);
	ppc_debug_changed(cpu);
	ppc_time_loaded(cpu);
	ppc_pmu_derive(cpu);
	ppc_warm_load(cpu);
	ppc_units_loaded(cpu);
	/* Versions are not saved: what was reserved is lost in host time. */
	cpu->resv_version = 1;
	/* Whatever is pending is looked at when the CPU starts. */
	atomic_store(&cpu->vcpu.events, PPC_EV_TIME | PPC_EV_IRQ | PPC_EV_TLB);
	return true;
}

static void cpu_destroy(Device *d)
{
	PpcCpu *cpu = (PpcCpu *)d;

	ppc_pmu_free(cpu);
	ppc_time_free(cpu);
	ppc_blocks_free(cpu);
	ppc_tlb_free(cpu);
	g_free(cpu->hints);
	g_free(cpu->sprs);
}

const DeviceType ppc_cpu_type = {
	.name = "ppc-cpu",
	.size = sizeof(PpcCpu),
	.state = &cpu_state,
	.props =
		(const Prop[]){
			{ .name = "model", .kind = PROP_PTR, .offset = offsetof(PpcCpu, model) },
			{ .name = "board", .kind = PROP_PTR, .offset = offsetof(PpcCpu, board) },
			{ .name = "index", .kind = PROP_U32, .offset = offsetof(PpcCpu, index) },
			{ .name = NULL },
		},
	.realize = cpu_realize,
	.reset = cpu_reset,
	.saving = cpu_saving,
	.loaded = cpu_loaded,
	.destroy = cpu_destroy,
};
