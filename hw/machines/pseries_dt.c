/*
 * The device tree of a pseries board (LoPAPR appendix B), written in one go
 * with libfdt's sequential calls; after the first error the rest do
 * nothing.  It is built at every reset, and once more after
 * client-architecture-support, of what was then agreed on.
 */
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include "base/bits.h"
#include "base/log.h"
#include "hw/machines/pseries.h"

typedef struct Dt {
	uint8_t *fdt;
	bool failed;
} Dt;

static void check(Dt *t, int rc)
{
	t->failed |= rc < 0;
}

static void node(Dt *t, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static void node(Dt *t, const char *fmt, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	check(t, fdt_begin_node(t->fdt, name));
}

static void end(Dt *t)
{
	check(t, fdt_end_node(t->fdt));
}

static void bytes(Dt *t, const char *name, const void *p, size_t n)
{
	check(t, fdt_property(t->fdt, name, p, (int)n));
}

static void empty(Dt *t, const char *name)
{
	bytes(t, name, NULL, 0);
}

static void str(Dt *t, const char *name, const char *v)
{
	bytes(t, name, v, strlen(v) + 1);
}

static void cell(Dt *t, const char *name, uint32_t v)
{
	check(t, fdt_property_u32(t->fdt, name, v));
}

static void put_cells(Dt *t, const char *name, const uint32_t *v, size_t n)
{
	void *p;

	if (fdt_property_placeholder(t->fdt, name, (int)(n * 4), &p)) {
		t->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		st32_be((uint8_t *)p + 4 * i, v[i]);
}
#define cells(t, name, ...)                                                                        \
	put_cells(t, name, (const uint32_t[]){ __VA_ARGS__ },                                      \
		  sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define HI(v) ((uint32_t)((uint64_t)(v) >> 32))
#define LO(v) ((uint32_t)(v))

/* What the guest may see of ISA 3.0 and later. */
static bool radix_seen(const Pseries *p)
{
	const Spapr *s = p->spapr;

	return p->info.radix && s->cfg.may_radix && (!s->cas_done || s->knows_isa300) &&
	       (!s->compat_pvr || s->compat_pvr >= 0x0f000005) && s->compat_pvr != 0x0f100003;
}

static void dt_chosen(Dt *t, const Pseries *p)
{
	const Spapr *s = p->spapr;
	uint8_t support[8];

	node(t, "chosen");
	str(t, "bootargs", p->append ? p->append : "");
	if (s->initrd_size) {
		cell(t, "linux,initrd-start", LO(s->initrd));
		cell(t, "linux,initrd-end", LO(s->initrd + s->initrd_size));
	}
	if (p->bios && s->kernel_size) {
		cells(t, "qemu,boot-kernel", HI(s->kernel), LO(s->kernel), HI(s->kernel_size),
		      LO(s->kernel_size));
		if (s->kernel_le)
			empty(t, "qemu,boot-kernel-le");
	}
	if (s->vtys->len) {
		char path[32];

		snprintf(path, sizeof(path), "/vdevice/vty@%x",
			 ((const SpaprVty *)s->vtys->pdata[0])->unit);
		str(t, "stdout-path", path);
		str(t, "linux,stdout-path", path);
	}
	cell(t, "linux,pci-probe-only", 0);
	bytes(t, "rng-seed", p->seed, sizeof(p->seed));
	bytes(t, "ibm,arch-vec-5-platform-support", support, spapr_platform_support(s, support));
	bytes(t, "ibm,architecture-vec-5", s->ov5, s->cas_done ? s->ov5[0] + 2u : 2u);
	end(t);
}

static void dt_rtas(Dt *t, const Pseries *p)
{
	static const char calls[] = "hcall-term\0hcall-dabr\0hcall-interrupt\0hcall-tce\0"
				    "hcall-vio\0hcall-splpar\0hcall-join\0hcall-bulk\0"
				    "hcall-set-mode\0hcall-sprg0\0hcall-copy\0hcall-debug\0"
				    "hcall-vphn\0hcall-multi-tce\0hcall-watchdog";
	static const char pft[] = "hcall-pft";
	uint8_t buf[sizeof(calls) + sizeof(pft)];
	bool hash = !p->spapr->cas_done || !p->spapr->cas_radix;
	const char *name;
	uint32_t token;

	memcpy(buf, pft, sizeof(pft));
	memcpy(buf + sizeof(pft), calls, sizeof(calls));
	node(t, "rtas");
	if (hash)
		bytes(t, "ibm,hypertas-functions", buf, sizeof(buf));
	else
		bytes(t, "ibm,hypertas-functions", calls, sizeof(calls));
	str(t, "qemu,hypertas-functions", "hcall-memop1");
	cells(t, "ibm,associativity-reference-points", 4, 4, 2);
	cells(t, "ibm,max-associativity-domains", 4, 0, 0, 0, 1);
	cell(t, "rtas-size", spapr_rtas_size(p->ncpus));
	cell(t, "rtas-error-log-max", SPAPR_ERROR_LOG_MAX);
	cell(t, "rtas-event-scan-rate", 1);
	empty(t, "ibm,extended-os-term");
	empty(t, "ibm,change-msix-capable");
	cells(t, "ibm,lrdr-capacity", 0, 0, HI(SPAPR_LMB_SIZE), LO(SPAPR_LMB_SIZE), p->ncpus);
	for (unsigned i = 0; spapr_rtas_token(i, &token, &name); i++)
		cell(t, name, token);
	end(t);
}

static void dt_events(Dt *t)
{
	node(t, "event-sources");
	empty(t, "interrupt-controller");
	cell(t, "#interrupt-cells", 2);
	cells(t, "interrupt-ranges", SPAPR_IRQ_EPOW, 1);
	node(t, "epow-events");
	cells(t, "interrupts", SPAPR_IRQ_EPOW, 0);
	end(t);
	end(t);
}

/* The attributes of the processor as the guest agreed to see it. */
static void dt_pa_features(Dt *t, const Pseries *p)
{
	enum { HEADER = 2, RADIX_BYTE = 40 };
	PpcModelInfo info = p->info;
	const PpcModel *older = NULL;
	uint32_t compat = p->spapr->compat_pvr;
	uint8_t buf[256];

	if (compat == 0x0f000005)
		older = ppc_model_find("power9");
	else if (compat && compat != 0x0f000006)
		older = ppc_model_find("power8");
	if (older)
		ppc_model_info(older, &info);
	if (!info.pa_features || info.pa_features_len > sizeof(buf))
		return;
	memcpy(buf, info.pa_features, info.pa_features_len);
	if (info.pa_features_len > HEADER + RADIX_BYTE && !radix_seen(p))
		buf[HEADER + RADIX_BYTE] &= 0x7f;
	bytes(t, "ibm,pa-features", buf, info.pa_features_len);
}

static void dt_cpu_caches(Dt *t, const Pseries *p)
{
	static const char *const sizes[] = { "i-cache-size", "d-cache-size" };
	static const char *const lines[] = { "i-cache-line-size", "i-cache-block-size",
					     "d-cache-line-size", "d-cache-block-size" };

	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
		cell(t, sizes[i], 0x8000);
	for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
		cell(t, lines[i], p->info.cache_line);
}

static void dt_cpu(Dt *t, const Pseries *p, unsigned n)
{
	const Spapr *s = p->spapr;
	unsigned shift = spapr_hpt_shift(s);

	node(t, "%s@%x", p->info.dt_name, n);
	str(t, "device_type", "cpu");
	str(t, "status", "okay");
	cell(t, "reg", n);
	cell(t, "cpu-version", s->compat_pvr ? s->compat_pvr : p->info.pvr);
	cell(t, "clock-frequency", PSERIES_CPU_HZ);
	cell(t, "timebase-frequency", SPAPR_TIMEBASE_HZ);
	dt_cpu_caches(t, p);
	cell(t, "slb-size", p->info.slb_size);
	cell(t, "ibm,slb-size", p->info.slb_size);
	empty(t, "64-bit");
	cell(t, "ibm,purr", 1);
	cell(t, "ibm,spurr", 1);
	cells(t, "ibm,processor-segment-sizes", 28, 40, UINT32_MAX, UINT32_MAX);
	/* Per base size: shift, SLB encoding, number of sizes; per size: shift, PTE encoding. */
	cells(t, "ibm,segment-page-sizes", 12, 0, 1, 12, 0, 16, 0x110, 1, 16, 1);
	cell(t, "ibm,vmx", 2); /* VSX */
	cell(t, "ibm,dfp", 1);
	dt_pa_features(t, p);
	cell(t, "ibm,chip-id", 0);
	cells(t, "ibm,pft-size", 0, shift ? shift : spapr_hpt_shift_for(p->m->ram->size));
	cell(t, "ibm,ppc-interrupt-server#s", n);
	cells(t, "ibm,ppc-interrupt-gserver#s", n, 0);
	cells(t, "ibm,associativity", 5, 0, 0, 0, 0, n);
	if (p->info.dec_bits > 32)
		cell(t, "ibm,dec-bits", p->info.dec_bits);
	if (radix_seen(p)) /* AP encoding in bits 0-2, page shift below: 4K 64K 2M 1G */
		cells(t, "ibm,processor-radix-AP-encodings", 12, 5u << 29 | 16, 1u << 29 | 21,
		      2u << 29 | 30);
	end(t);
}

static void dt_cpus(Dt *t, const Pseries *p)
{
	node(t, "cpus");
	cell(t, "#address-cells", 1);
	cell(t, "#size-cells", 0);
	for (unsigned i = 0; i < p->ncpus; i++)
		dt_cpu(t, p, i);
	end(t);
}

static void dt_memory(Dt *t, const Pseries *p)
{
	uint64_t size = p->m->ram->size;

	node(t, "memory@0");
	str(t, "device_type", "memory");
	cells(t, "reg", 0, 0, HI(size), LO(size));
	cells(t, "ibm,associativity", 4, 0, 0, 0, 0);
	end(t);
}

static void dt_controller(Dt *t, const Pseries *p)
{
	if (p->spapr->xive) {
		uint64_t os = XIVE_TIMA_BASE + ((uint64_t)XIVE_TIMA_OS << XIVE_TIMA_SHIFT);
		uint64_t user = XIVE_TIMA_BASE + ((uint64_t)XIVE_TIMA_USER << XIVE_TIMA_SHIFT);
		uint32_t page = 1u << XIVE_TIMA_SHIFT;

		node(t, "interrupt-controller@%" PRIx64, user);
		str(t, "device_type", "power-ivpe");
		str(t, "compatible", "ibm,power-ivpe");
		cells(t, "reg", HI(user), LO(user), 0, page, HI(os), LO(os), 0, page);
		cells(t, "ibm,xive-eq-sizes", 16);
		cells(t, "ibm,xive-lisn-ranges", 0, p->ncpus);
	} else {
		node(t, "interrupt-controller");
		str(t, "device_type", "PowerPC-External-Interrupt-Presentation");
		str(t, "compatible", "IBM,ppc-xicp");
		cells(t, "ibm,interrupt-server-ranges", 0, p->ncpus);
	}
	empty(t, "interrupt-controller");
	cell(t, "#interrupt-cells", 2);
	cell(t, "linux,phandle", PSERIES_PHANDLE_PIC);
	cell(t, "phandle", PSERIES_PHANDLE_PIC);
	end(t);
}

static void dt_vdevice(Dt *t, const Pseries *p)
{
	const Spapr *s = p->spapr;

	node(t, "vdevice");
	str(t, "device_type", "vdevice");
	str(t, "compatible", "IBM,vdevice");
	cell(t, "#address-cells", 1);
	cell(t, "#size-cells", 0);
	cell(t, "#interrupt-cells", 2);
	empty(t, "interrupt-controller");
	for (guint i = 0; i < s->vtys->len; i++) {
		const SpaprVty *v = s->vtys->pdata[i];

		node(t, "vty@%x", v->unit);
		str(t, "device_type", "serial");
		str(t, "compatible", "hvterm1");
		cell(t, "reg", v->unit);
		cells(t, "interrupts", SPAPR_IRQ_VIO | (v->unit & 0xff), 0);
		end(t);
	}
	if (s->nvram) {
		node(t, "nvram@%x", s->nvram->unit);
		str(t, "device_type", "nvram");
		str(t, "compatible", "qemu,spapr-nvram");
		cell(t, "reg", s->nvram->unit);
		cell(t, "#bytes", SPAPR_NVRAM_SIZE);
		end(t);
	}
	end(t);
}

/* Phys.hi of the PCI binding: space code in bits 24-25, prefetchable in 30. */
static void dt_pci_reg(Dt *t, const PciDevice *d)
{
	uint32_t v[5 * (PCI_BARS + 1)] = { d->devfn << 8 };
	size_t n = 5;

	for (unsigned i = 0; i < PCI_BARS; i++) {
		const PciBar *b = &d->bar[i];
		uint32_t space = b->kind == PCI_BAR_IO ? 1 : b->kind == PCI_BAR_MEM64 ? 3 : 2;

		if (b->kind == PCI_BAR_NONE)
			continue;
		v[n] = space << 24 | d->devfn << 8 |
		       (i == PCI_ROM ? PCI_ROM_BAR : PCI_BAR0 + 4 * i);
		v[n + 3] = HI(b->size);
		v[n + 4] = LO(b->size);
		n += 5;
	}
	put_cells(t, "reg", v, n);
}

static void dt_pci_device(Dt *t, const PciDevice *d)
{
	const uint8_t *c = d->config;

	if (d->devfn & 7)
		node(t, "pci%x,%x@%x,%x", ld16_le(c), ld16_le(c + 2), d->devfn >> 3, d->devfn & 7);
	else
		node(t, "pci%x,%x@%x", ld16_le(c), ld16_le(c + 2), d->devfn >> 3);
	cell(t, "vendor-id", ld16_le(c + PCI_VENDOR_ID));
	cell(t, "device-id", ld16_le(c + PCI_DEVICE_ID));
	cell(t, "revision-id", c[PCI_REVISION]);
	cell(t, "class-code", ld32_le(c + PCI_REVISION) >> 8);
	cell(t, "subsystem-vendor-id", ld16_le(c + PCI_SUBSYS_VENDOR));
	cell(t, "subsystem-id", ld16_le(c + PCI_SUBSYS_ID));
	cell(t, "devsel-speed", 0);
	if (c[PCI_INT_PIN])
		cell(t, "interrupts", c[PCI_INT_PIN]);
	dt_pci_reg(t, d);
	end(t);
}

static void dt_pci(Dt *t, const SpaprPhb *h)
{
	uint64_t io = spapr_phb_io(h->index), m32 = spapr_phb_mem32(h->index);
	uint64_t m64 = spapr_phb_mem64(h->index), buid = SPAPR_PHB_BUID + h->index;
	uint32_t map[32 * 4 * 7], *m = map;

	for (uint32_t slot = 0; slot < 32; slot++) {
		for (uint32_t pin = 1; pin <= 4; pin++) {
			const uint32_t row[7] = { slot << 11,
						  0,
						  0,
						  pin,
						  PSERIES_PHANDLE_PIC,
						  spapr_phb_irq(h->index, slot, pin),
						  1 };

			memcpy(m, row, sizeof(row));
			m += 7;
		}
	}
	node(t, "pci@%" PRIx64, buid);
	str(t, "device_type", "pci");
	str(t, "compatible", "IBM,Logical_PHB");
	cell(t, "#address-cells", 3);
	cell(t, "#size-cells", 2);
	cell(t, "#interrupt-cells", 1);
	empty(t, "used-by-rtas");
	cells(t, "bus-range", 0, 0xff);
	cells(t, "reg", HI(buid), LO(buid), 0, 0);
	cells(t, "ranges", 0x01000000, 0, 0, HI(io), LO(io), 0, LO(SPAPR_PHB_IO_SIZE), /* I/O */
	      0x02000000, 0, LO(SPAPR_PHB_MEM32), HI(m32), LO(m32), 0, LO(SPAPR_PHB_MEM32),
	      0x03000000, HI(m64), LO(m64), HI(m64), LO(m64), HI(SPAPR_PHB_MEM64_SIZE),
	      LO(SPAPR_PHB_MEM64_SIZE));
	cells(t, "interrupt-map-mask", 0xf800, 0, 0, 7);
	put_cells(t, "interrupt-map", map, ARRAY_LEN(map));
	cell(t, "ibm,#dma-address-cells", 2);
	cell(t, "ibm,#dma-size-cells", 2);
	cell(t, "ibm,pe-total-#msi", SPAPR_IRQ_BASE + SPAPR_NIRQS - SPAPR_IRQ_MSI);
	cells(t, "ibm,dma-window", h->tce->liobn, 0, 0, HI(h->tce->window), LO(h->tce->window));
	cell(t, "qemu,phb-enumerated", 1); /* the children stand here already */
	for (unsigned i = 0; i < ARRAY_LEN(h->bus.dev); i++) {
		if (h->bus.dev[i])
			dt_pci_device(t, h->bus.dev[i]);
	}
	end(t);
}

void *pseries_build_fdt(void *board, uint32_t *size)
{
	const Pseries *p = board;
	Dt t = { .fdt = g_malloc0(SPAPR_FDT_MAX) };

	check(&t, fdt_create(t.fdt, SPAPR_FDT_MAX));
	check(&t, fdt_finish_reservemap(t.fdt));
	node(&t, "%s", "");
	str(&t, "device_type", "chrp");
	str(&t, "model", "IBM pSeries (emulated by qemu)");
	str(&t, "compatible", "qemu,pseries");
	str(&t, "vm,uuid", p->uuid ? p->uuid : "00000000-0000-0000-0000-000000000000");
	if (p->uuid)
		str(&t, "system-id", p->uuid);
	if (p->name)
		str(&t, "ibm,partition-name", p->name);
	cell(&t, "#address-cells", 2);
	cell(&t, "#size-cells", 2);
	if (p->spapr->xive) /* the hypervisor keeps priorities from 7 on */
		cells(&t, "ibm,plat-res-int-priorities", XIVE_HV_PRIO, 0xff - XIVE_HV_PRIO);
	dt_chosen(&t, p);
	dt_rtas(&t, p);
	dt_events(&t);
	dt_cpus(&t, p);
	dt_memory(&t, p);
	dt_controller(&t, p);
	dt_vdevice(&t, p);
	if (p->spapr->phb)
		dt_pci(&t, p->spapr->phb);
	end(&t);
	check(&t, fdt_finish(t.fdt));
	if (t.failed) {
		g_free(t.fdt);
		return NULL;
	}
	*size = fdt_totalsize(t.fdt);
	return t.fdt;
}
