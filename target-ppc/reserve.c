/*
 * Reservations: lbarx ... lqarx, stbcx. ... stqcx. (book II 4.6.2).
 *
 * A reservation is the real address, the size and the bytes that were
 * loaded; the store is a compare-and-swap.
 *
 * In counted time it is lost when another CPU has had its turn, so that a value that
 * changed and came back cannot fool it.
 *
 * In host time there is a version for each granule of 128 bytes (or for several: there
 * are PPC_RESV_SLOTS of them).  Conditional stores and atomic memory operations make it
 * odd, store, and make it even again, so they exclude each other in a granule; a
 * reservation knows the version from before its load, and its store is done only if that is
 * the version still.  A plain store of another CPU takes no note of versions: it is seen
 * if it has changed the bytes that were reserved (docs/threads.md).
 */
#include <sched.h>
#include "target-ppc/block.h"
#include "target-ppc/exec.h"

#define NONE UINT64_MAX

static uint8_t *host_for(PpcCpu *cpu, uint64_t ea, unsigned size, PpcAccess acc, uint64_t *pa)
{
	uint8_t *p;

	if (ea & (size - 1))
		ppc_raise_alignment(cpu, ea);
	p = ppc_host(cpu, ea, size, acc, pa);
	/*
	 * Book II 1.7: reservations in storage that is not memory, or that is write-through or
	 * caching inhibited: DSI.  6xx to 74xx mind write-through alone.
	 */
	if (!p || (ppc_attributes(cpu, ea) &
		   (cpu->features & PPC_F_CLS ? TLB_PA_W : TLB_PA_W | TLB_PA_I)))
		ppc_raise_dsi(cpu, ea, 0x04000000u | (acc == PPC_STORE ? DSISR_STORE : 0));
	return p;
}

static uint64_t load(const uint8_t *p, unsigned size)
{
	switch (size) {
	case 1: return __atomic_load_n(p, __ATOMIC_RELAXED);
	case 2: return __atomic_load_n((const uint16_t *)(const void *)p, __ATOMIC_RELAXED);
	case 4: return __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_RELAXED);
	default: return __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_RELAXED);
	}
}

/* Between host order, in which values are compared, and the guest's number. */
static uint64_t guest_order(const PpcCpu *cpu, uint64_t v, unsigned size)
{
	if (cpu->le != HOST_BE)
		return v;
	switch (size) {
	case 2: return bswap16((uint16_t)v);
	case 4: return bswap32((uint32_t)v);
	case 8: return bswap64(v);
	default: return v;
	}
}

static bool swap(uint8_t *p, unsigned size, uint64_t old, uint64_t new)
{
	switch (size) {
	case 1: return __sync_bool_compare_and_swap(p, (uint8_t)old, (uint8_t) new);
	case 2:
		return __sync_bool_compare_and_swap((uint16_t *)(void *)p, (uint16_t)old,
						    (uint16_t) new);
	case 4:
		return __sync_bool_compare_and_swap((uint32_t *)(void *)p, (uint32_t)old,
						    (uint32_t) new);
	default: return __sync_bool_compare_and_swap((uint64_t *)(void *)p, old, new);
	}
}

static _Atomic uint64_t *version_of(const PpcCpu *cpu, uint64_t pa)
{
	return &ppc_code_map(cpu)->versions[(pa >> 7 ^ pa >> 19) & (PPC_RESV_SLOTS - 1)];
}

uint64_t ppc_granule_lock(PpcCpu *cpu, uint64_t pa)
{
	_Atomic uint64_t *at = version_of(cpu, pa);
	uint64_t v;

	if (cpu->counted)
		return 0;
	for (;;) {
		v = atomic_load(at);
		if (!(v & 1) && atomic_compare_exchange_strong(at, &v, v + 1))
			return v;
		sched_yield();
	}
}

void ppc_granule_unlock(PpcCpu *cpu, uint64_t pa, uint64_t was)
{
	if (!cpu->counted)
		atomic_store(version_of(cpu, pa), was + 2);
}

static void reserve(PpcCpu *cpu, uint64_t pa, unsigned size)
{
	cpu->resv_addr = pa;
	cpu->resv_size = size;
	if (!cpu->counted)
		cpu->resv_version = atomic_load(version_of(cpu, pa));
}

/* Host time: ends the reservation; true: it held, and nobody else stores before end_store(). */
static bool begin_store(PpcCpu *cpu, uint64_t pa)
{
	_Atomic uint64_t *at = version_of(cpu, cpu->resv_addr), *to = version_of(cpu, pa);
	uint64_t v = cpu->resv_version;

	if (v & 1)
		return false;
	if (at != to) {
		if (atomic_load(at) != v)
			return false;
		v = atomic_load(to);
		cpu->resv_version = v;
	}
	return !(v & 1) && atomic_compare_exchange_strong(to, &v, v + 1);
}

static void end_store(PpcCpu *cpu, uint64_t pa)
{
	ppc_granule_unlock(cpu, pa, cpu->resv_version);
}

uint64_t ppc_load_reserve(PpcCpu *cpu, uint64_t ea, unsigned size)
{
	uint64_t pa, v;
	const uint8_t *p = host_for(cpu, ea, size, PPC_LOAD, &pa);

	reserve(cpu, pa, size);
	v = load(p, size);
	cpu->resv_val[0] = v;
	return guest_order(cpu, v, size);
}

bool ppc_store_conditional(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t v)
{
	uint64_t pa;
	uint8_t *p = host_for(cpu, ea, size, PPC_STORE, &pa);
	bool ours = cpu->resv_addr == pa && cpu->resv_size == size, done = false;

	/* 6xx, 7xx, 74xx do not compare addresses: any reservation will do. */
	if (cpu->features & PPC_F_CLS && cpu->resv_addr != NONE && !ours) {
		cpu->resv_val[0] = load(p, size);
		ours = true;
	}
	v = guest_order(cpu, v, size);
	if (cpu->counted) {
		done = ours && swap(p, size, cpu->resv_val[0], v);
	} else if (ours && begin_store(cpu, pa)) {
		done = swap(p, size, cpu->resv_val[0], v);
		end_store(cpu, pa);
		ppc_after_store(cpu, pa, size);
	}
	cpu->resv_addr = NONE;
	return done;
}

/* The doubleword at the lower address is the even register's in big-endian mode. */
void ppc_load_reserve128(PpcCpu *cpu, uint64_t ea, uint64_t v[2])
{
	uint64_t pa;
	const uint8_t *p = host_for(cpu, ea, 16, PPC_LOAD, &pa);

	reserve(cpu, pa, 16);
	/* Both of one store: read until they stay. */
	do {
		cpu->resv_val[0] = load(p, 8);
		cpu->resv_val[1] = load(p + 8, 8);
	} while (cpu->resv_val[0] != load(p, 8) || cpu->resv_val[1] != load(p + 8, 8));
	v[cpu->le ? 1 : 0] = guest_order(cpu, cpu->resv_val[0], 8);
	v[cpu->le ? 0 : 1] = guest_order(cpu, cpu->resv_val[1], 8);
}

static bool swap128(uint8_t *p, const uint64_t old[2], const uint64_t new[2])
{
	u128 o, n;

	memcpy(&o, old, 16);
	memcpy(&n, new, 16);
	return __sync_bool_compare_and_swap((u128 *)(void *)p, o, n);
}

bool ppc_store_conditional128(PpcCpu *cpu, uint64_t ea, const uint64_t v[2])
{
	uint64_t pa, new[2];
	uint8_t *p = host_for(cpu, ea, 16, PPC_STORE, &pa);
	bool ours = cpu->resv_addr == pa && cpu->resv_size == 16, done = false;

	new[0] = guest_order(cpu, v[cpu->le ? 1 : 0], 8);
	new[1] = guest_order(cpu, v[cpu->le ? 0 : 1], 8);
	if (cpu->counted) {
		done = ours && swap128(p, cpu->resv_val, new);
	} else if (ours && begin_store(cpu, pa)) {
		done = swap128(p, cpu->resv_val, new);
		end_store(cpu, pa);
		ppc_after_store(cpu, pa, 16);
	}
	cpu->resv_addr = NONE;
	return done;
}
