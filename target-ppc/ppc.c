/* What boards and the debugger may do to a CPU: see ppc.h. */
#include <inttypes.h>
#include "base/err.h"
#include "target-ppc/classic.h"
#include "target-ppc/disas.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/timebase.h"
#include "target-ppc/unit.h"

PpcCpu *ppc_cpu_new(Machine *m, const PpcModel *model, const PpcBoard *board, unsigned index,
		    GError **err)
{
	g_autofree char *path = g_strdup_printf("/cpu/%u", index);
	PpcCpu *cpu = device_new(&ppc_cpu_type, m, path);

	device_set_ptr(cpu, "model", (void *)(uintptr_t)model);
	device_set_ptr(cpu, "board", (void *)(uintptr_t)board);
	device_set_u64(cpu, "index", index);
	return device_realize(cpu, err) ? cpu : NULL;
}

const PpcModel *ppc_cpu_model(const PpcCpu *cpu)
{
	return cpu->model;
}
unsigned ppc_cpu_index(const PpcCpu *cpu)
{
	return cpu->index;
}
/* 32-bit models compute with 64 bits of which only the lower half is theirs. */
static uint64_t seen(const PpcCpu *cpu, uint64_t v)
{
	return cpu->model->features & PPC_F_64 ? v : (uint32_t)v;
}

uint64_t ppc_gpr(const PpcCpu *cpu, unsigned n)
{
	return seen(cpu, cpu->gpr[n & 31]);
}
void ppc_set_gpr(PpcCpu *cpu, unsigned n, uint64_t v)
{
	cpu->gpr[n & 31] = v;
}
uint64_t ppc_nip(const PpcCpu *cpu)
{
	return cpu->nip;
}
void ppc_set_nip(PpcCpu *cpu, uint64_t v)
{
	/* The two low bits do not take part, whoever gives the address (book I 2.4). */
	cpu->nip = v & ~UINT64_C(3) & cpu->ea_mask;
}
uint64_t ppc_msr(const PpcCpu *cpu)
{
	return cpu->msr;
}

void ppc_set_msr(PpcCpu *cpu, uint64_t v)
{
	/* A board may set what a guest may not: ME; without it, ppc_msr_write() sets HV. */
	cpu->msr = (cpu->msr & ~MSR_ME) | (v & MSR_ME);
	ppc_msr_write(cpu, v);
}

uint64_t ppc_spr(PpcCpu *cpu, unsigned spr)
{
	const PpcSprInfo *i = cpu->sprs[spr & 1023];

	return i ? ppc_spr_read(cpu, i) : 0;
}

void ppc_set_spr(PpcCpu *cpu, unsigned spr, uint64_t v)
{
	const PpcSprInfo *i = cpu->sprs[spr & 1023];

	if (i)
		ppc_spr_write(cpu, i, v);
}

uint64_t ppc_tb(const PpcCpu *cpu)
{
	return ppc_tb_get(cpu);
}

void ppc_copy_time(PpcCpu *to, const PpcCpu *from)
{
	uint64_t delta = from->tb_offset - to->tb_offset;

	to->tb_offset += delta;
	to->dec_at += delta;
	to->hdec_at += delta;
	to->tb_written = from->tb_written;
	ppc_time_update(to);
}

void ppc_time_passed(PpcCpu *cpu, uint64_t ns)
{
	ppc_time_jump(cpu, ns);
}

/* Logical PVRs of LoPAPR B.6.2.1 and the features each stands for. */
static const struct {
	uint32_t pvr;
	uint64_t hides, needs;
} levels[] = {
	{ 0x0f000003, PPC_F_207 | PPC_F_300 | PPC_F_310, PPC_F_206 },
	{ 0x0f100003, PPC_F_207 | PPC_F_300 | PPC_F_310, PPC_F_206 },
	{ 0x0f000004, PPC_F_300 | PPC_F_310, PPC_F_207 },
	{ 0x0f000005, PPC_F_310, PPC_F_300 },
	{ 0x0f000006, 0, PPC_F_310 },
};

bool ppc_supports_pvr(const PpcModel *model, uint32_t logical_pvr)
{
	for (unsigned i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].pvr == logical_pvr)
			return model->features & levels[i].needs;
	return false;
}

bool ppc_set_compat(PpcCpu *cpu, uint32_t logical_pvr, GError **err)
{
	const PpcFlush blocks = { .kind = PPC_FLUSH_BLOCKS };

	if (logical_pvr && !ppc_supports_pvr(cpu->model, logical_pvr))
		return fail(err, "cpu %s cannot run as logical PVR 0x%08x", cpu->model->name,
			    logical_pvr);
	cpu->features = cpu->model->features;
	for (unsigned i = 0; i < ARRAY_LEN(levels); i++)
		if (levels[i].pvr == logical_pvr)
			cpu->features &= ~levels[i].hides;
	ppc_tlb_do(cpu, &blocks);
	return true;
}

void ppc_model_info(const PpcModel *model, PpcModelInfo *info)
{
	*info = (PpcModelInfo){
		.name = model->name,
		.desc = model->desc,
		.dt_name = model->dt_name,
		.pvr = model->pvr,
		.server64 = model->mmu != PPC_MMU_32 && model->excp >= PPC_EXCP_P8,
		.radix = model->mmu == PPC_MMU_V3,
		.cache_line = model->cache_line,
		.slb_size = model->slb_size,
		.dec_bits = model->dec_bits,
		.pa_features = model->pa_features,
		.pa_features_len = model->pa_features_len,
	};
}

const PpcModel *ppc_model_nth(unsigned i)
{
	for (unsigned k = 0; ppc_models[k]; k++)
		if (k == i)
			return ppc_models[k];
	return NULL;
}

PpcCpu *ppc_current(const Machine *m)
{
	Vcpu *v = vcpu_current(m);

	return v ? v->cpu : NULL;
}

/* ------------------------------------------------------------ interrupts */

void ppc_input(PpcCpu *cpu, int input, int level)
{
	static const uint32_t bits[] = {
		[PPC_INPUT_INT] = PPC_PEND_EXT,	      [PPC_INPUT_RESET] = PPC_PEND_RESET,
		[PPC_INPUT_MCHECK] = PPC_PEND_MCHECK, [PPC_INPUT_SMI] = PPC_PEND_SMI,
		[PPC_INPUT_HVIRT] = PPC_PEND_HVIRT,
	};
	bool edge = input == PPC_INPUT_RESET || input == PPC_INPUT_MCHECK;

	if (!level) {
		if (!edge)
			atomic_fetch_and(&cpu->pending, ~bits[input]);
		return;
	}
	atomic_fetch_or(&cpu->pending, bits[input]);
	vcpu_event(&cpu->vcpu, PPC_EV_IRQ);
	vcpu_kick(&cpu->vcpu);
}

void ppc_halt(PpcCpu *cpu)
{
	cpu->halted = true;
	atomic_fetch_or(&cpu->vcpu.events, PPC_EV_IRQ);
}

void ppc_quiesce(PpcCpu *cpu, bool on)
{
	cpu->quiesced = on;
	cpu->halted = false;
	vcpu_event(&cpu->vcpu, PPC_EV_IRQ);
	vcpu_kick(&cpu->vcpu);
}

bool ppc_is_quiesced(const PpcCpu *cpu)
{
	return cpu->quiesced;
}
bool ppc_is_halted(const PpcCpu *cpu)
{
	return cpu->halted;
}

void ppc_wake(PpcCpu *cpu)
{
	cpu->halted = false;
	vcpu_event(&cpu->vcpu, PPC_EV_IRQ);
	vcpu_kick(&cpu->vcpu);
}

bool ppc_interrupt_pending(const PpcCpu *cpu)
{
	return atomic_load(&cpu->pending) != 0;
}

void ppc_prod(PpcCpu *cpu)
{
	cpu->prod = true;
	ppc_wake(cpu);
}

bool ppc_take_prod(PpcCpu *cpu)
{
	bool was = cpu->prod;

	cpu->prod = false;
	return was;
}

void ppc_yield(PpcCpu *cpu)
{
	vcpu_yield(&cpu->vcpu);
}

/* ---------------------------------------------------------- translations */

void ppc_tlb_flush(PpcCpu *cpu)
{
	const PpcFlush f = { .kind = PPC_FLUSH_ALL };

	ppc_tlb_do(cpu, &f);
	ppc_new_epoch(cpu);
}

/*
 * The page number's low 12 bits, which index the TLB, follow from the
 * entry: bits from 2^23 up stand in its AVA, those below in the hash.
 */
void ppc_tlb_flush_va(PpcCpu *cpu, uint64_t pteh, uint64_t ptel, uint64_t ptex)
{
	uint64_t ava = pteh >> 7 & ((UINT64_C(1) << 55) - 1), vsid, hash = ptex >> 3;
	unsigned seg = pteh >> 62 == 1 ? 40 : 28;
	PpcFlush f = { .kind = PPC_FLUSH_PAGE };

	/* Large pages: the base page size is not in the entry; take them all. */
	if ((pteh & 4) && (ptel >> 12 & 0xf) != 1) {
		f.kind = PPC_FLUSH_ALL;
	} else {
		f.shift = pteh & 4 ? 16 : 12;
		vsid = ava >> (seg - 23);
		if (pteh & 2)
			hash = ~hash;
		hash ^= seg == 40 ? vsid ^ vsid << 25 : vsid;
		f.ea = (ava << 23 | (hash << f.shift & 0x7fffff)) & ((UINT64_C(1) << 24) - 1);
	}
	ppc_tlb_everywhere(cpu, &f);
	ppc_new_epoch(cpu);
	/* A hypercall's flush is complete when it returns. */
	ppc_tlb_wait(cpu);
}

bool ppc_debug_translate(PpcCpu *cpu, uint64_t ea, bool code, uint64_t *pa)
{
	PpcXlate x;
	PpcFault f;

	if (!ppc_walk(cpu, ea, code ? PPC_FETCH : PPC_LOAD, true, &x, &f))
		return false;
	*pa = x.pa;
	return true;
}

/* The word that the CPU would fetch; no address reaches beyond its doubleword. */
static uint32_t debug_word(const PpcCpu *cpu, const Ram *ram, uint64_t pa)
{
	const uint8_t *p = ram->host + ((ppc_is_swizzled(cpu) ? pa ^ 4 : pa) & ~UINT64_C(3));

	return cpu->le ? ld32_le(p) : ld32_be(p);
}

unsigned ppc_debug_disas(PpcCpu *cpu, uint64_t addr, bool real, GString *out)
{
	const Ram *ram = cpu->dev.machine->ram;
	uint64_t pa = addr;
	uint32_t word, suffix = 0;
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned n;

	if ((!real && !ppc_debug_translate(cpu, addr, true, &pa)) || !ram_has(ram, pa, 4) ||
	    !ram_need(ram, pa, 4))
		return 0;
	word = debug_word(cpu, ram, pa);
	if ((pa & 60) != 60) /* no suffix lies beyond (3.1 book I 1.6) */
		suffix = debug_word(cpu, ram, pa + 4);
	n = ppc_disas(cpu->features, word, suffix, addr, text);
	g_string_append_printf(out, "%08" PRIx32 "  ", word);
	if (n == 8)
		g_string_append_printf(out, "%08" PRIx32 "  ", suffix);
	g_string_append(out, text->str);
	return n;
}

bool ppc_reg_by_name(PpcCpu *cpu, const char *name, uint64_t *v)
{
	const struct {
		const char *name;
		uint64_t v;
	} own[] = { { "pc", cpu->nip },
		    { "nip", cpu->nip },
		    { "msr", cpu->msr },
		    { "lr", seen(cpu, cpu->lr) },
		    { "ctr", seen(cpu, cpu->ctr) },
		    { "cr", ppc_cr_get(cpu) },
		    { "fpscr", cpu->fpscr },
		    { "xer", ppc_xer_get(cpu) } };
	char *end;
	uint64_t n;

	for (unsigned i = 0; i < ARRAY_LEN(own); i++)
		if (!g_ascii_strcasecmp(name, own[i].name)) {
			*v = own[i].v;
			return true;
		}
	if ((name[0] == 'r' || name[0] == 'f') && g_ascii_isdigit(name[1])) {
		n = g_ascii_strtoull(name + 1, &end, 10);
		if (*end || n > 31)
			return false;
		*v = name[0] == 'r' ? seen(cpu, cpu->gpr[n]) : VSR_D(cpu->vsr[n], 0);
		return true;
	}
	for (n = 0; n < 1024; n++)
		if (cpu->sprs[n] && !g_ascii_strcasecmp(name, cpu->sprs[n]->name)) {
			*v = ppc_spr_read(cpu, cpu->sprs[n]);
			return true;
		}
	return false;
}
