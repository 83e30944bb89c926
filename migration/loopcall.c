#include "migration/loopcall.h"

void loopcall_init(LoopCall *c, Loop *l)
{
	*c = (LoopCall){ .loop = l };
	g_mutex_init(&c->lock);
	g_cond_init(&c->cond);
}

static void serve(void *arg)
{
	LoopCall *c = arg;
	bool ok = c->fn(c->arg);

	g_mutex_lock(&c->lock);
	c->post = 0;
	c->agreed = ok;
	c->asked = false;
	g_cond_signal(&c->cond);
	g_mutex_unlock(&c->lock);
}

bool loopcall(LoopCall *c, bool (*fn)(void *arg), void *arg)
{
	bool ok;

	g_mutex_lock(&c->lock);
	if (!c->quit) {
		c->fn = fn;
		c->arg = arg;
		c->asked = true;
		c->post = loop_post(c->loop, serve, c);
		while (c->asked && !c->quit)
			g_cond_wait(&c->cond, &c->lock);
	}
	ok = !c->quit && !c->asked && c->agreed;
	g_mutex_unlock(&c->lock);
	return ok;
}

static void serve_last(void *arg)
{
	LoopCall *c = arg;

	g_mutex_lock(&c->lock);
	c->post = 0;
	g_mutex_unlock(&c->lock);
	c->last(c->arg);
}

void loopcall_last(LoopCall *c, void (*fn)(void *arg), void *arg)
{
	g_mutex_lock(&c->lock);
	if (!c->quit) {
		c->last = fn;
		c->arg = arg;
		c->post = loop_post(c->loop, serve_last, c);
	}
	g_mutex_unlock(&c->lock);
}

void loopcall_quit(LoopCall *c)
{
	g_mutex_lock(&c->lock);
	c->quit = true;
	g_cond_signal(&c->cond);
	g_mutex_unlock(&c->lock);
}

void loopcall_clear(LoopCall *c)
{
	if (c->post)
		loop_unwatch(c->loop, c->post);
	g_mutex_clear(&c->lock);
	g_cond_clear(&c->cond);
}
