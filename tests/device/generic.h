/*
 * What every device must stand, whatever it is: its table covers its struct,
 * reset gives the table's values, what is saved loads, damaged state is refused
 * without harm, and no register access can hurt us.
 */
#ifndef TESTS_DEVICE_GENERIC_H
#define TESTS_DEVICE_GENERIC_H

#include <check.h>
#include "core/machine.h"

typedef struct GenericCase {
	const DeviceType *type;
	/*
	 * Between new and realize: sets what realize needs, makes the devices it
	 * is wired to.  NULL: nothing is needed.  Machine lock not held.
	 */
	void (*prepare)(Machine *m, void *dev);
	/* After realize and reset: brings it to life, so that there is state.  May be NULL. */
	void (*exercise)(Machine *m, void *dev);
} GenericCase;

/* A suite of all generic tests over n cases. */
Suite *generic_suite(const char *name, const GenericCase *cases, unsigned n);
/* A stopped machine with 16 MiB of RAM and a bus. */
Machine *generic_machine(void);

#endif
