/*
 * The partition: what a PAPR guest's hypervisor remembers of it, and which
 * of the two interrupt controllers is at work (LoPAPR; the numbers of
 * interrupts and windows are this board's own choice, told to the guest in
 * the device tree).
 *
 * All devices of the board raise lines with global numbers from 0x1000 up:
 * 0x1000 power-down event, 0x1100 virtual I/O, 0x1200 PCI pins.  A line goes
 * to the controller the guest negotiated; a controller that is not at work
 * keeps the level too, so that a switch loses nothing.
 *
 * Not modelled: hot-plug of CPUs, memory and PCI slots (no dynamic
 * reconfiguration connectors), FWNMI, nested partitions, EEH, dynamic DMA
 * windows.  The device tree does not offer them.
 */
#include "hw/spapr/spapr.h"

#include <stdio.h>
#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"

void spapr_configure(Spapr *s, const SpaprConfig *cfg)
{
	g_free(s->cfg.uuid);
	s->cfg = *cfg;
	s->rtc_offset = cfg->rtc_base;
	s->cfg.uuid = g_strdup(cfg->uuid);
}

static void line_changed(void *opaque, int n, int level)
{
	Spapr *s = opaque;
	uint32_t irq = SPAPR_IRQ_BASE + (uint32_t)n;

	/* An edge is for the controller at work only, a level for both. */
	if (s->xics && (!s->xive || s->xics->kind[n] == XICS_LSI))
		xics_set(s->xics, irq, level);
	if (s->xive_dev && (s->xive || (s->xive_dev->src[irq].flags & XIVE_LSI)))
		xive_set(s->xive_dev, irq, level);
}

Irq *spapr_irq(Spapr *s, uint32_t irq, bool lsi)
{
	uint32_t n = irq - SPAPR_IRQ_BASE;
	char name[32];

	if (n >= SPAPR_NIRQS || s->line[n])
		bug("interrupt 0x%x is taken", irq);
	if (s->xics)
		xics_claim(s->xics, irq, lsi);
	if (s->xive_dev)
		xive_claim(s->xive_dev, irq, lsi);
	snprintf(name, sizeof(name), "spapr/irq-%04x", irq);
	s->line[n] = irq_new(s->dev.machine, name, line_changed, s, (int)n);
	return s->line[n];
}

void spapr_set_controller(Spapr *s, bool xive)
{
	s->xive = xive;
	if (s->xics)
		xics_set_active(s->xics, !xive);
	if (s->xive_dev)
		xive_set_active(s->xive_dev, xive);
	for (uint32_t n = 0; n < SPAPR_NIRQS; n++) {
		if (irq_level(s->line[n]))
			line_changed(s, (int)n, 1);
	}
}

bool spapr_hpt_make(Spapr *s, unsigned shift)
{
	uint32_t len = UINT32_C(1) << shift;
	uint8_t *p;

	if (s->hpt && s->hpt_len == len) {
		memset(s->hpt, 0, len);
	} else {
		p = g_try_malloc0(len);
		if (!p)
			return false;
		g_free(s->hpt);
		s->hpt = p;
		s->hpt_len = len;
	}
	if (s->cfg.ops)
		s->cfg.ops->flush_all(s->cfg.opaque);
	return true;
}

void spapr_hpt_drop(Spapr *s)
{
	g_free(s->hpt);
	s->hpt = NULL;
	s->hpt_len = 0;
	if (s->cfg.ops)
		s->cfg.ops->flush_all(s->cfg.opaque);
}

unsigned spapr_hpt_shift(const Spapr *s)
{
	return s->hpt_len ? ctz32(s->hpt_len) : 0;
}

unsigned spapr_hpt_shift_for(uint64_t ram)
{
	unsigned shift = SPAPR_HPT_MIN_SHIFT;

	/* LoPAPR suggests one 128th of memory, rounded up to a power of two. */
	while (shift < SPAPR_HPT_MAX_SHIFT && UINT64_C(128) << shift < ram)
		shift++;
	return shift;
}

/* Device */

static bool spapr_realize(Device *d, GError **err)
{
	static const SpaprHcallDef *const tables[] = {
		spapr_hcalls_base, spapr_hcalls_hpt, spapr_hcalls_int,
		spapr_hcalls_vio,  spapr_hcalls_mem,
	};
	Spapr *s = (Spapr *)d;

	if (s->cfg.ncpus > SPAPR_MAX_CPUS)
		return fail(err, "%s: %u CPUs where at most %u are possible", d->path, s->cfg.ncpus,
			    SPAPR_MAX_CPUS);
	for (unsigned t = 0; t < ARRAY_LEN(tables); t++) {
		for (const SpaprHcallDef *h = tables[t]; h->fn; h++) {
			if (h->number < SPAPR_HCALL_INDEX * 4)
				s->hcall[h->number / 4] = h;
		}
	}
	s->vtys = g_ptr_array_new();
	s->tces = g_ptr_array_new();
	spapr_wdt_init(s);
	return true;
}

static void spapr_reset(Device *d)
{
	Spapr *s = (Spapr *)d;

	spapr_set_controller(s, s->cfg.ops && !s->cfg.ic_xics);
	/* A guest that never negotiates is a hash guest; make its table when it must have one. */
	if (s->cfg.may_radix || !spapr_ram(s))
		spapr_hpt_drop(s);
	else if (!spapr_hpt_make(s, spapr_hpt_shift_for(spapr_ram(s)->size)))
		log_warn("no memory for the guest's hash page table");
}

static bool spapr_loaded(Device *d, GError **err)
{
	Spapr *s = (Spapr *)d;
	unsigned shift = spapr_hpt_shift(s);

	if (s->hpt_len && (s->hpt_len != UINT32_C(1) << shift || shift < SPAPR_HPT_MIN_SHIFT))
		return fail(err, "%s: hash page table of %u bytes", d->path, s->hpt_len);
	if (s->ov5[0] > SPAPR_OV5_SIZE - 2)
		return fail(err, "%s: option vector 5 of %u bytes", d->path, s->ov5[0] + 1);
	if (s->cfg.ops && (s->xive ? !s->cfg.ic_xive : !s->cfg.ic_xics))
		return fail(err, "%s: an interrupt controller this machine has not got", d->path);
	if (s->cfg.ops && !s->cfg.ops->set_compat(s->cfg.opaque, s->compat_pvr))
		return fail(err, "%s: compatibility mode 0x%08x", d->path, s->compat_pvr);
	if (s->cfg.ops)
		s->cfg.ops->flush_all(s->cfg.opaque);
	return true;
}

static void spapr_destroy(Device *d)
{
	Spapr *s = (Spapr *)d;

	spapr_wdt_free(s);
	g_free(s->hpt);
	g_free(s->cfg.uuid);
	if (s->vtys)
		g_ptr_array_unref(s->vtys);
	if (s->tces)
		g_ptr_array_unref(s->tces);
}

static const VmField cpu_fields[] = {
	VMF(SpaprCpu, vpa), VMF(SpaprCpu, slb_shadow), VMF(SpaprCpu, slb_shadow_size),
	VMF(SpaprCpu, dtl), VMF(SpaprCpu, dtl_size),   VMEND,
};
static const VmDesc cpu_desc = { "spapr-cpu", 1, sizeof(SpaprCpu), cpu_fields };

static const VmField wdt_fields[] = {
	VMTIMER(SpaprWatchdog, timer),
	VMF(SpaprWatchdog, action),
	VMSKIP(SpaprWatchdog, pad, "padding"),
	VMEND,
};
static const VmDesc wdt_desc = { "spapr-watchdog", 1, sizeof(SpaprWatchdog), wdt_fields };

static const VmField spapr_fields[] = {
	DEVICE_SKIP(Spapr, dev),
	VMSA(Spapr, cpu, cpu_desc),
	VMSA(Spapr, wdt, wdt_desc),
	VMBUF(Spapr, hpt, hpt_len, UINT32_C(1) << SPAPR_HPT_MAX_SHIFT, .keep = true),
	VMF(Spapr, compat_pvr),
	VMF(Spapr, proc_tbl),
	VMF(Spapr, rtc_offset, .keep = true), /* the clock chip has a battery */
	VMF(Spapr, event_id),
	VMA(Spapr, ov5),
	VMF(Spapr, radix),
	VMF(Spapr, xive),
	VMF(Spapr, cas_done),
	VMF(Spapr, cas_radix),
	VMF(Spapr, knows_isa300),
	VMF(Spapr, epow),
	VMF(Spapr, kernel_le, .since = 2),
	VMF(Spapr, kernel, .since = 2),
	VMF(Spapr, kernel_size, .since = 2),
	VMF(Spapr, initrd, .since = 2),
	VMF(Spapr, initrd_size, .since = 2),
	VMSKIP(Spapr, pad, "padding"),
	VMSKIP(Spapr, cfg, "configuration of the board"),
	VMSKIP(Spapr, xics, "wiring"),
	VMSKIP(Spapr, xive_dev, "wiring"),
	VMSKIP(Spapr, phb, "wiring"),
	VMSKIP(Spapr, nvram, "wiring"),
	VMSKIP(Spapr, vtys, "wiring"),
	VMSKIP(Spapr, tces, "wiring"),
	VMSKIP(Spapr, line, "wiring"),
	VMSKIP(Spapr, hcall, "constant after realize"),
	VMEND,
};
static const VmDesc spapr_desc = { "spapr", 2, sizeof(Spapr), spapr_fields };

static const Prop spapr_props[] = {
	{ .name = "xics", .kind = PROP_PTR, .offset = offsetof(Spapr, xics) },
	{ .name = "xive", .kind = PROP_PTR, .offset = offsetof(Spapr, xive_dev) },
	{ .name = NULL },
};

const DeviceType spapr_type = {
	.name = "spapr",
	.size = sizeof(Spapr),
	.state = &spapr_desc,
	.props = spapr_props,
	.realize = spapr_realize,
	.reset = spapr_reset,
	.loaded = spapr_loaded,
	.destroy = spapr_destroy,
};
