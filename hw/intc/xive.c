/*
 * XIVE: the interrupt controller of POWER9 and POWER10, as a PAPR guest in
 * exploitation mode sees it (LoPAPR "External Interrupt Virtualization
 * Engine"; POWER9 Processor User's Manual, chapter on XIVE, for ESB and
 * TIMA).
 *
 * Source: PQ bits (00 ready, 01 off, 10 pending, 11 queued), moved by
 * triggers and by loads and stores of its ESB pages at XIVE_ESB_BASE, 64 KiB
 * trigger page and 64 KiB management page each:
 *   load  0x000-0x3ff EOI   0x800-0xbff get   0xc00 0xd00 0xe00 0xf00 set 00 01 10 11
 *   store 0x000-0x3ff trigger  0x400-0x7ff EOI   0xc00-0xfff set
 * A source that fires writes its EISN (31 bits, toggle in bit 0) into the
 * event queue of its server and priority, then raises that priority in the
 * server's thread context.
 *
 * Thread context, OS ring at 0x10 of TIMA page 2: NSR CPPR IPB LSMFB ACK INC
 * AGE PIPR, word 2.  Store byte 0x11: CPPR.  Load halfword 0x810:
 * acknowledge.  Store byte 0x812: set pending priority.  NSR.EO (0x80) is
 * here exactly "PIPR more favoured than CPPR": the chip keeps it as a bit,
 * but between accesses the two cannot be told apart.
 *
 * Not modelled: HW and HV pages (a partition has none), END ESB pages (the
 * guest learns an address but PAPR guests leave escalation alone), groups,
 * escalation, reporting lines, store-EOI is taken though not advertised.
 */
#include "hw/intc/xive.h"

#include "base/bits.h"
#include "base/err.h"
#include "base/log.h"
#include "core/machine.h"

#define TM_OS_RING 0x10
#define TM_OS_CPPR 0x11
#define TM_ACK_OS 0x810
#define TM_SET_PENDING 0x812
#define NSR_EO 0x80

enum { KIND_FREE, KIND_MSI, KIND_LSI };

/* Thread contexts */

static void ctx_update(Xive *x, unsigned server)
{
	XiveCtx *c = &x->ctx[server];

	c->pipr = c->ipb ? clz32((uint32_t)c->ipb << 24) : 0xff;
	c->nsr = c->pipr < c->cppr ? NSR_EO : 0;
	if (x->active && server < x->servers)
		irq_set(x->out[server], c->nsr != 0);
}

static void ctx_pending(Xive *x, unsigned server, unsigned prio)
{
	x->ctx[server].ipb |= 0x80 >> (prio & 7);
	ctx_update(x, server);
}

static uint64_t ctx_ack(Xive *x, unsigned server)
{
	XiveCtx *c = &x->ctx[server];
	uint8_t nsr = c->nsr;

	if (nsr & NSR_EO) {
		c->cppr = c->pipr;
		c->ipb &= ~(0x80 >> (c->pipr & 7));
		ctx_update(x, server);
	}
	return (uint64_t)nsr << 8 | c->cppr;
}

static void ctx_set_cppr(Xive *x, unsigned server, uint8_t cppr)
{
	x->ctx[server].cppr = cppr > 7 ? 0xff : cppr;
	ctx_update(x, server);
}

static uint8_t ring_byte(const XiveCtx *c, uint32_t offset)
{
	const uint8_t ring[16] = {
		c->nsr, c->cppr, c->ipb,	 c->lsmfb,	 c->ack,	c->inc,
		c->age, c->pipr, c->word2 >> 24, c->word2 >> 16, c->word2 >> 8, c->word2,
	};

	if (offset < TM_OS_RING)
		return 0; /* user ring: event-based branches are not the guest's */
	return offset < TM_OS_RING + 16 ? ring[offset - TM_OS_RING] : 0xff;
}

uint64_t xive_tima_read(Xive *x, unsigned server, uint32_t offset, unsigned size)
{
	uint64_t v = 0;

	if (offset == TM_ACK_OS && size == 2)
		return ctx_ack(x, server);
	if (offset >= 0x800)
		log_guest("xive: TIMA load of %u bytes at 0x%x", size, offset);
	for (unsigned i = 0; i < size; i++)
		v = v << 8 | ring_byte(&x->ctx[server], offset + i);
	return v;
}

void xive_tima_write(Xive *x, unsigned server, uint32_t offset, uint64_t value, unsigned size)
{
	if (size == 1 && offset == TM_OS_CPPR)
		ctx_set_cppr(x, server, value);
	else if (size == 1 && offset == TM_SET_PENDING)
		ctx_pending(x, server, value & 7);
	else
		log_guest("xive: TIMA store of %u bytes at 0x%x", size, offset);
}

/* Queues */

static void end_enqueue(Xive *x, XiveEnd *e, uint32_t eisn)
{
	Ram *ram = x->dev.machine->ram;
	uint32_t entry;
	uint64_t at;

	if (!e->qshift)
		return;
	/* While one event waits for the queue's page another may be entered. */
	do {
		at = e->qaddr + 4 * (uint64_t)e->qindex;
	} while (ram && ram_need(ram, at, 4) && at != e->qaddr + 4 * (uint64_t)e->qindex);
	entry = (uint32_t)e->gen << 31 | (eisn & 0x7fffffff);
	if (!ram || !ram_st32(ram, at, entry))
		log_guest("xive: event queue at 0x%" PRIx64 " is not in RAM", e->qaddr);
	e->qindex = (e->qindex + 1) & ((UINT32_C(1) << (e->qshift - 2)) - 1);
	if (!e->qindex)
		e->gen ^= 1;
}

/* Trigger of PQ bits: does the event go through? */
static bool pq_trigger(uint8_t *pq)
{
	switch (*pq) {
	case XIVE_PQ_RESET: *pq = XIVE_PQ_PENDING; return true;
	case XIVE_PQ_PENDING: *pq = XIVE_PQ_QUEUED; return false;
	default: return false;
	}
}

static bool pq_eoi(uint8_t *pq)
{
	switch (*pq) {
	case XIVE_PQ_PENDING: *pq = XIVE_PQ_RESET; return false;
	case XIVE_PQ_QUEUED: *pq = XIVE_PQ_PENDING; return true;
	default: return false;
	}
}

static void source_forward(Xive *x, XiveSource *s)
{
	XiveEnd *e;

	if (!x->active || (s->flags & (XIVE_VALID | XIVE_MASKED)) != XIVE_VALID)
		return;
	e = &x->end[s->server][s->prio];
	if (!(e->flags & XIVE_END_VALID)) {
		log_guest("xive: event for server %u priority %u without a queue", s->server,
			  s->prio);
		return;
	}
	end_enqueue(x, e, s->eisn);
	if ((e->flags & XIVE_END_NOTIFY) || pq_trigger(&e->pq))
		ctx_pending(x, s->server, s->prio);
}

static void source_trigger(Xive *x, XiveSource *s)
{
	/* An LSI does not queue: its level is looked at again at EOI. */
	if ((s->flags & XIVE_LSI) && s->pq != XIVE_PQ_RESET)
		return;
	if (pq_trigger(&s->pq))
		source_forward(x, s);
}

static bool source_eoi(Xive *x, XiveSource *s)
{
	bool again = pq_eoi(&s->pq);

	if ((s->flags & XIVE_LSI) && s->pq == XIVE_PQ_RESET && (s->flags & XIVE_LEVEL)) {
		s->pq = XIVE_PQ_PENDING;
		again = true;
	}
	if (again)
		source_forward(x, s);
	return again;
}

static uint8_t source_set_pq(Xive *x, XiveSource *s, uint8_t pq)
{
	uint8_t old = s->pq;

	s->pq = pq;
	if ((s->flags & XIVE_LSI) && (s->flags & XIVE_LEVEL) && pq == XIVE_PQ_RESET)
		source_trigger(x, s);
	return old;
}

uint64_t xive_esb_load(Xive *x, uint32_t lisn, uint32_t offset)
{
	XiveSource *s = &x->src[lisn];

	if (!xive_has(x, lisn))
		return UINT64_MAX;
	switch (offset & 0xfff) {
	case 0x000 ... 0x3ff: return source_eoi(x, s);
	case 0x800 ... 0xbff: return s->pq;
	case 0xc00 ... 0xfff: return source_set_pq(x, s, offset >> 8 & 3);
	default:
		log_guest("xive: load of ESB offset 0x%x of source 0x%x", offset, lisn);
		return UINT64_MAX;
	}
}

void xive_esb_store(Xive *x, uint32_t lisn, uint32_t offset)
{
	XiveSource *s = &x->src[lisn];

	if (!xive_has(x, lisn))
		return;
	switch (offset & 0xfff) {
	case 0x000 ... 0x3ff: source_trigger(x, s); break;
	case 0x400 ... 0x7ff: source_eoi(x, s); break;
	case 0xc00 ... 0xfff: source_set_pq(x, s, offset >> 8 & 3); break;
	default: log_guest("xive: store to ESB offset 0x%x of source 0x%x", offset, lisn);
	}
}

static uint64_t esb_read(void *opaque, uint64_t offset, unsigned size)
{
	Xive *x = opaque;
	uint64_t page = offset >> XIVE_ESB_SHIFT;

	(void)size;
	if (!x->active || !(page & 1))
		return UINT64_MAX; /* trigger pages are for stores */
	return xive_esb_load(x, page >> 1, offset & 0xfff);
}

static void esb_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
	Xive *x = opaque;
	uint64_t page = offset >> XIVE_ESB_SHIFT;

	(void)value, (void)size;
	if (!x->active)
		return;
	xive_esb_store(x, page >> 1, page & 1 ? offset & 0xfff : 0);
}

static const BusOps esb_ops = { .read = esb_read, .write = esb_write, .endian = BUS_BE };

static int tima_server(Xive *x)
{
	int n = x->board && x->board->current ? x->board->current(x->board->opaque) : 0;

	return x->active && n >= 0 && (uint32_t)n < x->servers ? n : -1;
}

static uint64_t tima_read(void *opaque, uint64_t offset, unsigned size)
{
	Xive *x = opaque;
	int n = tima_server(x);

	if (n < 0 || offset >> XIVE_TIMA_SHIFT != 0)
		return UINT64_MAX;
	return xive_tima_read(x, n, offset & 0xfff, size);
}

static void tima_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
	Xive *x = opaque;
	int n = tima_server(x);

	if (n >= 0 && offset >> XIVE_TIMA_SHIFT == 0)
		xive_tima_write(x, n, offset & 0xfff, value, size);
}

static const BusOps tima_ops = { .read = tima_read, .write = tima_write, .endian = BUS_BE };

/* Board's side */

void xive_wire(Xive *x, unsigned server, Irq *out)
{
	x->out[server] = out;
}

bool xive_has(const Xive *x, uint64_t lisn)
{
	return lisn < XIVE_SOURCES && x->kind[lisn] != KIND_FREE;
}

static void source_reset(Xive *x, uint32_t lisn)
{
	uint8_t level = x->src[lisn].flags & XIVE_LEVEL;

	x->src[lisn] = (XiveSource){ .flags = XIVE_MASKED, .pq = XIVE_PQ_OFF };
	if (x->kind[lisn] != KIND_FREE)
		x->src[lisn].flags |= XIVE_VALID | level;
	if (x->kind[lisn] == KIND_LSI)
		x->src[lisn].flags |= XIVE_LSI;
}

bool xive_claim(Xive *x, uint32_t lisn, bool lsi)
{
	if (lisn >= XIVE_SOURCES || x->kind[lisn] != KIND_FREE)
		return false;
	x->kind[lisn] = lsi ? KIND_LSI : KIND_MSI;
	source_reset(x, lisn);
	return true;
}

void xive_free(Xive *x, uint32_t lisn)
{
	if (lisn >= XIVE_SOURCES)
		return;
	x->kind[lisn] = KIND_FREE;
	x->src[lisn].flags &= ~XIVE_LEVEL;
	source_reset(x, lisn);
}

void xive_set(Xive *x, uint32_t lisn, int level)
{
	XiveSource *s;

	if (!xive_has(x, lisn))
		return;
	s = &x->src[lisn];
	if (s->flags & XIVE_LSI)
		s->flags = level ? s->flags | XIVE_LEVEL : s->flags & ~XIVE_LEVEL;
	if (level)
		source_trigger(x, s);
}

void xive_reset_routing(Xive *x)
{
	for (uint32_t i = 0; i < XIVE_SOURCES; i++)
		source_reset(x, i);
	memset(x->end, 0, sizeof(x->end));
}

void xive_set_active(Xive *x, bool on)
{
	for (unsigned i = 0; x->active && !on && i < x->servers; i++)
		irq_set(x->out[i], 0);
	x->active = on;
	for (unsigned i = 0; on && i < x->servers; i++)
		ctx_update(x, i);
}

uint64_t xive_esb_trigger_page(const Xive *x, uint32_t lisn)
{
	(void)x;
	return XIVE_ESB_BASE + ((uint64_t)lisn << (XIVE_ESB_SHIFT + 1));
}

uint64_t xive_esb_mgmt_page(const Xive *x, uint32_t lisn)
{
	return xive_esb_trigger_page(x, lisn) + (UINT64_C(1) << XIVE_ESB_SHIFT);
}

uint64_t xive_end_page(const Xive *x, unsigned server, unsigned prio)
{
	return xive_esb_mgmt_page(x, XIVE_SOURCES + server * XIVE_PRIOS + prio);
}

/* Device */

static bool xive_realize(Device *d, GError **err)
{
	Xive *x = (Xive *)d;
	Bus *b = d->machine->bus;

	(void)err;
	if (!b)
		return true;
	x->esb_region = bus_map(b, "xive-esb", XIVE_ESB_BASE,
				(uint64_t)XIVE_SOURCES << (XIVE_ESB_SHIFT + 1), &esb_ops, x);
	/* Of the four pages only the OS and the user page are a partition's. */
	x->tima_region = bus_map(b, "xive-tima",
				 XIVE_TIMA_BASE + ((uint64_t)XIVE_TIMA_OS << XIVE_TIMA_SHIFT),
				 UINT64_C(2) << XIVE_TIMA_SHIFT, &tima_ops, x);
	return true;
}

static void xive_reset(Device *d)
{
	Xive *x = (Xive *)d;

	xive_reset_routing(x);
	for (unsigned i = 0; i < XIVE_MAX_SERVERS; i++)
		x->ctx[i].word2 = i < x->servers ? UINT32_C(0x80000400) + i : 0;
}

static bool end_ok(const XiveEnd *e)
{
	if (!e->qshift)
		return e->gen <= 1 && e->pq <= 3 && !e->qindex;
	return e->qshift >= 12 && e->qshift <= 24 && e->gen <= 1 && e->pq <= 3 &&
	       e->qindex < UINT32_C(1) << (e->qshift - 2);
}

static bool xive_loaded(Device *d, GError **err)
{
	Xive *x = (Xive *)d;

	for (uint32_t i = 0; i < XIVE_SOURCES; i++) {
		const XiveSource *s = &x->src[i];

		if (x->kind[i] > KIND_LSI || s->server >= x->servers || s->prio >= XIVE_PRIOS ||
		    s->pq > 3)
			return fail(err, "%s: source 0x%x is out of range", d->path, i);
	}
	for (unsigned i = 0; i < XIVE_MAX_SERVERS; i++) {
		for (unsigned p = 0; p < XIVE_PRIOS; p++) {
			if (!end_ok(&x->end[i][p]))
				return fail(err, "%s: queue %u.%u is out of range", d->path, i, p);
		}
	}
	return true;
}

static void xive_destroy(Device *d)
{
	Xive *x = (Xive *)d;

	if (x->esb_region)
		bus_unmap(d->machine->bus, x->esb_region);
	if (x->tima_region)
		bus_unmap(d->machine->bus, x->tima_region);
}

static const VmField source_fields[] = {
	VMF(XiveSource, eisn),
	VMF(XiveSource, server),
	VMF(XiveSource, prio),
	VMF(XiveSource, flags, .reset = XIVE_MASKED),
	VMF(XiveSource, pq, .reset = XIVE_PQ_OFF),
	VMSKIP(XiveSource, pad, "padding"),
	VMEND,
};
static const VmDesc source_desc = { "xive-source", 1, sizeof(XiveSource), source_fields };

static const VmField end_fields[] = {
	VMF(XiveEnd, qaddr),
	VMF(XiveEnd, qindex),
	VMF(XiveEnd, qshift),
	VMF(XiveEnd, gen),
	VMF(XiveEnd, flags),
	VMF(XiveEnd, pq),
	VMEND,
};
static const VmDesc end_desc = { "xive-end", 1, sizeof(XiveEnd), end_fields };

static const VmField ctx_fields[] = {
	VMF(XiveCtx, nsr),
	VMF(XiveCtx, cppr),
	VMF(XiveCtx, ipb),
	VMF(XiveCtx, lsmfb, .reset = 0xff),
	VMF(XiveCtx, ack, .reset = 0xff),
	VMF(XiveCtx, inc),
	VMF(XiveCtx, age, .reset = 0xff),
	VMF(XiveCtx, pipr, .reset = 0xff),
	VMF(XiveCtx, word2),
	VMEND,
};
static const VmDesc ctx_desc = { "xive-context", 1, sizeof(XiveCtx), ctx_fields };

static const VmField xive_fields[] = {
	DEVICE_SKIP(Xive, dev),
	VMSA(Xive, src, source_desc),
	/* Servers times priorities, as one row. */
	{ .name = "end",
	  .kind = VM_STRUCT,
	  .offset = offsetof(Xive, end),
	  .elem = sizeof(XiveEnd),
	  .count = XIVE_MAX_SERVERS * XIVE_PRIOS,
	  .sub = &end_desc },
	VMSA(Xive, ctx, ctx_desc),
	VMA(Xive, kind, .keep = true),
	VMF(Xive, active),
	VMSKIP(Xive, pad0, "padding"),
	VMSKIP(Xive, servers, "property"),
	VMSKIP(Xive, board, "wiring"),
	VMSKIP(Xive, esb_region, "made by realize"),
	VMSKIP(Xive, tima_region, "made by realize"),
	VMSKIP(Xive, out, "wiring"),
	VMEND,
};
static const VmDesc xive_desc = { "xive", 1, sizeof(Xive), xive_fields };

static const Prop xive_props[] = {
	{ .name = "servers",
	  .kind = PROP_U32,
	  .offset = offsetof(Xive, servers),
	  .def = 1,
	  .min = 1,
	  .max = XIVE_MAX_SERVERS },
	{ .name = "board", .kind = PROP_PTR, .offset = offsetof(Xive, board) },
	{ .name = NULL },
};

const DeviceType xive_type = {
	.name = "xive",
	.size = sizeof(Xive),
	.state = &xive_desc,
	.props = xive_props,
	.realize = xive_realize,
	.reset = xive_reset,
	.loaded = xive_loaded,
	.destroy = xive_destroy,
	.mmio = &esb_ops,
	.mmio_size = (uint64_t)XIVE_SOURCES << (XIVE_ESB_SHIFT + 1),
};
