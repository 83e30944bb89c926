/*
 * The CPU for people: `info registers`, -d cpu.  First what QEMU's monitor shows, laid
 * out as there (scripts read it), then what it leaves out.
 */
#include <inttypes.h>
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"

static bool is_64(const PpcCpu *cpu)
{
	return cpu->model->features & PPC_F_64;
}

/* A register in the model's width, behind its name. */
static void reg(const PpcCpu *cpu, GString *out, const char *name, uint64_t v)
{
	g_string_append_printf(out, "%s %0*" PRIx64, name, is_64(cpu) ? 16 : 8,
			       is_64(cpu) ? v : (uint32_t)v);
}

static void show_cr(const PpcCpu *cpu, GString *out)
{
	g_string_append_printf(out, "CR %08x  [", ppc_cr_get(cpu));
	for (unsigned i = 0; i < 8; i++) {
		unsigned f = cpu->cr[i];

		g_string_append_printf(out, " %c%c",
				       f & 8   ? 'L'
				       : f & 4 ? 'G'
				       : f & 2 ? 'E'
					       : '-',
				       f & 1 ? 'O' : ' ');
	}
	g_string_append(out, " ]            ");
	reg(cpu, out, " RES", cpu->resv_addr);
	g_string_append_c(out, '\n');
}

static void show_base(PpcCpu *cpu, GString *out)
{
	uint64_t tb = ppc_tb_get(cpu);

	reg(cpu, out, "NIP", cpu->nip);
	reg(cpu, out, "   LR", cpu->lr);
	reg(cpu, out, " CTR", cpu->ctr);
	reg(cpu, out, " XER", ppc_xer_get(cpu));
	g_string_append_printf(out, " CPU#%u\n", cpu->index);
	reg(cpu, out, "MSR", cpu->msr);
	reg(cpu, out, " HID0", cpu->spr.HID0);
	g_string_append_printf(out, "  HF %08x%s%s\n", cpu->mode, cpu->halted ? " halted" : "",
			       cpu->quiesced ? " stopped" : "");
	g_string_append_printf(out, "TB %08" PRIu32 " %08" PRIu32 " DECR %08" PRIu64 "\n",
			       (uint32_t)(tb >> 32), (uint32_t)tb, ppc_dec_get(cpu));
	for (unsigned i = 0; i < 32; i++) {
		if (i % 4 == 0)
			g_string_append_printf(out, "GPR%02u", i);
		reg(cpu, out, "", cpu->gpr[i]);
		if (i % 4 == 3)
			g_string_append_c(out, '\n');
	}
	show_cr(cpu, out);
	for (unsigned i = 0; i < 32; i += 4)
		g_string_append_printf(out,
				       "FPR%02u %016" PRIx64 " %016" PRIx64 " %016" PRIx64
				       " %016" PRIx64 "\n",
				       i, VSR_D(cpu->vsr[i], 0), VSR_D(cpu->vsr[i + 1], 0),
				       VSR_D(cpu->vsr[i + 2], 0), VSR_D(cpu->vsr[i + 3], 0));
	reg(cpu, out, "FPSCR", cpu->fpscr);
	g_string_append_c(out, '\n');
}

/* The special-purpose registers that QEMU shows. */
static void show_interrupts(PpcCpu *cpu, GString *out)
{
	const PpcSprs *s = &cpu->spr;

	reg(cpu, out, " SRR0", s->SRR0);
	reg(cpu, out, "  SRR1", s->SRR1);
	reg(cpu, out, "    PVR", cpu->model->pvr);
	reg(cpu, out, " VRSAVE", s->VRSAVE);
	reg(cpu, out, "\nSPRG0", s->SPRG0);
	reg(cpu, out, " SPRG1", s->SPRG1);
	reg(cpu, out, "  SPRG2", s->SPRG2);
	reg(cpu, out, "  SPRG3", s->SPRG3);
	reg(cpu, out, "\nSPRG4", s->SPRG4);
	reg(cpu, out, " SPRG5", s->SPRG5);
	reg(cpu, out, "  SPRG6", s->SPRG6);
	reg(cpu, out, "  SPRG7", s->SPRG7);
	if (!ppc_is_classic(cpu)) {
		reg(cpu, out, "\nHSRR0", s->HSRR0);
		reg(cpu, out, " HSRR1", s->HSRR1);
		reg(cpu, out, "\n CFAR", cpu->cfar);
		reg(cpu, out, "\n LPCR", s->LPCR);
	}
	if (cpu->model->mmu == PPC_MMU_V3)
		reg(cpu, out, "\n PTCR", s->PTCR);
	else
		reg(cpu, out, "\n SDR1", s->SDR1);
	reg(cpu, out, "   DAR", s->DAR);
	reg(cpu, out, "  DSISR", s->DSISR);
	g_string_append_c(out, '\n');
}

/* Vector registers: all VSRs where there is VSX, else the VRs. */
static void show_vectors(const PpcCpu *cpu, GString *out)
{
	bool vsx = cpu->model->features & PPC_F_VSX;

	if (!vsx && !(cpu->model->features & PPC_F_VMX))
		return;
	for (unsigned i = vsx ? 0 : 32; i < 64; i++)
		g_string_append_printf(out, "%s%02u %016" PRIx64 " %016" PRIx64 "%s",
				       vsx ? "VSR" : "VR", vsx ? i : i - 32, VSR_D(cpu->vsr[i], 0),
				       VSR_D(cpu->vsr[i], 1), i % 2 ? "\n" : "  ");
	g_string_append_printf(out, "VSCR %08x\n", cpu->vscr);
}

/*
 * All that mfspr could read in privileged state and that is no other number of
 * a register shown already; what only hypervisors reach as well.
 */
static void show_sprs(PpcCpu *cpu, GString *out)
{
	const PpcSprInfo *seen[1024];
	unsigned n = 0;

	for (unsigned num = 0; num < 1024; num++) {
		const PpcSprInfo *i = cpu->sprs[num];
		bool again = !i || !((i->user | i->priv) & (PPC_SPR_R | PPC_SPR_HR));

		/* The privileged number of a register names it: those of users come first. */
		again = again || (i->alias && i->user);
		for (unsigned k = 0; k < n && !again; k++)
			again = i->get ? seen[k]->get == i->get
				       : !seen[k]->get && seen[k]->offset == i->offset;
		if (again)
			continue;
		g_string_append_printf(out, "%s%4u %-8s",
				       !n      ? ""
				       : n % 3 ? "  "
					       : "\n",
				       num, i->name);
		reg(cpu, out, "", ppc_spr_read(cpu, i));
		seen[n++] = i;
	}
	g_string_append_c(out, '\n');
}

static void show_translation(const PpcCpu *cpu, GString *out)
{
	if (cpu->model->mmu == PPC_MMU_32)
		for (unsigned i = 0; i < 16; i++)
			g_string_append_printf(out, "SR%02u %08x%s", i, (uint32_t)cpu->sr[i],
					       i % 4 == 3 ? "\n" : "  ");
	for (unsigned i = 0; i < cpu->model->slb_size; i++)
		if (cpu->slb[i].esid & BIT64(36))
			g_string_append_printf(out, "SLB%02u %016" PRIx64 " %016" PRIx64 "\n", i,
					       cpu->slb[i].esid, cpu->slb[i].vsid);
}

void ppc_show(PpcCpu *cpu, bool all, GString *out)
{
	show_base(cpu, out);
	show_interrupts(cpu, out);
	g_string_append_printf(out, "%s  pending %x  instructions %" PRIu64 "\n", cpu->model->name,
			       atomic_load(&cpu->pending), ppc_pmu_completed(cpu));
	if (!all)
		return;
	show_vectors(cpu, out);
	show_sprs(cpu, out);
	show_translation(cpu, out);
}

void ppc_show_clock(PpcCpu *cpu, GString *out)
{
	g_string_append_printf(out,
			       "CPU#%u offset 0x%" PRIx64 " TB 0x%" PRIx64 " DEC 0x%" PRIx64
			       " (zero at TB 0x%" PRIx64 ")",
			       cpu->index, cpu->tb_offset, ppc_tb_get(cpu), ppc_dec_get(cpu),
			       cpu->dec_at);
	if (ppc_has_hdec(cpu))
		g_string_append_printf(out, " HDEC 0x%" PRIx64, ppc_hdec_get(cpu));
	g_string_append_c(out, '\n');
}
