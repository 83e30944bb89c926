/* Fast paths of data accesses; included by exec.h alone. */
#ifndef TARGET_PPC_MEM_H
#define TARGET_PPC_MEM_H

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

static inline uint8_t ppc_ld8(PpcCpu *cpu, uint64_t ea)
{
	const uint8_t *p = ppc_fast_rd(cpu, ea, 1);
	uint8_t v;

	if (likely(p != NULL))
		return *p;
	ppc_ld_slow(cpu, ea, &v, 1);
	return v;
}

static inline void ppc_st8(PpcCpu *cpu, uint64_t ea, uint8_t v)
{
	uint8_t *p = ppc_fast_wr(cpu, ea, 1);

	if (likely(p != NULL))
		*p = v;
	else
		ppc_st_slow(cpu, ea, &v, 1);
}

#define PPC_DEF_ACCESS(bits, type)                                                                 \
	static inline type ppc_ld##bits(PpcCpu *cpu, uint64_t ea)                                  \
	{                                                                                          \
		const uint8_t *p = ppc_fast_rd(cpu, ea, sizeof(type));                             \
		uint8_t buf[sizeof(type)];                                                         \
                                                                                                   \
		if (unlikely(p == NULL)) {                                                         \
			ppc_ld_slow(cpu, ea, buf, sizeof(type));                                   \
			p = buf;                                                                   \
		}                                                                                  \
		return cpu->le ? ld##bits##_le(p) : ld##bits##_be(p);                              \
	}                                                                                          \
	static inline void ppc_st##bits(PpcCpu *cpu, uint64_t ea, type v)                          \
	{                                                                                          \
		uint8_t *p = ppc_fast_wr(cpu, ea, sizeof(type));                                   \
		uint8_t buf[sizeof(type)];                                                         \
		uint8_t *to = p ? p : buf;                                                         \
                                                                                                   \
		if (cpu->le)                                                                       \
			st##bits##_le(to, v);                                                      \
		else                                                                               \
			st##bits##_be(to, v);                                                      \
		if (unlikely(p == NULL))                                                           \
			ppc_st_slow(cpu, ea, buf, sizeof(type));                                   \
	}
PPC_DEF_ACCESS(16, uint16_t)
PPC_DEF_ACCESS(32, uint32_t)
PPC_DEF_ACCESS(64, uint64_t)
#undef PPC_DEF_ACCESS

#endif
