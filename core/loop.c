/*
 * The main loop.  GMainContext calls its poll function without an argument for
 * us, so the loop that is running in a thread is noted in a thread-local.
 *
 * Timers of a `host` clock: one timerfd, armed for the earliest deadline.  Who
 * sets an earlier one re-arms it from its own thread, which is all it takes to
 * make poll() return sooner; GLib's own timeouts know only milliseconds.
 */
#include "core/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "base/log.h"
#include "core/machine.h"
#include "core/vclock.h"

typedef struct DeadlineSource {
	GSource source;
	Loop *loop;
	gpointer tag;
} DeadlineSource;

struct Loop {
	GMainContext *context;
	Machine *machine;
	atomic_bool quit;
	int max_wait; /* ms that this turn may sleep; -1: for ever */
	GSource *deadlines;
	int timer_fd;
	GMutex arm_lock;
	int64_t armed; /* host mono ns the timer_fd is armed for; INT64_MAX: not */
};

static _Thread_local Loop *running_loop;

static gint loop_poll(GPollFD *fds, guint n, gint timeout)
{
	Loop *l = running_loop;
	Machine *m = l ? l->machine : NULL;
	bool locked = m && machine_locked(m);
	gint res;

	if (l && l->max_wait >= 0 && (timeout < 0 || timeout > l->max_wait))
		timeout = l->max_wait;
	if (locked)
		machine_unlock(m);
	res = g_poll(fds, n, timeout);
	if (locked)
		machine_lock(m);
	return res;
}

Loop *loop_new(void)
{
	Loop *l = g_new0(Loop, 1);

	l->context = g_main_context_new();
	g_main_context_set_poll_func(l->context, loop_poll);
	g_mutex_init(&l->arm_lock);
	l->max_wait = -1;
	l->timer_fd = -1;
	l->armed = INT64_MAX;
	return l;
}

void loop_free(Loop *l)
{
	if (!l)
		return;
	if (l->deadlines) {
		g_source_destroy(l->deadlines);
		g_source_unref(l->deadlines);
	}
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	g_main_context_unref(l->context);
	g_mutex_clear(&l->arm_lock);
	g_free(l);
}

GMainContext *loop_context(Loop *l)
{
	return l->context;
}

/* Timers of a host clock */

static int64_t host_mono(const VClock *c)
{
	return vclock_host(c)->mono(vclock_host(c)->opaque);
}

/* Arms timer_fd for the earliest deadline. */
static void arm(Loop *l)
{
	const VClock *c = l->machine->clock;
	struct itimerspec its = { 0 };
	int64_t next, delta, at;

	g_mutex_lock(&l->arm_lock);
	next = vclock_next_deadline(c);
	if (next != INT64_MAX && vclock_running(c)) {
		delta = next - vclock_now(c);
		delta = CLAMP(delta, 1, INT64_C(1) << 60);
		at = host_mono(c) + delta;
		if (at != l->armed) {
			its.it_value.tv_sec = delta / 1000000000;
			its.it_value.tv_nsec = delta % 1000000000;
			timerfd_settime(l->timer_fd, 0, &its, NULL);
			l->armed = at;
		}
	}
	g_mutex_unlock(&l->arm_lock);
}

static void on_notify(void *opaque)
{
	arm(opaque);
}

static bool deadline_due(const Loop *l)
{
	const VClock *c = l->machine->clock;
	int64_t next = vclock_next_deadline(c);

	return next != INT64_MAX && vclock_running(c) && next <= vclock_now(c);
}

static gboolean deadline_prepare(GSource *s, gint *timeout)
{
	*timeout = -1;
	return deadline_due(((DeadlineSource *)s)->loop);
}

static gboolean deadline_check(GSource *s)
{
	DeadlineSource *d = (DeadlineSource *)s;

	return g_source_query_unix_fd(s, d->tag) || deadline_due(d->loop);
}

static gboolean deadline_dispatch(GSource *s, GSourceFunc fn, gpointer data)
{
	Loop *l = ((DeadlineSource *)s)->loop;
	uint64_t rang;

	(void)fn;
	(void)data;
	machine_assert_locked(l->machine);
	g_mutex_lock(&l->arm_lock);
	if (read(l->timer_fd, &rang, sizeof(rang)) == sizeof(rang))
		l->armed = INT64_MAX;
	g_mutex_unlock(&l->arm_lock);
	if (vclock_running(l->machine->clock))
		vclock_run_timers(l->machine->clock);
	arm(l);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs deadline_funcs = {
	.prepare = deadline_prepare,
	.check = deadline_check,
	.dispatch = deadline_dispatch,
};

void loop_attach(Loop *l, Machine *m)
{
	DeadlineSource *d;

	if (l->machine == m)
		return;
	if (l->machine)
		bug("a loop serves one machine");
	l->machine = m;
	if (vclock_driver(m->clock) != VCLOCK_HOST)
		return;
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd < 0)
		bug("timerfd_create: %s", g_strerror(errno));
	l->deadlines = g_source_new(&deadline_funcs, sizeof(DeadlineSource));
	d = (DeadlineSource *)l->deadlines;
	d->loop = l;
	d->tag = g_source_add_unix_fd(l->deadlines, l->timer_fd, G_IO_IN);
	g_source_set_priority(l->deadlines, G_PRIORITY_HIGH);
	g_source_attach(l->deadlines, l->context);
	vclock_set_notify(m->clock, on_notify, l);
}

/* Running */

void loop_turn(Loop *l, int timeout_ms)
{
	Loop *outer = running_loop;
	bool take = l->machine && !machine_locked(l->machine);

	running_loop = l;
	if (take)
		machine_lock(l->machine);
	l->max_wait = timeout_ms;
	g_main_context_iteration(l->context, timeout_ms != 0);
	l->max_wait = -1;
	if (take)
		machine_unlock(l->machine);
	running_loop = outer;
}

void loop_run(Loop *l)
{
	while (!atomic_load(&l->quit))
		loop_turn(l, -1);
	atomic_store(&l->quit, false);
}

void loop_quit(Loop *l)
{
	atomic_store(&l->quit, true);
	g_main_context_wakeup(l->context);
}

bool loop_quitting(const Loop *l)
{
	return atomic_load(&l->quit);
}

/* Sources */

typedef struct Post {
	void (*fn)(void *arg);
	void *arg;
} Post;

static gboolean on_post(gpointer data)
{
	Post *p = data;

	p->fn(p->arg);
	return G_SOURCE_REMOVE;
}

guint loop_post(Loop *l, void (*fn)(void *arg), void *arg)
{
	GSource *s = g_idle_source_new();
	Post *p = g_new(Post, 1);
	guint id;

	p->fn = fn;
	p->arg = arg;
	g_source_set_priority(s, G_PRIORITY_DEFAULT);
	g_source_set_callback(s, on_post, p, g_free);
	id = g_source_attach(s, l->context);
	g_source_unref(s);
	return id;
}

typedef struct Watch {
	bool (*cb)(int fd, GIOCondition cond, void *opaque);
	void *opaque;
} Watch;

static gboolean on_fd(gint fd, GIOCondition cond, gpointer data)
{
	Watch *w = data;

	return w->cb(fd, cond, w->opaque);
}

guint loop_watch(Loop *l, int fd, GIOCondition cond,
		 bool (*cb)(int fd, GIOCondition cond, void *opaque), void *opaque)
{
	GSource *s = g_unix_fd_source_new(fd, cond);
	Watch *w = g_new(Watch, 1);
	guint id;

	w->cb = cb;
	w->opaque = opaque;
	g_source_set_callback(s, G_SOURCE_FUNC(on_fd), w, g_free);
	id = g_source_attach(s, l->context);
	g_source_unref(s);
	return id;
}

typedef struct Timeout {
	bool (*cb)(void *opaque);
	void *opaque;
} Timeout;

static gboolean on_timeout(gpointer data)
{
	Timeout *t = data;

	return t->cb(t->opaque);
}

guint loop_timeout(Loop *l, unsigned ms, bool (*cb)(void *opaque), void *opaque)
{
	GSource *s = g_timeout_source_new(ms);
	Timeout *t = g_new(Timeout, 1);
	guint id;

	t->cb = cb;
	t->opaque = opaque;
	g_source_set_callback(s, on_timeout, t, g_free);
	id = g_source_attach(s, l->context);
	g_source_unref(s);
	return id;
}

void loop_unwatch(Loop *l, guint id)
{
	GSource *s = id ? g_main_context_find_source_by_id(l->context, id) : NULL;

	if (s)
		g_source_destroy(s);
}
