/*
 * What translated code calls: reservations and blocks of zeros, where the TLB allows them without a
 * question (everything else is ex_sync.c's), and what follows from MSR[EE].
 */
#include "jit/jit.h"
#include "target-ppc/exec.h"
#include "target-ppc/fpu_jit.h"
#include "target-ppc/quick.h"
#include "target-ppc/tr.h"

/* Aligned, and the fast path of a load (store); attributes might still forbid it. */
static bool plain(const PpcCpu *cpu, uint64_t ea, unsigned size, bool store)
{
	if (ea & (size - 1) || ppc_attributes(cpu, ea))
		return false;
	return store ? ppc_fast_wr(cpu, ea, size) : ppc_fast_rd(cpu, ea, size);
}

static uint64_t reserve(void *env, uint64_t ea, uint64_t size, uint64_t unused)
{
	PpcCpu *cpu = env;
	uint64_t v, pair[2];

	(void)unused;
	if (cpu->guarded && size == 16)
		return 0;
	if (cpu->guarded)
		return ppc_try_reserve(cpu, ea, (unsigned)size, &v) ? (uint32_t)v | TR_DONE : 0;
	if (!plain(cpu, ea, (unsigned)size, false))
		return 0;
	if (size == 16) {
		ppc_load_reserve128(cpu, ea, pair);
		return TR_DONE;
	}
	return (uint32_t)ppc_load_reserve(cpu, ea, (unsigned)size) | TR_DONE;
}

/* Of the last reservation, which has just been made. */
static uint64_t reserved(void *env, uint64_t n, uint64_t b, uint64_t c)
{
	const PpcCpu *cpu = env;
	uint64_t v = cpu->resv_val[n];

	(void)b;
	(void)c;
	return cpu->le == !HOST_BE ? v : bswap64(v);
}

static uint64_t conditional(void *env, uint64_t ea, uint64_t size, uint64_t v)
{
	PpcCpu *cpu = env;

	if (cpu->guarded && size == 16)
		return TR_DONE;
	if (cpu->guarded)
		return ppc_try_conditional(cpu, ea, (unsigned)size, &v) ? v : TR_DONE;
	if (!plain(cpu, ea, (unsigned)size, true))
		return TR_DONE;
	if (size == 16)
		return ppc_store_conditional128(cpu, ea, (const uint64_t[]){ cpu->upper, v });
	return ppc_store_conditional(cpu, ea, (unsigned)size, v);
}

static uint64_t amo(void *env, uint64_t ea, uint64_t how, uint64_t v)
{
	PpcCpu *cpu = env;

	if (!plain(cpu, ea, how & PPC_AMO_SIZE, true))
		return 0;
	return ppc_try_amo(cpu, ea, (unsigned)how, v, cpu->upper, &cpu->upper);
}

static uint64_t amo_result(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return ((PpcCpu *)env)->upper;
}

static uint64_t estimate(void *env, uint64_t kind, uint64_t v, uint64_t unused)
{
	(void)unused;
	return ppc_fp_estimate(env, (unsigned)kind, v);
}

static uint64_t dcbz(void *env, uint64_t ea, uint64_t word, uint64_t unused)
{
	(void)unused;
	return ppc_try_dcbz(env, ea, (uint32_t)word);
}

static uint64_t icbi(void *env, uint64_t ea, uint64_t a, uint64_t b)
{
	(void)a;
	(void)b;
	return ppc_try_icbi(env, ea);
}

static uint64_t ee(void *env, uint64_t msr, uint64_t a, uint64_t b)
{
	(void)a;
	(void)b;
	ppc_ee_written(env, msr);
	return 0;
}

static uint64_t wait_for_others(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	return ppc_tlb_wait(env);
}

static uint64_t new_msr(void *env, uint64_t msr, uint64_t to, uint64_t interrupt)
{
	return ppc_quick_msr(env, msr, to, interrupt);
}

static uint64_t key(void *env, uint64_t num, uint64_t v, uint64_t unused)
{
	(void)unused;
	return ppc_quick_key(env, (unsigned)num, v);
}

static uint64_t tlbiel(void *env, uint64_t rb, uint64_t rs, uint64_t ric)
{
	ppc_quick_tlbiel(env, rb, rs, (unsigned)ric);
	return 0;
}

static uint64_t settle(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	ppc_quick_settle(env);
	return 0;
}

static uint64_t upper(void *env, uint64_t v, uint64_t a, uint64_t b)
{
	PpcCpu *cpu = env;

	(void)a;
	(void)b;
	cpu->upper = v;
	return 0;
}

static uint64_t store(void *env, uint64_t ea, uint64_t n, uint64_t lower)
{
	PpcCpu *cpu = env;
	uint8_t buf[16];

	st64_le(buf, lower);
	st64_le(buf + 8, cpu->upper);
	return !n || ppc_try_store(cpu, ea, (unsigned)n, buf);
}

JitHelper *const tr_helpers[TR_HELPERS] = {
	[TR_HELP_RESERVE] = reserve,
	[TR_HELP_RESERVED] = reserved,
	[TR_HELP_CONDITIONAL] = conditional,
	[TR_HELP_AMO] = amo,
	[TR_HELP_AMO_RESULT] = amo_result,
	[TR_HELP_ESTIMATE] = estimate,
	[TR_HELP_DCBZ] = dcbz,
	[TR_HELP_ICBI] = icbi,
	[TR_HELP_EE] = ee,
	[TR_HELP_MSR] = new_msr,
	[TR_HELP_KEY] = key,
	[TR_HELP_TLBIEL] = tlbiel,
	[TR_HELP_SYNC] = wait_for_others,
	[TR_HELP_SETTLE] = settle,
	[TR_HELP_UPPER] = upper,
	[TR_HELP_STORE] = store,
};
