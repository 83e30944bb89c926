/*
 * XICS: the interrupt controller of POWER5 to POWER8 partitions, by LoPAPR
 * chapter 7 (interrupt source and presentation layers) and 14.5.4.8 ff.
 *
 * A source has a server, a priority (0 most favoured, 0xff masked) and
 * either a level (LSI) or a latched edge (MSI).  A server has CPPR, below
 * which (numerically) interrupts are presented, and MFRR, the priority of
 * its pending inter-processor interrupt.
 *
 * What a server presents is not stored: it is the best candidate among its
 * sources and its IPI, looked for whenever something changes.  PAPR lets a
 * presented interrupt be withdrawn for a better one until it is accepted
 * (the "reject" message), so a guest cannot tell this from hardware, and no
 * presented-but-outdated state can exist.  Ties go to the lowest number.
 *
 * Not modelled: server queues with more than one member (the global server
 * of the partition is the CPU itself), links between ICPs.
 */
#include "hw/intc/xics.h"

#include "base/err.h"
#include "base/log.h"

static bool icp_presents(const XicsSource *s, uint8_t kind)
{
	if (kind == XICS_LSI)
		return (s->flags & (XICS_LEVEL | XICS_SENT)) == XICS_LEVEL;
	return s->flags & XICS_PENDING;
}

/* Number of the best interrupt for a server, 0 when there is none. */
static uint32_t icp_best(const Xics *x, unsigned server, uint8_t *prio)
{
	const XicsIcp *icp = &x->icp[server];
	uint32_t irq = 0;
	uint8_t best = icp->cppr;

	if (icp->mfrr < best) {
		best = icp->mfrr;
		irq = XICS_IPI;
	}
	for (uint32_t i = 0; i < x->nclaimed; i++) {
		uint32_t n = x->claimed[i];
		const XicsSource *s = &x->src[n];

		if (s->server == server && s->prio < best && icp_presents(s, x->kind[n])) {
			best = s->prio;
			irq = x->base + n;
		}
	}
	*prio = best;
	return irq;
}

static void icp_update(Xics *x, unsigned server)
{
	uint8_t prio;

	if (x->active && server < x->servers)
		irq_set(x->out[server], icp_best(x, server, &prio) != 0);
}

static XicsSource *source(Xics *x, uint32_t irq)
{
	return xics_has(x, irq) ? &x->src[irq - x->base] : NULL;
}

bool xics_has(const Xics *x, uint32_t irq)
{
	return irq >= x->base && irq - x->base < XICS_SOURCES &&
	       x->kind[irq - x->base] != XICS_FREE;
}

bool xics_server_ok(const Xics *x, uint64_t server)
{
	return server < x->servers;
}

void xics_wire(Xics *x, unsigned server, Irq *out)
{
	x->out[server] = out;
}

static void list_claimed(Xics *x)
{
	x->nclaimed = 0;
	for (uint32_t i = 0; i < XICS_SOURCES; i++) {
		if (x->kind[i] != XICS_FREE)
			x->claimed[x->nclaimed++] = i;
	}
}

bool xics_claim(Xics *x, uint32_t irq, bool lsi)
{
	if (irq < x->base || irq - x->base >= XICS_SOURCES || xics_has(x, irq))
		return false;
	x->kind[irq - x->base] = lsi ? XICS_LSI : XICS_MSI;
	list_claimed(x);
	return true;
}

void xics_free(Xics *x, uint32_t irq)
{
	XicsSource *s = source(x, irq);
	unsigned server;

	if (!s)
		return;
	server = s->server;
	*s = (XicsSource){ .prio = 0xff, .saved_prio = 0xff };
	x->kind[irq - x->base] = XICS_FREE;
	list_claimed(x);
	icp_update(x, server);
}

void xics_set(Xics *x, uint32_t irq, int level)
{
	XicsSource *s = source(x, irq);

	if (!s)
		return;
	if (x->kind[irq - x->base] == XICS_LSI)
		s->flags = level ? s->flags | XICS_LEVEL : s->flags & ~XICS_LEVEL;
	else if (level)
		s->flags |= XICS_PENDING;
	icp_update(x, s->server);
}

void xics_set_active(Xics *x, bool on)
{
	for (unsigned i = 0; x->active && !on && i < x->servers; i++)
		irq_set(x->out[i], 0);
	x->active = on;
	for (unsigned i = 0; on && i < x->servers; i++)
		icp_update(x, i);
}

void xics_cppr(Xics *x, unsigned server, uint8_t cppr)
{
	x->icp[server].cppr = cppr;
	icp_update(x, server);
}

void xics_mfrr(Xics *x, unsigned server, uint8_t mfrr)
{
	x->icp[server].mfrr = mfrr;
	icp_update(x, server);
}

uint32_t xics_poll(const Xics *x, unsigned server, uint8_t *mfrr)
{
	uint8_t prio;

	*mfrr = x->icp[server].mfrr;
	return (uint32_t)x->icp[server].cppr << 24 | icp_best(x, server, &prio);
}

uint32_t xics_accept(Xics *x, unsigned server)
{
	XicsIcp *icp = &x->icp[server];
	uint8_t prio;
	uint32_t irq = icp_best(x, server, &prio);
	uint32_t xirr = (uint32_t)icp->cppr << 24 | irq;
	XicsSource *s = source(x, irq);

	if (!irq)
		return xirr;
	icp->cppr = prio;
	if (s && x->kind[irq - x->base] == XICS_LSI)
		s->flags |= XICS_SENT;
	else if (s)
		s->flags &= ~XICS_PENDING;
	icp_update(x, server);
	return xirr;
}

void xics_eoi(Xics *x, unsigned server, uint32_t xirr)
{
	XicsSource *s = source(x, xirr & 0xffffff);

	x->icp[server].cppr = xirr >> 24;
	if (s) {
		s->flags &= ~XICS_SENT;
		if (s->server != server)
			icp_update(x, s->server);
	}
	icp_update(x, server);
}

bool xics_route(Xics *x, uint32_t irq, uint32_t server, uint8_t prio)
{
	XicsSource *s = source(x, irq);
	unsigned old;

	if (!s || !xics_server_ok(x, server))
		return false;
	old = s->server;
	s->server = server;
	s->prio = s->saved_prio = prio;
	icp_update(x, old);
	icp_update(x, server);
	return true;
}

bool xics_get_route(const Xics *x, uint32_t irq, uint32_t *server, uint8_t *prio)
{
	if (!xics_has(x, irq))
		return false;
	*server = x->src[irq - x->base].server;
	*prio = x->src[irq - x->base].prio;
	return true;
}

bool xics_mask(Xics *x, uint32_t irq, bool masked)
{
	XicsSource *s = source(x, irq);

	if (!s)
		return false;
	if (masked && s->prio != 0xff) {
		s->saved_prio = s->prio;
		s->prio = 0xff;
	} else if (!masked) {
		s->prio = s->saved_prio;
	}
	icp_update(x, s->server);
	return true;
}

static bool xics_realize(Device *d, GError **err)
{
	Xics *x = (Xics *)d;

	if (x->base < 0x10 || x->base > 0xffffff - XICS_SOURCES)
		return fail(err, "%s: first interrupt number 0x%x is out of range", d->path,
			    x->base);
	return true;
}

static bool xics_loaded(Device *d, GError **err)
{
	Xics *x = (Xics *)d;

	for (uint32_t i = 0; i < XICS_SOURCES; i++) {
		if (x->kind[i] > XICS_LSI)
			return fail(err, "%s: source 0x%x is of no known kind", d->path, i);
		if (x->src[i].server >= x->servers)
			return fail(err, "%s: source 0x%x has no server %u", d->path, i,
				    x->src[i].server);
	}
	list_claimed(x);
	return true;
}

static const VmField source_fields[] = {
	VMF(XicsSource, server),
	VMF(XicsSource, prio, .reset = 0xff),
	VMF(XicsSource, saved_prio, .reset = 0xff),
	VMF(XicsSource, flags),
	VMSKIP(XicsSource, pad, "padding"),
	VMEND,
};
static const VmDesc source_desc = { "xics-source", 1, sizeof(XicsSource), source_fields };

static const VmField icp_fields[] = {
	VMF(XicsIcp, cppr),
	VMF(XicsIcp, mfrr, .reset = 0xff),
	VMSKIP(XicsIcp, pad, "padding"),
	VMEND,
};
static const VmDesc icp_desc = { "xics-icp", 1, sizeof(XicsIcp), icp_fields };

static const VmField xics_fields[] = {
	DEVICE_SKIP(Xics, dev),
	VMSA(Xics, icp, icp_desc),
	VMSA(Xics, src, source_desc),
	VMA(Xics, kind, .keep = true),
	VMF(Xics, active),
	VMSKIP(Xics, pad0, "padding"),
	VMSKIP(Xics, servers, "property"),
	VMSKIP(Xics, base, "property"),
	VMSKIP(Xics, nclaimed, "derived from kind"),
	VMSKIP(Xics, claimed, "derived from kind"),
	VMSKIP(Xics, out, "wiring"),
	VMEND,
};
static const VmDesc xics_desc = { "xics", 1, sizeof(Xics), xics_fields };

static const Prop xics_props[] = {
	{ .name = "servers",
	  .kind = PROP_U32,
	  .offset = offsetof(Xics, servers),
	  .def = 1,
	  .min = 1,
	  .max = XICS_MAX_SERVERS },
	{ .name = "base", .kind = PROP_U32, .offset = offsetof(Xics, base), .def = 0x1000 },
	{ .name = NULL },
};

const DeviceType xics_type = {
	.name = "xics",
	.size = sizeof(Xics),
	.state = &xics_desc,
	.props = xics_props,
	.realize = xics_realize,
	.loaded = xics_loaded,
};
