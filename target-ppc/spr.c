/* Special-purpose registers: the table made from spr.def, and access. */
#include <stddef.h>
#include "target-ppc/classic.h"
#include "target-ppc/debug.h"
#include "target-ppc/excp.h"
#include "target-ppc/exec.h"
#include "target-ppc/pmu.h"
#include "target-ppc/timebase.h"

/* ------------------------------------------- registers without storage */

static uint64_t spr_get_XER(PpcCpu *cpu)
{
	return ppc_xer_get(cpu);
}
static void spr_set_XER(PpcCpu *cpu, uint64_t v)
{
	ppc_xer_set(cpu, v);
}
static uint64_t spr_get_LR(PpcCpu *cpu)
{
	return cpu->lr;
}
static void spr_set_LR(PpcCpu *cpu, uint64_t v)
{
	cpu->lr = v;
}
static uint64_t spr_get_CTR(PpcCpu *cpu)
{
	return cpu->ctr;
}
static void spr_set_CTR(PpcCpu *cpu, uint64_t v)
{
	cpu->ctr = v;
}
static uint64_t spr_get_CFAR(PpcCpu *cpu)
{
	return cpu->cfar;
}
static void spr_set_CFAR(PpcCpu *cpu, uint64_t v)
{
	cpu->cfar = v;
}
static uint64_t spr_get_DEC(PpcCpu *cpu)
{
	return ppc_dec_get(cpu);
}
static void spr_set_DEC(PpcCpu *cpu, uint64_t v)
{
	ppc_dec_set(cpu, v);
}
static uint64_t spr_get_HDEC(PpcCpu *cpu)
{
	return ppc_hdec_get(cpu);
}
static void spr_set_HDEC(PpcCpu *cpu, uint64_t v)
{
	ppc_hdec_set(cpu, v);
}
static uint64_t spr_get_TB(PpcCpu *cpu)
{
	return ppc_tb_get(cpu);
}
static uint64_t spr_get_TBU(PpcCpu *cpu)
{
	return ppc_tb_get(cpu) >> 32;
}
static uint64_t spr_get_PVR(PpcCpu *cpu)
{
	return cpu->model->pvr;
}
static uint64_t spr_get_PIR(PpcCpu *cpu)
{
	return cpu->index;
}
static uint64_t spr_get_TBLW(PpcCpu *cpu)
{
	return (uint32_t)ppc_tb_get(cpu);
}
static uint64_t spr_get_TBUW(PpcCpu *cpu)
{
	return ppc_tb_get(cpu) >> 32;
}
static uint64_t spr_get_TBU40(PpcCpu *cpu)
{
	return ppc_tb_get(cpu);
}
static uint64_t spr_get_UCTRL(PpcCpu *cpu)
{
	return cpu->spr.CTRL;
}
static uint64_t spr_get_TEXASRU(PpcCpu *cpu)
{
	return cpu->spr.TEXASR >> 32;
}
static uint64_t spr_get_BESCRS(PpcCpu *cpu)
{
	return cpu->spr.BESCR;
}
static uint64_t spr_get_BESCRSU(PpcCpu *cpu)
{
	return cpu->spr.BESCR >> 32;
}
static uint64_t spr_get_BESCRR(PpcCpu *cpu)
{
	return cpu->spr.BESCR;
}
static uint64_t spr_get_BESCRRU(PpcCpu *cpu)
{
	return cpu->spr.BESCR >> 32;
}
static uint64_t spr_get_PPR32(PpcCpu *cpu)
{
	return cpu->spr.PPR >> 32;
}
static uint64_t spr_get_DEXCRU(PpcCpu *cpu)
{
	return (uint32_t)cpu->spr.DEXCR;
}
static uint64_t spr_get_HDEXCRU(PpcCpu *cpu)
{
	return (uint32_t)cpu->spr.HDEXCR;
}
static uint64_t spr_get_UAMR(PpcCpu *cpu)
{
	return cpu->spr.AMR;
}

static uint64_t spr_get_PURR(PpcCpu *cpu)
{
	return ppc_tb_get(cpu) - cpu->tb_offset + cpu->purr_offset;
}

static uint64_t spr_get_SPURR(PpcCpu *cpu)
{
	return ppc_tb_get(cpu) - cpu->tb_offset + cpu->spurr_offset;
}

static uint64_t spr_get_VTB(PpcCpu *cpu)
{
	return ppc_tb_get(cpu) - cpu->tb_offset + cpu->vtb_offset;
}

/* Instructions completed; there is no hypervisor state in which they would not count. */
static uint64_t spr_get_IC(PpcCpu *cpu)
{
	return ppc_pmu_completed(cpu);
}

/* A core of one thread: bit 63 is its privileged doorbell. */
static uint64_t spr_get_DPDES(PpcCpu *cpu)
{
	return atomic_load(&cpu->pending) & PPC_PEND_DOORBELL ? 1 : 0;
}

static void spr_set_TBLW(PpcCpu *cpu, uint64_t v)
{
	ppc_tb_write(cpu, (ppc_tb_get(cpu) & ~(uint64_t)UINT32_MAX) | (uint32_t)v);
}

static void spr_set_TBUW(PpcCpu *cpu, uint64_t v)
{
	ppc_tb_write(cpu, (uint32_t)ppc_tb_get(cpu) | v << 32);
}

static void spr_set_TBU40(PpcCpu *cpu, uint64_t v)
{
	ppc_tb_write(cpu, (v & ~UINT64_C(0xffffff)) | (ppc_tb_get(cpu) & 0xffffff));
}

static void spr_set_TEXASRU(PpcCpu *cpu, uint64_t v)
{
	cpu->spr.TEXASR = (uint32_t)cpu->spr.TEXASR | v << 32;
}

static void spr_set_BESCRS(PpcCpu *cpu, uint64_t v)
{
	cpu->spr.BESCR |= v;
	ppc_pmu_bescr_changed(cpu);
}
static void spr_set_BESCRSU(PpcCpu *cpu, uint64_t v)
{
	cpu->spr.BESCR |= v << 32;
	ppc_pmu_bescr_changed(cpu);
}
static void spr_set_BESCRR(PpcCpu *cpu, uint64_t v)
{
	cpu->spr.BESCR &= ~v;
	ppc_pmu_bescr_changed(cpu);
}
static void spr_set_BESCRRU(PpcCpu *cpu, uint64_t v)
{
	cpu->spr.BESCR &= ~(v << 32);
	ppc_pmu_bescr_changed(cpu);
}

static void spr_set_PPR32(PpcCpu *cpu, uint64_t v)
{
	cpu->spr.PPR = v << 32 & 0x001c000000000000ull;
}

/* AMR by its problem-state number: only what UAMOR lets (book III 5.7.12). */
static void spr_set_UAMR(PpcCpu *cpu, uint64_t v)
{
	uint64_t m = cpu->msr & MSR_PR ? cpu->spr.UAMOR : UINT64_MAX;

	cpu->spr.AMR = (v & m) | (cpu->spr.AMR & ~m);
	ppc_state_changed(cpu);
}

/* No writes. */
#define spr_set_TB NULL
#define spr_set_TBU NULL
#define spr_set_PVR NULL
#define spr_set_PIR NULL
#define spr_set_UCTRL NULL
#define spr_set_PURR NULL
#define spr_set_SPURR NULL
#define spr_set_VTB NULL
#define spr_set_IC NULL
#define spr_set_DPDES NULL
#define spr_set_DEXCRU NULL
#define spr_set_HDEXCRU NULL

/* ---------------------------------------------- what follows a write */

static void spr_wrote_AMR(PpcCpu *cpu)
{
	ppc_state_changed(cpu);
}
static void spr_wrote_FSCR(PpcCpu *cpu)
{
	ppc_state_changed(cpu);
}
static void spr_wrote_BESCR(PpcCpu *cpu)
{
	ppc_pmu_bescr_changed(cpu);
}
static void spr_wrote_IAMR(PpcCpu *cpu)
{
	ppc_state_changed(cpu);
}
static void spr_wrote_PIDR(PpcCpu *cpu)
{
	ppc_state_changed(cpu);
}
static void spr_wrote_LPIDR(PpcCpu *cpu)
{
	ppc_state_changed(cpu);
}

#define DEBUG_HOOK(name)                                                                           \
	static void spr_wrote_##name(PpcCpu *cpu)                                                  \
	{                                                                                          \
		ppc_debug_changed(cpu);                                                            \
	}
DEBUG_HOOK(CIABR)
DEBUG_HOOK(DAWR0)
DEBUG_HOOK(DAWRX0)
DEBUG_HOOK(DAWR1)
DEBUG_HOOK(DAWRX1)
DEBUG_HOOK(IABR)
DEBUG_HOOK(DABR)
DEBUG_HOOK(DABRX)
#undef DEBUG_HOOK

static void spr_wrote_LPCR(PpcCpu *cpu)
{
	const PpcFlush all = { .kind = PPC_FLUSH_ALL };

	ppc_tlb_do(cpu, &all);
	ppc_state_changed(cpu);
	ppc_time_update(cpu);
}

static void spr_wrote_PCR(PpcCpu *cpu)
{
	const PpcFlush f = { .kind = PPC_FLUSH_BLOCKS };

	ppc_tlb_do(cpu, &f);
}

/* Classic models: classic.h says what follows. */
#define BAT_HOOK(name)                                                                             \
	static void spr_wrote_##name(PpcCpu *cpu)                                                  \
	{                                                                                          \
		ppc_seg_changed(cpu);                                                              \
	}
#define BAT_HOOKS(n)                                                                               \
	BAT_HOOK(IBAT##n##U) BAT_HOOK(IBAT##n##L) BAT_HOOK(DBAT##n##U) BAT_HOOK(DBAT##n##L)
BAT_HOOKS(0)
BAT_HOOKS(1)
BAT_HOOKS(2)
BAT_HOOKS(3)
BAT_HOOKS(4)
BAT_HOOKS(5)
BAT_HOOKS(6)
BAT_HOOKS(7)
#undef BAT_HOOKS
#undef BAT_HOOK

static void spr_wrote_SDR1(PpcCpu *cpu)
{
	const PpcFlush all = { .kind = PPC_FLUSH_ALL };

	ppc_tlb_do(cpu, &all);
	ppc_state_changed(cpu);
}

static void spr_wrote_HID0(PpcCpu *cpu)
{
	ppc_classic_wrote_hid0(cpu);
}
static void spr_wrote_MSSCR0(PpcCpu *cpu)
{
	ppc_classic_wrote_cache(cpu);
}
static void spr_wrote_L2CR(PpcCpu *cpu)
{
	ppc_classic_wrote_cache(cpu);
}
static void spr_wrote_L3CR(PpcCpu *cpu)
{
	ppc_classic_wrote_cache(cpu);
}
static void spr_wrote_THRM1(PpcCpu *cpu)
{
	ppc_classic_wrote_thrm(cpu);
}
static void spr_wrote_THRM2(PpcCpu *cpu)
{
	ppc_classic_wrote_thrm(cpu);
}
static void spr_wrote_THRM3(PpcCpu *cpu)
{
	ppc_classic_wrote_thrm(cpu);
}

/* --------------------------------------------------------------- table */

enum {
	N = 0,
	R = PPC_SPR_R,
	W = PPC_SPR_W,
	RW = R | W,
	HW = PPC_SPR_HW,
	HR = PPC_SPR_HR,
	HRW = HR | HW
};
enum {
	S8 = PPC_SPRSET_S8,
	S9 = PPC_SPRSET_S9,
	S10 = PPC_SPRSET_S10,
	SP8 = PPC_SPRSET_SP8,
	SP9 = PPC_SPRSET_SP9,
	S6 = PPC_SPRSET_S6,
	S603 = PPC_SPRSET_S603,
	S604 = PPC_SPRSET_S604,
	S750 = PPC_SPRSET_S750,
	S7400 = PPC_SPRSET_S7400,
	S7410 = PPC_SPRSET_S7410,
	S7450 = PPC_SPRSET_S7450,
	S7447 = PPC_SPRSET_S7447,
	SL3 = PPC_SPRSET_SL3,
	S970 = PPC_SPRSET_S970,
	SALL = S8 | S6 | S970,
	SVMX = S7400 | S7450,
	SPM = S604 | S750 | SVMX,
	SB = S6,
};

const PpcSprInfo ppc_spr_table[] = {
#define SPR(n, NAME, SETS, USER, PRIV, MASK, RESET)                                                \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = offsetof(PpcSprs, NAME),                                                       \
	  .mask = MASK,                                                                            \
	  .reset = RESET },
#define SPR_HOOK(n, NAME, SETS, USER, PRIV, MASK, RESET)                                           \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = offsetof(PpcSprs, NAME),                                                       \
	  .mask = MASK,                                                                            \
	  .reset = RESET,                                                                          \
	  .wrote = spr_wrote_##NAME },
#define SPR_FN(n, NAME, SETS, USER, PRIV)                                                          \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = UINT32_MAX,                                                                    \
	  .get = spr_get_##NAME,                                                                   \
	  .set = spr_set_##NAME },
#define SPR_ALIAS(n, NAME, OF, SETS, USER, PRIV)                                                   \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = offsetof(PpcSprs, OF),                                                         \
	  .mask = UINT64_MAX,                                                                      \
	  .alias = true },
#define SPR_ALIAS_HOOK(n, NAME, OF, SETS, USER, PRIV)                                              \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = offsetof(PpcSprs, OF),                                                         \
	  .mask = UINT64_MAX,                                                                      \
	  .wrote = spr_wrote_##NAME,                                                               \
	  .alias = true },
#define SPR_PMU(n, NAME, SETS, USER, PRIV, MASK, RESET)                                            \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = offsetof(PpcSprs, NAME),                                                       \
	  .mask = MASK,                                                                            \
	  .reset = RESET,                                                                          \
	  .pmu = true },
#define SPR_PMU_ALIAS(n, NAME, OF, SETS, USER, PRIV, MASK)                                         \
	{ .num = n,                                                                                \
	  .name = #NAME,                                                                           \
	  .sets = SETS,                                                                            \
	  .user = USER,                                                                            \
	  .priv = PRIV,                                                                            \
	  .offset = offsetof(PpcSprs, OF),                                                         \
	  .mask = MASK,                                                                            \
	  .alias = true,                                                                           \
	  .pmu = true },
#include "target-ppc/spr.def"
#undef SPR
#undef SPR_HOOK
#undef SPR_FN
#undef SPR_ALIAS
#undef SPR_ALIAS_HOOK
#undef SPR_PMU
#undef SPR_PMU_ALIAS
	{ .name = NULL },
};

const PpcSprInfo *ppc_spr_find(uint64_t spr_set, unsigned num)
{
	for (const PpcSprInfo *i = ppc_spr_table; i->name; i++)
		if (i->num == num && (i->sets & spr_set))
			return i;
	return NULL;
}

const char *ppc_spr_name(unsigned num)
{
	const PpcSprInfo *i = ppc_spr_find(UINT64_MAX, num);

	return i ? i->name : NULL;
}

uint64_t ppc_spr_read(PpcCpu *cpu, const PpcSprInfo *i)
{
	uint64_t v;

	if (i->get)
		return i->get(cpu);
	if (i->pmu)
		return ppc_pmu_read(cpu, i);
	memcpy(&v, (const char *)&cpu->spr + i->offset, sizeof(v));
	return v;
}

void ppc_spr_write(PpcCpu *cpu, const PpcSprInfo *i, uint64_t v)
{
	uint64_t old;

	if (i->offset == UINT32_MAX) {
		if (i->set)
			i->set(cpu, v);
		return;
	}
	if (i->pmu) {
		ppc_pmu_write(cpu, i, v);
		return;
	}
	v &= i->mask;
	memcpy(&old, (const char *)&cpu->spr + i->offset, sizeof(old));
	memcpy((char *)&cpu->spr + i->offset, &v, sizeof(v));
	/* The same once more has no consequences: systems write BATs and HIDs again as they are. */
	if (i->wrote && v != old)
		i->wrote(cpu);
}
