/*
 * timer_create() with SIGEV_THREAD_ID, which is Linux's own (timer_create(2)).
 *
 * The handler finds the alarm by the thread that it runs in: a signal of a timer that is no more may still come.
 * It is armed for one point in time, the earliest; what is later asks again once it has come.
 */
#include "core/alarm.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What takes longer is not worth a system call: others will have had their turn. */
#define FAR_OFF INT64_C(100000000)

struct Alarm {
	timer_t timer;
	_Atomic uint32_t *word;
	_Atomic uint32_t bits; /* of what is armed; 0: nothing */
	int64_t at;	       /* when */
};

static _Thread_local Alarm *volatile this_alarm;

static void on_signal(int sig)
{
	Alarm *a = this_alarm;

	(void)sig;
	if (a)
		atomic_fetch_or(a->word, atomic_exchange(&a->bits, 0));
}

/* The signal's number; 0: it is somebody else's. */
static int take_signal(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;
	int sig = SIGRTMIN + 3;
	sigset_t set;

	if (sigaction(sig, NULL, &old) ||
	    (old.sa_handler != SIG_DFL && old.sa_handler != on_signal))
		return 0;
	sigfillset(&sa.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, sig);
	if (sigaction(sig, &sa, NULL) || pthread_sigmask(SIG_UNBLOCK, &set, NULL))
		return 0;
	return sig;
}

Alarm *alarm_new(_Atomic uint32_t *word)
{
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = take_signal() };
	Alarm *a = g_new0(Alarm, 1);

	/* glibc has another name for it, or none. */
	ev._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	a->word = word;
	if (!ev.sigev_signo || timer_create(CLOCK_MONOTONIC, &ev, &a->timer)) {
		g_free(a);
		return NULL;
	}
	this_alarm = a;
	/* Waits until then are not to be 50 us too long either. */
	prctl(PR_SET_TIMERSLACK, 1000);
	return a;
}

void alarm_free(Alarm *a)
{
	if (!a)
		return;
	timer_delete(a->timer);
	this_alarm = NULL;
	g_free(a);
}

bool alarm_at(Alarm *a, int64_t at, int64_t now, uint32_t bits)
{
	struct itimerspec its = { 0 };

	if (at - now >= FAR_OFF)
		return false;
	if (atomic_fetch_or(&a->bits, bits) && a->at <= at && a->at > now)
		return true;
	its.it_value.tv_nsec = MAX(at - now, 1);
	a->at = at;
	timer_settime(a->timer, 0, &its, NULL);
	return true;
}

bool alarm_next(const Alarm *a, int64_t *at)
{
	*at = a->at;
	return atomic_load(&a->bits);
}
