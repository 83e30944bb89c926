/*
 * Watchdog timers: H_WATCHDOG (PAPR 2.12, 14.15.6), four of them.  Flags:
 * operation in bits 48-55 (1 start, 2 stop, 3 query), "leave others" in bit
 * 47, action in bits 56-63 (1 power off, 2 restart, 3 dump and restart).
 *
 * A dump is not modelled: action 3 restarts.
 */
#include "base/bits.h"
#include "base/log.h"
#include "hw/spapr/spapr.h"

#define WDT_MIN_MS 500
#define WDT_LEAVE_OTHERS BIT64(47)

enum { OP_START = 1, OP_STOP, OP_QUERY };
enum { ACTION_OFF = 1, ACTION_RESTART, ACTION_DUMP };

static void expired(void *opaque)
{
	/* Which of them does not matter to what happens, only the action does. */
	Spapr *s = opaque;
	int64_t now = vclock_now(s->dev.machine->clock);

	for (unsigned i = 0; i < SPAPR_NWATCHDOGS; i++) {
		SpaprWatchdog *w = &s->wdt[i];

		if (!w->action || vtimer_deadline(w->timer) > now)
			continue;
		log_warn("the guest's watchdog %u expired", i + 1);
		if (w->action == ACTION_OFF)
			machine_request_shutdown(s->dev.machine, STOP_SHUTDOWN);
		else
			machine_request_reset(s->dev.machine);
		w->action = 0;
		return;
	}
}

void spapr_wdt_init(Spapr *s)
{
	VClock *clock = s->dev.machine->clock;

	for (unsigned i = 0; clock && i < SPAPR_NWATCHDOGS; i++)
		s->wdt[i].timer = vtimer_new(clock, "spapr-watchdog", expired, s);
}

void spapr_wdt_free(Spapr *s)
{
	for (unsigned i = 0; i < SPAPR_NWATCHDOGS; i++) {
		if (s->wdt[i].timer)
			vtimer_free(s->wdt[i].timer);
	}
}

static bool wdt_stop(SpaprWatchdog *w)
{
	bool ran = w->action != 0;

	w->action = 0;
	if (w->timer)
		vtimer_cancel(w->timer);
	return ran;
}

static int64_t wdt_start(Spapr *s, uint64_t flags, uint64_t n, uint64_t ms)
{
	SpaprWatchdog *w = &s->wdt[n - 1];
	unsigned action = flags & 0xff;

	if (action < ACTION_OFF || action > ACTION_DUMP)
		return H_PARAMETER;
	/* A deadline that the clock can hold: 2^63 ns are 292 years. */
	if (ms < WDT_MIN_MS || ms > INT64_MAX / 4000000)
		return H_P3;
	for (unsigned i = 0; !(flags & WDT_LEAVE_OTHERS) && i < SPAPR_NWATCHDOGS; i++)
		wdt_stop(&s->wdt[i]);
	w->action = action;
	if (w->timer)
		vtimer_set(w->timer, vclock_now(s->dev.machine->clock) + (int64_t)ms * 1000000);
	return H_SUCCESS;
}

int64_t spapr_h_watchdog(Spapr *s, unsigned cpu, uint64_t *r)
{
	uint64_t flags = r[4], n = r[5];
	bool ran = false;

	(void)cpu;
	if (flags & ~(WDT_LEAVE_OTHERS | UINT64_C(0xffff)))
		return H_PARAMETER;
	switch (flags >> 8 & 0xff) {
	case OP_START:
		if (!n || n > SPAPR_NWATCHDOGS)
			return H_P2;
		return wdt_start(s, flags, n, r[6]);
	case OP_STOP:
		if (n == UINT64_MAX) {
			for (unsigned i = 0; i < SPAPR_NWATCHDOGS; i++)
				ran |= wdt_stop(&s->wdt[i]);
			return ran ? H_SUCCESS : H_NOOP;
		}
		if (!n || n > SPAPR_NWATCHDOGS)
			return H_P2;
		return wdt_stop(&s->wdt[n - 1]) ? H_SUCCESS : H_NOOP;
	case OP_QUERY:
		r[4] = (uint64_t)WDT_MIN_MS << 48 | (uint64_t)SPAPR_NWATCHDOGS << 32;
		return H_SUCCESS;
	default: return H_PARAMETER;
	}
}
