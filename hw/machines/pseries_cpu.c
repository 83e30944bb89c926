/* The pseries board between its CPUs and their hypervisor. */
#include "base/bits.h"
#include "base/log.h"
#include "hw/machines/pseries.h"

/* SPR numbers (Power ISA 3.0B, book III, figure 18; 2.07 for the rest). */
enum {
	SPR_DAWR0 = 180,
	SPR_DAWR1 = 181,
	SPR_CIABR = 187,
	SPR_DAWRX0 = 188,
	SPR_DAWRX1 = 189,
	SPR_SPRG0 = 272,
	SPR_LPCR = 318,
	SPR_AMOR = 349,
	SPR_PSSCR = 855,
};

#define MSR_SF BIT64(0)
#define MSR_EE BIT64(48)
#define MSR_ME BIT64(51)

/* LPCR at reset: interrupts to the guest (LPES), wake up on everything. */
#define LPCR_LPES UINT64_C(0x8)
#define LPCR_PECE_P8 UINT64_C(0x1f000)
#define LPCR_LD UINT64_C(0x20000)
#define PSSCR_EC BIT64(43)

static PpcCpu *cpu_of(void *opaque, unsigned n)
{
	Pseries *p = opaque;

	return p->cpu[n];
}

/* The CPU that asks; CPU 0 speaks for the machine when none does. */
static PpcCpu *asking(Pseries *p)
{
	PpcCpu *cpu = ppc_current(p->m);

	return cpu ? cpu : p->cpu[0];
}

static uint64_t op_msr(void *opaque, unsigned n)
{
	return ppc_msr(cpu_of(opaque, n));
}

static void op_set_msr_ee(void *opaque, unsigned n)
{
	PpcCpu *cpu = cpu_of(opaque, n);

	ppc_set_msr(cpu, ppc_msr(cpu) | MSR_EE);
}

static void op_set_spr(void *opaque, unsigned n, SpaprSpr spr, uint64_t v)
{
	static const unsigned numbers[] = {
		[SPAPR_SPRG0] = SPR_SPRG0,   [SPAPR_CIABR] = SPR_CIABR, [SPAPR_DAWR0] = SPR_DAWR0,
		[SPAPR_DAWRX0] = SPR_DAWRX0, [SPAPR_DAWR1] = SPR_DAWR1, [SPAPR_DAWRX1] = SPR_DAWRX1,
	};

	ppc_set_spr(cpu_of(opaque, n), numbers[spr], v);
}

static uint64_t op_tb(void *opaque, unsigned n)
{
	return ppc_tb(cpu_of(opaque, n));
}

static void op_lpcr(void *opaque, uint64_t mask, uint64_t value)
{
	Pseries *p = opaque;

	for (unsigned i = 0; i < p->ncpus; i++)
		ppc_set_spr(p->cpu[i], SPR_LPCR, (ppc_spr(p->cpu[i], SPR_LPCR) & ~mask) | value);
}

static bool op_stopped(void *opaque, unsigned n)
{
	return ppc_is_quiesced(cpu_of(opaque, n));
}

static void op_start(void *opaque, unsigned n, unsigned from, uint64_t addr, uint64_t r3)
{
	const uint64_t copied = SPAPR_LPCR_ILE | SPAPR_LPCR_AIL | SPAPR_LPCR_UPRT | SPAPR_LPCR_HR |
				SPAPR_LPCR_GTSE;
	Pseries *p = opaque;
	PpcCpu *cpu = p->cpu[n], *caller = p->cpu[from];

	ppc_set_spr(cpu, SPR_LPCR,
		    (ppc_spr(cpu, SPR_LPCR) & ~copied) | LPCR_PECE_P8 |
			    (ppc_spr(caller, SPR_LPCR) & copied));
	ppc_set_spr(cpu, SPR_PSSCR, 0);
	ppc_copy_time(cpu, caller);
	ppc_set_msr(cpu, MSR_SF | MSR_ME);
	ppc_set_nip(cpu, addr);
	ppc_set_gpr(cpu, 1, 0);
	ppc_set_gpr(cpu, 3, r3);
	ppc_set_gpr(cpu, 4, 0);
	ppc_take_prod(cpu);
	ppc_quiesce(cpu, false);
}

static void op_stop(void *opaque, unsigned n)
{
	PpcCpu *cpu = cpu_of(opaque, n);

	ppc_set_spr(cpu, SPR_LPCR, ppc_spr(cpu, SPR_LPCR) & ~LPCR_PECE_P8);
	ppc_set_spr(cpu, SPR_PSSCR, PSSCR_EC);
	ppc_quiesce(cpu, true);
}

static void op_cede(void *opaque, unsigned n)
{
	PpcCpu *cpu = cpu_of(opaque, n);

	if (!ppc_interrupt_pending(cpu))
		ppc_halt(cpu);
}

static bool op_halted(void *opaque, unsigned n)
{
	return ppc_is_halted(cpu_of(opaque, n));
}

static void op_prod(void *opaque, unsigned n)
{
	ppc_prod(cpu_of(opaque, n));
}

static bool op_take_prod(void *opaque, unsigned n)
{
	return ppc_take_prod(cpu_of(opaque, n));
}

static void op_yield(void *opaque, unsigned n)
{
	ppc_yield(cpu_of(opaque, n));
}

static void op_nmi(void *opaque, unsigned n)
{
	PpcCpu *cpu = cpu_of(opaque, n);

	if (!ppc_is_quiesced(cpu))
		ppc_input(cpu, PPC_INPUT_RESET, 1);
}

static void op_flush_all(void *opaque)
{
	Pseries *p = opaque;

	/* Called while the board is made, too: some CPUs may not be there yet. */
	for (unsigned i = 0; i < p->ncpus; i++) {
		if (p->cpu[i])
			ppc_tlb_flush(p->cpu[i]);
	}
}

static void op_flush_entry(void *opaque, uint64_t pteh, uint64_t ptel, uint64_t ptex)
{
	ppc_tlb_flush_va(asking(opaque), pteh, ptel, ptex);
}

static void op_alone(void *opaque, bool on)
{
	Pseries *p = opaque;

	if (on)
		vcpupool_others_stand(p->m->pool);
	else
		vcpupool_others_go(p->m->pool);
}

static uint32_t op_pvr(void *opaque)
{
	return ((Pseries *)opaque)->info.pvr;
}

static bool op_supports_pvr(void *opaque, uint32_t logical)
{
	return ppc_supports_pvr(((Pseries *)opaque)->model, logical);
}

static bool op_set_compat(void *opaque, uint32_t logical)
{
	Pseries *p = opaque;
	bool ok = true;

	for (unsigned i = 0; i < p->ncpus; i++)
		ok = ppc_set_compat(p->cpu[i], logical, NULL) && ok;
	return ok;
}

static uint64_t op_client(void *opaque, uint64_t args)
{
	Pseries *p = opaque;

	return p->of ? of_client(p->of, args) : (uint64_t)(int64_t)H_FUNCTION;
}

const SpaprCpuOps pseries_cpu_ops = {
	.msr = op_msr,
	.set_msr_ee = op_set_msr_ee,
	.set_spr = op_set_spr,
	.tb = op_tb,
	.lpcr = op_lpcr,
	.stopped = op_stopped,
	.start = op_start,
	.stop = op_stop,
	.cede = op_cede,
	.halted = op_halted,
	.prod = op_prod,
	.take_prod = op_take_prod,
	.yield = op_yield,
	.nmi = op_nmi,
	.flush_all = op_flush_all,
	.flush_entry = op_flush_entry,
	.pvr = op_pvr,
	.supports_pvr = op_supports_pvr,
	.set_compat = op_set_compat,
	.build_fdt = pseries_build_fdt,
	.alone = op_alone,
	.client = op_client,
};

/* The other way round: what a CPU asks of its board. */

static void board_hypercall(void *opaque, PpcCpu *cpu)
{
	Pseries *p = opaque;
	uint64_t r[13];

	for (unsigned i = 3; i <= 12; i++)
		r[i] = ppc_gpr(cpu, i);
	spapr_hypercall(p->spapr, ppc_cpu_index(cpu), r);
	for (unsigned i = 3; i <= 12; i++)
		ppc_set_gpr(cpu, i, r[i]);
}

static uint8_t *board_hpt(void *opaque, unsigned *shift)
{
	Pseries *p = opaque;

	*shift = spapr_hpt_shift(p->spapr);
	return p->spapr->hpt;
}

static uint64_t board_process_table(void *opaque, bool *radix)
{
	Pseries *p = opaque;

	*radix = p->spapr->radix;
	return p->spapr->proc_tbl;
}

static void board_cpu_reset(void *opaque, PpcCpu *cpu)
{
	Pseries *p = opaque;
	bool first = ppc_cpu_index(cpu) == 0;

	ppc_set_spr(cpu, SPR_LPCR,
		    LPCR_LPES | (first ? LPCR_PECE_P8 : 0) | (p->info.radix ? LPCR_LD : 0));
	ppc_set_spr(cpu, SPR_AMOR, UINT64_MAX);
	ppc_set_spr(cpu, SPR_PSSCR, first ? 0 : PSSCR_EC);
	ppc_quiesce(cpu, true); /* until pseries_boot() or RTAS says otherwise */
}

static int board_current(void *opaque)
{
	PpcCpu *cpu = ppc_current(((Pseries *)opaque)->m);

	return cpu ? (int)ppc_cpu_index(cpu) : -1;
}

void pseries_wire_cpus(Pseries *p)
{
	p->board = (PpcBoard){
		.opaque = p,
		.tb_freq = SPAPR_TIMEBASE_HZ,
		.hypercall = board_hypercall,
		.vhyp = true,
		.hpt = board_hpt,
		.process_table = board_process_table,
		.cpu_reset = board_cpu_reset,
	};
	p->xive_board = (XiveBoard){ .opaque = p, .current = board_current };
}
