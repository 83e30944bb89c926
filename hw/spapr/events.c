/*
 * Events: the one there is, "the user asks for a clean power-off" (EPOW,
 * LoPAPR 10.2 and 10.3).  An interrupt on source 0x1000 says so, and the
 * guest fetches the error log with check-exception or event-scan.
 *
 * The log: 8 bytes of fixed part, 16 of extended part (version 6), then the
 * sections "PH" (private header), "UH" (user header) and "EP" (the event).
 */
#include "base/bits.h"
#include "hw/spapr/spapr.h"

#define EVENT_CLASS_EPOW 0x40000000u
#define LOG_FIXED 8
#define LOG_EXTENDED 16
#define LOG_PH 48
#define LOG_UH 24
#define LOG_EP 20
#define LOG_SIZE (LOG_FIXED + LOG_EXTENDED + LOG_PH + LOG_UH + LOG_EP)

static uint8_t *section(uint8_t *p, const char *id, unsigned len, unsigned subtype)
{
	memcpy(p, id, 2);
	st16_be(p + 2, len);
	p[4] = 1; /* version */
	p[5] = subtype;
	return p + len;
}

static void epow_log(uint8_t *p, uint32_t id)
{
	uint8_t *q = p + LOG_FIXED;

	memset(p, 0, LOG_SIZE);
	p[0] = 6;	      /* version of the log */
	p[1] = 1 << 5 | 0x04; /* severity: event; extended part follows */
	p[2] = 0x40;	      /* initiator: power */
	p[3] = 0x40;	      /* type: EPOW */
	st32_be(p + 4, LOG_SIZE - LOG_FIXED);
	q[0] = 0x80 | 0x02; /* valid; big-endian format */
	q[2] = 0x80 | 0x0e; /* POWER format; platform event log */
	memcpy(q + 12, "IBM", 4);
	q += LOG_EXTENDED;
	q[25] = 0;	     /* creation times stay 0: the guest keeps its own */
	q[24] = 'H';	     /* creator: hypervisor */
	q[27] = 3;	     /* sections, this one included */
	st32_be(q + 40, id); /* platform log id and entry id */
	st32_be(q + 44, id);
	q = section(q, "PH", LOG_PH, 0);
	q[8] = 0x60;		 /* subsystem: platform firmware */
	q[10] = 0;		 /* severity: informational */
	st16_be(q + 18, 0xa000); /* report to the operating system, no call home */
	q = section(q, "UH", LOG_UH, 0);
	q[8] = 3; /* action code: system shutdown */
	q[9] = 1; /* modifier: normal shutdown */
	section(q, "EP", LOG_EP, 0);
}

static void fetch(SpaprRtasCall *c, uint32_t mask, uint32_t addr, uint32_t room)
{
	Spapr *s = c->s;
	uint8_t log[LOG_SIZE];

	c->ret[0] = RTAS_NO_ERROR;
	if (!s->epow || !(mask & EVENT_CLASS_EPOW) || room < LOG_SIZE)
		return;
	epow_log(log, ++s->event_id);
	if (!ram_write(spapr_ram(s), addr, log, sizeof(log))) {
		c->ret[0] = (uint32_t)RTAS_PARAM_ERROR;
		return;
	}
	s->epow = false;
	c->ret[0] = RTAS_OK;
}

/* Inputs: vector, additional information, event mask, critical, buffer, length. */
void spapr_check_exception(SpaprRtasCall *c)
{
	fetch(c, c->arg[2], c->arg[4], c->arg[5]);
}

/* Inputs: event mask, critical, buffer, length. */
void spapr_event_scan(SpaprRtasCall *c)
{
	fetch(c, c->arg[0], c->arg[2], c->arg[3]);
}

void spapr_powerdown(Spapr *s)
{
	s->epow = true;
	irq_pulse(s->line[SPAPR_IRQ_EPOW - SPAPR_IRQ_BASE]);
}
