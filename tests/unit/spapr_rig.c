#include "tests/unit/spapr_rig.h"

#include <check.h>
#include <string.h>

#define RTAS_ARGS 0x8000

static uint64_t op_msr(void *o, unsigned n)
{
	return ((SpaprRig *)o)->cpu[n].msr;
}
static void op_ee(void *o, unsigned n)
{
	((SpaprRig *)o)->cpu[n].msr |= 0x8000;
}
static void op_spr(void *o, unsigned n, SpaprSpr spr, uint64_t v)
{
	(void)n;
	((SpaprRig *)o)->spr[spr] = v;
}
static uint64_t op_tb(void *o, unsigned n)
{
	(void)o, (void)n;
	return 0x1234;
}
static void op_lpcr(void *o, uint64_t mask, uint64_t v)
{
	SpaprRig *r = o;

	r->lpcr = (r->lpcr & ~mask) | v;
}
static bool op_stopped(void *o, unsigned n)
{
	return ((SpaprRig *)o)->cpu[n].stopped;
}
static void op_start(void *o, unsigned n, unsigned from, uint64_t addr, uint64_t r3)
{
	SpaprRig *r = o;

	(void)from;
	r->cpu[n].stopped = false;
	r->cpu[n].nip = addr;
	r->cpu[n].r3 = r3;
}
static void op_stop(void *o, unsigned n)
{
	((SpaprRig *)o)->cpu[n].stopped = true;
}
static void op_cede(void *o, unsigned n)
{
	SpaprRig *r = o;

	if (!r->cpu[n].line)
		r->cpu[n].halted = true;
}
static bool op_halted(void *o, unsigned n)
{
	return ((SpaprRig *)o)->cpu[n].halted;
}
static void op_prod(void *o, unsigned n)
{
	SpaprRig *r = o;

	r->cpu[n].prod = true;
	r->cpu[n].halted = false;
}
static bool op_take_prod(void *o, unsigned n)
{
	SpaprRig *r = o;
	bool was = r->cpu[n].prod;

	r->cpu[n].prod = false;
	return was;
}
static void op_yield(void *o, unsigned n)
{
	((SpaprRig *)o)->cpu[n].yields++;
}
static void op_nmi(void *o, unsigned n)
{
	((SpaprRig *)o)->cpu[n].nmis++;
}
static void op_flush(void *o)
{
	((SpaprRig *)o)->flushes++;
}
static void op_flush_entry(void *o, uint64_t v, uint64_t pte, uint64_t ptex)
{
	SpaprRig *r = o;

	r->flushed[0] = v;
	r->flushed[1] = pte;
	r->flushed[2] = ptex;
}
static uint32_t op_pvr(void *o)
{
	return ((SpaprRig *)o)->s->cfg.isa300 ? 0x004e1202 : 0x004d0200;
}
static bool op_supports(void *o, uint32_t l)
{
	return l <= (((SpaprRig *)o)->s->cfg.isa300 ? 0x0f000005u : 0x0f000004u) || l == 0x0f100003;
}
static bool op_compat(void *o, uint32_t l)
{
	((SpaprRig *)o)->compat = l;
	return true;
}
static void *op_fdt(void *o, uint32_t *size)
{
	(void)o;
	*size = 64;
	return g_malloc0(64);
}

static const SpaprCpuOps ops = {
	.msr = op_msr,
	.set_msr_ee = op_ee,
	.set_spr = op_spr,
	.tb = op_tb,
	.lpcr = op_lpcr,
	.stopped = op_stopped,
	.start = op_start,
	.stop = op_stop,
	.cede = op_cede,
	.halted = op_halted,
	.prod = op_prod,
	.take_prod = op_take_prod,
	.yield = op_yield,
	.nmi = op_nmi,
	.flush_all = op_flush,
	.flush_entry = op_flush_entry,
	.pvr = op_pvr,
	.supports_pvr = op_supports,
	.set_compat = op_compat,
	.build_fdt = op_fdt,
};

static void line_moved(void *o, int n, int level)
{
	SpaprRig *r = o;

	r->cpu[n].line = level;
	r->cpu[n].rises += level;
}

static int current(void *o)
{
	return ((SpaprRig *)o)->current;
}
static int64_t host_mono(void *o)
{
	return ((SpaprRig *)o)->mono;
}
static int64_t host_wall(void *o)
{
	return ((SpaprRig *)o)->wall;
}

static void char_write(Chardev *c, const uint8_t *buf, size_t len)
{
	SpaprRig *r = (SpaprRig *)((char *)c - offsetof(SpaprRig, chardev));

	g_string_append_len(r->said, (const char *)buf, (gssize)len);
}

static void char_accept(Chardev *c)
{
	((SpaprRig *)((char *)c - offsetof(SpaprRig, chardev)))->accepts++;
}
static const CharOps char_ops = { .write = char_write, .accept = char_accept };

static void add_interrupts(SpaprRig *r)
{
	r->xics = device_new(&xics_type, r->m, "/xics");
	r->xive = device_new(&xive_type, r->m, "/xive");
	device_set_u64(r->xics, "servers", RIG_CPUS);
	device_set_u64(r->xive, "servers", RIG_CPUS);
	r->xive_board = (XiveBoard){ r, current };
	device_set_ptr(r->xive, "board", &r->xive_board);
	for (int i = 0; i < RIG_CPUS; i++) {
		Irq *line = irq_new(r->m, i ? "cpu1" : "cpu0", line_moved, r, i);

		xics_wire(r->xics, i, line);
		xive_wire(r->xive, i, line);
	}
	ck_assert(device_realize(r->xics, NULL));
	ck_assert(device_realize(r->xive, NULL));
	for (int i = 0; i < RIG_CPUS; i++)
		xive_claim(r->xive, i, false);
}

static void add_io(SpaprRig *r)
{
	SpaprTce *tce = device_new(&spapr_tce_type, r->m, "/tce");
	SpaprNvram *nvram = device_new(&spapr_nvram_type, r->m, "/nvram");

	device_set_u64(tce, "liobn", SPAPR_PHB_LIOBN);
	ck_assert(device_realize(tce, NULL));
	ck_assert(device_realize(nvram, NULL));
	g_ptr_array_add(r->s->tces, tce);
	r->s->nvram = nvram;
	r->phb = device_new(&spapr_phb_type, r->m, "/pci");
	device_set_ptr(r->phb, "spapr", r->s);
	device_set_ptr(r->phb, "tce", tce);
	ck_assert(device_realize(r->phb, NULL));
	r->s->phb = r->phb;
	r->said = g_string_new(NULL);
	r->chardev.ops = &char_ops;
	r->vty = device_new(&spapr_vty_type, r->m, "/vty");
	device_set_ptr(r->vty, "chardev", &r->chardev);
	device_set_ptr(r->vty, "irq", spapr_irq(r->s, SPAPR_IRQ_VIO, false));
	ck_assert(device_realize(r->vty, NULL));
	g_ptr_array_add(r->s->vtys, r->vty);
	spapr_irq(r->s, SPAPR_IRQ_EPOW, false);
}

SpaprRig *spapr_rig_new(bool isa300)
{
	SpaprRig *r = g_new0(SpaprRig, 1);
	SpaprConfig cfg = {
		.ops = &ops,
		.opaque = r,
		.ncpus = RIG_CPUS,
		.isa300 = isa300,
		.ic_xics = true,
		.ic_xive = isa300,
		.may_radix = isa300,
		.may_hash = true,
		.rtc_host = true,
	};

	r->host = (HostClock){ host_mono, host_wall, r };
	r->m = machine_new("rig", loop_new(), vclock_new(VCLOCK_HOST, &r->host, 1));
	r->m->ram = ram_new(RIG_RAM, NULL);
	r->m->bus = bus_new(r->m->ram);
	machine_lock(r->m);
	add_interrupts(r);
	r->s = device_new(&spapr_type, r->m, "/spapr");
	spapr_configure(r->s, &cfg);
	device_set_ptr(r->s, "xics", r->xics);
	device_set_ptr(r->s, "xive", r->xive);
	ck_assert(device_realize(r->s, NULL));
	add_io(r);
	machine_reset(r->m);
	r->cpu[1].stopped = true;
	return r;
}

void spapr_rig_free(SpaprRig *r)
{
	machine_unlock(r->m);
	machine_free(r->m);
	g_string_free(r->said, TRUE);
	g_free(r);
}

int64_t spapr_rig_call(SpaprRig *r, uint64_t fn, const uint64_t *args, unsigned n, uint64_t *out)
{
	uint64_t reg[13] = { 0 };

	reg[3] = fn;
	memcpy(reg + 4, args, n * sizeof(*args));
	spapr_hypercall(r->s, r->current < 0 ? 0 : (unsigned)r->current, reg);
	if (out)
		memcpy(out, reg + 4, 8 * sizeof(*out));
	return (int64_t)reg[3];
}

int spapr_rig_rtas(SpaprRig *r, uint32_t token, const uint32_t *args, unsigned nargs, unsigned nret,
		   uint32_t *ret)
{
	uint32_t v = 0, status = 0;

	ram_st32(r->m->ram, RTAS_ARGS, 0x2000 + token);
	ram_st32(r->m->ram, RTAS_ARGS + 4, nargs);
	ram_st32(r->m->ram, RTAS_ARGS + 8, nret);
	for (unsigned i = 0; i < nargs; i++)
		ram_st32(r->m->ram, RTAS_ARGS + 12 + 4 * i, args[i]);
	ck_assert_int_eq(HC(r, 0xf000, NULL, RTAS_ARGS), H_SUCCESS);
	for (unsigned i = 0; i < nret; i++) {
		ram_ld32(r->m->ram, RTAS_ARGS + 12 + 4 * (nargs + i), &v);
		if (!i)
			status = v;
		if (ret)
			ret[i] = v;
	}
	return (int)status;
}
