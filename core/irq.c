#include "core/irq.h"

#include "base/log.h"
#include "core/machine.h"

struct Irq {
	Machine *machine;
	char *name;
	void (*cb)(void *opaque, int n, int level);
	void *opaque;
	int n;
	int level;
};

Irq *irq_new(Machine *m, const char *name, void (*cb)(void *opaque, int n, int level), void *opaque,
	     int n)
{
	Irq *irq;

	if (g_hash_table_contains(m->irq_names, name))
		bug("two interrupt lines named %s", name);
	irq = g_new0(Irq, 1);
	irq->machine = m;
	irq->name = g_strdup(name);
	irq->cb = cb;
	irq->opaque = opaque;
	irq->n = n;
	g_ptr_array_add(m->irqs, irq);
	g_hash_table_insert(m->irq_names, irq->name, irq);
	return irq;
}

void irq_free(Irq *irq)
{
	g_free(irq->name);
	g_free(irq);
}

void irq_set(Irq *irq, int level)
{
	if (!irq)
		return;
	machine_assert_locked(irq->machine);
	level = level != 0;
	if (level == irq->level)
		return;
	irq->level = level;
	if (irq->cb)
		irq->cb(irq->opaque, irq->n, level);
}

void irq_pulse(Irq *irq)
{
	irq_set(irq, 1);
	irq_set(irq, 0);
}

int irq_level(const Irq *irq)
{
	return irq ? irq->level : 0;
}

const char *irq_name(const Irq *irq)
{
	return irq->name;
}

void irq_put_level(Irq *irq, int level)
{
	irq->level = level != 0;
}
