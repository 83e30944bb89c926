/*
 * Translation control entries (LoPAPR 14.5.4.2): per DMA window a table of
 * 64-bit entries, one per 4 KiB of I/O address space: real page number in
 * bits 0-51, write permission 0x2, read permission 0x1.  The table is the
 * hypervisor's; the guest fills it with H_PUT_TCE and friends.
 *
 * Not modelled: pages larger than 4 KiB (dynamic DMA windows).
 */
#include "hw/spapr/tce.h"

#include "base/bits.h"
#include "base/err.h"
#include "core/machine.h"
#include "hw/spapr/spapr.h"

static uint8_t *entry(const SpaprTce *t, uint64_t ioba)
{
	uint64_t i = ioba >> SPAPR_TCE_SHIFT;

	return i < t->len / 8 ? t->entries + i * 8 : NULL;
}

int64_t spapr_tce_put(SpaprTce *t, uint64_t ioba, uint64_t tce)
{
	uint8_t *e = entry(t, ioba);

	if (!e)
		return H_PARAMETER;
	st64_be(e, tce);
	return H_SUCCESS;
}

int64_t spapr_tce_get(const SpaprTce *t, uint64_t ioba, uint64_t *tce)
{
	const uint8_t *e = entry(t, ioba);

	if (!e)
		return H_PARAMETER;
	*tce = ld64_be(e);
	return H_SUCCESS;
}

bool spapr_tce_translate(const SpaprTce *t, uint64_t addr, bool write, uint64_t *pa, uint64_t *len)
{
	uint64_t mask = (UINT64_C(1) << SPAPR_TCE_SHIFT) - 1, tce;

	*len = mask + 1 - (addr & mask);
	if (t->bypass) {
		*pa = addr;
		return true;
	}
	if (spapr_tce_get(t, addr, &tce) != H_SUCCESS ||
	    !(tce & (write ? SPAPR_TCE_WRITE : SPAPR_TCE_READ)))
		return false;
	*pa = (tce & ~mask) | (addr & mask);
	return true;
}

static bool tce_realize(Device *d, GError **err)
{
	SpaprTce *t = (SpaprTce *)d;

	t->len = (t->window >> SPAPR_TCE_SHIFT) * 8;
	t->entries = g_try_malloc0(t->len);
	if (!t->entries)
		return fail(err, "%s: no memory for a DMA window of %" PRIu64 " MiB", d->path,
			    t->window >> 20);
	return true;
}

static void tce_reset(Device *d)
{
	SpaprTce *t = (SpaprTce *)d;
	uint8_t *fresh = g_try_malloc0(t->len);

	/* Pages that nobody has touched cost nothing; zeros written to them would. */
	if (fresh) {
		g_free(t->entries);
		t->entries = fresh;
	} else {
		memset(t->entries, 0, t->len);
	}
}

static bool tce_loaded(Device *d, GError **err)
{
	SpaprTce *t = (SpaprTce *)d;

	if (t->len != (t->window >> SPAPR_TCE_SHIFT) * 8)
		return fail(err, "%s: window of %u entries", d->path, t->len / 8);
	return true;
}

static void tce_destroy(Device *d)
{
	SpaprTce *t = (SpaprTce *)d;

	g_free(t->entries);
}

static const VmField tce_fields[] = {
	DEVICE_SKIP(SpaprTce, dev),
	VMBUF(SpaprTce, entries, len, SPAPR_TCE_MAX_BYTES, .keep = true),
	VMF(SpaprTce, bypass),
	VMSKIP(SpaprTce, pad, "padding"),
	VMSKIP(SpaprTce, liobn, "property"),
	VMSKIP(SpaprTce, pad1, "padding"),
	VMSKIP(SpaprTce, window, "property"),
	VMEND,
};
static const VmDesc tce_desc = { "spapr-tce", 1, sizeof(SpaprTce), tce_fields };

static const Prop tce_props[] = {
	{ .name = "liobn", .kind = PROP_U32, .offset = offsetof(SpaprTce, liobn) },
	{ .name = "window",
	  .kind = PROP_U64,
	  .offset = offsetof(SpaprTce, window),
	  .def = UINT64_C(1) << 28,
	  .min = 1 << SPAPR_TCE_SHIFT,
	  .max = (uint64_t)SPAPR_TCE_MAX_BYTES / 8 << SPAPR_TCE_SHIFT },
	{ .name = NULL },
};

const DeviceType spapr_tce_type = {
	.name = "spapr-tce",
	.size = sizeof(SpaprTce),
	.state = &tce_desc,
	.props = tce_props,
	.realize = tce_realize,
	.reset = tce_reset,
	.loaded = tce_loaded,
	.destroy = tce_destroy,
};
