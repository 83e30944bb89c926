#include "hw/machines/machines.h"

#include "hw/machines/pseries.h"

const MachineType *const *machine_types(void)
{
	static const MachineType *const types[] = { &pseries_machine, NULL };

	return types;
}

const MachineType *machine_type_find(const char *name)
{
	for (const MachineType *const *t = machine_types(); *t; t++) {
		if (!g_ascii_strcasecmp((*t)->name, name) ||
		    ((*t)->alias && !g_ascii_strcasecmp((*t)->alias, name)))
			return *t;
	}
	return NULL;
}
