/*
 * Hypercalls on memory (LoPAPR 14.5.4.3), and those of the platform: the
 * doors to RTAS (0xf000), to block moves (0xf001), to
 * client-architecture-support (0xf002), for firmware's final device tree
 * (0xf003), to our own firmware's client interface (0xf005).
 */
#include <libfdt.h>
#include "base/bits.h"
#include "base/log.h"
#include "hw/spapr/spapr.h"

#define PAGE 4096u
/* Bounds of one block move: elements to or from registers, bytes of memory. */
#define MEMOP_MMIO_MAX 65536
#define MEMOP_MAX (UINT64_C(64) << 20)

static bool size_ok(uint64_t n)
{
	return n == 1 || n == 2 || n == 4 || n == 8;
}

static uint64_t from_be(const uint8_t *buf, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << 8 | buf[i];
	return v;
}

static int64_t h_logical_load(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint8_t buf[8];

	(void)cpu;
	if (!size_ok(r[4]))
		return H_PARAMETER;
	if (bus_read(s->dev.machine->bus, r[5], buf, r[4]) != BUS_OK)
		memset(buf, 0xff, sizeof(buf));
	r[4] = from_be(buf, r[4]);
	return H_SUCCESS;
}

static int64_t h_logical_store(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint8_t buf[8];

	(void)cpu;
	if (!size_ok(r[4]))
		return H_PARAMETER;
	st64_be(buf, r[6] << (64 - 8 * r[4]));
	bus_write(s->dev.machine->bus, r[5], buf, r[4]);
	return H_SUCCESS;
}

/* Caches are always coherent here. */
static int64_t h_logical_cache_op(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)s, (void)cpu, (void)r;
	return H_SUCCESS;
}

static int64_t h_page_init(Spapr *s, unsigned cpu, uint64_t *r)
{
	const uint64_t zero = BIT64(48), copy = BIT64(49), icache = BIT64(40) | BIT64(41);
	uint64_t flags = r[4], dst = r[5], src = r[6];
	uint8_t buf[PAGE];

	(void)cpu;
	if (flags & ~(zero | copy | icache | BIT64(42)))
		return H_PARAMETER;
	if ((dst & (PAGE - 1)) || !ram_has(spapr_ram(s), dst, PAGE))
		return H_PARAMETER;
	if (flags & copy) {
		if ((src & (PAGE - 1)) || !ram_read(spapr_ram(s), src, buf, PAGE))
			return H_PARAMETER;
		ram_write(spapr_ram(s), dst, buf, PAGE);
	} else if (flags & zero) {
		ram_fill(spapr_ram(s), dst, 0, PAGE);
	}
	return H_SUCCESS;
}

static int64_t h_rtas(Spapr *s, unsigned cpu, uint64_t *r)
{
	spapr_rtas(s, cpu, r[4]);
	return H_SUCCESS;
}

/* Elements one by one, in the direction that an overlap needs. */
static int64_t memop_slow(Spapr *s, uint64_t dst, uint64_t src, unsigned size, uint64_t count,
			  bool invert)
{
	Bus *b = s->dev.machine->bus;
	bool down = dst > src && dst - src < count * size;
	uint8_t buf[8];

	if (count > MEMOP_MMIO_MAX)
		return H_PARAMETER;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t o = (down ? count - 1 - i : i) * size;

		if (bus_read(b, src + o, buf, size) != BUS_OK)
			return H_PARAMETER;
		for (unsigned k = 0; invert && k < size; k++)
			buf[k] = ~buf[k];
		bus_write(b, dst + o, buf, size);
	}
	return H_SUCCESS;
}

static int64_t h_logical_memop(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t dst = r[4], src = r[5], shift = r[6], count = r[7], op = r[8], len;
	Ram *ram = spapr_ram(s);

	(void)cpu;
	if (shift > 3 || count > MEMOP_MAX >> shift || op > 1 ||
	    ((dst | src) & ((1u << shift) - 1)))
		return H_PARAMETER;
	len = count << shift;
	if (!ram_has(ram, src, len) || !ram_has(ram, dst, len))
		return memop_slow(s, dst, src, 1u << shift, count, op);
	return ram_move(ram, dst, src, len, op) ? H_SUCCESS : H_HARDWARE;
}

/* For a firmware in the guest: negotiates, then hands out the new tree. */
static int64_t h_cas(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t buf = r[5], room = r[6];
	uint32_t size = 0;
	uint8_t *fdt;
	bool ok;
	int64_t rc = spapr_cas(s, cpu, r[4]);

	if (rc != H_SUCCESS)
		return rc;
	fdt = s->cfg.ops->build_fdt(s->cfg.opaque, &size);
	if (!fdt)
		return H_HARDWARE;
	/* Four bytes of version, 1, go before the tree. */
	ok = room >= 4 && size <= room - 4 && ram_st32(spapr_ram(s), buf, 1) &&
	     ram_write(spapr_ram(s), buf + 4, fdt, size);
	g_free(fdt);
	return ok ? H_SUCCESS : H_PARAMETER;
}

/*
 * Its header checked, and forgotten: without hot-plug nothing here reads it
 * again.  (To check all of a hostile tree takes the square of its size.)
 */
static int64_t h_update_dt(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t head[sizeof(struct fdt_header) / 8];
	uint32_t magic, size;

	(void)cpu;
	if (!ram_ld32(spapr_ram(s), r[4], &magic) || !ram_ld32(spapr_ram(s), r[4] + 4, &size) ||
	    magic != FDT_MAGIC || size < sizeof(struct fdt_header) || size > SPAPR_FDT_MAX ||
	    !ram_has(spapr_ram(s), r[4], size))
		return H_PARAMETER;
	ram_read(spapr_ram(s), r[4], head, sizeof(head));
	return fdt_check_header(head) ? H_PARAMETER : H_SUCCESS;
}

static int64_t h_client(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	return s->cfg.ops->client ? (int64_t)s->cfg.ops->client(s->cfg.opaque, r[4]) : H_FUNCTION;
}

const SpaprHcallDef spapr_hcalls_mem[] = {
	{ 0x2c, "H_PAGE_INIT", h_page_init, false },
	{ 0x3c, "H_LOGICAL_CI_LOAD", h_logical_load, false },
	{ 0x40, "H_LOGICAL_CI_STORE", h_logical_store, false },
	{ 0x44, "H_LOGICAL_CACHE_LOAD", h_logical_load, false },
	{ 0x48, "H_LOGICAL_CACHE_STORE", h_logical_store, false },
	{ 0x4c, "H_LOGICAL_ICBI", h_logical_cache_op, false },
	{ 0x50, "H_LOGICAL_DCBF", h_logical_cache_op, false },
	{ 0xf000, "H_RTAS", h_rtas, false },
	{ 0xf001, "H_LOGICAL_MEMOP", h_logical_memop, false },
	{ 0xf002, "H_CAS", h_cas, true },
	{ 0xf003, "H_UPDATE_DT", h_update_dt, false },
	{ 0xf005, "H_CLIENT", h_client, true },
	{ 0, NULL, NULL, false },
};
