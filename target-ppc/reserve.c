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
 *
 * With strict reservations it does.  A page that is reserved in gets RAM_PAGE_RESV, and a
 * reservation counts once no CPU may store into it unasked; all that writes (a store, a table walk's R
 * and C, DMA) does so with the granule's version made odd.  The conditional store then needs no
 * look at the bytes, and the CPU's own stores do not take its reservation away.  A page that many
 * stores go into and that nobody reserves in loses the flag (unguard()).
 */
#include <inttypes.h>
#include <sched.h>
#include "base/err.h"
#include "target-ppc/block.h"
#include "target-ppc/exec.h"

#define NONE UINT64_MAX
#define LOST 1		     /* a version that no granule has for long */
#define GRANULE RAM_GUARD    /* bytes */
#define PAGE_GRANULES 32u    /* RAM_PAGE_SIZE / GRANULE */
#define SPINS 64	     /* looks at a version that is odd before the host's CPU is given up */
#define STORES_UNGUARD 4096u /* into a page, and no reservation in between */

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

/* The granules of a page have 32 slots side by side, in an order of their own. */
static unsigned slot_of(uint64_t pa)
{
	return (pa >> 7 ^ pa >> 19) & (PPC_RESV_SLOTS - 1);
}

static _Atomic uint64_t *version_of(const PpcCpu *cpu, uint64_t pa)
{
	return &ppc_code_map(cpu)->versions[slot_of(pa)];
}

static void relax(unsigned n)
{
	if (n < SPINS)
		__asm__ volatile("" ::: "memory");
	else
		sched_yield();
}

static uint64_t lock(_Atomic uint64_t *at)
{
	for (unsigned n = 0;; n++) {
		uint64_t v = atomic_load(at);

		if (!(v & 1) && atomic_compare_exchange_strong(at, &v, v + 1))
			return v;
		relax(n);
	}
}

uint64_t ppc_granule_lock(PpcCpu *cpu, uint64_t pa)
{
	return cpu->counted ? 0 : lock(version_of(cpu, pa));
}

void ppc_granule_unlock(PpcCpu *cpu, uint64_t pa, uint64_t was)
{
	_Atomic uint64_t *at = version_of(cpu, pa);

	if (cpu->counted)
		return;
	/* What it has reserved itself stays reserved: nobody else stored since. */
	if (cpu->strict && cpu->resv_version == was && cpu->resv_addr != NONE &&
	    version_of(cpu, cpu->resv_addr) == at)
		cpu->resv_version = was + 2;
	atomic_store(at, was + 2);
}

/* ------------------------------------------------------------- strict */

static _Atomic uint8_t *flags_of(const PpcCpu *cpu, uint64_t pa)
{
	return &cpu->dev.machine->ram->page_flags[pa >> RAM_PAGE_SHIFT];
}

/* Certainly no CPU stores into the page unasked. */
static bool is_guarded(const PpcCpu *cpu, uint64_t pa)
{
	return (atomic_load(flags_of(cpu, pa)) & RAM_PAGE_RESV) && ppc_tlb_is_quiet(cpu);
}

/* Before anything is changed: it may begin the instruction again. */
static void guard(PpcCpu *cpu, uint64_t pa)
{
	PpcCodeMap *m = ppc_code_map(cpu);

	if (!cpu->guarded)
		return;
	if (!(atomic_load(flags_of(cpu, pa)) & RAM_PAGE_RESV)) {
		atomic_fetch_add(&m->guarded, 1);
		ppc_claim_page(cpu, pa, RAM_PAGE_RESV);
	}
	if (ppc_tlb_wait(cpu))
		ppc_restart(cpu);
}

/*
 * The page becomes a plain one.  All its versions are held meanwhile, so what was reserved before is lost,
 * and who reserves afterwards finds no flag.  The slots are locked in one order by all, and by who
 * holds none.
 */
static void unguard(PpcCpu *cpu, uint64_t pa)
{
	PpcCodeMap *m = ppc_code_map(cpu);
	_Atomic uint64_t *at = &m->versions[slot_of(pa) & ~(PAGE_GRANULES - 1)];

	for (unsigned i = 0; i < PAGE_GRANULES; i++)
		lock(&at[i]);
	atomic_fetch_and(flags_of(cpu, pa), (uint8_t)~RAM_PAGE_RESV);
	for (unsigned i = 0; i < PAGE_GRANULES; i++)
		atomic_fetch_add(&at[i], 1);
	atomic_fetch_add(&m->unguarded, 1);
}

void ppc_put_guarded(PpcCpu *cpu, uint64_t pa, const uint8_t *buf, unsigned n)
{
	_Atomic uint16_t *stores = &ppc_code_map(cpu)->stores[pa >> RAM_PAGE_SHIFT];
	uint64_t page = pa;
	unsigned part, so_far;

	/* What crosses a border of granules is no single access on any chip. */
	for (; n; n -= part, buf += part, pa += part) {
		uint64_t was = ppc_granule_lock(cpu, pa);

		part = MIN(n, GRANULE - (unsigned)(pa & (GRANULE - 1)));
		ppc_copy(cpu->dev.machine->ram->host + pa, buf, part);
		ppc_granule_unlock(cpu, pa, was);
	}
	if (!(atomic_load_explicit(flags_of(cpu, page), memory_order_relaxed) & RAM_PAGE_RESV))
		return;
	/* A count that is lost does not matter. */
	so_far = atomic_load_explicit(stores, memory_order_relaxed) + 1u;
	if (so_far >= STORES_UNGUARD) {
		unguard(cpu, page);
		so_far = 0;
	}
	atomic_store_explicit(stores, (uint16_t)so_far, memory_order_relaxed);
}

/* Ram.guard */
static void guard_granule(void *opaque, uint64_t pa, bool begin)
{
	PpcCodeMap *m = opaque;

	if (begin)
		lock(&m->versions[slot_of(pa)]);
	else
		atomic_fetch_add(&m->versions[slot_of(pa)], 1);
}

bool ppc_use_strict(PpcCpu *cpu, GError **err)
{
	PpcCodeMap *m = ppc_code_map(cpu);
	Ram *ram = m->machine->ram;

	if (cpu->counted)
		return true;
	if (!m->stores)
		m->stores = g_try_malloc0((ram->size >> RAM_PAGE_SHIFT) * sizeof(m->stores[0]));
	if (!m->stores)
		return fail(err, "no memory for strict reservations");
	ram->guard = guard_granule;
	cpu->strict = true;
	cpu->guarded = m->machine->vcpus->len > 1;
	return true;
}

void ppc_strict_show(const PpcCpu *cpu, GString *out)
{
	const PpcCodeMap *m = ppc_code_map(cpu);

	if (cpu->guarded)
		g_string_append_printf(out,
				       "  pages guarded for reservations (all CPUs) %" PRIu64
				       ", no longer %" PRIu64 "\n",
				       atomic_load(&m->guarded), atomic_load(&m->unguarded));
}

/* -------------------------------------------------- instructions' work */

/*
 * The version is read before the flag, and the flag before the bytes: a page that ceases to be guarded in
 * between has another version by then.
 */
static void reserve(PpcCpu *cpu, uint64_t pa, unsigned size)
{
	_Atomic uint64_t *at = version_of(cpu, pa);

	cpu->resv_addr = pa;
	cpu->resv_size = size;
	if (cpu->counted)
		return;
	cpu->resv_version = atomic_load(at);
	if (!cpu->guarded)
		return;
	/* Stores hold versions often, and not for long. */
	for (unsigned n = 0; cpu->resv_version & 1; n++) {
		relax(n);
		cpu->resv_version = atomic_load(at);
	}
	if (!is_guarded(cpu, pa))
		cpu->resv_version = LOST;
	if (atomic_load_explicit(&ppc_code_map(cpu)->stores[pa >> RAM_PAGE_SHIFT],
				 memory_order_relaxed))
		atomic_store_explicit(&ppc_code_map(cpu)->stores[pa >> RAM_PAGE_SHIFT], 0,
				      memory_order_relaxed);
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

static uint64_t reserve_at(PpcCpu *cpu, const uint8_t *p, uint64_t pa, unsigned size)
{
	uint64_t v;

	reserve(cpu, pa, size);
	v = load(p, size);
	cpu->resv_val[0] = v;
	return guest_order(cpu, v, size);
}

uint64_t ppc_load_reserve(PpcCpu *cpu, uint64_t ea, unsigned size)
{
	uint64_t pa;
	const uint8_t *p = host_for(cpu, ea, size, PPC_LOAD, &pa);

	guard(cpu, pa);
	return reserve_at(cpu, p, pa, size);
}

bool ppc_try_reserve(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t *v)
{
	const uint8_t *p;
	uint64_t pa;

	if (ea & (size - 1))
		return false;
	p = ppc_try_host(cpu, ea, size, PPC_LOAD, &pa);
	if (!p || ppc_attributes(cpu, ea))
		return false;
	*v = reserve_at(cpu, p, pa, size);
	return !cpu->guarded || cpu->resv_version != LOST;
}

/* Strict, the granule held: whatever is there is what was reserved, or the CPU's own. */
static void store(uint8_t *p, unsigned size, uint64_t v)
{
	switch (size) {
	case 1: __atomic_store_n(p, (uint8_t)v, __ATOMIC_SEQ_CST); break;
	case 2: __atomic_store_n((uint16_t *)(void *)p, (uint16_t)v, __ATOMIC_SEQ_CST); break;
	case 4: __atomic_store_n((uint32_t *)(void *)p, (uint32_t)v, __ATOMIC_SEQ_CST); break;
	default: __atomic_store_n((uint64_t *)(void *)p, v, __ATOMIC_SEQ_CST); break;
	}
}

static bool store_at(PpcCpu *cpu, uint8_t *p, uint64_t pa, unsigned size, uint64_t v)
{
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
		done = cpu->strict || swap(p, size, cpu->resv_val[0], v);
		if (cpu->strict)
			store(p, size, v);
		end_store(cpu, pa);
		ppc_after_store(cpu, pa, size);
	}
	cpu->resv_addr = NONE;
	return done;
}

bool ppc_store_conditional(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t v)
{
	uint64_t pa;
	uint8_t *p = host_for(cpu, ea, size, PPC_STORE, &pa);

	return store_at(cpu, p, pa, size, v);
}

bool ppc_try_conditional(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t *v)
{
	uint64_t pa;
	uint8_t *p;

	if (ea & (size - 1))
		return false;
	p = ppc_try_host(cpu, ea, size, PPC_STORE, &pa);
	if (!p || ppc_attributes(cpu, ea))
		return false;
	*v = store_at(cpu, p, pa, size, *v);
	return true;
}

/* Both of one store: read until they stay. */
static bool load128(const uint8_t *p, uint64_t v[2])
{
	do {
		v[0] = load(p, 8);
		v[1] = load(p + 8, 8);
	} while (v[0] != load(p, 8) || v[1] != load(p + 8, 8));
	return true;
}

/* The doubleword at the lower address is the even register's in big-endian mode. */
void ppc_load_reserve128(PpcCpu *cpu, uint64_t ea, uint64_t v[2])
{
	uint64_t pa;
	const uint8_t *p = host_for(cpu, ea, 16, PPC_LOAD, &pa);

	guard(cpu, pa);
	reserve(cpu, pa, 16);
	load128(p, cpu->resv_val);
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
		do
			done = swap128(p, cpu->resv_val, new);
		while (cpu->strict && !done && load128(p, cpu->resv_val));
		end_store(cpu, pa);
		ppc_after_store(cpu, pa, 16);
	}
	cpu->resv_addr = NONE;
	return done;
}
