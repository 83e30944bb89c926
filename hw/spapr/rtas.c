/*
 * Run-time abstraction services (LoPAPR chapter 7): dispatch, and the calls
 * about time, power, processors, parameters and XICS routing.
 *
 * The guest's arguments are big-endian words at an address of its choice:
 * token, number of inputs, number of outputs, inputs, outputs.  Everything
 * is read and written with bounds; a block that is not in RAM is ignored.
 */
#include <stdatomic.h>
#include <stdio.h>
#include "base/bits.h"
#include "base/log.h"
#include "hw/spapr/spapr.h"

#define TOKEN_BASE 0x2000u
#define NS_PER_S INT64_C(1000000000)

static const SpaprRtasDef *const tables[] = { spapr_rtas_base, spapr_rtas_io };

static void fail_call(SpaprRtasCall *c, int status)
{
	c->ret[0] = (uint32_t)status;
}

static const SpaprRtasDef *find(uint32_t token)
{
	/* Guests of old firmware put a character with a bare 0xa. */
	if (token == 0xa)
		token = TOKEN_BASE;
	for (unsigned t = 0; t < ARRAY_LEN(tables); t++) {
		for (const SpaprRtasDef *d = tables[t]; d->fn; d++) {
			if (TOKEN_BASE + d->token == token)
				return d;
		}
	}
	return NULL;
}

void spapr_rtas(Spapr *s, unsigned cpu, uint64_t pa)
{
	SpaprRtasCall c = { .s = s, .cpu = cpu };
	Ram *ram = spapr_ram(s);
	const SpaprRtasDef *d;
	uint32_t token;

	if (!ram_ld32(ram, pa, &token) || !ram_ld32(ram, pa + 4, &c.nargs) ||
	    !ram_ld32(ram, pa + 8, &c.nret) || c.nargs > ARRAY_LEN(c.arg) ||
	    c.nret > ARRAY_LEN(c.ret) || !ram_has(ram, pa, 12 + 4 * (c.nargs + c.nret))) {
		log_guest("rtas: no call at 0x%" PRIx64, pa);
		return;
	}
	for (uint32_t i = 0; i < c.nargs; i++)
		ram_ld32(ram, pa + 12 + 4 * i, &c.arg[i]);
	d = find(token);
	if (!d) {
		log_guest("rtas: no function has token 0x%x", token);
		fail_call(&c, RTAS_PARAM_ERROR);
	} else if (c.nargs < d->nargs || c.nret < d->nret) {
		log_guest("rtas: %s with %u inputs and %u outputs", d->name, c.nargs, c.nret);
		fail_call(&c, RTAS_PARAM_ERROR);
	} else {
		d->fn(&c);
		if (log_on(LOG_HCALL))
			log_line("rtas %s(0x%x, 0x%x, 0x%x) -> %d, 0x%x", d->name, c.arg[0],
				 c.arg[1], c.arg[2], (int)c.ret[0], c.ret[1]);
	}
	for (uint32_t i = 0; i < c.nret; i++)
		ram_st32(ram, pa + 12 + 4 * (c.nargs + i), c.ret[i]);
}

bool spapr_rtas_token(unsigned i, uint32_t *token, const char **name)
{
	for (unsigned t = 0; t < ARRAY_LEN(tables); t++) {
		for (const SpaprRtasDef *d = tables[t]; d->fn; d++) {
			if (i--)
				continue;
			*token = TOKEN_BASE + d->token;
			*name = d->name;
			return true;
		}
	}
	return false;
}

/* The blob, the error log, and a word pair per processor as guests expect of firmware. */
unsigned spapr_rtas_size(unsigned ncpus)
{
	return SPAPR_RTAS_BLOB + SPAPR_ERROR_LOG_MAX + 16 * ncpus + 8;
}

/* Time of day */

static int64_t guest_wall(const Spapr *s)
{
	const Machine *m = s->dev.machine;
	const HostClock *host = vclock_host(m->clock);
	int64_t now = s->cfg.rtc_host ? host->wall(host->opaque) : machine_elapsed(m);

	return (int64_t)((uint64_t)now + (uint64_t)s->rtc_offset);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a day of the Gregorian calendar; month 1-12. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	/* Days before a month, in a year that begins with March. */
	static const uint16_t before[12] = {
		306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275
	};
	int64_t y = year - (month <= 2);

	return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) +
	       before[month - 1] + day - 1 - 719468;
}

static void date_of(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	/* Not after the year looked for, and close to it. */
	int64_t y = 1970 + floor_div(days, days < 0 ? 365 : 366);
	unsigned m = 12;

	while (days_of(y + 1, 1, 1) <= days)
		y++;
	while (days_of(y, m, 1) > days)
		m--;
	*year = y;
	*month = m;
	*day = (unsigned)(days - days_of(y, m, 1)) + 1;
}

static void get_time_of_day(SpaprRtasCall *c)
{
	int64_t ns = guest_wall(c->s), t = floor_div(ns, NS_PER_S);
	int64_t days = floor_div(t, 86400), rest = t - days * 86400, year;
	unsigned month, day;

	date_of(days, &year, &month, &day);
	c->ret[1] = (uint32_t)year;
	c->ret[2] = month;
	c->ret[3] = day;
	c->ret[4] = (uint32_t)(rest / 3600);
	c->ret[5] = (uint32_t)(rest / 60 % 60);
	c->ret[6] = (uint32_t)(rest % 60);
	c->ret[7] = (uint32_t)(ns - t * NS_PER_S);
}

static void set_time_of_day(SpaprRtasCall *c)
{
	const uint32_t *a = c->arg;
	int64_t t;

	/* What 64 bits of ns reach. */
	if (a[0] < 1700 || a[0] > 2200 || a[1] < 1 || a[1] > 12 || a[2] < 1 || a[2] > 31 ||
	    a[3] > 23 || a[4] > 59 || a[5] > 60 || a[6] >= NS_PER_S) {
		fail_call(c, RTAS_PARAM_ERROR);
		return;
	}
	t = days_of(a[0], a[1], a[2]) * 86400 + a[3] * 3600 + a[4] * 60 + a[5];
	/* Unsigned: what is between two such dates may be more than 63 bits. */
	c->s->rtc_offset = (int64_t)((uint64_t)c->s->rtc_offset + (uint64_t)t * NS_PER_S + a[6] -
				     (uint64_t)guest_wall(c->s));
}

/* Power and processors */

static void power_off(SpaprRtasCall *c)
{
	machine_request_shutdown(c->s->dev.machine, STOP_SHUTDOWN);
}

static void system_reboot(SpaprRtasCall *c)
{
	machine_request_reset(c->s->dev.machine);
}

static void os_term(SpaprRtasCall *c)
{
	Machine *m = c->s->dev.machine;
	char text[256];

	if (atomic_load(&m->shutdown_why)) /* said already */
		return;
	if (!ram_read(spapr_ram(c->s), c->arg[0], text, sizeof(text)))
		text[0] = 0;
	text[sizeof(text) - 1] = 0;
	for (char *p = text; *p; p++) {
		if (*p < 32 || *p > 126)
			*p = ' ';
	}
	log_warn("the guest gave up: %s", text);
	machine_request_shutdown(m, STOP_PANIC);
}

static void query_cpu_stopped_state(SpaprRtasCall *c)
{
	if (!spapr_cpu_ok(c->s, c->arg[0])) {
		fail_call(c, RTAS_PARAM_ERROR);
		return;
	}
	c->ret[1] = c->s->cfg.ops->stopped(c->s->cfg.opaque, c->arg[0]) ? 0 : 2;
}

static void start_cpu(SpaprRtasCall *c)
{
	const SpaprCpuOps *ops = c->s->cfg.ops;

	/* One that is just stopping itself comes to its end first. */
	spapr_alone(c->s, true);
	if (!spapr_cpu_ok(c->s, c->arg[0]))
		fail_call(c, RTAS_PARAM_ERROR);
	else if (!ops->stopped(c->s->cfg.opaque, c->arg[0]))
		fail_call(c, RTAS_HW_ERROR);
	else
		ops->start(c->s->cfg.opaque, c->arg[0], c->cpu, c->arg[1], c->arg[2]);
	spapr_alone(c->s, false);
}

static void stop_self(SpaprRtasCall *c)
{
	c->s->cfg.ops->stop(c->s->cfg.opaque, c->cpu);
}

/* System parameters (LoPAPR 7.3.16) */

static void put_parameter(SpaprRtasCall *c, const void *data, size_t len)
{
	Ram *ram = spapr_ram(c->s);
	uint8_t head[2];
	uint32_t addr = c->arg[1], room = c->arg[2];

	if (room < 2 || !ram_has(ram, addr, room)) {
		fail_call(c, RTAS_SYSPARM_ERROR);
		return;
	}
	st16_be(head, len);
	ram_write(ram, addr, head, 2);
	ram_write(ram, addr + 2, data, MIN(len, room - 2));
}

static bool uuid_bytes(const char *text, uint8_t out[16])
{
	unsigned n = 0;

	for (; *text && n < 32; text++) {
		int digit = g_ascii_xdigit_value(*text);

		if (*text == '-')
			continue;
		if (digit < 0)
			return false;
		out[n / 2] = n & 1 ? out[n / 2] | digit : digit << 4;
		n++;
	}
	return n == 32 && !*text;
}

static void get_system_parameter(SpaprRtasCall *c)
{
	const Spapr *s = c->s;
	uint8_t uuid[16] = { 0 };
	char text[128];
	int n;

	switch (c->arg[0]) {
	case 20: /* shared processor partition characteristics */
		n = snprintf(text, sizeof(text),
			     "MaxEntCap=%u,DesMem=%" PRIu64 ",DesProcs=%u,MaxPlatProcs=%u",
			     s->cfg.ncpus, spapr_ram(s)->size >> 20, s->cfg.ncpus, s->cfg.ncpus);
		put_parameter(c, text, (size_t)n + 1);
		break;
	case 42: /* platform diagnostics at start: never */ put_parameter(c, uuid, 1); break;
	case 48:
		if (s->cfg.uuid && uuid_bytes(s->cfg.uuid, uuid))
			put_parameter(c, uuid, sizeof(uuid));
		else
			put_parameter(c, uuid, 0);
		break;
	default: fail_call(c, RTAS_PARAM_ERROR);
	}
}

static void set_system_parameter(SpaprRtasCall *c)
{
	bool known = c->arg[0] == 20 || c->arg[0] == 42 || c->arg[0] == 48;

	fail_call(c, known ? RTAS_NOT_AUTHORIZED : RTAS_PARAM_ERROR);
}

/* XICS routing (LoPAPR 7.3.10) */

static bool routing(SpaprRtasCall *c)
{
	if (c->s->xics && !c->s->xive)
		return true;
	fail_call(c, RTAS_PARAM_ERROR);
	return false;
}

static void set_xive(SpaprRtasCall *c)
{
	if (routing(c) &&
	    (c->arg[2] > 0xff || !xics_route(c->s->xics, c->arg[0], c->arg[1], c->arg[2])))
		fail_call(c, RTAS_PARAM_ERROR);
}

static void get_xive(SpaprRtasCall *c)
{
	uint32_t server = 0;
	uint8_t prio = 0;

	if (!routing(c))
		return;
	if (!xics_get_route(c->s->xics, c->arg[0], &server, &prio))
		fail_call(c, RTAS_PARAM_ERROR);
	c->ret[1] = server;
	c->ret[2] = prio;
}

static void int_off(SpaprRtasCall *c)
{
	if (routing(c) && !xics_mask(c->s->xics, c->arg[0], true))
		fail_call(c, RTAS_PARAM_ERROR);
}

static void int_on(SpaprRtasCall *c)
{
	if (routing(c) && !xics_mask(c->s->xics, c->arg[0], false))
		fail_call(c, RTAS_PARAM_ERROR);
}

/* Indicators, sensors, power domains (LoPAPR 7.3.5, 7.3.6) */

#define SENSOR_EPOW 9

static void set_indicator(SpaprRtasCall *c)
{
	fail_call(c, RTAS_PARAM_ERROR); /* no such indicator */
}

static void get_sensor_state(SpaprRtasCall *c)
{
	if (c->arg[0] == SENSOR_EPOW && c->arg[1] == 0)
		c->ret[1] = c->s->epow ? 3 : 0;
	else
		fail_call(c, RTAS_PARAM_ERROR);
}

/* Everything hangs on one live power domain. */
static void set_power_level(SpaprRtasCall *c)
{
	c->ret[1] = 100;
	if (c->arg[0] != UINT32_MAX)
		fail_call(c, RTAS_PARAM_ERROR);
}

static void get_power_level(SpaprRtasCall *c)
{
	c->ret[1] = 100;
	if (c->arg[0] != UINT32_MAX)
		fail_call(c, RTAS_PARAM_ERROR);
}

static void quiesce(SpaprRtasCall *c)
{
	(void)c; /* no DMA of firmware's is ever left running */
}

const SpaprRtasDef spapr_rtas_base[] = {
	{ 0x01, 0, 8, "get-time-of-day", get_time_of_day },
	{ 0x02, 7, 1, "set-time-of-day", set_time_of_day },
	{ 0x03, 2, 1, "power-off", power_off },
	{ 0x04, 0, 1, "system-reboot", system_reboot },
	{ 0x05, 1, 2, "query-cpu-stopped-state", query_cpu_stopped_state },
	{ 0x06, 3, 1, "start-cpu", start_cpu },
	{ 0x07, 0, 1, "stop-self", stop_self },
	{ 0x08, 3, 1, "ibm,get-system-parameter", get_system_parameter },
	{ 0x09, 2, 1, "ibm,set-system-parameter", set_system_parameter },
	{ 0x0a, 3, 1, "ibm,set-xive", set_xive },
	{ 0x0b, 1, 3, "ibm,get-xive", get_xive },
	{ 0x0c, 1, 1, "ibm,int-off", int_off },
	{ 0x0d, 1, 1, "ibm,int-on", int_on },
	{ 0x0e, 6, 1, "check-exception", spapr_check_exception },
	{ 0x0f, 4, 1, "event-scan", spapr_event_scan },
	{ 0x11, 0, 1, "quiesce", quiesce },
	{ 0x1a, 3, 1, "set-indicator", set_indicator },
	{ 0x1b, 2, 2, "set-power-level", set_power_level },
	{ 0x1c, 1, 2, "get-power-level", get_power_level },
	{ 0x1d, 2, 2, "get-sensor-state", get_sensor_state },
	{ 0x1f, 1, 1, "ibm,os-term", os_term },
	{ 0, 0, 0, NULL, NULL },
};
