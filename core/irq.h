/*
 * Interrupt lines.  Levels belong to the machine and are saved there, by
 * name; a device holds an Irq * and calls irq_set().  Machine lock held.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Irq Irq;
typedef struct Machine Machine;

/*
 * cb(opaque, n, level) is called when the level changes; it may be NULL.
 * Names are unique in a machine (a second use is a bug()) and are what a
 * snapshot calls the line by.  Levels are 0 and 1.  The machine owns the line.
 */
Irq *irq_new(Machine *m, const char *name, void (*cb)(void *opaque, int n, int level), void *opaque,
	     int n);
void irq_set(Irq *irq, int level);
static inline void irq_raise(Irq *irq)
{
	irq_set(irq, 1);
}
static inline void irq_lower(Irq *irq)
{
	irq_set(irq, 0);
}
/* An edge: up and down.  A NULL irq is allowed everywhere: not wired. */
void irq_pulse(Irq *irq);
int irq_level(const Irq *irq);
const char *irq_name(const Irq *irq);
/* For reset and load: the level alone, without telling anybody. */
void irq_put_level(Irq *irq, int level);
/* For the machine. */
void irq_free(Irq *irq);

#endif
