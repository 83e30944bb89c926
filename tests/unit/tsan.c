/*
 * What ThreadSanitizer must be told of glib, whose own code it does not see: GMutex and
 * GCond are futexes there, and a source that one thread attaches to a context is dispatched by
 * another.  These stand in front of glib's functions and do what they do.
 */
#ifdef __SANITIZE_THREAD__
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <glib.h>

void __tsan_acquire(void *at);
void __tsan_release(void *at);

static struct {
	void (*lock)(GMutex *m);
	gboolean (*trylock)(GMutex *m);
	void (*unlock)(GMutex *m);
	void (*wait)(GCond *c, GMutex *m);
	gboolean (*wait_until)(GCond *c, GMutex *m, gint64 end);
	void (*callback)(GSource *s, GSourceFunc fn, gpointer data, GDestroyNotify notify);
} real;

/* By way of an object pointer, as dlsym(3) has it: ISO C knows no cast to a function's. */
#define FIND(fn, name) (*(void **)&real.fn = dlsym(RTLD_NEXT, name))

static void find_all(void)
{
	FIND(lock, "g_mutex_lock");
	FIND(trylock, "g_mutex_trylock");
	FIND(unlock, "g_mutex_unlock");
	FIND(wait, "g_cond_wait");
	FIND(wait_until, "g_cond_wait_until");
	FIND(callback, "g_source_set_callback");
}

/* Before there is a second thread, whoever comes first. */
static inline void find(void)
{
	if (!real.callback)
		find_all();
}

__attribute__((constructor)) static void find_early(void)
{
	find();
}

void g_mutex_lock(GMutex *m)
{
	find();
	real.lock(m);
	__tsan_acquire(m);
}

gboolean g_mutex_trylock(GMutex *m)
{
	gboolean got;

	find();
	got = real.trylock(m);
	if (got)
		__tsan_acquire(m);
	return got;
}

void g_mutex_unlock(GMutex *m)
{
	find();
	__tsan_release(m);
	real.unlock(m);
}

void g_cond_wait(GCond *c, GMutex *m)
{
	__tsan_release(m);
	real.wait(c, m);
	__tsan_acquire(m);
}

gboolean g_cond_wait_until(GCond *c, GMutex *m, gint64 end)
{
	gboolean woken;

	__tsan_release(m);
	woken = real.wait_until(c, m, end);
	__tsan_acquire(m);
	return woken;
}

/* What was posted to a loop, from whatever thread. */
typedef struct Posted {
	GSourceFunc fn;
	gpointer data;
	GDestroyNotify notify;
} Posted;

static gboolean run_posted(gpointer data)
{
	Posted *p = data;

	__tsan_acquire(p);
	return p->fn(p->data);
}

static void free_posted(gpointer data)
{
	Posted *p = data;

	if (p->notify)
		p->notify(p->data);
	g_free(p);
}

void g_source_set_callback(GSource *s, GSourceFunc fn, gpointer data, GDestroyNotify notify)
{
	Posted *p;

	find();
	if (s->source_funcs != &g_idle_funcs) {
		real.callback(s, fn, data, notify);
		return;
	}
	p = g_new(Posted, 1);
	*p = (Posted){ fn, data, notify };
	__tsan_release(p);
	real.callback(s, run_posted, p, free_posted);
}
#endif
