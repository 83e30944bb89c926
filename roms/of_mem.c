/*
 * Memory that clients claim (IEEE 1275-1994, 6.3.2.4: claim, release), as
 * extents of physical RAM.  The client runs untranslated, so virtual and
 * physical are one (real mode; PowerPC binding, 5.2.1).
 *
 * Places found for a client are taken from the top: low memory is where
 * programs like to be at addresses of their own choice.
 */
#include <string.h>
#include "base/bits.h"
#include "roms/of_int.h"

/* Clients have 32-bit cells, and treat some of them as signed. */
#define TOP_OF_CLIENTS UINT64_C(0x80000000)

/* The first extent that ends above addr; nclaims if none. */
static uint32_t first_above(const Of *of, uint64_t addr)
{
	uint32_t i = 0;

	while (i < of->nclaims && of->claim_end[i] <= addr)
		i++;
	return i;
}

static void remove_extent(Of *of, uint32_t i)
{
	uint32_t after = of->nclaims - i - 1;

	memmove(&of->claim_base[i], &of->claim_base[i + 1], after * sizeof(of->claim_base[0]));
	memmove(&of->claim_end[i], &of->claim_end[i + 1], after * sizeof(of->claim_end[0]));
	of->nclaims--;
	of->claim_base[of->nclaims] = of->claim_end[of->nclaims] = 0;
}

static bool insert_extent(Of *of, uint32_t i, uint64_t base, uint64_t end)
{
	uint32_t after = of->nclaims - i;

	if (of->nclaims == OF_CLAIMS_MAX)
		return false;
	memmove(&of->claim_base[i + 1], &of->claim_base[i], after * sizeof(of->claim_base[0]));
	memmove(&of->claim_end[i + 1], &of->claim_end[i], after * sizeof(of->claim_end[0]));
	of->claim_base[i] = base;
	of->claim_end[i] = end;
	of->nclaims++;
	return true;
}

bool of_mem_claim_at(Of *of, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;
	uint32_t i;
	bool below, above;

	if (!size || !ram_has(of_ram(of), base, size))
		return false;
	i = first_above(of, base);
	if (i < of->nclaims && of->claim_base[i] < end)
		return false;
	below = i > 0 && of->claim_end[i - 1] == base;
	above = i < of->nclaims && of->claim_base[i] == end;
	of->avail_stale = true;
	if (below && above) {
		of->claim_end[i - 1] = of->claim_end[i];
		remove_extent(of, i);
		return true;
	}
	if (below)
		of->claim_end[i - 1] = end;
	else if (above)
		of->claim_base[i] = base;
	else
		return insert_extent(of, i, base, end);
	return true;
}

bool of_mem_claim_any(Of *of, uint64_t size, uint64_t align, uint64_t *base)
{
	uint64_t top = MIN(of_ram(of)->size, TOP_OF_CLIENTS), grain = 1;
	uint32_t i = of->nclaims;

	if (!size || size > top || align > TOP_OF_CLIENTS)
		return false;
	while (grain < align)
		grain <<= 1;
	/* Gaps from the top: above extent i - 1, below top. */
	for (;;) {
		uint64_t bottom = i ? of->claim_end[i - 1] : 0;

		if (top > bottom && top - bottom >= size) {
			*base = (top - size) & ~(grain - 1);
			if (*base >= bottom)
				return of_mem_claim_at(of, *base, size);
		}
		if (!i)
			return false;
		i--;
		top = MIN(top, of->claim_base[i]);
	}
}

bool of_mem_release(Of *of, uint64_t base, uint64_t size)
{
	uint64_t end;
	uint32_t i;

	if (size > UINT64_MAX - base)
		return false;
	end = base + size;
	base = MAX(base, OF_LOW_END);
	if (base >= end)
		return true;
	of->avail_stale = true;
	i = first_above(of, base);
	while (i < of->nclaims && of->claim_base[i] < end) {
		uint64_t old_end = of->claim_end[i];

		if (of->claim_base[i] < base && old_end > end) { /* a hole */
			if (!insert_extent(of, i + 1, end, old_end))
				return false;
			of->claim_end[i] = base;
			return true;
		}
		if (of->claim_base[i] < base) {
			of->claim_end[i] = base;
			i++;
		} else if (old_end > end) {
			of->claim_base[i] = end;
			return true;
		} else {
			remove_extent(of, i);
		}
	}
	return true;
}

bool of_mem_check(const Of *of)
{
	uint64_t last = 0;

	if (of->nclaims > OF_CLAIMS_MAX)
		return false;
	for (uint32_t i = 0; i < of->nclaims; i++) {
		if (of->claim_base[i] >= of->claim_end[i] || (i && of->claim_base[i] <= last) ||
		    of->claim_end[i] > of_ram(of)->size)
			return false;
		last = of->claim_end[i];
	}
	return true;
}

/* The node of the RAM at 0. */
static OfNode *memory_node(const Of *of)
{
	for (OfNode *n = of->tree->root->child; n; n = n->peer) {
		const char *type = of_prop_str(n, "device_type");

		if (type && !strcmp(type, "memory"))
			return n;
	}
	return NULL;
}

static uint8_t *put_cells(uint8_t *p, uint64_t v, unsigned cells)
{
	if (cells == 2) {
		st32_be(p, (uint32_t)(v >> 32));
		p += 4;
	}
	st32_be(p, (uint32_t)v);
	return p + 4;
}

void of_mem_available(Of *of)
{
	unsigned ac = of_prop_cell(of->tree->root, "#address-cells", 2);
	unsigned sc = of_prop_cell(of->tree->root, "#size-cells", 1);
	OfNode *mem = memory_node(of);
	g_autofree uint8_t *val = NULL;
	uint8_t *p;
	uint64_t from = 0;

	if (!of->avail_stale)
		return;
	of->avail_stale = false;
	if (!mem || ac < 1 || ac > 2 || sc < 1 || sc > 2)
		return;
	p = val = g_malloc((of->nclaims + 1) * 16);
	for (uint32_t i = 0; i <= of->nclaims; i++) {
		uint64_t to = i < of->nclaims ? of->claim_base[i] : of_ram(of)->size;

		if (to > from) {
			p = put_cells(p, from, ac);
			p = put_cells(p, to - from, sc);
		}
		if (i < of->nclaims)
			from = of->claim_end[i];
	}
	if (of_prop_set(of->tree, mem, "available", val, (uint32_t)(p - val)))
		of_tree_changed(of);
}
