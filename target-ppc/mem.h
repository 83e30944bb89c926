/* Fast paths of data accesses; included by exec.h alone. */
#ifndef TARGET_PPC_MEM_H
#define TARGET_PPC_MEM_H

/*
 * Guest RAM has no lock: what a guest's CPUs do to it at once is the guest's affair, and each
 * access of 1, 2, 4 or 8 bytes is one of the host's.  ThreadSanitizer must not look at these
 * alone, and what it does look at must not be made part of them.
 */
#ifdef __SANITIZE_THREAD__
#define PPC_GUEST_ACCESS static __attribute__((no_sanitize_thread, noinline, unused))
#else
#define PPC_GUEST_ACCESS static inline
#endif

#define PPC_DEF_GUEST(bits)                                                                        \
	typedef uint##bits##_t __attribute__((may_alias, aligned(1))) PpcGuest##bits;              \
	PPC_GUEST_ACCESS uint##bits##_t ppc_guest_ld##bits(const uint8_t *p)                       \
	{                                                                                          \
		return *(const volatile PpcGuest##bits *)(const void *)p;                          \
	}                                                                                          \
	PPC_GUEST_ACCESS void ppc_guest_st##bits(uint8_t *p, uint##bits##_t v)                     \
	{                                                                                          \
		*(volatile PpcGuest##bits *)(void *)p = v;                                         \
	}
PPC_DEF_GUEST(8)
PPC_DEF_GUEST(16)
PPC_DEF_GUEST(32)
PPC_DEF_GUEST(64)
#undef PPC_DEF_GUEST

/* n bytes from or to guest RAM; 1, 2, 4 and 8 of them in one access. */
PPC_GUEST_ACCESS void ppc_copy(void *to, const void *from, unsigned n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	for (; n >= 8; n -= 8, t += 8, f += 8)
		*(volatile PpcGuest64 *)(void *)t = *(const volatile PpcGuest64 *)(const void *)f;
	if (n & 4) {
		*(volatile PpcGuest32 *)(void *)t = *(const volatile PpcGuest32 *)(const void *)f;
		t += 4, f += 4;
	}
	if (n & 2) {
		*(volatile PpcGuest16 *)(void *)t = *(const volatile PpcGuest16 *)(const void *)f;
		t += 2, f += 2;
	}
	if (n & 1)
		*(volatile uint8_t *)t = *(const volatile uint8_t *)f;
}

/* In the CPU's byte order. */
static inline uint8_t ppc_order8(const PpcCpu *cpu, uint8_t v)
{
	(void)cpu;
	return v;
}
static inline uint16_t ppc_order16(const PpcCpu *cpu, uint16_t v)
{
	return cpu->le == !HOST_BE ? v : bswap16(v);
}
static inline uint32_t ppc_order32(const PpcCpu *cpu, uint32_t v)
{
	return cpu->le == !HOST_BE ? v : bswap32(v);
}
static inline uint64_t ppc_order64(const PpcCpu *cpu, uint64_t v)
{
	return cpu->le == !HOST_BE ? v : bswap64(v);
}

/*
 * Host address of n bytes at ea when the entry allows the load (store) with
 * no question asked, else NULL.  An access that crosses into the next page
 * compares with that page's number, which no entry of this index has.
 */
static inline uint8_t *ppc_fast_rd(const PpcCpu *cpu, uint64_t ea, unsigned n)
{
	const PpcTlbEntry *e = &cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];

	if (likely(e->rd == ((ea + n - 1) & PPC_PAGE_MASK)))
		return (uint8_t *)(uintptr_t)(e->addend + ea);
	return NULL;
}

static inline uint8_t *ppc_fast_wr(const PpcCpu *cpu, uint64_t ea, unsigned n)
{
	const PpcTlbEntry *e = &cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];

	if (likely(e->wr == ((ea + n - 1) & PPC_PAGE_MASK)))
		return (uint8_t *)(uintptr_t)(e->addend + ea);
	return NULL;
}

#define PPC_DEF_ACCESS(bits, type)                                                                 \
	static inline type ppc_ld##bits(PpcCpu *cpu, uint64_t ea)                                  \
	{                                                                                          \
		const uint8_t *p = ppc_fast_rd(cpu, ea, sizeof(type));                             \
		type v;                                                                            \
                                                                                                   \
		if (likely(p != NULL))                                                             \
			v = ppc_guest_ld##bits(p);                                                 \
		else                                                                               \
			ppc_ld_slow(cpu, ea, &v, sizeof(type));                                    \
		return ppc_order##bits(cpu, v);                                                    \
	}                                                                                          \
	static inline void ppc_st##bits(PpcCpu *cpu, uint64_t ea, type v)                          \
	{                                                                                          \
		uint8_t *p = ppc_fast_wr(cpu, ea, sizeof(type));                                   \
                                                                                                   \
		v = ppc_order##bits(cpu, v);                                                       \
		if (likely(p != NULL))                                                             \
			ppc_guest_st##bits(p, v);                                                  \
		else                                                                               \
			ppc_st_slow(cpu, ea, &v, sizeof(type));                                    \
	}
PPC_DEF_ACCESS(8, uint8_t)
PPC_DEF_ACCESS(16, uint16_t)
PPC_DEF_ACCESS(32, uint32_t)
PPC_DEF_ACCESS(64, uint64_t)
#undef PPC_DEF_ACCESS

#endif
