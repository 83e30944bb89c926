/*
 * The physical address space.  RAM is asked first; registers are found in a
 * flat list of ranges that do not overlap, rebuilt when a region comes, goes or
 * moves.  Of regions that overlap the one mapped or moved last answers.
 */
#include "core/bus.h"

#include <string.h>
#include "base/log.h"
#include "core/machine.h"

/* Addresses first..last answer with this region. */
struct BusRange {
	uint64_t first, last;
	BusRegion *region;
};

static uint64_t region_last(const BusRegion *r)
{
	uint64_t last = r->base + (r->size - 1);

	return last < r->base ? UINT64_MAX : last;
}

static bool region_has(const BusRegion *r, uint64_t addr)
{
	return r->enabled && addr >= r->base && addr <= region_last(r);
}

static int by_base(gconstpointer pa, gconstpointer pb)
{
	const BusRegion *a = *(BusRegion *const *)pa, *b = *(BusRegion *const *)pb;

	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int by_value(gconstpointer pa, gconstpointer pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Every address where the answering region may change, sorted. */
static GArray *edges_of(const Bus *b)
{
	GArray *edges = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	uint64_t e;

	for (guint i = 0; i < b->regions->len; i++) {
		const BusRegion *r = b->regions->pdata[i];

		if (!r->enabled)
			continue;
		g_array_append_val(edges, r->base);
		e = region_last(r) + 1;
		if (e)
			g_array_append_val(edges, e);
	}
	g_array_sort(edges, by_value);
	return edges;
}

static BusRegion *winner(const Bus *b, uint64_t addr)
{
	BusRegion *best = NULL;

	for (guint i = 0; i < b->regions->len; i++) {
		BusRegion *r = b->regions->pdata[i];

		if (region_has(r, addr) && (!best || r->order > best->order))
			best = r;
	}
	return best;
}

static void flatten(Bus *b)
{
	GArray *edges;

	g_ptr_array_sort(b->regions, by_base);
	g_array_set_size(b->ranges, 0);
	edges = edges_of(b);
	for (guint i = 0; i < edges->len; i++) {
		struct BusRange range = { .first = g_array_index(edges, uint64_t, i) };

		if (i + 1 < edges->len && g_array_index(edges, uint64_t, i + 1) == range.first)
			continue;
		range.last = i + 1 < edges->len ? g_array_index(edges, uint64_t, i + 1) - 1
						: UINT64_MAX;
		range.region = winner(b, range.first);
		if (range.region)
			g_array_append_val(b->ranges, range);
	}
	g_array_unref(edges);
}

Bus *bus_new(Ram *ram)
{
	Bus *b = g_new0(Bus, 1);

	b->ram = ram;
	b->regions = g_ptr_array_new();
	b->ranges = g_array_new(FALSE, FALSE, sizeof(struct BusRange));
	return b;
}

static void region_free(BusRegion *r)
{
	g_free(r->name);
	g_free(r);
}

void bus_free(Bus *b)
{
	if (!b)
		return;
	for (guint i = 0; i < b->regions->len; i++)
		region_free(b->regions->pdata[i]);
	g_ptr_array_unref(b->regions);
	g_array_unref(b->ranges);
	g_free(b);
}

BusRegion *bus_map(Bus *b, const char *name, uint64_t base, uint64_t size, const BusOps *ops,
		   void *opaque)
{
	BusRegion *r = g_new0(BusRegion, 1);

	if (!size)
		bug("region %s of no bytes", name);
	r->name = g_strdup(name);
	r->base = base;
	r->size = size;
	r->ops = ops;
	r->opaque = opaque;
	r->enabled = true;
	r->order = ++b->order;
	if (b->ram && base < b->ram->size)
		bug("region %s overlaps RAM", name);
	for (guint i = 0; i < b->regions->len; i++) {
		const BusRegion *o = b->regions->pdata[i];

		if (o->enabled && o->base <= region_last(r) && base <= region_last(o))
			bug("region %s overlaps %s", name, o->name);
	}
	g_ptr_array_add(b->regions, r);
	flatten(b);
	return r;
}

void bus_move(Bus *b, BusRegion *r, uint64_t base, bool enabled)
{
	if (r->base == base && r->enabled == enabled)
		return;
	r->base = base;
	r->enabled = enabled;
	r->order = ++b->order;
	flatten(b);
}

void bus_unmap(Bus *b, BusRegion *r)
{
	if (!r)
		return;
	g_ptr_array_remove(b->regions, r);
	flatten(b);
	region_free(r);
}

static const struct BusRange *find_range(const Bus *b, uint64_t addr)
{
	guint lo = 0, hi = b->ranges->len;

	while (lo < hi) {
		guint mid = lo + (hi - lo) / 2;
		const struct BusRange *r = &g_array_index(b->ranges, struct BusRange, mid);

		if (addr < r->first)
			hi = mid;
		else if (addr > r->last)
			lo = mid + 1;
		else
			return r;
	}
	return NULL;
}

BusRegion *bus_find(const Bus *b, uint64_t addr)
{
	const struct BusRange *r = find_range(b, addr);

	return r ? r->region : NULL;
}

/* Bytes in address order to a number of the region's byte order, and back. */
static uint64_t number_of(const BusOps *ops, const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v = v << 8 | p[ops->endian == BUS_BE ? i : size - 1 - i];
	return v;
}

static void bytes_of(const BusOps *ops, uint64_t v, uint8_t *p, unsigned size)
{
	for (unsigned i = size; i-- > 0; v >>= 8)
		p[ops->endian == BUS_BE ? i : size - 1 - i] = (uint8_t)v;
}

static unsigned ops_min(const BusOps *ops)
{
	return ops->min ? ops->min : 1;
}

static unsigned ops_max(const BusOps *ops)
{
	return ops->max ? ops->max : 8;
}

/* The widest aligned access of up to n bytes at this offset. */
static unsigned piece_size(const BusRegion *r, uint64_t offset, uint64_t n)
{
	unsigned size = ops_max(r->ops);

	while (size > n || (offset & (size - 1)))
		size >>= 1;
	return size;
}

/* A region without a read (write) function reads as zero (ignores writes). */
static uint64_t ops_read(const BusRegion *r, uint64_t offset, unsigned size)
{
	return r->ops->read ? r->ops->read(r->opaque, offset, size) : 0;
}

static void piece_read(const BusRegion *r, uint64_t offset, uint8_t *p, unsigned size)
{
	unsigned min = ops_min(r->ops);
	uint64_t at = offset & ~(uint64_t)(min - 1);
	uint8_t whole[8];

	if (size >= min) {
		bytes_of(r->ops, ops_read(r, offset, size), p, size);
	} else if (r->size - at >= min) {
		bytes_of(r->ops, ops_read(r, at, min), whole, min);
		memcpy(p, whole + (offset - at), size);
	} else {
		memset(p, 0xff, size);
	}
}

static void piece_write(const BusRegion *r, uint64_t offset, const uint8_t *p, unsigned size)
{
	if (size < ops_min(r->ops))
		log_guest("%s: write of %u bytes at offset 0x%" G_GINT64_MODIFIER
			  "x, narrower than the device takes",
			  r->name, size, offset);
	else if (r->ops->write)
		r->ops->write(r->opaque, offset, number_of(r->ops, p, size), size);
}

/*
 * The region and the size of the next piece of an access; false when nothing
 * answers.  RAM pieces (an access that begins in RAM and leaves it, or the
 * other way round) have a NULL region.
 */
static bool next_piece(const Bus *b, uint64_t addr, uint64_t n, BusRegion **r, unsigned *size)
{
	const struct BusRange *range;

	*r = NULL;
	if (b->ram && addr < b->ram->size) {
		*size = (unsigned)MIN(n, b->ram->size - addr);
		return true;
	}
	range = find_range(b, addr);
	*size = 1;
	if (!range)
		return false;
	*r = range->region;
	if (range->last - addr < n)
		n = range->last - addr + 1;
	*size = piece_size(*r, addr - (*r)->base, n);
	return true;
}

BusResult bus_read(Bus *b, uint64_t addr, void *buf, uint64_t len)
{
	BusResult res = BUS_OK;
	BusRegion *r;
	uint8_t *p = buf;
	unsigned size;

	if (b->ram && ram_read(b->ram, addr, buf, len))
		return BUS_OK;
	if (b->machine)
		machine_assert_locked(b->machine);
	if (len > 16) {
		memset(buf, 0xff, len);
		return BUS_NONE;
	}
	for (; len; addr += size, p += size, len -= size) {
		if (!next_piece(b, addr, len, &r, &size)) {
			memset(p, 0xff, size);
			res = BUS_NONE;
		} else if (!r) {
			if (ram_read(b->ram, addr, p, size))
				continue;
			memset(p, 0xff, size);
			res = BUS_NONE;
		} else {
			piece_read(r, addr - r->base, p, size);
		}
	}
	return res;
}

BusResult bus_write(Bus *b, uint64_t addr, const void *buf, uint64_t len)
{
	BusResult res = BUS_OK;
	const uint8_t *p = buf;
	BusRegion *r;
	unsigned size;

	if (b->ram && ram_write(b->ram, addr, buf, len))
		return BUS_OK;
	if (b->machine)
		machine_assert_locked(b->machine);
	if (len > 16)
		return BUS_NONE;
	for (; len; addr += size, p += size, len -= size) {
		if (!next_piece(b, addr, len, &r, &size))
			res = BUS_NONE;
		else if (!r)
			res = ram_write(b->ram, addr, p, size) ? res : BUS_NONE;
		else
			piece_write(r, addr - r->base, p, size);
	}
	return res;
}
