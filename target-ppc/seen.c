/*
 * Pages of instructions that were looked up in a context of the TLB since its translations changed last.
 *
 * Host code goes from page to page by links that hold while the translations do (unit.c), and is found by real address.  A page that is there
 * twice, at two addresses, may have two different neighbours: then its code leaves to other pages by
 * address alone.
 */
#include "target-ppc/block.h"
#include "target-ppc/seen.h"

static gpointer number(uint64_t address)
{
	return GSIZE_TO_POINTER(address >> PPC_PAGE_SHIFT);
}

void ppc_seen_none(PpcTlbCtx *c)
{
	if (c->seen)
		g_hash_table_remove_all(c->seen);
}

void ppc_unseen(PpcTlbCtx *c, uint64_t ea, uint64_t pa)
{
	if (c->seen && g_hash_table_lookup(c->seen, number(pa)) == number(ea))
		g_hash_table_remove(c->seen, number(pa));
}

static bool elsewhere(const PpcTlbCtx *c, uint64_t ea, uint64_t pa)
{
	gpointer at;

	return c->coded && c->seen &&
	       g_hash_table_lookup_extended(c->seen, number(pa), NULL, &at) && at != number(ea);
}

void ppc_seen(PpcCpu *cpu, uint64_t ea, uint64_t pa)
{
	PpcTlbCtx *c = cpu->ictx[ea >> 63];

	/* Real mode: neighbours are neighbours. */
	if (!cpu->units || (c->key.a & 0xff) == PPC_TLB_REAL)
		return;
	if (!c->seen)
		c->seen = g_hash_table_new(NULL, NULL);
	if (!ppc_is_aliased(cpu, pa) &&
	    (elsewhere(cpu->ictx[0], ea, pa) || elsewhere(cpu->ictx[1], ea, pa))) {
		atomic_fetch_or(&ppc_code_map(cpu)->aliased[pa >> PPC_PAGE_SHIFT >> 6],
				UINT64_C(1) << (pa >> PPC_PAGE_SHIFT & 63));
		ppc_blocks_drop_page(cpu, pa);
	}
	g_hash_table_insert(c->seen, number(pa), number(ea));
}

void ppc_seen_free(PpcTlbCtx *c)
{
	if (c && c->seen)
		g_hash_table_destroy(c->seen);
}
