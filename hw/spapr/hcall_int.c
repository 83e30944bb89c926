/*
 * Hypercalls on interrupts: XICS presentation (LoPAPR 14.5.4.5) and XIVE
 * exploitation (H_INT_*).  Those of the controller that is not at work
 * answer H_FUNCTION.
 */
#include "base/bits.h"
#include "hw/spapr/spapr.h"

static int64_t h_eoi(Spapr *s, unsigned cpu, uint64_t *r)
{
	if (s->xive || !s->xics)
		return H_FUNCTION;
	xics_eoi(s->xics, cpu, r[4]);
	return H_SUCCESS;
}

static int64_t h_cppr(Spapr *s, unsigned cpu, uint64_t *r)
{
	if (s->xive || !s->xics)
		return H_FUNCTION;
	xics_cppr(s->xics, cpu, r[4]);
	return H_SUCCESS;
}

static int64_t h_ipi(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	if (s->xive || !s->xics)
		return H_FUNCTION;
	if (!xics_server_ok(s->xics, r[4]))
		return H_PARAMETER;
	xics_mfrr(s->xics, r[4], r[5]);
	return H_SUCCESS;
}

static int64_t h_ipoll(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint8_t mfrr;

	(void)cpu;
	if (s->xive || !s->xics)
		return H_FUNCTION;
	if (!xics_server_ok(s->xics, r[4]))
		return H_PARAMETER;
	r[4] = xics_poll(s->xics, r[4], &mfrr);
	r[5] = mfrr;
	return H_SUCCESS;
}

static int64_t h_xirr(Spapr *s, unsigned cpu, uint64_t *r)
{
	if (s->xive || !s->xics)
		return H_FUNCTION;
	r[4] = xics_accept(s->xics, cpu);
	return H_SUCCESS;
}

static int64_t h_xirr_x(Spapr *s, unsigned cpu, uint64_t *r)
{
	if (s->xive || !s->xics)
		return H_FUNCTION;
	r[4] = xics_accept(s->xics, cpu);
	r[5] = s->cfg.ops->tb(s->cfg.opaque, cpu);
	return H_SUCCESS;
}

/* Result flags of H_INT_GET_SOURCE_INFO. */
#define SRC_H_INT_ESB BIT64(60)
#define SRC_LSI BIT64(61)
#define SRC_TRIGGER BIT64(62)

static int64_t int_get_source_info(Spapr *s, unsigned cpu, uint64_t *r)
{
	Xive *x = s->xive_dev;
	uint64_t lisn = r[5];

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (r[4])
		return H_PARAMETER;
	if (!xive_has(x, lisn))
		return H_P2;
	if (x->src[lisn].flags & XIVE_LSI) {
		/* Only the hypervisor sees the level, so EOI has to go through it. */
		r[4] = SRC_H_INT_ESB | SRC_LSI;
		r[5] = r[6] = UINT64_MAX;
	} else {
		r[4] = SRC_TRIGGER;
		r[5] = xive_esb_mgmt_page(x, lisn);
		r[6] = xive_esb_trigger_page(x, lisn);
	}
	r[7] = XIVE_ESB_SHIFT;
	return H_SUCCESS;
}

static bool prio_ok(uint64_t prio)
{
	return prio < XIVE_HV_PRIO;
}

static int64_t int_set_source_config(Spapr *s, unsigned cpu, uint64_t *r)
{
	enum { MASK = 1, SET_EISN = 2 };
	uint64_t flags = r[4], lisn = r[5], target = r[6], prio = r[7];
	XiveSource *src;

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (flags & ~UINT64_C(3))
		return H_PARAMETER;
	if (!xive_has(s->xive_dev, lisn))
		return H_P2;
	src = &s->xive_dev->src[lisn];
	if (prio == 0xff) {
		src->flags |= XIVE_MASKED;
		return H_SUCCESS;
	}
	if (!prio_ok(prio))
		return H_P4;
	if (target >= s->xive_dev->servers)
		return H_P3;
	src->server = target;
	src->prio = prio;
	if (flags & SET_EISN)
		src->eisn = r[8] & 0x7fffffff;
	src->flags = flags & MASK ? src->flags | XIVE_MASKED : src->flags & ~XIVE_MASKED;
	return H_SUCCESS;
}

static int64_t int_get_source_config(Spapr *s, unsigned cpu, uint64_t *r)
{
	const XiveSource *src;

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (r[4])
		return H_PARAMETER;
	if (!xive_has(s->xive_dev, r[5]))
		return H_P2;
	src = &s->xive_dev->src[r[5]];
	r[4] = src->server;
	r[5] = src->flags & XIVE_MASKED ? 0xff : src->prio;
	r[6] = src->eisn;
	return H_SUCCESS;
}

static int64_t int_get_queue_info(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t target = r[5], prio = r[6];

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (r[4])
		return H_PARAMETER;
	if (target >= s->xive_dev->servers)
		return H_P2;
	if (!prio_ok(prio))
		return H_P3;
	r[4] = xive_end_page(s->xive_dev, target, prio);
	r[5] = s->xive_dev->end[target][prio].qshift;
	return H_SUCCESS;
}

static int64_t int_set_queue_config(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t flags = r[4], target = r[5], prio = r[6], addr = r[7], shift = r[8];
	XiveEnd *e;

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (flags & ~UINT64_C(1))
		return H_PARAMETER;
	if (target >= s->xive_dev->servers)
		return H_P2;
	if (!prio_ok(prio))
		return H_P3;
	e = &s->xive_dev->end[target][prio];
	if (!shift) {
		*e = (XiveEnd){ 0 };
		return H_SUCCESS;
	}
	if (shift != 12 && shift != 16 && shift != 21 && shift != 24)
		return H_P5;
	if ((addr & ((UINT64_C(1) << shift) - 1)) ||
	    !ram_has(spapr_ram(s), addr, UINT64_C(1) << shift))
		return H_P4;
	*e = (XiveEnd){
		.qaddr = addr,
		.qshift = shift,
		.gen = 1,
		.flags = XIVE_END_VALID | (flags & 1 ? XIVE_END_NOTIFY : 0),
	};
	return H_SUCCESS;
}

static int64_t int_get_queue_config(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t flags = r[4], target = r[5], prio = r[6];
	const XiveEnd *e;

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (flags & ~UINT64_C(1))
		return H_PARAMETER;
	if (target >= s->xive_dev->servers)
		return H_P2;
	if (!prio_ok(prio))
		return H_P3;
	e = &s->xive_dev->end[target][prio];
	r[4] = e->flags & XIVE_END_NOTIFY ? 1 : 0;
	r[5] = e->qaddr;
	r[6] = e->qshift;
	r[7] = flags & 1 ? (uint64_t)e->gen << 62 | e->qindex : 0;
	return H_SUCCESS;
}

static int64_t int_esb(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t flags = r[4], lisn = r[5], offset = r[6];

	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (flags & ~UINT64_C(1))
		return H_PARAMETER;
	if (!xive_has(s->xive_dev, lisn))
		return H_P2;
	if (offset >> XIVE_ESB_SHIFT)
		return H_P3;
	if (flags & 1) {
		xive_esb_store(s->xive_dev, lisn, offset & 0xfff);
		r[4] = UINT64_MAX;
	} else {
		r[4] = xive_esb_load(s->xive_dev, lisn, offset & 0xfff);
	}
	return H_SUCCESS;
}

/* An event is in its queue as soon as it was triggered: nothing is under way. */
static int64_t int_sync(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (r[4])
		return H_PARAMETER;
	return xive_has(s->xive_dev, r[5]) ? H_SUCCESS : H_P2;
}

static int64_t int_reset(Spapr *s, unsigned cpu, uint64_t *r)
{
	(void)cpu;
	if (!s->xive)
		return H_FUNCTION;
	if (r[4])
		return H_PARAMETER;
	xive_reset_routing(s->xive_dev);
	return H_SUCCESS;
}

const SpaprHcallDef spapr_hcalls_int[] = {
	{ 0x64, "H_EOI", h_eoi, false },
	{ 0x68, "H_CPPR", h_cppr, false },
	{ 0x6c, "H_IPI", h_ipi, false },
	{ 0x70, "H_IPOLL", h_ipoll, false },
	{ 0x74, "H_XIRR", h_xirr, false },
	{ 0x2fc, "H_XIRR_X", h_xirr_x, false },
	{ 0x3a8, "H_INT_GET_SOURCE_INFO", int_get_source_info, false },
	{ 0x3ac, "H_INT_SET_SOURCE_CONFIG", int_set_source_config, false },
	{ 0x3b0, "H_INT_GET_SOURCE_CONFIG", int_get_source_config, false },
	{ 0x3b4, "H_INT_GET_QUEUE_INFO", int_get_queue_info, false },
	{ 0x3b8, "H_INT_SET_QUEUE_CONFIG", int_set_queue_config, false },
	{ 0x3bc, "H_INT_GET_QUEUE_CONFIG", int_get_queue_config, false },
	{ 0x3c8, "H_INT_ESB", int_esb, false },
	{ 0x3cc, "H_INT_SYNC", int_sync, false },
	{ 0x3d0, "H_INT_RESET", int_reset, false },
	{ 0, NULL, NULL, false },
};
